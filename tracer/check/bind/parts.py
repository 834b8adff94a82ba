"""The parts of a document: one example each, bound to a scenario or an exercise of its own.

Names mean one thing in one part. A part ends where a given value is stated anew that contradicts
the one before, unless the run yields it ("now w = 0.8" is the same example, one step later).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tracer.check.bind.run_world import RunView, is_value_of_run
from tracer.check.judge.intervals import do_meet
from tracer.check.judge.trees import canonical_tree, is_literal
from tracer.check.model.statements import EquationChain, WorkedDocument
from tracer.check.numbers.enclosures import Unevaluable, Value, value_of
from tracer.expression.syntax import Name
from tracer.frozen import Frozen

__all__ = ["DocumentPart", "StatedValue", "parts_of"]

MOST_DIFFERING: Final = 1  # givens of a part that may differ from the scenario's: a slip, not more


class StatedValue(Frozen):
    """A name that is said to have a value, without working."""

    name: str
    value: Value
    chain: EquationChain


class DocumentPart(Frozen):
    """Statements from `first` up to `last` (half open) of a document.

    `differing` are the given values that are not the scenario's; with more than one the part is an
    exercise of its own, and `is_bound` is false.
    """

    first: int
    last: int
    is_bound: bool
    differing: tuple[StatedValue, ...] = ()


def parts_of(document: WorkedDocument, view: RunView | None) -> list[DocumentPart]:
    """Return the parts of a document in their order; they cover all of its statements."""
    starts = [0]
    given: dict[str, Value] = {}
    for position, stated in _stated_values(document, view):
        before = given.get(stated.name)
        contradicts = before is not None and not do_meet(before, stated.value)
        if contradicts and not (view and is_value_of_run(view, stated.name, stated.value)):
            begin = _begin_of_block(document, position, starts[-1])
            if begin > starts[-1]:
                starts.append(begin)
                given = {
                    other.name: other.value
                    for place, other in _stated_values(document, view)
                    if begin <= place < position
                }
        given[stated.name] = stated.value
    ends = [*starts[1:], len(document.statements)]
    return [_part(document, view, first, last) for first, last in zip(starts, ends, strict=True)]


def _part(document: WorkedDocument, view: RunView | None, first: int, last: int) -> DocumentPart:
    if view is None:
        return DocumentPart(first, last, False)
    differing: dict[str, StatedValue] = {}
    for position, stated in _stated_values(document, view):
        if first <= position < last and not is_value_of_run(view, stated.name, stated.value):
            differing.setdefault(stated.name, stated)
    is_bound = len(differing) <= MOST_DIFFERING
    return DocumentPart(first, last, is_bound, tuple(differing.values()))


def _stated_values(
    document: WorkedDocument, view: RunView | None
) -> Iterator[tuple[int, StatedValue]]:
    """Yield the values that are only stated, of names that are given and not computed."""
    for position, chain in enumerate(document.statements):
        if not isinstance(chain, EquationChain) or len(chain.sides) != 2 or chain.is_claim:
            continue
        if chain.sides[1].relation == "≈" or "supposed" in chain.doubts:
            continue
        left, right = chain.sides[0].tree, chain.sides[1].tree
        if left is None or right is None or not is_literal(right):
            continue
        name = canonical_tree(left)
        if not isinstance(name, Name) or (view is not None and not view.is_given(name.id)):
            continue
        try:
            yield position, StatedValue(name.id, value_of(canonical_tree(right)), chain)
        except Unevaluable:
            continue


def _begin_of_block(document: WorkedDocument, position: int, first: int) -> int:
    """Return where the example begins whose given value stands at a position.

    Its other givens stand beside it, without working between them, under the same heading.
    """
    statements: Sequence[object] = document.statements
    here = statements[position]
    assert isinstance(here, EquationChain)
    begin = position
    while begin > first:
        before = statements[begin - 1]
        if isinstance(before, EquationChain) and (
            before.headings != here.headings or len(before.sides) > 2
        ):
            break
        begin -= 1
    return begin
