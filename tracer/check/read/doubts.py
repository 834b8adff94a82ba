"""Why the reading of a chain is not certain: a white list, one small condition for each doubt.

A condition looks at tokens, and at the trees of sides where a figure's meaning is asked. A chain
without a doubt is one whose extent and whose figures can be meant in one way only.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from tracer.check.model.statements import Doubt
from tracer.check.model.written_trees import entries_in, is_literal, names_in
from tracer.check.read.chain_context import LONG_LINE, ChainContext
from tracer.check.read.token_neighbours import after_remark, is_counted, row_goes_on
from tracer.check.read.tokens import INVISIBLE, DocumentTokens
from tracer.check.read.word_tables import (
    DENIAL,
    LINKS,
    NO_OPERATORS,
    OPERATORS,
    OTHER_NUMBERS,
    REMAINDERS,
    SCALED_UNITS,
    SCALES,
    SUPPOSITION,
    UNITS,
)
from tracer.expression.syntax import Call, Name, Node, Number, Tuple, walk

__all__ = ["ChainContext", "doubts_of"]

_SEVERAL_MEANINGS: Final = frozenset(
    ("std", "var", "variance", "cov", "argmax", "argmin", "round", "mod", "median", "standardize",
     "deviation")
)  # fmt: skip
"""Functions that people compute in two ways: by n or n - 1, from 0 or 1."""
_JUMPS: Final = ("sign", "step")  # at 0 there are two conventions
_SPACED_RELATION: Final = frozenset(("space", "relation"))
_DASHES: Final = frozenset(("-", "−", "–", "*", "**", "//"))
_CLOSED: Final = frozenset(
    (
        "end",
        "newline",
        "row",
        "comma",
        "stop",
        "colon",
        "quote",
        "divider",
        "close",
        "dash",
        "picture",
    )
)
"""Kinds after which nothing of a chain comes."""
_OPENED: Final = frozenset(
    ("end", "newline", "row", "comma", "stop", "colon", "quote", "divider", "dash", "picture",
     "arrow", "text")
)  # fmt: skip
"""Kinds before which nothing of a chain stands."""
_GOING_ON: Final = frozenset(("number", "scale", "postfix", "function", "relation", "ellipsis"))
"""Kinds that belong to the formula before them."""
_LABELS: Final = frozenset(("word", "stop word", "name", "function", "unit"))
"""Kinds before a figure that is the number of something: `Step 2:`."""
_BEFORE_DASHES: Final = frozenset(
    ("word", "stop word", "delimiter", "colon", "close", "newline", "end")
)
_NO_SIDE: Final = frozenset(
    ("end", "newline", "row", "delimiter", "label", "picture", "bar", "colon")
)
"""Kinds before a relation that are no side of it."""
_BLANK: Final = frozenset(("space", "gap"))


def doubts_of(context: ChainContext) -> tuple[Doubt, ...]:
    """Return why the reading of a chain is not certain, each reason once."""
    found = set(context.chain.doubts)
    found.update(doubt for doubt, holds in CONDITIONS if doubt not in found and holds(context))
    return tuple(sorted(found))


# Where a chain begins and ends


def _end_is_open(context: ChainContext) -> bool:
    """Say whether what stands after the chain may belong to it."""
    tokens = context.tokens
    place = tokens.after(context.chain.last - 1)
    kind = tokens.kind(place)
    if kind == "delimiter":
        return not tokens.latex[context.chain.last - 1] or _follows_formula(tokens, place)
    return not _is_closed(context, place, kind)


def _is_closed(context: ChainContext, place: int, kind: str) -> bool:
    """Say whether nothing that belongs to the chain stands at a token after it."""
    tokens, text = context.tokens, context.tokens.text(place)
    spaced = tokens.kind(place - 1) in _BLANK
    in_formula = kind != "end" and tokens.latex[place]
    numbered = text[-1:] == "(" and tokens.text(place + 1).isdigit()
    numbered = numbered and tokens.match[place] == place + 2
    after_figure = numbered and tokens.kinds[context.chain.last - 1] == "number"
    is_word = _is_prose_word(text, spaced) and (
        text not in LINKS or is_counted(tokens.texts[context.chain.last - 1])
    )
    return (
        kind in _CLOSED
        or place in context.starts
        or {
            "barrier": in_formula,
            "compare": in_formula,
            "text": in_formula and not _is_scale_text(text),
            "operator": spaced and _is_dash(tokens, place),
            "relation": text in ("←", "⟵", "<-"),  # of a remark
            "open": (spaced or text == "（") and not after_figure,
            "word": is_word,
            "stop word": is_word,
            "unit": is_counted(text),
            "bar": tokens.kind(place + 1) in ("space", "end", "newline"),
            "other": text in "#|•",
        }.get(kind, False)
    )


def _is_dash(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a sign is a dash or a mark of emphasis: a blank follows, or nothing."""
    beyond = tokens.kind(place + 1)
    return tokens.text(place) in _DASHES and beyond in ("space", "gap", "newline", "end")


