"""A calculation of one's own: values are guessed, and whole pages judged, line by line."""

from __future__ import annotations

from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import GUESSES, Key, KeyTable

CHECK: Final = KeyTable(
    say("while you work out"),
    (
        *GUESSES,
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
        Key(
            "check.report",
            "ctrl+s",
            "report",
            say("Report"),
            say("Copy or save the report, see the score, or begin again"),
        ),
    ),
    (
        say(
            "Type a guess of the value that is asked for, your working with its result, or a "
            "line of a calculation; a whole page can be pasted or opened."
        ),
        say(
            "Enter judges a guess, and writes down for you what is missing before it. Hints "
            "come in three stages: the rule, the numbers, the value."
        ),
        say(
            "Beside each line you see whether it is right; beside a wrong one the cause, and "
            "the corrected line."
        ),
    ),
)

EDITOR: Final = KeyTable(
    say("in the text of your calculation"),
    (
        Key(
            "editor.enter",
            "enter",
            "screen.enter",
            say("Judge"),
            say("Judge a guess, and begin the next line"),
            False,
            True,
        ),
        Key(
            "editor.blank",
            "tab",
            "blank",
            say("Blank"),
            say("The next blank, or the next pane"),
            False,
        ),
    ),
)
