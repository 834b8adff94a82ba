"""Is a difference between two sides the writer's, or may the sides have been read wrongly?

Reading says of a chain what speaks against its extent and its signs. Here is what can only be
seen with values at hand. Each condition is a row of one table; a difference is a slip only where
none of them speaks against it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import chain, takewhile
from typing import Final, Literal

from tracer.check.arithmetic.figures import figure, literal_figure
from tracer.check.bind.worlds import ELSEWHERE, WRITTEN_ENTRY, WritersWorld
from tracer.check.compare.bounded_values import (
    FINE_PLACE,
    LEAST_DIGITS_PUT_IN,
    KnownValue,
    around,
    do_meet,
    entries_of,
    half_place,
    is_one_of,
    is_result,
    is_telling,
    largest_entry,
    last_place,
    widen,
    zeros_at_end,
)
from tracer.check.compare.canonical_trees import slope_of
from tracer.check.compare.side_comparison import ARITHMETIC, SideComparison
from tracer.check.compare.value_comparison import Agreement, ValueComparison
from tracer.check.judge.chain_work import OTHER_FORMS, ChainWork
from tracer.check.judge.evidence import AGREED
from tracer.check.judge.explaining_slips import NET_INPUTS, stem_of
from tracer.check.judge.slopes import WhyUnknown
from tracer.check.model.statements import Relation
from tracer.check.model.written_trees import (
    calls_in,
    entries_in,
    is_literal,
    names_in,
    numbers_in,
    regroup_quotients,
    rename_calls,
    rewrite,
    rewrite_calls,
    signed_factors,
    signed_terms,
)
from tracer.check.slips.rewriting import ONE, TWO, is_call
from tracer.check.slips.roles import CONSTANT, STEP_COUNTERS, role_of
from tracer.check.trace.aliases import DIGITS
from tracer.expression.lexer import HUNDREDTHS
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.program.program import substitute

Uncertainty = Literal[
    "nothing_worked",
    "expression_at_the_end",
    "rounded_to_one_digit",
    "base_of_the_logarithm",
    "parameter_of_a_function",
    "figures_are_rounded",
    "formula_without_figures",
    "names_without_figures",
    "figures_without_names",
    "figure_of_a_doubtful_line",
    "another_example",
    "given_twice",
    "given_elsewhere",
    "worked_out_below",
    "finer_than_above",
    "told_of_another_time",
    "sign_of_own_name",
    "rounded_down",
    "percent_as_unit",
    "two_chains",
    "other_function",
    "other_reading",
    "no_quantity_of_the_run",
    "updated_in_step",
    "breaks_an_equation",
    WhyUnknown,
]

OF_ANOTHER_EXAMPLE: Final = frozenset[Uncertainty](
    ("another_example", "given_twice", "given_elsewhere")
)
TEN: Final = Number("10", Fraction(10))
NEAR_PI: Final = Interval(Fraction(3), Fraction(7, 2))  # what may stand for π, with a slip or not
NOUGHT_VALUE: Final = Interval(Fraction(0))
MOST_MISSING: Final = 1  # names of a formula whose values are not among the figures
MOST_FOREIGN: Final = 1  # figures that no name has had
FINE_SHARE: Final = Fraction(1, 200)  # of a figure that is hardly the rounding of another value
ROUND_DIGITS: Final = 2  # at most, of a round figure
ESTIMATE_SHARES: Final = {
    (True, True): Fraction(1, 20),
    (True, False): Fraction(1, 5),
    (False, True): Fraction(0),
    (False, False): Fraction(1, 100),
}
"""How far an estimate may be away, by whether its figures are round, its form that before it."""
MOST_SHARE: Final = 10
PLACES_IN_MATRIX: Final = 2  # row and column of an entry
WITH_A_PARAMETER: Final = frozenset(("leaky_relu", "elu", "silu"))
"""Functions of two operands, of which people leave out the second one."""
_OVER_TERMS: Final = frozenset(("mean", "sum"))
SIGMAS: Final = ("σ", "sigma")
ACTIVATIONS: Final = frozenset(("max", "maximum", "relu", "softmax", "tanh"))
"""Activations other than the sigmoid that stand for a σ when it is worked out."""
MOVED: Final = lazy_regex(r"\w+\((\w+) ?[+-]")
MOST_PLACES: Final = 12  # decimals of a given figure that may have been rounded


class Difference(Frozen):
    """Two neighbouring sides of a chain that differ, with what is known of their names."""

    work: ChainWork
    position: int  # of the left one of the two
    left: Node
    right: Node
    relation: Relation  # between the two
    comparison: SideComparison

    @property
    def goes_on(self) -> bool:
        """Whether more sides follow."""
        return self.position + 2 < len(self.work.trees)

    @property
    def left_values(self) -> Mapping[str, KnownValue | None]:
        """The names on the left, each with its value; None where it has none."""
        world = self.comparison.world
        return {name: world.known_value(name) for name in sorted(set(names_in(self.left)))}

    @property
    def known_values(self) -> Sequence[KnownValue]:
        """The values of names on the left."""
        return [value for value in self.left_values.values() if value is not None]

    @property
    def figures(self) -> Mapping[Fraction, Fraction]:
        """The figures put in for names, without signs, each with half a unit of its last place.

        Those of the formula itself stand for no name.
        """
        had = [*self.known_values, *self.work.run.all_values()]
        own = {number.value for number in numbers_in(self.left)}
        return {
            abs(found.value): found.half if found.decimals else Fraction(0)
            for found in filter(None, map(figure, _written_figures(self.right, had)))
            if abs(found.value) not in own
        }


Condition = Callable[[Difference], bool]


def _written_figures(node: Node, had: Sequence[KnownValue]) -> Iterator[Node]:
    """Yield the figures of a tree; a fraction that is the value of a name is one.

    Exponents belong to the formula.
    """
    match node:
        case Call(operation="power", arguments=(base, *_)):
            yield from () if base == TEN else _written_figures(base, had)
        case _ if (found := figure(node)) and (is_literal(node) or is_one_of(found.value, had)):
            yield node
        case _:
            for part in node.children():
                yield from _written_figures(part, had)


def uncertainties_of(difference: Difference) -> tuple[Uncertainty, ...]:
    """Return why a difference may be one of reading; none of them where it is the writer's."""
    is_put_in = not is_literal(difference.right) and bool(names_in(difference.left))
    excluded = frozenset[str]() if is_put_in else OF_FIGURES_PUT_IN
    is_told = is_put_in and _is_told_before(difference)
    if is_put_in and not is_told and difference.work.is_one_example:
        excluded = OF_ANOTHER_EXAMPLE | {"told_of_another_time"}
    terms = difference.comparison.term_apart(difference.left, difference.right)
    lost = difference.comparison.factors_left_out(*terms) if is_put_in else []
    run = difference.work.run
    if not is_told and any(not any(map(run.is_told_again, names_in(factor))) for _, factor in lost):
        # All else is as it is worth here; what may be another value may be 1, too.
        excluded = OF_FIGURES_PUT_IN | OF_ANOTHER_EXAMPLE | {"told_of_another_time"}
    return tuple(
        name for name, holds in CONDITIONS.items() if name not in excluded and holds(difference)
    )


