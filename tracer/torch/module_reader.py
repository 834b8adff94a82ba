"""A module of PyTorch and its loss as equations, with the names of its state_dict.

`torch.export` writes the module down as calls of PyTorch's own operations; `READINGS` has what each
of them is in the language of scenarios. The run is ours: PyTorch computes nothing of it.
"""

from __future__ import annotations

import inspect
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from tracer.errors import RunError, nearest
from tracer.notebook import Trace, trace
from tracer.operations import table
from tracer.program.optimizers import OPTIMIZERS
from tracer.sentences import say
from tracer.torch.aten_readings import READINGS, AtenCall

__all__ = ["from_torch"]


def from_torch(
    module: Any,
    inputs: Mapping[str, Any],
    loss: Callable[..., Any],
    optimizer: Any = None,
    *,
    iterations: int = 1,
) -> Trace:
    """Run a `torch.nn.Module` as equations and return its trace, in float64.

    `inputs` are tensors by name: those that `module.forward` names are its arguments, and the
    others follow the module's output as arguments of `loss`, in their order:
    `from_torch(net, {"x": X, "target": y}, torch.nn.functional.mse_loss)`. A parameter
    `encoder.weight` becomes `encoder_weight`, with the shape that it has in the state_dict;
    `0.weight` becomes `layer0_weight`. `optimizer` is one of `torch.optim` (SGD, Adam, AdamW,
    RMSprop, NAdam) with one group of parameters; without it there are gradients and no update.
    The module and its parameters stay as they are.
    Raises RunError, which names the module's path, for what cannot be read.
    """
    torch = _torch()
    taken = inspect.signature(module.forward).parameters
    own = [name for name in inputs if name in taken]
    others = [name for name in inputs if name not in taken]

    class Network(torch.nn.Module):  # type: ignore[misc, name-defined] # torch is Any here
        def __init__(self) -> None:
            super().__init__()
            self.module = module
            self.loss = loss

        def forward(self, *values: Any) -> Any:
            named = dict(zip(inputs, values, strict=True))
            output = self.module(**{name: named[name] for name in own})
            return self.loss(output, *(named[name] for name in others))

    reader = _Reader(Network(), inputs)
    training = {} if optimizer is None else _training(optimizer)
    if training:
        training["iterations"] = iterations
        training["trainable"] = [
            reader.names[name] for name, item in module.named_parameters() if item.requires_grad
        ]
    return trace(
        equations="\n".join(reader.equations),
        data={name: _array(value) for name, value in inputs.items()},
        parameters=reader.parameters,
        constants=reader.constants,
        loss=reader.loss,
        name=type(module).__name__,
        **training,
    )


def _torch() -> Any:
    """Return PyTorch. Raises RunError where it is not installed."""
    try:
        return import_module("torch")
    except ImportError:
        raise RunError(
            say("PyTorch is not installed"), expected=say("pip install 'gradient-tracer[torch]'")
        ) from None


class _Reader:
    """Reads the exported program of a module with its loss."""

    def __init__(self, network: Any, inputs: Mapping[str, Any]) -> None:
        torch = _torch()
        try:
            exported = torch.export.export(network, tuple(inputs.values()), strict=False)
        except Exception as error:  # noqa: BLE001 - whatever a person's module raises
            raise RunError(
                say("torch.export cannot read the module"),
                found=str(error).partition("\n")[0],
                expected=say("a module whose forward has no branch on the values of tensors"),
            ) from None
        self.equations: list[str] = []
        self.names: dict[str, str] = {}  # of parameters and buffers, by their names in state_dict
        self.parameters: dict[str, Any] = {}
        self.constants: dict[str, Any] = {}
        self._taken = {*table(), *inputs, "loss", "True", "False", "None"}
        self._texts: dict[Any, Any] = {}  # by node: its name, or the names of several results
        nodes = list(exported.graph.nodes)
        [self._result] = nodes[-1].args[0]
        self._given_names = {*inputs, *(name for name, _ in network.module.named_parameters())}
        needed = _needed(nodes)
        given = _given(exported)
        arguments = iter(inputs)
        for node in nodes:
            if node.op == "placeholder":
                if node.name in given:
                    name, value, is_parameter = given[node.name]
                    if node in needed or is_parameter:
                        self._add_given(node, name, value, is_parameter)
                else:
                    self._texts[node] = next(arguments)
            elif node.op == "call_function" and node in needed:
                self._add_equation(node)
        result = self._result
        self.loss = self._texts[result]
        if tuple(result.meta["val"].shape):
            raise RunError(
                say("the loss is not a single number"),
                found=str(tuple(result.meta["val"].shape)),
                expected=say("a loss with a mean or a sum"),
            )

    def _add_given(self, node: Any, name: str, value: Any, is_parameter: bool) -> None:
        own = name.removeprefix("module.")
        self.names[own] = self._texts[node] = self._free(own)
        target = self.parameters if is_parameter else self.constants
        target[self.names[own]] = _array(value)

    def _add_equation(self, node: Any) -> None:
        path = _path(node)
        if node.target is operator.getitem:
            whole, place = node.args
            self._texts[node] = self._texts[whole][place]
            return
        operation = node.target.overloadpacket.__name__
        reading = READINGS.get(operation)
        if reading is None:
            raise RunError(
                say("{operation} of PyTorch cannot be read", operation=operation),
                where=path or say("the module itself"),
                expected=nearest(operation, READINGS)
                or say("an operation that docs/python.md lists"),
            )
        call = AtenCall(node, self._texts, path)
        result = reading(call)
        texts = [  # an operand stays one: dropout in evaluation, a copy
            text if text in call.operands else self._equation(node, text)
            for text in (result if isinstance(result, list) else [result])
        ]
        self._texts[node] = texts if isinstance(result, list) else texts[0]

    def _equation(self, node: Any, text: str) -> str:
        stack = list((node.meta.get("nn_module_stack") or {}).values())
        leaf = stack[-1] if stack else ("", "")
        is_leaf = "torch.nn.modules" in str(leaf[1]) and leaf[0] not in ("", "module")
        if node is self._result and "loss" not in self._given_names:
            name = "loss"
        else:
            name = self._free(leaf[0].removeprefix("module.") if is_leaf else node.name)
        self.equations.append(f"{name} = {text}")
        return name

    def _free(self, name: str) -> str:
        """Return an identifier for a name with dots, one that nothing has yet."""
        text = re.sub(r"\W+", "_", name)
        text = f"layer{text}" if text[:1].isdigit() else text
        number, free = 0, text
        while free in self._taken:
            number += 1
            free = f"{text}_{number}"
        self._taken.add(free)
        return free


