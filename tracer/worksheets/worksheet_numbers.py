"""Fresh numbers for a worksheet: short in decimals, and without coincidences that hide slips.

Which numbers a seed gives is a promise: a later version gives the same ones. So nothing is drawn
here but from SHA-256 of a counter, and the order of the draws is part of the promise.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple, TypeVar

from tracer.errors import LimitError, RunError, TracerError
from tracer.expression import Call, Name, Number, walk
from tracer.narrative.derivation import written_out
from tracer.operations import Shape, indices_of, is_drawn, nested, written_text
from tracer.program.elements import place_node
from tracer.program.given_array import GivenArray
from tracer.program.scenario import Scenario
from tracer.run.exact import Exact
from tracer.run.runner import run_scenario
from tracer.run.trace import Iteration, Trace
from tracer.sentences import Sentence, say

Item = TypeVar("Item")

ATTEMPTS: Final = 80  # number of draws, the best of which is used
PATIENCE: Final = 20  # draws without a better one after which the search ends
MOST_NUMBERS: Final = 64  # numbers of a scenario that are drawn anew
MOST_COMPARED: Final = 36  # entries of a quantity that are looked at for coincidences
FEW_VALUES: Final = 6  # with so many entries for each different value, data is a picture
MOST_DECIMALS: Final = 4  # decimals of results in the first iteration
FALLING: Final = 0.99  # share of the first loss below which the last one has fallen
EXPLODING: Final = 4.0  # times the first loss: such numbers are drawn again
CLIMBING: Final = 50  # penalty for a loss that grows
ENDLESS: Final = 20  # decimals that a fraction such as 1/3 counts as having
NOISE: Final = 1e-13  # size below which a number is a 0 with rounding errors
MOST_SAID: Final = 6
RATES: Final = tuple(Fraction(text) for text in ("0.1", "0.2", "0.25", "0.4", "0.5"))


class Draws:
    """Whole numbers that a seed and a label give, for ever the same ones.

    The n-th number is the first eight bytes of SHA-256 of "label/seed/n", from n = 0.
    """

    def __init__(self, seed: int, label: str) -> None:
        self._begin = f"{label}/{seed}/"
        self._count = 0

    def below(self, bound: int) -> int:
        """Return a whole number from 0 up to, and without, the bound."""
        text = f"{self._begin}{self._count}"  # with the name of a file, which may be any bytes
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
        self._count += 1
        return int.from_bytes(digest[:8], "big") % bound

    def choice(self, items: Sequence[Item]) -> Item:
        """Return one of some items."""
        return items[self.below(len(items))]

    def choose_places(self, count: int, of: int) -> list[int]:
        """Return `count` different numbers below `of`, sorted."""
        left = list(range(of))
        return sorted(left.pop(self.below(len(left))) for _ in range(count))


class Numbers(NamedTuple):
    """What to set so that a scenario has fresh numbers, and what could not be avoided."""

    settings: tuple[str, ...]
    remarks: tuple[Sentence, ...]


class _Source(NamedTuple):
    """A quantity whose numbers are drawn anew: its key, and what may stand at each entry."""

    key: str
    shape: Shape
    pools: tuple[tuple[Fraction, ...], ...]


def is_rational(trace: Trace) -> bool:
    """Tell whether a run's first iteration can be worked out in fractions."""
    try:
        Exact(trace).values(1)
    except (RunError, LimitError):
        return False
    return True


