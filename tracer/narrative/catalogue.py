"""The catalogues of messages, one for each language. English is the key of every message."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tracer.errors import TracerError, UnknownNameError, nearest
from tracer.sentences import Translate, join_by_or, say

ENGLISH = "en"
LOCALE = Path(__file__).parent / "locale"


def languages() -> tuple[str, ...]:
    """Return the languages there are, English first."""
    translations = sorted(
        path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/tracer.mo")
    )
    return (ENGLISH, *translations)


def catalogue(language: str) -> Translate:
    """Return what turns an English message into a language; English loads nothing.

    Raises UnknownNameError, which lists the languages there are.
    """
    if language == ENGLISH:
        return str
    if language not in languages():
        raise UnknownNameError(
            say("there are no messages in this language"),
            found=language,
            expected=join_by_or(languages()),
        )
    return _messages_in(LOCALE / language / "LC_MESSAGES" / "tracer.mo")


@cache  # the command line and the command ask for it
def _messages_in(path: Path) -> Translate:
    from gettext import GNUTranslations

    with path.open("rb") as file:
        messages = GNUTranslations(file)

    def translate(text: str) -> str:
        return messages.gettext(text) if text else ""  # '' is the key of the file's head

    return translate


def preferred_language(environment: Mapping[str, str] | None = None) -> str:
    """Return the language that the environment asks for, English where there is none of it.

    As in gettext: LC_ALL, LC_MESSAGES or LANG name the locale; LANGUAGE is a list that comes
    before it, unless the locale is C.
    """
    variables = os.environ if environment is None else environment
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((variables[name] for name in names if variables.get(name)), "")
    if _language(locale) in ("C", "POSIX"):
        return ENGLISH
    available = languages()
    preferences = [*variables.get("LANGUAGE", "").split(":"), locale]
    return next((_language(name) for name in preferences if _language(name) in available), ENGLISH)


def chosen_language(asked: str | None) -> str:
    """Return the language that is asked for by `zh` or `zh_CN`, else that of the locale.

    Raises TracerError for one that is not there.
    """
    if asked is None:
        return preferred_language()
    available = languages()
    for language in (asked, _language(asked)):
        if language in available:
            return language
    raise TracerError(
        say("tracer is not translated into this language"),
        found=asked,
        expected=nearest(asked, available) or join_by_or(available),
    )


def _language(locale: str) -> str:
    """Return the language of a locale: 'zh' of 'zh_CN.UTF-8'."""
    for sign in ".@_-":
        locale = locale.partition(sign)[0]
    return locale
