"""The syntax tree of the language: what is written, with its place in the text.

A tree knows no shapes, values or derivatives. Two trees are equal where they say the same,
wherever they stand. Every operation, infix or called, is a `Call`, so that nothing else needs to
know how it was written; the operations table tells the printer how each one looks.

What only a textbook writes (columns, sums with an index, entries named by letters, norms) is drawn,
never computed: the operations' rows write it in place of calls. The infix forms among these
(entrywise product, matrix product by standing side by side, correlation) are calls, so that they
bind and break as other products do.
"""

# ruff: noqa: D102 - `key` and `children` are described once, in `Node`

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from tracer.sentences import Formula

Keywords = tuple[tuple[str, "Node"], ...]


class Content(NamedTuple):
    """The names and figures in a tree, each as often as it stands there, and its operations.

    `kinds` are those of its parts.
    """

    names: tuple[str, ...]
    numbers: tuple[Number, ...]
    operations: frozenset[str]
    kinds: frozenset[type[Node]]


class Node(Formula):
    """A part of an expression. `start` and `end` are its half-open place in the text (-1: none).

    Nodes are immutable; `key` is what equality and hashing compare.
    """

    __slots__ = ("_content", "_hash", "end", "start")

    start: int
    end: int
    _content: Content
    _hash: int

    def key(self) -> tuple[object, ...]:
        """Return what the node says, without its place."""
        raise NotImplementedError  # pragma: no cover - each kind of node has its own

    def children(self) -> tuple[Node, ...]:
        """Return the parts in the order they are written."""
        return ()

    @property
    def content(self) -> Content:
        """What stands in it: whoever compares trees asks for that many times."""
        try:
            return self._content
        except AttributeError:
            parts = [*walk(self)]
            self._content = Content(
                tuple([part.id for part in parts if isinstance(part, Name)]),
                tuple([part for part in parts if isinstance(part, Number)]),
                frozenset([part.operation for part in parts if isinstance(part, Call)]),
                frozenset(map(type, parts)),
            )
            return self._content

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(self) is type(other) and hash(self) == hash(other) and self.key() == other.key()
        )

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            self._hash = hash((type(self).__name__, self.key()))
            return self._hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self.key()!r}"


class Number(Node):
    """A literal, never negative: `text` as it was written, `value` exactly."""

    __slots__ = ("text", "value")

    def __init__(self, text: str, value: Fraction, start: int = -1, end: int = -1) -> None:
        self.text: Final = text
        self.value: Final = value
        self.start, self.end = start, end

    def key(self) -> tuple[object, ...]:
        return (self.text,)


class Name(Node):
    """A quantity by its canonical name: `w`, `w'`, `h[0]`, `dloss/dw`, `dloss/dw#1`."""

    __slots__ = ("id",)

    def __init__(self, id: str, start: int = -1, end: int = -1) -> None:
        self.id: Final = id
        self.start, self.end = start, end

    def key(self) -> tuple[object, ...]:
        return (self.id,)


class Call(Node):
    """An operation on arguments, whichever way it is written.

    Infix and postfix forms have the names `add subtract multiply divide matmul power negative
    transpose_last` (`.T`) and `index` (the base, then one argument for each index). `sign` is how
    a document writes it, where that may say more: `⊙`, `ln`, a blank between factors side by side;
    it is no part of what the node says.
    """

    __slots__ = ("arguments", "keywords", "operation", "sign")

    def __init__(
        self,
        operation: str,
        arguments: tuple[Node, ...],
        keywords: Keywords = (),
        start: int = -1,
        end: int = -1,
        sign: str = "",
    ) -> None:
        self.operation: Final = operation
        self.arguments: Final = arguments
        self.keywords: Final = keywords
        self.start, self.end = start, end
        self.sign: Final = sign

    def key(self) -> tuple[object, ...]:
        return (self.operation, self.arguments, self.keywords)

    def children(self) -> tuple[Node, ...]:
        if not self.keywords:  # most calls, and this is asked of every node
            return self.arguments
        return (*self.arguments, *(value for _, value in self.keywords))


