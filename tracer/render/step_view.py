"""A step of a session as lines: symbols, numbers put in, result; its rule, and why.

It knows no terminal.
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from tracer.expression import Name
from tracer.frozen import replace
from tracer.narrative.blocks import EquationLine, present
from tracer.narrative.session import Session
from tracer.operations import unravel
from tracer.program.elements import place_node
from tracer.program.program import names_in
from tracer.render.mathematics import Mathematics
from tracer.render.screen_lines import Line, cut_text, indented, line_width
from tracer.sentences import say
from tracer.text_width import width

SLOPE_DIGITS: Final = 3
LEAST_HEIGHT: Final = 3  # rows of an equation that is drawn flat: symbols, numbers, result
LEAST_TALL: Final = 24  # rows of a room that shows what follows too
_NOTES = {
    "formula": say("symbols"),  # unless no name is left in it
    "numbers": say("with numbers"),
    "result": say("result"),
}


class StepView(NamedTuple):
    """Draws the step of a session's place, or the line inside it."""

    session: Session
    mathematics: Mathematics

    def lines(self, columns: int, rows: int) -> list[Line]:
        """Return the step as lines: the mathematics first, then the words, then what has room."""
        mathematics, is_tall = self.mathematics, rows >= LEAST_TALL
        room = max(columns - 1, 8)
        nudged = self._nudge_lines(room)
        rows -= len(nudged)
        in_notation = partial(self.session.in_notation, iteration=self.session.shown_iteration)
        sentences = in_notation(self.session.step.sentences)
        sentence_lines = [
            row for sentence in sentences for row in mathematics.sentences([sentence], room)
        ]
        line, height = self.session.line, max(rows - len(sentence_lines) - 1, 3)
        factors = [
            self._equation_with_notes(each, room, height) for each in self.session.factored_lines
        ]
        equation_lines = [row for each in factors for row in ([], *each)][1:]
        if not 0 < len(equation_lines) <= height + len(factors):
            equation_lines = self._equation_with_notes(line, room, height)
        body = [*equation_lines, *mathematics.sentences(present(line.extent), room), []]
        if sum(map(bool, body)) + len(sentence_lines) > rows:
            sentence_lines = mathematics.sentences(sentences, room)
        body += sentence_lines
        loss, word = Name(self.session.equation.of), self.mathematics.text(say("upstream"))
        # Where the gradient stands in one line too, that says more.
        has_labels = not self.session.chain() and any(
            word in text for row in equation_lines for text, _ in row
        )
        labels = say("Upstream comes in from {loss}, local is this step's slope.", loss=loss)
        for sentence in filter(None, (self.session.meaning, labels if has_labels else None)):
            meaning_lines = mathematics.sentences([in_notation(sentence)], room)
            body += meaning_lines if sum(map(bool, body)) + len(meaning_lines) <= rows else []
        body += self._example_lines(room)
        body += self._path_lines(room)
        body += self._chain_lines(room, rows - len(body))
        body += self._earlier_lines(room, rows - len(body))
        body += self._next_lines(room, rows - len(body)) if is_tall else []
        if len(body) > rows:
            body = [each for each in body if each]
        return indented([*nudged, *body])

    def _nudge_lines(self, room: int) -> list[Line]:
        """Return what is nudged, and the slope that is measured so beside the derived one."""
        nudge, mathematics = self.session.nudge, self.mathematics
        if nudge is None:
            return []
        number = partial(mathematics.number, digits=self.session.digits)
        # With as many digits as tell a measured slope from a derived one.
        slope_text = partial(mathematics.number, digits=SLOPE_DIGITS)
        index = unravel(nudge.place, self.session.iteration.shape(nudge.name))
        moved = say(
            "{name} is nudged from {before} to {after}.",
            name=place_node(nudge.name, index),
            before=number(nudge.before),
            after=number(nudge.after),
        )
        sign, role = "", "bad"
        if nudge.derived is None:
            slope = say(
                "The loss changes by {measured} per unit; the run derives no gradient for it.",
                measured=slope_text(nudge.measured),
            )
        elif nudge.agrees:
            sign, role = self.mathematics.words.terminal_text(" ✓"), "good"
            slope = say(
                "{gradient}: measured {measured}, derived {derived}",
                gradient=place_node(nudge.gradient, index),
                measured=slope_text(nudge.measured),
                derived=slope_text(nudge.derived),
            )
        else:
            slope = say(
                "{gradient}: measured {measured} over a nudge of {amount}, derived {derived}. "
                "The nudge is too large for one slope: along it the slope changes to {end}.",
                gradient=place_node(nudge.gradient, index),
                measured=slope_text(nudge.measured),
                amount=slope_text(nudge.amount),
                derived=slope_text(nudge.derived),
                end=slope_text(nudge.derived_after),
            )
        lines = mathematics.sentences([slope], room - 2, "result" if sign else "")
        lines[-1] = [*lines[-1], (sign, role)]
        return [*mathematics.sentences([moved], room), *lines, []]

    def _equation_with_notes(self, equation: EquationLine, room: int, height: int) -> list[Line]:
        """Draw a line, and say at the right what each row is, where there is room for it."""
        equation_lines = self.mathematics.equation(equation, room, height)
        noted_roles: set[str] = set()
        notes = _NOTES if names_in(equation.formula) else {}
        lines: list[Line] = []
        signs = [
            any(role == "sign" and text.strip() for text, role in line) for line in equation_lines
        ]
        for line, is_base in zip(equation_lines, signs, strict=True):
            roles = [role for text, role in line if text.strip() and role in notes]
            note = ""
            if is_base and roles and roles[0] not in noted_roles:
                noted_roles.add(roles[0])
                note = self.mathematics.text(_NOTES[roles[0]])
            gap = room - line_width(line) - width(note)
            lines.append([*line, (" " * gap, ""), (note, "faint")] if note and gap > 2 else line)
        return lines

    def _example_lines(self, room: int) -> list[Line]:
        """Return one entry written out, where the arrays are too large to put in."""
        example = self.session.example()
        if example is None:
            return []
        return [
            [],
            *self.mathematics.sentences([say("One entry, written out:")], room, "faint"),
            *self.mathematics.equation(example, room),
        ]

    def _chain_lines(self, room: int, rows: int) -> list[Line]:
        """Return the gradient in one line through to the data: drawn, or if need be flat."""
        chain = self.session.chain()
        if chain is None or rows < 3:
            return []
        words = say("In one line, without the intermediate gradients:")
        head: list[Line] = [[], *self.mathematics.sentences([words], room, "faint")]
        whole = self.mathematics.equation(chain, room)
        if len(head) + len(whole) > rows:
            whole = self.mathematics.wrapped(self.mathematics.one_line(chain), room, "formula")
        return [*head, *whole]

    def _earlier_lines(self, room: int, rows: int) -> list[Line]:
        """Return the iteration as far as this step: drawn where all of it has room.

        Elsewhere each step is a line, the last ones that have room; where a line has none for its
        numbers, it goes without, then without its formula: the value is what later steps put in.
        """
        mathematics, words = self.mathematics, self.mathematics.words
        before = self.session.lines_before(max(rows - 2, 0))
        head = mathematics.sentences([say("The iteration so far:")], room, "faint")
        lines: list[Line] = []
        for height in (rows, LEAST_HEIGHT):
            equations = [mathematics.equation(each, room, height) for each in before]
            whole = [row for each in equations for row in ([], *each)][1:]
            if len(head) < len(whole) < rows - len(head):
                return [[], *head, *whole]
        for line in before:
            symbols = replace(line, substituted=None, shortened=None, worked=None, reduced=None)
            texts = [*map(mathematics.in_one_row, (line, symbols))]
            if line.result is not None:
                sign = "←" if line.arrow else "=" if line.follows else "≈"
                left, result = map(mathematics.inline, (line.left, line.result))
                texts.append(words.terminal_text(f"{left} {sign} {result}"))
            texts.append(mathematics.in_one_row(replace(symbols, result=None)))
            text = next((each for each in texts if width(each) <= room), texts[-1])
            lines.append([(cut_text(text, room, words.ellipsis), "words")])
        return [[], *head, *lines] if lines else []

    def _next_lines(self, room: int, rows: int) -> list[Line]:
        """Return the steps that follow, in symbols: in a tall pane as many as have room."""
        mathematics = self.mathematics
        lines: list[Line] = [[], *mathematics.sentences([say("The next steps:")], room, "faint")]
        head = len(lines)
        for line in self.session.lines_after():
            equation_lines = [*[[]] * (len(lines) > head), *mathematics.equation(line, room)]
            if len(lines) + len(equation_lines) > rows:
                break
            lines += equation_lines
        return lines if len(lines) > head else []

    def _path_lines(self, room: int) -> list[Line]:
        """Return the terms of a sum over paths, a line each."""
        mathematics = self.mathematics
        lines: list[Line] = []
        for label, line in self.session.step.paths:
            sign = self.mathematics.words.terminal_text(" = " if line.follows else " ≈ ")
            terms = present(line.formula, line.substituted)
            text = " = ".join(map(mathematics.inline, terms))
            result = "" if line.result is None else f"{sign}{mathematics.inline(line.result)}"
            lines += mathematics.wrapped(f"{mathematics.text(label)}: {text}{result}", room)
        return [[], *lines] if lines else []
