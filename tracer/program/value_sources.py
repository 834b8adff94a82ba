"""A value as a scenario writes it: numbers in lists, a draw, or a CSV or NPY file beside it.

Numbers are drawn when they are looked at, from NumPy's generators, in the order of the file. A file
is read only from below the scenario's own folder, never through a link, never as a pickle, and only
after its size is known. NumPy is loaded where something is drawn or read.
"""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, TYPE_CHECKING, Any, Final, Literal

from tracer.bounded_read import open_regular, read_text
from tracer.errors import ScenarioError, TracerError
from tracer.frozen import Value, replace
from tracer.lazy_modules import LazyModule
from tracer.lazy_numpy import NDArray, np
from tracer.lazy_regex import lazy_regex
from tracer.program.document import (
    ChoiceType,
    Document,
    FlagType,
    KeyPath,
    NumberType,
    ScenarioKey,
    ScenarioSection,
    TomlTable,
    WholeType,
    describe_value,
    finite_number,
    one_of,
    quote_text,
)
from tracer.program.given_array import MAX_NUMBERS, GivenArray, Written
from tracer.sentences import Sentence, Text, say

if TYPE_CHECKING:
    from tracer.program import npy_format
else:
    npy_format = LazyModule("tracer.program.npy_format")

MAX_AXES: Final = 16
MAX_SEED: Final = 2**32 - 1
GENERATORS: Final = ("numpy", "numpy-legacy")


class Init(Value):
    """One way to draw: the keys that it takes besides the shape, and what it draws from them.

    `limits` are those of a uniform draw, or mean and standard deviation of a normal one.
    """

    words: Sentence
    keys: tuple[ScenarioKey, ...] = ()
    draws: Literal["uniform", "normal", "integers", ""] = ""
    limits: Callable[[Mapping[str, float]], tuple[float, float]] | None = None


def _fan_draw(
    words: Sentence, draws: Literal["uniform", "normal"], spread: Callable[..., float], *names: str
) -> Init:
    """Return a draw around 0 whose limit, or standard deviation, follows from the fans."""

    def limits(options: Mapping[str, float]) -> tuple[float, float]:
        reach = spread(*(options[name] for name in names))
        return (-reach if draws == "uniform" else 0), reach

    return Init(words, tuple(_FANS[name] for name in names), draws, limits)


_SIZE: Final = WholeType(1, MAX_NUMBERS)
_FANS: Final = {
    "fan_in": ScenarioKey("fan_in", _SIZE, say("how many numbers each result is computed from")),
    "fan_out": ScenarioKey("fan_out", _SIZE, say("how many results each number goes into")),
}
_LOW: Final = ScenarioKey("low", NumberType(), say("the lower limit"), "0", "-1")
_HIGH: Final = ScenarioKey("high", NumberType(), say("the upper limit"), "1", "10")
_WHOLE: Final = WholeType(-(2**53), 2**53)
_SEED: Final = ScenarioKey("seed", WholeType(0, MAX_SEED), say("a generator of its own"), "", "1")

# Sources: Glorot and Bengio 2010, equation 16; He et al. 2015, equation 10; PyTorch,
# torch.nn.Linear.
INITS: Final[Mapping[str, Init]] = {
    "uniform": Init(
        say("evenly between two limits"),
        (_LOW, _HIGH),
        "uniform",
        lambda options: (options["low"], options["high"]),
    ),
    "normal": Init(
        say("from a normal distribution"),
        (
            ScenarioKey("mean", NumberType(), say("its mean"), "0"),
            ScenarioKey("std", NumberType(0), say("its standard deviation"), "1"),
        ),
        "normal",
        lambda options: (options["mean"], options["std"]),
    ),
    "integers": Init(
        say("whole numbers from `low` up to but not including `high`"),
        (replace(_LOW, type=_WHOLE), replace(_HIGH, type=_WHOLE, default="")),
        "integers",
    ),
    "zeros": Init(say("nothing: all are 0")),
    "ones": Init(say("nothing: all are 1")),
    "glorot": _fan_draw(
        say("uniformly between −a and a, a = √(6 / (fan_in + fan_out))"),
        "uniform",
        lambda fan_in, fan_out: math.sqrt(6 / (fan_in + fan_out)),
        *("fan_in", "fan_out"),
    ),
    "glorot_normal": _fan_draw(
        say("from a normal distribution with standard deviation √(2 / (fan_in + fan_out))"),
        "normal",
        lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
        *("fan_in", "fan_out"),
    ),
    "he": _fan_draw(
        say("from a normal distribution with standard deviation √(2 / fan_in)"),
        "normal",
        lambda fan_in: math.sqrt(2 / fan_in),
        "fan_in",
    ),
    "he_uniform": _fan_draw(
        say("uniformly between −a and a, a = √(6 / fan_in)"),
        "uniform",
        lambda fan_in: math.sqrt(6 / fan_in),
        "fan_in",
    ),
    "torch_linear": _fan_draw(
        say(
            "uniformly between −a and a, a = 1/√fan_in, as PyTorch initializes the weights and "
            "biases of a linear layer"
        ),
        "uniform",
        lambda fan_in: 1 / math.sqrt(fan_in),
        "fan_in",
    ),
}

