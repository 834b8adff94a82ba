"""Array code that is more than one NumPy call."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING, Any

from tracer.lazy_numpy import NDArray, np

if TYPE_CHECKING:
    Floats = NDArray[np.floating[Any]]
    Integers = NDArray[np.intp]


def erf(x: Any, out: Floats | None = None) -> Any:
    """The error function of each entry, to the last bit of the C library's."""
    if not np.ndim(x):  # a single number is a Python float
        return math.erf(x)
    values = np.fromiter(map(math.erf, np.ravel(x).tolist()), x.dtype, x.size).reshape(x.shape)
    return _put_at(values, out)


def _put_at(values: Floats, out: Floats | None) -> Floats:
    """Return values, in `out` where that is there."""
    if out is None:
        return values
    np.copyto(out, values)
    return out


def sigmoid(x: Floats, out: Floats | None = None) -> Floats:
    """1 / (1 + exp(-x)); the exponential may overflow to infinity, whose inverse is 0."""
    with np.errstate(over="ignore"):
        result = np.exp(np.negative(x, out=out), out=out)
    result = np.add(result, 1, out=out)
    return np.divide(1, result, out=out)


def where(condition: Any, a: Any, b: Any, out: Floats | None = None) -> Floats:
    """The entries of a where the condition is not 0, of b elsewhere."""
    return _put_at(np.where(np.not_equal(condition, 0), a, b), out)


def largest(*parts: Any) -> Any:
    """The largest of some numbers, or of the entries of some arrays at each place."""
    return reduce(np.maximum, parts)


def sum_to(x: Floats, shape: tuple[int, ...]) -> Floats:
    """The sum over the axes that broadcasting would repeat to make x out of `shape`."""
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        lead + axis for axis, size in enumerate(shape) if size == 1 != x.shape[lead + axis]
    )
    result: Floats = x.sum(axis=axes, keepdims=True).reshape(shape)
    return result


def place(g: Any, shape: tuple[int, ...], items: tuple[Any, ...]) -> Floats:
    """Zeros of `shape` with g put in at the index `items`."""
    out = np.zeros(shape, dtype=getattr(g, "dtype", np.float64))
    out[items] = g
    return out


def scatter_add(g: Floats, ids: Integers, rows: int) -> Floats:
    """Each row of g added to the row of zeros that its id names."""
    out = np.zeros((rows, *g.shape[ids.ndim :]), dtype=g.dtype)
    np.add.at(out, ids, g)
    return out


def pick(x: Floats, labels: Integers) -> Floats:
    """Of each row of x the entry of its label."""
    flat = np.asarray(labels).reshape(-1)
    begins = np.arange(0, x.size, x.shape[-1])
    picked: Floats = x.reshape(-1).take(begins + flat)
    return picked.reshape(np.shape(labels))


def unpick(g: Any, labels: Integers, classes: int) -> Floats:
    """Zeros with each entry of g at its label, along a new last axis."""
    g = np.asarray(g)
    out = np.zeros((*np.shape(labels), classes), dtype=g.dtype)
    np.put_along_axis(out, np.expand_dims(np.asarray(labels), -1), g[..., np.newaxis], axis=-1)
    return out


def one_hot(labels: Integers, classes: int, dtype: Any, out: Floats | None = None) -> Floats:
    """Rows of zeros with a 1 at each label."""
    result = np.empty((*np.shape(labels), classes), dtype) if out is None else out
    flat = np.asarray(labels).reshape(-1)
    result.fill(0)
    result.put(np.arange(0, result.size, classes) + flat, 1)
    return result


def first_max(x: Floats, axis: int, out: Floats | None = None) -> Floats:
    """1 at the first largest entry along the axis."""
    mask = np.zeros_like(x) if out is None else out
    mask.fill(0)
    np.put_along_axis(mask, np.expand_dims(np.argmax(x, axis=axis), axis), 1, axis=axis)
    return mask


def _sizes(value: int | tuple[int, ...], dimensions: int) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * dimensions


def _pad(x: Floats, padding: tuple[int, ...]) -> Floats:
    if not any(padding):
        return x
    around = [(0, 0)] * (x.ndim - len(padding)) + [(size, size) for size in padding]
    return np.pad(x, around)


