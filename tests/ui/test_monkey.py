"""Nothing that is typed, clicked or resized ends the walk."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.ui.pictures import opened
from tracer.errors import TracerError
from tracer.ui.app import TracerApp

EVENTS = int(os.environ.get("MONKEY_EVENTS", "150"))  # of each run; 2000 take some minutes
KEYS = [
    "n",
    "p",
    "N",
    "P",
    "g",
    "G",
    "space",
    "slash",
    "colon",
    "full_stop",
    "1",
    "2",
    "3",
    "4",
    "5",
    "z",
    "enter",
    "escape",
    "s",
    "e",
    "y",
    "t",
    "question_mark",
    "ctrl+p",
    "up",
    "down",
    "left",
    "right",
    "j",
    "k",
    "h",
    "pageup",
    "pagedown",
    "tab",
    "shift+tab",
    "home",
    "end",
    "backspace",
    "l",
    "c",
    "r",
    "u",
    "U",
    "left_square_bracket",
    "right_square_bracket",
    "a",
    "3",
    "0",
    "x",
    "w",
    "plus",
    "f1",
]
SIZES = [(80, 24), (120, 40), (60, 15), (200, 60), (20, 6), (5, 3), (61, 18)]


@pytest.mark.parametrize(("scenario", "seed"), [("one_weight", 1), ("mlp_2_2_2", 2), ("xor", 3)])
def test_random_events_do_no_harm(
    scenario: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app goes on, and nothing but what a reader can cause is reported."""
    monkeypatch.chdir(tmp_path)

    async def run() -> None:
        chance = random.Random(seed)
        async with opened(scenario) as pilot:
            app = pilot.app
            assert isinstance(app, TracerApp)
            monkeypatch.setattr(app, "exit", lambda *arguments, **options: None)
            for number in range(EVENTS):
                kind = chance.random()
                if kind < 0.85:
                    await pilot.press(chance.choice(KEYS))
                elif kind < 0.95:
                    width, height = app.size
                    offset = (chance.randrange(width), chance.randrange(height))
                    await pilot.click(offset=offset)
                else:
                    await pilot.resize_terminal(*chance.choice(SIZES))
                if number % 5 == 0:
                    await pilot.pause()
                assert app.is_running
                bugs = [error for error in app.reported if not isinstance(error, TracerError)]
                assert bugs == []

    asyncio.run(run())