def _repeats_a_term(difference: Difference) -> bool:
    """`w x + w x`: who writes a product twice, and two figures, means two values of one name."""
    terms = [each for each in signed_terms(difference.left) if isinstance(each[1], Call)]
    put_in = [
        (n, figures)
        for n, node in difference.comparison.names_put_in()
        if (figures := difference.comparison.value(node))
    ]
    names = [name for name, _ in dict.fromkeys(put_in)]
    return len({*terms}) < len(terms) and len({*names}) < len(names)


def _nothing_is_worked(difference: Difference) -> bool:
    """Literal = literal, `(2) = 4`, `3 = 2 + 2`: the left side is no calculation.

    That applies an operation to a figure; the sign of a signed one is such. A share is worked out
    where one side alone is in percent; a larger figure is what that is a share of, `20% = 4`.
    """
    left, right = difference.left, difference.right
    before = difference.work.trees[difference.position - 1] if difference.position else None
    by_value = difference.comparison.by_value
    if before and names_in(before) and by_value(before, left) is Agreement.HOLDS:
        return False  # it was put in for a name
    if isinstance(left, Number) and isinstance(right, Number):
        plain = [each.value for each in (left, right) if each.text[-1] not in HUNDREDTHS]
        return len(plain) != 1 or plain[0] > 1 or plain[0].denominator == 1  # `Token 0 = 56%`
    parts = [*walk(difference.left)]
    has_figure = any(
        isinstance(part, Number) or (isinstance(part, Name) and part.id in ("pi", "e"))
        for part in parts
    )
    is_worked = has_figure and any(
        isinstance(part, Call)
        and (part.operation != "negative" or isinstance(part.arguments[0], Call))
        for part in parts
    )
    return not names_in(difference.left) and not is_worked


def _ends_in_an_expression(difference: Difference) -> bool:
    """Figures = figures counts only where the chain goes on to a value, or the right is closed.

    That is a quotient, and whatever has a root in it; `28×28×6 = 14×14×6` are sizes.
    """
    right = difference.right
    if names_in(right):
        return True
    last = difference.work.trees[-1]
    is_closed = is_result(right) or (difference.goes_on and last is not None and is_result(last))
    if is_closed or names_in(difference.left):
        return False
    is_form = is_call(right, "divide") or "sqrt" in right.content.operations
    return difference.relation == "≈" or not is_form


def _is_rounded_to_one_digit(difference: Difference) -> bool:
    """`≈ 0.3` and `≈ 10^-1` say too little to be refuted by what is less than 0.1 from them."""
    entries = entries_in(difference.right)
    result = figure(entries[0])
    if difference.relation != "≈" or len(entries) > 1 or not (result and result.half):
        return False
    zeros = sum(map(zeros_at_end, numbers_in(entries[0]))) if is_literal(entries[0]) else 0
    if result.digits - zeros > 1:
        return False
    unit = Fraction(10) ** (zeros - result.decimals)
    value, page_value = map(difference.comparison.value, (difference.left, difference.right))
    return bool(
        value
        and page_value
        and do_meet(widen(value, [unit for _ in entries_of(value)]), page_value)
    )


def _agrees_as(forms: Callable[[Difference], Iterator[Sequence[Node]]]) -> Condition:
    """Return the condition that two sides agree in one of the other forms that they may have."""
    return lambda difference: any(
        pair != (difference.left, difference.right)
        and difference.comparison.by_value(*pair) in AGREED
        for pair in forms(difference)
    )


def _with_other_bases(difference: Difference) -> Iterator[Sequence[Node]]:
    """A logarithm without a base may be to base 2 or 10, but for `ln` and `math.log`.

    That of an exponential is natural.
    """
    sides = difference.left, difference.right
    has_power = any(tree and any(calls_in(tree, ("exp",))) for tree in difference.work.trees)
    if not has_power and any(
        c.sign.lower() == "log" for side in sides for c in calls_in(side, ("log",))
    ):
        others = [{"log": other} for other in ("log2", "log10")]
        yield from ([rename_calls(side, other) for side in sides] for other in others)


