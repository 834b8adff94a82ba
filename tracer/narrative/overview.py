"""A scenario before it runs: what it is about, its quantities, its equations, its training.

Nothing of the end is told: only the scenario is looked at, and the program of its first iteration.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from tracer.expression import Name
from tracer.lazy_regex import lazy_regex
from tracer.narrative.blocks import Block, Cell, EquationLine, Heading, Paragraph, Table, present
from tracer.narrative.derivation_options import Style
from tracer.narrative.pictures import network_graph
from tracer.narrative.steps import gradient_of
from tracer.narrative.textbook_blocks import in_textbook, textbook_in
from tracer.narrative.words import KINDS, description_blocks, setting_words, shape_words
from tracer.operations import array_node, figure_node, number_text, sample_number, written_text
from tracer.program.given_array import GivenArray
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import BuiltProgram, Program
from tracer.program.scenario import Scenario
from tracer.program.scenario_draft import Training
from tracer.sentences import Local, Sentence, say

MOST_ENTRIES = 12  # of an array that is printed whole
MOST_NAMES: Final = 6
_END: Final = lazy_regex(r"(?<=[.?!])\s|(?<=[。？！])")


def trained_numbers(scenario: Scenario) -> int:
    """Return how many numbers training changes."""
    names = scenario.parameters if scenario.trainable is None else scenario.trainable
    return sum(scenario.parameters[name].size for name in names)


def overview(
    scenario: Scenario, built: BuiltProgram, notation: Style = "textbook"
) -> Iterator[Block]:
    """Yield the blocks that show a scenario; `built` is the program of its first step."""
    return in_textbook(_overview(scenario, built), textbook_in(notation, built))


def _overview(scenario: Scenario, built: BuiltProgram) -> Iterator[Block]:
    program = built.program
    counts = say(
        "Parameters: {parameters}; numbers in them: {count}, of which training changes {trained}.",
        count=sum(array.size for array in scenario.parameters.values()),
        parameters=len(scenario.parameters),
        trained=trained_numbers(scenario) if scenario.training is not None else 0,
    )
    loss = [] if program.loss is None else [say("The loss is {name}.", name=Name(program.loss))]
    graph = network_graph(program)
    variants = [
        say("{name}: {changes}", name=variant.name, changes=[*map(setting_words, variant.settings)])
        for variant in scenario.variants
    ]
    yield from (
        Heading(1, say("{title}", title=scenario.heading)),
        *description_blocks(scenario),
        Heading(2, say("What is given")),
        _quantity_sentences(scenario),
        Paragraph([counts]),
        Heading(2, say("The equations")),
        *(
            EquationLine(Name(equation.name), equation.expression)
            for equation in program.phase("forward", "loss")
        ),
        *(Paragraph([sentence]) for sentence in loss),
        *(() if graph is None else (Heading(2, say("The network")), graph)),
        *_training_sentences(scenario, built),
        *([Heading(2, say("Variants"))] if variants else []),
        *(Paragraph([sentence], kind="item") for sentence in variants),
    )


def _quantity_sentences(scenario: Scenario) -> Table:
    tables = {
        "data": scenario.data,
        "parameter": scenario.parameters,
        "constant": scenario.constants,
    }
    single = scenario.training is not None and scenario.training.sample is not None
    return Table(
        [say("quantity"), say("kind"), say("shape"), say("initial value")],
        [
            [
                Name(name),
                KINDS[kind],
                _extent_text(array, single and kind == "data"),
                _value_text(array),
            ]
            for kind, table in tables.items()
            for name, array in table.items()
        ],
    )


def _extent_text(array: GivenArray, of_samples: bool) -> Cell:
    """Return how large a quantity is; of data that is used row by row, how many samples it has."""
    if not array.shape:
        return ""
    if not of_samples:
        return shape_words(array.shape)
    count, each = array.shape[0], array.shape[1:] or (1,)
    return say("{count} {count:sample|samples} of {size}", count=count, size=shape_words(each))


def _value_text(array: GivenArray) -> Cell:
    """Return a given quantity for a table: its numbers, or their range."""
    if array.size <= MOST_ENTRIES:
        texts = (
            [number_text(value, 6) for value in array.floats()]
            if array.exact is None
            else [written_text(value) for value in array.exact]
        )
        return array_node(texts, array.shape)
    values = [value for value in array.floats() if math.isfinite(value)]
    return say(
        "from {low} to {high}",
        low=figure_node(min(values), 6),
        high=figure_node(max(values), 6),
    )


def _training_sentences(scenario: Scenario, built: BuiltProgram) -> Iterator[Block]:
    training = scenario.training
    yield Heading(2, say("Training"))
    if training is None:
        yield Paragraph([say("Nothing is trained; the scenario only computes.")])
        return
    optimizer = OPTIMIZERS.get(training.optimizer)
    rule = (
        say("{name}: {words}", name=optimizer.name, words=say(optimizer.words))
        if optimizer is not None
        else say("The scenario has an update rule of its own.")
    )
    yield Paragraph([rule], kind="item")
    for name, array in built.settings.items():
        value = array_node([written_text(value) for value in array.exact or array.floats()], ())
        yield EquationLine(Name(name), value)
    yield from (
        Paragraph([say("{name} starts at {value}.", name=Name(name), value=_value_text(array))])
        for name, array in built.first_values.items()
    )
    yield Paragraph(_extent_sentences(training))


def _extent_sentences(training: Training) -> list[Sentence]:
    """Say how long training lasts and what each step sees."""
    epochs, sample = training.epochs, training.sample
    sample_count = training.batch_size or (training.samples is not None and len(training.samples))
    return present(
        say("Iterations: {count}.", count=training.iterations or 1)
        if epochs is None
        else say("Epochs: {count}.", count=epochs),
        say("It ends as soon as {condition}.", condition=training.stop_when)
        if training.stop_when is not None
        else None,
        say("Each step sees sample {number}.", number=sample_number(sample))
        if sample is not None
        else None,
        say("Samples in each step: {count}.", count=sample_count)
        if sample is None and sample_count
        else None,
    )


def first_sentence(scenario: Scenario) -> Local:
    """Return the first sentence of the description in all its languages; empty without one."""
    purpose = scenario.purpose
    others = {code: _END.split(text, maxsplit=1)[0] for code, text in purpose.others.items()}
    return Local(_END.split(purpose.text, maxsplit=1)[0], others)


def lesson_sentences(scenario: Scenario, program: Program) -> Sentence:
    """Return what the network learns."""
    names = list(map(Name, _trained_names(program)))
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
    names = _trained_names(program)
    gradients = {name: gradient_of(program, name) for name in names}
    gradient_pairs = [
        (name, gradient) for name, gradient in gradients.items() if gradient is not None
    ]
    if not names or not gradient_pairs or program.loss is None:
        return (
            say("Watch how the update computes new values from the old ones.")
            if names
            else say("Watch how each line uses the values of the lines above it.")
        )
    is_descent = scenario.training is not None and scenario.training.optimizer == "sgd"
    name, gradient = map(Name, gradient_pairs[0])
    return present(
        say(
            "Watch the gradient {gradient}: it says how steeply the loss rises with {name}, and "
            "the update moves {name} the other way.",
            gradient=gradient,
            name=name,
        )
        if len(gradient_pairs) == 1 and is_descent
        else None,
        say(
            "Watch the gradients, such as {gradient}: each says how steeply the loss rises with "
            "its parameter. They come back from the loss step by step, and each parameter moves "
            "against its own.",
            gradient=gradient,
        )
        if is_descent
        else None,
        say(
            "Watch the gradients, such as {gradient}: each says how steeply the loss rises with "
            "its parameter. They come back from the loss step by step, and the update computes the "
            "change of each parameter from them.",
            gradient=gradient,
        ),
    )[0]


def _trained_names(program: Program) -> list[str]:
    """Return the names of what training changes."""
    return [name for name in program.carried if program.inputs[name].kind == "parameter"]
