"""Every command in docs/training.md and docs/runs.md prints the lines that the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tracer.cli import main

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = [(DOCS / name).read_text("utf-8") for name in ("training.md", "runs.md")]
EXAMPLES = [
    [line.strip() for line in block.strip().splitlines()]
    for page in PAGES
    for block in re.findall(r"^ *```console\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)
]


def test_the_page_has_examples() -> None:
    """Each begins with a command."""
    assert len(EXAMPLES) >= 7
    assert all(lines[0].startswith("$ tracer ") for lines in EXAMPLES)


@pytest.mark.parametrize("lines", EXAMPLES, ids=lambda lines: str(lines[0]))
def test_commands_print_what_the_page_shows(
    lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """In this order, and nothing else where a run is shown; of an analysis some lines."""
    command = shlex.split(lines[0].removeprefix("$ tracer "))
    asked = ["--format", "terminal"] if command[0] in ("analyse", "sweep", "compare") else []
    differs = command[0] == "compare"
    assert main([*command, *asked, "--lang", "en"]) == differs
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    rest = iter(printed)
    for line in lines[1:]:
        assert line in rest, line
    if command[0] == "run":
        assert printed == lines[1:]
