"""Text to tokens: a compiled pattern for Unicode, one for LaTeX, no meaning.

The lexer knows characters, not names or operations. Tokens come as four parallel lists, because
one list each of kinds, texts and places costs a third of what objects would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tracer.errors import LanguageError, LimitError
from tracer.expression.names import COMMANDS
from tracer.lazy_regex import lazy_regex
from tracer.sentences import Sentence, Text, say

MAX_CHARACTERS: Final = 4_000
MAX_TOKENS: Final = 2_000


class Tokens(NamedTuple):
    """The tokens of one text; the last has the kind 'end'. A fixed sign is its own kind."""

    kinds: list[str]
    texts: list[str]
    starts: list[int]
    ends: list[int]


# What a sign means to the parser; signs that are not here are names, numbers or unknown.
SIGNS: Final = {
    **{sign: sign for sign in "()[],:=+-*/@|#'.{}"},
    "^": "^",
    "**": "^",
    ".T": ".T",
    "...": "...",
    ":=": "=",
}


def name_character(character: str) -> Text:
    """Return how a message calls a character: as it is, or by its number where it has no sign."""
    if character.isprintable() and not character.isspace():
        return f"`{character}`"
    return say("the character {code}", code=f"U+{ord(character):04X}")


def quote_part(text: str) -> str:
    """Return a part of a text as a message quotes it: short, and without unprintable signs."""
    short = text if len(text) <= 40 else text[:40] + "…"
    return "`" + "".join(sign if sign.isprintable() else "�" for sign in short) + "`"


def unknown_character(character: str, start: int) -> LanguageError:
    """Return the error for a character that the language does not have."""
    name = name_character(character)
    shown = name.slots["code"] if isinstance(name, Sentence) else name
    is_relation = character in "<>≤≥"
    expected = say("`step(a - b)`, which is 1 where a > b, else 0") if is_relation else ""
    return LanguageError(
        say("unknown character {name}", name=shown), start=start, expected=expected
    )


# Unicode

# Full-width forms, spaces and the many signs for one thing; each is one character long, so that
# places stay what they are. This is no NFKC: superscript digits stay superscript.
_FOLDED: Final = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict.fromkeys(
            "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " "
        ),
        **dict.fromkeys("×⋅·∙∗⊙•∘\u2062", "*"),
        **dict.fromkeys("÷∕⁄", "/"),
        **dict.fromkeys("−–﹣", "-"),
        "⟵": "=",
        "←": "=",
        "≔": "=",
    }
)
RAISED: Final = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
FRACTIONS: Final = {
    "½": "12", "⅓": "13", "⅔": "23", "¼": "14", "¾": "34", "⅕": "15", "⅖": "25", "⅗": "35",
    "⅘": "45", "⅙": "16", "⅚": "56", "⅛": "18", "⅜": "38", "⅝": "58", "⅞": "78",
}  # fmt: skip
HUNDREDTHS: Final = {"%": 2, "‰": 3}
"""The powers of ten by which a number is divided that such a sign follows."""
RAISED_DIGIT: Final = "[⁰¹²³⁴-⁹]"
_NO_LETTER = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁱⁿᵀ¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉\u02b0-\u02ff\u1d2c-\u1d61"
_NUMBER = r"[0-9]+(?:\.(?!T(?!\w)|\.)[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?"
_UNICODE: Final = lazy_regex(
    _NUMBER
    + r"|[₀-₉]+(?:,[₀-₉]+)*|\|[₀-₉]+"
    + rf"|(?:[^\W0-9_{_NO_LETTER}]|_(?!\{{))"
    + rf"(?:[^\W_{_NO_LETTER}]|_(?!\{{)|[\u0300-\u036f']|[’′-‴]|⁺(?!{RAISED_DIGIT}))*"
    + r"(?:(?<=[₀-₉])(?:,[₀-₉]+)+)?"
    + r"|_\{\{[0-9]*\}\}|_\{[^{}]*\}|\^\{\([^{}()]*\)\}|\^\{\[[^{}\[\]]*\]\}"
    + rf"|⁽{RAISED_DIGIT}+⁾|⁻?{RAISED_DIGIT}+|‹[^\W\d][^‹›]*›"
    + r"|[ \t\r\n]+|\*\*|\.T(?!\w)|\.\.\.|:=|.",
    re.DOTALL,
)
_UNICODE_SIGNS: Final = {
    **SIGNS,
    **dict.fromkeys("ᵀ⊤", ".T"),
    "√": "√",
    "∂": "∂",
    "ⁿ": "ⁿ",
    "∣": "|",
    **dict.fromkeys("‖∥", "‖"),
    **dict(zip("⌊⌋⌈⌉", "⌊⌋⌈⌉", strict=True)),
    "′": "'",
    ";": ";",
    **dict.fromkeys(HUNDREDTHS, "%"),
    **dict.fromkeys(FRACTIONS, "½"),
}
# Those of the module `string`, which compiles patterns of its own when it is loaded.
_ASCII_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_LETTERS: Final = dict.fromkeys(_ASCII_LETTERS + _ASCII_LETTERS.upper(), "word")
_UNICODE_PLAIN: Final = {
    **_LETTERS,
    **dict.fromkeys(" \t\r\n", ""),
    **dict.fromkeys("0123456789.", "number"),
}
_UNICODE_FIRST: Final = {
    **dict.fromkeys("₀₁₂₃₄₅₆₇₈₉_", "lower"),
    "|": "term",
    "^": "above",
    "⁽": "above",
    **dict.fromkeys("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "raised"),
    "‹": "verbatim",
}
_INCOMPLETE: Final = frozenset("⁺⁻⁽^‹")  # nothing by themselves


def fold_signs(text: str) -> str:
    """Return the text with full-width and double signs as ASCII, place for place."""
    return text if text.isascii() else text.translate(_FOLDED)


def tokenize_unicode(text: str) -> Tokens:
    """Return the tokens of a folded Unicode text.

    Raises: LimitError over 4,000 characters or 2,000 tokens; LanguageError, naming it, for a
    character that the language does not have.
    """
    return _check_tokens(
        _pattern_tokens(text, _UNICODE, _UNICODE_SIGNS, _UNICODE_PLAIN, _unicode_token), text
    )


def _unicode_token(token: str, start: int) -> tuple[str, str]:
    """Return the kind and text of a token that is no sign; an empty kind for a space."""
    if token[0] == "_" and token[1:2] != "{":
        return "word", token
    return _kind_by_first(token, _UNICODE_FIRST, start), token


def _kind_by_first(token: str, kinds: Mapping[str, str], start: int) -> str:
    """Return the kind of a token by its first character: a letter begins a word."""
    kind = kinds.get(token[0]) or ("word" if token[0].isalpha() else "")
    if not kind or token in _INCOMPLETE:
        raise unknown_character(token[0], start)
    return kind


def _pattern_tokens(
    text: str,
    pattern: re.Pattern[str],
    signs: Mapping[str, str],
    plain: Mapping[str, str],
    other: Callable[[str, int], tuple[str, str]],
) -> Tokens:
    """Return what a pattern finds. Raises LimitError where the text has over 4,000 characters.

    The kind of what is no sign is found by its first character in `plain`, else by `other`, which
    gives its text as well.
    """
    if len(text) > MAX_CHARACTERS:
        raise LimitError(
            say("the expression is too long"),
            found=say("{count} characters", count=len(text)),
            expected=say("at most {most}", most=MAX_CHARACTERS),
        )
    tokens: list[tuple[str, str, int, int]] = []
    start = 0
    # Every character is matched by something, so that the places are the sum of the lengths.
    for token in pattern.findall(text):
        end = start + len(token)
        kind = signs.get(token)
        if kind is None:
            kind = plain.get(token[0])
            if kind is None:
                kind, token = other(token, start)
        if kind:
            tokens.append((kind, token, start, end))
        start = end
    return Tokens(*map(list, zip(*tokens, strict=True))) if tokens else Tokens([], [], [], [])


# LaTeX

_STYLES = (
    "operatorname|mathrm|mathbf|mathit|mathsf|mathbb|mathcal|boldsymbol"
    "|textbf|textrm|textit|text|bm"
)
_LATEX: Final = lazy_regex(
    r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\\mathrm *\{[eE]\} *\{[+-]?[0-9]+\}|"
    + r"[0-9]{1,3}(?:\\,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|"  # thousands
    + r"(?<!_\{)[0-9]+(?:\{,\}[0-9]+)+(?:\.[0-9]+)?|"  # see `_latex_number`
    + _NUMBER.replace(r"(?!T(?!\w)|\.)", "")
    + r"|\\mathbin *\{ *@ *\}|\\mathtt *\{[^{}]*\}"
    + rf"|\\(?:{_STYLES})\*? *\{{(?:[\w ']|\\[_ ])*\}}"
    + r"|\\(?:begin|end) *\{[a-zA-Z]*\*?\}"
    + r"|\\(?:left|right|middle|[bB]igg?[lrm]?)(?![A-Za-z]) *"
    + r"(?:\\[{}|]|\\(?:[lr]?[vV]ert|[lr]floor|[lr]ceil)(?![A-Za-z])|.)?"
    + r"|\\[A-Za-z]+|\\."
    + rf"|⁻?{RAISED_DIGIT}+|[₀-₉]+"
    + rf"|[^\W0-9_{_NO_LETTER}](?:[^\W_{_NO_LETTER}]|[\u0300-\u036f])*"
    + r"|[ \t\r\n~]+|\*\*|\.\.\.|:=|.",
    re.DOTALL,
)
_LATEX_SIGNS: Final = {
    **SIGNS,
    "_": "_",
    "&": "&",
    **dict.fromkeys((r"\\", r"\cr"), r"\\"),
    ";": ";",
    "√": "√",
    "∂": "∂",
    "ᵀ": ".T",
    "′": "'",
    "’": "'",
    "⁺": "'",
    **dict.fromkeys((r"\%", *HUNDREDTHS), "%"),
    **dict.fromkeys((r"\cdot", r"\times", r"\ast", r"\star", r"\odot", r"\circ"), "*"),
    **dict.fromkeys((r"\div",), "/"),
    **dict.fromkeys((r"\leftarrow", r"\gets", r"\coloneqq"), "="),
    **dict.fromkeys((r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"), "frac"),
    **dict.fromkeys((r"\top", r"\intercal"), "top"),
    r"\prime": "'",
    **dict.fromkeys((r"\,", r"\thinspace"), "thin"),
    r"\partial": "∂",
    r"\sqrt": "√",
    r"\hat": "hat",
    r"\widehat": "hat",
    r"\bar": "bar",
    r"\overline": "bar",
    r"\tilde": "tilde",
    r"\widetilde": "tilde",
    r"\dot": "dot",
    r"\vert": "|",
    r"\lvert": "|(",
    r"\rvert": "|)",
    **dict.fromkeys((r"\|", r"\Vert", *"‖∥"), "‖"),
    **dict.fromkeys((r"\lfloor", "⌊"), "⌊"),
    **dict.fromkeys((r"\rfloor", "⌋"), "⌋"),
    **dict.fromkeys((r"\lceil", "⌈"), "⌈"),
    **dict.fromkeys((r"\rceil", "⌉"), "⌉"),
    r"\lVert": "‖(",
    r"\rVert": "‖)",
    r"\lbrack": "[",
    r"\rbrack": "]",
    r"\colon": ":",
    r"\ldots": "...",
    r"\dots": "...",
    r"\cdots": "...",
    **dict.fromkeys(FRACTIONS, "½"),
    **dict.fromkeys("0123456789", "number"),
}
_LATEX_PLAIN: Final = {**_LETTERS, **dict.fromkeys(" \t\r\n~", "")}
_LATEX_FIRST: Final = {
    **dict.fromkeys("0123456789.", "number"),
    **dict.fromkeys("₀₁₂₃₄₅₆₇₈₉", "lower"),
    **dict.fromkeys("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "raised"),
    "\\": "command",
}
_LATEX_SPACES: Final = frozenset(
    (
        r"\;", r"\:", r"\!", r"\>", r"\ ", r"\quad", r"\qquad", r"\displaystyle",
        r"\textstyle", r"\limits", r"\nolimits", r"\nonumber", r"\notag", r"\mathrm", r"\mathbf",
        r"\mathit", r"\mathsf", r"\mathcal", r"\mathbb", r"\boldsymbol", r"\bm", r"\textbf",
        r"\textrm", r"\textit", r"\text", r"\operatorname", r"\mathord", r"\mathbin", r"\mathop",
    )
)  # fmt: skip


_SIDED: Final = lazy_regex(
    r"\\(?:(?P<left>left|[bB]igg?l)|(?P<right>right|[bB]igg?r)|middle|[bB]igg?m?)(?![A-Za-z])"
    r" *(?P<sign>.*)"
)

# Kinds with which no operand ends, or begins.
_NO_END: Final = frozenset(
    ("thin", *"([{⌊⌈+-*/@^,:=&_|", "|(", "‖(", r"\\", "frac", "√", "left.", "∂", "begin{")
)
_NO_START: Final = frozenset(
    (
        "thin",
        *")]}+-*/@^,:=&_|'%⌋⌉",
        "|)",
        "‖)",
        r"\\",
        "lower",
        "raised",
        "top",
        ".T",
        "end{",
        "number",
        "...",
    )
)


def tokenize_latex(text: str) -> Tokens:
    r"""Return the tokens of a folded LaTeX text.

    Names are words; styles and spaces are gone. `\left` and its kin are gone too, but `|`
    beside them says which side it closes. Raises as `tokenize_unicode` does.
    """
    tokens = _pattern_tokens(text, _LATEX, _LATEX_SIGNS, _LATEX_PLAIN, _latex_token)
    if "thin" in tokens.kinds:
        tokens = _between_operands(tokens)
    return _check_tokens(tokens, text)


def _latex_token(token: str, start: int) -> tuple[str, str]:
    """Return the kind and text of a token that is no sign; an empty kind for a space."""
    kind = _kind_by_first(token, _LATEX_FIRST, start)
    if kind == "command":
        return _latex_command(token, start)
    if kind == "number" and ("\\" in token or "{" in token):
        return kind, _latex_number(token, start)
    return kind, token


def _latex_number(token: str, start: int) -> str:
    r"""Return a number of LaTeX in digits alone, `1\,000` as 1000 and `0{,}5` as 0.5.

    Raises: LanguageError for `1{,}500`, which is 1500 to one reader and 1.5 to another.
    """
    whole, *groups = token.partition(".")[0].split("{,}")
    by_three = 0 < len(whole) <= 3 and whole[0] != "0" and {*map(len, groups)} == {3}
    if len(groups) == 1 and not by_three and "." not in token:
        return f"{whole}.{groups[0]}"
    if groups and not (by_three and (len(groups) > 1 or "." in token)):
        what = say("ambiguous: `{text}` may have a decimal comma or thousands", text=token)
        raise LanguageError(what, start=start)
    return re.sub(r"\\mathrm|[{} ,\\]", "", token)


def _between_operands(tokens: Tokens) -> Tokens:
    """Return the tokens without the thin spaces that are only spaces."""
    kinds = tokens.kinds
    places: list[int] = []
    for place, kind in enumerate(kinds):
        if kind == "thin" and (
            not places
            or kinds[places[-1]] in _NO_END
            or place + 1 == len(kinds)
            or kinds[place + 1] in _NO_START
        ):
            continue
        places.append(place)
    return Tokens(
        [kinds[place] for place in places],
        [tokens.texts[place] for place in places],
        [tokens.starts[place] for place in places],
        [tokens.ends[place] for place in places],
    )


def _latex_command(token: str, start: int) -> tuple[str, str]:
    """Return the kind and text of a LaTeX command; an empty kind where it only sets the look."""
    if token in COMMANDS:
        return "word", COMMANDS[token]
    if token in _LATEX_SPACES:
        return "", token
    if token.endswith("}"):
        head, _, inside = token[:-1].partition("{")
        head = head.rstrip(" *")
        is_verbatim = head == r"\mathtt"
        if head == r"\mathbin":
            return "@", "@"
        if head in (r"\begin", r"\end"):
            return head[1:] + "{", inside
        # How Markdown's `_` is kept from Markdown.
        named = inside.strip() if is_verbatim else inside.replace("\\ ", r"\_").strip()
        if not named or not (is_verbatim or named[0].isalpha() or named[0] in "\\_"):
            raise LanguageError(
                say("there is no name in these braces"), start=start, found=quote_part(token)
            )
        if is_verbatim:
            return "verbatim", re.sub(r"\\(.)", r"\1", inside)
        inside = named
        if head == r"\operatorname":
            return "operator", inside.replace(r"\_", "_").replace(" ", "_")
        if head in (r"\mathsf", r"\mathrm", r"\text") and inside == "T":
            return "top", "T"
        if r"\_" in inside:
            return "verbatim", inside.replace(r"\_", "_").replace(" ", "_")
        return ("upright" if len(inside) > 1 else "word"), inside.replace(" ", "_")
    sided = _SIDED.fullmatch(token)
    if sided is None:
        return "command", token
    kind = _LATEX_SIGNS.get(sided["sign"], sided["sign"])
    kind = kind[:1] if kind[:1] in ("|", "‖") else kind  # the command says which side it closes
    match kind:
        case "|" | "‖":
            return kind + ("(" if sided["left"] else ")" if sided["right"] else ""), kind
        case ".":
            return ("left." if sided["left"] else "right."), token
        case "(" | ")" | "[" | "]" | "⌊" | "⌋" | "⌈" | "⌉":
            return kind, kind
    raise LanguageError(say("unknown bracket"), start=start, found=quote_part(token))


def _pair_bars(kinds: list[str]) -> None:
    """Give bars that enclose an expression their side, so that a factor may stand before them.

    A bar after an operand closes the one that is open, and opens one where none is: `2|a - b|`.
    """
    opened: dict[str, list[int]] = {"|": [], "‖": []}
    for place, kind in enumerate(kinds):
        if kind not in opened:
            continue
        is_after_operand = place > 0 and kinds[place - 1] not in (*_NO_END, *opened)
        if is_after_operand and opened[kind]:
            kinds[opened[kind].pop()] = f"{kind}("
            kinds[place] = f"{kind})"
        else:
            opened[kind].append(place)


def _check_tokens(tokens: Tokens, text: str) -> Tokens:
    """Return tokens with their end, and bars with their sides. Raises LimitError."""
    kinds = tokens.kinds
    if "|" in kinds or "‖" in kinds:
        _pair_bars(kinds)
    if len(kinds) > MAX_TOKENS:
        raise LimitError(
            say("the expression is too long"),
            found=say("{count} tokens", count=len(kinds)),
            expected=say("at most {most}", most=MAX_TOKENS),
        )
    kinds.append("end")
    tokens.texts.append("")
    tokens.starts.append(len(text))
    tokens.ends.append(len(text))
    return tokens
