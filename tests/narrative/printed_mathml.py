r"""Writes the MathML of a page as TeX, so that the judge of documents works it out too.

Nothing of the project is used here: a page is read as a browser reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

__all__ = ["displayed_tex"]

DISPLAYED: Final = re.compile(r'<math display="block".*?</math>', re.DOTALL)
SIGNS: Final[Mapping[str, str]] = {
    "−": "-", "≈": r"\approx ", "≤": r"\le ", "←": r"\leftarrow ", "⋅": r"\cdot ", "·": r"\cdot ",
    "⊙": r"\odot ", "⋆": r"\star ", "σ": r"\sigma ", "⊤": r"\top ", "\u2062": "", "\u2061": "",
    "∂": r"\partial ", "∑": r"\sum ", "′": "'", "‖": r"\|", "⋯": r"\cdots ", "…": r"\cdots ",
    "ln": r"\ln ", "exp": r"\exp ", "max": r"\max ", "tanh": r"\tanh ",
}  # fmt: skip
BOLD: Final[Mapping[str, str]] = {"𝟎": "0", "𝟏": "1", "𝐞": "e"}


def below(base: str, under: str) -> str:
    """Return a base with what stands below it: a brace, or the words of one."""
    if under == "⏟":
        return rf"\underbrace{{{base}}}"
    return f"{base}_{{{under}}}"


def over(base: str, accent: str) -> str:
    """Return a base with a sign above it."""
    return rf"\hat{{{base}}}" if accent in "^~¯" else f"{base}^{{{accent}}}"


SHAPES: Final[Mapping[str, Callable[..., str]]] = {
    "mfrac": lambda top, bottom: rf"\frac{{{top}}}{{{bottom}}}",
    "msup": lambda base, power: f"{base}^{{{power}}}",
    "msub": lambda base, index: f"{base}_{{{index}}}",
    "msubsup": lambda base, index, power: f"{base}_{{{index}}}^{{{power}}}",
    "munder": below,
    "mover": over,
    "munderover": lambda base, low, high: f"{base}_{{{low}}}^{{{high}}}",
    "msqrt": lambda *parts: rf"\sqrt{{{''.join(parts)}}}",
    "mspace": lambda: "",
}


def tex_of(element: Element) -> str:
    """Return an element as TeX."""
    if element.tag == "mtable":
        return table_of(element)
    if element.tag in ("mi", "mo", "mn", "mtext"):
        return leaf_of(element)
    parts = [*map(tex_of, element)]
    if element.tag not in SHAPES:  # a row, or a cell
        return "".join(parts)
    base, *rest = parts or [""]
    return SHAPES[element.tag](*([base, *rest] if parts else ()))


def leaf_of(element: Element) -> str:
    """Return a number, a sign, a name or words."""
    text = (element.text or "").strip()
    if text in SIGNS:
        return SIGNS[text]
    if text in BOLD:
        return rf"\mathbf{{{BOLD[text]}}}"
    return rf"\mathrm{{{text}}}" if element.tag in ("mi", "mtext") and len(text) > 1 else text


def table_of(element: Element) -> str:
    """Return a matrix, or the lines of a derivation one after the other."""
    rows = [[tex_of(cell) for cell in row] for row in element]
    if element.get("class") == "lines":
        return " ".join(cell for row in rows for cell in row)
    inside = r" \cr ".join(" & ".join(row) for row in rows)
    return rf"\begin{{matrix}} {inside} \end{{matrix}}"


def displayed_tex(page: str) -> str:
    """Return the formulas of a page that stand on lines of their own, as a document has them."""
    found = (ElementTree.fromstring(match[0]) for match in DISPLAYED.finditer(page))
    return "\n\n".join(f"$${tex_of(element)}$$" for element in found)
