"""From a judgement to a finding: its verdict, its places and words, what to write instead."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, get_args

from tracer.check.arithmetic.figures import (
    AS_STATED,
    AS_WRITTEN,
    Precision,
    figure,
    printed_instead,
    written_like,
)
from tracer.check.arithmetic.figures import tier as tier_of_figure
from tracer.check.compare.bounded_values import (
    coarsest_place,
    do_meet,
    entries_of,
    half_of,
    have_one_shape,
    precision_beside,
    widen,
    with_entries,
)
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.evidence import WRONG, WrongPart
from tracer.check.judge.judgement import ChainJudgement
from tracer.check.judge.uncertainty import Uncertainty
from tracer.check.judge.world_verdict import JudgedPair
from tracer.check.model.finding import (
    ComparedPair,
    Finding,
    Replacement,
    SlipKind,
    Tier,
    corrected_line,
)
from tracer.check.model.statements import (
    EquationChain,
    Side,
    TextPlace,
    UnreadPiece,
    WorkedDocument,
)
from tracer.check.model.written_trees import (
    entries_in,
    is_literal,
    names_in,
    numbers_in,
    signed_terms,
)
from tracer.check.slips.causes import SLIPS
from tracer.check.trace.aliases import key_of, quantity_key
from tracer.errors import printable
from tracer.expression.lexer import RAISED
from tracer.expression.names import AS_SUPERSCRIPT
from tracer.expression.syntax import Call, Name, Node, Number, walk
from tracer.intervals import Interval, Value, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.sentences import Sentence, say

TIERS: Final[Sequence[Tier]] = get_args(Tier)
TIER_OF_OTHERS: Final[dict[Agreement | None, Tier]] = {
    Agreement.OPEN: "within_rounding",
    **dict.fromkeys(WRONG, "wrong"),
}
"""Of pairs that do not agree; those that could not be compared have none."""

TURNED: Final = ("^\\top", "^{\\top}", "^T", "^{T}", "ᵀ", ".T")
"""Signs of an array with rows and columns exchanged."""
MOST_SIGNS: Final = 40  # of a figure that is said to belong somewhere; longer ones nobody reads
MOST_IN_ARRAY: Final = 400
SIGNS: Final = {"add": "+", "subtract": "−", "multiply": "·", "divide": "/", "negative": "−"}
IN_A_FIGURE: Final = "0123456789, )]}"  # what may follow its first digits; a unit stays
OPENING: Final = " ([{"  # a command, `\\mathbf{`, stays
WRITTEN_SIGNS: Final = "+-−*·×/÷"
TIMES: Final = ("*", "·", "×", "\\cdot", "\\times")
MINUS_SIGNS: Final = ("-", "−")
INDEX: Final = lazy_regex(r"_?[0-9]+|_[i-nt]{1,2}(?![A-Za-z])")
BEFORE_A_SIGN: Final = ("", "(", "[", "{", ",", "^", *WRITTEN_SIGNS)

ANOTHER_EXAMPLE: Final = say(
    "the figures are not what the values above give; if they are of another example, state its "
    "values above"
)
WHY_UNCERTAIN: Final[dict[Uncertainty, Sentence]] = {
    "rounded_down": say("right if the result is rounded down"),
    "base_of_the_logarithm": say("right if the logarithm has another base; write its base"),
    "parameter_of_a_function": say(
        "right if a function here has another parameter or other terms; write them down"
    ),
    "figures_are_rounded": say("the sides differ by no more than rounding allows"),
    "breaks_an_equation": say("an equation above does not hold with this value"),
    "worked_out_below": say("a line further down works out a figure here; check that line first"),
    "finer_than_above": say(
        "a figure here has more digits than the value above that it should be, and is another one; "
        "check both lines"
    ),
    "another_example": ANOTHER_EXAMPLE,
    "given_twice": ANOTHER_EXAMPLE,
    "given_elsewhere": ANOTHER_EXAMPLE,
    "not_compared": say("nothing that is stated can be compared with this derivative"),
    "turned": say("rows and columns of this derivative are exchanged, as some write it"),
    "special_data": say("right for special data only, such as labels of ±1 or symmetric weights"),
    "slope_of_a_part": say("this may be the derivative of only a part of the formula above"),
    "formula_in_figures": say(
        "this is not the derivative of the formula above as its figures read; write that formula "
        "with names"
    ),
    "formula_of_another_example": say(
        "this is not the derivative of the formula under another heading, which may be of another "
        "example"
    ),
    "stated_otherwise": say("this differs from the formula that is stated for it above"),
    "adds_the_gradient": say(
        "right if the step is meant to go uphill; an update subtracts the gradient of a loss"
    ),
    "stated_nowhere": say("one figure of this update is neither the rate nor the gradient above"),
    "no_quantity_of_the_run": say(
        "the calculation is right, but its value does not tell which quantity of the scenario it "
        "is; name the quantity"
    ),
    "idle_rate": say(
        "an update takes the rate times the gradient; here the rate multiplies nothing"
    ),
    "updated_in_step": say(
        "right only if the parameters are updated one after the other; gradients of one step are "
        "taken before all its updates"
    ),
    "told_of_another_time": say(
        "the figures are not what the values above give; if a name has its value from another "
        "step, state that value above"
    ),
}
"""What keeps a difference from being a slip, and what a writer can do about it."""


def finding_of(judgement: ChainJudgement, document: WorkedDocument) -> Finding:
    """Return what is reported of a chain."""
    chain = judgement.chain
    pairs = tuple(_compared_pairs(judgement))
    blame = judgement.blame
    if judgement.outcome == "rounding" and blame is None:
        blame = _rounding_blame(judgement, pairs)
    if blame is not None:
        return _finding_of_blame(judgement, blame, pairs, document)
    problems = [side.problem for side in chain.sides if side.problem]
    message: Sentence | None = None
    if judgement.outcome == "carried_forward":
        message = say(
            "correct given the slip on line {line}, from which it follows",
            line=document.line_name(judgement.error_line),
        )
    elif judgement.outcome == "undecided":
        message = _why_undecided(judgement)
    is_unread = judgement.outcome == "not_checked" and bool(problems)
    return Finding(
        judgement.outcome,
        chain.place,
        chain.text,
        pairs,
        tier=_worst_tier(pairs),
        kind="carried_forward" if judgement.outcome == "carried_forward" else None,
        message=_why_unread(problems[0]) if is_unread else message,
        error_line=judgement.error_line or None,
        reason=problems[0].reason if is_unread else None,
        world=_world_name(judgement),
    )


def _world_name(judgement: ChainJudgement) -> str:
    """Return the world in which a chain was judged; `figures` where it looked at no name."""
    first = min((pair.position for pair in judgement.pairs), default=0)
    is_of_names = any(pair.with_run for pair in judgement.pairs) or any(
        side.tree is None or names_in(side.tree) for side in judgement.chain.sides[first:]
    )
    return judgement.admitted.name if is_of_names else "figures"


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
        message=message or say("not checked: checking the document takes too long"),
    )


def _why_unread(piece: UnreadPiece) -> Sentence:
    detail = piece.message
    words = {
        "ambiguous": say("not read: it can be read in two ways ({detail})", detail=detail),
        "limit": say("not read: it is too large ({detail})", detail=detail),
        "blank": say("left blank"),
    }
    return words.get(piece.reason) or say("not read ({detail})", detail=detail)


def _worst_tier(pairs: Sequence[ComparedPair]) -> Tier | None:
    return max((p.tier for p in pairs if p.tier is not None), key=TIERS.index, default=None)


def _compared_pairs(judgement: ChainJudgement) -> Iterator[ComparedPair]:
    sides = judgement.chain.sides
    for pair in judgement.pairs:
        left = sides[pair.position]
        right = None if pair.with_run else sides[pair.position + 1]
        right_text = "" if right is None else right.written.text.strip()
        yield ComparedPair(
            left.written.text.strip(), right_text, _tier_of_pair(pair.agreement, left, right)
        )


def _tier_of_pair(agreement: Agreement | None, left: Side, right: Side | None) -> Tier | None:
    """Return how near two sides are, or a side and the run (`right` is None)."""
    if agreement not in (Agreement.HOLDS, Agreement.ROUNDING):
        return TIER_OF_OTHERS.get(agreement)
    result = left if right is None else right
    parsed_figure = None if result.tree is None else figure(result.tree, result.written.text)
    value = None if right is None else _value_of_figures(left)
    tier: Tier = "rounded" if parsed_figure is not None and parsed_figure.half else "exact"
    if value is not None and parsed_figure is not None:
        tier = tier_of_figure(parsed_figure, value)
    if agreement is Agreement.ROUNDING:
        return tier if tier == "chopped" else "last_digit"
    return "rounded_from_unrounded" if tier == "wrong" else tier


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
            say("this line is an assumption, so tracer does not compare it with other lines"),
        ),
        (
            judgement.coincides and judgement.error_line > 0,
            say("the slip above explains these figures, but not this formula: the run has another"),
        ),
        (
            judgement.coincides or Agreement.CHANCE in agreements,
            say("the formula gives this value only because of these particular numbers"),
        ),
        *_unknown_values(judgement),
        (
            bool(value) and "base_of_the_logarithm" not in uncertain,
            say("the value here is {value}; another sample or step may be meant", value=value),
        ),
        *((each in uncertain, words) for each, words in WHY_UNCERTAIN.items()),
        *_parts_read_in_two_ways(judgement, differs=differs or "other_reading" in uncertain),
        (is_blank, say("a part of this line is left blank")),
        *_unread_parts(judgement),
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


def _parts_read_in_two_ways(
    judgement: ChainJudgement, *, differs: bool
) -> Iterator[tuple[bool, Sentence]]:
    """Yield what is said of a line that differs in one reading, with the part that has two."""
    sides = (side for side in judgement.chain.sides if side.is_doubtful or len(side.readings) > 1)
    for part in _short_texts(sides):
        yield (
            differs,
            say("the sides differ, but {part} can be read in more than one way", part=part),
        )
    units = dict.fromkeys(unit for side in judgement.chain.sides for unit in side.units)
    yield (
        differs and bool(units),
        say("the sides differ, unless the units make up for it: {units}", units=", ".join(units)),
    )
    yield differs, say("the sides differ, but this line can be read in more than one way")


def _unread_parts(judgement: ChainJudgement) -> Iterator[tuple[bool, Sentence]]:
    """Yield what is said of sides that were not read."""
    for part in _short_texts(side for side in judgement.chain.sides if side.tree is None):
        yield True, say("{part} was not read", part=part)


def _short_texts(sides: Iterable[Side]) -> Iterator[str]:
    """Yield the texts of those sides that are short enough to be quoted in a sentence."""
    texts = (printable(side.written.text.strip()) for side in sides)
    return (text for text in texts if 0 < len(text) <= MOST_SIGNS)


def _unknown_values(judgement: ChainJudgement) -> Iterator[tuple[bool, Sentence]]:
    """Yield what is said of names without a value, where they leave a chain open."""
    agreed = (Agreement.HOLDS, Agreement.ROUNDING)
    unknown = [n for pair in judgement.pairs if pair.agreement not in agreed for n in pair.unknown]
    chain = judgement.chain
    own = chain.sides[0].tree
    if chain.sides[1].relation == "←" and isinstance(own, Name) and own.id in unknown:
        yield (
            True,
            say(
                "the value of {name} before this update is not known; state it above",
                name=_written_name(own.id, [chain]),
            ),
        )
    for name in unknown[:1]:
        yield True, say("the value of {name} is not known", name=_written_name(name, [chain]))


def _value_text(judgement: ChainJudgement, pair: JudgedPair) -> str:
    """Return what a formula without figures gives, as its result is written; else nothing."""
    sides = judgement.chain.sides[pair.position :][:2]
    left, right = sides[0].tree, sides[-1].tree
    if pair.value is None or left is None or right is None or not names_in(left):
        return ""
    if isinstance(pair.value, Interval):
        like = figure(right, sides[-1].written.text)
        return "" if like is None else written_like(pair.value, like)
    return _array_text(right, pair.value, sides[-1].written.text) or ""


def _rounding_blame(judgement: ChainJudgement, pairs: Sequence[ComparedPair]) -> WrongPart:
    """Return the first figure that was cut off, or is off by one in its last digit."""
    at = [pair.agreement for pair in judgement.pairs].index(Agreement.ROUNDING)
    pair = judgement.pairs[at]
    position = pair.position + (not pair.with_run)
    node = judgement.chain.sides[position].tree
    assert node is not None, "what was not read has no agreement"
    value = None if pair.with_run else _value_of_figures(judgement.chain.sides[pair.position])
    return WrongPart(position, node, value, "result", (pairs[at].tier or "",))


def _written_name(name: str, chains: Iterable[EquationChain]) -> str:
    """Return how the first chain with a quantity writes its name; the name where none has it.

    A member of a family, the x_1 of Σ x_i, is written as the family is.
    """
    chains, family = [*chains], _without_index(name)
    texts = _texts_of(chains, lambda node: isinstance(node, Name) and node.id == name)
    of_family = _texts_of(chains, lambda node: _without_index(key_of(node) or "") == family)
    return next(itertools.chain(texts, of_family), name)


def _texts_of(chains: Iterable[EquationChain], test: Callable[[Node], bool]) -> Iterator[str]:
    """Yield how the parts of chains that pass a test are written."""
    for chain in chains:
        for side in chain.sides:
            for node in () if side.tree is None else walk(side.tree):
                if node.start < node.end and test(node):
                    yield side.written.text[node.start : node.end]


def _without_index(name: str) -> str:
    """Return a name without its figures and the letters that count, `dloss/dx` of `dloss/dx_i`."""
    return INDEX.sub("", quantity_key(name))


def _value_of_figures(side: Side) -> Interval | None:
    """Return the value of a side of figures; None where it has names, or is no single number."""
    if side.tree is None or names_in(side.tree):
        return None
    value = value_or_none(side.tree)
    return value if isinstance(value, Interval) else None


# Slips ----------------------------------------------------------------------------------------


def _finding_of_blame(
    judgement: ChainJudgement,
    blame: WrongPart,
    pairs: tuple[ComparedPair, ...],
    document: WorkedDocument,
) -> Finding:
    chain = judgement.chain
    side = chain.sides[blame.position]
    start, end = _wrong_extent(side, blame)
    place = side.written.place(start, end)
    wrong_text = side.written.text[start:end]
    expected = _right_text(side, blame, judgement)
    if blame.belongs:
        expected = _written_name(blame.belongs, document.chains())
    kinds = tuple(dict.fromkeys(SLIPS[slip].kind for slip in blame.slips))
    replacements = tuple(_replacements_of(judgement, blame, side, place, expected))
    lines = _shown_lines(judgement, document)
    if _are_in_macros(chain, replacements):
        replacements = ()
    unnamed: SlipKind = "wrong_substitution" if blame.part.startswith("figure") else "wrong_formula"
    if len(chain.sides) == 2 and not (side.tree and names_in(side.tree)):
        unnamed = "arithmetic_error"  # no formula is written there
    return Finding(
        judgement.outcome,
        chain.place,
        chain.text,
        pairs,
        tier=_worst_tier(pairs),
        kind=kinds[0] if kinds else unnamed,
        candidates=kinds,
        cause=blame.cause,
        wrong_place=place,
        written=wrong_text,
        expected=expected,
        suggestion=corrected_line(replacements, lines),
        message=_slip_message(judgement, blame, document, wrong_text, expected),
        replacements=replacements,
        result_correct=judgement.is_result_right,
        world=_world_name(judgement),
    )


def _are_in_macros(chain: EquationChain, replacements: Sequence[Replacement]) -> bool:
    """Tell whether any of some corrections is one of a side that is written by own commands."""
    expanded = [side.written.place() for side in chain.sides if not side.written.has_own_places]
    return any(
        place.line == each.place.line and place.start <= each.place.start < place.end
        for place in expanded
        for each in replacements
    )


def _shown_lines(judgement: ChainJudgement, document: WorkedDocument) -> Sequence[str]:
    """Return a document's lines, that of a chain without the result printed behind it.

    That is the run's: it does not follow from what its writer has.
    """
    lines, printed = document.lines, judgement.chain.printed
    if printed is None or judgement.admitted.name != "writers_own":
        return lines
    place = printed.written.place(0, 1)
    line = lines[place.line - 1][: place.start].rstrip(" =≈")
    return [*lines[: place.line - 1], line, *lines[place.line :]]


def _slip_message(
    judgement: ChainJudgement,
    blame: WrongPart,
    document: WorkedDocument,
    written: str,
    expected: str | None,
) -> Sentence:
    name, other = (
        each and _written_name(each, itertools.chain((judgement.chain,), document.chains()))
        for each in (blame.name, blame.other)
    )
    sides = judgement.chain.sides
    slope = next((side for side in sides if side.derivand), None if blame.name else sides[0])
    what = (
        say("{relation} does not hold", relation=printable(judgement.chain.text))
        if judgement.chain.is_inequality
        else say("{written} is not {name}", written=written, name=printable(slope.written.text))
        if slope is not None and blame.part == "derivative" and not blame.belongs
        else _which_is_wrong(judgement, blame, written, expected)
        or _what_is_wrong(blame, name, document, written, expected)
    )
    slots = {
        "name": name or judgement.chain.sides[0].written.text.strip(),
        "other": other,
        "written": written,
        "expected": expected or "",
    }
    if blame.cause is not None and blame.cause != "plain_slip":
        what = say("{what}: {why}", what=what, why=say(SLIPS[blame.cause].words, **slots))
    elif len(blame.slips) > 1:
        what = _one_of(what, [say(SLIPS[slip].words, **slots) for slip in blame.slips])
    if judgement.outcome == "slip" and judgement.is_result_right:
        what = say("{what}. The result is right, the working is not.", what=what)
    return what


def _which_is_wrong(
    judgement: ChainJudgement, blame: WrongPart, written: str, expected: str | None
) -> Sentence | None:
    """Return what is wrong of figures and the result behind them; None where they show no more.

    Either may be, where the result is that of another figure than stands there.
    """
    sides = judgement.chain.sides[blame.position : blame.position + 2]
    trees = [side.tree for side in sides]
    if len(sides) == 1 or trees[0] is None or trees[1] is None or not is_literal(trees[1]):
        return None
    result = printable(sides[1].written.text.strip())
    if blame.part == "either" and expected is not None and not names_in(trees[0]):
        return say(
            "{result} follows from {expected}, not from {written}: one of the two is wrong",
            result=result,
            expected=expected,
            written=written,
        )
    is_whole = expected is None and blame.part == "formula" and blame.node == trees[0]
    if not is_whole:
        return None
    if any(p.position == blame.position and p.agreement in WRONG for p in judgement.pairs):
        return say("{written} does not give {result}", written=written, result=result)
    before = judgement.chain.sides[blame.position - 1] if blame.position else None
    text = "" if before is None else printable(before.written.text.strip())
    if not 0 < len(text) <= MOST_SIGNS:
        return None
    return say("{written} does not follow from {before}", written=written, before=text)


def _one_of(what: Sentence, causes: Sequence[Sentence]) -> Sentence:
    """Return what is wrong with the causes of which any may be the one."""
    slots = dict(zip(("first", "second", "third"), causes, strict=False), what=what)
    if len(causes) == 2:
        return say("{what}. Two slips would explain it: (1) {first}; (2) {second}", **slots)
    return say(
        "{what}. Several slips would explain it, such as (1) {first}; (2) {second}; (3) {third}",
        **slots,
    )


def _what_is_wrong(
    blame: WrongPart,
    quantity: str,
    document: WorkedDocument,
    written: str,
    expected: str | None,
) -> Sentence:
    """Return what is wrong and what belongs there, without the cause."""
    place = ", ".join(map(str, blame.entry))
    entry = say("entry {place} of {name}", place=place, name=quantity)
    slots = {
        "written": written,
        "expected": expected or "",
        "name": entry if quantity and place else quantity,
        "line": document.line_name(blame.line),
    }
    is_derivative = blame.part == "derivative" and not blame.belongs
    instead = say("{written} should be {expected}", **slots)
    forms = (
        (
            is_derivative and blame.other,
            say("{written} is not the derivative through {name} (line {line})", **slots),
        ),
        (
            is_derivative and blame.line,
            say("{written} is not the derivative of {name} (line {line})", **slots),
        ),
        (is_derivative, say("{written} is not the derivative of {name}", **slots)),
        (expected is None, say("{written} does not follow", **slots)),
        (
            blame.part == "either",
            say("the formula has {written} where its figures have {expected}", **slots),
        ),
        (
            quantity and blame.line,
            say("{name} is {expected} here (line {line}), not {written}", **slots),
        ),
        (quantity, say("{name} is {expected} here, not {written}", **slots)),
        (place, say("entry {place}: {what}", place=place, what=instead)),
        (True, instead),
    )
    return next(words for applies, words in forms if applies)


# What belongs there ---------------------------------------------------------------------------


def _is_other_sign(blame: WrongPart) -> bool:
    """Tell whether what belongs there is another sign of operation between the same parts."""
    arguments = blame.mended.arguments if isinstance(blame.mended, Call) else ()
    return len(arguments) == 2 and arguments == blame.node.children()


def _wrong_extent(side: Side, blame: WrongPart) -> tuple[int, int]:
    """Return the part of a side's text that is wrong: a figure, or a sign of operation."""
    node, text = blame.node, side.written.text
    if _is_other_sign(blame):
        left, right = node.children()
        for position in range(left.end, right.start):
            if text[position] in WRITTEN_SIGNS:
                return position, position + 1
    whole = side.tree
    is_whole = whole is not None and (node.start, node.end) == (whole.start, whole.end)
    outside = text[: node.start].strip(OPENING) + text[node.end :].strip(IN_A_FIGURE)
    if node.start < 0 or (is_whole and not outside):
        return len(text) - len(text.lstrip()), len(text.rstrip())
    start, end = with_brackets(text, node.start, node.end)
    if isinstance(blame.mended, Call) and blame.mended.operation == "power":
        return _with_own_brackets(text, start, end)
    return start, end