def _leaves_a_parameter(difference: Difference) -> bool:
    """A parameter that the line does not write is a convention: its default proves nothing.

    So is which of two functions GELU is the name of, and over what the mean or the sum of one
    number runs: `mean(1 + 4) = 2.5` means the terms.
    """
    sides = [difference.left, difference.right]
    calls = (call for side in sides for call in calls_in(side, WITH_A_PARAMETER | _OVER_TERMS))
    if any(
        isinstance(difference.comparison.value(call.arguments[0]), Interval)
        if call.operation in _OVER_TERMS
        else len(call.arguments) == 1
        for call in calls
    ):
        return True
    others = (OTHER_FORMS, {other: name for name, other in OTHER_FORMS.items()})
    forms = ([rename_calls(side, other) for side in sides] for other in others)
    return any(each != sides and difference.comparison.by_value(*each) in AGREED for each in forms)


def _rounds_its_figures(difference: Difference) -> bool:
    """Beside ≈ each figure may have been rounded: before it unless it was given or is coarser.

    Coarser is what has fewer digits than this writer's results, or the result here: 0.8 is no
    rounding of a writer who goes on to 0.0709.

    What stands after it as an expression is meant as figures only where it goes on to their value.
    Beside = that may be so of fine figures that nobody has stated, and of exponents sooner, which
    show what was rounded in them: `exp(3.21) = 24.9`.
    """
    if _is_finer_than_its_terms(difference):
        return True
    left, right = difference.left, difference.right
    is_about, comparison = difference.relation == "≈", difference.comparison
    is_meant = difference.goes_on and not names_in(left) and not names_in(right)
    if is_about and (_is_estimate(difference) or not (is_result(right) or is_meant)):
        return True
    if not is_about and (names_in(left) or names_in(right)):
        return False
    if not is_literal(right) and comparison.by_value(left, right) in AGREED:
        return False  # a part of it is wrong, which its value does not show
    rounded = ValueComparison(comparison.world, comparison.habit, comparison.ranges)
    run = difference.work.run
    as_printed = run.given_figures | run.exact_figures
    if not is_about:
        as_printed |= run.computed_figures.keys()
    powers = (call.arguments[-1] for call in calls_in(left, ("exp", "power")))
    exponents = {
        id(number)
        for power in powers
        for number in numbers_in(power)
        if (number.value * 20).denominator > 1  # 0.25 and 0.50 are data
    }
    for number in numbers_in(left):
        half = half_place(number)
        if half is None or comparison.is_exact(number) or number.value in as_printed:
            continue
        if (
            2 * half <= FINE_PLACE * (10 if id(number) in exponents else 1) and is_telling(number)
            if not is_about
            else not comparison.habit.is_coarse(number, numbers_in(right))
        ):
            rounded.ranges[id(number)] = around(number.value, half)
    return rounded.by_value(left, right) in AGREED


def _is_estimate(difference: Difference) -> bool:
    """`198 * 51 ≈ 200 * 50` rounds all figures; `49 * 51 ≈ 50^2` is near, in round figures.

    Of another calculation more may be left out than of the same with other figures.
    """
    left, right = difference.left, difference.right
    if is_literal(left) or is_literal(right):
        return False
    figures = [*numbers_in(left)], [*numbers_in(right)]
    forms = {
        rewrite(each, lambda part: TEN if isinstance(part, Number) else part)
        for each in (left, right)
    }
    is_one_form = len(forms) == 1
    halves = [half_place(each) or 10 ** zeros_at_end(each) / 2 for each in figures[1]]
    if is_one_form and all(
        abs(was.value - rounded.value) <= half
        for was, rounded, half in zip(*figures, halves, strict=True)
    ):
        return True
    taken_over = {number.value for number in figures[0]}
    other = [number.text.strip("0.") for number in figures[1] if number.value not in taken_over]
    are_round = all(len(text.replace(".", "")) <= ROUND_DIGITS for text in other)
    value, estimate = (difference.comparison.value(side) for side in (left, right))
    if not isinstance(value, Interval) or not isinstance(estimate, Interval):
        return False
    share = ESTIMATE_SHARES[are_round, is_one_form]
    return do_meet(widen(value, [abs(value.low) * share]), estimate)


def _is_finer_than_its_terms(difference: Difference) -> bool:
    """`959 + 265 = 1224.6`: a sum has no finer digits than its terms, so these were rounded."""
    terms, right = [term for _, term in signed_terms(difference.left)], difference.right
    if not (isinstance(right, Number) and all(isinstance(term, Number) for term in terms)):
        return False
    figures = [literal_figure(number) for number in numbers_in(difference.left)]
    value, result = difference.comparison.value(difference.left), literal_figure(right)
    is_finer = all(
        each.decimals < result.decimals and each.digits >= LEAST_DIGITS_PUT_IN for each in figures
    )
    halves = sum((each.half for each in figures), Fraction(0))
    return is_finer and value is not None and do_meet(widen(value, [halves]), Interval(right.value))


