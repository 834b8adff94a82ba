"""What is known of each quantity while a document is read: what it stated, what was traced.

A name may have had several values: the last one stated is its current value, those before it are
older. With a traced run the current value is the traced one of the iteration at hand, and what
the writer stated is kept beside it, so that an error carried forward can be told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from tracer.check.judging.pieces import Pieces
from tracer.check.judging.recalling import (
    Recall,
    Section,
    is_alone,
    iteration_said,
    recall,
    section_of,
)
from tracer.check.slips.rewriting import number
from tracer.check.trace.aliases import key_of, name_of, quantities_in
from tracer.check.written import Chain, Marker
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.intervals import Interval, Value

if TYPE_CHECKING:
    from tracer.check.judging.givens import Givens
    from tracer.check.trace.binding import Spot
    from tracer.check.trace.traced import Clock, Traced

__all__ = ["Known", "Memory", "Quantities", "Target", "is_within", "widened"]

MOST_AWAY: Final = 20  # iterations in which what is only said is looked for, to each side
RECENT: Final = 2  # values before the last one that may still be taken for it
MOST_STATED: Final = 200  # values that are kept of one quantity

Relation = Literal["current", "older", "newer"]


class Known(NamedTuple):
    """A value that a quantity has or had, and where that is said (`line` 0: traced).

    `half` is half a unit of the figure it was printed with, 0 where it is exact. `charged` is the
    line of the slip that it comes from, 0 where there was none; `right` is then what it should be.
    """

    name: str
    value: Value
    half: Fraction = Fraction(0)
    computed: bool = False
    line: int = 0
    relation: Relation = "current"
    charged: int = 0
    right: Value | None = None
    unrounded: Value | None = None  # from unrounded working, where that is known
    phase: str = ""
    round: int = 0  # in which it was stated
    is_put_in: bool = False  # known only from a formula that it was put into

    @property
    def kept(self) -> Value | None:
        """What a calculator that rounds nothing has of it; None where that cannot be told."""
        if self.unrounded is not None:
            return self.unrounded
        return self.value if not self.half else None


class Target(NamedTuple):
    """The quantity that a chain computes: its name, and its value where one is known."""

    name: str
    value: Value | None
    given: bool = False


def is_within(value: Value, bounds: Value) -> bool:
    """Say whether two values may be one: single numbers whose intervals meet, entry by entry."""
    if isinstance(value, Interval) and isinstance(bounds, Interval):
        if value.low is value.high and bounds.low is bounds.high:
            return value.low == bounds.low  # the usual case, and the quick one
        return value.meets(bounds)
    if isinstance(value, Interval) or isinstance(bounds, Interval):
        return False
    return len(value) == len(bounds) and all(map(is_within, value, bounds))


def widened(value: Value, half: Fraction) -> Value:
    """Return the value with half a unit more on each side of every entry."""
    if isinstance(value, Interval):
        return Interval(value.low - half, value.high + half)
    return tuple(widened(entry, half) for entry in value)


class Memory:
    """The values that a document stated, by the key of each name, in order."""

    def __init__(self) -> None:
        self._stated: dict[str, list[Known]] = {}
        self._by_value: dict[Fraction, set[str]] = {}  # which names had it at some time
        self._bounded: set[str] = set()  # whose value was not known exactly at some time
        self._formulas: dict[str, Node] = {}
        self._rounds: dict[str, int] = {}
        self._updated: dict[str, int] = {}  # what was updated, and in which round
        self.round = 0
        self.has_slips = False  # whether something that was stated comes from one
        self.cuts = 0  # figures that were cut off where rounding gives another

    def state(self, name: str, known: Known, printed: Fraction = Fraction(0)) -> None:
        """Keep what a name was said to be.

        What only says the last value again, perhaps with fewer digits (`printed` is half a unit
        of the figure), changes nothing.
        """
        self.has_slips |= known.charged > 0
        values = self._stated.setdefault(name, [])
        last = values[-1] if values else None
        if last is not None and last.value == known.value:
            values[-1] = last._replace(
                half=max(known.half, last.half),  # 1.9 is exact, and 1.9 again is 1.94 perhaps
                computed=known.computed or last.computed,
                unrounded=known.unrounded or last.unrounded,
                charged=known.charged or last.charged,
                right=known.right or last.right,
            )
            return
        if (
            last is not None
            and last.computed
            and not known.computed
            and is_within(known.value, widened(last.value, last.half + printed))
        ):
            return
        values.append(known)
        del values[:-MOST_STATED]
        self._had(name, known.value)

    def refine(self, name: str, finer: Known) -> None:
        """Replace the last value of a name by the same with more digits."""
        self._stated[name][-1] = finer
        self._had(name, finer.value)

    def forget(self, name: str) -> None:
        """Drop what a name was, and its entries, where it has another value that was not said."""
        for key in [*self._stated]:
            if key.partition("[")[0].rstrip("'") == name:
                del self._stated[key]

    def _had(self, name: str, value: Value) -> None:
        """Note where a search for a number has to look."""
        if isinstance(value, Interval):
            exact = value.is_exact
            names = self._by_value.setdefault(value.low, set()) if exact else self._bounded
            names.add(name)

    def current(self, name: str) -> Known | None:
        """Return the last value of a name."""
        values = self._stated.get(name)
        return values[-1] if values else None

    def older(self, name: str) -> Sequence[Known]:
        """Return the values before the last one, the latest first."""
        return [known._replace(relation="older") for known in self._stated.get(name, [])[-2::-1]]

    def has_changed(self, line: int) -> bool:
        """Say whether any name got another value on a line or below it."""
        lists = self._stated.values()
        return any(len(values) > 1 and values[-1].line >= line for values in lists)

    def equal_to(self, value: Interval) -> Iterator[Known]:
        """Yield the current and the older quantities that have a value (single numbers only)."""
        names: Collection[str] = self._stated
        if value.is_exact:
            had = self._by_value.get(value.low, frozenset()) | self._bounded
            names = [name for name in self._stated if name in had] if had else ()
        for name in names:
            for place, known in enumerate(reversed(self._stated[name])):
                if isinstance(known.value, Interval) and is_within(known.value, value):
                    yield known if not place else known._replace(relation="older")
                    break

    def names(self) -> list[str]:
        """Return the keys of all names that have a value."""
        return list(self._stated)

    @property
    def has_updated(self) -> bool:
        """Whether something was updated in this round."""
        return self.round in self._updated.values()

    def is_updated(self, name: str) -> bool:
        """Say whether a name was computed from itself, as an update does."""
        return name in self._updated

    def formula(self, name: str) -> Node | None:
        """Return the formula that a name was last computed by."""
        return self._formulas.get(name)

    def learn(self, name: str, formula: Node) -> None:
        """Keep the formula of a name."""
        self._formulas[name] = formula

    def named_by(self, formula: Node) -> str | None:
        """Return the name that was computed by this very formula."""
        return next((name for name, node in self._formulas.items() if node == formula), None)

    def is_begun_anew(self, name: str) -> bool:
        """Say whether a target is computed again in a round after the one it was computed in."""
        return name in self._rounds and self._rounds[name] < self.round

    def computed_now(self, name: str, *, update: bool) -> None:
        """Note that a target was computed in this round."""
        self._rounds[name] = self.round
        if update:
            self._updated[name] = self.round

    def begin_round(self) -> None:
        """Note that an iteration begins: what was updated under a primed name is used from now."""
        self.round += 1
        for name in self._updated:
            stem = name.rstrip("'")
            values = self._stated.get(name)
            if stem != name and values:  # what was only told may be of an earlier round
                updated = (known for known in reversed(values) if known.computed)
                self.state(stem, next(updated, values[-1]))

    def follows_update(self, name: str) -> bool:
        """Say whether a target is computed a second time, an update having come in between."""
        return self._rounds.get(name) == self.round and self.has_updated


class Quantities:
    """What is known at the chain that is being judged."""

    def __init__(
        self,
        traced: Traced | None = None,
        *,
        explains: bool = True,
        in_place: bool = False,
        one_sample: bool = False,
    ) -> None:
        self.explains: Final = explains  # whether causes are looked for
        self.in_place: Final = in_place  # each line is of the iteration it stands in
        self.memory: Final = Memory()
        self.traced: Final = traced
        self.one_sample: Final = one_sample  # data of any other than the step's are out of place
        self.clock: Clock | None = None
        self.givens: Givens | None = None
        if traced is not None:
            from tracer.check.judging.givens import Givens
            from tracer.check.trace.traced import Clock

            self.clock = Clock(traced)
            self.givens = None if in_place else Givens(traced)
        self.iteration = 1
        self.is_told = False  # the chain only tells of another iteration than the one at hand
        self.is_doubtful = False  # words beside the chain leave open whether it does
        self.supposed_line = 0  # on which numbers stand that are only supposed
        self._latest = 1  # iteration that a line was in
        self._end: int | None = None  # the last iteration of the run, before it was made longer
        self.target: Target | None = None
        self.key: str | None = None  # under which the target's value is kept
        self._place: tuple[str, tuple[int, ...]] | None = None  # of the target, in the trace
        self._keys: dict[str, str] = {}  # under which the writer states what the trace names
        self._is_update = False
        self._is_alias = False  # the target has a name that the run does not know
        self._named = 0  # the last iteration that words named
        self.lines: Sequence[str] = ()  # of the document, where headings are to be told
        self.pieces = Pieces()
        self._under: tuple[Section, int] | None = None  # a heading, and the iteration of it
        self._section = 0  # "Step 2" may be an iteration, if the figures say so

    def mark(self, marker: Marker) -> None:
        """Note that an iteration (or a sample) begins."""
        if marker.kind in ("iteration", "epoch"):
            self.memory.begin_round()
            self._named = max(self._named, marker.number)
        self._section = marker.number if marker.kind == "section" else 0
        if self.clock is not None:
            self.clock.marker(marker)
            self.iteration = self.clock.now  # also of lines whose quantity the run does not know
            if marker.kind == "iteration":
                span = marker.span
                words = self.lines[span.line - 1][: span.end] if self.lines else ""
                section = section_of(self.lines, span.line, words)
                self._under = None if section is None else (section, self.clock.now)

    # The chain at hand

    def begin(self, chain: Chain, result: Value | None, *, stated: bool) -> None:
        """Find what a chain computes, and the iteration it belongs to.

        `stated` is true where it only says a value; `result` is what its last figure may print.
        """
        name = chain.target
        self.target, self.key, self._place, self._is_update = None, None, None, False
        self.is_told = self.is_doubtful = False
        if name is None:
            return
        written = key_of(name)
        assert written is not None
        self.key = written
        self._is_update = any(
            key_of(part) == written.rstrip("'")
            for member in chain.members[1:]
            if member.node is not None and member.role != "numbers"
            for part in quantities_in(member.node).values()
        )
        self.target = Target(name_of(name) or "", None)
        alias = self._alias(chain, name)
        self._is_alias = alias is not None
        if alias is not None:  # `mine = y_pred = 0.5` says what y_pred is
            name, stated = alias, True
        if self.traced is not None and self._tells(chain, name, result, stated):
            return
        if not self._is_update and not stated and self.memory.follows_update(written):
            self.memory.begin_round()
        if self.traced is not None:
            self._begin_traced(name, result, stated)

    def _alias(self, chain: Chain, name: Node) -> Node | None:
        """Return what the run computes and a chain gives a name of the writer's own."""
        if self.traced is None or len(chain.members) != 3:
            return None
        second = chain.members[1].node
        if second is None or name_of(second) is None or self.traced.quantities(name, target=True):
            return None
        spots = self.traced.quantities(second, target=False)
        is_computed = bool(spots) and not self.traced.given(spots[0][0])
        return second if is_computed else None

    def _begin_traced(self, name: Node, result: Value | None, stated: bool) -> None:
        assert self.traced is not None
        assert self.clock is not None
        places = self.traced.quantities(name, target=not stated or self._is_update)
        if not places:
            return
        quantity, index = self._chosen(name, places, result, stated)

        def fits(iteration: int) -> bool:
            return self._fits((quantity, index), iteration, result)

        if self._is_partial(name, quantity, index):
            return
        self.clock.come_back(fits, stated=stated)
        phase = self.traced.phase(quantity)
        iteration = self.clock.place(quantity, phase, stated, index, fits)
        if stated and not (self._is_update or self.in_place or fits(iteration)):
            # What is only said may be said of a later iteration, or of the beginning.
            last = min(self.traced.iterations, iteration + MOST_AWAY)
            later = (
                (number, spot)
                for spot in ((quantity, index), *self.traced.quantities(name, target=True))
                for number in range(iteration, last + 1)
                if self._fits(spot, number, result)
            )
            told, spot = next(later, (0, (quantity, index)))
            told = told or (1 if self.traced.given(quantity) and fits(1) else 0)
            if not told and self._is_after_last(quantity, last) and fits(last + 1):
                told = last + 1
            if told:
                self._set_target(*spot, told)
                return
        updated = self.memory.has_updated or self.clock.has_updated
        may_move = not self.clock.only_words and not fits(iteration)
        if may_move and updated and fits(iteration + 1):
            # Nothing said so, but an update has been made and the figure is the next iteration's.
            iteration += 1
            if not stated:
                self.clock.go(iteration)
        elif may_move and self._section > iteration and fits(self._section):
            iteration = self._section
            self.clock.go(iteration)
        if iteration > self._latest:
            self.memory.begin_round()
            self._latest = iteration
        self._set_target(quantity, index, iteration)

    def _is_after_last(self, quantity: str, last: int) -> bool:
        """Say whether a value may be one with the last weights, which the run did not work out."""
        assert self.traced is not None
        if self.traced.phase(quantity) not in ("forward", "loss"):
            return False
        if self._end is None:
            self._end = self.traced.iterations
        return last >= self._end and self.traced.extend(self._end + 1)

    def _fits(self, spot: Spot, iteration: int, result: Value | None) -> bool:
        """Say whether a written result may be what a quantity is in an iteration."""
        assert self.traced is not None
        value = self.traced.value(*spot, iteration)
        return result is not None and value is not None and is_within(value, result)

    def _tells(self, chain: Chain, name: Node, result: Value | None, stated: bool) -> bool:
        """Find the iteration where a chain only tells what was in one that is over.

        What is only stated may be said of any, unless the line names another; what is worked out
        is taken so where words say it. The clock stays where it is.
        """
        assert self.traced is not None
        assert self.clock is not None
        now, has_updated = self.clock.now, self.clock.has_updated
        if stated and not self.in_place and self._tells_of_named(chain, name):
            return True
        if self.in_place or result is None or (now == 1 and not has_updated):
            return False
        spots = self.traced.quantities(name, target=True)
        is_updated = not stated and spots and spots[0][0].endswith("'")
        spots = spots[:1] if self._is_update or is_updated else spots
        if has_updated and any(self._fits(spot, now + 1, result) for spot in spots):
            return False
        words: Recall | None = None
        for iteration in range(now, max(0, now - MOST_AWAY), -1):
            spot = next((spot for spot in spots if self._fits(spot, iteration, result)), None)
            if spot is None:
                continue
            is_before = stated or self.traced.phase(spot[0]) in ("forward", "loss")
            if iteration == now and not (has_updated and is_before):
                return False
            if stated and self._has_to_be_now(chain):
                return False
            words, numbers = words or recall(chain.beside), self.clock.numbers(iteration)
            is_sure = words.allows(numbers, stated=stated)
            self.is_doubtful = not (is_sure or stated) and words.may_allow(numbers)
            if is_sure or self.is_doubtful:
                self.is_told = True
                self._set_target(*spot, iteration)
                return True
        return False

    def _has_to_be_now(self, chain: Chain) -> bool:
        """Say whether a bare value stands right under the heading of the iteration at hand."""
        if self._under is None or self.clock is None or self.clock.has_updated or chain.stated:
            return False
        section, iteration = self._under
        words, line = recall(chain.beside), chain.place.line
        if words.named or words.looks_back or not is_alone(chain.beside, chain.text):
            return False
        return iteration == self.clock.now and section.holds(line - 1)

    def _tells_of_named(self, chain: Chain, name: Node) -> bool:
        """Take a value to be of the iteration that its line names, where nothing else stands.

        Only where other words have named iterations before, and one is an epoch.
        """
        assert self.traced is not None
        assert self.clock is not None
        said = None if self._named < 2 else iteration_said(chain.beside, chain.text)
        spots = self.traced.quantities(name, target=True)
        if said is None or not spots or self.traced.phase(spots[0][0]) in ("given", "update"):
            return False
        for iteration in range(1, self._latest + 1):
            numbers = self.clock.numbers(iteration)
            if numbers[0] == said and numbers[1] == iteration:
                self.is_told = True
                self._set_target(*spots[0], iteration)
                return True
        return False

    def _is_partial(self, name: Node, quantity: str, index: tuple[int, ...]) -> bool:
        """Say whether E₁ is written where the record has one loss: a part of it, or another."""
        assert self.traced is not None
        written = name_of(name) or ""
        is_numbered = (
            written[-1:].isdigit() and not index and not quantity.rstrip("'")[-1].isdigit()
        )
        return is_numbered and self.traced.phase(quantity) == "loss"

    def _set_target(self, quantity: str, index: tuple[int, ...], iteration: int) -> None:
        assert self.traced is not None
        self.iteration = iteration
        self._place = (quantity, index)
        value = self.traced.value(quantity, index, iteration)
        shown = spelled(quantity, index)
        self.target = Target(shown, value, self.traced.given(quantity, iteration))
        if self._is_alias:
            return
        if quantity.endswith("'") and self.key is not None and not self.key.endswith("'"):
            self.key += "'"
        if self.key is not None and not index:
            self._keys[quantity] = self.key

    def _chosen(
        self,
        name: Node,
        places: Sequence[tuple[str, tuple[int, ...]]],
        result: Value | None,
        stated: bool,
    ) -> tuple[str, tuple[int, ...]]:
        """Choose between `w` and `w'`: an update computes the latter, a statement says either."""
        assert self.traced is not None
        now = self.iteration if self.clock is None else self.clock.now
        primed = [place for place in places if place[0].endswith("'")]
        if self._is_update and primed:
            return primed[0]
        meant = self.traced.quantities(name, target=True) if stated else ()
        updated = [place for place in meant if place[0].endswith("'")]
        if stated and result is not None:
            for quantity, index in places:
                value = self.traced.value(quantity, index, now)
                if value is not None and is_within(value, result):
                    return quantity, index
            for quantity, index in updated:
                value = self.traced.value(quantity, index, now)
                is_after = self.memory.current(f"dloss/d{self.key}") is not None
                if value is not None and (is_after or is_within(value, result)):
                    return quantity, index
        return places[0]

    def looks_back(self, chain: Chain) -> bool:
        """Say whether words on the line of a chain say that it is about an earlier iteration.

        Where they leave it open, what is found is doubtful.
        """
        words = recall(chain.beside)
        if any(number != self._named for number in words.governed) or (
            words.governs and not words.governed
        ):
            return True
        self.is_doubtful = not words.governed and (
            any(number != self._named for number in words.named)
            or (words.looks_back and not words.named)
        )
        return self.is_doubtful

    @property
    def is_update(self) -> bool:
        """Whether the target stands on both sides, as in `w = w - …`."""
        return self._is_update

    # Names

    def current(self, node: Node) -> Known | None:
        """Return what a name stands for here: the traced value, else the one stated last."""
        name = name_of(node)
        if name is None:
            return None
        if self.traced is not None:
            for quantity, index in self.traced.quantities(node, target=False):
                value = self.traced.value(quantity, index, self.iteration)
                if value is not None:
                    return Known(
                        name,
                        value,
                        computed=not self.traced.given(quantity, self.iteration),
                        phase=self.traced.phase(quantity),
                    )
        return self.own(node)

    def own(self, node: Node) -> Known | None:
        """Return the value that the writer stated last for a name."""
        name = key_of(node)
        found = None if name is None else self.memory.current(name)
        return found or self._own_entry(node) or self._own_entry(self.meant(node))

    def _own_entry(self, node: Node | None) -> Known | None:
        """Return an entry of an array that the writer stated whole."""
        if not isinstance(node, Call) or node.operation != "index":
            return None
        base, *items = node.arguments
        name = key_of(base)
        known = None if name is None else self.memory.current(name)
        if known is None or not all(isinstance(item, Number) for item in items):
            return None
        places = [int(item.value) for item in items if isinstance(item, Number)]
        value, unrounded = entry(known.value, places), entry(known.unrounded, places)
        if value is None:
            return None
        return known._replace(name=name_of(node) or known.name, value=value, unrounded=unrounded)

    def other_times(self, node: Node) -> Iterator[Known]:
        """Yield what a name stood for before, and what it stands for after."""
        name, written = name_of(node), key_of(node)
        if name is None or written is None:
            return
        yield from self.memory.older(written)[:RECENT]
        after = self.memory.current(written + "'")
        if after is not None:
            yield after._replace(relation="newer")
        if self.traced is None:
            return
        for quantity, index in self.traced.quantities(node, target=False):
            for iteration, relation in self._near():
                for spelling in (quantity, quantity + "'"):
                    value = self.traced.value(spelling, index, iteration)
                    if value is not None and (spelling, iteration) != (quantity, self.iteration):
                        is_after = spelling != quantity and iteration == self.iteration
                        yield Known(name, value, relation="newer" if is_after else relation)

    def _near(self) -> Iterator[tuple[int, Relation]]:
        assert self.traced is not None
        yield self.iteration, "newer"
        for iteration in range(self.iteration - 1, max(0, self.iteration - 4), -1):
            yield iteration, "older"
        if self.iteration < self.traced.iterations:
            yield self.iteration + 1, "newer"

    def is_datum(self, node: Node) -> bool:
        """Say whether a name is a datum, which has a value for each sample."""
        return self.traced is not None and any(
            self.traced.samples(quantity)
            for quantity, _ in self.traced.quantities(node, target=False)
        )

    def is_of_another_sample(self, node: Node, value: Interval) -> bool:
        """Say whether a datum has a value in another sample than the one a step sees."""
        if self.traced is None:
            return False
        return any(
            value.low <= entry <= value.high
            for quantity, _ in self.traced.quantities(node, target=False)
            for entry in self.traced.samples(quantity)
        )

    def is_of_sample_told(self, node: Node, value: Interval) -> bool:
        """Say whether a datum is of the sample that the document took other data of."""
        if self.givens is None or self.one_sample:
            return False
        return self.givens.is_of_sample_at_hand(node, value)

    def elsewhere(self, value: Interval) -> Iterator[Known]:
        """Yield the quantities that have a value, single numbers and entries."""
        if self.traced is not None:
            for place in self.traced.same_value(value, self.iteration):
                found = self.traced.value(place.quantity, place.index, place.iteration)
                if found is not None:
                    relation: Relation = (
                        "current"
                        if place.iteration == self.iteration
                        else "older"
                        if place.iteration < self.iteration
                        else "newer"
                    )
                    name = spelled(place.quantity, place.index)
                    phase = self.traced.phase(place.quantity)
                    yield Known(name, found, relation=relation, phase=phase)
        yield from self.memory.equal_to(value)

    def formulas(self) -> Sequence[Node]:
        """Return the ways in which the traced run computes the target, over traced names."""
        if self.traced is None or self._place is None:
            return ()
        return self.traced.formulas(*self._place)

    def formulas_behind(self, node: Node) -> Sequence[Node]:
        """Return the ways in which the traced run computes a name of a traced formula."""
        if self.traced is None or not isinstance(node, Name) or self._is_given(node.id):
            return ()
        return self.traced.formulas(node.id, ())

    def meant(self, node: Node) -> Node | None:
        """Return a written name as a traced formula has it; None where it means nothing there."""
        spots = () if self.traced is None else self.traced.quantities(node, target=False)
        if not spots:
            return None
        quantity, index = spots[0]
        whole = Name(quantity)
        return Call("index", (whole, *map(number, index))) if index else whole

    def own_now(self, node: Node) -> Known | None:
        """Return what the writer stated for a name of a traced formula in this iteration.

        What is carried from one to the next, and what is given, was stated before.
        """
        name = node.id if isinstance(node, Name) else ""
        key = self._keys.get(name) or self._keys.get(f"{name}'", "").removesuffix("'")
        own = self.memory.current(key) if key else self.own(node)
        if own is None or own.round == self.memory.round or self._is_given(name):
            return own
        return None

    def _is_given(self, name: str) -> bool:
        """Say whether no equation of an iteration computes a quantity."""
        return self.traced is not None and name in self.traced.program.inputs

    def formulas_of(self, value: Value) -> Iterator[tuple[str, Node]]:
        """Yield the quantities that have a value in this iteration, with each of their formulas."""
        if self.traced is None:
            return
        if not isinstance(value, Interval):
            yield from self._formulas_of_array(value)
            return
        for place in self.traced.same_value(value, self.iteration):
            if place.iteration == self.iteration:
                for formula in self.traced.formulas(place.quantity, place.index):
                    yield spelled(place.quantity, place.index), formula

    def _formulas_of_array(self, value: Value) -> Iterator[tuple[str, Node]]:
        assert self.traced is not None
        for equation in self.traced.program.equations:
            traced = self.traced.value(equation.name, (), self.iteration)
            if traced is not None and is_within(traced, value):
                for formula in self.traced.formulas(equation.name, ()):
                    yield equation.name, formula

    def traced_value(self, node: Node) -> Value | None:
        """Return the traced value of a name of a traced formula, which is the record's own name."""
        assert self.traced is not None
        if isinstance(node, Name):
            return self.traced.value(node.id, (), self.iteration)
        base, *items = node.children()
        if not isinstance(base, Name):
            return None
        index = tuple(int(item.value) for item in items if isinstance(item, Number))
        return self.traced.value(base.id, index, self.iteration)


def entry(value: Value | None, places: Sequence[int]) -> Value | None:
    """Return an entry of an array; None where it has none there."""
    for place in places:
        if value is None or isinstance(value, Interval) or not 0 <= place < len(value):
            return None
        value = value[place]
    return value


def spelled(quantity: str, index: Sequence[int]) -> str:
    """Return the name of an entry (`w[0, 1]`), or of the whole where there is no index."""
    return f"{quantity}[{', '.join(map(str, index))}]" if index else quantity
