"""Writes docs/gallery: the derivation of every bundled scenario, as `tracer derive` prints it.

    python docs/make_gallery.py

A test says that the pages are what the command prints today.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tracer.cli import main
from tracer.program.scenario import bundled, load

FOLDER = Path(__file__).parent / "gallery"
CHINESE = ("one_weight", "mlp_2_2_2")  # pages that are there in Chinese too

HEAD = """\
# Gallery

The derivation of every bundled scenario, as `tracer derive NAME -o NAME.md` writes it.
`python docs/make_gallery.py` makes these pages.

| scenario | what it is |
|---|---|
"""


def page(name: str, folder: Path, language: str = "en") -> Path:
    """Write one page and return its path. Raises RuntimeError where the command fails."""
    target = folder / (f"{name}.md" if language == "en" else f"{name}.{language}.md")
    code = main(["derive", name, "--format", "markdown", "--lang", language, "-o", str(target)])
    if code != 0:
        raise RuntimeError(f"tracer derive {name} ended with {code}")
    return target


def index() -> str:
    """Return the page that lists all others."""
    rows = [
        f"| [{name}]({name}.md) | {load(name).title.replace('|', chr(92) + '|')} |"
        for name in bundled()
    ]
    chinese = ", ".join(f"[{name}]({name}.zh.md)" for name in CHINESE)
    return HEAD + "\n".join(rows) + f"\n\nIn Chinese: {chinese}.\n"


def write(folder: Path) -> None:
    """Write all pages."""
    folder.mkdir(exist_ok=True)
    for name in bundled():
        page(name, folder)
    for name in CHINESE:
        page(name, folder, "zh")
    (folder / "README.md").write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER)
    sys.exit(0)
