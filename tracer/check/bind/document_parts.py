"""The parts of a document: one example each, bound to a scenario or an exercise of its own.

Names mean one thing in one part. A new part begins under a heading whose given values or
definitions contradict the scenario's, and where a given value is stated anew that contradicts the
one before, unless the run yields it ("now w = 0.8" is the same example, one step later). So it does
where the work starts again from the first values, which may be by another rule than the scenario's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from fractions import Fraction
from functools import reduce
from typing import Final

from tracer.check.bind.worlds import RunView, RunWorld, WritersRun, is_value_of_run
from tracer.check.compare.bounded_values import (
    ROUNDED_SHARE,
    RoundingHabit,
    Spot,
    around,
    do_meet,
    entries_of,
    is_result,
    last_place,
    significant_digits,
    widen,
)
from tracer.check.compare.side_comparison import SideComparison, figures_put_in
from tracer.check.compare.value_comparison import Agreement
from tracer.check.model.finding import ReportedPart
from tracer.check.model.statements import (
    CodeListing,
    EquationChain,
    StageMarker,
    Statement,
    WorkedDocument,
)
from tracer.check.model.written_trees import is_literal, names_in, numbers_in
from tracer.check.slips.roles import DATA, STEP_COUNTERS, TRAINED, role_of
from tracer.check.trace.aliases import family_of
from tracer.expression.syntax import Call, Name, Node, Number, Tuple
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value, exact_interval, value_or_none
from tracer.sentences import Sentence, say

TELLING_DIGITS: Final = 3  # of a result that is hardly another example's
DIGITS_OF_A_PRINT: Final = 5  # of a given figure that is a rounding
LEAST_ALIKE: Final = 4  # entries with as many significant digits, whatever their decimals
MOST_COMPARED: Final = 300  # entries that a definition is worked out of to compare it
MOST_DIFFERING: Final = 1  # givens of a part that may differ from the scenario's: a slip, not more


class DocumentPart(Frozen):
    """Statements from `first` up to `last` (half open); without `is_bound` no scenario's.

    `variant` is the one of the scenario that it works, where that is not the one at hand.
    """

    first: int
    last: int
    is_bound: bool
    variant: str | None = None


class StatedGiven(Frozen):
    """A given value or a definition that is stated at a position of a document."""

    position: int
    name: str
    agrees: bool  # with the scenario
    contradicts: bool = False  # what was given before, and the run does not yield it
    is_value: bool = True


def parts_of(
    document: WorkedDocument, view: RunView | None, habit: RoundingHabit
) -> list[DocumentPart]:
    """Return the parts of a document in their order; they cover all of its statements.

    A section without given values goes on with the example before it: any example of a network
    may restate its formulas.
    """
    givens = list(givens_of(document, view, habit))
    starts = _section_starts(document, givens)
    methods = {} if view is None else _methods_in(document, view, starts)
    starts = sorted({*starts, *methods})
    is_by_its_rule = True
    ends = [*starts[1:], len(document.statements)]
    parts: list[DocumentPart] = []
    for first, last in zip(starts, ends, strict=True):
        here = [one for one in givens if first <= one.position < last]
        if view is None:
            is_bound, is_new = False, any(one.contradicts for one in here)
        else:
            above = parts[-1].is_bound if parts else None
            if above is not None and all(one.agrees and not one.is_value for one in here):
                here = []
            holds = are_of_scenario(here) if here else above
            is_bound = (
                not _puts_in_other_data(document.statements[first:last], view)
                if holds is None
                else holds
            )
            is_other = is_by_its_rule and not is_bound and bool(here)
            is_by_its_rule = methods.get(first, is_by_its_rule)
            is_bound = is_bound and is_by_its_rule
            is_new = not parts or is_bound != parts[-1].is_bound or is_other or first in methods
        if parts and not is_new:
            parts[-1] = DocumentPart(parts[-1].first, last, is_bound)
        else:
            parts.append(DocumentPart(first, last, is_bound))
    return parts


def _methods_in(
    document: WorkedDocument, view: RunView, sections: Sequence[int]
) -> dict[int, bool]:
    """Return where work by a method starts, if there are several: is its rule the scenario's?

    A method starts where a parameter is stated anew with its first value and updated from there,
    with the section below the update before, or where its first step is made again by another rate.
    Its rule is another one where an update, right by itself, leads away from all that the run has.
    """
    methods, start = {0: True}, 0
    told_again: dict[Spot, int] = {}  # where a parameter that was updated has its first value again
    updated: dict[Spot, int] = {}
    first_figures: dict[Spot, Counter[Fraction]] = {}
    by_rate: set[int] = set()  # where the first step is made again
    settings = {
        abs(entry.low)
        for spot in view.whole_spots()
        if view.kind(spot) == "setting" and (value := view.value(spot, 1)) is not None
        for entry in entries_of(value.printed)
    }
    for position, chain in enumerate(document.statements):
        if not isinstance(chain, EquationChain):
            continue
        name, *sides = (side.tree for side in chain.sides)
        target = name.id.rstrip("'") if isinstance(name, Name) else ""
        spot = [*view.spots(target, is_target=False), ("", ())][0]
        first = view.value(spot, 1) if spot[0] in view.carried else None
        *_, worked, end = (None, *(None if side is None else value_or_none(side) for side in sides))
        if first is None or not (isinstance(end, Interval) and isinstance(first.printed, Interval)):
            continue
        if len(sides) == 1:
            if spot in updated and end == first.printed:
                below = (each for each in sections if each > max(updated.values()))
                told_again[spot] = min(next(below, position), position)
            continue
        put_in = sides[-2]
        figures = Counter(each.value for each in (() if put_in is None else numbers_in(put_in)))
        if spot in told_again and abs(first.printed.low) in figures:
            start = told_again[spot]
            methods[start], told_again, updated = True, {}, {}
        elif spot in updated and _is_anew(figures, first_figures[spot], settings):
            below = (each for each in sections if each > max(updated.values()))
            settings_begin = _with_its_settings(document.statements, position, view)
            start = min(next(below, position), settings_begin)
            methods[start], told_again, updated = False, {}, {}
            by_rate.add(start)
        if spot not in updated:
            first_figures[spot] = figures
        updated[spot] = position
        near = around(end.low, ROUNDED_SHARE * abs(end.low - first.printed.low))
        is_right = worked is not None and do_meet(worked, near)
        if is_right and not is_value_of_run(view, target, near, near):
            methods[start] = False
    if methods.keys() == {0, *by_rate}:
        methods[0] = True  # what leads away from the run before the first step is made again
    return methods if len(methods) > 1 else {}


def _with_its_settings(statements: Sequence[Statement], position: int, view: RunView) -> int:
    """Return where the settings begin that stand right before a line."""
    before = statements[position - 1] if position else None
    name = before.sides[0].tree if isinstance(before, EquationChain) else None
    spots = view.spots(name.id, is_target=False) if isinstance(name, Name) else ()
    is_setting = any(view.kind(spot) == "setting" for spot in spots)
    return _with_its_settings(statements, position - 1, view) if is_setting else position


def _is_anew(
    figures: Counter[Fraction], before: Counter[Fraction], settings: Set[Fraction]
) -> bool:
    """Tell whether an update is the first one once more, by another rate."""
    others = Counter(each for each in before.elements() if each not in settings)
    return figures != before and others.total() > 1 and others <= figures


def _puts_in_other_data(statements: Sequence[Statement], view: RunView) -> bool:
    """Tell whether statements without given values put in others for more data than one.

    A value of other data of the scenario is a slip, and no other example.
    """
    world = RunWorld(view, WritersRun(), 1)
    known_values = [view.value((name, ()), 1) for name in view.data]
    had = {
        abs(entry.low)
        for each in known_values
        if each is not None
        for entry in entries_of(each.printed)
    }
    chains = (chain for chain in statements if isinstance(chain, EquationChain))
    differing = {
        name
        for chain in chains
        for name, node in figures_put_in([side.tree for side in chain.sides[1:]], world)
        if (spots := view.spots(name, is_target=False)) and spots[0][0] in view.data
        if isinstance(node, Number) and node.value not in had
    }
    return len(differing) > MOST_DIFFERING


def are_of_scenario(given: Sequence[StatedGiven]) -> bool:
    """Tell whether the given values of a part are the scenario's, but for a slip in one of them."""
    differing = {one.name for one in given if not one.agrees}
    agreeing = {one.name for one in given if one.agrees}
    return not differing or (len(differing) <= MOST_DIFFERING and bool(agreeing - differing))


