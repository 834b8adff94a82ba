"""`tracer check`: find the slips in hand calculations, worksheets and articles."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from tracer.bounded_read import is_folder
from tracer.check.model.finding import FileReport, Report, Verdict
from tracer.check.read.document_entry import read_document
from tracer.check.repairing import repair_throughout, repairs_of
from tracer.commands.arguments import (
    MEMORY,
    SCENARIO_HELP,
    SETTING_SHORTCUTS,
    argument,
    result_line_arguments,
    set_argument,
    tolerance_argument,
)
from tracer.commands.exit_codes import BAD_INPUT, DONE, FAILED
from tracer.commands.file_checks import check_all, file_kind, scenario_options
from tracer.commands.output import json_pieces, print_text, remark, translation, write_pieces
from tracer.document_check import check_document
from tracer.errors import Rules, TracerError, printable, refuse
from tracer.lazy_modules import LazyModule
from tracer.render.report_json import report_github, report_json, report_sarif
from tracer.render.report_text import all_counts_text, report_text
from tracer.sentences import Sentence, Translate, say

if TYPE_CHECKING:
    from tracer.commands import compare
    from tracer.render import report_markdown
else:
    compare = LazyModule("tracer.commands.compare")
    report_markdown = LazyModule("tracer.render.report_markdown")

FORMATS = ("text", "json", "markdown", "github", "sarif")
AS_DATA = {"json": report_json, "sarif": report_sarif}
AS_LINES = {"text": report_text, "github": report_github}

EXAMPLES = """\
examples:
  tracer check notes.md                       each line by itself and against what came before
  tracer check notes.md --scenario xor        against the traced run
  tracer check notes.md --scenario optimizers --variant adam
  tracer check a.md b.tex c.ipynb --format github
  tracer check course/                        all files that it reads in a folder
  tracer check course/ --jsonl found.jsonl    as lines of JSON; on a rerun, only what has changed
  tracer check notes.md --fix -o fixed.md     the same text, its slips repaired
  tracer check --values step.json --scenario mlp_2_2_2
  cat notes.md | tracer check -               standard input

