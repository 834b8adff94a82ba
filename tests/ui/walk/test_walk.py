"""The walk on the screen: what is seen at each size, and what keys and the mouse do."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.case_lists import crossed
from tests.ui.pictures import check, opened, picture, press, pressed, wait_until
from tracer.narrative.overview import first_sentence
from tracer.narrative.session import Inside, Session, StepPlace
from tracer.narrative.steps import Step
from tracer.program.scenario import bundled, load
from tracer.run.memory import KEEP_ALL, Recording
from tracer.run.short_runs import Progress, is_quick, run
from tracer.sentences import say
from tracer.ui.app import TracerApp
from tracer.ui.parts.dialogs import OptionList, ProgressDialog
from tracer.ui.parts.loss_pane import LossPane
from tracer.ui.parts.step_panes import NetworkPane
from tracer.ui.walk.steps_pane import StepsPane
from tracer.ui.walk.values_pane import ValuesPane
from tracer.ui.walk.walk_screen import LEAST_BELOW, WalkScreen

ENTERED = ("one_weight", "mlp_2_2_2")  # the others are proofs
SIZES = [(80, 24), (120, 40), (60, 15)]
Test = Callable[[Pilot[None]], Awaitable[None]]


def on(
    scenario: str = "one_weight", size: tuple[int, int] = (80, 24), **options: Any
) -> Callable[[Test], Callable[[], None]]:
    """Run a coroutine function on an opened app."""

    def decorated(test: Test) -> Callable[[], None]:
        async def run() -> None:
            async with opened(scenario, size, **options) as pilot:
                await test(pilot)
                assert list(app_of(pilot).reported) == []

        def sync() -> None:
            coroutine: Coroutine[Any, Any, None] = run()
            asyncio.run(coroutine)

        sync.__doc__ = test.__doc__
        return sync

    return decorated


def app_of(pilot: Pilot[None]) -> TracerApp:
    return cast("TracerApp", pilot.app)


@pytest.mark.parametrize(
    ("scenario", "size"), crossed(["one_weight", "mlp_2_2_2", "transformer_block"], SIZES)
)
def test_walk_at_each_size(scenario: str, size: tuple[int, int]) -> None:
    """The third and the fourth step of each, at each size, as the reader sees them."""

    async def run() -> None:
        async with opened(scenario, size) as pilot:
            shown = await pressed(pilot, "n", "n", "n")
            check(f"walk_{scenario}_{size[0]}x{size[1]}", shown)

    asyncio.run(run())


@pytest.mark.parametrize(("scenario", "size"), crossed(["one_weight", "mlp_2_2_2"], SIZES))
def test_cards_at_each_size(scenario: str, size: tuple[int, int]) -> None:
    """The card before the first step and the one behind the last."""

    async def run() -> None:
        async with opened(scenario, size, begun=False) as pilot:
            name = f"{scenario}_{size[0]}x{size[1]}"
            check(f"card_first_{name}", picture(pilot))
            check(f"card_last_{name}", await pressed(pilot, "G", "n"))

    asyncio.run(run())


@on(size=(120, 40), begun=False)
async def test_a_card_stands_beside_the_panes_and_makes_room_for_them(pilot: Pilot[None]) -> None:
    """At first the panes show what is given; a click on one of them begins the walk."""
    screen = app_of(pilot).screen
    assert isinstance(screen, WalkScreen)

    def seen() -> list[int]:
        return [pane.NUMBER for pane in screen.panes if pane.is_visible]

    assert seen() == [1, 3, 5]
    assert "ŷ = 0.5" not in picture(pilot), "no value is computed yet"
    await press(pilot, "z")
    assert (seen(), screen.card.is_visible) == ([], True)
    await press(pilot, "z")
    await pilot.click("#pane-5")
    await pilot.pause()
    assert screen.focused is screen.query_one(ValuesPane)
    assert "step 1/5" in picture(pilot)
    assert "ŷ = 0.5" in picture(pilot)
    await press(pilot, "G", "n")
    assert seen() == [1, 3, 4, 5], "the loss is there at the end"


@on(begun=False)
async def test_the_walk_has_a_beginning_and_an_end(pilot: Pilot[None]) -> None:
    """Next leads from the first card to the last one, previous back, Enter into the next walk."""
    app = app_of(pilot)
    assert "0.9216" not in picture(pilot), "nothing of the end is told"
    shown = await pressed(pilot, "enter")
    assert "step 1/5" in shown
    assert "before the first step" in await pressed(pilot, "p")
    assert "before the first step" in await pressed(pilot, "p")
    for _ in range(3 * 5):
        assert "after the last step" not in await pressed(pilot, "n")
    assert "Each step multiplies" in await pressed(pilot, "n")
    assert "step 5/5" in await pressed(pilot, "p")
    shown = await pressed(pilot, "n", "enter")
    assert app.session.scenario.name == "one_weight_all_samples"
    assert "before the first step" in shown


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["G", "n", "n"], "The walk ends here."),
        (["g", "p", "p"], "The walk begins here."),
        (["5", "m"], "This step has no array: shades are for arrays."),
    ],
)
def test_a_key_that_can_do_nothing_says_so(keys: list[str], told: str) -> None:
    async def run() -> None:
        async with opened("one_weight") as pilot:
            assert told in await pressed(pilot, *keys)

    asyncio.run(run())


@on("one_weight", size=(200, 60))
async def test_a_high_pane_has_the_curve_below_the_landscape(pilot: Pilot[None]) -> None:
    """A click on the landscape goes nowhere; one on the curve to the iteration below it."""
    shown = await pressed(pilot, "n", "n", "n", "N")
    assert "L = 1.44" in shown
    assert "The loss over the iterations" in shown
    pane = pilot.app.screen.query_one(LossPane)
    await pilot.click(LossPane, offset=(pane.size.width - 3, 3))
    assert app_of(pilot).session.place.iteration == 2
    await pilot.click(LossPane, offset=(pane.size.width - 3, pane.size.height - 2))
    assert app_of(pilot).session.place.iteration == 2
    await pilot.click(LossPane, offset=(7, pane.size.height - 2))
    assert app_of(pilot).session.place.iteration == 1


@on(size=(120, 40))
async def test_upstream_and_local_are_explained_where_they_stand(pilot: Pilot[None]) -> None:
    words = "Upstream comes in from L, local is this step's slope."
    assert words not in await pressed(pilot, "n")
    assert words in await pressed(pilot, "n")
    shown = await pressed(pilot, "n")
    assert words not in shown
    assert "In one line, without the intermediate gradients:" in shown


@on("xor", begun=False)
async def test_of_two_classes_the_end_says_how_many_samples_are_right(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "G", "n")
    assert "✓ At the end p gives the right class for 4 of 4 samples." in shown
    assert re.search(r"● 0 1 1 0\.98\d +✓", shown), "few samples stand there with their answers"
    shown = await pressed(pilot, "s")
    assert "▸ xor " in shown, "the choice begins with what is shown now"


@on("xor", (120, 40))
async def test_behind_the_last_step_the_predictions_are_shown_first(pilot: Pilot[None]) -> None:
    assert "v Curve" in await pressed(pilot, "G")
    assert "v Landscape" in await pressed(pilot, "n")
    assert "v Curve" in await pressed(pilot, "v"), "what is asked for comes before it"


@on(size=(120, 40))
async def test_the_tree_shows_what_was_computed_and_nothing_that_is_to_come(
    pilot: Pilot[None],
) -> None:
    assert re.search(r"ŷ = w·x +0\.5 ?│", await pressed(pilot, "g"))
    shown = await pressed(pilot, "N")
    assert re.search(r"▸ Iteration 1 +L 2\.25 ?│", shown)
    assert re.search(r"ŷ = w·x +0\.8 ?│", shown)
    assert re.search(r"L = \(ŷ − y\)² +│", shown), "the loss comes with the next step"
    assert re.search(r"ŷ = w·x +│", await pressed(pilot, "a")), "it is to be predicted"


@on("digit_cnn")
async def test_a_key_that_changes_a_pane_brings_it_to_the_front(pilot: Pilot[None]) -> None:
    assert "5 Values" in await pressed(pilot, "m")
    assert "4 Loss" in await pressed(pilot, "v")


@on(begun=False)
async def test_a_card_makes_room_for_what_is_asked_for(pilot: Pilot[None]) -> None:
    for keys in (["2"], ["N"], ["colon", *"2", "enter"], ["slash", *"y_pred", "enter"], ["G"]):
        await press(pilot, "g", "p")
        assert pilot.app.screen.has_class("-card")
        shown = await pressed(pilot, *keys)
        assert "2 Derivation" in shown, keys
        assert pilot.app.screen.focused is not None


@on(begun=False)
async def test_a_run_that_is_changed_keeps_the_card_of_its_end(pilot: Pilot[None]) -> None:
    """From the last card into the play and back: it says what the new run comes to."""
    app = app_of(pilot)
    await press(pilot, "G", "n")
    app.show_trace(run(app.session.scenario.with_overrides(["learning_rate=1"])))
    await pilot.pause()
    assert "The run never" in " ".join(picture(pilot).split())


@on(begun=False)
async def test_a_way_on_is_taken_with_the_mouse(pilot: Pilot[None]) -> None:
    async def click(text: str) -> str:
        rows = picture(pilot).splitlines()
        row = next(y for y, line in enumerate(rows) if text in line)
        await pilot.click(offset=(rows[row].index(text), row))
        await pilot.pause()
        return picture(pilot)

    assert "2 Derivation" in await click("Begin")
    await press(pilot, "G", "n")
    assert "Your task" in await click("Work out: ")


@on()
async def test_the_play_ends_in_the_last_card(pilot: Pilot[None]) -> None:
    await press(pilot, "space", "G")
    pilot.app.screen._play()  # type: ignore[attr-defined]  # what the timer calls once a second
    await pilot.pause()
    assert "after the last step" in picture(pilot)


@pytest.mark.chinese
def test_walk_in_chinese() -> None:
    async def run() -> None:
        async with opened("one_weight", (80, 24), language="zh") as pilot:
            check("walk_zh_80x24", await pressed(pilot, "n", "n", "n"))

    asyncio.run(run())


def test_walk_in_ascii() -> None:
    async def run() -> None:
        async with opened("one_weight", (80, 24), unicode=False) as pilot:
            shown = await pressed(pilot, "n", "n", "n")
            check("walk_ascii_80x24", shown)
            assert shown.isascii()
            shown = await pressed(pilot, "5", "ctrl+p")
            assert shown.isascii()

    asyncio.run(run())


@on()
async def test_all_that_matters_is_seen_without_scrolling(pilot: Pilot[None]) -> None:
    """At 80x24 each step of the demo has its mathematics, rule, network and loss in sight."""
    session = app_of(pilot).session
    while True:
        shown = picture(pilot)
        derivation = pilot.app.screen.query_one("#pane-2")
        assert derivation.virtual_size.height <= derivation.content_size.height
        for text in ("symbols", "By: ", "3 Network", "L = ", "Iteration 3"):
            assert text in shown
        if not session.next():
            break
        pilot.app.screen.session_changed()  # type: ignore[attr-defined]  # the walk screen
        await pilot.pause()


@on()
async def test_keys_move_the_place(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    moves = [
        ("n", StepPlace(1, 1)),
        ("right", StepPlace(1, 2)),
        ("p", StepPlace(1, 1)),
        ("left", StepPlace(1, 0)),
        ("N", StepPlace(2, 0)),
        ("right_square_bracket", StepPlace(2, 1)),
        ("P", StepPlace(1, 1)),
        ("G", StepPlace(3, 4)),
        ("left_square_bracket", StepPlace(3, 2)),
        ("g", StepPlace(1, 0)),
    ]
    for key, place in moves:
        await press(pilot, key)
        assert session.place == place, key


@on()
async def test_go_to_and_find(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    await press(pilot, "colon", *"2 w", "enter")
    assert session.place == StepPlace(2, 4)
    shown = await pressed(pilot, "colon", *"nowhere", "enter")
    assert "✗ there is no step nowhere" in shown
    assert "ŷ, L, ∂L/∂ŷ" in shown  # in the notation of the screen
    await press(pilot, "escape", "slash", *"y_pred", "enter")
    assert session.place == StepPlace(2, 0)
    await press(pilot, "slash", "enter")
    assert session.place == StepPlace(3, 0), "Enter goes there again: the next time"


@on()
async def test_a_number_goes_to_what_the_list_says_of_it(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    for typed, listed, place in (
        ("4", "▸  4  ∂L/∂w", StepPlace(1, 3)),  # no fourth iteration: the fourth step
        ("4", "▸  4  ∂L/∂w", StepPlace(1, 3)),
        ("2", "▸ Iteration 2", StepPlace(2, 3)),
        ("3 5", "▸  5  w", StepPlace(3, 4)),
        ("w 2", "▸  5  w", StepPlace(2, 4)),
        ("1 y_pr", "▸  1  ŷ", StepPlace(1, 0)),  # Enter takes what is listed
    ):
        shown = await pressed(pilot, "colon", *typed)
        assert listed in shown
        await press(pilot, "enter")
        assert session.place == place, typed
    for typed in ("99", "2.3"):
        shown = await pressed(pilot, "colon", *typed, "enter")
        assert f"there is no iteration {typed}" in shown
        await press(pilot, "escape")


@on("mlp_2_2_2", (120, 40))
async def test_an_entry_is_gone_to_by_either_of_its_names(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    for typed, step, entry in (
        ("W2[0,1]", "W2'", (0, 1)),  # as in the scenario: from 0
        ("2 (W₂)₁₂", "W2'", (0, 1)),  # as on the screen: from 1
        ("dloss/dW1[1, 0]", "dloss/dW1", (1, 0)),
        ("a1[1]", "a1", (1,)),
    ):
        shown = await pressed(pilot, "colon", *typed, "enter")
        assert session.equation.name == step, typed
        assert session.place.inside == Inside(entry, 0), typed
        assert "inside: line 1" in shown
    shown = await pressed(pilot, "colon", *"W2[0,2]", "enter")
    assert "W2 has no such entry" in shown
    assert session.equation.name == "a1", "one stays where one was"


@on()
async def test_the_landscape_shows_the_slope_and_the_step_once_they_are_computed(
    pilot: Pilot[None],
) -> None:
    loss = pilot.app.screen.query_one(LossPane)
    seen: list[tuple[str, bool, bool]] = []
    for _ in range(5):
        await press(pilot, "n" if seen else "enter")
        seen.append((app_of(pilot).session.equation.name, *loss.parts))
    assert seen == [
        ("y_pred", False, False),
        ("loss", False, False),
        ("dloss/dy_pred", False, False),
        ("dloss/dw", True, False),
        ("w'", True, True),
    ]


@on()
async def test_play_goes_on_and_stops(pilot: Pilot[None]) -> None:
    screen = pilot.app.screen
    shown = await pressed(pilot, "space")
    assert "running on" in shown
    screen._playing.pause()  # type: ignore[attr-defined]  # on a slow machine it would go on too
    screen._play()  # type: ignore[attr-defined]  # what the timer calls once a second
    assert app_of(pilot).session.place == StepPlace(1, 1)
    assert "running on" not in await pressed(pilot, "space")


@pytest.mark.parametrize("key", ["c", "l", "question_mark", "colon"])
def test_play_stops_under_what_lies_on_top(key: str) -> None:
    @on()
    async def visit(pilot: Pilot[None]) -> None:
        walk = pilot.app.screen
        assert "running on" in await pressed(pilot, "space")
        await press(pilot, key)
        assert pilot.app.screen is not walk
        assert "running on" not in await pressed(pilot, "escape")
        assert pilot.app.screen is walk
        assert walk._playing is None  # type: ignore[attr-defined]  # the timer of the play

    visit()


@on()
async def test_play_stops_where_another_run_is_shown(pilot: Pilot[None]) -> None:
    app = app_of(pilot)
    app.show_trace(run(app.session.scenario.with_overrides(["learning_rate=0.2"])))
    assert "running on" in await pressed(pilot, "space")
    assert "running on" not in await pressed(pilot, "u")
    assert "rate η 0.1" in picture(pilot)
    assert "running on" in await pressed(pilot, "space")
    app.open_scenario("xor")
    await pilot.pause()
    assert "running on" not in picture(pilot)


@on("mlp_2_2_2", (120, 40))
async def test_enter_steps_inside_and_escape_outside(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    shown = await pressed(pilot, "enter")
    assert session.place.inside is not None
    assert "inside: line 1 of 2" in shown
    await press(pilot, "n")
    assert session.place.inside is not None
    await press(pilot, "escape")
    assert session.place == StepPlace(1, 0)


SMALL = [
    pytest.param(name, marks=() if name in ENTERED else pytest.mark.proof)
    for name in bundled()
    if is_quick(load(name))
]


@pytest.mark.parametrize("scenario", SMALL)
def test_every_step_can_be_entered_and_read_line_by_line(scenario: str) -> None:
    async def run() -> None:
        async with opened(scenario, (120, 40)) as pilot:
            session = app_of(pilot).session
            for step in range(len(session.equations())):
                session.go(1, step)
                await press(pilot, "enter")
                for _ in range(len(session.inner) - 1):
                    await press(pilot, "n")
                assert list(app_of(pilot).reported) == [], session.equation.name
                assert session.place.step == step
                session.leave()

    asyncio.run(run())


@on("one_weight")
async def test_a_part_without_a_name_is_shown_as_what_it_is(pilot: Pilot[None]) -> None:
    await press(pilot, "n", "n", "n", "n", "enter")
    shown = picture(pilot)
    assert "u_1" not in shown
    assert "0.1·(−3)" in shown


@on("batch_norm", (120, 40))
async def test_all_panes_call_a_part_without_a_name_the_same(pilot: Pilot[None]) -> None:
    """In steps, derivation and values; what it is stands there once. The network has no box."""
    shown = await pressed(pilot, *"nnnn")
    assert "_part" not in shown
    assert "z − mᵀ = z − mᵀ" not in shown
    assert "● z − mᵀ 4 × 2" in shown
    assert "▶ z − mᵀ" not in shown


@on("mlp_2_2_2", (120, 40))
async def test_an_entry_is_entered_from_the_values(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    shown = await pressed(pilot, "5", "right", "enter")
    assert session.place.inside is not None
    assert session.place.inside.entry == (1,)
    assert "(z₁)₂" in shown


@on("mlp_2_2_2", (120, 40), language="zh")
async def test_sentences_of_a_hint_are_joined_as_the_language_does(pilot: Pilot[None]) -> None:
    """In Chinese there is no blank behind a full stop."""
    assert "下一个。数组" in await pressed(pilot, "colon")


@on("digit_mlp", (80, 24))
async def test_an_array_is_opened_in_full(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "n", "5", "down", "down", "down", "enter")
    assert "(W₁)₁₁ =" in shown
    shown = await pressed(pilot, "end", "colon", *"1, 3", "enter")
    assert "(W₁)₁₃ =" in shown
    shown = await pressed(pilot, "escape")
    assert "2 Derivation" in shown


@on()
async def test_panes_take_the_focus_and_all_the_room(pilot: Pilot[None]) -> None:
    assert "3 Network" not in await pressed(pilot, "5")
    shown = await pressed(pilot, "3", "z")
    assert "╭─ 1 Steps  2 Derivation  ▸3 Network  4 Loss  5 Values ─" in shown
    assert "By: " not in shown
    assert "╭─ 2 Derivation ─" in await pressed(pilot, "z")


@on("one_weight", (60, 15))
async def test_a_small_terminal_shows_one_pane_at_a_time(pilot: Pilot[None]) -> None:
    for key, name in zip(
        "12345", ("Steps", "Derivation", "Network", "Loss", "Values"), strict=True
    ):
        shown = await pressed(pilot, key)
        assert f"{key} {name}" in shown
        assert sum(line.startswith("╭") for line in shown.splitlines()) == 1


@on()
async def test_the_tree_folds_while_it_has_the_focus(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    await press(pilot, "1", "down", "down")
    assert session.place == StepPlace(1, 1)
    shown = await pressed(pilot, "left", "left")
    assert "▸ Loss" in shown
    shown = await pressed(pilot, "enter")
    assert "▾ Loss" in shown


@on("mlp_2_2_2", (120, 40))
async def test_the_mouse_does_what_keys_do(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    await pilot.click(StepsPane, offset=(6, 5))
    await pilot.pause()
    assert session.place == StepPlace(1, 2)
    await press(pilot, "v", "v")
    loss = pilot.app.screen.query_one(LossPane)
    await pilot.click(LossPane, offset=(loss.size.width - 2, 4))
    await pilot.pause()
    assert session.place.iteration == 3
    await pilot.click("#keys", offset=(2, 0))
    await pilot.pause()
    assert session.place == StepPlace(3, 3)
    await pilot.click(ValuesPane, offset=(4, 2))
    await pilot.pause()
    assert pilot.app.screen.focused is pilot.app.screen.query_one(ValuesPane)


@on()
async def test_all_of_the_demo_network_is_seen_at_every_step(pilot: Pilot[None]) -> None:
    network = pilot.app.screen.query_one(NetworkPane)
    while app_of(pilot).session.next():
        pilot.app.screen.session_changed()  # type: ignore[attr-defined]  # the walk screen
        await pilot.pause()
        assert network.virtual_size.width <= network.content_size.width


@on("transformer_block")
async def test_the_lit_box_of_a_wide_network_is_seen_whole(pilot: Pilot[None]) -> None:
    session, network = app_of(pilot).session, pilot.app.screen.query_one(NetworkPane)
    for _ in range(20):
        drawn = network.view.show_in(*network.room)
        start = drawn.places[drawn.lit_box][0] - network.scroll_offset.x
        assert start >= 0
        assert start + drawn.sizes[drawn.lit_box][0] <= network.room.width
        session.next()
        await press(pilot, "n")


@on("transformer_block")
async def test_a_wide_network_is_panned_and_says_where_it_goes_on(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "3")
    assert "← → pan" in shown
    before = app_of(pilot).session.place
    await press(pilot, "right", "right")
    assert pilot.app.screen.query_one(NetworkPane).scroll_offset.x > 0
    assert app_of(pilot).session.place == before


@on()
async def test_a_click_on_a_box_goes_to_its_step(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    await press(pilot, "n")

    async def click(name: str) -> StepPlace:
        lines = picture(pilot).splitlines()
        row = next(y for y, line in enumerate(lines) if y > 12 and name in line)
        await pilot.click(offset=(lines[row].index(name), row))
        await pilot.pause()
        return session.place

    assert await click("ŷ 0.5") == StepPlace(1, 0)
    assert await click("w 0.5") == StepPlace(1, 4)
    assert await click("→ 0.8") == StepPlace(1, 3), "below its value stands what it becomes"
    assert await click("∂ −3") == StepPlace(1, 3), "and on the way back its gradient"


@on()
async def test_footer_entries_of_the_app_can_be_clicked(pilot: Pilot[None]) -> None:
    for name, opens in (("Play", "1 What is given"), ("Help", " Help · Esc goes back")):
        line = picture(pilot).splitlines()[-1]
        await pilot.click("#keys", offset=(line.index(name), 0))
        await pilot.pause()
        assert opens in picture(pilot)
        await press(pilot, "escape")


@on("one_weight", (60, 15))
async def test_the_help_is_offered_where_the_footer_has_little_room(pilot: Pilot[None]) -> None:
    assert picture(pilot).splitlines()[-1].endswith("? Help")


@on("mlp_2_2_2")
async def test_a_step_is_completed_from_what_there_is(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    await press(pilot, "colon", *"2 dl", "down", "down")
    assert pilot.app.screen.query_one(Input).value == "2 ∂L/∂z₂"
    await press(pilot, "enter")
    assert (session.place.iteration, session.equation.name) == (2, "dloss/dz2")
    await press(pilot, "colon", *"dW2", "enter")
    assert session.equation.name == "dloss/dW2"


@on("batch_norm")
async def test_no_name_that_was_made_up_is_suggested(pilot: Pilot[None]) -> None:
    await press(pilot, "colon")
    names = [option.text for option in pilot.app.screen.query_one(OptionList).all]
    assert any(name.endswith(" ∂L/∂m") for name in names)
    assert not any("_part" in name or "|" in name for name in names)


def test_work_that_is_replaced_leaves_no_dialog() -> None:
    """What is under way is over once other work begins, its dialog too."""

    async def run() -> None:
        async with opened() as pilot:
            app = app_of(pilot)
            ended: list[str] = []
            end = threading.Event()

            def wait(progress: Callable[[int, int], None]) -> str:
                while not end.wait(0.01):
                    progress(0, 1)
                return "first"

            ProgressDialog(
                say("Wait"), wait, ended.append, lambda: ended.append("cancelled")
            ).start(app)
            await wait_until(pilot, lambda: "Esc cancels." in picture(pilot))
            ProgressDialog(say("Wait"), lambda progress: "second", ended.append).start(app)
            await wait_until(pilot, lambda: len(ended) == 2)
            end.set()
            assert ended == ["cancelled", "second"]
            assert "Esc cancels." not in picture(pilot)
            assert app.screen is app.get_screen("walk")

    asyncio.run(run())


def test_what_takes_long_is_worked_out_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is done no key changes the place that it is worked out for."""
    monkeypatch.setattr("tracer.narrative.session.LONG", 0)

    async def run() -> None:
        async with opened("mlp_2_2_2") as pilot:
            app = app_of(pilot)
            lines = app.session.lines_inside
            end = threading.Event()

            def slow(entry: tuple[int, ...] | None, progress: Progress) -> list[Step]:
                end.wait(5)
                return lines(entry, progress)

            monkeypatch.setattr(app.session, "lines_inside", slow)
            await press(pilot, "enter", "n")
            assert app.session.place == StepPlace(1, 0)
            end.set()
            await wait_until(pilot, lambda: app.session.place.inside is not None)
            assert app.screen is app.get_screen("walk")

    asyncio.run(run())