def _has_no_figures(difference: Difference) -> bool:
    """`2x = 4` is an equation, and without figures put in nobody sees what was meant.

    A name that is computed by a formula, all of whose names have had one value, in this section,
    says what it means, where the line goes on with what stands above it.
    """
    is_name = isinstance(difference.left, Name)  # it is not worked, so it has to be given
    is_equation = bool(names_in(difference.left)) and is_literal(difference.right)
    results = difference.work.run.computed_figures
    are_put_in = Array in difference.left.content.kinds or any(
        is_telling(n) and n.value in results for n in numbers_in(difference.left)
    )
    if not is_equation or (is_name and difference.goes_on) or are_put_in:
        return False  # or a figure is put in for a name
    is_of_a_name = difference.position > 0 and isinstance(difference.work.trees[0], Name)
    if not is_of_a_name or not difference.work.chain.follows_on or _have_two_givens(difference):
        return True
    known_values = difference.left_values
    return any(
        each is None
        or each.error_line
        or _is_of_another_section(difference, each)
        or (not each.is_given and (is_name or difference.work.run.earlier(name)))
        for name, each in known_values.items()
    ) or _is_near(difference)


def _is_near(difference: Difference) -> bool:
    """Tell whether a value is a percentage, rounded down, or one of rounded given values."""
    widened = {
        name: replace(
            each, bounds=widen(each.bounds, list(map(_half_unit, entries_of(each.bounds))))
        )
        for name, each in difference.left_values.items()
        if each is not None
    }
    comparison = difference.comparison
    wide = comparison.value(difference.left, "bounds", instead=widened)
    value, page_value = comparison.value(difference.left), comparison.value(difference.right)
    if wide is not None and page_value is not None and do_meet(wide, page_value):
        return True
    if not isinstance(value, Interval) or not isinstance(page_value, Interval):
        return False
    percentage = Interval(value.low * 100, value.high * 100)
    return (
        do_meet(percentage, page_value)
        or page_value.low == math.floor(value.low) == page_value.high
    )


def _half_unit(entry: Interval) -> Fraction:
    """Return half a unit of the last decimal of a given figure; 0 for a whole number."""
    places = next((n for n in range(MOST_PLACES) if (entry.low * 10**n).denominator == 1), 0)
    return Fraction(1, 2 * 10**places) if places else Fraction(0)


def _is_rounded_down(difference: Difference) -> bool:
    """`(n - k)/s + 1` counts places: a quotient that does not come out is rounded down.

    It may be shown before: `109/2 + 1 = 54.5 + 1 = 55`.
    """
    work = difference.work
    if not any(map(_counts_places, filter(None, work.trees[: difference.position + 1]))):
        return False
    value, rounded = map(difference.comparison.value, (difference.left, difference.right))
    return (
        isinstance(rounded, Interval)
        and isinstance(value, Interval)
        and math.floor(value.low) == rounded.low == rounded.high == math.floor(value.high)
    )


def _counts_places(tree: Node) -> bool:
    """Tell whether whole numbers are divided, and 1 is added."""
    terms = [term for _, term in signed_terms(tree)]
    return (
        any(isinstance(term, Number) and term.value == 1 for term in terms)
        and any(isinstance(term, Call) and term.operation == "divide" for term in terms)
        and not any(map(half_place, numbers_in(tree)))
    )


def _may_be_in_percent(difference: Difference) -> bool:
    """`(90 + 10) / 2 = 50%`: of figures that are percentages the sign only names the unit.

    `45 / 60 = 0.75%` is a share below 1, to which the sign was added; 1000 % is nobody's share.
    """
    left, right = difference.left, difference.right
    if not isinstance(right, Number) or right.text[-1:] not in ("%", "％"):
        return False
    bare = Number(right.text[:-1].rstrip(" \\"), right.value * 100)
    value = difference.comparison.value(left)
    is_large = isinstance(value, Interval) and value.low > MOST_SHARE
    agrees = difference.comparison.by_value(left, bare) in AGREED
    return abs(bare.value) > 1 and (agrees or is_large)


def _as_two_chains(difference: Difference) -> Iterator[Sequence[Node]]:
    """`0.24 - 0.21 = 0.03 relu(0.03) = 0.03`: what a blank joins may be an end and a beginning."""
    left, right = difference.left, difference.right
    yield _figure_factor(left, -1), right
    yield left, _figure_factor(right, 0)


def _figure_factor(side: Node, place: int) -> Node:
    """Return a factor of a figure and a function beside it; else the side itself."""
    match side:
        case Call(operation="multiply", arguments=(Number(), Call() as call) as factors, sign=" "):
            return side if call.operation in ARITHMETIC else factors[place]
    return side


def _may_be_another_function(difference: Difference) -> bool:
    """σ is an activation or a deviation: what stands for its call says which."""
    left, right = difference.left, difference.right
    if not isinstance(left, Call) or left.operation != "sigmoid":
        return False
    exponentials = [*calls_in(right, frozenset(("exp", "power")))]
    has_root = any(True for _ in calls_in(right, frozenset(("sqrt",))))
    is_named = left.sign in SIGMAS and any(True for _ in calls_in(right, ACTIVATIONS))
    return is_named or has_root or len({call.arguments[-1] for call in exponentials}) > 1


def _has_another_pi(difference: Difference) -> bool:
    """`π a = 0.9 · 0.01`: π is a share or a policy too; beside a figure, 2π, it is the number."""
    left, right = difference.left, difference.right
    if "pi" not in left.content.operations or is_literal(right):
        return False
    products = ([each for _, each in signed_factors(part)[1]] for part in walk(left))
    is_number = any(
        any(is_call(each, "pi") for each in factors)
        and any(isinstance(each, Number) for each in factors)
        for factors in products
    )
    figures = (Interval(number.value) for number in numbers_in(right))
    return not is_number and not any(map(NEAR_PI.meets, figures))


