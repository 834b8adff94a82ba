"""`tracer serve`: the terminal interface in the browser, for this machine only."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracer.commands.arguments import RESULT_FORMAT, argument, whole_number
from tracer.commands.output import language_of, print_json, print_text, remark
from tracer.commands.requested_run import scenario_of
from tracer.commands.tui import INTERFACE, recorded_trace
from tracer.errors import TracerError
from tracer.lazy_modules import LazyModule
from tracer.program.scenario import bundled
from tracer.sentences import say
from tracer.ui.parts.reader_files import path_below

if TYPE_CHECKING:
    from tracer.ui import serving
else:
    serving = LazyModule("tracer.ui.serving")

PORT: Final = 8000

EXAMPLES = """\
examples:
  tracer serve
  tracer serve my.toml --port 0
  ssh -L 8000:localhost:8000 example.org      (then open the printed address here)

It needs textual-serve: pip install 'gradient-tracer[serve]'. The printed address has a random part
that other users of the machine do not know: whoever opens it can read and write files below the
folder it is started in. Settings are not written. Ctrl+C ends it.
"""


ARGUMENTS = (
    *INTERFACE,
    argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="127.0.0.1 (default) or another loopback address, such as localhost or ::1",
    ),
    argument(
        "--port",
        type=whole_number(0, 65535, say("{text} is no port from {low} to {high}")),
        default=PORT,
        metavar="N",
        help=f"the port (default {PORT}); 0 takes a free one",
    ),
    RESULT_FORMAT,
)


def run(options: argparse.Namespace) -> None:
    """Serve until the process is ended."""
    serve = _load_server()
    for name in (options.scenario, options.values):
        if name is not None and name not in bundled():
            path_below(Path(name), Path.cwd())
    if recorded_trace(options) is None:  # what is wrong is said here, not in the browser
        scenario_of(options)

    def started(address: str) -> None:
        if options.format == "json":
            print_json({"version": 1, "address": address, "folder": str(Path.cwd())})
        else:
            print_text([address, "\n"])
        sys.stdout.flush()
        remark(say("Ctrl+C ends it."), options)

    serve(
        _page_arguments(options),
        host=options.host,
        port=options.port,
        language=language_of(options),
        started=started,
    )


def _load_server() -> Callable[..., None]:
    """Return what serves. Raises TracerError where textual-serve is not installed."""
    try:
        return serving.serve_pages
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "tracer":
            raise
        raise TracerError(
            say("tracer serve needs textual-serve, which is not installed"),
            found=say("no module {name}", name=error.name or ""),
            expected=say("the extra {name}: pip install 'gradient-tracer[{name}]'", name="serve"),
        ) from None


def _page_arguments(options: argparse.Namespace) -> list[str]:
    """Return the arguments of the interface that each page starts."""
    arguments = ["tui", options.scenario, f"--digits={options.digits}"]
    if options.lang is not None:
        arguments.append(f"--lang={language_of(options)}")
    if options.color == "never":
        arguments.append("--color=never")
    arguments += [f"--set={setting}" for setting in options.settings]
    for name in ("learning_rate", "iterations", "variant", "values", "record", "memory"):
        value = getattr(options, name)
        if value is not None:
            arguments.append(f"--{name.replace('_', '-')}={value}")
    return arguments
