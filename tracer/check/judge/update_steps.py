"""The step that an update takes: is it the rate times the own gradient, down from the own value?

`w - η ∂L/∂w`, or its figures, are held against what the document states of these. What shows the
step of another name is a slip, and so is one that raises a loss which nobody raises.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Final

from tracer.check.bind.worlds import WritersWorld
from tracer.check.compare.bounded_values import (
    KnownValue,
    do_meet,
    entries_of,
    half_place,
    have_one_shape,
    is_about,
    is_one_of,
    is_telling,
)
from tracer.check.compare.value_comparison import ValueComparison
from tracer.check.judge.blame_of_formulas import SUM_SIGNS
from tracer.check.judge.derivative_slips import Readings, UnknownSlope
from tracer.check.judge.evidence import WrongPart
from tracer.check.judge.slopes import WhyUnknown
from tracer.check.judge.stated_formulas import LOSS, StatedFormulas, head_of
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import (
    calls_in,
    is_literal,
    names_in,
    numbers_in,
    signed_factors,
    signed_terms,
    with_operation,
)
from tracer.check.slips.rewriting import is_call, is_number
from tracer.check.slips.roles import TRAINED, role_of
from tracer.check.trace.aliases import DIGITS, is_cost, is_loss
from tracer.expression.syntax import Name, Node, Number
from tracer.intervals import LOGARITHMS, Interval, value_of, value_or_none

ONE: Final = Interval(Fraction(1))
SignedTerm = tuple[int, Node]


def answer_on_step(
    chain: EquationChain,
    target: str | None,
    sides: Readings,
    formulas: StatedFormulas,
    world: WritersWorld,
) -> WrongPart | UnknownSlope | None:
    """Return what is wrong, or open, in the step that an update takes, if anything.

    A rate is changed by a plan and no gradient.
    """
    name = (target or "").removesuffix("^*").rstrip("'")
    if not chain.is_certain or role_of(name) == "rate" or formulas.are_left_out(chain):
        return None
    update = _Update(name, chain, formulas, world)
    for position, trees in enumerate(sides):
        answer = update.answer_on(position, trees[0]) if position and trees else None
        if answer is not None:
            return answer
    return None


class _Update:
    """The update of a name in a chain, with what is known of its gradient and of the rates."""

    def __init__(
        self, name: str, chain: EquationChain, formulas: StatedFormulas, world: WritersWorld
    ) -> None:
        self.name: Final = name
        self.chain: Final = chain
        self.formulas: Final = formulas
        self.world: Final = world
        self.run: Final = world.writer
        self.own: Final = self.run.known_value(name)

    @cached_property
    def gradients(self) -> Sequence[str]:
        """The names of the loss's derivative by the name."""
        return self.formulas.names_of(f"d{LOSS}/d{self.name}")

    @cached_property
    def rates(self) -> Sequence[KnownValue]:
        """The learning rates that are stated."""
        return [value for each, value in self.run.named_values() if role_of(each) == "rate"]

    @property
    def rate_sizes(self) -> set[Fraction]:
        """The rates as they are printed, without their signs."""
        printed = (each.printed for each in self.rates)
        return {abs(value.low) for value in printed if isinstance(value, Interval)}

    def answer_on(self, position: int, side: Node) -> WrongPart | UnknownSlope | None:
        """Return what is wrong, or open, in one side."""
        terms = signed_terms(side)
        steps = [each for each in terms if not self.is_before(*each)]
        if len(terms) == len(steps) == 2 and self.own and not self.chain.is_qualified:
            start = self.other_start(*terms)
            if start is not None:
                own, name = self.own, self.name
                return WrongPart(
                    position, start, own.printed, "figure", (), name, own.line, other=name
                )
        for sign, step in steps if len(steps) < len(terms) else ():
            why = self.doubt_of_step(sign, step)
            if why is None and self.goes_uphill(sign, step):
                why = "adds_the_gradient"
            is_wrong = not self.chain.is_qualified
            if why == "adds_the_gradient" and is_wrong and self.is_minimised():
                return self.turned_step(position, side, step) or UnknownSlope(position, why)
            if why is not None:
                return UnknownSlope(position, why)
            others = self.other_gradients(step) if len(terms) == 2 and is_wrong else ()
            if others:
                return self.own_instead(position, step, *others[0])
        return None

    def is_before(self, sign: int, term: Node) -> bool:
        """Tell whether a term is the name itself, of any index or step, or its value.

        The update of an array may be shown for one of its entries.
        """
        if isinstance(term, Name):
            return sign > 0 and term.id.rstrip(DIGITS) == self.name.rstrip(DIGITS)
        value = value_or_none(term)
        entries = [] if self.own is None else entries_of(self.own.printed)
        return isinstance(value, Interval) and Interval(sign * value.low) in entries

    def doubt_of_step(self, sign: int, step: Node) -> WhyUnknown | None:
        """Return why a term beside a name may be no step of it, which is -η·g; None if it is one.

        The rate may multiply nothing: `w - η/g`, `w - (η + g)`, `w - g`. The step may go uphill.
        One of two figures may have been stated nowhere, where the other one is the rate or the
        gradient; of a gradient that is older than the name's value there may be another one.
        """
        run, rates, (turned, factors) = self.run, self.rates, signed_factors(step)
        values = {each: run.known_value(each) for each in self.gradients}
        right = {each: value for each, value in values.items() if not (value and value.error_line)}
        slopes = [value for value in right.values() if value is not None]
        added, numbers = value_or_none(step), numbers_in(step)
        is_bare = getattr(step, "id", "") in right or (
            is_literal(step)
            and isinstance(added, Interval)
            and is_telling(numbers[0])
            and is_one_of(abs(added.low), slopes)
        )
        above = [role_of(getattr(factor, "id", "")) for side, factor in factors if side > 0]
        if (is_bare and any(each.printed != ONE for each in rates)) or above == ["rate"]:
            return "idle_rate"
        if names_in(step):
            is_of_them = not right.keys().isdisjoint(names_in(step))
            return "adds_the_gradient" if is_of_them and sign * turned > 0 else None
        sizes = [number.value for number in numbers]
        for rate in self.rate_sizes.intersection(sizes):
            sizes.remove(rate)  # it is the rate, whatever else has its value
        lows = [each.printed.low for each in slopes if isinstance(each.printed, Interval)]
        if isinstance(added, Interval) and any(
            sign * added.low * low > 0 and abs(low) in sizes for low in lows
        ):
            return "adds_the_gradient"
        slopes = [each for each in slopes if self.own and each.line >= self.own.line]
        if not (rates and slopes and len(factors) == len(numbers) == 2):
            return None
        figures = [(each.value, half_place(each) or Fraction(0)) for each in numbers]
        is_step = any(is_one_of(value, [*rates, *slopes], half) for value, half in figures)
        is_stated = all(is_one_of(value, run.all_values(), half) for value, half in figures)
        return "stated_nowhere" if is_step and not is_stated else None

    def other_start(self, first: SignedTerm, second: SignedTerm) -> Node | None:
        """Return the figure, not the own value, from which a step of the own gradient is taken."""
        (sign, start), (_, step) = first, second
        slope = next(filter(None, map(self.run.known_value, self.gradients)), None)
        if self.own is None or slope is None or sign < 0 or not is_literal(start) or names_in(step):
            return None
        if not have_one_shape(slope.printed, self.own.printed):
            return None  # the gradient of an array that nobody has stated
        factors = [value_or_none(factor) for _, factor in signed_factors(step)[1]]
        sizes = {abs(value.low) for value in factors if isinstance(value, Interval)}
        slopes = {abs(each.low) for each in entries_of(slope.printed)}
        is_step = len(sizes) == len(factors) == 2
        is_step = is_step and not (sizes.isdisjoint(self.rate_sizes) or sizes.isdisjoint(slopes))
        names = (self.name, *self.gradients)
        is_of_now = slope.line >= self.own.line and not any(map(self.run.is_told_again, names))
        # What the name has had is of another step.
        had = any(each.fits(value_of(start)) for each in self.run.earlier(self.name))
        return start if is_step and is_of_now and not had else None

    def goes_uphill(self, sign: int, step: Node) -> bool:
        """Tell whether figures beside a parameter are the rate times the slope of the loss there.

        Added, they raise the loss; an input may be moved on purpose. Where the gradient has a value
        of its own that counts.
        """
        names = (*self.gradients, f"d{self.name}")
        if role_of(self.name) not in TRAINED or names_in(step):
            return False
        if any(map(self.run.known_value, names)):
            return False
        formula = self.formulas.of_derivative(f"d{LOSS}/d{self.name}", self.chain, self.run)
        slope = None if formula is None else ValueComparison(self.world).value(formula)
        added = value_or_none(step)
        if not (isinstance(slope, Interval) and isinstance(added, Interval) and added.low):
            return False
        moved = Interval(sign * added.low)
        return any(is_about(moved, Interval(rate * slope.low)) for rate in self.rate_sizes)

    def is_minimised(self) -> bool:
        """Tell whether each loss is a distance by its formula or name: no step should raise it."""
        names = {*self.formulas.names, *(name for name, _ in self.run.named_values())}
        losses = [name for name in names if is_loss(head_of(name))]
        return bool(losses) and all(
            is_cost(head_of(name))
            or (
                self.formulas.has(name)
                and all(tree and is_distance(tree) for tree in self.formulas.trees_of(name))
            )
            for name in losses
        )

    def turned_step(self, position: int, side: Node, step: Node) -> WrongPart | None:
        """Return the sign that makes a step raise a loss: before it, or that of its gradient."""
        if is_call(side, "add") and step is side.arguments[1]:
            back, slips = with_operation("subtract", side), ("plus_for_minus",)
            return WrongPart(position, side, None, "formula", slips, mended=back)
        for name, number in itertools.product(self.gradients, numbers_in(step)):
            value = self.run.known_value(name)
            if value is not None and value.printed == Interval(-number.value):
                slips = ("sign_lost",)
                return WrongPart(position, number, value.printed, "figure", slips, name, value.line)
        return None

    # The gradient of another name -------------------------------------------------------------

    def other_gradients(self, step: Node) -> Sequence[tuple[Node, str, str]]:
        """Return what stands for gradients by other names, these, and the own gradient.

        They may stand there by their figures, beside the rate, where the own one has another. None
        where one of them may be of the same name or time.
        """
        run = self.run
        own = next(filter(run.known_value, (*self.gradients, f"d{self.name}")), "")
        slope, factors = run.known_value(own), [each for _, each in signed_factors(step)[1]]
        sizes = [(each.value, half_place(each) or Fraction(0)) for each in numbers_in(step)]
        is_step = (
            bool(self.own and slope and slope.line >= self.own.line)
            and not self.rate_sizes.isdisjoint(value for value, _ in sizes)
            and not any(slope and is_one_of(value, [slope], half) for value, half in sizes)
        )
        others = [
            (factor, each, parts[1])
            for factor in factors
            if isinstance(factor, Name) or is_step
            for each in self.intended_names(factor)
            if (parts := self.formulas.slope_parts(each, run))
        ]
        are_others = all(self.are_of_two(other, own, each) for _, each, other in others)
        return [(factor, each, own) for factor, each, _ in others] if are_others else ()

    def are_of_two(self, other: str, own: str, gradient: str) -> bool:
        """Tell whether this name and another, with a gradient each, have four values of now.

        Both pairs differ, and this name has no formula that would make it the other one.
        """
        names = self.name, other, own, gradient
        values = [value for value in map(self.run.known_value, names) if value is not None]
        bounds = [value.bounds for value in values]
        return (
            len(values) == len(names)
            and not self.formulas.only(self.name)
            and not any(map(self.run.is_told_again, names))
            and not do_meet(*bounds[:2])
            and not do_meet(*bounds[2:])
        )

    def intended_names(self, factor: Node) -> list[str]:
        """Return the names that a factor is, or whose value of several digits it prints."""
        if isinstance(factor, Name):
            return [factor.id]
        size = factor.value if isinstance(factor, Number) and is_telling(factor) else None
        return [
            name
            for name, value in self.run.named_values()
            if isinstance(value.printed, Interval) and abs(value.printed.low) == size
        ]

    def own_instead(
        self, position: int, step: Node, gradient: Node, other: str, own: str
    ) -> WrongPart:
        """Return another's gradient in a step as wrong, and its own: by its name, or its figure."""
        value = self.run.known_value(own)
        if isinstance(gradient, Name) or value is None:
            return WrongPart(position, gradient, None, "derivative", belongs=own)
        turned = [call for call in calls_in(step, ("negative",)) if call.arguments[0] is gradient]
        node, slips = next(iter(turned), gradient), ("other_parameter",)
        return WrongPart(position, node, value.printed, "figure", slips, own, value.line, other)


def is_distance(loss: Node, sign: int = 1) -> bool:
    """Tell whether a loss is made of squares, absolute values and -log p: it has a lowest value."""
    terms = [(sign * turned, term) for turned, term in signed_terms(loss) if names_in(term)]
    if len(terms) != 1:
        return bool(terms) and all(is_distance(term, turned) for turned, term in terms)
    turned, factors = signed_factors(terms[0][1])
    sign = terms[0][0] * turned
    if any(is_call(factor, "log", *LOGARITHMS) for _, factor in factors):
        return sign < 0  # whatever weights it, `(1 - y) ln(1 - p)`
    for _, factor in factors:
        if is_call(factor, "sum", "mean"):
            return is_distance(factor.arguments[0], sign)
        if is_call(factor, *SUM_SIGNS):
            return is_distance(factor, sign)
        if is_call(factor, "square", "abs") or (
            is_call(factor, "power") and is_number(factor.arguments[1], 2)
        ):
            return sign > 0
    return False
