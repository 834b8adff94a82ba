"""`tracer list`: the scenarios, and the operations of equations."""

from __future__ import annotations

import argparse

from tracer.commands.arguments import RESULT_FORMAT, argument
from tracer.commands.output import print_result, translation
from tracer.operations import table, usage
from tracer.program.scenario import bundled, load
from tracer.text_width import column_lines

EXAMPLES = """\
examples:
  tracer list
  tracer list --operations
  tracer list --format json
"""


ARGUMENTS = (
    argument(
        "--operations", action="store_true", help="list the operations instead of the scenarios"
    ),
    RESULT_FORMAT,
)


def run(options: argparse.Namespace) -> None:
    """Print the scenarios, or the operations."""
    translate = translation(options)
    if options.operations:
        columns = ("usage", "words")
        rows = [
            {
                "name": row.name,
                "usage": usage(row),
                "words": translate(row.words),
                "convention": "; ".join(map(translate, row.conventions)),
            }
            for row in table().values()
            if not row.inner
        ]
    else:
        columns = ("name", "title")
        rows = [
            {"name": name, "title": load(name).heading.text_in(translate)} for name in bundled()
        ]
    cells = [[row[name] for name in columns] for row in rows]
    print_result(options, lambda: rows, lambda: map(str.rstrip, column_lines(cells)))
