"""A run as a file: its scenario and its record, from which it is shown or continued, bit for bit.

The file is an NPZ archive. `numpy.load(file)["loss"]` is the loss of every iteration, and so is
each quantity that was recorded by its name: an array whose first axis is the iteration, or one of
all entries in a row where the shape changes with the size of a batch. What stands below `tracer/`
is ours: the header (JSON in UTF-8), the segments, what they started from, and the numbers that the
scenario read from files. Nothing in it is pickled. Nothing is believed of a file that is read:
every array is held against the shapes of the program that its scenario gives.
"""

from __future__ import annotations

import io
import json
import math
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from tracer.atomic_write import write_temporary
from tracer.bounded_read import open_regular
from tracer.errors import TracerError, printable
from tracer.frozen import fields_of
from tracer.program.given_array import GivenArray
from tracer.program.npy_format import NpyHeader, NpzFile, npz_pieces
from tracer.program.scenario import Scenario, loads
from tracer.run.checkpoints import RecomputedStore, Segment
from tracer.run.layout import RECORDS, Store
from tracer.run.runner import Run
from tracer.run.trace import Fault, FaultKind
from tracer.sentences import say
from tracer.version import __version__

FORMAT: Final = 1  # version of the file; it changes when an older tracer would misread it
OWN: Final = "tracer/"
HEADER: Final = f"{OWN}header"  # the first array of a file
BEGINNING: Final = 30 + len(f"{HEADER}.npy")  # bytes up to the end of its name
# A row for each segment: how many iterations it has, whether they are kept whole, whether its start
# is kept, and whether it was run on arrays.
SEGMENTS: Final = f"{OWN}segments"
SHARE: Final = 8  # one part in so many of a run's memory holds what is derived until it is written
STATES: Final = f"{OWN}state/"
NUMBERS: Final = f"{OWN}numbers/"


def write_run(run: Run, place: Path) -> None:
    """Write what is done of a run to its place, whole or not at all, and on the disk.

    The same run gives the same bytes. Raises OSError, and ValueError for a path with a zero byte.
    """
    with write_temporary(npz_pieces(_file_members(run)), place, is_durable=True) as temporary:
        temporary.move()


def read_run(place: Path, *, budget: int, settings: Sequence[str] = ()) -> Run:
    """Return a run as it was saved; `advance` goes on with it once `choose_record` allows that.

    What it recorded stays in the file until somebody asks for it. `settings` are further ones of
    its scenario, which may give it more iterations. Raises TracerError where the file is damaged,
    holds no run or one that is longer.
    """
    try:
        return _Reader(_open_file(place), budget, settings).run()
    except TracerError as error:
        raise error.at(printable(str(place))) from None


def holds_run(place: Path) -> bool:
    """Tell whether a file begins as that of a run; another may hold values recorded elsewhere."""
    with suppress(TracerError), open_regular(place, most=sys.maxsize) as file:
        return HEADER.encode() in file.read(BEGINNING)
    return False


# Writing ----------------------------------------------------------------------------------------


def _file_members(run: Run) -> Iterator[tuple[str, np.dtype[Any], tuple[int, ...], Iterable[Any]]]:
    """Yield the arrays of the file: name, type, shape, and their entries in pieces."""
    scenario = run.scenario
    dtype = np.dtype(scenario.dtype)
    text = {
        "format": FORMAT,
        "version": __version__,
        "scenario": {
            "name": scenario.name,
            "label": scenario.label,
            "text": scenario.text,
            "settings": list(scenario.overrides),
            "variant": scenario.variant_name,
        },
        "record": run.record,
        "stopped": run.stopped,
        "fault": None if run.fault is None else [*fields_of(run.fault).values()],
    }
    header = np.frombuffer(json.dumps(text, ensure_ascii=False).encode(), "u1")
    yield HEADER, header.dtype, header.shape, [header]
    stores = [segment.store for segment in run.segments]
    records = [item.recorded if isinstance(item, RecomputedStore) else item for item in stores]
    parts = list(zip(run.segments, records, strict=True))
    rows = np.array(
        [
            (columns.count, columns is segment.store, segment.has_start, segment.arrays)
            for segment, columns in parts
        ],
        "int64",
    ).reshape(-1, 4)
    yield SEGMENTS, rows.dtype, rows.shape, [rows]
    for (table, name), given in scenario.numbers_of_files.items():
        dtype_held = next(filter(given.is_stored_as, ("float32", "int64", "float64")), "float64")
        numbers = np.ascontiguousarray(given.read_only(dtype_held))
        yield f"{NUMBERS}{table}/{name}", numbers.dtype, numbers.shape, [numbers]
    for name, shape in _carried_shapes(run).items():
        starts = [segment.start[name] for segment in run.segments[1:] if segment.has_start]
        states = [*starts, run.carried[name]]
        yield (
            f"{STATES}{name}",
            dtype,
            (len(states), *shape),
            (np.asarray(state, dtype) for state in states),
        )
    sizes: Counter[str] = Counter()
    for segment, columns in parts:
        for name in columns.names():
            sizes[name] += columns.count * math.prod(segment.built.shapes[name])
    derived = {
        name
        for _, columns in parts
        for name, column in columns.quantities.items()
        if column is None
    }
    most = run.budget // SHARE // dtype.itemsize
    ready: dict[str, list[NDArray[Any]]] = {}
    for name, size in sizes.items():
        held = [part for part in parts if name in part[1]]
        shapes = {segment.built.shapes[name] for segment, _ in held}
        count = sum(columns.count for _, columns in held)
        shape = (count, *shapes.pop()) if len(shapes) == 1 else (size,)
        if name in derived and name not in ready:
            ready = _derived_pieces(
                parts, [other for other in sizes if other in derived], sizes, most
            )
        pieces = (_segment_column(name, segment, columns) for segment, columns in held)
        yield name, dtype, shape, ready.pop(name, pieces)
        derived.discard(name)


