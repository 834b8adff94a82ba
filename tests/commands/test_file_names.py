"""Whatever a file is called, each line that is printed is one of ours, and nothing breaks."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from tracer.cli import main
from tracer.errors import printable, printable_text

pytestmark = pytest.mark.skipif(os.name != "posix", reason="names of POSIX: any bytes but / and 0")

NAMES = {  # and how each is shown
    b"a\nfalse.md: 9 of 9 points\n.md": "a␊false.md: 9 of 9 points␊.md",
    b"cr\rfalse.md": "cr␍false.md",
    b"esc \x1b[31m.md": "esc ␛[31m.md",
    "bidi\u202egnp.md".encode(): "bidi�gnp.md",
    "line\u2028false.md".encode(): "line�false.md",
    b"latin\xe9.md": "latin�.md",
    "中文 é.md".encode(): "中文 é.md",
}
SLIP = "z = 0.5 * 2 + 1 = 3\n"


def tracer(
    folder: Path, *arguments: str | bytes, codes: Sequence[int] = (0, 1), strict: bool = True
) -> str:
    """Return what a command prints on both streams; `strict` as in most people's locale."""
    encoding = "utf-8" if strict else "ascii"
    printed = io.BytesIO()
    stream = io.TextIOWrapper(printed, encoding, errors="strict", newline="")
    with chdir(folder), redirect_stdout(stream), redirect_stderr(stream):
        code = main([os.fsdecode(argument) for argument in arguments])
    stream.flush()
    told = printed.getvalue().decode(encoding)
    assert code in codes, told
    assert printable_text(told) == told, "a control character"
    return told


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Give a folder of calculations with a slip each."""
    for name in NAMES:
        (tmp_path / os.fsdecode(name)).write_text(SLIP, "utf-8")
    return tmp_path


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Give a folder with a key and the worksheets of a class in it."""
    tracer(tmp_path, "worksheet", "one_weight", "-o", "sheet.md", "-q")
    (tmp_path / "in").mkdir()
    for name in NAMES:
        (tmp_path / "in" / os.fsdecode(name)).write_bytes((tmp_path / "sheet.md").read_bytes())
    return tmp_path


def test_a_check_prints_names_on_one_line(notes: Path) -> None:
    """Each finding begins with the name of its file, whatever signs are in it."""
    lines = tracer(notes, "check", *NAMES).splitlines()
    begins = [line for line in lines if not line.startswith(" ")]
    for shown in NAMES.values():
        assert sum(line.startswith(f"{shown}:") for line in begins) == 2
    assert len(begins) == 2 * len(NAMES) + 1
    assert "?.md" in tracer(notes, "check", *NAMES, strict=False)


def test_a_report_has_a_heading_a_file(notes: Path) -> None:
    """In Markdown too a name begins no line of its own."""
    told = tracer(notes, "check", *NAMES, "--format", "markdown")
    headings = [line for line in told.splitlines() if line.startswith("#")]
    assert headings == [f"## `{shown}`" for shown in NAMES.values()]


def test_github_is_told_of_one_finding_a_line(notes: Path) -> None:
    """A workflow command that a name contains is not given."""
    lines = tracer(notes, "check", *NAMES, "--format", "github").splitlines()
    assert len(lines) == len(NAMES)
    assert all(line.startswith("::error file=") for line in lines)


def test_data_have_the_names_themselves(notes: Path) -> None:
    """JSON and SARIF give names by which the files can be opened."""
    files = json.loads(tracer(notes, "check", *NAMES, "--format", "json"))["files"]
    assert [os.fsencode(file["path"]) for file in files] == list(NAMES)
    (run,) = json.loads(tracer(notes, "check", *NAMES, "--format", "sarif"))["runs"]
    places = [found["locations"][0]["physicalLocation"] for found in run["results"]]
    assert [unquote_to_bytes(place["artifactLocation"]["uri"]) for place in places] == list(NAMES)


def test_marks_are_one_line_a_file(handed_in: Path) -> None:
    """No name gives itself points; the table and what students get back have all of them."""
    told = tracer(
        handed_in,
        *("mark", "in", "--key", "sheet.key.md", "-o", "marks.csv", "--feedback", "back"),
    )
    marked = [line.partition(": 0 of 17")[0] for line in told.splitlines() if ": 0 of 17" in line]
    assert sorted(marked) == sorted(NAMES.values())
    assert not any(line.startswith("false.md") for line in told.splitlines())
    with (handed_in / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["file"] for row in rows) == sorted(NAMES.values())
    assert len(list((handed_in / "back").iterdir())) == len(NAMES)


@pytest.mark.parametrize("shown", NAMES, ids=lambda name: ascii(name))
def test_errors_are_one_line(
    shown: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of a file that is not there, with each command that reads one."""
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(shown)
    stem = name.removesuffix(".md")
    for arguments in (
        ["check", name],
        ["derive", f"{stem}.toml"],
        ["check", "--values", f"{stem}.json", "--scenario", "one_weight"],
        ["mark", name, "--key", name],
        ["derive", "one_weight", "-o", f"none/{name}"],
        ["explain", name],
        ["derive", "one_weight", "--set", name],
        ["derive", "one_weight", f"--{name}"],
        [name],
    ):
        assert main(arguments) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert printable_text(told) == told


def test_a_scenario_may_have_any_name(tmp_path: Path) -> None:
    """It is written, run and told in every format, with curves beside it."""
    name = b"a\nlatin\xe9.toml"
    tracer(tmp_path, "new", name)
    for form in ("terminal", "markdown", "latex", "html", "json"):
        told = tracer(tmp_path, "derive", name, "--format", form)
        assert printable(told.replace("\n", "")) == told.replace("\n", "")
    tracer(tmp_path, "derive", name, "-o", b"b\nlatin\xe9.md")
    assert "](b%0Alatin%E9.curve.svg)" in (tmp_path / os.fsdecode(b"b\nlatin\xe9.md")).read_text()
    assert (tmp_path / os.fsdecode(b"b\nlatin\xe9.curve.svg")).exists()


def test_half_a_surrogate_pair_can_be_printed(tmp_path: Path) -> None:
    """JSON may hold one, in a notebook or in recorded values; no encoding has a sign for it."""
    cell = {"cell_type": "markdown", "source": ["z = 1 + 1 = 3 \ud800"], "metadata": {}}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook), "utf-8")
    (tmp_path / "v.json").write_text('{"1": {"\\ud800": 0.5, "w": 0.5}}', "utf-8")
    for form in ("text", "json", "markdown", "github", "sarif"):
        tracer(tmp_path, "check", "a.ipynb", "--format", form)
    for form in ("text", "json"):
        tracer(tmp_path, *("check", "--values", "v.json", "--scenario", "one_weight"),
               *("--format", form))  # fmt: skip
