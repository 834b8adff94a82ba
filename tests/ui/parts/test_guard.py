"""An error anywhere in the interface becomes a dialog, and the reader goes on."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from tests.ui.pictures import opened, picture, press, wait_until
from tests.ui.walk.test_walk import app_of
from tracer.errors import TracerError
from tracer.narrative.catalogue import catalogue
from tracer.program.scenario import load
from tracer.sentences import say
from tracer.ui.app import MOST_ERRORS, TracerApp
from tracer.ui.check.check_screen import CheckScreen
from tracer.ui.parts.dialogs import ChoiceDialog, MessageDialog, ProgressDialog
from tracer.ui.parts.host import Option
from tracer.ui.screens import SCREENS
from tracer.ui.walk.walk_screen import WalkScreen


class Slip(Exception):  # noqa: N818 - a mistake of ours
    """What no code expects."""


def slip(*_: object, **__: object) -> Any:
    raise Slip("x[0]")


async def goes_on(pilot: Pilot[None]) -> None:
    """Tell that the error is shown once, and that the walk goes on behind it."""
    app = pilot.app
    assert isinstance(app, TracerApp)
    # The dialog opens after the error, and is laid out after that.
    await wait_until(
        pilot, lambda: isinstance(app.screen, MessageDialog) and "Slip" in picture(pilot)
    )
    assert app.is_running
    assert isinstance(app.screen, MessageDialog)
    assert "Slip: x[0]" in picture(pilot)
    await pilot.press("escape")
    await pilot.pause()
    assert isinstance(app.screen, WalkScreen)
    before = app.session.place
    await pilot.press("n")
    await pilot.pause()
    assert app.session.place != before


@pytest.mark.parametrize("name", sorted(set(SCREENS) - {"walk"}))
def test_a_screen_that_cannot_be_composed_goes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves no empty screen behind; opened again, it is made anew."""
    made = type(SCREENS[name]())

    async def run() -> None:
        async with opened() as pilot:
            app = pilot.app
            assert isinstance(app, TracerApp)
            with monkeypatch.context() as patch:
                patch.setattr(made, "compose", slip)
                app.open(name)
                await goes_on(pilot)
                assert len(app.reported) == 1
            app.open(name)
            await wait_until(pilot, lambda: isinstance(app.screen, made))
            assert len(app.reported) == 1

    asyncio.run(run())


def test_a_dialog_that_cannot_be_composed_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChoiceDialog, "compose", slip)

    async def run() -> None:
        async with opened() as pilot:
            pilot.app.push_screen(ChoiceDialog("one", [Option(1, "of")]))
            await goes_on(pilot)

    asyncio.run(run())


def calls(app: TracerApp) -> Iterator[Callable[[], object]]:
    """Yield the ways in which Textual calls our code outside of messages."""
    yield lambda: app.screen.call_after_refresh(slip)
    yield lambda: app.screen.call_next(slip)
    yield lambda: app.screen.call_later(slip)
    yield lambda: app.screen.set_timer(0.01, slip)
    yield lambda: ProgressDialog("in a worker", slip, print).start(app)
    yield lambda: ProgressDialog("with its result", lambda _: 1, slip).start(app)


def test_an_error_outside_of_messages_is_shown() -> None:
    async def run() -> None:
        async with opened() as pilot:
            assert isinstance(pilot.app, TracerApp)
            for number, call in enumerate(calls(pilot.app), 1):
                call()
                await goes_on(pilot)
                assert len(pilot.app.reported) == number

    asyncio.run(run())


