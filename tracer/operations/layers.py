"""Rows that transformers and their training need: masks, normalization, dropout."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING

from tracer.expression import (
    Call,
    Display,
    FunctionNames,
    Name,
    Node,
    count_number,
    letter,
    with_subscripts,
)
from tracer.lazy_modules import LazyModule
from tracer.operations.array_shape import (
    Shape,
    broadcast_shape,
    fitting_shape,
    ravel,
    shape_text,
)
from tracer.operations.operation import Term, TextbookWriter, apply, operation, term
from tracer.operations.signature import number
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.operations import kernels
else:
    kernels = LazyModule("tracer.operations.kernels")

Rate = int | Fraction

# Masks ------------------------------------------------------------------------------------------

operation(
    "minus_infinity",
    "",
    inner=True,
    elementwise=True,
    shape=lambda: (),
    scalar="(-1e999)",
    derivative=lambda g, out: (),
    rule="a constant",
    words="minus infinity, whose exponential is 0",
    infinite=True,
    textbook=lambda writer: Call("negative", (letter("∞"),)),
)


def _square(name: str, x: Shape) -> Shape:
    problem = say("{name} of {x}", name=name, x=shape_text(x))
    return fitting_shape(x, len(x) > 1, problem, say("at least two axes: (…, queries, keys)"))


operation(
    "causal_mask",
    "scores",
    shape=partial(_square, "causal_mask"),
    element=lambda index, scores: (
        scores(*index) if index[-1] <= index[-2] else apply("minus_infinity")
    ),
    array="kernels.causal_mask({0})",
    derivative=lambda g, out, scores: (apply("causal_keep", g),),
    rule="entries behind a mask",
    words="the scores, with minus infinity where a key comes after its query; a softmax follows, "
    "which makes these weights 0",
    title="causal mask",
    convention="a score whose key comes after its query, to the right of the diagonal, becomes −∞, "
    "and softmax makes it a share of 0; causal keep, on the way back, puts 0 at these places",
    example="softmax(causal_mask(scores)); scores = [[1, 2], [3, 0.5]]",
    infinite=True,
    look=FunctionNames("causal_mask"),
)
operation(
    "causal_keep",
    "x",
    shape=partial(_square, "causal_keep"),
    element=lambda index, x: x(*index) if index[-1] <= index[-2] else term(0),
    array="np.tril({0})",
    scales=True,
    derivative=lambda g, out, x: (apply("causal_keep", g),),
    rule="entries behind a mask",
    words="the entries on and below the diagonal, 0 above it",
    title="causal mask",
    example="causal_keep(x); x = [[1, 2], [3, 4]]",
)

# Layer normalization ----------------------------------------------------------------------------


def _last_axis(name: str, x: Shape, epsilon: Rate) -> Shape:
    problem = say("{name} of a single number", name=name)
    return fitting_shape(x, bool(x), problem, say("at least one axis"))


def _mean(x: Term) -> Term:
    return apply("mean", x, axis=-1, keepdims=True)


def _standard_back(
    g: Term, standard: Term, deviation: Term, mean: Callable[[Term], Term] = _mean
) -> Term:
    """Return the gradient by what is standardized, by its mean and deviation: each row by itself.

    `standard` is the result; another `mean` is that of other groups of entries.
    """
    return (g - mean(g) - standard * mean(g * standard)) / deviation


def _standard_deviation(writer: TextbookWriter, x: Node, epsilon: Rate) -> Node:
    """Return √(Var(x) + ε), row by row."""
    added = writer.term(Term(number(Fraction(epsilon))))
    return Call("sqrt", (Call("add", (Display("function", (x,), "Var"), added)),))


def _textbook_standard(writer: TextbookWriter, x: Term, epsilon: Rate) -> Node:
    """(x − μ(x)) / √(Var(x) + ε), row by row."""
    form = writer.term(x)
    above = Call("subtract", (form, Display("function", (form,), "μ")))
    return Call("divide", (above, _standard_deviation(writer, form, epsilon)))


def _textbook_layer_norm(
    writer: TextbookWriter, x: Term, gain: Term, bias: Term, epsilon: Rate
) -> Node:
    form = _textbook_standard(writer, x, epsilon)
    if not gain.is_number(1):
        form = Call("hadamard", (form, writer.align_operands((gain,), x.shape)[0]))
    if bias.is_number(0):
        return form
    return Call("add", (form, writer.align_operands((bias,), x.shape)[0]))


_CONVENTION = (
    "along the last axis; the variance is the sum of the squared distances from the mean, divided "
    "by n; the small number under the root keeps the divisor from being 0"
)

operation(
    "deviation",
    "x; epsilon:number=0.00001",
    shape=lambda x, epsilon: (*_last_axis("deviation", x, epsilon)[:-1], 1),
    definition=lambda x, epsilon: apply("sqrt", _mean((x - _mean(x)) ** 2) + Fraction(epsilon)),
    derivative=lambda g, out, x, epsilon: (g * (x - _mean(x)) / (out * x.shape[-1]),),
    textbook=lambda writer, x, epsilon: _standard_deviation(writer, writer.term(x), epsilon),
    sign="sigma",
    rule="derivative of a standard deviation",
    words="the standard deviation along the last axis, epsilon added under the root",
    example="deviation(x); x = [[1, -2, 3.5], [0.5, 2, -1]]",
    title="standard deviation",
    convention=_CONVENTION,
)
operation(
    "standardize",
    "x; epsilon:number=0.00001",
    shape=partial(_last_axis, "standardize"),
    definition=lambda x, epsilon: (x - _mean(x)) / apply("deviation", x, epsilon=epsilon),
    derivative=lambda g, out, x, epsilon: (
        _standard_back(g, out, apply("deviation", x, epsilon=epsilon)),
    ),
    textbook=_textbook_standard,
    sign="x_hat",
    rule="derivative of standardization",
    words="each row minus its mean, divided by its standard deviation",
    example="standardize(x); x = [1, -2, 3.5]",
    title="standardization",
    convention=_CONVENTION,
)


def _layer_norm_shape(x: Shape, gain: Shape, bias: Shape, epsilon: Rate) -> Shape:
    _last_axis("layer_norm", x, epsilon)
    return fitting_shape(
        x,
        broadcast_shape("layer_norm", x, gain, bias) == x,
        say(
            "layer_norm: {x}, gain {gain} and bias {bias}",
            x=shape_text(x),
            gain=shape_text(gain),
            bias=shape_text(bias),
        ),
        say("gain and bias of ({x},)", x=x[-1]),
    )


def _layer_norm(
    g: Term, out: Term, x: Term, gain: Term, bias: Term, epsilon: Rate
) -> Sequence[Term]:
    """Source: Ba, Kiros, Hinton, Layer Normalization, arXiv 1607.06450."""
    standard = apply("standardize", x, epsilon=epsilon)
    deviation = apply("deviation", x, epsilon=epsilon)
    return _standard_back(g * gain, standard, deviation), g * standard, g


operation(
    "layer_norm",
    "x, gain=1, bias=0; epsilon:number=0.00001",
    shape=_layer_norm_shape,
    definition=lambda x, gain, bias, epsilon: (
        apply("standardize", x, epsilon=epsilon) * gain + bias
    ),
    derivative=_layer_norm,
    textbook=_textbook_layer_norm,
    sign="LN",
    rule="derivative of layer normalization",
    words="each row standardized, times a gain, plus a bias",
    example="layer_norm(x, gain, bias); x = [1, -2, 3.5]; gain = [1, 2, 0.5]; bias = [0, 1, -1]",
    title="layer normalization",
    convention=_CONVENTION,
    source="Ba, Kiros, Hinton, Layer Normalization, arXiv 1607.06450",
)

# Root mean square normalization -----------------------------------------------------------------


def _rms_norm_definition(x: Term, gain: Term, epsilon: Rate) -> Term:
    return x / apply("root_mean_square", x, epsilon=epsilon) * gain


def _root_mean_square(x: Term, epsilon: Rate) -> Term:
    """√(μ(x²) + ε), row by row."""
    return apply("sqrt", _mean(x**2) + Fraction(epsilon))


def _rms_norm_shape(x: Shape, gain: Shape, epsilon: Rate) -> Shape:
    _last_axis("rms_norm", x, epsilon)
    problem = say("rms_norm: {x} and gain {gain}", x=shape_text(x), gain=shape_text(gain))
    return fitting_shape(
        x, broadcast_shape("rms_norm", x, gain) == x, problem, say("a gain of ({x},)", x=x[-1])
    )


def _rms_norm(g: Term, out: Term, x: Term, gain: Term, epsilon: Rate) -> Sequence[Term]:
    root = apply("root_mean_square", x, epsilon=epsilon)
    normed = x / root
    back = g * gain
    return (back - normed * _mean(back * normed)) / root, g * normed


_ROOT_CONVENTION = (
    "along the last axis; the small number under the root keeps the divisor from being 0"
)

operation(
    "root_mean_square",
    "x; epsilon:number=0.00001",
    shape=lambda x, epsilon: (*_last_axis("root_mean_square", x, epsilon)[:-1], 1),
    definition=_root_mean_square,
    derivative=lambda g, out, x, epsilon: (g * x / (out * x.shape[-1]),),
    textbook=lambda writer, x, epsilon: writer.term(_root_mean_square(x, epsilon)),
    sign="RMS",
    rule="derivative of a root mean square",
    words="the root of the mean of the squares along the last axis, epsilon added under the root",
    example="root_mean_square(x); x = [[1, -2, 3.5], [0.5, 2, -1]]",
    title="root mean square",
    convention=_ROOT_CONVENTION,
)
operation(
    "rms_norm",
    "x, gain=1; epsilon:number=0.00001",
    shape=_rms_norm_shape,
    definition=_rms_norm_definition,
    derivative=_rms_norm,
    textbook=lambda writer, x, gain, epsilon: writer.term(_rms_norm_definition(x, gain, epsilon)),
    sign="x_hat",
    rule="derivative of root mean square normalization",
    words="each row divided by the root of the mean of its squares, times a gain",
    example="rms_norm(x, gain); x = [1, -2, 3.5]; gain = [1, 2, 0.5]",
    title="root mean square normalization",
    convention=_ROOT_CONVENTION,
    source="Zhang, Sennrich, Root Mean Square Layer Normalization, arXiv 1910.07467",
)

# Group normalization ----------------------------------------------------------------------------


def _group_mean(x: Term, groups: int) -> Term:
    size = math.prod(x.shape[1:]) // groups
    rows = apply("reshape", x, shape=(x.shape[0], groups, size))
    return apply("reshape", apply("broadcast", _mean(rows), shape=rows.shape), shape=x.shape)


def _group_deviation(x: Term, groups: int, epsilon: Rate) -> Term:
    square = (x - apply("group_mean", x, groups=groups)) ** 2
    return apply("sqrt", apply("group_mean", square, groups=groups) + Fraction(epsilon))


operation(
    "group_mean",
    "x; groups:count",
    shape=lambda x, groups: fitting_shape(
        x,
        len(x) > 1 and groups > 0 == x[1] % groups,
        say("group_mean: {x} in {groups} groups", x=shape_text(x), groups=groups),
        say("samples, then channels in groups of one size"),
    ),
    definition=_group_mean,
    derivative=lambda g, out, x, groups: (apply("group_mean", g, groups=groups),),
    textbook=lambda writer, x, groups: Display(
        "function", (writer.term(x), count_number(groups)), "groupmean"
    ),
    look=FunctionNames("group_mean", also=("groupmean",)),  # as `textbook` writes it
    rule="derivative of a mean",
    words="in place of each entry the mean of the group that it is in, of each sample",
    example="group_mean(x, groups=2); x = [[1, -2, 3.5, 0.5, 2, -1]]",
    title="mean of a group",
    convention="groupmean(x, h) has x's shape: the channels, along the second axis, make h groups "
    "of one size, and in place of each entry stands the mean of its sample's group",
)


def _by_channel(item: Term, x: Term) -> Term:
    """Return a number for each channel so that it stands beside all entries of its channel."""
    return (
        apply("reshape", item, shape=item.shape + (1,) * (len(x.shape) - 2)) if item.shape else item
    )


def _group_norm_definition(x: Term, gain: Term, bias: Term, groups: int, epsilon: Rate) -> Term:
    centred = x - apply("group_mean", x, groups=groups)
    standard = centred / _group_deviation(x, groups, epsilon)
    return standard * _by_channel(gain, x) + _by_channel(bias, x)


def _group_norm(
    g: Term, out: Term, x: Term, gain: Term, bias: Term, groups: int, epsilon: Rate
) -> Sequence[Term]:
    mean = partial(apply, "group_mean", groups=groups)
    normed = apply("group_norm", x, term(1), term(0), groups=groups, epsilon=epsilon)
    deviation = _group_deviation(x, groups, epsilon)
    back = _standard_back(g * _by_channel(gain, x), normed, deviation, mean)
    others = tuple(axis for axis in range(len(x.shape)) if axis != 1)
    parts = (g * normed, g)
    return back, *(
        apply("sum", part, axis=others) if operand.shape else part
        for part, operand in zip(parts, (gain, bias), strict=True)
    )


def _textbook_group_norm(
    writer: TextbookWriter, x: Term, gain: Term, bias: Term, groups: int, epsilon: Rate
) -> Node:
    """Draw the gain and the bias where they are not those of the norm alone."""
    is_bare = gain.is_number(1) and bias.is_number(0)
    operands = (x,) if is_bare else (x, gain, bias)
    setting = Display("relation", (Name("groups"), count_number(groups)), "=")
    return Display("function", (*map(writer.term, operands), setting), "groupnorm")


operation(
    "group_norm",
    "x, gain=1, bias=0; groups:count, epsilon:number=0.00001",
    shape=lambda x, gain, bias, groups, epsilon: fitting_shape(
        x,
        len(x) > 1 and groups > 0 == x[1] % groups and {gain, bias} <= {(), x[1:2]},
        say(
            "group_norm: {x} in {groups} groups, gain {gain} and bias {bias}",
            x=shape_text(x),
            groups=groups,
            gain=shape_text(gain),
            bias=shape_text(bias),
        ),
        say("samples, then channels in groups of one size; a gain for each channel"),
    ),
    definition=_group_norm_definition,
    derivative=_group_norm,
    textbook=_textbook_group_norm,
    look=FunctionNames("group_norm", also=("groupnorm",)),  # as `textbook` writes it
    sign="x_hat",
    rule="derivative of group normalization",
    words="the channels of each sample standardized in groups, times a gain, plus a bias",
    example="group_norm(x, groups=2); x = [[1, -2, 3.5, 0.5, 2, -1]]",
    title="group normalization",
    convention="samples along the first axis, channels along the second; the "
    "variance is the sum of the squared distances from the mean, divided by n; the small number "
    "under the root keeps the divisor from being 0",
    source="Wu, He, Group Normalization, arXiv 1803.08494",
)

# Dropout ----------------------------------------------------------------------------------------


@cache
def _kept_entries(shape: Shape, rate: float, seed: int) -> tuple[int, ...]:
    """Return which entries a seed keeps, row by row: 1 for those, else 0."""
    return tuple(map(int, kernels.dropout_keeps(shape, rate, seed).ravel()))


def _dropout_shape(x: Shape, rate: Rate) -> Shape:
    problem = say("dropout: rate {rate}", rate=str(float(rate)))
    return fitting_shape(x, 0 <= rate < 1, problem, say("a rate from 0, below 1"))


operation(
    "dropout",
    "x; rate:number=0.5, seed:count=0",
    shape=lambda x, rate, seed: _dropout_shape(x, rate),
    definition=lambda x, rate, seed: apply(
        "dropout_with", x, apply("dropout_mask", x, rate=rate, seed=seed), rate=rate
    ),
    derivative=lambda g, out, x, rate, seed: (apply("dropout", g, rate=rate, seed=seed),),
    rule="derivative of dropout",
    words="a share of the entries set to 0, the others divided by 1 − rate",
    example="dropout(x, rate=0.25, seed=1); x = [1, -2, 3.5]",
    title="dropout",
    convention="the seed picks the same entries in every iteration; evaluation and prediction "
    "leave x as it is",
    training_only=True,
    opened=True,
    source="Srivastava et al., Dropout, Journal of Machine Learning Research 15, 2014",
)
operation(
    "dropout_mask",
    "x; rate:number=0.5, seed:count=0",
    shape=lambda x, rate, seed: _dropout_shape(x, rate),
    element=lambda index, x, rate, seed: term(
        _kept_entries(x.shape, float(rate), seed)[ravel(index, x.shape)]
    ),
    array="kernels.dropout_mask({0}, {rate}, {seed})",
    derivative=None,
    moves=True,
    textbook=lambda writer, x, rate, seed: with_subscripts(Name("m"), [writer.term(x)]),
    sign="m",
    rule="stop of the gradient",
    words="which entries a dropout of x keeps: 1 for those, 0 for the others",
    example="dropout_mask(x, rate=0.25, seed=1); x = [1, -2, 3.5]",
    title="mask of a dropout",
    convention="the seed picks the same entries in every iteration, whatever their values",
)
operation(
    "dropout_with",
    "x, mask; rate:number=0.5",
    shape=lambda x, mask, rate: fitting_shape(
        _dropout_shape(x, rate),
        broadcast_shape("dropout_with", x, mask) == x,
        say("dropout_with: {x} and a mask {mask}", x=shape_text(x), mask=shape_text(mask)),
        say("a mask of the same shape"),
    ),
    definition=lambda x, mask, rate: x * mask / (term(1) - Fraction(rate)),
    derivative=lambda g, out, x, mask, rate: (
        g * mask / (term(1) - Fraction(rate)),
        g * x / (term(1) - Fraction(rate)),
    ),
    textbook=lambda writer, x, mask, rate: writer.term(mask * x / (term(1) - Fraction(rate))),
    rule="derivative of dropout",
    words="the entries times a given mask of zeros and ones, divided by 1 − rate",
    example="dropout_with(x, mask); x = [1, -2, 3.5]; mask = [1, 0, 1]",
    title="dropout",
    convention="evaluation and prediction leave x as it is",
    training_only=True,
)
