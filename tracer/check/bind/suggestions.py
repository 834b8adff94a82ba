"""A scenario to suggest for a document: its stated values beside those of the bundled ones.

Nothing is run for it. `given_values` is made from the scenario files
(`python -m tests.check.given_values`), and a test holds it against them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from tracer.check.bind.given_values import GIVEN_VALUES
from tracer.check.model.statements import WorkedDocument
from tracer.check.model.written_trees import is_literal, numbers_in
from tracer.expression.syntax import Array, Call, Name, Node, Tuple

__all__ = ["suggested_scenario"]

LEAST_AGREEING: Final = 3  # names; two small numbers agree by chance


def suggested_scenario(document: WorkedDocument) -> str | None:
    """Return the bundled scenario whose given values a document states; None if there is none.

    All that it states of the scenario's names has to agree. Of several that fit it is the one with
    the most names in common, and of those the first: `one_weight` before `one_weight_sum`.
    """
    stated: dict[str, list[float]] = {}
    for name, node in _stated_values(document):
        stated.setdefault(name, [_as_float(number.value) for number in numbers_in(node)])
    if len(stated) < LEAST_AGREEING:
        return None
    agreeing: dict[str, int] = {}
    for scenario, given in GIVEN_VALUES.items():
        known = stated.keys() & given.keys()
        least = min(LEAST_AGREEING, len(given))
        if len(known) >= least and all(set(stated[name]) <= set(given[name]) for name in known):
            agreeing[scenario] = len(known)
    return max(agreeing, key=lambda name: agreeing[name], default=None)


def _as_float(number: Fraction) -> float:
    """Return the nearest float; infinity, which no value is given as, beyond all of them."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _stated_values(document: WorkedDocument) -> Iterator[tuple[str, Node]]:
    """Yield names with what is said of them: stated, or put in for them in a formula."""
    for chain in document.chains():
        for left, right in itertools.pairwise(side.tree for side in chain.sides):
            if left is not None and right is not None:
                yield from _put_in(left, right)


def _put_in(left: Node, right: Node) -> Iterator[tuple[str, Node]]:
    """Yield the names of a tree with the figures at their places in another one of its form."""
    if isinstance(left, Name):
        if is_literal(right):
            yield left.id, right
    elif isinstance(left, Call) and isinstance(right, Call):
        if left.operation == right.operation and len(left.arguments) == len(right.arguments):
            for one, other in zip(left.arguments, right.arguments, strict=True):
                yield from _put_in(one, other)
    elif isinstance(left, (Array, Tuple)) and isinstance(right, (Array, Tuple)):
        for one, other in zip(left.items, right.items, strict=False):
            yield from _put_in(one, other)
