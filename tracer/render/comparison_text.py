"""What came of comparing recorded values with a run, as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from tracer.narrative.messages import Sentence, Slot, Translate
from tracer.operations.numbers import number_text
from tracer.program.document import with_near
from tracer.sentences import plain, say

if TYPE_CHECKING:
    from tracer.recorded.recorded_values import Departure, RecordedComparison

__all__ = ["RECORDED", "Sides", "comparison_text"]

MOST_NAMED: Final = 12  # later departures, and names, that are listed
DIGITS: Final = 9
MOST_ULPS: Final = 1000  # above which nobody counts in units of the last place


Sides = tuple[Slot, Slot]  # what the recorded and the traced numbers are called
RECORDED: Final[Sides] = (say("recorded"), say("traced"))


def comparison_text(
    found: RecordedComparison, place: str, translate: Translate, *, sides: Sides = RECORDED
) -> Iterator[str]:
    """Yield the first mismatch, the later ones, what was compared; `place` begins these lines."""
    for item in found.departures[:1]:
        yield f"{place}{_first_mismatch(item, translate, sides)}"
    yield from (f"  {line}" for line in _later(found.departures[1:], translate, sides))
    for name, near in found.unknown[:MOST_NAMED]:
        sentence = say("there is no {name} in the scenario", name=name)
        yield f"{place}{plain(with_near(sentence, near), translate)}"
    if found.missing:
        names = ", ".join(found.missing[:MOST_NAMED]) + (
            ", …" if len(found.missing) > MOST_NAMED else ""
        )
        yield f"{place}{plain(say('not recorded: {names}', names=names), translate)}"
    if found.decimals is not None:
        sentence = say("the file is rounded to {count} decimals", count=found.decimals)
        yield f"{place}{plain(sentence, translate)}"
    summary = say(
        "values that differ from {scenario}: {departed} of {values} (iterations compared: "
        "{iterations}; {dtype}, {tolerance})",
        values=found.values,
        iterations=found.iterations,
        scenario=found.scenario,
        departed=len(found.departures),
        dtype=found.dtype,
        tolerance=_tolerance(found),
    )
    yield f"{place}{plain(summary, translate)}"


def _tolerance(found: RecordedComparison) -> Sentence:
    if found.tolerance is None:
        return say("within the rounding error of the summed terms")
    return say("relative tolerance {tolerance}", tolerance=f"{found.tolerance:g}")


def _first_mismatch(item: Departure, translate: Translate, sides: Sides) -> str:
    told = [plain(_difference(item, sides), translate)]
    causes = [plain(cause.words, translate) for cause in item.causes]
    if len(causes) > 1:
        numbered = "; ".join(f"({place}) {cause}" for place, cause in enumerate(causes, 1))
        told.append(plain(say("more than one explanation fits: {text}", text=numbered), translate))
    else:
        told += causes
    if not causes and math.isfinite(item.recorded):
        told.append(plain(say("no factor, sign, transpose or other value explains it"), translate))
    sentence = say(
        "iteration {number}: first mismatch in {name}", number=item.iteration, name=item.name
    )
    return f"{plain(sentence, translate)}: {'; '.join(told)}"


def _difference(item: Departure, sides: Sides) -> Sentence:
    if math.isnan(item.absolute) and math.isnan(item.traced):
        return say("it has another shape")
    entry = f"[{', '.join(map(str, item.index))}]" if item.index else ""
    numbers: dict[str, Slot] = {
        "name": f"{item.name}{entry}",
        "other": sides[0],
        "one": sides[1],
        "recorded": _number(item.recorded),
        "traced": _number(item.traced),
        "absolute": f"{item.absolute:.3g}",
        "relative": f"{item.relative:.3g}",
        "digits": _digits(item),
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


def _digits(item: Departure) -> Sentence:
    """Say how near the numbers are: in units of the last place, or in digits that agree."""
    if item.ulps < MOST_ULPS:
        return say("{count} ulps", count=f"{item.ulps:.3g}")
    agreeing = max(0, math.floor(-math.log10(item.relative))) if 0 < item.relative < 1 else 0
    return say("{count} digits agree", count=agreeing)


def _number(value: float) -> str:
    return number_text(value, DIGITS)


def _later(items: Sequence[Departure], translate: Translate, sides: Sides) -> Iterator[str]:
    own = [item for item in items if item.follows == "own"]
    again: dict[str, list[Departure]] = {}
    for item in own:
        again.setdefault(item.name, []).append(item)
    for item, *others in list(again.values())[:MOST_NAMED]:
        sentence = say(
            "iteration {number}: another mismatch in {name}", number=item.iteration, name=item.name
        )
        told = [plain(_difference(item, sides), translate)]
        told += [plain(cause.words, translate) for cause in item.causes]
        if others:
            numbers = ", ".join(str(other.iteration) for other in others[:MOST_NAMED])
            told.append(plain(say("again in iterations {numbers}", numbers=numbers), translate))
        yield f"{plain(sentence, translate)}: {'; '.join(told)}"
    for follows in ("follows", "depends"):
        found = [item for item in items if item.follows == follows]
        if not found:
            continue
        names = ", ".join(f"{item.name} ({item.iteration})" for item in found[:MOST_NAMED])
        names += ", …" if len(found) > MOST_NAMED else ""
        sentence = (
            say("follow from it, name and iteration: {names}", names=names)
            if follows == "follows"
            else say("depend on it, and were not computed: {names}", names=names)
        )
        yield plain(sentence, translate)
