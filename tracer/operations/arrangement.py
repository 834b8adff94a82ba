"""Rows that move entries without computing: shapes, axes, indices, joining, labels.

They come in adjoint pairs, each the other's derivative: index and place, gather and scatter_add,
pick and unpick, broadcast and sum_to; transposes and reshapes are their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

from tracer.errors import ShapeError
from tracer.expression.display_forms import (
    DOT,
    array_of,
    below,
    beside,
    bold,
    count_number,
    index_from_one,
    indicator,
    letter,
    over,
    relation,
    reshape_entries,
    transpose_form,
)
from tracer.expression.look import Look
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.operations.arithmetic import broadcast_index, sum_of_terms
from tracer.operations.array_shape import (
    Shape,
    broadcast_shape,
    indices_of,
    ravel,
    shape_text,
    unravel,
)
from tracer.operations.calls import bound
from tracer.operations.operation import Entries, Term, TextbookWriter, apply, operation, term
from tracer.sentences import both, say


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
    textbook=lambda writer, x, axes: writer.rearranged(x, axes),
    moves=True,
    rule="transposition",
    words="the axes in another order",
    example="transpose(x, (1, 0, 2)); x = [[[1, 2, 3]], [[4, 5, 6]]]",
)

# Reshaping --------------------------------------------------------------------------------------


def _reshape_shape(x: Shape, shape: Shape) -> Shape:
    wanted = shape
    size = math.prod(x)
    if wanted.count(-1) == 1:
        rest = math.prod(part for part in wanted if part != -1)
        wanted = tuple((size // rest if rest else 0) if part == -1 else part for part in wanted)
    if math.prod(wanted) != size or any(part < 0 for part in wanted):
        raise ShapeError(
            say("reshape: {x} to {wanted}", x=shape_text(x), wanted=shape_text(wanted)),
            found=say("{count} entries", count=size),
            expected=say("a shape with as many"),
        )
    return wanted


def _simpler_reshape(inner: Term, shape: Shape) -> Term | None:
    if inner.shape == shape:
        return inner
    if inner.is_repeated_number:
        return apply("broadcast", inner.parts[0], shape=shape)
    return apply("reshape", inner.parts[0], shape=shape) if inner.operation == "reshape" else None


def _textbook_reshape(writer: TextbookWriter, x: Term, shape: Shape) -> Node:
    """The size stands below; an axis of one entry more or less is not shown."""
    wanted = _reshape_shape(x.shape, shape)
    if wanted == (1, *x.shape):
        return writer.aligned((x,), wanted)[0]
    same = [size for size in wanted if size != 1] == [size for size in x.shape if size != 1]
    return writer.term(x) if same else reshape_entries(writer.term(x), wanted)


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
    example="flatten(x, start=1); x = [[[1, 2, 3]], [[4, 5, 6]]]",
    title="flattening",
    convention="as torch.flatten: all axes are joined; start=1 keeps the axis of the samples",
)

# Broadcasting and its adjoint -------------------------------------------------------------------


def _broadcast_to_shape(x: Shape, shape: Shape) -> Shape:
    if broadcast_shape("broadcast", x, shape) != shape or any(size < 0 for size in shape):
        raise ShapeError(say("broadcast: {x} to {shape}", x=shape_text(x), shape=shape_text(shape)))
    return shape


def _sum_to_shape(x: Shape, shape: Shape) -> Shape:
    if broadcast_shape("sum_to", x, shape) != x:
        raise ShapeError(say("sum_to: {x} to {shape}", x=shape_text(x), shape=shape_text(shape)))
    return shape


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
    ones = bold("1")
    if isinstance(x.node, Call) and x.node.operation == "reshape":
        inner = Term(x.node.arguments[0], writer.shape_of(x.node.arguments[0]))
        x = inner if x.shape == (1, *inner.shape) else x
    if not x.shape or all(size == 1 for size in x.shape):
        return Call("multiply", (writer.term(x), ones))
    if len(x.shape) == 1 and len(shape) == 2:
        return beside(ones, transpose_form(writer.term(x)))
    if len(x.shape) == len(shape) == 2 and x.shape[1] == 1:
        return beside(writer.term(x), transpose_form(ones))
    letters = writer.letters(len(shape))
    return array_of(below(writer.term(x), _own_indices(letters, x.shape)), letters)


def _own_indices(letters: Sequence[Node], shape: Shape) -> list[Node]:
    """Return the indices along which a smaller array has entries of its own."""
    last = letters[len(letters) - len(shape) :]
    return [item for item, size in zip(last, shape, strict=True) if size != 1]


operation(
    "broadcast",
    "x; shape:shape",
    shape=_broadcast_to_shape,
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
    kept = tuple(
        lead + axis for axis, size in enumerate(shape) if size == 1 != inner.shape[lead + axis]
    )
    if lead and kept:
        return None
    axes = kept or tuple(range(lead))
    return apply("sum", inner, axis=axes[0] if len(axes) == 1 else axes, keepdims=bool(kept))


def _summed_axes(x: Shape, shape: Shape) -> list[int]:
    """Return the axes that a sum to a smaller shape runs over."""
    lead = len(x) - len(shape)
    return [at for at, size in enumerate(x) if at < lead or shape[at - lead] == 1 != size]


operation(
    "sum_to",
    "x; shape:shape",
    shape=_sum_to_shape,
    element=_sum_to_element,
    rewrite=_simpler_sum_to,
    array="kernels.sum_to({0}, {shape!r})",
    derivative=lambda g, out, x, shape: (apply("broadcast", g, shape=x.shape),),
    textbook=lambda writer, x, shape: writer.reduced("∑", x, _summed_axes(x.shape, shape)),
    rule="sum over repeated entries",
    words="the sum over the axes along which entries were repeated",
    example="sum_to(x, (3,)); x = [[1, 2, 3], [4, 5, 6]]",
)

# Indices ----------------------------------------------------------------------------------------

Items = tuple[Any, ...]


def _indexed_places(items: Items, shape: Shape) -> list[range | int]:
    """Return, for each axis, the places an index takes: a range, or one place."""
    if len(items) > len(shape):
        raise ShapeError(
            say("{count} indices of the shape {shape}", count=len(items), shape=shape_text(shape)),
            expected=say("at most {most}", most=len(shape)),
        )
    result: list[range | int] = []
    for axis, size in enumerate(shape):
        item = items[axis] if axis < len(items) else slice(None)
        if isinstance(item, slice):
            if item.step == 0:
                raise ShapeError(say("a slice of step 0"), expected=say("a step of at least 1"))
            result.append(range(*item.indices(size)))
        elif isinstance(item, int) and not isinstance(item, bool):
            if not -size <= item < size:
                raise ShapeError(
                    say("index {item} of an axis with {size} entries", item=item, size=size),
                    expected=say("an index from {low} to {high}", low=-size, high=size - 1),
                )
            result.append(item % size)
        else:
            raise ShapeError(
                say("index {item}", item=str(item)), expected=say("whole numbers and slices")
            )
    return result


def _index_shape(x: Shape, items: Items) -> Shape:
    return tuple(len(item) for item in _indexed_places(items, x) if isinstance(item, range))


def _index_element(index: Shape, x: Entries, items: Items) -> Term:
    rest = iter(index)
    return x(
        *(
            item[next(rest)] if isinstance(item, range) else item
            for item in _indexed_places(items, x.shape)
        )
    )


def _place_shape(g: Shape, shape: Shape, items: Items) -> Shape:
    if _index_shape(shape, items) != g:
        raise ShapeError(
            say(
                "place: {g} does not fit its place in {shape}",
                g=shape_text(g),
                shape=shape_text(shape),
            )
        )
    return shape


def _place_element(index: Shape, g: Entries, shape: Shape, items: Items) -> Term:
    inner: list[int] = []
    for place, item in zip(index, _indexed_places(items, shape), strict=True):
        if isinstance(item, range):
            if place not in item:
                return term(0)
            inner.append(item.index(place))
        elif place != item:
            return term(0)
    return g(*inner)


def _simpler_index(inner: Term, items: tuple[Any, ...]) -> Term | None:
    if not inner.is_repeated_number:
        return None
    shape = _index_shape(inner.shape, items)
    return apply("broadcast", inner.parts[0], shape=shape)


def _subscripts(items: Items, shape: Shape) -> list[Node]:
    """Return an index of the language, from 0, as subscripts from 1."""
    return [_subscript(item, size) for item, size in zip(items, shape, strict=False)]


def _subscript(item: object, size: int) -> Node:
    if not isinstance(item, slice):
        assert isinstance(item, int)
        return count_number(item % size + 1)
    chosen = range(*item.indices(size))
    if chosen == range(size):
        return DOT
    if chosen.step == 1 and len(chosen) > 1:
        return letter(f"{chosen[0] + 1}:{chosen[-1] + 1}")
    return letter(", ".join(str(place + 1) for place in chosen) or "∅")


def _textbook_place(writer: TextbookWriter, g: Term, shape: Shape, items: Items) -> Node:
    """A unit vector has the place; where more than one entry is chosen, the indices stand below."""
    single = [item for item in items if isinstance(item, int)]
    if len(single) == len(items) == 1 and len(shape) <= 2:
        unit = below(bold("e"), _subscripts(items, shape))
        if len(shape) == 1:
            return Call("multiply", (writer.term(g), unit))
        return beside(unit, transpose_form(writer.term(g)))
    return array_of(writer.term(g), _subscripts(items, shape))


operation(
    "index",
    "x; items:indices",
    shape=_index_shape,
    element=_index_element,
    rewrite=_simpler_index,
    array="{0}[{items!r}]",
    view=True,
    derivative=lambda g, out, x, items: (apply("place", g, shape=x.shape, items=items),),
    textbook=lambda writer, x, items: below(writer.term(x), _subscripts(items, x.shape)),
    moves=True,
    rule="entries chosen by an index",
    words="the entries at an index, from 0, slices half open",
    example="x[1:3]; x = [5, -2, 0.5, 3]",
)
operation(
    "place",
    "g; shape:shape, items:indices",
    shape=_place_shape,
    element=_place_element,
    array="kernels.place({0}, {shape!r}, {items!r})",
    derivative=lambda g, out, x, shape, items: (apply("index", g, items=items),),
    textbook=_textbook_place,
    moves=True,
    rule="entries put back at an index",
    words="zeros with the entries put in at an index",
    example="place(g, (4,), (1,)); g = 0.75",
)


def _gather_shape(x: Shape, ids: Shape) -> Shape:
    if not x:
        raise ShapeError(say("rows of a single number"), expected=say("an array"))
    return ids + x[1:]


def _gather_element(index: Shape, x: Entries, ids: Entries) -> Term:
    cut = len(ids.shape)
    return x(ids.integer(*index[:cut]), *index[cut:])


def _scatter_shape(g: Shape, ids: Shape, rows: int) -> Shape:
    if g[: len(ids)] != ids:
        raise ShapeError(
            say("scatter_add: {g} for ids {ids}", g=shape_text(g), ids=shape_text(ids)),
            expected=say("one row for each id"),
        )
    return (rows, *g[len(ids) :])


def _scatter_element(index: Shape, g: Entries, ids: Entries, rows: int) -> Term:
    places = indices_of(ids.shape)
    return sum_of_terms(
        [g(*place, *index[1:]) for place in places if ids.integer(*place) == index[0]]
    )


def _textbook_gather(writer: TextbookWriter, x: Term, ids: Term) -> Node:
    """Rows are counted from 1 where their numbers stand below."""
    if isinstance(ids.node, Name):
        return below(writer.term(x), [index_from_one(writer.term(ids))])
    chosen = [str(int(item.value) + 1) for item in walk(ids.node) if isinstance(item, Number)]
    return below(writer.term(x), [letter(", ".join(chosen))])


operation(
    "gather",
    "x, ids:int",
    passes_mask=True,
    shape=_gather_shape,
    limit=lambda x, ids: x[0],
    element=_gather_element,
    array="np.take({0}, {1}, axis=0)",
    derivative=lambda g, out, x, ids: (apply("scatter_add", g, ids, rows=x.shape[0]), None),
    textbook=_textbook_gather,
    moves=True,
    rule="rows chosen by ids",
    words="the rows whose numbers are given: E[ids]",
    example="x[ids]; x = [[1, 2], [3, 4], [5, 6]]; ids = [2, 0, 2]",
    title="rows by number",
    convention="ids count from 0; a row that is used twice gets both gradients",
)


def _textbook_scatter(writer: TextbookWriter, g: Term, ids: Term, rows: int) -> Node:
    """Row r is the sum of what is at the places whose id is r."""
    row, *letters = writer.letters(1 + len(ids.shape))
    condition = relation(index_from_one(writer.entry(ids, letters)), "=", row)
    return array_of(over("∑", below(writer.term(g), letters), condition), [row])


operation(
    "scatter_add",
    "g, ids:int; rows:count",
    shape=_scatter_shape,
    limit=lambda g, ids, rows: rows,
    element=_scatter_element,
    array="kernels.scatter_add({0}, {1}, {rows!r})",
    derivative=lambda g, out, x, ids, rows: (apply("gather", g, ids), None),
    textbook=_textbook_scatter,
    rule="sum over the uses of each row",
    words="each row of the gradient added to the row that was used",
    example="scatter_add(g, ids, 3); g = [[1, 2], [3, 4]]; ids = [2, 2]",
)

# Labels -----------------------------------------------------------------------------------------


def _labels_fit(name: str, scores: Shape, labels: Shape) -> None:
    if not scores or scores[:-1] != labels:
        raise ShapeError(
            say(
                "{name}: scores {scores} and labels {labels}",
                name=name,
                scores=shape_text(scores),
                labels=shape_text(labels),
            ),
            expected=say("one label for each row of scores, classes along the last axis"),
        )


def _pick_shape(x: Shape, labels: Shape) -> Shape:
    _labels_fit("pick", x, labels)
    return labels


def _textbook_pick(writer: TextbookWriter, x: Term, labels: Term) -> Node:
    letters = writer.letters(len(labels.shape))
    entry = below(writer.term(x), [*letters, index_from_one(writer.entry(labels, letters))])
    return array_of(entry, letters) if letters else entry


def _textbook_one_hot(writer: TextbookWriter, labels: Term, classes: int) -> Node:
    """A unit vector; of several labels, ones where the class is the label's."""
    if not labels.shape:
        return below(bold("e"), [index_from_one(writer.term(labels))])
    *letters, chosen = writer.letters(len(labels.shape) + 1)
    is_label = relation(index_from_one(writer.entry(labels, letters)), "=", chosen)
    return array_of(indicator(is_label), [*letters, chosen])


