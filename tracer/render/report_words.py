"""What all forms of a report share: which verdicts they list, and verdicts and counts in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracer.check.model.finding import Verdict
from tracer.sentences import Translate, plain, say

__all__ = ["REPORTED", "VERDICT_NAMES", "all_counts_text", "counts_text"]

# What is listed, besides the counts; what is right needs no line.
REPORTED: Final[tuple[Verdict, ...]] = (
    "slip",
    "carried_forward",
    "rounding",
    "undecided",
    "not_checked",
)
VERDICT_NAMES: dict[Verdict, str] = {
    "correct": say("right").template,
    "slip": say("slips").template,
    "rounding": say("rounding remarks").template,
    "carried_forward": say("carried forward").template,
    "undecided": say("undecided").template,
    "not_checked": say("not checked").template,
}
_ONE_OF: dict[Verdict, str] = {
    **VERDICT_NAMES,
    "slip": say("slip").template,
    "rounding": say("rounding remark").template,
}


def counts_text(counts: Mapping[Verdict, int], translate: Translate) -> str:
    """Return counts in words; what there is none of is left out, but not slips."""
    parts = [
        f"{count} {translate((_ONE_OF if count == 1 else VERDICT_NAMES)[verdict])}"
        for verdict, count in counts.items()
        if count or verdict in ("correct", "slip", "not_checked")
    ]
    return translate(", ").join(parts)


def all_counts_text(counts: Mapping[Verdict, int], translate: Translate) -> str:
    """Return the line of the counts of all files."""
    return plain(say("in all: {counts}", counts=counts_text(counts, translate)), translate)
