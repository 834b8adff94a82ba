"""Sentences: what is filled into their slots."""

import pytest

from tracer.sentences import join_by_and, plain_text, say


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


def test_a_blank_sets_chinese_words_apart_from_letters_alone() -> None:
    """What joins names and what joins words is one message."""
    words = {"{one} and {other}": "{one} 和 {other}", "error": "误差", "loss": "损失"}

    def translate(text: str) -> str:
        return words.get(text, text)

    assert plain_text(join_by_and([say("error"), say("loss")]), translate) == "误差和损失"
    assert plain_text(join_by_and([say("x"), say("loss")]), translate) == "x 和损失"
    assert plain_text(join_by_and([say("x"), say("y")]), translate) == "x 和 y"
