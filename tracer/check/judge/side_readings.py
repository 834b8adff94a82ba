"""All readings of a side over one spelling of its names, also of its products and matrices."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from fractions import Fraction
from functools import cache, partial, reduce
from types import MappingProxyType
from typing import Final

from tracer.check.arithmetic.figures import BY_1024
from tracer.check.bind.worlds import WRITTEN_ENTRY
from tracer.check.compare.bounded_values import (
    KnownValue,
    entries_of,
    half_place,
    have_one_shape,
    is_one_of,
)
from tracer.check.compare.canonical_trees import slope_of
from tracer.check.compare.joined_names import is_own, with_products
from tracer.check.judge.index_sums import (
    INDEXED,
    MOST_TERMS,
    OF_TWO_INDICES,
    at_places,
    index_of,
    indexed_name,
    places_in,
    whole_number,
    with_sums_written_out,
)
from tracer.check.model.statements import EquationChain, Side
from tracer.check.model.written_trees import (
    calls_in,
    is_literal,
    is_matrix,
    names_in,
    negate,
    numbers_in,
    regroup_quotients,
    replace_parts,
    rewrite,
    rewrite_calls,
    signed_factors,
    signed_terms,
)
from tracer.check.slips.rewriting import ONE, TWO, is_call
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import APPLIED, RATE, derivative_of, name_of, quantity_key
from tracer.errors import TracerError
from tracer.expression import parse
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, walk, with_parts
from tracer.intervals import Interval, Value, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.operations import Shape, table
from tracer.operations.array_shape import nested
from tracer.program.program import substitute
from tracer.run.interpret import shape_of

OF_MATRICES: Final = frozenset(
    ("power", "add", "subtract", "negative", "multiply", "matmul", "divide", "transpose_last")
)
"""Operations of a formula in which a power of a matrix is one of all of it."""
UNKNOWN_PLACE: Final = "?"  # at which a function has no value that was stated
MEMBER: Final = lazy_regex(r"[^\W\d]+?_?(\d{1,2})")
POWER_OR_TURNED: Final = "T"
"""What turns an array, and is a power of a number where it has a value."""
MOST_POWER: Final = 10  # below which people work out powers of a matrix
CHOSEN: Final = lazy_regex(r"(?P<base>\w+)\[(?P<ids>\w+) \+ 1\]")
ZEROS: Final = "mathbf0"
CONSTANT: Final = lazy_regex(r"mathbf(?:[01]|e\[(?P<row>\d+)\])")
"""The arrays of zeros and of ones, and a unit vector with the place of its one from 0."""
SAME_SIGN: Final = {"matmul": "multiply", "dot": "multiply", "log2": "log", "log10": "log"}
"""Operations that one sign may mean, by one of them."""
CONVENTIONS: Final = {"step": "01", "heaviside": "01", "sign": "01-", "sgn": "01-"}
"""What functions may be worth at their jump, at 0: there `-` is −1."""


def formula_of_member(
    name: str, family: str, formula: Node, known: Callable[[str], KnownValue | None]
) -> Node | None:
    """Return what a formula says of one name, z2, that is stated for each: `z_j = w_j x`.

    Of an array it is one for each entry, `A = S/√d`, as far as one array stands in it. None for the
    name of no member, and where nothing in the formula has that index: the `o` of an output
    `δ_o = p - y` stands for no number.
    """
    one, each = derivative_of(name), derivative_of(family)
    if one and each and one[0] == each[0]:  # `∂L/∂z_i = p_i - y_i`
        name, family = one[1], each[1]
    entry = WRITTEN_ENTRY.fullmatch(name)
    if entry is not None and entry[1] + entry[3] == family:
        rows = map(table().get, formula.content.operations)
        values = ((part, known(part.id)) for part in walk(formula) if isinstance(part, Name))
        arrays = [part.id for part, each in values if each and isinstance(each.printed, tuple)]
        if len(arrays) == 1 and all(row is not None and row.elementwise for row in rows):
            return substitute(formula, {arrays[0]: Name(arrays[0] + entry[2])})
        slopes = filter(None, map(derivative_of, names_in(formula)))  # of `w ← w - η ∂L/∂w`
        moved = {f"d{of}/d{by}": Name(f"d{of}/d{name}") for of, by in slopes if by == family}
        # Other letters, the g of `w ← w - η g`, may be of each member too.
        others = {*names_in(formula)} - {family, *moved}
        if arrays or known(family) is not None or any(role_of(n) != "rate" for n in others):
            return None
        return substitute(formula, {family: Name(name), **moved})
    two, member = OF_TWO_INDICES.fullmatch(family), MEMBER.fullmatch(name)
    letters = two.groups()[1:] if two else [*filter(None, [index_of(family)])]
    if not letters or member is None:
        return None
    if two:
        places, own = [int(each) - 1 for each in member[1]], quantity_key(f"{two[1]}{member[1]}")
    else:
        places, own = [int(member[1]) - 1], indexed_name(family, int(member[1]))
    there = at_places(formula, dict(zip(letters, places, strict=False)))
    if own != name or len(places) != len(letters) or there == formula:
        return None
    if not two:
        following = INDEXED.sub(r"\g<base>'", family)  # `δ_{t+1}`, which may be an update elsewhere
        there = substitute(there, {following: Name(indexed_name(family, places[0] + 2))})
    there = with_sums_written_out(there, places_in(known, ()), lambda _: None, tuple)
    # Where δ_1 is worked out of δ_1 without being its update, the layers share their names.
    is_shared = name in names_in(there) and family not in names_in(formula)
    return None if is_shared else there


def function_and_inputs(name: str) -> tuple[str, list[str]] | None:
    """Return f with x and y for `f(x, y)`, with 2 for `f(2)`; None for any other name."""
    applied = APPLIED.fullmatch(name)
    inputs = applied[2].replace(" ", "").split(",") if applied else []
    return (applied[1], [*map(quantity_key, inputs)]) if applied else None


def function_places(
    named_values: Iterable[tuple[str, KnownValue]],
) -> Mapping[str, Mapping[Value, str]]:
    """Return the names of the values that functions have at figures, by what these are worth."""
    places: dict[str, dict[Value, str]] = {}
    for name, _ in named_values:
        function, inputs = function_and_inputs(name) or ("", ())
        if len(inputs) == 1 and is_figure(inputs[0]):
            places.setdefault(function, {})[Interval(Fraction(inputs[0]))] = name
    return places


def is_figure(text: str) -> bool:
    """Tell whether a function is taken at a number there."""
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def calculation_at(text: str) -> Node | None:
    """Return the figure that a function is taken at, or a calculation of figures; else None."""
    if is_figure(text):
        number = Number(text.lstrip("-"), abs(Fraction(text)))
        return negate(number) if text[0] == "-" else number
    if not text.isascii() or any(map(str.isalpha, text)):  # most are names
        return None
    with suppress(TracerError):
        return parse(text, "ascii")
    return None


def formula_at(formula: Node, inputs: Mapping[str, str]) -> Node:
    """Return a formula with other names, or figures, for what it is a function of."""

    def put_in(part: Node) -> Node:
        text = inputs.get(part.id) if isinstance(part, Name) else None
        if text is None:
            return part
        there = copy(calculation_at(text) or Name(text))
        there.start, there.end = part.start, part.end
        return there

    return rewrite(formula, put_in)


def with_chain_rule(
    sides: list[list[Node]], known: Callable[[str], KnownValue | None]
) -> list[list[Node]]:
    """Return sides with `∂L/∂y · ∂y/∂w` as the derivative that it is, before what it comes to.

    Where all its factors have values it is worked out as it stands.
    """
    head = derivative_of(sides[0][0].id) if sides[0] and isinstance(sides[0][0], Name) else None
    for place, (side, following) in enumerate(itertools.pairwise([*sides])):
        tree = side[0] if side and following and names_in(following[0]) else None
        name = "" if tree is None else _name_by_chain_rule(tree)
        is_open = tree is not None and any(known(each) is None for each in names_in(tree))
        if tree is not None and name and is_open and head in (None, derivative_of(name)):
            sides[place] = [Name(name, tree.start, tree.end)]
    return sides


def _name_by_chain_rule(side: Node) -> str:
    """Return the derivative that a product of derivatives is, or a sum over paths; else ""."""
    names = set()
    for sign, term in signed_terms(side):
        factors = signed_factors(term)[1]
        names_of = [it.id for level, it in factors if level > 0 and isinstance(it, Name)]
        parts = [each.partition("/") for each in names_of]
        above, below = (Counter(each[at] for each in parts) for at in (0, 2))
        if not 1 < len(parts) == len(factors) or sign < 0 or "" in below:
            return ""
        ends = [*(above - below).elements()], [*(below - above).elements()]
        names.add("/".join(map("".join, ends)) if [*map(len, ends)] == [1, 1] else "")
    return names.pop() if len(names) == 1 else ""


def readings_of(
    chain: EquationChain,
    named_sides: Mapping[Node, str],
    known: Callable[[str], KnownValue | None],
    formula_of: Callable[[str], Node | None] | None,
    places: Mapping[str, Mapping[Value, str]] = MappingProxyType({}),
) -> list[list[Node]]:
    """Return the readings of each side, with its sums written out as far as names are known.

    `places` are the names of the values that functions have at figures: `J(0.31)`. `formula_of` is
    None where no name is a function of something.
    """
    side_readings = _SideReadings(known, places)
    following = [*chain.sides[1:], None]
    readings = [
        side_readings.of_names(side, after)
        for side, after in zip(chain.sides, following, strict=True)
    ]
    if named_sides:
        readings = [_with_most_names(trees, named_sides, known) for trees in readings]
    readings = [
        [
            tree
            if not position and isinstance(tree, Name)
            else side_readings.with_joined_names(tree)
            for tree in trees
        ]
        for position, trees in enumerate(readings)
    ]
    if formula_of is not None:
        at_input = partial(_at_input, formula_of)
        for trees in readings:
            others = [rewrite_calls(tree, at_input) for tree in trees]
            trees += [other for other, tree in zip(others, trees, strict=True) if other != tree]
    readings = [side_readings.of_arrays(trees) for trees in readings]
    side_readings.put_first_what_fits(readings)

    @cache
    def shape() -> Shape:
        values = map(side_readings.value, itertools.chain.from_iterable(readings))
        return shape_of(next((value for value in values if isinstance(value, tuple)), ()))

    return [
        [each for tree in trees for each in side_readings.written_out(tree, after, shape)]
        for trees, after in zip(readings, [*readings[1:], []], strict=True)
    ]


class _SideReadings:
    """What a side may mean, step by step: by the values of its names, and of its functions."""

    def __init__(
        self,
        known: Callable[[str], KnownValue | None],
        places: Mapping[str, Mapping[Value, str]],
    ) -> None:
        self.known: Final = known
        self.places: Final = places

    def value(self, node: Node, *, is_rounded: bool = False) -> Value | None:
        """Return what a tree is worth, or may be worth as it was rounded; None if that is open."""
        values = {
            name: known_value.bounds if is_rounded else known_value.printed
            for name in names_in(node)
            if (known_value := self.known(name))
        }
        return value_or_none(node, values)

    def of_names(self, side: Side, after: Side | None) -> list[Node]:
        """Return the readings in which names that are no functions are applied to nothing.

        What is given as a number is none: `w_2(1 - h)` is a product then, and `Q(A, R)` is none.
        Nor is a name whose value is a factor in what comes next: `δ(1 - h) = 0.3 · (1 - 0.2)`. A
        name that is only that of a function with a value at a place is no factor: `f(x)`.
        """
        worked = None if after is None or not side.relation else after.tree
        without_calls = [
            tree
            for tree in side.readings
            if not any(self._applies_a_number(name, worked) for name in tree.content.names)
        ]
        known, names = self.known, {name for tree in side.readings for name in tree.content.names}
        applied = map(APPLIED.fullmatch, names)
        functions = {each[1] for each in applied if each and known(each[0]) and not known(each[1])}
        of_places = [tree for tree in without_calls if functions.isdisjoint(tree.content.names)]
        trees = of_places or without_calls or [*side.readings]
        if self.places:
            taken = [rewrite_calls(tree, self._at_figure, ("multiply",)) for tree in trees]
            at_figures = [
                each
                for each, tree in zip(taken, trees, strict=True)
                if each != tree and UNKNOWN_PLACE not in each.content.names
            ]
            trees = at_figures or trees
        return [rewrite_calls(each, _times_rate) for each in trees] if known(RATE) else trees

    def _applies_a_number(self, name: str, worked: Node | None) -> bool:
        """Tell whether a name would apply a number, by how it was stated or by what comes next."""
        applied = APPLIED.fullmatch(name)
        is_one = applied is not None and "," not in applied[2]
        value = self.known(quantity_key(applied[1])) if applied and is_one else None
        if value is None or value.is_given:
            return value is not None
        products = () if worked is None else calls_in(worked, ("multiply",))
        return any(
            is_one_of(number.value, [value], half_place(number) or Fraction(0))
            for each in products
            for part in each.arguments
            if is_literal(part) and not isinstance(part, (Array, Tuple))
            for number in numbers_in(part)
        )

    def _at_figure(self, call: Call) -> Node:
        """Return the name of the value at a place, as of `J(w + h)` where J(0.31) has one."""
        match call.arguments:
            case (Name(id=function) as name, place) if function in self.places and call.sign == " ":
                if isinstance(place, Name) and self.known(function):
                    return name  # what was worked out is its value at what its name is worth
                worth = self.value(place)
                at = None if worth is None else self.places[function].get(worth)
                return Name(at or UNKNOWN_PLACE, call.start, call.end)
        return call

    def with_joined_names(self, tree: Node) -> Node:
        """Return a tree with products for names that are known only apart, and with chosen rows."""
        if all("[" not in name and is_own(name, self.known) for name in tree.content.names):
            return tree
        rows = partial(_with_chosen_rows, known=self.known)
        return with_products(rewrite(tree, rows), self.known)

    def of_arrays(self, trees: Sequence[Node]) -> list[Node]:
        """Return readings with those before them in which the first is one of matrices."""
        if not trees:
            return []
        named = [_with_named_inverses(tree, self.value) for tree in trees]
        likeliest = with_matrix_products(named[0], self.value)
        squared = with_powers_of_matrices(likeliest, self.value)
        raised = squared
        if self.known(POWER_OR_TURNED):
            raised = _with_raised_numbers(squared, self.value)
        return [*dict.fromkeys((raised, squared, likeliest, *named))]

    def put_first_what_fits(self, readings: Sequence[list[Node]]) -> None:
        """Order readings: the likeliest product of arrays has the shape of the result."""
        result = self.value(readings[-1][0]) if readings[-1] else None
        if not isinstance(result, tuple):
            return
        for trees in readings[1:-1]:
            others = [
                tree
                for tree in trees[len(trees) == 1 :]
                if (value := self.value(tree)) is not None and not have_one_shape(value, result)
            ]
            trees.sort(key=others.__contains__)

    def written_out(
        self, tree: Node, after: Sequence[Node], shape: Callable[[], Shape]
    ) -> Iterator[Node]:
        """Yield a tree with its sums, blocks of zeros and ones and jumps as what they may be."""
        places_of = places_in(self.known, after, len(signed_terms(tree)) - 1)
        summed = with_sums_written_out(tree, places_of, self.value, shape)
        for blocks in _with_blocks_of_zeros(summed, self.value, shape):
            for whole in _with_constant_arrays(_with_joined_blocks(blocks, self.value), shape):
                yield from _by_conventions(whole, partial(self.value, is_rounded=True))


def _times_rate(call: Call) -> Node:
    """Return `lr(m + v)` as a product; `lr(t)` is the rate of a step."""
    match call:
        case Call(operation=name, arguments=(Call() as factor,)) if quantity_key(name) == RATE:
            factors = Name(RATE, call.start, call.start), factor
            return Call("multiply", factors, (), call.start, call.end, " ")
    return call


def with_matrix_products(node: Node, value: Callable[[Node], Value | None]) -> Node:
    """Return a tree in which matrices side by side, without a sign, are a matrix product.

    Entry by entry matrices are multiplied with a sign. What stands for `σ'(z)` has none, and is
    not written side by side.
    """

    def product_of(call: Call) -> Call:
        are_matrices = call.sign == " " and all(
            each and len(shape_of(each)) > 1 for each in map(value, call.arguments)
        )
        return Call("matmul", call.arguments, (), call.start, call.end) if are_matrices else call

    has_arrays = node.content.names or Array in node.content.kinds
    return rewrite_calls(node, product_of, ("multiply",)) if has_arrays else node


def with_powers_of_matrices(node: Node, value: Callable[[Node], Value | None]) -> Node:
    """Return a tree with products for the powers of square matrices, `B = A^2 + A`.

    Within a formula those of what has capital letters: `1 - h^2` and `v + g^2` are of the entries,
    and so is a sum of squares.
    """

    def product_of(power: Call) -> Node:
        base, exponent = power.arguments
        if power is not node and not all(name[0].isupper() for name in names_in(base)):
            return power
        shape = shape_of(matrix) if (matrix := value(base)) else ()
        times = whole_number(value(exponent)) or 0
        if times not in range(2, MOST_POWER) or len(shape) < 2 or shape[-1] != shape[-2]:
            return power
        place, factors = (power.start, power.end), [base] * times
        return reduce(lambda one, other: Call("matmul", (one, other), (), *place), factors)

    def in_formula(part: Node) -> Node:
        if not isinstance(part, Call) or part.operation not in OF_MATRICES:
            return part
        return product_of(part) if part.operation == "power" else with_parts(part, in_formula)

    if is_call(node, "index"):
        return with_parts(node, partial(with_powers_of_matrices, value=value))
    return in_formula(node)


def _with_named_inverses(node: Node, value: Callable[[Node], Value | None]) -> Node:
    """Return a tree with a name for each inverse of a matrix, which is no power of its entries."""

    def named(call: Call) -> Node:
        base, exponent = call.arguments
        is_inverse = exponent == negate(ONE) and isinstance(base, (Name, Array))
        matrix = value(base) if is_inverse else None
        if matrix is None or len(shape_of(matrix)) < 2:
            return call
        return Name(f"inverse of {name_of(base) or id(base)}", call.start, call.end)

    return rewrite_calls(node, named, ("power",))


def _with_raised_numbers(node: Node, value: Callable[[Node], Value | None]) -> Node:
    """Return a tree with powers for numbers that are turned: `γ^T`, where T is a number."""

    def raised(call: Call) -> Call:
        if not isinstance(value(call.arguments[0]), Interval):
            return call
        exponent = Name(POWER_OR_TURNED, call.end, call.end)
        return Call("power", (*call.arguments, exponent), (), call.start, call.end)

    return rewrite_calls(node, raised, ("transpose_last",))


def _with_chosen_rows(node: Node, known: Callable[[str], KnownValue | None]) -> Node:
    """Return the rows of a known array that known ids choose, `E[words + 1]`: ids count from 0."""
    match = CHOSEN.fullmatch(node.id) if isinstance(node, Name) else None
    if match is None or known(match["base"]) is None:
        return node
    ids = known(quantity_key(match["ids"]))
    if ids is None or not all(entry.is_exact for entry in entries_of(ids.printed)):
        return node
    names = (
        Name(match["base"], node.start, node.end),
        Name(quantity_key(match["ids"]), node.end, node.end),
    )
    return Call("gather", names, (), node.start, node.end)


def _with_constant_arrays(tree: Node, shape_of_result: Callable[[], Shape]) -> Sequence[Node]:
    """Return a tree with the arrays for the ones and the unit vectors in it, of what size they may.

    Beside a row they are a column with as many rows as the target, else they are as the target is.
    """
    names = {name for name in names_in(tree) if CONSTANT.fullmatch(name)}
    shape = shape_of_result() if names else ()
    if not shape or math.prod(shape) not in range(1, MOST_TERMS + 1):
        return [tree]
    column = (*shape[:1], *(1 for _ in shape[1:]))
    sizes = dict.fromkeys((column, shape))
    return [
        substitute(tree, {name: _constant_array(name, size) for name in names}) for size in sizes
    ]


def _constant_array(name: str, shape: Shape) -> Node:
    """Return an array of zeros or ones, or one with ones in one row, as `mathbfe[2]` says."""
    match = CONSTANT.fullmatch(name)
    row = int(match["row"]) if match and match["row"] else None
    width = math.prod(shape[1:])
    figures = [
        int(row in (None, at) and name != ZEROS) for at in range(shape[0]) for _ in range(width)
    ]
    numbers = [Number(str(each), Fraction(each)) for each in figures]
    array: Array = nested(numbers, shape, lambda parts: Array(tuple(parts)))
    return array


def _with_blocks_of_zeros(
    tree: Node, value: Callable[[Node], Value | None], shape_of_result: Callable[[], Shape]
) -> Sequence[Node]:
    r"""Return a tree with the zeros around a block, `\mathbf{0}`, of all the sizes that fit.

    What is computed has the shape of the whole; a vector is a column, and transposed a row.
    """
    parts = walk(tree) if ZEROS in tree.content.names else ()
    grids: list[Node] = [part for part in parts if is_matrix(part) and ZEROS in part.content.names]
    total = shape_of_result() if len(grids) == 1 else ()
    if len(total) not in (1, 2) or math.prod(total) > MOST_TERMS:
        return [tree]
    rows = [row.children() for row in grids[0].children()]
    sizes: dict[Node, Sequence[int]] = {}
    for block in itertools.chain.from_iterable(rows):
        if block != Name(ZEROS):
            block_value = value(block)
            if block_value is None:
                return [tree]
            size = shape_of(block_value)
            sizes[block] = (1, *size) if _is_row(block, size) else (*size, 1, 1)[:2]

    if not sizes:
        return [tree]

    def sizes_along(axis: int, lines: Iterable[Sequence[Node]]) -> Iterable[Sequence[int]]:
        known_sizes = [
            next((sizes[block][axis] for block in line if block in sizes), 0) for line in lines
        ]
        rest = (*total, 1)[axis] - sum(known_sizes)
        unknown = known_sizes.count(0)
        for first in range(1, rest) if unknown == 2 else [rest]:
            others = iter((first, rest - first))
            yield [size or next(others) for size in known_sizes]

    def entry_at(block: Node, *place: int) -> Node:
        if block not in sizes:
            return Number("0", Fraction(0))
        size = shape_of(value(block) or ())
        at = place[1:] if _is_row(block, size) else place[: len(size)]
        base = block.children()[0] if _is_row(block, size) else block
        numbers = [Number(str(each), Fraction(each)) for each in at]
        return at_places(Call("index", (base, *numbers)), {}) if at else base

    trees = []
    columns = zip(*rows, strict=False)
    for heights, widths in itertools.product(sizes_along(0, rows), sizes_along(1, columns)):
        entries = [
            entry_at(block, at, place)
            for row, height in zip(rows, heights, strict=True)
            for at in range(height)
            for block, width in zip(row, widths, strict=True)
            for place in range(width)
        ]
        if len(entries) == math.prod(total):
            array: Array = nested(entries, total, lambda items: Array(tuple(items)))
            trees.append(replace_parts(tree, [(grids[0], array)]))
    return trees or [tree]


def _is_row(block: Node, size: Shape) -> bool:
    """Say whether a block of a matrix is a vector that is transposed."""
    return len(size) == 1 and isinstance(block, Call) and block.operation == "transpose_last"


def _with_joined_blocks(node: Node, value: Callable[[Node], Value | None]) -> Node:
    """Return arrays side by side, or below each other, in brackets as the one that they make up.

    They are names or worked out; figures in brackets are an array of arrays.
    """
    if Array not in node.content.kinds:
        return node
    node = with_parts(node, partial(_with_joined_blocks, value=value))
    if not is_matrix(node) or is_literal(node):
        return node
    blocks = tuple(block for row in node.items for block in row.children())
    ranks = {
        len(shape_of(block_value)) for block in blocks if (block_value := value(block)) is not None
    }
    is_row = len(node.items) == 1
    if ranks not in ({1}, {2}) or not (is_row or len(blocks) == len(node.items)):
        return node
    join = "stack" if is_row and ranks == {1} else "concat"
    axis = ("axis", Number(str(int(is_row)), Fraction(is_row)))
    return Call(join, (Array(blocks),), (axis,), node.start, node.end)


def _at_input(formula_of: Callable[[str], Node | None], call: Call) -> Node:
    """Return the slope `σ'(h)` of a stated `h = σ(z)` at z, which is meant by some."""
    if not call.arguments or call.arguments[0].end > 0:
        return call  # as it is written: a slope is worked out, and has no place
    for name in names_in(call):
        formula = formula_of(name)
        if isinstance(formula, Call) and call == slope_of(formula.operation, Name(name)):
            return slope_of(formula.operation, formula.arguments[0]) or call
    return call


def _by_conventions(tree: Node, value: Callable[[Node], Value | None]) -> Sequence[Node]:
    """Return a tree with each value that a function may have at a jump: at all its jumps the same.

    A writer has one convention for a function.
    """

    def is_at_jump(call: Call) -> bool:
        at = value(call.arguments[0])
        return isinstance(at, Interval) and at.is_exact and not at.low

    calls = list(filter(is_at_jump, calls_in(tree, CONVENTIONS)))
    if not calls:
        return [tree]
    alike = [call for call in calls if call.operation == calls[0].operation]
    readings: list[Node] = []
    for sign in CONVENTIONS[calls[0].operation]:
        size = "0" if sign == "0" else "1"
        numbers = [Number(size, Fraction(size), call.start, call.end) for call in alike]
        worths = map(negate, numbers) if sign == "-" else numbers
        readings += _by_conventions(replace_parts(tree, zip(alike, worths, strict=True)), value)
    return readings


def are_all_readings(*sides: Sequence[Node]) -> bool:
    """Tell whether readings of each side differ in the kind of product, logarithm or scale only.

    Or in what stands below a line of division. Those are all that there are, so a pair that holds
    in none of them differs. Where figures are put in, a power of `e` is of a name or Euler's.
    """
    form = _in_one_reading if all(map(is_literal, sides[-1])) else _with_powers_of_e
    forms = ({rewrite(regroup_quotients(each), form) for each in side} for side in sides)
    return all(len(form) == 1 for form in forms)


def _with_powers_of_e(node: Node) -> Node:
    if isinstance(node, Call) and node.operation == "exp":
        return Call("power", (Name("e"), *node.arguments))
    return _in_one_reading(node)


def _in_one_reading(node: Node) -> Node:
    match node:
        case Number(text=text) if "e" in text:  # of `8.25M`, which may count by 1024
            return Number(text.partition("e")[0], Fraction(text.partition("e")[0]))
        case Call(operation="divide", arguments=(counted, Number(text=text))) if (
            text in BY_1024.values()
        ):
            return counted
        case Call(operation="multiply" | "matmul", arguments=(base, again)) if base == again:
            return Call("power", (base, TWO))  # of a matrix there are two
        case Call(
            operation="multiply",
            arguments=(angle, Call(operation="divide", arguments=(Call(operation="pi"), _))),
        ):  # of `sin(30)`, which may be of an angle in degrees
            return angle
    if is_matrix(node):
        is_column = all(isinstance(row, Array) and len(row.items) == 1 for row in node.items)
        vector = [entry for row in node.items for entry in row.children()]
        return Array(tuple(vector)) if is_column or len(node.items) == 1 else node
    if not isinstance(node, Call):
        return node
    return Call(SAME_SIGN.get(node.operation, node.operation), node.arguments, node.keywords)


def _with_most_names(
    trees: Sequence[Node],
    named_sides: Mapping[Node, str],
    known: Callable[[str], KnownValue | None],
) -> list[Node]:
    r"""Return readings with names for left sides; one with `\log σ^2` as stated has no other.

    But where a part of another one got its value later, that may be meant.
    """
    named = [_with_names(tree, named_sides) for tree in trees]
    sides = {*named_sides.values()}
    sizes = [
        sum(  # `f(input(h))` is of input(h) too
            len(side) for side in sides for name in tree.content.names if side.strip("«»") in name
        )
        for tree in named
    ]
    most = max(sizes, default=0)

    def last_line(tree: Node) -> int:
        return max((each.line for each in map(known, names_in(tree)) if each), default=0)

    stated = max(
        (last_line(t) for t, size in zip(named, sizes, strict=True) if size == most), default=0
    )
    return [
        tree
        for tree, size in zip(named, sizes, strict=True)
        if size == most or last_line(tree) > stated
    ]


def _with_names(node: Node, named_sides: Mapping[Node, str]) -> Node:
    """Return a tree with each left side of an earlier line as the name that it is."""
    name = named_sides.get(node)
    if name is not None:
        return Name(name, node.start, node.end)
    return with_parts(node, partial(_with_names, named_sides=named_sides))
