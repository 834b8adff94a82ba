"""Programs besides Python that some tests run, and where they are."""

from __future__ import annotations

import shutil
from typing import Final

__all__ = ["PROGRAMS", "find_program"]

PROGRAMS: Final[dict[str, tuple[str, ...]]] = {
    "Chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "LaTeX": ("pdflatex",),
    "tmux": ("tmux",),
}
"""By the name that a test asks for, the commands under which it may be installed."""


def find_program(name: str) -> str | None:
    """Return the path of a program's command, None where it is not installed."""
    return next((path for path in map(shutil.which, PROGRAMS[name]) if path), None)
