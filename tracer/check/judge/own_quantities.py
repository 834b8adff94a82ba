"""Which quantities of a run the names are that a writer has of his own.

`y_2 = g·x_2 + b` may be what the run calls out[1]. A given value says so where no other quantity of
the run has it; a formula, where it is worth as much as that quantity at the numbers of the run and
at others. A formula that is worth nothing of the run may be wrong: then the lines that go on with
the name show what it has to be. That is said only where none of them holds with the formula, all
do with one quantity alone, and the run computes nothing by the formula itself.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from functools import cached_property
from typing import Final

from tracer.check.bind.document_parts import computed_names, names_of
from tracer.check.bind.worlds import JoinedNames, RunView, RunWorld, WritersRun, views_of_samples
from tracer.check.compare.bounded_values import (
    ROUNDED_SHARE,
    KnownValue,
    Spot,
    do_meet,
    entries_of,
    half_place,
    have_one_shape,
    is_about,
    is_telling,
    significant_digits,
    with_entries,
)
from tracer.check.compare.side_comparison import SideComparison, figures_put_in
from tracer.check.compare.value_comparison import Agreement, ValueComparison
from tracer.check.judge.side_readings import readings_of
from tracer.check.model.statements import EquationChain, StageMarker, Statement
from tracer.check.model.written_trees import is_literal, names_in, numbers_in
from tracer.check.slips.rewriting import is_call
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import DIGITS, ENTRY, NUMBERED, derivative_of, is_loss
from tracer.expression.syntax import Call, Name, Node, walk
from tracer.frozen import Frozen
from tracer.intervals import Interval, Value, value_or_none
from tracer.run.interpret import shape_of

OF_NO_LOSS: Final = ("exp", "relu", "sigmoid", "softmax", "tanh")
"""Functions whose results no loss is, though it may be worked out of them."""
_BEFORE_SLOPES: Final = ("g_", "d_", "d", "g")
FINE: Final = 4  # digits of a figure that tells a quantity from all others
MOST_QUANTITIES: Final = 300  # and entries of quantities, of a run that names are looked for in
MOST_PARTS: Final = 2000  # of its formulas
MOST_LINES: Final = 200  # of a part that they are looked for in
MOST_ROUNDS: Final = 12  # each goes on with the names that the one before has joined
MOST_OTHER_NAMES: Final = 2  # where one name stands in a formula for another one
FIRST_ITERATIONS: Final = 5  # that entries in brackets may be of
MOST_TRIED: Final = 8  # names of which the place is looked at in one round

NEAR: Final = 1e-9
SOME: Final = KnownValue(Interval(Fraction(1)), Interval(Fraction(1)), None, is_given=False, line=0)
"""Stands for the value of a name: there is one."""

_Worth = tuple[Value, Value]
"""What something is in the run, and at other given values."""
_Known = dict[str | int, _Worth | None]
"""What names, and lines, are worth."""


class _Line(Frozen):
    """What a line computes: its left side as a name, the first formula for that, and the result."""

    target: str
    formula: Node
    result: Node


def counted_as_written(statements: Sequence[Statement], view: RunView) -> RunView:
    """Return a run whose entries in brackets are counted as a document does: from 0 or from 1.

    `z[0]` says so itself, and so does `z[2]` of two. Else what more of its lines agree with.
    """
    chains = [each for each in statements if isinstance(each, EquationChain)]
    names = [name for name in names_of(chains) if ENTRY.fullmatch(name)]
    if not names:
        return view
    from_one = view.with_entries_from_one()
    spots = {name: from_one.spots(name, is_target=False) for name in names}
    ours = [name for name in names if spots[name] or view.spots(name, is_target=False)]
    if not all(spots[name] for name in ours):
        return view
    if not all(view.spots(name, is_target=False) for name in ours):
        return from_one
    entries = frozenset(ours)
    away = ([_distance(each, chain, entries) for each in (view, from_one)] for chain in chains)
    nearer = [from_zero > one for from_zero, one in away if from_zero != one]
    return from_one if 2 * sum(nearer) > len(nearer) else view


def _distance(view: RunView, chain: EquationChain, entries: Set[str]) -> float:
    """Return how far entries, or formulas of them, are from what a chain works them out to.

    That is infinite where they are not about that, in any of the first iterations of a run.
    """
    trees = [side.tree for side in chain.sides if side.tree is not None]
    ours = [tree for tree in trees if not entries.isdisjoint(names_in(tree))]
    if not ours:
        return math.inf
    head = ours[0].id if isinstance(ours[0], Name) else ""
    worth: list[Value | None] = []
    for iteration in range(1, min(view.iterations, FIRST_ITERATIONS) + 1):
        comparison = ValueComparison(RunWorld(view, WritersRun(), iteration))
        updated = (view.value(spot, iteration) for spot in view.spots(head, is_target=True))
        worth += [*map(comparison.value, ours), *(it.printed for it in updated if it is not None)]
    results = [value_or_none(tree) for tree in trees if not names_in(tree)]
    return min(
        (
            float(
                max(abs(a.low - b.low) for a, b in zip(*map(entries_of, (one, other)), strict=True))
            )
            for one, other in itertools.product(worth, results)
            if one and other and have_one_shape(one, other) and is_about(other, one)
        ),
        default=math.inf,
    )


def named_as_written(statements: Sequence[Statement], view: RunView) -> RunView:
    """Return a run in which the names of a writer's own are those of its quantities."""
    chains = [each for each in statements if isinstance(each, EquationChain)]
    is_large = len(chains) > MOST_LINES or is_large_run(view)
    spots = {**({} if is_large else _given_by_value(chains, view)), **_of_other_rank(chains, view)}
    spots |= _of_other_case(chains, view) | _of_no_loss(chains, view) | _of_one_loss(chains, view)
    view = view.with_own_names(spots) if spots else view
    if is_large:
        return view
    is_own = any(  # a name with its power, `σ²`, and a place, `a[i]`, may be names too
        not view.spots(name, is_target=False)
        for first, *others in (chain.sides for chain in chains)
        if not all(is_literal(tree) for side in others for tree in side.readings)
        for head in first.readings
        if isinstance(head, Name) or is_call(head, "power", "index")
        for name in names_in(head)
    )
    if not is_own or view.perturbed is None:
        return view
    run = _RunWorths((view, view.perturbed))
    for _ in range(MOST_ROUNDS):
        names = _OwnNames(chains, view, run)
        joined = names.by_formula() or names.by_figures() or _of_no_loss(chains, view)
        joined = joined or names.of_others() or names.by_place() or names.by_value()
        joined = {
            name: spots
            for name, spots in joined.items()
            if not any(_counts_another(name, spot) for spot in spots)
        }
        if not joined:
            break
        view = view.with_own_names(joined)
    return view


