"""Values with bounds, and how exactly printed figures say them.

Entry by entry: do two values meet, how far apart are they, how wide are they? A figure stands for
what lies within half a unit of its last place, as this writer prints results.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence, Set
from fractions import Fraction
from sys import float_info
from typing import Any, Final, NamedTuple

from tracer.check.arithmetic.figures import (
    AS_WRITTEN,
    LEAST_DIGITS,
    Figure,
    Precision,
    figure,
    half_unit_at,
    literal_figure,
)
from tracer.check.model.written_trees import (
    entries_in,
    is_literal,
    names_in,
    numbers_in,
    replace_parts,
    signed_figures,
)
from tracer.expression.syntax import Array, Call, Node, Number
from tracer.frozen import Frozen
from tracer.intervals import Interval, Value, value_or_none
from tracer.operations import Shape
from tracer.run.interpret import shape_of

COARSE_DIGITS: Final = 2  # of a figure that some other value may have by chance
ROUNDED_SHARE: Final = Fraction(1, 50)
"""Of a value, or of the largest entry of one: what rounded figures on the way may change."""
EXACT: Final = Fraction(1, 10**9)  # share of a value up to which floats have just some digits
Spot = tuple[str, Shape]  # a quantity of a run, and the index of an entry; () for all of it


class KnownValue(Frozen):
    """A value of a quantity, three ways: as printed, within its rounding, and unrounded.

    `printed` is what the figures say; `bounds` is what they may stand for (the same where the value
    was given); `unrounded` is what follows from the given values without rounding, None where that
    is not known. `line` is where it was stated, `error_line` the line of the slip that it rests on
    (0: none).
    """

    printed: Value
    bounds: Value
    unrounded: Value | None
    is_given: bool
    line: int
    error_line: int = 0
    headings: tuple[int, ...] = ()

    def fits(self, value: Value) -> bool:
        """Tell whether a value meets this one in one of its three forms."""
        printed, bounds, unrounded = self.printed, self.bounds, self.unrounded
        return (  # what is given is one value in all three
            do_meet(bounds, value)
            or (printed is not bounds and do_meet(printed, value))
            or (unrounded is not None and unrounded is not bounds and do_meet(unrounded, value))
        )

    @property
    def negative(self) -> KnownValue:
        """The same with the other sign, where nothing was rounded: a value of a run."""
        value, bounds = (
            with_entries(each, lambda entry: -entry) for each in (self.printed, self.bounds)
        )
        return KnownValue(value, bounds, value, self.is_given, self.line)


class ShownFigure(NamedTuple):
    """What a printed figure may stand for, and how likely a number of its size does by chance."""

    low: float
    high: float
    chance: float

    def fits(self, value: float) -> bool:
        """Tell whether a number may be printed so."""
        return self.low <= value <= self.high


def shown_figure(node: Node, rounded_share: float) -> ShownFigure:
    """Return what a figure may stand for: half a unit of its last place to each side.

    `rounded_share` is what rounding has left of numbers that are printed so. A whole number tells
    nothing: it may count, or be a label.
    """
    parsed = figure(node)
    assert parsed is not None
    try:
        value, half = float(parsed.value), float(half_of(parsed))
    except OverflowError:  # no float, so no number of a run
        return ShownFigure(math.inf, math.inf, 1.0)
    widened = half + rounded_share * abs(value)
    is_fine = value != 0 and parsed.decimals > 0
    chance = min(1.0, 2 * half / abs(value)) if is_fine else 1.0
    return ShownFigure(value - widened, value + widened, chance)


def is_result(node: Node) -> bool:
    """Tell whether a side is what was worked out: a literal, `-3/4` or `1.2 * 10^-3`."""
    return is_literal(node) or figure(node) is not None


def entries_of(value: Value) -> Iterator[Interval]:
    """Yield the entries of a value, row by row; a single number is its own."""
    if isinstance(value, Interval):
        yield value
    else:
        for item in value:
            yield from entries_of(item)


def is_one_of(figure: Fraction, values: Sequence[KnownValue], half: Fraction = Fraction(0)) -> bool:
    """Tell whether a figure, with either sign, is an entry of one of some values."""
    return any(
        entry.low - half <= signed <= entry.high + half
        for value in values
        for entry in entries_of(value.bounds)
        for signed in (figure, -figure)
    )


def have_one_shape(one: Value, other: Value) -> bool:
    """Tell whether two values have the same shape but for axes of length 1."""
    sizes = ([size for size in shape_of(value) if size != 1] for value in (one, other))
    return next(sizes) == next(sizes)


def in_shape_of(value: Value, other: Value) -> Value:
    """Return a value with the axes of length 1 of another one, where both have one shape."""
    if not have_one_shape(value, other):
        return value
    entries = iter(entries_of(value))

    def fill(part: Value) -> Value:
        return next(entries) if isinstance(part, Interval) else tuple(map(fill, part))

    return fill(other)


def do_meet(one: Value, other: Value) -> bool:
    """Tell whether all entries of two values may be equal."""
    if isinstance(one, Interval) and isinstance(other, Interval):
        return one.meets(other)
    return have_one_shape(one, other) and all(
        a.meets(b) for a, b in zip(entries_of(one), entries_of(other), strict=True)
    )


def is_turned(literal: Node, value: Value) -> bool:
    """Tell whether figures are those of a matrix with rows and columns swapped."""
    turned = value_or_none(Call("transpose_last", (literal,)))
    return turned is not None and shape_of(turned) == shape_of(value) and do_meet(turned, value)


def is_about(value: Value, other: Value) -> bool:
    """Tell whether a value may be another one where figures on the way were rounded."""
    share = ROUNDED_SHARE * largest_entry(other)
    return do_meet(widen(value, [share for _ in entries_of(value)]), other)


def may_have_drifted(result: Node, value: Value) -> bool:
    """Tell whether a result may be a value as who rounds figures on the way gets it.

    Each figure is less than two units of its last place off, and not much beside the value. One
    without decimals, or that has just these digits in the run, is not worked out otherwise.
    """

    def is_near(signed: Fraction, unit: Fraction, entry: Fraction) -> bool:
        away, noise = abs(signed - entry), abs(entry) * EXACT
        has_these_digits = not unit or abs(round(entry / unit) * unit - entry) <= noise
        most = min(2 * unit, abs(entry) * ROUNDED_SHARE)
        return away <= unit / 2 + noise or (not has_these_digits and away < most)

    figures, entries = signed_figures(result), [*entries_of(value)]
    return len(figures) == len(entries) and all(
        is_near(signed, last_place(number) or Fraction(0), entry.low)
        for (signed, number), entry in zip(figures, entries, strict=True)
    )


def with_entries(value: Value, change: Callable[[Interval], Interval]) -> Value:
    """Return a value with each entry changed, row by row."""
    if isinstance(value, Interval):
        return change(value)
    return tuple(with_entries(part, change) for part in value)


def _with_entries_beside(
    value: Value, others: Iterable[Any], change: Callable[[Interval, Any], Interval]
) -> Value:
    """Return a value with each entry changed by what stands at its place among others."""
    remaining = iter(others)
    return with_entries(value, lambda entry: change(entry, next(remaining)))


def are_within_units(value: Value, figures: Value, units: Sequence[Fraction]) -> bool:
    """Tell whether all entries of two values are less than a unit of the figure apart."""
    parts = zip(entries_of(value), entries_of(figures), units, strict=True)
    return all(max(a.low - b.high, b.low - a.high) < unit for a, b, unit in parts)


def widen(value: Value, halves: Sequence[Fraction]) -> Value:
    """Return a value with each entry moved by up to its half unit either way."""
    if isinstance(value, Interval):  # as nearly all are
        return Interval(value.low - halves[0], value.high + halves[0])
    return _with_entries_beside(
        value, halves, lambda entry, half: Interval(entry.low - half, entry.high + half)
    )


def around(middle: Fraction, half: Fraction) -> Interval:
    """Return the numbers that are at most so far from one."""
    return Interval(middle - half, middle + half)


def range_of_both(one: Interval, other: Interval) -> Interval:
    """Return the narrowest range that holds two others."""
    return Interval(min(one.low, other.low), max(one.high, other.high))


def common_part(one: Interval, other: Interval) -> Interval:
    """Return the numbers that lie in both of two ranges, which meet."""
    return Interval(max(one.low, other.low), min(one.high, other.high))


def hull(one: Value, other: Value) -> Value:
    """Return the narrowest bounds round two values of one shape, in the axes of the first."""
    return _with_entries_beside(one, entries_of(other), range_of_both)


def vector_of(value: Value) -> Value:
    """Return a column as a vector; anything else is itself."""
    shape = shape_of(value)
    is_column = len(shape) == 2 and shape[0] > 1 and shape[1] == 1
    return tuple(entries_of(value)) if is_column else value


def column_of(value: Value) -> Value:
    """Return a vector as a column; anything else is itself."""
    return tuple((entry,) for entry in entries_of(value)) if len(shape_of(value)) == 1 else value


def column_of_row(value: Value) -> Value:
    """Return a matrix of one row as a column; anything else is itself."""
    is_row = len(shape_of(value)) == 2 and shape_of(value)[0] == 1
    return tuple((entry,) for entry in entries_of(value)) if is_row else value


def row_of(value: Value) -> Value:
    """Return a vector as a matrix of one row; anything else is itself."""
    return (value,) if len(shape_of(value)) == 1 else value


def largest_entry(value: Value) -> Fraction:
    """Return the largest absolute value of an entry."""
    return max(max(abs(entry.low), abs(entry.high)) for entry in entries_of(value))


def relative_width(value: Value) -> Fraction:
    """Return the widest interval of a value as a part of the entry's own size."""
    return max(
        (
            (entry.high - entry.low) / size
            for entry in entries_of(value)
            if (size := max(abs(entry.low), abs(entry.high)))
        ),
        default=Fraction(0),
    )


