"""SymPy's derivatives: of each local element form, accumulated in reverse, and of the whole loss.

A local form reaches from one entry down to the entries it is made of, the form of the whole loss
down to its inputs. Forms of one structure are differentiated once, over symbols; the numbers are
put in afterwards. Choices are functions of our own whose derivative is the derivative of the branch
that is taken: SymPy's Piecewise asks its assumption system about every condition, which takes
minutes for a whole loss.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import compress
from typing import Any

import sympy

from tracer.witness.elementary_algebra import ElementaryAlgebra, PreciseAlgebra
from tracer.witness.tape import Tape, TapeStep, evaluate_steps

Expression = Any  # SymPy has no types
MOST_DIGITS = 1_000  # literals with larger numerators or denominators stay symbols


class Above(sympy.Function):  # type: ignore[misc]
    """1 where the argument is above 0, else 0. Its derivative is 0."""

    nargs = 1

    def _eval_derivative(self, symbol: Expression) -> Expression:
        return sympy.S.Zero


class Choice(sympy.Function):  # type: ignore[misc]
    """The second argument where the first is not 0, else the third."""

    nargs = 3

    def _eval_derivative(self, symbol: Expression) -> Expression:
        condition, a, b = self.args
        da, db = a.diff(symbol), b.diff(symbol)
        return da if da == db else Choice(condition, da, db)


class _Symbols(ElementaryAlgebra[Expression]):
    """SymPy's expressions, of which functions are made."""

    def __init__(self) -> None:
        super().__init__()
        self.functions = _TO_SYMPY

    def number(self, value: float | Fraction) -> Expression:
        """Return a literal, exactly: of a float what its shortest decimal text says."""
        fraction = value if isinstance(value, Fraction) else Fraction(repr(value))
        return sympy.Rational(fraction.numerator, fraction.denominator)


_TO_SYMPY: Mapping[str, Callable[..., Expression]] = {
    "add": sympy.Add,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda x: -x,
    "power": lambda a, b: a**b,
    "exp": sympy.exp,
    "log": sympy.log,
    "sqrt": sympy.sqrt,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "erf": sympy.erf,
    "pi": lambda: sympy.pi,
    "minus_infinity": lambda: -sympy.oo,
    "step": Above,
    "where": Choice,
}
_FROM_SYMPY: Mapping[Any, str] = {
    sympy.Add: "add",
    sympy.Mul: "multiply",
    sympy.Pow: "power",
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.erf: "erf",
    type(sympy.pi): "pi",
    Above: "step",
    Choice: "where",
}
SYMBOLS = _Symbols()


def sympy_values(
    expressions: Iterable[Expression], numbers: Mapping[Expression, Any], arithmetic: PreciseAlgebra
) -> list[Any]:
    """Return what SymPy expressions come to, given what their symbols stand for."""
    functions = arithmetic.functions
    values = {sympy.E: functions["exp"](arithmetic.one), **numbers}
    results = []
    for expression in expressions:
        waiting = [expression]
        while waiting:
            part = waiting.pop()
            missing = [item for item in part.args if item not in values]
            if missing:
                waiting += [part, *missing]
            elif part.is_Rational:
                values[part] = arithmetic.number(Fraction(int(part.p), int(part.q)))
            elif part not in values:
                name = _FROM_SYMPY.get(part.func)  # None: nan, zoo
                operands = [values[item] for item in part.args]
                values[part] = functions[name](*operands) if name else arithmetic.context.nan
        results.append(values[expression])
    return results


# Forms --------------------------------------------------------------------------------------------


