"""The files that `tracer check` names, read and judged; many of them by several processes."""

from __future__ import annotations

import os
import sys
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, cast

from tracer.check.checker import check_document
from tracer.check.reading.document import MAX_BYTES, decoded, kind_of, read_bytes, read_document
from tracer.check.report import FileReport, Report
from tracer.commands.progress import Progress
from tracer.errors import TracerError
from tracer.sentences import say

if TYPE_CHECKING:
    import argparse

    from tracer.check.written import Kind

__all__ = ["check_all"]

MANY = 40  # files from which starting further processes pays


def check_all(options: argparse.Namespace) -> tuple[Report, list[str]]:
    """Return the report on all files of the options, and the texts that were read.

    Raises TracerError for the first file that cannot be read.
    """
    names: list[str] = options.files
    for name in names:
        if name != "-":
            kind_of(name)
    with Progress(say("checking {count} files", count=len(names)), options):
        if len(names) >= MANY and "-" not in names:
            results = _in_processes(names, options.scenario)
        else:
            results = [_one(name, options.scenario, options.type) for name in names]
    return Report([report for report, _ in results]), [text for _, text in results]


def _one(name: str, scenario: str | None, kind: str = "md") -> tuple[FileReport, str]:
    """Return the report on one file, and its text."""
    if name == "-":
        data, label = _standard_input(), "<stdin>"
    else:
        data, label, kind = read_bytes(name), name, kind_of(name)
    text = decoded(data, label)
    document = read_document(text, cast("Kind", kind), label)
    mark = "\ufeff" if data.startswith(BOM_UTF8) else ""
    return check_document(document, scenario), mark + text


def _standard_input() -> bytes:
    """Return what is piped in. Raises TracerError where nothing can be."""
    if sys.stdin is None:
        raise TracerError(say("there is no standard input"), expected=say("a file, or a pipe"))
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _in_processes(names: list[str], scenario: str | None) -> list[tuple[FileReport, str]]:
    """Return the reports in the order of the names, made by a process for each core."""
    from concurrent.futures import ProcessPoolExecutor
    from functools import partial

    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    workers = min(workers or 1, 8)
    if workers < 2:
        return [_one(name, scenario) for name in names]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(partial(_one, scenario=scenario), names, chunksize=8))
