"""A network as Mermaid text, which GitHub draws; the caption is its description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tracer.errors import printable_text
from tracer.expression.notation import Notation
from tracer.narrative.blocks import Graph
from tracer.render.block_writer import SentenceWriter
from tracer.sentences import Translate

_FORMS: Final = {
    "data": ("([", "])"),
    "parameter": ("[", "]"),
    "constant": ("[[", "]]"),
    "value": ("(", ")"),
    "loss": ("{{", "}}"),
    "share": (">", "]"),
}
# What besides letters and digits may stand in a label; other characters are named by number.
_PLAIN: Final = frozenset(" _.,:+-/()=^−·×′∂")
_DESCRIBED: Final = re.compile(r"[{}<>#;%\\\"`]")
_DOWNWARDS: Final = 14  # quantities above which the drawing runs down the page


def mermaid(graph: Graph, notation: Notation, translate: Translate = str) -> str:
    """Return the text of a flow chart, without the fence that Markdown puts round it."""
    return "\n".join(_chart_lines(graph, SentenceWriter(notation, translate)))


def _chart_lines(graph: Graph, writer: SentenceWriter) -> Iterator[str]:
    yield f"flowchart {'TB' if len(graph.nodes) > _DOWNWARDS else 'LR'}"
    told = " ".join(printable_text(writer.sentence(graph.caption)).split())
    # In a description no character can be named.
    yield f"    accDescr: {_DESCRIBED.sub(' ', told.replace('; ', ', ')) or '-'}"
    numbers = {node.id: f"n{place}" for place, node in enumerate(graph.nodes, start=1)}
    for node in graph.nodes:
        before, after = _FORMS[node.kind]
        text = "<br/>".join(map(_label_text, writer.node_lines(node)))
        yield f'    {numbers[node.id]}{before}"{text}"{after}'
    for source, target in graph.edges:
        if source in numbers and target in numbers:
            arrow = "==>" if {source, target} <= graph.lit_nodes else "-->"
            yield f"    {numbers[source]} {arrow} {numbers[target]}"
    lit = [number for node, number in numbers.items() if node in graph.lit_nodes]
    if lit:
        yield "    classDef lit stroke-width:4px"
        yield f"    class {','.join(lit)} lit"


def _label_text(text: str) -> str:
    """Return a text as it may stand in a label's quotes: every odd character by its number."""
    line = " ".join(printable_text(text).split())
    return "".join(
        letter if letter.isalnum() or letter in _PLAIN else f"#{ord(letter)};" for letter in line
    )