def _derived_pieces(
    parts: Sequence[tuple[Segment, Store]],
    names: Sequence[str],
    sizes: Mapping[str, int],
    most: int,
) -> dict[str, list[NDArray[Any]]]:
    """Return the columns of the first of some derived quantities, as many as have `most` numbers.

    A store derives all of them at once, and forgets them when another store is asked.
    """
    ends = accumulate(sizes[name] for name in names)
    chosen = [name for name, end in zip(names, ends, strict=True) if end <= most] or names[:1]
    result: dict[str, list[NDArray[Any]]] = {name: [] for name in chosen}
    for segment, columns in parts:
        for name in chosen:
            if name in columns:
                result[name].append(_segment_column(name, segment, columns).copy())
    return result


def _segment_column(name: str, segment: Segment, columns: Store) -> NDArray[Any]:
    """Return a column of a segment; what the iteration of a fault did not come to is 0."""
    values = columns.column(name)[: columns.count]
    if segment.names is not None and name not in segment.names:
        values = values.copy()
        values[-1] = 0
    return values


def _carried_shapes(run: Run) -> Mapping[str, tuple[int, ...]]:
    built = run.plans.built(run.schedule[0])
    return {name: built.shapes[name] for name in built.program.carried}


# Reading ----------------------------------------------------------------------------------------


class _FileStore(Store):
    """Columns that stay in their file: of each its name there, its first entry and its shape."""

    def __init__(
        self, file: NpzFile, count: int, places: Mapping[str, tuple[int, tuple[int, ...]]]
    ) -> None:
        self.count = count
        self.quantities = places
        self._file = file

    def entries(self, name: str, row: int) -> NDArray[Any]:
        begin, shape = self.quantities[name]
        size = math.prod(shape)
        return self._file.entries(name, begin + row * size, size)

    def column(self, name: str) -> NDArray[Any]:
        begin, shape = self.quantities[name]
        values = self._file.entries(name, begin, self.count * math.prod(shape))
        return values.reshape(self.count, *shape)

    def size(self) -> int:
        return 0


def _open_file(place: Path) -> NpzFile:
    file = open_regular(place, most=sys.maxsize)
    if sys.platform == "win32":  # Windows does not replace a file that is open
        with file:
            file = io.BufferedReader(io.BytesIO(file.read()))
    try:
        return NpzFile(file)
    except TracerError as error:
        _refuse_file(holds_run(place))
        raise _foreign_file(error) from None


