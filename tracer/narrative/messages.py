"""The sentences, as templates with slots. Numbers and formulas are slots, never text.

A language is one catalogue (gettext): the English template is the key of each message. A slot
that is a sentence is translated too; one that is plain text is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from tracer.expression.syntax import Node
from tracer.frozen import Frozen

__all__ = ["Equality", "Sentence", "Slot", "Translate", "filled", "say"]

Translate = Callable[[str], str]


class Equality(Frozen):
    """A formula `left = right` inside a sentence."""

    left: Node
    right: Node


class Sentence(Frozen):
    """A template and what goes into its slots: trees are formulas, sentences are translated."""

    template: str
    slots: Mapping[str, Slot] = MappingProxyType({})


# A sequence of sentences is a list in words: "chain rule, product rule".
Slot = Node | Equality | Sentence | Sequence[Sentence] | str | int


def say(template: str, **slots: Slot) -> Sentence:
    """Return a sentence; `{name}` in the template is a slot."""
    return Sentence(template, slots)


def filled(
    sentence: Sentence,
    translate: Translate,
    formula: Callable[[Node | Equality], str],
    text: Callable[[str], str],
) -> str:
    """Return a sentence in a language.

    `formula` shows a tree or an equality, `text` escapes plain text for where it goes.
    """

    def shown(slot: Slot) -> str:
        if isinstance(slot, (Node, Equality)):
            return formula(slot)
        if isinstance(slot, Sentence):
            return filled(slot, translate, formula, text)
        if isinstance(slot, (str, int)):
            return text(str(slot))
        return translate(", ").join(map(shown, slot))

    values = {name: shown(slot) for name, slot in sentence.slots.items()}
    return translate(sentence.template).format(**values)
