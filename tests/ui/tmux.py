"""A terminal of 80×24 to run the real program in: a tmux server of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Terminal", "terminal"]

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0


class Terminal:
    """A shell in a window; tracer is `$TRACER` there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._socket = folder / "tmux.socket"

    def tmux(self, *arguments: str) -> str:
        """Run a command of tmux and return what it prints."""
        command = ["tmux", "-u", "-S", str(self._socket), "-f", os.devnull, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
        return done.stdout

    def screen(self) -> str:
        """Return what is seen."""
        return self.tmux("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        """Press keys, by the names that tmux gives them."""
        self.tmux("send-keys", *keys)

    def line(self, text: str) -> None:
        """Type a line."""
        self.tmux("send-keys", "-l", text)
        self.keys("Enter")

    def until_pressed(self, key: str, text: str) -> None:
        """Press a key until a text stands on the screen."""
        end = time.monotonic() + SECONDS
        while text not in self.screen():
            assert time.monotonic() < end, f"{text!r} does not appear in:\n{self.screen()}"
            self.keys(key)
            time.sleep(1)

    def until(self, text: str) -> str:
        """Return the screen once a text stands on it."""
        end = time.monotonic() + SECONDS
        while text not in (screen := self.screen()):
            assert time.monotonic() < end, f"{text!r} does not appear in:\n{screen}"
            time.sleep(0.05)
        return screen

    def until_gone(self, text: str) -> None:
        """Wait until a text stands on the screen no more."""
        end = time.monotonic() + SECONDS
        while text in (screen := self.screen()):
            assert time.monotonic() < end, f"{text!r} stays on:\n{screen}"
            time.sleep(0.05)

    def modes(self) -> str:
        """Return what a program may leave changed: alternate screen, cursor, mouse, keys."""
        names = ("alternate_on", "cursor_flag", "mouse_any_flag", "mouse_sgr_flag", "keypad_flag")
        return self.tmux("display-message", "-p", " ".join(f"{name}=#{{{name}}}" for name in names))


@contextmanager
def terminal(folder: Path, **variables: str) -> Iterator[Terminal]:
    """Open a window with a shell in a folder; it is closed at the end."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "TRACER": f"{sys.executable} -m tracer",
        "PS1": "$ ",
        **variables,
    }
    found = Terminal(folder)
    pairs = [f"{name}={value}" for name, value in environment.items()]
    size = ("-x", "80", "-y", "24")
    found.tmux(
        "new-session",
        "-d",
        *size,
        "-c",
        str(folder),
        "env",
        "-i",
        *pairs,
        "TERM=tmux-256color",
        "sh",
    )
    try:
        yield found
    finally:
        found.tmux("kill-server")
