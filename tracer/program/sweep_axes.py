"""The values that a sweep gives to keys, and the scenario at each combination of them.

A number in the place of a number changes nothing else of a scenario. So for each combination of
the other values the scenario is read and checked twice, with the lowest and with the highest of
each axis of numbers; what lies between needs no reading.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import partial
from itertools import product
from math import prod
from types import MappingProxyType
from typing import Final

from tracer.errors import LimitError, RunError, TracerError, refuse
from tracer.expression import canonical_name
from tracer.frozen import Frozen, Value
from tracer.program.document import quote_text, read_toml
from tracer.program.given_array import GivenArray
from tracer.program.overrides import Setting, path_of, setting_key, setting_place
from tracer.program.scenario import Scenario
from tracer.program.schema import GIVEN_TABLES
from tracer.sentences import say

MAX_RUNS: Final = 1_000_000
SEED: Final = "seed"
_DIGITS: Final = 40  # digits of factors: after a million of them enough for the nearest double
_LOGARITHMIC: Final = "log"
# So bounded that no number takes long to read.
_NUMBER: Final = r"[+-]?(?:\d[\d_]{0,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][+-]?\d{1,3})?"
_RANGE: Final = re.compile(rf"({_NUMBER}):({_NUMBER})(?::([^:]*))?(?::([^:]*))?")
# A number as TOML and Python both write it: what is another value is read as one, or refused.
_TOML_NUMBER: Final = re.compile(
    r"[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
_OPENING: Final = {"[": "]", "{": "}"}


class SweepAxis(Value):
    """A key and its values, as TOML. `is_logarithmic` where they grow by a factor.

    `keys` are the keys of the scenario that take the value: the key itself, or the seeds.
    """

    key: str
    values: tuple[str, ...]
    is_logarithmic: bool = False
    keys: tuple[str, ...] = ()
    option: str = ""

    def settings(self, value: str) -> tuple[str, ...]:
        """Return the `KEY=VALUE` settings of one value, which messages give to `option`."""
        texts = tuple(f"{key}={value}" for key in self.keys)
        if self.option:
            return tuple(Setting(text, self.option, value) for text in texts)
        return texts

    @property
    def is_seed(self) -> bool:
        """Whether the values are seeds: runs that differ in nothing that is compared."""
        return self.key == SEED

    @property
    def numbers(self) -> tuple[float, ...] | None:
        """The values as numbers; None where one is none."""
        if not all(map(_TOML_NUMBER.fullmatch, self.values)):
            return None
        return tuple(map(float, self.values))


class SweepPoint(Frozen):
    """One combination of values: a scenario, and the numbers that stand in it instead of its own.

    `values` are those of the axes, as TOML; `numbers` map a table and a name in it to a number.
    """

    values: tuple[str, ...]
    settings: tuple[str, ...]
    template: Scenario
    numbers: Mapping[tuple[str, str], float] = MappingProxyType({})

    @property
    def scenario(self) -> Scenario:
        """The scenario with its numbers put in."""
        return self.template.with_overrides(self.settings) if self.numbers else self.template


def read_axis(text: str) -> SweepAxis:
    """Return the axis that `KEY=VALUES` says.

    Values are separated by commas; `a:b:n` are n numbers from a to b, evenly, and `a:b:n:log` by
    equal factors. Raises TracerError where it says no values.
    """
    where = setting_place(text)
    key, sign, rest = text.partition("=")
    parts = [part.strip() for part in _split_values(rest)]
    if not sign or not key.strip() or not all(parts):
        raise TracerError(
            say("this is not KEY=VALUES"),
            where=where,
            expected=say("values such as learning_rate=0.1,0.2 or learning_rate=0.01:2:50"),
        )
    values: list[str] = []
    logarithmic = False
    for part in parts:
        match = _RANGE.fullmatch(part)
        if match is None:
            values.append(part)
            continue
        low, high, count, scale = match.groups()
        ends = Fraction(low), Fraction(high)
        is_count = re.fullmatch(r"\d{1,9}", count or "", re.ASCII) is not None
        refuse(
            (
                (
                    count is None,
                    say("a range needs the number of its values"),
                    say("for example {example}", example=f"{part}:10"),
                    part,
                ),
                (
                    not is_count or not 1 <= int(count) <= MAX_RUNS,
                    say("this is not a number of values"),
                    say("a whole number from {low} to {high}", low=1, high=MAX_RUNS),
                    quote_text(count or ""),
                ),
                (
                    is_count and int(count) == 1 and ends[0] != ends[1],
                    say("a range of one value has two ends"),
                    say("two values or more, or one number"),
                    part,
                ),
                (
                    scale not in (None, _LOGARITHMIC),
                    say("a range ends with its number of values, or with :log"),
                    say("for example {example}", example="0.001:1:7:log"),
                    quote_text(scale or ""),
                ),
                (
                    max(map(abs, ends)) > sys.float_info.max,
                    say("the number is too large"),
                    say("a number up to 1.8e308"),
                    part,
                ),
                (
                    scale is not None and not min(ends) >= sys.float_info.min,
                    say("a logarithmic range lies above 0"),
                    say("two numbers above 0"),
                    part,
                ),
            ),
            partial(TracerError, where=where),
        )
        logarithmic = logarithmic or scale is not None
        values += (
            _even_values(*ends, int(count)) if scale is None else _by_factor(*ends, int(count))
        )
    value, times = Counter(values).most_common(1)[0]
    if times > 1:
        raise TracerError(
            say("{item} is listed twice", item=quote_text(value)),
            where=where,
            expected=say("each value once"),
        )
    option = text.option if isinstance(text, Setting) else ""
    return SweepAxis(key.strip(), tuple(values), logarithmic, (key.strip(),), option)


def _split_values(text: str) -> list[str]:
    """Return the parts between commas that stand in no bracket and no text."""
    parts = [""]
    waiting: list[str] = []  # closing brackets and quotes still to come
    for sign in text:
        if waiting and sign == waiting[-1]:
            waiting.pop()
        elif not (waiting and waiting[-1] in "\"'"):
            if sign in "\"'":
                waiting.append(sign)
            elif sign in _OPENING:
                waiting.append(_OPENING[sign])
            elif sign == "," and not waiting:
                parts.append("")
                continue
        parts[-1] += sign
    return parts


def _even_values(low: Fraction, high: Fraction, count: int) -> Iterator[str]:
    step = (high - low) / max(count - 1, 1)
    return (_number_text(low + place * step) for place in range(count))


def _by_factor(low: Fraction, high: Fraction, count: int) -> Iterator[str]:
    """Yield numbers that grow by one factor; 0.001, 0.01, 0.1 come out as these."""
    with localcontext() as context:
        context.prec = _DIGITS
        value, end = _as_decimal(low), _as_decimal(high)
        factor = (end / value) ** (1 / Decimal(max(count - 1, 1)))
        for _ in range(count):
            yield _number_text(value)
            value *= factor


def _number_text(value: Fraction | Decimal) -> str:
    return repr(float(value)).removesuffix(".0")


def _as_decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator


def seed_axis(scenario: Scenario, count: int) -> SweepAxis:
    """Return the seeds 1 to `count` for what a scenario draws or shuffles.

    Raises RunError where it does neither by a seed of the whole scenario.
    """
    keys: list[str] = []
    if "random" in read_toml(scenario.text, scenario.label):
        keys.append("random.seed")
    if scenario.training is not None and scenario.training.shuffle:
        keys.append("training.seed")
    if not keys:
        raise RunError(
            say("the scenario has no seed to vary"),
            where=scenario.label,
            expected=say("a [random] table or shuffle = true; or one run of each, without --seeds"),
        )
    return SweepAxis(SEED, tuple(map(str, range(1, count + 1))), keys=tuple(keys))


def sweep_points(scenario: Scenario, axes: Sequence[SweepAxis]) -> Iterator[SweepPoint]:
    """Yield all combinations of the axes' values, the last axis changing first.

    Raises: LimitError where there are too many, TracerError where a key stands twice, and the
    errors of a scenario whose values do not fit.
    """
    _check_axes(scenario, axes)
    places = [_number_place(scenario, axis) for axis in axes]
    scenarios: dict[tuple[str | None, ...], Scenario] = {}
    for values in product(*(axis.values for axis in axes)):
        settings = tuple(
            setting
            for axis, value in zip(axes, values, strict=True)
            for setting in axis.settings(value)
        )
        rest = tuple(None if place else value for place, value in zip(places, values, strict=True))
        if rest not in scenarios:
            scenarios[rest] = _read_ends(scenario, axes, places, values)
        numbers = {
            place: float(value)
            for place, value in zip(places, values, strict=True)
            if place is not None
        }
        yield SweepPoint(values, settings, scenarios[rest], numbers)


def _check_axes(scenario: Scenario, axes: Sequence[SweepAxis]) -> None:
    settings = [setting for axis in axes for setting in axis.settings(axis.values[0])]
    keys = [key for axis in axes for key in axis.keys]
    paths = [
        path_of(scenario.document, setting_key(setting), setting_place(setting))
        for setting in settings
    ]
    for place, key in enumerate(keys):
        if paths[place] in paths[:place]:
            raise TracerError(
                say("{key} has values twice", key=quote_text(key)),
                expected=say("one --set for a key"),
            )
    count = prod(len(axis.values) for axis in axes)
    if count > MAX_RUNS:
        raise LimitError(
            say("too many runs"), found=str(count), expected=say("at most {most}", most=MAX_RUNS)
        )


def _read_ends(
    scenario: Scenario,
    axes: Sequence[SweepAxis],
    places: Sequence[tuple[str, str] | None],
    values: Sequence[str],
) -> Scenario:
    """Return the scenario with the lowest number of each axis; the highest is read as well."""
    scenarios = []
    for end in (max, min):
        settings: list[str] = []
        for axis, place, value in zip(axes, places, values, strict=True):
            chosen = end(axis.values, key=Decimal) if place else value
            settings += axis.settings(chosen)
        scenarios.append(scenario.with_overrides(settings))
        if not any(places):
            break
    return scenarios[-1]


def _number_place(scenario: Scenario, axis: SweepAxis) -> tuple[str, str] | None:
    """Return the table and the name of the single number that an axis varies; else None."""
    if axis.numbers is None or len(axis.values) < 3:
        return None
    # The key is looked for in a scenario that has it, so that it is known to be right.
    changed = scenario.with_overrides(axis.settings(axis.values[0]))
    home, _, key = (part.strip() for part in axis.keys[0].rpartition("."))
    training = changed.training if home in ("", "training") else None
    if training is not None and key in {"learning_rate", *training.settings}:
        return "training", key
    name = canonical_name(key)
    for table in GIVEN_TABLES:
        given: GivenArray | None = getattr(changed, table).get(name)
        is_single = given is not None and not given.shape and given.exact is not None
        if is_single and home in ("", table):
            return table, name
    return None
