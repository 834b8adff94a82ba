"""Interval arithmetic: expressions with bounds that hold every value they may have."""

from __future__ import annotations

from tracer.intervals.enclosure import ALSO, CORRELATION, Products, Value, value_of, value_or_none
from tracer.intervals.interval import (
    INTERVALS,
    LOGARITHMS,
    MASKED,
    Interval,
    Unevaluable,
    exact_interval,
    exp,
    interval_between,
    log,
    power,
    sqrt,
)

__all__ = [
    "ALSO",
    "CORRELATION",
    "INTERVALS",
    "LOGARITHMS",
    "MASKED",
    "Interval",
    "Products",
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
