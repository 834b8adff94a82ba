"""Sheets quickly as text: the text of one is kept, the numbers of others are put into it.

What the printer does with a single number depends on its sign, on whether it has a point or an
exponent (in an array these change nothing around it), and how a line is broken on how long its
numbers are. Sheets that agree in all this have the same text but for the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, TypeVar

from tracer.expression.notation import Notation
from tracer.expression.syntax import Number
from tracer.narrative.blocks import Block, EquationLine, Sheet
from tracer.render.breadths import UNIT, Breadths, chain, in_units, stops
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
DIGITS: Final = b"0123456789"
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
        self._wholes: dict[Hashable, _Whole] = {}
        self._parts: dict[Hashable, _Part] = {}
        self._proved: dict[Hashable, bool] = {}

    def text(self, sheet: Sheet) -> str:
        """Return the text of a sheet."""
        numbers = sheet.numbers
        joined = ",".join(numbers)
        looks = self._looks(numbers, joined) if "e" in joined else numbers
        singles = _signs([numbers[place] for place in sheet.singles])
        kind = (sheet.kind, sheet.forms, singles)
        whole = self._wholes.get(kind)
        if whole is None:
            if max(map(len, sheet.slots)) > len(MARKS):
                return self._write(sheet.blocks())
            parts = [self._part(sheet, place) for place in range(len(sheet.forms))]
            whole = _bounded(self._wholes)[kind] = _Whole(parts)
        lengths = list(map(len, numbers))
        broken = tuple([part.layout(lengths) for part in whole.parts])
        template = whole.templates.get(broken)
        if template is None:
            templates = [
                self._template_of(sheet, place, part, lines, looks)
                for place, (part, lines) in enumerate(zip(whole.parts, broken, strict=True))
            ]
            learnt = [template for template in templates if template is not None]
            if len(learnt) < len(sheet.forms):
                return self._mixed(sheet, templates, looks)
            template = _bounded(whole.templates)[broken] = _joined(learnt)
        return template.filled(looks)

    def _mixed(
        self, sheet: Sheet, templates: Sequence[_Template | None], looks: Sequence[str]
    ) -> str:
        """Return the text of a sheet of which some parts have no template."""
        return "".join(
            self._write(sheet.part(place, sheet.numbers))
            if template is None
            else template.filled(looks)
            for place, template in enumerate(templates)
        )

    def _looks(self, numbers: Sequence[str], joined: str) -> Sequence[str]:
        """Return how numbers look, some of which have exponents."""
        looks = list(numbers)
        place = 0
        for piece in joined.split("e")[:-1]:
            place += piece.count(",")
            mantissa, _, power = numbers[place].partition("e")
            looks[place] = mantissa + (self._exponents.get(power) or self._exponent(power))
        return looks

    def _exponent(self, power: str) -> str:
        look = self._look(f"1.5e{power}").removeprefix("1.5")
        _bounded(self._exponents)[power] = look
        return look

    def _with_exponent(self, text: str) -> str:
        mantissa, _, power = text.partition("e")
        return mantissa + self._exponent(power)

    def _part(self, sheet: Sheet, place: int) -> _Part:
        """Return what is known of parts like this one: in an array signs do not matter."""
        kind = (sheet.kind, place, sheet.forms[place], self._part_signs(sheet, place))
        part = self._parts.get(kind)
        if part is None:
            part = _bounded(self._parts)[kind] = _Part(self._layout(sheet, place))
        return part

    def _template_of(
        self, sheet: Sheet, place: int, part: _Part, broken: Hashable, looks: Sequence[str]
    ) -> _Template | None:
        """Return the text of a part; None where numbers cannot be put into it."""
        if broken not in part.templates:
            _bounded(part.templates)[broken] = self._learnt(sheet, place, looks)
        return part.templates[broken]

    def _layout(self, sheet: Sheet, place: int) -> _Layout:
        """Return how a part's lines are broken, which only the lengths of numbers decide."""
        blocks = sheet.part(place, self._marked(sheet, place))
        lines = [block for block in blocks if isinstance(block, EquationLine)]
        breadths = _OpenBreadths(self._notation, sheet.numbers, sheet.slots[place].start)
        namespace: dict[str, Any] = {"stops": stops}
        source = f"return ({_broken(lines, breadths, self._room)})"
        body = "".join(f"  {line}\n" for line in (*breadths.widths, source))
        exec(f"def layout(l):\n{body}", namespace)  # noqa: S102 - our own source
        layout: _Layout = namespace["layout"]
        return layout

    def _part_signs(self, sheet: Sheet, place: int) -> Hashable:
        slots = sheet.slots[place]
        return _signs([sheet.numbers[slot] for slot in sheet.singles if slot in slots])

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

    def _learnt(self, sheet: Sheet, place: int, looks: Sequence[str]) -> _Template | None:
        """Return a template that gives a part's text; None where there is none.

        The first of a part is compared with the text it should give.
        """
        marked = self._marked(sheet, place)
        open_slots = {
            marked[slot][_marked_at(sheet.numbers[slot])]: slot
            for _, slot in zip(MARKS, sheet.slots[place], strict=False)
            if slot not in sheet.same
        }
        written = self._write(sheet.part(place, marked))
        template = _template(written, open_slots, marked, self._with_exponent)
        kind = (sheet.kind, place, sheet.forms[place])
        if template is not None and kind not in self._proved:
            if template.filled(looks) != self._write(sheet.part(place, sheet.numbers)):
                return None
            _bounded(self._proved)[kind] = True
        return template


