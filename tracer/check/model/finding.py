"""What was found in a document, a record for each worked chain. It has no markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from tracer.check.model.mapped_text import TextPlace
from tracer.check.model.statements import UnreadReason
from tracer.frozen import Frozen, Value
from tracer.sentences import Sentence

__all__ = ["VERDICTS", "ComparedPair", "Finding", "Replacement", "Verdict"]

Verdict = Literal["correct", "slip", "rounding", "carried_forward", "undecided", "not_checked"]
VERDICTS: Final[tuple[Verdict, ...]] = (
    "correct",
    "slip",
    "rounding",
    "carried_forward",
    "undecided",
    "not_checked",
)


class Replacement(Value):
    """A place in the raw text, and what belongs there."""

    place: TextPlace
    text: str


class ComparedPair(Value):
    """Two neighbouring sides by their texts, and how they agree; None where one was not read."""

    left: str
    right: str
    agreement: str | None


class Finding(Frozen):
    """One worked chain and what was found in it.

    `place` is where the chain stands, `wrong_place` the figure (or formula) that is wrong,
    `written` its text, `expected` what belongs there at the printed precision. `replacements` are
    empty where no repair is unique, `suggestion` is the corrected line. `candidates` are all kinds
    of slips that fit, `cause` the id of the one that explains the figure. `world` says in which
    world the chain was judged, `error_line` is the line of the slip that a carried one follows
    from.
    """

    verdict: Verdict
    place: TextPlace
    text: str
    pairs: tuple[ComparedPair, ...] = ()
    kind: str | None = None
    candidates: tuple[str, ...] = ()
    cause: str | None = None
    wrong_place: TextPlace | None = None
    written: str | None = None
    expected: str | None = None
    suggestion: str | None = None
    message: Sentence | None = None
    replacements: Sequence[Replacement] = ()
    result_correct: bool | None = None
    error_line: int | None = None
    reason: UnreadReason | None = None
    world: str | None = None

    @property
    def line(self) -> int:
        """The line to look at, from 1: of the wrong figure, else where the chain begins."""
        return (self.wrong_place or self.place).line

    @property
    def column(self) -> int:
        """The column to look at, from 1."""
        return (self.wrong_place or self.place).start + 1
