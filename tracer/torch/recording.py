"""Records a training in PyTorch, under the names that `from_torch` gives its quantities.

While a block runs, hooks take what the leaves of a module give, the gradients that come back to
them, and at each step of the optimizer the parameters and their gradients. PyTorch computes as it
would without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from tracer.errors import RunError
from tracer.lazy_numpy import NDArray
from tracer.program.given_array import plain_array
from tracer.recorded.recorded_files import write_values
from tracer.sentences import say
from tracer.torch.module_reader import identifier_of, load_torch, unused_name

LOSS: Final = "loss"


def record(
    module: Any, optimizer: Any = None, file: str | Path = "recording.npz"
) -> TrainingRecording:
    """Return a block that records a training: `with tracer.record(net, optimizer) as recording:`.

    Each `optimizer.step()` ends an iteration; without an optimizer all of the block is one. At
    the end of the block `file` (.npz) is written, which `tracer check --values`, `tracer compare`
    and `tracer.compare` read. In it are, with the iteration as first axis: the output of each leaf
    of the module (a layer that is called twice has `name` and `name_1`, or the next name that is
    free), the gradient of the loss by it (`dloss/dname`), parameters before (`w`) and after the
    step (`w'`), and their gradients. Names are those of `from_torch`. Raises RunError where there
    was no step, or where iterations differ in what they compute; then nothing is written.
    """
    return TrainingRecording(module, optimizer, Path(file))


class TrainingRecording(Mapping[int, Mapping[str, Any]]):
    """What is recorded, by iteration (from 1) and name: `tracer.compare(trace, recording)`.

    `add(loss=loss)` records a quantity that no layer gives.
    """

    def __init__(self, module: Any, optimizer: Any, file: Path) -> None:
        self.file = file
        self._module = module
        self._optimizer = optimizer
        self._iterations: list[dict[str, NDArray[Any]]] = [{}]
        self._hooks = ExitStack()

    def __enter__(self) -> TrainingRecording:
        load_torch()
        for path, layer in self._module.named_modules():
            if path and not any(layer.children()):
                self._keep(
                    layer.register_forward_hook(partial(self._after_layer, identifier_of(path)))
                )
        if self._optimizer is not None:
            self._keep(self._optimizer.register_step_pre_hook(lambda *_: self._add_gradients()))
            self._keep(self._optimizer.register_step_post_hook(self._after_step))
        self._add_parameters()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._hooks.close()
        if self._optimizer is None:
            self._add_gradients()
        if kind is None:
            self.write()

    def __getitem__(self, number: int) -> Mapping[str, Any]:
        if number not in range(1, len(self) + 1):
            raise KeyError(number)
        return self._iterations[number - 1]

    def __iter__(self) -> Any:
        return iter(range(1, len(self) + 1))

    def __len__(self) -> int:
        """Return how many iterations are whole; what follows the last step is none."""
        return len(self._iterations) - (self._optimizer is not None)

    def add(self, **values: Any) -> None:
        """Record quantities of this iteration by name, as `recording.add(loss=loss)`."""
        for name, value in values.items():
            self._iterations[-1][name] = plain_array(value)
            self._watch_gradient(name, value)

    def write(self) -> None:
        """Write the file. Raises RunError where an iteration lacks what another one has."""
        whole = [self[number] for number in self]
        if not whole:
            raise RunError(
                say("nothing was recorded"), expected=say("a step of the optimizer in the block")
            )
        names = dict.fromkeys(name for values in whole for name in values)
        for number, name in product(self, names):
            if name not in self[number]:
                raise RunError(
                    say("{name} was not recorded in iteration {number}", name=name, number=number),
                    expected=say("the same layers in each iteration"),
                )
        write_values(self.file, {name: [values[name] for values in whole] for name in names})

    def _keep(self, handle: Any) -> None:
        self._hooks.callback(handle.remove)

    def _after_layer(self, name: str, layer: Any, inputs: Any, output: Any) -> None:
        first = output[0] if isinstance(output, tuple) else output
        if not hasattr(first, "detach") or any(first is item for item in inputs):
            return  # dropout in evaluation gives back what it is given
        own = unused_name(name, self._iterations[-1])
        self._iterations[-1][own] = plain_array(first)
        self._watch_gradient(own, first)

    def _watch_gradient(self, name: str, value: Any) -> None:
        """Have the gradient of a quantity recorded when it comes."""
        if getattr(value, "requires_grad", False) and name != LOSS:
            values = self._iterations[-1]
            value.register_hook(
                lambda gradient: values.update({f"d{LOSS}/d{name}": plain_array(gradient)})
            )

    def _add_parameters(self, mark: str = "") -> None:
        for name, value in self._module.named_parameters():
            self._iterations[-1][identifier_of(name) + mark] = plain_array(value)

    def _add_gradients(self) -> None:
        for name, value in self._module.named_parameters():
            if value.grad is not None:
                self._iterations[-1][f"d{LOSS}/d{identifier_of(name)}"] = plain_array(value.grad)

    def _after_step(self, *_: Any) -> None:
        self._add_parameters("'")
        self._iterations.append({})
        self._add_parameters()
