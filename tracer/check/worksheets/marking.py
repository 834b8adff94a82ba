"""Points for a filled worksheet, in the manner of British mark schemes.

A blank for working is worth one method point, a blank for a result one accuracy point. A result
that is right only from an earlier wrong figure of the writer's own earns its point as one that is
carried forward: so each slip costs one point, where it was made. What is right and what is wrong
is the checker's verdict; nothing is worked out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeGuard

from tracer.check.marks import LineMarks, Mark, Marks
from tracer.check.numbers.figures import Figure, figure
from tracer.check.reading.document import read_document
from tracer.check.report import Entry, FileReport
from tracer.check.worksheets.filled import Filled, filled
from tracer.check.worksheets.worksheet import (
    Line,
    Recipe,
    Sheet,
    not_a_worksheet,
    read_recipe,
    recipe_of,
)
from tracer.check.written import Chain, Document, Marker, Member, Span
from tracer.errors import TracerError, printable
from tracer.expression.syntax import Array, Call, Node, Tuple, walk
from tracer.narrative.messages import Sentence, say

if TYPE_CHECKING:
    from tracer.check.trace.traced import Traced

__all__ = ["mark_document", "self_marked", "why_another"]

ENOUGH_DIGITS: Final = 3  # significant digits that every result may be given to
GOOD_TIERS: Final = ("exact", "rounded", "rounded_from_unrounded", "chopped", "last_digit",
                     "within_rounding")  # fmt: skip

MOST_SHOWN: Final = 60  # signs of what could not be read
_DECIMAL_COMMA: Final = re.compile(r"[0-9],[0-9]")
# What shows that a figure is not all of an answer: `1.5 or 1.6`, `0.5 *`.
_ANOTHER: Final = re.compile(r"\s*(?:(?:or|或者?|/|±|\+/-)\s*[-−+]?[0-9]|[-−+*/×·^]\s*$)")


def self_marked(document: Document) -> FileReport:
    """Return the report on a worksheet with the numbers that its own front matter names.

    Raises TracerError where that names a file, or anything but numbers.
    """
    recipe = read_recipe(document.lines, key=False, path=document.path)
    if recipe is None:
        raise not_a_worksheet(document.path)
    sheet = recipe_of(recipe)
    return mark_document(document, sheet, _traced(sheet))


def _traced(sheet: Sheet) -> Traced:
    from tracer.check.trace.traced import Traced

    return Traced(sheet.trace)


def mark_document(document: Document, sheet: Sheet, traced: Traced) -> FileReport:
    """Return the report on a filled worksheet with its points; `sheet` is from the key."""
    from tracer.check.checker import check_document  # which marks worksheets with this module

    document = _as_markdown(document)
    report = check_document(document, sheet.trace.scenario.name, traced=traced)
    by_place = {entry.place: entry for entry in report.entries}
    chains = _chains(document, traced)
    blanks = _Blanks(document)
    lines = []
    for line in sheet.lines:
        if line.blanks:
            found = chains.get(line.label, [])
            lines.append(_best(line, found, by_place, blanks, sheet.recipe.digits))
    report.marks = Marks(tuple(lines), sheet.recipe.seed, tuple(_notes(document, sheet.recipe)))
    return report


def _as_markdown(document: Document) -> Document:
    """Return a worksheet that was saved as plain text read as the Markdown that it is."""
    if document.kind != "txt" or not document.lines or document.lines[0].rstrip() != "---":
        return document
    return read_document("\n".join(document.lines), "md", document.path)


def _notes(document: Document, recipe: Recipe) -> Iterator[Sentence]:
    """Yield a remark where a file says that it is a key, or another worksheet than the key's."""
    own, is_key = _own_recipe(document)
    if own is None:
        return
    if own.scenario != recipe.scenario and own.scenario != Path(recipe.scenario).stem:
        yield say(
            "The file is a worksheet of {own}; it was marked with the key of {scenario}.",
            own=printable(own.scenario),
            scenario=printable(recipe.scenario),
        )
    elif own.seed != recipe.seed:
        yield say(
            "The file is the worksheet of seed {own}; it was marked with the key of seed {seed}.",
            own=own.seed,
            seed=recipe.seed,
        )
    elif is_key:
        yield say("The file is a key: the answers were in it.")


