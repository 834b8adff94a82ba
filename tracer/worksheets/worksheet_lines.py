"""The lines of a worksheet as plain text, some of them blank, in the notation of its recipe."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from tracer.expression import render
from tracer.expression.syntax import Array, Name, Node
from tracer.frozen import replace
from tracer.narrative.blocks import EquationLine
from tracer.narrative.messages import Sentence
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import line_of
from tracer.narrative.steps import MOST_SHOWN, Step
from tracer.narrative.textbook_blocks import line_in_textbook, textbook_of
from tracer.operations import Shape, vocabulary
from tracer.program.program import Phase, names_in
from tracer.run.trace import Iteration, Trace
from tracer.sentences import Local
from tracer.worksheets.worksheet_recipe import Recipe

__all__ = ["BLANK", "PATH_WORD", "Worksheet", "WorksheetLine", "WorksheetNotation", "is_printed"]

BLANK: Final = "____"
PATH_WORD: Final = "via"  # the one word that stands in a formula


class WorksheetLine(NamedTuple):
    """A line of a worksheet, as text. `blanks` is '', 'w' (working), 'r' (result) or 'wr'.

    `name` is what the language calls its quantity, `left` how that is written here. `figures` are
    the numbers of its result, `uses` the quantities of its formula; `is_copy` says that it only
    gives another name to one, `is_nameless` that no name stands on its left. `is_short` leaves its
    working out of the worksheet, because the result of another blank stands in it.
    """

    iteration: int
    phase: Phase
    name: str
    left: str
    formula: str
    working: str
    sign: str
    result: str
    figures: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    is_copy: bool = False
    is_nameless: bool = False
    blanks: str = ""
    is_short: bool = False

    @property
    def label(self) -> str:
        """What a table of marks calls the line."""
        return f"{self.iteration}: {self.name}"

    def text(self, *, answers: bool) -> str:
        """Return the line, its blanks filled or not."""
        parts = [f"{self.left} = {self.formula}"]
        if self.is_short and self.is_copy and not answers:
            return parts[0]
        if self.working and (answers or not self.is_short):
            blank = "w" in self.blanks and not answers
            parts.append(f" = {BLANK if blank else self.working}")
        if self.result:
            blank = "r" in self.blanks and not answers
            parts.append(f" {self.sign} {BLANK if blank else self.result}")
        return "".join(parts)


class Worksheet(NamedTuple):
    """A worksheet: what it is made from, its run, its lines, and what to know about it."""

    recipe: Recipe
    trace: Trace
    lines: tuple[WorksheetLine, ...]
    remarks: tuple[Sentence, ...] = ()

    @property
    def title(self) -> Local:
        """The title of the scenario."""
        return self.trace.scenario.heading


class WorksheetNotation:
    """Writes the lines of a worksheet as its recipe says, each as one line of plain text."""

    def __init__(self, recipe: Recipe, trace: Trace) -> None:
        self.trace: Final = trace
        self.is_code: Final = recipe.notation == "code"
        self._names: Final = notation_of(trace)

    def line(self, number: int, step: Step) -> WorksheetLine:
        """Return a step of an iteration; what is updated has a prime, so that = is true."""
        whole = replace(line_of(step, 0), left=Name(step.equation.name))
        iteration = self.trace.iteration(number)
        shown = self.drawn(whole, iteration)
        working = None if shown.substituted == shown.result else shown.substituted
        return WorksheetLine(
            iteration=number,
            phase=step.phase,
            name=step.equation.name,
            left=self.text(shown.left),
            formula=self.text(shown.formula),
            working="" if working is None else self.text(working),
            sign="=" if step.follows else "≈",
            result="" if shown.result is None else self.text(shown.result),
            figures=() if step.result is None else tuple(_figures(step.result)),
            uses=frozenset(names_in(step.formula)),
            is_copy=isinstance(step.formula, Name),
            is_nameless=not self.is_code and step.equation.name in textbook_of(iteration).named,
        )

    def drawn(self, line: EquationLine, iteration: Iteration) -> EquationLine:
        """Return a line as it is drawn in the notation."""
        return line if self.is_code else line_in_textbook(line, textbook_of(iteration))

    def drawn_text(self, node: Node, iteration: Iteration) -> str:
        """Return numbers, or the name of an entry, as text."""
        return self.text(node if self.is_code else textbook_of(iteration).numbers(node))

    def text(self, node: Node) -> str:
        """Return what is drawn as text."""
        if self.is_code:
            return render(node, "ascii", vocabulary=vocabulary())
        return render(node, "unicode", vocabulary=vocabulary(), notation=self._names)


def _figures(result: Node) -> Iterator[str]:
    """Yield the numbers of a result, row by row, as the language writes them."""
    if isinstance(result, Array):
        for item in result.items:
            yield from _figures(item)
    else:
        yield render(result, "ascii", vocabulary=vocabulary())


def is_printed(shape: Shape) -> bool:
    """Tell whether the numbers of a given quantity stand on the worksheet."""
    return math.prod(shape) <= MOST_SHOWN and len(shape) <= 2
