"""One member of a chain: its text made ready for the parser, place for place, and its tree.

What people write and the language does not have (`[0.1 0.2]`, `0.5 x 2`, `w^+`, `dL/dw`) is
replaced by as many characters that it has, so that the places of the tree are those of the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.strips import Strip
from tracer.check.written import Member, Reason, Role, Unread
from tracer.errors import LanguageError, LimitError, TracerError, printable
from tracer.expression import (
    Call,
    Dialect,
    Look,
    Name,
    Node,
    Notation,
    Number,
    Vocabulary,
    parse,
    walk,
)
from tracer.expression.names import COMMANDS
from tracer.expression.syntax import Tuple
from tracer.intervals import LOGARITHMS, UNDERSTOOD
from tracer.operations import table, vocabulary
from tracer.sentences import Text, say

__all__ = [
    "BINARY_LOG",
    "UPDATED_WORDS",
    "Problem",
    "is_function_name",
    "is_power_of_name",
    "read_member",
    "tree_of",
    "unread",
]

Problem = tuple[Reason, Text]
"""Why something is not read; a text is in the words of the parser."""
BINARY_LOG: Final = "lb"
# People write more functions than networks have. `lo2` stands for `log_2` and its like: place for
# place, nothing longer goes where `log₂8` was.
_VOCABULARY: Final = Vocabulary(
    {
        **vocabulary().looks,
        **{name: Look(name, also=(f"lo{base}",)) for name, base in LOGARITHMS.items()},
        "log2": Look("log2", also=("lo2", BINARY_LOG)),
        "log10": Look("log10", also=("lo10", "lg")),
    }
)
_KEPT_TEXTS = 20_000

# What begins a message of the parser about something that is too large.
_LIMITS: Final = (
    "the number has too many digits",
    "the exponent",
    "the expression is nested too deeply",
    "the array literal is too large",
    "the expression has too many operations",
    "the expression is too long",
)

UPDATED_WORDS: Final = "new|old|pred|true|target|next|prev|init|out|in"
_NOT_DERIVED: Final = frozenset(
    (
        "data", "day", "days", "decay", "deg", "degree", "delta", "dense", "dep", "depth", "det",
        "dev", "diff", "dim", "dims", "dist", "div", "dot", "down", "dropout", "duration",
    )
)  # fmt: skip
_LETTER = "A-Za-z\u0370-\u03ff\u00c0-\u024f\u1e00-\u1eff"
_DERIVATIVE: Final = lazy_regex(
    rf"(?<![\w.])d(?=[{_LETTER}])(?P<above>\w+)(?P<between> ?/ ?)d(?=[{_LETTER}])(?P<below>\w+)"
)
_TOTAL_FRACTION: Final = lazy_regex(
    r"(\\[dt]?frac ?\{ ?)(d|\\(?:mathrm|text|rm) ?\{d\})"
    r"( ?[^{}_^ +\-*/=,][^}+\-*=,]{0,200}\}{1,4} ?\{ ?)"
    r"(d|\\(?:mathrm|text|rm) ?\{d\})( ?(?:[^\W\d]|\\))"
)
_UPRIGHT_TOTAL: Final = lazy_regex(r"\\(?:mathrm|text) ?\{d\}")
_RAISED_WORD: Final = lazy_regex(
    rf"\^(?=\{{ ?(?:\\(?:text|mathrm|rm) ?\{{ ?)?(?:{UPDATED_WORDS}) ?\}}+)"
)
_RAISED_PLUS: Final = lazy_regex(r"(?<=[\w'}])\^(?:\+(?![\w(.\[{])|\{\+\})")
_BETWEEN_NUMBERS: Final = lazy_regex(r"(?<=[\d.\])]) +(?=[-+−]?[\d.\[√])")
# In `1/2 (a - y)` the fraction is a factor; `6/2(1+2)` may be read in two ways.
_FRACTION_FACTOR: Final = lazy_regex(r"(?<![\w.)\]/^])(1/[2-9]) (?=\()")
_STYLE: Final = lazy_regex(
    r"\\(?:boxed|color *\{[^{}]*\}|textcolor *\{[^{}]*\}|displaystyle)(?![a-zA-Z])"
)
_BRACE: Final = lazy_regex(r"(?P<command>\\(?:under|over)brace) ?\{")
_BRACE_LABEL: Final = lazy_regex(r" ?[_^] ?(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}|\w)")
_APPLICATION: Final = lazy_regex(
    r"(?<![\w'\\}\])])(?P<name>\\?[^\W\d_]\w*(?:_\{\w+\})?'*)\((?P<inside>[^()]{1,40})\)"
)
_LOSSES: Final = ("L", "J", "f", "loss", "cost")  # `L(w + 0.001)` is no product
_ONE_TOKEN: Final = lazy_regex(r"\s*(?:[0-9]+(?:\.[0-9]+)?|[A-Za-z]\w*'*|[a-z]\s*[-+]\s*1)\s*")
_GROUPED: Final = lazy_regex(r"[-+*/×·^−]|\\(?:cdot|times|frac|ln|log)")
_NUMBER_LAST: Final = lazy_regex(r"(?<![\w.])[0-9.]+$")
_DOUBLE_BARS: Final = lazy_regex(r"\|\|([^|]+)\|\|")
_BASED_LOG: Final = lazy_regex(
    r"(?<![A-Za-z_])log(?:_([0-9]{1,2})(?![0-9])|_\{([0-9]{1,2})\}|([₀-₉]{1,2}))(?= *[\w(√.])"
)
_LATEX_BASED_LOG: Final = lazy_regex(r"\\log ?_ ?(?:\{ ?([0-9]{1,2}) ?\}|([0-9]))")
_FROM_LOWERED: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_INFIX: Final = frozenset(("add", "subtract", "multiply", "divide", "matmul", "power", "negative"))
_FIXED: Final = _INFIX | {"outer", "transpose_last"}  # what rules take apart
_CALLED: Final = lazy_regex(r"[A-Za-z}]\s*(?:\\left\s*)?\(")
_LOST_POWER: Final = lazy_regex(r"[×·x*] ?10[-−–][0-9]")
_ARITHMETIC: Final = "0123456789 .+-−*×·/^()"  # what most members are written with
_DECIMAL_COMMA: Final = lazy_regex(r"\d,\d")
_COMMA_OR_LIST: Final = say("ambiguous: a comma between digits may be a decimal comma or a list")
# In a list with commas of both kinds, or numbers that begin with 0, some are decimal commas.
_LIST_COMMA: Final = lazy_regex(r"\d,(?:\s+[-+−]?\d|0\d)")


def read_member(
    strip: Strip,
    sign: str,
    dialect: Dialect,
    *,
    readable: str | None = None,
    notation: Notation | None = None,
    fresh: bool = False,
    problem: Problem | None = None,
) -> Member:
    """Return the member that a strip holds.

    `readable` is its text with marks of prose replaced, as long as the strip's. `fresh` asks for
    a tree that no other member has. `problem` says why it is not to be read.
    """
    node: Node | None = None
    if problem is None:
        found = _parsed(
            strip.text if readable is None else readable, dialect, notation, fresh=fresh
        )
        if isinstance(found, Node):
            node = found
        else:
            problem = found
    why = None if problem is None else unread(strip, *problem)
    is_arithmetic = node is not None and not strip.text.strip(_ARITHMETIC)
    role: Role | None = "numbers" if is_arithmetic else None
    return Member(strip.text, sign, dialect, node, strip.rows, strip.columns, why, role=role)


def unread(strip: Strip, reason: Reason, message: Text) -> Unread:
    """Return the note that a strip was not read."""
    return Unread(strip.span(), reason, printable(strip.text), message)


def _parsed(
    text: str, dialect: Dialect, notation: Notation | None, *, fresh: bool
) -> Node | Problem:
    if fresh or notation is not None:
        return _tree(text, dialect, notation)
    return tree_of(text, dialect)


@lru_cache(maxsize=_KEPT_TEXTS)
def tree_of(text: str, dialect: Dialect) -> Node | Problem:
    """Return the tree of a text without a notation of its own, or why there is none."""
    # A class's worksheets say the same lines again and again.
    return _tree(text, dialect, None)


def _tree(text: str, dialect: Dialect, notation: Notation | None) -> Node | Problem:
    """Return the tree of a text, or why there is none."""
    text = _latex_for_parser(text) if dialect == "latex" else _unicode_for_parser(text)
    if "(" in text:
        applied = _applied(text)
        if applied is not None:
            return applied
    try:
        node = parse(text, dialect, vocabulary=_VOCABULARY, names=notation)
    except LimitError as error:
        return "limit", _words(error)
    except LanguageError as error:
        return _reason(str(error.what)), _words(error)
    if _CALLED.search(text):
        miscalled = next(filter(None, map(_miscalled, walk(node))), None)
        if miscalled is not None:
            return miscalled
    return _doubt(node, text) or node


def _miscalled(node: Node) -> Problem | None:
    """Return why a call such as `outer(a)` is not read: it has too few or too many arguments."""
    row = table().get(node.operation) if isinstance(node, Call) else None
    if row is None or row.variadic or not isinstance(node, Call):
        return None
    given = len(node.arguments)
    for name in row.operands[given:]:
        if name not in row.defaults and name not in dict(node.keywords):
            return "unreadable", say("{name} needs {key}", name=row.name, key=name)
    if given > len(row.operands) and row.name in _FIXED:
        return "unreadable", say("{name} does not take so many arguments", name=row.name)
    return None


def _applied(text: str) -> Node | Problem | None:
    """Return the name that `w(1)` or `L(w)` is, or why it is not read within an expression.

    It may be a product, a function or a number of an iteration.
    """
    for found in _APPLICATION.finditer(text):
        name = COMMANDS.get(found["name"], found["name"])
        if name in _VOCABULARY.spelled or name in UNDERSTOOD or name.startswith("\\"):
            continue
        one = _ONE_TOKEN.fullmatch(found["inside"]) or name in _LOSSES
        if found.start() == 0 and found.end() == len(text) and (one or "," in found["inside"]):
            return Name("".join(text.split()), 0, len(text))
        if one:
            return "ambiguous", say(
                "ambiguous: `{text}` may be a product, a function or an index", text=found[0]
            )
    return None


def _reason(what: str) -> Reason:
    if what.startswith("ambiguous"):
        return "ambiguous"
    return "limit" if what.startswith(_LIMITS) else "unreadable"


def _words(error: TracerError) -> Text:
    return error.sentence()


def _doubt(node: Node, text: str) -> Problem | None:
    """Return why a tree may be read in another way: with decimal commas, `[0,5, 0,7]`."""
    if "10" in text and _LOST_POWER.search(text):
        return "ambiguous", say("ambiguous: the number after 10 may be an exponent")
    if "," not in text or not _DECIMAL_COMMA.search(text):
        return None
    if "." not in text and _LIST_COMMA.search(text):
        return "ambiguous", _COMMA_OR_LIST
    if type(node) is Tuple:
        return None
    for part in walk(node):
        if type(part) is not Call or part.operation not in _INFIX:
            continue
        if any(type(each) is Tuple for each in part.arguments):
            return "ambiguous", _COMMA_OR_LIST
    return None


# Replacements, place for place


def _based(found: re.Match[str]) -> str:
    """Return the logarithm with its base as the function that has it, `log_2` as ` lo2`."""
    base = next(filter(None, found.groups())).translate(_FROM_LOWERED)
    if f"log{int(base)}" not in LOGARITHMS:
        return found[0]
    space = " " if found[0].startswith("\\") else ""
    return f"{space}lo{int(base)}".ljust(len(found[0]))


def _doubled_bars(text: str) -> str:
    """Return the text with `‖` for two bars around something that has none in it."""
    return _DOUBLE_BARS.sub(r"‖ \1 ‖", text)


def _unicode_for_parser(text: str) -> str:
    if "||" in text:
        text = _doubled_bars(text)
    if "log" in text:
        text = _BASED_LOG.sub(_based, text)
    if "/" in text:
        if "d" in text:
            text = _DERIVATIVE.sub(_partial, text)
        text = _FRACTION_FACTOR.sub(r"\1*", text)
    if "^" in text:
        text = _RAISED_PLUS.sub(lambda found: "'" + " " * (len(found[0]) - 1), text)
        text = _RAISED_WORD.sub("_", text)
    if "[" in text:
        text = _grouping(text)
        if " " in text:
            text = _rows(text)
    return text


def _grouping(text: str) -> str:
    """Return the text with round brackets for square ones that only group: `[0.5 - 2] / 2`."""
    pairs: list[tuple[int, int]] = []
    waiting: list[int] = []
    listed: list[bool] = []  # whether a comma or a bracket of its own kind is inside
    for place, character in enumerate(text):
        if character == "[":
            if listed:
                listed[-1] = listed[-1] or text[place - 1] == "["
            waiting.append(place)
            listed.append(False)
        elif character == "]" and waiting:
            start = waiting.pop()
            if not listed.pop() and _groups(text, start, place):
                pairs.append((start, place))
        elif character in ",;&" and listed:
            listed[-1] = True
    if not pairs:
        return text
    characters = list(text)
    for start, end in pairs:
        characters[start], characters[end] = "(", ")"
    return "".join(characters)


def _groups(text: str, start: int, end: int) -> bool:
    """Say whether square brackets group: an operation is in them, and more around them."""
    before = text[max(start - 200, 0) : start].removesuffix("\\left").rstrip()
    after = text[end + 1 :].strip()
    if not before and not after:
        return False  # an array of one entry
    if before.endswith(("^{", "_{", "^", "_", "sqrt", "'", "]")) or before[-1:].isalpha():
        return False
    if before[-1:].isdigit() and not _NUMBER_LAST.search(before):
        return False
    if before.endswith(("[", ",", ";")) and after.startswith((",", ";", "]")):
        return False  # a row of an array
    inside = text[start + 1 : end]
    return _GROUPED.search(inside) is not None and not _BETWEEN_NUMBERS.search(inside)


def _partial(found: re.Match[str]) -> str:
    above, below = found["above"], found["below"]
    if {"d" + above, "d" + below} & _NOT_DERIVED or above.startswith("elta"):
        return found[0]
    return f"∂{above}{found['between']}∂{below}"


def _rows(text: str) -> str:
    """Return the text with commas between numbers in square brackets, `[0.1 -0.2]`."""
    pieces: list[str] = []
    depth = 0
    start = 0
    for place, character in enumerate(text):
        if character == "[":
            if depth == 0:
                pieces.append(text[start:place])
                start = place
            depth += 1
        elif character == "]" and depth:
            depth -= 1
            if depth == 0:
                pieces.append(_BETWEEN_NUMBERS.sub(_comma, text[start : place + 1]))
                start = place + 1
    pieces.append(text[start:])
    return "".join(pieces)


def _comma(found: re.Match[str]) -> str:
    # `1 - 2` and `1 -2` differ: only a sign that touches its number begins an entry.
    return "," + " " * (len(found[0]) - 1)


def _latex_for_parser(text: str) -> str:
    if "||" in text:
        text = _doubled_bars(text)
    if r"\log" in text:
        text = _LATEX_BASED_LOG.sub(_based, text)
    if "frac" in text:
        text = _TOTAL_FRACTION.sub(_total_fraction, text)
    if "/" in text:
        if r"{d}" in text:
            text = _UPRIGHT_TOTAL.sub(lambda found: "d".rjust(len(found[0])), text)
        text = _DERIVATIVE.sub(_partial, text)
    if "^" in text:
        text = _RAISED_WORD.sub("_", text)
    if r"\boxed" in text or "color" in text or r"\displaystyle" in text:
        text = _STYLE.sub(_blank, text)
    if "brace" in text:
        text = _without_braces(text)
    if "[" in text:
        text = _grouping(text)
        if " " in text:
            text = _rows(text)
    return text


def _without_braces(text: str) -> str:
    r"""Return the text without `\underbrace` and what it says: `\underbrace{0.5 \cdot 2}_{wx}`."""
    characters = list(text)
    for found in _BRACE.finditer(text):
        depth, end = 1, found.end()
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        label = _BRACE_LABEL.match(text, end)
        for start, stop in (found.span("command"), label.span() if label else (0, 0)):
            characters[start:stop] = " " * (stop - start)
    return "".join(characters)


def _total_fraction(found: re.Match[str]) -> str:
    first, above, between, below, last = found.groups()
    return first + "∂".ljust(len(above)) + between + "∂".ljust(len(below)) + last


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def is_function_name(text: str) -> bool:
    """Say whether a word is the name of an operation."""
    return text in _VOCABULARY.spelled or text in UNDERSTOOD


def is_power_of_name(node: Node | None) -> bool:
    """Say whether a tree is a name with a plain number as its power."""
    return (
        type(node) is Call
        and node.operation == "power"
        and type(node.arguments[0]) is Name
        and type(node.arguments[1]) is Number
    )
