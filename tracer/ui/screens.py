"""The screens that are opened by their names, each with what makes it.

To add a screen: a folder with a class derived from `TracerScreen`, the table of its keys in
`key_tables`, and a line here. Nothing but the app knows this table: a screen asks its host to open
another one by name. The walk is always at the bottom of the stack; each other screen is loaded when
somebody opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from tracer.ui.walk.walk_screen import WalkScreen

SCREENS: Final[Mapping[str, Callable[[], Any]]] = {
    "walk": WalkScreen,
    "play": lambda: import_module("tracer.ui.play.play_screen").PlayScreen(),
    "check": lambda: import_module("tracer.ui.check.check_screen").CheckScreen(),
    "scenarios": lambda: import_module("tracer.ui.scenarios.scenarios_screen").ScenariosScreen(),
    "glossary": lambda: import_module("tracer.ui.reference.glossary_screen").GlossaryScreen(),
    "help": lambda: import_module("tracer.ui.reference.help_screen").HelpScreen(),
}
