"""What can be undone: the texts of all changes, which are run again."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from tests.case_lists import sampled
from tests.ui.pictures import opened, press, pressed
from tests.ui.walk.test_walk import app_of, on
from tracer.program.scenario import bundled, load
from tracer.run.layout import RECORDS, Record
from tracer.run.memory import MemoryLimitError, Recording
from tracer.run.short_runs import run
from tracer.ui.parts.host import MOST_CHANGES, History

LARGE = {"four_layer_classifier", "gpt2_mlp_full", "position_wise_ffn_full"}  # drawn slowly


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(["all", "none"], id="some"),
        pytest.param(RECORDS, id="each", marks=pytest.mark.proof),
    ],
)
def test_a_run_looks_the_same_whatever_is_kept_of_it(records: Sequence[Record]) -> None:
    async def seen(recording: Recording) -> list[str]:
        async with opened("mlp_2_2_2", recording=recording) as pilot:
            shown = [
                await pressed(pilot, *keys) for keys in (("n", "n"), ("l",), ("plus",), ("u",))
            ]
            assert app_of(pilot).session.trace.record == recording.record
            assert list(app_of(pilot).reported) == []
            return shown

    first, *others = [asyncio.run(seen(Recording(record))) for record in records]
    assert all(other == first for other in others)


def test_a_run_that_does_not_fit_is_told_with_the_options_of_the_command() -> None:
    with pytest.raises(MemoryLimitError, match=r"; --memory \d"):
        run(load("one_weight"), None, Recording(budget=1000))


def test_there_is_an_end_to_what_is_kept() -> None:
    history, scenario = History(), load("one_weight")
    for _ in range(MOST_CHANGES + 5):
        history.note_change(scenario)
    count = 0
    while history.next("undo") is not None:
        history.go("undo", scenario)
        count += 1
    assert count == MOST_CHANGES


@pytest.mark.parametrize("name", sampled(sorted(set(bundled()) - LARGE)))
def test_a_scenario_comes_back_from_its_text(name: str) -> None:
    scenario = load(name)
    if scenario.variants:
        scenario = scenario.variant(scenario.variants[0].name)
    if scenario.training is not None and scenario.training.learning_rate is not None:
        scenario = scenario.with_overrides(["learning_rate=0.03"])
    history = History()
    history.note_change(scenario)
    past = history.next("undo")
    assert past is not None
    assert not past.parameters
    again = past.with_overrides(())
    assert (again.text, again.overrides) == (scenario.text, scenario.overrides)
    assert (again.variant_name, again.label) == (scenario.variant_name, scenario.label)
    for table in ("parameters", "data", "constants"):
        numbers = {key: given.floats() for key, given in getattr(scenario, table).items()}
        assert numbers == {key: given.floats() for key, given in getattr(again, table).items()}


@on("mlp_2_2_2")
async def test_what_is_undone_looks_as_it_did(pilot: Pilot[None]) -> None:
    app = app_of(pilot)
    await press(pilot, "n", "n", "l")
    seen = [(app.session.losses, app.session.place)]
    for key in ("plus", "right"):
        await press(pilot, key)
        seen.append((app.session.losses, app.session.place))
    for expected in reversed(seen[:-1]):
        await press(pilot, "u")
        assert (app.session.losses, app.session.place) == expected
    await press(pilot, "u")
    for expected in seen[1:]:
        await press(pilot, "U")
        assert (app.session.losses, app.session.place) == expected
