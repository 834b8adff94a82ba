"""What NumPy's functions are in the language: for functions that are traced.

An entry takes the recorder and NumPy's own arguments, by NumPy's names, and writes operations; so
do parts of arrays and entries by NumPy's indices. It knows nothing of stand-ins but their shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial, reduce
from itertools import pairwise
from string import ascii_letters
from typing import Any, Final, Protocol

from tracer.errors import RunError, ShapeError
from tracer.expression import Name, Node, Number, parse, syntax
from tracer.lazy_numpy import np
from tracer.operations import Shape, vocabulary
from tracer.sentences import Text, say


class CallRecorder(Protocol):
    """What the entries need of a recorder."""

    def apply(self, operation: str, *operands: Any, **attributes: Any) -> Any:
        """Write an operation."""

    def shape(self, value: Any) -> Shape:
        """Return the shape of an operand."""

    def known_numbers(self, value: Any) -> Any:
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
    items = tuple(recorder.known_numbers(item) if is_condition(item) else item for item in items)
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
    items = tuple(map(recorder.known_numbers, items))
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
    items = tuple(map(recorder.known_numbers, items))
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


Call = Callable[..., Any]
WRITTEN_OUT: Final = range(2, 5)  # rows of a matrix whose determinant is written as products


def same_call(operation: str) -> Call:
    """Return an operation that takes its operands as NumPy does."""
    return lambda recorder, *operands: recorder.apply(operation, *operands)


def _formula_call(text: str, *, is_condition: bool = False) -> Call:
    """Return the function that a formula of the language is, of a, or of a and b."""

    def call(recorder: CallRecorder, *operands: Any) -> Any:
        tree = parse(text, vocabulary=vocabulary())
        result = _apply_formula(recorder, tree, dict(zip("ab", operands, strict=False)))
        result.is_condition = is_condition
        return result

    return call


def _apply_formula(recorder: CallRecorder, tree: Node, given: Mapping[str, Any]) -> Any:
    """Write the operations of a formula, what is given in the place of its names."""
    match tree:
        case Name():
            return given[tree.id]
        case Number():
            return tree.value
        case syntax.Call():
            operands = [_apply_formula(recorder, item, given) for item in tree.arguments]
            return recorder.apply(tree.operation, *operands)
    raise AssertionError(tree)


def dot_product(recorder: CallRecorder, a: Any, b: Any) -> Any:
    """np.dot: a matrix product, or a product where one is a number."""
    left, right = recorder.shape(a), recorder.shape(b)
    if left and len(right) > 2:
        raise unsupported_call(
            say("np.dot of more than two axes"), say("@, which takes them as a batch")
        )
    return recorder.apply("matmul" if left and right else "multiply", a, b)


def _reduction(
    operation: str, recorder: CallRecorder, a: Any, axis: Any = None, *, keepdims: Any = False
) -> Any:
    return recorder.apply(operation, a, axis=axis, keepdims=bool(keepdims))


def _reshape(recorder: CallRecorder, a: Any, shape: Any, order: str = "C") -> Any:
    if order != "C":
        raise unsupported_call(
            say("np.reshape(…, order={order})", order=repr(order)),
            say("np.transpose, then np.reshape"),
        )
    if shape == ():
        return index_array(recorder, a, (0,) * len(recorder.shape(a)))
    return recorder.apply("reshape", a, shape=shape)


_ravel = same_call("flatten")


def _transpose(recorder: CallRecorder, a: Any, axes: Any = None) -> Any:
    count = len(recorder.shape(a))
    if axes is None and count <= 2:
        return recorder.apply("transpose_last", a)
    order = range(count)[::-1] if axes is None else (axis % count for axis in axes)
    return recorder.apply("transpose", a, axes=tuple(order))


def _swapaxes(recorder: CallRecorder, a: Any, axis1: int, axis2: int) -> Any:
    axes = list(range(len(recorder.shape(a))))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return recorder.apply("transpose", a, axes=tuple(axes))


def _reshaping_call(name: str) -> Call:
    """Return a function that gives an array another shape: which one, NumPy itself says."""

    def call(recorder: CallRecorder, a: Any, axis: Any = None) -> Any:
        before = recorder.shape(a)
        try:
            shape = getattr(np, name)(np.broadcast_to(0.0, before), axis).shape
        except (TypeError, ValueError) as error:
            what = say("np.{name} with these arguments ({error})", name=name, error=str(error))
            raise unsupported_call(what, "np.reshape") from None
        return +a if shape == before else _reshape(recorder, a, shape)

    return call


def _argmax(recorder: CallRecorder, a: Any, axis: int | None = None) -> Any:
    if axis is None and len(recorder.shape(a)) > 1:
        a, axis = _ravel(recorder, a), -1
    return recorder.apply("argmax", a, axis=-1 if axis is None else axis)


def _clip(recorder: CallRecorder, a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    if a_min is not None:
        a = recorder.apply("maximum", a, a_min)
    return a if a_max is None else recorder.apply("minimum", a, a_max)


def _variance(
    recorder: CallRecorder, a: Any, axis: Any = None, *, ddof: int = 0, keepdims: Any = False
) -> Any:
    middle = recorder.apply("mean", a, axis=axis, keepdims=True)
    square = recorder.apply("square", recorder.apply("subtract", a, middle))
    if not ddof:
        return recorder.apply("mean", square, axis=axis, keepdims=bool(keepdims))
    count = math.prod(recorder.shape(a)) // math.prod(recorder.shape(middle))
    total = recorder.apply("sum", square, axis=axis, keepdims=bool(keepdims))
    return recorder.apply("divide", total, count - ddof)


def _norm(
    recorder: CallRecorder, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False
) -> Any:
    """np.linalg.norm: the root of the sum of squares, or the sum of magnitudes of a vector."""
    of_vector = len(recorder.shape(x)) == 1 or isinstance(axis, int)
    if ord == 1 and of_vector:
        return recorder.apply("sum", recorder.apply("abs", x), axis=axis, keepdims=bool(keepdims))
    if ord not in ((None, 2) if of_vector else (None, "fro")):
        raise unsupported_call(say("np.linalg.norm(…, ord={order})", order=repr(ord)))
    squares = recorder.apply("square", x)
    return recorder.apply(
        "sqrt", recorder.apply("sum", squares, axis=axis, keepdims=bool(keepdims))
    )


def _einsum(recorder: CallRecorder, subscripts: str, *operands: Any) -> Any:
    """np.einsum: a matrix product where it is one, else a sum of products along common axes."""
    inputs, arrow, out = subscripts.replace(" ", "").partition("->")
    indices = inputs.split(",")
    if not arrow:
        out = "".join(sorted(key for key in set(inputs) - {","} if inputs.count(key) == 1))
    letters = "".join(indices)
    if (
        not (letters + out).isalpha()
        or [len(recorder.shape(item)) for item in operands] != [*map(len, indices)]
        or any(len(set(own)) < len(own) for own in (*indices, out))
        or not set(out) <= set(letters)
    ):
        raise unsupported_call(
            say("np.einsum with {subscripts}", subscripts=repr(subscripts)),
            say("@, np.transpose and np.sum"),
        )
    if len(operands) == 2:
        rows, columns = (own.strip("".join(set(indices[1 - at]))) for at, own in enumerate(indices))
        [joined, *more] = [key for key in indices[0] if key in indices[1]] or [""]
        if joined and not more and len(rows) == len(columns) == 1 and {*out} == {rows, columns}:
            left = _arrange_axes(recorder, operands[0], indices[0], rows + joined)
            right = _arrange_axes(recorder, operands[1], indices[1], joined + columns)
            return _arrange_axes(
                recorder, recorder.apply("matmul", left, right), rows + columns, out
            )
    order = [*out, *dict.fromkeys(key for key in letters if key not in out)]
    total: Any = None
    for operand, own in zip(operands, indices, strict=True):
        sizes = dict(zip(own, recorder.shape(operand), strict=True))
        turned = _arrange_axes(recorder, operand, own, "".join(key for key in order if key in own))
        wide = recorder.apply("reshape", turned, shape=tuple(sizes.get(key, 1) for key in order))
        total = wide if total is None else recorder.apply("multiply", total, wide)
    summed = tuple(range(len(out), len(order)))
    return recorder.apply("sum", total, axis=summed) if summed else total


def _arrange_axes(recorder: CallRecorder, a: Any, own: str, wanted: str) -> Any:
    """Return an array with its axes, called by letters, in another order."""
    return a if own == wanted else _transpose(recorder, a, tuple(map(own.index, wanted)))


def _tensordot(recorder: CallRecorder, a: Any, b: Any, axes: Any = 2) -> Any:
    """np.tensordot: the sum of products along axes of the one and of the other."""
    count, others = len(recorder.shape(a)), len(recorder.shape(b))
    if isinstance(axes, int):
        axes = range(count - axes, count), range(axes)
    left, right = ascii_letters[:count], list(ascii_letters[count : count + others])
    pairs = zip(*axes, strict=True) if hasattr(axes[0], "__len__") else [axes]
    for own, other in pairs:
        right[other] = left[own]
    rest = (key for key in (*left, *right) if not (key in left and key in right))
    return _einsum(recorder, f"{left},{''.join(right)}->{''.join(rest)}", a, b)


def _running_sum(recorder: CallRecorder, a: Any, axis: int | None = None) -> Any:
    """np.cumsum: a product with ones on and above the diagonal."""
    if axis is None:
        a, axis = _ravel(recorder, a), -1
    turned = _swapaxes(recorder, a, axis, -1)
    count = recorder.shape(turned)[-1]
    total = recorder.apply("matmul", turned, np.triu(np.ones((count, count))))
    return _swapaxes(recorder, total, axis, -1)


def _triangle(name: str, recorder: CallRecorder, m: Any, k: int = 0) -> Any:
    """np.tril and np.triu: what is on one side of a diagonal, and 0."""
    if name == "tril" and not k:
        return recorder.apply("causal_keep", m)
    mask = getattr(np, name)(np.ones(recorder.shape(m)[-2:]), k)
    return recorder.apply("where", mask, m, 0.0)


def _product(recorder: CallRecorder, a: Any, axis: int | None = None) -> Any:
    """np.prod: factor by factor."""
    if axis is None:
        a, axis = _ravel(recorder, a), -1
    turned = _swapaxes(recorder, a, axis, 0)
    return reduce(partial(recorder.apply, "multiply"), turned)


def _differences(recorder: CallRecorder, a: Any, n: int = 1, axis: int = -1) -> Any:
    """np.diff: each entry less the one before."""
    before = (slice(None),) * (axis % len(recorder.shape(a)))
    for _ in range(n):
        first, second = (
            index_array(recorder, a, (*before, part)) for part in (slice(-1), slice(1, None))
        )
        a = recorder.apply("subtract", second, first)
    return a


def _moving_call(name: str, count: int = 1) -> Call:
    """Return a function of NumPy that only moves entries of its first arguments.

    NumPy itself moves their places: so it is known where each entry of the result comes from.
    """

    def call(recorder: CallRecorder, *arguments: Any, **keywords: Any) -> Any:
        flat: list[Any] = []
        ends = [0]

        def places(value: Any) -> Any:
            shape = recorder.shape(value)
            flat.append(recorder.apply("reshape", value, shape=(-1,)))
            ends.append(ends[-1] + math.prod(shape))
            return np.arange(ends[-2], ends[-1]).reshape(shape)

        def chosen(moved: Any) -> Any:
            if isinstance(moved, (list, tuple)):
                return [chosen(item) for item in moved]
            whole = recorder.apply("concat", *flat, axis=0) if len(flat) > 1 else flat[0]
            return recorder.apply("gather", whole, moved)

        arrays = [
            [*map(places, item)] if isinstance(item, (list, tuple)) else places(item)
            for item in arguments[:count]
        ]
        rest = recorder.known_numbers(arguments[count:])
        try:
            return chosen(getattr(np, name)(*arrays, *rest, **keywords))
        except (TypeError, ValueError, IndexError) as error:
            what = say("np.{name} with these arguments ({error})", name=name, error=str(error))
            raise unsupported_call(what) from None

    return call


def _first_places(recorder: CallRecorder, a: Any, axis: int | None) -> tuple[Any, Any]:
    """Return an array with an axis last, and for each place in its order who stands there.

    Entry k, i is 1 where k others are smaller than entry i, or equal and before it.
    """
    if axis is None:
        a, axis = _ravel(recorder, a), -1
    turned = _swapaxes(recorder, a, axis, -1)
    *before, count = recorder.shape(turned)
    own = recorder.apply("reshape", turned, shape=(*before, count, 1))
    other = recorder.apply("reshape", turned, shape=(*before, 1, count))
    smaller = recorder.apply("step", recorder.apply("subtract", own, other))
    same = recorder.apply("multiply", recorder.apply("equal", own, other), np.tri(count, k=-1))
    rank = recorder.apply("sum", recorder.apply("add", smaller, same), axis=-1)
    wide = recorder.apply("reshape", rank, shape=(*before, 1, count))
    return turned, recorder.apply("equal", wide, np.arange(count).reshape(count, 1))


def _sort(recorder: CallRecorder, a: Any, axis: int | None = -1) -> Any:
    """np.sort: a product with a permutation matrix, which steps and comparisons give."""
    if (value := recorder.known_numbers(a)) is not a:
        return np.sort(value, axis)
    turned, chosen = _first_places(recorder, a, axis)
    *before, count = recorder.shape(turned)
    column = recorder.apply("reshape", turned, shape=(*before, count, 1))
    ordered = recorder.apply(
        "reshape", recorder.apply("matmul", chosen, column), shape=(*before, count)
    )
    return ordered if axis is None else _swapaxes(recorder, ordered, axis, -1)


def _argsort(recorder: CallRecorder, a: Any, axis: int | None = -1) -> Any:
    if (value := recorder.known_numbers(a)) is not a:
        return np.argsort(value, axis, kind="stable")
    chosen = _first_places(recorder, a, axis)[1]
    order = recorder.apply("argmax", chosen, axis=-1)
    return order if axis is None else _swapaxes(recorder, order, axis, -1)


def _quantile(
    scale: int,
    recorder: CallRecorder,
    a: Any,
    q: Any,
    axis: int | None = None,
    *,
    keepdims: bool = False,
) -> Any:
    """np.quantile and np.percentile: between the two entries of the order that are next to it."""
    share = recorder.known_numbers(q)
    if not isinstance(share, (int, float)) or not 0 <= share <= scale:
        raise unsupported_call(say("np.quantile of several shares"), say("one call for each"))
    ordered = _sort(recorder, a, axis)
    place = (recorder.shape(ordered)[-1 if axis is None else axis] - 1) * share / scale
    low, high = (
        _moving_call("take")(recorder, ordered, [at], axis=-1 if axis is None else axis)
        for at in (math.floor(place), math.ceil(place))
    )
    part = place - math.floor(place)
    step = recorder.apply("multiply", part, recorder.apply("subtract", high, low))
    return recorder.apply(
        "sum", recorder.apply("add", low, step) if part else low, axis=axis, keepdims=keepdims
    )


def _covariance(
    recorder: CallRecorder, m: Any, *, rowvar: bool = True, bias: bool = False, ddof: Any = None
) -> Any:
    """np.cov of the rows or columns of a matrix."""
    if len(recorder.shape(m)) != 2:
        raise unsupported_call(say("np.cov of an array that is not a matrix"), "np.var")
    rows = m if rowvar else _transpose(recorder, m)
    apart = recorder.apply("subtract", rows, recorder.apply("mean", rows, axis=1, keepdims=True))
    less = int(not bias) if ddof is None else ddof
    product = recorder.apply("matmul", apart, _transpose(recorder, apart))
    return recorder.apply("divide", product, recorder.shape(rows)[1] - less)


def _correlation(recorder: CallRecorder, x: Any, y: Any = None, *, rowvar: bool = True) -> Any:
    """np.corrcoef: covariances, divided by both deviations."""
    rows = x if y is None else recorder.apply("stack", x, y, axis=0)
    shared = _covariance(recorder, rows, rowvar=rowvar)
    root = recorder.apply("sqrt", _diagonal(recorder, shared))
    return recorder.apply("divide", shared, recorder.apply("outer", root, root))


def _convolution(recorder: CallRecorder, a: Any, v: Any, mode: str = "full") -> Any:
    """np.convolve: each entry of the one times the other, moved by its place."""
    long, short = sorted((a, v), key=lambda item: recorder.shape(item)[0], reverse=True)
    size, width = recorder.shape(long)[0], recorder.shape(short)[0]
    ends = {"full": width - 1, "same": (width - 1) // 2, "valid": 0}
    start = width - 1 - ends[mode]
    count = {"full": size + width - 1, "same": size, "valid": size - width + 1}[mode]
    places = np.arange(start, start + count)[:, None] - np.arange(width)
    places[(places < 0) | (places >= size)] = size
    return recorder.apply("matmul", _gather_filled(recorder, long, places, 0.0), short)


def _gather_filled(recorder: CallRecorder, a: Any, places: Any, number: Any) -> Any:
    """Return the entries of an array at some places, and a number at the one behind the last."""
    filled = recorder.apply("concat", _ravel(recorder, a), np.full(1, number), axis=0)
    return recorder.apply("gather", filled, places)


def _pad(
    recorder: CallRecorder, array: Any, pad_width: Any, mode: Any = "constant", **rest: Any
) -> Any:
    """np.pad: NumPy itself says where each entry comes from, or that it is the constant."""
    size = math.prod(recorder.shape(array))
    places = np.arange(size).reshape(recorder.shape(array))
    number = recorder.known_numbers(rest.pop("constant_values", 0.0))
    fill = {"constant_values": size} if mode == "constant" else {}
    return _gather_filled(recorder, array, np.pad(places, pad_width, mode, **fill, **rest), number)


def _take_along_axis(recorder: CallRecorder, arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """np.take_along_axis: of what is computed, one entry in each row."""
    shape = recorder.shape(arr)
    if axis is None or axis % len(shape) != 1 or recorder.shape(indices) != (shape[0], 1):
        if hasattr(recorder.known_numbers(indices), "recorder"):
            raise unsupported_call(say("np.take_along_axis of several entries"), "np.take")
        return _moving_call("take_along_axis")(recorder, arr, indices, axis=axis)
    picked = recorder.apply("pick", arr, recorder.apply("reshape", indices, shape=(-1,)))
    return recorder.apply("reshape", picked, shape=(-1, 1))


def _fill_call(operation: str, number: float, recorder: CallRecorder, a: Any) -> Any:
    shape = recorder.shape(a)
    return recorder.apply(operation, shape=shape) if shape else number


def _average(recorder: CallRecorder, a: Any, axis: Any = None, weights: Any = None) -> Any:
    """np.average with weights of the array's shape, or of an axis's length."""
    if weights is None:
        return recorder.apply("mean", a, axis=axis)
    shape = recorder.shape(a)
    if axis is not None and recorder.shape(weights) != shape:
        wide = [1] * len(shape)
        wide[axis] = shape[axis]
        weights = recorder.apply("reshape", weights, shape=tuple(wide))
    total = recorder.apply("sum", recorder.apply("multiply", a, weights), axis=axis)
    return recorder.apply("divide", total, recorder.apply("sum", weights, axis=axis))


def _diagonal(recorder: CallRecorder, v: Any) -> Any:
    """np.diag of a vector: the matrix that has it there; else entries i, i."""
    shape = recorder.shape(v)
    if len(shape) == 1:
        return recorder.apply("multiply", np.eye(*shape), v)
    return _moving_call("diagonal")(recorder, v)


def _take(recorder: CallRecorder, a: Any, indices: Any, axis: int | None = None) -> Any:
    """np.take: along the first axis, or of all entries, by places that may be computed."""
    if axis not in (None, 0):
        return _moving_call("take")(recorder, a, indices, axis=axis)
    whole = a if axis == 0 or len(recorder.shape(a)) == 1 else _ravel(recorder, a)
    return recorder.apply("gather", whole, indices)


def _split(recorder: CallRecorder, ary: Any, parts: Any, axis: int = 0) -> list[Any]:
    """np.split into equal parts, or at places along an axis."""
    shape = recorder.shape(ary)
    before = (slice(None),) * (axis % len(shape))
    sizes = np.cumsum([0, *map(len, np.split(np.arange(shape[axis]), parts))]).tolist()
    return [index_array(recorder, ary, (*before, slice(*ends))) for ends in pairwise(sizes)]


def _cross_product(recorder: CallRecorder, a: Any, b: Any, axis: int = -1) -> Any:
    """np.cross of vectors of three entries: each entry has the two others of both."""
    if recorder.shape(a)[axis] != 3 or recorder.shape(b)[axis] != 3:
        raise unsupported_call(say("np.cross of vectors without exactly three entries"))
    turned = partial(_moving_call("roll"), recorder, axis=axis)
    one, other = (recorder.apply("multiply", turned(a, -by), turned(b, by)) for by in (1, 2))
    return recorder.apply("subtract", one, other)


def _kronecker_product(recorder: CallRecorder, a: Any, b: Any) -> Any:
    """np.kron: the whole of the one for each entry of the other."""
    shape = recorder.shape(a)
    if len(shape) != len(recorder.shape(b)):
        raise unsupported_call(say("np.kron of arrays that differ in their axes"), "np.reshape")
    sizes = [*zip(shape, recorder.shape(b), strict=True)]
    left = recorder.apply("reshape", a, shape=tuple(n for size, _ in sizes for n in (size, 1)))
    right = recorder.apply("reshape", b, shape=tuple(n for _, size in sizes for n in (1, size)))
    product = recorder.apply("multiply", left, right)
    return recorder.apply("reshape", product, shape=tuple(map(math.prod, sizes)))


def _cofactors(recorder: CallRecorder, a: Any) -> list[list[Any]]:
    """Return the determinant of what is left without each row and column, with its sign."""
    count, *columns = recorder.shape(a)
    if columns != [count] or count not in WRITTEN_OUT:
        raise unsupported_call(say("np.linalg of anything but a square matrix of 2 to 4 rows"))
    without = partial(_moving_call("delete"), recorder)

    def cofactor(row: int, column: int) -> Any:
        minor = _determinant(recorder, without(without(a, row, axis=0), column, axis=1))
        return recorder.apply("negative", minor) if (row + column) % 2 else minor

    return [[cofactor(row, column) for column in range(count)] for row in range(count)]


def _determinant(recorder: CallRecorder, a: Any) -> Any:
    """np.linalg.det: the first row times its cofactors."""
    if recorder.shape(a) == (1, 1):
        return index_array(recorder, a, (0, 0))
    first = recorder.apply("stack", *_cofactors(recorder, a)[0], axis=0)
    return recorder.apply("matmul", index_array(recorder, a, (0,)), first)


def _inverse(recorder: CallRecorder, a: Any) -> Any:
    """np.linalg.inv: the cofactors, transposed, divided by the determinant."""
    rows = [recorder.apply("stack", *row, axis=0) for row in _cofactors(recorder, a)]
    total = recorder.apply("matmul", index_array(recorder, a, (0,)), rows[0])
    return recorder.apply("divide", recorder.apply("stack", *rows, axis=1), total)


def _interpolation(recorder: CallRecorder, x: Any, xp: Any, fp: Any) -> Any:
    """np.interp: the slope of each piece, times how much of it lies below x."""
    start, gaps = np.asarray(recorder.known_numbers(xp))[:-1], np.diff(recorder.known_numbers(xp))
    heights = _ravel(recorder, fp)
    wide = recorder.apply("reshape", x, shape=(*recorder.shape(x), 1))
    part = _clip(recorder, recorder.apply("subtract", wide, start), 0.0, gaps)
    slopes = recorder.apply("divide", _differences(recorder, heights), gaps)
    return recorder.apply(
        "add", recorder.apply("matmul", part, slopes), index_array(recorder, heights, (0,))
    )


SAME = (
    *("exp", "log", "sqrt", "square", "sin", "cos", "tanh", "negative", "sign"),
    *("add", "subtract", "multiply", "divide", "matmul", "power", "maximum", "minimum"),
)
REDUCED: Mapping[str, str] = {
    "add": "sum",
    "maximum": "max",
    "minimum": "min",
    "logaddexp": "logsumexp",
}
UFUNCS: Mapping[str, Call] = {
    **{name: same_call(name) for name in SAME},
    "absolute": same_call("abs"),
    "float_power": same_call("power"),
    "equal": _formula_call("equal(a, b)", is_condition=True),
    "not_equal": _formula_call("1 - equal(a, b)", is_condition=True),
    "greater": _formula_call("step(a - b)", is_condition=True),
    "greater_equal": _formula_call("1 - step(b - a)", is_condition=True),
    "less": _formula_call("step(b - a)", is_condition=True),
    "less_equal": _formula_call("1 - step(a - b)", is_condition=True),
    "log1p": _formula_call("log(1 + a)"),
    "log2": _formula_call("log(a) / log(2)"),
    "log10": _formula_call("log(a) / log(10)"),
    "expm1": _formula_call("exp(a) - 1"),
    "exp2": _formula_call("exp(a * log(2))"),
    "cbrt": _formula_call("sign(a) * abs(a) ** (1 / 3)"),
    **dict.fromkeys(("deg2rad", "radians"), _formula_call("a * pi() / 180")),
    **dict.fromkeys(("rad2deg", "degrees"), _formula_call("a * 180 / pi()")),
    "cosh": _formula_call("(exp(a) + exp(-a)) / 2"),
    "sinh": _formula_call("(exp(a) - exp(-a)) / 2"),
    "tan": _formula_call("sin(a) / cos(a)"),
    "arcsinh": _formula_call("log(a + sqrt(a * a + 1))"),
    "arctanh": _formula_call("log((1 + a) / (1 - a)) / 2"),
    "logaddexp": _formula_call("a + softplus(b - a)"),
    "heaviside": _formula_call("step(a) + b * equal(a, 0)"),
    "hypot": _formula_call("sqrt(a * a + b * b)"),
    "reciprocal": _formula_call("1 / a"),
    "fabs": same_call("abs"),
    "positive": lambda recorder, x: +x,
}
# Functions that only move entries, and how many of their arguments are arrays, or lists of them.
MOVING = {
    **dict.fromkeys(("roll", "flip", "fliplr", "flipud", "rot90", "repeat", "tile", "moveaxis"), 1),
    **dict.fromkeys(("broadcast_to", "delete", "rollaxis"), 1),
    **dict.fromkeys(("atleast_1d", "atleast_2d", "atleast_3d", "array_split", "hsplit"), 1),
    **dict.fromkeys(("vsplit", "column_stack", "dstack"), 1),
    "append": 2,
}
FUNCTIONS: Mapping[str, Call] = {
    **{name: _moving_call(name, count) for name, count in MOVING.items()},
    **{name: partial(_reduction, name) for name in ("sum", "mean", "max", "min", "logsumexp")},
    "amax": partial(_reduction, "max"),
    "amin": partial(_reduction, "min"),
    "dot": dot_product,
    "outer": lambda recorder, a, b: recorder.apply("outer", a, b),
    "where": lambda recorder, condition, x, y: recorder.apply("where", condition, x, y),
    "concatenate": lambda recorder, arrays, axis=0: recorder.apply("concat", *arrays, axis=axis),
    "stack": lambda recorder, arrays, axis=0: recorder.apply("stack", *arrays, axis=axis),
    "reshape": _reshape,
    "ravel": _ravel,
    "transpose": _transpose,
    "swapaxes": _swapaxes,
    "expand_dims": _reshaping_call("expand_dims"),
    "squeeze": _reshaping_call("squeeze"),
    "argmax": _argmax,
    "zeros_like": partial(_fill_call, "zeros", 0.0),
    "ones_like": partial(_fill_call, "ones", 1.0),
    "shape": lambda recorder, a: recorder.shape(a),
    "ndim": lambda recorder, a: len(recorder.shape(a)),
    "size": lambda recorder, a, axis=None: math.prod(
        recorder.shape(a) if axis is None else (recorder.shape(a)[axis],)
    ),
    "tril": partial(_triangle, "tril"),
    "triu": partial(_triangle, "triu"),
    "clip": _clip,
    "copy": lambda recorder, a: +a,
    "var": _variance,
    "std": lambda recorder, a, axis=None, **rest: recorder.apply(
        "sqrt", _variance(recorder, a, axis, **rest)
    ),
    "average": _average,
    "diag": _diagonal,
    "diagonal": _diagonal,
    "trace": lambda recorder, a: recorder.apply("sum", _diagonal(recorder, a)),
    "split": _split,
    "take": _take,
    "norm": _norm,
    "einsum": _einsum,
    "tensordot": _tensordot,
    "inner": partial(_tensordot, axes=(-1, -1)),
    "vdot": lambda recorder, a, b: dot_product(recorder, _ravel(recorder, a), _ravel(recorder, b)),
    "cumsum": _running_sum,
    "prod": _product,
    "cross": _cross_product,
    "kron": _kronecker_product,
    "det": _determinant,
    "inv": _inverse,
    "solve": lambda recorder, a, b: recorder.apply("matmul", _inverse(recorder, a), b),
    "interp": _interpolation,
    "sinc": _formula_call(
        "sin(pi * where(equal(a, 0), 1e-20, a)) / (pi * where(equal(a, 0), 1e-20, a))"
    ),
    "diff": _differences,
    "take_along_axis": _take_along_axis,
    "sort": _sort,
    "argsort": _argsort,
    "quantile": partial(_quantile, 1),
    "percentile": partial(_quantile, 100),
    "median": lambda recorder, a, axis=None, **rest: _quantile(2, recorder, a, 1, axis, **rest),
    "cov": _covariance,
    "corrcoef": _correlation,
    "convolve": _convolution,
    "pad": _pad,
    "ptp": lambda recorder, a, axis=None: recorder.apply(
        "subtract", recorder.apply("max", a, axis=axis), recorder.apply("min", a, axis=axis)
    ),
    "vstack": lambda recorder, arrays: recorder.apply(
        "concat" if len(recorder.shape(arrays[0])) > 1 else "stack", *arrays, axis=0
    ),
    "hstack": lambda recorder, arrays: recorder.apply(
        "concat", *arrays, axis=int(len(recorder.shape(arrays[0])) > 1)
    ),
}
