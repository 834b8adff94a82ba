"""A gradient as a product: what comes in from above, times the local derivative.

A rule of the table writes each gradient as an expression that is linear in what comes in. So the
factors are found in that expression: an operation that is linear in an operand has a derivative by
it in which the operand does not stand.
"""

from __future__ import annotations

import math
from collections import ChainMap, Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from tracer.expression import (
    Call,
    Display,
    Name,
    Node,
    label_part,
    strip_label,
    transpose_form,
    walk,
    with_parts,
    with_subscripts,
)
from tracer.frozen import Frozen, replace
from tracer.narrative.blocks import present
from tracer.narrative.pictures import way_to_loss
from tracer.narrative.sign_words import SHARED_SUM
from tracer.narrative.steps import put_in
from tracer.narrative.textbook_blocks import (
    SplitPart,
    put_back,
    sign_with_source,
    split_into_blocks,
)
from tracer.operations import Shape, Term, apply, bound, bound_calls, literal, lookup, number
from tracer.operations.textbook import DrawnPart, Textbook
from tracer.program.program import BuiltProgram, Equation, names_in
from tracer.program.quantity_places import ADDITIONS, nonlinear_positions, places_of
from tracer.program.shapes import Shapes

UPSTREAM: Final = "upstream!"  # no names of the language: they stand for parts of a formula
LOCAL: Final = "local!"
NUMBERED_RULES: Final = frozenset(("power rule", "derivative of a square root"))
"""Rules that give a slope with a number of its own, the 2 of 2 x and of 1/(2 √x)."""


class GradientProduct(Frozen):
    """A gradient drawn as a product, a label below each factor.

    `expression` is the gradient. `parts` are what the formula has signs for: each equation with
    its sign, as the left side of a line of its own; None where that is a line above. `labelled` are
    those of them that are drawn with labels too. `replaced` are the names of lines above that are
    not told beside it; `whole` is then the gradient without them.
    """

    formula: DrawnPart
    expression: Node
    parts: Sequence[tuple[DrawnPart | None, Equation]] = ()
    labelled: Mapping[Node, DrawnPart] = MappingProxyType({})
    replaced: Sequence[str] = ()
    whole: Node | None = None


def gradient_product(
    built: BuiltProgram, step: Equation, textbook: Textbook
) -> GradientProduct | None:
    """Return a backward step as a product; None for a sum over paths and for what is forward.

    Where lines above have worked out what comes in times some of the local derivative, the product
    replaces them, if it has a name for the derivative; else the formula alone is told by factors.
    """
    if step.phase != "backward" or not step.wrt or not step.path:
        return None
    parts, carriers = _parts_of_gradients(built)
    whole = put_back(step.expression, parts)
    own_names, all_names = names_in(step.expression), names_in(whole)
    incoming = {name for name in all_names if name.startswith(f"d{step.of}/d")}
    if not incoming or not incoming.isdisjoint(own_names):
        if len(incoming) == 1:
            (name,) = incoming
            expression = _product_of(step.expression, Name(name), built.shapes)
            step = step._replace(expression=expression)
        return _Factors(built, step, textbook).product()
    carried = put_back(step.expression, {name: parts[name] for name in carriers})
    factors = _Factors(built, step._replace(expression=carried), textbook)
    product = factors.product()
    if factors.has_slope:
        replaced = [*carriers.intersection(own_names)]
        for name in replaced:
            replaced += carriers.intersection(names_in(parts[name]))
        return replace(product, whole=carried, replaced=replaced)
    factors = _Factors(built, step._replace(expression=whole), textbook, is_opened=True)
    return GradientProduct(factors.product().formula, step.expression)


@lru_cache(4)
def _parts_of_gradients(built: BuiltProgram) -> tuple[Mapping[str, Node], frozenset[str]]:
    """Return the parts of gradients that have equations of their own, in their order.

    With them come the names of those that take a gradient on to one other equation alone.
    """
    backward = [*built.program.phase("backward")]
    parts = {item.name: item.expression for item in backward if not item.wrt}
    uses = Counter(name for item in backward for name in names_in(item.expression))
    gradients = {item.name for item in backward if item.wrt}
    carriers: set[str] = set()
    for name, expression in parts.items():
        if uses[name] == 1 and not (gradients | carriers).isdisjoint(names_in(expression)):
            carriers.add(name)
    return parts, frozenset(carriers)


