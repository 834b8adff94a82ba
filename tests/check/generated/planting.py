"""One slip in a derivation that is right otherwise: what a writer did, and where it shows.

Each slip is made here from the run's own equations and numbers, not with the checker's table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from tests.check.generated.writing import Line, Style, number
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.frozen import replace
from tracer.narrative.steps import Teller
from tracer.program.elements import UnknownInteger, place_node
from tracer.program.program import Equation, names_in, substitute
from tracer.run.evaluate import evaluate
from tracer.run.scalars import places
from tracer.run.trace import Iteration, Trace

__all__ = ["Planted", "planted"]

LEAST_UNITS = 4  # by which a wrong figure differs from the right one, in its last place


class Planted(NamedTuple):
    """A line with a slip: its id, the line before it, and the figure that is wrong.

    `figure` is its text in ASCII; '' where a name is wrong.
    """

    slip: str
    before: Line
    line: Line
    figure: str


def planted(trace: Trace, lines: Sequence[Line], style: Style) -> Iterator[Planted]:
    """Yield every slip that can be made in lines of single numbers."""
    for line in lines:
        if line.equation.shape == () and line.operands:
            iteration = trace.iteration(line.iteration)
            yield from _formula_slips(iteration, line, style)
            yield from _digit_slips(line)
            yield from _operand_slips(trace, iteration, line, style)
            yield from _label_slips(line, lines)


# A wrong result


def _formula_slips(iteration: Iteration, line: Line, style: Style) -> Iterator[Planted]:
    right = line.equation.expression
    values = {name: iteration.floats(name) for name in line.operands}
    spread = _spread(iteration, line)
    for slip, wrong in _wrong_formulas(right):
        found = _result(iteration, wrong, values)
        if found is None or not math.isfinite(found):
            continue
        text = number(Fraction(found), style)
        if _is_seen(text, line.result[0], spread):
            yield Planted(slip, line, line._replace(result=(text,)), text)


def _wrong_formulas(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield wrong forms of a formula, each with the id of the slip."""
    if isinstance(node, Call) and node.operation == "subtract":
        first, step = node.arguments
        if isinstance(first, Name) and isinstance(step, Call) and step.operation == "multiply":
            yield "plus_for_minus", Call("add", (first, step))
            yield (
                "learning_rate_left_out",
                substitute(node, {"learning_rate": Number("1", Fraction(1))}),
            )
            rate, slope = step.arguments
            whole = Call("multiply", (rate, Call("subtract", (first, slope))))
            yield "learning_rate_times_weight", whole
    if isinstance(node, Call) and node.operation == "multiply":
        for factor, rest in (node.arguments, node.arguments[::-1]):
            if isinstance(factor, Number) and factor.value == 2:
                yield "factor_2_left_out", rest
    if isinstance(node, Call) and node.operation == "divide":
        top, below = node.arguments
        if isinstance(below, Number) and below.value != 2:
            yield "sum_for_mean", top
    if isinstance(node, Call) and node.operation == "power":
        exponent = node.arguments[1]
        if isinstance(exponent, Number) and exponent.value == 2:
            yield "negative_square", Call("negative", (node,))
    yield from _deeper(node)


def _deeper(node: Node) -> Iterator[tuple[str, Node]]:
    if not isinstance(node, Call) or node.operation not in ("multiply", "divide"):
        return
    for place, part in enumerate(node.arguments):
        if isinstance(part, Call) and part.operation == "subtract":
            one, other = part.arguments
            turned = Call("subtract", (other, one))
            arguments = list(node.arguments)
            arguments[place] = turned
            if isinstance(one, Name) and isinstance(other, Name):
                yield "error_reversed", Call(node.operation, tuple(arguments))


def _digit_slips(line: Line) -> Iterator[Planted]:
    for slip, text in _other_digits(line.result[0]):
        if _is_seen(text, line.result[0], 0.0):
            yield Planted(slip, line, line._replace(result=(text,)), text)


def _other_digits(text: str) -> Iterator[tuple[str, str]]:
    """Yield a figure with a slip of the pen in its first digits."""
    if "e" in text:
        return
    digits = [place for place, sign in enumerate(text) if sign.isdigit()]
    digits = [place for place in digits if text[:place].strip("-0.") or text[place] != "0"]
    if len(digits) < 3:
        return
    first, second, third = digits[:3]
    if text[first] != text[second] and second == first + 1:
        yield "digits_swapped", _with(_with(text, first, text[second]), second, text[first])
    elif text[second] != text[third] and third == second + 1:
        yield "digits_swapped", _with(_with(text, second, text[third]), third, text[second])
    yield "digit_miscopied", _with(text, second, str((int(text[second]) + 4) % 10))
    value = Fraction(text)
    yield "sign_lost", text[1:] if value < 0 else f"-{text}"
    if abs(value) < 1 and text.lstrip("-").startswith("0.") and text.lstrip("-")[2] != "0":
        yield "decimal_point", text.replace("0.", "0.0", 1)


