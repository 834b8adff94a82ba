"""Which other losses fit in the place of a scenario's own.

It knows no screen. A loss is changed by writing its equation anew in the scenario's text.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tracer.errors import TracerError
from tracer.expression import Name, Node, render
from tracer.operations import lookup, vocabulary
from tracer.program.loss_form import LOSSES, LossForm, loss_of
from tracer.program.program_builder import build_program
from tracer.program.scenario import Scenario
from tracer.program.scenario_edits import with_equations
from tracer.run.trace import Trace
from tracer.sentences import Sentence, say

_MOST_LOOKED_AT: Final = 2000  # iterations that are searched for a value that is no probability


class LossChoice(NamedTuple):
    """A loss that may be chosen; `refusal` says why it does not fit here, None that it does."""

    form: str
    words: str
    refusal: Sentence | str | None


# Another loss -----------------------------------------------------------------------------------


def with_loss(scenario: Scenario, loss: LossForm, form: str) -> Scenario:
    """Return the scenario with another loss of the same prediction and target.

    Raises ScenarioError where it cannot be read.
    """
    text = scenario.equations
    sides = [render(side, vocabulary=vocabulary()) for side in (loss.prediction, loss.target)]
    call = f"{form}({', '.join(sides)})"
    return with_equations(scenario, text[: loss.start] + call + text[loss.end :])


def all_losses(trace: Trace) -> list[LossChoice]:
    """Return all losses, each with the reason why it does not fit where it does not."""
    loss = loss_of(trace.scenario)
    if loss is None:
        return []
    return [
        LossChoice(form, str(lookup(form).words), _loss_refusal(trace, loss, form))
        for form in LOSSES
    ]


def _loss_refusal(trace: Trace, loss: LossForm, form: str) -> Sentence | str | None:
    """Return why a loss does not fit: shapes first, then the numbers of the record."""
    if form == loss.form:
        return None
    scenario = trace.scenario
    shapes = {
        name: item.shape for name, item in trace.program.inputs.items() if item.kind == "data"
    }
    try:
        built = build_program(with_loss(scenario, loss, form), shapes)
    except TracerError as error:
        return TracerError(error.what, expected=error.expected).sentence()
    target = loss.target
    if isinstance(target, Name):
        item = built.program.inputs.get(target.id)
        given = {**scenario.data, **scenario.constants}.get(target.id)
        are_labels = given is None or (given.are_whole() and min(given.floats()) >= 0)
        if item is not None and item.integer and not are_labels:
            return say("{name} is not made of labels (whole numbers from 0).", name=target)
    row = lookup(form)
    takes_probabilities = [operand in row.probabilities for operand in row.operands]
    if takes_probabilities[1] and _first_outside(trace, target) is not None:
        return say("{name} is not between 0 and 1.", name=target)
    bad = _first_outside(trace, loss.prediction) if takes_probabilities[0] else None
    if bad is not None:
        return say(
            "It takes probabilities, and {name} is not between 0 and 1 in iteration {number}.",
            name=loss.prediction,
            number=bad,
        )
    return None


def _first_outside(trace: Trace, node: Node) -> int | None:
    """Return the first iteration in which an entry is no probability; None where none is seen."""
    if not isinstance(node, Name):
        return None
    for number in range(1, min(len(trace), _MOST_LOOKED_AT) + 1):
        iteration = trace.iteration(number)
        if node.id not in iteration:  # cut off by a value that is not finite
            return None
        if any(not 0 <= entry <= 1 for entry in iteration.entries(node.id)):
            return number
    return None
