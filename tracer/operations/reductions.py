"""Rows that sum, choose or normalize along axes: sum, mean, max, min, softmax and its kin."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

from tracer.errors import ShapeError
from tracer.expression import (
    Call,
    Display,
    FunctionNames,
    Node,
    Number,
    array_of,
    count_number,
    indexed_extreme,
    walk,
    with_subscripts,
)
from tracer.operations.arithmetic import sum_of_terms
from tracer.operations.arrangement import axis_of
from tracer.operations.array_shape import Shape, shape_text
from tracer.operations.elementwise import exp, log, step, where
from tracer.operations.operation import (
    Entries,
    OfDerivative,
    Term,
    TextbookWriter,
    apply,
    operation,
    term,
)
from tracer.sentences import say

Axis = int | tuple[int, ...] | None


def axes_of(name: str, axis: Axis, dimensions: int) -> tuple[int, ...]:
    """Return the axes a reduction runs over, counted from 0; None means all."""
    if axis is None:
        return tuple(range(dimensions))
    chosen = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(axis_of(name, item, dimensions) for item in chosen))


def _reduced_shape(name: str, x: Shape, axis: Axis, keepdims: bool) -> Shape:
    axes = axes_of(name, axis, len(x))
    if keepdims:
        return tuple(1 if at in axes else size for at, size in enumerate(x))
    return tuple(size for at, size in enumerate(x) if at not in axes)


def _reduced_entries(index: Shape, x: Entries, axis: Axis, keepdims: bool) -> list[Term]:
    """Return the entries of x that a reduction joins into the entry at `index`."""
    axes = axes_of("", axis, len(x.shape))
    remaining = (place for at, place in enumerate(index) if not (keepdims and at in axes))
    ranges = [range(size) if at in axes else (next(remaining),) for at, size in enumerate(x.shape)]
    return [x(*place) for place in product(*ranges)]


def spread_gradient(g: Term, shape: Shape, axis: Axis, keepdims: bool) -> Term:
    """Return the gradient of a reduction's result, repeated over what was joined."""
    if g.shape and not keepdims:
        g = apply("reshape", g, shape=_reduced_shape("", shape, axis, keepdims=True))
    return apply("broadcast", g, shape=shape)


def _reduced_count(x: Term, axis: Axis) -> int:
    return math.prod(x.shape[at] for at in axes_of("mean", axis, len(x.shape)))


operation(
    "sum",
    "x; axis:axes=None, keepdims:flag=False",
    shape=partial(_reduced_shape, "sum"),
    element=lambda index, x, axis, keepdims: sum_of_terms(
        _reduced_entries(index, x, axis, keepdims)
    ),
    array="np.add.reduce({0}, axis={axis!r}, keepdims={keepdims!r}, out={out})",
    derivative=lambda g, out, x, axis, keepdims: (spread_gradient(g, x.shape, axis, keepdims),),
    textbook=lambda writer, x, axis, keepdims: writer.draw_reduction("∑", x, axis),
    rule="derivative of a sum",
    words="the sum of all entries, or of those along an axis",
    example="sum(x); x = [1, -2, 3.5]",
)


def _textbook_mean(writer: TextbookWriter, x: Term, axis: Axis, keepdims: bool) -> Node:
    count = _reduced_count(x, axis)
    share = Call("divide", (count_number(1), count_number(count)))
    return (
        Call("multiply", (share, writer.draw_reduction("∑", x, axis)))
        if count > 1
        else writer.term(x)
    )


operation(
    "mean",
    "x; axis:axes=None, keepdims:flag=False",
    shape=partial(_reduced_shape, "mean"),
    definition=lambda x, axis, keepdims: (
        apply("sum", x, axis=axis, keepdims=keepdims) / _reduced_count(x, axis)
    ),
    derivative=lambda g, out, x, axis, keepdims: (
        spread_gradient(g / _reduced_count(x, axis), x.shape, axis, keepdims),
    ),
    textbook=_textbook_mean,
    rule="derivative of a mean",
    words="the mean of all entries, or of those along an axis",
    example="mean(x); x = [1, -2, 3.5]",
)


def _not_empty(name: str, x: Shape, axis: Axis) -> Shape:
    """Return a shape. Raises ShapeError for none along the axes: nothing has no largest entry."""
    if 0 in (x[at] for at in axes_of(name, axis, len(x))):
        raise ShapeError(
            say("{name} of no entries", name=name), found=say("the shape {x}", x=shape_text(x))
        )
    return x


def _extreme_shape(name: str, x: Shape, axis: Axis, keepdims: bool) -> Shape:
    """Return the shape reading of a reduction that needs an entry."""
    return _reduced_shape(name, _not_empty(name, x, axis), axis, keepdims)


def _same_along(name: str, x: Shape, axis: int) -> Shape:
    """Return the shape reading of what keeps the shape of x and needs an entry along one axis."""
    return _not_empty(name, x, axis_of(name, axis, len(x)))


