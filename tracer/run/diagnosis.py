"""What a run comes to: does it converge, by which factor, and why not.

All facts are read off the record, each when somebody asks for it; nothing is trained again. Only
what a first step at other learning rates leads to is worked out, and where the update is an affine
map it says what the next steps will be like. The words are in `tracer.narrative.run_verdict`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, chain, compress, islice, pairwise
from operator import gt, mul
from typing import Any, Final, Literal, NamedTuple, cast

from tracer.expression import Call, Name, Node
from tracer.frozen import Frozen, Value
from tracer.lazy_numpy import np
from tracer.operations import bound_calls
from tracer.program.given_array import GivenArray
from tracer.program.loss_form import LossForm, loss_of
from tracer.program.program import names_in
from tracer.run.fault_cause import FaultCause, fault_cause, growing_at_end
from tracer.run.loss_surface import LossSurface, point_along
from tracer.run.plans import is_small
from tracer.run.trace import MOST_LOOKED_AT, Trace, gradient_names, is_same_data
from tracer.run.unit_states import UnitState, unit_states
from tracer.run.update_map import UpdateMap, stability_limit, update_map

MOST_ENTRIES: Final = 1000  # entries of an error that are looked at
MOST_STEPS: Final = 8  # steps at the end of a run, of its second half, whose lengths are compared
LEAST_RATIOS: Final = 4  # ratios of the steps of several numbers that must agree
MOST_TRAINED: Final = 20_000  # trained numbers that are multiplied without NumPy
IN_A_ROW: Final = 3  # times that a loss grows before a run is said to diverge
SAME: Final = 1e-6  # relative difference below which two factors are the same
ROUNDINGS: Final = 8  # a change of so many rounding errors may be rounding alone
MOST_DOUBT: Final = 1e-3  # relative uncertainty of a factor, beyond which it is not reported
EXACT: Final = 1e-12  # relative difference that is rounding
NOTHING: Final = 1e-9  # share of the largest error, below which a quotient is only rounding
SLOWER: Final = 1.2  # 1 − f shrinks this many times in half of a run that slows down
STEADY: Final = 0.02  # relative spread of the ratios of steps that shrink by one factor
# How much larger the rates are at which a first step is tried.
TIMES: Final = (Fraction(1, 10), Fraction(1, 2), Fraction(2), Fraction(10))
MOST_TIMES: Final = 100  # the size of a small program, up to which other rates are tried
MARKS: Final = (-1.0, 0.0, 1.0)  # factors with a meaning of their own

Verdict = Literal[
    "no loss", "single", "fault", "converges", "falls", "oscillates", "constant", "stuck", "rises",
    "diverges",
]  # fmt: skip
"""What a run comes to.

