"""Sentences: what is filled into their slots."""

import pytest

from tracer.sentences import Code, Local, fill_sentence, join_by_and, plain_text, say


def test_what_an_author_has_put_between_backticks_is_code() -> None:
    """Whoever writes a sentence can set it apart; a single backtick is none."""

    def text(words: str) -> str:
        return f"<{words}>" if isinstance(words, Code) else words.upper()

    for words, expected in [
        ("Try `tracer run xor`, or `tracer`.", "TRY <tracer run xor>, OR <tracer>."),
        ("a ` b", "A ` B"),
    ]:
        assert fill_sentence(say("{it}", it=Local(words)), str, str, text) == expected


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


@pytest.mark.parametrize(
    ("items", "text"),
    [
        (["损失", "梯度"], "损失和梯度"),
        (["损失", "L"], "损失和 L"),
        (["w", "梯度"], "w 和梯度"),
        (["w", "b", "L"], "w、b 和 L"),
        (["两 个", "数"], "两 个和数"),  # a blank that a user has written stays
    ],
)
def test_a_blank_sets_formulas_apart_from_chinese_and_no_chinese_from_chinese(
    items: list[str], text: str
) -> None:
    """A template has blanks around its slots, which stand there for formulas."""
    messages = {"{one} and {other}": "{one} 和 {other}", ", ": "、"}
    assert plain_text(say("{all}", all=join_by_and(items)), lambda it: messages.get(it, it)) == text
