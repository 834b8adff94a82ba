"""`tracer mark`: mark the filled worksheets of a class with the teacher's key."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from tracer.bounded_read import is_file, is_folder, read_text
from tracer.check.read.document_entry import kind_of, read_document
from tracer.check.read.reader import MAX_BYTES
from tracer.check.trace.traced_view import TracedView
from tracer.commands.arguments import RESULT_FORMAT, argument, result_line_arguments
from tracer.commands.exit_codes import BAD_INPUT, DONE, FAILED
from tracer.commands.file_checks import files_below
from tracer.commands.output import (
    check_output,
    language_of,
    make_folder,
    print_result,
    remark,
    translation,
    warn,
    write_files,
)
from tracer.commands.parallel import PROCESS_DIED
from tracer.commands.progress import Progress
from tracer.commands.result_lines import PROBLEM, ResultLines, finished_results, scenario_parts
from tracer.errors import TracerError, printable, refuse
from tracer.narrative.catalogue import catalogue
from tracer.render.report_markdown import feedback_markdown
from tracer.sentences import Text, Translate, plain_text, say
from tracer.worksheets.gradebook import (
    Gradebook,
    MarkedWork,
    Student,
    Submission,
    csv_text,
    read_roster,
    student_of,
    work_of_report,
)
from tracer.worksheets.marking import mark_submission
from tracer.worksheets.worksheet_making import Worksheet, read_key

FEEDBACK: Final = "feedback"
MOST_FILES = 1_000_000

EXAMPLES = """\
examples:
  tracer mark handed_in/ --key sheet.key.md
  tracer mark handed_in/ --key sheet.key.md -o marks.csv --roster names.csv --feedback back/
  tracer mark handed_in/ --key class/keys --roster names.csv   variants: seeds in the roster

Numbers and blanks are those of the key, whatever a file says; a worksheet of another scenario is
not marked. The roster is a CSV file with the headings id, name and, where they are known, file and
seed. Exit codes: 0 all files marked, 1 some could not be marked, 2 none.
"""


ARGUMENTS = (
    argument(
        "folder", metavar="FOLDER", help="the folder with the filled worksheets", completion="file"
    ),
    argument(
        "--key",
        required=True,
        metavar="KEY",
        help="the key that `tracer worksheet` wrote, or the folder of the keys of all variants",
        completion="file",
    ),
    argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the marks as CSV, one row for each submission, and the tally of slips "
        "beside it",
        completion="file",
    ),
    argument(
        "--roster",
        metavar="FILE",
        help="who is in the class, as CSV: id, name, file, seed",
        completion="file",
    ),
    argument(
        "--feedback",
        metavar="FOLDER",
        help="write a Markdown file for each student to this folder",
        completion="file",
    ),
    RESULT_FORMAT,
    *result_line_arguments("a line of JSON for each file"),
)


class _Task(NamedTuple):
    """A file with what it holds, what people call it, and the key to mark it with.

    Or what is the matter with any of them.
    """

    file: str
    who: str
    content: str = ""
    key: str = ""
    key_text: str = ""
    problem: Text = ""


def run(options: argparse.Namespace) -> int:
    """Mark every file of the folder; what cannot be marked is listed and stops nothing."""
    translate = translation(options)
    folder = Path(options.folder)
    refuse(
        (
            (is_file(folder), say("this is a file"), say("the folder with the filled worksheets")),
            (not is_folder(folder), say("there is no such folder"), ""),
        ),
        partial(TracerError, where=printable(options.folder)),
    )
    for name in (options.key, options.roster):
        what = say("the same command reads this file")
        check_output(options, None if name is None else Path(name), what)
    keys = _keys_by_seed(Path(options.key))
    roster = options.roster
    students = [] if roster is None else read_roster(_read_document(roster), roster)
    files = _submission_files(folder, options)
    if not files:
        raise TracerError(
            say("there is nothing to mark"),
            where=printable(options.folder),
            expected=say("filled worksheets"),
        )
    submissions = _mark_all(files, students, keys, options)
    book = _make_gradebook(submissions, students, keys, translate)
    if options.output is not None:
        tables = {Path(options.output): book.rows(), _path_beside(options.output): book.slip_rows()}
        write_files([(place, [csv_text(rows)]) for place, rows in tables.items()], options)
    print_result(options, book.data, lambda: _summary_lines(book, translate))
    are_marked = [item.work is not None for item in book.submissions]
    return (DONE if all(are_marked) else FAILED) if any(are_marked) else BAD_INPUT


# What is marked with what


def _keys_by_seed(place: Path) -> dict[int, str]:
    """Return the paths of the keys by their seeds. Raises TracerError where one is no key."""
    paths = sorted(place.glob("*.key.md")) if is_folder(place) else [place]
    keys: dict[int, str] = {}
    for path in paths:
        seed = _worksheet_of(str(path)).recipe.seed
        if seed in keys:
            raise TracerError(
                say("two keys have the same seed"), where=printable(str(place)), found=str(seed)
            )
        keys[seed] = str(path)
    if not keys:
        raise TracerError(say("there is no key in the folder"), where=printable(str(place)),
                          expected=say("files that end in .key.md"))  # fmt: skip
    return keys


_read_document = partial(read_text, most=MAX_BYTES)  # a document, a key or a roster


def _worksheet_of(path: str) -> Worksheet:
    """Return the worksheet of a key. Raises TracerError where it is none."""
    return _worksheet_of_key(_read_document(path), os.path.realpath(path))[0]


@lru_cache(64)
def _worksheet_of_key(text: str, path: str) -> tuple[Worksheet, TracedView]:
    """Return the worksheet and the run that a key's text says; made once in each process."""
    sheet = read_key(text, path)
    return sheet, TracedView(sheet.trace)


