"""The derivatives that a document states, held against the formulas that it states.

`L = (p - y)²` says what `∂L/∂p` is, whatever the names are worth: the formula that stands for the
derivative is held against the slope of the other one at chosen numbers (`slopes`), which says
whether it is one (`derivative_slips`). Figures that stand in it for a name's value prove nothing.
Nor does what differs where words beside the derivative may say of what part it is.

Of `z = W x` and δ = ∂L/∂z the derivative ∂L/∂x is Wᵀδ, whatever the loss is: what a small change of
each entry does to z, times δ. Where no array has a value, it is so at imagined ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from fractions import Fraction
from functools import cached_property, reduce
from typing import Final

from tracer.check.bind.hypotheses import as_identity, is_near_definition
from tracer.check.bind.worlds import WritersRun
from tracer.check.compare.bounded_values import (
    ROUNDED_SHARE,
    KnownValue,
    coarsest_place,
    have_one_shape,
    relative_width,
)
from tracer.check.compare.canonical_trees import slope_of
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.derivative_slips import (
    DELTA,
    Readings,
    ShownSlope,
    SlopeAnswer,
    UnknownSlope,
    slopes_at,
    smooth_readings,
    with_what_is_missing,
    wrong_part_of,
)
from tracer.check.judge.evidence import WrongPart
from tracer.check.judge.imagined_arrays import ImaginedArrays, is_of_arrays, turned
from tracer.check.judge.index_notation import WholeArrays
from tracer.check.judge.side_readings import function_and_inputs
from tracer.check.judge.slopes import (
    NEAR,
    OpenSlopeError,
    SlopePlace,
    SlopeQuestion,
    WhyUnknown,
    is_smooth,
    mean_entries,
    names_below,
)
from tracer.check.judge.stated_formulas import (
    LOSS,
    PRIMED,
    StatedFormula,
    StatedFormulas,
    array_of_names,
    derivative_parts,
    head_of,
    puts_in_values,
)
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import calls_in, names_in, negate, rewrite, rewrite_calls
from tracer.check.slips.rewriting import is_call
from tracer.check.slips.single_changes import OPERATIONS_LEFT_OUT, single_changes
from tracer.check.trace.aliases import APPLIED, derivative_of, is_loss, name_of
from tracer.errors import LimitError
from tracer.expression.pratt_parser import literal_value
from tracer.expression.syntax import Call, Name, Node
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value, value_or_none
from tracer.run.interpret import shape_of

GROWN: Final = 10  # times the rounding of one figure that of what is made of several may be
MOST_FORMULAS: Final = 32  # that lead from what is derived by to the nearest derivatives
PRIMES: Final = frozenset("'′’")
FUNCTIONS: Final = frozenset(("sigmoid", "tanh"))
SOME_SLOPE: Final = Fraction(37, 100)  # stands for one that has no value
Questions = Iterator[tuple[str, int, SlopeQuestion]]
"""What may be derived: by its own name, with the line of its formula."""


def answer_on(
    formulas: StatedFormulas,
    chain: EquationChain,
    target: str | None,
    sides: Readings,
    run: WritersRun,
) -> SlopeAnswer | None:
    """Return what is known of the formulas of a chain that is of a derivative.

    None where there is none, or where nothing that is stated can be compared with it.
    """
    if formulas.are_left_out(chain):
        return None
    # `d/dx (x²)` says itself what it is the derivative of.
    operated = next((side for side in reversed(chain.sides) if side.derivand), None)
    firsts = [operated.tree] if operated else [Name(target or ""), *(r[0] for r in sides[1:] if r)]
    heads = [each.id for each in firsts if isinstance(each, Name)]
    named = next(filter(None, map(derivative_parts, heads)), None)  # also of `δ = ∂L/∂z = …`
    if operated is not None and named:
        readings = [formulas.with_letters(each, run) for each in smooth_readings(operated.derivand)]
        one = StatedFormula(tuple(readings), chain.place.line, chain.headings, is_guess=False)
        formulas.add(named[0], one, run)
    further = formulas.with_layers({*heads, *(n for r in sides[1:] if r for n in names_in(r[0]))})
    if target and further.are_under_heading([target], chain):
        named = named or further.given_to(target)
    parts = named or further.short_form(target or "", run)
    meant = [derivative_parts(name_of(each[0]) or "") for each in sides[1:] if each]
    if parts is None or all(each == parts for each in meant):  # `g = ∂L/∂z` gives it a name
        return None
    is_told = chain.is_qualified and operated is None
    if chain.qualified_by == "place":  # `at w = 2`; what no formula has tells another case, `y = 0`
        names = {name for _, tree in further.trees() for name in names_in(tree)}
        is_told &= not names.issuperset(run.given_at(chain.place.line))
    wording = Wording(bool(named), is_told, bool(PRIMED.fullmatch(heads[0])))
    sides = [sides[0], *([formulas.with_letters(e, run) for e in each] for each in sides[1:])]
    answer = StatedDerivative(further, chain, sides, run, parts, wording).likeliest_answer()
    formulas.has_short_gradients |= further.has_short_gradients
    if operated is not None and isinstance(answer, WrongPart):
        match operated.derivand[0]:
            case Call(operation=function, arguments=(Name() as name,)):  # σ may be any other
                slope, tree = slope_of(function, name), sides[answer.position][0]
                return answer if slope and is_near_slope(slope, tree, name) else None
    return answer


def answer_on_identity(chain: EquationChain, sides: Readings) -> SlopeAnswer | None:
    """Return whether formulas of one number, none of them its name, are one at any value of it.

    Others may be an equation to be solved, or σ another function; but the definition of a function
    of the table, or the slope of a function of a name, `σ'(z)`, with one sign changed is a slip.
    Products of several may not commute. None where nobody can say.
    """
    trees = [each[0] for each in sides if each]
    names = {name for tree in trees for name in names_in(tree)}
    if (
        len(names) != 1
        or isinstance(trees[0], Name)
        or len(trees) < len(sides)
        or not chain.is_certain
        or not all(names_in(each) and is_smooth(each) for each in trees)
        or any(map(is_of_arrays, trees[1:]))
        or "transpose_last" in trees[0].content.operations
        or any(side.relation != "=" for side in chain.sides[1:])
    ):
        return None
    (name,) = map(Name, names)
    agreements = [as_identity(trees[0], each) for each in trees[1:]]
    worst = max(agreements)
    if worst is Agreement.HOLDS:  # also below 0: √x² is no x
        first, *others = (
            rewrite(tree, lambda each: negate(name) if each == name else each) for tree in trees
        )
        below = [as_identity(first, each) for each in others]
        return None if Agreement.DIFFERS in below else ShownSlope()
    wrong = 1 + agreements.index(worst)
    head, tree = trees[0], trees[wrong]
    is_slope = not PRIMES.isdisjoint(chain.sides[0].written.text)
    if is_near_definition(head, tree) or (is_slope and is_near_slope(head, tree, name)):
        return WrongPart(wrong, tree, None, "derivative")
    return None


def is_near_slope(slope: Node, tree: Node, name: Name) -> bool:
    """Tell whether a tree is the slope of a sigmoid or tanh of a name but for a sign or square."""
    calls = [*calls_in(slope, FUNCTIONS)]
    changes = [each.whole for each in single_changes(tree, (), has_roots=False)]
    changes.append(rewrite_calls(tree, OPERATIONS_LEFT_OUT["square_left_out"], FUNCTIONS))
    return any(slope == slope_of(each.operation, name) for each in calls) and any(
        as_identity(slope, each) is Agreement.HOLDS for each in (negate(tree), *changes)
    )


def is_no_slope(
    formulas: StatedFormulas, name: str, figures: Node, chain: EquationChain, run: WritersRun
) -> bool:
    """Tell whether figures put in for a derivative are none that its formulas have here."""
    parts = derivative_parts(name)
    if parts is None:
        return False
    return StatedDerivative(formulas, chain, [[figures]], run, parts).wrong_figures() is not None


class Wording(Frozen):
    """How a derivative is told of: whether it is written as one, what words say of it.

    `is_told` tells that they say what it is of, `is_of_function` that it is `f'(x)`.
    """

    is_named: bool = True
    is_told: bool = False
    is_of_function: bool = False


class StatedDerivative:
    """A derivative that a chain states: of one name by another one, its `parts`.

    `sides` are the readings of the chain's sides.
    """

    def __init__(
        self,
        formulas: StatedFormulas,
        chain: EquationChain,
        sides: Readings,
        run: WritersRun,
        parts: tuple[str, str],
        wording: Wording = Wording(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self._formulas, self._chain, self._run = formulas, chain, run
        self._sides: Final = sides
        self._of, self._by = parts
        self._wording: Final = wording
        self._trees: Final = [trees[0] for trees in sides[1:] if trees]

    def _with(
        self, formulas: StatedFormulas, sides: Readings, run: WritersRun, by: str
    ) -> StatedDerivative:
        parts = self._of, by
        return StatedDerivative(formulas, self._chain, sides, run, parts, self._wording)

    @cached_property
    def _forward(self) -> Mapping[str, Node]:
        return self._formulas.forward_formulas(self._run)

    @property
    def has_values(self) -> bool:
        """Whether some name of the derivative has a value, or of what it may be derived from."""
        names = {self._by}.union(*map(names_in, self._trees))
        return any(map(self._run.known_value, names_below(names, self._forward)))

    @property
    def has_arrays(self) -> bool:
        """Whether signs or letters of the formulas are those of arrays."""
        return any(map(is_of_arrays, (*self._trees, *self._forward.values())))

    def likeliest_answer(self) -> SlopeAnswer | None:
        """Return the answer at the stated values, else in the likeliest arrays, else in numbers."""
        if self.has_values and not isinstance(answer := self.answer(), UnknownSlope):
            return answer
        in_arrays = [*self.answers_in_arrays()]
        answers = in_arrays or [self.answer()]
        shown = next((each for each in answers if isinstance(each, ShownSlope)), None)
        if shown and not in_arrays and self.has_arrays:
            return None  # numbers show it for arrays of one entry
        return shown or answers[0]

    def answers_in_arrays(self) -> Iterator[SlopeAnswer | None]:
        """Yield the answer for each way to read names as arrays, where these have no values.

        A formula is wrong where it is the derivative neither of what stands above nor by what the
        gradients in it are, whatever they are made of.
        """
        run, trees = self._run, self._trees
        if not all(map(names_in, trees)):
            return
        own = ((self._by, tree) for tree in (Name(self._by), *trees))
        arrays = WholeArrays([*own, *self._formulas.trees()])
        variable, whole = arrays.name(self._by), self._formulas.of_whole_arrays(arrays)
        read = (arrays.formula(each, f"d/d{self._by}") for each in trees)
        meant = [each for each in read if each is not None]
        formulas = whole.forward_formulas(run)
        names = names_below({variable}.union(*map(names_in, meant)), formulas)
        if (
            not (arrays.axes or self.has_arrays)
            or len(meant) < len(trees)
            or all(map(run.known_value, names))
        ):
            return
        shapes = ((name, shape_of(each.printed)) for name, each in run.named_values())
        ranks = {name: sum(size > 1 for size in shape) for name, shape in shapes}
        imagined = ImaginedArrays(
            formulas,
            ranks | arrays.ranks(),
            lambda name: whole.gradient_parts(name, run),
            arrays.numbers(),
        )
        starts = [name for name, tree in formulas.items() if variable in names_in(tree)]
        starts += filter(is_loss, formulas) if self._of == LOSS else [self._of]
        for values, is_turned in imagined.values(starts, meant, variable):
            slopes = {name for name in values if whole.gradient_parts(name, run)}
            without_slopes = {
                name: value
                for name, value in values.items()
                if slopes.isdisjoint(names_below({name}, formulas))
            }
            sides = [self._sides[0], *([turned(each) if is_turned else each] for each in meant)]
            # Where derivatives stand in it, what was said of these may be wrong.
            is_local = not slopes.isdisjoint(name for tree in meant for name in names_in(tree))
            there, through = (
                self._with(whole, sides, run.with_values(each, imagined=each), variable)
                for each in (without_slopes, values)
            )
            asked = through if is_local else there
            answer = asked.answer(is_local=is_local)
            self._formulas.has_short_gradients |= whole.has_short_gradients
            if is_local and not isinstance(answer, ShownSlope):
                is_right = all(there.first_right(each) for each in sides[1:])
                answer = ShownSlope() if is_right else answer
            if isinstance(answer, ShownSlope):
                yield UnknownSlope(1, "turned") if is_turned else answer
            elif isinstance(answer, WrongPart):
                yield self._wrong_in_arrays(answer, asked, meant, imagined, starts, values, slopes)
            else:
                yield answer

    def _wrong_in_arrays(
        self,
        wrong: WrongPart,
        asked: StatedDerivative,
        trees: Sequence[Node],
        imagined: ImaginedArrays,
        starts: Sequence[str],
        values: Mapping[str, KnownValue],
        slopes: Set[str],
    ) -> SlopeAnswer:
        """Return what is wrong in a derivative, unless another layout or special data mend it.

        `asked` is the derivative at the imagined `values`, of `trees`, the formulas of arrays.
        """
        node, tree = self._trees[wrong.position - 1], trees[wrong.position - 1]
        is_local = not slopes.isdisjoint(names_in(tree))
        if asked.first_right([_with_turned(tree, slopes)], is_local=is_local):
            return UnknownSlope(wrong.position, "turned")
        for special in imagined.special(starts, values, asked._by):
            run = self._run.with_values(special, imagined=special)
            other = asked._with(asked._formulas, asked._sides, run, asked._by)
            if other.first_right(asked._sides[wrong.position], is_local=is_local):
                return UnknownSlope(wrong.position, "special_data")
        fitting = (
            each for each in _rearrange_product(node) if imagined.fits(starts, each, asked._by)
        )
        missing = with_what_is_missing(node, wrong.slips)
        mended = missing or asked.first_right(fitting, is_local=is_local)
        return replace(wrong, node=node, mended=mended)

    def first_right(self, trees: Iterable[Node], *, is_local: bool = False) -> Node | None:
        """Return the first of some formulas that is shown to be the derivative, if any."""
        trees = [*trees]
        ways = (self._of_its_formulas(), self._through_the_next())
        for questions in ways[1:] if is_local else ways:
            with suppress(OpenSlopeError):
                for _, _, question in questions:
                    formulas = [tree for tree in question.formulas.values() if tree is not None]
                    has_kinks = not all(map(is_smooth, formulas))
                    there = replace(question, has_kinks=has_kinks)
                    at = SlopePlace(there, question.points[0])
                    fitting = next(filter(at.is_known_slope, trees), None)
                    if fitting is not None:
                        return fitting
        return None

    def answer(self, *, is_local: bool = False) -> SlopeAnswer | None:
        """Return what is known of the formulas that stand for the derivative.

        Where that `is_local`, it is so by what the derivatives are that stand in them.
        """
        answer: SlopeAnswer | None = None
        whys: list[WhyUnknown] = []
        is_shown = False  # by formulas that figures were taken for
        formulas, trees = self._formulas, self._trees
        later = formulas.with_later_formulas(self._run)
        below = self._with(later, self._sides, self._run, self._by)
        ways = (
            (self, self._of_its_formulas()),
            (self, self._of_the_run()),
            (self, self._through_the_next()),
            (below, below._of_its_formulas()),
        )
        for holder, questions in ways[2:3] if is_local else ways:
            try:
                wrong, guess = holder._unanswered_formula(questions)
            except OpenSlopeError as doubt:
                whys.append(doubt.why)
                continue
            is_open = self._wording.is_told or not self._chain.is_certain
            is_open |= not (self._wording.is_named or formulas.has_short_gradients)
            answer, is_shown = wrong, wrong is None
            # A factor beside a gradient tells it from a differential, `dc = g di`.
            formulas.has_short_gradients |= is_shown and any(
                each[0] != "d" for tree in trees for each in names_in(tree)
            )
            if wrong is not None and (guess or is_open):
                answer = UnknownSlope(wrong.position, guess or "slope_of_a_part")
            if guess is None or (is_shown and guess == "formula_of_another_example"):
                return answer or ShownSlope()
        if not isinstance(answer, UnknownSlope):
            answer = self.wrong_figures() or answer
        # Who works in figures that nobody can name leaves no formula to compare with.
        sides = enumerate(self._sides)
        at = next((at for at, each in sides if at and each and names_in(each[0])), 0)
        if answer is not None or is_shown or formulas.are_in_figures or not at:
            return answer
        if "slope_of_a_part" in whys:
            return UnknownSlope(at, "slope_of_a_part")
        # Figures show something of themselves; what is made of derivatives alone is the chain rule,
        # and of a function of nothing that is stated, `f'(x)`, any rule may be told.
        is_rule = all(map(derivative_of, names_in(trees[0]))) or self._wording.is_of_function
        in_symbols = all(map(names_in, trees)) and formulas.is_used(self._by)
        return UnknownSlope(at, "not_compared") if in_symbols and not is_rule else None

    def _unanswered_formula(
        self, questions: Questions
    ) -> tuple[WrongPart | None, WhyUnknown | None]:
        """Return the formula of the chain that answers none of some questions, if one answers none.

        With it stands why the formulas that lead there prove nothing: some are guessed by figures,
        or may be of another example.
        Raises OpenSlopeError where nobody knows.
        """
        parts: list[WrongPart] = []
        doubt: OpenSlopeError | None = None
        guess: WhyUnknown | None = None
        trees = [tree for tree in self._trees if names_in(tree)]
        for name, line, question in questions if trees else ():
            there = {name}.union(*map(names_in, trees))
            led = names_below(there, {**question.formulas, question.variable: None})
            led -= {question.variable}
            is_here = self._formulas.are_under_heading(led, self._chain)
            in_figures = any(
                each.is_guess for n in led & {*question.formulas} for each in self._formulas.of(n)
            )
            if not is_here and (in_figures or question.is_partial):
                doubt = OpenSlopeError()
                continue
            if question.is_partial:
                guess = "slope_of_a_part"
            elif in_figures:
                guess = "formula_in_figures"
            elif guess is None and not (is_here or puts_in_values(self._chain, question.run)):
                guess = "formula_of_another_example"
            try:
                part = wrong_part_of(self._chain, self._sides, question)
            except OpenSlopeError as open_:
                doubt = open_
                continue
            if part is None:
                return None, guess
            other = name if question.stated else ""
            parts.append(replace(part, name=name, line=line, other=other))
            if any(each.is_presumed for n in led for each in self._formulas.of(n)):
                guess = guess or "slope_of_a_part"
        if doubt is not None or not parts:
            raise doubt or OpenSlopeError
        return max(reversed(parts), key=lambda part: len(part.slips)), guess

    # Figures ----------------------------------------------------------------------------------

    def _at_figure(self) -> tuple[StatedDerivative, Value | None]:
        """Return the derivative of `f(x)` by x, and 2, for that of `f(2)`; else this one."""
        try:
            size = literal_value(self._by.removeprefix("-"))
        except (ValueError, LimitError):
            return self, None
        head = self._of.partition("(")[0] + "("
        names = [each for each in self._formulas.names if each.startswith(head) and each[-1] == ")"]
        if len(names) != 1:
            return self, None
        place = Interval(-size if self._by[0] == "-" else size)
        parts = names[0], names[0][len(head) : -1]
        return StatedDerivative(self._formulas, self._chain, self._sides, self._run, parts), place

    def wrong_figures(self) -> UnknownSlope | None:
        """Return the figures of the chain that are no slope at the stated values, of any formula.

        Nobody sees which rule they were put in for, so it is open what they are.
        """
        figures = value_or_none(self._sides[-1][0]) if self._sides[-1] else None
        general, place = self._at_figure()
        known_value = self._run.known_value(general._by)
        moved = place if known_value is None or place is not None else known_value.printed
        if figures is None or moved is None:
            return None
        unit, entries = coarsest_place(self._sides[-1][0]), mean_entries(figures)
        if len(entries) != len(mean_entries(moved)):
            return None
        with suppress(OpenSlopeError):
            questions = [*general._of_its_formulas()] or general._through_the_next()
            all_slopes = (
                slopes_at(question, moved)
                for name, _, question in questions
                if self._formulas.are_under_heading([name], self._chain)
            )
            most = None if place is None else 1  # `f'(2)` is no derivative of a part
            slopes = (each for slope in all_slopes for each in itertools.islice(slope, most))
            values = (value for _, value in self._run.named_values() if not value.is_given)
            widths = (relative_width(value.bounds) for value in values)
            # By which rounding may have changed it.
            share = max(NEAR, min(ROUNDED_SHARE, GROWN * max(widths, default=ROUNDED_SHARE)))
            fitting = (
                all(abs(a - b) <= unit + share * abs(a) for a, b in zip(each, entries, strict=True))
                for each in slopes
                if len(each) == len(entries)  # else it is of another quantity
            )
            if not next(fitting, True) and not any(fitting):
                return UnknownSlope(len(self._sides) - 1, "slope_of_a_part")
        return None

    # What may be derived ----------------------------------------------------------------------

    def _of_its_formulas(self) -> Questions:
        """Yield each formula of the name as what may be derived.

        Raises OpenSlopeError where nobody knows whether they hold here.
        """
        holder, run, by = self._formulas, self._run, self._by

        def is_here(name: str) -> bool:
            return holder.are_under_heading([name], self._chain)

        applied = ((each, function_and_inputs(each)) for each in holder.names)
        of_inputs = [each for each, of in applied if of and of[0] == self._of and by in of[1]]
        stated = [each for each in (*of_inputs, self._of) if each in holder.names]
        # Of `f(x)` and `f(x, y)` it is the first.
        of = min(stated, key=lambda each: (not is_here(each), len(each)), default=self._of)
        entries = holder.entries(self._chain, run, of)
        names = [entries.get(of, of)]
        if of == LOSS:
            names = [*filter(is_loss, holder.names)]
            names = [each for each in names if head_of(each) == self._chain.loss] or names
        here = holder.formulas_for(self._chain)
        meant = [each for each in holder.trees_of(by) if isinstance(each, Call)]

        def with_variable(tree: Node | None) -> Node | None:  # z in `σ(w x + b)`
            if tree is None or not meant:
                return tree
            return rewrite(tree, lambda part: Name(by) if part in meant else part)

        formulas = {
            name: tree if name == by else with_variable(tree)
            for name, tree in holder.with_entries(here, entries, run, by).items()
        }
        held = {name: holder.under_heading(name, self._chain) for name in names}
        if not any(held.values()):
            held = {name: holder.of(name) for name in names}
            if len({one.tree for own in held.values() for one in own}) > 1:
                raise OpenSlopeError  # each of another example
        for name, formula in ((name, one) for name, own in held.items() for one in own):
            for tree in self._with_functions(formula.readings) or (None,):
                own = name if of in entries else of
                all_formulas = {**formulas, own: with_variable(tree)}
                bound = holder.names_bound(of, all_formulas, run)
                yield name, formula.line, SlopeQuestion(all_formulas, run, of, by, bound)

    def _with_functions(self, readings: Sequence[Node]) -> Sequence[Node]:
        """Return the readings in which `F(x)` is a function, where some formula says what it is."""
        stated = {*self._formulas.names}
        functions = [stated & {*filter(APPLIED.fullmatch, names_in(each))} for each in readings]
        most = max(map(len, functions), default=0)
        return [each for each, names in zip(readings, functions, strict=True) if len(names) == most]

    def _of_the_run(self) -> Questions:
        """Yield the derivative of a quantity of the run, whose formula the document leaves out.

        Raises OpenSlopeError where the names are none of the run's quantities.
        """
        view = self._formulas.view
        if view is None:
            raise OpenSlopeError
        trees = [side.tree for side in self._chain.sides]
        names = {self._of, self._by, *(n for tree in trees if tree for n in names_in(tree))}
        spots_by_name = {name: view.spots(name, is_target=False) for name in names}
        own = {name: spots[0] for name, spots in spots_by_name.items() if spots}
        if self._of not in own or self._by not in own:
            raise OpenSlopeError
        formulas: dict[str, Node | None] = {
            name: Name(quantity) for name, (quantity, _) in own.items() if name != quantity
        }
        in_run, waiting = WritersRun(), [quantity for quantity, _ in own.values()]
        while waiting:
            name = waiting.pop()
            value = None if in_run.known_value(name) else view.value((name, ()), 1)
            if value is not None:
                in_run.state(name, value)
            if value is not None and view.phase((name, ())) == "forward":
                formula = next(iter(view.formulas((name, ()))), None)
                formulas[name] = formula
                waiting += () if formula is None else names_in(formula)
        for name, (quantity, index) in own.items():
            place = in_run.entry_place(name)
            if index and (place is None or (place[0], tuple(place[1])) != (quantity, index)):
                raise OpenSlopeError  # nobody knows from which number its entries count
        above, below = (name if own[name][1] else own[name][0] for name in (self._of, self._by))
        moved = array_of_names(self._by, in_run) if own[self._by][1] else (below, None)
        if moved is None:
            raise OpenSlopeError
        formulas.pop(below, None)
        formulas.update([moved] if moved[1] else [])
        yield self._of, 0, SlopeQuestion(formulas, in_run, above, below)

    def _through_the_next(self) -> Questions:
        """Yield the derivative of a loss through all formulas that lead there in one step.

        Where derivatives stand in the chain, that is through what these are by.
        Raises OpenSlopeError where one is not known, or the derivative by what it is of; and for
        what is no loss: nobody knows what that is made of.
        """
        if self._of != LOSS:
            raise OpenSlopeError
        holder, run, by = self._formulas, self._run, self._by
        place, known_value = run.entry_place(by), run.known_value(by)
        is_array = known_value is not None and not isinstance(known_value.printed, Interval)
        first = self._made_of({by, place[0]} if place else {by})
        leading = self._up_to_slopes(first) or first
        formulas = {
            name: tree
            for name, tree in holder.formulas_for(self._chain).items()
            if not self._came_before(name, [by])
        }
        if not leading or any(map(is_loss, leading)):
            raise OpenSlopeError
        if any(formulas.get(name) is None for name in leading):
            raise OpenSlopeError
        gradients: dict[str, Value] = {}
        terms: list[Node] = []
        parts = {n for name in leading if (tree := formulas[name]) for n in names_in(tree)}
        inner = leading.keys() & names_below(parts, formulas)
        for number, name in enumerate(leading, 1):
            result = run.known_value(name)
            # δ alone may be of anything
            delta = [DELTA] if len(leading) == 1 and (is_array or place) else []
            above = [*holder.names_of(f"d{LOSS}/d{name}"), f"d{name}", *delta]
            above.sort(key=lambda each: run.known_value(each) is None)
            known_value = run.known_value(above[0])
            value = known_value.printed if known_value else Interval(SOME_SLOPE / number)
            if (is_array and not (known_value and result)) or (
                result is not None and not have_one_shape(result.printed, value)
            ):
                raise OpenSlopeError
            gradients.update(dict.fromkeys(above, value))
            # h₁ does not move in h₂ = w h₁ + w x₂: what it does there is in ∂L/∂h₁.
            own = formulas[name] if name in inner and not is_array else None
            term = Call("multiply", (Name(above[0]), own or Name(name)), sign="⊙")
            terms.append(term if isinstance(value, Interval) else Call("sum", (term,)))
        total = reduce(lambda one, other: Call("add", (one, other)), terms)
        entries = holder.entries(self._chain, run, LOSS)
        formulas = {**holder.with_entries(formulas, entries, run, by), LOSS: total}
        question = SlopeQuestion(formulas, run, LOSS, by, stated=gradients)
        is_partial = any(is_loss(each) and not holder.has(each) for each in holder.names)
        name, formula = next(iter(leading.items()))
        yield (
            name,
            formula.line,
            replace(question, held=frozenset(inner), is_partial=is_partial),
        )

    def _made_of(self, ends: set[str]) -> dict[str, StatedFormula]:
        """Return the formulas that have one of some names, by what they are of.

        A gradient, and what is worked out of one, leads to no loss. Nor does a loss that was not
        read show what leads to it, nor figures that were worked out before the names were.
        """
        holder = self._formulas
        return {
            name: formula
            for name in holder.names
            if name not in ends and not holder.gradient_parts(name, self._run)
            if holder.has(name) or not is_loss(name)
            if not self._came_before(name, ends)
            for formula in holder.of(name)
            for names in [names_in(formula.tree) if formula.tree else ends]
            if not (ends.isdisjoint(names) or any(map(derivative_of, names)))
        }

    def _came_before(self, name: str, others: Collection[str]) -> bool:
        """Tell whether a name was worked out in figures before others: it is not made of them."""
        lines, *firsts = ([each.line for each in self._formulas.of(n)] for n in (name, *others))
        is_before = bool(lines) and all(firsts) and max(lines) < min(map(min, firsts))
        return is_before and not self._formulas.has(name)

    def _up_to_slopes(self, leading: Mapping[str, StatedFormula]) -> dict[str, StatedFormula]:
        """Return the formulas that some lead to, up to those by which the chain has derivatives.

        None where another one leads to the loss.
        """
        written = {name for tree in self._trees for name in names_in(tree)}
        reached: dict[str, StatedFormula] = {}
        waiting = [*leading.items()]
        for name, formula in waiting:
            slopes = {f"d{name}", *self._formulas.names_of(f"d{LOSS}/d{name}")}
            if not slopes.isdisjoint(written):
                reached[name] = formula
                continue
            beyond = self._made_of({name})
            if not beyond or len(waiting) > MOST_FORMULAS:
                return {}
            waiting += beyond.items()
        return reached


def _rearrange_product(tree: Node) -> Iterator[Node]:
    """Yield a product of two with factors turned, then also in the other order."""
    factors = [(each, _other_way(each)) for each in tree.children()]
    pairs = [*itertools.product(*factors)] if is_call(tree, "multiply", "matmul") else []
    for pair in (*pairs, *((right, left) for left, right in pairs)):
        yield Call("multiply", pair, start=tree.start, end=tree.end, sign=" ")


def _with_turned(tree: Node, slopes: Collection[str]) -> Node:
    """Return a formula in the other layout: its derivatives turned, and what they give."""
    return turned(rewrite(tree, lambda each: turned(each) if name_of(each) in slopes else each))


def _other_way(factor: Node) -> Node:
    """Return an array with rows and columns exchanged: one that is turned as it was."""
    return factor.children()[0] if is_call(factor, "transpose_last") else turned(factor)
