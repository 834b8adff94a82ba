"""Counts over generated documents: false alarms on right lines, and planted slips found."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from tests.check.generated.bench import Bench, is_seen
from tests.check.generated.planting import FORMS, Planted, planted
from tests.check.generated.writing import (
    LAYOUTS,
    MANNERS,
    Layout,
    Line,
    Style,
    document,
    layout_kind,
    lines_of,
    numbered,
    recorded,
    text_of,
)
from tracer.check.checker import check_text
from tracer.check.report import Entry
from tracer.narrative.derivation import notation_of

__all__ = [
    "Choice",
    "Outcome",
    "Right",
    "outcomes",
    "planted_rows",
    "right_lines",
    "right_rows",
    "styles_of",
]

SHARE = 0.001  # of right lines that may be called wrong
LOCATED, NAMED = 0.99, 0.95
SECONDS = 10.0  # between two lines about how far a run is
MOST_PLANTED = 2  # iterations of a document with a slip
# Causes that say the same of a figure in other words: nobody can tell which it was.
ALSO = {
    "activation_for_net_input": ("other_parameter",),  # the value of A where z belongs
    "divided_twice": ("half_applied_twice",),  # the mean of two, or the half of a square
    "error_reversed": ("sign_lost",),
    "factor_2_added": ("sum_for_mean",),
    "half_applied_twice": ("divided_twice",),
    "other_index": ("other_parameter",),
    "plus_for_minus": ("minus_times_minus",),
    "sign_lost": ("negative_square", "error_reversed", "minus_times_minus"),
    "sum_for_mean": ("factor_2_added",),
    "transpose_left_out": ("wrong_layout",),
    "wrong_layout": ("transpose_left_out",),
}


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


def styles_of(
    scenarios: Sequence[str],
    digits: Sequence[int],
    share: float = 1.0,
    seed: int = 7,
    *,
    layouts: Sequence[Layout] = LAYOUTS,
    known: Sequence[bool] = (False, True),
) -> list[tuple[str, Style, bool]]:
    """Return the documents of right lines: a scenario, a style, whether the scenario is named.

    With a `share` below 1 so many of them, chosen by a seed.
    """
    chance = random.Random(seed)
    return [
        (name, Style(layout, manner, count), named)
        for name in scenarios
        for manner in MANNERS
        for count in digits
        for layout in layouts
        for named in known
        if chance.random() < share
    ]


def right_lines(styles: Sequence[tuple[str, Style, bool]]) -> Iterator[Right]:
    """Yield documents of right lines, checked."""
    for name, style, named in styles:
        trace = recorded(name)
        lines = list(lines_of(trace, style))
        text = document(trace, lines, style)
        report = check_text(text, layout_kind(style.layout), name if named else None)
        yield Right(name, style, named, len(lines), report.files[0].entries)


def right_rows(
    found: Iterator[Right], documents: int, *, show: bool = False
) -> tuple[list[str], bool]:
    """Return the rows of the table of right lines, and whether too many are called wrong."""
    counts: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    progress = Progress(documents)
    with suppress(KeyboardInterrupt):  # what was counted so far is told
        for right in found:
            row = counts[right.style.manner, right.known]
            row["lines"] += right.lines
            row["blamed"] += len(right.blamed)
            row.update(item.verdict for item in right.entries)
            for item in right.blamed if show else ():
                print(right.scenario, *right.style, right.known, item.line, item.text, sep=" | ")
            progress.tell(right.lines, len(right.blamed))
    columns = ("lines", "correct", "rounding", "undecided", "not_checked", "blamed")
    rows = ["| figures | scenario | " + " | ".join(columns) + " |", "|---" * 8 + "|"]
    for (manner, known), row in sorted(counts.items()):
        cells = (manner, "named" if known else "–", *(str(row[name]) for name in columns))
        rows.append("| " + " | ".join(cells) + " |")
    total = sum(row["lines"] for row in counts.values())
    blamed = sum(row["blamed"] for row in counts.values())
    share = blamed / max(total, 1)
    rows.append(f"\n{progress.done} of {documents} documents, {total} lines,")
    rows.append(f"{blamed} called wrong ({share:.3%})")
    return rows, share > SHARE or progress.done < documents


class Progress:
    """Tells from time to time how far a run is, on standard error."""

    def __init__(self, documents: int) -> None:
        self.documents: Final = documents
        self.done = 0
        self._lines = 0
        self._wrong = 0
        self._begun: Final = time.monotonic()
        self._told = self._begun

    def tell(self, lines: int, wrong: int) -> None:
        """Count a document; print a line every ten seconds."""
        self.done += 1
        self._lines += lines
        self._wrong += wrong
        now = time.monotonic()
        if now - self._told < SECONDS:
            return
        self._told = now
        left = (now - self._begun) / self.done * max(self.documents - self.done, 0) / 60
        rest = f", {left:.0f} min left" if self.documents else ""
        of = f" of {self.documents}" if self.documents else ""
        print(
            f"{self.done}{of} documents, {self._lines} lines, {self._wrong} missed{rest}",
            file=sys.stderr,
            flush=True,
        )


# Planted slips


class Outcome(NamedTuple):
    """What was reported of a planted slip.

    `same` are the slips that give the very same line: nobody can tell them apart. Of a slip with
    all that follows, `located` counts the lines that are said to be carried forward.
    """

    planted: Planted
    scenario: str
    style: Style
    text: str
    planted_lines: int
    located: int
    cause: str | None
    blamed: Sequence[Entry]  # besides it
    same: frozenset[str]

    @property
    def is_right(self) -> bool:
        """Whether a cause is claimed that explains the figure as well as the one planted."""
        return self.cause in self.same or any(
            self.cause in ALSO.get(slip, ()) for slip in self.same
        )

    @property
    def is_missed(self) -> bool:
        """Whether it was not located, not named rightly, or something else was blamed."""
        is_wrong = self.cause is not None and not self.is_right
        return self.located < self.planted_lines or is_wrong or bool(self.blamed)

    def told(self) -> Iterator[object]:
        """Yield what there is to say of it."""
        yield from (self.planted.slip, self.planted.form, self.scenario, *self.style[::2])
        yield f"{self.located} of {self.planted_lines}"
        yield self.cause
        yield self.text
        yield from (f"besides {entry.line}: {entry.text}" for entry in self.blamed[:2])


class Choice(NamedTuple):
    """Which slips are planted: at most so many of a kind and a form in a scenario and a style."""

    most: int
    seed: int = 7
    layouts: Sequence[Layout] = LAYOUTS
    forms: Sequence[str] = FORMS


def outcomes(scenarios: Sequence[str], digits: Sequence[int], choice: Choice) -> Iterator[Outcome]:
    """Yield what is reported of the slips that are planted at some digits."""
    for name in scenarios:
        for count in digits:
            for layout in choice.layouts:
                style = Style(layout, "unrounded", count)
                bench = Bench(recorded(name), style)
                lines = list(lines_of(bench.trace, style, most=MOST_PLANTED))
                chance = random.Random(f"{choice.seed} {name} {count} {layout}")
                for items in _chosen(bench, lines, choice, chance):
                    yield _outcome(items, bench, lines, name)


def _chosen(
    bench: Bench, lines: Sequence[Line], choice: Choice, chance: random.Random
) -> Iterator[list[Planted]]:
    """Yield the slips that are planted, each before the others that give the same line."""
    alike: dict[str, list[Planted]] = defaultdict(list)
    kinds: dict[tuple[str, str], list[tuple[str, Planted]]] = defaultdict(list)
    notation = notation_of(bench.trace)
    for item in planted(bench, lines, chance):
        if item.form in choice.forms:
            text = f"{item.line.iteration} {text_of(item.line, notation, bench.style)}"
            alike[text].append(item)
            kinds[item.slip, item.form].append((text, item))
    for found in kinds.values():
        for text, item in chance.sample(found, min(choice.most, len(found))):
            yield [item, *alike[text]]


def _outcome(
    items: Sequence[Planted], bench: Bench, lines: Sequence[Line], scenario: str
) -> Outcome:
    item, style = items[0], bench.style
    changed = [_changed(bench, item, line) for line in lines]
    texts = list(numbered(bench.trace, changed, style))
    place = next(number for number, (_, line) in enumerate(texts, 1) if line is item.line)
    text = "\n".join(text for text, _ in texts) + "\n"
    entries = check_text(text, layout_kind(style.layout), scenario).files[0].entries
    found = [entry for entry in entries if entry.line == place and entry.verdict == "slip"]
    rest = [entry for entry in entries if entry.line != place and entry.verdict == "slip"]
    is_there = bool(found) and _is_figure(found[0].written, item)
    cause = found[0].cause if is_there and found[0].cause != "plain_slip" else None
    after = {
        number
        for number, (_, line) in enumerate(texts, 1)
        if line is not None and line is not item.line and _departs(item, line, lines)
    }
    if item.form == "follow":
        carried = {entry.line for entry in entries if entry.verdict == "carried_forward"}
        located, count, cause = len(after & carried), len(after), None
    else:
        located, count = int(is_there), 1
        rest += [entry for entry in entries if entry.verdict == "carried_forward"]
    same = frozenset(other.slip for other in items)
    line = texts[place - 1][0]
    return Outcome(item, scenario, style, line, count, located, cause, rest, same)


def _changed(bench: Bench, item: Planted, line: Line) -> Line:
    """Return a line of the document as it stands there after a slip."""
    if line.iteration == item.before.iteration and line.equation is item.before.equation:
        return item.line
    if not item.after:
        return line
    carried = bench.trace.iteration(line.iteration).program.carried
    own = {(item.line.iteration, item.line.equation.name): item.line.result, **item.after}
    operands = dict(line.operands)
    for name in operands:
        before = own.get((line.iteration - 1, carried.get(name, "")))
        operands[name] = own.get((line.iteration, name)) or before or operands[name]
    result = item.after.get((line.iteration, line.equation.name), line.result)
    return line._replace(operands=operands, result=result)


def _departs(item: Planted, line: Line, lines: Sequence[Line]) -> bool:
    """Say whether a line that follows from a slip has a figure that it would not have."""
    right = next(
        other
        for other in lines
        if other.iteration == line.iteration and other.equation is line.equation
    )
    pairs = zip(line.result, right.result, strict=True)
    return bool(item.after) and any(is_seen(new, old) for new, old in pairs)


def _is_figure(written: str | None, item: Planted) -> bool:
    """Say whether what is blamed is the wrong figure, or the array where more than one is."""
    if not item.figures or written is None:
        return not item.figures
    plain = written.translate(str.maketrans("−·", "-*", "(){} $")).replace("\\times", "*")
    plain = plain.replace("*10^", "e").strip("\\,&")
    try:
        return any(float(plain) == float(figure) for figure in item.figures)
    except ValueError:
        return len(item.figures) > 1


COLUMNS = ("planted", "located", "claimed", "rightly", "others")


def planted_rows(found: Iterator[Outcome], *, show: bool = False) -> tuple[list[str], bool]:
    """Return the rows of the table of planted slips, and whether an aim is missed."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    progress = Progress(0)
    is_whole = False
    with suppress(KeyboardInterrupt):  # what was counted so far is told
        for outcome in found:
            row = counts[outcome.planted.slip]
            row["planted"] += outcome.planted_lines
            row["located"] += outcome.located
            row["claimed"] += outcome.cause is not None
            row["rightly"] += outcome.is_right
            row["others"] += len(outcome.blamed)
            progress.tell(outcome.planted_lines, outcome.planted_lines - outcome.located)
            if show and outcome.is_missed:
                print(*outcome.told(), sep=" | ")
        is_whole = True
    total = Counter[str]()
    for row in counts.values():
        total.update(row)
    rows = ["| slip | planted | located | named | rightly | blamed besides |", "|---" * 6 + "|"]
    for slip, row in [*sorted(counts.items()), ("all", total)]:
        rows.append(f"| {slip} | " + " | ".join(str(row[name]) for name in COLUMNS) + " |")
    missed = (
        not is_whole
        or total["located"] < LOCATED * total["planted"]
        or total["rightly"] < NAMED * total["claimed"]
        or total["others"] > SHARE * total["planted"]
    )
    return rows, missed