DRAW: Final = ScenarioSection(
    say("a drawn value"),
    say("how a value is drawn"),
    (
        ScenarioKey(
            "shape",
            WholeType(1, MAX_NUMBERS, many=True),
            say("its sizes"),
            say("required"),
            "[2, 3]",
        ),
        ScenarioKey("init", ChoiceType(tuple(INITS)), say("how it is drawn"), say("required")),
        ScenarioKey(
            "dtype",
            ChoiceType(("float64", "float32")),
            say("the precision that its numbers are rounded to"),
            '"float64"',
        ),
    ),
    needs=(("shape",),),
)


class Draw(Value):
    """A value that is drawn; `seed` is None where it comes from the scenario's one stream."""

    shape: tuple[int, ...]
    init: str
    options: Mapping[str, Written]
    seed: int | None
    dtype: str

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    @property
    def needs_stream(self) -> bool:
        """Tell whether it is drawn from the scenario's one stream."""
        return bool(INITS[self.init].draws) and self.seed is None

    def draw_numbers(self, stream: Stream | None) -> GivenArray:
        """Return the numbers, drawn when they are looked at, as they would be now.

        They come from the stream, where they have their turn, or from a generator of their own.
        Raises: OverflowError where a number is not finite in the precision that is asked for.
        """
        if self.init in ("zeros", "ones"):
            fill = int(self.init == "ones")
            if self.size <= _SMALL:
                return GivenArray(self.shape, exact=(fill,) * self.size)
            return GivenArray(self.shape, draw=lambda: np.full(self.shape, fill, dtype="int8"))
        if self.seed is not None:
            stream = Stream("numpy", self.seed)
        assert stream is not None
        numbers = stream.turn(self)
        reach = sum(
            abs(float(value)) * (_DEVIATIONS if key == "std" else 1)
            for key, value in self.options.items()
            if not key.startswith("fan")
        )
        if not reach < _LARGEST[self.dtype]:  # one may not be finite: seen once it is drawn
            return GivenArray(self.shape, array=numbers(), origin=self)
        return GivenArray(self.shape, draw=numbers, origin=self)


_SMALL: Final = 10_000
_DEVIATIONS: Final = 100  # standard deviations; no drawn number lies farther from the mean
_LARGEST: Final = {"float32": 1e38, "float64": 1e308}


class Stream:
    """A generator of NumPy: the one of today, or the one behind `numpy.random.seed`.

    Draws take turns: each is made once its numbers are needed, and all before it first.
    """

    def __init__(self, generator: str, seed: int) -> None:
        self._legacy = generator == "numpy-legacy"
        self._seed = seed
        self._generator: Any = None
        self._queue: list[Draw] = []
        self._drawn: dict[int, NDArray[Any]] = {}
        self._done = 0

    def turn(self, draw: Draw) -> Callable[[], NDArray[Any]]:
        """Give a draw the next turn; what is returned draws it, and is called once."""
        self._queue.append(draw)
        return partial(self._take, len(self._queue) - 1)

    def _take(self, place: int) -> NDArray[Any]:
        while self._done <= place:
            self._drawn[self._done] = self._draw(self._queue[self._done])
            self._done += 1
        return self._drawn.pop(place)

    def _draw(self, draw: Draw) -> NDArray[Any]:
        """Return the next numbers of the stream. Raises OverflowError for one not finite."""
        if self._generator is None:
            kind = np.random.RandomState if self._legacy else np.random.default_rng
            self._generator = kind(self._seed)
        numbers = self._numbers(INITS[draw.init], draw.options, draw.shape)
        if draw.dtype == "float32":
            with np.errstate(over="ignore"):
                numbers = numbers.astype(np.float32)
        if not np.isfinite(numbers).all():
            raise OverflowError("a drawn number is not finite")
        return numbers

    def _numbers(
        self, init: Init, options: Mapping[str, Written], shape: tuple[int, ...]
    ) -> NDArray[Any]:
        generator = self._generator
        if init.limits is not None:
            limits = init.limits({key: float(value) for key, value in options.items()})
            return np.asarray(getattr(generator, init.draws)(*limits, size=shape))
        low, high = int(options["low"]), int(options["high"])
        whole = generator.randint if self._legacy else generator.integers
        return np.asarray(whole(low, high, size=shape, dtype=np.int64))