def fresh_numbers(scenario: Scenario, seed: int, kept: Collection[str] = ()) -> Numbers:
    """Return fresh numbers for a scenario's data, first parameters and learning rate.

    Labels (data that is all 0 or 1, classes, or shares of 1), constants, drawn numbers and the
    names in `kept` stay. Raises TracerError where the scenario cannot be run.
    """
    first = run_scenario(scenario)
    sources = [
        source
        for source in _drawn_sources(scenario, first)
        if source.key.rpartition(".")[2] not in kept
    ]
    if not sources:
        own = say("The numbers are the scenario's own: there are too many to draw them anew.")
        return Numbers((), (own,))
    draws = Draws(seed, f"tracer worksheet 1/{scenario.name}/numbers")
    rational = is_rational(first)
    best: tuple[int, tuple[str, ...], list[Sentence]] | None = None
    since = 0
    for _ in range(ATTEMPTS):
        settings = tuple(_draw_settings(sources, draws))
        trial = _try_numbers(scenario, settings, rational)
        since += 1
        if trial is not None and (best is None or trial[0] < best[0]):
            best, since = (trial[0], settings, trial[1]), 0
        if best is not None and (best[0] == 0 or since >= PATIENCE):
            break
    if best is None:
        own = say("The numbers are the scenario's own: with others its run diverges.")
        return Numbers((), (own,))
    return Numbers(best[1], _number_remarks(best[2]))


def _number_remarks(found: Sequence[Sentence]) -> tuple[Sentence, ...]:
    if len(found) <= MOST_SAID:
        return tuple(found)
    more = say(
        "{count} more {count:coincidence|coincidences} like these.", count=len(found) - MOST_SAID
    )
    return (*found[:MOST_SAID], more)


# What is drawn


def _drawn_sources(scenario: Scenario, trace: Trace) -> list[_Source]:
    """Return what is drawn anew; nothing where that would be too many numbers."""
    inputs, bits = trace.program.inputs, _names_of_bits(trace)
    sources: list[_Source] = []
    count = 0
    for table, givens in (("data", scenario.data), ("parameters", scenario.parameters)):
        for name, given in givens.items():
            if name not in inputs or inputs[name].integer or not _is_written(given):
                continue
            if table == "parameters" or not (name in bits or _are_labels(given)):
                count += given.size
                sources.append(_Source(f"{table}.{name}", given.shape, _entry_pools(given, count)))
    if sum(math.prod(source.shape) for source in sources) > MOST_NUMBERS:
        return []
    training = scenario.training
    rate = training.learning_rate if training is not None else None
    if rate is not None and rate.exact is not None and not rate.shape:
        source = _Source("training.learning_rate", (), (_possible_rates(Fraction(rate.exact[0])),))
        return [source, *sources]  # the shortest list of choices goes first
    return sources


def _names_of_bits(trace: Trace) -> set[str]:
    """Return the data that is 0 or 1 and taken from 1 in the loss, `1 - y`: labels of a sample."""
    program, shapes = trace.program, trace.segments[0].built.shapes
    formulas = [each.expression for each in program.phase("forward", "loss")]
    formulas += [line.formula for each in formulas for line in written_out(each, shapes)]
    conditions = {
        part.arguments[1]
        for formula in formulas
        for part in walk(formula)
        if isinstance(part, Call)
        and part.operation == "subtract"
        and part.arguments[0] == Number("1", Fraction(1))
    }
    return {
        name
        for name, given in trace.scenario.data.items()
        if Name(name) in conditions and given.exact is not None and {*given.exact} <= {0, 1}
    }


def _is_written(given: GivenArray) -> bool:
    """Tell whether numbers are written ones, and not masks or the like."""
    return given.exact is not None and all(math.isfinite(entry) for entry in given.exact)


def _are_labels(given: GivenArray) -> bool:
    """Tell whether data says which class a sample has, or how likely, or is a table or picture."""
    assert given.exact is not None
    few = len(set(given.exact)) * FEW_VALUES <= given.size
    are_bits = all(entry in (0, 1) for entry in given.exact)
    return given.shape != () and (few or are_bits or given.holds_shares)


