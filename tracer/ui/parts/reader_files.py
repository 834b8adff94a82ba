"""Files that the interface writes: whole or not at all, never over a scenario that is read.

Where the interface is served to a browser, what a reader names lies below one folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tracer import bounded_read
from tracer.atomic_write import write_file
from tracer.errors import TracerError, refusal_reason
from tracer.sentences import say

MOST_BYTES = 4_000_000  # largest text that is read
SERVED = "TRACER_SERVED_FOLDER"  # environment variable of an interface in a browser


def served_folder() -> Path | None:
    """Return the folder that a served interface keeps to; None in a terminal."""
    folder = os.environ.get(SERVED)
    return Path(folder) if folder else None


def path_below(path: Path, folder: Path) -> Path:
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


def allowed_path(path: Path) -> Path:
    """Return a path that a reader may read or write. Raises TracerError for another."""
    folder = served_folder()
    return path if folder is None else path_below(path, folder)


def is_allowed(path: Path) -> bool:
    """Tell whether a reader may read or write a path."""
    try:
        allowed_path(path)
    except TracerError:
        return False
    return True


def typed_path(text: str) -> Path:
    """Return the path that a reader typed. Raises TracerError where it is none, or not allowed."""
    try:
        return allowed_path(Path(text.strip()).expanduser())
    except RuntimeError as error:  # the home folder of nobody
        raise TracerError(say("there is no such path"), where=text, found=str(error)) from None


def check_target(text: str, *, source: Path | None = None, ending: str = "") -> Path:
    """Return the path to write to, over all but `source`. Raises TracerError where it cannot be.

    A file whose name has not the `ending` gets it; a folder stays one, and is refused.
    """
    if not text.strip():
        raise TracerError(say("no name was given"), expected=say("the path of a file"))
    path = typed_path(text)
    try:
        with suppress(FileNotFoundError):
            path.lstat()  # a name that no file can have is refused
        if path.is_dir():
            raise TracerError(
                say("this is a folder"), where=str(path), expected=say("the path of a file")
            )
        if not path.parent.is_dir():
            raise TracerError(say("there is no such folder"), where=str(path.parent))
        if not path.name.endswith(ending):
            path = allowed_path(path.with_name(path.name + ending))
        if source is not None and path.exists() and source.exists() and path.samefile(source):
            raise TracerError(
                say("this would overwrite the scenario itself"),
                where=text,
                expected=say("another file"),
            )
    except (OSError, ValueError) as error:  # too long, or zero bytes
        raise TracerError(say("this cannot be written"), where=text, found=str(error)) from None
    return path


def write_text(path: Path, pieces: Iterable[str], *, is_own: bool = False) -> None:
    """Write a text to its place, whole or not at all. Raises TracerError.

    `is_own`: the path is one of tracer's own, not one that a reader named; its folder is made.
    """
    try:
        if is_own:
            path.parent.mkdir(parents=True, exist_ok=True)
        write_file(pieces, path if is_own else allowed_path(path))
    except (OSError, ValueError) as error:
        raise TracerError(
            say("the file cannot be written"), where=str(path), found=refusal_reason(error)
        ) from None


def read_text(path: Path) -> str:
    """Return the text of a file that a reader named. Raises TracerError.

    Control characters in it are not yet signs (`printable_text`). Below the folder that is served
    no link is followed: one could take the place of the file that was looked at.
    """
    follow = served_folder() is None
    return bounded_read.read_text(
        allowed_path(path), most=MOST_BYTES, name=str(path), follow=follow
    )