def read_draw(table: TomlTable) -> Draw:
    """Return what `{shape = …, init = …}` says.

    Raises: ScenarioError where a key is missing, unknown or out of range.
    """
    if "init" not in table:
        raise DRAW.missing(table, "init")
    name = DRAW.value(table, "init")
    init = INITS[name]
    keys = (*DRAW.keys, *init.keys, *((_SEED,) if init.draws else ()))
    values = replace(DRAW, keys=keys).read(table)
    shape = values["shape"]
    if len(shape) > MAX_AXES:
        raise table.error(
            "shape",
            say("too many axes"),
            found=str(len(shape)),
            expected=say("at most {most}", most=MAX_AXES),
        )
    options: dict[str, Written] = {}
    for key in init.keys:
        value = values[key.name]
        if value is None:
            value = _default_setting(table, name, key, shape)
        options[key.name] = value
    _check_limits(table, name, options)
    return Draw(shape, name, options, values.get("seed"), values["dtype"])


def _default_setting(table: TomlTable, name: str, key: ScenarioKey, shape: tuple[int, ...]) -> int:
    """Return what a key is where it is left out."""
    if key.name not in _FANS:
        if not key.default:
            raise ScenarioSection(name, "", (key,)).missing(table, key.name)
        return int(str(key.default))
    if len(shape) != 2:
        raise table.error(
            "",
            say(
                "{name} needs {key} where the shape is not that of a matrix",
                name=name,
                key=key.name,
            ),
            found=say("shape {shape}", shape=str(list(shape))),
            expected=say("{key} = … beside shape", key=key.name),
        )
    return shape[0 if key.name == "fan_in" else -1]


def _check_limits(table: TomlTable, name: str, options: Mapping[str, Written]) -> None:
    """Raise ScenarioError where nothing, or nothing finite, lies between the limits."""
    if "low" not in options:
        return
    low, high = options["low"], options["high"]
    if not low < high:
        raise table.error(
            "high" if "high" in table else "low",
            say("low is not below high"),
            found=say("low {low}, high {high}", low=str(low), high=str(high)),
        )
    if name == "uniform" and not math.isfinite(float(high) - float(low)):
        raise table.error("high", say("low and high are too far apart"))


MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_CELL: Final = 1_000
_NUMBER: Final = lazy_regex(r"[ \t]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*")


