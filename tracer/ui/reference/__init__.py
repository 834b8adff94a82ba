"""What a reader looks up: the help for where one is, and the glossary."""

from __future__ import annotations

from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import SCROLLS, KeyTable

GLOSSARY: Final = KeyTable(
    say("in the glossary"),
    (),
    (
        say(
            "Every rule, operation and optimizer: what it computes, its derivative, an example "
            "worked out, and where it is used. Type to search; Enter goes to the text."
        ),
    ),
    shared=SCROLLS,
)
