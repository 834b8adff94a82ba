"""What W1 and W2 have in common: a network of single numbers beside hand-written loops."""

from __future__ import annotations

import ast
import gc
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import tracer
from tests.benchmarks.measure import Figure, in_turns
from tracer.expression.syntax import Call, walk
from tracer.memo import PROGRAMS
from tracer.program.differentiate import differentiate
from tracer.program.program import Equation
from tracer.program.resolve import resolve_equations
from tracer.program.shapes import Shapes
from tracer.run.layout import Record
from tracer.run.plans import Plans

__all__ = ["ScalarNetwork", "compiling", "figures"]


@dataclass(frozen=True, slots=True)
class ScalarNetwork:
    """A bundled scenario and hand-written loops that compute the same to the last bit.

    `recorded(steps)` packs `values` doubles a step into a buffer and returns it with the last
    parameters; `bare(steps)` returns these parameters only.
    """

    work: str
    scenario: str
    steps: int
    values: int
    recorded: Callable[[int], tuple[bytearray, list[float]]]
    bare: Callable[[int], list[float]]

    def experiment(self, steps: int) -> tracer.Experiment:
        """Return the scenario with so many iterations."""
        return tracer.load(self.scenario).set(f"training.iterations={steps}")


def figures(network: ScalarNetwork, rounds: int) -> Iterator[Figure]:
    """Measure a network."""
    yield from _steps(network, rounds)
    yield _bits(network)
    yield _memory(network)
    yield from _growth(network, max(rounds // 3, 3))


def _steps(network: ScalarNetwork, rounds: int) -> Iterator[Figure]:
    """A run beside the hand-written loops: its steps alone, and with all that is done once.

    What is done once, building and compiling the program, is what a run of one step takes.
    """
    steps = network.steps
    one, experiment = network.experiment(1), network.experiment(steps)
    times = in_turns(
        {
            "recording limit": lambda: network.recorded(steps),
            "recorded": experiment.run,
            "one step recorded": one.run,
            "bare limit": lambda: network.bare(steps),
            "recording off": lambda: experiment.run(record="none"),
            "one step off": lambda: one.run(record="none"),
        },
        rounds,
    )
    recorded = times.without("recorded", "one step recorded")
    off = times.without("recording off", "one step off")
    for name, what, chosen, limit, must_hold, aim in (
        ("recording limit", "step", times, "recording limit", None, None),
        ("recorded", "step", recorded, "recording limit", 1.5, 1.1),
        ("recorded", "run with compiling", times, "recording limit", 1.5, 1.1),
        ("bare limit", "step", times, "bare limit", None, None),
        ("recording off", "step", off, "bare limit", 1.2, 1.05),
        ("recording off", "run with compiling", times, "bare limit", None, None),
    ):
        yield Figure(
            network.work,
            name,
            f"{what} ÷ {limit}",
            chosen.ratio(name, limit),
            chosen.median(name) / steps * 1e6,
            "µs a step",
            must_hold,
            aim,
        )


def _bits(network: ScalarNetwork) -> Figure:
    """Count the bits in which the last parameters differ, recorded in each way or by hand."""
    experiment = network.experiment(network.steps)
    records: tuple[Record, ...] = ("all", "gradients", "checkpoints", "none")
    results = [
        [value for entries in experiment.run(record=record).final.values() for value in entries]
        for record in records
    ]
    results += [network.recorded(network.steps)[1], network.bare(network.steps)]
    changed = sum(_differing_bits(results[0], other) for other in results[1:])
    name = "recorded in each way"
    return Figure(network.work, name, "bits changed", changed, must_hold=0)


def _differing_bits(first: list[float], second: list[float]) -> int:
    one, other = (struct.pack(f"{len(values)}d", *values) for values in (first, second))
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))


def _memory(network: ScalarNetwork) -> Figure:
    size = _size_of_trace(network, network.steps)
    return Figure(
        network.work,
        "recorded",
        "memory ÷ bytes of the values kept",
        size / (network.steps * network.values * 8),
        size / network.steps,
        "bytes a step",
        1.05,
        1.01,
    )


def _size_of_trace(network: ScalarNetwork, steps: int) -> int:
    """Return the bytes that a trace holds on to."""
    experiment = network.experiment(steps)
    experiment.run()  # what is made once is there already
    gc.collect()
    tracemalloc.start()
    trace = experiment.run()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(trace) == steps
    return size


def _growth(network: ScalarNetwork, rounds: int) -> Iterator[Figure]:
    """Compare a step of 8 N with a step of N.

    Time is measured in that of the hand-written loop, which pays for fresh memory as well; what a
    run of one step takes is taken off.
    """
    few, many = network.steps, 8 * network.steps
    times = in_turns(
        {
            "one step": network.experiment(1).run,
            "few": network.experiment(few).run,
            "few by hand": lambda: network.recorded(few),
            "many": network.experiment(many).run,
            "many by hand": lambda: network.recorded(many),
        },
        rounds,
    )
    times = times.without("few", "one step").without("many", "one step")
    yield Figure(
        network.work,
        "recorded",
        "time of a step, 8 N ÷ N",
        times.ratio("many", "many by hand") / times.ratio("few", "few by hand"),
        times.median("many") / many * 1e6,
        "µs a step",
        1.15,
    )
    sizes = [_size_of_trace(network, count) / count for count in (few, many)]
    yield Figure(
        network.work,
        "recorded",
        "memory of a step, 8 N ÷ N",
        sizes[1] / sizes[0],
        sizes[1],
        "bytes a step",
        1.02,
    )


def compiling(network: ScalarNetwork, rounds: int) -> Iterator[Figure]:
    """Measure what is done once, for each operation.

    Differentiating: the operations of the forward and backward pass. Compiling: those in the
    source of the plan, which is written out entry by entry.
    """
    scenario = network.experiment(1).scenario
    batch = network.experiment(1).run().segments[0].batches[0]
    built = Plans(scenario).built(batch)
    program = built.program
    given = {name: item.shape for name, item in program.inputs.items() if item.kind != "setting"}

    def forward() -> tuple[list[Equation], Shapes]:
        shapes = Shapes(given)
        return resolve_equations(scenario.equations, shapes, {}, where=str), shapes

    operations = sum(
        isinstance(part, Call)
        for equation in program.equations
        if equation.phase != "update"
        for part in walk(equation.expression)
    )
    seconds = []
    for _ in range(10 * rounds):
        equations, shapes = forward()
        begin = time.process_time_ns()
        differentiate(equations, program.loss or "", program.parameters, shapes)
        seconds.append((time.process_time_ns() - begin) / 1e9)
    yield _of_an_operation(network, "differentiating", median(seconds), operations, 25)

    seconds = []
    for _ in range(10 * rounds):
        PROGRAMS.clear()
        plans = Plans(scenario)
        plans.built(batch)
        begin = time.process_time_ns()
        plan = plans.plan(batch, None)
        plan.compile()
        seconds.append((time.process_time_ns() - begin) / 1e9)
    source = str(getattr(plan, "source", ""))
    operations = sum(
        isinstance(part, (ast.BinOp, ast.UnaryOp, ast.Call, ast.IfExp))
        for part in ast.walk(ast.parse(source))
    )
    yield _of_an_operation(network, "compiling", median(seconds), operations, 20)


def _of_an_operation(
    network: ScalarNetwork, name: str, seconds: float, operations: int, must_hold: float
) -> Figure:
    amount = seconds / operations * 1e6
    return Figure(
        network.work,
        name,
        f"µs for one of {operations} operations",
        amount,
        amount,
        "µs an operation",
        must_hold,
        10,
    )