class FileData(Value):
    """A value that is read from a file: which, and which columns of it."""

    table: TomlTable
    path: Path
    columns: tuple[str, ...] | tuple[int, ...] | None
    single: bool  # `column`: the axis of the columns is dropped
    header: bool

    def value(self) -> GivenArray:
        """Return the numbers.

        Raises: ScenarioError where the file is too large, is no such file, or holds no numbers.
        """
        try:
            if self.path.suffix.lower() == ".npy":
                with open_regular(self.path, most=MAX_FILE_BYTES, follow=False) as file:
                    return self._npy(file)
            return self._csv(read_text(self.path, most=MAX_FILE_BYTES, follow=False))
        except ScenarioError:
            raise
        except TracerError as error:
            raise self.table.error(
                "file", error.what, found=error.found, expected=error.expected
            ) from None

    def _csv(self, text: str) -> GivenArray:
        if "\0" in text:
            raise self.table.error("file", say("the file holds a zero byte, so it is not CSV"))
        import csv

        lines = csv.reader(text.splitlines(), strict=True)
        try:
            return self._read_rows((lines.line_num, row) for row in lines if row)
        except csv.Error as error:
            raise self._bad(lines.line_num, say("{text}", text=str(error))) from None

    def _read_rows(self, rows: Iterator[tuple[int, list[str]]]) -> GivenArray:
        head: tuple[int, list[str]] = (0, [])
        names = [name.strip() for name in next(rows, head)[1]] if self.header else None
        chosen: list[int] | None = None
        width = len(names or ())
        numbers = array("d")
        count = 0
        for line, row in rows:
            width = width or len(row)
            if len(row) != width:
                raise self._bad(
                    line,
                    say("rows differ in length"),
                    say("{count} cells", count=len(row)),
                    say("{width} cells", width=width),
                )
            if chosen is None:
                chosen = self._column_places(names, width)
            cells = [row[place] for place in chosen]
            self._append(numbers, cells, line)
            count += 1
        if not count or chosen is None:
            raise self.table.error("file", say("the file holds no row of numbers"))
        entries = np.frombuffer(numbers, dtype=np.float64)
        shape = (count,) if self.single else (count, len(chosen))
        return GivenArray(shape, array=entries.reshape(shape))

    def _append(self, numbers: array[float], cells: list[str], line: int) -> None:
        bad = next(itertools.filterfalse(_NUMBER.fullmatch, cells), None)
        if bad is not None:
            raise self._bad(
                line,
                say("a cell is not a number")
                if self.header
                else say("a cell is not a number; header = true skips a first line of names"),
                describe_value(bad[:MAX_CELL]),
            )
        numbers.extend(map(float, cells))
        if not all(map(math.isfinite, numbers[-len(cells) :])):
            raise self._bad(line, say("a number is too large"))
        if len(numbers) > MAX_NUMBERS:
            raise self.table.error(
                "file", say("too many numbers"), expected=say("at most {most}", most=MAX_NUMBERS)
            )

    def _column_places(self, names: list[str] | None, width: int) -> list[int]:
        """Return the places of the columns that are asked for."""
        if self.columns is None:
            return list(range(width))
        places: list[int] = []
        key = "column" if self.single else "columns"
        for column in self.columns:
            if isinstance(column, int):
                if column >= width:
                    raise self.table.error(
                        key,
                        say("there is no column {column}", column=column),
                        found=say("{width} columns, from 0", width=width),
                    )
                places.append(column)
            else:
                assert names is not None
                if names.count(column) != 1:
                    raise self.table.error(
                        key,
                        say("the column {column} appears twice", column=quote_text(column))
                        if column in names
                        else say(
                            "the column {column} is not in the file", column=quote_text(column)
                        ),
                        found=quote_text(", ".join(names), 200),
                    )
                places.append(names.index(column))
        return places

    def _bad(self, line: int, what: Sentence, found: Text = "", expected: Text = "") -> Exception:
        return self.table.error(
            "file",
            say("{name} line {line}: {what}", name=self.path.name, line=line, what=what),
            found=found,
            expected=expected,
        )

    def _npy(self, file: IO[bytes]) -> GivenArray:
        header = npy_format.read_header(file)
        if len(header.shape) > MAX_AXES or not 0 < header.size <= MAX_NUMBERS:
            raise self.table.error(
                "file",
                say("the array is empty or too large"),
                found=say("shape {shape}", shape=quote_text(str(list(header.shape)), 80)),
                expected=say(
                    "1 to {most} numbers, at most {axes} axes", most=MAX_NUMBERS, axes=MAX_AXES
                ),
            )
        entries = npy_format.read_entries(file, header)
        if entries.dtype.kind == "f" and entries.dtype.itemsize > 8:
            with np.errstate(over="ignore"):
                entries = entries.astype(np.float64)
        if not np.isfinite(entries).all():
            raise self.table.error("file", say("the array holds a number that is not finite"))
        native = entries.astype(entries.dtype.newbyteorder("="), order="C", copy=False)
        return GivenArray(header.shape, array=native)


ValueSource = GivenArray | Draw | FileData
_VALUE: Final = say("a number, lists of numbers, {{shape = …, init = …}} or {{file = …}}")


def read_file_table(table: TomlTable, folder: Path | None) -> FileData:
    """Return what `{file = …}` says, after a look at the path; the file is not opened yet."""
    name = table.text("file")
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in (".csv", ".npy"):
        raise table.error(
            "file",
            say("unknown kind of file"),
            found=quote_text(name),
            expected=say("a .csv or .npy file"),
        )
    table.check_keys(["file", "column", "columns", "header"] if suffix == ".csv" else ["file"])
    if folder is None:
        raise table.error(
            "file", say("a scenario that is not in a file cannot read files beside it")
        )
    path = _path_below(table, folder, name)
    columns, single = _table_columns(table)
    by_name = bool(columns) and isinstance((columns or ("",))[0], str)
    header = FlagType().read(table, "header") if "header" in table else by_name
    if by_name and not header:
        raise table.error("header", say("columns with names need header = true"))
    return FileData(table, path, columns, single, header)


