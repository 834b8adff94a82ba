"""The derivatives that a document states, beside the formulas that it states itself.

`L = (p - y)²` says what `∂L/∂p` is, whatever the names are worth: the formula that stands for the
derivative is held against the slope of the other one at chosen numbers. Figures that stand in it
for a name's value prove nothing. A formula may be the slope along every path, or with one name held
that lies between, or all others; where a kink may lie between, or names may be bound to each other
(`p_1 + p_2 = 1`), only a factor or a sign is certain to be wrong.

Of arrays the values that are stated decide: of `z = W x` and δ = ∂L/∂z the derivative ∂L/∂x is
Wᵀδ, whatever the loss is: what a small change of each entry does to z, times δ.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Final

from tracer.check.bind.writers_run import WritersRun
from tracer.check.compare.bounded_values import do_meet, entries_of, with_entries
from tracer.check.judge.blame_finder import WrongPart
from tracer.check.model.statements import EquationChain, StageMarker, Statement
from tracer.check.model.written_trees import (
    CONSTANTS,
    is_literal,
    names_in,
    numbers_in,
    signed_terms,
)
from tracer.check.slips.rewriting import is_call
from tracer.check.trace.aliases import derivative_of, is_loss
from tracer.expression.syntax import Call, Name, Node, Number, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Products, Unevaluable, Value, value_of, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.run.interpret import shape_of
from tracer.run.scalar_code import float_value

__all__ = ["StatedFormulas", "is_derivative"]

POINTS: Final = (0.31, 0.47, 0.73)  # of (0, 1), so that logarithms and roots are defined
STEP: Final = 1e-5  # of a central difference, which is then right to some ten digits
NEAR: Final = 1e-6
SMOOTH: Final = frozenset(
    ("add", "subtract", "multiply", "divide", "negative", "power", "exp", "log", "sqrt",
     "square", "tanh", "sigmoid", "sin", "cos", "softplus")
)  # fmt: skip
PRIMED: Final = lazy_regex(r"([^\W\d_]+)'\((\w+)\)")
DEEPEST: Final = 12  # formulas that are put in for names, one in the other
HALF: Final = Fraction(1, 2)
TWO: Final = Number("2", Fraction(2))
NOUGHT: Final = Interval(Fraction(0), Fraction(0))
ONE: Final = Interval(Fraction(1), Fraction(1))
LOSS: Final = "loss"
EULER: Final = "e"
ARRAY_STEP: Final = Fraction(1, 4096)  # of a central difference: right to seven digits
ARRAY_NEAR: Final = Fraction(1, 10**4)  # of the largest entry
SLACK: Final = 2  # widths of what rounded figures give, which the slope does not have
MOST_ENTRIES: Final = 64
READINGS: Final[tuple[Products, ...]] = ("matrix", "entries")
DELTA: Final = "delta"  # where nothing says of what, the derivative by what an array leads to


class _OpenError(Exception):
    """A derivative cannot be compared: what it is made of is not known, or is no number."""


class _Formula(Frozen):
    """What a name is said to be, None where that was not read for certain, and where."""

    tree: Node | None
    line: int
    headings: Sequence[int]


class StatedFormulas:
    """The formulas that one part of a document has stated so far, by the names that they are of.

    `statements` are all of the part: an equation between names that is no definition (`y² = 1`,
    `p + q = 1`) holds for what stands before it too, and so do words that something is derived as
    if it were a constant, under their heading.
    """

    def __init__(self, statements: Sequence[Statement] = ()) -> None:
        self._formulas: dict[str, list[_Formula]] = {}
        self._held: set[int] = set()  # the headings under which such words stand
        self._statements = statements
        heading = 0
        for each in statements:
            if isinstance(each, StageMarker) and each.kind == "heading":
                heading = each.place.line
            elif isinstance(each, StageMarker) and each.kind == "held":
                self._held.add(heading)

    @cached_property
    def _equations(self) -> Sequence[tuple[Node, Node]]:
        chains = (each for each in self._statements if isinstance(each, EquationChain))
        return [sides for chain in chains for sides in _equations_in(chain)]

    def note(self, chain: EquationChain, name: str | None, trees: Sequence[Node | None]) -> None:
        """Note what a chain, of these trees, says a name to be: `L = (p - y)²`."""
        tree = trees[1] if chain.is_certain and not chain.sides[1].units else None
        names = () if tree is None else names_in(tree)
        if name is None or name in names or _derivative_parts(name) is not None:
            return
        if names or tree is None:
            formula = _Formula(tree, chain.place.line, chain.headings)
            self._formulas.setdefault(name, []).append(formula)

    def only(self, name: str) -> Node | None:
        """Return the one formula that a name is said to be, if it is one."""
        trees = {each.tree for each in self._formulas.get(name, ())}
        return trees.pop() if len(trees) == 1 else None

    def wrong_derivative(
        self,
        chain: EquationChain,
        target: str | None,
        trees: Sequence[Node | None],
        run: WritersRun,
    ) -> WrongPart | None:
        """Return the formula of a chain that is not the derivative which it stands for, if any."""
        parts = _derivative_parts(target or "")
        if parts is None or not chain.is_certain or self._held & {0, *chain.headings}:
            return None
        stated, variable = parts
        if f"{stated}({variable})" in self._formulas:
            stated = f"{stated}({variable})"
        names = [stated] if stated != LOSS else [n for n in self._formulas if is_loss(n)]
        candidates = {
            each.tree: (name, each) for name in names for each in self._formulas.get(name, ())
        }
        found: list[WrongPart] = []
        try:
            for tree, (name, formula) in candidates.items():
                formulas = {**self._formulas_for(chain, names), stated: tree}
                bound = self._names_bound(formulas, run)
                part = _wrong_part(chain, trees, formulas, run, (stated, variable), bound)
                if part is None:
                    return None
                found.append(replace(part, name=name, line=formula.line))
        except _OpenError:
            found.clear()
        best = max(found, key=lambda part: len(part.slips), default=None)
        return best or self._wrong_array(chain, trees, (stated, variable), run)

    def _names_bound(self, formulas: Mapping[str, Node | None], run: WritersRun) -> frozenset[str]:
        """Return the names that stated equations bind to each other, and what those are made of.

        An equation of which all names have values is no more than a calculation.
        """
        bound: set[str] = set()
        used = {name for tree in formulas.values() if tree is not None for name in names_in(tree)}
        for left, right in self._equations:
            names = {*names_in(left), *names_in(right)}
            if isinstance(left, Name):  # `uv = 1` of u and v
                names = used.intersection(left.id) if used.issuperset(left.id) else set()
            if not all(map(run.known, names)):
                bound |= names
        return _names_below(bound, formulas)

    def _wrong_array(
        self,
        chain: EquationChain,
        trees: Sequence[Node | None],
        derived: tuple[str, str],
        run: WritersRun,
    ) -> WrongPart | None:
        """Return the formula that is not the derivative by an array which it stands for, if any."""
        stated, variable = derived
        leading = [
            (name, each)
            for name, known in self._formulas.items()
            for each in known
            if each.tree is None or variable in names_in(each.tree)
        ]
        if len({(name, each.tree) for name, each in leading}) != 1:
            return None  # there may be another path
        name, formula = leading[0]
        slope = f"d{stated}/d{name}"
        above = [slope, *(n for n, known in self._formulas.items() if known[0].tree == Name(slope))]
        gradient = next(filter(None, map(run.known, above)), None)
        is_alone = gradient is None  # then δ may be of anything, but in a product of two
        gradient = gradient or run.known(DELTA)
        reached = run.known(name)
        values = {each: known.printed for each, known in run.named_values()}
        same = {*names_in(formula.tree or Name(name)), *above, DELTA}  # figures of both formulas
        bounds = {
            each: values[each] if each in same else known.unrounded or known.bounds
            for each, known in run.named_values()
        }
        is_here = formula.headings == chain.headings[: len(formula.headings)]
        if formula.tree is None or gradient is None or reached is None:
            return None
        if variable not in values or not is_here:
            return None
        for position, tree in enumerate(trees):
            if (
                tree is not None
                and position
                and not (is_alone and len(names_in(tree)) > 2)
                and all(  # a term without it comes from elsewhere: `∂L/∂z x + λ w`
                    not {*above, DELTA}.isdisjoint(names_in(term)) for _, term in signed_terms(tree)
                )
                and _differs_from_slope(
                    tree, formula.tree, variable, values, bounds, reached.bounds, gradient.printed
                )
            ):
                return WrongPart(
                    position, tree, None, "derivative", name=name, line=formula.line, other=name
                )
        return None

    def _formulas_for(self, chain: EquationChain, names: Sequence[str]) -> dict[str, Node | None]:
        """Return what names are said to be where a chain stands; None where that is not clear.

        A formula holds below its own heading; under another one there may be another example.
        Raises _OpenError where that is so of all formulas of one of some names.
        """
        is_here = {
            name: any(each.headings == chain.headings[: len(each.headings)] for each in known)
            for name, known in self._formulas.items()
        }
        if not all(is_here.get(name, True) for name in names):
            raise _OpenError
        return {
            name: known[0].tree
            if is_here[name] and all(each.tree == known[0].tree for each in known)
            else None
            for name, known in self._formulas.items()
        }


def _wrong_part(
    chain: EquationChain,
    trees: Sequence[Node | None],
    formulas: Mapping[str, Node | None],
    run: WritersRun,
    derived: tuple[str, str],
    bound: frozenset[str],
) -> WrongPart | None:
    """Return the side of a chain that is not the derivative of a name by another one, if any.

    Of names that are `bound` to each other nobody knows which ones are held.
    Raises _OpenError where one cannot be compared.
    """
    name, variable = derived
    formula = formulas[name]
    if formula is None or variable in bound:
        raise _OpenError
    try:
        _Place(formulas, run, POINTS[0]).value(variable)
    except _OpenError:  # made of arrays: what is derived by may be worth any number
        formulas = {each: tree for each, tree in formulas.items() if each != variable}
    for position, tree in enumerate(trees):
        if tree is None or not position or not names_in(tree):
            continue
        if chain.sides[position].relation != "=":
            continue
        if chain.sides[position].units:
            raise _OpenError  # letters that may be names
        places = [_Place(formulas, run, point) for point in POINTS]
        ratios = [_ratio_to_slope(tree, at, name, variable) for at in places]
        inner = _names_below({name}, {**formulas, variable: None}) - {name, variable}
        held = [{*names_in(formula)} - {variable}, *({each} for each in inner & formulas.keys())]
        if any(abs(ratio - 1) < NEAR for ratio in ratios) or any(
            all(at.is_slope(tree, name, variable, names) for at in places) for names in held
        ):
            continue
        stated = {
            each: known.printed.low
            for each in (places[0].used & places[0].leaves.keys()) - {*names_in(tree), variable}
            if (known := run.known(each)) is not None and known.is_given
            if isinstance(known.printed, Interval) and known.printed != ONE
        }
        if stated and any(
            abs(_ratio_to_slope(tree, _Place(formulas, run, point, stated), name, variable) - 1)
            < NEAR
            for point in POINTS
        ):
            raise _OpenError  # the values of names that it leaves out are put in: 2/N with N = 2
        is_multiple = max(ratios) - min(ratios) < NEAR
        leaves = places[0].leaves
        is_indexed = any(sign.isdigit() or sign == "[" for sign in "".join(leaves))
        shared = _names_below({variable}, formulas) & inner
        if not is_multiple and (is_indexed or shared or not bound.isdisjoint(leaves)):
            raise _OpenError
        slip = _slip_of(round(ratios[0], 5), tree, formula) if is_multiple else ""
        return WrongPart(position, tree, None, "derivative", (slip,) if slip else ())
    return None


def _names_below(names: Collection[str], formulas: Mapping[str, Node | None]) -> frozenset[str]:
    """Return names with all that their formulas are made of."""
    found, waiting = {*names}, [*names]
    while waiting:
        formula = formulas.get(waiting.pop())
        below = set() if formula is None else {*names_in(formula)} - found
        found |= below
        waiting += below
    return frozenset(found)


def _equations_in(chain: EquationChain) -> Iterator[tuple[Node, Node]]:
    """Yield the sides of a chain that say how names are bound, and do not work out a value.

    That is `p + q = 1`, `dL/dx = y - k = 0` and `s = p + q = 1`, and neither `y - t = 2 - 3 = -1`
    nor `(a + b)² = a² + 2ab + b²`.
    """
    trees = [side.tree for side in chain.sides]
    is_worked = any(tree is not None and not names_in(tree) for tree in trees[1:-1])
    is_named = isinstance(trees[0], Name)
    first = is_named and len(trees) > 2
    for left, right in itertools.pairwise(() if is_worked else trees[first:]):
        if left is None or right is None or (is_named and not is_literal(right)):
            continue
        if names_in(left) and not _are_identical(left, right):
            yield left, right


def _are_identical(left: Node, right: Node) -> bool:
    """Tell whether two formulas are worth the same whatever their names are worth."""
    try:
        places = [_Place({}, WritersRun(), point) for point in POINTS]
        return all(math.isclose(at.worth(left), at.worth(right), rel_tol=NEAR) for at in places)
    except _OpenError:
        return False


def is_derivative(formulas: Mapping[str, Node], gradient: str, name: str, variable: str) -> bool:
    """Tell whether one formula is the derivative of another one by a name, at any numbers."""
    try:
        for point in POINTS:
            at = _Place(formulas, WritersRun(), point)
            if abs(at.value(gradient) / at.slope(name, variable) - 1) >= NEAR:
                return False
    except _OpenError:
        return False
    return True


def _ratio_to_slope(tree: Node, at: _Place, name: str, variable: str) -> float:
    """Return the ratio of a formula to the slope of a name at some numbers."""
    slope = at.slope(name, variable)
    values: dict[Node, float] = {Name(each): at.value_beside(each) for each in names_in(tree)}
    if not _is_smooth(tree):
        raise _OpenError
    figures = {number.value for number in numbers_in(tree)}
    others = figures - at.figures_derived()
    may_stand = not all(each.denominator == 1 for each in others) or not at.leads_only_to(
        values, variable
    )
    if figures & at.figures_put_in(names_in(tree)) or (others and may_stand):
        raise _OpenError  # it may stand for a name
    ratio = _finite(float_value(tree, values)) / slope
    if at.beside and abs(ratio - 1) >= NEAR:  # `+ λ w` comes from elsewhere
        values |= dict.fromkeys(map(Name, at.beside), 0.0)
        if abs(_finite(float_value(tree, values)) / slope - 1) < NEAR:
            raise _OpenError
    return ratio


class _Place:
    """Numbers for the names of some formulas, each of a name without a formula chosen.

    Those of `stated` have the values that they are stated to have.
    """

    def __init__(
        self,
        formulas: Mapping[str, Node | None],
        run: WritersRun,
        point: float,
        stated: Mapping[str, Fraction] = MappingProxyType({}),
    ) -> None:
        self._formulas = formulas
        self._run = run
        self._point = point
        self._stated = stated
        self.leaves: dict[str, float] = {}
        self._values: dict[str, float] = {}  # so that each formula is worked out once
        self.figures = {Fraction(1), Fraction(2)}  # of the formulas
        self.beside: set[str] = set()  # names of a formula that the derived one does not have
        self.used: set[str] = set()  # names that the quantity which is derived is made of

    def figures_put_in(self, names: Sequence[str]) -> set[Fraction]:
        """Return the figures that may stand for names that are not among those of a formula."""
        return {
            abs(known.printed.low)
            for name, known in self._run.named_values()
            if name not in names
            and (name in self.used or derivative_of(name) is not None)
            and isinstance(known.printed, Interval)
        }

    def figures_derived(self) -> set[Fraction]:
        """Return the figures that a derivative of the formulas may have."""
        products = {one * other for one in self.figures for other in self.figures}
        return products | {each - 1 for each in self.figures}

    def leads_only_to(self, values: Mapping[Node, float], variable: str) -> bool:
        """Tell whether a formula has all names that the derived quantity is made of in the end."""
        return all(Name(each) in values for each in {variable, *self.used & self.leaves.keys()})

    def value_beside(self, name: str) -> float:
        """Return what a name is worth in a formula beside those of the quantity that is derived.

        A loss that is written for one class, `-ln p`, leaves out the target of 0 or 1.
        """
        leaves = set(self.leaves)
        value = self.value(name)
        if leaves == self.leaves.keys():
            return value
        known = self._run.known(name)
        if known is None or not known.is_given or known.printed not in (NOUGHT, ONE):
            raise _OpenError  # the formulas do not lead to it
        self.beside.add(name)
        return float(known.printed == ONE)

    def value(self, name: str, values: dict[str, float] | None = None, depth: int = 0) -> float:
        """Return what a name is worth; `values` are known besides: of names that are moved."""
        if values is None:
            values = self._values
        else:
            self.used.add(name)
        if name not in values:
            values[name] = self._worked_out(name, values, depth)
        return values[name]

    def _worked_out(self, name: str, values: dict[str, float], depth: int) -> float:
        known = self._run.known(name)
        if depth > DEEPEST or (known is not None and not isinstance(known.printed, Interval)):
            raise _OpenError
        if name not in self._formulas:
            parts = derivative_of(name)
            if parts is not None:
                return self.slope(*parts)
            if name == EULER:
                return math.e
            if name in CONSTANTS:
                raise _OpenError
            number = len(self.leaves) + 1
            drawn = (self._point * number * number + number / 7) % 1
            return self.leaves.setdefault(name, float(self._stated.get(name, drawn)))
        formula = self._formulas[name]
        if formula is None:
            raise _OpenError
        self.figures |= {each.value for each in numbers_in(formula)}
        return self.worth(formula, values, depth + 1)

    def worth(self, formula: Node, values: dict[str, float] | None = None, depth: int = 0) -> float:
        """Return what a formula is worth; `values` are known besides."""
        if not _is_smooth(formula):
            raise _OpenError
        below: dict[Node, float] = {
            Name(each): self.value(each, values, depth) for each in names_in(formula)
        }
        return _finite(float_value(formula, below))

    def slope(self, name: str, variable: str, held: Collection[str] = ()) -> float:
        """Return the derivative of a name by another one, along every path but those held."""
        if name not in self._formulas:
            raise _OpenError
        middle, values = self.value(variable), {each: self.value(each) for each in held}
        above, below = (
            self.value(name, {**values, variable: middle + move}) for move in (STEP, -STEP)
        )
        slope = (above - below) / (2 * STEP)
        if abs(slope) < NEAR:
            raise _OpenError
        return slope

    def is_slope(self, tree: Node, name: str, variable: str, held: Collection[str]) -> bool:
        """Tell whether a tree is the slope of a name by another one while some names are held."""
        with suppress(_OpenError):
            slope = self.slope(name, variable, held)
            values: dict[Node, float] = {Name(each): self.value(each) for each in names_in(tree)}
            return math.isclose(_finite(float_value(tree, values)), slope, rel_tol=NEAR)
        return False


def _derivative_parts(name: str) -> tuple[str, str] | None:
    """Return what a name is the derivative of and by: also `f(x)` and `x` for `f'(x)`."""
    called = PRIMED.fullmatch(name)
    return (f"{called[1]}({called[2]})", called[2]) if called else derivative_of(name)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _OpenError
    return value


def _is_smooth(tree: Node) -> bool:
    """Tell whether a formula is one of single numbers, and has a slope everywhere."""
    return all(
        isinstance(part, Name | Number)
        or (isinstance(part, Call) and part.operation in SMOOTH and not part.keywords)
        for part in walk(tree)
    )


def _slip_of(ratio: float, tree: Node, formula: Node) -> str:
    """Return the slip that the ratio of a formula to the derivative of another shows, if any."""
    if ratio == -1 and any(is_call(part, "subtract") for part in walk(tree)):
        return "difference_reversed"
    if ratio == 0.5 and any(
        is_call(part, "square") or (is_call(part, "power") and part.children()[1] == TWO)
        for part in walk(formula)
    ):
        return "factor_2_left_out"
    has_half = any(
        (isinstance(part, Number) and part.value == HALF)
        or (is_call(part, "divide") and part.children()[1] == TWO)
        for part in walk(formula)
    )
    return "factor_2_added" if ratio == 2 and has_half else ""


# By arrays ------------------------------------------------------------------------------------


def _differs_from_slope(
    tree: Node,
    formula: Node,
    variable: str,
    values: Mapping[str, Value],
    bounds: Mapping[str, Value],
    result: Value,
    above: Value,
) -> bool:
    """Tell whether a tree is for certain no derivative by an array that only one formula leads to.

    `result` is what that formula is worth at some values, `above` the derivative of the loss by
    it; figures of other names may be rounded within `bounds`. False where anything has no value.
    A factor says nothing: a mean may be taken in either place, and δ may have the other sign. Nor
    is a matrix turned by mistake for certain, but where a column leads to a column.
    """
    slope = _array_slope(formula, variable, values, result, above)
    if slope is None or not any(slope):
        return False
    ways = [slope]
    shape = shape_of(values[variable])
    if len(shape) > 1 and not (shape_of(result) == shape_of(above) and shape_of(above)[-1] == 1):
        width = shape[-1]
        ways.append([slope[at] for first in range(width) for at in range(first, len(slope), width)])
    found = [
        entries
        for products in READINGS
        if (value := value_or_none(tree, bounds, products=products)) is not None
        and len(entries := [*entries_of(value)]) == len(slope)
    ]
    return bool(found) and not any(_are_multiples(each, way) for each in found for way in ways)


def _array_slope(
    formula: Node, variable: str, values: Mapping[str, Value], result: Value, above: Value
) -> list[Fraction] | None:
    """Return the derivative of a loss by each entry of an array; None where it has no value."""
    weights = _numbers(above)
    count = len([*entries_of(values[variable])])
    if len(weights) != len([*entries_of(result)]) or not 1 < count <= MOST_ENTRIES:
        return None
    for products in READINGS:
        with suppress(Unevaluable):
            if not do_meet(value_of(formula, values, products=products), result):
                continue
            slope = []
            for place in range(count):
                sides = [
                    value_of(formula, {**values, variable: array}, products=products)
                    for step in (ARRAY_STEP, -ARRAY_STEP)
                    for array in (_with_step(values[variable], place, step),)
                ]
                changes = zip(weights, *map(_numbers, sides), strict=True)
                slope.append(
                    sum((g * (a - b) for g, a, b in changes), Fraction(0)) / (2 * ARRAY_STEP)
                )
            return slope
    return None


def _with_step(value: Value, place: int, step: Fraction) -> Value:
    """Return an array with one entry, counted row by row, moved by a step."""
    steps = itertools.chain(
        itertools.repeat(Fraction(0), place), (step,), itertools.repeat(Fraction(0))
    )
    return with_entries(value, lambda entry: Interval(_middle(entry) + next(steps)))


def _numbers(value: Value) -> list[Fraction]:
    """Return the entries of a value, row by row."""
    return [*map(_middle, entries_of(value))]


def _middle(entry: Interval) -> Fraction:
    return (entry.low + entry.high) / 2


def _are_multiples(entries: Sequence[Interval], slope: Sequence[Fraction]) -> bool:
    """Tell whether one factor leads from a slope to other numbers: a mean, or the other sign."""
    numbers = [*map(_middle, entries)]
    largest = max(range(len(slope)), key=lambda at: abs(slope[at]))
    factor = numbers[largest] / slope[largest]
    rounded = max(entry.high - entry.low for entry in entries)
    most = ARRAY_NEAR * max(map(abs, numbers)) + SLACK * rounded
    return all(abs(a - factor * b) <= most for a, b in zip(numbers, slope, strict=True))
