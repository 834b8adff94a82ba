"""Formulas as MathML, read from the printer's LaTeX: so all formats have one form and one set of
brackets.

What is not known, in a name that a scenario writes in LaTeX of its own, is shown as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from tracer.expression.names import COMMANDS
from tracer.render.xml_text import xml_text

_TOKEN: Final = re.compile(
    r"\\(?:mathtt|mathrm|mathbf|mathit|mathsf|mathcal|mathbb|mathbin|boldsymbol|bm|text"
    r"|operatorname) *\{(?:[^{}\\]|\\.)*\}|\\(?:begin|end)\{[a-z]+\}"
    r"|\\(?:left|right)(?:\\[lr]Vert(?![A-Za-z])|[^\\A-Za-z])|\\big[lr].|\\[A-Za-z]+|\\."
    r"|\d[\d.]*|\s+|.",
    re.DOTALL,
)
_ACCENTS: Final = {
    r"\hat": "^",
    r"\widehat": "^",
    r"\bar": "‾",
    r"\overline": "‾",
    r"\tilde": "~",
    r"\widetilde": "~",
}
_BOLD: Final = frozenset((r"\mathbf", r"\boldsymbol", r"\bm"))
_LETTERS: Final = {**COMMANDS, r"\partial": "∂", r"\emptyset": "∅", r"\bullet": "•"}
_SIGNS: Final = {
    **{"-": "−", r"\cdot": "⋅", r"\odot": "⊙", r"\star": "⋆", r"\ast": "∗", r"\times": "×"},
    **{r"\leftarrow": "←", r"\approx": "≈", r"\cdots": "⋯", r"\prime": "′"},
}
_SPACES: Final = {
    r"\,": '<mo>&#x2062;</mo><mspace width="0.17em"/>',  # times, not seen
    r"\thinspace": '<mspace width="0.17em"/>',
    r"\quad": '<mspace width="2em"/>',
}
_ELEMENTS: Final = {  # what a sign is by itself
    **{name: f"<mo>{sign}</mo>" for name, sign in _SIGNS.items()},
    **{name: f"<mi>{letter}</mi>" for name, letter in _LETTERS.items()},
    r"\top": '<mi mathvariant="normal">⊤</mi>',
    **_SPACES,
}
_FENCES: Final = {"(": ")", "[": "]", "|": "|", r"\lVert": "‖", ".": ""}
NO_BREAK: Final = "&#xA0;"
_RUNNING: Final = {r"\sum": '<mo largeop="true">∑</mo>', r"\max": '<mo largeop="true">max</mo>'}
_EMPTY: Final = "<mrow></mrow>"


@lru_cache(4096)
def mathml(latex: str) -> str:
    """Return one element for a formula in the printer's LaTeX."""
    return _single_element(_Reader(latex).parts(()))


