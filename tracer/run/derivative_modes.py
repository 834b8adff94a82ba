"""Why gradients are computed backwards: three ways to one gradient, and what each of them costs.

Forward mode carries, beside each value, its derivative by one chosen number: a pass for each
number that is trained. Differences run the network twice for each. Reverse mode goes back once for
all of them. What is counted are operations on single numbers, as they are carried out; nothing is
estimated. Source: Griewank and Walther, Evaluating Derivatives, chapters 3 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from tracer.errors import LimitError, RunError
from tracer.expression import Name, Node
from tracer.frozen import Frozen
from tracer.operations import Operation, Term, flat_entries, literal, nested, number
from tracer.program.program import Equation
from tracer.run.interpret import Algebra, Nested, interpret
from tracer.run.scalar_code import FLOATS
from tracer.run.trace import Iteration, Trace, gradient_names
from tracer.sentences import say

MOST_OPERATIONS: Final = 300_000  # operations of one pass that are counted; beyond, it is refused
SMALL_STEP: Final = 1e-6
OUT: Final = Name("out")


class DerivativeModes(Frozen):
    """What a gradient costs, in operations on single numbers.

    `forward_pass` counts the network and its loss, `backward_pass` the equations of all gradients,
    `tangent_pass` a pass that carries the derivatives by one number along. `numbers` are those
    that are trained. All gradients take one pass forward and one back (`reverse_mode`), a tangent
    pass for each number (`forward_mode`), or two passes for each, a subtraction and a division
    (`differences`). `example` is an entry of a parameter, `by_mode` its derivative by reverse
    mode, forward mode and a central difference.
    """

    numbers: int
    forward_pass: int
    backward_pass: int
    tangent_pass: int
    reverse_mode: int
    forward_mode: int
    differences: int
    example: tuple[str, int]
    by_mode: tuple[float, float, float]

    def as_dictionary(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        return {
            "trained_numbers": self.numbers,
            "forward_pass": self.forward_pass,
            "backward_pass": self.backward_pass,
            "tangent_pass": self.tangent_pass,
            "reverse_mode": self.reverse_mode,
            "forward_mode": self.forward_mode,
            "differences": self.differences,
        }


class _CountedFloat(Algebra[float]):
    """Floats, with each operation counted. Raises LimitError where there are too many."""

    def __init__(self) -> None:
        self.operations = 0

    def count(self) -> None:
        """Count an operation."""
        self.operations += 1
        if self.operations > MOST_OPERATIONS:
            raise LimitError(
                say("too many operations to count one by one"),
                expected=say("at most {most}", most=MOST_OPERATIONS),
            )

    def number(self, value: Fraction) -> float:
        return float(value)

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., float] | None:
        plain = FLOATS.function(row, operands)
        if plain is None:
            return None

        def counted(*values: float) -> float:
            self.count()
            return plain(*values)

        return counted


class _Dual(NamedTuple):
    """A value and its derivative by the chosen number; None where it does not depend on any."""

    value: float
    tangent: float | None = None

    def __int__(self) -> int:
        return int(self.value)


class _Tangents(Algebra[_Dual]):
    """Dual numbers: each operation's rule gives the derivative that is carried along.

    The rules are those of the backward pass, asked for the local derivative (what comes in is 1).
    """

    def __init__(self) -> None:
        self.floats = _CountedFloat()

    def number(self, value: Fraction) -> _Dual:
        return _Dual(float(value))

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., _Dual] | None:
        plain = self.floats.function(row, operands)
        if plain is None:
            return None
        if row.derivative is None and row.variadic:
            return lambda *duals: self.chosen_operand(plain, duals)
        names = [Name(f"x{place}") for place in range(len(operands) or len(row.operands))]
        local: Sequence[Term | None] = [None] * len(names)
        if row.derivative is not None:
            values = [*operands] or names  # x**2 has a simpler slope than x**a
            terms = [
                Term(name if literal(item) is None else item)
                for name, item in zip(names, values, strict=True)
            ]
            local = row.derivative(Term(number(1)), Term(OUT), *terms)

        def carried(*duals: _Dual) -> _Dual:
            value = plain(*(dual.value for dual in duals))
            leaves: dict[Node, float] = {OUT: value}
            leaves.update(zip(names, (dual.value for dual in duals), strict=False))
            tangent: float | None = None
            for dual, term in zip(duals, local, strict=False):
                if dual.tangent is None or term is None:
                    continue
                share = dual.tangent
                if term.literal != 1:
                    self.floats.count()
                    share *= interpret(term.node, self.floats, leaves.get)
                if tangent is not None:
                    self.floats.count()
                    share += tangent
                tangent = share
            return _Dual(value, tangent)

        return carried

    def chosen_operand(self, plain: Callable[..., float], duals: Sequence[_Dual]) -> _Dual:
        """Return the first operand that is the result: of a function that chooses one of them."""
        value = plain(*(dual.value for dual in duals))
        return next(dual for dual in duals if dual.value == value)


def derivative_modes(trace: Trace) -> DerivativeModes:
    """Return what the gradient of the first iteration costs in each mode.

    Raises RunError where nothing is trained, LimitError where a pass has too many operations, and
    TracerError, ArithmeticError or ValueError where one cannot be counted.
    """
    iteration = trace.iteration(1)
    gradients = gradient_names(trace)
    loss = iteration.program.loss
    if not gradients or loss is None:
        raise RunError(
            say("nothing is trained in {name}", name=trace.scenario.name),
            expected=say("a scenario with a loss and [training]"),
        )
    forward = list(iteration.program.phase("forward", "loss"))
    backward = list(iteration.program.phase("backward"))
    name = max(gradients, key=lambda each: max(map(abs, iteration.floats(gradients[each]))))
    entries = iteration.floats(gradients[name])
    place = max(range(len(entries)), key=lambda at: abs(entries[at]))
    inputs = {item: iteration.floats(item) for item in iteration.program.inputs}

    floats = _CountedFloat()
    values = _worked_out(forward, floats, inputs, iteration)
    forward_pass = floats.operations
    _worked_out(backward, floats, {**inputs, **values}, iteration)

    duals: dict[str, Sequence[_Dual]] = {
        item: [
            _Dual(value, float(item == name and at == place) if item in gradients else None)
            for at, value in enumerate(row)
        ]
        for item, row in inputs.items()
    }
    tangents = _Tangents()
    tangent = _worked_out(forward, tangents, duals, iteration)[loss][0].tangent

    def moved(step: float) -> float:
        row = list(inputs[name])
        row[place] += step
        values_there = _worked_out(forward, FLOATS, {**inputs, name: row}, iteration)
        return float(values_there[loss][0])

    step = SMALL_STEP * max(1.0, abs(inputs[name][place]))
    numbers = sum(math.prod(iteration.shape(item)) for item in gradients)
    return DerivativeModes(
        numbers=numbers,
        forward_pass=forward_pass,
        backward_pass=floats.operations - forward_pass,
        tangent_pass=tangents.floats.operations,
        reverse_mode=floats.operations,
        forward_mode=numbers * tangents.floats.operations,
        differences=numbers * (2 * forward_pass + 2),
        example=(name, place),
        by_mode=(entries[place], tangent or 0.0, (moved(step) - moved(-step)) / (2 * step)),
    )


def _worked_out(
    equations: Iterable[Equation],
    algebra: Algebra[Any],
    inputs: Mapping[str, Sequence[Any]],
    iteration: Iteration,
) -> dict[str, list[Any]]:
    """Return the entries of each equation in an algebra."""
    arrays = {name: nested(row, iteration.shape(name)) for name, row in inputs.items()}
    entries: dict[str, list[Any]] = {}

    def leaf(node: Node) -> Nested:
        return arrays.get(node.id) if isinstance(node, Name) else None

    for equation in equations:
        value = interpret(equation.expression, algebra, leaf)
        arrays[equation.name] = value
        entries[equation.name] = flat_entries(value, equation.shape)
    return entries
