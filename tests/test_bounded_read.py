"""The door for files that a user names: regular ones only, up to a limit, with one message each."""

from __future__ import annotations

import io
import os
import socket
import sys
from pathlib import Path

import pytest

from tracer.bounded_read import decode_text, read_bytes, read_standard_input, read_text
from tracer.cli import main
from tracer.errors import LimitError, TracerError

MOST = 1_000

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, sockets and devices of POSIX")


def make(kind: str, path: Path) -> None:
    """Make something of a kind that is no file to read."""
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(str(path))
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
        case "terminal":
            path.symlink_to("/dev/ptmx")
        case "ring":
            path.symlink_to(path.name)
        case "large":
            path.write_bytes(b"1" * 70_000_000)
        case "nothing":
            path.symlink_to("nowhere")
        case "endless":
            path.symlink_to("/proc/self/pagemap")  # whose size is said to be 0


MESSAGES = {
    "pipe": "this is not a file; found a pipe; expected the path of a file",
    "socket": "this is not a file; found a socket; expected the path of a file",
    "folder": "this is not a file; found a folder; expected the path of a file",
    "device": "this is not a file; found a device; expected the path of a file",
    "terminal": "this is not a file; found a device; expected the path of a file",
    "ring": "the file cannot be read: Too many levels of symbolic links",
    "large": "the file is too large; found 70,000,000 bytes; expected at most 1,000 bytes",
    "nothing": "the file cannot be read: No such file or directory",
    "endless": "the file is too large; expected at most 1,000 bytes",
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_what_is_no_file_is_not_waited_for(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message says which path, what it is and what was expected."""
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    make(kind, Path("it.md"))
    with pytest.raises(TracerError) as caught:
        read_bytes("it.md", most=MOST)
    assert str(caught.value) == f"it.md: {MESSAGES[kind]}"


# Each command with a file in each place where it reads one; the path ends as it has to.
READERS = {
    "check": ["check", "FILE.md"],
    "check --scenario": ["check", "--scenario", "FILE.toml", "notes.md"],
    "check --values json": ["check", "--values", "FILE.json", "--scenario", "one_weight"],
    "check --values npz": ["check", "--values", "FILE.npz", "--scenario", "one_weight"],
    "mark --key": ["mark", "in", "--key", "FILE.md"],
    "mark --roster": ["mark", "in", "--key", "sheet.key.md", "--roster", "FILE.csv"],
    "data beside a scenario": ["derive", "beside.toml"],
    **{
        name: [name, "FILE.toml"]
        for name in ("derive", "run", "show", "verify", "walk", "worksheet", "tui")
    },
}
BESIDE = """
data = {x = {file = "FILE.csv"}, y = 1}
parameters = {w = 0.5}
network = {equations = "p = w * x\\nloss = (p - y)**2"}
"""


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=() if kind in ("device", "folder") else pytest.mark.proof)
        for kind in MESSAGES
        if kind != "endless"
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_every_command_reads_through_the_door(
    reader: str,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever stands where a file is expected is one line and code 2, and nothing waits for it."""
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text("z = 1 + 1 = 2\n", "utf-8")
    Path("beside.toml").write_text(BESIDE, "utf-8")
    Path("in").mkdir()
    if reader == "mark --roster":
        assert main(["worksheet", "one_weight", "-o", "sheet.md", "--quiet"]) == 0
    suffix = next(Path(item).suffix for item in [*READERS[reader], "FILE.csv"] if "FILE" in item)
    make(kind, Path(f"FILE{suffix}"))
    assert main(READERS[reader]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tracer: ")
    assert "FILE" in line or "x.file" in line


def test_a_submission_that_is_no_file_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are marked; nothing waits for a pipe in the folder."""
    monkeypatch.chdir(tmp_path)
    assert main(["worksheet", "one_weight", "-o", "sheet.md", "--quiet"]) == 0
    Path("in").mkdir()
    Path("sheet.md").rename("in/a.md")
    make("pipe", Path("in/b.md"))
    assert main(["mark", "in", "--key", "sheet.key.md"]) == 1
    assert "b.md: not marked: this is not a file; found a pipe" in capsys.readouterr().out


def test_a_file_that_something_else_replaces_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was a file as it was looked at may be a pipe as it is opened."""
    place = tmp_path / "a"
    place.write_text("text", "utf-8")
    look = Path.stat
    is_replaced: list[bool] = []

    def look_and_replace(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = look(path, follow_symlinks=follow_symlinks)
        if path == place and not is_replaced:
            is_replaced.append(True)
            path.unlink()
            os.mkfifo(path)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", look_and_replace)
        with pytest.raises(TracerError, match="found a pipe"):
            read_bytes(place, most=MOST)


def test_a_link_is_followed_unless_it_may_not_be(tmp_path: Path) -> None:
    """Data beside a scenario may not come from elsewhere."""
    (tmp_path / "file").write_text("text", "utf-8")
    (tmp_path / "link").symlink_to("file")
    assert read_bytes(tmp_path / "link", most=MOST) == b"text"
    with pytest.raises(TracerError, match="Too many levels of symbolic links"):
        read_bytes(tmp_path / "link", most=MOST, follow=False)


def test_the_limit_is_the_last_size_that_is_read(tmp_path: Path) -> None:
    """One byte more is too large; a limit of whole megabytes is said as such."""
    (tmp_path / "a").write_bytes(b"1" * MOST)
    assert len(read_bytes(tmp_path / "a", most=MOST)) == MOST
    with pytest.raises(LimitError, match="found 1,000 bytes; expected at most 999 bytes"):
        read_bytes(tmp_path / "a", most=MOST - 1)
    (tmp_path / "b").write_bytes(b"1" * 1_000_001)
    with pytest.raises(LimitError, match="expected at most 1 MB"):
        read_bytes(tmp_path / "b", most=1_000_000)


def test_text_is_utf8_with_or_without_a_mark(tmp_path: Path) -> None:
    """What is none is told with line and byte, which count without the mark."""
    (tmp_path / "a").write_bytes("\ufeffé".encode())
    assert read_text(tmp_path / "a", most=MOST, name="a") == "é"
    with pytest.raises(TracerError) as caught:
        decode_text(b"\xef\xbb\xbfone\ntw\xff", "a")
    assert str(caught.value).startswith(
        "a:2: the file is not UTF-8 text; found the byte 0xff at offset 6; expected UTF-8"
    )


def test_a_path_that_is_none_is_an_error() -> None:
    """A zero byte, half a surrogate pair and a name that is too long are told as others are."""
    for path in ("a\0b", "a\ud800b", "a" * 5000):
        with pytest.raises(TracerError, match="the file cannot be read: "):
            read_bytes(path, most=MOST)


def test_standard_input_is_read_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a pipe or a terminal; and there may be none."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1" * MOST)))
    assert len(read_standard_input(MOST)) == MOST
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1" * (MOST + 1))))
    with pytest.raises(LimitError, match="<stdin>: the file is too large"):
        read_standard_input(MOST)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(TracerError, match="there is no standard input"):
        read_standard_input(MOST)
