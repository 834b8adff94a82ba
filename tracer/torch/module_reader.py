"""A module of PyTorch and its loss as equations, with the names of its state_dict.

`torch.export` writes the module down as calls of PyTorch's own operations; `READINGS` has what each
of them is in the language of scenarios. The run is ours: PyTorch computes nothing of it.
"""

from __future__ import annotations

import inspect
import operator
import re
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Final

from tracer.errors import RunError, nearest
from tracer.notebook.shown_run import Trace, trace
from tracer.operations import table
from tracer.program.optimizers import OPTIMIZERS
from tracer.sentences import say
from tracer.torch.aten_call import MASKED, AtenCall
from tracer.torch.aten_readings import READINGS

__all__ = ["from_torch", "identifier", "load_torch", "unused_name"]


def from_torch(
    module: Any,
    inputs: Mapping[str, Any],
    loss: Callable[..., Any],
    optimizer: Any = None,
    *,
    iterations: int = 1,
) -> Trace:
    """Run a `torch.nn.Module` as equations and return its trace, in float64.

    `inputs` are tensors (or arrays) by name: those that `module.forward` names are its arguments,
    and the others follow the module's output as arguments of `loss`, in their order:
    `from_torch(net, {"x": X, "target": y}, torch.nn.functional.mse_loss)`. A parameter
    `encoder.weight` becomes `encoder_weight`, with the shape that it has in the state_dict;
    `0.weight` becomes `layer0_weight`. Dropout in training has the mask that PyTorch's next call
    of the module draws, as a constant `…_dropout_mask`, for one iteration. `optimizer` is one of
    `torch.optim` (SGD, Adagrad, Adam, AdamW, RMSprop, NAdam) with one group of parameters;
    without it there are gradients and no update.
    The module, its parameters and PyTorch's random generator stay as they are.
    Raises RunError, which names the module's path, for what cannot be read.
    """
    torch = load_torch()
    if not isinstance(module, torch.nn.Module):
        raise RunError(
            say("this is not a PyTorch module"), found=repr(module)[:40], expected="torch.nn.Module"
        )
    inputs = {name: torch.as_tensor(value) for name, value in inputs.items()}
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
    if iterations > 1 and reader.first_mask is not None:
        raise RunError(
            say("dropout draws a new mask in each iteration"),
            where=reader.first_mask or say("the module itself"),
            expected=say("iterations=1, module.eval(), or p = 0"),
        )
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


def load_torch() -> Any:
    """Return PyTorch. Raises RunError where it is not installed."""
    try:
        return import_module("torch")
    except ImportError:
        raise RunError(
            say("PyTorch is not installed"), expected=say("pip install 'gradient-tracer[torch]'")
        ) from None


def identifier(name: str) -> str:
    """Return a name of PyTorch with dots as one of the language: `0.weight` as `layer0_weight`."""
    text = re.sub(r"\W+", "_", name)
    return f"layer{text}" if text[:1].isdigit() else text


def unused_name(name: str, taken: Container[str]) -> str:
    """Return the name, or the first of `name_1`, `name_2`, … that nothing has yet."""
    number, free = 0, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


