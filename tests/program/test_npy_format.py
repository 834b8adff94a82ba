"""Arrays in files: what is damaged or made to harm is refused, in bounded memory and time."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tracer.bounded_read import open_regular
from tracer.errors import LimitError, TracerError
from tracer.program.npy_format import MAX_DIRECTORY, read_entries, read_header, read_npz

MOST = 1_000_000  # bytes of all arrays here


def npy_of(array: object) -> bytes:
    """Return an array as NumPy writes it."""
    file = io.BytesIO()
    np.save(file, np.asarray(array), allow_pickle=True)
    return file.getvalue()


def npy_saying(header: str, content: bytes = b"", version: int = 1) -> bytes:
    """Return a file with a header of our own."""
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + content


def npz_of(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def read_archive(content: bytes, folder: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an archive's bytes."""
    path = folder / "a.npz"
    path.write_bytes(content)
    with open_regular(path, most=10 * MOST) as file:
        return read_npz(file, most=MOST)


def read_array(content: bytes) -> np.ndarray:
    """Return the array of a file's bytes, if it is small."""
    file = io.BytesIO(content)
    header = read_header(file)
    if header.size > MOST:
        raise LimitError(None)  # type: ignore[arg-type]  # never shown
    return read_entries(file, header)


ARRAYS = (
    np.array(1.5),
    np.array([]),
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.arange(6, dtype=">i2"),
    np.arange(6, dtype="u1").reshape(1, 6),
    np.arange(3, dtype="f2"),
)


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_what_numpy_writes_is_read(array: np.ndarray, tmp_path: Path) -> None:
    """Any real type, byte order and order of axes comes back as NumPy reads it."""
    content = npy_of(array)
    read = read_array(content)
    assert read.shape == array.shape
    assert read.dtype == array.dtype
    assert np.array_equal(read, array)
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        members = {"w.npy": content, "readme.txt": b"not an array", "inner.npz": npz_of({})}
        assert np.array_equal(read_archive(npz_of(members, compression), tmp_path)["w"], array)


def test_a_long_array_is_read(tmp_path: Path) -> None:
    """The bound for the list of members is none for what a member holds."""
    path = tmp_path / "a.npz"
    np.savez(path, w=np.arange(MAX_DIRECTORY // 8 + 1.0))
    with open_regular(path, most=10 * MAX_DIRECTORY) as file:
        assert len(read_npz(file, most=10 * MAX_DIRECTORY)["w"]) == MAX_DIRECTORY // 8 + 1


def test_random_damage_has_one_kind_of_error(tmp_path: Path) -> None:
    """Of 2,000 files with bytes changed, cut, doubled or added each is read or refused."""
    drawn = random.Random(13)
    arrays = {f"w{place}.npy": npy_of(array) for place, array in enumerate(ARRAYS)}
    seeds = [npz_of(arrays), npz_of(arrays, zipfile.ZIP_STORED), *arrays.values()]
    refused = 0
    for _ in range(2_000):
        seed = drawn.choice(seeds)
        content = bytearray(seed)
        for _ in range(drawn.randint(1, 4)):
            place = drawn.randrange(len(content) or 1)
            match drawn.randrange(4):
                case 0:
                    content[place : place + 1] = bytes([drawn.randrange(256)])
                case 1:
                    del content[place : place + drawn.randint(1, 40)]
                case 2:
                    content[place:place] = content[: drawn.randint(1, 40)]
                case _:
                    content[place:place] = drawn.randbytes(drawn.randint(1, 8))
        try:
            if seed.startswith(b"PK"):
                read_archive(bytes(content), tmp_path)
            else:
                read_array(bytes(content))
        except TracerError:
            refused += 1
    assert refused > 1_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (npy_of([1.0, 2.0])[:-1], "shorter or longer"),
        (npy_of([1.0, 2.0]) + b"\0", "shorter or longer"),
        (npy_of(np.array([{}], dtype=object)), "the array does not hold numbers; found dtype obj"),
        (npy_of(["text"]), "the array does not hold numbers"),
        (npy_of([1j]), "the array does not hold numbers"),
        (npy_of(np.zeros(2, "f8,i4")), "the array does not hold numbers"),
        (b"", "not an NPY"),
        (b"\x93NUMPY\x03\x00", "not an NPY file: “version 3.0”"),
        (npy_saying("{'descr': '<f8'}"), "not an NPY"),
        (npy_saying("(" * 5_000), "not an NPY"),
        (npy_saying("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"), "not an NPY"),
        (
            npy_saying("{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}"),
            "not an NPY",
        ),
        (
            npy_saying("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 10**30)}"),
            "not an NPY",
        ),
        (
            npy_saying(f"{{'descr': '<f8', 'fortran_order': False, 'shape': (0, {10**30})}}"),
            "not an NPY",
        ),
        (npy_saying(" " * 70_000, version=2), "not an NPY file: “the header is too long”"),
    ],
)
def test_a_damaged_array_is_refused(content: bytes, message: str) -> None:
    """The message says what is wrong; nothing is unpickled."""
    with pytest.raises(TracerError, match=message):
        read_array(content)


def with_wrong_sum(content: bytes) -> bytes:
    """Return an archive whose first member has another check sum."""
    place = content.index(b"\x93NUMPY") + 70  # within the header's blanks
    return content[:place] + b"\t" + content[place + 1 :]


HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (%d,)}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an NPZ file of numbers"),
        (npz_of({"w.npy": npy_of([1.0])})[:-10], "not an NPZ file of numbers"),
        (
            with_wrong_sum(npz_of({"w.npy": npy_of([1.0])}, zipfile.ZIP_STORED)),
            "w.npy: the file is not an NPY file: “Bad CRC-32",
        ),
        (npz_of({"w.npy": npy_of([1.0])}, zipfile.ZIP_LZMA), "not an NPZ file of numbers"),
        (npz_of({"w.npy": npy_of(np.array([{}], dtype=object))}), "w.npy: the array does not hold"),
        (npz_of({"w.npy": npz_of({})}), "w.npy: the file is not an NPY file"),
        (npz_of({"w.npy": npy_saying(HUGE % 10**12)}), "the arrays are too large; expected at mo"),
        (npz_of({"w.npy": npy_saying(HUGE % 10**4, bytes(70_000))}), "shorter or longer"),
    ],
)
def test_a_damaged_archive_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    """The message says what is wrong, and with which array."""
    with pytest.raises(TracerError, match=message):
        read_archive(content, tmp_path)


def test_an_archive_of_too_many_arrays_is_refused(tmp_path: Path) -> None:
    """The message says how many there may be."""
    content = npz_of({f"{number}.npy": b"" for number in range(10_001)})
    with pytest.raises(TracerError, match="too many arrays; expected 10000"):
        read_archive(content, tmp_path)


NO_MEMBER = struct.pack("<4s42x", b"PK\x01\x02")  # as the list at the end of an archive has it


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    """Neither blanks for a header, nor entries behind the last, nor the list of members is kept."""
    endless = bytes(50_000_000)
    bombs = [
        npz_of({"w.npy": b"\x93NUMPY\x02\x00" + struct.pack("<I", len(endless)) + endless}),
        npz_of({"w.npy": npy_of([1.0]) + endless}),
        NO_MEMBER * 250_000  # a list of 11.5 MB, whose members would take ten times as much
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(NO_MEMBER) * 250_000, 0, 0),
    ]
    for bomb in bombs:
        path = tmp_path / "bomb.npz"
        path.write_bytes(bomb)
        tracemalloc.start()
        with open_regular(path, most=100 * MOST) as file, pytest.raises(TracerError):
            read_npz(file, most=MOST)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20_000_000
