"""W8: reading and judging worked lines: a class's worksheets, many lines, one member of a line.

What one process costs is measured by `checking_cost`.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import Figure, in_turns
from tests.benchmarks.process import ROOT, environment
from tests.expression.speed import whitelist
from tracer.document_check import check_text
from tracer.expression import parse
from tracer.operations import vocabulary

TITLE = "checking: 500 worksheets of 40 lines, 10,000 lines, one line parsed"
WORKSHEETS = 500
STEPS = 10  # of four worked lines, on one worksheet
JUDGED = 250  # worksheets that are 10,000 lines
VOCABULARY = vocabulary()  # what the checker parses with


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W8."""
    with TemporaryDirectory() as folder:
        yield _a_class(written(Path(folder), WORKSHEETS), min(rounds, 3))
    yield _judged(min(rounds, 3))
    yield from _parsed(rounds)


def worksheet(seed: int) -> str:
    """Return ten training steps of one weight, in forty worked lines with numbers of their own.

    Results have four decimals and are worked out from the printed figures; one of the losses, which
    no other line reads, is too large by 0.01.
    """
    draw = random.Random(seed)
    w = Decimal(draw.randint(2, 40)) / 20
    x, y = Decimal(draw.randint(11, 19)) / 10, Decimal(draw.randint(21, 49)) / 10
    rate = draw.choice((Decimal("0.12"), Decimal("0.05"), Decimal("0.03")))
    lines = [f"Let w = {w}, x = {x}, y = {y}; the learning rate is {rate}."]
    for step in range(STEPS):
        y_pred = _four(w * x)
        loss = _four((y_pred - y) ** 2)
        if step == seed % STEPS:
            loss += Decimal("0.01")
        gradient = _four(2 * (y_pred - y) * x)
        updated = _four(w - rate * gradient)
        lines += [
            f"## Iteration {step + 1}",
            f"y_pred = w * x = {w} * {x} = {y_pred}",
            f"loss = (y_pred - y)^2 = ({y_pred} - {y})^2 = {loss}",
            f"dloss_dw = 2 * (y_pred - y) * x = 2 * ({y_pred} - {y}) * {x} = {gradient}",
            f"w = w - learning_rate * dloss_dw = {w} - {rate} * ({gradient}) = {updated}",
        ]
        w = updated
    return "\n\n".join(lines) + "\n"


def _four(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"))


def written(folder: Path, count: int) -> list[str]:
    """Write so many worksheets and return their names."""
    names = []
    for seed in range(count):
        file = folder / f"worksheet_{seed:03}.md"
        file.write_text(worksheet(seed), encoding="utf-8")
        names.append(str(file))
    return names


def _a_class(files: list[str], rounds: int) -> Figure:
    """Return the wall time of one command that checks all files, on all cores."""
    command = [sys.executable, "-m", "tracer", "check", *files]
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        result = subprocess.run(command, env=environment(), cwd=ROOT, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - begin)
        assert result.returncode == 1  # there are slips, and nothing else went wrong
    return Figure(
        "W8",
        f"tracer check, {len(files)} worksheets of {4 * STEPS} lines",
        "wall time, ms a line",
        median(times) / (4 * STEPS * len(files)) * 1e3,
        median(times),
        "s",
    )


def _judged(rounds: int) -> Figure:
    """Return the time of a worked line read and judged in one process, over an ast walk of it."""
    texts = [worksheet(seed) for seed in range(JUDGED)]
    lines = _members(JUDGED)
    runs = {
        "read and judged": lambda: [check_text(text) for text in texts],
        "ast whitelist walk of the members": lambda: [
            whitelist(part) for line in lines for part in line
        ],
    }
    times = in_turns(runs, rounds)
    name, limit = runs
    return Figure(
        "W8",
        f"{len(lines):,} worked lines {name}",
        f"line ÷ {limit}",
        times.ratio(name, limit),
        times.median(name) / len(lines) * 1e6,
        "µs",
    )


def _parsed(rounds: int) -> Iterator[Figure]:
    """Yield the time of parsing a distinct member, over a walk of Python's tree with a whitelist.

    The members are those of the worksheets, no two alike; nothing that was parsed is kept.
    """
    members = sorted({member for lines in _members(JUDGED // 5) for member in lines})
    runs = {
        "parse": lambda: [parse(member, vocabulary=VOCABULARY) for member in members],
        "ast whitelist walk": lambda: [whitelist(member) for member in members],
    }
    times = in_turns(runs, rounds)
    for name in runs:
        yield Figure(
            "W8",
            name,
            "line ÷ ast whitelist walk",
            times.ratio(name, "ast whitelist walk"),
            times.median(name) / len(members) * 1e6,
            "µs",
            must_hold=1.3 if name == "parse" else None,
            aim=0.6 if name == "parse" else None,
        )


def _members(count: int) -> list[list[str]]:
    """Return the members of all worked lines of so many worksheets, in Python's spelling."""
    lines = [line for seed in range(count) for line in worksheet(seed).splitlines()]
    return [
        line.replace("^", "**").split(" = ")
        for line in lines
        if " = " in line and not line.startswith("Let")
    ]
