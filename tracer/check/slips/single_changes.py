"""The smallest changes of a formula: another sign or operation, a square, a root, another figure.

Nothing is evaluated here: whether a change makes a line hold is for the judge to see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tracer.check.model.written_trees import is_literal
from tracer.check.slips.rewriting import PRODUCT, SUM, TWO, Place, is_call, is_number, part_places
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple
from tracer.frozen import Frozen

OTHER_SIGNS: Final = {
    "add": ("subtract", "sign_lost", 0),
    "subtract": ("add", "sign_lost", 0),
    "multiply": ("divide", "other_operation", 1),
    "divide": ("multiply", "other_operation", 1),
}
OPERATIONS_LEFT_OUT: Final[Mapping[str, Callable[[Node], Call]]] = {
    "square_left_out": lambda node: Call("power", (node, TWO), (), node.start, node.end),
    "root_left_out": lambda node: Call("sqrt", (node,), (), node.start, node.end),
}
"""What belongs in the place of a part without it."""


class SingleChange(Frozen):
    """A part of a formula, what may belong there, the formula with it, and the slip behind it.

    The lower the `rank`, the smaller the change: a sign, an operation, a figure.
    """

    node: Node
    new: Node
    whole: Node
    slip: str
    rank: int

    def put_into(self, _: Node) -> Node:
        """Return the formula with what may belong there."""
        return self.whole


def figures_of(formula: Node) -> Iterator[Number]:
    """Yield the figures of a formula but for exponents."""
    for place in part_places(formula):
        if isinstance(place.node, Number) and not _is_exponent(place):
            yield place.node


def _is_exponent(place: Place) -> bool:
    return place.is_in("power") and place.position > 0


def single_changes(
    formula: Node, figures: Sequence[Number], *, has_roots: bool
) -> Iterator[SingleChange]:
    """Yield the smallest changes of a formula, and each of its figures as one of some others.

    Only where the line `has_roots` one may have been left out: that of 0.25 is also its double.
    """
    for place in part_places(formula):
        for new, slip, rank in _changes_at(place, figures):
            if has_roots or slip != "root_left_out":
                yield SingleChange(place.node, new, place.rewritten(new), slip, rank)


def _changes_at(place: Place, figures: Sequence[Number]) -> Iterator[tuple[Node, str, int]]:
    node = place.node
    if is_call(node, *OTHER_SIGNS) and (node.operation != "multiply" or node.sign.strip()):
        other, slip, rank = OTHER_SIGNS[node.operation]
        yield Call(other, node.arguments, (), node.start, node.end), slip, rank
    is_operand = place.is_in(*SUM) and place.position > 0  # its sign is that of the operation
    is_figure = is_literal(node) and not isinstance(node, (Array, Tuple))
    if is_operand or isinstance(node, Array):
        pass
    elif is_call(node, "negative"):
        yield node.arguments[0], "sign_lost", 0
    elif place.parent and not place.is_in(*PRODUCT, "power") and not is_call(node, *SUM):
        yield Call("negative", (node,), (), node.start, node.end), "sign_lost", 1
    if place.is_in("power", "square", "sqrt", "negative") or is_number(node, 0, 1):
        return
    is_sum = is_call(node, *SUM) and not place.is_in(*SUM)
    if is_figure or isinstance(node, Name) or is_sum:
        yield OPERATIONS_LEFT_OUT["square_left_out"](node), "square_left_out", 1
        yield OPERATIONS_LEFT_OUT["root_left_out"](node), "root_left_out", 2
    if isinstance(node, Number):
        for figure in figures:
            if figure.value != node.value:
                yield Number(figure.text, figure.value, node.start, node.end), "", 2
