"""The tables of keys, by the first part of the keys' ids.

`tracer keys` lists them in this order. No screen is loaded for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracer.ui.check import CHECK, EDITOR
from tracer.ui.parts.key_bindings import APP, ARRAY, PANE, Key, KeyTable
from tracer.ui.play import PLAY
from tracer.ui.reference import GLOSSARY
from tracer.ui.scenarios import SCENARIOS
from tracer.ui.walk import WALK

TABLES: Final[Mapping[str, KeyTable]] = {
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
KEYS: Final[Mapping[str, Key]] = {key.id: key for table in TABLES.values() for key in table.keys}
"""Every key by its id."""