def _submission_files(folder: Path, options: argparse.Namespace) -> list[str]:
    """Return the submissions as paths from the folder; links and what is ours are left out."""
    named = [options.key, options.output, options.roster, options.feedback, options.jsonl]
    if options.output is not None:
        named.append(_path_beside(options.output))
    ours = {os.path.realpath(name) for name in named if name is not None}
    refused: list[TracerError] = []
    below = files_below(folder, refused, ours)
    # Path.is_symlink raises where a folder lists what it does not let anybody look at.
    paths = (path for path in below if not os.path.islink(path))  # noqa: PTH114
    files = [path.relative_to(folder).as_posix() for path in islice(paths, MOST_FILES + 1)]
    if len(files) > MOST_FILES:
        raise TracerError(say("too many files"), expected=say("at most {most}", most=MOST_FILES))
    for problem in refused:
        warn(say("skipped: {problem}", problem=problem.sentence()), options)
    return files


def _make_task(
    folder: str, file: str, student: Student | None, keys: dict[int, str], texts: dict[str, str]
) -> _Task:
    """Return what there is to do about a file."""
    who = file if student is None else student.name or student.id
    problem: Text = ""
    if student is not None and student.seed is not None:
        key = keys.get(student.seed, "")
        problem = "" if key else say("there is no key with the seed {seed}", seed=student.seed)
    else:
        key = next(iter(keys.values())) if len(keys) == 1 else ""
        problem = "" if key else say("with several keys, the roster must name the seed")
    if problem:
        return _Task(file, who, problem=problem)
    path = str(Path(folder) / file)
    try:
        kind_of(path)
        return _Task(file, who, _read_document(path), key, texts[key])
    except TracerError as error:
        return _Task(file, who, problem=error.sentence(placed=False))  # the row names the file


# Marking


