"""What names are worth: in the writer's own run, and in the traced one.

The writer's run is what a part of a document has stated so far, and what it was before. The traced
run says what names are in an iteration, as computed or as a writer rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

from tracer.check.compare.bounded_values import (
    FINE_PLACE,
    ROUNDED_SHARE,
    KnownValue,
    Spot,
    coarsest_place,
    do_meet,
    entries_of,
    have_one_shape,
    hull,
    in_shape_of,
    is_one_of,
    is_telling,
    widen,
)
from tracer.check.compare.value_comparison import World
from tracer.check.model.written_trees import (
    calls_in,
    has_several_meanings,
    names_in,
    numbers_in,
)
from tracer.check.slips.roles import STEP_COUNTERS
from tracer.check.trace.aliases import ENTRY
from tracer.expression.syntax import Array, Node, Number
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.operations import Shape
from tracer.run.interpret import shape_of

if TYPE_CHECKING:
    from tracer.check.trace.traced_view import TracedView

MOST_SUBSCRIPTS = 2  # of an entry that is written as a name, `w12`
WRITTEN_ENTRY = lazy_regex(
    rf"(.*?[^\d_'])_?(\d{{1,{MOST_SUBSCRIPTS}}})((?:\^\([0-9]+\))?'*)"  # also `w₁⁽²⁾` of w⁽²⁾
)


class WritersRun:
    """The values that names have, and have had, in one part of a document.

    `given_figures` are the figures stated as data, `computed_figures` printed results without their
    signs, each with what it may stand for; `wrong_figures` maps printed results with their
    signs to the line of the slip that they rest on, `right_figures` those of slips without their
    signs to what belongs there. `told_again` are names of which a value was said that they had
    before: nobody knows if it is of that time, or begins another example.
    `rounded_figures` are results with fewer digits, each with half a unit, and what the result may
    stand for, those of the parts above too.
    `put_in` are the figures that were put in for names on right lines, `worked` what these lines
    work out; where one of them does so again another example may have begun, on `example_line`,
    `corrected` the right values of names whose results are wrong, `exact_figures` results that
    nothing was rounded in, `doubtful_figures` results of lines that could not be decided: what they
    belong to is not known; `disputed_figures` are those of lines in which something differs.
    `names` are those of the whole part: where `z_0` is one of them, entries may count from 0.
    `figures_above` are the computed figures of the parts above, which may be put in here too.
    `given_arrays` are the entries of stated arrays, in order of size: turned, each is the same.
    `derived` are formulas that were shown to be the derivative of others, at any numbers.
    `supposed` are those of them that words say to have another value.
    `departs` is true where a line has, or may have, a value that does not belong there,
    `worked_under` are the headings under which anything of this iteration was worked out last.
    `taken_up` are the names that have their value from the part above, which may have changed it.
    `aside` are values that were worked out, of names that were then said to have another one: in a
    sentence with more, `in_clauses`, or in a section. Nobody knows for how long.
    `imagined` are names of which nobody has stated the value: it is made up.
    `words_line` is the last line before which stood words that do more than go on, `numbered_line`
    that of words that number an iteration.
    `updated` are the names that this step has given their next value, each with the value before
    and the names of its formula, if that is a step; `stated_in_step` are all that got a value since
    it began.
    """

    def __init__(
        self, names: Collection[str] = (), above: WritersRun | None = None, first_entry: int = 0
    ) -> None:
        self.figures_above = above.results() if above else {}
        self._members: dict[str, set[str]] = {}  # of each name, the entries that are written
        for match in filter(None, map(WRITTEN_ENTRY.fullmatch, names)):
            self._members.setdefault(match[1] + match[3], set()).add(match[2])
        self._indices: dict[str, set[tuple[int, ...]]] = {}  # that are written in brackets
        for match in filter(None, map(ENTRY.fullmatch, names)):
            self._indices.setdefault(match[1], set()).add(tuple(map(int, match[2].split(","))))
        self._first_entry = first_entry
        self._values: dict[str, Sequence[KnownValue]] = {}  # of each name, the present one last
        self.given_figures: set[Fraction] = set()
        self.given_arrays: set[tuple[Fraction, ...]] = set()
        self.computed_figures: dict[Fraction, Interval] = {}
        self.rounded_figures: dict[tuple[Fraction, Fraction], Interval] = (
            {**above.rounded_figures} if above else {}
        )
        self.wrong_figures: dict[Fraction, int] = {}
        self.departs = False
        self.worked_under: Sequence[int] | None = None
        self.right_figures: dict[Fraction, Interval] = {}
        self.shown_figures: set[Fraction] = set()
        self.given_headings: set[tuple[int, ...]] = set()
        self.told_again: set[str] = set()
        self.exact_figures: set[Fraction] = set()
        self.doubtful_figures: set[Fraction] = set()
        self.disputed_figures: set[Fraction] = set()
        self.corrected: dict[str, KnownValue] = {}
        self.put_in: dict[str, dict[Value, KnownValue]] = {}
        self.worked: set[Node | str] = set()
        self.example_line = 0
        self.derived: set[tuple[object, ...]] = set()
        self.taken_up: set[str] = set()
        self.supposed: set[str] = set()
        self.aside: dict[str, KnownValue] = {}
        self.in_clauses: set[str] = set()
        self.imagined: set[str] = set()
        self.words_line = self.numbered_line = 0
        self.updated: dict[str, tuple[KnownValue, frozenset[str]]] = {}
        self.stated_in_step: set[str] = set()

    def state(self, name: str, value: KnownValue) -> None:
        """Note that a name has a value from now on, and an array its entries that had others."""
        self._values[name] = (*self._values.get(name, ()), value)
        if isinstance(value.printed, tuple):
            self._restate_entries(name, value)
        else:
            self._restate_arrays(name, value)
        self.stated_in_step.add(name)
        self.aside.pop(name, None)
        for names in (self.told_again, self.taken_up, self.supposed):
            names.discard(name)
        if f"{name}'" in self._values:
            self.told_again.add(f"{name}'")  # it is of the value that the name had before
        self.corrected.pop(name, None)
        if value.is_given:
            # `$t = 2$` in a heading numbers the section, and gives nothing.
            if name.casefold() not in STEP_COUNTERS or value.headings[-1:] != (value.line,):
                self.given_headings.add(value.headings)
            if not isinstance(value.printed, Interval):
                self.given_arrays.add(tuple(sorted(each.low for each in entries_of(value.printed))))

    def _restate_entries(self, name: str, array: KnownValue) -> None:
        """Note what entries are from now on that had other values than in a stated array.

        What had another shape is no entry of it: a matrix W_2 is none of a column W.
        """
        for entry, values in [*self._values.items()]:
            match = WRITTEN_ENTRY.fullmatch(entry)
            if match is None or match[1] + match[3] != name:
                continue
            new = [
                each
                for each in self.possible_entries(entry)
                if each.line == array.line and have_one_shape(each.bounds, values[-1].bounds)
            ]
            if new and not any(do_meet(each.bounds, values[-1].bounds) for each in new):
                self._values[entry] = (*values, new[0])
                if len(new) > 1:
                    self.told_again.add(entry)

    def _restate_arrays(self, name: str, entry: KnownValue) -> None:
        """Note what an array is from now on of which an entry has another value than in it.

        Nobody knows whether that is its entry where the name may as well be another number's.
        """
        places, entries = self._entry_places(name), self.possible_entries(name)
        if not entries or any(do_meet(each.bounds, entry.bounds) for each in entries):
            return
        array, index = places[0]
        whole = self._values[array][-1]
        if len(places) == 1:
            old, new = whole.unrounded, entry.unrounded
            self._values[array] = (
                *self._values[array],
                KnownValue(
                    with_entry(whole.printed, index, entry.printed),
                    with_entry(whole.bounds, index, entry.bounds),
                    None if old is None or new is None else with_entry(old, index, new),
                    is_given=False,
                    line=entry.line,
                    error_line=entry.error_line or whole.error_line,
                    headings=entry.headings,
                ),
            )
        self.told_again.add(array)

    def results(self) -> dict[Fraction, Interval]:
        """Return the computed figures of this part and those above, each with its worth."""
        intervals = {**self.figures_above, **self.computed_figures}
        return intervals | {
            value: Interval(value) for value in self.exact_figures & intervals.keys()
        }

    def has_fine_figure(self, tree: Node) -> bool:
        """Tell whether a fine figure stands in a tree that nobody has stated: it may be rounded."""
        groups = (self.given_figures, self.exact_figures, self.computed_figures)
        return any(
            0 < coarsest_place(number) <= FINE_PLACE
            and is_telling(number)
            and not any(number.value in figures for figures in groups)
            for number in numbers_in(tree)
        )

    def begin_example(self, line: int) -> None:
        """Note that another example may begin on a line: what figures have shown holds no more."""
        self.worked.clear()
        self.example_line = line

    def suppose(self, names: Iterable[str]) -> None:
        """Note that words say of names that they have another value than the stated one."""
        self.supposed.update(names)
        self.told_again |= self.supposed

    def updates(self) -> Sequence[tuple[str, KnownValue]]:
        """Return the names with an update that was stated after their own value, and that."""
        return [
            (name[:-1], value)
            for name, value in self.named_values()
            if name.endswith("'")
            and ((old := self._present(name[:-1])) is None or old is not value)
            and (old is None or old.line <= value.line)
        ]

    def next_iteration(self) -> WritersRun:
        """Return the run as the next iteration would begin; this one stays as it is."""
        other = self._copy()
        other.begin_iteration()
        return other

    def worked_out(self, name: str) -> KnownValue | None:
        """Return the value that a name was worked out to, whatever it was said to be since."""
        value = self.aside.get(name) or self.known_value(name)
        return None if value is None or value.is_given else value

    def set_aside(self, name: str, worked_out: KnownValue, *, is_in_clause: bool) -> None:
        """Note that what a name was worked out to is another value for a while."""
        self.aside[name] = worked_out
        (self.in_clauses.add if is_in_clause else self.in_clauses.discard)(name)

    def open_aside(self, line: int, headings: Sequence[int]) -> None:
        """Note where values that were given against what was worked out may hold no more."""
        self.told_again.update(self._over(line, headings))

    def _over(self, line: int, headings: Sequence[int]) -> Sequence[str]:
        present = ((name, self._present(name)) for name in self.aside)
        return [
            name
            for name, value in present
            if value is not None
            and value.line < line
            and (name in self.in_clauses or value.headings != headings[: len(value.headings)])
        ]

    def without_aside(self, line: int, headings: Sequence[int]) -> WritersRun | None:
        """Return the run with what was worked out, where what was given may hold no more."""
        worked_out = {name: self.aside[name] for name in self._over(line, headings)}
        other = self.with_values(worked_out)
        other.told_again.update(worked_out)
        return other if worked_out else None

    def with_values(
        self, values: Mapping[str, KnownValue], imagined: Iterable[str] = ()
    ) -> WritersRun:
        """Return the run with other values of some names; this one stays as it is."""
        other = self._copy()
        other.imagined.update(imagined)
        for name, value in values.items():
            other.state(name, value)
        return other

    def before_updates(self, names: Iterable[str]) -> WritersRun:
        """Return the run with names as they were before this step updated them."""
        other = self._copy()
        for name in names:
            present, (before, _) = self._present(name), self.updated[name]
            if present is not None and present is not before:
                other.state(f"{name}'", present)
                other.state(name, before)
        return other

    def _copy(self) -> WritersRun:
        other = WritersRun()
        for name, values in vars(self).items():
            setattr(other, name, copy(values))
        return other

    def begin_iteration(self) -> None:
        """Carry what was updated into the next iteration: w' is w from now on."""
        for name, value in self.updates():
            self.state(name, value)
        self.end_step()

    def end_step(self) -> None:
        """Note that a step is over: what it has updated is now what it was updated to."""
        self.updated.clear()
        self.stated_in_step.clear()

    def has_shown(self, number: Number) -> bool:
        """Tell whether a figure, whatever its sign, is a value or a result of a line above."""
        results = {*self.computed_figures, *self.doubtful_figures, *map(abs, self.wrong_figures)}
        return number.value in results or is_one_of(number.value, self.all_values())

    def is_told_again(self, name: str) -> bool:
        """Tell whether nobody knows of when the value of a name is, or that of its array."""
        arrays = () if name in self._values else dict(self._entry_places(name))
        return not self.told_again.isdisjoint((name, *arrays))

    def known_value(self, name: str) -> KnownValue | None:
        """Return the present value of a name, of an entry of a stated array too."""
        return self._present(name) or self._entry(name) or self._start(name)

    def _present(self, name: str) -> KnownValue | None:
        values = self._values.get(name)
        return values[-1] if values else None

    def result_again(self, name: str, tree: Node | None) -> KnownValue | None:
        """Return the value that a name was worked out to, if a tree is worth that too."""
        known_value, value = self.known_value(name), None if tree is None else value_or_none(tree)
        if known_value is None or known_value.is_given or value is None:
            return None
        return known_value if do_meet(known_value.bounds, value) else None

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return other values that a name has had, the latest first, of its update too."""
        other = name[:-1] if name.endswith("'") else name + "'"
        others = self._values.get(other, ())
        return [*self._values.get(name, ())[-2::-1], *others[-2::-1], *others[-1:]]

    def named_values(self) -> Sequence[tuple[str, KnownValue]]:
        """Return the present values with their names, in the order they were first stated."""
        return [(name, values[-1]) for name, values in self._values.items()]

    def given_at(self, line: int) -> Collection[str]:
        """Return the names whose values were given on a line, or on the one above."""
        values = self.named_values()
        return [name for name, each in values if each.is_given and line - 1 <= each.line <= line]

    def all_values(self) -> Sequence[KnownValue]:
        """Return every value that any name has had."""
        return [value for values in self._values.values() for value in values]

    def _start(self, name: str) -> KnownValue | None:
        """Return the first value of a number whose index 0 says that: m0, m[0] where `m = 0`.

        And of `m` that of m0, as long as that is all that is known of m.
        """
        whole = name.removesuffix("[0]").removesuffix("^(0)").removesuffix("0")
        if whole == name:  # unless more of its family is known
            members = {name + each for each in self._members.get(name, ())} & self._values.keys()
            whole = f"{name}0" if members == {f"{name}0"} else name
            first = self._values[whole][-1] if whole != name else None
        else:
            first = next(iter(self._values.get(whole, ())), None)
        is_number = first is not None and isinstance(first.printed, Interval)
        is_number &= whole not in self.told_again
        return first if is_number and first is not None and first.is_given else None

    def entry_place(self, name: str) -> tuple[str, Sequence[int]] | None:
        """Return the stated array that a name is an entry of, and which: `w12` or `x_1` from 1."""
        places = self._entry_places(name)
        return places[0] if len(places) == 1 else None

    def possible_entries(self, name: str) -> list[KnownValue]:
        """Return what an entry of a stated array may be where entries may count from 0 or 1."""
        entries = (
            entry_of_known(self._values[array][-1], index)
            for array, index in self._entry_places(name)
        )
        return [each for each in entries if each is not None]

    def _entry_places(self, name: str) -> list[tuple[str, Sequence[int]]]:
        bracketed = ENTRY.fullmatch(name)  # counts from 0
        match = bracketed or WRITTEN_ENTRY.fullmatch(name)
        if match is None:
            return []
        family = whole = match[1] + match[3]
        if len(match[1]) == 1 and whole not in self._values:
            whole = whole.upper()  # w₁₂ of W
        known_value = self._present(whole)
        if known_value is None or isinstance(known_value.printed, Interval):
            return []
        if bracketed:
            indices = [int(index) for index in match[2].split(",")]
            is_written = tuple(indices) in self._indices.get(match[1], ())
            starts = self._starts_in_brackets() if is_written else (0,)
            return [(whole, [index - start for index in indices]) for start in starts]
        return [(whole, place) for place in self.places_in(family, match[2], known_value.printed)]

    def _starts_in_brackets(self) -> Sequence[int]:
        """Return from which numbers entries in brackets may count: 0 in code, 1 in mathematics.

        A part that has an entry 0 counts from 0; one that has the last of n as `z[n]`, from 1, and
        so does one whose names mean entries of a run only then.
        """
        if self._first_entry:
            return (1,)
        if any(0 in each for indices in self._indices.values() for each in indices):
            return (0,)
        for name, indices in self._indices.items():
            array = self._present(name)
            sizes = () if array is None else shape_of(array.printed)
            if any(at == size for each in indices for at, size in zip(each, sizes, strict=False)):
                return (1,)
        return (0, 1)

    def places_in(self, name: str, digits: str, array: Value) -> list[Sequence[int]]:
        """Return where the entry of an array may stand that digits behind its name count."""
        starts = (1, 0) if self._may_count_from_zero(name, array) else (1,)
        return [[int(digit) - start for digit in digits] for start in starts]

    def _entry(self, name: str) -> KnownValue | None:
        """Return an entry of a stated array by its name."""
        place = self.entry_place(name)
        if place is None:
            return None
        (array, index), right = place, self.corrected.get(place[0])
        known_value = entry_of_known(self._values[array][-1], index)
        entry = None if right is None else entry_of_known(right, index)
        if known_value is None or entry is None or not do_meet(known_value.bounds, entry.bounds):
            return known_value
        return replace(known_value, error_line=0)  # another entry of the array is wrong

    def _may_count_from_zero(self, name: str, array: Value) -> bool:
        """Tell whether nobody knows where the entries of an array begin: at 1, or at `x_0`.

        A bias `w_0` stands beside w: then the last of its n entries may be written, `w_n`. Who
        works out a number `y_0` counts from 0, and may do so in x; a given `h_0` begins a time.
        """
        members = self._members.get(name, set())
        last = "".join(map(str, shape_of(array)))
        return last not in members and (
            any("0" in digits for digits in members)
            or any(
                "0" in each and self._is_number_worked_out(f"{stem}0")
                for stem, each in self._members.items()
            )
        )

    def _is_number_worked_out(self, name: str) -> bool:
        values = self._values.get(name, ())
        return any(not each.is_given and isinstance(each.printed, Interval) for each in values)


def entry_of_known(
    whole: KnownValue, index: Sequence[int], *, may_be_row: bool = False
) -> KnownValue | None:
    """Return an entry of a known array, or (only where that is meant) one of its rows."""
    entries = (
        None if value is None else entry_of(value, index, may_be_row=may_be_row)
        for value in (whole.printed, whole.bounds, whole.unrounded)
    )
    printed, bounds, unrounded = entries
    if printed is None or bounds is None:
        return None
    return KnownValue(
        printed, bounds, unrounded, whole.is_given, whole.line, whole.error_line, whole.headings
    )


def entry_of(value: Value, index: Sequence[int], *, may_be_row: bool = False) -> Value | None:
    """Return an entry of an array; None where it has none, or where one axis too few is named.

    Axes of length 1 may be left out.
    """
    for place in _with_short_axes(index, shape_of(value)):
        while not isinstance(value, Interval) and len(value) == 1 and place > 0:
            value = value[0]  # one row: `x_2` of [[1, 2]]
        if isinstance(value, Interval) or not 0 <= place < len(value):
            return None
        value = value[place]
    while not isinstance(value, Interval) and len(value) == 1:
        value = value[0]
    return value if may_be_row or isinstance(value, Interval) else None


def _with_short_axes(index: Sequence[int], shape: Shape) -> Sequence[int]:
    """Return an index with the axes of length 1 that were left out, where all others are there."""
    if not 0 < len(index) < len(shape) or len(index) != sum(size > 1 for size in shape):
        return index
    places = iter(index)
    return [next(places) if size > 1 else 0 for size in shape]


def with_entry(value: Value, index: Sequence[int], entry: Value) -> Value:
    """Return an array in which one entry is another; axes of length 1 may be left out."""
    index = _with_short_axes(index, shape_of(value))
    if isinstance(value, Interval):
        return entry
    if len(value) == 1 and (not index or index[0] > 0):
        return (with_entry(value[0], index, entry),)  # one row: `x_2` of [[1, 2]]
    return tuple(
        with_entry(part, index[1:], entry) if place == index[0] else part
        for place, part in enumerate(value)
    )


RunView: TypeAlias = "TracedView"  # one is loaded only where there is one

MOST_FORMULAS: Final = 8  # one behind another that a name is worked out by
OF_CONVENTIONS: Final = ("log", "sin", "cos", "tan")  # a base, degrees; ln has its own
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
    from them may be as far from the run as they are. `upright` are the quantities of those that
    are not 0, `turned` the names that the writer has with the other sign.
    """

    def __init__(self) -> None:
        self.own_names: Final[dict[str, OwnName]] = {}
        self.results: Final[dict[tuple[Spot, int], Value]] = {}
        self.upright: Final[set[str]] = set()
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
        if any(entry.low > 0 or entry.high < 0 for entry in entries_of(bounds)):
            self.upright.add(spot[0])
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