@on()
async def test_play_begins_anew_at_the_end(pilot: Pilot[None]) -> None:
    await press(pilot, "G", "space")
    assert app_of(pilot).session.place == StepPlace(1, 0)


@pytest.mark.chinese
@on("digit_mlp")
async def test_another_language_is_spoken_in_the_array_too(pilot: Pilot[None]) -> None:
    assert "from " in await pressed(pilot, "n", "5", "down", "down", "down", "enter")
    app_of(pilot).use_language("zh")
    await pilot.pause()
    assert " 从 " in picture(pilot).splitlines()[0]


@on("xor", unicode=False)
async def test_scroll_bars_are_ascii_too(pilot: Pilot[None]) -> None:
    for keys in (["n"], ["5"], ["s"], ["escape", "ctrl+p"]):
        assert (await pressed(pilot, *keys)).isascii()


@on()
async def test_the_palette_shows_keys_and_runs_what_is_chosen(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "ctrl+p", *"last step")
    assert "Last step of all" in shown
    await press(pilot, "enter")
    assert app_of(pilot).session.place == StepPlace(3, 4)


@on()
async def test_a_theme_is_chosen_and_remembered(pilot: Pilot[None]) -> None:
    app = app_of(pilot)
    await press(pilot, "t", *"light", "enter")
    assert app.theme == "light"
    assert app.preferences.theme == "light"


