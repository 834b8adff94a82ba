"""The plane of two inputs in characters."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from functools import cache

import pytest

from tracer.program.scenario import load
from tracer.render.output_plane_text import output_plane_lines, plane_legend
from tracer.render.screen_lines import line_text, line_width
from tracer.run.output_plane import OutputPlane, OutputPlanes
from tracer.run.runner import run_scenario


@cache
def learned(name: str = "xor") -> OutputPlane:
    trace = run_scenario(load(name))
    found = OutputPlanes(trace).at(len(trace) + 1)
    assert found is not None
    return found


def texts(columns: int, rows: int, *, unicode: bool = True, name: str = "xor") -> list[str]:
    lines = output_plane_lines(learned(name), ("X", "y", "p"), columns, rows, unicode=unicode)
    return [line_text(line) for line in lines]


def test_the_shade_at_each_corner_is_the_class_of_its_sample() -> None:
    rows = [line[7:41] for line in texts(60, 20)][:-1]
    high, low = "▓█", "░▒"
    assert rows[0][0] in high
    assert rows[0][-1] in low
    assert rows[-1][0] in low
    assert rows[-1][-1] in high
    assert "".join(rows).count("●") == "".join(rows).count("○") == 2


def test_the_table_has_inputs_target_and_prediction_of_each_sample() -> None:
    rows = [line[43:].split() for line in texts(60, 20)[:5]]
    assert rows[0] == ["X", "y", "p"]
    assert rows[1] == ["○", "0", "0", "0", "0.0209", "✓"]
    assert rows[2] == ["●", "0", "1", "1", "0.988", "✓"]


def test_the_plane_stays_where_there_is_no_room_for_the_table() -> None:
    narrow = texts(18, 6)
    assert all("✓" not in line and len(line) == 18 for line in narrow)
    low = texts(60, 4)
    assert all("✓" not in line for line in low)
    assert texts(5, 6) == texts(40, 2) == []


@pytest.mark.parametrize("columns", [18, 24, 40, 118])
@pytest.mark.parametrize("rows", [3, 7, 20])
def test_nothing_is_wider_than_its_room(columns: int, rows: int) -> None:
    lines = output_plane_lines(learned(), ("X", "y", "p"), columns, rows, unicode=True)
    assert len(lines) == rows
    assert max(map(line_width, lines)) <= columns


def test_ascii_has_signs_of_its_own() -> None:
    shown = "\n".join(texts(60, 20, unicode=False))
    assert shown.isascii()
    assert {"#", ".", "@", "o", "+"} <= set(shown)


def test_the_legend_says_where_the_boundary_is() -> None:
    assert line_text(plane_legend(learned(), "p", unicode=True)) == "p ░▒ < 0.5 < ▓█"
