"""What PyTorch, NumPy, JAX and Keras call the operations of the table, by operation.

A name stands here where the function computes the same; what differs in a default is a row's
convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FRAMEWORK_NAMES"]


def _everywhere(name: str) -> dict[str, str]:
    return {"PyTorch": f"torch.{name}", "NumPy": f"np.{name}", "JAX": f"jnp.{name}"}


def _activation(name: str, keras: str = "") -> dict[str, str]:
    """Return the names of an activation function, which NumPy does not have."""
    return {
        "PyTorch": f"torch.nn.functional.{name}",
        "JAX": f"jax.nn.{name}",
        "Keras": f"keras.ops.{keras or name}",
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
        name: _everywhere(name)
        for name in (
            *("exp", "log", "sqrt", "square", "sin", "cos", "abs", "sign", "tanh", "maximum"),
            *("minimum", "where", "matmul", "outer", "reshape", "sum", "mean", "max", "min"),
            *("argmax", "stack", "zeros", "ones", "power", "add", "subtract", "multiply"),
            *("divide", "negative"),
        )
    },
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
    "windows2d_add": {"PyTorch": "torch.nn.functional.fold"},
    "dropout": {"PyTorch": "torch.nn.functional.dropout", "Keras": "keras.layers.Dropout"},
    "layer_norm": {
        "PyTorch": "torch.nn.functional.layer_norm",
        "Keras": "keras.layers.LayerNormalization",
    },
    "group_norm": {
        "PyTorch": "torch.nn.functional.group_norm",
        "Keras": "keras.layers.GroupNormalization",
    },
    "deviation": {"NumPy": "np.std"},
    "mse": {"PyTorch": f"{_LOSS}mse_loss", "Keras": "keras.losses.MeanSquaredError"},
    "mae": {"PyTorch": f"{_LOSS}l1_loss", "Keras": "keras.losses.MeanAbsoluteError"},
    "squared_error": {"PyTorch": f'{_LOSS}mse_loss(a, b, reduction="sum")'},
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