def _with(text: str, place: int, sign: str) -> str:
    return text[:place] + sign + text[place + 1 :]


# A wrong figure put in


def _operand_slips(
    trace: Trace, iteration: Iteration, line: Line, style: Style
) -> Iterator[Planted]:
    program = iteration.program
    for name, texts in line.operands.items():
        if len(texts) != 1 or line.formula == Name(name):
            continue
        if name in program.carried and line.iteration > 1:
            old = trace.iteration(line.iteration - 1).floats(name)
            yield from _put_in("old_value_in_next_step", iteration, line, name, old, style)
        if name in program.carried and line.equation.name == program.carried[name]:
            after = iteration.floats(program.carried[name])
            text = number(Fraction(after[0]), style)
            if _is_seen(text, texts[0], 0.0):
                operands = {**line.operands, name: (text,)}
                yield Planted("updated_for_old", line, line._replace(operands=operands), text)
        if name in program.parameters:
            for other in program.parameters:
                if other != name and iteration.shape(other) == ():
                    value = iteration.floats(other)
                    yield from _put_in("other_parameter", iteration, line, name, value, style)
                    break


def _put_in(
    slip: str,
    iteration: Iteration,
    line: Line,
    name: str,
    value: Sequence[float],
    style: Style,
) -> Iterator[Planted]:
    """Yield a line with another figure for a name, and the result that follows from it."""
    text = number(Fraction(value[0]), style)
    if not _is_seen(text, line.operands[name][0], 0.0) or text in _others(line, name):
        return
    values = {item: iteration.floats(item) for item in line.operands} | {name: value}
    found = _result(iteration, line.equation.expression, values)
    if found is None or not math.isfinite(found):
        return
    result = number(Fraction(found), style)
    if not _is_seen(result, line.result[0], _spread(iteration, line)):
        return
    operands = {**line.operands, name: (text,)}
    yield Planted(slip, line, line._replace(operands=operands, result=(result,)), text)


def _others(line: Line, name: str) -> list[str]:
    return [texts[0] for other, texts in line.operands.items() if other != name]


# A wrong name


def _label_slips(line: Line, lines: Sequence[Line]) -> Iterator[Planted]:
    for other in lines:
        same = other.iteration == line.iteration and other.equation.shape == ()
        if same and other.equation.phase == line.equation.phase == "backward":
            is_inside = other.equation.name in names_in(line.formula)
            is_other = _is_seen(other.result[0], line.result[0], 0.0)
            if is_other and not is_inside and not isinstance(line.formula, Name):
                wrong = line._replace(equation=_named(line, other.equation.name))
                yield Planted("other_name_on_left", line, wrong, "")
                return


def _named(line: Line, name: str) -> Equation:
    return replace(line.equation, name=name)


# How far figures may be off


def _result(
    iteration: Iteration, formula: Node, values: Mapping[str, Sequence[float]]
) -> float | None:
    """Work out a formula of a single number."""
    try:
        entry = Teller().elements(iteration).entry(formula, ()).node
    except (UnknownInteger, KeyError):
        return None
    at: dict[Node, float] = {}
    for name, entries in values.items():
        leaves = (place_node(name, place) for place in places(iteration.shape(name)))
        at.update(zip(leaves, entries, strict=True))
    return evaluate(entry, at)


def _spread(iteration: Iteration, line: Line) -> float:
    """Return by how much the result may be off where every figure put in is rounded."""
    exact = {name: [float(text) for text in texts] for name, texts in line.operands.items()}
    middle = _result(iteration, line.equation.expression, exact)
    if middle is None:
        return math.inf
    total = 0.0
    for name, texts in line.operands.items():
        for place, text in enumerate(texts):
            moved = list(exact[name])
            moved[place] += _unit(text) / 2
            found = _result(iteration, line.equation.expression, {**exact, name: moved})
            total += abs((found or 0.0) - middle)
    return total


def _unit(text: str) -> float:
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or "0") - decimals)


def _is_seen(wrong: str, right: str, spread: float) -> bool:
    """Say whether a wrong figure is more than a matter of rounding."""
    unit = max(_unit(wrong), _unit(right)) if "." in right else 1.0
    return abs(float(wrong) - float(right)) > 2 * spread + LEAST_UNITS * unit
