"""Code in articles: lost line breaks are put back, each node knows its place in the file."""

from __future__ import annotations

import ast

import pytest

from tests.check.code_pieces import COLLAPSED, RIGHT
from tracer.check.model.statements import CodeListing
from tracer.check_code.reading import CodeReading, read_code


def read_alone(block: CodeListing) -> CodeReading:
    """Read a block of a document in which nothing else stands."""
    return read_code(block, [""] * (block.line - 1) + block.text.split("\n"))


def statements(reading: CodeReading) -> list[str]:
    """Return the raw text of each statement."""
    return [
        reading.text_of(reading.span(node))
        for node in ast.walk(reading.tree)
        if isinstance(node, ast.stmt)
    ]


@pytest.mark.parametrize(("code", "wanted"), COLLAPSED.values(), ids=COLLAPSED)
def test_lost_line_breaks_are_put_back(code: str, wanted: list[str]) -> None:
    """Each statement is found, and its place is that in the raw line."""
    reading = read_alone(CodeListing(code, 1, collapsed=True))
    assert not reading.unread
    assert set(wanted) <= set(statements(reading))


@pytest.mark.parametrize("name", ["one weight", "logistic", "functions that nobody calls"])
def test_a_function_without_its_line_breaks_reads_the_same(name: str) -> None:
    """Joining the lines of a body at its header changes nothing but places."""
    code = RIGHT[name]
    joined: list[str] = []
    for line in code.split("\n"):
        if line.startswith("    ") and joined and not line.startswith("     "):
            joined[-1] += line.strip()
        else:
            joined.append(line)
    reading = read_alone(CodeListing("\n".join(joined), 1, collapsed=True))
    assert ast.dump(reading.tree) == ast.dump(ast.parse(code))


def test_two_ways_to_break_a_line_are_ambiguous() -> None:
    """`abc = 3` may end with a or with ab where both are names."""
    reading = read_alone(
        CodeListing("a = 1\nab = 2\nbc = a\nc = ab\ny = a / abc = 3\nz = bc + c", 1)
    )
    assert [item.reason for item in reading.unread] == ["ambiguous"]
    assert len(reading.tree.body) == 5


def test_what_is_no_python_is_listed_and_the_rest_is_read() -> None:
    """One line that cannot be read does not stop the others."""
    reading = read_alone(CodeListing("x = 1\nthis is a sentence, no code\ny = x + 1", 10))
    [item] = reading.unread
    assert (item.reason, item.place.line) == ("unreadable", 11)
    assert [type(node).__name__ for node in reading.tree.body] == ["Assign", "Assign"]


def test_a_long_block_is_not_read() -> None:
    """More characters than the limit are listed with the reason."""
    reading = read_alone(CodeListing("x = 1\n" * 4000, 1))
    assert [item.reason for item in reading.unread] == ["limit"]


def test_columns_count_characters() -> None:
    """`ast` counts bytes; a report counts code points of the raw line."""
    raw = ["  文 = '中文'; y = 1"]
    reading = read_code(CodeListing("文 = '中文'; y = 1", 1, 2), raw)
    assert statements(reading) == ["文 = '中文'", "y = 1"]
