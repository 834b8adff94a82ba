"""Which run each part of a document works: the one at hand, another variant's of it, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

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
    COARSE_DIGITS,
    EXACT,
    RoundingHabit,
    Spot,
    do_meet,
    entries_of,
    has_fine_figure,
    is_about,
    is_telling,
    largest_entry,
    significant_digits,
    widen,
)
from tracer.check.judge.own_quantities import counted_as_written, named_as_written
from tracer.check.model.statements import EquationChain, StageMarker, Statement, WorkedDocument
from tracer.check.model.written_trees import is_literal, numbers_in
from tracer.check.trace.aliases import name_of
from tracer.expression.syntax import Node
from tracer.frozen import replace
from tracer.intervals import Interval, Value, value_of, value_or_none

NUMBERED: Final = ("iteration", "epoch", "step")
FEW_BEGUN: Final = 10  # of them where nothing is worked out
MOST_BEGUN: Final = 100  # iterations with which a part may begin
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


class _Excerpt(NamedTuple):
    """What a line shows of its iteration: what its result may be, and the size of fine figures."""

    spots: Sequence[Spot]
    result: Value
    figures: Sequence[Interval]
    is_worked: bool
    fine: int  # how many figures of the result, one of very many digits twice, tell what it is

    def is_of(self, view: RunView, iteration: int) -> bool:
        """Say whether an iteration has the result."""
        known_values = (view.value(spot, iteration) for spot in self.spots)
        return any(it is not None and do_meet(it.printed, self.result) for it in known_values)

    def has_figures_of(self, view: RunView, iteration: int) -> bool:
        """Say whether an iteration has all figures that the line works with."""
        return all(view.has_one_of([it, -it], iteration, must_tell=True) for it in self.figures)


def iteration_worked(
    statements: Sequence[Statement], view: RunView, stands_for: Callable[[Node], Value]
) -> int:
    """Return the iteration with which a part begins: the first, or a later one that it is all of.

    That is so where no words number any, all that is worked out there has a later iteration's
    results and figures, and nothing is the first one's: it is an excerpt, and no mistake in every
    line. Where nothing is worked out, it is one of the next few iterations, of which values with
    enough digits are not met by chance. `stands_for` gives what a printed figure may be the
    rounding of.
    """
    if any(isinstance(it, StageMarker) and it.kind in NUMBERED for it in statements):
        return 1
    chains = [it for it in statements if isinstance(it, EquationChain)]
    lines = [it for it in (_excerpt_of(chain, view, stands_for) for chain in chains) if it]
    worked = [it for it in lines if it.is_worked]
    is_telling_enough = bool(worked) or sum(it.fine for it in lines) > 1
    if not is_telling_enough or any(it.is_of(view, 1) for it in lines):
        return 1
    later = range(2, min(view.iterations, MOST_BEGUN if worked else FEW_BEGUN) + 1)
    shown = (at for at in later if all(it.is_of(view, at) for it in worked or lines))
    # One result may be that of some iteration by chance, several are not.
    return next((at for at in shown if len(worked) != 1 or worked[0].has_figures_of(view, at)), 1)


def _excerpt_of(
    chain: EquationChain, view: RunView, stands_for: Callable[[Node], Value]
) -> _Excerpt | None:
    """Return what a line shows; None where it has no result, or one that any time may have."""
    first, *others = (side.tree for side in chain.sides)
    name, result = None if first is None else name_of(first), others[-1]
    spots = view.spots(name, is_target=True) if name else ()
    if not spots or result is None or not is_literal(result) or chain.iteration is not None:
        return None
    if view.given(spots[0][0]) or not any(map(is_telling, numbers_in(result))):
        return None
    if len(others) == 1 and view.phase(spots[0]) == "update":
        return None  # a parameter that is stated is the one before an update, or behind it
    value = stands_for(result)
    if not has_fine_figure(result):  # it is a result exactly, or it may be one by chance
        near = EXACT * largest_entry(value)
        value = widen(value_of(result), [near for _ in entries_of(value)])
    figured = [tree for tree in others[:-1] if tree is not None and value_or_none(tree) is not None]
    used = [it for tree in figured for it in numbers_in(tree) if has_fine_figure(it)]
    is_worked = any(is_about(value_of(tree), value) for tree in figured)
    figures = [each for it in used for each in entries_of(stands_for(it))]
    digits = [significant_digits(it) for it in numbers_in(result)]
    fine = sum((it > COARSE_DIGITS) + (it > COARSE_DIGITS + 1) for it in digits)
    return _Excerpt(spots, value, figures, is_worked, fine)


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
