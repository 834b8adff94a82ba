"""`tracer tui`: the terminal interface; without a terminal the same walk as plain text."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

from tracer.commands import walk
from tracer.commands.arguments import (
    MOST_NUMBERS,
    RECORDING,
    RUN_HELP,
    argument,
    digits_argument,
    scenario_arguments,
)
from tracer.commands.exit_codes import DONE
from tracer.commands.output import is_unicode, language_of, print_text, translation, write_pieces
from tracer.commands.requested_run import is_saved_run, recording_of, run_of_options, scenario_of
from tracer.errors import TracerError, printable
from tracer.lazy_modules import LazyModule
from tracer.run.trace import Trace
from tracer.sentences import plain_text, say
from tracer.ui.parts.reader_files import is_allowed
from tracer.ui.settings.settings_file import Settings

if TYPE_CHECKING:
    from tracer.ui import app as interface
    from tracer.ui.parts import export
else:
    interface = LazyModule("tracer.ui.app")
    export = LazyModule("tracer.ui.parts.export")

DEMO = "one_weight"
PICTURES = (".svg",)
# The options of a walk without a terminal: it is told as the walk is told by itself.
WALK = {
    **dict.fromkeys(("show", "focus", "step", "iteration")),
    **dict.fromkeys(("exact", "chain"), False),
    "format": "text",
    "detail": "equation",
    "notation": "textbook",
    "numbers": MOST_NUMBERS,
}

EXAMPLES = """\
examples:
  tracer
  tracer tui mlp_2_2_2
  tracer tui my.toml --learning-rate 0.5
  tracer tui my.toml --memory 4GiB
  tracer tui trace.npz
  tracer tui net.toml --values recording.npz
  NO_COLOR=1 tracer tui xor
  tracer tui one_weight -o walk.svg
"""


# What the interface takes in a browser too.
INTERFACE = (
    *scenario_arguments(text=f"{RUN_HELP}; default: {DEMO}", nargs="?", default=DEMO),
    argument(
        "--values",
        metavar="FILE",
        help="walk through values recorded elsewhere (.json or .npz) in place of computed ones",
        completion="file",
    ),
    *RECORDING,
    digits_argument(),
)

ARGUMENTS = (
    *INTERFACE,
    argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write up to 40 screens of the walk as an animated picture (SVG), and open nothing",
        completion="file",
    ),
)


def is_served() -> bool:
    """Tell whether a browser shows the interface: textual-serve names its driver."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def has_terminal() -> bool:
    """Tell whether there is a terminal, or a browser, that can show the interface."""
    if is_served():
        return True
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if os.environ.get("TERM") == "dumb":
        return False
    return all(stream is not None and not stream.closed and stream.isatty() for stream in streams)


def has_unicode() -> bool:
    """Tell whether what shows the interface can draw all signs; a browser can.

    The locale says it of a terminal. Under C or POSIX Python writes UTF-8 all the same (its UTF-8
    mode), so the environment is asked; Windows has no such variables.
    """
    if is_served():
        return True
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next((os.environ[name] for name in names if os.environ.get(name)), "C")
    return is_unicode() and (os.name == "nt" or locale not in ("C", "POSIX"))


def run(options: argparse.Namespace) -> int:
    """Open the interface; without a terminal print the plain walk.

    Who sees that walk on a terminal all the same is told why: in a pipe it is what was asked for.
    """
    if options.output is None and not has_terminal():
        if sys.stdout is not None and sys.stdout.isatty():
            words = say(
                "The interface needs a full terminal for standard input, output and error. Here "
                "is the walk as plain text instead."
            )
            print_text([plain_text(words, translation(options)), "\n\n"])
        walk.run(argparse.Namespace(**WALK, **vars(options)))
        return DONE
    if options.color == "always":
        os.environ.pop("NO_COLOR", None)

    settings = Settings(is_kept=not is_served())  # in the browser they are read and not written
    settings.recent = [path for path in settings.recent if is_allowed(Path(path))]
    chosen = settings.language if options.lang is None else ""
    is_film = options.output is not None
    if is_film and Path(options.output).suffix.lower() not in ("", *PICTURES):
        raise TracerError(
            say("the animated picture is an SVG"),
            where=printable(options.output),
            expected=say("a file that ends in {endings}", endings=", ".join(PICTURES)),
        )
    trace = run_of_options(options) if is_film else recorded_trace(options)
    if trace is not None:
        options.record = trace.record  # the same record for runs with other values
    app = interface.TracerApp(
        scenario_of(options) if trace is None else trace.scenario,
        trace=trace,
        language=chosen or language_of(options),
        unicode=is_film or has_unicode(),
        color=options.color != "never",
        preferences=settings,
        digits=options.digits,
        recording=recording_of(options),
    )
    if is_film:
        write_pieces([export.animated_walk(app)], options)
        return DONE
    settings.failed = app.report
    if is_served():
        _end_with_parent()
    app.run()
    if options.scenario.endswith(".toml"):
        settings.failed = lambda error: None  # the interface is closed: nothing can show the error
        settings.remember(opened=options.scenario)
    return app.return_code or 0


def recorded_trace(options: argparse.Namespace) -> Trace | None:
    """Return the run that was saved or recorded elsewhere; None where there is one to compute."""
    is_recorded = is_saved_run(options.scenario) or options.values is not None
    return run_of_options(options) if is_recorded else None


def _end_with_parent() -> None:
    """End this process once the server that started it is gone, even where that was killed."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=watch, name="parent", daemon=True).start()
