"""Runs that last: saved from time to time, ended in order, and resumed from their files."""

from __future__ import annotations

import argparse
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Final, Self

from tracer.atomic_write import is_same_file, is_stream, write_temporary
from tracer.commands.output import remark, warn, write_errors
from tracer.commands.progress import Progress
from tracer.commands.requested_run import SAVED_RUN, recording_of, saved_run, scenario_of
from tracer.errors import TracerError, printable
from tracer.run.runner import Run
from tracer.run.saved_run import write_run
from tracer.sentences import say

PAUSE: Final = 60.0  # seconds between two saves of a run that lasts
SHARE: Final = 20  # a pause is at least this many times as long as the last save took


def train_and_save(options: argparse.Namespace) -> tuple[Run, int]:
    """Run a scenario, or go on with a saved run, and save it: from time to time and at the end.

    Return the run and the signal that ended it early, else 0. Raises TracerError.
    """
    place = Path(options.save or options.resume)
    if place.suffix != SAVED_RUN:
        raise TracerError(
            say("a run is saved in a .npz file"),
            found=printable(str(place)),
            expected=say("a file that tracer run --save has written")
            if options.save is None
            else printable(f"{place.stem.strip('.') or 'trace'}{SAVED_RUN}"),
        )
    if is_stream(place):
        raise TracerError(
            say("a run is saved in a regular file, not in a device or a pipe"),
            where=printable(str(place)),
        )
    with write_errors(place):
        write_temporary([], place).discard()  # said now, not at the end of a long run
    is_resumed = options.resume is not None and is_same_file(place, Path(options.resume))
    if options.save is not None and not options.force and place.exists() and not is_resumed:
        file = printable(str(place))
        raise TracerError(
            say("the file already exists and is left unchanged"),
            where=file,
            expected=say("another file, tracer run --resume {file}, or --force", file=file),
        )
    if options.resume is None:
        recording = recording_of(options)
        run = Run(scenario_of(options), recording.record, budget=recording.budget)
    else:
        run = saved_run(options.resume, options)
    begun = run.done
    with Progress(run.scenario.name, options) as progress, _Interrupts() as interrupts:
        run.progress = progress
        if begun:
            run.choose_record()
        else:
            run.begin()
        saved_at, pause = time.monotonic(), PAUSE
        while not run.is_over and not interrupts.number:
            run.advance()
            if time.monotonic() - saved_at >= pause:
                try:
                    pause = max(PAUSE, SHARE * _save_run(run, place))
                except TracerError as error:
                    what = say(
                        "tracer: {error}; the run continues and will be saved later",
                        error=error.sentence(),
                    )
                    warn(what, options)
                saved_at = time.monotonic()
        if run.done > begun or options.save is not None:
            _save_run(run, place)
    signal_number = 0 if run.is_over else interrupts.number  # nothing was left to be ended
    if signal_number:
        remark(
            say(
                "tracer: stopped after {done} of {count} iterations; to resume: tracer run "
                "--resume {file}",
                done=f"{run.done:,}",
                count=f"{len(run.schedule):,}",
                file=printable(str(place)),
            ),
            options,
        )
    return run, signal_number


def _save_run(run: Run, place: Path) -> float:
    """Save what is done; return the seconds that it took."""
    begin = time.monotonic()
    with write_errors(place):
        write_run(run, place)
    return time.monotonic() - begin


class _Interrupts(ExitStack):
    """The first interrupt, or request to end, is noted; the second one ends the process."""

    number = 0

    def __enter__(self) -> Self:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is None:  # on Windows
                continue
            before = signal.getsignal(number)
            # What is ignored, as in the background of a shell, stays so.
            if before is not None and before is not signal.SIG_IGN:
                self.callback(signal.signal, number, before)
                signal.signal(number, self._note)
        return self

    def _note(self, number: int, _: FrameType | None) -> None:
        if self.number:
            raise KeyboardInterrupt
        self.number = number
