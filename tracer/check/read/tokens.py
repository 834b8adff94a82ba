r"""The tokens of a block: every character belongs to one, and each has a kind.

Prose, formulas in LaTeX and marks of markup stand in one list, so that whoever asks what stands
beside a chain sees it, whatever it is written in. Nothing is decided here but what a sign is.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate
from typing import Final

from tracer.check.read.inline_spans import InlineSpan, find_labels, find_spans
from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.read.word_tables import (
    FUNCTIONS,
    MODULES,
    OPERATORS,
    RELATIONS,
    SCALES,
    STOP_WORDS,
    UNIT_LETTERS,
    UNITS,
    WORDED,
)
from tracer.expression.lexer import fold
from tracer.expression.names import COMMANDS
from tracer.operations import vocabulary

__all__ = [
    "CHINESE",
    "INDICATORS",
    "INVISIBLE",
    "DocumentTokens",
    "TokenView",
    "after_scripts",
    "is_function",
    "tokenize_block",
]

CHINESE: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uac00-\ud7af"
)
INVISIBLE: Final = frozenset(("space", "gap", "markup", "layout"))
"""What may stand between two tokens that are neighbours."""
_NO_LETTER: Final = (
    "⁰¹²³⁴⁵⁶⁷⁸⁹ⁱⁿᵀ¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉₀₁₂₃₄₅₆₇₈₉Σ①-⓿\u02b0-\u02ff\u1d2c-\u1d61\u1d66-\u1d6a"
)
_CONNECTIVES: Final = "|".join(
    sorted((word for word in STOP_WORDS | OPERATORS.keys() | RELATIONS.keys()
            if not word.isascii() and len(word) > 1), key=len, reverse=True)
)  # fmt: skip
_NUMBER: Final = (
    r"[0-9]+(?:\.[0-9]+){2,}|[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])|[0-9]+(?:st|nd|rd|th)(?![A-Za-z])"
    r"|(?:[0-9]+(?:\.[0-9]+|\.(?=[,\])*/+\-@]))?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?!\w))?"
)
_TAIL: Final = (
    r"(?:_\{[^{}\n]*\}|\^\{\([^{}\n]*\)\}|\^\{\[[^{}\n]*\]\}|\^\{\+\}|\^\+(?![\w(.\[{])"
    r"|\^\{(?:new|old|pred|true|target|next|prev|init|out|in)\}|['′₀-₉]|⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾)*"
)
_HEAD: Final = (
    r"\n|[ \t\u00a0\u2002-\u200d\u202f\u2060\u3000\ufeff]+|"
    + _NUMBER
    + r"|(?:\\_){2,}|_{2,}(?!\w)|[□▢☐]+"
    rf"|(?:(?:{MODULES})\.(?=[A-Za-z]))*"
)
_REST: Final = (
    r"|:=|~=|<-(?= )|=(?![=<>~])|={2,}[<>~]?|[<>!]=|[+\-−*/@|^&]=|(?<![0-9])%=|=[<>~]"
    r"|[-–—]+>|<=>|\.{3,}|[…⋯]+"
    r"|\.T(?![A-Za-z0-9_])|⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[*˙][⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|\*\*|//|-{2,}|\|\||\\\\|\\[A-Za-z]+|\\.|."
)
_PHRASES: Final = "|".join(word for word in (*OPERATORS, *RELATIONS, *WORDED) if " " in word)
# Two patterns, as the one for all letters takes long to compile.
_ASCII_PROSE: Final = lazy_regex(
    rf"(?:{_PHRASES})(?![A-Za-z])|"
    + _HEAD
    + r"(?:[A-Za-z]|_(?=[A-Za-z]))(?:[A-Za-z0-9']|_(?![_{]))*"
    + _TAIL
    + _REST
)
_PROSE: Final = lazy_regex(
    rf"(?:{_PHRASES})(?![A-Za-z])|"
    + _HEAD
    + rf"(?:(?![{CHINESE}])[^\W\d_{_NO_LETTER}]|_(?=[A-Za-z]))"
    + rf"(?:(?![{CHINESE}])[^\W_{_NO_LETTER}]|[\u0300-\u036f'′″‴’⁺]|[ₐ-ₜᵢᵣᵤᵥⱼ]"
    + r"|[₀-₉]+(?![^\W_])|_(?![_{]))*[₀-₉ₐ-ₜᵢᵣᵤᵥⱼ]*"
    + _TAIL
    + rf"|(?:{_CONNECTIVES})|[为是得的与和]"
    + rf"|[{CHINESE}]+?(?={_CONNECTIVES}|[为是得的与和]|[^{CHINESE}]|$)"
    + _REST
)
_LATEX: Final = lazy_regex(
    r"\n|[ \t~]+"
    r"|\\(?:begin|end) ?\{[a-zA-Z]*\*?\}(?:\{[lcr|@\s]*\})?"
    r"|\\(?:tag|label|notag|nonumber|mathstrut|phantom|color|hspace|vspace|rule|textcolor)\*?"
    r"(?![a-zA-Z])(?: ?\{[^{}]*\})?"
    r"|\\(?:text|textrm|textbf|textit|textnormal|mbox|mathrm|mathbf|mathit|mathsf|boldsymbol"
    r"|operatorname|bm|mathbb|mathcal)\*? ?\{[^{}]*\}'*"
    r"|\\(?:overset|stackrel) ?\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\} ?\{ ?(?:=|\\approx) ?\}"
    r"|\\\\(?: ?\[[0-9.]+[a-z]+\])?"
    r"|\\(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z]) ?(?:\\[{}|]|\\[a-z]+|.)?"
    r"|(?:\\_){2,}|_{2,}|\{,\}|\\[A-Za-z]+\*?|\\.|(?<=_)[0-9]|_ +(?=\{)"
    r"|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+(?![0-9A-Za-z]))?|\.[0-9]+"
    rf"|:=|[-+−]=|={{2,}}|=>|[<>!]=|\.{{3,}}|\|\||[{CHINESE}]+|[A-Za-z]+'*|."
)

_OPEN: Final = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉", "（": ")", "【": "】"}
_CLOSE: Final = frozenset((*_OPEN.values(), "）"))


def _by_sign(table: dict[str, str]) -> dict[str, str]:
    """Return the kind of each sign from the signs of each kind."""
    return {sign: kind for kind, signs in table.items() for sign in signs.split()}


_SIGNS: Final = {
    **_by_sign(
        {
            "relation": "= ≈ ≃ ≐ ≅ ≔ ← ⟵ := ~= <- += -= −=",
            "compare": "< > ≤ ≥ ⩽ ⩾ <= >=",
            "barrier": "≠ != ∼ ~ ∝ ≡ ∈ == %= *= /= |= &= ^=",
            "arrow": "→ ⇒ ⟹ ⟶ ↦ -> => <=> ⟺ ⇔",
            "ellipsis": "… ⋯",
            "postfix": "⊤ ᵀ ⁿ ᵗ ᵏ % ‰ ％ ⁻ ⁰ ¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹ ₀ ₁ ₂ ₃ ₄ ₅ ₆ ₇ ₈ ₉ ° .T",
            "operator": "** - + * / @ ^ − – × · ⋅ ∙ ∗ ⊙ ÷ ∘ • ∕ ⁄ ⊗ ＋ － ＊ ／ ＾",
            "prefix": "√ ∂",
            "number": "½ ⅓ ⅔ ¼ ¾ ⅕ ⅖ ⅗ ⅘ ⅙ ⅚ ⅛ ⅜ ⅝ ⅞",
            "symbol": "∑ ∏ ∫ ∇ ∞ ± ∛ ∜ Σ ∓",
            "bar": "|| | ∣ ‖ ∥",
            "open": " ".join(_OPEN),
            "close": " ".join(_CLOSE),
            "comma": ", 、 ，",
            "stop": "; ； 。 ! ！ ? ？ .",
            "colon": ": ：",
            "blank": "□ ▢ ☐",
            "quote": "\" “ ” ‘ ’ ' ′ 「 」 ` ´ ✓ ✔ ✅ ☑",
            "dash": "-- --- — ——",
        }
    ),
    "\n": "newline",
}
"""The kind of a sign of prose, or of what begins with it."""
_LATEX_SIGNS: Final = {
    **_SIGNS,
    **_by_sign(
        {
            "relation": r"\gets \leftarrow \longleftarrow \coloneqq \triangleq \approx \simeq \cong"
            r" \doteq \fallingdotseq \thickapprox",
            "compare": r"\le \leq \ge \geq \lt \gt \leqslant \geqslant",
            "barrier": r"\ne \neq \sim \propto \equiv \in \ll \gg \mid \to \rightarrow"
            r" \longrightarrow \mapsto \forall \exists \notin",
            "divider": r"\Rightarrow \Longrightarrow \implies \iff \Leftrightarrow \therefore"
            r" \because \quad \qquad \land \lor \hline \checkmark",
            "operator": r"\times \cdot \div \ast \star \odot \circ \otimes \bullet",
            "ellipsis": r"\dots \ldots \cdots \vdots \ddots",
            "layout": r"\thinspace \medspace \enspace \, \; \: \! \> \displaystyle \textstyle"
            r" \limits \nolimits \boxed \cancel \underline \ensuremath \underbrace \overbrace &",
            "blank": r"\square \Box",
            "symbol": r"\sum \prod \int \lim \pm \mp \nabla \infty",
            "mod": r"\pmod \bmod \mod",
            "open": r"\{ \lbrack \lfloor \lceil \lvert \lVert \langle",
            "close": r"\} \rbrack \rfloor \rceil \rvert \rVert \rangle",
            "postfix": r"\% '",
            "row": r"\newline \cr",
            "script": "_ ^",
            "figure comma": "{,}",
        }
    ),
    "\\ ": "layout",
}
_UNFOLDED: Final = {"＝": "="}
_SIGNED: Final = frozenset(("comma", "relation", "open", "operator"))
_OWN_SIGNS: Final = frozenset("（）！∘")
_BLANKS: Final = ("space", "gap", "newline")
_DIGITS: Final = frozenset("0123456789")
_TEXTS: Final = (r"\text", r"\mbox")
_TEX_LAYOUT: Final = frozenset(
    (
        "textbf", "textit", "emph", "text", "textrm", "textsf", "texttt", "underline", "item",
        "noindent", "bf", "it", "rm", "tt", "bfseries", "itshape", "small", "footnotesize", "large",
        "Large", "centering", "par", "mbox", "ensuremath", "displaystyle",
    )
)  # fmt: skip
_KEPT_TOKENS: Final = 20_000
_LAID_OUT: Final = frozenset(("𝟏", "_"))
INDICATORS: Final = frozenset((r"\mathbf{1}", r"\mathbb{1}", r"\mathbb{I}", "𝟏", "𝟙", "𝕀"))
"""Signs before brackets that are 1 where what stands in them is so, and else 0."""


class DocumentTokens:
    """The tokens of one text as parallel lists; `latex` says which stand in a formula.

    `match` is the partner of a bracket (-1: none). `texts` are what a sign stands for: `×` where
    `&times;` is written.
    """

    __slots__ = ("_visible", "ends", "kinds", "latex", "match", "starts", "texts")

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.latex: list[bool] = []
        self.match: list[int] = []
        self._visible: list[int] = []

    def __len__(self) -> int:
        return len(self.kinds)

    def add(self, kind: str, text: str, start: int, end: int, latex: bool) -> None:
        """Append a token."""
        self.kinds.append(kind)
        self.texts.append(text)
        self.starts.append(start)
        self.ends.append(end)
        self.latex.append(latex)

    def extend(self, kinds: list[str], texts: list[str], start: int, latex: bool) -> None:
        """Append tokens that stand one after another."""
        ends = [*accumulate(map(len, texts), initial=start)]
        self.kinds += kinds
        self.texts += texts
        self.starts += ends[:-1]
        self.ends += ends[1:]
        self.latex += [latex] * len(kinds)

    def finish(self) -> None:
        """Pair the brackets, join figures at their commas, and note what can be seen."""
        self.match = [-1] * len(self.kinds)
        commas = self.pair() if "open" in self.kinds or "comma" in self.kinds else []
        if commas and self.join_figures(commas):
            self.pair()
        signs = not _LAID_OUT.isdisjoint(self.texts)
        if signs or True in self.latex or "symbol" in self.kinds:
            self.lay_out()
        if "**" in self.texts:
            self.mark_emphasis()
        self._visible = [place for place, kind in enumerate(self.kinds) if kind not in INVISIBLE]

    def pair(self) -> list[tuple[int, int]]:
        """Find the partners of brackets; return the commas with the bracket each stands in."""
        self.match = [-1] * len(self.kinds)
        waiting: list[tuple[int, str]] = []
        counts: dict[str, int] = {}
        commas: list[tuple[int, int]] = []
        for place, kind in enumerate(self.kinds):
            if kind == "open":
                closing = _closing_of(self.texts[place])
                waiting.append((place, closing))
                counts[closing] = counts.get(closing, 0) + 1
            elif kind == "close":
                closing = _closing_form(self.texts[place])
                if not counts.get(closing):
                    continue
                while waiting:
                    opened, wanted = waiting.pop()
                    counts[wanted] -= 1
                    if wanted == closing:
                        self.match[place], self.match[opened] = opened, place
                        break
            elif kind == "comma":
                commas.append((place, waiting[-1][0] if waiting else -1))
        return commas

    def join_figures(self, commas: list[tuple[int, int]]) -> bool:
        """Make one token of `2,359,296` and of `0,5`; lists stay what they are."""
        joined: list[tuple[int, int]] = []
        last = -1
        for place, bracket in commas:
            if place < last or not (self.kind(place - 1) == self.kind(place + 1) == "number"):
                continue
            if self.texts[place] != ",":
                continue
            last = place + 1
            while self.kind(last + 1) == "comma" and self.kind(last + 2) == "number":
                last += 2
            beside = self.kind_beside(place - 2, -1), self.kind_beside(last + 1, 1)
            bare = bracket < 0 or self.match[bracket] < 0 or self.is_group(bracket)
            worked = "operator" in beside and "comma" not in beside
            if (bare or worked) and _is_one_figure(self.texts[place - 1 : last + 1 : 2]):
                joined.append((place - 1, last + 1))
        gone = [False] * len(self.kinds)
        for start, end in joined:
            self.texts[start] = "".join(self.texts[start:end])
            self.ends[start] = self.ends[end - 1]
            gone[start + 1 : end] = [True] * (end - start - 1)
        if joined:
            for name in ("kinds", "texts", "starts", "ends", "latex"):
                column = getattr(self, name)
                setattr(
                    self, name, [each for each, left in zip(column, gone, strict=True) if not left]
                )
        return bool(joined)

    def is_group(self, bracket: int) -> bool:
        """Say whether braces only group, as those of a fraction: no list stands in them."""
        before = self.kind(bracket - 1)
        return self.latex[bracket] and self.texts[bracket] == "{" and before != "script"

    def follows_figure(self, place: int) -> bool:
        """Say whether a unit stands after a figure, so that it is none of the names."""
        return self.kind(self.before(place)) in ("number", "postfix", "scale")

    def kind_beside(self, place: int, step: int) -> str:
        """Return the kind of a token, or of the one beyond it where it is a blank."""
        return self.kind(place + step if self.kind(place) == "space" else place)

    def lay_out(self) -> None:
        r"""Make layout of the braces of `\boxed{…}` and of what `\underbrace{…}_{…}` says."""
        done = 0
        for place, text in enumerate(self.texts):
            if text[-1] == "|" and self.kinds[place] in ("bar", "close"):
                self.lay_out_value(place)
            if text[0] in "_^ᵢⱼₖₙₜ" and self.kind(place - 1) == "symbol" and not self.latex[place]:
                self.lay_out_bounds(place, text)
            if text == "_" and self.kind(place - 1) == "close" and self.text(place + 1) == "{":
                self.kinds[place] = "script"
            if (self.kinds[place] == "script" or text in INDICATORS) and (
                self.kind(place + 1) == "open"
            ):
                for inside in range(max(place + 2, done), self.match[place + 1]):
                    if self.kinds[inside] in ("relation", "compare"):
                        self.kinds[inside] = "index relation"
                done = max(done, self.match[place + 1])
            if text == "{" and self.kind(place + 1) == "close" and self.latex[place]:
                self.lay_out_empty(place)
            if text in (r"\quad", r"\qquad") and self.begins_row(place):
                self.kinds[place] = "layout"
            if self.kinds[place] == "relation" and self.is_in_braces(place):
                self.kinds[place] = "index relation"
            if text in _WRAPPERS and self.kind(place + 1) == "open":
                closing = self.match[place + 1]
                if closing > 0 and text in _BRACES:
                    self.lay_out_label(place, closing)
                if closing > 0:
                    self.kinds[place + 1] = self.kinds[closing] = "layout"

    def mark_emphasis(self) -> None:
        """Take `**0.83**` where a side begins and a row ends for what is emphasised, no power."""
        opened = -1
        for place, text in enumerate(self.texts):
            if self.kinds[place] == "newline":
                opened = -1
            elif text == "**" and self.kinds[place] == "operator":
                after = place + 1 + (self.kind(place + 1) in ("space", "gap"))
                if self.kind_beside(place - 1, -1) in ("relation", "newline", "end"):
                    opened = place
                elif opened >= 0 and self.kind(after) in ("newline", "stop", "end"):
                    self.kinds[opened] = self.kinds[place] = "markup"
                    opened = -1

    def lay_out_label(self, place: int, closing: int) -> None:
        r"""Make layout of what stands below a brace; below dots it is what they stand for."""
        label = self.skip(closing + 1, "space")
        if self.kind(label) != "script" or self.kind(label + 1) != "open":
            return
        stands_for = [*range(place + 2, closing)] if self.kinds[place + 2] == "ellipsis" else []
        for inside in (*stands_for, *range(label, self.match[label + 1] + 1)):
            if not stands_for or self.kinds[inside] not in ("number", "operator"):
                self.kinds[inside] = "layout"

    def lay_out_empty(self, place: int) -> None:
        """Make layout of `{}` before an operator, which only keeps it from being a sign."""
        after = self.skip(place + 2, "space", "layout")
        if self.kind(after) in ("operator", "relation") or self.begins_row(place):
            self.kinds[place] = self.kinds[place + 1] = "layout"

    def begins_row(self, place: int) -> bool:
        """Say whether only blanks stand between a token and the row before it."""
        return self.kind(self.skip(place - 1, *_BLANKS, "layout", step=-1)) == "row"

    def is_in_braces(self, place: int) -> bool:
        """Say whether a relation stands in braces of its own, as that of `axis{=}0`."""
        return self.text(place - 1) == "{" and self.match[place - 1] == place + 1

    def lay_out_bounds(self, place: int, text: str) -> None:
        """Make an index, or scripts, of what stands after the sign of a sum in plain text."""
        if text not in "_^":
            self.kinds[place] = "index"
            return
        self.kinds[place] = "script"
        after = max(self.match[place + 1], place + 1) + 1 if place + 1 < len(self) else 0
        if self.text(after) == "^":
            self.kinds[after] = "script"

    def lay_out_value(self, place: int) -> None:
        r"""Make layout of `\Big|_{w=0.5}`: it says where a derivative is taken."""
        if self.kind(place + 1) == "script" and self.kind(place + 2) == "open":
            closing = self.match[place + 2]
            if "relation" in self.kinds[place + 2 : closing + 1]:
                for inside in range(place, closing + 1):
                    self.kinds[inside] = "layout"

    def kind(self, place: int) -> str:
        """Return the kind of a token, `end` beyond the last and before the first."""
        return self.kinds[place] if 0 <= place < len(self.kinds) else "end"

    def text(self, place: int) -> str:
        """Return the text of a token, '' beyond the last and before the first."""
        return self.texts[place] if 0 <= place < len(self.kinds) else ""

    def skip(self, place: int, *kinds: str, step: int = 1) -> int:
        """Return the first token from one on, or back, that is of none of some kinds."""
        while self.kind(place) in kinds:
            place += step
        return place

    def after_sign(self, place: int) -> int:
        """Return the next token that can be seen, beyond the sign of a figure."""
        at = self.after(place)
        return self.after(at) if self.text(at) in ("-", "−", "+") else at

    def after(self, place: int, *beyond: str) -> int:
        """Return the next token that can be seen and is of no kind `beyond`, else their number."""
        at = bisect_left(self._visible, place + 1)
        while beyond and at < len(self._visible) and self.kinds[self._visible[at]] in beyond:
            at += 1
        return self._visible[at] if at < len(self._visible) else len(self.kinds)

    def before(self, place: int, *beyond: str) -> int:
        """Return the last such token before one, else -1."""
        at = bisect_left(self._visible, place)
        while beyond and at and self.kinds[self._visible[at - 1]] in beyond:
            at -= 1
        return self._visible[at - 1] if at else -1


class TokenView:
    """The columns of a block's tokens, and the questions to them, at hand for a reader of them."""

    def __init__(self, tokens: DocumentTokens) -> None:
        self.tokens = tokens
        self.kinds, self.texts, self.match = tokens.kinds, tokens.texts, tokens.match
        self.starts, self.ends = tokens.starts, tokens.ends
        self.kind, self.text, self.skip = tokens.kind, tokens.text, tokens.skip
        self.after, self.after_sign, self.before = tokens.after, tokens.after_sign, tokens.before


