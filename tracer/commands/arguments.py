"""The arguments that commands share, and a parser whose messages are one line with a hint."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from tracer.commands.exit_codes import BAD_INPUT
from tracer.errors import TracerError, nearest, printable
from tracer.frozen import Frozen
from tracer.lazy_modules import LazyModule
from tracer.option_limits import DETAILS, FORMATS, LEAST_DIGITS, MOST_DIGITS, NOTATIONS
from tracer.sentences import Sentence, Text, Translate, plain_text, say
from tracer.text_width import width as columns_of

if TYPE_CHECKING:
    from tracer import bundled
else:
    bundled = LazyModule("tracer.bundled")

SCENARIO_HELP = "a bundled scenario (tracer list) or the path of a .toml file"
RUN_HELP = "a bundled scenario (tracer list), a .toml file, or a .npz file of tracer run --save"
RECORDS = ("all", "gradients", "parameters", "checkpoints", "none")
UNITS = {
    "": 1,
    "b": 1,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
}
MOST_NUMBERS = 64

# To look for a catalogue of its own words would load `locale`; they are in ours.
argparse._ = str  # type: ignore[attr-defined]

# The usual ending of each format; what a terminal shows is seldom wanted in a file.
_ENDINGS = ", ".join(endings[0] for name, endings in FORMATS.items() if name != "terminal")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal, without argparse's own way to ask, which loads `shutil`."""

    def __init__(self, prog: str, **keywords: Any) -> None:
        keywords.setdefault("width", _terminal_columns() - 2)
        super().__init__(prog, **keywords)

    def add_text(self, text: str | None) -> None:
        """Add a description, or what stands at the end, in the language of the help."""
        super().add_text(
            text and "\n\n".join(map(_translated_paragraph, text.strip("\n").split("\n\n")))
        )

    def start_section(self, heading: str | None) -> None:
        """Begin a group of arguments, whose heading is in the language of the help."""
        super().start_section(heading and _translated(heading))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help and _translated(action.help)

    def _split_lines(self, text: str, width: int) -> list[str]:
        """Break a text at blanks, and between characters that are written without any."""
        if text.isascii():
            return super()._split_lines(text, width)
        lines = [""]
        for piece in re.findall(r"\s*(?:[!-~]+|[^\s!-~])[，。；：、）》”]*", text):
            if columns_of(lines[-1] + piece) > width:
                lines.append("")
            lines[-1] += piece if lines[-1] else piece.lstrip()
        return [line.rstrip() for line in lines]


def speak(translate: Translate) -> None:
    """Let parsers print their help, and what they refuse, in a language.

    A text that is left out, as the description of a group, stays so.
    """
    argparse._ = lambda text: text and translate(text)  # type: ignore[attr-defined]


def _translated(text: str) -> str:
    return str(argparse._(text))  # type: ignore[attr-defined]


def sentence_of(words: str) -> str:
    """Return what a command does as a sentence, in the language of the help."""
    translated = _translated(words)
    return f"{translated[0].upper()}{translated[1:]}{_translated('.')}"


def _translated_paragraph(text: str) -> str:
    """Return a paragraph of a help; of examples the heading, and what is said beside a command."""
    heading, *lines = text.split("\n")
    if heading != "examples:":
        return _translated(text)
    parts = (re.split(r"(\S  +)", line, maxsplit=1) for line in lines)
    shown = (
        "".join((*before, _translated(words))) if before else words for *before, words in parts
    )
    return "\n".join((_translated(heading), *shown))


def refused(problem: Text) -> argparse.ArgumentTypeError:
    """Return what a type of an argument raises for a text that it does not take."""
    return argparse.ArgumentTypeError(_said(problem))


def _said(text: Text) -> str:
    return plain_text(text, _translated)


