"""What is said of a network before its first step: what it is, what it learns, what to watch.

Nothing of the end is told: only the scenario is looked at, and the program of its first iteration.
"""

from __future__ import annotations

import re
from typing import Final

from tracer.expression.syntax import Name
from tracer.narrative.messages import Sentence, present, say
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
    names = list(map(Name, _trained(program)))
    if program.loss is None:
        return present(
            say("It learns {names}.", names=names) if names else None,
            say("Nothing is learned here: each value is made from those before it."),
        )[0]
    loss = Name(program.loss)
    return present(
        say("Nothing is learned here: the loss {loss} is computed, and stays.", loss=loss)
        if not names
        else None,
        say(
            "It learns {count} numbers: each iteration changes them a little, to make the loss "
            "{loss} smaller.",
            count=f"{trained_numbers(scenario):,}",
            loss=loss,
        )
        if len(names) > MOST_NAMES
        else None,
        say(
            "It learns {name}: each iteration changes it a little, to make the loss {loss} "
            "smaller.",
            name=names[0],
            loss=loss,
        )
        if len(names) == 1
        else None,
        say(
            "It learns {names}: each iteration changes them a little, to make the loss {loss} "
            "smaller.",
            names=names,
            loss=loss,
        ),
    )[0]


def what_to_watch(scenario: Scenario, program: Program) -> Sentence:
    """Return what to watch on the way."""
    names = _trained(program)
    gradients = {name: gradient_of(program, name) for name in names}
    found = [(name, gradient) for name, gradient in gradients.items() if gradient is not None]
    if not names or not found or program.loss is None:
        return (
            say("Watch how the update computes new values from the old ones.")
            if names
            else say("Watch how each line puts in the values of the lines above it.")
        )
    is_descent = scenario.training is not None and scenario.training.optimizer == "sgd"
    name, gradient = map(Name, found[0])
    return present(
        say(
            "Watch the gradient {gradient}: it says how steeply the loss rises with {name}, and "
            "the update moves {name} the other way.",
            gradient=gradient,
            name=name,
        )
        if len(found) == 1 and is_descent
        else None,
        say(
            "Watch the gradients, such as {gradient}: they come back from the loss step by step, "
            "and each parameter moves against its own.",
            gradient=gradient,
        )
        if is_descent
        else None,
        say(
            "Watch the gradients, such as {gradient}: they come back from the loss step by step, "
            "and the update computes the change of each parameter from them.",
            gradient=gradient,
        ),
    )[0]


def _trained(program: Program) -> list[str]:
    """Return the names of what training changes."""
    return [name for name in program.carried if program.inputs[name].kind == "parameter"]
