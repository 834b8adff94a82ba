"""Wrong formulas in sums and differences: signs, paths, biases, running means, the update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from typing import Final

from tracer.check.slips.rewriting import (
    PRODUCT,
    Factor,
    Place,
    add,
    call,
    divide,
    factors,
    is_call,
    literal_value,
    multiply,
    negative,
    number,
    of_factors,
    operands,
    subtract,
    terms,
    without,
)
from tracer.check.slips.shapes import (
    Chain,
    Context,
    Rewriting,
    chain_of,
    is_complement,
    is_doubled,
    is_error,
    is_step,
    output_of,
    squared,
)
from tracer.expression.syntax import Name, Node, Number

__all__ = ["difference_rules", "negative_rules", "sum_rules"]

MOST_PATHS: Final = 8
SMALL: Final = 1000  # an epsilon is less than one part in so many
LEAST_BETA: Final = Fraction(9, 10)  # of a running mean, where nothing else says that it is one


def difference_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield what `a - b` becomes under each slip."""
    left, right = operands(place.node)
    visible = _with_minus_lost(right)
    if visible is not None:
        yield "minus_times_minus", subtract(left, visible)
    if is_step(place, context):
        yield "plus_for_minus", add(left, right)
        yield "update_applied_twice", subtract(place.node, right)
        yield from _rate_times_weight(place, context)
    elif squared(place.node) is not None:
        yield from _tanh_derivative(place, context)
    elif _may_be_error(place, context):
        yield "error_reversed", subtract(right, left)
        yield from _error_in_gradient(place, context)


def _with_minus_lost(node: Node) -> Node | None:
    """Return a product with one minus fewer, where it is visibly negative."""
    chain = factors(node)
    minuses = [place for place, factor in enumerate(chain) if is_call(factor.node, "negative")]
    if len(minuses) % 2 == 0:
        return None
    place = minuses[0]
    plain = negative(chain[place].node)
    rest = [Factor(chain[place].operation, plain, node), *chain[place + 1 :]]
    return of_factors(rest, chain[place - 1].until if place else None)


def _rate_times_weight(place: Place, context: Context) -> Iterator[Rewriting]:
    """The learning rate multiplied into the weight: lr (w - g), or lr w - g."""
    weight, step = operands(place.node)
    chain = Chain(Place(step, place, 1), factors(step))
    position = chain.rate(context)
    if position is None or len(chain.factors) < 2:
        return
    rate = chain.factors[position].node
    gradient = without(chain.factors, position)
    yield "learning_rate_times_weight", multiply(rate, subtract(weight, gradient))
    yield "learning_rate_times_weight", subtract(multiply(rate, weight), gradient)


def _tanh_derivative(place: Place, context: Context) -> Iterator[Rewriting]:
    """The derivative of tanh, `1 - h²`, by itself and not as a factor."""
    output = squared(place.node)
    if output is not None and context.may_be_backward() and not place.is_in(*PRODUCT):
        again = call("power", call("tanh", output), number(2))
        yield "activation_derivative_at_output", subtract(number(1), again)


def _may_be_error(place: Place, context: Context) -> bool:
    if place.is_in("power", "square"):  # a square does not tell
        return False
    known = is_error(place.node, context)
    if known is not None:
        return known
    return not context.symbolic and context.roles.phase in ("backward", "unknown", "update")


def _error_in_gradient(place: Place, context: Context) -> Iterator[Rewriting]:
    """A 2 or a ½ at an error that has none, and a derivative that cross-entropy has cancelled."""
    known = is_error(place.node, context)
    phase = context.roles.phase
    is_gradient = phase == "backward" or (known is True and phase in ("update", "unknown"))
    if not is_gradient or is_doubled(place, context):  # a 2 is that of a square: no cross-entropy
        return
    yield "factor_2_added", multiply(number(2), place.node)
    yield "half_applied_twice", divide(place.node, number(2))
    output = output_of(place.node, context)
    if output is not None and not chain_of(place).derivatives(context):
        derivative = multiply(output, subtract(number(1), output))
        yield "extra_activation_derivative", multiply(place.node, derivative)