def _view(x: Floats, size: Any, stride: Any, padding: Any, dimensions: int) -> Floats:
    """Return a view of all windows: the places of the last axes, then the axes of the window."""
    padded, axes = _pad(x, _sizes(padding, dimensions)), tuple(range(-dimensions, 0))
    window = _sizes(size, dimensions)
    patches = np.lib.stride_tricks.sliding_window_view(padded, window, axis=axes)
    steps = tuple(slice(None, None, step) for step in _sizes(stride, dimensions))
    lead = (slice(None),) * (x.ndim - dimensions)
    return patches[(*lead, *steps)]


def windows(x: Floats, size: Any, stride: Any, padding: Any, dimensions: int) -> Floats:
    """Return the entries under the window at each place, along one new last axis."""
    patches = _view(x, size, stride, padding, dimensions)
    return patches.reshape(*patches.shape[:-dimensions], -1)


def windows_add(
    g: Floats, shape: tuple[int, ...], size: Any, stride: Any, padding: Any, dimensions: int
) -> Floats:
    """For each entry of `shape` the sum over the windows that see it; one step a window's entry."""
    sizes, steps = _sizes(size, dimensions), _sizes(stride, dimensions)
    pads = _sizes(padding, dimensions)
    lead = shape[:-dimensions]
    out = np.zeros(
        (*lead, *(one + 2 * pad for one, pad in zip(shape[-dimensions:], pads, strict=True))),
        dtype=g.dtype,
    )
    places = g.shape[len(lead) : -1]
    for position, offset in enumerate(np.ndindex(*sizes)):
        region: tuple[Any, ...] = tuple(
            slice(first, first + step * (count - 1) + 1, step)
            for first, step, count in zip(offset, steps, places, strict=True)
        )
        out[(..., *region)] += g[..., position]
    inner: tuple[Any, ...] = tuple(
        slice(pad, pad + one) for pad, one in zip(pads, shape[-dimensions:], strict=True)
    )
    return out[(..., *inner)]


def conv(
    x: Floats, kernel: Floats, bias: Any, stride: Any, padding: Any, dimensions: int
) -> Floats:
    """The cross-correlation of x with each filter, and the filter's bias."""
    patches = _view(x, kernel.shape[2:], stride, padding, dimensions)
    channel = x.ndim - dimensions - 1
    axes = [channel, *range(patches.ndim - dimensions, patches.ndim)]
    result = np.tensordot(patches, kernel, axes=(axes, list(range(1, kernel.ndim))))
    result = np.moveaxis(result, -1, channel)
    return result + np.reshape(bias, (-1, *(1,) * dimensions))


def conv_input(
    g: Floats, kernel: Floats, shape: tuple[int, ...], stride: Any, padding: Any, dimensions: int
) -> Floats:
    """What flows back to the input of a convolution."""
    channel = g.ndim - dimensions - 1
    back = np.tensordot(g, kernel, axes=([channel], [0]))
    back = np.moveaxis(back, channel + dimensions, channel)
    size = kernel.shape[2:]
    flat = back.reshape(*back.shape[: channel + 1 + dimensions], -1)
    return windows_add(flat, shape, size, stride, padding, dimensions)


def conv_kernel(
    x: Floats, g: Floats, size: Any, stride: Any, padding: Any, dimensions: int
) -> Floats:
    """What flows back to the kernel of a convolution."""
    patches = _view(x, size, stride, padding, dimensions)
    lead = list(range(x.ndim - dimensions - 1))
    spots = list(range(x.ndim - dimensions, x.ndim))
    return np.tensordot(g, patches, axes=([*lead, *spots], [*lead, *spots]))


def causal_mask(scores: Floats) -> Floats:
    """The scores on and below the diagonal, minus infinity above it."""
    rows, columns = scores.shape[-2:]
    later = np.arange(columns)[np.newaxis, :] > np.arange(rows)[:, np.newaxis]
    return np.where(later, -np.inf, scores)


def dropout_keeps(shape: tuple[int, ...], rate: float, seed: int) -> NDArray[np.bool_]:
    """Which entries dropout keeps: the same for the same shape, rate and seed."""
    return np.random.default_rng(seed).random(shape) >= rate


def dropout_mask(x: Any, rate: float, seed: int) -> Floats:
    """1 for the entries that dropout keeps, else 0."""
    x = np.asarray(x)
    return dropout_keeps(x.shape, rate, seed).astype(x.dtype)
