"""Why a step is as it is: a sentence with a condition that is worked out from the record.

A row of the table holds its reasons. Each is a template, in full and in short, with a condition on
one use of a quantity: its shapes, its values and the way its gradient came. What goes into the
template is read off the use by the names of its slots; what the condition alone has worked out,
it returns. What a reason may ask is an `OperandUse`; who reads the record makes one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

from tracer.expression.syntax import Call, Name, Node, Number
from tracer.frozen import Frozen
from tracer.lazy_regex import lazy_regex
from tracer.operations.array_shape import Shape, unravel
from tracer.operations.literals import number
from tracer.sentences import Slot

TOLERANCE = 1e-5  # relative difference up to which a run in float32 agrees

# What goes into a template: what any sentence takes, and floats, which are written with the digits
# that the reader has asked for.
Slots = Mapping[str, "Slot | float"]
# Whether a sentence holds, or what has been worked out for it; None where it does not hold.
Condition = Callable[[Any], "Slots | bool | None"]
Test = Callable[[Any], bool]

SLOT: Final = lazy_regex(r"{(\w+)}")


class Reason(Frozen):
    """A sentence that is said where its condition holds; of several, the one of highest rank.

    Rank 1 is said of what only moves entries, 2 of what an operation does, 3 of what is special
    about these numbers. `short` stands for `full` where that was said before; '' says nothing.
    `of_some` says that it speaks of some entries of an array, and not of all.
    """

    id: str
    holds: Condition
    full: str
    short: str
    rank: int = 2
    of_some: bool = False

    def slots(self, asked: object) -> Slots | None:
        """Return what goes into the sentences; None where they do not hold of what is asked."""
        worked_out = self.holds(asked)
        if worked_out is None or worked_out is False:
            return None
        known: Slots = {} if worked_out is True else worked_out
        named = _slot_names(self) - known.keys()
        return {**known, **{name: getattr(asked, name) for name in named}}


@lru_cache(1024)
def _slot_names(reason: Reason) -> frozenset[str]:
    return frozenset(SLOT.findall(reason.full + reason.short))


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

    def sources(self, node: Node) -> frozenset[str]:
        """Return all quantities that an expression is computed from, on whatever way."""

    def operations(self, node: Node) -> frozenset[str]:
        """Return all operations on that way."""


class OperandUse(Frozen):
    """One use of a quantity by an operation, in a forward or a backward step.

    Backward, `x` is what the gradient is by and `y` the named quantity that it goes into: `x` (or
    what `x` is a part of) is the operand at `position` of `call`, with `depth` operations between
    it and `x`; `call` is `y` itself where `whole`. `copies` says that every operation from `y` down
    to `call` passes its gradient on as it is, `receives` that all before `call` do; `alone`, that
    `x` stands at no other place of `y`.
    Forward, `y` is what the step computes, and `x` is `y` too.
    """

    record: Record
    loss: Name
    x: Name
    y: Name
    call: Call
    operands: Sequence[Node]
    attributes: Mapping[str, Any]
    position: int
    depth: int
    whole: bool
    copies: bool
    receives: bool
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
    def value(self) -> float:
        """The number that the other one of two operands is; nan where it is none, or several."""
        return self.number(self.other)

    @property
    def direct(self) -> bool:
        """Whether the operand is `x` itself, and not an expression with `x` in it."""
        return self.operand == self.x

    @property
    def is_first(self) -> bool:
        """Whether `x` itself is the first operand."""
        return self.position == 0 and self.direct

    @property
    def is_second(self) -> bool:
        """Whether `x` itself is the second operand."""
        return self.position == 1 and self.direct

    @property
    def is_loss(self) -> bool:
        """Whether `y` is the loss."""
        return self.y == self.loss

    @property
    def gradient(self) -> Sequence[float] | None:
        """The entries of the step's gradient."""
        return self.record.numbers(Name(self.gradient_name))

    @property
    def upstream(self) -> Sequence[float] | None:
        """The entries of the gradient that comes in, that of `y`; 1 where `y` is the loss."""
        return [1.0] if self.is_loss else self.record.numbers(Name(self.upstream_name))

    @property
    def gradients(self) -> Sequence[tuple[float, float]]:
        """What comes in and what goes back, entry by entry; none where they are not as many."""
        upstream, gradient = self.upstream or (), self.gradient or ()
        return list(zip(upstream, gradient, strict=True)) if len(upstream) == len(gradient) else []

    def numbers(self, node: Node) -> Sequence[float] | None:
        """Return the entries of an expression; None where they are not at hand."""
        return self.record.numbers(node)

    def number(self, node: Node) -> float:
        """Return the one number that an expression is; nan where it is none, or several."""
        values = self.record.numbers(node)
        return values[0] if values is not None and len(values) == 1 else math.nan

    def shape(self, node: Node) -> Shape:
        """Return the shape of an expression."""
        return self.record.shape(node)

    def kind(self, node: Node) -> str:
        """Return what a named quantity is; 'value' for what is computed, 'number' for a number."""
        if isinstance(node, Name):
            return self.record.kind(node.id)
        return "number" if isinstance(node, Number) else "value"

    def definition_of(self, node: Node) -> Node:
        """Return what a name is computed with; an expression, or what is given, as it is."""
        return (self.record.definition(node.id) or node) if isinstance(node, Name) else node

    def computed_by(self, node: Node, *operations: str) -> bool:
        """Tell whether an expression, or what a name is computed with, is such a call."""
        node = self.definition_of(node)
        return isinstance(node, Call) and node.operation in operations


def nearly_equal(one: Sequence[float] | None, other: Sequence[float] | None) -> bool:
    """Tell whether two rows of numbers are the same, but for rounding in the run."""
    if one is None or other is None or len(one) != len(other):
        return False
    size = max((max(abs(a), abs(b)) for a, b in zip(one, other, strict=True)), default=0.0)
    return all(abs(a - b) <= TOLERANCE * size for a, b in zip(one, other, strict=True))


def entry_of(node: Node, place: int, shape: Shape) -> Node:
    """Return the entry of a quantity at a place, counted row by row; a single number as it is."""
    if not shape:
        return node
    index = map(number, unravel(place, shape))
    if isinstance(node, Call) and node.operation == "index":
        return Call("index", (*node.arguments, *index))
    return Call("index", (node, *index))