_Layout = Callable[[Sequence[int]], Hashable]
"""From the lengths of all numbers: where the lines of a part are broken."""


class _Template:
    """A text with places for numbers."""

    __slots__ = ("_chosen", "order", "text")

    def __init__(self, text: str, order: Sequence[int]) -> None:
        self.text = text
        self.order = order
        # The numbers in the order of the text; of a single place this gives a text, as % wants.
        self._chosen = itemgetter(*(order or (0,)))

    def filled(self, looks: Sequence[str]) -> str:
        """Return the text with the numbers put in."""
        return self.text % (self._chosen(looks) if self.order else ())


class _Part:
    """What is known of parts that differ in digits: their texts, by how lines are broken."""

    __slots__ = ("layout", "templates")

    def __init__(self, layout: _Layout) -> None:
        self.layout = layout
        self.templates: dict[Hashable, _Template | None] = {}


class _Whole:
    """What is known of sheets that differ in digits: their texts, by how lines are broken."""

    __slots__ = ("parts", "templates")

    def __init__(self, parts: Sequence[_Part]) -> None:
        self.parts = parts
        self.templates: dict[Hashable, _Template] = {}


def _template(
    text: str, slots: Mapping[str, int], marked: Sequence[str], look: Callable[[str], str]
) -> _Template | None:
    """Find the marks in a text; None where one is not there as it was put in."""
    pieces: list[str] = []
    order: list[int] = []
    end = 0
    for at in _found(text, slots):
        sign = text[at]
        place = slots[sign]
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


def _found(text: str, signs: Iterable[str]) -> Sequence[int]:
    """Return where any of these signs are in a text."""
    places: list[int] = []
    for sign in signs:
        at = text.find(sign)
        while at >= 0:
            places.append(at)
            at = text.find(sign, at + 1)
    return sorted(places)


def _joined(templates: Sequence[_Template]) -> _Template:
    """Return one text of several."""
    order = [place for template in templates for place in template.order]
    return _Template("".join([template.text for template in templates]), order)


def _bounded(known: dict[K, V]) -> dict[K, V]:
    """Return a dictionary that takes one more: where it holds too much, it begins anew."""
    if len(known) >= MOST:
        known.clear()
    return known


def _signs(numbers: Sequence[str]) -> tuple[bytes, tuple[int, ...]]:
    """Return what the text around single numbers depends on: all but their digits."""
    joined = ",".join(numbers)
    lengths: tuple[int, ...] = ()
    if joined.count(".") != len(numbers):
        lengths = tuple([len(text) for text in numbers if "." not in text])
    return joined.encode().translate(None, DIGITS), lengths


def _marked_at(text: str) -> int:
    """Return which sign of a number a mark replaces: the second digit or point where there is."""
    first = int(text.startswith("-"))
    second = text[first + 1 : first + 2]
    return first + 1 if second and second != "e" else first


