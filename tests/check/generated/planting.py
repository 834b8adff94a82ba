"""One slip in a derivation that is right otherwise: what a writer did, and where it shows.

Each slip is made here from the run's own equations and numbers, not with the checker's table. It
stands in one of these forms: `result` (formula and numbers are right, the result is not), `line`
(the wrong formula is written down and worked out rightly), `bare` (nothing but the result stands
there), `operand` (another figure is put in), `name` (another name stands on the left) and
`follow` (a wrong result, and all that follows from it).

What cannot be planted: `print_label` is a slip in code. `path_left_out` and `paths_multiplied` have
no lines in Unicode, and in ASCII the names of paths are the writer's own, so LaTeX has them alone.
`digits_beyond_operands` and `rounded_too_early` are right in themselves, for the figure follows
from what is printed; `chopped` and `last_digit` are remarks, which the right lines are full of.
`plain_slip` has no cause: it is planted as a figure that is miscalculated somehow.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tests.check.generated.bench import Bench, is_seen
from tests.check.generated.formulas import CALCULATION, wrong_formulas
from tests.check.generated.writing import Line
from tracer.expression.syntax import Name, Node, walk
from tracer.frozen import replace
from tracer.operations import Shape
from tracer.program.program import Equation, names_in
from tracer.run.trace import Iteration

__all__ = ["FORMS", "Planted", "planted"]

FORMS: Final = ("result", "line", "bare", "operand", "name", "follow")
MISCALCULATED: Final = 1.37  # times the right figure, which no rule gives
GIVEN_OTHERWISE: Final = 1.6  # times what is given
MOST_ENTRIES: Final = 6  # of an array that is put in
ACTIVATIONS: Final = ("sigmoid", "tanh", "relu", "softmax")


class Planted(NamedTuple):
    """A line with a slip: its id, the line before it, and the figures that are wrong.

    `figures` are texts in ASCII; none where a name or a shape is wrong. `after` are the lines
    that follow from it, by iteration and name, with what then stands there.
    """

    slip: str
    form: str
    before: Line
    line: Line
    figures: tuple[str, ...]
    after: Mapping[tuple[int, str], tuple[str, ...]] = {}


def planted(bench: Bench, lines: Sequence[Line], chance: random.Random) -> Iterator[Planted]:
    """Yield every slip that can be made in some lines; `chance` chooses entries of arrays."""
    for line in lines:
        if isinstance(line.formula, Name) or _is_private(bench, line):
            continue  # what only has another name, or one that nobody else knows
        iteration = bench.trace.iteration(line.iteration)
        yield from _formula_slips(bench, iteration, line)
        yield from _digit_slips(bench, line, chance)
        yield from _label_slips(bench, line, lines)
        if line.operands:
            yield from _operand_slips(bench, iteration, line, chance)


def _is_private(bench: Bench, line: Line) -> bool:
    """Say whether a line is about the contribution of a path, in ASCII.

    It has no name there that a run has; what the writer calls it is his own.
    """
    names = (line.equation.name, *names_in(line.formula))
    return bench.style.layout == "ascii" and any("#" in name for name in names)


# A wrong formula


def _formula_slips(bench: Bench, iteration: Iteration, line: Line) -> Iterator[Planted]:
    for slip, formula in wrong_formulas(bench, iteration, line.equation):
        shape = bench.shape(iteration, formula)
        values = bench.values(iteration, formula)
        if values is None or shape is None:
            continue
        result = bench.figures(values)
        is_other = shape != line.equation.shape
        figures = () if is_other else _seen(result, line.result, bench.spreads(line))
        if not figures and not is_other:
            continue
        wrong = line._replace(result=result, equation=_shaped(line.equation, shape))
        if line.operands:
            yield Planted(slip, "result", line, wrong, figures)
        yield Planted(slip, "bare", line, wrong._replace(operands={}, is_bare=True), figures)
        written = _written(bench, iteration, wrong, formula)
        if slip not in CALCULATION and written is not None:
            yield Planted(slip, "line", line, written, figures)


def _shaped(equation: Equation, shape: Shape) -> Equation:
    return equation if shape == equation.shape else replace(equation, shape=shape)


def _written(bench: Bench, iteration: Iteration, line: Line, formula: Node) -> Line | None:
    """Return a line with a wrong formula and its own numbers put in; None where that is another's.

    The right formula of another quantity is a slip in the name.
    """
    if any(item.expression == formula for item in iteration.program.equations):
        return None
    names = dict.fromkeys(names_in(formula))
    shapes = {name: iteration.shape(name) for name in names}
    has_entry = any(getattr(part, "operation", "") == "index" for part in walk(formula))
    is_large = any(math.prod(shape) > MOST_ENTRIES for shape in shapes.values())
    if not line.operands or is_large or has_entry:
        return line._replace(formula=formula, operands={}, shapes={})
    operands = {name: line.operands.get(name) or bench.operand(iteration, name) for name in names}
    return line._replace(formula=formula, operands=operands, shapes=shapes)


def _seen(wrong: Sequence[str], right: Sequence[str], spreads: Sequence[float]) -> tuple[str, ...]:
    """Return the figures that are more than a matter of rounding away from the right ones.

    None, where all that differ are a matter of rounding.
    """
    if len(wrong) != len(right):
        return ()
    pairs = list(zip(wrong, right, spreads, strict=True))
    if not any(is_seen(new, old, spread) for new, old, spread in pairs):
        return ()
    return tuple(dict.fromkeys(new for new, old, _ in pairs if new != old))


# Slips of the pen


def _digit_slips(bench: Bench, line: Line, chance: random.Random) -> Iterator[Planted]:
    place = chance.randrange(len(line.result))
    for slip, text in _other_digits(line.result[place]):
        if is_seen(text, line.result[place]):
            wrong = line._replace(result=_with(line.result, place, text))
            yield Planted(slip, "result", line, wrong, (text,))
            yield Planted(slip, "bare", line, _bare(wrong), (text,))
            if slip in ("digits_swapped", "sign_lost"):
                yield from _followed(bench, line, wrong, text)
    if len(line.result) > 1 and any(float(text) for text in line.result):
        turned = tuple(_turned(text) for text in line.result)
        figures = _seen(turned, line.result, [0.0] * len(turned))
        if figures:
            wrong = line._replace(result=turned)
            yield Planted("sign_lost", "result", line, wrong, figures)
            yield Planted("sign_lost", "bare", line, _bare(wrong), figures)
    value = float(line.result[place]) * MISCALCULATED
    text = bench.figures([value])[0]
    if is_seen(text, line.result[place], bench.spreads(line)[place]):
        wrong = line._replace(result=_with(line.result, place, text))
        yield Planted("plain_slip", "result", line, wrong, (text,))
        yield from _followed(bench, line, wrong, text)


def _bare(line: Line) -> Line:
    return line._replace(operands={}, is_bare=True)


def _turned(text: str) -> str:
    return text[1:] if text.startswith("-") else f"-{text}" if float(text) else text


def _other_digits(text: str) -> Iterator[tuple[str, str]]:
    """Yield a figure with a slip of the pen in its first digits."""
    if "e" in text:
        return
    digits = [place for place, sign in enumerate(text) if sign.isdigit()]
    digits = [place for place in digits if text[:place].strip("-0.") or text[place] != "0"]
    if len(digits) < 3:
        return
    first, second, third = digits[:3]
    if text[first] != text[second] != "0" and second == first + 1:
        yield "digits_swapped", _at(_at(text, first, text[second]), second, text[first])
    elif text[second] != text[third] and third == second + 1:
        yield "digits_swapped", _at(_at(text, second, text[third]), third, text[second])
    yield "digit_miscopied", _at(text, second, str((int(text[second]) + 4) % 10))
    yield "sign_lost", _turned(text)
    plain = text.lstrip("-")
    if plain.startswith("0.") and plain[2] != "0":
        yield "decimal_point", text.replace("0.", "0.0", 1)


def _at(text: str, place: int, sign: str) -> str:
    return text[:place] + sign + text[place + 1 :]


def _with(texts: Sequence[str], place: int, text: str) -> tuple[str, ...]:
    return (*texts[:place], text, *texts[place + 1 :])


def _followed(bench: Bench, line: Line, wrong: Line, text: str) -> Iterator[Planted]:
    """Yield a wrong result with all that follows from it worked out."""
    found = bench.after(line, list(map(float, wrong.result)))
    after = {place: bench.figures(values) for place, values in found.items()}
    after.pop((line.iteration, line.equation.name), None)
    if after:
        yield Planted("carried_forward", "follow", line, wrong, (text,), after)


# Another figure put in


def _operand_slips(
    bench: Bench, iteration: Iteration, line: Line, chance: random.Random
) -> Iterator[Planted]:
    for name, texts in line.operands.items():
        for slip, values in _other_values(bench, iteration, line, name):
            yield from _put_in(bench, iteration, line, name, slip, values)
        if line.equation.name == iteration.program.carried.get(name):
            after = bench.figures(iteration.floats(line.equation.name))
            figures = _seen(after, texts, [0.0] * len(texts))
            if figures:
                wrong = line._replace(operands={**line.operands, name: after})
                yield Planted("updated_for_old", "operand", line, wrong, figures)
        place = chance.randrange(len(texts))
        for slip, text in _other_digits(texts[place]):
            if is_seen(text, texts[place]):
                values = list(map(float, _with(texts, place, text)))
                yield from _put_in(bench, iteration, line, name, slip, values)


def _other_values(
    bench: Bench, iteration: Iteration, line: Line, name: str
) -> Iterator[tuple[str, Sequence[float]]]:
    """Yield other values that somebody may put in for a name, of other times and quantities."""
    program = iteration.program
    item = program.inputs.get(name)
    if iteration.number > 1:
        before = bench.trace.iteration(iteration.number - 1).floats(name)
        if name in program.carried:
            yield "old_value_in_next_step", before
        elif name.startswith("dloss/d"):
            yield "previous_gradient_again", before
        elif item is not None and item.kind == "data":
            yield "other_sample", before
    if item is not None and item.kind in ("data", "setting") and iteration.number == 1:
        yield "given_differs", [value * GIVEN_OTHERWISE for value in iteration.floats(name)]
    for other in _alike(iteration, name, (*program.inputs, *_computed(program.equations, line))):
        slip = _how(iteration, name, other)
        if slip is not None:
            yield slip, iteration.floats(other)
    if program.loss is not None and iteration.shape(name) == () and name in ("error", "e"):
        yield "loss_for_error", iteration.floats(program.loss)
    is_activation = getattr(line.formula, "operation", "") in ACTIVATIONS
    if is_activation and iteration.shape(line.equation.name) == iteration.shape(name):
        yield "activation_for_net_input", iteration.floats(line.equation.name)
    yield from _taken_anew(bench, iteration, line, name)


def _taken_anew(
    bench: Bench, iteration: Iteration, line: Line, name: str
) -> Iterator[tuple[str, Sequence[float]]]:
    """Yield a gradient of the second update, taken with the first parameter updated already."""
    program = iteration.program
    updates = [item for item in program.parameters if item in program.carried]
    own = next((item for item in updates if program.carried[item] == line.equation.name), None)
    if own is None or own == updates[0] or name != f"dloss/d{own}":
        return
    changed: dict[str, Sequence[float]] = {
        updates[0]: iteration.floats(program.carried[updates[0]])
    }
    for equation in program.phase("forward", "loss", "backward"):
        if any(item in changed for item in names_in(equation.expression)):
            values = bench.values(iteration, equation.expression, changed)
            if values is None:
                return
            changed[equation.name] = values
    if name in changed:
        yield "gradient_after_first_update", changed[name]


def _computed(equations: Sequence[Equation], line: Line) -> Iterator[str]:
    """Yield the names that are computed before a line."""
    for equation in equations:
        if equation.name == line.equation.name:
            return
        yield equation.name


def _alike(iteration: Iteration, name: str, others: Sequence[str]) -> list[str]:
    shape = iteration.shape(name)
    return [other for other in others if other != name and iteration.shape(other) == shape]


def _how(iteration: Iteration, name: str, other: str) -> str | None:
    """Return the slip by which the value of another quantity is put in, None for odd ones."""
    parameters = iteration.program.parameters
    if _stem(name) == _stem(other) and name[-1:] != "'" and "#" not in name + other:
        item = iteration.program.inputs.get(name)
        is_datum = item is not None and item.kind == "data"
        return "other_sample" if is_datum else "other_index"
    return "other_parameter" if name in parameters and other in parameters else None


def _stem(name: str) -> str:
    return name.partition("[")[0].rstrip("'").rstrip("0123456789")


def _put_in(
    bench: Bench,
    iteration: Iteration,
    line: Line,
    name: str,
    slip: str,
    values: Sequence[float],
) -> Iterator[Planted]:
    """Yield a line with other figures for a name, and the result that follows from them."""
    texts = bench.figures(values)
    figures = _seen(texts, line.operands[name], [0.0] * len(texts))
    found = bench.values(iteration, line.equation.expression, {name: values})
    if not figures or found is None:
        return
    result = bench.figures(found)
    if _seen(result, line.result, bench.spreads(line)):
        operands = {**line.operands, name: texts}
        wrong = line._replace(operands=operands, result=result)
        yield Planted(slip, "operand", line, wrong, figures)


# A wrong name


def _label_slips(bench: Bench, line: Line, lines: Sequence[Line]) -> Iterator[Planted]:
    slips: set[str] = set()
    for other in lines:
        ours, its = line.equation, other.equation
        if other.iteration != line.iteration or its is ours:
            continue
        is_path = bench.style.layout == "ascii" and "#" in its.name  # a name of his own
        if is_path or (its.shape, its.phase) != (ours.shape, ours.phase):
            continue
        own, theirs = line.equation.name, other.equation.name
        if theirs in names_in(line.formula) or not _seen(line.result, other.result, _nothing(line)):
            continue
        is_index = _stem(own) == _stem(theirs)
        slip = "other_index_on_left" if is_index else "other_name_on_left"
        if slip not in slips:
            slips.add(slip)
            iteration = bench.trace.iteration(line.iteration)
            if any(item.formula == line.formula for item in wrong_formulas(bench, iteration, its)):
                continue  # or it is a wrong formula under the right name
            wrong = line._replace(equation=replace(line.equation, name=theirs))
            yield Planted(slip, "name", line, wrong, ())


def _nothing(line: Line) -> list[float]:
    return [0.0] * len(line.result)
