"""The paths that a reader types: read as typed, and refused with a reason where they are none."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.errors import TracerError
from tracer.ui.parts.reader_files import check_target, read_text

NO_PATHS = ["~nobody-of-this-name/x", "a" * 5000, "a\0b", ".", "no/such/folder/x", " "]


@pytest.mark.parametrize("typed", NO_PATHS, ids=lambda typed: repr(typed[:12]))
@pytest.mark.parametrize("ending", ["", ".toml"])
def test_what_is_no_path_of_a_file_is_refused(typed: str, ending: str) -> None:
    with pytest.raises(TracerError):
        check_target(typed, ending=ending)


@pytest.mark.parametrize(
    ("typed", "written"),
    [("own", "own.toml"), ("own.toml", "own.toml"), (" own ", "own.toml"), ("a.b", "a.b.toml")],
)
def test_a_name_gets_the_ending_of_its_kind(
    typed: str, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert check_target(typed, ending=".toml") == Path(written)


def test_a_name_that_ends_in_a_long_one_is_refused() -> None:
    with pytest.raises(TracerError):
        read_text(Path("a" * 5000))
