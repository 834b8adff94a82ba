"""Figures that a document shows without working, told by where they stand in a run.

That is what tables, logs and printed arrays have, with headings in the writer's own words. A figure
alone says little; several in a row, in a column or on a line are the run's own or they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.check.bind.worlds import RunView, RunWorld, WritersRun
from tracer.check.compare.bounded_values import ShownFigure, Spot, may_have_drifted, shown_figure
from tracer.check.judge.admissible_worlds import AdmissibleWorld
from tracer.check.judge.chain_findings import finding_of
from tracer.check.judge.chain_work import ChainWork
from tracer.check.judge.follow import habit_of
from tracer.check.judge.judgement import ChainJudgement, judgement_on
from tracer.check.judge.part_state import PartState
from tracer.check.judge.world_verdict import WorldVerdict
from tracer.check.model.finding import ComparedPair, Finding
from tracer.check.model.statements import EquationChain, RowOfFigures, Side, WorkedDocument
from tracer.expression.syntax import Name, Node, Number
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.check.trace.run_tracks import Place, RunTracks, Track

LEAST_ROWS: Final = 3  # of a table whose columns are looked at
LEAST_ALIKE: Final = 3  # figures with decimals that show what a list is, for one that differs
LEAST_BESIDE_OTHERS: Final = 2  # in a column, where the run has all that stands beside it
MOST_IN_LIST: Final = 32
LINES_BETWEEN: Final = 2  # rows of a table
LINES_OF_ITERATION: Final = 6  # of a log, from a line to the one that says the same of the next


def findings_by_place(
    document: WorkedDocument,
    shown: Sequence[RowOfFigures],
    view: RunView,
    found: Sequence[Finding],
    meant: Mapping[int, Set[str]],
    is_over: Callable[[], bool],
) -> Iterator[Finding]:
    """Yield what is found in lines that show figures, beside what was `found` in others.

    A line is right where the run has all its figures with decimals; a figure is a slip where the
    run has all others beside it, or above and below, and another one in its place. Behind a slip or
    an open line it may follow from that. By line, the quantities `meant` have the name before the
    figures: no other one confirms those. Nothing is said once the time `is_over`.
    """
    tracks = view.tracks
    rows = [*_rows(shown, tracks.rounded_share)]
    for row in rows:
        row.tell_in_order(tracks)
        if is_over():
            return
    left = []
    for column in (each for table in _tables(rows) for each in _columns_of(table)):
        track = tracks.track_of([cell.shown for cell in column.cells], column.counts)
        if track is None:
            left.append(column)
        else:
            _note(column.cells, track)
        if is_over():
            return
    for row in rows:
        row.tell_rest(tracks)
        if is_over():
            return
    for column in left:
        is_known = all(row.is_told_but_for(column.place) for row in column.table)
        least = LEAST_BESIDE_OTHERS if is_known else LEAST_ALIKE
        _note_departures(column.cells, tracks, least, column.counts)
    doubtful = (each.line for each in found if each.verdict in ("slip", "undecided"))
    first_doubtful = min(doubtful, default=len(document.lines) + 1)
    state = PartState(habit_of(document), view)
    for row in rows:
        where, text = row.written.place, row.written.text
        named, others = meant.get(where.line, set[str]()), row.quantities
        if row.is_told and named and others and named.isdisjoint(others):
            message = say(
                "the run has these figures for {other}, not for {name}",
                other=others[0],
                name=min(named),
            )
            yield Finding("undecided", where, text, message=message, world="run")
        elif row.is_told:
            pairs = (ComparedPair(text, "", "rounded"),)
            yield Finding("correct", where, text, pairs, tier="rounded", world="run")
        for judgement in row.departures(state) if row.written.place.line < first_doubtful else ():
            if judgement.outcome == "slip":
                yield finding_of(judgement, document)


class _Cell:
    """A figure: what it may stand for, when the run has it, and where, or what it has instead."""

    def __init__(self, shown: ShownFigure) -> None:
        self.shown: Final = shown
        self.time = 0
        self.spot: Spot | None = None  # of what it is in order with others
        self.departs_from: Place | None = None

    @property
    def tells(self) -> bool:
        """Whether few numbers are printed so."""
        return self.shown.chance < 1


class _Row:
    """A line of figures."""

    def __init__(self, written: RowOfFigures, cells: Sequence[_Cell]) -> None:
        self.written: Final = written
        self.cells: Final = cells

    @property
    def is_told(self) -> bool:
        """Whether the run has all its figures that tell something."""
        telling = [cell for cell in self.cells if cell.tells]
        return bool(telling) and all(cell.time and not cell.departs_from for cell in telling)

    @property
    def quantities(self) -> Sequence[str]:
        """The quantities of which it has figures."""
        return [cell.spot[0] for cell in self.cells if cell.spot is not None]

    def is_told_but_for(self, place: int) -> bool:
        """Tell whether the run has all figures beside one, and they tell something."""
        beside = [cell for at, cell in enumerate(self.cells) if at != place and cell.tells]
        return bool(beside) and all(cell.time for cell in beside)

    def tell_in_order(self, tracks: RunTracks) -> None:
        """Note which figures the run has one after the other, whatever a name before them says."""
        first = 0
        while first < len(self.cells):
            cells = self.cells[first : first + MOST_IN_LIST]
            track = tracks.longest_track([cell.shown for cell in cells])
            if track is not None:
                _note(cells, track)
            first += 1 if track is None else len(track.values)

    def tell_rest(self, tracks: RunTracks) -> None:
        """Tell what is left together, in the iteration of the other figures if there are any.

        Where these are as many, it may be parts of formulas. Else a list may differ in some figures
        from what the run has.
        """
        rest = [cell for cell in self.cells if cell.tells and not cell.time]
        if rest and not self.written.is_named:
            times = {cell.time for cell in self.cells if cell.time}
            others = {cell.spot[0] for cell in self.cells if cell.spot is not None}
            time = tracks.time_of([cell.shown for cell in rest], times, others)
            for cell in rest:
                cell.time = time
            for cell in rest if not time and 2 * len(rest) <= len(self.cells) else ():
                cell.time = next((it for it in times if tracks.has_worked_out(cell.shown, it)), 0)
        for cells in self._lists():
            _note_departures(cells, tracks, LEAST_ALIKE, is_named=self.written.is_named)

    def _lists(self) -> Iterator[Sequence[_Cell]]:
        """Yield the figures that stand together with no words between, then those of each list."""
        words, lists = self.written.words, self.written.lists
        for ends in (words, [*map(any, zip(words, lists, strict=True))]):
            first = 0
            for place, is_end in enumerate((*ends, True), start=1):
                if is_end:
                    yield self.cells[first:place]
                    first = place

    def departures(self, state: PartState) -> Iterator[ChainJudgement]:
        """Yield how each figure is judged in whose place the run has another one."""
        assert state.view is not None
        for node, text, cell in zip(
            self.written.figures, self.written.texts, self.cells, strict=True
        ):
            if cell.departs_from is None:
                continue
            spot, time = cell.departs_from
            quantity, index = spot
            name = f"{quantity}[{', '.join(map(str, index))}]" if index else quantity
            sides = Side(text, "", (Name(name),)), Side(text, "=", (node,))
            chain = EquationChain(sides, text.place(), f"{name} = {text.text}")
            names = RunWorld(state.view, WritersRun(), time, spot)
            reference = state.view.value(spot, time)
            if reference is None or not may_have_drifted(node, reference.printed):
                world = AdmissibleWorld("run", names, time, spot, reference)
                yield judgement_on(WorldVerdict(ChainWork(chain, state), world), state)


def _rows(shown: Sequence[RowOfFigures], rounded_share: float) -> Iterator[_Row]:
    """Yield the rows but those with the figures of the one above: they may have been copied."""
    before: Sequence[Node] = ()
    for row in shown:
        if row.figures != before:
            yield _Row(row, [_Cell(shown_figure(node, rounded_share)) for node in row.figures])
        before = row.figures


def _tables(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    """Yield the lines of one form below each other, then those of one sentence further apart."""
    for most, is_log in ((LINES_BETWEEN, False), (LINES_OF_ITERATION, True)):
        tables: dict[str, list[_Row]] = {}
        for row in rows:
            written = row.written
            table = tables.setdefault(written.sentence if is_log else written.form, [])
            if table and written.place.line - table[-1].written.place.line > most:
                yield from [[*table]] if len(table) >= LEAST_ROWS else ()
                table.clear()
            table.append(row)
        yield from (table for table in tables.values() if len(table) >= LEAST_ROWS)


class _Column(NamedTuple):
    """Figures below each other, and what counts their rows, if anything does."""

    table: Sequence[_Row]
    place: int
    counts: tuple[int, ...]

    @property
    def cells(self) -> Sequence[_Cell]:
        """The figures."""
        return [row.cells[self.place] for row in self.table]


def _columns_of(table: Sequence[_Row]) -> Iterator[_Column]:
    places = range(len(table[0].cells))
    written = [[row.written.figures[place] for row in table] for place in places]
    counts = next(filter(None, map(_counts_of, written)), ())
    yield from (_Column(table, place, counts) for place in places)


def _counts_of(figures: Sequence[Node]) -> tuple[int, ...]:
    """Return whole numbers that grow; nothing where they do not."""
    values = [each.value for each in figures if isinstance(each, Number)]
    is_growing = len(values) == len(figures) and all(a < b for a, b in pairwise(values))
    return (
        tuple(map(int, values)) if is_growing and all(it.denominator == 1 for it in values) else ()
    )


def _note(cells: Sequence[_Cell], track: Track) -> None:
    """Note where the run has figures one after the other; a track may end before them."""
    for cell, (spot, time) in zip(cells, track.places, strict=False):
        if cell.spot is None:
            cell.spot, cell.time = spot, time


def _note_departures(
    cells: Sequence[_Cell],
    tracks: RunTracks,
    least: int,
    counts: tuple[int, ...] = (),
    *,
    is_named: bool = False,
) -> None:
    """Note what the run has in the place of figures among others that are all its own."""
    if all(cell.spot is not None or not cell.tells for cell in cells):
        return
    track = tracks.track_but_for_some([cell.shown for cell in cells], least, counts)
    if track is None:
        return
    for cell, value, place in zip(cells, track.values, track.places, strict=True):
        if cell.shown.fits(value):
            cell.time = cell.time or place[1] * (not is_named)
        elif cell.tells and cell.spot is None:
            cell.departs_from = place
