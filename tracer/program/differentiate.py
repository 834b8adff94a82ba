"""The backward pass, source to source: equations in, equations of the gradients out.

Reverse mode, one operation at a time: each operation's rule writes what its inputs get. Nothing
here knows an operation by name. Contributions that meet are equations of their own, `dloss/dw#1`,
`dloss/dw#2`, in the order in which the forward pass uses the quantity, and their sum `dloss/dw`.
The 1 that starts the pass is never written.

Each unnamed value has a name for that, so that every equation holds one operation; then unnamed
values are put back where one line uses them, and those that more lines need stay equations.
Source: Griewank and Walther, Evaluating Derivatives, chapter 3.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from itertools import chain

from tracer.errors import ShapeError
from tracer.expression import Array, Call, Name, Node, Number, Slice, Tuple, walk, with_parts
from tracer.frozen import Value, replace
from tracer.operations import (
    CONSTANTS,
    Term,
    apply,
    bound,
    broadcast_shape,
    literal,
    lookup,
    number,
    replace_names,
    shape_text,
)
from tracer.operations.arithmetic import sum_of_terms
from tracer.program.joined_shares import join_shares, with_joined
from tracer.program.program import Equation, names_in, substitute
from tracer.program.shapes import Shapes
from tracer.sentences import say

CHEAP = frozenset(
    {"add", "subtract", "multiply", "divide", "negative"}
    | {"transpose_last", "transpose", "index", "reshape"}
)


def gradient_name(loss: str, name: str) -> str:
    """Return the name of a gradient: dloss/dw; of a gradient's gradient dh/d(dloss/dw)."""
    return f"d{loss}/d({name})" if "/" in name else f"d{loss}/d{name}"


def unused_name(name: str, taken: Container[str]) -> str:
    """Return the name, with underscores added where it is taken."""
    while name in taken:
        name += "_"
    return name


def base_name(equation: Equation) -> str:
    """Return what the names of an equation's unnamed values begin with: `h3` for `h[3]`.

    Parts of gradients and updates are called u_1, u_2, …: their own names are long enough.
    """
    if equation.phase in ("backward", "update") or "/" in equation.name:
        return "u"
    return equation.name.replace("[", "").replace("]", "").replace(", ", "_")


def is_literal(node: Node) -> bool:
    """Tell whether an expression is made of numbers only."""
    if type(node) is Name:
        return node.id in CONSTANTS
    return type(node) is Number or all(map(is_literal, node.children()))


def lower_equations(equations: list[Equation], shapes: Shapes) -> list[Equation]:
    """Return the equations with one operation each; unnamed values are called `base_1`, ….

    The same value twice in one equation gets one name. `shapes` learns the new names.
    """
    return [part for equation in equations for part in _Lowering(equation, shapes).equations()]


class _Lowering:
    """Takes one equation apart."""

    def __init__(self, equation: Equation, shapes: Shapes) -> None:
        self.equation = equation
        self.shapes = shapes
        self.base = base_name(equation)
        self.names: dict[Node, Name] = {}
        self.parts: list[Equation] = []

    def equations(self) -> list[Equation]:
        root = self.equation.expression
        if not isinstance(root, Call) or is_literal(root):
            return [self.equation]
        whole = self.one_operation(root)
        if not self.parts:
            return [self.equation]
        return [*self.parts, self.equation.rewritten(whole, self.equation.rules)]

    def one_operation(self, call: Call) -> Call:
        arguments = [
            item if type(item) is Name or type(item) is Number else self.argument(item)
            for item in call.arguments
        ]
        return Call(call.operation, tuple(arguments), call.keywords, call.start, call.end)

    def argument(self, item: Node) -> Node:
        """Return an operand by its name; of a list, the names of its parts."""
        if isinstance(item, Array) and not is_literal(item):
            return Array(tuple([self.name_of(part) for part in item.items]))
        return self.name_of(item)

    def name_of(self, node: Node) -> Node:
        """Return the node, or the name of the unnamed value it is."""
        if not isinstance(node, Call) or is_literal(node):
            return node
        renamed = self.names.get(node)
        if renamed is None:
            inner = self.one_operation(node)
            name = self.fresh_name()
            shape = self.shapes.of(node)
            self.shapes.add(name, shape)
            # A part of the loss is not the loss: it is computed on the way there.
            phase = "forward" if self.equation.phase == "loss" else self.equation.phase
            self.parts.append(
                Equation(
                    name,
                    inner,
                    shape,
                    phase,
                    line=self.equation.line,
                    path=self.equation.path,
                    base=self.equation.base or self.equation.name,
                )
            )
            renamed = self.names[node] = Name(name, node.start, node.end)
        return renamed

    def fresh_name(self) -> str:
        """Return a name for the next unnamed value that nothing has."""
        base = self.base
        count = len(self.parts) + 1
        if base == "u":
            while f"u_{count}" in self.shapes:
                count += 1
            return f"u_{count}"
        return unused_name(f"{base}_{count}", self.shapes)


