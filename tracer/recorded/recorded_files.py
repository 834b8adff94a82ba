"""Values that another framework recorded, as files: JSON and NPZ, bounded before they are read.

What comes out is a quantity's array for each iteration. Names are those of the trace; nothing is
compared here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from numbers import Integral
from pathlib import Path
from typing import Any, Final, NamedTuple

from tracer.atomic_write import write_file
from tracer.bounded_read import open_regular, read_text
from tracer.errors import TracerError, printable, refusal_reason
from tracer.lazy_numpy import NDArray, np
from tracer.operations import Shape
from tracer.program.given_array import plain_array
from tracer.program.npy_format import npz_pieces, read_npz
from tracer.program.shapes import Shapes
from tracer.run.saved_run import OWN
from tracer.run.trace import Trace
from tracer.sentences import say

MAX_JSON: Final = 64_000_000
MAX_NPZ: Final = 512_000_000
MAX_ITERATIONS: Final = 100_000
ROUNDED_DECIMALS: Final = 6  # decimals to which people round what they write
MOST_COUNTED: Final = 64  # numbers of an array whose decimals are counted
LEAST_ROUNDED: Final = 5  # numbers with that many decimals, before a file counts as rounded


class RawValues(NamedTuple):
    """What a file holds: arrays by iteration and name, and those with all iterations in one.

    `decimals` is to how many decimals the file was rounded, None where it was not.
    """

    by_iteration: Mapping[int, Mapping[str, NDArray[Any]]]
    stacked: Mapping[str, NDArray[Any]]
    decimals: int | None = None

    def names(self) -> list[str]:
        """Return all names, each once."""
        found = dict.fromkeys(name for values in self.by_iteration.values() for name in values)
        return [*found, *self.stacked]

    def arrays(self) -> list[NDArray[Any]]:
        """Return all arrays."""
        rows = [value for values in self.by_iteration.values() for value in values.values()]
        return [*self.stacked.values(), *rows]


Recorded = Mapping[int, Mapping[str, "NDArray[Any]"]]


def read_values(path: str, *, base: int = 1) -> RawValues:
    """Return the values of a .json or .npz file; `base` is the number of its first iteration.

    Raises TracerError for a file that holds none, LimitError for one that is too large.
    """
    suffix = Path(path).suffix.lower()
    try:
        if suffix == ".npz":
            return _read_npz(path)
        if suffix == ".json":
            return _read_json(path, base)
    except TracerError as error:
        raise error.at(printable(path)) from None
    raise TracerError(
        say("recorded values are read from .json and .npz"), where=printable(path), found=suffix
    )


def raw_values(recorded: Mapping[Any, Any]) -> RawValues:
    """Return values of Python as a file would hold them: by iteration and name, or by name.

    Arrays are NumPy's or those of another library (tensors). Raises TracerError.
    """
    if all(isinstance(key, Integral) for key in recorded):  # NumPy's whole numbers as well
        return RawValues(
            {int(number): _as_arrays(values) for number, values in recorded.items()}, {}
        )
    return RawValues({}, _as_arrays(recorded))


def _as_arrays(values: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    return {
        str(name): _checked_array(str(name), value, plain_array(value))
        for name, value in values.items()
    }


def _checked_array(name: str, value: Any, array: NDArray[Any] | None) -> NDArray[Any]:
    """Return the array of a value. Raises TracerError where it has none of numbers."""
    if array is None or array.dtype.kind not in "biuf":
        raise TracerError(
            say("the value of {name} is not an array of numbers", name=printable(name)),
            found=printable(str(value)[:40]),
            expected=say("a number, or lists of one length"),
        )
    return array


# JSON


def _read_json(path: str, base: int) -> RawValues:
    try:
        content = json.loads(
            read_text(path, most=MAX_JSON), parse_float=Decimal, parse_constant=Decimal
        )
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise TracerError(
            say("this is not JSON"), where=printable(path), found=str(error)
        ) from None
    reader = _Json(path)
    by_iteration = dict(reader.iterations(content, base))
    stacked = {} if by_iteration else reader.table_of_arrays(content)
    if not by_iteration and not stacked:
        raise TracerError(
            say("there are no values in the file"),
            where=printable(path),
            expected=say('{{"1": {{"w": 0.5, …}}, …}}, or lists with the iteration as first axis'),
        )
    return RawValues(by_iteration, stacked, _rounded_decimals(reader.decimals))


class _Json:
    """The reading of one JSON file; counts with how many decimals its numbers are written."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.decimals: dict[int, int] = {}

    def iterations(
        self, content: Any, base: int
    ) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """Yield the iterations of a file that is arranged by them."""
        if isinstance(content, list):
            for place, values in enumerate(content):
                yield place + 1, self.table_of_arrays(values)
        elif isinstance(content, dict) and isinstance(content.get("iterations"), list):
            for item in content["iterations"]:
                yield self.derived(item)
        elif isinstance(content, dict) and content and all(map(_is_number, content)):
            first = min(map(int, content))
            if first < base:
                raise TracerError(
                    say("the first iteration of the file is {first}", first=first),
                    where=printable(self.path),
                    expected=say("{base}; or --iteration-base {first}", base=base, first=first),
                )
            for key, values in content.items():
                yield int(key) + 1 - base, self.table_of_arrays(values)

    def derived(self, item: Any) -> tuple[int, Mapping[str, NDArray[Any]]]:
        """Return an iteration as `tracer derive --format json` writes it."""
        try:
            found = {
                step["name"].removesuffix("'") + "'"
                if step["phase"] == "update"
                else step["name"]: step["value"]
                for step in item["steps"]
                if step.get("non_finite") is None
            }
            return int(item["iteration"]), self.table_of_arrays(found)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise TracerError(
                say("this is not what tracer derive --format json writes"),
                where=printable(self.path),
            ) from None

    def table_of_arrays(self, content: Any) -> dict[str, NDArray[Any]]:
        """Return a table of names as arrays."""
        if not isinstance(content, dict):
            raise TracerError(
                say("this is not a table of names and values"),
                where=printable(self.path),
                found=printable(str(content)[:40]),
            )
        return {str(name).strip(): self.array(name, value) for name, value in content.items()}

    def array(self, name: str, value: Any) -> NDArray[Any]:
        """Return nested lists as an array. Raises TracerError where they are none."""
        try:
            array = np.array(self.numbers(value))
        except (ValueError, TypeError, RecursionError, OverflowError):
            array = None
        return _checked_array(name, value, array).astype("float64")

    def numbers(self, value: Any) -> Any:
        """Return nested lists of floats, their decimals counted."""
        if isinstance(value, list):
            return [self.numbers(item) for item in value]
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise TypeError(value)
        if isinstance(value, Decimal) and value.is_finite():
            exponent = value.as_tuple().exponent
            assert isinstance(exponent, int)
            self.decimals[-exponent] = self.decimals.get(-exponent, 0) + 1
        return float(value)


