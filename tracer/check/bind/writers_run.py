"""The writer's own run: what a part of a document has stated so far, and what it was before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from fractions import Fraction

from tracer.check.compare.bounded_values import KnownValue, do_meet, entries_of
from tracer.check.compare.rounding_habit import FINE_PLACE, coarsest_place
from tracer.check.model.written_trees import numbers_in
from tracer.check.trace.aliases import ENTRY
from tracer.expression.syntax import Node
from tracer.frozen import replace
from tracer.intervals import Interval, Value
from tracer.lazy_regex import lazy_regex
from tracer.run.interpret import shape_of

MOST_SUBSCRIPTS = 2  # of an entry that is written as a name, `w12`
WRITTEN_ENTRY = lazy_regex(rf"(.*?[^\d_'])_?(\d{{1,{MOST_SUBSCRIPTS}}})('*)")


class WritersRun:
    """The values that names have, and have had, in one part of a document.

    `given_figures` are the figures stated as data, `computed_figures` printed results without their
    signs, each with what it may stand for; `wrong_figures` maps printed results with their
    signs to the line of the slip that they rest on. `told_again` are names of which a value was
    said that they had before: nobody knows if it is of that time, or begins another example.
    `put_in` are the figures that were put in for names on right lines, `corrected` the right values
    of names whose results are wrong, `exact_figures` results that nothing was rounded in,
    `doubtful_figures` results of lines that could not be decided: what they belong to is not known.
    `names` are those of the whole part: where `z_0` is one of them, entries may count from 0.
    `figures_above` are the computed figures of the parts above, which may be put in here too.
    `given_arrays` are the entries of stated arrays, in order of size: turned, each is the same.
    `derived` are formulas that were shown to be the derivative of others, at any numbers.
    `supposed` are those of them that words say to have another value.
    `taken_up` are the names that have their value from the part above, which may have changed it.
    `words_line` is the last line before which stood words that do more than go on, `numbered_line`
    that of words that number an iteration.
    `updated` are the names that this step has given their next value, each with the value before
    and the names of its formula, if that is a step; `stated_in_step` are all that got a value since
    it began.
    """

    def __init__(
        self, names: Collection[str] = (), figures_above: Mapping[Fraction, Interval] | None = None
    ) -> None:
        self.figures_above: Mapping[Fraction, Interval] = figures_above or {}
        self._members: dict[str, set[str]] = {}  # of each name, the entries that are written
        for match in filter(None, map(WRITTEN_ENTRY.fullmatch, names)):
            self._members.setdefault(match[1] + match[3], set()).add(match[2])
        self._values: dict[str, Sequence[KnownValue]] = {}  # of each name, the present one last
        self.given_figures: set[Fraction] = set()
        self.given_arrays: set[tuple[Fraction, ...]] = set()
        self.computed_figures: dict[Fraction, Interval] = {}
        self.wrong_figures: dict[Fraction, int] = {}
        self.shown_figures: set[Fraction] = set()
        self.given_headings: set[tuple[int, ...]] = set()
        self.told_again: set[str] = set()
        self.exact_figures: set[Fraction] = set()
        self.doubtful_figures: set[Fraction] = set()
        self.corrected: dict[str, KnownValue] = {}
        self.put_in: dict[str, set[Value]] = {}
        self.derived: set[tuple[object, ...]] = set()
        self.taken_up: set[str] = set()
        self.supposed: set[str] = set()
        self.words_line = self.numbered_line = 0
        self.updated: dict[str, tuple[KnownValue, frozenset[str]]] = {}
        self.stated_in_step: set[str] = set()

    def state(self, name: str, value: KnownValue) -> None:
        """Note that a name has a value from now on."""
        self._values[name] = (*self._values.get(name, ()), value)
        self.stated_in_step.add(name)
        for names in (self.told_again, self.taken_up, self.supposed):
            names.discard(name)
        self.corrected.pop(name, None)
        if value.is_given:
            self.given_headings.add(value.headings)
            if not isinstance(value.printed, Interval):
                self.given_arrays.add(tuple(sorted(each.low for each in entries_of(value.printed))))

    def results(self) -> Mapping[Fraction, Interval]:
        """Return the computed figures of this part and those above, each with its worth."""
        found = {**self.figures_above, **self.computed_figures}
        return found | {value: Interval(value) for value in self.exact_figures & found.keys()}

    def has_fine_figure(self, tree: Node) -> bool:
        """Tell whether a fine figure stands in a tree that nobody has stated: it may be rounded."""
        known = (self.given_figures, self.exact_figures, self.computed_figures)
        return any(
            0 < coarsest_place(number) <= FINE_PLACE
            and not any(number.value in figures for figures in known)
            for number in numbers_in(tree)
        )

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
        other = self._copied()
        other.begin_iteration()
        return other

    def before_updates(self, names: Iterable[str]) -> WritersRun:
        """Return the run with names as they were before this step updated them."""
        other = self._copied()
        for name in names:
            present, (before, _) = self._present(name), self.updated[name]
            if present is not None and present is not before:
                other.state(f"{name}'", present)
                other.state(name, before)
        return other

    def _copied(self) -> WritersRun:
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

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return other values that a name has had, the latest first, of its update too."""
        other = name[:-1] if name.endswith("'") else name + "'"
        others = self._values.get(other, ())
        return [*self._values.get(name, ())[-2::-1], *others[-2::-1], *others[-1:]]

    def named_values(self) -> Sequence[tuple[str, KnownValue]]:
        """Return the present values with their names, in the order they were first stated."""
        return [(name, values[-1]) for name, values in self._values.items()]

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
        return first if is_number and first is not None and first.is_given else None

    def entry_place(self, name: str) -> tuple[str, Sequence[int]] | None:
        """Return the stated array that a name is an entry of, and which: `w12` or `x_1` from 1."""
        places = self._entry_places(name)
        return places[0] if len(places) == 1 else None

    def possible_entries(self, name: str) -> list[KnownValue]:
        """Return what an entry of a stated array may be where entries may count from 0 or 1."""
        found = (
            entry_of_known(self._values[array][-1], index)
            for array, index in self._entry_places(name)
        )
        return [each for each in found if each is not None]

    def _entry_places(self, name: str) -> list[tuple[str, Sequence[int]]]:
        bracketed = ENTRY.fullmatch(name)  # counts from 0
        match = bracketed or WRITTEN_ENTRY.fullmatch(name)
        if match is None:
            return []
        family = whole = match[1] + match[3]
        if len(match[1]) == 1 and whole not in self._values:
            whole = whole.upper()  # w₁₂ of W
        known = self._present(whole)
        if known is None or isinstance(known.printed, Interval):
            return []
        if bracketed:
            return [(whole, list(map(int, match[2].split(","))))]
        starts = (1, 0) if self._may_count_from_zero(family, known.printed) else (1,)
        return [(whole, [int(digit) - start for digit in match[2]]) for start in starts]

    def _entry(self, name: str) -> KnownValue | None:
        """Return an entry of a stated array by its name."""
        place = self.entry_place(name)
        if place is None:
            return None
        (array, index), right = place, self.corrected.get(place[0])
        found = entry_of_known(self._values[array][-1], index)
        entry = None if right is None else entry_of_known(right, index)
        if found is None or entry is None or not do_meet(found.bounds, entry.bounds):
            return found
        return replace(found, error_line=0)  # another entry of the array is wrong

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
    """Return an entry of an array; None where it has none, or where one axis too few is named."""
    for place in index:
        while not isinstance(value, Interval) and len(value) == 1 and place > 0:
            value = value[0]  # one row: `x_2` of [[1, 2]]
        if isinstance(value, Interval) or not 0 <= place < len(value):
            return None
        value = value[place]
    while not isinstance(value, Interval) and len(value) == 1:
        value = value[0]
    return value if may_be_row or isinstance(value, Interval) else None
