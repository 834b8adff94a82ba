"""Markdown as GitHub reads it: Markdown first, mathematics in what is left."""

# ruff: noqa: D103 - the name of a test may be its whole sentence

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from markdown_it import MarkdownIt
from markdown_it.token import Token

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
from tracer.expression import Call, Name, Node, Notation, parse, render, walk
from tracer.narrative.blocks import Block, EquationLine, Heading, Paragraph, Plot, Table
from tracer.narrative.words import extent_sentence
from tracer.operations import vocabulary
from tracer.render.markdown import escape_markdown, markdown, safe_formula
from tracer.sentences import Code, say


def text_of(*blocks: Block) -> str:
    """Return the Markdown of some blocks."""
    return "".join(markdown(blocks, NOTATION))


def tokens(text: str) -> Iterator[Token]:
    """Yield what a Markdown reader that knows tables makes of a text; HTML would be seen."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for token in reader.parse(text):
        yield token
        yield from token.children or ()


def kinds(text: str) -> list[str]:
    """Return the kinds of tokens of a text."""
    return [token.type for token in tokens(text)]


def read(text: str) -> str:
    """Return what is left for mathematics to look at."""
    return "\n".join(
        token.content for token in tokens(text) if token.type in ("text", "fence", "code_inline")
    )


SAFE = [
    (r"W_{1}\,x", r"W_{1}\thinspace x"),
    (r"\hat{y}_{1} + (W_{1})_{12}", r"\hat{y}_ {1} + (W_{1})_ {12}"),
    (r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}", r"\begin{bmatrix} 1 \cr 2 \end{bmatrix}"),
    (r"\operatorname{leaky\_relu}(z)", r"\mathrm{leaky\ relu}(z)"),
    (r"\mathrm{w\_1}", r"\mathrm{w\ 1}"),
    (r"\left|x\right|", r"\left\lvert x\right\rvert"),
    (r"\left|x\right| + y", r"\left\lvert x\right\rvert  + y"),
    (
        r"\left.\frac{\partial L}{\partial w}\right|_{1}",
        r"\left.\frac{\partial L}{\partial w}\right\rvert _ {1}",
    ),
    (r"x^{2} - y", r"x^{2} - y"),
]


@pytest.mark.parametrize(("before", "after"), SAFE)
def test_a_formula_has_only_commands_that_markdown_leaves_alone(before: str, after: str) -> None:
    assert safe_formula(before) == after


@given(trees(), notations)
def test_a_safe_formula_still_reads_as_the_same_tree(node: Node, notation: Notation | None) -> None:
    """Of functions that are known: an unknown one is told from a product only by its command."""
    used = {part.operation for part in walk(node) if isinstance(part, Call)}
    assume(not used & {"f", "foo", "loss_of"})
    text = render(node, "latex", vocabulary=VOCABULARY, notation=notation)
    assume(r"\#" not in text and r"\mathtt" not in text)
    derivatives = {part.id for part in walk(node) if isinstance(part, Name) and "/" in part.id}
    read_back = parse(
        safe_formula(text), "latex", vocabulary=VOCABULARY, derivatives=derivatives, names=notation
    )
    assert read_back == node


@given(trees(depth=3), trees(depth=3))
def test_markdown_takes_nothing_from_two_formulas_in_a_row(one: Node, other: Node) -> None:
    """Neither a backslash nor a pair of `_` is read as Markdown's."""
    formulas = [safe_formula(render(node, "latex", vocabulary=VOCABULARY)) for node in (one, other)]
    text = f"first ${formulas[0]}$ and then ${formulas[1]}$."
    assert [token.content for token in tokens(text) if token.type == "text"] == [text]


ESCAPED = [
    ("a_b *c* [d](e)", r"a\_b \*c\* \[d\](e)"),
    ("$5 < $6 | `x`", r"\$5 \< \$6 \| \`x\`"),
    ("two\nlines &amp;", r"two lines \&amp;"),
    ("\x1b[0m", r"␛\[0m"),
    ("单词 ~ #", r"单词 \~ \#"),
]


@pytest.mark.parametrize(("text", "expected"), ESCAPED)
def test_a_users_text_is_taken_literally(text: str, expected: str) -> None:
    assert escape_markdown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("--focus 'W_q[0]'", "`--focus 'W_q[0]'`"), ("a`b", r"a\`b"), ("a\nb", "a b")],
)
def test_what_is_typed_is_code(text: str, expected: str) -> None:
    """A command in a sentence is copied as it stands."""
    assert "".join(markdown([Paragraph([say("{it}", it=Code(text))])], NOTATION)) == (
        f"{expected}\n\n"
    )


def test_a_short_line_is_one_formula() -> None:
    """The first line of the first derivation."""
    found = text_of(line("y_pred", "w * x", "0.5 * 1", "0.5"))
    assert found == "$$\\hat{y} = w \\cdot x = 0.5 \\cdot 1 = 0.5$$\n\n"


def test_what_says_the_same_twice_is_left_out() -> None:
    """Numbers put in that are the formula, and a result that is the numbers."""
    assert text_of(line("w", "2", "2", "2")) == "$$w = 2$$\n\n"
    assert text_of(line("w", "x", "2", "2")) == "$$w = x = 2$$\n\n"


def test_updates_have_an_arrow_and_lines_that_do_not_follow_say_so() -> None:
    """The arrow stands once, `≈` only before the result."""
    found = text_of(line("w", "w - 0.1 * x", "1 - 0.1 * 3", "0.7", arrow=True, follows=False))
    assert found == ("$$w \\leftarrow w - 0.1\\thinspace x = 1 - 0.1 \\cdot 3 \\approx 0.7$$\n\n")


