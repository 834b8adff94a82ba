"""Prints the tables of slips located, in code that is run and not: `python -m tests.debug`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tests.debug.located import Located, rows, unrun_rows


def main() -> int:
    """Print a row for each case and form, twice; 1 where one is not located."""
    print("tracer debug FILE --run")
    is_complete = _table(rows())
    print("\ntracer check FILE, which runs nothing")
    return 0 if _table(unrun_rows()) and is_complete else 1


def _table(rows: Iterable[Located]) -> bool:
    """Print a table and tell whether every row is as it should be."""
    found = list(rows)
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
    print(
        f"{sum(row.is_located for row in found)} of {len(found)} located, "
        f"{sum(row.is_corrected for row in found)} corrected, "
        f"{sum(row.passes for row in found)} right codes pass"
    )
    return all(row.is_located and row.passes for row in found)


if __name__ == "__main__":
    sys.exit(main())
