"""A module of PyTorch and its loss as equations, with the names of its state_dict.

`torch.export` writes the module down as calls of PyTorch's own operations; `READINGS` has what each
of them is in the language of scenarios. The run is ours: PyTorch computes nothing of it.
"""

from __future__ import annotations

import inspect
import io
import logging
import operator
import re
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from functools import partial
from importlib import import_module
from itertools import chain, count
from typing import Any

from tracer.errors import RunError
from tracer.notebook.shown_run import ShownTrace, trace
from tracer.operations import table
from tracer.option_limits import check_whole
from tracer.program.program import all_sources
from tracer.program.schema import MAX_STEPS
from tracer.sentences import say
from tracer.torch.aten_call import MASKED, AtenCall
from tracer.torch.aten_readings import MOVES, READINGS
from tracer.torch.optimizer_reader import training_of

_NO_BRANCH = say("a module whose forward has no branch on the values of parameters")


def from_torch(
    module: Any,
    inputs: Mapping[str, Any],
    loss: Callable[..., Any],
    optimizer: Any = None,
    *,
    iterations: int = 1,
) -> ShownTrace:
    """Run a `torch.nn.Module` as equations and return its trace, in float64.

    `inputs` are tensors (or arrays) by name: those that `module.forward` names are its arguments,
    and the others follow the module's output as arguments of `loss`, in their order:
    `from_torch(net, {"x": X, "target": y}, torch.nn.functional.mse_loss)`. A parameter
    `encoder.weight` becomes `encoder_weight`, with the shape that it has in the state_dict;
    `0.weight` becomes `layer0_weight`. Dropout in training has the mask that PyTorch's next call
    of the module draws, as a constant `…_dropout_mask`, for one iteration. `optimizer` is one of
    `torch.optim` that a scenario can name too, with one group of parameters; without it there are
    gradients and no update.
    The module, its parameters and PyTorch's random generator stay as they are.
    Raises RunError, which names the module's path, for what cannot be read.
    """
    check_whole("iterations", iterations, 1, MAX_STEPS)
    torch = load_torch()
    if not isinstance(module, torch.nn.Module):
        raise RunError(
            say("this is not a PyTorch module"), found=repr(module)[:40], expected="torch.nn.Module"
        )
    inputs = {name: torch.as_tensor(value) for name, value in inputs.items()}
    for name, value in inputs.items():
        if not value.numel():
            raise RunError(
                say("the array is empty or too large"),
                where=name,
                found=str(tuple(value.shape)),
                expected=say("at least one number"),
            )
    parameters = inspect.signature(module.forward).parameters
    own = [name for name in inputs if name in parameters]
    others = [name for name in inputs if name not in parameters]

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
    if iterations > 1 and reader.first_draw is not None:
        raise RunError(
            say("dropout draws a new mask in each iteration"),
            where=reader.first_draw or say("the module itself"),
            expected=say("iterations=1, module.eval(), or p = 0"),
        )
    training = {} if optimizer is None else training_of(optimizer, reader.taken)
    if training:
        trained = {id(item) for item in optimizer.param_groups[0]["params"] if item.requires_grad}
        training["iterations"] = iterations
        training["trainable"] = [
            reader.names[name] for name, item in module.named_parameters() if id(item) in trained
        ]
    return trace(
        equations="\n".join(reader.equations),
        data={name: _as_array(value) for name, value in inputs.items()},
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
            say("PyTorch is not installed"),
            expected=say("the extra {name}: pip install 'gradient-tracer[{name}]'", name="torch"),
        ) from None


def identifier_of(name: str) -> str:
    """Return a name of PyTorch with dots as one of the language: `0.weight` as `layer0_weight`."""
    text = re.sub(r"\W+", "_", name)
    return f"layer{text}" if text[:1].isdigit() else text


def unused_name(name: str, taken: Container[str]) -> str:
    """Return the name, or the first of `name_1`, `name_2`, … that nothing has yet."""
    numbered = (f"{name}_{number}" for number in count(1))
    return next(free for free in chain([name], numbered) if free not in taken)


