"""A hand calculation beside the session's run: how a text is read, and what is said of its lines.

The checker judges; here its report becomes what stands beside a line. No terminal.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Final, NamedTuple

from tracer.check.model.finding import FileReport, Finding, Verdict
from tracer.check.model.statements import TextPlace
from tracer.check.read.document_entry import kind_of, notebook_cells, read_document
from tracer.expression import Name, Node
from tracer.frozen import replace
from tracer.narrative.blocks import EquationLine
from tracer.narrative.session import Session
from tracer.narrative.words import formula_text
from tracer.program.program import names_in
from tracer.render.mathematics import Words
from tracer.render.report_text import KINDS, counts_text
from tracer.sentences import Sentence, say
from tracer.worksheets.practice import Practice, is_number_alone
from tracer.worksheets.worksheet_making import BLANK


class LineVerdict(NamedTuple):
    """What stands beside a line: a sign, words, and their role."""

    sign: str
    words: Sentence
    role: str


SIGNS: Final[Mapping[Verdict, LineVerdict]] = {
    "correct": LineVerdict("✓", say("right"), "good"),
    "slip": LineVerdict("✗", say("slip"), "bad"),
    "rounding": LineVerdict("≈", say("rounding"), "good"),
    "carried_forward": LineVerdict("↷", say("carried forward"), "lit"),
    "undecided": LineVerdict("?", say("undecided"), "faint"),
    "not_checked": LineVerdict("–", say("not read"), "faint"),
}
OPEN: Final = LineVerdict("○", say("still open"), "faint")
# What counts most where a line has several findings.
_GRAVEST: Final[Sequence[Verdict]] = (
    "slip",
    "carried_forward",
    "not_checked",
    "undecided",
    "rounding",
    "correct",
)
_UNREAD: Final = ("not_checked", "undecided")
_HEAD: Final = re.compile(
    r"\W*(?:iteration\s*(\d{1,9})|(?:第|迭代)\s*(\d{1,9})\s*(?:次迭代)?)\W*$", re.I
)
_CLAIM: Final = re.compile(r"(?:([^=\d]*)(?:\bis\b|是|为|等于))?(.*)", re.I | re.S)
MOST_FORM: Final = 400  # lines of a form
_LATEX: Final = re.compile(r"\\(?:begin|documentclass|section)\b")  # formulas alone are no page
_MARKDOWN: Final = re.compile(r"^(?:```|~~~|#{1,6} |\|.*\||---$)|\$|\\\(|\\\[", re.M)


# Reading ----------------------------------------------------------------------------------------


def kind_of_text(text: str) -> str:
    """Return how a text without a file's name is read: LaTeX, Markdown or plain."""
    begin = text[:20_000]
    if r"\documentclass" in begin or (_LATEX.search(begin) and "$" not in begin):
        return "tex"
    return "md" if _MARKDOWN.search(begin) else "txt"


def open_document(path: str, text: str) -> tuple[str, str]:
    """Return a file's text and how it is read; a notebook becomes Markdown with its code fenced.

    Raises TracerError where tracer does not read such files.
    """
    kind = kind_of(path)
    if kind != "ipynb":
        return text, kind
    parts = [
        f"```python\n{source}\n```" if kind == "code" else source
        for _, kind, source in notebook_cells(text, PurePath(path).name)
        if kind != "output" and source
    ]
    return "\n\n".join(parts) + "\n", "md"


# Showing ----------------------------------------------------------------------------------------


def verdict_label(finding: Finding) -> LineVerdict:
    """Return the sign and the words of a verdict; of a slip, which kind."""
    if finding.reason == "blank":
        return OPEN
    label = SIGNS[finding.verdict]
    if finding.verdict != "slip" or finding.kind is None:
        return label
    return label._replace(words=KINDS[finding.kind])


def verdicts_by_line(file: FileReport) -> dict[int, LineVerdict]:
    """Return what stands beside each line, by its number from 1: its gravest finding."""
    gravest_first = sorted(file.findings, key=lambda each: _GRAVEST.index(each.verdict))
    return {finding.line: verdict_label(finding) for finding in reversed(gravest_first)}


def figure_marks(file: FileReport) -> dict[int, list[tuple[int, int, str]]]:
    """Return the places of wrong figures by line from 1: columns half open, and a role."""
    marks: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for finding in file.findings:
        if finding.verdict not in ("slip", "not_checked") or finding.reason == "blank":
            continue
        role = "bad" if finding.verdict == "slip" else "faint"
        spans = [finding.wrong_place] if finding.wrong_place is not None else []
        for span in (*spans, *finding.more_places):
            marks[span.line].append((span.start, span.end, role))
    return marks