def _section_starts(document: WorkedDocument, given: Sequence[StatedGiven]) -> list[int]:
    """Return where a section begins, by its heading or by a given value that is stated anew.

    The other givens of such a value stand beside it, without working between them, under the same
    heading.
    """
    anew = {one.position for one in given if one.contradicts}
    starts = [0]
    block = 0  # where the values begin that stand beside each other here
    before: EquationChain | None = None
    for position, statement in enumerate(document.statements):
        if not isinstance(statement, EquationChain):
            continue
        if before is not None and statement.headings != before.headings:
            starts.append(position)
            block = position
        elif before is not None and (
            len(before.sides) > 2 or isinstance(before.sides[0].tree, Call)
        ):
            block = position
        if position in anew:
            starts.append(max(block, starts[-1]))
        before = statement
    return sorted({*starts})


def sections_of(document: WorkedDocument, part: DocumentPart) -> Iterator[DocumentPart]:
    """Yield what stands under each heading of a part: words before its first line belong to it."""
    first, last, headings = part.first, part.first, None
    for position in range(part.first, part.last):
        statement = document.statements[position]
        if isinstance(statement, EquationChain):
            if headings not in (None, statement.headings):
                yield replace(part, first=first, last=last)
                first = last
            last, headings = position + 1, statement.headings
    yield replace(part, first=first)


