"""The examples of docs/checking.md run, and print what the page says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from tracer.check.model.finding import SlipKind, Tier, Verdict
from tracer.check.model.marks import Mark
from tracer.check.model.statements import UnreadReason as Reason
from tracer.cli import main
from tracer.document_check import check_text
from tracer.render.report_json import report_json

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "checking.md").read_text("utf-8")
SCHEMA: dict[str, Any] = json.loads((DOCS / "check.schema.json").read_text("utf-8"))
TIERS = re.findall(r"^\| `(\w+)` \| [^|]+ \| `(.*?)` \| (\w+) \|$", PAGE, re.MULTILINE)
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
LEFT_OUT = "..."


def session(block: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a console example, each with what the page says it prints."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def fits(printed: list[str], said: list[str]) -> bool:
    """Tell whether what was printed is what the page says, `...` being any lines."""
    if not said:
        return not printed
    if said[0] == LEFT_OUT:
        return any(fits(printed[place:], said[1:]) for place in range(len(printed) + 1))
    return bool(printed) and printed[0] == said[0] and fits(printed[1:], said[1:])


def hand_in(folder: Path) -> None:
    """Lay out the class of the example: one right, one blank, one that is no text, one missing."""
    handed = folder / "handed_in"
    handed.mkdir()
    key = (folder / "sheet.key.md").read_text("utf-8")
    (handed / "ann.md").write_text(key.replace("worksheet-key:", "worksheet:"), "utf-8")
    (handed / "bob.md").write_text((folder / "sheet.md").read_text("utf-8"), "utf-8")
    (handed / "cem.docx").write_bytes(b"PK")
    (folder / "names.csv").write_text("id\nann\nbob\ncem\ndora\n", "utf-8")


def test_the_sessions_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Command after command, in one folder, with the files that the page shows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    commands = 0
    for kind, name, block in BLOCKS:
        if name:
            Path(name).write_text(block, "utf-8")
        for command, said in session(block) if kind == "console" else ():
            if command.startswith("tracer mark"):
                hand_in(tmp_path)
            program, *arguments = shlex.split(command)
            assert program == "tracer"
            main(arguments)
            printed = capsys.readouterr().out.splitlines()
            assert fits(printed, said), (command, printed)
            commands += 1
    assert commands >= 5


def test_the_hook_is_the_one_of_the_page() -> None:
    """The id in the example is one that the repository offers."""
    hooks = (Path(__file__).parents[1] / ".pre-commit-hooks.yaml").read_text("utf-8")
    assert re.findall(r"- id: (\S+)", hooks) == re.findall(r"- id: (\S+)", PAGE)


def test_the_tiers_are_those_of_the_program() -> None:
    """The table names each of them once."""
    assert tuple(name for name, _, _ in TIERS) == get_args(Tier)


@pytest.mark.parametrize(("tier", "line", "verdict"), TIERS)
def test_an_example_has_its_tier(tier: str, line: str, verdict: str) -> None:
    """The last chain of the line is judged as the table says."""
    entry = check_text(line).files[0].findings[-1]
    assert entry.tier == tier
    assert entry.verdict == {"right": "correct"}.get(verdict, verdict)


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.proof)])
def test_what_is_printed_fits_the_schema(step: int) -> None:
    """Reports on texts with slips, and on the examples of the page: some, or as a proof all."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    bad = sorted((Path(__file__).parent / "check" / "bad").glob("*.md"))
    texts = [path.read_text("utf-8") for path in bad]
    texts += [block for kind, _, block in BLOCKS if kind == "md"]
    assert len(texts) > 50
    for text in texts[::step]:
        validator.validate(report_json(check_text(text)))


def test_a_marked_worksheet_fits_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """Its points stand beside its lines."""
    main(["worksheet", "one_weight", "-q"])
    report = report_json(check_text(capsys.readouterr().out))
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert report["files"][0]["marks"]["points"] == 0


def test_the_words_of_the_schema_are_those_of_the_program() -> None:
    """A verdict, tier, kind, reason or mark that is new needs its place there."""
    parts = SCHEMA["$defs"]
    entry = parts["entry"]["properties"]
    assert tuple(entry["verdict"]["enum"]) == get_args(Verdict)
    assert tuple(parts["tier"]["enum"]) == (None, *get_args(Tier))
    assert tuple(parts["kind"]["enum"]) == get_args(SlipKind)
    assert tuple(entry["reason"]["enum"]) == (None, *get_args(Reason))
    assert tuple(parts["mark"]["enum"]) == (None, *get_args(Mark))
