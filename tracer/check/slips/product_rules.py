"""Wrong formulas in products: factors left out, added, applied twice, put in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Final, NamedTuple

from tracer.check.slips.rewriting import (
    SUM,
    Factor,
    Place,
    add,
    call,
    divide,
    is_call,
    is_number,
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
    chain_at,
    entries_of,
    is_between_0_and_1,
    is_doubled,
    paired,
    squared,
)
from tracer.expression.syntax import Array, Name, Node

__all__ = ["product_rules"]

MOST_TERMS: Final = 8
MOST_FACTORS: Final = 24


def product_rules(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield what a whole product becomes under each slip."""
    chain = chain_at(place)
    if chain is None or len(chain.factors) > MOST_FACTORS:
        return
    yield from _signs(chain)
    yield from _twos(chain, context)
    yield from _counts(chain, context)
    yield from _rate(chain, context)
    yield from _activation_derivatives(chain, context)
    yield from _gates(chain, context)
    yield from _chain_rule(chain, context)
    yield from _divisors(chain, context)


def replaced(chain: Chain, new: dict[int, Node]) -> Node:
    """Return the product with other factors at some positions."""
    first = min(new)
    rest = [
        Factor(factor.operation, new.get(position, factor.node), factor.until)
        for position, factor in enumerate(chain.factors)
        if position >= first
    ]
    return of_factors(rest, chain.factors[first - 1].until if first else None)


def _signs(chain: Chain) -> Iterator[Rewriting]:
    """Minus times minus taken as minus, where two minuses can be seen."""
    minuses = [position for position, _, node in chain.nodes() if is_call(node, "negative")]
    if len(minuses) > 1:
        last = minuses[-1]
        yield "minus_times_minus", replaced(chain, {last: negative(chain.factors[last].node)})


def _twos(chain: Chain, context: Context) -> Iterator[Rewriting]:
    halves = chain.halves()
    for position in halves:
        yield _without_half(context), without(chain.factors, position)
    if halves:
        yield "half_applied_twice", divide(chain.node, number(2))
    for position in chain.twos():
        if len(chain.factors) > 1 and _is_coefficient(chain, position, context):
            rest = without(chain.factors, position)
            is_minus = is_call(chain.factors[position].node, "negative")
            yield "factor_2_left_out", call("negative", rest) if is_minus else rest


def _without_half(context: Context) -> str:
    """Return the slip that leaves a ½ out: only a derivative has a 2 that it cancels."""
    is_gradient = context.roles.phase in ("backward", "update")
    return "factor_2_added" if is_gradient else "half_left_out"


def _is_coefficient(chain: Chain, position: int, context: Context) -> bool:
    """Whether a 2 is the one of the square's derivative and not a value put in."""
    phase = context.roles.phase
    if phase == "forward":
        return False
    if context.symbolic:
        return True
    if chain.place.is_in("add", "subtract"):
        return False  # a square's derivative has its 2 in every term
    is_only = chain.twos() == [position] and not is_doubled(chain.place, context)
    if phase == "update" and not any(is_call(factor.node, *SUM) for factor in chain.factors):
        return False
    if phase == "unknown":  # numbers alone: 2 times a difference is a square's derivative
        return position == 0 and any(is_call(factor.node, "subtract") for factor in chain.factors)
    return position == 0 or is_only


def _counts(chain: Chain, context: Context) -> Iterator[Rewriting]:
    for position in chain.counts(context):
        count = chain.factors[position].node
        yield "sum_for_mean", without(chain.factors, position)
        if literal_value(count) == 2 and context.roles.phase in ("loss", "unknown"):
            yield "half_left_out", without(chain.factors, position)  # or the 2 of ½ (y - t)²
        yield "divided_twice", divide(chain.node, count)
        turned = [*chain.factors]
        turned[position] = Factor("multiply", count, chain.node)
        yield "multiplied_by_n", of_factors(turned)
        yield from _single_samples(chain, position)


def _single_samples(chain: Chain, count: int) -> Iterator[Rewriting]:
    """One of the samples that are added up, with the division and without."""
    for position, _, node in chain.nodes():
        samples = entries_of(node)
        if len(samples) <= MOST_TERMS and len({*samples}) > 1:
            for sample in samples:
                yield "only_one_sample", replaced(chain, {position: sample})
                rest = [factor for place, factor in enumerate(chain.factors) if place != count]
                alone = position - (position > count)
                rest[alone] = Factor(rest[alone].operation, sample, chain.node)
                yield "only_one_sample", of_factors(rest)


def _rate(chain: Chain, context: Context) -> Iterator[Rewriting]:
    position = chain.rate(context)
    if position is not None and len(chain.factors) > 1:
        yield "learning_rate_left_out", without(chain.factors, position)


def _activation_derivatives(chain: Chain, context: Context) -> Iterator[Rewriting]:
    if context.roles.phase in ("forward", "loss"):
        return
    for group in chain.derivatives(context):
        if len(group) < len(chain.factors):
            yield "activation_derivative_left_out", without(chain.factors, *group)
        yield from _at_output(chain, group)


