"""Formulas that their figures do not fit: which sign of operation keeps the two apart."""

from __future__ import annotations

from typing import Final

from tracer.check.judge.evidence import BlamedPart, Evidence, WrongPart, is_as_in_run, trees_agree
from tracer.check.judge.explaining_slips import most_trials, roles_in, slips_of_formula
from tracer.check.model.written_trees import (
    CONSTANTS,
    calls_in,
    names_in,
)
from tracer.check.slips.rewriting import part_places
from tracer.check.slips.roles import guess_roles
from tracer.expression.syntax import Call, Name, Node

OPERATIONS: Final = ("add", "subtract", "multiply", "divide")
SUM_SIGNS: Final = {"add", "subtract"}
OF_AN_ERROR: Final = frozenset(("error", "target"))
"""Roles that make a difference one of prediction and target."""


def blame_turned_round(evidence: Evidence, left: Node, right: Node) -> WrongPart | None:
    """Blame a difference that was taken the other way round: the figures', or the formula's.

    A gradient is of prediction minus target; where its formula has target minus prediction and
    the result is that of the figures, the formula is wrong.
    """
    operations = _fitting_operations(evidence, right, left, is_turned=True)
    if len(operations) != 1:
        return None
    roles = guess_roles(names_in(left), evidence.target, left)
    begins_with_target = [
        (node, mended)
        for node, mended in _fitting_operations(evidence, left, right, is_turned=True)
        if roles.of.get(getattr(node.arguments[0], "id", "")) == "target"
    ]
    result = evidence.result
    if (
        begins_with_target
        and roles.phase == "backward"
        and not any(calls_in(left, frozenset(("negative",))))
        and (result is None or trees_agree(evidence.comparison, right, result))
    ):
        node, mended = begins_with_target[0]
        slips = ("error_reversed",)
        return WrongPart(evidence.position, node, None, "formula", slips, mended=mended)
    is_of_error = not OF_AN_ERROR.isdisjoint(roles.of.values()) and not begins_with_target
    slip = "error_reversed" if is_of_error else "difference_reversed"
    node, mended = operations[0]
    return WrongPart(evidence.position + 1, node, None, "figure", (slip,), mended=mended)


def blame_operation(evidence: Evidence, left: Node, right: Node) -> WrongPart:
    """Blame a formula or its figures, and the sign of operation in it that keeps them apart.

    The run, the result or the line that states the formula says which of the two is wrong; where
    none does, it is the formula.
    """
    result = evidence.result
    fitting = _fitting_operations(evidence, left, right)
    is_step = len(fitting) == 1 and _is_step(evidence, *fitting[0])
    agreeing = [result and trees_agree(evidence.comparison, side, result) for side in (left, right)]
    in_figures = is_step and fitting[0][1].operation == "add"  # they have to subtract as it does
    in_figures = in_figures or agreeing == [True, False]  # the odd one of the three
    in_figures = in_figures or (
        not is_as_in_run(evidence, right)
        and (evidence.is_stated or is_as_in_run(evidence, left))
        # The result follows from the figures, and a known slip leads from them to the formula.
        and not (
            evidence.reference is None
            and agreeing == [False, True]
            and len(fitting) != 1
            and slips_of_formula(evidence, left, right)
        )
    )
    in_figures = in_figures or CONSTANTS.issuperset(names_in(left))
    blamed = right if in_figures else left
    fitting = _fitting_operations(evidence, right, left) if in_figures else fitting
    position = evidence.position + in_figures
    if len(fitting) != 1:
        slips = slips_of_formula(evidence, *((right, left) if in_figures else (left, right)))
        return WrongPart(position, blamed, None, "formula", slips)
    node, mended = fitting[0]
    is_of_sum = {node.operation, mended.operation} == SUM_SIGNS
    slips = ("plus_for_minus" if is_step else "sign_lost" if is_of_sum else "other_operation",)
    is_wrong = in_figures or is_step or is_as_in_run(evidence, right)
    part: BlamedPart = "formula" if is_wrong else "either"
    return WrongPart(position, node, None, part, slips, mended=mended)


def _fitting_operations(
    evidence: Evidence, side: Node, other: Node | None, *, is_turned: bool = False
) -> list[tuple[Call, Call]]:
    """Return the operations of a side, each with the one that makes it agree with another side.

    Without another side it has to agree with the run.
    With `is_turned` they are its differences, each the other way round. There are none where they
    are too many to try: nobody knows then whether one alone fits.
    """
    instead = ("subtract",) if is_turned else OPERATIONS
    order = -1 if is_turned else 1
    changes = [
        (place, node, Call(operation, node.arguments[::order], (), node.start, node.end))
        for place in part_places(side)
        if isinstance(node := place.node, Call) and node.operation in instead
        if not (node.operation == "multiply" and node.sign in ("", " "))  # no sign was written
        for operation in instead
    ]
    if len(changes) > most_trials(side, evidence.comparison.value(other or side)):
        return []
    return [
        (node, new)
        for place, node, new in changes
        if new != node
        and (
            is_as_in_run(evidence, place.rewritten(new))
            if other is None
            else trees_agree(evidence.comparison, place.rewritten(new), other)
        )
    ]


def _is_step(evidence: Evidence, node: Call, other: Call) -> bool:
    """Tell whether an update adds its step or subtracts it, and its figures do the other."""
    first, target = node.arguments[0], (evidence.target or "").rstrip("'")
    before = evidence.writer.known_value(target)
    is_of_target = isinstance(first, Name) and first.id.rstrip("'") == target
    is_of_target |= before is not None and before.printed == evidence.comparison.value(first)
    is_turned = is_of_target and {node.operation, other.operation} == SUM_SIGNS
    return is_turned and roles_in(evidence, node).follows_gradient
