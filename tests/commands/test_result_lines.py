"""`--jsonl`: results as lines of JSON, each once, and what is finished is not done again."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_check_folders import fragile_check
from tracer.cli import main
from tracer.commands import file_checks, mark
from tracer.commands.parallel import MANY
from tracer.commands.result_lines import ResultLines
from tracer.errors import TracerError
from tracer.program.scenario import Scenario
from tracer.run import sweep_runs
from tracer.run.runner import run_scenario
from tracer.run.sweep_runs import VectorRecord
from tracer.run.trace import Trace

ROOT = Path(__file__).resolve().parents[2]
RIGHT, WRONG = "y = 2 * 3 = 6\n", "y = 2 * 3 = 7\n"
Capture = pytest.CaptureFixture[str]


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return the results that a file holds."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[str]:
    """Return the list of the documents that a function of a module is called with from now on.

    All of it happens in one process from now on, as where there is one core.
    """
    calls: list[str] = []
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0}, raising=False)
    function: Callable[..., Any] = getattr(module, name)

    def called(document: Any, *rest: Any, **options: Any) -> Any:
        calls.append(Path(document.path).name)
        return function(document, *rest, **options)

    monkeypatch.setattr(module, name, called)
    return calls


def test_a_file_that_has_not_changed_is_not_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """What changed and what is new is; the counts are of all, and each file has one line."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name in "abc":
        Path(f"in/{name}.md").write_text(RIGHT, "utf-8")
    calls = counted(monkeypatch, file_checks, "check_document")
    command = ["check", "in", "--jsonl", "found.jsonl", "--lang", "en"]
    assert main(command) == 0
    assert main(command) == 0
    assert calls == ["a.md", "b.md", "c.md"]
    Path("in/b.md").write_text(WRONG, "utf-8")
    Path("in/c.md").unlink()
    Path("in/d.md").write_text(RIGHT, "utf-8")
    capsys.readouterr()
    assert main(command) == 1
    assert capsys.readouterr().out == "in all: 2 right, 1 slip, 0 not checked\n"
    assert calls[3:] == ["b.md", "d.md"]
    found = lines_of(Path("found.jsonl"))
    assert [Path(item["path"]).name for item in found] == ["a.md", "b.md", "d.md"]
    assert [item["counts"]["slip"] for item in found] == [0, 1, 0]
    assert main([*command, "--memory", "2GiB"]) == 1
    assert len(calls) == 8  # of other options nothing is finished


def test_a_line_is_the_report_of_its_file(tmp_path: Path, capsys: Capture) -> None:
    """The item of `files` that `--format json` prints, with its key and its counts."""
    file, lines = tmp_path / "a.md", tmp_path / "found.jsonl"
    file.write_text(WRONG, "utf-8")
    assert main(["check", str(file), "--format", "json", "--lang", "en"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert main(["check", str(file), "--jsonl", str(lines), "--lang", "en"]) == 1
    (line,) = lines_of(lines)
    assert next(iter(line)) == "key"
    counts = line.pop("counts")
    assert {key: item for key, item in line.items() if key != "key"} == report["files"][0]
    assert counts == {key: item for key, item in report["summary"].items() if key != "files"}


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_file_that_ended_its_process_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """It has a line with its problem until it is checked; the others are not checked again."""
    folder, lines = tmp_path / "in", tmp_path / "found.jsonl"
    folder.mkdir()
    for number in range(2 * MANY):
        (folder / f"{number:03}.md").write_text(RIGHT, "utf-8")
    command = ["check", str(folder), "--jsonl", str(lines), "--lang", "en"]
    with monkeypatch.context() as during:
        during.setattr(file_checks, "check_document", fragile_check(str(folder / "017.md")))
        assert main(command) == 2
        assert "017.md: the process that worked on it died twice" in capsys.readouterr().err
        assert main(command) == 2  # where it is all that is left, it ends no other process either
    problems = [Path(item["path"]).stem for item in lines_of(lines) if "problem" in item]
    assert problems == ["017"]
    assert main(command) == 0
    names = [Path(item["path"]).stem for item in lines_of(lines)]
    assert sorted(names) == [f"{number:03}" for number in range(2 * MANY)]
    assert not any("problem" in item for item in lines_of(lines))


def test_marks_of_an_earlier_time_give_the_same_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Screen, CSV and what students get back are those of the first time, and nothing is marked."""
    monkeypatch.chdir(tmp_path)
    main(["worksheet", "one_weight", "-o", "sheet.md", "-q"])
    Path("in").mkdir()
    key = Path("sheet.key.md").read_text("utf-8")
    for name, text in {"a": key, "b": key.replace("= −65\n", "= 65\n"), "c": "no"}.items():
        Path(f"in/{name}.md").write_text(text, "utf-8")
    capsys.readouterr()
    calls = counted(monkeypatch, mark, "mark_submission")
    command = ["mark", "in", "--key", "sheet.key.md", "--jsonl", "marks.jsonl", "--lang", "en"]
    told = []
    for number in (1, 2):
        files = ["-o", f"{number}.csv", "--feedback", f"back{number}"]
        assert main([*command, *files, "-q"]) == 1
        told.append(capsys.readouterr().out)
    assert calls == ["a.md", "b.md", "c.md", "c.md"]  # c has a problem, so it is tried again
    assert told[0] == told[1]
    for one, other in (("1.csv", "2.csv"), ("1.slips.csv", "2.slips.csv")):
        assert Path(one).read_text("utf-8") == Path(other).read_text("utf-8")
    names = sorted(path.name for path in Path("back1").iterdir())
    assert names == ["a.md.feedback.md", "b.md.feedback.md"]
    for name in names:
        assert Path("back1", name).read_text("utf-8") == Path("back2", name).read_text("utf-8")


@pytest.mark.parametrize("scenario", ["one_weight", "four_layer_classifier"])
def test_runs_of_an_earlier_sweep_are_not_made_again(
    scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Vectors of runs and runs by themselves: a finer sweep makes what is new."""
    monkeypatch.chdir(tmp_path)
    command = ["sweep", scenario, "--iterations", "2", "--jsonl", "runs.jsonl", "-q"]
    made: list[str] = []

    class CountedRecord(VectorRecord):
        def __init__(self, *rest: Any) -> None:
            super().__init__(*rest)
            made.append("vector")

    def run(scenario: Scenario, **options: Any) -> Trace:
        made.append(scenario.overrides[-1])
        return run_scenario(scenario, **options)

    monkeypatch.setattr(sweep_runs, "VectorRecord", CountedRecord)
    monkeypatch.setattr(sweep_runs, "run_scenario", run)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0}, raising=False)
    assert main([*command, "--set", "learning_rate=0.01,0.02", "-o", "1.csv"]) == 0
    made.clear()
    assert main([*command, "--set", "learning_rate=0.01,0.02", "-o", "2.csv"]) == 0
    assert made == []
    assert Path("1.csv").read_text() == Path("2.csv").read_text()
    assert main([*command, "--set", "learning_rate=0.01,0.03,0.02", "-o", "3.csv"]) == 0
    assert len(made) == 1
    found = lines_of(Path("runs.jsonl"))
    assert [item["settings"]["learning_rate"] for item in found] == [0.01, 0.02, 0.03]
    rows = list(csv.DictReader(Path("3.csv").read_text("utf-8").splitlines()))
    assert [float(row["last_loss"]) for row in rows] == [found[n]["last_loss"] for n in (0, 2, 1)]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL], ids=lambda item: item.name)
