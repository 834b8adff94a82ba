"""Wrong formulas in functions, powers and matrix products, and operations in the wrong order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tracer.check.slips.rewriting import (
    PRODUCT,
    SUM,
    Factor,
    Place,
    add,
    call,
    divide,
    factors,
    is_call,
    is_number,
    literal_value,
    multiply,
    negative,
    number,
    of_factors,
    operands,
    subtract,
)
from tracer.check.slips.shapes import Context, Rewriting, chain_at, is_doubled, is_half
from tracer.check.slips.sum_rules import is_epsilon
from tracer.expression.syntax import Array, Call, Name, Node
from tracer.intervals import ALSO

__all__ = ["function_rules", "leaf_rules", "matrix_rules", "order_rules", "power_rules"]

_LOSSES: Final = ("bce", "cross_entropy", "nll", "log_softmax")
MOST_SAMPLES: Final = 4
_ACTIVATIONS: Final = ("sigmoid", "tanh", "relu", "step", "softmax", "leaky_relu", "gelu", "silu")


def function_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield what a function's value becomes under each slip."""
    node = place.node
    if not isinstance(node, Call) or not node.arguments:
        return
    inside = node.arguments[0]
    operation = ALSO.get(node.operation, node.operation)
    match operation:
        case "exp":
            yield "exponent_sign", call("exp", negative(inside))
        case "sigmoid":
            yield "exponent_sign", call("sigmoid", negative(inside))
        case "log":
            for base in (10, 2):
                yield "log_base", divide(node, call("log", number(base)))
        case "softmax":
            yield "softmax_not_divided", call("exp", inside)
        case "relu":
            yield "relu_gate_ignored", inside
            yield "relu_gate_ignored", call("abs", inside)
        case "maximum" if is_number(inside, 0):
            yield "relu_gate_ignored", node.arguments[1]
        case "maximum" if len(node.arguments) > 1 and is_number(node.arguments[1], 0):
            yield "relu_gate_ignored", inside
        case "where" if len(node.arguments) > 2 and is_number(node.arguments[2], 0):
            yield "relu_gate_ignored", node.arguments[1]
        case "square":
            yield "square_left_out", inside
            yield "negative_square", call("negative", node)
        case "mean" | "mse":
            yield from _means(node, operation, context)
        case "sqrt":
            yield from _root(inside, context)
    if operation in _LOSSES:
        yield "log_base", divide(node, call("log", number(10)))


def _means(node: Call, operation: str, context: Context) -> Iterator[Rewriting]:
    """The sum for the mean, the mean divided once more, one sample alone.

    Where nobody says how many samples there are, their sum divided by their mean does.
    """
    inside = node.arguments[0]
    if operation == "mse" and len(node.arguments) > 1:
        inside = call("power", subtract(inside, node.arguments[1]), number(2))
    total = Call("sum", (inside,), node.keywords)
    count = context.roles.sample_count or divide(total, node)
    yield "sum_for_mean", total
    yield "divided_twice", divide(node, count)
    yield "multiplied_by_n", multiply(total, count)
    samples = inside.items if isinstance(inside, Array) else _entries(inside)
    for sample in samples[:MOST_SAMPLES]:
        yield "only_one_sample", sample


def _entries(array: Node) -> Sequence[Node]:
    """Return the first entries of an array of unknown size; those it lacks have no value."""
    return [call("index", array, number(position)) for position in range(MOST_SAMPLES)]


def _root(inside: Node, context: Context) -> Iterator[Rewriting]:
    if is_call(inside, "add") and is_epsilon(operands(inside)[1], context):
        mean, epsilon = operands(inside)
        yield "epsilon_inside_root", add(call("sqrt", mean), epsilon)


