"""Numbers with bounds: exact fractions, or all numbers between two fractions.

Each result holds every value that the operands may have. Arithmetic on exact numbers is exact;
what has too many digits is rounded outward, and what is too large is refused.

Elementary functions are rounded outward at 50 digits. Decimals of the standard library give exp and
log correctly rounded, so the true value lies between the neighbours of theirs; only sines, cosines,
pi and the error function need mpmath.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from math import isqrt
from typing import Any, Final

from tracer.expression import Node
from tracer.operations import Operation
from tracer.run.interpret import Algebra
from tracer.sentences import Sentence, say

MOST_EXACT_BITS: Final = 2000  # bits of a numerator or denominator; beyond, a number is rounded
MOST_BOUND_BITS: Final = 400  # bits of an end of an interval; beyond, it is rounded
KEPT_BITS: Final = 200  # bits that an end keeps when it is rounded outward
MOST_MAGNITUDE: Final = 8192  # bits before the point of a number or of its reciprocal

_ZERO: Final = Fraction(0)


class Unevaluable(Exception):  # noqa: N818 - a turn of the work, nobody's error
    """A value that cannot be worked out, and why, in words."""

    def __init__(self, message: Sentence) -> None:
        super().__init__(message)
        self.message: Final = message


class Interval:
    """All numbers from `low` to `high`, both included; one exact number where `high` is left out.

    Operators give bounds of the result, the narrowest that their operands' bounds allow. Raises
    Unevaluable where a divisor may be 0, and where a result is too large.
    """

    __slots__ = ("high", "low")

    def __init__(self, low: Fraction, high: Fraction | None = None) -> None:
        self.low: Final = low
        self.high: Final = low if high is None else high

    @property
    def is_exact(self) -> bool:
        """Whether it holds one number only."""
        return self.low is self.high or self.low == self.high

    def holds(self, number: Fraction) -> bool:
        """Tell whether a number is within the bounds."""
        return self.low <= number <= self.high

    def meets(self, other: Interval) -> bool:
        """Tell whether two intervals have a number in common."""
        # As whole numbers: `<=` of fractions first looks for what kind of number the other is.
        ends = self.low, self.high, other.low, other.high
        (a, unit_a), (b, unit_b), (c, unit_c), (d, unit_d) = map(Fraction.as_integer_ratio, ends)
        return a * unit_d <= d * unit_a and c * unit_b <= b * unit_c

    def __eq__(self, other: object) -> bool:
        if type(other) is Interval:
            same = self.low is other.low or self.low == other.low
            return same and (self.high is other.high or self.high == other.high)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def __repr__(self) -> str:
        return f"Interval({self.low})" if self.is_exact else f"Interval({self.low}, {self.high})"

    def __add__(self, other: Interval) -> Interval:
        if self.low is self.high and other.low is other.high:
            return _exact_or_bounds(self.low + other.low)
        return interval_between(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        if self.low is self.high and other.low is other.high:
            return _exact_or_bounds(self.low - other.low)
        return interval_between(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        low, high = self.low, self.high
        if low is high and other.low is other.high:
            return _exact_or_bounds(low * other.low)
        if low.numerator < 0 and high.numerator <= 0:
            return -(-self * other)
        if low.numerator < 0:
            if other.low.numerator >= 0 or other.high.numerator <= 0:
                return other * self
            ends = [x * y for x in (low, high) for y in (other.low, other.high)]
            return interval_between(min(ends), max(ends))
        return interval_between(
            other.low * (low if other.low.numerator >= 0 else high),
            other.high * (high if other.high.numerator >= 0 else low),
        )

    def __truediv__(self, other: Interval) -> Interval:
        if other.low.numerator <= 0 <= other.high.numerator:
            raise Unevaluable(say("a division by 0"))
        if self.low is self.high and other.low is other.high:
            return _exact_or_bounds(self.low / other.low)
        return self * Interval(1 / other.high, 1 / other.low)

    def __neg__(self) -> Interval:
        return (
            exact_interval(-self.low) if self.low is self.high else Interval(-self.high, -self.low)
        )

    def __abs__(self) -> Interval:
        if self.low >= 0:
            return self
        return -self if self.high <= 0 else interval_between(_ZERO, max(-self.low, self.high))


def exact_interval(number: Fraction | int) -> Interval:
    """Return a number as the interval that holds nothing else."""
    return Interval(number if type(number) is Fraction else Fraction(number))


def interval_between(low: Fraction, high: Fraction) -> Interval:
    """Return what lies between two bounds, rounded outward where they have too many digits."""
    if low is high or low == high:
        return _exact_or_bounds(low)
    return Interval(_round_bound(low, up=False), _round_bound(high, up=True))


def _exact_or_bounds(x: Fraction) -> Interval:
    """Return an exact number as it is, or bounds of it where it has too many digits."""
    if x.denominator.bit_length() <= MOST_EXACT_BITS >= x.numerator.bit_length():
        return Interval(x)
    return Interval(_round_bound(x, up=False), _round_bound(x, up=True))


def _round_bound(x: Fraction, *, up: bool) -> Fraction:
    """Return a bound with few digits. Raises Unevaluable where it is too large."""
    above, below = x.numerator, x.denominator
    if above.bit_length() <= MOST_BOUND_BITS >= below.bit_length():
        return x
    magnitude = above.bit_length() - below.bit_length()
    if magnitude > MOST_MAGNITUDE:
        raise Unevaluable(say("the number is too large"))
    if magnitude < -MOST_MAGNITUDE:
        tiny = Fraction(1, 1 << MOST_MAGNITUDE)
        return (tiny if above > 0 else _ZERO) if up else (_ZERO if above > 0 else -tiny)
    shift = magnitude - KEPT_BITS
    scaled, divisor = (above << -shift, below) if shift < 0 else (above, below << shift)
    whole = -(-scaled // divisor) if up else scaled // divisor
    return Fraction(whole << shift) if shift >= 0 else Fraction(whole, 1 << -shift)


MOST_POWER_BITS: Final = 4096  # bits in the exact result of a power
DIGITS: Final = 50
BITS: Final = 200

HALF: Final = Fraction(1, 2)
LARGEST_EXPONENT: Final = 2800  # exp(2800) has 4,040 bits
TINY: Final = Fraction(1, 1 << 4000)

ZERO: Final = exact_interval(0)
ONE: Final = exact_interval(1)
TWO: Final = exact_interval(2)
ABOVE_ZERO: Final = Interval(ZERO.low, TINY)
BELOW_ONE: Final = Interval(1 - TINY, ONE.low)
# What a mask puts in: no bounds hold minus infinity. What is still as low has the exponential 0.
MASKED: Final = Interval(Fraction(-(1 << 8000)), Fraction(-(1 << 4000)))

# Powers -------------------------------------------------------------------------------------------


def power(a: Interval, n: Interval) -> Interval:
    """Return a ** n: exact for whole n; 0 ** 0 is 1.

    A power that would have more than 4,096 bits is bounded where it is not itself so large.
    Raises Unevaluable for a fractional power of a negative number, for 0 to a negative power, and
    for a result of more than 4,096 bits.
    """
    if not n.is_exact:
        if a.low <= 0:
            raise Unevaluable(
                say("a power of a number that is not above 0, with an exponent that is not exact"),
            )
        return exp(n * log(a))
    exponent = n.low
    if exponent.numerator < 0:
        return ONE / power(a, -n)
    if a.is_exact:
        return _exact_power(a.low, exponent)
    if not exponent:
        return ONE
    low, high = a.low, a.high
    if exponent.denominator != 1 and low < 0:
        raise Unevaluable(say("a fractional power of a negative number"))
    if exponent.numerator % 2 == 0 and exponent.denominator == 1 and low < 0:
        if high > 0:
            return interval_between(ZERO.low, _end_power(max(-low, high), exponent).high)
        low, high = -high, -low
    return interval_between(_end_power(low, exponent).low, _end_power(high, exponent).high)


def _exact_power(a: Fraction, n: Fraction) -> Interval:
    """Return an exact number to a power from 0 on."""
    if n.denominator == 1:
        if a.denominator == 1 and -1 <= a.numerator <= 1:
            return exact_interval(a.numerator ** (n.numerator % 2) if a and n else int(not n))
        if _power_bits(a, n) <= MOST_POWER_BITS:
            value = a**n.numerator
            return interval_between(value, value)
        bits = abs(n * (a.numerator.bit_length() - a.denominator.bit_length()))
        if a > 0 and bits <= MOST_POWER_BITS:
            # 0.999**1000: too long to be exact, not too large.
            return exp(exact_interval(n) * _log(a))
        what = say("a power with more than {most} bits", most=f"{MOST_POWER_BITS:,}")
        raise Unevaluable(what)
    if a.numerator < 0:
        raise Unevaluable(say("a fractional power of a negative number"))
    return _end_power(a, n)


def _power_bits(a: Fraction, n: Fraction) -> int:
    return max(a.numerator.bit_length(), a.denominator.bit_length()) * n.numerator


def _end_power(a: Fraction, n: Fraction) -> Interval:
    """Return a power of one end: exact where it is rational and short, else by exp and log."""
    if a == 0 or a == 1:
        return exact_interval(a) if n else ONE
    if n == HALF and a > 0:
        return _sqrt(a)
    exact = _root(a, n.denominator)
    if exact is not None and _power_bits(exact, n) <= MOST_POWER_BITS:
        value = exact**n.numerator
        return interval_between(value, value)
    size = exp(exact_interval(n) * _log(abs(a)))
    return size if a > 0 or n.numerator % 2 == 0 else -size


def _root(x: Fraction, degree: int) -> Fraction | None:
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


def _by_decimals(function: Callable[[decimal.Decimal], decimal.Decimal], x: Fraction) -> Interval:
    """Return the neighbours of a correctly rounded rising function's values around x."""
    above, below = decimal.Decimal(x.numerator), decimal.Decimal(x.denominator)
    low, high = function(_DOWN.divide(above, below)), function(_UP.divide(above, below))
    # The one 0 is log(1), which is exact; its neighbours have exponents of 18 digits.
    return interval_between(
        Fraction(low.next_minus(_CONTEXT) if low else 0),
        Fraction(high.next_plus(_CONTEXT) if high else 0),
    )


