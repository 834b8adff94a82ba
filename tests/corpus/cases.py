"""The cases of the corpus and the list of slips, read from the TOML files beside this one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
PARTS = ("tuning", "measured")


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be said of one chain; `none`: it must not be judged at all.

    line counts from 1; span is half open, in code points of the raw line. Further verdicts and
    kinds that are right as well stand in `accept` and `candidates`. `slip` says which slip was
    made; `cause` repeats it where it can be known from the document alone. `value` and `mistake`
    are formulas for the right and the written figure (see validate.py).
    """

    line: int
    verdict: str
    tier: str | None = None
    kind: str | None = None
    slip: str | None = None
    cause: str | None = None
    span: tuple[int, int] | None = None
    written: str | None = None
    expected: str | None = None
    carried_from: int | None = None
    reason: str | None = None
    accept: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    places: tuple[tuple[int, int, int], ...] = ()
    value: str | None = None
    mistake: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One document and what must be said of its lines."""

    id: str
    part: str
    text: str
    expected: tuple[Expected, ...]
    format: str = "md"
    scenario: str | None = None

    @property
    def lines(self) -> list[str]:
        """The raw lines, the first at place 0."""
        return self.text.split("\n")


@cache
def slips() -> dict[str, str]:
    """Return the kind of each slip, by its id."""
    table: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "slips.toml").read_text("utf-8"))
    return {slip: kind for kind, group in table.items() for slip in group}


@cache
def load() -> tuple[Case, ...]:
    """Return all cases, file by file."""
    files = sorted(path for path in FOLDER.glob("*.toml") if path.name != "slips.toml")
    tables = [tomllib.loads(path.read_text("utf-8")) for path in files]
    return tuple(_case(entry) for table in tables for entry in table["case"])


def _case(entry: dict[str, Any]) -> Case:
    expected = tuple(expectation(one) for one in entry.pop("expected", []))
    return Case(**entry, expected=expected)


def expectation(entry: dict[str, Any]) -> Expected:
    """Return an expectation as it stands in a case or in a sidecar file."""
    lists = {name: tuple(entry[name]) for name in ("span", "accept", "candidates") if name in entry}
    places = [
        (one["line"], *one["span"]) if isinstance(one, dict) else tuple(one)
        for one in entry.get("places", [])
    ]
    return Expected(**(entry | lists | {"places": tuple(places)}))