def asked_columns() -> int:
    """Return the width that COLUMNS asks for; 0 where it asks for none."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() else 0


def _terminal_columns() -> int:
    try:
        return asked_columns() or os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # no standard output, or no terminal
        return 80


class Parser(argparse.ArgumentParser):
    """A parser whose messages are one line, and that names what is near an unknown option."""

    def __init__(self, **keywords: Any) -> None:
        keywords.setdefault("allow_abbrev", False)
        keywords.setdefault("formatter_class", _Help)
        super().__init__(**keywords)

    @property
    def option_names(self) -> Collection[str]:
        """The options that the command has: `--memory`, `-o`."""
        return self._option_string_actions

    def unknown(self, argument: str) -> NoReturn:
        """Say that an argument is not known, and what is near it."""
        option = argument.partition("=")[0]
        if not option.startswith("-"):
            self.error(_said(say("one argument too many; found {text}", text=argument)))
        near = _said(nearest(option, self._option_string_actions))
        problem = _said(say("there is no option {option}", option=option))
        self.error(_said(say("{problem}; {near}", problem=problem, near=near)) if near else problem)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help as any output, whose faults `cli.main` tells; argparse passes over them."""
        if file is not None and file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)

    def error(self, message: str) -> NoReturn:
        """Print one line with the way to the help, and leave with 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {printable(message)} ({self.prog} --help)\n")


# What arguments are made of -----------------------------------------------------------------------


class Argument(Frozen):
    """An argument of a command: its names, what argparse is told of it, and its completion.

    `completion` is what shells complete it as: a file, scenario, setting or name; '' for nothing.
    """

    names: tuple[str, ...]
    keywords: Mapping[str, Any]
    completion: str = ""


def argument(*names: str, completion: str = "", **keywords: Any) -> Argument:
    """Return an argument; what names a file is not empty."""
    if completion == "file":
        keywords.setdefault("type", _file_name)
    return Argument(names, keywords, completion)


def _file_name(text: str) -> str:
    """Return the name of a file or a folder, which is not empty. Raises ArgumentTypeError."""
    if not text:
        raise refused(say("an empty text is no file name"))
    return text


def _cluster_address(text: str) -> str:
    if text != "local" and not re.fullmatch(r"[a-z]+://\S+", text):
        raise refused(
            say(
                "expected local, or an address such as tcp://host:8786; found {text}",
                text=repr(text),
            )
        )
    return text


def read_share(option: str, text: str) -> float:
    """Read a number from 0 to 1, which an option has. Raises TracerError."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise TracerError(
            say("this is not a share"),
            where=option,
            found=text,
            expected=say("a number from 0 to 1"),
        )
    return value


def whole_number(low: int, high: int, problem: Sentence) -> Callable[[str], int]:
    """Return what reads a whole number between two limits; `problem` is said of another {text}."""

    def read(text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) < 20
        if not (is_number and low <= int(text) <= high):
            raise refused(say(problem.template, low=low, high=high, text=repr(text)))
        return int(text)

    return read


def _numbers_option(text: str) -> float:
    number = whole_number(0, 999_999_999, say("{text} is no number of entries, and not all"))
    return math.inf if text == "all" else number(text)


def _bytes_option(text: str) -> int:
    """Read a number of bytes with or without a unit. Raises ArgumentTypeError."""
    match = re.fullmatch(
        rf"(?=\.?\d)([\d]{{,20}}\.?\d*)\s*({'|'.join(UNITS)})", text.strip().lower(), re.ASCII
    )
    size = int(float(match[1]) * UNITS[match[2]]) if match else 0
    if size < 1:
        raise refused(
            say(
                "{text} is no size: a number of bytes, or one with KiB, MiB, GiB, KB, MB or GB",
                text=repr(text),
            )
        )
    return size


def add_arguments(container: argparse._ActionsContainer, arguments: Iterable[Argument]) -> None:
    """Add arguments to a parser or a group of it."""
    for item in arguments:
        action = container.add_argument(*item.names, **item.keywords)
        action.completion = item.completion  # type: ignore[attr-defined] # `tracer completion` reads it


# What commands share ------------------------------------------------------------------------------

COMMON = (
    argument(
        "--lang", metavar="LANGUAGE", help="the language of the output, en or zh (default: locale)"
    ),
    argument(
        "-q",
        "--quiet",
        action="store_true",
        help="print no progress and no remarks on standard error",
    ),
    argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colours (default auto: on a terminal, unless NO_COLOR is set)",
    ),
)
"""What every command takes: the language, how much is said, and the colours."""

SETTING_SHORTCUTS = (
    argument("--learning-rate", metavar="X", help="short for --set learning_rate=X"),
    argument("--iterations", metavar="N", help="short for --set iterations=N"),
    argument("--variant", metavar="NAME", help="a variant of the scenario, by its name"),
)
"""What is short for --set, and --variant."""

MEMORY = argument(
    "--memory",
    type=_bytes_option,
    metavar="SIZE",
    help="the memory that a run may use, such as 500MB or 2GiB (default 1GiB); where the "
    "record does not fit, only checkpoints are kept",
)
"""The memory that a run may take; None where it is the default."""

RECORDING = (
    argument(
        "--record",
        choices=RECORDS,
        help="what to record of the run (default all); the rest is recomputed, bit for bit, when "
        "it is shown",
    ),
    MEMORY,
)
"""What is kept of a run, and the memory that it may take."""

RESULT_FORMAT = argument(
    "--format", choices=("text", "json"), default="text", help="text (default) or json"
)
"""The format of commands that print a few lines."""

NOTATION = argument(
    "--notation",
    choices=NOTATIONS,
    default="textbook",
    help="formulas as in a textbook (default), or by the operations that the equations call",
)


def set_argument(
    text: str = "another value for a parameter, constant, datum or key of [training]",
    *,
    option: str = "--set",
    name: str = "settings",
    metavar: str = "KEY=VALUE",
) -> Argument:
    """Return --set, or an option like it."""
    return argument(
        option,
        action="append",
        default=[],
        metavar=metavar,
        dest=name,
        help=f"{text}; may be given more than once",
        completion="setting",
    )


