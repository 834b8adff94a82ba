"""The derivatives that a document states, beside the formulas that it states itself.

`L = (p - y)²` says what `∂L/∂p` is, whatever the names are worth: the formula that stands for the
derivative is held against the slope of the other one at chosen numbers (`slopes`), which says
whether it is one (`derivative_slips`). Figures that stand in it for a name's value prove nothing.
Nor does what differs where words beside the derivative may say of what part it is.

Of `z = W x` and δ = ∂L/∂z the derivative ∂L/∂x is Wᵀδ, whatever the loss is: what a small change of
each entry does to z, times δ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from typing import Final

from tracer.check.bind.writers_run import WritersRun
from tracer.check.compare.bounded_values import (
    ROUNDED_SHARE,
    KnownValue,
    do_meet,
    have_one_shape,
    is_one_of,
    relative_width,
)
from tracer.check.compare.rounding_habit import coarsest_place, half_place
from tracer.check.judge.blame_finder import WrongPart
from tracer.check.judge.derivative_slips import (
    DELTA,
    MULTIPLES,
    Readings,
    SlopeAnswer,
    UnknownSlope,
    slopes_at,
    smooth_readings,
    wrong_part_of,
)
from tracer.check.judge.slopes import (
    NEAR,
    OpenSlopeError,
    SlopeQuestion,
    WhyUnknown,
    mean_entries,
    names_below,
)
from tracer.check.judge.stated_formulas import (
    LOSS,
    StatedFormula,
    StatedFormulas,
    array_of_names,
    derivative_parts,
)
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import names_in, numbers_in, signed_factors, signed_terms
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import DIGITS, derivative_of, is_loss
from tracer.errors import LimitError
from tracer.expression.pratt_parser import literal_value
from tracer.expression.syntax import Call, Name, Node
from tracer.frozen import replace
from tracer.intervals import Interval, Value, value_or_none

GROWN: Final = 10  # times the rounding of one figure that of what is made of several may be
SOME_SLOPE: Final = Fraction(37, 100)  # stands for one that has no value


class StatedDerivatives(StatedFormulas):
    """The formulas of one part of a document, and the slips in their derivatives."""

    def answer_on(
        self, chain: EquationChain, target: str | None, sides: Readings, run: WritersRun
    ) -> SlopeAnswer | None:
        """Return what is wrong, or open, in the formulas of a chain that is of a derivative.

        None where they are it, where there is none, or where nothing that is stated can be compared
        with it.
        """
        target = target or ""
        if self._leaving_out & {0, *chain.headings}:
            return None
        found: SlopeAnswer | None = None
        if chain.is_certain:
            found = self._wrong_step(target.rstrip("'"), sides, run)
        # `d/dx (x²)` says itself what it is the derivative of.
        operated = next((side for side in chain.sides if side.derivand), None)
        firsts = [operated.tree] if operated else [Name(target), *(r[0] for r in sides[1:] if r)]
        heads = [each.id for each in firsts if isinstance(each, Name)]
        named = next(filter(None, map(derivative_parts, heads)), None)  # also of `δ = ∂L/∂z = …`
        parts = named or self._short_form(target, run)
        if found is not None or parts is None:
            return found
        if operated is not None and named:
            readings, line = smooth_readings(operated.derivand), chain.place.line
            self._add(parts[0], StatedFormula(readings, line, chain.headings, is_guess=False), run)
        whys: list[WhyUnknown] = []
        is_shown = False  # by formulas that figures were taken for
        asked = chain, run, *parts
        later = self._with_later_formulas(run)
        for holder, questions in (
            (self, self._of_its_formulas(*asked)),
            (self, self._of_the_run(*asked)),
            (self, self._through_the_next(*asked)),
            (later, later._of_its_formulas(*asked)),
        ):
            try:
                wrong, is_guess = holder._held_against(questions, chain, sides)
            except OpenSlopeError as doubt:
                whys.append(doubt.why)
                continue
            is_told = chain.qualified_by and operated is None  # words may say of what it is
            is_open = is_told or not chain.is_certain or not named
            found, is_shown = wrong, wrong is None
            if wrong is not None and (is_guess or is_open):
                found = UnknownSlope(wrong.position, "slope_of_a_part")
            if not is_guess:
                return found
        if not isinstance(found, UnknownSlope):
            found = self._wrong_figures(chain, sides, run, *self._function_at(*parts)) or found
        # Who works in figures alone leaves no formula to compare with.
        in_figures = any(each.is_guess for known in self._formulas.values() for each in known)
        at = next((at for at, trees in enumerate(sides) if at and trees and names_in(trees[0])), 0)
        if found is not None or is_shown or in_figures or not at:
            return found
        return UnknownSlope(at, "slope_of_a_part") if "slope_of_a_part" in whys else None

    def _wrong_step(
        self, name: str, sides: Readings, run: WritersRun
    ) -> WrongPart | UnknownSlope | None:
        """Return what is wrong, or open, in the step that an update takes, if anything.

        A rate is changed by a plan and no gradient.
        """
        if role_of(name) == "rate":
            return None
        gradients, own = self._names_of(f"d{LOSS}/d{name}"), run.known_value(name)
        for position, trees in enumerate(sides):
            terms = signed_terms(trees[0]) if position and trees else []
            steps = [(sign, term) for sign, term in terms if not _is_before(sign, term, name, own)]
            for sign, step in steps if len(steps) < len(terms) else ():
                why = _doubt_of_step(sign, step, own, gradients, run)
                if why is not None:
                    return UnknownSlope(position, why)
                if len(terms) == 2 and (taken := self._anothers_gradient(step, name, run)):
                    return WrongPart(position, taken[0], None, "derivative", belongs=taken[1])
        return None

    def _anothers_gradient(self, step: Node, name: str, run: WritersRun) -> tuple[Name, str] | None:
        """Return the gradient by another name in the step of a name, and the one by its own.

        Both names have values that differ, and no formula, and so have both gradients: neither
        are the names one parameter, nor is one gradient the other by an equation.
        """
        gradients = [
            (factor, parts[1])
            for _, factor in signed_factors(step)[1]
            if isinstance(factor, Name) and (parts := self._slope_parts(factor.id, run))
        ]
        if len(gradients) != 1 or self._formulas.keys() & {name, gradients[0][1]}:
            return None
        ((gradient, other),) = gradients
        every = *self._names_of(f"d{LOSS}/d{name}"), f"d{name}"
        own = next((each for each in every if run.known_value(each)), "")
        values = [run.known_value(each) for each in (name, other, own, gradient.id)]
        bounds = [each.bounds for each in values if each is not None]
        are_known = len(bounds) == len(values)
        is_tied = not are_known or do_meet(*bounds[:2]) or do_meet(*bounds[2:])
        return None if is_tied else (gradient, own)

    def _slope_parts(self, name: str, run: WritersRun) -> tuple[str, str] | None:
        """Return LOSS and what a gradient, by any of its names, is the derivative by."""
        known = self._formulas.get(name, ())
        tree = known[0].tree if known else None
        meant = tree.id if isinstance(tree, Name) else name
        parts = derivative_of(meant) or self._short_form(meant, run)
        return parts if parts and (parts[0] == LOSS or is_loss(parts[0])) else None

    def _held_against(
        self,
        questions: Iterator[tuple[str, int, SlopeQuestion]],
        chain: EquationChain,
        sides: Readings,
    ) -> tuple[WrongPart | None, bool]:
        """Return the formula of a chain that answers none of some questions, if one answers none.

        With it stands whether formulas that are guessed by figures lead there.
        Raises OpenSlopeError where nobody knows.
        """
        found: list[WrongPart] = []
        doubt: OpenSlopeError | None = None
        is_guess = False
        formulas = [trees[0] for trees in sides[1:] if trees and names_in(trees[0])]
        for name, line, question in questions if formulas else ():
            there = {name}.union(*map(names_in, formulas))
            led = names_below(there, {**question.formulas, question.variable: None})
            led -= {question.variable}
            is_guess = is_guess or any(e.is_guess for n in led for e in self._formulas.get(n, ()))
            try:
                part = wrong_part_of(chain, sides, question)
            except OpenSlopeError as open_:
                doubt = open_
                continue
            if part is None:
                return None, is_guess
            other = name if question.stated else ""
            found.append(replace(part, name=name, line=line, other=other))
        if doubt is not None or not found:
            raise doubt or OpenSlopeError
        return max(reversed(found), key=lambda part: len(part.slips)), is_guess

    def _function_at(self, stated: str, variable: str) -> tuple[str, str, Value | None]:
        """Return `f(x)`, `x` and 2 for `f(2)`, where the function is stated; else both as are."""
        try:
            size = literal_value(variable.removeprefix("-"))
        except (ValueError, LimitError):
            return stated, variable, None
        place = Interval(-size if variable[0] == "-" else size)
        head = stated.partition("(")[0] + "("
        names = [each for each in self._formulas if each.startswith(head) and each[-1] == ")"]
        called = [(each, each[len(head) : -1], place) for each in names]
        return called[-1] if len(called) == 1 else (stated, variable, None)

    def _wrong_figures(
        self,
        chain: EquationChain,
        sides: Readings,
        run: WritersRun,
        stated: str,
        variable: str,
        place: Value | None = None,
    ) -> UnknownSlope | None:
        """Return the figures of a chain that are no slope at the stated values, of any formula.

        Nobody sees which rule they were put in for, so it is open what they are.
        """
        figures = value_or_none(sides[-1][0]) if sides[-1] else None
        known = run.known_value(variable)
        moved = place if known is None or place is not None else known.printed
        if figures is None or moved is None:
            return None
        unit, entries = coarsest_place(sides[-1][0]), mean_entries(figures)
        if len(entries) != len(mean_entries(moved)):
            return None
        with suppress(OpenSlopeError):
            asked = chain, run, stated, variable
            questions = [*self._of_its_formulas(*asked)] or self._through_the_next(*asked)
            found = (slopes_at(question, moved) for _, _, question in questions)
            # `f'(2)` is no derivative of a part.
            slopes = [each for slope in found for each in (slope if place is None else slope[:1])]
            computed = (known.bounds for _, known in run.named_values() if not known.is_given)
            widest = max(map(relative_width, computed), default=ROUNDED_SHARE)
            # By which rounding may have changed it.
            share = max(NEAR, min(ROUNDED_SHARE, GROWN * widest))
            if slopes and not any(
                all(abs(a - b) <= unit + share * abs(a) for a, b in zip(each, entries, strict=True))
                for each in slopes
            ):
                return UnknownSlope(len(sides) - 1, "slope_of_a_part")
        return None

    def is_no_slope(self, name: str, figures: Node, chain: EquationChain, run: WritersRun) -> bool:
        """Tell whether figures put in for a derivative are none that its formulas have here."""
        parts = derivative_parts(name)
        return parts is not None and bool(self._wrong_figures(chain, [[figures]], run, *parts))

    def note_slip(self, wrong: WrongPart, line: int) -> int:
        """Note a slip in a derivative; return the line of the first of its formula that has it."""
        is_multiple = not MULTIPLES.isdisjoint(wrong.slips)
        return self._slips.setdefault((wrong.line, wrong.slips), line) if is_multiple else line

    def _of_its_formulas(
        self, chain: EquationChain, run: WritersRun, stated: str, variable: str
    ) -> Iterator[tuple[str, int, SlopeQuestion]]:
        """Yield each formula of a name, by its own name and line, as what may be derived.

        Raises OpenSlopeError where nobody knows whether they hold here.
        """
        if f"{stated}({variable})" in self._formulas:
            stated = f"{stated}({variable})"
        entries = self._entries(chain, run, stated)
        names = [entries[stated]] if stated in entries else [stated]
        if stated == LOSS:
            names = [n for n in self._formulas if is_loss(n)]
        formulas = self._with_entries(self._formulas_for(chain, names, run), entries, run, variable)
        for name in names:
            for formula in self._formulas.get(name, ()):
                for tree in formula.readings or (None,):
                    known = {**formulas, name if stated in entries else stated: tree}
                    bound = self._names_bound(stated, known, run)
                    yield name, formula.line, SlopeQuestion(known, run, stated, variable, bound)

    def _of_the_run(
        self, chain: EquationChain, run: WritersRun, stated: str, variable: str
    ) -> Iterator[tuple[str, int, SlopeQuestion]]:
        """Yield the derivative of a quantity of the run, whose formula the document leaves out.

        Raises OpenSlopeError where the names are none of the run's quantities.
        """
        if self._view is None:
            raise OpenSlopeError
        trees = [side.tree for side in chain.sides]
        written = {stated, variable, *(n for tree in trees if tree for n in names_in(tree))}
        found = {name: self._view.spots(name, is_target=False) for name in written}
        own = {name: spots[0] for name, spots in found.items() if spots}
        if stated not in own or variable not in own:
            raise OpenSlopeError
        known: dict[str, Node | None] = {
            name: Name(quantity) for name, (quantity, _) in own.items() if name != quantity
        }
        in_run, waiting = WritersRun(), [quantity for quantity, _ in own.values()]
        while waiting:
            name = waiting.pop()
            value = None if in_run.known_value(name) else self._view.value((name, ()), 1)
            if value is not None:
                in_run.state(name, value)
            if value is not None and self._view.phase((name, ())) == "forward":
                formula = next(iter(self._view.formulas((name, ()))), None)
                known[name] = formula
                waiting += () if formula is None else names_in(formula)
        for name, (quantity, index) in own.items():
            place = in_run.entry_place(name)
            if index and (place is None or (place[0], tuple(place[1])) != (quantity, index)):
                raise OpenSlopeError  # nobody knows from which number its entries count
        above, below = (name if own[name][1] else own[name][0] for name in (stated, variable))
        moved = array_of_names(variable, in_run) if own[variable][1] else (below, None)
        if moved is None:
            raise OpenSlopeError
        known.pop(below, None)
        known.update([moved] if moved[1] else [])
        yield stated, 0, SlopeQuestion(known, in_run, above, below)

    def _through_the_next(
        self, chain: EquationChain, run: WritersRun, stated: str, variable: str
    ) -> Iterator[tuple[str, int, SlopeQuestion]]:
        """Yield the derivative of a loss through all formulas that lead there in one step.

        Raises OpenSlopeError where one is not known, or the derivative by what it is of; and for
        what is no loss: nobody knows what that is made of.
        """
        if stated != LOSS:
            raise OpenSlopeError
        place, known = run.entry_place(variable), run.known_value(variable)
        ends = {variable, place[0]} if place else {variable}
        is_array = known is not None and not isinstance(known.printed, Interval)
        leading = {
            name: formula
            for name, each in self._formulas.items()
            for formula in each
            if formula.tree is None or not ends.isdisjoint(names_in(formula.tree))
        }
        formulas = self._formulas_for(chain, [*leading], run)
        if not leading or any(is_loss(name) for name in leading):
            raise OpenSlopeError
        if any(formulas[name] is None for name in leading):
            raise OpenSlopeError
        gradients: dict[str, Value] = {}
        terms: list[Node] = []
        for number, name in enumerate(leading, 1):
            short, result = f"d{name}", run.known_value(name)
            above = [
                *self._names_of(f"d{stated}/d{name}"),
                *([short] if stated == LOSS else []),
                *([DELTA] if len(leading) == 1 and (is_array or place) else []),
            ]  # δ alone may be of anything
            above.sort(key=lambda each: run.known_value(each) is None)
            known = run.known_value(above[0])
            value = known.printed if known else Interval(SOME_SLOPE / number)
            if (is_array and not (known and result)) or (
                result is not None and not have_one_shape(result.printed, value)
            ):
                raise OpenSlopeError
            gradients.update(dict.fromkeys(above, value))
            term = Call("multiply", (Name(above[0]), Name(name)), sign="⊙")
            terms.append(term if isinstance(value, Interval) else Call("sum", (term,)))
        total = reduce(lambda one, other: Call("add", (one, other)), terms)
        entries = self._entries(chain, run, stated)
        formulas = {**self._with_entries(formulas, entries, run, variable), stated: total}
        name, formula = next(iter(leading.items()))
        yield name, formula.line, SlopeQuestion(formulas, run, stated, variable, stated=gradients)


def _is_before(sign: int, term: Node, name: str, own: KnownValue | None) -> bool:
    """Tell whether a term of an update is the name itself, of any index or step, or its value."""
    if isinstance(term, Name):
        return sign > 0 and term.id.rstrip(DIGITS) == name.rstrip(DIGITS)
    value = value_or_none(term)
    return (
        isinstance(value, Interval)
        and own is not None
        and Interval(sign * value.low) == own.printed
    )


def _doubt_of_step(
    sign: int, step: Node, own: KnownValue | None, gradients: Sequence[str], run: WritersRun
) -> WhyUnknown | None:
    """Return why a term beside a name may be no step of it, which is -η·g; None if it is one.

    The rate may multiply nothing: `w - η/g`, `w - (η + g)`, `w - g`. The step may go uphill. One of
    two figures may have been stated nowhere, where the other one is the rate or the gradient; of a
    gradient that is older than the name's value there may be another one.
    """
    stated, (turned, factors) = dict(run.named_values()), signed_factors(step)
    rates = [known for each, known in stated.items() if role_of(each) == "rate"]
    slopes = [stated[each] for each in gradients if each in stated and not stated[each].error_line]
    above = [factor for side, factor in factors if side > 0]
    is_bare = getattr(step, "id", "") in gradients
    if (is_bare and rates) or [role_of(getattr(each, "id", "")) for each in above] == ["rate"]:
        return "idle_rate"
    if names_in(step):
        is_of_them = not {*gradients}.isdisjoint(names_in(step))
        return "adds_the_gradient" if is_of_them and sign * turned > 0 else None
    added, numbers = value_or_none(step), numbers_in(step)
    lows = [known.printed.low for known in slopes if isinstance(known.printed, Interval)]
    if isinstance(added, Interval) and any(
        sign * added.low * low > 0 and abs(low) in {number.value for number in numbers}
        for low in lows
    ):
        return "adds_the_gradient"
    slopes = [each for each in slopes if own is not None and each.line >= own.line]
    if not (rates and slopes and len(factors) == len(numbers) == 2):
        return None
    halves = [half_place(number) or Fraction(0) for number in numbers]
    known_figures, meant_figures = (
        [is_one_of(each.value, values, half) for each, half in zip(numbers, halves, strict=True)]
        for values in (run.all_values(), [*rates, *slopes])
    )
    return "stated_nowhere" if any(meant_figures) and not all(known_figures) else None