def counts_in_words(file: FileReport, words: Words) -> str:
    """Return how many lines are right, slips and so on; '' where nothing is judged."""
    counts = dict(file.counts())
    blanks = sum(finding.reason == "blank" for finding in file.findings)
    counts["not_checked"] -= blanks
    text = counts_text(counts, words.translate) if file.findings else ""
    return f"{text}{words(say(', '))}{blanks} {words(OPEN.words)}" if blanks else text


def worth_telling(file: FileReport) -> list[Finding]:
    """Return the findings of which something is said: all but what is right without a remark."""
    return [
        finding
        for finding in file.findings
        if (finding.verdict != "correct" or finding.remarks) and finding.reason != "blank"
    ]


# Guesses ----------------------------------------------------------------------------------------


class Guess(NamedTuple):
    """A line that is a guess: the name that it gives a value to ('' without one), and the value.

    `words` are what stands before the value in prose: they may name another one.
    """

    name: str
    answer: str
    words: str = ""


def guess_of(line: str) -> Guess | None:
    """Return a line as a guess: numbers alone, perhaps behind a name; None for others."""
    name, sign, answer = line.partition("=")
    words, bare = _CLAIM.fullmatch(line).groups("")  # type: ignore[union-attr]  # any line fits
    if is_number_alone(bare):  # in prose the value that is asked for needs no name
        return Guess("", bare.strip(), words.strip())
    return Guess(name.strip(), answer.strip()) if sign and is_number_alone(answer) else None


def is_readable(line: str) -> bool:
    """Tell whether there is a calculation on a line, or the head of an iteration."""
    return any(True for _ in read_document(line, "txt", "").chains()) or bool(iterations_of([line]))


def iterations_of(lines: Sequence[str]) -> list[int]:
    """Return the iterations that lines of a text name as their head, in order."""
    return [int(match[1] or match[2]) for match in map(_HEAD.match, lines) if match is not None]


def guesses_on(
    lines: Sequence[str], begin: int, practice_of: Callable[[int], Practice | None]
) -> dict[int, Finding]:
    """Return what is said of the lines that were guesses, by their numbers from 1."""
    guessed: dict[int, Finding] = {}
    for line, number, _ in results_in(lines, begin):
        text = lines[line - 1]
        practice, guess = practice_of(number), guess_of(text)
        if practice is not None and guess is not None:
            finding = practice.finding_on(guess.name, guess.answer, TextPlace(line, 0, len(text)))
            if finding is not None:
                guessed[line] = finding
    return guessed


def results_in(lines: Sequence[str], number: int = 1) -> Iterator[tuple[int, int, Guess]]:
    """Yield the lines that end in the value of a name: their numbers from 1, and the iterations.

    What stands above all heads belongs to the iteration `number`.
    """
    for at, line in enumerate(lines, 1):
        number = next(iter(iterations_of([line])), number)
        name, _, working = line.partition("=")
        answer = working.rpartition("=")[2].strip()
        if name.strip() and is_number_alone(answer):
            yield at, number, Guess(name.strip(), answer)


def without_guesses(
    file: FileReport, guessed: Mapping[int, Finding], typed: int, same: Collection[int]
) -> FileReport:
    """Return a report without the lines that were guesses: it would tell the right number.

    How the gradients of a page are meant no guess says.

    The line `typed` is being written, and is not called unread meanwhile. Of lines that are no
    longer the `same` nothing is said until they are checked.
    """
    findings = [
        each
        for each in file.findings
        if each.line in same
        and each.line not in guessed
        and (each.line != typed or each.reason == "blank" or each.verdict not in _UNREAD)
    ]
    return replace(
        file,
        findings=findings,
        convention=file.convention if findings or not file.findings else None,
    )


# The form ---------------------------------------------------------------------------------------


def blank_form(session: Session, head: str, inline: Callable[[Node], str] | None = None) -> str:
    """Return the steps of the iteration with their formulas, and blanks for working and result.

    `head` says which iteration it is. `inline` writes a formula as it is drawn; without it, and
    where a formula has indices, which are hard to type, it is written as code. A large array has
    no place in a line: it is left out. So is what stands for one contribution of several
    (`dloss/db#1`): the checker reads no such name.
    """
    lines, phase, number = [head], "", session.place.iteration
    for index, equation in enumerate(session.equations()[:MOST_FORM]):
        step = session.step_at(number, index)
        names = names_in(step.formula)
        if step.result is None or any("#" in name for name in (equation.name, *names)):
            continue
        if equation.phase != phase:
            phase = equation.phase
            lines.append("")
        line = EquationLine(Name(equation.name), step.formula)
        form = session.in_notation(line)
        if inline is None or "{" in (formula := inline(form.formula)):
            name, formula = formula_text(line.left), formula_text(line.formula)
        else:
            name = inline(form.left)
        has_working = bool(names) and step.substituted not in (None, step.result)
        parts = [name, formula] if names else [name]
        lines.append(" = ".join([*parts, *[BLANK] * (1 + has_working)]))
    return "\n".join(lines) + "\n"
