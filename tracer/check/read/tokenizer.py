r"""Prose and formulas cut into tokens: every character belongs to one, and each has a kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from tracer.check.model.statements import INEQUALITIES, pieces_between
from tracer.check.read.inline_spans import (
    InlineSpan,
    find_labels,
    find_spans,
)
from tracer.check.read.tokens import FRACTIONS, MONEY, OPENING, DocumentTokens, are_thousands
from tracer.check.read.word_tables import (
    ANY_CASE,
    BARE_FUNCTIONS,
    CURRENCIES,
    FUNCTIONS,
    LOWERED,
    MODULES,
    OPERATORS,
    RELATION_OF,
    RELATIONS,
    SCALES,
    STATISTICS,
    STOP_WORDS,
    UNIT_LETTERS,
    UNITS,
)
from tracer.expression.lexer import RAISED_DIGIT, fold_signs
from tracer.expression.names import ACCENTS, COMMANDS, LOWER
from tracer.lazy_regex import lazy_regex
from tracer.operations import vocabulary

_FAR: Final = r"[^\W\x00-\u2e7f\ufb00-\U0010ffff]"  # a letter of no alphabet, as in Chinese
_NO_LETTER: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁱⁿᵀ¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉₀₁₂₃₄₅₆₇₈₉Σ①-⓿\u02b0-\u02ff\u1d2c-\u1d61"
_SUBSCRIPTS: Final = "₀-₉ₐ-ₜᵢ-ᵪⱼ"  # a letter after them begins another name, `eᵢxᵢ`
_CONNECTIVES: Final = "|".join(
    sorted((word for word in STOP_WORDS | OPERATORS.keys() | RELATIONS.keys()
            if not word.isascii() and len(word) > 1), key=lambda word: (-len(word), word))
)  # fmt: skip
_NUMBER: Final = (
    r"[0-9]+(?:\.[0-9]+){2,}|[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])|[0-9]+(?:st|nd|rd|th)(?![A-Za-z])"
    r"|[0-9]{1,3}(?:_[0-9]{3})+(?!\w)"  # thousands as programs write them
    r"|(?:[0-9]+(?:\.[0-9]+|\.(?=[,\])*/+\-@]))?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?!\w))?"
)
_MODULE_NAMES: Final = frozenset(MODULES.split("|"))
_ATTRIBUTE: Final = r"\.[a-z]{3,}[a-z0-9_]*+(?![A-Za-z(])"  # `b.grad`; `w.x` is a product
_TAIL: Final = (
    r"(?:_\{[^{}\n]*\}|\^\{\([^{}\n]*\)\}|\^\{\[[^{}\n]*\]\}|\^\{\+\}|\^\+(?![\w(.\[{])"
    r"|\^\{(?:new|old|pred|true|target|next|prev|init|out|in)\}|['′]|[₀-₉]|#[0-9]+(?!\w)"
    rf"|⁽{RAISED_DIGIT}+⁾|{_ATTRIBUTE})*"
)
_RAISED_LETTERS: Final = frozenset("ᵗᵏˣʸᶻ")
_RAISED_TERMS: Final = (  # raised letters with what stands beside them, `⁻⁰·⁵ˣ`, `ᵗ⁻¹`
    r"(?=[⁺⁻⁰¹²³⁴-⁹*˙]*[ᵗᵏˣʸᶻ])[⁺⁻⁰¹²³⁴-⁹ᵗᵏˣʸᶻ](?:[*˙]?[⁺⁻⁰¹²³⁴-⁹ᵗᵏˣʸᶻ])*"
)
_HEAD: Final = (
    r"\n|[ \t\u00a0\u2002-\u200d\u202f\u2060\u3000\ufeff]+|"
    + _NUMBER
    + r"|(?:\\_){2,}|_{2,}(?!\w)|[□▢☐]+|\([ \u3000]+\)"
    rf"|(?:(?:{MODULES})\.(?=[A-Za-z]))*"
)
_REST: Final = (
    r"|[=≈] ?~(?=[$0-9])|:=|~=|<-(?= )"
    r"|=(?![=<>~])|={2,}[<>~]?|[<>!]=|[-+*/@|^&]=|(?<![0-9])%=|=[<>~]"
    r"|[-—]+>|<=>|\.{3,}|[…⋯]+"
    rf"|\.T(?![A-Za-z0-9_])|{_RAISED_TERMS}|⁻?{RAISED_DIGIT}+(?:[*˙]{RAISED_DIGIT}+(?!√))?"
    r"|°[CF](?![A-Za-z0-9])|\*\*|//|-{2,}|\|\||\\\\|\\[A-Za-z]+|\\.|."
)
_PHRASES: Final = "|".join(
    (r"w\.r\.t\.", *(word for word in (*OPERATORS, *RELATIONS) if " " in word))
)
_SPACED_THOUSANDS: Final = lazy_regex(  # behind working also with common blanks
    r"(?<![\w.,])[0-9]{1,3}(?:[\u2009\u202f\u00a0][0-9]{3})+(?![\w.,]*[0-9])"
    r"|(?<=[0-9)²³] [=≈] )[0-9]{1,3}(?: [0-9]{3}){2,}(?! ?[\w.,]*[0-9])"
    r"|(?<=[0-9]{2} [=≈+] )[0-9]{1,3} [0-9]{3}(?! ?[\w.,]*[0-9])"
    r"|(?<=[:：] )[0-9]{1,3}(?: [0-9]{3})+(?= \+ [0-9])"
)
_PARTICLE: Final = r"(?:[为是得的与]|和(?! *[=≈]))"  # 和 before a sign ends a noun: 总和, 平方和
_MEANT: Final = (  # by a sign that stands in it: what is written, and what it means
    ("**", lazy_regex(r"(?<=[=≈] )\*\*([+\-−]?[0-9.]+|\[[^*\n]*\])\*\*(?![*\w])"), r"  \1  "),
    ("]", lazy_regex(r"\][ᵗT](?!\w)"), "]ᵀ"),  # `[1 2]T`, as it is copied
    ("_-", lazy_regex(r"(?<=[^\W_]_)-(?=[0-9])"), "m"),  # `q_-0.7`: a letter for the sign
    (">", lazy_regex(r"<((?:[+-]?[0-9.]+ ?, ?)+[+-]?[0-9.]+)>"), r"[\1]"),  # `<0, .5>`
    ("].", lazy_regex(rf"((?:\[[\w, ]+\])+)((?:{_ATTRIBUTE})+)"), r"\2\1"),
)


_NAME: Final = (  # in any alphabet; Chinese is divided into words
    rf"(?:[^\W\d_{_NO_LETTER}\u2e80-\ufaff]|_(?=[A-Za-z]))"
    rf"(?:[^\W_{_NO_LETTER}{_SUBSCRIPTS}\u2e80-\ufaff]|[\u0300-\u036f']|[’′-‴]|⁺"
    rf"|[{_SUBSCRIPTS}]+(?![^\W_]|[₊₋]|,[{_SUBSCRIPTS}])|_m?[0-9]+\.[0-9]+(?![\w.])|_(?![_{{]))*"
    rf"(?:[{_SUBSCRIPTS}]+(?:[₊₋,][{_SUBSCRIPTS}]+)*)?"
)
_SUM_IN_WORDS: Final = (
    # of what has an index, `sum_i w_i`, `sum_t dL/da_t`
    r"sum(?=_[i-nt] +[^\W\d_][^\W_']*(?:/[^\W\d_][^\W_']*)?'*[_(]|_[i-nt] *\()"
)
_BEFORE_FIGURES: Final = "|".join(sorted(w for w in BARE_FUNCTIONS if not w.startswith("log")))
_NAME_WITH_POINT: Final = (  # at the head of an equation: `F0.5 = …`
    rf"(?<![\w.)\]*/+\-×·^=≈])(?<![0-9.)\]²³*/+\-×·^=≈] )(?!(?:{_BEFORE_FIGURES}|log)[0-9])"
    r"[A-Za-z]+[0-9]+\.[0-9]+(?:-\w+)*(?= ?[=≈])"
)
_PROSE: Final = lazy_regex(
    # No name has a point: `0.5x0.2`, `ln0.5`; that of `log20.5` may be log or log₂.
    rf"(?<=[0-9])[xX](?=[0-9]+\.[0-9])|(?:{_BEFORE_FIGURES})(?=[0-9]*\.[0-9])|log(?=[0-9]\.[0-9])|"
    rf"{_NAME_WITH_POINT}|"
    rf"(?<=\))[₀-₉]+(?:,[₀-₉]+)+|"
    rf"(?:{_PHRASES})(?![A-Za-z])|{_SUM_IN_WORDS}|{_HEAD}{_NAME}{_TAIL}"
    r"|(?:(?<=[0-9])|(?<=[0-9] ))(?:百?万|亿)"  # `640 万次乘法`
    rf"|(?:{_CONNECTIVES})|{_PARTICLE}|{_FAR}+?(?={_CONNECTIVES}|{_PARTICLE}|(?!{_FAR})){_REST}"
)
_LATEX: Final = lazy_regex(
    r"\n|[ \t~]+"
    r"|\\(?:begin|end) ?\{[a-zA-Z]*\*?\}(?:\[[tbc]\])?(?:\{[lcrLCRs|@\s0-9]*\})?|\{\}"
    r"|\\(?:tag|label|notag|nonumber|mathstrut|phantom|color|hspace|vspace|rule|textcolor)\*?"
    r"(?![a-zA-Z])(?:\[[a-zA-Z]*\])?(?: ?\{[^{}]*\})?"
    r"|\\(?:text|textrm|textbf|textit|textnormal|mbox|mathrm|mathbf|mathit|mathsf|boldsymbol"
    r"|operatorname|bm|mathbb|mathcal)\*? ?\{[^{}]*\}'*"
    r"|\\mathbin ?\{ ?@ ?\}"
    r"|\\(?:overset|stackrel) ?\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\} ?\{ ?(?:=|\\approx) ?\}"
    r"|\\\\(?: ?\[[0-9.]+[a-z]+\])?"
    r"|\\(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z]) ?(?:\\[{}|]|\\[a-z]+|.)?"
    r"|\^(?:\\circ(?![A-Za-z])|\{\\circ\}|\+)"
    r"|(?:\\_){2,}|_{2,}|\{,\}|\\[A-Za-z]+\*?|\\."
    r"|(?<=_)(?:-?[0-9]+\.[0-9]+|-[0-9]+|[0-9]|[A-Za-z](?=[A-Za-z]_))"
    r"|[_^] (?=[{\\])"
    r"|(?<=\^)T(?=[A-Za-z]{1,3}(?![A-Za-z]))"  # a script is one letter: `X^TX`
    r"|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+(?![0-9A-Za-z]))?|\.[0-9]+"
    rf"|:=|[-+−]="
    r"|={2,}|=>|[<>!]=|\.{3,}|\|\|"
    rf"|{_FAR}+"
    r"|[A-Za-z]+(?:\\_[A-Za-z]+)*'*|."
)
LAST_OF_SYMBOLS: Final = "\u03ff"  # a letter of a later alphabet alone is a word, the Russian `и`
_SHIFTED: Final = "".join(LOWER) + "₊₋"  # the signs of `hₜ₋₁`
_SHIFTING: Final = frozenset("₊₋∑")  # beside which subscripts may be worked out
_PAIR_BELOW: Final = lazy_regex(rf"[{_SUBSCRIPTS}],[{_SUBSCRIPTS}]")
_SHIFTED_SIGNS: Final = str.maketrans({**LOWER, "₊": "+", "₋": "-"})


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
            "postfix": "⊤ ᵀ ⁿ ᵗ ᵏ ˣ ʸ ᶻ % ‰ ％ ⁻ ⁰ ¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹ ₀ ₁ ₂ ₃ ₄ ₅ ₆ ₇ ₈ ₉ ° .T",
            "operator": "** - + * / @ ^ − – × · ⋅ ∙ ∗ ⊙ ÷ ∘ • ∕ ⁄ ⊗ ＋ － ＊ ／ ＾ ± ∓",
            "prefix": "√ ∂",
            "number": "½ ⅓ ⅔ ¼ ¾ ⅕ ⅖ ⅗ ⅘ ⅙ ⅚ ⅛ ⅜ ⅝ ⅞",
            "symbol": "∑ ∏ ∫ ∇ ∞ ∛ ∜ Σ",
            "bar": "|| | ∣ ‖ ∥",
            "open": " ".join(OPENING),
            "close": " ".join((*OPENING.values(), "）")),
            "comma": ", 、 ，",
            "stop": "; ； 。 ! ！ ? ？ .",
            "colon": ": ：",
            "blank": "□ ▢ ☐",
            "quote": "\" “ ” ‘ ’ ' ′ 「 」 ` ´ ✓ ✔ ✅ ☑",
            "dash": "-- --- — ——",
            "markup": " ".join(
                (*MONEY, "°C", "°F", "℃", "℉")
            ),  # of money, degrees: units that change no figure
            "layout": "np.array numpy.array jnp.array torch.tensor",  # of brackets with entries
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
            "barrier": r"\ne \neq \sim \propto \equiv \in \ll \gg \mid \leftrightarrow \mapsto"
            r" \forall \exists \notin",
            "arrow": r"\to \rightarrow \longrightarrow",
            "divider": r"\Rightarrow \Longrightarrow \implies \iff \Leftrightarrow \therefore"
            r" \because \quad \qquad \hfill \land \lor \hline \checkmark",
            "operator": r"\times \cdot \div \ast \star \odot \circ \otimes \bullet \pm \mp"
            r" \mathbin{@}",
            "ellipsis": r"\dots \ldots \cdots \vdots \ddots",
            "layout": r"\thinspace \medspace \enspace \, \! \> \displaystyle \textstyle"
            r" \limits \nolimits \boxed \cancel \underline \ensuremath \underbrace \overbrace &"
            r" \rm \bf \it \( \) \[ \] {} \$",  # also the signs of a formula within a formula
            "blank": r"\square \Box",
            "symbol": r"\sum \prod \int \lim \nabla \infty",
            "mod": r"\pmod \bmod \mod",
            "open": r"\{ \lbrack \lfloor \lceil \lvert \lVert \langle",
            "close": r"\} \rbrack \rfloor \rceil \rvert \rVert \rangle",
            "postfix": r"\% ' ^\circ ^{\circ} ^+",
            "row": r"\newline \cr",
            "script": r"_ ^ \_",
            "figure comma": "{,}",
        }
    ),
    **dict.fromkeys(("_ ", "^ "), "script"),
    **dict.fromkeys(("\\ ", r"\;", r"\:"), "space"),
}
_SMALL_KINDS: Final = {
    **dict.fromkeys(map(str.lower, SCALES), "scale"),
    **dict.fromkeys(STOP_WORDS, "stop word"),
}
"""The kinds of words that may begin with a capital."""
_WORD_KINDS: Final = {
    **dict.fromkeys(UNITS, "unit"),
    **dict.fromkeys(CURRENCIES, "markup"),
    **dict.fromkeys(OPERATORS, "operator word"),
    **dict.fromkeys((*STOP_WORDS, *RELATIONS), "stop word"),
}
_NO_NAMES: Final = STOP_WORDS | UNITS | SCALES.keys()
"""Words of which one makes prose of a text in a formula."""
_DIGITS: Final = frozenset("0123456789")
_SHOWN: Final = {"_ ": "_", "^ ": "^", r"\_": "_", r"^\circ": "°", r"^{\circ}": "°"}
_HEADS: Final = {
    "\\\\": "row", r"\_": "blank", r"\begin": "open", r"\end": "close", r"\left": "open",
    r"\right": "close",
    r"\middle": "bar", r"\overset": "relation", r"\stackrel": "relation",
}  # fmt: skip
"""The kinds of commands with what belongs to them, by how they begin."""
_POWERS: Final = lazy_regex(r"\^?(?:[²³]|\b[23]|\{-?[1-3]\})")
_FONTS: Final = frozenset(
    (
        r"\mathrm", r"\operatorname", r"\mathbf", r"\mathit", r"\mathsf", r"\boldsymbol", r"\bm",
        r"\mathbb", r"\mathcal",
    )
)  # fmt: skip
_TEX_LAYOUT: Final = frozenset(
    (
        "textbf", "textit", "emph", "text", "textrm", "textsf", "texttt", "underline", "item",
        "noindent", "bf", "it", "rm", "tt", "bfseries", "itshape", "small", "footnotesize", "large",
        "Large", "centering", "par", "mbox", "ensuremath", "displaystyle",
    )
)  # fmt: skip
_LETTERS_FOR_SIGNS: Final = str.maketrans("₊₋+-", "ₚₘpm")


def _joined_by_dashes(found: re.Match[str]) -> str:
    """Return the groups of digits of a figure as programs write them."""
    return "_".join(found[0].split())


def _letter_below(found: re.Match[str]) -> str:
    """Return a letter for a sign that is a subscript: it tells two names apart."""
    return found[0].translate(_LETTERS_FOR_SIGNS)


def _numbered_letter(found: re.Match[str]) -> str:
    r"""Return a Greek letter with the number that is set right behind it: `\theta1` is `θ1`."""
    letter = COMMANDS.get(found[1], "")
    return (letter + found[2]).rjust(len(found[0])) if letter not in ("", "π") else found[0]


_READ_OTHERWISE: Final = {  # by whether it stands in a formula: `σ²_B` is the square of `σ_B`
    False: (
        (
            lazy_regex(
                rf"({RAISED_DIGIT}|⁽{RAISED_DIGIT}+⁾)([₀-₉]+|_(?:[^\W_]+|\{{[^{{}}\n]*\}}))"
            ),
            r"\2\1",
        ),
        (lazy_regex(rf"(?<=\w)[₊₋](?![{_SUBSCRIPTS}(])"), _letter_below),
    ),
    True: (
        (lazy_regex(r"(\^(?:[0-9]|\{[0-9]+\}))(_(?:[^\W_]|\{[^{}\n]*\}))"), r"\2\1"),
        (lazy_regex(r"(?<=_)(?:[-+](?![0-9])|\{[-+]\})"), _letter_below),  # `s_{-}`
        (lazy_regex(r"(?<![0-9.])([0-9]+)\. ([0-9]+)(?![0-9.])"), r"\1.\2 "),  # `2. 667` is set so
        (
            lazy_regex(r"\\(?:text|textrm|mathrm|mbox) ?\{ ?([-+−×]) ?\}"),
            lambda found: found[1].ljust(len(found[0])),
        ),
        (lazy_regex(r"(\\[A-Za-z]+)([0-9]+)(?!\.?\w)"), _numbered_letter),
    ),
}
# `p_(i, y_i + 1)` as a terminal has it, but no call of code, `w.sub_(lr * g)`.
_PLACES: Final = lazy_regex(r"((?<![\w.])[^\W_]+|\))_\(([^()\n]*)\)")
_MATRIX_IN_BRACKETS: Final = lazy_regex(r"\\left\s*[\[(|]\s*\\begin")  # its rules divide blocks
_KEPT_TOKENS: Final = 20_000


def tokenize_block(
    text: str,
    *,
    markdown: bool = False,
    latex: bool = False,
    tex: bool = False,
    bare: bool = False,
    decimal_commas: bool = False,
) -> DocumentTokens:
    """Return the tokens of a block: of a formula where `latex`, of a LaTeX file where `tex`.

    Of formulas that are `bare` of signs around them each row is one: the end of a row, which
    means nothing in a formula, may be the end of what is said. With `decimal_commas` no figure of
    the document has a point.
    """
    tokens = DocumentTokens()
    place = 0
    spans = [InlineSpan(0, len(text), "formula")] if latex else find_spans(text, markdown)
    if bare:
        spans = [InlineSpan(*row, "formula") for row in pieces_between(text, "\n")]
    labels = [] if tex or latex or bare else find_labels(text)
    for span in sorted([*labels, *spans]):
        if span.start < place:
            continue  # it lies in the one before
        _add_prose(tokens, text, place, span.start, tex)
        _add_span(tokens, text, span)
        place = span.end
    _add_prose(tokens, text, place, len(text), tex)
    tokens.finish(decimal_commas=decimal_commas)
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
    is_index = span.text[0] in "_^"
    is_beside = tokens.kind(len(tokens) - 1) in ("name", "word") and tokens.ends[-1] == span.start
    if is_index and is_beside:
        tokens.kinds[-1] = "name"
        tokens.texts[-1] += span.text
        tokens.ends[-1] = span.end
    else:
        tokens.add("other" if is_index else "postfix", span.text, span.start, span.end, False)


def _add_prose(tokens: DocumentTokens, text: str, start: int, end: int, tex: bool) -> None:
    """Append the tokens of plain text."""
    if start == end:
        return
    plain = _SPACED_THOUSANDS.sub(_joined_by_dashes, text[start:end])
    folded = fold_signs(plain)
    for sign, spelling, meant in _MEANT:
        if sign in folded:
            folded = spelling.sub(meant, folded)
    for pattern, change in () if folded.isascii() else _READ_OTHERWISE[False]:
        folded = pattern.sub(change, folded)
    if "_(" in folded:
        folded = _PLACES.sub(r"\1_{\2}", folded)
    parts = _PROSE.findall(folded)
    if "." in folded:  # `b.grad` is a name, what stands before it in `np.exp` is none
        parts = [_without_dots(token) if "." in token else token for token in parts]
    kinds = [*map(_prose_kind, parts)]
    if not text.isascii() and not {"comma", "relation", "open", "operator"}.isdisjoint(kinds):
        _keep_signs(parts, kinds, text, start)
    if tex:
        kinds = [*map(_tex_kind, kinds, parts)]
    tokens.extend(kinds, parts, start, False)
    if not _SHIFTING.isdisjoint(folded) or (not folded.isascii() and _PAIR_BELOW.search(folded)):
        tokens.texts[-len(parts) :] = [*map(_with_braces, parts)]
    if "sum_" in folded or "sum " in folded:
        for at in range(len(tokens) - len(parts), len(tokens) - 1):
            if tokens.texts[at] == "sum" and _is_sign_of_sum(tokens, at):
                tokens.kinds[at], tokens.texts[at] = "symbol", "Σ"


def _is_sign_of_sum(tokens: DocumentTokens, place: int) -> bool:
    """Say whether `sum` is written for Σ, with an index or apart from what it adds: `= sum x y`."""
    if tokens.texts[place + 1][0] == "_":
        return True
    kinds = tokens.kinds
    before = place - 1 - (kinds[place - 1] == "space")
    is_apart = kinds[place + 1] == "space" and kinds[place + 2 : place + 3] in (["name"], ["open"])
    may_precede = ("relation", "operator", "open", "close")
    return is_apart and before >= 0 and kinds[before] in may_precede


def _without_dots(token: str) -> str:
    """Return `b_grad` for `b.grad`, `F0_5` for `F0.5`; any other token as it is."""
    before, _, attribute = token.replace("-", "_").partition(".")
    is_name = before[:1].isalpha() and attribute and before not in _MODULE_NAMES
    return f"{before}_{_without_dots(attribute)}" if is_name and token[-1] != "." else token


def _with_braces(name: str) -> str:
    """Return `h_{t-1}` for `hₜ₋₁`, `w_{1,2}` for `w₁,₂` and `x_i` for `xᵢ`; others as they are."""
    if name[-1] not in _SHIFTED:
        return name
    head = name.rstrip(_SHIFTED + ",")
    below = name[len(head) :].translate(_SHIFTED_SIGNS)
    if not below or below.isdigit() or (not head and below[0].isdigit()):
        return name
    is_short = len(below) == 1 or not head  # `(a b)ᵢⱼ` has no name before it
    return f"{head}_{below}" if is_short else f"{head}_{{{below}}}"


def _keep_signs(found: list[str], kinds: list[str], text: str, start: int) -> None:
    """Give some signs their own forms again: a full-width comma is no decimal comma."""
    place = start
    for at, token in enumerate(found):
        if len(token) == 1 and (kinds[at] in ("comma", "relation") or text[place] in "（）！∘•"):
            found[at] = {"＝": "="}.get(text[place], text[place])
        place += len(token)


def _tex_kind(kind: str, token: str) -> str:
    """Return the kind of a sign in the prose of a LaTeX file."""
    if kind == "command":
        return "layout" if token[1:] in _TEX_LAYOUT else "other"
    return {"&": "delimiter", "{": "markup", "}": "markup"}.get(token, kind)


def _add_formula(tokens: DocumentTokens, text: str, start: int, end: int) -> None:
    """Append the tokens of a formula in LaTeX."""
    formula = text[start:end]
    for pattern, change in _READ_OTHERWISE[True]:
        formula = pattern.sub(change, formula)
    parts = _LATEX.findall(formula)
    is_table = r"\hline" in parts and _MATRIX_IN_BRACKETS.search(formula) is None
    between = "divider" if is_table else "layout"
    kinds = [between if token in ("&", r"\hline") else _latex_kind(token) for token in parts]
    for place in _between_equations(parts, kinds):
        kinds[place] = "divider"
    tokens.extend(kinds, parts, start, True)
    tokens.texts[len(tokens) - len(parts) :] = [
        r"\top "
        if token == "T" and parts[max(place - 1, 0)] == "^"
        else rf"\mathrm{{{token}}}"
        if r"\_" in token[1:] and token[0] != "\\"
        else _SHOWN.get(token, token)
        for place, token in enumerate(parts)
    ]


def _between_equations(parts: Sequence[str], kinds: Sequence[str]) -> Iterator[int]:
    """Yield where a row goes on with an equation of its own: the second & of `a &= 1 & b &= 2`."""
    depth, has_relation, before = 0, False, ""
    opened, cell = -1, list[str]()  # where a cell behind an equation begins, and what is in it
    for at, (token, kind) in enumerate(zip(parts, kinds, strict=True)):
        if kind in ("space", "newline"):
            continue
        depth += (kind, token[:6]) == ("open", r"\begin")
        depth -= (kind, token[:4]) == ("close", r"\end")
        if depth > 0:
            continue
        if kind == "row":
            opened, has_relation = -1, False
        elif token == "&":
            if opened < 0 or not cell:
                opened = at if has_relation and before != "relation" else -1
                cell = []
        elif kind == "relation":
            is_equal = RELATION_OF.get(token) not in INEQUALITIES
            if before == "&" and opened >= 0 and cell and cell[0] != "operator" and is_equal:
                yield opened
            opened, has_relation = -1, True
        else:
            opened = -1 if before == "&" and cell else opened
            cell.append(kind)
        before = "&" if token == "&" else kind


def is_chinese(sign: str) -> bool:
    """Say whether a sign is one of Chinese, Japanese or Korean."""
    return "\u2e80" <= sign <= "\ud7af" or "\uf900" <= sign <= "\ufaff"


@lru_cache(_KEPT_TOKENS)
def _prose_kind(token: str) -> str:
    """Return the kind of a token of plain text."""
    if token in _SIGNS:
        return _SIGNS[token]
    first = token[0]
    if first.isspace() or first in "\u200b\u200c\u200d\u2060\ufeff‹›":  # they hold one name
        return "gap" if len(token) > 1 or first == "\t" else "space"
    if first in _DIGITS or (first == "." and len(token) > 1 and token[1] in _DIGITS):
        is_dated = token[-1].isalpha() or "-" in token.lower().partition("e")[0]
        is_version = token.count(".") > 1 and not are_thousands(token.split("."))
        return "odd" if is_dated or is_version else "number"
    if token.startswith("..."):
        return "ellipsis"
    if first == "(" and len(token) > 1:
        return "blank"
    if first == "\\":
        return "blank" if token.startswith(r"\_") else "row" if token == "\\\\" else "command"
    if first == "_" and not token.strip("_"):
        return "blank" if len(token) > 1 else "other"
    if first in _RAISED_LETTERS:
        return "postfix"
    if is_chinese(first) or first.isalpha() or first == "_":
        return _word_kind(token)
    if token.endswith(">") and len(token) > 1:
        return "arrow"
    return _SIGNS.get(token[:2]) or _SIGNS.get(first) or "other"  # `===` is no relation


def _word_kind(word: str) -> str:
    """Return the kind of a word: a name where it can be no word of prose."""
    if is_function(word) and (word in FUNCTIONS or word not in STOP_WORDS):
        return "function"
    is_long = len(word) > 1 or not word.isascii()
    kind = _WORD_KINDS.get(word) or (_SMALL_KINDS.get(word.lower()) if is_long else None)
    if kind is not None:
        return kind
    letters = word.replace("'", "").replace("’", "")
    is_alone = len(letters) == 1 and (letters <= LAST_OF_SYMBOLS or "\u1e00" <= letters <= "ỹ")
    plain = not is_alone and all(map(_is_of_prose, letters))
    return "word" if plain or is_chinese(word[0]) else "name"


def _is_of_prose(letter: str) -> bool:
    """Say whether a letter is one of words: no sign, nothing raised, no Greek, no bold variable."""
    is_vietnamese = "Ạ" <= letter <= "ỹ"
    is_raised = "\u1d00" <= letter <= "\u2e7f" and not is_vietnamese
    is_symbol = is_raised or "\u0370" <= letter <= "\u03ff" or letter >= "𝐀"
    return letter.isalpha() and not is_symbol


def is_function(word: str) -> bool:
    """Say whether a word is a function's name, perhaps with its module before it."""
    bare = word.rpartition(".")[2].rstrip(LOWERED)
    return (
        (bare.startswith("log_") and bare[4:].strip("{}").isdigit())
        or bare in FUNCTIONS
        or bare.lower() in ANY_CASE
        or (len(bare) > 1 and bare in vocabulary().spelled and bare not in vocabulary().constants)
    )