def after_scripts(tokens: DocumentTokens, place: int) -> int:
    """Return the token after the indices and powers that begin at one."""
    while True:
        at = place + (tokens.kind(place) in INVISIBLE)
        if tokens.kind(at) == "index":
            place = at + 1
            continue
        if tokens.kind(at) != "script":
            return place
        if tokens.kind(at + 1) == "open":
            if tokens.match[at + 1] < 0:
                return place
            place = tokens.match[at + 1] + 1
        else:
            place = at + 2


def _closing_of(text: str) -> str:
    """Return what closes a bracket."""
    if text[0] != "\\":
        return _OPEN[text]
    return (
        text.replace("begin", "end")
        if text.startswith(r"\begin")
        else _COMMAND_PAIRS.get(text, r"\right")
    )


def _closing_form(text: str) -> str:
    """Return a closing bracket as `_closing_of` names it."""
    if text.startswith(r"\end"):
        return text.partition("}")[0] + "}"
    if text.startswith((r"\right", r"\big", r"\Big")):
        return r"\right"
    return ")" if text == "）" else text


_COMMAND_PAIRS: Final = {
    r"\{": r"\}", r"\lbrack": r"\rbrack", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil",
    r"\lvert": r"\rvert", r"\lVert": r"\rVert", r"\langle": r"\rangle",
}  # fmt: skip