class _Items(Node):
    """Nodes in a row."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Node, ...], start: int = -1, end: int = -1) -> None:
        self.items: Final = items
        self.start, self.end = start, end

    def key(self) -> tuple[object, ...]:
        return self.items

    def children(self) -> tuple[Node, ...]:
        return self.items


class Array(_Items):
    """An array literal, `[[1, 2], [3, 4]]`; also the list that `concat` and `stack` take."""

    __slots__ = ()


class Tuple(_Items):
    """A bracketed list of whole numbers, `(0, 2, 1)`: shapes and axes."""

    __slots__ = ()


class Slice(Node):
    """An index `first:last:step`, each part possibly left out (None), half open as in Python."""

    __slots__ = ("first", "last", "step")

    def __init__(
        self,
        first: Node | None,
        last: Node | None,
        step: Node | None,
        start: int = -1,
        end: int = -1,
    ) -> None:
        self.first: Final = first
        self.last: Final = last
        self.step: Final = step
        self.start, self.end = start, end

    def key(self) -> tuple[object, ...]:
        return (self.first, self.last, self.step)

    def children(self) -> tuple[Node, ...]:
        return tuple(part for part in (self.first, self.last, self.step) if part is not None)


class Assignment:
    """`target = value`. The target is a Name, or an index Call that names a family's member."""

    __slots__ = ("end", "line", "start", "target", "value")

    def __init__(
        self, target: Node, value: Node, line: int = 1, start: int = -1, end: int = -1
    ) -> None:
        self.target: Final = target
        self.value: Final = value
        self.line: Final = line
        self.start, self.end = start, end


class Loop:
    """`for variable in range(first, last, step):` over statements; parts left out are None."""

    __slots__ = ("body", "end", "first", "last", "line", "start", "step", "variable")

    def __init__(
        self,
        variable: str,
        first: Node | None,
        last: Node,
        step: Node | None,
        body: tuple[Statement, ...],
        line: int = 1,
        start: int = -1,
        end: int = -1,
    ) -> None:
        self.variable: Final = variable
        self.first: Final = first
        self.last: Final = last
        self.step: Final = step
        self.body: Final = body
        self.line: Final = line
        self.start, self.end = start, end


Statement = Assignment | Loop


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, without recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        children = current.children()
        if children:
            waiting.extend(children[::-1])


