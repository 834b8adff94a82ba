"""The screens that are opened by their names, each with what makes it.

To add a screen: a folder with a class derived from `TracerScreen`, the table of its keys in
`key_tables`, and a line here. Nothing but the app knows this table: a screen asks its host to open
another one by name. The walk is always at the bottom of the stack; each other screen is loaded when
somebody opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tracer.ui.parts.tracer_screen import TracerScreen
from tracer.ui.walk.walk_screen import WalkScreen


def _play_screen() -> TracerScreen:
    from tracer.ui.play.play_screen import PlayScreen

    return PlayScreen()


def _check_screen() -> TracerScreen:
    from tracer.ui.check.check_screen import CheckScreen

    return CheckScreen()


def _scenarios_screen() -> TracerScreen:
    from tracer.ui.scenarios.scenarios_screen import ScenariosScreen

    return ScenariosScreen()


def _glossary_screen() -> TracerScreen:
    from tracer.ui.reference.glossary_screen import GlossaryScreen

    return GlossaryScreen()


def _help_screen() -> TracerScreen:
    from tracer.ui.reference.help_screen import HelpScreen

    return HelpScreen()


SCREENS: Final[Mapping[str, Callable[[], TracerScreen]]] = {
    "walk": WalkScreen,
    "play": _play_screen,
    "check": _check_screen,
    "scenarios": _scenarios_screen,
    "glossary": _glossary_screen,
    "help": _help_screen,
}
