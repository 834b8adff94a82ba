"""Regular expressions compiled when they are first used: a start pays only for what it reads."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _LazyRegex:
    """Becomes the pattern's methods at the first call of one."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self.text = text
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.text, self.flags)
        for method in ("search", "match", "fullmatch", "findall", "finditer", "sub", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def one_of(near: str, far: str) -> str:
    """Return the pattern of one sign: of `near` ones, which Latin-1 has, or of `far` ones.

    In one set they would be a table of all signs there are, and `re` takes 0.1 ms to make that.
    """
    return f"(?:[{near}]|(?=.)[{far}])"


def lazy_regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what behaves as the compiled pattern."""
    return cast("re.Pattern[AnyStr]", _LazyRegex(text, flags))
