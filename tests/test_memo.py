"""What was made once is kept by what it depends on, as long as there is room."""

from __future__ import annotations

import pytest

from tracer.memo import Memo


def test_those_used_last_stay() -> None:
    """As many as there are bytes for; what takes more than all of them is not kept.

    Nothing has to go for that.
    """
    memo = Memo(10)
    made: list[str] = []

    def result(key: str, size: int) -> str:
        def make() -> str:
            made.append(key)
            return key

        return memo.result(key, make, lambda _: size)

    for key, size in (("a", 4), ("b", 4), ("a", 4), ("c", 4), ("a", 4), ("b", 4), ("all", 11)):
        assert result(key, size) == key
    assert made == ["a", "b", "c", "b", "all"]
    for key, size in (("all", 11), ("a", 4), ("b", 4)):
        result(key, size)
    assert made[5:] == ["all"]


def test_what_is_not_valid_any_more_is_made_anew() -> None:
    """A result may depend on what is known only once it is made."""
    memo = Memo(10)
    for labels in ((1,), (1,), (2,), (1,)):
        copy = [*labels]
        made = memo.result("key", copy.copy, len, is_valid=copy.__eq__)
        assert made == copy


def test_an_error_is_not_kept() -> None:
    """It names the place of who asks."""
    memo = Memo(10)
    with pytest.raises(ZeroDivisionError):
        memo.result("key", lambda: 1 / 0, lambda _: 1)
    assert memo.result("key", lambda: 1.0, lambda _: 1) == 1
