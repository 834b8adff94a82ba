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
from typing import Any, AnyStr, cast

_PYTHONS: Any = re  # with parts that are private
# What Python makes a pattern of: flags, code, groups, and the names of groups in both ways.
_Parts = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]


class _Compiled:
    """What is known of compiled expressions, by text and flags, and the file that keeps it."""

    def __init__(self) -> None:
        self._path = f"{__spec__.cached}.expressions" if __spec__.cached else ""
        self._parts: dict[tuple[str | bytes, int], _Parts] = {}
        self._is_read = self._has_more = False

    def pattern(self, text: str | bytes, flags: int) -> Any:
        """Return the compiled pattern."""
        if not self._is_read:
            self._is_read = True
            self._read()
        try:
            known = self._parts.get((text, flags))
            if known is None:
                known = self._parts[text, flags] = _compile(text, flags)
                self._has_more = True
            all_flags, code, *groups = known
            words = list(memoryview(code).cast("I"))
            return _PYTHONS._compiler._sre.compile(text, all_flags, words, *groups)
        except (AttributeError, TypeError, ValueError, RuntimeError):
            return re.compile(text, flags)  # an interpreter that does it in another way

    def _read(self) -> None:
        with (
            suppress(OSError, EOFError, ValueError, TypeError),  # there is none, or it is damaged
            open(self._path, "rb") as file,  # noqa: PTH123 - no path is loaded for it
        ):
            version, parts = marshal.load(file)
            if version == sys.version:
                self._parts = parts

    def keep(self) -> None:
        """Write what was compiled beside the bytecode, unless none is to be written."""
        if not (self._has_more and self._path) or sys.dont_write_bytecode:
            return
        ours = f"{self._path}.{os.getpid()}"
        with suppress(OSError):
            with open(ours, "wb") as file:  # noqa: PTH123 - as above
                marshal.dump((sys.version, self._parts), file)
            os.replace(ours, self._path)  # noqa: PTH105 - as above


def _compile(text: str | bytes, flags: int) -> _Parts:
    parsed = _PYTHONS._parser.parse(text, flags)
    words = _PYTHONS._compiler._code(parsed, flags)
    groups = parsed.state.groupdict
    names: list[str | None] = [None] * parsed.state.groups
    for name, place in groups.items():
        names[place] = name
    code = b"".join([word.to_bytes(4, sys.byteorder) for word in words])
    return int(flags | parsed.state.flags), code, len(names) - 1, groups, tuple(names)


_COMPILED = _Compiled()
keep_compiled = _COMPILED.keep


class _LazyRegex:
    """Becomes the pattern's methods at the first call of one."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self.text = text
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = _COMPILED.pattern(self.text, self.flags)
        for method in ("search", "match", "fullmatch", "findall", "finditer", "sub", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy_regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what behaves as the compiled pattern."""
    return cast("re.Pattern[AnyStr]", _LazyRegex(text, int(flags)))