class _Reader:
    """Reads the exported program of a module with its loss; the `CallWriter` of its readings.

    What depends on no input and no parameter is worked out by PyTorch, and stands as a constant
    where the language cannot say it.
    """

    def __init__(self, network: Any, inputs: Mapping[str, Any]) -> None:
        torch = load_torch()
        try:
            with warnings.catch_warnings(action="ignore"):  # recurrent layers list weights anew
                exported = _exported_program(torch, network, tuple(inputs.values()))
                _detach_results_of_blocks(exported.graph)
                exported = exported.run_decompositions(_decomposition_table(torch))
        except RunError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a person's module raises
            raise RunError(
                say("torch.export cannot read the module"),
                found=str(error).partition("\n")[0],
                expected=_NO_BRANCH,
            ) from None
        self.equations: list[str] = []
        # Names of parameters and buffers, by their keys in state_dict.
        self.names: dict[str, str] = {}
        self.parameters: dict[str, Any] = {}
        self.constants: dict[str, Any] = {}
        self._inputs = inputs
        self.first_draw: str | None = None  # the path of the first random numbers
        self._draw = partial(_drawn_numbers, network, tuple(inputs.values()))
        self._draws: list[Any] | None = None
        self.taken = {*table(), *inputs, "loss", "True", "False", "None"}
        self._texts: dict[Any, Any] = {}  # by node: the text that stands for its result or results
        self._given = _given_tensors(exported, network)
        self._known: dict[Any, Any] = {}  # by node: the tensor of a result without parameters
        self._constants: set[Any] = set()  # known nodes that have a name when it is asked for
        nodes = list(exported.graph.nodes)
        results = [
            node
            for node, item in zip(
                nodes[-1].args[0], exported.graph_signature.output_specs, strict=True
            )
            if item.kind.name == "USER_OUTPUT"
        ]
        shapes = [tuple(node.meta["val"].shape) for node in results if hasattr(node, "meta")]
        if shapes != [()]:
            raise RunError(
                say("the loss is not a single number"),
                found=str(shapes[0])
                if len(shapes) == len(results) == 1
                else say("{count} results", count=len(results)),
                expected=say("a loss with a mean or a sum"),
            )
        [self._result] = results
        self._given_names = {*inputs, *(name for name, _ in network.module.named_parameters())}
        self._read(nodes, iter(inputs.items()))
        self.loss = self._text(self._result)
        if self._draws:
            raise RunError(
                say("dropout stands in a part that the loss does not depend on"),
                where=self.first_draw or say("the module itself"),
                expected=say("iterations=1, module.eval(), or p = 0"),
            )

    def _read(self, nodes: Sequence[Any], arguments: Iterator[tuple[str, Any]]) -> None:
        needed = _needed_nodes(self._result)
        for node in nodes:
            if node.op == "placeholder" and node.name not in self._given:
                self._texts[node], self._known[node] = next(arguments)
            elif node.op == "placeholder":
                name, value, is_parameter = self._given[node.name]
                if is_parameter:
                    self._add_given(node, name, value, self.parameters)
                else:
                    self._known[node] = value
                    self._constants.add(node)
            elif node.op == "call_function" and node in needed:
                operands = node.all_input_nodes
                if not _is_random(node.target) and all(item in self._known for item in operands):
                    self._known[node] = _constant_value(node, self._known)
                is_unread = node.target is not operator.getitem and (
                    _operation_name(node) not in READINGS or _is_rounded(node)
                )
                if node in self._known and (is_unread or self._constants.issuperset(operands)):
                    self._constants.add(node)
                else:
                    self._add_equation(node)

    def _add_given(self, node: Any, name: str, value: Any, target: dict[str, Any]) -> None:
        own = name.removeprefix("module.")
        if own not in self.names:
            self.names[own] = self.free_name(own)
            target[self.names[own]] = _as_array(value)
        self._texts[node] = self.names[own]

    def _text(self, node: Any) -> Any:
        """Return what stands for a node; a constant is written when it is first asked for."""
        if node not in self._texts:
            if node.op == "placeholder":
                name, value, _ = self._given[node.name]
                self._add_given(node, name, value, self.constants)
            elif node.target is operator.getitem or self._is_readable(node):
                self._add_equation(node)
            else:
                self._texts[node] = self._constant(node.name, self._known[node])
        return self._texts[node]

    def _constant(self, name: str, value: Any) -> str:
        """Return the name of a new constant with this value."""
        name = self.free_name(name)
        self.constants[name] = _as_array(value)
        return name

    def _is_readable(self, node: Any) -> bool:
        """Tell whether the language can say a constant and all that it is made of."""
        values = [self._known[item] for item in (node, *node.all_input_nodes)]
        is_read = _operation_name(node) in READINGS and not _is_rounded(node)
        return is_read and all(map(_is_number_array, values))

    def _add_equation(self, node: Any) -> None:
        path = _path_of(node)
        if node.target is operator.getitem:
            whole, place = node.args
            self._texts[node] = (
                self._constant(node.name, self._known[node])
                if whole in self._constants and not self._is_readable(whole)
                else self._equation(node, self._text(whole)[place])
            )
            return
        operation = _operation_name(node)
        if operation in MOVES:
            self._texts[node] = self._equation(node, self._move_entries(node))
            return
        if _is_random(node.target) and operation not in READINGS:
            self._texts[node] = self.add_draw(path or node.name, "drawn")
            return
        if _is_rounded(node):
            raise _unreadable_error(f"to({node.meta['val'].dtype})", path)
        if operation not in READINGS:
            raise _unreadable_error(operation, path)  # PyTorch has it: its name is no misspelling
        texts = {item: self._text(item) for item in node.all_input_nodes}
        call = AtenCall(node, texts, path, self)
        result = READINGS[operation](call)
        if isinstance(result, list):
            self._texts[node] = result  # an equation each, where somebody asks for it
        else:
            is_operand = result in call.operands  # dropout in evaluation, a copy
            self._texts[node] = result if is_operand else self._equation(node, result)

    def _move_entries(self, node: Any) -> str:
        """Return entries of the operands in another order.

        PyTorch moves their places, counted from 1 over all operands, and so says where each entry
        of the result comes from; 0 is a zero that is new.
        """
        torch = load_torch()
        texts, places, count = [], dict(self._known), 0
        operands = node.all_input_nodes
        moved = [item for item in operands if item.meta["val"].is_floating_point()]
        if not self._known.keys() >= set(operands).difference(moved):
            raise _unreadable_error(
                _operation_name(node), _path_of(node), say("indices that are not computed")
            )
        for item in moved:
            size = item.meta["val"].numel()
            own = torch.arange(count + 1, count + size + 1, dtype=torch.float64)
            places[item] = own.reshape(item.meta["val"].shape)
            count += size
            texts.append(f"reshape({self._text(item)}, ({size},))")
        found = _constant_value(node, places).long()
        turned = {item: count + 1 - own for item, own in places.items() if item in moved}
        total = _constant_value(node, {**places, **turned}).long() + found
        if bool(((total != 0) & (total != count + 1)).any()):
            # An operation that adds entries.
            raise _unreadable_error(_operation_name(node), _path_of(node))
        if bool((found == 0).any()):
            texts.insert(0, "zeros((1,))")
            found = found + 1
        entries = texts[0] if len(texts) == 1 else f"concat([{', '.join(texts)}], axis=0)"
        index = self._constant(f"{node.name}_places", found - 1) if found.ndim else int(found) - 1
        return f"{entries}[{index}]"

    def _equation(self, node: Any, text: str) -> str:
        """Write the equation of a node, where it has none yet, and return its name."""
        if text in self.taken:
            return text
        whole, place = node.args if node.target is operator.getitem else (node, 0)
        path, kind = _module_path(whole)[-1]
        if node is self._result and "loss" not in self._given_names:
            name = "loss"
        elif "torch.nn.modules" not in str(kind) or path in ("", "module"):
            name = self.free_name(whole.name)
        else:
            is_inside = place or all((path, kind) in _module_path(user) for user in node.users)
            layer = path.removeprefix("module.")
            name = self.free_name(f"{layer}_{whole.name}" if is_inside else layer)
        return self.add_equation(name, text)

    def add_equation(self, name: str, text: str) -> str:
        """Write `name = text` and return the name."""
        self.equations.append(f"{name} = {text}")
        return name

    def add_draw(self, path: str, suffix: str) -> str:
        """Return the constant that holds the next random numbers that PyTorch draws."""
        if self._draws is None:
            self._draws = self._draw()
            self.first_draw = path
        return self._constant(f"{path}_{suffix}", self._draws.pop(0))

    def value_of(self, name: str) -> Any:
        """Return the array that a name is given with; None for a quantity that is computed."""
        return {**self._inputs, **self.constants, **self.parameters}.get(name)

    def free_name(self, name: str) -> str:
        """Return an identifier for a name with dots, one that nothing has yet."""
        free = unused_name(identifier_of(name), self.taken)
        self.taken.add(free)
        return free


