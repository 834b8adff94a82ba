"""All that can be done where one stands, for the palette: words, and the key for it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from tracer.narrative.catalogue import languages
from tracer.narrative.terms import EXPLAINED
from tracer.sentences import Sentence, say
from tracer.ui.parts.host import Host, Option
from tracer.ui.parts.key_bindings import key_text
from tracer.ui.screens import KEYS

__all__ = ["commands"]

IDEAS: Final = ("gradient", "backpropagation", "learning-rate", "chain rule")
"""Names with a page that a beginner looks for by name."""


def commands(app: Host) -> list[Option]:
    """Return what the bindings of the screen and of the app can do, languages, and words."""
    found: dict[str, Option] = {}
    for active in app.screen.active_bindings.values():
        binding = active.binding
        key = KEYS.get(binding.id or "")
        if key is None or not key.listed or key.id in found or not active.enabled:
            continue
        if key.id == "app.palette":
            continue
        call = partial(app.call_later, app.run_action, binding.action, active.node)
        found[key.id] = Option(call, app.text(key.words), key_text(binding.key))
    return [*found.values(), *_languages(app), *_words(app)]


def _languages(app: Host) -> list[Option]:
    names = {"en": "English", "zh": "中文"}
    return [
        Option(
            partial(app.use_language, language),
            app.text(say("Language: {name}", name=names.get(language, language))),
        )
        for language in languages()
        if language != app.words.language
    ]


def _words(app: Host) -> list[Option]:
    """Return the words that a beginner may look for, each with its place in the glossary."""
    if not app.has_session:
        return []
    titles = {name: app.text(title) for name, (title, _) in EXPLAINED.items()}
    titles |= {name: app.words(Sentence(name)) for name in IDEAS}

    def show(word: str) -> None:
        glossary: Any = app.get_screen("glossary")  # a screen is loaded when it is opened
        glossary.sought = word
        app.call_later(app.open, "glossary")

    return [
        Option(partial(show, title), app.text(say("Glossary: {word}", word=title)), also=name)
        for name, title in titles.items()
    ]
