"""The shape of every expression, worked out once from the shapes of the names in it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tracer.errors import LimitError, ShapeError
from tracer.expression import Array, Call, Name, Node, Number, render
from tracer.operations import Shape, Term, bound, shape_text, vocabulary
from tracer.program.given_array import MAX_NUMBERS
from tracer.sentences import say

MOST_FORMULA = 60  # characters of a formula that an error quotes


class Shapes:
    """Shapes of names, and of the expressions over them."""

    def __init__(self, names: Mapping[str, Shape]) -> None:
        self._names = dict(names)
        self._known: dict[Node, Shape] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> Shape:
        return self._names[name]

    def add(self, name: str, shape: Shape) -> None:
        """Give a name its shape."""
        if self._names.get(name, shape) != shape:
            self._known.clear()
        self._names[name] = shape

    def names(self) -> tuple[str, ...]:
        """Return all names that have a shape."""
        return tuple(self._names)

    def of(self, node: Node) -> Shape:
        """Return the shape of an expression.

        Raises ShapeError, LimitError for one that is too large, KeyError for an unknown name.
        """
        if isinstance(node, Name):
            return self._names[node.id]
        if isinstance(node, Number):
            return ()
        shape = self._known.get(node)
        if shape is None:
            shape = self._known[node] = self._work_out(node)
        return shape

    def term(self, node: Node) -> Term:
        """Return an expression as a term for rules to write with."""
        return Term(node, self.of(node))

    def _work_out(self, node: Node) -> Shape:
        if isinstance(node, Array):
            rows = {self.of(item) for item in node.items}
            if len(rows) > 1:
                raise ShapeError(say("the rows of an array literal differ in length"))
            return (len(node.items), *(rows.pop() if rows else ()))
        assert isinstance(node, Call), node
        row, operands, attributes = bound(node)
        shapes = [self.of(operand) for operand in operands]
        if row.elementwise and not any(shapes):
            return ()  # as of most operations in a scalar program
        try:
            shape = row.shape(*shapes, **attributes)
        except ShapeError as error:
            raise _with_names(error, node) from None
        if math.prod(shape) > MAX_NUMBERS:
            raise LimitError(
                say("{name}: the result is too large", name=row.name),
                found=say("the shape {shape}", shape=shape_text(shape)),
                expected=say("at most {most} numbers", most=f"{MAX_NUMBERS:,}"),
            )
        return shape


def _with_names(error: ShapeError, node: Call) -> ShapeError:
    """Return an error with the formula that names the quantities, where that is short."""
    text = render(node, "ascii", vocabulary=vocabulary())
    if len(text) <= MOST_FORMULA:
        error.what = say("{what} in {formula}", what=error.what, formula=text)
    return error
