"""Blocks as one HTML page that needs nothing else: MathML, pictures in line, no script.

The page is also well-formed XML. It takes the reader's light or dark colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from tracer.expression import Dialect, Node, Notation
from tracer.narrative.blocks import (
    Block,
    Equality,
    EquationLine,
    Graph,
    Heading,
    Plot,
    Table,
)
from tracer.render.block_writer import TextWriter, with_lists
from tracer.render.equations import latex_rows
from tracer.render.mathml import mathml
from tracer.render.members import extent_sentences, line_text
from tracer.render.svg import svg
from tracer.render.xml_text import xml_text
from tracer.sentences import Code, Translate

ROOM: Final = 66  # characters of a formula on one line

STYLE: Final = """\
:root{color-scheme:light dark;--ink:#1f2328;--paper:#fff;--soft:#59636e;--line:#d1d9e0;\
--band:#f6f8fa;--curve-0:#0860ca;--curve-1:#b35900;--curve-2:#1a7f37;--curve-3:#8250df}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--soft:#9198a1;\
--line:#3d444d;--band:#151b23;--curve-0:#58a6ff;--curve-1:#f0a04b;--curve-2:#56d364;\
--curve-3:#bc8cff}}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}
main{max-width:52rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1,h2,h3,h4{line-height:1.25;margin:1.8em 0 .6em}
h1{margin-top:0}
h2{padding-bottom:.25em;border-bottom:1px solid var(--line)}
p{margin:.6em 0}
.label{margin-top:1.4em;font-weight:600}
.equation{overflow:auto hidden;padding:.4em 0 .4em 1.5em}
math{font-size:1.1em}
math[display=block]{width:max-content;margin:0}
.lines>mtr>mtd{padding:.35em 0;text-align:left}
.lines>mtr>mtd:first-child{text-align:right}
.wide{overflow:auto hidden}
table{border-collapse:collapse;margin:.8em 0}
th,td{padding:.35em .8em;border:1px solid var(--line);text-align:left;vertical-align:middle}
th{background:var(--band);font-weight:600}
figure{margin:1.2em 0}
figure svg{max-width:100%;height:auto}
figcaption{color:var(--soft)}
.code{font-family:monospace}
@media print{.equation,.wide{overflow:visible}}
"""


def html(
    blocks: Iterable[Block],
    notation: Notation,
    translate: Translate = str,
    *,
    language: str = "en",
    title: str = "",
) -> Iterator[str]:
    """Yield the pieces of the page; without a title its first heading gives it."""
    writer = _HtmlWriter(notation, translate)
    waiting = iter(blocks)
    if not title:
        first = next(waiting, None)
        if first is not None:
            waiting = chain((first,), waiting)
        title = writer.bare.sentence(first.text) if isinstance(first, Heading) else "tracer"
    yield (
        f'<!DOCTYPE html>\n<html lang="{xml_text(language)}">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{xml_text(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    yield from with_lists(waiting, writer.block, "<ul>\n", "</ul>\n")
    yield "</main>\n</body>\n</html>\n"


class _HtmlWriter(TextWriter):
    """Writes blocks in one notation and one language."""

    dialect: Dialect = "latex"  # of which MathML is made

    paragraphs: Mapping[str, tuple[str, str]] = {
        "item": ("<li>", "</li>\n"),
        "label": ('<p class="label">', "</p>\n"),
        "text": ("<p>", "</p>\n"),
    }

    def __init__(self, notation: Notation, translate: Translate) -> None:
        super().__init__(notation, translate)
        self.pictures = 0

    def heading(self, heading: Heading) -> str:
        level = min(max(heading.level, 1), 6)
        return f"<h{level}>{self.sentence(heading.text)}</h{level}>\n"

    def template(self, text: str) -> str:
        # The catalogue's own text needs no escaping but for the three signs of XML.
        return xml_text(self.translate(text))

    def escaped(self, text: str) -> str:
        return f"<code>{xml_text(text)}</code>" if isinstance(text, Code) else xml_text(text)

    def in_sentence(self, part: Node | Equality) -> str:
        said = xml_text(self.bare.in_sentence(part))
        return f'<math alttext="{said}">{mathml(super().in_sentence(part))}</math>'

    def equation(self, line: EquationLine) -> str:
        said = line_text(line, self.bare.formula, {"=": "=", "←": "←", "≈": "≈"})
        rows = latex_rows(line, self.notation, self.vocabulary, ROOM)
        said_of_it = map(self.sentence, extent_sentences(line))
        return (
            f'<div class="equation"><math display="block" alttext="{xml_text(said)}">'
            f"{mathml(rows[0]) if len(rows) == 1 else _aligned_rows(rows)}</math></div>\n"
        ) + "".join(f"<p>{text}</p>\n" for text in said_of_it)

    def table(self, table: Table) -> str:
        head = "".join(f'<th scope="col">{self.cell(cell)}</th>' for cell in table.head)
        rows = "".join(
            f"<tr>{''.join(f'<td>{self.cell(cell)}</td>' for cell in row)}</tr>\n"
            for row in table.rows
        )
        return (
            f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{rows}</tbody>\n</table></div>\n"
        )

    def graph(self, graph: Graph | Plot) -> str:
        self.pictures += 1
        drawing = svg(
            graph, self.notation, self.translate, inline=True, id=f"picture-{self.pictures}"
        )
        caption = self.sentence(graph.caption)
        return f"<figure>\n{drawing}<figcaption>{caption}</figcaption>\n</figure>\n"

    def plot(self, plot: Plot) -> str:
        return self.graph(plot)


def _aligned_rows(rows: Sequence[str]) -> str:
    """Return rows below each other, each with its sign under the one above."""
    cells = [(before, after) for before, _, after in (row.partition("&") for row in rows)]
    inside = "".join(
        f"<mtr><mtd>{mathml(before)}</mtd><mtd>{mathml(after)}</mtd></mtr>"
        for before, after in cells
    )
    return f'<mtable class="lines" displaystyle="true">{inside}</mtable>'
