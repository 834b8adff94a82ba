"""Starting the interface loads nothing heavy and leaves the terminal as it was."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tracer.commands.tui import has_unicode

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import asyncio, sys
from tracer.program.scenario import load
from tracer.ui.app import TracerApp

async def run():
    async with TracerApp(load("one_weight")).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        print(*sys.modules)

asyncio.run(run())
"""
HEAVY = {"numpy", "sympy", "matplotlib", "mpmath", "markdown_it", "pygments"}


def test_first_paint_loads_nothing_heavy() -> None:
    """Neither NumPy nor SymPy nor a reader of Markdown is loaded when the demo is seen."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert "tracer.ui.screens.walk" in loaded
    assert not loaded & HEAVY


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


class Tmux:
    """The real program in a terminal of tmux."""

    def __init__(self, folder: Path, size: tuple[int, int] = (80, 24)) -> None:
        self.socket = f"tracer-{os.getpid()}"
        self.folder = folder
        columns, rows = map(str, size)
        self("new-session", "-d", "-s", "t", "-x", columns, "-y", rows, "sh")
        self.send(f"cd {folder}; PYTHONPATH={ROOT} {sys.executable} -m tracer; echo code $?")

    def __call__(self, *arguments: str) -> str:
        """Run a command of tmux."""
        run = subprocess.run(
            ["tmux", "-L", self.socket, "-f", "/dev/null", *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "PS1": "$ "},
        )
        return run.stdout

    def send(self, line: str) -> None:
        """Type a line."""
        self("send-keys", "-t", "t", "-l", line)
        self.keys("Enter")

    def keys(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self("send-keys", "-t", "t", *keys)

    def screen(self) -> str:
        """Return what is on the screen."""
        return self("capture-pane", "-t", "t", "-p")

    def wait(self, text: str, seconds: float = 15) -> str:
        """Wait until a text is on the screen, and return that."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            shown = self.screen()
            if text in shown:
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{text!r} is not on the screen:\n{self.screen()}")

    def close(self) -> None:
        """End the terminal."""
        self("kill-server")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_the_real_program_in_a_terminal(tmp_path: Path) -> None:
    """Start, step to the end of iteration 3, export, quit: the terminal is as it was."""
    terminal = Tmux(tmp_path)
    try:
        terminal.wait("iteration 1/3")
        terminal.keys("n", "n", "n", "n")
        terminal.wait("step 5/5")
        terminal.keys("G")
        terminal.wait("iteration 3/3")
        terminal.keys("e")
        terminal.wait("This step as Markdown")
        terminal.keys("Enter")
        terminal.wait("Export to a file")
        terminal.keys("Enter")
        terminal.wait("Written: one_weight.3.5.md")
        assert (tmp_path / "one_weight.3.5.md").exists()
        terminal.keys("q")
        terminal.wait("code 0")
        assert "Derivation" not in terminal.screen()
    finally:
        terminal.close()


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_a_signal_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    terminal = Tmux(tmp_path)
    try:
        terminal.wait("iteration 1/3")
        shell = terminal("list-panes", "-t", "t", "-F", "#{pane_pid}").strip()
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", shell], capture_output=True, text=True, check=True
        )
        os.kill(int(children.stdout.split()[0]), signal.SIGTERM)
        terminal.wait("code")
        assert "Derivation" not in terminal.screen()
        terminal.send("echo it is $((40 + 2))")
        terminal.wait("it is 42")
    finally:
        terminal.close()
