"""What a person wrote: chains of members joined by equals signs, each at its place in the text.

Nothing is judged here. Places are lines from 1 and half-open columns from 0, in code points of
the raw line, so that a report can point at what stands in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple, cast

from tracer.check.trace.aliases import name_of
from tracer.expression.look import Dialect
from tracer.expression.syntax import Name, Node, Number, walk
from tracer.sentences import Text

__all__ = [
    "Chain",
    "CodeBlock",
    "Document",
    "Kind",
    "Marker",
    "Member",
    "Reason",
    "Role",
    "Span",
    "Unread",
    "has_names",
    "in_cell",
    "seen_place",
]

Kind = Literal["md", "txt", "tex", "ipynb", "py"]
Reason = Literal["unreadable", "ambiguous", "unknown_quantity", "undefined", "limit", "blank"]
Role = Literal["symbols", "mixed", "numbers", "unread"]

STATIC: Final = frozenset(("True", "False", "None"))


class Span(NamedTuple):
    """A place in the raw text: `line` from 1, columns half open from 0."""

    line: int
    start: int
    end: int


class Unread(NamedTuple):
    """Something that looks like worked mathematics and was not read: where and why."""

    span: Span
    reason: Reason
    text: str
    message: Text  # why, without a place; a text is in the parser's words


class Member:
    """What stands between two equals signs: its text, its tree, and where each part stands.

    `sign` is what joins it to the member before it ('' for the first): `=`, `≈`, `:=`, `←`.
    `node` is None where it could not be read; `problem` then says why. `columns[i]` is the raw
    column of the text's i-th character, `rows[i]` its raw line, so a member may run over lines.
    `role` says whether names, names and decimals, or numbers alone stand in it; who knows it
    gives it, else the tree is searched.
    """

    __slots__ = ("columns", "dialect", "node", "problem", "role", "rows", "sign", "text")

    def __init__(
        self,
        text: str,
        sign: str,
        dialect: Dialect,
        node: Node | None,
        rows: Sequence[int],
        columns: Sequence[int],
        problem: Unread | None = None,
        *,
        role: Role | None = None,
    ) -> None:
        self.text: Final = text
        self.sign: Final = sign
        self.dialect: Final[Dialect] = dialect
        self.node: Final = node
        self.rows: Final = rows
        self.columns: Final = columns
        self.problem: Final = problem
        self.role: Final = role or ("unread" if node is None else _role_of(node))

    def span(self, start: int = 0, end: int = -1) -> Span:
        """Return the raw place of a part of the text (all of it if none is named).

        A part that runs over lines is placed on its first line, up to where it leaves it.
        """
        end = len(self.text) if end < 0 else end
        line = self.rows[start]
        last = end - 1
        while last > start and self.rows[last] != line:
            last -= 1
        return Span(line, self.columns[start], self.columns[last] + 1)

    def span_of(self, node: Node) -> Span:
        """Return the raw place of a node of the tree."""
        return self.span(node.start, node.end)


def _role_of(node: Node) -> Role:
    """Return what stands in an expression."""
    named = decimal = False
    for part in walk(node):
        kind = type(part)
        if kind is Name:
            named = named or cast("Name", part).id not in STATIC
        elif kind is Number:
            decimal = decimal or "." in cast("Number", part).text
    if not named:
        return "numbers"
    return "mixed" if decimal else "symbols"


def in_cell(cells: Sequence[tuple[int, int]], line: int) -> tuple[int | None, int]:
    """Return the cell of a notebook that a line stands in, and its line there.

    `cells` are as in `Document`; where there are none, the line is as it is.
    """
    cell, first = None, 1
    for number, begin in cells:
        if begin > line:
            break
        cell, first = number, begin
    return cell, line - first + 1


def seen_place(path: str, cells: Sequence[tuple[int, int]], line: int) -> tuple[str, int]:
    """Return the path and the line that people see: of a notebook, the cell and its line."""
    cell, line = in_cell(cells, line)
    return path if cell is None else f"{path}#cell {cell}", line


def has_names(node: Node) -> bool:
    """Say whether an expression has names of quantities: `True` of `keepdims=True` is none."""
    return any(type(part) is Name and part.id not in STATIC for part in walk(node))


class Marker(NamedTuple):
    """Words that say which iteration or sample follows: `Iteration 2`, `样本 1`; counts from 1."""

    kind: Literal["iteration", "sample", "epoch", "section"]
    number: int
    span: Span


class Chain:
    """A worked chain `name = symbols = numbers = value`, or a value stated in prose.

    `stated` is true where no equals sign joins the two members: words (`w 为 0.5`), or the sign of
    a step whose result is not said (`w -= 0.1 * 3`).
    `place` is where the chain begins; `text` is what was written, for a report. `supposed` is true
    where its sentence says what would be (`with a rate of 1 we would get …`). `beside` is the raw
    line that it stands on.
    """

    __slots__ = ("beside", "members", "place", "stated", "supposed", "text")

    def __init__(
        self, members: Sequence[Member], place: Span, text: str, *, stated: bool = False
    ) -> None:
        self.members: Final = tuple(members)
        self.place: Final = place
        self.text: Final = text
        self.stated: Final = stated
        self.supposed = False
        self.beside = ""

    @property
    def target(self) -> Node | None:
        """The quantity that the chain computes, where its first member names one."""
        first = self.members[0].node
        return first if first is not None and name_of(first) is not None else None

    @property
    def after(self) -> str:
        """What follows on the raw line of its end; '' where it began on another line."""
        end = self.members[-1].span()
        return self.beside[end.end :] if end.line == self.place.line else ""


class CodeBlock(NamedTuple):
    """A piece of Python: its text, and the raw line of its first line (`indent`: what was cut)."""

    text: str
    line: int
    indent: int = 0
    collapsed: bool = False  # the article lost the line breaks of its code


Item = Chain | Marker | CodeBlock


class Document:
    """A read text: chains, markers and code in their order, and what was not read.

    `cells` are those of a notebook: the number of each, from 1, and the line of `lines` at which
    it begins.
    """

    __slots__ = ("cells", "items", "kind", "lines", "path", "scenario", "unread")

    def __init__(
        self,
        path: str,
        kind: Kind,
        lines: Sequence[str],
        items: Sequence[Item],
        unread: Sequence[Unread],
        scenario: str | None = None,
        cells: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.path: Final = path
        self.kind: Final[Kind] = kind
        self.lines: Final = lines  # raw, without line ends
        self.items: Final = items
        self.unread: Final = unread
        self.scenario: Final = scenario  # that a front matter or a comment names
        self.cells: Final = cells

    def chains(self) -> Iterator[Chain]:
        """Yield the chains in order."""
        return (item for item in self.items if isinstance(item, Chain))

    def where(self, line: int) -> tuple[str, int]:
        """Return the path and the line that people see: a notebook's are in its cells."""
        return seen_place(self.path, self.cells, line)
