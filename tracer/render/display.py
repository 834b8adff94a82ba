"""Equation lines as one display formula in LaTeX, as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.expression import render
from tracer.expression.notation import Notation
from tracer.narrative.blocks import EquationLine
from tracer.operations import vocabulary
from tracer.render.members import members

__all__ = ["display", "line_latex"]

RELATIONS = {"=": "=", "←": r"\leftarrow", "≈": r"\approx"}


def display(lines: Iterable[EquationLine], notation: Notation) -> str:
    """Return `$$…$$` with the lines below each other, aligned where their right side begins."""
    rows = [line_latex(line, notation, mark="&") for line in lines]
    if not rows:
        return ""
    body = " \\\\\n".join(rows)
    return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"


def line_latex(line: EquationLine, notation: Notation, *, mark: str = "") -> str:
    """Return one line in LaTeX; `mark` stands before its first relation."""
    words = vocabulary()
    text = render(line.left, "latex", vocabulary=words, notation=notation)
    for place, member in enumerate(members(line)):
        side = render(member.node, "latex", vocabulary=words, notation=notation)
        text += f" {'' if place else mark}{RELATIONS[member.relation]} {side}"
    return text
