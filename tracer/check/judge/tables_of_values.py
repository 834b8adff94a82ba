"""A table of values beside a run: its columns are what the run has, row by row."""

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
from tracer.check.model.statements import EquationChain, TableOfValues
from tracer.expression.syntax import Name
from tracer.intervals import Interval
from tracer.run.interpret import shape_of

OFFSETS: Final = (0, 1, -1)  # from the number of a row to its iteration: it may count from 0
LEAST_FITTING: Final = 2  # rows that show what a column is
LEAST_OF_COARSE: Final = 4  # and where all their figures have few digits
Column = Sequence[EquationChain | None]
Places = Sequence[tuple[Spot, int]]
"""What the rows of a column may be: a quantity or an entry for each, and its iteration."""


def judge_table(state: PartState, table: TableOfValues) -> list[ChainJudgement]:
    """Judge the cells of the columns that the run has, in the order in which they stand.

    A column is what most of its rows agree with; the first cell that does not is a slip. In a table
    of iterations later ones may follow from that. So may one that is about right from figures that
    the writer has rounded. Neither is so where an iteration further down is as in the run again.
    """
    judgements = [] if state.view is None else _judged_cells(state, state.view, table)
    return sorted(judgements, key=lambda judgement: judgement.chain.place)


def _judged_cells(
    state: PartState, view: RunView, table: TableOfValues
) -> Iterator[ChainJudgement]:
    fits = [_Fit(state, view, column, table.counts) for column in table.columns]
    first_off = min(filter(None, (fit.first_off for fit in fits)), default=0)
    if any(fit.is_shown for fit in fits):
        for fit in fits:  # a column that is as in the run until the first row of any that is not
            fit.is_shown |= 0 < fit.first_off == first_off
    has_slip = False
    for row in range(max(map(len, table.columns), default=0)):
        for fit in fits:
            judgement = fit.judgement(row, may_follow=has_slip or 0 < first_off < row)
            if judgement is not None:
                has_slip |= judgement.outcome == "slip" and fit.is_of_iterations
                yield judgement


class _Fit:
    """What a column has row by row: a quantity from an iteration on, or the entries of an array."""

    def __init__(
        self, state: PartState, view: RunView, column: Column, counts: Sequence[int]
    ) -> None:
        self._state, self._view, self._column = state, view, column
        chain = next((each for each in column if each is not None), None)
        head = None if chain is None else chain.sides[0].tree
        name = head.id if isinstance(head, Name) else ""
        spots = dict.fromkeys(
            spot
            for is_target in (False, True)
            for spot in (view.spots(name, is_target=is_target) if name else ())
        )
        tried: list[Places] = [
            [(spot, count + offset) for count in counts] for offset in OFFSETS for spot in spots
        ]
        self._worths = [*map(self._worth, column)]  # what the cells may stand for
        of_entries = [self._entries_of(spot) for spot in spots]
        fits = [(places, self._rows_fitting(places)) for places in (*tried, *of_entries) if places]
        self._places, self._fitting = max(fits, key=lambda each: len(each[1]), default=((), []))
        self.is_of_iterations = self._places in tried
        cells = [each.sides[-1].tree for each in column if each is not None]
        least = LEAST_FITTING if any(map(has_fine_figure, cells)) else LEAST_OF_COARSE
        others = len(cells) - len(self._fitting)
        self.is_shown = len(self._fitting) >= max(least, 2 * others)
        rows = [row for row, each in enumerate(column) if each is not None]
        # The first row that differs, if the run has such a quantity, and has it in the first row.
        first_off = next((row for row in rows if row not in self._fitting), 0)
        self.first_off = first_off if self.is_of_iterations else 0

    def _entries_of(self, spot: Spot) -> Places:
        """Return the entries of an array that has as many as the column has rows."""
        known_value = self._view.value(spot, self._state.iteration)
        shape = () if known_value is None else shape_of(known_value.printed)
        if not shape or shape[0] != len(self._column) or any(size > 1 for size in shape[1:]):
            return ()
        name, index = spot
        rest = [0] * (len(shape) - 1)
        rows = range(len(self._column))
        return [((name, (*index, row, *rest)), self._state.iteration) for row in rows]

    def _worth(self, chain: EquationChain | None) -> Interval | None:
        result = None if chain is None else chain.sides[-1].tree
        if chain is None or result is None:
            return None
        comparison = ChainWork(chain, self._state).comparison
        worth = None if comparison.value(result) is None else comparison.stands_for(result)
        return worth if isinstance(worth, Interval) else None

    def _rows_fitting(self, places: Places) -> list[int]:
        known_values = (self._view.value(*place) for place in places)
        return [
            row
            for row, (worth, known_value) in enumerate(zip(self._worths, known_values, strict=True))
            if worth is not None and known_value is not None
            if isinstance(known_value.printed, Interval) and do_meet(worth, known_value.printed)
        ]

    def judgement(self, row: int, *, may_follow: bool) -> ChainJudgement | None:
        """Return what is found in a row; None where nobody knows what the column is.

        It may follow from a row above that is not as in the run.
        """
        chain = self._column[row] if self.is_shown else None
        if chain is None:
            return None
        spot, time = self._places[row]
        reference, state = self._view.value(spot, time), self._state
        if reference is None:
            return None
        work, names = ChainWork(chain, state), RunWorld(self._view, state.run, time, spot)
        world = AdmissibleWorld("run", names, time, spot, reference)
        judgement = judgement_on(WorldVerdict(work, world), state)
        has_later = self.is_of_iterations and any(each > row for each in self._fitting)
        if judgement.outcome != "slip" or has_later:
            return judgement
        if may_follow and self.is_of_iterations:
            return as_open(judgement, OF_DOUBTFUL_LINE)
        value = None if work.trees[-1] is None else work.comparison.value(work.trees[-1])
        is_about_right = value is not None and is_about(value, reference.printed)
        return as_open(judgement, ROUNDED_FIGURES) if is_about_right else judgement
