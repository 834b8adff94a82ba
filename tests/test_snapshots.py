"""A snapshot that does not fit is shown as a difference, with what accepts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.snapshots import MOST_LINES, check_snapshot, snapshot_diff


def failure(path: Path, text: str, made_by: str | None = None) -> list[str]:
    """Return the lines of the message with which a text is refused."""
    with pytest.raises(pytest.fail.Exception) as caught:
        check_snapshot(path, text, made_by)
    return str(caught.value).splitlines()


def test_a_difference_is_shown_by_lines(tmp_path: Path) -> None:
    """The file, the lines around, the old line, the new one, and the command for this test."""
    path = tmp_path / "screen.txt"
    path.write_text("one\ntwo\nthree\n", "utf-8")
    check_snapshot(path, "one\ntwo\nthree\n")
    assert failure(path, "one\nzwei\nthree\n") == [
        f"{path} holds another text:",
        "",
        f"--- {path} (the file)",
        f"+++ {path} (now)",
        "@@ -1,4 +1,4 @@",
        " one",
        "-two",
        "+zwei",
        " three",
        " ",
        "",
        "If this is as it should be, accept it with",
        "    ACCEPT_SNAPSHOTS=1 python -m pytest "
        "tests/test_snapshots.py::test_a_difference_is_shown_by_lines",
    ]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a", "a \n", ["-a", "+a␠", "+"]),
        ("a\n", "a\r\n", ["-a", "+a\\r"]),
        ("a b", "a\u00a0b", ["-a b", "+a\\xa0b"]),
        ("\x1b[1mα", "α", ["-\\x1b[1mα", "+α"]),
    ],
)
def test_what_nobody_would_see_is_made_visible(before: str, after: str, lines: list[str]) -> None:
    """Blanks at the end, line ends, characters that look like others."""
    _, _, _, *shown = snapshot_diff(before, after, "page.md")
    assert [line for line in shown if line[0] != " "] == lines


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    """All lines of a page that is not there yet would hide what accepts it."""
    lines = failure(tmp_path / "page.md", "line\n" * 1000, "python docs/make_gallery.py")
    assert f"… and {1000 + 4 - MOST_LINES} lines more" in lines
    assert lines[-1] == "    python docs/make_gallery.py"


def test_a_snapshot_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable writes the file; it writes none that a command makes."""
    monkeypatch.setenv("ACCEPT_SNAPSHOTS", "1")
    check_snapshot(tmp_path / "screen.txt", "one\n")
    assert (tmp_path / "screen.txt").read_bytes() == b"one\n"
    assert failure(tmp_path / "page.md", "one\n", "python docs/make_gallery.py")
    assert not (tmp_path / "page.md").exists()