class _Reader:
    """The arrays of a file, taken apart into a run."""

    def __init__(self, file: NpzFile, budget: int, settings: Sequence[str]) -> None:
        self.file = file
        self.budget = budget
        self.settings = settings
        self.offsets: dict[str, int] = {}  # how many entries of a quantity are taken

    def run(self) -> Run:
        """Return the run."""
        header = self.header()
        run = Run(self.scenario(header), header["record"], budget=self.budget)
        run.stopped = header["stopped"] is True
        run.restore_start()
        carried = _carried_shapes(run)
        states = {name: self.states(name, shape, run) for name, shape in carried.items()}
        rows = self.take(SEGMENTS)
        _refuse_file(rows.dtype != np.int64 or rows.ndim != 2 or rows.shape[1] != 4)
        done = int(rows[:, 0].sum())
        if self.settings and len(run.schedule) < done:
            raise TracerError(
                say("a resumed run can only become longer"),
                found=f"--iterations {len(run.schedule)}",
                expected=f"--iterations {done}",
            )
        fault = _read_fault(header["fault"])
        at = 0
        for place, (count, is_whole, has_start, arrays) in enumerate(rows.tolist()):
            left = len(run.schedule) - run.done
            _refuse_file(not 0 < count <= left or count > run.schedule.alike(run.done))
            start: dict[str, Any] | None = None
            if has_start:
                start = dict(run.carried) if not place else _state_at(states, at)
                at += place > 0
            names = self.names_before(fault, run, run.done + count)
            columns = self.columns(run, count, is_whole=bool(is_whole))
            run.restore_segment(columns, start, names, arrays=bool(arrays))
        _refuse_file(any(len(values) != at + 1 for values in states.values()))
        _refuse_file(fault is not None and fault.iteration != run.done)
        _refuse_file(not run.done and (run.stopped or fault is not None))
        recorded = {n: item for n, item in self.file.headers.items() if not n.startswith(OWN)}
        _refuse_file(any(item.size != self.offsets.get(n, 0) for n, item in recorded.items()))
        run.carried = _state_at(states, at)
        run.fault = fault
        return run

    def header(self) -> dict[str, Any]:
        """Return the header. Raises TracerError where it is none, or of another format."""
        try:
            header = json.loads(self.take(HEADER).tobytes())
            if header["format"] != FORMAT:
                raise TracerError(
                    say("the run was saved by another version of tracer"),
                    found=printable(str(header["version"]))[:40],
                    expected=__version__,
                )
            parts = (header["scenario"], header["record"], header["stopped"], header["fault"])
            _refuse_file(not isinstance(parts[0], dict) or parts[1] not in RECORDS)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _foreign_file() from None
        return dict(header)

    def scenario(self, header: Mapping[str, Any]) -> Scenario:
        """Return the scenario. Raises ScenarioError where it cannot be used."""
        parts = header["scenario"]
        numbers = {}
        for key in [key for key in self.file.headers if key.startswith(NUMBERS)]:
            table, _, name = key.removeprefix(NUMBERS).partition("/")
            numbers[table, name] = GivenArray.of(self.take(key))
        texts = [parts.get(key) for key in ("text", "name", "label", "variant")]
        settings = parts.get("settings")
        _refuse_file(not isinstance(settings, list))
        _refuse_file(not all(isinstance(item, str) for item in (*texts, *settings)))
        text, name, label, variant = map(str, texts)
        return loads(
            text,
            name=name,
            path=Path(label),
            settings=[*settings, *self.settings],
            variant=variant,
            file_numbers=numbers,
        )

    def header_of(self, name: str) -> NpyHeader:
        """Return what the file says of an array that it must have. Raises TracerError."""
        if name not in self.file.headers:
            raise _foreign_file()
        header = self.file.headers[name]
        _refuse_file(header.is_fortran)
        return header

    def take(self, name: str) -> NDArray[Any]:
        """Return an array that the file must have. Raises TracerError."""
        header = self.header_of(name)
        return self.file.entries(name, 0, header.size).reshape(header.shape)

    def states(self, name: str, shape: tuple[int, ...], run: Run) -> NDArray[Any]:
        """Return what was carried in a quantity, a row each time it was kept."""
        values = self.take(f"{STATES}{name}")
        _refuse_file(
            values.dtype != run.scenario.dtype or values.shape[1:] != shape or not values.ndim
        )
        return values

    def names_before(self, fault: Fault | None, run: Run, last: int) -> frozenset[str] | None:
        """Return the quantities of the iteration that ends with a fault; None for others."""
        if fault is None or fault.iteration != last:
            return None
        names = tuple(run.plans.of_size(run.schedule.like(last - 1)).names)
        _refuse_file(fault.name not in names)
        return frozenset(names[: names.index(fault.name) + 1])

    def columns(self, run: Run, count: int, *, is_whole: bool) -> Store:
        """Return the columns of the next iterations."""
        batch = run.schedule.like(run.done)
        built = run.plans.built(batch)
        recorded = None if is_whole else run.names_to_keep(built)
        places = {}
        for name in run.plans.of_size(batch).names:
            if recorded is not None and name not in recorded:
                continue
            shape = built.shapes[name]
            begin = self.offsets.get(name, 0)
            end = self.offsets[name] = begin + count * math.prod(shape)
            header = self.header_of(name)
            _refuse_file(header.dtype != run.scenario.dtype or end > header.size)
            places[name] = begin, shape
        return _FileStore(self.file, count, places)


def _state_at(states: Mapping[str, NDArray[Any]], row: int) -> dict[str, Any]:
    """Return what was carried at one time, as a plan takes it: floats know no NumPy."""
    return {
        name: array("d", values[row].tobytes()) if values.dtype == np.float64 else values[row]
        for name, values in states.items()
    }


def _read_fault(value: Any) -> Fault | None:
    """Return the fault that a header names. Raises TracerError where it names none."""
    if value is None:
        return None
    _refuse_file(not isinstance(value, list) or [*map(type, value)] != [int, str, str])
    _refuse_file(value[2] not in get_args(FaultKind))
    return Fault(*value)


def _foreign_file(error: TracerError | None = None) -> TracerError:
    return TracerError(
        say("this is not a saved run"),
        found="" if error is None else error.found,
        expected=say("a file that tracer run --save has written"),
    )


def _refuse_file(is_damaged: bool) -> None:
    """Raise TracerError where the file does not say what a run can be."""
    if is_damaged:
        raise TracerError(
            say("the saved run is damaged"), expected=say("the file as tracer run --save wrote it")
        )
