"""Which plan computes a step: the program for a batch's size, as scalars or as arrays.

Before it runs its size is looked at, and whether its labels are labels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tracer.errors import ScenarioError
from tracer.expression import Array, Call, Name, Node, render
from tracer.lazy_modules import LazyModule
from tracer.operations import bound, bound_calls, static_value, vocabulary
from tracer.program.elements import UnknownInteger
from tracer.program.given_array import GivenArray
from tracer.program.program import BuiltProgram
from tracer.program.program_builder import build_program
from tracer.program.scenario import Scenario
from tracer.run.layout import WHOLE, Batch, Plan, Store
from tracer.run.scalars import ScalarPlan
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.run import arrays as array_plans
else:
    array_plans = LazyModule("tracer.run.arrays")

# What is checked of a program before it runs ------------------------------------------------------

SCALAR_ENTRIES = 500  # arrays below this many entries in all run as scalars


def is_small(built: BuiltProgram, times: int = 1) -> bool:
    """Tell whether a program runs quicker as scalars than as arrays, or is `times` that size."""
    entries = sum(math.prod(item.shape) for item in built.program.inputs.values())
    entries += sum(math.prod(equation.shape) for equation in built.program.equations)
    if entries > times * SCALAR_ENTRIES:
        return False
    products = sum(  # about how many scalar operations a step would take
        max(math.prod(built.shapes.of(node)) for node in (call, *operands))
        for equation in built.program.equations
        for call, _, operands, _ in bound_calls(equation.expression)
    )
    return products <= 20 * times * SCALAR_ENTRIES


def check_integers(
    scenario: Scenario, built: BuiltProgram, given: Mapping[str, GivenArray]
) -> None:
    """Check that labels and ids are whole numbers in range. Raises ScenarioError."""
    expressions = {equation.name: equation.expression for equation in built.program.equations}
    for equation in built.program.equations:
        for _, row, operands, attributes in bound_calls(equation.expression):
            if not row.integers:
                continue
            limit = (
                row.limit(*(built.shapes.of(operand) for operand in operands), **attributes)
                if row.limit
                else None
            )
            for operand_name, operand in zip(row.operands, operands, strict=True):
                if operand_name in row.integers:
                    _check_source(scenario, expressions, operand, given, limit)


def _check_source(
    scenario: Scenario,
    expressions: Mapping[str, Node],
    node: Node,
    given: Mapping[str, GivenArray],
    limit: int | None,
) -> None:
    """Check where labels come from: a datum or constant, a part of one, or argmax and its kin."""
    whole = node
    while True:
        match node:
            case Name() if node.id in given:
                return _check_labels(scenario, node.id, given[node.id], limit)
            case Name() if node.id in expressions:
                node = expressions[node.id]
            case Array():
                text, numbers = render(node, vocabulary=vocabulary()), static_value(node)
                return _check_labels(scenario, text, GivenArray.of(numbers), limit)
            case Call() if bound(node)[0].view:
                node = bound(node)[1][0]
            case Call() if bound(node)[0].derivative is None:
                return None
            case _:
                break
    raise ScenarioError(
        say("{whole} is used as labels or ids", whole=render(whole, vocabulary=vocabulary())),
        where=str(scenario.path or scenario.name),
        expected=say("a datum or a constant, or a part of one"),
    )


def _check_labels(scenario: Scenario, name: str, given: GivenArray, limit: int | None) -> None:
    table = "constants" if name in scenario.constants else "data"
    place = scenario.where(table, name)
    low, high = (-math.inf, math.inf) if limit is None else (0, limit - 1)
    values = given.floats()
    if given.are_whole() and low <= min(values, default=low) <= max(values, default=low) <= high:
        return
    wrong = next(value for value in values if value != value // 1 or not low <= value <= high)
    raise ScenarioError(
        say("{name} is used as labels or ids", name=name),
        where=place,
        found=f"{wrong:g}",
        expected=say("whole numbers")
        if limit is None
        else say("whole numbers from 0 to {limit}", limit=limit - 1),
    )


# Plans --------------------------------------------------------------------------------------------

RecordedNames = frozenset[str] | None  # the names to record; None means all


class ProgramPlans:
    """The plans of one program, one for each choice of names to record, made when first needed.

    `fixed` are the inputs that do not change, `varying` the data that come a batch at a time.
    """

    def __init__(
        self,
        built: BuiltProgram,
        fixed: Mapping[str, GivenArray],
        varying: Mapping[str, GivenArray] = MappingProxyType({}),
        dtype: str = "float64",
        shared: dict[tuple[GivenArray, str], Any] | None = None,
    ) -> None:
        self.built: Final = built
        # What a step computes, in order: one table for all steps, in which a name is found at once.
        self.names: Final = dict.fromkeys(item.name for item in built.program.equations)
        self.on_floats: Final = dtype == "float64" and is_small(built)
        self.inputs: Final = fixed, varying
        self._dtype = dtype
        self._shared = shared
        self._plans: dict[tuple[RecordedNames, bool], Plan] = {}

    def plan(self, kept: RecordedNames = None, *, arrays: bool = False) -> Plan:
        """Return the plan that records these names: on floats where it can be, else on arrays."""
        plan = self._plans.get((kept, arrays))
        if plan is None and self.on_floats and not arrays:
            # Labels that differ from step to step are refused: arrays take them as they come.
            with suppress(UnknownInteger):
                plan = ScalarPlan(self.built, *self.inputs, kept, self._shared)
        if plan is None:
            plan = array_plans.ArrayPlan(self.built, *self.inputs, kept, self._dtype, self._shared)
        self._plans[kept, arrays] = plan
        return plan

    def step(
        self,
        carried: Mapping[str, Any],
        kept: RecordedNames = None,
        number: int = 1,
        batch: Batch = WHOLE,
    ) -> Store:
        """Return the record of one step; arithmetic that floats refuse has a value on arrays."""
        store = self.plan(kept).run(carried, number, [batch])[0]
        if store.count:
            return store
        return self.plan(kept, arrays=True).run(carried, number, [batch])[0]


class Plans:
    """The programs and plans of a scenario, one for each batch size, made when first needed."""

    def __init__(self, scenario: Scenario, *, operations: bool = False) -> None:
        self.scenario = scenario
        training = scenario.training
        self.varies = training is not None and (
            training.batch_size is not None or training.shuffle
        )  # whether steps see different samples
        self._operations = operations  # one operation an equation
        self.arrays_only = scenario.dtype != "float64"
        self._plans: dict[int | None, ProgramPlans] = {}
        self._shared: dict[tuple[GivenArray, str], Any] = {}  # the data, as the plans take them

    def built(self, batch: Batch) -> BuiltProgram:
        """Return the program for a batch. Raises the errors of `build_program`."""
        return self.of_size(batch).built

    def plan(self, batch: Batch, kept: RecordedNames, *, arrays: bool | None = None) -> Plan:
        """Return the plan for a batch that records these names; with `arrays` on arrays."""
        return self.of_size(batch).plan(kept, arrays=self.arrays_only if arrays is None else arrays)

    def of_size(self, batch: Batch) -> ProgramPlans:
        """Return the plans for batches of this size. Raises the errors of `build_program`."""
        size = None if batch.places is None else len(batch.places)
        if size not in self._plans:
            scenario, data = self.scenario, self.data(batch)
            shapes = {name: given.shape for name, given in data.items()}
            built = build_program(scenario, shapes, operations=self._operations)
            names = [name for name, shape in shapes.items() if self.varies and shape]
            varying = {name: scenario.data[name] for name in names}
            same = {name: given for name, given in data.items() if name not in names}
            given = {**built.settings, **same, **scenario.constants, **scenario.parameters}
            self._plans[size] = ProgramPlans(built, given, varying, scenario.dtype, self._shared)
        return self._plans[size]

    def data(self, batch: Batch) -> dict[str, GivenArray]:
        """Return the data of a batch."""
        data = self.scenario.data.items()
        return {name: seen_samples(self.scenario, given, batch) for name, given in data}


def seen_samples(scenario: Scenario, given: GivenArray, batch: Batch) -> GivenArray:
    """Return the samples of a datum that a step with a batch sees."""
    places, training = batch.places, scenario.training
    if places is None or training is None or not given.shape:
        return given
    if training.sample is not None:
        return given.row(training.sample)
    are_all = len(places) == given.shape[0] and list(places) == list(range(len(places)))
    return given if are_all else given.rows(places)
