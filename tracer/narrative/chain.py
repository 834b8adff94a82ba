"""A gradient in one line, through to the data: ∂L/∂w = 2(ŷ − y)·x."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from tracer.expression.syntax import Node, walk
from tracer.operations import Term, replace_names
from tracer.program.program import Equation, names_in
from tracer.program.shapes import Shapes

__all__ = ["GradientChains"]

LONGEST = 120  # parts of an expression; a longer chain stops at the gradient before it


class GradientChains:
    """The gradients of a program, each with those in it put in, as far as it stays short.

    `equations` are the backward ones in their order: what one uses comes before it.
    """

    def __init__(self, equations: Iterable[Equation], shapes: Shapes) -> None:
        self._known: dict[str, Term] = {}
        for equation in equations:
            expression = equation.expression
            used = names_in(expression)
            inner = {name: self._known[name] for name in used if name in self._known}
            whole = replace_names(expression, shapes.of, inner)
            if sum(1 for _ in islice(walk(whole.node), LONGEST + 1)) > LONGEST:
                whole = replace_names(expression, shapes.of, {})
            self._known[equation.name] = whole

    def expression(self, name: str) -> Node | None:
        """Return a gradient in one line through to the data; None where there is none."""
        known = self._known.get(name)
        return None if known is None else known.node
