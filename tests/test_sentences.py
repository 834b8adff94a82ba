"""Sentences: what is filled into their slots."""

import pytest

from tracer.sentences import plain_text, say


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 file"), (0, "0 files"), (2, "2 files"), ("1", "1 file"), ("1,000", "1,000 files")],
)
def test_a_word_that_depends_on_a_number_fits_it(count: int | str, text: str) -> None:
    """A language without such words leaves them out of its template."""
    sentence = say("{count} {count:file|files}", count=count)
    assert plain_text(sentence) == text
    assert (
        plain_text(sentence, {"{count} {count:file|files}": "{count} 个文件"}.__getitem__)
        == f"{count} 个文件"
    )