def _follows_formula(tokens: DocumentTokens, place: int) -> bool:
    """Say whether what stands behind a closing dollar sign may belong to the formula."""
    following = tokens.after(place)
    kind, text = tokens.kind(following), tokens.text(following)
    attached = following == place + 1
    is_unit = (
        (attached and text.isascii())
        or text in LINKS - {"for", "in", "from", "to", "的", "对"}
        or text[:1] in SCALES
        or (text.isupper() and text.isascii())
    )
    return {
        "delimiter": attached,
        "unit": not is_counted(text),
        "operator": not _is_dash(tokens, following),
        "open": attached and text != "（",
        "name": attached or (text.isupper() and text not in ("A", "I")),
        "word": is_unit,
        "stop word": is_unit,
    }.get(kind, kind in _GOING_ON)


def _is_prose_word(text: str, spaced: bool) -> bool:
    """Say whether a word is one of prose: in small letters, and no word of arithmetic."""
    if text in REMAINDERS:
        return False
    if not text.isascii():
        text = text.removeprefix("个") or text  # `1568 个特征`, but `10 个亿`
        return (
            text[0] not in SCALES
            and text not in OPERATORS
            and text[0] not in "倍个百千万亿"
            and text not in UNITS
        )
    return spaced and (text.islower() or (text.lower() != text and text.lower() in _CAPITAL_STARTS))


_CAPITAL_STARTS: Final = frozenset(
    ("then", "so", "thus", "hence", "and", "therefore", "this", "now", "the", "which", "next")
)


def _is_scale_text(text: str) -> bool:
    r"""Say whether `\text{…}` after a figure is a unit or a scale."""
    inside = text[text.index("{") + 1 : -1] if "{" in text else text
    words = inside.replace("~", " ").replace("\\", " ").split()
    if not words:
        return False
    first = words[0]
    known = first in SCALES or first in UNITS or first.lower() in SCALES
    return known or not (first.islower() or not first[0].isalpha() or first[0] >= "\u2e80")


def _start_is_open(context: ChainContext) -> bool:
    """Say whether what stands before the chain may belong to it."""
    tokens, first = context.tokens, context.chain.first
    place = tokens.before(first)
    kind, text = tokens.kind(place), tokens.text(place)
    if kind == "delimiter":
        return tokens.latex[first] and _precedes_formula(tokens, place)
    if kind == "end" or place + 1 in context.ends or place in context.ends:
        return False
    marked = not {"markup", "layout"}.isdisjoint(tokens.kinds[place + 1 : first])
    begins_with_figure = _begins_with_figure(tokens, first)
    if kind in ("comma", "colon") and begins_with_figure and not tokens.latex[first]:
        before = tokens.before(place)
        return tokens.kind(before) == "number" and (
            tokens.kind(tokens.before(before)) not in _LABELS
        )
    # `Leaky ReLU(-1)`: the word belongs to the name.
    is_name = kind == "word" and tokens.kinds[first] == "function"
    is_word = is_name or not _may_precede(tokens, place)
    dashed = _is_dash(tokens, place) and tokens.kind(place + 1) in _BLANK
    return kind not in _OPENED and {
        "label": begins_with_figure and not marked and ">" not in text and "#" not in text,
        "open": not _is_closing_near(context, place),
        "barrier": not tokens.latex[place],
        "compare": not tokens.latex[place],
        "relation": False,  # it is doubted for its line
        **dict.fromkeys(("word", "stop word", "unit", "scale"), is_word),
        "function": begins_with_figure or first == place + 1,
        "operator": not dashed or tokens.kind(tokens.before(place)) not in _BEFORE_DASHES,
        "bar": tokens.kind(place + 1) not in _BLANK,
    }.get(kind, kind != "other" or text not in "#|•@")


