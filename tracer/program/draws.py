"""Numbers that a scenario draws: which, from which generator, in which order.

It knows the keys of a drawn value and NumPy's two generators, and nothing else of a scenario.
NumPy is loaded once something is drawn, which is when its numbers are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal

from tracer.frozen import Value, replace
from tracer.lazy_numpy import NDArray, np
from tracer.program.document import TomlTable
from tracer.program.given_array import MAX_NUMBERS, GivenArray, Written
from tracer.program.key_types import (
    ChoiceType,
    NumberType,
    ScenarioKey,
    ScenarioSection,
    WholeType,
)
from tracer.sentences import Sentence, say

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
        say("uniform in ±√(6 / (fan_in + fan_out))"),
        "uniform",
        lambda fan_in, fan_out: math.sqrt(6 / (fan_in + fan_out)),
        *("fan_in", "fan_out"),
    ),
    "glorot_normal": _fan_draw(
        say("normal with standard deviation √(2 / (fan_in + fan_out))"),
        "normal",
        lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
        *("fan_in", "fan_out"),
    ),
    "he": _fan_draw(
        say("normal with standard deviation √(2 / fan_in)"),
        "normal",
        lambda fan_in: math.sqrt(2 / fan_in),
        "fan_in",
    ),
    "he_uniform": _fan_draw(
        say("uniform in ±√(6 / fan_in)"),
        "uniform",
        lambda fan_in: math.sqrt(6 / fan_in),
        "fan_in",
    ),
    "torch_linear": _fan_draw(
        say("uniform in ±1/√fan_in, as PyTorch starts a linear layer, weights and bias"),
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
