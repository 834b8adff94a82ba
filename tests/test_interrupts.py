"""Ctrl+C ends tracer quietly at any moment: while modules are loaded, at work, and at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.conftest import MORE
from tracer.commands.workers import WithoutInterrupts

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

ROOT = Path(__file__).resolve().parent.parent
MOMENTS = 6  # of a command's start that are tried

# Runs tracer and interrupts it as it looks for the so many-th module. Says how many there were.
PROGRAM = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from tracer.__main__ import entry
last = left = int(sys.argv.pop(1))
class Finder:
    def find_spec(self, name, path=None, target=None):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv[0] = "tracer"
try:
    entry()
finally:
    print(last - left, file=sys.stderr)
"""


def run(program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that starts tracer, in an empty folder."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(arguments, id=name, marks=() if name in ("derive", "new") else MORE)
        for name, arguments in {
            "help": ["--help"],
            "tracer": [],
            "derive": ["derive", "digit_mlp", "--iterations", "1", "-o", "new.md"],
            "check": ["check", str(ROOT / "tests" / "golden" / "one_weight.en.md")],
            "new": ["new", "new.toml"],
        }.items()
    ],
)
def test_an_interrupt_while_modules_are_loaded_is_quiet(
    arguments: list[str], tmp_path: Path
) -> None:
    """Code 130 and one line; no traceback, and nothing written by half."""
    whole = run(PROGRAM, "1000000", *arguments, folder=tmp_path)
    assert whole.returncode == 0, whole.stderr
    count = int(whole.stderr.split()[-1])
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for path in tmp_path.iterdir():
        path.unlink()
    for moment in range(1, count + 1, max(1, count // MOMENTS)):
        ended = run(PROGRAM, str(moment), *arguments, folder=tmp_path)
        assert (ended.returncode, ended.stderr) == (130, "tracer: interrupted\n"), moment
        for path in tmp_path.iterdir():  # whole, where the interrupt came later
            assert path.read_bytes() == written[path.name]
            path.unlink()


LOST = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from tracer import cli
from tracer.__main__ import entry
class Callback:
    def __del__(self):
        raise {error}
def command(arguments):
    Callback()
    print("went on", flush=True)  # as each command does at its end
    return 0
cli.run_quickly = command
entry()
"""


def test_an_interrupt_that_python_loses_ends_the_program(tmp_path: Path) -> None:
    """What a callback cannot raise is not only complained of; other problems still are."""
    ended = run(LOST.format(error="KeyboardInterrupt"), folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "tracer: interrupted\n"
    went_on = run(LOST.format(error="ValueError"), folder=tmp_path)
    assert (went_on.returncode, went_on.stdout) == (0, "went on\n")
    assert "ValueError" in went_on.stderr


def test_an_interrupt_after_the_command_is_quiet(tmp_path: Path) -> None:
    """While Python ends, nobody is told where it was."""
    ending = "import atexit; atexit.register(lambda: signal.raise_signal(2))"
    ended = run(LOST.replace("Callback()", ending), folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (130, "tracer: interrupted\n")
    assert ended.stdout == "went on\n"


def test_an_interrupt_that_is_ignored_stays_so(tmp_path: Path) -> None:
    """In the background of a shell Ctrl+C is for the program in front."""
    program = PROGRAM.replace("signal.default_int_handler)", "signal.SIG_IGN)")
    ended = run(program, "5", "list", folder=tmp_path)
    assert ended.returncode == 0
    assert "interrupted" not in ended.stderr


def test_the_worksheets_of_a_class_stop_at_once(tmp_path: Path) -> None:
    """The processes that mark beside each other end with it, and say nothing."""
    texts = {f"s{number}.md": "z = 0.5 * 2 + 1 = 2\n" * 2000 for number in range(60)}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "tracer", "check", str(tmp_path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while running.poll() is None and len(children.read_text().split()) < 2:
        pass
    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert (running.returncode, errors) == (130, b"tracer: interrupted\n")


def test_an_interrupt_that_a_library_takes_for_an_error_is_none(tmp_path: Path) -> None:
    """NumPy's compiled modules say that they cannot be loaded where Ctrl+C came between."""
    program = LOST.replace("Callback()", "pass").format(error="ValueError")
    program = program.replace("cli.run_quickly = command", "cli._run = command").replace(
        "    pass\n",
        "    try:\n        signal.raise_signal(2)\n    except KeyboardInterrupt:\n"
        "        raise ImportError from None\n",
    )
    ended = run(program, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (130, "tracer: interrupted\n")


def test_an_interrupt_waits_until_the_workers_have_started() -> None:
    """Also where another thread hears it, as one of a library may: what has begun can be ended."""

    def press() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    def start() -> None:
        with WithoutInterrupts():
            thread = threading.Thread(target=press)
            thread.start()
            thread.join()
            started.append(True)

    started: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        start()
    assert started
