"""Sheets quickly as text: the text of one is kept, the numbers of others are put into it.

What the printer does with a number depends on its sign, on whether it has a point or an exponent,
and how a line is broken on how long its numbers are. Sheets that agree in all this have the same
text but for the digits. A text is kept only when it was seen to become the right one again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

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
MOST: Final = 256  # texts that are kept


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
        self._layouts: dict[object, Callable[[Sequence[int]], object]] = {}
        self._templates: dict[object, _Template | None] = {}
        self._seen: set[object] = set()

    def text(self, sheet: Sheet) -> str:
        """Return the text of a sheet."""
        numbers = sheet.numbers
        joined = ",".join(numbers)
        kind: object = (sheet.form, joined.translate(NO_DIGITS))
        looks = numbers
        if joined.count(".") != len(numbers) or "e" in joined:
            kind = (kind, tuple([len(text) for text in numbers if "." not in text]))
            looks = [self._look(text) if "e" in text else text for text in numbers]
        layout = self._layouts.get(kind)
        if layout is None:
            return self._first(sheet, kind)
        key = (kind, layout(list(map(len, numbers))))
        template = self._templates.get(key)
        if template is not None:
            return template.filled(looks)
        text = self._write(sheet.blocks(numbers))
        if key not in self._templates:
            if len(self._templates) >= MOST:
                self._templates.clear()
            self._templates[key] = self._learnt(sheet, looks, text)
        return text

    def _first(self, sheet: Sheet, kind: object) -> str:
        """Write a sheet of a new kind; learn how its lines are broken when it is seen again."""
        if kind in self._seen:
            if len(self._layouts) >= MOST:
                self._layouts.clear()
                self._templates.clear()
            lines = [
                block
                for block in sheet.blocks(self._marked(sheet))
                if isinstance(block, EquationLine)
            ]
            self._layouts[kind] = _layout(
                lines, _OpenBreadths(self._notation, sheet.numbers), self._room
            )
        else:
            if len(self._seen) >= MOST:
                self._seen.clear()
            self._seen.add(kind)
        return self._write(sheet.blocks(sheet.numbers))

    def _marked(self, sheet: Sheet) -> list[str]:
        """Return the numbers, each with a mark of its own instead of one of its signs."""
        marked = list(sheet.numbers)
        for place, text in enumerate(sheet.numbers):
            if place < len(MARKS):
                at = _marked_at(text)
                mark = MARKS[sheet.same.get(place, place)]
                marked[place] = f"{text[:at]}{mark}{text[at + 1 :]}"
        return marked

    def _learnt(self, sheet: Sheet, looks: Sequence[str], text: str) -> _Template | None:
        """Return a template that gives this text; None where there is none."""
        marked = self._marked(sheet)
        template = _template(self._write(sheet.blocks(marked)), sheet, marked, self._look)
        return template if template is not None and template.filled(looks) == text else None


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
    text: str, sheet: Sheet, marked: Sequence[str], look: Callable[[str], str]
) -> _Template | None:
    """Find the marks in a text; None where one is not there as it was put in."""
    slots = {
        text[_marked_at(sheet.numbers[place])]: place
        for place, text in enumerate(marked[: len(MARKS)])
        if place not in sheet.same
    }
    pieces: list[str] = []
    order: list[int] = []
    end = 0
    for at, sign in enumerate(text):
        place = slots.get(sign)
        if place is None:
            continue
        shown = look(marked[place])
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


def _marked_at(text: str) -> int:
    """Return which sign of a number a mark replaces: the second digit or point where there is."""
    first = int(text.startswith("-"))
    second = text[first + 1 : first + 2]
    return first + 1 if second and second != "e" else first


def _layout(
    lines: Sequence[EquationLine], breadths: _OpenBreadths, room: float
) -> Callable[[Sequence[int]], object]:
    """Return a function that tells from the lengths of the numbers how all lines are broken."""
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
    layout: Callable[[Sequence[int]], object] = namespace["layout"]
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

    def __init__(self, notation: Notation, numbers: Sequence[str]) -> None:
        super().__init__(notation)
        self._numbers = numbers

    def number(self, node: Number) -> Any:
        """Return the room of a number, which is open where it is marked."""
        place = next((place for sign in node.text if (place := PLACES.get(sign)) is not None), None)
        if place is None:
            return super().number(node)
        return _Room(f"(l[{place}] - 1)" if self._numbers[place][0] == "-" else f"l[{place}]")

    def widest(self, parts: Sequence[Any]) -> Any:
        """Return the room of what stands one above another."""
        if any(isinstance(part, _Room) for part in parts):
            return _Room(f"max({', '.join(map(_source, parts))})")
        return super().widest(parts)
