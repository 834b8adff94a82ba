"""`tracer export`: a scenario as a program in another framework."""

from __future__ import annotations

import argparse

from tracer.commands.arguments import argument, scenario_arguments
from tracer.commands.output import write_pieces
from tracer.commands.requested_run import scenario_of
from tracer.program.framework_expressions import FRAMEWORKS
from tracer.render.framework_program import framework_program

EXAMPLES = """\
examples:
  tracer export xor --to numpy
  tracer export four_layer_classifier --to pytorch | python -
  tracer export my_network.toml --to jax -o my_network.py
"""


ARGUMENTS = (
    *scenario_arguments(),
    argument(
        "--to",
        choices=tuple(FRAMEWORKS),
        required=True,
        metavar="FRAMEWORK",
        help="what the program is written in: numpy with every gradient written out, pytorch or "
        "jax with their own gradients",
    ),
    argument("-o", "--output", metavar="FILE", help="write to a file instead", completion="file"),
)


def run(options: argparse.Namespace) -> None:
    """Write the program; nothing is trained for it."""
    write_pieces([framework_program(scenario_of(options), options.to)], options)
