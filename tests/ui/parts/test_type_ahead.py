"""Keys that are typed in one burst do what they would do one by one."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.pictures import opened, wait_until
from tracer.narrative.session import StepPlace
from tracer.ui.app import TracerApp
from tracer.ui.walk.walk_screen import WalkScreen


def key(name: str) -> Key:
    character = {"enter": "\r", "colon": ":"}.get(name, name if len(name) == 1 else None)
    return Key(name, character)


async def burst(pilot: Pilot[None], *names: str) -> TracerApp:
    """Send keys as a terminal does that has received them all at once."""
    app = pilot.app
    assert isinstance(app, TracerApp)
    for name in names:
        app.post_message(key(name))
    for _ in range(len(names) + 2):
        await pilot.pause(0.02)
    return app


def test_a_choice_is_made_before_the_next_key_counts() -> None:
    async def run() -> None:
        async with opened() as pilot:
            app = await burst(pilot, "t", "down", "down", "enter", "n", "n")
            assert app.theme == "high-contrast"
            assert app.session.place == StepPlace(1, 2)

    asyncio.run(run())


@pytest.mark.parametrize("names", [["colon", "3", "enter", "n"], ["colon", "2", "backspace", "3"]])
def test_what_is_typed_reaches_the_dialog_that_opens(names: Sequence[str]) -> None:
    """The first sign is not lost while the dialog opens, the key behind Enter not taken into it."""

    async def run() -> None:
        async with opened() as pilot:
            app = await burst(pilot, *names)
            if names[-1] == "n":
                assert app.session.place == StepPlace(3, 1)
            else:
                assert app.screen.query_one(Input).value == "3"

    asyncio.run(run())


def test_keys_wait_however_long_the_app_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed for a dialog is not lost where it takes over a second to open."""
    go_to = WalkScreen.action_go_to

    def slowly(screen: WalkScreen) -> None:
        time.sleep(1.2)
        for name in ("3", "enter", "n"):
            screen.app.post_message(key(name))
        go_to(screen)

    monkeypatch.setattr(WalkScreen, "action_go_to", slowly)

    async def run() -> None:
        async with opened() as pilot:
            app = await burst(pilot, "colon")
            await wait_until(pilot, lambda: app.session.place == StepPlace(3, 1))

    asyncio.run(run())