def _textbook_unpick(writer: TextbookWriter, g: Term, labels: Term, classes: int) -> Node:
    unit = _textbook_one_hot(writer, labels, classes)
    join = "hadamard" if labels.shape else "multiply"
    return Call(join, (writer.term(g), unit))


operation(
    "pick",
    "x, labels:int",
    shape=_pick_shape,
    limit=lambda x, labels: x[-1],
    element=lambda index, x, labels: x(*index, labels.integer(*index)),
    array="kernels.pick({0}, {1})",
    derivative=lambda g, out, x, labels: (
        apply("unpick", g, labels, classes=x.shape[-1]),
        None,
    ),
    textbook=_textbook_pick,
    moves=True,
    rule="entries chosen by labels",
    words="the entry of each row at its label",
    example="pick(x, labels); x = [[1, 2, 3], [4, 5, 6]]; labels = [2, 0]",
)


def _unpick_shape(g: Shape, labels: Shape, classes: int) -> Shape:
    if g != labels:
        raise ShapeError(
            say("unpick: {g} for labels {labels}", g=shape_text(g), labels=shape_text(labels)),
            expected=say("one number for each label"),
        )
    return (*labels, classes)


operation(
    "unpick",
    "g, labels:int; classes:count",
    shape=_unpick_shape,
    limit=lambda g, labels, classes: classes,
    element=lambda index, g, labels, classes: (
        g(*index[:-1]) if labels.integer(*index[:-1]) == index[-1] else term(0)
    ),
    array="kernels.unpick({0}, {1}, {classes!r})",
    derivative=lambda g, out, x, labels, classes: (apply("pick", g, labels), None),
    textbook=_textbook_unpick,
    moves=True,
    rule="entries put back at labels",
    words="zeros, with each row's entry put at its label",
    example="unpick(g, labels, 3); g = [1, 2]; labels = [2, 0]",
)
operation(
    "one_hot",
    "labels:int; classes:count",
    shape=lambda labels, classes: (*labels, classes),
    limit=lambda labels, classes: classes,
    element=lambda index, labels, classes: term(
        1 if labels.integer(*index[:-1]) == index[-1] else 0
    ),
    array="kernels.one_hot({0}, {classes!r}, dtype, {out})",
    derivative=None,
    textbook=_textbook_one_hot,
    moves=True,
    rule="one-hot vectors",
    words="a row of zeros with a 1 at the label, for each label",
    example="one_hot(labels, 3); labels = [2, 0]",
    title="one-hot vectors",
    convention="classes count from 0",
)

