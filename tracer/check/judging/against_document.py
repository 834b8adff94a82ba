"""The external question, asked of the document: does a chain that holds contradict what it said?

Without a traced run a name may well mean another sample or another run by now, so a difference
is a slip only where a slip explains it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from tracer.check.judging.against_trace import is_entry_of, is_own, wrong_literal
from tracer.check.judging.agreement import agrees
from tracer.check.judging.alignment import Binding, aligned
from tracer.check.judging.blame import FEW_DIGITS, Blame, is_gradient, named_slips, result_slips
from tracer.check.judging.case import Case, bound_values
from tracer.check.judging.chain_reading import (
    Numeric,
    Reading,
    entries,
    environment,
    flattened,
)
from tracer.check.judging.findings import (
    Found,
    carried,
    correct,
    label,
    not_checked,
    slip,
    undecided,
    unknown_names,
)
from tracer.check.judging.internal import wrong_entry
from tracer.check.judging.links import FOLLOWS, tier_of
from tracer.check.judging.pieces import is_of_one_piece
from tracer.check.judging.quantities import Known, is_within, widened
from tracer.check.judging.values import names_of, value_or_none
from tracer.check.numbers.figures import Figure, bounds_of, figure
from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.slips.mal_rules import guess_roles, mal_rules
from tracer.check.trace.aliases import key, key_of, name_of, quantities_in
from tracer.expression.syntax import Call, Name, Node, walk
from tracer.intervals import Interval, Value, value_of

__all__ = ["against_document"]

LATE_SLIPS: Final = frozenset(("old_value_in_next_step", "previous_gradient_again"))
STALE_SLIPS: Final = LATE_SLIPS | {"gradient_after_first_update"}
# Slips that explain why a figure is not what the document said of its name.
TOLD_SLIPS: Final = frozenset(
    (
        "activation_for_net_input",
        "decimal_point",
        "digits_swapped",
        "gradient_after_first_update",
        "loss_for_error",
        "other_index",
        "other_parameter",
        "other_sample",
        "sign_lost",
        "updated_for_old",
    )
)


COMPUTED_ROLES: Final = frozenset(
    ("activation", "output", "net_input", "loss", "error", "gradient", "activation_derivative")
)
MOST_DECIMALS: Final = 12
_UNIT: Final = lazy_regex(r" ?(?:\\[,;] ?)?(?:\\(?:text|mathrm)\{)?[A-Za-zµμ'’]")
AMBIGUOUS: Final = frozenset(("argmax", "argmin", "sin", "cos", "tan", "outer", "log"))


def against_document(case: Case) -> Found | None:
    """Return the finding; None where nothing speaks against the chain."""
    labelled = _label(case)
    if labelled is not None:
        return labelled
    wrong = [item for item in case.contradicting() if not is_own(case, item[1])]
    formula = case.reading.formula
    if wrong and formula is not None and _is_of_one_piece(case, formula):
        numeric, binding, current = wrong[0]
        return wrong_literal(case, numeric, binding.written, binding.symbol, current)
    if len(wrong) == 1:
        return _contradicted(case, *wrong[0])
    if wrong:
        case.differs = case.known.looks_back(case.reading.chain)
        case.begins_anew = True
        return None
    return _charged(case) or _left_out(case) or _computed(case)


def _contradicted(case: Case, numeric: Numeric, binding: Binding, current: Known) -> Found | None:
    """Judge one figure that differs from the value its name was said to have."""
    symbol, leaf = binding.symbol, binding.written
    written = figure(leaf)
    assert written is not None
    if current.is_put_in or (not current.computed and _is_of_earlier_step(case, current)):
        return None
    slips = named_slips(written, symbol, current, case.reading)
    if "other_index" in slips.ids and _is_made_of(case, slips.other, symbol):
        return None  # `w_1 = w + 0.3`, and then w is what w_1 was
    if set(slips.ids) <= STALE_SLIPS:
        if not current.computed:
            return None  # it was given anew, or told again: a step of its own may begin
        if case.known.looks_back(case.reading.chain):
            case.differs = True
            return None
    if set(slips.ids) <= LATE_SLIPS:
        if not _is_late(case, symbol, current, written):
            return None
    elif not _is_told(case, slips.ids[0], written):
        return undecided(case.links) if current.computed else None
    name = name_of(symbol) or ""
    blame = Blame(numeric, leaf, current.value, slips.ids, name, current.line, slips.other)
    return slip(blame, case.links, result_correct=False)


def _is_made_of(case: Case, other: str, symbol: Node) -> bool:
    """Say whether a quantity was computed from another one: it may be that one updated."""
    formula = case.known.memory.formula(key(other))
    parts = () if formula is None else quantities_in(formula).values()
    return key_of(symbol) in map(key_of, parts)


def _is_of_earlier_step(case: Case, current: Known) -> bool:
    """Say whether a gradient was only put in, in a step before: this one's may be another."""
    return current.round < case.known.memory.round and is_gradient(current.name)


