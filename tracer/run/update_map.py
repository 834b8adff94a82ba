"""The update as a map: where a step leads from any parameters, exactly, for linear models.

A network that is linear in its parameters with a squared error has a gradient H w + g, and plain
descent is w → (I − η H) w − η g: the distance to the fixed point is multiplied by 1 − η λ along
each eigenvector of H. With momentum the map has the state among its numbers, and is affine still.
All of it is found out by working the program out in fractions at chosen points; no form of network,
loss or optimizer is known here. Source: Goodfellow, Bengio and Courville, Deep Learning, 4.3;
Goh, Why Momentum Really Works (2017).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeVar

from tracer.errors import TracerError
from tracer.lazy_numpy import NDArray, np
from tracer.run.exact import Entries, exact_values, input_fractions
from tracer.run.layout import row_parts
from tracer.run.trace import Trace, gradient_names, is_same_data
from tracer.run.unit_states import halve_interval

Array = NDArray[Any]  # its entries are fractions
Place = tuple[str, int]
Figure = Any  # a Fraction where the number is exactly that, else a float
Number = TypeVar("Number", float, Fraction)

MOST_NUMBERS: Final = 24  # numbers of parameters and state for which fractions are computed
MOST_DENOMINATOR: Final = 10**4  # largest denominator of an eigenvalue sought among fractions
SAME: Final = 1e-9
DOUBLINGS: Final = 60
HALVINGS: Final = 60
# Sizes of the points at which a map is tested; their entries are of both signs.
PROBES: Final = (Fraction(1, 97), Fraction(3), Fraction(-53, 7), Fraction(1009))


class UpdateMap:
    """A step z → A z + b of the trained numbers and the optimizer's state, in fractions.

    `places` are the entries of z, the parameters first, `trained_count` counts these. `hessian` and
    `slope` are H and g of the gradient H w + g; `settled_loss` is the loss at `fixed_point`.
    `by_rate` has A at the learning rate 0 and what a rate of 1 adds to it; None where A depends on
    the rate in another way.
    """

    def __init__(
        self,
        step: _ExactStep,
        affine: _Affine,
        by_rate: tuple[Array, Array] | None,
    ) -> None:
        self.matrix, self.offset, self.hessian, self.slope = affine
        self.places: Sequence[Place] = step.places
        self.trained_count = step.trained_count
        self.start = step.start
        self.rate = step.rate
        self._by_rate = by_rate
        self.settled_loss: Fraction | None = None
        if self.resting_place is not None:
            with suppress(_NoAffineMap):
                self.settled_loss = step.at(self.resting_place).loss

    @property
    def is_plain(self) -> bool:
        """Whether it is w − η (H w + g): plain descent, with no state."""
        if self.rate is None or len(self.places) != self.trained_count:
            return False
        expected = np.identity(self.trained_count, object) - self.rate * self.hessian
        return bool((self.matrix == expected).all())

    @cached_property
    def resting_place(self) -> Sequence[Fraction] | None:
        """The numbers and the state that a step leaves as they are; None where there are none.

        Where there are several, those that steps from the start lead to: a step never moves in the
        directions in which A is 1. With M = I − A the way there is M c with M² c = b − M z. At the
        rate 0 a step leaves everything as it is: None.
        """
        if self.rate == 0:
            return None
        left = np.identity(len(self.places), object) - self.matrix
        point = solve_linear(left, self.offset)
        if point is not None:
            return point
        way = solve_linear(left @ left, self.offset - left @ self.start, any_of_them=True)
        return None if way is None else list(self.start + left @ way)

    @property
    def fixed_point(self) -> Sequence[Fraction] | None:
        """The trained numbers of `resting_place`; None for none."""
        return None if self.resting_place is None else self.resting_place[: self.trained_count]

    @cached_property
    def is_stationary(self) -> bool:
        """Whether the gradient is zero at the fixed point; weight decay moves it away."""
        point = self.fixed_point
        return point is not None and not any(self.hessian @ point + self.slope)

    @property
    def curves_downwards(self) -> bool:
        """Whether the Hessian has an eigenvalue below 0: no point is a minimum then."""
        return bool(self.eigenvalues[0] < -self._rounding)

    @property
    def minimum(self) -> Sequence[Fraction] | None:
        """The fixed point where it is a minimum of the loss; None where it is none."""
        return self.fixed_point if self.is_stationary and not self.curves_downwards else None

    @property
    def flat_directions(self) -> int:
        """How many eigenvalues of the Hessian are 0, but for rounding."""
        return sum(abs(value) <= self._rounding for value in self.eigenvalues)

    @property
    def _rounding(self) -> float:
        """Below which the modulus of an eigenvalue of the Hessian is 0."""
        return SAME * max(abs(float(self.eigenvalues[0])), abs(float(self.eigenvalues[-1])))

    @cached_property
    def eigenvalues(self) -> Sequence[Figure]:
        """The eigenvalues of the Hessian, from the smallest; those that are fractions as such."""
        values = np.linalg.eigvalsh(self.hessian.astype(float))
        return [_exact_root(self.hessian, float(value)) for value in values]

    @property
    def factors(self) -> Sequence[Figure]:
        """By what plain descent multiplies the distance along each eigenvector: 1 − η λ."""
        assert self.rate is not None
        return [1 - self.rate * value for value in self.eigenvalues]

    @property
    def moving_factors(self) -> Sequence[Figure]:
        """The factors of the directions in which the loss curves, the largest in size first."""
        pairs = zip(self.eigenvalues, self.factors, strict=True)
        factors = (factor for value, factor in pairs if abs(value) > self._rounding)
        return sorted(factors, key=abs, reverse=True)

    @property
    def rate_limit(self) -> Figure | None:
        """The rate below which the step converges; None where it does at none.

        Of plain descent it is that of the largest eigenvalue, exactly.
        """
        if not self.is_plain:
            return self.measured_limit
        return None if self.curves_downwards else stability_limit(self.eigenvalues[-1])

    @property
    def converges(self) -> bool:
        """Whether the steps lead to the fixed point, at the scenario's rate."""
        if self.rate is None or not self.is_plain:
            return self.fixed_point is not None and self.rate != 0 and self.radius() < 1
        limit = self.rate_limit
        return self.fixed_point is not None and limit is not None and 0 < self.rate < limit

    @property
    def fastest_rate(self) -> tuple[Figure, Figure] | None:
        """The rate of plain descent with the smallest largest |1 − η λ|, and that factor.

        It is 2/(λ₁ + λₙ), over the directions in which the loss curves at all.
        """
        curved = [value for value in self.eigenvalues if value > self._rounding]
        if not curved or self.curves_downwards:
            return None
        total = curved[0] + curved[-1]
        return 2 / total, (curved[-1] - curved[0]) / total

    def radius(self, rate: float | None = None) -> float:
        """Return the largest modulus of an eigenvalue of A, at the scenario's or another rate.

        Directions in which nothing changes (eigenvalue 1) are left out. Raises ValueError for
        another rate where A does not depend on it affinely.
        """
        if rate is None:
            matrix = self.matrix.astype(float)
        elif self._by_rate is None:
            raise ValueError(rate)
        else:
            none, rising = (part.astype(float) for part in self._by_rate)
            matrix = none + rate * rising
        moving = [value for value in np.linalg.eigvals(matrix) if abs(value - 1) > SAME]
        return float(max(map(abs, moving), default=1.0))

    @cached_property
    def measured_limit(self) -> float | None:
        """The rate below which the step converges, from the eigenvalues of A; None for none."""
        rise = 0.0 if self._by_rate is None else float(abs(self._by_rate[1]).max())
        if not rise:
            return None
        low = 1e-3 / rise
        tried = (low * 2**doublings for doublings in range(DOUBLINGS + 1))
        high = next((rate for rate in tried if self.radius(rate) >= 1), low)
        if high == low:  # none of them moves away, or even the lowest does
            return None
        return halve_interval(lambda rate: self.radius(rate) < 1, high / 2, high, HALVINGS)


