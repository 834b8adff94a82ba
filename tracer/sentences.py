"""The sentences, as templates with slots: what is said in words, by errors too.

A language is one catalogue (gettext, in narrative/): the English template is the key of each
message. A slot that is a sentence is translated too; one that is plain text is not. A word that
depends on a number stands in two forms: `{count} {count:file|files}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import Any, Final, TypeVar

from tracer.frozen import Frozen

Translate = Callable[[str], str]

_EDGE: Final = "\ue010"  # where a slot begins or ends, until it is known what stands beside it


class Formula:
    """What stands in a sentence as mathematics; who fills it in knows how that is written."""

    __slots__ = ()


class _Value(str):
    """What stands in a slot; `{count:file|files}` is the first word for 1, else the second."""

    __slots__ = ()

    def __format__(self, words: str) -> str:
        """Return the value, or the word that fits it."""
        one, _, many = words.partition("|")
        return str(self) if not words else one if self.strip(_EDGE) == "1" else many


class Code(str):
    """What a person types as it stands, such as a command; who writes it may set it apart."""

    __slots__ = ()


class Local(Frozen):
    """A text that its author wrote in several languages; `others` has them by their codes."""

    text: str
    others: Mapping[str, str] = MappingProxyType({})

    def text_in(self, translate: Translate) -> str:
        """Return the text in a language, as it is where it was not written in that one."""
        return self.others.get(translate("en"), self.text)  # a catalogue gives its own code


class Sentence(Frozen):
    """A template and what goes into its slots: formulas are written, sentences translated."""

    template: str
    slots: Mapping[str, Slot] = MappingProxyType({})

    def __str__(self) -> str:
        """Return the sentence in English; it holds no formulas."""
        return plain_text(self, str)


# A sequence is a list in words, with the mark of the language: "chain rule, product rule".
Slot = Formula | Local | Sentence | str | int | Sequence["Slot"]
Item = TypeVar("Item", bound=Slot)
Text = Sentence | str  # a text that is no sentence is the same in every language


def say(template: str, **slots: Slot) -> Sentence:
    """Return a sentence; `{name}` in the template is a slot."""
    return Sentence(template, slots)


def join_by_or(items: Iterable[Item]) -> Sentence | Item:
    """Return the items as a choice in words: 'a, b or c'."""
    *others, last = items
    return say("{one} or {other}", one=others, other=last) if others else last


def join_by_and(items: Iterable[Item]) -> Sentence | Item:
    """Return the items together in words: 'a, b and c'."""
    *others, last = items
    return say("{one} and {other}", one=others, other=last) if others else last


def join_clauses(texts: Iterable[Text]) -> Text:
    """Return the texts as clauses of one sentence: 'a; b; c'."""
    return reduce(lambda one, other: say("{one}; {other}", one=one, other=other), texts)


def first_few(texts: Sequence[Slot], most: int) -> Sequence[Slot]:
    """Return the first of some texts as a list in words, with a sign where there are more."""
    few = texts[:most]
    return few if len(few) == len(texts) else [say("{few}, …", few=few)]


def recognize(text: str, known: Iterable[Sentence]) -> Text:
    """Return the sentence for a known message of another library; any other message unchanged.

    A slot `text` in one of those that are known stands for whatever is there.
    """
    for sentence in known:
        before, slot, after = sentence.template.partition("{text}")
        if text == before or (slot and text.startswith(before) and text.endswith(after)):
            return Sentence(sentence.template, {"text": text[len(before) : len(text) - len(after)]})
    return text


def plain_text(text: Text, translate: Translate = str) -> str:
    """Return a text without formulas in a language."""
    return fill_sentence(text, translate, str, str) if isinstance(text, Sentence) else text


def fill_sentence(
    sentence: Sentence,
    translate: Translate,
    formula: Callable[[Any], str],
    text: Callable[[str], str],
) -> str:
    """Return a sentence in a language.

    `formula` shows a tree or an equality, `text` escapes plain text for where it goes.
    """

    def shown(slot: Slot) -> str:
        match slot:
            case Formula():
                return formula(slot)
            case Local():
                return _with_code(slot.text_in(translate), text)
            case Sentence():
                return fill_sentence(slot, translate, formula, text)
            case Code():
                return text(slot)
            case str() | int():
                return text(str(slot))
            case _:
                return translate(", ").join(map(shown, slot))

    template = translate(sentence.template)
    edge = "" if template.isascii() else _EDGE
    slots = sentence.slots.items()
    values = {name: _Value(f"{edge}{shown(slot)}{edge}") for name, slot in slots}
    text_with_edges = template.format(**values)
    return reduce(_beside, text_with_edges.split(_EDGE)) if edge else text_with_edges


def _with_code(words: str, text: Callable[[str], str]) -> str:
    """Return an author's words; what stands between two backticks is code."""
    parts = words.split("`")
    if len(parts) % 2 == 0:
        return text(words)
    return "".join(
        text(Code(part))
        if place % 2
        else f"{' ' * part[:1].isspace()}{text(part.strip())}{' ' * part[-1:].isspace()}"
        for place, part in enumerate(parts)
    )


def _beside(one: str, other: str) -> str:
    """Return two texts that meet at the edge of a slot.

    A blank sets formulas apart from Chinese words; between two such words none stands.
    """
    before, after = one.rstrip(" "), other.lstrip(" ")
    are_chinese = all(
        "\u3000" <= it < "\ua000" or "\uff00" <= it < "\uff61" for it in (before[-1:], after[:1])
    )
    return before + after if are_chinese else one + other
