"""The screens of the interface and the tables of their keys, by the first part of the keys' ids.

To add a screen: a folder with a class derived from `TracerScreen` and the table of its keys, and a
line here. Each screen is loaded when somebody opens it; the walk is always at the bottom of the
stack. `tracer keys` lists the tables in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracer.ui.check import CHECK, EDITOR
from tracer.ui.parts.key_bindings import APP, ARRAY, PANE, Key, KeyTable
from tracer.ui.play import PLAY
from tracer.ui.reference import GLOSSARY, HELP
from tracer.ui.scenarios import SCENARIOS
from tracer.ui.walk import WALK

TABLES: Final[Mapping[str, KeyTable]] = {
    "help": HELP,
    "glossary": GLOSSARY,
    "array": ARRAY,
    "scenarios": SCENARIOS,
    "app": APP,
    "walk": WALK,
    "pane": PANE,
    "play": PLAY,
    "check": CHECK,
    "editor": EDITOR,
}
SCREENS: Final = {name: table.screen for name, table in TABLES.items() if table.screen is not None}
KEYS: Final[Mapping[str, Key]] = {key.id: key for table in TABLES.values() for key in table.keys}
"""Every key by its id."""
