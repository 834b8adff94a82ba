"""`tracer run --save` and `--resume`, and the commands that take the file of a run."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.commands import saved_runs
from tracer.commands.progress import Progress, duration_text
from tracer.run import runner, saved_run
from tracer.run.runner import Run
from tracer.run.saved_run import write_run

NETWORK = ("xor", "--set", "iterations=16")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command prints; it succeeds."""
    assert main(arguments) == 0
    return capsys.readouterr().out


def run_in_short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run of a few kilobytes have the many segments that a large run has."""
    monkeypatch.setattr(runner, "CHUNK_BYTES", 512)
    monkeypatch.setattr(runner, "WINDOW_STEPS", 4)
    monkeypatch.setattr(runner, "CHECKPOINT_STEPS", 4)


def after_segments(count: int, do: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something once so many segments are run."""
    advance = Run.advance

    def advanced(run: Run) -> None:
        advance(run)
        if len(run.segments) == count:
            do()

    monkeypatch.setattr(Run, "advance", advanced)


@pytest.mark.parametrize("record", ["all", "checkpoints"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_resumed_and_derived(
    number: signal.Signals,
    record: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was done before the interrupt is kept; resumed, the run prints what it always does."""
    run_in_short_segments(monkeypatch)
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as context:
        after_segments(2, lambda: os.kill(os.getpid(), number), context)
        code = main(["run", *NETWORK, "--record", record, "--save", "t.npz"])
    assert code == 128 + number
    told = capsys.readouterr()
    assert told.out == ""
    assert "of 16 iterations; to resume: tracer run --resume t.npz" in told.err
    part = printed(capsys, "derive", "t.npz", "--show", "2", "--format", "json")
    whole = printed(capsys, "derive", *NETWORK, "--show", "2", "--format", "json")
    assert part.partition('"iterations"')[2][:2000] == whole.partition('"iterations"')[2][:2000]
    resumed = printed(capsys, "run", "--resume", "t.npz")
    assert resumed == printed(capsys, "run", *NETWORK)
    assert resumed == printed(capsys, "run", "t.npz")
    for command in (
        ("derive", "--show", "9"),
        ("walk", "--show", "16", "--detail", "summary"),
        ("analyse", "--iteration", "3"),
    ):
        assert printed(capsys, command[0], "t.npz", *command[1:]) == printed(
            capsys, command[0], *NETWORK, *command[1:]
        )
    assert [path.name for path in tmp_path.iterdir()] == ["t.npz"]


def test_saved_from_time_to_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that is killed has lost no more than what came after its last save."""
    place = tmp_path / "t.npz"
    run_in_short_segments(monkeypatch)
    monkeypatch.setattr(saved_runs, "PAUSE", 0.0)
    monkeypatch.setattr(saved_runs, "SHARE", 0)

    class Killed(BaseException):
        """Nothing of the command is run after it."""

    def die() -> None:
        raise Killed

    with monkeypatch.context() as context:
        after_segments(3, die, context)
        with pytest.raises(Killed):
            main(["run", *NETWORK, "--save", str(place)])
    capsys.readouterr()
    assert printed(capsys, "run", "--resume", str(place)) == printed(capsys, "run", *NETWORK)


def test_resumed_to_another_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --save the run goes to another file, and the first one stays as it was."""
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    printed(capsys, "run", "one_weight", "--save", str(one))
    before = one.read_bytes()
    printed(capsys, "run", "--resume", str(one), "--save", str(two))
    assert one.read_bytes() == two.read_bytes() == before


def test_a_resumed_run_takes_more_iterations_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `--iterations`, or as what that is short for."""
    place = tmp_path / "one.npz"
    printed(capsys, "run", "one_weight", "--save", str(place))
    longer = printed(capsys, "run", "one_weight", "--iterations", "8")
    assert printed(capsys, "run", "--resume", str(place), "--set", "iterations=8") == longer
    assert main(["run", "--resume", str(place), "--set", "w=2"]) == 2
    message = capsys.readouterr().err
    assert "found --set w=2; expected --iterations, which makes it longer" in message


@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("--set", "batch_size=3", "--set", "shuffle=true", "--set", "seed=1"),
        ("--set", "epochs=4", "--set", "batch_size=2"),
    ],
)
def test_a_run_that_has_ended_becomes_longer(
    settings: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With more iterations it comes to what a run of as many does, also in batches."""
    monkeypatch.chdir(tmp_path)
    run_in_short_segments(monkeypatch)
    network = (*NETWORK, *settings, "--set", "optimizer=adam")
    printed(capsys, "run", *network, "--save", "t.npz")
    longer = printed(capsys, "run", "--resume", "t.npz", "--iterations", "21")
    assert longer == printed(capsys, "run", *network, "--iterations", "21")
    assert longer == printed(capsys, "run", "t.npz")


def interrupt() -> None:
    """Send this process what Ctrl+C sends."""
    os.kill(os.getpid(), signal.SIGINT)


def test_interrupted_while_all_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is left to be resumed: the run is reported like any other."""
    file = str(tmp_path / "t.npz")

    def written(run: Run, place: Path) -> None:
        interrupt()
        write_run(run, place)

    monkeypatch.setattr(saved_runs, "write_run", written)
    whole = printed(capsys, "run", *NETWORK)
    assert printed(capsys, "run", *NETWORK, "--save", file) == whole
    assert printed(capsys, "run", file) == whole


def test_interrupted_before_the_first_iteration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is done yet: the file says so in one sentence, and is resumed from the start."""
    monkeypatch.chdir(tmp_path)
    begin = Run.begin

    def begun(run: Run) -> None:
        begin(run)
        interrupt()

    with monkeypatch.context() as context:
        context.setattr(Run, "begin", begun)
        assert main(["run", "xor", "--save", "t.npz"]) == 130
    assert "stopped after 0 of 500 iterations" in capsys.readouterr().err
    for command in ("derive", "walk", "run"):
        assert main([command, "t.npz"]) == 2
        told = capsys.readouterr()
        assert told.err == (
            "tracer: t.npz: the saved run has no iteration yet; "
            "expected tracer run --resume t.npz\n"
        )
    assert printed(capsys, "run", "--resume", "t.npz") == printed(capsys, "run", "xor")


def test_a_save_that_fails_on_the_way_does_not_end_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said on standard error and done later; at the end it is an error."""
    place = tmp_path / "t.npz"
    run_in_short_segments(monkeypatch)
    monkeypatch.setattr(saved_runs, "PAUSE", 0.0)
    monkeypatch.setattr(saved_runs, "SHARE", 0)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    write = saved_run.write_run

    def written(run: Run, place: Path) -> None:
        if len(run.segments) == 2:
            raise full
        write(run, place)

    def refused(run: Run, place: Path) -> None:
        raise full

    with monkeypatch.context() as context:
        context.setattr(saved_runs, "write_run", written)
        assert main(["run", *NETWORK, "--save", str(place)]) == 0
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "the file cannot be written; found no space left" in told.err.lower()
    assert "the run continues and will be saved later" in told.err
    assert told.out == printed(capsys, "run", "--resume", str(place))
    monkeypatch.setattr(saved_runs, "write_run", refused)
    assert main(["run", "xor", "--save", str(tmp_path / "other.npz")]) == 2


def test_a_file_is_not_saved_over_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence names --resume and --force, with which any file gives way."""
    monkeypatch.chdir(tmp_path)
    run_in_short_segments(monkeypatch)
    with monkeypatch.context() as context:
        after_segments(2, interrupt, context)
        assert main(["run", *NETWORK, "--save", "t.npz"]) == 130
    printed(capsys, "run", "xor", "--save", "xor.npz")
    Path("text.npz").write_text("no run")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for place, source in (
        ("t.npz", ["xor"]),
        ("t.npz", ["--resume", "xor.npz"]),
        ("xor.npz", ["xor"]),
        ("text.npz", ["xor"]),
    ):
        assert main(["run", *source, "--save", place]) == 2
        assert capsys.readouterr().err == (
            f"tracer: {place}: the file already exists and is left unchanged; expected another "
            f"file, tracer run --resume {place}, or --force\n"
        )
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    printed(capsys, "run", "--resume", "t.npz", "--save", "./t.npz")
    for place in ("t.npz", "text.npz"):
        printed(capsys, "run", "xor", "--save", place, "--force")
        assert Path(place).read_bytes() == before["xor.npz"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "tracer run takes a scenario, or a saved run to resume; found nothing"),
        (["run", "one_weight", "--resume", "t.npz"], "found both"),
        (["run", "one_weight", "--save", "t.txt"], "a run is saved in a .npz file; found t.txt"),
        (["run", "one_weight", "--save", "none/t.npz"], "the file cannot be written"),
        (["run", "--resume", "none.npz"], "none.npz: the file cannot be read"),
        (["derive", "none.npz"], "none.npz: the file cannot be read"),
        (["derive", "other.npz"], "other.npz: this is not a saved run"),
        (["tui", "other.npz"], "other.npz: this is not a saved run"),
        (["derive", "t.npz", "--set", "w=1"], "found --set"),
        (["run", "--resume", "t.npz", "--record", "none"], "found --record"),
        (["run", "--resume", "t.npz", "--iterations", "1"], "expected --iterations 3"),
        (["run", "--resume", "t.npz", "--iterations", "0"], "found 0"),
        (["derive", "t.npz", "--iterations", "9"], "found --iterations"),
        (["derive", "t.npz", "--iterations", "0"], "found --iterations"),
        (["derive", "t.npz", "--learning-rate", ""], "found --learning-rate"),
        (["show", "t.npz"], "t.npz: a scenario is needed here, not a saved run"),
    ],
)
def test_what_cannot_be_done_is_one_message(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2 and one line, and no file is made or changed."""
    monkeypatch.chdir(tmp_path)
    assert main(["run", "one_weight", "--save", "t.npz", "--quiet"]) == 0
    Path("other.npz").write_text("a text")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    capsys.readouterr()
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("columns", [120, 80, 60, 40, 20, 5])
def test_the_progress_fits_into_one_row(columns: int) -> None:
    """What does not fit is left out: the speed, the time that is left, the name."""
    progress = Progress("four_layer_classifier", argparse.Namespace(quiet=True))
    progress(83, 96_000)
    progress.begin -= 2
    progress._first = time.monotonic() - 35, 83
    progress(3583, 96_000)
    line = progress.line(columns)
    assert len(line) < columns
    assert ("100 a second" in line) == (columns == 120)
    assert ("left" in line) == (columns >= 80)
    assert ("3,583 of 96,000 iterations" in line) == (columns >= 40)


def test_the_time_that_is_left() -> None:
    """As a clock shows it, with hours where there are any."""
    assert [duration_text(seconds) for seconds in (0.2, 7, 750, 11_100)] == [
        "0:00",
        "0:07",
        "12:30",
        "3:05:00",
    ]
