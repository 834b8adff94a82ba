"""Panes: a key paints the lines that changed, and the tree keeps the head of a step in sight."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from textual.strip import Strip

from tests.ui.pictures import opened, press, pressed
from tracer.ui.parts.tracer_screen import Lines


def test_a_key_paints_only_the_lines_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the landscape only the head is another one, and of the tree only the mark moves.

    Another theme paints all of them.
    """
    painted: Counter[str] = Counter()
    render = Lines.render_line

    def count(pane: Lines, y: int) -> Strip:
        painted[pane.id or ""] += 1
        return render(pane, y)

    async def run() -> None:
        async with opened("one_weight", (80, 24), is_seen=True) as pilot:
            monkeypatch.setattr(Lines, "render_line", count)
            await press(pilot, "n")
            assert painted["pane-1"] == 2
            assert painted["pane-2"] > 2
            assert painted["pane-4"] == 1
            painted.clear()
            pilot.app.theme = "light"
            await pilot.pause()
            assert painted["pane-1"] > 10
            assert painted["pane-4"] > 5

    asyncio.run(run())


def test_what_a_first_step_belongs_to_is_in_sight() -> None:
    """The tree scrolls no further than it must, with two rows around its cursor."""

    async def run() -> None:
        async with opened("mlp_2_2_2", (80, 24)) as pilot:
            shown = await pressed(pilot, "n", "p")
            assert "▾ Iteration 1" in shown
            assert "▾ Forward" in shown
            shown = await pressed(pilot, *["n"] * 4)
            assert "▾ Backward" in shown

    asyncio.run(run())


def test_a_figure_of_little_room_is_whole_and_keeps_its_zeros() -> None:
    """What a nudge makes of the loss is told, before what the loss was."""

    async def run() -> None:
        async with opened("mlp_2_2_2", (80, 24)) as pilot:
            assert "L 0.0900" in await pressed(pilot, *["n"] * 8, "3", "z")
            shown = await pressed(pilot, "z", "+")
            assert "L = 0.0896162 " in shown
            assert "derived −0.0430 ✓" in shown

    asyncio.run(run())
