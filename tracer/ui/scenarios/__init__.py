"""The choice of a scenario."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import Key, KeyTable

__all__ = ["SCENARIOS"]

SCENARIOS: Final = KeyTable(
    say("in the choice of scenarios"),
    (
        Key("scenarios.up", "up", "move(-1)", say("Up"), say("Up"), False),
        Key("scenarios.down", "down", "move(1)", say("Down"), say("Down"), False),
        Key("scenarios.page_up", "pageup", "move(-1, 10)", say("Page up"), say("A page up"), False),
        Key(
            "scenarios.page_down",
            "pagedown",
            "move(1, 10)",
            say("Page down"),
            say("A page down"),
            False,
        ),
        Key("scenarios.back", "escape", "back", say("Back"), say("Back to the walk")),
    ),
    (say("Type to search the scenarios, or the path of a .toml file; Enter opens it."),),
    lambda: import_module("tracer.ui.scenarios.scenarios_screen").ScenariosScreen(),
)
