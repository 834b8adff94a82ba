"""The drawing of each bundled network, lit where a step computes."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from tests.case_lists import sampled
from tests.ui.pictures import check
from tracer.narrative.pictures import network_wiring
from tracer.narrative.session import Session
from tracer.narrative.steps import gradient_of
from tracer.narrative.textbook_blocks import signs_of_parts
from tracer.operations.numbers import short_text
from tracer.program.scenario import bundled, load, loads
from tracer.render.mathematics import Mathematics, Words
from tracer.render.network_drawing import Net, laid_out, paint_drawing
from tracer.render.network_view import DIGITS, BoxDrawing, NetworkView
from tracer.render.screen_lines import line_text, line_width
from tracer.run.short_runs import run
from tracer.text_width import width


def shown(session: Session, room: int = 120, rows: int = 0, *, unicode: bool = True) -> BoxDrawing:
    mathematics = Mathematics(session.notation, Words(unicode=unicode))
    return NetworkView(session, mathematics).show_in(room, rows)


SLOW = {"four_layer_classifier", "gpt2_mlp_full", "position_wise_ffn_full"}


def text(drawing: BoxDrawing) -> str:
    return dedent("\n".join(line_text(line).rstrip() for line in drawing.lines)) + "\n"


@pytest.mark.parametrize("name", sampled(bundled(), set(bundled()) - SLOW))
def test_drawing_of_a_bundled_scenario(name: str) -> None:
    """Each scenario's drawing after its forward pass, as a snapshot, with every box in it."""
    session = Session(run(load(name)))
    last = [item.phase in ("forward", "loss") for item in session.equations()].count(True) - 1
    session.go(1, last)
    drawing = shown(session)
    built = session.iteration.built
    boxes = network_wiring(built.program, signs_of_parts(built)).boxes
    assert set(drawing.places) == set(boxes)
    assert drawing.lit_box == session.equation.name
    check(f"network_{name}", text(drawing))


@pytest.mark.parametrize("name", ["mlp_2_2_2", "rnn_step", "transformer_block"])
def test_each_step_lights_its_box(name: str) -> None:
    session = Session(run(load(name)))
    places = None
    while True:
        drawing = shown(session)
        if session.phase in ("forward", "loss"):
            # A part of an equation that has no sign is inside the box of the whole.
            assert drawing.lit_box in (session.equation.name, session.equation.base)
        if session.phase == "backward" and session.equation.wrt in drawing.places:
            assert drawing.lit_box == session.equation.wrt
        assert places in (None, drawing.places)  # nothing moves from step to step
        places = drawing.places if session.place.iteration == 1 else None
        if not session.next() or session.place.iteration > 1:
            break


LARGE = (112, 21)  # pane 3 in a terminal of 200 by 60
SMALL = (31, 7)  # and of 80 by 24


WORKED = ["0.5·1 = 0.5 ", "(0.5 − 2)² = 2.25 ", "∂ 2·(0.5 − 2) = −3 ", "∂ −3·1 = −3 "]
SPELLED = [
    "0.5·1 ",
    "= 0.5 ",
    "(0.5 − 2)² ",
    "= 2.25 ",
    "∂ 2·(ŷ − y) ",
    "  = 2·(0.5 − 2) ",
    "∂ ∂L/∂ŷ·x ",
]


def test_where_there_is_room_a_number_stands_behind_what_it_comes_from() -> None:
    """In rows of its own, a gradient behind its formula too, where the boxes may be high."""
    session = Session(run(load("one_weight")))
    session.last()
    session.go_to("1 dloss/dw")
    for room, rows in ((LARGE, SPELLED), ((112, 9), WORKED)):
        drawn = text(shown(session, *room))
        assert [row for row in rows if f"│ {row}" not in drawn] == [], room
    assert "0.5·1" not in text(shown(session, 60, 21)), "there is no room for it"
    session.show_nudge(session.nudge_by("y_pred", 0, 1))
    drawn = text(shown(session, *LARGE))
    assert "0.5·1" not in drawn, "what is nudged comes from nothing"
    assert "∂ 2·(" in drawn


