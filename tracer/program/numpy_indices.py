"""Parts and entries of arrays by NumPy's indices, for functions that are traced."""

from __future__ import annotations

import math
from typing import Any, Protocol

from tracer.errors import RunError, ShapeError
from tracer.lazy_numpy import np
from tracer.operations import Shape
from tracer.sentences import Text, say


class CallRecorder(Protocol):
    """What the entries need of a recorder."""

    def apply(self, operation: str, *operands: Any, **attributes: Any) -> Any:
        """Write an operation."""

    def shape(self, value: Any) -> Shape:
        """Return the shape of an operand."""

    def known(self, value: Any) -> Any:
        """Return the numbers of a stand-in that are known before the run; else the value."""


def unsupported_call(what: Text, instead: Text = "") -> RunError:
    """Return the error that names what cannot be traced and what to use."""
    return RunError(
        say("{what} cannot be traced", what=what),
        expected=instead
        or say("a function of tracer.functions, or its result as data if no parameter enters it"),
    )


def index_array(recorder: CallRecorder, a: Any, items: tuple[Any, ...]) -> Any:
    """a[items]: parts, new axes, and entries that arrays of whole numbers or masks choose.

    An array that is traced itself chooses rows, or beside np.arange(len(a)) an entry of each row.
    """
    shape = recorder.shape(a)
    items = tuple(recorder.known(item) if is_condition(item) else item for item in items)
    if any(item is Ellipsis for item in items):
        place = next(at for at, item in enumerate(items) if item is Ellipsis)
        used = sum(item is not None and item is not Ellipsis for item in items)
        parts = (slice(None),) * (len(shape) - used)
        items = (*items[:place], *parts, *items[place + 1 :])
    if all(item is None or isinstance(item, slice) or is_whole(item) for item in items):
        return _take_part(recorder, a, items)
    if len(items) == 2 and len(shape) == 2 and _is_range(items[0], shape[0]):
        return recorder.apply("pick", a, items[1])
    rest = items[1:]
    if is_whole(items[0]) and not any(item is None or isinstance(item, slice) for item in rest):
        return index_array(recorder, _take_part(recorder, a, items[:1]), rest)
    if len(items) == 1 and not is_condition(items[0]):
        return recorder.apply("gather", a, items[0])
    items = tuple(map(recorder.known, items))
    if any(hasattr(item, "recorder") for item in items):
        raise unsupported_call(
            say("an index with a traced condition, or with several traced arrays"),
            say("np.where(condition, x, 0), or tracer.functions.pick"),
        )
    places = np.arange(math.prod(shape)).reshape(shape)[items]
    return recorder.apply("gather", recorder.apply("flatten", a), places)


def _take_part(recorder: CallRecorder, a: Any, items: tuple[Any, ...]) -> Any:
    """Return a part of an array, with an axis of one entry for each None."""
    basic = tuple(item for item in items if item is not None)
    part = recorder.apply("index", a, items=basic) if basic else a
    if len(basic) == len(items):
        return part
    sizes = iter(recorder.shape(part))
    axes = [item for item in items if item is None or isinstance(item, slice)]
    wide = [1 if item is None else next(sizes) for item in axes]
    return recorder.apply("reshape", part, shape=(*wide, *sizes))


def _is_range(ids: Any, count: int) -> bool:
    """Tell whether an index is 0, 1, … up to a count."""
    numbers = ids.tolist() if type(ids).__module__ == "numpy" else ids
    return isinstance(numbers, (list, range)) and list(numbers) == list(range(count))


def is_condition(ids: Any) -> bool:
    """Tell whether an index is a mask: of a stand-in, an array, or a list."""
    if hasattr(ids, "is_condition"):
        return bool(ids.is_condition)
    if isinstance(ids, list):
        return any(map(is_condition, ids))
    return isinstance(ids, bool) or getattr(getattr(ids, "dtype", None), "kind", "") == "b"


def is_whole(item: Any) -> bool:
    """Tell whether an index is a whole number, Python's or NumPy's."""
    if isinstance(item, bool) or hasattr(item, "recorder"):
        return False
    return isinstance(item, int) or (
        getattr(item, "shape", None) == () and getattr(item.dtype, "kind", "") in "iu"
    )


def replaced_entries(recorder: CallRecorder, a: Any, items: tuple[Any, ...], value: Any) -> Any:
    """Return an array after a[items] = value: entries of both, as NumPy places them.

    Raises RunError where the places are computed, ShapeError where the values do not fit there.
    """
    shape, size = recorder.shape(a), math.prod(recorder.shape(a))
    if len(items) == 2 and len(shape) == 2 and _is_range(items[0], shape[0]):
        chosen, own = recorder.apply("one_hot", items[1], classes=shape[1]), recorder.shape(value)
        # A value for each row, or one for all, broadcasts over the columns.
        column = recorder.apply("reshape", value, shape=(*own, 1)) if own else value
        return recorder.apply("where", chosen, column, a)
    items = tuple(map(recorder.known, items))
    if any(hasattr(item, "recorder") for item in items):
        shapes = [recorder.shape(items[0]), recorder.shape(value)]
        if len(items) == 1 and is_condition(items[0]) and shapes == [shape, ()]:
            return recorder.apply("where", items[0], value, a)
        raise unsupported_call(
            say("an assignment to computed places"), say("np.where(condition, value, x)")
        )
    values = recorder.shape(value)
    places = np.arange(size).reshape(shape)
    try:
        places[items] = np.arange(size, size + math.prod(values)).reshape(values)
    except ValueError as error:
        raise ShapeError(say("an assignment to entries"), found=str(error)) from None
    flat = [recorder.apply("flatten", item) for item in (a, value)]
    return recorder.apply("gather", recorder.apply("concat", *flat, axis=0), places)