def entry_function(node: Node | None, inner: Name) -> str:
    """Return the function of each entry that an expression is of a quantity, '' for none."""
    if not isinstance(node, Call) or node.arguments != (inner,) or node.keywords:
        return ""
    row = lookup(node.operation)
    return row.name if row.elementwise else ""


class _Factors:
    """The factors of one gradient, found from what comes in outwards."""

    def __init__(
        self, built: BuiltProgram, step: Equation, textbook: Textbook, *, is_opened: bool = False
    ) -> None:
        self.program = built.program
        self.lines = _parts_of_gradients(built)[0]
        self.step = step
        self.textbook = textbook
        self.shapes = built.shapes
        self.parts: dict[str, Node] = {}  # what names that are not of the program stand for
        self.signs: dict[str, Node] = {}  # what is drawn for a name
        self.formulas = {**textbook.formulas}  # and what is drawn anew below an index
        self.part_signs: dict[Node, Node] = {}  # and for a part of the formula
        self.labelled: dict[Node, DrawnPart] = {}
        self.is_opened = is_opened  # whether a derivative is written out, and not called σ′(z)
        self.has_slope = False  # whether it is called so
        self.above = step.path  # what the gradient comes in for: the user, or a part of it

    def product(self) -> GradientProduct:
        """Return the gradient with its labels."""
        whole = self.step.expression
        names = names_in(whole)
        incoming = [name for name in names if name.startswith(f"d{self.step.of}/d")]
        if not incoming:
            labelled = self.sign(whole, "local; upstream: 1")
            return GradientProduct(DrawnPart(labelled), whole, self.functions_in(whole))
        self.above = incoming[0].removeprefix(f"d{self.step.of}/d")
        self.find_signs(Name(incoming[0]))
        if not self.is_opened:
            self.find_shared()
        if len(incoming) == 1:
            product = self.of_way(_way_of(whole, Name(incoming[0])))
        else:
            for name in dict.fromkeys(
                incoming
            ):  # an entry reaches several, so what comes in stands there again
                self.signs[name] = self.sign(Name(name), "upstream")
            product = GradientProduct(DrawnPart(self.with_labels(whole)), whole)
        if product.parts:
            return product
        # What the formula has signs for stands in lines of its own.
        nodes = set(walk(whole))
        drawn = set(walk(product.formula.drawn))
        self.part_signs = {
            part: sign
            for part, sign in self.part_signs.items()
            if sign in drawn or not is_one_for_each_row(part, self.shapes)
        }
        terms = ((sign, self.shapes.term(part)) for part, sign in self.part_signs.items())
        parts = [
            (
                DrawnPart(strip_label(sign)),
                self.step._replace(expression=part.node, shape=part.shape, rules=()),
            )
            for sign, part in terms
            if part.node in nodes
        ]
        return replace(product, parts=parts, labelled=self.labelled)

    def functions_in(self, whole: Node) -> list[tuple[DrawnPart | None, Equation]]:
        """Return the functions of arrays in a formula: their values have lines of their own.

        What labels choose has none: it is put in by what it is for these labels.
        """
        return [
            (
                None if row.integers else DrawnPart(self.textbook.expression(part)),
                self.step._replace(expression=part, shape=self.shapes.of(part), rules=()),
            )
            for part, row, operands, attributes in bound_calls(whole)
            if len(operands) == 1 and self.shapes.of(part)
            if row.integers
            or (
                row.derivative
                and nonlinear_positions(row, [self.shapes.of(operands[0])], attributes)
            )
        ]

    def find_signs(self, incoming: Name) -> None:
        """Find what a longer formula has a sign for: x̂ for the standardized x, and ∂L/∂x̂.

        That gradient is what comes in times what the operation above does to x̂, by its definition.
        """
        whole = self.step.expression
        for part in walk(whole):
            if isinstance(part, Call) and part != whole and lookup(part.operation).sign:
                self.part_signs[part] = sign_with_source(part, self.textbook)
        user = self.definition_above()
        row, operands, attributes = bound(user) if isinstance(user, Call) else (None, (), {})
        if row is None or row.definition is None or not self.part_signs or self.is_opened:
            return
        defined = row.definition(*map(self.shapes.term, operands), **attributes).node
        for part, sign in list(self.part_signs.items()):
            way = _way_of(defined, part)
            last = _end_of(way, 0, _is_scaled) if way else 0
            added = all(
                isinstance(it, Call) and it.operation in ADDITIONS for it in way[last + 1 :]
            )
            if last and added:
                scaled = self.shapes.term(incoming) * self.factor(way[: last + 1])
                named = Display("gradient", (Name(self.step.of), sign))
                self.part_signs[scaled.node] = label_part(named, "upstream")
                factors = (
                    self.stand_for(UPSTREAM, incoming, "upstream"),
                    self.stand_for(LOCAL, self.factor(way[: last + 1]).node, "local"),
                )
                self.labelled[scaled.node] = DrawnPart(self.with_labels(Call("multiply", factors)))

    def find_shared(self) -> None:
        """Find what all entries of a row share, such as a sum of products with what comes in."""
        plain = {part: strip_label(sign) for part, sign in self.part_signs.items()}
        textbook = Textbook(self.shapes.of, self.textbook.named, plain, self.formulas)
        for part in walk(self.step.expression):
            is_shared = part != self.step.expression and is_one_for_each_row(part, self.shapes)
            if not is_shared or part in self.part_signs:
                continue
            sign = textbook.node(part)
            if any(isinstance(it, Display) and it.kind == "over" for it in walk(sign)):
                above, by = (self.textbook.node(Name(it)) for it in (self.above, self.step.wrt))
                sign = with_subscripts(SHARED_SUM, [above if isinstance(above, Name) else by])
            self.part_signs[part] = sign
            self.labelled[part] = DrawnPart(textbook.expression(part))

    def of_way(self, way: Sequence[Node]) -> GradientProduct:
        """Return the product by the operations from what comes in up to the gradient."""
        first = _end_of(  # what only puts its entries elsewhere
            way,
            0,
            lambda call, operand: (
                lookup(call.operation).moves
                and not lookup(call.operation).elementwise
                and not lookup(call.operation).integers  # which are the local derivative
                and bound(call)[1][0] == operand
            ),
        )
        last = _end_of(way, first, _is_scaled)
        is_whole = last == len(way) - 1
        local = self.factor(way[first : last + 1])
        constant = local.literal
        is_long = constant is None and not isinstance(_source(local.node), Name)
        if is_whole and is_long and not self.is_opened:
            return self.of_slope(way[first], local)
        core: Node
        expression = self.step.expression
        if constant is None:
            whole = self.shapes.of(way[first])
            is_widened = first == 1 and whole == (*self.shapes.of(way[0]), 1)
            up = self.stand_for(UPSTREAM, way[0 if is_widened else first], "upstream")
            is_named = not isinstance(self.textbook.expression(Name(self.above)), Call)
            name = self.partial() if is_whole and is_named else None
            role = "local" if is_whole else self.role(local.node)
            # What else multiplies it is a part of the derivative too, and has no label.
            is_part = any(
                self.siblings(way, at) and not self.local_factors(way, at)
                for at in range(last, len(way) - 1)
            )
            row = lookup(local.node.operation) if isinstance(local.node, Call) else None
            chooses = row is not None and row.derivative is None and not row.elementwise
            slope = (
                local.node
                # A choice says which entries count: it is drawn with what is around.
                if is_part or (chooses and not is_whole)
                else self.stand_for(LOCAL, local.node, role, name)
            )
            signs = (_put_in(way[1], way[0], up) if is_widened else up, slope)
            shape = () if is_widened else whole  # what is spread over new places stands first
            core = Call("multiply", _number_first(signs, shape, local.shape))
            factors = _number_first((way[first], local.node), shape, local.shape)
            ordered = Call("multiply", factors)  # figures stand as signs do
            if self.shapes.of(ordered) == self.shapes.of(way[last]):
                expression = put_in(expression, {way[last]: ordered})
        else:
            texts = {1: "upstream; local: 1", -1: "upstream; local: −1"}
            has_factors = any(
                self.siblings(way, at) or lookup(call.operation).integers
                for at, call in enumerate(way[last + 1 :], last)
                if isinstance(call, Call)
            )
            text = "upstream" if has_factors else texts.get(int(constant), "upstream")
            core = self.split_matrix(way[first], way[first]) or way[first]
            up = self.stand_for(UPSTREAM, core, text)
            core = _put_in(way[last], core, up)
        for at in range(last, len(way) - 1):
            above = way[at + 1]
            for part in self.local_factors(way, at):
                sign = self.stand_for(f"{LOCAL}{len(self.parts)}", part, self.role(part))
                above = _put_in(above, part, sign)
            core = _put_in(above, way[at], core)
        drawn, matrix = self.with_labels(core), self.split_matrix(core, way[-1])
        formula = DrawnPart(drawn) if matrix is None else SplitPart(drawn, self.with_labels(matrix))
        return GradientProduct(formula, expression)

    def split_matrix(self, drawn: Node, whole: Node) -> Node | None:
        """Return the matrix that is drawn split by its columns; None where nothing is split so."""
        matrix, shape = split_into_blocks(whole), self.shapes.of(whole)
        if matrix is None or self.shapes.of(matrix) != (shape[1], shape[0] * shape[2]):
            return None
        return split_into_blocks(drawn)

    def of_slope(self, upstream: Node, local: Term) -> GradientProduct:
        """Return the product with a name for the local derivative, which has its own line."""
        self.has_slope = True
        slope, shape = self.slope(), self.shapes.of(upstream)
        are_arrays = math.prod(local.shape) > 1 and math.prod(shape) > 1
        product = "hadamard" if are_arrays else "multiply"
        factor = transpose_form(slope) if len(local.shape) == 1 < len(shape) else slope
        signs = self.sign(upstream, "upstream"), label_part(factor, "local")
        return GradientProduct(
            DrawnPart(Call(product, _number_first(signs, shape, local.shape))),
            Call("multiply", _number_first((upstream, local.node), shape, local.shape)),
            [
                (None, self.step._replace(expression=upstream, shape=shape, rules=())),
                (
                    DrawnPart(slope),
                    self.step._replace(expression=local.node, shape=local.shape, rules=()),
                ),
            ],
        )

    def factor(self, way: Sequence[Node]) -> Term:
        """Return what operations on a way multiply with: the way with 1 in the place of its end."""
        result = Term(number(1))
        for inner, call in pairwise(way):
            assert isinstance(call, Call)
            row, operands, attributes = bound(call)
            if row.scales:
                result = apply("broadcast", result, shape=self.shapes.of(inner))
            terms = [result if item == inner else self.shapes.term(item) for item in operands]
            result = apply(row.name, *terms, **attributes)
        if result.operation == "multiply" and result.parts[1].literal is not None:
            result = apply("multiply", *reversed(result.parts))  # 2 w, and not w · 2
        return result

    def siblings(self, way: Sequence[Node], at: int) -> list[Node]:
        """Return what the operation above a place on the way joins it with."""
        call = way[at + 1]
        assert isinstance(call, Call)
        row, operands, _ = bound(call)
        return [
            item
            for name, item in zip(row.operands, operands, strict=False)
            if item != way[at] and name not in row.integers and literal(item) is None
        ]

    def local_factors(self, way: Sequence[Node], at: int) -> list[Node]:
        """Return the local derivatives among them.

        A divisor is none, but 1 over it; and where numbers of several rules were worked out into
        one, the factors are what these have left.
        """
        call = way[at + 1]
        is_divided = isinstance(call, Call) and call.operation == "divide"
        is_whole = NUMBERED_RULES.isdisjoint(self.step.rules) and not is_divided
        return self.siblings(way, at) if is_whole else []

    def role(self, factor: Node) -> str:
        """Return what a quantity is that stands as a factor: the weights, or the input of those."""
        factor = _source(put_back(factor, self.lines))
        if not isinstance(factor, Name) or not self.stand_beside(factor, Name(self.step.wrt)):
            return "local"
        by, other = (it in self.program.parameters for it in (self.step.wrt, factor.id))
        if by and other:  # both are trained: the operation calls its input x
            user = self.definition_above()
            row, operands, _ = bound(user) if isinstance(user, Call) else (None, (), {})
            called = dict(zip(operands, row.operands, strict=False)) if row is not None else {}
            by, other = (called.get(item) == "x" for item in (factor, Name(self.step.wrt)))
        return "local: input" if by else "local: weights" if other else "local"

    def stand_beside(self, one: Node, other: Node) -> bool:
        """Say whether two quantities are operands of one operation in the formula above."""
        parts: dict[Node, Node] = {
            Name(it.name): it.expression for it in self.program.equations if it.base
        }

        def origin(node: Node) -> Node:
            source = _source(node)
            part = parts.get(source, source)
            return source if _source(part) == part else origin(part)

        waiting = present(self.definition_above())
        while waiting and one != other:
            node = waiting.pop()
            waiting += present(*node.children(), parts.get(node))
            if isinstance(node, Call):
                operands = [*map(origin, bound(node)[1])]
                if origin(one) in operands and origin(other) in operands:
                    return True
        return False

    def slope(self) -> Node:
        """Return the name of the local derivative: σ′(z), or ∂y/∂x."""
        inner = Name(self.step.wrt)
        function = entry_function(self.definition_above(), inner)
        if not function:
            return self.partial()
        return Display("derivative", (self.textbook.expression(inner),), function)

    def definition_above(self) -> Node | None:
        """Return what the gradient comes in for; None of an entry that no equation computes."""
        expressions = (
            item.expression for item in self.program.equations if item.name == self.above
        )
        return next(expressions, None)

    def partial(self) -> Node:
        """Return the derivative of the quantity above by the one below.

        Where that goes into the one above in several places, the gradient has as many shares, and
        this is what one of them brings. Where something else in the formula above depends on it
        too, it is not all that a change of the one below does to the one above. In both cases it
        is named by the operation that it is in.
        """
        above, by = (self.textbook.expression(Name(it)) for it in (self.above, self.step.wrt))
        gradient = Display("gradient", (above, by))
        incoming = f"d{self.step.of}/d{self.above}"
        shares = [
            item
            for item in self.program.phase("backward")
            if item.wrt == self.step.wrt and item.path and incoming in names_in(item.expression)
        ]
        share = self.textbook.expression(Name(self.step.name))
        if len(shares) > 1 and isinstance(share, Display) and share.kind == "through":
            return Display("through", (gradient, share.parts[1]), "in")
        computed = {item.name: item for item in self.program.phase("forward", "loss")}
        moved = {*way_to_loss(self.program, self.step.wrt)}
        user = computed.get(self.above)
        own = {item.wrt for item in self.program.phase("backward")}
        lines = {
            it.name: it.expression for it in computed.values() if it.base and it.name not in own
        }
        whole = () if user is None else names_in(put_back(user.expression, lines))
        used = moved.intersection(whole)
        parts = [computed[name] for name in used - {self.step.wrt} if computed[name].base]
        if len(used) == len(parts) == 1:  # all goes through that part
            used = moved.intersection(names_in(parts[0].expression))
        if user is None or used == {self.step.wrt}:
            return gradient
        (link, *_), *_ = (it.links for it in places_of(self.step.wrt, self.above, computed))
        return Display("through", (gradient, self.textbook.node(link.call)), "in")

    def stand_for(self, id: str, part: Node, text: str, name: Node | None = None) -> Name:
        """Return a name that stands for a part of the formula, and is drawn with a label."""
        self.parts[id] = part
        self.signs[id] = self.sign(part, text, name)
        self.formulas[id] = label_part(part, text, name)
        return Name(id)

    def sign(self, part: Node, text: str, name: Node | None = None) -> Node:
        """Return a part as it is drawn, with a label."""
        return label_part(self.with_labels(part), text, name)

    def with_labels(self, node: Node) -> Node:
        """Return a formula with the parts that have labels."""
        there = {name: self.shapes[name] for name in self.shapes.names()}
        there |= {name: self.shapes.of(part) for name, part in self.parts.items()}
        named = ChainMap(self.signs, dict(self.textbook.named))
        textbook = Textbook(Shapes(there).of, named, self.part_signs, self.formulas)
        return textbook.expression(node)


