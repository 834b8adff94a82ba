"""A report shows of a long line what stands around its figure."""

from __future__ import annotations

import pytest

from tracer.document_check import check_text
from tracer.render.report_text import report_text

WORDS = "word " * 60


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", WORDS),
        (WORDS, ""),
        (WORDS, WORDS),
        (WORDS * 6, WORDS * 5),
        ("字" * 300, WORDS),
        ("字" * 300, "字" * 300),
    ],
)
def test_a_long_line_is_cut_around_its_figure_and_the_mark_stands_below_it(
    before: str, after: str
) -> None:
    """Each cut is marked, and no line is much longer than what fits a wide terminal."""
    [headline, line, mark, corrected, _] = report_text(
        check_text(f"{before}So it is. Then w = 0.5 - 0.1*3 = 0.3. {after}")
    )
    assert ":1:" in headline
    assert (line.startswith("    …"), line.endswith("…")) == (bool(before), bool(after))
    assert "w = 0.5 - 0.1*3 = 0.3" in line
    assert "w = 0.5 - 0.1*3 = 0.2" in corrected
    assert max(map(len, (line, mark, corrected))) < 230
    if before.isascii():  # wide characters take two columns
        assert line[mark.index("^") :].startswith("0.3")


def test_a_line_that_fits_is_shown_whole() -> None:
    """Nothing is cut where there is room."""
    text = f"{'word ' * 20}. Then w = 0.5 - 0.1*3 = 0.3."
    assert f"    {text}" in [*report_text(check_text(text))]