def scenario_arguments(
    text: str = SCENARIO_HELP, *, nargs: str | None = None, default: str | None = None
) -> tuple[Argument, ...]:
    """Return the scenario and the ways to change it."""
    scenario = argument(
        "scenario",
        metavar="SCENARIO",
        nargs=nargs,
        default=default,
        help=text,
        completion="scenario",
    )
    return (scenario, set_argument(), *SETTING_SHORTCUTS)


def result_line_arguments(what: str) -> tuple[Argument, ...]:
    """Return where the results of many tasks go as lines of JSON, and the cluster that works."""
    return (
        argument(
            "--jsonl",
            metavar="FILE",
            help=f"write {what}; results that FILE already holds for the same content and options "
            "are kept and not computed again, and its other lines are removed",
            completion="file",
        ),
        argument(
            "--cluster",
            type=_cluster_address,
            metavar="ADDRESS",
            help="work on a Dask cluster: tcp://host:8786, or local for one on this machine",
        ),
    )


def tolerance_argument(text: str) -> Argument:
    """Return how far two values may be from each other; None where it is the default."""
    return argument("--tolerance", type=partial(read_share, "--tolerance"), metavar="X", help=text)


def block_format_arguments(*, formats: Sequence[str] = (), note: str = "") -> tuple[Argument, ...]:
    """Return -o and --format of commands that print headings, formulas and tables.

    `formats` are those that a command has besides, and `note` says more of them.
    """
    return (
        argument(
            "-o",
            "--output",
            metavar="FILE",
            help=f"write to a file instead; its extension chooses the format ({_ENDINGS}){note}",
            completion="file",
        ),
        argument(
            "--format",
            choices=(*FORMATS, *formats),
            help="default: terminal on a terminal, else markdown",
        ),
    )


def digits_argument(*, default: int | None = 6, words: str = "6") -> Argument:
    """Return --digits; `words` are what the help calls the default."""
    limits = f"{LEAST_DIGITS} to {MOST_DIGITS}"
    return argument(
        "--digits",
        type=whole_number(
            LEAST_DIGITS, MOST_DIGITS, say("{text} is not a number of digits from {low} to {high}")
        ),
        default=default,
        metavar="N",
        help=f"significant digits of results, {limits} (default {words})",
    )


DERIVATION = (
    argument(
        "--show",
        metavar="LIST",
        help="the iterations to show, such as 1-3,640 (default: the first that changes a "
        "parameter, and the last of a run that ends in a value that is not finite; JSON: all)",
    ),
    digits_argument(default=None, words="6; 4 for a run in float32"),
    argument(
        "--detail",
        choices=DETAILS,
        default="equation",
        help="a summary, a line for each equation (default), a line for each operation, or one "
        "entry written out as scalars",
    ),
    argument(
        "--step",
        metavar="NAME",
        help="print one step alone, such as dloss/dw, without a heading; an update has the name of "
        "the parameter that it updates",
    ),
    argument(
        "--iteration",
        type=whole_number(1, 999_999_999, say("{text} is no iteration: they count from 1")),
        metavar="K",
        help="the iteration of --step (default 1)",
    ),
    NOTATION,
    argument(
        "--numbers",
        type=_numbers_option,
        default=MOST_NUMBERS,
        metavar="N",
        help=f"print the numbers of arrays of up to N entries (default {MOST_NUMBERS}), or of all",
    ),
    argument(
        "--focus",
        metavar="ENTRY",
        help="follow one entry, such as 'W1[2, 1]' (indices count from 0), along every path from "
        "the loss to it",
    ),
    argument(
        "--exact",
        action="store_true",
        help="print exact fractions, if the program has only + - * / and whole powers",
    ),
    argument(
        "--chain",
        action="store_true",
        help="also print each gradient in one line, down to the data",
    ),
)
"""The options of a derivation: iterations, digits, detail, focus."""


def unknown_command(name: str, commands: Sequence[str]) -> str:
    """Return the message for a command that is not there, and what may have been meant."""
    word = printable(name)
    command = _command_for(name)
    near: Text = (
        say("did you mean {names}?", names=f"tracer {command} {word}")
        if command
        else nearest(name, commands)
    )
    problem = say("there is no command {name}", name=word)
    return _said(say("{problem}; {near}", problem=problem, near=_said(near)) if near else problem)


def _command_for(name: str) -> str:
    """Return the command that a scenario, or a file, was probably meant for; '' for none."""
    is_file = os.path.isfile  # takes names of any length; Path.is_file does not
    if name.isidentifier() and is_file(bundled.scenarios_folder() / f"{name}.toml"):
        return "tui"
    if name.isprintable() and is_file(name):
        return "tui" if name.endswith(".toml") else "check"
    return ""
