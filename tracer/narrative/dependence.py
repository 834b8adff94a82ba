"""Which entry of a result depends on which entry of an operand: where gradients are zero.

One entry of the result after the other is made the loss, and the gradients are those of a run. A
gradient that is zero at all inputs is taken as no dependence; each input is once the largest of
them and once the smallest, so that what asks for the winner has seen each of them win.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tracer.expression.syntax import Name
from tracer.frozen import Value
from tracer.narrative.blocks import Block, Cell, Paragraph, Table
from tracer.narrative.examples import Numbers, network, toml_array
from tracer.narrative.messages import Sentence, present, say
from tracer.operations import Shape
from tracer.run.runner import first_program, run_scenario

__all__ = ["Dependence", "dependence_tables", "dependences", "entry_slopes"]

MOST_INPUTS: Final = 10  # that a picture has room for
MOST_RESULTS: Final = 24


class Dependence(Value):
    """What the entries of a result depend on: a row for each, a truth value for each input."""

    result: str
    result_shape: Shape
    operand: str
    operand_shape: Shape
    touches: tuple[tuple[bool, ...], ...]


def dependences(
    equations: str, operands: Mapping[str, Shape], constants: Numbers, result: str = "y"
) -> list[Dependence]:
    """Return, for each operand, which entries of a result depend on which of its entries."""
    drawn = random.Random(0)
    given = {
        name: [drawn.uniform(0.2, 0.9) for _ in range(math.prod(size))]
        for name, size in operands.items()
    }
    turns = min(max(map(len, given.values()), default=0), MOST_INPUTS)
    touches: dict[str, list[list[bool]]] = {}
    for turn in range(turns):
        numbers = {
            name: toml_array(values[turn % len(values) :] + values[: turn % len(values)], size)
            for (name, values), size in zip(given.items(), operands.values(), strict=True)
        }
        shape, slopes = entry_slopes(equations, numbers, constants, result)
        for name, size in operands.items():
            nothing = [0.0] * math.prod(size)
            rows = touches.setdefault(name, [[False] * len(nothing) for _ in slopes])
            for row, found in zip(rows, slopes, strict=True):
                row[:] = map(operator.or_, row, (slope != 0 for slope in found.get(name, nothing)))
    return [
        Dependence(result, shape, name, operands[name], tuple(map(tuple, rows)))
        for name, rows in touches.items()
    ]


def entry_slopes(
    equations: str, numbers: Numbers, constants: Numbers, result: str = "y"
) -> tuple[Shape, list[dict[str, Sequence[float]]]]:
    """Return a result's shape, and of each of its entries the slopes in the operands it sees."""
    forward = network("example", equations, {}, {**numbers, **constants}, training="")
    shape = first_program(forward).shapes[result]
    count = math.prod(shape)
    found: list[dict[str, Sequence[float]]] = []
    for place in range(count):
        chosen = toml_array([float(at == place) for at in range(count)], shape)
        last = f"loss = sum(c * {result})" if shape else f"loss = c * {result}"
        scenario = network("example", f"{equations}\n{last}", numbers, {**constants, "c": chosen})
        iteration = run_scenario(scenario).iteration(1)
        found.append(
            {
                name: iteration.floats(f"dloss/d{name}")
                for name in numbers
                if f"dloss/d{name}" in iteration
            }
        )
    return shape, found


def dependence_tables(found: Sequence[Dependence]) -> Iterator[Block]:
    """Yield a picture for each operand: a row for each entry of the result."""
    shown = [
        item
        for item in found
        if math.prod(item.operand_shape) <= MOST_INPUTS and len(item.touches) <= MOST_RESULTS
    ]
    if shown:
        yield Paragraph(
            [
                say(
                    "A ■ stands where a change of the input (column) changes the output (row), a · "
                    "where the gradient is 0 whatever the numbers are."
                )
            ]
        )
    for item in shown:
        names = {"x": Name(item.operand), "y": Name(item.result)}
        yield Paragraph([say("Entries of {x} (columns) and of {y} (rows):", **names)], kind="label")
        head: list[Cell] = ["", *_subscripts(item.operand_shape)]
        rows: list[list[Cell]] = [
            [entry, *("■" if touches else "·" for touches in row)]
            for entry, row in zip(_subscripts(item.result_shape), item.touches, strict=True)
        ]
        yield Table(head, rows)
        yield Paragraph(list(_summary(item)))


def _summary(item: Dependence) -> Iterator[Sentence]:
    """Say how many inputs an output sees, and how many outputs an input reaches."""
    seen = [sum(row) for row in item.touches]
    reached = [sum(column) for column in zip(*item.touches, strict=True)]
    name, result = Name(item.operand), Name(item.result)
    yield from present(
        say("Every entry of {x} affects every entry of {y}.", x=name, y=result)
        if all(map(all, item.touches))
        else say(
            "Each entry of {y} depends on {seen} of {x}, and each of {x} affects {reached} of {y}.",
            x=name,
            y=result,
            seen=_range(seen),
            reached=_range(reached),
        ),
        say(
            "The gradient of an entry of {x} is the sum of what comes back along all these paths.",
            x=name,
        )
        if max(reached) > 1
        else None,
    )


def _range(counts: Sequence[int]) -> int | Sentence:
    """Say how many there are: one number where all are alike."""
    low, high = min(counts), max(counts)
    return low if low == high else say("{low} to {high}", low=low, high=high)


def _subscripts(shape: Shape) -> Iterator[str]:
    """Yield the subscripts of the entries from 1, row by row; of a single number a dot."""
    joint = "" if max(shape, default=0) < 10 else ","
    for place in range(math.prod(shape)):
        subscripts = [
            place // math.prod(shape[axis + 1 :]) % size + 1 for axis, size in enumerate(shape)
        ]
        yield joint.join(map(str, subscripts)) or "·"
