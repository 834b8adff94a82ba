"""The formulas by which a run computes a quantity: as traced, and with others put in.

People write a gradient in one line (2(ŷ − y)·x), or over the gradient before it, or entry by
entry. All of these are made from the program's own equations.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from tracer.errors import TracerError
from tracer.expression.syntax import Call, Name, Node, walk
from tracer.operations import Shape, Term, bound, replace_names
from tracer.program.elements import Elements, UnknownInteger, public_form
from tracer.program.program import names_in
from tracer.run.trace import Trace

MOST_PARTS: Final = 400
MOST_FORMULAS: Final = 6
MOST_KEPT: Final = 2000


class Formulas:
    """The formulas of one program."""

    def __init__(self, trace: Trace) -> None:
        built = trace.segments[0].built
        self._trace = trace
        self._program = built.program
        self._shapes = built.shapes
        self._equations = {
            item.name: item for item in self._program.equations if item.phase != "metric"
        }
        self._expressions = {name: item.expression for name, item in self._equations.items()}
        self._elements = Elements(built.shapes)
        self._wholes: Final = cache(lambda name: dict.fromkeys(self._put_together(name)))
        self.of: Final = lru_cache(MOST_KEPT)(self._formulas_of)

    def _formulas_of(self, name: str, index: Shape) -> Sequence[Node]:
        """Return the formulas of a quantity or of one of its entries."""
        if name not in self._equations:
            return ()
        trees = [] if index else list(self._wholes(name))
        if len(index) == len(self._shapes[name]):
            trees += filter(None, (self._entry(node, index) for node in self._wholes(name)))
        sized = {tree: sum(1 for _ in walk(tree)) for tree in trees}
        few = sorted((tree for tree in sized if sized[tree] < MOST_PARTS), key=sized.__getitem__)
        return tuple(few[:MOST_FORMULAS])

    def _entry(self, node: Node, index: Shape) -> Node | None:
        """Return one entry of an expression written out; None where it is too long."""
        try:
            if self._length(node) > MOST_PARTS:
                return None
            return public_form(self._elements.entry(node, index).node)
        except (UnknownInteger, TracerError, KeyError):
            return None

    def _length(self, node: Node) -> int:
        """Estimate the parts of one entry written out: each sum multiplies what is under it."""
        if not isinstance(node, Call):
            return 1
        row, operands, _ = bound(node)
        below = sum(map(self._length, operands))
        if row.elementwise or row.view or not operands:
            return 1 + below
        shapes = [self._shapes.of(operand) for operand in operands]
        size = max(1, math.prod(self._shapes.of(node)))
        longest = max(shape[-1] if shape else 1 for shape in shapes)
        return 1 + below * max(longest, *(math.prod(shape) // size for shape in shapes))

    # Whole equations

    def _put_together(self, name: str) -> Iterator[Node]:
        """Yield the equation, then the equation with more and more quantities put in."""
        forward = self._in_phases("forward")
        gradients = self._in_phases("backward")
        parts = {
            name
            for name, item in self._equations.items()
            if (item.base and item.phase != "update") or "#" in name
        }
        try:
            whole = self._with(self._expressions[name], parts, deep=True)
            yield whole
            yield self._with(self._with(whole, gradients, deep=False), parts, deep=True)
            chain = self._with(whole, parts | gradients, deep=True)
            yield chain
            yield self._with(whole, forward, deep=False)
            yield self._with(chain, forward, deep=False)
        except TracerError:  # a shape or a size that cannot be written in one expression
            return

    def _in_phases(self, *phases: str) -> set[str]:
        return {name for name, item in self._equations.items() if item.phase in phases}

    def _with(self, node: Node, names: Collection[str], *, deep: bool) -> Node:
        """Return an expression with these quantities put in, through to others where `deep`."""
        terms: dict[str, Term] = {}

        def term(name: str) -> Term:
            if name not in terms:
                inner: Mapping[str, Term] = {}
                if deep:
                    used = dict.fromkeys(names_in(self._expressions[name]))
                    inner = {item: term(item) for item in used if item in names}
                terms[name] = replace_names(self._expressions[name], self._shapes.of, inner)
                if sum(1 for _ in walk(terms[name].node)) >= MOST_PARTS:
                    terms[name] = Term(Name(name), self._shapes[name])
            return terms[name]

        found = {name: term(name) for name in dict.fromkeys(names_in(node)) if name in names}
        return replace_names(node, self._shapes.of, found).node if found else node
