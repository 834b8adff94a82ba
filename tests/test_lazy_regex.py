"""Regular expressions are compiled once for an interpreter, and kept beside its bytecode."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tracer.lazy_regex import lazy_regex

ROOT = Path(__file__).resolve().parents[1]

# What is printed: whether Python compiled anything, and what a pattern of each kind finds.
PROGRAM = r"""
import re, sys
compiled = []
parse = re._parser.parse
re._parser.parse = lambda text, *rest: compiled.append(text) or parse(text, *rest)
from tracer.lazy_regex import keep_compiled, lazy_regex
found = [
    lazy_regex(r"(?P<name>[a-zα-ω]+)(\d)?", re.IGNORECASE).match("ΔX").groupdict(),
    lazy_regex(rb"(\d+)|x").findall(b"12x"),
    lazy_regex(r"a # a letter", re.VERBOSE).sub("b", "banana"),
    lazy_regex("(a)(b)?").pattern,
]
print(len(compiled), found)
keep_compiled()
"""
FOUND = "[{'name': 'ΔX'}, [b'12', b''], 'bbnbnb', '(a)(b)?']"


def run(folder: Path, *options: str) -> str:
    """Return what the program prints with its bytecode below a folder."""
    own = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder), "PYTHONUTF8": "1"}
    command = [sys.executable, *options, "-c", PROGRAM]
    ended = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def kept(folder: Path) -> list[Path]:
    """Return the files in which expressions are kept."""
    return [*folder.rglob("*.expressions*")]


def test_a_second_process_compiles_nothing(tmp_path: Path) -> None:
    """What one command has compiled the next one takes as it is, and finds the same with it."""
    assert run(tmp_path) == f"4 {FOUND}"
    assert run(tmp_path) == f"0 {FOUND}"
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b"no marshalled object",
        lambda content: content.replace(sys.version.encode(), sys.version.upper().encode()),
    ],
    ids=["empty", "cut off", "foreign", "of another interpreter"],
)
def test_a_file_that_does_not_fit_is_made_anew(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """A file that is damaged, or that another interpreter wrote, is not used."""
    run(tmp_path)
    [file] = kept(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert run(tmp_path) == f"4 {FOUND}"
    assert run(tmp_path) == f"0 {FOUND}"


def test_nothing_is_kept_where_no_bytecode_is(tmp_path: Path) -> None:
    """Python that is told to write no bytecode leaves no expressions either."""
    assert run(tmp_path, "-B") == f"4 {FOUND}"
    assert kept(tmp_path) == []


def test_an_interpreter_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python compiles in another way, expressions are compiled by its public function."""
    monkeypatch.setattr("tracer.lazy_regex._PYTHONS", object())
    assert lazy_regex(r"(?P<digit>\d) of another").match("3 of another")


def test_an_expression_that_is_wrong() -> None:
    """A pattern that Python refuses is refused with its error."""
    with pytest.raises(re.error):
        lazy_regex("(").search("")
