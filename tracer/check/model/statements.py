"""What a person wrote: a document's statements in their order, each at its place.

Made by reading and never changed. Everything that words say (which iteration, what is supposed,
why a reading is not certain) stands here as data: whoever judges sees no text and reads no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from tracer.check.model.written_trees import has_several_meanings
from tracer.expression.syntax import Node
from tracer.frozen import Frozen, Value
from tracer.sentences import Text


class TextPlace(NamedTuple):
    """A piece of one raw line: `line` from 1, columns from 0 and half open, in code points."""

    line: int
    start: int
    end: int


def pieces_between(text: str, signs: str) -> Iterator[tuple[int, int]]:
    """Yield where each piece of a text begins and ends that some signs divide; none is empty."""
    start = 0
    for end in (*(at for at, sign in enumerate(text) if sign in signs), len(text)):
        if start < end:
            yield start, end
        start = end + 1


class MappedText:
    """Text read as one line; `lines[i]` and `columns[i]` say where its i-th character stands.

    Marks of markup may have been taken out, or replaced by as many blanks, and several raw lines
    may have been joined. Lines count from 1, columns from 0.
    """

    __slots__ = ("columns", "lines", "text")

    def __init__(self, text: str, lines: Sequence[int], columns: Sequence[int]) -> None:
        self.text: Final = text
        self.lines: Final = lines
        self.columns: Final = columns

    @classmethod
    def of_line(cls, text: str, line: int, column: int = 0) -> MappedText:
        """Return a piece of one raw line that begins at a column."""
        return cls(text, (line,) * len(text), range(column, column + len(text)))

    def cut(self, start: int, end: int | None = None) -> MappedText:
        """Return a part of the text with its places."""
        return MappedText(self.text[start:end], self.lines[start:end], self.columns[start:end])

    def without(self, positions: Iterable[int]) -> MappedText:
        """Return the text without the characters at some positions."""
        gone = set(positions)
        left = [position for position in range(len(self.text)) if position not in gone]
        return MappedText(
            "".join(self.text[position] for position in left),
            [self.lines[position] for position in left],
            [self.columns[position] for position in left],
        )

    def with_sign(self, position: int, sign: str) -> MappedText:
        """Return the text with another sign at a position."""
        text = f"{self.text[:position]}{sign}{self.text[position + 1 :]}"
        return MappedText(text, self.lines, self.columns)

    def place(self, start: int = 0, end: int | None = None) -> TextPlace:
        """Return the raw place of a part, as far as it stands on the line where it begins."""
        last = (len(self.text) if end is None else end) - 1
        line = self.lines[start]
        while last > start and self.lines[last] != line:
            last -= 1
        return TextPlace(line, self.columns[start], self.columns[last] + 1)

    @property
    def has_own_places(self) -> bool:
        """Whether no two signs stand at one place, as those of a command's meaning do."""
        signs = zip(self.text, self.lines, self.columns, strict=True)
        places = [(line, column) for sign, line, column in signs if not sign.isspace()]
        return len({*places}) == len(places)

    @property
    def last_line(self) -> int:
        """The raw line on which the text ends."""
        return max(self.lines)


DocumentKind = Literal["md", "txt", "tex", "html", "ipynb", "py"]

DOTS: Final = "⋯"
"""What begins the name of what dots stand for; its place follows, for it differs from the next."""

Relation = Literal["", "=", "≈", "←", "<", ">", "≤", "≥"]
"""What joins a side to the one before it: nothing before the first; `=`; `≈`; an assignment;
an inequality, which joins the only two sides of its chain."""
INEQUALITIES: Final = ("<", ">", "≤", "≥")

UnreadReason = Literal["unreadable", "ambiguous", "unknown_quantity", "undefined", "limit", "blank"]

Doubt = Literal[
    "end",  # after the chain stands something that may belong to it
    "start",  # before it stands something that may belong to it
    "cut_off",  # a side before its first sign, or after its last, was not read
    "unused",  # a character between its first and last was not used
    "other_line",  # the line above is open, or the one below goes on
    "guessed",  # its sides stand beside each other in a listing, with no sign between them
    "columns",  # wide gaps, drawings, figures side by side
    "other_reading",  # the text has a second reading, such as log to another base
    "other_function",  # the stated formula may be that of another function, or of a part of it
    "denied",  # its sentence says not, wrong, impossible
    "stated",  # words join the name and the value, and were not understood whole
    "supposed",  # its sentence says what would be
    "token",  # a figure or a word that may be something else: binary, mod, a range, a unit
]
"""Why the reading of a chain is not certain. What a doubt may be true of is never called a slip."""

