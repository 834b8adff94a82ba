"""Check mine: a hand calculation, judged line by line as it is typed."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import Key, KeyTable

__all__ = ["CHECK", "EDITOR"]

CHECK: Final = KeyTable(
    say("in check mine"),
    (
        Key("check.next", "ctrl+n,f8", "next", say("Next"), say("Next finding")),
        Key("check.previous", "ctrl+b,shift+f8", "previous", say("Prev"), say("Previous finding")),
        Key("check.repair", "ctrl+r,f9", "repair", say("Repair"), say("Repair the line")),
        Key("check.repair_all", "ctrl+g", "repair_all", say("Repair all"), say("Repair all slips")),
        Key(
            "check.fill_in",
            "ctrl+l,f2",
            "fill_in",
            say("Form"),
            say("Fill in the steps of the iteration"),
        ),
        Key("check.open", "ctrl+o,f3", "open_file", say("Open"), say("Open a calculation")),
        Key("check.report", "ctrl+s", "report", say("Report"), say("Copy or save the report")),
        Key("check.back", "escape", "back", say("Walk"), say("Back to the walk")),
    ),
    (
        say(
            "Type or open a calculation of your own. Each line is marked right or wrong; for a "
            "wrong line the cause and the corrected line are shown."
        ),
    ),
    lambda: import_module("tracer.ui.check.check_screen").CheckScreen(),
)

EDITOR: Final = KeyTable(
    say("in the text of check mine"),
    (
        Key(
            "editor.blank",
            "tab",
            "blank",
            say("Blank"),
            say("The next blank, or what follows"),
            False,
        ),
    ),
)