def _has_another_e(difference: Difference) -> bool:
    """`e^2 = 0.2^2`: e is the name of an error, too; so is that at the head, `e^1 = 0.3 - 0.1`.

    So it is in `e^2 = 0.04`: nobody takes such a power of 2.718 for less than 1.
    """
    left, right = difference.left, difference.right
    of_euler = {call.arguments for call in calls_in(left, ("exp",)) if _is_whole_power(call)}
    if of_euler and is_result(right) and not names_in(left):
        value, result = (difference.comparison.value(side) for side in (left, right))
        is_far = isinstance(value, Interval) and value.low > 1
        return is_far and isinstance(result, Interval) and abs(result.high) < 1
    of_figures = {call.arguments[1:] for call in calls_in(right, ("power",))}
    is_head = is_call(left, "exp") and not (difference.position or is_result(right))
    return bool(of_euler if is_head else of_euler & of_figures)


def _is_whole_power(exponential: Call) -> bool:
    exponent = exponential.arguments[0]
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def _with_slopes_of_outputs(difference: Difference) -> Iterator[Sequence[Node]]:
    """`σ'(a) = a(1 - a)`: people write the slope at an output by that output."""
    for name in names_in(difference.left):
        at, square = Name(name), Call("power", (Name(name), TWO))
        rest = Call("subtract", (ONE, at))
        by_output = {
            "sigmoid": Call("multiply", (at, rest)),
            "tanh": Call("subtract", (ONE, square)),
        }
        for function, slope in by_output.items() if stem_of(name) not in NET_INPUTS else ():
            written = {slope_of(function, at): slope}
            yield rewrite(difference.left, partial(_instead, written)), difference.right


def _instead(slopes: Mapping[Node | None, Node], part: Node) -> Node:
    """Return what a slope is otherwise; `σ(a)(1 - σ(a))`, which is written out, is what it is."""
    is_worked_out = isinstance(part, Call) and bool(part.arguments) and part.arguments[0].end <= 0
    return slopes.get(part, part) if is_worked_out else part


def _with_classes_from_zero(difference: Difference) -> Iterator[Sequence[Node]]:
    """Where the class is 6, p_6 may be its probability: classes may be counted from 0."""
    sides, view = (difference.left, difference.right), difference.work.view
    for name in {*chain(*map(names_in, sides))} if view is not None else ():
        number = name[len(name.rstrip(DIGITS)) :]
        if number and view is not None and int(number) in view.labels:
            following = Name(f"{name.removesuffix(number)}{int(number) + 1}")
            yield [substitute(side, {name: following}) for side in sides]


def _grouped_otherwise(difference: Difference) -> Iterator[Sequence[Node]]:
    """Of `a / b c` nobody knows what stands below the line, unless the next side says so.

    `7/20` may be 7 points of 20, and `Q²₁₂` an entry of the square of a matrix.
    """
    left, right, by_value = difference.left, difference.right, difference.comparison.by_value
    yield regroup_quotients(left), right
    yield rewrite_calls(left, _entry_of_square, ("power",)), right
    after = difference.work.trees[difference.position + 2] if difference.goes_on else None
    if after is None or by_value(regroup_quotients(right), after) is not Agreement.DIFFERS:
        yield left, regroup_quotients(right)
    match left, right:
        case Call(operation="add"), Call(operation="divide", arguments=(Number() as points, _)):
            yield left, points


def _entry_of_square(square: Call) -> Node:
    """Return for the square of an entry that of its matrix: `Q²₁₂` may mean `(Q Q)₁₂`."""
    base, exponent = square.arguments
    entry = WRITTEN_ENTRY.fullmatch(base.id) if isinstance(base, Name) else None
    is_square = isinstance(exponent, Number) and exponent.value == 2
    if not is_square or entry is None or len(entry[2]) != PLACES_IN_MATRIX:
        return square
    whole = Name(entry[1] + entry[3])
    places = (Number(str(place), Fraction(place)) for place in (int(d) - 1 for d in entry[2]))
    return Call("index", (Call("matmul", (whole, whole)), *places))


def _is_among(known: KnownValue, figures: set[Fraction]) -> bool:
    """Tell whether at least half of the entries of a value are among some figures."""
    entries = list(entries_of(known.bounds))
    exact = () if known.unrounded is None else tuple(entries_of(known.unrounded))
    intervals = [
        entry
        for entry in entries
        if any(
            entry.low <= each <= entry.high or entry.low <= -each <= entry.high for each in figures
        )
    ]
    near = any(
        abs(abs(entry.low) - figure) < Fraction(1, 200) for entry in exact[:1] for figure in figures
    )
    return bool(intervals and len(intervals) * 2 >= len(entries)) or near


def _names_lack_figures(difference: Difference) -> bool:
    """Too few names of the formula find their values among the figures that were put in.

    What is worth 0 may be left out with its term. One that stands in a calculation finds its value
    in the right result of that; those of a calculation for which one figure stands lack one figure,
    and so do those of a term that was left out whole.
    """
    known_values, placements = difference.left_values, difference.comparison.placements.values()
    terms = [term for _, term in signed_terms(difference.left)]
    page_figures, own = (
        [n.value for n in numbers_in(side)] for side in (difference.right, difference.left)
    )
    # A figure of the formula that stands there more often is put in too: the 2 of `(2 - 1)**2`.
    figures = {*difference.figures, *(Counter(page_figures) - Counter(own))}
    worked = {name for placed, _ in _placed_rightly(difference) for name in names_in(placed)}
    missing = {
        n
        for n, value in known_values.items()
        if n not in worked
        and not (value and (value.printed == NOUGHT_VALUE or _is_among(value, figures)))
    }
    is_bare = len(terms) > 1 and not difference.work.chain.is_qualified  # words may leave it out
    left_out = (term for term in terms if is_bare and missing.issuperset(names_in(term)))
    units = [*(placed for placed, _ in placements), *left_out]
    in_one = [missing.intersection(names_in(unit)) for unit in units]
    lacking = len(missing) - sum(len(names) - 1 for names in in_one if names)
    return len(missing) < len(known_values) and lacking > MOST_MISSING


