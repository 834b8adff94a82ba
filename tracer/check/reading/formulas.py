r"""Chains in LaTeX: a formula split at its equals signs, row by row.

All of it is mathematics, but for `\text{…}` and the Chinese that stands in it. Rows of `align`
that begin with an equals sign or an operator go on with the row before.
"""

from __future__ import annotations

import re
from typing import Final

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.chains import DOUBTED_COMMA, Found, Piece, chain_of, sign_of
from tracer.check.reading.line_tokens import STOP_WORDS
from tracer.check.reading.members import Problem, unread
from tracer.check.reading.strips import Strip
from tracer.expression import Notation
from tracer.sentences import Text, say

__all__ = ["formula_chains"]

_RELATIONS: Final = {
    **dict.fromkeys((r"\gets", r"\leftarrow", r"\longleftarrow"), "←"),
    **dict.fromkeys((r"\coloneqq", r"\triangleq"), ":="),
    **dict.fromkeys(
        (r"\approx", r"\simeq", r"\cong", r"\doteq", r"\fallingdotseq", r"\thickapprox"), "≈"
    ),
}
_BREAKS: Final = frozenset(
    (
        r"\quad", r"\qquad", r"\to", r"\rightarrow", r"\Rightarrow", r"\longrightarrow",
        r"\Longrightarrow", r"\implies", r"\iff", r"\Leftrightarrow", r"\in", r"\le", r"\leq",
        r"\ge", r"\geq", r"\ne", r"\neq", r"\lt", r"\gt", r"\sim", r"\propto", r"\mid", r"\equiv",
        r"\mapsto", r"\because", r"\therefore", r"\leqslant", r"\geqslant", r"\ll", r"\gg",
        r"\land", r"\lor", r"\forall", r"\exists", r"\hline", r"\newline", r"\colon",
    )
)  # fmt: skip
_OPERATORS: Final = frozenset((r"\times", r"\cdot", r"\div", r"\ast", r"\odot", *"+-*/−·×"))
_DOTS: Final = frozenset((r"\dots", r"\ldots", r"\cdots", r"\vdots", r"\ddots", "…", "⋯"))
_TOKEN: Final = lazy_regex(
    r"(?P<space>[\s~]+)"
    r"|(?P<environment>\\(?:begin|end) ?\{[a-zA-Z]*\*?\}(?:\{[^{}]*\})?)"
    r"|(?P<aside>\\(?:tag|label|notag|nonumber|color|mathstrut|phantom)\*?(?![a-zA-Z])(?:\{[^{}]*\})?)"
    r"|(?P<at>\\[bB]igg?r?(?![a-zA-Z]) ?\| ?_ ?\{[^{}]*\}|\| ?_ ?\{[^{}]*=[^{}]*\})"
    r"|(?P<text>\\(?:text|textrm|textbf|textit|textnormal|mbox) ?\{[^{}]*\})"
    r"|(?P<over>\\(?:overset|stackrel) ?\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\} ?\{ ?(?:=|\\approx) ?\})"
    r"|(?P<empty>\{ ?\})"
    r"|(?P<row>\\\\ ?(?:\[[0-9.]+[a-z]+\])?|\\cr(?![a-zA-Z])|\\newline)"
    r"|(?P<big>\\(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z]) ?(?:\\[{}|]|\\[a-z]+|.)?)"
    r"|(?P<blank>\\_(?: ?\\_)+|\\(?:underline|underbar) ?\{(?:\\[a-z]*|\\.|[\s~])*\}"
    r"|\\(?:square|Box)(?![a-zA-Z])|\\boxed ?\{(?:\\[a-z;,: ]+| )*\}|_{2,}|[□?]"
    r"|\\(?:hspace|rule)\{[^{}]*\}(?:\{[^{}]*\})?)"
    r"|(?P<command>\\[A-Za-z]+|\\.)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<relation>:=|[-+−]=(?!=)|(?<![<>!=])=(?![=>])|[≈≃≐≅←])"
    r"|(?P<compare>={2,}|=>|[<>!]=?|[≤≥≠→⇒∈])"
    r"|(?P<cjk>[\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af、。]+)"
    r"|(?P<letter>[A-Za-z]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_MAGNITUDES: Final = ("hundred", "thousand", "million", "billion", "万", "亿", "千", "百", "余")
_MATRIX: Final = lazy_regex(r"\\(?:begin|end) ?\{[bpvBV]?(?:small)?matrix\*?\}")
_NAME: Final = lazy_regex(r"[A-Za-z][\w ']*|[\u4e00-\u9fff]+")


class _Row:
    """The members of a chain that is being read; a member is where it begins and ends."""

    __slots__ = ("members", "problem", "signs")

    def __init__(self) -> None:
        self.members: list[list[int]] = [[-1, -1]]
        self.signs: list[str] = [""]
        self.problem: dict[int, Problem] = {}


def formula_chains(strip: Strip, notation: Notation | None = None) -> Found:
    """Return the chains of a LaTeX formula, and what of it was not read."""
    found = Found([], [])
    if len(strip.text) > 4_000:
        found.unread.append(
            unread(
                strip.cut(0, 40),
                "limit",
                say("the formula is too long; expected at most {most} characters", most=4_000),
            )
        )
        return found
    if r"\boxed" in strip.text:
        strip = strip.replaced(_BOXED.sub(_unboxed, strip.text))
    _FormulaReader(strip, notation, found).read()
    return found


class _FormulaReader:
    """Goes along a formula's tokens; brackets of all kinds count as depth."""

    def __init__(self, strip: Strip, notation: Notation | None, found: Found) -> None:
        self.strip = strip
        self.notation = notation
        self.found = found
        self.blanks: list[tuple[int, int]] = []  # what the parser does not see
        self.braces = 0
        self.brackets = 0
        self.matrices = 0
        self.row = _Row()
        self.fresh = False  # whether a row has just begun
        self.aligned = False  # whether a `&` has stood in the row
        self.after_words = False  # whether words have just ended a chain
        self.before = ""  # the kind of the token before, spaces left out

    def read(self) -> None:
        """Read the whole formula."""
        tokens = [
            (found.lastgroup or "other", found[0], found.start())
            for found in _TOKEN.finditer(self.strip.text)
        ]
        for place, (kind, text, start) in enumerate(tokens):
            if kind == "space":
                continue
            following = tokens[place + 1][1] if place + 1 < len(tokens) else ""
            self.token(kind, text, start, following)
            self.before = kind if kind != "other" else text
        self.finish()

    @property
    def deep(self) -> bool:
        """Whether this is inside of brackets or a matrix."""
        return bool(self.braces or self.brackets or self.matrices)

    def token(self, kind: str, text: str, start: int, following: str) -> None:
        """Take one token."""
        end = start + len(text)
        if kind == "environment":
            self.environment(text, start, end)
        elif kind in ("aside", "at"):
            self.blanks.append((start, end))
        elif self.fresh and (kind == "empty" or text in (r"\quad", r"\qquad")):
            # `{}` before an operator says that the row goes on with the one before.
            self.fresh = kind != "empty"
            self.blanks.append((start, end))
        elif text == "&" and not self.matrices:
            self.aligned = True
            self.blanks.append((start, end))
        elif kind == "row" and not self.matrices and not self.braces:
            self.brackets = 0
            self.fresh = True
            self.aligned = False
            self.blanks.append((start, end))
        elif self.deep or kind == "big" or text in "{}()[]" or text in (r"\{", r"\}"):
            self.count(kind, text)
            self.extend(start, end)
        else:
            self.flat(kind, text, start, end, following)

    def environment(self, text: str, start: int, end: int) -> None:
        """Take the begin or end of an environment: matrices are values, others only layout."""
        if _MATRIX.match(text):
            self.matrices = max(self.matrices + (1 if text.startswith(r"\begin") else -1), 0)
            self.extend(start, end)
        elif "cases" in text:
            self.trouble("unreadable", say("cases are not read"))
            self.extend(start, end)
        else:
            self.blanks.append((start, end))

    def count(self, kind: str, text: str) -> None:
        """Count what opens and closes; the bounds of an interval need not be of one kind."""
        if kind == "big":
            if text.startswith(r"\left"):
                self.brackets += 1
            elif text.startswith(r"\right"):
                self.brackets = max(self.brackets - 1, 0)
            elif text[-1] in "()[]":
                self.count("other", text[-1])
        elif kind == "blank" and self.deep:
            self.trouble("blank", say("a blank stands here"))
        elif text == "{":
            self.braces += 1
        elif text == "}":
            self.braces = max(self.braces - 1, 0)
        elif text in ("(", "[", r"\{"):
            self.brackets += 1
        elif text in (")", "]", r"\}"):
            self.brackets = max(self.brackets - 1, 0)
        elif text in _DOTS:
            self.trouble("unreadable", say("what the dots stand for is not written"))

    def flat(self, kind: str, text: str, start: int, end: int, following: str) -> None:
        """Take a token outside of all brackets."""
        if kind == "relation" or kind == "over" or text in _RELATIONS:
            self.relation(_RELATIONS.get(text) or (sign_of(text) if kind == "relation" else "="))
        elif text == "!" and self.before in ("number", ")"):
            self.trouble("ambiguous", say("a factorial is not read"))
            self.extend(start, end)
        elif kind == "compare" or text in _BREAKS or text in ";；。：:，、!":
            if text not in (r"\quad", r"\qquad") or self.row.members[-1][0] >= 0:
                self.finish()
        elif text == ",":
            self.comma(start, end, following)
        elif text == "." or kind == "cjk":
            self.prose(kind, text, start, end)
        elif kind == "text":
            self.words(text, start, end)
        else:
            if kind == "blank":
                self.trouble("blank", say("a blank stands here"))
            elif text in _DOTS:
                self.trouble("unreadable", say("what the dots stand for is not written"))
            if self.fresh and not self.goes_on(text):
                self.finish()
            if kind == "number" and self.after_words:
                self.trouble("unreadable", say("words before it belong to it"))
            self.extend(start, end)

    def goes_on(self, text: str) -> bool:
        """Say whether a row that begins with a sign goes on with the row before.

        A minus may also be the sign of what the row begins with: then `&` has to stand before it.
        """
        return text in _OPERATORS and (self.aligned or text not in "-−")

    def prose(self, kind: str, text: str, start: int, end: int) -> None:
        """Take a full stop or Chinese: a name where a member begins, else the end of the chain."""
        if self.before == "number" and text.startswith(_MAGNITUDES):
            self.trouble("unreadable", say("words after it belong to it"))
        if kind == "cjk" and self.row.members[-1][0] < 0 and not text.endswith(("、", "。")):
            if self.fresh:
                self.finish()
            self.extend(start, end)
        else:
            self.finish()

    def words(self, text: str, start: int, end: int) -> None:
        r"""Take `\text{…}`: a name where an operand is expected, else words that end the chain."""
        inside = text[text.index("{") + 1 : -1].strip()
        if self.before == "number" and inside.startswith(_MAGNITUDES):
            self.trouble("unreadable", say("words after it belong to it"))
        is_name = _NAME.fullmatch(inside) and not (set(inside.lower().split()) & STOP_WORDS)
        if self.fresh:
            self.finish()
        if is_name and (self.row.members[-1][0] < 0 or self.before in _OPERATORS | {"command"}):
            self.extend(start, end)
        else:
            self.finish()
            self.after_words = True

    def comma(self, start: int, end: int, following: str) -> None:
        """Take a comma: between digits it may be a decimal comma."""
        if self.before == "number" and following[:1].isdigit():
            self.trouble("ambiguous", DOUBTED_COMMA)
            self.extend(start, end)
        else:
            self.finish()

    def trouble(self, reason: str, message: Text) -> None:
        """Say why the member here is not to be read."""
        self.row.problem.setdefault(len(self.row.members) - 1, (reason, message))  # type: ignore[arg-type]  # a reason by its text

    def extend(self, start: int, end: int) -> None:
        """Take a token into the member here."""
        self.fresh = False
        self.after_words = False
        member = self.row.members[-1]
        if member[0] < 0:
            member[0] = start
        member[1] = end

    def relation(self, sign: str) -> None:
        """Begin the next member."""
        self.fresh = False
        if self.row.members[-1][0] < 0:
            if len(self.row.members) > 1:  # two signs in a row
                self.finish()
            return
        self.row.members.append([-1, -1])
        self.row.signs.append(sign)

    def finish(self) -> None:
        """End the chain and read its members."""
        row, self.row = self.row, _Row()
        self.fresh = False
        self.braces = self.brackets = 0
        pieces: list[Piece] = []
        for number, (start, end) in enumerate(row.members):
            if start >= 0:
                pieces.append(Piece(start, end, row.signs[number], row.problem.get(number)))
        if len(pieces) < 2:
            return
        readable = self.readable()
        worked = _worked(readable[pieces[0].start : pieces[-1].end])
        if all(_is_prose(readable[piece.start : piece.end]) for piece in pieces[1:]):
            return
        chain_of(self.strip, readable, pieces, "latex", self.notation, worked, self.found)

    def readable(self) -> str:
        """Return the formula with blanks for what the parser does not see."""
        text = self.strip.text
        if not self.blanks:
            return text
        pieces = []
        last = 0
        for start, end in self.blanks:
            pieces += [text[last:start], " " * (end - start)]
            last = end
        return "".join([*pieces, text[last:]])


_BOXED: Final = lazy_regex(r"(\\boxed ?\{)([^{}]*=[^{}]*)\}")
_BESIDE: Final = lazy_regex(
    r"\\[dtc]?frac ?\{? ?[-−]?[0-9.]+ ?\}? ?\{? ?[-−]?[0-9]|"
    r"[0-9][\s)\]}]*(?:[-+*/×·÷−]|\\(?:times|cdot|div|ast))"
    r"|(?:[-+*/×·÷−^]|\\(?:times|cdot|div|ast))[\s({\[−-]*[0-9]"
)
_SCRIPTS: Final = lazy_regex(r"_\{[^{}]*\}|_[0-9]|\^\{\([^{}]*\)\}|\^\{[^{}]*\}|\^[0-9]")


def _unboxed(found: re.Match[str]) -> str:
    return " " * len(found[1]) + found[2] + " "


def _worked(text: str) -> bool:
    """Say whether a number that is no subscript stands beside an operator."""
    return _BESIDE.search(_SCRIPTS.sub("", text)) is not None


def _is_prose(text: str) -> bool:
    r"""Say whether a member is words alone, `\text{the loss}`."""
    return text.startswith((r"\text", r"\mbox")) and text.endswith("}") and text.count("{") == 1
