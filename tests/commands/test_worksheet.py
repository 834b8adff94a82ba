"""`tracer worksheet` and `tracer mark`: files, keys, a class, and what is no worksheet."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.errors import TracerError
from tracer.worksheets.gradebook import Student, guard_cell, read_roster, student_of

# The numbers are given, so that the tests can say which figures they change.
SETTINGS = ("w=0.3", "x=[5, 4, 3]", "y=[8, 6, 7]", "learning_rate=0.05")
WORKSHEET = ["worksheet", "one_weight", *(part for item in SETTINGS for part in ("--set", item))]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Return the key of a worksheet; the worksheet is beside it."""
    assert main([*WORKSHEET, "-o", str(tmp_path / "sheet.md"), "--lang", "en", "-q"]) == 0
    return tmp_path / "sheet.key.md"


def answers(key: Path) -> str:
    """Return the worksheet of a key, filled."""
    return key.read_text("utf-8").replace("worksheet-key:", "worksheet:")


@pytest.fixture
def handed_in(tmp_path: Path, key: Path) -> Path:
    """Return a folder with submissions of all kinds."""
    folder = tmp_path / "in"
    (folder / "s4 Dora").mkdir(parents=True)
    right = answers(key)
    (folder / "s1.md").write_text(right, "utf-8")
    (folder / "s2.md").write_text(right.replace("= −65\n", "= 65\n"), "utf-8")
    shutil.copy(key.with_name("sheet.md"), folder / "s3.txt")
    (folder / "s4 Dora" / "worksheet.md").write_text(right, "utf-8")
    (folder / "s5.pdf").write_bytes(b"%PDF")
    (folder / "s6.docx").write_bytes(b"PK")
    (folder / "s7.md").write_bytes(b"\xff\xfe")
    (folder / "s8.md").symlink_to("/etc/hostname")
    return folder


def test_a_worksheet_has_its_key_beside_it(key: Path, capsys: Capture) -> None:
    """-o writes both; --answers prints the key that was written."""
    assert key.exists()
    assert main([*WORKSHEET, "--answers", "--lang", "en", "-q"]) == 0
    assert capsys.readouterr().out == key.read_text("utf-8")


def test_variants_are_written_with_their_keys(tmp_path: Path) -> None:
    """Thirty worksheets, of the seeds 7 to 36, and the keys in a folder of their own."""
    folder = tmp_path / "class"
    assert main(["worksheet", "one_weight", "--variants", "30", "-o", str(folder), "-q"]) == 0
    sheets = sorted(path.name for path in folder.glob("*.md"))
    assert sheets == [f"one_weight-{seed:02}.md" for seed in range(7, 37)]
    assert len(list((folder / "keys").glob("*.key.md"))) == 30
    assert len({path.read_text("utf-8") for path in folder.glob("*.md")}) == 30


def test_json_has_lines_and_answers(capsys: Capture) -> None:
    """--format json gives what a form on a web page needs."""
    assert main(["worksheet", "one_weight", "--format", "json", "-q"]) == 0
    data = json.loads(capsys.readouterr().out)
    blank = [line for line in data["lines"] if line["blanks"]]
    assert blank
    assert all("____" in line["text"] and "____" not in line["answer"] for line in blank)


def test_a_filled_worksheet_is_marked_by_check(key: Path, capsys: Capture) -> None:
    """`tracer check` recognizes it and prints the points; a slip is exit code 1."""
    file = key.with_name("mine.md")
    file.write_text(answers(key), "utf-8")
    assert main(["check", str(file), "--lang", "en"]) == 0
    assert "17 of 17 points: method 8/8, accuracy 9/9" in capsys.readouterr().out
    file.write_text(answers(key).replace("= −65\n", "= 65\n"), "utf-8")
    assert main(["check", str(file), "--lang", "en"]) == 1
    assert "1: ∂L/∂w: M1 A0 (65 should be -65" in capsys.readouterr().out


