"""`tracer check FOLDER`: what is read below it, what is left out, and what is refused."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tracer.check.model.finding import FileReport
from tracer.check.model.statements import WorkedDocument
from tracer.cli import main
from tracer.commands import file_checks
from tracer.commands.parallel import MANY
from tracer.document_check import check_document

RIGHT, WRONG = "y = 2 * 3 = 6\n", "y = 2 * 3 = 7\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a folder with files of several kinds, some of which are not read."""
    for name, text in {
        "b.txt": WRONG,
        "a/one.md": RIGHT,
        "a/picture.png": WRONG,
        "a/Makefile": WRONG,
        ".git/notes.md": WRONG,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_files_below_a_folder_are_checked_in_order(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hidden ones and those of other kinds are not; the sum counts what was read."""
    assert main(["check", str(course), "--lang", "en"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[1] == f"{course / 'a' / 'one.md'}: 1 right, 0 slips, 0 not checked"
    assert told[-1] == "in all: 1 right, 1 slip, 0 not checked"
    assert "Makefile" not in "".join(told)


def test_a_file_that_cannot_be_read_is_left_out_and_said(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not stop the others; where it is named itself, it is refused."""
    (course / "a" / "bad.md").write_bytes(b"y = \xff")
    assert main(["check", str(course), "--lang", "en"]) == 1
    out, err = capsys.readouterr()
    assert "in all: 1 right, 1 slip" in out
    assert "skipped: " in err
    assert "bad.md" in err
    assert main(["check", str(course), "-q", "--lang", "en"]) == 1
    assert capsys.readouterr().err == err  # silence would look like approval
    assert main(["check", str(course / "a" / "bad.md"), "--lang", "en"]) == 2


@pytest.mark.parametrize("bad", ["notes.docx", "nothing.md"])
def test_a_named_file_that_cannot_be_read_does_not_stop_the_others(
    bad: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The code says that not all that was asked for is checked; nothing is repaired then."""
    (course / "notes.docx").write_bytes(b"PK")
    files = [str(course / bad), str(course / "b.txt")]
    assert main(["check", *files, "--lang", "en"]) == 2
    out, err = capsys.readouterr()
    assert "b.txt: 0 right, 1 slip" in out
    assert err.startswith(f"skipped: {course / bad}: ")
    assert main(["check", *files, "--fix", "--in-place", "--lang", "en"]) == 2
    assert (course / "b.txt").read_text("utf-8") == WRONG


def test_an_empty_folder_does_not_stop_the_others(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is left out, which is said, and the code says so."""
    (tmp_path / "empty").mkdir()
    assert main(["check", str(course), str(tmp_path / "empty"), "--lang", "en"]) == 2
    out, err = capsys.readouterr()
    assert "in all: 1 right, 1 slip" in out
    assert "this folder has no file that tracer reads" in err


def test_a_scenario_that_is_not_there_is_told_once(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not once for each file."""
    assert main(["check", str(course), "--scenario", "nosuch", "--lang", "en"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("there is no scenario") == 1


def test_many_files_below_a_folder_have_processes(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reports are those of the files, in order, also of those that are left out."""
    for number in range(60):
        (course / f"n{number:02}.md").write_text(RIGHT, "utf-8")
    (course / "n30.md").write_bytes(b"\xff")
    assert main(["check", str(course), "--lang", "en"]) == 1
    out, err = capsys.readouterr()
    assert "in all: 60 right, 1 slip" in out
    assert out.index("n07.md") < out.index("n55.md")
    assert err.count("skipped: ") == 1


def test_a_folder_that_cannot_be_read_is_left_out(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are checked; which one was not is said."""
    listed = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path.name == "a":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert main(["check", str(course), "--lang", "en"]) == 1
    out, err = capsys.readouterr()
    assert "b.txt: 0 right, 1 slip" in out
    assert "this folder cannot be read; found Permission denied" in err
    key = course.parent / "sheet.key.md"
    sheet = str(course.parent / "sheet.md")
    assert main(["worksheet", "one_weight", "-o", sheet, "-q"]) == 0
    capsys.readouterr()
    main(["mark", str(course), "--key", str(key), "--lang", "en"])
    assert "this folder cannot be read; found Permission denied" in capsys.readouterr().err


def test_a_dot_in_the_name_of_a_folder_is_no_ending(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is a file checked twice that is named beside its folder."""
    folder = course.rename(course.parent / "notes.v1")
    assert main(["check", str(folder), str(folder / "b.txt"), "--lang", "en"]) == 1
    assert "in all: 1 right, 1 slip, 0 not checked" in capsys.readouterr().out


@pytest.mark.parametrize("options", [["--fix"], ["--fix", "--in-place"]])
def test_a_folder_is_not_repaired(
    options: list[str], course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There may be notebooks in it, which cannot be."""
    assert main(["check", str(course), *options, "--lang", "en"]) == 2
    assert "--fix takes files, not folders" in capsys.readouterr().err
    assert (course / "b.txt").read_text("utf-8") == WRONG


def test_a_folder_with_nothing_to_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One message says what would be read."""
    assert main(["check", str(tmp_path), "--lang", "en"]) == 2
    assert (
        "this folder has no file that tracer reads; expected .md, .txt" in capsys.readouterr().err
    )


def fragile_check(name: str) -> Callable[..., FileReport]:
    """Return a check of documents that ends its process at one of them."""

    def fragile(document: WorkedDocument, *rest: Any, **options: Any) -> FileReport:
        if document.path == name:
            os.kill(os.getpid(), signal.SIGKILL)
        return check_document(document, *rest, **options)

    return fragile


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_file_that_ends_its_process_is_left_out_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All other files of a class are checked and counted; this one is named, with exit code 2."""
    names = [str(tmp_path / f"{number:03}.md") for number in range(2 * MANY)]
    for name in names:
        Path(name).write_text(RIGHT, "utf-8")
    monkeypatch.setattr(file_checks, "check_document", fragile_check(names[17]))
    assert main(["check", *names, "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == f"in all: {2 * MANY - 1} right, 0 slips, 0 not checked"
    assert told.err == (f"skipped: {names[17]}: the process that worked on it died twice\n")
    for options in ([], ["--jsonl", str(tmp_path / "found.jsonl")]):  # nor is a folder in order
        assert main(["check", str(tmp_path), *options]) == 2


def test_type_says_what_a_named_file_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file whose ending says nothing, or something else, is read as --type says."""
    page = tmp_path / "step.out"
    page.write_text("y = 2  # 2 * 3 = 7\n", "utf-8")
    assert main(["check", str(page)]) == 2
    assert main(["check", str(page), "--type", "py"]) == 1
    assert "arithmetic_error" in capsys.readouterr().out
    other = tmp_path / "step.toml"
    other.write_text("2 * 3 = 7\n", "utf-8")
    assert main(["check", str(tmp_path), "--type", "md"]) == 2  # a folder's files by their endings
