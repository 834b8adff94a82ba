"""The output of a network with two inputs over their plane, and at its samples.

A data record, worked out by the forward pass on other data: who shows it draws its numbers. Where
the targets are of two kinds, the line between their answers is the network's decision boundary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from typing import Final

from tracer.errors import TracerError
from tracer.expression import Call, walk
from tracer.frozen import Frozen
from tracer.operations import Shape
from tracer.program.given_array import GivenArray
from tracer.program.program import Program, names_in
from tracer.run.forward import Forward
from tracer.run.trace import Trace

POINTS: Final = 64  # points along the first input
POINTS_UP: Final = 48  # points along the second input
MARGIN: Final = 0.25  # margin on each side, as a share of the samples' range
MOST_SAMPLES: Final = 2_000
MOST_BYTES: Final = 1 << 26  # memory for one forward pass over the plane
SAME: Final = 1e-4  # relative difference up to which an answer is the recorded one

PRODUCTS: Final = ("multiply", "divide", "matmul")

Point = tuple[float, float]


class OutputPlane(Frozen):
    """The output over the plane of the two inputs.

    `inputs`, `output` and `target` are names. `values` has a row for each value of `up`, with an
    entry for each value of `across`; one that is not finite is inf or nan. `targets` and
    `predictions` are those of the samples, in their order.
    """

    inputs: str
    output: str
    target: str
    across: Sequence[float]
    up: Sequence[float]
    values: Sequence[Sequence[float]]
    samples: Sequence[Point]
    targets: Sequence[float]
    predictions: Sequence[float]

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest target; where there is one alone, of the output."""
        low, high = min(self.targets), max(self.targets)
        if low < high:
            return low, high
        finite = [value for row in self.values for value in row if math.isfinite(value)]
        return min(finite, default=low), max(finite, default=high)

    @property
    def middle(self) -> float:
        """The value half way between the limits: between two classes, that of the boundary."""
        low, high = self.limits
        return low / 2 + high / 2

    @property
    def right(self) -> Sequence[bool] | None:
        """Of each sample whether its class is predicted; None where targets are no two classes."""
        if len(set(self.targets)) != 2:
            return None
        pairs = zip(self.predictions, self.targets, strict=True)
        return [
            math.isfinite(predicted) and (predicted > self.middle) == (meant > self.middle)
            for predicted, meant in pairs
        ]


