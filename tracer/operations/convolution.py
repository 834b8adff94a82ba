"""Rows for convolutions and pooling, in PyTorch's layouts.

Samples, channels, then length or height and width; kernels are filters, channels, then their
size. The axis of the samples may be missing. As everywhere in deep learning, a convolution here
is a cross-correlation: the kernel is not flipped. The three bilinear forms (of the output,
of the input, of the kernel) are each other's derivatives; windows and windows_add are adjoint.
Source: Dumoulin and Visin, A guide to convolution arithmetic, arXiv 1603.07285.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tracer.errors import ShapeError
from tracer.expression import (
    Array,
    Call,
    Display,
    Node,
    count_number,
    letter,
)
from tracer.operations.arithmetic import sum_of_terms
from tracer.operations.array_shape import Shape, fitting_shape, indices_of, shape_text
from tracer.operations.operation import (
    Entries,
    OfDerivative,
    Term,
    TextbookWriter,
    apply,
    lookup,
    operation,
    term,
)
from tracer.sentences import Sentence, say

Whole = int | tuple[int, ...]
Axes = tuple[int, ...]


def _per_axis(name: str, dimensions: int, reading: Callable[..., Any]) -> Callable[..., Any]:
    """Return the general function for a number of axes, with one size for each axis."""

    def general(*operands: Any, **attributes: Any) -> Any:
        each = {
            key: value if key == "shape" else _of_each_axis(name, key, value, dimensions)
            for key, value in attributes.items()
        }
        return reading(dimensions, *operands, **each)

    return general


def _of_each_axis(name: str, key: str, value: Whole, dimensions: int) -> Axes:
    """Return a size, stride or padding for each axis. Raises ShapeError for a wrong one."""
    least = 0 if key == "padding" else 1
    values = value if isinstance(value, tuple) else (value,) * dimensions
    if len(values) != dimensions or any(item < least for item in values):
        raise ShapeError(
            say(
                "{name}: {value} for {dimensions} axes",
                name=name,
                value=str(value),
                dimensions=dimensions,
            ),
            expected=say("a whole number from {least} on, or one for each axis", least=least),
        )
    return values


def out_sizes(name: str, sizes: Shape, kernel: Shape, stride: Axes, padding: Axes) -> Shape:
    """Return how many places a window of a size has along each axis. Raises ShapeError."""
    result = tuple(
        (size + 2 * pad - window) // step + 1
        for size, window, step, pad in zip(sizes, kernel, stride, padding, strict=True)
    )
    return fitting_shape(
        result,
        min(result) > 0,
        say(
            "{name}: a window of {kernel} does not fit into {sizes}",
            name=name,
            kernel=shape_text(kernel),
            sizes=shape_text(sizes),
        ),
        say("a smaller window, or padding"),
    )


def _conv_shape(
    dimensions: int, x: Shape, kernel: Shape, bias: Shape, stride: Axes, padding: Axes
) -> Shape:
    name = f"conv{dimensions}d"
    if len(x) not in (dimensions + 1, dimensions + 2) or len(kernel) != dimensions + 2:
        raise ShapeError(
            say(
                "{name}: {x} and a kernel {kernel}",
                name=name,
                x=shape_text(x),
                kernel=shape_text(kernel),
            ),
            expected=_layout(dimensions),
        )
    if x[-dimensions - 1] != kernel[1]:
        raise ShapeError(
            say(
                "{name}: {x} and a kernel {kernel}",
                name=name,
                x=shape_text(x),
                kernel=shape_text(kernel),
            ),
            found=say(
                "{x} channels and a kernel for {kernel}", x=x[-dimensions - 1], kernel=kernel[1]
            ),
            expected=say("as many channels in both"),
        )
    if bias not in ((), (kernel[0],)):
        raise ShapeError(
            say("{name}: a bias {bias}", name=name, bias=shape_text(bias)),
            expected=say("one for each of {kernel} filters", kernel=kernel[0]),
        )
    out = out_sizes(
        name,
        x[-dimensions:],
        kernel[2:],
        stride,
        padding,
    )
    return (*x[: -dimensions - 1], kernel[0], *out)


def _layout(dimensions: int) -> Sentence:
    if dimensions == 1:
        return say("(samples, channels, length) and a kernel (filters, channels, length)")
    return say("(samples, channels, height, width) and a kernel (filters, channels, height, width)")


def _input_place(
    place: Shape, offset: Shape, stride: Axes, padding: Axes, sizes: Shape
) -> Shape | None:
    """Return the entry of the input under a window's entry; None where that is padding."""
    at = tuple(
        step * spot + move - pad
        for spot, move, step, pad in zip(place, offset, stride, padding, strict=True)
    )
    return at if all(0 <= spot < size for spot, size in zip(at, sizes, strict=True)) else None


