"""What holds of every text: reading raises nothing, and each character keeps its place."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.check.model.statements import DocumentKind, WorkedDocument
from tracer.check.read.document_entry import read_document
from tracer.check.read.text_blocks import MarkdownBlocks
from tracer.check.read.tokenizer import tokenize_block
from tracer.errors import TracerError

PIECES = [
    *["=", "≈", " ", "  ", "\n", "\n\n", "1", "0.5", "2,359", "w", "x", "loss", "dL/dw", "∂L/∂w"],
    *["\\frac{", "}", "{", "$", "$$", "\\(", "\\)", "`", "```\n", "**", "*", "_", "^", "(", ")"],
    *["[", "]", "||", "+", "-", "·", "/", "→", "<", ">", "log_2", "np.log", "σ'", "²", "₂", "%"],
    *["M", "万", "为", "损失", "梯度", "的", "对", "is", "of the", "gradient of", "\\\\", "&"],
    *["\\begin{align}", "\\end{align}", "\\text{", "\\boxed{", "_{", "\\sum", "...", "!", ".", ","],
    *["，", "。", ":", "# ", "- ", "> ", "1. ", "<sub>1</sub>", "&times;", "![a](b)", "cm", "m"],
    *["\u200b", "\ud800", "\x00", "-=", ":=", "import x\n", "after 3 iterations", "| a |\n|---|\n"],
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60)
KINDS: list[DocumentKind] = ["md", "txt", "tex", "py"]


def _read(text: str, kind: DocumentKind) -> WorkedDocument | None:
    try:
        return read_document(text, kind)
    except TracerError:
        return None


@settings(deadline=None)
@given(TEXTS, st.sampled_from(KINDS))
def test_each_character_of_a_side_stands_where_it_says(text: str, kind: DocumentKind) -> None:
    document = _read(text, kind)
    for chain in document.chains() if document is not None else ():
        for side in chain.sides:
            written = side.written
            places = list(zip(written.lines, written.columns, strict=True))
            assert places == sorted(places)
            for sign, (line, column) in zip(written.text, places, strict=True):
                raw = document.lines[line - 1] if document is not None else ""
                assert sign == "\n" or raw[column] == sign
            for tree in side.readings:
                assert 0 <= tree.start <= tree.end <= len(written.text)


@settings(deadline=None)
@given(TEXTS, st.booleans())
def test_every_character_belongs_to_one_token(text: str, markdown: bool) -> None:
    tokens = tokenize_block(text, markdown=markdown)
    assert [*tokens.starts, len(text)] == [0, *tokens.ends]


# A text, and the kind of each of its rows: prose, heading, table, formula, code, verbatim, or not.
BLOCKS = [
    ("# A\n\ntext\nmore\n\n- a\n- b\n\n> q", "h.pp.pp.p"),
    ("Title\n=====\n\ntext $a$\n\n1. one\n2. two", "h..p.pp"),
    ("```\nx = 1\n```\n\n$$\na = 1\n$$\n\n| a |\n|---|\n| 1 |", ".v..fff.ttt"),
    ("text\n\n    x = 1\n\n    y = 2\n\nmore", "p.vvv.p"),
    ("text\n    that goes on", "pp"),
    ("\tx = 1", "v"),
    ("- item\n\n  goes on\n\n      x = 1\n\nmore", "p.p.v.p"),
    ("1. item\n    - inner\n\n    - other\n\n          x = 1", "pp.p.v"),
    ("- item\n\n  ```python\n  x = 1\n  ```\n- other", "p..c.p"),
    ("> ### A\n>\n> text\n> $$\n> a = 1\n> $$", "h.pfff"),
    ("> ```\n> x = 1\n> ```\n> text", ".v.p"),
    ("> > text", "p"),
    ("1. $$\n   a = 1\n   $$", "fff"),
]


@pytest.mark.parametrize(("text", "kinds"), BLOCKS)
def test_a_markdown_text_is_cut_into_its_blocks(text: str, kinds: str) -> None:
    lines = text.split("\n")
    found = ["."] * len(lines)
    for block in MarkdownBlocks(lines, len(lines)).read(0):
        for row in range(block.first, block.last):
            found[row] = block.kind[0]
    assert "".join(found) == kinds


HOSTILE = [
    *[
        "(",
        ")",
        "[1 ",
        "((a",
        "{",
        "\\frac{",
        "\\left(",
        "\\sum_{i=1}^{",
        "^{",
        "\\",
        "\\\\ ",
        "\\_",
    ],
    *[
        "$",
        "$$",
        "$a$ ",
        "`",
        "*",
        "* ",
        "_",
        "|",
        "|a",
        "||",
        "=",
        "=1",
        "a=1 ",
        "a=1,",
        "x=1 y=2 ",
    ],
    *[
        "1",
        "0.",
        "1,",
        "1+",
        "-",
        " ",
        "f(",
        "a(1-",
        "round(",
        "h'",
        "<",
        "<sub>",
        "[a](",
        "![",
        "&",
    ],
    *["→", "1 → ", "1 = 1 → ", "Σ", "∂L/∂", "d/dx ", "为的是", "权重为", "w is 1 and ", "w 为 1，"],
    *[
        "the gradient of ",
        "not ",
        "if ",
        "after 3 iterations ",
        "import ",
        "#a=1 ",
        "\ud800",
        "\x00",
    ],
]
"""What makes a reader slow that looks for the end of everything again and again."""


def _hostile_texts(sign: str, size: int) -> list[str]:
    """Return texts of a size in characters: long lines, short lines, paragraphs, one equation."""
    line = (sign * 4_000)[:3_900]
    short = (sign * 50)[:48]
    rows, pairs = max(size // 3_900, 1), size // 50
    return [
        "\n".join([line] * rows),
        "\n".join([short] * pairs)[:size],
        "\n\n".join([short] * pairs)[:size],
        "\n".join([f"y = 1 {line[:3_800]} = 2"] * rows),
    ]


def _processor_time(text: str, kind: DocumentKind) -> float:
    begin = time.process_time()
    _read(text, kind)
    return time.process_time() - begin


@pytest.mark.parametrize(
    "sign",
    [
        "((a",
        "\\sum_{i=1}^{",
        "w is 1 and ",
        *(pytest.param(sign, marks=pytest.mark.proof) for sign in ("a=1,", "$a$ ", "|", "权重为")),
    ],
)
def test_a_page_of_one_sign_is_read_at_once(sign: str) -> None:
    for text in _hostile_texts(sign, 4_000):
        assert _processor_time(text, "md") < 2


def test_of_too_much_mathematics_the_rest_is_noted_and_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tracer.check.read.reader.MAX_SIDES", 100)
    document = _read("\n\n".join(["a = 1, b = 2"] * 90), "md")
    assert document is not None
    assert 100 < sum(len(chain.sides) for chain in document.chains()) < 110
    assert [piece.reason for piece in document.unread] == ["limit"]


@pytest.mark.proof  # times, which other work on the machine disturbs
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sign", HOSTILE)
def test_four_times_the_text_takes_little_more_than_four_times_as_long(
    sign: str, kind: DocumentKind
) -> None:
    size = 75_000 if sign == "\ud800" else 240_000
    for short, long in zip(_hostile_texts(sign, size), _hostile_texts(sign, 4 * size), strict=True):
        cost = _processor_time(long, kind)
        assert cost < 2 or cost < 6 * _processor_time(short, kind)


@pytest.mark.proof
@settings(max_examples=20_000, deadline=None)
@given(TEXTS, st.sampled_from(KINDS))
def test_no_text_raises_anything_but_a_message(text: str, kind: DocumentKind) -> None:
    _read(text, kind)
