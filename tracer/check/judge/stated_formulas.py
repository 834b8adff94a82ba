"""What the names of a document are said to be, line by line: the formulas that can be derived.

A name may have several; nobody knows which one holds then, unless they are one formula at any
numbers. Figures that stand in one for a name's value are that name. What equations bind, and what
has a derivative without a formula, varies with what nobody has stated.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from fractions import Fraction
from functools import cached_property
from typing import Final, Self

from tracer.check.bind.run_world import RunView
from tracer.check.bind.writers_run import WritersRun
from tracer.check.compare.bounded_values import entries_of
from tracer.check.compare.canonical_trees import canonical_tree
from tracer.check.compare.rounding_habit import NO_HABIT, is_telling
from tracer.check.compare.side_comparison import Agreement, SideComparison, figures_put_in
from tracer.check.judge.derivative_slips import Readings, smooth_readings
from tracer.check.judge.side_readings import index_of, indexed_name, with_products
from tracer.check.judge.slopes import HALF, MOST_ENTRIES, OF_ARRAYS, OpenSlopeError, names_below
from tracer.check.model.statements import CodeListing, EquationChain, StageMarker, Statement
from tracer.check.model.written_trees import (
    calls_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    replace_parts,
    signed_factors,
)
from tracer.check.trace.aliases import APPLIED, DIGITS, ENTRY, derivative_of, is_loss, quantity_key
from tracer.expression.syntax import Array, Name, Node
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, value_of, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.operations.array_shape import nested
from tracer.run.interpret import shape_of

PRIMED: Final = lazy_regex(r"([^\W\d_]+)'\((-?[\w.]+)\)")
LOSS: Final = "loss"


class StatedFormula(Frozen):
    """What a name is said to be, none where that was not read for certain, and where."""

    readings: tuple[Node, ...]
    line: int
    headings: Sequence[int]
    is_guess: bool  # it was written in figures, or stands further down

    @property
    def tree(self) -> Node | None:
        """The likeliest reading."""
        return self.readings[0] if self.readings else None


class StatedFormulas:
    """The formulas that one part of a document has stated so far, by the names that they are of.

    `statements` are all of the part: an equation between names that is no definition (`y² = 1`,
    `p + q = 1`) holds for what stands before it too, and so do words that a factor is left out,
    under their heading.
    """

    def __init__(self, statements: Sequence[Statement] = (), view: RunView | None = None) -> None:
        self._view = view
        self._formulas: dict[str, list[StatedFormula]] = {}
        self.has_functions = False  # whether one of them is a function of something
        self._leaving_out: set[int] = set()  # the headings under which such words stand
        self._slips: dict[tuple[int, tuple[str, ...]], int] = {}  # in derivatives of a formula
        self._chains = [each for each in statements if isinstance(each, EquationChain)]
        heading = 0
        for each in statements:
            if isinstance(each, StageMarker) and each.kind == "heading":
                heading = each.place.line
            elif isinstance(each, StageMarker) and each.kind == "left out":
                self._leaving_out.add(heading)

    @cached_property
    def _equations(self) -> Sequence[tuple[Node, Node]]:
        return [sides for chain in self._chains for sides in _equations_in(chain)]

    @cached_property
    def _derived(self) -> frozenset[str]:
        """The quantities of which the part has a derivative: without a formula, they still vary."""
        trees = (side.tree for chain in self._chains for side in chain.sides)
        parts = (derivative_of(n) for tree in trees if tree is not None for n in names_in(tree))
        return frozenset(each[0] for each in parts if each)

    def note(
        self, chain: EquationChain, name: str | None, sides: Readings, run: WritersRun
    ) -> None:
        """Note what a chain, of these sides, says a name to be: `L = (p - y)²`."""
        is_read = chain.is_certain and not chain.sides[1].units
        readings = smooth_readings(sides[1]) if is_read else ()
        names = names_in(readings[0]) if readings else ()
        stated = self._formulas.keys() & names  # `e` is the error where that is stated
        readings = tuple(each for each in readings if stated.issubset(names_in(each)))
        if name is not None and derivative_parts(name) and isinstance(chain.sides[1].tree, Name):
            # `∂L/∂z = δ = 0.7`
            name, readings, names = chain.sides[1].tree.id, (Name(name),), (name,)
        if name is None or name in names or derivative_parts(name) is not None:
            return
        is_guess = bool(readings) and not names and not is_literal(readings[0])
        if is_guess and self.has(name):
            return  # they are put in for the names of the formula above
        if is_guess:
            named = _with_names_for_figures(readings[0], run)
            # Figures that nobody can name may stand for what moves: it is no constant.
            readings = (named,) if names_in(named) else ()
        if not (readings and is_literal(readings[0])):
            self.has_functions |= any(len(each.children()) == 1 for each in readings)
            # Beside a run all headings are of one example.
            headings = chain.headings if self._view is None else ()
            self._add(name, StatedFormula(readings, chain.place.line, headings, is_guess), run)

    def note_code(self, code: CodeListing, run: WritersRun) -> None:
        """Note what code says names to be that have formulas: these hold no more if it differs."""
        for written, tree in code.formulas:
            known = self._formulas.get(quantity_key(written))
            if known and not (tree is not None and is_literal(tree)):
                readings = () if tree is None else smooth_readings([canonical_tree(tree)])
                one = StatedFormula(readings, code.line, known[-1].headings, is_guess=False)
                self._add(quantity_key(written), one, run)

    def _add(self, name: str, formula: StatedFormula, run: WritersRun) -> None:
        """Add a formula; of those that are one at any numbers all have one tree."""
        known = self._formulas.setdefault(name, [])
        same = (one.readings for one in known if _are_one(one.readings, formula.readings, run))
        known.append(replace(formula, readings=next(same, formula.readings)))

    def take_up(self, above: StatedFormulas) -> None:
        """Take up the formulas of the part above."""
        self._formulas = {name: [*known] for name, known in above._formulas.items()}

    def forget(self, chain: EquationChain) -> None:
        """Note that the formula of a chain did not hold: nobody knows what its name is then."""
        for known in self._formulas.values():
            line = chain.place.line
            known[:] = [replace(each, readings=()) if each.line == line else each for each in known]

    def has(self, name: str) -> bool:
        """Tell whether a name was said to be worked out of others."""
        return any(each.tree is not None for each in self._formulas.get(name, ()))

    def only(self, name: str) -> Node | None:
        """Return the one formula that a name is said to be, if it is one."""
        trees = {None if each.is_guess else each.tree for each in self._formulas.get(name, ())}
        return trees.pop() if len(trees) == 1 else None

    def _with_later_formulas(self, run: WritersRun) -> Self:
        """Return the formulas with those that stand further down, of names that have none so far.

        What is said below is not shown to hold above it.
        """
        later, known = copy(self), {name for name, each in run.named_values() if each.is_given}
        later._formulas = {
            **{n: each for n, each in self._formulas_anywhere.items() if n not in known},
            **self._formulas,
        }
        return later

    @cached_property
    def _formulas_anywhere(self) -> Mapping[str, list[StatedFormula]]:
        found: dict[str, list[StatedFormula]] = {}
        for chain in self._chains:
            head, result, *_ = chain.sides
            names = names_in(result.tree) if result.tree is not None else ()
            if isinstance(head.tree, Name) and names and head.tree.id not in names:
                readings = smooth_readings(result.readings) if chain.is_certain else ()
                one = StatedFormula(readings, chain.place.line, chain.headings, is_guess=True)
                found.setdefault(head.tree.id, []).append(one)
        return found

    def _names_of(self, slope: str) -> list[str]:
        """Return a derivative with the names that it was given, `g = ∂L/∂w`, `δ_k = ∂L/∂o_k`."""
        place = slope[len(slope.rstrip(DIGITS)) :]
        names = [slope]
        for name, known in self._formulas.items():
            meant = known[0].tree.id if isinstance(known[0].tree, Name) else ""
            if meant == slope:
                names.append(name)
            elif place and index_of(name) and index_of(meant) == index_of(name):
                is_member = indexed_name(meant, int(place)) == slope
                names += [indexed_name(name, int(place))] * is_member
        return names

    def _short_form(self, target: str, run: WritersRun) -> tuple[str, str] | None:
        """Return what `dW` is the derivative of and by: where W is a name, of the loss."""
        name = target[1:] if target[:1] == "d" else ""
        is_name = name in self._formulas or (name and run.known_value(name) is not None)
        return (LOSS, name) if is_name else None

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

    def _with_entries(
        self,
        formulas: Mapping[str, Node | None],
        entries: Mapping[str, str],
        run: WritersRun,
        variable: str,
    ) -> dict[str, Node | None]:
        """Return formulas with those of entries, and of the array of which the variable is one."""
        given = {name for name, known in run.named_values() if known.is_given}
        found = {**dict.fromkeys(self._derived - given), **formulas}
        found.update({entry: Name(array) for entry, array in entries.items()})
        moved = array_of_names(variable, run) if variable not in self._formulas else None
        if moved is not None:  # each entry of its array may move
            found[moved[0]] = moved[1]
            found = {n: tree for n, tree in found.items() if n not in names_in(moved[1])}
        return _with_bare_functions(found)

    def _names_bound(
        self, stated: str, formulas: Mapping[str, Node | None], run: WritersRun
    ) -> frozenset[str]:
        """Return the names that stated equations bind to each other, and what those are made of.

        An equation of which all names have values is no more than a calculation, and one of several
        names, with no two that `stated` is made of, takes no choice away.
        """
        bound: set[str] = set()
        led = names_below({stated}, formulas)
        used = {name for tree in formulas.values() if tree is not None for name in names_in(tree)}
        for left, right in self._equations:
            sides = (with_products(side, run.known_value) for side in (left, right))
            names = {name for side in sides for name in names_in(side)}
            if isinstance(left, Name):  # `uv = 1` of u and v
                names = used.intersection(left.id) if used.issuperset(left.id) else set()
            if all(run.known_value(each) and not run.is_told_again(each) for each in names):
                continue
            if len(names) == 1 or len(names_below(names, formulas) & led) > 1:
                bound |= names
        return names_below(bound, formulas)

    def _formulas_for(
        self, chain: EquationChain, names: Sequence[str], run: WritersRun
    ) -> dict[str, Node | None]:
        """Return what names are said to be where a chain stands; None where that is not clear.

        Elsewhere than below its heading a formula may be of another example, unless the figures
        that the chain puts in are the values of this one.
        Raises OpenSlopeError where all formulas of one of some names stand under other headings.
        """
        is_here = {
            name: any(each.headings == chain.headings[: len(each.headings)] for each in known)
            for name, known in self._formulas.items()
        }
        if not all(is_here.values()) and _puts_in_values(chain, run):
            is_here = dict.fromkeys(is_here, True)
        if not all(is_here.get(name, True) for name in names):
            raise OpenSlopeError
        return {
            name: known[0].tree
            if is_here[name] and all(each.tree == known[0].tree for each in known)
            else None
            for name, known in self._formulas.items()
        }


def _with_bare_functions(formulas: Mapping[str, Node | None]) -> dict[str, Node | None]:
    """Return formulas in which f is what `f(x)` is, where that stands at no other place."""
    trees = (tree for tree in formulas.values() if tree is not None)
    applied = filter(
        None, map(APPLIED.fullmatch, {*formulas, *(n for t in trees for n in names_in(t))})
    )
    places: dict[str, list[str]] = defaultdict(list)
    for each in applied:
        places[each[1]].append(each[0])
    found = dict(formulas)
    for function, (name, *others) in places.items():
        if not others and all(
            each.strip().isidentifier() for each in name[:-1].partition("(")[2].split(",")
        ):
            tree = found.get(name)
            if tree is not None:
                found.setdefault(function, tree)
            found[name] = Name(function)
    return found


def _puts_in_values(chain: EquationChain, run: WritersRun) -> bool:
    """Tell whether all figures that a chain puts in for names are what these are worth here.

    One figure of one digit is no sign of it: it may be so by chance. Names that have had other
    values may have had other formulas.
    """
    put_in = [*figures_put_in([side.tree for side in chain.sides[1:]], run)]
    if any(run.earlier(name) for name, _ in put_in):
        return False
    known = [run.known_value(name) for name, _ in put_in]
    are_values = all(
        each is not None and is_literal(figures) and each.fits(value_of(figures))
        for each, (_, figures) in zip(known, put_in, strict=True)
    )
    numbers = (number for _, figures in put_in for number in numbers_in(figures))
    return are_values and (len(put_in) > 1 or any(map(is_telling, numbers)))


def _equations_in(chain: EquationChain) -> Iterator[tuple[Node, Node]]:
    """Yield the sides of a chain that say how names are bound, and do not work out a value.

    That is `p + q = 1`, `dL/dx = y - k = 0` and `s = p + q = 1`, and neither `y - t = 2 - 3 = -1`,
    `dL/dp = p - y = 5` nor `(a + b)² = a² + 2ab + b²`; nor do an update and what was rounded.
    """
    trees = [side.tree for side in chain.sides]
    is_worked = any(tree is not None and not names_in(tree) for tree in trees[1:-1])
    head = trees[0]
    is_worked |= chain.sides[-1].relation == "≈" or (isinstance(head, Name) and head.id[-1:] == "'")
    is_named = isinstance(head, Name)
    # What a loss or a slope is worth binds nothing.
    is_slope = isinstance(head, Name) and (is_loss(head.id) or derivative_of(head.id) is not None)
    first = is_named and len(trees) > 2
    for left, right in itertools.pairwise(() if is_worked else trees[first:]):
        if left is None or right is None or (is_named and not is_literal(right)):
            continue
        is_calculation = is_slope and value_or_none(right) != Interval(Fraction(0))
        comparison = SideComparison(WritersRun(), NO_HABIT, {})
        if names_in(left) and not (
            is_calculation or comparison.as_identity(left, right) is Agreement.HOLDS
        ):
            yield left, right


def _are_one(trees: Sequence[Node], others: Sequence[Node], run: WritersRun) -> bool:
    """Tell whether two formulas of numbers are the same at any of these: `σ(z)`, `1/(1 + e⁻ᶻ)`."""
    if trees == others or not (trees and others):
        return trees == others
    known = filter(None, map(run.known_value, {*names_in(trees[0]), *names_in(others[0])}))
    is_of_numbers = all(isinstance(each.printed, Interval) for each in known)
    is_of_numbers &= OF_ARRAYS.isdisjoint(trees[0].content.operations)
    comparison = SideComparison(WritersRun(), NO_HABIT, {})
    return is_of_numbers and comparison.as_identity(trees[0], others[0]) is Agreement.HOLDS


def _with_names_for_figures(tree: Node, run: WritersRun) -> Node:
    """Return a formula with names for the figures that are their values.

    None is named where one may be that of several names. Whole numbers and ½ belong to the
    formula, unless they are factors beside figures alone: `0.5 * 2`.
    """
    factors = {
        id(each)
        for call in calls_in(tree, ("multiply",))
        if all(is_literal(factor) for _, factor in signed_factors(call)[1])
        for each in numbers_in(call)
    }
    meant = [
        number
        for number in numbers_in(tree)
        if id(number) in factors or not (number.text.isdigit() or number.value == HALF)
    ]
    names: dict[Fraction, list[Node]] = {}
    for name, known in run.named_values() if meant else ():
        if derivative_of(name) is None:
            for index, entry in enumerate(entries_of(known.printed), 1):
                id_ = name if isinstance(known.printed, Interval) else f"{name}{index}"
                node = negate(Name(id_)) if entry.low < 0 else Name(id_)
                names.setdefault(abs(entry.low), []).append(node)
    if any(len(names.get(number.value, ())) > 1 for number in meant):
        return tree
    return replace_parts(tree, [(n, node) for n in meant for node in names.get(n.value, ())])


def array_of_names(entry: str, run: WritersRun) -> tuple[str, Node] | None:
    """Return the stated array that a name is an entry of, with names for all entries, if any."""
    place = run.entry_place(entry)
    known = run.known_value(place[0]) if place else None
    if place is None or known is None:
        return None
    shape = shape_of(known.printed)
    indices = itertools.product(*map(range, shape))
    if ENTRY.fullmatch(entry):
        names = [Name(f"{place[0]}[{','.join(map(str, index))}]") for index in indices]
    else:
        stem = entry.removesuffix("".join(str(each + 1) for each in place[1]))
        names = [Name(stem + "".join(str(each + 1) for each in index)) for index in indices]
    if entry not in {each.id for each in names} or len(names) > MOST_ENTRIES:
        return None
    return place[0], nested(names, shape, lambda row: Array(tuple(row)))


def derivative_parts(name: str) -> tuple[str, str] | None:
    """Return what a name is the derivative of and by: also `f(x)` and `x` for `f'(x)`."""
    called = PRIMED.fullmatch(name)
    return (f"{called[1]}({called[2]})", called[2]) if called else derivative_of(name)
