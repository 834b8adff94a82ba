"""What the parts of a formula may be: an error, a step against the gradient, a derivative.

Answers go by the roles of names, and by the shape where names or roles are missing, so that a
formula with numbers put in is understood too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tracer.check.slips.rewriting import (
    PRODUCT,
    SUM,
    Factor,
    Place,
    factors,
    is_call,
    is_number,
    literal_value,
    operands,
    terms,
)
from tracer.check.slips.roles import Roles
from tracer.expression.syntax import Array, Call, Name, Node, Number

__all__ = [
    "Chain",
    "Context",
    "Rewriting",
    "chain_at",
    "chain_of",
    "entries_of",
    "has_square",
    "has_sum",
    "is_between_0_and_1",
    "is_complement",
    "is_doubled",
    "is_error",
    "is_half",
    "is_step",
    "output_of",
    "paired",
    "squared",
]

Rewriting = tuple[str, Node]
"""The id of a slip, and what then stands at the place."""

_NO_SIDE: Final = ("rate", "gradient", "parameter", "bias", "beta", "epsilon", "mean", "loss")


class Context(NamedTuple):
    """What the rules know of the whole formula: the roles, and whether names stand in it."""

    roles: Roles
    symbolic: bool

    def role(self, node: Node) -> str | None:
        """Return the role of a name or of what it is an entry of."""
        if is_call(node, "index"):
            node = node.arguments[0]
        return self.roles.of.get(node.id) if isinstance(node, Name) else None

    def may_be_backward(self) -> bool:
        """Say whether the formula may be a gradient: numbers without a name are only numbers."""
        return self.roles.phase == "backward"


def is_between_0_and_1(node: Node) -> bool:
    """Say whether a node is a number strictly between 0 and 1."""
    return isinstance(node, Number) and 0 < node.value < 1


def is_complement(node: Node, of: Node) -> bool:
    """Say whether a node is `1 - of`: written so, or as two numbers that make 1."""
    if is_call(node, "subtract") and is_number(operands(node)[0], 1):
        return operands(node)[1] == of
    if isinstance(node, Number) and isinstance(of, Number):
        return is_between_0_and_1(node) and node.value + of.value == 1
    return False


def is_error(node: Node, context: Context) -> bool | None:
    """Say whether a difference is one of prediction and target; None where nothing tells."""
    if not is_call(node, "subtract"):
        return False
    left, right = operands(node)
    roles = {context.role(left), context.role(right)}
    if "target" in roles:
        return not is_number(left, 1)
    if roles & {*_NO_SIDE}:
        return False
    if is_number(left, 1) and isinstance(right, (Name, Call)) and literal_value(right) is None:
        return False
    if is_number(left, 1) and is_between_0_and_1(right) and context.roles.phase != "backward":
        return False
    if {literal_value(left), literal_value(right)} == {None} and "output" not in roles:
        return None if not roles - {None, "activation"} else False
    return None


def output_of(error: Node, context: Context) -> Node | None:
    """Return the side of an error that is the prediction, where it may be a probability."""
    left, right = operands(error)
    for side, other in ((left, right), (right, left)):
        if context.role(side) == "target" or is_number(side, 0) or is_number(side, 1):
            continue
        if is_between_0_and_1(side):
            return side
        if isinstance(side, (Name, Call)) and literal_value(side) is None:
            known = context.role(side) in ("output", "activation")
            if known or context.role(other) == "target" or is_call(side, "sigmoid", "softmax"):
                return side
    return None


def is_step(place: Place, context: Context) -> bool:
    """Say whether a place is the difference `w - learning_rate * gradient` of an update."""
    node = place.node
    if not is_call(node, "subtract"):
        return False
    above: Place | None = place
    while above is not None and above.parent is not None:
        if above.position or not is_call(above.parent.node, *SUM):
            return False
        above = above.parent
    phase = context.roles.phase
    if phase == "update":
        return is_error(node, context) is not True
    if phase != "unknown":
        return False
    step = operands(node)[1]
    if context.symbolic:
        return any(context.role(factor.node) in ("rate", "gradient") for factor in factors(step))
    role = context.roles.of.get(context.roles.target or "")
    return role in (None, "parameter", "bias") and is_call(step, *PRODUCT)


class Chain(NamedTuple):
    """A product with all its factors, from left to right, and where it stands."""

    place: Place
    factors: Sequence[Factor]

    @property
    def node(self) -> Node:
        """The whole product."""
        return self.place.node

    def nodes(self) -> Iterator[tuple[int, str, Node]]:
        """Yield each factor's number, what joins it, and what it is."""
        for position, factor in enumerate(self.factors):
            yield position, factor.operation, factor.node

    def rate(self, context: Context) -> int | None:
        """Return which factor is the learning rate, None if none is."""
        for position, operation, node in self.nodes():
            if context.role(node) == "rate" and operation == "multiply":
                return position
        place = self.place
        if place.parent is None or place.position != 1 or not is_step(place.parent, context):
            return None
        if len(self.factors) == 1:
            return None
        for position, operation, node in self.nodes():
            unknown = isinstance(node, Name) and context.role(node) is None
            small = isinstance(node, Number) and 0 < node.value <= 1
            if operation == "multiply" and (unknown or small):
                return position
        return None

    def derivatives(self, context: Context) -> list[tuple[int, ...]]:
        """Return which factors are the derivative of an activation, a group for each."""
        found: list[tuple[int, ...]] = []
        for position, _, node in self.nodes():
            is_named = context.role(node) == "activation_derivative"
            if is_named or squared(node) is not None or paired(node) is not None:
                found.append((position,))
                continue
            other = self._partner(position, node)
            if other is not None and not any(other in group for group in found):
                found.append((min(position, other), max(position, other)))
        return found

    def _partner(self, position: int, node: Node) -> int | None:
        """Return which factor is a where this one is 1 - a."""
        for other, operation, partner in self.nodes():
            if other != position and operation == "multiply" and is_complement(node, partner):
                return other
        return None

    def twos(self) -> list[int]:
        """Return which factors are 2 or -2."""
        return [
            position
            for position, operation, node in self.nodes()
            if operation == "multiply" and abs(literal_value(node) or 0) == 2 and _is_plain(node)
        ]

    def halves(self) -> list[int]:
        """Return which factors are the ½ of a half square."""
        if not any(has_square(factor.node) for factor in self.factors):
            return []
        return [
            position
            for position, operation, node in self.nodes()
            if (operation == "divide" and is_number(node, 2))
            or (operation == "multiply" and is_half(node))
        ]

    def counts(self, context: Context) -> list[int]:
        """Return which factors divide by a number of samples."""
        return [
            position
            for position, operation, _ in self.nodes()
            if operation == "divide" and self._may_be_count(position, context)
        ]

    def _may_be_count(self, position: int, context: Context) -> bool:
        node = self.factors[position].node
        others = [factor.node for place, factor in enumerate(self.factors) if place != position]
        summed = any(map(has_sum, others))
        if isinstance(node, Name):
            role = context.role(node)
            return summed if role is None else role == "sample_count"
        if is_call(node, "len"):
            return True
        if not (isinstance(node, Number) and node.text.isdigit() and node.value >= 2):
            return False
        before = self.factors[position - 1].node
        is_half = is_number(node, 2) and any(map(has_square, others))
        if summed:
            return not (is_half and is_number(before, 1))
        if is_half or (is_number(node, 2) and is_number(before, 1)):
            return False
        if is_number(before, 1) or abs(literal_value(before) or 0) == 2:
            return context.roles.phase != "forward"
        return context.roles.phase in ("loss", "backward")


