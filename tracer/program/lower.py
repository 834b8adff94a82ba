"""One operation an equation, and back: what differentiation reads and what people read.

`lower_equations` gives each unnamed value a name, so that every equation holds one operation.
`inline_equations` puts unnamed values back where one line uses them; those that more lines need
stay equations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping

from tracer.expression.syntax import Array, Call, Name, Node, Number, Slice, Tuple, walk
from tracer.operations import Term, literal, replace_names
from tracer.operations.signature import CONSTANTS
from tracer.program.program import Equation, names_in, substitute
from tracer.program.shapes import Shapes

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
    match node:
        case Number():
            return True
        case Name():
            return node.id in CONSTANTS
        case _:
            return all(map(is_literal, node.children()))


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
        known = self.names.get(node)
        if known is None:
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
            known = self.names[node] = Name(name, node.start, node.end)
        return known

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
    equations: list[Equation], gradients: Mapping[str, str], shapes: Shapes
) -> list[Equation]:
    """Return the equations people read: unnamed values stand where they are used once.

    `gradients` gives the unnamed value that an unnamed gradient belongs to: where such a gradient
    stays an equation, so does its value, or a reader could not know what it is the gradient of;
    the shares of such a gradient stay. So does the gradient of an unnamed product that comes from
    sums over its entries, as softmax's: in the middle of a product it could not be read.
    Renamings, signs and single sums of named quantities are put in wherever they are used.
    """
    used = {equation.name: names_in(equation.expression) for equation in equations}
    while renamings := {e.name for e in equations if e.base and e.wrt and _is_renaming(e)}:
        equations = _put_in(equations, renamings, shapes, used)
    uses = _count_uses(equations, used)
    unnamed = {equation.name for equation in equations if equation.base}
    named = {
        gradients[equation.name]
        for equation in equations
        if equation.base and equation.name in gradients and uses[equation.name] > 1
    } | {share.wrt for share in equations if not share.base and share.wrt in unnamed}
    products = _products(equations)
    named |= {
        name
        for equation in equations
        if equation.base and equation.wrt in products and _mixes_entries(equation.expression)
        for name in (equation.name, equation.wrt)
    }
    repeated = unnamed - named - set(gradients)
    small = {e.name for e in equations if e.name in repeated and _is_small(e, named, unnamed)}
    equations = _put_in(equations, small, shapes, used)
    uses = _count_uses(equations, used)
    once = {name for name in unnamed - named if uses[name] < 2}
    return _put_in(equations, once, shapes, used)


def _count_uses(equations: list[Equation], used: Mapping[str, list[str]]) -> Counter[str]:
    """Count how often the equations that matter use each name; unused unnamed ones do not."""
    counts: Counter[str] = Counter()
    for equation in reversed(equations):
        if not equation.base or equation.name in counts:
            for name in used[equation.name]:
                counts[name] = counts.get(name, 0) + 1
    return counts


def _put_in(
    equations: list[Equation],
    names: set[str],
    shapes: Shapes,
    used_names: dict[str, list[str]],
) -> list[Equation]:
    """Put the expressions of some unnamed values where they are used.

    What a person wrote keeps its order; what rules wrote is simplified again. `used_names` has
    those that each equation uses, and is kept so.
    """
    if not names:
        return equations
    values: dict[str, Node] = {}
    terms: dict[str, Term] = {}
    rules: dict[str, tuple[str, ...]] = {}
    result: list[Equation] = []
    for equation in equations:
        read = used_names[equation.name]
        used = [] if values.keys().isdisjoint(read) else [name for name in read if name in values]
        term = None
        if used:
            if equation.phase != "backward" or all(
                [type(values[name]) is Name for name in used]  # noqa: C419 - quicker
            ):  # another name leaves nothing to simplify
                expression = substitute(equation.expression, values)
            else:
                for name in used:
                    if name not in terms:
                        terms[name] = replace_names(values[name], shapes.of, {})
                term = replace_names(equation.expression, shapes.of, terms)
                expression = term.node
            inherited = [rule for name in used for rule in rules[name]]
            all_rules = tuple(dict.fromkeys([*inherited, *equation.rules]))
            equation = equation.rewritten(expression, all_rules)
            used_names[equation.name] = names_in(expression)
        if equation.name in names and equation.base:
            values[equation.name] = equation.expression
            if term is not None:
                terms[equation.name] = term
            rules[equation.name] = equation.rules
        else:
            result.append(equation)
    return result


def _products(equations: list[Equation]) -> set[str]:
    """Return the unnamed values that matrix products are, or that are made of unnamed ones."""
    found: set[str] = set()
    for equation in equations:
        if equation.base and not equation.wrt and isinstance(equation.expression, Call):
            is_product = equation.expression.operation == "matmul"
            if is_product or not found.isdisjoint(names_in(equation.expression)):
                found.add(equation.name)
    return found


def _mixes_entries(node: Node) -> bool:
    """Tell whether an expression sets entries beside sums or means of them, as softmax's does."""
    operations = [part.operation for part in walk(node) if isinstance(part, Call)]
    return len(operations) > 2 and not {"sum", "mean"}.isdisjoint(operations)


def _is_renaming(equation: Equation) -> bool:
    """Tell whether an unnamed gradient is another one, its negative, or made of numbers only."""
    node = equation.expression
    if isinstance(node, Call) and node.operation == "negative":
        node = node.arguments[0]
    return isinstance(node, Name) or is_literal(node)


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
