"""Results as lines of JSON in a file: what stands in it is not worked out again.

A line begins with its key, a digest of all that the result depends on: the version, the options,
and the content of the file or the settings of the run. It is written as soon as the result is
there, so that an interrupt or a power cut costs what was in work. A line that was half written is
cut off at the next start; one whose key this work does not have any more goes at its end.
"""

from __future__ import annotations

import errno
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

from tracer.atomic_write import write_file
from tracer.bounded_read import open_regular
from tracer.commands.output import json_pieces, write_errors
from tracer.commands.parallel import MANY, run_tasks
from tracer.errors import TracerError, printable
from tracer.lazy_regex import lazy_regex
from tracer.narrative.catalogue import catalogue
from tracer.sentences import Sentence, plain_text, say
from tracer.version import __version__

if TYPE_CHECKING:
    from tracer.program.scenario import Scenario

Task = TypeVar("Task")
Result = TypeVar("Result")

MOST: Final = 1 << 42  # bytes; a terabyte of results is no mistake
PROBLEM: Final = "problem"
HEAD: Final = b'{"key": "'
LINE: Final = lazy_regex(rb'\{"key": "([0-9a-f]{32})"')
BEGUN: Final = lazy_regex(rb'\{"key": "(?:[0-9a-f]{0,32}\Z|[0-9a-f]{32}"[^\n]*\Z)')
"""A line that was not written to its end."""


class ResultLines:
    """The results of one kind of work in the file of a path; without a path there is none.

    As a context manager it is open to one process. Raises TracerError where the file holds
    something else, another process writes it, or it cannot be written.
    """

    def __init__(self, path: str | None, language: str, *basis: str | bytes) -> None:
        self._place = None if path is None else Path(path)
        self._language = language  # the language of the sentences in the results
        self._basis = b"" if path is None else _digest_texts((__version__, language, *basis))
        self._file: IO[bytes] | None = None
        self._places: dict[str, tuple[int, int]] = {}  # the place and the length of each line
        self._used: set[str] = set()
        self._count = 0  # lines that the file has

    def __enter__(self) -> ResultLines:
        if self._place is not None:
            with write_errors(self._place), ExitStack() as stack:
                self._file = stack.enter_context(self._place.open("a+b", buffering=0))
                self._read(str(self._place))
                stack.pop_all()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._place is None or self._file is None:
            return
        with self._file, write_errors(self._place):
            if kind is None and self._count > len(self._used):
                write_file(self._lines(self._used), self._place)
        if not self._places and not self._place.is_symlink():
            self._place.unlink(missing_ok=True)  # nothing came of it

    def _read(self, place: str) -> None:
        """Find the lines of the file, and cut off what was half written."""
        assert self._file is not None
        is_locked = _lock_file(self._file.fileno())
        # Another process may have put a new file in the place of the one that was opened.
        is_there = os.path.samestat(os.fstat(self._file.fileno()), Path(place).stat())
        if is_locked is False or not is_there:
            raise TracerError(say("another process is writing this file"), where=printable(place))
        begin = 0
        with open_regular(place, most=MOST) as file:
            for line in file:
                match = LINE.match(line)
                if match is not None and line.endswith(b"\n"):
                    self._places[match[1].decode()] = begin, len(line)
                    self._count += 1
                elif BEGUN.match(line) is None and not HEAD.startswith(line):
                    raise TracerError(
                        say("this file holds something other than results"),
                        where=printable(place),
                        expected=say("a file that --jsonl has written, or a new one"),
                    )
                else:
                    self._file.truncate(begin)
                    return
                begin += len(line)

    def _lines(self, keys: Iterable[str]) -> Iterator[bytes]:
        assert self._file is not None
        for begin, size in sorted(self._places[key] for key in keys):
            self._file.seek(begin)
            yield self._file.read(size)

    @property
    def many(self) -> int:
        """The number of tasks from which they go to other processes.

        Where there is a file any does: what ended a process before may be all that is left.
        """
        return MANY if self._file is None else 1

    def key(self, *parts: str | bytes) -> str:
        """Return the key of a result that depends on some texts besides the options."""
        return "" if self._file is None else _digest_texts((self._basis, *parts)).hex()[:32]

    def result(self, key: str) -> dict[str, Any] | None:
        """Return the result of an earlier time; None where there is none, or only a problem."""
        if key not in self._places:
            return None
        import json

        try:
            fields: dict[str, Any] = json.loads(next(self._lines([key])))
        except ValueError:  # damaged
            return None
        if PROBLEM in fields:
            return None
        self._used.add(key)
        del fields["key"]
        return fields

    def add(self, key: str, result: Any) -> None:
        """Write a result, a mapping; one with a `problem` is tried again at another time.

        Raises TracerError where that is not possible.
        """
        if self._file is None:
            return
        translate = catalogue(self._language)
        fields = {
            name: plain_text(item, translate) if isinstance(item, Sentence) else item
            for name, item in result.items()
        }
        line = "".join(json_pieces({"key": key, **fields}, indent=None)).encode()
        with write_errors(self._place):
            begin = self._file.seek(0, os.SEEK_END)
            if self._file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._places[key] = begin, len(line)
        self._count += 1
        self._used.add(key)


def _lock_file(descriptor: int) -> bool | None:
    """Lock a file until it is closed; False where another has it, None where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return None
    return True


def finished_results(
    function: Callable[[Task], Result],
    tasks: Iterable[tuple[str, Task]],
    lines: ResultLines,
    *,
    lost: Callable[[Task], Result],
    cluster: str | None,
) -> Iterator[tuple[int, Result]]:
    """Yield the number of each task and its result: of an earlier time, or worked out now.

    Each task comes with its key. What is worked out is written at once.
    """
    known_results: deque[tuple[int, Any]] = deque()
    begun: list[tuple[int, str]] = []

    def rest() -> Iterator[Task]:
        for number, (key, task) in enumerate(tasks):
            result = lines.result(key)
            if result is None:
                begun.append((number, key))
                yield task
            else:
                known_results.append((number, result))

    for place, result in run_tasks(function, rest(), lost=lost, many=lines.many, cluster=cluster):
        number, key = begun[place]
        lines.add(key, result)
        yield number, result
        while known_results:
            yield known_results.popleft()
    yield from known_results


def scenario_parts(scenario: Scenario) -> Iterator[str | bytes]:
    """Yield all that the runs of a scenario depend on."""
    yield from (scenario.text, scenario.variant_name, *scenario.overrides)
    for (table, name), array in scenario.numbers_of_files.items():
        yield f"{table}.{name}{array.shape}"
        yield array.read_only("float64").tobytes()


def _digest_texts(parts: Iterable[str | bytes]) -> bytes:
    """Return a digest of texts, each with its length, so that no two sequences have one."""
    from hashlib import sha256

    digest = sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()
