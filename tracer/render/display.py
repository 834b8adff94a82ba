"""Equation lines as one display formula in LaTeX, as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.expression import render
from tracer.expression.notation import Notation
from tracer.narrative.blocks import EquationLine
from tracer.operations import vocabulary
from tracer.render.members import members

__all__ = ["display"]

RELATIONS = {"=": "=", "←": r"\leftarrow", "≈": r"\approx"}


def display(lines: Iterable[EquationLine], notation: Notation) -> str:
    """Return `$$…$$` with the lines below each other, aligned where their right side begins."""
    words = vocabulary()
    rows = []
    for line in lines:
        row = render(line.left, "latex", vocabulary=words, notation=notation)
        for place, member in enumerate(members(line)):
            text = render(member.node, "latex", vocabulary=words, notation=notation)
            row += f" {'&' if place == 0 else ''}{RELATIONS[member.relation]} {text}"
        rows.append(row)
    if not rows:
        return ""
    body = " \\\\\n".join(rows)
    return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"