def _is_closing_near(context: ChainContext, opened: int) -> bool:
    """Say whether the bracket before a chain is closed right after it, or stands apart."""
    tokens = context.tokens
    return tokens.match[opened] >= 0 or tokens.kind(opened - 1) in ("space", "newline", "end")


def _precedes_formula(tokens: DocumentTokens, place: int) -> bool:
    """Say whether what stands before an opening dollar sign may belong to the formula."""
    before = tokens.before(place)
    kind = tokens.kind(before)
    if kind == "operator":
        return tokens.kind(before + 1) not in _BLANK or tokens.kind(before - 1) in (
            "number",
            "delimiter",
            "close",
        )
    return kind in ("number", "postfix", "operator word", "function", "name") and not (
        kind == "name" and tokens.kinds[before + 1] in _BLANK
    )


def _begins_with_figure(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a chain begins with a figure, perhaps with a sign or in brackets."""
    while tokens.kind(place) in ("operator", "open", "space", "prefix"):
        place += 1
    return tokens.kind(place) == "number"


def _may_precede(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a word may stand before a chain: it is no operator and joins no name to it."""
    text = tokens.texts[place].lower()
    return (
        text not in OPERATORS
        and not (text.endswith(("加", "减", "乘", "除", "的")) and not text.endswith(NO_OPERATORS))
        and (
            text not in LINKS
            or tokens.kind(tokens.before(place))
            not in (
                "word",
                "function",
                "name",
                "number",
                "unit",
                "close",
                "delimiter",
            )
        )
    )


def _is_cut_off(context: ChainContext) -> bool:
    """Say whether a side of the chain was not read: what stands beside its first or last sign."""
    tokens, chain = context.tokens, context.chain
    first = tokens.before(chain.first)
    if tokens.kind(first) == "relation" and not tokens.latex[chain.first]:
        return tokens.kind(tokens.before(first)) not in _NO_SIDE
    last = tokens.after(chain.last - 1)
    kind = tokens.kind(last)
    return (
        (kind == "operator" and not _is_closed(context, last, kind))
        or _loses_a_row(context)
        or _loses_its_first_side(context)
    )


def _loses_a_row(context: ChainContext) -> bool:
    """Say whether the row below begins with a relation and does not belong to the chain."""
    tokens = context.tokens
    return row_goes_on(tokens, tokens.last_of_row(context.chain.last - 1))


def _loses_its_first_side(context: ChainContext) -> bool:
    """Say whether a first side with figures and signs was not read: it is no name."""
    first, side = context.chain.sides[0], context.sides[0]
    kinds = context.tokens.kinds[first.first : context.chain.sides[1].first]
    return not side.readings and {"number", "operator"} <= set(kinds)


# What a chain is made of


def _is_unused(context: ChainContext) -> bool:
    """Say whether something between the first and the last token is in no side and no relation."""
    tokens, sides = context.tokens, context.chain.sides
    for before, after in pairwise(sides):
        if _SPACED_RELATION.issuperset(tokens.kinds[before.last : after.first]):
            continue
        between = [
            tokens.kinds[place]
            for place in range(after_remark(tokens, tokens.after(before.last - 1)), after.first)
            if tokens.kinds[place] not in INVISIBLE
        ]
        signs = sum(kind in ("relation", "compare", "stop word", "arrow") for kind in between)
        rest = [
            kind
            for kind in between
            if kind
            not in (
                "relation",
                "compare",
                "newline",
                "row",
                "delimiter",
                "stop word",
                "label",
                "arrow",
                "divider",
            )
        ]
        if signs != 1 or rest:
            return True
    return any("other" in tokens.kinds[side.first : side.last] for side in sides)


def _crosses_lines(context: ChainContext) -> bool:
    """Say whether the row above is open, or the row below goes on."""
    tokens, chain = context.tokens, context.chain
    before = tokens.before(chain.first, "label")
    if tokens.kind(before) == "relation":
        return True
    if tokens.kind(before) in ("newline", "row"):
        above = tokens.before(before, "newline")
        if tokens.kind(above) in ("operator", "relation") and tokens.text(above) not in ("*", "**"):
            return True
        if tokens.kind(above) == "ellipsis":
            return True
        if tokens.kind(above) == "open" and tokens.match[above] < chain.last:
            return True
    after = tokens.after(chain.last - 1)
    if tokens.kind(after) not in ("newline", "row"):
        return False
    below = tokens.after(after, "newline")
    if tokens.kind(below) == "operator":
        return (
            tokens.text(below) not in "-−+"
            or tokens.kind(below + 1) in _BLANK
            or tokens.kind(below + 1) in ("number", "open")
        )
    return tokens.kind(below) == "relation" or (
        tokens.kind(below) == "close" and tokens.match[below] < 0
    )


def _has_columns(context: ChainContext) -> bool:
    """Say whether figures stand side by side, or apart by a gap, as in columns and drawings."""
    tokens, chain = context.tokens, context.chain
    kinds = tokens.kinds
    for side in chain.sides:
        within = kinds[side.first : side.last]
        if "gap" not in within and within.count("number") < 2:
            continue
        for place in range(side.first, side.last - 1):
            kind = tokens.kinds[place]
            if kind == "gap" and not tokens.latex[place] and not _is_beside_sign(tokens, place):
                return True
            if (
                kind == "number"
                and tokens.kinds[place + 1] == "space"
                and tokens.kind(place + 2) == "number"
            ):
                if tokens.kind(place - 1) == "script" or tokens.kind(place - 1) == "function":
                    continue
                return not _is_listed(tokens, place, side.first)
    before, after = chain.first - 1, chain.last
    if tokens.kind(after) == "gap":
        beyond = after + 1
        if tokens.text(beyond) in ("-", "−", "(", "["):
            beyond += 1
        if tokens.kind(beyond) == "number":
            return True
    if tokens.kind(before) == "gap" and tokens.kind(before - 1) in ("number", "close"):
        return not (tokens.latex[before] or before in context.ends)
    return not context.is_formula and _beside_rows(context)


def _is_beside_sign(tokens: DocumentTokens, place: int) -> bool:
    beside = tokens.kind(place - 1), tokens.kind(place + 1)
    return "relation" in beside or "operator" in beside


def _is_listed(tokens: DocumentTokens, place: int, first: int) -> bool:
    """Say whether a figure stands in square brackets."""
    depth = 0
    for at in range(place, first - 1, -1):
        if tokens.kinds[at] == "close":
            depth += 1
        elif tokens.kinds[at] == "open":
            if depth == 0:
                return tokens.texts[at][-1] == "["
            depth -= 1
    return False


def _beside_rows(context: ChainContext) -> bool:
    """Say whether the line above or below has only figures and brackets: a drawn array."""
    start, end = (
        context.tokens.starts[context.chain.first],
        context.tokens.ends[context.chain.last - 1],
    )
    line = context.text.rfind("\n", 0, start)
    above = context.text[context.text.rfind("\n", 0, max(line, 0)) + 1 : line] if line > 0 else ""
    stop = context.line_end(end)
    below = context.text[stop + 1 : context.line_end(stop + 1)]
    return _is_drawn(above) or _is_drawn(below)


def _is_drawn(line: str) -> bool:
    bare = line.strip(" |#>\t")
    if not bare or any(sign.isalpha() or sign in "=≈`$*" for sign in bare):
        return False
    figures = bare.replace("[", " ").replace("]", " ").split()
    return len(figures) > 1 and (
        "  " in bare or "\t" in bare or any(sign in bare for sign in "[]│|")
    )


def _is_not_worked(context: ChainContext) -> bool:
    """Say whether the chain begins with a figure and no calculation: literal = literal."""
    first = context.sides[0].tree
    return first is not None and all(map(_is_written_figure, entries_in(first)))


def _is_written_figure(entry: Node) -> bool:
    """Say whether an entry is a figure with its sign, or with a power of ten, `6 × 10^-4`."""
    match entry:
        case Call(
            operation="multiply",
            arguments=(Number(), Call(operation="power", arguments=(Number(text="10"), exponent))),
        ):
            return is_literal(exponent)
    return is_literal(entry)


def _has_other_reading(context: ChainContext) -> bool:
    """Say whether what is written has a second meaning that the sides cannot show."""
    if context.other_reading:
        return True
    first = context.sides[0].tree
    if (
        isinstance(first, Call)
        and first.operation == "power"
        and isinstance(first.arguments[0], Name)
    ):
        raised = first.arguments[1]  # a power of a name, or its number raised
        if isinstance(raised, Number) and raised.text in ("0", "1"):
            return True
    return any(
        isinstance(part, Call)
        and (
            part.operation in _SEVERAL_MEANINGS
            or (part.operation in _JUMPS and _is_zero(part))
            or (part.operation in ("multiply", "matmul") and isinstance(part.arguments[0], Tuple))
        )
        for tree in context.trees
        for part in walk(tree)
    )


def _is_zero(call: Call) -> bool:
    return (
        bool(call.arguments)
        and isinstance(call.arguments[0], Number)
        and not call.arguments[0].value
    )


def _has_odd_tokens(context: ChainContext) -> bool:
    """Say whether a figure or a word may be something else: a unit, a range, binary, a modulus."""
    tokens = context.tokens
    figures: list[str] = []
    percents: list[int] = []
    units: list[tuple[str, int]] = []
    for number, side in enumerate(context.chain.sides):
        kinds = tokens.kinds[side.first : side.last]
        worked = "operator" in kinds[1:]
        for place in range(side.first, side.last):
            kind, text = tokens.kinds[place], tokens.texts[place]
            if kind == "number":
                figures.append(text)
            elif kind == "postfix" and text in ("%", "\\%", "％") and not worked:
                percents.append(len(figures))
            elif kind == "unit" and tokens.follows_figure(place):
                units.append((text, number))
            elif (
                (kind == "postfix" and text in ("%", "\\%", "‰", "％", "°") and worked)
                or kind in ("mod", "odd")
                or (text == "–" and tokens.kind(place - 1) == "number" == tokens.kind(place + 1))
            ):
                return True
    if percents == [len(figures)] and all(text.isdigit() for text in figures):
        divisions = ("/", "÷", r"\frac", r"\dfrac")
        if not any(tokens.texts[place] in divisions for place in context.side_tokens()):
            return True  # `30 + 45 = 75 %`: the sign may only name the unit
    if units and units[-1][0] in SCALED_UNITS and len({number for _, number in units}) == 1:
        return True
    if units and (
        {text for text, _ in units} != {units[-1][0]} or units[-1][1] != len(context.sides) - 1
    ):
        return True
    if _are_binary(figures):
        return True
    if any(not text.strip("0.") and "." in text for text in figures[:-1]):
        return any(
            tokens.texts[place] in ("/", r"\frac", r"\dfrac", "÷")
            for place in context.side_tokens()
        )
    if not context.names_numbers:
        return False
    line = context.line
    return OTHER_NUMBERS.search(line if len(line) < LONG_LINE else context.sentence) is not None


def _are_binary(figures: list[str]) -> bool:
    """Say whether figures may be binary numbers, or begin with a zero that counts for nothing."""
    if any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in figures):
        return True
    whole = [text for text in figures if text.isdigit()]
    return (
        len(whole) == len(figures)
        and any(len(text) > 3 for text in whole)
        and not set("".join(whole)) - {"0", "1"}
    )


