"""`tracer mark`: mark the filled worksheets of a class with the teacher's key."""

from __future__ import annotations

import argparse
import os
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tracer.bounded_read import read_text
from tracer.check.read.document_entry import kind_of, read_document
from tracer.check.read.reader import MAX_BYTES
from tracer.check.trace.traced_view import TracedView
from tracer.commands.arguments import Parser, add_result_format
from tracer.commands.output import (
    check_output,
    json_pieces,
    print_lines,
    print_text,
    remark,
    translation,
    write_files,
)
from tracer.commands.parallel import PROCESS_DIED, map_in_processes
from tracer.commands.progress import Progress
from tracer.errors import TracerError, printable, refusal
from tracer.render.report_marks import feedback_markdown
from tracer.sentences import Text, plain, say
from tracer.worksheets.gradebook import Gradebook, Submission, csv_text, labels_of
from tracer.worksheets.marking import mark_document, why_another
from tracer.worksheets.roster import read_roster, student_of
from tracer.worksheets.worksheet import read_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracer.check.model.file_report import FileReport
    from tracer.check.trace.traced_view import TracedView
    from tracer.narrative.messages import Translate
    from tracer.worksheets.gradebook import Gradebook, Submission
    from tracer.worksheets.roster import Student
    from tracer.worksheets.worksheet import Worksheet

__all__ = ["EXAMPLES", "add_arguments", "run"]

MOST_FILES = 10_000
NOT_MARKED, NOTHING = 1, 2

EXAMPLES = """\
examples:
  tracer mark handed_in/ --key sheet.key.md
  tracer mark handed_in/ --key sheet.key.md -o marks.csv --roster names.csv --feedback back/
  tracer mark handed_in/ --key class/keys --roster names.csv   variants: the roster has the seeds

Scenario, numbers and blanks are those of the key, whatever a file says. The roster is a CSV file
with the headings id, name and, where they are known, file and seed. Exit codes: 0 all files
marked, 1 some could not be marked, 2 none.
"""


def add_arguments(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "folder", metavar="FOLDER", help="the folder with the filled worksheets", completion="file"
    )
    parser.add_argument(
        "--key",
        required=True,
        metavar="KEY",
        help="the key that `tracer worksheet` wrote, or the folder of the keys of all variants",
        completion="file",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the marks as CSV, one row for each submission, and the tally of slips "
        "beside it",
        completion="file",
    )
    parser.add_argument(
        "--roster",
        metavar="FILE",
        help="who is in the class, as CSV: id, name, file, seed",
        completion="file",
    )
    parser.add_argument(
        "--feedback",
        metavar="FOLDER",
        help="write a Markdown file for each student there",
        completion="file",
    )
    add_result_format(parser)


class _Task(NamedTuple):
    """A file to mark, who it is from, and the key to mark it with ('' and why not)."""

    path: str
    file: str
    student: Student | None
    key: str
    problem: Text = ""


def run(options: argparse.Namespace) -> int:
    """Mark every file of the folder; what cannot be marked is listed and stops nothing."""
    translate = translation(options)
    folder = Path(options.folder)
    if folder.is_file():
        raise TracerError(
            say("this is a file"),
            where=printable(options.folder),
            expected=say("the folder with the filled worksheets"),
        )
    if not folder.is_dir():
        raise TracerError(say("there is no such folder"), where=printable(options.folder))
    for name in (options.key, options.roster):
        what = say("the same command reads this file")
        check_output(options, None if name is None else Path(name), what)
    keys = _keys(Path(options.key))
    students = _roster(options.roster)
    tasks = list(_tasks(_files(folder, options), students, keys))
    if not tasks:
        raise TracerError(
            say("there is nothing to mark"),
            where=printable(options.folder),
            expected=say("filled worksheets"),
        )
    submissions = _mark_all(tasks, options, translate)
    book = _gradebook(submissions, students, keys, translate)
    if options.feedback is not None:
        _write_feedback(book.submissions, Path(options.feedback), options, translate)
    if options.output is not None:
        _write_tables(book, options)
    if options.format == "json":
        print_text(json_pieces(book.data()))
    else:
        print_lines(_summary_lines(book, translate))
    return _code(book)


def _code(book: Gradebook) -> int:
    marked = sum(item.report is not None for item in book.submissions)
    if marked == 0:
        return NOTHING
    return 0 if marked == len(book.submissions) else NOT_MARKED


# What is marked with what


def _keys(place: Path) -> dict[int, str]:
    """Return the paths of the keys by their seeds. Raises TracerError where one is no key."""
    paths = sorted(place.glob("*.key.md")) if place.is_dir() else [place]
    keys: dict[int, str] = {}
    for path in paths:
        seed = _sheet(str(path)).recipe.seed
        if seed in keys:
            raise TracerError(
                say("two keys have the same seed"), where=printable(str(place)), found=str(seed)
            )
        keys[seed] = str(path)
    if not keys:
        raise TracerError(say("there is no key in the folder"), where=printable(str(place)),
                          expected=say("files that end in .key.md"))  # fmt: skip
    return keys


def _sheet(path: str) -> Worksheet:
    return _read_key(path)[0]


def _read_key(path: str) -> tuple[Worksheet, TracedView]:
    """Return the worksheet and the run of a key. Raises TracerError where it is none."""
    return _worked_out(_read_document(path), os.path.realpath(path))


@lru_cache(64)
def _worked_out(text: str, path: str) -> tuple[Worksheet, TracedView]:
    """Return the worksheet and the run that a key's text says; made once in each process."""
    sheet = read_key(text, path)
    return sheet, TracedView(sheet.trace)


def _read_document(path: str) -> str:
    """Return the text of a document, a key or a roster, within the checker's bound."""
    return read_text(path, most=MAX_BYTES)