def _step_form(
    tape: Tape, root: int, cells: Collection[int]
) -> tuple[tuple[TapeStep, ...], tuple[int, ...]]:
    """Return the steps of a form down to the next cells, and its numbered arguments."""
    local: dict[int, int] = {}
    structure: list[TapeStep] = []
    arguments: list[int] = []
    waiting = [(root, False)]
    while waiting:
        place, ready = waiting.pop()
        if place in local:
            continue
        step = tape.steps[place]
        value = Fraction(repr(step.value)) if step.operation == "number" else Fraction(MOST_DIGITS)
        if max(abs(value.numerator), value.denominator) < MOST_DIGITS:
            structure.append(step)
        elif step.operation in ("number", "input") or (place != root and place in cells):
            structure.append(TapeStep("argument", (), len(arguments)))
            arguments.append(place)
        elif ready:
            operands = tuple(local[operand] for operand in step.operands)
            structure.append(TapeStep(step.operation, operands))
        else:
            waiting.append((place, True))
            waiting.extend((operand, False) for operand in reversed(step.operands))
            continue
        local[place] = len(structure) - 1
    return tuple(structure), tuple(arguments)


def _derivatives(
    structure: tuple[TapeStep, ...], wanted: tuple[bool, ...]
) -> tuple[Sequence[Expression], Sequence[Expression]]:
    """Return the symbols of a form's arguments, and its derivatives by the wanted ones."""
    symbols = [sympy.Symbol(f"x{place}") for place in range(len(wanted))]
    arguments = {
        place: symbols[int(step.value)]
        for place, step in enumerate(structure)
        if step.operation == "argument"
    }
    root = evaluate_steps(structure, range(len(structure)), SYMBOLS, arguments)[len(structure) - 1]
    return symbols, [root.diff(symbol) for symbol in compress(symbols, wanted)]


class _FormSlopes:
    """The slopes of forms at their arguments; those of one structure are differentiated once."""

    def __init__(self, tape: Tape, cells: Collection[int], arithmetic: PreciseAlgebra) -> None:
        self._tape = tape
        self._cells = cells  # the steps at which a form ends
        self._arithmetic = arithmetic
        self._derivatives = cache(_derivatives)

    def slopes(
        self, root: int, moved: Collection[int], value: Callable[[int], Any]
    ) -> dict[int, Any]:
        """Return the slope of a form by each of its arguments that moves."""
        structure, arguments = _step_form(self._tape, root, self._cells)
        is_moved = tuple(argument in moved for argument in arguments)
        symbols, derivatives = self._derivatives(structure, is_moved)
        numbers = dict(zip(symbols, map(value, arguments), strict=True))
        slopes = sympy_values(derivatives, numbers, self._arithmetic)
        return dict(zip(compress(arguments, is_moved), slopes, strict=True))


def accumulate_gradients(
    tape: Tape, loss: int, values: Mapping[int, Any], moved: set[int], arithmetic: PreciseAlgebra
) -> dict[int, Any]:
    """Return the gradients of the cells that depend on the parameters (`moved`), by SymPy.

    That of the loss itself, 1, is among them. Forms of one structure are differentiated once.
    """
    cells = sorted(place for place in tape.cells & moved if place <= loss)
    gradients: dict[int, Any] = {loss: arithmetic.one}
    forms = _FormSlopes(tape, tape.cells, arithmetic)
    for cell in reversed(cells):
        g = gradients.get(cell)
        if g is None or tape.steps[cell].operation == "input":
            continue
        for argument, slope in forms.slopes(cell, moved, values.__getitem__).items():
            gradients[argument] = gradients.get(argument, arithmetic.zero) + g * slope
    return gradients


# The whole loss -----------------------------------------------------------------------------------


def tree_size(tape: Tape, loss: int) -> int:
    """Return how many nodes the loss has when it is written out in one expression."""
    sizes: dict[int, int] = {}
    for place in tape.needed_steps(loss):
        sizes[place] = 1 + sum(sizes[operand] for operand in tape.steps[place].operands)
    return sizes[loss]


def differentiate_whole(
    tape: Tape, loss: int, parameters: Sequence[int], arithmetic: PreciseAlgebra
) -> dict[int, Any]:
    """Return the gradient of the loss, written out in one expression, by SymPy."""
    whole = _FormSlopes(tape, (), arithmetic)
    return whole.slopes(loss, parameters, lambda place: arithmetic.number(tape.steps[place].value))