@lru_cache(_KEPT_TOKENS)
def _latex_kind(token: str) -> str:
    """Return the kind of a token of a formula."""
    if token in _LATEX_SIGNS:
        return _LATEX_SIGNS[token]
    first = token[0]
    if first in " \t~":
        return "space"
    if first in _DIGITS or (first in ".-" and token[-1] in _DIGITS):
        return "number"
    if first == "\\":
        return _command_kind(token)
    if token.startswith("..."):
        return "ellipsis"
    if is_chinese(first):
        return "scale" if token in SCALES else "text"
    if first.isalpha():
        return "function" if is_function(token) and len(token) > 1 else "name"
    if first == "_":
        return "blank"
    return _SIGNS.get(fold_signs(first)) or "other"


def _command_kind(token: str) -> str:
    r"""Return the kind of a command with what belongs to it, `\text{…}` and `\left(`."""
    if token.startswith((r"\begin", r"\end")) and not any(
        name in token for name in ("matrix", "cases", "array")
    ):
        return "layout"
    for head, kind in _HEADS.items():
        if token.startswith(head):
            return kind
    name = token.partition("{")[0].partition("[")[0].rstrip(" *")
    if token.startswith((r"\big", r"\Big")):
        last = token[-1]
        return "open" if last in "([{" else "close" if last in ")]}" else "bar"
    if name.startswith((r"\text", r"\mbox")) and name != r"\textcolor":
        return _text_kind(token)
    if "{" in token and name in _FONTS:
        inside = token[token.index("{") + 1 : token.rindex("}")].strip().replace(r"\ ", "_")
        if inside.replace(".", "", 1).isdigit():
            return "number"
        if name in (r"\mathrm", r"\operatorname") and _is_unit(inside, is_apart=True):
            return "unit"
        is_operator = name == r"\operatorname" and inside not in STATISTICS
        return "function" if is_operator or is_function(inside) else "name"
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