def _placed_rightly(difference: Difference) -> Iterator[tuple[Node, Node]]:
    """Yield what of the formula stands for which figures, where it is worth these."""
    comparison = difference.comparison
    for placed, node in comparison.placements.values():
        known_value = comparison.value_of_placed(placed)
        if known_value and is_literal(node) and known_value.fits(comparison.stands_for(node)):
            yield placed, node


def _figures_lack_names(difference: Difference) -> bool:
    """More than one figure is put in that no name has had, or one stood on an earlier line."""
    had = [*difference.known_values, *difference.work.run.all_values()]
    # 6 of `a*b`, worked out rightly
    rightly = (node.value for _, node in _placed_rightly(difference) if isinstance(node, Number))
    data = {Fraction(1), *rightly}
    foreign = {
        figure
        for figure, half in difference.figures.items()
        if figure not in data
        if not is_one_of(figure, had, half if half < figure * FINE_SHARE else Fraction(0))
    }
    return len(foreign) > MOST_FOREIGN or bool(foreign & difference.work.run.shown_figures)


def _has_a_doubtful_figure(difference: Difference) -> bool:
    """A figure put in is the result of a line of which nobody knows what it says.

    Or it stands for a name whose value is wrong, and is the right one, or may be: nobody knows it.
    """
    run, figures = difference.work.run, {*difference.figures}
    world = difference.comparison.world
    in_run = world.run if isinstance(world, WritersWorld) and difference.work.view else None
    for name, value in difference.left_values.items():
        if value is None or not value.error_line or value.is_given or name in run.corrected:
            continue
        if _is_among(value, figures):
            continue
        right = None if in_run is None else in_run.known_value(name)
        if right is None or _is_among(right, figures):
            return True
    doubtful = difference.figures.keys() & difference.work.run.doubtful_figures
    return any(not is_one_of(figure, difference.known_values) for figure in doubtful)


def _is_another_example(difference: Difference) -> bool:
    """No figure put in is known of any name of the formula: another example may have begun.

    That is not so where the figure is known of another name, or where the line goes on with the
    one that says what the name is.
    """
    right, comparison = difference.right, difference.comparison
    is_no_contradiction = comparison.confirmed or not comparison.contradicted
    if not difference.left_values or names_in(right) or (is_literal(right) and is_no_contradiction):
        return False
    figures, known_values = difference.figures.items(), difference.known_values
    had = difference.work.run.all_values()
    put_in = (number for number in numbers_in(right) if number.value in difference.figures)
    are_telling = all(map(is_telling, put_in))
    match difference.left:
        case Call(operation=operation, arguments=(Name(),)) if not (
            operation in ARITHMETIC or comparison.names_put_in()
        ):
            had = []  # `cos(θ)` may be worked out by what is known of its angle
    if any(is_one_of(figure, known_values, half) for figure, half in figures) or (
        figures and are_telling and all(is_one_of(figure, had, half) for figure, half in figures)
    ):
        return False
    last = max((value.line for value in had), default=0)
    if not difference.work.chain.follows_on or not any(
        value.line == last > 0 for value in known_values
    ):
        return True
    return any(
        figure == entry.low * 1000 or entry.low == figure * 1000  # 0.5 s as 500 ms
        for figure in difference.figures
        for value in known_values
        for entry in entries_of(value.printed)
    )


def _have_two_givens(difference: Difference) -> bool:
    """A name, or the one on the left, was given two values: of several examples side by side.

    What was given anew where words number an iteration is of that one, and so is a line that has
    each of these names as it is now.
    """
    run, target = difference.work.run, difference.work.target or ""
    names = {target: run.known_value(target), **difference.left_values}
    values = (
        (each,) if each and 0 < run.numbered_line <= each.line else (each, *run.earlier(name))
        for name, each in names.items()
    )
    givens = ({tuple(entries_of(v.printed)) for v in each if v and v.is_given} for each in values)
    twice = {name for name, each in zip(names, givens, strict=True) if len(each) > 1}
    return _are_told_anew(difference) or not twice <= _names_of_now(difference)


def _are_told_anew(difference: Difference) -> bool:
    """`x = y = 3`: of two names that both had another value before it is another example's."""
    sides = difference.work.trees[: difference.position + 1]
    known_value = difference.work.run.known_value
    return all(isinstance(each, Name) and known_value(each.id) for each in sides)


def is_given_otherwise(difference: Difference) -> bool:
    """Tell whether a name was given in another section, or two values on one line.

    These are of two samples, or two columns. A line that has been written before, with what was
    given then, is of that example.
    """
    earlier = difference.work.run.earlier
    return (
        _is_given_elsewhere(difference)
        or _is_written_again(difference)
        or _are_told_anew(difference)
        or any(
            value is not None
            and value.is_given
            and any(e.is_given and e.line == value.line and e != value for e in earlier(name))
            for name, value in difference.left_values.items()
        )
    )


def _is_written_again(difference: Difference) -> bool:
    """Tell whether the result is one that its name has had before what it is made of was given."""
    work, target, result = difference.work, difference.work.target, difference.work.trees[-1]
    if target is None or result is None or not is_literal(result):
        return False
    printed = difference.comparison.stands_for(result)
    had = [value for value in work.run.earlier(target) if value.fits(printed)]
    return bool(had) and all(value.is_given for value in _contradicted_values(difference))


