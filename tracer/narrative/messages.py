"""The sentences, as templates with slots. Numbers and formulas are slots, never text.

A language is one catalogue: a mapping from the English template to its own. English needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tracer.expression.syntax import Node

__all__ = ["Sentence", "Slot", "say"]

Slot = Node | str | int


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """A template and what goes into its slots: trees are formulas, everything else is text."""

    template: str
    slots: Mapping[str, Slot] = field(default_factory=dict)


def say(template: str, **slots: Slot) -> Sentence:
    """Return a sentence; `{name}` in the template is a slot."""
    return Sentence(template, slots)
