"""Lines of a law as they are drawn, each with the sentence that says why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracer.expression.syntax import Call, Node
from tracer.frozen import Frozen
from tracer.narrative.blocks import Block, EquationLine, Paragraph
from tracer.operations import Term, lookup, vocabulary
from tracer.operations.law import LawLine, drawn_law, law_sides
from tracer.operations.textbook import Drawn, Textbook
from tracer.sentences import say


class LawStep(Frozen):
    """A line of a law as it is drawn, and the sentence that says why."""

    line: EquationLine
    because: str
    text: str  # in the words of laws


def drawn_side(node: Node) -> Node:
    """Return a side of a law as it is drawn."""
    textbook = Textbook(lambda node: ())

    def drawn_call(call: Call) -> Node:
        terms = [Term(Drawn(item)) for item in call.arguments]
        row = lookup(call.operation)
        return call if row.textbook is None else row.textbook(textbook, *terms)

    return drawn_law(node, drawn_call)


def law_steps(lines: Iterable[LawLine]) -> Iterator[LawStep]:
    """Yield the lines of a law, drawn."""
    for line in lines:
        left, *sides = map(drawn_side, law_sides(line.text, vocabulary))
        last = sides[1] if len(sides) > 1 else None
        yield LawStep(EquationLine(left, sides[0], result=last), line.because, line.text)


def step_blocks(step: LawStep) -> Iterator[Block]:
    """Yield a line of a law and its reason."""
    yield step.line
    if step.because:
        yield Paragraph([say(step.because)])