def _rounded_decimals(decimals: Mapping[int, int]) -> int | None:
    """Return to how many decimals numbers are rounded; `decimals` counts those of each."""
    most = max(decimals, default=0)
    is_rounded = 0 < most <= ROUNDED_DECIMALS
    least = max(LEAST_ROUNDED, sum(decimals.values()) / 3)
    return most if is_rounded and decimals[most] >= least else None


def decimals_of(raw: RawValues) -> int | None:
    """Return to how many decimals a file of float32 numbers was rounded, None where it was not."""
    texts = (
        np.format_float_positional(entry, unique=True, trim="-")
        for array in raw.arrays()
        for entry in array.astype("float32").ravel()[:MOST_COUNTED]
    )
    return _rounded_decimals(Counter(len(text.partition(".")[2]) for text in texts if "." in text))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


# NPZ


def _read_npz(path: str) -> RawValues:
    with open_regular(path, most=MAX_NPZ) as file:
        arrays = read_npz(file, most=MAX_NPZ)
    # Of a run that `tracer run --save` has written, what the run goes on with is no quantity.
    arrays = {name: array for name, array in arrays.items() if not name.startswith(OWN)}
    if not arrays:
        raise TracerError(say("there are no arrays in the file"), where=printable(path))
    return RawValues({}, arrays)


def write_values(place: Path, columns: Mapping[str, Sequence[NDArray[Any]]]) -> None:
    """Write the values of quantities in all iterations as .npz, whole or not at all.

    Raises TracerError where the file cannot be written, or where shapes differ between iterations.
    """
    for name, values in columns.items():
        if len({value.shape for value in values}) > 1:
            raise TracerError(
                say("the shape of {name} differs between iterations", name=printable(name)),
                found=", ".join(sorted({str(value.shape) for value in values})),
            )
    stacked = ((name, np.stack(values)) for name, values in columns.items())
    members = ((name, array.dtype, array.shape, [array]) for name, array in stacked)
    try:
        write_file(npz_pieces(members), place)
    except (OSError, ValueError) as error:
        raise TracerError(
            say("the file cannot be written"),
            where=printable(str(place)),
            found=refusal_reason(error),
        ) from None


# Which iteration an array is of


def arrays_by_iteration(raw: RawValues, trace: Trace) -> Recorded:
    """Return a file's arrays by iteration, each in the shape it was recorded with.

    A parameter may have one entry more than there are iterations: its first value comes first.
    """
    found: dict[int, dict[str, NDArray[Any]]] = {
        number: dict(values) for number, values in raw.by_iteration.items()
    }
    shapes = trace.iteration(1).built.shapes
    carried = trace.program.carried
    for name, array in raw.stacked.items():
        if name not in shapes:
            continue
        if not _is_stacked(array.shape, shapes[name]):
            found.setdefault(1, {})[name] = array
            continue
        rows = len(array)
        after = carried.get(name)
        others = [len(item) for key, item in raw.stacked.items() if key != name and item.ndim]
        has_last = after is not None and rows - 1 in others and rows not in others
        for place in range(rows - has_last):
            found.setdefault(place + 1, {})[name] = array[place]
        if has_last and after is not None:
            found.setdefault(rows - 1, {}).setdefault(after, array[rows - 1])
    return dict(sorted(found.items()))


def iterations_of(raw: RawValues, shapes: Shapes) -> int:
    """Return the number of the last iteration in a file."""
    stacked = (
        len(array)
        for name, array in raw.stacked.items()
        if name in shapes and _is_stacked(array.shape, shapes[name])
    )
    return max(max(raw.by_iteration, default=1), *stacked, 1)


def _is_stacked(shape: tuple[int, ...], own: Shape) -> bool:
    """Tell whether an array has the iteration as an axis more, in front."""
    return len(shape) == len(own) + 1 or (len(shape) > len(own) and shape[1:] == own)