def power_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield what a power becomes under each slip."""
    base, exponent = operands(place.node)
    if isinstance(base, Name) and base.id == "e":
        yield "exponent_sign", call("power", base, negative(exponent))
        if not is_number(exponent, 2):
            return  # else e may be an error
    if is_number(exponent, 2):
        yield "square_left_out", base
    value = literal_value(exponent)
    if value is not None and value % 2 == 0 and _may_be_negative(base):
        yield "negative_square", call("negative", place.node)
    if is_call(base, *SUM):
        left, right = operands(base)
        operation = base.operation
        yield "order_of_operations", call(operation, left, call("power", right, exponent))
        powers = call("power", left, exponent), call("power", right, exponent)
        yield "order_of_operations", call(operation, *powers)
    elif is_call(base, *PRODUCT):
        left, right = operands(base)
        yield "order_of_operations", call(base.operation, left, call("power", right, exponent))


def _may_be_negative(base: Node) -> bool:
    """Whether the numbers do not rule out a negative base."""
    value = literal_value(base)
    if value is not None:
        return value < 0
    if is_call(base, "subtract"):
        left, right = map(literal_value, operands(base))
        return left is None or right is None or left < right
    return not is_call(base, "exp", "sigmoid", "relu")


def leaf_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield what a name becomes: the activation of a net input, an error with a factor of 2."""
    node = place.node
    is_error = context.role(node) == "error" and not place.is_in("power", "square")
    if is_error and context.roles.phase == "backward" and not is_doubled(place, context):
        yield "factor_2_added", multiply(number(2), node)
        yield "half_applied_twice", divide(node, number(2))
    if isinstance(node, Name) and place.is_in(*_ACTIVATIONS):
        for activation, net_input in context.roles.net_inputs.items():
            if net_input == node.id and activation != context.roles.target:
                yield "activation_for_net_input", Name(activation)


def matrix_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield what a matrix product or a transpose becomes under each slip."""
    node = place.node
    if is_call(node, "transpose_last", "transpose"):
        yield "transpose_left_out", node.arguments[0]
        return
    if not isinstance(node, Call):
        return
    left, right = operands(node)
    if node.operation == "multiply":  # a column times a row has no sign of its own
        if isinstance(left, Array) and isinstance(right, Array):
            yield "wrong_layout", call("transpose_last", node)
        return
    yield "wrong_layout", call("transpose_last", node)
    if is_call(left, "transpose_last") or is_call(right, "transpose_last"):
        return  # a transpose left out has its own slip
    yield "wrong_layout", call(node.operation, right, left)
    if node.operation == "matmul":
        yield "wrong_layout", call("matmul", call("transpose_last", left), right)
        yield "wrong_layout", call("matmul", left, call("transpose_last", right))


def order_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield the same operations done in another order, or with their brackets dropped."""
    slip = "order_of_operations"
    node = place.node
    if is_call(node, *SUM):
        for wrong in (*_products_after_sum(node), *_sums_from_the_right(node)):
            yield slip, wrong
    chain = chain_at(place)
    if chain is not None:
        for wrong in _brackets_dropped(chain.factors):
            yield slip, wrong
    if is_call(node, *PRODUCT):
        for wrong in _products_in_other_order(node):
            yield slip, wrong


def _products_after_sum(node: Call) -> Iterator[Node]:
    """Take a + b * c as (a + b) * c, and a * b + c as a * (b + c)."""
    left, right = operands(node)
    if is_call(right, *PRODUCT):
        chain = factors(right)
        first = call(node.operation, left, chain[0].node)
        yield of_factors(chain[1:], first)
    if is_call(left, *PRODUCT):
        before, last = operands(left)
        yield call(left.operation, before, call(node.operation, last, right))


def _sums_from_the_right(node: Call) -> Iterator[Node]:
    """Take a - b + c as a - (b + c), and a - (b + c) as a - b + c."""
    left, right = operands(node)
    if is_call(left, "subtract"):
        first, second = operands(left)
        yield subtract(first, call(node.operation, second, right))
    if node.operation == "subtract" and is_call(right, *SUM):
        second, third = operands(right)
        yield call(right.operation, subtract(left, second), third)


def _brackets_dropped(chain: Sequence[Factor]) -> Iterator[Node]:
    """2 * (a - b) * c taken as 2 * a - b * c, for each sum in a product."""
    for position, factor in enumerate(chain):
        if is_call(factor.node, *SUM):
            left, right = operands(factor.node)
            begin = [*chain[:position], Factor(factor.operation, left, left)]
            end = [Factor("multiply", right, right), *chain[position + 1 :]]
            yield call(factor.node.operation, of_factors(begin), of_factors(end))


def _products_in_other_order(node: Call) -> Iterator[Node]:
    """Take a / (b * c) as a / b * c and the reverse, a * b² as (a * b)²."""
    left, right = operands(node)
    if node.operation == "divide" and is_call(right, *PRODUCT):
        second, third = operands(right)
        yield call(right.operation, divide(left, second), third)
    if is_call(left, "divide"):
        first, second = operands(left)
        yield divide(first, call(node.operation, second, right))
    if is_call(right, "power") and not is_half(left):  # (½ e)² is ½ · ½ e²: ½ applied twice
        base, exponent = operands(right)
        yield call("power", call(node.operation, left, base), exponent)