_BRACES: Final = (r"\underbrace", r"\overbrace")
_WRAPPERS: Final = frozenset((*_BRACES, r"\boxed", r"\cancel", r"\underline", r"\ensuremath"))


def _is_one_figure(parts: list[str]) -> bool:
    """Say whether figures with commas between them are one: thousands, or a decimal comma."""
    whole, *groups = parts
    if "." in whole or any("." in group for group in groups[:-1]):
        return False
    by_three = 0 < len(whole) <= 3 and whole[0] != "0"
    by_three = by_three and all(len(group.partition(".")[0]) == 3 for group in groups)
    return by_three or (len(groups) == 1 and "." not in groups[0] and "e" not in groups[0].lower())


def tokenize_block(
    text: str, *, markdown: bool = False, latex: bool = False, tex: bool = False
) -> DocumentTokens:
    """Return the tokens of a block: of a formula where `latex`, of a LaTeX file where `tex`."""
    tokens = DocumentTokens()
    if latex:
        _add_formula(tokens, text, 0, len(text))
        tokens.finish()
        return tokens
    place = 0
    spans = find_spans(text, markdown)
    labels = [] if tex else [*find_labels(text)]
    for span in sorted([*labels, *spans]) if spans and labels else labels or spans:
        if span.start < place:
            continue  # it lies in the one before
        _add_prose(tokens, text, place, span.start, tex)
        _add_span(tokens, text, span)
        place = span.end
    _add_prose(tokens, text, place, len(text), tex)
    tokens.finish()
    return tokens


