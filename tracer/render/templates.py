"""Sheets quickly as text: the text of one is kept, the numbers of others are put into it.

What the printer does with a number depends on its sign, on whether it has a point or an exponent,
and how a line is broken on how long its numbers are. Sheets that agree in all this have the same
text but for the digits. A text is kept only when it was seen to become the right one again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tracer.expression.names import Notation
from tracer.expression.syntax import Number
from tracer.narrative.blocks import Block, EquationLine, Sheet
from tracer.render.breadths import Breadths, chain, stops
from tracer.render.equations import room_of_members, whole_breadth
from tracer.render.members import members

__all__ = ["Templates"]

# Digits that no text of ours has. The first and last sign of a number stay as they are where
# there are more than two: printers look at them.
MARKS: Final = tuple(
    chr(place)
    for start in (0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66,
                  0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x1946, 0x19D0,
                  0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0,
                  0xAA50, 0xABF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)
    for place in range(start, start + 10)
)  # fmt: skip
PLACES: Final = {sign: place for place, sign in enumerate(MARKS)}
NO_DIGITS: Final = str.maketrans("", "", "0123456789")
MOST: Final = 512  # texts of one kind that are kept

K = TypeVar("K")
V = TypeVar("V")


class Templates:
    """The texts of sheets for one way of writing blocks.

    `write` writes ordinary blocks, `look` the text of a single number; lines longer than `room`
    are broken.
    """

    def __init__(
        self,
        write: Callable[[Iterable[Block]], str],
        look: Callable[[str], str],
        notation: Notation,
        room: float,
    ) -> None:
        self._write = write
        self._look = look
        self._notation = notation
        self._room = room
        self._exponents: dict[str, str] = {}
        self._kinds: dict[Hashable, Sequence[_Part]] = {}
        self._wholes: dict[Hashable, _Template] = {}
        self._parts: dict[Hashable, _Part] = {}

    def text(self, sheet: Sheet) -> str:
        """Return the text of a sheet."""
        numbers = sheet.numbers
        joined = ",".join(numbers)
        kind: Hashable = (sheet.kind, sheet.forms, joined.translate(NO_DIGITS))
        looks = numbers
        if joined.count(".") != len(numbers) or "e" in joined:
            kind = (kind, tuple([len(text) for text in numbers if "." not in text]))
            looks = [self._with_exponent(text) if "e" in text else text for text in numbers]
        lengths = list(map(len, numbers))
        parts = self._kinds.get(kind)
        if parts is None:
            parts = [self._part(sheet, place) for place in range(len(sheet.forms))]
            _bounded(self._kinds)[kind] = parts
        layout = tuple([part.layout(lengths) for part in parts])
        key = (kind, layout)
        whole = self._wholes.get(key)
        if whole is not None:
            return whole.filled(looks)
        templates: list[_Template] = []
        texts: list[str] = []
        for place, (part, broken) in enumerate(zip(parts, layout, strict=True)):
            if broken not in part.templates:
                text = self._write(sheet.part(place, numbers))
                _bounded(part.templates)[broken] = self._learnt(sheet, place, looks, text)
                texts.append(text)
                continue
            template = part.templates[broken]
            if template is None:
                texts.append(self._write(sheet.part(place, numbers)))
            else:
                templates.append(template)
                texts.append(template.filled(looks))
        if len(templates) == len(sheet.forms):
            order = [place for template in templates for place in template.order]
            whole = _Template("".join(template.text for template in templates), order)
            _bounded(self._wholes)[key] = whole
        return "".join(texts)

    def _with_exponent(self, text: str) -> str:
        mantissa, _, power = text.partition("e")
        look = self._exponents.get(power)
        if look is None:
            look = self._exponents[power] = self._look(f"1.5e{power}").removeprefix("1.5")
        return mantissa + look

    def _part(self, sheet: Sheet, place: int) -> _Part:
        """Return what is known of parts like this one."""
        numbers = [sheet.numbers[slot] for slot in sheet.slots[place]]
        signs = ",".join(numbers).translate(NO_DIGITS)
        lengths = tuple([len(text) for text in numbers if "." not in text])
        kind = (sheet.kind, place, sheet.forms[place], signs, lengths)
        part = self._parts.get(kind)
        if part is None:
            marked = self._marked(sheet, place)
            blocks = sheet.part(place, marked)
            lines = [block for block in blocks if isinstance(block, EquationLine)]
            breadths = _OpenBreadths(self._notation, sheet.numbers, sheet.slots[place].start)
            part = _Part(_layout(lines, breadths, self._room), {})
            _bounded(self._parts)[kind] = part
        return part

    def _marked(self, sheet: Sheet, place: int) -> list[str]:
        """Return the numbers, each of a part's with a mark of its own instead of a sign."""
        marked = list(sheet.numbers)
        slots = sheet.slots[place]
        for mark, slot in zip(MARKS, slots, strict=False):
            text = sheet.numbers[slot]
            at = _marked_at(text)
            if slot in sheet.same:
                mark = MARKS[sheet.same[slot] - slots.start]
            marked[slot] = f"{text[:at]}{mark}{text[at + 1 :]}"
        return marked

    def _learnt(
        self, sheet: Sheet, place: int, looks: Sequence[str], text: str
    ) -> _Template | None:
        """Return a template that gives a part's text; None where there is none."""
        marked = self._marked(sheet, place)
        open_slots = {
            marked[slot][_marked_at(sheet.numbers[slot])]: slot
            for _, slot in zip(MARKS, sheet.slots[place], strict=False)
            if slot not in sheet.same
        }
        written = self._write(sheet.part(place, marked))
        template = _template(written, open_slots, marked, self._with_exponent)
        return template if template is not None and template.filled(looks) == text else None


