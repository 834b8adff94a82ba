"""Prints the table of slips located: `python -m tests.debug`."""

from __future__ import annotations

import sys

from tests.debug.located import rows


def main() -> int:
    """Print a row for each case and form; 1 where one is not located."""
    found = list(rows())
    width = max(len(row.case) for row in found)
    for row in found:
        marks = [
            "located" if row.is_located else "NOT LOCATED",
            "corrected" if row.is_corrected else "no correction",
            "right code passes" if row.passes else "RIGHT CODE BLAMED",
        ]
        print(f"{row.case.ljust(width)}  {row.form.ljust(8)}  {', '.join(marks)}")
        if "-v" in sys.argv and row.report:
            print(row.report)
    total = len(found)
    print(
        f"{sum(row.is_located for row in found)} of {total} located, "
        f"{sum(row.is_corrected for row in found)} corrected, "
        f"{sum(row.passes for row in found)} right codes pass"
    )
    return 0 if all(row.is_located and row.passes for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
