"""One expression or equation to a tree: the parser that a dialect asks for reads the text."""

from __future__ import annotations

from collections.abc import Collection

from tracer.expression.latex_parser import LatexParser
from tracer.expression.lexer import fold_signs
from tracer.expression.names import Dialect, NameTable, Vocabulary
from tracer.expression.pratt_parser import PrattParser
from tracer.expression.syntax import Node
from tracer.expression.unicode_parser import UnicodeParser


def parse(
    text: str,
    dialect: Dialect = "ascii",
    *,
    vocabulary: Vocabulary = Vocabulary(),  # noqa: B008 - frozen
    names: NameTable | None = None,
    derivatives: Collection[str] = (),
    families: Collection[str] = (),
) -> Node:
    """Return the tree of one expression.

    `derivatives` are the gradients' full names (`dloss/dw`), each read as one name; `families`
    the members' (`h[0]`). Raises: LanguageError, with the offset, where the text is no expression
    or may be read in two ways; LimitError where it is too long.
    """
    return parser_of(text, dialect, vocabulary, derivatives, families, names).whole_expression()


def parser_of(
    text: str,
    dialect: Dialect,
    vocabulary: Vocabulary,
    derivatives: Collection[str],
    families: Collection[str],
    names: NameTable | None,
) -> PrattParser:
    """Return the parser for a text in a dialect.

    ASCII is Unicode without products by juxtaposition. In it a name is what it says, but for a
    text with other characters: there `names` say what it means.
    """
    if dialect == "latex":
        return LatexParser(fold_signs(text), vocabulary, derivatives, families, names)
    products = dialect != "ascii"
    if not products and text.isascii():
        names = None
    return UnicodeParser(
        fold_signs(text), vocabulary, derivatives, families, names, products=products
    )
