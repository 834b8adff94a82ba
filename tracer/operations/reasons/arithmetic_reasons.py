"""Why sums, products, quotients and powers have the gradients that they have."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from functools import partial
from typing import Final

from tracer.expression import Call, Name, Node, walk
from tracer.operations.array_shape import Shape, broadcast_index, indices_of
from tracer.operations.operation import lookup
from tracer.operations.reason import (
    ERROR_REASONS,
    GUESSED,
    PENALTY,
    OperandUse,
    Reason,
    Slots,
    by_zeros,
    count_several,
    direct_operand,
    in_either_order,
    is_one_value,
    is_square,
    mean_of_squares,
    mixed_terms,
    nearly_equal,
    purpose,
    restrict_condition,
    step_result,
    value_range,
)
from tracer.operations.signature import literal, number


def _is_copied(use: OperandUse) -> bool:
    """The gradient is the incoming one, unchanged: every operation on the way hands it on."""
    same = math.prod(use.shape(use.x)) == math.prod(use.shape(use.y))
    return use.copies and use.direct and same


def _is_copied_alone(use: OperandUse) -> bool:
    """The same where the quantity stands nowhere else in the result, which so follows it."""
    return use.alone and _is_copied(use)


def _times_in_result(use: OperandUse) -> int:
    """Return how often the entries of x fit into y: they are used as often."""
    return math.prod(use.shape(use.y)) // max(math.prod(use.shape(use.x)), 1)


def _is_centred(use: OperandUse) -> bool:
    """A mean was subtracted, and what comes in is, group by group, a multiple of what it left.

    Of two entries the deviations are so whatever comes in: they are each other with the sign
    changed.
    """
    mean, upstream, left = use.definition_of(use.x), use.upstream, use.numbers(use.call)
    is_mean = isinstance(mean, Call) and mean.operation == "mean" and use.is_second and use.whole
    if not is_mean or use.other not in mean.children() or not upstream or not left:
        return False
    groups: dict[Shape, list[int]] = {}
    for place, index in enumerate(indices_of(use.shape(use.call))):
        groups.setdefault(broadcast_index(index, use.shape(use.x)), []).append(place)
    for places in groups.values():
        if len(places) == 2:
            return False
        factor = upstream[places[0]] / left[places[0]] if left[places[0]] else 0.0
        if not nearly_equal([upstream[it] for it in places], [factor * left[it] for it in places]):
            return False
    return any(upstream)


def _is_masked(use: OperandUse) -> bool:
    """The other factor is a mask: zeros and ones, and both of them."""
    return use.direct and set(use.numbers(use.other) or ()) == {0.0, 1.0}


def _is_gate(use: OperandUse, node: Node) -> bool:
    """Tell whether an expression is a gate: what a sigmoid or a softmax has computed."""
    return use.computed_by(node, "sigmoid", "softmax")


def _is_gated(use: OperandUse) -> Slots | None:
    values = use.numbers(use.other)
    if not (use.direct and _is_gate(use, use.other) and values) or is_one_value(values):
        return None
    alike = use.shape(use.other) == use.shape(use.x) and use.other != use.x
    alike = alike and use.kind(use.x) == "value"
    return value_range(values) if alike else None


def _fixed_divisor(use: OperandUse) -> bool:
    """Tell whether x, or a sum with x among its terms, is divided by a number or a constant."""
    terms, place = [use.operand], 0
    while place < len(terms):
        part = terms[place]
        terms += part.arguments if isinstance(part, Call) and part.operation == "add" else ()
        place += 1
    return use.x in terms and use.kind(use.other) in ("number", "constant")


def _root_of_products(use: OperandUse, product: Node) -> Slots | None:
    """A matrix product over d is divided by the root of d."""
    if not isinstance(product, Call) or product.operation != "matmul":
        return None
    size, divisor = use.shape(product.arguments[0])[-1], use.number(use.operands[1])
    is_root = size > 1 and nearly_equal([divisor**2], [float(size)])
    root = Call("sqrt", (number(size),))
    return {"count": size, "value": divisor, "root": root} if is_root else None


def _shrinks_the_quotient(use: OperandUse) -> bool:
    """All that is divided is above 0, so that a larger divisor gives less."""
    above = use.numbers(use.operands[0])
    return use.position == 1 and use.alone and bool(above) and min(above or ()) > 0


def _drops_by_one(use: OperandUse) -> Slots | None:
    base, exponent = use.operands
    if use.position != 0 or literal(exponent) in (0, 1):
        return None
    return {"exponent": exponent, "power": use.call, "slope": _power_slope(base, exponent)}


def _power_slope(base: Node, exponent: Node) -> Node:
    """Return n xⁿ⁻¹ for xⁿ, with n − 1 worked out where n is a number."""
    value = literal(exponent)
    rest = Call("subtract", (exponent, number(1))) if value is None else number(value - 1)
    power = base if value == 2 else Call("power", (base, rest))
    return Call("multiply", (exponent, power))


def _is_merged(use: OperandUse) -> bool:
    """The exponent is a number above 1, and no factor of the gradient as it is written."""
    gradient, exponent = use.record.definition(use.gradient_name), literal(use.operands[1])
    if gradient is None or exponent is None or exponent <= 1:
        return False
    return all(literal(part) != exponent for part in walk(gradient))


SIZE_LEFT: Final = 0.01  # of a mean of squares that an epsilon under the root may leave


def _is_cancelled(use: OperandUse) -> bool:
    """The same, and the gradient as it is written has no number for a factor."""
    return _is_merged(use) and not _has_number(use.record.definition(use.gradient_name))


def _has_number(node: Node | None) -> bool:
    """Tell whether a product, or a quotient, has a number for a factor."""
    if not isinstance(node, Call) or literal(node) is not None:
        return node is not None and literal(node) is not None
    return node.operation in ("multiply", "divide", "negative") and any(
        map(_has_number, node.arguments)
    )


def _without_ties(use: OperandUse) -> bool:
    """One of the two is the larger at every entry."""
    apart = use.numbers(Call("subtract", tuple(use.operands)))
    return apart is not None and all(apart)


def _tied_entries(use: OperandUse) -> Slots | None:
    """Both are equal at some entries."""
    apart = use.numbers(Call("subtract", tuple(use.operands))) or ()
    tied = sum(difference == 0 for difference in apart)
    return {"tied": tied, "count": len(apart)} if tied else None


def _is_cut_off(use: OperandUse) -> Slots | None:
    """The larger of 0 and several entries: flat wherever one is below 0."""
    inside, fixed = sorted(use.operands, key=lambda item: literal(item) is not None)
    values = use.numbers(inside) if literal(fixed) == 0 else None
    if values is None or len(values) == 1 or 0.0 in values:
        return None
    above = sum(value > 0 for value in values)
    return {"inside": inside, "above": above, "count": len(values)}


def _adds_to_rows(use: OperandUse) -> Slots | None:
    """A vector is added to each row of a matrix."""
    (large, small), added = map(use.shape, use.operands), use.operands[1]
    fits = len(large) == 2 and len(small) == 1 and large[0] > 1
    return {"x": added, "count": large[0]} if fits and isinstance(added, Name) else None


def _adds_bias(use: OperandUse) -> Slots | None:
    """A parameter is added to what is no parameter and does not depend on it."""
    other, bias = use.operands
    is_bias = use.kind(bias) == "parameter" != use.kind(other) and use.whole
    if not is_bias or not isinstance(bias, Name):
        return None
    return None if bias.id in use.record.sources(other) else {"x": bias}


def _skipped_path(use: OperandUse, kinds: Collection[str] = ("value",)) -> Slots | None:
    """One of two terms is an earlier quantity as it stands: a way past the other."""
    shapes = {use.shape(part) for part in use.operands}
    named = all(isinstance(part, Name) for part in use.operands)
    if not named or {*map(use.kind, use.operands)} != {*kinds} or len(shapes) > 1 or () in shapes:
        return None
    for part, beside in (use.operands, use.operands[::-1]):
        if isinstance(part, Name) and part.id in use.record.sources(beside):
            return {"x": part, "other": beside}
    return None


_skipped_input = partial(_skipped_path, kinds=("data", "value"))


def _subtracts_mean(use: OperandUse) -> Slots | None:
    """A quantity less its own mean."""
    x, mean = use.operands
    definition = use.definition_of(mean)
    is_mean = isinstance(definition, Call) and definition.operation == "mean"
    return {"x": x, "mean": mean} if is_mean and definition.children()[0] == x else None


def _divides_by_size(use: OperandUse) -> Slots | None:
    """Numbers are divided by the root of the mean of their own squares."""
    above, below = (use.definition_of(it) for it in use.operands)
    is_root = isinstance(below, Call) and below.operation == "sqrt"
    parts = walk(below) if is_root else ()
    squares = (mean_of_squares(use, use.definition_of(part)) for part in parts)
    is_own = any(it is not None and use.definition_of(it) == above for it in squares)
    values = (use.numbers(use.call) if is_own else None) or [0.0]
    size = math.fsum(value * value for value in values) / len(values)
    return {"x": use.operands[0]} if abs(size - 1) < SIZE_LEFT else None


def _mixes_two(use: OperandUse) -> Slots | None:
    """A sum of two products, one by z and the other by 1 − z, with z from 0 to 1."""
    mixed = mixed_terms(use.call) if use.whole else None
    values = use.numbers(mixed["other"]) if mixed else None
    return mixed if values and 0 <= min(values) <= max(values) <= 1 else None


def _chooses_a_logarithm(use: OperandUse) -> Slots | None:
    """Of two logarithms, one by a label and the other by 1 − it, one alone counts."""
    mixed = mixed_terms(use.call)
    values = use.numbers(mixed["other"]) if mixed else None
    if mixed is None or not values or not {0.0, 1.0}.issuperset(values):
        return None
    terms = mixed["one"], mixed["x"]
    are_logarithms = all(isinstance(it, Call) and it.operation == "log" for it in terms)
    return mixed if are_logarithms else None


@in_either_order
def _misses(use: OperandUse, one: Node, other: Node) -> Slots | None:
    """A computed quantity and one that is given are compared."""
    is_compared = use.kind(one) == "value" and use.kind(other) == "data"
    fits = use.whole and is_compared and use.shape(one) == use.shape(other)
    return {"x": one, "other": other} if fits else None


def _mean_of_terms(use: OperandUse) -> Slots | None:
    """A sum is divided by the number of its terms; ½ before squares is there for their slopes."""
    if not {"power", "square"}.isdisjoint(use.operands[0].content.operations):
        return None
    terms, count = [use.operands[0]], 1
    while isinstance(terms[0], Call) and terms[0].operation == "add":
        terms[:1], count = terms[0].arguments, count + 1
    return {"count": count} if count > 1 and literal(use.operands[1]) == count else None


@in_either_order
def _scales_each(use: OperandUse, one: Node, other: Node) -> Slots | None:
    """A parameter, in another shape perhaps, is multiplied with what is computed."""
    weight = one.children()[0] if isinstance(one, Call) and one.operation == "reshape" else one
    is_scaled = use.kind(weight) == "parameter" != use.kind(other) and use.shape(other)
    return {"w": weight, "x": other} if is_scaled else None


def _both_arrays(use: OperandUse) -> Slots | None:
    one, other = use.operands
    return {"one": one, "other": other} if use.shape(one) and use.shape(other) else None


def _weighed_guess(use: OperandUse) -> Slots | None:
    """The weighed input is what the loss holds against a target."""
    compared = (
        part.arguments
        for part in walk(use.definition_of(use.loss))
        if isinstance(part, Call)
        and (part.operation == "subtract" or lookup(part.operation).is_loss)
    )
    is_guess = any(sides[0] == use.y and use.kind(sides[1]) == "data" for sides in compared)
    return _scalar_weight(use) if is_guess else None


@in_either_order
def _scalar_weight(use: OperandUse, one: Node, other: Node) -> Slots | None:
    is_input = isinstance(other, Name) and use.kind(other) in ("data", "value")
    is_weighed = use.kind(one) == "parameter" and is_input and use.whole
    return {"w": one, "x": other} if is_weighed and not use.shape(use.call) else None


@in_either_order
def _weighs_each(use: OperandUse, one: Node, other: Node) -> Slots | None:
    """One weight for all entries of data."""
    is_weight = use.kind(one) == "parameter" and use.kind(other) == "data"
    is_for_all = use.shape(other) and not use.shape(one)
    return {"w": one, "x": other} if is_weight and is_for_all else None


@in_either_order
def _gate_factor(use: OperandUse, one: Node, other: Node) -> Slots | None:
    alike = use.shape(one) and use.shape(one) == use.shape(other) and one != other
    is_gate = isinstance(one, Name) and _is_gate(use, one) and use.kind(other) == "value"
    return {"x": other, "other": one} if alike and is_gate else None


def _shares_a_total(use: OperandUse) -> Slots | None:
    """Numbers are divided by their own sum."""
    above, below = use.operands
    total = use.definition_of(below)
    are_named = isinstance(above, Name) and isinstance(below, Name)
    is_total = isinstance(total, Call) and total.operation == "sum" and total.arguments[0] == above
    return {"x": above} if are_named and is_total else None


_HALVED: Final = Reason(
    "extremes.halved",
    _tied_entries,
    "Where the two are equal neither wins, and by convention each gets half of the gradient; "
    "elsewhere the one that wins gets all of it. Entries where they are equal: {tied} of {count}.",
    "Half of the gradient for each where they are equal: {tied} of {count} entries.",
    3,
)


def _is_choice(use: OperandUse) -> Slots | None:
    """The operand is one of two between which each entry of a condition has chosen."""
    chosen = use.numbers(use.operands[0]) if use.shape(use.operands[0]) else None
    if chosen is None:
        return None
    return {
        "taken": sum((value != 0) == (use.position == 1) for value in chosen),
        "count": len(chosen),
    }


def _is_chosen(use: OperandUse) -> bool | None:
    """Tell whether one condition for all has chosen the operand; None where there are several."""
    if use.shape(use.operands[0]):
        return None
    return (use.number(use.operands[0]) != 0) == (use.position == 1)


_LARGER: Final = (
    Reason(
        "larger.cut_off",
        _is_cut_off,
        "Where {inside} is above 0, its gradient passes; elsewhere the larger of the two is 0, "
        "whatever {inside} does, and nothing comes back. Entries above 0: {above} of {count}.",
        "Entries of {inside} above 0: {above} of {count}.",
    ),
    Reason(
        "larger.wins",
        _without_ties,
        "Only the larger of the two moves the result: where that is {operand}, it gets the "
        "gradient, elsewhere 0.",
        "{operand} gets the gradient where it is the larger.",
    ),
    _HALVED,
)

BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "add": (
        Reason(
            "sum.bias",
            lambda use: use.kind(use.x) == "parameter" and _is_copied_alone(use),
            "{x} is added as it is: raise it a little and {y} rises by just as much. So the "
            "gradient of {y} reaches it unchanged.",
            "{x} is added as it is: the gradient of {y} reaches it unchanged.",
        ),
        Reason(
            "sum.rows",
            count_several(lambda use: use.copies and use.holds_entries, _times_in_result),
            "The same {x} was added in {count} places of {y}. Each place has its own gradient, and "
            "that of {x} is the sum of them.",
            "{x} was added {count} times: {count} gradients to sum.",
            3,
        ),
        Reason(
            "sum.copies",
            _is_copied,
            "A sum changes by just as much as each of its terms does, so each term gets the "
            "gradient whole.",
            "The sum hands its gradient on whole.",
            1,
        ),
    ),
    "subtract": (
        Reason(
            "difference.taken",
            lambda use: (
                use.is_second
                and use.whole
                and use.alone
                and nearly_equal(use.gradient, [-value for value in use.upstream or ()])
            ),
            "{x} is subtracted in {y}: the larger it is, the smaller {y}. So the sign flips.",
            "{x} is subtracted, so the sign flips.",
        ),
        Reason(
            "difference.part",
            lambda use: use.is_second and not use.whole,
            "{x} is subtracted in {call}: the larger it is, the smaller that is. So the sign "
            "flips.",
            "{x} is subtracted in {call}, so the sign flips.",
        ),
        Reason(
            "difference.centred",
            _is_centred,
            "{x} is the mean, and what comes back is in proportion to the deviations from it. "
            "These add up to 0, so {x} gets 0 from here, but for rounding.",
            "Deviations from the mean {x} again: they add up to 0.",
            4,
        ),
        Reason(
            "difference.rows",
            count_several(lambda use: use.is_second and use.whole, _times_in_result),
            "The same {x} was subtracted {count} times in {y}. Each of these differences has its "
            "own gradient, and that of {x} is minus the sum of these.",
            "{x} was subtracted {count} times: minus the sum of {count} gradients.",
            3,
        ),
        Reason(
            "difference.copies",
            _is_copied_alone,
            "{y} changes by just as much as {x}, whatever is subtracted; so the gradient stays "
            "as it is.",
            "{y} changes by just as much as {x}.",
            1,
        ),
    ),
    "negative": (
        Reason(
            "sign.turned",
            direct_operand,
            "The sign was flipped on the way forward; it flips again on the way back.",
            "The sign flips back.",
            1,
        ),
    ),
    "multiply": (
        Reason(
            "product.zero",
            by_zeros,
            "{x} is multiplied by {other}, which is 0: a nudge of {x} has no effect here, and the "
            "gradient that comes back from here is 0.",
            "Times 0 again: {x} has no effect here.",
            3,
        ),
        Reason(
            "product.mask",
            _is_masked,
            "{other} holds zeros and ones. Where it has a 0, {x} was wiped out, so no gradient "
            "comes back there.",
            "The mask {other} passes gradients back where it passed values on.",
            3,
        ),
        Reason(
            "product.gate",
            _is_gated,
            "{other} is a gate: its entries, here from {low} to {high}, say how much of the "
            "value passes forward and how much of the gradient passes back.",
            "The gate {other} lets {low} to {high} of the gradient back.",
            3,
        ),
        Reason(
            "product.square",
            lambda use: use.direct and use.other == use.x,
            "{x} is multiplied by itself: each of the two factors is multiplied by the other, and "
            "brings a share.",
            "{x} times itself: two factors, two shares.",
            3,
        ),
        Reason(
            "product.often",
            count_several(
                step_result,
                lambda use: (
                    math.prod(use.shape(use.call)) // max(math.prod(use.shape(use.operand)), 1)
                ),
            ),
            "The same {operand} was multiplied {count} times, each time by another entry of "
            "{other}. Each product brings its gradient times that entry, and the shares are "
            "summed.",
            "{operand} was multiplied {count} times: gradients times {other}, summed.",
            3,
        ),
        Reason(
            "product.fixed",
            lambda use: (
                use.direct and use.kind(use.other) in ("number", "constant") and abs(use.value) > 1
            ),
            "The fixed factor {value} scales a nudge of {operand} on its way forward, and the "
            "gradient on its way back.",
            "The factor {value} again.",
        ),
        Reason(
            "product.counts",
            lambda use: (
                (use.direct and use.whole and use.alone)
                and not (use.shape(use.x) or math.isnan(use.value) or isinstance(use.other, Call))
            ),
            "Nudge only {x}: {y} moves {other} times as far, here by a factor of "
            "{value}. The gradient comes back by the same factor.",
            "Nudge only {x}: {y} moves {value} times as far.",
        ),
        Reason(
            "product.swap",
            lambda use: use.other not in (use.x, use.operand) and bool(use.other.content.names),
            "The slope of a product in one of its factors is the other factor: what comes back to "
            "{operand} is multiplied by {other}.",
            "In the product the other factor, {other}, is the slope.",
        ),
    ),
    "divide": (
        Reason(
            "quotient.root",
            lambda use: (
                None if use.position else _root_of_products(use, use.definition_of(use.operand))
            ),
            "{operand} was divided by {root}, so that a softmax behind it stays off its flat "
            "ends; the gradient is divided by the same number.",
            "The gradient is divided by {root} too.",
        ),
        Reason(
            "quotient.fixed",
            lambda use: use.position == 0 and _fixed_divisor(use) and use.value > 1,
            "Divided by {value}, a nudge of {operand} has so much less effect. What comes back is "
            "divided by it, too.",
            "Divided by {value} again.",
        ),
        Reason(
            "quotient.above",
            lambda use: use.is_first,
            "{operand} is the numerator: the quotient changes with it at the rate 1 over {other}.",
            "1 over {other}, because {operand} is the numerator.",
        ),
        Reason(
            "quotient.below",
            _shrinks_the_quotient,
            "{operand} is the denominator: a larger divisor gives a smaller quotient. Hence the "
            "minus.",
            "A minus, because {operand} is the denominator.",
        ),
        Reason(
            "quotient.reciprocal",
            lambda use: use.position == 1 and not _shrinks_the_quotient(use),
            "{operand} is the denominator. The derivative of a quotient with respect to its "
            "denominator is minus the quotient, divided by the denominator once more.",
            "Minus the quotient over {operand} once more, because that is the denominator.",
        ),
    ),
    "power": (
        *ERROR_REASONS,
        Reason(
            "power.exponent",
            lambda use: not _is_merged(use) and _drops_by_one(use),
            "The exponent {exponent} comes down as a factor, and the power drops by one: the slope "
            "of {power} is {slope}.",
            "The exponent {exponent} comes down again.",
        ),
        Reason(
            "power.merged",
            lambda use: _is_merged(use) and not _is_cancelled(use) and _drops_by_one(use),
            "The exponent {exponent} comes down as a factor, and the power drops by one: the "
            "slope of {power} is {slope}. In the formula above this {exponent} and the other "
            "numbers have been multiplied out.",
            "The slope of {power} is {slope}; its {exponent} and the other numbers have been "
            "multiplied out.",
        ),
        Reason(
            "power.cancelled",
            lambda use: _is_cancelled(use) and _drops_by_one(use),
            "The exponent {exponent} comes down as a factor, and the power drops by one: the slope "
            "of {power} is {slope}. The other numbers of the product cancel this {exponent}.",
            "The slope of {power} is {slope}; its {exponent} cancels.",
        ),
        Reason(
            "power.base",
            lambda use: use.position == 1 and min(use.numbers(use.other) or (0.0,)) > 0,
            "A power grows in proportion to itself as its exponent does: its slope is the power, "
            "times the logarithm of the base {other}. A base of 0, which has none, is taken "
            "for 1.",
            "The power again, times the logarithm of {other}.",
        ),
    ),
    "square": (
        *ERROR_REASONS,
        Reason(
            "square.double",
            step_result,
            "The exponent 2 comes down as a factor: the slope of a square is twice what is "
            "squared.",
            "The slope of the square is twice what is squared.",
        ),
    ),
    "maximum": _LARGER,
    "at_least": _LARGER,
    "minimum": (
        Reason(
            "smaller.wins",
            _without_ties,
            "The result is the smaller of the two: where that is {operand}, it gets the gradient, "
            "elsewhere 0.",
            "{operand} gets the gradient where it is the smaller.",
        ),
        _HALVED,
    ),
    "where": (
        Reason(
            "choice.taken",
            _is_choice,
            "The gradient goes to what was chosen: {operand} gets it where it was, in {taken} of "
            "{count} places, and 0 elsewhere.",
            "{operand} was chosen in {taken} of {count} places; at the others it gets 0.",
        ),
        Reason(
            "choice.single",
            lambda use: _is_chosen(use) is True,
            "{operand} was chosen, so it gets the gradient.",
            "{operand} was chosen.",
        ),
        Reason(
            "choice.other",
            lambda use: _is_chosen(use) is False,
            "{operand} was not chosen: a nudge of it changes nothing here, and nothing comes back.",
            "{operand} was not chosen: nothing comes back.",
            4,
        ),
    ),
}


_SQUARED: Final = purpose(
    "squared",
    lambda use: is_square(use) and use.computed_by(use.operands[0], "subtract"),
    "A square is never negative, and an entry twice as large counts four times.",
    1,
)

FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "add": (
        purpose("sum.rows", _adds_to_rows, "{x} is added to each of the {count} rows.", 3),
        purpose(
            "sum.skip",
            _skipped_path,
            "{x} is added to what was computed from it: a shortcut past {other}, for the value "
            "now and for the gradient later.",
            3,
        ),
        purpose(
            "sum.skip_input",
            _skipped_input,
            "{x} is added to what was computed from it, and goes on unchanged beside {other}.",
            3,
        ),
        purpose(
            "sum.bias",
            _adds_bias,
            "{x} shifts {y}, whatever comes in.",
            1,
        ),
        purpose(
            "sum.terms",
            lambda use: use.whole and use.is_loss and {*map(use.kind, use.operands)} == {"value"},
            "{loss} is a sum: as it falls, one term may rise while another falls by more.",
        ),
        purpose(
            "sum.chosen",
            _chooses_a_logarithm,
            "Only one of the two terms counts: {one} where {other} is 1, and {x} where it is 0. "
            "Each is 0 for a prediction that is right and sure.",
            3,
        ),
        purpose(
            "sum.mixed",
            _mixes_two,
            "{other} mixes {one} and {x}: {y} is near {one} where {other} is near 1, and near {x} "
            "where it is near 0.",
            3,
        ),
        purpose(
            "sum.entries",
            lambda use: use.whole and bool(_both_arrays(use)),
            "The terms are added entry by entry.",
            1,
        ),
    ),
    "multiply": (
        purpose(
            "product.weight",
            _weighed_guess,
            "The prediction {y}: the input {x} times the weight {w}.",
        ),
        purpose("product.input", _scalar_weight, "{x} is weighted by {w}.", 1),
        purpose(
            "product.each",
            _weighs_each,
            "Every entry of {x} is multiplied by the same weight, {w}.",
        ),
        purpose("product.gate", _gate_factor, "{other} decides how much of {x} goes on."),
        purpose(
            "product.scaled",
            _scales_each,
            "{w} sets the scale of {x}, and training chooses how large it is.",
            1,
        ),
        purpose(
            "product.entries",
            lambda use: use.whole and _both_arrays(use),
            "Entry by entry, {one} times {other}.",
            1,
        ),
    ),
    "subtract": (
        purpose(
            "difference.mean",
            lambda use: use.whole and _subtracts_mean(use),
            "What is left of {x} without its mean: how far each entry lies above or below it.",
        ),
        purpose("difference.error", _misses, "The error: how far {x} is from {other}."),
    ),
    "divide": (
        purpose(
            "quotient.size",
            _divides_by_size,
            "Divided by their typical size, the entries of {x} have about the size 1, whatever it "
            "was before.",
        ),
        purpose(
            "quotient.root",
            lambda use: _root_of_products(use, use.definition_of(use.operands[0])),
            "A sum of {count} products with random signs is typically {root} times as large as "
            "one of them: the division makes up for that.",
            3,
        ),
        purpose(
            "quotient.shares",
            _shares_a_total,
            "Divided by their sum, the entries of {x} become shares that add up to 1.",
        ),
        purpose("quotient.mean", _mean_of_terms, "The mean of these {count} terms."),
    ),
    "maximum": (
        purpose(
            "larger.cut_off",
            restrict_condition(_is_cut_off, lambda found: found["count"] != 1),
            "What is negative in {inside} is cut off at 0: {above} of {count} entries "
            "{above:remains|remain}.",
        ),
        purpose("larger.cut_off_one", _is_cut_off, "Below 0, {inside} is cut off at 0."),
        purpose("larger", step_result, "The larger of the two goes on.", 1),
    ),
    "minimum": (purpose("smaller", step_result, "The smaller of the two goes on.", 1),),
    "power": (GUESSED, PENALTY, _SQUARED),
    "square": (GUESSED, PENALTY, _SQUARED),
    "abs": (PENALTY, purpose("size", lambda use: use.whole, "The size, without the sign.", 1)),
    "sign": (purpose("sign", step_result, "Only the sign stays: −1, 0 or 1.", 1),),
}