def with_value(tree: Node, node: Node, value: Value) -> Node | None:
    """Return a tree with another value at one place; an array keeps its form."""
    new = _literal_of(value, node)
    return None if new is None else replace_parts(tree, [(node, new)])


def _literal_of(value: Value, node: Node) -> Node | None:
    """Return a value as it would stand in place of a literal; None where the form is another."""
    if isinstance(node, Array):
        if isinstance(value, Interval) or len(value) != len(node.items):
            return None
        items = [_literal_of(part, item) for part, item in zip(value, node.items, strict=True)]
        whole = tuple(item for item in items if item is not None)
        return Array(whole, node.start, node.end) if len(whole) == len(items) else None
    if not isinstance(value, Interval):
        return None
    middle = (value.low + value.high) / 2
    if abs(middle) > float_info.max:
        return None  # nobody writes that many digits
    number = Number(str(float(abs(middle))), abs(middle), node.start, node.end)
    return Call("negative", (number,), (), node.start, node.end) if middle < 0 else number


FEWEST_RESULTS: Final = 3  # rounded results that show a habit; two may agree by chance
FINE_PLACE: Final = Fraction(1, 1000)  # of a figure that was worked out, if it is no data
WHOLE_NEAR: Final = Fraction(1, 200)  # of a whole number: σ(10) = 1, in any writer's hand
USUAL_SHARE: Final = 0.9  # of the results that keep to the habit
LEAST_DIGITS_PUT_IN: Final = 3  # of a result that is rounded again; fewer fit by chance
MOST_HABITUAL_DIGITS: Final = 6  # who prints more lets a program print


