"""`tracer analyse`: why a training converges or not, before and beside its record."""

from __future__ import annotations

import argparse

from tracer.commands.arguments import MEMORY, argument, block_format_arguments, scenario_arguments
from tracer.commands.output import (
    chosen_format,
    json_pieces,
    print_blocks,
    translation,
    write_pieces,
)
from tracer.commands.requested_run import run_of_options
from tracer.narrative.analysis_blocks import analysis_blocks
from tracer.narrative.entries import read_focus
from tracer.narrative.program_notation import notation_of
from tracer.render.json import verdict_data
from tracer.render.landscape_svg import landscape_svg
from tracer.run.analysis import Analysis
from tracer.run.landscape import landscape

PICTURES = {".svg": "svg"}

EXAMPLES = """\
examples:
  tracer analyse one_weight                    fixed point, factor, rates that converge
  tracer analyse linear_regression --learning-rate 0.05
  tracer analyse rnn_language_model            curvature, gradients over time
  tracer analyse optimizers --over u --over v -o map.svg
  tracer analyse mlp_2_2_2 --over 'W1[0, 1]' --iteration 3 --format json
"""


ARGUMENTS = (
    *scenario_arguments(),
    argument(
        "--over",
        action="append",
        default=[],
        metavar="ENTRY",
        help="a trained number over which the loss is shown, such as w or 'W1[0, 1]' (indices "
        "count from 0); may be given twice (default: all, where one or two are trained, "
        "else the one with the largest gradient)",
    ),
    argument(
        "--iteration",
        type=int,
        default=1,
        metavar="K",
        help="the iteration whose parameters are analysed (default 1)",
    ),
    MEMORY,
    *block_format_arguments(note=", and .svg is the landscape alone"),
)


def run(options: argparse.Namespace) -> None:
    """Print or write the analysis, or draw the landscape."""
    kind = chosen_format(options, PICTURES)
    trace = run_of_options(options)
    entries = [read_focus(text, trace.iteration(options.iteration)) for text in options.over]
    over = [(entry.name, entry.index) for entry in entries]
    translate = translation(options)
    if kind == "svg":
        loss_landscape = landscape(trace, over, number=options.iteration)
        write_pieces([landscape_svg(loss_landscape, notation_of(trace), translate)], options)
    else:
        analysis = Analysis(trace, options.iteration, over)
        print_blocks(
            analysis_blocks(analysis),
            notation_of(trace),
            options,
            title=trace.scenario.heading,
            data=lambda: json_pieces(
                {
                    **analysis.as_dictionary(),
                    "diagnosis": verdict_data(analysis.diagnosis, translate),
                }
            ),
        )
