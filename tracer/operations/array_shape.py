"""Shapes of arrays: how they are said, and what NumPy's broadcasting makes of several."""

from __future__ import annotations

from tracer.errors import ShapeError
from tracer.sentences import both, say

__all__ = ["Shape", "broadcast_shape", "shape_text"]

Shape = tuple[int, ...]


def shape_text(shape: Shape) -> str:
    """Return a shape as people write it: (2, 3); a single number has the shape ()."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def broadcast_shape(name: str, *shapes: Shape) -> Shape:
    """Return the shape NumPy's broadcasting gives. Raises ShapeError, naming the shapes."""
    result: list[int] = []
    for axis in range(1, max(map(len, shapes), default=0) + 1):
        sizes = {shape[-axis] for shape in shapes if len(shape) >= axis} - {1}
        if len(sizes) > 1:
            raise ShapeError(
                say(
                    "{name}: the shapes {shapes} do not fit",
                    name=name,
                    shapes=both(map(shape_text, shapes)),
                ),
                expected=say("equal sizes, counted from the last axis, or 1"),
            )
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))
