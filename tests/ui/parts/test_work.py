"""Whatever may take long asks again and again whether anybody still wants it."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.pictures import opened, picture, press, wait_until
from tests.ui.walk.test_walk import app_of
from tracer.check.read.document_entry import read_document
from tracer.narrative.session import Session
from tracer.program.scenario import Scenario, load, loads
from tracer.render.json import trace_json
from tracer.run.runner import run_scenario
from tracer.run.short_runs import QUICK_TEXT, Progress, is_quick, is_quick_to_read, run
from tracer.run.trace import Trace
from tracer.sentences import say
from tracer.ui.parts.dialogs import Cancellation, MessageDialog, ProgressDialog
from tracer.worksheets.practice import Practice


class Patience:
    """Progress that ends the work at its nth word."""

    def __init__(self, words: int) -> None:
        self.words = words

    def __call__(self, done: int, count: int) -> None:
        """Take note of a word."""
        self.words -= 1
        if self.words < 0:
            raise Cancellation


def at_step(trace: Trace) -> Session:
    session = Session(trace)
    session.go_to("z1")
    return session


def inside(trace: Trace, progress: Progress) -> object:
    return at_step(trace).lines_inside(None, progress)


def inside_entry(trace: Trace, progress: Progress) -> object:
    return at_step(trace).lines_inside((0,), progress)


def practise(trace: Trace, progress: Progress) -> object:
    return Practice(trace, 1, progress=progress)


def again(trace: Trace, progress: Progress) -> object:
    return run(trace.scenario, progress)


@pytest.mark.parametrize("work", [inside, inside_entry, practise, again])
def test_long_work_ends_at_each_of_its_words(work: Callable[[Trace, Progress], object]) -> None:
    trace = run(load("mlp_2_2_2"))
    words = 0
    while True:
        try:
            work(trace, Patience(words))
        except Cancellation:
            words += 1
        else:
            break
    assert words > 1


def test_a_run_asks_before_its_first_iteration() -> None:
    """Differentiating, compiling and drawing first values take longest in a large network."""
    told: list[int] = []
    run_scenario(load("mlp_2_2_2"), progress=lambda done, _: told.append(done))
    assert told.count(0) > 2


def test_a_document_is_left_while_it_is_read() -> None:
    lines = 0

    def watch() -> None:
        nonlocal lines
        lines += 1
        if lines == 3:
            raise Cancellation

    with pytest.raises(Cancellation):
        read_document("y_pred = w * x = 0.5 * 1 = 0.5\n\n" * 10, "txt", watch=watch)


@pytest.mark.parametrize("choice", ["step", "this iteration", "all iterations", "screen", "json"])
def test_every_export_can_be_cancelled_and_leaves_nothing(
    choice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def export() -> None:
        async with opened() as pilot:
            app = app_of(pilot)
            await press(pilot, "e", *choice, "enter")
            monkeypatch.setattr(
                "tracer.ui.parts.dialogs.ProgressDialog._progress", lambda *_: _cancelled()
            )
            await press(pilot, "enter")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert list(tmp_path.iterdir()) == []
            assert list(app.reported) == []

    def _cancelled() -> None:
        raise Cancellation

    asyncio.run(export())


@pytest.mark.parametrize("name", ["mlp_2_2_2", "multi_head_attention"])
def test_json_is_the_same_in_parts_of_any_size(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large array is written in parts, so that the screen goes on and Escape is heard."""
    trace = run(load(name))
    whole = "".join(trace_json(trace))
    monkeypatch.setattr("tracer.render.json.AT_ONCE", 3)
    pieces = list(trace_json(trace))
    assert "".join(pieces) == whole
    arrays = [piece for piece in pieces if re.fullmatch(r"[\[\], \d.e+-]+", piece)]
    assert max(piece.count("0.") for piece in arrays) <= 3
    assert sum(piece.count("0.") for piece in arrays) > 10


LOOP = """
[data]
x = 1
[parameters]
w = 0.5
[network]
equations = \"\"\"
h[0] = x
for t in range({count}):
    h[t + 1] = tanh(w * h[t])
loss = h[{count}]**2
\"\"\"
loss = "loss"
[training]
learning_rate = 0.1
iterations = 1
"""


def long_text() -> str:
    return "# " + "-" * QUICK_TEXT + "\n" + LOOP.format(count=2)


def test_loops_and_long_texts_are_run_in_a_thread() -> None:
    assert is_quick(loads(LOOP.format(count=2)))
    assert not is_quick(loads(LOOP.format(count=400)))
    assert not is_quick(loads(long_text()))


def test_a_file_is_read_at_once_only_where_it_is_short(tmp_path: Path) -> None:
    short, large, data = (tmp_path / f"{name}.toml" for name in ("short", "large", "data"))
    short.write_text(LOOP.format(count=2), "utf-8")
    large.write_text(long_text(), "utf-8")
    data.write_text('[data]\nx = {file = "x.csv"}\n', "utf-8")
    found = [is_quick_to_read(path) for path in (short, large, data, tmp_path / "none.toml")]
    assert found == [True, False, False, True]


def test_a_long_scenario_is_opened_and_changed(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    path.write_text(long_text(), "utf-8")

    async def play() -> Scenario:
        async with opened() as pilot:
            app = app_of(pilot)
            app.open_scenario(path)
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert "large" in picture(pilot)
            await press(pilot, "l", "plus")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert "learning rate 0.2" in picture(pilot)
            return app.session.scenario

    assert "learning_rate = 0.2" in asyncio.run(play()).text


def test_a_dialog_of_work_that_is_over_takes_no_other_screen_along() -> None:
    """Work may end before its dialog has seen the light, or below another dialog."""

    async def run() -> None:
        async with opened() as pilot:
            app = app_of(pilot)
            await press(pilot, "r")
            practise = app.screen
            ProgressDialog(say("work"), lambda progress: None, lambda result: None).start(app)
            await wait_until(pilot, lambda: app.screen is practise)
            end, above = threading.Event(), MessageDialog("title", "text")
            ProgressDialog(say("work"), lambda progress: end.wait(30), lambda result: None).start(
                app
            )
            app.push_screen(above)
            await pilot.pause()
            end.set()
            await wait_until(pilot, lambda: app.running is not None and app.running.is_over)
            assert app.screen is above
            await press(pilot, "escape")
            assert app.screen is practise

    asyncio.run(run())
