"""From what was found in a chain to the entry of the report: place, figure, repair, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tracer.check.judging.agreement import mismatches
from tracer.check.judging.alignment import leaves
from tracer.check.judging.blame import Blame
from tracer.check.judging.chain_reading import Numeric, Reading, entries, environment, flattened
from tracer.check.judging.links import Judged
from tracer.check.judging.quantities import is_within
from tracer.check.judging.values import figure_agrees, value_or_none
from tracer.check.numbers.figures import figure, printed
from tracer.check.numbers.inverse import replaced
from tracer.check.report import Entry, Link, Repair, Tier, Verdict
from tracer.check.slips.causes import SLIPS
from tracer.check.trace.aliases import name_of, quantities_in
from tracer.check.written import Member, Reason, Unread
from tracer.expression.syntax import Array, Name, Node, Tuple, walk
from tracer.intervals import Interval, Unevaluable, Value, value_of
from tracer.narrative.messages import Sentence, say
from tracer.sentences import Text

__all__ = [
    "Found",
    "carried",
    "correct",
    "entry_of",
    "label",
    "not_checked",
    "slip",
    "undecided",
    "unknown_names",
    "why_unread",
]

MOST_SIGNS: Final = 40  # of a figure that is said to belong somewhere; longer ones nobody reads
MOST_IN_ARRAY: Final = 400  # signs of an array

VERDICT: Final[dict[Tier, Verdict]] = {
    "exact": "correct",
    "rounded": "correct",
    "rounded_from_unrounded": "correct",
    "chopped": "rounding",
    "last_digit": "rounding",
    "within_rounding": "undecided",
    "wrong": "slip",
}


class Found(NamedTuple):
    """What was found in a chain, before it is put into words."""

    verdict: Verdict
    tier: Tier | None = None
    links: Sequence[Judged] = ()
    blame: Blame | None = None
    result_correct: bool | None = None
    carried_from: int | None = None
    reason: Reason | None = None
    belongs: str | None = None  # the name that belongs on the left
    is_index: bool = False  # it differs in the index only
    otherwise: Value | None = None  # what it is with what the lines before say of its names

    @property
    def is_charged(self) -> bool:
        """Whether the result is wrong, so that what follows from it is carried forward."""
        if self.verdict == "carried_forward":
            return True
        return self.verdict == "slip" and self.result_correct is False


def correct(tier: Tier, links: Sequence[Judged]) -> Found:
    """Return the finding of a chain whose figures follow, by its worst tier."""
    return Found(VERDICT[tier], tier, links, result_correct=VERDICT[tier] != "undecided" or None)


def undecided(links: Sequence[Judged], otherwise: Value | None = None) -> Found:
    """Return the finding of a chain of which no one can say whether it is right.

    `otherwise` is what it would be with what the lines before say of its names.
    """
    return Found("undecided", "within_rounding", links, otherwise=otherwise)


def slip(blame: Blame, links: Sequence[Judged], *, result_correct: bool | None = None) -> Found:
    """Return the finding of a wrong figure."""
    return Found("slip", "wrong", links, blame, result_correct)


def carried(links: Sequence[Judged], line: int, tier: Tier) -> Found:
    """Return the finding of a chain that is right but starts from a slip on another line."""
    return Found("carried_forward", tier, links, carried_from=line, result_correct=False)


def label(belongs: str, links: Sequence[Judged], *, index: bool = False) -> Found:
    """Return the finding of a chain that has the name of another quantity on its left.

    `index` is true where it is another entry of the same one.
    """
    return Found("slip", "wrong", links, result_correct=True, belongs=belongs, is_index=index)


def not_checked(reading: Reading) -> Found | None:
    """Return why a chain with numbers was not checked; None where there is nothing to check."""
    problem = _unread(reading)
    if problem is not None:
        return Found("not_checked", reason=problem.reason)
    if reading.problem is not None and reading.problem.reason != "unknown_quantity":
        return Found("not_checked", reason=reading.problem.reason)
    roles = {member.role for member in reading.chain.members}
    is_worked = roles >= {"mixed", "numbers"}  # a formula with a constant alone states nothing
    return Found("not_checked", reason="unknown_quantity") if is_worked else None


def unknown_names(links: Sequence[Judged]) -> Found:
    """Return the finding of a chain that names quantities of which no value is known."""
    return Found("not_checked", links=links, reason="unknown_quantity")


def entry_of(reading: Reading, found: Found) -> Entry:
    """Return the entry of the report for a finding."""
    chain = reading.chain
    links = [Link(one.left.member.text, one.right.member.text, one.tier) for one in found.links]
    entry = Entry(
        found.verdict,
        chain.place,
        chain.text,
        tier=found.tier,
        result_correct=found.result_correct,
        carried_from=found.carried_from,
        reason=found.reason,
        links=links,
    )
    if found.blame is not None:
        _blame(entry, reading, found, found.blame)
    elif found.belongs is not None:
        _label(entry, reading, found, found.belongs)
    elif found.verdict == "carried_forward":
        entry.kind = "carried_forward"
        entry.message = say(
            "right from a wrong start: it follows from the slip on line {line}",
            line=found.carried_from or 0,
        )
    elif found.verdict == "rounding":
        _rounding(entry, reading, found)
    elif found.verdict == "undecided":
        if found.otherwise is not None:
            entry.message = _otherwise(reading, found.otherwise)
        elif any(link.tier == "within_rounding" for link in found.links) or not found.links:
            entry.message = say("roundings leave open whether this holds")
        else:
            entry.message = say("it holds, but not with what the lines before say of its names")
    elif found.verdict == "not_checked":
        _reason(entry, reading, found)
    return entry


def _otherwise(reading: Reading, value: Value) -> Sentence:
    result = reading.result
    text = "" if result is None else _expected(Blame(result, result.node, value, ()))
    if not text:
        return say("not what the lines before say; another sample or step may be meant")
    return say(
        "with what the lines before say this is {value}; another sample or step may be meant",
        value=text,
    )


def _blame(entry: Entry, reading: Reading, found: Found, blame: Blame) -> None:
    member = blame.numeric.member
    start, end = _with_brackets(member.text, blame.node)
    entry.span = member.span(start, end)
    entry.written = member.text[start:end]
    entry.expected = _expected(blame) or None
    entry.kind = blame.kinds[0] if blame.kinds else "wrong_formula"
    entry.candidates = blame.kinds
    entry.cause = blame.cause
    entry.repairs = _repairs(entry, reading, blame)
    if entry.expected is None:
        entry.repairs = ()
    entry.message = _message(entry, reading, blame, found)


def _label(entry: Entry, reading: Reading, found: Found, belongs: str) -> None:
    member = reading.chain.members[0]
    target = reading.chain.target
    assert target is not None
    entry.span = member.span_of(target)
    entry.written, entry.expected = _text(member, target), belongs
    entry.kind, entry.candidates = "label_error", ("label_error",)
    entry.cause = "other_index_on_left" if found.is_index else "other_name_on_left"
    entry.repairs = (Repair(entry.span, belongs),)
    entry.message = say(
        "this computes {expected}, not {written}", expected=belongs, written=entry.written
    )


def _with_brackets(text: str, node: Node) -> tuple[int, int]:
    """Return the place of an expression with the brackets that pair with those in it."""
    start, end = node.start, node.end
    while (missing := text[start:end].count("(") - text[start:end].count(")")) > 0:
        after = text.find(")", end)
        if after < 0 or text[end:after].strip():
            break
        end = after + 1
    while missing < 0:
        before = text.rfind("(", 0, start)
        if before < 0 or text[before + 1 : start].strip():
            break
        start, missing = before, missing + 1
    return start, end


def _text(member: Member, node: Node) -> str:
    return member.text[node.start : node.end]


def _expected(blame: Blame) -> str:
    text = blame.numeric.member.text
    if blame.value is not None and not isinstance(blame.value, Interval):
        return _expected_array(blame.node, blame.value, text)
    written = figure(blame.node, text)
    if written is None and isinstance(blame.value, Interval):  # an array where a number belongs
        written = next((figure(leaf, text) for leaf in leaves(blame.node)), None)
    if written is None or not isinstance(blame.value, Interval):
        return ""
    text = printed(blame.value, written)
    return text if len(text) <= MOST_SIGNS else ""


def _expected_array(node: Node, value: Value, text: str) -> str:
    """Return an array as it is written, with the right figures in it; '' where it is too long."""
    start, end = node.start, node.end
    for leaf, new in reversed(_mended(node, value, text)):
        if not new or len(new) > MOST_SIGNS:
            return ""
        text = text[: leaf.start] + new + text[leaf.end :]
        end += len(new) - (leaf.end - leaf.start)
    return text[start:end] if end - start <= MOST_IN_ARRAY else ""


def _mended(node: Node, value: Value, text: str) -> list[tuple[Node, str]]:
    """Return the entries of a written array that are wrong, each with what belongs there."""
    return [
        (leaf, printed(entry, written))
        for leaf, entry in entries(node, value) or ()
        if (written := figure(leaf, text)) is not None and not figure_agrees(leaf, entry, entry)
    ]


def _repairs(entry: Entry, reading: Reading, blame: Blame) -> tuple[Repair, ...]:
    """Return what to write where: the wrong figures, and the results that follow from them."""
    if entry.expected is None or entry.span is None:
        return ()
    member = blame.numeric.member
    if blame.value is not None and not isinstance(blame.value, Interval):
        mended = _mended(blame.node, blame.value, member.text)
        repairs = [Repair(member.span_of(leaf), new) for leaf, new in mended]
    elif figure(blame.node) is None and not isinstance(blame.node, (Array, Tuple)):
        return ()  # no figure is wrong, but an expression
    else:
        before = member.text[: blame.node.start].rstrip()
        text = entry.expected
        if text[:1] in "-−" and before and before[-1] in "+-−*/·×^":
            text = f"({text})"
        repairs = [Repair(entry.span, text)]
    if blame.node is blame.numeric.node and not _follows(reading, blame):
        return ()
    differing = [item.written for item, _ in mismatches(blame.numeric, reading.known)]
    if len(differing) > 1 and any(leaf is blame.node for leaf in differing):
        return ()  # what is put right alone leaves the line wrong
    value = _with(blame)
    rest = reading.numbers[reading.numbers.index(blame.numeric) + 1 :]
    anew = printed_anew(rest, value)
    if anew is None:
        return tuple(repairs) if blame.node is blame.numeric.node else ()
    return (*repairs, *anew)


def printed_anew(numbers: Sequence[Numeric], value: Value | None) -> list[Repair] | None:
    """Return what to write for figures so that each is a value; None where one is no figure."""
    repairs: list[Repair] = []
    for numeric in numbers:
        written = figure(numeric.node, numeric.member.text)
        if written is None or not isinstance(value, Interval):
            return None
        new = printed(value, written)
        if new and new != written.text:
            repairs.append(Repair(numeric.member.span_of(numeric.node), new))
    return repairs


def _follows(reading: Reading, blame: Blame) -> bool:
    """Say whether what belongs there follows from the member before it, which stays as it is."""
    place = reading.numbers.index(blame.numeric)
    if not place or blame.node is not blame.numeric.node:
        return True
    before = reading.numbers[place - 1]
    return blame.value is not None and is_within(before.wide, blame.value)


def _with(blame: Blame) -> Value | None:
    """Return the value of the member with the right figure in it."""
    if blame.value is None:
        return None
    name = Name("\0right")
    node = replaced(blame.numeric.node, blame.node, name)
    return value_or_none(node, {name.id: blame.value})


def _message(entry: Entry, reading: Reading, blame: Blame, found: Found) -> Sentence:
    target = reading.chain.target
    first = reading.chain.members[0]
    slots = _slots(entry, blame, "" if target is None else _text(first, target))
    what = _what(entry, blame)
    if blame.cause is not None and blame.cause != "plain_slip":
        why = say(SLIPS[blame.cause].words, **slots)
        what = say("{what}: {why}", what=what, why=why)
    elif len(blame.slips) > 1:
        what = _one_of(what, [say(SLIPS[slip].words, **slots) for slip in blame.slips])
    if found.result_correct and blame.numeric.figure is None:
        what = say("{what}. The result is right, the working is not.", what=what)
    return what


def _one_of(what: Sentence, causes: Sequence[Sentence]) -> Sentence:
    """Return what is said where more than one slip explains a figure; three are told."""
    if len(causes) == 2:
        return say(
            "{what}. Two slips would explain it: (1) {first}; (2) {second}",
            what=what,
            first=causes[0],
            second=causes[1],
        )
    return say(
        "{what}. Several slips would explain it, such as (1) {first}; (2) {second}; (3) {third}",
        what=what,
        first=causes[0],
        second=causes[1],
        third=causes[2],
    )


def _what(entry: Entry, blame: Blame) -> Sentence:
    written, expected = entry.written or "", entry.expected
    if expected is None:
        return say("{written} does not follow", written=written)
    if blame.name and blame.line:
        return say(
            "{name} is {expected} here (line {line}), not {written}",
            name=blame.name,
            expected=expected,
            line=blame.line,
            written=written,
        )
    if blame.name:
        return say(
            "{name} is {expected} here, not {written}",
            name=blame.name,
            expected=expected,
            written=written,
        )
    return say("{written} should be {expected}", written=written, expected=expected)


def _slots(entry: Entry, blame: Blame, target: str) -> dict[str, str]:
    return {
        "name": blame.name or target,
        "other": blame.other,
        "written": entry.written or "",
        "expected": entry.expected or "",
    }


def _rounding(entry: Entry, reading: Reading, found: Found) -> None:
    judged = next((link for link in found.links if link.tier in ("chopped", "last_digit")), None)
    entry.kind = "rounding"
    if found.tier in ("chopped", "last_digit"):
        entry.cause = found.tier
    right = reading.result if judged is None else judged.right
    if right is None:
        return
    written = figure(right.node, right.member.text)
    entry.span = right.member.span_of(right.node)
    entry.written = _text(right.member, right.node)
    if judged is not None and written is not None and isinstance(judged.left.exact, Interval):
        entry.expected = printed(judged.left.exact, written) or None
        if entry.expected is not None:
            entry.repairs = (Repair(entry.span, entry.expected),)
    slots = {"written": entry.written, "expected": entry.expected or "?"}
    if entry.expected is None:
        entry.message = say("{written} is not rounded rightly", written=entry.written)
    elif found.tier == "chopped":
        entry.message = say("{written} is cut off; rounded it is {expected}", **slots)
    else:
        entry.message = say(
            "the last digit of {written} is off by one; rounded it is {expected}", **slots
        )


def _unread(reading: Reading) -> Unread | None:
    """Return the first thing of a chain that could not be read; None where all of it was."""
    return next((member.problem for member in reading.chain.members if member.problem), None)


def why_unread(problem: Unread) -> Sentence:
    """Return why something was not read; the parser's own words follow in brackets."""
    detail = problem.message
    if problem.reason == "ambiguous":
        return say("not read, for it can be read in two ways ({detail})", detail=detail)
    if problem.reason == "limit":
        return say("not read, for it is too large ({detail})", detail=detail)
    if problem.reason == "blank":
        return say("left blank")
    return say("not read ({detail})", detail=detail)


def _reason(entry: Entry, reading: Reading, found: Found) -> None:
    problem = _unread(reading)
    if problem is not None:
        entry.span = problem.span
        entry.message = why_unread(problem)
    elif reading.problem is not None:
        entry.message = say("not checked: {problem}", problem=reading.problem.message)
    else:
        entry.message = say("not checked: {problem}", problem=_why_unknown(reading))


def _why_unknown(reading: Reading) -> Text:
    """Return which value is not known, or why there is none where all names are."""
    name = _unknown(reading)
    if name:
        return say("the value of {name} is not known", name=name)
    formula = reading.formula
    values = None if formula is None else environment(formula, reading.known)
    try:
        if formula is not None and values is not None:
            value_of(flattened(formula), values)
    except Unevaluable as problem:
        return problem.message
    return say("a value is not known")


def _unknown(reading: Reading) -> str:
    """Return the first name, as it is written, of which no value is known."""
    for member in reading.chain.members[1:] or reading.chain.members:
        names = {} if member.node is None else quantities_in(member.node)
        unknown = {name for name, part in names.items() if reading.known.current(part) is None}
        for part in () if member.node is None else walk(member.node):
            if name_of(part) in unknown:
                return _text(member, part)
    return ""
