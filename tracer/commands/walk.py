"""`tracer walk`: the steps as lines of plain text, one after the other, nothing redrawn."""

from __future__ import annotations

import argparse

from tracer.commands.arguments import (
    DERIVATION,
    RECORDING,
    RESULT_FORMAT,
    RUN_HELP,
    scenario_arguments,
)
from tracer.commands.derive import derivation_blocks, derivation_json
from tracer.commands.output import is_unicode, print_text, translation
from tracer.commands.requested_run import check_step, run_of_options
from tracer.narrative.program_notation import notation_of
from tracer.render.plain import plain

EXAMPLES = """\
examples:
  tracer walk one_weight
  tracer walk xor --show 1 | head -40
  tracer walk mlp_2_2_2 --focus 'W1[0, 1]' --show 1
  tracer walk one_weight --iterations 100000 --show 100000 --record none
"""


ARGUMENTS = (
    *scenario_arguments(text=RUN_HELP),
    *RECORDING,
    RESULT_FORMAT,
    *DERIVATION,
)


def run(options: argparse.Namespace) -> None:
    """Print the steps."""
    check_step(options, options.format)
    trace = run_of_options(options)
    if options.format == "json":
        print_text(derivation_json(trace, options))
    else:
        blocks, notation = derivation_blocks(trace, options), notation_of(trace)
        print_text(plain(blocks, notation, translation(options), unicode=is_unicode()))
