"""Rows that choose entries: by indices, by ids of rows, by labels.

They come in pairs, each the other's derivative: index and place, gather and scatter_add, pick and
unpick.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from tracer.errors import ShapeError
from tracer.expression.syntax import (
    DOT,
    Array,
    Call,
    Display,
    Name,
    Node,
    Number,
    array_of,
    count_number,
    index_from_one,
    indexed_extreme,
    letter,
    long_axes,
    transpose_form,
    walk,
    with_subscripts,
)
from tracer.operations.arithmetic import sum_of_terms
from tracer.operations.array_shape import (
    Shape,
    fitting_shape,
    indices_of,
    shape_text,
)
from tracer.operations.numbers import nested_array
from tracer.operations.operation import Entries, Term, TextbookWriter, apply, operation, term
from tracer.sentences import say

MOST_LISTED: Final = 24  # places of an axis that stand below a name
MOST_ENTRIES: Final = 16  # largest array that is written out

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


def _subscript_nodes(items: Items, shape: Shape) -> list[Node]:
    """Return an index of the language, from 0, as subscripts from 1."""
    return [_subscript_node(item, size) for item, size in zip(items, shape, strict=False)]


def _subscript_node(item: object, size: int) -> Node:
    if not isinstance(item, slice):
        assert isinstance(item, int)
        return count_number(item % size + 1)
    chosen = range(*item.indices(size))
    if chosen == range(size):
        return DOT
    if chosen.step == 1 and len(chosen) > 1:
        return letter(f"{chosen[0] + 1}:{chosen[-1] + 1}")
    places = [str(place + 1) for place in chosen]
    if len(places) < 2:
        return letter("".join(places) or "∅")
    shown = places if len(places) <= MOST_LISTED else [*places[:2], "⋯", places[-1]]
    return letter(f"({', '.join(shown)})")


def _written_out(entry: Callable[[Shape], Node], shape: Shape) -> Node | None:
    """Return an array by its entries, where it has few and no more than two axes; else None."""
    if not 1 <= len(shape) <= 2 or not 1 < math.prod(shape) <= MOST_ENTRIES:
        return None
    entries = Array(tuple(entry(index) for index in indices_of(shape)))
    if len(shape) == 1:
        return Display("column", (entries,))
    return nested_array(entries.items, shape)


def _is_strided(places: Sequence[range | int]) -> bool:
    """Say whether entries are chosen that do not lie beside each other, or from the last on."""
    return any(isinstance(it, range) and it.step != 1 and len(it) > 1 for it in places)


def _textbook_index(writer: TextbookWriter, x: Term, items: Items) -> Node:
    """A range by its ends; of entries that do not lie beside each other each by where it was."""
    if not _is_strided(_indexed_places(items, x.shape)):
        return with_subscripts(writer.term(x), _subscript_nodes(items, x.shape))
    whole = apply("index", x, items=items)
    letters = writer.letters(len(whole.shape))

    def entry(index: Shape) -> Node:
        return writer.entry(whole, [count_number(place + 1) for place in index])

    return _written_out(entry, whole.shape) or array_of(writer.entry(whole, letters), letters)


def _textbook_place(writer: TextbookWriter, g: Term, shape: Shape, items: Items) -> Node:
    """A unit vector has the place; where more than one entry is chosen, zeros stand around them."""
    single = [item for item in items if isinstance(item, int)]
    if len(single) == len(items) == 1 and len(shape) <= 2:
        unit = with_subscripts(Display("bold", text="e"), _subscript_nodes(items, shape))
        if len(shape) == 1:
            return Call("multiply", (writer.term(g), unit))
        return Call("beside", (unit, transpose_form(writer.term(g))))
    places = _indexed_places(items, shape)

    def entry(index: Shape) -> Node:
        inside = zip(index, places, strict=True)
        if not all(at == it if isinstance(it, int) else at in it for at, it in inside):
            return count_number(0)
        at = [it.index(at) for at, it in zip(index, places, strict=True) if isinstance(it, range)]
        return writer.entry(g, [count_number(place + 1) for place in at])

    whole = _written_out(entry, shape) if _is_strided(places) else None
    if whole is not None:
        return whole
    # Axes of length 1 are not drawn.
    axes = [axis for axis, size in enumerate(shape) if size > 1 or len(shape) <= 2]
    chosen = [[it] if isinstance(it, int) else [*it] for it in (places[axis] for axis in axes)]
    is_block = all(it and it[-1] - it[0] == len(it) - 1 for it in chosen)
    if len(axes) > 2 or not is_block:
        return array_of(writer.term(g), _subscript_nodes(items, shape))
    pieces = [
        [False] * (it[0] > 0) + [True] + [False] * (it[-1] + 1 < shape[axis])
        for it, axis in zip(chosen, axes, strict=True)
    ]
    is_row = len(axes) == 2 and isinstance(places[axes[0]], int) and g.shape
    block = transpose_form(writer.term(g)) if is_row else writer.term(g)
    rows, columns = pieces if len(axes) == 2 else (*pieces, [True])
    zeros = Display("bold", text="0")
    return Array(
        tuple(Array(tuple(block if row and it else zeros for it in columns)) for row in rows)
    )


operation(
    "index",
    "x; items:indices",
    shape=_index_shape,
    element=_index_element,
    rewrite=_simpler_index,
    array="{0}[{items!r}]",
    view=True,
    derivative=lambda g, out, x, items: (apply("place", g, shape=x.shape, items=items),),
    textbook=_textbook_index,
    moves=True,
    rule="entries chosen by an index",
    words="the entries at an index, from 0, slices half open",
    example="x[1:3]; x = [5, -2, 0.5, 3]",
)
operation(
    "place",
    "g; shape:shape, items:indices",
    shape=lambda g, shape, items: fitting_shape(
        shape,
        _index_shape(shape, items) == g,
        say(
            "place: {g} does not fit its place in {shape}", g=shape_text(g), shape=shape_text(shape)
        ),
    ),
    element=_place_element,
    array="kernels.place({0}, {shape!r}, {items!r})",
    derivative=lambda g, out, x, shape, items: (apply("index", g, items=items),),
    textbook=_textbook_place,
    moves=True,
    rule="entries put back at an index",
    words="zeros with the entries put in at an index",
    example="place(g, (4,), (1,)); g = 0.75",
)


def _textbook_gather(writer: TextbookWriter, x: Term, ids: Term) -> Node:
    """Rows are counted from 1 where their numbers stand below."""
    if ids.node.content.names:
        return with_subscripts(writer.term(x), [index_from_one(writer.term(ids))])
    chosen = [str(int(item.value) + 1) for item in walk(ids.node) if isinstance(item, Number)]
    return with_subscripts(writer.term(x), [letter(", ".join(chosen))])


operation(
    "gather",
    "x, ids:int",
    passes_mask=True,
    shape=lambda x, ids: fitting_shape(
        ids + x[1:], bool(x), say("rows of a single number"), say("an array")
    ),
    limit=lambda x, ids: x[0],
    element=lambda index, x, ids: x(
        ids.integer(*index[: len(ids.shape)]), *index[len(ids.shape) :]
    ),
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
    """Row r is the sum of what is at the places whose id is r; one id has a unit vector."""
    if not ids.shape and len(g.shape) < 2:
        unit = _textbook_one_hot(writer, ids, rows)
        drawn = writer.term(g)
        return (
            Call("beside", (unit, transpose_form(drawn)))
            if g.shape
            else Call("multiply", (drawn, unit))
        )
    row, *letters = writer.letters(1 + len(g.shape))
    places, along = letters[: len(ids.shape)], letters[len(ids.shape) :]
    if isinstance(g.node, Name):  # a row of it is one by its places alone
        letters, along = places, []
    condition = Display("relation", (index_from_one(writer.entry(ids, places)), row), "=")
    entry = writer.entry(g, letters) if along else with_subscripts(writer.term(g), letters)
    return array_of(indexed_extreme("∑", entry, condition), [row, *along])


operation(
    "scatter_add",
    "g, ids:int; rows:count",
    shape=lambda g, ids, rows: fitting_shape(
        (rows, *g[len(ids) :]),
        g[: len(ids)] == ids,
        say("scatter_add: {g} for ids {ids}", g=shape_text(g), ids=shape_text(ids)),
        say("one row for each id"),
    ),
    limit=lambda g, ids, rows: rows,
    element=lambda index, g, ids, rows: sum_of_terms(
        [
            g(*place, *index[1:])
            for place in indices_of(ids.shape)
            if ids.integer(*place) == index[0]
        ]
    ),
    array="kernels.scatter_add({0}, {1}, {rows!r})",
    derivative=lambda g, out, x, ids, rows: (apply("gather", g, ids), None),
    textbook=_textbook_scatter,
    rule="sum over the uses of each row",
    words="each row of the gradient added to the row that was used",
    example="scatter_add(g, ids, 3); g = [[1, 2], [3, 4]]; ids = [2, 2]",
)

# Labels -----------------------------------------------------------------------------------------


def check_labels(name: str, scores: Shape, labels: Shape) -> Shape:
    """Return the shape of the labels. Raises ShapeError unless each row of scores has one."""
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
    return labels


def _textbook_pick(writer: TextbookWriter, x: Term, labels: Term) -> Node:
    letters = writer.letters(len(labels.shape))
    places = [*letters, index_from_one(writer.entry(labels, letters))]
    entry = with_subscripts(writer.term(x), places, x.shape)
    long = long_axes(letters, labels.shape)
    return array_of(entry, long) if long else entry


def _textbook_one_hot(writer: TextbookWriter, labels: Term, classes: int) -> Node:
    """A unit vector; of several labels, ones where the class is the label's."""
    if math.prod(labels.shape) == 1:
        place = index_from_one(writer.entry(labels, [count_number(1)] * len(labels.shape)))
        unit = with_subscripts(Display("bold", text="e"), [place])
        return transpose_form(unit) if labels.shape else unit
    *letters, chosen = writer.letters(len(labels.shape) + 1)
    is_label = Display("relation", (index_from_one(writer.entry(labels, letters)), chosen), "=")
    return array_of(Display("indicator", (is_label,)), [*letters, chosen])


def _textbook_unpick(writer: TextbookWriter, g: Term, labels: Term, classes: int) -> Node:
    unit = _textbook_one_hot(writer, labels, classes)
    join = "hadamard" if labels.shape else "multiply"
    return Call(join, (writer.term(g), unit))


operation(
    "pick",
    "x, labels:int",
    shape=partial(check_labels, "pick"),
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


operation(
    "unpick",
    "g, labels:int; classes:count",
    shape=lambda g, labels, classes: fitting_shape(
        (*labels, classes),
        g == labels,
        say("unpick: {g} for labels {labels}", g=shape_text(g), labels=shape_text(labels)),
        say("one number for each label"),
    ),
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