def test_no_color_is_monochrome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def run() -> None:
        async with opened() as pilot:
            assert pilot.app.theme == "monochrome"

    asyncio.run(run())


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_a_question_shows_how_it_is_answered_below_a_long_hint(size: tuple[int, int]) -> None:
    async def run() -> str:
        async with opened("mlp_2_2_2", size) as pilot:
            return await pressed(pilot, "enter", "colon")

    shown = asyncio.run(run())
    assert "▸  1  z₁" in shown
    assert "[Enter: OK]" in shown


@on("digit_cnn", (80, 24))
async def test_a_long_derivation_takes_the_rows_that_the_panes_below_can_spare(
    pilot: Pilot[None],
) -> None:
    await press(pilot, "enter")
    assert pilot.app.screen.query_one(NetworkPane).outer_size.height == LEAST_BELOW


@on()
async def test_another_scenario_is_opened(pilot: Pilot[None]) -> None:
    check("scenarios_80x24", await pressed(pilot, "s"))
    longest = await pressed(pilot, *"four_layer")
    about = first_sentence(load("four_layer_classifier")).text
    assert about in " ".join(longest.split()), "a whole sentence, however long"
    shown = await pressed(pilot, "escape", *"hidden", "enter")
    assert app_of(pilot).session.scenario.name == "mlp_2_2_2"
    assert "before the first step" in shown