@pytest.mark.parametrize(
    ("widget", "method"), [("#pane-3", "render_line"), ("#header", "render_line")]
)
def test_what_cannot_be_drawn_is_told_once(
    widget: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the screen is drawn, and the same error is not told at every step."""

    async def run() -> None:
        async with opened(is_seen=True) as pilot:
            part: Widget = pilot.app.screen.query_one(widget, Widget)
            monkeypatch.setattr(part, method, slip)
            part.refresh()
            await goes_on(pilot)
            await pilot.press("n", "n")
            await pilot.pause(0.05)
            assert isinstance(pilot.app.screen, WalkScreen)
            assert "Derivation" in picture(pilot)

    asyncio.run(run())


def test_the_same_error_again_and_again_opens_one_dialog() -> None:
    """A storm of one message neither piles up dialogs nor ends the app."""

    async def run() -> None:
        async with opened() as pilot:
            app = pilot.app
            assert isinstance(app, TracerApp)
            for _ in range(3 * MOST_ERRORS):
                app.report(TracerError(say("no")))
            assert len(app.screen_stack) == 3
            assert app.is_running

    asyncio.run(run())


def test_dialogs_that_all_fail_end_the_app_with_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no error can be shown, an end with a message is better than a loop."""
    monkeypatch.setattr(MessageDialog, "compose", slip)

    async def run() -> None:
        async with opened() as pilot:
            pilot.app.screen.call_later(slip)
            await pilot.pause(0.3)

    with pytest.raises(Slip):
        asyncio.run(run())


# Scenarios that cannot be run


WRONG = (
    'title = "t"\n[data]\nx = [1, 2]\n[parameters]\nw = [1, 2, 3]\n'
    '[network]\nequations = "y = w @ x\\nloss = y**2"\n'
    "[training]\niterations = {count}\nlearning_rate = 0.1\n"
)


@pytest.mark.parametrize("count", [2, 20_000], ids=["at once", "in a thread"])
def test_a_scenario_that_cannot_be_run_is_told_over_the_choice_of_others(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise TracerError(say("it cannot be run"))

    monkeypatch.setattr("tracer.ui.parts.host.run", refuse)
    monkeypatch.setattr("tracer.ui.app.is_quick", lambda scenario: count == 2)

    async def run() -> None:
        async with opened() as pilot:
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageDialog))
            assert "it cannot be run" in picture(pilot)
            await pilot.press("escape")
            await pilot.pause()
            assert "Scenarios" in picture(pilot)

    asyncio.run(run())


# Work


def test_a_result_that_comes_after_the_cancel_is_dropped() -> None:
    """The thread may have handed over already when the reader cancels."""

    async def run() -> None:
        async with opened() as pilot:
            app = pilot.app
            assert isinstance(app, TracerApp)
            found: list[bool] = []
            goes_on = threading.Event()
            work = ProgressDialog("work", lambda progress: goes_on.wait(30), found.append)
            work.start(app)
            await pilot.press("escape")
            goes_on.set()
            await pilot.pause(0.2)
            assert found == []
            assert not app.reported

    asyncio.run(run())


# In the reader's language


@pytest.mark.chinese
def test_a_dialog_tells_an_error_in_the_language_of_the_app(tmp_path: Path) -> None:
    """The words are translated; the place and what was written stay."""
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG.format(count=2).replace("title", "titel"), "utf-8")
    with pytest.raises(TracerError) as caught:
        load(path)
    error = caught.value

    async def run() -> None:
        async with opened(language="zh", size=(120, 40)) as pilot:
            app = pilot.app
            assert isinstance(app, TracerApp)
            app.report(error)
            await pilot.pause()
            assert isinstance(app.screen, MessageDialog)
            told = f"{app.screen.heading}{app.screen.said}"
            assert error.message_in(catalogue("zh")) in told
            assert "wrong.toml:1: titel: 未知的表或键" in told

    asyncio.run(run())


def test_scenarios_are_listed_and_found_in_the_language_of_the_app() -> None:
    """Titles stand there in Chinese, and are found by the words of both languages."""

    async def run() -> None:
        scenario = load("xor")
        title = scenario.heading.text_in(catalogue("zh"))
        assert title != scenario.title
        purpose = scenario.purpose.text_in(catalogue("zh"))[:10]
        async with opened(language="zh") as pilot:
            for typed in (title, scenario.title):
                await press(pilot, "s")
                pilot.app.screen.query_one(Input).value = typed
                await wait_until(pilot, lambda: purpose in picture(pilot))
                shown = picture(pilot)
                assert title in shown
                assert "one_weight" not in shown
                await press(pilot, "escape", "escape")

    asyncio.run(run())


def test_a_last_word_after_the_end_is_no_error() -> None:
    """A check that ends while the app does finds no screen to tell of it."""

    async def run() -> None:
        async with opened() as pilot:
            await press(pilot, "c")
            screen = pilot.app.get_screen("check")
            assert isinstance(screen, CheckScreen)
            stack = pilot.app._screen_stacks[pilot.app._current_mode]
            kept = stack[:]
            stack.clear()  # as at the end
            late = partial(screen.show_checked, (screen.editor.text, screen.session.trace), None)
            await screen._dispatch_message(events.Callback(late))
            stack.extend(kept)
            assert not app_of(pilot).reported

    asyncio.run(run())