def _add_span(tokens: DocumentTokens, text: str, span: InlineSpan) -> None:
    if span.kind == "formula":
        _add_formula(tokens, text, span.start, span.end)
    elif span.kind == "script":
        _add_script(tokens, span)
    elif span.kind == "sign":
        kind = "space" if span.text in ("", " ") else _SIGNS.get(span.text, "other")
        tokens.add(kind, span.text or " ", span.start, span.end, False)
    else:
        tokens.add(span.kind, text[span.start : span.end], span.start, span.end, False)


def _add_script(tokens: DocumentTokens, span: InlineSpan) -> None:
    """Append a subscript or a superscript of HTML: to the name that it touches, or as a power."""
    named = (
        bool(tokens.kinds)
        and tokens.kinds[-1] in ("name", "word")
        and tokens.ends[-1] == span.start
    )
    if span.text[0] in "_^":
        if named:
            tokens.kinds[-1] = "name"
            tokens.texts[-1] += span.text
            tokens.ends[-1] = span.end
        else:
            tokens.add("other", span.text, span.start, span.end, False)
    else:
        tokens.add("postfix", span.text, span.start, span.end, False)


def _add_prose(tokens: DocumentTokens, text: str, start: int, end: int, tex: bool) -> None:
    """Append the tokens of plain text."""
    if start == end:
        return
    folded = fold(text[start:end])
    found = (_ASCII_PROSE if folded.isascii() else _PROSE).findall(folded)
    kinds = [*map(_prose_kind, found)]
    if not text.isascii() and not _SIGNED.isdisjoint(kinds):
        _keep_signs(found, kinds, text, start)
    if tex:
        for place, kind in enumerate(kinds):
            if kind in ("open", "close", "command") or found[place] == "&":
                kinds[place] = _tex_kind(kind, found[place])
    tokens.extend(kinds, found, start, False)