'converges': the loss has fallen, and the steps shrink by a factor that is steady from the middle of
the run on, so that less is left to go than was gone, or the update's map says where they lead,
however few they are. 'falls': it ends lower than it began, and no
more can be said. 'oscillates': it goes up and down, or stays while the parameters change.
'constant': nothing changes. 'stuck': nothing changes, as every gradient is zero. 'rises': it ends
higher than it began. 'diverges': at the end it grew three times in a row, to above its start, or it
grew in every step and each multiplies the error by a known factor beyond 1 or −1.
"""


class LossCourse(Frozen):
    """The finite losses of a run in figures; iterations count from 1.

    `rises` are the iterations whose loss is larger than the one before, `growing` counts those at
    the end in a row. `above` is the first iteration whose loss is larger than at the start, None
    where there is none. All three are of changes above `rounding`: a loss is computed from numbers
    as large as at the start, however small it has become, so their rounding moves it by about the
    first loss times the epsilon of the dtype. `always_falls` is of the losses as they are, and
    `never_rises` too. But for rounding, all losses are one number where it `is_constant`, and the
    last is the first where it `is_back`.
    """

    first: float
    last: float
    lowest: float
    highest: float
    iterations: int
    rounding: float
    rises: Sequence[int]
    always_falls: bool
    never_rises: bool
    growing: int
    always_grows: bool
    is_constant: bool
    is_back: bool
    above: int | None


class OtherRate(Value):
    """The loss behind a first step that is as many times as long as the rate is larger."""

    rate: float
    loss: float


class MeasuredErrors(NamedTuple):
    """Of one trained number, what each iteration was off by, an entry for each prediction.

    `node` is what that is: the prediction minus the target, or else the gradient; None for neither.
    `sizes` says how large the numbers are that it is a difference of.
    """

    node: Node | None
    errors: Sequence[Sequence[float]]
    sizes: Sequence[float]


class Diagnosis:
    """What the record of a run says of its training; each fact is worked out when it is asked for.

    `parameter` is the one number that is trained, '' where there are more or none.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    # The loss -----------------------------------------------------------------------------------

    @cached_property
    def losses(self) -> Sequence[float]:
        """The loss of every iteration, before its update; empty without a loss."""
        name = self.trace.program.loss
        return [] if name is None else self.trace.floats(name)

    @cached_property
    def loss_course(self) -> LossCourse | None:
        """Where the loss goes; None where there are fewer than two finite losses."""
        is_cut = self.trace.fault is not None
        losses = list(filter(math.isfinite, self.losses)) if is_cut else self.losses
        if len(losses) < 2:
            return None
        share = ROUNDINGS * self._epsilon
        rounding = share * abs(losses[0])

        def grows(after: float, before: float) -> bool:
            return after - before > max(rounding, share * abs(before))

        is_above = grows(max(losses), losses[0])
        larger = (at for at, loss in enumerate(losses, 1) if grows(loss, losses[0]))
        # A run may have millions of losses: no loop of Python's own over all of them.
        higher = list(compress(range(1, len(losses)), map(gt, losses[1:], losses)))
        low, high, growing = min(losses), max(losses), growing_at_end(losses, grows)
        return LossCourse(
            first=losses[0],
            last=losses[-1],
            lowest=low,
            highest=high,
            iterations=len(losses),
            rounding=rounding,
            rises=[at + 1 for at in higher if grows(losses[at], losses[at - 1])],
            always_falls=all(map(gt, losses, islice(losses, 1, None))),
            never_rises=not higher,
            growing=growing,
            always_grows=growing == len(losses) - 1,
            is_constant=high - low <= EXACT * max(abs(high), abs(low)),
            is_back=abs(losses[-1] - losses[0]) <= rounding,
            above=next(larger) if is_above else None,
        )

    @cached_property
    def verdict(self) -> Verdict:
        """What the run comes to, in one word."""
        course = self.loss_course
        if self.trace.fault is not None:
            return "fault"
        if not self.losses:
            return "no loss"
        if course is None:
            return "single"
        if course.is_constant:
            return "stuck" if self.is_stuck else "oscillates" if self.turns else "constant"
        if course.is_back:
            return "oscillates"
        if course.last > course.first:
            factor = self.common_factor if course.always_grows else None
            grows = course.growing >= IN_A_ROW or (factor is not None and abs(factor) > 1)
            return "diverges" if self.is_same_data and grows else "rises"
        if self.is_same_data and (
            self._arrives or (self.linear_map is not None and self.linear_map.converges)
        ):
            return "converges"
        is_uneven = self.is_same_data and 2 * len(course.rises) >= course.iterations - 1
        return "oscillates" if is_uneven else "falls"

    @cached_property
    def is_same_data(self) -> bool:
        """Whether all iterations have their loss and updates from the same samples."""
        return is_same_data(self.trace)

    # The parameters -----------------------------------------------------------------------------

    @cached_property
    def trained_names(self) -> Sequence[str]:
        """The names of the trained parameters."""
        program = self.trace.program
        return [name for name in program.carried if program.inputs[name].kind == "parameter"]

    @cached_property
    def parameter(self) -> str:
        """The one number that is trained; '' where there are more or none."""
        if len(self.trained_names) != 1 or self.trace.iteration(1).shape(self.trained_names[0]):
            return ""
        return self.trained_names[0]

    def values(self, name: str) -> Sequence[float]:
        """Return a parameter that is one number as each iteration found it."""
        after = self.trace.floats(self.trace.program.carried[name])
        return [*self.trace.initial[name], *after][: len(self.trace)]

    @cached_property
    def whole(self) -> int:
        """The number of the last iteration that was computed to its end."""
        return len(self.trace) - (self.trace.fault is not None)

    def _point(self, number: int) -> Sequence[Sequence[float]]:
        """Return each trained parameter after an iteration, entry by entry; after 0 its first."""
        if not number:
            return [self.trace.initial_entries(name) for name in self.trained_names]
        iteration, carried = self.trace.iteration(number), self.trace.program.carried
        return [iteration.entries(carried[name]) for name in self.trained_names]

    def _way(self, begin: int, end: int) -> Sequence[Sequence[float]]:
        """Return by how much the parameters changed from after one iteration to after another."""
        return list(map(_vector_difference, self._point(end), self._point(begin)))

    def step(self, number: int) -> Sequence[Sequence[float]]:
        """Return by how much an iteration changed each trained parameter, entry by entry."""
        return self._way(number - 1, number)

    def gradient(self, number: int) -> Sequence[Sequence[float]]:
        """Return the gradient of each trained parameter in an iteration, entry by entry."""
        iteration = self.trace.iteration(number)
        names = gradient_names(self.trace)
        return [
            iteration.entries(names[name])
            if name in names
            else [0.0] * math.prod(iteration.shape(name))
            for name in self.trained_names
        ]

    @cached_property
    def zero_gradients(self) -> Sequence[str]:
        """The trained parameters whose gradient was zero throughout the last iteration."""
        if not self.whole or self.trace.program.loss is None:
            return []
        gradients = zip(self.trained_names, self.gradient(self.whole), strict=True)
        return [name for name, entries in gradients if not _dot_product(entries, entries)]

    @cached_property
    def gradient_norm(self) -> float | None:
        """The length of the last whole iteration's gradient, over all parameters."""
        if not self.whole or not self.trained_names or self.trace.program.loss is None:
            return None
        return _vector_length(self.gradient(self.whole))

    @property
    def is_stuck(self) -> bool:
        """Whether every gradient of the last iteration is zero, and its step with them.

        Momentum moves on though the gradient is zero; other samples may have another gradient.
        """
        if not self.trained_names or len(self.zero_gradients) < len(self.trained_names):
            return False
        last = self.step(self.whole)
        return self.is_same_data and not _dot_all(last, last)

    # The steps at the end -----------------------------------------------------------------------

    @cached_property
    def _last_steps(self) -> list[Sequence[Sequence[float]]]:
        return self._steps_to(self.whole)

    def _steps_to(self, last: int) -> list[Sequence[Sequence[float]]]:
        count = min(max(last // 2, LEAST_RATIOS + 1), MOST_STEPS)  # a short run begins unsteadily
        return [self.step(number) for number in range(max(last - count + 1, 1), last + 1)]

    @cached_property
    def _is_rest(self) -> bool:
        """Whether one of the last steps is no longer than the rounding of the parameters.

        A parameter plus a step is rounded, so such a step has a length and a direction by chance.
        """
        if not self.trained_names or not self._last_steps:
            return True
        shortest = min(map(_vector_length, self._last_steps))
        return shortest <= ROUNDINGS * self._epsilon * _vector_length(self._point(self.whole))

    @cached_property
    def turns(self) -> bool:
        """Whether each of the last steps pointed against the one before."""
        if self._is_rest or len(self._last_steps) < 2:
            return False
        return all(_dot_all(one, two) < 0 for one, two in pairwise(self._last_steps))

    @cached_property
    def step_factor(self) -> float | None:
        """The factor by which each step was as long as the one before, at the end of the run.

        It is negative where each turns back. None where it was not steady, or the samples were
        not the same.
        """
        ratios = [] if self._is_rest else _length_ratios(self._last_steps)
        is_known = self._shows_a_factor(ratios) and self.is_same_data and min(ratios) > 0
        if not is_known or max(ratios) - min(ratios) > STEADY * max(ratios):
            return None
        factor = _geometric_mean(ratios)
        return -factor if self.turns else factor

    def _shows_a_factor(self, ratios: Sequence[float]) -> bool:
        """Whether ratios of successive steps are enough to tell of a factor that all steps have."""
        if not self.parameter:
            return len(ratios) >= LEAST_RATIOS
        return len(ratios) > 1 or (bool(ratios) and self.linear_map is not None)

    @cached_property
    def linear_map(self) -> UpdateMap | None:
        """The update of plain descent, where its factors are the same from anywhere."""
        update = update_map(self.trace)
        return update if update is not None and update.is_plain else None

    @cached_property
    def _arrives(self) -> bool:
        """Tell whether the steps shrink so fast that less is left to go than was gone.

        What is left is at most the last step's length times f + f² + … = f/(1 − f). That holds of
        a factor that stays: of steps like 1/t it rises towards 1, and they lead anywhere.
        """
        if self.parameter and self.factors:
            is_known = self._shows_a_factor(self.factors)
            if not is_known or not all(abs(factor) < 1 for factor in self.factors):
                return False
            half = self.factors[(len(self.factors) - 1) // 2]
            return not _slows_down(abs(half), abs(self.factors[-1]))
        factor = abs(self.step_factor or 1)
        ratios = _length_ratios(self._steps_to(self.whole // 2))
        mean = _geometric_mean(ratios) if ratios and min(ratios) > 0 else None
        if factor >= 1 or _slows_down(mean, factor):
            return False
        left = _vector_length(self._last_steps[-1]) * factor / (1 - factor)
        return left < _vector_length(self._way(0, self.whole))

    @cached_property
    def first_fall(self) -> tuple[float, float] | None:
        """By how much the loss would fall in the first step were it straight, and how much it does.

        The first is gradients times steps, added up. None where that is no fall, where both are the
        same but for rounding, and where the gradient need not be the slope.
        """
        course = self.loss_course
        if course is None or not self.whole or not self.trained_names or not self.is_same_data:
            return None
        straight = -_dot_all(self.gradient(1), self.step(1))
        fall = self.losses[0] - self.losses[1]
        is_bent = straight > 0 and abs(straight - fall) > course.rounding
        return (straight, fall) if is_bent and self._is_gradient_slope else None

    @property
    def is_uphill_at_end(self) -> bool:
        """Whether the loss rises where the first step ends: it went past a lowest point."""
        return self.whole > 1 and _dot_all(self.gradient(2), self.step(1)) > 0

    @property
    def _is_gradient_slope(self) -> bool:
        """Whether the loss takes what is trained through operations with a derivative only."""
        program = self.trace.program
        needed = program.needed_by_loss
        given = {name for name, item in program.inputs.items() if item.kind in ("data", "constant")}
        return all(
            row.derivative is not None or given.issuperset(names_in(call))
            for item in program.phase("forward", "loss")
            if item.name in needed
            for call, row, _, _ in bound_calls(item.expression)
        )

    def curvature(self, number: int) -> float | None:
        """Return by how much the gradient changes along an iteration's step of length 1.

        That is s·(g₂ − g₁)/s·s with the step s and the gradients before and after it: of one
        number the second derivative, of more a mean of the Hessian's eigenvalues, the largest of
        which it never exceeds where the loss is quadratic.
        """
        if not 1 <= number < self.whole or not self.is_same_data:
            return None
        step = self.step(number)
        square = _dot_all(step, step)
        if not self.trained_names or not 0 < square < math.inf:
            return None
        after, before = self.gradient(number + 1), self.gradient(number)
        return _dot_all(step, list(map(_vector_difference, after, before))) / square

    @property
    def learning_rate(self) -> GivenArray | None:
        """The learning rate as it was given."""
        training = self.trace.scenario.training
        return None if training is None else training.learning_rate

    @property
    def is_plain_descent(self) -> bool:
        """Whether each update is w − η g, with one rate for the whole run."""
        training = self.trace.scenario.training
        return (
            training is not None
            and training.optimizer == "sgd"
            and training.update is None
            and training.learning_rate is not None
            and not training.settings.get("weight_decay")
        )

    @property
    def diverges(self) -> bool:
        """Whether the loss grows without end, or until it is no number."""
        return self.verdict == "diverges" or bool(self.fault_cause and self.fault_cause.diverged)

    @cached_property
    def rate_limit(self) -> float | None:
        """The learning rate above which plain descent overshoots, and moves away, along its steps.

        It is 2/c with the curvature c: of one number its first, and of a run that diverges, whose
        last ones are far off, if they may differ; else the largest of the last steps. None for
        other rules, and where the loss does not curve upwards.
        """
        if not self.is_plain_descent:
            return None
        is_first = bool(self.parameter) or (self.diverges and self.linear_map is None)
        numbers = [1] if is_first else range(max(self.whole - MOST_STEPS, 1), self.whole)
        curvatures = [self.curvature(number) for number in numbers]
        largest = max((value for value in curvatures if value is not None), default=0.0)
        return stability_limit(largest) if largest < math.inf else None

    @cached_property
    def other_rates(self) -> Sequence[OtherRate]:
        """What the first step would have led to, from a tenth of the rate to ten times it.

        The first step of every optimizer is in proportion to its rate. None of a rule of one's
        own, of a network that takes long, of other samples in each iteration, and of losses that
        are not finite. Where each step multiplies the error by one factor its formula says that of
        all rates; where no rate changes the loss there is no step; and where the run broke off no
        rate may be to blame.
        """
        trace, cause = self.trace, self.fault_cause
        if self.common_factor is not None or (cause is not None and not cause.diverged):
            return []
        training = trace.scenario.training
        if training is None or training.update is not None or training.learning_rate is None:
            return []
        is_told = self.losses and self.trained_names and self.whole and self.is_same_data
        if not is_told or not is_small(trace.iteration(1).built, MOST_TIMES):
            return []
        surface = LossSurface(trace)
        steps = dict(zip(self.trained_names, self.step(1), strict=True))
        start = surface.place_entries()
        step = [entry for name in surface.names for entry in steps[name]]
        rate = Fraction(str(training.learning_rate.floats()[0]))
        outcomes = [
            OtherRate(float(times * rate), surface.loss(point_along(start, step, float(times))))
            for times in TIMES
            if times * rate <= sys.float_info.max  # a larger one is no number of a run
        ]
        finite = [item for item in outcomes if math.isfinite(item.loss)]
        return finite if any(item.loss != self.losses[0] for item in finite) else []

    # One parameter ------------------------------------------------------------------------------

    @cached_property
    def loss_form(self) -> LossForm | None:
        """The loss as one of a prediction and a target, where it is of a known form."""
        return loss_of(self.trace.scenario)

    @cached_property
    def measured_errors(self) -> MeasuredErrors:
        """What each iteration was off by, where one number is trained."""
        errors = self._errors() if self.parameter else None
        if errors is not None:
            return errors
        names = gradient_names(self.trace)
        if self.parameter not in names:
            return MeasuredErrors(None, [], [])
        values = self.trace.floats(names[self.parameter])
        return MeasuredErrors(
            Name(names[self.parameter]),
            [[value] for value in values],
            list(accumulate(map(abs, values), max)),
        )

    def _errors(self) -> MeasuredErrors | None:
        loss = self.loss_form
        sides: tuple[Node, ...] = () if loss is None else (loss.prediction, loss.target)
        names = [side.id for side in sides if isinstance(side, Name)]
        differences: list[list[float]] = []
        sizes: list[float] = []
        last = min(len(self.trace), MOST_LOOKED_AT)
        for iteration in map(self.trace.iteration, range(1, last + 1)):
            if not all(name in iteration for name in names):
                break  # a value that is not finite cut the last iteration off
            shapes = [iteration.shape(name) for name in names]
            if len(shapes) < 2 or shapes[0] != shapes[1] or math.prod(shapes[0]) > MOST_ENTRIES:
                return None
            entries = [iteration.floats(name) for name in names]
            differences.append([one - other for one, other in zip(*entries, strict=True)])
            sizes.append(max(map(abs, chain(*entries)), default=0.0))
        return MeasuredErrors(Call("subtract", sides), differences, sizes) if differences else None

    @property
    def _epsilon(self) -> float:
        """The relative distance of two numbers of the run's dtype that are next to each other."""
        return 2.0**-23 if self.trace.scenario.dtype == "float32" else 2.0**-52

    def _doubt(self, number: int) -> float:
        """Return by how much rounding may change the quotient of two errors, by its size or 1.

        An error is the difference of a prediction and a target, each of which is rounded.
        """
        before, after = (
            max(map(abs, self.measured_errors.errors[at]), default=0.0)
            for at in (number - 1, number)
        )
        if not before:
            return math.inf
        one, two = self.measured_errors.sizes[number - 1 : number + 1]
        return ROUNDINGS * self._epsilon * (one / before + two / max(before, after))

    def factor(self, number: int) -> float | None:
        """Return by what an iteration multiplied the error, None where it cannot be told.

        With several errors it is told where it is the same for all of them.
        """
        if not 1 <= number < len(self.measured_errors.errors) or not self.is_same_data:
            return None
        before, after = self.measured_errors.errors[number - 1], self.measured_errors.errors[number]
        size = max(map(abs, before), default=0.0)
        if not 0 < size < math.inf or not all(map(math.isfinite, after)):
            return None
        largest = max(abs(entry) for entry in self.measured_errors.errors[0])
        if size <= NOTHING * largest or len(before) != len(after):
            return None
        doubt = self._doubt(number)
        if doubt > MOST_DOUBT:
            return None
        place = max(range(len(before)), key=lambda at: abs(before[at]))
        factor = after[place] / before[place]
        limit = (SAME + doubt) * size * max(abs(factor), 1)
        pairs = zip(before, after, strict=True)
        return None if any(abs(other - factor * one) > limit for one, other in pairs) else factor

    @cached_property
    def _factors(self) -> Sequence[tuple[float, float]]:
        """All factors that can be told, each with what rounding may change."""
        factors = (
            (self.factor(number), number) for number in range(1, len(self.measured_errors.errors))
        )
        return [(factor, self._doubt(at)) for factor, at in factors if factor is not None]

    @property
    def factors(self) -> Sequence[float]:
        """All factors that can be told."""
        return [factor for factor, _ in self._factors]

    @cached_property
    def common_factor(self) -> float | None:
        """The factor, where it is the same in all steps; None where it is not, or is not known.

        One step alone tells it of an update that is known to be linear: of others the next step
        has another factor.
        """
        if self.measured_errors.node is None or not self._shows_a_factor(self.factors):
            return None
        largest = max(1.0, *map(abs, self.factors))
        low = max(factor - max(1, abs(factor)) * doubt for factor, doubt in self._factors)
        high = min(factor + max(1, abs(factor)) * doubt for factor, doubt in self._factors)
        if low - high > SAME * largest:
            return None
        first = self.factors[0]
        return next((mark for mark in MARKS if abs(first - mark) <= EXACT), first)

    @cached_property
    def factor_slope(self) -> float | None:
        """The curvature c that explains the factor as 1 − η c; None where it does not.

        With the gradient g = c · (w − w*), the update w − η g leaves (1 − η c) (w − w*).
        """
        factor, slope, rate = self.common_factor, self.curvature(1), self.learning_rate
        if factor is None or slope is None or rate is None or not self.is_plain_descent:
            return None
        difference = abs(1 - rate.floats()[0] * slope - factor)
        same = SAME + self._factors[0][1]
        return slope if difference <= same * max(1, abs(factor)) else None  # nan: neither

    @cached_property
    def data_factor(self) -> tuple[int, str, float] | None:
        """What the slope is made of, for ŷ = w·x with (ŷ − y)² or its half: 2 or 1, x, its value.

        The gradient changes by 2x², or by x², where w changes by 1. None of others.
        """
        loss, slope = self.loss_form, self.factor_slope
        counts = {"squared_error": 2, "mse": 2, "half_squared_error": 1}
        if slope is None or loss is None or not isinstance(loss.prediction, Name):
            return None
        iteration = self.trace.iteration(1)
        formulas = {item.name: item.expression for item in iteration.program.equations}
        formula = formulas.get(loss.prediction.id)
        is_product = isinstance(formula, Call) and formula.operation == "multiply"
        sides = formula.children() if formula is not None and is_product else ()
        others = [side for side in sides if side != Name(self.parameter)]
        if len(others) != 1 or not isinstance(others[0], Name) or iteration.shape(others[0].id):
            return None
        count, value = counts.get(loss.form, 0), iteration.floats(others[0].id)[0]
        same = SAME + self._factors[0][1]
        explains = abs(count * value**2 - slope) <= same * max(1, abs(slope))
        return (count, others[0].id, value) if count and explains else None

    # Units and faults ---------------------------------------------------------------------------

    @cached_property
    def units(self) -> Sequence[UnitState]:
        """The activations of the last whole iteration that have dead or saturated units."""
        if not self.whole or not self.trained_names:
            return []
        states = unit_states(self.trace, self.whole)
        return [state for state in states if state.dead or state.saturated]

    @property
    def last_samples(self) -> Sequence[int]:
        """The samples that the last whole iteration sees, by their places."""
        return self.trace.iteration(self.whole).samples or ()

    @cached_property
    def fault_cause(self) -> FaultCause | None:
        """What made the first value that is not finite; None where all are."""
        return fault_cause(self.trace)

    def as_dictionary(self) -> dict[str, Any]:
        """Return the facts as plain data; what is not known is None."""
        course, cause = self.loss_course, self.fault_cause
        return {
            "verdict": self.verdict,
            "loss": None
            if course is None
            else {
                "first": course.first,
                "last": course.last,
                "lowest": course.lowest,
                "highest": course.highest,
                "rises": len(course.rises),
                "above_start_from": course.above,
            },
            "factor": self.common_factor if self.common_factor is not None else self.step_factor,
            "gradient_norm": self.gradient_norm,
            "rate_limit": self.rate_limit,
            "zero_gradients": list(self.zero_gradients),
            "units": [state.as_dictionary() for state in self.units],
            "fault": None if cause is None else cause.as_dictionary(),
        }


def _length_ratios(steps: Sequence[Sequence[Sequence[float]]]) -> list[float]:
    return [two / one for one, two in pairwise(map(_vector_length, steps)) if one > 0]


def _geometric_mean(ratios: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, ratios)) / len(ratios))


def _slows_down(half: float | None, end: float) -> bool:
    """Tell whether a factor has come nearer to 1 since the middle of a run, as of steps like 1/t.

    Of those 1 − f is half as large at twice the time; of a steady factor it stays.
    """
    return half is not None and 1 - half > SLOWER * (1 - end)


def _vector_length(vectors: Sequence[Sequence[float]]) -> float:
    return math.sqrt(_dot_all(vectors, vectors))


def _vector_difference(after: Sequence[float], before: Sequence[float]) -> Sequence[float]:
    if len(after) > MOST_TRAINED:
        return cast("Sequence[float]", np.asarray(after) - np.asarray(before))
    return [float(one) - float(two) for one, two in zip(after, before, strict=True)]


def _dot_product(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) > MOST_TRAINED:
        return float(np.dot(np.asarray(one), np.asarray(other)))
    is_finite = all(map(math.isfinite, (*one, *other)))
    return float(math.fsum(map(mul, one, other))) if is_finite else math.nan


def _dot_all(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> float:
    return math.fsum(_dot_product(left, right) for left, right in zip(one, other, strict=True))
