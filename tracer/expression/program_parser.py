"""Lines of equations and loops to statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Final, TypeVar

from tracer.errors import LanguageError, LimitError, TracerError, refuse
from tracer.expression.lexer import fold_signs
from tracer.expression.names import Vocabulary
from tracer.expression.parser import parser_of
from tracer.expression.pratt_parser import MAX_DEPTH, PrattParser
from tracer.expression.syntax import Loop, Statement, Tuple
from tracer.frozen import Value, replace
from tracer.lazy_regex import lazy_regex
from tracer.sentences import Sentence, Text, say

MAX_PROGRAM_CHARACTERS: Final = 1_000_000
MAX_PROGRAM_LINES: Final = 10_000
Read = TypeVar("Read")

# Compiled by the first loop.
_LOOP: Final = r"for\s+([A-Za-z_][A-Za-z_0-9]*)\s+in\s+range\s*(\(.*\))\s*:\s*$"
_LOOP_WORD: Final = lazy_regex(r"for(?![A-Za-z_0-9'])(?!\s*=)")


class _LogicalLine(Value):
    """A logical line: its number, its place, its indentation, its text without comments."""

    number: int
    start: int
    indent: int
    text: str


def line_and_column(text: str, place: int) -> tuple[int, int]:
    """Return the line and the column of a place in a text, both from 1."""
    place = min(max(place, 0), len(text))
    return text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)


def parse_program(
    text: str,
    *,
    vocabulary: Vocabulary = Vocabulary(),  # noqa: B008 - frozen
    derivatives: Collection[str] = (),
    families: Collection[str] = (),
) -> tuple[Statement, ...]:
    """Return the statements of lines of `name = expression`, with `for` loops over a range.

    Raises: LanguageError with line and column; LimitError over 1 MB or 10,000 lines.
    """
    lines = text.count("\n") + 1
    refuse(
        (
            (
                len(text) > MAX_PROGRAM_CHARACTERS or len(text.encode()) > MAX_PROGRAM_CHARACTERS,
                say("the equations are too long"),
                say("at most {most} bytes", most=MAX_PROGRAM_CHARACTERS),
            ),
            (
                lines > MAX_PROGRAM_LINES,
                say("there are too many lines"),
                say("at most {most}", most=MAX_PROGRAM_LINES),
                str(lines),
            ),
        ),
        LimitError,
    )
    reader = _ProgramReader(text, vocabulary, derivatives, families)
    return reader.statements()


class _ProgramReader:
    """Reads the lines of a program into statements."""

    def __init__(
        self,
        text: str,
        vocabulary: Vocabulary,
        derivatives: Collection[str],
        families: Collection[str],
    ) -> None:
        self.text = text
        self.folded = fold_signs(text)
        self.open_parser = partial(
            parser_of,
            dialect="ascii",
            vocabulary=vocabulary,
            derivatives=derivatives,
            families=families,
            names=None,
        )
        self.terms = [(name, name.index("#")) for name in derivatives if "#" in name]
        self.place = 0
        self.lines: list[_LogicalLine] = []

    def statements(self) -> tuple[Statement, ...]:
        """Return the statements of the whole text."""
        self.lines = list(self.logical_lines())
        return tuple(self.block(0, 0))

    def block(self, indent: int, depth: int) -> list[Statement]:
        """Return the statements from here on that are indented alike."""
        if depth > MAX_DEPTH:
            line = self.lines[self.place]
            raise self.error(say("the loops are nested too deeply"), line, 0)
        body: list[Statement] = []
        while self.place < len(self.lines):
            line = self.lines[self.place]
            if line.indent < indent:
                break
            if line.indent > indent:
                raise self.error(
                    say("unexpected indentation"),
                    line,
                    0,
                    expected=say("{indent} spaces before the line", indent=indent),
                )
            self.place += 1
            if _LOOP_WORD.match(line.text):
                body.append(self.loop(line, depth))
            else:
                whole = partial(PrattParser.whole_equation, line=line.number)
                body.append(self.read(line, 0, len(line.text), whole))
        return body

    def loop(self, line: _LogicalLine, depth: int) -> Loop:
        """Return the loop whose head is this line."""
        head = re.match(_LOOP, line.text, re.DOTALL)
        if head is None:
            raise self.error(
                say("this is not a loop"), line, 0, expected="`for t in range(first, last, step):`"
            )
        bounds = self.read(line, head.start(2), head.end(2), PrattParser.whole_expression)
        parts = bounds.items if isinstance(bounds, Tuple) else (bounds,)
        if len(parts) > 3:
            raise self.error(say("a range has one to three parts"), line, head.start(2))
        inner = self.lines[self.place].indent if self.place < len(self.lines) else -1
        if inner <= line.indent:
            raise self.error(
                say("the loop has no body"), line, 0, expected=say("indented lines below its head")
            )
        body = self.block(inner, depth + 1)
        if self.place < len(self.lines) and self.lines[self.place].indent > line.indent:
            raise self.error(
                say("the indentation fits no line above"),
                self.lines[self.place],
                0,
                expected=say(
                    "{indent} or {inner} spaces before the line", indent=line.indent, inner=inner
                ),
            )
        first, last, step = (
            (None, parts[0], None) if len(parts) == 1 else (parts[0], parts[1], (*parts, None)[2])
        )
        end = line.start + len(line.text)
        return Loop(head[1], first, last, step, tuple(body), line.number, line.start, end)

    def read(
        self, line: _LogicalLine, start: int, end: int, parsed: Callable[[PrattParser], Read]
    ) -> Read:
        """Return what a part of a line is parsed as. Raises TracerError with line and column."""
        shift = line.start + start
        try:
            try:
                parser = self.open_parser(line.text[start:end])
            except LanguageError as error:
                error.start += shift
                raise
            parser.shift(shift, self.folded)  # places count from the begin of the program
            return parsed(parser)
        except TracerError as error:
            place = error.start if isinstance(error, LanguageError) else line.start
            raise error.at(self.where(place)) from None

    def where(self, place: int) -> Text:
        """Return a place in words."""
        line, column = line_and_column(self.text, place)
        return say("line {line}, column {column}", line=line, column=column)

    def error(
        self, what: Sentence, line: _LogicalLine, offset: int, *, expected: Text = ""
    ) -> LanguageError:
        """Return an error at a place of a line."""
        start = line.start + offset
        return LanguageError(what, start=start, where=self.where(start), expected=expected)

    def logical_lines(self) -> Iterator[_LogicalLine]:
        """Yield the lines that say something; one with an open bracket goes on in the next."""
        start = 0
        pending: _LogicalLine | None = None
        opened = 0
        for number, raw in enumerate(self.text.split("\n"), start=1):
            body = self.without_comment(raw)
            opened += sum(map(body.count, "([{（")) - sum(map(body.count, ")]}）"))
            if pending is not None:
                # Blanks stand for the comment, so that places in the text stay what they are.
                pending = replace(pending, text=f"{pending.text}\n{body.ljust(len(raw))}")
            elif body.strip():
                stripped = body.lstrip(" ")
                indent = len(body) - len(stripped)
                if stripped[0] == "\t":
                    where = self.where(start + indent)
                    raise LanguageError(
                        say("a tab in the indentation"),
                        start=start + indent,
                        where=where,
                        expected=say("spaces"),
                    )
                pending = _LogicalLine(
                    number, start + indent, indent, stripped.ljust(len(raw) - indent)
                )
            if pending is not None and opened <= 0:
                yield replace(pending, text=pending.text.rstrip())
                pending = None
            if pending is None:
                opened = 0
            start += len(raw) + 1
        if pending is not None:
            yield pending

    def without_comment(self, raw: str) -> str:
        """Return a line up to its comment; the `#` of a gradient's name begins none."""
        place = raw.find("#")
        while place >= 0 and self.is_term(raw, place):
            place = raw.find("#", place + 1)
        return raw if place < 0 else raw[:place]

    def is_term(self, raw: str, place: int) -> bool:
        """Say whether the `#` at a place belongs to the name of a gradient, `dloss/dw#1`."""
        return any(
            start <= place and raw.startswith(name, place - start) for name, start in self.terms
        )
