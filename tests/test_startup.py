"""Starting is quick: nothing heavy is loaded before somebody needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "sympy", "textual"}
# `dataclasses` loads `inspect`; both take a tenth of the start of a derivation. `gettext` loads
# `locale` where it looks for a catalogue.
SLOW = HEAVY | {"dataclasses", "inspect", "csv", "json", "locale", "rich"}


def loaded(*arguments: str, code: int = 0) -> set[str]:
    """Return the top-level modules that a fresh Python imports when run with these arguments."""
    process = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert process.returncode == code, process.stderr[-2000:]
    names = set()
    for line in process.stderr.splitlines():
        if line.startswith("import time:"):
            names.add(line.rpartition("|")[2].strip().partition(".")[0])
    return names


def test_probe_sees_an_import() -> None:
    """A heavy module that is imported is seen."""
    assert "numpy" in loaded("-c", "import numpy")


def test_import_loads_nothing_heavy() -> None:
    """`import tracer` loads neither Textual nor SymPy nor NumPy."""
    names = loaded("-c", "import tracer")
    assert "tracer" in names
    assert not names & HEAVY


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list"]], ids=" ".join)
def test_command_loads_nothing_heavy(arguments: list[str]) -> None:
    """A command that computes nothing loads neither Textual nor SymPy nor NumPy."""
    names = loaded("-m", "tracer", *arguments)
    assert "tracer" in names
    assert not names & (HEAVY | {"locale"})


def test_checking_an_article_loads_nothing_heavy() -> None:
    """What is written in numbers, in Python too, is judged without libraries and scenarios."""
    article = Path(__file__).parent / "benchmarks" / "one_weight_article.md"
    names = loaded("-m", "tracer", "check", str(article), code=1)
    assert not names & (SLOW | {"tomllib", "hashlib", "multiprocessing"})


def test_scalar_derivation_loads_nothing_heavy() -> None:
    """The derivation of a network of single numbers needs none of the three, nor what is slow."""
    assert not loaded("-m", "tracer", "derive", "one_weight") & SLOW
