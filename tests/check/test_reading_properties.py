"""Whatever the text: reading ends, raises nothing but TracerError, and places point at the text."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.check.reading.document import read_document
from tracer.check.written import Chain, Document, Kind
from tracer.errors import TracerError
from tracer.expression import walk

KINDS: list[Kind] = ["md", "txt", "tex", "py", "ipynb"]

FRAGMENTS = [
    *"yw=≈→←+-*/×^²()[]{}|&$`\\#%@<>,.;:'\"?_…，。：＝％½√∑‖١Ⅷ①⁺\t\r\x00\x1b\u2028\ufeff",
    *["0.5", "2.25", " ", "  ", "\n", "\n\n", "$$", "\\(", "\\)", "\\[", "\\]", "```\n", "    "],
    *["```python\n", "- ", "1. ", "\\begin{align}", "\\end{align}", "&=", "\\\\", "\\frac{1}{2}"],
    *["\\text{a b}", "损失", "为 0.5", "**", "____", ":=", "...", "<!-- tracer: scenario=a -->"],
    *["<b>", "|---|", "\n---\n", "iteration 2", "w 为 0.5", "learning rate of 0.1", "ŷ", "y\u0302"],
    *["def f(x):", "print(y)", "dL/dw", "\\boxed{", "\\_\\_", "&nbsp;", "&times;", "0,5", "1.2.3"],
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join),
    st.text(max_size=200),
)


def check_places(document: Document) -> None:
    """Assert that each character of each member is the one at its place in the raw text."""
    for chain in document.chains():
        for member in chain.members:
            assert len(member.text) == len(member.rows) == len(member.columns) > 0
            for sign, row, column in zip(member.text, member.rows, member.columns, strict=True):
                # Blanks stand for markup and line ends, a null for a formula in between, and
                # `×` may be written `&times;`.
                assert sign in " \n\x00×−·÷≈<>&" or document.lines[row - 1][column] == sign
            place = member.span()
            assert 0 <= place.start < place.end <= len(document.lines[place.line - 1]) + 1
            for node in walk(member.node) if member.node is not None else ():
                assert 0 <= node.start < node.end <= len(member.text)
    for note in document.unread:
        assert 0 <= note.span.start < note.span.end <= len(document.lines[note.span.line - 1]) + 1


@given(TEXTS, st.sampled_from(KINDS))
def test_any_text_is_read_without_a_fault(text: str, kind: Kind) -> None:
    with suppress(TracerError):
        check_places(read_document(text, kind))


@given(
    st.lists(st.sampled_from(["w", "y_pred", "2.5", "0.1", "(0.5 - 2)"]), min_size=2, max_size=5)
)
def test_the_members_of_a_line_are_found_where_they_stand(members: list[str]) -> None:
    line = "计算：" + " = ".join(members) + "。"
    chains = list(read_document(line, "txt").chains())
    if chains:  # `y_pred = w` alone is read too; only a lone pair of words would not be
        (chain,) = chains
        assert [member.text for member in chain.members] == members
        assert [
            line[place.start : place.end] for place in (each.span() for each in chain.members)
        ] == members


HOSTILE = {
    "equals signs": "=\n" * 19_999,
    "equations": "a = 1\n" * 19_999,
    "environments": "\\begin{align}\n\n" * 9_999,
    "brackets of formulas": "\\[\n\n" * 9_999,
    "dollars": "$a " * 100_000,
    "double dollars": "$$\n\n" * 9_999,
    "open brackets": "y = " + "(" * 3_900,
    "nested equations": ("y = " + "(a=1," * 500 + ")" * 500 + "\n") * 20,
    "nested brackets": ("y = " + "(" * 1_900 + "1" + ")" * 1_900 + " = 3\n") * 20,
    "blanks": (" " * 3_900 + "= 1\n") * 100,
    "backticks": "".join("`" * (count % 50 + 1) + " " for count in range(20_000)),
    "braces": "$$\n" + ("y = " + "{" * 1_900 + "}" * 1_900 + "\n") * 20 + "$$\n",
    "fractions": "$" + "\\frac{d" * 500 + "$ = 1",
    "subscripts": ("a_{" * 1_200 + " = 1\n") * 50,
    "quotes": "> " * 1_900 + "a = 1",
    "hashes": ("y = 1 " + "# " * 1_900 + "\n") * 50,
    "open arrays": "y = [1\n" * 19_999,
    "long digits": ("1" * 3_990 + " = 1\n") * 50,
    "long words": ("a" * 3_990 + " = 1\n") * 50,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["md", "txt", "tex"])
def test_hostile_text_takes_time_in_line_with_its_length(name: str, kind: Kind) -> None:
    """Each takes well under a second; what grows with the square would take minutes."""
    start = time.thread_time()
    document = read_document(HOSTILE[name], kind)
    assert time.thread_time() - start < 8
    assert all(isinstance(item, Chain) or item for item in document.items)
