r"""Blocks as a LaTeX document that compiles as it is: article, amsmath, nothing uncommon.

pdflatex sets it; where there is Chinese or another script it asks for xelatex and ctex, in its
first line. Pictures are TikZ where that is installed; else their captions tell of them.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from tracer.errors import printable_text
from tracer.expression import COMMANDS, Dialect, Node, Notation
from tracer.frozen import replace
from tracer.lazy_regex import lazy_regex
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Graph,
    GraphNode,
    Heading,
    Paragraph,
    Plot,
    Series,
    Table,
    present,
)
from tracer.render.block_writer import TextWriter, announces, with_lists
from tracer.render.equations import broken_formula, formula_widths, latex_line, rows_of
from tracer.render.layered import Drawing, Edge, Point, layered_drawing
from tracer.render.plots import STRETCHES, Axis, plot_axes, reduce_points
from tracer.sentences import Code, Translate, plain_text
from tracer.text_width import width

# Text and formulas: what must be escaped, and which engine can set it -----------------------------

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
    "[": "{[}",  # a bracket could be an option of what stands before
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
_LIGATURES: Final = lazy_regex(r"(?<=-)(?=-)|(?<=')(?=')|(?<=,)(?=,)|(?<=[?!])(?=[`´])")
_QUOTED: Final = lazy_regex(r'(?<![^\s(])"([^"]*)"')
_STRAIGHT: Final = str.maketrans({"'": r"\textquotesingle{}"})  # can be pasted into a shell
_LONG_WORD: Final = lazy_regex(r"[!-~]{25,}")
_PIECE: Final = lazy_regex(r".{1,8}")
_ACCENTS: Final = frozenset(
    "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327"
)
_LETTERS: Final = frozenset("ßæÆœŒøØłŁåÅıþÞ¡¿")
_CJK: Final = lazy_regex(
    "[\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003134f]"
)


def latex_text(text: str) -> str:
    """Return a user's text with LaTeX's own signs taken literally."""
    line = " ".join(unicodedata.normalize("NFC", printable_text(text)).split())
    line = _LONG_WORD.sub(lambda match: "\ue001".join(_PIECE.findall(match.group())), line)
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


# Blocks -------------------------------------------------------------------------------------------

ROOM: Final = 77  # characters of a formula on one line: of 5.7 points, if all are figures
LONG_TABLE: Final = 12  # lines from which a table may run over several pages
HALF_PAGE: Final = 30  # lines from which one does that would be made smaller to fit into its width
LONG_CELL: Final = 30  # characters above which a cell may be wrapped
PAGE: Final = 16.0  # centimetres
PAGE_HEIGHT: Final = 19.0  # centimetres of a picture, above its caption
SMALLEST: Final = 0.7  # of its size: a picture is made no smaller than can be read
MOST_ROUND: Final = 0.35  # centimetres of a round corner
PLOT: Final = (13.0, 6.0)  # centimetres
COLUMN: Final = 0.19  # centimetres of a character
ROW: Final = 0.5  # centimetres of a line of a formula
COLUMN_GAP: Final = 0.45  # centimetres between two columns of a table
LIT: Final = ",line width=1.6pt"  # a way that is drawn bold
DASHES: Final = ("solid", "dashed", "dotted", "dash dot", "densely dashed", "loosely dotted")
COLOURS: Final = ("blue!70!black", "orange!80!black", "green!45!black", "violet")

_SECTIONS: Final = ("section*", "subsection*", "subsubsection*", "paragraph*")

_HEAD: Final = r"""\documentclass[11pt,a4paper]{article}
\usepackage[margin=2.4cm]{geometry}
\usepackage{iftex}
\ifpdftex
  \usepackage[utf8]{inputenc}
  \IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}%
    {\AtBeginDocument{\def\textquotesingle{\char13 }}}
