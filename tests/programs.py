"""Programs besides Python that some tests run, and where they are."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

__all__ = ["PROGRAMS", "find_program"]

PROGRAMS: Final[dict[str, tuple[str, ...]]] = {
    "Chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "Dask": ("dask",),
    "LaTeX": ("pdflatex",),
    "tmux": ("tmux",),
}
"""By the name that a test asks for, the commands under which it may be installed."""


def find_program(name: str) -> str | None:
    """Return the path of a program's command, None where it is not installed.

    Those that are installed with the Python that runs come first.
    """
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    found = (shutil.which(command, path=places) for command in PROGRAMS[name])
    return next((path for path in found if path), None)
