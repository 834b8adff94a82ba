"""One line of progress on standard error, for work of over a second in a terminal."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from types import TracebackType

from tracer.commands.output import translation
from tracer.sentences import Text, Translate, plain_text, say
from tracer.text_width import width

PATIENCE = 1.0  # seconds before anything is said
PAUSE = 0.2


def duration_text(seconds: float) -> str:
    """Return a time as clocks and stopwatches show it: 0:07, 12:30, 3:05:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Progress:
    """A line that tells how far the work is; nothing is shown of what is done in a second.

    Used as a context manager; call it with (done, all), or leave it alone where nobody counts.
    """

    def __init__(self, what: Text, options: argparse.Namespace) -> None:
        self.what = what
        self.counts: list[Text] = []  # how far it is, the longest first
        self._first: tuple[float, int] | None = None  # when it was first told how much was done
        self.begin = time.monotonic()
        self.shown = False
        self.wanted = not options.quiet and sys.stderr is not None and sys.stderr.isatty()
        self.translate: Translate = translation(options) if self.wanted else str
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Progress:
        if self.wanted:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, count: int) -> None:
        """Take note of how far the work is, how fast it goes, and how long it may take."""
        now = time.monotonic()
        begin, before = self._first = self._first or (now, done)
        count_text = say("{done} of {count} iterations", done=f"{done:,}", count=f"{count:,}")
        self.counts = [count_text]
        if done > before and now > begin:
            rate = (done - before) / (now - begin)
            remaining_time = duration_text((count - done) / rate)
            speed = f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
            self.counts = [
                say(
                    "{count}, {rate} a second, {left} left",
                    count=count_text,
                    rate=speed,
                    left=remaining_time,
                ),
                say("{count}, {left} left", count=count_text, left=remaining_time),
                count_text,
            ]

    def line(self, columns: int) -> str:
        """Return the longest line that fits: a wider one would go on in the next row."""
        seconds = f"{time.monotonic() - self.begin:.0f}"
        counts = self.counts
        whole: list[Text] = [say("{what}: {count}", what=self.what, count=it) for it in counts]
        lines = [
            plain_text(say("{what} ({seconds} s)", what=form, seconds=seconds), self.translate)
            for form in [*whole, *counts] or [self.what]
        ]
        return next((line for line in lines if width(line) < columns), "")

    def _watch(self) -> None:
        if self._end.wait(PATIENCE):
            return
        self.shown = True
        while True:
            line = self.line(os.get_terminal_size(sys.stderr.fileno()).columns or 80)
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
            if self._end.wait(PAUSE):
                return
