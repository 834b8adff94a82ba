"""PyTorch's own operations, as `torch.export` writes them, in the language of scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tracer.errors import RunError
from tracer.operations import broadcast_shape
from tracer.sentences import say

__all__ = ["READINGS", "AtenCall"]

Shape = tuple[int, ...]


class AtenCall:
    """A call of one operation: its arguments by name, tensors as the texts that stand for them."""

    def __init__(self, node: Any, texts: Mapping[Any, Any], path: str) -> None:
        schema = node.target._schema
        self.operation: str = node.target.overloadpacket.__name__
        self.path = path
        self.shape: Shape = _shape_of(node)
        self._shapes: dict[str, Shape] = {}
        self._list_shapes: Sequence[Shape] = ()
        self.arguments: dict[str, Any] = {}
        self.operands: list[str] = []
        for place, argument in enumerate(schema.arguments):
            if place < len(node.args):
                value = node.args[place]
            else:
                value = node.kwargs.get(argument.name, argument.default_value)
            if _is_node(value):
                self._shapes[argument.name] = _shape_of(value)
                value = texts[value]
                self.operands.append(value)
            elif isinstance(value, (list, tuple)):
                self._list_shapes = [_shape_of(item) for item in value if _is_node(item)]
                value = [texts[item] if _is_node(item) else item for item in value]
                self.operands += [item for item in value if isinstance(item, str)]
            self.arguments[argument.name] = value

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return an argument, or what stands for one that the operation does not have."""
        return self.arguments.get(name, default)

    def size(self, name: str) -> Shape:
        """Return the shape of an operand; () for a number."""
        return self._shapes.get(name, ())

    def sizes(self) -> Sequence[Shape]:
        """Return the shapes of a list of operands."""
        return self._list_shapes

    def refuse(self, name: str) -> RunError:
        """Return the error for a setting that cannot be read."""
        return RunError(
            say("{operation} with {name} cannot be read", operation=self.operation, name=name),
            where=self.path or say("the module itself"),
            found=str(self.arguments.get(name)),
        )

    def expect(self, **usual: Any) -> None:
        """Raise RunError where an argument is not as usual."""
        for name, value in usual.items():
            if name in self.arguments and self.arguments[name] != value:
                raise self.refuse(name)


Reading = Callable[[AtenCall], Any]


def _is_node(value: Any) -> bool:
    return hasattr(value, "all_input_nodes")


def _shape_of(node: Any) -> Shape:
    value = node.meta.get("val")
    return tuple(int(size) for size in value.shape) if hasattr(value, "shape") else ()


def _function(name: str) -> Reading:
    return lambda call: f"{name}({call['self']})"


def _two(sign: str) -> Reading:
    def reading(call: AtenCall) -> str:
        left, right = call["self"], call["other"]
        alpha = call.get("alpha", 1)
        factor = "" if alpha == 1 else f"{alpha!r} * "
        return f"{left} {sign} {factor}{_number(right)}"

    return reading


def _number(value: Any) -> str:
    return f"({value!r})" if isinstance(value, (int, float)) and value < 0 else str(value)


def _reshaped(call: AtenCall) -> str:
    return f"reshape({call['self']}, {_shape_text(call.shape)})"


