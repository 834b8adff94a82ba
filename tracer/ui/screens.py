"""The screens by name. Each is one module, loaded when somebody opens it.

To add one: a module with a class derived from `TracerScreen` (base.py), and a line here. The walk
is always at the bottom of the stack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.screen import Screen

__all__ = ["SCREENS"]

SCREENS: Final[Mapping[str, Callable[[], Screen[None]]]] = {
    "check": lambda: import_module("tracer.ui.check.check_screen").CheckScreen(),
    "play": lambda: import_module("tracer.ui.play.play_screen").PlayScreen(),
    "glossary": lambda: import_module("tracer.ui.reference.glossary_screen").GlossaryScreen(),
    "help": lambda: import_module("tracer.ui.reference.help_screen").HelpScreen(),
    "practise": lambda: import_module("tracer.ui.practise.practise_screen").PractiseScreen(),
    "scenarios": lambda: import_module("tracer.ui.scenarios.scenarios_screen").ScenariosScreen(),
    "walk": lambda: import_module("tracer.ui.walk.walk_screen").WalkScreen(),
}
