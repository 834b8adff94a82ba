"""The command line: read arguments, call, print, return a code. Nothing is computed here.

Exit codes: 0 done, 1 a check failed, 2 bad input, 130 interrupted. Results go to standard
output, talk to standard error. Every command imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tracer.errors import TracerError, printable
from tracer.version import __version__

if TYPE_CHECKING:
    from tracer.program.scenario import Scenario
    from tracer.run.trace import Trace

__all__ = ["entry", "main"]

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

EXAMPLES = """\
examples:
  tracer                                  walk through the one-weight demo
  tracer list                             what there is to trace
  tracer derive one_weight                a worked derivation as Markdown
  tracer derive xor --show 1,500 -o xor.md
  tracer run linear_regression --set learning_rate=0.02
  tracer verify one_weight xor            prove the gradients by independent means
"""

SCENARIO_HELP = "a bundled scenario (tracer list) or the path of a .toml file"


def entry() -> NoReturn:
    """Run the command line and leave with its code."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:  # argparse has printed what it had to say
        return leaving.code if isinstance(leaving.code, int) else BAD_INPUT
    try:
        code: int = options.command(options)
        sys.stdout.flush()
    except TracerError as error:
        print(f"tracer: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("tracer: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; keep Python from complaining at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tracer",
        description="Take a small neural network apart, one step at a time.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"tracer {__version__}")
    parser.set_defaults(command=_default)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    listing = _command(
        commands,
        "list",
        _list,
        "list the bundled scenarios",
        "examples:\n  tracer list\n  tracer list --operations",
    )
    listing.add_argument("--operations", action="store_true", help="list the operations instead")
    listing.add_argument("--format", choices=("text", "json"), default="text")

    derive = _command(
        commands,
        "derive",
        _derive,
        "print a worked derivation",
        "examples:\n  tracer derive one_weight\n  tracer derive xor --show 1-3,500 -o xor.md\n"
        "  tracer derive one_weight --format json --iterations 20\n"
        "  tracer derive my_network.toml --set w=1.5 --set training.iterations=10",
    )
    _scenario_arguments(derive)
    derive.add_argument("-o", "--output", metavar="FILE", help="write to a file instead")
    derive.add_argument("--format", choices=("markdown", "json"), default="markdown")
    derive.add_argument(
        "--show",
        metavar="LIST",
        help="the iterations to show, as 1-3,640 (default: all up to ten, of more the first two "
        "and the last; JSON: all)",
    )
    derive.add_argument(
        "--digits",
        type=_digits,
        default=6,
        metavar="N",
        help="significant digits of results, 2 to 15 (default 6)",
    )

    derive.add_argument(
        "--detail",
        choices=("summary", "equation", "operation", "element"),
        default="equation",
        help="a summary, a line for each equation (default), a line for each operation, or one "
        "entry written out as scalars",
    )
    derive.add_argument(
        "--focus", metavar="ENTRY", help="the entry to write out, from 0, as 'W1[2, 1]'"
    )
    derive.add_argument(
        "--exact", action="store_true", help="fractions, where the program is rational"
    )
    derive.add_argument(
        "--chain",
        action="store_true",
        help="each gradient also in one line through to the data",
    )

    run = _command(
        commands,
        "run",
        _run,
        "run a scenario and print its loss and metrics",
        "examples:\n  tracer run xor\n  tracer run linear_regression --learning-rate 0.05\n"
        "  tracer run my_network.toml --variant adam",
    )
    _scenario_arguments(run)
    run.add_argument("--format", choices=("text", "json"), default="text")

    walk = _command(
        commands,
        "walk",
        _walk,
        "walk through the steps in plain text, for pipes and screen readers",
        "examples:\n  tracer walk one_weight\n  tracer walk xor --show 1 | head -40",
    )
    _scenario_arguments(walk)
    walk.add_argument("--show", metavar="LIST", help="the iterations to show, as 1-3,640")
    walk.add_argument(
        "--digits", type=_digits, default=6, metavar="N", help="significant digits (default 6)"
    )

    verify = _command(
        commands,
        "verify",
        _verify,
        "prove the gradients by SymPy, complex step and differences",
        "examples:\n  tracer verify one_weight\n  tracer verify xor mlp_2_2_2 --iteration 3\n"
        "  tracer verify --all",
    )
    verify.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=SCENARIO_HELP)
    verify.add_argument("--all", action="store_true", help="all bundled scenarios")
    verify.add_argument(
        "--iteration", type=int, default=1, metavar="K", help="the iteration to judge (default 1)"
    )
    _override_arguments(verify)
    verify.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    function: Callable[[argparse.Namespace], int],
    text: str,
    examples: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=function)
    return parser


def _scenario_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO_HELP)
    _override_arguments(parser)
    parser.add_argument("--learning-rate", metavar="X", help="short for --set learning_rate=X")
    parser.add_argument("--iterations", metavar="N", help="short for --set iterations=N")
    parser.add_argument("--variant", metavar="NAME", help="a variant that the scenario names")


def _override_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="another value for a parameter, constant, datum or key of [training]; may be given "
        "more than once",
    )


def _digits(text: str) -> int:
    value = int(text) if text.isdigit() else 0
    if not 2 <= value <= 15:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of digits from 2 to 15")
    return value


# The commands -----------------------------------------------------------------------------------


def _default(options: argparse.Namespace) -> int:
    """Walk through the one-weight demo."""
    options = argparse.Namespace(
        scenario="one_weight",
        settings=[],
        learning_rate=None,
        iterations=None,
        variant=None,
        show=None,
        digits=6,
    )
    return _walk(options)


