"""Messages in the line of keys: whole in every language, gone in time, on the next screen too."""

from __future__ import annotations

import asyncio

import pytest
from textual.pilot import Pilot

from tests.case_lists import crossed
from tests.ui.pictures import opened, picture, press, pressed, wait_until
from tests.ui.walk.test_walk import app_of, on
from tracer.ui.parts.dialogs import MessageDialog
from tracer.ui.parts.tracer_screen import KeyLine

TOLD = "每个终端都接受这一行，a 也是，从左到右，不少一格。"


@pytest.mark.parametrize(
    ("size", "end"), crossed([(80, 24), (61, 20), (120, 40), (60, 15)], ["", "a"])
)
def test_a_message_of_wide_characters_is_whole(size: tuple[int, int], end: str) -> None:
    """It stands below all panes, whose edges would cut a character in two."""

    async def run() -> None:
        async with opened("one_weight", size, language="zh") as pilot:
            app_of(pilot).show_message(TOLD + end)
            await pilot.pause()
            assert TOLD + end in picture(pilot)

    asyncio.run(run())


@on("one_weight", (60, 20))
async def test_a_long_message_breaks_between_words(pilot: Pilot[None]) -> None:
    """A path is no formula, whose signs lines may break at."""
    words = (
        "Sent to the terminal's clipboard; not every one accepts it. See cache/tracer/copied.txt"
    )
    app_of(pilot).show_message(words)
    await pilot.pause()
    assert set(words.split()) <= set(picture(pilot).split())


def test_a_message_is_whole_behind_a_resize(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lines are made for the terminal as it is, with none left over when it becomes wider."""
    monkeypatch.setattr("tracer.ui.parts.host.EACH_SIGN", 10.0)  # no time takes it away meanwhile

    async def run() -> None:
        async with opened("one_weight", (120, 40), is_seen=True) as pilot:
            app = app_of(pilot)
            app.show_message(TOLD * 2)
            for size in [(60, 15), (120, 40), (61, 17), (200, 60)]:
                await pilot.resize_terminal(*size)
                await pilot.pause()
                shown = picture(pilot).replace("\n ", "")
                assert (TOLD * 2).replace(" ", "") in shown.replace(" ", "")
                line = pilot.app.screen.query_one(KeyLine)
                for y in range(6):
                    line.render_line(y)  # painted before the layout is made anew
            assert not app.reported

    asyncio.run(run())


def test_a_message_goes_along_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dialog tells as it closes is seen below it; time or a click takes it away."""
    monkeypatch.setattr("tracer.ui.parts.host.EACH_SIGN", 0.0)

    async def run() -> None:
        async with opened("one_weight") as pilot:
            app = app_of(pilot)
            shown = await pressed(pilot, "y", "enter")
            assert "clipboard" in shown
            assert "? Help" in shown  # where there is room behind the message keys stay
            assert "c Work out" not in shown
            app.show_message("second")
            await pilot.pause()
            assert "second" in picture(pilot)
            assert "clipboard" not in picture(pilot)
            await pilot.click(KeyLine)
            await pilot.pause()
            assert "c Work out" in picture(pilot)
            monkeypatch.setattr("tracer.ui.parts.host.LEAST_SHOWN", 0.05)
            app.show_message("third")
            await pilot.pause(0.3)
            assert "third" not in picture(pilot)

    asyncio.run(run())


@on()
async def test_the_next_key_takes_a_message_away(pilot: Pilot[None]) -> None:
    """It answered the key before; what a key tells itself stays."""
    assert "The walk ends here." in await pressed(pilot, "G", "n", "n")
    assert "The walk ends here." in await pressed(pilot, "n")
    assert "The walk ends here." not in await pressed(pilot, "p")


def test_a_message_stays_on_no_screen_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen is kept when it is left; its message's time is not that of the next one."""
    monkeypatch.setattr("tracer.ui.parts.host.EACH_SIGN", 0.0)
    monkeypatch.setattr("tracer.ui.parts.host.LEAST_SHOWN", 3.0)

    async def run() -> None:
        async with opened("one_weight") as pilot:
            app = app_of(pilot)
            shown = await pressed(pilot, "l", "u")
            assert "nothing to undo" in shown or "as it was loaded" in shown
            await press(pilot, "escape")
            monkeypatch.setattr("tracer.ui.parts.host.LEAST_SHOWN", 60.0)
            app.show_message("next")
            await pilot.pause(3.1)  # the first one's time is over
            assert "next" in picture(pilot)
            assert "as it was loaded" not in await pressed(pilot, "l")
            assert "Ctrl+Q: Quit" in await pressed(pilot, "ctrl+c")

    asyncio.run(run())


@pytest.mark.parametrize("wait", [0.0, 0.01, 0.05, 0.2])
def test_the_app_ends_while_a_message_comes_or_goes(
    wait: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is mounted or removed that the end would have to wait for."""
    monkeypatch.setattr("tracer.ui.parts.host.EACH_SIGN", 0.0)
    monkeypatch.setattr("tracer.ui.parts.host.LEAST_SHOWN", 0.05)

    async def run() -> None:
        async with opened("one_weight") as pilot:
            app = app_of(pilot)
            await press(pilot, "l")
            app.show_message("first")
            await pilot.pause(wait)
            app.show_message("second")
            await pilot.press("escape")
            app.exit()

    asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.parametrize("size", [(80, 24), (60, 15)], ids=lambda size: f"{size[0]}")
def test_a_long_dialog_scrolls_and_says_how_to_close_it(size: tuple[int, int]) -> None:
    """Of a damaged settings file there may be much to say."""

    async def run() -> None:
        async with opened("one_weight", size) as pilot:
            pilot.app.push_screen(
                MessageDialog("Faults", "\n\n".join(f"fault {n}" for n in range(40)))
            )
            await pilot.pause()
            shown = picture(pilot)
            assert "fault 0" in shown
            assert "fault 39" not in shown
            assert "[Enter or Esc closes this.]" in shown
            await press(pilot, "end")
            await wait_until(pilot, lambda: "fault 39" in picture(pilot))
            assert "[Enter or Esc closes this.]" in picture(pilot)
            assert "Faults" not in await pressed(pilot, "enter")

    asyncio.run(run())


@on("one_weight", (60, 20))
async def test_what_closes_a_message_does_nothing_below_it(pilot: Pilot[None]) -> None:
    """On what is given, Enter would open the line of its first value."""
    await press(pilot, "l")
    below = pilot.app.screen
    await pilot.app.push_screen(MessageDialog("A title", "A text"))
    await press(pilot, "enter")
    assert pilot.app.screen is below
