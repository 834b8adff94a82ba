"""A file appears whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tracer.atomic_write import is_same_file, is_stream, write_file, write_temporary

ROOT = Path(__file__).resolve().parent.parent

posix = pytest.mark.skipif(os.name != "posix", reason="locks, rights and pipes of POSIX")


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without a name")
def test_a_killed_derivation_leaves_nothing(tmp_path: Path) -> None:
    """What a command writes has no name until it is whole."""
    running = subprocess.Popen(
        [
            *(sys.executable, "-m", "tracer", "derive", "xor", "--iterations", "20000"),
            *("--show", "1-20000", "-q", "-o", str(tmp_path / "xor.md")),
        ],
        cwd=ROOT,
    )
    files = Path(f"/proc/{running.pid}/fd")
    while running.poll() is None:
        with suppress(FileNotFoundError):
            if any(str(tmp_path) in str(path.readlink()) for path in files.iterdir()):
                break
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without a name")
def test_what_a_process_leaves_that_is_killed_between_two_names_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written to the same place next takes it away, and nothing else."""
    place, other = tmp_path / "a.md", tmp_path / "b.md"
    for path in (place, other):
        write_file(["old"], path)

    class Killed(BaseException):
        """Nothing is cleared up after it."""

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as context:
        context.setattr(Path, "replace", die)
        temporary = write_temporary(["new"], place)
        with pytest.raises(Killed):
            temporary.move()
    temporary.path = None
    temporary.discard()  # the system closes what a process had open
    assert place.read_text("utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 3
    write_file(["other"], other)
    assert len(list(tmp_path.iterdir())) == 3
    write_file(["newer"], place)
    assert sorted(tmp_path.iterdir()) == [place, other]
    assert place.read_text("utf-8") == "newer"


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without a name")
def test_two_writers_of_one_place_leave_a_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is taken for a killed one has its text replaced by that of the other."""
    place = tmp_path / "a.md"
    write_file(["old"], place)
    replace, others = Path.replace, ["second"]

    def second_first(path: Path, target: Path) -> Path:
        if others:
            write_file([others.pop()], place)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", second_first)
    write_file(["first"], place)
    assert place.read_text("utf-8") == "second"
    assert list(tmp_path.iterdir()) == [place]


def failing() -> Iterator[str]:
    """Give a text that breaks off."""
    yield "half"
    raise OSError


def test_a_text_that_breaks_off_changes_nothing(tmp_path: Path) -> None:
    """Neither the file that is there nor the folder."""
    place = tmp_path / "a.md"
    with pytest.raises(OSError):  # noqa: PT011 - it has no words
        write_file(failing(), place)
    assert list(tmp_path.iterdir()) == []
    write_file(["whole"], place)
    with pytest.raises(OSError):  # noqa: PT011
        write_file(failing(), place)
    assert place.read_text("utf-8") == "whole"
    assert list(tmp_path.iterdir()) == [place]


def test_a_text_that_is_not_moved_is_gone(tmp_path: Path) -> None:
    """What is written beside its place stands there only when it is moved."""
    place = tmp_path / "a.md"
    with write_temporary(["text"], place):
        assert not place.exists()
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_new_file_has_the_usual_rights_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    """As with any other program that writes a file."""
    before = os.umask(0o027)
    try:
        write_file(["new"], tmp_path / "new")
        (tmp_path / "old").write_text("old", "utf-8")
        (tmp_path / "old").chmod(0o606)
        write_file(["newer"], tmp_path / "old")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o606
    assert (tmp_path / "old").read_text("utf-8") == "newer"


def test_what_replaces_a_file_is_on_the_disk_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut leaves one of both texts; a file that is new may wait for the system."""
    place = tmp_path / "a"
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(place.read_text("utf-8")))
    write_file(["one"], place)
    assert synced == []
    write_file(["two"], place)
    assert synced == ["one"]