@pytest.mark.parametrize("room", [SMALL, LARGE])
@pytest.mark.parametrize("name", ["one_weight", "neuron", "mlp_2_2_2", "linear_regression", "xor"])
def test_nothing_moves_from_iteration_to_iteration(name: str, room: tuple[int, int]) -> None:
    session = Session(run(load(name)))
    view = NetworkView(session, Mathematics(session.notation, Words()))
    places = view.show_in(*room).places
    for number in {1, 2, session.count // 2, session.count}:
        for step in range(len(session.equations(number))):
            session.go(number, step)
            assert view.show_in(*room).places == places


@pytest.mark.parametrize("name", ["one_weight", "neuron", "mlp_2_2_2", "linear_regression"])
def test_a_large_room_shows_every_value_and_gradient_and_nothing_moves(name: str) -> None:
    session = Session(run(load(name)))
    view = NetworkView(session, Mathematics(session.notation, Words()))
    places = view.show_in(*LARGE).places
    while session.phase != "update":
        session.next()
        drawing = view.show_in(*LARGE)
        assert drawing.places == places
    assert drawing.width <= LARGE[0]
    assert len(drawing.lines) <= LARGE[1]
    written = text(drawing)
    for box in {place.partition("@")[0] for place in places}:  # an entry stands in its quantity
        gradient = gradient_of(session.iteration.program, box)
        for source in filter(None, (box, gradient)):
            for value in session.iteration.entries(source):
                assert short_text(value, DIGITS).replace("-", "−") in written


@pytest.mark.parametrize("name", sampled(bundled()))
@pytest.mark.parametrize("room", [SMALL, (59, 13), (78, 13)])
def test_a_drawing_is_in_one_piece_and_within_the_room_or_is_moved_over(
    name: str, room: tuple[int, int]
) -> None:
    """No connection goes on below; where neither names nor dots have room it is as wide as ever."""
    session = Session(run(load(name)))
    drawing = shown(session, *room)
    assert "┈" not in text(drawing)
    if drawing.width <= room[0]:
        assert max(map(line_width, drawing.lines)) <= room[0]
    else:
        assert drawing.sizes == shown(session, 300).sizes


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("self_attention", (78, 13)),
        ("xor", (51, 13)),
        ("xor", (35, 5)),
        ("neuron", (31, 7)),
        ("transformer_block", (78, 14)),
    ],
)
def test_a_network_is_seen_whole_by_its_names_or_by_dots(name: str, size: tuple[int, int]) -> None:
    """Where shapes have no room, names alone leave the drawing in one piece, also going back."""
    session = Session(run(load(name)))
    session.go_to(next(each for each in session.names() if each.startswith("dloss/d")))
    drawing = shown(session, *size)
    assert drawing.width <= size[0]
    assert ("●" in text(drawing)) == (name == "transformer_block")
    overview = text(drawing).partition("╭")[0]
    assert "×" not in overview
    assert "◀" in overview
    assert set(drawing.places) == set(shown(session, 300).places)


def test_where_there_is_room_the_neurons_of_a_layer_stand_in_a_column() -> None:
    session = Session(run(load("mlp_2_2_2")))
    session.go(1, 3)  # behind ŷ
    drawing = shown(session, 105, 33)
    columns = [{drawing.places[f"{name}@{at}"][0] for at in (0, 1)} for name in ("z1", "a1", "z2")]
    assert [len(column) for column in columns] == [1, 1, 1]
    written = text(drawing)
    for neuron, value in (("(a₁)₁", "0.560"), ("(a₁)₂", "0.505"), ("ŷ₁", "0.584")):
        assert re.search(rf"╭─ {re.escape(neuron)} ─*╮", written)
        assert f"│{value} " in written, neuron
    assert shown(session, 60, 33).places.keys() >= {"a1"}, "a small room has boxes for vectors"


def test_inside_an_entry_its_neuron_and_its_way_to_the_loss_are_lit() -> None:
    session = Session(run(load("mlp_2_2_2")))
    session.go(1, next(i for i, each in enumerate(session.equations()) if each.name == "dloss/da1"))
    assert shown(session, 105, 33).lit_box == "a1@0"
    session.enter((1,))
    drawing = shown(session, 105, 33)
    assert drawing.lit_box == "a1@1"
    assert "a1@0" not in drawing.beside
    assert {"z2@0", "z2@1", "loss"} <= set(drawing.beside)


def test_gradients_flow_back() -> None:
    session = Session(run(load("one_weight")))
    session.go_to("dloss/dw")
    backward = text(shown(session))
    assert "◀" in backward
    session.next()
    update = text(shown(session))
    assert "◀" not in update
    for written, moved in ((backward, "∂ −3"), (update, "→ 0.8")):  # ŷ comes from the old weight
        above, below = written.splitlines()[1:3]
        assert above.startswith("w 0.5 ─")
        assert below.startswith(moved)
        assert re.findall(r"\S+ \S+", below) == [moved, "∂ −3"], "each below its value"
        assert below.rindex("∂") == above.index("ŷ")