def _counts_another(name: str, spot: Spot) -> bool:
    """Tell whether a name counts another entry of an array than this: `score_3` of `scores[1]`.

    Nobody knows whether it counts from 0 or from 1.
    """
    counted = NUMBERED.fullmatch(name)
    if counted is None or not spot[1] or not spot[0].startswith(counted[1].rstrip("_[^(")):
        return False
    return not {int(counted[2]) - 1, int(counted[2])}.intersection(spot[1])


def runs_of_samples(
    statements: Sequence[Statement], view: RunView, iteration: int
) -> Sequence[tuple[RunView, JoinedNames]]:
    """Return the run of each sample of a batch, where the lines of a part go through them.

    With each stands how the writer's names and results will be joined to it.

    They do where words name a sample, or a line works out for one what the batch has of each.
    """
    chains = [each for each in statements if isinstance(each, EquationChain)]
    is_marked = any(isinstance(each, StageMarker) and each.kind == "sample" for each in statements)
    names, computed = names_of(statements), computed_names(statements)
    views = [alone.named_as_by(names, computed) for alone in views_of_samples(view, iteration)]
    is_gone_through = is_marked or any(
        have_one_shape(value, own.printed) and not have_one_shape(value, of_all.printed)
        for name, value in (_results(chains, are_worked=True) if views else ())
        for spot in views[0].spots(name, is_target=True)
        if (own := views[0].value(spot, 1)) and (of_all := view.value(spot, iteration))
    )
    gone_through = []
    for place, sample in enumerate(views if is_gone_through else ()):
        others = _names_of_other_samples(names, view, sample, place)
        named = named_as_written(statements, sample).with_own_names(dict.fromkeys(others, ()))
        gone_through.append((named, JoinedNames()))
    return gone_through


