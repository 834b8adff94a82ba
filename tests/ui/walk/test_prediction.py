"""Predicting in the walk: values are hidden, guessed or hinted at, and then shown."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.pictures import check, opened, picture, press, pressed, shown_text
from tests.ui.walk.test_walk import SIZES, app_of, loss_pane_of, on
from tracer.narrative.session import StepPlace
from tracer.program.scenario import load
from tracer.run.short_runs import run
from tracer.ui.check.check_panes import QuestionPane

HINT = "ctrl+t"


def typed(text: str) -> list[str]:
    """Return the keys of a text, and Enter."""
    names = {".": "full_stop", "-": "minus", ",": "comma", " ": "space"}
    names |= {"[": "left_square_bracket", "]": "right_square_bracket"}
    return [*(names.get(sign, sign) for sign in text), "enter"]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_prediction_at_each_size(size: tuple[int, int]) -> None:
    """A gradient is asked for after a wrong guess and a hint; then it is right."""

    @on("one_weight", size)
    async def predicted(pilot: Pilot[None]) -> None:
        await press(pilot, "n", "n", "a")
        name = f"predict_one_weight_{size[0]}x{size[1]}"
        check(f"{name}_asked", await pressed(pilot, *typed("3"), HINT))
        check(f"{name}_shown", await pressed(pilot, *typed("-3")))

    predicted()


@on("one_weight", (120, 40))
async def test_a_value_is_seen_nowhere_before_it_is_predicted(pilot: Pilot[None]) -> None:
    """Network, values and landscape show what is known where one stands, and no more."""
    shown = await pressed(pilot, "a")
    assert "Predict the loss first." in shown
    assert "2.25" not in shown
    shown = await pressed(pilot, *typed("0.5"), *typed("2.25"))
    assert loss_pane_of(shown)[0] == "L = 2.25"
    assert "−3" not in await pressed(pilot, "enter")
    shown = await pressed(pilot, *typed("-3"), "enter")
    assert loss_pane_of(shown)[0] == "L = 2.25", "its slope is what is asked for"
    shown = await pressed(pilot, *typed("-3"), "enter")
    assert loss_pane_of(shown)[0] == "L = 2.25  ∂L/∂w = −3"
    assert "0.8" not in shown
    assert "→" not in "".join(loss_pane_of(shown))
    shown = await pressed(pilot, *typed("0.8"))
    assert loss_pane_of(shown)[0].startswith("L = 2.25 → 1.44")


@on()
async def test_what_is_updated_is_asked_for_as_it_is_written_down(pilot: Pilot[None]) -> None:
    """With its prime in the question and before the line, and the footer has the keys of both."""
    shown = await pressed(pilot, "G", "a")
    assert "w′ = w − η" in shown
    assert shown.splitlines()[-2].startswith(" w′ =")
    assert "Ctrl+B Prev" in shown.splitlines()[-1]


@on()
async def test_enter_goes_on_once_the_value_is_seen(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    shown = await pressed(pilot, "a", *typed("0.5"))
    assert "✓ Right: 3 points" in shown
    assert "= 0.5" in shown
    await press(pilot, "enter")
    assert session.place == StepPlace(1, 1)


@on()
async def test_what_is_typed_below_a_value_that_is_seen_is_for_the_next(
    pilot: Pilot[None],
) -> None:
    shown = await pressed(pilot, "a", *typed("0.5"), *typed("2.25"))
    assert app_of(pilot).session.place == StepPlace(1, 1)
    assert "✓ Right" in shown


@on()
async def test_the_third_hint_shows_the_value(pilot: Pilot[None]) -> None:
    """It stands in the derivation, and what follows goes on from it, not from a wrong guess."""
    shown = await pressed(pilot, "a", *typed("7"), HINT, HINT)
    assert "0.5·1 = ?" in shown
    shown = await pressed(pilot, HINT)
    assert "The value was shown." in shown
    assert "2 Derivation" in shown
    assert "ŷ = 0.5 " in await pressed(pilot, "enter")


@on("mlp_2_2_2")
async def test_what_became_of_an_entry_stands_beside_the_next(pilot: Pilot[None]) -> None:
    """An entry that is right, and one that the third hint shows, are not passed over in silence."""
    shown = await pressed(pilot, "a", *typed("0.24"))
    assert "✓ (z₁)₁ = 0.24" in shown
    shown = await pressed(pilot, *typed("0.02"), "enter", HINT, HINT, HINT)
    assert "· (a₁)₁ = 0.559714 (shown)" in shown
    assert "(a₁)₂ =" in shown.splitlines()[-2]


@on("rnn_step")
async def test_a_step_without_numbers_asks_for_nothing(pilot: Pilot[None]) -> None:
    """Its line says so, no hint is offered, and none is given."""
    shown = await pressed(pilot, "a")
    assert "Nothing here is to be worked out by hand." in shown
    assert "Hint" not in shown
    shown = await pressed(pilot, HINT, "enter", HINT)
    assert "(z₁)₁ =" in shown
    assert "Each row of W_x" in shown, "no rule without its reason"


@on("mlp_2_2_2")
async def test_a_vector_is_typed_whole(pilot: Pilot[None]) -> None:
    """Each entry is judged; the one that is wrong is asked for next."""
    shown = await pressed(pilot, "a", *typed("[0.24, 0.1]"))
    assert "(z₁)₂ =" in shown.splitlines()[-2]
    shown = await pressed(pilot, *typed("0.02"))
    assert "2 Derivation" in shown
    assert "✓ Right" in shown


@on()
async def test_a_near_guess_is_told_which_digits_are_enough(pilot: Pilot[None]) -> None:
    await press(pilot, "n", "a", *typed("2.4"))
    said = " ".join(shown_text(pilot.app.screen.query_one("#asked", QuestionPane)).split())
    assert "Close: less than a tenth off. 2 correct digits are enough." in said
    assert "(rounded, which is enough)" in await pressed(pilot, *typed("2.3"))


@on()
async def test_what_was_typed_is_there_again_after_a_look_elsewhere(pilot: Pilot[None]) -> None:
    await press(pilot, "a", "4", "2", "ctrl+n")
    assert pilot.app.screen.query_one(Input).value == ""
    await press(pilot, "ctrl+b")
    assert pilot.app.screen.query_one(Input).value == "42"
    app_of(pilot).open("check")
    await pilot.pause()
    app_of(pilot).open("walk")
    await pilot.pause()
    assert pilot.app.screen.query_one("#reply Input", Input).value == "42"
    assert app_of(pilot).session.hidden_from == 0


@on()
async def test_escape_shows_all_values_again(pilot: Pilot[None]) -> None:
    await press(pilot, "a", "4")
    shown = await pressed(pilot, "escape")
    assert "= 0.5" in shown
    assert "Predict the loss first" not in shown
    assert "n Next" in shown
    await press(pilot, "n")
    assert app_of(pilot).session.place == StepPlace(1, 1)


@on()
async def test_another_run_is_predicted_anew(pilot: Pilot[None]) -> None:
    await press(pilot, "a", *typed("0.5"))
    scenario = app_of(pilot).session.scenario
    app_of(pilot).show_trace(run(scenario.with_overrides(["parameters.w=0.6"])))
    await pilot.pause()
    assert "Your task" in picture(pilot)
    assert "0.6   x" in picture(pilot)


@on()
async def test_who_lets_the_walk_play_does_not_predict(pilot: Pilot[None]) -> None:
    await press(pilot, "a")
    pilot.app.screen.query_one("#pane-1").focus()
    await press(pilot, "space")
    shown = picture(pilot)
    assert "running on" in shown
    assert "predicting" not in shown
    assert "n Next" in shown


def test_a_step_that_is_too_large_is_shown() -> None:
    async def visit() -> None:
        async with opened(load("digit_mlp"), (80, 24)) as pilot:
            await press(pilot, "a")
            await pilot.app.workers.wait_for_complete()
            shown = await pressed(pilot, "ctrl+n")
            assert list(app_of(pilot).reported) == []
            assert "Enter:" in shown

    import asyncio

    asyncio.run(visit())
