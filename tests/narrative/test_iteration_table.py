"""What is said of a run: whether it converges, and why."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import math

import pytest

from tests.case_lists import sampled
from tracer.narrative.iteration_table import table_columns
from tracer.narrative.run_verdict import Remark, loss_remarks, verdict_remarks
from tracer.narrative.session import Session
from tracer.program.scenario import Scenario, bundled, load
from tracer.program.scenario_edits import with_optimizer, with_value
from tracer.render.mathematics import Mathematics, Words
from tracer.run.diagnosis import Diagnosis
from tracer.run.short_runs import run
from tracer.sentences import Sentence


def _at(rate: str, iterations: int = 6, name: str = "one_weight") -> Scenario:
    scenario = with_value(load(name), ("training", "learning_rate"), rate)
    return with_value(scenario, ("training", "iterations"), str(iterations))


def _said(scenario: Scenario) -> str:
    session = Session(run(scenario))
    mathematics = Mathematics(session.notation, Words())
    said = verdict_remarks(Diagnosis(session.trace))
    return " ".join(mathematics.text(each.sentence) for each in said)


@pytest.mark.parametrize("rate", ["0.1", "0.4", "0.5", "0.9", "1", "1.1", "3"])
def test_the_factor_of_the_one_weight_demo_is_one_minus_two_eta_x_squared(rate: str) -> None:
    diagnosis = Diagnosis(run(_at(rate)))
    expected = 1 - 2 * float(rate) * 1**2
    assert diagnosis.factors
    assert all(math.isclose(found, expected, abs_tol=1e-12) for found in diagnosis.factors)


@pytest.mark.parametrize(
    ("rate", "part"),
    [
        ("0.1", "The factor is between 0 and 1: each step comes nearer, and the run converges."),
        ("0.5", "The factor is 0: one step reaches the target."),
        (
            "0.7",
            "The factor is above −1: each step overshoots, but lands nearer, and the run",
        ),
        ("1", "The factor is −1: each step overshoots and lands just as far away"),
        ("1.1", "The factor is below −1: each step overshoots and lands farther away"),
        ("0", "The factor is 1: the error stays as it is."),
    ],
)
def test_why_a_rate_converges_or_not(rate: str, part: str) -> None:
    assert part in _said(_at(rate))


@pytest.mark.parametrize(
    ("rate", "parts"),
    [
        (
            "1.0000001",
            ["It diverges", "2.25 to 2.250005", "by −1.0000002.", "The factor is below −1"],
        ),
        (
            "0.9999999",
            ["falls in every step, from 2.25 to 2.249", "by −0.9999998.", "The factor is above −1"],
        ),
        ("1", ["The loss stays at 2.25.", "by −1.", "The factor is −1"]),
    ],
)
def test_rates_beside_the_limit_are_told_apart(rate: str, parts: list[str]) -> None:
    """What is said of the loss, of the factor and of its meaning is one and the same thing."""
    said = _said(_at(rate))
    assert all(part in said for part in parts), said


def test_the_formula_and_the_limit_are_told() -> None:
    said = _said(_at("1.1"))
    assert "Each step multiplies ŷ − y by −1.2." in said
    assert "That is 1 − 2·η·x² = 1 − 2·1.1·1² = −1.2." in said
    assert "Training converges for learning rates between 0 and 1; here the rate is 1.1." in said


def test_several_samples_have_a_limit_of_their_own() -> None:
    said = _said(load("one_weight_sum"))
    assert "Each step multiplies ŷ − y by −1.8." in said
    assert "as the gradient changes by 28 where w changes by 1" in said
    limit = 2 / 28
    assert "diverges" in _said(_at(f"{limit * 1.01:.6f}", name="one_weight_sum"))
    assert "diverges" not in _said(_at(f"{limit * 0.99:.6f}", name="one_weight_sum"))


def test_with_memory_the_factor_is_only_measured() -> None:
    said = _said(with_optimizer(_at("0.1"), "adam"))
    assert "A step multiplies ŷ − y by" in said
    assert "η" not in said


def _way(scenario: Scenario) -> Remark:
    return loss_remarks(Diagnosis(run(scenario)))[-1]


def test_a_loss_that_grows_in_every_step_diverges_from_the_first_step_on() -> None:
    told = _way(_at("1.2"))
    assert told.role == "bad"
    assert told.sentence.template.startswith("It diverges from the first step on")


def test_a_value_that_is_not_finite_is_told_with_its_iteration() -> None:
    trace = run(_at("100", 400))
    assert trace.fault is not None
    told = loss_remarks(Diagnosis(trace))[0]
    assert told.role == "bad"
    assert told.sentence.slots["number"] == trace.fault.iteration


def test_an_oscillating_loss_does_not_change() -> None:
    assert _way(_at("1")).sentence.template == "The loss stays at {first}."


def test_one_iteration_has_no_course() -> None:
    told = loss_remarks(Diagnosis(run(_at("0.1", 1))))
    assert [each.sentence.template for each in told] == [
        "One iteration shows no trend: there is only one loss."
    ]


# The large ones take seconds, and their sentences are those of the others.
LARGE = ("four_layer_classifier", "gpt2_mlp_full", "position_wise_ffn_full")


@pytest.mark.parametrize("name", sampled(name for name in bundled() if name not in LARGE))
def test_every_scenario_has_a_course(name: str) -> None:
    trace = run(load(name))
    diagnosis = Diagnosis(trace)
    assert all(isinstance(remark.sentence, Sentence) for remark in verdict_remarks(diagnosis))
    for column in table_columns(diagnosis, [1.0]):
        for number in (1, len(trace), len(trace) + 1):
            value = column.value(number)
            assert value is None or isinstance(value, float)
