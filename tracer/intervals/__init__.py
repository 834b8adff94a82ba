"""Interval arithmetic: expressions with bounds that hold every value they may have."""

from __future__ import annotations

from tracer.intervals.elementary import INTERVALS, LOGARITHMS, exp, log, power, sqrt
from tracer.intervals.enclosure import (
    ALSO,
    CORRELATION,
    UNDERSTOOD,
    Products,
    Value,
    value_of,
    value_or_none,
)
from tracer.intervals.interval import (
    Interval,
    Reason,
    Unevaluable,
    exact_interval,
    interval_between,
)

__all__ = [
    "ALSO",
    "CORRELATION",
    "INTERVALS",
    "LOGARITHMS",
    "UNDERSTOOD",
    "Interval",
    "Products",
    "Reason",
    "Unevaluable",
    "Value",
    "exact_interval",
    "exp",
    "interval_between",
    "log",
    "power",
    "sqrt",
    "value_of",
    "value_or_none",
]
