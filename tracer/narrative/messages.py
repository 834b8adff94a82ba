"""What the narrative's sentences hold besides words: trees, and equalities of two."""

from __future__ import annotations

from tracer.expression.syntax import Node
from tracer.frozen import Frozen
from tracer.sentences import Formula, Sentence, Slot, Translate, filled, say

__all__ = ["Equality", "Sentence", "Slot", "Translate", "filled", "say"]


class Equality(Frozen, Formula):
    """A formula `left = right` inside a sentence."""

    left: Node
    right: Node
