"""`tracer compare`: two runs, or a run and recorded values: the first mismatch, both curves."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from tracer.commands.arguments import (
    MEMORY,
    RUN_HELP,
    argument,
    block_format_arguments,
    set_argument,
    tolerance_argument,
)
from tracer.commands.exit_codes import DONE, FAILED
from tracer.commands.output import (
    check_output,
    chosen_format,
    json_pieces,
    print_blocks,
    print_result,
    translation,
)
from tracer.commands.progress import Progress
from tracer.commands.requested_run import budget_of, is_saved_run, saved_trace, scenario_of
from tracer.errors import TracerError, printable, refuse
from tracer.expression import Name
from tracer.narrative.blocks import Block, Cell, Heading, Plot, Series, Table, item_blocks
from tracer.narrative.program_notation import notation_for
from tracer.narrative.textbook_blocks import in_textbook, textbook_for
from tracer.operations import number_node, number_text
from tracer.program.overrides import Setting
from tracer.program.scenario import Scenario, load
from tracer.recorded.recorded_files import read_values
from tracer.recorded.recorded_values import (
    RecordedComparison,
    RunComparison,
    compare_runs,
    compare_with_scenario,
    compare_with_values,
    data_of,
    lengthened_run,
)
from tracer.render.comparison_text import RECORDED, Sides, comparison_text
from tracer.run.runner import run_scenario
from tracer.run.saved_run import holds_run
from tracer.run.short_runs import without_control_characters
from tracer.run.trace import Trace
from tracer.sentences import Translate, plain_text, say

VALUES = (".json", ".npz")
DIGITS = 6
FEW_ROWS = 5  # rows of losses shown at the beginning and at the end
MOST_NAMES = 12  # names listed that only one of the two runs has

EXAMPLES = """\
examples:
  tracer compare one_weight --with learning_rate=0.2
  tracer compare xor --set iterations=100 --with optimizer=adam
  tracer compare mine.toml theirs.toml
  tracer compare one_weight recorded.npz
  tracer compare trace.npz other.npz    two files of tracer run --save