WORKED_FIRST: Final = ("forward", "loss")  # phases before an iteration's own update


def carried_as(view: RunView, name: str) -> str:
    """Return what an updated quantity is called in the next iteration; any other is as it is."""
    return next((before for before, after in view.carried.items() if after == name), name)


class RunWorld:
    """What names are in one iteration of the run; what it does not know, the writer has stated.

    `target` is what the line computes: but for its own update a state is used as updated. What the
    writer named for himself is in `own_names`, with the value that its definition has in the run.
    In the run of one sample, a name that has no meaning there may be one of the whole `batch`.
    """

    def __init__(
        self,
        view: RunView,
        writer: WritersRun,
        iteration: int,
        target: Spot | None = None,
        joined: JoinedNames | None = None,
        batch: RunWorld | None = None,
    ) -> None:
        self.view: Final = view
        self.writer: Final = writer
        self.iteration: Final = iteration
        self.target: Final = target
        self.joined: Final = joined or JoinedNames()
        self.batch: Final = batch
        self._defined: Final[dict[str, KnownValue | None]] = {}

    def known_value(self, name: str) -> KnownValue | None:
        """Return what a name is: in the run, else by its definition, else as stated."""
        known_value = self._in_run(name)
        if known_value is None and self.batch is not None:
            known_value = self.batch._in_run(name)
        if known_value is not None:
            return known_value
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
        values: dict[str, Value] = {}
        for part in names_in(own.formula):
            known_value = self._in_run(part) or self.as_defined(part, depth + 1)
            own_value = self.writer.known_value(part) if known_value is None else None
            if own_value is not None and own_value.is_given:
                known_value = own_value
            if known_value is not None:
                values[part] = known_value.printed
        value, stated = value_or_none(own.formula, values), self.writer.known_value(name)
        if value is None:
            return None
        if stated is not None:
            value = in_shape_of(value, stated.bounds)  # a column of sums stays one
        return KnownValue(value, value, value, False, 0)

    def _in_run(self, name: str) -> KnownValue | None:
        timed = self.view.step_of(name)
        if timed is not None:
            base, step = timed
            spot = self.view.spots(base, is_target=False)[0]
            return self._rounded_value(spot, step + (self.view.kind(spot) == "state"))
        spots = self.view.spots(name, is_target=False)
        if not spots:
            return None
        spot = spots[0]
        if self.view.kind(spot) == "state" and self.target is not None:
            updated = self.view.carried.get(spot[0], spot[0]), spot[1]
            is_before = self.target in (spot, updated) or any(
                spot[0] in (names := names_in(each)) and updated[0] not in names
                for each in self.view.formulas(self.target)[:1]
            )  # the direction of lion is worked out of the state that it then updates
            spot = spot if is_before else updated
        elif self.iteration > 1 and self.target and self.view.phase(self.target) in WORKED_FIRST:
            spot = carried_as(self.view, spot[0]), spot[1]  # `L = (w' - 2)²`: made a step before
        known_value = self._rounded_value(spot, self.iteration)
        return (
            known_value.negative
            if known_value is not None and name in self.joined.turned
            else known_value
        )

    def _rounded_value(self, spot: Spot, iteration: int) -> KnownValue | None:
        """Return what a quantity is in the run; its bounds reach to what the writer has for it."""
        known_value = self.view.value(spot, iteration)
        if known_value is None or known_value.is_given:
            return known_value
        bounds = self.joined.reach(spot, iteration, known_value.printed)
        return KnownValue(known_value.printed, bounds, known_value.unrounded, False, 0)

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return what a name is after this iteration's update, and in the iteration before."""
        spots, now = self.view.spots(name, is_target=False)[:1], self.iteration
        others = (self.view.value(spot, time) for spot in spots for time in (now + 1, now - 1))
        return [value for value in others if value is not None] or self.writer.earlier(name)


