"""`tracer walk`: the steps as lines of plain text, one after the other, nothing redrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.commands.arguments import add_record, add_scenario, add_telling
from tracer.commands.output import is_unicode, print_text, translation
from tracer.commands.traced import check_step, digits_of, iterations_of, traced

if TYPE_CHECKING:
    import argparse

__all__ = ["EXAMPLES", "add_arguments", "run"]

EXAMPLES = """\
examples:
  tracer walk one_weight
  tracer walk xor --show 1 | head -40
  tracer walk mlp_2_2_2 --focus 'W1[0, 1]' --show 1
  tracer walk one_weight --iterations 100000 --show 100000 --record none
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_scenario(parser)
    add_record(parser)
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="text (default) or json"
    )
    add_telling(parser)


def run(options: argparse.Namespace) -> int:
    """Print the steps."""
    check_step(options, options.format)
    trace = traced(options)
    show = iterations_of(options, len(trace))
    if options.format == "json":
        from tracer.render.json import trace_json

        pieces = trace_json(
            trace,
            show=show,
            digits=digits_of(options, trace),
            translate=translation(options),
            detail=options.detail,
            focus=options.focus,
            exact=options.exact,
        )
    else:
        from tracer.narrative.derivation import Options, StepSource, derivation, notation_of
        from tracer.render.plain import plain

        telling = Options(
            digits_of(options, trace),
            show,
            options.detail,
            options.focus,
            options.exact,
            options.chain,
            options.notation,
            options.numbers,
        )
        blocks = derivation(trace, telling)
        if options.step is not None:
            blocks = StepSource(trace, telling).one_step(options.iteration or 1, options.step)
        pieces = plain(blocks, notation_of(trace), translation(options), unicode=is_unicode())
    print_text(pieces)
    return 0