class OutputPlanes:
    """The planes of a run, for the parameters of one iteration after the other.

    `are_there` says whether the network has one: its samples have two inputs that both vary, and
    an output of one number follows from them alone, sample by sample.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._forward: Forward | None = None
        self._names = _plane_names(trace)

    @property
    def are_there(self) -> bool:
        """Whether there are planes."""
        return self._names is not None

    def at(self, number: int) -> OutputPlane | None:
        """Return the plane for the parameters with which an iteration begins.

        The number after the last iteration stands for the parameters at the end. None where the
        network has no plane, or one too large to be drawn.
        """
        if self._names is None:
            return None
        inputs, output, target = self._names
        data = self._trace.scenario.data
        entries = data[inputs].floats()
        samples = list(zip(entries[::2], entries[1::2], strict=True))
        across = _axis_values([x for x, _ in samples], POINTS)
        up = _axis_values([y for _, y in samples], POINTS_UP)
        if self._forward is None:
            points = [(x, y) for y in up for x in across]
            self._forward = _forward_pass(self._trace, inputs, output, [*points, *samples])
            if self._forward is None:
                self._names = None
                return None
        outputs = self._forward(self._trace.parameters_at(number))[output]
        size = len(across)
        rows = [outputs[start : start + size] for start in range(0, size * len(up), size)]
        return OutputPlane(
            inputs=inputs,
            output=output,
            target=target,
            across=across,
            up=up,
            values=rows,
            samples=samples,
            targets=data[target].floats(),
            predictions=outputs[size * len(up) :],
        )


def _plane_names(trace: Trace) -> tuple[str, str, str] | None:
    """Return the names of the inputs, the output and the target; None where there is no plane."""
    data, program = trace.scenario.data, trace.program
    for inputs, given in data.items():
        if len(given.shape) != 2 or given.shape[1] != 2 or given.shape[0] > MOST_SAMPLES:
            continue
        entries = given.floats()
        if len(set(entries[::2])) < 2 or len(set(entries[1::2])) < 2:
            continue
        count = given.shape[0]
        numbers = {name for name, other in data.items() if other.shape in ((count,), (count, 1))}
        output = _output_of(program, inputs, trace.iteration(1).shape(inputs))
        if output is None:
            continue
        target = _target_of(program, output, numbers)
        if target is not None and _is_sample_by_sample(trace, inputs, output):
            return inputs, output, target
    return None


def _target_of(program: Program, output: str, numbers: Set[str]) -> str | None:
    """Return which of some data the loss compares with the output; None where that is not clear.

    They are compared where they meet in an operation of the loss, or of any equation where the loss
    is not made of the output, as that of a perceptron that learns from its errors. A product may be
    one of a weight: what meets in another operation comes before it.
    """
    used_by_loss = program.needed_by_loss
    has_output = output in used_by_loss
    follows = {output}
    met: dict[bool, set[str]] = {False: set(), True: set()}  # True: in products
    for equation in program.phase("forward", "loss"):
        used = set(names_in(equation.expression))
        if (has_output and equation.name not in used_by_loss) or not used & follows:
            continue
        follows.add(equation.name)
        for node in walk(equation.expression):
            parts = [set(names_in(part)) for part in node.children()]
            if any(part & follows for part in parts):
                is_product = isinstance(node, Call) and node.operation in PRODUCTS
                met[is_product].update(*(part & numbers for part in parts if not part & follows))
    targets = met[False] or met[True]
    return targets.pop() if len(targets) == 1 else None


def _output_of(program: Program, inputs: str, shape: Shape) -> str | None:
    """Return the last quantity of a number a sample that follows from the inputs alone.

    Of several it is one that the loss is made of, where there is one.
    """
    if len(shape) != 2:
        return None
    used_by_loss = program.needed_by_loss
    data = {name for name, item in program.inputs.items() if item.kind == "data"}
    follows: dict[str, bool] = {name: name == inputs for name in data}  # False: from other data too
    outputs = []
    for equation in program.phase("forward"):
        used = [follows[name] for name in names_in(equation.expression) if name in follows]
        if not used:
            continue
        follows[equation.name] = all(used)
        is_one = equation.shape in ((shape[0],), (shape[0], 1))
        if follows[equation.name] and is_one and not equation.base:
            outputs.append(equation.name)
    trained = [name for name in outputs if name in used_by_loss]
    return next(reversed(trained or outputs), None)


def _is_sample_by_sample(trace: Trace, inputs: str, output: str) -> bool:
    """Tell whether the samples have the answers that the run recorded beside another point too.

    In a batch normalization they have others, and so have they with a dropout. The point lies
    beyond all samples on both axes, so that it moves their mean.
    """
    iteration = trace.iteration(1)
    entries = iteration.floats(inputs)
    samples = list(zip(entries[::2], entries[1::2], strict=True))
    beyond = _axis_values(entries[::2], 2)[-1], _axis_values(entries[1::2], 2)[-1]
    forward = _forward_pass(trace, inputs, output, [*samples, beyond])
    if output not in iteration or forward is None:
        return False
    answers = zip(iteration.floats(output), forward(trace.parameters_at(1))[output], strict=False)
    return all(math.isclose(one, two, rel_tol=SAME, abs_tol=SAME) for one, two in answers)


def _forward_pass(
    trace: Trace, inputs: str, output: str, points: Sequence[Point]
) -> Forward | None:
    """Return the forward pass at some points; None where it takes much or cannot be."""
    try:
        forward = Forward(trace.scenario, {inputs: GivenArray.of(points)}, outputs=[output])
        is_large = forward.nbytes(frozenset([output])) > MOST_BYTES
    except TracerError:  # the equations hold for the number of samples alone
        return None
    is_one_each = math.prod(forward.built.shapes[output]) == len(points)
    return None if is_large or not is_one_each else forward


def _axis_values(entries: Sequence[float], points: int) -> list[float]:
    low, high = min(entries), max(entries)
    room = MARGIN * (high - low)
    low, high = low - room, high + room
    return [low + (high - low) * at / (points - 1) for at in range(points)]
