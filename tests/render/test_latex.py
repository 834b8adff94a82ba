"""The LaTeX document: what it says, and that TeX sets it without a complaint."""

# ruff: noqa: D103 - the name of a test may be its whole sentence

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.case_lists import sampled
from tests.expression.trees import trees
from tests.render.blocks_to_render import (
    HOSTILE,
    NOTATION,
    SCENARIOS,
    chinese,
    graph,
    hostile_blocks,
    line,
    plot,
    scenario_blocks,
    tree,
)
from tracer.expression import Name, Node, render
from tracer.narrative.blocks import Block, EquationLine, Graph, Heading, Paragraph, Table
from tracer.operations import vocabulary
from tracer.operations.textbook import Textbook
from tracer.render.equations import latex_line, latex_rows
from tracer.render.latex import latex, latex_text, needs_other_fonts, needs_wide_fonts
from tracer.sentences import Code, Sentence, say

XELATEX = shutil.which("xelatex")


def text_of(*blocks: Block) -> str:
    """Return the document of some blocks."""
    return "".join(latex(blocks, NOTATION))


def test_lines_may_be_stretched_rather_than_stand_out_of_the_margin() -> None:
    """Words and formulas that cannot be broken leave a line of 16 cm few places for its space."""
    assert r"\setlength{\emergencystretch}{6em}" in "".join(latex([Heading(1, say("A"))], NOTATION))


def body_of(*blocks: Block) -> str:
    """Return what stands between begin and end of the document."""
    return text_of(*blocks).split("\\begin{document}\n")[1].removesuffix("\\end{document}\n")


def heading(text: str) -> Heading:
    """Return a heading with a user's text."""
    return Heading(1, say("{text}", text=text))


def check_balance(text: str) -> None:
    """Check that braces, environments and dollar signs have partners."""
    text = re.sub(r"(?<!\\)(?:\\\\)*%.*", "", text)
    plain = re.sub(r"\\[\\{}$%&#_]", "", text)
    depth = 0
    for sign in plain:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert plain.count("$") % 2 == 0
    assert plain.count(r"\left") - plain.count(r"\leftarrow") == (
        plain.count(r"\right") - plain.count(r"\rightarrow")
    )
    stack: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", plain):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert stack == []


