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
    "check": lambda: import_module("tracer.ui.screens.check").CheckScreen(),
    "play": lambda: import_module("tracer.ui.screens.play").PlayScreen(),
    "glossary": lambda: import_module("tracer.ui.screens.glossary").GlossaryScreen(),
    "help": lambda: import_module("tracer.ui.screens.help").HelpScreen(),
    "practise": lambda: import_module("tracer.ui.screens.practise").PractiseScreen(),
    "scenarios": lambda: import_module("tracer.ui.screens.scenarios").ScenariosScreen(),
    "walk": lambda: import_module("tracer.ui.screens.walk").WalkScreen(),
}