def with_parts(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a tree with each of its parts changed; the tree itself where none of them is."""
    old = node.children()
    parts = tuple([change(part) for part in old])
    if all(map(operator.is_, parts, old)):
        return node
    if isinstance(node, (Array, Tuple)):
        return type(node)(parts, node.start, node.end)
    if not isinstance(node, Call):
        return node  # the parts of a slice stay
    if not node.keywords:
        return Call(node.operation, parts, (), node.start, node.end, node.sign)
    count = len(node.arguments)
    keywords = tuple(zip((name for name, _ in node.keywords), parts[count:], strict=True))
    return Call(node.operation, parts[:count], keywords, node.start, node.end, node.sign)


Kind = Literal[
    "column",  # a vector's numbers below each other: (array,)
    "letter",  # an index, or a sign in its place; text
    "below",  # an entry: (base, subscript, …)
    "array",  # the array with such entries: (entry, subscript, …)
    "over",  # text ∑ or max, running over an index: (body, lower) or (body, lower, upper)
    "relation",  # text = or > between two: (left, right)
    "function",  # text is its name: (argument, …)
    "derivative",  # text is the operation: σ′(z)
    "norm",  # (inside,)
    "bold",  # text: 1, e
    "indicator",  # 1 where a relation holds, else 0: (relation,)
    "cases",  # (value, indicator of where it holds, …); text names how these two multiply
    "through",  # a gradient's share of one path, or its local derivative; text of PATH_WORDS
    "gradient",  # gradient of an expression: (expression, variable)
    "own",  # a sign of its own, z_h of h, or by number, z_1 of a_1; text, (quantity, number)
    "rounded",  # figures that stand for more digits: (numbers,)
    "rest",  # terms that are left out, and what they come to: (number,)
    "labelled",  # a brace with words below a part: (part,) or (part, name of it); text
]

PATH_WORDS: Final = ("via", "into", "in")  # words below a share or a local derivative
DISPLAYED_PRODUCTS: Final = (
    "hadamard",  # entry by entry: a ⊙ b
    "beside",  # a product of matrices: factors side by side
    "correlate",  # a cross-correlation: k ⋆ x
    "convolve",  # a convolution, whose left side is flipped: k ∗ g
)
"""Operations of a Call that only a textbook writes."""


class Display(Node):
    """A tree that is drawn only; `kind` says how, `text` holds its sign or name."""

    __slots__ = ("kind", "parts", "text")

    def __init__(self, kind: Kind, parts: tuple[Node, ...] = (), text: str = "") -> None:
        self.kind: Final[Kind] = kind
        self.parts: Final = parts
        self.text: Final = text
        self.start = self.end = -1

    def key(self) -> tuple[object, ...]:
        """Return what the node says."""
        return (self.kind, self.parts, self.text)

    def children(self) -> tuple[Node, ...]:
        """Return the parts."""
        return self.parts


MOST_HIGH: Final = 10  # entries of a column; a longer one is a row, turned


def transpose_form(node: Node) -> Node:
    """Return a transpose: of a column or a matrix its numbers turned, of all else with its sign.

    A number is its own.
    """
    match node:
        case _ if all(isinstance(it, Number) or _in_number(it) for it in walk(node)):
            return node
        case Display(kind="labelled"):
            return Display("labelled", (transpose_form(node.parts[0]), *node.parts[1:]), node.text)
        case Display(kind="column"):
            return node.parts[0]
        case Call(operation="transpose_last"):
            return node.arguments[0]
        case Array(items=[Array() as first, *_]) if not (
            node.content.names or any(isinstance(it, (Array, Display)) for it in first.items)
        ):
            columns = zip(*(row.children() for row in node.items), strict=True)
            return Array(tuple(map(Array, columns)))
        case Array(items=items) if len(items) <= MOST_HIGH and not (
            node.content.names or any(isinstance(it, (Array, Display)) for it in items)
        ):
            return Display("column", (node,))
        case _:
            return Call("transpose_last", (node,))


def _in_number(node: Node) -> bool:
    """Say whether an operation stands in figures: in -3, 2/3 or 2.5·10⁻⁶."""
    return isinstance(node, Call) and node.operation in ("negative", "divide", "multiply", "power")


def letter(text: str) -> Node:
    """Return an index."""
    return Display("letter", text=text)


DOT: Final = letter("·")  # a subscript that stands for the whole axis


@lru_cache(1024)
def count_number(value: int) -> Node:
    """Return a count as a tree."""
    return Number(str(value), Fraction(value))


def index_from_one(node: Node) -> Node:
    """Return a label or an id, which count from 0, as a subscript, which counts from 1."""
    if isinstance(node, Number):
        return count_number(int(node.value) + 1)
    return Call("add", (node, count_number(1)))


def sum_form(left: Node, right: Node) -> Node:
    """Return a sum from the left: a + b + c for a + (b + c), and a − b for a + (−b)."""
    match right:
        case Call(operation="add" | "subtract" as sign, arguments=(first, second), keywords=()):
            return Call(sign, (sum_form(left, first), second))
        case Call(operation="negative", arguments=(inside,), keywords=()):
            return Call("subtract", (left, inside))
        case _:
            return Call("add", (left, right))


def long_axes(items: Sequence[Node], shape: Sequence[int]) -> list[Node]:
    """Return those of the subscripts of an array whose axes are drawn.

    Those of length 1 are not: of a column it is pᵢ, and what has one entry has no subscript.
    """
    if not shape:
        return [*items]
    return [item for item, size in zip(items, shape, strict=False) if size != 1]


def with_subscripts(base: Node, subscripts: Sequence[Node], shape: Sequence[int] = ()) -> Node:
    """Return an entry, or a part: `x` with subscripts. Dots at the end are left out.

    So is what stands at an axis that is not drawn, of an array with this `shape`.
    """
    if isinstance(base, Display) and base.kind == "labelled":
        part = with_subscripts(base.parts[0], subscripts, shape)
        return Display("labelled", (part, *base.parts[1:]), base.text)
    below = long_axes(subscripts, shape)
    while below and below[-1] == DOT:
        below.pop()
    return Display("below", (base, *below)) if below else base


def array_of(entry: Node, subscripts: Sequence[Node]) -> Node:
    """Return the array with these entries: [x_ji]_ij."""
    return Display("array", (entry, *subscripts))


def entry_of(array: Node, subscripts: Sequence[Node]) -> Node:
    """Return an entry of what is drawn: of an array that is given by its entries, that one."""
    letters = array.parts[1:] if isinstance(array, Display) and array.kind == "array" else ()
    are_letters = all(isinstance(it, Display) and it.text.isalpha() for it in letters)
    if not (letters and are_letters) or len(letters) != len(subscripts) or DOT in subscripts:
        return with_subscripts(array, subscripts)
    return _with_letters(array.children()[0], dict(zip(letters, subscripts, strict=True)))


def _with_letters(node: Node, new: Mapping[Node, Node]) -> Node:
    """Return what is drawn with other subscripts in the place of letters."""
    if node in new:
        return new[node]
    if isinstance(node, Display):
        parts = tuple([_with_letters(part, new) for part in node.parts])
        return Display(node.kind, parts, node.text)
    return with_parts(node, lambda part: _with_letters(part, new))


def reshape_entries(node: Node, shape: Sequence[int]) -> Node:
    """Return the same entries, row by row, in a shape."""
    return array_of(node, [letter(" × ".join(map(str, shape)) or "1")])


def indexed_extreme(sign: str, body: Node, lower: Node, upper: Node | None = None) -> Node:
    """Return a sum (∑) or an extreme (max, min) that runs over an index."""
    return Display("over", (body, lower) if upper is None else (body, lower, upper), sign)


def case_rows(cases: Display) -> Sequence[tuple[Node, Node]]:
    """Return each case with the relation that holds there."""
    conditions = (indicator.children()[0] for indicator in cases.parts[1::2])
    return [*zip(cases.parts[::2], conditions, strict=True)]


def sum_of_cases(cases: Display) -> Node:
    """Return cases in one line: each times what is 1 where it holds, but for one that is 0."""
    zero, one = count_number(0), count_number(1)
    terms = [
        indicator if value == one else Call(product, (value, indicator))
        for value, indicator, product in zip(
            cases.parts[::2], cases.parts[1::2], cases.text.split(), strict=True
        )
        if value != zero
    ]
    if len(terms) < 2:
        return terms[0] if terms else zero
    return Call("add", tuple(terms))


def label_part(part: Node, text: str, name: Node | None = None) -> Node:
    """Return a part with a brace below it, and below that words and perhaps its name.

    The words are a message: they are written in the reader's language.
    """
    return Display("labelled", (part,) if name is None else (part, name), text)


def strip_label(node: Node) -> Node:
    """Return a part without the brace below it."""
    return node.parts[0] if isinstance(node, Display) and node.kind == "labelled" else node


ELLIPSIS: Final = Number("…", Fraction(0))  # stands for terms; it is printed, never worked out


class OmittedTerms(Number):
    """Stands in a printed sum for the terms that are left out; it has their sum."""

    __slots__ = ()


def is_sign(node: Node) -> bool:
    """Say whether something is one sign, with or without a subscript."""
    match node:
        case (
            Display(kind="below", parts=(base, *_)) | Call(operation="index", arguments=(base, *_))
        ):
            return isinstance(base, Name)  # an entry brackets what has a subscript already
        case Name() | Display(kind="own"):
            return True
        case _:
            return False


def stands_below_gradient(node: Node) -> bool:
    """Say whether something needs no brackets behind a ∂: one sign, or what has its own."""
    return is_sign(node) or isinstance(node, Array)


_PRODUCTS: Final = frozenset(("multiply", *DISPLAYED_PRODUCTS))


def is_open(node: Node) -> bool:
    """Say whether a text ends in a sum's body, so that a factor behind it would join that."""
    if isinstance(node, Display):
        return is_open(node.parts[0]) if node.kind == "labelled" else node.kind == "over"
    if not isinstance(node, Call) or node.operation not in _PRODUCTS:
        return False
    parts = node.children()
    return len(parts) == 2 and is_open(parts[1])