def half_place(number: Number) -> Fraction | None:
    """Return half a unit of the last printed place; None for a whole number, which is exact."""
    parsed_figure = literal_figure(number)
    return None if parsed_figure.decimals == 0 and number.text.isdigit() else parsed_figure.half


def half_of(written: Figure) -> Fraction:
    """Return half a unit of the last printed place; a whole number is as good as exact."""
    return written.half if written.decimals > 0 else min(written.half, WHOLE_NEAR)


def last_place(number: Number) -> Fraction | None:
    """Return one unit of the last printed place; None for a whole number, which is exact."""
    half = half_place(number)
    return None if half is None else 2 * half


def coarsest_place(node: Node) -> Fraction:
    """Return one unit of the coarsest last place of the figures in a tree; 0 of whole numbers."""
    return max((last_place(each) or Fraction(0) for each in numbers_in(node)), default=Fraction(0))


def significant_digits(number: Number) -> int:
    """Return how many significant digits a figure shows."""
    return literal_figure(number).digits


def has_fine_figure(tree: Node | None) -> bool:
    """Tell whether a figure stands in a tree that no other value has by chance."""
    figures = () if tree is None else numbers_in(tree)
    return any(significant_digits(each) > COARSE_DIGITS for each in figures)


def is_telling(number: Number) -> bool:
    """Tell whether a figure may stand for a rounded one: one digit is next to anything."""
    return significant_digits(number) > 1


def is_one_digit(number: Number) -> bool:
    """Tell whether a rounded figure has one digit that counts, as 0.3 and 3000 have."""
    return significant_digits(number) - zeros_at_end(number) < 2


def zeros_at_end(number: Number) -> int:
    """Return how many zeros a whole number ends in: rounded, it need not be exact to their places.

    0 is exact to its only one.
    """
    text = number.text if half_place(number) is None else ""
    return len(text) - len(text[:1] + text[1:].rstrip("0"))


