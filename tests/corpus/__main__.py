"""`python -m tests.corpus`: how much of the corpus the checker reads, finds and names.

A row for each kind of slip and for the lines without one, for each part: the tuning part may be
looked at while the checker is written, the measured part was written before it.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from functools import cache

from tests.corpus.cases import PARTS, load
from tests.corpus.score import Outcome, Tally, outcomes

HEAD = ("kind", "lines", "read", "blamed", "found", "span", "kind", "cause", "value")
# A slip is reported only as a proof: where a line has another reading it is undecided.
LEAST = {"found": 0.84, "span": 0.96, "kind": 0.90, "cause": 0.83, "value": 0.97}


def share(count: int, of: int) -> str:
    """Return `count/of`, or a dash where there is nothing to count."""
    return f"{count}/{of}" if of else "–"


def row(name: str, tally: Tally) -> str:
    """Return one line of the table."""
    cells = (
        str(tally.lines),
        str(tally.read),
        str(tally.blamed),
        share(tally.found, tally.slips),
        share(tally.span, tally.spans),
        share(tally.kind, tally.kinds),
        share(tally.cause, tally.causes),
        share(tally.value, tally.values),
    )
    return f"| {name:<18} | " + " | ".join(f"{cell:>9}" for cell in cells) + " |"


def table(part: str, tallies: dict[str, Tally]) -> list[str]:
    """Return the table of one part as lines of Markdown."""
    head = f"| {part + ' part':<18} | " + " | ".join(f"{cell:>9}" for cell in HEAD[1:]) + " |"
    rule = "|" + "-" * 20 + ("|" + "-" * 10 + ":") * len(HEAD[1:]) + "|"
    whole = total(tallies)
    return [head, rule, *(row(name, tallies[name]) for name in sorted(tallies)), row("all", whole)]


def total(tallies: dict[str, Tally]) -> Tally:
    """Return the sum of all rows."""
    whole = Tally()
    for tally in tallies.values():
        whole.add(tally)
    return whole


def shortfalls(whole: Tally) -> list[str]:
    """Return which aims a part misses."""
    missed = [f"{whole.blamed} right lines called wrong"] if whole.blamed else []
    pairs = {
        "found": (whole.found, whole.slips),
        "span": (whole.span, whole.spans),
        "kind": (whole.kind, whole.kinds),
        "cause": (whole.cause, whole.causes),
        "value": (whole.value, whole.values),
    }
    for name, (count, of) in pairs.items():
        if count < LEAST[name] * of:
            missed.append(f"{name}: {count} of {of}, at least {LEAST[name]:.0%} is the aim")
    return missed


@cache
def measure(part: str) -> tuple[dict[str, Tally], list[Outcome]]:
    """Return the rows of a part, and the expectations that were not met."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    missed = []
    for case in load():
        if case.part != part:
            continue
        for outcome in outcomes(case):
            tallies[outcome.row].add(outcome.tally)
            if outcome.misses:
                missed.append(outcome)
    return dict(tallies), missed


def main(argv: list[str] | None = None) -> int:
    """Print the tables; with --check 1 where an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="only this part")
    parser.add_argument("--failures", action="store_true", help="list each miss")
    parser.add_argument("--check", action="store_true", help="exit with 1 where an aim is missed")
    given = parser.parse_args(argv)
    short = []
    for part in (given.part,) if given.part else PARTS:
        tallies, missed = measure(part)
        print(*table(part, tallies), "", sep="\n")
        if given.failures:
            for outcome in missed:
                print(f"{outcome.case.id} ({outcome.row}):", "; ".join(outcome.misses))
            print()
        short += [f"{part}: {what}" for what in shortfalls(total(tallies))]
    print(*short, sep="\n", file=sys.stderr)
    return int(given.check and bool(short))


if __name__ == "__main__":
    sys.exit(main())
