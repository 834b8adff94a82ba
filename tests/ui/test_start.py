"""Starting the interface loads nothing heavy and leaves the terminal as it was."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from tracer.commands.tui import has_unicode
from tracer.program.scenario import load
from tracer.run.runner import run_scenario
from tracer.ui.app import TracerApp

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import asyncio, sys
from tracer.program.scenario import load
from tracer.ui.app import TracerApp

async def run():
    async with TracerApp(load("one_weight")).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("n")  # from the card to the panes
        await pilot.pause()
        print(*sys.modules)

asyncio.run(run())
"""
HEAVY = {"numpy", "sympy", "matplotlib", "mpmath", "markdown_it", "pygments"}


def test_first_paint_loads_nothing_heavy() -> None:
    """Neither NumPy nor SymPy nor a reader of Markdown is loaded when the demo has begun."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert "tracer.ui.walk.walk_screen" in loaded
    assert not loaded & HEAVY


def test_the_walk_is_written_as_a_picture_that_moves(tmp_path: Path) -> None:
    """No terminal is needed: card, three iterations of five steps, card."""
    subprocess.run(
        [sys.executable, "-m", "tracer", "tui", "one_weight", "-o", str(tmp_path / "walk.svg")],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )
    written = (tmp_path / "walk.svg").read_text("utf-8").replace("\xa0", " ")
    head, *frames = written.split('class="frame"')
    assert "animation: shown 34s" in head
    steps = [re.search(r"iteration (\d)/3.*step (\d)/5", frame, re.DOTALL) for frame in frames]
    assert [found and found.groups() for found in steps] == [
        None,
        *((iteration, step) for iteration in "123" for step in "12345"),
        None,
    ]


def test_without_a_terminal_the_walk_is_printed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tracer", "tui", "one_weight"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    walk = subprocess.run(
        [sys.executable, "-m", "tracer", "walk", "one_weight"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert run.stdout == walk.stdout


@pytest.mark.parametrize(
    ("environment", "is_unicode"),
    [
        ({}, os.name == "nt"),
        ({"LANG": "C"}, os.name == "nt"),
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_CTYPE": "POSIX"}, os.name == "nt"),
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, True),
        ({"LC_ALL": "C", "LC_CTYPE": "en_US.UTF-8"}, os.name == "nt"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, True),
        ({"LC_ALL": "C", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}, True),
    ],
)
def test_the_locale_says_what_a_terminal_can_draw(
    environment: dict[str, str], is_unicode: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG", "TEXTUAL_DRIVER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert has_unicode() is is_unicode


def test_a_scenario_that_is_not_there_is_said_before_the_screen_opens() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tracer", "tui", "one_wait"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "did you mean one_weight" in run.stderr


def test_a_run_that_is_given_is_shown_and_not_made_again() -> None:
    """The walk begins with the very trace: of a saved run nothing is computed anew."""
    trace = run_scenario(load("one_weight"))

    async def shown() -> object:
        app = TracerApp(trace.scenario, trace=trace)
        async with app.run_test(size=(80, 24)):
            return app.session.trace

    assert asyncio.run(shown()) is trace


@pytest.mark.parametrize(
    ("name", "answer"),
    [("SIGTSTP", "_sigtstp_application"), ("SIGCONT", "_sigcont_application")],
)
def test_a_stop_is_answered_between_two_tasks(
    name: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a write, the answer would wait for ever for that write to end."""
    answered: list[object] = []
    for method in ("_sigtstp_application", "_sigcont_application"):
        monkeypatch.setattr(
            HeadlessDriver, method, lambda *_, method=method: answered.append(method), raising=False
        )
    numbers = (signal.SIGTSTP, signal.SIGCONT)
    before = [signal.getsignal(number) for number in numbers]

    async def signalled() -> list[object]:
        async with TracerApp(load("one_weight")).run_test(size=(80, 24)) as pilot:
            for number, handler in zip(numbers, before, strict=True):
                assert signal.getsignal(number) != handler
            os.kill(os.getpid(), getattr(signal, name))
            at_once = list(answered)
            await pilot.pause()
            assert answered == [answer]
            return at_once

    try:
        assert asyncio.run(signalled()) == []
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
