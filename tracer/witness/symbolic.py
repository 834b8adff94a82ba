"""SymPy's derivatives: of each local element form, accumulated in reverse, and of the whole loss.

A local form reaches from one entry down to the entries it is made of. Forms of one structure are
differentiated once, over symbols; the numbers are put in afterwards. Choices are functions of our
own whose derivative is the derivative of the branch that is taken: SymPy's Piecewise asks its
assumption system about every condition, which takes minutes for a whole loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from tracer.frozen import Value
from tracer.witness.precise import Precise, largest
from tracer.witness.scalars import Scalars, Step, exact

__all__ = ["Accumulated", "accumulate", "tree_size", "whole"]

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
    Above: "step",
    Choice: "where",
}


class Formula(Value):
    """Some results as steps over numbered arguments (`argument`, whose `value` is the number)."""

    steps: tuple[Step, ...]
    results: tuple[int, ...]

    def __call__(self, arguments: Sequence[Any], arithmetic: Precise) -> list[Any]:
        """Return the results."""
        values: list[Any] = []
        for operation, operands, value in self.steps:
            if operation == "argument":
                values.append(arguments[int(value)])
            elif operation == "number":
                values.append(arithmetic.number(value))
            else:
                function = arithmetic.functions[operation]
                values.append(function(*[values[operand] for operand in operands]))
        return [values[result] for result in self.results]


def formula(expressions: Iterable[Expression], symbols: Mapping[Expression, int]) -> Formula:
    """Return SymPy expressions as steps over the arguments that the symbols stand for."""
    steps: list[Step] = []
    known: dict[Expression, int] = {}

    def add(step: Step) -> int:
        steps.append(step)
        return len(steps) - 1

    def leaf(expression: Expression) -> int | None:
        if expression in symbols:
            return add(Step("argument", (), symbols[expression]))
        if expression.is_Rational:
            whole = add(Step("number", (), float(expression.p)))
            if expression.q == 1:
                return whole
            return add(Step("divide", (whole, add(Step("number", (), float(expression.q))))))
        if expression is sympy.pi:
            return add(Step("pi"))
        if expression is sympy.E:
            return add(Step("exp", (add(Step("number", (), 1.0)),)))
        if not expression.args:  # nan, zoo: no number
            return add(Step("number", (), float("nan")))
        return None

    results: list[int] = []
    for expression in expressions:
        waiting = [(expression, False)]
        while waiting:
            current, ready = waiting.pop()
            if current in known:
                continue
            place = None if ready else leaf(current)
            if place is not None:
                known[current] = place
            elif ready:
                operands = tuple(known[argument] for argument in current.args)
                known[current] = add(Step(_FROM_SYMPY[current.func], operands))
            else:
                waiting.append((current, True))
                waiting.extend((argument, False) for argument in current.args)
        results.append(known[expression])
    return Formula(tuple(steps), tuple(results))


# Local forms --------------------------------------------------------------------------------------


class _Form(Value):
    """The structure of a local form, and the steps it is made of at one place."""

    structure: tuple[Step, ...]
    arguments: tuple[int, ...]


def _form(scalars: Scalars, root: int) -> _Form:
    """Return the form of a step down to the next cells, with numbered arguments."""
    local: dict[int, int] = {}
    structure: list[Step] = []
    arguments: list[int] = []
    waiting = [(root, False)]
    while waiting:
        place, ready = waiting.pop()
        if place in local:
            continue
        step = scalars.steps[place]
        is_plain = step.operation == "number" and _is_plain(exact(step.value))
        if is_plain:
            structure.append(step)
        elif step.operation in ("number", "input") or (place != root and place in scalars.cells):
            structure.append(Step("argument", (), len(arguments)))
            arguments.append(place)
        elif ready:
            operands = tuple(local[operand] for operand in step.operands)
            structure.append(Step(step.operation, operands))
        else:
            waiting.append((place, True))
            waiting.extend((operand, False) for operand in reversed(step.operands))
            continue
        local[place] = len(structure) - 1
    return _Form(tuple(structure), tuple(arguments))


def _is_plain(value: Fraction) -> bool:
    return abs(value.numerator) < MOST_DIGITS and value.denominator < MOST_DIGITS


def _partials(structure: tuple[Step, ...], wanted: tuple[bool, ...]) -> Formula:
    """Return the derivatives of a form with respect to its wanted arguments."""
    symbols = [sympy.Symbol(f"x{place}") for place in range(len(wanted))]
    values: list[Expression] = []
    for operation, operands, value in structure:
        if operation == "argument":
            values.append(symbols[int(value)])
        else:
            values.append(_expression(operation, [values[item] for item in operands], value))
    derivatives = [
        values[-1].diff(symbol) for symbol, one in zip(symbols, wanted, strict=True) if one
    ]
    return formula(derivatives, {symbol: place for place, symbol in enumerate(symbols)})


def _expression(operation: str, operands: Sequence[Expression], value: float) -> Expression:
    if operation == "number":
        fraction = exact(value)
        return sympy.Rational(fraction.numerator, fraction.denominator)
    return _TO_SYMPY[operation](*operands)


class Accumulated(Value):
    """The derivative of the loss with respect to each cell it depends on."""

    gradients: Mapping[int, Any]
    partials: int
    forms: int

    def largest(self) -> Any:
        """Return the largest derivative, that of the loss itself (1) included."""
        return largest(list(self.gradients.values()))


def accumulate(
    scalars: Scalars, loss: int, values: Mapping[int, Any], moved: set[int], arithmetic: Precise
) -> Accumulated:
    """Return the gradients of the cells that depend on the parameters (`moved`), by SymPy."""
    cells = sorted(place for place in scalars.cells & moved if place <= loss)
    gradients: dict[int, Any] = {loss: arithmetic.one}
    known: dict[tuple[tuple[Step, ...], tuple[bool, ...]], Formula] = {}
    count = 0
    for cell in reversed(cells):
        g = gradients.get(cell)
        if g is None or scalars.steps[cell].operation == "input":
            continue
        form = _form(scalars, cell)
        wanted = tuple(argument in moved for argument in form.arguments)
        key = (form.structure, wanted)
        if key not in known:
            known[key] = _partials(*key)
        results = known[key]([values[argument] for argument in form.arguments], arithmetic)
        count += len(results)
        targets = [item for item, one in zip(form.arguments, wanted, strict=True) if one]
        for argument, partial in zip(targets, results, strict=True):
            gradients[argument] = gradients.get(argument, arithmetic.zero) + g * partial
    return Accumulated(gradients, count, len(known))


# The whole loss -----------------------------------------------------------------------------------


def tree_size(scalars: Scalars, loss: int) -> int:
    """Return how many nodes the loss has when it is written out in one expression."""
    sizes: dict[int, int] = {}
    for place in scalars.needed(loss):
        sizes[place] = 1 + sum(sizes[operand] for operand in scalars.steps[place].operands)
    return sizes[loss]


def whole(
    scalars: Scalars, loss: int, parameters: Sequence[int], arithmetic: Precise
) -> dict[int, Any]:
    """Return the gradient of the loss, written out in one expression, by SymPy."""
    expressions: dict[int, Expression] = {}
    symbols: dict[Expression, int] = {}
    inputs: list[Any] = []
    for place in scalars.needed(loss):
        operation, operands, value = scalars.steps[place]
        if operation == "input" or (operation == "number" and not _is_plain(exact(value))):
            expressions[place] = symbol = sympy.Symbol(f"x{place}")
            symbols[symbol] = len(inputs)
            inputs.append(arithmetic.number(value))
        else:
            items = [expressions[item] for item in operands]
            expressions[place] = _expression(operation, items, value)
    used = [place for place in parameters if place in expressions]
    derivatives = [expressions[loss].diff(expressions[place]) for place in used]
    results = formula(derivatives, symbols)(inputs, arithmetic)
    return dict(zip(used, results, strict=True))