def givens_of(
    document: WorkedDocument, view: RunView | None, habit: RoundingHabit
) -> Iterator[StatedGiven]:
    """Yield the values that are given, and the definitions of what the scenario names."""
    values: dict[str, Value] = {}
    results: dict[str, Value] = {}
    numbered_line, is_step_begun = 0, False  # the last words that number a step; no work below them
    has_updated = False  # since those words, what is trained
    is_begun = False  # since data were stated, the work on what the run makes of them
    for position, statement in enumerate(document.statements):
        if isinstance(statement, StageMarker) and statement.kind in ("iteration", "epoch", "step"):
            numbered_line = statement.place.line
            is_of_time = statement.kind != "step" or bool(statement.words) or has_updated
            is_step_begun, has_updated = is_of_time and statement.number > 1, False
        if not isinstance(statement, EquationChain):
            continue
        chain = statement
        if (worked_out := _result_of(chain)) is not None:
            results[worked_out[0]] = worked_out[1]
            is_begun |= view is not None and not view.is_given(worked_out[0])
            has_updated |= worked_out[0] in values and role_of(worked_out[0]) in TRAINED
        is_step_begun = is_step_begun and len(chain.sides) == 2
        if (
            len(chain.sides) != 2
            or chain.is_claim
            or chain.sides[1].relation == "≈"
            or "supposed" in chain.doubts
            or chain.iteration is not None  # what it is after some iterations is a result
        ):
            continue
        name, right = chain.sides[0].tree, chain.sides[1].tree
        if right is None or not isinstance(name, Name):
            continue
        if not is_literal(right):
            agreement = _agrees_with_scenario(view, name.id, right, habit)
            if agreement is not None:
                yield StatedGiven(position, name.id, agreement, is_value=False)
            continue
        value = value_or_none(right)
        if value is None:
            continue
        numbers, bounds = numbers_in(right), _as_rounded(value, right)
        if view is not None and not view.is_given(name.id):
            is_telling = max(map(significant_digits, numbers)) >= TELLING_DIGITS
            spots = view.spots(name.id, is_target=True) if is_telling else ()
            result = view.value(spots[0], 1) if spots else None
            if result is not None and do_meet(result.printed, bounds):
                yield StatedGiven(position, name.id, True)  # a result of the run says the same
            continue
        if were_printed(numbers):
            value = bounds
        agrees = view is None or is_value_of_run(view, name.id, value, bounds)
        if view is not None and is_begun and not agrees and name.id in view.carried:
            continue  # it is what a step has made of it
        if not agrees and family_of(name.id) in {*filter(None, map(family_of, results))}:
            continue  # y_2 beside a y_1 that was worked out: an output, and no target
        is_begun = is_begun and view is not None and name.id not in view.data
        before = values.get(name.id)
        # Words of its own may make a value that of a case which is only spoken of, or of a step.
        is_of_words = (
            chain.qualified_by in ("sentence", "place")
            or chain.place.line == numbered_line
            or (is_step_begun and role_of(name.id) not in DATA)
        )
        contradicts = before is not None and not (is_of_words or do_meet(before, value))
        if contradicts and name.id in results:  # a step goes on with what the one before made
            contradicts = not do_meet(results[name.id], bounds)
        if isinstance(before, Interval) and name.id.casefold() in STEP_COUNTERS:
            steps = (1, -1) if chain.headings[-1:] == (chain.place.line,) else (1,)
            contradicts = contradicts and not any(
                do_meet(before + exact_interval(each), value) for each in steps
            )
        values[name.id] = value
        yield StatedGiven(
            position, name.id, agrees, contradicts and not (view is not None and agrees)
        )