def shorter_forms(number: Number) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield a decimal result as it is put in with fewer digits, two at least, and half a unit.

    Two of which one is a 0, as in 0.50, are more often a given value.
    """
    parsed_figure = literal_figure(number)
    if half_place(number) is not None:
        for fewer in range(1, parsed_figure.digits - LEAST_DIGITS + 1):
            half = half_unit_at(parsed_figure.decimals - fewer)
            value = round(number.value, parsed_figure.decimals - fewer)
            if parsed_figure.digits - fewer > LEAST_DIGITS or value % (20 * half):
                yield value, half


class RoundingHabit(Frozen):
    """How a writer prints results.

    `finest` is the finest place of all decimal results (None without any); `digits` the number of
    significant digits that nearly all rounded ones have at the most, 0 where there is no such
    habit; `precision` that of a figure in the place of a wrong one, for which one result is enough.
    `decimals` are the numbers of decimals that several rounded ones have.
    """

    finest: Fraction | None
    digits: int
    precision: Precision = AS_WRITTEN
    decimals: Set[int] = frozenset()

    def is_coarse(self, number: Number, beside: Sequence[Number]) -> bool:
        """Tell whether a figure has fewer digits than results have: it is data, and rounds nothing.

        That is so of 0.8 where a writer goes on to 0.0709. Where there is no habit in digits, the
        figures `beside` it show how many are usual.
        """
        unit = last_place(number)
        usual = self.digits or max(map(significant_digits, beside), default=0)
        is_off_finest = unit is not None and self.finest is not None and unit > self.finest
        is_short = is_off_finest and significant_digits(number) < usual
        return is_short and literal_figure(number).decimals not in self.decimals

    def half_unit(self, number: Number, *, is_rounded: bool = False) -> Fraction:
        """Return how far a printed result may be from its value.

        A figure with decimals: half a unit of its last place. A whole number is exact but for
        half a hundredth, unless it is said to be rounded (`is_rounded`): then to its last digit
        that is no 0, to two digits at least. So it is where this writer keeps to so many digits,
        or strips zeros behind the point.
        """
        half = half_place(number)
        if half is not None or is_rounded:
            zeros = zeros_at_end(number)
            zeros -= bool(zeros) and is_one_digit(number)
            return Fraction(10) ** zeros / 2 if half is None else half
        if self.digits and number.value:
            beyond = len(str(int(number.value))) - self.digits
            place = beyond if number.text.endswith("0") else min(beyond, 0)
            return max(Fraction(10) ** place / 2, WHOLE_NEAR)
        return WHOLE_NEAR if self.finest is None else max(self.finest / 2, WHOLE_NEAR)


NO_HABIT: Final = RoundingHabit(None, 0)


def observe_rounding(results: Sequence[tuple[Node, Node]]) -> RoundingHabit:
    """Return the habit that printed results show, each with the side that it was worked out from.

    How many digits are usual, those say that are rounded: 0.512375 is all of 4.099 / 8.
    """
    figures: list[Number] = []
    rounded: list[Number] = []
    for worked, result in results:
        if is_literal(result):
            decimals = [it for it in numbers_in(result) if "." in it.text and it.value]
            exact_values = _exact_values(worked) if decimals else ()
            figures += decimals
            rounded += [number for number in decimals if number.value not in exact_values]
    # `3.7 × 10⁹` is rounded far above its point, and says nothing of zeros behind another one.
    places = [unit for number in figures if (unit := last_place(number)) and unit < 1]
    digits = 0
    counts = sorted(map(significant_digits, rounded))
    if len(counts) >= FEWEST_RESULTS:
        usual = (
            counts[max(int(len(counts) * USUAL_SHARE) - 1, 0)] if len(counts) > 9 else counts[-1]
        )
        digits = usual if 1 < usual <= MOST_HABITUAL_DIGITS else 0
    # Few results show no habit, and all of one place another one: such figures keep their place.
    lengths = [literal_figure(number).decimals for number in rounded]
    keeps_place = len(counts) < FEWEST_RESULTS or len({*lengths}) == 1
    least = min(lengths, default=0) if keeps_place else 0
    most = max((count for count in counts if count <= MOST_HABITUAL_DIGITS), default=0)
    several = frozenset(each for each, n in Counter(lengths).items() if n >= FEWEST_RESULTS)
    precision = Precision(digits or most, least)
    return RoundingHabit(min(places, default=None), digits, precision, several)


def _exact_values(worked: Node) -> Container[Fraction]:
    """Return what figures are exactly worth, without signs; nothing of what has only bounds."""
    value = None if names_in(worked) else value_or_none(worked)
    entries = () if value is None else entries_of(value)
    return {abs(entry.low) for entry in entries if entry.is_exact}


def precision_beside(node: Node, value: Value | None, precision: Precision) -> Precision:
    """Return how precise new entries of an array are, which is worth `value`.

    With as many as the right ones have, if these are not few; else with those of the writer.
    """
    right = () if value is None else entries_of(value)
    pairs = [
        (like, it)
        for entry, it in zip(entries_in(node), right, strict=False)
        if (like := figure(entry))
    ]
    counts = [
        like.digits
        for like, it in pairs
        if like.decimals > 0 and do_meet(widen(Interval(like.value), [half_of(like)]), it)
    ]
    most = max(counts, default=0)
    return Precision(most) if most >= LEAST_DIGITS_PUT_IN else precision
