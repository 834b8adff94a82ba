"""The derivatives that a document states, beside the formulas that it states itself.

`L = (p - y)²` says what `∂L/∂p` is, whatever the names are worth: the formula that stands for the
derivative is held against the slope of the other one at chosen numbers, those of arrays at the
values that are stated. Figures that stand in it for a name's value prove nothing. A formula may be
the slope along every path, or with one name held that lies between, or all others; where a kink may
lie between, or names may be bound to each other (`p_1 + p_2 = 1`), only a factor or a sign is
certain to be wrong. What is the slope of one summand, or of all but one, is open; so is what
differs where words beside the derivative may say of what part it is.

Of `z = W x` and δ = ∂L/∂z the derivative ∂L/∂x is Wᵀδ, whatever the loss is: what a small change of
each entry does to z, times δ.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property, reduce
from operator import mul
from types import MappingProxyType
from typing import Final

from tracer.check.bind.writers_run import WritersRun, entry_of
from tracer.check.compare.bounded_values import do_meet, entries_of, with_entries
from tracer.check.compare.rounding_habit import NO_HABIT, last_place, significant_digits
from tracer.check.compare.side_comparison import PRODUCT_KINDS, SideComparison
from tracer.check.judge.blame_finder import BlamedPart, WrongPart
from tracer.check.model.statements import EquationChain, StageMarker, Statement
from tracer.check.model.written_trees import (
    calls_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    replace_part,
    signed_factors,
    signed_terms,
    with_parts,
)
from tracer.check.slips.rewriting import is_call
from tracer.check.trace.aliases import derivative_of, is_loss
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import LOGARITHMS, Interval, Value, exact_interval, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.operations.array_shape import nested
from tracer.program.program import substitute
from tracer.run.interpret import shape_of

__all__ = ["StatedFormulas", "is_derivative"]

POINTS: Final = tuple(Fraction(number, 100) for number in (31, 47, 73))
"""Of (0, 1), so that logarithms and roots are defined."""
STEP: Final = Fraction(1, 2**40)  # of a central difference, which is then right to 24 digits
NEAR: Final = Fraction(1, 10**6)
OF_ARRAYS: Final = frozenset(("transpose_last", "sum", "mean", "softmax", "length"))
"""Operations that say nothing of a single number: it may stand for an array."""
SMOOTH: Final = OF_ARRAYS.union(
    ("add", "subtract", "multiply", "divide", "negative", "power", "exp", "log", "sqrt",
     "square", "tanh", "sigmoid", "sin", "cos", "softplus", "matmul", "dot"), LOGARITHMS
)  # fmt: skip
PRIMED: Final = lazy_regex(r"([^\W\d_]+)'\((\w+)\)")
DEEPEST: Final = 12  # formulas that are put in for names, one in the other
CLEAR_DIGITS: Final = 3  # of a figure that is one name's value and no other number's
DERIVED: Final = (Fraction(1), Fraction(2))  # figures of any derivative
HALF: Final = Fraction(1, 2)
TWO: Final = Number("2", Fraction(2))
ZERO_OR_ONE: Final = (exact_interval(0), exact_interval(1))
LOSS: Final = "loss"
MOST_ENTRIES: Final = 64
MOST_HELD: Final = 64  # sets of summands of which the others may be meant
_LOGARITHMS: Final = ("log", *LOGARITHMS)
OPEN: Final[BlamedPart] = "open derivative"
ROUNDED_SHARE: Final = Fraction(1, 50)  # of a slope, by which rounded figures may be off
GROWN: Final = 20  # times the rounding of one figure that of what is made of several may be
SOME_SLOPE: Final = Interval(Fraction(37, 100))  # stands for one that has no value
SUMMAND: Final = "summand "  # what begins the name of one, which no document has
DELTA: Final = "delta"  # where nothing says of what, the derivative by what an array leads to

Readings = Sequence[Sequence[Node]]  # of each side of a chain


class _OpenError(Exception):
    """A derivative cannot be compared: what it is made of is not known, or has no one value."""


class _Formula(Frozen):
    """What a name is said to be, none where that was not read for certain, and where."""

    readings: tuple[Node, ...]
    line: int
    headings: Sequence[int]

    @property
    def tree(self) -> Node | None:
        """The likeliest reading."""
        return self.readings[0] if self.readings else None

    def holds_at(self, chain: EquationChain) -> bool:
        """Tell whether a chain stands below its heading; elsewhere may be another example."""
        return self.headings == chain.headings[: len(self.headings)]


class _Question(Frozen):
    """What a formula is held against: the derivative of `name` by `variable`.

    `weights` are the derivatives of the loss by the entries of `name`, where the loss itself has no
    formula; `stated` are the values of names that have to be as they are stated. Where that is so,
    a formula may be of `names` only: figures that are rounded on the way to others prove nothing.
    """

    formulas: Mapping[str, Node | None]
    run: WritersRun
    name: str
    variable: str
    bound: frozenset[str] = frozenset()
    weights: Sequence[Fraction] = (Fraction(1),)
    stated: Mapping[str, Value] = MappingProxyType({})
    names: frozenset[str] = frozenset()
    has_kinks: bool = False  # whether a formula may have one, beside which nobody stands


class StatedFormulas:
    """The formulas that one part of a document has stated so far, by the names that they are of.

    `statements` are all of the part: an equation between names that is no definition (`y² = 1`,
    `p + q = 1`) holds for what stands before it too, and so do words that a factor is left out,
    under their heading.
    """

    def __init__(self, statements: Sequence[Statement] = ()) -> None:
        self._formulas: dict[str, list[_Formula]] = {}
        self._leaving_out: set[int] = set()  # the headings under which such words stand
        self._slips: dict[tuple[int, tuple[str, ...]], int] = {}  # in derivatives of a formula
        self._guessed: set[str] = set()  # names whose formulas are written in figures
        self._statements = statements
        heading = 0
        for each in statements:
            if isinstance(each, StageMarker) and each.kind == "heading":
                heading = each.place.line
            elif isinstance(each, StageMarker) and each.kind == "left out":
                self._leaving_out.add(heading)

    @cached_property
    def _equations(self) -> Sequence[tuple[Node, Node]]:
        chains = (each for each in self._statements if isinstance(each, EquationChain))
        return [sides for chain in chains for sides in _equations_in(chain)]

    @cached_property
    def _derived(self) -> frozenset[str]:
        """The quantities of which the part has a derivative: without a formula, they still vary."""
        chains = (each for each in self._statements if isinstance(each, EquationChain))
        trees = (side.tree for chain in chains for side in chain.sides)
        parts = (derivative_of(n) for tree in trees if tree is not None for n in names_in(tree))
        return frozenset(each[0] for each in parts if each)

    def note(
        self, chain: EquationChain, name: str | None, sides: Readings, run: WritersRun
    ) -> None:
        """Note what a chain, of these sides, says a name to be: `L = (p - y)²`."""
        trees = sides[1] if chain.is_certain else _reading_of_result(chain, sides, run)
        readings = _smooth_readings(trees) if not chain.sides[1].units else ()
        names = names_in(readings[0]) if readings else ()
        stated = self._formulas.keys() & names  # `e` is the error where that is stated
        readings = tuple(each for each in readings if stated.issubset(names_in(each)))
        if name is None or name in names or _derivative_parts(name) is not None:
            return
        if readings and not names and not is_literal(readings[0]):
            readings = (_with_names_for_figures(readings[0], run),)
            names = names_in(readings[0])
            self._guessed.add(name)
        if names or not readings:
            formula = _Formula(readings, chain.place.line, chain.headings)
            self._formulas.setdefault(name, []).append(formula)

    def forget(self, chain: EquationChain) -> None:
        """Note that the formula of a chain is wrong: nobody knows what its name is instead."""
        for known in self._formulas.values():
            line = chain.place.line
            known[:] = [replace(each, readings=()) if each.line == line else each for each in known]

    def only(self, name: str) -> Node | None:
        """Return the one formula that a name is said to be, if it is one."""
        known = self._formulas.get(name, ()) if name not in self._guessed else ()
        trees = {each.tree for each in known}
        return trees.pop() if len(trees) == 1 else None

    def wrong_derivative(
        self, chain: EquationChain, target: str | None, sides: Readings, run: WritersRun
    ) -> WrongPart | None:
        """Return the formula of a chain that is not the derivative which it stands for, if any.

        It is open where it is the slope of a part, or where the words may speak of one.
        """
        target = target or ""
        if not chain.is_certain or self._leaving_out & {0, *chain.headings}:
            return None
        for position, trees in enumerate(sides):
            if position and trees and _adds_its_gradient(trees[0], target.rstrip("'"), run):
                return WrongPart(position, trees[0], None, OPEN, ("plus_for_minus",))
        parts = _derivative_parts(target) or self._short_form(target, run)
        if parts is None:
            return None
        variable = parts[1]
        if not any(_formulas_of(sides)):
            return self._wrong_figures(chain, sides, run, *parts)
        guess: WrongPart | None = None
        for questions in (self._of_its_formulas, self._through_an_array):
            found: list[WrongPart] = []
            is_guess = False
            with suppress(_OpenError):
                for name, line, question in questions(chain, run, *parts):
                    part = _wrong_part(chain, sides, question)
                    if part is None:
                        return None
                    other = name if question.stated else ""
                    led = _names_below({name}, {**question.formulas, variable: None})
                    is_guess = is_guess or not self._guessed.isdisjoint(led - {variable})
                    found.append(replace(part, name=name, line=line, other=other))
                if found:
                    wrong = max(found, key=lambda part: len(part.slips))
                    is_open = chain.is_qualified or any(each.part == OPEN for each in found)
                    is_open = is_open or _derivative_parts(target) is None or is_guess
                    guess = replace(wrong, part=OPEN, slips=()) if is_open else wrong
                    if not is_guess:
                        return guess
        return guess or self._wrong_figures(
            chain, sides, run, *parts
        )  # beside a kink they alone say it

    def _wrong_figures(
        self, chain: EquationChain, sides: Readings, run: WritersRun, stated: str, variable: str
    ) -> WrongPart | None:
        """Return the figures of a chain that are no slope at the stated values, of any formula.

        Nobody sees which rule they were put in for, so it is open what they are.
        """
        figures = value_or_none(sides[-1][0]) if sides[-1] else None
        moved = run.known_value(variable)
        if not isinstance(figures, Interval) or moved is None:
            return None
        half = max(
            (last_place(each) or Fraction(0) for each in numbers_in(sides[-1][0])), default=0
        )
        slopes: list[Fraction] = []
        with suppress(_OpenError):
            for _, _, question in self._of_its_formulas(chain, run, stated, variable):
                slopes += _slopes_at(question, moved.printed)
            share = _rounded_share(run)
            if slopes and not any(
                abs(each - figures.low) <= half + share * abs(each) for each in slopes
            ):
                return WrongPart(len(sides) - 1, sides[-1][0], None, OPEN)
        return None

    def _short_form(self, target: str, run: WritersRun) -> tuple[str, str] | None:
        """Return what `dW` is the derivative of and by: where W is a name, of the loss."""
        name = target[1:] if target[:1] == "d" else ""
        is_name = name in self._formulas or (name and run.known_value(name) is not None)
        return (LOSS, name) if is_name else None

    def first_line_of(self, wrong: WrongPart, line: int) -> int:
        """Return the line of the first derivative of a formula in which the same slip was made."""
        return self._slips.setdefault((wrong.line, wrong.slips), line) if wrong.slips else line

    def _of_its_formulas(
        self, chain: EquationChain, run: WritersRun, stated: str, variable: str
    ) -> Iterator[tuple[str, int, _Question]]:
        """Yield each formula of a name, by its own name and line, as what may be derived.

        Raises _OpenError where nobody knows whether they hold here.
        """
        if f"{stated}({variable})" in self._formulas:
            stated = f"{stated}({variable})"
        entries = self._entries(chain, run, stated)
        names = [entries[stated]] if stated in entries else [stated]
        if stated == LOSS:
            names = [n for n in self._formulas if is_loss(n)]
        formulas = {**dict.fromkeys(self._derived), **self._formulas_for(chain, names)}
        formulas.update({entry: Name(array) for entry, array in entries.items()})
        moved = _array_of_names(variable, run) if variable not in self._formulas else None
        if moved is not None:  # each entry of its array may move
            formulas[moved[0]] = moved[1]
            formulas = {n: tree for n, tree in formulas.items() if n not in names_in(moved[1])}
        for name in names:
            for formula in self._formulas.get(name, ()):
                for tree in formula.readings or (None,):
                    known = {**formulas, name if stated in entries else stated: tree}
                    bound = self._names_bound(known, run)
                    question = _Question(known, run, stated, variable, bound)
                    yield name, formula.line, question

    def _entries(self, chain: EquationChain, run: WritersRun, stated: str) -> dict[str, str]:
        """Return the arrays of the names that are entries of stated ones."""
        trees = [side.tree for side in chain.sides]
        trees += [each.tree for known in self._formulas.values() for each in known]
        written = {name for tree in trees if tree is not None for name in names_in(tree)}
        places = {name: run.entry_place(name) for name in {stated, *written}}
        return {
            name: place[0]
            for name, place in places.items()
            if place and (name not in self._formulas or place[0] in self._formulas)
        }

    def _through_an_array(
        self, chain: EquationChain, run: WritersRun, stated: str, variable: str
    ) -> Iterator[tuple[str, int, _Question]]:
        """Yield the derivative of a loss through the only formula with an array.

        Raises _OpenError where there may be another path, or the derivative by what the formula is
        of is not known.
        """
        leading = {
            (name, each.tree): each
            for name, known in self._formulas.items()
            for each in known
            if each.tree is None or variable in names_in(each.tree)
        }
        if len(leading) != 1:
            raise _OpenError
        ((name, tree), formula) = leading.popitem()
        slope, short = f"d{stated}/d{name}", f"d{name}"
        above = [slope, *(n for n, known in self._formulas.items() if known[0].tree == Name(slope))]
        above += [short] if stated == LOSS and run.known_value(short) else []
        known = run.known_value(variable)
        array = None if known is None or isinstance(known.printed, Interval) else known.printed
        # δ alone may be of anything.
        own = (*above, DELTA) if array else (*above,)
        gradient = next((each.printed for each in map(run.known_value, own) if each), SOME_SLOPE)
        if (
            tree is None
            or not formula.holds_at(chain)
            or (array and (gradient is SOME_SLOPE or run.known_value(name) is None))
            or (not array and not isinstance(gradient, Interval))
        ):
            raise _OpenError
        question = _Question(
            {**self._formulas_for(chain, [name]), **dict.fromkeys((*above, variable))},
            run,
            name,
            variable,
            weights=_entries_of(gradient),
            stated={**dict.fromkeys(own, gradient), **({variable: array} if array else {})},
            names=frozenset((*own, name, *names_in(tree))),
        )
        yield name, formula.line, question

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
            if not all(run.known_value(each) and each not in run.told_again for each in names):
                bound |= names
        return _names_below(bound, formulas)

    def _formulas_for(self, chain: EquationChain, names: Sequence[str]) -> dict[str, Node | None]:
        """Return what names are said to be where a chain stands; None where that is not clear.

        Raises _OpenError where all formulas of one of some names stand under other headings.
        """
        is_here = {
            name: any(each.holds_at(chain) for each in known)
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


def _wrong_part(chain: EquationChain, sides: Readings, question: _Question) -> WrongPart | None:
    """Return the side of a chain that is not the derivative in question, if any.

    Of names that are `bound` to each other nobody knows which ones are held.
    Raises _OpenError where one cannot be compared.
    """
    formula, variable = question.formulas.get(question.name), question.variable
    if formula is None or variable in question.bound:
        raise _OpenError
    try:
        _Place(question, POINTS[0]).value(variable)
    except _OpenError:  # its formula is of no use, and it may be worth anything
        others = {name: tree for name, tree in question.formulas.items() if name != variable}
        question = replace(question, formulas=others)
    for position, trees in enumerate(sides):
        side = chain.sides[position]
        if not position or not trees or not names_in(trees[0]) or side.relation != "=":
            continue
        names = {*names_in(trees[0])}
        is_other = not names <= question.names or names.isdisjoint(question.stated)
        if not side.units and _has_anothers_name(trees[0], question):
            return WrongPart(position, trees[0], None, "derivative")
        if side.units or (question.names and is_other):
            raise _OpenError  # letters that may be names, or figures of other lines
        slips = [_slip_of_formula(tree, formula, question) for tree in _smooth_readings(trees)]
        if None not in slips:
            part: BlamedPart = OPEN if OPEN in slips else "derivative"
            return WrongPart(position, trees[0], None, part, tuple(filter(None, slips[:1])))
    return None


def _has_anothers_name(tree: Node, question: _Question) -> bool:
    """Tell whether a tree is the derivative but for one name, stated as another value.

    The formulas do not lead to the name that stands there: `dL/dn · v` where `n = w h`.
    """
    run = question.run
    led = _names_below({question.name}, question.formulas)
    stated = {each: run.known_value(each) for each in {*led, *names_in(tree)}}
    values = {name: known.bounds for name, known in stated.items() if known and known.is_given}
    strange = {*names_in(tree)} - led - question.stated.keys()
    strange -= {each for each in strange if derivative_of(each)}
    if len(strange) != 1 or not strange <= values.keys():
        return False
    name = strange.pop()
    others = [n for n in values.keys() & led if not do_meet(values[n], values[name])]
    places = [_Place(question, point) for point in POINTS]
    changed = (substitute(tree, {name: Name(other)}) for other in others)
    return any(all(each.is_slope(right, ()) for each in places) for right in changed)


def _slip_of_formula(tree: Node, formula: Node, question: _Question) -> str | None:
    """Return the slip that makes a tree no derivative; "" where none is known, None if it is one.

    OPEN where it is the slope of one summand, or of all but one.
    Raises _OpenError where it cannot be compared.
    """
    variable = question.variable
    places = [_Place(question, point) for point in POINTS]
    ratios: list[float] = []
    for at in places:
        ratios.append(_ratio_to_slope(tree, at))
        if abs(ratios[-1] - 1) < NEAR:
            return None
    at = places[0]
    inner, held = _names_held(question, formula)
    if any(all(each.is_slope(tree, names) for each in places) for names in held):
        return None
    below = _names_below({variable}, question.formulas) & inner
    if any(all(each.is_slope_along(tree, name) for each in places) for name in below):
        return None
    parts, summands = _with_named_summands(question, inner)
    places_of_parts = [_Place(parts, point) for point in POINTS]
    if any(all(each.is_slope(tree, names) for each in places_of_parts) for names in summands):
        return OPEN
    is_multiple = max(ratios) - min(ratios) < NEAR
    if isinstance(at.value(variable), tuple):
        if not any(ratios):
            return ""
        if is_multiple and _may_be_meant(ratios[0], tree, formula, at.inputs()):
            return None
    stated = {
        each: known.printed
        for each in at.used & at.leaves.keys()
        if (known := question.run.known_value(each)) is not None and known.is_given
        if isinstance(known.printed, Interval)
    }
    # The values of names that it leaves out are put in: 2/N with N = 2; or that of p - y, in -2 x.
    # Targets y_1 and y_2 sum to 1, as it need not be said.
    there = _names_below({*names_in(tree), variable}, question.formulas)
    left_out = {each: stated[each] for each in stated.keys() - there}
    # A loss that is written for one class, `-(1 - y) ln(1 - p)`, is so at its target alone.
    labels = {each: stated[each] for each in stated.keys() & names_in(formula)}
    is_class = {*labels.values()} <= {*ZERO_OR_ONE} and any(calls_in(formula, _LOGARITHMS))
    worlds = (
        left_out,
        stated if numbers_in(tree) else {},
        labels if is_class else {},
        at.families_of_one_sum(),
    )
    if (
        any(
            _Place(replace(question, stated=values), point).is_slope(tree, ())
            for values in filter(None, worlds)
            for point in POINTS
        )
        or any(at.is_slope(each, ()) for each in at.with_names(tree))
        or (not is_multiple and not question.bound.isdisjoint(at.leaves))
    ):
        raise _OpenError
    return _slip_of(round(ratios[0], 5), tree, formula) if is_multiple else ""


def _names_held(
    question: _Question, formula: Node
) -> tuple[frozenset[str], Sequence[Collection[str]]]:
    """Return the names between a quantity and the variable, and which of all may be held."""
    name, variable = question.name, question.variable
    below = {**question.formulas, variable: None}
    inner = _names_below({name}, below) - {name, variable}
    beside = {*names_in(formula)} - {variable}
    return inner, [beside, *(beside - {n} for n in beside), *({n} for n in inner if below.get(n))]


def _slopes_at(question: _Question, moved: Value) -> list[Fraction]:
    """Return the slopes of a formula at the stated values: of all of it, and of its parts.

    Raises _OpenError where a value is not known, and beside a kink.
    """
    formula, variable = question.formulas[question.name], question.variable
    formulas = {name: tree for name, tree in question.formulas.items() if name != variable}
    is_reached = variable in _names_below({question.name}, formulas)
    if formula is None or not is_reached or not isinstance(moved, Interval):
        raise _OpenError
    values = {n: v.printed for n, v in question.run.named_values() if n not in formulas}
    sides = (Interval(moved.low + step) for step in (0, STEP * 3, -STEP * 3))
    found: list[list[Fraction]] = []
    for stated in ({**values, variable: side} for side in sides):
        here = replace(question, formulas=formulas, stated=stated, has_kinks=True)
        inner, held = _names_held(here, formula)
        parts, summands = _with_named_summands(here, inner)
        at, of_parts = _Place(here, POINTS[0]), _Place(parts, POINTS[0])
        slope = at.slope()
        if at.leaves or len(slope) > 1:
            raise _OpenError
        found.append(slope)
        for place, names in (*((at, n) for n in held), *((of_parts, n) for n in summands)):
            with suppress(_OpenError):
                found[-1] += place.slope(names)
    if any(abs(each[0] - found[0][0]) > NEAR for each in found):
        raise _OpenError
    return found[0]


def _with_named_summands(
    question: _Question, names: Collection[str]
) -> tuple[_Question, Sequence[Collection[str]]]:
    """Return a question in which each summand has a name, and which of these may be held.

    That is each one alone, or all the others of its sum, where several lead to the variable.
    Raises _OpenError where they are too many to try.
    """
    formulas: dict[str, Node | None] = dict(question.formulas)
    held: list[Collection[str]] = []
    leading = {each for each in names if question.variable in _names_below({each}, formulas)}
    leading.add(question.variable)

    def named(node: Node) -> Node:
        terms = signed_terms(node)
        if sum(not leading.isdisjoint(names_in(term)) for _, term in terms) < 2:
            return with_parts(node, named)
        ids = [f"{SUMMAND}{len(formulas) + place}" for place in range(len(terms))]
        formulas.update(dict.fromkeys(ids))  # those within have other names
        formulas.update({each: named(term) for each, (_, term) in zip(ids, terms, strict=True)})
        held.extend(each for one in ids for each in ({one}, {*ids} - {one}))
        signed = zip(map(Name, ids), terms, strict=True)
        summands = (each if sign > 0 else negate(each) for each, (sign, _) in signed)
        return reduce(lambda left, right: Call("add", (left, right)), summands)

    for name in {question.name, *names} - {question.variable}:
        formula = formulas.get(name)
        formulas.update({} if formula is None else {name: named(formula)})
    if len(held) > MOST_HELD:
        raise _OpenError
    return replace(question, formulas=formulas), held


def _may_be_meant(ratio: float, tree: Node, formula: Node, inputs: Sequence[Value]) -> bool:
    """Tell whether a factor is that of a mean taken in another place, or the other sign of δ."""
    if ratio < 0:
        is_turned = ratio == -1 or _may_be_meant(-ratio, tree, formula, inputs)
        return DELTA in names_in(tree) and is_turned
    sizes = {size for value in inputs for size in shape_of(value) if size > 1}
    return any(
        (abs(ratio - 1 / size) < NEAR and _takes_mean(tree, size))
        or (abs(ratio - size) < NEAR and _takes_mean(formula, size * (size > 2)))  # ½ is none
        for size in sizes
    )


def _takes_mean(tree: Node, size: int) -> bool:
    """Tell whether a formula has a mean, or divides by a name or by so many."""
    below = [call.children()[1] for call in calls_in(tree, ("divide",))]
    return (
        any(calls_in(tree, ("mean",)))
        or any(names_in(each) for each in below)
        or any(number.value * size == 1 for number in numbers_in(tree))
        or any(isinstance(each, Number) and each.value == size for each in below)
    )


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
        nothing_known = SideComparison(WritersRun(), NO_HABIT, {})
        if names_in(left) and not nothing_known.is_identity(left, right):
            yield left, right


def is_derivative(formulas: Mapping[str, Node], gradient: str, name: str, variable: str) -> bool:
    """Tell whether one formula is the derivative of another one by a name, at any numbers."""
    question = _Question(formulas, WritersRun(), name, variable)
    places = [_Place(question, point) for point in POINTS]
    try:
        return all(_are_near(_entries_of(at.value(gradient)), at.slope()) for at in places)
    except _OpenError:
        return False


def _ratio_to_slope(tree: Node, at: _Place) -> float:
    """Return the ratio of a formula to the slope in question; 0 where an array is no multiple."""
    slope = at.slope()
    values = {each: at.value_beside(each) for each in names_in(tree)}
    figures = {number.value for number in numbers_in(tree)}
    others = figures - at.figures_derived()
    may_stand = any(each.denominator > 1 for each in others) or at.has_value_beside(values)
    if others and may_stand:
        raise _OpenError  # it may stand for a name
    ratio = _factor_between(at.readings(tree, values), at.ways(slope))
    if at.beside and abs(ratio - 1) >= NEAR:  # `+ λ w` comes from elsewhere
        values |= dict.fromkeys(at.beside, ZERO_OR_ONE[0])
        if abs(_factor_between(at.readings(tree, values), [slope]) - 1) < NEAR:
            raise _OpenError
    return ratio


def _factor_between(values: Sequence[Value], slopes: Sequence[Sequence[Fraction]]) -> float:
    """Return the factor, nearest to 1, that leads from a slope to a value; 0 where none does.

    Raises _OpenError where no value has as many entries.
    """
    found = [numbers for value in values if len(numbers := _entries_of(value)) == len(slopes[0])]
    if not found:
        raise _OpenError
    factors: list[float] = []
    for numbers, slope in itertools.product(found, slopes):
        largest = max(range(len(slope)), key=lambda at: abs(slope[at]))
        factor = numbers[largest] / slope[largest]
        if _are_near(numbers, [factor * each for each in slope]):
            factors.append(float(factor))
    return min(factors, key=lambda factor: abs(factor - 1), default=0.0)


class _Place:
    """Numbers for the names of some formulas: those of a name without one are chosen.

    Arrays without a formula, and the names of `question.stated`, have their stated values.
    """

    def __init__(self, question: _Question, point: Fraction) -> None:
        self._question = question
        self._point = point
        self.leaves: dict[str, Value] = {}
        self._values: dict[str, Value] = {}  # so that each formula is worked out once
        self.figures = {*DERIVED}  # of the formulas
        self.beside: set[str] = set()  # names of a formula that the derived one does not have
        self.used: set[str] = set()  # names that the quantity which is derived is made of

    def inputs(self) -> list[Value]:
        """Return what the formulas are made of in the end."""
        return [*self.leaves.values(), *self._question.stated.values()]

    def families_of_one_sum(self) -> dict[str, Value]:
        """Return numbers for the names that differ in their index only, so that they sum to 1."""
        families: dict[str, list[str]] = {}
        for name, value in self.leaves.items():
            if isinstance(value, Interval):
                families.setdefault(name.rstrip("0123456789[], ").rstrip("_"), []).append(name)
        return {
            name: Interval(value.low / sum(_entries_of(tuple(self.leaves[n] for n in names))))
            for names in families.values()
            for name in names
            if isinstance(value := self.leaves[name], Interval) and len(names) > 1
        }

    def has_value_beside(self, names: Collection[str]) -> bool:
        """Tell whether another name that the derived quantity is made of in the end has a value."""
        ends = {self._question.variable, *self.used & self.leaves.keys()}
        return any(map(self._question.run.known_value, ends.difference(names)))

    def with_names(self, tree: Node) -> Iterator[Node]:
        """Yield a formula with names of other quantities for figures that are their values."""
        names = [
            (abs(known.printed.low), negate(Name(name)) if known.printed.low < 0 else Name(name))
            for name, known in self._question.run.named_values()
            if name not in names_in(tree)
            and (name in self.used or derivative_of(name) is not None)
            and isinstance(known.printed, Interval)
        ]
        numbers = numbers_in(tree)
        choices = [[n, *(name for value, name in names if value == n.value)] for n in numbers]
        for chosen in itertools.islice(itertools.product(*choices), 1, MOST_ENTRIES):
            other = tree
            for number, name in zip(numbers, chosen, strict=True):
                other = replace_part(other, number, name)
            yield other

    def figures_derived(self) -> set[Fraction]:
        """Return the figures that a derivative of the formulas may have."""
        products = {one * other for one in self.figures for other in self.figures}
        return products | {each - 1 for each in self.figures}

    def value_beside(self, name: str) -> Value:
        """Return what a name is worth in a formula beside those of the quantity that is derived.

        A loss that is written for one class, `-ln p`, leaves out the target of 0 or 1.
        """
        leaves = set(self.leaves)
        value = self.value(name)
        if leaves == self.leaves.keys():
            return value
        known = self._question.run.known_value(name)
        if known is None or not known.is_given or known.printed not in ZERO_OR_ONE:
            raise _OpenError  # the formulas do not lead to it
        self.beside.add(name)
        return known.printed

    def value(self, name: str, values: dict[str, Value] | None = None, depth: int = 0) -> Value:
        """Return what a name is worth; `values` are known besides: of names that are moved."""
        if values is None:
            values = self._values
        else:
            self.used.add(name)
        if name not in values:
            values[name] = self._worked_out(name, values, depth)
        return values[name]

    def _worked_out(self, name: str, values: dict[str, Value], depth: int) -> Value:
        question = self._question
        if name in question.stated:
            return question.stated[name]
        if name in question.formulas:
            formula = question.formulas[name]
            place = question.run.entry_place(name)
            if place and formula == Name(place[0]):
                entry = entry_of(self.value(place[0], values, depth + 1), place[1])
                if entry is None:
                    raise _OpenError
                return entry
            if formula is None or depth > DEEPEST:
                raise _OpenError
            self.figures |= {each.value for each in numbers_in(formula)}
            return self.worth(formula, values, depth + 1, name)
        parts = derivative_of(name)
        if parts is not None:
            slope = iter(self._slope_of(*parts))
            return with_entries(self.value(parts[1]), lambda _: Interval(next(slope)))
        known = question.run.known_value(name)
        if known is not None and not isinstance(known.printed, Interval):
            return self.leaves.setdefault(name, known.printed)
        number = len(self.leaves) + 1
        drawn = (self._point * number * number + Fraction(number, 7)) % 1
        return self.leaves.setdefault(name, Interval(drawn))

    def worth(
        self, formula: Node, values: dict[str, Value] | None = None, depth: int = 0, name: str = ""
    ) -> Value:
        """Return what a formula is worth; `values` are known besides.

        Of two kinds of product it has the one that gives the stated value of `name`.
        """
        below = {each: self.value(each, values, depth) for each in names_in(formula)}
        found = self.readings(formula, below)
        if all(value == found[0] for value in found):
            return found[0]
        run = self._question.run
        stated = {each: known.printed for each, known in run.named_values()}
        result = run.known_value(name)
        for value, at_stated in zip(found, self.readings(formula, stated), strict=False):
            if result is not None and do_meet(at_stated, result.bounds):
                return value
        raise _OpenError

    def readings(self, tree: Node, values: Mapping[str, Value]) -> list[Value]:
        """Return what a tree is worth, with either kind of product. Raises _OpenError for none."""
        has_array = any(isinstance(value, tuple) for value in values.values())
        is_smooth = self._question.has_kinks or _is_smooth(tree)
        if not is_smooth or not (has_array or OF_ARRAYS.isdisjoint(tree.content.operations)):
            raise _OpenError
        may_be_array = has_array or tree.content.has_array or self._question.has_kinks
        kinds = PRODUCT_KINDS if may_be_array else PRODUCT_KINDS[:1]
        found = (value_or_none(tree, values, products=products) for products in kinds)
        readings = [value for value in found if value is not None]
        if not readings:
            raise _OpenError
        return readings

    def slope(self, held: Collection[str] = ()) -> list[Fraction]:
        """Return the derivative in question, entry by entry, along every path but those held."""
        question = self._question
        return self._slope_of(question.name, question.variable, held, question.weights)

    def _slope_of(
        self,
        name: str,
        variable: str,
        held: Collection[str] = (),
        weights: Sequence[Fraction] = (Fraction(1),),
    ) -> list[Fraction]:
        if name not in self._question.formulas:
            raise _OpenError
        middle, values = self.value(variable), {each: self.value(each) for each in held}
        count = len(_entries_of(middle))
        slope: list[Fraction] = []
        for place in range(count if count <= MOST_ENTRIES else 0):
            above, below = (
                _entries_of(self.value(name, {**values, variable: _with_step(middle, place, step)}))
                for step in (STEP, -STEP)
            )
            changes = [(a - b) / (2 * STEP) for a, b in zip(above, below, strict=True)]
            if len(changes) == len(weights):
                slope.append(sum(map(mul, weights, changes), Fraction(0)))
            elif len(changes) == count and not any(changes[:place] + changes[place + 1 :]):
                slope.append(changes[place])  # a function entry by entry
            else:
                raise _OpenError
        if not (self._question.has_kinks or any(abs(each) >= NEAR for each in slope)):
            raise _OpenError
        return slope

    def ways(self, slope: Sequence[Fraction]) -> list[Sequence[Fraction]]:
        """Return a slope as its entries may stand: a matrix may have been turned on purpose.

        That is not so where one sample leads to another one: a vector, a column or a row.
        """
        shape = shape_of(self.value(self._question.variable))
        result = shape_of(self.value(self._question.name))
        if len(shape) < 2 or len(result) == 1 or 1 in result:
            return [slope]
        return [slope, [each for at in range(shape[-1]) for each in slope[at :: shape[-1]]]]

    def is_slope(self, tree: Node, held: Collection[str]) -> bool:
        """Tell whether a tree is the derivative in question while some names are held."""
        with suppress(_OpenError):
            return self._is_worth(tree, self.slope(held))
        return False

    def is_slope_along(self, tree: Node, name: str) -> bool:
        """Tell whether a tree is the derivative in question where `name` moves the variable.

        That is `1 - v²` of `u + v` by u where `u = 1/v`.
        """
        question = self._question
        with suppress(_OpenError):
            above, below = (
                self._slope_of(each, name) for each in (question.name, question.variable)
            )
            is_single = len(above) == len(below) == 1
            return is_single and self._is_worth(tree, [above[0] / below[0]])
        return False

    def _is_worth(self, tree: Node, slope: Sequence[Fraction]) -> bool:
        values = {each: self.value(each) for each in names_in(tree)}
        return abs(_factor_between(self.readings(tree, values), [slope]) - 1) < NEAR


def _rounded_share(run: WritersRun) -> Fraction:
    """Return the share of a slope by which rounding on the way may have changed it."""
    computed = (known.bounds for _, known in run.named_values() if not known.is_given)
    entries = [each for bounds in computed for each in entries_of(bounds)]
    shares = [(each.high - each.low) / (abs(each.high + each.low) or 1) for each in entries]
    return min(ROUNDED_SHARE, GROWN * max(shares, default=ROUNDED_SHARE))


def _with_names_for_figures(tree: Node, run: WritersRun, besides: Collection[str] = ()) -> Node:
    """Return a formula with names for the figures that are the value of one name alone.

    One of few digits may be anybody's, unless it is a factor beside figures alone, `0.5 * 2`, or
    the value of one of some names `besides`; these may be derivatives.
    """
    names: dict[Fraction, list[tuple[str, Node]]] = {}
    for name, known in run.named_values():
        if name in besides or derivative_of(name) is None:
            for index, entry in enumerate(entries_of(known.printed), 1):
                id_ = name if isinstance(known.printed, Interval) else f"{name}{index}"
                node = negate(Name(id_)) if entry.low < 0 else Name(id_)
                names.setdefault(abs(entry.low), []).append((name, node))
    factors = {
        id(each)
        for call in calls_in(tree, ("multiply",))
        if all(is_literal(factor) for _, factor in signed_factors(call)[1])
        for each in numbers_in(call)
    }
    for number in numbers_in(tree):
        meant = names.get(number.value, ())
        is_clear = significant_digits(number) >= CLEAR_DIGITS or id(number) in factors
        if len(meant) == 1 and (is_clear or meant[0][0] in besides):
            tree = replace_part(tree, number, meant[0][1])
    return tree


def _array_of_names(entry: str, run: WritersRun) -> tuple[str, Node] | None:
    """Return the stated array that a name is an entry of, with names for all entries, if any."""
    place = run.entry_place(entry)
    known = run.known_value(place[0]) if place else None
    if place is None or known is None:
        return None
    digits = "".join(str(each + 1) for each in place[1])
    if not entry.endswith(digits):
        return None
    stem, shape = entry.removesuffix(digits), shape_of(known.printed)
    indices = itertools.product(*(range(1, size + 1) for size in shape))
    names = [Name(stem + "".join(map(str, index))) for index in indices]
    if entry not in {each.id for each in names} or len(names) > MOST_ENTRIES:
        return None
    return place[0], nested(names, shape, lambda row: Array(tuple(row)))


def _reading_of_result(chain: EquationChain, sides: Readings, run: WritersRun) -> Sequence[Node]:
    """Return the one reading of a formula that gives the printed result: `1/2 (p - y)^2 = 0.28`.

    There is none where anything else speaks against how the chain was read.
    """
    end = sides[-1][0] if sides[-1] else None
    result = end and value_or_none(end)
    if {*chain.doubts} != {"other_reading"} or end is None or not isinstance(result, Interval):
        return ()
    half = max((last_place(each) or Fraction(0) for each in numbers_in(end)), default=Fraction(0))
    printed = Interval(result.low - half, result.high + half)
    values = {name: known.bounds for name, known in run.named_values()}
    worths = ((tree, value_or_none(tree, values)) for tree in sides[1])
    found = [tree for tree, value in worths if value is not None and do_meet(value, printed)]
    return found if len(found) == 1 < len(sides[1]) else ()


def _formulas_of(sides: Readings) -> Iterator[Node]:
    """Yield the likeliest reading of each side with names but for the first."""
    return (trees[0] for trees in sides[1:] if trees and names_in(trees[0]))


def _adds_its_gradient(tree: Node, name: str, run: WritersRun) -> bool:
    """Tell whether a name is a term of a sum, and what is added the gradient of a loss by it.

    Both may stand there by their values.
    """
    gradients = {each for each, _ in run.named_values() if derivative_of(each) == (LOSS, name)}
    if not names_in(tree):
        tree = _with_names_for_figures(tree, run, {name, *gradients})
    terms = signed_terms(tree)
    return (1, Name(name)) in terms and any(
        sign * signed_factors(term)[0] > 0
        and any(derivative_of(each) == (LOSS, name) for each in names_in(term))
        for sign, term in terms
    )


def _derivative_parts(name: str) -> tuple[str, str] | None:
    """Return what a name is the derivative of and by: also `f(x)` and `x` for `f'(x)`."""
    called = PRIMED.fullmatch(name)
    return (f"{called[1]}({called[2]})", called[2]) if called else derivative_of(name)


def _smooth_readings(trees: Sequence[Node]) -> tuple[Node, ...]:
    """Return the readings of a side that have a slope; the likeliest one where none has."""
    return tuple(filter(_is_smooth, trees)) or tuple(trees[:1])


def _is_smooth(tree: Node) -> bool:
    """Tell whether a formula has a slope everywhere."""
    return all(
        isinstance(part, Name | Number | Array)
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


def _with_step(value: Value, place: int, step: Fraction) -> Value:
    """Return a value with one entry, counted row by row, moved by a step."""
    places = itertools.count()
    return with_entries(
        value, lambda entry: entry + Interval(step) if next(places) == place else entry
    )


def _entries_of(value: Value) -> list[Fraction]:
    """Return the entries of a value, row by row."""
    return [(entry.low + entry.high) / 2 for entry in entries_of(value)]


def _are_near(numbers: Sequence[Fraction], others: Sequence[Fraction]) -> bool:
    """Tell whether numbers are equal, within the largest one's rounding."""
    most = NEAR * max(map(abs, others))
    return len(numbers) == len(others) and all(
        abs(a - b) <= most for a, b in zip(numbers, others, strict=True)
    )
