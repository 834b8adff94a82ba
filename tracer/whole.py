"""A text beside the place it is for: a file appears there only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["written_beside"]


def written_beside(pieces: Iterable[str], place: Path) -> Path:
    """Return a new file in the folder of a place, with the text and the place's own rights.

    The caller moves it into place. Nothing is left where that fails; raises OSError, ValueError.
    """
    import tempfile  # most starts write nothing

    mode = place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask()
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=place.parent, prefix=".tracer-", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            file.writelines(pieces)
            file.flush()
            temporary.chmod(mode)
        except BaseException:  # an interrupt too: what is half written goes
            temporary.unlink(missing_ok=True)
            raise
    return temporary


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
