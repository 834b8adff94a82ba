"""Compares a text with the one that a file of the repository holds, and shows where they differ.

Where a text is meant to be another, read the difference, then write it anew: with
ACCEPT_SNAPSHOTS=1 in the environment, or with the command that makes the file.
"""

from __future__ import annotations

import os
import shlex
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

__all__ = ["check_snapshot", "snapshot_diff"]

ROOT: Final = Path(__file__).resolve().parents[1]
MOST_LINES: Final = 200  # of a difference


def check_snapshot(path: Path, text: str, made_by: str | None = None) -> None:
    """Fail with a unified diff where a text is not that of a file.

    `made_by` is the command that writes the file, where there is one.
    """
    __tracebackhide__ = True
    if made_by is None and os.environ.get("ACCEPT_SNAPSHOTS"):
        path.write_text(text, "utf-8", newline="\n")
    before = path.read_bytes().decode("utf-8") if path.exists() else ""
    if text != before:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        accept = made_by or f"ACCEPT_SNAPSHOTS=1 python -m pytest {shlex.quote(test)}"
        name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        difference = "\n".join(snapshot_diff(before, text, str(name)))
        pytest.fail(
            f"{name} holds another text:\n\n{difference}\n\n"
            f"If this is as it should be, accept it with\n    {accept}",
            pytrace=False,
        )


def snapshot_diff(before: str, after: str, name: str) -> list[str]:
    """Return the unified diff of two texts, with the characters in it that nobody would see."""
    lines = unified_diff(
        [_visible(line) for line in before.split("\n")],
        [_visible(line) for line in after.split("\n")],
        f"{name} (the file)",
        f"{name} (now)",
        lineterm="",
    )
    shown = list(islice(lines, MOST_LINES))
    rest = sum(1 for _ in lines)
    return [*shown, f"… and {rest} lines more"] if rest else shown


def _visible(line: str) -> str:
    r"""Return a line with control characters as \x1b, and blanks at its end as ␠."""
    text = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line
    )
    bare = text.rstrip(" ")
    return bare + "␠" * (len(text) - len(bare))
