"""What holds of every text: reading raises nothing, and each character keeps its place."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.check.model.statements import DocumentKind, WorkedDocument
from tracer.check.read.document_entry import read_document
from tracer.check.read.markdown_blocks import library_blocks, split_markdown
from tracer.check.read.tokens import tokenize_block
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


@settings(max_examples=400, deadline=None)
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


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.booleans())
def test_every_character_belongs_to_one_token(text: str, markdown: bool) -> None:
    tokens = tokenize_block(text, markdown=markdown)
    assert [*tokens.starts, len(text)] == [0, *tokens.ends]


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\ntext\nmore\n\n- a\n- b\n\n> q\n\n```\nx = 1\n```\n"
        "\n$$\na = 1\n$$\n\n| a |\n|---|\n| 1 |",
        "Title\n=====\n\ntext $a$\n\n1. one\n2. two\n",
    ],
)
def test_the_quick_reading_of_blocks_finds_what_the_library_finds(text: str) -> None:
    lines = text.split("\n")
    quick = [block[:3] for block in split_markdown(lines, 0, len(lines))]
    assert quick == [block[:3] for block in library_blocks(lines, 0, len(lines))]


LONG = [
    "(",
    ")",
    "[1 ",
    "(a=",
    "-",
    " ",
    "* ",
    "$a$ ",
    "`",
    "1,",
    "1+",
    "f(",
    "a=1 ",
    "[a](",
    "<",
    "为的是",
    "w is 1 and ",
    "w 为 1，",
]


@pytest.mark.proof  # a time, which other work on the machine disturbs
@pytest.mark.parametrize("sign", LONG)
def test_four_times_the_text_takes_no_more_than_some_eight_times_as_long(sign: str) -> None:
    def cost(lines: int) -> float:
        text = "\n".join([(sign * 4_000)[:3_900]] * lines)
        best = 9.0
        for _ in range(2):
            begin = time.process_time()
            _read(text, "md")
            best = min(best, time.process_time() - begin)
        return best

    short = max(cost(2), 0.02)
    assert cost(8) < 10 * short