def inline_equations(
    equations: list[Equation],
    gradients: Mapping[str, str],
    shapes: Shapes,
    used: dict[str, list[str]],
) -> list[Equation]:
    """Return the equations people read: unnamed values stand where they are used once.

    `gradients` gives the unnamed value that an unnamed gradient belongs to: where such a gradient
    stays an equation, so does its value, or a reader could not know what it is the gradient of;
    the shares of such a gradient stay. So does the gradient of an unnamed product that comes from
    sums over its entries, as softmax's: in the middle of a product it could not be read.
    Renamings, signs and single sums of named quantities are put in wherever they are used.
    `used` has the names that each equation uses, and is kept so.
    """
    equations = _put_in(equations, lambda e: _is_renaming(e, used[e.name], shapes), shapes, used)
    uses = _count_uses(equations, used)
    unnamed = {equation.name for equation in equations if equation.base}
    named = {
        gradients[equation.name]
        for equation in equations
        if equation.base and equation.name in gradients and uses[equation.name] > 1
    } | {share.wrt for share in equations if not share.base and share.wrt in unnamed}
    named |= {it.name for it in equations if it.base and it.rules == ("sum over paths",)}
    products = _products(equations, used) | _net_inputs(equations)
    named |= {
        name
        for equation in equations
        if equation.base and equation.wrt in products and _is_worked(equation.expression)
        for name in (equation.name, equation.wrt)
    }
    repeated = unnamed - named - set(gradients)
    small: set[str] = set()
    constants: set[str] = set()  # single numbers worked out of those that stay: 1 / (2 * d)
    others = {e.name for e in equations} | {e.wrt for e in equations if e.wrt}
    for e in equations:
        if e.name in repeated and _is_small(e, named, unnamed - constants):
            small.add(e.name)
            if not e.shape and others.isdisjoint({*used[e.name]} - constants):
                constants.add(e.name)
    equations = _put_in(equations, lambda e: e.name in small, shapes, used)
    uses = _count_uses(equations, used)
    once = {name for name in unnamed - named if uses[name] < 2}
    return _put_in(equations, lambda e: e.name in once, shapes, used)


def _count_uses(equations: list[Equation], used: Mapping[str, list[str]]) -> Counter[str]:
    """Count how often the equations that matter use each name; unused unnamed ones do not."""
    names: list[str] = []
    needed: set[str] = set()
    for equation in reversed(equations):
        if not equation.base or equation.name in needed:
            names += used[equation.name]
            needed.update(used[equation.name])
    return Counter(names)


