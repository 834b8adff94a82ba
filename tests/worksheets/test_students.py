"""Worksheets filled in as students do: the points are those that a person would give."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.case_lists import crossed
from tracer.check.model.marks import Marks
from tracer.check.read.document_entry import read_document
from tracer.check.trace.traced_view import TracedView
from tracer.narrative.catalogue import catalogue
from tracer.narrative.derivation_options import Style
from tracer.sentences import Translate
from tracer.worksheets.marking import mark_document
from tracer.worksheets.worksheet_making import BLANK, WorksheetLine, make_worksheet, worksheet_text

CLASSES: dict[str, tuple[str, int, float, str, Style]] = {
    "one weight": ("one_weight", 7, 0.6, "en", "textbook"),
    "one weight, in code": ("one_weight", 7, 0.6, "en", "code"),
    "one neuron, in Chinese": ("neuron", 3, 0.7, "zh", "textbook"),
    "vectors": ("linear_regression", 4, 0.6, "en", "textbook"),
    "matrices": ("mlp_2_2_2", 5, 0.5, "zh", "textbook"),
    "matrices, in code": ("mlp_2_2_2", 5, 0.5, "zh", "code"),
    "a batch": ("xor", 6, 0.4, "en", "textbook"),
}
HEAD = re.compile(r"---|\w+:")


class Class:
    """A worksheet with its key, and ways to fill it in."""

    def __init__(
        self, scenario: str, seed: int, share: float, language: str, notation: Style
    ) -> None:
        self.sheet = make_worksheet(
            scenario, seed=seed, share=share, iterations=2, notation=notation
        )
        self.view = TracedView(self.sheet.trace)
        translate: Translate = str if language == "en" else catalogue(language)
        self.blank = worksheet_text(self.sheet, translate, answers=False)
        self.total = sum(len(line.blanks) for line in self.sheet.lines)

    def filled(self, answer: Callable[[WorksheetLine, str, str], str]) -> str:
        """Return the worksheet with an answer in each blank: to a line, a part and the key's."""
        texts = {
            (line.iteration, line.text(answers=False)): line
            for line in self.sheet.lines
            if line.blanks
        }
        rows, iteration = [], 0
        for row in self.blank.split("\n"):
            heading = re.fullmatch(r"## \D*(\d+)\D*", row)
            iteration = int(heading[1]) if heading else iteration
            line = texts.get((iteration, row))
            rows.append(row if line is None else _with(line, answer))
        return "\n".join(rows)

    def right(self) -> str:
        """Return the worksheet with all answers of the key."""
        return self.filled(lambda line, part, text: text)

    def marks(self, text: str, kind: str = "md") -> Marks:
        """Return the marks of a filled worksheet."""
        document = read_document(text, "txt" if kind == "txt" else "md", "s.md")
        marks = mark_document(document, self.sheet, self.view).marks
        assert marks is not None
        return marks


def _with(line: WorksheetLine, answer: Callable[[WorksheetLine, str, str], str]) -> str:
    text = f"{line.left} = {line.formula}"
    if line.working and not line.is_short:
        told = answer(line, "w", line.working) if "w" in line.blanks else line.working
        text += f" = {told}"
    if line.result:
        told = answer(line, "r", line.result) if "r" in line.blanks else line.result
        text += f" {line.sign} {told}"
    return text


@pytest.fixture(scope="module", params=list(CLASSES))
def group(request: pytest.FixtureRequest) -> Class:
    """Return a class."""
    return Class(*CLASSES[request.param])


def each_line(text: str, change: Callable[[str], str]) -> str:
    """Return a text with its lines changed, the front matter as it is."""
    return "\n".join(row if HEAD.match(row) else change(row) for row in text.split("\n"))


def four_digits(line: WorksheetLine, part: str, text: str) -> str:
    """Round the results of a line to four significant digits."""

    def rounded(number: re.Match[str]) -> str:
        few = len(number[0].lstrip("-0.").replace(".", "")) <= 4
        return number[0] if few else repr(float(f"{float(number[0]):.4g}"))

    return text if part == "w" else re.sub(r"-?\d+\.\d+(?:e-?\d+)?", rounded, text)


def after(more: str) -> Callable[[WorksheetLine, str, str], str]:
    """Return what writes something after each result."""
    return lambda line, part, text: text + more if part == "r" else text


def no_fences(text: str) -> str:
    return "\n".join(row for row in text.split("\n") if not row.startswith("```"))


