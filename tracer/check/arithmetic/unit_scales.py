"""How many times one unit is another: 1 GB is 1000 MB, or 1024; 1 h is 3600 s."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Final

from tracer.check.model.written_trees import names_in
from tracer.expression.syntax import Call, Node, Number

_PREFIXES: Final = {
    "p": -12, "n": -9, "µ": -6, "μ": -6, "u": -6, "m": -3, "c": -2, "": 0, "k": 3, "K": 3, "M": 6,
    "G": 9, "T": 12, "P": 15,
}  # fmt: skip
_BASES: Final = {
    "m": "pnµμumck", "g": "µμumk", "s": "pnµμum", "Hz": "kKMG", "W": "mkMG", "Wh": "kMG",
    "J": "mkM", "V": "µμmk", "A": "µμm", "N": "pnmk", "Pa": "kMG", "eV": "kMG", "mol": "m",
    "F": "pnµμ", "H": "nµμm", "Ω": "kM", "l": "m", "L": "m", "FLOPs": "kMGTP", "FLOPS": "kMGTP",
    "FLOP": "kMGTP", "bps": "kMG", "B": "kKMGTP", "MACs": "kMGT",
}  # fmt: skip
_OTHERS: Final[Mapping[str, tuple[str, int | Fraction]]] = {
    **dict.fromkeys(("bit", "bits", "比特"), ("B", Fraction(1, 8))),
    **dict.fromkeys(("sec", "secs", "second", "seconds", "秒"), ("s", 1)),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "分钟"), ("s", 60)),
    **dict.fromkeys(("h", "hour", "hours", "小时"), ("s", 3600)),
    **dict.fromkeys(("day", "days", "天"), ("s", 86400)),
    **dict.fromkeys(("week", "weeks"), ("s", 604800)),
    **dict.fromkeys(("byte", "bytes", "字节"), ("B", 1)),
    **dict.fromkeys(("km", "千米", "公里"), ("m", 1000)),
    **dict.fromkeys(("kg", "公斤", "千克"), ("g", 1000)),
    "米": ("m", 1), "克": ("g", 1), "吨": ("g", 10**6),
}  # fmt: skip
_CHINESE_PARTS: Final = {
    "分米": ("m", -1), "厘米": ("m", -2), "毫米": ("m", -3), "毫秒": ("s", -3), "毫克": ("g", -3),
}  # fmt: skip
NEAR: Final = Fraction(1, 200)  # relative, of a ratio of rounded figures
_COUNTED: Final = frozenset(("B", "FLOP", "FLOPs", "FLOPS", "MACs"))
_BINARY: Final = {"K": 1, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5}


def _scales_of(unit: str) -> Sequence[tuple[str, Fraction]]:
    """Return what a unit is a multiple of, with how often that goes into it."""
    if unit in _OTHERS:
        base, times = _OTHERS[unit]
        return [(base, Fraction(times))]
    if unit in _CHINESE_PARTS:
        base, power = _CHINESE_PARTS[unit]
        return [(base, Fraction(10) ** power)]
    if unit[1:] == "iB" and unit[0] in _BINARY:
        return [("B", Fraction(1024) ** _BINARY[unit[0]])]
    for base, prefixes in _BASES.items():
        prefix = unit.removesuffix(base)
        if unit.endswith(base) and prefix in ("", *prefixes):
            scales = [(base, Fraction(10) ** _PREFIXES[prefix])]
            if base == "B" and prefix:
                scales.append((base, Fraction(1024) ** _BINARY[prefix]))
            return scales
    return []


def in_other_unit(tree: Node, units: Sequence[str], others: Sequence[str]) -> list[Node]:
    """Return what a side may be in the unit of the next one; nothing where that is the same.

    Where one of two figures has no unit it may be in what that of the other is a multiple of.
    """
    if len(units) > 1 or len(others) > 1 or units == others:
        return []
    if not (units and others) and names_in(tree):
        return []
    scales, below = ([*map(_scales_of, each)] for each in (units, others))
    if bool(units) > bool(scales) or bool(others) > bool(below):
        return []  # what counts, or nobody knows
    ours = scales[0] if scales else [("", Fraction(1))]
    theirs = below[0] if below else [("", Fraction(1))]
    # Who counts kB by 1024 counts MB so too.
    alike = len(ours) == len(theirs)
    pairs = zip(ours, theirs, strict=True) if alike else itertools.product(ours, theirs)
    return [
        _times(tree, one / other)
        for (base, one), (other_base, other) in pairs
        if not (base and other_base) or base == other_base
    ]


def can_make_up(ratio: Fraction, units: Sequence[str]) -> bool:
    """Tell whether a ratio of two figures may be that of units that are left out or change.

    Of units that nobody knows anything may be so.
    """
    if not all(map(_scales_of, units)):
        return True
    return any(abs(ratio / factor - 1) < NEAR for factor in _factors())


@cache
def _factors() -> Sequence[Fraction]:
    """Return how often one unit may go into another: powers of ten and 1024, hours, days, bits."""
    prefixes = [
        *(Fraction(10) ** power for power in range(16)),
        *(Fraction(1024) ** power for power in range(1, 6)),
        *(Fraction(1024, 1000) ** power for power in range(1, 5)),
    ]
    others = map(Fraction, (1, 7, 8, 12, 24, 30, 60, 365, 3600, 86400))
    factors = (other * prefix for other, prefix in itertools.product(others, prefixes))
    return [factor**sign for factor in factors if factor != 1 for sign in (1, -1)]


def is_count(units: Sequence[str]) -> bool:
    """Tell whether units are those of bytes or operations, which are counted without any."""
    return all(base in _COUNTED for unit in units for base, _ in _scales_of(unit))


def _times(tree: Node, ratio: Fraction) -> Node:
    """Return a tree some times over, or a share of it."""
    for operation, number in (("multiply", ratio.numerator), ("divide", ratio.denominator)):
        if number != 1:
            factor = Number(str(number), Fraction(number), tree.start, tree.end)
            tree = Call(operation, (tree, factor), (), tree.start, tree.end)
    return tree
