"""What a chain that differs shows, and the part of it that is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from tracer.check.bind.worlds import RunView, WritersRun
from tracer.check.compare.bounded_values import (
    KnownValue,
    Spot,
    with_value,
)
from tracer.check.compare.side_comparison import SideComparison
from tracer.check.compare.value_comparison import Agreement
from tracer.check.model.written_trees import (
    is_literal,
    replace_parts,
)
from tracer.expression.syntax import Name, Node
from tracer.frozen import Frozen
from tracer.intervals import Value

WRONG: Final = (Agreement.DIFFERS, Agreement.EARLIER)
AGREED: Final = (Agreement.HOLDS, Agreement.ROUNDING, Agreement.OPEN)
BlamedPart = Literal["figure", "figures", "formula", "derivative", "either", "result"]


class WrongPart(Frozen):
    """What is wrong in a chain: a part of the side at `position`, and what belongs there.

    `part` is "figures" where several are wrong, "either" where nobody knows whether a sign of the
    formula or the figures after it are, "derivative" where a formula is not that of `name`, stated
    on `line`. `expected` is a value, or None where an expression is; `slips` are the ids of all
    slips that explain it, the likeliest first. `name` is the quantity that the figure should print,
    `line` where its value was stated (0: in the run), `other` the one whose value was written.
    """

    position: int
    node: Node
    expected: Value | None
    part: BlamedPart
    slips: tuple[str, ...] = ()
    name: str = ""
    line: int = 0
    other: str = ""
    mended: Node | None = None  # what belongs in the place of a wrong calculation or figure
    entry: Sequence[int] = ()  # the place, from 1, of a figure in an array
    belongs: str = ""  # the name that belongs there, or on the left
    is_all: bool = False  # whether the whole chain holds with what belongs there, and no more

    @property
    def cause(self) -> str | None:
        """The slip, where exactly one explains the figure."""
        return self.slips[0] if len(self.slips) == 1 else None

    def mended_in(self, side: Node) -> Node | None:
        """Return the side with what belongs in the wrong part's place; None where nobody knows."""
        belongs = Name(self.belongs) if self.belongs and self.position else self.mended
        if belongs is not None:
            return replace_parts(side, [(self.node, belongs)])
        return None if self.expected is None else with_value(side, self.node, self.expected)


class Evidence(Frozen):
    """A chain with a differing pair, as it was judged.

    `position` is the left side of the first pair that differs; `with_run` is true where that side
    differs from the run instead. `reference` is what the run says of the target, at `spot`;
    `is_stated` is true where that side is what the document says the target to be on another line,
    `is_result_right` where the run has the result. `updated_values` are those of names after their
    updates, which may stand further down. `doubted` are the pairs that prove nothing,
    `proved` is the first one that differs beside them.
    """

    trees: Sequence[Node | None]
    target: str | None
    position: int
    with_run: bool
    comparison: SideComparison
    writer: WritersRun
    view: RunView | None = None
    spot: Spot | None = None
    reference: KnownValue | None = None
    iteration: int = 1
    is_stated: bool = False
    is_result_right: bool = False
    updated_values: Mapping[str, Sequence[Node]] = MappingProxyType({})
    doubted: Collection[int] = ()
    proved: int = 0

    def side(self, position: int) -> Node:
        """Return a side that was read."""
        tree = self.trees[position]
        assert tree is not None
        return tree

    @property
    def result(self) -> Node | None:
        """The literal at the end of the chain."""
        last = self.trees[-1]
        return last if last is not None and is_literal(last) else None


def trees_agree(comparison: SideComparison, left: Node, right: Node) -> bool:
    """Tell whether two trees agree, leaving the comparison as it was."""
    return comparison.afresh().compare(left, right) <= Agreement.ROUNDING


def is_as_in_run(evidence: Evidence, node: Node) -> bool:
    """Tell whether a side has the run's value of the target, or gives a result that is right.

    That may be the run's as far as the figures of the line were rounded.
    """
    reference, comparison, result = evidence.reference, evidence.comparison, evidence.result
    if reference is None:
        return False
    in_run = comparison.with_reference(node, reference, is_rounded=False)
    right = result if evidence.is_result_right else None
    return in_run is Agreement.HOLDS or (right is not None and trees_agree(comparison, node, right))


def run_formulas(evidence: Evidence) -> Iterator[Node]:
    """Yield the formulas by which the run computes the target."""
    if evidence.view is not None and evidence.spot is not None:
        yield from evidence.view.formulas(evidence.spot)
