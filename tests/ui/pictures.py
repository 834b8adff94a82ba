"""What tests of the interface share: an app at a size, and its screen as plain text.

A snapshot is a text file in `snapshots/`; `tests/snapshots.py` says how a new one is accepted.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import textual.app
import textual.pilot
from textual._compositor import LayoutUpdate
from textual._context import active_app
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.screen import Screen

from tests.snapshots import check_snapshot
from tracer.program.scenario import Scenario, load
from tracer.ui.app import TracerApp
from tracer.ui.parts.tracer_screen import Lines

__all__ = ["check", "opened", "picture", "press", "pressed", "shown_text", "wait_until"]

PATIENCE = 60.0  # seconds: beside other work what a thread does may take long
SNAPSHOTS = Path(__file__).parent / "snapshots"
NO_BREAK = "\xa0"

SOON = 1 / 30  # seconds, in which an update of the screen is due
MOST_UPDATES = 4  # that are waited for: those of a screen that is covered never end
GLANCE = 0.01  # seconds, in which a thread that computes takes processor time
LONGEST_WAIT = 0.3  # seconds, for a thread whose end a test waits for (`wait_until`) or hinders
TURNS = 3  # of the loop in which nothing happens


async def rest(*_: float) -> None:
    """Wait until the loop has nothing to do: no message waits, no update of the screen is due.

    A worker's thread is waited for while it computes. Textual would wait until the process takes
    no processor time, which it does not either while other processes have the processor.
    """
    loop: Any = asyncio.get_running_loop()
    quiet = updates = 0
    end = time.monotonic() + LONGEST_WAIT
    while quiet < TURNS:
        whens = [timer.when() for timer in loop._scheduled if not timer.cancelled()]
        due = max(min(whens, default=math.inf) - loop.time(), 0)
        if loop._ready:
            quiet = 0
            await asyncio.sleep(0)
        elif due < SOON and updates < MOST_UPDATES:
            quiet, updates = 0, updates + 1
            await asyncio.sleep(due)
        elif time.monotonic() < end and await is_computing():
            quiet = 0
        else:
            quiet += 1
            await asyncio.sleep(0)


async def is_computing() -> bool:
    """Tell, after a glance, whether a worker's thread takes processor time."""
    if all(worker.is_finished for worker in active_app.get().workers):
        return False
    before = time.process_time()
    await asyncio.sleep(GLANCE)
    return time.process_time() - before > GLANCE / 20


textual.app.wait_for_idle = rest  # type: ignore[assignment, attr-defined]
textual.pilot.wait_for_idle = rest  # type: ignore[assignment, attr-defined]
_pause = Pilot.pause


async def _pause_until_rest(pilot: Pilot[Any], delay: float | None = None) -> None:
    await _pause(pilot, delay)  # which updates the screen at its end
    await rest()


Pilot.pause = _pause_until_rest  # type: ignore[assignment, method-assign]

# Each app of a process would parse the same style sheets.
_parse_rules = Stylesheet._parse_rules
_parsed: dict[object, list[RuleSet]] = {}


def _rules_parsed_once(sheet: Stylesheet, css: str, **place: Any) -> list[RuleSet]:
    key = (css, *place.values(), *sheet._variables.items())
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, css, **place)
    return _parsed[key]


Stylesheet._parse_rules = _rules_parsed_once  # type: ignore[assignment]

_paint = Screen._compositor_refresh


class UnseenApp(TracerApp):
    """The app, which paints only what a test looks at: the rest is a third of a test's time."""


def _paint_what_is_seen(screen: Screen[Any]) -> None:
    if isinstance(screen.app, UnseenApp) and screen is screen.app.screen:
        screen._dirty_widgets.clear()
        screen.app._update_mouse_over(screen)
    else:
        _paint(screen)


Screen._compositor_refresh = _paint_what_is_seen  # type: ignore[assignment, method-assign]


@asynccontextmanager
async def opened(
    scenario: str | Scenario = "one_weight",
    size: tuple[int, int] = (80, 24),
    *,
    begun: bool = True,
    is_seen: bool = False,
    **options: Any,
) -> AsyncIterator[Pilot[None]]:
    """Run the app without a terminal; give its pilot once the first screen is there.

    Where the walk has begun, its first card is behind it. Where it is seen, all is painted.
    """
    kind = TracerApp if is_seen else UnseenApp
    app = kind(load(scenario) if isinstance(scenario, str) else scenario, **options)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        if begun and pilot.app.screen.has_class("-card"):
            await press(pilot, "enter")
        yield pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, one after the other; to draw the screen takes an eighth of a test's time."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """Press keys, one after the other, and return the screen."""
    await press(pilot, *keys)
    return picture(pilot)


async def wait_until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail with the screen where it never does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"still waiting at:\n{picture(pilot)}"
        await pilot.pause(0.02)
    await pilot.pause()


def picture(pilot: Pilot[None]) -> str:
    """Return the screen as plain text.

    It is what `App.export_screenshot` draws, without the SVG that it draws around each piece of
    text, which took a fifth of the time of these tests.
    """
    app = pilot.app
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, LayoutUpdate)
    rows = (
        "".join(piece.text for strip in strips for piece in strip if not piece.control)
        for strips in update.strips
    )
    return "".join(f"{row.replace(NO_BREAK, ' ').rstrip()}\n" for row in rows)


def check(name: str, shown: str) -> None:
    """Compare a screen with the snapshot of that name."""
    __tracebackhide__ = True
    check_snapshot(SNAPSHOTS / f"{name}.txt", shown)


def shown_text(lines: Lines) -> str:
    """Return all lines of a widget as plain text, those too that are scrolled away."""
    rows = (lines.line(y) for y in range(lines.virtual_size.height))
    return "\n".join("".join(text for text, _ in row).rstrip() for row in rows)
