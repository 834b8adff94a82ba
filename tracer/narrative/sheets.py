"""Iterations of one program told quickly: only the numbers differ from one to the next.

Each number is written once a step. Whether the lines follow from the printed numbers is told by
compiled functions, and only those that do not are given more digits, as in `digits`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from tracer.errors import UnknownNameError
from tracer.expression.syntax import Array, Call, Name, Node, walk
from tracer.frozen import Frozen, replace
from tracer.narrative.digits import MOST_DIGITS, Line, half_units, is_near
from tracer.narrative.numbers import number_texts, plain_texts, raw_texts
from tracer.narrative.steps import MOST_SHOWN, Step, Teller, gradient_of
from tracer.program.elements import UnknownInteger, place_node
from tracer.program.program import Equation, names_in
from tracer.run.compare import Check, Comparison, compiled_checks
from tracer.run.scalars import places
from tracer.run.trace import Iteration

__all__ = ["Filled", "Sheets", "Unfit"]


class Unfit(Exception):  # noqa: N818 - the ordinary way of telling takes over
    """Not all iterations of the program can be told by numbers alone."""


class Operand(Frozen):
    """A computed quantity on a line: its entries in the values of a step."""

    name: str
    place: slice


class Told(Frozen):
    """What is known of a line before its numbers: where they stand in a step and in a sheet.

    `constant` is the line itself where its numbers are the same in all iterations. Where
    `is_negative` it is the negative of its operand: then what is printed depends on whether both
    have the same digits.
    """

    equation: Equation
    constant: Line | None
    given: Mapping[str, tuple[str, ...]]
    operands: tuple[Operand, ...]
    places: tuple[slice, ...]
    operand_slots: tuple[slice, ...]
    result: range
    slots: range
    is_negative: bool
    check: Check | None


class Filled(NamedTuple):
    """The numbers of one iteration. `forms` holds what else decides the texts of its parts.

    `same` maps places of numbers to others that show the same number.
    """

    forms: tuple[Hashable, ...]
    numbers: Sequence[str]
    same: Mapping[int, int]
    about: Collection[int]  # the lines that no digits make true


class Sheets:
    """Tells iterations like one given: of the same program, with the same samples.

    Updates of the parameters in `left_out` are not told. Raises Unfit where iterations differ in
    more than numbers.
    """

    def __init__(
        self,
        iteration: Iteration,
        teller: Teller,
        *,
        left_out: frozenset[str],
        names_epochs: bool,
    ) -> None:
        if iteration.number == 1 or teller.exact is not None:
            raise Unfit
        self.built = iteration.built
        self._places = iteration.batch.places
        self._digits = teller.digits
        self._teller = teller
        self._names_epochs = names_epochs
        self.left_out = left_out
        self._last: tuple[int, list[float], list[str], list[float]] | None = None
        program = iteration.program
        equations = [item for item in program.equations if item.phase != "metric"]
        self._at: dict[str, range] = {}  # where the entries of a quantity are in a step's values
        self._found = tuple(program.carried)
        try:
            for name in self._found:
                self._place(iteration, name)
            self._others: list[float] = []  # drawn data and the like
            self._counters = 0
            inputs = [item for item in program.inputs.values() if item.name not in self._at]
            for item in sorted(inputs, key=lambda item: item.kind == "counter"):
                given = iteration.given(item.name)
                if given is not None and given.exact is not None:
                    continue
                self._place(iteration, item.name)
                if item.kind == "counter":
                    self._counters += 1
                else:
                    self._others += iteration.floats(item.name)
            self._first_computed = sum(map(len, self._at.values()))
            used = {name for item in equations for name in names_in(item.expression)}
            computed: list[str] = []
            for equation in sorted(equations, key=lambda item: item.name not in used):
                source = equation.expression
                if isinstance(source, Name) and source.id in self._at:
                    self._at[equation.name] = self._at[source.id]
                    continue
                self._place(iteration, equation.name)
                computed.append(equation.name)
            self._computed = tuple(computed)
            # What is the next iteration's `found`.
            self._kept = [slot for name in program.carried.values() for slot in self._at[name]]
            self._operands = max(
                (self._at[name].stop for name in used if name in self._at), default=0
            )
            equations = [
                item for item in equations if item.phase != "update" or item.wrt not in left_out
            ]
            self.lines = self._lines(iteration, teller, equations)
            self._chosen = itemgetter(*self.template, 0, 0)  # a tuple, whatever the template
            self._checks = [
                (place, line.check, len(line.places))
                for place, line in enumerate(self.lines)
                if line.check is not None
            ]
            self._negatives = [place for place, line in enumerate(self.lines) if line.is_negative]
            self._same: dict[int, int] = {}
            for line in self.lines:
                if line.operands and isinstance(line.equation.expression, Name):
                    self._same.update(_pairs(line))
            self._slots = (range(1 + len(self.scalars)), *(line.slots for line in self.lines))
        except (UnknownNameError, UnknownInteger, KeyError, ArithmeticError, ValueError):
            raise Unfit from None
        # What a sentence says of a parameter: the sign of its gradient, and which way it goes.
        self._moves = [
            (place, self._at[gradient][0], self._at[before][0], self._at[equation.name][0])
            for place, equation in enumerate(equations)
            if (before := equation.name.removesuffix("'")) in program.parameters
            and equation.phase == "update"
            and not equation.shape
            and before in self._at
            and (gradient := gradient_of(program, before)) is not None
            and gradient in self._at
        ]

    def _place(self, iteration: Iteration, name: str) -> None:
        """Give the entries of a quantity the next places. Raises Unfit where they are too many."""
        iteration.floats(name)
        size = math.prod(iteration.shape(name))
        if size > MOST_SHOWN or len(iteration.shape(name)) > 2:
            raise Unfit
        first = max((place.stop for place in self._at.values()), default=0)
        self._at[name] = range(first, first + size)

    def _lines(
        self, iteration: Iteration, teller: Teller, equations: Sequence[Equation]
    ) -> list[Told]:
        self.scalars = [
            name
            for name, item in iteration.program.inputs.items()
            if item.kind == "parameter" and not item.shape and name in self._at
        ]
        # The numbers of a sheet are the iteration's own and these of a step's.
        self.singles = list(range(1 + len(self.scalars)))
        self.template = [self._at[name][0] for name in self.scalars]
        lines: list[Told] = []
        checked: dict[int, Comparison] = {}  # by number of the line
        for equation in equations:
            names = teller.names(iteration, equation) or []
            varies = any(name in self._at for name in names_in(equation.expression))
            given: dict[str, tuple[str, ...]] = {}
            operands: list[Operand] = []
            fixed: dict[Node, float] = {}
            found: list[dict[Node, int]] = []
            for name in names:
                leaf = [place_node(name, index) for index in places(iteration.shape(name))]
                texts = teller.written(iteration, name)
                if texts is not None:
                    given[name] = texts
                    fixed.update(zip(leaf, map(float, texts), strict=True))
                else:
                    place = self._at[name]
                    operands.append(Operand(name, slice(place.start, place.stop)))
                    found.append(dict(zip(leaf, place, strict=True)))
            constant = None
            result = self._at[equation.name]
            first = 1 + len(self.template)
            if varies and not equation.shape:
                self.singles.append(first + sum(len(self._at[item.name]) for item in operands))
            if operands:
                for item in operands:
                    if not iteration.shape(item.name):
                        self.singles.append(1 + len(self.template))
                    self.template += self._at[item.name]
                self.template += result
                if not isinstance(equation.expression, Name):  # it is its operand: always true
                    entries = teller.entries(iteration, equation)
                    checked[len(lines)] = Comparison(entries, result, fixed, found)
            elif varies:  # too large for the numbers to be put in
                self.template += result
            else:
                values = iteration.floats(equation.name)
                constant = teller.line(iteration, equation, values) or Line(
                    {}, tuple(number_texts(values, teller.digits)), True
                )
            lines.append(
                Told(
                    equation,
                    constant,
                    given,
                    tuple(operands),
                    tuple(item.place for item in operands),
                    tuple(_slices(first, operands)),
                    result,
                    range(first, 1 + len(self.template)),
                    bool(operands) and _is_negative(equation.expression),
                    None,
                )
            )
        checks = compiled_checks(list(checked.values()), is_near)
        for number, check in zip(checked, checks, strict=True):
            lines[number] = replace(lines[number], check=check)
        return lines

    def filled(self, iteration: Iteration) -> Filled | None:
        """Choose an iteration's numbers; None where it has to be told in the ordinary way."""
        if iteration.built is not self.built or iteration.number == 1:
            return None
        seen = iteration.batch.places
        if seen is not self._places and seen != self._places:
            return None
        values: list[float] = []
        texts: list[str] = []
        shown: list[float] = []
        if self._last is not None and self._last[0] == iteration.number - 1:
            values = [self._last[1][slot] for slot in self._kept]
            texts = [self._last[2][slot] for slot in self._kept]
            if self._checks:
                shown = [self._last[3][slot] for slot in self._kept]
        known = len(values)
        try:
            if not known:
                values += iteration.found(self._found)
            values += self._others
            values += [float(iteration.number)] * self._counters
            values += iteration.computed(self._computed)
        except (UnknownNameError, KeyError):
            return None
        if not math.isfinite(sum(values)):
            return None
        texts += number_texts(values[known:], self._digits)
        halves: list[float] = []
        if self._checks:
            shown += map(float, texts[known:])
            halves += [0.0] * self._first_computed
            halves += half_units(shown[self._first_computed :], self._digits)
        self._last = (iteration.number, values, texts, shown)
        numbers = [str(iteration.number)]
        numbers += self._chosen(texts)
        del numbers[-2:]
        short = [
            place
            for place, check, count in self._checks
            if not (
                check(shown, halves, shown, shown)
                if count == 2
                else check(shown, halves, *[shown] * count)
            )
        ]
        about: Sequence[int] = ()
        if short:
            choice = _Choice(tuple(values[: self._operands]), shown, halves, self._digits)
            about = [place for place in short if not choice.put_in(self.lines[place], numbers)]
        same = self._same
        forms: list[Hashable] = [0] * (1 + len(self.lines))
        if self._names_epochs:
            forms[0] = iteration.epoch
        for place in about:
            forms[place + 1] = "about"
        for place in self._negatives:
            line = self.lines[place]
            if place not in about:
                size = len(line.result)
                first = line.slots.start
                put_in = [f"-{text}" for text in numbers[first : first + size]]
                if put_in == numbers[first + size : first + 2 * size]:
                    forms[place + 1] = (forms[place + 1], "same")
                    same = {**same, **_pairs(line)}
        for place, slope, before, after in self._moves:
            way = _way(values[slope], values[after] - values[before])
            forms[place + 1] = (forms[place + 1], way)
        return Filled(tuple(forms), numbers, same, about)

    def words(self, numbers: Sequence[str]) -> Mapping[str, str]:
        """Return the texts of the single parameters, which stand before the lines."""
        return dict(zip(self.scalars, numbers[1:], strict=False))

    @property
    def slots(self) -> Sequence[range]:
        """Where the numbers of the first words and of each line are."""
        return self._slots

    def begins_phase(self, place: int) -> bool:
        """Tell whether a line is the first of its phase."""
        phases = [line.equation.phase for line in self.lines[max(place - 1, 0) : place + 1]]
        return place == 0 or phases[0] != phases[1]

    def step(
        self, iteration: Iteration, place: int, numbers: Sequence[str], filled: Filled
    ) -> Step:
        """Return a line as a step with its numbers out of those of a sheet."""
        line = self.lines[place]
        values = iteration.floats(line.equation.name)
        texts = line.constant
        if texts is None:
            operands = dict(line.given)
            for item, slots in zip(line.operands, line.operand_slots, strict=True):
                operands[item.name] = tuple(numbers[slots])
            result = numbers[line.slots.stop - len(line.result) : line.slots.stop]
            texts = Line(operands, tuple(result), place not in filled.about)
        return self._teller.with_line(iteration, line.equation, values, texts)


