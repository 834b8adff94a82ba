"""The header: what it leaves out where there is no room."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.ui.pictures import picture
from tests.ui.walk.test_walk import on
from tracer.ui.parts.tracer_screen import Header, HeaderPart

PARTS = (
    HeaderPart([("mlp_2_2_2", "strong")], 3),
    HeaderPart([("learning_rate 0.121", "strong")]),
    HeaderPart([("iteration 1/3", "")], 2),
    HeaderPart([("as loaded", "")], 1),
)


@pytest.mark.parametrize("size", [80, 58, 46, 34, 24, 12, 4])
def test_whole_parts_are_left_out_and_the_sign_stays(size: int) -> None:
    expected = {
        80: "mlp_2_2_2 · learning_rate 0.121 · iteration 1/3 · as loaded",
        58: "learning_rate 0.121 · iteration 1/3 · as loaded",
        46: "learning_rate 0.121 · as loaded",
        34: "learning_rate 0.121",
        24: "learning_rate 0.121",
        12: "learnin…",  # what cannot be left out is cut, with a sign
        4: "…",
    }

    @on("one_weight", (size, 15))
    async def check(pilot: Pilot[None]) -> None:
        pilot.app.screen.query_one(Header).show(PARTS)
        await pilot.pause()
        line = picture(pilot).splitlines()[0]
        assert line.strip().removesuffix("≡").strip() == expected[size]
        assert line.rstrip().endswith("≡")

    check()
