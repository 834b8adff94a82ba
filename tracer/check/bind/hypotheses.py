"""Conventions as hypotheses about a whole part: half the square, the sum for the mean, …

One is adopted only where the part declares it by a formula, or where it explains at least two
independent wrong results, makes no right one wrong and contradicts nothing that is written. Nothing
is judged here: what a part says of the run's quantities is counted, once, before judging.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Final

from tracer.check.bind.document_parts import DocumentPart
from tracer.check.bind.worlds import RunView, RunWorld, WritersRun, WritersWorld
from tracer.check.compare.bounded_values import KnownValue, RoundingHabit, Spot, do_meet
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
    negate,
    rewrite,
    rewrite_calls,
    signed_terms,
    with_operation,
)
from tracer.check.read.tree_readings import at_place
from tracer.expression.printer import render
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, value_or_none
from tracer.sentences import Sentence

LEAST_EXPLAINED: Final = 2  # independent wrong results; one may as well be a slip
OTHER_FUNCTIONS: Final = {"log": ("log10", "log2"), "sigmoid": ("relu",)}
"""What the sign of a function, `log` or σ, may stand for besides its usual meaning."""
OTHER_SIGMAS: Final = frozenset(("softmax", "std"))
"""What σ may stand for whose value its argument alone does not say."""

STEPPED_BACK: Final = Call(
    "subtract", (Call("multiply", (Number("2", Fraction(2)), Name("old"))), Name("new"))
)
"""Where a step from `old` to `new` would lead the other way."""
SOME_NUMBER: Final = Interval(Fraction(3, 10))  # at which two functions differ


class _Claim(Frozen):
    """What a chain says of a quantity of the run: its formulas, its result if it has figures."""

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


def _read_claims(document: WorkedDocument, part: DocumentPart, view: RunView) -> Iterator[_Claim]:
    iteration = 1
    for statement in document.statements[part.first : part.last]:
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
            yield _Claim(spots[0], statement.iteration or iteration, sides)


def _claim_holds(claim: _Claim, view: RunView, habit: RoundingHabit) -> bool:
    """Tell whether all that a claim says is so in a run."""
    reference = view.value(claim.spot, claim.iteration)
    comparison = SideComparison(RunWorld(view, WritersRun(), claim.iteration), habit)
    return reference is None or all(
        comparison.with_reference(side, reference, is_rounded=False) is not Agreement.DIFFERS
        for side in claim.sides
    )


def _is_stepped_back(claim: _Claim, view: RunView, habit: RoundingHabit) -> bool:
    """Tell whether a claim says of an update what a step the other way would come to."""
    name, index = claim.spot
    before = next((old for old, new in view.carried.items() if new == name), name)
    start, end = (view.value(spot, claim.iteration) for spot in ((before, index), claim.spot))
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
    """Tell whether a formula of the loss, or an update, says the convention: at any numbers."""
    if view.phase(claim.spot) not in ("loss", "update") or not claim.formulas:
        return False
    other = changed.perturbed
    return other is not None and _claim_holds(_Claim(claim.spot, 1, claim.formulas), other, habit)


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


def base_of_logarithms(document: WorkedDocument, habit: RoundingHabit) -> str | None:
    """Return the logarithm that `log` is in a whole document; None where it is the natural one.

    It explains two results of figures, in whichever parts they stand, and makes none wrong.
    """
    pairs = _pairs_with("log", document.chains())
    explaining = (
        other
        for other in (OTHER_FUNCTIONS["log"] if pairs else ())
        if _explains_results(partial(_with_function, "log", other), pairs, habit, LEAST_EXPLAINED)
    )
    return next(explaining, None)


def with_other_functions(
    document: WorkedDocument,
    statements: Sequence[Statement],
    habit: RoundingHabit,
    base: str | None = None,
) -> Sequence[Statement]:
    """Return the statements of a part with each sign of a function as its figures show it.

    `log` is the natural logarithm unless another one explains two results of figures, and makes
    none wrong; of that of the whole document (`base`) one result is enough. σ is the sigmoid unless
    the words of the document name another function, and not the sigmoid, which explains a result
    and makes none wrong. A function whose formula is stated, `σ(x) = x`, is that formula. σ is a
    name where these words speak of a softmax or a deviation, and nothing shows a sigmoid.
    """
    chains = [each for each in statements if isinstance(each, EquationChain)]
    definition = next(filter(None, (_stated_function(*chain.sides[:2]) for chain in chains)), None)
    if definition is not None:
        return _with_sides(statements, partial(_with_formula, *definition))
    for operation, others in OTHER_FUNCTIONS.items():
        pairs = _pairs_with(operation, chains)
        least = LEAST_EXPLAINED if operation == "log" else 1
        for other in others if pairs and operation not in document.functions else ():
            meaning = partial(_with_function, operation, other)
            is_named = operation == "log" or other in document.functions
            if is_named and _explains_results(meaning, pairs, habit, 1 if other == base else least):
                return _with_sides(statements, meaning)
    may_be_other = "sigmoid" not in document.functions and OTHER_SIGMAS & {*document.functions}
    if may_be_other and not any(
        _sides_agree(*pair, habit) or _are_one_formula(*pair)
        for pair in _pairs_with("sigmoid", chains)
    ):
        return _with_sides(statements, _with_sigma_as_name)
    return statements


def _pairs_with(operation: str, chains: Iterable[EquationChain]) -> list[tuple[Side, Side]]:
    """Return the neighbouring sides of which one is written with the sign of a function.

    Of sums with as many terms each term and the one at its place are such.
    """
    return [
        pair
        for chain in chains
        if operation
        in {name for side in chain.sides for e in side.readings for name in e.content.operations}
        for sides in pairwise(chain.sides)
        for pair in zip(*_terms_beside(*sides), strict=True)
        if any(_has_plain(operation, side) for side in pair)
    ]


def _terms_beside(*sides: Side) -> Sequence[Sequence[Side]]:
    """Return the terms of two sums of as many, as sides; else the sides themselves."""
    ours, theirs = (
        [
            replace(side, readings=(node if sign > 0 else negate(node),))
            for sign, node in (signed_terms(side.tree) if side.tree is not None else ())
        ]
        for side in sides
    )
    return [ours, theirs] if len(ours) == len(theirs) > 1 else [[side] for side in sides]


def _with_sides(
    statements: Sequence[Statement], change: Callable[[Side], Side]
) -> Sequence[Statement]:
    """Return statements with each side of their chains changed."""
    return [
        replace(each, sides=tuple(map(change, each.sides)))
        if isinstance(each, EquationChain)
        else each
        for each in statements
    ]


def _stated_function(left: Side, right: Side) -> tuple[str, str, Node] | None:
    """Return the operation, the name and the formula of `σ(x) = x`, if it is not the usual one."""
    match left.tree, right.tree:
        case Call(operation="sigmoid", arguments=(Name(id=name),)) as call, Node() as formula if (
            right.relation == "="
            and {*names_in(formula)} == {name}
            and _are_one_formula(left, right) is False
        ):
            return call.operation, name, formula
    return None


def _are_one_formula(left: Side, right: Side) -> bool | None:
    """Tell whether two sides are worth the same where each name is some number."""
    trees = [side.tree for side in (left, right) if side.tree is not None]
    worths = (value_or_none(each, dict.fromkeys(names_in(each), SOME_NUMBER)) for each in trees)
    values = [value for value in worths if value is not None]
    return do_meet(*values) if len(values) == 2 else None


def _with_sigma_as_name(side: Side) -> Side:
    """Return a side with each σ of something as a name."""
    return _with_meaning(
        "sigmoid",
        lambda call: Name(f"σ({render(call.arguments[0])})", call.start, call.end),
        lambda call: Name(f"σ'({render(call.arguments[0])})", call.start, call.end),
        side,
    )


def _with_formula(operation: str, name: str, formula: Node, side: Side) -> Side:
    """Return a side with a formula for the calls of a function; nobody knows its slope then."""

    def put_in(call: Call) -> Node:
        place = partial(at_place, start=call.start, end=call.end)
        return rewrite(
            formula, lambda part: call.arguments[0] if part == Name(name) else place(part)
        )

    return _with_meaning(
        operation, put_in, lambda call: Name(f"{operation}'", call.start, call.end), side
    )


def _with_meaning(
    operation: str,
    meaning: Callable[[Call], Node],
    meaning_of_slope: Callable[[Call], Node],
    side: Side,
) -> Side:
    """Return a side with what is meant for the calls of a function, and for its slope."""
    if not _has_plain(operation, side):
        return side

    def is_slope(call: Call) -> bool:
        match call.arguments:
            case (Call(operation=name, arguments=(place, *_)), *_) if name == operation:
                return call == slope_of(operation, place)
        return False

    def meant(call: Call) -> Node:
        return meaning(call) if call.operation == operation else call

    trees = (
        rewrite_calls(
            rewrite_calls(tree, lambda call: meaning_of_slope(call) if is_slope(call) else call),
            meant,
        )
        for tree in side.readings
    )
    return replace(side, readings=tuple(trees))


def _explains_results(
    meaning: Callable[[Side], Side],
    pairs: Sequence[tuple[Side, Side]],
    habit: RoundingHabit,
    least: int,
) -> bool:
    """Tell whether another function makes some results right that were not, and none wrong.

    An exponential beside the sign says that it stands for its usual function.
    """
    trees = [side.tree for pair in pairs for side in pair if side.tree is not None]
    if any(any(calls_in(tree, frozenset(("exp",)))) for tree in trees):
        return False
    explained = set()
    for left, right in pairs:
        other = _sides_agree(meaning(left), meaning(right), habit)
        if other is not _sides_agree(left, right, habit):
            if not other:
                return False
            explained.add(left.tree)
    return len(explained) >= least


def _has_plain(operation: str, side: Side) -> bool:
    """Tell whether a side is written with the sign of a function that may mean another one.

    That is a `log` without a base, but for one of a library, and σ, but for the word `sigmoid`.
    """
    if side.tree is None or operation not in side.tree.content.operations:
        return False
    signs = {call.sign.lower() for call in calls_in(side.tree, (operation,))}
    return signs == {"log"} if operation == "log" else bool(signs - {"sigmoid"})


def _with_function(operation: str, other: str, side: Side) -> Side:
    """Return a side with another function for the sign of one, and its slope for that one's."""
    return _with_meaning(
        operation,
        partial(with_operation, other),
        lambda call: slope_of(other, call.arguments[0].children()[0]) or call,
        side,
    )


def _sides_agree(left: Side, right: Side, habit: RoundingHabit) -> bool:
    """Tell whether two sides of figures agree; False where one has names."""
    if left.tree is None or right.tree is None or names_in(left.tree) or names_in(right.tree):
        return False
    comparison = ValueComparison(WritersWorld(WritersRun()), habit)
    agreement = comparison.by_value(left.tree, right.tree, is_rounded=right.relation == "≈")
    return agreement <= Agreement.ROUNDING
