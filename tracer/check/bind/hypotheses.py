"""Conventions as hypotheses about a whole part: half the square, the sum for the mean, …

One is adopted only where the part declares it by a formula, or where it explains at least two
independent wrong results, makes no right one wrong and contradicts nothing that is written. Nothing
is judged here: what a part says of the run's quantities is counted, once, before judging.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tracer.check.bind.document_parts import DocumentPart
from tracer.check.bind.run_view import RunView
from tracer.check.bind.run_world import RunWorld, WritersWorld
from tracer.check.bind.writers_run import WritersRun
from tracer.check.compare.bounded_values import Spot
from tracer.check.compare.rounding_habit import RoundingHabit
from tracer.check.compare.side_comparison import Agreement, SideComparison
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
    rename_calls,
)
from tracer.expression.syntax import Name, Node
from tracer.frozen import Frozen, replace
from tracer.sentences import Sentence

__all__ = [
    "OTHER_LOGARITHMS",
    "adopted_convention",
    "with_logarithm",
]

LEAST_EXPLAINED: Final = 2  # independent wrong results; one may as well be a slip
OTHER_LOGARITHMS: Final = ("log10", "log2")


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
    claims = list(_claims(document, part, view))
    wrong = [claim for claim in claims if not _holds(claim, view, habit)]
    if not wrong:
        return None
    for words, changed in view.alternatives():
        if any(not _holds(claim, changed, habit) for claim in claims if claim not in wrong):
            continue  # it makes a right claim wrong
        explained = [claim for claim in wrong if _holds(claim, changed, habit)]
        is_declared = any(_declares(claim, view, changed, habit) for claim in explained)
        if is_declared or _independent(explained) >= LEAST_EXPLAINED:
            return changed, words
    return None


def _claims(document: WorkedDocument, part: DocumentPart, view: RunView) -> Iterator[_Claim]:
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
        if not spots or view.phase(spots[0]) == "given":
            continue
        sides = [
            tree
            for at, tree in enumerate(trees[1:], 2)
            if tree is not None and (names_in(tree) or (at == len(trees) and is_literal(tree)))
        ]
        if sides:
            yield _Claim(spots[0], statement.iteration or iteration, sides)


def _holds(claim: _Claim, view: RunView, habit: RoundingHabit) -> bool:
    """Tell whether all that a claim says is so in a run."""
    reference = view.value(claim.spot, claim.iteration)
    comparison = SideComparison(RunWorld(view, WritersRun(), claim.iteration), habit, {})
    return reference is None or all(
        comparison.with_reference(side, reference, is_rounded=False) is not Agreement.DIFFERS
        for side in claim.sides
    )


def _declares(claim: _Claim, view: RunView, changed: RunView, habit: RoundingHabit) -> bool:
    """Tell whether a formula of the loss says the convention: true at any numbers."""
    if claim.spot[0] != view.program.loss or not claim.formulas:
        return False
    other = changed.perturbed()
    return other is not None and _holds(_Claim(claim.spot, 1, claim.formulas), other, habit)


def _independent(claims: Sequence[_Claim]) -> int:
    """Return how many of some results do not follow from another one of them."""
    count = 0
    computed: set[str] = set()
    for claim in claims:
        if is_literal(claim.sides[-1]):
            used = {name for formula in claim.formulas for name in names_in(formula)}
            count += used.isdisjoint(computed)
            computed.add(claim.spot[0])
    return count


# The base of a logarithm


def with_logarithm(
    document: WorkedDocument, statements: Sequence[Statement], habit: RoundingHabit
) -> Sequence[Statement]:
    """Return the statements of a part with each `log` to the base that its figures show.

    It is the natural one unless another explains two results of figures, and makes none wrong.
    """
    chains = [each for each in statements if isinstance(each, EquationChain)]
    worked = [
        pair
        for chain in chains
        if any(map(_has_plain_logarithm, chain.sides))
        for pair in zip(chain.sides, chain.sides[1:], strict=False)
    ]
    for operation in OTHER_LOGARITHMS if worked and "log" not in document.logarithms else ():
        explained = set()
        for left, right in worked:
            other = _agrees(_with_base(operation, left), _with_base(operation, right), habit)
            if other is not _agrees(left, right, habit):
                if not other:
                    break
                explained.add(left.tree)
        else:
            if len(explained) >= LEAST_EXPLAINED:
                return [
                    replace(each, sides=tuple(_with_base(operation, side) for side in each.sides))
                    if isinstance(each, EquationChain)
                    else each
                    for each in statements
                ]
    return statements


def _has_plain_logarithm(side: Side) -> bool:
    """Tell whether a side has a `log` without a base; that of a library is the natural one."""
    text = side.written.text
    is_plain = "log" in text and "ln" not in text and ".log" not in text
    return is_plain and side.tree is not None and any(calls_in(side.tree, frozenset(("log",))))


def _with_base(operation: str, side: Side) -> Side:
    """Return a side with the plain logarithms in it as an operation with a base."""
    if not _has_plain_logarithm(side):
        return side
    names = {"log": operation}
    return replace(side, readings=tuple(rename_calls(tree, names) for tree in side.readings))


def _agrees(left: Side, right: Side, habit: RoundingHabit) -> bool:
    """Tell whether two sides of figures agree; False where one has names."""
    if left.tree is None or right.tree is None or names_in(left.tree) or names_in(right.tree):
        return False
    comparison = SideComparison(WritersWorld(WritersRun()), habit, {})
    is_rounded = right.relation == "≈"
    return comparison.by_value(left.tree, right.tree, is_rounded=is_rounded) <= Agreement.ROUNDING
