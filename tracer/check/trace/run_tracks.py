"""Figures one after the other, told by where they stand in a run: in an array, or in time."""

from __future__ import annotations

import math
import operator
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import accumulate, islice, takewhile
from typing import Final, NamedTuple, overload

from tracer.check.compare.bounded_values import ShownFigure, Spot
from tracer.check.trace.figures_in_run import MOST_ENTRIES, ROUNDED, figures_of
from tracer.intervals import Interval
from tracer.lazy_regex import lazy_regex
from tracer.operations import Shape, unravel
from tracer.run.trace import Trace

MOST_ITERATIONS: Final = 8  # whose arrays are looked through
MOST_NUMBERS: Final = 50_000  # of all of them; each also stands in a column
LONGEST_IN_TIME: Final = 64
MOST_IN_TIME: Final = 256  # single numbers that are followed from iteration to iteration
BY_CHANCE: Final = 0.05  # rows of a run that may be expected to meet some figures
LIKELY_BY_CHANCE: Final = 0.01  # and most of them, where others differ
OFFSETS: Final = (0, 1, -1)  # from what a row counts to the iteration
PLACES_TRIED: Final = 3
Place = tuple[Spot, int]
"""An entry of a quantity, and the iteration."""
_NUMBER: Final = lazy_regex(r"[0-9]+")


class Track(NamedTuple):
    """Numbers of a run in an order in which people print them, and where each stands."""

    values: Sequence[float]
    places: Sequence[Place]

    def cut(self, first: int, length: int) -> Track:
        """Return some of them."""
        return Track(self.values[first : first + length], self.places[first : first + length])


class _Tracks:
    """Tracks of one kind, and where each number stands in them."""

    def __init__(self, tracks: Iterable[Track]) -> None:
        self.tracks: Final = [*tracks]
        standing = [
            (value, number, place)
            for number, track in enumerate(self.tracks)
            for place, value in enumerate(track.values)
            if math.isfinite(value)
        ]
        standing.sort()
        self._values = [value for value, _, _ in standing]
        self._standing = standing
        self.count: Final = len({*self._values})

    def around(self, shown: ShownFigure) -> Iterator[tuple[Track, int]]:
        """Yield the tracks, and where in them, at which a figure fits."""
        first = bisect_left(self._values, shown.low)
        last = bisect_right(self._values, shown.high)
        for _, number, at in islice(self._standing, first, last):
            yield self.tracks[number], at


