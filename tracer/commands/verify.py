"""`tracer verify`: the gradients, verified by means that share nothing with the rules."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tracer.commands.arguments import (
    MEMORY,
    RESULT_FORMAT,
    SCENARIO_HELP,
    argument,
    set_argument,
)
from tracer.commands.exit_codes import DONE, FAILED, NOT_FINITE
from tracer.commands.output import print_json, print_lines, translation
from tracer.commands.progress import Progress
from tracer.commands.requested_run import budget_of
from tracer.errors import TracerError, printable
from tracer.lazy_modules import LazyModule
from tracer.program.scenario import bundled, load
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.witness import report
else:
    report = LazyModule("tracer.witness.report")


EXAMPLES = """\
examples:
  tracer verify one_weight
  tracer verify xor mlp_2_2_2 --iteration 3
  tracer verify --all

Exit codes: 0 all verified, 1 a gradient is wrong, 2 bad input, 3 a value is not finite.
"""


ARGUMENTS = (
    argument("scenarios", nargs="*", metavar="SCENARIO", help=SCENARIO_HELP, completion="scenario"),
    argument("--all", action="store_true", help="verify all bundled scenarios"),
    argument(
        "--iteration", type=int, default=1, metavar="K", help="the iteration to verify (default 1)"
    ),
    set_argument(),
    MEMORY,
    RESULT_FORMAT,
)


def run(options: argparse.Namespace) -> int:
    """Judge each scenario; 1 where a gradient is wrong, 3 where a run is not finite."""
    names = list(dict.fromkeys([*options.scenarios, *(bundled() if options.all else ())]))
    if not names:
        raise TracerError(say("nothing to verify"), expected=say("a scenario, or --all"))
    scenarios = [load(name, settings=options.settings) for name in names]
    translate = translation(options)
    failed, is_finite = False, True
    results = []
    for scenario in scenarios:
        with Progress(say("verifying {name}", name=scenario.name), options):
            try:
                verdict = report.verify_scenario(
                    scenario, options.iteration, budget=budget_of(options)
                )
            except TracerError as error:
                raise error.at(printable(scenario.name)) from None  # one of several is named
        failed |= verdict.is_finite and not verdict.passed
        is_finite &= verdict.is_finite
        if options.format == "json":
            results.append(verdict.as_dictionary())
        else:
            print_lines(verdict.lines(translate))
    if options.format == "json":
        print_json(results)
    return FAILED if failed else DONE if is_finite else NOT_FINITE
