"""Each equals sign of a chain: does what stands right of it follow from what stands left?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tracer.check.judging.agreement import mismatches
from tracer.check.judging.alignment import leaves, number_of
from tracer.check.judging.chain_reading import LONG, Numeric, entries
from tracer.check.judging.quantities import Quantities, is_within
from tracer.check.numbers.figures import figure
from tracer.check.numbers.inverse import replaced
from tracer.check.numbers.tiers import tier, tier_between
from tracer.check.report import Tier
from tracer.expression.syntax import Name, Node
from tracer.intervals import Interval, Unevaluable, Value, value_of

__all__ = [
    "FOLLOWS",
    "GOOD",
    "ORDER",
    "SURE",
    "Judged",
    "judged_links",
    "link_tier",
    "tier_of",
    "unrounded_figures",
    "worst",
]

ORDER: Final[tuple[Tier, ...]] = (
    "exact",
    "rounded",
    "rounded_from_unrounded",
    "chopped",
    "last_digit",
    "within_rounding",
    "wrong",
)
"""From the best to the worst."""
SURE: Final = frozenset(ORDER[:2])  # whatever else may be known
FOLLOWS: Final = frozenset(("exact", "rounded", "chopped", "within_rounding"))
"""From what figures may be worth that are cut off: `within_rounding` is next to 0 there."""
GOOD: Final = frozenset(ORDER[:5])  # what needs no correction, a remark at most


class Judged(NamedTuple):
    """A link and its tier."""

    left: Numeric
    right: Numeric
    tier: Tier


def worst(tiers: Sequence[Tier]) -> Tier:
    """Return the worst of some tiers."""
    return max(tiers, key=ORDER.index, default="exact")


def judged_links(
    numbers: Sequence[Numeric], unrounded: Value | None, known: Quantities
) -> list[Judged]:
    """Judge every link between neighbouring members that have values.

    `unrounded` is the target's value from unrounded working, where that is known. It counts only
    where every figure put in is a right rounding of what it stands for.
    """
    judged: list[Judged] = []
    for left, right in pairwise(numbers):
        plain = link_tier(left, right)
        if plain in SURE:  # nor does what a calculator kept
            judged.append(Judged(left, right, plain))
            continue
        kept: list[Value] = []
        named = any(binding.name for binding in left.bindings)
        if unrounded is not None and named and is_within(unrounded, left.wide):
            kept += [] if mismatches(left, known) else [unrounded]
        own = unrounded_figures(left, known)
        kept += [] if own is None else [own]
        if judged and all(link.tier in GOOD for link in judged):
            kept.append(numbers[0].exact)
        tiers = [link_tier(left, right, value) for value in kept] or [plain]
        found = min(tiers, key=ORDER.index)
        if found == "wrong":
            left, found = _with_matrix_product(left, right)
        if found == "wrong" and unrounded is not None and _may_round(left, right, unrounded):
            found = "rounded_from_unrounded"
        if found == "wrong" and unrounded is not None:
            found = _from_cut_figures(left, right, unrounded)
        if found == "wrong" and known.memory.cuts and _follows_cut(left, right):
            found = "within_rounding"
        judged.append(Judged(left, right, found))
    return judged


def unrounded_figures(numeric: Numeric, known: Quantities) -> Value | None:
    """Return what a member gives where its rounded figures are what the calculator kept of them.

    None where it has none, or where one of them prints nothing whose unrounded value is known.
    """
    if not numeric.halves:
        return None
    node, values = numeric.node, dict(numeric.values)
    for leaf in leaves(numeric.node):
        written = figure(leaf)
        if written is None or id(number_of(leaf)) not in numeric.halves:
            continue
        found = _kept(leaf, known)
        if found is None:
            return None
        part, value = found
        name = f"\0{len(values)}"
        node, values[name] = replaced(node, part, Name(name)), value
    if len(values) == len(numeric.values):
        return None
    try:
        return value_of(node, values)
    except Unevaluable:
        return None


def _may_round(left: Numeric, right: Numeric, unrounded: Value) -> bool:
    """Say whether a figure is the unrounded value, and its working may be that of rounded ones."""
    if right.figure is None or not isinstance(unrounded, Interval):
        return False
    if tier_of(right, unrounded, unrounded, None) not in ("exact", "rounded"):
        return False
    halves = {
        id(number_of(leaf)): written.half
        for leaf in leaves(left.node)
        if (written := figure(leaf)) is not None and written.digits >= LONG
    }
    try:
        return bool(halves) and is_within(value_of(left.node, left.values, halves), right.exact)
    except Unevaluable:
        return False


def _kept(leaf: Node, known: Quantities) -> tuple[Node, Value] | None:
    """Return the unrounded value that a figure prints, with its minus or without."""
    for part in dict.fromkeys((leaf, number_of(leaf))):
        written = figure(part)
        assert written is not None
        same = known.memory.equal_to(Interval(written.value, written.value))
        kept = {item.kept for item in same}
        if len(kept) == 1 and (value := kept.pop()) is not None:
            return part, value
    return None


def _with_matrix_product(left: Numeric, right: Numeric) -> tuple[Numeric, Tier]:
    """Return the left member as a matrix product, where that makes the link right."""
    other = left.as_matrices()
    found: Tier = "wrong" if other is None else link_tier(other, right)
    if other is None or found == "wrong":
        return left, "wrong"
    return other, found


def _follows_cut(left: Numeric, right: Numeric) -> bool:
    """Say whether a link may hold where figures are cut off, not rounded."""
    pairs = entries(right.node, left.cut())
    return pairs is not None and all(
        (written := figure(node)) is not None and tier(written, value, value) in FOLLOWS
        for node, value in pairs
    )


def _from_cut_figures(left: Numeric, right: Numeric, unrounded: Value) -> Tier:
    """Return the tier of the unrounded value's figure, where those put in may be cut off."""
    if not is_within(unrounded, left.cut()):
        return "wrong"
    found = tier_of(right, unrounded, unrounded, None)
    return found if found in FOLLOWS else "wrong"


