"""The blocks of any Markdown, as markdown-it finds them. Rows count from 0.

The library takes 25 ms to load; blocks of the usual kinds are found without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from tracer.check.read.text_blocks import (
    LONG_NUMBER,
    OPENING_DISPLAY,
    PlainMarkdown,
    TextBlock,
    UnusualMarkdownError,
    closing_sign,
    code_block,
    prose_blocks,
)

__all__ = ["split_markdown"]


def split_markdown(lines: Sequence[str], first: int, last: int) -> Sequence[TextBlock]:
    """Return the blocks between two rows; of the usual kinds without the library."""
    try:
        return PlainMarkdown(lines, last).read(first)
    except UnusualMarkdownError:
        return [*library_blocks(lines, first, last)]


@cache
def _parser() -> Any:
    # A heavy library: loaded by the first document that needs it.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    stops = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "display", _display_rule, {"alt": stops})
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _display_rule(state: Any, first: int, last: int, silent: bool) -> bool:
    r"""Take the rows from `$$`, `\[` or `\begin{align}` to what closes them.

    A rule of our own: those of mdit-py-plugins look for the end of each beginning anew.
    """
    start = state.bMarks[first] + state.tShift[first]
    opening = OPENING_DISPLAY.match(state.src, start, state.eMarks[first])
    if opening is None or state.is_code_block(first):
        return False
    closing = closing_sign(opening[0])
    if state.env.get(closing, last) <= first:  # none below that row: it was looked for
        return False
    place = opening.end()
    for row in range(first, last):
        if row > first and state.sCount[row] < state.blkIndent:
            break
        found = state.src.find(closing, place, state.eMarks[row])
        if found >= 0:
            if len(state.src[found + len(closing) : state.eMarks[row]].strip()) > LONG_NUMBER:
                return False  # prose goes on there
            if not silent:
                token = state.push("display", "math", 0)
                token.map = [first, row + 1]
                state.line = row + 1
            return True
        place = state.bMarks[row + 1] + state.tShift[row + 1]
    state.env[closing] = first
    return False


def library_blocks(lines: Sequence[str], first: int, last: int) -> Iterator[TextBlock]:
    """Yield the blocks between two rows, in order."""
    taken = -1  # the row after a table or a heading
    for token in _parser().parse("\n".join(lines[first:last])):
        if token.map is None:
            continue
        start, end = first + token.map[0], first + token.map[1]
        if token.type == "table_open":
            taken = end
            yield TextBlock("table", start, end)
        elif token.type == "heading_open":
            taken = end
            yield TextBlock("heading", start, start + 1, int(token.tag[1:]))
        elif token.type in ("inline", "html_block"):
            if start >= taken:
                yield from prose_blocks(lines, start, end)
        elif token.type == "display":
            yield TextBlock("formula", start, end)
        elif token.type in ("fence", "code_block"):
            yield from _code(lines, token, start, end)


def _code(lines: Sequence[str], token: Any, start: int, end: int) -> Iterator[TextBlock]:
    """Yield a block of code with how far each of its rows is indented."""
    content = token.content.split("\n")[:-1]
    if token.type == "fence":
        start += 1
    end = min(end, start + len(content))
    indents = tuple(
        max(len(lines[row]) - len(inside), 0)
        for row, inside in zip(range(start, end), content, strict=False)
    )
    yield from code_block(token.info or "", start, end, indents)
