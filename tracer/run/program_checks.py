"""What is known of a program before it runs: its size, and whether its labels are labels."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tracer.errors import ScenarioError
from tracer.expression import Array, Call, Name, Node, render
from tracer.operations import bound, bound_calls, static_value, vocabulary
from tracer.program.given import Given
from tracer.program.program import Built
from tracer.program.scenario import Scenario
from tracer.sentences import say

SCALAR_ENTRIES = 500  # arrays below this many entries in all run as scalars


def is_small(built: Built, times: int = 1) -> bool:
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


def check_integers(scenario: Scenario, built: Built, given: Mapping[str, Given]) -> None:
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
    given: Mapping[str, Given],
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
                return _check_labels(scenario, text, Given.of(numbers), limit)
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


def _check_labels(scenario: Scenario, name: str, given: Given, limit: int | None) -> None:
    table = "constants" if name in scenario.constants else "data"
    place = scenario.where(table, name)
    values = given.floats()
    if not given.are_whole():
        wrong = next(value for value in values if value != value // 1)
        raise ScenarioError(
            say("{name} is used as labels or ids", name=name),
            where=place,
            found=f"{wrong:g}",
            expected=say("whole numbers"),
        )
    if limit is not None and values and not 0 <= min(values) <= max(values) < limit:
        wrong = next(value for value in values if not 0 <= value < limit)
        raise ScenarioError(
            say("{name} is used as labels or ids", name=name),
            where=place,
            found=f"{wrong:g}",
            expected=say("whole numbers from 0 to {limit}", limit=limit - 1),
        )
