"""Whatever is pressed, clicked, pasted or resized, on every screen: the app goes on.

TRACER_MONKEY_EVENTS=5000 in the environment makes the long run; TRACER_MONKEY_SEED another one.
"""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.pilot import OutOfBounds, Pilot

from tests.ui.pictures import opened
from tests.ui.test_walk import app_of
from tracer.ui.screens import SCREENS

EVENTS = int(os.environ.get("TRACER_MONKEY_EVENTS", "160"))
SEED = int(os.environ.get("TRACER_MONKEY_SEED", "1"))
SIZES = [(80, 24), (60, 15), (120, 40), (200, 60), (20, 6), (1, 1), (61, 17)]
KEYS = [
    *"abcdefghijklmnoprstuvwxyzNPGU0123456789",
    "up", "down", "left", "right", "enter", "escape", "tab", "shift+tab", "backspace", "delete",
    "home", "end", "pageup", "pagedown", "space", "colon", "slash", "full_stop", "minus", "plus",
    "left_square_bracket", "right_square_bracket", "question_mark", "equals_sign", "f1", "f2",
    "ctrl+p", "ctrl+n", "ctrl+t", "ctrl+r", "ctrl+g", "ctrl+l", "ctrl+b", "ctrl+f", "ctrl+z",
    "ctrl+y", "ctrl+a", "ctrl+k", "ctrl+u", "ctrl+w", "ctrl+x", "ctrl+v",
]  # fmt: skip
# Not q, ctrl+q and ctrl+c, which end the app, and nothing that writes a file (ctrl+s, then Enter).
PIECES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="[]/x=@'\"\\ #i(){}_^$%&*", max_size=40),
    st.sampled_from(
        [
            "nan", "inf", "-inf", "1e999", "9" * 400, "1/0", "9**9**9", "\x1b[31m", "\x1b]0;x\x07",
            "数＝½", "[/foo]", "[red]x[/red]", "\u202ey", "\x00", "y_pred = w * x = 0.6\n" * 40,
            "W1[0, 1]", "3 dloss/dw", "../../etc/passwd", "a" * 5000, "(" * 300, "👩‍👩‍👧 = 3",
        ]
    ),
    st.floats().map(str),
    st.integers().map(str),
)  # fmt: skip


async def one_event(pilot: Pilot[None], chance: random.Random, texts: list[str]) -> None:
    app = app_of(pilot)
    what = chance.random()
    if what < 0.62:
        await pilot.press(chance.choice(KEYS))
    elif what < 0.80:
        width, height = app.size
        place = (chance.randrange(max(width, 1)), chance.randrange(max(height, 1)))
        with suppress(OutOfBounds):  # the window became smaller meanwhile
            await pilot.click(offset=place, times=chance.choice([1, 1, 1, 2]))
    elif what < 0.93:
        app.post_message(events.Paste(chance.choice(texts)))
        await pilot.pause()
    elif what < 0.97:
        await pilot.resize_terminal(*chance.choice(SIZES))
    else:
        app.open(chance.choice(list(SCREENS)))
        await pilot.pause()


async def monkey(scenario: str, count: int, seed: int, texts: list[str]) -> None:
    chance = random.Random(seed)
    async with opened(scenario, (80, 24)) as pilot:
        app = app_of(pilot)
        for number in range(count):
            await one_event(pilot, chance, texts)
            inside = [error for error in app.reported if not _is_told(error)]
            assert inside == [], (scenario, seed, number, inside)
            assert app.is_running, (scenario, seed, number)
        await pilot.resize_terminal(80, 24)
        for _ in range(12):
            await pilot.press("escape")
        await pilot.pause()
        assert app.is_running


def _is_told(error: BaseException) -> bool:
    """Tell whether an error is a reader's, which is answered with a message."""
    from tracer.errors import TracerError

    return isinstance(error, TracerError)


@pytest.mark.parametrize("scenario", ["one_weight", "mlp_2_2_2"])
def test_no_event_ends_the_app(
    scenario: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))

    @settings(
        max_examples=1 if EVENTS < 1000 else 4,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(PIECES, min_size=20, max_size=60))
    def run(texts: list[str]) -> None:
        rounds = 1 if EVENTS < 1000 else 4
        asyncio.run(monkey(scenario, max(EVENTS // 2 // rounds, 1), SEED, texts))

    run()
