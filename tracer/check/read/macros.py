r"""Commands that a document defines, `\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}`.

What is read of a row has their meaning in place of them; each character of it keeps the place of
the argument that it stands in, or of the command.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from tracer.check.model.statements import MappedText
from tracer.lazy_regex import lazy_regex

_DEFINITION: Final = lazy_regex(
    r"\\(?:(?:re)?newcommand|providecommand|g?def|(?P<operator>DeclareMathOperator))(?![A-Za-z])\*?"
    r" ?\{?(?P<name>\\[A-Za-z]+)\}?(?:\[(?P<count>[1-9])\](?:\[(?P<default>[^\[\]\n]*)\])?)?"
    r" ?(?P<parameters>(?:#[1-9])*) ?(?=\{)"
)
_BOX: Final = lazy_regex(r"\\(?:[slh]box|savebox|raisebox|setbox|resizebox)(?![A-Za-z])")
_COMMAND: Final = lazy_regex(r"\\(?:[A-Za-z]+|.)")
_CALLED: Final = lazy_regex(r"(\\[A-Za-z]+) ?\{\Z")
_PARAMETER: Final = lazy_regex(r"#[1-9]")
_MOST_COMMANDS: Final = 500
_UNITS: Final = {  # of the package siunitx
    r"\num": (1, "#1"), r"\si": (1, r"\mathrm{#1}"), r"\SI": (2, r"#1\,\mathrm{#2}"),
    r"\per": (0, "/"), r"\squared": (0, "^2"), r"\cubed": (0, "^3"), r"\nano": (0, "n"),
    r"\micro": (0, "µ"), r"\milli": (0, "m"), r"\centi": (0, "c"), r"\kilo": (0, "k"),
    r"\mega": (0, "M"), r"\giga": (0, "G"), r"\meter": (0, "m"), r"\metre": (0, "m"),
    r"\second": (0, "s"), r"\minute": (0, "min"), r"\hour": (0, "h"), r"\gram": (0, "g"),
    r"\kilogram": (0, "kg"), r"\newton": (0, "N"), r"\joule": (0, "J"), r"\watt": (0, "W"),
    r"\volt": (0, "V"), r"\ampere": (0, "A"), r"\hertz": (0, "Hz"), r"\byte": (0, "B"),
}  # fmt: skip
_USES_UNITS: Final = lazy_regex(r"\\(?:num|SI|si)\{")
_DEEPEST: Final = 8  # commands that stand for commands
_LONGEST: Final = 4_000  # characters of a row with the meaning of its commands
_MOST: Final = 400_000  # of all of them


class Macros:
    """The commands of a text, and what is left to write out."""

    def __init__(self, text: str) -> None:
        self._meanings: dict[str, tuple[int, str]] = {}
        self._left = _MOST
        self._with_default: set[str] = set()
        redefined: set[str] = set()
        left = [*text]
        for found in islice(_DEFINITION.finditer(text), _MOST_COMMANDS):
            end = end_of_group(text, found.end())
            if end < 0:
                continue
            name, meaning = found["name"], text[found.end() + 1 : end - 1].strip()
            meaning = meaning.replace(r"\xspace", "").replace("\n", " ")
            count = int(found["count"] or len(found["parameters"]) // 2)
            if found["default"] is not None:  # an argument in square brackets, or this
                self._with_default.add(name)
                count -= 1
                meaning = _without_first(meaning, found["default"])
            if count and _BOX.search(meaning) and f"#{count}" in meaning:
                meaning = f"#{count}"  # it says where its argument stands on the page
            meaning = f"\\operatorname{{{meaning}}}" if found["operator"] else meaning
            if self._meanings.setdefault(name, (count, meaning)) != (count, meaning):
                redefined.add(name)  # its meaning depends on where it stands
            blank = ("\n" if sign == "\n" else " " for sign in text[found.start() : end])
            left[found.start() : end] = blank
        if _USES_UNITS.search(text) is not None:
            self._meanings = _UNITS | self._meanings
        self.text = "".join(left)  # without the definitions, of the same length
        for name in redefined:
            del self._meanings[name]

    def expand(self, row: MappedText) -> MappedText:
        """Return a row with the meaning of its commands; itself where that is too long."""
        expanded, depth = row, 0
        while self._meanings and self._left >= 0 and any(self._calls(expanded.text)):
            pieces = [*self._pieces(expanded)]
            length = sum(len(piece.text) for piece in pieces)
            self._left -= length
            depth += 1
            if length > _LONGEST or depth > _DEEPEST:
                return row
            expanded = MappedText(
                "".join(piece.text for piece in pieces),
                [line for piece in pieces for line in piece.lines],
                [column for piece in pieces for column in piece.columns],
            )
        return expanded

    def as_written(self, text: MappedText, lines: Sequence[str]) -> str:
        """Return a text as its document has it; `lines` are those of the document."""
        if not self._meanings or text.has_own_places:
            return text.text
        first, last = text.lines[0], text.lines[-1]
        rows = [*lines[first - 1 : last]]
        rows[-1] = rows[-1][: text.columns[-1] + 1]
        called = _CALLED.search(rows[0][: text.columns[0]])
        is_known = called is not None and called[1] in self._meanings  # `\SI{5}{\meter}`
        rows[0] = rows[0][called.start() if called and is_known else text.columns[0] :]
        return "\n".join(rows)

    def _calls(self, text: str) -> Iterator[tuple[int, int, list[range], str]]:
        """Yield where each command begins and ends, its arguments, and its meaning."""
        last = 0
        for found in _COMMAND.finditer(text):
            count, meaning = self._meanings.get(found[0], (0, None))
            if meaning is None or found.start() < last:
                continue
            arguments: list[range] = []
            end = found.end()
            if found[0] in self._with_default and text.startswith("[", end):
                if not _PARAMETER.fullmatch(meaning):
                    continue  # another meaning than with the default
                end = text.find("]", end) + 1 or end
            while len(arguments) < count:
                start = end + len(text[end:]) - len(text[end:].lstrip())
                is_group = text[start : start + 1] == "{"
                command = _COMMAND.match(text, start)
                end = (
                    end_of_group(text, start)
                    if is_group
                    else command.end()
                    if command
                    else start + 1
                )
                if not start < end <= len(text):
                    break
                arguments.append(range(start + is_group, end - is_group))
            else:
                yield found.start(), end, arguments, meaning
                last = end

    def _pieces(self, row: MappedText) -> Iterator[MappedText]:
        """Yield what stands between the commands of a row, and what they mean, piece by piece."""
        done = length = 0
        for start, end, arguments, meaning in self._calls(row.text):
            yield row.cut(done, start)
            at, done, column, line = 0, end, row.columns[start], row.lines[start]
            for found in _PARAMETER.finditer(meaning):
                yield _at(meaning[at : found.start()], line, column)
                at, number = found.end(), int(found[0][1]) - 1
                if number < len(arguments) and length <= _LONGEST:
                    argument = row.cut(arguments[number].start, arguments[number].stop)
                    is_next = argument.columns and column < argument.columns[0]
                    yield argument if is_next else _at(argument.text, line, column)
                    column = max([column, *argument.columns])
                    length += len(argument.text)
            first = int(at == 0)
            yield _at(meaning[:first], line, column)
            yield _at(meaning[at + first :], line, row.columns[end - 1])
        yield row.cut(done)


def _without_first(meaning: str, default: str) -> str:
    """Return a meaning in which the first parameter has its default, and the others follow on."""
    meaning = meaning.replace("#1", default)
    for number in range(2, 10):
        meaning = meaning.replace(f"#{number}", f"#{number - 1}")
    return meaning


def _at(text: str, line: int, column: int) -> MappedText:
    """Return a text of which all stands at one place."""
    return MappedText(text, [line] * len(text), [column] * len(text))


def end_of_group(text: str, opening: int) -> int:
    """Return where the group ends that a brace opens; -1 where nothing closes it."""
    depth, place = 0, opening
    while place < min(len(text), opening + _LONGEST):
        sign = text[place]
        place += 1 + (sign == "\\")
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return place
    return -1
