"""What is said of a network before its first step: what it is, what it learns, what to watch.

Nothing of the end is told: only the scenario is looked at, and the program of its first iteration.
"""

from __future__ import annotations

import re
from typing import Final

from tracer.expression.syntax import Name
from tracer.narrative.messages import Sentence, say
from tracer.narrative.overview import trained_numbers
from tracer.narrative.steps import gradient_of
from tracer.program.program import Program
from tracer.program.scenario import Scenario
from tracer.sentences import Local

__all__ = ["first_sentence", "lesson", "what_to_watch"]

MOST_NAMES: Final = 6
_END: Final = re.compile(r"(?<=[.?!])\s|(?<=[。？！])")


def first_sentence(scenario: Scenario) -> Local:
    """Return the first sentence of the description in all its languages; empty without one."""
    purpose = scenario.purpose
    others = {code: _END.split(text, maxsplit=1)[0] for code, text in purpose.others.items()}
    return Local(_END.split(purpose.text, maxsplit=1)[0], others)


def lesson(scenario: Scenario, program: Program) -> Sentence:
    """Return what the network learns."""
    names = _trained(program)
    if program.loss is None:
        if names:
            return say("It learns {names}.", names=list(map(Name, names)))
        return say("Nothing is learned here: each value is made from those before it.")
    loss = Name(program.loss)
    if not names:
        return say("Nothing is learned here: the loss {loss} is computed, and stays.", loss=loss)
    if len(names) > MOST_NAMES:
        return say(
            "It learns {count} numbers: each iteration changes them a little, to make the loss "
            "{loss} smaller.",
            count=f"{trained_numbers(scenario):,}",
            loss=loss,
        )
    if len(names) == 1:
        return say(
            "It learns {name}: each iteration changes it a little, to make the loss {loss} "
            "smaller.",
            name=Name(names[0]),
            loss=loss,
        )
    return say(
        "It learns {names}: each iteration changes them a little, to make the loss {loss} smaller.",
        names=list(map(Name, names)),
        loss=loss,
    )


def what_to_watch(scenario: Scenario, program: Program) -> Sentence:
    """Return what to watch on the way."""
    names = _trained(program)
    if not names:
        return say("Watch how each line puts in the values of the lines above it.")
    gradients = {name: gradient_of(program, name) for name in names}
    found = [(name, gradient) for name, gradient in gradients.items() if gradient is not None]
    if not found or program.loss is None:
        return say("Watch how the update computes new values from the old ones.")
    is_descent = scenario.training is not None and scenario.training.optimizer == "sgd"
    name, gradient = found[0]
    if len(found) == 1 and is_descent:
        return say(
            "Watch the gradient {gradient}: it says how steeply the loss rises with {name}, and "
            "the update moves {name} the other way.",
            gradient=Name(gradient),
            name=Name(name),
        )
    if is_descent:
        return say(
            "Watch the gradients, such as {gradient}: they come back from the loss step by step, "
            "and each parameter moves against its own.",
            gradient=Name(gradient),
        )
    return say(
        "Watch the gradients, such as {gradient}: they come back from the loss step by step, and "
        "the update computes the change of each parameter from them.",
        gradient=Name(gradient),
    )


def _trained(program: Program) -> list[str]:
    """Return the names of what training changes."""
    return [name for name in program.carried if program.inputs[name].kind == "parameter"]
