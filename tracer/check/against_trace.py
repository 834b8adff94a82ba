"""The external question, asked of a traced run: is a chain that holds the traced step?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracer.check.agreement import agrees, bounds_of, mismatches
from tracer.check.aliases import key, key_of, name_of
from tracer.check.alignment import Binding, aligned
from tracer.check.blame import FEW_DIGITS, Blame, named_slips, result_slips
from tracer.check.case import Case
from tracer.check.enclosures import Interval, Value
from tracer.check.figures import Figure, figure
from tracer.check.findings import Found, carried, label, slip, undecided
from tracer.check.internal import wrong_entry
from tracer.check.links import tier_of
from tracer.check.quantities import Known, is_within
from tracer.check.reading import Numeric, entries, flattened, quantities_in
from tracer.check.values import entries_of, figures_of, relaxed, transposed, value_or_none
from tracer.expression.syntax import Array, Node, Tuple

__all__ = ["against_trace", "is_entry_of"]


def against_trace(case: Case) -> Found | None:
    """Return the finding where a chain that holds in itself is not the traced step."""
    target = case.known.target
    result = case.reading.result
    assert target is not None
    assert result is not None
    labelled = _label(case)
    if labelled is not None:
        return labelled
    wrong = [
        (numeric, binding, current)
        for numeric in case.reading.numbers
        for binding, current in mismatches(numeric, case.known)
    ]
    own = [item for item in wrong if _is_own(case, item[0], item[1])]
    if wrong and len(own) == len(wrong):
        started = [case.known.own(binding.symbol) for _, binding, _ in own]
        if not any(value is not None and value.charged for value in started):
            return None  # the writer's own figures, whose roundings have added up
        return _carried(case, started)
    if wrong:
        numeric, binding, current = next(item for item in wrong if item not in own)
        return _wrong_literal(case, numeric, binding.written, binding.symbol, current)
    if target.value is None:
        return None
    outer = tier_of(result, target.value, target.value, None)
    if outer is None:
        return _other_shape(case, result, target.value)
    return None if outer != "wrong" else _wrong_result(case, result, target.value)


def _is_within_working(case: Case, right: Value) -> bool:
    """Say whether the traced value is what the numbers put in may give, unrounded."""
    numbers = case.reading.numbers
    if len(numbers) < 2 or numbers[-2].exact == numbers[-2].wide:
        return False
    return is_within(right, numbers[-2].wide)


def _other_shape(case: Case, result: Numeric, right: Value) -> Found | None:
    """Return the finding where a result has not the shape of the traced quantity.

    The same entries in one row are right, for a vector may be written as a column; so is one
    sample of many. Which sample a figure is of, nobody can say where it is none of theirs.
    """
    if result.figure is None and not isinstance(result.node, (Array, Tuple)):
        return None  # a calculation that no figure follows
    ours, theirs = entries_of(figures_of(result.node)), entries_of(right)
    if len(theirs) % len(ours):
        return slip(Blame(result, result.node, None, ("wrong_shape",)), case.links)
    rows = [theirs[place : place + len(ours)] for place in range(0, len(theirs), len(ours))]
    if any(all(map(is_within, ours, row)) for row in rows):
        return None
    return undecided(case.links)


def _is_own(case: Case, numeric: Numeric, binding: Binding) -> bool:
    """Say whether a figure is one that the writer stated earlier for that name."""
    symbol = binding.symbol
    written = figure(binding.written)
    own = case.known.own(symbol)
    return own is not None and written is not None and agrees(written, own)


def _carried(case: Case, values: Sequence[Known | None]) -> Found:
    lines = [value.charged or value.line for value in values if value is not None]
    return carried(case.links, max(lines, default=0), case.tier())


def _wrong_literal(case: Case, numeric: Numeric, leaf: Node, symbol: Node, current: Known) -> Found:
    written = figure(leaf)
    assert written is not None
    slips = named_slips(written, symbol, current, case.reading)
    name = name_of(symbol) or ""
    blame = Blame(numeric, leaf, current.value, slips.ids, name, current.line, slips.other)
    result = case.reading.result
    agree = result is not None and case.result_agrees(blame)
    return slip(blame, case.links, result_correct=bool(agree))


def _wrong_result(case: Case, result: Numeric, right: Value) -> Found | None:
    """Return the finding where numbers and working are right by themselves, the result not."""
    if _formula_holds(case) or _is_within_working(case, right):
        return None  # roundings have added up
    own = _from_own_values(case, result)
    if own is not None:
        return carried(case.links, own, case.tier())
    written = figure(result.node)
    if written is None or not isinstance(right, Interval):
        return _wrong_array(case, result, right)
    sibling = _sibling(case, written)
    if sibling is not None:
        return sibling
    sources = [*case.written_formulas(), *_traced_formulas(case)]
    slips = result_slips(written, right, sources, case.reading, working=False)
    blame = Blame(result, result.node, right, slips or _unexplained(case))
    return slip(blame, case.links, result_correct=False)


def _sibling(case: Case, written: Figure) -> Found | None:
    """Return the finding where what is worked out is another entry of the same quantity."""
    target = case.known.target
    if target is None or not case.links or written.digits <= FEW_DIGITS:
        return None
    names = {
        other.name
        for other in case.known.elsewhere(bounds_of(written))
        if other.relation == "current"
        and "[" in other.name
        and is_entry_of(other.name, target.name)
    }
    return label(names.pop(), case.links, index=True) if len(names) == 1 else None


def _unexplained(case: Case) -> tuple[str, ...]:
    """Return what is said of a result that nothing explains."""
    target = case.known.target
    if target is not None and target.given:
        return ("given_differs",)
    return () if case.reading.formulas or len(case.reading.numbers) > 1 else ("plain_slip",)


def _wrong_array(case: Case, result: Numeric, right: Value) -> Found | None:
    if entries(result.node, right) is None:
        if not isinstance(right, Interval) and is_within(transposed(right), result.exact):
            return slip(Blame(result, result.node, None, ("wrong_layout",)), case.links)
        return undecided(case.links)
    sources = [*case.written_formulas(), *_traced_formulas(case)]
    return wrong_entry(case, result, right, right, sources)


def _formula_holds(case: Case) -> bool:
    """Say whether the written formula is right, all of its figures being rounded ones."""
    formula = case.reading.formula
    target = case.known.target
    if formula is None or target is None or target.value is None:
        return False
    bound = any(numeric.bindings for numeric in case.reading.numbers)
    value = case.document_value()
    return bound and value is not None and is_within(value, relaxed(target.value))


def _from_own_values(case: Case, result: Numeric) -> int | None:
    """Return the line of the slip that a result was carried forward from; None if from none."""
    for formula in [*case.reading.formulas, *case.known.formulas()]:
        values: dict[str, Value] = {}
        lines: list[int] = []
        names = quantities_in(formula)
        for name, part in names.items():
            own, current = case.known.own(part), case.known.current(part)
            if own is not None and own.charged:
                values[name] = own.value
                lines.append(own.charged)
            elif current is not None:
                values[name] = current.value
        if not lines or len(values) < len(names):
            continue
        value = value_or_none(flattened(formula), values)
        if value is not None and tier_of(result, value, value, None) not in ("wrong", None):
            return max(lines)
    return None


def _traced_formulas(case: Case) -> Iterator[tuple[Node, Mapping[str, Value]]]:
    for formula in case.known.formulas():
        values: dict[str, Value] = {}
        for name, part in quantities_in(formula).items():
            value = case.known.traced_value(part)
            if value is not None:
                values[name] = value
        yield flattened(formula), values


def _label(case: Case) -> Found | None:
    """Return the finding where the formula and the result are those of another quantity."""
    target, result = case.known.target, case.reading.result
    if target is None or target.value is None or result is None or result.figure is None:
        return None
    near = bounds_of(result.figure)
    if is_within(near, target.value):
        return None
    formula = case.reading.formula
    first = case.reading.numbers[0]
    names: dict[str, None] = {}
    for name, other in case.known.formulas_of(near):
        if formula is not None:
            same = _is_same_formula(other, formula)
        else:
            same = first.figure is None and _puts_in(case, other, first)
        if same and name != target.name:
            names[name] = None
    if len(names) != 1:
        return None
    name = next(iter(names))
    return label(name, case.links, index=is_entry_of(name, target.name))


def _puts_in(case: Case, formula: Node, numeric: Numeric) -> bool:
    """Say whether a member is a traced formula with the traced values put in."""
    bindings = aligned(formula, numeric.node)
    if bindings is None or not any(item.name for item in bindings):
        return False
    for item in bindings:
        written = figure(item.written)
        if not item.name:
            if item.symbol != item.written:
                return False
            continue
        value = case.known.traced_value(item.symbol)
        if written is None or value is None or not agrees(written, Known(item.name, value)):
            return False
    return True


def is_entry_of(one: str, other: str) -> bool:
    """Say whether two names differ in their index only, as `w[0]` and `w[1]`, `w1` and `w2`."""
    return _stem(one) == _stem(other)


def _stem(name: str) -> str:
    return key(name.partition("[")[0]).rstrip("'").rstrip("0123456789_")


def _is_same_formula(one: Node, other: Node) -> bool:
    """Say whether two formulas are one, each name written in its own way."""
    bindings = aligned(one, other)
    return bindings is not None and all(
        key_of(item.symbol) == key_of(item.written) if item.name else item.symbol == item.written
        for item in bindings
    )