def _operation_name(node: Any) -> str:
    """Return the name of what a node calls, without its overload."""
    return str(getattr(node.target, "overloadpacket", node.target).__name__)


def _module_path(node: Any) -> list[tuple[str, Any]]:
    """Return the path and the class of each module that a node is in, the innermost last."""
    return list((node.meta.get("nn_module_stack") or {"": ("", "")}).values())


def _is_random(call: Any) -> bool:
    return any(str(tag).endswith("nondeterministic_seeded") for tag in getattr(call, "tags", ()))


def _decomposition_table(torch: Any) -> dict[Any, Any]:
    """Return what PyTorch says of operations that have no reading, in terms of simpler ones.

    A call in place becomes one that gives a new tensor. `detach` has a reading: its decomposition
    forgets that no gradient flows.
    """
    read = {*READINGS, *MOVES}
    return {
        operation: terms
        for operation, terms in torch.export.default_decompositions().items()
        if operation.overloadpacket.__name__ not in read and not _is_random(operation)
    }


def _exported_program(torch: Any, network: Any, inputs: tuple[Any, ...]) -> Any:
    """Return a module as PyTorch writes it down; a branch goes the way that the inputs say.

    What PyTorch logs meanwhile, the error says too. Raises RunError for an `autograd.Function`,
    whose backward would be lost, and for a branch that something else decides. Where parameters do,
    it may go the other way in training, and while a module is exported they have no values.
    """
    export = partial(torch.export.export, network, inputs, strict=False)
    settings = import_module("torch._functorch.config")
    function = torch.autograd.Function

    def refuse(cls: Any, *_: Any, **__: Any) -> None:
        raise _unreadable_error(f"autograd.Function {cls.__name__}", "")

    with (
        ExitStack() as after,
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),  # the graph as far as it was read
        torch.random.fork_rng(devices=[]),
    ):
        after.callback(setattr, function, "apply", function.__dict__["apply"])
        after.callback(logging.disable, logging.root.manager.disable)
        function.apply = classmethod(refuse)
        after.enter_context(_places_of_masks(torch))
        logging.disable(logging.CRITICAL)
        try:
            exported = export()
        except import_module("torch.fx.experimental.symbolic_shapes").GuardOnDataDependentSymNode:
            with settings.patch(fake_tensor_propagate_real_tensors=True):
                exported = export()
    known = exported.graph_signature.user_inputs
    for node in exported.graph.nodes:
        if "_assert_scalar" in str(node.target) and any(
            _is_random(item.target) or (item.op == "placeholder" and item.name not in known)
            for item in _needed_nodes(node)
        ):
            raise RunError(
                say("torch.export cannot read the module"),
                where=_path_of(node) or say("the module itself"),
                expected=_NO_BRANCH,
            )
    return exported