def _list(options: argparse.Namespace) -> int:
    if options.operations:
        return _list_operations(options)
    from tracer.program.scenario import bundled, load

    scenarios = [load(name) for name in bundled()]
    if options.format == "json":
        _print_json([{"name": item.name, "title": item.title} for item in scenarios])
        return OK
    width = max(len(item.name) for item in scenarios)
    for item in scenarios:
        print(f"{item.name.ljust(width)}  {printable(item.title)}")
    return OK


def _list_operations(options: argparse.Namespace) -> int:
    from tracer.operations import table, usage

    rows = [row for row in table().values() if not row.inner]
    if options.format == "json":
        _print_json(
            [
                {
                    "name": row.name,
                    "usage": usage(row),
                    "words": row.words,
                    "convention": row.convention,
                }
                for row in rows
            ]
        )
        return OK
    width = max(len(usage(row)) for row in rows)
    for row in rows:
        print(f"{usage(row).ljust(width)}  {row.words}")
    return OK


def _derive(options: argparse.Namespace) -> int:
    trace = _traced(options)
    show = _shown(options.show, len(trace))
    if options.format == "json":
        from tracer.render.json import trace_json

        _write(trace_json(trace, show=show, digits=options.digits), options.output)
        return OK
    from tracer.narrative.derivation import Options, derivation, notation_of
    from tracer.render.markdown import markdown

    blocks = derivation(
        trace,
        Options(
            options.digits, show, options.detail, options.focus, options.exact, options.chain
        ),
    )
    _write(markdown(blocks, notation_of(trace)), options.output)
    return OK


def _walk(options: argparse.Namespace) -> int:
    trace = _traced(options)
    from tracer.narrative.derivation import Options, derivation, notation_of
    from tracer.render.plain import plain

    show = _shown(options.show, len(trace))
    blocks = derivation(trace, Options(options.digits, show))
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower()
    unicode = encoding.replace("-", "") == "utf8"
    for text in plain(blocks, notation_of(trace), unicode=unicode):
        print(text if unicode else text.encode("ascii", "replace").decode(), end="")
    return OK


def _run(options: argparse.Namespace) -> int:
    from tracer.run.report import report

    trace = _traced(options)
    result = report(trace)
    if options.format == "json":
        _print_json(result.as_dictionary())
    else:
        for line in result.lines():
            print(printable(line))
    return OK


def _verify(options: argparse.Namespace) -> int:
    from tracer.program.scenario import bundled, load

    names = [*options.scenarios, *(bundled() if options.all else ())]
    if not names:
        raise TracerError("nothing to verify", expected="a scenario, or --all")
    from tracer.witness.report import verify_scenario

    failed = False
    results = []
    for name in names:
        verdict = verify_scenario(load(name, settings=options.settings), options.iteration)
        failed |= not verdict.passed
        if options.format == "json":
            results.append(verdict.as_dictionary())
        else:
            for line in verdict.lines():
                print(printable(line))
    if options.format == "json":
        _print_json(results)
    return FAILED if failed else OK


# What the commands share --------------------------------------------------------------------------


def _scenario(options: argparse.Namespace) -> Scenario:
    from tracer.program.scenario import load

    settings = list(options.settings)
    if options.learning_rate is not None:
        settings.append(f"learning_rate={options.learning_rate}")
    if options.iterations is not None:
        settings.append(f"iterations={options.iterations}")
    scenario = load(options.scenario, settings=settings)
    return scenario.variant(options.variant) if options.variant else scenario


def _traced(options: argparse.Namespace) -> Trace:
    from tracer.run.runner import run_scenario

    scenario = _scenario(options)
    progress = _Progress()
    try:
        return run_scenario(scenario, progress=progress)
    finally:
        progress.close()


class _Progress:
    """One line on standard error, where that is a terminal and the work takes over a second."""

    def __init__(self) -> None:
        self.begin = time.monotonic()
        self.shown = False
        self.wanted = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, done: int, count: int) -> None:
        if self.wanted and time.monotonic() - self.begin > 1:
            print(f"\r{done:,} of {count:,} iterations", end="", file=sys.stderr, flush=True)
            self.shown = True

    def close(self) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _shown(text: str | None, count: int) -> tuple[int, ...] | None:
    """Read a list of iterations such as 1-3,640."""
    if text is None:
        return None
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or len(part) > 20:
            raise TracerError(
                "--show takes iterations", found=part, expected="numbers and ranges, as 1-3,640"
            )
        low, high = int(first), int(last) if dash else int(first)
        if not 1 <= low <= high <= count:
            raise TracerError(
                "--show names an iteration that is not there",
                found=part.strip(),
                expected=f"iterations from 1 to {count}",
            )
        numbers.extend(range(low, high + 1))
    return tuple(numbers)


def _write(pieces: Iterable[str], output: str | None) -> None:
    """Write to standard output, or to a file that appears only when it is whole."""
    if output is None:
        for piece in pieces:
            sys.stdout.write(piece)
        return
    target = Path(output)
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=".tracer-", delete=False
        ) as file:
            temporary = Path(file.name)
            try:
                for piece in pieces:
                    file.write(piece)
            except BaseException:
                temporary.unlink()
                raise
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise TracerError(
            f"{output} cannot be written", found=error.strerror or str(error)
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _print_json(value: object) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False, indent=2))
