"""Array code that is more than one NumPy call. Loaded with NumPy, only for programs with arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.intp]


def erf(x: Any, out: Floats | None = None) -> Any:
    """The error function of each entry, to the last bit of the C library's."""
    if not np.ndim(x):  # a single number is a Python float
        return math.erf(x)
    values = np.fromiter(map(math.erf, np.ravel(x).tolist()), x.dtype, x.size).reshape(x.shape)
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
    values = np.where(np.not_equal(condition, 0), a, b)
    if out is None:
        return values
    np.copyto(out, values)
    return out


def sum_to(x: Floats, shape: tuple[int, ...]) -> Floats:
    """The sum over the axes that broadcasting would repeat to make x out of `shape`."""
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        lead + axis for axis, size in enumerate(shape) if size == 1 != x.shape[lead + axis]
    )
    return x.sum(axis=axes, keepdims=True).reshape(shape)


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
    index = np.expand_dims(np.asarray(labels), -1)
    return np.take_along_axis(x, index, axis=-1)[..., 0]


def unpick(g: Any, labels: Integers, classes: int) -> Floats:
    """Zeros with each entry of g at its label, along a new last axis."""
    g = np.asarray(g)
    out = np.zeros((*np.shape(labels), classes), dtype=g.dtype)
    np.put_along_axis(out, np.expand_dims(np.asarray(labels), -1), g[..., np.newaxis], axis=-1)
    return out


def one_hot(labels: Integers, classes: int) -> Floats:
    """Rows of zeros with a 1 at each label."""
    return np.equal(np.expand_dims(np.asarray(labels), -1), np.arange(classes)).astype(np.float64)


def first_max(x: Floats, axis: int, out: Floats | None = None) -> Floats:
    """1 at the first largest entry along the axis."""
    mask = np.zeros_like(x) if out is None else out
    mask.fill(0)
    np.put_along_axis(mask, np.expand_dims(np.argmax(x, axis=axis), axis), 1, axis=axis)
    return mask


def even_max(x: Floats, out: Floats | None = None) -> Floats:
    """1 shared evenly by the largest entries."""
    mask = np.equal(x, np.max(x)).astype(x.dtype)
    return np.divide(mask, mask.sum(), out=out)


def softmax(x: Floats, axis: int, out: Floats | None = None) -> Floats:
    """Exponentials divided by their sum, the largest entry taken off first."""
    result = np.subtract(x, np.max(x, axis=axis, keepdims=True), out=out)
    result = np.exp(result, out=out)
    return np.divide(result, np.sum(result, axis=axis, keepdims=True), out=out)


def logsumexp(x: Floats, axis: int, keepdims: bool) -> Floats:
    """The logarithm of the sum of exponentials, the largest entry taken off first."""
    top = np.max(x, axis=axis, keepdims=True)
    result: Floats = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return result if keepdims else np.squeeze(result, axis=axis)
