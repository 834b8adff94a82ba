"""Articles with the worked numbers that readers meet: each slip found, nothing else blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.findings import differences, reported, sidecar

ARTICLES = sorted(
    path for path in Path(__file__).parent.iterdir() if path.suffix in (".md", ".txt", ".tex")
)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.name)
def test_the_slips_of_an_article_are_found_and_nothing_else_is_blamed(article: Path) -> None:
    """Formulas without figures may stay unread; whatever is judged must be judged rightly."""
    wanted = sidecar(article)["findings"]
    open_verdicts = ("correct", "not_checked", "undecided")
    blamed = [one for one in reported(article) if one["verdict"] not in open_verdicts]
    assert [(one["line"], one["kind"]) for one in blamed] == [
        (one["line"], one["kind"]) for one in wanted
    ]
    for one, expected in zip(blamed, wanted, strict=True):
        assert not differences(expected, one)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.name)
def test_the_right_lines_of_an_article_are_read(article: Path) -> None:
    """Silence would look like approval: a right line is counted as right."""
    right = [one for one in reported(article) if one["verdict"] == "correct"]
    assert len(right) >= sidecar(article)["right"]