def _conv_element(
    dimensions: int,
    index: Shape,
    x: Entries,
    kernel: Entries,
    bias: Entries,
    stride: Axes,
    padding: Axes,
) -> Term:
    lead, filter_, place = index[: -dimensions - 1], index[-dimensions - 1], index[-dimensions:]
    terms = [
        x(*lead, channel, *at) * kernel(filter_, channel, *offset)
        for channel in range(kernel.shape[1])
        for offset in indices_of(kernel.shape[2:])
        if (at := _input_place(place, offset, stride, padding, x.shape[-dimensions:])) is not None
    ]
    own = bias() if not bias.shape else bias(filter_)
    return sum_of_terms(terms) + own


def _input_element(
    dimensions: int,
    index: Shape,
    g: Entries,
    kernel: Entries,
    shape: Shape,
    stride: Axes,
    padding: Axes,
) -> Term:
    lead, channel, here = index[: -dimensions - 1], index[-dimensions - 1], index[-dimensions:]
    terms = [
        g(*lead, filter_, *place) * kernel(filter_, channel, *offset)
        for filter_ in range(kernel.shape[0])
        for place in indices_of(g.shape[-dimensions:])
        for offset in indices_of(kernel.shape[2:])
        if _input_place(place, offset, stride, padding, shape[-dimensions:]) == here
    ]
    return sum_of_terms(terms)


def _kernel_element(
    dimensions: int,
    index: Shape,
    x: Entries,
    g: Entries,
    size: Axes,
    stride: Axes,
    padding: Axes,
) -> Term:
    filter_, channel, offset = index[0], index[1], index[2:]
    terms = [
        x(*lead, channel, *at) * g(*lead, filter_, *place)
        for lead in indices_of(x.shape[: -dimensions - 1])
        for place in indices_of(g.shape[-dimensions:])
        if (at := _input_place(place, offset, stride, padding, x.shape[-dimensions:])) is not None
    ]
    return sum_of_terms(terms)


def _fits(name: str, g: Shape, expected: Shape) -> None:
    """Raise ShapeError where a gradient has another shape than its quantity."""
    if g != expected:
        raise ShapeError(
            say("{name}: a gradient {g}", name=name, g=shape_text(g)), expected=shape_text(expected)
        )


def _input_shape(
    dimensions: int, g: Shape, kernel: Shape, shape: Shape, stride: Axes, padding: Axes
) -> Shape:
    out = _conv_shape(dimensions, shape, kernel, (), stride, padding)
    _fits(f"conv{dimensions}d_input", g, out)
    return shape


def _kernel_shape(
    dimensions: int, x: Shape, g: Shape, size: Axes, stride: Axes, padding: Axes
) -> Shape:
    name = f"conv{dimensions}d_kernel"
    if not dimensions < len(x) == len(g):
        raise ShapeError(
            say("{name}: {x} and {g}", name=name, x=shape_text(x), g=shape_text(g)),
            expected=_layout(dimensions),
        )
    kernel = (g[-dimensions - 1], x[-dimensions - 1], *size)
    _fits(name, g, _conv_shape(dimensions, x, kernel, (), stride, padding))
    return kernel


def _windows_shape(dimensions: int, x: Shape, size: Axes, stride: Axes, padding: Axes) -> Shape:
    name = f"windows{dimensions}d"
    if len(x) < dimensions:
        raise ShapeError(
            say("{name} of {x}", name=name, x=shape_text(x)),
            expected=say("at least {dimensions} axes", dimensions=dimensions),
        )
    out = out_sizes(
        name,
        x[-dimensions:],
        size,
        stride,
        padding,
    )
    return (*x[:-dimensions], *out, math.prod(size))


def _windows_add_shape(
    dimensions: int, g: Shape, shape: Shape, size: Axes, stride: Axes, padding: Axes
) -> Shape:
    out = _windows_shape(dimensions, shape, size, stride, padding)
    _fits(f"windows{dimensions}d_add", g, out)
    return shape


