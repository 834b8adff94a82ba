"""The loss around a step in characters."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.program.scenario import load
from tracer.render.landscape_text import StepParts, landscape_lines
from tracer.render.screen_lines import Line, line_text, line_width
from tracer.run.landscape import Landscape, LandscapeAxis, StepLandscape, StepLandscapes
from tracer.run.runner import run_scenario


def lines_of(
    scenario: str,
    *settings: str,
    columns: int = 40,
    rows: int = 12,
    parts: StepParts | None = None,
    unicode: bool = True,
) -> list[Line]:
    found = StepLandscapes(run_scenario(load(scenario, settings=settings))).around(1)
    assert found is not None
    names = [axis.name for axis in found.landscape.axes]
    shown = StepParts() if parts is None else parts
    return landscape_lines(found, names, columns, rows, shown, unicode=unicode)


def texts(lines: Sequence[Line]) -> list[str]:
    return [line_text(line) for line in lines]


def test_the_arrow_goes_from_the_number_before_the_step_to_the_one_after_it() -> None:
    lines = texts(lines_of("one_weight", "learning_rate=1"))
    arrow, numbers = lines[-2:]
    assert arrow.index("●") < arrow.index("→")
    assert arrow.index("●") - 1 <= numbers.index("0.5") + 1 <= arrow.index("●") + 1
    assert numbers.index("3.5") <= arrow.index("→") <= numbers.index("3.5") + 2


def test_a_step_beyond_the_minimum_ends_at_the_other_side_of_the_valley() -> None:
    """At a rate of 1 the point and the end of the step stand in one row, the bottom between."""
    curve = texts(lines_of("one_weight", "learning_rate=1"))[:-2]
    row = next(line for line in curve if "●" in line)
    assert "○" in row
    assert "0 " in curve[-1]


def test_what_is_not_known_yet_is_not_drawn() -> None:
    plain_point = texts(lines_of("one_weight", parts=StepParts(tangent=False, step=False)))
    tangent = texts(lines_of("one_weight", parts=StepParts(tangent=True, step=False)))
    assert "→" not in "".join(plain_point + tangent)
    assert "○" not in "".join(plain_point + tangent)
    assert plain_point != tangent


def test_a_map_has_lines_of_equal_loss_and_an_arrow() -> None:
    lines = texts(lines_of("optimizers"))
    drawn = "".join(lines)
    assert sum("\u2800" < sign < "\u2900" for sign in drawn) > 50
    assert drawn.count("●") == 1
    assert any(head in drawn for head in "→↗↑↖←↙↓↘")
    assert lines[-1].startswith("   p")
    assert any(line.lstrip().startswith("q ") for line in lines)


@pytest.mark.parametrize("scenario", ["one_weight", "optimizers", "mlp_2_2_2"])
def test_a_terminal_without_unicode_gets_ascii(scenario: str) -> None:
    lines = texts(lines_of(scenario, unicode=False))
    assert "".join(lines).isascii()
    assert "@" in "".join(lines)


def test_a_room_that_is_too_small_stays_empty() -> None:
    for scenario in ("one_weight", "optimizers"):
        assert lines_of(scenario, columns=12) == []
        assert lines_of(scenario, rows=3) == []


LOSSES = st.lists(st.floats(), min_size=9, max_size=9)


@given(LOSSES, st.floats(), st.floats(), st.integers(0, 40), st.integers(0, 12), st.booleans())
def test_no_numbers_break_the_picture(
    losses: list[float], slope: float, after: float, columns: int, rows: int, unicode: bool
) -> None:
    """Whatever the losses are, each line has the width of the room at most."""
    one = LandscapeAxis("w", (), [-1.0, 0.0, 1.0])
    curve = Landscape("loss", [one], [[loss] for loss in losses[:3]], [[1.0], [0.0]], 0)
    grid = [losses[:3], losses[3:6], losses[6:]]
    mapped = Landscape("loss", [one, one], grid, [[1.0, -1.0], [0.0, 1.0]], 0)
    for landscape, target in ((curve, [1.0]), (mapped, [1.0, 0.0])):
        shown = StepLandscape(
            landscape=landscape,
            target=target,
            loss_here=losses[1],
            loss_target=after,
            slope=slope,
            target_slope=None,
        )
        lines = landscape_lines(shown, ["w", "v"], columns, rows, unicode=unicode)
        assert len(lines) <= rows
        assert all(line_width(line) <= columns for line in lines)
