"""Pictures as SVG: their words, their numbers, and where the boxes of a network stand."""

# ruff: noqa: D103 - the name of a test may be its whole sentence

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case_lists import sampled
from tests.render.blocks_to_render import (
    HOSTILE,
    NOTATION,
    SCENARIOS,
    graph,
    plot,
    scenario_blocks,
)
from tracer.narrative.blocks import Graph, Plot, Series
from tracer.render.layered import Drawing, layered_drawing
from tracer.render.plots import Axis, number_axis, plot_axes
from tracer.render.svg import svg
from tracer.sentences import say

NAMESPACE = "{http://www.w3.org/2000/svg}"


def check(text: str) -> ElementTree.Element:
    """Check a picture of its own and return its tree."""
    root = ElementTree.fromstring(text)
    assert root.tag == f"{NAMESPACE}svg"
    assert [child.tag.removeprefix(NAMESPACE) for child in root][:2] == ["title", "desc"]
    assert root.get("role") == "img"
    named = {item.get("id") for item in root.iter()}
    assert set((root.get("aria-labelledby") or "").split()) <= named
    assert text.count("http") == 1  # the namespace
    assert not re.search(r"<(script|image|use|a|foreignObject)\b|href=|\bon\w+=|@import", text)
    assert all(address.startswith("#") for address in re.findall(r"url\(([^)]*)\)", text))
    assert "nan" not in re.sub(r"<(title|desc|text)[^>]*>[^<]*", "", text)
    return root


def words(root: ElementTree.Element) -> list[str]:
    """Return the texts of a picture."""
    return [item.text or "" for item in root.iter(f"{NAMESPACE}text")]


def test_a_plot_says_what_it_shows() -> None:
    """Title, description, axes and round numbers."""
    root = check(svg(plot(), NOTATION))
    assert root.findtext(f"{NAMESPACE}title") == "L / iteration"
    assert root.findtext(f"{NAMESPACE}desc") == "L falls."
    assert words(root) == ["L", "0", "1", "2", "3", "4", "1", "2", "3", "iteration"]
    line = root.find(f"{NAMESPACE}polyline")
    assert line is not None
    assert len((line.get("points") or "").split()) == 3


def test_several_curves_are_told_apart_without_colour() -> None:
    """Each has a name and dashes of its own."""
    curves = [Series(say("{n}", n=n), ((0.0, n), (1.0, n + 1.0))) for n in range(3)]
    block = Plot(say("Three."), say("x"), say("y"), curves)
    root = check(svg(block, NOTATION))
    lines = root.findall(f"{NAMESPACE}polyline")
    assert len({line.get("stroke-dasharray") for line in lines}) == 3
    assert words(root)[:4] == ["y", "0", "1", "2"]


def test_it_is_readable_on_light_and_dark() -> None:
    """A picture of its own has a background that changes with its letters."""
    text = svg(plot(), NOTATION)
    assert "prefers-color-scheme:dark" in text
    assert 'style="fill:var(--paper)"' in text
    inline = svg(plot(), NOTATION, inline=True, id="p1")
    assert "<style>" not in inline
    assert "xmlns" not in inline
    assert 'aria-labelledby="p1-title p1-text"' in inline


def test_a_network_shows_each_quantity_and_arrow() -> None:
    """Labels in the reader's notation, notes below them."""
    root = check(svg(graph("(2, 3)"), NOTATION))
    assert words(root) == ["x", "(2, 3)", "w", "ŷ", "L"]
    assert len([path for path in root.iter(f"{NAMESPACE}path") if path.get("marker-end")]) == 3
    assert root.findtext(f"{NAMESPACE}desc") == "A network; L is its loss."


@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_the_pictures_of_a_bundled_scenario_are_clean(name: str) -> None:
    """Nothing from outside, and something to read instead."""
    blocks, notation = scenario_blocks(name)
    pictures = [block for block in blocks if isinstance(block, (Graph, Plot))]
    assert pictures
    for block in pictures:
        check(svg(block, notation))


def test_hostile_text_stays_text() -> None:
    """In a title, a description and a label."""
    sentence = say("{text}", text=HOSTILE)
    block = Plot(sentence, sentence, sentence, [Series(sentence, ((0.0, 1.0),))] * 2)
    text = svg(block, NOTATION)
    root = ElementTree.fromstring(text)
    shown = HOSTILE.replace("\x1b", "␛").replace("\u202e", "�")
    assert root.findtext(f"{NAMESPACE}desc") == shown
    assert not list(root.iter(f"{NAMESPACE}script"))
    ElementTree.fromstring(svg(graph(HOSTILE), NOTATION))


numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(numbers, numbers), max_size=40))
def test_any_finite_points_can_be_drawn(points: list[tuple[float, float]]) -> None:
    """Huge, tiny, equal and no numbers."""
    root = check(svg(Plot(say("c"), say("x"), say("y"), [Series(say("s"), points)]), NOTATION))
    for line in root.iter(f"{NAMESPACE}polyline"):
        for number in re.split("[ ,]", line.get("points") or ""):
            assert 0 <= float(number) <= 700


AXES = [
    ((0.0, 2.25), 5, ["0", "0.5", "1", "1.5", "2"]),
    ((1.0, 3.0), 5, ["1", "1.5", "2", "2.5", "3"]),
    ((1.0, 500.0), 8, ["100", "200", "300", "400", "500"]),
    ((-1.0, 1.0), 5, ["-1", "-0.5", "0", "0.5", "1"]),
    ((3.0, 3.0), 5, ["3"]),
    ((0.0, 1e-12), 5, ["0", "2e-13", "4e-13", "6e-13", "8e-13", "1e-12"]),
    ((-1e308, 1e308), 5, ["-1e308", "1e308"]),
    ((1.0, 1.0 + 1e-12), 5, ["1", "1"]),
]


@pytest.mark.parametrize(("limits", "count", "texts"), AXES)
def test_an_axis_has_round_numbers(
    limits: tuple[float, float], count: int, texts: list[str]
) -> None:
    assert [tick.text for tick in number_axis(*limits, count).ticks] == texts


def test_iterations_are_whole() -> None:
    """There is no iteration 1.5."""
    assert [tick.text for tick in number_axis(1.0, 3.0, 8, whole=True).ticks] == ["1", "2", "3"]


@given(numbers, numbers)
def test_ticks_stand_on_the_axis(one: float, other: float) -> None:
    """Between its ends, from low to high."""
    found = number_axis(min(one, other), max(one, other), 5)
    places = [tick.place for tick in found.ticks]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    assert len(places) < 20


def test_what_falls_towards_zero_is_seen_against_zero() -> None:
    """But what stays far from it is not flattened."""
    assert plot_axes(plot((1.0, 5.0), (2.0, 1.0)))[1].low == 0
    up = plot_axes(plot((1.0, 5.0), (2.0, 4.9)))[1]
    assert isinstance(up, Axis)
    assert up.low == 4.9


def overlaps(drawing: Drawing, sizes: dict[str, tuple[float, float]]) -> list[tuple[str, str]]:
    """Return the boxes that lie on each other."""
    return [
        (one, other)
        for one, other in combinations(sizes, 2)
        if abs(drawing.places[one].x - drawing.places[other].x)
        < (sizes[one][0] + sizes[other][0]) / 2 - 1e-6
        and abs(drawing.places[one].y - drawing.places[other].y)
        < (sizes[one][1] + sizes[other][1]) / 2 - 1e-6
    ]


@given(
    st.lists(st.tuples(st.integers(20, 90), st.integers(20, 40)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=25),
    st.sampled_from((10.0, 1e6)),
)
def test_boxes_do_not_overlap_and_arrows_go_forward(
    boxes: list[tuple[int, int]], pairs: list[tuple[int, int]], widest: float
) -> None:
    """For any edges in the order of the equations."""
    sizes = {f"n{n}": (float(wide), float(high)) for n, (wide, high) in enumerate(boxes)}
    ends = sorted({(min(pair), max(pair)) for pair in pairs}, key=lambda pair: pair[::-1])
    edges = [(f"n{one}", f"n{other}") for one, other in ends if one < other < len(boxes)]
    drawing = layered_drawing(sizes, edges, gap=10, between=20, widest=widest)
    assert overlaps(drawing, sizes) == []
    for id, (x, y) in drawing.places.items():
        wide, high = sizes[id]
        assert -1e-6 <= x - wide / 2 <= x + wide / 2 <= drawing.width + 1e-6
        assert -1e-6 <= y - high / 2 <= y + high / 2 <= drawing.height + 1e-6
    for edge in drawing.edges:
        along = [point.x if drawing.across else point.y for point in edge.points]
        assert along == sorted(along)