def _entry_pools(given: GivenArray, count: int) -> tuple[tuple[Fraction, ...], ...]:
    """Return what may stand at each entry: as large as what stands there, short, never 0 or 1.

    `count` is how many numbers are drawn up to this one; many need more to choose from.
    """
    assert given.exact is not None
    entries = [Fraction(entry) for entry in given.exact]
    is_truth = all(entry in (0, 1) for entry in entries)  # any number may stand there
    whole = all(entry.denominator == 1 for entry in entries) and not is_truth
    is_share = all(0 <= entry <= 1 for entry in entries)
    signs = len({entry > 0 for entry in entries if entry}) > 1
    largest = max(map(abs, entries))

    def entry_pool(entry: Fraction) -> tuple[Fraction, ...]:
        is_positive = entry > 0 or (entry == 0 < largest and is_share)
        size = abs(entry) or largest / 2 or Fraction(1, 2)
        if whole:
            top = max(5, int(2 * size), count + 2 if given.shape else 0)
            pool = [Fraction(number) for number in range(3, top + 1, max(1, top // 20))]
        else:
            unit = Fraction(1, 10 if count < 8 else 20) if size < 3 else Fraction(1, 2)
            low, high = int(size / 2 / unit), int(2 * size / unit) + 1
            pool = [unit * number for number in range(max(1, low), max(high, low + 6))]
            pool = [
                number for number in pool if number not in (1, 2) and not (is_share and number > 1)
            ]
        if signs or not (entry or is_positive):
            return (*pool, *(-number for number in pool))
        return tuple(pool) if is_positive else tuple(-number for number in pool)

    return tuple(map(entry_pool, entries))


def _possible_rates(rate: Fraction) -> tuple[Fraction, ...]:
    """Return short learning rates from a fifth of it to twice as large."""
    if not rate > 0:
        return (rate,)
    power = Fraction(10) ** math.floor(math.log10(rate))
    pool = [mantissa * scale for scale in (power, 10 * power) for mantissa in RATES]
    near = [number for number in pool if rate / 5 <= number <= 2 * rate and number != 1]
    return tuple(near) or (rate,)


def _draw_settings(sources: Sequence[_Source], draws: Draws) -> Iterator[str]:
    """Yield a setting for each source; a number that stands somewhere already is drawn again."""
    sizes: set[Fraction] = set()
    for source in sources:
        entries: list[Fraction] = []
        for pool in source.pools:
            left = [number for number in pool if abs(number) not in sizes]
            wider = left or [item for item in _wider_pool(pool) if abs(item) not in sizes]
            number = draws.choice(wider or pool)  # a number stands twice where nothing is left
            sizes.add(abs(number))
            entries.append(number)
        texts = nested(
            [*map(written_text, entries)], source.shape, lambda row: f"[{', '.join(row)}]"
        )
        yield f"{source.key}={texts}"


def _wider_pool(pool: Sequence[Fraction]) -> list[Fraction]:
    """Return the numbers next to a pool's largest, of the same signs."""
    sizes = sorted({abs(number) for number in pool})
    step = sizes[1] - sizes[0] if len(sizes) > 1 else sizes[0]
    signs = sorted({1 if number > 0 else -1 for number in pool})
    following = (sizes[-1] + step * count for count in range(1, MOST_NUMBERS + 2))
    return [sign * size for size in following for sign in signs if size not in (1, 2)][
        :MOST_NUMBERS
    ]


# How good a draw is


def _try_numbers(
    scenario: Scenario, settings: Sequence[str], rational: bool
) -> tuple[int, list[Sentence]] | None:
    """Return how bad some numbers are (0: perfect), their coincidences; None: no run for hands."""
    try:
        trace = run_scenario(scenario.with_overrides(settings))
        growth = _loss_growth(trace)
    except TracerError:
        return None
    if trace.fault is not None or not growth < EXPLODING:
        return None
    coincidences = _hiding_coincidences(trace)
    cost = 100 * len(coincidences) + (_excess_decimals(trace) if rational else 0)
    return cost + (CLIMBING if len(trace) > 1 and growth > FALLING else 0), coincidences


def _loss_growth(trace: Trace) -> float:
    """Return how many times as large the loss is in the end: above 1 the steps were too long.

    The update of a single iteration is judged by the loss behind it. 0 without a loss that can
    grow.
    """
    loss = trace.program.loss
    if loss is None or trace.scenario.training is None:
        return 0.0
    if len(trace) < 2:
        trace = run_scenario(trace.scenario.with_overrides(["training.iterations=2"]))
    first, last = (trace.iteration(number).floats(loss)[0] for number in (1, len(trace)))
    return last / first if first > 0 else float(last > FALLING * first)


def _excess_decimals(trace: Trace) -> int:
    """Return by how many decimals results are too long; more count in the first iteration."""
    exact = Exact(trace)
    excess = 0
    for number in range(1, min(len(trace), 3) + 1):
        try:
            values = exact.values(number)
        except (RunError, LimitError):
            return excess + 10 * ENDLESS
        allowed = MOST_DECIMALS + 2 * (number - 1)
        worst = max(
            (
                _count_decimals(entry)
                for equation in trace.iteration(number).program.equations
                if equation.name in values
                for entry in values[equation.name]
            ),
            default=0,
        )
        excess += max(0, worst - allowed) * (4 if number == 1 else 1)
    return excess


def _count_decimals(value: Fraction) -> int:
    """Return how many decimals a number has."""
    shifts = (count for count in range(ENDLESS) if 10**count % value.denominator == 0)
    return next(shifts, ENDLESS)


# Coincidences


def _hiding_coincidences(trace: Trace) -> list[Sentence]:
    """Return what would hide slips in the first iteration, a sentence each."""
    iteration = trace.iteration(1)
    coincidences: list[Sentence] = []
    if iteration.samples is not None and len(iteration.samples) == 1:
        training = trace.scenario.training
        if training is None or training.sample is None:
            coincidences.append(say("There is one sample: n = 1."))
    by_value: defaultdict[float, list[tuple[str, Shape]]] = defaultdict(list)
    for name, index, value, is_gradient in _shown_numbers(iteration, _names_of_bits(trace)):
        shown = place_node(name, index)
        if abs(value) < NOISE:
            words = say("the gradient {name} is 0", name=shown) if is_gradient else None
            coincidences.append(words or say("{name} is 0", name=shown))
        elif abs(value) == 1:
            coincidences.append(say("{name} is {value}", name=shown, value=f"{value:g}"))
        else:
            by_value[float(f"{value:.9g}")].append((name, index))
    for entries in by_value.values():
        if len({name.partition("[")[0] for name, _ in entries}) > 1:
            names = [say("{name}", name=place_node(*entry)) for entry in entries[:4]]
            coincidences.append(say("{names} are equal", names=names))
    return coincidences


def _shown_numbers(
    iteration: Iteration, bits: Collection[str]
) -> Iterator[tuple[str, Shape, float, bool]]:
    """Yield the numbers that a reader sees: name, index, value, whether it is a gradient.

    Labels are left out, what a seed decides, and what another quantity is by its equation.
    """
    program = iteration.program
    for name, item in program.inputs.items():
        if name in bits or item.kind in ("counter", "state", "constant") or item.integer:
            continue
        given = iteration.given_value(name)
        if item.kind == "data" and given is not None and _is_written(given) and _are_labels(given):
            continue
        yield from ((name, *entry, False) for entry in _value_entries(iteration, name))
    for equation in program.equations:
        formula = equation.expression
        if equation.phase == "metric" or isinstance(formula, Name) or is_drawn(formula):
            continue
        if equation.phase == "update" and equation.name not in program.carried.values():
            continue
        is_gradient = equation.phase == "backward"
        for entry in _value_entries(iteration, equation.name):
            yield equation.name, *entry, is_gradient


def _value_entries(iteration: Iteration, name: str) -> Iterator[tuple[Shape, float]]:
    shape = iteration.shape(name)
    if math.prod(shape) > MOST_COMPARED:
        return
    yield from zip(indices_of(shape), iteration.floats(name), strict=True)