@posix
def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    """The text goes to the file that it names, which need not be there yet."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder/file")
    for text in ("one", "two"):
        write_file([text], tmp_path / "link")
        assert (tmp_path / "folder" / "file").read_text("utf-8") == text
        assert (tmp_path / "link").is_symlink()


@posix
def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    """A device or a pipe is not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_file(["through"], pipe)
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert is_stream(pipe)
    assert not is_stream(tmp_path)
    assert not is_stream(tmp_path / "none")
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@posix
def test_no_folder_and_no_ring_of_links_is_replaced(tmp_path: Path) -> None:
    """Each is an error of the system, and stays."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "ring").symlink_to("ring")
    with pytest.raises(IsADirectoryError):
        write_file(["text"], tmp_path / "folder")
    with pytest.raises(OSError, match="symbolic links"):
        write_file(["text"], tmp_path / "ring")
    with pytest.raises(FileNotFoundError):
        write_file(["text"], tmp_path / "none" / "file")


@posix
@pytest.mark.parametrize("kind", ["file", "folder", "pipe", "link"])
def test_without_overwriting_whatever_is_there_stays(kind: str, tmp_path: Path) -> None:
    """A pipe is not waited for, a link that leads nowhere is not followed."""
    place = tmp_path / "place"
    make: dict[str, Callable[[], object]] = {
        "file": lambda: place.write_text("mine", "utf-8"),
        "folder": place.mkdir,
        "pipe": lambda: os.mkfifo(place),
        "link": lambda: place.symlink_to("nowhere"),
    }
    make[kind]()
    with pytest.raises(FileExistsError):
        write_file(["text"], place, overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["place"]
    write_file(["text"], tmp_path / "new", overwrite=False)
    assert (tmp_path / "new").read_text("utf-8") == "text"


@pytest.fixture(params=["files without a name", "links", "no links"])
def _file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take such files, and then links too, away for some of the tests, as on a memory stick."""

    def refuse(*_: object) -> None:
        raise PermissionError

    if request.param != "files without a name":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    if request.param == "no links":
        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("_file_system")
def test_a_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    """Nor is one overwritten that another process makes while the text is written."""
    place = tmp_path / "place"

    def pieces() -> Iterator[str]:
        place.write_text("theirs", "utf-8")
        yield "mine"

    with pytest.raises(FileExistsError):
        write_file(pieces(), place, overwrite=False)
    assert place.read_text("utf-8") == "theirs"
    assert list(tmp_path.iterdir()) == [place]
    write_file(["mine"], tmp_path / "new", overwrite=False)
    assert (tmp_path / "new").read_text("utf-8") == "mine"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "new", place]


@pytest.mark.usefixtures("_file_system")
@pytest.mark.parametrize("step", ["unlink", "replace"])
def test_an_interrupt_while_a_name_is_taken_leaves_no_half_file(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither an empty file nor a temporary one, wherever the interrupt comes."""
    original = getattr(Path, step)
    interrupts = [KeyboardInterrupt]

    def interrupted(path: Path, *arguments: Path, **keywords: bool) -> None:
        if interrupts:
            raise interrupts.pop()
        original(path, *arguments, **keywords)

    monkeypatch.setattr(Path, step, interrupted)
    with suppress(KeyboardInterrupt):
        write_file(["text"], tmp_path / "new", overwrite=False)
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] in ([], ["text"])


@posix
def test_a_new_name_appears_with_its_whole_text(tmp_path: Path) -> None:
    """After none of the calls that write a file does its name stand there without the text."""
    place = tmp_path / "new"
    texts: set[str] = set()

    def look(*_: object) -> None:
        if place.exists():
            texts.add(place.read_text("utf-8"))

    sys.setprofile(look)
    try:
        write_file(["text"], place, overwrite=False)
    finally:
        sys.setprofile(None)
    assert texts == {"text"}


def test_one_file_by_two_names(tmp_path: Path) -> None:
    """Links do not hide that two paths are one file; what is not there is none."""
    (tmp_path / "one").write_text("", "utf-8")
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert is_same_file(tmp_path / "one", tmp_path / "two")
    assert not is_same_file(tmp_path / "one", tmp_path / "none")
    assert not is_same_file(tmp_path / "none", tmp_path / "none")
