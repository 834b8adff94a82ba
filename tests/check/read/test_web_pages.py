"""Web pages: what a page shows is read where it stands."""

from __future__ import annotations

import re

import pytest

from tests.check.cases.verdicts import findings
from tracer.check.read.web_pages import as_markdown
from tracer.document_check import check_text

PAGE = """<!DOCTYPE html>
<html><head><title>y = 2*3 = 7</title><style>p { margin: 1 * 2 = 3 }</style></head>
<body>
<script>let z = 2*3 == 7;</script>
<nav>y = 2*3 = 8</nav>
<h2>Forward</h2>
<p>So <code>y = 2*3 = 6</code>, a &minus; 1 &lt; b; w<sub>1</sub> = 4 &times; 2 = 8</p>
<p>By MathML: <math alttext="u = 2·4 = 8"><mi>u</mi><mo>=</mo><mn>9</mn></math>.</p>
<p>By LaTeX: <span class="katex"><math><semantics><mrow><mi>v</mi></mrow>
<annotation encoding="application/x-tex">v = \\frac{8}{4} = 2</annotation></semantics>
</math></span></p>
<p>Set by a script: \\(t = 5 \\cdot 2 = {RESULT}\\)</p>
<!-- s = 1 + 1 = 3 -->
<svg><text>r = 1 + 1 = 3</text></svg>
<table>
<thead><tr><th>x</th><th>g = 2x</th></tr></thead>
<tbody>
<tr><td>3</td><td>6</td></tr>
<tr><td>4</td><td>{BELOW}</td></tr>
</tbody></table>
</body></html>
"""


def page(result: str = "10", below: str = "8") -> str:
    """Return the page, with a result in a paragraph and one in a table."""
    return PAGE.replace("{RESULT}", result).replace("{BELOW}", below)


def test_what_a_page_shows_is_right_and_what_it_hides_is_not_read() -> None:
    """Text, code, formulas of three kinds and a table are; scripts, comments, pictures are not."""
    found = findings(page(), "html")
    assert {each.verdict for each in found} == {"correct"}
    assert [each.line for each in found] == [7, 7, 8, 10, 12, 18, 19]


@pytest.mark.parametrize(
    ("result", "below", "line", "text"),
    [("11", "8", 12, "11"), ("10", "9", 19, "9")],
)
def test_a_slip_is_reported_where_the_page_has_it(
    result: str, below: str, line: int, text: str
) -> None:
    """Line and columns are those of the file."""
    source = page(result, below)
    slips = [each for each in findings(source, "html") if each.verdict == "slip"]
    assert [(each.line, each.written) for each in slips] == [(line, text)]
    place = slips[0].wrong_place
    assert place is not None
    assert source.splitlines()[place.line - 1][place.start : place.end] == text


def test_each_sign_keeps_its_place() -> None:
    """Whatever is not a mark of Markdown stands where the page has it."""
    source = page()
    before, after = source.split("\n"), as_markdown(source).split("\n")
    assert len(before) == len(after)
    for raw, shown in zip(before, after, strict=True):
        for word in re.finditer(r"[A-Za-z0-9.=]+", shown):
            assert raw[word.start() : word.end()] == word[0] or "&" in raw


def test_a_page_without_formulas_has_none() -> None:
    """A page is read to its end, whatever is not closed in it."""
    for source in ("", "<p", "<math alttext=", "<table><tr><td>", "</p></p>", "&unheard; &#xZZ;"):
        assert check_text(source, "html").files[0].findings == []