def _windows_element(
    dimensions: int, index: Shape, x: Entries, size: Axes, stride: Axes, padding: Axes
) -> Term:
    lead = index[: -dimensions - 1]
    place = index[-dimensions - 1 : -1]
    at = _input_place(
        place,
        indices_of(size)[index[-1]],
        stride,
        padding,
        x.shape[-dimensions:],
    )
    return term(0) if at is None else x(*lead, *at)


def _windows_add_element(
    dimensions: int,
    index: Shape,
    g: Entries,
    shape: Shape,
    size: Axes,
    stride: Axes,
    padding: Axes,
) -> Term:
    lead, here = index[:-dimensions], index[-dimensions:]
    terms = [
        g(*lead, *place, spot)
        for place in indices_of(g.shape[-dimensions - 1 : -1])
        for spot, offset in enumerate(indices_of(size))
        if _input_place(place, offset, stride, padding, shape[-dimensions:]) == here
    ]
    return sum_of_terms(terms)


_EXAMPLES = {
    "conv1d": "conv1d(x, k); x = [[1, 2, -1, 3]]; k = [[[1, -0.5]]]",
    "conv1d_input": "conv1d_input(g, k, (1, 4)); g = [[1, 2, 3]]; k = [[[1, -0.5]]]",
    "conv1d_kernel": "conv1d_kernel(x, g, 2); x = [[1, 2, -1, 3]]; g = [[1, 2, 3]]",
    "windows1d": "windows1d(x, 2); x = [1, 2, -1, 3]",
    "windows1d_add": "windows1d_add(g, (4,), 2); g = [[1, 2], [3, 4], [5, 6]]",
    "max_pool1d": "max_pool1d(x, 2); x = [1, 3, 2, -1]",
    "avg_pool1d": "avg_pool1d(x, 2); x = [1, 3, 2, -1]",
    "conv2d": "conv2d(x, k); x = [[[1, 2, 0], [0, 1, -1], [3, 0, 2]]]; k = [[[[1, -0.5], [2, 0]]]]",
    "conv2d_input": "conv2d_input(g, k, (1, 3, 3)); g = [[[1, 2], [3, 4]]]; "
    "k = [[[[1, -0.5], [2, 0]]]]",
    "conv2d_kernel": "conv2d_kernel(x, g, (1, 2)); x = [[[1, 2, 0], [0, 1, -1]]]; "
    "g = [[[1, 2], [3, 4]]]",
    "windows2d": "windows2d(x, (2, 2)); x = [[1, 2, 0], [0, 1, -1]]",
    "windows2d_add": "windows2d_add(g, (2, 3), (1, 2)); g = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]",
    "max_pool2d": "max_pool2d(x, (2, 1)); x = [[1, 2, 0], [0, 3, -1]]",
    "avg_pool2d": "avg_pool2d(x, (2, 1)); x = [[1, 2, 0], [0, 3, -1]]",
}


def _textbook_conv(
    writer: TextbookWriter, x: Term, kernel: Term, bias: Term, stride: Whole, padding: Whole
) -> Node:
    """The filters slide over the input: K ⋆ x + b."""
    padded = _drawn_with_sizes("pad", writer.term(x), padding, 0)
    slid = _drawn_with_sizes(
        "downsample", Call("correlate", (writer.term(kernel), padded)), stride, 1
    )
    return slid if bias.is_number(0) else Call("add", (slid, writer.term(bias)))


def _drawn_with_sizes(name: str, node: Node, sizes: Whole, neutral: int) -> Node:
    """Return how an operand with a stride or padding is drawn; the operand where there is none."""
    along = sizes if isinstance(sizes, tuple) else (sizes,)
    if set(along) == {neutral}:
        return node
    return Display(
        "function", (node, *map(count_number, along if len(set(along)) > 1 else along[:1])), name
    )


