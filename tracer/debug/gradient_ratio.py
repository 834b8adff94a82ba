"""How a computed gradient relates to the derivative of the loss: by a factor, or by none.

Both are evaluated on random numbers of the code's shapes; the ratio of their entries names the
slip. Equations are differentiated and run by the same engine as a scenario's.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tracer.check_code.code_names import RATES, role_of
from tracer.debug.tracing import StatedQuantity, Tracing
from tracer.errors import TracerError
from tracer.expression.syntax import Call
from tracer.operations import Shape
from tracer.program.built import Built
from tracer.program.differentiate import differentiate
from tracer.program.program import Equation, Input, Program
from tracer.program.recorder import Tracer
from tracer.run.arrays import ArrayPlan
from tracer.run.checks import is_small
from tracer.run.layout import Batch
from tracer.run.scalars import ScalarFault, ScalarPlan
from tracer.sentences import say

__all__ = ["GradientFactor", "Numbers", "Trials", "factor_of", "ratio_of", "same"]

SEEDS: Final = (11, 12, 13)
SMALLEST = 1e-9  # entries below that part of the largest count as zero
EXACT = 1e-6  # how far a ratio may be off
LONGEST = 400  # equations
MOST_ENTRIES = 1_000_000  # of their arrays

Numbers = Mapping[str, Sequence[float]]


class Trials:
    """A loss, its derivatives, and other values of the same code, at random numbers.

    `labels` leaves zeros and ones as the code writes them, and draws targets as labels. `stated`
    leaves all numbers that the code writes.
    """

    def __init__(
        self,
        tracing: Tracing,
        loss: Tracer,
        others: Iterable[Tracer],
        *,
        labels: bool = False,
        stated: bool = False,
    ) -> None:
        self.tracing = tracing
        self.others = list(others)
        self.labels = labels
        self.stated = stated
        self.plan, self.arrays, self.loss, self.gradients = self._built(loss)

    def _built(self, loss: Tracer) -> tuple[ScalarPlan | None, Built, str, Mapping[str, str]]:
        recorder = self.tracing.recorder
        needed = self.tracing.names_behind(loss, *self.others)
        places = sorted(int(name[1:]) for name in needed if name.startswith("·"))
        if len(places) > LONGEST:
            raise TracerError(say("too many equations to compare"))
        if sum(math.prod(recorder.shapes[f"·{place}"]) for place in places) > MOST_ENTRIES:
            raise TracerError(say("arrays too large to compare"))
        equations = [
            Equation(f"·{place}", recorder.values[place], recorder.shapes[f"·{place}"], "forward")
            for place in places
        ]
        if loss.shape:
            equations.append(Equation("loss", Call("sum", (loss.node,)), (), "forward"))
            recorder.shapes.add("loss", ())
        name = "loss" if loss.shape else loss.node.id  # type: ignore[attr-defined] # a stand-in's name
        if strange := [
            name for name in needed if name[0] != "·" and name not in self.tracing.leaves
        ]:
            raise TracerError(
                say("a number that the code does not name: {strange}", strange=strange[0])
            )
        self.leaves = {own: leaf for own, leaf in self.tracing.leaves.items() if own in needed}
        passes = differentiate(equations, name, list(self.leaves), recorder.shapes)
        inputs = {own: Input(own, "parameter", leaf.shape) for own, leaf in self.leaves.items()}
        carried = {own: own for own in inputs}
        program = Program(inputs, (*passes.forward, *passes.backward), name, carried)
        built = Built(program, recorder.shapes, {}, None, None, frozenset())
        plan = ScalarPlan(built, {}, {}, None) if is_small(built) else None
        return plan, built, name, passes.names

    def run(self, seed: int) -> Numbers:
        """Return the entries of every quantity at random numbers."""
        source = random.Random(f"code {seed}")
        drawn = {own: self.draw(own, source) for own in self.leaves}
        batches = [Batch(1, None)]
        found: dict[str, Sequence[float]] = dict(drawn)
        if self.plan is not None:
            try:
                store, _, _ = self.plan.run(drawn, 1, batches)
                found.update({name: store.floats(name, 0) for name in store.names()})
                return found
            except ScalarFault:
                pass
        rows, _, _ = ArrayPlan(self.arrays, {}, {}, None, "float64").run(drawn, 1, batches)
        found.update({name: rows.floats(name, 0) for name in rows.names()})
        return found

    def draw(self, own: str, source: random.Random) -> list[float]:
        """Return numbers for a quantity, of the signs that the code writes."""
        leaf = self.leaves[own]
        size = math.prod(leaf.shape)
        if self.stated and leaf.values is not None:
            return list(leaf.values)
        if leaf.is_zero and own not in self.gradients:
            return [0.0] * size
        if _is_symmetric(leaf) and role_of(leaf.name) != "target":
            return _symmetric([source.uniform(0.2, 1.4) for _ in range(size)], leaf)
        if self.labels and role_of(leaf.name) == "target":
            if leaf.values is not None and set(leaf.values) <= {-1.0, 0.0, 1.0}:
                return list(leaf.values)
            return _labels(leaf.shape, source)
        if role_of(leaf.name) == "prediction":  # a logarithm may follow
            return [source.uniform(0.1, 0.9) for _ in range(size)]
        if leaf.name in RATES and leaf.values is None:
            return [source.uniform(0.2, 1.4) for _ in range(size)]
        if leaf.values is None or leaf.is_zero:
            return [source.uniform(0.2, 1.4) * source.choice((-1, 1)) for _ in range(size)]
        return [math.copysign(source.uniform(0.2, 1.4), value) for value in leaf.values]

    def entries(self, value: Tracer, numbers: Numbers) -> Sequence[float]:
        """Return the entries of one of the values."""
        return numbers[value.node.id]  # type: ignore[attr-defined] # a stand-in's node is its name

    def derivative(self, own: str, numbers: Numbers) -> Sequence[float]:
        """Return the entries of the loss's derivative by a quantity."""
        name = self.gradients.get(own)
        return [0.0] * math.prod(self.leaves[own].shape) if name is None else numbers[name]


