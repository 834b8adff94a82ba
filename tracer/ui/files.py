"""Files that the interface writes: whole or not at all, never over a scenario that is read.

Where the interface is served to a browser, what a reader names lies below one folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from tracer.errors import TracerError, refusal
from tracer.sentences import say
from tracer.whole import written_beside

__all__ = [
    "SERVED",
    "allowed",
    "below",
    "check_target",
    "is_allowed",
    "read_text",
    "readable",
    "served_folder",
    "write_text",
]

MOST_BYTES = 4_000_000  # of a text that is read
SERVED = "TRACER_SERVED_FOLDER"  # in the environment of an interface that a browser shows


def served_folder() -> Path | None:
    """Return the folder that a served interface keeps to; None in a terminal."""
    folder = os.environ.get(SERVED)
    return Path(folder) if folder else None


def below(path: Path, folder: Path) -> Path:
    """Return a path with its links followed, below a folder. Raises TracerError for another."""
    try:
        real = path.resolve()
        inside = real.is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError) as error:  # zero bytes; links in a ring
        raise TracerError(say("there is no such path"), where=str(path), found=str(error)) from None
    if not inside:
        raise TracerError(
            say(
                "in the browser only files below the folder of `tracer serve` can be "
                "opened or written"
            ),
            found=str(path),
            expected=say("a path below {folder}", folder=str(folder)),
        )
    return real


def allowed(path: Path) -> Path:
    """Return a path that a reader may read or write. Raises TracerError for another."""
    folder = served_folder()
    return path if folder is None else below(path, folder)


def readable(path: Path) -> Path:
    """Return a path that is allowed and, if it is there, a file. Raises TracerError for another.

    A pipe or a terminal would keep the interface waiting for ever.
    """
    path = allowed(path)
    try:
        is_file = not path.exists() or path.is_file()
    except (OSError, ValueError):
        return path  # opening it says what is wrong
    if not is_file:
        raise TracerError(
            say("this is no file"), where=str(path), expected=say("the path of a file")
        )
    return path


def is_allowed(path: Path) -> bool:
    """Tell whether a reader may read or write a path."""
    try:
        allowed(path)
    except TracerError:
        return False
    return True


def check_target(text: str, *, source: Path | None = None, overwrite: bool = False) -> Path:
    """Return the path to write to. Raises TracerError where it cannot be.

    `source` is a file that must not be written over; others are only with `overwrite`.
    """
    if not text.strip():
        raise TracerError(say("no name was given"), expected=say("the path of a file"))
    try:
        path = allowed(Path(text.strip()).expanduser())
        if path.is_dir():
            raise TracerError(
                say("this is a folder"), where=str(path), expected=say("the path of a file")
            )
        if not path.parent.is_dir():
            raise TracerError(say("there is no such folder"), where=str(path.parent))
        if source is not None and path.exists() and source.exists() and path.samefile(source):
            raise TracerError(
                say("this is the scenario itself"), where=text, expected=say("another file")
            )
        if path.exists() and not overwrite:
            raise TracerError(
                say("the file is there already"), where=text, expected=say("another name")
            )
    except (OSError, ValueError, RuntimeError) as error:  # zero bytes; no home folder
        raise TracerError(say("this cannot be written"), where=text, found=str(error)) from None
    return path


def write_text(path: Path, pieces: Iterable[str], *, is_own: bool = False) -> None:
    """Write a text beside its place and move it there. Raises TracerError.

    `is_own`: the path is one of tracer's own, not one that a reader named; its folder is made.
    """
    try:
        if is_own:
            path.parent.mkdir(parents=True, exist_ok=True)
        place = (path if is_own else allowed(path)).resolve()
        written_beside(pieces, place).replace(place)
    except OSError as error:
        raise TracerError(
            say("the file cannot be written"), where=str(path), found=refusal(error)
        ) from None


def _opened(path: Path, *, follows: bool) -> IO[bytes]:
    """Open a file, never waiting for a pipe; without `follows` a link is refused."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follows:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags), "rb")


def read_text(path: Path, *, is_own: bool = False) -> str:
    """Return a file's text. Raises TracerError; it is not yet safe to show (`text.safe`).

    `is_own`: the path is one of tracer's own, not one that a reader named.
    """
    try:
        with _opened(path if is_own else readable(path).resolve(), follows=is_own) as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise TracerError(
            say("the file cannot be read"), where=str(path), found=refusal(error)
        ) from None
    if len(content) > MOST_BYTES:
        raise TracerError(
            say("the file is too large"), expected=say("at most {most} bytes", most=MOST_BYTES)
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TracerError(
            say("the file is not UTF-8"), found=say("byte {start}", start=error.start)
        ) from None
