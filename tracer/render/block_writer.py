"""What all formats have in common: sentences, members of an equation, a method a kind of block.

A format is a `BlockWriter`, and a `SentenceWriter` that says how formulas and a user's text are
marked.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Final, Generic, Literal, TypeVar

from tracer.expression import PATH_WORDS, Dialect, Node, Notation, render
from tracer.frozen import Frozen
from tracer.lazy_regex import lazy_regex
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Graph,
    GraphNode,
    Heading,
    Paragraph,
    Plot,
    Table,
)
from tracer.narrative.line_forms import MOST_FORMS, FilledForm, with_figures
from tracer.operations import vocabulary
from tracer.sentences import Sentence, Translate, fill_sentence, plain_text, say

# An equation line taken apart ---------------------------------------------------------------------

Relation = Literal["=", "←", "≈"]
MemberRole = Literal["formula", "numbers", "result"]


class Member(Frozen):
    """What follows a relation, and what it is there."""

    relation: Relation
    node: Node
    role: MemberRole


def line_members(line: EquationLine) -> Iterator[Member]:
    """Yield what stands right of the left side: formula, numbers, shortened, reduced, result.

    What says the same as the member before it is left out: where the numbers that are put in are
    the result already, that is what they are called. What has no name of its own is its formula.
    """
    last = line.formula
    is_about = not line.follows and last == line.result  # nothing stands between formula and result
    if line.arrow or last != line.left:
        yield Member("←" if line.arrow else "≈" if is_about else "=", last, "formula")
    if line.substituted is not None and line.substituted != last:
        last = line.substituted
        yield Member("=", last, "result" if last == line.result else "numbers")
    if line.shortened is not None and line.worked is None:
        last = line.shortened
        yield Member("=", last, "result" if last == line.result else "numbers")
    if line.reduced is not None and line.worked is None and not line.follows:
        yield Member("≈", line.reduced, "numbers")
    if line.result is not None and line.result != last:
        yield Member("=" if line.follows else "≈", line.result, "result")


def line_text(
    line: EquationLine, formula: Callable[[Node], str], signs: Mapping[Relation, str]
) -> str:
    """Return a line in one row: its left side, and each member behind the sign of its relation."""
    members = [f"{signs[part.relation]} {formula(part.node)}" for part in line_members(line)]
    return " ".join([formula(line.left), *members])


# An index of two digits, which the language keeps together: of a vector it can be no other.
_ONE_INDEX: Final = lazy_regex(r"_\{\{(\d+)\}\}")
_BRACED: Final = lazy_regex(r"_\{(\w+)\}")  # a name below another: z_{mem₁}
_DIGITS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def drawing_text(text: str, notation: Notation, dialect: Dialect) -> str:
    """Return the printer's text as it stands in a drawing, which nobody reads back.

    Words, names and indices of two digits need no braces there.
    """
    if dialect == "ascii":
        text = text.replace("…", "...")
    if "_{" not in text:  # as nearly all are
        return text
    if dialect != "ascii":
        text = _ONE_INDEX.sub(lambda match: match[1].translate(_DIGITS), text)
        text = _BRACED.sub(r"_\1", text)
    for word in map(notation.word, PATH_WORDS):
        text = re.sub(rf"_\{{({word} [^{{}}]*)\}}", r" \1", text)
    return text


# What all formats have in common ------------------------------------------------------------------

Written = TypeVar("Written")

FORMULA_WORDS: Final = (
    say("via"),
    say("into"),
    say("in"),
    say("upstream"),
    say("local"),
    say("upstream; local: 1"),
    say("upstream; local: −1"),
    say("local; upstream: 1"),
    say("local: weights"),
    say("local: input"),
)
_FULL_WIDTH: Final = tuple("。！？；：，、")  # signs with their own space behind them


def is_item(block: Block) -> bool:
    """Say whether a block is an item of a list."""
    return isinstance(block, Paragraph) and block.kind == "item"


def announces(block: Block) -> bool:
    """Say whether a paragraph belongs to what follows: its words end with a colon."""
    if not isinstance(block, Paragraph) or block.kind != "text":
        return False
    return any(sentence.template.endswith(":") for sentence in block.sentences[-1:])


def filled_sections(
    blocks: Iterable[Block], write: Callable[[Block], str]
) -> Iterator[tuple[Block, str]]:
    """Yield each block that has a text, with it.

    A heading waits for what it heads: it is left out where only blocks without a text follow, such
    as curves in a format that draws none.
    """
    headings: list[tuple[Heading, str]] = []
    is_bare = False  # whether a block without a text stands below the last heading
    for block in blocks:
        text = write(block)
        if not text:
            is_bare = True
            continue
        if isinstance(block, Heading) and is_bare:
            headings = [item for item in headings if item[0].level < block.level]
        elif not isinstance(block, Heading):
            yield from headings
            headings.clear()
            yield block, text
        if isinstance(block, Heading):
            headings.append((block, text))
        is_bare = False
    yield from headings[: len(headings) - is_bare]


def with_lists(
    blocks: Iterable[Block], write: Callable[[Block], str], begin: str, end: str
) -> Iterator[str]:
    """Yield the text of each block, with what stands before and behind the items of a list."""
    for item, group in groupby(blocks, is_item):
        yield begin * item
        yield from map(write, group)
        yield end * item


class SentenceWriter:
    """Writes sentences and formulas in one notation and one language, without markup."""

    dialect: Dialect = "unicode"

    def __init__(self, notation: Notation, translate: Translate = str) -> None:
        self.notation = notation.with_words(
            {message.template: plain_text(message, translate) for message in FORMULA_WORDS}
        )
        self.translate = translate

    @cached_property
    def bare(self) -> SentenceWriter:
        """The same without markup: for titles and descriptions."""
        return SentenceWriter(self.notation, self.translate)

    def formula(self, node: Node) -> str:
        """Return an expression as a formula."""
        return render(node, self.dialect, vocabulary=vocabulary(), notation=self.notation)

    def marked(self, formula: str) -> str:
        """Return a formula as it stands in a sentence."""
        return formula

    def template(self, text: str) -> str:
        """Return a message in the language; its slots stay as they are."""
        return self.translate(text)

    def escaped(self, text: str) -> str:
        """Return a user's text, its signs taken literally."""
        return text

    def in_sentence(self, part: Node) -> str:
        """Return a formula in a sentence."""
        return self.marked(self.formula(part))

    def sentence(self, sentence: Sentence) -> str:
        """Return a sentence with its formulas."""
        return fill_sentence(sentence, self.template, self.in_sentence, self.escaped)

    def joined(self, sentences: Iterable[Sentence]) -> str:
        """Return sentences one after the other; a full-width stop needs no space behind it."""
        text = ""
        for sentence in map(self.sentence, sentences):
            apart = "" if not text or text.endswith(_FULL_WIDTH) else " "
            text += apart + sentence
        return text

    def cell(self, cell: Cell) -> str:
        """Return a cell of a table."""
        if isinstance(cell, Node):
            return self.in_sentence(cell)
        return self.sentence(cell) if isinstance(cell, Sentence) else self.escaped(cell)

    def node_lines(self, node: GraphNode) -> list[str]:
        """Return what a quantity of a network shows: its name and note, or its figures."""
        texts = [self.formula(node.label), *([self.cell(node.note)] if node.note else ())]
        if node.figures:
            texts = list(map(self.formula, node.figures))
        return [drawing_text(text, self.notation, self.dialect) for text in texts]

    def node_text(self, node: GraphNode) -> str:
        """Return what a quantity of a network shows on one line."""
        return (", " if node.figures else " ").join(self.node_lines(node))