def _gradient_of_extreme(
    sign: int, g: Term, out: Term, x: Term, axis: Axis, keepdims: bool
) -> tuple[Term]:
    """Return the gradient of a largest entry, or with the sign −1 of a smallest one.

    Along one axis the first such entry gets it, whose index is chosen, as in PyTorch's `max(dim)`;
    over several, where no index is, all such entries share it.
    """
    winners = (
        apply("first_max", sign * x, axis=axis)
        if isinstance(axis, int)
        else _shared_by_equals(x, spread_gradient(out, x.shape, axis, keepdims), axis)
    )
    return (spread_gradient(g, x.shape, axis, keepdims) * winners,)


def _shared_by_equals(x: Term, value: Term, axis: Axis) -> Term:
    """1, shared evenly by the entries along axes that are equal to a value; 0 at the others."""
    same = apply("equal", x, value)
    count = apply("sum", same, axis=axis, keepdims=True)
    return same / apply("broadcast", count, shape=x.shape)


def untied_form(node: Node) -> Node | None:
    """Return what a share of a derivative is where no two numbers tie; None of any other part.

    Of two equal ones each gets half, 1[a > b] + 1[a = b] / 2, of more each its part of 1.
    """
    match node:
        case Call(
            operation="add",
            arguments=(
                Call(operation="step") as larger,
                Call(operation="divide", arguments=(Call(operation="equal"), Number(text="2"))),
            ),
        ):
            return larger
        case Call(operation="divide", arguments=(Call(operation="equal") as same, count)):
            return same if same in walk(count) else None
    return None


def _has_one_axis(shapes: Sequence[Shape], attributes: Mapping[str, Any]) -> bool:
    return isinstance(attributes["axis"], int)


def _largest_term(index: Shape, x: Entries, axis: Axis, keepdims: bool) -> Term:
    entries = _reduced_entries(index, x, axis, keepdims)
    return apply("largest" if isinstance(axis, int) else "largest_shared", *entries)


operation(
    "max",
    "x; axis:axes=None, keepdims:flag=False",
    shape=partial(_extreme_shape, "max"),
    element=_largest_term,
    array="np.maximum.reduce({0}, axis={axis!r}, keepdims={keepdims!r}, out={out})",
    derivative=partial(_gradient_of_extreme, 1),
    textbook=lambda writer, x, axis, keepdims: writer.draw_reduction("max", x, axis),
    rule="derivative of a maximum",
    words="the largest of all entries, or of those along an axis",
    example="max(x); x = [1, -2, 3.5]",
    title="maximum",
    convention={
        OfDerivative(
            "of equal largest entries the first along the axis gets the whole gradient"
        ): _has_one_axis,
        OfDerivative(
            "over all entries, or several axes, equal largest entries share the gradient evenly"
        ): lambda shapes, attributes: not _has_one_axis(shapes, attributes),
    },
    analytic=False,
    look=FunctionNames("max", latex=r"\max"),
)
operation(
    "min",
    "x; axis:axes=None, keepdims:flag=False",
    shape=partial(_extreme_shape, "min"),
    definition=lambda x, axis, keepdims: -apply("max", -x, axis=axis, keepdims=keepdims),
    derivative=partial(_gradient_of_extreme, -1),
    textbook=lambda writer, x, axis, keepdims: writer.draw_reduction("min", x, axis),
    rule="derivative of a minimum",
    words="the smallest of all entries, or of those along an axis",
    example="min(x); x = [1, -2, 3.5]",
    title="minimum",
    convention={
        OfDerivative(
            "of equal smallest entries the first along the axis gets the whole gradient"
        ): _has_one_axis,
        OfDerivative(
            "over all entries, or several axes, equal smallest entries share the gradient evenly"
        ): lambda shapes, attributes: not _has_one_axis(shapes, attributes),
    },
    analytic=False,
    look=FunctionNames("min", latex=r"\min"),
)
for _name in ("largest", "largest_shared"):
    operation(
        _name,
        "*parts",
        inner=True,
        shape=lambda *parts: (),
        elementwise=True,
        scalar=lambda literals: "max({all})" if literals[1:] else "{0}",
        array="kernels.largest({all})",
        derivative=None,
        textbook=lambda writer, *parts: Display("function", (*map(writer.term, parts),), "max"),
        rule="derivative of a maximum",
        words="the largest of some numbers",
        analytic=False,
    )


def _first_element(index: Shape, x: Entries, axis: int) -> Term:
    """1 where the entry is above all before it and not below any after it."""
    at = axis_of("first_max", axis, len(x.shape))
    here = x(*index)
    result = term(1)
    for place in range(x.shape[at]):
        other = x(*index[:at], place, *index[at + 1 :])
        if place < index[at]:
            result = result * step(here - other)
        elif place > index[at]:
            result = result * where(step(other - here), 0, 1)
    return result


def _even_shares(x: Term, axis: Axis) -> Term:
    top = apply("max", x, axis=axis, keepdims=True)
    return _shared_by_equals(x, apply("broadcast", top, shape=x.shape), axis)


