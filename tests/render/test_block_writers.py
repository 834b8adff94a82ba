"""What all formats have in common: every kind of block, and sentences one after the other."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import pytest

from tests.render.blocks_to_render import NOTATION, graph, line, plot, tree
from tracer.commands import output
from tracer.expression.syntax import Display
from tracer.narrative.blocks import Block, Heading, Paragraph, Table
from tracer.narrative.catalogue import catalogue
from tracer.option_limits import FORMATS
from tracer.render.block_writer import SentenceWriter
from tracer.render.html import html
from tracer.render.latex import latex
from tracer.render.line_writer import LineWriter
from tracer.render.markdown import markdown
from tracer.render.mathematics import Mathematics, Words
from tracer.render.plain import plain
from tracer.render.terminal import terminal
from tracer.sentences import say

KINDS: dict[str, Block] = {
    "heading": Heading(2, say("Forward")),
    "text": Paragraph([say("Forward")]),
    "label": Paragraph([say("Forward")], kind="label"),
    "item": Paragraph([say("Forward")], kind="item"),
    "equation": line("y_pred", "w * x", "2 * 3", "6"),
    "table": Table([say("Forward")], [["1"]]),
    "graph": graph(),
    "plot": plot(),
}


def on_terminal(blocks: Iterable[Block]) -> str:
    """Return what a terminal of 80 columns shows."""
    file = io.StringIO()
    terminal(blocks, NOTATION, width=80, color=False, file=file)
    return file.getvalue()


def on_screen(blocks: Iterable[Block], columns: int = 80) -> str:
    """Return what the interface shows."""
    writer = LineWriter(Mathematics(NOTATION, Words(unicode=True)), columns)
    lines = (line for block in blocks for line in writer.following(block))
    return "\n".join("".join(text for text, _ in line) for line in lines)


WRITERS: dict[str, Callable[[Iterable[Block]], str]] = {
    "terminal": on_terminal,
    "markdown": lambda blocks: "".join(markdown(blocks, NOTATION)),
    "latex": lambda blocks: "".join(latex(blocks, NOTATION)),
    "html": lambda blocks: "".join(html(blocks, NOTATION)),
    "plain": lambda blocks: "".join(plain(blocks, NOTATION)),
    "screen": on_screen,
}


def test_every_format_has_a_writer() -> None:
    """What can be asked for is written here, but JSON, which holds no blocks."""
    lacking = FORMATS.keys() - {"json"} - WRITERS.keys()
    assert not lacking, "their writers are to be in WRITERS, in this file"
    assert output.WRITERS.keys() == FORMATS.keys()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", WRITERS)
def test_every_format_renders_every_kind_of_block(name: str, kind: str) -> None:
    """A block adds to what is written, and takes nothing from the block before it."""
    write = WRITERS[name]
    before, after = write([KINDS["text"]]), write([KINDS["text"], KINDS[kind]])
    assert "Forward" in before
    assert len(after) > len(before)


@pytest.mark.parametrize("columns", [24, 40, 41, 60])
def test_words_of_a_table_stay_within_the_screen(columns: int) -> None:
    """What has no room in the last column goes on below, and nothing is left out."""
    head = [say("Forward"), say("Loss"), say("Backward")]
    rows = [["w", "a first cell", "as many words as no screen has room for " * 3]]
    lines = on_screen([Table(head, rows)], columns).splitlines()
    assert max(map(len, lines)) <= columns
    assert " ".join(lines).split().count("room") == 3


def test_a_full_width_stop_needs_no_space_behind_it() -> None:
    """Sentences are apart by a space in English, by their stops alone in Chinese."""
    sentences = [say("Epoch {epoch}.", epoch=1), say("Epoch {epoch}.", epoch=2)]
    assert SentenceWriter(NOTATION).joined(sentences) == "Epoch 1. Epoch 2."
    chinese = SentenceWriter(NOTATION, catalogue("zh")).joined(sentences)
    assert " " not in chinese.split("。", 1)[1][:1]


def test_the_way_of_a_share_is_named_in_the_language() -> None:
    """The word for `via` is the language's, as the words around it are."""
    share = Display("through", (tree("w"), tree("x")), "via")
    assert SentenceWriter(NOTATION).formula(share) == "(w)_{via x}"
    assert SentenceWriter(NOTATION, catalogue("zh")).formula(share) == "(w)_{经 x}"
