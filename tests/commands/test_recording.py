"""`--record` and `--memory`: whatever is kept of a run, the same is printed of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.case_lists import crossed
from tracer.cli import main
from tracer.commands.arguments import RECORDS as CHOICES
from tracer.option_limits import FORMATS
from tracer.run import runner
from tracer.run.layout import RECORDS

BATCHES = """
[data]
x = [[1, 2], [0, 1], [2, 1], [1, 1], [3, 0]]
y = [1, 0, 1, 2, 2]
[parameters]
W = [[0.1, 0.2, 0.3], [0.3, 0.1, -0.2]]
[network]
equations = '''
z = x @ W
loss = cross_entropy(z, y)
'''
[training]
optimizer = "adam"
learning_rate = 0.1
epochs = 3
batch_size = 2
shuffle = true
seed = 1
[evaluation]
metrics = ["loss"]
[prediction]
outputs = ["z"]
"""

COMMANDS = [
    *(("derive", "--format", kind) for kind in FORMATS),
    ("derive", "--detail", "operation", "--show", "2,4"),
    ("derive", "--detail", "summary"),
    ("derive", "--chain", "--exact"),
    *(("walk", "--format", kind) for kind in ("text", "json")),
    *(("run", "--format", kind) for kind in ("text", "json")),
    ("tui",),
]
RUNS = {
    "short": ("one_weight", "--iterations", "7"),
    "network": ("mlp_2_2_2", "--iterations", "5"),
    "stopped by a fault": ("one_weight", "--iterations", "120", "--learning-rate", "1000"),
    "batches": ("batches.toml",),
    "without training": ("neuron",),
}


@pytest.fixture(autouse=True)
def short_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Compute two iterations again at once, so that short runs have many windows."""
    monkeypatch.setattr(runner, "WINDOW_STEPS", 2)
    monkeypatch.setattr(runner, "CHECKPOINT_STEPS", 8)
    monkeypatch.chdir(tmp_path)
    Path("batches.toml").write_text(BATCHES, "utf-8")


@pytest.mark.parametrize(("run", "command"), crossed(RUNS, COMMANDS))
def test_every_record_prints_the_same(
    run: str, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command prints the same in every format, to the last byte, whatever is kept."""
    first, *options = command
    told = set()
    for record in RECORDS:
        code = main([first, *RUNS[run], *options, "--record", record, "--quiet"])
        printed = capsys.readouterr()
        told.add((code, printed.out, printed.err))
    assert len(told) == 1
    code, out, error = told.pop()
    assert (code == 0 and out and not error) or (code == 2 and error.startswith("tracer: "))


def test_the_choices_are_the_records_of_the_engine() -> None:
    """The command line, which loads no engine to read its options, knows the same levels."""
    assert CHOICES == RECORDS


@pytest.mark.parametrize(
    "size", ["64MB", "64 MiB", "0.5GiB", "0.1gb", "70000KiB", "70000kb", "67108864", "67108864B"]
)
def test_sizes(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes are given plainly or with a unit, of 1000 or of 1024."""
    assert main(["run", "one_weight", "--memory", size]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "size", ["", "2TiBi", "much", "-1GiB", "0", "1.2.3MB", "GiB", "1e9", ".1B"]
)
def test_a_size_that_is_none(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no size is one line that says which units there are."""
    assert main(["run", "one_weight", f"--memory={size}"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "is no size: a number of bytes, or one with KiB, MiB, GiB, KB, MB or GB" in error


@pytest.mark.parametrize(
    "arguments",
    [
        ("derive", "one_weight"),
        ("walk", "one_weight"),
        ("run", "one_weight"),
        ("tui", "one_weight"),
        ("verify", "one_weight"),
        ("check", "notes.md", "--scenario", "one_weight"),
        ("check", "--values", "values.json", "--scenario", "one_weight"),
    ],
    ids=" ".join,
)
def test_a_run_that_does_not_fit(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command that runs a scenario says what was needed and which options there are."""
    Path("notes.md").write_text("loss = 2.25\n", "utf-8")
    Path("values.json").write_text('{"1": {"loss": 2.25}}', "utf-8")
    assert main([*arguments, "--memory", "10KB"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "this run does not fit into the memory that it may use; found " in printed.err
    assert "expected at most 9.77 KiB; --memory " in printed.err
    size = printed.err.partition("--memory ")[2].split()[0].rstrip(",")
    assert main([*arguments, "--memory", size]) in (0, 1)
    assert capsys.readouterr().err == ""


def test_the_message_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    """The message is told in the language of the command, its options as they are typed."""
    long = ("one_weight", "--iterations", "1000000", "--memory", "2MiB", "--lang", "zh")
    assert main(["run", *long]) == 2
    error = capsys.readouterr().err
    assert "超过上限" in error
    assert "--record none" in error