def negative_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield what `-a` becomes where its sign is lost; where minus meets minus has its own slip."""
    node = place.node
    if not is_call(node, "negative") or place.is_in("exp", "sigmoid", "relu", "negative"):
        return  # the sign of an exponent, a closed ReLU and minus upon minus have their own slips
    inner = node.arguments[0]
    if is_call(inner, "power"):
        base, exponent = operands(inner)
        yield "order_of_operations", call("power", call("negative", base), exponent)
    if place.is_in("power") and place.position == 1:
        return
    above: Place | None = place
    while above is not None and above.is_in("multiply", "divide"):
        above = above.parent
    meets = above is not None and above.is_in("subtract") and above.position == 1
    if not meets and not _is_factor_among_minuses(place):
        yield "sign_lost", inner


def _is_factor_among_minuses(place: Place) -> bool:
    chain = chain_of(place)
    return sum(is_call(factor.node, "negative") for factor in chain.factors) > 1


def sum_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield what a whole sum becomes under each slip."""
    yield from _betas(place, context)
    yield from _epsilon(place, context)
    if place.is_in("add") and place.position == 0:
        return
    parts = terms(place.node)
    yield from _bias(place.node, parts, context)
    if len(parts) > MOST_PATHS or not context.may_be_backward():
        return
    if not chain_of(place).counts(context):  # divided by the number of samples: no paths
        yield "paths_multiplied", reduce(multiply, parts)
        for left_out in range(len(parts)):
            yield "path_left_out", reduce(add, [*parts[:left_out], *parts[left_out + 1 :]])


def _bias(node: Node, parts: Sequence[Node], context: Context) -> Iterator[Rewriting]:
    if context.roles.phase not in ("forward", "unknown"):
        return
    for position, part in enumerate(parts):
        others = [*parts[:position], *parts[position + 1 :]]
        if _is_bias(part, position, others, context):
            yield "bias_left_out", reduce(add, others)
            yield "bias_added_twice", add(node, part)


def _is_bias(part: Node, position: int, others: Sequence[Node], context: Context) -> bool:
    role = context.role(part)
    if role is not None:
        return role == "bias"
    is_leaf = isinstance(part, Name) or literal_value(part) is not None
    rest_are_products = all(is_call(other, "multiply", "matmul") for other in others)
    return is_leaf and rest_are_products and position == len(others)


def _betas(place: Place, context: Context) -> Iterator[Rewriting]:
    """The running mean `beta * m + (1 - beta) * g` with its two weights exchanged."""
    if context.roles.phase not in ("update", "unknown"):
        return
    left, right = operands(place.node)
    first, second = factors(left), factors(right)
    for one, a in enumerate(first):
        for other, b in enumerate(second):
            are_weights = a.operation == b.operation == "multiply" and (
                is_complement(a.node, b.node) or is_complement(b.node, a.node)
            )
            weights = [each.node.value for each in (a, b) if isinstance(each.node, Number)]
            if context.roles.phase == "unknown" and len(weights) == 2 and max(weights) < LEAST_BETA:
                continue  # 0.8 and 0.2 may be any two figures
            if are_weights and len(first) > 1 and len(second) > 1:
                yield "betas_swapped", add(_with(first, one, b.node), _with(second, other, a.node))
                return


def _with(chain: Sequence[Factor], position: int, node: Node) -> Node:
    changed = [*chain]
    changed[position] = Factor(chain[position].operation, node, node)
    return of_factors(changed)


def _epsilon(place: Place, context: Context) -> Iterator[Rewriting]:
    left, right = operands(place.node)
    is_divisor = place.is_in("divide") and place.position == 1
    may_be = is_epsilon(right, context) or (is_divisor and isinstance(right, Number))
    if may_be and is_call(left, "sqrt"):
        yield "epsilon_inside_root", call("sqrt", add(left.arguments[0], right))


def is_epsilon(node: Node, context: Context) -> bool:
    """Say whether a node is the small number that keeps a division safe."""
    if isinstance(node, Number):
        return 0 < node.value * SMALL < 1
    return context.role(node) == "epsilon"
