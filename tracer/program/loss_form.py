"""The form of a scenario's loss: which known one it is, and what it compares with what."""

from __future__ import annotations

from typing import Final

from tracer.errors import TracerError
from tracer.expression import Assignment, Call, Name, Node, Number, parse_program
from tracer.frozen import Value
from tracer.operations import table, vocabulary
from tracer.program.scenario import Scenario

LOSSES: Final = tuple(row.name for row in table().values() if row.is_loss)


class LossForm(Value):
    """The equation of the loss. `form` is one of LOSSES, or '' for a known pair otherwise joined.

    `prediction` and `target` are as written; `start` and `end` are the right side's place in the
    equations.
    """

    form: str
    prediction: Node
    target: Node
    start: int
    end: int


def loss_of(scenario: Scenario) -> LossForm | None:
    """Return the loss where it is of a known form of a prediction and a target, else None."""
    statement = _loss_equation(scenario)
    parts = None if statement is None else _form_of_loss(statement.value)
    if statement is None or parts is None:
        return None
    form, one, other = parts
    given = {**scenario.data, **scenario.constants}
    if (
        isinstance(one, Name)
        and one.id in given
        and not (isinstance(other, Name) and other.id in given)
    ):
        one, other = other, one
    return LossForm(form, one, other, *_side_place(scenario.equations, statement))


def _side_place(text: str, statement: Assignment) -> tuple[int, int]:
    """Return where the right side of an equation stands, brackets around it included."""
    start = text.index("=", statement.target.end) + 1
    start += len(text[start:]) - len(text[start:].lstrip(" \t"))
    end = statement.value.end
    while (inside := text[start:end]).count("(") > inside.count(")"):
        end = text.index(")", end) + 1
    return start, end


def _loss_equation(scenario: Scenario) -> Assignment | None:
    """Return the equation of the loss; None where it is in a loop, or there more than once."""
    try:
        statements = parse_program(scenario.equations, vocabulary=vocabulary())
    except TracerError:
        return None
    last = statements[-1] if statements else None
    name = scenario.loss
    if name is None and isinstance(last, Assignment) and isinstance(last.target, Name):
        name = last.target.id
    equations = [
        statement
        for statement in statements
        if isinstance(statement, Assignment)
        and isinstance(statement.target, Name)
        and statement.target.id == name
    ]
    return equations[0] if len(equations) == 1 else None


_ERROR_FORMS: Final = {
    "mean": {"power": "mse", "abs": "mae"},
    "sum": {"power": "squared_error", "abs": ""},
    "": {"power": "squared_error", "abs": "mae"},
}


def _form_of_loss(node: Node) -> tuple[str, Node, Node] | None:
    """Return the form of a loss and what it compares."""
    outer = ""
    match node:
        case Call(operation=name, arguments=(one, other, *_)) if name in LOSSES:
            return name, one, other
        case Call(operation="divide", arguments=(inner, Number(value=two))) if two == 2:
            return _half_square(inner)
        case Call(operation="multiply", arguments=(Number(value=half), inner)) if half * 2 == 1:
            return _half_square(inner)
        case Call(
            operation="multiply",
            arguments=(
                Call(operation="divide", arguments=(Number(value=one), Number(value=two))),
                inner,
            ),
        ) if one * 2 == two:
            return _half_square(inner)
        case Call(operation="mean" | "sum" as name, arguments=(inner,), keywords=()):
            outer, node = name, inner
    errors = _error_sides(node)
    return None if errors is None else (_ERROR_FORMS[outer][errors[0]], *errors[1:])


def _half_square(node: Node) -> tuple[str, Node, Node] | None:
    inner = _form_of_loss(node)
    if inner is None:
        return None
    return "half_squared_error" if inner[0] == "squared_error" else "", *inner[1:]


def _error_sides(node: Node) -> tuple[str, Node, Node] | None:
    """Return 'power' or 'abs' and both sides of the difference that is squared or made positive."""
    match node:
        case Call(
            operation="power" | "abs" as name,
            arguments=(Call(operation="subtract", arguments=(one, other)), *exponent),
        ):
            is_square = [item.value for item in exponent if isinstance(item, Number)] == [2]
            return (name, one, other) if is_square or name == "abs" else None
    return None
