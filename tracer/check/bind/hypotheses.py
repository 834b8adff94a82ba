"""Conventions and variants as hypotheses about a part: half the square, the sum for the mean, …

One is adopted only where the part declares it by a formula, or where it explains at least two
independent wrong results, makes no right one wrong and contradicts nothing that is written. Nothing
is judged here: what a part says of the run's quantities is counted, once, before judging.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from tracer.check.bind.document_parts import (
    DocumentPart,
    StatedGiven,
    are_of_scenario,
    givens_of,
    is_of_many_entries,
)
from tracer.check.bind.worlds import RunView, RunWorld, WritersRun, WritersWorld, carried_as
from tracer.check.compare.bounded_values import (
    NO_HABIT,
    KnownValue,
    RoundingHabit,
    Spot,
    do_meet,
    is_telling,
)
from tracer.check.compare.canonical_trees import slope_of
from tracer.check.compare.side_comparison import SideComparison
from tracer.check.compare.value_comparison import Agreement, ValueComparison
from tracer.check.model.statements import (
    EquationChain,
    Side,
    StageMarker,
    Statement,
    WorkedDocument,
)
from tracer.check.model.written_trees import (
    calls_in,
    is_literal,
    names_in,
    numbers_in,
    rewrite_calls,
)
from tracer.check.slips.single_changes import single_changes
from tracer.expression.printer import render
from tracer.expression.syntax import Call, Name, Node, Number, count_number
from tracer.frozen import Frozen, replace
from tracer.intervals import value_or_none
from tracer.operations import lookup
from tracer.sentences import Sentence

SHOWN: Final = (Agreement.HOLDS, Agreement.ROUNDING)
MOST_UNMARKED: Final = 3  # iterations that lines go through without words for it
LEAST_EXPLAINED: Final = 2  # independent wrong results; one may as well be a slip
OTHER_SIGMAS: Final = frozenset(("softmax", "std"))
"""What σ may stand for whose value its argument alone does not say."""

STEPPED_BACK: Final = Call(
    "subtract", (Call("multiply", (Number("2", Fraction(2)), Name("old"))), Name("new"))
)
"""Where a step from `old` to `new` would lead the other way."""


class _Claim(Frozen):
    """What a chain says of a quantity of the run: its formulas, its result if it has figures.

    `position` is the chain's among the statements of the document.
    """

    position: int
    spot: Spot
    iteration: int
    sides: Sequence[Node]

    @property
    def formulas(self) -> Sequence[Node]:
        """The sides with names."""
        return [side for side in self.sides if names_in(side)]


def adopted_convention(
    document: WorkedDocument, part: DocumentPart, view: RunView, habit: RoundingHabit
) -> tuple[RunView, Sentence] | None:
    """Return the run under the convention that a part keeps, and what is said of it.

    None where it keeps the scenario's.
    """
    claims = list(_read_claims(document, part, view))
    wrong = [claim for claim in claims if not _claim_holds(claim, view, habit)]
    if not wrong:
        return None
    for words, changed in view.alternatives():
        if any(not _claim_holds(claim, changed, habit) for claim in claims if claim not in wrong):
            continue  # it makes a right claim wrong
        if changed.turned and any(_is_stepped_back(claim, changed, habit) for claim in wrong):
            continue  # its updates would add what the writer subtracts
        explained = [claim for claim in wrong if _claim_holds(claim, changed, habit)]
        declaring = {
            view.phase(c.spot) for c in explained if _declares_convention(c, view, changed, habit)
        }
        # An update alone that adds may as well be a slip.
        is_declared = "loss" in declaring or (declaring and len(explained) >= LEAST_EXPLAINED)
        if is_declared or _count_independent(explained, view) >= LEAST_EXPLAINED:
            return changed, words
    return None


class _Evidence(Frozen):
    """What a part says that is so in a run, and that is not: where its statements are.

    `givens` are the values and definitions that it states, `claims` what it works out rightly.
    """

    agreeing: frozenset[int]
    differing: frozenset[int]
    givens: Sequence[StatedGiven]
    claims: Sequence[_Claim]


def adopted_variant(
    document: WorkedDocument,
    part: DocumentPart,
    view: RunView,
    variants: Iterable[tuple[RunView, RunView]],
    habit: RoundingHabit,
) -> RunView | None:
    """Return the run of the scenario's variant that a part works; None where it is the one at hand.

    `variants` are the runs with the part's names, each beside what is returned for it. It has the
    part's given values, but for a slip in one of them, makes nothing wrong that is right beside
    the run at hand, and explains a value that is another one there, a definition, or two
    independent results of more than one digit.
    """
    here = _evidence_on(document, part, view, habit)
    chains = document.statements[part.first : part.last]
    count = sum(isinstance(each, EquationChain) for each in chains)
    if part.is_bound and len(here.agreeing) == count:
        return None
    best: tuple[int, RunView | None] = 0, None
    for variant, result in variants:
        there = _evidence_on(document, part, variant, habit)
        if not here.agreeing <= there.agreeing or not are_of_scenario(there.givens):
            continue
        explained = there.agreeing - here.agreeing
        stated = [
            each
            for each in there.givens
            if each.position in explained and (each.position in here.differing or not each.is_value)
        ]
        claims = [
            each
            for each in there.claims
            if each.position in explained and any(map(is_telling, numbers_in(each.sides[-1])))
        ]
        is_explained = stated or _count_independent(claims, variant) >= LEAST_EXPLAINED
        if is_explained and len(explained) > best[0]:
            best = len(explained), result
    return best[1]


def first_departure(
    document: WorkedDocument, part: DocumentPart, view: RunView, habit: RoundingHabit
) -> int | None:
    """Return the first statement of a part that is not so in a run, behind some that are."""
    here = _evidence_on(document, part, view, habit)
    behind = [at for at in here.differing if any(each < at for each in here.agreeing)]
    return min(behind, default=None)


def _evidence_on(
    document: WorkedDocument, part: DocumentPart, view: RunView, habit: RoundingHabit
) -> _Evidence:
    agreements = [
        (claim, _best_agreements(claim, view, habit))
        for claim in _read_claims(document, part, view)
    ]
    right = [
        claim
        for claim, found in agreements
        if Agreement.DIFFERS not in found and not found.isdisjoint(SHOWN)
    ]
    givens = [
        each for each in givens_of(document, view, habit) if part.first <= each.position < part.last
    ]
    agreeing = {each.position for each in right}
    agreeing |= {each.position for each in givens if each.agrees}
    differing = {claim.position for claim, found in agreements if Agreement.DIFFERS in found}
    differing |= {each.position for each in givens if not each.agrees}
    return _Evidence(frozenset(agreeing), frozenset(differing - agreeing), givens, right)


def _best_agreements(claim: _Claim, view: RunView, habit: RoundingHabit) -> set[Agreement]:
    """Return how a claim agrees with its iteration, or with a later one that no words begin."""
    times = range(claim.iteration, claim.iteration + MOST_UNMARKED)
    found = [{*_agreements(replace(claim, iteration=time), view, habit)} for time in times]
    return next((each for each in found if each and Agreement.DIFFERS not in each), found[0])


def _read_claims(document: WorkedDocument, part: DocumentPart, view: RunView) -> Iterator[_Claim]:
    iteration = 1
    for position in range(part.first, part.last):
        statement = document.statements[position]
        if isinstance(statement, StageMarker):
            if statement.kind == "iteration":
                iteration = max(statement.number, 1)
            continue
        if not isinstance(statement, EquationChain) or "supposed" in statement.doubts:
            continue
        trees = [side.tree for side in statement.sides]
        if not isinstance(trees[0], Name):
            continue
        spots = view.spots(trees[0].id, is_target=len(trees) > 2)
        if spots and view.phase(spots[0]) == "given" and trees[1] is not None:
            value, known_value = value_or_none(trees[1]), view.value(spots[0], iteration)
            if (
                value is not None
                and known_value is not None
                and not do_meet(value, known_value.bounds)
            ):
                spots = view.spots(trees[0].id, is_target=True)  # `w = 0.2`, after the update
        if not spots or view.phase(spots[0]) == "given":
            continue
        sides = [
            tree
            for at, tree in enumerate(trees[1:], 2)
            if tree is not None and (names_in(tree) or (at == len(trees) and is_literal(tree)))
        ]
        if sides:
            yield _Claim(position, spots[0], statement.iteration or iteration, sides)


def _claim_holds(claim: _Claim, view: RunView, habit: RoundingHabit) -> bool:
    """Tell whether nothing that a claim says is otherwise in a run."""
    return Agreement.DIFFERS not in _agreements(claim, view, habit)


def _agreements(claim: _Claim, view: RunView, habit: RoundingHabit) -> list[Agreement]:
    """Return how what a claim says agrees with a run, side by side; nothing where it has none."""
    reference = view.value(claim.spot, claim.iteration)
    if reference is None:
        return []
    comparison = SideComparison(RunWorld(view, WritersRun(), claim.iteration), habit)
    sides = (it for it in claim.sides if is_literal(it) or not is_of_many_entries(it, view))
    return [comparison.with_reference(it, reference, is_rounded=False) for it in sides]


def _is_stepped_back(claim: _Claim, view: RunView, habit: RoundingHabit) -> bool:
    """Tell whether a claim says of an update what a step the other way would come to."""
    name, index = claim.spot
    before = carried_as(view, name), index
    start, end = (view.value(spot, claim.iteration) for spot in (before, claim.spot))
    if start is None or end is None or start.printed == end.printed:
        return False
    back = value_or_none(STEPPED_BACK, {"old": start.printed, "new": end.printed})
    if back is None:
        return False
    reference = KnownValue(back, back, back, False, 0)
    comparison = SideComparison(RunWorld(view, WritersRun(), claim.iteration), habit)
    agreement = comparison.with_reference(claim.sides[-1], reference, is_rounded=False)
    return agreement in (Agreement.HOLDS, Agreement.ROUNDING)


def _declares_convention(
    claim: _Claim, view: RunView, changed: RunView, habit: RoundingHabit
) -> bool:
    """Tell whether a formula of the loss, or an update, says the convention: at any numbers.

    What is so in the scenario too says nothing of it.
    """
    if view.phase(claim.spot) not in ("loss", "update") or not claim.formulas:
        return False
    here, other = view.perturbed, changed.perturbed
    at_any = replace(claim, iteration=1, sides=claim.formulas)
    is_as_here = here is not None and _claim_holds(at_any, here, habit)
    return other is not None and _claim_holds(at_any, other, habit) and not is_as_here


def _count_independent(claims: Sequence[_Claim], view: RunView) -> int:
    """Return how many of some results do not follow from another one of them."""
    count = 0
    computed: set[str] = set()
    for claim in (each for each in claims if is_literal(each.sides[-1])):
        names = (name for formula in claim.formulas for name in names_in(formula))
        used = {spot[0] for name in names for spot in view.spots(name, is_target=False)}
        count += used.isdisjoint(computed)
        computed.add(claim.spot[0])
    return count


# What a sign of a function stands for


def with_sigma_as_name(
    document: WorkedDocument, statements: Sequence[Statement], habit: RoundingHabit
) -> Sequence[Statement]:
    """Return the statements of a part in which σ is a name where it may be no sigmoid.

    That is so where a formula of its own is stated, `σ(x) = x`, which is the usual one with a slip
    only if all figures are the sigmoid's, or the words of the document name another function, not
    the sigmoid, and no line shows one. Of a ReLU one has to show that it is none: it may stand
    beside a σ.
    """
    chains = [each for each in statements if isinstance(each, EquationChain)]
    pairs = [
        pair
        for chain in chains
        for pair in pairwise(chain.sides)
        if sum(map(_has_sigma, pair)) == 1
    ]
    in_figures = [pair for pair in pairs if not any(names_in(e) for s in pair for e in s.readings)]
    may_be_other = "sigmoid" not in document.functions and (
        OTHER_SIGMAS & {*document.functions} or ("relu" in document.functions and in_figures)
    )
    others = [pair for pair in pairs if _states_another_sigma(*pair)]
    are_slips = all(map(_states_nearly_a_sigmoid, others)) and all(
        _sides_agree(*pair, habit) for pair in in_figures
    )
    if (others and not are_slips) or (
        may_be_other
        and not any(
            _sides_agree(one, other, habit) or as_identity(one.tree, other.tree) is Agreement.HOLDS
            for one, other in pairs
        )
    ):
        return [
            replace(each, sides=tuple(map(_with_sigma_as_name, each.sides)))
            if isinstance(each, EquationChain)
            else each
            for each in statements
        ]
    return statements


def _has_sigma(side: Side) -> bool:
    """Tell whether a side has σ, and not the word `sigmoid`."""
    calls = () if side.tree is None else calls_in(side.tree, frozenset(("sigmoid",)))
    return any(call.sign.lower() != "sigmoid" for call in calls)


def _states_another_sigma(left: Side, right: Side) -> bool:
    """Tell whether two sides are `σ(x) = x`, a formula that is not the usual one."""
    match left.tree, right.tree:
        case Call(operation="sigmoid", arguments=(Name(id=name),)), Node() as formula:
            is_formula = right.relation == "=" and {*names_in(formula)} == {name}
            return is_formula and as_identity(left.tree, right.tree) is Agreement.DIFFERS
    return False


def _states_nearly_a_sigmoid(sides: tuple[Side, Side]) -> bool:
    head, formula = (side.tree for side in sides)
    return head is not None and formula is not None and is_near_definition(head, formula)


def _with_sigma_as_name(side: Side) -> Side:
    """Return a side with each σ of something, and its slope, as a name."""
    if not _has_sigma(side):
        return side

    def with_slope(call: Call) -> Node:
        match call.arguments:
            case (Call(operation="sigmoid", arguments=(place, *_)), *_) if call == slope_of(
                "sigmoid", place
            ):
                return Name(f"σ'({render(place)})", call.start, call.end)
        return call

    def with_value(call: Call) -> Node:
        return Name(f"σ({render(call.arguments[0])})", call.start, call.end)

    trees = (
        rewrite_calls(rewrite_calls(tree, with_slope), with_value, ("sigmoid",))
        for tree in side.readings
    )
    return replace(side, readings=tuple(trees))


def as_identity(left: Node | None, right: Node | None) -> Agreement:
    """Compare two formulas, whatever their names are worth."""
    if left is None or right is None:
        return Agreement.UNKNOWN
    return ValueComparison(WritersWorld(WritersRun()), NO_HABIT).as_identity(left, right)


def is_near_definition(head: Node, tree: Node) -> bool:
    """Tell whether a tree is a function of the table at a name but for a sign, or upside down."""
    if not isinstance(head, Call) or [*map(type, head.arguments)] != [Name]:
        return False
    row = lookup(head.operation)
    if not row.elementwise or row.definition is None:
        return False
    changes = [each.whole for each in single_changes(tree, (), has_roots=False)]
    changes.append(Call("divide", (count_number(1), tree)))
    return any(as_identity(head, each) is Agreement.HOLDS for each in changes)


def _sides_agree(left: Side, right: Side, habit: RoundingHabit) -> bool:
    """Tell whether two sides of figures agree; False where one has names."""
    if left.tree is None or right.tree is None or names_in(left.tree) or names_in(right.tree):
        return False
    comparison = ValueComparison(WritersWorld(WritersRun()), habit)
    agreement = comparison.by_value(left.tree, right.tree, is_rounded=right.relation == "≈")
    return agreement <= Agreement.ROUNDING