class RowWorld(RunWorld):
    """What names are in one row of the run's arrays: of a token, of a position, of a sample."""

    def __init__(self, whole: RunWorld, target: Spot, row: int, count: int) -> None:
        super().__init__(
            whole.view, whole.writer, whole.iteration, target, whole.joined, whole.batch
        )
        self.row: Final = row
        self.count: Final = count

    def known_value(self, name: str) -> KnownValue | None:
        """Return what a name is; of what has as many rows, and is not trained, this one."""
        known_value = super().known_value(name)
        if known_value is None or shape_of(known_value.printed)[:1] != (self.count,):
            return known_value
        if any(map(self.view.is_trained, self.view.spots(name, is_target=False)[:1])):
            return known_value
        return entry_of_known(known_value, (self.row,), may_be_row=True)


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


HeadedFormula: TypeAlias = tuple[Node | None, Sequence[int]]
"""A formula, None where there is none, and the headings that it stands under."""
ELSEWHERE: Final = (-1,)
"""The headings of a value that confirms a line and refutes none: of a derivative that none says."""


class DefinedNames:
    """What names without a stated value are worth by their formulas: `a = σ(z)` where z is known.

    A writer puts such a value in as he has rounded it on the way, so its bounds are wider than
    those of what it is made of. Where a part of it was said again or updated nobody knows of which
    time it is: then it has none. Nor has it where a part was stated under another heading than the
    formula, of which `formula_of` tells too.
    """

    def __init__(self, writer: WritersRun, formula_of: Callable[[str], HeadedFormula]) -> None:
        self.writer: Final = writer
        self._formula_of = formula_of
        self._values: dict[str, KnownValue] = {}

    def known_value(self, name: str) -> KnownValue | None:
        """Return what a name is worth by its formula; None where a part of it has no value."""
        return self._by_formula(name, 0)

    def _by_formula(self, name: str, depth: int) -> KnownValue | None:
        if name in self._values:
            return self._values[name]
        formula, headings = self._formula_of(name) if depth < MOST_FORMULAS else (None, ())
        if formula is None or self.writer.is_told_again(name) or _may_mean_another(formula):
            return None
        parts: dict[str, KnownValue] = {}
        for part in names_in(formula):
            value = self.writer.known_value(part) or self._by_formula(part, depth + 1)
            if value is None or self.writer.is_told_again(part) or part in self.writer.updated:
                return None
            is_apart = any(a != b for a, b in zip(value.headings, headings, strict=False))
            if is_apart and headings != ELSEWHERE:
                return None
            parts[part] = value
        printed = value_or_none(formula, {part: value.printed for part, value in parts.items()})
        bounds = value_or_none(formula, {part: value.bounds for part, value in parts.items()})
        if printed is None or bounds is None or not parts:
            return None
        shares = [ROUNDED_SHARE * max(abs(each.low), abs(each.high)) for each in entries_of(bounds)]
        last = max(parts.values(), key=lambda value: value.line)
        error_line = max(value.error_line for value in parts.values())
        self._values[name] = KnownValue(
            printed,
            widen(bounds, shares),
            None,
            False,
            last.line,
            error_line,
            headings if headings == ELSEWHERE else last.headings,
        )
        return self._values[name]

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return no other values: a formula gives one."""
        return ()


def _may_mean_another(formula: Node) -> bool:
    """Tell whether a formula has another value by another convention: a base, degrees, brackets."""
    is_open = has_several_meanings(formula) or Array in formula.content.kinds
    return is_open or any(call.sign != "ln" for call in calls_in(formula, OF_CONVENTIONS))


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

    After an iteration of the scenario it is a result, which may have been rounded: it lies within
    `bounds`. Data may be stated sample by sample.
    """
    last = min(view.iterations, MOST_RESTATED) + 1
    values = (
        (iteration, part)
        for spot in view.spots(name, is_target=False)
        for moves in [spot[0] in view.carried or view.kind(spot) in view.kinds_of_an_iteration]
        for iteration in range(1, (last if moves else 1) + 1)
        if (known_value := view.value(spot, iteration)) is not None
        for part in (
            known_value.printed,
            *(
                known_value.printed
                if spot[0] in view.data and isinstance(known_value.printed, tuple)
                else ()
            ),
        )
    )
    return any(
        do_meet(known_value, bounds if 1 < iteration <= view.own_iterations + 1 else value)
        for iteration, known_value in values
    )
