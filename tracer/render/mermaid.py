"""A network as Mermaid text, which GitHub draws; the caption is its description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tracer.errors import printable_text
from tracer.expression import render
from tracer.expression.notation import Notation
from tracer.expression.syntax import Node
from tracer.narrative.blocks import Graph
from tracer.narrative.messages import Equality, Sentence, Translate, filled
from tracer.operations import vocabulary

__all__ = ["mermaid"]

_FORMS: Final = {
    "data": ("([", "])"),
    "parameter": ("[", "]"),
    "constant": ("[[", "]]"),
    "value": ("(", ")"),
    "loss": ("{{", "}}"),
}
# What besides letters and digits may stand in a label; other characters are named by number.
_PLAIN: Final = frozenset(" _.,:+-/()=^−·′∂")
_DESCRIBED: Final = re.compile(r"[{}<>#;%\\\"`]")
_DOWNWARDS: Final = 14  # quantities above which the drawing runs down the page


def mermaid(graph: Graph, notation: Notation, translate: Translate = str) -> str:
    """Return the text of a flow chart, without the fence that Markdown puts round it."""
    return "\n".join(_lines(graph, _Writer(notation, translate)))


class _Writer:
    """Writes labels in one notation and one language."""

    def __init__(self, notation: Notation, translate: Translate) -> None:
        self.notation = notation
        self.translate = translate
        self.vocabulary = vocabulary()

    def formula(self, node: Node) -> str:
        return render(node, "unicode", vocabulary=self.vocabulary, notation=self.notation)

    def words(self, sentence: Sentence) -> str:
        return filled(sentence, self.translate, self.inline, str)

    def inline(self, part: Node | Equality) -> str:
        if isinstance(part, Equality):
            return f"{self.formula(part.left)} = {self.formula(part.right)}"
        return self.formula(part)


def _lines(graph: Graph, writer: _Writer) -> Iterator[str]:
    yield f"flowchart {'TB' if len(graph.nodes) > _DOWNWARDS else 'LR'}"
    yield f"    accDescr: {_described(writer.words(graph.caption))}"
    numbers = {node.id: f"n{place}" for place, node in enumerate(graph.nodes, start=1)}
    for node in graph.nodes:
        before, after = _FORMS[node.kind]
        text = writer.formula(node.label) + (f" {node.note}" if node.note else "")
        yield f'    {numbers[node.id]}{before}"{_label(text)}"{after}'
    for source, target in graph.edges:
        if source in numbers and target in numbers:
            arrow = "==>" if {source, target} <= graph.lit else "-->"
            yield f"    {numbers[source]} {arrow} {numbers[target]}"
    lit = [number for node, number in numbers.items() if node in graph.lit]
    if lit:
        yield "    classDef lit stroke-width:4px"
        yield f"    class {','.join(lit)} lit"


def _label(text: str) -> str:
    """Return a text as it may stand in a label's quotes: every odd character by its number."""
    line = " ".join(printable_text(text).split())
    return "".join(
        letter if letter.isalnum() or letter in _PLAIN else f"#{ord(letter)};" for letter in line
    )


def _described(text: str) -> str:
    """Return a text as it may stand in a description, where no character can be named."""
    line = " ".join(printable_text(text).split())
    return _DESCRIBED.sub(" ", line.replace("; ", ", ")) or "-"
