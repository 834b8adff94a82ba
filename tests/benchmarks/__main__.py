"""Measures the work of performance goals: `python -m tests.benchmarks W1 W2 [--check]`.

Prints a table in Markdown, a row for each figure as soon as it is measured; bold ones do not hold.
Without a work it lists what there is, and with --check measures all.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

TABLE_HEAD = """\
| work | what | figure | measured | must hold | aim | amount |
|---|---|---|---|---|---|---|"""

for library in ("OMP", "OPENBLAS", "MKL"):  # one thread; read when NumPy is loaded
    os.environ[f"{library}_NUM_THREADS"] = "1"

# A module each, with TITLE and measure(rounds).
WORKS = {
    "W1": "w1",
    "W2": "w2",
    "W3": "w3",
    "W4": "w4",
    "W5": "w5",
    "W6": "w6",
    "W7": "w7",
    "W8": "w8",
    "check": "checking_cost",
    "startup": "startup",
    "repaint": "repaint",
}


def main(arguments: list[str]) -> int:
    """Return 0; with --check 1 where a figure that must hold does not; 2 for an unknown work."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("works", nargs="*", metavar="WORK", help=", ".join(WORKS))
    parser.add_argument("--check", action="store_true", help="exit 1 where a goal does not hold")
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="default: 15")
    options = parser.parse_args(arguments)
    modules = {name: f"tests.benchmarks.{module}" for name, module in WORKS.items()}
    unknown = [name for name in options.works if name not in modules]
    if unknown or options.rounds < 1:
        what = f"there is no work {unknown[0]!r}; there are {', '.join(modules)}"
        print(what if unknown else "--rounds is at least 1", file=sys.stderr)
        return 2
    if not options.works and not options.check:
        for name, module in modules.items():
            print(f"{name}  {import_module(module).TITLE}")
        return 0
    print(TABLE_HEAD)
    missed = []
    for name in options.works or modules:
        for figure in import_module(modules[name]).measure(options.rounds):
            print(figure.row(), flush=True)
            missed += [] if figure.holds else [f"{figure.work} {figure.implementation}"]
    print(f"{len(missed)} that must hold do not: {', '.join(missed)}" if missed else "all hold")
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
