"""The play: what is given is changed, and every number and the curve follow."""

from __future__ import annotations

from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import PANES, STEPS, Key, KeyTable

MORE: Final = "11/10"  # times a number that the reader makes larger
LESS: Final = "10/11"

PLAY: Final = KeyTable(
    say("in play"),
    (
        Key(
            "play.less",
            "left,h",
            f"screen.scale({LESS!r})",
            say("10 % less"),
            say("Make it 10 % smaller"),
        ),
        Key(
            "play.more",
            "right",
            f"screen.scale({MORE!r})",
            say("10 % more"),
            say("Make it 10 % larger"),
        ),
        Key("play.half", "minus", "scale('1/2')", say("Half"), say("Halve the number")),
        Key(
            "play.double", "plus,equals_sign", "scale('2')", say("Double"), say("Double the number")
        ),
        Key("play.edit", "enter", "edit", say("Type"), say("Type the value, or choose it")),
        Key(
            "play.reset",
            "o",
            "reset",
            say("As loaded"),
            say("Back to the scenario as it was loaded"),
        ),
        Key("play.save", "w,ctrl+s", "save", say("Save"), say("Save the scenario as a file")),
    ),
    (
        say(
            "Change what is given: the learning rate, the iterations, initial values, "
            "data, loss or optimizer. All numbers and the curve are computed again; "
            "the previous curve stays beside the new one."
        ),
    ),
    shared=(*STEPS, *PANES),
)
