"""Steps as aligned rows, never clipped."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.narrative.catalogue import catalogue
from tracer.narrative.session import Session
from tracer.narrative.step_lines import line_of
from tracer.operations.numbers import number_node
from tracer.program.scenario import load
from tracer.render.mathematics import Mathematics, Words
from tracer.render.screen_lines import line_text, line_width
from tracer.run.short_runs import run
from tracer.sentences import say


def mathematics(session: Session, *, unicode: bool = True, language: str = "en") -> Mathematics:
    return Mathematics(session.notation, Words(catalogue(language), unicode=unicode))


def test_three_rows_are_aligned_at_their_signs() -> None:
    session = Session(run(load("one_weight")))
    session.go_to("dloss/dw")
    rows = [line_text(line).rstrip() for line in mathematics(session).equation(session.line, 60)]
    assert rows == [
        "∂L   ∂L",
        "── = ── · x",
        "∂w   ∂ŷ",
        "   = −3·1",
        "   = −3",
    ]


def test_where_there_is_no_height_the_form_is_one_line_a_row() -> None:
    session = Session(run(load("one_weight")))
    session.go_to("dloss/dw")
    rows = [line_text(line).rstrip() for line in mathematics(session).equation(session.line, 60, 3)]
    assert rows == ["∂L/∂w = ∂L/∂ŷ·x", "      = −3·1", "      = −3"]


@pytest.mark.parametrize("name", ["mlp_2_2_2", "linear_regression", "rnn_step"])
@pytest.mark.parametrize("room", [12, 20, 40, 100])
def test_no_row_is_wider_than_the_room_and_nothing_is_left_out(name: str, room: int) -> None:
    session = Session(run(load(name)))
    drawing = mathematics(session)
    for index in range(len(session.equations())):
        line = line_of(session.step_at(1, index), 6)
        for height in (3, 100):
            drawn = drawing.equation(line, room, height)
            assert all(line_width(row) <= room for row in drawn)
            shown = "".join(line_text(row) for row in drawn)
            digits = [sign for sign in drawing.inline(line.formula) if sign.isalpha()]
            assert all(sign in shown for sign in digits)


def test_sentences_are_wrapped_in_both_languages() -> None:
    session = Session(run(load("one_weight")))
    session.last()
    sentence = session.step.sentence
    assert sentence is not None
    for language in ("en", "zh"):
        drawing = mathematics(session, language=language)
        lines = drawing.sentences([sentence], 24)
        assert len(lines) > 1
        assert all(line_width(line) <= 24 for line in lines)
        joined = "".join(line_text(line) for line in lines).replace(" ", "")
        assert joined == drawing.text(sentence).replace(" ", "")


def test_entries_are_counted_as_they_are_written() -> None:
    """Subscripts count from 1, brackets from 0, as in the language."""
    session = Session(run(load("mlp_2_2_2")))
    drawing, ascii_only = mathematics(session), mathematics(session, unicode=False)
    assert (drawing.entry("W1", (0, 1)), ascii_only.entry("W1", (0, 1))) == ("(W₁)₁₂", "W1[0, 1]")
    assert (drawing.entry("b1", (13,)), ascii_only.entry("b1", (13,))) == ("(b₁)₁₄", "b1[13]")


def test_a_full_stop_stays_with_its_formula_in_the_room() -> None:
    session = Session(run(load("one_weight")))
    lines = mathematics(session).sentences(
        [say("it stays at {first}.", first=number_node("2.25"))], 16
    )
    assert [line_text(line).strip() for line in lines] == ["it stays at", "2.25."]


def test_ascii_has_no_other_signs() -> None:
    session = Session(run(load("mlp_2_2_2")))
    drawing = mathematics(session, unicode=False)
    while session.next():
        assert all(line_text(line).isascii() for line in drawing.equation(session.line, 50))
