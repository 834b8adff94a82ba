"""From a judgement to a finding: places, the figure that belongs there, the repair, the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tracer.check.compare.bounded_values import entries_of
from tracer.check.compare.side_comparison import Agreement
from tracer.check.compare.written_trees import numbers_in
from tracer.check.judge.blame_finder import WrongPart
from tracer.check.judge.follow import ChainJudgement
from tracer.check.model.finding import ComparedPair, Finding, Replacement
from tracer.check.model.mapped_text import TextPlace
from tracer.check.model.statements import EquationChain, Side, UnreadPiece
from tracer.check.numbers.figures import Figure, figure, printed
from tracer.check.slips.causes import SLIPS
from tracer.expression.syntax import Call, Node
from tracer.intervals import Interval, Value
from tracer.narrative.messages import Sentence, say

__all__ = ["finding_of", "unread_finding"]

MOST_SIGNS: Final = 40  # of a figure that is said to belong somewhere; longer ones nobody reads
MOST_IN_ARRAY: Final = 400
SIGNS: Final = {"add": "+", "subtract": "−", "multiply": "·", "divide": "/"}
WRITTEN_SIGNS: Final = "+-−*·×/÷"


def finding_of(judgement: ChainJudgement, lines: Sequence[str]) -> Finding:
    """Return what is reported of a chain."""
    chain = judgement.chain
    pairs = tuple(_pairs(judgement))
    if judgement.blame is not None:
        return _slip(judgement, judgement.blame, pairs, lines)
    kind, cause, message = None, None, None
    reason = None
    if judgement.outcome == "carried_forward":
        kind = "carried_forward"
        message = say(
            "right from a wrong start: it follows from the slip on line {line}",
            line=judgement.error_line,
        )
    elif judgement.outcome == "undecided":
        message = _why_undecided(judgement)
    elif judgement.outcome == "not_checked":
        problem = next((side.problem for side in chain.sides if side.problem), None)
        reason = None if problem is None else problem.reason
        message = None if problem is None else _why_unread(problem)
    elif judgement.outcome == "rounding":
        kind = "rounding"
    elif judgement.outcome == "slip":
        kind, message = "wrong_formula", say("the sides of this line do not agree")
    return Finding(
        judgement.outcome,
        chain.place,
        chain.text,
        pairs,
        kind=kind,
        cause=cause,
        message=message,
        error_line=judgement.error_line or None,
        reason=reason,
        world=judgement.world,
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


def _why_unread(piece: UnreadPiece) -> Sentence:
    detail = piece.message
    if piece.reason == "ambiguous":
        return say("not read, for it can be read in two ways ({detail})", detail=detail)
    if piece.reason == "limit":
        return say("not read, for it is too large ({detail})", detail=detail)
    if piece.reason == "blank":
        return say("left blank")
    return say("not read ({detail})", detail=detail)


def _pairs(judgement: ChainJudgement) -> Iterator[ComparedPair]:
    sides = judgement.chain.sides
    for pair in judgement.pairs:
        agreement = None if pair.agreement is None else pair.agreement.name.lower()
        left = sides[pair.position].written.text.strip()
        right = "" if pair.with_run else sides[pair.position + 1].written.text.strip()
        yield ComparedPair(left, right, agreement)


def _why_undecided(judgement: ChainJudgement) -> Sentence:
    """Return what keeps a chain from being right or wrong, the first reason that applies."""
    if judgement.coincides:
        return say("the formula gives this value only because of these particular numbers")
    unknown = [name for pair in judgement.pairs for name in pair.unknown]
    if unknown:
        return say("the value of {name} is not known", name=unknown[0])
    if any(pair.agreement is Agreement.DIFFERS for pair in judgement.pairs):
        return say("the sides differ, but it is not certain how this line is to be read")
    if any(pair.agreement is None for pair in judgement.pairs):
        return say("a part of this line was not read")
    return say("cannot tell: within rounding error")


# Slips ----------------------------------------------------------------------------------------


def _slip(
    judgement: ChainJudgement,
    blame: WrongPart,
    pairs: tuple[ComparedPair, ...],
    lines: Sequence[str],
) -> Finding:
    chain = judgement.chain
    side = chain.sides[blame.position]
    start, end = _extent(side, blame)
    place = side.written.place(start, end)
    written = side.written.text[start:end]
    expected = _expected(side, blame)
    kinds = tuple(dict.fromkeys(SLIPS[slip].kind for slip in blame.slips))
    replacements = tuple(_replacements(judgement, blame, side, place, expected))
    is_right = _is_result_right(judgement, blame)
    return Finding(
        "slip",
        chain.place,
        chain.text,
        pairs,
        kind=kinds[0] if kinds else _kind_without_cause(blame),
        candidates=kinds,
        cause=blame.cause,
        wrong_place=place,
        written=written,
        expected=expected,
        suggestion=_corrected_line(place.line, replacements, lines),
        message=_message(chain, blame, written, expected, is_right=bool(is_right)),
        replacements=replacements,
        result_correct=is_right,
        world=judgement.world,
    )


def _kind_without_cause(blame: WrongPart) -> str:
    return "wrong_substitution" if blame.part == "figure" else "wrong_formula"


def _extent(side: Side, blame: WrongPart) -> tuple[int, int]:
    """Return the part of a side's text that is wrong: a figure, or a sign of operation."""
    node, text = blame.node, side.written.text
    if blame.operation and isinstance(node, Call):
        left, right = node.arguments
        for position in range(left.end, right.start):
            if text[position] in WRITTEN_SIGNS:
                return position, position + 1
    if node.start < 0 or node is side.tree:
        return len(text) - len(text.lstrip()), len(text.rstrip())
    return _with_brackets(text, node.start, node.end)


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a part of a text with the brackets that pair with those in it."""
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


def _expected(side: Side, blame: WrongPart) -> str | None:
    """Return what belongs in the place, as this writer writes it; None where none is certain."""
    if blame.operation:
        return SIGNS[blame.operation]
    text, value = side.written.text, blame.expected
    if value is None:
        return None
    if isinstance(value, Interval):
        like = figure(blame.node, text) or _first_figure(blame.node)
        found = "" if like is None else printed(value, like)
        return found if 0 < len(found) <= MOST_SIGNS else None
    return _expected_array(blame.node, value, text)


def _first_figure(node: Node) -> Figure | None:
    """Return the first figure of an array, where a single number belongs."""
    numbers = numbers_in(node)
    return figure(numbers[0]) if numbers else None


def _expected_array(node: Node, value: Value, text: str) -> str | None:
    """Return an array as it is written, with the right figures in it."""
    numbers, entries = numbers_in(node), list(entries_of(value))
    if len(numbers) != len(entries) or node.end - node.start > MOST_IN_ARRAY:
        return None
    for number, entry in reversed(list(zip(numbers, entries, strict=True))):
        like = figure(number, text)
        new = "" if like is None else printed(entry, like)
        if not new:
            return None
        text = text[: number.start] + new + text[number.end :]
    return text[node.start : len(text)].strip() or None


def _replacements(
    judgement: ChainJudgement, blame: WrongPart, side: Side, place: TextPlace, expected: str | None
) -> Iterator[Replacement]:
    """Yield what to write where: the wrong figure, and the results that follow from it."""
    if expected is None or (blame.part == "formula" and not blame.operation):
        return
    node = blame.node
    text = expected
    before = side.written.text[: max(node.start, 0)].rstrip()
    if text[:1] in "-−" and before and before[-1] in "+-−*/·×^":
        text = f"({text})"
    yield Replacement(place, text)
    if blame.part == "figure" and not _is_result_right(judgement, blame):
        return  # the results that follow from it would have to be worked out anew
    chain = judgement.chain
    if blame.part == "result" and isinstance(blame.expected, Interval):
        for later in chain.sides[blame.position + 1 :]:
            tree = later.tree
            like = None if tree is None else figure(tree, later.written.text)
            new = "" if like is None else printed(blame.expected, like)
            if tree is not None and like is not None and new and new != like.text:
                yield Replacement(later.place_of(tree), new)


def _is_result_right(judgement: ChainJudgement, blame: WrongPart) -> bool | None:
    """Tell whether the result is right although the working is not, where a reference says so."""
    last = len(judgement.chain.sides) - 1
    if blame.position == last and blame.part == "result":
        return False
    with_run = [pair for pair in judgement.pairs if pair.with_run and pair.position == last]
    if with_run:
        return with_run[0].agreement is not None and with_run[0].agreement <= Agreement.ROUNDING
    return None


def _corrected_line(
    line: int, replacements: Sequence[Replacement], lines: Sequence[str]
) -> str | None:
    if not replacements:
        return None
    text = lines[line - 1]
    for each in sorted(replacements, key=lambda each: -each.place.start):
        if each.place.line == line:
            text = text[: each.place.start] + each.text + text[each.place.end :]
    return text


def _message(
    chain: EquationChain, blame: WrongPart, written: str, expected: str | None, *, is_right: bool
) -> Sentence:
    what = _what(blame, written, expected)
    first = chain.sides[0].written.text.strip()
    slots = {
        "name": blame.name or first,
        "other": blame.other,
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


def _what(blame: WrongPart, written: str, expected: str | None) -> Sentence:
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
