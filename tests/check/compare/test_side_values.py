"""What the sides of a chain are worth: each reading of arrays is worked out once."""

from __future__ import annotations

from typing import Any

import pytest

from tracer.check.bind.worlds import WritersRun, WritersWorld
from tracer.check.compare import value_comparison
from tracer.check.compare.bounded_values import NO_HABIT
from tracer.check.compare.side_comparison import SideComparison
from tracer.expression import parse
from tracer.intervals.enclosure import value_or_none
from tracer.operations import vocabulary


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("[[1, 2], [3, 4]] + 1", 2),  # no part is a vector or a column: as entries, and as matrices
        ("[1, 2] + [3, 4]", 3),  # and as columns
        ("[[1], [2]] + 1", 4),  # and as vectors
        ("2 * 3 + 1", 1),
    ],
)
def test_a_reading_that_changes_nothing_is_not_worked_out(
    text: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands for columns and vectors differs only where there are some."""
    tree = parse(text, vocabulary=vocabulary())
    worked_out: list[object] = []

    def value(node: Any, *rest: Any, **options: Any) -> Any:
        worked_out.append(node)
        return value_or_none(node, *rest, **options)

    comparison = SideComparison(WritersWorld(WritersRun()), NO_HABIT, {})
    whole = [*comparison.values(tree, "printed")]
    monkeypatch.setattr(value_comparison, "value_or_none", value)
    again = SideComparison(WritersWorld(WritersRun()), NO_HABIT, {})
    assert [*again.values(tree, "printed")] == whole
    assert sum(getattr(node, "operation", "") == "add" for node in worked_out) == times
