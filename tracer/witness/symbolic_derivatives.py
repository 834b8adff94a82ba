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
from tracer.witness.elementary_algebra import ElementaryAlgebra, PreciseAlgebra
from tracer.witness.tape import Tape, TapeStep, play_steps

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
    Above: "step",
    Choice: "where",
}
SYMBOLS = _Symbols()


class TapeFormula(Value):
    """Some results as steps over numbered arguments (`argument`, whose `value` is the number)."""

    steps: tuple[TapeStep, ...]
    results: tuple[int, ...]

    def __call__(self, arguments: Sequence[Any], arithmetic: PreciseAlgebra) -> list[Any]:
        """Return the results."""

        def leaf(place: int, step: TapeStep) -> Any:
            if step.operation == "argument":
                return arguments[int(step.value)]
            return arithmetic.number(step.value)

        values = play_steps(self.steps, range(len(self.steps)), arithmetic, leaf)
        return [values[result] for result in self.results]


def sympy_formulas(
    expressions: Iterable[Expression], symbols: Mapping[Expression, int]
) -> TapeFormula:
    """Return SymPy expressions as steps over the arguments that the symbols stand for."""
    steps: list[TapeStep] = []
    known: dict[Expression, int] = {}

    def add(step: TapeStep) -> int:
        steps.append(step)
        return len(steps) - 1

    def leaf(expression: Expression) -> int | None:
        if expression in symbols:
            return add(TapeStep("argument", (), symbols[expression]))
        if expression.is_Rational:
            whole = add(TapeStep("number", (), float(expression.p)))
            if expression.q == 1:
                return whole
            return add(
                TapeStep("divide", (whole, add(TapeStep("number", (), float(expression.q)))))
            )
        if expression is sympy.pi:
            return add(TapeStep("pi"))
        if expression is sympy.E:
            return add(TapeStep("exp", (add(TapeStep("number", (), 1.0)),)))
        if not expression.args:  # nan, zoo: no number
            return add(TapeStep("number", (), float("nan")))
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
                known[current] = add(TapeStep(_FROM_SYMPY[current.func], operands))
            else:
                waiting.append((current, True))
                waiting.extend((argument, False) for argument in current.args)
        results.append(known[expression])
    return TapeFormula(tuple(steps), tuple(results))


# Local forms --------------------------------------------------------------------------------------


def _step_form(tape: Tape, root: int) -> tuple[tuple[TapeStep, ...], tuple[int, ...]]:
    """Return the steps of a local form down to the next cells, and its numbered arguments."""
    local: dict[int, int] = {}
    structure: list[TapeStep] = []
    arguments: list[int] = []
    waiting = [(root, False)]
    while waiting:
        place, ready = waiting.pop()
        if place in local:
            continue
        step = tape.steps[place]
        is_plain = step.operation == "number" and _is_plain(Fraction(repr(step.value)))
        if is_plain:
            structure.append(step)
        elif step.operation in ("number", "input") or (place != root and place in tape.cells):
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


def _is_plain(value: Fraction) -> bool:
    return abs(value.numerator) < MOST_DIGITS and value.denominator < MOST_DIGITS


def _partial_formulas(structure: tuple[TapeStep, ...], wanted: tuple[bool, ...]) -> TapeFormula:
    """Return the derivatives of a form with respect to its wanted arguments."""
    symbols = [sympy.Symbol(f"x{place}") for place in range(len(wanted))]

    def leaf(place: int, step: TapeStep) -> Expression:
        is_argument = step.operation == "argument"
        return symbols[int(step.value)] if is_argument else SYMBOLS.number(step.value)

    values = play_steps(structure, range(len(structure)), SYMBOLS, leaf)
    root = values[len(structure) - 1]
    derivatives = [root.diff(symbol) for symbol, one in zip(symbols, wanted, strict=True) if one]
    return sympy_formulas(derivatives, {symbol: place for place, symbol in enumerate(symbols)})


def accumulate_gradients(
    tape: Tape, loss: int, values: Mapping[int, Any], moved: set[int], arithmetic: PreciseAlgebra
) -> dict[int, Any]:
    """Return the gradients of the cells that depend on the parameters (`moved`), by SymPy.

    That of the loss itself, 1, is among them. Forms of one structure are differentiated once.
    """
    cells = sorted(place for place in tape.cells & moved if place <= loss)
    gradients: dict[int, Any] = {loss: arithmetic.one}
    known: dict[tuple[tuple[TapeStep, ...], tuple[bool, ...]], TapeFormula] = {}
    for cell in reversed(cells):
        g = gradients.get(cell)
        if g is None or tape.steps[cell].operation == "input":
            continue
        structure, arguments = _step_form(tape, cell)
        wanted = tuple(argument in moved for argument in arguments)
        key = (structure, wanted)
        if key not in known:
            known[key] = _partial_formulas(*key)
        results = known[key]([values[argument] for argument in arguments], arithmetic)
        targets = [item for item, one in zip(arguments, wanted, strict=True) if one]
        for argument, partial in zip(targets, results, strict=True):
            gradients[argument] = gradients.get(argument, arithmetic.zero) + g * partial
    return gradients


# The whole loss -----------------------------------------------------------------------------------


def tree_size(tape: Tape, loss: int) -> int:
    """Return how many nodes the loss has when it is written out in one expression."""
    sizes: dict[int, int] = {}
    for place in tape.needed(loss):
        sizes[place] = 1 + sum(sizes[operand] for operand in tape.steps[place].operands)
    return sizes[loss]


def differentiate_whole(
    tape: Tape, loss: int, parameters: Sequence[int], arithmetic: PreciseAlgebra
) -> dict[int, Any]:
    """Return the gradient of the loss, written out in one expression, by SymPy."""
    symbols: dict[Expression, int] = {}
    inputs: list[Any] = []

    def leaf(place: int, step: TapeStep) -> Expression:
        if step.operation == "number" and _is_plain(Fraction(repr(step.value))):
            return SYMBOLS.number(step.value)
        symbol = sympy.Symbol(f"x{place}")
        symbols[symbol] = len(inputs)
        inputs.append(arithmetic.number(step.value))
        return symbol

    expressions = play_steps(tape.steps, tape.needed(loss), SYMBOLS, leaf)
    used = [place for place in parameters if place in expressions]
    derivatives = [expressions[loss].diff(expressions[place]) for place in used]
    results = sympy_formulas(derivatives, symbols)(inputs, arithmetic)
    return dict(zip(used, results, strict=True))
