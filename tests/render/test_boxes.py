"""Formulas drawn in two dimensions: exact pictures, and what holds for every tree."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.expression.trees import VOCABULARY, notations, trees
from tracer.expression import Call, FunctionNames, Name, Node, Notation, Vocabulary, parse, render
from tracer.expression.syntax import Array, Display, count_number, walk
from tracer.narrative.blocks import EquationLine
from tracer.render.block_writer import drawing_text
from tracer.render.boxes import (
    Box,
    Layout,
    align_texts,
    boxes_beside,
    boxes_stacked,
    one_line,
    part_lines,
    wrap_formula,
)
from tracer.text_width import width

Dialect = Literal["unicode", "ascii"]
DIALECTS = st.sampled_from(("unicode", "ascii"))
FAMILIES = {"h[0]", "h[1]"}
DERIVATIVES = {"dloss/dw", "dloss/dy_pred", "dloss/dW1", "dloss/dw#1", "dhv/d(dloss/dw)"}
NOTATION = Notation(
    {"y_pred": "ŷ"},
    loss="loss",
    taken={*"abcdnvtwxyzW", "b1", "W1", "y_pred", "loss", "learning_rate", "损失", "hv", *FAMILIES},
)

# An expression, its Unicode and its ASCII drawing.
PICTURES = [
    ("w * x", ["w·x"], ["w * x"]),
    ("(y_pred - y)**2", ["(ŷ − y)²"], ["            2", "(y_pred - y)"]),
    ("-(a + b)", ["−(a + b)"], ["-(a + b)"]),
    ("a * (-b) + (-c) * d", ["a·(−b) + (−c)·d"], ["a * (-b) + (-c) * d"]),
    ("a - (b - c)", ["a − (b − c)"], ["a - (b - c)"]),
    ("W1 @ x + b1", ["W₁ @ x + b₁"], ["W1 @ x + b1"]),
    ("x[0]", ["x₁"], ["x[0]"]),
    ("2**(-1)", ["2⁻¹"], [" -1", "2"]),
    (
        "dloss/dy_pred * x",
        [
            "∂L",
            "── · x",
            "∂ŷ",
        ],
        [
            " dloss",
            "------- * x",
            "dy_pred",
        ],
    ),
    (
        "dloss/dw#1",
        [
            "∂L│",
            "──│",
            "∂w│₁",
        ],
        [
            "dloss|",
            "-----|",
            " dw  |1",
        ],
    ),
    (
        "dhv/d(dloss/dw)",
        [
            "  ∂hv",
            "────────",
            "∂(∂L/∂w)",
        ],
        [
            "    dhv",
            "-----------",
            "d(dloss/dw)",
        ],
    ),
    (
        "-(a / b) * c",
        [
            "  a",
            "− ─ · c",
            "  b",
        ],
        [
            "  a",
            "- - * c",
            "  b",
        ],
    ),
    (
        "a / b / c",
        [
            " a",
            " ─",
            " b",
            "───",
            " c",
        ],
        [
            " a",
            " -",
            " b",
            "---",
            " c",
        ],
    ),
    (
        "(a / b)**2",
        [
            "⎛a⎞²",
            "⎜─⎟",
            "⎝b⎠",
        ],
        [
            "   2",
            "/a\\",
            "|-|",
            "\\b/",
        ],
    ),
    (
        "x**(n + 1) + a**b**c",
        [
            "           c",
            " n + 1    b",
            "x      + a",
        ],
        [
            "           c",
            " n + 1    b",
            "x      + a",
        ],
    ),
    (
        "(dloss/dW1)[0, 1] - (dloss/dW1).T",
        [
            "⎛∂L ⎞     ⎛∂L ⎞ᵀ",
            "⎜───⎟   − ⎜───⎟",
            "⎝∂W₁⎠₁₂   ⎝∂W₁⎠",
        ],
        [
            "/dloss\\         /dloss\\",
            "|-----|[0, 1] - |-----|.T",
            "\\ dW1 /         \\ dW1 /",
        ],
    ),
    (
        "sqrt(v) + abs(x / 2)",
        [
            "     │x│",
            "√v + │─│",
            "     │2│",
        ],
        [
            "             /x\\",
            "sqrt(v) + abs|-|",
            "             \\2/",
        ],
    ),
    (
        "sqrt(v / 2)",
        [
            "  ┌─",
            "  │v",
            "  │─",
            " ╲│2",
        ],
        [
            "    /v\\",
            "sqrt|-|",
            "    \\2/",
        ],
    ),
    (
        "[[1, 2.25], [10.5, -4]] @ [1, 2]",
        [
            "⎡ 1     2.25⎤ @ [1, 2]",
            "⎣10.5  −4   ⎦",
        ],
        [
            "[ 1     2.25] @ [1, 2]",
            "[10.5  -4   ]",
        ],
    ),
    (
        "[[1], [2], [3]].T",
        [
            "⎡1⎤ᵀ",
            "⎢2⎥",
            "⎣3⎦",
        ],
        [
            "[1]",
            "[2].T",
            "[3]",
        ],
    ),
    (
        "[[a / b, c], [1, w + x]]",
        [
            "⎡a       ⎤",
            "⎢─    c  ⎥",
            "⎢b       ⎥",
            "⎣1  w + x⎦",
        ],
        [
            "[a       ]",
            "[-    c  ]",
            "[b       ]",
            "[1  w + x]",
        ],
    ),
    (
        "[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]",
        [
            "⎡⎡1  2⎤, ⎡5  6⎤⎤",
            "⎣⎣3  4⎦  ⎣7  8⎦⎦",
        ],
        [
            "[[1  2], [5  6]]",
            "[[3  4]  [7  8]]",
        ],
    ),
    ("[[1, 2]]", ["[[1, 2]]"], ["[[1, 2]]"]),
    ("[[1, 2], [3]]", ["[[1, 2], [3]]"], ["[[1, 2], [3]]"]),
    (
        "损失 / 2 * b",
        [
            "损失",
            "──── · b",
            " 2",
        ],
        [
            "损失",
            "---- * b",
            " 2",
        ],
    ),
    (
        "softmax(a / b, axis=0)",
        [
            "       ⎛a        ⎞",
            "softmax⎜─, axis=0⎟",
            "       ⎝b        ⎠",
        ],
        [
            "       /a        \\",
            "softmax|-, axis=0|",
            "       \\b        /",
        ],
    ),
]


def tree(text: str) -> Node:
    return parse(text, vocabulary=VOCABULARY, derivatives=DERIVATIVES, families=FAMILIES)


def layout(
    node: Node, *, vocabulary: Vocabulary, notation: Notation, dialect: Dialect = "unicode"
) -> Box:
    """Return a tree's drawing."""
    return Layout(vocabulary, notation, dialect).write(node)


