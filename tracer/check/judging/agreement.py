"""Does a figure print a value? And which figures of a member differ from what they stand for?"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from tracer.check.judging.alignment import Binding
from tracer.check.judging.chain_reading import Numeric, entries, flattened
from tracer.check.judging.quantities import Known, Quantities, is_within, widened
from tracer.check.judging.values import entries_of, value_or_none
from tracer.check.numbers.figures import Figure, figure
from tracer.check.numbers.tiers import NOISE, tier
from tracer.check.slips.rewriting import number
from tracer.check.trace.aliases import name_of, quantities_in
from tracer.expression.syntax import Call, Node
from tracer.intervals import Interval, Value

ROUNDED_FROM: Final = 3  # digits from which a figure may have gathered roundings
MANY_HALVES: Final = 10
FAR: Final = Fraction(1, 4)  # of the largest entry of an array, and
SIX_DIGITS: Final = Fraction(1, 2_000_000)  # of itself: by how much 6 stands for 6.000001
LEAST_FAR: Final = 3  # digits from which a figure may be too far away to be a rounding
WAY_OFF: Final = 4  # times as far a figure of fewer digits has to be

__all__ = ["agrees", "mismatched_entries", "mismatches", "part_value"]


def agrees(written: Figure, known: Known) -> bool:
    """Say whether a figure that was put in prints a known value, rounded in whichever way.

    So few digits as 1 for 0.5, or 0.6 for 0.5, are no rounding: they are another number.
    """
    values = [known.value]
    if known.right is not None:  # worked out from printed figures, whose roundings add up
        values.append(widened(known.right, MANY_HALVES * known.half))
    return any(isinstance(value, Interval) and _prints(written, value, known) for value in values)


def _prints(written: Figure, value: Interval, known: Known) -> bool:
    if not written.decimals and written.digits == 1 and written.text.isdigit():
        wide = widened(value, abs(written.value) * SIX_DIGITS or NOISE)  # what floats leave of 0
        return is_within(wide, Interval(written.value, written.value))
    found = tier(written, value, Interval(value.low - known.half, value.high + known.half))
    return found != "wrong" and (found != "last_digit" or written.digits >= ROUNDED_FROM)


def mismatches(numeric: Numeric, known: Quantities) -> list[tuple[Binding, Known]]:
    """Return the figures that differ from what the name they stand for is known to be."""
    found: list[tuple[Binding, Known]] = []
    for binding in numeric.bindings:
        written = figure(binding.written)
        if written is None or not (binding.name or binding.is_part):
            continue
        current = part_value(binding.symbol, known) if binding.is_part else None
        current = current or known.current(binding.symbol)
        if current is None or not isinstance(current.value, Interval):
            continue
        if current.charged and current.right is None:
            continue  # what it should be is not known
        if written.value == current.value.low and current.value.is_exact:
            continue  # the usual case, and the quick one
        if not agrees(written, current):
            found.append((binding, current))
    return found


def mismatched_entries(numeric: Numeric, known: Quantities) -> Iterator[tuple[Binding, Known]]:
    """Yield the entries of arrays put in that differ from what the name is known to be.

    Each is bound to the entry of the name, counted from 0. Of what was worked out without a line
    of its own nobody knows with which roundings: there only what is far away is a difference.
    """
    for binding in numeric.bindings:
        current = known.current(binding.symbol) if binding.name else None
        if current is None or isinstance(current.value, Interval) or current.charged:
            continue
        is_kept = current.computed and known.own(binding.symbol) is None
        if is_kept and known.memory.has_slips:
            continue  # it may come from one
        pairs = entries(binding.written, current.value)
        far = FAR * max(abs(entry).high for entry in entries_of(current.value))
        for place, (leaf, value) in zip(_places(current.value), pairs or (), strict=False):
            written, entry = figure(leaf), current._replace(value=value)
            if written is None or (is_kept and not _is_far(written, value, far)):
                continue
            if not agrees(written, entry):
                symbol = Call("index", (binding.symbol, *map(number, place)))
                yield Binding(name_of(symbol) or binding.name, symbol, leaf), entry


def _is_far(written: Figure, value: Value, far: Fraction) -> bool:
    """Say whether a figure is farther from an entry than roundings that have added up."""
    if not isinstance(value, Interval):
        return False
    if written.digits < LEAST_FAR:
        far = WAY_OFF * far + written.half
    return not value.low - far <= written.value <= value.high + far


def _places(value: Value) -> Iterator[tuple[int, ...]]:
    """Yield the index of each entry of an array, row by row."""
    if isinstance(value, Interval):
        yield ()
        return
    for place, part in enumerate(value):
        yield from ((place, *rest) for rest in _places(part))


def part_value(part: Node, known: Quantities) -> Known | None:
    """Return what a part of a formula is worth with the values that are known of its names."""
    values: dict[str, Value] = {}
    for name, node in quantities_in(part).items():
        current = known.current(node)
        if current is None or current.charged:
            return None
        values[name] = widened(current.value, current.half)
    value = value_or_none(flattened(part), values)
    return None if value is None else Known("", value, computed=True)
