"""`tracer sweep`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.program.scenario import Scenario
from tracer.run import sweep_runs
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

RATES = ("--set", "learning_rate=0.05:1.2:24")


def _printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["sweep", *arguments]) == 0
    return capsys.readouterr().out


def test_values_that_share_the_lowest_loss_are_all_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At steps so long that p is 1 in floats, the loss is 0 whatever the rate."""
    file = tmp_path / "steep.toml"
    file.write_text(
        "[data]\nx = 1\nt = 1\n[parameters]\nw = 0.5\n[network]\n"
        "equations = 'loss = bce(sigmoid(w * x), t)'\n"
        "[training]\nlearning_rate = 1\niterations = 3\n"
    )
    text = _printed(capsys, str(file), "--set", "learning_rate=1,200,400,800")
    assert "is 0, at 3 values of" in " ".join(text.split())


def test_one_weight_is_best_at_a_half_and_rises_above_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its error is multiplied by 1 − 2η: 0 at 0.5, longer than before above 1."""
    text = _printed(capsys, "one_weight", *RATES, "--format", "terminal")
    words = " ".join(text.split())
    assert "The lowest last L is 0, at learning_rate = 0.5." in words
    assert "From learning_rate = 1.05 on the loss ends higher than it began" in words
    assert "═ the loss ends higher than it began" in text
    rows = [line.split() for line in text.splitlines() if line.startswith(("0.", "1"))]
    assert [(row[0], row[-1]) for row in rows if row[0] in ("0.95", "1.05")] == [
        ("0.95", "falls"),
        ("1.05", "rises"),
    ]
    assert len(rows) == 24


def test_small_losses_have_powers_of_ten(capsys: pytest.CaptureFixture[str]) -> None:
    """Tables of runs write figures as derivations do, one of a comparison too."""
    sweep = _printed(capsys, "one_weight", "--set", "learning_rate=0.49,0.499,0.5")
    assert r"$3.60000 \cdot 10^{-7}$" in sweep
    main(["compare", "one_weight", "--with", "learning_rate=0.499"])
    assert r"$3.60000 \cdot 10^{-11}$" in capsys.readouterr().out


def test_each_optimizer_has_a_curve_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Two keys: a curve for each value of the second, the one that comes lowest first."""
    text = _printed(
        *(capsys, "one_weight", *RATES, "--set", "optimizer=sgd,adam", "--iterations", "40"),
        *("--format", "terminal"),
    )
    assert text.index("* optimizer = sgd") < text.index("+ optimizer = adam")
    assert "Runs: 48 (learning_rate: 24, optimizer: 2, iterations = 40)." in text
    assert "• optimizer = adam: The lowest last L is" in text


