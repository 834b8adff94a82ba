"""How often the values of a run are looked through for one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tracer.check.bind.worlds import RunView
from tracer.check.compare.bounded_values import Spot
from tracer.check.judge import part_state
from tracer.check.judge.own_quantities import values_in_run
from tracer.document_check import check_text
from tracer.intervals import Value


@pytest.mark.parametrize("line", ["2 * 3.5 = 7", "1.3 * 1.3 = 1.7"])
def test_figures_of_no_quantity_are_looked_for_once(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they are worth, and their result: in each iteration about now, and not in turn."""
    asked: list[int] = []

    def values(view: RunView, iteration: int, spots: Sequence[Spot] = ()) -> Iterator[Value]:
        asked.append(iteration)
        return values_in_run(view, iteration, spots)

    monkeypatch.setattr(part_state, "values_in_run", values)
    check_text(f"{line}\n", scenario="mlp_2_2_2")
    assert len(asked) == len(set(asked)) == 3
