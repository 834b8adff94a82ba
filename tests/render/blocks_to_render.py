"""Blocks for the tests of renderers: those of bundled scenarios, and hostile ones."""

from __future__ import annotations

from functools import cache

from tracer.expression import Name, Notation, parse
from tracer.expression.syntax import Node
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
    equality,
)
from tracer.narrative.catalogue import catalogue
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.operations import vocabulary
from tracer.program.scenario import bundled, load
from tracer.run.runner import run_scenario
from tracer.sentences import say

__all__ = [
    "HOSTILE",
    "NOTATION",
    "SCENARIOS",
    "chinese",
    "graph",
    "hostile_blocks",
    "line",
    "plot",
    "scenario_blocks",
    "tree",
]

SCENARIOS = bundled()
HOSTILE = (
    "$|<b>[x](y)</b>\n# \\section{a} %_^~ `code` ```fence``` &amp; 'q' \"r\" --- *em* _em_ "
    "-->|a| end; ]] }} <script>alert(1)</script> ![i](http://x/y.png) \x1b[31m \u202e \ue000 €"
)
NOTATION = Notation(
    {"y_pred": "ŷ"},
    loss="loss",
    taken=["w", "x", "y", "y_pred", "loss", "W1", "learning_rate", "p"],
)
DERIVATIVES = ("dloss/dw", "dloss/dy_pred", "dloss/dw#1", "dloss/dW1")


def tree(text: str) -> Node:
    """Return the tree of an ASCII expression."""
    return parse(text, vocabulary=vocabulary(), derivatives=DERIVATIVES)


def line(left: str, *members: str, arrow: bool = False, follows: bool = True) -> EquationLine:
    """Return an equation line of up to three members."""
    formula, substituted, result = (*map(tree, members), None, None)[:3]
    assert formula is not None
    return EquationLine(tree(left), formula, substituted, result, arrow=arrow, follows=follows)


def graph(note: str = "") -> Graph:
    """Return the network of one weight."""
    return Graph(
        [
            GraphNode("a", Name("x"), "data", note),
            GraphNode("b", Name("w"), "parameter"),
            GraphNode("c", Name("y_pred"), "value"),
            GraphNode("d", Name("loss"), "loss"),
        ],
        [("a", "c"), ("b", "c"), ("c", "d")],
        say("A network; {name} is its loss.", name=Name("loss")),
    )


def plot(*points: tuple[float, float]) -> Plot:
    """Return a plot of one curve."""
    return Plot(
        say("{name} falls.", name=Name("loss")),
        say("iteration"),
        say("{name}", name=Name("loss")),
        [Series(say("{name}", name=Name("loss")), points or ((1.0, 4.0), (2.0, 2.0), (3.0, 1.0)))],
    )


def hostile_blocks() -> list[Block]:
    """Return a block of each kind with a text that means something in every format."""
    words = say("{text}", text=HOSTILE)
    formula = say("{text} {name}", text=HOSTILE, name=Name("a_b_c_1"))
    pictured = graph(HOSTILE)
    return [
        Heading(1, words),
        Paragraph([formula, words]),
        Paragraph([words], "label"),
        Paragraph([say("{text}", text="- no list")]),
        Paragraph([words], "item"),
        Paragraph([say("{text}", text="1. no number")], "item"),
        EquationLine(Name("‹odd› name#1"), Name("x_y_2z"), Name("dloss/dw#1")),
        Table(
            [words, HOSTILE, Name("w")],
            [[HOSTILE, say("{e}.", e=equality(Name("w"), tree("abs(x)"))), tree("abs(x)")]] * 2,
        ),
        Graph(pictured.nodes, pictured.edges, words),
        Plot(words, words, words, [Series(words, ((0.0, 1.0),)), Series(words, ())]),
    ]


@cache
def scenario_blocks(name: str) -> tuple[list[Block], Notation]:
    """Return the derivation of a bundled scenario, made once.

    Its blocks keep views of the record, which would take a gigabyte in full.
    """
    trace = run_scenario(load(name), record="checkpoints")
    return list(derivation(trace, Options(show=(1,)))), notation_of(trace)


chinese = catalogue("zh")
