"""One value that a name has had, and who says so."""

from __future__ import annotations

from tracer.frozen import Frozen
from tracer.intervals import Value
from tracer.operations import Shape

__all__ = ["KnownValue", "Spot"]

Spot = tuple[str, Shape]  # a quantity of a run, and the index of an entry; () for all of it


class KnownValue(Frozen):
    """A value of a quantity, three ways: as printed, within its rounding, and unrounded.

    `printed` is what the figures say; `bounds` is what they may stand for (the same where the value
    was given); `unrounded` is what follows from the given values without rounding, None where that
    is not known. `line` is where it was stated, `error_line` the line of the slip that it rests on
    (0: none).
    """

    printed: Value
    bounds: Value
    unrounded: Value | None
    is_given: bool
    line: int
    error_line: int = 0
    headings: tuple[int, ...] = ()
