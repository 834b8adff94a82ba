"""Text in strings of Python of several lines: it is read as the Markdown that it is."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from typing import Final

import pytest

from tests.check.cases.verdicts import findings, verdicts
from tracer.check.model.statements import EquationChain
from tracer.check.read.document_entry import read_document

STRINGS: Final = {
    "docstring": 'def f(x):\n    """Work it out.\n\n    z = 0.5 * 2 + 1\n      = {}\n    """\n',
    "first row": '"""z = 0.5 * 2 + 1\n     = {}\n"""\n',
    "last row": 'NOTE = """\n    z = 0.5 * 2 + 1\n      = {}"""\n',
    "display": "'''\n$$\nz = 0.5 * 2 + 1\n  = {}\n$$\n'''\n",
    "rows": 'md(r"""\n\\begin{{align}}\nz &= 0.5 \\cdot 2 + 1 \\\\\n&= {}\n\\end{{align}}\n""")\n',
    "doubled": 'md("""\n$$\nz = 0.5 \\\\cdot 2 + 1 \\\\\\\\\n= {}\n$$\n""")\n',
    "fence": '"""\n```\nz = 0.5 * 2 + 1\n  = {}\n```\n"""\n',
    "far from the margin": '    """\n        z = 0.5 * 2 + 1\n          = {}\n    """\n',
    "table": '"""\n| name | worked |\n|---|---|\n| z | 0.5 * 2 + 1 = {} |\n"""\n',
    "list": '"""\n- z = 0.5 * 2 + 1\n  = {}\n"""\n',
    "code": '"""\n>>> z = f(x)\n>>> print(z)\n\nz = 0.5 * 2 + 1\n  = {}\n"""\n',
    "two": 'p("""a\nb""", """\nz = 0.5 * 2 + 1\n  = {}\n""")\n',
}


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_a_string_of_several_rows_is_text(text: str) -> None:
    assert verdicts(text.format(2), "py") == ["correct"]
    assert verdicts(text.format(3), "py") == ["slip"]


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_a_figure_keeps_its_place(text: str) -> None:
    lines = text.format(3).split("\n")
    (finding,) = findings("\n".join(lines), "py")
    place = finding.wrong_place
    assert place is not None
    assert lines[place.line - 1][place.start : place.end] == "3"


@pytest.mark.parametrize(
    "text",
    [
        'f"""\nz = 0.5 * {x} + 1\n  = 3\n"""\n',
        'code = """\nimport numpy as np\nz = 0.5\nz = z * 3\n"""\n',
        '"""\nz = w * x + b\n"""\n',
    ],
)
def test_what_is_filled_in_and_code_is_no_text(text: str) -> None:
    assert verdicts(text, "py") == []


def test_headings_in_a_string_of_a_fence_are_none_of_the_document() -> None:
    fence = '```python\ndef f(x):\n    """Do.\n\n    # Notes\n    z = 1\n    """\n```\n\n'
    document = read_document(f"# A\n\n{fence}z = 3 * 4 = 12\n", "md")
    chains = [each for each in document.statements if isinstance(each, EquationChain)]
    assert [chain.headings for chain in chains] == [(7,), (1,)]