def _is_denied(context: ChainContext) -> bool:
    """Say whether its sentence denies it."""
    return context.is_denying and DENIAL.search(context.sentence) is not None


def _is_supposed(context: ChainContext) -> bool:
    """Say whether its sentence says what would be: of names, as arithmetic holds all the same."""
    return (
        context.is_supposing
        and any(map(names_in, context.trees))
        and SUPPOSITION.search(context.sentence_before) is not None
    )


def _is_said_loosely(context: ChainContext) -> bool:
    """Say whether words stand for signs beside others: they do not say which comes first."""
    tokens, chain = context.tokens, context.chain
    if "operator word" not in tokens.kinds[chain.first : chain.last]:
        return False
    signs = {
        OPERATORS.get(tokens.texts[place], tokens.texts[place])
        for place in context.side_tokens()
        if tokens.kinds[place] in ("operator", "operator word")
    }
    return not signs.isdisjoint("+-−") and not signs <= {"+", "-", "−"}


CONDITIONS: Final[tuple[tuple[Doubt, Callable[[ChainContext], bool]], ...]] = (
    ("end", _end_is_open),
    ("start", _start_is_open),
    ("cut_off", _is_cut_off),
    ("unused", _is_unused),
    ("other_line", _crosses_lines),
    ("columns", _has_columns),
    ("not_worked", _is_not_worked),
    ("other_reading", _has_other_reading),
    ("token", _has_odd_tokens),
    ("stated", _is_said_loosely),
    ("denied", _is_denied),
    ("supposed", _is_supposed),
)
