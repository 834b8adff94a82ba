"""Numbers that a reader types or sweeps through: 0.1, 1/3, 2·10^-3, −4. No terminal, no scenario.

They come out as TOML writes them, so that the digits that were typed stay (0.10 is one tenth).
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Final

from tracer.errors import TracerError
from tracer.expression import Call, Number, parse, walk
from tracer.intervals import Interval, Unevaluable, value_of
from tracer.operations import vocabulary, written_text
from tracer.sentences import say

_WRITTEN: Final = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_EXAMPLE: Final = say("a number such as 0.1, 1/3 or 2e-3")
STEP_DIGITS: Final = 3  # digits of a number after a small change
DOUBLED_DIGITS: Final = 6  # digits of a doubled or halved number: enough to come back


def number_of(text: str) -> str:
    """Return a typed number, or a calculation with numbers only, as TOML writes it.

    Raises TracerError where it is none, or not finite.
    """
    text = text.strip().replace("\u2212", "-")
    if not text:
        raise TracerError(say("there is no number"), expected=_EXAMPLE)
    if not _WRITTEN.fullmatch(text):
        text = toml_number(_calculate(text))
    if len(text) > 60 or not math.isfinite(float(text)):
        raise TracerError(
            say("the number is too large"), found=text[:40], expected=say("up to 1.8e308")
        )
    return text


def whole_of(text: str) -> str:
    """Return a typed whole number as TOML writes it. Raises TracerError where it is none."""
    value = Fraction(Decimal(number_of(text)))
    if value.denominator != 1 or abs(value) > 10**12:
        raise TracerError(
            say("this is not a whole number"), found=text.strip()[:40], expected=say("such as 10")
        )
    return str(int(value))


def worked_out(text: str) -> str:
    """Return the result of a typed calculation as `= 0.25`; '' for anything else."""
    try:
        value = number_of(text)
    except TracerError:
        return ""  # not yet a number
    return "" if value == text.strip().replace("\u2212", "-") else f"= {value}"


def toml_number(value: Fraction | float) -> str:
    """Return a number with all its digits; 1/3 as the double next to it.

    Raises TracerError where it is too large, or no number.
    """
    try:
        double = float(value)
    except OverflowError:
        double = math.inf
    if not math.isfinite(double):
        raise TracerError(say("the number is too large"), expected=say("up to 1.8e308"))
    return written_text(double)


def _calculate(text: str) -> Fraction:
    node = parse(text, "unicode", vocabulary=vocabulary())
    for part in walk(node):
        if not isinstance(part, Number | Call) or (isinstance(part, Call) and part.keywords):
            raise TracerError(say("this is not a number"), found=text[:40], expected=_EXAMPLE)

    try:
        value = value_of(node)
    except Unevaluable as problem:
        raise TracerError(problem.message, found=text[:40], expected=_EXAMPLE) from None
    if not isinstance(value, Interval):
        raise TracerError(say("this is not a single number"), found=text[:40], expected=_EXAMPLE)
    return (value.low + value.high) / 2


def step_number(written: str, factor: Fraction, *, whole: bool = False, low: int = 0) -> str:
    """Return a number times a factor, in few digits.

    A change by less than a half never jumps over a power of ten; twice a number is twice it. A
    whole number changes by 1 at least and stays at `low` or above; 0 becomes 0.1 or −0.1.
    Raises TracerError where it becomes too large.
    """
    old = Fraction(Decimal(written))
    if whole:
        count = round(old * factor)
        if count == old:
            count += 1 if factor > 1 else -1
        return str(max(count, low))
    if old == 0:
        return "0.1" if factor > 1 else "-0.1"
    double = float(toml_number(abs(old) * factor))
    is_small = abs(factor - 1) < Fraction(1, 2)
    digits = STEP_DIGITS if is_small else DOUBLED_DIGITS
    rounded = Fraction(Decimal(f"{double:.{digits - 1}e}"))
    bottom, top = sorted((abs(old), rounded))
    power = Fraction(Decimal(1).scaleb(math.floor(math.log10(float(top))))) if top else top
    if is_small and bottom < power < top:
        rounded = power  # the largest that is not above it
    return toml_number(rounded if old > 0 else -rounded)
