"""A table of iterations beside a run: its columns are what the run has, one iteration a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tracer.check.bind.worlds import RunView, RunWorld
from tracer.check.compare.bounded_values import Spot, do_meet, has_fine_figure, is_about
from tracer.check.judge.admissible_worlds import AdmissibleWorld
from tracer.check.judge.chain_work import ChainWork
from tracer.check.judge.judgement import ChainJudgement, as_open, judgement_on
from tracer.check.judge.part_state import PartState
from tracer.check.judge.world_verdict import OF_DOUBTFUL_LINE, ROUNDED_FIGURES, WorldVerdict
from tracer.check.model.statements import EquationChain, TableOfIterations
from tracer.expression.syntax import Name
from tracer.intervals import Interval

OFFSETS: Final = (0, 1, -1)  # from the number of a row to its iteration: it may count from 0
LEAST_FITTING: Final = 2  # rows that show what a column is
LEAST_OF_COARSE: Final = 4  # and where all their figures have few digits
Column = Sequence[EquationChain | None]


def judge_table(state: PartState, table: TableOfIterations) -> Iterator[ChainJudgement]:
    """Judge the cells of the columns that the run has, row by row.

    A column is what most of its rows agree with; the first cell that does not is a slip, and later
    ones may follow from that. So may one that is about right from figures that the writer has
    rounded. Neither is so where a row further down is as in the run again.
    """
    view = state.view
    if view is None:
        return
    fits = [_Fit(state, view, column, table.counts) for column in table.columns]
    first_off = min(filter(None, (fit.first_off for fit in fits)), default=0)
    if any(fit.is_shown for fit in fits):
        for fit in fits:  # a column that is as in the run until the first row of any that is not
            fit.is_shown |= 0 < fit.first_off == first_off
    has_slip = False
    for row in range(len(table.counts)):
        for fit in fits:
            judgement = fit.judgement(row, may_follow=has_slip or 0 < first_off < row)
            if judgement is not None:
                has_slip |= judgement.outcome == "slip"
                yield judgement


class _Fit:
    """What a column has row by row: a quantity, from an iteration on."""

    def __init__(
        self, state: PartState, view: RunView, column: Column, counts: Sequence[int]
    ) -> None:
        self._state, self._view, self._column, self._counts = state, view, column, counts
        chain = next((each for each in column if each is not None), None)
        head = None if chain is None else chain.sides[0].tree
        name = head.id if isinstance(head, Name) else ""
        spots = dict.fromkeys(
            spot for is_target in (False, True) for spot in view.spots(name, is_target=is_target)
        )
        tried = ((spot, offset) for offset in OFFSETS for spot in (spots if name else ()))
        self._spot, self._offset, self._fitting = max(
            ((*each, self._rows_fitting(*each)) for each in tried),
            key=lambda each: len(each[2]),
            default=(("", ()), 0, []),
        )
        cells = [each.sides[-1].tree for each in column if each is not None]
        is_fine = any(map(has_fine_figure, cells))
        least = LEAST_FITTING if is_fine else LEAST_OF_COARSE
        others = sum(each is not None for each in column) - len(self._fitting)
        self.is_shown = len(self._fitting) >= max(least, 2 * others)
        rows = [row for row, each in enumerate(column) if each is not None]
        # The first row that differs, if the run has such a quantity, and has it in the first row.
        self.first_off = next((row for row in rows if row not in self._fitting), 0)

    def _rows_fitting(self, spot: Spot, offset: int) -> list[int]:
        return [
            row
            for row, chain in enumerate(self._column)
            if chain is not None and self._fits(row, chain, spot, offset)
        ]

    def _fits(self, row: int, chain: EquationChain, spot: Spot, offset: int) -> bool:
        known_value = self._view.value(spot, self._counts[row] + offset)
        result = chain.sides[-1].tree
        if known_value is None or result is None or not isinstance(known_value.printed, Interval):
            return False
        work = ChainWork(chain, self._state)
        value = work.comparison.value(result)
        return isinstance(value, Interval) and do_meet(
            work.comparison.stands_for(result), known_value.printed
        )

    def judgement(self, row: int, *, may_follow: bool) -> ChainJudgement | None:
        """Return what is found in a row; None where nobody knows what the column is.

        It may follow from a row above that is not as in the run.
        """
        chain, time = self._column[row], self._counts[row] + self._offset
        reference = self._view.value(self._spot, time) if self.is_shown else None
        if chain is None or reference is None:
            return None
        state, work = self._state, ChainWork(chain, self._state)
        names = RunWorld(self._view, state.run, time, self._spot, state.joined)
        world = AdmissibleWorld("run", names, time, self._spot, reference)
        judgement = judgement_on(WorldVerdict(work, world), state)
        value = None if work.trees[-1] is None else work.comparison.value(work.trees[-1])
        if judgement.outcome != "slip" or any(each > row for each in self._fitting):
            return judgement
        if may_follow:
            return as_open(judgement, OF_DOUBTFUL_LINE)
        is_about_right = value is not None and is_about(value, reference.printed)
        return as_open(judgement, ROUNDED_FIGURES) if is_about_right else judgement
