"""Why a step is as it is: a sentence with a condition that is worked out from the record.

A row of the table holds its reasons. Each is a template, in full and in short, with a condition on
one use of a quantity: its shapes, its values and the way its gradient came. What goes into the
template is read off the use by the names of its slots; what the condition alone has worked out,
it returns. What a reason may ask is an `OperandUse`; who reads the record makes one. Conditions and
sentences that operations of several kinds have in common stand here too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, Final, Protocol

from tracer.expression import Call, Name, Node, Number
from tracer.frozen import Frozen
from tracer.lazy_regex import lazy_regex
from tracer.operations.array_shape import Shape, unravel
from tracer.operations.signature import literal, number
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
    `of_some` says that it speaks of some entries of an array, and not of all; `is_remark` that it
    tells what is seen in the numbers, and does not explain the step.
    """

    id: str
    holds: Condition
    full: str
    short: str
    rank: int = 2
    of_some: bool = False
    is_remark: bool = False

    def slots(self, asked: object) -> Slots | None:
        """Return the slots of the sentence; None where the reason does not hold."""
        worked_out = self.holds(asked)
        if worked_out is None or worked_out is False:
            return None
        values: Slots = {} if worked_out is True else worked_out
        named = _slot_names(self) - values.keys()
        return {**values, **{name: getattr(asked, name) for name in named}}


@lru_cache(1024)
def _slot_names(reason: Reason) -> frozenset[str]:
    return frozenset(SLOT.findall(reason.full + reason.short))


class Record(Protocol):
    """The values of an iteration that a reason may ask for."""

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
    def holds_entries(self) -> bool:
        """Whether the operand is `x` itself, in another shape at most."""
        operand = self.operand
        while isinstance(operand, Call) and operand.operation in ("reshape", "flatten"):
            operand = operand.arguments[0]
        return operand == self.x

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
        return self.y.id == self.loss.id

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
        """The pairs of upstream gradient and gradient by entry; none where counts differ."""
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
        """Return what a named quantity is; 'value' for what is computed, 'number' for a number.

        What is only transposed is what it was.
        """
        if isinstance(node, Name):
            whole = self.record.definition(node.id)
            if isinstance(whole, Call) and whole.operation in ("transpose", "transpose_last"):
                return self.kind(whole.arguments[0])
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


LOGARITHMS: Final = frozenset(("log", "clipped_log", "bce", "nll"))


def direct_operand(use: OperandUse) -> bool:
    """The operand is the quantity itself."""
    return use.direct


def by_zeros(use: OperandUse) -> bool:
    """What the quantity is multiplied by is 0 in every entry."""
    values = use.numbers(use.other)
    return use.direct and values is not None and not any(values)


def step_result(use: OperandUse) -> bool:
    """It is said of every use."""
    return True


def compared_sides(use: OperandUse) -> Sequence[Node]:
    """Return the sides of the error in a square, or of a loss; () where there are none.

    A sum or a mean may be of squares.
    """
    node: Node = use.call
    if use.call.operation in ("sum", "mean"):
        node = use.operands[0]
        if not _is_square(node):
            return ()
    elif use.call.operation not in ("power", "square"):
        return use.operands
    error = node.children()[0]
    return error.arguments if isinstance(error, Call) and error.operation == "subtract" else ()


def is_square(use: OperandUse) -> bool:
    """The operation is a square."""
    return _is_square(use.call)


def _is_square(node: Node) -> bool:
    """Tell whether an expression is a square."""
    is_power = isinstance(node, Call) and node.operation == "power"
    return isinstance(node, Call) and (
        node.operation == "square" or (is_power and literal(node.arguments[1]) == 2)
    )


def mean_of_squares(use: OperandUse, node: Node) -> Node | None:
    """Return what an expression is the mean of the squares of; None of another expression."""
    is_mean = isinstance(node, Call) and node.operation == "mean"
    squares = node.children()[0] if is_mean else node
    return squares.children()[0] if is_mean and _is_square(squares) else None


def mixed_terms(node: Node) -> Mapping[str, Node] | None:
    """Return what z a + (1 − z) b mixes: z as `other`, a as `one`, b as `x`; None of all else."""
    terms = node.arguments if isinstance(node, Call) and node.operation == "add" else ()
    for one, other in (terms, terms[::-1]) if len(terms) == 2 else ():
        kept, new = _two_factors(one), _two_factors(other)
        for gate in kept:
            rest = Call("subtract", (number(1), gate))
            if rest in new and len(kept) == len(new) == 2:
                return {"other": gate, "one": (kept - {gate}).pop(), "x": (new - {rest}).pop()}
    return None


