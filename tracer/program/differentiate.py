"""The backward pass, source to source: equations in, equations of the gradients out.

Reverse mode, one operation at a time: each operation's rule writes what its inputs get. Nothing
here knows an operation by name. Contributions that meet are equations of their own, `dloss/dw#1`,
`dloss/dw#2`, in the order in which the forward pass uses the quantity, and their sum `dloss/dw`.
The 1 that starts the pass is never written.
Source: Griewank and Walther, Evaluating Derivatives, chapter 3.
"""

from __future__ import annotations

from collections.abc import Collection

from tracer.errors import ShapeError
from tracer.expression.syntax import Call, Name, Node
from tracer.frozen import Value
from tracer.operations import Term, apply, bound, broadcast_shape, lookup, number, shape_text
from tracer.operations.arithmetic import sum_of_terms
from tracer.program.lower import gradient_name, inline_equations, lower_equations
from tracer.program.program import Equation, names_in
from tracer.program.shapes import Shapes
from tracer.sentences import say


class Gradients(Value):
    """A backward pass.

    `forward` is the forward pass with the unnamed values it needs named; `backward` the gradients
    in the order they are computed; `names` the gradient of each quantity that has one;
    `unreached` the wanted quantities without a path from the loss (their gradient is zeros).
    """

    forward: tuple[Equation, ...]
    backward: tuple[Equation, ...]
    names: dict[str, str]
    unreached: tuple[str, ...]


def differentiate(
    equations: list[Equation], loss: str, wanted: Collection[str], shapes: Shapes
) -> Gradients:
    """Return the gradients of `loss` with respect to every equation on the way and `wanted`.

    Raises ShapeError where the loss is not a single number.
    """
    full = differentiate_lowered(equations, loss, wanted, shapes, together=True)
    unnamed = {
        equation.name: equation.wrt for equation in full.backward if equation.wrt and equation.base
    }
    together = inline_equations([*full.forward, *full.backward], unnamed, shapes)
    written = {equation.name for equation in full.backward}  # an earlier backward pass is left out
    backward = tuple(equation for equation in together if equation.name in written)
    forward = tuple(equation for equation in together if equation.name not in written)
    return Gradients(forward, backward, full.names, full.unreached)


def differentiate_lowered(
    equations: list[Equation],
    loss: str,
    wanted: Collection[str],
    shapes: Shapes,
    *,
    together: bool = False,
) -> Gradients:
    """Return the same with one operation an equation, before unnamed values are put back.

    With `together` a gradient that is another one by name has no equation of its own.
    """
    shape = shapes[loss]
    if shape:
        raise ShapeError(
            say("{loss} is the loss, but not a single number", loss=loss),
            found=say("the shape {shape}", shape=shape_text(shape)),
            expected=say("a single number: mean(…) or sum(…) of it"),
        )
    lowered = lower_equations(equations, shapes)
    return _Backward(lowered, loss, wanted, shapes, together=together).gradients()


MOST_TERMS = 24  # terms of one sum over paths; a deeper tree is hard to read and to walk