def _table_columns(table: TomlTable) -> tuple[tuple[str, ...] | tuple[int, ...] | None, bool]:
    single = "column" in table
    key = "column" if single else "columns"
    if single and "columns" in table:
        raise table.error("columns", say("give one of column and columns"), found=say("both"))
    if key not in table:
        return None, False
    value = table.content[key]
    items = [value] if single else value
    expected = say("a name or a number") if single else say('a list such as ["a", "b"] or [0, 1]')
    kinds = {type(item) for item in items} if isinstance(items, list) else set()
    if kinds == {str} or (kinds == {int} and min(items) >= 0):
        return tuple(items), single
    raise table.error(
        key, say("this does not choose columns"), found=describe_value(value), expected=expected
    )


def _path_below(table: TomlTable, folder: Path, name: str) -> Path:
    """Return the path of a file below the folder; no part of the way is a link."""
    pure = PurePosixPath(name)
    if (
        "\0" in name
        or "\\" in name
        or pure.is_absolute()
        or PureWindowsPath(name).drive
        or ".." in pure.parts
    ):
        raise table.error(
            "file",
            say("the file is not below the scenario's own folder"),
            found=quote_text(name),
            expected=one_of([say("a path relative to it, without ..")]),
        )
    try:
        path = folder.resolve()
        for part in pure.parts:
            path = path / part
            if path.is_symlink():
                raise table.error(
                    "file", say("tracer does not follow links"), found=quote_text(name)
                )
        if not path.is_file():
            raise table.error(
                "file",
                say("{name} is not a file", name=quote_text(name))
                if path.exists()
                else say("{name} does not exist", name=quote_text(name)),
            )
    except (OSError, ValueError) as error:
        raise table.error(
            "file", say("the file cannot be read: {reason}", reason=str(error))
        ) from None
    return path


def read_source(
    table: TomlTable, key: str, folder: Path | None, known: GivenArray | None
) -> ValueSource:
    """Return what stands for a value: numbers, a draw, or a file, unless its numbers are known."""
    value = table.content[key]
    if isinstance(value, dict):
        below = TomlTable(table.document, (*table.path, key), value)
        if "file" in value:
            return read_file_table(below, folder) if known is None else known
        if "init" in value or "shape" in value:
            return read_draw(below)
        raise table.error(key, say("this is not a value"), found=say("a table"), expected=_VALUE)
    return read_numbers(table.document, (*table.path, key), value)


def read_numbers(
    document: Document, path: KeyPath, value: Any, wanted: Sentence = _VALUE
) -> GivenArray:
    """Return nested lists of numbers, every row as long as the first one at its depth."""
    if id(value) in document.given:
        return document.given[id(value)][1]
    shape: list[int] = []
    inner = value
    while isinstance(inner, list):
        if not inner:
            raise document.error(path, say("a list is empty"), expected=say("at least one number"))
        if len(shape) == MAX_AXES:
            raise document.error(
                path, say("too many axes"), expected=say("at most {most}", most=MAX_AXES)
            )
        shape.append(len(inner))
        inner = inner[0]

    entries: list[Written] = []

    def walk(item: Any, depth: int, at: KeyPath) -> None:
        if depth == len(shape):
            if isinstance(item, list | dict | str):
                expected = say("a number, as in the entries before") if shape else wanted
                raise document.error(
                    at, say("this is not a number"), found=describe_value(item), expected=expected
                )
            entries.append(finite_number(document, at, item))
            return
        if not isinstance(item, list) or len(item) != shape[depth]:
            raise document.error(
                at,
                say("rows differ in length"),
                found=describe_value(item),
                expected=say("{count} entries, as in the rows before", count=shape[depth]),
            )
        for place, part in enumerate(item):
            walk(part, depth + 1, (*at, place))

    walk(value, 0, path)
    given = GivenArray(tuple(shape), exact=tuple(entries))
    if isinstance(value, list):
        document.given[id(value)] = value, given
    return given