def _names_of_other_samples(
    names: Iterable[str], view: RunView, alone: RunView, place: int
) -> Iterator[str]:
    """Yield the names that, by their numbers, are of other samples of a batch than the one there.

    In the batch each is an entry of what is one number for a sample: `y_2` is of the second.
    """
    for name in names:
        for quantity, index in view.spots(name, is_target=False)[:1]:
            known_value = alone.value((quantity, ()), 1) if len(index) == 1 else None
            is_number = known_value is not None and isinstance(known_value.printed, Interval)
            if is_number and index != (place,):
                yield name


def is_large_run(view: RunView) -> bool:
    """Tell whether a run has more quantities than names are looked for in."""
    return any(itertools.islice(view.all_spots(), MOST_QUANTITIES, None))


def _given_by_value(chains: Sequence[EquationChain], view: RunView) -> dict[str, tuple[Spot, ...]]:
    """Return the given names that the run does not have, each with the one given of its value.

    A number is not what the run calls so where that is an array: α is a rate beside weights α. The
    letters of settings are not the same in all texts: α is the rate beside a decay α. Figures that
    are put in for a name say so as well.
    """
    named = {spot for name in names_of(chains) for spot in view.spots(name, is_target=False)}
    named |= {(quantity, ()) for quantity, index in named}
    free = [
        (spot, known_value.printed)
        for spot in view.all_spots()
        if view.given(spot[0]) and spot not in named and (spot[0], ()) not in named
        if (known_value := view.value(spot, 1)) is not None
    ]
    spots_by_name: dict[str, tuple[Spot, ...]] = {}
    for name, value in (*_results(chains, are_worked=False), *_values_put_in(chains, view)):
        called = view.spots(name, is_target=False)
        is_called = any(_may_be_called(view, spot, value) for spot in called)
        is_setting = any(view.kind(spot) == "setting" for spot in called)  # or another one
        is_parameter = role_of(name) == "parameter"
        same = [spot for spot, other in free if do_meet(value, other) and not is_called]
        settings = [spot for spot in same if view.kind(spot) == "setting"]
        spots = tuple(
            spot
            for spot in same
            if not (is_setting and spot not in settings)
            if not (is_parameter and spot in settings)
        )
        spots_by_name[name] = spots if spots_by_name.get(name, spots) == spots else ()
    shared = [spot for spots in spots_by_name.values() for spot in spots]
    return {
        name: spots
        for name, spots in spots_by_name.items()
        if list(map(shared.count, spots)) == [1]
    }


def _results(chains: Sequence[EquationChain], *, are_worked: bool) -> Iterator[tuple[str, Value]]:
    """Yield the names with the values that they are said to have, or that are worked out."""
    for chain in chains:
        left, right = chain.sides[0].tree, chain.sides[-1].tree
        is_other = right is None or (len(chain.sides) > 2) is not are_worked
        value = None if is_other or right is None else value_or_none(right)
        if isinstance(left, Name) and value is not None:
            yield left.id, value


def _values_put_in(chains: Sequence[EquationChain], view: RunView) -> Iterator[tuple[str, Value]]:
    """Yield the names that only a given value can have, with the figures that are put in for them.

    They are names of settings, and those that the run does not have and no line works out, unless
    of themselves, as in an update.
    """
    computed = {
        head.id
        for head, *trees in ([side.tree for side in chain.sides] for chain in chains)
        if isinstance(head, Name) and not any(tree and head.id in names_in(tree) for tree in trees)
    }
    names = {
        name
        for name in names_of(chains)
        if role_of(name) == "rate"
        or any(view.kind(spot) == "setting" for spot in view.spots(name, is_target=False))
        or not (name in computed or view.spots(name, is_target=False))
    }
    for chain in (each for each in chains if not names.isdisjoint(names_of([each]))):
        trees = [side.tree for side in chain.sides[1:]]
        for name, node in figures_put_in(trees, RunWorld(view, WritersRun(), 1)):
            value = value_or_none(node)
            if name in names and value is not None:
                yield name, value


def _of_other_rank(chains: Sequence[EquationChain], view: RunView) -> dict[str, tuple[Spot, ...]]:
    """Return the names, without a meaning, whose lines give something of other axes than the run's.

    A number `z_1` is not the layer that the run calls so, nor is a vector `z2_1` an entry of `z2`,
    nor a matrix a row. Of two whole arrays one may be laid out wrongly.
    """
    are_other: dict[str, bool] = {}
    for name, value in _results(chains, are_worked=True):
        ranks = [
            (_axes_of(each.printed), index)
            for quantity, index in view.spots(name, is_target=True)
            if (each := view.value((quantity, index), 1)) is not None
        ]
        axes = _axes_of(value)
        is_other = all(axes != count and (index or not axes * count) for count, index in ranks)
        are_other[name] = bool(ranks) and is_other and are_other.get(name, True)
    return {name: () for name, is_other in are_other.items() if is_other}


