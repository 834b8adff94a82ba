"""Where a quantity stands in what is computed from it, and under which operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from tracer.expression import Call, Name, Node
from tracer.frozen import Frozen
from tracer.operations import Operation, Shape, Term, bound, literal
from tracer.program.program import Equation, names_in

ADDITIONS: Final = {"add": (0, 1), "subtract": (0,)}  # operands that a gradient reaches unchanged


class OperationLink(Frozen):
    """An operation on the way from a quantity down to one that it is computed from."""

    call: Call
    row: Operation
    operands: Sequence[Node]
    attributes: Mapping[str, object]
    position: int
    whole: bool
    copies: bool


class QuantityPlace(Frozen):
    """One place where a quantity stands: in `user`, under `links`, the innermost first.

    `alone` says that it stands nowhere else in what the user computes.
    """

    user: Equation
    links: Sequence[OperationLink]
    alone: bool


def places_of(
    wrt: str, path: str, equations: Mapping[str, Equation], stations: Collection[str] = ()
) -> list[QuantityPlace]:
    """Return the places of `wrt` in the equation of `path`, as its gradients are numbered.

    `stations` have a gradient of their own: of a part that is one, links go up to it and no higher.
    """
    walk = _Walk(wrt, path, equations, stations)
    user = equations.get(path)
    if user is None:
        return []
    if user.expression == walk.leaf:
        return [QuantityPlace(user, (), True)]
    walk.count(user.expression)
    alone = walk.counts[walk.leaf] == 1 and not any(
        times > 1 and (walk.part(node) is not None or walk.leaf.id in names_in(node))
        for node, times in walk.counts.items()
    )
    walk.enter(user, user.expression, ())
    return [
        QuantityPlace(place.user, place.links, alone)
        for place in sorted(
            walk.found, key=lambda it: (walk.steps[it.links[0].call], -it.links[0].position)
        )
    ]


class _Walk:
    """Walks through an equation as the backward pass takes it apart, to all places of a quantity.

    Parts come before what is made of them, and of one operation the last operand comes first: so
    `differentiate` numbers the gradients. An expression that stands there twice is one value; its
    step is the first one, also where no gradient flows, as in a condition.
    """

    def __init__(
        self,
        wrt: str,
        path: str,
        equations: Mapping[str, Equation],
        stations: Collection[str],
    ) -> None:
        self.leaf = Name(wrt)
        self.path = path
        self.equations = equations
        self.stations = stations
        self.counts: Counter[Node] = Counter()  # how often each expression stands there
        self.steps: dict[Node, int] = {}  # the place of each expression in the order of computing
        self.found: list[QuantityPlace] = []

    def count(self, node: Node) -> None:
        """Count expressions, and look into each but once."""
        self.counts[node] += 1
        if self.counts[node] > 1 or node == self.leaf:
            return
        part = self.part(node)
        if part is not None:
            self.count(part.expression)
        elif isinstance(node, Call) and literal(node) is None:
            for item in bound(node)[1]:
                self.count(item)
            self.steps[node] = len(self.steps)

    def part(self, node: Node) -> Equation | None:
        """Return the equation of a part of the equation that has one of its own."""
        equation = self.equations.get(node.id) if isinstance(node, Name) else None
        return equation if equation is not None and equation.base == self.path else None

    def enter(self, user: Equation, node: Node, above: Sequence[OperationLink]) -> None:
        """Add the places in an expression; `above` are the operations around it."""
        times = self.counts.pop(node, 0)  # 0 for what has been entered before
        part = self.part(node)
        if times and part is not None:
            if part.name in self.stations:
                user, above = part, ()
            self.enter(user, part.expression, above)
        if not times or not isinstance(node, Call) or literal(node) is not None:
            return
        row, operands, attributes = bound(node)
        if row.derivative is None:
            return
        for position, item in enumerate(operands):
            copies = (
                times == 1
                and position in ADDITIONS.get(row.name, ())
                and (not above or above[0].copies)
            )
            link = OperationLink(node, row, operands, attributes, position, not above, copies)
            if not row.rules[position % len(row.rules)]:
                continue  # no gradient flows to this operand
            if item == self.leaf:
                self.found.append(QuantityPlace(user, (link, *above), False))
            else:
                self.enter(user, item, (link, *above))


def nonlinear_positions(
    row: Operation, shapes: Sequence[Shape], attributes: Mapping[str, Any]
) -> frozenset[int]:
    """Return the operands, of some shapes, that an operation is not linear in.

    The gradient of such a one asks for it or for the result; all are without a derivative.
    """
    if row.derivative is None:
        return frozenset(range(len(shapes)))
    operands = [Term(Name(f"·{at}"), shape) for at, shape in enumerate(shapes)]
    out = Term(Name("·out"), row.shape(*shapes, **attributes))
    slopes = row.derivative(Term(Name("·g"), out.shape), out, *operands, **attributes)
    return frozenset(
        at
        for at, slope in enumerate(slopes)
        if slope is not None and not {f"·{at}", "·out"}.isdisjoint(names_in(slope.node))
    )
