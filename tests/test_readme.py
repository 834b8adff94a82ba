"""The pages for users show what commands print, and name only commands that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tracer.cli import COMMANDS, main, parser_of
from tracer.ui.settings.settings_file import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md")]
COMMAND_PAGE = (ROOT / "docs" / "commands.md").read_text("utf-8")
BLOCKS = [
    block
    for page in (*PAGES, COMMAND_PAGE, (ROOT / "docs" / "interface.md").read_text("utf-8"))
    for block in re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
]
SHOWN = [text.removeprefix("$ ").split("\n", 1) for kind, _, text in BLOCKS if kind == "console"]
FILES = {name: text for _, name, text in BLOCKS if name}
NAMED = [
    line.strip()
    for kind, _, text in BLOCKS
    if kind == "sh"
    for line in re.findall(r"^tracer [^#\n]*", text, re.MULTILINE)
]
PYTHON = [text for kind, _, text in BLOCKS if kind == "python"]
SLIPS = 1  # the exit code of a check that found some


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        pytest.param(*shown, marks=[pytest.mark.chinese] if "--lang zh" in shown[0] else [])
        for shown in SHOWN
    ],
)
def test_output_is_what_the_command_prints(
    command: str,
    shown: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each stretch of the output shown, between lines of an ellipsis, is printed as it stands."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text, "utf-8")
    assert main(shlex.split(command)[1:]) == (SLIPS if " check " in command else 0)
    printed = capsys.readouterr().out
    for stretch in shown.split("…\n"):
        assert stretch in printed


@pytest.mark.parametrize("command", NAMED)
def test_command_is_one(command: str) -> None:
    """The arguments of every command of the page are those that the command line takes."""
    name, *arguments = shlex.split(command)[1:] or ["tui"]
    _, unknown = parser_of([name]).parse_known_args([name, *arguments])
    assert unknown == []


def test_every_command_is_named() -> None:
    """The page of the commands has each."""
    assert [name for name in COMMANDS if f"tracer {name}" not in COMMAND_PAGE] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_readme_is_short(page: str) -> None:
    """What takes longer than a few minutes to read stands in docs."""
    assert len(page.split()) < 1000


def test_the_settings_shown_are_settings(tmp_path: Path) -> None:
    """The settings of docs/interface.md are read without a fault."""
    path = tmp_path / "settings.toml"
    path.write_text(FILES["settings"], "utf-8")
    settings = Settings(path)
    assert settings.problems == []
    assert settings.theme == "light"
    assert len(settings.keys) == 2


@pytest.mark.parametrize(
    "page",
    ["README.md", "README.zh.md", "CONTRIBUTING.md", "docs/commands.md", "docs/interface.md"],
)
def test_what_a_page_refers_to_is_there(page: str) -> None:
    """Each link to a file of the project leads to one."""
    path = ROOT / page
    text = path.read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)|(?:src|srcset)=\"([^\"]+)\"", text)
    assert links
    targets = [link or source for link, source in links]
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_python_runs() -> None:
    """The Python of each page gives the numbers beside it."""
    assert len(PYTHON) == len(PAGES)
    for text in PYTHON:
        names: dict[str, object] = {}
        exec(text, names)
        values = names["trace"].values("dloss/dw")  # type: ignore[attr-defined]
        assert list(values) == pytest.approx([-3, -2.4, -1.92])
