"""Shapes of arrays: how they are said, and what NumPy's broadcasting makes of several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

from tracer.errors import ShapeError
from tracer.sentences import Sentence, join_by_and, say

Shape = tuple[int, ...]


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape as people and the language write it: (2, 3); that of a single number is ()."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def fitting_shape(
    shape: Shape, fits: bool, problem: Sentence, expected: Sentence | str = ""
) -> Shape:
    """Return the shape of a result. Raises ShapeError where those of the operands do not fit."""
    if not fits:
        raise ShapeError(problem, expected=expected)
    return shape


def broadcast_shape(name: str, *shapes: Shape) -> Shape:
    """Return the shape NumPy's broadcasting gives. Raises ShapeError, naming the shapes."""
    if shapes and all(shape == shapes[0] for shape in shapes[1:]):
        return shapes[0]
    result: list[int] = []
    for axis in range(1, max(map(len, shapes), default=0) + 1):
        sizes = {shape[-axis] for shape in shapes if len(shape) >= axis} - {1}
        if len(sizes) > 1:
            raise ShapeError(
                say(
                    "{name}: the shapes {shapes} do not fit",
                    name=name,
                    shapes=join_by_and(map(shape_text, shapes)),
                ),
                expected=say("equal sizes, counted from the last axis, or 1"),
            )
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))


def broadcast_index(index: Shape, shape: Shape) -> Shape:
    """Return the place in an operand of `shape` that broadcasting sets at `index`."""
    own = index[len(index) - len(shape) :]
    if 1 not in shape:
        return own
    return tuple(0 if size == 1 else place for place, size in zip(own, shape, strict=True))


def indices_of(shape: Shape) -> list[Shape]:
    """Return the indices of an array's entries, row by row."""
    return list(product(*map(range, shape)))


def unravel(position: int, shape: Shape) -> Shape:
    """Return the index of an entry counted row by row."""
    index: list[int] = []
    for size in reversed(shape):
        position, rest = divmod(position, size)
        index.append(rest)
    return tuple(reversed(index))


def ravel(index: Shape, shape: Shape) -> int:
    """Return an entry's count, row by row."""
    position = 0
    for part, size in zip(index, shape, strict=True):
        position = position * size + part
    return position


def nested(
    entries: Sequence[Any], shape: Shape, row: Callable[[Iterable[Any]], Any] = tuple
) -> Any:
    """Return entries, row by row, as one entry or as rows in rows, each made by `row`."""
    if not shape:
        return entries[0]
    if len(shape) == 1:
        return row(entries)
    size = len(entries) // shape[0] if shape[0] else 0
    return row(
        nested(entries[at * size : (at + 1) * size], shape[1:], row) for at in range(shape[0])
    )


def flat_entries(value: Any, shape: Shape) -> list[Any]:
    """Return the entries of an array of rows in rows, row by row; of a single number that."""
    entries = [value]
    for _ in shape:
        entries = [entry for row in entries for entry in row]
    return entries
