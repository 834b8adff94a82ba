"""Numbers that a scenario draws: which, from which generator, in which order.

It knows the table of a drawn value and NumPy's two generators, and nothing else of a scenario.
NumPy is loaded once something is drawn, which is when its numbers are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tracer.frozen import Value
from tracer.program.document import Table, hinted, one_of, quoted
from tracer.program.given import Given, Written
from tracer.sentences import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GENERATORS", "MAX_AXES", "MAX_NUMBERS", "MAX_SEED", "Draw", "Stream", "read_draw"]

MAX_NUMBERS: Final = 50_000_000
MAX_AXES: Final = 16
MAX_SEED: Final = 2**32 - 1
GENERATORS: Final = ("numpy", "numpy-legacy")


class Init(Value):
    """One way to draw: the keys that it takes besides the shape, and their defaults."""

    defaults: Mapping[str, Written | None]
    random: bool = True
    fans: tuple[str, ...] = ()  # which of fan_in and fan_out it needs


INITS: Final[Mapping[str, Init]] = {
    "uniform": Init({"low": 0, "high": 1}),
    "normal": Init({"mean": 0, "std": 1}),
    "integers": Init({"low": 0, "high": None}),
    "zeros": Init({}, random=False),
    "ones": Init({}, random=False),
    "glorot": Init({}, fans=("fan_in", "fan_out")),
    "glorot_normal": Init({}, fans=("fan_in", "fan_out")),
    "he": Init({}, fans=("fan_in",)),
    "he_uniform": Init({}, fans=("fan_in",)),
    "torch_linear": Init({}, fans=("fan_in",)),
}


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
        return INITS[self.init].random and self.seed is None

    def given(self, stream: Stream | None) -> Given:
        """Return the numbers, drawn when they are looked at, as they would be now.

        They come from the stream, where they have their turn, or from a generator of their own.
        Raises: OverflowError where a number is not finite in the precision that is asked for.
        """
        if self.init in ("zeros", "ones"):
            fill = int(self.init == "ones")
            if self.size <= _SMALL:
                return Given(self.shape, exact=(fill,) * self.size)
            return Given(self.shape, draw=partial(_filled, self.shape, fill))
        if self.seed is not None:
            stream = Stream("numpy", self.seed)
        assert stream is not None
        numbers = stream.turn(self)
        if self._may_overflow():
            return Given(self.shape, array=numbers())
        return Given(self.shape, draw=numbers)

    def _may_overflow(self) -> bool:
        """Tell whether some number drawn might not be finite, which is seen only once it is."""
        reach = sum(
            abs(float(value)) * (_DEVIATIONS if key == "std" else 1)
            for key, value in self.options.items()
            if not key.startswith("fan")
        )
        return not reach < _LARGEST[self.dtype]


_SMALL: Final = 10_000
_DEVIATIONS: Final = 100  # that no normal number lies away from the mean
_LARGEST: Final = {"float32": 1e38, "float64": 1e308}


def _filled(shape: tuple[int, ...], fill: int) -> NDArray[Any]:
    import numpy as np

    return np.full(shape, fill, dtype="int8")


class Stream:
    """A generator of NumPy: the one of today, or the one behind `numpy.random.seed`.

    Draws take turns: each is made once its numbers are needed, and all before it first.
    """

    __slots__ = ("_done", "_drawn", "_generator", "_legacy", "_queue", "_seed")

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
        import numpy as np

        if self._generator is None:
            kind = np.random.RandomState if self._legacy else np.random.default_rng
            self._generator = kind(self._seed)
        numbers = self._numbers(draw.init, draw.options, draw.shape)
        if draw.dtype == "float32":
            with np.errstate(over="ignore"):
                numbers = numbers.astype(np.float32)
        if not np.isfinite(numbers).all():
            raise OverflowError("a drawn number is not finite")
        return numbers

    def _numbers(
        self, init: str, options: Mapping[str, Written], shape: tuple[int, ...]
    ) -> NDArray[Any]:
        import numpy as np

        generator = self._generator
        if init == "integers":
            low, high = int(options["low"]), int(options["high"])
            whole = generator.randint if self._legacy else generator.integers
            return np.asarray(whole(low, high, size=shape, dtype=np.int64))
        if init in ("normal", "glorot_normal", "he"):
            mean, deviation = float(options.get("mean", 0)), self._spread(init, options)
            return np.asarray(generator.normal(mean, deviation, size=shape))
        if init == "uniform":
            low_, high_ = float(options["low"]), float(options["high"])
        else:
            high_ = self._spread(init, options)
            low_ = -high_
        return np.asarray(generator.uniform(low_, high_, size=shape))

    @staticmethod
    def _spread(init: str, options: Mapping[str, Written]) -> float:
        """Return the standard deviation, or the limit of a uniform draw.

        Source: Glorot and Bengio 2010, equation 16; He et al. 2015, equation 10; PyTorch,
        torch.nn.Linear.
        """
        if init == "normal":
            return float(options["std"])
        fan_in = float(options["fan_in"])
        if init == "glorot":
            return math.sqrt(6 / (fan_in + float(options["fan_out"])))
        if init == "glorot_normal":
            return math.sqrt(2 / (fan_in + float(options["fan_out"])))
        if init == "he":
            return math.sqrt(2 / fan_in)
        if init == "he_uniform":
            return math.sqrt(6 / fan_in)
        return 1 / math.sqrt(fan_in)


def read_draw(table: Table) -> Draw:
    """Return what `{shape = …, init = …}` says.

    Raises: ScenarioError where a key is missing, unknown or out of range.
    """
    name = table.text("init")
    if name is None:
        raise table.error("", say("a drawn value needs init"), expected=one_of(INITS))
    if name not in INITS:
        from tracer.errors import nearest

        raise table.error(
            "init",
            hinted(say("unknown init {name}", name=quoted(name)), nearest(name, INITS)),
            expected=one_of(INITS),
        )
    init = INITS[name]
    keys = [
        "shape",
        "init",
        "dtype",
        *init.defaults,
        *init.fans,
        *(["seed"] if init.random else []),
    ]
    table.check_keys(keys)
    shape = table.wholes("shape", 1, MAX_NUMBERS)
    if shape is None:
        raise table.error(
            "", say("a drawn value needs shape"), expected=say("for example shape = [2, 3]")
        )
    if len(shape) > MAX_AXES:
        raise table.error(
            "shape",
            say("too many axes"),
            found=str(len(shape)),
            expected=say("at most {most}", most=MAX_AXES),
        )
    dtype = table.text("dtype", "float64") or ""
    if dtype not in ("float64", "float32"):
        raise table.error(
            "dtype", say("unknown dtype"), found=quoted(dtype), expected=say("float64 or float32")
        )
    options = _options(table, name, init, shape)
    return Draw(shape, name, options, table.whole("seed", 0, MAX_SEED), dtype)


def _options(table: Table, name: str, init: Init, shape: tuple[int, ...]) -> Mapping[str, Written]:
    options: dict[str, Written] = {}
    for key, default in init.defaults.items():
        if name == "integers":
            found: Written | None = table.whole(key, -(2**53), 2**53)
        else:
            found = table.number(key)
        value = default if found is None else found
        if value is None:
            raise table.error(
                "",
                say("{name} needs {key}", name=name, key=key),
                expected=say("for example {key} = 10", key=key),
            )
        options[key] = value
    if "low" in options and not options["low"] < options["high"]:
        raise table.error(
            "high" if "high" in table else "low",
            say("low is not below high"),
            found=say("low {low}, high {high}", low=str(options["low"]), high=str(options["high"])),
        )
    if name == "uniform" and not math.isfinite(float(options["high"]) - float(options["low"])):
        raise table.error("high", say("low and high are too far apart"))
    if "std" in options and options["std"] < 0:
        raise table.error(
            "std", say("std is negative"), found=str(options["std"]), expected=say("0 or more")
        )
    for key, axis in zip(init.fans, (0, -1), strict=False):
        fan = table.whole(key, 1, MAX_NUMBERS)
        if fan is None and len(shape) != 2:
            raise table.error(
                "",
                say(
                    "{name} needs {key} where the shape is not that of a matrix", name=name, key=key
                ),
                found=say("shape {shape}", shape=str(list(shape))),
                expected=say("{key} = … beside shape", key=key),
            )
        options[key] = shape[axis] if fan is None else fan
    return options
