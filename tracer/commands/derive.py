"""`tracer derive`: a worked derivation in one of several formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.commands.arguments import add_block_format, add_record, add_scenario, add_telling
from tracer.commands.output import check_output, chosen_format, tell, translation, write
from tracer.commands.traced import shown, traced

if TYPE_CHECKING:
    import argparse

__all__ = ["EXAMPLES", "add_arguments", "run"]

EXAMPLES = """\
examples:
  tracer derive one_weight
  tracer derive xor --show 1-3,500 -o xor.md
  tracer derive mlp_2_2_2 --focus 'W1[0, 1]' --format latex
  tracer derive one_weight --format json --iterations 20
  tracer derive my_network.toml --set w=1.5 --set training.iterations=10
  tracer derive my_network.toml --show 1,5000 --record checkpoints --memory 500MB
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_scenario(parser)
    add_record(parser)
    add_block_format(parser)
    add_telling(parser)


def run(options: argparse.Namespace) -> int:
    """Print or write the derivation."""
    kind = chosen_format(options)
    trace = traced(options)
    check_output(options, trace.scenario.path)
    show = shown(options.show, len(trace))
    if kind == "json":
        from tracer.render.json import trace_json

        pieces = trace_json(
            trace,
            show=show,
            digits=options.digits,
            translate=translation(options),
            detail=options.detail,
            focus=options.focus,
            exact=options.exact,
        )
        write(pieces, options)
        return 0
    from tracer.narrative.derivation import Options, derivation_in_sheets, notation_of

    telling = Options(
        options.digits, show, options.detail, options.focus, options.exact, options.chain
    )
    title = trace.scenario.heading.told(translation(options))
    blocks = derivation_in_sheets(trace, telling)
    tell(blocks, notation_of(trace), options, title=title)
    return 0
