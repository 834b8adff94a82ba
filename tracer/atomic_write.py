"""One way to write a file: it appears at its place when it is whole, or not at all.

What is written goes into a temporary file in the same folder, which then takes the place. Where the
system has files without a name (Linux, on most of its file systems) it has none until it is whole,
so a process that is killed leaves nothing. Elsewhere the writer holds a lock on the temporary file
as long as it lives; a file without one was left behind by a process that was killed, and goes at
the next write into its folder. Nothing of the project is imported here.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import IO, Final

_BEGIN: Final = ".tracer-"
_END: Final = ".tmp"
_OPEN_FILES: Final = "/proc/self/fd"  # by which a file without a name is given one


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
        elif not os.fstat(self._file.fileno()).st_nlink:
            own = self._file.fileno()
            os.link(f"{_OPEN_FILES}/{own}", self.path, src_dir_fd=own, follow_symlinks=True)
        if overwrite:
            self.path.replace(self.place)
        else:
            _move_to_free_name(self.path, self.place)
        self.path = None
        self._file.close()

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
        return _write_stream(pieces, place)
    if place.is_symlink():
        place = Path(os.path.realpath(place))
    _remove_leftovers(str(place.parent.resolve()))
    rights = 0o666 if there is None else stat.S_IMODE(there.st_mode) & 0o777
    path, descriptor = _create(place.parent, rights)
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


def _write_stream(pieces: Iterable[str | bytes], place: Path) -> Temporary:
    with place.open("wb") as file:
        file.writelines(map(_as_bytes, pieces))
    return Temporary(None, place, file)


def _create(folder: Path, rights: int) -> tuple[Path, int]:
    """Return the descriptor of a new file that is locked, and the name that it has or will have."""
    flags = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0)
    nameless = getattr(os, "O_TMPFILE", 0)
    if nameless and os.path.isdir(_OPEN_FILES):  # noqa: PTH112 - as quick as can be
        try:
            descriptor = os.open(folder, flags | nameless, rights)
        except OSError:  # a file system without; what is wrong with the folder is said below
            pass
        else:
            lock_file(descriptor)
            return folder / f"{_BEGIN}{os.urandom(8).hex()}{_END}", descriptor
    while True:
        path = folder / f"{_BEGIN}{os.urandom(8).hex()}{_END}"
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, rights)
        try:
            if lock_file(descriptor) is not False and _is_at(path, descriptor):
                return path, descriptor
        except BaseException:  # an interrupt
            path.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        os.close(descriptor)  # another process took it for a leftover before it was locked


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


def _is_temporary(name: str) -> bool:
    """Tell whether a name is one that we give: nobody calls a file of their own so."""
    middle = name.removeprefix(_BEGIN).removesuffix(_END)
    is_hexadecimal = len(middle) == 16 and not middle.strip("0123456789abcdef")
    return is_hexadecimal and name == f"{_BEGIN}{middle}{_END}"


@cache  # a folder is looked through once by each process, not for each of a thousand files
def _remove_leftovers(folder: str) -> None:
    """Remove what killed processes have left in a folder: temporary files that nobody locks."""
    try:
        with os.scandir(folder) as entries:
            leftovers = [Path(entry.path) for entry in entries if _is_temporary(entry.name)]
    except OSError:  # writing there says what is wrong
        return
    for path in leftovers:
        try:
            _remove_leftover(path)
        except OSError:  # not ours, or gone since
            continue


def _remove_leftover(path: Path) -> None:
    flags = os.O_RDWR
    for extra in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
        flags |= getattr(os, extra, 0)
    descriptor = os.open(path, flags)
    try:
        own = os.fstat(descriptor)
        is_ours = stat.S_ISREG(own.st_mode) and own.st_uid == getattr(os, "geteuid", int)()
        if is_ours and lock_file(descriptor) and _is_at(path, descriptor):
            path.unlink()
    finally:
        os.close(descriptor)


def lock_file(descriptor: int) -> bool | None:
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


def _is_at(path: Path, descriptor: int) -> bool:
    """Tell whether an open file still has its name."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
