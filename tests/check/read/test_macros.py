r"""Commands that a document defines are read as what they mean, at the place where they stand."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.read.shown_chains import chains
from tracer.check.model.statements import MappedText
from tracer.check.read.macros import Macros
from tracer.document_check import check_text

PD = r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}"
GIVEN = r"Let $g = 0.5$ and $\pd{L}{c} = 0.4$."


@pytest.mark.parametrize(
    ("definition", "row", "meaning"),
    [
        (
            PD,
            r"\pd{L}{w_1} + \pd L w",
            r"\frac{\partial L}{\partial w_1} + \frac{\partial L}{\partial w}",
        ),
        (r"\newcommand\half{\tfrac12}", r"\half \halfway", r"\tfrac12 \halfway"),
        (r"\def\sq#1{(#1)^2}", r"\sq{\sq{3}}", "((3)^2)^2"),
        (r"\newcommand{\sw}[2]{#2 - #1}", r"\sw{3}{5}", "5 - 3"),
        (r"\DeclareMathOperator{\KL}{KL}", r"\KL", r"\operatorname{KL}"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{2}", r"\a", "2"),
        # an argument with a default; what only says where its argument stands on the page
        (r"\newcommand{\wt}[2][w]{#1_{#2}}", r"\wt{3} \wt[v]{3}", r"w_{3} \wt[v]{3}"),
        (r"\newcommand{\fit}[2][5pt]{\sbox{\x}{#2}\usebox{\x}}", r"\fit{a} \fit[9pt]{b}", "a b"),
        # left as they are: two meanings, none, no end, too long
        (r"\newcommand{\lr}{0.1} \renewcommand{\lr}{0.2}", r"\lr", r"\lr"),
        (r"\def\open{", r"\open", r"\open"),
        (r"\def\a{1\a}", r"\a", r"\a"),
        (r"\def\a#1{#1#1#1#1#1#1#1#1#1}", r"\a{\a{\a{\a{x}}}}", r"\a{\a{\a{\a{x}}}}"),
        (PD, r"\pd{L}", r"\pd{L}"),
    ],
)
def test_a_command_has_its_meaning(definition: str, row: str, meaning: str) -> None:
    assert Macros(definition).expand(MappedText.of_line(row, 1)).text == meaning


def test_a_definition_is_no_working() -> None:
    assert chains(r"$\newcommand{\eq}{2 + 2 = 5}$ and $1 + 1 = 2$") == ["1 + 1 | 2"]


@pytest.mark.parametrize("kind", ["md", "tex"])
def test_a_finding_points_to_what_is_written(kind: str) -> None:
    line = r"$\pd{L}{i} = \pd{L}{c}\,g = 0.4 \times 0.5 = 0.3$"
    text = f"{PD}\n\n\\begin{{document}}\n{GIVEN}\n\n{line}\n"
    report = check_text(text if kind == "tex" else text.replace("\\begin{document}", ""), kind=kind)
    finding = report.files[0].findings[-1]
    assert (finding.verdict, finding.text) == ("slip", line.strip("$"))
    assert finding.wrong_place is not None
    assert line[finding.wrong_place.start : finding.wrong_place.end] == "0.3"
    assert finding.suggestion == line.replace("0.3", "0.2")


def test_what_a_command_means_is_not_mended_in_its_place() -> None:
    text = r"\newcommand{\half}{0.25}" "\n\n" r"$x = 0.5 = \half$" "\n"
    finding = check_text(text, kind="md").files[0].findings[-1]
    assert finding.replacements == ()


def test_a_calculation_is_shown_from_the_command_on_that_it_begins_with() -> None:
    formula = r"\SI{5}{\meter} / \SI{2}{\second} = \SI{2.6}{\meter\per\second}"
    (finding,) = check_text(f"${formula}$").files[0].findings
    assert (finding.verdict, finding.text) == ("slip", formula)
