"""Ideas that a run can show: a row each, with a bundled scenario and what to look at in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from tracer.expression.syntax import Name
from tracer.frozen import Frozen
from tracer.narrative.blocks import Block, Cell, Paragraph, Table
from tracer.narrative.dependence import dependence_tables, dependences
from tracer.narrative.derivation import Options, StepSource
from tracer.narrative.messages import Sentence, say
from tracer.narrative.textbook_blocks import in_textbook, textbook_of
from tracer.operations import Shape
from tracer.operations.numbers import number_node, number_text
from tracer.program.scenario import load
from tracer.run.gradient_flow import gradient_flow
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

__all__ = ["IDEAS", "Idea", "idea_blocks", "idea_trace"]

AT: Final = (1, 2, 3)  # iterations of a comparison, and the last one
LAST: Final = 20
NUDGE: Final = 0.001


class Idea(Frozen):
    """An idea: what it is, a bundled scenario, and what is shown of its first iteration.

    `steps` are worked lines, `rates` learning rates whose losses are compared; `flow` shows the
    gradients layer by layer or step by step, `nudged` names a parameter that is moved a little;
    `settings` change the scenario. `picture` is equations for a result y, with the shapes of its
    operands: which entry of these reaches which of y.
    """

    words: Sentence
    more: Sentence
    scenario: str
    steps: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    flow: bool = False
    nudged: str = ""
    settings: tuple[str, ...] = ()
    picture: str = ""
    operands: Mapping[str, Shape] = MappingProxyType({})


IDEAS: Final[Mapping[str, Idea]] = {
    "gradient": Idea(
        say(
            "The gradient says how much the loss changes when a parameter is moved a little: its "
            "sign gives the direction, its size the steepness."
        ),
        say(
            "Move the parameter by a thousandth and compare: the change of the loss, divided by "
            "that thousandth, is close to the gradient."
        ),
        "one_weight",
        ("dloss/dw",),
        nudged="w",
    ),
    "backpropagation": Idea(
        say(
            "Backpropagation walks from the loss back to the parameters. Each step multiplies what "
            "arrives by one local derivative, and every intermediate result is used again."
        ),
        say(
            "From the output to the first layer: the error of the output layer makes the gradient "
            "of its weights, and goes on through those weights to the layer before."
        ),
        "mlp_2_2_2",
        ("dloss/da2", "dloss/dz2", "dloss/dW2", "dloss/da1", "dloss/dz1", "dloss/dW1"),
    ),
    "learning-rate": Idea(
        say(
            "The learning rate says how far a step goes along the gradient. Too small, and nothing "
            "much happens; too large, and each step overshoots by more than the one before."
        ),
        say("The loss of one network with five learning rates, in four of its iterations:"),
        "one_weight",
        rates=("0.01", "0.1", "0.5", "0.9", "1.1"),
    ),
    "broadcasting": Idea(
        say(
            "A smaller array is used as if it were repeated until it fits the larger one. What was "
            "used many times gets a gradient from each use, and they add up."
        ),
        say(
            "Here one bias is added to the result of every sample, so its gradient is a sum over "
            "the samples."
        ),
        "linear_regression",
        ("y_pred", "dloss/dy_pred", "dloss/db"),
    ),
    "vanishing-gradients": Idea(
        say(
            "On its way back a gradient is multiplied by a slope at each layer or time step. Where "
            "these are below 1 it shrinks with each of them, and the first ones hardly learn."
        ),
        say(
            "The gradients of the last weight and of the first, then the size of the gradient at "
            "each quantity on the way, in the order of the forward pass:"
        ),
        "deep_sigmoid",
        ("dloss/dw6", "dloss/dw1"),
        flow=True,
    ),
    "saturation": Idea(
        say(
            "A unit is saturated where its activation is flat: whatever arrives from behind is "
            "multiplied by a slope close to 0."
        ),
        say(
            "A network of sigmoids whose inputs are fifty times too large: its hidden units lie on "
            "the flat parts. The gradient before and behind them; the factor between is the slope, "
            "at most a quarter where a sigmoid is steepest, and here next to nothing."
        ),
        "mlp_2_2_2",
        ("dloss/da1", "dloss/dz1"),
        flow=True,
        settings=("x=[[30, -20]]",),
    ),
    "attention": Idea(
        say(
            "Attention mixes rows: every row asks with a query, all rows answer with a key, and "
            "the softmax of how well they agree says how much of each row's value is taken."
        ),
        say("From the scores to the mixture, and the gradient back to the scores:"),
        "self_attention",
        (),
        flow=True,
        picture="y = softmax(Q @ K.T / sqrt(2)) @ V",
        operands={"Q": (2, 2), "K": (2, 2), "V": (2, 2)},
    ),
    "batch-normalization": Idea(
        say(
            "Batch normalisation moves what a unit computes to mean 0 and spread 1 over the batch, "
            "so that the next layer always sees numbers of one size; a gain and a shift, which are "
            "trained, may undo it."
        ),
        say(
            "Mean and spread belong to the batch, so a sample reaches the results of all others, "
            "and its gradient is a sum over three ways: directly, by the mean and by the spread. "
            "What would only shift all samples alike, or stretch them, comes back as 0."
        ),
        "batch_norm",
        ("m", "s", "z_hat", "dloss/dz_hat", "dloss/ds", "dloss/dm", "dloss/dz"),
        picture="m = mean(z, axis=0)\ny = (z - m) / sqrt(mean((z - m)**2, axis=0) + 0.00001)",
        operands={"z": (3, 2)},
    ),
}


def idea_trace(idea: Idea) -> Trace:
    """Return the run that an idea's numbers come from."""
    return run_scenario(load(idea.scenario, settings=idea.settings))


