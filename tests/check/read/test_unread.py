"""What is not read and why, what is refused, which code and which stages are found."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import json

import pytest

from tests.check.read.shown_chains import chains, unread
from tracer.check.model.statements import CodeListing, StageMarker, find_cell_line
from tracer.check.read.document_entry import kind_of, read_document
from tracer.errors import LimitError, TracerError

UNREAD = {
    "y = 0.5 * ____ = ____": "blank",
    "y = 0.5 * 2 = ?": "blank",
    "z = ？ * w = 4": "blank",
    "S = 0.1 + ... + 0.9 = 4.5": "unreadable",
    "z = 0.5 * 2) + 1 = 2": "unreadable",
    "z = 3 * (0.5 + 1 = 4.5": "unreadable",
    "z = (0 0) + (1 1) = (1 1)": "unreadable",
    "x = 1 + 0 = 1, 2, 3": "ambiguous",
    r"$\int_0^1 x dx = 0.5$": "unreadable",
    r"$f = \begin{cases}1 & z > 0\\0 & z = 0\end{cases} = 1$": "unreadable",
    r"Now half of it is k = \frac{1}{2} + 1 = 1.5 in all": "unreadable",
    f"y = 0.{'1' * 41} * 2 = 3": "limit",
    "y = 2 * 1e500 = 3": "limit",
    f"y = {'(' * 80}2 * 3{')' * 80} = 6": "limit",
    f"y = {'1+' * 1200}1 = 1201": "limit",
}


@pytest.mark.parametrize(("text", "reason"), UNREAD.items(), ids=lambda text: text[:30])
def test_figures_that_are_not_read_are_listed_with_the_reason(text: str, reason: str) -> None:
    document = read_document(f"{text}\n\nz = 2 * 3 = 6", "md")
    problems = [side.problem for chain in document.chains() for side in chain.sides]
    found = {each.reason for each in (*problems, *document.unread) if each is not None}
    assert reason in found
    assert chains(f"{text}\n\nz = 2 * 3 = 6")[-1] == "z | 2 * 3 | 6"


def test_a_line_that_is_too_long_is_one_note() -> None:
    assert unread("y = " + "1" * 4_000) == [("limit", 0)]


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(LimitError):
        read_document("x" * 1_000_001, "txt")
    with pytest.raises(LimitError):
        read_document("\n" * 20_001, "txt")


def test_kinds_of_files() -> None:
    assert [kind_of(name) for name in ("a.md", "b.TXT", "c.tex", "d.ipynb", "e.py", "-")] == [
        "md", "txt", "tex", "ipynb", "py", "md",
    ]  # fmt: skip
    with pytest.raises(TracerError):
        kind_of("a.docx")


def test_the_place_of_a_side_is_that_in_the_raw_text() -> None:
    chain = next(read_document("text\n\n  **y** = 2 &times; 3 = `6`", "md").chains())
    places = [side.written.place() for side in chain.sides]
    assert [tuple(place) for place in places] == [(3, 4, 5), (3, 10, 21), (3, 25, 26)]


def test_code_is_kept_with_its_place() -> None:
    text = "a\n\n```python\nimport math\nx = 1  # 2 * 3 = 6\n```"
    listing = next(
        each for each in read_document(text, "md").statements if isinstance(each, CodeListing)
    )
    assert (listing.line, listing.text.splitlines()[0]) == (4, "import math")


STAGES = {
    "## Iteration 2": ("iteration", 2),
    "迭代 2:": ("iteration", 2),
    "第二次迭代": ("iteration", 2),
    "**Epoch 3**": ("epoch", 3),
    "For the first sample:": ("sample", 1),
    "样本 2": ("sample", 2),
    "We ran 3 iterations": None,
}


@pytest.mark.parametrize(("text", "stage"), STAGES.items(), ids=list(STAGES))
def test_words_say_which_stage_follows(text: str, stage: tuple[str, int] | None) -> None:
    found = [
        (each.kind, each.number)
        for each in read_document(text, "md").statements
        if isinstance(each, StageMarker) and each.kind != "heading"
    ]
    assert found == ([] if stage is None else [stage])


def test_a_document_names_its_scenario_and_no_file() -> None:
    assert read_document("<!-- tracer: scenario=one_weight -->", "md").scenario == "one_weight"
    assert read_document("---\nscenario: one_weight\n---\n", "md").scenario == "one_weight"
    with pytest.raises(TracerError):
        read_document("<!-- tracer: scenario=../a.toml -->", "md")


def test_a_notebook_is_read_cell_by_cell_with_what_it_printed() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["text\n", "y = 2 * 3 = 6"]},
        {
            "cell_type": "code",
            "source": "x = 1",
            "outputs": [{"text": ["2 * 2 = 4\n", "loss = 0.5\n"]}],
        },
    ]
    document = read_document(json.dumps({"cells": cells}), "ipynb")
    cells_of = document.cells
    lines = [(find_cell_line(cells_of, each.place.line), each.text) for each in document.chains()]
    assert lines == [((1, 2), "y = 2 * 3 = 6"), ((2, 1), "x = 1"), ((2, 2), "2 * 2 = 4")]
    with pytest.raises(TracerError):
        read_document("[]", "ipynb")


def test_a_line_that_goes_on_with_a_call_is_no_equation() -> None:
    call = "```python\nimport numpy as np\nax.scatter(x,\n           s=2 * 3, c='r')\n{}\n```"
    assert chains(call.format("")) == []
    assert chains(call.format("s = 2 * 3 = 6")) == ["s | 2 * 3 | 6"]