def _mark_all(
    files: Sequence[str],
    students: Sequence[Student],
    keys: dict[int, str],
    options: argparse.Namespace,
) -> list[Submission]:
    """Mark all files and write each student's feedback; return the results."""
    language = language_of(options)
    translate = catalogue(language)
    wants_feedback = options.feedback is not None
    texts = {key: _read_document(key) for key in keys.values()}
    basis: list[str | bytes] = ["mark"]
    if options.jsonl is not None:
        basis += [
            part
            for key in keys.values()
            for part in scenario_parts(_worksheet_of(key).trace.scenario)
        ]
    owners = [student_of(file, students) for file in files]
    submissions: dict[int, Submission] = {}

    def tasks() -> Iterator[tuple[str, _Task]]:
        for file, student in zip(files, owners, strict=True):
            task = _make_task(options.folder, file, student, keys, texts)
            who = task.who if wants_feedback else ""
            yield lines.key(file, task.content, task.key_text, who), task

    with (
        ResultLines(options.jsonl, language, *basis) as lines,
        Progress(say("marking {count} {count:file|files}", count=len(files)), options) as progress,
    ):
        mark = partial(_mark_file, language=language, wants_feedback=wants_feedback)
        finished = finished_results(
            mark,
            tasks(),
            lines,
            lost=lambda task: {"file": task.file, PROBLEM: PROCESS_DIED},
            cluster=options.cluster,
        )
        for number, result in finished:
            file, student = files[number], owners[number]
            if PROBLEM in result:
                problem = plain_text(result[PROBLEM], translate)
                submissions[number] = Submission(file, student, None, problem)
            else:
                if wants_feedback:
                    place = Path(options.feedback)
                    make_folder(place)
                    name = f"{file.replace('/', '__')}.feedback.md"
                    write_files([(place / name, [result[FEEDBACK]])])
                fields = {name: result[name] for name in MarkedWork._fields}
                submissions[number] = Submission(file, student, MarkedWork(**fields))
            progress.counts = [say("{done} of {count}", done=len(submissions), count=len(files))]
    if wants_feedback:
        remark(
            say(
                "tracer: wrote {count} {count:file|files} to {folder}",
                count=sum(item.work is not None for item in submissions.values()),
                folder=options.feedback,
            ),
            options,
        )
    return [submissions[number] for number in range(len(files))]


def _mark_file(task: _Task, *, language: str, wants_feedback: bool) -> dict[str, Any]:
    """Return a file's marks and its feedback, or why it was not marked."""
    problem = task.problem
    if not problem:
        try:
            document = read_document(task.content, kind_of(task.file), task.file)
            sheet, view = _worksheet_of_key(task.key_text, task.key)
            report = mark_submission(document, sheet, view)
        except TracerError as error:
            problem = error.sentence(placed=False)
        except RecursionError:
            problem = say("its formulas are nested too deeply")
    if problem:
        return {"file": task.file, PROBLEM: problem}
    translate = catalogue(language)
    result = {"file": task.file, **work_of_report(report, translate)._asdict()}
    if wants_feedback:
        result[FEEDBACK] = "".join(feedback_markdown(report, task.who, translate))
    return result


def _make_gradebook(
    submissions: Sequence[Submission],
    students: Sequence[Student],
    keys: dict[int, str],
    translate: Translate,
) -> Gradebook:
    """Return the book: who is missing, and what the columns are."""
    submitted_ids = {item.student.id for item in submissions if item.student is not None}
    stranger = translate("not in the roster") if students else ""
    noted = [
        item
        if item.student is not None
        else item._replace(problem="; ".join(filter(None, [item.problem, stranger])))
        for item in submissions
    ]
    labels = dict.fromkeys(
        line.title for path in keys.values() for line in _worksheet_of(path).lines if line.blanks
    )
    order = [line.title for line in _worksheet_of(next(iter(keys.values()))).lines]
    sorted_labels = sorted(labels, key=lambda label: order.index(label) if label in order else 0)
    missing = tuple(student for student in students if student.id not in submitted_ids)
    return Gradebook(tuple(noted), missing, tuple(sorted_labels))


# What is printed and written


def _summary_lines(book: Gradebook, translate: Translate) -> Iterator[str]:
    for item in book.submissions:
        if item.work is None:
            text = plain_text(say("not marked: {problem}", problem=item.problem), translate)
        else:
            text = f"{item.work.total} ({item.problem})" if item.problem else item.work.total
        yield f"{item.file}: {text}"
        yield from (f"  {note}" for note in (item.work.notes if item.work else ()))
    for student in book.missing:
        name = f"{student.id} {student.name}".strip() if student.name != student.id else student.id
        yield plain_text(say("missing: {student}", student=name), translate)
    kinds = book.kinds()
    if kinds:
        yield plain_text(say("slips of the whole class:"), translate)
        for kind, count, files in kinds:
            line = say(
                "{kind}: {count}, in {files} {files:file|files}",
                kind=kind,
                count=count,
                files=files,
            )
            yield f"  {plain_text(line, translate)}"


def _path_beside(output: str) -> Path:
    path = Path(output)
    return path.parent / f"{path.stem}.slips{path.suffix or '.csv'}"
