"""The session: where a reader stands, without a screen."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.case_lists import sampled
from tracer.errors import RunError, UnknownNameError
from tracer.narrative.catalogue import catalogue
from tracer.narrative.session import Session, StepPlace
from tracer.program.scenario import bundled, load
from tracer.render.mathematics import Mathematics, Words
from tracer.run.short_runs import is_quick, run

LARGE = ("four_layer_classifier", "gpt2_mlp_full", "position_wise_ffn_full")


def session(name: str = "one_weight", *settings: str) -> Session:
    return Session(run(load(name, settings=settings)))


def test_next_passes_every_step_and_previous_comes_back_the_same_way() -> None:
    walk = session()
    places = [walk.place]
    while walk.next():
        places.append(walk.place)
    assert len(places) == sum(len(walk.equations(number)) for number in (1, 2, 3))
    back = [walk.place]
    while walk.previous():
        back.append(walk.place)
    assert back == places[::-1]


def test_a_step_shows_what_the_trace_recorded() -> None:
    walk = session("mlp_2_2_2")
    while walk.next():
        recorded = walk.trace.iteration(walk.place.iteration).floats(walk.equation.name)
        assert list(walk.step.values) == recorded


def test_phases_and_iterations_are_passed_whole() -> None:
    walk = session()
    phases = [walk.equation.phase]
    for _ in range(2):
        walk.next_phase()
        phases.append(walk.equation.phase)
    assert phases == ["forward", "loss", "backward"]
    walk.next()
    walk.previous_phase()
    assert walk.place == StepPlace(1, 2)  # the first step of the same phase
    walk.previous_phase()
    assert walk.place == StepPlace(1, 1)
    walk.next_iteration()
    assert walk.place == StepPlace(2, 1)
    walk.last()
    assert walk.place == StepPlace(3, 4)
    assert not walk.next()
    walk.first()
    assert not walk.previous()


def test_a_step_is_found_by_its_names() -> None:
    walk = session()
    walk.go_to("dloss/dw")
    assert walk.equation.name == "dloss/dw"
    walk.go_to("3 ŷ")
    assert walk.place == StepPlace(3, 0)
    walk.go_to("dloss/dw 1")
    assert walk.place == StepPlace(1, 3)
    walk.go_to("3 ŷ")
    walk.go_to("2")
    assert walk.place == StepPlace(2, 0)
    walk.go_to("last")
    assert walk.place == StepPlace(3, 4)
    with pytest.raises(UnknownNameError, match="there is no step dloss/dv"):
        walk.go_to("dloss/dv")
    with pytest.raises(RunError, match="there is no iteration 9"):
        walk.go_to("9")
    assert walk.place == StepPlace(3, 4)


def test_the_name_of_a_step_leads_from_there_to_its_next_time() -> None:
    walk = session()
    walk.go_to("dloss/dw")
    assert walk.place == StepPlace(1, 3)
    walk.go_to("dloss/dw")
    assert walk.place == StepPlace(2, 3)
    walk.last()
    assert not walk.go_to("w")


def test_a_part_of_a_formula_is_looked_for_round_past_the_end() -> None:
    walk = session()
    assert walk.go_to("ŷ − y")
    assert walk.place == StepPlace(1, 1)
    walk.go_to("ŷ =")
    assert walk.place == StepPlace(1, 2)
    walk.go(3, 4)
    walk.go_to("ŷ =")
    assert walk.place == StepPlace(1, 0)
    with pytest.raises(UnknownNameError, match="there is no step nothing like it"):
        walk.go_to("nothing like it")
    assert walk.place == StepPlace(1, 0)


def test_change_marks_what_an_update_moved() -> None:
    walk = session()
    walk.last()
    change = walk.change()
    assert change.name == "w"
    assert list(change.before or ()) == walk.iteration.floats("w")
    assert list(change.after) == walk.iteration.floats("w'")
    assert change.is_changed(0)


def test_change_compares_with_the_iteration_before() -> None:
    walk = session()
    assert walk.change().before is None
    walk.next_iteration()
    change = walk.change()
    assert list(change.before or ()) == walk.trace.iteration(1).floats("y_pred")


def test_inside_a_step_are_its_operations() -> None:
    walk = session("mlp_2_2_2")
    assert walk.enter()
    lines = walk.inner
    assert [line.equation.name for line in lines] == ["z1_1", "z1"]
    assert list(lines[-1].values) == walk.iteration.floats("z1")
    walk.next()
    assert walk.step is lines[1]
    walk.next()
    assert walk.place == StepPlace(1, 1)
    walk.previous()
    assert walk.place == StepPlace(1, 0)


def test_a_single_operation_has_no_inside() -> None:
    walk = session()
    assert not walk.enter()
    assert walk.place == StepPlace(1, 0)


def test_inside_an_entry_is_its_own_line() -> None:
    walk = session("mlp_2_2_2")
    walk.go_to("dloss/dW1")
    assert walk.enter((1, 0))
    recorded = walk.iteration.floats("dloss/dW1")
    assert walk.step.values == [recorded[2]]
    with pytest.raises(RunError, match="dloss/dW1 has no such entry"):
        walk.enter((2, 0))


@pytest.mark.parametrize("name", sampled(name for name in bundled() if name not in LARGE))
def test_operations_end_in_the_recorded_value(name: str) -> None:
    walk = session(name)
    for step in range(len(walk.equations())):
        walk.go(1, step)
        if walk.enter():
            recorded = walk.iteration.floats(walk.equation.name)
            # The last bit may differ: a matrix product of another layout adds in another order.
            assert list(walk.inner[-1].values) == pytest.approx(recorded, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", sampled(name for name in bundled() if is_quick(load(name))))
def test_each_operation_can_be_shown_after_its_step_was(name: str) -> None:
    """The equations of a step and of its operations belong to two programs."""
    walk = session(name)
    for step, equation in enumerate(walk.equations()):
        walk.go(1, step)
        assert walk.line.left is not None
        is_inside = equation.phase != "forward" and walk.enter()
        while is_inside:
            assert walk.step.sentences is not None
            assert walk.line.left is not None
            is_inside = walk.next() and walk.place.inside is not None


def test_another_run_keeps_the_place() -> None:
    walk = session()
    walk.go_to("2 dloss/dw")
    before = walk.losses
    walk.replace(run(load("one_weight", settings=["learning_rate=0.2", "iterations=2"])))
    assert walk.equation.name == "dloss/dw"
    assert walk.place.iteration == 2
    assert walk.count == 2
    assert walk.earlier == before


def test_a_run_that_stops_can_be_walked_to_its_fault() -> None:
    walk = session("one_weight", "learning_rate=1e200", "iterations=5")
    fault = walk.trace.fault
    assert fault is not None
    walk.last()
    assert walk.equation.name == fault.name
    assert walk.line.result is None
    while walk.previous():
        walk.change()


def test_a_network_without_training_is_walked_forward() -> None:
    walk = session("softmax_example")
    assert {equation.phase for equation in walk.equations()} <= {
        "forward",
        "loss",
        "backward",
        "update",
    }


def test_long_runs_are_not_quick() -> None:
    assert is_quick(load("one_weight"))
    assert is_quick(load("xor"))
    assert not is_quick(load("gpt2_mlp_full"))
    assert not is_quick(load("one_weight", settings=["iterations=100000"]))


def test_formulas_are_a_textbook_s_unless_code_is_chosen() -> None:
    """The same line in both notations: a setting of the interface chooses."""
    trace = run(load("mlp_2_2_2"))
    for style, operation in (("textbook", "beside"), ("code", "outer")):
        walk = Session(trace, style=style)  # type: ignore[arg-type]
        while walk.equation.name != "dloss/dW2":
            assert walk.next()
        formula = walk.line.formula
        assert getattr(formula, "operation", "") == operation


def drawn_by(walk: Session) -> Mathematics:
    return Mathematics(walk.notation, Words(catalogue("en"), unicode=True))


@pytest.mark.parametrize("name", ["one_weight", "mlp_2_2_2", "digit_cnn", "rnn_step"])
def test_a_gradient_is_what_comes_in_times_the_local_derivative(name: str) -> None:
    """Each line of it can be drawn; the last one has the gradient on its left."""
    walk = session(name)
    mathematics = drawn_by(walk)
    for step, equation in enumerate(walk.equations()):
        walk.go(1, step)
        lines = walk.factored_lines
        assert bool(lines) == (equation.phase == "backward")
        assert all(mathematics.equation(line, 60) for line in lines)
        assert not lines or lines[-1].left == walk.line.left


@pytest.mark.parametrize(
    ("name", "place", "meaning"),
    [
        ("one_weight", "dloss/dw", "So when w rises a little, L falls 3 times as much."),
        ("one_weight", "dloss/dy_pred", "So when ŷ rises a little, L falls 3 times as much."),
        ("mlp_2_2_2", "dloss/dz2", ""),
        ("one_weight", "w", ""),
        (
            "linear_regression",
            "dloss/dw",
            "Each entry is a slope: how many times as much L rises when that entry of w rises a "
            "little.",
        ),
    ],
)
def test_the_first_gradient_and_that_of_a_parameter_say_what_they_mean(
    name: str, place: str, meaning: str
) -> None:
    walk = session(name)
    walk.go_to(place)
    said = walk.meaning
    assert ("" if said is None else drawn_by(walk).text(said)) == meaning
