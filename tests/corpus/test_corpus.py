"""The corpus proves itself, and the checker does well on both of its parts."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.corpus.__main__ import measure, shortfalls, total
from tests.corpus.cases import PARTS, Case, load, slips
from tests.corpus.validate import Proof
from tests.snapshots import check_snapshot
from tests.test_docs import DOCS, make_tables

KINDS = set(slips().values())


def test_the_corpus_is_large_enough() -> None:
    """At least 400 lines, and an id is given once."""
    cases = load()
    assert sum(len(case.expected) for case in cases) >= 400
    assert max(Counter(case.id for case in cases).values()) == 1


@pytest.mark.parametrize("slip", slips())
def test_each_slip_has_three_cases_and_one_in_each_part(slip: str) -> None:
    """A slip that stands in one part only would be measured by nothing, or tuned by nothing."""
    parts = [case.part for case in load() for one in case.expected if one.slip == slip]
    assert len(parts) >= 3
    assert set(parts) == set(PARTS)


@pytest.mark.parametrize("case", load(), ids=lambda case: case.id)
def test_a_case_is_right(case: Case) -> None:
    """Right lines hold, slips do not, and what belongs there does, by other arithmetic."""
    assert not Proof(case).faults


@pytest.mark.parametrize("part", PARTS)
def test_the_checker_meets_its_aims(part: str) -> None:
    """No right line is called wrong; slips are found and named as often as `LEAST` says."""
    tallies, _ = measure(part)
    assert tallies.keys() >= KINDS
    assert not shortfalls(total(tallies))


@pytest.mark.parametrize("part", PARTS)
def test_right_lines_are_read(part: str) -> None:
    """Silence must not look like approval: nearly all right lines are read."""
    right = measure(part)[0]["right"]
    assert right.read >= 0.95 * right.lines


def test_the_page_on_checking_has_these_figures() -> None:
    """`python docs/make_tables.py` would change nothing; what it measures is measured above."""
    text = make_tables().rewritten("docs/checking.md")
    check_snapshot(DOCS / "checking.md", text, "python docs/make_tables.py")
