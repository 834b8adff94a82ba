"""What the parts of a formula may be: an error, the rate of a step, the derivative of a function.

Answers go by the roles of names, and by the shape where names or roles are missing, so that a
formula with numbers put in is understood too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Final

from tracer.check.model.written_trees import is_literal
from tracer.check.slips.rewriting import PRODUCT, SUM, Place, is_call, is_number, parts_of
from tracer.check.slips.roles import Roles
from tracer.expression.syntax import Array, Name, Node, Number, walk
from tracer.frozen import Frozen
from tracer.intervals import Interval, value_or_none

SMALL: Final = 1000  # an epsilon is less than one part in so many
LEAST_BETA: Final = Fraction(9, 10)  # of a running mean, where nothing else says that it is one
NO_SIDE: Final = frozenset(
    ("rate", "gradient", "parameter", "bias", "beta", "epsilon", "mean", "loss")
)
"""Roles of what is on no side of the difference of prediction and target."""


class Surroundings(Frozen):
    """A place in a formula, and what is known of the whole: the roles, and whether it has names."""

    place: Place
    roles: Roles
    is_symbolic: bool

    def role(self, node: Node) -> str | None:
        """Return the role of a name or of what it is an entry of."""
        if is_call(node, "index"):
            node = node.arguments[0]
        return self.roles.of.get(node.id) if isinstance(node, Name) else None

    def factors(self) -> list[tuple[int, Node]]:
        """Return the factors of the product at this place."""
        return parts_of(self.place.node, PRODUCT)

    def is_update(self) -> bool:
        """Say whether the whole formula may be an update, and this is its place.

        By its form alone that begins with a value: `w² - 3 w` is none.
        """
        is_parameter = self.roles.of.get(self.roles.target or "") in (None, "parameter", "bias")
        first = self.place.node.children()[:1]
        is_parameter &= all(isinstance(each, Name) or is_literal(each) for each in first)
        may_be = self.roles.phase == "unknown" and not self.is_symbolic and is_parameter
        return self.place.parent is None and (may_be or self.roles.phase == "update")


def is_of_kind(name: str, node: Node, around: Surroundings) -> bool:
    """Say whether a part may be what the name in a pattern says: `rate`, `error`, `bias1`.

    Any other name may be any part.
    """
    kind = KINDS.get(name.rstrip("0123456789"))
    return kind is None or kind(node, around)


def _is_step(node: Node, around: Surroundings) -> bool:
    return around.is_update() and (around.roles.phase == "update" or is_call(node, *PRODUCT))


def _is_rate(node: Node, around: Surroundings) -> bool:
    if around.role(node) is not None or not around.is_update():
        return around.role(node) == "rate"
    return isinstance(node, Name) or (isinstance(node, Number) and 0 < node.value <= 1)


def _is_error(node: Node, around: Surroundings) -> bool:
    """Tell whether a difference may be one of prediction and target, or a name is one."""
    if around.place.is_in("power", "square") or not is_call(node, "subtract"):
        return around.role(node) == "error" and not around.place.is_in("power", "square")
    left, right = node.arguments
    roles = {around.role(left), around.role(right)}
    if "target" in roles:
        return not is_number(left, 1)
    is_slope = is_number(left, 1) and (around.roles.phase != "backward" or not is_literal(right))
    is_other = roles & NO_SIDE or around.is_symbolic or is_slope or _is_step(right, around)
    return not is_other and around.roles.phase in ("backward", "unknown", "update")


def _is_single_error(node: Node, around: Surroundings) -> bool:
    """Tell whether a part is the error of a gradient that has no 2 of a square."""
    names_target = "target" in map(around.role, node.children())
    is_gradient = around.roles.phase == "backward" or names_target
    if not _is_error(node, around) or not is_gradient or around.roles.phase == "forward":
        return False
    return not any(
        is_number(factor, 2)
        for part in walk(around.place.rewritten(around.place.node))
        if is_call(part, "multiply", "divide")
        for argument in part.arguments[: 2 if around.is_symbolic else 1]
        for _, factor in parts_of(argument, ("multiply", "divide", "negative"))
    )


def _is_probability(node: Node, around: Surroundings) -> bool:
    """Tell whether a side of an error may be what a sigmoid or a softmax gave."""
    if not _is_single_error(around.place.node, around):
        return False
    is_inside = isinstance(node, Number) and 0 < node.value < 1
    is_known = around.role(node) in ("output", "activation")
    return is_inside or is_known or is_call(node, "sigmoid", "softmax")


def _is_factor(node: Node, around: Surroundings) -> bool:
    """Tell whether a part is a factor of the chain rule, beside others, and no coefficient."""
    of_chain = [
        part
        for level, part in around.factors()
        if level > 0 and around.role(part) != "rate"
        if not (is_number(part, 1, 2) or (around.is_symbolic and isinstance(part, Number)))
    ]
    is_inlined = around.roles.phase == "update" and any(
        is_call(part, "subtract") and "target" in map(around.role, part.arguments)
        for part in of_chain
    )
    is_chain = around.roles.phase == "backward" or is_inlined
    return is_chain and len(of_chain) > 1 and any(part is node for part in of_chain)


def _is_path(node: Node, around: Surroundings) -> bool:
    levels = (level for level, _ in parts_of(around.place.node, SUM))
    return around.roles.phase == "backward" and min(levels) > 0


def _is_two(node: Node, around: Surroundings) -> bool:
    """Tell whether a 2 is the one of the square's derivative and not a value put in."""
    if not is_number(node, 2) or around.is_symbolic:
        return is_number(node, 2)
    is_in_loss = around.roles.phase in ("loss", "backward")
    is_derivative = is_in_loss or any(is_call(part, *SUM) for _, part in around.factors())
    # A square's derivative has its 2 in every term.
    return is_derivative and not around.place.is_in(*SUM)


