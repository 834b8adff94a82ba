"""The verdict: what each witness says of the gradients that a run recorded."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from tracer.expression import Call, walk
from tracer.frozen import Value, replace
from tracer.operations import Shape, bound, indices_of, ravel, unravel
from tracer.program.differentiate import lower_equations
from tracer.program.program import Equation, names_in, needed_for
from tracer.program.shapes import Shapes
from tracer.witness.differences import (
    Parameters,
    Slope,
    central_slope,
    complex_slope,
    even_sample,
    float_differences,
    loss_slopes,
)
from tracer.witness.elementary_algebra import PreciseAlgebra, as_float
from tracer.witness.symbolic_derivatives import accumulate_gradients, differentiate_whole, tree_size
from tracer.witness.tape import (
    UNDECIDED,
    Kink,
    Tape,
    TooLargeError,
    Values,
    evaluate_steps,
    find_kinks,
    write_out,
)

ALWAYS = 200  # scalar parameters up to which SymPy judges a program of any length
MOST_PARTIALS = 20_000  # local derivatives; above this, only differences judge
MOST_STEPS = 3_000_000  # steps of the tape that fit into memory
MOST_NODES = 5_000  # nodes of the loss as one expression
MOST_VISITS = 250_000  # visits of nodes when each parameter's derivative is taken: some seconds
MOST_MOVES = 1_000_000  # steps evaluated for differences; above, a sample of entries is moved
SAMPLE = 50
DIGITS = 40
WHOLE_DIGITS = 30


class Limits(NamedTuple):
    """How far a witness may be from gradients of a precision, and the bits of its numbers.

    `rough` is for differences, whose own steps have an error.
    """

    exact: float
    rough: float
    bits: int


LIMITS = {"float64": Limits(1e-9, 1e-5, 53), "float32": Limits(1e-4, 1e-3, 24)}
FLOOR = 1e-3  # share of the largest gradient; smaller ones are measured against this

SYMPY = "SymPy, each operation"
WHOLE = "SymPy, the whole loss"
COMPLEX = "complex step"
CENTRAL = "central differences"


class WorstEntry(Value):
    """The entry of a parameter at which a witness and the record differ most.

    `difference` is |a - b| / max(|a|, |b|, 1e-3 ‖g‖∞). `excuse` says why a difference above the
    witness's limit proves nothing ('' where it does): a kink, or the precision itself is no better.
    """

    parameter: str
    index: Shape
    recorded: float
    proved: float
    difference: float
    excuse: str = ""


class Witness(Value):
    """What one witness says: its limit, and each parameter's worst entry.

    `judged` of `entries` numbers were looked at, of which its own estimate was not too rough.
    """

    name: str
    limit: float
    parameters: Mapping[str, WorstEntry]
    judged: int
    entries: int

    @property
    def difference(self) -> float:
        """The largest difference of all parameters."""
        return max((item.difference for item in self.parameters.values()), default=0.0)

    @property
    def failures(self) -> tuple[WorstEntry, ...]:
        """The parameters whose gradient differs by more than the limit, without an excuse."""
        return tuple(
            item
            for item in self.parameters.values()
            if not item.difference <= self.limit and not item.excuse
        )


class SkippedWitness(Value):
    """A witness that was skipped, and why."""

    name: str
    reason: str


class Verdict(Value):
    """The verdict of all witnesses on the gradients of one loss at one point."""

    witnesses: tuple[Witness, ...]
    absent: tuple[SkippedWitness, ...]
    kinks: tuple[Kink, ...]

    @property
    def passed(self) -> bool:
        """Whether there was a witness, and none contradicts the record."""
        return bool(self.witnesses) and not any(witness.failures for witness in self.witnesses)


def examine_gradients(
    equations: Iterable[Equation],
    loss: str,
    parameters: Sequence[str],
    values: Values,
    gradients: Mapping[str, Sequence[float]],
    *,
    large: Callable[[Parameters], float] | None = None,
    dtype: str = "float64",
) -> Verdict:
    """Judge the recorded gradients of a loss by every witness that applies.

    `equations` are those of the forward pass and the loss; `values` gives every input's shape and
    entries, row by row; `gradients` the recorded gradient of each of `parameters`. `large` maps
    the parameters' entries to the loss; it is asked only where the program is too large to be
    written out. `dtype` is the precision of the record, which decides how far it may be from a
    witness. Raises KeyError where a value or gradient is missing.
    """
    record = _Record(parameters, values, gradients, dtype)
    chosen = list(equations)
    input_shapes = {name: shape for name, (shape, _) in values.items()}
    shapes = Shapes({**input_shapes, **{equation.name: equation.shape for equation in chosen}})
    every = lower_equations(chosen, shapes)
    needed = needed_for([loss], every)
    lowered = [equation for equation in every if equation.name in needed]  # no metrics
    small = record.count <= ALWAYS
    try:
        entries = sum(  # entries that equations have and use: partials at least
            math.prod(shapes[name])
            for equation in lowered
            for name in (equation.name, *names_in(equation.expression))
        )
        if not small and entries > MOST_PARTIALS:
            raise TooLargeError
        most = MOST_STEPS if small else 2 * MOST_PARTIALS
        tape = write_out(lowered, values, shapes, most)
    except TooLargeError:
        stops = any(  # a constant to differentiation, which a difference would move
            isinstance(node, Call) and bound(node)[0].stops
            for equation in lowered
            for node in walk(equation.expression)
        )
        return _of_large(record, None if stops else large)
    return _Examination(loss, record, lowered, tape).verdict()


class _Record:
    """The recorded gradients, entry by entry, and how far a witness is from them."""

    def __init__(
        self,
        parameters: Sequence[str],
        values: Values,
        gradients: Mapping[str, Sequence[float]],
        dtype: str,
    ) -> None:
        self.values = {name: values[name] for name in parameters}
        self.gradients = {name: gradients[name] for name in parameters}
        self.dtype = dtype
        self.limits = LIMITS[dtype]
        self.count = sum(map(len, self.gradients.values()))
        finite = (abs(g) for flat in self.gradients.values() for g in flat if math.isfinite(g))
        self.floor = FLOOR * max(finite, default=0.0)

    @cached_property
    def entries(self) -> list[tuple[str, Shape]]:
        """The names and indices of all entries: of a program that is written out."""
        return [
            (name, index) for name, (shape, _) in self.values.items() for index in indices_of(shape)
        ]

    def difference(self, recorded: float, proved: float) -> float:
        """Return |a - b| / max(|a|, |b|, 1e-3 ‖g‖∞); infinity where one is no number."""
        if recorded == proved:
            return 0.0
        if not (math.isfinite(recorded) and math.isfinite(proved)):
            return math.inf
        return abs(recorded - proved) / max(abs(recorded), abs(proved), self.floor)

    def judged_by(
        self,
        name: str,
        limit: float,
        proved: Mapping[tuple[str, Shape], float],
        excuse: Callable[[tuple[str, Shape], WorstEntry], str] = lambda entry, item: "",
    ) -> Witness:
        """Return what a witness says: of each parameter the entry that counts most against it."""
        worst: dict[str, WorstEntry] = {}
        for entry, number in proved.items():
            parameter, index = entry
            place = ravel(index, self.values[parameter][0])
            recorded = float(self.gradients[parameter][place])
            item = WorstEntry(parameter, index, recorded, number, self.difference(recorded, number))
            if not item.difference <= limit:
                item = replace(item, excuse=excuse(entry, item))
            worst_here = worst.get(parameter)
            if worst_here is None or _failure_weight(item, limit) > _failure_weight(
                worst_here, limit
            ):
                worst[parameter] = item
        return Witness(name, limit, worst, len(proved), self.count)


def _failure_weight(item: WorstEntry, limit: float) -> tuple[bool, float]:
    """Failures weigh more than excused differences."""
    return (item.difference > limit and not item.excuse, item.difference)


def _of_large(record: _Record, large: Callable[[Parameters], float] | None) -> Verdict:
    """Judge a program that is too large to be written out, by differences in floats."""
    reason = f"too large: more than {MOST_PARTIALS:,} local derivatives"
    absent = [
        SkippedWitness(SYMPY, reason),
        SkippedWitness(WHOLE, reason),
        SkippedWitness(COMPLEX, reason),
    ]
    if large is None:
        return Verdict((), (*absent, SkippedWitness(CENTRAL, reason)), ())
    rough = record.limits.rough
    places = even_sample([range(len(flat)) for flat in record.gradients.values()], SAMPLE)
    chosen = [
        (name, place) for name, own in zip(record.values, places, strict=True) for place in own
    ]
    start = {name: flat for name, (_, flat) in record.values.items()}
    proved: dict[tuple[str, Shape], float] = {}
    for (name, place), (value, error) in float_differences(large, start, chosen).items():
        if math.isfinite(value) and error <= rough / 2 * max(abs(value), record.floor):
            proved[name, unravel(place, record.values[name][0])] = value
    central = record.judged_by(CENTRAL, rough, proved)
    return Verdict((central,) if proved else (), tuple(absent), ())


class _Examination:
    """Hears the witnesses on a program that is written out in tape."""

    def __init__(self, loss: str, record: _Record, lowered: Sequence[Equation], tape: Tape) -> None:
        self.record = record
        self.lowered = lowered
        self.tape = tape
        self.exact, self.rough, self.bits = record.limits
        self.end = tape.entries[loss, ()]
        self.needed_steps = tape.needed_steps(self.end)
        self.steps = {
            entry: tape.entries[entry] for entry in record.entries if entry in tape.entries
        }
        self.moved = tape.depending(set(self.steps.values()), self.needed_steps, smoothly=True)
        self.arithmetic = PreciseAlgebra(DIGITS)
        self.numbers = evaluate_steps(tape.steps, self.needed_steps, self.arithmetic)
        self.kinks = find_kinks(tape, self.numbers, self.moved)
        self.local = accumulate_gradients(tape, self.end, self.numbers, self.moved, self.arithmetic)
        self.noise: float | None = None

    def verdict(self) -> Verdict:
        heard = [
            self.compare_witness(SYMPY, self.exact, self.local),
            self.whole(),
            self.complex(),
            self.central(),
        ]
        witnesses = tuple(item for item in heard if isinstance(item, Witness))
        absent = tuple(item for item in heard if isinstance(item, SkippedWitness))
        # Of each entry of each operation the nearest kink; the nearest of all first.
        ordered = sorted(self.kinks, key=lambda kink: kink.distance, reverse=True)
        nearest = {(kink.equation, kink.operation, kink.index): kink for kink in ordered}
        return Verdict(witnesses, absent, tuple(nearest.values())[::-1])

    def whole(self) -> Witness | SkippedWitness:
        inputs = [place for place in self.steps.values() if place in self.numbers]
        most = min(MOST_NODES, MOST_VISITS // max(len(inputs), 1))
        nodes = tree_size(self.tape, self.end)
        if nodes > most:
            return SkippedWitness(WHOLE, f"too large: {nodes:,} nodes, at most {most:,}")
        return self.compare_witness(
            WHOLE,
            self.exact,
            differentiate_whole(self.tape, self.end, inputs, PreciseAlgebra(WHOLE_DIGITS)),
        )

    def complex(self) -> Witness | SkippedWitness:
        names = self.not_analytic()
        if names:
            return SkippedWitness(COMPLEX, f"not analytic: {', '.join(names)}")
        chosen = self.chosen_steps(3)
        slopes = self.slopes(chosen, complex_slope)
        return self.compare_witness(COMPLEX, self.exact, slopes, chosen)

    def central(self) -> Witness:
        chosen = self.chosen_steps(2)
        return self.compare_witness(CENTRAL, self.rough, self.slopes(chosen, central_slope), chosen)

    def slopes(self, chosen: Sequence[int], slope: Slope) -> dict[int, Any]:
        return loss_slopes(self.tape, self.end, chosen, self.numbers, self.arithmetic, slope)

    def chosen_steps(self, cost: int) -> list[int]:
        """Return the parameters' steps that differences move: all, or a sample of each."""
        groups: dict[str, list[int]] = {}
        for (name, _), place in self.steps.items():
            if place in self.numbers:
                groups.setdefault(name, []).append(place)
        count = sum(map(len, groups.values()))
        affordable = MOST_MOVES // (max(len(self.moved), 1) * cost)
        most = count if count <= affordable else max(1, min(SAMPLE, affordable))
        return list(itertools.chain(*even_sample(groups.values(), most)))

    def not_analytic(self) -> list[str]:
        """Return the operations between parameters and loss where complex steps do not hold."""
        moved = {name for name, _ in self.steps}
        operations: dict[str, None] = {}
        for equation in self.lowered:
            if moved.isdisjoint(names_in(equation.expression)):
                continue
            moved.add(equation.name)
            for node in walk(equation.expression):
                if isinstance(node, Call) and not bound(node)[0].analytic:
                    operations[node.operation] = None
        return list(operations)

    def compare_witness(
        self,
        name: str,
        limit: float,
        found: Mapping[int, Any],
        chosen: Sequence[int] | None = None,
    ) -> Witness:
        """Compare what a witness found with the record; an unused parameter's gradient is 0."""
        judged = None if chosen is None else set(chosen)
        proved: dict[tuple[str, Shape], float] = {}
        for entry in self.record.entries:
            place = self.steps.get(entry)
            if judged is not None and place in self.numbers and place not in judged:
                continue
            proved[entry] = 0.0 if place is None else as_float(found.get(place, 0.0))
        return self.record.judged_by(name, limit, proved, self.excuse_for(limit))

    def excuse_for(self, limit: float) -> Callable[[tuple[str, Shape], WorstEntry], str]:
        """Return how a difference above the limit may be excused.

        Differences mean nothing at a kink. SymPy follows the conventions there; but so near that
        rounding decides the side, it may stand on the other one.
        """
        doubtful = [
            place
            for kink in self.kinks
            if limit == self.rough or 0 < kink.distance <= UNDECIDED
            for place in (kink.left, kink.right)
            if place is not None
        ]
        before = set(self.tape.needed_steps(*doubtful))

        def excuse(entry: tuple[str, Shape], item: WorstEntry) -> str:
            if self.steps.get(entry) in before:
                return "at a kink"
            if abs(item.recorded - item.proved) <= self.rounding():
                return f"as far as {self.record.dtype} goes"
            return ""

        return excuse

    def rounding(self) -> float:
        """Return how large an error of a gradient its precision itself explains.

        The same derivatives accumulated with as many bits miss by as much; and what flows through
        the network has errors of its last bit.
        """
        if self.noise is None:
            double = PreciseAlgebra(15)
            double.context.prec = self.bits
            numbers = evaluate_steps(self.tape.steps, self.needed_steps, double)
            rounded = accumulate_gradients(self.tape, self.end, numbers, self.moved, double)
            errors = [
                abs(as_float(rounded.get(place, 0.0) - self.local.get(place, 0.0)))
                for place in self.steps.values()
            ]
            self.noise = max(
                100 * max((error for error in errors if math.isfinite(error)), default=0.0),
                9 * 2.0**-self.bits * as_float(max(map(abs, self.local.values()), default=0)),
            )
        return self.noise
