"""How large gradients are on their way back: layer by layer, time step by time step.

A gradient that shrinks at each layer or time step leaves the first ones without anything to learn
from (it vanishes); one that grows throws them about (it explodes). Source: Bengio, Simard and
Frasconi, Learning Long-Term Dependencies with Gradient Descent is Difficult (1994).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from tracer.frozen import Frozen, Value, replace
from tracer.operations import Shape
from tracer.program.program import names_in, needed_for
from tracer.run.trace import Iteration, Trace, gradient_names

FAR: Final = 1e3  # ratio of first to last, from which a gradient vanishes or explodes
INDEXED: Final = re.compile(r"(.+)\[(\d+)\]")

Tendency = Literal["vanishes", "shrinks", "keeps", "grows", "explodes"]


class FlowRow(Value):
    """A quantity and its gradient: root mean squares over its entries.

    `ratio` is, of a parameter, the length of its first step by its own; None where that is 0.
    `layer` is the quantity that a parameter is first used in. Of a quantity between it is the one
    that all of its gradient comes from, '' where several share in it.
    """

    name: str
    shape: Shape
    value: float
    gradient: float
    ratio: float | None = None
    layer: str = ""


class TimeFlow(Frozen):
    """A family over time, h[0], h[1], …: the size of the gradient at each step, as in a `FlowRow`.

    Its last member is computed from its first, and the loss looks at no other: the whole gradient
    passes from step to step.
    `factor` is by what it is multiplied with each step back, in the geometric mean.
    """

    family: str
    sizes: Sequence[tuple[int, float]]
    factor: float
    tendency: Tendency


class GradientFlow(Frozen):
    """The gradients of one iteration.

    `layers` are the quantities between the parameters and the loss, in the order of the forward
    pass; `parameters` those that are trained; `times` families with an index.
    """

    layers: Sequence[FlowRow]
    parameters: Sequence[FlowRow]
    times: Sequence[TimeFlow]

    @property
    def tendency(self) -> Tendency | None:
        """How the gradients go from the last layer with parameters to the first; None for one.

        That of a layer is the largest of its parameters.
        """
        sizes: dict[str, float] = {}
        for row in self.parameters:
            sizes[row.layer] = max(row.gradient, sizes.get(row.layer, 0.0))
        largest = list(sizes.values())
        return flow_tendency(largest[-1], largest[0]) if len(largest) > 1 else None

    def as_dictionary(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {
            "layers": [_flow_data(row) for row in self.layers],
            "parameters": [_flow_data(row) for row in self.parameters],
            "times": [
                {
                    "family": flow.family,
                    "sizes": [size for _, size in flow.sizes],
                    "factor": flow.factor,
                    "tendency": flow.tendency,
                }
                for flow in self.times
            ],
        }


def _flow_data(row: FlowRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "shape": list(row.shape),
        "value": row.value,
        "gradient": row.gradient,
        "ratio": row.ratio,
    }


def flow_tendency(near: float, far: float) -> Tendency:
    """Return how a gradient goes from near the loss to far from it."""
    if math.isclose(near, far):
        return "keeps"
    if far < near:
        return "vanishes" if far * FAR <= near else "shrinks"
    return "explodes" if near * FAR <= far else "grows"


def gradient_flow(trace: Trace, number: int = 1) -> GradientFlow:
    """Return how large the gradients of an iteration are; nothing where there is no loss."""
    iteration = trace.iteration(number)
    program = iteration.program
    there = set(iteration)
    whole = {
        equation.wrt: equation.name
        for equation in program.phase("backward")
        if equation.wrt and "#" not in equation.name and equation.name in there
    }
    trained = gradient_names(trace)
    users: dict[str, list[str]] = {}  # in the order of their first use
    for equation in program.phase("forward", "loss"):
        for name in names_in(equation.expression):
            users.setdefault(name, []).append(equation.base or equation.name)
    layers: list[FlowRow] = []
    for equation in program.phase("forward"):
        if equation.name in whole and not equation.base:
            fed = {it for it in users.get(equation.name, ()) if it in whole or it == program.loss}
            only = fed.pop() if len(fed) == 1 and program.loss not in fed else ""
            layers.append(replace(_flow_row(iteration, equation.name, whole), layer=only))
    order = [
        *(name for name in users if name in trained),
        *(name for name in trained if name not in users),
    ]
    parameters = [
        replace(_flow_row(iteration, name, whole, step=True), layer=users.get(name, [""])[0])
        for name in order
        if trained[name] in there
    ]
    return GradientFlow(layers, parameters, _flow_by_time(iteration, layers))


def _flow_row(
    iteration: Iteration, name: str, whole: Mapping[str, str], *, step: bool = False
) -> FlowRow:
    value, gradient = iteration.entries(name), iteration.entries(whole[name])
    after = iteration.program.carried.get(name)
    ratio = None
    if step and after in set(iteration) and after is not None:
        change = [
            float(two) - float(one)
            for one, two in zip(value, iteration.entries(after), strict=True)
        ]
        own = math.hypot(*value)
        ratio = math.hypot(*change) / own if own else None
    size = math.sqrt(max(len(value), 1))
    lengths = math.hypot(*value) / size, math.hypot(*gradient) / size
    return FlowRow(name, iteration.shape(name), *lengths, ratio)


def _flow_by_time(iteration: Iteration, layers: Sequence[FlowRow]) -> list[TimeFlow]:
    families: dict[str, list[tuple[int, float]]] = {}
    for row in layers:
        indexed = INDEXED.fullmatch(row.name)
        if indexed:
            families.setdefault(indexed[1], []).append((int(indexed[2]), row.gradient))
    forward = [*iteration.program.phase("forward", "loss")]
    chains: dict[str, list[tuple[int, float]]] = {}
    for family, sizes in families.items():
        sizes.sort()
        first, last = sizes[0][0], sizes[-1][0]
        if last > first and f"{family}[{first}]" in needed_for([f"{family}[{last}]"], forward):
            chains[family] = sizes
    result = []
    for family, sizes in chains.items():
        (first, far), (last, near) = sizes[0], sizes[-1]
        if near > 0 and far > 0 and not _enters_early(iteration, family, chains):
            factor = (far / near) ** (1 / (last - first))
            result.append(TimeFlow(family, sizes, factor, flow_tendency(near, far)))
    return result


def _enters_early(
    iteration: Iteration, family: str, chains: Mapping[str, Sequence[tuple[int, float]]]
) -> bool:
    """Tell whether the loss reaches a member by a way that goes through no later time step."""
    program = iteration.program
    for number, _ in chains[family][:-1]:
        later = {f"{name}[{number + 1}]" for name in chains}
        others = [item for item in program.phase("forward", "loss") if item.name not in later]
        if f"{family}[{number}]" in needed_for([program.loss or ""], others):
            return True
    return False