def _is_late(case: Case, symbol: Node, current: Known, written: Figure) -> bool:
    """Say whether an older value of a name is out of place here.

    In a gradient of the same step it is right: all of them belong before the updates. Data come
    again in each step, and so do the values of each sample.
    """
    target, memory = case.known.target, case.known.memory
    if target is None:
        return False
    written_name = key_of(symbol) or ""
    updated = memory.is_updated(written_name)
    if not updated:
        again = (item for item in memory.older(written_name) if agrees(written, item))
        if not current.computed or any(item.round == memory.round for item in again):
            return False
    name = case.known.key or key(target.name)
    if memory.is_begun_anew(name):
        return True
    is_slope = "/d" in name or name.startswith(("d", "delta", "grad", "δ"))
    return updated and not is_slope


def _is_told(case: Case, cause: str, written: Figure) -> bool:
    """Say whether a slip explains a figure better than chance."""
    if cause == "digit_miscopied":
        return written.digits > FEW_DIGITS
    return cause in TOLD_SLIPS


def _charged(case: Case) -> Found | None:
    """Return the finding where a figure comes from a slip further up."""
    lines = [
        own.charged
        for numeric in case.reading.numbers
        for binding in numeric.bindings
        if binding.name
        and (own := case.known.own(binding.symbol)) is not None
        and own.charged
        and (written := figure(binding.written)) is not None
        and is_within(own.value, bounds_of(written))
    ]
    return carried(case.links, max(lines), case.tier()) if lines else None


def _left_out(case: Case) -> Found | None:
    """Return the finding where the numbers put in are those of another formula.

    The formula on the line is the witness: of its wrong forms exactly one has the shape of
    the numbers that stand beside it.
    """
    formula = case.reading.formula
    numbers = [item for item in case.reading.numbers if item.figure is None]
    result = case.reading.result
    if formula is None or not numbers or result is None or result.figure is None:
        return None
    first = numbers[0]
    if first.bindings or not isinstance(first.exact, Interval):
        return None
    target = case.known.target
    roles = guess_roles(
        [name.id for name in names_of(formula)], "" if target is None else target.name, formula
    )
    found: dict[str, Interval] = {}
    for suspect in mal_rules(flattened(formula), roles):
        if name_of(suspect.node) is not None:
            continue  # every number has the shape of a lone name
        bindings = aligned(suspect.node, first.node, case.reading.fits)
        if bindings is None or any(
            not item.name and item.symbol != item.written for item in bindings
        ):
            continue
        if not all(map(case.reading.fits, bindings)):
            continue
        values = bound_values(bindings)
        right = None if values is None else value_or_none(flattened(formula), values)
        if isinstance(right, Interval) and not is_within(right, bounds_of(result.figure)):
            found[suspect.slip] = right
    if len(set(found.values())) != 1:
        return None
    blame = Blame(result, result.node, next(iter(found.values())), tuple(found))
    return slip(blame, case.links, result_correct=False)


def _computed(case: Case) -> Found | None:
    """Return the finding where a formula stands without numbers, its names being known.

    Whether it is a slip is said only where something explains it, or nothing else can be meant.
    """
    result, formula = case.reading.result, _formula_of(case.reading)
    if formula is None or result is None or len(case.reading.numbers) > 1:
        return None
    value = case.value_with_document(formula)
    if value is None:
        return not_checked(case.reading) or unknown_names(case.links)
    spread = _spread(case, formula)
    found = tier_of(result, value, spread, case.unrounded())
    if found == "wrong" and tier_of(result, spread, spread, None) in FOLLOWS:
        found = "within_rounding"  # cut off, as what it was worked out from
    charged = _charged_lines(case, formula)
    if charged:
        held = found not in (None, "wrong")
        return (
            carried(case.links, max(charged), found or "exact")
            if held
            else undecided(case.links, value)
        )
    if found is None:
        return undecided(case.links)
    if found != "wrong":
        return correct(found, case.links)
    return _not_computed(case, result, formula, value, spread)


def _formula_of(reading: Reading) -> Node | None:
    """Return the formula, or the name of what was computed before that the target is said to be."""
    if reading.formula is not None:
        return reading.formula
    for alias in reading.aliases:
        known = reading.known.current(alias)
        if known is not None and known.computed:  # what was only given may be given anew
            return alias
    return None


def _not_computed(
    case: Case, result: Numeric, formula: Node, value: Value, spread: Value
) -> Found | None:
    """Return the finding of a result that is not what its names make it."""
    written = figure(result.node)
    sources = list(case.written_formulas())
    if written is None and entries(result.node, value) is not None:
        wrong = wrong_entry(case, result, value, spread, sources)
        explained = wrong.blame is not None and (wrong.blame.slips or _is_meant(case, formula))
        return wrong if explained else undecided(case.links, value)
    if written is None or not isinstance(value, Interval):
        return undecided(case.links)
    if _is_of_other_unit(result, value, spread):
        return undecided(case.links, value)
    slips = result_slips(written, value, sources, case.reading, working=False)
    if slips == ("decimal_point",) and _has_unit(case):
        return undecided(case.links, value)  # `1/50 = 20 ms`
    if slips or _is_meant(case, formula):
        return slip(Blame(result, result.node, value, slips), case.links, result_correct=False)
    return undecided(case.links, value)


