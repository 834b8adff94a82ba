"""`tracer derive`: a worked derivation in one of several formats."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracer.commands.arguments import (
    DERIVATION,
    RECORDING,
    RUN_HELP,
    block_format_arguments,
    scenario_arguments,
)
from tracer.commands.output import chosen_format, print_blocks, translation
from tracer.commands.requested_run import check_step, digits_of, iterations_of, run_of_options
from tracer.lazy_modules import LazyModule
from tracer.narrative.blocks import Block
from tracer.narrative.derivation import derivation, step_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator
from tracer.run.trace import Trace

if TYPE_CHECKING:
    from tracer.render import json
else:
    json = LazyModule("tracer.render.json")

EXAMPLES = """\
examples:
  tracer derive one_weight
  tracer derive xor --show 1-3,500 -o xor.md
  tracer derive mlp_2_2_2 --focus 'W1[0, 1]' --format latex
  tracer derive mlp_2_2_2 --step dloss/dW1 --iteration 2
  tracer derive one_weight --format json --iterations 20
  tracer derive one_weight --set w=1.5 --set training.iterations=10
  tracer derive four_layer_classifier --show 1,640 --record checkpoints --memory 500MB
  tracer derive trace.npz --show 333
"""


ARGUMENTS = (
    *scenario_arguments(text=RUN_HELP),
    *RECORDING,
    *block_format_arguments(),
    *DERIVATION,
)


def run(options: argparse.Namespace) -> None:
    """Print or write the derivation."""
    check_step(options, chosen_format(options))
    trace = run_of_options(options)
    print_blocks(
        derivation_blocks(trace, options),
        notation_of(trace, operations=options.detail == "operation"),
        options,
        title=trace.scenario.heading,
        data=lambda: derivation_json(trace, options),
    )


def derivation_blocks(trace: Trace, options: argparse.Namespace) -> Iterator[Block]:
    """Return the derivation that is asked for, or its one step."""
    telling = Options(
        digits_of(options, trace),
        iterations_of(options, len(trace)),
        options.detail,
        options.focus,
        options.exact,
        options.chain,
        options.notation,
        options.numbers,
    )
    if options.step is None:
        return derivation(trace, telling)
    narrator = Narrator(trace, telling)
    steps = [step_blocks(narrator, number, options.step) for number in telling.show or (1,)]
    return (block for blocks in steps for block in blocks)


def derivation_json(trace: Trace, options: argparse.Namespace) -> Iterator[str]:
    """Return the derivation that is asked for as JSON."""
    return json.trace_json(
        trace,
        show=iterations_of(options, len(trace)),
        digits=digits_of(options, trace),
        translate=translation(options),
        detail=options.detail,
        focus=options.focus,
        exact=options.exact,
    )
