"""What other frameworks call the operations of the table, and what their users write for them.

A name stands in `FRAMEWORK_NAMES` where the function computes the same; what differs in a default
is a row's convention.

An expression of Python in `FRAMEWORK_CODE` names the operands and attributes of its row; `xp` is
the framework's own module of arrays. `helpers.f` is a function of `FRAMEWORK_HELPERS`, `kernels.f`
one of `kernels`. An operation without an entry is written through the row's own array code (in
NumPy), or as a function that consists of its definition. What flows back at ties and kinks is what
the row's convention says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

FrameworkCode = str | Callable[..., str]
"""An expression, or a function that picks one by the attributes, which it takes by name."""

_AUTOGRAD: Final = ("PyTorch", "JAX")  # NumPy has its array code in the rows
_FRAMEWORKS: Final = ("NumPy", *_AUTOGRAD)


def _same_name(code: FrameworkCode, *frameworks: str) -> dict[str, FrameworkCode]:
    return dict.fromkeys(frameworks or _FRAMEWORKS, code)


def _along_axis(name: str) -> dict[str, FrameworkCode]:
    """Return a reduction over axes; PyTorch has its own words for them."""
    axes = f"xp.{name}(x, axis=axis, keepdims=keepdims)"
    return {**_same_name(axes), "PyTorch": f"xp.{name}(x, dim=axis, keepdim=keepdims)"}


def _first_max_pytorch(axis: Any, keepdims: bool) -> str:
    """Of equal largest entries the first gets the gradient; without an axis all share it."""
    if isinstance(axis, int):
        return "xp.max(x, dim=axis, keepdim=keepdims).values"
    if axis is not None:
        return "xp.amax(x, dim=axis, keepdim=keepdims)"
    return "xp.max(x).reshape((1,) * x.ndim)" if keepdims else "xp.max(x)"


def _first_max_jax(axis: Any, keepdims: bool) -> str:
    if not isinstance(axis, int):
        return "xp.max(x, axis=axis, keepdims=keepdims)"
    largest = "xp.take_along_axis(x, xp.argmax(x, axis=axis, keepdims=True), axis=axis)"
    return largest if keepdims else f"{largest}.squeeze(axis)"


def _index_pytorch(items: tuple[Any, ...]) -> str:
    """PyTorch has no slices that go backwards."""
    steps = [item.step for item in items if isinstance(item, slice)]
    return "helpers.index(x, items)" if any((step or 1) < 0 for step in steps) else "x[items]"


_KEEP: Final = "np.random.default_rng(seed).random({shape}) >= rate"

FRAMEWORK_CODE: Final[Mapping[str, Mapping[str, FrameworkCode]]] = {
    **{
        name: _same_name(code)
        for name, code in {
            "add": "a + b",
            "subtract": "a - b",
            "multiply": "a * b",
            "divide": "a / b",
            "negative": "-x",
            "power": "a ** n",
            "matmul": "a @ b",
            "transpose_last": "x.T",
            "gather": "x[ids]",
            "outer": "xp.outer(a, b)",
            "diag": "xp.diag(x)",
            "reshape": "xp.reshape(x, shape)",
            "broadcast": "xp.broadcast_to(x, shape)",
            "pi": "math.pi",
            **{
                name: f"xp.{name}(x)"
                for name in ("exp", "log", "sqrt", "square", "sin", "cos", "abs", "sign", "tanh")
            },
            "maximum": "xp.maximum(a, b)",
            "minimum": "xp.minimum(a, b)",
            "where": "xp.where(condition != 0, a, b)",
            "causal_keep": "xp.tril(x)",
        }.items()
    },
    **{
        name: {**_same_name(f"xp.{name}(shape)"), "NumPy": f"xp.{name}(shape, dtype=dtype)"}
        for name in ("zeros", "ones")
    },
    "index": {**_same_name("x[items]"), "PyTorch": _index_pytorch},
    "sum": _along_axis("sum"),
    "mean": _along_axis("mean"),
    "max": {
        "NumPy": "xp.max(x, axis=axis, keepdims=keepdims)",
        "PyTorch": _first_max_pytorch,
        "JAX": _first_max_jax,
    },
    "argmax": {**_same_name("xp.argmax(x, axis=axis)"), "PyTorch": "xp.argmax(x, dim=axis)"},
    "first_max": {
        "PyTorch": "F.one_hot(xp.argmax(x, dim=axis), x.shape[axis]).movedim(-1, axis).to(x.dtype)",
        "JAX": "jax.nn.one_hot(xp.argmax(x, axis=axis), x.shape[axis], axis=axis, dtype=x.dtype)",
    },
    "transpose": {**_same_name("xp.transpose(x, axes)"), "PyTorch": "xp.permute(x, axes)"},
    "sum_to": {"PyTorch": "x.sum_to_size(shape)", "JAX": "helpers.sum_to(x, shape)"},
    "place": _same_name("helpers.place(g, shape, items)", *_AUTOGRAD),
    "scatter_add": {
        "PyTorch": "helpers.scatter_add(g, ids, rows)",
        "JAX": "xp.zeros((rows, *g.shape[ids.ndim :])).at[ids].add(g)",
    },
    "pick": {
        "PyTorch": "xp.gather(x, -1, labels.unsqueeze(-1)).squeeze(-1)",
        "JAX": "xp.take_along_axis(x, xp.expand_dims(labels, -1), -1).squeeze(-1)",
    },
    "unpick": {
        "PyTorch": "F.one_hot(labels, classes) * g.unsqueeze(-1)",
        "JAX": "jax.nn.one_hot(labels, classes) * xp.expand_dims(g, -1)",
    },
    "one_hot": {
        "PyTorch": "F.one_hot(labels, classes).to(xp.get_default_dtype())",
        "JAX": "jax.nn.one_hot(labels, classes)",
    },
    "concat": {
        **_same_name("xp.concatenate(parts, axis=axis)"),
        "PyTorch": "xp.cat(parts, dim=axis)",
    },
    "stack": {**_same_name("xp.stack(parts, axis=axis)"), "PyTorch": "xp.stack(parts, dim=axis)"},
    "step": {
        "NumPy": "xp.greater(x, 0).astype(dtype)",
        "PyTorch": "(x > 0).to(xp.get_default_dtype())",
        "JAX": "xp.greater(x, 0).astype(dtype)",
    },
    "equal": {
        "NumPy": "xp.equal(a, b).astype(dtype)",
        "PyTorch": "(a == b).to(xp.get_default_dtype())",
        "JAX": "xp.equal(a, b).astype(dtype)",
    },
    "stop_gradient": {
        "NumPy": "xp.positive(x)",
        "PyTorch": "x.detach()",
        "JAX": "jax.lax.stop_gradient(x)",
    },
    "erf": {"PyTorch": "xp.erf(x)", "JAX": "jax.scipy.special.erf(x)"},
    "sigmoid": {"PyTorch": "xp.sigmoid(x)", "JAX": "jax.nn.sigmoid(x)"},
    "relu": {"NumPy": "xp.maximum(x, 0)", "PyTorch": "xp.relu(x)", "JAX": "jax.nn.relu(x)"},
    "softplus": {
        **_same_name("xp.logaddexp(x, 0)"),
        "PyTorch": "xp.logaddexp(x, xp.zeros(()))",  # F.softplus is off by up to 2e-9
    },
    "silu": {"PyTorch": "F.silu(x)", "JAX": "jax.nn.silu(x)"},
    "mish": {"PyTorch": "F.mish(x)", "JAX": "jax.nn.mish(x)"},
    "hardswish": {"PyTorch": "F.hardswish(x)", "JAX": "jax.nn.hard_swish(x)"},
    "gelu": {"PyTorch": "F.gelu(x)", "JAX": "jax.nn.gelu(x, approximate=False)"},
    "gelu_tanh": {"PyTorch": "F.gelu(x, approximate='tanh')", "JAX": "jax.nn.gelu(x)"},
    "softmax": {"PyTorch": "xp.softmax(z, dim=axis)", "JAX": "jax.nn.softmax(z, axis=axis)"},
    "log_softmax": {
        "PyTorch": "xp.log_softmax(z, dim=axis)",
        "JAX": "jax.nn.log_softmax(z, axis=axis)",
    },
    "logsumexp": {
        "PyTorch": "xp.logsumexp(z, dim=axis, keepdim=keepdims)",
        "JAX": "jax.nn.logsumexp(z, axis=axis, keepdims=keepdims)",
    },
    "causal_mask": _same_name(
        "xp.where(xp.tril(xp.ones_like(scores)) > 0, scores, -math.inf)", *_AUTOGRAD
    ),
    "dropout_mask": {
        "PyTorch": f"xp.tensor({_KEEP.format(shape='tuple(x.shape)')}, dtype=x.dtype)",
        "JAX": f"({_KEEP.format(shape='x.shape')}).astype(x.dtype)",
    },
    "conv1d": {
        "PyTorch": "F.conv1d(x, kernel, stride=stride, padding=padding) "
        "+ xp.reshape(bias, (-1, 1))",
        "JAX": "helpers.conv(x, kernel, bias, stride, padding, 1)",
    },
    "conv2d": {
        "PyTorch": "F.conv2d(x, kernel, stride=stride, padding=padding) "
        "+ xp.reshape(bias, (-1, 1, 1))",
        "JAX": "helpers.conv(x, kernel, bias, stride, padding, 2)",
    },
    "windows1d": _same_name("helpers.windows(x, size, stride, padding, 1)", *_AUTOGRAD),
    "windows2d": _same_name("helpers.windows(x, size, stride, padding, 2)", *_AUTOGRAD),
    "mse": {"PyTorch": "F.mse_loss(a, b)"},
    "mae": {"PyTorch": "F.l1_loss(a, b)"},
    "huber": {"PyTorch": "F.huber_loss(a, b, delta=delta)"},
    "cross_entropy": {"PyTorch": "F.cross_entropy(logits, labels)"},
    "bce": {"PyTorch": "F.binary_cross_entropy(p, y)"},
    "bce_with_logits": {"PyTorch": "F.binary_cross_entropy_with_logits(z, y)"},
}

_SIZES: Final = '''\
def sizes(value, dimensions):
    """One number stands for all dimensions."""
    return value if isinstance(value, tuple) else (value,) * dimensions
'''

FRAMEWORK_HELPERS: Final[Mapping[str, Mapping[str, str]]] = {
    "PyTorch": {
        "index": '''\
def index(x, items):
    """Entries at an index with slices that go backwards."""
    for axis, item in reversed(list(enumerate(items))):
        places = torch.tensor(range(x.shape[axis])[item], dtype=torch.int64)
        x = x.index_select(axis, places) if isinstance(item, slice) else x.select(axis, item)
    return x
''',
        "place": '''\
def place(g, shape, index):
    """Zeros with g put in at an index."""
    out = torch.zeros(shape)
    out[index] = g
    return out
''',
        "scatter_add": '''\
def scatter_add(g, ids, rows):
    """Each row of g added to the row of zeros that its id names."""
    inner = g.shape[ids.ndim :]
    return torch.zeros((rows, *inner)).index_add(0, ids.reshape(-1), g.reshape(-1, *inner))
''',
        "sizes": _SIZES,
        "windows": '''\
def windows(x, size, stride, padding, dimensions):
    """What a window sees at each place, its entries along one new last axis."""
    first = x.ndim - dimensions
    x = F.pad(x, [one for one in reversed(sizes(padding, dimensions)) for _ in range(2)])
    for axis, (one, step) in enumerate(zip(sizes(size, dimensions), sizes(stride, dimensions))):
        x = x.unfold(first + axis, one, step)
    return x.flatten(-dimensions)
''',
    },
    "JAX": {
        "place": '''\
def place(g, shape, index):
    """Zeros with g put in at an index."""
    return jnp.zeros(shape).at[index].set(g)
''',
        "sum_to": '''\
def sum_to(x, shape):
    """The sum over the axes along which `shape` would be repeated."""
    lead = x.ndim - len(shape)
    axes = [lead + at for at, size in enumerate(shape) if size == 1 != x.shape[lead + at]]
    return x.sum(axis=(*range(lead), *axes), keepdims=True).reshape(shape)
''',
        "sizes": _SIZES,
        "windows": '''\
def windows(x, size, stride, padding, dimensions):
    """What a window sees at each place, its entries along one new last axis."""
    first = x.ndim - dimensions
    around = [(one, one) for one in sizes(padding, dimensions)]
    x = jnp.pad(x, [(0, 0)] * first + around)
    for axis, (one, step) in enumerate(zip(sizes(size, dimensions), sizes(stride, dimensions))):
        starts = np.arange(0, x.shape[first + axis] - one + 1, step)
        seen = jnp.take(x, starts[:, None] + np.arange(one), axis=first + axis)
        x = jnp.moveaxis(seen, first + axis + 1, -1)
    return x.reshape(*x.shape[: first + dimensions], -1)
''',
        "conv": '''\
def conv(x, kernel, bias, stride, padding, dimensions):
    """The cross-correlation of x with each filter, and the filter's bias."""
    seen = windows(x, kernel.shape[2:], stride, padding, dimensions)
    flat = kernel.reshape(*kernel.shape[:2], -1)
    letters = "ij"[:dimensions]
    result = jnp.einsum(f"...c{letters}k,fck->...f{letters}", seen, flat)
    return result + jnp.reshape(bias, (-1, *(1,) * dimensions))