class _Reader:
    """Reads the exported program of a module with its loss; the `CallWriter` of its readings.

    What depends on no input and no parameter is worked out by PyTorch, and stands as a constant
    where the language cannot say it.
    """

    def __init__(self, network: Any, inputs: Mapping[str, Any]) -> None:
        torch = load_torch()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # recurrent layers list their weights anew: harmless
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
        self.first_mask: str | None = None  # the path of the first dropout in training
        self._draw_masks = partial(_drawn_masks, network, tuple(inputs.values()))
        self._masks: list[Any] | None = None
        self._taken = {*table(), *inputs, "loss", "True", "False", "None"}
        self._texts: dict[Any, Any] = {}  # by node: its name, or the texts of several results
        self._given = _given(exported)
        self._constants: dict[Any, Any] = {}  # by node: the tensor, which may have no name yet
        self._written: set[str] = set()
        nodes = list(exported.graph.nodes)
        results = nodes[-1].args[0]
        if len(results) != 1 or not hasattr(results[0], "meta"):
            raise RunError(
                say("the loss is not a single number"),
                found=say("{count} results", count=len(results)),
                expected=say("a loss with a mean or a sum"),
            )
        [self._result] = results
        self._given_names = {*inputs, *(name for name, _ in network.module.named_parameters())}
        self._read(nodes, iter(inputs))
        result = self._result
        self.loss = self._text(result)
        if tuple(result.meta["val"].shape):
            raise RunError(
                say("the loss is not a single number"),
                found=str(tuple(result.meta["val"].shape)),
                expected=say("a loss with a mean or a sum"),
            )
        if self._masks:
            raise RunError(
                say("dropout stands in a part that the loss does not depend on"),
                where=self.first_mask or say("the module itself"),
                expected=say("iterations=1, module.eval(), or p = 0"),
            )

    def _read(self, nodes: Sequence[Any], arguments: Iterator[str]) -> None:
        needed = _needed(nodes)
        for node in nodes:
            if node.op == "placeholder" and node.name not in self._given:
                self._texts[node] = next(arguments)
            elif node.op == "placeholder":
                name, value, is_parameter = self._given[node.name]
                if is_parameter:
                    self._add_given(node, name, value, self.parameters)
                else:
                    self._constants[node] = value
            elif node.op == "call_function" and node in needed:
                if _is_fixed(node) and all(
                    item in self._constants for item in node.all_input_nodes
                ):
                    self._constants[node] = _worked_out(node, self._constants)
                else:
                    self._add_equation(node)

    def _add_given(self, node: Any, name: str, value: Any, target: dict[str, Any]) -> None:
        own = name.removeprefix("module.")
        self.names[own] = self._texts[node] = self.free_name(own)
        target[self.names[own]] = _array(value)

    def _text(self, node: Any) -> Any:
        """Return what stands for a node; a constant is written when it is first asked for."""
        if node not in self._texts:
            if node.op == "placeholder":
                name, value, _ = self._given[node.name]
                self._add_given(node, name, value, self.constants)
            elif node.target is operator.getitem or self._is_readable(node):
                self._add_equation(node)
            else:
                self._texts[node] = self.free_name(node.name)
                self.constants[self._texts[node]] = _array(self._constants[node])
        return self._texts[node]

    def _is_readable(self, node: Any) -> bool:
        """Tell whether the language can say a constant and all that it is made of."""
        values = [self._constants[item] for item in (node, *node.all_input_nodes)]
        return _operation(node) in READINGS and all(map(_is_number_array, values))

    def _add_equation(self, node: Any) -> None:
        path = _path(node)
        if node.target is operator.getitem:
            whole, place = node.args
            text = self._text(whole)[place]
            self._texts[node] = self._equation(whole, text)
            return
        operation = _operation(node)
        reading = READINGS.get(operation)
        if reading is None and operation.endswith("_") and _changes_no_view(node):
            reading = READINGS.get(operation[:-1])  # later calls are given the result
        if reading is None:
            raise RunError(
                say("{operation} of PyTorch cannot be read", operation=operation),
                where=path or say("the module itself"),
                expected=nearest(operation, READINGS)
                or say("an operation that docs/python.md lists"),
            )
        texts = {item: self._text(item) for item in node.all_input_nodes}
        call = AtenCall(node, texts, path, self)
        result = reading(call)
        if isinstance(result, list):
            self._texts[node] = result  # an equation each, where somebody asks for it
        else:
            is_operand = result in call.operands  # dropout in evaluation, a copy
            self._texts[node] = result if is_operand else self._equation(node, result)

    def _equation(self, node: Any, text: str) -> str:
        """Write what a node is, and return its name."""
        if text in self._written:
            return text
        stack = list((node.meta.get("nn_module_stack") or {}).values())
        leaf = stack[-1] if stack else ("", "")
        is_leaf = "torch.nn.modules" in str(leaf[1]) and leaf[0] not in ("", "module")
        if node is self._result and "loss" not in self._given_names:
            name = "loss"
        else:
            name = self.free_name(leaf[0].removeprefix("module.") if is_leaf else node.name)
        return self.add_equation(name, text)

    def add_equation(self, name: str, text: str) -> str:
        """Write `name = text` and return the name."""
        self.equations.append(f"{name} = {text}")
        self._written.add(name)
        return name

    def add_mask(self, path: str) -> str:
        """Return the constant that holds the next mask of dropout that PyTorch draws."""
        if self._masks is None:
            self._masks = self._draw_masks()
            self.first_mask = path
        name = self.free_name(f"{path}_dropout_mask")
        self.constants[name] = _array(self._masks.pop(0))
        return name

    def value_of(self, name: str) -> Any:
        """Return the array that a name is given with; None for a quantity that is computed."""
        return self.parameters.get(name, self.constants.get(name))

    def free_name(self, name: str) -> str:
        """Return an identifier for a name with dots, one that nothing has yet."""
        free = unused_name(identifier(name), self._taken)
        self._taken.add(free)
        return free