def test_a_long_line_is_aligned_at_its_signs() -> None:
    """One row a member; what is longer than a row breaks before a plus."""
    terms = " + ".join(f"0.123456 * {number}.654321" for number in range(6))
    found = text_of(line("loss", "w * x + y", terms, "1.5"))
    rows = found.split("\n")
    assert rows[:2] == ["$$", "\\begin{aligned}"]
    assert rows[2] == "L &= w \\cdot x + y \\cr"
    assert rows[3].startswith("&= 0.123456 \\cdot 0.654321 + ")
    assert rows[4].startswith("&\\quad {} + 0.123456")
    assert rows[-5:] == ["&= 1.5", "\\end{aligned}", "$$", "", ""]
    assert max(map(len, rows)) < 110


def test_formulas_stand_apart_from_letters() -> None:
    """GitHub shows no formula whose dollar sign touches a letter or a digit."""
    words = say("在{name}处（{name}）is {name}5", name=Name("w"))
    assert text_of(Paragraph([words])) == "在 $w$ 处（ $w$）is $w$ 5\n\n"
    row = say("第一行。"), say("{name}是数。", name=Name("w"))
    assert text_of(Paragraph([*row])) == "第一行。 $w$ 是数。\n\n"


def test_a_network_is_a_mermaid_block_with_its_caption() -> None:
    """The drawing and what it says."""
    found = text_of(graph())
    assert found.startswith("```mermaid\nflowchart LR\n    accDescr: A network, L is its loss.\n")
    assert found.endswith("\n```\n\nA network; $L$ is its loss.\n\n")


def test_a_plot_is_a_picture_where_the_caller_writes_one() -> None:
    """Its alternative text is the caption without markup; a name with spaces is quoted."""
    written: list[Plot] = []

    def picture(block: Plot) -> str:
        written.append(block)
        return "my loss (1).svg"

    found = "".join(markdown([plot()], NOTATION, picture=picture))
    assert found == "![L falls.](my%20loss%20%281%29.svg)\n\n$L$ falls.\n\n"
    assert len(written) == 1


def test_a_plot_without_a_picture_is_some_of_its_points() -> None:
    """Nothing is lost where no file can be written."""
    assert text_of(plot()) == (
        "$L$ falls.\n\n| iteration | $L$ |\n|---|---|\n| $1$ | $4$ |\n| $2$ | $2$ |\n"
        "| $3$ | $1$ |\n\n"
    )


def test_hostile_text_stays_text() -> None:
    """No HTML, link, picture, emphasis or further block comes out of a user's text."""
    text = text_of(*hostile_blocks())
    found = kinds(text)
    assert not {"html_block", "html_inline", "link_open", "image", "em_open", "s_open"} & {*found}
    assert found.count("heading_open") == 1
    assert found.count("bullet_list_open") == 1
    assert found.count("list_item_open") == 2
    assert "ordered_list_open" not in found
    assert found.count("table_open") == 2  # the other is the plot's
    assert found.count("fence") == 1
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_hostile_text_is_read_back_as_it_was() -> None:
    """A heading's text after Markdown is the user's, but for spaces and unprintable signs."""
    words = " ".join(HOSTILE.split())
    shown = words.replace("\x1b", "␛").replace("\u202e", "�").replace("\ue000", "�")
    assert read(text_of(Heading(1, say("{text}", text=HOSTILE)))) == shown


def test_a_cell_keeps_its_bars_to_itself() -> None:
    """`|` in a formula or a text does not end a cell."""
    found = text_of(Table(["a|b", tree("abs(x)")], [[tree("abs(x)"), "c|d"]]))
    assert [token for token in kinds(found) if token in ("th_open", "td_open")] == (
        ["th_open"] * 2 + ["td_open"] * 2
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_github_gets_every_formula_as_it_was_written(name: str, language: str) -> None:
    """What Markdown leaves of a derivation has each formula, sign for sign, and no HTML."""
    blocks, notation = scenario_blocks(name)
    text = "".join(markdown(blocks, notation, chinese if language == "zh" else str))
    left = read(text)
    found = kinds(text)
    assert not {"html_block", "html_inline", "em_open", "link_open"} & {*found}
    formulas = re.findall(r"(?<!\\)\$\$(.+?)\$\$|(?<!\\)\$(.+?)\$", text, re.DOTALL)
    assert len(formulas) > 10
    for display, inline in formulas:
        assert (display or inline) in left
        assert "operatorname" not in display + inline
    # GitHub's rule for a dollar sign inside a line.
    assert not re.search(
        r"(?<![\s(|$\\])\$(?=[^\s$][^$\n]*\$[\s|])", re.sub(r"\$[^$\n]+\$", "", text)
    )


def test_every_operation_reads_back_from_markdown() -> None:
    r"""`\mathrm` in place of `\operatorname` still names the operation."""
    words = vocabulary()
    for operation, look in words.looks.items():
        if look.form == "constant" or operation == "gelu_tanh":
            continue  # the look of gelu_tanh has a subscript, which the parser does not read
        call = Call(operation, (Name("x"),))
        text = safe_formula(render(call, "latex", vocabulary=words))
        assert parse(text, "latex", vocabulary=words) == call, text


def test_the_value_of_a_large_array_is_told_in_words() -> None:
    """Its shape and range follow the formula."""
    extent = extent_sentence([-1.0, 2.0, 2.0], (20, 3), 6)
    assert text_of(EquationLine(tree("w"), tree("x"), extent=extent)) == (
        "$$w = x$$\n\n20 × 3: $-1$, …, $2$; entries from $-1$ to $2$, norm $3$.\n\n"
    )
