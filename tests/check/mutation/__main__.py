"""`python -m tests.check.mutation`: right lines blamed, wrong lines approved, causes named.

Right documents are written for every kind of network in every kind of hand, from a seed, and each
of their formulas, names, signs, figures and factors is then changed in turn (`--share` of all
changes). It prints a table for each setting, without and with a scenario, and says which goals are
missed; `--list` prints lines that were judged wrongly, `--document` one document and its scenario.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from tests.check.mutation.hands import HANDS
from tests.check.mutation.scoring import (
    SETTINGS,
    Job,
    Miss,
    Outcome,
    Setting,
    document_of,
    jobs_of,
    run_job,
)
from tests.check.mutation.worked_networks import NETWORKS

COLUMNS: Final[tuple[tuple[str, str, str | None], ...]] = (  # head, count, of which other count
    ("documents", "documents", None),
    ("lines", "lines", None),
    ("certified", "certified", "lines"),
    ("undecided", "undecided", "lines"),
    ("not read", "not read", "lines"),
    ("false alarms", "false alarms", "lines"),
    ("mutants", "mutants", None),
    ("found", "found", "mutants"),
    ("found stated", "found stated", "mutants stated"),
    ("certified right", "mutant certified", "mutants"),
    ("place right", "span right", "found"),
    ("kind right", "kind right", "found"),
    ("named", "named nameable", "nameable"),
    ("cause right", "cause right", "named"),
    ("besides", "besides", "mutants"),
)


@dataclass(frozen=True)
class Goal:
    """A share that has to be reached."""

    count: str
    total: str
    least: float | None = None
    most: float | None = None


GOALS: Final[Mapping[Setting, Mapping[str, Goal]]] = {
    "without": {
        "right lines certified": Goal("certified", "lines", least=0.97),
        "right lines blamed": Goal("false alarms", "lines", most=0.0),
        "slips found where all names are stated": Goal("found stated", "mutants stated", least=0.9),
        "slips certified right": Goal("mutant certified", "mutants", most=0.02),
        "causes named": Goal("named nameable", "nameable", least=0.6),
        "causes right": Goal("cause right", "named", least=0.95),
        "conventions adopted": Goal("conventions", "documents", most=0.0),
    },
    "with": {
        "right lines certified": Goal("certified", "lines", least=0.99),
        "right lines blamed": Goal("false alarms", "lines", most=0.0005),
        "slips found": Goal("found", "mutants", least=0.95),
        "slips certified right": Goal("mutant certified", "mutants", most=0.02),
        "causes named": Goal("named nameable", "nameable", least=0.6),
        "causes right": Goal("cause right", "named", least=0.95),
        "conventions adopted": Goal("conventions", "documents", most=0.0),
        "parts bound to the scenario": Goal("bound parts", "parts", least=0.98),
    },
}


def main() -> int:
    """Print the figures; return 1 where a goal is missed."""
    options = _options()
    if options.document is not None:
        document = document_of(options.document)
        print(document.page.text)
        print(document.network.scenario())
        return 0
    settings = SETTINGS if options.scenario == "both" else (options.scenario,)
    jobs = jobs_of(
        options.networks,
        options.hands,
        options.documents,
        options.seed,
        options.share,
        settings,
        options.seconds,
    )
    results = dict(_results(jobs, options.processes))
    tables = {setting: _tables(results, setting) for setting in settings}
    if options.json:
        print(json.dumps({s: {k: dict(c) for k, c in t.items()} for s, t in tables.items()}))
    else:
        for setting in settings:
            _print_tables(setting, tables[setting])
            _print_misses(results, setting, options.list)
    missed = [_print_goals(s, tables[s]["total"], quiet=options.json) for s in settings]
    return 1 if any(missed) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.check.mutation")
    parser.add_argument("--networks", nargs="+", choices=[*NETWORKS], default=[*NETWORKS])
    parser.add_argument("--hands", nargs="+", choices=HANDS, default=[*HANDS])
    parser.add_argument("--documents", type=int, default=187, help="in each setting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.01, help="of all slips of a document")
    parser.add_argument("--scenario", choices=("with", "without", "both"), default="both")
    parser.add_argument("--list", type=int, default=0, metavar="N", help="lines of each group")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20.0, help="for one document")
    parser.add_argument("--json", action="store_true", help="print all counts")
    parser.add_argument("--document", metavar="ID", help="print one document and its scenario")
    return parser.parse_args()


# ---- running


def _results(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, dict[Setting, Outcome]]]:
    """Yield each document's outcome; a terminal is told how far it is."""
    start, shows = time.monotonic(), sys.stderr.isatty()
    with multiprocessing.Pool(processes) as pool:
        for done, result in enumerate(pool.imap_unordered(_run, jobs), 1):
            if shows:
                seconds = time.monotonic() - start
                print(
                    f"\r{done} of {len(jobs)} documents, {seconds:.0f} s", end="", file=sys.stderr
                )
            yield result
    if shows:
        print(file=sys.stderr)


