"""The wrong formulas that people use instead of a right one, each with the slip it shows.

A rule looks at one place of a formula and writes it otherwise. Nothing is evaluated here: whether
a wrong formula gives the written figure is for the judge to see, and so is that it is the only one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from tracer.check.slips.function_rules import (
    function_rules,
    leaf_rules,
    matrix_rules,
    order_rules,
    power_rules,
)
from tracer.check.slips.product_rules import product_rules
from tracer.check.slips.rewriting import Place, places, substituted
from tracer.check.slips.roles import Roles, guess_roles
from tracer.check.slips.shapes import Context, Rewriting
from tracer.check.slips.sum_rules import difference_rules, negative_rules, sum_rules
from tracer.expression.syntax import Call, Name, Node

__all__ = ["MAX_NODES", "MAX_SUSPECTS", "Roles", "Suspect", "guess_roles", "mal_rules"]

MAX_NODES: Final = 400
MAX_SUSPECTS: Final = 250

Rule = Callable[[Place, Context], Iterator[Rewriting]]


class Suspect(NamedTuple):
    """A wrong formula: the slip that leads to it, and the part of the right one it changes."""

    slip: str
    node: Node
    place: Node | None


_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "add": (sum_rules, order_rules),
    "subtract": (difference_rules, order_rules),
    "multiply": (product_rules, order_rules, matrix_rules),
    "divide": (product_rules, order_rules),
    "negative": (negative_rules,),
    "power": (power_rules,),
    "matmul": (matrix_rules,),
    "outer": (matrix_rules,),
    "transpose_last": (matrix_rules,),
    "transpose": (matrix_rules,),
}


def mal_rules(formula: Node, roles: Roles) -> Iterator[Suspect]:
    """Yield the wrong formulas that may stand behind a figure, one for each slip and place.

    The formula has names, numbers put in, or both. None equals it as written; all nodes that a
    slip leaves alone are the formula's own. A formula with so many places that some slip would
    fit any figure (over 400 nodes or 250 wrong formulas) gives none.
    """
    found: dict[tuple[str, Node], Suspect] = {}
    everything = []
    for place in places(formula):
        everything.append(place)
        if len(everything) > MAX_NODES:
            return
    context = Context(roles, any(isinstance(place.node, Name) for place in everything))
    for place in everything:
        for slip, node in (*_rewritings(place, context), *_uncorrected(place, context)):
            if node == place.node:
                continue
            wrong = place.rewritten(node)
            found.setdefault((slip, wrong), Suspect(slip, wrong, place.node))
            if len(found) > MAX_SUSPECTS:
                return
    yield from found.values()


def _rewritings(place: Place, context: Context) -> Iterator[Rewriting]:
    node = place.node
    if isinstance(node, Call):
        for rule in _RULES.get(node.operation, (function_rules,)):
            yield from rule(place, context)
    elif isinstance(node, Name):
        yield from leaf_rules(place, context)


def _uncorrected(place: Place, context: Context) -> Iterator[Rewriting]:
    """Yield the whole formula with m and v for the corrected means: with both, or with one."""
    if place.parent is not None:
        return
    new = context.roles.uncorrected
    for changed in (new, *({name: plain} for name, plain in new.items())):
        yield "bias_correction_left_out", substituted(place.node, changed)