def link_tier(left: Numeric, right: Numeric, unrounded: Value | None = None) -> Tier:
    """Return the tier of one link."""
    found = tier_of(right, left.exact, left.exact, None)
    if found in SURE:
        return found  # what the figures may print besides makes it no better
    if found is not None:
        return tier_of(right, left.exact, left.wide, unrounded) or found
    if isinstance(left.exact, Interval) and isinstance(right.exact, Interval):
        assert isinstance(left.wide, Interval)
        assert isinstance(right.wide, Interval)
        return tier_between(left.wide, right.wide, left.exact, right.exact)
    if is_within(_line(left.exact), _line(right.exact)):
        return "exact"
    return "within_rounding" if is_within(_line(left.wide), _line(right.wide)) else "wrong"


def tier_of(right: Numeric, exact: Value, wide: Value, unrounded: Value | None) -> Tier | None:
    """Return the tier of a printed figure (or array of figures); None where it is neither."""
    written = right.figure
    if (
        written is not None
        and isinstance(exact, Interval)
        and isinstance(wide, Interval)
        and (unrounded is None or isinstance(unrounded, Interval))
    ):
        return tier(written, exact, wide, unrounded)
    pairs = entries(right.node, exact)
    bounds = entries(right.node, wide)
    if pairs is None or bounds is None:
        return None
    exactly = None if unrounded is None else entries(right.node, unrounded)
    inner = [value for _, value in exactly] if exactly is not None else None
    tiers: list[Tier] = []
    for place, ((node, value), (_, bound)) in enumerate(zip(pairs, bounds, strict=True)):
        written = figure(node)
        assert written is not None
        tiers.append(tier(written, value, bound, inner[place] if inner else None))
    return worst(tiers)


def _line(value: Value) -> Value:
    """Return the entries in one row: a column and a row of the same numbers are one vector."""
    if isinstance(value, Interval):
        return value
    if len(value) == 1:
        return _line(value[0])
    if all(not isinstance(entry, Interval) and len(entry) == 1 for entry in value):
        return tuple(_line(entry) for entry in value)
    return value
