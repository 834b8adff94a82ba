"""Blocks as one HTML page that needs nothing else: MathML, pictures in line, no script.

The page is also well-formed XML. It takes the reader's light or dark colours. MathML is read from
the printer's LaTeX: so all formats have one form and one set of brackets. What is not known, in a
name that a scenario writes in LaTeX of its own, is shown as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from tracer.expression import COMMANDS, Dialect, Node, Notation
from tracer.lazy_regex import lazy_regex
from tracer.narrative.blocks import Block, EquationLine, Graph, Heading, Plot, Table, present
from tracer.render.block_writer import TextWriter, line_text, with_lists
from tracer.render.equations import latex_rows
from tracer.render.svg import svg, xml_text
from tracer.sentences import Code, Translate

# Formulas as MathML -------------------------------------------------------------------------------

_TOKEN: Final = lazy_regex(
    r"\\(?:mathtt|mathrm|mathbf|mathit|mathsf|mathcal|mathbb|mathbin|boldsymbol|bm|text"
    r"|operatorname) *\{(?:[^{}\\]|\\.)*\}|\\(?:begin|end)\{[a-z]+\}"
    r"|\\(?:left|right)(?:\\[lr]Vert(?![A-Za-z])|[^\\A-Za-z])|\\big+[lr].|\\[A-Za-z]+|\\."
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
    r"\dot": "˙",
}
# What stands around the arguments of a command, each in the place of a pair of braces.
_AROUND: Final = {
    **{
        name: f'<mover accent="true">{{}}<mo stretchy="false">{mark}</mo></mover>'
        for name, mark in _ACCENTS.items()
    },
    r"\frac": "<mfrac>{}{}</mfrac>",
    r"\sqrt": "<msqrt>{}</msqrt>",
    r"\underbrace": '<munder>{}<mo stretchy="true">⏟</mo></munder>',
}
_BOLD: Final = frozenset((r"\mathbf", r"\boldsymbol", r"\bm"))
_BOLD_LETTERS: Final = {
    ord(first) + at: bold + at
    for first, count, bold in (("A", 26, 0x1D400), ("a", 26, 0x1D41A), ("0", 10, 0x1D7CE))
    for at in range(count)
}
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
            form = "prefix" if token[-2] == "l" else "postfix"
            high = token.startswith(r"\bigg")
            size = 'minsize="2.4em" maxsize="2.4em"' if high else 'stretchy="false"'
            return f'<mo fence="true" {size} form="{form}">{xml_text(token[-1])}</mo>'
        if token.startswith(r"\begin"):
            return self.table(token)
        if token in _AROUND:
            form = _AROUND[token]
            return form.format(*(self.argument() for _ in range(form.count("{}"))))
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
        stretchy = "" if "<mfrac" in inside or "<mtable" in inside else ' stretchy="false"'
        opening = f'<mo fence="true"{stretchy} form="prefix">{before}</mo>' if before else ""
        return _mathml_row(
            f'{opening}{inside}<mo fence="true"{stretchy} form="postfix">{after}</mo>'
        )

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
            text = text.translate(_BOLD_LETTERS)
        called = style == r"\operatorname" and self.next in ("(", r"\left(")
        joined = "<mo>&#x2061;</mo>" if called else ""
        return f'<mi mathvariant="normal">{xml_text(text)}</mi>{joined}'


_RIGHTS: Final = tuple(rf"\right{sign}" for sign in (")", "]", "|", ".", r"\rVert"))


# A sign behind such an element joins it to the next one, and is none of a number.
_OPERAND_END: Final = lazy_regex(r'(?!<mo[ >])|.*form="postfix"')


def _mathml_row(inside: str) -> str:
    return f"<mrow>{inside}</mrow>"


def _single_element(parts: list[str]) -> str:
    """Return elements as one."""
    return parts[0] if len(parts) == 1 else _mathml_row("".join(parts))


# The page -----------------------------------------------------------------------------------------

ROOM: Final = 66  # characters of a formula on one line

STYLE: Final = """\
:root{color-scheme:light dark;--ink:#1f2328;--paper:#fff;--soft:#59636e;--line:#d1d9e0;\
--band:#f6f8fa;--curve-0:#0860ca;--curve-1:#b35900;--curve-2:#1a7f37;--curve-3:#8250df}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--soft:#9198a1;\
--line:#3d444d;--band:#151b23;--curve-0:#58a6ff;--curve-1:#f0a04b;--curve-2:#56d364;\
--curve-3:#bc8cff}}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}
main{max-width:52rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1,h2,h3,h4{line-height:1.25;margin:1.8em 0 .6em}
h1{margin-top:0}
h2{padding-bottom:.25em;border-bottom:1px solid var(--line)}
p{margin:.6em 0}
.label{margin-top:1.4em;font-weight:600}
.equation{overflow:auto hidden;padding:.4em 0 .4em 1.5em}
math{font-size:1.1em}
math[display=block]{width:max-content;margin:0}
.lines>mtr>mtd{padding:.35em 0;text-align:left}
.lines>mtr>mtd:first-child{text-align:right}
.wide{overflow:auto hidden}
table{border-collapse:collapse;margin:.8em 0}
th,td{padding:.35em .8em;border:1px solid var(--line);text-align:left;vertical-align:middle;\
word-break:keep-all}
th{background:var(--band);font-weight:600}
figure{margin:1.2em 0;overflow:auto hidden}
figcaption{color:var(--soft)}
.code{font-family:monospace}
@media print{.equation,.wide,figure{overflow:visible}figure svg{max-width:100%;height:auto}}
"""


def html(
    blocks: Iterable[Block],
    notation: Notation,
    translate: Translate = str,
    *,
    language: str = "en",
    title: str = "tracer",
) -> Iterator[str]:
    """Yield the pieces of the page."""
    yield (
        f'<!DOCTYPE html>\n<html lang="{xml_text(language)}">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{xml_text(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    yield from html_fragment(blocks, notation, translate)
    yield "</main>\n</body>\n</html>\n"


def html_fragment(
    blocks: Iterable[Block], notation: Notation, translate: Translate = str
) -> Iterator[str]:
    """Yield the pieces of what a page shows, to go into another one."""
    writer = _HtmlWriter(notation, translate)
    yield from with_lists(blocks, writer.block, "<ul>\n", "</ul>\n")


class _HtmlWriter(TextWriter):
    """Writes blocks in one notation and one language."""

    dialect: Dialect = "latex"  # MathML is made of LaTeX

    paragraphs: Mapping[str, tuple[str, str]] = {
        "item": ("<li>", "</li>\n"),
        "label": ('<p class="label">', "</p>\n"),
        "text": ("<p>", "</p>\n"),
    }

    def __init__(self, notation: Notation, translate: Translate) -> None:
        super().__init__(notation, translate)
        self.pictures = 0

    def heading(self, heading: Heading) -> str:
        level = min(max(heading.level, 1), 6)
        return f"<h{level}>{self.sentence(heading.text)}</h{level}>\n"

    def template(self, text: str) -> str:
        # The catalogue's own text needs no escaping but for the three signs of XML.
        return xml_text(self.translate(text))

    def escaped(self, text: str) -> str:
        return f"<code>{xml_text(text)}</code>" if isinstance(text, Code) else xml_text(text)

    def in_sentence(self, part: Node) -> str:
        alternative, latex = xml_text(self.bare.in_sentence(part)), super().in_sentence(part)
        return f'<math alttext="{alternative}">{_with_latex(mathml(latex), latex)}</math>'

    def equation(self, line: EquationLine) -> str:
        alternative = line_text(line, self.bare.formula, {"=": "=", "←": "←", "≈": "≈"})
        rows = latex_rows(line, self.notation, ROOM)
        sentences = map(self.sentence, present(line.extent))
        shown, latex = mathml(rows[0]), rows[0]
        if len(rows) > 1:
            shown = _aligned_rows(rows)
            latex = r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"
        element = _with_latex(shown, latex, "\n")
        return (
            f'<div class="equation"><math display="block" alttext="{xml_text(alternative)}">'
            f"{element}</math></div>\n"
        ) + "".join(f"<p>{text}</p>\n" for text in sentences)

    def table(self, table: Table) -> str:
        head = "".join(f'<th scope="col">{self.cell(cell)}</th>' for cell in table.head)
        rows = "".join(
            f"<tr>{''.join(f'<td>{self.cell(cell)}</td>' for cell in row)}</tr>\n"
            for row in table.rows
        )
        return (
            f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{rows}</tbody>\n</table></div>\n"
        )

    def graph(self, graph: Graph | Plot) -> str:
        self.pictures += 1
        drawing = svg(
            graph, self.notation, self.translate, inline=True, id=f"picture-{self.pictures}"
        )
        caption = self.sentence(graph.caption)
        return f"<figure>\n{drawing}<figcaption>{caption}</figcaption>\n</figure>\n"

    def plot(self, plot: Plot) -> str:
        return self.graph(plot)


def _with_latex(element: str, latex: str, between: str = "") -> str:
    """Return an element with the LaTeX that it was made from: it is copied, and read, with it."""
    source = xml_text(" ".join(latex.split()))
    source = f'<annotation encoding="application/x-tex">{source}</annotation>'
    return f"<semantics>{element}{between}{source}</semantics>"


def _aligned_rows(rows: Sequence[str]) -> str:
    """Return rows below each other, each with its sign under the one above."""
    cells = [(before, after) for before, _, after in (row.partition("&") for row in rows)]
    inside = "".join(
        f"<mtr><mtd>{mathml(before)}</mtd><mtd>{mathml(after)}</mtd></mtr>"
        for before, after in cells
    )
    return f'<mtable class="lines" displaystyle="true">{inside}</mtable>'
