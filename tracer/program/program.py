"""The list of equations: what a training step is made of. Plain records, no mathematics.

Each equation has one name, one phase and one shape. Forward, loss, backward and update are all
equations of the same language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tracer.expression.syntax import Array, Call, Name, Node, Number, Slice, Tuple
from tracer.operations import Shape

__all__ = ["Equation", "Input", "Phase", "Program", "names_in", "substitute"]

Phase = Literal["forward", "loss", "metric", "backward", "update"]
Kind = Literal["data", "parameter", "constant", "setting", "state", "counter"]


CONSTANTS = frozenset(("True", "False", "None"))


@dataclass(frozen=True, slots=True)
class Equation:
    """`name = expression`.

    `rules` names the derivative rules that wrote a gradient, outermost first; `of` and `wrt` say
    which gradient it is; `path` names the equation a contribution came through; `base` is the
    equation that an unnamed value was taken out of ('' for a named one); `line` is the line of
    the scenario's equations.
    """

    name: str
    expression: Node
    shape: Shape
    phase: Phase
    line: int = 0
    rules: tuple[str, ...] = ()
    of: str = ""
    wrt: str = ""
    path: str = ""
    base: str = ""

    def rewritten(self, expression: Node, rules: tuple[str, ...]) -> Equation:
        """Return the equation with another expression and its rules; quicker than `replace`."""
        return Equation(
            self.name,
            expression,
            self.shape,
            self.phase,
            self.line,
            rules,
            self.of,
            self.wrt,
            self.path,
            self.base,
        )


@dataclass(frozen=True, slots=True)
class Input:
    """A quantity that no equation computes. `integer`: it is used as labels or ids."""

    name: str
    kind: Kind
    shape: Shape
    integer: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Equations in the order they are computed, and what they start from.

    `carried` maps each trained parameter and each state to the name it has after the update.
    `unreached` lists parameters without a path to the loss; their gradient is zero.
    """

    inputs: Mapping[str, Input]
    equations: tuple[Equation, ...]
    loss: str | None = None
    carried: Mapping[str, str] = field(default_factory=dict)
    unreached: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters, in the order of the scenario."""
        return tuple(name for name, item in self.inputs.items() if item.kind == "parameter")

    def equation(self, name: str) -> Equation:
        """Return the equation that computes a name. Raises KeyError."""
        for equation in self.equations:
            if equation.name == name:
                return equation
        raise KeyError(name)

    def phase(self, *phases: Phase) -> Iterator[Equation]:
        """Yield the equations of some phases, in order."""
        return (equation for equation in self.equations if equation.phase in phases)


def names_in(node: Node) -> list[str]:
    """Return the quantities an expression uses, each time it uses them, from the left."""
    names: list[str] = []
    waiting = [node]
    if type(node) is Call and not node.keywords:
        for part in node.arguments:  # one operation on names and numbers, as a rule
            if type(part) is Name:
                if part.id not in CONSTANTS:
                    names.append(part.id)
            elif type(part) is not Number:
                names.clear()
                break
        else:
            return names
    while waiting:
        part = waiting.pop()
        if isinstance(part, Name):
            if part.id not in CONSTANTS:
                names.append(part.id)
        elif isinstance(part, Call) and not part.keywords:
            waiting += part.arguments[::-1]
        elif not isinstance(part, Number):
            waiting += reversed(part.children())
    return names


def substitute(node: Node, replace: Mapping[str, Node]) -> Node:
    """Return the expression with names replaced by expressions."""
    if isinstance(node, Name):
        return replace.get(node.id, node)
    if isinstance(node, Call):
        arguments = tuple(substitute(item, replace) for item in node.arguments)
        if all(new is old for new, old in zip(arguments, node.arguments, strict=True)):
            return node
        return Call(node.operation, arguments, node.keywords, node.start, node.end)
    if isinstance(node, (Array, Tuple)):
        items = tuple(substitute(item, replace) for item in node.items)
        if all(new is old for new, old in zip(items, node.items, strict=True)):
            return node
        return type(node)(items, node.start, node.end)
    if isinstance(node, Slice):
        return node
    return node