def test_a_class_is_marked(tmp_path: Path, handed_in: Path, key: Path, capsys: Capture) -> None:
    """A row a submission, the missing named, what cannot be read listed with what to do."""
    roster = tmp_path / "names.csv"
    rows = "".join(f"s{number},Student {number}\n" for number in range(1, 10))
    roster.write_text(f"id,name\n{rows}", "utf-8")
    out, back = tmp_path / "marks.csv", tmp_path / "back"
    arguments = ["mark", str(handed_in), "--key", str(key), "-o", str(out), "--roster", str(roster)]
    assert main([*arguments, "--feedback", str(back), "--lang", "en"]) == 1
    told = capsys.readouterr().out
    assert "missing: s9 Student 9" in told
    assert "missing: s8 Student 8" in told  # a link is no submission
    assert "s6.docx: not marked: tracer does not read .docx files" in told
    assert "sign_error: 1, in 1 file\n" in told
    with out.open(encoding="utf-8-sig", newline="") as file:
        table = {row["id"]: row for row in csv.DictReader(file)}
    assert [table[f"s{number}"]["points"] for number in (1, 2, 3, 4)] == ["17", "16", "0", "17"]
    assert table["s1"]["1: ∂L/∂w"] == "2"
    assert table["s2"]["1: ∂L/∂w"] == "1"
    assert table["s5"]["points"] == ""
    assert table["s9"]["remark"] == "missing"
    assert (tmp_path / "marks.slips.csv").read_text("utf-8-sig").splitlines() == [
        "kind,cause,slips",
        "sign_error,sign_lost,1",
    ]
    feedback = (back / "s2.md.feedback.md").read_text("utf-8")
    assert "16 of 17 points" in feedback
    assert "-65" in feedback
    assert (back / "s4 Dora__worksheet.md.feedback.md").exists()


def test_marks_as_json(handed_in: Path, key: Path, capsys: Capture) -> None:
    """The same as data."""
    assert main(["mark", str(handed_in), "--key", str(key), "--format", "json", "-q"]) == 1
    data = json.loads(capsys.readouterr().out)
    points = {item["file"]: item["points"] for item in data["submissions"]}
    assert [points[name] for name in ("s1.md", "s2.md", "s3.txt", "s5.pdf")] == [17, 16, 0, ""]
    assert data["slips"][0]["kind"] == "sign_error"


def test_the_key_decides_not_the_file(tmp_path: Path, key: Path, capsys: Capture) -> None:
    """A file of another seed or with other numbers is marked with the key; no path is opened."""
    folder = tmp_path / "in"
    folder.mkdir()
    main(["worksheet", "one_weight", "--seed", "8", "-o", str(tmp_path / "other.md"), "-q"])
    (folder / "other.md").write_text(answers(tmp_path / "other.key.md"), "utf-8")
    path = answers(key).replace('scenario: "one_weight"', 'scenario: "/etc/passwd"')
    (folder / "path.md").write_text(path, "utf-8")
    changed = answers(key).replace("w=0.3", "w=0.9")
    (folder / "set.md").write_text(changed, "utf-8")
    capsys.readouterr()
    assert main(["mark", str(folder), "--key", str(key), "--lang", "en"]) == 1
    told = capsys.readouterr().out
    assert "set.md: 17 of 17" in told
    assert "path.md: not marked: this is the worksheet of /etc/passwd" in told
    assert "other.md: 17 of 17" not in told
    assert "The file is the worksheet of seed 8; it was marked with the key of seed 7." in told


