"""Where the wrong part of a slip stands, what belongs there, and what to write in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracer.check.arithmetic.figures import figure, printed_instead
from tracer.check.compare.bounded_values import do_meet, entries_of, widen, with_value
from tracer.check.compare.side_comparison import Agreement
from tracer.check.judge.blame_finder import WrongPart
from tracer.check.judge.world_verdict import ChainJudgement
from tracer.check.model.finding import Replacement
from tracer.check.model.mapped_text import TextPlace
from tracer.check.model.statements import Side
from tracer.check.model.written_trees import (
    entries_in,
    is_literal,
    names_in,
    numbers_in,
    replace_part,
)
from tracer.expression.syntax import Call, Node, walk
from tracer.intervals import Interval, Value, value_or_none

__all__ = [
    "array_text",
    "is_result_right",
    "replacements_of",
    "right_text",
    "with_brackets",
    "wrong_extent",
]

MOST_SIGNS: Final = 40  # of a figure that is said to belong somewhere; longer ones nobody reads
MOST_IN_ARRAY: Final = 400
SIGNS: Final = {"add": "+", "subtract": "−", "multiply": "·", "divide": "/"}
INEQUALITIES: Final = ("<", ">", "≤", "≥", "≪", "≫", "≠")
IN_A_FIGURE: Final = "0123456789, )]}"  # what may follow its first digits; a unit stays
OPENING: Final = " ([{"  # a command, `\\mathbf{`, stays
WRITTEN_SIGNS: Final = "+-−*·×/÷"
MINUS_SIGNS: Final = ("-", "−")
OPERATORS: Final = tuple(WRITTEN_SIGNS + "^")
BEFORE_A_SIGN: Final = ("", "(", "[", "{", ",", *OPERATORS)


def wrong_extent(side: Side, blame: WrongPart) -> tuple[int, int]:
    """Return the part of a side's text that is wrong: a figure, or a sign of operation."""
    node, text = blame.node, side.written.text
    if blame.mended is not None and blame.mended.arguments == node.children():
        left, right = node.children()
        for position in range(left.end, right.start):
            if text[position] in WRITTEN_SIGNS:
                return position, position + 1
    whole = side.tree
    is_whole = whole is not None and (node.start, node.end) == (whole.start, whole.end)
    outside = text[: node.start].strip(OPENING) + text[node.end :].strip(IN_A_FIGURE)
    if node.start < 0 or (is_whole and not outside):
        return len(text) - len(text.lstrip()), len(text.rstrip())
    return with_brackets(text, node.start, node.end)