class BlockWriter(ABC, Generic[Written]):
    """Writes blocks; each kind of block has its method."""

    def block(self, block: Block) -> Written:
        """Return one block."""
        if isinstance(block, EquationLine):
            return self.equation(block)
        if isinstance(block, Paragraph):
            return self.paragraph(block)
        if isinstance(block, Heading):
            return self.heading(block)
        if isinstance(block, Table):
            return self.table(block)
        return self.graph(block) if isinstance(block, Graph) else self.plot(block)

    @abstractmethod
    def heading(self, heading: Heading) -> Written:
        """Return a heading."""

    @abstractmethod
    def paragraph(self, paragraph: Paragraph) -> Written:
        """Return a paragraph, a label or an item of a list."""

    @abstractmethod
    def equation(self, line: EquationLine) -> Written:
        """Return an equation with its numbers."""

    @abstractmethod
    def table(self, table: Table) -> Written:
        """Return a table."""

    @abstractmethod
    def graph(self, graph: Graph) -> Written:
        """Return a network."""

    @abstractmethod
    def plot(self, plot: Plot) -> Written:
        """Return curves."""


class TextWriter(BlockWriter[str], SentenceWriter):
    """Writes blocks as text; what lines of one form have in common, and a paragraph, once.

    `paragraphs` is what stands around the words of a paragraph of each kind.
    """

    paragraphs: Mapping[str, tuple[str, str]]

    def __init__(self, notation: Notation, translate: Translate = str) -> None:
        super().__init__(notation, translate)
        self.written = lru_cache(MOST_FORMS)(super().block)

    def block(self, block: Block) -> str:
        """Return one block."""
        if isinstance(block, FilledForm):
            return with_figures(self.written(block.form), block.figures)
        return self.written(block) if isinstance(block, Paragraph) else super().block(block)

    def paragraph(self, paragraph: Paragraph) -> str:
        """Return a paragraph, a label or an item of a list."""
        return self.joined(paragraph.sentences).join(self.paragraphs[paragraph.kind])