def _at_output(chain: Chain, group: tuple[int, ...]) -> Iterator[Rewriting]:
    """The derivative with the activation put in where its net input belongs."""
    slip = "activation_derivative_at_output"
    nodes = [chain.factors[position].node for position in group]
    if len(group) == 2:
        output = next((node for node in nodes if not is_call(node, "subtract")), nodes[0])
        again = call("sigmoid", output)
        rest = subtract(number(1), again)
        parts = (again if node is output else rest for node in nodes)
        yield slip, replaced(chain, dict(zip(group, parts, strict=True)))
        return
    pair, square = paired(nodes[0]), squared(nodes[0])
    if pair is not None:
        again = call("sigmoid", pair)
        yield slip, replaced(chain, {group[0]: multiply(again, subtract(number(1), again))})
    elif square is not None:
        again = call("power", call("tanh", square), number(2))
        yield slip, replaced(chain, {group[0]: subtract(number(1), again)})


def _gates(chain: Chain, context: Context) -> Iterator[Rewriting]:
    """A closed ReLU ignored: its 0 or its step left out."""
    for position, operation, node in chain.nodes():
        if operation == "multiply" and _is_gate(node, context):
            yield "relu_gate_ignored", without(chain.factors, position)


def _is_gate(node: Node, context: Context) -> bool:
    if isinstance(node, Name):
        return node.id.lower().startswith(("relu", "gate", "mask"))
    if is_call(node, "step", "heaviside", "relu_prime"):
        return True
    return literal_value(node) == 0 and context.may_be_backward()


def _chain_rule(chain: Chain, context: Context) -> Iterator[Rewriting]:
    """A factor of the chain rule left out, or the factors added."""
    if not (context.may_be_backward() or _is_inlined_gradient(chain, context)):
        return
    groups = _groups(chain, context)
    if len(groups) < 2 or any(isinstance(factor.node, Array) for factor in chain.factors):
        return
    derivatives = {position for group in chain.derivatives(context) for position in group}
    for group in groups:
        is_gate = _is_gate(chain.factors[group.main].node, context)
        if group.main not in derivatives and not is_gate:
            yield "inner_derivative_left_out", without(chain.factors, group.main)
    parts = [
        of_factors([chain.factors[position] for position in group.members]) for group in groups
    ]
    if number(0) in parts:  # nothing is added
        return
    yield "chain_factors_added", reduce(add, parts)
    for split in range(1, len(parts) if len(parts) > 2 else 1):
        left, right = reduce(multiply, parts[:split]), reduce(multiply, parts[split:])
        yield "chain_factors_added", add(left, right)


def _is_inlined_gradient(chain: Chain, context: Context) -> bool:
    """Whether a product of an update has the whole gradient in it, not only its name."""
    return context.roles.phase == "update" and any(
        is_call(factor.node, "subtract") and context.role(operands(factor.node)[1]) == "target"
        for factor in chain.factors
    )


class _Group(NamedTuple):
    """A factor of the chain rule, `main`, and the coefficients and divisors that go with it."""

    main: int
    members: list[int]


def _groups(chain: Chain, context: Context) -> list[_Group]:
    """Return the factors of the chain rule, from left to right."""
    coefficients = {*chain.twos(), *chain.halves()}
    rate = chain.rate(context)
    if rate is not None:
        coefficients.add(rate)
    if is_number(chain.factors[0].node, 1) and chain.factors[1].operation == "divide":
        coefficients.add(0)
    second = {group[1]: group[0] for group in chain.derivatives(context) if len(group) == 2}
    groups: list[_Group] = []
    waiting: list[int] = []

    def group_of(position: int) -> _Group | None:
        """Return the group of the first factor of a derivative such as a · (1 − a)."""
        first = second.get(position)
        return next((group for group in groups if group.main == first), None)

    for position, operation, _ in chain.nodes():
        if operation == "multiply" and position in coefficients:
            waiting.append(position)
        elif (group := group_of(position)) is not None:
            group.members.append(position)
        elif operation == "divide":
            (groups[-1].members if groups else waiting).append(position)
        else:
            groups.append(_Group(position, [*waiting, position]))
            waiting = []
    if groups:
        groups[-1].members.extend(waiting)
    return groups


def _divisors(chain: Chain, context: Context) -> Iterator[Rewriting]:
    """Divisions that are forgotten: softmax, the root of d, the bias correction."""
    for position, operation, node in chain.nodes():
        if operation != "divide":
            continue
        rest = without(chain.factors, position)
        if _is_softmax(chain, node):
            yield "softmax_not_divided", rest
        if is_call(node, "sqrt") and context.roles.phase != "update":
            yield "root_d_left_out", rest
        if _is_correction(node) and context.roles.phase in ("update", "unknown"):
            yield "bias_correction_left_out", rest


def _is_softmax(chain: Chain, divisor: Node) -> bool:
    """Whether an exponential is divided by a sum that it is part of."""
    above = [factor.node for factor in chain.factors if factor.operation == "multiply"]
    if is_call(divisor, "sum"):
        return is_call(divisor.arguments[0], "exp") and any(is_call(node, "exp") for node in above)
    parts = terms(divisor)
    return len(parts) > 1 and any(node in parts and not is_number(node, 1) for node in above)


def _is_correction(node: Node) -> bool:
    """Whether a node is 1 - beta, 1 - beta**t or a name for it."""
    if isinstance(node, Name):
        return node.id.startswith("correction")
    if not is_call(node, "subtract") or not is_number(operands(node)[0], 1):
        return False
    beta = operands(node)[1]
    if is_call(beta, "power"):
        beta = operands(beta)[0]
    return is_between_0_and_1(beta) or (
        isinstance(beta, Name) and beta.id.lower().startswith(("beta", "momentum", "mu", "rho"))
    )
