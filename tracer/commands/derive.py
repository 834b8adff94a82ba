"""`tracer derive`: a worked derivation in one of several formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.commands.arguments import (
    RUN_HELP,
    Parser,
    add_block_format,
    add_record,
    add_scenario,
    add_telling,
)
from tracer.commands.derivation_output import derivation_blocks, derivation_json
from tracer.commands.output import check_output, chosen_format, print_blocks, translation, write
from tracer.commands.requested_run import check_step, run_of_options
from tracer.narrative.program_notation import notation_of

if TYPE_CHECKING:
    import argparse

__all__ = ["EXAMPLES", "add_arguments", "run"]

EXAMPLES = """\
examples:
  tracer derive one_weight
  tracer derive xor --show 1-3,500 -o xor.md
  tracer derive mlp_2_2_2 --focus 'W1[0, 1]' --format latex
  tracer derive mlp_2_2_2 --step dloss/dW1 --iteration 2
  tracer derive one_weight --format json --iterations 20
  tracer derive my_network.toml --set w=1.5 --set training.iterations=10
  tracer derive my_network.toml --show 1,5000 --record checkpoints --memory 500MB
  tracer derive trace.npz --show 333
"""


def add_arguments(parser: Parser) -> None:
    """Add the command's arguments."""
    add_scenario(parser, text=RUN_HELP)
    add_record(parser)
    add_block_format(parser)
    add_telling(parser)


def run(options: argparse.Namespace) -> int:
    """Print or write the derivation."""
    kind = chosen_format(options)
    check_step(options, kind)
    trace = run_of_options(options)
    check_output(options, trace.scenario.path)
    if kind == "json":
        write(derivation_json(trace, options), options)
        return 0
    title = trace.scenario.heading.text_in(translation(options))
    print_blocks(derivation_blocks(trace, options), notation_of(trace), options, title=title)
    return 0
