"""How far a module of PyTorch, read as equations, is from PyTorch itself."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import tracer
from tracer.torch.module_reader import identifier_of

LEAST_ERROR = 1e-12


def found_loss(module: Any, inputs: dict[str, Any], loss: Any) -> Any:
    """Return the loss that PyTorch finds, a tensor that can go backward."""
    taken = inspect.signature(module.forward).parameters
    own = {name: value for name, value in inputs.items() if name in taken}
    others = [value for name, value in inputs.items() if name not in taken]
    module.zero_grad()
    return loss(module(**own), *others)


def largest_difference(module: Any, inputs: dict[str, Any], loss: Any) -> float:
    """Return by how much the loss or an entry of a gradient differs, in float64."""
    module.double()
    trace = tracer.from_torch(module, inputs, loss)
    value = found_loss(module, inputs, loss)
    value.backward()
    iteration = trace.iteration(1)
    own = trace.program.loss
    assert own is not None
    differences = [abs(iteration[own] - value.item())]
    for name, parameter in module.named_parameters():
        found = iteration[f"d{own}/d{identifier_of(name)}"]
        assert np.shape(found) == tuple(parameter.shape), name
        differences.append(np.max(np.abs(found - parameter.grad.numpy())))
    return float(max(differences))