def reversed_blocks(text: str) -> str:
    def turned(block: re.Match[str]) -> str:
        return block[1] + "\n".join(block[2].strip("\n").split("\n")[::-1]) + "\n" + block[3]

    return re.sub(r"(```text\n)(.*?)(```)", turned, text, flags=re.DOTALL)


def reversed_phases(text: str) -> str:
    head, *parts = re.split(r"(?=^## )", text, flags=re.MULTILINE)
    told = []
    for part in parts:
        begin, *phases = re.split(r"(?=^### )", part, flags=re.MULTILINE)
        told.append(begin + "\n".join(phases[::-1]))
    return head + "\n".join(told)


def typed(line: WorksheetLine, part: str, text: str) -> str:
    """Write an answer with the signs of a keyboard; a column as a list of numbers."""
    return (text.removesuffix("ᵀ") if part == "r" else text).replace("−", "-").replace("·", "*")


RIGHT: dict[str, Callable[[Class], str]] = {
    "as in the key": Class.right,
    "typed on a keyboard": lambda group: group.filled(typed),
    "rounded to fewer digits": lambda group: group.filled(four_digits),
    "with units": lambda group: group.filled(after(" kg")),
    "with a remark": lambda group: group.filled(after(" (rounded)")),
    "with a full stop": lambda group: group.filled(after(".")),
    "with more spaces": lambda group: group.filled(lambda line, part, text: f"  {text}  "),
    "pasted from a word processor": lambda group: each_line(
        group.right(),
        lambda row: re.sub(r"(?<=[ (\[])-", "−", row.replace("'", "’").replace(" * ", "\xa0*\xa0")),
    ),
    "other signs of multiplication": lambda group: group.right().replace(" * ", " × "),
    "line ends of Windows": lambda group: group.right().replace("\n", "\r\n"),
    "no code blocks": lambda group: no_fences(group.right()),
    "lines in another order": lambda group: reversed_blocks(group.right()),
    "phases in another order": lambda group: reversed_phases(group.right()),
    "a heading less": lambda group: re.sub(r"(?m)^## .*2\D*$", "", group.right()),
    "no headings of phases": lambda group: re.sub(r"(?m)^### .*$", "", group.right()),
    "no front matter": lambda group: group.right().split("---\n", 2)[2],
}


@pytest.mark.parametrize(("group", "way"), crossed(CLASSES, RIGHT), indirect=["group"])
def test_right_answers_earn_all_points(group: Class, way: str) -> None:
    for kind in ("md", "txt"):
        marks = group.marks(RIGHT[way](group), kind)
        assert (marks.points, marks.possible) == (group.total, group.total), [
            line for line in marks.lines if line.points < line.possible
        ]


def test_each_blank_that_is_left_costs_a_point(group: Class) -> None:
    left: list[tuple[str, str]] = []

    def some(line: WorksheetLine, part: str, text: str) -> str:
        if (len(line.label) + ord(part)) % 3:
            return text
        left.append((line.label, part))
        return BLANK

    marks = group.marks(group.filled(some))
    assert marks.points == group.total - len(left)
    assert marks.by_hand <= 2  # a line that could not be decided waits for a person
    assert group.marks(group.blank).points == 0


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.proof)])
def test_one_wrong_result_costs_one_point(group: Class, every: int) -> None:
    """In one line of eight; the proof has every line."""
    for line in [line for line in group.sheet.lines if "r" in line.blanks][::every]:

        def slipped(other: WorksheetLine, part: str, text: str, line: WorksheetLine = line) -> str:
            number = re.search(r"-?\d+(?:\.\d+)?", text)
            if other is not line or part == "w" or number is None:
                return text
            wrong = repr(round(float(number[0]) + 1.5, 6))
            return text[: number.start()] + wrong + text[number.end() :]

        marks = group.marks(group.filled(slipped))
        lost = [item.label for item in marks.lines if item.points < item.possible]
        assert (marks.points, lost) == (group.total - 1, [line.title])


def test_decimal_commas_wait_for_a_person(group: Class) -> None:
    """They may be lists: nothing is called wrong for them."""

    def with_commas(line: WorksheetLine, part: str, text: str) -> str:
        return re.sub(r"(\d)\.(\d)", r"\1,\2", text)

    marks = group.marks(group.filled(with_commas))
    answered = [
        (mark, answer)
        for line, item in zip(
            (line for line in group.sheet.lines if line.blanks), marks.lines, strict=True
        )
        for mark, answer in ((item.method, line.working), (item.accuracy, line.result))
        if mark is not None and re.search(r"\d\.\d", answer)
    ]
    assert answered
    assert {mark for mark, _ in answered} <= {"unread", "earned"}