def test_a_key_that_is_handed_in_is_named(tmp_path: Path, key: Path, capsys: Capture) -> None:
    """It has all points; the teacher is told why."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "copied.md").write_bytes(key.read_bytes())
    (folder / "own.md").write_text(answers(key), "utf-8")
    assert main(["mark", str(folder), "--key", str(key), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert told.count("This file is a key") == 1


def test_a_file_is_no_folder(key: Path, capsys: Capture) -> None:
    """It is there, so it is not said that there is none."""
    assert main(["mark", str(key), "--key", str(key), "--lang", "en"]) == 2
    assert "this is a file; expected the folder with" in capsys.readouterr().err


def test_a_wrong_file_is_named(tmp_path: Path, key: Path, capsys: Capture) -> None:
    """No points without a word: what it is and what was expected, in the table too."""
    folder = tmp_path / "in"
    folder.mkdir()
    # In code none of its names is one of the worksheet that was expected.
    main(["worksheet", "mlp_2_2_2", "--notation", "code", "-o", str(tmp_path / "other.md"), "-q"])
    main(["worksheet", "neuron", "-o", str(tmp_path / "near.md"), "-q"])
    shutil.copy(tmp_path / "near.key.md", folder / "near.md")
    (folder / "empty.md").write_text("", "utf-8")
    (folder / "blank.txt").write_text(" \n\n", "utf-8")
    (folder / "essay.md").write_text("My thoughts about weights.\n", "utf-8")
    other = (tmp_path / "other.md").read_text("utf-8").partition("## Iteration")[0]
    (folder / "other.md").write_text(other, "utf-8")
    of_a_file = answers(key).replace('scenario: "one_weight"', 'scenario: "mine.toml"')
    (folder / "file.md").write_text(of_a_file, "utf-8")
    (folder / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    (folder / "right.md").write_text(answers(key), "utf-8")
    out = tmp_path / "marks.csv"
    capsys.readouterr()
    assert main(["mark", str(folder), "--key", str(key), "-o", str(out), "--lang", "en"]) == 1
    told = capsys.readouterr().out
    wanted = "expected the worksheet of one_weight, seed 7"
    why = {
        "empty.md": f"the file is empty; {wanted}",
        "blank.txt": f"the file is empty; {wanted}",
        "essay.md": f"no line of the worksheet is in it; {wanted}",
        "other.md": f"this is the worksheet of mlp_2_2_2, seed 7; {wanted}",
        "file.md": f"this is the worksheet of mine.toml, seed 7; {wanted}",
        "near.md": f"this is the worksheet of neuron, seed 7; {wanted}",  # some lines are the same
    }
    with out.open(encoding="utf-8-sig", newline="") as file:
        table = {row["file"]: row for row in csv.DictReader(file)}
    for name, words in why.items():
        assert f"{name}: not marked: {words}" in told
        assert (table[name]["points"], table[name]["remark"]) == ("", words)
    assert table["picture.md"]["points"] == ""
    assert "UTF-8" in table["picture.md"]["remark"]
    assert "slips of the whole class" not in told
    assert (table["right.md"]["points"], table["right.md"]["remark"]) == ("17", "")


def test_variants_are_marked_by_the_roster(tmp_path: Path, capsys: Capture) -> None:
    """With a folder of keys the roster says who had which; without it nothing is guessed."""
    folder = tmp_path / "class"
    main(["worksheet", "one_weight", "--variants", "2", "-o", str(folder), "-q"])
    handed = tmp_path / "in"
    handed.mkdir()
    for student, seed in (("ann", 7), ("bob", 8), ("eve", 8)):
        text = answers(folder / "keys" / f"one_weight-{seed:02}.key.md")
        (handed / f"{student}.md").write_text(text, "utf-8")
    roster = tmp_path / "names.csv"
    roster.write_text("id,seed\nann,7\nbob,8\neve,\n", "utf-8")
    arguments = ["mark", str(handed), "--key", str(folder / "keys"), "--lang", "en"]
    assert main([*arguments, "--roster", str(roster)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("ann.md: 17 of 17")
    assert told[1].startswith("bob.md: ")
    assert "points" in told[1]
    assert told[2] == "eve.md: not marked: with several keys, the roster must name the seed"


def test_many_files_are_marked_by_processes(tmp_path: Path, key: Path, capsys: Capture) -> None:
    """The rows come in the order of the names, as one process would give them."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(45):
        (folder / f"s{number:02}.md").write_text(answers(key), "utf-8")
    assert main(["mark", str(folder), "--key", str(key), "--lang", "en"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        f"s{number:02}.md: 17 of 17 points: method 8/8, accuracy 9/9, carried forward 0/0"
        for number in range(45)
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mark", "nowhere", "--key", "sheet.key.md"], "there is no such folder"),
        (["mark", "in", "--key", "in/s1.md"], "this is not the key of a worksheet"),
        (["mark", "in", "--key", "none.key.md"], "the file cannot be read"),
        (["mark", "empty", "--key", "sheet.key.md"], "there is nothing to mark"),
        (["worksheet", "one_weight", "--variants", "3"], "--variants writes worksheets and keys"),
        (["worksheet", "transformer_block"], "an iteration has too many lines for a worksheet"),
        (["worksheet", "one_weight", "--blank", "2"], "expected a number from 0 to 1"),
        (["worksheet", "one_weight", "--seed", "-1"], "is no whole number from 0 up"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str],
    message: str,
    handed_in: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line, exit code 2."""
    monkeypatch.chdir(handed_in.parent)
    Path("empty").mkdir()
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """A spreadsheet takes it for text."""
    found = guard_cell(cell)
    assert isinstance(found, str)
    assert found.startswith("'")


def test_rosters() -> None:
    """Headings in any order, English or Chinese; without them id and name."""
    assert read_roster("name,id\nAnn,s1\n", "x") == [Student("s1", "Ann")]
    assert read_roster("学号,姓名,种子\n1,李华,9\n", "x") == [Student("1", "李华", "", 9)]
    assert read_roster("s1,Ann\ns2\n", "x") == [Student("s1", "Ann"), Student("s2", "")]
    for text in ("", "id\n", "id\na\nA\n", "id,seed\na,x\n"):
        with pytest.raises(TracerError):
            read_roster(text, "x")


def test_whose_file_it_is() -> None:
    """The id is a part of the path by itself: s1 is not s11."""
    students = [Student("s1"), Student("s11"), Student("7", file="odd name.md")]
    assert student_of("week1/Smith_s11_final.md", students) == students[1]
    assert student_of("s1/worksheet.md", students) == students[0]
    assert student_of("odd name.md", students) == students[2]
    assert student_of("s2.md", students) is None
