"""Pictures of the interface's screen as SVG: one that stands by itself, and several that move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from itertools import groupby
from typing import Final

from rich.cells import cell_len

FONTS: Final = (
    '"DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono", "Noto Sans CJK SC", "PingFang SC", '
    '"Microsoft YaHei", monospace'
)
CELL: Final = 12.2  # the width of a column in Rich's SVG
SIZE: Final = 21  # size of letters in rows of 24.4: frames have no gaps
_TEXT: Final = re.compile(
    r'<text class="(?P<style>[^"]*)" x="(?P<x>[^"]*)" y="(?P<y>[^"]*)" textLength="[^"]*"'
    r' clip-path="(?P<clip>[^"]*)">(?P<text>[^<]*)</text>'
)


def self_contained(svg: str, title: str, text: str = "") -> str:
    """Return a screenshot as SVG without addresses, with fonts that are there, and with words.

    `svg` is what `App.export_screenshot` gives; `text` describes it for those who do not see it.
    Rich takes every character for one column wide; Chinese ones are two, so they get runs of their
    own.
    """
    svg = re.sub(r"@font-face \{.*?\n    \}\n", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")
    svg = svg.replace("font-family: arial", "font-family: sans-serif")
    svg = svg.replace("font-size: 20px", f"font-size: {SIZE}px")
    svg = _TEXT.sub(_space_characters, svg)
    head, opened, rest = svg.partition(">")
    description = f"\n<title>{escape(title)}</title>"
    if text:
        description += f"\n<desc>{escape(text)}</desc>"
    head = head.replace("<svg ", '<svg role="img" ', 1)
    svg = head + opened + description + rest
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def animate_pictures(pictures: Sequence[str], seconds: float) -> str:
    """Return pictures of one size as one SVG that shows each for so many seconds, over and over.

    No script is in it: a page or a README shows it as an image. Where nothing is to move, and
    where no animation is known, it is the last picture.
    """
    whole = seconds * len(pictures)
    view = re.search(r'viewBox="[^"]*"', pictures[0])
    frames = "".join(
        f'<g class="frame" style="animation-delay: {at * seconds - whole:g}s">\n{each}</g>\n'
        for at, each in enumerate(pictures)
    )
    return (
        f'<svg role="img" {"" if view is None else view[0]} xmlns="http://www.w3.org/2000/svg">\n'
        "<style>@media (prefers-reduced-motion: no-preference) "
        f"{{ .frame {{ animation: shown {whole:g}s step-end infinite; visibility: hidden }} }}\n"
        f"@keyframes shown {{ 0% {{ visibility: visible }} "
        f"{100 / len(pictures):.4f}% {{ visibility: hidden }} }}</style>\n{frames}</svg>\n"
    )


def _space_characters(match: re.Match[str]) -> str:
    """Return a text as runs of characters of one width, each as wide as its columns."""
    x = float(match["x"])
    runs = []
    for _, run in groupby(unescape(match["text"]), lambda sign: cell_len(sign) == 2):
        text = "".join(run)
        width = CELL * cell_len(text)
        content = escape(text.replace(" ", "\xa0"), quote=False)
        if not text.isspace():
            runs.append(
                f'<text class="{match["style"]}" x="{x:g}" y="{match["y"]}" textLength="{width:g}"'
                f' clip-path="{match["clip"]}">{content}</text>'
            )
        x += width
    return "".join(runs)