def _path(node: Any) -> str:
    """Return the path of the module that a call is in: `encoder.layers.0`."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    path: str = stack[-1][0] if stack else ""
    return path.removeprefix("module").removeprefix(".")


def _needed(nodes: Sequence[Any]) -> set[Any]:
    """Return the nodes that the result depends on; counters of batches are not among them."""
    needed: set[Any] = set()
    waiting = list(nodes[-1].all_input_nodes)
    while waiting:
        node = waiting.pop()
        if node not in needed:
            needed.add(node)
            waiting += node.all_input_nodes
    return needed


def _given(exported: Any) -> dict[str, tuple[str, Any, bool]]:
    """Return what the program is given beside its inputs: name, tensor, is it a parameter."""
    signature = exported.graph_signature
    found = {}
    for name, target in signature.inputs_to_parameters.items():
        found[name] = (target, exported.state_dict[target], True)
    for name, target in signature.inputs_to_buffers.items():
        value = exported.state_dict.get(target, exported.constants.get(target))
        found[name] = (target, value, False)
    for name, target in signature.inputs_to_lifted_tensor_constants.items():
        found[name] = (target, exported.constants[target], False)
    return found


def _array(value: Any) -> Any:
    """Return a tensor as an array of NumPy that training in PyTorch does not change."""
    array = value.detach().cpu().numpy()
    return array.astype("float64" if array.dtype.kind == "f" else "int64")


# Optimizers -------------------------------------------------------------------------------------

# PyTorch's classes, by what the entries of our optimizers say they are called there. SGD is three.
_NAMES: Final = {
    entry.frameworks["PyTorch"].rpartition(".")[2]: name
    for name, entry in OPTIMIZERS.items()
    if "PyTorch" in entry.frameworks and "SGD" not in entry.frameworks["PyTorch"]
}
_SGD_SETTINGS: Final = tuple("momentum nesterov".split())  # noqa: SIM905 - PyTorch's, not our names
_SGD: Final = {  # by which of these it is made with
    tuple(f"{key}=" in call for key in _SGD_SETTINGS): name
    for name, entry in OPTIMIZERS.items()
    if "SGD" in (call := entry.frameworks.get("PyTorch", ""))
}
_SETTINGS: Final = {
    "momentum": ("momentum",),
    "alpha": ("alpha",),
    "betas": ("beta1", "beta2"),
    "eps": ("epsilon",),
    "weight_decay": ("weight_decay",),
    "momentum_decay": ("momentum_decay",),
}
_OFF: Final = ("amsgrad", "maximize", "centered", "dampening", "decoupled_weight_decay")


def _training(optimizer: Any) -> dict[str, Any]:
    """Return what a scenario's [training] says of an optimizer. Raises RunError."""
    title = type(optimizer).__name__
    [group, *more] = optimizer.param_groups
    name = _NAMES.get(title, "")
    if title == "SGD":
        name = _SGD[tuple(bool(group[key]) for key in _SGD_SETTINGS)]
    if not name or name not in OPTIMIZERS or more:
        raise RunError(
            say("this optimizer cannot be read"),
            found=title if not more else say("{count} groups of parameters", count=1 + len(more)),
            expected=say("one of {names}", names=", ".join(("SGD", *_NAMES))),
        )
    for key in _OFF:
        if group.get(key) and not (title == "AdamW" and key == "decoupled_weight_decay"):
            raise RunError(say("{title} with {key} cannot be read", title=title, key=key))
    settings: dict[str, Any] = {"optimizer": name, "learning_rate": float(group["lr"])}
    taken = OPTIMIZERS[name].taken
    for key, own in _SETTINGS.items():
        value = group.get(key)
        values = value if isinstance(value, tuple) else (value,)
        for one, number in zip(own, values, strict=False):
            if number is not None and one in taken and not (one == "weight_decay" and not number):
                settings[one] = float(number)
            elif number and one not in taken:
                raise RunError(say("{title} with {key} cannot be read", title=title, key=key))
    return settings