def run(engine: str, text: str, folder: Path) -> str:
    """Set a document and return the log. No command of the document may call the shell."""
    (folder / "it.tex").write_text(text, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "it.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    assert (folder / "it.pdf").stat().st_size > 1000
    return log


ESCAPED = [
    ("50 % of $5 & #1_2^3~", r"50 \% of \$5 \& \#1\_2\textasciicircum{}3\textasciitilde{}"),
    ("\\section{a} [b] *", r"\textbackslash{}section\{a\} {[}b{]} {*}"),
    ("a -- b", "a -{}- b"),
    ("<x> | `y`", r"\textless{}x\textgreater{} \textbar{} \textasciigrave{}y\textasciigrave{}"),
    (
        "½ η ≈ x₂²",
        r"\ensuremath{\frac12} \ensuremath{\eta} \ensuremath{\approx} "
        r"x\ensuremath{_{2}}\ensuremath{^{2}}",
    ),
    ("é ø … –", r"é ø \dots{} --"),
    ("two\nlines\x1b", "two lines␛"),
    ("a" * 26, r"aaaaaaaa\allowbreak{}aaaaaaaa\allowbreak{}aaaaaaaa\allowbreak{}aa"),
]


@pytest.mark.parametrize(("text", "expected"), ESCAPED)
def test_a_users_text_is_taken_literally(text: str, expected: str) -> None:
    assert latex_text(text) == expected


def test_a_command_can_be_pasted_and_words_have_their_quotes() -> None:
    """A command has straight quotes; of two quotes round a word the first one opens."""
    command = Paragraph([say("Try {it}.", it=Code("tracer derive xor --focus 'W[0]'"))])
    quote = r"\textquotesingle{}"
    assert body_of(command) == (
        rf"Try \texttt{{tracer derive xor -{{}}-focus {quote}W{{[}}0{{]}}{quote}}}." + "\n\n"
    )
    assert "The ``causal'' one" in body_of(heading('The "causal" one'))


def test_a_matrix_in_a_sentence_is_small() -> None:
    """One of full size would push the lines of the text apart."""
    found = body_of(Paragraph([say("Each entry of {it}.", it=tree("[[1, 2], [3, 4]]"))]))
    assert found == (
        r"Each entry of $\left[\begin{smallmatrix} 1 & 2 \\ 3 & 4 \end{smallmatrix}\right]$."
        + "\n\n"
    )


SCRIPTS = [
    ("plain é ø ß ł", False, False),
    ("Привет", False, True),
    ("损失", True, True),
    ("ひらがな", True, True),
    ("🎉", False, True),
    ("，", True, True),
]


@pytest.mark.parametrize(("text", "wide", "other"), SCRIPTS)
def test_scripts_that_need_other_fonts_are_known(text: str, wide: bool, other: bool) -> None:
    assert (needs_wide_fonts(text), needs_other_fonts(text)) == (wide, other)


def test_the_document_asks_for_the_engine_that_can_set_it() -> None:
    """The default is pdflatex; xelatex for other scripts, ctex for Chinese."""
    assert text_of(heading("a")).startswith("% !TeX program = pdflatex\n\\documentclass")
    russian, loss = text_of(heading("Привет")), text_of(heading("损失"))
    assert russian.startswith("% !TeX program = xelatex\n")
    assert "fontspec" in russian
    assert "ctex" not in russian
    assert loss.startswith("% !TeX program = xelatex\n")
    assert "{ctex}" in loss
    assert "tikz" not in loss


def test_blocks_have_these_forms() -> None:
    """Headings, paragraphs, lists and lines."""
    words: list[Sentence] = [say("One {name}.", name=tree("w"))]
    found = body_of(
        Heading(1, say("One")),
        Heading(2, say("Two")),
        Paragraph(words),
        Paragraph(words, "label"),
        Paragraph(words, "item"),
        Paragraph(words, "item"),
        line("y_pred", "w * x", "0.5 * (-1)", "-0.5"),
    )
    assert found == (
        "\\needroom\n\\section*{One}\n\n\\needroom\n\\subsection*{Two}\n\n"
        "One $w$.\n\n\\labelled{One $w$.}\n\n"
        "\\begin{itemize}\n\\item One $w$.\n\\item One $w$.\n\\end{itemize}\n\n"
        "\\displayed{\\hat{y} = w \\cdot x = 0.5 \\cdot (-1) = -0.5}\n\n"
    )


def test_a_table_has_a_head_and_rows() -> None:
    """High formulas are kept off the rules; a text longer than the page is wrapped."""
    long = "a text that is too long for one line of a cell " * 2
    long = long.strip()
    found = body_of(Table([say("name"), say("what")], [[tree("dloss/dw"), long]]))
    assert "\\begin{tabular}{l>{\\raggedright\\arraybackslash}m{" in found
    assert "\n\\hline\nname & what \\\\\n\\hline\n" in found
    assert f"\\high{{$\\frac{{\\partial L}}{{\\partial w}}$}} & {long} \\\\\n" in found


@pytest.mark.parametrize(
    ("value", "row"),
    [
        ("[[0.5], [1.5]]", r" & \high{$\begin{bmatrix} 0.5 \\ 1.5 \end{bmatrix}$} \\"),
        (
            f"[[{', '.join(['1.23456'] * 7)}], [{', '.join(['0'] * 7)}]]",
            r" & \\* \multicolumn{3}{r}{",
        ),
        (f"[{', '.join(['1.2345'] * 30)}]", r"\begin{aligned}"),
    ],
)
def test_a_formula_that_is_wider_than_its_column_has_the_whole_page(value: str, row: str) -> None:
    """It is not made smaller than one can read: it stands below its row, in several if need be."""
    head = [say("quantity"), say("a kind"), say("value")]
    found = body_of(Table(head, [["w", "a" * 12, tree(value)], ["a word " * 9, "", tree("1")]]))
    assert row in found


def test_a_long_table_may_run_over_pages() -> None:
    """Its head is repeated."""
    found = body_of(Table([say("n")], [[str(number)] for number in range(50)]))
    assert "\\begin{longtable}{l}\n\\hline\nn \\\\\n\\hline\n\\endhead\n0 \\\\\n" in found


def test_a_table_of_high_matrices_may_run_over_pages() -> None:
    """Its lines count, not its rows: four columns of ten entries need more than a page has room."""
    textbook = Textbook(lambda node: (10,))
    column = textbook.numbers(tree("[1, 2, 3, 4, 5, 6, 7, 8, 9, 0]"))
    assert "longtable" in body_of(Table([say("v")], [[column]] * 4))
    assert "longtable" not in body_of(Table([say("v")], [[column]]))
    wide = tree(f"[{', '.join(['-0.123456'] * 64)}]")
    assert "longtable" in body_of(Table([say("v")], [[wide]] * 5))


def test_a_formula_that_is_too_wide_has_its_columns_closer_together_first() -> None:
    """It is made smaller only where that is not enough."""
    fitted = text_of(heading("A")).partition(r"\newcommand{\fitted}")[2].partition("% A picture")[0]
    assert fitted.index(r"\arraycolsep") < fitted.index(r"\resizebox")


def test_a_page_does_not_end_between_what_belongs_together() -> None:
    """A heading has room below it, and words that end with a colon stay with what follows."""
    assert r"\if@nobreak\else\par" in text_of(heading("A"))
    assert body_of(heading("A")).startswith("\\needroom\n\\section*{A}")
    assert body_of(Paragraph([say("In full:")])) == "In full:\\par\\nobreak\n\n"
    assert body_of(Paragraph([say("It is so.")])) == "It is so.\n\n"


def test_a_page_may_end_between_the_rows_of_a_high_formula() -> None:
    """A formula of one row is a box."""
    terms = " + ".join(f"0.12345678 * {number}.654321" for number in range(6))
    rows = body_of(line("loss", "w * x + y", terms, "1.5"))
    assert rows.startswith("\\displayedrows{\\begin{aligned}\n")
    assert body_of(line("loss", "w")).startswith("\\displayed{L = w}")


def test_a_long_line_breaks_at_its_signs() -> None:
    """Rows that begin with the relation, and rows that go on with a plus."""
    terms = " + ".join(f"0.12345678 * {number}.654321" for number in range(6))
    found = latex_line(line("loss", "w * x + y", terms, "1.5"), NOTATION)
    rows = found.split("\n")
    assert rows[:2] == ["\\begin{aligned}", "L &= w \\cdot x + y \\\\"]
    assert rows[2].startswith("&= 0.12345678 \\cdot 0.654321 + ")
    assert rows[3].startswith("&\\quad {} + 0.12345678 \\cdot ")
    assert rows[-2:] == ["&= 1.5", "\\end{aligned}"]
    check_balance(found)


@given(trees(), st.integers(1, 40))
def test_the_rows_of_a_line_are_the_line(node: Node, room: int) -> None:
    """However it is broken, nothing is lost or said twice.

    A product that goes on in the next row has a sign there, where a thin gap stands in a row; what
    stands above a fraction bar stands before a slash, and the numbers of a row have commas.
    """
    assume(node != Name("w"))  # what is its own formula has no right side
    rows = latex_rows(EquationLine(Name("w"), node), NOTATION, room)
    whole = render(node, "latex", vocabulary=vocabulary(), notation=NOTATION)
    joined = "".join(row.replace(r"&\quad {}", "", 1) for row in rows)

    def signs(text: str) -> str:
        sizes = r"\\(?:left|right|bigg?[lr])(?=[][()])|\\(?:begin|end)\{b?matrix\}"
        bare = re.sub(rf"{sizes}|\\frac|[][ (){{}}/]", "", text)
        return bare.replace(r"\,", r"\cdot").replace(r"\times", r"\cdot").replace("&", ",")

    assert signs(joined.replace("w &=", "w =", 1)) == signs(f"w = {whole}")


@pytest.mark.parametrize(
    ("formula", "rows"),
    [
        (
            "[1.2345, 2.3456, 3.4567, 4.5678]",
            [
                r"w &= \bigl[1.2345,",
                r"&\quad {} 2.3456,",
                r"&\quad {} 3.4567,",
                r"&\quad {} 4.5678\bigr]",
            ],
        ),
        (
            "[1.2345, -2.3456]",
            [r"w &= \bigl[1.2345,", r"&\quad {} {-2.3456}\bigr]"],
        ),
        (
            "(-[1.2345, 2.3456, 3.4567, 4.5678])**2",
            [
                r"w &= \bigl(-\bigl[1.2345,",
                r"&\quad {} 2.3456,",
                r"&\quad {} 3.4567,",
                r"&\quad {} 4.5678\bigr]\bigr)^{2}",
            ],
        ),
        (
            "[[1, 2], [3, 4]]",
            [r"w = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"],
        ),
    ],
)
def test_a_row_of_numbers_that_is_far_too_wide_goes_on_behind_a_comma(
    formula: str, rows: list[str]
) -> None:
    """It is not made smaller than one can read; a sign there is no minus between two terms.

    A matrix cannot be broken.
    """
    assert latex_rows(line("w", formula), NOTATION, 14) == rows


def test_rows_of_numbers_in_one_line_have_one_notation() -> None:
    """Where one of them goes on behind a comma, the others have commas too."""
    rows = latex_rows(line("w", "[1, -2] + [1.2345, 2.3456, 3.4567]"), NOTATION, 14)
    assert rows[0] == r"w &= \left[1, -2\right] + \bigl[1.2345,"


def test_a_left_side_that_is_too_long_has_rows_of_its_own() -> None:
    """The result stands below, behind its sign."""
    assert latex_rows(line("first * second * third_one * fourth", "1.2345678"), NOTATION, 20) == [
        r"& \mathrm{first} \cdot \mathrm{second}",
        r"&\quad {} \cdot \mathrm{third\_one} \cdot \mathrm{fourth}",
        "&= 1.2345678",
    ]


def test_a_row_that_is_still_too_long_goes_on_within_its_brackets() -> None:
    """They are of one size on both rows, as brackets that grow cannot be."""
    found = latex_rows(line("w", "x * (1.2345 + 2.3456 + 3.4567)**2"), NOTATION, 26)
    assert found == [r"w &= x \cdot \bigl(1.2345 + 2.3456", r"&\quad {} + 3.4567\bigr)^{2}"]


def test_no_row_ends_within_a_matrix() -> None:
    """A row of the line would be one of the matrix there."""
    product = "[[1.2345, 2.3456], [3.4567, 4.5678]] @ [[1.2345, 2.3456], [3.4567, 4.5678]]"
    rows = latex_rows(line("w", f"[[{product}, 0]] + x * y"), NOTATION, 34)
    assert len(rows) > 1
    assert all(row.count(r"\begin") == row.count(r"\end") for row in rows)


@pytest.mark.parametrize(
    ("formula", "rows"),
    [
        (
            "(1.2345 + 2.3456 + 3.4567) / sqrt(x)",
            [r"w &= \bigl(1.2345 + 2.3456", r"&\quad {} + 3.4567\bigr) / \sqrt{x}"],
        ),
        (
            "y / (1.2345 + 2.3456 + 3.4567)",
            [r"w &= y / \bigl(1.2345 + 2.3456", r"&\quad {} + 3.4567\bigr)"],
        ),
        (
            "y - -x * (1.2345 + 2.3456 + 3.4567) / 4",
            [
                r"w &= y - \bigl(-x \cdot \bigl(1.2345 + 2.3456",
                r"&\quad {} + 3.4567\bigr)\bigr) / 4",
            ],
        ),
        (
            "x * (tanh(y / z) - (1.2345 * u + 2.3456 * v + 3.4567 * z))",
            [
                r"w &= x \cdot \biggl(\tanh\left(\frac{y}{z}\right) - \bigl(1.2345\,u + 2.3456\,v",
                r"&\quad {} + 3.4567\,z\bigr)\biggr)",
            ],
        ),
        (
            "x * y + 1.2345678901 * 2.3456789012 * z",
            [r"w &= x \cdot y + 1.2345678901", r"&\quad {} \cdot 2.3456789012 \cdot z"],
        ),
        (
            "W_first @ W_second @ W_third",
            [
                r"w &= W_{\mathrm{first}} \mathbin{@} W_{\mathrm{second}}",
                r"&\quad {} \mathbin{@} W_{\mathrm{third}}",
            ],
        ),
    ],
)
def test_a_long_quotient_or_product_in_a_row_is_broken_too(formula: str, rows: list[str]) -> None:
    """What stands above or below a fraction bar stands beside a slash then, in brackets."""
    assert list(latex_rows(line("w", formula), NOTATION, 26)) == rows


def test_pictures_are_told_where_there_is_no_tikz() -> None:
    """The caption stands in both branches."""
    found = body_of(plot())
    assert found.count("$L$ falls.") == 2
    assert found.startswith("\\ifdefined\\tikzpicture\n")
    assert "\\IfFileExists{tikz.sty}" in text_of(plot())


def test_a_picture_has_only_as_many_figures_as_can_be_read() -> None:
    """A gradient that the picture of a network has no room for stands below it."""
    blocks, notation = scenario_blocks("ngram_cnn")
    picture = "".join(latex([it for it in blocks if isinstance(it, Graph)], notation))
    drawn, _, below = picture.partition("\\end{tikzpicture}")
    assert r"\mathrm{kernel\_bias}" in drawn
    assert r"\partial" not in drawn
    assert r"\frac{\partial L}{\partial \mathrm{kernel\_bias}} =" in below


def test_a_node_of_a_picture_is_as_large_as_what_is_in_it() -> None:
    """TeX knows how large a matrix is; arrows lead from border to border."""
    found = body_of(graph())
    assert r"inner sep=3pt" in found
    assert r"(c) at" in found
    assert r"{$\begin{gathered}\hat{y}\end{gathered}$};" in found
    assert re.search(r"\\draw\[->,black!75\] \(c\.east\) .*\(d\.west\);", found)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_a_bundled_scenario_is_well_formed(name: str, language: str) -> None:
    """Braces and environments close; Chinese asks for the right engine."""
    blocks, notation = scenario_blocks(name)
    text = "".join(latex(blocks, notation, chinese if language == "zh" else str))
    check_balance(text)
    assert ("xelatex" in text.split("\n")[0]) is (language == "zh")


def test_hostile_text_is_well_formed() -> None:
    """Commands and comments of a user stay text."""
    found = body_of(*hostile_blocks())
    check_balance(found)
    assert "\\section{a}" not in found
    assert "\x1b" not in found


@given(st.text(max_size=80))
def test_any_text_is_well_formed(text: str) -> None:
    """Whatever a user calls a scenario."""
    check_balance(body_of(heading(text), Table([text], [[text]])))


@pytest.mark.needs("LaTeX")
@pytest.mark.parametrize("name", SCENARIOS)
def test_pdflatex_sets_a_bundled_scenario(name: str, tmp_path: Path) -> None:
    """Without an error, and with nothing that runs over the margin or the foot of a page."""
    blocks, notation = scenario_blocks(name)
    log = run("pdflatex", "".join(latex(blocks, notation)), tmp_path)
    over = [float(size) for size in re.findall(r"Overfull \\[hv]box \(([0-9.]+)pt", log)]
    assert [size for size in over if size > 2] == []


@pytest.mark.needs("LaTeX")
def test_pdflatex_sets_hostile_text(tmp_path: Path) -> None:
    """All but the signs that only another engine has."""
    common = "".join(sign for sign in HOSTILE if sign.isascii() and sign.isprintable())
    sign = say("{text}", text=common + " ½ η ≈ é ß")
    blocks: list[Block] = [
        Heading(1, sign),
        Paragraph([sign], "item"),
        Table([sign, common], [[common, "[x]"], ["*", "- a"], ["[1ex]", "b"]]),
        line("w", f"[{', '.join(['0.123456'] * 64)}]"),
        graph(common),
        plot((0.0, 1e308), (1.0, -1e308)),
        plot((5.0, 5.0)),
    ]
    run("pdflatex", text_of(*blocks), tmp_path)


def test_chinese_is_set_where_ctex_is_installed(tmp_path: Path) -> None:
    """Elsewhere this only checks what the document asks for; TeX's Chinese is 50 MB."""
    blocks, notation = scenario_blocks("one_weight")
    text = "".join(latex(blocks, notation, chinese))
    assert "\\usepackage[UTF8,scheme=plain]{ctex}" in text
    if XELATEX is not None and _has_ctex():
        assert "Missing character" not in run(XELATEX, text, tmp_path)


def _has_ctex() -> bool:
    find = shutil.which("kpsewhich")
    if find is None:
        return False
    done = subprocess.run([find, "ctex.sty", "FandolSong-Regular.otf"], capture_output=True)
    return done.returncode == 0