class _Choice:
    """The digits of the lines of one iteration that need more of them: as `chosen_digits` does.

    What has one digit more is worked out at once, for most lines need no more than that.
    """

    def __init__(
        self, values: Sequence[float], shown: list[float], halves: Sequence[float], digits: int
    ) -> None:
        self.values = values
        self.halves = halves
        self.digits = digits
        self.shown = shown
        more = raw_texts(values, digits + 1)
        self.more = list(map(float, more))
        self.more_texts = plain_texts(more, values, digits + 1)
        # What is printed with more digits yet, by number of digits, and the values it says.
        self.texts: dict[int, list[str]] = {}
        self.written: dict[int, list[float]] = {}

    def put_in(self, line: Told, numbers: list[str]) -> bool:
        """Put the texts of a line's operands into a sheet; False where no digits suffice."""
        check, shown, more, halves = line.check, self.shown, self.more, self.halves
        assert check is not None
        places = line.places
        if len(places) == 1:
            if not check(shown, halves, more):
                return self.put_in_one(line, numbers)
            numbers[line.operand_slots[0]] = self.more_texts[places[0]]
            return True
        if len(places) == 2 and check(shown, halves, more, more):  # the same as in `counts`
            if not check(shown, halves, shown, more):
                numbers[line.operand_slots[0]] = self.more_texts[places[0]]
                if check(shown, halves, more, shown):
                    return True
            numbers[line.operand_slots[1]] = self.more_texts[places[1]]
            return True
        counts = self.counts(check, places)
        for slots, place, count in zip(line.operand_slots, places, counts or (), strict=False):
            if count == self.digits + 1:
                numbers[slots] = self.more_texts[place]
            elif count != self.digits:
                raw = self.texts[count][place]
                numbers[slots] = plain_texts(raw, self.values[place], count)
        return counts is not None

    def put_in_one(self, line: Told, numbers: list[str]) -> bool:
        """Put in a line's only operand with two digits more, or as many as it takes."""
        assert line.check is not None
        (place,) = line.places
        values = self.values[place]
        written = list(self.shown)
        for count in range(self.digits + 2, MOST_DIGITS + 1):
            texts = raw_texts(values, count)
            written[place] = map(float, texts)
            if line.check(self.shown, self.halves, written):
                numbers[line.operand_slots[0]] = plain_texts(texts, values, count)
                return True
        return False

    def counts(self, check: Check, places: Sequence[slice]) -> Sequence[int] | None:
        """Return the numbers of digits of several operands; None where no digits suffice."""
        shown, halves = self.shown, self.halves
        levels = [shown, self.more]
        most = self.digits + 1
        # With one more digit each, lines of two operands were tried in `put_in`.
        follows = len(places) > 2 and check(shown, halves, *[self.more] * len(places))
        while not follows:
            most += 1
            if most > MOST_DIGITS:
                return None
            levels.append(self.level(most, places))
            follows = check(shown, halves, *[levels[-1]] * len(places))
        values = [levels[-1]] * len(places)
        counts = [most] * len(places)
        last = len(places) - 1
        for number in range(len(places)):
            for count, level in enumerate(levels[:-1], start=self.digits):
                if number == last and counts.count(count) == last:
                    continue  # all with so few digits: tried on the way up
                values[number] = level
                if check(shown, halves, *values):
                    counts[number] = count
                    break
            else:
                values[number] = levels[-1]
        return counts

    def level(self, count: int, places: Sequence[slice]) -> list[float]:
        """Return values with so many digits, among them those at some places."""
        written = self.written.get(count)
        if written is None:
            written = self.written[count] = [0.0] * len(self.shown)
            self.texts[count] = [""] * len(self.shown)
        texts = self.texts[count]
        for place in places:
            if "" in texts[place]:
                texts[place] = raw_texts(self.values[place], count)
                written[place] = map(float, texts[place])
        return written


def _slices(first: int, operands: Sequence[Operand]) -> Iterator[slice]:
    """Yield where operands stand that follow each other."""
    for item in operands:
        last = first + item.place.stop - item.place.start
        yield slice(first, last)
        first = last


def _pairs(line: Told) -> dict[int, int]:
    """Return the places of a line's results with those of its operand's entries."""
    size = len(line.result)
    return {slot + size: slot for slot in line.slots[:size]}


def _is_negative(node: Node) -> bool:
    """Tell whether an expression is a quantity's negative. Raises Unfit for the like."""
    if isinstance(node, Name):
        return False
    if (
        isinstance(node, Call)
        and node.operation == "negative"
        and isinstance(node.arguments[0], Name)
    ):
        return True
    if all(
        isinstance(part, (Name, Array)) or (isinstance(part, Call) and part.operation == "negative")
        for part in walk(node)
    ):
        raise Unfit
    return False


def _way(slope: float, moved: float) -> int:
    return 0 if slope == 0 else 1 if slope < 0 < moved else 2 if moved < 0 < slope else 3