def _add_rows(dimensions: int) -> None:
    """Add the rows of one or two dimensions."""
    conv, of_input, of_kernel = (f"conv{dimensions}d{end}" for end in ("", "_input", "_kernel"))
    windows, windows_add = f"windows{dimensions}d", f"windows{dimensions}d_add"
    along = "a length" if dimensions == 1 else "height and width"

    def bias_gradient(g: Term) -> Term:
        axes = tuple(at for at in range(len(g.shape)) if at != len(g.shape) - dimensions - 1)
        return apply("sum", g, axis=axes)

    operation(
        conv,
        "x, kernel, bias=0; stride:sizes=1, padding:sizes=0",
        shape=_per_axis(conv, dimensions, _conv_shape),
        element=_per_axis(conv, dimensions, _conv_element),
        array="kernels.conv({0}, {1}, {2}, {stride!r}, {padding!r}, " + f"{dimensions})",
        derivative=lambda g, out, x, kernel, bias, stride, padding: (
            apply(of_input, g, kernel, shape=x.shape, stride=stride, padding=padding),
            apply(of_kernel, x, g, size=kernel.shape[2:], stride=stride, padding=padding),
            bias_gradient(g),
        ),
        rule="derivative of a convolution",
        words=f"the convolution along {along}: each filter slides over the input; its products "
        "with what lies under it are summed over all channels",
        example=_EXAMPLES[conv],
        textbook=_textbook_conv,
        title="convolution",
        convention={
            "⋆ is a cross-correlation, as in PyTorch: the kernel is laid on the input as it is, "
            "not flipped, at each place where it fits, and the products are summed": (
                lambda shapes, attributes: True
            ),
            "padding puts zeros around the input": (
                lambda shapes, attributes: attributes["padding"] not in (0, (0,) * dimensions)
            ),
            "an entry of a bias goes with all that its filter gives": (
                lambda shapes, attributes: bool(shapes[2])
            ),
        },
        source="Dumoulin and Visin, A guide to convolution arithmetic, arXiv 1603.07285",
    )
    operation(
        of_input,
        "g, kernel; shape:shape, stride:sizes=1, padding:sizes=0",
        shape=_per_axis(conv, dimensions, _input_shape),
        element=_per_axis(conv, dimensions, _input_element),
        array="kernels.conv_input({0}, {1}, {shape!r}, {stride!r}, {padding!r}, "
        + f"{dimensions})",
        derivative=lambda g, out, a, kernel, shape, stride, padding: (
            apply(conv, g, kernel, 0, stride=stride, padding=padding),
            apply(of_kernel, g, a, size=kernel.shape[2:], stride=stride, padding=padding),
        ),
        rule="derivative of a convolution",
        textbook=lambda writer, g, kernel, shape, stride, padding: _drawn_with_sizes(
            "crop",
            Call(
                "convolve",
                (writer.term(kernel), _drawn_with_sizes("upsample", writer.term(g), stride, 1)),
            ),
            padding,
            0,
        ),
        words="what flows back to the input of a convolution: each filter's gradient times the "
        "filter, added where the window lay",
        example=_EXAMPLES[of_input],
    )
    operation(
        of_kernel,
        "x, g; size:sizes, stride:sizes=1, padding:sizes=0",
        shape=_per_axis(of_kernel, dimensions, _kernel_shape),
        element=_per_axis(of_kernel, dimensions, _kernel_element),
        array="kernels.conv_kernel({0}, {1}, {size!r}, {stride!r}, {padding!r}, "
        + f"{dimensions})",
        derivative=lambda g, out, x, a, size, stride, padding: (
            apply(of_input, a, g, shape=x.shape, stride=stride, padding=padding),
            apply(conv, x, g, 0, stride=stride, padding=padding),
        ),
        rule="derivative of a convolution",
        textbook=lambda writer, x, g, size, stride, padding: Call(
            "correlate",
            (
                _drawn_with_sizes("upsample", writer.term(g), stride, 1),
                _drawn_with_sizes("pad", writer.term(x), padding, 0),
            ),
        ),
        words="what flows back to the kernel of a convolution: the sum over all places, and over "
        "the samples, of gradient times what lay under the window",
        example=_EXAMPLES[of_kernel],
    )
    operation(
        windows,
        "x; size:sizes, stride:sizes=1, padding:sizes=0",
        shape=_per_axis(windows, dimensions, _windows_shape),
        element=_per_axis(windows, dimensions, _windows_element),
        array="kernels.windows({0}, {size!r}, {stride!r}, {padding!r}, " + f"{dimensions})",
        derivative=lambda g, out, x, size, stride, padding: (
            apply(windows_add, g, shape=x.shape, size=size, stride=stride, padding=padding),
        ),
        moves=True,
        rule="entries seen through windows",
        textbook=lambda writer, x, size, stride, padding: Display(
            "function", (writer.term(x),), "patches"
        ),
        words=f"what a window sees at each place along {along}, as a new last axis",
        example=_EXAMPLES[windows],
    )
    operation(
        windows_add,
        "g; shape:shape, size:sizes, stride:sizes=1, padding:sizes=0",
        shape=_per_axis(windows, dimensions, _windows_add_shape),
        element=_per_axis(windows, dimensions, _windows_add_element),
        array="kernels.windows_add({0}, {shape!r}, {size!r}, {stride!r}, {padding!r}, "
        + f"{dimensions})",
        derivative=lambda g, out, a, shape, size, stride, padding: (
            apply(windows, g, size=size, stride=stride, padding=padding),
        ),
        rule="sum over the windows that see an entry",
        textbook=_textbook_windows_add,
        words="for each entry the sum over all windows that see it",
        example=_EXAMPLES[windows_add],
    )
    for name, reduce, convention in (
        (
            "max_pool",
            "max",
            OfDerivative("of equal largest entries the first in the window gets the gradient"),
        ),
        ("avg_pool", "mean", ""),
    ):
        _add_pool(f"{name}{dimensions}d", reduce, dimensions, convention)