def rows(box: Box) -> list[str]:
    return [line.rstrip() for line in box.lines]


@pytest.mark.parametrize(("text", "unicode", "ascii"), PICTURES)
def test_a_formula_has_one_drawing_in_each_dialect(
    text: str, unicode: list[str], ascii: list[str]
) -> None:
    node = tree(text)
    drawn = layout(node, vocabulary=VOCABULARY, notation=NOTATION)
    assert rows(drawn) == unicode
    drawn = layout(node, vocabulary=VOCABULARY, notation=NOTATION, dialect="ascii")
    assert rows(drawn) == ascii


_SHARE = Display("through", (Display("gradient", (Name("d"), Name("W"))), Name("c")), "via")


@pytest.mark.parametrize(
    ("node", "drawing"),
    [
        (
            Display("below", (_SHARE, count_number(1), count_number(2))),
            ["⎛⎛∂d⎞      ⎞", "⎜⎜──⎟      ⎟", "⎝⎝∂W⎠ via c⎠₁₂"],
        ),
        (
            Call("beside", (Call("hadamard", (Name("a"), Name("b"))), Name("c"))),
            ["(a ⊙ b) c"],
        ),
        (
            Call("hadamard", (Call("beside", (Name("a"), Name("b"))), Name("c"))),
            ["(a b) ⊙ c"],
        ),
    ],
)
def test_what_has_a_mark_or_stands_in_another_product_is_in_brackets(
    node: Node, drawing: list[str]
) -> None:
    """Else the entry of a share is a share by way of an entry, and products change their order."""
    drawn = layout(node, vocabulary=VOCABULARY, notation=NOTATION)
    assert [line.rstrip() for line in rows(drawn)] == drawing