def _result_of(chain: EquationChain) -> tuple[str, Value] | None:
    """Return the name of what a chain works out, and what its result may stand for."""
    name, result = chain.sides[0].tree, chain.sides[-1].tree
    value = None if result is None else value_or_none(result)
    if result is None or value is None or len(chain.sides) == 2 or not isinstance(name, Name):
        return None
    return name.id.rstrip("'"), _as_rounded(value, result)


def _as_rounded(value: Value, figures: Node) -> Value:
    """Return what figures may stand for where they were rounded; an expression is what it is."""
    if not is_literal(figures):
        return value
    return widen(value, [(last_place(each) or Fraction(0)) / 2 for each in numbers_in(figures)])


def were_printed(numbers: Sequence[Number], least: int = LEAST_ALIKE) -> bool:
    """Tell whether given figures have so many digits that they were computed and printed.

    A person lists figures of as many decimals; only a machine keeps to the digits that count: it
    shows where there are some entries, at `least`.
    """
    digits = [significant_digits(each) for each in numbers if each.value]
    is_even = (
        len(digits) >= least
        and len({*digits}) == 1
        and len({last_place(each) for each in numbers if each.value}) > 1
    )
    return max(digits, default=0) >= (TELLING_DIGITS if is_even else DIGITS_OF_A_PRINT)


def is_of_many_entries(formula: Node, view: RunView) -> bool:
    """Tell whether a formula is made of so many numbers that what it is of is not told by it.

    To find what a part is of it would be worked out anew for each section and each variant.
    """
    used = (spot for name in names_in(formula) for spot in view.spots(name, is_target=False)[:1])
    known_values = filter(None, (view.value(spot, 1) for spot in used))
    return sum(1 for each in known_values for _ in entries_of(each.printed)) > MOST_COMPARED


