"""`tracer debug`: find the first wrong gradient of a backward pass of one's own."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.bounded_read import open_regular
from tracer.commands.arguments import RESULT_FORMAT, argument
from tracer.commands.exit_codes import DONE, FAILED
from tracer.commands.output import print_result, translation
from tracer.errors import TracerError, printable, printable_text
from tracer.lazy_modules import LazyModule
from tracer.sentences import plain_text, say

if TYPE_CHECKING:
    from tracer.debug import debugger
else:
    debugger = LazyModule("tracer.debug.debugger")


EXAMPLES = """\
examples:
  tracer debug net.py --run                   the first wrong gradient, its line, the right line
  tracer debug net.py forward --run           the loss is what this function returns
  tracer debug net.py Network.forward --run   a method
  tracer debug lesson.ipynb --run             the cells of a notebook, in their order
  tracer debug net.py --run --format json

The file is run as `python FILE` runs it, so run only what you trust; what it prints goes to
standard error. Exit codes: 0 all gradients right, 1 one is wrong, 2 nothing could be compared.
"""


ARGUMENTS = (
    argument(
        "file",
        metavar="FILE",
        help="a Python file or a notebook with a forward and backward pass",
        completion="file",
    ),
    argument(
        "function",
        nargs="?",
        metavar="FUNCTION",
        help="the function that computes the loss (default: tracer looks for it)",
    ),
    argument(
        "--run", action="store_true", help="run the file; without this option nothing is done"
    ),
    RESULT_FORMAT,
)


def run(options: argparse.Namespace) -> int:
    """Run the file and print the report; 1 where a gradient is wrong."""
    if Path(options.file).suffix.lower() not in (".py", ".pyw", ".ipynb", ""):
        raise TracerError(
            say("this is not Python"),
            where=printable(options.file),
            expected=say("a .py or .ipynb file"),
        )
    open_regular(options.file, most=sys.maxsize).close()  # a name that is no file's is told first
    if not options.run:
        raise TracerError(
            say("tracer debug runs the file, but only if you allow it"),
            where=printable(options.file),
            expected=say("--run, for code that you trust"),
        )
    with contextlib.redirect_stdout(sys.stderr):
        report = debugger.debug_file(options.file, options.function)
    translate = translation(options)
    texts = (printable_text(plain_text(line, translate)) for line in report.sentences())
    print_result(options, report.as_dictionary, lambda: texts)
    return DONE if report.passed else FAILED