def test_a_sum_whose_look_is_a_sum_is_drawn_with_its_sign() -> None:
    looks = Vocabulary({"sum": FunctionNames("sum", latex=r"\sum")})
    node = Call("sum", (tree("(a - b)**2"),))
    assert rows(layout(node, vocabulary=looks, notation=NOTATION)) == ["∑ (a − b)²"]
    node = Call("sum", (tree("a - b"),))
    assert rows(layout(node, vocabulary=looks, notation=NOTATION)) == ["∑ (a − b)"]
    drawn = layout(node, vocabulary=looks, notation=NOTATION, dialect="ascii")
    assert rows(drawn) == ["sum(a - b)"]


# Boxes


def test_boxes_beside_each_other_share_the_baseline() -> None:
    tall = Box(("1", "-", "2"), 1, 1)
    assert boxes_beside([one_line("a "), tall, Box(("x", "y"), 0, 1)]) == Box(
        ("  1 ", "a -x", "  2y"), 1, 4
    )
    assert boxes_beside([]) == Box(("",), 0, 0)


def test_boxes_below_each_other_do_not_touch_with_denominator_and_numerator() -> None:
    tall = Box(("1", "-", "2"), 1, 1)
    assert boxes_stacked([tall, tall]).lines == ("1", "-", "2", " ", "1", "-", "2")
    assert boxes_stacked([tall, one_line("ab")]).lines == ("1 ", "- ", "2 ", "ab")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("ŷ", 1),
        ("w\u0303", 1),
        ("损失", 4),
        ("＝", 2),
        ("∂L/∂w", 5),
        ("", 0),
        ("⎛─·", 3),
    ],
)
def test_a_width_counts_columns(text: str, columns: int) -> None:
    assert width(text) == columns == cell_len(text)


def test_numbers_in_a_column_have_their_points_below_each_other() -> None:
    assert align_texts(["1", "−10.5", "0.25", "1e-7"]) == [
        "  1   ",
        "−10.5 ",
        "  0.25",
        "  1e-7",
    ]
    assert align_texts(["1", "w + x"]) == ["  1  ", "w + x"]
    assert align_texts([]) == []


# Breaking


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("a + b", 20, ["a + b"]),
        ("1.25·a + 2.5·b − 3.75·c", 16, ["1.25·a + 2.5·b", "− 3.75·c"]),
        ("tanh(a·b, c·d)", 9, ["tanh(a·b,", "c·d)"]),
        ("123456789", 4, ["1234", "5678", "9"]),
        ("损失损失", 5, ["损失", "损失"]),
        ("a·b·c·d", 3, ["a·b", "·c", "·d"]),
        ("", 5, [""]),
    ],
)
def test_a_formula_is_broken_between_terms_then_between_factors(
    text: str, room: int, lines: list[str]
) -> None:
    assert wrap_formula(text, room) == lines


@given(st.text(alphabet="ab12.,+−·=*/() ŷ损\u0303", max_size=60), st.integers(2, 30))
def test_breaking_loses_nothing_but_spaces(text: str, room: int) -> None:
    lines = wrap_formula(text, room)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= room for line in lines)


FORMULA_LINES = [
    (
        "w",
        "w - learning_rate * dloss/dw",
        "0.5 - 0.1 * (-3)",
        "0.8",
        40,
        [
            "            ∂L",
            "w = w − η · ── = 0.5 − 0.1·(−3) = 0.8",
            "            ∂w",
        ],
    ),
    (
        "w",
        "w - learning_rate * dloss/dw",
        "0.5 - 0.1 * (-3)",
        "0.8",
        30,
        [
            "            ∂L",
            "w = w − η · ──",
            "            ∂w",
            "  = 0.5 − 0.1·(−3)",
            "  = 0.8",
        ],
    ),
    (
        "z",
        "a * b + c / d - x * y + n / w",
        "1 * 2 + 3 / 4 - 5 * 6 + 7 / 8",
        "-2",
        20,
        [
            "          c",
            "z = a·b + ─ − x·y",
            "          d",
            "",
            "      n",
            "    + ─",
            "      w",
            "",
            "          3",
            "  = 1·2 + ─ − 5·6",
            "          4",
            "",
            "      7",
            "    + ─",
            "      8",
            "  = −2",
        ],
    ),
    ("dloss/dw", "a * b * c * d", None, None, 10, ["∂L", "── = a·b·c", "∂w   ·d"]),
]