def _shape_text(shape: Sequence[int]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _linear(call: AtenCall) -> str:
    product = f"{call['input']} @ {call['weight']}.T"
    return product if call["bias"] is None else f"{product} + {call['bias']}"


def _swapped(text: str, shape: Shape, first: int, second: int) -> str:
    axes = list(range(len(shape)))
    axes[first], axes[second] = axes[second], axes[first]
    return f"transpose({text}, {_shape_text(axes)})"


def _reduced(name: str) -> Reading:
    def reading(call: AtenCall) -> str:
        axes = call.get("dim")
        text = call["self"]
        if not call.size("self"):
            return str(text)
        if axes is None or axes == []:
            return f"{name}({text})"
        axis = axes[0] if isinstance(axes, list) and len(axes) == 1 else axes
        where = _shape_text(axis) if isinstance(axis, list) else axis
        return f"{name}({text}, axis={where}, keepdims={bool(call.get('keepdim'))})"

    return reading


def _along(name: str) -> Reading:
    return lambda call: f"{name}({call['self']}, axis={call['dim']})"


def _convolution(dimensions: int) -> Reading:
    def reading(call: AtenCall) -> str:
        if call["groups"] != 1:
            raise call.refuse("groups")
        if any(size != 1 for size in call["dilation"]):
            raise call.refuse("dilation")
        bias = "" if call["bias"] is None else f", {call['bias']}"
        return (
            f"conv{dimensions}d({call['input']}, {call['weight']}{bias}, "
            f"stride={_sizes(call['stride'])}, padding={_sizes(call['padding'])})"
        )

    return reading


def _sizes(values: Sequence[int]) -> str:
    return str(values[0]) if len(set(values)) == 1 else _shape_text(values)


def _pooling(name: str) -> Reading:
    def reading(call: AtenCall) -> str:
        call.expect(ceil_mode=False)
        if any(call["padding"]):
            raise call.refuse("padding")
        if any(size != 1 for size in call.get("dilation", [1])):
            raise call.refuse("dilation")
        stride = call["stride"] or call["kernel_size"]
        return f"{name}({call['self']}, {_sizes(call['kernel_size'])}, stride={_sizes(stride)})"

    return reading


def _layer_norm(call: AtenCall) -> str:
    if len(call["normalized_shape"]) != 1:
        raise call.refuse("normalized_shape")
    gain = "1" if call["weight"] is None else call["weight"]
    bias = "0" if call["bias"] is None else call["bias"]
    return f"layer_norm({call['input']}, {gain}, {bias}, epsilon={call['eps']:.17g})"


def _batch_norm(call: AtenCall) -> str:
    """The statistics are those of the batch in training, else the running ones."""
    text, shape = call["input"], call.size("input")
    axes = _shape_text([axis for axis in range(len(shape)) if axis != 1])
    wide = _shape_text((-1, *(1,) * (len(shape) - 2)))

    def channel(name: Any) -> str:
        return str(name) if len(shape) == 2 else f"reshape({name}, {wide})"

    if call["training"]:
        mean = f"mean({text}, axis={axes}, keepdims=True)"
        variance = f"mean(({text} - {mean})**2, axis={axes}, keepdims=True)"
    else:
        mean, variance = channel(call["running_mean"]), channel(call["running_var"])
    result = f"({text} - {mean}) / sqrt({variance} + {call['eps']:.17g})"
    if call["weight"] is not None:
        result = f"{result} * {channel(call['weight'])}"
    return result if call["bias"] is None else f"{result} + {channel(call['bias'])}"


def _dropout(call: AtenCall) -> str:
    if call["train"] and call["p"]:
        raise RunError(
            say("dropout draws a new mask in each iteration"),
            where=call.path or say("the module itself"),
            expected=say("module.eval(), or p = 0"),
        )
    return str(call["input"])


def _mean_or_sum(call: AtenCall, mean: str, total: str) -> str:
    """Return the form of a loss; reductions are numbers: 0 none, 1 mean, 2 sum."""
    if call["reduction"] not in (1, 2):
        raise call.refuse("reduction")
    return mean if call["reduction"] == 1 else total


def _mse(call: AtenCall) -> str:
    a, b = call["self"], call["target"]
    return _mean_or_sum(call, f"mse({a}, {b})", f"squared_error({a}, {b})")


def _mae(call: AtenCall) -> str:
    a, b = call["self"], call["target"]
    return _mean_or_sum(call, f"mae({a}, {b})", f"sum(abs({a} - {b}))")


def _counted(call: AtenCall, name: str, first: str, count: int) -> str:
    text = f"{name}({call[first]}, {call['target']})"
    call.expect(weight=None, pos_weight=None)
    return _mean_or_sum(call, text, f"{count} * {text}")


def _cross_entropy(call: AtenCall) -> str:
    call.expect(label_smoothing=0.0)
    if len(call.size("self")) > 2 or len(call.size("target")) >= len(call.size("self")):
        raise call.refuse("target")
    count = call.size("self")[0] if len(call.size("self")) == 2 else 1
    return _counted(call, "cross_entropy", "self", count)


def _nll(call: AtenCall) -> str:
    call.expect(weight=None)
    picked = f"pick({call['self']}, {call['target']})"
    return _mean_or_sum(call, f"-mean({picked})", f"-sum({picked})")


def _binary(name: str) -> Reading:
    def reading(call: AtenCall) -> str:
        count = 1
        for size in call.size("self"):
            count *= size
        return _counted(call, name, "self", count)

    return reading


def _selected(call: AtenCall) -> str:
    """One place of an axis, or a slice of it."""
    before = ":, " * (call["dim"] % len(call.size("self")))
    if call.operation == "select":
        return f"{call['self']}[{before}{call['index']}]"
    size = call.size("self")[call["dim"]]
    first, last, step = slice(call["start"], call["end"], call["step"]).indices(size)
    if (first, last, step) == (0, size, 1):
        return str(call["self"])
    return f"{call['self']}[{before}{first}:{last}{'' if step == 1 else f':{step}'}]"


def _parts(call: AtenCall) -> list[str]:
    """Several slices of one axis: split, chunk and unbind."""
    shape = call.size("self")
    axis = call["dim"] % len(shape)
    before, size = ":, " * axis, shape[axis]
    if call.operation == "unbind":
        return [f"{call['self']}[{before}{place}]" for place in range(size)]
    length = -(-size // call["chunks"]) if call.operation == "chunk" else call["split_size"]
    lengths = length if isinstance(length, list) else [length] * -(-size // length)
    result, first = [], 0
    for one in lengths:
        result.append(f"{call['self']}[{before}{first}:{min(first + one, size)}]")
        first += one
    return result


def _filled(name: str, number: str) -> Reading:
    return lambda call: f"{name}({_shape_text(call.shape)})" if call.shape else number


def _broadcast(call: AtenCall) -> list[str]:
    shape = broadcast_shape("broadcast_tensors", *call.sizes())
    return [
        text if own == shape else f"broadcast({text}, {_shape_text(shape)})"
        for text, own in zip(call["tensors"], call.sizes(), strict=True)
    ]


def _joined(name: str) -> Reading:
    return lambda call: f"{name}([{', '.join(call['tensors'])}], axis={call['dim']})"


def _attention(call: AtenCall) -> str:
    call.expect(attn_mask=None, dropout_p=0.0, enable_gqa=False)
    shape = call.size("key")
    keys = _swapped(call["key"], shape, -1, -2)
    scale = call["scale"]
    factor = f" / sqrt({shape[-1]})" if scale is None else f" * {scale!r}"
    scores = f"{call['query']} @ {keys}{factor}"
    weights = f"causal_mask({scores})" if call["is_causal"] else scores
    return f"softmax({weights}, axis=-1) @ {call['value']}"


def _gelu(call: AtenCall) -> str:
    name = "gelu" if call["approximate"] == "none" else "gelu_tanh"
    return f"{name}({call['self']})"


def _softplus(call: AtenCall) -> str:
    call.expect(beta=1)
    return f"softplus({call['self']})"


def _elu(call: AtenCall) -> str:
    call.expect(scale=1, input_scale=1)
    return f"elu({call['self']}, alpha={call['alpha']!r})"


def _same(call: AtenCall) -> str:
    return str(call.operands[0])


READINGS: Final[Mapping[str, Reading]] = {
    **{
        name: _function(name)
        for name in (
            *("relu", "tanh", "sigmoid", "silu", "exp", "log", "sqrt", "abs", "sin", "cos"),
            *("erf", "square", "sign"),
        )
    },
    "neg": lambda call: f"-{call['self']}",
    "gelu": _gelu,
    "softplus": _softplus,
    "elu": _elu,
    "leaky_relu": lambda call: f"leaky_relu({call['self']}, slope={call['negative_slope']!r})",
    "add": _two("+"),
    "sub": _two("-"),
    "mul": _two("*"),
    "div": _two("/"),
    "matmul": _two("@"),
    "pow": lambda call: f"{call['self']} ** {_number(call['exponent'])}",
    "linear": _linear,
    "t": lambda call: f"{call['self']}.T",
    "numpy_T": lambda call: f"{call['self']}.T",
    "transpose": lambda call: _swapped(call["self"], call.size("self"), call["dim0"], call["dim1"]),
    "permute": lambda call: f"transpose({call['self']}, {_shape_text(call['dims'])})",
    **dict.fromkeys(
        ("reshape", "view", "flatten", "squeeze", "unsqueeze", "unflatten", "_unsafe_view"),
        _reshaped,
    ),
    "expand": lambda call: f"broadcast({call['self']}, {_shape_text(call.shape)})",
    "mean": _reduced("mean"),
    "sum": _reduced("sum"),
    "logsumexp": _reduced("logsumexp"),
    "softmax": _along("softmax"),
    "log_softmax": _along("log_softmax"),
    "conv1d": _convolution(1),
    "conv2d": _convolution(2),
    "max_pool1d": _pooling("max_pool1d"),
    "max_pool2d": _pooling("max_pool2d"),
    "avg_pool1d": _pooling("avg_pool1d"),
    "avg_pool2d": _pooling("avg_pool2d"),
    "embedding": lambda call: f"{call['weight']}[{call['indices']}]",
    "layer_norm": _layer_norm,
    "batch_norm": _batch_norm,
    "dropout": _dropout,
    "mse_loss": _mse,
    "l1_loss": _mae,
    "cross_entropy_loss": _cross_entropy,
    "nll_loss": _nll,
    "nll_loss_nd": _nll,
    "binary_cross_entropy": _binary("bce"),
    "binary_cross_entropy_with_logits": _binary("bce_with_logits"),
    **dict.fromkeys(("select", "slice"), _selected),
    **dict.fromkeys(("split", "split_with_sizes", "chunk", "unbind"), _parts),
    **dict.fromkeys(("zeros", "zeros_like", "new_zeros"), _filled("zeros", "0")),
    **dict.fromkeys(("ones", "ones_like", "new_ones"), _filled("ones", "1")),
    "broadcast_tensors": _broadcast,
    "cat": _joined("concat"),
    "stack": _joined("stack"),
    "scaled_dot_product_attention": _attention,
    **dict.fromkeys(
        ("contiguous", "clone", "alias", "to", "_to_copy", "lift_fresh_copy"),
        _same,
    ),
}
"""What each operation is in the language, by its name without overload."""
