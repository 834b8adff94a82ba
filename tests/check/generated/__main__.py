"""`python -m tests.check.generated`: right lines called wrong, planted slips found.

Right lines come from every small bundled scenario, at 2 to 8 digits, rounded, from unrounded
working and cut off, in ASCII, Unicode and LaTeX, each checked with and without its scenario.
"""

from __future__ import annotations

import sys

from tests.check.generated.score import planted_table, right_table
from tests.check.generated.writing import small_scenarios


def main() -> int:
    """Print both tables; return 1 where an aim is missed."""
    rows, wrong = right_table(small_scenarios(), (2, 3, 4, 6, 8))
    print(*rows, sep="\n")
    print()
    table, missed = planted_table((4,))
    print(*table, sep="\n")
    return 1 if wrong or missed else 0


if __name__ == "__main__":
    sys.exit(main())
