"""Interval versions of the elementary functions, and arithmetic on numbers with bounds.

A number is exact (a `Fraction`) or lies between two fractions (an `Interval`). Each result holds
every value that the operands may have; rounding is outward. Knows no trees and no operations by
what they mean in a network.

Decimals of the standard library give exp and log correctly rounded, so the true value lies between
the neighbours of theirs; only sines, cosines, pi and the error function need mpmath.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any, Final, NamedTuple, NoReturn

from tracer.check.written import Reason
from tracer.sentences import Sentence, say

__all__ = [
    "ELEMENTARY",
    "LOGARITHMS",
    "Interval",
    "Scalar",
    "Unevaluable",
    "absolute",
    "add",
    "divide",
    "exp",
    "highest",
    "joined",
    "log",
    "lowest",
    "multiply",
    "negative",
    "power",
    "root",
    "subtract",
]

MOST_POWER_BITS: Final = 4096  # of the exact result of a power
MOST_EXACT_BITS: Final = 2000  # of a numerator or denominator before an exact number is rounded
MOST_BOUND_BITS: Final = 400  # the same for the ends of an interval
KEPT_BITS: Final = 200  # of an end that is rounded outward
MOST_MAGNITUDE: Final = 8192  # of a number or its reciprocal, in bits
DIGITS: Final = 50
BITS: Final = 200

ZERO: Final = Fraction(0)
HALF: Final = Fraction(1, 2)
ONE: Final = Fraction(1)
TINY: Final = Fraction(1, 1 << 4000)
LARGEST_EXPONENT: Final = 2800  # exp(2800) has 4,040 bits


class Interval(NamedTuple):
    """All numbers from `low` to `high`; exact where the two are equal."""

    low: Fraction
    high: Fraction

    @property
    def is_exact(self) -> bool:
        """Whether it holds one number only."""
        return self.low is self.high or self.low == self.high


# What a mask puts in: no bounds hold minus infinity, but its exponential is 0 to all digits.
MASKED: Final = Interval(Fraction(-(1 << 8000)), Fraction(-(1 << 4000)))

Scalar = Fraction | Interval
"""An exact number, or the bounds of one that is not known exactly."""


class Unevaluable(Exception):  # noqa: N818 - a turn of the work, nobody's error
    """A value that cannot be worked out: why, in words, and the name that is not known."""

    def __init__(self, reason: Reason, message: Sentence, name: str = "") -> None:
        super().__init__(message)
        self.reason: Final[Reason] = reason
        self.message: Final = message
        self.name: Final = name


def undefined(message: Sentence) -> NoReturn:
    """Raise Unevaluable for what has no value."""
    raise Unevaluable("undefined", message)


def _limit(message: Sentence) -> NoReturn:
    raise Unevaluable("limit", message)


def lowest(x: Scalar) -> Fraction:
    """Return the lower bound of a number."""
    return x if type(x) is Fraction else x.low  # type: ignore[union-attr]  # by `type(x) is`


def highest(x: Scalar) -> Fraction:
    """Return the upper bound of a number."""
    return x if type(x) is Fraction else x.high  # type: ignore[union-attr]  # by `type(x) is`


def joined(low: Fraction, high: Fraction) -> Scalar:
    """Return what lies between two bounds, rounded outward where they have too many digits."""
    if low is high or low == high:
        return _bounded(low)
    return Interval(_rounded(low, up=False), _rounded(high, up=True))


def _bounded(x: Fraction) -> Scalar:
    """Return an exact number as it is, or bounds of it where it has too many digits."""
    if x.denominator.bit_length() <= MOST_EXACT_BITS >= x.numerator.bit_length():
        return x
    return Interval(_rounded(x, up=False), _rounded(x, up=True))


def _rounded(x: Fraction, *, up: bool) -> Fraction:
    """Return a bound with few digits. Raises Unevaluable where it is too large."""
    above, below = x.numerator, x.denominator
    if above.bit_length() <= MOST_BOUND_BITS >= below.bit_length():
        return x
    magnitude = above.bit_length() - below.bit_length()
    if magnitude > MOST_MAGNITUDE:
        _limit(say("the number is too large"))
    if magnitude < -MOST_MAGNITUDE:
        tiny = Fraction(1, 1 << MOST_MAGNITUDE)
        return (tiny if above > 0 else ZERO) if up else (ZERO if above > 0 else -tiny)
    shift = magnitude - KEPT_BITS
    scaled, divisor = (above << -shift, below) if shift < 0 else (above, below << shift)
    whole = -(-scaled // divisor) if up else scaled // divisor
    return Fraction(whole << shift) if shift >= 0 else Fraction(whole, 1 << -shift)


# Arithmetic ---------------------------------------------------------------------------------------


def add(a: Scalar, b: Scalar) -> Scalar:
    """Return a + b."""
    if type(a) is Fraction and type(b) is Fraction:
        return _bounded(a + b)
    return joined(lowest(a) + lowest(b), highest(a) + highest(b))


def subtract(a: Scalar, b: Scalar) -> Scalar:
    """Return a - b."""
    if type(a) is Fraction and type(b) is Fraction:
        return _bounded(a - b)
    return joined(lowest(a) - highest(b), highest(a) - lowest(b))


def multiply(a: Scalar, b: Scalar) -> Scalar:
    """Return a * b."""
    if type(a) is Fraction and type(b) is Fraction:
        return _bounded(a * b)
    low, high = lowest(a), highest(a)
    if low.numerator < 0 and high.numerator <= 0:
        return negative(multiply(negative(a), b))
    if low.numerator < 0:
        if lowest(b).numerator >= 0 or highest(b).numerator <= 0:
            return multiply(b, a)
        ends = [x * y for x in (low, high) for y in (lowest(b), highest(b))]
        return joined(min(ends), max(ends))
    return joined(
        lowest(b) * (low if lowest(b).numerator >= 0 else high),
        highest(b) * (high if highest(b).numerator >= 0 else low),
    )


def divide(a: Scalar, b: Scalar) -> Scalar:
    """Return a / b. Raises Unevaluable where b may be 0."""
    if lowest(b) <= 0 <= highest(b):
        undefined(say("a division by 0"))
    if type(a) is Fraction and type(b) is Fraction:
        return _bounded(a / b)
    return multiply(a, Interval(1 / highest(b), 1 / lowest(b)))


def negative(x: Scalar) -> Scalar:
    """Return -x."""
    return -x if type(x) is Fraction else Interval(-highest(x), -lowest(x))


def absolute(x: Scalar) -> Scalar:
    """Return |x|."""
    low, high = lowest(x), highest(x)
    if low >= 0:
        return x
    return negative(x) if high <= 0 else joined(ZERO, max(-low, high))


def power(a: Scalar, n: Scalar) -> Scalar:
    """Return a ** n: exact for whole n; 0 ** 0 is 1.

    A power that would have more than 4,096 bits is bounded where it is not itself so large.
    Raises Unevaluable for a fractional power of a negative number, for 0 to a negative power, and
    for a result of more than 4,096 bits.
    """
    if type(n) is not Fraction:
        if lowest(a) <= 0:
            undefined(
                say("a power of a number that is not above 0, with an exponent that is not exact")
            )
        return exp(multiply(n, log(a)))
    if n < 0:
        return divide(ONE, power(a, -n))
    if type(a) is Fraction:
        return _exact_power(a, n)
    low, high = lowest(a), highest(a)
    if n.denominator != 1 and low < 0:
        undefined(say("a fractional power of a negative number"))
    if n.numerator % 2 == 0 and n.denominator == 1 and low < 0:
        if high > 0:
            return joined(ZERO, highest(_end_power(max(-low, high), n)))
        low, high = -high, -low
    return joined(lowest(_end_power(low, n)), highest(_end_power(high, n)))


def _exact_power(a: Fraction, n: Fraction) -> Scalar:
    """Return an exact number to a power from 0 on."""
    if n.denominator == 1:
        if abs(a) == 1 or a == 0 or _power_bits(a, n) <= MOST_POWER_BITS:
            return _bounded(a ** (n.numerator % 2 if abs(a) == 1 else n.numerator))
        if (
            a > 0
            and abs(n * (a.numerator.bit_length() - a.denominator.bit_length())) <= MOST_POWER_BITS
        ):
            return exp(multiply(n, log(a)))  # 0.999**1000: too long to be exact, not too large
        _limit(say("a power with more than {most} bits", most=f"{MOST_POWER_BITS:,}"))
    if a < 0:
        undefined(say("a fractional power of a negative number"))
    return _end_power(a, n)


def _power_bits(a: Fraction, n: Fraction) -> int:
    return max(a.numerator.bit_length(), a.denominator.bit_length()) * n.numerator


def _end_power(a: Fraction, n: Fraction) -> Scalar:
    """Return a power of one end: exact where it is rational and short, else by exp and log."""
    if a == 0 or a == 1:
        return a if n else ONE
    if n == HALF and a > 0:
        return _sqrt(a)
    exact = root(a, n.denominator)
    if exact is not None and _power_bits(exact, n) <= MOST_POWER_BITS:
        return _bounded(exact**n.numerator)
    size = exp(multiply(n, log(abs(a))))
    return size if a > 0 or n.numerator % 2 == 0 else negative(size)


def root(x: Fraction, degree: int) -> Fraction | None:
    """Return the root of a number where it is rational, else None."""
    if degree == 1:
        return x
    if x < 0 or degree > 64:
        return None
    above, below = _whole_root(x.numerator, degree), _whole_root(x.denominator, degree)
    if above**degree != x.numerator or below**degree != x.denominator:
        return None
    return Fraction(above, below)


def _whole_root(x: int, degree: int) -> int:
    """Return the whole part of a root of a whole number, by Newton's method from above."""
    if degree == 2 or x < 2:
        return isqrt(x) if degree == 2 else x
    guess = 1 << -(-x.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + x // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better


# Functions that never fall: the bounds of the argument give those of the result -------------------

_CONTEXT: Final = decimal.Context(
    prec=DIGITS, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[]
)
_DOWN: Final = decimal.Context(
    prec=DIGITS, rounding=decimal.ROUND_FLOOR, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN
)
_UP: Final = decimal.Context(
    prec=DIGITS, rounding=decimal.ROUND_CEILING, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN
)


def _by_decimals(
    function: Callable[[decimal.Decimal], decimal.Decimal], x: Fraction
) -> tuple[Fraction, Fraction]:
    """Return the neighbours of a correctly rounded rising function's values around x."""
    above, below = decimal.Decimal(x.numerator), decimal.Decimal(x.denominator)
    low, high = function(_DOWN.divide(above, below)), function(_UP.divide(above, below))
    # The one 0 is log(1), which is exact; its neighbours have exponents of 18 digits.
    return (
        Fraction(low.next_minus(_CONTEXT) if low else 0),
        Fraction(high.next_plus(_CONTEXT) if high else 0),
    )


def _rising(function: Callable[[Fraction], Scalar]) -> Callable[[Scalar], Scalar]:
    """Return a function that never falls, for numbers with bounds."""

    def lifted(x: Scalar) -> Scalar:
        if type(x) is Fraction:
            return function(x)
        return joined(lowest(function(lowest(x))), highest(function(highest(x))))

    return lifted


@lru_cache(1024)
def _exp(x: Fraction) -> Scalar:
    if x == 0:
        return ONE
    if x > LARGEST_EXPONENT:
        _limit(say("an exponential that is too large"))
    if x < -LARGEST_EXPONENT:
        return Interval(ZERO, TINY)
    return joined(*_by_decimals(_CONTEXT.exp, x))


@lru_cache(1024)
def _log(x: Fraction) -> Scalar:
    if x <= 0:
        undefined(say("the logarithm of a number that is not above 0"))
    if x == 1:
        return ZERO
    return joined(*_by_decimals(_CONTEXT.ln, x))


def _log_to(base: int) -> Callable[[Fraction], Scalar]:
    """Return the logarithm to a whole base, exact for its powers."""

    def logarithm(x: Fraction) -> Scalar:
        found = divide(_log(x), _log(Fraction(base)))
        near = round((lowest(found) + highest(found)) / 2)
        exact = lowest(found) <= near <= highest(found) and Fraction(base) ** near == x
        return Fraction(near) if exact else found

    return logarithm


def _sqrt(x: Fraction) -> Scalar:
    if x < 0:
        undefined(say("the square root of a negative number"))
    exact = root(x, 2)
    return joined(*_by_decimals(_CONTEXT.sqrt, x)) if exact is None else exact


def _sigmoid(x: Fraction) -> Scalar:
    if x < -LARGEST_EXPONENT:
        return Interval(ZERO, TINY)
    return divide(ONE, add(ONE, _exp(-x)))


def _tanh(x: Fraction) -> Scalar:
    if x < 0:
        return negative(_tanh(-x))
    if 2 * x > LARGEST_EXPONENT:
        return Interval(1 - TINY, ONE)
    return subtract(ONE, divide(Fraction(2), add(_exp(2 * x), ONE)))


def _softplus(x: Fraction) -> Scalar:
    return add(max(x, ZERO), _log_of_sum(_exp(-abs(x))))


def _log_of_sum(x: Scalar) -> Scalar:
    """Return log(1 + x)."""
    return log(add(ONE, x))


def _clipped_log(x: Fraction) -> Scalar:
    """The logarithm where it is above -100, as the table's row has it."""
    return _log(x) if x > 0 and lowest(_log(x)) > -100 else Fraction(-100)


@lru_cache(1)
def _precise_context() -> Any:
    import mpmath  # type: ignore[import-untyped]  # has no types; few documents need it

    context = mpmath.MPContext()
    context.prec = BITS
    return context


def _erf(x: Fraction) -> Scalar:
    if x == 0:
        return ZERO
    if abs(x) > 100:  # 1 - erf(100) is below 10 to the power of -4000
        return Interval(1 - TINY, ONE) if x > 0 else Interval(-ONE, TINY - 1)
    context = _precise_context()
    value = _fraction(context.erf(context.mpf(abs(x.numerator)) / x.denominator)._mpf_)
    # mpmath's error is a few units in the last of 200 bits.
    margin = value / (1 << (BITS - 50))
    found = Interval(value - margin, min(value + margin, ONE))
    return found if x > 0 else negative(found)


def _fraction(raw: tuple[int, int, int, int]) -> Fraction:
    """Return a number of mpmath's, exactly: sign, mantissa, exponent."""
    sign, mantissa, exponent, _ = raw
    value = Fraction(int(mantissa)) * Fraction(2) ** exponent
    return -value if sign else value


def _step(x: Fraction) -> Scalar:
    return ONE if x > 0 else ZERO


def _sign(x: Fraction) -> Scalar:
    return Fraction((x > 0) - (x < 0))


exp: Final = _rising(_exp)
log: Final = _rising(_log)
sqrt: Final = _rising(_sqrt)

# Others -------------------------------------------------------------------------------------------


@lru_cache(1)
def _pi() -> Scalar:
    context = _interval_context()
    return _interval(context, context.pi)


@lru_cache(1)
def _interval_context() -> Any:
    import mpmath  # has no types; few documents need it

    context = mpmath.ctx_iv.MPIntervalContext()
    context.prec = BITS
    return context


def _interval(context: Any, value: Any) -> Scalar:
    low, high = context.convert(value)._mpi_
    return Interval(_fraction(low), _fraction(high))


def _wave(name: str, at_zero: Fraction) -> Callable[[Scalar], Scalar]:
    """Return the sine or the cosine."""

    def wave(x: Scalar) -> Scalar:
        if x == ZERO:
            return at_zero
        if max(abs(lowest(x)), abs(highest(x))) > 1 << (BITS // 2):
            return Interval(-ONE, ONE)
        context = _interval_context()
        low, high = (
            context.mpf(end.numerator) / end.denominator for end in (lowest(x), highest(x))
        )
        return _interval(context, getattr(context, name)(context.mpf([low.a, high.b])))

    return wave


def _maximum(*parts: Scalar) -> Scalar:
    return joined(max(map(lowest, parts)), max(map(highest, parts)))


def _minimum(*parts: Scalar) -> Scalar:
    return joined(min(map(lowest, parts)), min(map(highest, parts)))


def _where(condition: Scalar, a: Scalar, b: Scalar) -> Scalar:
    if type(condition) is Fraction:
        return a if condition else b
    if lowest(condition) <= 0 <= highest(condition):
        return joined(min(lowest(a), lowest(b)), max(highest(a), highest(b)))
    return a


def _equal(a: Scalar, b: Scalar) -> Scalar:
    if type(a) is Fraction and type(b) is Fraction:
        return ONE if a == b else ZERO
    meet = lowest(a) <= highest(b) and lowest(b) <= highest(a)
    return Interval(ZERO, ONE) if meet else ZERO


LOGARITHMS: Final = {f"log{base}": base for base in range(2, 21)}
"""The bases of the logarithms that people write with a base, by the names these have here."""

ELEMENTARY: Final[Mapping[str, Callable[..., Scalar]]] = {
    "abs": absolute,
    "add": add,
    "clipped_log": _rising(_clipped_log),
    "ceil": _rising(lambda x: Fraction(math.ceil(x))),
    "cos": _wave("cos", ONE),
    "divide": divide,
    "equal": _equal,
    "erf": _rising(_erf),
    "exp": exp,
    "floor": _rising(lambda x: Fraction(math.floor(x))),
    "largest": _maximum,
    "largest_shared": _maximum,
    "log": log,
    "maximum": _maximum,
    "minimum": _minimum,
    "minus_infinity": lambda: MASKED,
    "multiply": multiply,
    "negative": negative,
    "pi": _pi,
    "power": power,
    "relu": lambda x: _maximum(x, ZERO),
    "sigmoid": _rising(_sigmoid),
    "sign": _rising(_sign),
    "sin": _wave("sin", ZERO),
    "softplus": _rising(_softplus),
    "sqrt": sqrt,
    "step": _rising(_step),
    "subtract": subtract,
    "tanh": _rising(_tanh),
    "where": _where,
    **{name: _rising(_log_to(base)) for name, base in LOGARITHMS.items()},
}
"""Functions of numbers by the names of the operations table, and what people write besides.

What is not here the table defines with these.
"""