def test_without_room_below_a_sign_tells_of_a_gradient_on_the_way_back_only() -> None:
    session = Session(run(load("one_weight")))
    session.go_to("dloss/dw")
    assert "∂w ┴" in text(shown(session, 31, 2))
    session.next()
    update = text(shown(session, 31, 2))
    assert "w ┴" in update
    assert "∂" not in update


def test_ascii_where_the_terminal_has_no_more() -> None:
    session = Session(run(load("mlp_2_2_2")))
    while session.next():
        assert text(shown(session, unicode=False)).isascii()


def test_lines_that_only_cross_are_told_from_lines_that_join() -> None:
    net = Net(dict.fromkeys("abcd", (1, 1)), [("a", "d"), ("b", "c"), ("a", "c"), ("b", "d")])
    layout = laid_out(net, 40)
    labels = {id: [[(id, "")]] for id in net.sizes}
    lines = [line_text(line) for line in paint_drawing(layout, labels, set())]
    assert sum(line.count("▶") for line in lines) == 2
    lit = paint_drawing(layout, labels, {("a", "d")})
    roles = {role for line in lit for text, role in line if text.strip("abcd ")}
    assert roles == {"wire", "wire-lit"}


def test_no_two_boxes_share_a_place() -> None:
    for name in ("seq2seq_attention", "transformer_block"):
        places = shown(Session(run(load(name)))).places
        assert len(set(places.values())) == len(places)


def test_wide_labels_keep_their_columns() -> None:
    net = Net({"x": (width("损失 1"), 1), "y": (1, 1)}, [("x", "y")])
    (line,) = paint_drawing(laid_out(net, 40), {"x": [[("损失 1", "")]], "y": [[("y", "")]]}, set())
    assert line_width(line) == laid_out(net, 40).width


def test_of_a_very_large_network_what_is_near_the_step_is_drawn() -> None:
    scenario = load("rnn_step")
    text_of = scenario.text.replace("range(3)", "range(300)").replace("h[3]", "h[300]")
    rows = ", ".join(["[1, 0], [0, 1], [1, -1]"] * 100)
    text_of = text_of.replace("x = [[1, 0], [0, 1], [1, -1]]", f"x = [{rows}]")
    session = Session(run(loads(text_of)))
    view = NetworkView(session, Mathematics(session.notation, Words()))
    session.go(1, 400)
    drawing = view.show_in(80, 20)
    assert view.counts == (12, 607)
    assert drawing.lit_box in drawing.places
    assert len(drawing.lines) < 40


def test_a_gradient_lights_the_whole_way_from_the_loss() -> None:
    """At the first layer's weights all boxes behind them are on the way, their siblings are not."""
    session = Session(run(load("mlp_2_2_2")))
    session.go_to("dloss/dz2")
    assert set(shown(session).beside) == {"a2", "loss"}
    session.go_to("dloss/dW1")
    assert set(shown(session).beside) == {"z1", "a1", "z2", "a2", "loss"}


def test_what_does_not_lead_to_the_loss_is_on_no_way() -> None:
    session = Session(run(load("digit_cnn")))
    session.go_to("dloss/dz2")
    assert set(shown(session).beside) == {"loss"}


@pytest.mark.parametrize(("name", "room"), [("mlp_2_2_2", (52, 15)), ("self_attention", (78, 16))])
def test_where_only_names_have_room_the_step_is_seen_in_full_below(
    name: str, room: tuple[int, int]
) -> None:
    """Value and gradient of the lit box stand there; the whole and its room stay as they are."""
    session = Session(run(load(name)))
    view = NetworkView(session, Mathematics(session.notation, Words()))
    places = view.show_in(*room).places
    for step in range(len(session.equations(1))):
        session.go(1, step)
        drawing = view.show_in(*room)
        assert drawing.places == places
        assert len(drawing.lines) == room[1]
        assert max(map(line_width, drawing.lines)) <= room[0]
        computed = session.phase in ("forward", "loss", "backward")
        for value in session.iteration.entries(session.equation.name) if computed else ():
            assert short_text(value, DIGITS).replace("-", "−") in text(drawing)