@on()
async def test_a_run_keeps_its_place_and_can_be_undone(pilot: Pilot[None]) -> None:
    app = app_of(pilot)
    await press(pilot, "colon", *"2 dloss/dw", "enter")
    app.show_trace(run(load("one_weight", settings=["learning_rate=0.2"])))
    await pilot.pause()
    assert "rate η 0.2" in picture(pilot)
    assert app.session.place == StepPlace(2, 3)
    assert "rate η 0.1" in await pressed(pilot, "u")
    assert "rate η 0.2" in await pressed(pilot, "U")


@pytest.mark.parametrize(
    ("choice", "ending", "begins"),
    [
        ("step", ".1.2.md", "### "),
        ("screen", ".svg", "<svg"),
        ("json", ".json", "{"),
        ("animated", ".1.svg", "<svg"),
    ],
)
def test_export(
    choice: str, ending: str, begins: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file appears whole, and one that is there is not written over."""
    monkeypatch.chdir(tmp_path)

    async def run() -> None:
        async with opened() as pilot:
            await press(pilot, "n", "e", *choice, "enter", "enter")
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            written = tmp_path / f"one_weight{ending}"
            text = written.read_text("utf-8")
            assert text.startswith(begins)
            assert "https://" not in text, "nothing is fetched to look at it"
            if choice == "animated":
                frames = text.replace("&#160;", " ").replace("\xa0", " ").split('class="frame"')
                steps = [re.findall(r"step (\d)/5", frame) for frame in frames[1:]]
                assert steps == [["1"], ["2"], ["3"], ["4"], ["5"]]
                assert app_of(pilot).session.place == StepPlace(1, 1), "the walk stays"
            shown = await pressed(pilot, "e", *choice, "enter")
            assert "-2." in shown

    asyncio.run(run())


@on()
async def test_copying_claims_nothing(pilot: Pilot[None]) -> None:
    app = app_of(pilot)
    await press(pilot, "y", "enter")
    assert "w * x" in app.clipboard or "w·x" in app.clipboard
    assert app.preferences.copied_path().read_text("utf-8") == app.clipboard
    shown = picture(pilot)
    assert "opied." not in shown.replace("copied.txt", "")


def test_an_error_inside_becomes_a_dialog() -> None:
    async def run() -> None:
        async with opened() as pilot:
            app = app_of(pilot)

            def fails(progress: object) -> None:
                raise ValueError("[red] of a worker")

            from tracer.sentences import say

            ProgressDialog(say("Running {name}", name="x"), fails, lambda result: None).start(app)
            await wait_until(pilot, lambda: "ValueError: [red] of a worker" in picture(pilot))
            await press(pilot, "escape")
            monkey = pilot.app.screen
            monkey.action_go_to = fails  # type: ignore[attr-defined]  # breaks a key on purpose
            await press(pilot, "slash")
            assert "An error inside tracer" in picture(pilot)
            await press(pilot, "escape", "G")
            assert app.session.place == StepPlace(3, 4)

    asyncio.run(run())


def test_work_can_be_cancelled() -> None:
    """Escape ends a long run at its next word of progress; the walk stays as it was."""
    import threading

    async def run() -> None:
        async with opened() as pilot:
            app = app_of(pilot)
            ended = threading.Event()

            def works(progress: Callable[[int, int], None]) -> None:
                try:
                    for number in range(2000):
                        progress(number, 2000)
                        ended.wait(0.01)
                finally:
                    ended.set()

            from tracer.sentences import say

            ProgressDialog(say("Running {name}", name="x"), works, lambda result: app.exit()).start(
                app
            )
            await wait_until(pilot, lambda: "Running x" in picture(pilot))
            assert "Esc cancels" in picture(pilot)
            await press(pilot, "escape")
            assert ended.wait(30)
            assert "2 Derivation" in picture(pilot)

    asyncio.run(run())


def test_a_diverging_run_is_shown_as_such() -> None:
    async def run() -> None:
        scenario = load("one_weight", settings=["learning_rate=1e100", "iterations=9"])
        async with opened(scenario) as pilot:
            shown = await pressed(pilot, "G")
            fault = app_of(pilot).session.trace.fault
            assert fault is not None
            assert "the run stops there" in " ".join(shown.replace("│", " ").split())

    asyncio.run(run())


def test_a_long_first_run_can_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Escape while the first run is under way leads to the scenarios, and from there on."""
    import time

    from tracer.program.scenario import Scenario
    from tracer.run.short_runs import is_quick
    from tracer.run.short_runs import run as really
    from tracer.run.trace import Trace

    def slow(
        scenario: Scenario,
        progress: Callable[[int, int], None] | None = None,
        recording: Recording = KEEP_ALL,
    ) -> Trace:
        for number in range(2000 if scenario.name == "xor" else 0):
            assert progress is not None
            progress(number, 2000)
            time.sleep(0.005)
        return really(scenario, progress, recording)

    monkeypatch.setattr("tracer.ui.parts.host.run", slow)
    monkeypatch.setattr(
        "tracer.ui.app.is_quick", lambda given: given.name != "xor" and is_quick(given)
    )

    async def run() -> None:
        async with opened("xor") as pilot:
            app = app_of(pilot)
            await wait_until(pilot, lambda: "Esc cancels" in picture(pilot))
            assert not app.has_session
            assert "First steps" in await pressed(pilot, "escape")
            assert "before the first step" in await pressed(pilot, *"hidden", "enter")
            assert list(app.reported) == []

    asyncio.run(run())


def loss_pane_of(shown: str) -> list[str]:
    """Return the rows of pane 4, without its frame."""
    rows = shown.splitlines()
    top, left = next((y, row.index("╭─ 4 Loss")) for y, row in enumerate(rows) if "4 Loss" in row)
    right = rows[top].index("╮", left)
    end = next(y for y in range(top + 1, len(rows)) if rows[y][left] == "╰")
    return [row[left + 1 : right].rstrip() for row in rows[top + 1 : end]]


@on()
async def test_the_landscape_grows_with_the_steps(pilot: Pilot[None]) -> None:
    """What it shows, the loss, then its slope, then where the update leads; then the way so far."""
    first = loss_pane_of(picture(pilot))
    assert first[0] == "L for each w"
    assert "→" not in "".join(first)
    assert loss_pane_of(await pressed(pilot, "n"))[0] == "L = 2.25"
    slope = loss_pane_of(await pressed(pilot, "n", "n"))
    assert slope[0] == "L = 2.25  ∂L/∂w = −3"
    assert "→" not in "".join(slope)
    step = loss_pane_of(await pressed(pilot, "n"))
    assert step[0] == "L = 2.25 → 1.44"
    assert step[-2].strip() == "●─→"
    assert "".join(step).count("○") == 1
    second = loss_pane_of(await pressed(pilot, "n"))
    assert second[0] == "L for each w"
    assert "0.8" in second[-1]
    assert "".join(second).count("○") == 1, "where the first step started"


@on(size=(120, 40))
async def test_one_key_shows_the_curve_so_far_then_that_of_the_run(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "v")
    assert "The curve begins with" in "\n".join(loss_pane_of(shown))
    assert "0.922" not in "\n".join(loss_pane_of(await pressed(pilot, "n", "N")))
    assert "0.922" in "\n".join(loss_pane_of(await pressed(pilot, "N")))
    shown = await pressed(pilot, "P", "v")
    assert "0.922" in "\n".join(loss_pane_of(shown)), "the whole run is asked for"
    assert "v Landscape" in shown
    assert "v Curve" in await pressed(pilot, "v")


def test_a_run_that_stops_is_not_told_of_before_it_does() -> None:
    async def run() -> None:
        scenario = load("one_weight", settings=["learning_rate=1e100", "iterations=9"])
        async with opened(scenario, (120, 40)) as pilot:
            assert "✗" not in "".join(loss_pane_of(await pressed(pilot, "v")))
            shown = loss_pane_of(await pressed(pilot, "v"))
            assert "✗" in "".join(shown), "unless the whole is asked for"

    asyncio.run(run())


def test_two_numbers_have_a_map_with_the_way_of_the_run() -> None:
    async def run() -> None:
        for size in SIZES[:2]:
            async with opened("optimizers", size) as pilot:
                shown = await pressed(pilot, "N", "N", "N", "right_square_bracket")
                shown = await pressed(pilot, "right_square_bracket")
                check(f"landscape_optimizers_{size[0]}x{size[1]}", shown)

    asyncio.run(run())


def test_one_key_shows_the_digit_as_an_image_and_its_kernels_as_heat_maps() -> None:
    async def run() -> None:
        for size in SIZES[:2]:
            async with opened("digit_cnn", size) as pilot:
                figures = await pressed(pilot, "5")
                check(f"shades_digit_cnn_{size[0]}x{size[1]}", await pressed(pilot, "m", "z"))
                assert await pressed(pilot, "z", "m") == figures

    asyncio.run(run())


@on("digit_cnn", (120, 40))
async def test_a_click_on_a_shade_goes_to_its_entry(pilot: Pilot[None]) -> None:
    await press(pilot, "5", "m")
    values = pilot.app.screen.query_one(ValuesPane)
    lines = [row for row, at in enumerate(values._rows) if at == (0, 2)]
    await pilot.click(ValuesPane, offset=(1 + 1 + 6 + 2 * 3, 1 + lines[0]))
    await pilot.pause()
    assert values._at == (0, 2, 3)
    await press(pilot, "enter")
    assert pilot.app.screen.query_one(ValuesPane).session.place.inside is not None


def test_two_inputs_have_a_plane_with_the_samples_and_their_predictions() -> None:
    async def run() -> None:
        for size in SIZES[:2]:
            scenario = load("xor", settings=["iterations=300"])
            async with opened(scenario, size) as pilot:
                shown = await pressed(pilot, "G", "v", "v", "v")
                check(f"plane_xor_{size[0]}x{size[1]}", shown)
                assert "v Landscape" in shown
                first = "\n".join(loss_pane_of(await pressed(pilot, "g")))
                assert "○ 0 0 0 0.52  ✗" in first, "it moves with the iteration"

    asyncio.run(run())


@on("perceptron", (120, 40))
async def test_the_answers_are_not_shown_while_they_are_to_be_predicted(
    pilot: Pilot[None],
) -> None:
    shown = "\n".join(loss_pane_of(await pressed(pilot, "v", "v", "a")))
    assert "○" not in shown
    assert "Predict the loss first." in shown


@on("transformer_block")
async def test_a_large_network_keeps_its_curve_and_says_why(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "v")
    assert "This network has no landscape here" in shown


def test_a_run_of_many_iterations_stays_quick() -> None:
    """The curve of a long run is drawn once, not at each step."""

    async def run() -> None:
        async with opened(load("one_weight", settings=["iterations=20000"])) as pilot:
            await wait_until(pilot, lambda: app_of(pilot).has_session)
            await press(pilot, "G", "P", "v")
            pane = pilot.app.screen.query_one(LossPane)
            before = pane._drawn
            assert before is not None
            await press(pilot, "p", "P")
            assert pane._drawn is before

    asyncio.run(run())


@on()
async def test_all_commands_and_dialogs_are_reached_with_the_mouse(pilot: Pilot[None]) -> None:
    assert "≡" in picture(pilot)
    await pilot.click("#header", offset=(78, 0))
    await pilot.pause()
    assert "All commands" in picture(pilot)
    rows = picture(pilot).splitlines()
    row = next(y for y, text in enumerate(rows) if "Go to an iteration" in text)
    await pilot.click(offset=(rows[row].index("Go to an iteration"), row))
    await pilot.pause()
    assert "Go to ─" in picture(pilot)
    rows = picture(pilot).splitlines()
    row = next(y for y, text in enumerate(rows) if "[Enter: OK]" in text)
    await pilot.click(offset=(rows[row].index("[Esc: cancel]") + 2, row))
    await pilot.pause()
    assert "Go to ─" not in picture(pilot)


@on("mlp_2_2_2", size=(120, 40))
async def test_the_paths_of_an_entry_have_their_numbers(pilot: Pilot[None]) -> None:
    """A product that is rounded follows a ≈."""
    app = app_of(pilot)
    app.session.go(1, 9)
    app.session.enter((0,))
    app.session_changed.publish(app.session)
    await pilot.pause()
    shown = " ".join(picture(pilot).split())
    assert "through (z₂)₁: (W₂)₁₁·(∂L/∂z₂)₁ = 0.7·(−0.0767643)" in shown
    assert "≈ −0.0537350" in shown


@on(size=(200, 60))
async def test_a_large_pane_draws_the_iteration_so_far(pilot: Pilot[None]) -> None:
    """Each step as the present one is drawn: symbols, numbers, result below each other."""
    shown = await pressed(pilot, "n", "n", "n", "n")
    lines = [line.split("││")[1].strip() for line in shown.splitlines() if line.count("││") == 2]
    begin = lines.index("The iteration so far:") + 1
    assert lines[begin : begin + 4] == ["ŷ = w·x", "= 0.5·1", "= 0.5", ""]
    assert "∂L/∂w = ∂L/∂ŷ·x" in lines


@on(size=(60, 15))
async def test_tab_goes_through_all_panes_where_one_is_seen(pilot: Pilot[None]) -> None:
    found = [await pressed(pilot, "tab") for _ in range(5)]
    for shown, name in zip(
        found, ("Network", "Loss", "Values", "Steps", "Derivation"), strict=True
    ):
        assert f" {name} " in shown.splitlines()[1]
    assert "1 Steps" in await pressed(pilot, "shift+tab")


@on("mlp_2_2_2")
async def test_what_is_inside_a_step_comes_to_the_front(pilot: Pilot[None]) -> None:
    await press(pilot, "3", "z")
    assert "2 Derivation" in await pressed(pilot, "enter")


@on()
async def test_arrows_go_along_the_curve(pilot: Pilot[None]) -> None:
    await press(pilot, "v", "v", "4")  # the whole run
    assert "iteration 2/3" in await pressed(pilot, "right")
    assert "iteration 1/3" in await pressed(pilot, "left")
    assert "step 2/5" in await pressed(pilot, "v", "right")


@pytest.mark.parametrize(("scenario", "moves"), [("one_weight", 14), ("xor", 80)])
def test_a_walk_that_runs_on_comes_to_its_end_soon(scenario: str, moves: int) -> None:
    session = Session(run(load(scenario)))
    stride = session.stride(120)
    assert sum(1 for _ in iter(lambda: session.run_on(stride), False)) <= moves
    assert session.is_at_end


@on()
async def test_a_picture_has_no_message_of_the_export_before(pilot: Pilot[None]) -> None:
    app_of(pilot).show_message("Written: one_weight.svg")
    await wait_until(pilot, lambda: "Written" in picture(pilot))
    assert "Written" not in await pressed(pilot, "e")


@on()
async def test_the_palette_finds_words_of_the_glossary(pilot: Pilot[None]) -> None:
    shown = await pressed(pilot, "ctrl+p", *"epoch", "enter")
    assert "An epoch is one pass" in shown


@on("digit_cnn")
async def test_a_value_that_is_put_in_as_it_is_is_called_the_result(pilot: Pilot[None]) -> None:
    await press(pilot, "colon", *"x", "enter")
    assert "with numbers" not in picture(pilot)
