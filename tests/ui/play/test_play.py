"""The play: what keys, mouse and typing change, and what is shown of it."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.case_lists import sampled
from tests.ui.pictures import check, opened, picture, press, pressed, wait_until
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import Scenario, load
from tracer.program.scenario_edits import with_value
from tracer.run.runner import Progress
from tracer.run.short_runs import run
from tracer.run.trace import Trace
from tracer.ui.app import TracerApp
from tracer.ui.parts.key_bindings import APP
from tracer.ui.play import PLAY, play_screen
from tracer.ui.play.play_panes import GivenPane
from tracer.ui.play.play_screen import PlayScreen

SCROLLBAR = "▁▂▃▄▅▆▇█"  # Textual draws its ends with these in every locale


def _app(pilot: Pilot[None]) -> TracerApp:
    assert isinstance(pilot.app, TracerApp)
    assert not pilot.app.reported, pilot.app.reported
    return pilot.app


def _scenario(pilot: Pilot[None]) -> Scenario:
    return _app(pilot).session.scenario


def _rate(pilot: Pilot[None]) -> float:
    training = _scenario(pilot).training
    assert training is not None
    assert training.learning_rate is not None
    return training.learning_rate.floats()[0]


async def _typed(pilot: Pilot[None], text: str) -> str:
    """Open the chosen number, type another, and press Enter."""
    await press(pilot, "enter")
    pilot.app.screen.query_one(Input).value = text
    return await pressed(pilot, "enter")


async def _row(pilot: Pilot[None], name: str) -> None:
    """Choose a row by its name."""
    screen = pilot.app.screen
    assert isinstance(screen, PlayScreen)
    names = [row.label(screen.tracer) for row in screen.given_pane.rows]
    screen.given_pane.action_move(names.index(name) - screen.given_pane.at)
    await pilot.pause()


def test_a_sample_is_called_by_the_same_number_in_play_and_walk() -> None:
    async def play() -> None:
        async with opened("one_weight", (100, 30)) as pilot:
            assert "sample 1 of 3" in picture(pilot)
            await press(pilot, "l")
            await _row(pilot, "sample")
            given = pilot.app.screen.query_one(GivenPane)
            assert given.chosen_row.value(given.tracer) == "1"
            await _typed(pilot, "2")
            assert given.chosen_row.value(given.tracer) == "2"
            assert "sample 2 of 3" in await pressed(pilot, "escape")
            await press(pilot, "l", "right")
            assert "sample 3 of 3" in await pressed(pilot, "escape")
            await press(pilot, "l")
            told = " ".join((await _typed(pilot, "4")).split())
            assert "found 4; expected 1 to 3" in told
            assert given.chosen_row.value(given.tracer) == "3"

    asyncio.run(play())


def test_what_was_changed_does_not_go_without_a_question(tmp_path: Path) -> None:
    async def play() -> None:
        async with opened() as pilot:
            await press(pilot, "l", "plus")
            shown = await pressed(pilot, "q")
            assert "What you changed is not saved." in shown
            assert "Quit without saving" in shown
            assert "type to search" not in shown, "yes or no needs no search"
            assert "What is given" in await pressed(pilot, "enter"), "the first answer shows it"
            await press(pilot, "s", *"neuron")
            assert "What you changed is not saved." in await pressed(pilot, "enter")
            assert "What is given" in await pressed(pilot, "enter")
            screen = pilot.app.screen
            assert isinstance(screen, PlayScreen)
            await press(pilot, "u")
            assert screen.unsaved_question is None, "it is as it was loaded"
            await press(pilot, "plus", "w")
            pilot.app.screen.query_one(Input).value = str(tmp_path / "mine.toml")
            await press(pilot, "enter")
            await wait_until(pilot, lambda: screen.unsaved_question is None)
            assert (tmp_path / "mine.toml").exists()
            await press(pilot, "plus", "s", "enter", "down")
            assert "before the first step" in await pressed(pilot, "enter")
            await press(pilot, "l", "plus", "escape", "q", "down", "enter")
            assert not pilot.app.is_running or pilot.app._exit

    asyncio.run(play())


@pytest.mark.parametrize(
    ("name", "size", "keys"),
    [
        ("play_80x24", (80, 24), ("l", "plus")),
        ("play_120x40", (120, 40), ("l", "plus", "n", "n", "N")),
        ("play_60x15", (60, 15), ("l", "plus", "3")),
        ("play_200x60", (200, 60), ("l", "plus")),
    ],
)
def test_play_looks_like_this(name: str, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    async def look() -> str:
        async with opened(size=size) as pilot:
            return await pressed(pilot, *keys)

    check(name, asyncio.run(look()))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param("play_zh_80x24", {"language": "zh"}, marks=pytest.mark.chinese),
        ("play_ascii_80x24", {"unicode": False}),
    ],
)
def test_play_in_chinese_and_in_ascii(name: str, options: dict[str, Any]) -> None:
    async def look() -> str:
        async with opened(size=(80, 24), **options) as pilot:
            shown = await pressed(pilot, "l", "plus", "plus", "plus", "plus", "plus")
            if not options.get("unicode", True):
                assert shown.translate(dict.fromkeys(map(ord, SCROLLBAR))).isascii()
            return shown

    check(name, asyncio.run(look()))


def test_every_key_is_there_once_and_its_action_too() -> None:
    keys = [part for key in (*APP.keys, *PLAY.in_force) for part in key.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert all(key.id.startswith("play.") for key in PLAY.keys)
    for key in PLAY.keys:
        assert hasattr(PlayScreen, f"action_{key.action.partition('(')[0].removeprefix('screen.')}")
    assert set(PlayScreen.FOOTER) <= {key.id for key in (*APP.keys, *PLAY.in_force)}


def test_the_place_of_the_walk_is_kept_and_all_numbers_follow() -> None:
    async def play() -> None:
        async with opened() as pilot:
            await press(pilot, "N", "n", "n", "n", "l")
            before = _app(pilot).session.place
            loss = _app(pilot).session.losses[1]
            await press(pilot, "plus")
            session = _app(pilot).session
            assert _rate(pilot) == 0.2
            assert session.place == before
            assert session.losses[1] != loss
            assert session.earlier[1] == loss
            shown = await pressed(pilot, "escape")
            assert "rate η 0.2" in shown
            assert "The walk shows the changed run; u undoes a change." in shown

    asyncio.run(play())


def test_the_place_is_that_of_the_walk_each_time() -> None:
    async def play() -> None:
        async with opened() as pilot:
            assert "iteration 1/3" in await pressed(pilot, "n", "l")
            await press(pilot, "escape", "N")
            assert "iteration 2/3" in await pressed(pilot, "l")
            await press(pilot, "N")
            assert "iteration 3/3" in await pressed(pilot, "escape")

    asyncio.run(play())


def test_a_sweep_goes_through_one_where_it_stops_converging() -> None:
    async def play() -> list[str]:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "l")
            await _typed(pilot, "0.909")
            return [picture(pilot), await pressed(pilot, "right"), await pressed(pilot, "right")]

    below, at, above = asyncio.run(play())
    assert "The factor is above −1: each step overshoots, but lands nearer" in below
    assert "learning rate 1 " in at
    assert "The factor is −1: " in at
    assert "Each step multiplies ŷ − y by −1.2." in above
    assert "✗ It diverges from the first step on" in above


def test_the_landscape_shows_that_a_step_overshoots() -> None:
    """Beyond a rate of 1 the step of the demo ends higher on the other side of its valley."""

    async def play() -> tuple[str, str, str]:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "l")
            small = picture(pilot)
            high = await _typed(pilot, "1.1")
            return small, high, await pressed(pilot, "v")

    small, high, curve = asyncio.run(play())
    assert "L = 2.25 → 1.44  ∂L/∂w = −3" in small
    assert "overshoots" not in small
    assert "L = 2.25 → 3.24  overshoots  ∂L/∂w = −3" in high
    assert "L = 2.25 → 3.24" not in curve
    assert "○ before" in curve


def test_the_predictions_of_the_trained_network_follow_the_learning_rate_and_the_data() -> None:
    """At a rate of 0.5 sixty iterations leave one of the four cases wrong, at 2 none."""

    async def play() -> tuple[str, str, str]:
        async with opened(load("xor", settings=["iterations=60"]), (120, 40)) as pilot:
            slow = await pressed(pilot, "l", "v", "v")
            quick = await _typed(pilot, "2")
            await _row(pilot, "y₁₁")
            return slow, quick, await _typed(pilot, "1")

    slow, quick, other = asyncio.run(play())
    assert "after iteration 60" in slow
    assert "● 1 0 1 0.624 ✓" in slow
    assert "○ 1 1 0 0.579 ✗" in slow
    assert "○ 1 1 0 0.579 ✗" not in quick
    assert "● 0 0 1 " in other


def test_a_value_that_is_not_finite_is_shown_with_its_iteration() -> None:
    async def play() -> tuple[str, int]:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "l")
            await _typed(pilot, "100")
            await _row(pilot, "iterations")
            await _typed(pilot, "400")
            fault = _app(pilot).session.trace.fault
            assert fault is not None
            await press(pilot, "v")
            return picture(pilot), fault.iteration

    shown, number = asyncio.run(play())
    assert f"The run stops in iteration {number}:" in shown
    assert "✗ stopped" in shown


def test_what_is_typed_is_read_by_our_parser() -> None:
    async def play() -> None:
        async with opened() as pilot:
            await press(pilot, "l")
            await _typed(pilot, "1/3")
            assert _rate(pilot) == 1 / 3

    asyncio.run(play())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one", "this is not a number"),
        ("-1", "the number is negative"),
        ("", "there is no number"),
    ],
)
def test_an_error_stands_below_the_field_and_nothing_is_lost(text: str, message: str) -> None:
    async def play() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "l")
            shown = await _typed(pilot, text)
            assert f"✗ {message}" in shown
            field = pilot.app.screen.query_one(Input)
            assert field.value == text
            assert pilot.app.focused is field
            assert _rate(pilot) == 0.1
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, PlayScreen)
            assert pilot.app.screen.given_pane.has_focus

    asyncio.run(play())


def test_undo_redo_and_back_to_what_was_loaded() -> None:
    async def play() -> list[float]:
        async with opened() as pilot:
            found = []
            for key in ("l", "plus", "plus", "u", "U", "o", "u", "o"):
                shown = await pressed(pilot, key)
                found.append(_rate(pilot))
            assert "as loaded" in shown
            return found

    assert asyncio.run(play()) == [0.1, 0.2, 0.4, 0.2, 0.4, 0.1, 0.4, 0.1]


def test_first_values_and_cells_change_the_run() -> None:
    async def play() -> None:
        async with opened() as pilot:
            await press(pilot, "l")
            for name, text in (("w", "1.5"), ("x₁", "2"), ("y₁", "−3")):
                await _row(pilot, name)
                await _typed(pilot, text)
            scenario = _scenario(pilot)
            assert scenario.parameters["w"].floats() == [1.5]
            assert scenario.data["x"].floats()[0] == 2
            assert _app(pilot).session.losses[0] == (1.5 * 2 + 3) ** 2

    asyncio.run(play())


def test_an_optimizer_and_a_loss_are_chosen() -> None:
    async def play() -> None:
        async with opened() as pilot:
            await press(pilot, "l")
            await _row(pilot, "optimizer")
            await press(pilot, "enter", *"adamw", "enter")
            await _row(pilot, "form")
            shown = await pressed(pilot, "enter")
            assert "Does not fit here" in shown
            await press(pilot, *"mae", "enter")
            await press(pilot, "right", "left")
            scenario = _scenario(pilot)
            assert scenario.training is not None
            assert scenario.training.optimizer == "adamw"
            assert "loss = mae(y_pred, y)" in scenario.equations
            assert _app(pilot).session.losses[0] == 1.5

    asyncio.run(play())


def test_a_loss_that_does_not_fit_says_why() -> None:
    async def play() -> str:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "l")
            await _row(pilot, "form")
            return await pressed(pilot, "enter", *"cross", "enter")

    assert "✗ cross_entropy: " in asyncio.run(play())


def test_the_entries_of_a_large_array_are_changed_in_a_table() -> None:
    async def play() -> None:
        async with opened("digit_mlp", (100, 30)) as pilot:
            await press(pilot, "l")
            await _row(pilot, "W₁")
            await press(pilot, "enter", "down", "right", "enter")
            pilot.app.screen.query_one(Input).value = "x"
            shown = await pressed(pilot, "enter")
            assert "this is not a number" in shown
            pilot.app.screen.query_one(Input).value = "1/4"
            shown = await pressed(pilot, "enter")
            assert "(W₁)₂₂ = 0.25" in shown
            given = _scenario(pilot).parameters["W1"]
            assert given.floats()[given.shape[1] + 1] == 0.25
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, PlayScreen)

    asyncio.run(play())


def test_the_mouse_does_what_the_keys_do() -> None:
    async def play() -> None:
        async with opened() as pilot:
            await press(pilot, "l")
            lines = picture(pilot).splitlines()

            async def click(text: str, *, shift: int = 0) -> None:
                shown = picture(pilot).splitlines()
                y = next(y for y, line in enumerate(shown) if text in line)
                await pilot.click(offset=(shown[y].index(text) + shift, y))
                await pilot.pause()

            assert "◂ 0.1 ▸" in lines[3]
            await click("▸", shift=len("▸ learning_rate  ◂ 0.1 "))
            assert _rate(pilot) == 0.11
            await click("◂")
            assert _rate(pilot) == 0.1
            await click("w     ")
            await click("▸ w")
            pilot.app.screen.query_one(Input).value = "2"
            await press(pilot, "enter")
            assert _scenario(pilot).parameters["w"].floats() == [2]
            await click("+ Double")
            assert _scenario(pilot).parameters["w"].floats() == [4]
            await click("u Undo")
            assert _scenario(pilot).parameters["w"].floats() == [2]
            await click("Undone: w 4 → 2")  # a message goes once it is clicked
            await click("Esc Back")
            assert not isinstance(pilot.app.screen, PlayScreen)

    asyncio.run(play())


def test_what_is_saved_loads_and_gives_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def play() -> Scenario:
        async with opened() as pilot:
            await press(pilot, "l", "plus", "w")
            await press(pilot, "enter")
            first = (tmp_path / "one_weight-play.toml").read_text("utf-8")
            await press(pilot, "plus", "w", "enter")
            assert "already exists" in picture(pilot)
            await press(pilot, "enter")  # the first choice keeps the file
            assert (tmp_path / "one_weight-play.toml").read_text("utf-8") == first
            await press(pilot, "w", "enter", "down", "enter")
            return _scenario(pilot)

    changed = asyncio.run(play())
    saved = load(tmp_path / "one_weight-play.toml")
    assert run(saved).final == run(changed).final
    assert saved.text.replace("0.4", "0.1") == load("one_weight").text


def test_a_scenario_that_comes_with_tracer_is_never_written_over() -> None:
    async def play() -> str:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "l", "w")
            pilot.app.screen.query_one(Input).value = str(load("one_weight").path)
            return await pressed(pilot, "enter")

    before = load("one_weight").text
    assert "would overwrite" in asyncio.run(play())  # the dialog breaks its line there
    assert load("one_weight").text == before


def test_a_long_run_can_be_cancelled_and_the_old_numbers_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It waits at its first report of progress until Escape was pressed: no machine is too fast."""
    long = with_value(load("one_weight"), ("training", "iterations"), "9000000")
    cancelled = threading.Event()

    async def play() -> None:
        async with opened() as pilot:
            await press(pilot, "l")
            traced = _app(pilot).traced

            def traced_later(scenario: Scenario, progress: Progress) -> Trace:
                def waiting(done: int, count: int) -> None:
                    cancelled.wait(30)
                    progress(done, count)

                return traced(scenario, waiting)

            monkeypatch.setattr(_app(pilot), "traced", traced_later)
            losses = list(_app(pilot).session.losses)
            screen = pilot.app.screen
            assert isinstance(screen, PlayScreen)
            screen.change(lambda _: long)
            await wait_until(pilot, lambda: "Esc cancels." in picture(pilot))
            await press(pilot, "escape")
            cancelled.set()
            assert _app(pilot).session.losses == losses
            monkeypatch.undo()
            await press(pilot, "plus")
            assert _rate(pilot) == 0.2

    asyncio.run(play())


