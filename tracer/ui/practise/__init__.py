"""Practise: the values are hidden, to be worked out one after the other."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import Key, KeyTable

__all__ = ["PRACTISE"]

PRACTISE: Final = KeyTable(
    say("in practise"),
    (
        Key("practise.hint", "ctrl+t,f4", "hint", say("Hint"), say("A hint: rule, numbers, value")),
        Key(
            "practise.next", "ctrl+n,down", "next", say("Next"), say("Next value; this one is left")
        ),
        Key("practise.previous", "ctrl+b,up", "previous", say("Prev"), say("Previous value")),
        Key("practise.summary", "f6", "summary", say("Summary"), say("The score and the slips")),
        Key(
            "practise.again",
            "f5",
            "again",
            say("Again"),
            say("Begin again at the place of the walk"),
        ),
        Key("practise.back", "escape", "back", say("Walk"), say("Back to the walk")),
    ),
    (
        say(
            "The values are hidden: work each out and type it. Hints come in three stages: the "
            "rule, what goes in, the value. A slip that is carried on counts once."
        ),
    ),
    lambda: import_module("tracer.ui.practise.practise_screen").PractiseScreen(),
)
