"""What stands beside the lines of a hand calculation, without a terminal."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import json

import pytest

from tests.case_lists import crossed
from tracer.check.repairing import repair_text
from tracer.check.trace.traced_view import TracedView
from tracer.document_check import check_beside
from tracer.errors import TracerError
from tracer.narrative.session import Session
from tracer.program.scenario import load
from tracer.render.mathematics import Mathematics, Words
from tracer.render.report_text import KINDS, counts_text
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace
from tracer.ui.check import checking
from tracer.worksheets.worksheet_making import BLANK

WRITTEN = """Iteration 1
y_pred = w * x = 0.5 * 1 = 0.6
loss = (y_pred - y)**2 = 1.96
dloss/dy_pred = 2 * (y_pred - y) = 2 * (0.6 - 2) = 2.8
w = 0.5 + (( = 3
"""


@pytest.fixture(scope="module")
def trace() -> Trace:
    return run_scenario(load("one_weight"))


def test_a_text_is_checked_beside_the_run_that_is_given() -> None:
    """The run counts, not the scenario of that name: its learning rate is another one here."""
    changed = run_scenario(load("one_weight", settings=["learning_rate=0.2"]))
    line = "w' = w - learning_rate * dloss/dw = 0.5 - {} * (-3) = {}\n"
    verdicts = [
        check_beside(line.format(rate, value), "txt", TracedView(changed)).findings[0].verdict
        for rate, value in [("0.2", "1.1"), ("0.1", "0.8")]
    ]
    assert verdicts == ["correct", "slip"]


def test_a_scenario_that_the_text_names_is_not_run(trace: Trace) -> None:
    text = "---\nscenario: mlp_2_2_2\n---\n\n`y_pred = w * x = 0.5 * 1 = 0.5`\n"
    file = check_beside(text, "md", TracedView(trace))
    assert file.scenario == "one_weight"
    assert file.counts()["correct"] == 1


def test_a_check_ends_where_nobody_wants_it(trace: Trace) -> None:
    class OverError(Exception):
        pass

    seen: list[int] = []

    def watch() -> None:
        seen.append(1)
        if len(seen) == 3:
            raise OverError

    with pytest.raises(OverError):
        check_beside(WRITTEN, "txt", TracedView(trace), watch=watch)
    assert len(seen) == 3


def test_each_line_has_its_gravest_finding(trace: Trace) -> None:
    file = check_beside(WRITTEN, "txt", TracedView(trace))
    found = {line: (item.sign, item.role) for line, item in checking.verdicts_by_line(file).items()}
    assert found[2] == ("✗", "bad")
    assert found[3] == ("↷", "lit")
    assert found[4] == ("✗", "bad")
    assert checking.verdicts_by_line(file)[4].words == KINDS["sign_error"]


def test_the_wrong_figure_is_marked(trace: Trace) -> None:
    file = check_beside(WRITTEN, "txt", TracedView(trace))
    (start, end, role), *_ = checking.figure_marks(file)[2]
    assert (WRITTEN.split("\n")[1][start:end], role) == ("0.6", "bad")


def test_counts_are_those_of_the_report(trace: Trace) -> None:
    file = check_beside(WRITTEN, "txt", TracedView(trace))
    assert checking.counts_in_words(file, Words()) == counts_text(file.counts(), str)


def test_blanks_are_open_and_not_unread(trace: Trace) -> None:
    file = check_beside(
        checking.blank_form(Session(trace), "Iteration 1"), "txt", TracedView(trace)
    )
    words = checking.counts_in_words(file, Words())
    assert words == "0 right, 0 slips, 0 not checked, 5 still open"
    assert checking.worth_telling(file) == []


@pytest.mark.parametrize(
    ("scenario", "head"),
    crossed(["one_weight", "mlp_2_2_2", "xor", "softmax_example"], ["Iteration 2", "迭代 2"]),
)
def test_a_form_filled_from_the_record_is_right(scenario: str, head: str) -> None:
    """Each blank takes the numbers that the walk shows; the checker finds no slip."""
    from tracer.expression import render
    from tracer.operations import vocabulary

    session = Session(run_scenario(load(scenario, settings=["iterations=2"])))
    session.go(2, 0)
    lines = []
    for line in checking.blank_form(session, head).splitlines():
        if BLANK in line:
            name = line.partition(" = ")[0]
            names = [equation.name for equation in session.equations()]
            step = session.step_at(2, names.index(name))
            for part in (step.substituted, step.result):
                if line.count(BLANK) == 2 or part is step.result:
                    assert part is not None
                    written = render(part, "ascii", vocabulary=vocabulary())
                    line = line.replace(BLANK, written, 1)
        lines.append(line)
    counts = check_beside("\n".join(lines), "txt", TracedView(session.trace)).counts()
    assert counts["correct"] >= 5
    assert counts["slip"] == counts["carried_forward"] == 0


def test_repairs_make_the_text_right(trace: Trace) -> None:
    text = WRITTEN
    for _ in range(4):
        file = check_beside(text, "txt", TracedView(trace))
        text = repair_text(text, file)
    assert "0.5 * 1 = 0.5" in text
    assert "= 2.25" in text
    assert not [
        entry
        for entry in check_beside(text, "txt", TracedView(trace)).findings
        if entry.replacements
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("y = w * x = 0.5", "txt"),
        ("# Title\n\n$y = 0.5$", "md"),
        ("| a | b |\n|---|---|", "md"),
        (r"\begin{align} y &= 0.5 \end{align}", "tex"),
        ("", "txt"),
    ],
)
def test_a_text_says_how_it_is_read(text: str, kind: str) -> None:
    assert checking.kind_of_text(text) == kind


def test_a_notebook_becomes_markdown() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["y = w * x\n", "= 0.5"]},
        {"cell_type": "code", "source": "w = 0.5"},
        {"cell_type": "raw", "source": "left out"},
    ]
    text, kind = checking.open_document("notes.ipynb", json.dumps({"cells": cells}))
    assert (text, kind) == ("y = w * x\n= 0.5\n\n```python\nw = 0.5\n```\n", "md")


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', "[" * 100_000])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(TracerError, match="not a notebook"):
        checking.open_document("notes.ipynb", text)


def test_other_files_are_refused_with_what_to_do() -> None:
    with pytest.raises(TracerError, match="pandoc"):
        checking.open_document("notes.docx", "")


@pytest.mark.parametrize("scenario", ["rnn_step", "softmax_example", "mlp_2_2_2", "one_weight"])
@pytest.mark.parametrize("is_drawn", [True, False], ids=["as drawn", "as code"])
def test_every_line_of_the_form_is_read(scenario: str, is_drawn: bool) -> None:
    """What nobody judges is not asked for."""
    trace = run_scenario(load(scenario))
    session = Session(trace)
    inline = Mathematics(session.notation, Words()).inline if is_drawn else None
    text = checking.blank_form(session, "Iteration 1", inline)
    assert ("∂L/∂" in text) == is_drawn
    asked = {at for at, line in enumerate(text.splitlines(), 1) if " = " in line}
    told = {entry.line for entry in check_beside(text, "txt", TracedView(trace)).findings}
    assert asked
    assert asked <= told