@pytest.mark.parametrize("kind", ["terminal", "markdown", "latex", "html", "json"])
def test_every_format_has_the_sweep(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No form fails, and JSON can be read."""
    text = _printed(capsys, "xor", "--set", "learning_rate=0.1,1,10", "--format", kind)
    assert "0.1" in text
    if kind == "json":
        found = json.loads(text)
        assert found["axes"] == {"learning_rate": [0.1, 1, 10]}
        assert [run["settings"]["learning_rate"] for run in found["runs"]] == [0.1, 1, 10]


def test_csv_and_lines_of_json_hold_every_run_exactly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both say the same of each run, with numbers that are read as the same doubles."""
    command = ["sweep", "one_weight", "--set", "learning_rate=0.01:200:40", "--iterations", "90"]
    table, lines = tmp_path / "runs.csv", tmp_path / "runs.jsonl"
    assert main([*command, "-o", str(table)]) == main([*command, "-o", str(lines)]) == 0
    capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8"))))
    runs = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert len(rows) == len(runs) == 40
    for row, run in zip(rows, runs, strict=True):
        assert float(row["learning_rate"]) == run["settings"]["learning_rate"]
        assert float(row["last_loss"]) == run["last_loss"]
        assert int(row["iterations_run"]) == run["iterations_run"]
        assert row["outcome"] == run["outcome"]
        assert row["fault_name"] == (run["fault"] or {"name": ""})["name"]
    assert {run["outcome"] for run in runs} == {"falls", "rises", "fault"}


def test_a_run_of_the_table_is_the_run_of_tracer_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The value that the sweep prints, given to `run`, ends with the same loss."""
    text = _printed(capsys, "one_weight", "--set", "learning_rate=0.01:2:50", "--format", "jsonl")
    swept = json.loads(text.splitlines()[17])
    rate = swept["settings"]["learning_rate"]
    assert main(["run", "one_weight", "--learning-rate", str(rate), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][-1]["loss"] == swept["last_loss"]


def test_the_plot_is_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An SVG with a title and a description; a Markdown file has it beside it."""
    target, page = tmp_path / "rates.svg", tmp_path / "rates.md"
    assert main(["sweep", "one_weight", *RATES, "-o", str(target)]) == 0
    assert main(["sweep", "one_weight", *RATES, "-o", str(page)]) == 0
    capsys.readouterr()
    tags = [element.tag.rpartition("}")[2] for element in ET.fromstring(target.read_text()).iter()]
    assert tags[:3] == ["svg", "title", "desc"]
    assert (tmp_path / "rates.curve.svg").is_file()
    assert "(rates.curve.svg)" in page.read_text("utf-8")


def test_seeds_repeat_each_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Three seeds are three first losses; large networks run in processes of their own."""
    text = _printed(
        *(capsys, "four_layer_classifier", "--set", "learning_rate=0.01,0.02"),
        *("--iterations", "2", "--seeds", "3", "--format", "jsonl"),
    )
    runs = [json.loads(line) for line in text.splitlines()]
    assert [run["settings"]["seed"] for run in runs] == [1, 2, 3, 1, 2, 3]
    assert len({run["first_loss"] for run in runs}) == 3
    assert runs[0]["first_loss"] == runs[3]["first_loss"]


def test_many_runs_are_listed_by_their_best(capsys: pytest.CaptureFixture[str]) -> None:
    """Of more than sixty the ten with the lowest last loss, and where all of them are."""
    text = _printed(capsys, "one_weight", "--set", "w=-5:5:101", "--format", "terminal")
    assert "The 10 runs with the lowest last loss; CSV and JSON have all 101." in text
    assert sum("falls" in line for line in text.splitlines()) < 12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is nothing to vary"),
        (["--set", "learning_rate=1:2"], "--set learning_rate=1:2: a range needs the number"),
        (["--learning-rate=-1,1"], "--learning-rate -1: [training] learning_rate: the number"),
        (["--set", "learning_rat=1,2"], "--set learning_rat=1: there is no parameter"),
        (["--set", "w=1,2", "--seeds", "2"], "one_weight.toml: the scenario has no seed to vary"),
        (["--set", "optimizer=sgd,adam", "-o", "x.svg"], "there is no axis of numbers"),
        (["--set", "w=1,2", "-o", "x.foo"], "x.foo: no format has this file extension"),
        (["--set", "w=1,2", "--variant", "none"], "one_weight.toml: there is no variant"),
    ],
)
def test_what_cannot_be_swept_is_one_message(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is wrong, where, and what is expected; exit code 2, and no file."""
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", "one_weight", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"tracer: {message}")
    assert "expected" in captured.err or "did you mean" in captured.err
    assert captured.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seeds", ["0", "-1", "x", "10001"])
def test_seeds_are_a_number_from_one_on(seeds: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is refused before anything runs."""
    assert main(["sweep", "xor", "--set", "learning_rate=1", f"--seeds={seeds}"]) == 2
    assert "is not a whole number from 1 to" in capsys.readouterr().err


@pytest.mark.parametrize(("set_by_user", "threads"), [(None, "1"), ("3", "3")])
def test_a_process_for_each_core_has_one_thread_unless_the_user_says_more(
    set_by_user: str | None, threads: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Said before NumPy is loaded, which reads it once."""
    code = (
        "import os, sys, tracer.commands.sweep as sweep; scenario_of = sweep.scenario_of\n"
        "def loaded(*options):\n"
        "    print('numpy' in sys.modules, os.environ['OMP_NUM_THREADS'])\n"
        "    return scenario_of(*options)\n"
        "sweep.scenario_of = loaded; from tracer.cli import main\n"
        "main(['sweep', 'four_layer_classifier', '--set', 'iterations=1', '--format', 'csv'])\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    if set_by_user is not None:
        environment["OMP_NUM_THREADS"] = set_by_user
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert capfd.readouterr().out.splitlines()[0] == f"False {threads}"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_run_that_ends_its_process_is_lost_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other runs have their figures, and its row says what happened."""

    def fragile(scenario: Scenario, **keywords: object) -> Trace:
        if "training.learning_rate=0.02" in scenario.overrides[-1]:
            os.kill(os.getpid(), signal.SIGKILL)
        return run_scenario(scenario, **keywords)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(sweep_runs, "run_scenario", fragile)
    rates = "--set=training.learning_rate=0.01,0.02,0.03"
    arguments = ["sweep", "four_layer_classifier", "--set=epochs=1", rates, "--format", "jsonl"]
    assert main(arguments) == 0
    outcomes = [json.loads(line)["outcome"] for line in capsys.readouterr().out.splitlines()]
    assert [outcome == "lost" for outcome in outcomes] == [False, True, False]
    assert main([*arguments[:-1], "markdown"]) == 0
    assert "is not known: its process died" in capsys.readouterr().out
    assert main([*arguments[:-3], "--set=training.learning_rate=0.02,0.02e0,0.02E0", "-q"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert not [line for line in printed if line.strip() in ("-", "•")]


def test_an_error_in_another_process_is_the_message_of_one_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the values of the run that it is about; its process has not died."""
    arguments = ["sweep", "four_layer_classifier", "--lang", "en", "--memory", "2MB"]
    assert main([*arguments, "--set=learning_rate=0.1,0.2,0.3"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("tracer: --set learning_rate=0.")
    assert ": this run does not fit into the memory" in error
    assert error.count("\n") == 1
