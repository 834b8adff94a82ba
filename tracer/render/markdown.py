r"""Blocks as Markdown with `$…$` and `$$…$$`, as GitHub shows it. No raw HTML.

GitHub reads Markdown first and mathematics second: in a formula too `\,` `\\` `\_` lose their
backslash, `_` after a bracket may begin emphasis, `|` ends a cell, and `\operatorname` is not
allowed. So each formula is written with other commands for the same things; our own parser and
every other reader of LaTeX understands those as well.
"""

# ruff: noqa: D102 - an override is described where it is first defined, in `block_writer`

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from urllib.parse import quote

from tracer.errors import printable_text
from tracer.expression import Dialect, Node, Notation
from tracer.lazy_regex import lazy_regex
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Graph,
    Heading,
    Paragraph,
    Plot,
    Table,
    present,
)
from tracer.narrative.pictures import curve_samples
from tracer.render.block_writer import SentenceWriter, TextWriter, filled_sections, is_item
from tracer.render.equations import latex_rows
from tracer.sentences import Code, Sentence, Translate

# A network as Mermaid text, which GitHub draws; the caption is its description --------------------

_FORMS: Final = {
    "data": ("([", "])"),
    "parameter": ("[", "]"),
    "constant": ("[[", "]]"),
    "value": ("(", ")"),
    "loss": ("{{", "}}"),
}
# What besides letters and digits may stand in a label; other characters are named by number.
_PLAIN: Final = frozenset(" _.,:+-/()=^−·×′∂")
_DESCRIBED: Final = lazy_regex(r"[{}<>#;%\\\"`]")
_DOWNWARDS: Final = 14  # quantities above which the drawing runs down the page


def mermaid(graph: Graph, notation: Notation, translate: Translate = str) -> str:
    """Return the text of a flow chart, without the fence that Markdown puts round it."""
    return "\n".join(_chart_lines(graph, SentenceWriter(notation, translate)))


def _chart_lines(graph: Graph, writer: SentenceWriter) -> Iterator[str]:
    yield f"flowchart {'TB' if len(graph.nodes) > _DOWNWARDS else 'LR'}"
    description = " ".join(printable_text(writer.sentence(graph.caption)).split())
    # In a description no character can be named.
    yield f"    accDescr: {_DESCRIBED.sub(' ', description.replace('; ', ', ')) or '-'}"
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


# Blocks -------------------------------------------------------------------------------------------

Picture = Callable[[Plot], str]
"""Writes a plot as an SVG file and returns the file's name, as seen from the Markdown file."""

ROOM: Final = 64  # characters of a formula on one line

_SPECIAL: Final = lazy_regex(r"([\\`*_{}\[\]<>#|$~&])")
# What would begin a list, a rule or an underlined heading at the start of a line.
_FIRST: Final = lazy_regex(r"^(?:([-+=])|([0-9]{1,9})([.)]))")

# The borders of a formula inside a sentence, until it is known what stands beside them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_BORDERS: Final = lazy_regex(f"[{_OPEN}{_CLOSE}]")
_OPENED_BESIDE: Final = lazy_regex(rf"(?<=[^\s(]){_OPEN}")
_CLOSED_BESIDE: Final = lazy_regex(rf"{_CLOSE}(?=[\w{_OPEN}$])")
_SENTENCE_BESIDE: Final = lazy_regex(r"(?<=[。！？：；])(?=\$)")  # one that begins with a formula

_COMMANDS: Final = lazy_regex(
    r"\\operatorname\{((?:[^{}\\]|\\.)*)\}|\\,|\\\\ ?|\\left\||\\right\||\\_|\\#|_(?<=\W_)(?=\{)"
)
_SAFE: Final = {
    r"\,": r"\thinspace ",
    r"\left|": r"\left\lvert ",
    r"\right|": r"\right\rvert ",
    r"\_": r"\ ",
    r"\#": r"\sharp ",
    "_": "_ ",
}


def markdown(
    blocks: Iterable[Block],
    notation: Notation,
    translate: Translate = str,
    *,
    picture: Picture | None = None,
) -> Iterator[str]:
    """Yield the text of each block, an empty line after it.

    Where `picture` is None a plot is told by its caption and some of its points.
    """
    writer = MarkdownWriter(notation, translate, picture)
    listed = False
    for block, text in filled_sections(blocks, writer.block):
        yield "\n" if listed and not is_item(block) else ""
        yield text
        listed = is_item(block)


