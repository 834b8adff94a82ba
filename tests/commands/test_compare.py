"""`tracer compare`: the first mismatch between two runs, or a run and recorded values."""

from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import tracer
from tracer.cli import main
from tracer.recorded import recorded_values
from tracer.recorded.recorded_values import compare_runs


def _compared(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    assert main(["compare", *arguments, "--format", "terminal"]) == code
    return " ".join(capsys.readouterr().out.split())


def test_another_rate_departs_first_and_the_update_follows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The setting itself is named, then what follows from it; both losses stand in a table."""
    text = _compared(capsys, 1, "one_weight", "--with", "learning_rate=0.2")
    assert "mismatch in learning_rate: one_weight learning_rate=0.2: 0.2, one_weight: 0.1" in text
    assert "it is 2 times the expected value" in text
    assert "mismatches that follow from it (name and iteration): w' (1)" in text
    assert "Later iterations follow from this one and are not compared." in text
    assert "3 0.9216 0.2916" in text
    assert "+ one_weight learning_rate=0.2" in text


def test_a_run_agrees_with_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """To the last iteration, with exit code 0."""
    text = _compared(capsys, 0, "mlp_2_2_2", "mlp_2_2_2", "--set", "iterations=70")
    assert "All values agree up to iteration 70." in text
    assert re.search(
        r"values that differ from mlp_2_2_2: 0 of \d+ \(iterations compared: 70;", text
    )


def test_another_optimizer_departs_in_its_update(capsys: pytest.CaptureFixture[str]) -> None:
    """What only one of the two has is listed once."""
    text = _compared(capsys, 1, "one_weight", "--with", "optimizer=adam")
    assert "iteration 1: first mismatch in w'" in text
    assert "its equation is w - learning_rate * m_hat[w]" in text
    assert "+ epsilon), expected w - learning_rate * dloss/dw" in text
    assert "only in one_weight optimizer=adam: t, beta1, beta2, epsilon" in text


def test_a_number_that_a_run_is_given_is_not_explained_by_chance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another scenario's rate is the first one's weight: that explains nothing."""
    text = _compared(capsys, 1, "one_weight", "xor")
    assert "mismatch in learning_rate: xor: 0.5, one_weight: 0.1" in text
    assert "it is the value of" not in text
    assert "recorded" not in text


def test_a_late_difference_is_found() -> None:
    """A run that another data row changes late departs in the iteration that sees it."""
    first, second = (
        tracer.trace(
            equations="p = x * w\nloss = sum((p - y)**2)",
            data={"x": [1.0] * 40, "y": [2.0] * 39 + [last]},
            parameters={"w": 0.5},
            learning_rate=0.01,
            epochs=1,
            batch_size=1,
        )
        for last in (2.0, 3.0)
    )
    found = compare_runs(first, second)
    departure = found.values.departures[0]
    assert (departure.iteration, departure.name, found.compared) == (40, "y", 40)


def test_long_runs_are_compared_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the number of the last iteration that was compared is told."""
    monkeypatch.setattr(recorded_values, "MOST_COMPARED", 20)
    trace = tracer.load("one_weight").set("iterations=50").run()
    found = compare_runs(trace, trace)
    assert (found.compared, found.values.departures) == (20, ())
    assert len(found.losses) == len(found.other_losses) == 50


def test_the_iterations_of_a_longer_run_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """That all values agree is said of those that both have."""
    assert main(["compare", "one_weight", "--with", "iterations=5", "--lang", "en"]) == 0
    printed = capsys.readouterr().out
    assert "All values agree up to iteration 3." in printed
    assert r"only in one\_weight iterations=5: the iterations from 4 on" in printed
    assert main(["compare", "one_weight", "--with", "title=same", "--lang", "en"]) == 0
    assert "only in" not in capsys.readouterr().out


def test_values_of_another_scenario_name_their_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scenario is right; it is the file that the names stand in."""
    file = tmp_path / "values.json"
    file.write_text('{"1": {"zzz": 0.5}}')
    assert main(["compare", "one_weight", str(file), "--lang", "en"]) == 2
    assert capsys.readouterr().err.startswith(f"tracer: {file}: none of the recorded values")


def test_long_runs_take_no_more_memory_than_short_ones() -> None:
    """Iterations are computed again one after the other and let go."""

    def peak(iterations: int) -> int:
        one, other = (
            tracer.trace(
                equations="p = W @ x\nloss = sum(p**2)",
                data={"x": [1.0] * 100},
                parameters={"W": np.eye(100)},
                learning_rate=0.001,
                iterations=iterations,
                record="checkpoints",
            )
            for _ in range(2)
        )
        tracemalloc.start()
        found = compare_runs(one, other)
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (found.compared, found.values.departures) == (iterations, ())
        return memory

    assert peak(160) < 1.5 * peak(40)


@pytest.mark.parametrize("ending", [".json", ".npz"])
def test_recorded_values_have_their_curve_too(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The comparison is that of `check --values`, with the losses of both."""
    target = tmp_path / f"recorded{ending}"
    values = {"w'": [0.8, 1.04, 1.3], "loss": [2.25, 1.44, 0.9216]}
    if ending == ".npz":
        arrays = {name: np.array(item) for name, item in values.items()}
        np.savez(target, **arrays)  # type: ignore[arg-type]  # stubs take them for allow_pickle
    else:
        target.write_text(json.dumps(values), "utf-8")
    assert main(["compare", "one_weight", str(target), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert main(["check", "--values", str(target), "--scenario", "one_weight", "--format", "json"])
    checked = json.loads(capsys.readouterr().out)
    assert found["departures"] == checked["departures"]
    assert (found["departures"][0]["iteration"], found["departures"][0]["name"]) == (3, "w'")
    assert found["losses"] == found["other_losses"] == values["loss"]


@pytest.mark.parametrize("kind", ["terminal", "markdown", "latex", "html"])
def test_every_format_shows_the_comparison(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No form fails."""
    arguments = ["compare", "one_weight", "--with", "w=1", "--format", kind]
    assert main(arguments) == 1
    assert "first mismatch" in capsys.readouterr().out


def test_saved_runs_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one another and with a scenario, on either side; their scenario is in their file."""
    monkeypatch.chdir(tmp_path)
    one, two = "one.npz", "two.npz"
    rate = ["--set", "learning_rate=0.2"]
    assert main(["run", "one_weight", "--save", one]) == 0
    assert main(["run", "one_weight", "--save", two, *rate]) == 0
    capsys.readouterr()
    assert "All values agree" in _compared(capsys, 0, "one_weight", one)
    assert "All values agree" in _compared(capsys, 0, one, "one_weight")
    for arguments in ([one, two], ["one_weight", two]):
        text = _compared(capsys, 1, *arguments)
        assert "mismatch in learning_rate" in text
        assert f"values that differ from {arguments[0]}:" in text
    assert main(["compare", one, two, *rate]) == 2
    assert "a saved run keeps its own scenario" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["one_weight"], "tracer: there is nothing to compare with; expected"),
        (["one_weight", "nowhere.json"], "tracer: nowhere.json: "),
        (["one_weight", "nowhere"], "tracer: there is no scenario “nowhere”"),
        (
            ["one_weight", "a.npz", "--with", "w=1"],
            "tracer: --with sets values of a scenario; found",
        ),
        (["one_weight", "--with", "v=1"], "tracer: --with v=1: there is no parameter"),
        (
            ["one_weight", "xor", "--tolerance", "2"],
            "tracer: --tolerance: this is not a share; found 2; expected a number from 0 to 1",
        ),
    ],
)
def test_what_cannot_be_compared_is_one_message(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2, and nothing on standard output."""
    assert main(["compare", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)
    assert captured.err.count("\n") == 1