def _is_meant(case: Case, formula: Node) -> bool:
    """Say whether a formula can only mean what it is with what was said of its names.

    A product of arrays may be one of several, angles may be degrees, and classes count from 1.
    """
    for part in walk(formula):
        if not isinstance(part, Call):
            continue
        if part.operation in AMBIGUOUS or (
            part.operation in ("multiply", "power", "divide") and _is_of_arrays(case, part)
        ):
            return False
    return _is_of_one_piece(case, formula)


def _is_of_one_piece(case: Case, formula: Node) -> bool:
    return is_of_one_piece(case.known, case.reading.chain, formula)


def _has_unit(case: Case) -> bool:
    """Say whether letters, or an apostrophe of thousands, stand right after the last figure."""
    return _UNIT.match(case.reading.chain.after) is not None


def _is_of_other_unit(result: Numeric, value: Interval, spread: Value) -> bool:
    """Say whether a result is a percentage without its sign: 75 where 0.75 is worked out."""
    assert isinstance(spread, Interval)
    hundred = Interval(100 * value.low, 100 * value.high)
    wide = Interval(100 * spread.low, 100 * spread.high)
    return 0 < value.high <= 1 and tier_of(result, hundred, wide, None) not in ("wrong", None)


def _is_of_arrays(case: Case, product: Call) -> bool:
    values = (case.value_with_document(part) for part in product.arguments)
    kinds = [value is not None and not isinstance(value, Interval) for value in values]
    return all(kinds) or (product.operation == "power" and kinds[0])


def _charged_lines(case: Case, formula: Node) -> list[int]:
    """Return the lines of the slips that the names of a formula have their values from."""
    names = quantities_in(formula).values()
    return [known.charged for name in names if (known := case.known.own(name)) and known.charged]


def _label(case: Case) -> Found | None:
    """Return the finding where a formula was stated for another quantity before.

    Two quantities may well have one formula, so the name must have had another one itself.
    """
    formula, name = case.reading.formula, case.known.key
    if formula is None or name is None:
        return None
    updated = _updated_by(formula)
    if updated is not None and name.rstrip("'") != updated:
        return label(updated, case.links, index=is_entry_of(updated, name))
    own, other = case.known.memory.formula(name), case.known.memory.named_by(formula)
    if own is None or own == formula or other is None or other == name:
        return None
    return label(other, case.links, index=is_entry_of(other, name))


def _updated_by(formula: Node) -> str | None:
    """Return the name that a formula updates: `b` of `b - lr * dL/db`; None for other formulas."""
    if not isinstance(formula, Call) or formula.operation != "subtract":
        return None
    first, step = formula.arguments
    name = name_of(first)
    if name is None or not isinstance(step, Call) or step.operation not in ("multiply", "matmul"):
        return None
    names = {key(part.id) for part in names_of(step)}
    updated = key(name)
    gradients = {item for item in names if item.endswith(f"/d{updated}") or item == f"d{updated}"}
    return updated if gradients and "learning_rate" in names and len(names) == 2 else None


def _spread(case: Case, written: Node) -> Value:
    """Return what a formula may give where the figures it was stated with are not exact.

    They may be a whole unit away: where no working stands there, nobody sees whether they were
    rounded or cut off.
    """
    formula, reading = flattened(written), case.reading
    values: dict[str, Value] = {}
    for name, part in quantities_in(written).items():
        known = reading.known.current(part)
        assert known is not None
        values[name] = widened(known.value, 2 * known.half or _half_of(part, known))
    found = value_or_none(formula, values)
    return (
        found if found is not None else value_of(formula, environment(written, reading.known) or {})
    )


def _half_of(name: Node, known: Known) -> Fraction:
    """Return half a unit of what was only stated, where it is by its name the result of a formula.

    `a = 0.62` may be a rounded activation; data, weights and learning rates are as they are given.
    """
    value = known.value
    if _role(name_of(name) or "") not in COMPUTED_ROLES or not isinstance(value, Interval):
        return Fraction(0)
    denominator, decimals = value.low.denominator, 0
    while value.is_exact and denominator > 1 and decimals < MOST_DECIMALS:
        decimals += 1
        denominator = (value.low * 10**decimals).denominator
    return Fraction(1, 2 * 10**decimals) if decimals and denominator == 1 else Fraction(0)


def _role(name: str) -> str | None:
    return guess_roles([name], None, Name(name)).of.get(name)