def escape_markdown(text: str) -> str:
    """Return a user's text with Markdown's own signs taken literally."""
    return _SPECIAL.sub(r"\\\1", _BORDERS.sub("�", " ".join(printable_text(text).split())))


def safe_formula(text: str) -> str:
    """Return the printer's LaTeX in commands that Markdown does not touch.

    No space ends it: a dollar sign after one ends no formula.
    """
    safe = _COMMANDS.sub(_safe_sign, text)
    return safe[:-1] if safe.endswith(" ") and safe[-2:-1].isalpha() else safe


def _safe_sign(match: re.Match[str]) -> str:
    text = match.group()
    if text.startswith(r"\operatorname"):
        return rf"\mathrm{{{match.group(1)}}}".replace(r"\_", r"\ ")
    return _SAFE.get(text, r"\cr ")


class MarkdownWriter(TextWriter):
    """Writes blocks in one notation and one language."""

    dialect: Dialect = "latex"

    def __init__(self, notation: Notation, translate: Translate, picture: Picture | None) -> None:
        super().__init__(notation, translate)
        self.picture = picture

    def heading(self, heading: Heading) -> str:
        return f"{'#' * min(max(heading.level, 1), 6)} {self.sentence(heading.text)}\n\n"

    def graph(self, graph: Graph) -> str:
        """Return a network as a diagram, with its caption."""
        text = mermaid(graph, self.notation, self.translate)
        return f"```mermaid\n{text}\n```\n\n{self.line(graph.caption)}\n\n"

    def paragraph(self, block: Paragraph) -> str:
        text = _SENTENCE_BESIDE.sub(" ", self.joined(block.sentences))
        if block.kind == "label":
            return f"**{text}**\n\n"
        text = _safe_start(text)
        return f"- {text}\n" if block.kind == "item" else f"{text}\n\n"

    def formula(self, node: Node) -> str:
        return safe_formula(super().formula(node))

    def marked(self, formula: str) -> str:
        """Return a formula between signs that are dollars once its neighbours are known."""
        return f"{_OPEN}{formula}{_CLOSE}"

    def escaped(self, text: str) -> str:
        return (
            f"`{text}`"
            if isinstance(text, Code) and text.isprintable() and "`" not in text
            else escape_markdown(text)
        )

    def sentence(self, sentence: Sentence) -> str:
        """Return a sentence; its formulas stand apart from letters, as GitHub wants them."""
        text = super().sentence(sentence)
        text = _CLOSED_BESIDE.sub("$ ", _OPENED_BESIDE.sub(" $", text))
        return text.replace(_OPEN, "$").replace(_CLOSE, "$")

    def line(self, sentence: Sentence) -> str:
        """Return a sentence that begins a line."""
        return _safe_start(self.sentence(sentence))

    def equation(self, line: EquationLine) -> str:
        rows = [safe_formula(row) for row in latex_rows(line, self.notation, ROOM)]
        if len(rows) == 1:
            text = f"$${rows[0]}$$\n\n"
        else:
            inside = " \\cr\n".join(rows)
            text = f"$$\n\\begin{{aligned}}\n{inside}\n\\end{{aligned}}\n$$\n\n"
        return text + "".join(f"{self.line(extent)}\n\n" for extent in present(line.extent))

    def table(self, table: Table) -> str:
        lines = [self.row(table.head), "|" + "---|" * len(table.head)]
        lines += [self.row(row) for row in table.rows]
        return "\n".join(lines) + "\n\n"

    def row(self, cells: Iterable[Cell]) -> str:
        """Return a row of a table."""
        return "| " + " | ".join(map(self.cell, cells)) + " |"

    def cell(self, cell: Cell) -> str:
        return f"${self.formula(cell)}$" if isinstance(cell, Node) else super().cell(cell)

    def plot(self, plot: Plot) -> str:
        """Return a picture, or some of the points of a curve."""
        caption = self.line(plot.caption)
        if self.picture is not None:
            description = escape_markdown(self.bare.sentence(plot.caption))
            return f"![{description}]({quote(os.fsencode(self.picture(plot)))})\n\n{caption}\n\n"
        return "" if plot.tabled else f"{caption}\n\n{self.table(curve_samples(plot))}"


def _safe_start(text: str) -> str:
    """Return a line whose first sign is not read as Markdown's."""
    return _FIRST.sub(
        lambda match: rf"\{match[1]}" if match[1] else rf"{match[2]}\{match[3]}", text
    )