def _of_other_case(chains: Sequence[EquationChain], view: RunView) -> dict[str, tuple[Spot, ...]]:
    """Return the names that are a given one of the run but for a capital, and never have its value.

    `v` of a variance is not the weights V, and `∂L/∂u_2` is no row of ∂L/∂U.
    """
    are_other: dict[str, bool] = {}
    for name, value in (*_results(chains, are_worked=False), *_results(chains, are_worked=True)):
        spots = view.spots(name, is_target=True)
        meant = {_variable(spot[0]).rstrip("'") for spot in spots}
        is_short = any(derivative_of(spot[0]) for spot in spots) and derivative_of(name) is None
        variables = map(name.removeprefix, _BEFORE_SLOPES) if is_short else [_variable(name)]
        capitals = {each.rstrip("0123456789_[], ").swapcase() for each in variables}
        if len(meant) == 1 and meant <= capitals and view.given(next(iter(meant))):
            known_values = (view.value(spot, time) for spot in spots for time in (1, 2))
            is_other = not any(each and _are_near(value, each.printed) for each in known_values)
            are_other[name] = is_other and are_other.get(name, True)
    return {name: () for name, is_other in are_other.items() if is_other}


def _variable(name: str) -> str:
    """Return what a name is the derivative by, or the name itself."""
    derivative = derivative_of(name)
    return name if derivative is None else derivative[1]


def _of_no_loss(chains: Sequence[EquationChain], view: RunView) -> dict[str, tuple[Spot, ...]]:
    """Return the names that people call a loss, of formulas in which nothing is that it compares.

    `E = exp(-s)` with neither the prediction nor the target in it is a part of the sigmoid.
    """
    are_other: dict[str, bool] = {}
    for head, formula in ((each.sides[0].tree, each.sides[1].tree) for each in chains):
        if not isinstance(head, Name) or formula is None:
            continue
        spots = view.spots(head.id, is_target=True)
        losses = [each for each in spots if view.phase(each) == "loss"]
        is_activation = is_call(formula, *OF_NO_LOSS)  # in figures, `E = exp(-0.25)`
        if not losses or not (names_in(formula) or is_activation):
            continue
        used = [{name for name, _ in view.spots(n, is_target=False)} for n in names_in(formula)]
        compared = {name for spot in losses for name in _compared_in(spot, view)}
        is_other = all(used) and compared.isdisjoint(itertools.chain(*used))
        are_other[head.id] = is_other and are_other.get(head.id, True)
    return {name: () for name, is_other in are_other.items() if is_other}


def _of_one_loss(chains: Sequence[EquationChain], view: RunView) -> dict[str, tuple[Spot, ...]]:
    """Return the names that people call a loss, of what is worked out for one loss of several.

    Where the run adds up L_sgd and L_adam, L is the one whose values the lines have.
    """
    several = [spot for spot in view.whole_spots() if is_loss(spot[0].partition("_")[0])]
    several = [spot for spot in several if view.phase(spot) == "forward"]
    worked_out: dict[str, list[Value]] = {}
    results = (each for worked in (True, False) for each in _results(chains, are_worked=worked))
    for name, value in results if several else ():
        spots = view.spots(name, is_target=True)
        if spots and view.phase(spots[0]) == "loss":
            worked_out.setdefault(name, []).append(value)
    joined: dict[str, tuple[Spot, ...]] = {}
    for name, values in worked_out.items():
        fitting = {spot: _count_fitting(values, spot, view) for spot in several}
        most = max(fitting.values())
        if most > _count_fitting(values, view.spots(name, is_target=True)[0], view):
            joined[name] = tuple(spot for spot, count in fitting.items() if count == most)
    return joined


