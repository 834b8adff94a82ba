"""Two curves in one picture."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from tracer.render.curve_comparison import compared_lines, comparison_picture
from tracer.render.plots import PICTURE_SIGNS
from tracer.render.screen_lines import Line, line_text, line_width

NUMBERS = st.lists(st.floats(), max_size=60)


def lines_of(
    now: Sequence[float],
    before: Sequence[float] = (),
    *,
    at: int = 1,
    fault: int = 0,
    columns: int = 40,
    rows: int = 8,
    unicode: bool = True,
) -> list[Line]:
    drawn = comparison_picture(now, before, fault, columns, rows, unicode=unicode)
    return compared_lines(drawn, at, unicode=unicode)


def texts(now: Sequence[float], *, at: int = 1) -> list[str]:
    return [line_text(line) for line in lines_of(now, at=at)]


@given(
    NUMBERS,
    NUMBERS,
    st.integers(1, 60),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 20),
    st.booleans(),
)
@example([], [-1e13], 1, 0, 16, 3, False)  # a limit as wide as the room
def test_no_numbers_break_the_picture(
    now: list[float],
    before: list[float],
    at: int,
    fault: int,
    columns: int,
    rows: int,
    unicode: bool,
) -> None:
    shown = lines_of(now, before, at=at, fault=fault, columns=columns, rows=rows, unicode=unicode)
    assert len(shown) in (0, rows)
    assert all(line_width(line) <= columns for line in shown)
    assert unicode or all(line_text(line).isascii() for line in shown)


def test_both_curves_have_signs_of_their_own() -> None:
    used = PICTURE_SIGNS[False]
    lines = lines_of([4, 3, 2], [9, 8, 7], rows=12, unicode=False)
    text = "\n".join(line_text(line) for line in lines)
    assert used["filled"] in text
    assert text.count(used["hollow"]) == 3


def test_the_iteration_of_a_fault_is_marked() -> None:
    top = line_text(lines_of([1, 2, float("inf")], fault=3)[0])
    assert top.rstrip().endswith(PICTURE_SIGNS[True]["wrong"])


def test_the_cursor_stands_at_the_present_iteration() -> None:
    losses = [1 / number for number in range(1, 12)]
    columns = []
    for at in (1, 6, 11):
        *rows, axis = texts(losses, at=at)
        assert str(at) in axis.split()
        columns.append(next(row.index("┊") for row in rows if "┊" in row))
    assert columns == sorted(set(columns))


def test_limits_stand_at_the_left() -> None:
    lines = texts([4.0, 2.0, 1.0])
    assert lines[0].strip().startswith("4")
    assert lines[-2].strip().startswith("1")


def test_a_flat_curve_has_its_one_limit_where_it_runs() -> None:
    lines = texts([2.0, 2.0])
    assert "".join(lines[:-1]).count("2") == 1
    assert next(line for line in lines if line.strip().startswith("2")) not in (lines[0], lines[-2])


def test_what_grows_out_of_all_bounds_is_told_in_powers() -> None:
    assert texts([1e-3, 1.0, 1e6, math.inf])[-1].startswith("log")