def _of_rising(function: Callable[[Fraction], Interval], x: Interval) -> Interval:
    """Return the value of a function that never falls, of a number with bounds."""
    if x.low is x.high:
        return function(x.low)
    return interval_between(function(x.low).low, function(x.high).high)


@lru_cache(1024)
def _exp(x: Fraction) -> Interval:
    if x == 0:
        return ONE
    if x > LARGEST_EXPONENT:
        raise Unevaluable(say("an exponential that is too large"))
    if x < MASKED.high / 2:
        return ZERO
    return ABOVE_ZERO if x < -LARGEST_EXPONENT else _by_decimals(_CONTEXT.exp, x)


@lru_cache(1024)
def _log(x: Fraction) -> Interval:
    if x <= 0:
        raise Unevaluable(say("the logarithm of a number that is not above 0"))
    return ZERO if x == 1 else _by_decimals(_CONTEXT.ln, x)


def _log_to(base: int, x: Fraction) -> Interval:
    """Return the logarithm to a whole base, exact for its powers."""
    quotient = _log(x) / _log(Fraction(base))
    near = round((quotient.low + quotient.high) / 2)
    is_power = quotient.holds(Fraction(near)) and Fraction(base) ** near == x
    return exact_interval(near) if is_power else quotient


def _sqrt(x: Fraction) -> Interval:
    if x < 0:
        raise Unevaluable(say("the square root of a negative number"))
    exact = _root(x, 2)
    return _by_decimals(_CONTEXT.sqrt, x) if exact is None else exact_interval(exact)


