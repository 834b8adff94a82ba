"""The loss of a scenario: which of the known forms it is, and which others fit in its place.

It knows no screen. A loss is changed by writing its equation anew in the scenario's text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.errors import TracerError
from tracer.expression import parse_program, render
from tracer.expression.syntax import Assignment, Call, Name, Node, Number
from tracer.narrative.messages import Sentence, say
from tracer.operations import lookup, vocabulary
from tracer.ui.changes import with_equations

if TYPE_CHECKING:
    from tracer.program.scenario import Scenario
    from tracer.run.trace import Trace

__all__ = ["LOSSES", "Choice", "Loss", "choices", "loss_of", "with_loss"]

LOSSES: Final = (
    "squared_error",
    "half_squared_error",
    "mse",
    "mae",
    "bce",
    "bce_with_logits",
    "cross_entropy",
    "nll",
)
_PROBABILITIES: Final = ("bce", "nll")
_FROM_0_TO_1: Final = ("bce", "bce_with_logits")
_MOST_LOOKED_AT: Final = 2000  # iterations that are searched for a value that is no probability


class Loss(NamedTuple):
    """The equation of the loss. `form` is one of LOSSES, or '' for a known pair otherwise joined.

    `prediction` and `target` are as written; `start` and `end` are the right side's place in the
    equations.
    """

    form: str
    prediction: Node
    target: Node
    start: int
    end: int


class Choice(NamedTuple):
    """A loss that may be chosen; `refusal` says why it does not fit here, None that it does."""

    form: str
    words: str
    refusal: Sentence | str | None


def loss_of(scenario: Scenario) -> Loss | None:
    """Return the loss where it is of a known form of a prediction and a target, else None."""
    statement = _equation(scenario)
    found = None if statement is None else _form(statement.value)
    if statement is None or found is None:
        return None
    form, one, other = found
    given = {**scenario.data, **scenario.constants}
    if (
        isinstance(one, Name)
        and one.id in given
        and not (isinstance(other, Name) and other.id in given)
    ):
        one, other = other, one
    return Loss(form, one, other, *_place(scenario.equations, statement))


def _place(text: str, statement: Assignment) -> tuple[int, int]:
    """Return where the right side of an equation stands, brackets around it included."""
    start = text.index("=", statement.target.end) + 1
    start += len(text[start:]) - len(text[start:].lstrip(" \t"))
    end = statement.value.end
    while (inside := text[start:end]).count("(") > inside.count(")"):
        end = text.index(")", end) + 1
    return start, end


def _equation(scenario: Scenario) -> Assignment | None:
    """Return the equation of the loss; None where it is in a loop, or there more than once."""
    try:
        statements = parse_program(scenario.equations, vocabulary=vocabulary())
    except TracerError:
        return None
    last = statements[-1] if statements else None
    name = scenario.loss
    if name is None and isinstance(last, Assignment) and isinstance(last.target, Name):
        name = last.target.id
    found = [
        statement
        for statement in statements
        if isinstance(statement, Assignment)
        and isinstance(statement.target, Name)
        and statement.target.id == name
    ]
    return found[0] if len(found) == 1 else None


def _form(node: Node) -> tuple[str, Node, Node] | None:
    """Return the form of a loss and what it compares."""
    match node:
        case Call(operation=name, arguments=(one, other), keywords=()) if name in LOSSES:
            return name, one, other
        case Call(operation="divide", arguments=(inner, Number(value=two))) if two == 2:
            return _halved(inner)
        case Call(operation="multiply", arguments=(half, inner)) if _is_half(half):
            return _halved(inner)
        case Call(operation="mean" | "sum" as name, arguments=(inner,), keywords=()):
            errors = _errors(inner)
            if errors is None:
                return None
            kind = {"power": ("mse", "squared_error"), "abs": ("mae", "")}[errors[0]]
            return kind[name == "sum"], *errors[1:]
    errors = _errors(node)
    if errors is None:
        return None
    return "squared_error" if errors[0] == "power" else "mae", *errors[1:]


def _is_half(node: Node) -> bool:
    match node:
        case Number(value=half):
            return half * 2 == 1
        case Call(operation="divide", arguments=(Number(value=one), Number(value=two))):
            return one * 2 == two
    return False


def _halved(node: Node) -> tuple[str, Node, Node] | None:
    found = _form(node)
    if found is None:
        return None
    return "half_squared_error" if found[0] == "squared_error" else "", *found[1:]


def _errors(node: Node) -> tuple[str, Node, Node] | None:
    """Return 'power' or 'abs' and both sides of the difference that is squared or made positive."""
    match node:
        case Call(
            operation="power", arguments=(Call(operation="subtract") as inner, Number() as n)
        ):
            return ("power", *_sides(inner)) if n.value == 2 else None
        case Call(operation="abs", arguments=(Call(operation="subtract") as inner,)):
            return "abs", *_sides(inner)
    return None


def _sides(difference: Call) -> tuple[Node, Node]:
    one, other = difference.arguments
    return one, other


# Another loss -----------------------------------------------------------------------------------


def with_loss(scenario: Scenario, loss: Loss, form: str) -> Scenario:
    """Return the scenario with another loss of the same prediction and target.

    Raises ScenarioError where it cannot be read.
    """
    text = scenario.equations
    sides = [render(side, vocabulary=vocabulary()) for side in (loss.prediction, loss.target)]
    call = f"{form}({', '.join(sides)})"
    return with_equations(scenario, text[: loss.start] + call + text[loss.end :])


def choices(trace: Trace) -> list[Choice]:
    """Return all losses, each with the reason why it does not fit where it does not."""
    loss = loss_of(trace.scenario)
    if loss is None:
        return []
    return [Choice(form, str(lookup(form).words), _refusal(trace, loss, form)) for form in LOSSES]


def _refusal(trace: Trace, loss: Loss, form: str) -> Sentence | str | None:
    """Return why a loss does not fit: shapes first, then the numbers of the record."""
    if form == loss.form:
        return None
    from tracer.program.build import build

    scenario = trace.scenario
    shapes = {
        name: item.shape for name, item in trace.program.inputs.items() if item.kind == "data"
    }
    try:
        built = build(with_loss(scenario, loss, form), shapes)
    except TracerError as error:
        return TracerError(error.what, expected=error.expected).sentence()
    target = loss.target
    if isinstance(target, Name):
        item = built.program.inputs.get(target.id)
        if item is not None and item.integer and not _are_labels(trace, target.id):
            return say("{name} is not made of labels (whole numbers from 0).", name=target)
    if form in _FROM_0_TO_1:
        bad = _outside(trace, target)
        if bad is not None:
            return say("{name} is not between 0 and 1.", name=target)
    if form in _PROBABILITIES:
        bad = _outside(trace, loss.prediction)
        if bad is not None:
            return say(
                "It takes probabilities, and {name} is not between 0 and 1 in iteration {number}.",
                name=loss.prediction,
                number=bad,
            )
    return None


def _are_labels(trace: Trace, name: str) -> bool:
    given = {**trace.scenario.data, **trace.scenario.constants}.get(name)
    return given is None or (given.are_whole() and min(given.floats()) >= 0)


def _outside(trace: Trace, node: Node) -> int | None:
    """Return the first iteration in which an entry is no probability; None where none is seen."""
    if not isinstance(node, Name):
        return None
    for number, entries in _looked_at(trace, node.id):
        if any(not 0 <= entry <= 1 for entry in entries):
            return number
    return None


def _looked_at(trace: Trace, name: str) -> Iterator[tuple[int, Sequence[float]]]:
    for number in range(1, min(len(trace), _MOST_LOOKED_AT) + 1):
        try:
            yield number, trace.iteration(number).entries(name)
        except TracerError:  # not recorded, or cut off by a value that is not finite
            return
