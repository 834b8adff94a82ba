"""`tracer list`: what there is to trace, and what an equation may be made of."""

from __future__ import annotations

import argparse

from tracer.commands.arguments import Parser, add_result_format
from tracer.commands.output import print_json, print_lines, translation
from tracer.operations import table, usage
from tracer.program.scenario import bundled, load

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


def run(options: argparse.Namespace) -> None:
    """Print the scenarios, or the operations."""
    translate = translation(options)
    if options.operations:
        operations = [
            {
                "name": row.name,
                "usage": usage(row),
                "words": translate(row.words),
                "convention": translate(row.convention),
            }
            for row in table().values()
            if not row.inner
        ]
        _print_rows(operations, ("usage", "words"), options)
    else:
        scenarios = [
            {"name": name, "title": load(name).heading.text_in(translate)} for name in bundled()
        ]
        _print_rows(scenarios, ("name", "title"), options)


def _print_rows(
    rows: list[dict[str, str]], columns: tuple[str, str], options: argparse.Namespace
) -> None:
    """Print rows as JSON, or two of their columns side by side."""
    if options.format == "json":
        print_json(rows)
        return
    first, second = columns
    width = max(len(row[first]) for row in rows)
    print_lines(f"{row[first].ljust(width)}  {row[second]}" for row in rows)
