"""Arrays of numbers in NPY files and NPZ archives: bounded before they are read, written in pieces.

A header is a text that anybody can write: shape and type are looked at before there is an array,
and nothing is read beyond what they say. Nothing is ever unpickled. The arrays of an archive are
read at once, or stay in the file, from which some entries are read when they are asked for.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import IO, Any, Final, NamedTuple
from weakref import finalize

from tracer.errors import LimitError, TracerError
from tracer.lazy_numpy import NDArray, np
from tracer.program.document import quote_text
from tracer.sentences import say

MAX_HEADER: Final = 65_536  # bytes of an array's header; NumPy writes 128 for all but structures
MAX_DIRECTORY: Final = 8_000_000  # bytes of the names in an archive
MAX_ARRAYS: Final = 10_000
MAX_REASON: Final = 120  # characters quoted from another library's message
PIECE: Final = 1_000_000  # bytes that are read at once
LOCAL_HEADER: Final = 30  # bytes before a member's name; the last four say what is between it and
# the member: the length of its name, and of what else there is


class NpyHeader(NamedTuple):
    """What an NPY file says of its array."""

    shape: tuple[int, ...]
    is_fortran: bool  # the first axis varies fastest
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """Return the number of entries."""
        return math.prod(self.shape)


def read_header(file: IO[bytes]) -> NpyHeader:
    """Return the header of an NPY file, the file then stands before the entries.

    Raises TracerError where it is none, or where the entries are no real numbers.
    Source: NumPy Enhancement Proposal 1, A Simple File Format for NumPy Arrays.
    """
    npy = np.lib.format
    try:
        version = npy.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version[0]}.{version[1]}")
        length = file.read(2 if version == (1, 0) else 4)
        if int.from_bytes(length, "little") > MAX_HEADER:
            raise ValueError("the header is too long")
        text = io.BytesIO(length + file.read(int.from_bytes(length, "little")))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings of Python 2, and of a damaged header
            read_array_header = (
                npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            )
            shape, is_fortran, dtype = read_array_header(text)
        if any(isinstance(length, bool) or length < 0 for length in shape):
            raise ValueError(f"shape {shape}")
    except Exception as error:  # noqa: BLE001 - what comes of a damaged header, NumPy promises nobody
        raise _no_npy(error) from None
    if dtype.kind not in "fiu" or dtype.hasobject or dtype.subdtype is not None:
        raise TracerError(
            say("the array does not hold numbers"),
            found=say("dtype {dtype}", dtype=str(dtype)[:60]),
        )
    return NpyHeader(shape, is_fortran, dtype)


def read_entries(file: IO[bytes], header: NpyHeader) -> NDArray[Any]:
    """Return the array after a header; who calls has looked at its size.

    Raises TracerError where the file has fewer or more bytes than the header says.
    """
    size = header.size * header.dtype.itemsize
    content = bytearray()
    while piece := file.read(min(PIECE, size - len(content))):
        content += piece
    if len(content) < size or file.read(1):  # at the end an archive compares its check sum
        raise TracerError(say("the file is shorter or longer than its header says"))
    entries = np.frombuffer(content, dtype=header.dtype)
    try:
        return entries.reshape(header.shape, order="F" if header.is_fortran else "C")
    except ValueError as error:  # too many axes; an axis of 0 beside one that is too long
        raise _no_npy(error) from None


def _no_npy(error: Exception) -> TracerError:
    reason = quote_text(str(error), MAX_REASON)
    return TracerError(say("the file is not an NPY file: {reason}", reason=reason))


def read_npz(file: io.BufferedReader, *, most: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of an archive by their names; what else is in it is passed over.

    Raises TracerError where it is damaged or holds other things than numbers, LimitError where
    its arrays have more than `most` bytes.
    """
    arrays: dict[str, NDArray[Any]] = {}
    left = most
    with _open_archive(file) as archive:
        for item in _members(archive, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)):
            with archive.open(item) as member:
                header = _member_header(member, item.filename)
                left -= header.size * header.dtype.itemsize
                if left < 0:
                    raise LimitError(
                        say("the arrays are too large"),
                        expected=say("at most {most}", most=f"{most // 1_000_000} MB"),
                    )
                arrays[_array_name(item)] = read_entries(member, header)
    return arrays