def _is_square(node: Node, around: Surroundings) -> bool:
    """Tell whether a node is a square, or a sum or mean of squares."""
    if is_call(node, "power"):
        return is_number(node.arguments[1], 2)
    if is_call(node, "sum", "mean", "add"):
        return all(_is_square(part, around) for part in node.arguments)
    return is_call(node, "square")


def _is_sample(node: Node, around: Surroundings) -> bool:
    """Tell whether a term may be all that was counted of a mean: whole figures fit by chance."""
    is_whole = isinstance(node, Number) and node.value.denominator == 1
    return around.is_symbolic or around.roles.phase != "unknown" or not is_whole


def _is_count(node: Node, around: Surroundings) -> bool:
    """Tell whether a divisor is a number of samples."""
    is_of_sum = any(is_call(part, "sum", "add", "matmul") for _, part in around.factors())
    if isinstance(node, Name):
        role = around.role(node)
        return is_of_sum if role is None else role == "sample_count"
    if not isinstance(node, Number) or not node.text.isdigit() or node.value < 2:
        return is_call(node, "len")
    factors = [part for _, part in around.factors()]
    is_fraction = any(is_number(one, 1) and two is node for one, two in pairwise(factors))  # 1/3
    if node.value == 2 and (is_fraction or not is_of_sum):
        return False  # it is a half
    is_mean = is_fraction and around.roles.phase != "forward"
    return is_of_sum or is_mean or around.roles.phase in ("loss", "backward")


def _is_gate(node: Node, around: Surroundings) -> bool:
    if isinstance(node, Name):
        return node.id.lower().startswith(("relu", "gate", "mask"))
    is_closed = is_number(node, 0) and around.roles.phase == "backward"
    return is_closed or is_call(node, "step", "heaviside", "relu_prime")


def _may_be_negative(node: Node, around: Surroundings) -> bool:
    """Tell whether the numbers do not rule out a negative value."""
    value = value_or_none(node)
    if value is None:
        return not is_call(node, "exp", "sigmoid", "relu")
    if isinstance(value, Interval):
        return value.low < 0
    return any(is_call(part, "negative", "subtract") for part in walk(node))


def _is_bias(node: Node, around: Surroundings) -> bool:
    """Tell whether a term is a bias: by its name, or as the last one, beside products."""
    role = around.role(node)
    if role is not None:
        return role == "bias"
    *products, (_, last) = parts_of(around.place.node, SUM)
    are_products = all(is_call(part, "multiply", "matmul") for _, part in products)
    return last is node and are_products and (isinstance(node, Name) or is_literal(node))


def _is_beta(node: Node, around: Surroundings) -> bool:
    if isinstance(node, Number):
        least = LEAST_BETA if around.roles.phase == "unknown" else Fraction(1, 2)
        return 0 < node.value < 1 and max(node.value, 1 - node.value) >= least
    return isinstance(node, Name)


def _is_correction(node: Node, around: Surroundings) -> bool:
    """Tell whether a node is 1 - beta, 1 - beta**t or a name for it."""
    if isinstance(node, Name):
        return node.id.startswith("correction")
    if not is_call(node, "subtract") or not is_number(node.arguments[0], 1):
        return False
    beta = node.arguments[1]
    beta = beta.arguments[0] if is_call(beta, "power") else beta
    return _is_beta(beta, around) and around.role(beta) in (None, "beta")


KINDS: Final[Mapping[str, Callable[[Node, Surroundings], bool]]] = {
    "step": _is_step,
    "rate": _is_rate,
    "named_rate": lambda node, around: around.role(node) == "rate",
    "error": _is_error,
    "difference": lambda node, around: is_call(node, "subtract") or around.role(node) == "error",
    "single_error": _is_single_error,
    "probability": _is_probability,
    "label": lambda node, around: around.role(node) == "target" or isinstance(node, Number),
    "factor": _is_factor,
    "path": _is_path,
    "one_of_two_paths": lambda node, around: (
        _is_path(node, around) and len(parts_of(around.place.node, SUM)) == 2
    ),
    "slope": lambda node, around: around.role(node) == "activation_derivative",
    "share": lambda node, around: not isinstance(node, Number) or 0 < node.value < 1,
    "two": _is_two,
    "squares": _is_square,
    "sample": _is_sample,
    "count": _is_count,
    "count_of_two": lambda node, around: is_number(node, 2) and _is_count(node, around),
    "gate": _is_gate,
    "signed": _may_be_negative,
    "e": lambda node, around: isinstance(node, Name) and node.id == "e",
    "epsilon": lambda node, around: (
        around.role(node) == "epsilon" or (isinstance(node, Number) and 0 < node.value * SMALL < 1)
    ),
    "figure": lambda node, around: isinstance(node, Number),
    "bias": _is_bias,
    "beta": _is_beta,
    "correction": _is_correction,
    "array": lambda node, around: isinstance(node, Array),
    "upright": lambda node, around: not is_call(node, "transpose_last"),
}
"""What may stand for a name of a pattern."""
