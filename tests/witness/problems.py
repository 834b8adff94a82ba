"""Small programs with the gradients that differentiation writes, for witnesses to judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tracer.frozen import Value, replace
from tracer.operations import Shape
from tracer.operations.array_shape import indices_of
from tracer.program.differentiate import differentiate, lower_equations
from tracer.program.program import Equation
from tracer.program.resolve import resolve_equations
from tracer.program.shapes import Shapes
from tracer.witness import Verdict, examine_gradients
from tracer.witness.elementary_algebra import PreciseAlgebra, as_float
from tracer.witness.tape import evaluate_steps, write_out

GivenArray = Mapping[str, Any]


class Judging(Value):
    """A program, its inputs, and the gradients of its parameters."""

    equations: list[Equation]
    loss: str
    parameters: tuple[str, ...]
    values: dict[str, tuple[Shape, list[float]]]
    gradients: dict[str, list[float]]

    def verdict(
        self, large: Callable[[Mapping[str, Sequence[float]]], float] | None = None
    ) -> Verdict:
        """Return what the witnesses say."""
        return examine_gradients(
            self.equations, self.loss, self.parameters, self.values, self.gradients, large=large
        )

    def with_gradient(self, name: str, gradient: list[float]) -> Judging:
        """Return the same with another recorded gradient."""
        return replace(self, gradients={**self.gradients, name: gradient})


def judging(text: str, given: GivenArray, parameters: str, loss: str = "loss") -> Judging:
    """Return a program with gradients computed at 40 digits through the written backward pass."""
    values = {name: _flattened(value) for name, value in given.items()}
    shapes = Shapes({name: shape for name, (shape, _) in values.items()})
    equations = [
        equation._replace(phase="loss") if equation.name == loss else equation
        for equation in resolve_equations(text, shapes, {}, where=str)
    ]
    names = tuple(parameters.split())
    written = differentiate(equations, loss, names, shapes)
    lowered = lower_equations([*written.forward, *written.backward], shapes)
    scalars = write_out(lowered, values, shapes, 10**6)
    numbers = evaluate_steps(scalars.steps, range(len(scalars.steps)), PreciseAlgebra(40))
    gradients = {
        name: [
            as_float(numbers[scalars.entries[written.names[name], index]])
            for index in indices_of(values[name][0])
        ]
        if name in written.names
        else [0.0] * math.prod(values[name][0])
        for name in names
    }
    return Judging(equations, loss, names, values, gradients)


def _flattened(value: Any) -> tuple[Shape, list[float]]:
    if not isinstance(value, list):
        return (), [float(value)]
    parts = [_flattened(item) for item in value]
    return (len(parts), *parts[0][0]), [number for _, flat in parts for number in flat]
