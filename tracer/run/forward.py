"""The forward pass on other data, with given parameters: evaluation, prediction, differences."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tracer.errors import TracerError
from tracer.frozen import replace
from tracer.operations import Shape
from tracer.program.build import build
from tracer.program.elements import UnknownInteger
from tracer.program.given import Given
from tracer.program.scenario import Scenario
from tracer.run.checks import check_integers, is_small
from tracer.run.layout import FLOAT_BYTES, Batch
from tracer.run.scalars import ScalarFault, ScalarPlan

if TYPE_CHECKING:
    from tracer.run.arrays import ArrayPlan

__all__ = ["Forward", "evaluation_bytes"]

SMALL = 10_000  # numbers to evaluate: not worth a program to find out what fewer take


class Forward:
    """A forward pass, compiled once: call it with the values of the parameters.

    `outputs` limits it to what some quantities need; without them it goes on to the loss and its
    metric. Without `evaluate` it is a training step's, with its dropout. Raises the errors of
    `build`.
    """

    def __init__(
        self,
        scenario: Scenario,
        data: Mapping[str, Given],
        *,
        outputs: Collection[str] | None = None,
        arrays: bool = False,
        evaluate: bool = True,
    ) -> None:
        shapes = {name: given.shape for name, given in data.items()}
        self.built = build(scenario, shapes, train=False, evaluate=evaluate, outputs=outputs)
        given = {**scenario.constants, **data}
        check_integers(scenario, self.built, given)
        same = {name: name for name in self.built.program.parameters}
        built = replace(self.built, program=replace(self.built.program, carried=same))
        self._plans = []
        if not arrays and scenario.dtype == "float64" and is_small(built):
            with suppress(UnknownInteger):  # a label that is computed: arrays take it as it comes
                self._plans.append(ScalarPlan(built, given, {}, None))
        self._arrays = (built, given, scenario.dtype)
        self._array_plans: dict[frozenset[str] | None, ArrayPlan] = {}

    def shape(self, name: str) -> Shape:
        """Return the shape of a quantity."""
        return self.built.shapes[name]

    def __call__(
        self, parameters: Mapping[str, Sequence[float]], *, only: frozenset[str] | None = None
    ) -> dict[str, list[float]]:
        """Return every quantity's entries, row by row; with `only`, those of some quantities."""
        batches = [Batch(1, None)]
        for plan in self._plans:
            try:
                store, _, _ = plan.run(parameters, 1, batches)
            except ScalarFault:
                break  # arithmetic that Python refuses; arrays have a value for it
            names = store.names() if only is None else only
            return {name: store.floats(name, 0) for name in names}
        self._plans = []
        rows, _, _ = self._array_plan(only).run(parameters, 1, batches)
        return {name: rows.floats(name, 0) for name in rows.names()}

    def _array_plan(self, only: frozenset[str] | None) -> ArrayPlan:
        """Return the plan on arrays that keeps these quantities, compiled once."""
        from tracer.run.arrays import ArrayPlan

        if only not in self._array_plans:
            built, given, dtype = self._arrays
            self._array_plans[only] = ArrayPlan(built, given, {}, only, dtype)
        return self._array_plans[only]

    def nbytes(self, only: frozenset[str]) -> int:
        """Return the bytes that a call takes, the copies of the data included."""
        if self._plans:
            return 0  # a small program
        plan = self._array_plan(only)
        return plan.data_bytes + plan.held_bytes + plan.store_bytes(1) + plan.work_bytes(1)


def evaluation_bytes(scenario: Scenario) -> int:
    """Return the bytes that the evaluation and the prediction of a trained network take."""
    total = most = 0
    for other in (scenario.evaluation, scenario.prediction):
        if other is None or sum(given.size for given in other.data.values()) < SMALL:
            continue
        outputs = getattr(other, "outputs", None)
        total += sum(given.nbytes for given in other.data.values())
        with suppress(TracerError):  # it is told where somebody asks for it
            forward = Forward(scenario, {**scenario.data, **other.data}, outputs=outputs)
            parameters = sum(given.size for given in scenario.parameters.values())
            shown = outputs or filter(None, (forward.built.program.loss, forward.built.metric))
            size = forward.nbytes(frozenset(shown)) + FLOAT_BYTES * parameters
            most = max(most, size)
    return total + most
