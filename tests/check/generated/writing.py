"""Worked derivations as people write them, made from a run: the checker must find nothing in them.

A derivation is a list of lines `target = symbols = numbers = result`. How a figure comes to be is
the manner: the result is worked out from the printed figures, or kept in the calculator and
printed rounded, or cut off. Numbers are formatted here, not by the code that tracer prints with.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

import tracer
from tracer.expression import render
from tracer.expression.names import Notation
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.narrative.derivation import notation_of
from tracer.narrative.steps import MOST_SHOWN, Teller
from tracer.operations import Shape, vocabulary
from tracer.program.elements import UnknownInteger, place_node
from tracer.program.program import Equation, names_in, substitute
from tracer.program.scenario import bundled
from tracer.run.evaluate import evaluate
from tracer.run.scalars import places
from tracer.run.trace import Iteration, Trace

__all__ = [
    "LAYOUTS",
    "MANNERS",
    "Layout",
    "Line",
    "Manner",
    "Style",
    "document",
    "layout_kind",
    "lines_of",
    "number",
    "numbered",
    "recorded",
    "small_scenarios",
    "text_of",
]

Manner = Literal["printed", "unrounded", "chopped"]
Layout = Literal["ascii", "unicode", "latex"]
MANNERS: tuple[Manner, ...] = ("printed", "unrounded", "chopped")
LAYOUTS: tuple[Layout, ...] = ("ascii", "unicode", "latex")
LARGE = frozenset(("digit_cnn", "digit_mlp", "four_layer_classifier", "gpt2_mlp"))
CALCULATOR = Context(prec=12)  # what a calculator shows of a float
NOISE = Fraction(1, 10**13)  # what a float leaves where the exact result is 0
MOST_TOLD = 3  # iterations of one document


class Style(NamedTuple):
    """How a document is written."""

    layout: Layout
    manner: Manner
    digits: int
    decimals: bool = False  # digits after the point; else significant digits


class Line(NamedTuple):
    """A worked line: the equation it tells, and the texts of all figures in it, entry by entry."""

    iteration: int
    equation: Equation
    operands: Mapping[str, tuple[str, ...]]
    result: tuple[str, ...]
    shapes: Mapping[str, Shape]
    formula: Node
    sign: str = "="


def small_scenarios() -> list[str]:
    """Return the bundled scenarios whose lines can be written out."""
    return [name for name in bundled() if name not in LARGE and not name.endswith("_full")]


@lru_cache(64)
def recorded(name: str) -> Trace:
    """Return the run of a bundled scenario."""
    return tracer.load(name).run()


# Numbers


def number(value: Fraction, style: Style) -> str:
    """Return a number as it is printed in a style, with an exponent where it is very small."""
    if abs(value) < NOISE:
        return "0"
    exact = CALCULATOR.divide(Decimal(value.numerator), Decimal(value.denominator))
    place = -style.digits if style.decimals else exact.adjusted() - style.digits + 1
    place = min(place, 0)  # nobody rounds to tens
    rounding = ROUND_DOWN if style.manner == "chopped" else ROUND_HALF_UP
    quantum = Decimal(1).scaleb(place)
    shown = exact.quantize(quantum, rounding=rounding)
    if not shown:
        return "0"
    if -6 <= shown.adjusted() < 7 or style.decimals:
        text = format(shown, "f")
        is_short = "." in text and exact == shown and not style.decimals
        return text.rstrip("0").rstrip(".") if is_short else text
    digits = format(shown.scaleb(-shown.adjusted()), "f").rstrip("0").rstrip(".")
    return f"{digits}e{shown.adjusted()}"


def _numbers(values: Sequence[float], style: Style) -> tuple[str, ...]:
    return tuple(number(Fraction(value), style) for value in values)


# Lines


def lines_of(trace: Trace, style: Style, *, most: int = MOST_TOLD) -> Iterator[Line]:
    """Yield the lines of the first iterations of a run, as somebody works them out in a style."""
    teller = Teller()
    told: dict[str, tuple[str, ...]] = {}
    for count in range(1, min(len(trace), most) + 1):
        iteration = trace.iteration(count)
        for equation in iteration.program.equations:
            if equation.phase != "metric":
                line = _line(teller, iteration, equation, style, told)
                if line is not None:
                    told[equation.name] = line.result
                    yield line
        for name, after in iteration.program.carried.items():
            if after in told:
                told[name] = told.pop(after)


def _line(
    teller: Teller,
    iteration: Iteration,
    equation: Equation,
    style: Style,
    told: Mapping[str, tuple[str, ...]],
) -> Line | None:
    names = teller.names(iteration, equation) or ()
    if any(
        isinstance(part, Call) and part.operation == "index" for part in walk(equation.expression)
    ):
        names = ()  # nobody writes an entry of an array of figures
    values = iteration.entries(equation.name)
    if len(values) > MOST_SHOWN or len(equation.shape) > 2:
        return None
    if not all(map(math.isfinite, values)):
        return None
    operands: dict[str, tuple[str, ...]] = {}
    for name in names:
        written = teller.written(iteration, name)
        own = told.get(name) if style.manner == "printed" else None
        operands[name] = own or written or _numbers(iteration.floats(name), style)
    shapes = {name: iteration.shape(name) for name in names}
    result = _numbers(values, style)
    told_names = (equation.name, *names_in(equation.expression))
    if style.layout == "unicode" and any("#" in name for name in told_names):
        return None  # the contribution of a path has no sign that people write
    if style.manner == "printed":
        worked = _worked(teller, iteration, equation, operands)
        if worked is None:
            return None
        result = _numbers(worked, style)
    update = equation.name in iteration.program.carried.values() and not any(
        equation.name in names_in(item.expression) for item in iteration.program.equations
    )
    return Line(
        iteration.number,
        equation,
        operands,
        result,
        shapes,
        equation.expression,
        "<-" if update else "=",
    )


def _worked(
    teller: Teller,
    iteration: Iteration,
    equation: Equation,
    operands: Mapping[str, Sequence[str]],
) -> list[float] | None:
    """Work a line out from its printed figures, entry by entry."""
    if not operands:
        return None
    try:
        entries = teller.entries(iteration, equation)
    except UnknownInteger:
        return None
    at: dict[Node, float] = {}
    for name, texts in operands.items():
        leaves = (place_node(name, place) for place in places(iteration.shape(name)))
        at.update(zip(leaves, map(float, texts), strict=True))
    values = [evaluate(entry, at) for entry in entries]
    return values if all(map(math.isfinite, values)) else None


# Text


def document(trace: Trace, lines: Sequence[Line], style: Style) -> str:
    """Return a document of worked lines, the iterations under headings."""
    return "\n".join(text for text, _ in numbered(trace, lines, style)) + "\n"


def numbered(
    trace: Trace, lines: Sequence[Line], style: Style
) -> Iterator[tuple[str, Line | None]]:
    """Yield the lines of the document, each with the worked line that stands on it."""
    notation = notation_of(trace)
    heading = "## Iteration {}" if style.layout == "latex" else "Iteration {}"
    before = 0
    yield from ((text, None) for text in _given(trace, notation, style))
    for line in lines:
        if line.iteration != before:
            before = line.iteration
            yield "", None
            yield heading.format(before), None
            yield "", None
        yield text_of(line, notation, style), line


def _given(trace: Trace, notation: Notation, style: Style) -> Iterator[str]:
    """Yield what the task gives: single numbers, one on each line."""
    iteration = trace.iteration(1)
    for name in iteration.program.inputs:
        shape = iteration.shape(name)
        texts = Teller().written(iteration, name) if math.prod(shape) <= MOST_SHOWN else None
        if texts and len(shape) <= 2:
            yield _joined([(Name(name), ""), (_nested(texts, shape), "=")], notation, style)


def text_of(line: Line, notation: Notation, style: Style) -> str:
    """Return a worked line as text."""
    target = line.equation.name
    if line.sign == "<-":
        target = target.removesuffix("'")
    numbers = substitute(
        line.formula,
        {name: _nested(texts, line.shapes[name]) for name, texts in line.operands.items()},
    )
    members: list[tuple[Node, str]] = [(Name(target), ""), (line.formula, line.sign)]
    if line.operands and not isinstance(line.formula, Name):
        members.append((numbers, "="))
    members.append((_nested(line.result, line.equation.shape), "="))
    return _joined(members, notation, style)


SIGNS = {
    "ascii": {"=": "=", "<-": "="},
    "unicode": {"=": "=", "<-": "←"},
    "latex": {"=": "=", "<-": r"\leftarrow"},
}


def _joined(members: Sequence[tuple[Node, str]], notation: Notation, style: Style) -> str:
    words = vocabulary()
    dialect = style.layout
    parts: list[str] = []
    for node, sign in members:
        text = render(node, dialect, vocabulary=words, notation=notation)
        parts.append(f"{SIGNS[dialect][sign]} {text}" if sign else text)
    whole = " ".join(parts)
    if dialect == "latex":
        return f"$$ {_powers(whole)} $$"
    # The contribution of a path, `dL/dw#1`, has no name in ASCII.
    return re.sub(r"(?:\[(\d+)\])?#", lambda found: f"{found[1] or ''}_path", whole)


def _powers(text: str) -> str:
    r"""Return the text with `2.5\mathrm{e}{-7}` as people write it, `2.5 \times 10^{-7}`."""
    return re.sub(r"\\mathrm\{e\}\{(-?\d+)\}", r" \\times 10^{\1}", text)


def _literal(text: str) -> Node:
    if text.startswith("-"):
        return Call("negative", (_literal(text[1:]),))
    return Number(text, Fraction(text))


def _nested(texts: Sequence[str], shape: Shape) -> Node:
    """Return figures, row by row, as one figure or an array."""
    if not shape:
        return _literal(texts[0])
    size = len(texts) // shape[0] if shape[0] else 0
    rows = (texts[place * size : (place + 1) * size] for place in range(shape[0]))
    return Array(tuple(_nested(row, shape[1:]) for row in rows))


def layout_kind(layout: Layout) -> str:
    """Return the kind of file that a layout is written in."""
    return "md" if layout == "latex" else "txt"