\fi
"""
_WIDE: Final = r"""\usepackage[UTF8,scheme=plain]{ctex}
\ifxetex\xeCJKsetup{CJKmath=true}\fi
"""
_OTHER: Final = r"""\usepackage{fontspec}
\IfFontExistsTF{DejaVu Serif}{\setmainfont{DejaVu Serif}}{}
"""
_PACKAGES: Final = r"""\usepackage{amsmath,amssymb}
\setcounter{MaxMatrixCols}{64}
\usepackage{graphicx,array,longtable}
"""
_TIKZ: Final = r"""\IfFileExists{tikz.sty}{\usepackage{tikz}}{}
"""
_MACROS: Final = r"""% What is too wide has its columns closer together, or is made smaller.
\newsavebox{\widebox}
\newcommand{\fitted}[2][\linewidth]{\sbox{\widebox}{#2}%
  \ifdim\wd\widebox>\dimexpr#1\relax\sbox{\widebox}{\setlength{\arraycolsep}{2pt}#2}\fi
  \ifdim\wd\widebox>\dimexpr#1\relax\resizebox{\dimexpr#1\relax}{!}{\usebox{\widebox}}%
  \else\usebox{\widebox}\fi}
% A picture fits into a page, above its caption.
\newcommand{\pictured}[1]{\sbox{\widebox}{#1}%
  \ifdim\wd\widebox>\linewidth
    \sbox{\widebox}{\resizebox{\linewidth}{!}{\usebox{\widebox}}}\fi
  \ifdim\dimexpr\ht\widebox+\dp\widebox\relax>0.8\textheight
    \resizebox*{!}{0.8\textheight}{\usebox{\widebox}}\else\usebox{\widebox}\fi}
\newcommand{\displayed}[1]{\par\smallskip
  \hspace*{2em}\fitted[\linewidth-2em]{$\displaystyle #1$}\par\smallskip}
% Between the rows of a high formula a page may end.
\makeatletter
\newcommand{\displayedrows}[1]{\sbox{\widebox}{$\displaystyle #1$}%
  \ifdim\wd\widebox>\dimexpr\linewidth-2em\relax\displayed{#1}%
  \else\ifdim\dimexpr\ht\widebox+\dp\widebox\relax<8\baselineskip\displayed{#1}%
  \else\par\smallskip{\let\aligned\pagedrows\let\endaligned\endpagedrows #1}\par\smallskip\fi\fi}
\newenvironment{pagedrows}{\let\\\pagedrow\openup\jot
  \halign\bgroup\hskip2em\hfil$\displaystyle##$&$\displaystyle{}##$\hfil\cr}{\crcr\egroup}
\newcommand{\pagedrow}{\cr\noalign{\ifnum0=`}\fi\@ifnextchar[\rowgap{\rowgap[0pt]}}
\def\rowgap[#1]{\vskip#1\ifnum0=`{\fi}}
% A heading has room for some lines of what it heads, unless it stands below another.
\newcommand{\needroom}{\if@nobreak\else\par\penalty-100
  \ifdim\dimexpr\pagegoal-\pagetotal\relax<8\baselineskip\newpage\fi\fi}
% In a matrix a superscript keeps off the subscript above it.
\let\plaintop\top
\let\plainmatrix\env@matrix
\newcommand{\hightop}{\plaintop\rule{0pt}{2.4ex}}
\def\env@matrix{\let\top\hightop\plainmatrix}
\makeatother
% A label stays with what follows, a high formula off the lines of a table.
\newcommand{\labelled}[1]{\needroom\par\medskip\textbf{#1}\par\nobreak}
\newcommand{\high}[1]{\renewcommand{\arraystretch}{1}\sbox{\widebox}{#1}%
  \raisebox{0pt}[\dimexpr\ht\widebox+3pt][\dimexpr\dp\widebox+3pt]{\usebox{\widebox}}}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.4em plus 0.2em}
\setlength{\lineskip}{0.3em}
\setlength{\emergencystretch}{6em}
\begin{document}
"""


def latex_fragment(
    blocks: Iterable[Block], notation: Notation, translate: Translate = str
) -> Iterator[str]:
    """Yield the pieces of a text that goes into another document with amsmath."""
    writer = _LatexWriter(notation, translate, is_fragment=True)
    yield from with_lists(blocks, writer.block, "\\begin{itemize}\n", "\\end{itemize}\n\n")


def latex(blocks: Iterable[Block], notation: Notation, translate: Translate = str) -> Iterator[str]:
    """Yield the pieces of the document.

    The preamble depends on the scripts in the text, so the blocks are all read before it.
    """
    writer = _LatexWriter(notation, translate)
    body = list(with_lists(blocks, writer.block, "\\begin{itemize}\n", "\\end{itemize}\n\n"))
    wide = any(map(needs_wide_fonts, body))
    other = wide or any(map(needs_other_fonts, body))
    yield f"% !TeX program = {'xelatex' if other else 'pdflatex'}\n" + _HEAD
    if other:
        yield _WIDE if wide else _OTHER
    yield _PACKAGES + (_TIKZ if writer.pictures else "") + _MACROS
    yield from body
    yield "\\end{document}\n"


class _LatexWriter(TextWriter):
    """Writes blocks in one notation and one language."""

    dialect: Dialect = "latex"

    paragraphs: Mapping[str, tuple[str, str]] = {
        "item": (r"\item ", "\n"),
        "label": (r"\labelled{", "}\n\n"),
        "text": ("", "\n\n"),
    }

    def __init__(
        self, notation: Notation, translate: Translate, *, is_fragment: bool = False
    ) -> None:
        super().__init__(notation, translate)
        self.is_fragment = is_fragment  # in a document that has none of our commands
        self.pictures = False
        self.widths = formula_widths(notation)

    def heading(self, heading: Heading) -> str:
        section = _SECTIONS[min(max(heading.level, 1), len(_SECTIONS)) - 1]
        return f"\\needroom\n\\{section}{{{self.sentence(heading.text)}}}\n\n"

    def paragraph(self, block: Paragraph) -> str:
        """Return a paragraph; one that announces a formula stays with it."""
        text = super().paragraph(block)
        return f"{text.rstrip()}\\par\\nobreak\n\n" if announces(block) else text

    def formula(self, node: Node) -> str:
        return latex_formula(super().formula(node))

    def marked(self, formula: str) -> str:
        return f"${formula}$"

    def in_sentence(self, part: Node) -> str:
        """Return a formula in a sentence, where a matrix is small."""
        text = super().in_sentence(part).replace(r"\begin{bmatrix}", r"\left[\begin{smallmatrix}")
        return text.replace(r"\end{bmatrix}", r"\end{smallmatrix}\right]")

    def template(self, text: str) -> str:
        # The catalogue's text has no signs of LaTeX's own but may have those of mathematics.
        return _latex_message(self.translate(text))

    def escaped(self, text: str) -> str:
        if isinstance(text, Code):
            return rf"\texttt{{{latex_text(text).translate(_STRAIGHT)}}}"
        return latex_text(_QUOTED.sub(r"“\1”", text))

    # Equations

    def equation(self, line: EquationLine) -> str:
        formula = latex_formula(latex_line(line, self.notation, ROOM))
        rows = "rows" if formula.startswith(r"\begin{aligned}") else ""
        shown = f"\\[\n{formula}\n\\]" if self.is_fragment else f"\\displayed{rows}{{{formula}}}"
        texts = [shown, *map(self.sentence, present(line.extent))]
        return "".join(f"{text}\n\n" for text in texts)

    # Tables

    def table(self, table: Table) -> str:
        sizes = [
            max(map(self.size, column)) for column in zip(table.head, *table.rows, strict=True)
        ]
        wraps = _wrapped_widths(sizes)
        columns = "".join(
            rf">{{\raggedright\arraybackslash}}m{{{_decimal(wrap)}cm}}" if wrap else "l"
            for wrap in wraps
        )
        head, *lines = (self.row(row, wraps) for row in (table.head, *table.rows))
        body = "\n".join(lines)
        high = sum(max(map(self.lines_of, row, wraps)) for row in table.rows)
        total = sum(min(size, LONG_CELL) + 2 for size in sizes)
        if high < (LONG_TABLE if total < 75 else HALF_PAGE):
            return (
                "\\begin{center}\n\\renewcommand{\\arraystretch}{1.25}%\n"
                f"\\fitted{{\\begin{{tabular}}{{{columns}}}\n\\hline\n{head}\n\\hline\n{body}\n"
                "\\hline\n\\end{tabular}}\n\\end{center}\n\n"
            )
        sizes_by_width = {75: r"\normalsize", 85: r"\small", 105: r"\footnotesize"}
        size = next((it for most, it in sizes_by_width.items() if total < most), r"\scriptsize")
        return (
            f"{{{size}\n\\setlength{{\\tabcolsep}}{{4pt}}\n\\renewcommand{{\\arraystretch}}{{1.25}}%\n"
            f"\\begin{{longtable}}{{{columns}}}\n\\hline\n{head}\n\\hline\n\\endhead\n{body}\n"
            "\\hline\n\\end{longtable}}\n\n"
        )

    def row(self, row: Sequence[Cell], wraps: Sequence[float]) -> str:
        """Return a row; a last formula that is wider than its column follows across all columns."""
        cells = [self.fitted(cell, wrap) for cell, wrap in zip(row, wraps, strict=True)]
        if isinstance(row[-1], Node) and 0 < wraps[-1] < COLUMN * self.size(row[-1]):
            across, room = self.fitted(row[-1], PAGE), r"\advance\linewidth-2\tabcolsep"
            cells[-1] = rf"\\* \multicolumn{{{len(row)}}}{{r}}{{{room}{across}}}"
        return " & ".join(cells) + r" \\"

    def fitted(self, cell: Cell, wrap: float) -> str:
        """Return a cell; a long formula in a wrapped column has rows, or is made smaller."""
        if not isinstance(cell, Node):
            return self.cell(cell)
        room = (wrap or PAGE) / COLUMN
        text = self.marked(broken_formula(cell, self.formula, self.notation, room))
        text = rf"\high{{{text}}}" if self.widths.is_tall(cell) else text
        return rf"\fitted{{{text}}}" if wrap else text

    def lines_of(self, cell: Cell, wrap: float) -> int:
        """Return about how many lines of text a cell is high."""
        if isinstance(cell, Node):
            return max(rows_of(cell), math.ceil(COLUMN * self.size(cell) / PAGE))
        return math.ceil(COLUMN * self.size(cell) / (wrap or PAGE))

    def size(self, cell: Cell) -> float:
        """Return about how many characters a cell is wide."""
        if isinstance(cell, Node):
            return self.widths.of(cell)
        return float(width(self.bare.cell(cell)))

    # Pictures

    def graph(self, graph: Graph) -> str:
        """Return a network as a picture, and below it the figures that it has no room for."""
        drawn, drawing = self.readable_drawing(graph)
        counts = {node.id: len(node.figures) for node in drawn.nodes}
        rest = [it for node in graph.nodes for it in node.figures[counts.get(node.id, 0) :]]
        listed = "".join(f"$\\displaystyle {self.formula(it)}$\\qquad\n" for it in rest)
        below = f"\\begin{{flushleft}}\n{listed}\\end{{flushleft}}\n\n" if rest else ""
        return self.picture(graph, self.network(drawn, drawing)) + below

    def plot(self, plot: Plot) -> str:
        return self.picture(plot, self.curves(plot))

    def picture(self, block: Graph | Plot, drawing: Iterable[str]) -> str:
        self.pictures = True
        caption = self.sentence(block.caption)
        return (
            "\\ifdefined\\tikzpicture\n\\begin{center}\n\\pictured{\\begin{tikzpicture}[x=1cm,y=1cm]\n"
            + "\n".join(drawing)
            + "\n\\end{tikzpicture}}\\par\\nobreak\\medskip\n"
            f"\\interlinepenalty10000 {caption}\n\\end{{center}}\n\\else\n{caption}\n\\fi\n\n"
        )

    def curves(self, plot: Plot) -> Iterator[str]:
        across, up = plot_axes(plot)
        wide, high = PLOT
        for tick in up.ticks:
            y = _decimal(tick.place * high)
            yield f"\\draw[black!20] (0,{y}) -- ({wide},{y});"
            yield f"\\node[left] at (0,{y}) {{${tick.text}$}};"
        for tick in across.ticks:
            x = _decimal(tick.place * wide)
            yield f"\\draw ({x},0) -- ({x},-0.1) node[below] {{${tick.text}$}};"
        yield f"\\draw (0,{high}) -- (0,0) -- ({wide},0);"
        yield f"\\node at ({wide / 2},-1) {{{self.sentence(plot.horizontal)}}};"
        yield f"\\node[above] at (0,{high}) {{{self.sentence(plot.vertical)}}};"
        for place, series in enumerate(plot.series):
            yield from self.curve(series, place, across, up)
            if len(plot.series) > 1:
                y = _decimal(high - 0.5 * place)
                look = _stroke_command(place)
                name = self.sentence(series.name)
                start = f"({wide + 0.3},{y})"
                yield f"\\draw[{look}] {start} -- ++(0.9,0) node[right,black] {{{name}}};"

    def curve(self, series: Series, place: int, across: Axis, up: Axis) -> Iterator[str]:
        wide, high = PLOT
        points = [
            f"({_decimal(across.place(x) * wide)},{_decimal(up.place(y) * high)})"
            for x, y in reduce_points(series.points, STRETCHES)
        ]
        yield from (
            f"\\draw[{_stroke_command(place)}] {' -- '.join(points[start : start + 9])};"
            for start in range(0, max(len(points) - 1, 0), 8)
        )
        if len(points) <= 30:
            colour = COLOURS[place % len(COLOURS)]
            yield from (f"\\fill[{colour}] {point} circle (0.06);" for point in points)

    def node_size(self, node: GraphNode) -> tuple[float, float]:
        """Return about how wide and how high a quantity of a network is drawn."""
        if node.figures:
            sides = [[*map(self.widths.write, it.children())] for it in node.figures]
            columns: float = max(3 + sum(box.width for box in pair) for pair in sides)
            rows = sum(max(len(box.lines) for box in pair) for pair in sides)
            return COLUMN * columns + 0.5, ROW * rows + 0.3
        note = plain_text(node.note, self.translate)
        columns = max(self.widths.of(node.label), 0.95 * width(note))
        return max(0.8, COLUMN * columns + 0.5), 1.1 if node.note else 0.65

    def readable_drawing(self, graph: Graph) -> tuple[Graph, Drawing]:
        """Return a network with as many figures as a page can be read with, and where they go."""
        for stage in (graph, *(with_fewer_figures(graph, most) for most in (2, 1, 0))):
            sizes = {node.id: self.node_size(node) for node in stage.nodes}
            for widest in (PAGE, PAGE / SMALLEST):
                drawing = layered_drawing(sizes, stage.edges, gap=0.35, between=0.9, widest=widest)
                if max(drawing.width / PAGE, drawing.height / PAGE_HEIGHT) <= 1 / SMALLEST:
                    return stage, drawing
        return stage, drawing

    def network(self, graph: Graph, drawing: Drawing) -> Iterator[str]:
        """Yield the nodes, each as large as what is in it, and the arrows from border to border."""
        for node in graph.nodes:
            x, y = drawing.places[node.id]
            wide, high = self.node_size(node)
            rows = [self.formula(it) for it in node.figures or [node.label]]
            if node.note and not node.figures:
                note = plain_text(node.note, self.translate)
                rows.append(rf"\text{{\small {latex_text(note)}}}")
            text = r" \\[2pt] ".join(rows)
            look = {
                "data": f"rounded corners={_decimal(min(high / 2 - 0.01, MOST_ROUND))}cm",
                "constant": "dashed",
                "value": "rounded corners=0.12cm",
                "loss": "rounded corners=0.12cm,very thick",
            }.get(node.kind, "sharp corners")
            if node.id in graph.lit_nodes:
                look += LIT
            yield (
                f"\\node[draw,{look},inner sep=3pt,minimum width={_decimal(wide)}cm,"
                f"minimum height={_decimal(high)}cm] ({node.id}) at ({_decimal(x)},{_decimal(-y)}) "
                f"{{$\\begin{{gathered}}{text}\\end{{gathered}}$}};"
            )
        yield from (
            _arrow_command(
                edge, drawing, LIT if {edge.source, edge.target} <= graph.lit_nodes else ""
            )
            for edge in drawing.edges
        )


def with_fewer_figures(graph: Graph, most: int) -> Graph:
    """Return a network with at most so many figures on each quantity."""
    nodes = [replace(node, figures=node.figures[:most]) for node in graph.nodes]
    return replace(graph, nodes=nodes)


def _wrapped_widths(sizes: Sequence[float]) -> Sequence[float]:
    """Return the width of each column that is wrapped, in centimetres, 0 for the others."""
    wide = COLUMN * sum(sizes) + COLUMN_GAP * len(sizes)
    long = [size for size in sizes if size > LONG_CELL]
    if wide <= PAGE or not long:
        return [0.0] * len(sizes)
    rest = wide - COLUMN * sum(long)
    share = max((PAGE - rest) / len(long), 4.0)
    return [share if size > LONG_CELL else 0.0 for size in sizes]


def _latex_message(template: str) -> str:
    """Return a message for LaTeX; its slots stay as they are."""
    if template.isascii() and not any(sign in template for sign in "#$%&_^~\\<>|"):
        return template
    first, *others = template.split("{")
    parts = (piece.partition("}") for piece in others)
    rest = (f"{{{slot}}}{latex_text_kept(text)}" for slot, _, text in parts)
    return latex_text_kept(first) + "".join(rest)


def latex_text_kept(text: str) -> str:
    """Return a part of a message for LaTeX, the spaces at its ends kept."""
    inner = latex_text(text).replace("{", "{{").replace("}", "}}")
    before = " " if text[:1].isspace() else ""
    after = " " if inner and text[-1:].isspace() else ""
    return f"{before}{inner}{after}"


def _stroke_command(place: int) -> str:
    return f"thick,{COLOURS[place % len(COLOURS)]},{DASHES[place % len(DASHES)]}"


def _decimal(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) >= 0.0005 else "0"


def _arrow_command(edge: Edge, drawing: Drawing, look: str) -> str:
    """Return an edge: level where it leaves, passes a layer, and arrives."""
    begin, end = ("east", "west") if drawing.across else ("south", "north")
    pieces = [list(map(_place_text, piece)) for piece in edge.pieces(drawing.across)]
    pieces[-1][-1] = f"({edge.target}.{end})"
    path = (
        f".. controls {' and '.join(bends)} .. {stop}" if bends else f"-- {stop}"
        for *bends, stop in pieces
    )
    return f"\\draw[->,black!75{look}] {' '.join([f'({edge.source}.{begin})', *path])};"


def _place_text(point: Point) -> str:
    return f"({_decimal(point.x)},{_decimal(-point.y)})"