def _places_of_masks(torch: Any) -> Any:
    """Return a mode in which a mask that is known, no input, chooses by the places it is true at.

    How many entries a mask chooses is a number, and while a module is exported only what is known
    has numbers.
    """
    without_modes = import_module("torch.utils._python_dispatch")._disable_current_modes

    class Mode(torch.overrides.TorchFunctionMode):  # type: ignore[misc] # torch is Any here
        def __torch_function__(
            self, call: Any, types: Any, arguments: Any = (), settings: Any = None
        ) -> Any:
            if call is torch.Tensor.__getitem__:
                value, items = arguments
                places: list[Any] = []
                for item in items if isinstance(items, tuple) else (items,):
                    is_mask = type(item) is torch.Tensor and item.dtype is torch.bool
                    with without_modes():
                        places += item.nonzero(as_tuple=True) if is_mask else (item,)
                arguments = value, tuple(places)
            return call(*arguments, **(settings or {}))

    return Mode()


def _detach_results_of_blocks(graph: Any) -> None:
    """Detach what blocks `with torch.no_grad():` hand on, before they are written out.

    Writing out would forget `detach_` too: the graph already uses what it returns. It also ends
    each `torch.tensor(…)`, a constant from the start.
    """
    aten = load_torch().ops.aten
    for node in list(graph.nodes):
        if node.target is aten.detach_.default:
            if node.args[0].target is not aten.lift_fresh_copy.default:
                node.target = aten.detach.default
        elif _is_detached_result(node):
            with graph.inserting_after(node):
                result = graph.call_function(aten.detach.default, (node,))
            result.meta = dict(node.meta)
            node.replace_all_uses_with(result)
            result.args = (node,)


