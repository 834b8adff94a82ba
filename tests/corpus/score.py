"""Hold the corpus against what the checker reports, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields

from tests.corpus.cases import Case, Expected
from tests.corpus.findings import Entry, differences, entries

BLAME = ("slip", "rounding", "carried_forward")
NOT_BLAMED = ("none", "not_checked", "correct")
ROWS = {"correct": "right", "none": "not worked", "not_checked": "not read"}


@dataclass(slots=True)
class Tally:
    """Counts of one row of the table: how many were right, and of how many that could be.

    A cause counts where the document alone shows it and the checker names one.
    """

    lines: int = 0
    read: int = 0
    blamed: int = 0  # right, or not to be judged, and called wrong all the same
    slips: int = 0
    found: int = 0
    span: int = 0
    spans: int = 0
    kind: int = 0
    kinds: int = 0
    cause: int = 0
    causes: int = 0
    value: int = 0
    values: int = 0

    def add(self, other: Tally) -> None:
        """Add another tally's counts to these."""
        for field in fields(self):
            name = field.name
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one expectation: the row it counts in, its counts, and what is missing."""

    case: Case
    row: str
    tally: Tally
    misses: tuple[str, ...]


def outcomes(case: Case) -> Iterator[Outcome]:
    """Yield what came of each expectation of a case, then of what else was blamed in it."""
    left = entries(case.text, case.format, case.scenario)
    # Those that name a span choose first: several chains may stand on one line.
    for expected in sorted(case.expected, key=lambda one: one.span is None):
        entry = _best(expected, left)
        if entry is not None:
            left.remove(entry)
        yield _outcome(case, expected, entry)
    for entry in left:
        if entry["verdict"] in BLAME:
            miss = f"blamed: {entry['verdict']} {entry.get('kind')} at line {entry['line']}"
            yield Outcome(case, "other lines", Tally(lines=1, read=1, blamed=1), (miss,))


def wanted(expected: Expected) -> Entry:
    """Return an expectation as an entry of a report, without what it leaves open."""
    whole = {name: value for name, value in asdict(expected).items() if value not in (None, ())}
    if "span" in whole:
        whole["span"] = list(whole["span"])
    if "places" in whole:
        whole["places"] = [{"line": at, "span": [a, b]} for at, a, b in whole["places"]]
    return whole


def _best(expected: Expected, left: list[Entry]) -> Entry | None:
    lines = {expected.line, *(place[0] for place in expected.places)}
    near = [entry for entry in left if entry["line"] in lines]
    want = wanted(expected)
    return min(near, key=lambda entry: len(differences(want, entry)), default=None)


def _outcome(case: Case, expected: Expected, entry: Entry | None) -> Outcome:
    verdict = "none" if entry is None else entry["verdict"]
    allowed = (expected.verdict, *expected.accept)
    row = expected.kind if expected.kind else ROWS.get(expected.verdict, expected.verdict)
    tally = Tally(lines=1, read=int(verdict not in ("none", "not_checked")))
    misses = []
    good = verdict in allowed or (expected.verdict == "none" and verdict in NOT_BLAMED)
    if not good:
        misses.append(f"{verdict} instead of {expected.verdict}")
    if expected.verdict not in BLAME:
        tally.blamed = int(verdict in BLAME and not good)
        return Outcome(case, row, tally, _told(expected, misses))
    tally.slips, tally.found = 1, int(good)
    if good and entry is not None and verdict in BLAME:
        misses += differences(wanted(expected), entry)
        _details(tally, expected, misses, entry)
    return Outcome(case, row, tally, _told(expected, misses))


def _details(tally: Tally, expected: Expected, misses: list[str], entry: Entry) -> None:
    missed = {miss.partition(":")[0] for miss in misses}
    if expected.span is not None or expected.places:
        tally.spans, tally.span = 1, int("place" not in missed)
    tally.kinds, tally.kind = 1, int("kind" not in missed)
    if expected.expected is not None:
        tally.values, tally.value = 1, int("expected" not in missed)
    if entry.get("cause") is not None and expected.cause is not None:
        tally.causes, tally.cause = 1, int("cause" not in missed)


def _told(expected: Expected, misses: list[str]) -> tuple[str, ...]:
    return tuple(f"line {expected.line}: {miss}" for miss in misses)