_Layout = Callable[[Sequence[int]], Hashable]
"""From the lengths of all numbers: where the lines of a part are broken."""


@dataclass(slots=True)
class _Part:
    """What is known of parts of one kind: how their lines are broken, and the text for each way.

    A text is None where putting numbers in does not give the right one.
    """

    layout: _Layout
    templates: dict[Hashable, _Template | None]


class _Template:
    """A text with places for numbers."""

    __slots__ = ("order", "text")

    def __init__(self, text: str, order: Sequence[int]) -> None:
        self.text = text
        self.order = order

    def filled(self, looks: Sequence[str]) -> str:
        """Return the text with the numbers put in."""
        return self.text % tuple([looks[place] for place in self.order])


def _template(
    text: str, slots: Mapping[str, int], marked: Sequence[str], look: Callable[[str], str]
) -> _Template | None:
    """Find the marks in a text; None where one is not there as it was put in."""
    pieces: list[str] = []
    order: list[int] = []
    end = 0
    for at, sign in enumerate(text):
        place = slots.get(sign)
        if place is None:
            continue
        shown = look(marked[place]) if "e" in marked[place] else marked[place]
        start = at - shown.index(sign)
        if start < end or not text.startswith(shown, start):
            return None
        pieces.append(text[end:start].replace("%", "%%"))
        order.append(place)
        end = start + len(shown)
    if set(order) != set(slots.values()):
        return None
    pieces.append(text[end:].replace("%", "%%"))
    return _Template("%s".join(pieces), order)


def _bounded(known: dict[K, V]) -> dict[K, V]:
    """Return a dictionary that takes one more: where it holds too much, it begins anew."""
    if len(known) >= MOST:
        known.clear()
    return known


def _marked_at(text: str) -> int:
    """Return which sign of a number a mark replaces: the second digit or point where there is."""
    first = int(text.startswith("-"))
    second = text[first + 1 : first + 2]
    return first + 1 if second and second != "e" else first


def _layout(lines: Sequence[EquationLine], breadths: _OpenBreadths, room: float) -> _Layout:
    """Return a function that tells from the lengths of the numbers how lines are broken."""
    broken: list[str] = []
    for line in lines:
        whole = whole_breadth(line, breadths)
        inside = room_of_members(line, breadths.notation, room)
        pieces = "".join(
            f"stops(({', '.join(map(_source, map(breadths.of, begun)))},), {inside!r}), "
            for part in members(line)
            if len(begun := chain(part.node)) > 1
        )
        broken.append(f"({pieces}) if {_source(whole)} > {room!r} else None, ")
    namespace: dict[str, Any] = {"stops": stops}
    exec(f"def layout(l):\n  return ({''.join(broken)})\n", namespace)  # noqa: S102 - our own
    layout: _Layout = namespace["layout"]
    return layout


class _Room:
    """A sum of breadths, as source: numbers' breadths are known when the text is filled."""

    __slots__ = ("source",)

    def __init__(self, source: str) -> None:
        self.source = source

    def __add__(self, other: object) -> _Room:
        return _Room(f"({_source(self)} + {_source(other)})")

    def __radd__(self, other: object) -> _Room:
        return _Room(f"({_source(other)} + {_source(self)})") if other != 0 else self

    def __rmul__(self, other: object) -> _Room:
        return _Room(f"{_source(other)} * {_source(self)}")


def _source(value: object) -> str:
    return value.source if isinstance(value, _Room) else repr(value)


class _OpenBreadths(Breadths):
    """Breadths in which marked numbers have the lengths `l[0]`, `l[1]`, …, signs included."""

    def __init__(self, notation: Notation, numbers: Sequence[str], first: int) -> None:
        super().__init__(notation)
        self._numbers = numbers
        self._first = first  # the place of the first marked number

    def number(self, node: Number) -> Any:
        """Return the room of a number, which is open where it is marked."""
        place = next((place for sign in node.text if (place := PLACES.get(sign)) is not None), None)
        if place is None:
            return super().number(node)
        place += self._first
        return _Room(f"(l[{place}] - 1)" if self._numbers[place][0] == "-" else f"l[{place}]")

    def widest(self, parts: Sequence[Any]) -> Any:
        """Return the room of what stands one above another."""
        if any(isinstance(part, _Room) for part in parts):
            return _Room(f"max({', '.join(map(_source, parts))})")
        return super().widest(parts)
