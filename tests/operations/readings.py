"""The value readings of the table, run directly: scalar code, array code; and small programs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.operations.cases import Numbers
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.operations import Shape, Term, apply, bound, kernels, literal, lookup
from tracer.program.differentiate import Gradients, differentiate, lower_equations
from tracer.program.elements import Elements
from tracer.program.program import Equation
from tracer.program.resolve import resolve_equations
from tracer.program.shapes import Shapes
from tracer.witness import Verdict, examine_gradients

Floats = NDArray[np.float64]
MATH = {
    name: getattr(math, name)
    for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf", "pow")
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Equations down to a loss, the numbers they start from, and their gradients' equations."""

    equations: list[Equation]
    values: Mapping[str, Floats]
    wanted: tuple[str, ...]
    shapes: Shapes
    gradients: Gradients
    loss: str

    @property
    def all_equations(self) -> list[Equation]:
        """The forward and backward equations, in order."""
        return [*self.gradients.forward, *self.gradients.backward]

    def gradient_arrays(self) -> dict[str, Floats]:
        """Return the gradient of each wanted input, by array code; zeros where none arrives."""
        found = run_arrays(self.all_equations, self.values, self.shapes)
        return {
            name: found[self.gradients.names[name]]
            if name in self.gradients.names
            else np.zeros_like(self.values[name])
            for name in self.wanted
        }

    def judged(self) -> Verdict:
        """Return the verdict of the witnesses on the gradients that array code gives."""
        gradients = {name: flat(array) for name, array in self.gradient_arrays().items()}
        return examine_gradients(
            self.equations, self.loss, self.wanted, self.witness_values(), gradients
        )

    def witness_values(self) -> dict[str, tuple[Shape, list[float]]]:
        """Return the inputs as witnesses take them."""
        return {name: (array.shape, flat(array)) for name, array in self.values.items()}


def flat(array: Floats) -> list[float]:
    """Return the entries of an array, row by row."""
    result: list[float] = np.ravel(array).tolist()
    return result


def weights(shape: Shape) -> Floats:
    """Return awkward weights: neither equal nor all of one sign."""
    count = math.prod(shape)
    return np.array([0.7 + math.sin(3 * place + 1) for place in range(count)]).reshape(shape)


def problem(
    text: str,
    inputs: Mapping[str, Numbers],
    fixed: frozenset[str] = frozenset(),
    *,
    weighted: bool = True,
) -> Problem:
    """Return the problem `loss = sum(text * weights)`."""
    values: dict[str, Floats] = {
        name: np.array(numbers, dtype=float) for name, numbers in inputs.items()
    }
    shapes = Shapes({name: array.shape for name, array in values.items()})
    equations = resolve_equations(f"out = {text}", shapes, {}, where=str)
    out = Term(Name("out"), shapes["out"])
    total = out
    if weighted:
        values["weights"] = weights(out.shape)
        shapes.add("weights", out.shape)
        total = out * Term(Name("weights"), out.shape)
    total = apply("sum", total) if out.shape else total
    equations.append(Equation("loss", total.node, (), "loss"))
    shapes.add("loss", ())
    integers = _integer_names(equations, shapes)
    wanted = tuple(name for name in inputs if name not in fixed | integers)
    gradients = differentiate(equations, "loss", wanted, shapes)
    return Problem(equations, values, wanted, shapes, gradients, "loss")


def hessian_product(first: Problem) -> Problem:
    """Return `product`, the sum over the inputs of gradient times a direction, as a loss.

    The backward pass becomes part of the forward pass and is differentiated again.
    """
    equations = [equation._replace(phase="forward") for equation in first.all_equations]
    shapes, values = first.shapes, dict(first.values)
    terms: list[Term] = []
    for name in first.wanted:
        if name in first.gradients.names:
            direction = f"direction_{name}"
            values[direction] = weights(shapes[name])[::-1] if shapes[name] else np.array(0.9)
            shapes.add(direction, shapes[name])
            gradient = Term(Name(first.gradients.names[name]), shapes[name])
            part = gradient * Term(Name(direction), shapes[name])
            terms.append(apply("sum", part) if part.shape else part)
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    equations.append(Equation("product", total.node, (), "loss"))
    shapes.add("product", ())
    gradients = differentiate(equations, "product", first.wanted, shapes)
    return Problem(equations, values, first.wanted, shapes, gradients, "product")


