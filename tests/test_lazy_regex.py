"""Patterns that are kept compiled from process to process."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tracer.lazy_regex
from tracer.lazy_regex import lazy_regex

SCRIPT = r"""
import re
from tracer.lazy_regex import lazy_regex

parse, parsed = re._parser.parse, []
re._parser.parse = lambda *arguments: parsed.append(arguments) or parse(*arguments)
text = r"(?P<sign>[-+−])?(?i:x|[é一-龥])+(y)?"
pattern, again = lazy_regex(text, re.ASCII), re.compile(text, re.ASCII)
found, same = pattern.fullmatch("−Xé龙y"), again.fullmatch("−Xé龙y")
assert found.groupdict() == same.groupdict() == {"sign": "−"}
assert found.groups() == same.groups() and found.re.flags == again.flags
print(len(parsed) - 1)
"""


def compiled_in_a_process(folder: Path) -> int:
    """Return how many patterns a process compiles that keeps its own in a folder."""
    own = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**own, "PYTHONPYCACHEPREFIX": str(folder)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert not ended.stderr
    return int(ended.stdout)


def test_a_pattern_is_compiled_by_one_process_and_read_by_the_next(tmp_path: Path) -> None:
    """What is kept means the same; a file that is no such record counts as none."""
    assert [compiled_in_a_process(tmp_path) for _ in range(2)] == [1, 0]
    (kept,) = tmp_path.rglob("*.patterns")
    record = kept.read_bytes()
    for damage in (b"", b"\xff", b"i\x00\x00\x00\x00", b"{(\x02\x00"):
        kept.write_bytes(damage)
        assert compiled_in_a_process(tmp_path) == 1
        assert kept.read_bytes() == record


def test_the_patterns_of_a_check_are_the_same_in_each_process(tmp_path: Path) -> None:
    """One that was written down from a set would be another in each, and all would be kept."""
    own = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    counts: list[int] = []
    for seed in "123":
        subprocess.run(
            [sys.executable, "-c", "import tracer; tracer.check_text('w = 0.5 - 0.1 = 0.4')"],
            env={**own, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONHASHSEED": seed},
            check=True,
        )
        (kept,) = tmp_path.rglob("*.patterns")
        counts.append(len(marshal.loads(kept.read_bytes())))
    assert counts[0] > 0
    assert len({*counts}) == 1


def test_where_nothing_can_be_written_each_process_compiles_its_own(tmp_path: Path) -> None:
    """A file in the place of the folder is no error."""
    place = tmp_path / "file"
    place.write_bytes(b"")
    assert [compiled_in_a_process(place) for _ in range(2)] == [1, 1]


def test_a_python_with_another_compiler_compiles_as_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts of a compiler have no public names, so they may be missing or be others."""
    monkeypatch.setattr(tracer.lazy_regex, "_COMPILER", None)
    assert lazy_regex(r"(a)+b").fullmatch("aab")