class RunTracks:
    """The numbers that a run has, in the orders in which people print them.

    These are the entries of its quantities, row by row and column by column, the members of its
    families, and quantities from iteration to iteration.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.rounded_share: Final = ROUNDED[trace.scenario.dtype]
        self._at = lru_cache(MOST_ITERATIONS)(self._numbered_from)

    def longest_track(
        self, shown: Sequence[ShownFigure], counts: tuple[int, ...] = ()
    ) -> Track | None:
        """Return what has the most of some figures from the first on, if that is no chance.

        They may be of iterations that `counts` number, from 0 or from 1, or of the next ones.
        """
        anchor = next((at for at, each in enumerate(shown) if each.chance < 1), len(shown))
        chances = [*accumulate((each.chance for each in shown), operator.mul)]
        found, length = None, 1
        for tracks in self._kinds(counts):
            if anchor == len(shown) or tracks.count * chances[-1] >= BY_CHANCE:
                continue
            for track, at in tracks.around(shown[anchor]):
                first = at - anchor
                pairs = zip(shown, islice(track.values, max(first, 0), None), strict=False)
                fitting = sum(1 for _ in takewhile(_fits, pairs)) if first >= 0 else 0
                if fitting > length and tracks.count * chances[fitting - 1] < BY_CHANCE:
                    found, length = track.cut(first, fitting), fitting
        return found

    def track_of(self, shown: Sequence[ShownFigure], counts: tuple[int, ...]) -> Track | None:
        """Return what has all of some figures, if that is no chance. `counts` as above."""
        track = self.longest_track(shown, counts)
        return track if track is not None and len(track.values) == len(shown) else None

    def track_but_for_some(
        self, shown: Sequence[ShownFigure], least: int, counts: tuple[int, ...] = ()
    ) -> Track | None:
        """Return what has most of some figures, if that is no chance and nothing else has as many.

        It has `least` different ones with decimals for one that differs. `counts` as above.
        """
        fine = [place for place, each in enumerate(shown) if each.chance < 1]
        tried = sorted(fine, key=lambda place: shown[place].chance)[:PLACES_TRIED]
        found: dict[tuple[float, ...], tuple[int, int, Track]] = {}
        for tracks in self._kinds(counts):
            for place in tried:
                for track, at in tracks.around(shown[place]):
                    if 0 <= at - place <= len(track.values) - len(shown):
                        values = (*track.values[at - place : at - place + len(shown)],)
                        misses = sum(not shown[each].fits(values[each]) for each in fine)
                        if values not in found and len(fine) >= (least + 1) * misses:
                            part = track.cut(at - place, len(shown))
                            found[values] = (misses, tracks.count, part)
        ranked = sorted(found.values(), key=lambda each: each[0])
        if not ranked or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
            return None
        misses, count, track = ranked[0]
        alike = {shown[at] for at in fine if shown[at].fits(track.values[at])}
        chance = count * math.comb(len(fine), misses) * math.prod(each.chance for each in alike)
        is_shown = len(alike) >= least * max(misses, 1) and chance < LIKELY_BY_CHANCE
        return track if is_shown else None

    def time_of(
        self, shown: Sequence[ShownFigure], times: Collection[int], others: Collection[str]
    ) -> int:
        """Return the iteration that has all of some figures, if that is no chance, else 0.

        Behind its update those of the next one may be told. They belong together: to one sample, or
        to one quantity, none of `others`. `times` are those that may be meant, where anything says
        so.
        """
        times = times or range(1, self._last + 1)
        share = 2 * self._in_iterations.count / self._last
        chance = len(times) * math.prod(min(1.0, share * each.chance) for each in shown)
        if chance >= BY_CHANCE:
            return 0
        found = [
            [track.places[at] for track, at in self._in_iterations.around(each)] for each in shown
        ]
        for number in times:
            near = [
                [at for at, time in each if 0 <= time - number < 2 and at[0] not in others]
                for each in found
            ]
            if _may_belong_together(near):
                return number
        return 0

    def has_worked_out(self, each: ShownFigure, time: int) -> bool:
        """Tell whether a figure is a part of a formula in an iteration, if that is no chance."""
        value = Interval(Fraction(each.low), Fraction(each.high))
        return figures_of(self._trace, time).have(value, must_tell=True)

    @cached_property
    def _in_iterations(self) -> _Tracks:
        return _Tracks(self._tracks_in_iterations())

    @cached_property
    def _last(self) -> int:
        return max((track.places[0][1] for track in self._in_iterations.tracks), default=1)

    @cached_property
    def _in_time(self) -> _Tracks:
        return _Tracks(self._tracks_at(range(1, min(len(self._trace), LONGEST_IN_TIME) + 1)))

    def _kinds(self, counts: tuple[int, ...]) -> Sequence[_Tracks]:
        kinds = (self._in_iterations, self._in_time)
        return (*kinds, self._at(counts)) if 1 < len(counts) <= LONGEST_IN_TIME else kinds

    def _numbered_from(self, counts: tuple[int, ...]) -> _Tracks:
        times = ([count + offset for count in counts] for offset in OFFSETS)
        traced = (each for each in times if each[0] > 0 and each[-1] <= len(self._trace))
        return _Tracks(track for each in traced for track in self._tracks_at(each))

    def _tracks_at(self, times: Sequence[int]) -> Iterator[Track]:
        """Yield the single numbers of a run in some iterations, one after the other."""
        values = [dict(self._single_numbers(number)) for number in times]
        for spot in values[0]:
            places = [(spot, number) for number in times]
            yield Track([numbers.get(spot, math.nan) for numbers in values], places)

    def _tracks_in_iterations(self) -> Iterator[Track]:
        left = MOST_NUMBERS
        for number in range(1, min(len(self._trace), MOST_ITERATIONS) + 1):
            for name, shape, entries in self._quantities(number):
                places = _Places(name, shape, number)
                yield Track(entries, places)
                size = shape[-1] if len(shape) > 1 else 1
                for first in range(size) if size > 1 else ():
                    yield Track(entries[first::size], places[first::size])
                left -= len(entries)
            yield from self._families(number)
            if left < 0:
                return

    def _families(self, number: int) -> Iterator[Track]:
        """Yield the members of families in their order, `a1`, `a2`, and backwards."""
        families: dict[str, list[tuple[Spot, float]]] = {}
        for spot, value in self._single_numbers(number):
            if not spot[1] and (stem := _NUMBER.sub("#", spot[0])) != spot[0]:
                families.setdefault(stem, []).append((spot, value))
        for members in families.values():
            for ordered in (members, members[::-1]):
                values = [value for _, value in ordered]
                yield Track(values, [(spot, number) for spot, _ in ordered])

    def _single_numbers(self, number: int) -> Iterator[tuple[Spot, float]]:
        left = MOST_IN_TIME
        for name, shape, entries in self._quantities(number):
            if len(entries) <= left:
                left -= len(entries)
                places = _Places(name, shape, number)
                yield from ((spot, value) for (spot, _), value in zip(places, entries, strict=True))

    def _quantities(self, number: int) -> Iterator[tuple[str, Shape, Sequence[float]]]:
        ran = self._trace.iteration(number)
        for name in dict.fromkeys(ran):
            if math.prod(ran.shape(name)) <= MOST_ENTRIES:
                yield name, ran.shape(name), ran.floats(name)


class _Places(Sequence[Place]):
    """Where the entries of a quantity stand in an iteration, worked out when asked for."""

    def __init__(self, name: str, shape: Shape, number: int, at: range | None = None) -> None:
        self._name, self._shape, self._number = name, shape, number
        self._at = range(math.prod(shape)) if at is None else at

    def __len__(self) -> int:
        return len(self._at)

    @overload
    def __getitem__(self, place: int) -> Place: ...

    @overload
    def __getitem__(self, place: slice) -> _Places: ...

    def __getitem__(self, place: int | slice) -> Place | _Places:
        if isinstance(place, slice):
            return _Places(self._name, self._shape, self._number, self._at[place])
        return (self._name, unravel(self._at[place], self._shape)), self._number


def _fits(pair: tuple[ShownFigure, float]) -> bool:
    shown, value = pair
    return shown.fits(value)


def _may_belong_together(found: Sequence[Sequence[Spot]]) -> bool:
    """Tell whether figures may be of one sample, or of one quantity; each is one of some entries.

    What is a single number belongs to every sample. Of one quantity they stand in its order.
    """
    bound = [each for each in found if all(index for _, index in each)]
    if not all(found) or not bound:
        return all(found)
    samples = [{index[0] for _, index in each} for each in bound]
    names = set.intersection(*({name for name, _ in each} for each in bound))
    if not names:
        return bool(set.intersection(*samples))
    return any(
        _have_order([[index for other, index in each if other == name] for each in bound])
        for name in names
    )


def _have_order(places: Sequence[Sequence[Shape]]) -> bool:
    """Tell whether a place of each stands behind one of the place before."""
    last: Shape = ()
    for each in places:
        behind = [index for index in each if index > last]
        if not behind:
            return False
        last = min(behind)
    return True