def with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a part of a text with the brackets that pair with those in it."""
    depth = lowest = 0
    for sign in text[start:end]:
        depth += (sign == "(") - (sign == ")")
        lowest = min(lowest, depth)
    for _ in range(-lowest):
        before = text.rfind("(", 0, start)
        if before < 0 or text[before + 1 : start].strip():
            break
        start = before
    for _ in range(depth - lowest):
        after = text.find(")", end)
        if after < 0 or text[end:after].strip():
            break
        end = after + 1
    return start, end


def right_text(side: Side, blame: WrongPart) -> str | None:
    """Return what belongs in the place, as this writer writes it; None where none is certain."""
    text, value = side.written.text, blame.expected
    if blame.belongs:
        return blame.belongs
    if blame.mended is not None:
        return _mended_text(blame.mended, blame.node, text)
    if value is None:
        return None
    if isinstance(value, Interval):
        like = figure(blame.node, text) or next(map(figure, numbers_in(blame.node)), None)
        found = "" if like is None else printed_instead(value, like)
        if blame.line and value.is_exact and found.partition(".")[2].isdigit():
            found = found.rstrip("0").rstrip(".")  # it was stated: as exactly as it is known
        return found if 0 < len(found) <= MOST_SIGNS else None
    return array_text(blame.node, value, text)


def _mended_text(mended: Call, node: Node, text: str) -> str:
    """Return the sign of operation that belongs between two figures, or both in another order."""
    sign = "-" if mended.operation == "subtract" and text.isascii() else SIGNS[mended.operation]
    if mended.arguments == node.children():
        return sign
    parts = (with_brackets(text, part.start, part.end) for part in mended.arguments)
    return f" {sign} ".join(text[start:end] for start, end in parts)


def array_text(node: Node, value: Value, text: str) -> str | None:
    """Return an array as it is written, with the right figures in it."""
    figures = _right_figures(node, value, text)
    if figures is None or node.end - node.start > MOST_IN_ARRAY:
        return None
    end = len(text) - node.end
    for entry, new in reversed(figures):
        text = text[: entry.start] + new + text[entry.end :]
    return text[node.start : len(text) - end].strip()


def _right_figures(node: Node, value: Value, text: str) -> list[tuple[Node, str]] | None:
    """Return the entries of a literal, each with the figure that belongs there."""
    written, right = entries_in(node), list(entries_of(value))
    if len(written) != len(right):
        return None
    found = []
    for entry, interval in zip(written, right, strict=True):
        like = figure(entry, text)
        if like is None:
            return None
        is_right = do_meet(widen(Interval(like.value), [like.half]), interval)
        new = like.text if is_right else printed_instead(interval, like)
        if not new:
            return None
        found.append((entry, new))
    return found


def replacements_of(
    judgement: ChainJudgement, blame: WrongPart, side: Side, place: TextPlace, expected: str | None
) -> Iterator[Replacement]:
    """Yield what to write where: the wrong figure or sign, and the results that follow from it."""
    if expected is None or blame.part in ("figures", "either"):
        return
    if blame.part == "formula" and blame.mended is None:
        return
    if isinstance(blame.expected, tuple):
        yield from _new_figures(side, blame.node, blame.expected)
    else:
        yield _with_its_sign(side, blame.node, place, expected)
    if blame.part == "figure" and is_result_right(judgement, blame):
        return
    reference = judgement.admitted.reference
    value = _mended_value(side, blame)
    if reference is not None and blame.part != "result" and value is not None:
        value = reference.printed  # the figures before it may be rounded
    for later in judgement.chain.sides[blame.position + 1 :]:
        if value is None or later.tree is None or not is_literal(later.tree):
            return  # other figures would have to be worked out anew
        if later.relation in INEQUALITIES:
            return  # a bound does not follow from what it is held against
        yield from _new_figures(later, later.tree, value)


def _with_its_sign(side: Side, node: Node, place: TextPlace, text: str) -> Replacement:
    """Return the replacement of a figure: no sign stands behind another one."""
    before = side.written.text[: max(node.start, 0)].rstrip()
    if text[:1] not in MINUS_SIGNS or before[-1:] not in OPERATORS:
        return Replacement(place, text)
    is_sign = before[-1] in MINUS_SIGNS and before[:-1].rstrip()[-1:] in BEFORE_A_SIGN
    if is_sign:
        return Replacement(side.written.place(len(before) - 1, node.end), text[1:])
    return Replacement(place, f"({text})")


def _mended_value(side: Side, blame: WrongPart) -> Value | None:
    """Return what a side is worth once its wrong part is mended; None where it has names."""
    tree, node = side.tree, blame.node
    if tree is None or names_in(tree):
        return None
    written = (part for part in walk(tree) if (part.start, part.end) == (node.start, node.end))
    old = next(written, tree)
    new: Node | None = blame.mended
    if blame.mended is not None:
        new = replace_part(tree, old, blame.mended)
    elif blame.expected is not None:
        new = with_value(tree, old, blame.expected)
    return None if new is None else value_or_none(new)


def _new_figures(side: Side, node: Node, value: Value) -> Iterator[Replacement]:
    """Yield the right figures of a literal for those of its entries that are wrong."""
    for entry, new in _right_figures(node, value, side.written.text) or ():
        like = figure(entry, side.written.text)
        if like is not None and like.text != new:
            yield Replacement(side.place_of(entry), new)


def is_result_right(judgement: ChainJudgement, blame: WrongPart) -> bool | None:
    """Tell whether the result is right although the working is not, where a reference says so."""
    last = len(judgement.chain.sides) - 1
    if blame.position == last and blame.part == "result":
        return False
    with_run = [pair for pair in judgement.pairs if pair.with_run and pair.position == last]
    if with_run:
        return with_run[0].agreement is not None and with_run[0].agreement <= Agreement.ROUNDING
    return None