class NpzFile:
    """An archive whose arrays stay in the file, which is open for as long as somebody has this.

    `headers` are those of its arrays. Raises TracerError where it is damaged, where an array is
    compressed or where it holds other things than numbers.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        finalize(self, file.close)
        self._file = file
        self._lock = Lock()  # the file stands at one place
        self._begins: dict[str, int] = {}
        self.headers: dict[str, NpyHeader] = {}
        with _open_archive(file) as archive:
            members = _members(archive, (zipfile.ZIP_STORED,))
            for item in members:
                name = _array_name(item)
                with archive.open(item) as member:
                    header = self.headers[name] = _member_header(member, item.filename)
                    self._begins[name] = item.header_offset + LOCAL_HEADER + member.tell()
                    if header.size * header.dtype.itemsize != item.file_size - member.tell():
                        raise zipfile.BadZipFile("an array is not as long as its header says")
                    while member.read(PIECE):  # at the end its check sum is compared
                        pass
        for item in members:
            file.seek(item.header_offset + LOCAL_HEADER - 4)
            self._begins[_array_name(item)] += sum(struct.unpack("<HH", file.read(4)))

    def entries(self, name: str, begin: int, count: int) -> NDArray[Any]:
        """Return some entries of an array, in the order in which they are stored.

        Raises TracerError where somebody has cut the file short since it was opened.
        """
        dtype = self.headers[name].dtype
        with self._lock:
            self._file.seek(self._begins[name] + begin * dtype.itemsize)
            content = self._file.read(count * dtype.itemsize)
        if len(content) < count * dtype.itemsize:
            raise TracerError(say("the file is shorter or longer than its header says"))
        return np.frombuffer(content, dtype)


def npz_pieces(
    members: Iterable[tuple[str, np.dtype[Any], tuple[int, ...], Iterable[NDArray[Any]]]],
) -> Iterator[bytes]:
    """Yield the pieces of an archive of arrays: name, type, shape, and the entries in pieces.

    The same arrays give the same bytes. No more than one piece is held in memory.
    """
    collected = _Pieces()
    with zipfile.ZipFile(collected, "w") as archive:
        for name, dtype, shape, arrays in members:
            info = zipfile.ZipInfo(f"{name}.npy")  # dated 1980, as all our members
            with archive.open(info, "w", force_zip64=True) as member:
                header = {
                    "descr": np.lib.format.dtype_to_descr(dtype),
                    "fortran_order": False,
                    "shape": shape,
                }
                np.lib.format.write_array_header_1_0(member, header)
                for values in arrays:
                    member.write(np.ascontiguousarray(values).tobytes())
                    yield from collected.take_pieces()
    yield from collected.take_pieces()


class _Pieces(io.RawIOBase):
    """A file that only goes forward and hands on what is written."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def take_pieces(self) -> list[bytes]:
        """Return what was written since this was last asked."""
        pieces, self._pieces = self._pieces, []
        return pieces


@contextmanager
def _open_archive(file: io.BufferedReader) -> Iterator[zipfile.ZipFile]:
    """Open an archive. Whatever comes of damage raises TracerError; the file stays open."""
    bounded = _Directory(file)
    try:
        with zipfile.ZipFile(bounded) as archive:
            yield archive
    except TracerError:
        raise
    except Exception as error:  # noqa: BLE001 - what comes of damage, zipfile promises nobody
        raise TracerError(
            say("this is not an NPZ file of numbers"), found=quote_text(str(error), MAX_REASON)
        ) from None
    finally:
        bounded.detach()


def _members(archive: zipfile.ZipFile, compressions: Collection[int]) -> list[zipfile.ZipInfo]:
    """Return the arrays among the members. Raises LimitError where there are too many."""
    members = [item for item in archive.infolist() if item.filename.endswith(".npy")]
    if len(members) > MAX_ARRAYS:
        raise LimitError(say("too many arrays"), expected=f"{MAX_ARRAYS}")
    if any(item.compress_type not in compressions for item in members):
        raise zipfile.BadZipFile("a compression that is not read here")
    return members


def _array_name(item: zipfile.ZipInfo) -> str:
    return item.filename.removesuffix(".npy").strip()


def _member_header(member: IO[bytes], name: str) -> NpyHeader:
    try:
        return read_header(member)
    except TracerError as error:
        what = say("{where}: {what}", where=name, what=error.what)
        raise TracerError(what, found=error.found) from None


class _Directory(io.BufferedReader):
    """A file whose list of members is bounded: zipfile reads it in one piece, however long."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(MAX_DIRECTORY + 1 if size is None or size < 0 else size)
        if len(data) > MAX_DIRECTORY:
            raise zipfile.BadZipFile("its list of members is too long")
        return data