def is_one_for_each_row(node: Node, shapes: Shapes) -> bool:
    """Say whether an operation makes one number of a row, which stays beside all its entries."""
    if not isinstance(node, Call) or lookup(node.operation).elementwise:
        return False
    operands = bound(node)[1]
    before, after = [*map(shapes.of, operands[:1])], shapes.of(node)
    return len(operands) == 1 and before != [after] and after == (*before[0][:-1], 1)


def _number_first(factors: tuple[Node, Node], one: Shape, other: Shape) -> tuple[Node, ...]:
    """Return two factors of these shapes, a number before an array."""
    return factors[::-1] if one and not other else factors


def _way_of(node: Node, leaf: Node) -> list[Node]:
    """Return the expressions from a leaf up to the whole; none where it is not in there."""
    if node == leaf:
        return [node]
    if isinstance(node, Call):
        for item in node.arguments:
            way = _way_of(item, leaf)
            if way:
                return [*way, node]
    return []


def _product_of(node: Node, leaf: Node, shapes: Shapes) -> Node:
    """Return what comes in, reshaped, times factors, where an expression can be written so.

    Then the factors are the local derivative: of reshape(g / s) * x it is x over s in that shape.
    """
    reshaped = _reshaped_first(node, leaf, shapes)
    way = _way_of(reshaped, leaf)
    first = _end_of(way, 0, lambda call, _: call.operation == "reshape")
    return reshaped if _end_of(way, first, _is_scaled) == len(way) - 1 else node