def _integer_names(equations: Sequence[Equation], shapes: Shapes) -> frozenset[str]:
    """Return the inputs that are used as labels or ids."""
    found: set[str] = set()
    for equation in lower_equations(list(equations), shapes):
        if isinstance(equation.expression, Call):
            row, operands, _ = bound(equation.expression)
            for name, operand in zip(row.operands, operands, strict=False):
                if name in row.integers and isinstance(operand, Name):
                    found.add(operand.id)
    return frozenset(found)


# Array code ---------------------------------------------------------------------------------------


def run_arrays(
    equations: Sequence[Equation], values: Mapping[str, Floats], shapes: Shapes
) -> dict[str, Floats]:
    """Return the values of all names by the rows' array code, or their definitions."""
    known: dict[str, Any] = dict(values)
    with np.errstate(all="ignore"):
        for equation in equations:
            value = _array(equation.expression, known, shapes)
            assert np.shape(value) == equation.shape, equation
            known[equation.name] = np.asarray(value, dtype=float)
    return known


def _array(node: Node, known: Mapping[str, Any], shapes: Shapes) -> Any:
    if isinstance(node, Name):
        return known[node.id]
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Array):
        return np.array([_array(item, known, shapes) for item in node.items])
    assert isinstance(node, Call)
    row, operands, attributes = bound(node)
    template = _template(row.array, operands)
    if not template:
        form = row.steps or row.definition
        assert form is not None
        written = form(*(shapes.term(item) for item in operands), **attributes)
        return _array(written.node, known, shapes)
    arguments: list[Any] = [_array(item, known, shapes) for item in operands]
    for place, name in enumerate(row.operands):
        if name in row.integers:
            arguments[place] = np.asarray(arguments[place]).astype(np.intp)
    names = [f"a{place}" for place in range(len(arguments))]
    shape = shapes.of(node)
    out = np.full(shape, np.nan) if shape else None
    code = template.format(*names, all=", ".join(names), out="out", **attributes)
    scope = {"np": np, "kernels": kernels, "dtype": float, "out": out}
    result = eval(code, scope, dict(zip(names, arguments, strict=True)))
    if out is not None and "{out}" in template:
        assert result is out, f"{row.name} does not write where it should"
    return result if shape else float(result)


def _template(code: Any, operands: Sequence[Node]) -> str:
    literals: list[Fraction | None] = [literal(item) for item in operands]
    return code if isinstance(code, str) else str(code(literals))


# Scalar code --------------------------------------------------------------------------------------


def run_scalars(
    equations: Sequence[Equation], values: Mapping[str, Floats], shapes: Shapes
) -> dict[str, Floats]:
    """Return the values of all names by stable element forms and the rows' scalar code."""
    known: dict[str, Floats] = dict(values)

    def integer(name: str, index: Shape) -> int:
        return int(known[name][index])

    elements = Elements(shapes, integer, stable=True)
    for equation in equations:
        result = np.zeros(equation.shape)
        for index in itertools.product(*map(range, equation.shape)):
            result[index] = _scalar(elements.entry(equation.expression, index).node, known)
        known[equation.name] = result
    return known


def _scalar(node: Node, known: Mapping[str, Floats]) -> float:
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Name):
        return float(known[node.id])
    assert isinstance(node, Call)
    if node.operation == "index":
        base, *places = node.arguments
        assert isinstance(base, Name)
        index = tuple(int(item.value) for item in places if isinstance(item, Number))
        return float(known[base.id][index])
    row = lookup(node.operation)
    operands = node.arguments
    arguments = [_scalar(item, known) for item in operands]
    names = [f"a{place}" for place in range(len(arguments))]
    template = _template(row.scalar, operands)
    if not template:
        assert row.definition is not None, row.name
        written = row.definition(*(Term(Name(name)) for name in names))
        return _scalar(written.node, dict(zip(names, map(np.array, arguments), strict=True)))
    code = template.format(*names, all=", ".join(names))
    result = eval(code, dict(MATH), dict(zip(names, arguments, strict=True)))
    assert isinstance(result, float), (row.name, result)
    return result
