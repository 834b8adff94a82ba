"""`tracer sweep`: many runs that differ in some values, as a table, a plot or data."""

from __future__ import annotations

import argparse
import csv
import io
import os
from functools import partial
from itertools import chain

from tracer.commands.arguments import (
    MEMORY,
    SCENARIO_HELP,
    SETTING_SHORTCUTS,
    argument,
    block_format_arguments,
    result_line_arguments,
    set_argument,
    whole_number,
)
from tracer.commands.output import (
    chosen_format,
    json_pieces,
    print_blocks,
    translation,
    write_pieces,
)
from tracer.commands.parallel import run_tasks
from tracer.commands.progress import Progress
from tracer.commands.requested_run import all_settings, budget_of, scenario_of
from tracer.commands.result_lines import ResultLines, scenario_parts
from tracer.errors import refuse
from tracer.expression import Notation
from tracer.narrative.program_notation import notation_for
from tracer.narrative.sweep_blocks import plot_axis, sweep_blocks, sweep_plot
from tracer.narrative.textbook_blocks import in_textbook, textbook_for
from tracer.program.sweep_axes import SweepPoint, read_axis, seed_axis
from tracer.render.svg import svg
from tracer.render.sweep_data import RunData, all_run_data, sweep_data, sweep_parquet, sweep_rows
from tracer.run.runner import first_program
from tracer.run.sweep_runs import LOST, RunFigures, Sweep, SweepRun, run_sweep
from tracer.sentences import say

# What a sweep can be written as besides the formats of a text, by the endings of its files.
DATA = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet", ".svg": "svg"}
MOST_SEEDS = 10_000
FEW = 2  # large runs, from which on several processes work on them

EXAMPLES = """\
examples:
  tracer sweep one_weight --set learning_rate=0.05:1.2:24
  tracer sweep xor --set learning_rate=0.001:1:7:log --set optimizer=sgd,adam
  tracer sweep four_layer_classifier --set learning_rate=0.01,0.1 --seeds 5
  tracer sweep one_weight --set w=-2:2:9 --iterations 20 -o runs.csv
  tracer sweep one_weight --set learning_rate=0.01:2:50 -o rates.svg

Values are separated by commas. a:b:n means n evenly spaced numbers from a to b; a:b:n:log
spaces them by equal factors. With several --set, all combinations are run.
"""


ARGUMENTS = (
    argument("scenario", metavar="SCENARIO", help=SCENARIO_HELP, completion="scenario"),
    set_argument(
        "the values of a parameter, constant, datum or key of [training]: 0.1,0.2 or 0.01:2:50 or "
        "0.001:1:7:log",
        metavar="KEY=VALUES",
    ),
    *SETTING_SHORTCUTS,
    argument(
        "--seeds",
        type=whole_number(1, MOST_SEEDS, say("{text} is not a whole number from {low} to {high}")),
        metavar="N",
        help="repeat each run with the seeds 1 to N of what the scenario draws or shuffles",
    ),
    MEMORY,
    *result_line_arguments("a line of JSON for each run"),
    *block_format_arguments(
        formats=tuple(DATA.values()),
        note=", or as data (.csv, .parquet, and .jsonl with a line of JSON for each run); .svg is "
        "the plot alone",
    ),
)


def run(options: argparse.Namespace) -> None:
    """Run all combinations, and print or write what they came to."""
    # Before NumPy is loaded: a process for each core, each with a thread for each core that waits
    # by turning round, takes many times as long. What the user has set for a library counts.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    kind = chosen_format(options, DATA)
    scenario = scenario_of(options, [])  # the options' settings are axes
    axes = [read_axis(setting) for setting in all_settings(options)]
    if options.seeds is not None:
        axes.append(seed_axis(scenario, options.seeds))
    example = say("for example {example}", example="--set learning_rate=0.01:2:50")
    refuse(
        (
            (not axes, say("there is nothing to vary"), example),
            (
                kind == "svg" and plot_axis(axes) is None,
                say("there is no axis of numbers to draw the loss over"),
                example,
            ),
            (
                kind == "parquet" and options.output is None,
                say("Parquet cannot be printed as text"),
                say("a file: -o runs.parquet"),
            ),
        )
    )
    what = say("runs of {name}", name=scenario.name)
    data = RunData(axes, first_program(scenario).metric)
    basis = ("sweep", str(options.memory), *scenario_parts(scenario))
    with ResultLines(options.jsonl, "en", *basis) as lines, Progress(what, options) as progress:

        def count(done: int, every: int) -> None:
            progress.counts = [say("{done} of {count}", done=f"{done:,}", count=f"{every:,}")]

        def recorded_figures(point: SweepPoint) -> RunFigures | None:
            fields = lines.result(lines.key(*point.settings))
            return None if fields is None or fields["outcome"] == "lost" else data.figures(fields)

        def add_run(point: SweepPoint, figures: RunFigures) -> None:
            key = lines.key(*point.settings)
            if key:
                lines.add(key, data.data(SweepRun(point.values, figures)))

        sweep = run_sweep(
            scenario,
            axes,
            budget=budget_of(options),
            run_tasks=partial(
                run_tasks,
                lost=lambda _: LOST,
                many=min(lines.many, FEW),
                together=1,
                cluster=options.cluster,
            ),
            known=recorded_figures,
            finished=add_run,
            progress=count,
        )
    _write_sweep(sweep, kind, options)


def _write_sweep(sweep: Sweep, kind: str, options: argparse.Namespace) -> None:
    match kind:
        case "jsonl":
            lines = (json_pieces(data, indent=None) for data in all_run_data(sweep))
            write_pieces(chain.from_iterable(lines), options)
        case "parquet":
            write_pieces([sweep_parquet(sweep)], options)
        case "csv":
            file = io.StringIO()
            csv.writer(file, lineterminator="\n").writerows(sweep_rows(sweep))
            write_pieces([file.getvalue()], options)
        case "svg":
            plot = sweep_plot(sweep)
            assert plot is not None, "there is an axis of numbers"
            write_pieces([svg(plot, _notation_of(sweep), translation(options))], options)
        case _:
            textbook = textbook_for(first_program(sweep.scenario))
            print_blocks(
                in_textbook(sweep_blocks(sweep), textbook),
                _notation_of(sweep),
                options,
                title=sweep.scenario.heading,
                data=lambda: json_pieces(sweep_data(sweep)),
            )


def _notation_of(sweep: Sweep) -> Notation:
    """Return the notation of a sweep's program; its data are not needed for it."""
    return notation_for(sweep.scenario, first_program(sweep.scenario).program)