def _reshaped_first(node: Node, leaf: Node, shapes: Shapes) -> Node:
    """Return an expression that reshapes what comes in before anything is worked out with it."""
    for inner, call in pairwise(_way_of(node, leaf)):
        if not isinstance(call, Call) or call.operation != "reshape" or not isinstance(inner, Call):
            continue
        row, operands, _ = bound(inner)
        is_same = all(shapes.of(it) in ((), shapes.of(inner)) for it in operands)
        if row.elementwise and is_same:
            terms = map(shapes.term, operands)
            moved = [
                apply("reshape", it, shape=shapes.of(call)) if it.shape else it for it in terms
            ]
            node = put_in(node, {call: apply(row.name, *moved).node})
            return _reshaped_first(node, leaf, shapes)
    return node


def _end_of(way: Sequence[Node], at: int, goes_on: Callable[[Call, Node], bool]) -> int:
    """Return the last place on a way up to which all operations are of a kind."""
    while at + 1 < len(way):
        call = way[at + 1]
        if not isinstance(call, Call) or not goes_on(call, way[at]):
            break
        at += 1
    return at


def _is_scaled(call: Call, operand: Node) -> bool:
    """Say whether an operation multiplies each entry of its operand with a factor."""
    row, operands, attributes = bound(call)
    if row.scales:
        return True
    if not row.elementwise or operand not in operands or row.name in ADDITIONS:
        return False
    nonlinear = nonlinear_positions(row, [()] * len(operands), attributes)
    return operands.index(operand) not in nonlinear


def _source(node: Node) -> Node:
    """Return what entries come from that are only chosen or moved."""
    while isinstance(node, Call):
        row, operands, _ = bound(node)
        if row.elementwise or not row.moves or row.derivative is None:
            break
        node = operands[0]
    return node


def _put_in(node: Node, part: Node, other: Node) -> Node:
    """Return an expression with one of its operands replaced."""
    if node == part:
        return other
    return with_parts(node, lambda item: other if item == part else item)
