"""The walk: one step after the other, in every pane the same one."""

from __future__ import annotations

from typing import Final

from tracer.sentences import say
from tracer.ui.parts.key_bindings import GUESSES, PANES, PLACES, STEPS, Key, KeyTable

WALK: Final = KeyTable(
    say("in the walk"),
    (
        *STEPS,
        Key(
            "walk.next_phase",
            "right_square_bracket",
            "step('next_phase')",
            say("Phase"),
            say("Next phase"),
        ),
        Key(
            "walk.previous_phase",
            "left_square_bracket",
            "step('previous_phase')",
            say("Phase back"),
            say("Previous phase"),
        ),
        Key("walk.first", "g,home", "step('first')", say("First"), say("First step of all")),
        Key("walk.last", "G,end", "step('last')", say("Last"), say("Last step of all")),
        Key("walk.play", "space", "play", say("Run on"), say("Advance automatically, or stop")),
        *PLACES,
        *PANES,
        Key("walk.pane_5", "5", "pane(5)", say("Pane 5"), say("Pane 5: the values")),
        Key(
            "walk.shades",
            "m",
            "shades",
            say("Shades"),
            say("Pane 5: arrays as shades (heat maps), or as figures"),
        ),
        Key(
            "walk.nudge_up",
            "plus,equals_sign",
            "nudge(1)",
            say("Larger"),
            say("Nudge the current number up, and see what follows"),
        ),
        Key(
            "walk.nudge_down",
            "minus",
            "nudge(-1)",
            say("Smaller"),
            say("Nudge the current number down, and see what follows"),
        ),
        Key(
            "walk.prove",
            "i",
            "prove",
            say("Proofs"),
            say("Independent proofs of the gradient of the current number"),
        ),
        Key(
            "walk.predict",
            "a",
            "predict",
            say("Predict"),
            say("Predict each value before it is shown, or not"),
        ),
    ),
    (
        say(
            "A training step is a list of lines: forward, loss, backward, update. The walk shows "
            "one line at a time, and all panes show the same one."
        ),
        say(
            "The top line shows the iteration, the samples, the step and its phase. What the "
            "step has changed is marked."
        ),
        say(
            "A nudge changes the quantity that the step is about, or the entry under the cursor "
            "of the values, a little. All that follows from it changes too. The change of the "
            "loss divided by the nudge is a measured slope, shown beside the derived gradient. "
            "Nothing is saved; another iteration restores the number."
        ),
        say(
            "While you predict, each value is hidden until you have typed it, or have seen its "
            "three hints: the rule, the numbers, the value. An array is typed entry by entry, or "
            "whole, such as [1, 2] or [[1, 2], [3, 4]]."
        ),
    ),
    shared=GUESSES,
)
