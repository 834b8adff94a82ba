"""A format that draws no curves leaves out headings with nothing else below them."""

from __future__ import annotations

from tracer.expression.notation import Notation
from tracer.narrative.blocks import Block, Heading, Paragraph, Plot
from tracer.render.markdown import markdown
from tracer.render.plain import plain
from tracer.sentences import say

CURVE = Plot(say("caption"), say("x"), say("y"), [], tabled=True)
PAGE: list[Block] = [
    Heading(1, say("title")),
    Heading(2, say("curves")),
    CURVE,
    Heading(2, say("words")),
    Paragraph([say("text")]),
    Heading(2, say("last")),
    CURVE,
]


def test_a_heading_stands_only_above_something() -> None:
    """The curves are left out in text, and their headings with them; the title stays."""
    for text in ("".join(markdown(PAGE, Notation())), "".join(plain(PAGE, Notation()))):
        lines = [line.strip("# ") for line in text.split("\n") if line]
        assert lines == ["title", "words", "text"]


def test_a_drawn_curve_keeps_its_heading() -> None:
    """Where a picture is written the section is there."""
    text = "".join(markdown(PAGE, Notation(), picture=lambda plot: "curve.svg"))
    assert text.count("## ") == 3