def _is_symmetric(leaf: StatedQuantity) -> bool:
    """Say whether a matrix is stated that is its own transpose: a derivative may rely on it."""
    values, size = leaf.values, leaf.shape[0] if leaf.shape else 0
    if values is None or leaf.shape != (size, size) or size < 2:
        return False
    return all(
        values[place] == values[place % size * size + place // size] for place in range(size * size)
    )


def _symmetric(drawn: list[float], leaf: StatedQuantity) -> list[float]:
    """Return the numbers of a symmetric matrix, its zeros in place."""
    size = leaf.shape[0]
    values = leaf.values or []
    pairs = (sorted((place, place % size * size + place // size)) for place in range(size * size))
    return [math.copysign(drawn[one], values[one]) if values[one] else 0.0 for one, _ in pairs]


def _labels(shape: Shape, source: random.Random) -> list[float]:
    """Return labels: one 1 in each row of a table, else zeros and ones."""
    size = math.prod(shape)
    if len(shape) == 2 and shape[1] > 1:
        rows = []
        for _ in range(shape[0]):
            chosen = source.randrange(shape[1])
            rows += [float(place == chosen) for place in range(shape[1])]
        return rows
    return [float(source.random() < 0.5) for _ in range(size)]


# The ratio ----------------------------------------------------------------------------------------


def ratio_of(written: Sequence[float], right: Sequence[float]) -> float | None:
    """Return written / right where all entries agree on it; None where they do not.

    Both zero everywhere gives 1; 0 is the ratio of zeros to something.
    """
    if len(written) != len(right) or not all(map(math.isfinite, (*written, *right))):
        return None
    largest = max(map(abs, right), default=0.0)
    if largest < SMALLEST:
        return 1.0 if max(map(abs, written), default=0.0) < SMALLEST else None
    place = max(range(len(right)), key=lambda at: abs(right[at]))
    ratio = written[place] / right[place]
    scale = max(abs(ratio), 1.0) * largest
    if all(abs(w - ratio * r) <= EXACT * scale for w, r in zip(written, right, strict=True)):
        return ratio
    return None


class GradientFactor(NamedTuple):
    """A ratio by its parts: its sign, a power of 2, a power of the number of samples."""

    sign: int = 1
    twos: int = 0
    counts: int = 0

    @property
    def is_right(self) -> bool:
        """Whether it is 1."""
        return self == GradientFactor()


_ORDER: Final = sorted(
    (
        GradientFactor(sign, twos, counts)
        for sign in (1, -1)
        for twos in (-2, -1, 0, 1, 2)
        for counts in (-2, -1, 0, 1, 2)
    ),
    key=lambda one: (abs(one.twos) + abs(one.counts) + (one.sign < 0), abs(one.counts)),
)


def factor_of(ratio: float, counts: Sequence[int]) -> list[GradientFactor]:
    """Return the simplest factors that explain a ratio, where `counts` are what may be counted.

    Empty where none does: a constant factor that is neither a sign, nor 2, nor a count.
    """
    found: list[GradientFactor] = []
    for factor in _ORDER:
        if _explains(factor, ratio, counts):
            if found and _weight(factor) > _weight(found[0]):
                break
            found.append(factor)
    return found


def _weight(factor: GradientFactor) -> int:
    return abs(factor.twos) + abs(factor.counts) + (factor.sign < 0)


def _explains(factor: GradientFactor, ratio: float, counts: Sequence[int]) -> bool:
    options = counts if factor.counts else (1,)
    return any(
        math.isclose(
            ratio, factor.sign * 2.0**factor.twos * float(count) ** factor.counts, rel_tol=1e-5
        )
        for count in options
    )


def same(ratios: Sequence[float | None]) -> float | None:
    """Return the ratio that all trials share; None where they differ."""
    first = ratios[0]
    if first is None or any(
        ratio is None or not math.isclose(ratio, first, rel_tol=1e-5) for ratio in ratios
    ):
        return None
    return first
