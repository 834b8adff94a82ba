"""The play: what is given is changed, and every number and the curve follow."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import Key, KeyTable

__all__ = ["PLAY"]

PLAY: Final = KeyTable(
    say("in play"),
    (
        Key("play.less", "left,h", "screen.less", say("10 % less"), say("Make it 10 % smaller")),
        Key("play.more", "right", "screen.more", say("10 % more"), say("Make it 10 % larger")),
        Key("play.half", "minus", "half", say("Half"), say("Halve the number")),
        Key("play.double", "plus,equals_sign", "double", say("Double"), say("Double the number")),
        Key("play.edit", "enter", "edit", say("Type"), say("Type the value, or choose it")),
        Key(
            "play.reset",
            "o",
            "reset",
            say("As loaded"),
            say("Back to the scenario as it was loaded"),
        ),
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
        Key(
            "play.landscape",
            "v",
            "exchange",
            say("Landscape"),
            say("Pane 2: the landscape of the loss, or its curves"),
        ),
        Key("play.maximise", "z", "maximise", say("Maximise"), say("Maximise the pane, or not")),
        Key("play.back", "escape", "back", say("Walk"), say("Back to the walk")),
    ),
    (
        say(
            "Change what is given: the learning rate, the iterations, first values, data, loss or "
            "optimizer. Every number and the curve follow; the curve from before stays beside it."
        ),
    ),
    lambda: import_module("tracer.ui.play.play_screen").PlayScreen(),
)
