"""The loss of a scenario: told, exchanged, or refused with a reason."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.program.loss_form import LOSSES, loss_of
from tracer.program.scenario import Scenario, load, loads
from tracer.run.loss_choices import all_losses, with_loss
from tracer.run.short_runs import run
from tracer.sentences import Sentence


def _with(equation: str) -> Scenario:
    text = load("one_weight").text
    assert "loss = (y_pred - y)**2" in text
    return loads(text.replace("loss = (y_pred - y)**2", equation))


@pytest.mark.parametrize(
    ("equation", "form"),
    [
        ("loss = (y_pred - y)**2", "squared_error"),
        ("loss = ((y - y_pred)**2)", "squared_error"),
        ("loss = 1/2 * (y_pred - y)**2  # note", "half_squared_error"),
        ("loss = (y_pred - y)**2 / 2", "half_squared_error"),
        ("loss = abs(y_pred - y)", "mae"),
        ("loss = mse(y_pred, y)", "mse"),
        ("loss = huber(y_pred, y, delta=0.5)", "huber"),
        ("loss = mse(y_pred, y) / 2", ""),
    ],
)
def test_a_known_form_is_told_and_can_be_exchanged(equation: str, form: str) -> None:
    scenario = _with(equation)
    loss = loss_of(scenario)
    assert loss is not None
    assert loss.form == form
    after = with_loss(scenario, loss, "mae")
    assert "loss = mae(y_pred, y)" in after.equations
    assert after.equations.count("# note") == equation.count("# note")
    assert run(after).floats("loss")[0] == 1.5


@pytest.mark.parametrize("name", ["optimizers", "softmax_example", "activations"])
def test_a_loss_of_another_form_is_left_alone(name: str) -> None:
    assert loss_of(load(name)) is None


@pytest.mark.parametrize("name", ["one_weight", "xor", "mlp_2_2_2", "linear_regression"])
def test_what_is_said_to_fit_runs(name: str) -> None:
    scenario = load(name)
    loss = loss_of(scenario)
    assert loss is not None
    found = all_losses(run(scenario))
    assert [choice.form for choice in found] == list(LOSSES)
    fitting = [choice.form for choice in found if choice.refusal is None]
    assert loss.form in fitting
    for form in fitting:
        assert len(run(with_loss(scenario, loss, form)))


def test_why_a_loss_does_not_fit_is_said() -> None:
    refusals = {choice.form: choice.refusal for choice in all_losses(run(load("digit_mlp")))}
    assert "the shapes (1, 10) and (1,) differ" in str(refusals["mse"])
    assert refusals["cross_entropy"] is None
    refusal = {choice.form: choice.refusal for choice in all_losses(run(load("one_weight")))}["bce"]
    assert isinstance(refusal, Sentence)
    assert refusal.template == "{name} is not between 0 and 1."


def test_a_loss_of_probabilities_names_the_iteration_in_which_there_are_none() -> None:
    trace = run(load("cross_attention"))
    refusal = {choice.form: choice.refusal for choice in all_losses(trace)}["bce"]
    assert isinstance(refusal, Sentence)
    number = refusal.slots["number"]
    assert isinstance(number, int)
    assert any(not 0 <= entry <= 1 for entry in trace.iteration(number).entries("context"))