@pytest.mark.parametrize(("left", "formula", "numbers", "result", "room", "lines"), FORMULA_LINES)
def test_an_equation_that_does_not_fit_has_symbols_numbers_and_result_on_rows_of_their_own(
    left: str, formula: str, numbers: str | None, result: str | None, room: int, lines: list[str]
) -> None:
    line = EquationLine(
        tree(left),
        tree(formula),
        None if numbers is None else tree(numbers),
        None if result is None else tree(result),
    )
    parts = Layout(VOCABULARY, NOTATION).equation(line, room)
    drawn = [text for row in parts for text in rows(boxes_beside([part.box for part in row]))]
    assert drawn == lines


def test_an_equation_says_nothing_twice() -> None:
    line = EquationLine(Name("w"), tree("0.5"), tree("0.5"), tree("0.5"))
    assert [part.role for part in Layout(VOCABULARY, NOTATION).equation(line, 60)[0]] == [
        "left",
        "sign",
        "formula",
    ]


def test_an_update_has_an_arrow_and_a_result_that_does_not_follow_another_sign() -> None:
    line = EquationLine(Name("w"), tree("w - x"), tree("2 - 1"), tree("3"), arrow=True)
    line = EquationLine(line.left, line.formula, line.substituted, line.result, True, follows=False)
    for dialect, text in (
        ("unicode", "w ← w − x = 2 − 1 ≈ 3"),
        ("ascii", "w <- w - x = 2 - 1 ~= 3"),
    ):
        row = Layout(VOCABULARY, NOTATION, dialect).equation(line, 60)[0]  # type: ignore[arg-type]
        assert rows(boxes_beside([part.box for part in row])) == [text]


def test_a_negative_behind_an_operator_keeps_its_brackets_where_it_is_broken() -> None:
    box = Layout(VOCABULARY, NOTATION).fitted(tree("a + (-123456789012) * b"), 10)
    assert rows(box) == ["a", "+ (−123456", "789012)", "·b"]


# What holds for every tree


def _is_whole(box: Box) -> bool:
    """Say whether a box's lines are as wide as it says, and hold nothing but what is seen."""
    return (
        0 <= box.baseline < len(box.lines)
        and all(width(line) == box.width == cell_len(line) for line in box.lines)
        and not any(unicodedata.category(sign)[0] == "C" for line in box.lines for sign in line)
    )


@given(trees(), notations, DIALECTS)
def test_every_line_of_a_drawing_is_as_wide_as_it_says(
    node: Node, notation: Notation | None, dialect: Dialect
) -> None:
    box = layout(node, vocabulary=VOCABULARY, notation=notation or Notation(), dialect=dialect)
    assert _is_whole(box)


@given(trees(), notations, DIALECTS)
def test_a_drawing_of_one_line_is_what_the_printer_writes(
    node: Node, notation: Notation | None, dialect: Dialect
) -> None:
    notation = notation or Notation()
    box = layout(node, vocabulary=VOCABULARY, notation=notation, dialect=dialect)
    if len(box.lines) == 1:  # an index of two digits has no braces there
        text = render(node, dialect, vocabulary=VOCABULARY, notation=notation)
        assert box.lines[0] == drawing_text(text, notation, dialect)


@given(trees(), notations, DIALECTS, st.integers(8, 60))
def test_a_drawing_is_never_wider_than_its_room(
    node: Node, notation: Notation | None, dialect: Dialect, room: int
) -> None:
    drawing = Layout(VOCABULARY, notation or Notation(), dialect)
    box = drawing.fitted(node, room)
    assert _is_whole(box)
    assert box.width <= room


@given(trees(2), trees(3), trees(3), DIALECTS, st.integers(12, 80))
def test_an_equation_is_never_wider_than_its_room(
    left: Node, formula: Node, result: Node, dialect: Dialect, room: int
) -> None:
    drawing = Layout(VOCABULARY, NOTATION, dialect)
    for row in drawing.equation(EquationLine(left, formula, None, result), room):
        box = boxes_beside([part.box for part in row])
        assert _is_whole(box)
        assert box.width <= room