''',
    },
}
"""Functions that take more than one call, by framework; NumPy's are those of `kernels`."""


# Names ------------------------------------------------------------------------------------------


def _activation(name: str) -> dict[str, str]:
    """Return the names of an activation function, which NumPy does not have."""
    return {
        "PyTorch": f"torch.nn.functional.{name}",
        "JAX": f"jax.nn.{name}",
        "Keras": f"keras.ops.{name}",
    }


def _pooling(name: str, sizes: int) -> dict[str, str]:
    layer = f"{'Max' if name == 'max' else 'Average'}Pooling{sizes}D"
    return {
        "PyTorch": f"torch.nn.functional.{name}_pool{sizes}d",
        "Keras": f"keras.layers.{layer}",
    }


def _convolution(sizes: int) -> dict[str, str]:
    return {
        "PyTorch": f"torch.nn.functional.conv{sizes}d",
        "JAX": "jax.lax.conv_general_dilated",
        "Keras": f"keras.layers.Conv{sizes}D",
    }


_LOSS: Final = "torch.nn.functional."

FRAMEWORK_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    **{
        name: {"PyTorch": f"torch.{name}", "NumPy": f"np.{name}", "JAX": f"jnp.{name}"}
        for name in (
            *("exp", "log", "sqrt", "square", "sin", "cos", "abs", "sign", "tanh", "maximum"),
            *("minimum", "where", "matmul", "outer", "reshape", "sum", "mean", "max", "min"),
            *("argmax", "stack", "zeros", "ones", "power", "add", "subtract", "multiply"),
            *("divide", "negative", "pi"),
        )
    },
    "equal": {"PyTorch": "torch.eq", "NumPy": "np.equal", "JAX": "jnp.equal"},
    "step": {
        "PyTorch": "torch.heaviside(x, torch.tensor(0.0))",
        "NumPy": "np.heaviside(x, 0)",
        "JAX": "jnp.heaviside(x, 0)",
    },
    "index": {"PyTorch": "x[i]", "NumPy": "x[i]", "JAX": "x[i]"},
    "sum_to": {"PyTorch": "torch.Tensor.sum_to_size"},
    "conv1d_input": {"PyTorch": "torch.nn.grad.conv1d_input"},
    "conv1d_kernel": {"PyTorch": "torch.nn.grad.conv1d_weight"},
    "conv2d_input": {"PyTorch": "torch.nn.grad.conv2d_input"},
    "conv2d_kernel": {"PyTorch": "torch.nn.grad.conv2d_weight"},
    "power": {"PyTorch": "torch.pow", "NumPy": "np.power", "JAX": "jnp.power"},
    "concat": {"PyTorch": "torch.cat", "NumPy": "np.concatenate", "JAX": "jnp.concatenate"},
    "transpose": {"PyTorch": "torch.permute", "NumPy": "np.transpose", "JAX": "jnp.transpose"},
    "transpose_last": {"PyTorch": "x.mT", "NumPy": "np.matrix_transpose", "JAX": "x.mT"},
    "broadcast": {
        "PyTorch": "torch.broadcast_to",
        "NumPy": "np.broadcast_to",
        "JAX": "jnp.broadcast_to",
    },
    "flatten": {"PyTorch": "torch.flatten", "Keras": "keras.layers.Flatten"},
    "gather": {
        "PyTorch": "torch.nn.functional.embedding",
        "NumPy": "x[ids]",
        "Keras": "keras.layers.Embedding",
    },
    "scatter_add": {"PyTorch": "torch.index_add", "NumPy": "np.add.at", "JAX": "x.at[ids].add"},
    "pick": {"PyTorch": "torch.gather", "NumPy": "np.take_along_axis"},
    "unpick": {"PyTorch": "torch.Tensor.scatter", "NumPy": "np.put_along_axis"},
    "place": {"PyTorch": "out[i] = g", "NumPy": "out[i] = g", "JAX": "out.at[i].set(g)"},
    "first_max": {
        "PyTorch": "torch.nn.functional.one_hot(x.argmax(), n)",
        "JAX": "jax.nn.one_hot(x.argmax(), n)",
    },
    "even_max": dict.fromkeys(_FRAMEWORKS, "(x == x.max()) / (x == x.max()).sum()"),
    "causal_mask": {
        "PyTorch": "torch.Tensor.masked_fill",
        "NumPy": "np.where",
        "JAX": "jnp.where",
    },
    "clipped_log": {
        "PyTorch": "torch.log(x).clamp(min=-100)",
        "NumPy": "np.log(x).clip(min=-100)",
        "JAX": "jnp.log(x).clip(min=-100)",
    },
    "one_hot": {
        "PyTorch": "torch.nn.functional.one_hot",
        "JAX": "jax.nn.one_hot",
        "Keras": "keras.ops.one_hot",
    },
    "causal_keep": {"PyTorch": "torch.tril", "NumPy": "np.tril", "JAX": "jnp.tril"},
    "stop_gradient": {
        "PyTorch": "torch.Tensor.detach",
        "JAX": "jax.lax.stop_gradient",
        "Keras": "keras.ops.stop_gradient",
    },
    "erf": {"PyTorch": "torch.erf", "NumPy": "scipy.special.erf", "JAX": "jax.lax.erf"},
    "sigmoid": {"PyTorch": "torch.sigmoid", "JAX": "jax.nn.sigmoid", "Keras": "keras.ops.sigmoid"},
    "relu": _activation("relu"),
    "softplus": _activation("softplus"),
    "silu": _activation("silu"),
    "mish": _activation("mish") | {"Keras": "keras.activations.mish"},
    "hardswish": {
        "PyTorch": "torch.nn.functional.hardswish",
        "JAX": "jax.nn.hard_swish",
        "Keras": "keras.activations.hard_swish",
    },
    "gelu": {
        "PyTorch": "torch.nn.functional.gelu",
        "JAX": "jax.nn.gelu(x, approximate=False)",
        "Keras": "keras.ops.gelu(x, approximate=False)",
    },
    "gelu_tanh": {
        "PyTorch": 'torch.nn.functional.gelu(x, approximate="tanh")',
        "JAX": "jax.nn.gelu",
        "Keras": "keras.ops.gelu",
    },
    "leaky_relu": _activation("leaky_relu"),
    "elu": _activation("elu"),
    "celu": _activation("celu"),
    "prelu": {"PyTorch": "torch.nn.functional.prelu", "Keras": "keras.layers.PReLU"},
    "softmax": _activation("softmax"),
    "log_softmax": _activation("log_softmax"),
    "logsumexp": {
        "PyTorch": "torch.logsumexp",
        "NumPy": "scipy.special.logsumexp",
        "JAX": "jax.nn.logsumexp",
    },
    "conv1d": _convolution(1),
    "conv2d": _convolution(2),
    "max_pool1d": _pooling("max", 1),
    "max_pool2d": _pooling("max", 2),
    "avg_pool1d": _pooling("avg", 1),
    "avg_pool2d": _pooling("avg", 2),
    "windows1d": {"PyTorch": "x.unfold"},
    "windows2d": {"PyTorch": "torch.nn.functional.unfold"},
    "windows1d_add": {"PyTorch": "torch.nn.functional.fold"},
    "windows2d_add": {"PyTorch": "torch.nn.functional.fold"},
    "dropout": {"PyTorch": "torch.nn.functional.dropout", "Keras": "keras.layers.Dropout"},
    "dropout_with": dict.fromkeys(_FRAMEWORKS, "x * mask / (1 - rate)"),
    "standardize": {
        "PyTorch": "torch.nn.functional.layer_norm(x, x.shape[-1:])",
        "JAX": "jax.nn.standardize",
    },
    "layer_norm": {
        "PyTorch": "torch.nn.functional.layer_norm",
        "Keras": "keras.layers.LayerNormalization",
    },
    "rms_norm": {
        "PyTorch": "torch.nn.functional.rms_norm",
        "Keras": "keras.layers.RMSNormalization",
    },
    "group_norm": {
        "PyTorch": "torch.nn.functional.group_norm",
        "Keras": "keras.layers.GroupNormalization",
    },
    "deviation": {"NumPy": "np.std"},
    "mse": {"PyTorch": f"{_LOSS}mse_loss", "Keras": "keras.losses.MeanSquaredError"},
    "mae": {"PyTorch": f"{_LOSS}l1_loss", "Keras": "keras.losses.MeanAbsoluteError"},
    "huber": {"PyTorch": f"{_LOSS}huber_loss", "Keras": "keras.losses.Huber"},
    "squared_error": {"PyTorch": f'{_LOSS}mse_loss(a, b, reduction="sum")'},
    "half_squared_error": {"PyTorch": f'{_LOSS}mse_loss(a, b, reduction="sum") / 2'},
    "accuracy": {
        "PyTorch": "(scores.argmax(-1) == labels).float().mean()",
        "Keras": "keras.metrics.SparseCategoricalAccuracy",
    },
    "cross_entropy": {
        "PyTorch": f"{_LOSS}cross_entropy",
        "Keras": "keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
    },
    "nll": {"Keras": "keras.losses.SparseCategoricalCrossentropy"},
    "bce": {
        "PyTorch": f"{_LOSS}binary_cross_entropy",
        "Keras": "keras.losses.BinaryCrossentropy",
    },
    "bce_with_logits": {
        "PyTorch": f"{_LOSS}binary_cross_entropy_with_logits",
        "Keras": "keras.losses.BinaryCrossentropy(from_logits=True)",
    },
}