Qualification = Literal["", "above", "sentence", "place", "derivative"]
"""Whose words make a condition, or speak of a part: nobody's, those right above, its sentence's.

Those of a derivative do where the left side is none: `gradients: w = 0.05`.
"""


class UnreadPiece(Value):
    """Something that looks like worked mathematics and was not read: where, and why."""

    place: TextPlace
    reason: UnreadReason
    text: str
    message: Text


class Side(Frozen):
    """One side of a relation.

    `readings` are its trees, the likeliest first; the others count where the first does not hold
    (`a · b` of arrays, `1,234`). Their places count in `written.text`. It is empty where the side
    could not be read; `problem` then says why. `units` are what was read as units after figures;
    letters among them may be names. `has_choice` says that another reading may be meant though the
    likeliest does not hold. `derivand` are the readings of the formula whose derivative the side
    is, `d/dx (x²)`, which is one name.
    """

    written: MappedText
    relation: Relation
    readings: tuple[Node, ...]
    problem: UnreadPiece | None = None
    units: tuple[str, ...] = ()
    has_choice: bool = False
    derivand: tuple[Node, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        """Whether what is written has a second meaning that the sides cannot show."""
        return self.has_choice or (bool(self.readings) and has_several_meanings(self.readings[0]))

    @property
    def tree(self) -> Node | None:
        """The likeliest reading; None where there is none."""
        return self.readings[0] if self.readings else None

    def place_of(self, node: Node) -> TextPlace:
        """Return the raw place of a part of its tree."""
        return self.written.place(node.start, node.end)


class StageMarker(Value):
    """Words that say what holds here: `Iteration 2`, `样本 1`, a heading (its level as `number`).

    A step is one of training or of the work; `words` have its ordinal, if it has one. Of the kind
    "left out" they say that derivatives are written without a factor, of the kind "changed" that
    what stands beside them, as `words`, has another value from here on.
    """

    kind: Literal["iteration", "epoch", "step", "sample", "heading", "left out", "changed"]
    number: int
    place: TextPlace
    words: tuple[str, ...] = ()


class EquationChain(Frozen):
    """Sides joined by relations: `name = formula = figures = result`, or a value that is stated.

    `text` is what was written, for a report. `doubts` are empty where the reading is certain.
    `is_claim` is true where words join a name and a value (`w 为 0.5`) and no relation does.
    `headings` are the lines of the headings that it stands under, the outermost first.
    `iteration` is what its own sentence says (`After 3 iterations w = 1.04`), from 1.
    `refers_elsewhere` is true where its sentence may speak of another step, sample or example
    (`Recall that …`, `in the second sample`), without saying which one in so many words.
    `follows_on` is true where nothing but blank lines and words that only go on (`so`, `then`)
    stands between it and the statement before.
    `is_of_clause` is true where its sentence goes on with another chain: `with z = 1: y = …`.
    `qualified_by` says whose words do more than join it to what stands above and say what its name
    is: `for the first term` may speak of a part of what its name stands for, `a common choice is
    w = 0.1` in its own sentence of the value of another case.
    `figures_before` are those that its words have before it, `For a sample of 400:`.
    `explains` is where the line begins that uses its value, if a clause behind that states it
    (`y = w x, where w = 2`): it holds from there on.
    `loss` is the loss of which its first side is a derivative, J of `∂J/∂w`.
    `listing` is the number of the table, the column or the code in which its sides stand beside
    each other, 0 elsewhere: what holds in its other rows says how they are meant.
    `printed` is the result that a worksheet has printed behind it: nobody here has worked it out.
    """

    sides: tuple[Side, ...]
    place: TextPlace
    text: str
    doubts: tuple[Doubt, ...] = ()
    is_claim: bool = False
    headings: tuple[int, ...] = ()
    iteration: int | None = None
    listing: int = 0
    refers_elsewhere: bool = False
    follows_on: bool = False
    is_of_clause: bool = False
    qualified_by: Qualification = ""
    figures_before: frozenset[Fraction] = frozenset()
    explains: TextPlace | None = None
    loss: str = ""
    printed: Side | None = None

    @property
    def is_qualified(self) -> bool:
        """Whether words may make it another case, or one part of what its name is."""
        return self.qualified_by in ("above", "sentence", "place")

    @property
    def is_inequality(self) -> bool:
        """Whether it holds two sides against each other, and so gives no name a value."""
        return self.sides[1].relation in INEQUALITIES

    @property
    def is_certain(self) -> bool:
        """Whether nothing speaks against its reading."""
        return not self.doubts

    def is_pair_certain(self, position: int) -> bool:
        """Tell whether nothing speaks against how a side and the next one were read.

        Then a difference between them is a slip. What may stand before the chain belongs to its
        first side, what may stand after it to its last, a second reading to the side that has it.
        What is supposed are values of names: figures are worked out in one way, whatever is.
        """
        pair = self.sides[position : position + 2]
        concerns = {
            "start": position == 0,
            "end": position + 2 == len(self.sides),
            "other_reading": any(side.is_doubtful for side in pair),
            "supposed": False,
        }
        return not any(concerns.get(doubt, True) for doubt in self.doubts)

    @property
    def last_line(self) -> int:
        """The raw line on which it ends."""
        return max(side.written.last_line for side in self.sides)


class CodeListing(Value):
    """A piece of Python: its text, and the raw line of its first line; `indent` was cut off.

    `formulas` are the names that it gives values to, with the formula, None where it is none.
    """

    text: str
    line: int
    indent: int = 0
    collapsed: bool = False  # the document lost the line breaks of its code
    formulas: tuple[tuple[str, Node | None], ...] = ()


class TableOfValues(Frozen):
    """A table of figures: what each column says of the name that heads it, row by row.

    `counts` are the numbers of the rows where a column counts iterations, as the document does.
    Each column has for each row the chain `head = cell`, None where nothing of the kind was read.
    """

    counts: Sequence[int]
    columns: Sequence[Sequence[EquationChain | None]]
    place: TextPlace


class RowOfFigures(Frozen):
    """A line that shows figures and works nothing out.

    `texts` are the figures as they are written. Behind each but the last, `words` say whether words
    follow, and `lists` whether a list or a cell ends or begins. It `is_named` where a name may say
    what they are, `w = 0.5`. Lines of one `form` differ in figures and words only, those of one
    `sentence` in figures.
    """

    place: TextPlace
    text: str
    figures: Sequence[Node]
    texts: Sequence[MappedText]
    words: Sequence[bool]
    lists: Sequence[bool]
    is_named: bool
    form: str
    sentence: str


Statement = EquationChain | StageMarker | CodeListing | TableOfValues


class WorkedDocument(Frozen):
    """A document that was read.

    `lines` are the raw ones without line ends. `cells` are those of a notebook: the number of
    each, from 1, and the line of `lines` at which it begins. `scenario` is what a front matter or
    a comment names. `formulas` counts the formulas without a single figure: they are read, and
    there is nothing in them to compare. `functions` are the operations that the words of the
    document name: what `log` may be (`log`, the natural one, `log2`, `log10`), and σ (`sigmoid`,
    `relu`, `softmax`, `std`). Where it `has_decimal_commas`, no figure has a point.
    """

    path: str
    kind: DocumentKind
    lines: Sequence[str]
    statements: Sequence[Statement]
    unread: Sequence[UnreadPiece] = ()
    scenario: str | None = None
    cells: Sequence[tuple[int, int]] = ()
    formulas: int = 0
    functions: Sequence[str] = ()
    has_decimal_commas: bool = False

    def chains(self) -> Iterator[EquationChain]:
        """Yield the chains in order."""
        return (item for item in self.statements if isinstance(item, EquationChain))

    def code_lines(self) -> set[int]:
        """Return the numbers of the lines that listings of Python stand in."""
        listings = (each for each in self.statements if isinstance(each, CodeListing))
        return {each.line + at for each in listings for at in range(len(each.text.splitlines()))}

    def line_name(self, line: int) -> int | str:
        """Return how a message names a line: by its number, of a notebook with the cell."""
        cell, within = find_cell_line(self.cells, line)
        return line if cell is None else f"{within} (cell {cell})"


def find_cell_line(cells: Sequence[tuple[int, int]], line: int) -> tuple[int | None, int]:
    """Return the cell that a line stands in, and its line there; None and the line without cells.

    `cells` are as in `WorkedDocument`.
    """
    begun = [cell for cell in cells if cell[1] <= line]
    number, first = begun[-1] if begun else (None, 1)
    return number, line - first + 1
