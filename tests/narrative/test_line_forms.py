"""Lines are made once for all figures of one form, and say what lines made anew say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import tracer
from tracer.expression.syntax import Call, Name
from tracer.narrative.blocks import EquationLine
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.line_forms import FilledForm, LineForms, with_figures
from tracer.narrative.program_notation import notation_of
from tracer.operations.numbers import number_node
from tracer.operations.signature import literal
from tracer.render.markdown import markdown
from tracer.run.interpret import interpret
from tracer.run.scalar_code import FRACTIONS

FIGURE = re.compile(r"-?[0-9.]+")


def line_of_figures(
    forms: LineForms, texts: Sequence[str], made: list[EquationLine] | None = None
) -> Any:
    """Return `y = a - b = … = …` with three figures, and note each line that is made."""

    def write(spelling: Callable[[str], str]) -> EquationLine:
        one, other, result = (number_node(spelling(text)) for text in texts)
        formula = Call("subtract", (Name("a"), Name("b")))
        line = EquationLine(Name("y"), formula, Call("subtract", (one, other)), result)
        if made is not None:
            made.append(line)
        return line

    line = forms.block(EquationLine, "y", texts, write)
    assert isinstance(line, FilledForm)
    return line


def test_lines_of_one_form_are_made_once() -> None:
    """Figures with the same signs and lengths share the line that has their slots."""
    forms, made = LineForms(6), list[EquationLine]()
    first = line_of_figures(forms, ["0.25", "-0.125", "0.375"], made)
    other = line_of_figures(forms, ["0.75", "-0.625", "1.375"], made)
    assert first.form is other.form
    assert len(made) == 1


@pytest.mark.parametrize(
    "texts",
    [
        ["0.25", "0.125", "0.125"],  # another sign, and two that are equal
        ["0.25", "-0.125", "0.3750"],  # another length
        ["0.25", "-0.125", "37.5"],  # the point elsewhere
        ["0.25", "-1.25e-7", "0.375"],  # with an exponent
        ["2", "-0.125", "0.375"],  # a whole number
    ],
)
def test_another_form_is_another_line(texts: list[str]) -> None:
    """What changes the look of a line, or what it leaves out as said before, is of the form."""
    forms = LineForms(6)
    first = line_of_figures(forms, ["0.25", "-0.125", "0.375"])
    assert line_of_figures(forms, texts).form is not first.form


def test_a_form_is_filled_with_its_figures() -> None:
    """Each figure stands in its slots; its sign and its exponent are of the form."""
    line = line_of_figures(LineForms(6), ["0.25", "-1.25e-7", "0.375"])
    form = line.form
    assert isinstance(form.result, type(number_node("0.375")))
    assert with_figures(f"{form.substituted!r}", line.figures) == f"{line.substituted!r}"


def test_what_depends_on_digits_is_made_anew() -> None:
    """A line that asks for the size of a figure has no form: it is the line of its figures."""

    def write(spelling: Callable[[str], str]) -> EquationLine:
        node = Call("relu", (number_node(spelling("0.25")),))
        value = interpret(node, FRACTIONS, lambda leaf: None)
        return EquationLine(Name("y"), number_node(f"{float(value)}"))

    line = LineForms(6).block(EquationLine, "y", ["0.25"], write)
    assert isinstance(line, FilledForm)
    assert line.form is line.filled()
    assert line.formula == number_node("0.25")


def test_a_form_knows_that_its_figures_are_no_small_whole_numbers() -> None:
    """A formula that is written otherwise for 1 has one form for other figures, and one for 1."""

    def line_of(text: str) -> Any:
        def write(spelling: Callable[[str], str]) -> EquationLine:
            node = number_node(spelling(text))
            return EquationLine(Name("y"), Name("one") if literal(node) == 1 else node)

        return forms.block(EquationLine, "y", [text], write)

    forms = LineForms(6)
    assert line_of("0.25").form is line_of("0.75").form
    assert line_of("0.25").formula == number_node("0.25")
    assert [line_of(text).formula for text in ("1", "1.00000")] == [Name("one")] * 2


@pytest.mark.parametrize("scenario", ["mlp_2_2_2", "activations", "softmax_example", "rnn_step"])
def test_filled_lines_read_as_lines_made_anew(scenario: str) -> None:
    """A form with its figures in it is the line of these figures, and so is its text.

    Only where it is broken may differ: that is the same in each iteration.
    """
    trace = tracer.load(scenario).run()
    options = Options(show=tuple(range(1, min(len(trace), 4) + 1)))
    slotted = [block for block in derivation(trace, options) if isinstance(block, FilledForm)]
    anew = [block.filled() for block in slotted]
    assert slotted
    for block, made in zip(slotted, anew, strict=True):
        if isinstance(block.form, EquationLine):
            for field in ("left", "formula", "substituted", "result"):
                filled = with_figures(f"{getattr(block.form, field)!r}", block.figures)
                assert filled == f"{getattr(made, field)!r}"
    texts = ["".join(markdown(blocks, notation_of(trace))) for blocks in (slotted, anew)]
    assert FIGURE.findall(texts[0]) == FIGURE.findall(texts[1])
