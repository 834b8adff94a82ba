"""The syntax tree of the language: what is written, with its place in the text.

A tree knows no shapes, values or derivatives. Two trees are equal where they say the same,
wherever they stand. Every operation, infix or called, is a `Call`, so that nothing else needs to
know how it was written; the operations table tells the printer how each one looks.
"""

# ruff: noqa: D102 - `key` and `children` are described once, in `Node`

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final, NamedTuple

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
            parts: list[Node] = []
            waiting: list[Node] = [self]
            while waiting:
                parts.append(waiting.pop())
                waiting += parts[-1].children()[::-1]
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
    parts = tuple(map(change, old))
    if all(map(operator.is_, parts, old)):
        return node
    if isinstance(node, (Array, Tuple)):
        return type(node)(parts, node.start, node.end)
    if not isinstance(node, Call):
        return node  # the parts of a slice stay
    count = len(node.arguments)
    keywords = tuple(zip((name for name, _ in node.keywords), parts[count:], strict=True))
    return Call(node.operation, parts[:count], keywords, node.start, node.end, node.sign)