def update_map(trace: Trace) -> UpdateMap | None:
    """Return the update of a run as an affine map; None where it is none, or too large.

    It is one where the samples are the same in each iteration and all given numbers are written,
    not drawn; that the map is affine is tested at points of different sizes and signs.
    """
    try:
        step = _ExactStep(trace)
        whole = step.affine()
    except _NoAffineMap:
        return None
    by_rate = None
    if step.rate is not None:
        with suppress(_NoAffineMap):
            none, one, two = (step.affine(Fraction(at)).matrix for at in range(3))
            by_rate = (none, one - none) if (two - one == one - none).all() else None
    return UpdateMap(step, whole, by_rate)


class _NoAffineMap(Exception):  # noqa: N818 - a turn of the work, nobody's error
    """A number of the step is no fraction, or a point shows that the step is not affine."""


class _StepResult(NamedTuple):
    """Where a step leads, and the gradient and the loss before it."""

    after: Array
    gradient: Array
    loss: Fraction


class _Affine(NamedTuple):
    """A step z → `matrix` z + `offset`, of a loss with the gradient `hessian` w + `slope`."""

    matrix: Array
    offset: Array
    hessian: Array
    slope: Array


class _ExactStep:
    """One step of a program in fractions, from any parameters and state, at any rate."""

    def __init__(self, trace: Trace) -> None:
        """Take the step of a run. Raises where a number was drawn, or there are too many."""
        self.iteration = iteration = trace.iteration(1)
        program, gradients = iteration.program, gradient_names(trace)
        size = sum(math.prod(iteration.shape(name)) for name in program.carried)
        is_trained = program.loss is not None and bool(gradients)
        if not is_trained or size > MOST_NUMBERS or not is_same_data(trace):
            raise _NoAffineMap
        self.given: dict[str, Entries] = {}
        for name in program.inputs:
            entries = input_fractions(name, iteration)
            if entries is None:
                raise _NoAffineMap
            self.given[name] = entries
        carried = sorted(program.carried, key=lambda name: name not in gradients)  # state last
        self.sizes = {name: math.prod(iteration.shape(name)) for name in carried}
        self.places = [(name, at) for name, size in self.sizes.items() for at in range(size)]
        self.trained_count = sum(self.sizes[name] for name in gradients)
        self.after = [program.carried[name] for name in carried]
        self.slopes = [gradients[name] for name in carried if name in gradients]
        self.loss = program.loss or ""
        self.rate = self.given["learning_rate"][0] if "learning_rate" in self.given else None
        self.start = [entry for name in carried for entry in self.given[name]]

    def at(
        self, point: Sequence[Fraction], rate: Fraction | None = None, number: int = 1
    ) -> _StepResult:
        """Return the step from a point, in iteration `number`. Raises where it is no fraction."""
        inputs: dict[str, Entries | TracerError] = dict(self.given)
        inputs.update({name: point[part] for name, part in row_parts(self.sizes).items()})
        for name, item in self.iteration.program.inputs.items():
            if item.kind == "counter":
                inputs[name] = [Fraction(number)]
        if rate is not None:
            inputs["learning_rate"] = [rate]
        values = exact_values(self.iteration, inputs)
        after, gradient = _join_entries(values, self.after), _join_entries(values, self.slopes)
        return _StepResult(after, gradient, _join_entries(values, [self.loss])[0])

    def affine(self, rate: Fraction | None = None) -> _Affine:
        """Return the step as an affine map. Raises where a point shows that it is none."""
        count = len(self.places)
        zero = self.at([Fraction(0)] * count, rate)
        units = [[Fraction(at == other) for other in range(count)] for at in range(count)]
        steps = [self.at(unit, rate) for unit in units]
        matrix = np.array([step.after - zero.after for step in steps]).T
        hessian = np.array(
            [step.gradient - zero.gradient for step in steps[: self.trained_count]]
        ).T
        for number, size in enumerate(PROBES, start=2):
            point = [size * (-1) ** (at * (number - 1)) * (at + number) for at in range(count)]
            reached = self.at(point, rate, number)
            expected = hessian @ point[: self.trained_count] + zero.gradient
            if any(reached.after != matrix @ point + zero.after) or any(
                reached.gradient != expected
            ):
                raise _NoAffineMap
        return _Affine(matrix, zero.after, hessian, zero.gradient)


