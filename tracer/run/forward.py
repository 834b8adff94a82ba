"""The forward pass on other data, with given parameters: evaluation, prediction, differences."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from tracer.errors import TracerError
from tracer.frozen import replace
from tracer.program.given_array import GivenArray
from tracer.program.program_builder import build_program
from tracer.program.scenario import Scenario
from tracer.run.layout import FLOAT_BYTES
from tracer.run.plans import ProgramPlans, check_integers

SMALL = 10_000  # numbers to evaluate: not worth a program to find out what fewer take


class Forward:
    """A forward pass, compiled once: call it with the values of the parameters.

    `outputs` limits it to what some quantities need; without them it goes on to the loss and its
    metric. Without `evaluate` it is a training step's, with its dropout. Raises the errors of
    `build_program`.
    """

    def __init__(
        self,
        scenario: Scenario,
        data: Mapping[str, GivenArray],
        *,
        outputs: Collection[str] | None = None,
        evaluate: bool = True,
    ) -> None:
        shapes = {name: given.shape for name, given in data.items()}
        self.built = build_program(
            scenario, shapes, train=False, evaluate=evaluate, outputs=outputs
        )
        given = {**scenario.constants, **data}
        check_integers(scenario, self.built, given)
        same = {name: name for name in self.built.program.parameters}
        built = replace(self.built, program=replace(self.built.program, carried=same))
        self._plans = ProgramPlans(built, given, dtype=scenario.dtype)

    def __call__(
        self, parameters: Mapping[str, Sequence[float]], *, only: frozenset[str] | None = None
    ) -> dict[str, list[float]]:
        """Return every quantity's entries, row by row; with `only`, those of some quantities."""
        store = self._plans.step(parameters, only)
        return {name: store.floats(name, 0) for name in store.names()}

    def nbytes(self, only: frozenset[str]) -> int:
        """Return the bytes that a call takes, the copies of the data included."""
        if self._plans.on_floats:
            return 0  # a small program
        plan = self._plans.plan(only)
        return plan.data_bytes + plan.held_bytes + plan.store_bytes(1) + plan.work_bytes(1)


def evaluation_bytes(scenario: Scenario) -> int:
    """Return the bytes that the evaluation and the prediction of a trained network take."""
    total = most = 0
    for other in (scenario.evaluation, scenario.prediction):
        if other is None or sum(given.size for given in other.data.values()) < SMALL:
            continue
        outputs = other.asked if other is scenario.prediction else None
        total += sum(given.nbytes for given in other.data.values())
        with suppress(TracerError):  # the error is told where somebody asks for the result
            forward = Forward(scenario, {**scenario.data, **other.data}, outputs=outputs)
            parameters = sum(given.size for given in scenario.parameters.values())
            asked = outputs or filter(None, (forward.built.program.loss, forward.built.metric))
            size = forward.nbytes(frozenset(asked)) + FLOAT_BYTES * parameters
            most = max(most, size)
    return total + most
