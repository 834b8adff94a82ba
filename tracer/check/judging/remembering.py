"""What a judged chain leaves behind: its result, and the values that it put in for names."""

from __future__ import annotations

from fractions import Fraction

from tracer.check.judging.agreement import agrees
from tracer.check.judging.chain_reading import Numeric, Reading, entries
from tracer.check.judging.findings import Found
from tracer.check.judging.links import SURE, Judged
from tracer.check.judging.quantities import Known, is_within, widened
from tracer.check.numbers.figures import figure
from tracer.check.numbers.tiers import tier
from tracer.check.trace.aliases import key_of
from tracer.intervals import Interval, Value

__all__ = ["remember"]


def remember(
    reading: Reading, found: Found | None, unrounded: Value | None, *, anew: bool = False
) -> None:
    """Note what a chain states: its result, and the values put in for names.

    What is put in says what a name is where nothing else did, or where the chain begins `anew`.
    """
    known = reading.known
    line = reading.chain.place.line
    is_sure = found is None or found.verdict in ("correct", "rounding", "undecided")
    for numeric in reading.numbers:
        for binding in numeric.bindings:
            written = figure(binding.written)
            if not binding.name or written is None:
                continue
            own = known.own(binding.symbol)
            value = Interval(written.value, written.value)
            is_new = own is not None and anew and not agrees(written, own)
            if own is None or is_new or (own.is_put_in and own.value != value):
                now = known.memory.round
                state = Known(
                    binding.name, value, written.half, line=line, round=now, is_put_in=True
                )
                known.memory.state(key_of(binding.symbol) or "", state)
            elif is_sure and own.computed and Fraction(0) < written.half < own.half:
                finer = own._replace(value=value, half=written.half)
                known.memory.refine(key_of(binding.symbol) or "", finer)
    if not known.memory.cuts and found is not None:
        known.memory.cuts += found.tier == "chopped" or any(map(_cuts_off, found.links))
    name, result = known.key, reading.result
    if name is not None and found is not None and found.otherwise is not None:
        known.memory.forget(name)  # what it is from here on cannot be told
    elif name is not None and result is not None:
        _remember_result(reading, result, name, found, unrounded)


def _remember_result(
    reading: Reading, result: Numeric, name: str, found: Found | None, unrounded: Value | None
) -> None:
    known = reading.known
    line = reading.chain.place.line
    charged = 0
    right = None
    if found is not None and found.is_charged:
        charged = found.carried_from or line
        if found.blame is not None and found.blame.numeric is result:
            right = found.blame.value
    computed = len(reading.numbers) > 1 or any(
        member.role in ("symbols", "mixed") for member in reading.chain.members[1:]
    )
    half = _half_of(reading, result) if computed else Fraction(0)
    if unrounded is not None and not is_within(unrounded, widened(result.exact, 2 * half)):
        unrounded = None  # a figure that is cut off may be a whole unit away
    state = Known(
        name,
        result.exact,
        half,
        computed=computed,
        line=line,
        charged=charged,
        right=right,
        unrounded=unrounded,
        round=known.memory.round,
    )
    known.memory.state(name, state, _half_of(reading, result))
    if reading.formula is not None:
        known.memory.learn(name, reading.formula)
    if computed:
        known.memory.computed_now(name, update=known.is_update)


def _cuts_off(link: Judged) -> bool:
    """Say whether a figure is cut off where rounding gives another one."""
    if link.tier == "wrong" or link.tier in SURE:
        return False
    pairs = entries(link.right.node, link.left.exact)
    return any(
        (written := figure(node)) is not None and tier(written, value, value) == "chopped"
        for node, value in pairs or ()
    )


def _half_of(reading: Reading, result: Numeric) -> Fraction:
    """Return by how much a result may be rounded; 0 where it is the exact value of its working."""
    if len(reading.numbers) > 1:
        before = reading.numbers[-2]
        if before.is_certain and before.exact == result.exact:
            return Fraction(0)
    written = result.figure
    if written is not None:
        return written.half
    pairs = entries(result.node, result.exact)
    halves = [item.half for node, _ in pairs or () if (item := figure(node)) is not None]
    return max(halves, default=Fraction(0))