It reads .md, .txt, .tex, .html, .ipynb and .py, in English and Chinese. Exit codes: 0 no slip,
1 slips, 2 nothing could be checked.
"""


ARGUMENTS = (
    argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a file or a folder; - is standard input",
        completion="file",
    ),
    argument("--scenario", metavar="SCENARIO", help=SCENARIO_HELP, completion="scenario"),
    set_argument(),
    *SETTING_SHORTCUTS,
    MEMORY,
    argument(
        "--values",
        metavar="FILE",
        help="compare values that another framework recorded (.json or .npz), step by step",
        completion="file",
    ),
    argument(
        "--iteration-base",
        type=int,
        choices=(0, 1),
        default=1,
        help="the number of the first iteration in the file of --values (default 1)",
    ),
    tolerance_argument(
        "relative tolerance of --values (default: the rounding error of the summed terms)",
    ),
    argument("--format", choices=FORMATS, help="default text"),
    *result_line_arguments(
        "a line of JSON for each file, as the item of `files` with --format json"
    ),
    argument(
        "--type",
        choices=("md", "txt", "tex", "html", "ipynb", "py"),
        help="the type of each FILE (default: from its extension; standard input: md)",
    ),
    argument(
        "--strict",
        action="store_true",
        help="cut-off figures and wrong last digits fail the check too",
    ),
    argument(
        "--if-any",
        action="store_true",
        help="exit code 0 instead of 2 if no file has worked numbers (for hooks)",
    ),
    argument(
        "--fix",
        action="store_true",
        help="print the repaired text; the report goes to standard error",
    ),
    argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the repaired text to a file (with --fix)",
        completion="file",
    ),
    argument(
        "--in-place",
        action="store_true",
        help="replace each file by its repaired text (with --fix)",
    ),
)


def run(options: argparse.Namespace) -> int:
    """Check each file; 1 where there are slips, 2 where nothing could be checked."""
    translate = translation(options)
    _check_options(options)
    if options.values is not None:
        return compare.check_values(options, translate)
    checked = check_all(options)
    remarks = list(_write_repairs(checked.report, checked.texts, options)) if options.fix else []
    if options.jsonl is None:
        _print_report(checked.report, options, translate)
        for text in remarks:
            remark(text, options)
    else:
        print_text([f"{all_counts_text(checked.counts, translate)}\n"])
    return BAD_INPUT if checked.is_refused else _exit_code(checked.counts, options)


def _check_options(options: argparse.Namespace) -> None:
    """Raise TracerError where options do not go together."""
    files, fix, as_lines = options.files, options.fix, options.jsonl is not None
    is_written = options.output is not None
    of_values: Rules = (
        (
            files or fix or as_lines,
            say("--values cannot be combined with FILE or --fix"),
            say("no FILE, --fix or --jsonl"),
        ),
        (
            options.scenario is None,
            say("--values needs --scenario"),
            say("the scenario that was run"),
        ),
    )
    changes = (options.settings, options.learning_rate, options.iterations, options.variant)
    of_files: Rules = (
        (
            any(changes) and options.scenario is None,
            say("--set and --variant need --scenario"),
            say("the scenario that they change"),
        ),
        (not files, say("nothing to check"), say("a file, or - for standard input")),
        ((is_written or options.in_place) and not fix, say("-o and --in-place need --fix"), ""),
        (
            fix and any(map(is_folder, files)),
            say("--fix takes files, not folders"),
            say("the names of the files"),
        ),
        (
            fix and len(files) > 1 and not options.in_place,
            say("--fix can print only one file"),
            say("one FILE, or --in-place for several"),
        ),
        (
            options.in_place and (is_written or "-" in files),
            say("--in-place overwrites the files"),
            say("neither -o nor -"),
        ),
        (
            as_lines and (fix or options.format is not None),
            say("--jsonl writes the reports to its file; only their totals are printed"),
            say("neither --fix nor --format"),
        ),
        (files.count("-") > 1, say("standard input can be read only once"), say("a single -")),
    )
    refuse(of_files if options.values is None else of_values)
    if fix and not {"ipynb", "html"}.isdisjoint(file_kind(each, options.type) for each in files):
        raise TracerError(
            say("a notebook or a web page cannot be repaired"),
            expected=say(".md, .txt, .tex or .py"),
        )


def _write_repairs(
    report: Report, texts: list[str], options: argparse.Namespace
) -> Iterator[Sentence]:
    """Write the repaired texts; yield what is to be said of lines that follow from a repair."""
    for file, text in zip(report.files, texts, strict=True):
        fixed, unchanged_lines = repair_throughout(
            text, file, partial(_check_repaired, file.path, options)
        )
        if options.in_place:
            if repairs_of(file):
                write_pieces([fixed], Namespace(**{**vars(options), "output": file.path}))
        else:
            write_pieces([fixed], options)
        if unchanged_lines:
            yield say(
                "{path}: left unchanged, as these lines follow from repaired ones: {lines}",
                path=printable(file.path), lines=", ".join(map(str, unchanged_lines)),
            )  # fmt: skip


def _check_repaired(path: str, options: argparse.Namespace, text: str) -> FileReport:
    """Return the report on a repaired text."""
    document = read_document(text, file_kind(path, options.type), path)
    return check_document(document, **scenario_options(options))


def _print_report(report: Report, options: argparse.Namespace, translate: Translate) -> None:
    """Print the report; on standard error where the repaired text goes to standard output."""
    pieces = _report_pieces(report, options.format or "text", translate)
    if not options.fix or options.output is not None or options.in_place:
        print_text(pieces)
    elif sys.stderr is not None:
        sys.stderr.writelines(pieces)


def _report_pieces(report: Report, form: str, translate: Translate) -> Iterable[str]:
    """Return the report in one of the formats."""
    if form == "markdown":
        return report_markdown.report_markdown(report, translate)
    if form in AS_DATA:
        return json_pieces(AS_DATA[form](report, translate))
    return (f"{printable(line)}\n" for line in AS_LINES[form](report, translate))


def _exit_code(counts: Mapping[Verdict, int], options: argparse.Namespace) -> int:
    if counts["slip"] or counts["carried_forward"] or (options.strict and counts["rounding"]):
        return FAILED
    if sum(counts.values()) - counts["not_checked"] == 0 and not options.if_any:
        remark(
            say("tracer: nothing could be checked: no line with worked numbers was read"), options
        )
        return BAD_INPUT
    return DONE