def idea_blocks(idea: Idea, trace: Trace, digits: int) -> Iterator[Block]:
    """Yield what is shown of an idea's run."""
    iteration = trace.iteration(1)
    textbook = textbook_of(iteration)
    yield Paragraph([idea.more])
    source = StepSource(trace, Options(digits))
    for step in source.steps(1):
        if step.equation.name in idea.steps:
            shown: list[Block] = [*source.lines(iteration, step)]
            if step.sentence is not None:
                shown.append(Paragraph([step.sentence]))
            yield from in_textbook(shown, textbook)
    if idea.nudged:
        yield from _nudge(idea, trace, digits)
    if idea.rates:
        yield _comparison(idea, trace, digits)
    if idea.flow:
        yield from in_textbook([_flow(trace, digits)], textbook)
    if idea.picture:
        yield from dependence_tables(dependences(idea.picture, idea.operands, {}))


def _flow(trace: Trace, digits: int) -> Table:
    """Return the size of the gradient at each quantity on the way."""
    rows: list[list[Cell]] = [
        [Name(row.name), number_node(number_text(row.gradient, digits))]
        for row in gradient_flow(trace, 1).layers
    ]
    return Table([say("quantity"), say("root mean square of its gradient")], rows)


def _changed(idea: Idea, *settings: str) -> Trace:
    return run_scenario(load(idea.scenario, settings=(*idea.settings, *settings)))


def _nudge(idea: Idea, trace: Trace, digits: int) -> Iterator[Block]:
    """Yield the loss at a parameter and a little further, and what the difference comes to."""
    loss = trace.program.loss or ""
    iteration = trace.iteration(1)
    here = iteration.floats(idea.nudged)[0]
    moved = _changed(idea, f"{idea.nudged}={here + NUDGE!r}").iteration(1)
    before, after = iteration.floats(loss)[0], moved.floats(loss)[0]
    yield Paragraph(
        [
            say(
                "At {here} the loss is {before}, at {there} it is {after}: the change divided by "
                "{step} is {quotient}.",
                here=number_node(number_text(here, digits)),
                there=number_node(number_text(here + NUDGE, digits)),
                before=number_node(number_text(before, digits)),
                after=number_node(number_text(after, digits)),
                step=number_node(number_text(NUDGE, digits)),
                quotient=number_node(number_text((after - before) / NUDGE, digits)),
            )
        ]
    )


def _comparison(idea: Idea, trace: Trace, digits: int) -> Table:
    """Return the losses of the first iterations and of the last, for each learning rate."""
    rows: list[list[Cell]] = []
    last = 0
    for rate in idea.rates:
        settings = f"training.learning_rate={rate}", f"training.iterations={LAST}"
        losses = _changed(idea, *settings).floats(trace.program.loss or "")
        last = len(losses)
        chosen = [*(losses[number - 1] for number in AT), losses[-1]]
        rows.append([rate, *(number_node(number_text(value, digits)) for value in chosen)])
    head: list[Cell] = [say("learning rate")]
    head += [str(number) for number in (*AT, last)]
    return Table(head, rows)
