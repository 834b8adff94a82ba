"""Which run each part of a document works: the one at hand, another variant's of it, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, TypeAlias

from tracer.check.bind.document_parts import (
    DocumentPart,
    computed_names,
    names_of,
    parts_of,
    sections_of,
)
from tracer.check.bind.hypotheses import adopted_variant, first_departure
from tracer.check.bind.worlds import RunView
from tracer.check.compare.bounded_values import (
    EXACT,
    RoundingHabit,
    Spot,
    do_meet,
    entries_of,
    has_fine_figure,
    is_about,
    is_telling,
    largest_entry,
    widen,
)
from tracer.check.judge.own_quantities import counted_as_written, named_as_written
from tracer.check.model.statements import EquationChain, StageMarker, Statement, WorkedDocument
from tracer.check.model.written_trees import is_literal, numbers_in
from tracer.check.trace.aliases import name_of
from tracer.expression.syntax import Node
from tracer.frozen import replace
from tracer.intervals import Value, value_of, value_or_none

MOST_BEGUN: Final = 1000  # iterations with which a part may begin
PartRun: TypeAlias = "tuple[DocumentPart, RunView | None]"
"""A part of a document, and the run that it works."""


def parts_with_runs(
    document: WorkedDocument, view: RunView | None, habit: RoundingHabit
) -> Iterator[PartRun]:
    """Yield the parts of a document with their runs, as each part names its quantities.

    A part works the run at hand, or where its sections say so one of another variant of the
    scenario; then each run has a part of its own.
    """
    parts = parts_of(document, view, habit)
    if view is None or not view.other_variants:
        found = [(part, view if part.is_bound else None) for part in parts]
    else:
        found = _Variants(document, view, habit).parts_apart(parts)
    for part, run in found:
        statements = document.statements[part.first : part.last]
        yield part, None if run is None else _as_written(statements, run)


def _as_written(statements: Sequence[Statement], view: RunView) -> RunView:
    """Return a run with its quantities by the names that statements have for them."""
    names = names_of(statements)
    view = view.with_gradients_by(names)
    return named_as_written(statements, view.named_as_by(names, computed_names(statements)))


def iteration_worked(
    statements: Sequence[Statement], view: RunView, stands_for: Callable[[Node], Value]
) -> int:
    """Return the iteration with which a part begins: the first, or a later one that it is all of.

    That is so where no words number any, all that is worked out there has a later iteration's
    results, and nothing has the first one's: it is an excerpt, and no mistake in every line.
    `stands_for` gives what a printed result may be the rounding of.
    """
    if any(isinstance(it, StageMarker) for it in statements):
        return 1
    results: list[tuple[Sequence[Spot], Value]] = []
    for chain in statements:
        if not isinstance(chain, EquationChain):
            continue
        first, *others = (side.tree for side in chain.sides)
        name, result = None if first is None else name_of(first), others[-1]
        is_worked = len(others) > 1 and result is not None and is_literal(result)
        if not (is_worked and name and result is not None and chain.iteration is None):
            continue
        spots = view.spots(name, is_target=True)
        if not spots:
            continue
        value = stands_for(result)
        if not any(map(is_telling, numbers_in(result))):
            continue  # one digit may be that of any time
        if not has_fine_figure(result):  # it is a result exactly, or it may be one by chance
            near = EXACT * largest_entry(value)
            value = widen(value_of(result), [near for _ in entries_of(value)])
        worked = [value_or_none(tree) for tree in others[:-1] if tree is not None]
        if any(it is not None and not is_about(it, value) for it in worked):
            return 1  # what is wrong in itself is of no iteration
        results.append((spots, value))
    if not results or _have_results(view, results, 1, any):
        return 1
    later = range(2, min(view.iterations, MOST_BEGUN) + 1)
    return next((at for at in later if _have_results(view, results, at, all)), 1)


def _have_results(
    view: RunView,
    results: Sequence[tuple[Sequence[Spot], Value]],
    iteration: int,
    joined: Callable[[Iterable[bool]], bool],
) -> bool:
    """Say whether an iteration has all, or any, of some results."""
    return joined(
        any(
            (known := view.value(spot, iteration)) is not None and do_meet(known.printed, value)
            for spot in spots
        )
        for spots, value in results
    )


class _Variants:
    """The runs of a scenario's variants, of which the sections of a document may each work one."""

    def __init__(self, document: WorkedDocument, view: RunView, habit: RoundingHabit) -> None:
        self._document, self._view, self._habit = document, view, habit

    def parts_apart(self, parts: Iterable[DocumentPart]) -> list[PartRun]:
        """Return the parts with their runs, apart where a section goes over to another variant.

        A section goes on with the variant of the one before as long as nothing speaks against it.
        """
        found: list[PartRun] = []
        at_hand = self._view
        for part in parts:
            sections = [*sections_of(self._document, part)]
            while sections:
                section = sections.pop(0)
                adopted = self._adopted(section, at_hand)
                turn = None if adopted else self._turn(section, at_hand)
                if turn is not None:
                    sections.insert(0, replace(section, first=turn))
                    section = replace(section, last=turn)
                at_hand = adopted or at_hand
                is_other = at_hand is not self._view
                is_bound = section.is_bound or is_other or adopted is not None
                variant = at_hand.variant if is_other else None
                run = at_hand if is_bound else None
                first = section.first
                if found and first > part.first and found[-1][1] is run:
                    first = found.pop()[0].first
                found.append((DocumentPart(first, section.last, is_bound, variant), run))
        return found

    def _adopted(self, section: DocumentPart, at_hand: RunView) -> RunView | None:
        """Return the run that a section works, if it is another one than that at hand."""
        statements = self._document.statements[section.first : section.last]
        here = _as_written(statements, at_hand)
        others = (run for run in self._runs() if run is not at_hand)
        by_name = ((_as_written(statements, run), run) for run in others)
        return adopted_variant(self._document, section, here, by_name, self._habit)

    def _turn(self, section: DocumentPart, at_hand: RunView) -> int | None:
        """Return where a section leaves a run for another one, with no heading between."""
        statements = self._document.statements[section.first : section.last]
        here = _as_written(statements, at_hand)
        first = first_departure(self._document, section, here, self._habit)
        if first is None or first == section.first:
            return None
        rest = replace(section, first=first)
        return None if self._adopted(rest, at_hand) is None else first

    def _runs(self) -> Iterator[RunView]:
        """Yield the run that was asked for and those of the other variants, each run once."""
        yield self._view
        yield from self._others

    @cached_property
    def _others(self) -> Sequence[RunView]:
        runs = filter(None, map(self._view.as_variant, self._view.other_variants))
        return [counted_as_written(self._document.statements, run) for run in runs]
