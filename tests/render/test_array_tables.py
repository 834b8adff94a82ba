"""Arrays as windows of text, and the lowest and highest entries of their stretches."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tracer.render.array_tables import (
    ArrayTable,
    largest_size,
    row_name,
    shade_signs,
    stretch_ranges,
    whole_range,
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


@given(st.lists(FLOATS, min_size=1, max_size=60), st.integers(1, 40))
def test_stretches_take_any_numbers(values: list[float], columns: int) -> None:
    parts = stretch_ranges(values, columns)
    assert len(parts) == min(columns, len(values))
    low, high = whole_range(parts)
    assert math.isnan(low) == any(map(math.isnan, values))
    if not math.isnan(low):
        assert (low, high) == (min(values), max(values))


def test_arrays_of_numpy_give_the_same_stretches() -> None:
    import numpy as np

    values = [math.sin(number) for number in range(1000)]
    assert stretch_ranges(values, 37) == stretch_ranges(np.array(values), 37)  # type: ignore[arg-type]  # as the record hands them out


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
    (line,) = table.shades(0, 0, 1, room, largest_size(stretch_ranges(values, room)))
    assert set(line_text(line)) <= set("".join(shade_signs(unicode=True)) + " !…")
    if not all(map(math.isfinite, values)) and len(values) <= room:
        assert "!" in line_text(line)
