"""The bundled scenarios compute what PyTorch computes; make_bundled.py wrote what that is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.case_lists import sampled
from tracer.program.scenario import Scenario, bundled, load
from tracer.run.run_report import run_report
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

HERE = Path(__file__).parent / "bundled"
NAMES = sorted(path.stem for path in HERE.glob("*.json"))
TOLERANCE = 1e-10
STEPS = 3
MOST_BYTES = 600_000

# The scenarios without a reference of their own here, and why.
ELSEWHERE = {
    "linear_regression": "the references of the language have it",
    "mlp_2_2_2": "the references of the language have it",
    "neuron": "the references of the language have it",
    "one_weight": "the references of the language have it",
    "one_weight_all_samples": "one_weight_sum, variant mean",
    "xor": "the references of the language have it",
    "perceptron": "no gradient: compared with the rule below",
    "optimizers_side_by_side": "compared with the variants of optimizers below",
}


def scenario(name: str) -> Scenario:
    """Return a scenario or its variant with as many steps as the reference has."""
    base, _, variant = name.partition(".")
    found = load(base)
    if variant:
        found = found.variant(variant.replace("_", " "))
    return found if found.training is None else found.with_overrides([f"iterations={STEPS}"])


def error(ours: Any, theirs: Any) -> float:
    """Return |a - b| / max(1, |b|), the largest entry; of large arrays of norm and ends."""
    if isinstance(theirs, dict):
        flat = np.ravel(ours)
        assert list(np.shape(ours)) == theirs["shape"]
        kept = [np.linalg.norm(flat), *flat[:3], *flat[-3:]]
        return error(kept, [theirs["norm"], *theirs["ends"]])
    wanted = np.array(theirs, dtype=float)
    found = np.array(ours, dtype=float)
    assert found.shape == wanted.shape
    return float(np.max(np.abs(found - wanted) / np.maximum(1, np.abs(wanted))))


@pytest.mark.parametrize("name", sampled(NAMES, [item for item in NAMES if "_full" not in item]))
def test_every_value_is_that_of_pytorch(name: str) -> None:
    """Activations, losses, gradients and updated parameters of each step."""
    trace = run_scenario(scenario(name))
    reference = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    assert len(trace) == len(reference)
    compared = 0
    for step, iteration in zip(reference, trace.iterations(), strict=True):
        there = set(iteration)
        for quantity, value in step.items():
            # PyTorch has gradients of values that tracer joins to another's line, or leaves out.
            if quantity not in there and "/d" in quantity:
                continue
            difference = error(iteration[quantity], value)
            assert difference <= TOLERANCE, (iteration.number, quantity, difference)
            compared += 1
        program = iteration.program
        trained = {item for item in program.carried if item in program.parameters}
        assert {f"{item}'" for item in trained} <= set(step)
        assert {f"dloss/d{item}" for item in trained} <= set(step)
    assert compared >= 2 * len(reference)


def test_every_bundled_scenario_has_a_reference() -> None:
    """None is left out without a reason."""
    compared = {name.partition(".")[0] for name in NAMES} | {"four_layer_classifier"}
    assert compared | set(ELSEWHERE) == set(bundled())
    assert not compared & set(ELSEWHERE)


def test_the_references_are_small() -> None:
    """They are part of the repository."""
    assert sum(path.stat().st_size for path in HERE.iterdir()) < MOST_BYTES


# The classifier: 640 steps ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def classifier() -> Trace:
    """Return the whole run, with all gradients: near a gigabyte, which goes with the module."""
    return run_scenario(load("four_layer_classifier"))


def norm(arrays: list[Any]) -> float:
    """Return the norm of all entries together."""
    return float(np.sqrt(sum(float(np.sum(np.square(array))) for array in arrays)))


@pytest.mark.proof
def test_the_classifier_walks_as_pytorch_does_for_640_steps(classifier: Trace) -> None:
    """Loss, norm of the gradient and norm of the parameters, step by step."""
    trace = classifier
    steps = np.load(HERE / "four_layer_classifier.npz")["steps"]
    assert len(trace) == len(steps) == 640
    parameters = trace.program.parameters
    worst = 0.0
    for iteration, theirs in zip(trace.iterations(), steps, strict=True):
        gradients = norm([iteration[f"dloss/d{name}"] for name in parameters])
        after = norm([iteration[f"{name}'"] for name in parameters])
        worst = max(worst, error([iteration["loss"], gradients, after], theirs))
    assert worst < 1e-9


def test_the_classifier_ends_where_pytorch_does(classifier: Trace) -> None:
    """Every parameter after 640 steps, and the answers for 100 new samples."""
    trace = classifier
    reference = np.load(HERE / "four_layer_classifier.npz")
    last = trace.iteration(640)
    worst = max(error(last[f"{name}'"], reference[name]) for name in trace.program.parameters)
    assert worst < 1e-7
    _, classes = run_report(trace).prediction["classes"]
    assert classes == reference["predicted"].tolist()


def test_the_classifier_has_both_means(classifier: Trace) -> None:
    """The last batch has 8 samples: the mean of batch means is not the mean of the samples."""
    rows = run_report(classifier).rows
    assert len(rows) == 20
    assert {
        "loss (mean of batches)",
        "loss (mean of samples)",
        "accuracy (mean of batches)",
        "accuracy (mean of samples)",
    } <= set(rows[0])
    losses = [iteration["loss"] for iteration in classifier.iterations()][:32]
    assert rows[0]["loss (mean of batches)"] == pytest.approx(np.mean(losses), abs=1e-14)
    weighted = (32 * sum(losses[:31]) + 8 * losses[31]) / 1000
    assert rows[0]["loss (mean of samples)"] == pytest.approx(weighted, abs=1e-14)


# Rules without PyTorch ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variant", "steps", "learned"), [("", 19, True), ("or", 10, True), ("xor", 24, False)]
)
def test_the_perceptron_learns_what_a_line_can_divide(
    variant: str, steps: int, learned: bool
) -> None:
    """AND and OR end without a mistake; XOR never does."""
    found = load("perceptron")
    trace = run_scenario(found.variant(variant) if variant else found)
    answers = trace.scenario.constants["answers"].floats()
    w, b = np.zeros(2), 0.0
    done = 0
    for iteration in trace.iterations():
        place = (iteration.number - 1) % 4
        x = np.array([place // 2, place % 2])
        wrong = answers[place] - float(w @ x + b > 0)
        w, b = w + wrong * x, b + wrong
        assert iteration.floats("w'") == w.tolist()
        assert iteration.floats("b'") == [b]
        done += 1
    assert (done, trace.stopped) == (steps, learned)


def test_optimizers_beside_each_other_take_the_steps_of_the_variants() -> None:
    """The rule that writes all four out is each of them."""
    trace = run_scenario(load("optimizers_side_by_side"))
    single = load("optimizers")
    for name in ("sgd", "momentum", "rmsprop", "adam"):
        alone = single if name == "sgd" else single.variant(name)
        other = run_scenario(alone.with_overrides([f"iterations={len(trace)}"]))
        for number in range(1, len(trace) + 1):
            point = [*other.iteration(number).floats("p'"), *other.iteration(number).floats("q'")]
            assert error(trace.iteration(number).floats(f"w_{name}'"), point) < 1e-14


def test_claims_of_the_descriptions() -> None:
    """What the texts say is 0 is 0, and what they say is not is not."""

    def largest(name: str, quantity: str) -> float:
        return float(np.max(np.abs(run_scenario(load(name)).iteration(1)[quantity])))

    assert largest("no_activation", "difference") < 1e-15
    assert largest("no_activation", "odd_part") < 1e-15
    assert largest("no_activation", "odd_part_relu") > 0.1
    assert largest("position_wise_ffn", "same_as_convolutions") < 1e-15
    assert largest("position_wise_ffn", "same_when_permuted") < 1e-15
    assert largest("position_wise_ffn_full", "difference") < 1e-12
    assert largest("rnn_language_model", "same_row") == 0
    assert largest("self_attention", "difference") > 0.1
    causal = run_scenario(load("self_attention").variant("causal")).iteration(1)["A"]
    assert np.array_equal(causal, np.tril(causal))
    example = run_scenario(load("softmax_example")).iteration(1)
    assert np.round(example["p"], 4).tolist() == [0.5832, 0.2916, 0.1251]
    assert np.allclose(example["g"], example["error"], atol=1e-15)
    assert np.allclose(example["dloss/dz"], example["error"], atol=1e-15)
    values = run_scenario(load("losses")).iteration(1)
    assert values["squared"] == 4
    assert round(float(values["binary"]), 4) == 0.8760
    assert values["two_classes"] == pytest.approx(values["binary"], abs=1e-15)
    assert values["dloss/ds"] == pytest.approx(-100 - 1.98)
    weights = run_scenario(load("seq2seq_attention")).iteration(1)["attention"]
    assert np.allclose(np.sum(weights, axis=1), 1, atol=1e-15)