def _run(job: Job) -> tuple[Job, dict[Setting, Outcome]]:
    with tempfile.TemporaryDirectory() as folder:
        return job, run_job(job, Path(folder))


# ---- printing


def _tables(
    results: Mapping[Job, Mapping[Setting, Outcome]], setting: Setting
) -> dict[str, Counter[str]]:
    """Return the counts of each network, of each hand, and of all."""
    rows: dict[str, Counter[str]] = {}
    for job, outcomes in results.items():
        counts = outcomes[setting].counts
        for row in (f"network {job.network}", f"hand {job.hand}", "total"):
            rows.setdefault(row, Counter()).update(counts)
    for counts in rows.values():
        counts["not read"] = counts["not_checked"] + counts["silent"] + counts["failure"]
    order = [*(f"network {name}" for name in NETWORKS), *(f"hand {name}" for name in HANDS)]
    return {row: rows[row] for row in [*order, "total"] if row in rows}


def _share(counts: Counter[str], count: str, total: str | None) -> str:
    if total is None:
        return str(counts[count])
    if not counts[total]:
        return "–"
    share = 100 * counts[count] / counts[total]
    return f"{counts[count]} ({share:.{2 if count == 'false alarms' else 1}f} %)"


def _print_tables(setting: Setting, rows: Mapping[str, Counter[str]]) -> None:
    print(f"\n{setting} scenario\n")
    print("| |" + "|".join(f" {head} " for head, _, _ in COLUMNS) + "|")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for name, counts in rows.items():
        print(f"| {name} | " + " | ".join(_share(counts, c, t) for _, c, t in COLUMNS) + " |")
    wrong = Counter({k: n for k, n in rows["total"].items() if k.startswith("wrong cause") and n})
    if wrong:
        print("\nwrong causes: " + ", ".join(f"{k[13:]} {n}" for k, n in wrong.most_common(8)))


def _print_goals(setting: Setting, counts: Counter[str], *, quiet: bool) -> bool:
    """Print which goals are met; say whether one is missed."""
    missed = False
    for words, goal in GOALS[setting].items():
        total = counts[goal.total]
        share = counts[goal.count] / total if total else 0.0
        is_missed = bool(total) and (
            (goal.least is not None and share < goal.least)
            or (goal.most is not None and share > goal.most)
        )
        missed |= is_missed
        if not quiet:
            aim = f"≥ {goal.least:.2%}" if goal.least is not None else f"≤ {goal.most:.2%}"
            verdict = "missed" if is_missed else "met"
            print(f"{setting}: {words}: {share:.2%} (aim {aim}): {verdict}")
    return missed


def _print_misses(
    results: Mapping[Job, Mapping[Setting, Outcome]], setting: Setting, most: int
) -> None:
    """Print lines that were judged wrongly, by what they are, whose hand and which verdict."""
    if not most:
        return
    misses = [miss for outcomes in results.values() for miss in outcomes[setting].misses]

    def group(miss: Miss) -> tuple[str, str, str]:
        return miss.what, miss.hand, miss.verdict

    groups = [(key, list(members)) for key, members in groupby(sorted(misses, key=group), group)]
    for (what, hand, verdict), members in sorted(groups, key=lambda item: -len(item[1])):
        print(f"\n{what}, {hand}, {verdict}: {len(members)}")
        for miss in members[:most]:
            print(f"    {miss.document}: {miss.line}")
            if miss.message:
                print(f"        {miss.message}")


if __name__ == "__main__":
    sys.exit(main())
