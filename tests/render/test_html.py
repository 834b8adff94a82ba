"""The HTML page: one file, well-formed, nothing from outside, everything escaped."""

# ruff: noqa: D103 - the name of a test may be its whole sentence

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.case_lists import sampled
from tests.expression.trees import VOCABULARY, notations, trees
from tests.render.blocks_to_render import (
    HOSTILE,
    NOTATION,
    SCENARIOS,
    chinese,
    graph,
    hostile_blocks,
    line,
    plot,
    scenario_blocks,
    tree,
)
from tracer.expression import Name, Node, Notation, render
from tracer.narrative.blocks import Block, Heading, Paragraph, Table
from tracer.operations import vocabulary
from tracer.render.html import html, mathml
from tracer.sentences import say

VOID = {"meta"}


class Reader(HTMLParser):
    """Checks that an HTML reader sees the same nesting as an XML reader."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that begins."""
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.seen.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        """Check that what ends is what began last."""
        assert self.open.pop() == tag


def page(*blocks: Block, title: str = "t") -> str:
    """Return the page of some blocks."""
    return "".join(html(blocks, NOTATION, title=title))


def body(*blocks: Block) -> str:
    """Return what stands in the page's main part."""
    return page(*blocks).split("<main>\n")[1].split("</main>")[0]


def check(text: str) -> ElementTree.Element:
    """Check a page and return its tree."""
    root = ElementTree.fromstring(text)
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    assert not reader.seen & {"script", "link", "iframe", "object", "embed", "img", "base", "form"}
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    assert not {name for name, _ in reader.attributes} & {"href", "src", "xlink:href", "action"}
    style = root.findtext("head/style") or ""
    assert "url(" not in style
    assert "@import" not in style
    addresses = re.findall(r"url\(([^)]*)\)", text)
    assert all(address.startswith("#") for address in addresses)
    ids = [item.get("id") for item in root.iter() if item.get("id")]
    assert len(ids) == len(set(ids))
    return root


def test_the_page_names_its_language_and_title() -> None:
    """For browsers and screen readers."""
    root = check("".join(html([], NOTATION, language="zh", title="a < b")))
    assert root.get("lang") == "zh"
    assert root.findtext("head/title") == "a < b"


def test_blocks_have_these_forms() -> None:
    """Headings, paragraphs, labels, lists."""
    words = [say("A & b.")]
    found = body(
        Heading(2, say("Two")),
        Paragraph(words),
        Paragraph(words, "label"),
        Paragraph(words, "item"),
        Paragraph(words, "item"),
    )
    assert found == (
        '<h2>Two</h2>\n<p>A &amp; b.</p>\n<p class="label">A &amp; b.</p>\n'
        "<ul>\n<li>A &amp; b.</li>\n<li>A &amp; b.</li>\n</ul>\n"
    )


def test_a_table_has_headers() -> None:
    """Each column's head says that it is one."""
    root = check(page(Table([say("a"), tree("w")], [["1", tree("2")], ["3", say("d")]])))
    heads = root.findall(".//thead/tr/th")
    assert [head.get("scope") for head in heads] == ["col", "col"]
    assert len(root.findall(".//tbody/tr/td")) == 4


def test_a_short_line_is_one_row_and_a_long_one_several() -> None:
    """Both say the whole line where MathML cannot be shown."""
    short = check(page(line("y_pred", "w * x", "0.5 * 1", "0.5"))).find(".//math")
    assert short is not None
    assert short.get("alttext") == "ŷ = w·x = 0.5·1 = 0.5"
    assert short.find("mtable") is None
    terms = " + ".join(f"0.123456 * {number}.5" for number in range(6))
    long = check(page(line("w", "w - x", terms, "2", arrow=True, follows=False)))
    rows = long.findall(".//mtable[@class='lines']/mtr")
    assert [row.findtext("mtd[2]/mrow/mo") for row in rows] == ["←", "=", "+", "≈"]
    assert ["".join(row[0].itertext()) for row in rows] == ["w", "", "", ""]


def test_pictures_are_in_the_page_with_words() -> None:
    """A title, a description and the caption below."""
    root = check(page(graph(), plot(), plot()))
    figures = root.findall(".//figure")
    assert [figure.find("svg/title") is not None for figure in figures] == [True] * 3
    assert [figure.findtext("svg/desc") for figure in figures] == [
        "A network; L is its loss.",
        "L falls.",
        "L falls.",
    ]
    assert all(figure.find("figcaption") is not None for figure in figures)
    assert {svg.get("role") for svg in root.iter("svg")} == {"img"}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_a_bundled_scenario_is_one_clean_page(name: str, language: str) -> None:
    """Well-formed, no script, no address."""
    blocks, notation = scenario_blocks(name)
    translate = chinese if language == "zh" else str
    text = "".join(html(blocks, notation, translate, language=language))
    check(text)
    assert "http" not in text


