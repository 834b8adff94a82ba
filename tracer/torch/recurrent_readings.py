"""Recurrent layers and cells of PyTorch, written out step by step.

A layer becomes families: `lstm_h_l0[0]` is the first state of layer 0 and `lstm_h_l0[t + 1]` the
one after step t; `_reverse` is the direction from the end, as in the names of a state_dict. Gates
stand in PyTorch's order (the documentation of `torch.nn.LSTM` and `torch.nn.GRU`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from tracer.torch.aten_call import AtenCall, Reading

States = Mapping[str, str]


class _Weights(NamedTuple):
    """The parameters of one layer in one direction; biases and a projection may be missing."""

    input: str
    hidden_weight: str
    input_bias: str | None = None
    hidden_bias: str | None = None
    projection: str | None = None

    def of_input(self, x: str) -> str:
        """Return x W_ihᵀ + b_ih."""
        return affine_map(x, self.input, self.input_bias)

    def of_hidden(self, h: str) -> str:
        """Return h W_hhᵀ + b_hh."""
        return affine_map(h, self.hidden_weight, self.hidden_bias)


def affine_map(values: str, weight: str, bias: str | None) -> str:
    """Return x Wᵀ + b."""
    return f"{values} @ {weight}.T" + ("" if bias is None else f" + {bias}")


class _Step:
    """One step of a layer in one direction, or the only one of a cell (`number` is None)."""

    def __init__(self, call: AtenCall, families: dict[str, str], suffix: str, units: int) -> None:
        self._call = call
        self._families = families
        self._suffix = suffix
        self._units = units
        self.number: int | None = None

    def write(self, name: str, text: str, *, later: int = 0) -> str:
        """Write a quantity of this step; `later` is 1 for a state that the next one begins with."""
        if self.number is None:  # what a cell gives has the cell's name
            return self._call.quantity("" if name == "h" else name, text)
        own = f"{name}{self._suffix}"
        if own not in self._families:
            self._families[own] = self._call.free_name(own)
        return self._call.writer.add_equation(f"{self._families[own]}[{self.number + later}]", text)

    def gate(self, values: str, place: int) -> str:
        """Return the slice of one gate of an array that has them side by side."""
        return f"{values}[:, {place * self._units}:{(place + 1) * self._units}]"


class _Cell(NamedTuple):
    """How many gates a cell has, the names of its states, and what a step makes of them."""

    gates: int
    states: Sequence[str]
    advance: Callable[[_Step, str, States, _Weights], States]


def _simple_advance(
    activation: str, step: _Step, x: str, states: States, weights: _Weights
) -> States:
    total = f"{weights.of_input(x)} + {weights.of_hidden(states['h'])}"
    return {"h": step.write("h", f"{activation}({total})", later=1)}


def _lstm_advance(step: _Step, x: str, states: States, weights: _Weights) -> States:
    """Write c' = f c + i g and h' = o tanh(c'), with gates i, f, g, o."""
    total = f"{weights.of_input(x)} + {weights.of_hidden(states['h'])}"
    gates = step.write("gates", total)
    i, f, g, o = (step.gate(gates, place) for place in range(4))
    c = step.write("c", f"sigmoid({f}) * {states['c']} + sigmoid({i}) * tanh({g})", later=1)
    h = f"sigmoid({o}) * tanh({c})"
    if weights.projection is not None:
        h = f"({h}) @ {weights.projection}.T"
    return {"h": step.write("h", h, later=1), "c": c}


def _gru_advance(step: _Step, x: str, states: States, weights: _Weights) -> States:
    """Write h' = (1 - z) n + z h, with gates r, z and the candidate n."""
    inputs = step.write("inputs", weights.of_input(x))
    hidden = step.write("hidden", weights.of_hidden(states["h"]))
    reset, update = (
        step.write(name, f"sigmoid({step.gate(inputs, place)} + {step.gate(hidden, place)})")
        for place, name in enumerate(("reset", "update"))
    )
    new = step.write(
        "candidate", f"tanh({step.gate(inputs, 2)} + {reset} * {step.gate(hidden, 2)})"
    )
    return {"h": step.write("h", f"(1 - {update}) * {new} + {update} * {states['h']}", later=1)}


_CELLS: Final[Mapping[str, _Cell]] = {
    **{
        f"rnn_{name}": _Cell(1, ("h",), partial(_simple_advance, name)) for name in ("tanh", "relu")
    },
    "lstm": _Cell(4, ("h", "c"), _lstm_advance),
    "gru": _Cell(3, ("h",), _gru_advance),
}


def _read_cell(cell: _Cell, call: AtenCall) -> list[str] | str:
    """Return what a cell gives: its states after one step."""
    weights = _Weights(call["w_ih"], call["w_hh"], call["b_ih"], call["b_hh"])
    states = dict(zip(cell.states, _as_list(call["hx"]), strict=True))
    step = _Step(call, {}, "", call.size("w_hh")[0] // cell.gates)
    after = cell.advance(step, call["input"], states, weights)
    found = [after[name] for name in cell.states]
    return found if len(found) > 1 else found[0]


def _read_layers(cell: _Cell, call: AtenCall) -> list[str]:
    """Return what a stack of layers gives: all outputs, then the last states of each layer."""
    if "batch_sizes" in call.arguments:  # sequences of several lengths, packed
        raise call.refuse("batch_sizes")
    axis = 1 if call["batch_first"] else 0
    length = call.size("input")[axis]
    before = ":, " * axis
    outputs = [f"{call['input']}[{before}{t}]" for t in range(length)]
    directions = 1 + call["bidirectional"]
    weights = list(_all_weights(call, directions))
    units = call.sizes("params")[1][0] // cell.gates
    families: dict[str, str] = {}
    last: dict[str, list[str]] = {name: [] for name in cell.states}
    for place, own in enumerate(weights):
        layer, is_reverse = divmod(place, directions)
        if layer and not is_reverse:
            outputs = _dropped_outputs(call, outputs)
        step = _Step(call, families, f"_l{layer}{'_reverse' * is_reverse}", units)
        step.number = 0
        states: States = {
            name: step.write(name, f"{first}[{place}]")
            for name, first in zip(cell.states, _as_list(call["hx"]), strict=True)
        }
        found = []
        for number, x in enumerate(reversed(outputs) if is_reverse else outputs):
            step.number = number
            states = cell.advance(step, x, states, own)
            found.append(states["h"])
        for name, state in states.items():
            last[name].append(state)
        if directions == 1:
            outputs = found
        elif not is_reverse:
            forward = found
        else:
            pairs = zip(forward, reversed(found), strict=True)
            outputs = [f"concat([{one}, {other}], axis=-1)" for one, other in pairs]
    joined = [f"stack([{', '.join(states)}], axis=0)" for states in last.values()]
    return [f"stack([{', '.join(outputs)}], axis={axis})", *joined]


def _all_weights(call: AtenCall, directions: int) -> Iterator[_Weights]:
    """Yield the parameters of each layer and direction, in PyTorch's order."""
    names = call["params"]
    count = len(names) // (call["num_layers"] * directions)
    biases = 2 if call["has_biases"] else 0
    for first in range(0, len(names), count):
        own = names[first : first + count]
        input_bias, hidden_bias = own[2:4] if biases else (None, None)
        projection = own[-1] if count > 2 + biases else None
        yield _Weights(own[0], own[1], input_bias, hidden_bias, projection)


def _dropped_outputs(call: AtenCall, outputs: Sequence[str]) -> list[str]:
    """Return what one layer hands to the next: in training, some of it."""
    if not (call["train"] and call["dropout"]):
        return list(outputs)
    mask = call.dropout_mask()  # steps come first, whatever batch_first says
    return [
        f"dropout_with({text}, {mask}[{t}], rate={call['dropout']!r})"
        for t, text in enumerate(outputs)
    ]


def _as_list(states: str | list[str]) -> list[str]:
    return states if isinstance(states, list) else [states]


RECURRENT_READINGS: Final[Mapping[str, Reading]] = {
    **{name: partial(_read_layers, cell) for name, cell in _CELLS.items()},
    **{f"{name}_cell": partial(_read_cell, cell) for name, cell in _CELLS.items()},
}
"""What each recurrent operation is in the language, by its name without overload."""