A is the reference that B is compared with. Exit codes: 0 all agree, 1 something differs.
"""


ARGUMENTS = (
    argument("scenario", metavar="A", help=RUN_HELP, completion="scenario"),
    argument(
        "other",
        metavar="B",
        nargs="?",
        help="another scenario or saved run, or a .json or .npz file of recorded values (default: "
        "A, with the values of --with)",
        completion="scenario",
    ),
    set_argument("another value for a key, in both runs"),
    set_argument("another value for a key, in B only", option="--with", name="others"),
    tolerance_argument(
        "a relative tolerance, from 0 to 1 (default: the rounding error of the summed terms)",
    ),
    MEMORY,
    *block_format_arguments(),
)


def run(options: argparse.Namespace) -> int:
    """Print the first mismatch, and the losses of both; 1 where something differs."""
    chosen_format(options)  # one that is not there is said before anything is run
    translate = translation(options)
    name = options.scenario if options.other is None else options.other
    is_file = Path(name).suffix.lower() in VALUES
    is_recorded = is_file and not (is_saved_run(name) and holds_run(Path(name)))
    refuse(
        (
            (
                is_file and options.others,
                say("--with sets values of a scenario"),
                say("a scenario in the place of recorded values"),
                printable(name),
            ),
            (
                options.other is None and not options.others,
                say("there is nothing to compare with"),
                say("a second scenario, recorded values, or --with KEY=VALUE"),
            ),
        )
    )
    one = _read_source(options.scenario, options.settings, options)
    if is_recorded:
        raw = read_values(name)
        trace = one if isinstance(one, Trace) else lengthened_run(raw, one, budget_of(options))
        try:
            result = compare_with_values(trace, raw, tolerance=options.tolerance)
        except TracerError as error:
            raise error.at(printable(name)) from None
    else:
        others = [Setting(text, "--with", text) for text in options.others]
        other = _read_source(name, [*options.settings, *others], options)
        trace, other = (
            item if isinstance(item, Trace) else run_scenario(item, budget=budget_of(options))
            for item in (one, other)
        )
        result = compare_runs(trace, other, tolerance=options.tolerance)
    scenario = trace.scenario
    labels = printable(options.scenario), printable(" ".join([name, *options.others]))
    sides = RECORDED if is_recorded else (f"{labels[1]}:", f"{labels[0]}:")
    blocks = _comparison_blocks(result, labels, sides, trace.program.loss, translate)
    print_blocks(
        in_textbook(blocks, textbook_for(trace.iteration(1).built)),
        notation_for(scenario, trace.program),
        options,
        title=scenario.heading,
        data=lambda: json_pieces(
            {
                **_comparison_data(result.values, translate),
                "losses": list(result.losses),
                "other_losses": list(result.other_losses),
            }
        ),
    )
    return FAILED if result.values.departures else DONE


def check_values(options: argparse.Namespace, translate: Translate) -> int:
    """Compare the values of a file with the scenario's run, as `tracer check --values` does.

    Return 1 where one differs.
    """
    if options.format not in (None, "text", "json"):
        raise TracerError(
            say("--values prints text or JSON"),
            found=say("--format {format}", format=options.format),
        )
    raw = read_values(options.values, base=options.iteration_base)
    what = say("comparing {file}", file=printable(options.values))
    with Progress(what, options) as progress:
        result = compare_with_scenario(
            raw,
            scenario_of(options),
            options.tolerance,
            budget=budget_of(options),
            watch=progress,
        )
    print_result(
        options,
        lambda: _comparison_data(result, translate),
        lambda: comparison_text(result, f"{printable(options.values)}: ", translate),
    )
    return FAILED if result.departures else DONE


def _comparison_data(result: RecordedComparison, translate: Translate) -> dict[str, object]:
    """Return a comparison as plain data, the causes in words."""
    causes = [cause for item in result.departures for cause in item.causes]
    return data_of(result, {cause: plain_text(cause.words, translate) for cause in causes})


def _read_source(
    source: str, settings: Sequence[str], options: argparse.Namespace
) -> Scenario | Trace:
    """Return a scenario, or what was saved of a run. Raises TracerError."""
    if is_saved_run(source):
        return saved_trace(source, options)
    scenario = without_control_characters(load(source, settings=settings))
    check_output(options, scenario.path)
    return scenario


def _comparison_blocks(
    result: RunComparison,
    labels: tuple[str, str],
    sides: Sides,
    loss: str | None,
    translate: Translate,
) -> Iterator[Block]:
    yield Heading(1, say("{one} and {two}", one=labels[0], two=labels[1]))
    if not result.values.departures:
        yield from item_blocks(
            say("All values agree up to iteration {count}.", count=result.compared)
        )
    values = result.values._replace(scenario=labels[0])  # both runs may be of one scenario
    for line in comparison_text(values, "", translate, sides=sides):
        yield from item_blocks(say("{text}", text=line.strip()))
    if result.values.departures and result.compared < min(map(len, _both_losses(result))):
        yield from item_blocks(say("Later iterations follow from this one and are not compared."))
    for label, names in zip(labels, result.names_apart, strict=True):
        if names:
            listed = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
            yield from item_blocks(say("only in {name}: {names}", name=label, names=listed))
    lengths = [*map(len, _both_losses(result))]
    if not result.values.departures and result.compared == min(lengths) < max(lengths):
        longer = labels[lengths.index(max(lengths))]
        yield from item_blocks(
            say(
                "only in {name}: the iterations from {first} on",
                name=longer,
                first=result.compared + 1,
            )
        )
    if loss is None or not result.other_losses:
        return
    curves = [
        [(float(number), value) for number, value in enumerate(losses, 1) if math.isfinite(value)]
        for losses in _both_losses(result)
    ]
    name = Name(loss)
    series = [
        Series(say("{name}", name=label), points)
        for label, points in zip(labels, curves, strict=True)
        if points
    ]
    if len(series) == len(labels):
        yield Plot(
            say("{loss} of both, over the iterations.", loss=name),
            say("iteration"),
            say("{name}", name=name),
            series,
            tabled=True,
        )
    yield Table([say("iteration"), *labels], list(_loss_rows(result)))


def _both_losses(result: RunComparison) -> tuple[Sequence[float], Sequence[float]]:
    return result.losses, result.other_losses


def _loss_rows(result: RunComparison) -> Iterator[Sequence[Cell]]:
    """Yield the losses of the first and the last iterations, and dots for those between."""
    numbers = [*range(1, max(map(len, _both_losses(result))) + 1)]
    if len(numbers) > 2 * FEW_ROWS:
        numbers[FEW_ROWS:-FEW_ROWS] = [0]
    yield from (
        [
            number_node(str(number)),
            *(
                number_node(number_text(losses[number - 1], DIGITS))
                if number <= len(losses)
                else ""
                for losses in _both_losses(result)
            ),
        ]
        if number
        else ["…"] * 3
        for number in numbers
    )
