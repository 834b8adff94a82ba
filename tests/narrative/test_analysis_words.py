"""What an analysis says of the landscape that it draws."""

from __future__ import annotations

import math

import pytest

from tracer.expression.syntax import Name
from tracer.narrative.analysis_blocks import landscape_blocks, way_back
from tracer.narrative.blocks import Paragraph, Plot
from tracer.narrative.examples import example_network
from tracer.operations.numbers import rough_node
from tracer.run.gradient_flow import gradient_flow
from tracer.run.landscape import Landscape, LandscapeAxis
from tracer.run.runner import run_scenario


@pytest.mark.parametrize(
    ("losses", "at_edge"),
    [
        ([3.0, 2.0, 1.0], True),
        ([1.0, 2.0, 3.0], True),
        ([2.0, 1.0, 3.0], False),
        ([math.nan, 1.0, 3.0], True),  # beyond the lowest there is no finite loss to draw
    ],
)
def test_a_lowest_point_at_the_edge_is_said_to_be_there(
    losses: list[float], *, at_edge: bool
) -> None:
    """Beyond it the loss may be lower; in the middle nothing of the kind is said."""
    axis = LandscapeAxis("w", (), [-1.0, 0.0, 1.0])
    found = Landscape("loss", [axis], [[loss] for loss in losses], [], 0)
    said = [
        sentence.template
        for block in landscape_blocks(found)
        for sentence in (block.sentences if isinstance(block, Paragraph) else ())
    ]
    assert any("at the edge of what is drawn" in text for text in said) == at_edge


def test_a_landscape_says_where_the_run_starts() -> None:
    """In words, and as a mark on the axis; nothing of a run that is not known."""
    axis = LandscapeAxis("w", (), [-1.0, 0.0, 1.0])
    for way in ([], [[0.5], [0.2]]):
        blocks = list(landscape_blocks(Landscape("loss", [axis], [[3.0], [1.0], [2.0]], way, 0)))
        said = [
            str(it) for block in blocks if isinstance(block, Paragraph) for it in block.sentences
        ]
        assert any("starts at" in text for text in said) == bool(way)
        (plot,) = (block for block in blocks if isinstance(block, Plot))
        assert [span.low for span in plot.spans] == ([0.5] if way else [])


@pytest.mark.parametrize("penalty", ["", "\np = 3 * w**2"])
def test_a_gradient_comes_back_along_one_way(penalty: str) -> None:
    """From the last quantity that the first one goes into: a penalty on the weights is none."""
    lines = f"z = w * x\na = tanh(z){penalty}\nloss = a**2{' + p' * bool(penalty)}"
    trace = run_scenario(example_network("example", lines, {"w": "2"}, {"x": "1"}))
    layers = gradient_flow(trace, 1).layers
    blocks = way_back(trace.program, layers, lambda size: rough_node(size, 3))
    (block,) = (it for it in blocks if isinstance(it, Paragraph))
    (sentence,) = block.sentences
    assert (sentence.slots["first"], sentence.slots["last"]) == (Name("z"), Name("a"))
