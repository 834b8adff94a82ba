"""What tests of `tracer serve` share: the real command as a process, with the address it prints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

__all__ = ["ROOT", "Serving", "children", "serving"]

ROOT = Path(__file__).resolve().parents[2]


class Serving(NamedTuple):
    """A server that runs: its process, and the address without the slash at its end."""

    process: subprocess.Popen[str]
    address: str

    @property
    def origin(self) -> str:
        """Where its page comes from: the address without its path."""
        return self.address.rpartition("/")[0]


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Serving]:
    """Run `tracer serve` in a folder on a free port; it is ended at the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder / "config")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tracer", "serve", "--port", "0", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip().rstrip("/")
        assert address.startswith("http://127.0.0.1:"), process.stderr and process.stderr.read()
        yield Serving(process, address)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def children(parent: int) -> list[int]:
    """Return the processes that a process has started and that are still there (on Linux)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(after_name[1]) == parent and after_name[0] != "Z":
            found.append(int(path.parent.name))
    return found
