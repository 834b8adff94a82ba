"""Why a step is as it is: a sentence with a condition that is worked out from the record.

A row of the table holds its reasons. Each is a template, in full and in short, with a condition on
one use of a quantity: its shapes, its values and the way its gradient came. The condition gives
what goes into the template, or None where the sentence would not be true. What a reason may ask
is a `Use`; who reads the record makes one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from tracer.expression.syntax import Call, Name, Node, Number
from tracer.frozen import Frozen
from tracer.operations.array_shape import Shape
from tracer.operations.literals import number

__all__ = [
    "Condition",
    "Reason",
    "Record",
    "Slots",
    "Use",
    "entry_of",
    "lowest_and_highest",
    "nearly_equal",
    "slots_where",
]

TOLERANCE = 1e-5  # relative difference up to which a run in float32 agrees

# What goes into a template: trees, whole numbers, and floats, which are written with the digits
# that the reader has asked for.
Slots = Mapping[str, "Node | int | float"]
Condition = Callable[[Any], "Slots | None"]


class Reason(Frozen):
    """A sentence that is said where its condition holds; of several, the one of highest rank.

    Rank 1 is said of what only moves entries, 2 of what an operation does, 3 of what is special
    about these numbers. `short` stands for `full` where that was said before; '' says nothing.
    """

    id: str
    holds: Condition
    full: str
    short: str
    rank: int = 2


class Record(Protocol):
    """What a reason may ask of an iteration."""

    def numbers(self, node: Node) -> Sequence[float] | None:
        """Return the entries of an expression; None where they are too many or not finite."""

    def entries(self, node: Node) -> Sequence[float] | None:
        """Return the same, infinite ones too."""

    def shape(self, node: Node) -> Shape:
        """Return the shape of an expression."""

    def kind(self, name: str) -> str:
        """Return what a quantity is: data, parameter, constant, or value where it is computed."""

    def definition(self, name: str) -> Node | None:
        """Return the expression that a quantity is computed with; None where it is given."""


class Use(Frozen):
    """One use of a quantity by an operation, in a forward or a backward step.

    Backward, `x` is what the gradient is by and `y` the named quantity that it goes into: `x` (or
    what `x` is a part of) is the operand at `position` of `call`, which is `y` itself where
    `whole`. `copies` says that every operation from `y` down to `call` passes its gradient on as
    it is; `alone`, that `x` stands at no other place of `y`. Forward, `y` is what the step
    computes, and `x` is `y` too.
    """

    record: Record
    loss: str
    x: Name
    y: Name
    call: Call
    operands: Sequence[Node]
    attributes: Mapping[str, Any]
    position: int
    whole: bool
    copies: bool
    alone: bool
    gradient_name: str
    upstream_name: str

    @property
    def operand(self) -> Node:
        """The operand that the gradient goes to."""
        return self.operands[self.position]

    @property
    def other(self) -> Node:
        """The other one of two operands."""
        return self.operands[1 - self.position]

    @property
    def direct(self) -> bool:
        """Whether the operand is `x` itself, and not an expression with `x` in it."""
        return self.operand == self.x

    @property
    def gradient(self) -> Sequence[float] | None:
        """The entries of the step's gradient."""
        return self.record.numbers(Name(self.gradient_name))

    @property
    def upstream(self) -> Sequence[float] | None:
        """The entries of the gradient that comes in, that of `y`; 1 where `y` is the loss."""
        if self.y.id == self.loss:
            return [1.0]
        return self.record.numbers(Name(self.upstream_name))

    def numbers(self, node: Node) -> Sequence[float] | None:
        """Return the entries of an expression; None where they are not at hand."""
        return self.record.numbers(node)

    def shape(self, node: Node) -> Shape:
        """Return the shape of an expression."""
        return self.record.shape(node)

    def kind(self, node: Node) -> str:
        """Return what a named quantity is; 'value' for what is computed, 'number' for a number."""
        if isinstance(node, Name):
            return self.record.kind(node.id)
        return "number" if isinstance(node, Number) else "value"

    def computed_by(self, node: Node, operation: str) -> bool:
        """Tell whether an expression, or the definition of a name, is a call of an operation."""
        if isinstance(node, Name):
            node = self.record.definition(node.id) or node
        return isinstance(node, Call) and node.operation == operation


def nearly_equal(one: Sequence[float] | None, other: Sequence[float] | None) -> bool:
    """Tell whether two rows of numbers are the same, but for rounding in the run."""
    if one is None or other is None or len(one) != len(other):
        return False
    size = max((max(abs(a), abs(b)) for a, b in zip(one, other, strict=True)), default=0.0)
    return all(abs(a - b) <= TOLERANCE * size for a, b in zip(one, other, strict=True))


def lowest_and_highest(values: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and the highest of some numbers."""
    return min(values), max(values)


def entry_of(node: Node, place: int, shape: Shape) -> Node:
    """Return the entry of a quantity at a place, counted row by row; a single number as it is."""
    if not shape:
        return node
    index: list[Node] = []
    for axis, size in enumerate(shape):
        rest = math.prod(shape[axis + 1 :])
        index.append(number(place // rest % size))
    if isinstance(node, Call) and node.operation == "index":
        return Call("index", (*node.arguments, *index))
    return Call("index", (node, *index))


def slots_where(holds: Callable[[Use], object], *same: str, **slots: str) -> Condition:
    """Return the condition that holds of such uses, and gives parts of the use by their names.

    Those in `same` are called in the template as the use calls them.
    """
    parts = {**dict(zip(same, same, strict=True)), **slots}

    def condition(use: Use) -> Slots | None:
        return {slot: getattr(use, part) for slot, part in parts.items()} if holds(use) else None

    return condition
