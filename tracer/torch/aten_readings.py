"""PyTorch's own operations, as `torch.export` writes them, in the language of scenarios."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, Final

from tracer.operations import Shape, shape_text
from tracer.torch.aten_call import MASKED, AtenCall, Reading, number_text, swapped_axes
from tracer.torch.loss_readings import LOSS_READINGS
from tracer.torch.recurrent_readings import RECURRENT_READINGS, affine_map

MOVES: Final = frozenset(
    (
        *("index", "index_put", "index_select", "gather", "take_along_dim", "scatter"),
        *("slice_scatter", "select_scatter", "roll", "tril", "triu", "diagonal", "diag_embed"),
        *("pixel_shuffle", "pixel_unshuffle", "upsample_nearest1d", "upsample_nearest2d"),
        *("reflection_pad1d", "reflection_pad2d", "replication_pad1d", "replication_pad2d"),
        *("channel_shuffle", "repeat", "repeat_interleave", "unfold"),
    )
)
"""What puts entries at other places and computes nothing; indices are known before the run."""


def _binary_operation(sign: str, call: AtenCall) -> str:
    call.expect(rounding_mode=None)
    left, right = call["self"], call["other"]
    alpha = call.get("alpha", 1)
    factor = "" if alpha == 1 else f"{number_text(alpha)} * "
    return f"{number_text(left)} {sign} {factor}{number_text(right)}"


def _bilinear(call: AtenCall) -> str:
    """Return x₁ᵀ W x₂ by samples, for each of the matrices in W, with a bias if there is one."""
    rows, columns = (
        f"reshape({call[name]}, {shape_text((*call.size(name)[:-1], 1, 1, call.size(name)[-1]))})"
        for name in ("input1", "input2")
    )
    text = f"sum({rows} @ {call['weight']} * {columns}, axis=(-2, -1))"
    return text if call.get("bias") is None else f"{text} + {call['bias']}"


def _constant_array(number: Any, shape: Shape) -> str:
    return f"{number_text(number)} * ones({shape_text(shape)})" if shape else number_text(number)


def _product(call: AtenCall) -> str:
    """The product of the entries, or of those along an axis, factor by factor."""
    shape = call.size("self")
    if call.get("dim") is None:
        flat = call.quantity("entries", f"reshape({call['self']}, (-1,))")
        return " * ".join(f"{flat}[{place}]" for place in range(call.count("self")))
    axis = call["dim"] % len(shape)
    result = " * ".join(f"{call['self']}[{':, ' * axis}{place}]" for place in range(shape[axis]))
    return f"reshape({result}, {shape_text(call.shape)})" if call["keepdim"] else result


def _running_sum(call: AtenCall, text: str) -> str:
    """The sums up to each place of an axis: a product with ones on and below the diagonal."""
    shape = call.size("self")
    if not shape:
        return text
    length = shape[call["dim"]]
    upper = f"causal_keep(ones(({length}, {length}))).T"
    turned = swapped_axes(text, shape, call["dim"], -1)
    return swapped_axes(f"({turned} @ {upper})", shape, call["dim"], -1)


def _running_log_sum(call: AtenCall) -> str:
    """The logarithms of the sums of exponentials; the largest entry is taken out of them."""
    axis = f", axis={call['dim']}, keepdims=True" if call.size("self") else ""
    largest = call.quantity("largest", f"stop_gradient(max({call['self']}{axis}))")
    powers = call.quantity("powers", f"exp({call['self']} - {largest})")
    return f"log({_running_sum(call, powers)}) + {largest}"


def _distances(call: AtenCall) -> str:
    """The Euclidean distance of each row of the one array from each of the other."""
    if call["p"] != 2:
        raise call.refuse("p")
    one, other = call.size("x1"), call.size("x2")
    wide = shape_text((*one[:-1], 1, one[-1])), shape_text((*other[:-2], 1, *other[-2:]))
    difference = f"reshape({call['x1']}, {wide[0]}) - reshape({call['x2']}, {wide[1]})"
    return f"sqrt(sum(({difference})**2, axis=-1))"


def _reduction(name: str, call: AtenCall, *, is_shared: bool = False) -> str:
    """Return the reading of a reduction; axes, not one, are an extreme whose gradient all share."""
    text = str(call["self"])
    settings = _axis_settings(call, is_shared=is_shared)
    return f"{name}({text}{settings})" if call.size("self") else text


def _axis_settings(call: AtenCall, *, is_shared: bool = False) -> str:
    """Return over which axes a reduction goes; all of them need no word."""
    axes = call.get("dim")
    if axes in (None, []):
        return ""
    axes = axes if isinstance(axes, (list, tuple)) else [axes]
    where = shape_text(axes) if len(axes) > 1 or is_shared else axes[0]
    return f", axis={where}, keepdims={bool(call.get('keepdim'))}"


def _convolution(dimensions: int, call: AtenCall) -> str:
    """Return a convolution; one in groups is joined from one for each.

    A dilated kernel is one with zeros between its entries.
    """
    shape = call.size("weight")
    kernel = _spread_entries(call["weight"], shape, call["dilation"])
    sizes = [(n - 1) * d + 1 for n, d in zip(shape[2:], call["dilation"], strict=True)]
    padding = call["padding"]
    if padding == "valid":
        padding = [0] * dimensions
    elif padding == "same":
        if not all(size % 2 for size in sizes):
            raise call.refuse("padding")
        padding = [size // 2 for size in sizes]
    settings = f"stride={_sizes(call['stride'])}, padding={_sizes(padding)}"
    groups = call["groups"]
    size_in, size_out = (call.size(name)[at] // groups for name, at in _CHANNELS.items())
    parts = []
    for group in range(groups):
        inputs = "" if groups == 1 else f"[:, {group * size_in}:{(group + 1) * size_in}]"
        own = "" if groups == 1 else f"[{group * size_out}:{(group + 1) * size_out}]"
        bias = "" if call["bias"] is None else f", {call['bias']}{own}"
        operands = f"{call['input']}{inputs}, {kernel}{own}{bias}"
        parts.append(f"conv{dimensions}d({operands}, {settings})")
    return parts[0] if groups == 1 else f"concat([{', '.join(parts)}], axis=1)"


def _transposed_convolution(dimensions: int, call: AtenCall) -> str:
    """Return a transposed convolution: what flows back to the input of a convolution."""
    call.expect(groups=1)
    kernel = _spread_entries(call["weight"], call.size("weight"), call["dilation"])
    settings = f"stride={_sizes(call['stride'])}, padding={_sizes(call['padding'])}"
    operands = f"{call['input']}, {kernel}, {shape_text(call.shape)}"
    text = f"conv{dimensions}d_input({operands}, {settings})"
    wide = shape_text((-1, *(1,) * dimensions))
    return text if call["bias"] is None else f"{text} + reshape({call['bias']}, {wide})"


def _spread_entries(text: str, shape: Shape, steps: Sequence[int]) -> str:
    """Return an array with zeros between the entries of its axes from 2 on."""
    if set(steps) == {1}:
        return text
    sizes = [(size - 1) * step + 1 for size, step in zip(shape[2:], steps, strict=True)]
    items = ", ".join((":", ":", *(f"::{step}" for step in steps)))
    return f"place({text}, {shape_text((*shape[:2], *sizes))}, ({items}))"


_CHANNELS: Final = {"input": 1, "weight": 0}  # the axis of the channels that come in, that go out


def _adaptive_pooling(name: str, call: AtenCall) -> Any:
    """Return pooling to a size: one window an entry, where they fit evenly."""
    target = call["output_size"]
    sizes = call.size("self")[-len(target) :]
    if any(size % windows for size, windows in zip(sizes, target, strict=True)):
        raise call.refuse("output_size")
    kernel = _sizes([size // windows for size, windows in zip(sizes, target, strict=True)])
    text = f"{name}({call['self']}, {kernel}, stride={kernel})"
    return [text] if call.operation.startswith("adaptive_max") else text


def _sizes(values: Sequence[int]) -> str:
    return str(values[0]) if len(set(values)) == 1 else shape_text(values)


def _pooling(name: str, call: AtenCall) -> str:
    call.expect(ceil_mode=False, count_include_pad=True, divisor_override=None)
    if any(size != 1 for size in call.get("dilation", [1])):
        raise call.refuse("dilation")
    stride = call["stride"] or call["kernel_size"]
    widths = [width for size in reversed(call["padding"]) for width in (size, size)]
    border = MASKED if name.startswith("max") else "0"
    text = _add_border(call["self"], call.size("self"), widths, border)
    return f"{name}({text}, {_sizes(call['kernel_size'])}, stride={_sizes(stride)})"


def _layer_norm(call: AtenCall) -> str:
    count = len(call["normalized_shape"])
    if count == 1:
        return f"layer_norm({call['input']}, {_gain_and_bias(call)}, epsilon={call['eps']:.17g})"
    axes = shape_text(range(-count, 0))
    return _scale_and_shift(call, _standardize(call["input"], axes, call["eps"]), str)


def _gain_and_bias(call: AtenCall) -> str:
    gain, bias = call["weight"], call["bias"]
    return f"{1 if gain is None else gain}, {0 if bias is None else bias}"


def _standardize(text: str, axes: str, epsilon: float) -> str:
    """Return (x - mean) / sqrt(variance + epsilon), over these axes."""
    mean = f"mean({text}, axis={axes}, keepdims=True)"
    variance = f"mean(({text} - {mean})**2, axis={axes}, keepdims=True)"
    return f"({text} - {mean}) / sqrt({variance} + {epsilon:.17g})"


def _scale_and_shift(call: AtenCall, text: str, wide: Callable[[Any], str]) -> str:
    """Return an array times the gain plus the bias that a normalization has."""
    if call["weight"] is not None:
        text = f"{text} * {wide(call['weight'])}"
    return text if call["bias"] is None else f"{text} + {wide(call['bias'])}"


def _by_channel(shape: Shape) -> Callable[[Any], str]:
    """Return what makes a number for each channel broadcast along the second axis of a shape."""
    wide = shape_text((-1, *(1,) * (len(shape) - 2)))
    return lambda name: str(name) if len(shape) == 2 else f"reshape({name}, {wide})"


def _grouped_norm(call: AtenCall, groups: int) -> str:
    settings = f"groups={groups}, epsilon={call['eps']:.17g}"
    return f"group_norm({call['input']}, {_gain_and_bias(call)}, {settings})"


def _batch_norm(call: AtenCall) -> str:
    """The statistics are those of the batch in training, else the running ones."""
    text, shape = call["input"], call.size("input")
    channel = _by_channel(shape)
    if call.get("training"):
        axes = shape_text([axis for axis in range(len(shape)) if axis != 1])
        result = _standardize(text, axes, call["eps"])
    else:
        mean, variance = channel(call["running_mean"]), channel(call["running_var"])
        result = f"({text} - {mean}) / sqrt({variance} + {call['eps']:.17g})"
    return _scale_and_shift(call, result, channel)


def _dropout(call: AtenCall) -> str:
    text = str(call["input"])
    return _apply_dropout(call, text, call["p"]) if call["train"] else text


def _apply_dropout(call: AtenCall, text: str, rate: float) -> str:
    """Return an array after dropout in training."""
    if not rate:
        return text
    if rate == 1:
        return f"0 * {text}"
    return f"dropout_with({text}, {call.dropout_mask()}, rate={rate!r})"


def _select(call: AtenCall) -> str:
    """One place of an axis, or a slice of it."""
    before = ":, " * (call["dim"] % len(call.size("self")))
    if call.operation == "select":
        return f"{call['self']}[{before}{call['index']}]"
    size = call.size("self")[call["dim"]]
    first, last, step = slice(call["start"], call["end"], call["step"]).indices(size)
    if (first, last, step) == (0, size, 1):
        return str(call["self"])
    return f"{call['self']}[{before}{first}:{last}{'' if step == 1 else f':{step}'}]"


def _split_parts(call: AtenCall) -> list[str]:
    """Several slices of one axis: split and unbind."""
    shape = call.size("self")
    axis = call["dim"] % len(shape)
    before, size = ":, " * axis, shape[axis]
    if call.operation == "unbind":
        return [f"{call['self']}[{before}{place}]" for place in range(size)]
    length = call.get("split_size", call.get("split_sizes"))
    lengths = length if isinstance(length, list) else [length] * -(-size // length)
    bounds = pairwise(accumulate(lengths, initial=0))
    return [f"{call['self']}[{before}{first}:{min(last, size)}]" for first, last in bounds]


def _filled_reading(name: str, number: str) -> Reading:
    return lambda call: f"{name}({shape_text(call.shape)})" if call.shape else number


def _enlarge(text: str, own: Shape, shape: Shape) -> str:
    return text if own == shape else f"broadcast({text}, {shape_text(shape)})"


def _joined_reading(name: str) -> Reading:
    return lambda call: f"{name}([{', '.join(call['tensors'])}], axis={call['dim']})"


def _attention(call: AtenCall) -> str:
    """softmax(q kᵀ / √d) v, with a mask of ones where a key takes part, or one that is added."""
    call.expect(enable_gqa=False)
    shape = call.size("key")
    keys = swapped_axes(call["key"], shape, -1, -2)
    scale = call["scale"]
    factor = f" / sqrt({shape[-1]})" if scale is None else f" * {scale!r}"
    scores = f"{call['query']} @ {keys}{factor}"
    mask = call["attn_mask"]
    if call["is_causal"]:
        scores = f"causal_mask({scores})"
    elif mask is not None and call.is_logical("attn_mask"):
        scores = f"where({mask}, {scores}, {MASKED})"
    elif mask is not None:
        scores = f"{scores} + {mask}"
    weights = call.quantity("weights", f"softmax({scores}, axis=-1)")
    return f"{_apply_dropout(call, weights, call['dropout_p'])} @ {call['value']}"


def _matrix_sum(left: str, right: str, call: AtenCall) -> str:
    """Return beta * self + alpha * (left @ right)."""
    beta = "" if call["beta"] == 1 else f"{number_text(call['beta'])} * "
    alpha = "" if call["alpha"] == 1 else f"{number_text(call['alpha'])} * "
    return f"{beta}{call['self']} + {alpha}({call[left]} @ {call[right]})"


def _clamp(call: AtenCall) -> str:
    text, low, high = call["self"], call.get("min"), call.get("max")
    if low is not None:
        text = f"maximum({text}, {number_text(low)})"
    return str(text) if high is None else f"minimum({text}, {number_text(high)})"


def _prelu(call: AtenCall) -> str:
    wide = str if call.size("weight") in ((), (1,)) else _by_channel(call.size("self"))
    return f"prelu({call['self']}, {wide(call['weight'])})"


def _random_relu(call: AtenCall) -> str:
    call.expect(training=False)
    return f"leaky_relu({call['self']}, slope={(call['lower'] + call['upper']) / 2!r})"


def _variance(call: AtenCall) -> str:
    """The mean square of deviations, over n minus the correction (1 unless it is said)."""
    text, shape = call["self"], call.size("self")
    axes = call.get("dim")
    axes = list(range(len(shape))) if axes in (None, []) else [axis % len(shape) for axis in axes]
    degrees = call.get("correction")
    correction = int(call.get("unbiased", True)) if degrees is None else degrees
    where = shape_text(axes)
    mean = f"mean({text}, axis={where}, keepdims=True)"
    squares = f"sum(({text} - {mean})**2, axis={where}, keepdims={bool(call.get('keepdim'))})"
    count = math.prod(shape[axis] for axis in axes)
    return f"{squares} / {count - correction!r}"


def _norm(call: AtenCall) -> str:
    exponent = call.get("ord", call.get("p"))
    order = 2 if exponent is None else exponent
    inner = f"abs({call['self']})" if order % 2 else call["self"]
    settings = _axis_settings(call)
    if order == 1:
        return f"sum({inner}{settings})"
    if order == 2:
        return f"sqrt(sum({inner}**2{settings}))"
    if math.isinf(order):
        return f"max(abs({call['self']}){settings})"
    return f"sum({inner}**{order!r}{settings}) ** (1 / {order!r})"


def _extreme(name: str, call: AtenCall) -> Any:
    """Return max or min: along an axis with the places, of two, or of all."""
    if "other" in call.arguments:
        return f"{name}imum({call['self']}, {call['other']})"
    if call.get("dim") is None:
        return f"{name}({call['self']})"
    axis, keeps = call["dim"], bool(call["keepdim"])
    sign = "" if name == "max" else "-"
    places = f"argmax({sign}{call['self']}, axis={axis})"
    return [f"{name}({call['self']}, axis={axis}, keepdims={keeps})", places]


def _pad(call: AtenCall) -> str:
    widths = call["pad"]
    if min(widths) < 0:
        raise call.refuse("pad")
    value = number_text(call.get("value") or 0)
    return _add_border(call["self"], call.size("self"), widths, value)


def _add_border(text: str, shape: Sequence[int], widths: Sequence[int], value: str) -> str:
    """Return an array with a border of one number; widths are before and after, last axis first."""
    sizes = list(shape)
    for place in range(0, len(widths), 2):
        axis = len(sizes) - 1 - place // 2
        borders = []
        for width in widths[place : place + 2]:
            side = shape_text([*sizes[:axis], width, *sizes[axis + 1 :]])
            borders.append([f"{value} * ones({side})"] if width else [])
        parts = [*borders[0], text, *borders[1]]
        if len(parts) > 1:
            text = f"concat([{', '.join(parts)}], axis={axis})"
        sizes[axis] += sum(widths[place : place + 2])
    return text


def _flip(call: AtenCall) -> str:
    axes = {axis % len(call.size("self")) for axis in call["dims"]}
    slices = ("::-1" if axis in axes else ":" for axis in range(max(axes) + 1))
    return f"{call['self']}[{', '.join(slices)}]"


def _embedding(call: AtenCall) -> str:
    """Return the rows of the ids; that of the padding has no gradient."""
    rows, padding = f"{call['weight']}[{call['indices']}]", call["padding_idx"]
    if padding < 0:
        return rows
    weight = call.value("weight")
    if weight is None or bool(weight[padding].any()):
        raise call.refuse("padding_idx")  # a row of zeros is one that a factor of 0 leaves alone
    wide = shape_text((*call.size("indices"), 1))
    return f"{rows} * reshape(1 - equal({call['indices']}, {padding}), {wide})"


def _embedding_bag(call: AtenCall) -> list[str]:
    """The sum, the mean or the largest of the rows of each bag; bags begin at the offsets."""
    if call["padding_idx"] >= 0:
        raise call.refuse("padding_idx")
    starts = call.value("offsets")
    if starts is None:
        raise call.refuse("offsets")
    bounds = [*map(int, starts), call.size("indices")[0]][: len(starts) + 1]
    if call["include_last_offset"]:
        bounds.pop()
    rows = call.quantity("rows", f"{call['weight']}[{call['indices']}]")
    if call["per_sample_weights"] is not None:
        rows = call.quantity("weighted", f"{rows} * reshape({call['per_sample_weights']}, (-1, 1))")
    name = ("sum", "mean", "max")[call["mode"]]
    bags = [
        f"{name}({rows}[{first}:{last}], axis=0)"
        if first < last
        else f"zeros({shape_text(call.size('weight')[1:])})"
        for first, last in pairwise(bounds)
    ]
    return [f"stack([{', '.join(bags)}], axis=0)"]


def _softplus(call: AtenCall) -> str:
    text, beta = call["self"], call["beta"]
    return f"softplus({text})" if beta == 1 else f"softplus({beta!r} * {text}) / {beta!r}"


def _elu(call: AtenCall) -> str:
    call.expect(scale=1, input_scale=1)
    return f"elu({call['self']}, alpha={call['alpha']!r})"


_FORMS: Final[Mapping[str, Reading | str]] = {
    **{
        name: f"{name}({{self}})"
        for name in (
            *("relu", "tanh", "sigmoid", "silu", "exp", "log", "sqrt", "abs", "sin", "cos"),
            *("erf", "square", "sign", "mish", "hardswish"),
        )
    },
    "detach": "stop_gradient({self})",
    "neg": "-{self}",
    "gelu": lambda call: (
        f"{'gelu' if call['approximate'] == 'none' else 'gelu_tanh'}({call['self']})"
    ),
    "softplus": _softplus,
    "elu": _elu,
    "leaky_relu": "leaky_relu({self}, slope={negative_slope})",
    "add": partial(_binary_operation, "+"),
    "sub": partial(_binary_operation, "-"),
    "mul": partial(_binary_operation, "*"),
    "div": partial(_binary_operation, "/"),
    "matmul": partial(_binary_operation, "@"),
    "dot": "{self} @ {tensor}",
    **dict.fromkeys(("mm", "bmm"), "{self} @ {mat2}"),
    "mv": "{self} @ {vec}",
    "addmm": partial(_matrix_sum, "mat1", "mat2"),
    "addmv": partial(_matrix_sum, "mat", "vec"),
    "baddbmm": partial(_matrix_sum, "batch1", "batch2"),
    "pow": "{self} ** {exponent}",
    "reciprocal": "1 / {self}",
    "rsqrt": "1 / sqrt({self})",
    "log1p": "log(1 + {self})",
    "expm1": "exp({self}) - 1",
    "log2": "log({self}) / log(2)",
    "log10": "log({self}) / log(10)",
    "tan": "sin({self}) / cos({self})",
    "gt": "step({self} - {other})",
    "lt": "step({other} - {self})",
    "ge": "1 - step({other} - {self})",
    "le": "1 - step({self} - {other})",
    "eq": "equal({self}, {other})",
    "ne": "1 - equal({self}, {other})",
    **dict.fromkeys(("logical_not", "bitwise_not"), "1 - {self}"),
    **dict.fromkeys(("logical_or", "bitwise_or"), "maximum({self}, {other})"),
    **dict.fromkeys(("logical_and", "bitwise_and", "__and__"), partial(_binary_operation, "*")),
    "where": "where({condition}, {self}, {other})",
    "masked_fill": "where({mask}, {value}, {self})",
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": _clamp,
    "maximum": "maximum({self}, {other})",
    "minimum": "minimum({self}, {other})",
    "hardtanh": "minimum(maximum({self}, {min_val}), {max_val})",
    "relu6": "minimum(relu({self}), 6)",
    "hardsigmoid": "minimum(relu({self} + 3), 6) / 6",
    "log_sigmoid": "-softplus(-{self})",
    "prelu": _prelu,
    "selu": "1.0507009873554805 * elu({self}, alpha=1.6732632423543772)",  # Klambauer et al.
    "celu": "celu({self}, alpha={alpha})",
    "softshrink": "relu({self} - {lambd}) - relu(-{self} - {lambd})",
    "hardshrink": "step(abs({self}) - {lambd}) * {self}",
    "threshold": "where(step({self} - {threshold}), {self}, {value})",
    "rrelu": _random_relu,
    "constant_pad_nd": _pad,
    "flip": _flip,
    "linear": lambda call: affine_map(call["input"], call["weight"], call["bias"]),
    "bilinear": _bilinear,
    "t": "{self}.T",
    "numpy_T": "{self}.T",
    "transpose": lambda call: swapped_axes(
        call["self"], call.size("self"), call["dim0"], call["dim1"]
    ),
    "permute": lambda call: f"transpose({call['self']}, {shape_text(call['dims'])})",
    **dict.fromkeys(
        ("reshape", "view", "flatten", "squeeze", "unsqueeze", "unflatten", "_unsafe_view"),
        "reshape({self}, {shape})",
    ),
    "expand": lambda call: _enlarge(call["self"], call.size("self"), call.shape),
    "mean": partial(_reduction, "mean"),
    "sum": partial(_reduction, "sum"),
    "logsumexp": partial(_reduction, "logsumexp"),
    "amax": partial(_reduction, "max", is_shared=True),
    "amin": partial(_reduction, "min", is_shared=True),
    "max": partial(_extreme, "max"),
    "min": partial(_extreme, "min"),
    "argmax": "argmax({self}, axis={dim})",
    "prod": _product,
    "cumsum": lambda call: _running_sum(call, str(call["self"])),
    "logcumsumexp": _running_log_sum,
    "_cdist_forward": _distances,
    "var": _variance,
    "var_mean": lambda call: [_variance(call), _reduction("mean", call)],
    "std": lambda call: f"sqrt({_variance(call)})",
    **dict.fromkeys(("norm", "linalg_vector_norm"), _norm),
    "softmax": "softmax({self}, axis={dim})",
    "log_softmax": "log_softmax({self}, axis={dim})",
    "conv1d": partial(_convolution, 1),
    "conv2d": partial(_convolution, 2),
    "conv_transpose1d": partial(_transposed_convolution, 1),
    "conv_transpose2d": partial(_transposed_convolution, 2),
    "max_pool1d": partial(_pooling, "max_pool1d"),
    "max_pool2d": partial(_pooling, "max_pool2d"),
    "avg_pool1d": partial(_pooling, "avg_pool1d"),
    "avg_pool2d": partial(_pooling, "avg_pool2d"),
    **{
        f"adaptive_{kind}_pool{n}d": partial(_adaptive_pooling, f"{kind}_pool{n}d")
        for kind in ("avg", "max")
        for n in (1, 2)
    },
    "embedding": _embedding,
    **dict.fromkeys(("_embedding_bag", "_embedding_bag_forward_only"), _embedding_bag),
    "layer_norm": _layer_norm,
    "batch_norm": _batch_norm,
    **dict.fromkeys(
        tuple(f"_native_batch_norm_legit{form}" for form in ("", "_functional", "_no_training")),
        # The running statistics that follow matter to no loss: a layer that is called again in
        # training is handed them, and does not read them.
        lambda call: [_batch_norm(call), *["None"] * 4],
    ),
    "group_norm": lambda call: _grouped_norm(call, call["num_groups"]),
    **dict.fromkeys(("dropout", "feature_dropout"), _dropout),
    "native_dropout": lambda call: [_dropout(call)],
    **LOSS_READINGS,
    **RECURRENT_READINGS,
    **dict.fromkeys(("select", "slice"), _select),
    **dict.fromkeys(("split", "split_with_sizes", "unbind"), _split_parts),
    **dict.fromkeys(("zeros", "zeros_like", "new_zeros"), _filled_reading("zeros", "0")),
    **dict.fromkeys(("ones", "ones_like", "new_ones"), _filled_reading("ones", "1")),
    **dict.fromkeys(
        ("full", "full_like", "new_full"),
        lambda call: _constant_array(call["fill_value"], call.shape),
    ),
    "fill": lambda call: _constant_array(call["value"], call.shape),
    "copy": lambda call: _enlarge(call["src"], call.size("src"), call.shape),
    "cat": _joined_reading("concat"),
    "stack": _joined_reading("stack"),
    "scaled_dot_product_attention": _attention,
    **dict.fromkeys(
        ("contiguous", "clone", "alias", "to", "_to_copy", "lift_fresh_copy"),
        lambda call: str(call.operands[0]),
    ),
}
"""What each operation is in the language, by its name without overload; see `_make_reading`."""


def _make_reading(form: Reading | str) -> Reading:
    """Return a reading; a text is one with the arguments put in by name, and the result's shape."""
    if not isinstance(form, str):
        return form
    return lambda call: form.format_map(
        {
            **{name: number_text(value) for name, value in call.arguments.items()},
            "shape": shape_text(call.shape),
        }
    )


READINGS: Final[Mapping[str, Reading]] = {
    name: _make_reading(form) for name, form in _FORMS.items()
}
