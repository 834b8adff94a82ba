"""An equation line taken apart: what stands left, and each further member with its relation.

Every renderer shows the same members in the same order; only their look differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from tracer.expression.syntax import Node
from tracer.frozen import Frozen
from tracer.narrative.blocks import EquationLine
from tracer.narrative.words import extent_words
from tracer.sentences import Sentence

Relation = Literal["=", "←", "≈"]
MemberRole = Literal["formula", "numbers", "result"]


class Member(Frozen):
    """What follows a relation, and what it is there."""

    relation: Relation
    node: Node
    role: MemberRole


def extent_sentences(line: EquationLine) -> list[Sentence]:
    """Return what is said of a value that is too large to print; nothing of one that is not."""
    return [] if line.result is not None or line.extent is None else [extent_words(line)]


def line_members(line: EquationLine) -> Iterator[Member]:
    """Yield what stands right of the left side: formula, numbers put in, result.

    What says the same as the member before it is left out: where the numbers that are put in are
    the result already, that is what they are called.
    """
    last = line.formula
    is_about = not line.follows and last == line.result  # there is nothing between
    yield Member("←" if line.arrow else "≈" if is_about else "=", last, "formula")
    if line.substituted is not None and line.substituted != last:
        last = line.substituted
        yield Member("=", last, "result" if last == line.result else "numbers")
    if line.result is not None and line.result != last:
        yield Member("=" if line.follows else "≈", line.result, "result")


def line_text(
    line: EquationLine, formula: Callable[[Node], str], signs: Mapping[Relation, str]
) -> str:
    """Return a line in one row: its left side, and each member behind the sign of its relation."""
    members = [f"{signs[part.relation]} {formula(part.node)}" for part in line_members(line)]
    return " ".join([formula(line.left), *members])
