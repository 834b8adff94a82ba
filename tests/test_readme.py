"""README.md and README.zh.md show what the commands print, and their commands are commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tracer.cli import COMMANDS, main, parser_of

ROOT = Path(__file__).resolve().parent.parent
PAGES = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md")]
BLOCKS = [
    block
    for page in PAGES
    for block in re.findall(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
]
SHOWN = [text.removeprefix("$ ").split("\n", 1) for kind, text in BLOCKS if kind == "console"]
NAMED = [
    line.strip()
    for kind, text in BLOCKS
    if kind == "sh"
    for line in re.findall(r"^tracer [^#\n]*", text, re.MULTILINE)
]
PYTHON = [text for kind, text in BLOCKS if kind == "python"]


@pytest.mark.parametrize(("command", "shown"), SHOWN)
def test_output_is_what_the_command_prints(
    command: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each stretch of the output shown, between lines of an ellipsis, is printed as it stands."""
    assert main(shlex.split(command)[1:]) == 0
    printed = capsys.readouterr().out
    for stretch in shown.split("…\n"):
        assert stretch in printed


@pytest.mark.parametrize("command", NAMED)
def test_command_is_one(command: str) -> None:
    """The arguments of every command of the page are those that the command line takes."""
    name, *arguments = shlex.split(command)[1:]
    _, unknown = parser_of([name]).parse_known_args([name, *arguments])
    assert unknown == []


def test_every_command_is_named() -> None:
    """A reader meets each command."""
    for page in PAGES:
        assert [name for name in COMMANDS if f"tracer {name}" not in page] == []


def test_python_runs() -> None:
    """The Python of each page gives the numbers beside it."""
    assert len(PYTHON) == len(PAGES)
    for text in PYTHON:
        names: dict[str, object] = {}
        exec(text, names)
        values = names["trace"].values("dloss/dw")  # type: ignore[attr-defined]
        assert list(values) == pytest.approx([-3, -2.4, -1.92])
