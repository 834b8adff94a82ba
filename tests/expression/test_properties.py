"""What holds for every tree and every text."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.expression.trees import (
    DERIVATIVES,
    FAMILIES,
    VOCABULARY,
    calls_of,
    notations,
    trees,
)
from tracer.errors import LanguageError, TracerError
from tracer.expression import (
    Assignment,
    Dialect,
    Name,
    Node,
    Notation,
    parse,
    parse_program,
    render,
    walk,
)

DIALECTS: tuple[Dialect, ...] = ("ascii", "unicode", "latex")
SIGNS = " \t\n+-*/^@()[]{},:=.'_|#&·−²³⁻₁₂½√∂ᵀηŷW'′θ损⁽¹⁾‹›×÷（，＝1230.5e\x00\x1b\u202e"
WORDS = [
    r"\frac",
    r"\frac{",
    r"\partial",
    r"\left(",
    r"\right)",
    r"\left|",
    r"\right|",
    r"\left[",
    r"\right]",
    r"\left.",
    r"\sqrt",
    r"\hat{",
    r"\hat",
    r"\mathrm{w\_1}",
    r"\mathrm{loss}",
    r"\text{a",
    r"b}",
    r"\operatorname{f}",
    r"\cdot",
    r"\times",
    r"\,",
    r"\;",
    r"\quad",
    r"\sigma",
    r"\eta",
    r"\theta_",
    r"^{(1)}",
    r"^{[l]}",
    r"^{",
    r"_{",
    r"_{12}",
    r"}",
    r"^{\top}",
    r"^T",
    r"\prime",
    r"\begin{bmatrix}",
    r"\end{bmatrix}",
    r"&",
    r"\\",
    r"\begin{matrix}",
    r"\end{matrix}",
    r"\mathtt{",
    r"\ln",
    r"\exp",
    r"e^",
    r"\frac12",
    r"\mathbin{@}",
    r"\foo",
    r"dloss/dw",
    r"∂L/∂w",
    r"h[0]",
    r"m[w]'",
    r"(W₁)₁₂",
    r"x²",
    r"softmax(",
    r"axis=1",
    r"x,",
    r"0,5",
    r"2x",
    r"**",
    r".T",
    r"[",
    r"]",
    r"[:",
    r"((",
    r"))",
    r"sigmoid",
    r"sigmoid(",
    r"pi",
    r"|x|",
    r"_{1,2}",
    r"_{{12}}",
    r"^{{}",
    r"{=}",
    r"\mathbf{W}",
    r"⁽²⁾",
    r"|₁",
    r"=",
    r"1e999",
    r"…",
    r"6/2(",
    r"--",
    r"1_0",
    r"\left.\frac{\partial",
]
texts = st.one_of(
    st.text(max_size=60),
    st.text(st.sampled_from(SIGNS), max_size=80),
    st.lists(st.sampled_from([*WORDS, *SIGNS, "x", "w", "+", "*"]), max_size=60).map("".join),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
)


def read(
    text: str, dialect: Dialect, names: Notation | None = None, known: Collection[str] = ()
) -> Node:
    """Return the tree of a text; `known` are further names of gradients and members."""
    return parse(
        text,
        dialect,
        vocabulary=VOCABULARY,
        names=names,
        derivatives={*DERIVATIVES, *(name for name in known if "/" in name)},
        families={*FAMILIES, *(name for name in known if "[" in name)},
    )


def check_error(error: TracerError, text: str) -> None:
    """Check that a message can be shown on a terminal and lies in the text."""
    message = str(error)
    assert message
    assert message.isprintable(), ascii(message)
    if isinstance(error, LanguageError):
        assert 0 <= error.start <= len(text)


def check_place(error: TracerError) -> None:
    """Check that an error in a program says where it is."""
    assert str(error.where).startswith("line ")


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(deadline=None)
@given(tree=trees(), notation=notations)
def test_what_is_printed_parses_to_the_same_tree(
    dialect: Dialect, tree: Node, notation: Notation | None
) -> None:
    text = render(tree, dialect, vocabulary=VOCABULARY, notation=notation)
    names = None if dialect == "ascii" else notation
    assert read(text, dialect, names) == tree, text


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(deadline=None)
@given(text=texts, notation=notations)
@example(text="‹0›", notation=None)
def test_any_text_ends_in_a_tree_that_prints_or_in_one_error(
    dialect: Dialect, text: str, notation: Notation | None
) -> None:
    names = None if dialect == "ascii" else notation
    try:
        tree = read(text, dialect, names)
    except TracerError as error:
        check_error(error, text)
        return
    for node in walk(tree):
        assert 0 <= node.start < node.end <= len(text), (text, node)
    printed = render(tree, dialect, vocabulary=VOCABULARY, notation=names)
    if len(printed) <= 4000:
        known = {node.id for node in walk(tree) if isinstance(node, Name)}
        again = read(printed, dialect, names, known if dialect == "ascii" else ())
        assert again == tree, (text, printed)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(deadline=None)
@given(text=texts, repeat=st.integers(1, 400))
def test_the_steps_grow_with_the_length_of_the_text(
    dialect: Dialect, text: str, repeat: int
) -> None:
    text = (text * repeat)[:4000]

    def read_once() -> None:
        with suppress(TracerError):
            read(text, dialect)

    assert calls_of(read_once) <= 60 * len(text) + 1000


@settings(deadline=None)
@given(
    lines=st.lists(
        st.one_of(
            texts,
            st.sampled_from(
                ("w = 1", "  y = x", "for t in range(3):", "  for k in range(1, 2, 3):", "# c",
                 "\tx = 1", "z = (1 +", "2)", "    h[t + 1] = h[t]", "ŷ = σ(w·x)", "")
            ),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_program_ends_in_statements_or_in_one_error_with_its_place(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        parse_program(text, vocabulary=VOCABULARY, derivatives=DERIVATIVES)
    except TracerError as error:
        check_error(error, text)
        if isinstance(error, LanguageError):
            check_place(error)


@settings(deadline=None)
@given(tree=trees())
def test_a_printed_equation_is_one(tree: Node) -> None:
    text = f"out = {render(tree, vocabulary=VOCABULARY)}"
    (read_back,) = parse_program(
        text, vocabulary=VOCABULARY, derivatives=DERIVATIVES, families=FAMILIES
    )
    assert isinstance(read_back, Assignment)
    assert read_back.value == tree