def _two_factors(node: Node) -> set[Node]:
    """Return the factors of a product of two; none of anything else."""
    is_product = isinstance(node, Call) and node.operation == "multiply"
    return {*node.children()} if is_product else set()


def error_of_sign(sign: int) -> Condition:
    """Return the condition that one number lies below, at or above what it is compared with."""

    def holds(use: OperandUse) -> Slots | None:
        is_square = use.call.operation != "power" or literal(use.operands[1]) == 2
        others = [side for side in compared_sides(use) if side != use.x]
        if not is_square or len(others) != 1 or not use.whole:
            return None
        error = use.number(use.x) - use.number(others[0])
        slope = use.number(Name(use.gradient_name))
        # The slope's sign is claimed, so it is looked at: the error may be multiplied by
        # something negative.
        signs = {(value > 0) - (value < 0) for value in (error, slope)}
        is_known = not math.isnan(error + slope)
        return {"other": others[0]} if is_known and signs == {sign} else None

    return holds


def restrict_condition(condition: Condition, fits: Callable[[Slots], bool]) -> Condition:
    """Return a condition that holds where another one does and what it has worked out fits."""

    def holds(use: OperandUse) -> Slots | None:
        slots = condition(use)
        return slots if isinstance(slots, Mapping) and fits(slots) else None

    return holds


def count_several(role: Test, count_of: Callable[[OperandUse], int]) -> Condition:
    """Return the condition of a role that several rows, entries or places take part in."""

    def holds(use: OperandUse) -> Slots | None:
        count = count_of(use) if role(use) else 0
        return {"count": count} if count > 1 else None

    return holds


def in_either_order(
    slots_of: Callable[[OperandUse, Node, Node], Slots | None],
) -> Callable[[OperandUse], Slots | None]:
    """Return a condition on two operands that may stand in either order; the first fit counts."""
    return lambda use: slots_of(use, *use.operands) or slots_of(use, *use.operands[::-1])


def is_one_value(values: Sequence[float]) -> bool:
    """Tell whether some numbers are one and the same, but for rounding in the run."""
    return nearly_equal(values, [values[0]] * len(values))


def value_range(values: Sequence[float]) -> Slots:
    """Return the lowest and the highest of some numbers for a sentence."""
    return {"low": min(values), "high": max(values)}


def sigmoid_slope(p: Node) -> Node:
    """Return the slope of a sigmoid by what it gives: p(1 − p)."""
    return Call("multiply", (p, Call("subtract", (number(1), p))))


def rows_cancel(use: OperandUse) -> bool:
    """Each row of the gradient sums to 0."""
    shape = use.shape(use.x)
    is_last = use.attributes.get("axis", -1) in (-1, len(shape) - 1)
    fits = bool(shape) and use.shape(use.operand) == shape
    return fits and is_last and parts_cancel(use.gradient, shape[-1])


def parts_cancel(values: Sequence[float] | None, size: int, tolerance: float = TOLERANCE) -> bool:
    """Tell whether each run of `size` numbers sums to 0, and not all are 0."""
    if values is None or not any(values):
        return False
    rows = (values[start : start + size] for start in range(0, len(values), size))
    return all(
        abs(math.fsum(row)) <= tolerance * max(math.fsum(map(abs, row)), 1e-12) for row in rows
    )


def error_left(use: OperandUse) -> Slots | None:
    """The gradient of the operand is p − y, over n, with p whose logarithm the loss takes.

    The target y is a quantity, or the one-hot rows of labels.
    """
    if not use.whole or LOGARITHMS.isdisjoint(use.record.operations(use.loss)):
        return None  # in no iteration: no figure was asked for
    names = sorted(use.record.sources(use.loss))
    shape, left = use.shape(use.operand), use.gradient if use.direct else None
    if use.call.operation == "sigmoid":
        pairs = zip(use.upstream or (), use.numbers(use.y) or (), strict=False)
        left = [slope * p * (1 - p) for slope, p in pairs]
    if not left or not any(left):
        return None
    alike = [Name(name) for name in names if use.shape(Name(name)) == shape]
    guesses = [it for it in alike if it != use.x and use.x.id in use.record.sources(it)]
    targets: list[Node] = [it for it in alike if use.kind(it) != "value"]
    targets += [
        Call("one_hot", (Name(name), number(shape[-1])))
        for name in names
        if shape and use.shape(Name(name)) == shape[:-1] and use.kind(Name(name)) == "data"
    ]
    for guess, target, n in product(guesses, targets, {1, *shape[:1], math.prod(shape)}):
        one, other = use.numbers(guess) or (), use.numbers(target) or ()
        errors = [(p - y) / n for p, y in zip(one, other, strict=True)]
        if all(0 < p < 1 for p in one) and nearly_equal(left, errors):
            error = Call("subtract", (guess, target))
            return {"error": error if n == 1 else Call("divide", (error, number(n)))}
    return None