def _own_recipe(document: Document) -> tuple[Recipe | None, bool]:
    """Return what the front matter of a file says that it is, if anything, and if it is a key."""
    for key in (False, True):
        try:
            own = read_recipe(document.lines, key=key, path=document.path)
        except TracerError:
            continue
        if own is not None:
            return own, key
    return None, False


def why_another(document: Document, sheet: Sheet) -> Sentence:
    """Return why a file with no line of a worksheet is not the one that was expected."""
    own, _ = _own_recipe(document)
    wanted = _sheet_words(sheet.recipe)
    if not any(map(str.strip, document.lines)):
        return say("the file is empty; expected {wanted}", wanted=wanted)
    if own is not None:
        return say("this is {own}; expected {wanted}", own=_sheet_words(own), wanted=wanted)
    return say("no line of the worksheet is in it; expected {wanted}", wanted=wanted)


def _sheet_words(recipe: Recipe) -> Sentence:
    return say(
        "the worksheet of {scenario}, seed {seed}", scenario=recipe.scenario, seed=recipe.seed
    )


# Which chain is which line


def _chains(document: Document, traced: Traced) -> dict[str, list[Chain]]:
    """Return the chains of each label `iteration: name`, in their order.

    Where the heading of an iteration is gone, a forward line that comes again begins it.
    """
    found: dict[str, list[Chain]] = {}
    headings = {item.number for item in document.items if _begins_iteration(item)}
    iteration = 0 if headings else 1  # before the first iteration the equations stand
    for item in document.items:
        if _begins_iteration(item):
            iteration = item.number
        elif isinstance(item, Chain) and not item.stated and item.members[0].node is not None:
            names = list(_names(item.members[0], traced))
            again = any(f"{iteration}: {name}" in found for name in names)
            forward = any(traced.phase(name) in ("forward", "loss") for name in names)
            if again and forward and iteration and iteration + 1 not in headings:
                iteration += iteration < traced.iterations
            for name in names:
                found.setdefault(f"{iteration}: {name}", []).append(item)
    return found


def _begins_iteration(item: object) -> TypeGuard[Marker]:
    return isinstance(item, Marker) and item.kind == "iteration"


def _names(member: Member, traced: Traced) -> Iterator[str]:
    """Yield the names that the left side of a chain may mean, as lines of worksheets have them."""
    assert member.node is not None
    written = " ".join(member.text.split())
    yield written
    spots = traced.quantities(member.node, target=True)
    if spots:
        name, index = spots[0][0], spots[0][1]
        full = f"{name}[{', '.join(map(str, index))}]" if index else name
        if full != written:
            yield full


class _Blanks:
    """What stands in the blanks of a file, looked for where a line could not be read."""

    def __init__(self, document: Document) -> None:
        self._texts: Final = document.lines
        begins = [
            (item.number, item.span.line - 1) for item in document.items if _begins_iteration(item)
        ] or [(1, 0)]
        ends = [begin for _, begin in begins[1:]] + [len(document.lines)]
        self._places: Final = {
            number: (begin, end) for (number, begin), end in zip(begins, ends, strict=True)
        }

    def of(self, line: Line) -> Filled | None:
        """Return what stands in the blanks of a line; None where the line is not there.

        Where its heading is gone, it is looked for below the one before.
        """
        before = [number for number in self._places if number <= line.iteration]
        return filled(line, self._texts, *self._places[max(before)]) if before else None