class _Reader:
    """Reads a formula's signs one after the other, each with the scripts behind it."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = [token for token in _TOKEN.findall(text) if not token.isspace()]
        self.position = 0

    @property
    def next(self) -> str:
        """The next sign; '' at the end."""
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        """Return the next sign and go on."""
        self.position += 1
        return self.tokens[self.position - 1]

    def parts(self, ends: Collection[str]) -> list[str]:
        """Return the elements up to one of some signs, which is passed by."""
        parts: list[str] = []
        while self.next and self.next not in ends:
            if self.next in "+-" and not (parts and _OPERAND_END.match(parts[-1])):
                parts.append(f'<mo form="prefix">{_SIGNS.get(self.take(), "+")}</mo>')
            else:
                parts.append(self.scripted())
        if self.next:
            self.position += 1
        return parts

    def scripted(self) -> str:
        """Return one element with its subscript, superscript and primes."""
        running = _RUNNING.get(self.next) if self.tokens[self.position + 1 :][:1] == ["_"] else None
        base = running or self.atom()
        if running:
            self.position += 1
        below, raised = "", list[str]()
        while self.next in ("'", "^") or (self.next == "_" and not below):
            mark = self.take()
            if mark == "_":
                below = self.argument()
            else:
                raised.append("<mo>′</mo>" if mark == "'" else self.argument())
        above = _single_element(raised) if raised else ""
        kind = ("munder", "mover") if running or base.startswith("<munder>") else ("msub", "msup")
        if not below and not above:
            return base
        both = "munderover" if running else "msubsup"
        tag = both if below and above else kind[0] if below else kind[1]
        return f"<{tag}>{base}{below}{above}</{tag}>"

    def argument(self) -> str:
        """Return what stands in braces, or the one sign that is meant without them."""
        if self.next == "{":
            self.position += 1
            return _single_element(self.parts("}"))
        return self.atom() if self.next else _EMPTY

    def atom(self) -> str:
        """Return an element without scripts."""
        if self.next == "{":
            return self.argument()
        token = self.take()
        if token in ("(", "[") and _FENCES[token] in self.tokens[self.position :]:
            return self.fenced(token, _FENCES[token])
        if token.startswith(r"\left") and token != r"\leftarrow":
            sign = token.removeprefix(r"\left")
            closing = "|" if sign == "." else _FENCES.get(sign, sign)
            return self.fenced("‖" if closing == "‖" else sign.strip("."), closing)
        if token.startswith(r"\big"):
            form = "prefix" if token[4] == "l" else "postfix"
            return f'<mo fence="true" stretchy="false" form="{form}">{xml_text(token[5:])}</mo>'
        if token.startswith(r"\begin"):
            return self.table(token)
        if token in _ACCENTS:
            mark = f'<mo stretchy="false">{_ACCENTS[token]}</mo>'
            return f'<mover accent="true">{self.argument()}{mark}</mover>'
        if token == r"\frac":
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if token == r"\sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if token == r"\underbrace":
            return f'<munder>{self.argument()}<mo stretchy="true">⏟</mo></munder>'
        if token.endswith("}") and "{" in token:
            style, _, text = token[:-1].partition("{")
            return self.word(re.sub(r"\\(.)", r"\1", text), style.strip())
        if token in _ELEMENTS:
            return _ELEMENTS[token]
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{xml_text(token)}</mi>"
        if token[0] == "\\" and token[1:].isalpha():
            return self.word(token[1:], r"\operatorname")
        return f"<mo>{xml_text(token.removeprefix(chr(92)))}</mo>"

    def fenced(self, before: str, after: str) -> str:
        """Return what stands in brackets, which grow only round what is taller than a line."""
        ends = (after,) if before in ("(", "[") and self.tokens[self.position - 1] == before else ()
        inside = "".join(self.parts(ends or _RIGHTS))
        grown = "" if "<mfrac" in inside or "<mtable" in inside else ' stretchy="false"'
        opening = f'<mo fence="true"{grown} form="prefix">{before}</mo>' if before else ""
        return _mathml_row(f'{opening}{inside}<mo fence="true"{grown} form="postfix">{after}</mo>')

    def table(self, begin: str) -> str:
        """Return an environment as a table, in square brackets where it has them."""
        rows: list[list[str]] = [[]]
        end = begin.replace("begin", "end")
        closing = ""
        while self.next and closing != end:
            rows[-1].append(_single_element(self.parts((r"\\", "&", end))))
            closing = self.tokens[self.position - 1]
            if closing == r"\\":
                rows.append([])
        lines = "".join(
            f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in row)}</mtr>" for row in rows
        )
        text = f"<mtable>{lines}</mtable>"
        if begin != r"\begin{bmatrix}":
            return text
        sign = '<mo fence="true" form='
        return _mathml_row(f'{sign}"prefix">[</mo>{text}{sign}"postfix">]</mo>')

    def word(self, text: str, style: str) -> str:
        """Return a word in a style; a function's name is joined to the brackets behind it."""
        if style == r"\mathbin":
            return f"<mo>{xml_text(text)}</mo>"
        if style in (r"\text", r"\mathtt"):
            tag = "mtext" if style == r"\text" else 'mtext class="code"'
            # A browser leaves out spaces at the ends of a text, but for those that break no line.
            return f"<{tag}>{xml_text(text).replace(' ', NO_BREAK)}</mtext>"
        if style in _BOLD:
            text = "".join(map(_bold_letter, text))
        called = style == r"\operatorname" and self.next in ("(", r"\left(")
        joined = "<mo>&#x2061;</mo>" if called else ""
        return f'<mi mathvariant="normal">{xml_text(text)}</mi>{joined}'


_RIGHTS: Final = tuple(rf"\right{sign}" for sign in (")", "]", "|", ".", r"\rVert"))


# A sign behind such an element joins it to the next one, and is none of a number.
_OPERAND_END: Final = re.compile(r'(?!<mo[ >])|.*form="postfix"')


def _mathml_row(inside: str) -> str:
    return f"<mrow>{inside}</mrow>"


def _single_element(parts: list[str]) -> str:
    """Return elements as one."""
    return parts[0] if len(parts) == 1 else _mathml_row("".join(parts))


def _bold_letter(letter: str) -> str:
    """Return the mathematical bold form of a letter or digit that has one."""
    for first, last, bold in (("A", "Z", 0x1D400), ("a", "z", 0x1D41A), ("0", "9", 0x1D7CE)):
        if first <= letter <= last:
            return chr(bold + ord(letter) - ord(first))
    return letter
