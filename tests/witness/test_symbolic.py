from __future__ import annotations

from unittest.mock import Mock

import pytest
import sympy

from tests.witness.problems import judging
from tracer.program.differentiate import lower_equations
from tracer.program.shapes import Shapes
from tracer.witness import symbolic_derivatives
from tracer.witness.elementary_algebra import PreciseAlgebra, as_float
from tracer.witness.symbolic_derivatives import Above, Choice, accumulate_gradients, sympy_values
from tracer.witness.tape import evaluate_steps, write_out


def test_forms_of_one_structure_are_differentiated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred sigmoids, products and sums need only a handful of derivatives."""
    values = [0.01 * place for place in range(100)]
    work = judging("loss = sum(sigmoid(w * x) * 0.3)", {"w": values, "x": values}, "w")
    shapes = Shapes({name: shape for name, (shape, _) in work.values.items()})
    scalars = write_out(lower_equations(work.equations, shapes), work.values, shapes, 10**6)
    arithmetic = PreciseAlgebra(30)
    end = scalars.entries["loss", ()]
    needed = scalars.needed_steps(end)
    inputs = {scalars.entries["w", (place,)] for place in range(100)}
    moved = scalars.depending(inputs, needed, smoothly=True)
    differentiated = Mock(wraps=symbolic_derivatives._derivatives)
    monkeypatch.setattr(symbolic_derivatives, "_derivatives", differentiated)
    found = accumulate_gradients(
        scalars, end, evaluate_steps(scalars.steps, needed, arithmetic), moved, arithmetic
    )
    assert differentiated.call_count <= 8
    for place in range(100):
        proved = as_float(found[scalars.entries["w", (place,)]])
        assert abs(proved - work.gradients["w"][place]) <= 1e-16


def test_a_choice_is_differentiated_branch_by_branch() -> None:
    """The derivative of a choice is the choice of the derivatives; of its condition, nothing."""
    x = sympy.Symbol("x")
    assert Choice(Above(x), x**2, sympy.sin(x)).diff(x) == Choice(Above(x), 2 * x, sympy.cos(x))
    assert Above(x).diff(x) == 0


def test_formula_evaluates_what_sympy_writes() -> None:
    """Numbers, fractions, roots, constants and choices are worked out."""
    x, y = sympy.symbols("x y")
    expressions = [
        sympy.exp(x) / (1 + y) ** 2 - sympy.Rational(1, 3) * sympy.sqrt(x * sympy.pi),
        Choice(Above(x - 2), sympy.log(-x), sympy.erf(y) * sympy.E),
        sympy.Integer(0),
    ]
    numbers = {x: 1.25, y: -0.5}
    arithmetic = PreciseAlgebra(30)
    arguments = {symbol: arithmetic.number(value) for symbol, value in numbers.items()}
    found = sympy_values(expressions, arguments, arithmetic)
    expected = [
        float(expressions[0].subs(numbers)),
        float((sympy.erf(y) * sympy.E).subs(numbers)),
        0.0,
    ]
    assert [as_float(value) for value in found] == pytest.approx(expected, rel=1e-14)
