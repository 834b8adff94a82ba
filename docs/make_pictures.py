"""Writes docs/pictures: the real screens of the interface, as SVG.

    python docs/make_pictures.py

The app runs without a terminal; a pilot presses keys and takes the picture. What the pictures show
is what the program shows: a test says so. They refer to nothing outside of themselves.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tracer.program.scenario import load
from tracer.render.screen_picture import self_contained
from tracer.ui.app import TracerApp
from tracer.ui.parts.preferences import Preferences

FOLDER: Final = Path(__file__).parent / "pictures"
PATIENCE: Final = 40  # looks at a screen that is not yet at rest
PAUSE: Final = 0.6  # seconds between them; longer than the check waits for another key

NOTES: Final = """\
ŷ = w * x = 0.5 * 1 = 0.5
L = (ŷ - y)² = (0.5 - 2)² = 2.25
dL/dw = 2 * (ŷ - y) * x = 2 * (0.5 - 2) * 1 = -3.0
w = w - lr * dL/dw = 0.8 - 0.1 * -3.0 = 0.8
"""

Act = Callable[[Pilot[None]], Awaitable[None]]


class Picture(NamedTuple):
    """A picture: its file, what one does to see it, and what it shows, for those who do not."""

    name: str
    title: str
    text: str
    act: Act
    scenario: str = "one_weight"
    size: tuple[int, int] = (80, 24)
    theme: str = "dark"
    language: str = "en"


def keys(*names: str) -> Act:
    """Return what presses keys, one after the other."""

    async def act(pilot: Pilot[None]) -> None:
        for name in names:
            await pilot.press(name)
            await pilot.pause()

    return act


async def _swept(pilot: Pilot[None]) -> None:
    """Open the play and let the learning rate be 1, where the error only changes its sign."""
    await keys("l", "enter")(pilot)
    pilot.app.screen.query_one(Input).value = "1"
    await keys("enter")(pilot)


async def _checked(pilot: Pilot[None]) -> None:
    """Open the check and type a calculation with a slip."""
    await keys("c")(pilot)
    pilot.app.screen.query_one(TextArea).text = NOTES


async def _guessed(pilot: Pilot[None]) -> None:
    """Answer three values, the third one with the wrong sign, and ask for a hint."""
    await keys("c")(pilot)
    for answer in ("0.5", "2.25", "3"):
        await keys(*_typed(answer), "enter")(pilot)
    await keys("ctrl+t")(pilot)


def _typed(text: str) -> list[str]:
    return ["full_stop" if sign == "." else sign for sign in text]


_WALK: Final = "The walk at the gradient by w: steps, derivation, network, landscape of the loss"
_DERIVED: Final = (
    "On the left the steps of iteration 1. In the middle: the gradient of the loss by w is the "
    "gradient by the prediction, which comes in, times the local derivative x, that is -3 times 1, "
    "which is -3: where w rises a little, the loss falls 3 times as much. Below: the network from "
    "x and w to the prediction and the loss, with "
    "the edge to w lit, and the landscape of the loss: a valley over w, with the point at 0.5 and "
    "its tangent, whose slope is -3."
)

PICTURES: Final = (
    Picture("walk", _WALK, _DERIVED, keys("n", "n", "n")),
    Picture("walk.light", _WALK + ", light theme", _DERIVED, keys("n", "n", "n"), theme="light"),
    Picture(
        "walk.zh",
        "逐步演示：w 的梯度",
        "左边是第 1 次迭代的步骤；中间是 w 的梯度，-3 乘以 1 等于 -3；"
        "下面是网络和损失地形，带有 w = 0.5 处的切线。",
        keys("n", "n", "n"),
        language="zh",
    ),
    Picture(
        "walk.wide",
        "The walk in 120 columns, on a network of two layers",
        "At 120 by 40 the values stand in a pane of their own, arrays as tables. The network is "
        "drawn layer by layer; below it stand the boxes of the step, with their values and "
        "gradients.",
        keys(*["right_square_bracket"] * 2, "n", "n", "n"),
        scenario="mlp_2_2_2",
        size=(120, 40),
    ),
    Picture(
        "play",
        "The play with the learning rate at 1",
        "The learning rate was 0.1 and is 1 now. In the landscape of the loss the step goes from "
        "one side of the valley to the other, 0.5 to 3.5: the error changes its sign and keeps its "
        "size, so the loss stays at 2.25.",
        _swept,
    ),
    Picture(
        "check",
        "Working out: a hand calculation with one slip",
        "Four lines of a calculation. Three are right. In the update 0.8 - 0.1 * -3.0 = 0.8 the "
        "first 0.8 is marked: the updated w was used, where w before the update belongs; the "
        "corrected line has 0.5.",
        _checked,
        theme="light",
    ),
    Picture(
        "guesses",
        "Working out: a value is asked for",
        "The values of the iteration are hidden. The first two were guessed rightly, the third "
        "with a wrong sign; a hint names the rules.",
        _guessed,
        theme="light",
    ),
)


def picture(wanted: Picture) -> str:
    """Return a picture as SVG. Raises RuntimeError where the app reports an error."""
    return asyncio.run(_taken(wanted))


async def _taken(wanted: Picture) -> str:
    preferences = Preferences()
    preferences.theme = wanted.theme
    app = TracerApp(load(wanted.scenario), language=wanted.language, preferences=preferences)
    async with app.run_test(size=wanted.size) as pilot:
        await pilot.pause()
        await keys("enter")(pilot)  # behind the first card
        await wanted.act(pilot)
        svg = await _at_rest(pilot)
    if app.reported:
        raise RuntimeError(f"{wanted.name}: {app.reported[0]}")
    return self_contained(svg, wanted.title, wanted.text)


async def _at_rest(pilot: Pilot[None]) -> str:
    """Return the screen once it no longer changes, without a blinking cursor."""
    for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)):
        field.cursor_blink = False
    before = ""
    for _ in range(PATIENCE):
        await pilot.pause(PAUSE)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        shown = pilot.app.export_screenshot()
        if shown == before:
            return shown
        before = shown
    raise RuntimeError("the screen does not come to rest")


def main(names: list[str]) -> int:
    """Write all pictures, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    for wanted in PICTURES:
        if not names or wanted.name in names:
            path = FOLDER / f"{wanted.name}.svg"
            path.write_text(picture(wanted), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
