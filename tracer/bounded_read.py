"""One door for the files that a user names: regular files only, read up to a limit.

A pipe or a terminal would be waited for and a device has no end, so neither is opened. What is
opened is looked at again: something else may have taken its place.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from codecs import BOM_UTF8
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final

from tracer.errors import LimitError, TracerError, printable, refusal_reason
from tracer.sentences import Text, say

_KINDS: Final = (
    (stat.S_ISDIR, say("a folder")),
    (stat.S_ISFIFO, say("a pipe")),
    (stat.S_ISSOCK, say("a socket")),
    (stat.S_ISCHR, say("a device")),
    (stat.S_ISBLK, say("a device")),
)


def open_regular(
    path: str | Path, *, most: int, name: str = "", follow: bool = True
) -> BufferedReader:
    """Return a regular file, open for reading; its path may be a link only with `follow`.

    `name` is what messages call it instead of its path. Raises TracerError where it cannot be read
    or is no regular file, LimitError where it has more than `most` bytes. A file of /proc does not
    know its size: who reads one stops at `most`.
    """
    name = name or str(path)
    flags = os.O_RDONLY
    for extra in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, extra, 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        # Looked at before it is opened too: to open a pipe wakes who writes into it.
        _check_regular(Path(path).stat(follow_symlinks=follow), name)
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        raise _unreadable(name, error) from None
    try:
        status = os.fstat(descriptor)
        _check_regular(status, name)
        if status.st_size > most:
            raise _too_large(name, most, f"{status.st_size:,}")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def is_folder(path: str | Path) -> bool:
    """Tell whether a path is a folder; one that cannot be looked at, or is too long, is none."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises there


def is_file(path: str | Path) -> bool:
    """Tell whether a path is a regular file; one that cannot be looked at is none."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises there


def read_bytes(path: str | Path, *, most: int, name: str = "", follow: bool = True) -> bytes:
    """Return what a regular file holds. Raises as `open_regular` does."""
    with open_regular(path, most=most, name=name, follow=follow) as file:
        return _read_bounded(file, most, name or str(path))


def read_text(path: str | Path, *, most: int, name: str = "", follow: bool = True) -> str:
    """Return the text of a file. Raises as `open_regular` and `decode_text` do."""
    return decode_text(read_bytes(path, most=most, name=name, follow=follow), name or str(path))


def read_standard_input(most: int) -> bytes:
    """Return what is piped in. Raises TracerError where nothing can be, LimitError for more."""
    if sys.stdin is None:
        raise TracerError(say("there is no standard input"), expected=say("a file, or a pipe"))
    return _read_bounded(sys.stdin.buffer, most, "<stdin>")


def decode_text(data: bytes, name: str) -> str:
    """Return the text of bytes without a byte order mark. Raises TracerError, with the line."""
    data = data.removeprefix(BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TracerError(
            say("the file is not UTF-8 text"),
            where=f"{printable(name)}:{line}",
            found=say(
                "the byte 0x{data} at offset {start}",
                data=f"{data[error.start]:02x}",
                start=error.start,
            ),
            expected=say("UTF-8; save the file in that encoding"),
        ) from None


def _read_bounded(file: BinaryIO, most: int, name: str) -> bytes:
    try:
        data: bytes | None = file.read(most + 1)
        if data is None:  # some files of /proc, where there is nothing to read yet
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    except OSError as error:
        raise _unreadable(name, error) from None
    if len(data) > most:
        raise _too_large(name, most)
    return data


def _check_regular(status: os.stat_result, name: str) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))  # as O_NOFOLLOW says
    raise TracerError(
        say("this is not a file"),
        where=printable(name),
        found=next((words for is_kind, words in _KINDS if is_kind(status.st_mode)), ""),
        expected=say("the path of a file"),
    )


def _unreadable(name: str, error: Exception) -> TracerError:
    return TracerError(
        say("the file cannot be read: {reason}", reason=refusal_reason(error)),
        where=printable(name),
    )


def _too_large(name: str, most: int, size: Text = "") -> LimitError:
    limit = f"{most:,} bytes" if most % 1_000_000 else f"{most // 1_000_000} MB"
    return LimitError(
        say("the file is too large"),
        where=printable(name),
        found=say("{size} bytes", size=size) if size else "",
        expected=say("at most {most}", most=limit),
    )
