"""`python -m tests.check.generated`: right lines called wrong, planted slips found.

Right lines come from the first three iterations of every small bundled scenario, at 2 to 8 digits,
rounded from printed figures, from unrounded working and cut off, in ASCII, Unicode and LaTeX, each
checked with and without its scenario: some 225,000 lines. `--share 0.1` takes a tenth of the
documents, chosen by `--seed`.

Slips are planted in the first two iterations, with the scenario named: of each slip in each form,
scenario and notation `--most` of all that there are, chosen by `--seed`.
"""

from __future__ import annotations

import argparse
import sys

from tests.check.generated.score import (
    Choice,
    outcomes,
    planted_rows,
    right_lines,
    right_rows,
    styles_of,
)
from tests.check.generated.writing import small_scenarios

PARTS = ("right", "planted")


def main() -> int:
    """Print both tables; return 1 where an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.check.generated")
    parser.add_argument("parts", nargs="*", help="right, planted (default: both)")
    parser.add_argument("--digits", type=int, nargs="+", help="default: 2 to 8; planted at 4")
    parser.add_argument("--scenarios", nargs="+", default=small_scenarios())
    parser.add_argument("--share", type=float, default=1.0, help="of the right documents")
    parser.add_argument("--most", type=int, default=2, help="slips of a kind in a document")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", action="store_true", help="print each line that is missed")
    options = parser.parse_args()
    missed = False
    if "right" in (options.parts or PARTS):
        styles = styles_of(
            options.scenarios, options.digits or range(2, 9), options.share, options.seed
        )
        rows, wrong = right_rows(right_lines(styles), len(styles), show=options.show)
        print(*rows, sep="\n", end="\n\n")
        missed |= wrong
    if "planted" in (options.parts or PARTS):
        choice = Choice(options.most, options.seed)
        found = outcomes(options.scenarios, options.digits or [4], choice)
        rows, wrong = planted_rows(found, show=options.show)
        print(*rows, sep="\n")
        missed |= wrong
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
