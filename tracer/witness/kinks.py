"""Where a forward evaluation stands at or near a place at which a function bends or jumps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracer.frozen import Value
from tracer.operations import Shape
from tracer.witness.precise_arithmetic import as_float
from tracer.witness.tape import Bend, Tape

NEAR = 1e-7
UNDECIDED = 1e-12  # distance from a kink within which rounding may decide the side


class Kink(Value):
    """`equation` stands at (distance 0) or near a kink of `operation` in the entry `index`.

    The distance is relative to the numbers compared, or absolute where they are below 1.
    """

    equation: str
    operation: str
    index: Shape
    distance: float

    def __str__(self) -> str:
        """Return the line a person reads."""
        at = "at its kink" if not self.distance else f"{self.distance:.1g} from its kink"
        entry = f" in entry [{', '.join(map(str, self.index))}]" if self.index else ""
        return f"{self.equation}: {self.operation} {at}{entry}"


def find_kinks(tape: Tape, values: Mapping[int, Any], moved: set[int]) -> list[tuple[Kink, Bend]]:
    """Return the kinks among steps that have values and carry a gradient (`moved`)."""
    kinks: list[tuple[Kink, Bend]] = []
    for bend in tape.bends:
        sides = [place for place in (bend.left, bend.right) if place is not None]
        if not values.keys() >= set(sides) or moved.isdisjoint(sides):
            continue
        difference = abs(values[sides[0]] - (values[sides[1]] if sides[1:] else 0))
        scale = max(_largest_term(tape, values, sides), 1)
        if difference <= NEAR * scale:
            distance = as_float(difference / scale)
            kinks.append((Kink(bend.equation, bend.operation, bend.index, distance), bend))
    return kinks


def nearest_kinks(kinks: Sequence[Kink]) -> tuple[Kink, ...]:
    """Return one kink, the nearest, for each entry of each operation; the nearest of all first."""
    ordered = sorted(kinks, key=lambda kink: kink.distance, reverse=True)
    nearest = {(kink.equation, kink.operation, kink.index): kink for kink in ordered}
    return tuple(nearest.values())[::-1]


def _largest_term(tape: Tape, values: Mapping[int, Any], roots: Sequence[int]) -> Any:
    """Return the largest number that sums and differences were made of."""
    largest: Any = 0
    waiting = list(roots)
    seen: set[int] = set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        step = tape.steps[place]
        if step.operation in ("add", "subtract", "negative"):
            waiting.extend(step.operands)
        largest = max(largest, abs(values[place]))
    return largest
