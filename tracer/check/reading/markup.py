r"""Where the mathematics of a marked-up text stands: formulas between dollar signs and their kin.

Everything here is linear in the text: each closing sign is looked for once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.strips import Strip

__all__ = [
    "BREAK",
    "ENVIRONMENTS",
    "Formula",
    "formulas_in",
    "macro_formula",
    "plain_markdown",
    "plain_tex",
    "plain_text",
    "runs_of_formulas",
]

# Stands for a formula in the prose around it: no mathematics goes across it.
BREAK: Final = "\x00"

ENVIRONMENTS: Final = (
    "align|aligned|gather|gathered|equation|eqnarray|multline|split|flalign|alignat"
    "|displaymath|math"
)
_OPENING: Final = lazy_regex(
    r"\\\\|\\\$|\$\$?|\\\(|\\\[|`+|\\begin ?\{(?:" + ENVIRONMENTS + r")\*?\}"
)


class Formula(NamedTuple):
    """A formula: its place with its signs, and the place of what is in it."""

    start: int
    end: int
    inner_start: int
    inner_end: int


def formulas_in(text: str, *, code_spans: bool = False) -> Iterator[Formula]:
    """Yield the formulas of a text; `$5 and $6` is none. Code spans hold none."""
    never: set[str] = set()  # closing signs that do not come again
    place = 0
    while True:
        opening = _OPENING.search(text, place)
        if opening is None:
            return
        sign = opening[0]
        place = opening.end()
        if sign in ("\\\\", "\\$") or (sign[0] == "`" and not code_spans):
            continue
        if sign[0] == "`":
            end = _closing(text, sign, place, never)
            # A span of code ends with as many signs as it began.
            if (
                end >= 0
                and text[end - 1] != "`"
                and text[end + len(sign) : end + len(sign) + 1] != "`"
            ):
                place = end + len(sign)
            continue
        if sign == "$":
            end = _dollar(text, place)
            if end < 0 or not _is_formula(text, place, end):
                continue
            yield Formula(place - 1, end + 1, place, end)
            place = end + 1
            continue
        closing = (
            sign.replace("begin", "end")
            if sign.startswith("\\b")
            else {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}[sign]
        )
        end = _closing(text, closing, place, never)
        if end >= 0:
            yield Formula(opening.start(), end + len(closing), place, end)
            place = end + len(closing)


def _closing(text: str, sign: str, place: int, never: set[str]) -> int:
    if sign in never:
        return -1
    end = text.find(sign, place)
    if end < 0:
        never.add(sign)
    return end


def _dollar(text: str, place: int) -> int:
    """Return where the next dollar sign without a backslash stands, -1 if there is none."""
    end = text.find("$", place)
    while end > 0 and text[end - 1] == "\\":
        end = text.find("$", end + 1)
    return end


def _is_formula(text: str, start: int, end: int) -> bool:
    """Say whether two dollar signs belong together: blanks inside both or neither, no price."""
    if start == end or text[end + 1 : end + 2].isdigit():
        return False
    if start > 1 and text[start - 2].isalnum() and text[start - 2].isascii():
        return False
    return text[start].isspace() == text[end - 1].isspace()


# What may stand between formulas and belong to them: `$w$ = 0.5`, `loss $= 2.25$`.
_AFTER: Final = lazy_regex(
    r"[ \t]*(?:=(?![=>])|[≈≃]|:=|←)[ \t]*(?P<figures>[-+−]?[ \t]*[0-9(][0-9.eE()+*/×·÷−^ \t-]*)?"
)
_BEFORE: Final = lazy_regex(
    r"(?<![\w'\\$])(?:[A-Za-z][\w]*'*|[α-ωŷ]\w*)[ \t]*(?P<sign>(?:(?<![=<>!])=|≈|:=|←)[ \t]*)?$"
)
_SAYS: Final = lazy_regex(r"\s*(?:equals|is equal to|gives|yields|等于|得到|得出|得)\s*")
_CALCULATION: Final = lazy_regex(r"[0-9]\s*(?:[-+*/·×^]|\\(?:times|cdot|div))|\\[dt]?frac")
_LONE_FIGURE: Final = lazy_regex(r"\s*[-−]?\s*[0-9]+(?:\.[0-9]+)?\s*")
_CLAUSE_END: Final = lazy_regex(r"\s*(?:$|[,.;:，。；：）)])")
_RELATION_FIRST: Final = lazy_regex(r"[\s&]*(?:=|≈|:=|\\approx|\\gets|\\leftarrow)")
_RELATION_LAST: Final = lazy_regex(r"(?:=|≈|:=|\\approx)\s*$")


def runs_of_formulas(text: str, formulas: list[Formula]) -> Iterator[tuple[int, int, str]]:
    """Yield formulas with what belongs to them of the prose around: start, end and a text.

    The text is as long as the whole text, with blanks for the dollar signs of the run.
    """
    place = 0
    low = 0
    while place < len(formulas):
        first = formulas[place]
        signs = [first]
        words: list[tuple[int, int]] = []
        start, end = _begin(text, low, first), first.end
        while True:
            after = formulas[place + 1].start if place + 1 < len(formulas) else len(text)
            if place + 1 < len(formulas) and _is_said(text, formulas[place], formulas[place + 1]):
                words.append((end, after))
                place += 1
                signs.append(formulas[place])
                end = formulas[place].end
                break
            end = _after_figures(text, end, after)
            adjacent = text[end:after].strip(" \t") == "" and after < len(text)
            if not adjacent or not (
                _RELATION_LAST.search(text, max(first.start, end - 12), end)
                or _RELATION_FIRST.match(text, formulas[place + 1].inner_start)
            ):
                break
            place += 1
            signs.append(formulas[place])
            end = formulas[place].end
        place += 1
        low = end
        yield start, end, _without_signs(text, signs, words)


def _is_said(text: str, left: Formula, right: Formula) -> bool:
    r"""Say whether words say that a calculation has a result: `$2 \times 3$ equals $6$.`"""
    return (
        _SAYS.fullmatch(text, left.end, right.start) is not None
        and _CALCULATION.search(text, left.inner_start, left.inner_end) is not None
        and _LONE_FIGURE.fullmatch(text, right.inner_start, right.inner_end) is not None
        and _CLAUSE_END.match(text, right.end) is not None
    )


def _after_figures(text: str, end: int, after: int) -> int:
    """Return where the figures end that an equals sign joins to a formula that ended."""
    joint = _AFTER.match(text, end, after)
    if joint is None:
        return end
    if joint.end() == after < len(text) and not joint["figures"]:
        return after
    last = len(joint[0].rstrip(" \t(")) + end
    following = text[last : last + 1]
    if (
        not joint["figures"]
        or following.isalnum()
        or following == "_"
        or text[last - 1] in "+-*/×·÷−^"
    ):
        return end
    return last


def _begin(text: str, low: int, formula: Formula) -> int:
    """Return where the run of a formula begins: at a name and perhaps a sign of equality."""
    found = _BEFORE.search(text, max(low, formula.start - 80), formula.start)
    if found is None:
        return formula.start
    relation = _RELATION_FIRST.match(text, formula.inner_start, formula.inner_end)
    return found.start() if bool(found["sign"]) != bool(relation) else formula.start


def _without_signs(text: str, formulas: list[Formula], words: list[tuple[int, int]]) -> str:
    for start, end in words:
        text = text[:start] + "=".center(end - start) + text[end:]
    pieces: list[str] = []
    last = 0
    for start, end, inner_start, inner_end in formulas:
        pieces += [
            text[last:start],
            " " * (inner_start - start),
            text[inner_start:inner_end],
            " " * (end - inner_end),
        ]
        last = end
    return "".join([*pieces, text[last:]])


# Markdown's signs in prose

_LINK: Final = lazy_regex(r"\]\([^()\s]*(?: [^()\n]*)?\)|^ {0,3}\[(?!\^)[^\[\]]*\]: ?\S.*")
_ADDRESS: Final = lazy_regex(
    r"<https?:[^<>\s]*>|\bhttps?://\S+|\bwww\.\S+"
    r"|(?<![\w.\-=~/])(?:[\w.\-=~]*/){2,}[\w.\-=]*\.[A-Za-z][A-Za-z0-9]{1,4}\b"
)
_TAG: Final = lazy_regex(r"<!--[^<>]*-->|</?[a-zA-Z][^<>\n]*>")
_FOOTNOTE: Final = lazy_regex(r"^ {0,3}\[\^[^\[\]]*\]:")
_UNDERLINED: Final = lazy_regex(r"(?<!\w)__(?=[^\s_])([^_\n]+)(?<=\S)__(?!\w)")
_STRONG: Final = lazy_regex(r"(?<![\w*)\]])(\*{1,3})(?=[^\s*])([^*\n]+?)(?<=[^\s*])\1(?![\w*(])")
_ENTITY: Final = lazy_regex(r"&(?:nbsp|times|minus|middot|sdot|divide|asymp|lt|gt|amp|ensp|emsp);")
_ENTITIES: Final = {
    "&times;": "×", "&minus;": "−", "&middot;": "·", "&sdot;": "·", "&divide;": "÷",
    "&asymp;": "≈", "&lt;": "<", "&gt;": ">", "&amp;": "&",
}  # fmt: skip
_ESCAPE: Final = lazy_regex(r"\\(?=[*_#+\-.!()\[\]{}|<>~`=^%])")


def plain_markdown(strip: Strip) -> Strip:
    """Return prose without the signs of Markdown; what is shown keeps its place."""
    text = strip.text
    if "]" in text:
        text = _FOOTNOTE.sub(_blank, _LINK.sub(_blank, text))
    if "/" in text or "www." in text:
        text = _ADDRESS.sub(_blank, text)
    if "<" in text:
        text = _TAG.sub(_blank, text)
    if "&" in text:
        text = _ENTITY.sub(lambda found: _ENTITIES.get(found[0], "").ljust(len(found[0])), text)
    if "*" in text:
        text = _STRONG.sub(_unmarked, text)
    if "__" in text:
        text = _UNDERLINED.sub(r"  \1  ", text)
    if "`" in text:
        text = text.replace("`", " ")
    if "\\" in text:
        return strip.replaced(text).without(found.start() for found in _ESCAPE.finditer(text))
    return strip.replaced(text)


def plain_text(strip: Strip) -> Strip:
    """Return a line of plain text without addresses and paths of files."""
    text = strip.text
    if "/" not in text and "www." not in text:
        return strip
    return strip.replaced(_ADDRESS.sub(_blank, text))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _unmarked(found: re.Match[str]) -> str:
    before = found.string[: found.start()].rstrip()[-1:] if len(found[1]) == 1 else ""
    if before.isdigit() or before in (")", "]"):
        return found[0]  # `0.5 *(-3)* 2` is a product
    signs = " " * len(found[1])
    return signs + found[2] + signs


_TEX_COMMAND: Final = lazy_regex(
    r"\\\\(?:\[[^\]\n]*\])?|\\(?P<name>[a-zA-Z]+)\*?(?:\[[^\]\n]*\])?|\\[^a-zA-Z_%&#$]|[{}~]"
)
# Commands around words; any other may stand for mathematics, which must not be lost in silence.
_TEX_WORDS: Final = frozenset(
    (
        "textbf", "textit", "emph", "text", "textrm", "textsf", "texttt", "underline", "item",
        "section", "subsection", "subsubsection", "paragraph", "chapter", "footnote", "caption",
        "noindent", "bf", "it", "rm", "tt", "bfseries", "itshape", "small", "footnotesize", "large",
        "Large", "centering", "quad", "qquad", "par", "smallskip", "medskip", "bigskip", "mbox",
        "ensuremath",
    )
)  # fmt: skip
_TEX_SIGNS: Final = {"textasciicircum": "^", "textasciitilde": "~", "textbar": "|"}
_TEX_ENSURED: Final = lazy_regex(r"\\ensuremath\{\\(?P<sign>cdot|times)\}")  # in our own prose
_TEX_ESCAPE: Final = lazy_regex(r"\\(?=[_%&#$])")
_TEX_MACRO: Final = lazy_regex(r"\s*\\(?P<name>[A-Za-z]+)\{(?P<inside>.*)\}[\s.,;]*")


def plain_tex(strip: Strip) -> Strip:
    """Return the prose of a LaTeX file without its commands."""
    text = _TEX_ENSURED.sub(_ensured, strip.text)
    text = _TEX_COMMAND.sub(_without_command, text)
    if "\\" not in text:
        return strip.replaced(text)
    return strip.replaced(text).without(found.start() for found in _TEX_ESCAPE.finditer(text))


def _ensured(found: re.Match[str]) -> str:
    return ("·" if found["sign"] == "cdot" else "×").ljust(len(found[0]))


def _without_command(found: re.Match[str]) -> str:
    name = found["name"]
    if name in _TEX_SIGNS:
        return _TEX_SIGNS[name].ljust(len(found[0]))
    sign = " " if name is None or name in _TEX_WORDS else BREAK
    return sign * len(found[0])


def macro_formula(strip: Strip) -> Strip | None:
    """Return the formula that is all of a line, in a macro of the document's own; else None."""
    found = _TEX_MACRO.fullmatch(strip.text)
    if found is None or found["name"] in _TEX_WORDS:
        return None
    inside = found["inside"]
    if "\\" not in inside or inside.count("{") != inside.count("}"):
        return None
    return strip.cut(*found.span("inside"))