def _is_detached_result(node: Any) -> bool:
    """Tell whether a node is a number array that a block `with torch.no_grad():` hands on."""
    is_result = node.target is operator.getitem and "set_grad_enabled" in _operation_name(
        node.args[0]
    )
    return is_result and bool(node.meta["val"].is_floating_point())


def _unreadable_error(operation: str, path: str, expected: Any = "") -> RunError:
    return RunError(
        say("{operation} of PyTorch cannot be read", operation=operation),
        where=path or say("the module itself"),
        expected=expected or say("an operation that docs/python.md lists"),
    )


def _constant_value(node: Any, values: Mapping[Any, Any]) -> Any:
    """Return what a call of constants gives; those stay as they are.

    Memory that nobody has written to is 0, as what stands there by chance may be no number.
    """
    torch = load_torch()

    def value(item: Any) -> Any:
        found = values[item]
        return found.clone() if hasattr(found, "clone") else found

    arguments = torch.fx.map_arg(node.args, value)
    with torch.no_grad():
        found = node.target(*arguments, **torch.fx.map_arg(node.kwargs, value))
    return torch.zeros_like(found) if "empty" in _operation_name(node) else found


def _is_rounded(node: Any) -> bool:
    """Tell whether a call makes whole numbers, or truth, of others, which has no reading."""
    if _operation_name(node) not in ("to", "_to_copy"):
        return False
    before, after = node.args[0].meta["val"], node.meta["val"]
    return bool(before.is_floating_point() and not after.is_floating_point())


def _is_number_array(value: Any) -> bool:
    """Tell whether a value is a tensor of finite floats; whole numbers may be labels or ids."""
    torch = load_torch()
    return (
        isinstance(value, torch.Tensor)
        and value.is_floating_point()
        and bool(torch.isfinite(value).all())
    )


def _drawn_numbers(network: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the random numbers that the next call of a network draws; all stays as it is."""
    torch = load_torch()
    modes = import_module("torch.utils._python_dispatch")
    draws = []

    class Mode(modes.TorchDispatchMode):  # type: ignore[misc, name-defined] # torch is Any here
        def __torch_dispatch__(
            self, call: Any, types: Any, arguments: Any = (), settings: Any = None
        ) -> Any:
            result = call(*arguments, **(settings or {}))
            if _is_random(call):
                draws.append(result.clone())
            return result

    own = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    state = {name: value.detach().clone() for name, value in own.items()}
    with torch.random.fork_rng(devices=[]), torch.no_grad(), Mode():
        torch.func.functional_call(network, state, inputs)
    return draws


def _path_of(node: Any) -> str:
    """Return the path of the module that a call is in: `encoder.layers.0`."""
    return _module_path(node)[-1][0].removeprefix("module").removeprefix(".")


def _needed_nodes(result: Any) -> set[Any]:
    """Return the nodes that the result depends on; counters of batches are not among them."""
    return all_sources([result], operator.attrgetter("all_input_nodes"))


def _given_tensors(exported: Any, network: Any) -> dict[str, tuple[str, Any, bool]]:
    """Return what the program is given beside its inputs: name, tensor, is it a parameter.

    A parameter that several layers share has the first of its names.
    """
    signature = exported.graph_signature
    names = {id(item): name for name, item in network.named_parameters()}
    given = signature.inputs_to_parameters.items()
    parameters = {name: network.get_parameter(target) for name, target in given}
    found = {name: (names[id(each)], each, True) for name, each in parameters.items()}
    tensors = {**exported.constants, **exported.state_dict}
    others = signature.inputs_to_buffers | signature.inputs_to_lifted_tensor_constants
    found.update((name, (target, tensors[target], False)) for name, target in others.items())
    return found


def _as_array(value: Any) -> Any:
    """Return a tensor as an array of NumPy that training in PyTorch does not change."""
    array = value.detach().cpu().double().numpy().copy()
    array[array == float("-inf")] = float(MASKED)
    return array if value.is_floating_point() else array.astype("int64")