def _keep_signs(found: list[str], kinds: list[str], text: str, start: int) -> None:
    """Give some signs their own forms again: a full-width comma is no decimal comma."""
    place = start
    for at, token in enumerate(found):
        if len(token) == 1 and (kinds[at] in ("comma", "relation") or text[place] in _OWN_SIGNS):
            found[at] = _UNFOLDED.get(text[place], text[place])
        place += len(token)


def _tex_kind(kind: str, token: str) -> str:
    """Return the kind of a sign in the prose of a LaTeX file."""
    if kind == "command":
        return "layout" if token[1:] in _TEX_LAYOUT else "other"
    if token == "&":
        return "delimiter"
    return "markup" if token in "{}" else kind


def _add_formula(tokens: DocumentTokens, text: str, start: int, end: int) -> None:
    """Append the tokens of a formula in LaTeX."""
    found = _LATEX.findall(text[start:end])
    kinds = [*map(_latex_kind, found)]
    tokens.extend(kinds, found, start, True)
    for place in range(len(tokens) - len(found), len(tokens)) if "_ " in text else ():
        if tokens.texts[place].startswith("_ "):
            tokens.texts[place] = "_"


@lru_cache(_KEPT_TOKENS)
def _prose_kind(token: str) -> str:
    """Return the kind of a token of plain text."""
    return _SIGNS.get(token) or _kind_by_letters(token)


