"""Arrays as windows of text, and strips of heat."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tracer.render.array_tables import ArrayTable, heat, row_name, stretches, whole
from tracer.render.screen_lines import line_width, plain

FLOATS = st.floats(allow_nan=True, allow_infinity=True)


def test_a_window_shows_the_entries_from_its_place_on() -> None:
    table = ArrayTable((3, 4), [float(number) for number in range(12)])
    lines = [plain(line) for line in table.window(1, 1, 2, 40)]
    assert [line.split() for line in lines] == [["2", "5", "6", "7"], ["3", "9", "10", "11"]]


def test_what_is_left_out_is_said() -> None:
    table = ArrayTable((1, 100), [1.5] * 100)
    (line,) = table.window(0, 0, 1, 20)
    assert plain(line).endswith("…")
    assert line_width(line) <= 22


def test_rows_of_many_axes_are_named_by_their_indices_from_1() -> None:
    assert row_name((2, 3, 4), 4) == "2,2"
    assert row_name((4,), 0) == ""


@given(st.lists(FLOATS, min_size=1, max_size=60), st.integers(1, 40))
def test_heat_takes_any_numbers(values: list[float], columns: int) -> None:
    line = heat(stretches(values, columns))
    assert line_width(line) == min(columns, len(values))
    low, high = whole(stretches(values, columns))
    assert math.isnan(low) == any(map(math.isnan, values))
    if not math.isnan(low):
        assert (low, high) == (min(values), max(values))


def test_arrays_of_numpy_give_the_same_stretches() -> None:
    import numpy as np

    values = [math.sin(number) for number in range(1000)]
    assert stretches(values, 37) == stretches(np.array(values), 37)  # type: ignore[arg-type]  # as the record hands them out