def squared(node: Node) -> Node | None:
    """Return a where a node is `1 - a²`, as in the derivative of tanh."""
    if not is_call(node, "subtract") or not is_number(operands(node)[0], 1):
        return None
    right = operands(node)[1]
    if is_call(right, "power") and is_number(operands(right)[1], 2):
        return operands(right)[0]
    if is_call(right, "multiply") and operands(right)[0] == operands(right)[1]:
        return operands(right)[0]
    return right.arguments[0] if is_call(right, "square") else None


def paired(node: Node) -> Node | None:
    """Return a where a node is the bracket `a * (1 - a)`."""
    if not is_call(node, "multiply"):
        return None
    left, right = operands(node)
    return left if is_complement(right, left) else right if is_complement(left, right) else None


def _is_plain(node: Node) -> bool:
    """Whether a 2 is written without a point: 2.0 is a value."""
    inside = node.arguments[0] if is_call(node, "negative") else node
    return isinstance(inside, Number) and inside.text.isdigit()


def is_half(node: Node) -> bool:
    """Say whether a node is ½, or 0.5 as a factor would be."""
    if is_call(node, "divide"):
        left, right = operands(node)
        return is_number(left, 1) and is_number(right, 2)
    return isinstance(node, Number) and node.text in ("0.5", ".5")


def has_square(node: Node) -> bool:
    """Say whether a node is a square, or a sum or mean of squares."""
    if is_call(node, "power"):
        return is_number(operands(node)[1], 2)
    if is_call(node, "sum", "mean", "negative"):
        return has_square(node.arguments[0])
    if is_call(node, "add"):
        return all(map(has_square, terms(node)))
    return is_call(node, "square")


def has_sum(node: Node) -> bool:
    """Say whether a node adds several values up."""
    if is_call(node, "negative"):
        return has_sum(node.arguments[0])
    return is_call(node, "sum", "add", "matmul")


def chain_at(place: Place) -> Chain | None:
    """Return the product that ends at a place; None where it is part of a longer one."""
    if not is_call(place.node, *PRODUCT):
        return None
    if place.is_in(*PRODUCT) and place.position == 0:
        return None
    return Chain(place, factors(place.node))


def is_doubled(place: Place, context: Context) -> bool:
    """Say whether a 2 stands beside a place, or beside a product or a sum that it is in.

    With numbers put in, only a 2 that stands before is a factor of the formula and no value.
    """
    while place.parent is not None:
        may_be = place.position == 1 or context.symbolic
        if may_be and place.is_in("multiply", "divide", "matmul"):
            sibling = operands(place.parent.node)[1 - place.position]
            if any(abs(literal_value(factor.node) or 0) == 2 for factor in factors(sibling)):
                return True
        place = place.parent
    return False


def chain_of(place: Place) -> Chain:
    """Return the product that a place is a factor of; the place alone where it is none."""
    if place.is_in(*PRODUCT) and place.parent is not None:
        place = place.parent
        while place.is_in(*PRODUCT) and place.position == 0 and place.parent is not None:
            place = place.parent
    return Chain(place, factors(place.node))


def entries_of(node: Node) -> Sequence[Node]:
    """Return the entries of an array that is written out, the terms of a sum, else nothing."""
    if isinstance(node, Array):
        return node.items
    return terms(node) if is_call(node, "add") else ()
