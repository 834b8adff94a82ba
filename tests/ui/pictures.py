"""What tests of the interface share: an app at a size, and its screen as plain text.

A snapshot is a text file in `snapshots/`; `tests/snapshots.py` says how a new one is accepted.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.pilot import Pilot

from tests.snapshots import check_snapshot
from tracer.program.scenario import Scenario, load
from tracer.ui.app import TracerApp

__all__ = ["check", "opened", "picture", "pressed", "wait_until"]

PATIENCE = 60.0  # seconds: beside other work what a thread does may take long
SNAPSHOTS = Path(__file__).parent / "snapshots"
_TEXT = re.compile(
    r'<text[^>]*?x="([\d.]+)"[^>]*?clip-path="url\(#[^)]*-line-(\d+)\)"[^>]*>(.*?)</text>', re.S
)
_CELL = 12.2  # the width of a column in Rich's SVG


@asynccontextmanager
async def opened(
    scenario: str | Scenario = "one_weight",
    size: tuple[int, int] = (80, 24),
    *,
    begun: bool = True,
    **options: Any,
) -> AsyncIterator[Pilot[None]]:
    """Run the app without a terminal; give its pilot once the first screen is there.

    Where the walk has begun, its first card is behind it.
    """
    app = TracerApp(load(scenario) if isinstance(scenario, str) else scenario, **options)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        if begun and pilot.app.screen.has_class("-card"):
            await pressed(pilot, "enter")
        yield pilot


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """Press keys, one after the other, and return the screen."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    return picture(pilot)


async def wait_until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail with the screen where it never does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"still waiting at:\n{picture(pilot)}"
        await pilot.pause(0.02)
    await pilot.pause()


def picture(pilot: Pilot[None]) -> str:
    """Return the screen as plain text, taken out of `App.export_screenshot()`."""
    rows: dict[int, list[tuple[int, str]]] = {}
    for x, row, text in _TEXT.findall(pilot.app.export_screenshot()):
        shown = html.unescape(text).replace("\xa0", " ")
        rows.setdefault(int(row), []).append((round(float(x) / _CELL), shown))
    return "\n".join(_line(rows.get(row, ())) for row in range(max(rows, default=-1) + 1)) + "\n"


def _line(pieces: Sequence[tuple[int, str]]) -> str:
    line = ""
    for column, text in sorted(pieces):
        line += " " * (column - cell_len(line)) + text
    return line.rstrip()


def check(name: str, shown: str) -> None:
    """Compare a screen with the snapshot of that name."""
    __tracebackhide__ = True
    check_snapshot(SNAPSHOTS / f"{name}.txt", shown)
