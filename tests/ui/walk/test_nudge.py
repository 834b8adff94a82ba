"""Nudging a number in the walk: all panes follow, and the measured slope stands by the gradient."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.ui.pictures import check, picture, press, pressed, wait_until
from tests.ui.walk.test_walk import SIZES, app_of, on
from tracer.ui.parts.dialogs import MessageDialog


@pytest.mark.parametrize(
    "size",
    [SIZES[0], *(pytest.param(size, marks=pytest.mark.proof) for size in SIZES[1:])],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def test_a_nudge_at_each_size(size: tuple[int, int]) -> None:
    """At the gradient by w a small nudge agrees with it; one of 0.5 is too large for one slope."""

    @on("one_weight", size)
    async def nudged(pilot: Pilot[None]) -> None:
        name = f"nudge_one_weight_{size[0]}x{size[1]}"
        shown = await pressed(pilot, "n", "n", "n", "plus")
        assert "measured −2.99, derived −3 ✓" in shown
        check(f"{name}_small", shown)
        await pilot.press(*["plus"] * 49)
        shown = await pressed(pilot)
        assert "measured −2.5 over a nudge of 0.5" in shown
        check(f"{name}_large", shown)

    nudged()


@on("one_weight", (120, 40))
async def test_escape_puts_a_nudged_number_back(pilot: Pilot[None]) -> None:
    before = await pressed(pilot, "n", "n", "n")
    shown = await pressed(pilot, "plus")
    assert "w nudged" in shown
    assert "L = 2.25 → 2.2201" in shown
    assert "∂L/∂w  −3 → −2.98" in shown
    after = await pressed(pilot, "escape")
    assert "nudged" not in after
    assert "L = 2.25  ∂L/∂w = −3" in after
    assert before.splitlines()[:20] == after.splitlines()[:20]


@on("mlp_2_2_2")
async def test_the_reasons_of_a_step_follow_a_nudge(pilot: Pilot[None]) -> None:
    """The slope of the sigmoid is told at the nudged number, and at its own again."""
    own, nudged = "0.242941 to", "0.242527 to"
    shown = await pressed(pilot, *"nnnnnn")
    assert own in shown
    shown = await pressed(pilot, "plus")
    assert nudged in shown
    assert own not in shown
    assert own in await pressed(pilot, "escape")


@on()
async def test_up_and_down_again_is_no_nudge(pilot: Pilot[None]) -> None:
    await press(pilot, "plus", "minus")
    assert app_of(pilot).session.nudge is None


@on()
async def test_a_nudge_ends_with_its_iteration(pilot: Pilot[None]) -> None:
    assert "nudged" in await pressed(pilot, "plus", "n"), "downstream it is still moved"
    assert "nudged" not in await pressed(pilot, "N")
    assert "nudged" not in await pressed(pilot, "P")


@on()
async def test_nothing_is_nudged_on_another_screen(pilot: Pilot[None]) -> None:
    await press(pilot, "plus", "l")
    await wait_until(pilot, lambda: app_of(pilot).session.nudge is None)
    assert "0.51" not in picture(pilot)
    assert "nudged" not in await pressed(pilot, "escape")


@on("mlp_2_2_2", (120, 40))
async def test_the_entry_under_the_cursor_is_nudged(pilot: Pilot[None]) -> None:
    """The second number of the result; the cursor stays where it is."""
    nudged = await pressed(pilot, "5", "right", "plus", "plus")
    nudge = app_of(pilot).session.nudge
    assert nudge is not None
    assert (nudge.name, nudge.place) == ("z1", 1)
    assert nudge.amount == pytest.approx(0.02)
    assert "(∂L/∂z₁)₂: measured" in nudged


@on("one_weight", (80, 24))
async def test_the_proofs_of_a_gradient_are_a_key_away(pilot: Pilot[None]) -> None:
    """Each witness with its own figure beside the one that is shown, nudged or not."""
    await press(pilot, "n", "n", "n")
    for keys, gradient in ((["i"], "−3"), (["escape", "plus", "i"], "−2.98")):
        await press(pilot, *keys)
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageDialog))
        shown = picture(pilot)
        assert "SymPy" in shown
        assert f"by this method {gradient}, by the rules {gradient}" in shown
    await press(pilot, "escape")
    assert app_of(pilot).session.nudge is not None, "the dialog lies over the nudge"


@on("one_weight", (80, 24))
async def test_where_a_value_is_predicted_nothing_is_nudged(pilot: Pilot[None]) -> None:
    await press(pilot, "plus", "a", "plus")
    assert app_of(pilot).session.nudge is None
