"""Text and formulas for a LaTeX document: what must be escaped, and which engine can set it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from tracer.errors import printable_text
from tracer.expression.names import COMMANDS

_ESCAPED: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "*": "{*}",
    "[": "{[}",  # else it could be an option of what stands before
    "]": "{]}",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\dots{}",
    "•": r"\textbullet{}",
    "°": r"\textdegree{}",
    "§": r"\S{}",
    "©": r"\textcopyright{}",
    "\u00a0": "~",
    "\ue000": "{}",  # ours: nothing, between two signs
    "\ue001": r"\allowbreak{}",  # ours: where a long word may end a line
}
# Signs of mathematics in a text, as they are written in a formula.
_SIGNS: Final = {
    **{letter: command for command, letter in COMMANDS.items() if "var" not in command},
    **{"−": "-", "·": r"\cdot", "⋅": r"\cdot", "×": r"\times", "÷": r"\div", "±": r"\pm"},
    **{"≈": r"\approx", "≠": r"\neq", "≤": r"\leq", "≥": r"\geq", "∞": r"\infty"},
    **{"←": r"\leftarrow", "→": r"\rightarrow", "∂": r"\partial", "√": r"\surd", "∑": r"\sum"},
    **{"½": r"\frac12", "¼": r"\frac14", "¾": r"\frac34", "⊤": r"\top", "ᵀ": r"^{\top}"},
    **{
        "′": "'",
        "∇": r"\nabla",
        "∈": r"\in",
        "⊙": r"\odot",
        "⋆": r"\star",
        "∗": r"\ast",
        "‖": r"\|",
        "¬": r"\neg",
    },
    **{sign: f"_{{{digit}}}" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{sign: f"^{{{digit}}}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    "⁻": "^{-}",
}
_IN_TEXT: Final = str.maketrans(
    {
        **{sign: rf"\ensuremath{{{command}}}" for sign, command in _SIGNS.items()},
        **_ESCAPED,
    }
)
_IN_FORMULA: Final = str.maketrans({sign: f"{text} " for sign, text in _SIGNS.items()})
# Two of these side by side would become another sign.
_LIGATURES: Final = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=,)(?=,)|(?<=[?!])(?=[`´])")
_LONG_WORD: Final = re.compile(r"[!-~]{25,}")
_PIECE: Final = re.compile(r".{1,8}")
_ACCENTS: Final = frozenset(
    "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327"
)
_LETTERS: Final = frozenset("ßæÆœŒøØłŁåÅıþÞ¡¿")
_CJK: Final = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003134f]"
)


def latex_text(text: str) -> str:
    """Return a user's text with LaTeX's own signs taken literally."""
    line = " ".join(unicodedata.normalize("NFC", printable_text(text)).split())
    line = _LONG_WORD.sub(lambda found: "\ue001".join(_PIECE.findall(found.group())), line)
    return _LIGATURES.sub("\ue000", line).translate(_IN_TEXT)


def latex_formula(text: str) -> str:
    """Return the printer's LaTeX with the signs that only some engines know spelled out."""
    return text if text.isascii() else text.translate(_IN_FORMULA)


def needs_wide_fonts(text: str) -> bool:
    """Tell whether there is Chinese, Japanese or Korean in a document."""
    return not text.isascii() and _CJK.search(text) is not None


def needs_other_fonts(text: str) -> bool:
    """Tell whether there is a character that the fonts of every LaTeX do not have."""
    return not text.isascii() and not all(map(_is_common, set(text)))


def _is_common(character: str) -> bool:
    if character.isascii() or character in _LETTERS:
        return True
    apart = unicodedata.normalize("NFD", character)
    return len(apart) == 2 and apart[0].isascii() and apart[0].isalpha() and apart[1] in _ACCENTS
