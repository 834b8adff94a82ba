"""startup: CPU time from the start of a process to the first screen, beside `python -c pass`.

Each process runs in a terminal of its own (a pty) and ends itself once the first screen is
written, so that what is measured is neither less nor more. Bytecode is compiled before.
"""

from __future__ import annotations

import os
import pty
import sys
import tempfile
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.measure import Figure, in_turns
from tests.benchmarks.process import children_clock, environment

TITLE = "the terminal interface: start to first paint"
NOTHING = "python -c pass"
MUST_HOLD, AIM = 30, 25

HELLO = """
import os
from textual.app import App
from textual.widgets import Static

class Hello(App):
    def compose(self):
        yield Static("hello")

    def on_ready(self):
        self.call_after_refresh(self.call_later, os._exit, 0)

Hello().run()
"""
TRACER = """
import os, sys
from tracer import cli
from tracer.__main__ import entry

help_line, command = cli.COMMANDS["tui"]

class PaintedCommand:
    ARGUMENTS, EXAMPLES = command.ARGUMENTS, command.EXAMPLES

    @staticmethod
    def run(options):
        from tracer.ui import app

        class Painted(app.TracerApp):
            def on_ready(self):
                self.call_after_refresh(self.call_later, os._exit, 0)

        app.TracerApp = Painted
        return command.run(options)

cli.COMMANDS["tui"] = help_line, PaintedCommand
sys.argv[1:] = {arguments}
entry()  # as the installed command does
"""
PROGRAMS = {
    NOTHING: "pass",
    "Textual hello": HELLO,
    "tracer": TRACER.format(arguments=[]),
    "tracer tui mlp_2_2_2": TRACER.format(arguments=["tui", "mlp_2_2_2"]),
}


def measure(rounds: int) -> Iterator[Figure]:
    """Yield the figures of the start."""
    with tempfile.TemporaryDirectory() as folder:
        own = {**environment(), "PYTHONPYCACHEPREFIX": folder, "NO_COLOR": ""}
        own |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        programs = {name: partial(_in_terminal, text, own) for name, text in PROGRAMS.items()}
        for run in programs.values():
            run()  # writes the bytecode
        times = in_turns(programs, rounds, children_clock)
    for name in PROGRAMS:
        ours = name.startswith("tracer")
        yield Figure(
            "startup",
            name,
            f"CPU to first paint ÷ {NOTHING}",
            times.ratio(name, NOTHING),
            times.median(name) * 1e3,
            "ms",
            MUST_HOLD if ours else None,
            AIM if ours else None,
        )


def _in_terminal(program: str, environment: dict[str, str]) -> None:
    """Run a program in a terminal of its own, and read what it writes."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["COLUMNS"], os.environ["LINES"] = "80", "24"
        os.execve(sys.executable, [sys.executable, "-c", program], environment)
    while True:
        try:
            if not os.read(terminal, 65536):
                break
        except OSError:  # the other side is closed: Linux's way to say that it is the end
            break
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"the program failed: {program[:200]}")
