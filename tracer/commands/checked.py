"""The files that `tracer check` names, those in folders too, read and judged."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from tracer.bounded_read import decode_text, read_bytes, read_standard_input
from tracer.check.model.file_report import FileReport, Report
from tracer.check.read.document_entry import is_read, kind_of, read_document
from tracer.check.read.reader import MAX_BYTES
from tracer.commands.output import warn
from tracer.commands.parallel import PROCESS_DIED, map_in_processes
from tracer.commands.progress import Progress
from tracer.document_check import check_document
from tracer.errors import TracerError, printable, refusal
from tracer.program.scenario import load
from tracer.sentences import say

if TYPE_CHECKING:
    import argparse

    from tracer.check.model.statements import DocumentKind

__all__ = ["Checked", "check_all", "document_kind"]


class Checked(NamedTuple):
    """The report on all files, the texts that were read, and whether something named was not."""

    report: Report
    texts: list[str]
    is_refused: bool


def check_all(options: argparse.Namespace) -> Checked:
    """Check all files of the options. What cannot be read is left out, which is said.

    Raises TracerError where it is all that is named, or is to be repaired; and for a scenario that
    is not there.
    """
    named: list[str] = options.files
    alone = len(named) == 1 or options.fix
    refused: list[TracerError] = []
    names = list(dict.fromkeys(_files_below(named, refused)))
    is_refused = any(problem.where == printable(name) for problem in refused for name in named)
    if len(names) > 1 and options.scenario is not None:
        load(options.scenario)  # one that is not there is told once
    check = partial(
        _try_file,
        scenario=options.scenario,
        memory=options.memory,
        kinds=dict.fromkeys(named, options.type),
        keep=options.fix,
        raises=frozenset(named if alone else ()),
    )
    reports: list[FileReport] = []
    texts: list[str] = []
    with Progress(say("checking {count} files", count=len(names)), options) as progress:
        results = (
            map(check, names) if "-" in names else map_in_processes(check, names, lost=_death_error)
        )
        for done, (name, result) in enumerate(zip(names, results, strict=True), 1):
            progress.count = say("{done} of {count}", done=done, count=len(names))
            if isinstance(result, TracerError):
                refused.append(result)
                is_refused |= name in named
            else:
                reports.append(result[0])
                texts.append(result[1])
    for problem in refused:
        warn(say("skipped: {problem}", problem=problem.sentence()), options)
    return Checked(Report(reports), texts, is_refused)


def _files_below(names: list[str], refused: list[TracerError]) -> Iterator[str]:
    """Yield the files that are named, and those below the folders that are named, in order.

    Folders that cannot be read, or have no file that is, are added to `refused`. Raises
    TracerError where the only one has none.
    """
    for name in names:
        if name == "-" or not Path(name).is_dir():
            yield name
            continue
        below = [str(path) for path in _below(Path(name), refused) if is_read(path)]
        if not below:
            empty = TracerError(
                say("this folder has no file that tracer reads"),
                where=printable(name),
                expected=say(".md, .txt, .tex, .ipynb or .py"),
            )
            if len(names) == 1:
                raise empty
            refused.append(empty)
        yield from below


def _below(folder: Path, refused: list[TracerError]) -> Iterator[Path]:
    """Yield the files below a folder by their names, but none that is hidden."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        refused.append(
            TracerError(
                say("this folder cannot be read"),
                where=printable(str(folder)),
                found=refusal(error),
            )
        )
        return
    for path in inside:
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _below(path, refused)
        elif path.is_file():
            yield path


def _try_file(
    name: str,
    *,
    scenario: str | None,
    memory: int | None,
    kinds: Mapping[str, str | None],
    keep: bool,
    raises: frozenset[str],
) -> tuple[FileReport, str] | TracerError:
    """Return the report on one file, and its text where that is to be kept.

    Or why it is not read; the files of `raises` raise that.
    """
    try:
        report, text = _check_one(name, scenario, memory, kinds.get(name))
    except TracerError as problem:
        problem.at(printable(name))
        if name in raises:
            raise
        return problem
    return report, text if keep else ""


def _death_error(name: str) -> TracerError:
    return TracerError(PROCESS_DIED, where=printable(name))


def document_kind(name: str, kind: str | None = None) -> DocumentKind:
    """Return what a file is: what --type says, else by its ending. Raises TracerError."""
    return cast("DocumentKind", kind) if kind else kind_of(name)


def _check_one(
    name: str, scenario: str | None, memory: int | None, kind: str | None
) -> tuple[FileReport, str]:
    """Return the report on one file, and its text."""
    if name == "-":
        data, label = read_standard_input(MAX_BYTES), "<stdin>"
    else:
        data, label = read_bytes(name, most=MAX_BYTES), name
    text = decode_text(data, label)
    document = read_document(text, document_kind(name, kind), label)
    mark = "\ufeff" if data.startswith(BOM_UTF8) else ""
    return check_document(document, scenario, memory=memory), mark + text
