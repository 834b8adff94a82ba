"""`tracer run`: train, and print the loss and the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.commands.arguments import add_record, add_result_format, add_scenario
from tracer.commands.output import print_json, print_lines, translation
from tracer.commands.traced import traced

if TYPE_CHECKING:
    import argparse

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
    from tracer.run.run_report import run_report

    result = run_report(traced(options))
    if options.format == "json":
        print_json(result.as_dictionary())
    else:
        print_lines(result.lines(translation(options)))
    return 0
