"""What is known of a program before it runs: its size, and whether its labels are labels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tracer.errors import ScenarioError
from tracer.expression.syntax import Call, walk
from tracer.operations import bound
from tracer.program.build import Built
from tracer.program.given import Given
from tracer.program.program import names_in
from tracer.program.scenario import Scenario

__all__ = ["check_integers", "is_small"]

SCALAR_ENTRIES = 500  # arrays below this many entries in all run as scalars


def is_small(built: Built) -> bool:
    """Tell whether a program runs quicker as scalars than as arrays."""
    shapes = built.shapes
    entries = sum(math.prod(item.shape) for item in built.program.inputs.values())
    entries += sum(math.prod(equation.shape) for equation in built.program.equations)
    if entries > SCALAR_ENTRIES:
        return False
    return _products(built, shapes) <= 20 * SCALAR_ENTRIES


def _products(built: Built, shapes: Any) -> int:
    """Return about how many scalar operations a step would take."""
    total = 0
    for equation in built.program.equations:
        for part in walk(equation.expression):
            if isinstance(part, Call):
                _, operands, _ = bound(part)
                total += max(math.prod(shapes.of(node)) for node in (part, *operands))
    return total


def check_integers(scenario: Scenario, built: Built, given: Mapping[str, Given]) -> None:
    """Check that labels and ids are whole numbers in range. Raises ScenarioError."""
    for equation in built.program.equations:
        for part in walk(equation.expression):
            if not isinstance(part, Call):
                continue
            row, operands, attributes = bound(part)
            if not row.integers:
                continue
            limit = (
                row.limit(*(built.shapes.of(operand) for operand in operands), **attributes)
                if row.limit
                else None
            )
            for operand_name, operand in zip(row.operands, operands, strict=True):
                if operand_name in row.integers:
                    for name in names_in(operand):
                        if name in given:
                            _check_labels(scenario, name, given[name], limit)


def _check_labels(scenario: Scenario, name: str, given: Given, limit: int | None) -> None:
    place = f"{scenario.path or scenario.name}: {name}"
    if not given.are_whole():
        raise ScenarioError(
            f"{name} is used as labels or ids", where=place, expected="whole numbers"
        )
    values = given.floats()
    if limit is not None and values and not 0 <= min(values) <= max(values) < limit:
        wrong = next(value for value in values if not 0 <= value < limit)
        raise ScenarioError(
            f"{name} is used as labels or ids",
            where=place,
            found=f"{wrong:g}",
            expected=f"whole numbers from 0 to {limit - 1}",
        )