def _kind_by_letters(token: str) -> str:
    first = token[0]
    if first.isspace() or first in "\u200b\u200c\u200d\u2060\ufeff":
        return "gap" if len(token) > 1 or first == "\t" else "space"
    if first in _DIGITS or (first == "." and len(token) > 1 and token[1] in _DIGITS):
        odd = token.count(".") > 1 or token[-1].isalpha() or "-" in token.lower().partition("e")[0]
        return "odd" if odd else "number"
    if token.startswith("..."):
        return "ellipsis"
    if first == "\\":
        return "blank" if token.startswith(r"\_") else "row" if token == "\\\\" else "command"
    if first == "_" and not token.strip("_"):
        return "blank" if len(token) > 1 else "other"
    if "\u2e80" <= first <= "\ud7af" or "\uf900" <= first <= "\ufaff":
        return _word_kind(token)
    if first.isalpha() or first == "_":
        if first in "ⁱⁿᵀ↉":
            return "other"
        return _word_kind(token)
    if token.endswith(">") and len(token) > 1:
        return "arrow"
    return _SIGNS.get(first) or "other"


def _word_kind(word: str) -> str:
    """Return the kind of a word: a name where it can be no word of prose."""
    if is_function(word) and (word in FUNCTIONS or word not in STOP_WORDS):
        return "function"
    if word in STOP_WORDS or word.lower() in STOP_WORDS or word in RELATIONS or word in WORDED:
        return "stop word"
    if word in OPERATORS:
        return "operator word"
    if word in UNITS:
        return "unit"
    if word.lower() in SCALES and (len(word) > 1 or not word.isascii()):
        return "scale"
    letters = word.replace("'", "").replace("’", "")
    plain = (len(letters) > 1 and letters.isascii() and letters.isalpha()) or (
        not word[0].isascii() and not word[0].isupper() and "\u2e80" <= word[0] < "𝐀"
    )
    return "word" if plain else "name"


