"""Blocks in textbook notation: every formula in them is drawn by the looks of the operations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import takewhile
from typing import Any, Final

from tracer.expression import (
    DOT,
    MOST_HIGH,
    Array,
    Call,
    Display,
    Name,
    Node,
    Number,
    letter,
    strip_label,
    walk,
    with_subscripts,
)
from tracer.expression.names import letters_and_digits
from tracer.frozen import Frozen, fields_of, replace
from tracer.narrative.blocks import (
    Block,
    EquationLine,
    Heading,
    Paragraph,
    Some,
)
from tracer.narrative.derivation_options import Style
from tracer.narrative.line_forms import MOST_FORMS, FilledForm
from tracer.narrative.steps import is_function, put_in, without_zeros
from tracer.operations import (
    Shape,
    Term,
    apply,
    bound,
    indices_of,
    literal,
    lookup,
    nested_array,
    number,
    number_node,
    vocabulary,
    written_text,
)
from tracer.operations.law import LawLine, drawn_law, law_sides
from tracer.operations.textbook import DrawnPart, Textbook, in_a_line
from tracer.program.elements import Elements, join_trees
from tracer.program.program import BuiltProgram, Equation, Program, names_in, substitute
from tracer.program.quantity_places import OperationLink, places_of
from tracer.program.shapes import Shapes
from tracer.run.interpret import interpret
from tracer.run.scalar_code import FRACTIONS
from tracer.sentences import say

MOST_RECORDS = 1024  # sentences, paragraphs and their like that are kept drawn
MOST_AXES = 3  # of an array that is put into a line
MOST_MOVED = 256  # entries of an array that is put in after its entries were moved
MOST_REPEATED = 2  # places of a line into which one matrix is put
ONES = Display("bold", text="1")
BLOCKS_FIRST = (1, 0, 2)  # the axes of blocks of columns, before each row had its blocks
MOST_SUMMED = 6  # rows, or columns, whose sum is written out


def textbook_in(style: Style, built: BuiltProgram) -> Textbook | None:
    """Return what writes the formulas of a program in a notation; None for code, as it stands."""
    return None if style == "code" else textbook_for(built)


@lru_cache(4)
def textbook_for(built: BuiltProgram) -> Textbook:
    """Return what writes the formulas of a program as a textbook does.

    What has no name of its own is shown as what it is, or as the net input of what it belongs to;
    a share of a gradient by the quantity that it comes through.
    """
    equations = {item.name: item for item in built.program.equations}
    parts = Counter(item.expression for item in equations.values() if item.base and not item.wrt)
    computed = built.program.phase("forward", "loss")
    names = (it for item in computed for it in walk(item.expression) if isinstance(it, Name))
    uses: Counter[Node] = Counter(names)
    # The net input of a gate z is no z: Bishop calls net inputs a.
    parts_of = ((item, equations.get(item.base)) for item in equations.values() if item.base)
    owners = [part.base for part, base in parts_of if _is_net_input(part, base)]
    net = "a" if any(name.startswith("z") for name in owners) else "z"
    net_signs = _signs_of_net_inputs(owners, net, frozenset(built.shapes.names()))
    named: dict[str, Node] = {}
    signs: dict[Node, Node] = {}  # and what each stands for
    formulas: dict[str, Node] = {}
    computed_by_itself: dict[Node, Name] = {
        item.expression: Name(item.name)
        for item in built.program.phase("forward")
        if not item.base and isinstance(item.expression, Call)
    }
    textbook = Textbook(
        built.shapes.of,
        named,
        formulas=formulas,
        computed=computed_by_itself,
        names=frozenset(built.shapes.names()),
    )
    users: Mapping[str, Node] | None = None  # worked out once, when all before it has its name
    for equation in equations.values():
        if equation.phase == "backward" and users is None:
            users = _operations_between(built.program, textbook)
        if equation.base and not equation.wrt:
            is_net = _is_net_input(equation, equations.get(equation.base))
            sign = net_signs[equation.base] if is_net else _sign_of_call(equation, textbook)
            if sign is not None and signs.setdefault(sign, equation.expression) != (
                equation.expression
            ):
                sign = None  # two norms of one quantity, with gains of their own
            named[equation.name] = sign or textbook.expression(equation.expression)
            if sign is None:
                formulas[equation.name] = equation.expression
        elif equation.phase == "backward" and equation.wrt:
            whole = equation.name.partition("#")[0]
            if equation.wrt in named and whole not in named:
                by = textbook.below_index(Name(equation.wrt))
                named[whole] = Display("gradient", (Name(equation.of), by))
                part = equations[equation.wrt]
                # It may have the look of another, or of a quantity's entry that has more uses.
                if max(parts[part.expression], uses[_moved_name(part.expression)]) > 1:
                    user = named.get(part.base, Name(part.base))
                    word = "into" if user == Name(equation.of) else "via"
                    named[whole] = Display("through", (named[whole], user), word)
            if "#" in equation.name and equation.path and users is not None:
                user = users.get(equation.name) or named.get(equation.path, Name(equation.path))
                word = "into" if user == Name(equation.of) else "via"
                gradient = named.get(whole, Name(whole))
                named[equation.name] = Display("through", (gradient, user), word)
    return textbook


def _moved_name(part: Node) -> Node:
    """Return the quantity of which a part has some entries, or all elsewhere: W of W₁₂ and Wᵀ."""
    moves = isinstance(part, Call) and lookup(part.operation).moves
    return next((item for item in part.children() if moves and isinstance(item, Name)), DOT)


def signs_of_parts(built: BuiltProgram) -> frozenset[str]:
    """Return the parts of equations that a textbook has a sign for, such as a net input."""
    textbook = textbook_for(built)
    return frozenset(
        part.name
        for part in built.program.phase("forward")
        if part.base and textbook.named[part.name] != textbook.node(part.expression)
    )


def _sign_of_call(part: Equation, textbook: Textbook) -> Node | None:
    """Return the sign of what an operation gives, x̂ for the standardized x; None without one.

    An operation may be another one by its definition, where some of its operands do nothing.
    """
    whole = part.expression
    if not isinstance(whole, Call):
        return None
    row, operands, attributes = bound(whole)
    calls: list[Node] = [whole]
    if row.definition is not None:
        terms = (Term(item, textbook.shape_of(item)) for item in operands)
        calls.insert(0, row.definition(*terms, **attributes).node)
    signed = (it for it in calls if isinstance(it, Call) and lookup(it.operation).sign)
    call = next(signed, None)
    return None if call is None else sign_with_source(call, textbook)


def sign_with_source(call: Call, textbook: Textbook) -> Node:
    """Return the sign of what an operation gives, with the quantity that it is made of.

    A letter has the quantity below it, x̂ of X, but for x̂ of x itself; letters that are read as a
    word have it in brackets, LN(X).
    """
    names = [*dict.fromkeys(names_in(call.arguments[0]))]
    source = textbook.node(Name(names[0]) if len(names) == 1 else call.arguments[0])
    sign = lookup(call.operation).sign
    if sign.isupper():
        return Display("function", (source,), sign)
    is_its_own = names == sign.split("_")[:1] and source == Name(names[0])
    return (
        Name(sign)
        if is_its_own and not textbook.has(sign)
        else with_subscripts(Name(sign), [source])
    )


def _operations_between(program: Program, textbook: Textbook) -> dict[str, Node]:
    """Return what the shares of a gradient come through, where the quantity alone is not enough.

    In h = (1 - z) * a + z * b both shares of z come through h: one by 1 - z, the other by z * b.
    In h = z * z and S = Z @ Z.T both come through one product, each through a factor of its own.
    """
    computed = {item.name: item for item in program.phase("forward", "loss")}
    parts = {it.expression: Name(it.name) for it in computed.values() if it.base}
    shares: dict[tuple[str, str, str], list[str]] = {}
    for item in program.phase("backward"):
        if item.path:
            shares.setdefault((item.of, item.wrt, item.path), []).append(item.name)
    between: dict[str, Node] = {}
    for (_, wrt, path), names in shares.items():
        places = places_of(wrt, path, computed) if len(names) > 1 else ()
        if len(places) == len(names):
            for name, place in zip(names, places, strict=True):
                moves = takewhile(lambda link: _moves_all(link, textbook), place.links)
                links = place.links[: len([*moves]) + 1]
                whole = put_back(links[-1].call, {it.id: part for part, it in parts.items()})
                is_named = [*walk(whole)].count(Name(wrt)) < 2  # by the operation: it has it once
                call = links[0].call
                between[name] = (
                    textbook.node(parts.get(call, call)) if is_named else _open_at(links, textbook)
                )
    ways = {
        name: (of, wrt, path, between[name])
        for (of, wrt, path), names in shares.items()
        for name in names
        if name in between
    }
    alike = Counter((of, wrt, way) for of, wrt, _, way in ways.values())
    for name, (of, wrt, path, way) in ways.items():
        if alike[of, wrt, way] > 1:  # of uᵀu, which stands in two formulas
            between[name] = Display("through", (way, textbook.node(Name(path))), "in")
    return between


def put_back(node: Node, parts: Mapping[str, Node]) -> Node:
    """Return an expression with parts in the place of their names, those within them too."""
    names = parts.keys() & names_in(node)
    return put_back(substitute(node, {it: parts[it] for it in names}), parts) if names else node


def _moves_all(link: OperationLink, textbook: Textbook) -> bool:
    """Say whether an operation puts each entry of its operand elsewhere, and leaves none out."""
    before, after = map(textbook.shape_of, (link.operands[link.position], link.call))
    return link.row.moves and math.prod(before) == math.prod(after)


def _open_at(links: Sequence[OperationLink], textbook: Textbook) -> Node:
    """Return operations with a blank for the operand of the first: of x x that is • x or x •."""
    blank = Name("•")  # no name of the language
    shape = textbook.shape_of(links[0].operands[links[0].position])
    node: Node = blank
    for link in links:
        operands = [node if at == link.position else it for at, it in enumerate(link.operands)]
        arguments = (Array(tuple(operands)),) if link.row.variadic else tuple(operands)
        node = Call(link.call.operation, arguments, link.call.keywords)
    return drawn_with_signs(node, textbook, {blank.id: (letter(blank.id), shape)})


def drawn_with_signs(
    node: Node, textbook: Textbook, signs: Mapping[str, tuple[Node, Shape]]
) -> Node:
    """Return what is drawn for an expression with signs for names that the program lacks."""
    shapes = {name: shape for name, (_, shape) in signs.items()}
    shapes |= {name: textbook.shape_of(Name(name)) for name in names_in(node) if name not in signs}
    named = {**textbook.named, **{name: sign for name, (sign, _) in signs.items()}}
    return Textbook(Shapes(shapes).of, named).expression(node)


def _is_net_input(part: Equation, base: Equation | None) -> bool:
    """Say whether a part is all that an activation is applied to: tanh(W x + b)."""
    if (
        base is None
        or not isinstance(base.expression, Call)
        or base.expression.arguments != (Name(part.name),)
    ):
        return False
    is_activation = lookup(base.expression.operation).is_activation
    return is_activation and part.shape == base.shape and base.phase == "forward"


def _signs_of_net_inputs(owners: Sequence[str], net: str, names: frozenset[str]) -> dict[str, Node]:
    """Return the sign of each net input: z₁ of a₁ where no other is numbered 1, else z_h of h."""
    splits = [letters_and_digits(owner) for owner in owners]
    numbers = Counter(split[1] for split in splits if split is not None)
    is_free = not any(name.startswith(net) for name in names)
    signs: dict[str, Node] = {}
    for owner, split in zip(owners, splits, strict=True):
        is_numbered = is_free and split is not None and split[1] and numbers[split[1]] == 1
        below = (letter(split[1]),) if split is not None and is_numbered else ()
        signs[owner] = Display("own", (Name(owner), *below), net)
    return signs


def in_textbook(blocks: Iterable[Block], textbook: Textbook | None) -> Iterator[Block]:
    """Yield blocks with their formulas drawn; as they are where there is no textbook."""
    if textbook is None:
        yield from blocks
        return
    for block in blocks:
        drawn_block = drawn_formulas(block, textbook)
        line, before = drawn_block, block
        if isinstance(drawn_block, FilledForm):
            line = before = drawn_block.form  # without figures
        if (
            not isinstance(line, EquationLine)
            or not isinstance(before, EquationLine)
            or _says_anything(line, before, textbook)
        ):
            yield drawn_block


@lru_cache(MOST_FORMS)
def _says_anything(line: EquationLine, before: EquationLine, textbook: Textbook) -> bool:
    """Say whether a drawn line says more than what it was before it was drawn."""
    if line.left == line.formula and not (line.result or line.extent):
        return False  # what has no name of its own, and no numbers yet
    others = [part for part in before.formula.children() if isinstance(part, Name)]
    # Another quantity's entries in another shape look the same.
    return all(textbook.node(it) != line.left or it == before.left for it in others)


def line_in_textbook(line: EquationLine, textbook: Textbook) -> EquationLine:
    """Return a line with its formulas drawn, and the numbers as a textbook puts them in."""
    line = _side_by_side(line, textbook)
    left, formula = textbook.expression(line.left), textbook.expression(line.formula)
    # Of a quantity that has a line above, p for softmax(z), the value is put in.
    if line.reduced is not None and not {*names_in(formula)} <= {*names_in(line.formula)}:
        line = replace(line, worked=line.reduced, reduced=None)
    shortened: Node | None = None
    if line.worked is not None and line.result is not None:
        is_exact = line.reduced is not None and _figures_in(line.reduced) <= _figures_in(
            line.worked
        )
        before = line.reduced if line.reduced is not None and is_exact else line.worked
        shortened = without_idle_terms(before)
        if shortened == line.worked:
            shortened = None
        elif line.reduced is not None:
            reduced = None if is_exact else without_idle_terms(line.reduced)
            line = replace(line, reduced=reduced)
    substituted = None if line.worked is None else textbook.numbers(line.worked)
    if substituted is None and line.substituted is not None:
        numbers = line.substituted
        rows = map(lookup, numbers.content.operations)  # the formula may be drawn already
        if any(row.moves or row.name in ("sum", "mean") for row in rows):
            numbers = carried_out(numbers, textbook)
        substituted = with_bold_ones(textbook.numbers(numbers))
        # Where one matrix stands there again and again, nobody sees the formula; no more does one
        # where a long vector comes twice.
        arrays = Counter(part for part in walk(substituted) if isinstance(part, Array))
        indices = (  # nobody can read one that runs over an array of numbers
            item
            for part in walk(substituted)
            if isinstance(part, Display) and part.kind in ("below", "array")
            for item in part.parts[1:]
            if isinstance(item, Display) and item.kind == "letter" and item.text.isalpha()
        )
        is_hidden = (
            any(indices)
            or any(_depth(it) > MOST_AXES for it in walk(numbers))
            or any(count > _most_places(array) for array, count in arrays.items())
            or not _functions_in(substituted) <= _functions_in(formula)
            or (bool(arrays) and isinstance(formula, Display) and formula.kind == "cases")
        )
        substituted = None if is_hidden else substituted
    result = None if line.result is None else with_bold_ones(textbook.numbers(line.result))
    if formula == left and (substituted or result) is not None:  # what has no name of its own
        formula, substituted = substituted or result or formula, None
    if substituted == result:
        substituted = None  # the result says it
    if result == strip_label(formula) != formula:
        result = None  # the formula does, above its brace
    return replace(
        line,
        left=left,
        formula=formula,
        substituted=substituted,
        shortened=shortened and textbook.numbers(shortened),
        worked=None,
        reduced=None
        if substituted is None or line.reduced is None
        else textbook.numbers(line.reduced),
        result=result,
    )


def without_idle_terms(node: Node) -> Node:
    """Return numbers without functions that are multiplied by 0, and without factors of 1."""
    parts = [*walk(node)]
    if not any(isinstance(it, Number) and it.text in ("0", "1") for it in parts):
        return node  # 1 − 1 is 0 too
    zeros = {part for part in parts if _whole_number(part) == 0}
    is_idle = any(
        isinstance(it, Call)
        and it.operation == "multiply"
        and not zeros.isdisjoint(it.arguments)
        and any(map(is_function, walk(it)))
        for it in parts
    )
    return (without_zeros(node, zeros) or number(0)) if is_idle else node


def _figures_in(node: Node) -> Set[str]:
    """Return the figures that a formula has, but for 0 and 1."""
    return {part.text for part in walk(node) if isinstance(part, Number)} - {"0", "1"}


def _whole_number(node: Node) -> int | None:
    """Return a whole number as it stands, or the difference of two such as 1 − 0; else None."""
    match node:
        case Number(text=text) if text.isascii() and text.isdigit():
            return int(text)
        case Call(operation="subtract", arguments=(Number() as a, Number() as b)):
            left, right = _whole_number(a), _whole_number(b)
            return None if left is None or right is None else left - right
    return None


def with_bold_ones(node: Node) -> Node:
    """Return what is drawn with a bold 1 for each long array that has a 1 at every entry."""

    def is_of_ones(part: Node) -> bool:
        if isinstance(part, Call) and part.operation == "transpose_last":
            part = part.arguments[0]
        if not isinstance(part, Array):
            return False
        entries = [it for it in walk(part) if not isinstance(it, Array)]
        return len(entries) > MOST_HIGH and all(_whole_number(it) == 1 for it in entries)

    parts = [*walk(node)]
    if len(parts) <= MOST_HIGH:
        return node
    ones: dict[Node, Node] = {part: ONES for part in parts if is_of_ones(part)}
    return put_in(node, ones) if ones else node


def _most_places(array: Array) -> float:
    """Return in how many places of a line the numbers of one array may stand."""
    if _depth(array) > 1:
        return MOST_REPEATED
    return 1 if len(array.items) > MOST_HIGH else math.inf


def _side_by_side(line: EquationLine, textbook: Textbook) -> EquationLine:
    """Return a line of the blocks of a matrix as one of the matrix: [Q₁ Q₂] = X W.

    So heads, into which the columns of a product are split, are drawn as they are when they are
    joined again, and not by the index of each entry.
    """
    matrix = split_into_blocks(line.formula)
    if matrix is None or line.extent is not None:
        return line
    split = textbook.shape_of(line.left)
    whole = split[1], split[0] * split[2]
    if not isinstance(matrix, DrawnPart) and textbook.shape_of(matrix) != whole:
        return line

    def joined(blocks: Node) -> Node:
        rows = apply("transpose", Term(blocks, split), axes=BLOCKS_FIRST)
        return apply("reshape", rows, shape=whole).node

    left = joined(line.left)
    result = None if line.result is None else carried_out(joined(line.result), textbook)
    if isinstance(result, Call) or not isinstance(textbook.node(left), Array):
        return line  # too many to be moved, or to stand side by side
    substituted = None if line.substituted is None else split_into_blocks(line.substituted)
    return replace(line, left=left, formula=matrix, substituted=substituted, result=result)


class SplitPart(DrawnPart):
    """A part that is drawn already by its entries, and as the matrix whose columns it splits."""

    __slots__ = ("matrix",)

    def __init__(self, drawn: Node, matrix: Node) -> None:
        super().__init__(drawn)
        self.matrix: Final = matrix


def split_into_blocks(node: Node) -> Node | None:
    """Return the matrix whose columns are split into blocks; None where there is none."""
    match node:
        case SplitPart():
            return DrawnPart(node.matrix)
        case Call(operation="transpose", arguments=(Call(operation="reshape") as rows, *_)):
            matrix, *_ = rows.arguments
            return matrix if bound(node)[2]["axes"] == BLOCKS_FIRST else None
    return None


def _functions_in(formula: Node) -> set[str]:
    """Return the functions whose names stand in what is drawn."""
    displays = (part for part in walk(formula) if isinstance(part, Display))
    return {part.text for part in displays if part.kind == "function"}


def carried_out(node: Node, textbook: Textbook) -> Node:
    """Return numbers put into a formula, with the operations done that only move entries.

    A sum of a few rows, or columns, is written as the sum of these, a mean as their share of it.
    """
    if isinstance(node, Array) and not node.content.operations <= {"negative"}:
        return Array(tuple(carried_out(item, textbook) for item in node.items))
    if not isinstance(node, Call) or literal(node) is not None:
        return node
    arguments = tuple(carried_out(item, textbook) for item in node.arguments)
    call = Call(node.operation, arguments, node.keywords)
    row, operands, attributes = bound(call)
    if row.name in ("sum", "mean"):
        axis = 0 if attributes["axis"] is None else attributes["axis"]
        if isinstance(axis, int):
            return _sum_of_slices(call, operands[0], axis, textbook) or call
    shape = textbook.shape_of(call)
    # Arrays may stand on both sides of a relation; of two numbers one sees which is the larger.
    is_relation = row.name in ("step", "equal")
    # Of two numbers that are to be equal none is 0.
    is_single = is_relation and math.prod(shape) == 1
    is_seen = is_single and (row.name == "step" or all(map(literal, operands)))
    is_put_in = all(
        _is_number(part)
        or (is_relation and shape and isinstance(part, Call) and part.operation == "subtract")
        for item in operands
        for part in walk(item)
    )
    if not row.moves or is_seen or not is_put_in or math.prod(shape) > MOST_MOVED:
        return call
    entry = Elements(Shapes({})).entry
    return nested_array([_number(entry(call, at).node) for at in indices_of(shape)], shape)


def _sum_of_slices(call: Call, array: Node, axis: int, textbook: Textbook) -> Node | None:
    """Return a sum or mean along an axis by its slices; None where they are many."""
    whole, shape = textbook.shape_of(array), textbook.shape_of(call)
    if len(whole) - len(shape) != 1 or len(whole) > 2:
        return None
    axis %= len(whole)
    if whole[axis] > MOST_SUMMED:
        return None
    slices = [_slice(array, axis - len(whole), place, textbook) for place in range(whole[axis])]
    summands = [item for item in slices if item is not None]
    if len(summands) < len(slices):
        return None
    total = join_trees("add", summands)
    return total if call.operation == "sum" else Call("divide", (total, number(len(summands))))


def _slice(node: Node, axis: int, place: int, textbook: Textbook) -> Node | None:
    """Return a slice of numbers put into a formula, the axis counted from the end.

    What is done entry by entry is done to the slices; None where a slice needs more than that.
    """
    shape = textbook.shape_of(node)
    if len(shape) < -axis:
        return node
    if isinstance(node, Array):
        at, place = len(shape) + axis, min(place, shape[axis] - 1)
        rest = (*shape[:at], *shape[at + 1 :])
        entry = Elements(Shapes({})).entry
        return nested_array(
            [entry(node, (*to[:at], place, *to[at:])).node for to in indices_of(rest)], rest
        )
    if not isinstance(node, Call) or not lookup(node.operation).elementwise:
        return None
    operands = [_slice(item, axis, place, textbook) for item in node.arguments]
    arguments = tuple(item for item in operands if item is not None)
    return (
        Call(node.operation, arguments, node.keywords) if len(arguments) == len(operands) else None
    )


def _is_number(node: Node) -> bool:
    return isinstance(node, Array) or literal(node) is not None


def _number(node: Node) -> Node:
    """Return an entry that was moved as it stands; one that was chosen with its value."""
    if literal(node) is not None:
        return node
    return number_node(written_text(interpret(node, FRACTIONS, lambda leaf: None)))


def _depth(array: Node) -> int:
    """Return the axes of an array that have more than one place."""
    if not isinstance(array, Array):
        return 0
    return _depth(array.items[0]) + (len(array.items) > 1) if array.items else 0


def drawn_formulas(value: Some, textbook: Textbook | None) -> Some:
    """Return a block, a sentence or what either is made of, with every formula in it drawn.

    It stays as it is where there is no textbook.
    """
    result: Any = value
    if textbook is None or isinstance(value, (str, FilledForm, Heading)):
        return value  # what has slots was drawn when its form was made
    if isinstance(value, EquationLine):
        result = line_in_textbook(value, textbook)
    elif isinstance(value, Node):
        result = textbook.expression(value)
    elif isinstance(value, Frozen):
        result = _drawn_record(value, textbook)
    elif isinstance(value, (list, tuple)):
        result = type(value)([drawn_formulas(part, textbook) for part in value])
    elif isinstance(value, Mapping):
        result = {name: drawn_formulas(part, textbook) for name, part in value.items()}
    return result  # type: ignore[no-any-return]  # of the class of the value


@lru_cache(MOST_RECORDS)
def _drawn_record(record: Frozen, textbook: Textbook) -> Frozen:
    """Return a record with its fields drawn: the same for what is said in every iteration."""
    return type(record)(*drawn_formulas(list(fields_of(record).values()), textbook))


# Laws -------------------------------------------------------------------------------------------


def drawn_side(node: Node) -> Node:
    """Return a side of a law as it is drawn."""
    textbook = Textbook(lambda node: ())

    def drawn_call(call: Call) -> Node:
        terms = [
            Term(DrawnPart(in_a_line(item)) if literal(item) is None else item)
            for item in call.arguments
        ]
        row = lookup(call.operation)
        return call if row.textbook is None else row.textbook(textbook, *terms)

    return drawn_law(node, drawn_call)


def drawn_law_line(line: LawLine) -> EquationLine:
    """Return a line of a law as it is drawn."""
    left, formula, *results = map(drawn_side, law_sides(line.text, vocabulary))
    return EquationLine(left, formula, result=next(iter(results), None))


def law_blocks(lines: Iterable[LawLine]) -> Iterator[Block]:
    """Yield the lines of a law, drawn, each with its reason."""
    for line in lines:
        yield drawn_law_line(line)
        if line.because:
            yield Paragraph([say(line.because)])
