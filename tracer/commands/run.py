"""`tracer run`: train, and print the loss and the metrics."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tracer.commands.arguments import (
    RECORDING,
    RESULT_FORMAT,
    RUN_HELP,
    argument,
    scenario_arguments,
)
from tracer.commands.exit_codes import DONE
from tracer.commands.output import is_unicode, print_json, print_lines, translation
from tracer.commands.requested_run import run_of_options
from tracer.errors import TracerError
from tracer.lazy_modules import LazyModule
from tracer.narrative.program_notation import notation_for
from tracer.render.json import verdict_data
from tracer.render.plain import verdict_lines
from tracer.run.diagnosis import Diagnosis
from tracer.run.run_report import run_report
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.commands import saved_runs
else:
    saved_runs = LazyModule("tracer.commands.saved_runs")

EXAMPLES = """\
examples:
  tracer run xor
  tracer run linear_regression --learning-rate 0.05
  tracer run optimizers --variant adam
  tracer run my_network.toml --memory 4GiB
  tracer run four_layer_classifier --save trace.npz    Ctrl+C saves what is done
  tracer run --resume trace.npz                        continues it
  tracer run trace.npz                                 its result so far
"""


ARGUMENTS = (
    *scenario_arguments(text=RUN_HELP, nargs="?"),
    *RECORDING,
    argument(
        "--save",
        metavar="FILE",
        help="save the run to a .npz file, from time to time and at its end; Ctrl+C saves what is "
        "done",
        completion="file",
    ),
    argument(
        "--resume",
        metavar="FILE",
        help="continue a saved run, bit for bit as if it had never stopped; --iterations makes a "
        "finished one longer; it is saved to the same file, or to that of --save",
        completion="file",
    ),
    argument("--force", action="store_true", help="let --save overwrite an existing file"),
    RESULT_FORMAT,
)


def run(options: argparse.Namespace) -> int:
    """Print what the run came to."""
    if (options.scenario is None) == (options.resume is None):
        raise TracerError(
            say("tracer run takes a scenario, or a saved run to resume"),
            found=say("nothing") if options.scenario is None else say("both"),
            expected="tracer run one_weight, tracer run --resume trace.npz",
        )
    if options.save is None and options.resume is None:
        trace = run_of_options(options)
    else:
        run, signal = saved_runs.train_and_save(options)
        if signal:
            return 128 + signal  # as a shell says it
        trace = run.trace()
    result = run_report(trace)
    translate = translation(options)
    diagnosis = Diagnosis(trace)
    if options.format == "json":
        print_json({**result.as_dictionary(), "diagnosis": verdict_data(diagnosis, translate)})
        return DONE
    print_lines(result.lines(translate))
    if len(trace) > 1 or trace.fault is not None:
        notation = notation_for(trace.scenario, trace.program)
        print_lines(verdict_lines(diagnosis, notation, translate, unicode=is_unicode()))
    return DONE