def _put_in(
    equations: list[Equation],
    goes: Callable[[Equation], bool],
    shapes: Shapes,
    used_names: dict[str, list[str]],
) -> list[Equation]:
    """Put the expressions of unnamed values where they are used, of those that are to go.

    An equation is asked about with others put into it. What a person wrote keeps its order; what
    rules wrote is simplified again. `used_names` has those that each equation uses, and is kept so.
    """
    values: dict[str, Node] = {}
    terms: dict[str, Term] = {}
    rules: dict[str, tuple[str, ...]] = {}
    ones: set[str] = set()  # gradients of named quantities that are 1
    result: list[Equation] = []
    for equation in equations:
        operands = used_names[equation.name]
        used: Sequence[str] = ()
        if not values.keys().isdisjoint(operands):
            used = [name for name in operands if name in values]
        if used and type(equation.expression) is Name and not ones.isdisjoint(used):
            used = ()  # the gradient of a named sum is handed on by its name
        term = None
        if used:
            if equation.phase != "backward" or all(
                [type(values[name]) is Name for name in used]  # noqa: C419 - quicker
            ):  # another name leaves nothing to simplify
                expression = substitute(equation.expression, values)
                names = [used_names[name] if name in values else [name] for name in operands]
                used_names[equation.name] = [*chain.from_iterable(names)]
            else:
                for name in used:
                    if name not in terms:
                        terms[name] = replace_names(values[name], shapes.of, {})
                term = replace_names(equation.expression, shapes.of, terms)
                expression = term.node
                used_names[equation.name] = names_in(expression)
            inherited = [rule for name in used for rule in rules[name]]
            all_rules = tuple(dict.fromkeys([*inherited, *equation.rules]))
            equation = equation.rewritten(expression, all_rules)
        is_gone = bool(equation.base) and goes(equation)
        whole = equation.expression
        is_one = type(whole) is Number and whole.value == 1 and bool(equation.wrt)
        if is_gone or is_one:  # a factor of 1 says nothing, though what it is of has a name
            values[equation.name] = equation.expression
            if term is not None:
                terms[equation.name] = term
            rules[equation.name] = equation.rules if is_gone else ()
        if not is_gone:
            result.append(equation)
            if is_one:
                ones.add(equation.name)
    return result


def _products(equations: list[Equation], used: Mapping[str, list[str]]) -> set[str]:
    """Return the unnamed values that matrix products are, or that are made of unnamed ones."""
    products: set[str] = set()
    for equation in equations:
        if equation.base and not equation.wrt and isinstance(equation.expression, Call):
            is_product = equation.expression.operation == "matmul"
            if is_product or not products.isdisjoint(used[equation.name]):
                products.add(equation.name)
    return products


def _net_inputs(equations: list[Equation]) -> set[str]:
    """Return the unnamed values that are all that an activation is applied to, entry by entry."""
    parts = {equation.name for equation in equations if equation.base and not equation.wrt}
    return {
        operand.id
        for equation in equations
        if not equation.base and isinstance(equation.expression, Call)
        for row in [lookup(equation.expression.operation)]
        if row.is_activation and row.elementwise
        for operand in equation.expression.arguments[:1]
        if len(equation.expression.arguments) == 1 and isinstance(operand, Name)
        if operand.id in parts
    }


def _is_worked(node: Node) -> bool:
    """Tell whether a gradient comes from more than another one and numbers: by a function's slope.

    Softmax's sets entries beside sums of them.
    """
    return isinstance(node, Call) and sum(isinstance(part, Name) for part in walk(node)) > 1


def _is_renaming(equation: Equation, names: Sequence[str], shapes: Shapes) -> bool:
    """Tell whether a gradient is another one, its negative, or one number at every entry.

    `names` are those that its expression has.
    """
    if not equation.wrt:
        return False
    node = equation.expression
    if isinstance(node, Call) and node.operation == "negative":
        node = node.arguments[0]
    if isinstance(node, Name) or is_literal(node):
        return True
    is_number = len(names) < 2 and not any(shapes[name] for name in names)
    is_of_gradient = all(name.startswith(f"d{equation.of}/d") for name in names)
    return bool(equation.base) and is_number and is_of_gradient


def _is_small(equation: Equation, kept: set[str], unnamed: set[str]) -> bool:
    """Tell whether an unnamed value is one cheap operation on named quantities and numbers."""
    node = equation.expression
    if not isinstance(node, Call):
        return True
    if node.operation not in CHEAP:
        return is_literal(node)
    return all(
        literal(item) is not None
        or isinstance(item, (Slice, Tuple))
        or (isinstance(item, Name) and (item.id in kept or item.id not in unnamed))
        for item in node.arguments
    )


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
    lowered = _lowered(equations, loss, shapes)
    together, full = _put_together(lowered, loss, wanted, shapes)
    # An earlier backward pass is left out.
    gradients = {equation.name for equation in full.backward}
    backward = [equation for equation in together if equation.name in gradients]
    joined = join_shares(backward, shapes)
    forward = tuple(equation for equation in together if equation.name not in gradients)
    return Gradients(forward, tuple(with_joined(backward, joined)), full.names, full.unreached)


