"""Regular expressions compiled when they are first used: a start pays only for what it reads.

Python compiles them in Python: a sixth of the instructions of a short check. So a command keeps
what it has compiled beside the bytecode, where and as Python keeps that: only the interpreter that
made it reads it again, and where nothing can be kept each start compiles anew.
"""

from __future__ import annotations

import marshal
import os
import re
import sys
from contextlib import suppress
from functools import cache
from typing import Any, AnyStr, cast

# What Python makes a pattern of: flags, code, groups, and the names of groups in both ways.
_Parts = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]

_PYTHONS: Any = re  # with parts that are private
_FILE = f"{__spec__.cached}.expressions" if __spec__.cached else ""
_NEW: set[tuple[str | bytes, int]] = set()  # what this process has compiled


@cache
def _kept() -> dict[tuple[str | bytes, int], _Parts]:
    with (
        suppress(OSError, EOFError, ValueError, TypeError),  # there is none, or it is damaged
        open(_FILE, "rb") as file,  # noqa: PTH123 - no path is loaded for it
    ):
        version, parts = marshal.load(file)
        if version == sys.version:
            return cast("dict[tuple[str | bytes, int], _Parts]", parts)
    return {}


def _compiled(text: str | bytes, flags: int) -> Any:
    try:
        all_flags, code, *groups = _kept()[text, flags]
        words = list(memoryview(code).cast("I"))
        return _PYTHONS._compiler._sre.compile(text, all_flags, words, *groups)
    except (KeyError, AttributeError, TypeError, ValueError, RuntimeError):
        _NEW.add((text, flags))
        return re.compile(text, flags)


def keep_compiled() -> None:
    """Write what was compiled beside the bytecode, unless none is to be written."""
    if not (_NEW and _FILE) or sys.dont_write_bytecode:
        return
    ours = f"{_FILE}.{os.getpid()}"
    with suppress(OSError, AttributeError):  # an interpreter that does it in another way
        parts = {key: _parts_of(*key) for key in _NEW}
        with open(ours, "wb") as file:  # noqa: PTH123 - as above
            marshal.dump((sys.version, {**_kept(), **parts}), file)
        os.replace(ours, _FILE)  # noqa: PTH105 - as above


def _parts_of(text: str | bytes, flags: int) -> _Parts:
    pattern: re.Pattern[Any] = re.compile(text, flags)
    words = _PYTHONS._compiler._code(_PYTHONS._parser.parse(text, flags), flags)
    code = b"".join([word.to_bytes(4, sys.byteorder) for word in words])
    names = {place: name for name, place in pattern.groupindex.items()}
    both_ways = dict(pattern.groupindex), tuple(map(names.get, range(pattern.groups + 1)))
    return pattern.flags, code, pattern.groups, *both_ways


class _LazyRegex:
    """Becomes the pattern's methods at the first call of one."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self.text = text
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = _compiled(self.text, self.flags)
        for method in ("search", "match", "fullmatch", "findall", "finditer", "sub", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy_regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what behaves as the compiled pattern."""
    return cast("re.Pattern[AnyStr]", _LazyRegex(text, int(flags)))
