"""The terminal form: exact output, and what holds for all blocks, widths and colours."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import io
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import tracer
from tests.expression.trees import trees
from tracer import text_width
from tracer.expression import Name, Node, Notation, parse
from tracer.expression.syntax import Display
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Graph,
    GraphNode,
    Heading,
    Paragraph,
    Plot,
    Series,
    Table,
    equality,
)
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.operations.numbers import number_node
from tracer.render.terminal import terminal
from tracer.sentences import Sentence, say

RENDER = Path(tracer.__file__).parent / "render"
NOTATION = Notation(
    {"y_pred": "ŷ"},
    loss="loss",
    taken={*"abcdwxyh", "y_pred", "loss", "W1", "b1", "损失", "learning_rate"},
)


def test_all_that_is_said_of_an_equation_stands_in_its_column() -> None:
    """The rules, the meaning of a sign, and the reason; what begins anew stands at the left."""
    equation = EquationLine(Name("x"), Name("y_pred"))
    texts = [Paragraph([say("{words}", words=word)]) for word in ("rules", "sign", "reason")]
    label = Paragraph([say("Loss")], kind="label")
    lines = shown(texts[0], equation, *texts, label, texts[0])
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    assert indents == [0, 4, 4, 4, 4, 0, 0]


def test_words_and_names_below_another_have_no_braces() -> None:
    """`(∂L/∂W)_{via z₁}` and `v_{W₁}` are for a reader of text, not of a drawing."""
    share = Display("through", (Name("w"), Name("W1")), "via")
    entry = say("One entry of {x} in full:", x=share)
    below = Display("below", (Name("x"), Name("b1")))
    assert shown(Paragraph([entry])) == ["One entry of (w) via W₁ in full:"]
    assert shown(Paragraph([say("{x}", x=below)])) == ["x_b₁"]


def test_a_matrix_in_a_table_is_drawn_and_its_row_stands_apart() -> None:
    matrix = parse("[[10.25, 20.5], [40, 50]]")
    rows: list[list[Cell]] = [
        ["X", matrix],
        ["y", number_node("1")],
        ["z", Display("rounded", (matrix,))],
    ]
    table = Table([say("name"), say("value")], rows)
    assert shown(table, width=23)[2:] == [
        "X     ⎡10.25  20.5⎤",
        "      ⎣40     50  ⎦",
        "",
        "y     1",
        "",
        "z     ≈ ⎡10.25  20.5⎤",
        "        ⎣40     50  ⎦",
    ]


def shown(*blocks: Block, width: int = 60, unicode: bool = True, color: bool = False) -> list[str]:
    """Return the lines that are printed."""
    file = io.StringIO()
    terminal(blocks, NOTATION, width=width, unicode=unicode, color=color, file=file)
    text = file.getvalue()
    assert text.endswith("\n") or not text
    return text.split("\n")[:-1]


def tree(text: str) -> Node:
    return parse(text, derivatives={"dloss/dw"})


def words(text: str) -> Paragraph:
    return Paragraph([say("{text}", text=text)])


# Words


def test_headings_are_underlined_as_wide_as_they_are() -> None:
    assert shown(Heading(1, say("Ab")), Heading(2, say("中文")), Heading(3, say("c"))) == [
        "Ab",
        "══",
        "",
        "中文",
        "────",
        "",
        "c",
    ]
    assert shown(Heading(1, say("Ab")), unicode=False) == ["Ab", "=="]


def test_an_exponent_is_spelled_in_ascii() -> None:
    assert shown(words("at least 10⁻¹²"), unicode=False) == ["at least 10^-12"]


def test_items_hang_and_stand_together() -> None:
    item = Paragraph([say("one two three four five")], kind="item")
    assert shown(item, item, width=20) == [
        "• one two three four",
        "  five",
        "• one two three four",
        "  five",
    ]


def test_chinese_text_is_broken_between_characters_but_not_before_a_mark() -> None:
    assert shown(words("梯度下降的每一步，从前向传播"), width=20) == [
        "梯度下降的每一步，从",
        "前向传播",
    ]
    assert shown(words("一梯度下降的每一步，从"), width=20) == ["一梯度下降的每一步，", "从"]
    assert shown(words("一二梯度下降的每一步，从"), width=20) == ["一二梯度下降的每一", "步，从"]


def test_a_short_formula_is_not_broken() -> None:
    sentence = say("{e}, and more.", e=equality(Name("w"), tree("a + b")))
    assert shown(Paragraph([say("12345678"), sentence]), width=20) == [
        "12345678 w = a + b,",
        "and more.",
    ]
    assert shown(Paragraph([say("12345678901"), sentence]), width=20) == [
        "12345678901",
        "w = a + b, and more.",
    ]


@pytest.mark.parametrize("text", ["x[i]", "[/foo]", "[bold]x[/bold]", ":smile:", r"\[x]", "[red]"])
def test_no_text_is_read_as_markup(text: str) -> None:
    blocks: list[Block] = [
        Heading(1, say("{t}", t=text)),
        words(text),
        Table([say("{t}", t=text)], [[text]]),
    ]
    lines = shown(*blocks, color=True)
    assert sum(text in line for line in lines) == 4


def test_control_characters_are_shown_not_sent() -> None:
    (line,) = shown(words("a\x1b[31mb\x07\u202ec\u2066d\x9be\nf\tg"))
    assert line == "a␛[31mb␇�c�d�e f g"


def test_what_a_file_cannot_take_is_a_question_mark_of_the_same_width() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    table = Table([say("a"), say("b")], [["损失", "1"], ["abcd", "2"]])
    terminal([table], NOTATION, width=60, unicode=False, color=False, file=file)
    file.flush()
    assert raw.getvalue().decode("ascii").splitlines()[2:] == ["????  1", "abcd  2"]


# Equations

UPDATE = EquationLine(
    Name("w"), tree("w - learning_rate * dloss/dw"), tree("0.5 - 0.1 * (-3)"), tree("0.8"), True
)


def test_an_update_is_drawn_on_one_row_where_it_fits() -> None:
    assert shown(UPDATE) == [
        "                ∂L",
        "    w ← w − η · ── = 0.5 − 0.1·(−3) = 0.8",
        "                ∂w",
    ]


def test_an_update_has_three_rows_where_it_does_not_fit() -> None:
    assert shown(UPDATE, width=40, unicode=False) == [
        "                             dloss",
        "    w <- w - learning_rate * -----",
        "                              dw",
        "       = 0.5 - 0.1 * (-3)",
        "       = 0.8",
    ]


def test_words_stand_right_below_their_equation_and_in_its_column() -> None:
    line = EquationLine(Name("a"), tree("b"))
    assert shown(Paragraph([say("Forward")], "label"), line, words("Why."), line) == [
        "Forward",
        "    a = b",
        "    Why.",
        "",
        "    a = b",
    ]


def test_words_that_announce_the_next_equation_stand_apart_from_the_one_before() -> None:
    line = EquationLine(Name("a"), tree("b"))
    assert shown(line, Paragraph([say("One entry in full:")]), line) == [
        "    a = b",
        "",
        "    One entry in full:",
        "",
        "    a = b",
    ]


def test_what_is_not_printed_is_told_by_its_shape_and_range() -> None:
    line = EquationLine(Name("a"), tree("b"), extent=say("9 × 9."))
    assert shown(line) == [
        "    a = b",
        "    9 × 9.",
    ]


# Tables


def test_numbers_in_a_table_have_their_points_below_each_other() -> None:
    rows: list[list[Cell]] = [
        [str(place), number_node(text)] for place, text in ((9, "-1.5"), (10, "22.25"))
    ]
    assert shown(Table([say("iteration"), Name("loss")], [*rows, ["…", "…"]])) == [
        "iteration  L",
        "─────────  ─────",
        " 9         −1.5",
        "10         22.25",
        "…          …",
    ]


def test_a_table_that_is_too_wide_goes_on_below_behind_its_first_column() -> None:
    table = Table(
        [say("n"), *map(Name, "abc")], [["1", *map(number_node, ("123456", "-123456", "1.23456"))]]
    )
    assert shown(table, width=20) == [
        "n  a       b",
        "─  ──────  ───────",
        "1  123456  −123456",
        "",
        "n  c",
        "─  ───────",
        "1  1.23456",
    ]


def test_long_cells_are_broken() -> None:
    rows: list[list[Cell]] = [
        ["[x]", "many words in one cell"],
        ["m", tree("[[1.25, 2.25], [3.25, 4.25]]")],
    ]
    assert shown(Table([say("name"), say("about")], rows), width=20) == [
        "name  about",
        "────  ──────────────",
        "[x]   many words in",
        "      one cell",
        "",
        "m     ⎡1.25  2.25⎤",
        "      ⎣3.25  4.25⎦",
    ]


def test_a_table_may_be_empty() -> None:
    assert shown(Table([say("a"), say("b")], [])) == ["a  b", "─  ─"]
    assert shown(Table([say("a")], [["x"]])) == ["a", "─", "x"]
    assert shown(Table([], [])) == []


# Networks


def graph(edges: Sequence[tuple[str, str]], note: str = "") -> Graph:
    ids = list(dict.fromkeys(id for edge in edges for id in edge))
    nodes = [GraphNode(id, Name(id), "value", note) for id in ids]
    return Graph(nodes, edges, say("A network."))


def test_a_network_is_drawn_from_left_to_right() -> None:
    edges = [("w", "h"), ("x", "h"), ("b", "h"), ("h", "y_pred"), ("y_pred", "loss"), ("y", "loss")]
    assert shown(graph(edges)) == [
        "A network.",
        "",
        "    w ─┐",
        "    x ─┼────▶ h ──────▶ ŷ ─┬────▶ L",
        "    b ─┘                y ─┘",
    ]
    assert shown(graph(edges), unicode=False) == [
        "A network.",
        "",
        "    w -+",
        "    x -+----> h ------> y_pred -+----> loss",
        "    b -+                y ------+",
    ]


def test_an_input_that_is_used_twice_in_one_place_has_one_arrow() -> None:
    assert shown(graph([("x", "y"), ("x", "y")]))[2:] == ["    x ──────▶ y"]


def test_what_is_used_twice_is_drawn_once() -> None:
    assert shown(graph([("w", "a"), ("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")])) == [
        "A network.",
        "",
        "    w ──────▶ a ─┬────▶ b ─┬────▶ d",
        "                 └────▶ c ─┘",
    ]


def test_each_line_begins_at_its_label_though_others_cross_it() -> None:
    edges = [("u", "first"), ("v", "second"), ("s", "first"), ("s", "second"), ("s", "third")]
    drawn = shown(graph([*edges, ("t", "third")]))[2:]
    assert all(line[4:7] in (f"{line[4]} ─", f"{line[4]} ┈") for line in drawn), drawn


def test_a_long_chain_goes_on_below() -> None:
    assert shown(graph([("a", "b"), ("b", "c"), ("c", "d"), ("d", "w")]), width=20) == [
        "A network.",
        "",
        "  a ──▶ b ──▶ c ──┈",
        "",
        "  ┈▶ d ──▶ w",
    ]


def test_a_network_with_no_room_is_a_list() -> None:
    assert shown(graph([("a", "c"), ("b", "c"), ("c", "d")], "(1000, 1000)"), width=20) == [
        "A network.",
        "",
        "  a (1000, 1000),",
        "    b (1000,",
        "    1000) → c (1000,",
        "    1000)",
        "  c → d (1000,",
        "    1000)",
    ]


def test_a_network_of_a_thousand_layers_and_one_in_a_circle_are_told() -> None:
    chain = [(f"h{place}", f"h{place + 1}") for place in range(1000)]
    assert any("h1000" in line for line in shown(graph(chain), unicode=False))
    assert shown(graph([("a", "b"), ("b", "a")]))[2:] == ["    b → a", "    a → b"]


# Curves


def plot(*curves: Sequence[tuple[float, float]]) -> Plot:
    series = [Series(say("curve {n}", n=place), curve) for place, curve in enumerate(curves, 1)]
    return Plot(say("The loss falls."), say("iteration"), say("loss"), series)


def test_a_curve_is_drawn_with_its_axes() -> None:
    assert shown(plot([(1, 4.0), (2, 2.0), (3, 1.0)]), width=30, unicode=False) == [
        "The loss falls.",
        "",
        "  loss",
        "  4 |**",
        "    |  *",
        "    |   ***",
        "    |      *",
        "    |       ***",
        "    |          *",
        "    |           ****",
        "    |               ***",
        "    |                  *****",
        "  1 |                       **",
        "    +-------------------------",
        "     1       iteration       3",
    ]


def test_several_curves_are_told_apart_by_their_marks() -> None:
    lines = shown(plot([(1, 4.0), (2, 2.0)], [(1, 1.0), (2, 2.0)]))
    assert lines[-2:] == ["    * curve 1", "    + curve 2"]
    assert sum("*" in line for line in lines) > 4
    assert sum("+" in line for line in lines) > 4


def test_one_point_and_equal_values_stand_in_the_middle() -> None:
    (line,) = (line for line in shown(plot([(1, 5.0)])) if "*" in line)
    assert line.startswith("    5 │")
    assert shown(plot([(1, 5.0)]))[-1].strip() == "iteration = 1"
    (line,) = (line for line in shown(plot([(1, 5.0), (2, 5.0)])) if "⣀" in line)
    assert line.startswith("    5 │⣀⣀")


@pytest.mark.parametrize(
    "curves",
    [
        [],
        [[]],
        [[(1.0, float("nan"))]],
        [[(1.0, float("inf")), (2.0, 1.0)]],
        [[(0.0, -1e308), (1.0, 1e308)]],
        [[(-1e308, 5e-324), (1e308, 0.0)]],
        [[(1.0, 1.0), (1.0, 2.0)]],
        [[(0.0, 123456789012.0), (123456789012345.0, 1.0)]],
        [[(1.0, 1.0)], []],
    ],
)
@pytest.mark.parametrize("unicode", [True, False])
def test_no_curve_is_too_odd(curves: list[list[tuple[float, float]]], unicode: bool) -> None:
    for width in (20, 80):
        lines = shown(plot(*curves), width=width, unicode=unicode)
        assert lines[0] == "The loss falls."
        assert all(cell_len(line) <= width for line in lines)


# What holds for all

texts = st.text(
    st.one_of(
        st.sampled_from("ab [x]()/\\损失中文，。（）éŷ½≈→\x1b\x07\n\t\u202e\u2066\ue000\ue001:#*_"),
        st.characters(max_codepoint=0x2FFF, exclude_categories=("Cs", "Cf", "Mn", "Me", "Mc")),
    ),
    max_size=40,
).filter(lambda text: text_width.width(text) == cell_len(text))  # ☰ is wide since Unicode 16 only
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def sentences(draw: st.DrawFn) -> Sentence:
    return say(
        draw(st.sampled_from(("{a}", "{a} {b}.", "是{b}，{a}"))), a=draw(texts), b=draw(trees(2))
    )


@st.composite
def all_blocks(draw: st.DrawFn) -> Block:
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return Heading(draw(st.integers(1, 3)), draw(sentences()))
    if kind == 1:
        return Paragraph(
            draw(st.lists(sentences(), max_size=3)),
            draw(st.sampled_from(("text", "label", "item"))),
        )
    if kind == 2:
        return EquationLine(draw(trees(2)), draw(trees(3)), draw(trees(3)), draw(trees(2)))
    if kind == 3:
        columns = draw(st.integers(1, 4))
        cells = st.one_of(sentences(), trees(2), texts)
        row = st.lists(cells, min_size=columns, max_size=columns)
        return Table(draw(row), draw(st.lists(row, max_size=3)))
    if kind == 4:
        ids = "abcdhw"
        edges = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=8))
        note = draw(st.sampled_from(("", "(2, 3)", "形状")))
        return Graph(
            [GraphNode(id, Name(id), "value", note) for id in ids], edges, draw(sentences())
        )
    points = st.lists(st.tuples(finite, finite), max_size=5)
    curves = draw(st.lists(points, max_size=3))
    series = [Series(draw(sentences()), curve) for curve in curves]
    return Plot(draw(sentences()), draw(sentences()), draw(sentences()), series)


def test_a_curve_without_room_beside_its_numbers_is_told_by_its_caption() -> None:
    high = Plot(say("Far."), say("x"), say("y"), [Series(say("y"), [(0, 123456789012)])])
    assert shown(high, width=20)[0].strip() == "Far."
    assert any("12345678901" in row for row in shown(high, width=40))


@given(st.lists(all_blocks(), max_size=3), st.integers(20, 110), st.booleans())
def test_no_line_is_wider_than_the_terminal_and_colours_add_nothing(
    blocks: list[Block], width: int, unicode: bool
) -> None:
    lines = shown(*blocks, width=width, unicode=unicode)
    assert all(cell_len(line) <= width for line in lines)
    assert not any(unicodedata.category(sign) in ("Cc", "Cf") for line in lines for sign in line)
    assert not any(line != line.rstrip() for line in lines)
    coloured = shown(*blocks, width=width, unicode=unicode, color=True)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in coloured] == lines


@pytest.mark.parametrize("scenario", ["one_weight", "mlp_2_2_2", "xor"])
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_bundled_derivation_fits(scenario: str, width: int) -> None:
    trace = tracer.load(scenario).run()
    for unicode in (True, False):
        file = io.StringIO()
        blocks = derivation(trace, Options(show=(1,)))
        terminal(blocks, notation_of(trace), width=width, unicode=unicode, color=False, file=file)
        lines = file.getvalue().splitlines()
        assert max(map(cell_len, lines)) <= width
        assert len(lines) > 40
        if not unicode:
            assert file.getvalue().isascii()


def test_blocks_are_printed_as_they_come() -> None:
    file = io.StringIO()

    def blocks() -> Iterator[Block]:
        yield words("first")
        assert file.getvalue() == "first\n"
        yield words("second")

    terminal(blocks(), NOTATION, width=60, color=False, file=file)
    assert file.getvalue() == "first\n\nsecond\n"


def test_the_width_asked_for_holds_on_a_terminal_that_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "33")
    assert len(shown(words("word " * 40), width=99, color=True)) == 2


def test_a_broken_pipe_is_left_to_the_caller() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        terminal([words("a")], NOTATION, width=60, file=Closed())


def test_only_the_terminal_form_and_pictures_of_screens_load_rich() -> None:
    for path in RENDER.glob("*.py"):
        found = re.search(r"^\s*(import|from) rich", path.read_text(encoding="utf-8"), re.MULTILINE)
        is_of_rich = path.name in ("terminal.py", "screen_picture.py")
        assert (found is not None) == is_of_rich, path.name
    code = """
import sys
import tracer.render.boxes, tracer.render.plain, tracer.render.plots
print("rich" in sys.modules, "numpy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