def differentiate_lowered(
    equations: list[Equation], loss: str, wanted: Collection[str], shapes: Shapes
) -> Gradients:
    """Return the same with one operation an equation, before unnamed values are put back.

    Shares by one formula are one here too, and computed in the same way, to the last bit.
    """
    lowered = _lowered(equations, loss, shapes)
    full = _Backward(lowered, loss, wanted, shapes, together=False).gradients()
    together, _ = _put_together(lowered, loss, wanted, shapes)
    gradients = {equation.name for equation in full.backward}
    joined = join_shares([it for it in together if it.name in gradients], shapes)
    return replace(full, backward=tuple(with_joined(full.backward, joined)))


def _put_together(
    lowered: list[Equation], loss: str, wanted: Collection[str], shapes: Shapes
) -> tuple[list[Equation], Gradients]:
    """Return the equations people read, with all shares, and the backward pass they come from."""
    walk = _Backward(lowered, loss, wanted, shapes, together=True)
    full = walk.gradients()
    unnamed = {
        equation.name: equation.wrt for equation in full.backward if equation.wrt and equation.base
    }
    used = walk.used | {each.name: names_in(each.expression) for each in full.backward}
    return inline_equations([*full.forward, *full.backward], unnamed, shapes, used), full


def _lowered(equations: list[Equation], loss: str, shapes: Shapes) -> list[Equation]:
    """Return equations taken apart into one operation each, on the way to a single number."""
    shape = shapes[loss]
    if shape:
        raise ShapeError(
            say("{loss} is the loss, but not a single number", loss=loss),
            found=say("the shape {shape}", shape=shape_text(shape)),
            expected=say("a single number: mean(…) or sum(…) of it"),
        )
    return lower_equations(equations, shapes)


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
        self.computed: dict[Call, Name] = {}  # names of values by what they are computed as
        for equation in lowered:
            node = equation.expression
            if isinstance(node, Call) and node.operation not in CHEAP and not equation.base:
                self.computed.setdefault(node, Name(equation.name))
        self.operations = {call.operation for call in self.computed}

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
            parts = self.gather_paths(full, name, parts)
            self.write(full, sum_of_terms(parts), name, base, ("sum over paths",), None)
        self.names[name] = full
        return Term(Name(full), self.shapes[name])

    def gather_paths(self, full: str, name: str, parts: list[Term]) -> list[Term]:
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
                self.by_names(term.node),
                self.shapes[wrt],
                "backward",
                self.first_line.get(wrt, 0),
                tuple(dict.fromkeys(filter(None, rules))),
                self.loss,
                wrt,
                "" if user is None else user.base or user.name,
                base,
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
        reaches = [isinstance(item, Name) and item.id in self.reaching for item in operands]
        if row.derivative is None or not any(reaches):
            return
        out = Term(Name(equation.name), equation.shape)
        terms = [self.shapes.term(operand) for operand in operands]
        flowing = row.derivative(gradient, out, *terms, **attributes)
        each = enumerate(zip(operands, reaches, flowing, strict=True))
        for place, (operand, is_wanted, term) in each:
            if is_wanted and term is not None:
                self.contribute(operand, term, equation, row.rules[place % len(row.rules)])

    def by_names(self, node: Node) -> Node:
        """Return what a rule wrote, with the names of values that the forward pass has computed.

        With p = softmax(z) above it, the gradient of the cross-entropy is p - one_hot(y).
        """
        if type(node) is not Call:
            return node
        name = self.computed.get(node) if node.operation in self.operations else None
        return with_parts(node, self.by_names) if name is None else name

    def contribute(self, operand: Node, term: Term, equation: Equation, rule: str) -> None:
        assert isinstance(operand, Name)
        shape = self.shapes[operand.id]
        rules: tuple[str, ...] = (*self.inherited.get(equation.name, ()), rule)
        if term.shape != shape:
            full = broadcast_shape(rule, term.shape, shape)
            term = apply("sum_to", apply("broadcast", term, shape=full), shape=shape)
            if math.prod(full) != math.prod(shape):  # else entries only change their shape
                rules = (*rules, *lookup("sum_to").rules)
        self.contributions.setdefault(operand.id, []).append((term, equation, rules))
