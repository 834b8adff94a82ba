"""What was found in a document, a record for each worked chain, and in files, with the counts.

It has no words of its own and no markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from tracer.check.model.marks import Marks
from tracer.check.model.statements import TextPlace, UnreadReason, find_cell_line
from tracer.frozen import Frozen, Value
from tracer.lazy_regex import lazy_regex
from tracer.sentences import Sentence

Verdict = Literal["correct", "slip", "rounding", "carried_forward", "undecided", "not_checked"]
VERDICTS: Final[tuple[Verdict, ...]] = (
    "correct",
    "slip",
    "rounding",
    "carried_forward",
    "undecided",
    "not_checked",
)
SlipKind = Literal[
    "stale_value",
    "wrong_substitution",
    "sign_error",
    "missing_factor_2",
    "missing_1_over_n",
    "wrong_formula",
    "transpose_shape",
    "arithmetic_error",
    "rounding",
    "label_error",
    "carried_forward",
]
Tier = Literal[
    "exact",
    "rounded",
    "rounded_from_unrounded",
    "chopped",
    "within_rounding",
    "last_digit",
    "wrong",
]
"""How near two sides are, from the nearest on: the same value; the one rounded to the digits of
the other, or rounded from working that was not; digits cut off; apart by no more than rounding
explains; off by one in the last digit; none of these."""

MINUS: Final = "−"
OPERATOR: Final = lazy_regex(r"[\w)\]}]\s*(?:[-+−*·×⋅/÷^]|\\cdot|\\times)\s*$")
"""A sign of calculation behind an operand: no marks of bold text, nor those of a list."""


class Replacement(Value):
    """A place in the raw text, and what belongs there."""

    place: TextPlace
    text: str


class ComparedPair(Value):
    """Two neighbouring sides by their texts, and how near they are; None where that is not known.

    With an empty `right` the left one was compared with the run.
    """

    left: str
    right: str
    tier: Tier | None


class Finding(Frozen):
    """One worked chain and what was found in it.

    `place` is where the chain stands, `wrong_place` the figure (or formula) that is wrong,
    `written` its text, `expected` what belongs there at the printed precision. `replacements` are
    empty where no repair is unique, `suggestion` is the corrected line; `more_places` are further
    places of the same finding. `candidates` are all kinds of slips that fit, `cause` the id of the
    one that explains the figure. `world` says in which world the chain was judged, `figures` where
    nothing but its arithmetic was compared; `error_line` is the line of the slip that a carried one
    follows from.
    """

    verdict: Verdict
    place: TextPlace
    text: str
    pairs: Sequence[ComparedPair] = ()
    tier: Tier | None = None
    kind: SlipKind | None = None
    candidates: Sequence[SlipKind] = ()
    cause: str | None = None
    wrong_place: TextPlace | None = None
    more_places: Sequence[TextPlace] = ()
    written: str | None = None
    expected: str | None = None
    suggestion: str | None = None
    message: Sentence | None = None
    remarks: Sequence[Sentence] = ()
    replacements: Sequence[Replacement] = ()
    result_correct: bool | None = None
    error_line: int | None = None
    reason: UnreadReason | None = None
    world: str | None = None

    @property
    def line(self) -> int:
        """The line to look at, from 1: of the wrong figure, else where the chain begins."""
        return (self.wrong_place or self.place).line

    @property
    def column(self) -> int:
        """The column to look at, from 1."""
        return (self.wrong_place or self.place).start + 1


def corrected_line(replacements: Sequence[Replacement], lines: Sequence[str]) -> str | None:
    """Return the line of the first replacement with all that belong on it; None without any.

    Each has the minus sign of its text, and stands in brackets behind a sign of calculation.
    """
    if not replacements:
        return None
    number = replacements[0].place.line
    text = lines[number - 1]
    minus = _minus_of(lines) if any("-" in each.text for each in replacements) else ""
    for each in sorted(replacements, key=lambda each: -each.place.start):
        if each.place.line == number:
            before, after = text[: each.place.start], text[each.place.end :]
            is_negative = each.text.startswith(("-", "(-"))
            new = each.text.replace("-", minus, 1) if is_negative else each.text
            is_operand = new.startswith(("-", MINUS)) and OPERATOR.search(before)
            text = before + (f"({new})" if is_operand else new) + after
    return text


def _minus_of(lines: Sequence[str]) -> str:
    """Return the sign that stands before negative figures in a text."""
    is_signed = any(f"-{digit}" in line for line in lines for digit in range(10))
    return MINUS if any(MINUS in line for line in lines) and not is_signed else "-"


class ReportedPart(Value):
    """A part of a document by its raw lines, from 1, both included, and the scenario it is of.

    `variant` is the one of the scenario that it works ('': the scenario without one), None where
    that is the one that the document was to be checked beside.
    """

    first_line: int
    last_line: int
    scenario: str | None
    variant: str | None = None


class FileReport(Frozen):
    """What was found in one file.

    `offered` is a bundled scenario whose given values fit it, `convention` what is said of how the
    file was read beside its scenario. `marks` are the points of a worksheet; `cells` those of a
    notebook, as in `WorkedDocument`; `formulas` counts the formulas without a figure.
    """

    path: str
    findings: Sequence[Finding]
    lines: Sequence[str]
    scenario: str | None = None
    offered: str | None = None
    convention: Sentence | None = None
    cells: Sequence[tuple[int, int]] = ()
    parts: Sequence[ReportedPart] = ()
    formulas: int = 0
    marks: Marks | None = None

    def cell_line(self, line: int) -> tuple[int | None, int]:
        """Return the cell of a notebook that a line stands in (else None), and its line there."""
        return find_cell_line(self.cells, line)

    def seen_place(self, line: int) -> tuple[str, int]:
        """Return the path and the line that people see: a notebook's are in its cells."""
        cell, line = self.cell_line(line)
        return self.path if cell is None else f"{self.path}#cell {cell}", line

    @property
    def arithmetic_only(self) -> int:
        """How many right lines were compared with no formula: only their arithmetic was checked."""
        return sum(each.verdict == "correct" and each.world == "figures" for each in self.findings)

    def counts(self) -> Mapping[Verdict, int]:
        """Return how many findings have each verdict."""
        verdicts = [finding.verdict for finding in self.findings]
        return {verdict: verdicts.count(verdict) for verdict in VERDICTS}


class Report(Frozen):
    """What was found in some files."""

    files: Sequence[FileReport]

    def counts(self) -> Mapping[Verdict, int]:
        """Return how many findings of all files have each verdict."""
        counts = [file.counts() for file in self.files]
        return {verdict: sum(each[verdict] for each in counts) for verdict in VERDICTS}
