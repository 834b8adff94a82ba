"""The screens that are opened by their names, each with what makes it.

To add a screen: a folder with a class derived from `TracerScreen`, the table of its keys in
`key_tables`, and a line here. Nothing but the app knows this table: a screen asks its host to open
another one by name. The walk is always at the bottom of the stack; each other screen is loaded when
somebody opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from tracer.lazy_modules import LazyModule
from tracer.ui.parts.tracer_screen import TracerScreen
from tracer.ui.walk.walk_screen import WalkScreen

if TYPE_CHECKING:
    from tracer.ui.check import check_screen
    from tracer.ui.play import play_screen
    from tracer.ui.reference import glossary_screen, help_screen
    from tracer.ui.scenarios import scenarios_screen
else:
    check_screen = LazyModule("tracer.ui.check.check_screen")
    glossary_screen = LazyModule("tracer.ui.reference.glossary_screen")
    help_screen = LazyModule("tracer.ui.reference.help_screen")
    play_screen = LazyModule("tracer.ui.play.play_screen")
    scenarios_screen = LazyModule("tracer.ui.scenarios.scenarios_screen")

SCREENS: Final[Mapping[str, Callable[[], TracerScreen]]] = {
    "walk": WalkScreen,
    "play": lambda: play_screen.PlayScreen(),
    "check": lambda: check_screen.CheckScreen(),
    "scenarios": lambda: scenarios_screen.ScenariosScreen(),
    "glossary": lambda: glossary_screen.GlossaryScreen(),
    "help": lambda: help_screen.HelpScreen(),
}
