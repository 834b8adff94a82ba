"""Which quantity stands where in a record. Plain data, shared by the plans and the trace."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final, Literal, Protocol, cast, get_args

from tracer.lazy_numpy import NDArray
from tracer.program.given_array import read_only_view

# What is kept of a run, from most to least.
Record = Literal["all", "gradients", "parameters", "checkpoints", "none"]
RECORDS: Final[tuple[Record, ...]] = get_args(Record)

# Bytes of Python's objects, as `sys.getsizeof` counts them, beside the numbers that they hold.
ARRAY_BYTES: Final = 200  # an array, and its name in a dictionary
STORE_BYTES: Final = 400  # a store without its columns
FLOAT_BYTES: Final = 32  # a float in a list


class Batch:
    """The samples that one step sees: their places in the data, and its epoch (from 1)."""

    __slots__ = ("epoch", "places")

    def __init__(self, epoch: int, places: Sequence[int] | None) -> None:
        self.epoch: Final = epoch
        self.places: Final = places


WHOLE: Final = Batch(1, None)  # the batch of data without an axis of samples


def row_parts(sizes: Mapping[str, int]) -> dict[str, slice]:
    """Return where each of some quantities stands among the entries of all of them in a row."""
    ends = accumulate(sizes.values())
    return {
        name: slice(end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)
    }


def non_finite_places(values: Sequence[float], *, is_masked: bool) -> list[int]:
    """Return the places of what is not finite, but for the minus infinity of what is masked."""
    odd = [at for at, value in enumerate(values) if not math.isfinite(value)]
    return [at for at in odd if not is_masked or values[at] != -math.inf]


class StackedValues(Mapping[str, Any]):
    """Arrays by name, some of which are parts of one vector: taken out when they are asked for.

    `vectors` are the vectors by the names of their members, and `parts` says of each name which
    vector it is in, from where to where, and its shape; None where it is an array by itself.
    """

    __slots__ = ("alone", "parts", "vectors")

    def __init__(
        self,
        alone: Mapping[str, Any],
        vectors: Mapping[tuple[str, ...], Any],
        parts: Mapping[str, tuple[tuple[str, ...], int, int, tuple[int, ...]] | None],
    ) -> None:
        self.alone: Final = alone
        self.vectors: Final = vectors
        self.parts: Final = parts

    def __getitem__(self, name: str) -> Any:
        part = self.parts[name]
        if part is None:
            return self.alone[name]
        members, begin, end, shape = part
        return self.vectors[members][begin:end].reshape(shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)


class Store(Protocol):
    """The values of some consecutive iterations, a column for each of the quantities.

    These stand in a table, in the order they are computed.
    """

    count: int
    quantities: Mapping[str, Any]

    def names(self) -> Sequence[str]:
        """Return the recorded quantities in the order they are computed."""
        return tuple(self.quantities)

    def __contains__(self, name: object) -> bool:
        """Tell whether a quantity is recorded."""
        return name in self.quantities

    def floats(self, name: str, row: int) -> list[float]:
        """Return the entries of a quantity in one iteration, row by row."""
        return cast("list[float]", self.entries(name, row).tolist())

    def entries(self, name: str, row: int) -> NDArray[Any]:
        """Return the entries of a quantity in one iteration as a read-only array of one axis."""
        return read_only_view(self.column(name)[row].reshape(-1))

    def numbers(self, name: str) -> list[float]:
        """Return a single number in all iterations."""
        return cast("list[float]", self.column(name).tolist())

    def column(self, name: str) -> NDArray[Any]:
        """Return a quantity in all iterations, the first axis being the iteration."""

    def size(self) -> int:
        """Return the bytes that the values take."""


class RowStore(Store, Protocol):
    """What a plan has written, row after row."""

    def first_non_finite(self) -> tuple[int, str] | None:
        """Return the first row with a value that is not finite, and the quantity."""

    def cut(self, count: int) -> None:
        """Forget the rows from `count` on."""


class Plan(Protocol):
    """A program, compiled from its source when it first runs.

    What `run` takes and returns maps carried names to entries.
    """

    source: str
    row_bytes: int  # the bytes that one step's values take
    state_bytes: int  # bytes of what the next iteration starts from
    data_bytes: int  # bytes of its copies of the data, which plans of one size share
    held_bytes: int  # bytes of buffers that stay from run to run

    def compile(self) -> object:
        """Compile the source, where that is not done yet."""

    def store_bytes(self, count: int) -> int:
        """The bytes that the store of so many steps takes, its objects included."""

    def work_bytes(self, count: int) -> int:
        """The bytes that a run of so many steps takes beside its store and what it returns."""

    def derived_bytes(self, count: int) -> int:
        """The bytes that stay once somebody has asked for what a store of so many steps omits."""
        return 0

    def run(
        self, carried: Mapping[str, Any], first: int, batches: Sequence[Batch]
    ) -> tuple[RowStore, Mapping[str, Any], bool]:
        """Run steps numbered from `first`.

        Return their values, what is carried on, and whether the run ends here. Where Python refuses
        the arithmetic of a step, the steps before it are done.
        """


def carried_entries(value: Any) -> list[float]:
    """Return the entries of what is carried, listed, packed or as NumPy's array."""
    if isinstance(value, list):
        return value
    packed = value if isinstance(value, array) else value.ravel()
    return cast("list[float]", packed.tolist())
