"""What is known in one part of a document so far: the writer's own run, and how it is joined."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Final

from tracer.check.bind.joined_names import JoinedNames
from tracer.check.bind.run_view import RunView
from tracer.check.bind.run_world import RunWorld
from tracer.check.bind.writers_run import WritersRun
from tracer.check.compare.bounded_values import Spot
from tracer.check.compare.rounding_habit import (
    RoundingHabit,
)
from tracer.check.compare.side_comparison import Agreement, SideComparison, World
from tracer.check.judge.stated_derivatives import StatedFormulas
from tracer.check.model.statements import EquationChain, StageMarker, Statement
from tracer.expression.syntax import Node

__all__ = ["PartState"]

MOST_LINES_BELOW: Final = 2  # the words, a blank line, the value


class PartState:
    """What one pass over a part of a document knows so far.

    `before` is what the part above has stated, which may still hold; `named_sides` are left sides
    that stand for one quantity; `has_updated` is true where this iteration's update was written,
    `has_slip` where a slip was found.
    """

    def __init__(
        self,
        habit: RoundingHabit,
        view: RunView | None,
        before: WritersRun | None = None,
        names: Collection[str] = (),
        statements: Sequence[Statement] = (),
    ) -> None:
        above = None if before is None else {**before.figures_above, **before.computed_figures}
        self.run: Final = WritersRun(names, above)
        self.before: Final = before
        self.habit: Final = habit
        self.view: Final = view
        self.named_sides: Final[dict[Node, str]] = {}  # left sides that stand for one quantity
        self.joined: Final = JoinedNames()
        self.formulas: Final = StatedFormulas(statements)
        self.iteration = 1
        self.has_updated = False
        self.has_slip = False
        self.furthest = 0  # an iteration that was reached before the text told of an earlier one
        self.listed_line = 0  # up to which values stand right under the words for an iteration
        self.marked_line = 0  # of the words for this iteration
        self._level = 0  # of the heading above

    def mark(self, marker: StageMarker) -> None:
        """Go to the iteration that words name; what was reached before may still go on."""
        if marker.kind == "heading":
            is_within = self.listed_line and marker.number > self._level
            self.listed_line = marker.place.line if is_within else 0
            self._level = self._level if is_within else marker.number
        elif marker.kind in ("iteration", "epoch"):
            self.run.begin_iteration()
            self.furthest = max(self.furthest, self.iteration + self.has_updated)
            self.iteration, self.has_updated = max(marker.number, 1), False
            self.listed_line = self.marked_line = marker.place.line

    def note_listed(self, chain: EquationChain, *, is_statement: bool) -> None:
        """Note whether a chain is one of the values that are listed for this iteration."""
        is_near = chain.place.line - self.listed_line <= MOST_LINES_BELOW
        is_listed = is_statement and is_near and not chain.refers_elsewhere
        self.listed_line = chain.last_line if self.listed_line and is_listed else 0

    def present_world(self) -> World:
        """Return what names are here: in the run, where there is one, else as stated."""
        if self.view is None:
            return self.run
        return RunWorld(self.view, self.run, self.iteration, None, self.joined)

    @cached_property
    def _perturbed(self) -> RunView | None:
        """The run at other numbers."""
        return None if self.view is None else self.view.perturbed()

    def is_only_here(self, formulas: Sequence[Node], spot: Spot | None) -> bool:
        """Tell whether one of some formulas fails at other numbers than those of the run."""
        if spot is None or not formulas or self.iteration > 1 or self._perturbed is None:
            return False
        reference = self._perturbed.value(spot, 1)
        if reference is None:
            return False
        joined = JoinedNames()
        joined.own_names.update(
            {name: own for name, own in self.joined.own_names.items() if own.formula is not None}
        )
        world = RunWorld(self._perturbed, WritersRun(), 1, spot, joined)
        comparison = SideComparison(world, self.habit, {})
        return any(
            comparison.with_reference(formula, reference, is_rounded=False) is Agreement.DIFFERS
            for formula in formulas
        )
