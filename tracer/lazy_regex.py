"""Regular expressions compiled when they are first used, and kept compiled for the next process.

Compiling them is a fifth of a check. Python keeps modules compiled, and these are kept beside them,
in `__pycache__`, for the Python that compiled them and where Python itself would keep modules.
"""

from __future__ import annotations

import atexit
import marshal
import re
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, AnyStr, Final, cast

from tracer.atomic_write import write_file

_RE: Final[Any] = re  # the parts of a compiler, which have no public names
_COMPILER: Final[Any] = getattr(_RE, "_compiler", None)
_VERSION: Final = getattr(_COMPILER, "MAGIC", 0)
_COMPILED: Final = Path(__spec__.cached or __file__).with_suffix(f".{_VERSION}.patterns")


class _LazyRegex:
    """Becomes the pattern's methods at the first call of one."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self.text = text
        self.flags = int(flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # as those who define a class ask of what it holds
            raise AttributeError(name)
        compiled = _load_pattern(self.text, self.flags)
        for method in ("search", "match", "fullmatch", "findall", "finditer", "sub", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def _load_pattern(text: str | bytes, flags: int) -> Any:
    """Return a pattern, from what `re` has made of its text here or in a process before."""
    kept = _kept_patterns()
    try:
        if (text, flags) not in kept:
            tree = _RE._parser.parse(text, flags)
            state, code = tree.state, _COMPILER._code(tree, flags)
            names = {number: name for name, number in state.groupdict.items()}
            groups = state.groups - 1, state.groupdict, tuple(map(names.get, range(state.groups)))
            kept[text, flags] = marshal.dumps((flags | state.flags, [*map(int, code)], *groups))
        return _COMPILER._sre.compile(text, *marshal.loads(kept[text, flags]))
    except (AttributeError, RuntimeError, TypeError, ValueError):  # a Python with other parts
        return re.compile(text, flags)


@cache
def _kept_patterns() -> dict[tuple[str | bytes, int], bytes]:
    kept: dict[tuple[str | bytes, int], bytes] = {}
    with suppress(OSError, EOFError, TypeError, ValueError):  # no file, or one that is damaged
        kept.update(marshal.loads(_COMPILED.read_bytes()))
    atexit.register(_keep_patterns, kept, len(kept))
    return kept


def _keep_patterns(patterns: dict[tuple[str | bytes, int], bytes], known: int) -> None:
    with suppress(OSError):  # without a place to write, each process compiles its own
        if len(patterns) > known and not sys.dont_write_bytecode:
            write_file([marshal.dumps(patterns)], _COMPILED)


def lazy_regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what behaves as the compiled pattern."""
    return cast("re.Pattern[AnyStr]", _LazyRegex(text, flags))