class _Backward:
    """One walk from the loss to the parameters.

    With `together` the gradient of an unnamed value that is only another gradient has no equation:
    it would be put in where it is used.
    """

    def __init__(
        self,
        lowered: list[Equation],
        loss: str,
        wanted: Collection[str],
        shapes: Shapes,
        *,
        together: bool,
    ) -> None:
        self.together = together
        self.inherited: dict[str, tuple[str, ...]] = {}  # rules of gradients without equation
        self.lowered = lowered
        self.loss = loss
        self.wanted = wanted
        self.shapes = shapes
        self.used = {equation.name: names_in(equation.expression) for equation in lowered}
        self.reaching = self.names_reached()
        self.contributions: dict[str, list[tuple[Term, Equation, tuple[str, ...]]]] = {}
        self.backward: list[Equation] = []
        self.names: dict[str, str] = {}
        self.first_line = {equation.name: equation.line for equation in lowered}

    def names_reached(self) -> set[str]:
        """Return the names whose gradient is on the way from the loss to what is wanted."""
        reached = set(self.wanted)
        for equation in self.lowered:
            node = equation.expression
            stops = isinstance(node, Call) and lookup(node.operation).derivative is None
            if not stops and not reached.isdisjoint(self.used[equation.name]):
                reached.add(equation.name)
        return reached

    def gradients(self) -> Gradients:
        backwards = self.lowered[::-1]
        first_use = {name: each.name for each in backwards for name in self.used[each.name]}
        ends: dict[str, list[str]] = {}  # wanted quantities by the equation that uses them first
        for name in self.wanted:
            if name in first_use:
                ends.setdefault(first_use[name], []).append(name)
        for equation in backwards:
            gradient = self.gradient(equation.name, equation)
            if gradient is not None:
                self.push(equation, gradient)
            for name in ends.get(equation.name, ()):  # all that uses it has been walked
                self.gradient(name, None)
        unreached = tuple(
            name for name in self.wanted if name not in self.names and name != self.loss
        )
        return Gradients(tuple(self.lowered), tuple(self.backward), self.names, unreached)

    def gradient(self, name: str, equation: Equation | None) -> Term | None:
        """Write the gradient of a quantity; None where none arrives, 1 for the loss."""
        if name == self.loss:
            return Term(number(1))
        arriving = self.contributions.get(name)
        if not arriving:
            return None
        full = gradient_name(self.loss, name)
        base = equation.base if equation is not None else ""
        if len(arriving) == 1:
            term, user, rules = arriving[0]
            if self.together and base and type(term.node) is Name:
                self.names[name] = full
                self.inherited[name] = rules
                return term
            self.write(full, term, name, base, rules, user)
        else:
            parts = []
            for position, (term, user, rules) in enumerate(reversed(arriving), start=1):
                part = f"{full}#{position}"
                self.write(part, term, name, "", rules, user)
                parts.append(Term(Name(part), term.shape))
            parts = self.gathered(full, name, parts)
            self.write(full, sum_of_terms(parts), name, base, ("sum over paths",), None)
        self.names[name] = full
        return Term(Name(full), self.shapes[name])

    def gathered(self, full: str, name: str, parts: list[Term]) -> list[Term]:
        """Write sums of some paths each, where there are too many for one line."""
        count = len(parts)
        while len(parts) > MOST_TERMS:
            sums: list[Term] = []
            for first in range(0, len(parts), MOST_TERMS):
                group = parts[first : first + MOST_TERMS]
                if len(group) > 1:
                    count += 1
                    part = f"{full}#{count}"
                    self.write(part, sum_of_terms(group), name, "", ("sum over paths",), None)
                    group = [Term(Name(part), self.shapes[name])]
                sums.extend(group)
            parts = sums
        return parts

    def write(
        self,
        name: str,
        term: Term,
        wrt: str,
        base: str,
        rules: tuple[str, ...],
        user: Equation | None,
    ) -> None:
        self.shapes.add(name, self.shapes[wrt])
        self.backward.append(
            Equation(
                name,
                term.node,
                self.shapes[wrt],
                "backward",
                line=self.first_line.get(wrt, 0),
                rules=tuple(dict.fromkeys(filter(None, rules))),
                of=self.loss,
                wrt=wrt,
                path="" if user is None else user.base or user.name,
                base=base,
            )
        )

    def push(self, equation: Equation, gradient: Term) -> None:
        """Give each input of an equation what flows to it."""
        node = equation.expression
        if isinstance(node, Name):
            if node.id in self.reaching:
                self.contribute(node, gradient, equation, "the same quantity")
            return
        if not isinstance(node, Call):
            return
        row, operands, attributes = bound(node)
        wanted = [isinstance(item, Name) and item.id in self.reaching for item in operands]
        if row.derivative is None or not any(wanted):
            return
        out = Term(Name(equation.name), equation.shape)
        terms = [self.shapes.term(operand) for operand in operands]
        flowing = row.derivative(gradient, out, *terms, **attributes)
        each = enumerate(zip(operands, wanted, flowing, strict=True))
        for place, (operand, is_wanted, term) in each:
            if is_wanted and term is not None:
                self.contribute(operand, term, equation, row.rules[place % len(row.rules)])

    def contribute(self, operand: Node, term: Term, equation: Equation, rule: str) -> None:
        assert isinstance(operand, Name)
        shape = self.shapes[operand.id]
        rules: tuple[str, ...] = (*self.inherited.get(equation.name, ()), rule)
        if term.shape != shape:
            full = broadcast_shape(rule, term.shape, shape)
            term = apply("sum_to", apply("broadcast", term, shape=full), shape=shape)
            if full != shape:
                rules = (*rules, *lookup("sum_to").rules)
        self.contributions.setdefault(operand.id, []).append((term, equation, rules))
