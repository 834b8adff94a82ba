"""What came of comparing recorded values with a run, as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from tracer.narrative.blocks import present
from tracer.operations import number_text
from tracer.program.document import with_near
from tracer.sentences import (
    Sentence,
    Slot,
    Text,
    Translate,
    first_few,
    join_clauses,
    plain_text,
    say,
)

if TYPE_CHECKING:
    from tracer.recorded.recorded_values import Departure, RecordedComparison

MOST_NAMED: Final = 12  # later departures, and names, that are listed
DIGITS: Final = 9
MOST_ULPS: Final = 1000  # above which nobody counts in units of the last place


Sides = tuple[Slot, Slot]  # what the recorded and the traced numbers are called
RECORDED: Final[Sides] = (say("recorded"), say("traced"))


def comparison_text(
    comparison: RecordedComparison, place: str, translate: Translate, *, sides: Sides = RECORDED
) -> Iterator[str]:
    """Yield the first mismatch, the later ones, what was compared; `place` begins these lines."""
    first = (_first_mismatch(item, sides) for item in comparison.departures[:1])
    later = _later_differences(comparison.departures[1:], sides)
    parts = ((place, first), ("  ", later), (place, _summary_sentences(comparison)))
    for begin, sentences in parts:
        yield from (begin + plain_text(sentence, translate) for sentence in sentences)


def _summary_sentences(comparison: RecordedComparison) -> Iterator[Sentence]:
    """Yield which names have no counterpart, and how many values were compared."""
    for name, near in comparison.unknown[:MOST_NAMED]:
        yield with_near(say("there is no {name} in the scenario", name=name), near)
    if comparison.missing:
        yield say("not recorded: {names}", names=first_few(comparison.missing, MOST_NAMED))
    if comparison.decimals is not None:
        yield say(
            "the file is rounded to {count} {count:decimal|decimals}", count=comparison.decimals
        )
    yield say(
        "values that differ from {scenario}: {departed} of {values} (iterations compared: "
        "{iterations}; {dtype}, {tolerance})",
        values=comparison.values,
        iterations=comparison.iterations,
        scenario=comparison.scenario,
        departed=len(comparison.departures),
        dtype=comparison.dtype,
        tolerance=say("compared to within the rounding error of the summed terms")
        if comparison.tolerance is None
        else say(
            "compared to a relative tolerance of {tolerance}", tolerance=f"{comparison.tolerance:g}"
        ),
    )


def _first_mismatch(item: Departure, sides: Sides) -> Sentence:
    causes: list[Text] = [cause.words for cause in item.causes]
    if len(causes) > 1:
        numbered = [
            say("({place}) {cause}", place=place, cause=cause)
            for place, cause in enumerate(causes, 1)
        ]
        causes = [say("more than one explanation fits: {text}", text=join_clauses(numbered))]
    elif not causes and math.isfinite(item.recorded):
        causes = [say("no factor, sign, transpose or other value explains it")]
    what = say(
        "iteration {number}: first mismatch in {name}", number=item.iteration, name=item.name
    )
    return say(
        "{what}: {why}", what=what, why=join_clauses([_difference_sentence(item, sides), *causes])
    )


def _difference_sentence(item: Departure, sides: Sides) -> Sentence:
    if math.isnan(item.absolute) and math.isnan(item.traced):
        return say("it has another shape")
    entry = f"[{', '.join(map(str, item.index))}]" if item.index else ""
    numbers: dict[str, Slot] = {
        "name": f"{item.name}{entry}",
        "other": sides[0],
        "one": sides[1],
        "recorded": number_text(item.recorded, DIGITS),
        "traced": number_text(item.traced, DIGITS),
        "absolute": f"{item.absolute:.3g}",
        "relative": f"{item.relative:.3g}",
        "digits": _digits_sentence(item),
    }
    if not math.isfinite(item.recorded):
        return say(
            "{name}: {other} {recorded}, which is not finite, {one} {traced}; {differing} "
            "of {entries} entries differ",
            differing=item.differing,
            entries=item.entries,
            **numbers,
        )
    if item.entries == 1:
        return say(
            "{other} {recorded}, {one} {traced} (difference {absolute}, relative {relative}, "
            "{digits})",
            **numbers,
        )
    return say(
        "{differing} of {entries} entries differ, {name} most: {other} {recorded}, {one} "
        "{traced} (difference {absolute}, relative {relative}, {digits})",
        differing=item.differing,
        entries=item.entries,
        **numbers,
    )


def _digits_sentence(item: Departure) -> Sentence:
    """Say how near the numbers are: in units of the last place, or in digits that agree."""
    if item.ulps < MOST_ULPS:
        return say("{count} {count:ulp|ulps}", count=f"{item.ulps:.3g}")
    agreeing = max(0, math.floor(-math.log10(item.relative))) if 0 < item.relative < 1 else 0
    return say("{count} {count:digit agrees|digits agree}", count=agreeing)


def _later_differences(items: Sequence[Departure], sides: Sides) -> Iterator[Sentence]:
    again: dict[str, list[Departure]] = {}
    for item in items:
        if item.follows == "own":
            again.setdefault(item.name, []).append(item)
    for item, *others in list(again.values())[:MOST_NAMED]:
        what = say(
            "iteration {number}: another mismatch in {name}", number=item.iteration, name=item.name
        )
        clauses = [_difference_sentence(item, sides), *(cause.words for cause in item.causes)]
        if others:
            numbers = [other.iteration for other in others[:MOST_NAMED]]
            clauses.append(say("again in iterations {numbers}", numbers=numbers))
        yield say("{what}: {why}", what=what, why=join_clauses(clauses))
    following, depending = (
        [f"{item.name} ({item.iteration})" for item in items if item.follows == follows]
        for follows in ("follows", "depends")
    )
    yield from present(
        say(
            "mismatches that follow from it (name and iteration): {names}",
            names=first_few(following, MOST_NAMED),
        )
        if following
        else None,
        say(
            "not computed, because they depend on it: {names}",
            names=first_few(depending, MOST_NAMED),
        )
        if depending
        else None,
    )