def test_an_interrupt_keeps_what_is_done(tmp_path: Path, ending: signal.Signals) -> None:
    """Whole lines, each once; the same command does the rest."""
    lines = tmp_path / "runs.jsonl"
    command = [
        *(sys.executable, "-m", "tracer", "sweep", "four_layer_classifier", "-q"),
        *("--set", "learning_rate=0.001:0.1:16", "--jsonl", str(lines)),
        *("--iterations", "600"),
    ]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    ) as process:
        try:
            while not (lines.exists() and lines.read_bytes().count(b"\n") >= 2):
                assert process.poll() is None
            os.killpg(process.pid, ending) if ending == signal.SIGINT else process.kill()
            process.communicate(timeout=20)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    rates = [item["settings"]["learning_rate"] for item in lines_of(lines)]
    assert 2 <= len(rates) == len(set(rates)) < 16


@pytest.mark.parametrize("is_there", [False, True])
def test_the_output_is_another_file(
    tmp_path: Path, is_there: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would replace the results, so that the same command could not go on from them."""
    lines = tmp_path / "runs.jsonl"
    if is_there:
        lines.touch()
    arguments = ["sweep", "one_weight", "--set=w=1,2", "--lang=en", f"--jsonl={lines}"]
    assert main([*arguments, "-o", f"{tmp_path}/../{tmp_path.name}/runs.jsonl"]) == 2
    assert "would overwrite the results of --jsonl" in capsys.readouterr().err
    assert lines.exists() == is_there


def test_a_line_that_was_half_written_is_done_again(tmp_path: Path) -> None:
    """What a power cut left of the last line is cut off; the lines before it stay."""
    path = tmp_path / "found.jsonl"
    with ResultLines(str(path), "en") as lines:
        keys = [lines.key(name) for name in "ab"]
        for key in keys:
            lines.add(key, {"name": "ä" * 9})
    path.write_bytes(path.read_bytes()[:-9])
    with ResultLines(str(path), "en") as lines:
        assert [lines.result(key) is None for key in keys] == [False, True]
        lines.add(keys[1], {"name": "again"})
    assert [item["name"] for item in lines_of(path)] == ["ä" * 9, "again"]


@pytest.mark.parametrize(
    "text", ["notes\n", "notes", '{"key": 1}\n', '{"files": []}\n', '{"key": "a name", "more": 1}']
)
def test_a_file_of_something_else_stays_as_it_is(text: str, tmp_path: Path) -> None:
    """It may be somebody's work: one message, and not a byte changes."""
    path = tmp_path / "notes"
    path.write_text(text, "utf-8")
    with (
        pytest.raises(TracerError, match="something other than results"),
        ResultLines(str(path), "en"),
    ):
        pass
    assert path.read_text("utf-8") == text


def test_two_processes_do_not_write_one_file(tmp_path: Path) -> None:
    """The second is told so, before it does anything."""
    path = str(tmp_path / "found.jsonl")
    with (
        ResultLines(path, "en"),
        pytest.raises(TracerError, match="another process is writing this file"),
        ResultLines(path, "en"),
    ):
        pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "json"], "--jsonl writes the reports"),
        (["--fix"], "--jsonl writes the reports"),
        (["--cluster", "somewhere"], "expected local, or an address"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    options: list[str], message: str, tmp_path: Path, capsys: Capture
) -> None:
    """One message, exit code 2, and no file."""
    file = tmp_path / "a.md"
    file.write_text(RIGHT, "utf-8")
    lines = tmp_path / "found.jsonl"
    assert main(["check", str(file), "--jsonl", str(lines), *options, "--lang", "en"]) == 2
    assert message in capsys.readouterr().err
    assert not lines.exists()
