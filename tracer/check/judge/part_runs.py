"""Which run each part of a document works: the one at hand, another variant's of it, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

from tracer.check.bind.document_parts import (
    DocumentPart,
    computed_names,
    names_of,
    parts_of,
    sections_of,
)
from tracer.check.bind.hypotheses import adopted_variant, first_departure
from tracer.check.bind.worlds import RunView
from tracer.check.compare.bounded_values import RoundingHabit
from tracer.check.judge.own_quantities import counted_as_written, named_as_written
from tracer.check.model.statements import Statement, WorkedDocument
from tracer.frozen import replace

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
