"""The command line: find the command, run it, return a code. Nothing is computed here.

Results go to standard output, talk to standard error. A command's module is loaded when it is
asked for.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tracer.commands.arguments import (
    COMMON,
    Parser,
    add_arguments,
    sentence_of,
    speak,
    unknown_command,
)
from tracer.commands.exit_codes import BAD_INPUT, DONE, FAULT, INTERRUPTED
from tracer.errors import TracerError, printable, printable_text, refusal_reason
from tracer.lazy_modules import LazyModule
from tracer.sentences import Translate, say
from tracer.version import __version__

if TYPE_CHECKING:
    from tracer.narrative import catalogue
else:
    catalogue = LazyModule("tracer.narrative.catalogue")

DEMO = ("tui",)  # `tracer` alone opens the interface on one_weight

DESCRIPTION = "See, check and debug backpropagation, number by number."
EXAMPLES = """\
examples:
  tracer                                  walk through the one-weight demo, in the terminal
  tracer tui mlp_2_2_2                    the same on another scenario
  tracer list                             the bundled scenarios
  tracer derive one_weight                a worked derivation
  tracer derive xor --show 1,500 -o xor.md
  tracer explain tanh                     value, derivative, proof and plot
  tracer check notes.md                   find the slips in a hand calculation
  tracer debug net.py --run               find a wrong gradient in code of your own
  tracer new my.toml                      a scenario of your own to start from
  tracer verify one_weight xor            verify the gradients independently
