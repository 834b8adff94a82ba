"""From a judgement to a finding: its verdict, its places and its words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, get_args

from tracer.check.arithmetic.figures import figure, printed
from tracer.check.arithmetic.figures import tier as tier_of_figure
from tracer.check.compare.side_comparison import Agreement
from tracer.check.judge.blame_finder import WrongPart
from tracer.check.judge.outcomes import ChainJudgement
from tracer.check.judge.slip_repairs import (
    array_text,
    is_result_right,
    replacements_of,
    right_text,
    wrong_extent,
)
from tracer.check.judge.uncertainty import Uncertainty
from tracer.check.judge.world_verdict import WRONG, JudgedPair
from tracer.check.model.finding import (
    ComparedPair,
    Finding,
    SlipKind,
    Tier,
    corrected_line,
)
from tracer.check.model.mapped_text import TextPlace
from tracer.check.model.statements import EquationChain, Side, UnreadPiece, WorkedDocument
from tracer.check.model.written_trees import (
    names_in,
)
from tracer.check.slips.causes import SLIPS
from tracer.errors import printable
from tracer.expression.syntax import Name, walk
from tracer.intervals import Interval, value_or_none
from tracer.sentences import Sentence, say

__all__ = ["finding_of", "out_of_time_finding", "unread_finding"]

TIERS: Final[Sequence[Tier]] = get_args(Tier)

ANOTHER_EXAMPLE: Final = say(
    "the sides differ, but the figures may be those of another example; state the values above"
)
ROUNDED: Final = say("the sides differ by no more than rounded figures may")
WHY_UNCERTAIN: Final[dict[Uncertainty, Sentence]] = {
    "rounded_down": say("right if the result is rounded down"),
    "base_of_the_logarithm": say("right if the logarithm has another base; write its base"),
    "parameter_of_a_function": say("right with another parameter of the function; write it"),
    "figures_are_rounded": ROUNDED,
    "noise_of_a_machine": ROUNDED,
    "another_example": ANOTHER_EXAMPLE,
    "given_twice": ANOTHER_EXAMPLE,
    "given_elsewhere": ANOTHER_EXAMPLE,
    "told_of_another_time": say(
        "the sides differ, but a name may have its value from another step; state that value above"
    ),
}
"""What keeps a difference from being a slip, and what a writer can do about it."""


def finding_of(judgement: ChainJudgement, document: WorkedDocument) -> Finding:
    """Return what is reported of a chain."""
    chain = judgement.chain
    pairs = tuple(_pairs(judgement))
    if judgement.blame is not None:
        return _slip(judgement, judgement.blame, pairs, document)
    if judgement.outcome == "rounding":
        return _rounding(judgement, pairs)
    kind: SlipKind | None = None
    message: Sentence | None = None
    reason = None
    if judgement.outcome == "carried_forward":
        kind = "carried_forward"
        message = say(
            "correct given the slip on line {line}, from which it follows",
            line=document.line_name(judgement.error_line),
        )
    elif judgement.outcome == "undecided":
        message = _why_undecided(judgement)
    elif judgement.outcome == "not_checked":
        problem = next((side.problem for side in chain.sides if side.problem), None)
        reason = None if problem is None else problem.reason
        message = None if problem is None else _why_unread(problem)
    return Finding(
        judgement.outcome,
        chain.place,
        chain.text,
        pairs,
        tier=max((p.tier for p in pairs if p.tier is not None), key=TIERS.index, default=None),
        kind=kind,
        message=message,
        error_line=judgement.error_line or None,
        reason=reason,
        world=judgement.admitted.name,
    )


def unread_finding(piece: UnreadPiece) -> Finding:
    """Return what is reported of something that was not read."""
    return Finding(
        "not_checked",
        piece.place,
        piece.text,
        wrong_place=piece.place,
        reason=piece.reason,
        message=_why_unread(piece),
    )


def out_of_time_finding(place: TextPlace, text: str, message: Sentence | None = None) -> Finding:
    """Return what is reported of what is left where a document takes too long."""
    return Finding(
        "not_checked",
        place,
        printable(text),
        wrong_place=place,
        reason="limit",
        message=message or say("not checked: the document takes too long"),
    )


def _why_unread(piece: UnreadPiece) -> Sentence:
    detail = piece.message
    words = {
        "ambiguous": say("not read: it can be read in two ways ({detail})", detail=detail),
        "limit": say("not read: it is too large ({detail})", detail=detail),
        "blank": say("left blank"),
    }
    return words.get(piece.reason) or say("not read ({detail})", detail=detail)


def _pairs(judgement: ChainJudgement) -> Iterator[ComparedPair]:
    sides = judgement.chain.sides
    for pair in judgement.pairs:
        left = sides[pair.position]
        right = None if pair.with_run else sides[pair.position + 1]
        shown = "" if right is None else right.written.text.strip()
        yield ComparedPair(left.written.text.strip(), shown, _tier(pair.agreement, left, right))


def _tier(agreement: Agreement | None, left: Side, right: Side | None) -> Tier | None:
    """Return how near two sides are, or a side and the run (`right` is None)."""
    if agreement in (None, Agreement.UNKNOWN):
        return None
    if agreement in WRONG:
        return "wrong"
    if agreement is Agreement.OPEN:
        return "within_rounding"
    result = left if right is None else right
    written = None if result.tree is None else figure(result.tree, result.written.text)
    value = None if right is None or written is None else _value_of_figures(left)
    if value is None or written is None:
        if agreement is Agreement.ROUNDING:
            return "last_digit"
        return "rounded" if written is not None and written.half else "exact"
    found = tier_of_figure(written, value)
    if agreement is Agreement.ROUNDING:
        return found if found in ("chopped", "last_digit") else "last_digit"
    return "rounded_from_unrounded" if found == "wrong" else found


def _why_undecided(judgement: ChainJudgement) -> Sentence:
    """Return what keeps a chain from being right or wrong, the first reason that applies."""
    chain, pairs = judgement.chain, judgement.pairs
    agreements = {pair.agreement for pair in pairs}
    uncertain = {each for pair in pairs for each in pair.uncertain}
    value = next((text for pair in pairs if (text := _value_text(judgement, pair))), "")
    differs = not agreements.isdisjoint(WRONG)
    is_blank = any(side.problem and side.problem.reason == "blank" for side in chain.sides)
    reasons: Sequence[tuple[bool, Sentence]] = (
        (
            "supposed" in chain.doubts,
            say("this line is an assumption, so it is not compared with other lines"),
        ),
        (
            judgement.coincides,
            say("the formula gives this value only because of these particular numbers"),
        ),
        *_unknown_values(judgement),
        (
            bool(value) and "base_of_the_logarithm" not in uncertain,
            say("the value here is {value}; another sample or step may be meant", value=value),
        ),
        *((each in uncertain, words) for each, words in WHY_UNCERTAIN.items()),
        (
            differs or "other_reading" in uncertain,
            say("the sides differ, but this line can be read in more than one way"),
        ),
        (is_blank, say("a part of this line is left blank")),
        (
            None in agreements or "cut_off" in chain.doubts,
            say("a part of this line was not read"),
        ),
        (
            judgement.admitted.name == "earlier_iteration",
            say("another sample or step may be meant"),
        ),
        (
            any(pair.has_two_shapes for pair in pairs),
            say("the two sides have different shapes"),
        ),
        (Agreement.UNKNOWN in agreements, say("a side of this line has no value")),
    )
    otherwise = say("cannot tell: within rounding error")
    return next((words for applies, words in reasons if applies), otherwise)


def _unknown_values(judgement: ChainJudgement) -> Iterator[tuple[bool, Sentence]]:
    """Yield what is said of names without a value, where they leave a chain open."""
    agreed = (Agreement.HOLDS, Agreement.ROUNDING)
    unknown = [n for pair in judgement.pairs if pair.agreement not in agreed for n in pair.unknown]
    chain = judgement.chain
    own = chain.sides[0].tree
    if chain.sides[1].relation == "←" and isinstance(own, Name) and own.id in unknown:
        words = say(
            "the value of {name} before this update is not known; state it above",
            name=_as_written(own.id, [chain]),
        )
        yield True, words
    for name in unknown[:1]:
        yield True, say("the value of {name} is not known", name=_as_written(name, [chain]))


def _value_text(judgement: ChainJudgement, pair: JudgedPair) -> str:
    """Return what a formula without figures gives, as its result is written; else nothing."""
    sides = judgement.chain.sides[pair.position :][:2]
    left, right = sides[0].tree, sides[-1].tree
    if pair.value is None or left is None or right is None or not names_in(left):
        return ""
    if isinstance(pair.value, Interval):
        like = figure(right, sides[-1].written.text)
        return "" if like is None else printed(pair.value, like)
    return array_text(right, pair.value, sides[-1].written.text) or ""


def _rounding(judgement: ChainJudgement, pairs: Sequence[ComparedPair]) -> Finding:
    """Return a remark on the first figure that was cut off, or is off by one in its last digit."""
    chain = judgement.chain
    pair = next(each for each in judgement.pairs if each.agreement is Agreement.ROUNDING)
    left = chain.sides[pair.position]
    side = left if pair.with_run else chain.sides[pair.position + 1]
    assert side.tree is not None, "what was not read has no agreement"
    written = figure(side.tree, side.written.text)
    value = None if pair.with_run else _value_of_figures(left)
    expected = printed(value, written) if value is not None and written is not None else None
    tier = pairs[judgement.pairs.index(pair)].tier
    slip = "chopped" if tier == "chopped" else "last_digit"
    message = say(SLIPS[slip].words)
    if expected:
        what = say("{written} should be {expected}", written=_written_text(side), expected=expected)
        message = say("{what}: {why}", what=what, why=message)
    return Finding(
        "rounding",
        chain.place,
        chain.text,
        pairs,
        tier=tier,
        kind="rounding",
        candidates=("rounding",),
        cause=slip,
        wrong_place=side.place_of(side.tree),
        written=_written_text(side),
        expected=expected,
        message=message,
        world=judgement.admitted.name,
    )


def _as_written(name: str, chains: Iterable[EquationChain]) -> str:
    """Return how the first chain with a quantity writes its name; the name where none has it."""
    for chain in chains:
        for side in chain.sides:
            for node in () if side.tree is None else walk(side.tree):
                if isinstance(node, Name) and node.id == name and node.start < node.end:
                    return side.written.text[node.start : node.end]
    return name


def _written_text(side: Side) -> str:
    """Return a side as it was written, without the blanks around it."""
    return side.written.text.strip()


def _value_of_figures(side: Side) -> Interval | None:
    """Return the value of a side of figures; None where it has names, or is no single number."""
    if side.tree is None or names_in(side.tree):
        return None
    value = value_or_none(side.tree)
    return value if isinstance(value, Interval) else None


# Slips ----------------------------------------------------------------------------------------


def _slip(
    judgement: ChainJudgement,
    blame: WrongPart,
    pairs: tuple[ComparedPair, ...],
    document: WorkedDocument,
) -> Finding:
    chain = judgement.chain
    side = chain.sides[blame.position]
    start, end = wrong_extent(side, blame)
    place = side.written.place(start, end)
    written = side.written.text[start:end]
    expected = right_text(side, blame)
    kinds = tuple(dict.fromkeys(SLIPS[slip].kind for slip in blame.slips))
    replacements = tuple(replacements_of(judgement, blame, side, place, expected))
    if blame.part == "figure" and replacements and not blame.name:
        repair = replacements[0]
        is_longer = repair.place.start < place.start
        if is_longer and (repair.place.line, repair.place.end) == (place.line, place.end):
            start -= place.start - repair.place.start  # with the sign that the repair takes away
            place, written, expected = repair.place, side.written.text[start:end], repair.text
    is_right = is_result_right(judgement, blame)
    unnamed: SlipKind = "wrong_substitution" if blame.part.startswith("figure") else "wrong_formula"
    return Finding(
        "slip",
        chain.place,
        chain.text,
        pairs,
        tier="wrong",
        kind=kinds[0] if kinds else unnamed,
        candidates=kinds,
        cause=blame.cause,
        wrong_place=place,
        written=written,
        expected=expected,
        suggestion=corrected_line(replacements, document.lines),
        message=_message(judgement, document, written, expected, is_right=bool(is_right)),
        replacements=replacements,
        result_correct=is_right,
        world=judgement.admitted.name,
    )


def _message(
    judgement: ChainJudgement,
    document: WorkedDocument,
    written: str,
    expected: str | None,
    *,
    is_right: bool,
) -> Sentence:
    blame = judgement.blame
    assert blame is not None
    name, other = (
        each and _as_written(each, itertools.chain((judgement.chain,), document.chains()))
        for each in (blame.name, blame.other)
    )
    what = _what(blame, name, document, written, expected)
    slots = {
        "name": name or _written_text(judgement.chain.sides[0]),
        "other": other,
        "written": written,
        "expected": expected or "",
    }
    if blame.cause is not None and blame.cause != "plain_slip":
        what = say("{what}: {why}", what=what, why=say(SLIPS[blame.cause].words, **slots))
    elif len(blame.slips) > 1:
        what = _one_of(what, [say(SLIPS[slip].words, **slots) for slip in blame.slips])
    if is_right:
        what = say("{what}. The result is right, the working is not.", what=what)
    return what


def _one_of(what: Sentence, causes: Sequence[Sentence]) -> Sentence:
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


def _what(
    blame: WrongPart,
    quantity: str,
    document: WorkedDocument,
    written: str,
    expected: str | None,
) -> Sentence:
    if blame.part == "derivative":
        slots = {"written": written, "name": quantity, "line": document.line_name(blame.line)}
        if blame.other:
            return say("{written} is not the derivative through {name} (line {line})", **slots)
        return say("{written} is not the derivative of {name} (line {line})", **slots)
    if expected is None:
        return say("{written} does not follow", written=written)
    if blame.part == "either":
        return say(
            "the formula has {written} where its figures have {expected}",
            written=written,
            expected=expected,
        )
    name: str | Sentence = quantity
    place = ", ".join(map(str, blame.entry))
    if name and place:
        name = say("entry {place} of {name}", place=place, name=name)
    if name and blame.line:
        return say(
            "{name} is {expected} here (line {line}), not {written}",
            name=name,
            expected=expected,
            line=document.line_name(blame.line),
            written=written,
        )
    if name:
        return say(
            "{name} is {expected} here, not {written}",
            name=name,
            expected=expected,
            written=written,
        )
    what = say("{written} should be {expected}", written=written, expected=expected)
    return say("entry {place}: {what}", place=place, what=what) if place else what
