"""All that can be done where one stands, for the palette: words, and the key for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tracer.narrative.messages import say
from tracer.ui.parts.dialogs import Option
from tracer.ui.parts.key_bindings import TABLES, key_text

if TYPE_CHECKING:
    from tracer.ui.app import TracerApp

__all__ = ["commands"]


def commands(app: TracerApp) -> list[Option]:
    """Return what the bindings of the screen and of the app can do, then languages."""
    known = {key.id: key for table in TABLES.values() for key in table}
    found: dict[str, Option] = {}
    for active in app.screen.active_bindings.values():
        binding = active.binding
        key = known.get(binding.id or "")
        if key is None or not key.listed or key.id in found or not active.enabled:
            continue
        if key.id == "app.palette":
            continue
        call = partial(_run, app, binding.action, active.node)
        found[key.id] = Option(call, app.text(key.words), key_text(binding.key))
    return [*found.values(), *_languages(app)]


def _run(app: TracerApp, action: str, node: object) -> None:
    from textual.dom import DOMNode

    assert isinstance(node, DOMNode)
    app.call_later(app.run_action, action, node)


def _languages(app: TracerApp) -> list[Option]:
    from tracer.narrative.catalogue import languages

    names = {"en": "English", "zh": "中文"}
    return [
        Option(
            partial(app.use_language, language),
            app.text(say("Language: {name}", name=names.get(language, language))),
        )
        for language in languages()
        if language != app.words.language
    ]