"""

# Each command's help, and its module.
COMMANDS: Mapping[str, tuple[str, LazyModule]] = {
    "tui": (
        "walk through a scenario in the terminal",
        LazyModule("tracer.commands.tui"),
    ),
    "list": (
        "list the bundled scenarios, or the operations",
        LazyModule("tracer.commands.list"),
    ),
    "show": (
        "show a scenario: its quantities, equations and graph",
        LazyModule("tracer.commands.show"),
    ),
    "derive": ("print a worked derivation", LazyModule("tracer.commands.derive")),
    "walk": (
        "walk through the steps in plain text, for pipes and screen readers",
        LazyModule("tracer.commands.walk"),
    ),
    "run": (
        "run a scenario and print its loss and metrics",
        LazyModule("tracer.commands.run"),
    ),
    "sweep": (
        "run a scenario with many values, and compare the runs",
        LazyModule("tracer.commands.sweep"),
    ),
    "compare": (
        "find the first mismatch between two runs, or a run and recorded values",
        LazyModule("tracer.commands.compare"),
    ),
    "analyse": (
        "analyse training: rates that converge, curvature, gradients, the loss as a landscape",
        LazyModule("tracer.commands.analyse"),
    ),
    "check": (
        "find the slips in hand calculations, worksheets and articles",
        LazyModule("tracer.commands.check"),
    ),
    "debug": (
        "find the first wrong gradient of your own backward pass",
        LazyModule("tracer.commands.debug"),
    ),
    "worksheet": (
        "write a worksheet with blanks, and its key",
        LazyModule("tracer.commands.worksheet"),
    ),
    "mark": (
        "mark the filled worksheets of a class",
        LazyModule("tracer.commands.mark"),
    ),
    "verify": (
        "verify the gradients with SymPy, complex steps and differences",
        LazyModule("tracer.commands.verify"),
    ),
    "explain": (
        "explain an operation, an optimizer, a rule or an idea",
        LazyModule("tracer.commands.explain"),
    ),
    "new": (
        "write a commented scenario to start from",
        LazyModule("tracer.commands.new"),
    ),
    "export": (
        "write a scenario as a program in NumPy, PyTorch or JAX",
        LazyModule("tracer.commands.export_program"),
    ),
    "keys": (
        "list the key bindings and how to change them",
        LazyModule("tracer.commands.keys"),
    ),
    "serve": (
        "open the interface in the browser, on this machine only",
        LazyModule("tracer.commands.serve"),
    ),
    "completion": (
        "print the script that lets a shell complete tracer's commands",
        LazyModule("tracer.commands.completion"),
    ),
}


OWN_OPTIONS = ("-h", "--help", "--version")  # options that need no command


def run_quickly(arguments: Sequence[str]) -> int:
    """Run one command in a process of its own, which ends with it."""
    interrupts: list[int] = []

    def interrupt(number: int, _: object) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    # In the background of a shell interrupts are ignored, and stay so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    return main(arguments, interrupts)


def main(arguments: Sequence[str], interrupts: Sequence[int] = ()) -> int:
    """Run one command and return its exit code.

    `interrupts` holds those that have come so far: a library that is being loaded may turn one
    into an error of its own, which is then no fault.
    """
    try:
        code = _run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except TracerError as error:
        _print_error(_error_line(error, arguments))
        return BAD_INPUT
    except KeyboardInterrupt:
        _print_error("tracer: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _close_output()  # whoever read our output has enough
        return DONE
    except Exception as fault:  # noqa: BLE001 - the one place where a fault of ours is told
        if interrupts:
            _print_error("tracer: interrupted")
            return INTERRUPTED
        if isinstance(fault, OSError) and fault.filename is None:  # no file: it is the output
            _close_output()
            problem = TracerError(say("the output cannot be written"), found=refusal_reason(fault))
            _print_error(_error_line(problem, arguments))
            return BAD_INPUT
        _print_error(_report(fault, arguments))
        return FAULT
    return code


def _report(fault: Exception, arguments: Sequence[str]) -> str:
    """Return what to report of a fault of ours: the command, the versions, where it happened."""
    import platform
    import traceback

    frames = traceback.extract_tb(fault.__traceback__)[-6:]
    python = f"Python {platform.python_version()}, {platform.platform()}"
    return "\n".join(
        printable(line)
        for line in (
            f"tracer: a fault in tracer, not in your input: {type(fault).__name__}: {fault}",
            "Please report it with this text, and with the file if you can share it.",
            f"  tracer {' '.join(arguments)}",
            f"  tracer {__version__}, {python}",
            *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames),
        )
    )


def _run(arguments: Sequence[str]) -> int:
    is_known = any(item in COMMANDS or item in OWN_OPTIONS for item in arguments)
    if not arguments or (arguments[0].startswith("-") and not is_known):
        arguments = (*DEMO, *arguments)  # nothing, or options of the interface: `tracer --lang zh`
    speak(_translation(arguments))
    name = _command_of(arguments)
    if name in COMMANDS:  # `tracer --lang zh check notes.md` is `tracer check --lang zh notes.md`
        place = list(arguments).index(name)
        arguments = (name, *arguments[:place], *arguments[place + 1 :])
    elif not name:  # nothing but options, such as `tracer --lang zh --help`
        arguments = [item for item in arguments if item in OWN_OPTIONS]
    if name and name not in COMMANDS:
        _print_error(f"tracer: {unknown_command(name, list(COMMANDS))} (tracer --help)")
        return BAD_INPUT
    try:
        options, unknown = parser_of([name] if name else []).parse_known_args(arguments)
        if unknown:
            options.own.unknown(unknown[0])
    except SystemExit as leaving:  # argparse has printed what it had to say
        return leaving.code if isinstance(leaving.code, int) else BAD_INPUT
    try:
        code: int = options.command(options) or DONE  # most have nothing to tell by their code
    except TracerError as error:
        raise error.with_advice(options.own.option_names) from None
    return code


def _command_of(arguments: Sequence[str]) -> str:
    """Return the first argument that is no option, nor the language; '' where all are."""
    before = ""
    for item in arguments:
        if not item.startswith("-") and before != "--lang":
            return item
        before = item
    return ""


def _error_line(error: TracerError, arguments: Sequence[str]) -> str:
    """Return an error in the language that the arguments ask for, else in that of the locale."""
    return f"tracer: {error.message_in(_translation(arguments))}"


def _translation(arguments: Sequence[str]) -> Translate:
    """Return what translates into the language that the arguments ask for, else the locale's.

    They may be what is wrong, so they are read as they stand.
    """
    asked = [text for option, text in pairwise(arguments) if option == "--lang"]
    asked += [item.removeprefix("--lang=") for item in arguments if item.startswith("--lang=")]
    try:
        language = catalogue.chosen_language(asked[-1] if asked else None)
    except TracerError:  # a language that is not there
        language = catalogue.preferred_language()
    return catalogue.catalogue(language)


def parser_of(wanted: Collection[str]) -> Parser:
    """Return the parser with some commands; with none, the one that lists them all in its help.

    Only the modules of the commands that are wanted are loaded.
    """
    parser = Parser(
        prog="tracer",
        description=DESCRIPTION,
        epilog=EXAMPLES,
    )
    parser.add_argument("--version", action="version", version=f"tracer {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (text, module) in COMMANDS.items():
        if not wanted:
            commands.add_parser(name, help=text, add_help=False)
        if name not in wanted:
            continue
        command = commands.add_parser(
            name,
            help=text,
            description=sentence_of(text),
            epilog=module.EXAMPLES,
        )
        add_arguments(command, module.ARGUMENTS)
        add_arguments(command.add_argument_group("options of every command"), COMMON)
        command.set_defaults(command=module.run, own=command, parser=lambda: parser_of(COMMANDS))
    return parser


def _print_error(text: str) -> None:
    """Say something on standard error, if there is one."""
    if sys.stderr is not None:
        print(printable_text(text), file=sys.stderr)


def _close_output() -> None:
    """Send what is left of the output nowhere, so that Python has nothing to complain of."""
    if sys.stdout is not None:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
