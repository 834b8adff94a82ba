"""Arrays as windows of text, and their lowest and highest entries."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tracer.narrative.words import entry_range
from tracer.render.array_tables import (
    ArrayTable,
    largest_size,
    row_name,
    shade_signs,
)
from tracer.render.screen_lines import line_text, line_width

FLOATS = st.floats(allow_nan=True, allow_infinity=True)


def test_a_window_shows_the_entries_from_its_place_on() -> None:
    table = ArrayTable((3, 4), [float(number) for number in range(12)])
    lines = [line_text(line) for line in table.window(1, 1, 2, 40)]
    assert [line.split() for line in lines] == [["2", "5", "6", "7"], ["3", "9", "10", "11"]]


def test_what_is_left_out_is_said() -> None:
    table = ArrayTable((1, 100), [1.5] * 100)
    (line,) = table.window(0, 0, 1, 20)
    assert line_text(line).endswith("…")
    assert line_width(line) <= 22


def test_rows_of_many_axes_are_named_by_their_indices_from_1() -> None:
    assert row_name((2, 3, 4), 4) == "2,2"
    assert row_name((4,), 0) == ""


@given(st.lists(FLOATS, min_size=1, max_size=60))
def test_a_range_takes_any_numbers_and_arrays_of_numpy(values: list[float]) -> None:
    import numpy as np

    low, high = entry_range(values)
    assert math.isnan(low) == any(map(math.isnan, values))
    if not math.isnan(low):
        assert (low, high) == (min(values), max(values))
        assert (low, high) == entry_range(np.array(values))  # type: ignore[arg-type]  # as the record hands them out


def test_the_largest_size_is_that_of_finite_entries() -> None:
    values = [0.5, -3.0, -math.inf, 2.0]
    assert largest_size(*entry_range(values), values) == 3.0
    assert largest_size(-3.0, 2.0, values) == 3.0


def test_a_shade_is_fuller_the_larger_its_entry_and_other_below_0() -> None:
    table = ArrayTable((2, 3), [0.0, 0.5, 1.0, 0.05, -0.5, -1.0])
    lines = table.shades(0, 0, 2, 20, 1.0)
    assert [line_text(line) for line in lines] == ["1   ▒▒██", "2   ==≣≣"]
    assert [role for _, role in lines[1][1:]] == ["", "negative", "negative"]
    ascii_lines = table.shades(0, 0, 2, 20, 1.0, unicode=False)
    assert [line_text(line) for line in ascii_lines] == ["0   ::##", "1   ~~%%"]


def test_shades_are_narrow_where_there_is_little_room() -> None:
    table = ArrayTable((2, 20), [1.0] * 40)
    widths = {room: line_width(table.shades(0, 0, 1, room, 1.0)[0]) for room in (42, 30, 20, 12)}
    assert widths == {42: 42, 30: 22, 20: 20, 12: 14}, "at last a window, with what it leaves out"
    assert line_text(table.shades(0, 0, 1, 12, 1.0)[0]).endswith("█ …")


@given(st.lists(FLOATS, min_size=1, max_size=60), st.integers(3, 80))
def test_shades_take_any_numbers(values: list[float], room: int) -> None:
    table = ArrayTable((len(values),), values)
    (line,) = table.shades(0, 0, 1, room, largest_size(*entry_range(values), values))
    assert set(line_text(line)) <= set("".join(shade_signs(unicode=True)) + " !…")
    if not all(map(math.isfinite, values)) and len(values) <= room:
        assert "!" in line_text(line)