def _textbook_windows_add(writer: TextbookWriter, g: Term, **_: object) -> Node:
    """Each entry of a gradient at its window's largest entry; or what windows hold, added up.

    Where it is the same at all places of a window, it is spread over them.
    """
    match g.node:
        case Call(
            operation="multiply",
            arguments=(
                incoming,
                Call(operation="first_max", arguments=(Call(arguments=(seen, *_)), *_)),
            ),
        ):
            parts = (writer.term(Term(_without_windows(incoming))), writer.term(Term(seen)))
            return Display("function", parts, "unpool")
        case Call(operation="broadcast", arguments=(Call() as share, *_)) if share.operation in (
            "multiply",
            "divide",
        ) and not writer.shape_of(share.arguments[1]):
            even = (_without_windows(share.arguments[0]), share.arguments[1])
            return Display("function", (writer.term(Term(Call(share.operation, even))),), "spread")
    return Display("function", (writer.term(g),), "fold")


def _without_windows(node: Node) -> Node:
    """Return a gradient without the window's axis, which is added for a product only."""
    while isinstance(node, Call) and node.operation in ("broadcast", "reshape"):
        node = node.arguments[0]
    return _without_last_axis(node) if isinstance(node, Array) else node


def _without_last_axis(node: Node) -> Node:
    """Return numbers without their last axis, which has a length of 1."""
    if not isinstance(node, Array):
        return node
    if isinstance(node.items[0], Array):
        return Array(tuple(map(_without_last_axis, node.items)))
    return node.items[0]


def _add_pool(name: str, reduce: str, dimensions: int, convention: str) -> None:
    windows = f"windows{dimensions}d"

    def pooled(x: Term, size: Whole, stride: Whole | None) -> Term:
        patches = apply(windows, x, size=size, stride=_pool_stride(size, stride))
        return apply(reduce, patches, axis=-1)

    def sizes(window: Whole) -> Node:
        """Return a window, or the steps that it takes, as people write it: 2 × 2."""
        return letter(" × ".join(map(str, _of_each_axis(name, "size", window, dimensions))))

    def derivative(g: Term, out: Term, x: Term, size: Whole, stride: Whole | None) -> list[Term]:
        step = _pool_stride(size, stride)
        patches = apply(windows, x, size=size, stride=step)
        spread = apply("broadcast", apply("reshape", g, shape=(*g.shape, 1)), shape=patches.shape)
        winners = reduce == "max"
        back = (
            spread * apply("first_max", patches, axis=-1) if winners else spread / patches.shape[-1]
        )
        return [apply(f"{windows}_add", back, shape=x.shape, size=size, stride=step)]

    operation(
        name,
        "x; size:sizes, stride:sizes=None",
        shape=lambda x, size, stride: lookup(windows).shape(
            x, size=size, stride=_pool_stride(size, stride), padding=0
        )[:-1],
        definition=pooled,
        derivative=derivative,
        rule="derivative of a maximum" if reduce == "max" else "derivative of a mean",
        textbook=lambda writer, x, size, stride: Display(
            "function",
            (writer.term(x), *(sizes(it) for it in (size, stride) if it is not None)),
            f"{reduce}pool",
        ),
        words=f"the {'largest' if reduce == 'max' else 'mean'} of what a window sees, at each "
        "place; the stride defaults to the window's size",
        example=_EXAMPLES[name],
        convention=convention,
        title=f"{reduce} pooling",
        analytic=reduce != "max",
    )


def _pool_stride(size: Whole, stride: Whole | None) -> Whole:
    return size if stride is None else stride


for _dimensions in (1, 2):
    _add_rows(_dimensions)