def _operation(node: Any) -> str:
    """Return the name of what a node calls, without its overload."""
    name: str = getattr(node.target, "overloadpacket", node.target).__name__
    return name


def _is_fixed(node: Any) -> bool:
    """Tell whether a call gives the same whenever it is made."""
    tags = getattr(node.target, "tags", ())
    return not any(str(tag).endswith("nondeterministic_seeded") for tag in tags)


def _worked_out(node: Any, values: Mapping[Any, Any]) -> Any:
    """Return what a call of constants gives; those stay as they are."""
    torch = load_torch()

    def value(item: Any) -> Any:
        found = values[item]
        return found.clone() if hasattr(found, "clone") else found

    arguments = torch.fx.map_arg(node.args, value)
    with torch.no_grad():
        return node.target(*arguments, **torch.fx.map_arg(node.kwargs, value))


def _is_number_array(value: Any) -> bool:
    """Tell whether a value is a tensor of finite numbers."""
    torch = load_torch()
    return (
        isinstance(value, torch.Tensor)
        and value.dtype != torch.bool
        and bool(torch.isfinite(value).all())
    )


def _changes_no_view(node: Any) -> bool:
    """Tell whether a call in place changes a tensor that shares its numbers with no other."""
    changed = node.args[0]
    return not any(map(_is_view, (changed, *changed.users)))


def _is_view(node: Any) -> bool:
    schema = getattr(node.target, "_schema", None)
    aliases = [item.alias_info for item in schema.returns] if schema is not None else []
    return any(alias is not None and not alias.is_write for alias in aliases)


def _drawn_masks(network: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the masks that the next call of a network draws, and leave everything as it is."""
    torch = load_torch()
    modes = import_module("torch.utils._python_dispatch")
    masks = []

    class Mode(modes.TorchDispatchMode):  # type: ignore[misc, name-defined] # torch is Any here
        def __torch_dispatch__(
            self, call: Any, types: Any, arguments: Any = (), settings: Any = None
        ) -> Any:
            result = call(*arguments, **(settings or {}))
            if _call_name(call) == "bernoulli_":
                masks.append(result.clone())
            return result

    own = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    state = {name: value.detach().clone() for name, value in own.items()}
    with torch.random.fork_rng(devices=[]), torch.no_grad(), Mode():
        torch.func.functional_call(network, state, inputs)
    return masks


def _call_name(call: Any) -> str:
    name: str = call.overloadpacket.__name__
    return name


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
    array = value.detach().cpu().double().numpy().copy()
    array[array == float("-inf")] = float(MASKED)
    return array if value.is_floating_point() else array.astype("int64")


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