LEFT_REASONS = (
    Reason(
        "error.left",
        error_left,
        "Simplified, the gradient of {operand} is just {error}: all else on the way back has "
        "cancelled.",
        "Again {error} is left.",
        3,
    ),
)

ERROR_REASONS = (
    Reason(
        "error.too_small",
        error_of_sign(-1),
        "{x} lies below {other}. A larger {x} would lower {loss}, so the slope is negative; its 2 "
        "comes from the square.",
        "{x} lies below {other} again, so the slope is negative.",
        3,
    ),
    Reason(
        "error.too_large",
        error_of_sign(1),
        "{x} lies above {other}. A larger {x} would raise {loss} further, so the slope is "
        "positive; its 2 comes from the square.",
        "{x} lies above {other} again, so the slope is positive.",
        3,
    ),
    Reason(
        "error.none",
        error_of_sign(0),
        "{x} is exactly what it should be, {other}. A parabola is flat at its lowest point, so "
        "the slope is 0.",
        "{x} hits {other} once more: slope 0.",
        3,
    ),
)


def guess_and_target(use: OperandUse) -> Slots | None:
    """A loss of one guess and one target, both single numbers."""
    sides = compared_sides(use)
    if len(sides) != 2 or not use.whole or not use.is_loss:
        return None
    guess, target = sides
    mine, its = use.number(guess), use.number(target)
    if math.isnan(mine + its) or use.kind(guess) != "value":
        return None
    if use.kind(target) not in ("data", "constant"):
        return None
    return {"x": guess, "other": target, "guess": mine, "target": its}


def many_guesses(use: OperandUse) -> Slots | None:
    """A loss, or a sum or a mean of all squares, of several guesses and their targets."""
    sides = () if use.shape(use.call) else compared_sides(use)
    if len(sides) != 2 or use.shape(sides[0]) != use.shape(sides[1]):
        return None
    count = math.prod(use.shape(sides[0]))
    return {"x": sides[0], "other": sides[1], "count": count} if count > 1 else None


def purpose(id: str, holds: Condition, words: str, rank: int = 2) -> Reason:
    """Return what an operation is for; it is said once."""
    return Reason(f"for.{id}", holds, words, "", rank)


MEAN_SQUARES = purpose(
    "mse",
    many_guesses,
    "How far {x} is from {other}: the squares of {count} errors, on average. An error twice as "
    "large counts four times.",
)
SUMMED_SQUARES = purpose(
    "squares",
    many_guesses,
    "How far {x} is from {other}: the squares of all errors, added up.",
)


def _is_penalty(use: OperandUse) -> Slots | None:
    """The size of a parameter, as a square or an absolute value, is added to a loss of data."""
    x, rest = use.operands[0], [use.definition_of(use.loss)]
    terms = [use.loss, *rest]
    while rest:
        part = rest.pop()
        if isinstance(part, Call) and part.operation == "add":
            rest += part.arguments
        terms.append(part)
    is_size = use.call.operation == "abs" or _is_square(use.call)
    is_term = use.y in terms and (use.y == use.loss or use.number(use.y) >= 0)
    if not is_size or not is_term or use.kind(x) != "parameter":
        return None
    has_data = any(use.record.kind(name) == "data" for name in use.record.sources(use.loss))
    return {"x": x} if has_data else None


PENALTY = Reason(
    "for.penalty",
    _is_penalty,
    "The term with {call} grows with the size of {x}, whatever the data are: a penalty for large "
    "values.",
    "A penalty for large values of {x}, too.",
)
GUESSED = purpose("guess", guess_and_target, "The network says {guess}; the target is {target}.", 3)
