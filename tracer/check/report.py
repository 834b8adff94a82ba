"""What a check found: one entry for each worked chain, and the counts. No words, no markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from tracer.check.marks import Marks
from tracer.check.written import Reason, Span, seen_place
from tracer.narrative.messages import Sentence

__all__ = [
    "VERDICTS",
    "Entry",
    "FileReport",
    "Link",
    "Repair",
    "Report",
    "SlipKind",
    "Tier",
    "Verdict",
]

Verdict = Literal["correct", "slip", "rounding", "carried_forward", "undecided", "not_checked"]
Tier = Literal[
    "exact",
    "rounded",
    "rounded_from_unrounded",
    "chopped",
    "within_rounding",
    "last_digit",
    "wrong",
]
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
VERDICTS: Final[tuple[Verdict, ...]] = (
    "correct",
    "slip",
    "rounding",
    "carried_forward",
    "undecided",
    "not_checked",
)


class Repair(NamedTuple):
    """A place in the raw text and what belongs there."""

    span: Span
    text: str


class Link(NamedTuple):
    """An equals sign between two members (their texts) and how it was judged."""

    left: str
    right: str
    tier: Tier | None


class Entry:
    """One worked chain (or one finding in code) and what was found in it.

    `span` is the figure that is wrong, `written` its text, `expected` what belongs there at the
    printed precision, `repairs` what to write where (empty where no repair is unique), `suggestion`
    the corrected line; `more_spans` are further places of the same finding. `candidates` are all
    kinds that fit, `cause` the id of the one slip that explains the figure, None where none or
    several do. `message` says it in words.
    """

    __slots__ = (
        "candidates",
        "carried_from",
        "cause",
        "expected",
        "kind",
        "links",
        "message",
        "more_spans",
        "place",
        "reason",
        "remarks",
        "repairs",
        "result_correct",
        "span",
        "suggestion",
        "text",
        "tier",
        "verdict",
        "written",
    )

    def __init__(
        self,
        verdict: Verdict,
        place: Span,
        text: str,
        *,
        tier: Tier | None = None,
        kind: SlipKind | None = None,
        candidates: Sequence[SlipKind] = (),
        cause: str | None = None,
        span: Span | None = None,
        more_spans: Sequence[Span] = (),
        written: str | None = None,
        expected: str | None = None,
        suggestion: str | None = None,
        message: Sentence | None = None,
        remarks: Sequence[Sentence] = (),
        repairs: Sequence[Repair] = (),
        result_correct: bool | None = None,
        carried_from: int | None = None,
        reason: Reason | None = None,
        links: Sequence[Link] = (),
    ) -> None:
        self.verdict: Verdict = verdict
        self.place = place
        self.text = text
        self.tier = tier
        self.kind = kind
        self.candidates = tuple(candidates)
        self.cause = cause
        self.span = span
        self.more_spans = tuple(more_spans)
        self.written = written
        self.expected = expected
        self.suggestion = suggestion
        self.message = message
        self.remarks = tuple(remarks)
        self.repairs = tuple(repairs)
        self.result_correct = result_correct
        self.carried_from = carried_from
        self.reason = reason
        self.links = tuple(links)

    @property
    def line(self) -> int:
        """The line to look at, from 1: of the wrong figure, else where the chain begins."""
        return (self.span or self.place).line

    @property
    def column(self) -> int:
        """The column to look at, from 1."""
        return (self.span or self.place).start + 1


class FileReport:
    """What was found in one file. `offered` is a bundled scenario whose numbers fit it.

    `marks` are the points of a worksheet; `cells` those of a notebook, as in `Document`.
    """

    __slots__ = ("cells", "convention", "entries", "lines", "marks", "offered", "path", "scenario")

    def __init__(
        self,
        path: str,
        entries: Sequence[Entry],
        lines: Sequence[str],
        *,
        scenario: str | None = None,
        offered: str | None = None,
        convention: Sentence | None = None,
        cells: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.path = path
        self.cells = cells
        self.entries = tuple(entries)
        self.lines = lines
        self.scenario = scenario
        self.offered = offered
        self.convention = convention
        self.marks: Marks | None = None

    def where(self, line: int) -> tuple[str, int]:
        """Return the path and the line that people see: a notebook's are in its cells."""
        return seen_place(self.path, self.cells, line)

    def counts(self) -> Mapping[Verdict, int]:
        """Return how many chains have each verdict."""
        counts: dict[Verdict, int] = dict.fromkeys(VERDICTS, 0)
        for entry in self.entries:
            counts[entry.verdict] += 1
        return counts


class Report:
    """What was found in some files."""

    __slots__ = ("files",)

    def __init__(self, files: Sequence[FileReport]) -> None:
        self.files = tuple(files)

    def counts(self) -> Mapping[Verdict, int]:
        """Return how many chains of all files have each verdict."""
        counts: dict[Verdict, int] = dict.fromkeys(VERDICTS, 0)
        for file in self.files:
            for verdict, count in file.counts().items():
                counts[verdict] += count
        return counts
