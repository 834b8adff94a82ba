"""The sentences, as templates with slots: what is said in words, by errors too.

A language is one catalogue (gettext, in narrative/): the English template is the key of each
message. A slot that is a sentence is translated too; one that is plain text is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import Any

from tracer.frozen import Frozen

__all__ = [
    "Formula",
    "Sentence",
    "Slot",
    "Text",
    "Translate",
    "both",
    "either",
    "filled",
    "plain",
    "say",
]

Translate = Callable[[str], str]


class Formula:
    """What stands in a sentence as mathematics; who fills it in knows how that is written."""

    __slots__ = ()


class Sentence(Frozen):
    """A template and what goes into its slots: formulas are written, sentences translated."""

    template: str
    slots: Mapping[str, Slot] = MappingProxyType({})

    def __str__(self) -> str:
        """Return the sentence in English; it holds no formulas."""
        return plain(self, str)


# A sequence of sentences is a list in words: "chain rule, product rule".
Slot = Formula | Sentence | Sequence[Sentence] | str | int
Text = Sentence | str  # a text that is no sentence is the same in every language


def say(template: str, **slots: Slot) -> Sentence:
    """Return a sentence; `{name}` in the template is a slot."""
    return Sentence(template, slots)


def either(texts: Iterable[Text]) -> Text:
    """Return the texts as a choice in words: 'a or b or c'."""
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), texts)


def both(texts: Iterable[Text]) -> Text:
    """Return the texts together in words: 'a and b and c'."""
    return reduce(lambda one, other: say("{one} and {other}", one=one, other=other), texts)


def plain(text: Text, translate: Translate) -> str:
    """Return a text without formulas in a language."""
    return filled(text, translate, str, str) if isinstance(text, Sentence) else text


def filled(
    sentence: Sentence,
    translate: Translate,
    formula: Callable[[Any], str],
    text: Callable[[str], str],
) -> str:
    """Return a sentence in a language.

    `formula` shows a tree or an equality, `text` escapes plain text for where it goes.
    """

    def shown(slot: Slot) -> str:
        if isinstance(slot, Formula):
            return formula(slot)
        if isinstance(slot, Sentence):
            return filled(slot, translate, formula, text)
        if isinstance(slot, (str, int)):
            return text(str(slot))
        return translate(", ").join(map(shown, slot))

    values = {name: shown(slot) for name, slot in sentence.slots.items()}
    return translate(sentence.template).format(**values)
