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

from tracer.check.compare.bounded_values import do_meet
from tracer.check.judge.blame_finder import BlamedPart, WrongPart
from tracer.check.judge.slopes import (
    NEAR,
    POINTS,
    STEP,
    ZERO_OR_ONE,
    OpenSlopeError,
    SlopePlace,
    SlopeQuestion,
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
    signed_terms,
)
from tracer.check.slips.rewriting import is_call, is_number
from tracer.check.slips.roles import Role, role_of
from tracer.check.trace.aliases import DIGITS, derivative_of
from tracer.expression.syntax import Call, Name, Node, Number, walk, with_parts
from tracer.frozen import replace
from tracer.intervals import LOGARITHMS, Interval, Value
from tracer.program.program import substitute
from tracer.run.interpret import shape_of

HALF: Final = Fraction(1, 2)
MOST_HELD: Final = 64  # sets of summands of which the others may be meant
_LOGARITHMS: Final = ("log", *LOGARITHMS)
OPEN: Final[BlamedPart] = "open derivative"
SUMMAND: Final = "summand "  # what begins the name of one, which no document has
DELTA: Final = "delta"  # where nothing says of what, the derivative by what an array leads to
CONSTANT_UNITS: Final = 100  # a figure of more than two decimals may have been worked out
GIVEN_ROLES: Final[frozenset[Role]] = frozenset(
    ("rate", "parameter", "bias", "input", "target", "beta", "epsilon", "dimension")
)
"""Of what is data or chosen, and worked out of nothing."""
Readings = Sequence[Sequence[Node]]  # of each side of a chain


def wrong_part_of(
    chain: EquationChain, sides: Readings, question: SlopeQuestion
) -> WrongPart | None:
    """Return the side of a chain that is not the derivative in question, if any.

    Of names that are `bound` to each other nobody knows which ones are held.
    Raises OpenSlopeError where one cannot be compared.
    """
    formula, variable = question.formulas.get(question.name), question.variable
    if formula is None or variable in question.bound:
        raise OpenSlopeError
    try:
        SlopePlace(question, POINTS[0]).value(variable)
    except OpenSlopeError:  # its formula is of no use, and it may be worth anything
        others = {name: tree for name, tree in question.formulas.items() if name != variable}
        question = replace(question, formulas=others)
    for position, trees in enumerate(sides):
        side = chain.sides[position]
        if not position or not trees or not names_in(trees[0]) or side.relation != "=":
            continue
        if not side.units and _has_anothers_name(trees[0], question):
            return WrongPart(position, trees[0], None, "derivative")
        led = names_below(names_in(trees[0]), question.formulas)
        if side.units or (question.stated and led.isdisjoint(question.stated)):
            raise OpenSlopeError  # letters that may be names, or figures of other lines
        readings = smooth_readings(trees)
        mistakes: list[WrongPart | None] = []
        for tree in readings:
            with suppress(OpenSlopeError):
                mistakes.append(_mistake_in(tree, position, formula, question))
        if not mistakes:
            raise OpenSlopeError
        wrong = [mistake for mistake in mistakes if mistake is not None]
        if len(wrong) == len(mistakes):
            is_open = len(wrong) < len(readings) or any(each.part == OPEN for each in wrong)
            return replace(wrong[0], node=trees[0], part=OPEN if is_open else "derivative")
    return None


def _has_anothers_name(tree: Node, question: SlopeQuestion) -> bool:
    """Tell whether a tree is the derivative but for one name, stated as another value.

    The formulas do not lead to the name that stands there: `dL/dn · v` where `n = w h`.
    """
    run = question.run
    led = names_below({question.name}, question.formulas)
    stated = {each: run.known_value(each) for each in {*led, *names_in(tree)}}
    values = {
        name: known.bounds
        for name, known in stated.items()
        if known and known.is_given and isinstance(known.bounds, Interval)
    }
    strange = {*names_in(tree)} - led - question.stated.keys()
    strange -= {each for each in strange if derivative_of(each)}
    if len(strange) != 1 or not strange <= values.keys():
        return False
    name = strange.pop()
    others = [
        n
        for n in values.keys() & led
        if not do_meet(values[n], values[name])
        if not _may_move_with(question.variable, n, question)
    ]
    places = [SlopePlace(question, point) for point in POINTS]
    changed = (substitute(tree, {name: Name(other)}) for other in others)
    return any(all(each.is_slope(right, ()) for each in places) for right in changed)


