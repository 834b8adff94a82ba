"""Which plan computes a step: the program for a batch's size, as scalars or as arrays."""

from __future__ import annotations

from typing import Any

from tracer.program.build import build
from tracer.program.built import Built
from tracer.program.elements import UnknownInteger
from tracer.program.given import Given
from tracer.program.scenario import Scenario
from tracer.run.checks import is_small
from tracer.run.layout import Batch, Plan
from tracer.run.scalars import ScalarPlan

__all__ = ["Plans"]

Kept = frozenset[str] | None  # the names to record; None means all


class Plans:
    """The programs and plans of a scenario, one for each batch size, made when first needed."""

    def __init__(self, scenario: Scenario, *, operations: bool = False) -> None:
        self.scenario = scenario
        self._operations = operations  # one operation an equation
        self.arrays_only = scenario.dtype != "float64"
        self._builts: dict[int | None, Built] = {}
        self._names: dict[int | None, tuple[str, ...]] = {}
        self._plans: dict[tuple[int | None, Kept, bool], Plan] = {}
        self._scalars: dict[int | None, ScalarPlan] = {}  # one of each batch size
        self._shared: dict[tuple[Given, str], Any] = {}  # the data, as the plans take them

    def built(self, batch: Batch) -> Built:
        """Return the program for a batch. Raises the errors of `build`."""
        size = _size(batch)
        if size not in self._builts:
            shapes = {name: given.shape for name, given in self.data(batch).items()}
            self._builts[size] = build(self.scenario, shapes, operations=self._operations)
        return self._builts[size]

    def names(self, batch: Batch) -> tuple[str, ...]:
        """Return what a step with such a batch computes, in order; one tuple for all steps."""
        size = _size(batch)
        if size not in self._names:
            equations = self.built(batch).program.equations
            self._names[size] = tuple(equation.name for equation in equations)
        return self._names[size]

    def plan(self, batch: Batch, kept: Kept, *, arrays: bool | None = None) -> Plan:
        """Return the plan for a batch that records these names; with `arrays` on arrays."""
        if arrays is None:
            arrays = self.arrays_only
        key = (_size(batch), kept, arrays)
        if key not in self._plans:
            self._plans[key] = self._compile_plan(batch, kept, arrays=arrays)
        return self._plans[key]

    def inputs(self, batch: Batch) -> tuple[dict[str, Given], dict[str, Given]]:
        """Return the inputs that stay, and the data of which each step sees other samples."""
        varying: dict[str, Given] = {}
        fixed: dict[str, Given] = dict(self.built(batch).settings)
        for name, given in self.data(batch).items():
            if self.varies and given.shape:
                varying[name] = self.scenario.data[name]
            else:
                fixed[name] = given
        fixed.update(self.scenario.constants)
        fixed.update(self.scenario.parameters)
        return fixed, varying

    def _compile_plan(self, batch: Batch, kept: Kept, *, arrays: bool) -> Plan:
        built = self.built(batch)
        fixed, varying = self.inputs(batch)
        if not arrays and is_small(built):
            like = self._scalars.get(_size(batch))
            try:
                plan = ScalarPlan(built, fixed, varying, kept, self._shared, like)
                self._scalars[_size(batch)] = plan
                return plan
            except UnknownInteger:
                pass  # labels that differ from step to step: arrays take them as they come
        from tracer.run.arrays import ArrayPlan

        return ArrayPlan(built, fixed, varying, kept, self.scenario.dtype, self._shared)

    @property
    def varies(self) -> bool:
        """Whether steps see different samples."""
        training = self.scenario.training
        return training is not None and (training.batch_size is not None or training.shuffle)

    def data(self, batch: Batch) -> dict[str, Given]:
        """Return the data of a batch."""
        data = self.scenario.data
        training = self.scenario.training
        if batch.places is None or training is None:
            return dict(data)
        if training.sample is not None:
            return {
                name: given.row(training.sample) if given.shape else given
                for name, given in data.items()
            }
        if training.samples is None and not self.varies:
            return dict(data)  # all samples, in their order
        return {
            name: given.rows(batch.places) if given.shape else given for name, given in data.items()
        }


def _size(batch: Batch) -> int | None:
    return None if batch.places is None else len(batch.places)
