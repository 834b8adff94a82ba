"""The choice of a scenario."""

from __future__ import annotations

from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import SCROLLS, KeyTable

SCENARIOS: Final = KeyTable(
    say("in the choice of scenarios"),
    (),
    (say("Type to search the scenarios, or the path of a .toml file; Enter opens it."),),
    shared=SCROLLS,
)
