"""Plain text for pipes and screen readers: networks and curves in words and numbers."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.expression import Name, Notation, parse
from tracer.narrative.blocks import (
    Block,
    EquationLine,
    Graph,
    GraphNode,
    Heading,
    Paragraph,
    Plot,
    Series,
    Table,
)
from tracer.render.plain import plain
from tracer.render.screen_lines import in_ascii
from tracer.sentences import say

NOTATION = Notation(
    {"y_pred": "ŷ"}, loss="loss", taken={"w", "x", "y", "b", "y_pred", "loss", "W1"}
)


def told(*blocks: Block, unicode: bool = True) -> str:
    return "".join(plain(blocks, NOTATION, unicode=unicode))


def graph(*edges: tuple[str, str], notes: dict[str, str] | None = None) -> Graph:
    ids = list(dict.fromkeys(id for edge in edges for id in edge))
    nodes = [GraphNode(id, Name(id), "value", (notes or {}).get(id, "")) for id in ids]
    return Graph(nodes, edges, say("The network."))


def plot(*curves: list[tuple[float, float]]) -> Plot:
    series = [Series(say("curve {n}", n=place), curve) for place, curve in enumerate(curves, 1)]
    return Plot(say("The loss falls."), say("iteration"), say("loss"), series)


def test_a_network_is_told_as_what_is_computed_from_what() -> None:
    network = graph(("w", "y_pred"), ("x", "y_pred"), ("y_pred", "loss"), ("y", "loss"))
    assert told(network) == "  The network.\n  w, x → ŷ\n  ŷ, y → L\n"
    assert told(network, unicode=False) == (
        "  The network.\n  w, x -> y_pred\n  y_pred, y -> loss\n"
    )


def test_a_note_is_said_where_a_quantity_is_first_named() -> None:
    network = graph(("x", "y"), ("x", "b"), notes={"x": "(2, 3)", "b": "(1,)"})
    assert told(network) == "  The network.\n  x (2, 3) → y\n  x → b (1,)\n"


def test_a_quantity_that_stands_alone_is_told_too() -> None:
    alone = Graph([GraphNode("w", Name("w"), "parameter")], (), say("One weight."))
    assert told(alone) == "  One weight.\n  w\n"


def test_a_curve_is_told_as_a_few_numbers() -> None:
    points = [(float(place), 1 / place) for place in range(1, 101)]
    assert told(plot(points)).splitlines() == [
        "  The loss falls.",
        "  iteration  loss",
        "  1          1",
        "  20         0.05",
        "  40         0.025",
        "  60         0.01667",
        "  80         0.0125",
        "  100        0.01",
    ]


def test_the_lowest_point_of_a_curve_is_among_its_numbers_in_even_steps() -> None:
    """What the words below it name can be read off."""
    points = [(float(place), abs(place - 33.0)) for place in range(1, 101)]
    rows = told(plot(points)).splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["13", "33", "53", "73", "93"]
    assert "  33         0" in rows


def test_several_curves_share_a_table_and_keep_their_names() -> None:
    assert told(plot([(1, 2.0), (2, -1.0)], [(1, 5.0), (3, 4.0)])).splitlines() == [
        "  The loss falls.",
        "  iteration  curve 1  curve 2",
        "  1          2        5",
        "  2          −1",
        "  3                   4",
    ]


@pytest.mark.parametrize(
    "curves",
    [[], [[]], [[(1.0, 5.0)]], [[(1.0, float("nan")), (2.0, float("inf"))]], [[(0, 1e308)], []]],
)
def test_no_curve_is_too_odd_to_tell(curves: list[list[tuple[float, float]]]) -> None:
    assert told(plot(*curves)).startswith("  The loss falls.\n")


def test_columns_line_up_below_wide_characters() -> None:
    table = Table([say("名称"), say("b")], [["损失函数", "1"], ["w", "2"]])
    assert told(table) == "  名称      b\n  损失函数  1\n  w         2\n"


def test_signs_of_sentences_are_spelled_in_ascii_and_letters_stay() -> None:
    assert in_ascii("½ ≈ 0.5 → ŷ … “é” 中文 한국 −1") == '1/2 ~= 0.5 -> y ... "e" 中文 한국 -1'
    text = told(Paragraph([say("{name} ≈ …", name=Name("y_pred"))]), unicode=False)
    assert text.strip() == "y_pred ~= ..."


def test_a_users_control_characters_are_shown_not_sent() -> None:
    blocks: list[Block] = [
        Heading(1, say("{title}", title="a\x1b[31mb\x07")),
        Table([say("x")], [["\x1b]0;title\x07"]]),
    ]
    assert "\x1b" not in told(*blocks)
    assert "a␛[31mb␇" in told(*blocks)


def test_an_equation_is_one_line() -> None:
    line = EquationLine(
        Name("y_pred"), parse("w * x"), parse("0.5 * 1"), parse("0.5"), follows=False
    )
    assert told(line) == "    ŷ = w·x = 0.5·1 ≈ 0.5\n"
    assert told(line, unicode=False) == "    y_pred = w * x = 0.5 * 1 ~= 0.5\n"