def _with_own_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a part of a text with the brackets around it, if such stand there."""
    before, after = text[:start].rstrip(), text[end:].lstrip()
    is_in_brackets = before[-1:] == "(" and after[:1] == ")"
    return (len(before) - 1, len(text) - len(after) + 1) if is_in_brackets else (start, end)


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


def _right_text(side: Side, blame: WrongPart, judgement: ChainJudgement) -> str | None:
    """Return what belongs in the place, as this writer writes it; None where none is certain."""
    text, value, precision = side.written.text, blame.expected, judgement.precision
    if blame.mended is not None:
        return _mended_text(blame.mended, blame.node, text, judgement.chain.text)
    if value is None:
        return None
    if isinstance(value, Interval):
        figures = filter(None, map(figure, numbers_in(blame.node)))
        like = figure(blame.node, text) or min(figures, key=lambda each: each.half, default=None)
        is_stated = blame.line > 0 and value.is_exact
        own = AS_STATED if is_stated else precision
        figure_text = "" if like is None else printed_instead(value, like, own)
        if is_stated and figure_text.partition(".")[2].isdigit():
            # It was stated: as exactly as it is known.
            figure_text = figure_text.rstrip("0").rstrip(".")
        if RAISED.keys() & text[blame.node.start : blame.node.end]:  # `0.5⁴`
            figure_text = figure_text.translate(AS_SUPERSCRIPT) if figure_text.isdecimal() else ""
        return figure_text if 0 < len(figure_text) <= MOST_SIGNS else None
    return _array_text(blame.node, value, text, precision)


def _mended_text(mended: Node, node: Node, text: str, chain: str) -> str:
    """Return the sign of operation that belongs between two figures, or both in another order.

    What was left out before all of it stands there: a factor, or a minus; with the signs of the
    whole `chain`.
    """
    if isinstance(mended, Number):
        return mended.text
    if not isinstance(mended, Call) or mended in node.children():
        return text[slice(*with_brackets(text, mended.start, mended.end))]
    if mended.operation in ("power", "sqrt"):
        return _raised_text(mended, node, text, chain)
    if mended.sign == " ":
        return " ".join(_factor_text(each, node, text, chain) for each in mended.arguments)
    is_minus, has_hyphen = mended.operation in ("subtract", "negative"), "-" in text
    sign = "-" if is_minus and (has_hyphen or text.isascii()) else SIGNS[mended.operation]
    if mended.arguments == node.children():
        return sign
    factor = mended.arguments[0]
    if factor is node or (isinstance(factor, Number) and factor.start < 0):
        usual = r"\cdot" if _is_latex(chain) else "*" if text.isascii() else sign
        signs = itertools.chain(
            (each for each in TIMES if each in text), (each for each in TIMES[1:] if each in chain)
        )
        times = next(signs, usual)
        first, last = with_brackets(text, max(node.start, 0), node.end)
        rest = text[first:last].strip()
        depths = itertools.accumulate((sign == "(") - (sign == ")") for sign in rest)
        is_bracketed = all([*depths][:-1])
        is_open = len(signed_terms(node)) > 1 or rest[:1] in MINUS_SIGNS
        if factor is node and rest[:1] in MINUS_SIGNS and len(signed_terms(node)) == 1:
            return rest[1:].strip()
        rest = f"({rest})" if is_open and not is_bracketed else rest
        if mended.operation == "negative" or not isinstance(factor, Number):
            return sign + rest
        product, behind = f"{factor.text} {times} {rest}", text[last:].lstrip()
        binds_more = text[:first].rstrip().endswith(("/", "÷", "^")) or (
            behind.startswith(("^", "**", *RAISED))
        )
        return f"({product})" if binds_more else product
    parts = (with_brackets(text, part.start, part.end) for part in mended.arguments)
    return f" {sign} ".join(text[start:end] for start, end in parts)


def _factor_text(factor: Node, product: Node, text: str, chain: str) -> str:
    """Return a factor of another order of a product, which may have to be turned."""
    start, end = with_brackets(text, *_with_own_brackets(text, factor.start, factor.end))
    is_turned = isinstance(factor, Call) and factor.operation == "transpose_last"
    if factor in product.children() or not is_turned:
        return text[start:end]
    usual = "^T" if _is_latex(chain) or chain.isascii() else "ᵀ"
    base = text[start:end]
    base = f"{{{base}}}" if _is_latex(chain) and base.rpartition("^")[2].endswith("}") else base
    return base + next((each for each in TURNED if each in chain), usual)


def _is_latex(chain: str) -> bool:
    return "\\" in chain or "{" in chain


def _raised_text(mended: Call, node: Node, text: str, chain: str) -> str:
    """Return the square or the root of a part, as the chain around it writes such."""
    start, end = with_brackets(text, node.start, node.end)
    if mended.operation == "power":
        start, end = _with_own_brackets(text, start, end)
    part = text[start:end]
    is_latex = _is_latex(chain)
    if mended.operation == "sqrt":
        sign = r"\sqrt" if is_latex else "sqrt" if chain.isascii() else "√"
        return f"{sign}{{{part}}}" if is_latex else f"{sign}({part})"
    is_open = not isinstance(node, (Name, Number)) and part[:1] != "("
    usual = "^2" if is_latex or chain.isascii() else "²"
    square = next((each for each in ("²", "**2") if each in chain), usual)
    return (f"({part})" if is_open else part) + square


def _array_text(
    node: Node, value: Value, text: str, precision: Precision = AS_WRITTEN
) -> str | None:
    """Return an array as it is written, with the right figures in it."""
    figures = _right_figures(node, value, text, precision)
    if figures is None or node.end - node.start > MOST_IN_ARRAY:
        return None
    end = len(text) - node.end
    for entry, new in reversed(figures):
        text = text[: entry.start] + new + text[entry.end :]
    return text[node.start : len(text) - end].strip()


def _right_figures(
    node: Node, value: Value, text: str, precision: Precision
) -> list[tuple[Node, str]] | None:
    """Return the entries of a literal, each with the figure that belongs there."""
    entries, right = entries_in(node), list(entries_of(value))
    if len(entries) != len(right):
        return None
    figures = []
    precision = precision_beside(node, value, precision)
    for entry, interval in zip(entries, right, strict=True):
        like = figure(entry, text)
        if like is None:
            return None
        is_right = do_meet(widen(Interval(like.value), [half_of(like)]), interval)
        new = like.text if is_right else printed_instead(interval, like, precision)
        if not new:
            return None
        figures.append((entry, new))
    return figures


def _replacements_of(
    judgement: ChainJudgement, blame: WrongPart, side: Side, place: TextPlace, expected: str | None
) -> Iterator[Replacement]:
    """Yield what to write where: the wrong figure or sign, and the results that follow from it."""
    is_open = blame.part in ("figures", "either") or not judgement.is_repairable
    # With another sign of one term the result would hold: nobody knows which of the two is wrong.
    is_open = is_open or (blame.cause == "sign_lost" and not _is_turned(blame))
    if expected is None or is_open or (blame.part == "formula" and blame.mended is None):
        return
    if isinstance(blame.expected, tuple):
        yield from _new_figures(side, blame.node, blame.expected, judgement.precision)
    else:
        yield _with_its_sign(side, blame.node, place, expected)
    for part in judgement.mended_figures:
        figures = judgement.chain.sides[part.position]
        if (text := _right_text(figures, part, judgement)) is not None:
            yield Replacement(figures.written.place(*_wrong_extent(figures, part)), text)
    for position, value in judgement.following:
        later = judgement.chain.sides[position]
        if later.tree is not None:
            yield from _new_figures(later, later.tree, value, judgement.precision)


def _is_turned(blame: WrongPart) -> bool:
    """Tell whether a figure, or the entries of an array, have the other sign of the right ones."""
    value, half = value_or_none(blame.node), coarsest_place(blame.node) / 2
    return (
        value is None
        or blame.expected is None
        or not have_one_shape(value, blame.expected)
        or do_meet(
            with_entries(value, lambda entry: Interval(-entry.high - half, half - entry.low)),
            blame.expected,
        )
    )


def _with_its_sign(side: Side, node: Node, place: TextPlace, text: str) -> Replacement:
    """Return the replacement of a figure, with the sign before it where both are negative."""
    before = side.written.text[: max(node.start, 0)].rstrip()
    is_signed = before[-1:] in MINUS_SIGNS and before[:-1].rstrip()[-1:] in BEFORE_A_SIGN
    if text[:1] in MINUS_SIGNS and is_signed:
        return Replacement(side.written.place(len(before) - 1, node.end), text[1:])
    return Replacement(place, text)


def _new_figures(
    side: Side, node: Node, value: Value, precision: Precision
) -> Iterator[Replacement]:
    """Yield the right figures of a literal for those of its entries that are wrong."""
    for entry, new in _right_figures(node, value, side.written.text, precision) or ():
        like = figure(entry, side.written.text)
        if like is not None and like.text != new:
            yield Replacement(side.place_of(entry), new)
