"""Code that lost its line breaks: where each statement begins.

A web page may show `n = len(y)` and `g = s / n` as `n = len(y)g = s / n`. The break before `g` must
stand there, for nothing else is Python; `ng = …` is split where `n` is a known name. Of all ways
to break a line, the one counts that reads only known names and defines only names that somebody
uses; where two ways are equally good, the line is ambiguous. Python's own parser reads it, with
bounds; nothing is judged here, and nothing is ever executed.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from tracer.frozen import Frozen, Value
from tracer.lazy_regex import lazy_regex

MOST_CHARACTERS = 20_000
MOST_PLACES = 120  # most places where one line may be broken
UNKNOWN = 10  # cost of a name that nothing defines
UNUSED = 3  # cost of a definition that nothing reads
ODD = 20  # cost of a line that only names something

TOKEN: Final = lazy_regex(
    r"(?P<space>\s+)"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<string>[rRbBfFuU]{0,2}(?:'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\""
    r"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"))"
    r"|(?P<number>\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<assign>(?:\*\*|//|[-+*/@%&|^])?=(?!=))"
    r"|(?P<sign>==|!=|<=|>=|->|\*\*|//|.)",
    re.DOTALL,
)
JOINING: Final = frozenset(
    ["and", "or", "not", "in", "is", "if", "else", "for", "as", "import", "from", "lambda"]
)
HEADERS: Final = frozenset(
    ["def", "class", "for", "while", "if", "elif", "else", "with", "try", "except", "finally"]
)
STARTS: Final = frozenset(
    [
        "return",
        "import",
        "from",
        "def",
        "class",
        "print",
        "for",
        "while",
        "if",
        "with",
        "del",
        "raise",
    ]
)
BUILTINS: Final = frozenset(dir(builtins)) | {"np", "numpy", "math", "torch"}


def parse_python(text: str) -> ast.Module | None:
    """Return the tree of a piece of Python; None where it is none, or too long or too deep."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in strings are not our reader's concern
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


@lru_cache(maxsize=4096)  # asked each time that the statement ran
def is_update(statement: ast.AST) -> bool:
    """Tell whether a statement adds to a name, or subtracts from it, what is computed."""
    if isinstance(statement, ast.AugAssign):
        is_count = isinstance(statement.value, ast.Constant)
        return isinstance(statement.op, (ast.Add, ast.Sub)) and not is_count
    if not isinstance(statement, ast.Assign):
        return False
    read = {ast.unparse(node) for node in ast.walk(statement.value) if isinstance(node, ast.expr)}
    written = {
        ast.unparse(part)
        for target in statement.targets
        for part in (target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target])
    }
    return bool(read & written)


class Ambiguous(Exception):  # noqa: N818 - an answer: two readings are equally good
    """A line can be broken in two ways."""


class Token(Value):
    """A piece of the text: what it is, and where; `depth` of brackets around it."""

    kind: str
    text: str
    start: int
    depth: int


class Statement(Frozen):
    """A statement of a line: half-open offsets; a header (`def …:`) opens a level."""

    start: int
    end: int
    header: bool
    word: str  # its first word
    body: list[ast.stmt]  # the parsed statements; a header has a body of its own


class KnownNames(Frozen):
    """The names a text has: those defined somewhere, and how often each stands in it."""

    defined: frozenset[str]
    counts: Mapping[str, int]


def python_tokens(text: str) -> list[Token]:
    """Return the tokens of a text, blanks left out."""
    found: list[Token] = []
    depth = 0
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        if kind == "space":
            continue
        piece = match.group()
        if piece in ")]}":
            depth = max(depth - 1, 0)
        found.append(Token(kind, piece, match.start(), depth))
        if piece in "([{":
            depth += 1
    return found


def comment_start(text: str) -> int:
    """Return where a line's comment begins, its length where it has none."""
    comments = (token.start for token in python_tokens(text) if token.kind == "comment")
    return next(comments, len(text))


def written_names(text: str) -> KnownNames:
    """Return the names of a text, comments and strings left out."""
    counts: Counter[str] = Counter()
    defined: set[str] = set()
    for line in text.split("\n"):
        pieces = [token for token in python_tokens(line) if token.kind != "comment"]
        for place, token in enumerate(pieces):
            if token.kind != "name" or keyword.iskeyword(token.text):
                continue
            counts[token.text] += 1
            before = pieces[place - 1] if place else None
            after = pieces[place + 1].text if place + 1 < len(pieces) else ""
            begins = before is None or (
                before.text in (":", ",", ")", "]") or before.kind in ("number", "string")
            )
            if (
                (after == "=" and begins)
                or (before is not None and before.text in ("def", "import", "as", "for", "class"))
                or (token.depth and after in (",", ")") and pieces[0].text == "def")
                or counts[token.text] > 1
            ):
                defined.add(token.text)
    return KnownNames(frozenset(defined), counts)


def line_statements(text: str, known: KnownNames) -> list[Statement] | None:
    """Return the statements of a line without its comment; None where it is no Python.

    Raises Ambiguous where two ways to break it are equally good.
    """
    places = _statement_places(text, known)
    if len(places) > MOST_PLACES:
        return None
    return _Search(text, places, known).best()