def _count_fitting(values: Sequence[Value], spot: Spot, view: RunView) -> int:
    """Return how many of some values a quantity has in as many iterations, and the one behind."""
    iterations = range(1, min(len(values), view.iterations) + 1)
    known_values = [view.value(spot, each) for each in (*iterations, len(iterations) + 1)]
    return sum(
        any(
            it is not None and have_one_shape(it.printed, value) and is_about(value, it.printed)
            for it in known_values
        )
        for value in values
    )


def _compared_in(loss: Spot, view: RunView) -> set[str]:
    """Return a loss and what it reads; what it reads by way of an error or the like counts too."""
    read = _sources(loss, view)
    for sources in [_sources(each, view) for each in read]:
        if any(view.phase(each) == "given" for each in sources):
            read += sources
    return {name for name, _ in (loss, *read)}


def _sources(spot: Spot, view: RunView) -> list[Spot]:
    """Return the quantities that the formula of another one reads."""
    names = [name for formula in view.formulas(spot)[:1] for name in names_in(formula)]
    return [each for name in names for each in view.spots(name, is_target=False)[:1]]


def _axes_of(value: Value) -> int:
    """Return how many axes of a value are longer than 1."""
    return sum(size > 1 for size in shape_of(value))


def _may_be_called(view: RunView, spot: Spot, value: Value) -> bool:
    """Tell whether a stated value may be that of what the run calls so."""
    known_value = view.value(spot, 1)
    return known_value is None or (
        have_one_shape(known_value.printed, value)
        and (view.kind(spot) != "setting" or known_value.printed == value)
    )


class _RunWorths:
    """What the quantities of a run are worth, and the parts of its formulas."""

    def __init__(self, views: tuple[RunView, RunView]) -> None:
        self._view: Final = views[0]
        one, other = views
        pairs = ((spot, one.value(spot, 1), other.value(spot, 1)) for spot in one.all_spots())
        self.quantities: Final[dict[Spot, _Worth]] = {
            spot: (here.printed, there.printed) for spot, here, there in pairs if here and there
        }

    @cached_property
    def parts(self) -> list[_Worth]:
        """What the calculations in the run's formulas are worth."""
        formulas = (each for spot in self.quantities for each in self._view.formulas(spot))
        trees = dict.fromkeys(part for each in formulas for part in walk(each))
        few = itertools.islice((tree for tree in trees if isinstance(tree, Call)), MOST_PARTS)
        worths = (_worked_out(tree, {n: self.worth_of(n) for n in names_in(tree)}) for tree in few)
        return [worth for worth in worths if worth is not None]

    def worth_of(self, name: str) -> _Worth | None:
        """Return what a name of the run is worth."""
        spots = self._view.spots(name, is_target=False)
        return self.quantities.get(spots[0]) if spots else None


def _worked_out(formula: Node, worths: Mapping[str, _Worth | None]) -> _Worth | None:
    """Return what a formula is worth where its names are worth so much."""
    present = {name: worth for name, worth in worths.items() if worth}
    one, other = (
        value_or_none(formula, {name: worth[at] for name, worth in present.items()})
        for at in (0, 1)
    )
    return None if one is None or other is None else (one, other)


