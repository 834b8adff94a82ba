"""How a benchmark measures: implementations in turns, processor time, medians of ratios.

The garbage collector stays on, as where tracer is used.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tracer
from tracer.run.layout import Record
from tracer.run.runner import Run

__all__ = ["TUNED", "Figure", "Times", "given_arrays", "in_turns", "recorded_steps"]

RECORD_BYTES = 512 << 20  # more than a run of W3 or W4 keeps
TUNED = "tuned NumPy"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one implementation.

    `amount` is in `unit`; `ratio` is what the goals are about: it must not be above `must_hold`
    (None: no goal, as for a limit itself), and it aims at `aim`.
    """

    work: str
    implementation: str
    figure: str
    ratio: float
    amount: float | None = None
    unit: str = ""
    must_hold: float | None = None
    aim: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the goal that must hold does."""
        return self.must_hold is None or self.ratio <= self.must_hold

    def row(self) -> str:
        """Return the figure as a row of a table in Markdown; in bold what does not hold."""
        measured = f"{self.ratio:.3g}" if self.holds else f"**{self.ratio:.3g}**"
        amount = "" if self.amount is None else f"{self.amount:.4g} {self.unit}"
        goals = ("" if goal is None else f"{goal:g}" for goal in (self.must_hold, self.aim))
        cells = (self.work, self.implementation, self.figure, measured, *goals, amount)
        return f"| {' | '.join(cells)} |"


class Times:
    """The processor seconds of each implementation in each round."""

    def __init__(self, seconds: Mapping[str, list[float]]) -> None:
        self._seconds = seconds

    def median(self, name: str) -> float:
        """Return the median time of an implementation."""
        return median(self._seconds[name])

    def ratio(self, name: str, limit: str) -> float:
        """Return the median of the ratios of the rounds."""
        pairs = zip(self._seconds[name], self._seconds[limit], strict=True)
        return median(ours / theirs for ours, theirs in pairs)

    def without(self, name: str, fixed: str) -> Times:
        """Return these times, with what is done once a run taken off one of them."""
        pairs = zip(self._seconds[name], self._seconds[fixed], strict=True)
        return Times({**self._seconds, name: [whole - once for whole, once in pairs]})


def in_turns(
    implementations: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
    *,
    memory: int = 0,
    prepared: bool = False,
) -> Times:
    """Run every implementation once a round; a first round warms up and is not counted.

    If they are `prepared`, each first gets ready, and returns what is then measured.

    So many bytes of `memory` are written and freed before each. A virtual machine gives memory that
    is free for some seconds back to its host, and gets it again up to forty times as slowly as it
    finds its own; that is no work of whoever asks next.
    """
    seconds: dict[str, list[float]] = {name: [] for name in implementations}
    gc.collect()
    gc.freeze()  # or what works before have loaded, SymPy for one, is walked in every round
    try:
        for number in range(rounds + 1):
            for name, run in implementations.items():
                measured: Any = run() if prepared else run
                np.ones(memory, np.uint8)  # NumPy asks for large pages, as it does for a record
                begin = clock()
                measured()
                end = clock()
                if number:
                    seconds[name].append(end - begin)
    finally:
        gc.unfreeze()
    return Times(seconds)


def given_arrays(experiment: tracer.Experiment) -> dict[str, NDArray[np.float32]]:
    """Return data and parameters of a scenario."""
    scenario = experiment.scenario
    return {
        name: np.array(given.floats(), np.float32).reshape(given.shape)
        for name, given in {**scenario.data, **scenario.parameters}.items()
    }


def recorded_steps(
    work: str,
    label: str,
    experiment: tracer.Experiment,
    by_hand: Mapping[str, Callable[[], object]],
    limits: Mapping[Record, tuple[float, float]],
    rounds: int,
    *,
    steps: int,
    unit: str,
) -> Iterator[Figure]:
    """Yield the time of a step in each way of recording, over that of NumPy by hand.

    The first way by hand keeps what all records keep; the last, which may be the same, is the limit
    of a run that keeps nothing. `limits` gives the ratio that must hold, and the aim.
    """
    factor = {"µs": 1e6, "ms": 1e3}[unit] / steps
    runs: dict[str, Any] = {**by_hand}
    for record in limits:
        runs[record] = lambda record=record: steps_of(experiment, record)
    times = in_turns(runs, rounds, memory=RECORD_BYTES, prepared=True)
    first, *_, last = [*by_hand, *by_hand]
    figure = (f"step ÷ {TUNED}", f"{unit} a step")
    for name in by_hand:
        yield Figure(work, f"{label}{name}", figure[0], 1.0, times.median(name) * factor, figure[1])
    for record, goals in limits.items():
        ratio = times.ratio(record, last if record == "none" else first)
        amount = times.median(record) * factor
        name = f"{label}recording {record}"
        yield Figure(work, name, figure[0], ratio, amount, figure[1], *goals)


def steps_of(experiment: tracer.Experiment, record: Record) -> Callable[[], None]:
    """Return what runs the steps of a run; its loops are compiled, and have run one step."""
    run = Run(experiment.scenario, record)
    run.begin()
    for batch in run.schedule.kinds():
        run.plan(batch).run(run.carried, 1, [batch])

    def steps() -> None:
        while not run.is_over:
            run.advance()

    return steps
