"""What a derivation is asked for: detail, digits, iterations, notation."""

from __future__ import annotations

from collections.abc import Sequence
from operator import ne
from typing import Literal

from tracer.errors import RunError
from tracer.frozen import Value
from tracer.narrative.printed_values import MOST_SHOWN
from tracer.program.program import Phase
from tracer.run.trace import MOST_LOOKED_AT, Trace
from tracer.sentences import say

Detail = Literal["summary", "equation", "operation", "element"]


Style = Literal["textbook", "code"]


PHASES: dict[Phase, str] = {
    "forward": "Forward",
    "loss": "Loss",
    "backward": "Backward",
    "update": "Update",
}


class Options(Value):
    """What to tell, and at which detail.

    `digits` are the significant digits of results, `show` the iterations (None: a choice),
    `focus` the entry that the detail 'element' is about; with `exact` numbers are fractions, with
    `chain` each gradient is also written in one line through to the data. `notation` is how
    formulas are written, `most` up to how many entries arrays are printed and put into lines.
    """

    digits: int = 6
    show: tuple[int, ...] | None = None
    detail: Detail = "equation"
    focus: str | None = None
    exact: bool = False
    chain: bool = False
    notation: Style = "textbook"
    most: float = MOST_SHOWN


def is_iterated(trace: Trace) -> bool:
    """Tell whether an iteration is one of several, or changes anything for a next one."""
    return len(trace) > 1 or bool(trace.program.carried)


def shown_iterations(trace: Trace, show: Sequence[int] | None) -> list[int]:
    """Return the iterations to tell: the first update, and the last of a fault, if none are asked.

    Raises RunError where one is not there.
    """
    last = len(trace)
    if show is None:
        first = first_update(trace)
        return sorted({first, last if trace.fault is not None else first})
    for number in show:
        if not 1 <= number <= last:
            raise RunError(
                say("there is no iteration {number}", number=number),
                expected=say("iterations from 1 to {count}", count=last),
            )
    return sorted(set(show))


def first_update(trace: Trace) -> int:
    """Return the first iteration that changes a parameter; 1 where none is seen to."""
    program = trace.program
    pairs = [it for it in program.carried.items() if it[0] in program.parameters]
    whole = len(trace) - (trace.fault is not None)
    iterations = map(trace.iteration, range(1, min(whole, MOST_LOOKED_AT) + 1))
    changing = (
        iteration.number
        for iteration in iterations
        if any(any(map(ne, *map(iteration.entries, names))) for names in pairs)
    )
    return next(changing, 1)
