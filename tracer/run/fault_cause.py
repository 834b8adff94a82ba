"""What made the first value that is not finite: one operation, and what went into it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, takewhile
from operator import gt
from typing import Any, Literal

from tracer.expression import Call, Name, Node
from tracer.frozen import Frozen, Value, replace
from tracer.operations import Shape, bound, broadcast_index, literal, ravel, unravel
from tracer.program.program import substitute, unnamed_values
from tracer.run.layout import non_finite_places
from tracer.run.trace import FaultKind, Iteration, Replay, Trace, fault_kind

Reason = Literal["overflow", "pole", "domain", "share"]
"""Why finite values give one that is not.

'domain': the function has no real value there (the logarithm of a negative number, 0/0). 'pole':
it has none at 0 and grows without bound beside it (1/0, log 0). 'share': the first operand is no
share from 0 to 1, as a loss of probabilities needs. 'overflow': the value, or a part of
a sum, is larger than a number of the run's dtype can be.
"""


class FaultInput(Value):
    """What went into the operation: a quantity or a number, its entry there, or its range.

    `first` is the quantity's entry at the same place in the first iteration, None where that is
    not known.
    """

    node: Node
    lowest: float
    highest: float
    first: float | None = None


class FaultCause(Frozen):
    """The operation with the first value that is not finite, in the equation `name`.

    It may be a part of that equation which has no name, where the whole is finite: `stopped` is
    what the run stopped at, which is `stopped_kind`. Of a function of each entry the inputs are
    those of the entry that is not finite; of others their ranges.
    """

    iteration: int
    name: str
    stopped: Node
    stopped_kind: FaultKind
    operation: str
    formula: Node
    inputs: Sequence[FaultInput]
    kind: FaultKind
    reason: Reason
    elementwise: bool
    growing: int  # losses in a row before it, each larger than the one before

    @property
    def diverged(self) -> bool:
        """Whether the values had been growing, iteration after iteration, before it."""
        return self.reason == "overflow" and self.growing >= 2

    def as_dictionary(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "iteration": self.iteration,
            "name": self.name,
            "operation": self.operation,
            "inputs": [[item.lowest, item.highest] for item in self.inputs],
            "non_finite": self.kind,
            "reason": self.reason,
            "diverged": self.diverged,
        }


def fault_cause(trace: Trace) -> FaultCause | None:
    """Return what made the first value of a run that is not finite; None where all are."""
    fault = trace.fault
    if fault is None:
        return None
    replay = Replay(trace)
    iteration = replay.iteration(fault.iteration)
    there, masked = set(iteration), iteration.built.masked
    odd = (
        (equation, place)
        for equation in iteration.program.equations
        if equation.name in there
        for place in non_finite_places(
            iteration.floats(equation.name), is_masked=equation.name in masked
        )
    )
    equation, place = next(odd, (None, 0))
    if equation is None:
        return None
    value = iteration.floats(equation.name)[place]
    first = replay.iteration(1) if iteration.number > 1 else None
    unnamed = unnamed_values(iteration.program.equations)
    call = equation.expression
    operands: Sequence[Node] = ()
    elementwise, operation, takes_share = True, "", False
    if isinstance(call, Call):
        row, operands, _ = bound(call)
        elementwise, operation = row.elementwise, row.name
        takes_share = row.law is not None and row.law.share
    inputs = [
        replace(
            _faulty_input(
                iteration, first, operand, place, equation.shape, elementwise=elementwise
            ),
            node=substitute(operand, unnamed),
        )
        for operand in operands
    ]
    losses = [] if trace.program.loss is None else trace.floats(trace.program.loss)
    finite = [loss for loss in losses if math.isfinite(loss)]
    ranges = [bound for item in inputs for bound in (item.lowest, item.highest)]
    is_pole = elementwise and any(item.lowest == 0 for item in inputs)
    reason: Reason = "pole" if is_pole else "overflow"
    if math.isnan(value) and (elementwise or not all(map(math.isfinite, ranges))):
        reason = "domain"
    if takes_share and not 0 <= inputs[0].lowest <= inputs[0].highest <= 1:
        reason = "share"
    return FaultCause(
        iteration=iteration.number,
        name=equation.base or equation.name,
        stopped=trace.program.written_form(fault.name if equation.base else equation.name),
        stopped_kind=fault.kind if equation.base else fault_kind(value),
        operation=operation,
        formula=substitute(call, unnamed),
        inputs=inputs,
        kind=fault_kind(value),
        reason=reason,
        elementwise=elementwise,
        growing=growing_at_end(finite, gt),
    )


def growing_at_end(losses: Sequence[float], grows: Callable[[float, float], object]) -> int:
    """Return how many losses at the end have grown in a row; `grows(after, before)` says so."""
    pairs = pairwise(reversed(losses))
    return sum(1 for _ in takewhile(lambda pair: grows(*pair), pairs))


def _faulty_input(
    iteration: Iteration,
    first: Iteration | None,
    node: Node,
    place: int,
    shape: Shape,
    *,
    elementwise: bool,
) -> FaultInput:
    """Return what an operand held, at the entry that is not finite where that can be told."""
    if not isinstance(node, Name):
        number = literal(node)
        value = math.nan if number is None else float(number)
        return FaultInput(node, value, value)
    entries = iteration.floats(node.id)
    if not elementwise:
        return FaultInput(node, min(entries), max(entries))
    own = iteration.shape(node.id)
    at = ravel(broadcast_index(unravel(place, shape), own), own)
    before = None if first is None else first.floats(node.id)[at]
    return FaultInput(node, entries[at], entries[at], before)