def _agrees_with_scenario(
    view: RunView | None, name: str, formula: Node, habit: RoundingHabit
) -> bool | None:
    """Tell whether a definition is the scenario's; None where it says nothing of that.

    A formula for what the scenario has as data defines another example.
    """
    spots = () if view is None else view.spots(name, is_target=False)
    if view is None or not spots or not names_in(formula):
        return None
    phase = view.phase(spots[0])
    if phase == "given":
        return False if spots[0][0] in view.data else None
    reference = view.value(spots[0], 1)
    if phase not in ("forward", "loss") or reference is None:
        return None
    if is_of_many_entries(formula, view):
        return None
    comparison = SideComparison(RunWorld(view, WritersRun(), 1), habit)
    agreement = comparison.with_reference(formula, reference, is_rounded=False)
    return None if agreement is Agreement.UNKNOWN else agreement is not Agreement.DIFFERS


def names_of(statements: Sequence[Statement]) -> set[str]:
    """Return all names in some statements."""
    return {
        name
        for each in statements
        if isinstance(each, EquationChain)
        for side in each.sides
        if side.tree is not None
        for name in names_in(side.tree)
    }


def names_given_in(statements: Sequence[Statement]) -> set[str]:
    """Return the names that some statements give a value: `x = 2`, `(x, y) = (2, 1)`."""
    return {
        name
        for each in statements
        if isinstance(each, EquationChain) and len(each.sides) == 2
        if (right := each.sides[1].tree) is not None and is_literal(right)
        if isinstance(left := each.sides[0].tree, (Name, Tuple))
        for name in names_in(left)
    }


def computed_names(statements: Sequence[Statement]) -> set[str]:
    """Return the names that some statements compute by a formula over others, or by figures."""
    return {
        name.id
        for chain in statements
        if isinstance(chain, EquationChain)
        for name, *others in [[side.tree for side in chain.sides]]
        if isinstance(name, Name)
        and any(
            isinstance(each, Call) and not is_result(each) and {*names_in(each)} != {name.id}
            for each in others
        )
    }


def reported_parts(
    document: WorkedDocument, parts: Sequence[DocumentPart], scenario: str | None
) -> list[ReportedPart]:
    """Return the parts that hold something, with the scenario of those that are bound to it."""
    return [
        ReportedPart(*_lines_of(document, part), scenario if part.is_bound else None, part.variant)
        for part in parts
        if part.first < part.last
    ]


def remark_on_parts(
    document: WorkedDocument, parts: Sequence[DocumentPart], scenario: str | None
) -> Sentence | None:
    """Return what is said of parts of another variant, and of none; None where all are as asked."""
    if scenario is None:
        return None
    lines: dict[str | None, list[str]] = {}
    for part in parts:
        if part.variant is not None or not part.is_bound:
            first, last = _lines_of(document, part)
            lines.setdefault(part.variant, []).append(f"{first}–{last}")
    remarks = [_remark_on(variant, ", ".join(each), scenario) for variant, each in lines.items()]
    if not remarks:
        return None
    return reduce(lambda one, other: say("{one}; {other}", one=one, other=other), remarks)


def _remark_on(variant: str | None, lines: str, scenario: str) -> Sentence:
    """Return what is said of lines of a variant; with None of those of no scenario."""
    if variant is None:
        return say(
            "lines {lines} state other values than the scenario {scenario}; "
            "they were checked as an exercise of their own",
            lines=lines,
            scenario=scenario,
        )
    if not variant:
        return say(
            "lines {lines} were checked beside {scenario} without a variant",
            lines=lines,
            scenario=scenario,
        )
    return say(
        "lines {lines} were checked beside the variant {variant} of {scenario}",
        lines=lines,
        variant=variant,
        scenario=scenario,
    )


def _lines_of(document: WorkedDocument, part: DocumentPart) -> tuple[int, int]:
    """Return the first and the last raw line of a part."""
    lines = [
        each.line if isinstance(each, CodeListing) else each.place.line
        for each in document.statements[part.first : part.last]
    ]
    return min(lines), max(lines)
