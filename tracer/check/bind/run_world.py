"""The traced run as worlds: what names are in an iteration, as computed or as a writer rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from tracer.check.bind.writers_run import WritersRun, entry_of, entry_of_known
from tracer.check.compare.bounded_values import KnownValue, Spot, do_meet, have_one_shape, hull
from tracer.check.compare.side_comparison import World
from tracer.check.model.written_trees import names_in
from tracer.check.trace.aliases import ENTRY
from tracer.expression.syntax import Node
from tracer.frozen import Frozen
from tracer.intervals import Interval, Value, value_or_none

if TYPE_CHECKING:
    from tracer.check.trace.traced_view import TracedView

RunView: TypeAlias = "TracedView"  # one is loaded only where there is one

DEEPEST: Final = 20  # definitions of names by other names of the writer's own
MOST_RESTATED: Final = 50  # iterations in which a restated parameter is looked for


class OwnName(Frozen):
    """What the writer has named for himself: by a formula, or (in one iteration) by figures."""

    formula: Node | None
    value: KnownValue | None
    iteration: int


class JoinedNames:
    """How the writer's names and right results are joined to the run's quantities.

    `results` are right results by quantity and iteration, each with its rounding: what follows
    from them may be as far from the run as they are. `turned` are names that the writer has with
    the other sign.
    """

    def __init__(self) -> None:
        self.own_names: Final[dict[str, OwnName]] = {}
        self.results: Final[dict[tuple[Spot, int], Value]] = {}
        self.turned: Final[set[str]] = set()
        self._reached: Final[dict[tuple[Spot, int], tuple[Value, Value]]] = {}

    def note_result(
        self, carried: Mapping[str, str], spot: Spot, iteration: int, bounds: Value
    ) -> None:
        """Note what the writer has for a quantity; what it carries begins the next iteration."""
        self._note(spot, iteration, bounds)
        for before, after in carried.items():
            if after == spot[0]:
                self._note((before, spot[1]), iteration + 1, bounds)

    def _note(self, spot: Spot, iteration: int, bounds: Value) -> None:
        self.results[spot, iteration] = bounds
        self._reached.clear()

    def reach(self, spot: Spot, iteration: int, value: Value) -> Value:
        """Return a value with bounds that reach to what the writer has for it, entry by entry."""
        before = self._reached.get((spot, iteration))
        if before is None or before[0] is not value:
            before = self._reached[spot, iteration] = value, self._hull(spot, iteration, value)
        return before[1]

    def _hull(self, spot: Spot, iteration: int, value: Value) -> Value:
        bounds = self.results.get((spot, iteration))
        if bounds is not None and have_one_shape(bounds, value):
            return hull(value, bounds)
        if isinstance(value, Interval):
            whole = self.results.get(((spot[0], ()), iteration)) if spot[1] else None
            entry = None if whole is None else entry_of(whole, spot[1])
            return value if entry is None else hull(value, entry)
        return tuple(
            self.reach((spot[0], (*spot[1], place)), iteration, part)
            for place, part in enumerate(value)
        )


class RunWorld:
    """What names are in one iteration of the run; what it does not know, the writer has stated.

    `target` is what the line computes: but for its own update a state is used as updated. What the
    writer named for himself is in `own_names`, with the value that its definition has in the run.
    """

    def __init__(
        self,
        view: RunView,
        writer: WritersRun,
        iteration: int,
        target: Spot | None = None,
        joined: JoinedNames | None = None,
    ) -> None:
        self.view: Final = view
        self.writer: Final = writer
        self.iteration: Final = iteration
        self.target: Final = target
        self.joined: Final = joined or JoinedNames()
        self._defined: Final[dict[str, KnownValue | None]] = {}

    def known_value(self, name: str) -> KnownValue | None:
        """Return what a name is: in the run, else by its definition, else as stated."""
        found = self._in_run(name)
        if found is not None:
            return found
        own = self.as_defined(name)
        if own is None:
            return self.writer.known_value(name)
        bounds = self.joined.reach((name, ()), self.iteration, own.printed)
        return KnownValue(own.printed, bounds, own.unrounded, own.is_given, own.line)

    def as_defined(self, name: str, depth: int = 0) -> KnownValue | None:
        """Return what a name of the writer's own is by its definition, in this iteration.

        It is worked out once, however many names are made of it; no name is defined by itself.
        """
        if name not in self._defined:
            self._defined[name] = None
            self._defined[name] = self._by_definition(name, depth)
        return self._defined[name]

    def _by_definition(self, name: str, depth: int) -> KnownValue | None:
        own = self.joined.own_names.get(name)
        if own is None:
            bracketed = ENTRY.fullmatch(name)
            whole = self.as_defined(bracketed[1] + bracketed[3], depth) if bracketed else None
            if bracketed is None or whole is None:
                return None
            return entry_of_known(whole, [*map(int, bracketed[2].split(","))], may_be_row=True)
        if depth > DEEPEST:
            return None
        if own.formula is None:
            return own.value if own.iteration == self.iteration else None
        known: dict[str, Value] = {}
        for part in names_in(own.formula):
            found = self._in_run(part) or self.as_defined(part, depth + 1)
            stated = self.writer.known_value(part) if found is None else None
            if stated is not None and stated.is_given:
                found = stated
            if found is not None:
                known[part] = found.printed
        value = value_or_none(own.formula, known)
        return None if value is None else KnownValue(value, value, value, False, 0)

    def _in_run(self, name: str) -> KnownValue | None:
        timed = self.view.step_of(name)
        if timed is not None:
            base, step = timed
            spot = self.view.spots(base, is_target=False)[0]
            return self._rounded(spot, step + (self.view.kind(spot) == "state"))
        spots = self.view.spots(name, is_target=False)
        if not spots:
            return None
        spot = spots[0]
        if self.view.kind(spot) == "state" and self.target is not None:
            updated = self.view.carried.get(spot[0], spot[0]), spot[1]
            spot = spot if self.target in (spot, updated) else updated
        found = self._rounded(spot, self.iteration)
        return found.negative if found is not None and name in self.joined.turned else found

    def _rounded(self, spot: Spot, iteration: int) -> KnownValue | None:
        """Return what a quantity is in the run; its bounds reach to what the writer has for it."""
        found = self.view.value(spot, iteration)
        if found is None or found.is_given:
            return found
        bounds = self.joined.reach(spot, iteration, found.printed)
        return KnownValue(found.printed, bounds, found.unrounded, False, 0)

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return what a name is after this iteration's update, and in the iteration before."""
        spots, now = self.view.spots(name, is_target=False)[:1], self.iteration
        others = (self.view.value(spot, time) for spot in spots for time in (now + 1, now - 1))
        return [value for value in others if value is not None] or self.writer.earlier(name)