def _rests_on_a_derivative(difference: Difference) -> bool:
    """`f'(x_0)` of a stated f: clipped, of a few samples or of what words add it is another."""
    return any(value.headings == ELSEWHERE for value in difference.known_values)


def _is_given_elsewhere(difference: Difference) -> bool:
    """A contradicted name was given in another section."""
    return any(
        _is_of_another_section(difference, each) for each in _contradicted_values(difference)
    )


def _is_worked_out_below(difference: Difference) -> bool:
    """Who writes the steps backwards puts in what a line below works out: that line is judged."""
    work, comparison = difference.work, difference.comparison
    return any(
        name in comparison.contradicted
        and work.run.known_value(name) is None
        and (result := work.result_below(name, work.chain)) is not None
        and do_meet(comparison.stands_for(result), comparison.stands_for(figures))
        for name, figures in comparison.names_put_in()
        if is_literal(figures)
    )


def _is_finer_than_above(difference: Difference) -> bool:
    """A figure is near a value above for which no working is seen, and was not copied from that.

    It has more decimals, and yet is no rounding of the same: one of the two lines is wrong.
    """
    comparison, run = difference.comparison, difference.work.run
    return any(
        known is not None
        and not known.is_given
        and isinstance(known.printed, Interval)
        and not known.fits(comparison.stands_for(node))
        and (known.printed.low / (last_place(number) or 1)) % 10 == 0
        and abs(abs(known.printed.low) - number.value) <= FINE_SHARE * number.value
        for name, node in comparison.names_put_in()
        if name in comparison.contradicted - run.worked and is_literal(node)
        for known, number in zip([difference.left_values.get(name)], numbers_in(node), strict=False)
    )


def _contradicted_values(difference: Difference) -> list[KnownValue]:
    """Return the values of names that are not among the figures, or have another sign there."""
    comparison, figures = difference.comparison, {*difference.figures}
    refuted = comparison.contradicted - comparison.confirmed
    left_values = difference.left_values.items()
    return [v for name, v in left_values if v and (name in refuted or not _is_among(v, figures))]


def _is_of_another_section(difference: Difference, known: KnownValue) -> bool:
    """Tell whether a value was stated neither under this heading nor under one above it.

    Where all givens stand under one heading, that is the section of the givens of one example.
    So are several that were over before the section of the value began.
    """
    headings, above = difference.work.chain.headings, known.headings
    given = difference.work.run.given_headings
    pairs = zip(headings, above, strict=False)
    common = len([*takewhile(lambda pair: pair[0] == pair[1], pairs)])
    return (
        len(given) > 1
        and common < len(above)
        and any(each[common : common + 1] >= above[common : common + 1] for each in given)
    )


def is_told_of_another_time(difference: Difference) -> bool:
    """Its names may be those of another step or example, or have values that were told again.

    Where words stand before a line that works out a name anew, another step or sample may have
    begun: what is right for other given values proves nothing there, a rate may be halved.
    """
    work, known_values = difference.work, difference.left_values
    run, head = work.run, work.trees[0]
    target = head.id.rstrip("'") if isinstance(head, Name) else ""
    before = known_values.get(target) or (run.known_value(target) if work.view is None else None)
    figures, had = {*difference.figures}, run.all_values()
    telling = {number.value for number in numbers_in(difference.right) if is_telling(number)}
    others = _contradicted_values(difference)
    if _is_updated_again(difference) or _is_told_before(difference):
        return True
    if not known_values or _is_of_this_step(difference):
        return False
    return (
        work.chain.refers_elsewhere
        or _repeats_a_term(difference)
        or _begins_again(difference)
        or _is_at_another_place(difference)
        or _has_its_result(difference)
        or _may_have_changed(difference)
        or any(run.is_told_again(each) for name in known_values for each in (name, f"{name}'"))
        or (
            before is not None
            and not before.is_given
            and (before.line < run.words_line or not work.chain.follows_on)
            and bool(others)
            and all(each.is_given for each in others)
            and not all(
                is_one_of(each, had if each in telling else difference.known_values)
                for each in figures
            )
        )
    )


def _has_its_result(difference: Difference) -> bool:
    """Tell whether words stand before an update that ends in what its name was updated to.

    It may be told once more, or made a second time with what it began with.
    """
    work = difference.work
    known_value = work.run.result_again(work.target or "", work.trees[-1])
    if known_value is None or work.target not in difference.left_values:
        return False
    is_numbered = work.chain.iteration is not None or known_value.line < work.run.numbered_line
    return not (work.chain.follows_on or is_numbered)


def _is_of_this_step(difference: Difference) -> bool:
    """Tell whether a name that had another value before has its present one on the line.

    What counts steps may have gone on without words, and of a doubtful value nobody knows.
    """
    left_values = difference.left_values
    is_open = any(map(difference.work.run.is_told_again, left_values))
    return not is_open and STEP_COUNTERS.isdisjoint(left_values) and bool(_names_of_now(difference))


def _is_told_before(difference: Difference) -> bool:
    """Tell whether the words before a line say the figures that differ: `For a sample of 400:`."""
    told, comparison = difference.work.chain.figures_before, difference.comparison
    misfits = [
        node
        for name, node in (comparison.names_put_in() if told else ())
        if (known := difference.left_values.get(name))
        if not (is_literal(node) and known.fits(comparison.stands_for(node)))
    ]
    return bool(misfits) and all(
        isinstance(node, Number) and node.value in told for node in misfits
    )


