"""Practise on the screen: hidden values, hints, verdicts, the summary."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.pictures import check, opened, picture, pressed, wait_until
from tests.ui.walk.test_walk import app_of, on
from tracer.program.scenario import load
from tracer.ui.parts.session import StepPlace, run
from tracer.ui.practise.practise_panes import Wanted
from tracer.ui.practise.practise_screen import PractiseScreen


def screen_of(pilot: Pilot[None]) -> PractiseScreen:
    screen = pilot.app.get_screen("practise")
    assert isinstance(screen, PractiseScreen)
    return screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 15)], ids=lambda size: f"{size[0]}")
@pytest.mark.parametrize("scenario", ["one_weight", "mlp_2_2_2"])
def test_practise_at_each_size(scenario: str, size: tuple[int, int]) -> None:
    async def run() -> None:
        async with opened(scenario, size) as pilot:
            await pressed(pilot, "r", *"0.6", "enter", "ctrl+n")
            shown = await pressed(pilot, *"1.96", "enter", "ctrl+n", "ctrl+t", "ctrl+t")
            check(f"practise_{scenario}_{size[0]}x{size[1]}", shown)

    asyncio.run(run())


@pytest.mark.chinese
def test_practise_in_chinese() -> None:
    async def run() -> None:
        async with opened("one_weight", (80, 24), language="zh") as pilot:
            await pressed(pilot, "r", *"0.6", "enter", "ctrl+n")
            check("practise_zh_80x24", await pressed(pilot, *"1.96", "enter"))

    asyncio.run(run())


def test_practise_in_ascii() -> None:
    async def run() -> None:
        async with opened("one_weight", (80, 24), unicode=False) as pilot:
            shown = await pressed(pilot, "r", *"0.6", "enter", "ctrl+n", *"1.96", "enter")
            assert shown.isascii()

    asyncio.run(run())


@on()
async def test_the_value_is_hidden_until_it_is_right(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "N", "r")
    assert "= ?" in shown
    assert "= 0.8\n" not in shown.replace(" ", "").replace("│", "\n")
    shown = await pressed(pilot, *"0.8", "enter")
    assert "✓ Right: 3 points" in shown
    assert "3 of 15 points" in shown
    shown = await pressed(pilot, "enter")
    assert "value 2/5" in shown


@on()
async def test_what_follows_from_a_wrong_value_is_named(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "r", *"0.6", "enter")
    assert "✗ Not right: look at the arithmetic" in shown
    shown = await pressed(pilot, "down", *"1.96", "enter")
    assert "↷ Right from your own wrong value" in shown


@on()
async def test_hints_come_in_three_stages(pilot: Pilot[None]) -> None:
    await pressed(pilot, "r", "down")
    shown = await pressed(pilot, "ctrl+t")
    assert "Hint 1" in shown
    assert "(0.5 − 2)²" not in shown
    shown = await pressed(pilot, "ctrl+t")
    assert "(0.5 − 2)²" in shown
    assert "2.25" not in shown
    shown = await pressed(pilot, "ctrl+t")
    assert "2.25" in shown


@on()
async def test_the_summary_tells_the_slips(pilot: Pilot[None]) -> None:
    await pressed(pilot, "n", "n", "r", "3")
    await pressed(pilot, "enter")
    shown = await pressed(pilot, "down", "down", "down")
    assert "Slips by kind" in shown
    assert "1  sign" in shown
    shown = await pressed(pilot, "escape")
    assert "Slips by kind" not in shown
    shown = await pressed(pilot, "escape")
    assert "2 Derivation" in shown


@on()
async def test_the_session_stays_and_a_practice_is_kept(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    await pressed(pilot, "n", "r", *"2.25", "enter", "enter", "escape")
    assert session.place == StepPlace(1, 1)
    shown = await pressed(pilot, "n", "r")
    assert "value 2/4" in shown
    shown = await pressed(pilot, "f5")
    assert "value 1/3" in shown
    app_of(pilot).show_trace(run(load("one_weight", settings=["learning_rate=0.2"])))
    await pilot.pause()
    assert "0 of 9 points" in picture(pilot)


@on()
async def test_the_mouse_does_what_keys_do(pilot: Pilot[None]) -> None:
    await pressed(pilot, "r")
    await pilot.click(Wanted, offset=(6, 4))
    await pilot.pause()
    assert "value 2/5" in picture(pilot)
    screen_of(pilot).query_one(Input).value = "2.25"
    await pilot.click("#judge", offset=(3, 0))
    await pilot.pause()
    assert "✓ Right" in picture(pilot)
    await pilot.click("#keys", offset=(16, 0))
    await pilot.pause()
    assert "value 3/5" in picture(pilot)


@pytest.mark.parametrize(
    "text",
    ["[/b]", "x[i]", "\x1b[31m3", "nan", "1e999", "9" * 100_000, "数 = ½", "= = =", "\u202e3"],
    ids=range(9),
)
def test_nothing_typed_ends_the_app(text: str) -> None:
    async def run() -> None:
        async with opened() as pilot:
            await pressed(pilot, "r")
            pilot.app.post_message(events.Paste(text))
            await pilot.pause()
            shown = await pressed(pilot, "enter", "ctrl+t", "down", "up", "f6", "enter")
            assert "\x1b" not in shown
            assert list(app_of(pilot).reported) == []

    asyncio.run(run())


def test_a_large_scenario_is_looked_through_in_a_thread() -> None:
    async def run() -> None:
        async with opened("four_layer_classifier", (120, 40)) as pilot:
            await wait_until(pilot, lambda: app_of(pilot).has_session)
            await pressed(pilot, "r")
            screen = screen_of(pilot)
            await wait_until(pilot, lambda: screen.practice is not None)
            await wait_until(pilot, lambda: "value 1/" in picture(pilot))
            assert list(app_of(pilot).reported) == []

    asyncio.run(run())


@on()
async def test_one_can_type_again_behind_the_summary(pilot: Pilot[None]) -> None:
    await pressed(pilot, "r", "f6", "f6")
    assert "value 2/5" in await pressed(pilot, *"0.5", "enter", "enter")


@on()
async def test_the_step_that_the_walk_has_gone_to_is_asked_for(pilot: Pilot[None]) -> None:
    """What was begun in another iteration is there again when the walk is back."""
    await pressed(pilot, "r", *"0.5", "enter", "escape", "n", "n")
    shown = await pressed(pilot, "r")
    assert "value 3/5" in shown
    assert "✓ ŷ = 0.5" in shown
    await pressed(pilot, "escape", "N")
    assert "iteration 2" in await pressed(pilot, "r")
    await pressed(pilot, "escape", "P")
    assert "✓ ŷ = 0.5" in await pressed(pilot, "r")
