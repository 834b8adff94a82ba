"""`tracer check --values`: what another framework recorded, beside the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.commands.output import json_pieces, print_lines, print_text
from tracer.commands.requested_run import budget_of
from tracer.errors import TracerError, printable
from tracer.program.scenario import load
from tracer.recorded.recorded_files import read_values
from tracer.recorded.recorded_values import compare_with_scenario, data_of
from tracer.render.comparison_text import comparison_text
from tracer.sentences import plain, say

if TYPE_CHECKING:
    import argparse

    from tracer.narrative.messages import Translate

__all__ = ["check_values"]

DEPARTS = 1


def check_values(options: argparse.Namespace, translate: Translate) -> int:
    """Compare the values of a file with the scenario's run; 1 where one differs."""
    if options.format not in (None, "text", "json"):
        raise TracerError(
            say("--values prints text or JSON"),
            found=say("--format {format}", format=options.format),
        )
    raw = read_values(options.values, base=options.iteration_base)
    found = compare_with_scenario(
        raw, load(options.scenario), options.tolerance, budget=budget_of(options)
    )
    if options.format == "json":
        causes = [cause for item in found.departures for cause in item.causes]
        told = {cause: plain(cause.words, translate) for cause in causes}
        print_text(json_pieces(data_of(found, told)))
    else:
        print_lines(comparison_text(found, f"{printable(options.values)}: ", translate))
    return DEPARTS if found.departures else 0
