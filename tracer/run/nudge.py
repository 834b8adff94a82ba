"""One number of an iteration, changed a little: the effect on the loss, beside its gradient.

The loss goes from L to L' while the number moves by h; the difference quotient (L' - L) / h is what
the gradient says for an h that is small enough. It is worked out by the network's own equations,
with the moved value in the place of the one that was given or computed.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from tracer.errors import RunError, refuse
from tracer.expression import Name
from tracer.frozen import Frozen, replace
from tracer.program.differentiate import gradient_name
from tracer.program.given_array import GivenArray
from tracer.program.program import Input
from tracer.program.shapes import Shapes
from tracer.run.checkpoints import Segment
from tracer.run.layout import Store
from tracer.run.plans import ProgramPlans
from tracer.run.trace import Iteration, Trace
from tracer.sentences import say

STEP: Final = 0.01  # step, as a share of the power of ten at or above the largest entry
NEAR: Final = 0.02  # relative difference up to which a measured slope agrees with the derived one
FINER: Final = 3  # how often a step is divided by ten where the loss is too curved
MOVED: Final = "moved value"  # the input that stands for a computed value: no name has a blank
NUDGED_KINDS: Final = ("data", "parameter", "constant")


class Nudge(Frozen):
    """One entry of a quantity moved.

    `place` is the entry, row by row, `before` and `after` are its values, `loss_before` and
    `loss_after` the losses. `gradient` names the gradient, `derived` is the entry's as
    recorded (None where the run has none of it), `derived_after` that at the moved value.
    `iteration` has all values as they follow from the moved one.
    """

    name: str
    place: int
    before: float
    after: float
    loss_before: float
    loss_after: float
    gradient: str
    derived: float | None
    derived_after: float
    iteration: Iteration

    @property
    def amount(self) -> float:
        """How far the entry was moved."""
        return self.after - self.before

    @property
    def measured(self) -> float:
        """The difference quotient of the loss over the nudge."""
        return (self.loss_after - self.loss_before) / self.amount

    @property
    def agrees(self) -> bool:
        """Whether the measured slope is the derived one, but for what the curvature explains."""
        if self.derived is None:
            return False
        size = max(abs(self.measured), abs(self.derived))
        return abs(self.measured - self.derived) <= NEAR * size


class _NudgedIteration(Iteration):
    """An iteration in which one quantity has other entries."""

    def __init__(
        self, trace: Trace, segment: Segment, number: int, name: str, entries: Sequence[float]
    ) -> None:
        super().__init__(trace, segment, number)
        self._name = name
        self._moved = GivenArray(self.shape(name), exact=tuple(entries))

    def given_value(self, name: str) -> GivenArray | None:
        """Return an input as it was given; the moved one was not."""
        return None if name == self._name else super().given_value(name)

    def _given_input(self, name: str) -> GivenArray:
        return self._moved if name == self._name else super()._given_input(name)


class _ReplacedQuantity:
    """Computes an iteration with another value of one quantity, through plans made when needed."""

    def __init__(self, iteration: Iteration, name: str) -> None:
        built, program = iteration.built, iteration.program
        self.iteration: Final = iteration
        self.name: Final = name
        self.entries: Final = iteration.entries(name)
        self._carried: Final = {
            other: array("d", iteration.entries(other)) for other in program.carried
        }
        self._input = name  # the quantity that holds the value
        inputs, carried = dict(program.inputs), dict(program.carried)
        shapes = Shapes({other: built.shapes[other] for other in built.shapes.names()})
        equations = program.equations
        if name not in inputs:
            self._input = MOVED
            inputs[MOVED] = Input(MOVED, "data", shapes[name])
            shapes.add(MOVED, shapes[name])
            equations = tuple(
                each._replace(expression=Name(MOVED)) if each.name == name else each
                for each in equations
            )
        carried.setdefault(self._input, self._input)
        replaced = replace(program, inputs=inputs, equations=equations, carried=carried)
        fixed: dict[str, GivenArray] = {
            other: given
            for other in program.inputs
            if other not in carried and (given := iteration.given_value(other)) is not None
        }
        self._plans = ProgramPlans(
            replace(built, program=replaced, shapes=shapes, stop=None), fixed
        )
        self.steps: Final[dict[int, float]] = {}  # the step of each entry
        self.unmoved: Final = self.store(self.entries)

    def store(self, entries: Sequence[float]) -> Store:
        """Return the record of the iteration with these entries."""
        start = {**self._carried, self._input: entries}
        return self._plans.step(start, None, self.iteration.number, self.iteration.batch)

    def moved(self, trace: Trace, entries: Sequence[float]) -> Iteration:
        """Return the iteration as it follows from these entries."""
        start: dict[str, Sequence[float]] = dict(self._carried)
        if self._input in start:
            start[self._input] = array("d", entries)
        iteration = self.iteration
        segment = Segment(
            iteration.number, self.store(entries), iteration.built, [iteration.batch], start
        )
        return _NudgedIteration(trace, segment, iteration.number, self.name, entries)


class Nudges:
    """Moves the numbers of a trace's iterations, one at a time."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._replaced = lru_cache(1)(  # many steps of one quantity follow one another
            lambda number, name: _ReplacedQuantity(trace.iteration(number), name)
        )

    def quantity(self, number: int, name: str) -> str:
        """Return what is moved where one looks at a quantity.

        That is the quantity itself, of a gradient what it is the gradient by, and of an updated
        parameter that parameter. Raises RunError where nothing of it can be moved.
        """
        program = self._trace.iteration(number).program
        computed = {each.name: each for each in program.phase("forward", "loss")}
        later = {each.name: each.wrt or each.base for each in program.phase("backward", "update")}
        owners = {new: old for old, new in program.carried.items()}
        moved = owners.get(name) or later.get(name) or name
        item = program.inputs.get(moved)
        is_number = item is not None and item.kind in NUDGED_KINDS and not item.integer
        refuse(
            (
                (
                    moved not in computed and not is_number,
                    say("{name} cannot be nudged", name=Name(name)),
                    say("a number of the data, a parameter, or a value of the forward pass"),
                ),
                (
                    program.loss is None,
                    say("a nudge is measured by the loss, and this network has none"),
                    "",
                ),
            ),
            RunError,
        )
        return moved

    def nudge(self, number: int, name: str, place: int, count: int) -> Nudge:
        """Return what follows where an entry is moved by `count` steps, which is not 0.

        Raises the error of `quantity`.
        """
        latest = self._replaced(number, self.quantity(number, name))
        loss = str(latest.iteration.program.loss)
        if place not in latest.steps:
            latest.steps[place] = self._step(latest, loss, place)
        return self._move_entry(latest, loss, place, count * latest.steps[place])

    def _step(self, latest: _ReplacedQuantity, loss: str, place: int) -> float:
        """Return a step that is small beside the entries, and small enough for the slope."""
        size = max((abs(float(entry)) for entry in latest.entries), default=0.0)
        power = math.ceil(math.log10(size)) if 0 < size < math.inf else 0
        step = STEP * 10.0**power  # 0.01 for 0.5 and 1, 0.1 for 2
        for _ in range(FINER):
            nudge = self._move_entry(latest, loss, place, step)
            if nudge.derived is None or nudge.agrees:
                break
            step /= 10
        return step

    def _move_entry(self, latest: _ReplacedQuantity, loss: str, place: int, amount: float) -> Nudge:
        """Return what follows where an entry is moved by an amount."""
        entries = [float(entry) for entry in latest.entries]
        before = entries[place]
        after = entries[place] = before + amount
        moved = latest.moved(self._trace, entries)
        gradient = gradient_name(loss, latest.name)
        has_gradient = gradient in latest.iteration and gradient in moved
        recorded = latest.iteration
        return Nudge(
            name=latest.name,
            place=place,
            before=before,
            after=after,
            loss_before=latest.unmoved.floats(loss, 0)[0],
            loss_after=moved.floats(loss)[0],
            gradient=gradient,
            derived=float(recorded.entries(gradient)[place]) if has_gradient else None,
            derived_after=float(moved.entries(gradient)[place]) if has_gradient else math.nan,
            iteration=moved,
        )