def _join_entries(values: Mapping[str, Entries | TracerError], names: Sequence[str]) -> Array:
    """Return the entries of some quantities in a row. Raises where they are no fractions."""
    result: list[Fraction] = []
    for name in names:
        entries = values.get(name)
        if entries is None or isinstance(entries, TracerError):
            raise _NoAffineMap
        result += entries
    return np.array(result, object)


def solve_linear(
    matrix: Array, right: Array, *, any_of_them: bool = False
) -> Sequence[Fraction] | None:
    """Return the one solution of a system of linear equations; None where there is none, or more.

    Of several, with `any_of_them`, the one with zeros where it is free. Gauss and Jordan's
    elimination, in fractions.
    """
    rows = np.column_stack((matrix, right))
    pivots: list[int] = []  # the column of each row that has been worked on
    for column in range(len(matrix)):
        at = len(pivots)
        pivot = next((row for row in range(at, len(rows)) if rows[row, column]), None)
        if pivot is None:
            continue
        rows[[at, pivot]] = rows[[pivot, at]]
        rows[at] = rows[at] / rows[at, column]
        for other in range(len(rows)):
            if other != at:
                rows[other] = rows[other] - rows[other, column] * rows[at]
        pivots.append(column)
    are_many = len(pivots) < len(matrix)
    if (are_many and not any_of_them) or any(row[-1] for row in rows[len(pivots) :]):
        return None
    result = [Fraction(0)] * len(matrix)
    for row, column in zip(rows, pivots, strict=False):
        result[column] = row[-1]
    return result


def _exact_root(matrix: Array, value: float) -> Figure:
    """Return an eigenvalue as the fraction that it is, where it is one of a small denominator."""
    guess = Fraction(value).limit_denominator(MOST_DENOMINATOR)
    if abs(float(guess) - value) > SAME * max(float(abs(matrix).max()), 1e-300):
        return value
    shifted = matrix - guess * np.identity(len(matrix), object)
    return guess if solve_linear(shifted, np.full(len(matrix), Fraction(0))) is None else value


def stability_limit(curvature: Number) -> Number | None:
    """Return the learning rate 2/λ below which plain descent converges where the loss curves by λ.

    None where it does not curve upwards. A fraction stays one.
    """
    return 2 / curvature if curvature > 0 else None
