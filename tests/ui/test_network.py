"""The drawing of each bundled network, lit where a step computes."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.ui.pictures import check
from tracer.program.scenario import bundled, load
from tracer.render.boxes import width
from tracer.ui.drawing import Net, laid_out, painted
from tracer.ui.mathematics import Mathematics
from tracer.ui.network import NetworkView, Shown, wiring
from tracer.ui.session import Session, run
from tracer.ui.text import line_width, plain
from tracer.ui.words import Words


def shown(session: Session, room: int = 120, *, unicode: bool = True) -> Shown:
    mathematics = Mathematics(session.notation, Words("en", unicode=unicode))
    return NetworkView(session, mathematics).shown(room)


def text(drawing: Shown) -> str:
    return "\n".join(plain(line).rstrip() for line in drawing.lines) + "\n"


@pytest.mark.parametrize("name", bundled())
def test_drawing_of_a_bundled_scenario(name: str) -> None:
    """Each scenario's drawing after its forward pass, as a snapshot, with every box in it."""
    session = Session(run(load(name)))
    last = [item.phase in ("forward", "loss") for item in session.equations()].count(True) - 1
    session.go(1, last)
    drawing = shown(session)
    boxes = wiring(session.iteration.program).boxes
    assert set(drawing.layout.places) == set(boxes)
    assert drawing.lit == session.equation.name
    check(f"network_{name}", text(drawing))


@pytest.mark.parametrize("name", ["mlp_2_2_2", "rnn_step", "transformer_block"])
def test_each_step_lights_its_box(name: str) -> None:
    session = Session(run(load(name)))
    places = None
    while True:
        drawing = shown(session)
        if session.phase in ("forward", "loss"):
            assert drawing.lit == session.equation.name
        if session.phase == "backward" and session.equation.wrt in drawing.layout.places:
            assert drawing.lit == session.equation.wrt
        assert places in (None, drawing.layout.places)  # nothing moves from step to step
        places = drawing.layout.places if session.place.iteration == 1 else None
        if not session.next() or session.place.iteration > 1:
            break


def test_gradients_flow_back() -> None:
    session = Session(run(load("one_weight")))
    session.go_to("dloss/dw")
    assert "◀" in text(shown(session))
    assert "∂w −3" in text(shown(session))
    session.next()
    assert "w 0.8" in text(shown(session))
    assert "◀" not in text(shown(session))


def test_ascii_where_the_terminal_has_no_more() -> None:
    session = Session(run(load("mlp_2_2_2")))
    while session.next():
        assert text(shown(session, unicode=False)).isascii()


def test_lines_that_only_cross_are_told_from_lines_that_join() -> None:
    net = Net({"a": 1, "b": 1, "c": 1, "d": 1}, [("a", "d"), ("b", "c"), ("a", "c"), ("b", "d")])
    layout = laid_out(net, 40)
    labels = {id: (id, "") for id in net.widths}
    lines = [plain(line) for line in painted(layout, labels, set())]
    assert sum(line.count("▶") for line in lines) == 2
    lit = painted(layout, labels, {("a", "d")})
    roles = {role for line in lit for text, role in line if text.strip("abcd ")}
    assert roles == {"wire", "wire-lit"}


def test_no_two_boxes_share_a_place() -> None:
    for name in ("seq2seq_attention", "transformer_block"):
        layout = shown(Session(run(load(name)))).layout
        assert len(set(layout.places.values())) == len(layout.places)


def test_wide_labels_keep_their_columns() -> None:
    net = Net({"x": width("损失 1"), "y": 1}, [("x", "y")])
    (line,) = painted(laid_out(net, 40), {"x": ("损失 1", ""), "y": ("y", "")}, set())
    assert line_width(line) == laid_out(net, 40).width
