"""The keys of the interface: their ids (a reader's settings name them), actions and words.

A table a place, beside its screen; `key_tables` lists them all. The footer, the palette and the
help are made of them; what a key is bound to at the moment only the app knows, as a reader may have
bound it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.sentences import Sentence, say

if TYPE_CHECKING:
    from textual.binding import Binding


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


class KeyTable(NamedTuple):
    """The keys of one place: where they work, and what the place is for.

    `shared` are keys of other tables that do the same here: they keep their ids.
    """

    place: Sentence
    keys: Sequence[Key]
    about: Sequence[Sentence] = ()
    shared: Sequence[Key] = ()

    @property
    def in_force(self) -> Sequence[Key]:
        """All keys that work at the place."""
        return (*self.keys, *self.shared)


STEPS: Final = (
    Key("walk.next", "n", "step('next')", say("Next"), say("Next step")),
    Key("walk.previous", "p", "step('previous')", say("Prev"), say("Previous step")),
    Key(
        "walk.next_iteration",
        "N",
        "step('next_iteration')",
        say("Iteration"),
        say("Next iteration"),
    ),
    Key(
        "walk.previous_iteration",
        "P",
        "step('previous_iteration')",
        say("Iteration back"),
        say("Previous iteration"),
    ),
)
"""What walk and play share: both go from step to step."""

PANES: Final = (
    Key("walk.pane_1", "1", "pane(1)", say("Pane 1"), say("Pane 1: the steps, or what is given")),
    Key("walk.pane_2", "2", "pane(2)", say("Pane 2"), say("Pane 2: the derivation, or the loss")),
    Key("walk.pane_3", "3", "pane(3)", say("Pane 3"), say("Pane 3: the network, or what happens")),
    Key("walk.pane_4", "4", "pane(4)", say("Pane 4"), say("Pane 4: the loss, or the step")),
    Key("walk.next_pane", "tab", "next_pane(1)", say("Next pane"), say("Next pane"), False),
    Key(
        "walk.previous_pane",
        "shift+tab",
        "next_pane(-1)",
        say("Previous pane"),
        say("Previous pane"),
        False,
    ),
    Key(
        "walk.landscape",
        "v",
        "exchange",
        say("Landscape"),
        say("The loss as a landscape, as a curve so far, of the whole run, or predictions"),
    ),
    Key("walk.maximise", "z", "maximise", say("Maximize"), say("Maximize the pane, or restore it")),
)
"""What walk and play share: both have panes."""

GUESSES: Final = (
    Key("check.hint", "ctrl+t,f4", "hint", say("Hint"), say("A hint: rule, numbers, value")),
    Key(
        "check.next",
        "ctrl+n,f8",
        "step('next')",
        say("Next"),
        say("Next finding; where there is none, the next value"),
    ),
    Key(
        "check.previous",
        "ctrl+b,shift+f8",
        "step('previous')",
        say("Prev"),
        say("Previous finding; where there is none, the value before"),
    ),
)
"""What works where a value is guessed: on the page of a calculation, and in the walk."""

PLACES: Final = (
    Key(
        "walk.go_to",
        "colon,slash",
        "go_to",
        say("Go to"),
        say("Go to an iteration, a step by its name or formula, or an entry of an array"),
    ),
    Key("walk.enter", "enter", "enter", say("Inside"), say("Step inside: operations or an entry")),
)
"""What walk and arrays share."""

BACK: Final = Key(
    "app.back",
    "escape,backspace",
    "screen.back",
    say("Back"),
    say("Back: out of a step, a nudge or predictions, or to the screen before"),
)
"""What works in dialogs too."""

APP: Final = KeyTable(
    say("everywhere"),
    (
        Key("app.palette", "ctrl+p", "palette", say("Commands"), say("All commands"), False, True),
        Key(
            "app.help",
            "question_mark,f1",
            "open_screen('help')",
            say("Help"),
            say("Help for what is in focus"),
        ),
        Key(
            "app.scenarios",
            "s",
            "open_screen('scenarios')",
            say("Scenarios"),
            say("Choose a scenario"),
        ),
        Key(
            "app.play",
            "l",
            "open_screen('play')",
            say("Play"),
            say("Play: change the learning rate and all that is given"),
        ),
        Key(
            "app.check",
            "c",
            "open_screen('check')",
            say("Work out"),
            say("Work out: guess the values, or check your calculation"),
        ),
        Key(
            "app.glossary",
            "x",
            "open_screen('glossary')",
            say("Rules"),
            say("Explain the rule of the step"),
        ),
        Key("app.undo", "u", "retrace('undo')", say("Undo"), say("Undo the last change")),
        Key("app.redo", "U", "retrace('redo')", say("Redo"), say("Redo the change")),
        Key("app.export", "e", "export", say("Export"), say("Export steps, picture or trace")),
        Key("app.copy", "y", "copy", say("Copy"), say("Copy the step")),
        Key("app.theme", "t", "theme", say("Theme"), say("Choose a theme")),
        BACK,
        Key("app.quit", "q", "quit", say("Quit"), say("Quit")),
        Key(
            "app.leave",
            "ctrl+q",
            "quit",
            say("Quit"),
            say("Quit, even while typing"),
            priority=True,
        ),
    ),
)

SCROLLS: Final = (
    Key("pane.up", "up,k,ctrl+k", "move(-1)", say("Up"), say("Up"), False),
    Key("pane.down", "down,j,ctrl+j", "move(1)", say("Down"), say("Down"), False),
    Key("pane.page_up", "pageup,ctrl+b", "page(-1)", say("Page up"), say("A page up"), False),
    Key(
        "pane.page_down",
        "pagedown,ctrl+f",
        "page(1)",
        say("Page down"),
        say("A page down"),
        False,
    ),
)
"""What works wherever lines can be scrolled, or one of them chosen."""

PANE: Final = KeyTable(
    say("in a pane or a list"),
    (
        *SCROLLS,
        Key(
            "pane.left",
            "left,h",
            "sideways(-1)",
            say("Left"),
            say("Left, or the step before"),
            False,
        ),
        Key(
            "pane.right",
            "right",
            "sideways(1)",
            say("Right"),
            say("Right, or the next step"),
            False,
        ),
    ),
)

ARRAY: Final = KeyTable(
    say("in an array"),
    (
        Key("array.first", "home", "edge(-1)", say("First column"), say("First column"), False),
        Key("array.last", "end", "edge(1)", say("Last column"), say("Last column"), False),
    ),
    (say("Every entry of the array; Enter shows how the one under the cursor was computed."),),
    shared=PLACES,
)


def textual_bindings(table: Sequence[Key]) -> list[Binding]:
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
    letter = _SHOWN.get(last, last if len(last) == 1 else last.capitalize())
    if before and len(last) == 1:
        letter = letter.upper()
    return "+".join([*(name.capitalize() for name in before), letter])
