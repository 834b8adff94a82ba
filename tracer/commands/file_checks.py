"""The files that `tracer check` names, those in folders too, read and judged."""

from __future__ import annotations

import argparse
import os
from codecs import BOM_UTF8
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tracer.bounded_read import decode_text, is_file, is_folder, read_bytes, read_standard_input
from tracer.check.model.finding import VERDICTS, FileReport, Report, Verdict
from tracer.check.model.statements import DocumentKind
from tracer.check.read.document_entry import is_read, kind_of, read_document
from tracer.check.read.reader import MAX_BYTES
from tracer.commands.output import language_of, warn
from tracer.commands.parallel import PROCESS_DIED
from tracer.commands.progress import Progress
from tracer.commands.result_lines import PROBLEM, ResultLines, finished_results, scenario_parts
from tracer.document_check import check_document
from tracer.errors import TracerError, printable, refusal_reason
from tracer.frozen import Value
from tracer.lazy_modules import LazyModule
from tracer.narrative.catalogue import catalogue
from tracer.render.report_json import file_data
from tracer.sentences import Text, say

if TYPE_CHECKING:
    from tracer.commands import requested_run
else:
    requested_run = LazyModule("tracer.commands.requested_run")


def scenario_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return what `check_document` takes of the options: the scenario, and what changes it."""
    if options.scenario is None:
        return {"memory": options.memory}
    return {
        "scenario": options.scenario,
        "settings": requested_run.all_settings(options),
        "variant": options.variant or "",
        "memory": options.memory,
    }


class CheckOutcome(Value):
    """The reports on all files, the texts that were read, and whether something named was not.

    `counts` are those of all verdicts; of results that went to lines of JSON nothing else is here.
    """

    report: Report
    texts: list[str]
    counts: Mapping[Verdict, int]
    is_refused: bool


def check_all(options: argparse.Namespace) -> CheckOutcome:
    """Check all files of the options. What cannot be read is left out, which is said.

    Raises TracerError where it is all that is named, or is to be repaired; and for a scenario that
    is not there.
    """
    named: list[str] = options.files
    alone = len(named) == 1 or options.fix
    refused: list[TracerError] = []
    names = list(dict.fromkeys(_files_below(named, refused)))
    is_refused = any(problem.where == printable(name) for problem in refused for name in named)
    problems: list[Text] = [problem.sentence() for problem in refused]
    language = language_of(options)
    basis: list[str | bytes] = ["check", str(options.memory)]
    if options.scenario is not None and (len(names) > 1 or options.jsonl is not None):
        basis += scenario_parts(
            requested_run.scenario_of(options)
        )  # one that is not there is told once
    check = partial(
        _try_file,
        beside=scenario_options(options),
        kinds=dict.fromkeys(named, options.type),
        keep=options.fix,
        language=None if options.jsonl is None else language,
        raises=frozenset(named if alone else ()),
    )
    results: dict[int, tuple[FileReport, str]] = {}
    counts: dict[Verdict, int] = dict.fromkeys(VERDICTS, 0)

    def lose(task: _Task) -> dict[str, Any]:
        nonlocal is_refused
        is_refused = True  # what is wrong is not in the file
        problem = TracerError(PROCESS_DIED, where=printable(task.name))
        return {"path": task.name, PROBLEM: problem.sentence()}

    with (
        ResultLines(options.jsonl, language, *basis) as lines,
        Progress(say("checking {count} {count:file|files}", count=len(names)), options) as progress,
    ):
        tasks = (_read_task(name, str(options.type), lines) for name in names)
        finished = finished_results(
            check,
            tasks,
            lines,
            lost=lose,
            cluster=options.cluster,
        )
        for finished_count, (number, result) in enumerate(finished, 1):
            progress.counts = [say("{done} of {count}", done=finished_count, count=len(names))]
            if PROBLEM in result:
                problems.append(result[PROBLEM])
                is_refused |= names[number] in named
                continue
            for verdict, count in result["counts"].items():
                counts[verdict] += count
            if options.jsonl is None:
                results[number] = result["report"], result["text"]
    for problem in problems:
        warn(say("skipped: {problem}", problem=problem), options)
    reports = [results[number] for number in sorted(results)]
    return CheckOutcome(
        Report([report for report, _ in reports]), [text for _, text in reports], counts, is_refused
    )


def _files_below(names: list[str], refused: list[TracerError]) -> Iterator[str]:
    """Yield the files that are named, and those below the folders that are named, in order.

    Folders that cannot be read, or have no file that is, are added to `refused`. Raises
    TracerError where the only one has none.
    """
    for name in names:
        if name == "-" or not is_folder(name):
            yield name
            continue
        below_folder = files_below(Path(name), refused)
        below = [str(path) for path in below_folder if is_read(path) and is_file(path)]
        if not below:
            empty = TracerError(
                say("this folder has no file that tracer reads"),
                where=printable(name),
                expected=say(".md, .txt, .tex, .html, .ipynb or .py"),
            )
            if len(names) == 1:
                raise empty
            refused.append(empty)
        yield from below


def files_below(
    folder: Path, refused: list[TracerError], ours: Collection[str] = ()
) -> Iterator[Path]:
    """Yield what is below a folder and is none, by its name, but nothing that is hidden.

    Nor is one of `ours`, or in one of them: real paths. Folders that cannot be read are added to
    `refused`.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        refused.append(
            TracerError(
                say("this folder cannot be read"),
                where=printable(str(folder)),
                found=refusal_reason(error),
            )
        )
        return
    for path in inside:
        if path.name.startswith(".") or (ours and os.path.realpath(path) in ours):
            continue
        if is_folder(path) and not path.is_symlink():
            yield from files_below(path, refused, ours)
        else:
            yield path


class _Task(Value):
    """A file by its name, with what it holds or why that cannot be read."""

    name: str
    content: bytes | TracerError


def _read_task(name: str, kind: str, lines: ResultLines) -> tuple[str, _Task]:
    """Return a file to check with the key of its result."""
    try:
        content = (
            read_standard_input(MAX_BYTES) if name == "-" else read_bytes(name, most=MAX_BYTES)
        )
    except TracerError as problem:
        return lines.key(name), _Task(name, problem)
    return lines.key(name, kind, content), _Task(name, content)


def _try_file(
    task: _Task,
    *,
    beside: Mapping[str, Any],
    kinds: Mapping[str, str | None],
    keep: bool,
    language: str | None,
    raises: frozenset[str],
) -> dict[str, Any]:
    """Return the report on one file with its counts, and its text where that is to be kept.

    With a language it is the report as plain data. Or the problem why the file is not read; the
    files of `raises` raise that.
    """
    label = "<stdin>" if task.name == "-" else task.name
    try:
        if isinstance(task.content, TracerError):
            raise task.content
        text = decode_text(task.content, label)
        document = read_document(text, file_kind(task.name, kinds.get(task.name)), label)
        report = check_document(document, **beside)
    except TracerError as problem:
        problem.at(printable(task.name))
        if task.name in raises:
            raise
        return {"path": task.name, PROBLEM: problem.sentence()}
    counts = report.counts()
    if language is not None:
        return {**file_data(report, catalogue(language)), "counts": counts}
    mark = "\ufeff" if task.content.startswith(BOM_UTF8) else ""
    return {"report": report, "text": mark + text if keep else "", "counts": counts}


def file_kind(name: str, kind: str | None = None) -> DocumentKind:
    """Return what a file is: what --type says, else by its ending. Raises TracerError."""
    return cast("DocumentKind", kind) if kind else kind_of(name)
