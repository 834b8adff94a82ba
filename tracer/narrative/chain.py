"""A gradient in one line, through to the data: ∂L/∂w = 2(ŷ − y)·x."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.expression.syntax import Node, walk
from tracer.operations import Term, rebuilt
from tracer.program.program import Equation, names_in
from tracer.program.shapes import Shapes

__all__ = ["chained"]

LONGEST = 120  # parts of an expression; a longer chain stops at the gradient before it


def chained(equations: Mapping[str, Equation], name: str, shapes: Shapes) -> Node:
    """Return a gradient's expression with the gradients in it put in, as far as it stays short.

    `equations` are the backward equations by name.
    """
    return _Chain(equations, shapes).term(name).node


class _Chain:
    def __init__(self, equations: Mapping[str, Equation], shapes: Shapes) -> None:
        self.equations = equations
        self.shapes = shapes
        self.known: dict[str, Term] = {}

    def term(self, name: str) -> Term:
        if name not in self.known:
            expression = self.equations[name].expression
            inner = {
                used: self.term(used)
                for used in names_in(expression)
                if used in self.equations and used != name
            }
            whole = rebuilt(expression, self.shapes.of, inner)
            if sum(1 for _ in walk(whole.node)) > LONGEST:
                whole = rebuilt(expression, self.shapes.of, {})
            self.known[name] = whole
        return self.known[name]
