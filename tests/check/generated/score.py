"""Counts over generated documents: false alarms on right lines, and planted slips found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.check.generated.planting import Planted, planted
from tests.check.generated.writing import (
    LAYOUTS,
    MANNERS,
    Line,
    Style,
    document,
    layout_kind,
    lines_of,
    numbered,
    recorded,
)
from tracer.check.checker import check_text
from tracer.check.report import Entry

__all__ = ["Outcome", "Right", "outcomes", "planted_table", "right_lines", "right_table"]

SHARE = 0.001  # of right lines that may be called wrong
LOCATED, NAMED = 0.99, 0.95
# Slips that give the same figure: nobody can tell them apart.
ALSO = {
    "plus_for_minus": ("minus_times_minus",),
    "error_reversed": ("sign_lost",),
    "sign_lost": ("negative_square", "error_reversed", "minus_times_minus"),
}
PLANTED_IN = ("one_weight", "one_weight_all_samples", "one_weight_sum", "neuron", "optimizers")


class Right(NamedTuple):
    """A document of right lines: where it comes from, how it is written, and its false alarms."""

    scenario: str
    style: Style
    known: bool  # whether the scenario was named
    lines: int
    entries: Sequence[Entry]

    @property
    def blamed(self) -> list[Entry]:
        """Return the lines that are called wrong."""
        return [item for item in self.entries if item.verdict in ("slip", "carried_forward")]


def right_lines(
    scenarios: Sequence[str],
    digits: Sequence[int],
    *,
    layouts: Sequence[str] = LAYOUTS,
    known: Sequence[bool] = (False, True),
) -> Iterator[Right]:
    """Yield documents of right lines, checked."""
    for name in scenarios:
        trace = recorded(name)
        for manner in MANNERS:
            for count in digits:
                for layout in LAYOUTS:
                    if layout not in layouts:
                        continue
                    style = Style(layout, manner, count)
                    lines = list(lines_of(trace, style))
                    text = document(trace, lines, style)
                    for named in known:
                        report = check_text(text, layout_kind(layout), name if named else None)
                        yield Right(name, style, named, len(lines), report.files[0].entries)


def right_table(scenarios: Sequence[str], digits: Sequence[int]) -> tuple[list[str], bool]:
    """Return the rows of the table of right lines, and whether too many are called wrong."""
    counts: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for right in right_lines(scenarios, digits):
        row = counts[right.style.manner, right.known]
        row["lines"] += right.lines
        row["blamed"] += len(right.blamed)
        row.update(item.verdict for item in right.entries)
    columns = ("lines", "correct", "rounding", "undecided", "not_checked", "blamed")
    rows = ["| figures | scenario | " + " | ".join(columns) + " |", "|---" * 8 + "|"]
    for (manner, known), row in sorted(counts.items()):
        cells = (manner, "named" if known else "–", *(str(row[name]) for name in columns))
        rows.append("| " + " | ".join(cells) + " |")
    total = sum(row["lines"] for row in counts.values())
    blamed = sum(row["blamed"] for row in counts.values())
    rows.append(f"\n{total} lines, {blamed} called wrong ({blamed / total:.3%})")
    return rows, blamed > SHARE * total


# Planted slips


class Outcome(NamedTuple):
    """What was reported of a planted slip."""

    planted: Planted
    scenario: str
    text: str
    located: bool
    cause: str | None
    blamed: Sequence[Entry]  # besides it

    @property
    def is_right(self) -> bool:
        """Whether a cause is claimed that explains the figure as well as the one planted."""
        slip = self.planted.slip
        return self.cause == slip or self.cause in ALSO.get(slip, ())


def outcomes(scenarios: Sequence[str], digits: Sequence[int], *, known: bool) -> Iterator[Outcome]:
    """Yield what is reported of every slip that can be planted at some digits."""
    for name in scenarios:
        trace = recorded(name)
        for count in digits:
            style = Style("ascii", "unrounded", count)
            lines = list(lines_of(trace, style))
            for item in planted(trace, lines, style):
                yield _outcome(item, name, style, known=known)


def _outcome(item: Planted, name: str, style: Style, *, known: bool) -> Outcome:
    trace = recorded(name)
    right = right_lines_of(item, style, name)
    changed = [item.line if line is item.before else line for line in right]
    texts = list(numbered(trace, changed, style))
    place = next(number for number, (_, line) in enumerate(texts, 1) if line is item.line)
    text = "\n".join(text for text, _ in texts) + "\n"
    entries = check_text(text, "txt", name if known else None).files[0].entries
    blamed = [entry for entry in entries if entry.verdict == "slip"]
    found = [entry for entry in blamed if entry.line == place]
    located = bool(found) and (not item.figure or _same(found[0].written, item.figure))
    rest = [entry for entry in blamed if entry.line != place]
    cause = found[0].cause if located and found[0].cause != "plain_slip" else None
    return Outcome(item, name, texts[place - 1][0], located, cause, rest)


def right_lines_of(item: Planted, style: Style, name: str) -> list[Line]:
    """Return the lines of the document in which a slip was made, the right one in its place."""
    lines = list(lines_of(recorded(name), style))
    for place, line in enumerate(lines):
        if line.iteration == item.before.iteration and line.equation is item.before.equation:
            lines[place] = item.before
    return lines


def _same(written: str | None, figure: str) -> bool:
    return written is not None and written.strip("()").replace("−", "-") == figure


def planted_table(digits: Sequence[int]) -> tuple[list[str], bool]:
    """Return the rows of the table of planted slips, and whether an aim is missed."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes(PLANTED_IN, digits, known=True):
        row = counts[outcome.planted.slip]
        row["planted"] += 1
        row["located"] += outcome.located
        row["named"] += outcome.cause is not None
        row["rightly"] += outcome.is_right
        row["others"] += len(outcome.blamed)
    total = Counter[str]()
    for row in counts.values():
        total.update(row)
    rows = ["| slip | planted | located | named | rightly | blamed besides |", "|---" * 6 + "|"]
    for slip, row in [*sorted(counts.items()), ("all", total)]:
        names = ("planted", "located", "named", "rightly", "others")
        rows.append(f"| {slip} | " + " | ".join(str(row[name]) for name in names) + " |")
    missed = (
        total["located"] < LOCATED * total["planted"]
        or total["rightly"] < NAMED * total["named"]
        or total["others"] > 0
    )
    return rows, missed