def is_command(token: str) -> bool:
    r"""Say whether a command is one that is read, `\frac`, `\log`; `\b` is none."""
    is_built = token in FRACTIONS or token in _FONTS or token[1:] in ACCENTS
    return is_built or _latex_kind(token) != "command"


def _is_unit(inside: str, *, is_apart: bool) -> bool:
    """Tell whether upright letters are a unit: `km`, `m/s^2`; one letter only apart from a name."""
    parts = _POWERS.sub("", inside).split("/")
    is_clear = is_apart or len(parts) > 1 or inside in UNITS
    return is_clear and UNITS.union(UNIT_LETTERS).issuperset(parts)


def _text_kind(token: str) -> str:
    r"""Return whether `\text{…}` is a name, a function, or words."""
    inside = token[token.index("{") + 1 : token.rindex("}")] if "{" in token else ""
    spaced = inside[:1] in (" ", "~")  # so that it stands apart from what is before: prose
    inside = inside.strip().replace(r"\_", "_")
    if is_function(inside):
        return "function"
    if _is_unit(inside, is_apart=spaced):
        return "unit"
    words = inside.split()
    named = all(word.isidentifier() or word.replace("-", "").isalnum() for word in words)
    lower = {word.lower() for word in words}
    is_name = words and named and not (spaced or words[0].isdigit() or lower & _NO_NAMES)
    return "name" if is_name else "text"
