"""The given values of the bundled scenarios that people work by hand, for suggestions.

`python -m tests.check.given_values` writes the table that the checker suggests scenarios from.
"""

from __future__ import annotations

import json
from pathlib import Path

from tracer.check.trace.aliases import quantity_key
from tracer.program.scenario import bundled, load

TABLE = Path(__file__).parents[2] / "tracer" / "check" / "bind" / "given_values.py"
HEAD = '''"""What bundled scenarios are given (`python -m tests.check.given_values` writes it)."""

# ruff: noqa: E501 - a line a scenario

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GIVEN_VALUES: Final[Mapping[str, Mapping[str, list[float]]]] = {  # by scenario and name
'''
MOST_ENTRIES = 64  # of all given values; nobody works a larger network by hand


def given_values() -> dict[str, dict[str, list[float]]]:
    """Return the sizes of the entries of each given value, by scenario and name."""
    table = {}
    for scenario in bundled():
        loaded = load(scenario)
        given = {**loaded.data, **loaded.parameters, **loaded.constants}
        entries = [value.exact for value in given.values()]
        if any(exact is None for exact in entries):
            continue
        if sum(len(exact or ()) for exact in entries) <= MOST_ENTRIES:
            table[scenario] = {
                quantity_key(name): sorted({abs(float(entry)) for entry in value.exact or ()})
                for name, value in given.items()
            }
    return table


def table_text() -> str:
    """Return the table as its file holds it: a line a scenario."""
    lines = [
        f"    {json.dumps(name)}: {json.dumps(given)}," for name, given in given_values().items()
    ]
    return HEAD + "\n".join(lines) + "\n}  # fmt: skip\n"


if __name__ == "__main__":
    TABLE.write_text(table_text(), encoding="utf-8")
