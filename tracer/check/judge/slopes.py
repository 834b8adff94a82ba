"""The slope of a formula that a document states, worked out at chosen numbers.

A `SlopeQuestion` says of what and by what; a `SlopePlace` has numbers for the names, works out each
formula at them once, and moves one of them to see how the quantity follows: a central difference,
right to 24 digits. Those of arrays, and names that have to be as they are stated, keep their
values.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from math import prod
from types import MappingProxyType
from typing import Final, Literal

from tracer.check.bind.worlds import WritersRun, entry_of, with_entry
from tracer.check.compare.bounded_values import (
    do_meet,
    entries_of,
    have_one_shape,
    in_shape_of,
    row_of,
    with_entries,
)
from tracer.check.model.written_trees import (
    calls_in,
    names_in,
    numbers_in,
    rename_calls,
)
from tracer.check.trace.aliases import APPLIED, ENTRY, derivative_of, is_loss
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.frozen import Frozen
from tracer.intervals import LOGARITHMS, Interval, Products, Value, exact_interval, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.run.interpret import shape_of

POINTS: Final = tuple(Fraction(number, 100) for number in (31, 47, 73))
"""Of (0, 1), so that logarithms and roots are defined."""
STEP: Final = Fraction(1, 2**40)  # of a central difference, which is then right to 24 digits
NEAR: Final = Fraction(1, 10**6)
OF_ARRAYS: Final = frozenset(("transpose_last", "sum", "mean", "softmax", "length", "norm"))
"""Operations that say nothing of a single number: it may stand for an array."""
SMOOTH: Final = OF_ARRAYS.union(
    ("add", "subtract", "multiply", "divide", "negative", "power", "exp", "log", "sqrt",
     "square", "tanh", "sigmoid", "sin", "cos", "softplus", "matmul", "dot"), LOGARITHMS
)  # fmt: skip
NEAR_BY: Final = Fraction(1, 2**10)  # how far from a stated value one is chosen beside kinks
HALF: Final = Fraction(1, 2)
DEEPEST: Final = 40  # formulas that are put in for names, one in the other
DERIVED: Final = (Fraction(1), Fraction(2))  # figures of any derivative
ZERO_OR_ONE: Final = (exact_interval(0), exact_interval(1))
MOST_ENTRIES: Final = 64
PRODUCT_KINDS: Final[tuple[Products, ...]] = ("matrix", "entries")
_WORDS: Final = lazy_regex(r"[^\W\d_]\w*")

WhyUnknown = Literal[
    "not_compared",
    "kink",
    "slope_of_a_part",
    "turned",
    "special_data",
    "adds_the_gradient",
    "stated_nowhere",
    "idle_rate",
    "stated_otherwise",
    "formula_in_figures",
    "formula_of_another_example",
]
"""Why nobody knows whether a formula is a derivative: nothing that is stated can be compared with
it; what is has a kink, and not all values are stated; it is the derivative of a part, or may be; it
has rows for columns; it is right for some data only; it is a step uphill; it has a figure that
nobody has stated; another formula was stated for it, or the one that it should be the derivative of
is written in figures, or below another heading."""


class OpenSlopeError(Exception):
    """A derivative cannot be compared, for the reason `why`."""

    def __init__(self, why: WhyUnknown = "not_compared") -> None:
        super().__init__(why)
        self.why: Final = why


class SlopeQuestion(Frozen):
    """What a formula is held against: the derivative of `name` by `variable`.

    `stated` are the values of names that have to be as they are stated, such as the derivatives of
    a loss without a formula by what the variable leads to; those `held` do not move. More may lead
    to `name` where the question `is_partial`.
    """

    formulas: Mapping[str, Node | None]
    run: WritersRun
    name: str
    variable: str
    bound: frozenset[str] = frozenset()
    stated: Mapping[str, Value] = MappingProxyType({})
    held: frozenset[str] = frozenset()
    is_partial: bool = False
    has_kinks: bool = False  # a formula has some: all numbers are chosen near the stated ones

    @property
    def points(self) -> Sequence[Fraction]:
        """The numbers that it is asked at: imagined arrays have many already."""
        return POINTS[:1] if self.run.imagined else POINTS


class SlopePlace:
    """Numbers for the names of some formulas: those of a name without one are chosen.

    Arrays without a formula, and the names of `question.stated`, have their stated values.
    """

    def __init__(self, question: SlopeQuestion, point: Fraction) -> None:
        self._question, self._point = question, point
        self.has_kinks = question.has_kinks
        self.leaves: dict[str, Value] = {}
        self._values: dict[str, Value] = {}  # so that each formula is worked out once
        self.figures = {*DERIVED}  # of the formulas
        self.beside: set[str] = set()  # names of a formula that the derived one does not have
        self.used: set[str] = set()  # names that the quantity which is derived is made of
        self._open: set[str] = set()  # names that are being worked out
        self._unmoved: dict[str, Node | None] = {}  # what does not follow a name that is moved
        self._slopes: dict[
            tuple[str, str, frozenset[str]], list[Fraction]
        ] = {}  # so that each is asked once

    def families_of_one_sum(self) -> dict[str, Value]:
        """Return numbers for the names that differ in their index only, so that they sum to 1.

        That is no family of which all values are stated, and sum to anything else.
        """
        leaves = self.leaves.items()
        numbers = {name: value.low for name, value in leaves if isinstance(value, Interval)}
        stems = {name: name.rstrip("0123456789_^()[], ") for name in numbers}
        families = [[n for n in numbers if stems[n] == stem] for stem in {*stems.values()}]
        return {
            name: Interval(numbers[name] / sum(map(numbers.__getitem__, family)))
            for family in families
            if len(family) > 1 and self._may_sum_to_one(family)
            for name in family
        }

    def _may_sum_to_one(self, names: Collection[str]) -> bool:
        known_values = [self._question.run.known_value(name) for name in names]
        values = [
            mean_entries(known_value.printed)
            for known_value in known_values
            if known_value is not None
        ]
        return len(values) < len(names) or sum(map(sum, values)) == 1

    def value_beside(self, name: str) -> Value:
        """Return what a name is worth in a formula beside those of the quantity that is derived.

        A loss that is written for one class, `-ln p`, leaves out the target of 0 or 1.
        """
        leaves = set(self.leaves)
        value = self.value(name)
        if leaves == self.leaves.keys():
            return value
        known_value = self._question.run.known_value(name)
        if known_value is None or not (known_value.is_given and known_value.printed in ZERO_OR_ONE):
            raise OpenSlopeError  # the formulas do not lead to it
        self.beside.add(name)
        self.leaves[name] = self._values[name] = known_value.printed
        return known_value.printed

    def value(self, name: str, values: dict[str, Value] | None = None) -> Value:
        """Return what a name is worth; `values` are known besides: of names that are moved.

        Raises OpenSlopeError where the formulas go round in a circle.
        """
        if values is None:
            values = self._values
        else:
            self.used.add(name)
            if name in self._unmoved and name not in values:
                self.used |= names_below({name}, self._unmoved)
                values = self._values
        if name not in values:
            if name in self._open or len(self._open) > DEEPEST:
                raise OpenSlopeError
            self._open.add(name)
            try:
                values[name] = self._worked_out(name, values)
            finally:
                self._open.remove(name)
        return values[name]

    def _worked_out(self, name: str, values: dict[str, Value]) -> Value:
        question = self._question
        if name in question.stated:
            return question.stated[name]
        if name in question.formulas:
            formula = question.formulas[name]
            place = question.run.entry_place(name)
            if place and formula == Name(place[0]):
                entry = entry_of(self.value(place[0], values), place[1])
                if entry is None:
                    raise OpenSlopeError
                return entry
            if formula is None:
                raise OpenSlopeError
            self.figures |= {each.value for each in numbers_in(formula)}
            worth, stated = self.worth(formula, values, name), question.run.known_value(name)
            return worth if stated is None else in_shape_of(worth, stated.printed)
        parts = derivative_of(name)
        if parts is not None:
            slopes = self._slope_of(*parts)
            if not (any(slopes) or question.has_kinks):
                raise OpenSlopeError  # the formulas do not lead there
            slope = iter(slopes)
            return with_entries(self.value(parts[1]), lambda _: Interval(next(slope)))
        if self._applies_what_moves(name):
            raise OpenSlopeError  # nobody knows how μ(u²) follows u
        known_value = question.run.known_value(name)
        number = len(self.leaves) + 1
        point = (self._point * number * number + Fraction(number, 7)) % 1
        if question.has_kinks and known_value is None:
            raise OpenSlopeError("kink")
        if known_value is None or (
            isinstance(known_value.printed, Interval) and not question.has_kinks
        ):
            return self.leaves.setdefault(name, Interval(point))
        is_moved = question.has_kinks and not question.run.imagined
        moved = Interval((point - HALF) * NEAR_BY * is_moved)
        return self.leaves.setdefault(
            name, with_entries(known_value.printed, lambda each: each + moved)
        )

    def _applies_what_moves(self, name: str) -> bool:
        """Say whether a name that no formula gives is of something that follows the variable."""
        applied = APPLIED.match(name)
        base = self._question.variable.partition("[")[0]
        inside = [] if applied is None else _WORDS.findall(applied[2])
        return any(word == base or word in self._question.formulas for word in inside)

    def worth(self, formula: Node, values: dict[str, Value] | None = None, name: str = "") -> Value:
        """Return what a formula is worth; `values` are known besides.

        Of two kinds of product it has the one that gives the stated value of `name`; a loss is a
        number.
        """
        below = {each: self.value(each, values) for each in names_in(formula)}
        readings = self.readings(formula, below)
        if is_loss(name):
            numbers = {p: value for p, value in readings.items() if prod(shape_of(value)) == 1}
            readings = numbers or readings
        first, run = next(iter(readings.values())), self._question.run
        result = run.known_value(name)
        has_its_shape = result is None or have_one_shape(first, result.printed)
        if has_its_shape and all(value == first for value in readings.values()):
            entries = entries_of(first)  # an axis of one entry may be none as it is stated
            return with_entries(result.printed, lambda _: next(entries)) if result else first
        stated_values = {each: known_value.printed for each, known_value in run.named_values()}
        for products, at_stated in self.readings(formula, stated_values).items():
            if result is not None and products in readings and do_meet(at_stated, result.bounds):
                return readings[products]
        raise OpenSlopeError  # no value says which product is meant

    def readings(self, tree: Node, values: Mapping[str, Value]) -> Mapping[Products, Value]:
        """Return what a tree is worth, by the kind of its products. Raises OpenSlopeError."""
        has_array = any(isinstance(value, tuple) for value in values.values())
        known_values = map(self._question.run.known_value, names_in(tree))
        if "length" in tree.content.operations and all(
            each and isinstance(each.printed, Interval) for each in known_values
        ):
            tree = rename_calls(tree, {"length": "abs"})
        if not (self.has_kinks or is_smooth(tree)):
            variable = self._question.variable
            formulas = {**self._question.formulas, variable: None}
            if variable in names_below({*names_in(tree)}, formulas):
                raise OpenSlopeError("kink")
        if not (has_array or OF_ARRAYS.isdisjoint(tree.content.operations)):
            raise OpenSlopeError
        may_be_array = has_array or Array in tree.content.kinds or self._question.has_kinks
        is_ambiguous = may_be_array and "multiply" in tree.content.operations
        kinds = PRODUCT_KINDS if is_ambiguous else PRODUCT_KINDS[:1]
        values_by_product = {
            products: value_or_none(tree, values, products=products) for products in kinds
        }
        readings = {
            products: value for products, value in values_by_product.items() if value is not None
        }
        if not readings:
            raise OpenSlopeError
        return readings

    def meanings(self, tree: Node, values: Mapping[str, Value]) -> list[Value]:
        """Return what a formula may be worth, with its vectors as rows too. Raises OpenSlopeError.

        `xᵀ δ` is an outer product of rows, as `x δᵀ` is one of columns.
        """
        rows = {name: row_of(value) for name, value in values.items()}
        in_rows = value_or_none(tree, rows, products="matrix")
        try:
            meanings = [*self.readings(tree, values).values()]
        except OpenSlopeError:
            if in_rows is None:
                raise
            return [in_rows]
        return meanings if in_rows is None else [*meanings, in_rows]

    def slope(self, held: Collection[str] = ()) -> list[Fraction]:
        """Return the derivative in question, entry by entry, along every path but those held."""
        question = self._question
        return self._slope_of(question.name, question.variable, question.held.union(held))

    def _slope_of(
        self,
        name: str,
        variable: str,
        held: Collection[str] = (),
        most: int = MOST_ENTRIES,
    ) -> list[Fraction]:
        """Return the first entries of a derivative, `most` of them."""
        if name not in self._question.formulas:
            raise OpenSlopeError
        asked = name, variable, frozenset(held)
        if asked in self._slopes:
            return self._slopes[asked][:most]
        stated_values, outer = self._question.stated, self._unmoved
        formulas = {
            n: tree for n, tree in self._question.formulas.items() if n not in stated_values
        }
        array = self._array_of(variable)
        moving = names_above(variable, formulas) | (
            names_above(array[0], formulas) if array else set()
        )
        unmoved = names_below({name}, formulas) - moving
        # Where this raises, the next question sets its own.
        self._unmoved = {each: formulas.get(each) for each in unmoved}
        values = {each: self.value(each) for each in held}
        middle = entry_of(self.value(array[0]), array[1]) if array else self.value(variable)
        if middle is None:
            raise OpenSlopeError
        count = len(mean_entries(middle))
        slope: list[Fraction] = []
        for place in range(min(count, most) if count <= MOST_ENTRIES else 0):
            above, below, *there = (
                mean_entries(
                    self.value(name, values | self._moved(variable, middle, place, step, array))
                )
                for step in (STEP, -STEP, Fraction(0))[: 2 + self.has_kinks]
            )
            changes = [(a - b) / (2 * STEP) for a, b in zip(above, below, strict=True)]
            upwards = [(a - b) / STEP for each in there for a, b in zip(above, each, strict=True)]
            if any(abs(a - b) > NEAR for a, b in zip(upwards, changes, strict=False)):
                raise OpenSlopeError("kink")  # the value lies on it, as what a ReLU cuts off does
            if len(changes) == 1:
                slope += changes
            elif len(changes) == count and not any(changes[:place] + changes[place + 1 :]):
                slope.append(changes[place])  # a function entry by entry
            else:
                raise OpenSlopeError
        self._unmoved = outer
        if most >= count:
            self._slopes[asked] = slope
        return slope

    def _array_of(self, variable: str) -> tuple[str, Sequence[int]] | None:
        """Return the array of which the variable is an entry, where it has a value."""
        entry, question = ENTRY.fullmatch(variable), self._question
        if entry is None:
            return None
        name = entry[1]
        has_value = name in question.formulas or question.run.known_value(name) is not None
        return (name, [*map(int, entry[2].split(","))]) if has_value else None

    def _moved(
        self,
        variable: str,
        middle: Value,
        place: int,
        step: Fraction,
        array: tuple[str, Sequence[int]] | None,
    ) -> dict[str, Value]:
        """Return the variable a step further, and with it the array whose entry it is."""
        moved = _with_step(middle, place, step)
        if array is None:
            return {variable: moved}
        return {variable: moved, array[0]: with_entry(self.value(array[0]), array[1], moved)}

    def ways(self, slope: Sequence[Fraction]) -> list[Sequence[Fraction]]:
        """Return a slope as its entries may stand: a matrix may have been turned on purpose.

        That is not so where one sample leads to another one: a vector, a column or a row.
        """
        shape = shape_of(self.value(self._question.variable))
        ends = self._question.stated.values() or [self.value(self._question.name)]
        if (
            self._question.run.imagined
            or len(shape) < 2
            or any(len(end) == 1 or 1 in end for end in map(shape_of, ends))
        ):
            return [slope]
        return [slope, [each for at in range(shape[-1]) for each in slope[at :: shape[-1]]]]

    def count_of_mean(self, name: str, ratio: float) -> float:
        """Return of how many values a name is the mean where a multiple is the slope, if of any.

        Raises OpenSlopeError where nobody knows.
        """
        own, slope = self._slope_of(self._question.name, name), self.slope()
        if not slope[0]:
            raise OpenSlopeError  # of nothing anything is a multiple
        return float(own[0] / slope[0]) / (ratio - 1)

    def may_be_count(self, ratio: float) -> bool:
        """Tell whether a ratio, or what it is below 1, may say of how many values a mean is.

        Of imagined arrays it is one of their sizes, or a number of theirs; of others nobody knows.
        """
        if not self._question.run.imagined:
            return ratio > 0
        values = [self.leaves[name] for name in self.used & self.leaves.keys()]
        sizes = {size for value in values for size in shape_of(value)}
        products = {one * other for one in sizes for other in sizes}
        numbers = {float(value.low) for value in values if isinstance(value, Interval)}
        counts = {1.0, *sizes, *products, *numbers}
        return any(abs(each * ratio / other - 1) < NEAR for each in counts for other in counts)

    def is_slope(self, tree: Node, held: Collection[str]) -> bool:
        """Tell whether a tree is the derivative in question while some names are held.

        Where these are all that leads there nothing is left to derive. Raises OpenSlopeError where
        nobody knows.
        """
        if self._question.run.imagined and self._differs_at_first(tree, held):
            return False
        slope = self.slope(held)
        return (any(slope) or not held) and self._is_worth(tree, slope)

    def _differs_at_first(self, tree: Node, held: Collection[str]) -> bool:
        """Tell whether a tree differs from the slope in its first entry: most that are tried do."""
        question = self._question
        first = self._slope_of(question.name, question.variable, question.held.union(held), 1)
        count = len(mean_entries(self.value(question.variable)))
        values = {each: self.value(each) for each in names_in(tree)}
        meanings = [mean_entries(each) for each in self.meanings(tree, values)]
        return not any(len(each) == count and _are_near(each[:1], first) for each in meanings)

    def is_known_slope(self, tree: Node) -> bool:
        """Tell whether a tree is shown to be the derivative in question."""
        try:
            return self.is_slope(tree, ())
        except OpenSlopeError:
            return False

    def is_slope_along(self, tree: Node, name: str) -> bool:
        """Tell whether a tree is the derivative in question where `name` moves the variable.

        That is `1 - v²` of `u + v` by u where `u = 1/v`. Raises OpenSlopeError where nobody knows.
        """
        if len(mean_entries(self.value(name))) > 1:
            return False
        ends = self._question.name, self._question.variable
        above, below = (self._slope_of(each, name) for each in ends)
        is_single = len(above) == len(below) == 1 and below[0] != 0
        return is_single and self._is_worth(tree, [above[0] / below[0]])

    def _is_worth(self, tree: Node, slope: Sequence[Fraction]) -> bool:
        values = {each: self.value(each) for each in names_in(tree)}
        return abs(_factor_between(self.meanings(tree, values), [slope]) - 1) < NEAR


def ratio_to_slope(tree: Node, at: SlopePlace) -> float:
    """Return the ratio of a formula to the slope in question; 0 where an array is no multiple."""
    slope = at.slope()
    if not (at.has_kinks or any(abs(each) >= NEAR for each in slope)):
        raise OpenSlopeError  # as far as the formulas say
    values = {each: at.value_beside(each) for each in names_in(tree)}
    derived = {one * other for one in at.figures for other in at.figures}
    derived |= {each - 1 for each in at.figures}
    if any(n.value.denominator > 1 and n.value not in derived for n in numbers_in(tree)):
        raise OpenSlopeError  # it may stand for a name
    ratio = _factor_between(at.meanings(tree, values), at.ways(slope))
    if at.beside and abs(ratio - 1) >= NEAR:  # `+ λ w` comes from elsewhere
        values |= dict.fromkeys(at.beside, ZERO_OR_ONE[0])
        if abs(_factor_between(at.meanings(tree, values), [slope]) - 1) < NEAR:
            raise OpenSlopeError
    return ratio


def _factor_between(values: Iterable[Value], slopes: Sequence[Sequence[Fraction]]) -> float:
    """Return the factor, nearest to 1, that leads from a slope to a value; 0 where none does.

    Raises OpenSlopeError where no value has as many entries.
    """
    candidates = [
        numbers for value in values if len(numbers := mean_entries(value)) == len(slopes[0])
    ]
    if not candidates:
        raise OpenSlopeError
    factors: list[float] = []
    for numbers, slope in itertools.product(candidates, slopes):
        if not any(slope):
            factors.append(float(not any(numbers)))
            continue
        largest = max(range(len(slope)), key=lambda at: abs(slope[at]))
        factor = numbers[largest] / slope[largest]
        if _are_near(numbers, [factor * each for each in slope]):
            factors.append(float(factor))
    return min(factors, key=lambda factor: abs(factor - 1), default=0.0)


def names_below(names: Collection[str], formulas: Mapping[str, Node | None]) -> frozenset[str]:
    """Return names with all that their formulas are made of."""
    below_names, waiting = {*names}, [*names]
    while waiting:
        formula = formulas.get(waiting.pop())
        below = set() if formula is None else {*names_in(formula)} - below_names
        below_names |= below
        waiting += below
    return frozenset(below_names)


def names_above(name: str, formulas: Mapping[str, Node | None]) -> frozenset[str]:
    """Return a name with all whose formulas are made of it."""
    below = {each: {*names_in(tree)} for each, tree in formulas.items() if tree is not None}
    above_names, count = {name}, 0
    while count < len(above_names):
        count = len(above_names)
        above_names |= {each for each, names in below.items() if names & above_names}
    return frozenset(above_names)


def is_smooth(tree: Node) -> bool:
    """Tell whether a formula has a slope everywhere."""
    return (
        tree.content.operations <= SMOOTH
        and tree.content.kinds <= {Name, Number, Array, Call}
        and not [call for call in calls_in(tree, SMOOTH - {"sum"}) if call.keywords]
    )


def is_derivative(formulas: Mapping[str, Node], gradient: str, name: str, variable: str) -> bool:
    """Tell whether one formula is the derivative of another one by a name, at any numbers."""
    question = SlopeQuestion(formulas, WritersRun(), name, variable)
    places = [SlopePlace(question, point) for point in POINTS]
    try:
        pairs = [(mean_entries(at.value(gradient)), at.slope()) for at in places]
        return all(any(slope) and _are_near(value, slope) for value, slope in pairs)
    except OpenSlopeError:
        return False


def _with_step(value: Value, place: int, step: Fraction) -> Value:
    """Return a value with one entry, counted row by row, moved by a step."""
    places = itertools.count()
    return with_entries(
        value, lambda entry: entry + Interval(step) if next(places) == place else entry
    )


def mean_entries(value: Value) -> list[Fraction]:
    """Return the entries of a value, row by row."""
    return [(entry.low + entry.high) / 2 for entry in entries_of(value)]


def _are_near(numbers: Sequence[Fraction], others: Sequence[Fraction]) -> bool:
    """Tell whether numbers are equal, within the largest one's rounding."""
    most = NEAR * max(map(abs, others))
    return len(numbers) == len(others) and all(
        abs(a - b) <= most for a, b in zip(numbers, others, strict=True)
    )
