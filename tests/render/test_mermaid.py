"""Networks as Mermaid text: GitHub draws it, a screen reader reads its description."""

from __future__ import annotations

import re

import pytest

from tests.case_lists import sampled
from tests.render.blocks_to_render import (
    HOSTILE,
    NOTATION,
    SCENARIOS,
    chinese,
    graph,
    scenario_blocks,
)
from tracer.expression import Name
from tracer.narrative.blocks import Graph, GraphNode
from tracer.render.markdown import mermaid
from tracer.sentences import say

# A line of a chart: its head, its description, a quantity or an arrow.
LINE = re.compile(
    r"flowchart (?:LR|TB)"
    r"|    accDescr: [^\n{}<>#;%\"`\\]+"
    r"|    n\d+(?:\(\[|\[|\[\[|\(|\{\{|>)"
    r"\"(?:[^\"\n`<>|{}\[\]\\$*]|<br/>)*\"(?:\]\)|\]|\]\]|\)|\}\})"
    r"|    n\d+ --> n\d+"
)


def test_the_form_of_a_quantity_tells_its_kind() -> None:
    """Data, parameter, value and loss, and what is computed from what."""
    assert mermaid(graph("(2, 3)"), NOTATION) == (
        "flowchart LR\n"
        "    accDescr: A network, L is its loss.\n"
        '    n1(["x<br/>(2, 3)"])\n'
        '    n2["w"]\n'
        '    n3("ŷ")\n'
        '    n4{{"L"}}\n'
        "    n1 --> n3\n"
        "    n2 --> n3\n"
        "    n3 --> n4"
    )


@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_the_network_of_a_bundled_scenario_has_only_known_lines(name: str) -> None:
    """In both languages."""
    blocks, notation = scenario_blocks(name)
    for block in blocks:
        if isinstance(block, Graph):
            for translate in (str, chinese):
                for line in mermaid(block, notation, translate).split("\n"):
                    assert LINE.fullmatch(line), line


def test_hostile_text_stays_in_its_label() -> None:
    """Every odd character is named by its number, or left out of the description."""
    block = graph(HOSTILE)
    text = mermaid(Graph(block.nodes, block.edges, say("{text}", text=HOSTILE)), NOTATION)
    for line in text.split("\n"):
        assert LINE.fullmatch(line), line
    assert "#60;script#62;" in text


def test_ids_are_our_own() -> None:
    """`end` and the like are words of Mermaid's; an arrow to nowhere is left out."""
    nodes = [GraphNode("end", Name("w"), "parameter"), GraphNode("graph", Name("x"), "data")]
    text = mermaid(Graph(nodes, [("end", "graph"), ("end", "other")], say("Two.")), NOTATION)
    assert text.split("\n")[2:] == ['    n1["w"]', '    n2(["x"])', "    n1 --> n2"]


def test_a_large_network_runs_down_the_page() -> None:
    """Where a line of boxes would be too wide."""
    nodes = [GraphNode(f"n{n}", Name("w"), "value") for n in range(20)]
    assert mermaid(Graph(nodes, [], say("Many.")), NOTATION).startswith("flowchart TB\n")