def _sigmoid(x: Fraction) -> Interval:
    return ABOVE_ZERO if x < -LARGEST_EXPONENT else ONE / (ONE + _exp(-x))


def _tanh(x: Fraction) -> Interval:
    if x < 0:
        return -_tanh(-x)
    return BELOW_ONE if 2 * x > LARGEST_EXPONENT else ONE - TWO / (_exp(2 * x) + ONE)


def _softplus(x: Fraction) -> Interval:
    return exact_interval(max(x, ZERO.low)) + log(ONE + _exp(-abs(x)))


def _clipped_log(x: Fraction) -> Interval:
    """The logarithm where it is above -100, as the table's row has it."""
    return _maximum(_log(x), exact_interval(-100)) if x > 0 else exact_interval(-100)


def _erf(x: Fraction) -> Interval:
    if x < 0:
        return -_erf(-x)
    if x == 0:
        return ZERO
    if x > 100:  # 1 - erf(100) is below 10 to the power of -4000
        return BELOW_ONE
    context = _load_mpmath()[0]
    value = _exact_fraction(context.erf(context.mpf(x.numerator) / x.denominator)._mpf_)
    # mpmath's error is a few units in the last of 200 bits.
    margin = value / (1 << (BITS - 50))
    return Interval(value - margin, min(value + margin, ONE.low))


@lru_cache(1)
def _load_mpmath() -> tuple[Any, Any]:
    """Return mpmath's numbers and its intervals, at 200 bits."""
    import mpmath  # type: ignore[import-untyped]  # has no types; few documents need it

    numbers, intervals = mpmath.MPContext(), mpmath.ctx_iv.MPIntervalContext()
    numbers.prec = intervals.prec = BITS
    return numbers, intervals


def _exact_fraction(raw: tuple[int, int, int, int]) -> Fraction:
    """Return a number of mpmath's, exactly: sign, mantissa, exponent."""
    sign, mantissa, exponent, _ = raw
    value = Fraction(int(mantissa)) * Fraction(2) ** exponent
    return -value if sign else value


