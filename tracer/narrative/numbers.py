"""How a number is written: the shortest digits that are true at the chosen precision.

One place decides it. The text is plain ASCII with `-`; renderers put in their own minus.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from tracer.expression.syntax import Array, Call, Node, Number
from tracer.operations import Shape

__all__ = [
    "array_node",
    "fraction_node",
    "number_node",
    "number_text",
    "number_texts",
    "plain_texts",
    "raw_texts",
    "sample_number",
    "sample_place",
    "written_text",
]

LONGEST_WHOLE = 1e15  # above it a float no longer holds every whole number


def number_text(value: float, digits: int) -> str:
    """Return a number with at most `digits` significant digits: 0.8, -3, 1.2e-7, inf, nan."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < LONGEST_WHOLE:
        return str(int(value))
    return _plain(f"{value:.{digits}g}")


def sample_number(place: int) -> int:
    """Return the number by which people call a sample: the one at place 0 of a file is sample 1."""
    return place + 1


def sample_place(number: int) -> int:
    """Return the place, from 0, of the sample that people call by a number."""
    return number - 1


def number_texts(values: Sequence[float], digits: int) -> list[str]:
    """Return many numbers at once, each as `number_text` writes it."""
    return plain_texts(raw_texts(values, digits), values, digits)


def raw_texts(values: Sequence[float], digits: int) -> list[str]:
    """Return what `number_texts` says, but small numbers perhaps with an exponent."""
    joined = _formats(digits, len(values)) % tuple(values)
    texts = joined.split()
    if "e+" in joined:  # large and perhaps whole
        texts = [
            number_text(value, digits) if "e+" in text else text
            for text, value in zip(texts, values, strict=True)
        ]
    return texts


def plain_texts(raw: list[str], values: Sequence[float], digits: int) -> list[str]:
    """Return the texts of `raw_texts` as `number_text` writes them."""
    texts = [
        (_small(text) if "e-" in text else "") if "e" in text else text if "." in text else ""
        for text in raw
    ]
    if "" in texts:  # whole, large, or no number
        return [
            text or number_text(value, digits) for text, value in zip(texts, values, strict=True)
        ]
    return texts


@lru_cache(512)
def _formats(digits: int, count: int) -> str:
    return " ".join([f"%.{digits}g"] * count)


def _small(text: str) -> str:
    """Return a number with a negative exponent as `_plain` does: a small one is written out."""
    zeros = _ZEROS.get(text[-4:])
    if zeros is None:
        return text.replace("e-0", "e-")
    if text[0] == "-":
        return f"-{zeros}{text[1]}{text[3:-4]}"
    return f"{zeros}{text[0]}{text[2:-4]}"


_ZEROS = {f"e-{power:02}": f"0.{'0' * (power - 1)}" for power in range(1, 7)}


def written_text(value: int | float | Fraction | Decimal) -> str:
    """Return a given number as it was written."""
    if isinstance(value, float):
        return number_text(value, 17) if not math.isfinite(value) else _plain(repr(value))
    if isinstance(value, Decimal):
        return _plain(str(value).lower())
    if isinstance(value, Fraction) and value.denominator != 1:
        return _plain(repr(float(value)))
    return str(int(value))


def _plain(text: str) -> str:
    """Return the digits without a trailing .0, and a small power of ten written out."""
    mantissa, _, exponent = text.partition("e")
    if exponent:
        power = int(exponent)
        if -6 <= power < 0 or 0 <= power < 16:
            written = format(Decimal(text), "f")
            return written.rstrip("0").rstrip(".") if "." in written else written
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{power}"
    if "." in mantissa:
        stripped = mantissa.rstrip("0").rstrip(".")
        return stripped if stripped not in ("", "-", "-0") else "0"
    return mantissa


@lru_cache(4096)  # a number stands on more than one line
def number_node(text: str) -> Node:
    """Return a written number as a tree; a negative one is the negative of a number."""
    if text.startswith("-"):
        return Call("negative", (number_node(text[1:]),))
    whole, _, decimals = text.partition(".")
    if f"{whole}{decimals}".isdecimal():  # quicker than the text
        return Number(text, Fraction(int(whole + decimals), 10 ** len(decimals)))
    return Number(text, Fraction(text) if text not in ("inf", "nan") else Fraction(0))


def array_node(texts: Sequence[str], shape: Shape) -> Node:
    """Return written numbers, row by row, as one number or an array literal."""
    return nested([number_node(text) for text in texts], shape)


def fraction_node(values: Sequence[Fraction], shape: Shape) -> Node:
    """Return exact numbers, row by row, as one fraction or an array literal."""
    return nested([_fraction(value) for value in values], shape)


def _fraction(value: Fraction) -> Node:
    if value < 0:
        return Call("negative", (_fraction(-value),))
    top = number_node(str(value.numerator))
    if value.denominator == 1:
        return top
    return Call("divide", (top, number_node(str(value.denominator))))


def nested(nodes: Sequence[Node], shape: Shape) -> Node:
    """Return entries, row by row, as one entry or an array literal."""
    if not shape:
        return nodes[0]
    size = len(nodes) // shape[0] if shape[0] else 0
    return Array(
        tuple(
            nested(nodes[place * size : (place + 1) * size], shape[1:]) for place in range(shape[0])
        )
    )