class _OwnNames:
    """What the lines of a part compute, beside a run that knows some of their names."""

    def __init__(self, chains: Sequence[EquationChain], view: RunView, run: _RunWorths) -> None:
        self._view: Final = view
        self._run: Final = run
        self._computed: Final = {
            chain.sides[0].tree.id for chain in chains if isinstance(chain.sides[0].tree, Name)
        }
        self._stated: Final[dict[str, list[Node]]] = {}  # and not worked out, each with its values
        for first, *others in (chain.sides for chain in chains):
            if len(others) == 1 and isinstance(first.tree, Name) and others[0].tree is not None:
                self._stated.setdefault(first.tree.id, []).append(others[0].tree)
        # `σ²` is a name with its power, by the text with which it is first worked out.
        self._powers: Final[dict[Node, str]] = {
            side.tree: f"«{side.written.text.strip()}»"
            for side in (chain.sides[0] for chain in reversed(chains))
            if side.tree is not None and is_call(side.tree, "power")
            if isinstance(side.tree.children()[0], Name)
        }
        self._lines: Final = [line for chain in chains if (line := self._line_of(chain))]
        self._places: Final[dict[str, list[int]]] = {}
        for place, line in enumerate(self._lines):
            if not view.spots(line.target, is_target=True):
                self._places.setdefault(line.target, []).append(place)
        # What each line is made of, down to the names of the run.
        self._below: Final[list[set[str]]] = []
        for place, line in enumerate(self._lines):
            names = {*names_in(line.formula)}
            above = (self._line_above(name, place) for name in tuple(names))
            self._below.append(names.union(*(self._below[at] for at in above if at is not None)))

    def by_formula(self) -> dict[str, tuple[Spot, ...]]:
        """Return the own names of which each formula is worth one and the same quantity.

        A copy, `shown = a`, may be printed otherwise, and is no computation; figures alone are put
        in for a formula. What is worth nothing of the run and is made of nearly the same names is
        a slip in the formula.
        """
        spots_by_name: dict[str, tuple[Spot, ...]] = {}
        for name, places in self._places.items():
            formulas = {at: {*names_in(self._lines[at].formula)} for at in places}
            worths = {at: self._worth(self._lines[at].formula, at, {}) for at in places}
            spots = {at: self._spot_of(worths[at], at) for at in places if formulas[at]}
            right, meant = next(((at, spot) for at, spot in spots.items() if spot), (0, None))
            is_copy = any(isinstance(self._lines[at].formula, Name) for at in places)
            if (
                meant
                and not is_copy
                and all(
                    spot == meant
                    if spot or len(formulas[at] ^ formulas[right]) > MOST_OTHER_NAMES
                    else not self._is_of_run(worths[at])
                    for at, spot in spots.items()
                )
            ):
                spots_by_name[name] = (meant,)
        return self._with_families(spots_by_name, self._places)

    def by_figures(self) -> dict[str, tuple[Spot, ...]]:
        """Return the own names of which the figures are put into a formula of one quantity.

        The first line of each says it: later ones may be of another iteration, and are not if it is
        one sample's entry that they differ from in all of them.
        """
        return self._with_families(
            {
                name: ((spots[0][0].rstrip("'"), spots[0][1]),)  # of an update, what was updated
                for name, (first, *others) in self._places.items()
                if not any(names_in(self._lines[at].formula) for at in (first, *others))
                and len(spots := self._spots_of_figures(self._lines[first])) == 1
                and not (spots[0][1] and self._is_of_no_time(spots[0], others))
            },
            self._places,
        )

    def by_value(self) -> dict[str, tuple[Spot, ...]]:
        """Return the own names that are only stated, with the value of one computed quantity.

        Few digits may be another one's by chance.
        """
        return self._with_families(
            {
                name: tuple(spots)
                for name, values in self._stated.items()
                if not self._view.spots(name, is_target=False) and name not in self._places
                if len(spots := self._spots_with(values[0])) == 1
            },
            self._stated,
        )

    def _spots_with(self, figure: Node) -> Sequence[Spot]:
        """Return the computed quantities that round to a figure of several digits."""
        numbers = numbers_in(figure)
        if not is_literal(figure) or len(numbers) != 1 or significant_digits(numbers[0]) < FINE:
            return ()
        value, half = value_or_none(figure), half_place(numbers[0]) or Fraction(0)
        spots: dict[Spot, _Worth] = {}
        for spot, worth in self._run.quantities.items():
            number = worth[0]
            if (
                isinstance(number, Interval)
                and isinstance(value, Interval)
                and abs(number.low - value.low) <= half
                and not self._view.given(spot[0])
                and not any(_are_one(worth, each) for each in spots.values())
            ):
                spots[spot] = worth
        return [*spots]

    def of_others(self) -> dict[str, tuple[Spot, ...]]:
        """Return the names of the run that stand for another quantity: v of Adam beside momentum's.

        Their figures are put into the formula of that, with its value, which is not their own. One
        of the same family may as well be a slip, and a derivative says what it is of.
        """
        lines: dict[str, _Line] = {}
        for line in self._lines:
            if line.target not in self._places and derivative_of(line.target) is None:
                lines.setdefault(line.target, line)
        others: dict[str, tuple[Spot, ...]] = {}
        differing: set[str] = set()
        for name, line in lines.items():
            value, own = value_or_none(line.result), self._view.spots(name, is_target=True)[0]
            values = (self._view.value(own, time) for time in (1, 2))
            if value is None or any(each and _are_near(value, each.printed) for each in values):
                continue
            differing.add(name)
            spots = self._spots_of_figures(line)
            if len(spots) == 1 and _family_of(spots[0]) != _family_of(own):
                others[name] = ((spots[0][0].rstrip("'"), spots[0][1]),)
        return self._with_families(others, differing)

    def _is_of_no_time(self, spot: Spot, places: Sequence[int]) -> bool:
        """Tell whether the result of a line is what a quantity is in none of the iterations."""
        known_values = [self._view.value(spot, time) for time in range(1, len(places) + 2)]
        results = (value_or_none(self._lines[at].result) for at in places)
        return not all(
            result is None or any(each and _are_near(result, each.printed) for each in known_values)
            for result in results
        )

    def _spots_of_figures(self, line: _Line) -> Sequence[Spot]:
        """Return the quantities into whose formula a line puts figures, with about their value."""
        value = value_or_none(line.result)
        if value is None or not any(map(is_telling, numbers_in(line.result))):
            return ()
        spots: dict[Spot, _Worth] = {}
        for spot, worth in self._run.quantities.items():
            if _are_near(value, worth[0]) and not any(_are_one(worth, w) for w in spots.values()):
                comparison = SideComparison(RunWorld(self._view, WritersRun(), 1))
                if any(
                    comparison.align(formula, line.formula) is Agreement.HOLDS
                    and len(comparison.placements) > 1
                    for formula in self._view.formulas(spot)
                ):
                    spots[spot] = worth
        return [*spots]

    def _with_families(
        self, found: dict[str, tuple[Spot, ...]], names: Collection[str]
    ) -> dict[str, tuple[Spot, ...]]:
        """Return names with those of their families: where y_2 is out[1], y_1 is out[0]."""
        for name in tuple(found):
            ((quantity, index),) = found[name]
            base, stem = name.rstrip(DIGITS), quantity.rstrip(DIGITS)
            family = {
                f"{base}{at[0] + 1 if at else other.removeprefix(stem)}": ((other, at),)
                for other, at in self._run.quantities
                if len(at) == len(index) < 2
                if other == quantity or (not at and other.rstrip(DIGITS) == stem)
            }
            if family.get(name) == found[name]:
                found = {each: family[each] for each in family if each in names} | found
        return found

    def by_place(self) -> dict[str, tuple[Spot, ...]]:
        """Return one own name that is a quantity wherever it is used, and not by its formula."""
        tried = 0
        worths_by_name: _Known = {}
        for name, places in self._places.items():
            ends = [*places[1:], len(self._lines)]
            uses_by_place = [
                self._uses(name, at, end) for at, end in zip(places, ends, strict=True)
            ]
            uses = [at for each in uses_by_place for at in each]
            if (
                not all(uses_by_place)
                or tried >= MOST_TRIED
                or any(self._holds(at, worths_by_name) for at in uses)
            ):
                continue
            worths = [self._worth(self._lines[at].formula, at, worths_by_name) for at in places]
            # One line may be wrong itself; several that fail alike show that the formula is.
            is_one = role_of(name) != "gradient" and (  # that says what it has to be
                None in worths or len({self._lines[at].target for at in uses}) < 2
            )
            if not (is_one and any(map(self._is_of_run, worths))):
                tried += 1
                spots = self._fitting(name, worths, uses)
                if spots:
                    return {name: spots}
        return {}

    def _line_of(self, chain: EquationChain) -> _Line | None:
        heads, *readings = readings_of(chain, self._powers, self._value_in_run, None)
        first = heads[0] if heads else None
        trees = [each[0] for each in readings if each]
        figures = [tree for tree in trees[:1] if isinstance(tree, Call) and not is_literal(tree)]
        formula = next((tree for tree in (*filter(names_in, trees), *figures)), None)
        if (
            formula is None
            or not isinstance(first, Name)
            or (first.id in names_in(formula) and not self._view.spots(first.id, is_target=True))
        ):
            return None
        return _Line(first.id, formula, trees[-1])

    def _value_in_run(self, name: str) -> KnownValue | None:
        """Return what a name is in the run; of one that is only computed, that there is one."""
        spots = self._view.spots(name, is_target=False)
        if spots:
            return self._view.value(spots[0], 1)
        return SOME if name in self._computed or name in self._powers.values() else None

    # What things are worth --------------------------------------------------------------------

    def _worth(self, formula: Node, place: int, known: _Known) -> _Worth | None:
        """Return what a formula on a line is worth; `known` is what names, and lines, are."""
        worths = {name: self._worth_of(name, place, known) for name in names_in(formula)}
        return _worked_out(formula, worths)

    def _worth_of(self, name: str, place: int, known: _Known) -> _Worth | None:
        if name in known:
            return known[name]
        spots = self._view.spots(name, is_target=False)
        if spots:
            return self._run.quantities.get(spots[0])
        at = self._line_above(name, place)
        if at is not None and at not in known:
            known[at] = self._worth(self._lines[at].formula, at, known)
        return None if at is None else known[at]

    def _line_above(self, name: str, place: int) -> int | None:
        return max((at for at in self._places.get(name, ()) if at < place), default=None)

    def _spot_of(self, worth: _Worth | None, place: int) -> Spot | None:
        """Return the quantity of which a line has the formula, and a result of its shape."""
        quantities = self._run.quantities.items()
        if worth is None or worth[0] == worth[1]:
            return None  # a state that begins with 0 is worth as much as anything times 0
        result = value_or_none(self._lines[place].result)
        if result is not None and not have_one_shape(result, worth[0]):
            return None
        same = (spot for spot, each in quantities if _are_one(worth, each))
        return next((spot for spot in same if not self._view.given(spot[0])), None)

    def _is_of_run(self, worth: _Worth | None) -> bool:
        """Tell whether a part of the run's formulas is worth as much, or its negative."""
        if worth is None:
            return True
        one, other = (with_entries(each, lambda entry: -entry) for each in worth)
        return any(
            _are_one(each, part) for part in self._run.parts for each in (worth, (one, other))
        )

    # Uses ------------------------------------------------------------------------------------

    def _uses(self, name: str, begin: int, end: int) -> list[int]:
        """Return the lines of quantities of the run that are made of a name, up to another one."""
        places = range(begin + 1, end)
        return [at for at in places if name in self._below[at] and self._targets(at)]

    def _targets(self, place: int) -> list[_Worth]:
        spots = self._view.spots(self._lines[place].target, is_target=True)
        return [self._run.quantities[spot] for spot in spots if spot in self._run.quantities]

    def _holds(self, place: int, known: _Known) -> bool:
        worth = self._worth(self._lines[place].formula, place, known)
        return worth is not None and any(_are_one(worth, each) for each in self._targets(place))

    def _fitting(
        self, name: str, worths: Sequence[_Worth | None], uses: Sequence[int]
    ) -> tuple[Spot, ...]:
        """Return the only quantity with which all lines hold that use a name; () where none is.

        One line shows no factor: it may lack there. A line that only has the name shows nothing.
        """
        telling = [at for at in uses if len(names_in(self._lines[at].formula)) > 1]
        candidates: list[tuple[Spot, _Worth]] = []
        computed = (
            each for each in self._run.quantities.items() if not self._view.given(each[0][0])
        )
        for spot, worth in computed if telling else ():
            is_new = not any(_are_one(worth, other) for _, other in candidates)
            if is_new and all(self._holds(at, {name: worth}) for at in uses):
                candidates.append((spot, worth))
        if len(candidates) != 1:
            return ()
        ((spot, worth),) = candidates
        is_factor = role_of(name) != "gradient" and any(
            each and _are_multiples(each, worth) for each in worths
        )
        return () if is_factor and len({self._lines[at].target for at in telling}) < 2 else (spot,)


def _family_of(spot: Spot) -> str:
    """Return the name of a quantity without what numbers it, or says that it is updated."""
    return spot[0].rstrip("'").rstrip(DIGITS)


def _are_one(worth: _Worth, other: _Worth) -> bool:
    return all(map(do_meet, worth, other))


def _are_near(value: Value, other: Value) -> bool:
    """Tell whether two values, or one and the other's negative, differ by a rounding at most."""
    return have_one_shape(value, other) and all(
        abs(abs(one.low) - abs(two.low)) <= ROUNDED_SHARE * abs(two.low)
        for one, two in zip(entries_of(value), entries_of(other), strict=True)
    )


def _are_multiples(worth: _Worth, other: _Worth) -> bool:
    """Tell whether one factor leads from each entry to that of another quantity of its shape."""
    ratios = [
        float(one.low / two.low)
        for value, beside in zip(worth, other, strict=True)
        if have_one_shape(value, beside)
        for one, two in zip(entries_of(value), entries_of(beside), strict=True)
        if two.low
    ]
    return not ratios or math.isclose(min(ratios), max(ratios), rel_tol=NEAR)