exp: Final = partial(_of_rising, _exp)
log: Final = partial(_of_rising, _log)
sqrt: Final = partial(_of_rising, _sqrt)

# Others -------------------------------------------------------------------------------------------


def _from_mpmath(value: Any) -> Interval:
    low, high = _load_mpmath()[1].convert(value)._mpi_
    return Interval(_exact_fraction(low), _exact_fraction(high))


@lru_cache(1)
def _pi() -> Interval:
    return _from_mpmath(_load_mpmath()[1].pi)


def _sine_or_cosine(name: str, at_zero: Interval, x: Interval) -> Interval:
    """Return the sine or the cosine."""
    if x == ZERO:
        return at_zero
    if abs(x).high > 1 << (BITS // 2):
        return Interval(-ONE.low, ONE.low)
    context = _load_mpmath()[1]
    low, high = (context.mpf(end.numerator) / end.denominator for end in (x.low, x.high))
    return _from_mpmath(getattr(context, name)(context.mpf([low.a, high.b])))


def _maximum(*parts: Interval) -> Interval:
    return interval_between(max(part.low for part in parts), max(part.high for part in parts))


def _minimum(*parts: Interval) -> Interval:
    return interval_between(min(part.low for part in parts), min(part.high for part in parts))


def _choose_enclosure(condition: Interval, a: Interval, b: Interval) -> Interval:
    if not condition.holds(ZERO.low):
        return a
    return b if condition.is_exact else interval_between(min(a.low, b.low), max(a.high, b.high))


def _equal(a: Interval, b: Interval) -> Interval:
    if not a.meets(b):
        return ZERO
    return ONE if a.is_exact and b.is_exact else Interval(ZERO.low, ONE.low)


def _round(x: Interval, places: Interval = ZERO) -> Interval:
    """Return a number rounded to some decimals; for one in the middle both neighbours.

    Some people round a half up, others to the even digit.
    """
    if not places.is_exact or places.low.denominator != 1:
        raise Unevaluable(say("a number of decimals that is not whole"))
    unit = power(Interval(Fraction(10)), -places)
    half = Interval(Fraction(1, 2))
    low, high = (x / unit - half).low, (x / unit + half).high
    return Interval(Fraction(math.ceil(low)), Fraction(math.floor(high))) * unit


LOGARITHMS: Final = {f"log{base}": base for base in range(2, 21)}
"""The bases of the logarithms that people write with a base, by the names these have here."""

ELEMENTARY: Final[Mapping[str, Callable[..., Interval]]] = {
    "abs": abs,
    "add": Interval.__add__,
    "clipped_log": partial(_of_rising, _clipped_log),
    "ceil": partial(_of_rising, lambda x: exact_interval(math.ceil(x))),
    "cos": partial(_sine_or_cosine, "cos", ONE),
    "divide": Interval.__truediv__,
    "equal": _equal,
    "erf": partial(_of_rising, _erf),
    "exp": exp,
    "floor": partial(_of_rising, lambda x: exact_interval(math.floor(x))),
    "largest": _maximum,
    "largest_shared": _maximum,
    "log": log,
    "maximum": _maximum,
    "at_least": _maximum,
    "minimum": _minimum,
    "minus_infinity": lambda: MASKED,
    "multiply": Interval.__mul__,
    "negative": Interval.__neg__,
    "pi": _pi,
    "power": power,
    "relu": lambda x: _maximum(x, ZERO),
    "round": _round,
    "sigmoid": partial(_of_rising, _sigmoid),
    "sign": partial(_of_rising, lambda x: exact_interval((x > 0) - (x < 0))),
    "sin": partial(_sine_or_cosine, "sin", ZERO),
    "softplus": partial(_of_rising, _softplus),
    "sqrt": sqrt,
    "step": partial(_of_rising, lambda x: exact_interval(int(x > 0))),
    "subtract": Interval.__sub__,
    "tanh": partial(_of_rising, _tanh),
    "where": _choose_enclosure,
    **{name: partial(_of_rising, partial(_log_to, base)) for name, base in LOGARITHMS.items()},
}
"""Functions of numbers by the names of the operations table, and what people write besides.

What is not here the table defines with these.
"""


class _Intervals(Algebra[Interval]):
    """Intervals, by their elementary functions alone: never by the code of a plan."""

    def number(self, value: Fraction) -> Interval:
        return Interval(value)

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., Interval] | None:
        return ELEMENTARY.get(row.name)

    def whole(self, value: Interval) -> int:
        return int(value.low)


INTERVALS: Final = _Intervals()
