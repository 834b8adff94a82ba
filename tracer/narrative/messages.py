"""What the narrative's sentences hold besides words: trees, and equalities of two."""

from __future__ import annotations

from typing import TypeVar

from tracer.expression.syntax import Node
from tracer.frozen import Frozen
from tracer.sentences import Formula

Some = TypeVar("Some")


class Equality(Frozen, Formula):
    """A formula `left = right` inside a sentence."""

    left: Node
    right: Node


def present(*items: Some | None) -> list[Some]:
    """Return what there is to say: each item stands with its condition, and is None without it."""
    return [item for item in items if item is not None]