def _best(
    line: Line,
    chains: Sequence[Chain],
    entries: dict[Span, Entry],
    blanks: _Blanks,
    digits: int,
) -> LineMarks:
    """Return the marks of a line; where it was written more than once, of the last fullest one."""
    if chains:
        chain = max(reversed(chains), key=lambda item: len(item.members))
        return _Marker(line, chain, entries.get(chain.place), blanks, digits).marks()
    stood = blanks.of(line)
    if stood is None:
        note = say("this line is not there")
        return LineMarks(line.label, _asked(line, "w"), _asked(line, "r"), 0, (note,))
    unread = tuple(_shown(text) for text in stood.parts.values() if text)
    method, accuracy = (
        "unread" if stood.parts.get(part) else _asked(line, part) for part in ("w", "r")
    )
    return LineMarks(
        line.label, method, accuracy, stood.line, tuple(map(_not_read, unread)), unread
    )


def _not_read(shown: str) -> Sentence:
    """Return what is said of something in a blank that could not be read."""
    return say("not read: {text}; mark it by hand", text=shown)


def _shown(text: str) -> str:
    return printable(text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…")


def _asked(line: Line, part: str) -> Mark | None:
    return "blank" if part in line.blanks else None


# The points of a line


class _Marker:
    """The marking of one line."""

    def __init__(
        self, line: Line, chain: Chain, entry: Entry | None, blanks: _Blanks, digits: int
    ) -> None:
        self.line: Final = line
        self.chain: Final = chain
        self.entry: Final = entry
        self.blanks: Final = blanks
        self.digits: Final = digits
        self.notes: list[Sentence] = []
        self.unread: list[str] = []
        self.result: Final = self._result()

    def marks(self) -> LineMarks:
        """Return the points and what is said of them."""
        method = self._method() if "w" in self.line.blanks else None
        accuracy = self._accuracy() if "r" in self.line.blanks else None
        if self.entry is not None and self.entry.verdict == "slip" and self.entry.message:
            self.notes.append(self.entry.message)
        number = self.chain.place.line
        return LineMarks(
            self.line.label, method, accuracy, number, tuple(self.notes), tuple(self.unread)
        )

    # What was written

    def _result(self) -> Member | None:
        """Return the member that gives the result: the last one, a figure or an array of them."""
        last = self.chain.members[-1]
        if len(self.chain.members) < 2 or last.node is None or not _is_result(last.node):
            return None
        return last

    def _working(self) -> Member | None:
        """Return the member that shows the numbers put in."""
        return next(
            (
                member
                for member in reversed(self.chain.members[1:])
                if member is not self.result
                and member.node is not None
                and member.role in ("numbers", "mixed")
                and any(isinstance(part, Call) for part in walk(member.node))
                and not _is_result(member.node)
            ),
            None,
        )

    @cached_property
    def _stood(self) -> Mapping[str, str]:
        """What stands in the blanks, as text."""
        stood = self.blanks.of(self.line)
        return {} if stood is None else stood.parts

    def _unread(self, part: Literal["w", "r"]) -> Mark:
        """Return the mark of something that is not there: left blank, or not to be read."""
        text = self._stood.get(part)
        if text is None:  # the line was written anew
            problems = [item.problem for item in self.chain.members if item.problem is not None]
            text = next((item.text for item in problems if item.reason != "blank"), "")
        if part == "w" and any(
            member.node is not None and _is_result(member.node) and member.text.strip() == text
            for member in self.chain.members[1:]
        ):
            text = ""  # the result stands there, and no working
        if text:
            self.unread.append(_shown(text))
            self.notes.append(_not_read(self.unread[-1]))
        return "unread" if text else "blank"

    def _may_have_decimal_commas(self) -> bool:
        """Say whether an array of another shape than it should have is one of decimal commas."""
        assert self.result is not None
        text = self.result.text
        is_other = self.entry is not None and self.entry.cause == "wrong_shape"
        return is_other and "." not in text and _DECIMAL_COMMA.search(text) is not None

    def _unchecked(self, part: Literal["w", "r"]) -> Mark:
        """Return the mark of what was read and could not be checked."""
        self.unread.append(_shown(self._stood.get(part, "") or self.chain.text))
        self.notes.append(say("this could not be checked; mark it by hand"))
        return "unread"

    def _is_unclear(self) -> bool:
        """Say whether it is not clear what the result is: it goes on, or has commas for points."""
        assert self.result is not None
        if self._may_have_decimal_commas():
            return True
        place = self.result.span()
        after = self.chain.beside[place.end :] if place.line == self.chain.place.line else ""
        return _ANOTHER.match(after) is not None

    # Judging

    def _method(self) -> Mark:
        if self._working() is None:
            return self._unread("w")
        entry = self.entry
        if entry is None or entry.verdict == "not_checked":
            return self._unchecked("w")
        return "lost" if self._slip_in() == "working" else "earned"

    def _accuracy(self) -> Mark:
        if self.result is None or self._is_unclear():
            return self._unread("r")
        entry = self.entry
        if entry is None or entry.verdict == "not_checked":
            return self._unchecked("r")
        if entry.verdict == "carried_forward":
            self._say_trivial()
            return "carried"
        if entry.verdict == "slip" and not entry.result_correct:
            follows = bool(entry.links) and entry.links[-1].tier in GOOD_TIERS
            if "w" in self.line.blanks and self._slip_in() == "working" and follows:
                self._say_trivial()
                return "carried"
            return "lost"
        return self._precise()

    def _slip_in(self) -> Literal["working", "result", "none"]:
        """Return where the slip of the line is."""
        entry = self.entry
        if entry is None or entry.verdict != "slip":
            return "none"
        if entry.span is None or self.result is None:
            return "working"
        return "result" if _contains(self.result.span(), entry.span) else "working"

    def _precise(self) -> Mark:
        """Return the mark of a right result: it has to have enough digits."""
        assert self.result is not None
        assert self.result.node is not None
        written = list(_each(self.result.node))
        asked = [_digits_of(text) for text in _texts(self.line.result)]
        if len(written) == len(asked):
            for own, digits in zip(written, asked, strict=True):
                least = min(digits, self.digits, ENOUGH_DIGITS)
                if own.half and own.digits < least:
                    self.notes.append(
                        say(
                            "{figure} is right, but has too few digits: at least {digits}",
                            figure=own.text,
                            digits=least,
                        )
                    )
                    return "lost"
        return "earned"

    def _say_trivial(self) -> None:
        """Say where a figure carried forward is 0 or 1, so that what follows proves little."""
        assert self.result is not None
        assert self.result.node is not None
        if any(own.value in (0, 1) for own in _each(self.result.node)):
            self.notes.append(
                say("the wrong start made this 0 or 1, so that it says little about the method")
            )


def _contains(outer: Span, inner: Span) -> bool:
    return outer.line == inner.line and outer.start <= inner.start and inner.end <= outer.end


def _is_result(node: Node) -> bool:
    """Tell whether a tree is a figure, or an array of figures."""
    if figure(node) is not None:
        return True
    return isinstance(node, (Array, Tuple)) and all(map(_is_result, node.items))


def _each(node: Node) -> Iterator[Figure]:
    """Yield the figures of a result, row by row."""
    if isinstance(node, (Array, Tuple)):
        for item in node.items:
            yield from _each(item)
    else:
        own = figure(node)
        if own is not None:
            yield own


def _texts(result: str) -> list[str]:
    """Return the numbers of a printed result."""
    return result.replace("[", " ").replace("]", " ").replace(",", " ").split()


def _digits_of(text: str) -> int:
    """Return how many significant digits a printed number has."""
    digits = text.lstrip("-").partition("e")[0].replace(".", "").lstrip("0")
    return max(1, len(digits))
