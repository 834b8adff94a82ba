"""The command in docs/debugging.md prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracer.cli import main

ROOT = Path(__file__).resolve().parent.parent


def test_the_command_prints_what_the_page_shows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of the page, line after line."""
    page = (ROOT / "docs" / "debugging.md").read_text("utf-8")
    [example] = re.findall(r"```console\n\$ tracer (.*?)\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(ROOT)
    assert main([*example[0].split(), "--lang", "en"]) == 1
    assert capsys.readouterr().out == example[1]
