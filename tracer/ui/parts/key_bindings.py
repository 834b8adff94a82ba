"""Every key of the interface: its id (a reader's settings name it), keys, action and words.

One table a screen. The footer, the palette and the help are made of it; what a key is bound to at
the moment only the app knows, as a reader may have bound it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.narrative.messages import Sentence, say

if TYPE_CHECKING:
    from textual.binding import Binding

__all__ = [
    "APP",
    "CHECK",
    "CHECK_FOOTER",
    "EDITOR",
    "PANE",
    "PLAY",
    "PLAY_FOOTER",
    "PRACTISE",
    "PRACTISE_FOOTER",
    "TABLES",
    "WALK",
    "WALK_FOOTER",
    "Key",
    "bindings",
    "key_text",
]


class Key(NamedTuple):
    """A key: `short` stands in the footer, `words` in the palette and the help.

    One that is not `listed` is left out of the palette: what it does depends on where one is.
    """

    id: str
    keys: str
    action: str
    short: Sentence
    words: Sentence
    listed: bool = True
    priority: bool = False


APP: Final = (
    Key("app.palette", "ctrl+p", "palette", say("Commands"), say("All commands"), priority=True),
    Key("app.help", "question_mark,f1", "help", say("Help"), say("Help for what is in focus")),
    Key("app.scenarios", "s", "scenarios", say("Scenarios"), say("Choose a scenario")),
    Key(
        "app.play",
        "l",
        "open_screen('play')",
        say("Learning rate"),
        say("Change the learning rate and all that is given"),
    ),
    Key("app.check", "c", "open_screen('check')", say("Check mine"), say("Check my calculation")),
    Key("app.practise", "r", "open_screen('practise')", say("Practise"), say("Practise")),
    Key(
        "app.glossary",
        "x",
        "open_screen('glossary')",
        say("Rules"),
        say("Explain the rule of the step"),
    ),
    Key("app.undo", "u", "undo", say("Undo"), say("Undo the last change")),
    Key("app.redo", "U", "redo", say("Redo"), say("Redo the change")),
    Key("app.export", "e", "export", say("Export"), say("Export steps, picture or trace")),
    Key("app.copy", "y", "copy", say("Copy"), say("Copy the step")),
    Key("app.theme", "t", "theme", say("Theme"), say("Choose a theme")),
    Key("app.quit", "q", "quit", say("Quit"), say("Quit")),
    Key(
        "app.leave",
        "ctrl+q",
        "quit",
        say("Quit"),
        say("Quit, also while something is typed"),
        priority=True,
    ),
)

WALK: Final = (
    Key("walk.next", "n", "next", say("Next"), say("Next step")),
    Key("walk.previous", "p", "previous", say("Prev"), say("Previous step")),
    Key("walk.next_iteration", "N", "next_iteration", say("Iteration"), say("Next iteration")),
    Key(
        "walk.previous_iteration",
        "P",
        "previous_iteration",
        say("Iteration back"),
        say("Previous iteration"),
    ),
    Key("walk.next_phase", "right_square_bracket", "next_phase", say("Phase"), say("Next phase")),
    Key(
        "walk.previous_phase",
        "left_square_bracket",
        "previous_phase",
        say("Phase back"),
        say("Previous phase"),
    ),
    Key("walk.first", "g,home", "first", say("First"), say("First step of all")),
    Key("walk.last", "G,end", "last", say("Last"), say("Last step of all")),
    Key("walk.play", "space", "play", say("Play"), say("Play the steps, or stop")),
    Key("walk.find", "slash", "find", say("Find"), say("Find a step")),
    Key("walk.go_to", "colon", "go_to", say("Go to"), say("Go to an iteration or a step")),
    Key("walk.run_to", "full_stop", "run_to", say("Run to"), say("Run to the next time of a step")),
    Key("walk.pane_1", "1", "pane(1)", say("Steps"), say("Pane 1: the steps")),
    Key("walk.pane_2", "2", "pane(2)", say("Derivation"), say("Pane 2: the derivation")),
    Key("walk.pane_3", "3", "pane(3)", say("Network"), say("Pane 3: the network")),
    Key("walk.pane_4", "4", "pane(4)", say("Loss"), say("Pane 4: the loss")),
    Key("walk.pane_5", "5", "pane(5)", say("Values"), say("Pane 5: the values")),
    Key("walk.maximise", "z", "maximise", say("Maximise"), say("Maximise the pane, or not")),
    Key("walk.enter", "enter", "enter", say("Inside"), say("Step inside: operations or an entry")),
    Key("walk.leave", "escape,backspace", "leave", say("Outside"), say("Step outside again")),
)
"""What the walk binds itself. Keys of further screens stand in tables of their own."""

PANE: Final = (
    Key("pane.up", "up,k", "up", say("Up"), say("Up"), False),
    Key("pane.down", "down,j", "down", say("Down"), say("Down"), False),
    Key("pane.left", "left,h", "left", say("Left"), say("Left, or the step before"), False),
    Key("pane.right", "right", "right", say("Right"), say("Right, or the next step"), False),
    Key("pane.page_up", "pageup,ctrl+b", "page_up", say("Page up"), say("A page up"), False),
    Key(
        "pane.page_down",
        "pagedown,ctrl+f",
        "page_down",
        say("Page down"),
        say("A page down"),
        False,
    ),
)

WALK_FOOTER: Final = (
    "walk.next",
    "walk.previous",
    "walk.next_iteration",
    "walk.go_to",
    "app.check",
    "app.export",
    "app.help",
)
"""At most seven; an id that nothing binds is left out."""

PLAY: Final = (
    Key("play.less", "left,h", "screen.less", say("10 % less"), say("Make it 10 % smaller")),
    Key("play.more", "right", "screen.more", say("10 % more"), say("Make it 10 % larger")),
    Key("play.half", "minus", "half", say("Half"), say("Halve the number")),
    Key("play.double", "plus,equals_sign", "double", say("Double"), say("Double the number")),
    Key("play.edit", "enter", "edit", say("Type"), say("Type the value, or choose it")),
    Key("play.reset", "o", "reset", say("As loaded"), say("Back to the scenario as it was loaded")),
    Key("play.save", "w,ctrl+s", "save", say("Save"), say("Save the scenario as a file")),
    Key("play.next", "n", "next", say("Next"), say("Next step")),
    Key("play.previous", "p", "previous", say("Prev"), say("Previous step")),
    Key("play.next_iteration", "N", "next_iteration", say("Iteration"), say("Next iteration")),
    Key(
        "play.previous_iteration",
        "P",
        "previous_iteration",
        say("Iteration back"),
        say("Previous iteration"),
    ),
    Key("play.pane_1", "1", "pane(1)", say("Given"), say("Pane 1: what is given")),
    Key("play.pane_2", "2", "pane(2)", say("Loss"), say("Pane 2: the loss")),
    Key("play.pane_3", "3", "pane(3)", say("Course"), say("Pane 3: what happens")),
    Key("play.pane_4", "4", "pane(4)", say("Step"), say("Pane 4: the step")),
    Key("play.maximise", "z", "maximise", say("Maximise"), say("Maximise the pane, or not")),
    Key("play.back", "escape", "back", say("Walk"), say("Back to the walk")),
)

PLAY_FOOTER: Final = (
    "play.less",
    "play.more",
    "play.double",
    "play.edit",
    "app.undo",
    "play.save",
    "play.back",
)

ARRAY: Final = (
    Key("array.first", "home", "edge(-1)", say("First column"), say("First column"), False),
    Key("array.last", "end", "edge(1)", say("Last column"), say("Last column"), False),
    Key("array.enter", "enter", "inside", say("Work out"), say("Work the entry out")),
    Key("array.go_to", "colon", "go_to", say("Go to"), say("Go to an entry by its indices")),
    Key("array.back", "escape", "back", say("Back"), say("Back to the walk")),
)
ARRAY_FOOTER: Final = ("array.enter", "array.go_to", "array.back", "app.copy", "app.help")

SCENARIOS: Final = (
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
)
SCENARIOS_FOOTER: Final = ("scenarios.back", "app.palette")

DIALOG: Final = (
    Key("dialog.close", "escape", "close", say("Close"), say("Close the dialog"), False),
    Key("dialog.up", "up,ctrl+k", "move(-1)", say("Up"), say("Up"), False),
    Key("dialog.down", "down,ctrl+j", "move(1)", say("Down"), say("Down"), False),
    Key("dialog.page_up", "pageup", "move(-1, 10)", say("Page up"), say("A page up"), False),
    Key("dialog.page_down", "pagedown", "move(1, 10)", say("Page down"), say("A page down"), False),
)

CHECK: Final = (
    Key("check.next", "ctrl+n,f8", "next", say("Next"), say("Next finding")),
    Key("check.previous", "ctrl+t,shift+f8", "previous", say("Prev"), say("Previous finding")),
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
)

EDITOR: Final = (
    Key(
        "editor.blank", "tab", "blank", say("Blank"), say("The next blank, or what follows"), False
    ),
)
"""In the text of a hand calculation."""

CHECK_FOOTER: Final = (
    "check.next",
    "check.repair",
    "check.fill_in",
    "check.open",
    "check.report",
    "check.back",
)

PRACTISE: Final = (
    Key("practise.hint", "ctrl+t,f2", "hint", say("Hint"), say("A hint: rule, numbers, value")),
    Key("practise.next", "ctrl+n,down", "next", say("Next"), say("Next value; this one is left")),
    Key("practise.previous", "ctrl+b,up", "previous", say("Prev"), say("Previous value")),
    Key("practise.summary", "ctrl+s", "summary", say("Summary"), say("The score and the slips")),
    Key(
        "practise.again",
        "ctrl+r",
        "again",
        say("Again"),
        say("Begin again at the place of the walk"),
    ),
    Key("practise.back", "escape", "back", say("Walk"), say("Back to the walk")),
)

PRACTISE_FOOTER: Final = (
    "practise.hint",
    "practise.next",
    "practise.previous",
    "practise.summary",
    "practise.again",
    "practise.back",
)

HELP: Final = (
    Key("help.glossary", "enter", "glossary", say("Glossary"), say("Glossary of the rules")),
    Key("help.back", "escape,q", "back", say("Back"), say("Back to where one was")),
)

HELP_FOOTER: Final = ("help.glossary", "help.back")

GLOSSARY: Final = (
    Key("glossary.up", "up", "move(-1)", say("Up"), say("The name above"), False),
    Key("glossary.down", "down", "move(1)", say("Down"), say("The name below"), False),
    Key("glossary.page_up", "pageup", "move(-1, 10)", say("Page up"), say("A page up"), False),
    Key(
        "glossary.page_down", "pagedown", "move(1, 10)", say("Page down"), say("A page down"), False
    ),
    Key("glossary.back", "escape", "back", say("Back"), say("Back to where one was")),
)

GLOSSARY_FOOTER: Final = ("glossary.up", "glossary.down", "glossary.back")

TABLES: dict[str, Sequence[Key]] = {
    "help": HELP,
    "glossary": GLOSSARY,
    "array": ARRAY,
    "scenarios": SCENARIOS,
    "dialog": DIALOG,
    "app": APP,
    "walk": WALK,
    "pane": PANE,
    "play": PLAY,
    "check": CHECK,
    "editor": EDITOR,
    "practise": PRACTISE,
}
"""All tables, by the first part of their ids: `tracer keys` lists them."""


def bindings(table: Sequence[Key]) -> list[Binding]:
    """Return a table as Textual's bindings."""
    from textual.binding import Binding

    return [
        Binding(key.keys, key.action, key.short.template, id=key.id, priority=key.priority)
        for key in table
    ]


_SHOWN: Final = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "full_stop": ".",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "backspace": "Backspace",
    "tab": "Tab",
}


def key_text(key: str) -> str:
    """Return how a key is written for people: `ctrl+p` as Ctrl+P, `question_mark` as ?."""
    first = key.split(",")[0].strip()
    *before, last = first.split("+") if first != "+" else [first]
    shown = _SHOWN.get(last, last if len(last) == 1 else last.capitalize())
    if before and len(last) == 1:
        shown = shown.upper()
    return "+".join([*(name.capitalize() for name in before), shown])