class WritersWorld:
    """What the writer has stated of each name; what was not stated is as in the run."""

    def __init__(
        self, writer: WritersRun, run: World | None = None, *, corrects: bool = False
    ) -> None:
        self.writer: Final = writer
        self.run: Final = run
        self.corrects: Final = corrects  # where a result was wrong, the right one is meant

    def known_value(self, name: str) -> KnownValue | None:
        """Return what a name was said to be, else what it is in the run."""
        found = self.writer.corrected.get(name) if self.corrects else None
        found = found or self.writer.known_value(name)
        return self.run.known_value(name) if found is None and self.run is not None else found

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return other values that the name was said to have."""
        return self.writer.earlier(name)


def views_of_samples(view: RunView, iteration: int) -> Sequence[RunView]:
    """Return the run of each sample of a batch alone; () where these work on each other.

    Then what is computed of one sample alone is not its entry in the batch.
    """
    views = [*view.of_samples(iteration)]
    are_entries = all(
        alone.phase((name, ())) != "forward"
        or (own := alone.value((name, ()), 1)) is None
        or (whole := view.value((name, ()), iteration)) is None
        or (entry := entry_of_known(whole, (place,), may_be_row=True)) is None
        or not have_one_shape(own.printed, entry.printed)
        or do_meet(own.printed, entry.printed)
        for place, alone in enumerate(views)
        for name in alone.names
    )
    return views if are_entries and len(views) > 1 else ()


def is_value_of_run(view: RunView, name: str, value: Value, bounds: Value) -> bool:
    """Tell whether a name has a value at the start, or (a parameter) after any iteration.

    After an iteration it is a result, which may have been rounded: it lies within `bounds`. Data
    may be stated sample by sample.
    """
    last = min(view.iterations, MOST_RESTATED) + 1
    values = (
        (iteration, part)
        for spot in view.spots(name, is_target=False)
        for iteration in range(1, (last if spot[0] in view.carried else 1) + 1)
        if (known := view.value(spot, iteration)) is not None
        for part in (
            known.printed,
            *(known.printed if spot[0] in view.data and isinstance(known.printed, tuple) else ()),
        )
    )
    return any(do_meet(known, value if iteration == 1 else bounds) for iteration, known in values)