def _mistake_in(
    tree: Node, position: int, formula: Node, question: SlopeQuestion
) -> WrongPart | None:
    """Return a tree that is not the derivative in question, with the slips; None if it is one.

    It is open where it is the derivative of a part.
    Raises OpenSlopeError where it cannot be compared.
    """
    variable, derived = question.variable, question.run.derived
    asked = (tree, question.name, variable, *question.formulas.items(), *question.stated.items())
    if asked in derived:
        return None
    places = [SlopePlace(question, point) for point in POINTS]
    ratios: list[float] = []
    for at in places:
        ratios.append(ratio_to_slope(tree, at))
        if abs(ratios[-1] - 1) < NEAR:
            derived.add(asked)
            return None
    at = places[0]
    inner, (beside, *held) = _names_held(question, formula)
    if all(each.is_slope(tree, beside) for each in places):
        return None  # the local derivative
    below = names_below({variable}, question.formulas) & inner
    if any(all(each.is_slope_along(tree, name) for each in places) for name in below):
        return None
    parts, summands = _with_named_summands(question, inner)
    places_of_parts = [SlopePlace(parts, point) for point in POINTS]
    # Along one path, or all but one; of one summand, or of all but one.
    ways = ((places, held), (places_of_parts, summands))
    if any(all(at.is_slope(tree, names) for at in them) for them, some in ways for names in some):
        return WrongPart(position, tree, None, OPEN)
    is_multiple = max(ratios) - min(ratios) < NEAR
    made_of = names_below({variable}, question.formulas)  # none of these is made of the variable
    if any((each * CONSTANT_UNITS).denominator > 1 for each in at.figures) or any(
        _may_move_with(variable, name, question, [*zip(places, ratios, strict=True)] * is_multiple)
        for name in (at.used & at.leaves.keys()) - made_of
    ):
        return WrongPart(position, tree, None, OPEN)
    if isinstance(at.value(variable), tuple):
        if not any(ratios):
            return WrongPart(position, tree, None, "derivative")
        if is_multiple and _is_other_convention(ratios[0], tree, formula, at.inputs()):
            return None
    if (
        any(
            SlopePlace(replace(question, stated={**question.stated, **values}), point).is_slope(
                tree, ()
            )
            for values in _values_meant(tree, formula, question, at)
            for point in POINTS
        )
        or any(at.is_slope(each, ()) for each in at.with_names(tree))
        or (not is_multiple and not question.bound.isdisjoint(at.leaves))
    ):
        raise OpenSlopeError
    slips = _slips_of(round(ratios[0], 5), tree, formula) if is_multiple else ()
    return WrongPart(position, tree, None, "derivative", slips)


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
    moved, known = map(question.run.known_value, (variable, name))
    stem = variable.rstrip(DIGITS)
    if name.rstrip(DIGITS) == stem or (known and not isinstance(known.printed, Interval)):
        return False
    is_total = known is not None and len(name) == 1 and name.isupper()  # T is no target t
    if role_of(name) in GIVEN_ROLES and not is_total:
        return known is not None and not known.is_given
    counts = [at.count_of_mean(name, ratio) for at, ratio in multiples]
    # Of two values the other one has to be stated too, but for what may be called a mean.
    pair = [each.printed for each in (moved, known) if each and isinstance(each.printed, Interval)]
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
        or (moved is not None and known is not None and moved.line != known.line)
    )


def _values_meant(
    tree: Node, formula: Node, question: SlopeQuestion, at: SlopePlace
) -> Iterator[Mapping[str, Value]]:
    """Yield the values that some names may be meant to have, where a formula is a slope at those.

    Those of names that it leaves out are put in: 2/N with N = 2; or that of p - y, in -2 x. A loss
    that is written for one class, `-(1 - y) ln(1 - p)`, is so at its target alone. Targets y_1 and
    y_2 sum to 1, as it need not be said.
    """
    stated = {
        each: known.printed
        for each in at.used & at.leaves.keys()
        if (known := question.run.known_value(each)) is not None and known.is_given
        if isinstance(known.printed, Interval)
    }
    there = names_below({*names_in(tree), question.variable}, question.formulas)
    labels = {each: stated[each] for each in stated.keys() & names_in(formula)}
    is_class = {*labels.values()} <= {*ZERO_OR_ONE} and any(calls_in(formula, _LOGARITHMS))
    meant = (
        {each: stated[each] for each in stated.keys() - there},
        stated if numbers_in(tree) else {},
        labels if is_class else {},
        at.families_of_one_sum(),
    )
    yield from filter(None, meant)