def _is_updated_again(difference: Difference) -> bool:
    """Tell whether what is worked out was updated before, and a name has another value this time.

    A gradient, a reward or an input that was given may be another one in each step; a rate stays.
    """
    left_values, contradicted = difference.left_values, difference.comparison.contradicted
    family = (difference.work.target or "").rstrip("'0123456789_")
    before = [
        known.line
        for name, known in left_values.items()
        if known and not known.is_given and name.rstrip("'0123456789_") == family
    ]
    return bool(before) and any(
        known.is_given
        and known.line < max(before)
        and role_of(name) not in CONSTANT
        and largest_entry(known.printed) != largest_entry(value)  # or its sign alone is another
        for name, node in difference.comparison.names_put_in()
        if name in contradicted and (known := left_values.get(name))
        if (value := value_or_none(node))
    )


def _names_of_now(difference: Difference) -> set[str]:
    """Return the names that had another value before and have their present one on the line."""
    comparison, names = difference.comparison, set()
    for name, node in comparison.names_put_in():
        now = difference.left_values.get(name)
        if now is None or not is_literal(node):
            continue
        value, earlier = comparison.stands_for(node), comparison.world.earlier(name)
        others = [each for each in earlier if not do_meet(each.bounds, now.bounds)]
        if now.fits(value) and others and not any(each.fits(value) for each in others):
            names.add(name)
    return names


def _may_have_changed(difference: Difference) -> bool:
    """Tell whether a value of the part above may be another one here.

    That is so unless the line has another one of these as it was, and where it has a result of the
    part above in its place, which may have been an update.
    """
    run, comparison = difference.work.run, difference.comparison
    wrong, right = run.taken_up & comparison.contradicted, run.taken_up & comparison.confirmed
    return bool(wrong) and (
        len(wrong) > 1
        or right <= wrong
        or any(
            each in run.figures_above and not is_one_of(each, difference.known_values)
            for each in difference.figures
        )
    )


def _is_at_another_place(difference: Difference) -> bool:
    """Tell whether a function is worked out beside the value of a name: `L(w + h)`."""
    head = difference.work.trees[0]
    moved = MOVED.match(head.id) if isinstance(head, Name) else None
    return moved is not None and moved[1] in difference.comparison.contradicted


def _begins_again(difference: Difference) -> bool:
    """Tell whether words stand before a line in which a name has what it began with.

    So it may have 0 anywhere, and any other figure in an update by another rule (two methods may be
    compared from one start: `AdaGrad: w = 1 - …` below `SGD: w = 1 - … = 0.6`). Below a heading
    beside that of its last value it may begin again without words, but not where words number an
    iteration.
    """
    return any(
        value is not None
        and not ((now := difference.left_values.get(name)) and now.fits(value))
        and _is_its_start(difference.work, name, value, now)
        for name, node in difference.comparison.names_put_in()
        for value in [value_or_none(node)]
    )


def _is_its_start(work: ChainWork, name: str, value: Value, now: KnownValue | None) -> bool:
    """Tell whether a value that a name has not now is the one it began with, and may have again."""
    run, chain = work.run, work.chain
    is_zero, has_words = value == NOUGHT_VALUE, not chain.follows_on
    if has_words and is_zero and value in run.put_in.get(name.rstrip("'"), ()):
        return True
    is_below_another = (
        now is not None
        and work.view is None  # beside a run its parts tell
        and now.line > run.numbered_line
        and chain.headings[: len(now.headings)] != now.headings
    )
    is_by_another_rule = work.has_another_rule and name == work.target
    is_anew = is_below_another or (has_words and (is_zero or is_by_another_rule))
    return is_anew and any(each.is_given and each.fits(value) for each in run.earlier(name))


OF_FIGURES_PUT_IN: Final[frozenset[Uncertainty]] = frozenset(
    (
        "names_without_figures",
        "figures_without_names",
        "figure_of_a_doubtful_line",
        "given_twice",
        "given_elsewhere",
        "worked_out_below",
        "finer_than_above",
    )
)
"""Conditions of a formula and the figures put in for it, of nothing else."""
CONDITIONS: Final[dict[Uncertainty, Condition]] = {
    "nothing_worked": _nothing_is_worked,
    "expression_at_the_end": _ends_in_an_expression,
    "rounded_to_one_digit": _is_rounded_to_one_digit,
    "parameter_of_a_function": _leaves_a_parameter,
    "base_of_the_logarithm": _agrees_as(_with_other_bases),
    "figures_are_rounded": _rounds_its_figures,
    "formula_without_figures": _has_no_figures,
    "names_without_figures": _names_lack_figures,
    "figures_without_names": _figures_lack_names,
    "figure_of_a_doubtful_line": _has_a_doubtful_figure,
    "another_example": _is_another_example,
    "given_twice": _have_two_givens,
    "given_elsewhere": _is_given_elsewhere,
    "worked_out_below": _is_worked_out_below,
    "finer_than_above": _is_finer_than_above,
    "slope_of_a_part": _rests_on_a_derivative,
    "told_of_another_time": is_told_of_another_time,
    "rounded_down": _is_rounded_down,
    "percent_as_unit": _may_be_in_percent,
    "two_chains": _agrees_as(_as_two_chains),
    "other_function": lambda it: (
        _may_be_another_function(it) or _has_another_pi(it) or _has_another_e(it)
    ),
    "other_reading": lambda it: (
        _agrees_as(_grouped_otherwise)(it)
        or _agrees_as(_with_slopes_of_outputs)(it)
        or _agrees_as(_with_classes_from_zero)(it)
    ),
}
"""What speaks against a difference, each with the condition that says so."""