def _roster(path: str | None) -> list[Student]:
    if path is None:
        return []

    return read_roster(_read_document(path), path)


def _files(folder: Path, options: argparse.Namespace) -> Iterator[str]:
    """Yield the submissions as paths from the folder; links and what is ours are left out."""
    ours = {
        os.path.realpath(name)
        for name in (options.key, options.output, options.roster, options.feedback)
        if name is not None
    }
    if options.output is not None:
        ours.add(os.path.realpath(_beside(options.output)))
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(Path(place) / name) not in ours
        )
        for name in sorted(names):
            path = Path(place) / name
            if name.startswith(".") or path.is_symlink() or os.path.realpath(path) in ours:
                continue
            count += 1
            if count > MOST_FILES:
                raise TracerError(
                    say("too many files"), expected=say("at most {most}", most=MOST_FILES)
                )
            yield path.relative_to(folder).as_posix()


def _tasks(
    files: Iterator[str], students: Sequence[Student], keys: dict[int, str]
) -> Iterator[_Task]:
    only = next(iter(keys.values())) if len(keys) == 1 else ""
    for file in files:
        student = student_of(file, students)
        if student is not None and student.seed is not None:
            key = keys.get(student.seed, "")
            problem = "" if key else say("there is no key of seed {seed}", seed=student.seed)
        else:
            key = only
            problem = "" if key else say("with several keys, the roster must name the seed")
        yield _Task(file, file, student, key, problem)


# Marking


def _mark_all(
    tasks: Sequence[_Task], options: argparse.Namespace, translate: Translate
) -> list[Submission]:
    mark = partial(_mark, options.folder)
    results: list[tuple[FileReport | None, Text]] = []
    with Progress(say("marking {count} files", count=len(tasks)), options) as progress:
        for result in map_in_processes(mark, tasks, lost=lambda _: (None, PROCESS_DIED)):
            results.append(result)
            progress.count = say("{done} of {count}", done=len(results), count=len(tasks))
    return [
        Submission(task.file, task.student, report, plain(problem, translate))
        for task, (report, problem) in zip(tasks, results, strict=True)
    ]


def _mark(folder: str, task: _Task) -> tuple[FileReport | None, Text]:
    """Return the marked report on a file, or None and why there is none."""
    if task.problem:
        return None, task.problem
    path = str(Path(folder) / task.path)
    try:
        kind = kind_of(path)
        document = read_document(_read_document(path), kind, task.file)
        sheet, view = _read_key(task.key)
        report = mark_document(document, sheet, view)
    except TracerError as error:
        return None, error.sentence(placed=False)  # the row names the file
    except RecursionError:
        return None, say("its formulas are nested too deeply")
    if report.marks is not None and not report.marks.is_there:
        return None, why_another(document, sheet)
    return report, ""


def _gradebook(
    submissions: Sequence[Submission],
    students: Sequence[Student],
    keys: dict[int, str],
    translate: Translate,
) -> Gradebook:
    """Return the book: who is missing, and what the columns are."""
    there = {item.student.id for item in submissions if item.student is not None}
    told: list[Submission] = []
    for item in submissions:
        problem = item.problem
        if students and item.student is None:
            problem = "; ".join(filter(None, [problem, translate("not in the roster")]))
        told.append(item._replace(problem=problem))
    labels = labels_of(
        [line.label for line in _sheet(path).lines if line.blanks] for path in keys.values()
    )
    order = [line.label for line in _sheet(next(iter(keys.values()))).lines]
    labels = tuple(sorted(labels, key=lambda label: order.index(label) if label in order else 0))
    missing = tuple(student for student in students if student.id not in there)
    return Gradebook(tuple(told), missing, labels)


# What is told and written


def _summary_lines(book: Gradebook, translate: Translate) -> Iterator[str]:
    for item in book.submissions:
        if item.report is None or item.report.marks is None:
            told = say("not marked: {problem}", problem=item.problem)
        else:
            told = item.report.marks.total()
        more = f" ({item.problem})" if item.report is not None and item.problem else ""
        yield f"{item.file}: {plain(told, translate)}{more}"
        if item.report is not None and item.report.marks is not None:
            for note in item.report.marks.all_notes():
                yield f"  {plain(note, translate)}"
    for student in book.missing:
        name = f"{student.id} {student.name}".strip() if student.name != student.id else student.id
        yield plain(say("missing: {student}", student=name), translate)
    kinds = book.kinds()
    if kinds:
        yield plain(say("slips of the whole class:"), translate)
        for kind, count, files in kinds:
            told = say("{kind}: {count}, in {files} files", kind=kind, count=count, files=files)
            yield f"  {plain(told, translate)}"


def _beside(output: str) -> Path:
    path = Path(output)
    return path.with_name(f"{path.stem}.slips{path.suffix or '.csv'}")


def _write_tables(book: Gradebook, options: argparse.Namespace) -> None:
    place = Path(options.output)
    write_files(
        [(place, [csv_text(book.rows())]), (_beside(options.output), [csv_text(book.slip_rows())])]
    )
    remark(say("tracer: wrote {names}", names=options.output), options)


def _write_feedback(
    submissions: Sequence[Submission],
    folder: Path,
    options: argparse.Namespace,
    translate: Translate,
) -> None:
    """Write a file for each submission, named after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TracerError(
            say("the folder cannot be created"),
            where=printable(str(folder)),
            found=refusal(error),
        ) from None
    count = 0
    for item in submissions:
        if item.report is None:
            continue
        target = folder / f"{item.file.replace('/', '__')}.feedback.md"
        pieces = feedback_markdown(item.report, item.who, translate)
        write_files([(target, pieces)])
        count += 1
    remark(say("tracer: wrote {count} files to {folder}", count=count, folder=str(folder)), options)
