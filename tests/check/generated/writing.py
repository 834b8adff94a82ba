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
from typing import Final, Literal, NamedTuple

import tracer
from tracer.expression import render
from tracer.expression.notation import Notation
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.narrative.derivation import notation_of
from tracer.narrative.steps import MOST_SHOWN, Teller
from tracer.operations import Shape, vocabulary
from tracer.program.elements import UnknownInteger, place_node
from tracer.program.program import Equation, names_in, substitute
from tracer.program.scenario import bundled
from tracer.run.scalar_code import float_value
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
    "shown",
    "small_scenarios",
    "text_of",
]

Manner = Literal["printed", "unrounded", "chopped"]
Layout = Literal["ascii", "unicode", "latex"]
MANNERS: tuple[Manner, ...] = ("printed", "unrounded", "chopped")
LAYOUTS: tuple[Layout, ...] = ("ascii", "unicode", "latex")
LARGE = frozenset(("digit_cnn", "digit_mlp", "four_layer_classifier", "gpt2_mlp"))
CALCULATOR = Context(prec=12)  # what a calculator shows of a float
LARGE_NUMBER = 15  # digits before the point from which a number is written with an exponent
NOISE = Fraction(1, 10**15)  # what a float leaves where the exact result is 0
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
    is_bare: bool = False  # nothing but the name and the result


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
    if exact.adjusted() < LARGE_NUMBER:
        place = min(place, 0)  # nobody rounds to tens
    rounding = ROUND_DOWN if style.manner == "chopped" else ROUND_HALF_UP
    shown = exact.quantize(Decimal(1).scaleb(place), rounding=rounding)
    if shown.adjusted() > exact.adjusted() and not style.decimals and place < 0:
        shown = shown.quantize(Decimal(1).scaleb(place + 1))  # 0.0996 at two digits is 0.10
    if not shown:
        return "0"
    if -6 <= shown.adjusted() < 7 or style.decimals:
        text = format(shown, "f")
        is_short = "." in text and exact == shown and not style.decimals
        return text.rstrip("0").rstrip(".") if is_short else text
    digits = format(shown.scaleb(-shown.adjusted()), "f").rstrip("0").rstrip(".")
    return f"{digits}e{shown.adjusted()}"


def shown(values: Sequence[float], style: Style) -> tuple[str, ...]:
    """Return numbers as they are printed in a style."""
    return tuple(number(Fraction(value), style) for value in values)


# Lines


def lines_of(trace: Trace, style: Style, *, most: int = MOST_TOLD) -> Iterator[Line]:
    """Yield the lines of the first iterations of a run, as somebody works them out in a style.

    A document is of one piece: all of its figures follow from unrounded working, or each from
    those printed before it; then what is not printed is kept unrounded. It ends where its figures
    cannot be gone on with.
    """
    writer = _Writer(trace, style)
    for count in range(1, min(len(trace), most) + 1):
        iteration = trace.iteration(count)
        writer.begin(iteration)
        for equation in iteration.program.equations:
            if equation.phase == "metric":
                continue
            if not writer.work_out(equation):
                return
            line = writer.line(equation)
            if line is not None:
                yield line
        writer.update()


class _Writer:
    """Somebody who works a run out: the texts of what stands there, the values of the rest."""

    def __init__(self, trace: Trace, style: Style) -> None:
        self.style: Final = style
        self.teller: Final = Teller()
        self.iteration: Iteration = trace.iteration(1)
        self.texts: dict[str, tuple[str, ...]] = {}
        self.values: dict[str, Sequence[float]] = {}

    def begin(self, iteration: Iteration) -> None:
        self.iteration = iteration

    def update(self) -> None:
        """Call what was updated by its old name from now on; all the rest is of the past."""
        carried = self.iteration.program.carried
        inputs = self.iteration.program.inputs
        texts = {name: self.texts[new] for name, new in carried.items() if new in self.texts}
        self.values = {name: self.values[new] for name, new in carried.items()}
        kept = {name: text for name, text in self.texts.items() if name in inputs}
        self.texts = {**{n: t for n, t in kept.items() if n not in carried}, **texts}

    def work_out(self, equation: Equation) -> bool:
        """Work an equation out; return whether that gives numbers."""
        if self.style.manner == "printed":
            found = self._worked(equation)
        else:
            found = list(self.iteration.entries(equation.name))
        self.values[equation.name] = found
        return all(map(math.isfinite, found))

    def _worked(self, equation: Equation) -> list[float]:
        """Work an equation out from what is printed.

        One that picks by labels which are computed themselves is taken from the run.
        """
        for name in self._put_in(equation):
            self.texts[name] = self.operand(name)
        try:
            entries = self.teller.entries(self.iteration, equation)
        except UnknownInteger:
            return list(self.iteration.entries(equation.name))
        at: dict[Node, float] = {}
        for name in dict.fromkeys(names_in(equation.expression)):
            leaves = (place_node(name, place) for place in places(self.iteration.shape(name)))
            at.update(zip(leaves, self._value(name), strict=True))
        return [float_value(entry, at) for entry in entries]

    def _value(self, name: str) -> Sequence[float]:
        """Return what a name is worth to the writer."""
        if name in self.texts:
            return tuple(map(float, self.texts[name]))
        return self.values.get(name) or self.iteration.floats(name)

    def operand(self, name: str) -> tuple[str, ...]:
        """Return the figures that are put in for a name."""
        written = self.teller.written(self.iteration, name)
        return written or self.texts.get(name) or shown(self._value(name), self.style)

    def _put_in(self, equation: Equation) -> list[str]:
        """Return the names whose numbers are put in; nobody writes an entry of figures."""
        parts = walk(equation.expression)
        if not self._is_written(equation) or any(
            isinstance(part, Call) and part.operation == "index" for part in parts
        ):
            return []
        return self.teller.names(self.iteration, equation) or []

    def _is_written(self, equation: Equation) -> bool:
        """Say whether a line can be written out.

        In Unicode the contribution of a path has no sign that people write.
        """
        names = (equation.name, *names_in(equation.expression))
        if self.style.layout == "unicode" and any("#" in name for name in names):
            return False
        return math.prod(equation.shape) <= MOST_SHOWN and len(equation.shape) <= 2

    def line(self, equation: Equation) -> Line | None:
        """Return the line of an equation; None where it cannot be written out."""
        if not self._is_written(equation):
            return None
        iteration, put_in = self.iteration, self._put_in(equation)
        result = self.texts[equation.name] = shown(self.values[equation.name], self.style)
        update = equation.name in iteration.program.carried.values() and not any(
            equation.name in names_in(item.expression) for item in iteration.program.equations
        )
        return Line(
            iteration.number,
            equation,
            {name: self.operand(name) for name in put_in},
            result,
            {name: iteration.shape(name) for name in put_in},
            equation.expression,
            "<-" if update else "=",
        )


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
    members: list[tuple[Node, str]] = [(Name(target), "")]
    if not line.is_bare:
        members.append((line.formula, line.sign))
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