# Joining ----------------------------------------------------------------------------------------


def _concat_shape(*parts: Shape, axis: int) -> Shape:
    if not parts:
        raise ShapeError(say("concat of no arrays"), expected=say("at least one array"))
    at = axis_of("concat", axis, len(parts[0]))
    rest = {part[:at] + part[at + 1 :] for part in parts}
    if len(rest) > 1 or len({len(part) for part in parts}) > 1:
        raise ShapeError(
            say("concat: the shapes {parts} do not fit", parts=both(map(shape_text, parts))),
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
            say("stack: the shapes {shapes}", shapes=both(map(shape_text, parts)))
            if parts
            else say("stack of no arrays"),
            expected=say("at least one array, all of one shape"),
        )
    at = axis_of("stack", axis, len(parts[0]) + 1)
    return (*parts[0][:at], len(parts), *parts[0][at:])


def _stack_element(index: Shape, *parts: Entries, axis: int) -> Term:
    at = axis % len(index)
    return parts[index[at]](*index[:at], *index[at + 1 :])


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
    element=_stack_element,
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


def _constant_shape(shape: Shape) -> Shape:
    if any(size < 0 for size in shape):
        raise ShapeError(
            say("an array of the shape {shape}", shape=shape_text(shape)),
            expected=say("sizes from 0"),
        )
    return shape


for _name, _value in (("zeros", "0"), ("ones", "1")):
    operation(
        _name,
        "; shape:shape",
        shape=_constant_shape,
        element=lambda index, shape, value=int(_value): term(value),
        array=f"np.full({{shape!r}}, {_value}.0, dtype=dtype)",
        derivative=lambda g, out, shape: (),
        rule="a constant",
        textbook=lambda writer, shape, value=_value: (
            bold(str(value)) if shape else count_number(value)
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
    look=Look("pi", unicode="π", latex=r"\pi", form="constant"),
)