def _statement_places(text: str, known: KnownNames) -> dict[int, bool]:
    """Return where a statement may begin, and whether one must."""
    pieces = [token for token in python_tokens(text) if token.kind != "comment"]
    places: dict[int, bool] = {}
    for place, token in enumerate(pieces):
        before = pieces[place - 1] if place else None
        if before is None:
            places[token.start] = True
        elif token.depth:
            continue
        elif before.text == ":":
            places[token.start] = False
        elif token.kind == "name" and _ends_expression(before):
            places[token.start] = token.text not in JOINING and before.kind != "name"
        if token.kind == "name" and place and not token.depth:
            after = pieces[place + 1].text if place + 1 < len(pieces) else ""
            for cut in _cut_places(token.text, after, known):
                places.setdefault(token.start + cut, False)
    places[len(text)] = True
    return places


def _ends_expression(token: Token) -> bool:
    is_value = not keyword.iskeyword(token.text) or token.text in ("None", "True", "False")
    return token.text in (")", "]", "}") or (
        token.kind in ("string", "number") or (token.kind == "name" and is_value)
    )


def _cut_places(word: str, after: str, known: KnownNames) -> Iterator[int]:
    """Yield where two words that stand together may have been one line's end and a beginning."""
    for cut in range(1, len(word)):
        first, second = word[:cut], word[cut:]
        if second[0].isdigit() or (first not in known.defined and first not in BUILTINS):
            continue
        starts = second in STARTS or second in known.defined
        if starts or after == "=" or (after.endswith("=") and after not in ("==", "!=")):
            yield cut


class _Search(Frozen):
    """The cheapest way to break a text into statements, from its end to its beginning."""

    text: str
    places: Mapping[int, bool]
    known: KnownNames

    def best(self) -> list[Statement] | None:
        order = sorted(self.places)
        end = len(self.text)
        cost: dict[int, int] = {end: 0}
        ways: dict[int, int] = {end: 1}
        following: dict[int, Statement] = {}
        for start in reversed(order[:-1]):
            for stop in order[order.index(start) + 1 :]:
                if stop in cost and (found := self.statement(start, stop)) is not None:
                    total = cost[stop] + found[1]
                    if total < cost.get(start, total + 1):
                        cost[start], ways[start], following[start] = total, ways[stop], found[0]
                    elif total == cost[start]:
                        ways[start] += ways[stop]
                if self.places[stop]:
                    break  # no statement runs over a place where one must begin
        start = order[0]
        if start not in cost:
            return None
        if ways[start] > 1:
            raise Ambiguous
        result = []
        while start != end:
            result.append(following[start])
            start = following[start].end
        written = [statement for part in result for statement in part.body]
        chained = (each.targets[1:] for each in written if isinstance(each, ast.Assign))
        if any(isinstance(target, ast.Tuple) for targets in chained for target in targets):
            raise Ambiguous  # `db = dz1w1, w2 = …` was `db = dz1` and more
        sentence = len(result) > 1 and any(map(_is_odd, written))
        return None if sentence else result  # words, not statements

    def statement(self, start: int, stop: int) -> tuple[Statement, int] | None:
        """Return one statement and what it costs; None where this is none."""
        piece = self.text[start:stop].strip()
        words = re.match(r"\w+", piece)
        word = words.group() if words else ""
        header = piece.endswith(":")
        if header != (word in HEADERS) or not piece:
            return None
        tree = parse_python(_complete_header(piece, word)) if header else parse_python(piece)
        if tree is None or (not header and len(tree.body) != 1):
            return None
        torn = start > 0 and (self.text[start - 1].isalnum() or self.text[start - 1] == "_")
        return Statement(start, stop, header, word, tree.body), self.cost(
            tree, word if torn else ""
        )

    def cost(self, tree: ast.Module, torn: str) -> int:
        """Return what a statement costs; `torn` is its first word where a word was split there."""
        loaded, stored = names_of(tree)
        unknown = sum(
            1 for name in loaded - stored if name not in self.known.defined and name not in BUILTINS
        )
        counts = self.known.counts  # a torn name was not counted where it is defined
        unused = sum(1 for name in stored if counts.get(name, 0) + (name == torn) < 2)
        return UNKNOWN * unknown + UNUSED * unused + ODD * sum(map(_is_odd, tree.body))


def _is_odd(statement: ast.stmt) -> bool:
    """Tell whether a statement is one that hardly anybody writes: a name, `a = f().b = 1`."""
    if isinstance(statement, ast.Assign):
        chained = statement.targets[1:]
        return any(isinstance(target, ast.Attribute) for target in chained)
    return isinstance(statement, ast.Expr) and not isinstance(
        statement.value, (ast.Call, ast.Constant)
    )


def _complete_header(header: str, word: str) -> str:
    """Return a header with a body, so that it can be parsed alone."""
    before = dict.fromkeys(("elif", "else"), "if 1: pass\n")
    before |= dict.fromkeys(("except", "finally"), "try: pass\n")
    return f"{before.get(word, '')}{header} pass" + ("\nfinally: pass" if word == "try" else "")


def names_of(tree: ast.AST) -> tuple[set[str], set[str]]:
    """Return the names that a piece of code reads, and those that it defines."""
    nodes = [*ast.walk(tree)]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    loaded = {name.id for name in names if isinstance(name.ctx, ast.Load)}
    stored = {name.id for name in names if not isinstance(name.ctx, ast.Load)}
    return loaded, stored | {node.arg for node in nodes if isinstance(node, ast.arg)}
