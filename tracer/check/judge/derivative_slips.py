"""Whether a formula is the derivative that it stands for, and which slip it is where it is none.

It may be the slope along every path, or with one name held that lies between, or all others; where
a kink may lie between, or names may be bound to each other (`p_1 + p_2 = 1`), only a factor or a
sign is certain to be wrong. What is the slope of one summand, or of all but one, is open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from typing import Final

from tracer.check.compare.bounded_values import with_entries
from tracer.check.judge.evidence import WrongPart
from tracer.check.judge.index_notation import base_and_letters
from tracer.check.judge.slopes import (
    HALF,
    NEAR,
    POINTS,
    STEP,
    ZERO_OR_ONE,
    OpenSlopeError,
    SlopePlace,
    SlopeQuestion,
    WhyUnknown,
    is_smooth,
    names_below,
    ratio_to_slope,
)
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import (
    calls_in,
    names_in,
    negate,
    numbers_in,
    signed_factors,
    signed_terms,
)
from tracer.check.slips.rewriting import is_call, is_number
from tracer.check.slips.roles import Role, role_of
from tracer.check.trace.aliases import DIGITS, derivative_of
from tracer.expression.syntax import Call, Name, Node, Number, count_number, walk, with_parts
from tracer.frozen import Frozen, replace
from tracer.intervals import LOGARITHMS, Interval, Value

ONE: Final = Fraction(1)
MOST_HELD: Final = 64  # sets of summands of which the others may be meant
MEANS: Final = ("mean", "divide")
_LOGARITHMS: Final = ("log", *LOGARITHMS)
SUMMAND: Final = "summand "  # what begins the name of one, which no document has
DELTA: Final = "delta"  # where nothing says of what, the derivative by what an array leads to
CONSTANT_UNITS: Final = 100  # a figure of more than two decimals may have been worked out
GIVEN_ROLES: Final[frozenset[Role]] = frozenset(
    ("rate", "parameter", "bias", "input", "target", "beta", "epsilon", "penalty", "dimension")
)
"""Of what is data or chosen, and worked out of nothing."""
FACTOR_ROLES: Final[frozenset[Role]] = frozenset(("input", "parameter"))
"""Of what a product is made of."""
MULTIPLES: Final = frozenset(("difference_reversed", "factor_2_left_out", "factor_2_added"))
"""Slips in one derivative of a formula that all others of it have too, as their multiples."""
Readings = Sequence[Sequence[Node]]  # of each side of a chain


class UnknownSlope(Frozen):
    """Nobody knows whether the side of a chain at `position` is the derivative in question."""

    position: int
    why: WhyUnknown


class ShownSlope(Frozen):
    """The formulas of a chain are the derivative in question."""


SlopeAnswer = WrongPart | UnknownSlope | ShownSlope
"""What is known of formulas that stand for a derivative: which part is wrong; why nobody knows;
that they are it."""


def wrong_part_of(
    chain: EquationChain, sides: Readings, question: SlopeQuestion
) -> WrongPart | None:
    """Return the side of a chain that is not the derivative in question; None if all are it.

    Of names that are `bound` to each other nobody knows which ones are held. Where a formula has
    kinks, it is compared at numbers near the stated ones.
    Raises OpenSlopeError where one cannot be compared.
    """
    variable = question.variable
    if question.formulas.get(question.name) is None:
        raise OpenSlopeError
    try:
        SlopePlace(question, POINTS[0]).value(variable)
    except OpenSlopeError:  # its formula is of no use, and it may be worth anything
        if variable == question.name:
            raise
        others = {name: tree for name, tree in question.formulas.items() if name != variable}
        question = replace(question, formulas=others)
    try:
        mistake = _first_mistake(chain, sides, question)
    except OpenSlopeError as doubt:
        if doubt.why != "kink":
            raise
        mistake = _first_mistake(chain, sides, replace(question, has_kinks=True))
    if mistake is not None and variable in question.bound:
        raise OpenSlopeError
    return mistake


def _first_mistake(
    chain: EquationChain, sides: Readings, question: SlopeQuestion
) -> WrongPart | None:
    is_compared = False
    for position, trees in enumerate(sides):
        side = chain.sides[position]
        if not position or not trees or not names_in(trees[0]) or side.relation != "=":
            continue
        led = names_below(names_in(trees[0]), question.formulas)
        if question.stated and led.isdisjoint(question.stated):
            raise OpenSlopeError  # it does not go on from what is stated
        if side.units:
            raise OpenSlopeError  # letters that may be names
        answers = [_mistake_or_doubt(each, position, question) for each in smooth_readings(trees)]
        doubts = [each for each in answers if isinstance(each, OpenSlopeError)]
        if None not in answers and doubts:
            raise doubts[0] if len(doubts) == len(answers) else OpenSlopeError("slope_of_a_part")
        if None not in answers and isinstance(answers[0], WrongPart):
            return replace(answers[0], node=trees[0])
        is_compared = True
    if not is_compared:
        raise OpenSlopeError
    return None


def _mistake_or_doubt(
    tree: Node, position: int, question: SlopeQuestion
) -> WrongPart | OpenSlopeError | None:
    try:
        return _mistake_in(tree, position, question)
    except OpenSlopeError as doubt:
        return doubt


def _mistake_in(tree: Node, position: int, question: SlopeQuestion) -> WrongPart | None:
    """Return a tree that is not the derivative in question, with the slips; None if it is one.

    Raises OpenSlopeError where it cannot be compared, or is the derivative of a part.
    """
    variable, formula = question.variable, question.formulas[question.name]
    asked = (tree, question.name, variable, *question.formulas.items(), *question.stated.items())
    if asked in question.run.derived or formula is None:
        return None
    places = [SlopePlace(question, point) for point in question.points]
    at = places[0]
    try:
        ratios = [ratio_to_slope(tree, each) for each in places]
    except OpenSlopeError:
        if _is_slope_with_figures(tree, formula, question, at):
            return None
        raise
    if all(abs(ratio - 1) < NEAR for ratio in ratios):
        question.run.derived.add(asked)
        return None
    if question.has_kinks and any(abs(ratio - 1) < NEAR for ratio in ratios):
        raise OpenSlopeError  # a kink lies at the stated values
    if _may_hold_what_follows(tree, question):
        raise OpenSlopeError("slope_of_a_part")
    inner, (beside, *held) = _names_to_hold(question, formula)
    if all(each.is_slope(tree, beside) for each in places):
        return None  # the local derivative
    below = names_below({variable}, question.formulas) & inner
    if any(all(each.is_slope_along(tree, name) for each in places) for name in below):
        return None
    parts, summands = _with_named_summands(question, inner)
    places_of_parts = [SlopePlace(parts, point) for point in parts.points]
    # Along one path, or all but one; of one summand, or of all but one. What is made of the
    # variable alone has no parts that anybody derives apart.
    summands = summands if {*names_in(formula)} != {variable} else []
    ways = ((places, held), (places_of_parts, summands))
    if any(all(at.is_slope(tree, names) for at in them) for them, some in ways for names in some):
        raise OpenSlopeError("slope_of_a_part")
    of_one_sum = at.families_of_one_sum()  # targets y_1 and y_2, as it need not be said
    if of_one_sum and _is_slope_where(of_one_sum, tree, question):
        return None
    is_multiple = max(ratios) - min(ratios) < NEAR
    made_of = names_below({variable}, question.formulas)  # none of these is made of the variable
    if any((each * CONSTANT_UNITS).denominator > 1 for each in at.figures) or any(
        _may_move_with(variable, name, question, [*zip(places, ratios, strict=True)] * is_multiple)
        for name in (at.used & at.leaves.keys()) - made_of
    ):
        raise OpenSlopeError("slope_of_a_part")
    if isinstance(at.value(variable), tuple) and is_multiple and any(ratios):
        divided = (call for each in (tree, formula) for call in calls_in(each, MEANS))
        takes_mean = any(not is_number(call.children()[-1], 2) for call in divided)
        is_share = any(each.value < 1 for each in numbers_in(tree))
        is_target_first = ratios[0] == -1 and DELTA in names_in(tree)  # target - output
        if (at.may_be_count(ratios[0]) and (takes_mean or is_share)) or is_target_first:
            raise OpenSlopeError("slope_of_a_part")  # a mean in another place
    fuller = _with_a_factor(tree, question, at)
    if any(all(at.is_slope(each, ()) for at in places) for each in fuller):
        return WrongPart(position, tree, None, "derivative", ("inner_derivative_left_out",))
    if _is_slope_with_figures(tree, formula, question, at):
        return None
    if not is_multiple and not question.bound.isdisjoint(at.leaves):
        raise OpenSlopeError
    slips = _slips_of(round(ratios[0], 5), tree, formula) if is_multiple else ()
    mended = with_what_is_missing(tree, slips)
    return WrongPart(position, tree, None, "derivative", slips, mended=mended)


def with_what_is_missing(tree: Node, slips: Sequence[str]) -> Call | None:
    """Return a wrong derivative, or its figures, with the factor 2 or the sign that is missing.

    None where something else is wrong.
    """
    if slips == ("factor_2_left_out",):
        return Call("multiply", (count_number(2), tree))
    if slips != ("difference_reversed",):
        return None
    if is_call(tree, "subtract"):
        return Call("subtract", tree.arguments[::-1])
    return Call("negative", (tree,))


def _may_hold_what_follows(tree: Node, question: SlopeQuestion) -> bool:
    """Tell whether a tree has derivatives by a name and by one that is made of it alone.

    Beside `a2 = 1 - a1` the derivative by a1 may hold a2.
    """
    by = {parts[1] for name in names_in(tree) if (parts := derivative_of(name)) is not None}
    formulas = (question.formulas.get(name) for name in by)
    made_of = [{*names_in(formula)} for formula in formulas if formula is not None]
    return any(len(names) == 1 and names <= by for names in made_of)


def _with_a_factor(tree: Node, question: SlopeQuestion, at: SlopePlace) -> Iterator[Node]:
    """Yield a formula times a name of the derived one that is worth 1 and that it leaves out.

    No figure shows that the factor is missing there. A count of 1 may be left out on purpose.
    """
    if any(is_number(each, 1) for call in calls_in(tree, ("multiply",)) for each in call.arguments):
        return
    for name in (at.used & at.leaves.keys()) - {*names_in(tree)}:
        known_value = question.run.known_value(name)
        is_data = role_of(name) in FACTOR_ROLES and known_value is not None and known_value.is_given
        if is_data and known_value is not None and known_value.printed == Interval(ONE):
            yield Call("multiply", (tree, Name(name)))


def _is_slope_with_figures(
    tree: Node, formula: Node, question: SlopeQuestion, at: SlopePlace
) -> bool:
    """Tell whether a formula is the derivative in question where its figures are values of names.

    Where the slope is 0 the formulas may not lead there.
    Raises OpenSlopeError where it is so only at the stated values of the names that it has.
    """
    for values, is_shown in _intended_values(tree, formula, question, at):
        if _is_slope_where(values, tree, question):
            if is_shown:
                return True
            raise OpenSlopeError("slope_of_a_part")
    return False


def _is_slope_where(values: Mapping[str, Value], tree: Node, question: SlopeQuestion) -> bool:
    """Tell whether a formula is the derivative in question, and not 0, where names have values."""
    there = replace(question, stated={**question.stated, **values})
    places = [SlopePlace(there, point) for point in there.points]
    return all(any(each.slope()) and each.is_slope(tree, ()) for each in places)


def _may_move_with(
    variable: str,
    name: str,
    question: SlopeQuestion,
    multiples: Sequence[tuple[SlopePlace, float]] = (),
) -> bool:
    """Tell whether a name without a formula may be worked out of what is derived by.

    Neither its value nor its letter says anything of that: a sum S of all exp(z_i), a mean, a norm
    N. What is data or chosen by its role is not, nor another one of its family. A multiple of the
    slope lacks a factor or a sign, unless the name may be the mean of a few values, as in
    `(x - m)²`: otherwise it may only be made of a family, `z_1`; of a single number where its value
    was stated on another line than that one's.
    """
    moved, known_value = map(question.run.known_value, (variable, name))
    if name in question.run.imagined:
        return role_of(base_and_letters(name)[0]) not in GIVEN_ROLES | {"sample_count"}
    stem = variable.rstrip(DIGITS)
    if name.rstrip(DIGITS) == stem or (
        known_value and not isinstance(known_value.printed, Interval)
    ):
        return False
    lines = [each.line for each in (moved, known_value) if each and each.is_given]
    if len(lines) == 2 and lines[0] == lines[1] and _only_multiplies(name, question):
        return False  # two gates: no sum, no mean and no norm only multiplies another name
    ever = [*filter(None, (moved, *question.run.earlier(variable)))]
    if known_value and ever and all(known_value.line < e.line and not e.is_given for e in ever):
        return False  # it was there before
    is_total = known_value is not None and len(name) == 1 and name.isupper()  # T is no target t
    if role_of(name) in GIVEN_ROLES and not is_total:
        return known_value is not None and not known_value.is_given
    counts = [at.count_of_mean(name, ratio) for at, ratio in multiples]
    # Of two values the other one has to be stated too, but for what may be called a mean.
    pair = [
        each.printed for each in (moved, known_value) if each and isinstance(each.printed, Interval)
    ]
    others = [each.printed for each in question.run.all_values() if len(pair) > 1]
    is_mean_of_two = (
        name[0] in "mM" or not others or Interval(2 * pair[1].low - pair[0].low) in others
    )
    return (
        all(
            count > 1 and abs(count - round(count)) < NEAR and (count > 2 + NEAR or is_mean_of_two)
            for count in counts
        )
        or stem != variable
        or (moved is not None and known_value is not None and moved.line != known_value.line)
    )


def _only_multiplies(name: str, question: SlopeQuestion) -> bool:
    """Tell whether a name stands in formulas only as a factor of one other name."""
    products = [
        signed_factors(term)[1]
        for tree in question.formulas.values()
        for _, term in (signed_terms(tree) if tree else ())
        if name in names_in(term)
    ]
    return all(
        len(factors) == 2 and all(side > 0 and isinstance(each, Name) for side, each in factors)
        for factors in products
    )


def _intended_values(
    tree: Node, formula: Node, question: SlopeQuestion, at: SlopePlace
) -> Iterator[tuple[Mapping[str, Value], bool]]:
    """Yield the values that some names may be meant to have, where a formula is a slope at those.

    Those of names that it leaves out are put in: 2/N with N = 2; or that of p - y, in -2 x. A loss
    that is written for one class, `-(1 - y) ln(1 - p)`, is so at its target alone. With each stands
    whether they show anything: a name that is worth 0 or 1 hides powers and factors.
    """
    stated_values = {
        each: known_value.printed
        for each in at.used & at.leaves.keys()
        if (known_value := question.run.known_value(each)) is not None and known_value.is_given
        if isinstance(known_value.printed, Interval)
    }
    names, figures = {*names_in(tree)}, {each.value for each in numbers_in(tree)}
    there = names_below({*names, question.variable}, question.formulas)
    labels = {
        n: stated_values[n]
        for n in stated_values.keys() & names_in(formula)
        if n != question.variable
    }
    is_class = {*labels.values()} <= {*ZERO_OR_ONE} and any(calls_in(formula, _LOGARITHMS))
    telling = {n: v for n, v in stated_values.items() if n not in names or v not in ZERO_OR_ONE}
    left_out = {each: stated_values[each] for each in stated_values.keys() - there}
    meant = (
        (left_out, bool(figures & {ONE}) or Interval(ONE) not in left_out.values()),
        (labels if is_class else {}, True),
        (telling if figures else {}, True),
        (stated_values if figures else {}, False),
    )
    yield from (each for each in meant if each[0])


def _names_to_hold(
    question: SlopeQuestion, formula: Node
) -> tuple[frozenset[str], Sequence[Collection[str]]]:
    """Return the names between a quantity and the variable, and which of all may be held."""
    name, variable = question.name, question.variable
    below = {**question.formulas, variable: None}
    inner = names_below({name}, below) - {name, variable}
    beside = {*names_in(formula)} - {variable}
    return inner, [beside, *(beside - {n} for n in beside), *({n} for n in inner if below.get(n))]


def slopes_at(question: SlopeQuestion, moved: Value) -> Iterator[list[Fraction]]:
    """Yield the slopes of a formula at the stated values, by entry: of all of it, and by a number
    with all other names of the formula held, as a local derivative is.

    Raises OpenSlopeError where a value is not known, and beside a kink.
    """
    formula, variable = question.formulas.get(question.name), question.variable
    formulas = {name: tree for name, tree in question.formulas.items() if name != variable}
    if formula is None or variable not in names_below({question.name}, formulas):
        raise OpenSlopeError
    values = {
        n: v.printed
        for n, v in question.run.named_values()
        if n not in formulas or n in question.stated
    }
    slopes: list[list[Fraction]] = []
    for step in (Interval(STEP * 3), Interval(-STEP * 3), Interval(Fraction(0))):
        stated_values = {**values, variable: with_entries(moved, step.__add__)}
        here = replace(question, formulas=formulas, stated=stated_values, has_kinks=True)
        at = SlopePlace(here, POINTS[0])
        slopes.append(at.slope())
        if at.leaves:
            raise OpenSlopeError
    slope = slopes[-1]  # that at the stated value, which those beside it are to meet
    if any(abs(a - b) > NEAR for each in slopes for a, b in zip(each, slope, strict=True)):
        raise OpenSlopeError
    yield slope
    if isinstance(moved, Interval):
        _, (beside, *_) = _names_to_hold(here, formula)
        with suppress(OpenSlopeError):
            yield from ([each] for each in at.slope(beside) if each)


def _with_named_summands(
    question: SlopeQuestion, names: Collection[str]
) -> tuple[SlopeQuestion, Sequence[Collection[str]]]:
    """Return a question in which each summand has a name, and which of these may be held.

    That is each one alone, or all the others of its sum, where several lead to the variable.
    Raises OpenSlopeError where they are too many to try.
    """
    formulas: dict[str, Node | None] = dict(question.formulas)
    held: list[Collection[str]] = []
    leading = {each for each in names if question.variable in names_below({each}, formulas)}
    leading.add(question.variable)

    def named(node: Node) -> Node:
        terms = signed_terms(node)
        if sum(not leading.isdisjoint(names_in(term)) for _, term in terms) < 2:
            return with_parts(node, named)
        ids = [f"{SUMMAND}{len(formulas) + place}" for place in range(len(terms))]
        formulas.update(dict.fromkeys(ids))  # those within have other names
        formulas.update({each: named(term) for each, (_, term) in zip(ids, terms, strict=True)})
        held.extend(each for one in ids for each in ({one}, {*ids} - {one}))
        signed = zip(map(Name, ids), terms, strict=True)
        summands = (each if sign > 0 else negate(each) for each, (sign, _) in signed)
        return reduce(lambda left, right: Call("add", (left, right)), summands)

    for name in {question.name, *names} - {question.variable}:
        formula = formulas.get(name)
        formulas.update({} if formula is None else {name: named(formula)})
    if len(held) > MOST_HELD:
        raise OpenSlopeError
    return replace(question, formulas=formulas), held


def _slips_of(ratio: float, tree: Node, formula: Node) -> tuple[str, ...]:
    """Return the slip that the ratio of a formula to the derivative of another shows, if any."""
    squares = any(
        is_call(part, "square") or (is_call(part, "power") and is_number(part.arguments[1], 2))
        for part in walk(formula)
    )
    has_half = any(
        (isinstance(part, Number) and part.value == HALF)
        or (is_call(part, "divide") and is_number(part.arguments[1], 2))
        for part in walk(formula)
    )
    slips_by_ratio = {
        -1: ("difference_reversed", any(is_call(part, "subtract") for part in walk(tree))),
        0.5: ("factor_2_left_out", squares),
        2: ("factor_2_added", has_half),
    }
    slip, applies = slips_by_ratio.get(ratio, ("", False))
    return (slip,) if applies else ()


def smooth_readings(trees: Sequence[Node]) -> tuple[Node, ...]:
    """Return the readings of a side that have a slope; the likeliest one where none has."""
    return tuple(filter(is_smooth, trees)) or tuple(trees[:1])
