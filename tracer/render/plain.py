"""Blocks as plain lines in Unicode or ASCII: for pipes, logs and screen readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tracer.errors import printable
from tracer.expression import Dialect, Notation
from tracer.narrative.blocks import Block, EquationLine, Graph, Heading, Plot, Table, present
from tracer.narrative.pictures import curve_samples
from tracer.narrative.run_verdict import verdict_remarks
from tracer.render.block_writer import (
    Relation,
    SentenceWriter,
    TextWriter,
    filled_sections,
    line_text,
)
from tracer.render.plots import inputs_of
from tracer.render.screen_lines import in_ascii
from tracer.run.diagnosis import Diagnosis
from tracer.sentences import Sentence, Translate
from tracer.text_width import column_lines


def plain(
    blocks: Iterable[Block],
    notation: Notation,
    translate: Translate = str,
    *,
    unicode: bool = True,
) -> Iterator[str]:
    """Yield the lines of each block."""
    writer = _PlainWriter(notation, translate, "unicode" if unicode else "ascii")
    yield from (text for _, text in filled_sections(blocks, writer.block))


def verdict_lines(
    diagnosis: Diagnosis, notation: Notation, translate: Translate, *, unicode: bool = True
) -> list[str]:
    """Return the sentences on a run, a line each."""
    writer = SentenceWriter(notation, translate)
    writer.dialect = "unicode" if unicode else "ascii"
    return [writer.sentence(remark.sentence) for remark in verdict_remarks(diagnosis)]


def graph_lines(graph: Graph, writer: SentenceWriter, arrow: str) -> Iterator[str]:
    """Yield `a, b -> c` for each quantity that is computed, then those that stand alone.

    A note, such as a shape, is said where a quantity is first named.
    """
    nodes = {node.id: node for node in graph.nodes}
    inputs = inputs_of(list(nodes), graph.edges)
    unsaid = set(nodes)

    def named(id: str) -> str:
        if id not in unsaid:
            return writer.formula(nodes[id].label)
        unsaid.remove(id)
        return writer.node_text(nodes[id])

    used = {source for sources in inputs.values() for source in sources}
    yield from (
        f"{', '.join([named(source) for source in sources])} {arrow} {named(id)}"
        for id, sources in inputs.items()
        if sources
    )
    alone = (id for id, sources in inputs.items() if not sources and id not in used)
    yield from map(named, alone)


class _PlainWriter(TextWriter):
    """Writes blocks in one notation and one dialect."""

    paragraphs: Mapping[str, tuple[str, str]] = {
        "item": ("- ", "\n"),
        "label": ("  ", "\n"),
        "text": ("      ", "\n"),
    }

    def __init__(self, notation: Notation, translate: Translate, dialect: Dialect) -> None:
        super().__init__(notation, translate)
        self.dialect = dialect

    def heading(self, heading: Heading) -> str:
        return f"\n{self.sentence(heading.text)}\n"

    def sentence(self, sentence: Sentence) -> str:
        return self.text(super().sentence(sentence))

    def escaped(self, text: str) -> str:
        return self.text(printable(text))

    def text(self, text: str) -> str:
        return text if self.dialect == "unicode" else in_ascii(text)

    def equation(self, line: EquationLine) -> str:
        signs: Mapping[Relation, str] = {"=": "=", "←": self.text("←"), "≈": self.text("≈")}
        row = line_text(line, self.formula, signs)
        extents = [f"   {self.sentence(extent)}" for extent in present(line.extent)]
        return f"    {' '.join([row, *extents])}\n"

    def table(self, table: Table) -> str:
        rows = [[self.cell(cell) for cell in row] for row in (table.head, *table.rows)]
        return "\n".join(f"  {line.rstrip()}" for line in column_lines(rows)) + "\n"

    def graph(self, graph: Graph) -> str:
        lines = [self.sentence(graph.caption), *graph_lines(graph, self, self.text("→"))]
        return "".join(f"  {line}\n" for line in lines)

    def plot(self, plot: Plot) -> str:
        if plot.tabled:
            return ""
        caption = f"  {self.sentence(plot.caption)}\n"
        return caption + self.table(curve_samples(plot)) if plot.series else caption
