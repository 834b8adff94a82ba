"""`tracer run`: train, and print the loss and the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.commands.arguments import add_record, add_result_format, add_scenario
from tracer.commands.output import is_unicode, print_json, print_lines, translation
from tracer.commands.traced import traced
from tracer.narrative.program_notation import notation_for
from tracer.render.verdict_text import verdict_data, verdict_lines
from tracer.run.diagnosis import diagnose
from tracer.run.run_report import run_report

if TYPE_CHECKING:
    import argparse

    from tracer.expression.look import Dialect

__all__ = ["EXAMPLES", "add_arguments", "run"]

EXAMPLES = """\
examples:
  tracer run xor
  tracer run linear_regression --learning-rate 0.05
  tracer run my_network.toml --variant adam
  tracer run my_network.toml --memory 4GiB
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_scenario(parser)
    add_record(parser)
    add_result_format(parser)


def run(options: argparse.Namespace) -> int:
    """Print what the run came to."""
    trace = traced(options)
    result = run_report(trace)
    translate = translation(options)
    diagnosis = diagnose(trace)
    if options.format == "json":
        print_json({**result.as_dictionary(), "diagnosis": verdict_data(diagnosis, translate)})
        return 0
    print_lines(result.lines(translate))
    if len(trace) > 1 or trace.fault is not None:
        notation = notation_for(trace.scenario.notation, trace.program)
        dialect: Dialect = "unicode" if is_unicode() else "ascii"
        print_lines(verdict_lines(diagnosis, notation, translate, dialect=dialect))
    return 0
