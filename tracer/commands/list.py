"""`tracer list`: what there is to trace, and what an equation may be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.commands.arguments import Parser, add_result_format
from tracer.commands.output import print_json, print_lines, translation
from tracer.errors import printable
from tracer.operations import table, usage
from tracer.program.scenario import bundled, load

if TYPE_CHECKING:
    import argparse

__all__ = ["EXAMPLES", "add_arguments", "run"]

EXAMPLES = """\
examples:
  tracer list
  tracer list --operations
  tracer list --format json
"""


def add_arguments(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--operations", action="store_true", help="list the operations instead")
    add_result_format(parser)


def run(options: argparse.Namespace) -> int:
    """Print the scenarios, or the operations."""
    if options.operations:
        return _operations(options)
    translate = translation(options)
    titles = {name: load(name).heading.text_in(translate) for name in bundled()}
    if options.format == "json":
        print_json([{"name": name, "title": title} for name, title in titles.items()])
        return 0
    width = max(map(len, titles))
    print_lines(f"{name.ljust(width)}  {printable(title)}" for name, title in titles.items())
    return 0


def _operations(options: argparse.Namespace) -> int:
    translate = translation(options)
    rows = [row for row in table().values() if not row.inner]
    if options.format == "json":
        print_json(
            [
                {
                    "name": row.name,
                    "usage": usage(row),
                    "words": translate(row.words),
                    "convention": translate(row.convention),
                }
                for row in rows
            ]
        )
        return 0
    width = max(len(usage(row)) for row in rows)
    print_lines(f"{usage(row).ljust(width)}  {translate(row.words)}" for row in rows)
    return 0
