"""One way to write a file: it appears at its place when it is whole, or not at all.

What is written goes into a temporary file in the same folder, which then takes the place. Where the
system has files without a name (Linux, on most of its file systems) it has none until it is whole,
so a process that is killed leaves nothing. What replaces a file has to have a name of its own for a
moment; it is the same for all that is written to one place, so that whoever writes there next takes
away what a process left that was killed just then. Elsewhere an error or an interrupt leaves
nothing; only a process that is killed leaves the hidden file. Nothing of the project is imported
here.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import IO, Final

_OPEN_FILES: Final = "/proc/self/fd"  # links here give a file without a name its name
_PRIME: Final = (1 << 61) - 1  # remainders by this prime tell temporary names apart


class Temporary:
    """A file that is written and not yet in its place; as a context manager it leaves nothing.

    Of a device or a pipe nothing is temporary: what is written to one is gone.
    """

    def __init__(self, path: Path | None, place: Path, file: IO[bytes]) -> None:
        self.path = path
        self.place = place
        self._file = file

    def __enter__(self) -> Temporary:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def move(self, *, overwrite: bool = True) -> None:
        """Put the file in its place.

        Raises OSError; without `overwrite` FileExistsError where something is there.
        """
        if self.path is None:
            return
        if sys.platform == "win32":
            self._file.close()  # a file that is open cannot be moved there
        if not self._file.closed and not os.fstat(self._file.fileno()).st_nlink:
            self._take_name(self.path, overwrite=overwrite)
        elif overwrite:
            self.path.replace(self.place)
        else:
            _move_to_free_name(self.path, self.place)
        self.path = None
        self._file.close()

    def _take_name(self, path: Path, *, overwrite: bool) -> None:
        """Give a file without a name its place: a free one at once, else by a name beside it."""
        own = self._file.fileno()
        link = partial(os.link, f"{_OPEN_FILES}/{own}", src_dir_fd=own, follow_symlinks=True)
        try:
            link(self.place)
            return
        except FileExistsError:
            if not overwrite:
                raise
        try:
            link(path)
        except FileExistsError:  # a process was killed just here
            path.unlink(missing_ok=True)
            link(path)
        try:
            path.replace(self.place)
        except FileNotFoundError:  # taken for such a one by another process, which writes here too
            if not self.place.exists():
                raise

    def discard(self) -> None:
        """Remove the file unless it was moved."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None
        try:  # noqa: SIM105 - nothing here is worth loading `contextlib` in every start
            self._file.close()
        except OSError:  # text that did not fit on the disk, which is no longer wanted
            pass


def write_temporary(
    pieces: Iterable[str | bytes], place: Path, *, is_durable: bool = False
) -> Temporary:
    """Write a file beside its place (with links followed), with the rights of what is there.

    Text is written in UTF-8. What replaces a file is on the disk before it does: a power cut leaves
    one of both. With `is_durable` a new file is on the disk too before it has its name. Raises
    OSError, and ValueError for a path with a zero byte; then nothing is left.
    """
    try:
        there: os.stat_result | None = place.stat()
    except FileNotFoundError:
        there = None
    if there is not None and stat.S_ISDIR(there.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
    if is_stream(place):
        with place.open("wb") as stream:
            stream.writelines(map(_as_bytes, pieces))
        return Temporary(None, place, stream)
    if place.is_symlink():
        place = Path(os.path.realpath(place))
    rights = 0o666 if there is None else stat.S_IMODE(there.st_mode) & 0o777
    path, descriptor = _create(place, rights)
    temporary = Temporary(path, place, open(descriptor, "wb"))  # noqa: PTH123, SIM115 - a descriptor; closed by `Temporary`
    try:
        temporary._file.writelines(map(_as_bytes, pieces))
        temporary._file.flush()
        if there is not None:
            # Those of a new file the umask may have narrowed.
            os.chmod(descriptor if os.chmod in os.supports_fd else path, rights)  # noqa: PTH101
        if there is not None or is_durable:
            os.fsync(descriptor)
    except BaseException:  # an interrupt too: what is half written goes
        temporary.discard()
        raise
    return temporary


def _as_bytes(piece: str | bytes) -> bytes:
    return piece.encode() if isinstance(piece, str) else piece


def write_file(pieces: Iterable[str | bytes], place: Path, *, overwrite: bool = True) -> None:
    """Write a file to its place, whole or not at all; a device or a pipe is written into.

    Raises as `write_temporary` and `Temporary.move` do.
    """
    if not overwrite and os.path.lexists(place):  # a pipe or a link too
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
    with write_temporary(pieces, place) as temporary:
        temporary.move(overwrite=overwrite)


def is_same_file(place: Path, other: Path) -> bool:
    """Tell whether two paths are one file that is there, by whatever links."""
    try:
        return place.samefile(other)
    except (OSError, ValueError):
        return False


def is_stream(place: Path) -> bool:
    """Tell whether a place is a device, a pipe or a socket: written into, and never replaced.

    `/dev/stdout` is one of them, whatever the output goes to.
    """
    try:
        mode = place.stat().st_mode
    except (OSError, ValueError):
        return False
    is_device = place.parent == Path("/dev")
    return not stat.S_ISDIR(mode) and (is_device or not stat.S_ISREG(mode))


def _create(place: Path, rights: int) -> tuple[Path, int]:
    """Return the descriptor of a new file, and the name that it has or may have for a moment."""
    flags = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0)
    nameless = getattr(os, "O_TMPFILE", 0)
    if nameless and os.path.isdir(_OPEN_FILES):  # noqa: PTH112 - as quick as can be
        number = int.from_bytes(os.fsencode(place.name), "big") % _PRIME
        try:
            descriptor = os.open(place.parent, flags | nameless, rights)
            return place.with_name(f".tracer-{number:016x}.tmp"), descriptor
        except OSError:  # a file system without; what is wrong with the folder is said below
            pass
    path = place.with_name(f".tracer-{os.urandom(8).hex()}.tmp")
    return path, os.open(path, flags | os.O_CREAT | os.O_EXCL, rights)


def _move_to_free_name(path: Path, place: Path) -> None:
    """Move a file to a name that nothing has, or raise FileExistsError.

    A link takes the name and gives it the whole text in one step. On file systems without links
    the name is taken first: only a process that is killed in between leaves an empty file.
    """
    try:
        os.link(path, place)
    except FileExistsError:
        raise
    except OSError:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            path.replace(place)
        except BaseException:
            place.unlink(missing_ok=True)
            raise
    else:
        path.unlink()
