"""Wrong formulas that somebody may use instead of an equation of a run, each with its slip.

They are made from the run's own equations by what a writer does to them, not with the checker's
rules. A formula is changed in one place only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from tests.check.generated.bench import Bench
from tracer.expression.syntax import Call, Name, Node, Number, walk
from tracer.program.program import Equation, Program, substitute
from tracer.run.trace import Iteration

__all__ = ["CALCULATION", "Wrong", "wrong_formulas"]

CALCULATION: Final = frozenset(
    ("log_base", "minus_times_minus", "negative_square", "order_of_operations")
)
"""Slips in working out a right formula: nobody writes another one down."""
TEN: Final = Number("2.302585092994046", Fraction("2.302585092994046"))  # ln 10
TWO: Final = Number("2", Fraction(2))
MEANS: Final = ("mean", "mse", "bce", "cross_entropy", "nll")
LOGARITHMS: Final = ("bce", "cross_entropy", "nll")


class Wrong(NamedTuple):
    """A wrong formula and the slip that leads to it."""

    slip: str
    formula: Node


class Facts(NamedTuple):
    """An equation and what is known around it."""

    bench: Bench
    iteration: Iteration
    program: Program
    equation: Equation

    @property
    def is_backward(self) -> bool:
        return self.equation.phase == "backward"

    @property
    def is_update(self) -> bool:
        return self.equation.phase == "update"

    def loss_uses(self, *operations: str) -> bool:
        """Say whether the run computes a loss by one of some operations."""
        return any(
            is_call(part, *operations)
            for item in self.program.phase("forward", "loss")
            for part in walk(item.expression)
        )

    def value(self, node: Node) -> float | None:
        return self.bench.value(self.iteration, node)

    def size(self, node: Node) -> int:
        """Return how many entries a formula has; 0 where it is no vector."""
        shape = self.bench.shape(self.iteration, node)
        return shape[0] if shape is not None and len(shape) == 1 else 0

    def kind(self, node: Node) -> str:
        """Return what kind of input a name is; '' for what is computed."""
        item = self.program.inputs.get(node.id) if isinstance(node, Name) else None
        return "" if item is None else str(item.kind)


def wrong_formulas(bench: Bench, iteration: Iteration, equation: Equation) -> Iterator[Wrong]:
    """Yield the wrong formulas for an equation; none says the same as it."""
    facts = Facts(bench, iteration, iteration.program, equation)
    whole = equation.expression
    for part, put in _parts(whole):
        for rule in (_sums, _differences, _products, _quotients, _functions, _orders):
            for slip, new in rule(part, facts):
                if new != part:
                    yield Wrong(slip, put(new))
    for slip, new in (*_updates(whole, facts), *_gradients(whole, facts), *_matrices(whole, facts)):
        if new != whole:
            yield Wrong(slip, new)


Found = Iterator[tuple[str, Node]]


def _parts(node: Node) -> Iterator[tuple[Call, Callable[[Node], Node]]]:
    """Yield each call in a formula, with what puts another one in its place."""
    if not isinstance(node, Call):
        return
    yield node, lambda new: new
    for place, child in enumerate(node.arguments):
        for part, put in _parts(child):

            def outer(new: Node, place: int = place, put: Callable[[Node], Node] = put) -> Node:
                arguments = list(node.arguments)
                arguments[place] = put(new)
                return Call(node.operation, tuple(arguments), node.keywords)

            yield part, outer


def is_call(node: Node, *operations: str) -> bool:
    return isinstance(node, Call) and node.operation in operations


def call(operation: str, *arguments: Node) -> Call:
    return Call(operation, arguments)


def both(node: Node) -> tuple[Node, Node]:
    """Return the two operands of a call."""
    assert isinstance(node, Call)
    return node.arguments[0], node.arguments[1]


def is_two(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 2


# Sums and differences


def _sums(node: Call, facts: Facts) -> Found:
    if node.operation != "add":
        return
    left, right = both(node)
    has_product = any(is_call(part, "multiply", "matmul") for part in walk(left))
    if facts.equation.phase == "forward" and facts.kind(right) == "parameter" and has_product:
        yield "bias_left_out", left
        yield "bias_added_twice", call("add", node, right)
    if is_call(left, "sqrt") and isinstance(right, Name) and right.id == "epsilon":
        yield "epsilon_inside_root", call("sqrt", call("add", both_of_root(left), right))
    if is_call(left, "multiply") and is_call(right, "multiply"):
        beta, mean = both(left)
        rest, new = both(right)
        if rest == call("subtract", Number("1", Fraction(1)), beta):
            yield (
                "betas_swapped",
                call("add", call("multiply", rest, mean), call("multiply", beta, new)),
            )


def both_of_root(node: Node) -> Node:
    assert isinstance(node, Call)
    return node.arguments[0]


def _differences(node: Call, facts: Facts) -> Found:
    if node.operation != "subtract":
        return
    left, right = both(node)
    below = facts.value(right)
    if below is not None and below < 0:
        yield "minus_times_minus", call("add", left, right)
    if facts.is_backward and facts.kind(right) == "data" and not isinstance(left, Number):
        yield "error_reversed", call("subtract", right, left)
        if facts.program.loss is not None and facts.value(node) is not None:
            yield "loss_for_error", Name(facts.program.loss)


# Products and quotients


def _products(node: Call, facts: Facts) -> Found:
    if node.operation != "multiply":
        return
    left, right = both(node)
    if facts.is_backward:
        if is_two(left):
            yield "factor_2_left_out", right
        if is_two(right):
            yield "factor_2_left_out", left
        if is_call(right, "step"):
            yield "relu_gate_ignored", left
    values = facts.value(left), facts.value(right)
    if all(value is not None and value < 0 for value in values):
        yield "minus_times_minus", call("negative", node)


def _quotients(node: Call, facts: Facts) -> Found:
    if node.operation != "divide":
        return
    top, below = both(node)
    is_count = isinstance(below, Number) and below.value >= 2 and facts.loss_uses(*MEANS)
    if is_count and facts.is_backward:
        yield "sum_for_mean", top
        yield "divided_twice", call("divide", node, below)
        yield "multiplied_by_n", call("multiply", top, below)
    elif is_two(below) and facts.equation.phase in ("loss", "forward", "backward"):
        yield "half_applied_twice", call("divide", node, below)
        yield "factor_2_added", top
    if is_call(below, "sqrt") and not facts.is_update:
        yield "root_d_left_out", top
    if isinstance(below, Name) and facts.equation.phase == "forward":
        total = next((item for item in facts.program.equations if item.name == below.id), None)
        if total is not None and total.expression == call("sum", top):
            yield "softmax_not_divided", top
    if "_hat" in facts.equation.name and facts.is_update:
        yield "bias_correction_left_out", top


# Functions


def _functions(node: Call, facts: Facts) -> Found:
    inside = node.arguments[0] if node.arguments else node
    match node.operation:
        case "exp" | "sigmoid":
            yield "exponent_sign", call(node.operation, call("negative", inside))
        case "log":
            yield "log_base", call("divide", node, TEN)
        case "softmax":
            yield "softmax_not_divided", call("exp", inside)
        case "relu":
            yield "relu_gate_ignored", inside
        case "power" if is_two(node.arguments[1]):
            value = facts.value(inside)
            if facts.equation.phase in ("loss", "forward", "update"):
                yield "square_left_out", inside
            if value is not None and value < 0:
                yield "negative_square", call("negative", node)
        case "half_squared_error":
            yield "half_applied_twice", call("divide", node, TWO)
            yield "factor_2_added", call("multiply", TWO, node)
        case "mean" | "mse":
            yield from _means(node, facts)
        case "sum" if not node.keywords and facts.is_backward and facts.size(inside) > 1:
            yield "only_one_sample", call("index", inside, Number("0", Fraction(0)))
        case "transpose_last":
            yield "transpose_left_out", inside
    if node.operation in LOGARITHMS:
        yield "log_base", call("divide", node, TEN)


def _means(node: Call, facts: Facts) -> Found:
    if node.keywords:
        return
    inside = node.arguments[0]
    if node.operation == "mse":
        difference = call("subtract", *both(node))
        inside = call("power", difference, TWO)
        yield "square_left_out", call("mean", difference)
    total = call("sum", inside)
    count = call("divide", total, node)
    yield "sum_for_mean", total
    yield "divided_twice", call("divide", node, count)
    yield "multiplied_by_n", call("multiply", total, count)
    if facts.size(inside) > 1:
        yield "only_one_sample", call("index", inside, Number("0", Fraction(0)))


def _orders(node: Call, _: Facts) -> Found:
    """Yield the same operations in the wrong order."""
    slip = "order_of_operations"
    if node.operation in ("add", "subtract"):
        left, right = both(node)
        if is_call(right, "multiply"):
            first, second = both(right)
            yield slip, call("multiply", call(node.operation, left, first), second)
    if node.operation == "multiply":
        left, right = both(node)
        if is_call(right, "add", "subtract"):
            assert isinstance(right, Call)
            first, second = both(right)
            yield slip, call(right.operation, call("multiply", left, first), second)


# Whole equations


def _updates(node: Node, facts: Facts) -> Found:
    if not (facts.is_update and is_call(node, "subtract")):
        return
    weight, step = both(node)
    if not isinstance(weight, Name) or weight.id not in facts.program.carried:
        return
    yield "plus_for_minus", call("add", weight, step)
    yield "update_applied_twice", call("subtract", node, step)
    rest = _without_rate(step, facts)
    rate = _rate(step)
    if rest is not None and rate is not None:
        yield "learning_rate_left_out", call("subtract", weight, rest)
        yield "learning_rate_times_weight", call("multiply", rate, call("subtract", weight, rest))
    names = {part.id for part in walk(step) if isinstance(part, Name) and "_hat" in part.id}
    plain = {}
    for name in names:
        corrected = facts.program.equation(name).expression
        if is_call(corrected, "divide"):
            plain[name] = both(corrected)[0]
    if plain:
        yield "bias_correction_left_out", substitute(node, plain)


def _rate(step: Node) -> Node | None:
    """Return the first factor of a step, which is the learning rate."""
    while is_call(step, "multiply", "divide"):
        step = both(step)[0]
    return step if isinstance(step, Name) else None


def _without_rate(step: Node, facts: Facts) -> Node | None:
    if not is_call(step, "multiply", "divide"):
        return None
    assert isinstance(step, Call)
    first, second = both(step)
    if step.operation == "multiply" and facts.kind(first) == "setting":
        return second
    rest = _without_rate(first, facts)
    return None if rest is None else call(step.operation, rest, second)


def _gradients(node: Node, facts: Facts) -> Found:
    if not facts.is_backward:
        return
    derivative = _derivative(node)
    if derivative is not None:
        gradient, slope, at_output = derivative
        yield "activation_derivative_left_out", gradient
        yield "activation_derivative_at_output", call("multiply", gradient, at_output)
        yield "chain_factors_added", call("add", gradient, slope)
        simple = _cancelled(gradient, facts)
        if simple is not None:
            yield "extra_activation_derivative", call("multiply", simple, slope)
    elif is_call(node, "multiply"):
        gradient, factor = both(node)
        if isinstance(gradient, Name) and not is_call(factor, "step", "where", "first_max"):
            yield "inner_derivative_left_out", gradient
            yield "chain_factors_added", call("add", gradient, factor)
    if is_call(node, "subtract") and facts.loss_uses("half_squared_error"):
        yield "factor_2_added", call("multiply", TWO, node)
        yield "half_applied_twice", call("divide", node, TWO)
    paths = _paths(node)
    if len(paths) > 1:
        product, total = paths[0], paths[0]
        for path in paths[1:]:
            product = call("multiply", product, path)
        for path in paths[1:-1]:
            total = call("add", total, path)
        yield "paths_multiplied", product
        yield "path_left_out", total


def _derivative(node: Node) -> tuple[Node, Node, Node] | None:
    """Return gradient, σ′ and the σ′ that is taken at the output; None without a σ′."""
    if not is_call(node, "multiply"):
        return None
    first, last = both(node)
    if not is_call(last, "subtract") or not isinstance(both(last)[0], Number):
        return None
    one, output = both(last)
    if is_call(output, "power"):  # tanh
        again = call("power", call("tanh", both(output)[0]), TWO)
        return first, last, call("subtract", one, again)
    if is_call(first, "multiply") and both(first)[1] == output:
        again = call("sigmoid", output)
        slope = call("multiply", output, last)
        return both(first)[0], slope, call("multiply", again, call("subtract", one, again))
    return None


def _cancelled(gradient: Node, facts: Facts) -> Node | None:
    """Return dL/da under cross-entropy without the divisor that σ′ cancels."""
    if not isinstance(gradient, Name):
        return None
    for part, put in _parts(facts.program.equation(gradient.id).expression):
        if part.operation == "divide" and is_call(both(part)[1], "maximum"):
            return put(both(part)[0])
    return None


def _paths(node: Node) -> list[Node]:
    """Return the contributions that a gradient adds up."""
    if is_call(node, "add"):
        left, right = both(node)
        before = _paths(left)
        return [*before, right] if before and isinstance(right, Name) else []
    return [node] if isinstance(node, Name) and "#" in node.id else []


def _matrices(node: Node, facts: Facts) -> Found:
    """Yield the product of matrices taken otherwise; what does not fit is left out later.

    A vector may be written as a column or as a row.
    """
    if is_call(node, "outer"):
        left, right = both(node)
        yield "wrong_layout", call("outer", right, left)
        yield "wrong_shape", call("multiply", left, right)
    if is_call(node, "matmul") and min(facts.equation.shape, default=1) > 1:
        yield "wrong_layout", call("transpose_last", node)
    if is_call(node, "sum"):
        assert isinstance(node, Call)
        if not node.keywords:
            yield "wrong_shape", node.arguments[0]