def is_function(word: str) -> bool:
    """Say whether a word is a function's name, perhaps with its module before it."""
    bare = word.rpartition(".")[2].rstrip("₀₁₂₃₄₅₆₇₈₉")
    return (
        (bare.startswith("log_") and bare[4:].strip("{}").isdigit())
        or bare in FUNCTIONS
        or (len(bare) > 1 and bare in vocabulary().spelled and bare not in vocabulary().constants)
    )


@lru_cache(_KEPT_TOKENS)
def _latex_kind(token: str) -> str:
    """Return the kind of a token of a formula."""
    return _LATEX_SIGNS.get(token) or _kind_in_latex(token)


def _kind_in_latex(token: str) -> str:
    first = token[0]
    if first in " \t~":
        return "space"
    if first in _DIGITS or (first == "." and token[-1] in _DIGITS):
        return "number"
    if first == "\\":
        return _command_kind(token)
    if "\u2e80" <= first <= "\ud7af" or "\uf900" <= first <= "\ufaff":
        return "scale" if token in SCALES else "text"
    if first.isalpha():
        return "function" if is_function(token) and len(token) > 1 else "name"
    if first == "_":
        return "blank" if token[-1] == "_" else "script"
    return _SIGNS.get(fold(first)) or "other"


def _command_kind(token: str) -> str:
    r"""Return the kind of a command with what belongs to it, `\text{…}` and `\left(`."""
    if token.startswith("\\\\"):
        return "row"
    if token.startswith(r"\_"):
        return "blank"
    for head, kind in (
        (r"\begin", "open"), (r"\end", "close"), (r"\left", "open"), (r"\right", "close"),
        (r"\middle", "bar"), (r"\overset", "relation"), (r"\stackrel", "relation"),
    ):  # fmt: skip
        if token.startswith(head):
            return _environment_kind(token, kind)
    name = token.partition("{")[0].rstrip(" *")
    if token.startswith((r"\big", r"\Big")):
        last = token[-1]
        return "open" if last in "([{" else "close" if last in ")]}" else "bar"
    if name.startswith(_TEXTS):
        return _text_kind(token)
    if "{" in token and name in (r"\mathrm", r"\operatorname", r"\mathbf", r"\mathit", r"\mathsf",
                                 r"\boldsymbol", r"\bm", r"\mathbb", r"\mathcal"):  # fmt: skip
        inside = token[token.index("{") + 1 : token.rindex("}")].strip().replace(r"\ ", "_")
        if inside.replace(".", "", 1).isdigit():
            return "number"
        if name in (r"\mathrm", r"\operatorname") and (inside in UNITS or inside in UNIT_LETTERS):
            return "unit"
        return "function" if is_function(inside) or name == r"\operatorname" else "name"
    if "{" in token or name in (
        r"\tag",
        r"\label",
        r"\notag",
        r"\nonumber",
        r"\color",
        r"\mathstrut",
    ):
        return "layout"
    if token in COMMANDS and token != r"\sigma":
        return "name"
    return "function" if is_function(name[1:]) else "command"


def _environment_kind(token: str, kind: str) -> str:
    """Return the kind of what begins or ends something: layout where no values stand in it."""
    if token.startswith((r"\begin", r"\end")):
        return kind if "matrix" in token or "cases" in token or "array" in token else "layout"
    if token.startswith((r"\leftarrow", r"\leftrightarrow", r"\rightarrow")):
        return "barrier"
    return kind


def _text_kind(token: str) -> str:
    r"""Return whether `\text{…}` is a name, a function, or words."""
    inside = token[token.index("{") + 1 : token.rindex("}")] if "{" in token else ""
    spaced = inside[:1] in (" ", "~")  # so that it stands apart from what is before: prose
    inside = inside.strip()
    if is_function(inside):
        return "function"
    if inside in SCALES or inside in UNITS:
        return "scale" if inside in SCALES else "unit"
    words = inside.split()
    named = bool(words) and all(
        word.isidentifier() or word.replace("-", "").isalnum() for word in words
    )
    lower = {word.lower() for word in words}
    prose = (
        not named
        or spaced
        or lower & STOP_WORDS
        or lower & UNITS
        or lower & SCALES.keys()
        or words[0].isdigit()
    )
    return "text" if prose else "name"
