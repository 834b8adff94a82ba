"""Rows that move entries without computing: axes, shapes, joining; and constant arrays.

`broadcast` and `sum_to` are each other's derivative; transposes and reshapes are their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

from tracer.errors import ShapeError
from tracer.expression import (
    Array,
    Call,
    Display,
    FunctionNames,
    Node,
    array_of,
    count_number,
    transpose_form,
)
from tracer.operations.arithmetic import sum_of_terms
from tracer.operations.array_shape import (
    Shape,
    broadcast_index,
    broadcast_shape,
    fitting_shape,
    ravel,
    shape_text,
    unravel,
)
from tracer.operations.operation import Entries, Term, TextbookWriter, apply, bound, operation, term
from tracer.operations.textbook import matching_subscripts
from tracer.sentences import join_by_and, say


def axis_of(name: str, axis: Any, dimensions: int) -> int:
    """Return an axis counted from 0. Raises ShapeError where there is no such axis."""
    if not isinstance(axis, int) or isinstance(axis, bool) or not -dimensions <= axis < dimensions:
        raise ShapeError(
            say("{name}: there is no axis {axis}", name=name, axis=str(axis)),
            expected=say(
                "an axis from {low} to {high}",
                low=-dimensions,
                high=dimensions - 1,
            )
            if dimensions
            else say("an array, not a single number"),
        )
    return axis % dimensions


# Transposes -------------------------------------------------------------------------------------


def _transpose_last_shape(x: Shape) -> Shape:
    if not x:
        raise ShapeError(say(".T of a single number"), expected=say("an array"))
    if len(x) > 2:
        raise ShapeError(
            say(".T of the shape {x}", x=shape_text(x)),
            expected=say("two axes; use transpose(x, axes) for more"),
        )
    return x[::-1]


def _simpler_transpose_last(inner: Term) -> Term | None:
    if len(inner.shape) < 2:
        return inner
    if inner.operation == "transpose_last":
        return inner.parts[0]
    if inner.is_repeated_number:
        return apply("broadcast", inner.parts[0], shape=inner.shape[::-1])
    if inner.operation == "matmul" and all(len(part.shape) == 2 for part in inner.parts):
        left, right = inner.parts
        return apply("transpose_last", right) @ apply("transpose_last", left)
    return None


operation(
    "transpose_last",
    "x",
    shape=_transpose_last_shape,
    element=lambda index, x: x(*reversed(index)),
    rewrite=_simpler_transpose_last,
    array="{0}.T",
    view=True,
    derivative=lambda g, out, x: (apply("transpose_last", g),),
    textbook=lambda writer, x: (
        transpose_form(writer.term(x)) if len(x.shape) > 1 else writer.term(x)
    ),
    moves=True,
    rule="transposition",
    words="rows and columns exchanged",
    example="x.T; x = [[1, 2, 3], [4, 5, 6]]",
)


def _transpose_shape(x: Shape, axes: tuple[int, ...]) -> Shape:
    if sorted(axes) != list(range(len(x))):
        raise ShapeError(
            say("transpose: axes {axes} of the shape {x}", axes=str(axes), x=shape_text(x)),
            expected=say("each axis from 0 to {count} once", count=len(x) - 1),
        )
    return tuple(x[axis] for axis in axes)


def _simpler_transpose(inner: Term, axes: tuple[int, ...]) -> Term | None:
    if axes == tuple(range(len(axes))):
        return inner
    if inner.is_repeated_number:
        shape = tuple(inner.shape[axis] for axis in axes)
        return apply("broadcast", inner.parts[0], shape=shape)
    if inner.operation == "transpose":
        assert isinstance(inner.node, Call)
        before = bound(inner.node)[2]["axes"]
        return apply("transpose", inner.parts[0], axes=tuple(before[axis] for axis in axes))
    last_two = (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2)
    if inner.operation == "matmul" and axes == last_two:
        left, right = inner.parts
        if len(left.shape) == len(right.shape) == len(axes):
            return apply("transpose", right, axes=axes) @ apply("transpose", left, axes=axes)
    return None


operation(
    "transpose",
    "x; axes:permutation",
    shape=_transpose_shape,
    element=lambda index, x, axes: x(*(index[axes.index(axis)] for axis in range(len(axes)))),
    rewrite=_simpler_transpose,
    array="np.transpose({0}, {axes!r})",
    view=True,
    derivative=lambda g, out, x, axes: (
        apply("transpose", g, axes=tuple(axes.index(axis) for axis in range(len(axes)))),
    ),
    textbook=lambda writer, x, axes: writer.draw_rearranged(x, axes),
    moves=True,
    rule="transposition",
    words="the axes in another order",
    example="transpose(x, (1, 0, 2)); x = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]",
)

# Reshaping --------------------------------------------------------------------------------------


def _reshape_shape(x: Shape, shape: Shape) -> Shape:
    target = shape
    size = math.prod(x)
    if target.count(-1) == 1:
        rest = math.prod(part for part in target if part != -1)
        target = tuple((size // rest if rest else 0) if part == -1 else part for part in target)
    if math.prod(target) != size or any(part < 0 for part in target):
        raise ShapeError(
            say("reshape: {x} to {wanted}", x=shape_text(x), wanted=shape_text(target)),
            found=say("{count} entries", count=size),
            expected=say("a shape with as many"),
        )
    return target


def _simpler_reshape(inner: Term, shape: Shape) -> Term | None:
    if inner.shape == shape:
        return inner
    if inner.is_repeated_number:
        return apply("broadcast", inner.parts[0], shape=shape)
    return apply("reshape", inner.parts[0], shape=shape) if inner.operation == "reshape" else None


def _textbook_reshape(writer: TextbookWriter, x: Term, shape: Shape) -> Node:
    """An axis of one entry more or less is not shown."""
    target = _reshape_shape(x.shape, shape)
    if target == (1, *x.shape):
        return writer.align_operands((x,), target)[0]
    same = [size for size in target if size != 1] == [size for size in x.shape if size != 1]
    return writer.term(x) if same else writer.draw_reshaped(x, target)


operation(
    "reshape",
    "x; shape:shape",
    shape=_reshape_shape,
    element=lambda index, x, shape: x(
        *unravel(ravel(index, _reshape_shape(x.shape, shape)), x.shape)
    ),
    rewrite=_simpler_reshape,
    array="np.reshape({0}, {shape!r})",
    view=True,
    derivative=lambda g, out, x, shape: (apply("reshape", g, shape=x.shape),),
    textbook=_textbook_reshape,
    moves=True,
    rule="reshaping",
    words="the same entries, row by row, in another shape",
    example="reshape(x, (3, 2)); x = [[1, 2, 3], [4, 5, 6]]",
)


def _flatten_shape(x: Shape, start: int) -> Shape:
    if not x:
        return (1,)
    first = axis_of("flatten", start, len(x))
    return (*x[:first], math.prod(x[first:]))


operation(
    "flatten",
    "x; start:axis=0",
    shape=_flatten_shape,
    definition=lambda x, start: apply("reshape", x, shape=_flatten_shape(x.shape, start)),
    derivative=lambda g, out, x, start: (apply("reshape", g, shape=x.shape),),
    textbook=lambda writer, x, start: _textbook_reshape(writer, x, _flatten_shape(x.shape, start)),
    moves=True,
    rule="reshaping",
    words="all axes from start on, joined into one",
    example="flatten(x, start=1); x = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]",
    title="flattening",
    convention="the flattened axes become one, row by row, as in torch.flatten",
)

# Broadcasting and its adjoint -------------------------------------------------------------------


def _sum_to_element(index: Shape, x: Entries, shape: Shape) -> Term:
    lead = len(x.shape) - len(shape)
    ranges = [range(size) for size in x.shape[:lead]]
    ranges += [
        range(x.shape[lead + axis]) if size == 1 else range(index[axis], index[axis] + 1)
        for axis, size in enumerate(shape)
    ]
    return sum_of_terms([x(*place) for place in product(*ranges)])


def _simpler_broadcast(inner: Term, shape: Shape) -> Term | None:
    if inner.shape == shape:
        return inner
    if inner.is_number(1):
        return apply("ones", shape=shape)
    return apply("broadcast", inner.parts[0], shape=shape) if inner.is_repeated else None


def _textbook_broadcast(writer: TextbookWriter, x: Term, shape: Shape) -> Node:
    """A number times ones; a vector in each row or column is a product with ones too."""
    ones = Display("bold", text="1")
    if isinstance(x.node, Call) and x.node.operation == "reshape":
        inner = Term(x.node.arguments[0], writer.shape_of(x.node.arguments[0]))
        x = inner if x.shape == (1, *inner.shape) else x
    if not x.shape or all(size == 1 for size in x.shape):
        return Call("multiply", (writer.term(x), ones))
    if len(x.shape) == 1 and len(shape) == 2:
        return Call("beside", (ones, transpose_form(writer.term(x))))
    if len(x.shape) == len(shape) == 2 and x.shape[1] == 1:
        return Call("beside", (writer.term(x), transpose_form(ones)))
    letters = writer.letters(len(shape))
    return array_of(writer.entry(x, matching_subscripts(letters, x.shape)), letters)


operation(
    "broadcast",
    "x; shape:shape",
    shape=lambda x, shape: fitting_shape(
        shape,
        broadcast_shape("broadcast", x, shape) == shape and all(size >= 0 for size in shape),
        say("broadcast: {x} to {shape}", x=shape_text(x), shape=shape_text(shape)),
    ),
    element=lambda index, x, shape: x(*broadcast_index(index, x.shape)),
    rewrite=_simpler_broadcast,
    array="np.broadcast_to({0}, {shape!r})",
    view=True,
    derivative=lambda g, out, x, shape: (apply("sum_to", g, shape=x.shape),),
    textbook=_textbook_broadcast,
    rule="repeated entries",
    words="the same entries repeated to a larger shape",
    example="broadcast(x, (2, 3)); x = [1, 2, 3]",
)


def _simpler_sum_to(inner: Term, shape: Shape) -> Term | None:
    """Write a plain sum where one says the same: readers know `sum`, not `sum_to`."""
    if inner.shape == shape:
        return inner
    if not shape:
        return apply("sum", inner)
    lead = len(inner.shape) - len(shape)
    axes = tuple(_summed_axes(inner.shape, shape))
    if lead and axes[-1] >= lead:
        return None
    return apply("sum", inner, axis=axes[0] if len(axes) == 1 else axes, keepdims=not lead)


def _summed_axes(x: Shape, shape: Shape) -> list[int]:
    """Return the axes that a sum to a smaller shape runs over."""
    lead = len(x) - len(shape)
    return [at for at, size in enumerate(x) if at < lead or shape[at - lead] == 1 != size]


operation(
    "sum_to",
    "x; shape:shape",
    shape=lambda x, shape: fitting_shape(
        shape,
        broadcast_shape("sum_to", x, shape) == x,
        say("sum_to: {x} to {shape}", x=shape_text(x), shape=shape_text(shape)),
    ),
    element=_sum_to_element,
    rewrite=_simpler_sum_to,
    array="kernels.sum_to({0}, {shape!r})",
    derivative=lambda g, out, x, shape: (apply("broadcast", g, shape=x.shape),),
    textbook=lambda writer, x, shape: writer.draw_reduction("∑", x, _summed_axes(x.shape, shape)),
    rule="sum over repeated entries",
    words="the sum over the axes along which entries were repeated",
    example="sum_to(x, (3,)); x = [[1, 2, 3], [4, 5, 6]]",
)

# Joining ----------------------------------------------------------------------------------------


def _concat_shape(*parts: Shape, axis: int) -> Shape:
    if not parts:
        raise ShapeError(say("concat of no arrays"), expected=say("at least one array"))
    at = axis_of("concat", axis, len(parts[0]))
    rest = {part[:at] + part[at + 1 :] for part in parts}
    if len(rest) > 1 or len({len(part) for part in parts}) > 1:
        raise ShapeError(
            say("concat: the shapes {parts} do not fit", parts=join_by_and(map(shape_text, parts))),
            expected=say("equal sizes except along axis {axis}", axis=axis),
        )
    return (*parts[0][:at], sum(part[at] for part in parts), *parts[0][at + 1 :])


def _concat_element(index: Shape, *parts: Entries, axis: int) -> Term:
    at = axis % len(index)
    place = index[at]
    for part in parts:
        if place < part.shape[at]:
            return part(*index[:at], place, *index[at + 1 :])
        place -= part.shape[at]
    raise IndexError(index)


def _concat(g: Term, out: Term, *parts: Term, axis: int) -> Sequence[Term]:
    at = axis % len(g.shape)
    first = 0
    result: list[Term] = []
    for part in parts:
        last = first + part.shape[at]
        items = (slice(None),) * at + (slice(first, last),)
        result.append(apply("index", g, items=items))
        first = last
    return result


def _textbook_concat(writer: TextbookWriter, *parts: Term, axis: int) -> Node:
    """Blocks below each other, or side by side."""
    blocks = tuple(map(writer.term, parts))
    if axis % len(parts[0].shape) == 0:
        return Array(tuple(Array((block,)) for block in blocks))
    return Array((Array(blocks),))


operation(
    "concat",
    "*parts; axis:axes=0",
    passes_mask=True,
    shape=_concat_shape,
    element=_concat_element,
    array="np.concatenate([{all}], axis={axis!r}, out={out})",
    derivative=_concat,
    textbook=_textbook_concat,
    moves=True,
    rule="parts of a joined array",
    words="arrays joined along an existing axis",
    example="concat([a, b]); a = [1, 2]; b = [3]",
)


def _stack_shape(*parts: Shape, axis: int) -> Shape:
    if len(set(parts)) != 1:
        raise ShapeError(
            say("stack: the shapes {shapes}", shapes=join_by_and(map(shape_text, parts)))
            if parts
            else say("stack of no arrays"),
            expected=say("at least one array, all of one shape"),
        )
    at = axis_of("stack", axis, len(parts[0]) + 1)
    return (*parts[0][:at], len(parts), *parts[0][at:])


def _textbook_stack(writer: TextbookWriter, *parts: Term, axis: int) -> Node:
    """Vectors as the rows, or as the columns, of a matrix."""
    blocks = tuple(map(writer.term, parts))
    if axis % (len(parts[0].shape) + 1) == 0:
        turned = transpose_form if len(parts[0].shape) == 1 else (lambda block: block)
        return Array(tuple(Array((turned(block),)) for block in blocks))
    return Array((Array(blocks),))


operation(
    "stack",
    "*parts; axis:axes=0",
    passes_mask=True,
    shape=_stack_shape,
    element=lambda index, *parts, axis: parts[index[axis]](
        *(place for at, place in enumerate(index) if at != axis % len(index))
    ),
    array="np.stack([{all}], axis={axis!r}, out={out})",
    derivative=lambda g, out, *parts, axis: tuple(
        apply("index", g, items=(slice(None),) * (axis % len(g.shape)) + (position,))
        for position in range(len(parts))
    ),
    textbook=_textbook_stack,
    moves=True,
    rule="parts of a joined array",
    words="arrays of one shape set side by side along a new axis",
    example="stack([a, b]); a = [1, 2, 3]; b = [4, 5, 6]",
)

# Constants --------------------------------------------------------------------------------------


for _name, _value in (("zeros", "0"), ("ones", "1")):
    operation(
        _name,
        "; shape:shape",
        shape=lambda shape: fitting_shape(
            shape,
            all(size >= 0 for size in shape),
            say("an array of the shape {shape}", shape=shape_text(shape)),
            say("sizes from 0"),
        ),
        element=lambda index, shape, value=int(_value): term(value),
        array=f"np.full({{shape!r}}, {_value}.0, dtype=dtype)",
        derivative=lambda g, out, shape: (),
        rule="a constant",
        textbook=lambda writer, shape, value=_value: (
            Display("bold", text=str(value)) if shape else count_number(value)
        ),
        words=f"an array of {_name}",
        example=f"{_name}(2, 3)",
    )
operation(
    "pi",
    "",
    elementwise=True,
    shape=lambda: (),
    scalar="3.141592653589793",
    array="3.141592653589793",
    derivative=lambda g, out: (),
    rule="a constant",
    words="the ratio of a circle's circumference to its diameter",
    example="pi",
    look=FunctionNames("pi", unicode="π", latex=r"\pi", form="constant"),
)