def _names_held(
    question: SlopeQuestion, formula: Node
) -> tuple[frozenset[str], Sequence[Collection[str]]]:
    """Return the names between a quantity and the variable, and which of all may be held."""
    name, variable = question.name, question.variable
    below = {**question.formulas, variable: None}
    inner = names_below({name}, below) - {name, variable}
    beside = {*names_in(formula)} - {variable}
    return inner, [beside, *(beside - {n} for n in beside), *({n} for n in inner if below.get(n))]


def slopes_at(question: SlopeQuestion, moved: Value) -> list[Fraction]:
    """Return the slopes of a formula at the stated values: of all of it, and of its parts.

    Raises OpenSlopeError where a value is not known, and beside a kink.
    """
    formula, variable = question.formulas.get(question.name), question.variable
    formulas = {name: tree for name, tree in question.formulas.items() if name != variable}
    is_reached = variable in names_below({question.name}, formulas)
    if formula is None or not is_reached or not isinstance(moved, Interval):
        raise OpenSlopeError
    values = {
        n: v.printed
        for n, v in question.run.named_values()
        if n not in formulas or n in question.stated
    }
    sides = (Interval(moved.low + step) for step in (0, STEP * 3, -STEP * 3))
    found: list[list[Fraction]] = []
    for stated in ({**values, variable: side} for side in sides):
        here = replace(question, formulas=formulas, stated=stated, has_kinks=True)
        inner, held = _names_held(here, formula)
        parts, summands = _with_named_summands(here, inner)
        at, of_parts = SlopePlace(here, POINTS[0]), SlopePlace(parts, POINTS[0])
        slope = at.slope()
        if at.leaves or len(slope) > 1:
            raise OpenSlopeError
        found.append(slope)
        for place, names in (*((at, n) for n in held), *((of_parts, n) for n in summands)):
            with suppress(OpenSlopeError):
                found[-1] += [each for each in place.slope(names) if each]
    if any(abs(each[0] - found[0][0]) > NEAR for each in found):
        raise OpenSlopeError
    return found[0]


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


def _is_other_convention(ratio: float, tree: Node, formula: Node, inputs: Sequence[Value]) -> bool:
    """Tell whether a factor is that of a mean taken in another place, or the other sign of δ."""
    if ratio < 0:
        is_turned = ratio == -1 or _is_other_convention(-ratio, tree, formula, inputs)
        return DELTA in names_in(tree) and is_turned
    sizes = {size for value in inputs for size in shape_of(value) if size > 1}
    return any(
        (abs(ratio - 1 / size) < NEAR and _takes_mean(tree, size))
        or (abs(ratio - size) < NEAR and _takes_mean(formula, size, is_half_a_mean=False))
        for size in sizes
    )


def _takes_mean(tree: Node, size: int, *, is_half_a_mean: bool = True) -> bool:
    """Tell whether a formula has a mean, or divides by a name or by so many.

    The half of a loss, `½ (p - y)²`, is no mean of two.
    """
    below = [call.children()[1] for call in calls_in(tree, ("divide",))]
    shares = {number.value for number in numbers_in(tree)}
    shares |= {1 / each.value for each in below if isinstance(each, Number) and each.value}
    return (
        any(calls_in(tree, ("mean",)))
        or any(names_in(each) for each in below)
        or (Fraction(1, size) in shares and (is_half_a_mean or size > 2))
    )


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
    shown = {
        -1: ("difference_reversed", any(is_call(part, "subtract") for part in walk(tree))),
        0.5: ("factor_2_left_out", squares),
        2: ("factor_2_added", has_half),
    }
    slip, applies = shown.get(ratio, ("", False))
    return (slip,) if applies else ()


def smooth_readings(trees: Sequence[Node]) -> tuple[Node, ...]:
    """Return the readings of a side that have a slope; the likeliest one where none has."""
    return tuple(filter(is_smooth, trees)) or tuple(trees[:1])
