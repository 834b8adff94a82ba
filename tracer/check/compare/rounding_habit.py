"""How exactly a figure says its number, and how exactly this writer prints results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from tracer.check.arithmetic.figures import Figure, half_unit_at, literal_figure
from tracer.check.model.written_trees import is_literal, numbers_in
from tracer.expression.syntax import Node, Number
from tracer.frozen import Value

FEWEST_RESULTS: Final = 3  # rounded results that show a habit; two may agree by chance
FINE_PLACE: Final = Fraction(1, 1000)  # of a figure that was worked out, if it is no data
WHOLE_NEAR: Final = Fraction(1, 200)  # of a whole number: σ(10) = 1, in any writer's hand
USUAL_SHARE: Final = 0.9  # of the results that keep to the habit
LEAST_DIGITS_PUT_IN: Final = 3  # of a result that is rounded again; fewer fit by chance
MOST_HABITUAL_DIGITS: Final = 6  # who prints more lets a program print


def half_place(number: Number) -> Fraction | None:
    """Return half a unit of the last printed place; None for a whole number, which is exact."""
    found = literal_figure(number)
    return None if found.decimals == 0 and number.text.isdigit() else found.half


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
    """Yield a decimal result as it is put in with fewer digits, three at least, and half a unit."""
    found = literal_figure(number)
    if half_place(number) is not None:
        for fewer in range(1, found.digits - LEAST_DIGITS_PUT_IN + 1):
            places = found.decimals - fewer
            yield round(number.value, places), half_unit_at(places)


class RoundingHabit(Value):
    """How a writer prints results.

    `finest` is the finest place of all decimal results (None without any); `digits` the number of
    significant digits that nearly all of them have at the most, 0 where there is no such habit.
    """

    finest: Fraction | None
    digits: int

    def is_coarse(self, number: Number, beside: Sequence[Number]) -> bool:
        """Tell whether a figure has fewer digits than results have: it is data, and rounds nothing.

        That is so of 0.8 where a writer goes on to 0.0709. Where there is no habit in digits, the
        figures `beside` it show how many are usual.
        """
        unit = last_place(number)
        usual = self.digits or max(map(significant_digits, beside), default=0)
        is_off_finest = unit is not None and self.finest is not None and unit > self.finest
        return is_off_finest and significant_digits(number) < usual

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


def observe_rounding(results: Sequence[Node]) -> RoundingHabit:
    """Return the habit that the printed results of a document show."""
    figures = [
        number
        for result in results
        if is_literal(result)
        for number in numbers_in(result)
        if "." in number.text and number.value
    ]
    places = [unit for number in figures if (unit := last_place(number)) is not None]
    digits = 0
    counts = sorted(map(significant_digits, figures))
    if len(counts) >= FEWEST_RESULTS:
        usual = (
            counts[max(int(len(counts) * USUAL_SHARE) - 1, 0)] if len(counts) > 9 else counts[-1]
        )
        digits = usual if 1 < usual <= MOST_HABITUAL_DIGITS else 0
    return RoundingHabit(min(places, default=None), digits)
