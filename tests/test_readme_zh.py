"""README.zh.md shows what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tracer.cli import main, parser_of

PAGE = (Path(__file__).resolve().parent.parent / "README.zh.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
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
    parser_of([name]).parse_args([name, *arguments])


def test_python_runs() -> None:
    """The Python of the page gives the numbers beside it."""
    for text in PYTHON:
        names: dict[str, object] = {}
        exec(text, names)
    values = names["trace"].values("dloss/dw")  # type: ignore[attr-defined]
    assert list(values) == pytest.approx([-3, -2.4, -1.92])
