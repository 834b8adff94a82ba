"""What the first step would have come to at other rates is what a run at that rate comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.run.networks import written
from tracer.narrative.blocks import Paragraph, Table
from tracer.narrative.run_verdict import next_commands, verdict_blocks, verdict_remarks
from tracer.operations import figure_node
from tracer.program.scenario import load
from tracer.run.diagnosis import Diagnosis
from tracer.run.runner import run_scenario

SMALL = ["mlp_2_2_2", "rnn_step", "softmax_example", "self_attention", "batch_norm", "xor"]


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_losses_are_those_of_runs_at_these_rates(name: str, optimizer: str) -> None:
    """A run at each of the rates has that loss in its second iteration."""
    settings = [f"optimizer={optimizer}", "iterations=2"]
    found = Diagnosis(run_scenario(load(name, settings=settings))).other_rates
    assert len(found) == 4
    for item in found:
        again = run_scenario(load(name, settings=[*settings, f"learning_rate={item.rate!r}"]))
        assert item.loss == pytest.approx(Diagnosis(again).losses[1], rel=1e-9)


def sentences(name: str, *settings: str) -> list[str]:
    """Return what is said of a run, without its figures."""
    diagnosis = Diagnosis(run_scenario(load(name, settings=list(settings))))
    return [remark.sentence.template for remark in verdict_remarks(diagnosis)]


def test_rates_that_no_number_holds_are_left_out() -> None:
    """Ten times a rate may be larger than a double can be."""
    trace = run_scenario(load("xor", settings=["learning_rate=5e307", "iterations=2"]))
    assert [item.rate for item in Diagnosis(trace).other_rates] == [5e306, 2.5e307, 1e308]


def test_rates_are_not_compared_where_no_step_is_taken() -> None:
    """A unit that is off has a gradient of 0: at any rate the loss stays as it is."""
    network = ("x = 1\ny = 2", "w = -1", "p = relu(w * x)\nloss = (p - y)**2")
    trace = run_scenario(written(*network, "learning_rate = 0.1\niterations = 3"))
    said = [remark.sentence.template for remark in verdict_remarks(Diagnosis(trace))]
    assert any("gradients are zero" in text for text in said)
    assert not any("another learning rate" in text for text in said)


def test_a_rate_that_goes_too_far_is_named_only_where_the_loss_is_larger() -> None:
    """Ten times the rate raises the loss of rnn_step, and not that of mlp_2_2_2."""
    assert any("goes too far" in text for text in sentences("rnn_step"))
    assert not any("goes too far" in text for text in sentences("mlp_2_2_2"))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("one_weight", ()),  # its factor says it of all rates
        ("four_layer_classifier", ()),  # other samples in each iteration
    ],
)
def test_other_rates_are_not_told_of_such_runs(name: str, settings: tuple[str, ...]) -> None:
    """One factor, or other samples: there is nothing to compare."""
    assert not any("another learning rate" in text for text in sentences(name, *settings))


def test_a_page_has_other_rates_in_a_table() -> None:
    """A row a rate, below one sentence; what is only read has them in a sentence."""
    diagnosis = Diagnosis(run_scenario(load("rnn_step")))
    (table,) = (block for block in verdict_blocks(diagnosis) if isinstance(block, Table))
    assert len(table.rows) == len(diagnosis.other_rates) == 4
    assert table.rows[0] == tuple(
        figure_node(value, 6)
        for value in (diagnosis.other_rates[0].rate, diagnosis.other_rates[0].loss)
    )


@pytest.mark.parametrize("name", ["digit_cnn", "transformer_block"])
def test_other_rates_are_told_of_larger_networks_and_of_one_iteration(name: str) -> None:
    """A convolution with sgd, and one step of Adam."""
    assert any("another learning rate" in text for text in sentences(name))


@pytest.mark.parametrize(
    ("equations", "rate", "told"),
    [
        # The logarithm of a negative number: at any rate of these the run goes on or stops as well.
        ("p = log(w)\nloss = (p - y)**2 + (w * v - 1)**2", 4, False),
        ("loss = (2 * w)**4 + v**4", 1, True),  # the losses had grown: too long steps
    ],
)
def test_other_rates_of_a_run_that_stops_are_told_where_its_steps_were_too_long(
    equations: str, rate: float, *, told: bool
) -> None:
    """What no rate has caused no other rate mends."""
    training = f"learning_rate = {rate}\niterations = 30"
    trace = run_scenario(written("y = 2", "w = 1\nv = 0.5", equations, training))
    diagnosis = Diagnosis(trace)
    assert trace.fault is not None
    assert diagnosis.fault_cause is not None
    said = [remark.sentence.template for remark in verdict_remarks(diagnosis)]
    assert diagnosis.fault_cause.diverged == told
    assert any("another learning rate" in text for text in said) == told


@pytest.mark.parametrize(
    ("name", "settings", "other"),
    [
        ("mlp_2_2_2", [], "5"),
        ("mlp_2_2_2", ["learning_rate=12", "iterations=2"], None),  # none of four ends lower
        ("two", ["learning_rate=0.3", "iterations=6"], "0.03"),  # diverges, is no parabola
    ],
)
def test_another_rate_is_advised_only_where_its_first_step_ends_lower(
    name: str, settings: list[str], other: str | None, tmp_path: Path
) -> None:
    """Not a rate that its own list shows to be worse, and none with which nothing moves."""
    path = tmp_path / "two.toml"
    path.write_text(
        "[data]\nx = 2\ny = 3\n[parameters]\na = 1.5\nb = 0.5\n[network]\n"
        'equations = "loss = (a * b * x - y)**2"\n[training]\nlearning_rate = 1\niterations = 1\n'
    )
    scenario = load(str(path) if name == "two" else name, settings=settings)
    diagnosis = Diagnosis(run_scenario(scenario))
    texts = [
        str(block.sentences[0].slots["command"])
        for block in next_commands(diagnosis)
        if isinstance(block, Paragraph)
    ]
    rates = [text.partition("--learning-rate ")[2] for text in texts]
    assert [rate for rate in rates if rate] == ([] if other is None else [other])


def test_a_variant_is_suggested_by_its_own_title(tmp_path: Path) -> None:
    """Else by its name; the one that runs is left out."""
    path = tmp_path / "titled.toml"
    path.write_text(
        'title = "Plain"\n[parameters]\nw = 1\n[network]\nequations = "loss = w**2"\n'
        '[[variants]]\nname = "far"\nparameters.w = 5\n[[variants]]\nname = "near"\n'
        'title = "From near by"\nparameters.w = 0.5\n[[variants]]\nname = "middle"\n'
    )
    blocks = next_commands(Diagnosis(run_scenario(load(str(path)).variant("middle"))))
    said = [str(block.sentences[0]) for block in blocks if isinstance(block, Paragraph)]
    assert said == [
        f"The variant far: tracer derive {path} --variant far",
        f"The variant From near by: tracer derive {path} --variant near",
    ]
