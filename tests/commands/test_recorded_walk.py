"""`tracer tui SCENARIO --values FILE`: the walk through values that were recorded elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tracer.cli import main
from tracer.program.scenario import load
from tracer.recorded.recorded_files import raw_values
from tracer.recorded.recorded_run import recorded_run
from tracer.run.memory import BUDGET_BYTES
from tracer.run.runner import run_scenario


def test_recorded_values_stand_in_the_place_of_computed_ones() -> None:
    """What was not recorded follows from what was, in the next iteration too."""
    raw = raw_values({1: {"dloss/dy_pred": -2.0}, 2: {"loss": [1.5]}})
    trace = recorded_run(load("one_weight"), raw, budget=BUDGET_BYTES)
    first, second = trace.iterations()
    assert (first["y_pred"], first["dloss/dy_pred"], first["dloss/dw"]) == (0.5, -2.0, -2.0)
    assert first["w'"] == second["w"] == second["y_pred"] == 0.7
    assert (second["loss"], second["dloss/dw"]) == (1.5, pytest.approx(-2.6))
    assert trace.final["w"] == [pytest.approx(0.96)]


@pytest.mark.parametrize(
    "name", ["mlp_2_2_2", "rnn_step", "perceptron", "optimizers", "self_attention"]
)
def test_a_right_recording_is_the_run(name: str) -> None:
    """All values of each iteration, batch after batch."""
    own = run_scenario(load(name))
    values = {
        number: {key: own.iteration(number)[key] for key in own.iteration(number)}
        for number in range(1, min(len(own), 5) + 1)
    }
    found = recorded_run(load(name), raw_values(values), budget=BUDGET_BYTES)
    assert len(found) == len(values)
    for number in values:
        ours, theirs = own.iteration(number), found.iteration(number)
        assert all(np.allclose(ours[key], theirs[key], rtol=1e-12, atol=0) for key in ours)


def test_without_a_terminal_the_walk_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the name of the scenario and that of the file."""
    file = tmp_path / "recording.json"
    file.write_text(json.dumps({"1": {"loss": 7.25}}), "utf-8")
    assert main(["tui", "one_weight", "--values", str(file)]) == 0
    text = capsys.readouterr().out
    assert text.strip().startswith("One weight (recording.json)")
    assert "(0.5 − 2)² ≈ 7.25" in text
    assert "Iteration 2" not in text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"1": {"v": 1}}, "none of the recorded values belongs to the scenario; found v"),
        ({"1": {"loss": [1, 2]}}, "loss: it has another shape; found (2,); expected ()"),
    ],
)
def test_a_file_of_something_else_is_one_message(
    values: object, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2, before anything is shown."""
    file = tmp_path / "recording.json"
    file.write_text(json.dumps(values), "utf-8")
    assert main(["tui", "one_weight", "--values", str(file)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"tracer: {message}")
    assert captured.out == ""