def _textbook_first(writer: TextbookWriter, x: Term, axis: Axis) -> Node:
    """The array of ones where the first largest entry along an axis stands: at its argmax."""
    *letters, other = writer.letters(len(x.shape) + 1)
    (along,) = axes_of("max", axis, len(x.shape))
    others = [other if at == along else item for at, item in enumerate(letters)]
    place = indexed_extreme("argmax", with_subscripts(writer.term(x), others), other)
    return array_of(
        Display("indicator", (Display("relation", (letters[along], place), "="),)), letters
    )


operation(
    "first_max",
    "x; axis:axes",
    shape=partial(_same_along, "first_max"),
    element=_first_element,
    array="kernels.first_max({0}, {axis!r}, {out})",
    derivative=None,
    textbook=_textbook_first,
    moves=True,
    rule="derivative of a step",
    words="1 at the first largest entry along an axis, 0 elsewhere",
    example="first_max(x, 0); x = [1, 3, 3]",
    analytic=False,
)
operation(
    "even_max",
    "x; axis:axes=None",
    shape=partial(_not_empty, "even_max"),
    definition=_even_shares,
    derivative=None,
    rule="derivative of a step",
    words="1, shared evenly by the largest entries of the whole array or along axes; 0 elsewhere",
    example="even_max(x); x = [1, 3, 3]",
    analytic=False,
)
operation(
    "argmax",
    "x; axis:axes=-1",
    shape=lambda x, axis: _extreme_shape(
        "argmax", x, axis_of("argmax", axis, len(x)), keepdims=False
    ),
    element=lambda index, x, axis: sum_of_terms(
        [
            term(place)
            * _first_element(
                (*index[: axis % len(x.shape)], place, *index[axis % len(x.shape) :]), x, axis
            )
            for place in range(x.shape[axis])
        ]
    ),
    array="{0}.argmax({axis!r})",
    derivative=None,
    rule="derivative of a step",
    words="the index of the first largest entry along an axis, from 0",
    example="argmax(x); x = [1, 3, 2]",
    convention="the place in a row counts from 0, as classes do",
    analytic=False,
)

# Softmax and logarithms of sums of exponentials ---------------------------------------------------


def softmax_element(index: Shape, x: Entries, axis: int) -> Term:
    """Return an entry's exponential, divided by the sum of all along the axis."""
    row = _reduced_entries(index, x, axis, keepdims=True)
    return exp(x(*index)) / sum_of_terms([exp(entry) for entry in row])


def _softmax_powers(z: Term, axis: int) -> tuple[Term, Term, Term]:
    """The largest entries along the axis; the exponentials with it taken off; and their sum."""
    top = apply("max", z, axis=axis, keepdims=True)
    powers = exp(z - top)
    return top, powers, apply("sum", powers, axis=axis, keepdims=True)


def _logsumexp_steps(z: Term, axis: int, keepdims: bool) -> Term:
    top, _, whole = _softmax_powers(z, axis)
    shape = _extreme_shape("logsumexp", z.shape, axis_of("logsumexp", axis, len(z.shape)), keepdims)
    return apply("reshape", log(whole) + top, shape=shape)


operation(
    "softmax",
    "z; axis:axes=-1",
    shape=partial(_same_along, "softmax"),
    element=softmax_element,
    steps=lambda z, axis: apply("divide", *_softmax_powers(z, axis)[1:]),
    derivative=lambda g, out, z, axis: (
        out * (g - apply("sum", g * out, axis=axis, keepdims=True)),
    ),
    rule="derivative of softmax",
    words="each exponential divided by the sum of all along the axis",
    example="softmax(z); z = [1, -0.5, 2]",
    source="Goodfellow, Bengio, Courville, Deep Learning, section 6.2.2.3",
)
operation(
    "logsumexp",
    "z; axis:axes=-1, keepdims:flag=False",
    shape=lambda z, axis, keepdims: _extreme_shape(
        "logsumexp", z, axis_of("logsumexp", axis, len(z)), keepdims
    ),
    element=lambda index, z, axis, keepdims: log(
        sum_of_terms([exp(entry) for entry in _reduced_entries(index, z, axis, keepdims)])
    ),
    steps=_logsumexp_steps,
    derivative=lambda g, out, z, axis, keepdims: (
        spread_gradient(g, z.shape, axis, keepdims) * apply("softmax", z, axis=axis),
    ),
    rule="derivative of log-sum-exp",
    words="the logarithm of the sum of the exponentials along the axis",
    example="logsumexp(z); z = [1, -0.5, 2]",
)


operation(
    "log_softmax",
    "z; axis:axes=-1",
    shape=partial(_same_along, "log_softmax"),
    definition=lambda z, axis: z - apply("logsumexp", z, axis=axis, keepdims=True),
    derivative=lambda g, out, z, axis: (g - exp(out) * apply("sum", g, axis=axis, keepdims=True),),
    rule="derivative of log-softmax",
    words="the logarithm of softmax, without forming the quotient",
    example="log_softmax(z); z = [1, -0.5, 2]",
)
