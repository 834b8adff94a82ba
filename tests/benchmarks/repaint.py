"""repaint: from a key to the new screen, at the ninetieth percentile, in milliseconds.

Keys go through the app as the terminal's do; what is measured is processor time until nothing is
left to do. The figure is the time over the one that must hold.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator, Sequence
from statistics import quantiles

from tests.benchmarks.measure import Figure

TITLE = "the terminal interface: key to repaint, learning rate to new curve"
KEYS = ("n", "n", "n", "p", "N", "P", "n", "p")  # the first from the card; none leads to one again
SIZES = ((80, 24), (120, 40), (200, 60))
GOALS = {"mlp_2_2_2": 50.0, "transformer_block": 100.0, "gpt2_mlp_full": 100.0}
NEW_RATE = 100.0  # ms to the new curve of a small scenario
KEYS_EACH = 8  # a round


def measure(rounds: int) -> Iterator[Figure]:
    """Yield the figures of all scenarios and sizes."""
    for scenario, goal in GOALS.items():
        for size in SIZES:
            times = asyncio.run(_keys(scenario, size, rounds * KEYS_EACH))
            name = f"{scenario} {size[0]}x{size[1]}"
            yield _figure(name, "key to repaint, p90 ÷ goal", times, goal)
    for scenario in ("one_weight", "mlp_2_2_2", "xor"):
        times = asyncio.run(_rates(scenario, max(rounds, 10)))
        yield _figure(scenario, "learning rate to new curve, p90 ÷ goal", times, NEW_RATE)


def _figure(name: str, what: str, times: Sequence[float], goal: float) -> Figure:
    late = quantiles(times, n=10, method="inclusive")[-1] * 1e3
    return Figure("repaint", name, what, late / goal, late, "ms", 1.0, 0.8)


async def _keys(scenario: str, size: tuple[int, int], count: int) -> list[float]:
    """Return the seconds of each key; the first few, which load modules, are not counted."""
    from tracer.program.scenario import load
    from tracer.ui.app import TracerApp

    app = TracerApp(load(scenario))
    times: list[float] = []
    async with app.run_test(size=size) as pilot:
        while not app.has_session:
            await pilot.pause(0.02)
        await pilot.pause()
        for number in range(count + len(KEYS)):
            begin = time.process_time()
            await pilot.press(KEYS[number % len(KEYS)])
            await pilot.pause()
            if number >= len(KEYS):
                times.append(time.process_time() - begin)
    return times


async def _rates(scenario: str, count: int) -> list[float]:
    """Return the seconds from another learning rate to the screen with its curve."""
    from tracer.program.scenario import load
    from tracer.ui.app import TracerApp

    app = TracerApp(load(scenario))
    times: list[float] = []
    gc.collect()  # what the scenarios before have left
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")  # behind the first card
        await pilot.pause()
        for number in range(count + 1):
            begin = time.process_time()
            changed = load(scenario, settings=[f"learning_rate={0.01 * (number + 1):.2f}"])
            app.show_trace(app.traced(changed))
            await pilot.pause()
            if number:
                times.append(time.process_time() - begin)
    return times