def _is_of_blocks(node: Node) -> bool:
    """Tell whether an array is one of matrices, which are stacked where they are too wide."""
    rows = node.items if isinstance(node, Array) else ()
    return any(
        isinstance(cell, Array) for row in rows if isinstance(row, Array) for cell in row.items
    )


@given(trees())
@example(Array((Array((Array(()),)), Array((Name("w"),)))))
def test_a_formula_broken_everywhere_still_says_all_of_it(node: Node) -> None:
    drawing = Layout(VOCABULARY, NOTATION, "ascii")
    text = drawing.line(node)
    if len(drawing.write(node).lines) > 1 or any(map(_is_of_blocks, walk(node))):
        return  # a drawing in two dimensions has no order of signs to compare
    shown = "".join(drawing.fitted(node, 8).lines).replace(" ", "")
    assert shown == text.replace(" ", "")


def test_a_list_of_matrices_is_stacked_where_it_is_too_wide() -> None:
    array = parse("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", vocabulary=VOCABULARY)
    layout = Layout(VOCABULARY, NOTATION)
    assert len(layout.fitted(array, 40).lines) == 2
    assert layout.fitted(array, 12).lines == (
        "⎡⎡1  2⎤,⎤",
        "⎢⎣3  4⎦ ⎥",
        "⎢⎡5  6⎤ ⎥",
        "⎣⎣7  8⎦ ⎦",
    )


def test_a_row_of_blocks_is_a_matrix_where_one_is_high() -> None:
    layout = Layout(VOCABULARY, NOTATION)
    blocks = Array((Array((Name("a"), Call("divide", (Name("b"), Name("c"))))),))
    assert layout.fitted(blocks, 40).lines == ("⎡   b⎤", "⎢a  ─⎥", "⎣   c⎦")
    assert len(layout.fitted(parse("[[a, b]]", vocabulary=VOCABULARY), 40).lines) == 1


MATRIX = "[[10.25, 20.5, 30.75], [40, 50, 60]]"


@pytest.mark.parametrize(
    ("left", "formula", "room"),
    [
        ("y", MATRIX, 24),
        ("longer_name", MATRIX, 24),  # below its left side
        ("y", f"a * {MATRIX}", 25),  # below its sign
        ("y", f"2 * ({MATRIX} - {MATRIX})", 32),  # in a sum in brackets
    ],
)
def test_a_matrix_that_has_room_anywhere_in_its_line_is_no_nested_list(
    left: str, formula: str, room: int
) -> None:
    rows = Layout(VOCABULARY, NOTATION).equation(EquationLine(Name(left), tree(formula)), room)
    lines = ["".join(text for text, _ in line) for row in rows for line in part_lines(row)]
    assert not [line for line in lines if "[[" in line]
    assert [line for line in lines if "⎡10.25  20.5  30.75⎤" in line]
    assert max(map(width, lines)) <= room


def test_a_short_factor_stands_before_what_is_broken_beside_it() -> None:
    """A fraction is in the row of the sum that it multiplies, which goes on below its divisor."""
    formula = tree("(a / b) * (" + " + ".join(["w * v"] * 9) + ")")
    rows = Layout(VOCABULARY, NOTATION).equation(EquationLine(Name("y"), formula), 40)
    lines = ["".join(text for text, _ in line) for row in rows for line in part_lines(row)]
    assert [line.rstrip() for line in lines] == [
        "    a",
        "y = ─ · (w·v + w·v + w·v + w·v + w·v",
        "    b",
        "        + w·v + w·v + w·v + w·v)",
    ]


@pytest.mark.parametrize("dialect", ["unicode", "ascii"])
def test_what_is_on_the_screen_again_is_printed_once(
    dialect: Literal["unicode", "ascii"], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each repaint asks for most of its texts again; equal trees are the same text."""
    layout = Layout(VOCABULARY, NOTATION, dialect)
    first = layout.line(parse("w[10] * x", vocabulary=VOCABULARY))
    monkeypatch.setattr(type(layout.printer), "write", None)
    assert layout.line(parse("w[10] * x", vocabulary=VOCABULARY)) == first