def test_hostile_text_stays_text() -> None:
    """It is read back as it was, but for unprintable signs."""
    root = check(page(*hostile_blocks(), title=HOSTILE))
    shown = HOSTILE.replace("\x1b", "␛").replace("\u202e", "�")
    assert root.findtext("body/main/h1") == shown
    assert root.findtext("head/title") == shown


@given(st.text(max_size=60))
def test_any_text_is_well_formed(text: str) -> None:
    """Whatever a user calls a scenario, in a heading, a cell and a title."""
    words = say("{text}", text=text)
    check(page(Heading(1, words), Table([words, text], [[text, words]]), title=text))


FORMULAS = [
    ("w * x", "<mrow><mi>w</mi><mo>⋅</mo><mi>x</mi></mrow>"),
    (
        "2 * x",
        '<mrow><mn>2</mn><mo>&#x2062;</mo><mspace width="0.17em"/><mi>x</mi></mrow>',
    ),
    (
        "0.1 * (-3)",
        '<mrow><mn>0.1</mn><mo>⋅</mo><mrow><mo fence="true" stretchy="false" form="prefix">('
        '</mo><mo form="prefix">−</mo><mn>3</mn><mo fence="true" stretchy="false" '
        'form="postfix">)</mo></mrow></mrow>',
    ),
    ("w / x", "<mfrac><mi>w</mi><mi>x</mi></mfrac>"),
    ("x**2", "<msup><mi>x</mi><mn>2</mn></msup>"),
    ("W1**2", "<msubsup><mi>W</mi><mn>1</mn><mn>2</mn></msubsup>"),
    (
        "W1.T @ x",
        '<mrow><msubsup><mi>W</mi><mn>1</mn><mi mathvariant="normal">⊤</mi></msubsup>'
        "<mo>@</mo><mi>x</mi></mrow>",
    ),
    ("w @ 2", "<mrow><mi>w</mi><mo>@</mo><mn>2</mn></mrow>"),
    ("y_pred", '<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>'),
    (  # a hat is an accent, and the sign behind it joins two numbers
        "y_pred + 1",
        '<mrow><mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>'
        "<mo>+</mo><mn>1</mn></mrow>",
    ),
    ("learning_rate", "<mi>η</mi>"),
    (
        "dloss/dw",
        "<mfrac><mrow><mi>∂</mi><mi>L</mi></mrow><mrow><mi>∂</mi><mi>w</mi></mrow></mfrac>",
    ),
    ("x[0]", "<msub><mi>x</mi><mn>1</mn></msub>"),
    ("x[0, 11]", "<msub><mi>x</mi><mrow><mn>1</mn><mo>,</mo><mn>12</mn></mrow></msub>"),
    (
        "1e-12",
        '<mrow><mn>1</mn><mi mathvariant="normal">e</mi><mrow><mo form="prefix">−</mo>'
        "<mn>12</mn></mrow></mrow>",
    ),
    ("sqrt(x)", "<msqrt><mi>x</mi></msqrt>"),
    (
        "tanh(x)",
        '<mrow><mi mathvariant="normal">tanh</mi><mo>&#x2061;</mo><mrow><mo fence="true" '
        'stretchy="false" form="prefix">(</mo><mi>x</mi><mo fence="true" stretchy="false" '
        'form="postfix">)</mo></mrow></mrow>',
    ),
    (
        "[[1], [2]]",
        '<mrow><mo fence="true" form="prefix">[</mo><mtable><mtr><mtd><mn>1</mn></mtd></mtr>'
        '<mtr><mtd><mn>2</mn></mtd></mtr></mtable><mo fence="true" form="postfix">]</mo></mrow>',
    ),
]


@pytest.mark.parametrize(("text", "expected"), FORMULAS)
def test_a_formula_has_this_mathml(text: str, expected: str) -> None:
    shown = render(tree(text), "latex", vocabulary=vocabulary(), notation=NOTATION)
    assert mathml(shown) == expected


def test_a_word_before_a_sign_keeps_its_space() -> None:
    """A browser trims the text of an element, but for spaces that break no line."""
    assert mathml(r"x_{\text{via }z}").endswith("<mtext>via&#xA0;</mtext><mi>z</mi></mrow></msub>")


@given(trees(), notations)
@example(Name("a''"), Notation({"a": "W^{(1)}"}))
def test_every_formula_is_well_formed(node: Node, notation: Notation | None) -> None:
    """One element, in which fractions and scripts have as many parts as they must."""
    shown = render(node, "latex", vocabulary=VOCABULARY, notation=notation)
    root = ElementTree.fromstring(f"<math>{mathml(shown)}</math>")
    assert len(root) == 1
    parts = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "mover": 2, "munder": 2}
    for item in root.iter():
        assert len(item) == parts.get(item.tag, len(item)), item.tag


@given(st.text("\\{}()[]&_^' -ab1", max_size=30))
def test_latex_of_a_scenario_that_does_not_close_its_brackets_is_drawn(text: str) -> None:
    ElementTree.fromstring(f"<math>{mathml(text)}</math>")