def _broken(lines: Sequence[EquationLine], breadths: _OpenBreadths, room: float) -> str:
    """Return the source of what tells from the lengths of numbers how lines are broken."""
    source: list[str] = []
    for line in lines:
        parts = list(members(line))
        whole = whole_breadth(line.left, parts, breadths)
        inside = in_units(room_of_members(line.left, breadths, room))
        pieces: list[str] = []
        for part in parts:
            rooms = [breadths.of(begun) for begun in chain(part.node)]
            broken = _exceeds(rooms[-1], inside)
            if len(rooms) == 2:
                pieces.append(f"{broken}, ")
            elif len(rooms) > 2:
                stages = ", ".join(map(_source, rooms))
                pieces.append(f"stops(({stages}), {inside}) if {broken} else (), ")
        source.append(f"({''.join(pieces)}) if {_exceeds(whole, in_units(room))} else None, ")
    return "".join(source)


class _Room:
    """A sum of breadths, as source: those of numbers are known when the text is filled.

    `known` and the `others` are in units, `lengths` in characters.
    """

    __slots__ = ("known", "lengths", "others")

    def __init__(
        self, known: int, lengths: tuple[str, ...] = (), others: tuple[str, ...] = ()
    ) -> None:
        self.known = known
        self.lengths = lengths
        self.others = others

    def __add__(self, other: _Room | int) -> _Room:
        if isinstance(other, int):
            return _Room(self.known + other, self.lengths, self.others)
        return _Room(
            self.known + other.known, self.lengths + other.lengths, self.others + other.others
        )

    __radd__ = __add__

    @property
    def source(self) -> str:
        """What the sum is."""
        lengths = [f"{UNIT} * ({' + '.join(self.lengths)})"] if self.lengths else []
        return f"({' + '.join((*lengths, *self.others, str(self.known)))})"


def _source(value: _Room | int) -> str:
    return value.source if isinstance(value, _Room) else str(value)


def _characters(value: _Room | int) -> str:
    """Return the source of a breadth in characters; '' where it is no whole number of them."""
    room = value if isinstance(value, _Room) else _Room(value)
    count, rest = divmod(room.known, UNIT)
    if room.others or rest:
        return ""
    return " + ".join([*room.lengths, *([str(count)] if count or not room.lengths else [])])


def _exceeds(value: _Room | int, room: int) -> str:
    """Return the source of `value > room`."""
    if isinstance(value, int):
        return str(value > room)
    if value.others or not value.lengths:
        return f"{value.source} > {room}"
    most = (room - value.known) // UNIT  # characters are whole
    return f"{' + '.join(value.lengths)} > {most}"


class _OpenBreadths(Breadths):
    """Breadths in which marked numbers have the lengths `l[0]`, `l[1]`, …, signs included."""

    def __init__(self, notation: Notation, numbers: Sequence[str], first: int) -> None:
        super().__init__(notation)
        self._numbers = numbers
        self._first = first  # the place of the first marked number
        self.widths: list[str] = []  # the source of what several formulas refer to

    def number(self, node: Number) -> Any:
        """Return the room of a number, which is open where it is marked."""
        place = next((place for sign in node.text if (place := PLACES.get(sign)) is not None), None)
        if place is None:
            return super().number(node)
        length = f"l[{place + self._first}]"
        if self._numbers[place + self._first][0] != "-":
            return _Room(0, (length,))
        return _Room(-UNIT, (length,))  # its sign has room of its own

    def small(self, room: Any) -> Any:
        """Return the room of a superscript or subscript."""
        if isinstance(room, _Room):
            return _Room(0, (), (f"{room.source} * 7 // 10",))
        return super().small(room)

    def widest(self, parts: Sequence[Any]) -> Any:
        """Return the room of what stands one above another."""
        if len(parts) == 1 or not any(isinstance(part, _Room) for part in parts):
            return super().widest(parts)
        characters = [_characters(part) for part in parts]
        if "" in characters:
            return _Room(0, (), (f"max({', '.join(map(_source, parts))})",))
        name = f"m{len(self.widths)}"
        if len(parts) == 2:  # quicker than `max`
            first, second = characters
            self.widths.append(f"{name} = {first} if {first} > {second} else {second}")
        else:
            self.widths.append(f"{name} = max({', '.join(characters)})")
        return _Room(0, (name,))
