"""What a check found in files, with the counts. No words, no markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracer.check.model.finding import VERDICTS, Finding, Verdict
from tracer.check.model.marks import Marks
from tracer.check.model.statements import find_cell_line
from tracer.frozen import Frozen, Value
from tracer.sentences import Sentence


class ReportedPart(Value):
    """A part of a document by its raw lines, from 1, both included, and the scenario it is of."""

    first_line: int
    last_line: int
    scenario: str | None


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

    def counts(self) -> Mapping[Verdict, int]:
        """Return how many findings have each verdict."""
        found = [finding.verdict for finding in self.findings]
        return {verdict: found.count(verdict) for verdict in VERDICTS}


class Report(Frozen):
    """What was found in some files."""

    files: Sequence[FileReport]

    def counts(self) -> Mapping[Verdict, int]:
        """Return how many findings of all files have each verdict."""
        counts = [file.counts() for file in self.files]
        return {verdict: sum(each[verdict] for each in counts) for verdict in VERDICTS}