def test_another_scenario_begins_anew() -> None:
    async def play() -> str:
        async with opened() as pilot:
            await press(pilot, "l", "plus")
            _app(pilot).open_scenario("linear_regression")
            await pilot.pause()
            return await pressed(pilot, "down", "enter", "l")

    shown = asyncio.run(play())
    assert "linear_regression · learning rate 0.01" in shown
    assert "as loaded" in shown


@pytest.mark.parametrize(
    "name",
    sampled(
        ["losses", "perceptron", "optimizers_side_by_side", "rnn_step"], ["losses", "rnn_step"]
    ),
)
def test_every_kind_of_scenario_can_be_played_with(name: str) -> None:
    async def play() -> None:
        async with opened(name) as pilot:
            await press(pilot, "l", "right", "down", "right", "enter", "escape", "4", "z", "3", "2")
            assert not _app(pilot).reported

    asyncio.run(play())


def test_a_slow_change_waits_until_its_dialog_has_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of a long text opens a dialog of its own, which the other would have closed."""
    monkeypatch.setattr(play_screen, "QUICK_TEXT", 10)

    async def play() -> None:
        async with opened("digit_mlp", (100, 30)) as pilot:
            await press(pilot, "l")
            await _row(pilot, "W₁")
            await press(pilot, "enter", "enter")
            pilot.app.screen.query_one(Input).value = "1/4"
            await press(pilot, "enter")
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            assert type(pilot.app.screen).__name__ == "CellsScreen"
            assert _scenario(pilot).parameters["W1"].floats()[0] == 0.25
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, PlayScreen)

    asyncio.run(play())


def test_a_calculation_is_worked_out_while_it_is_typed() -> None:
    async def play() -> tuple[str, str]:
        async with opened() as pilot:
            return await pressed(pilot, "l", "enter", *"2/8"), await pressed(pilot, "escape")

    typed, left = asyncio.run(play())
    assert "Change learning rate" in typed
    assert "= 0.25" in typed
    assert "Enter: OK" in typed
    assert "◂ 0.1 ▸" in left


def test_a_number_of_a_sample_that_is_not_trained_on_is_marked() -> None:
    async def play() -> list[str]:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "l")
            await _row(pilot, "x₃")
            return [picture(pilot), await pressed(pilot, "right")]

    before, after = asyncio.run(play())
    assert before.count("not used") == 4
    assert "Training does not use this sample" in after


def test_a_rate_is_seen_to_work_on_the_smallest_screen() -> None:
    async def play() -> list[str]:
        async with opened(size=(60, 15)) as pilot:
            return [await pressed(pilot, "l"), await pressed(pilot, "plus")]

    before, after = asyncio.run(play())
    assert "L 2.25 … 0.9216" in before
    assert "L 2.25 … 0.2916" in after


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_a_step_is_seen_where_one_goes_to_it(size: tuple[int, int]) -> None:
    async def play() -> str:
        async with opened(size=size) as pilot:
            return await pressed(pilot, "l", "n")

    assert "L = (ŷ − y)²" in asyncio.run(play())


def test_the_choice_begins_with_what_is_chosen_now() -> None:
    async def play() -> list[str]:
        async with opened() as pilot:
            await press(pilot, "t", "down", "enter")
            theme = await pressed(pilot, "t")
            await press(pilot, "escape", "l", "down", "right")
            return [theme, await pressed(pilot, "enter")]

    theme, optimizer = asyncio.run(play())
    assert "▸ light" in theme
    assert "▸ momentum" in optimizer
    assert OPTIMIZERS["nesterov"].words in optimizer, "words have all the room beside a short name"
