"""The external question, asked of a traced run: is a chain that holds the traced step?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from tracer.check.judging.agreement import FAR, agrees
from tracer.check.judging.alignment import Binding, aligned, leaves, number_of
from tracer.check.judging.blame import FEW_DIGITS, Blame, Slips, named_slips, result_slips
from tracer.check.judging.case import Case, Contradiction, are_exchanged
from tracer.check.judging.chain_reading import Numeric, entries, flattened
from tracer.check.judging.findings import Found, carried, correct, label, slip, undecided
from tracer.check.judging.internal import wrong_entry
from tracer.check.judging.links import tier_of
from tracer.check.judging.quantities import Known, entry, is_within, widened
from tracer.check.judging.recalling import is_learned, is_supposed
from tracer.check.judging.values import (
    entries_of,
    figures_of,
    printed_value,
    relaxed,
    transposed,
    value_or_none,
)
from tracer.check.numbers.figures import Figure, bounds_of, figure
from tracer.check.trace.aliases import key, key_of, name_of, quantities_in
from tracer.check.written import has_names
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, walk
from tracer.intervals import Interval, Unevaluable, Value, value_of

__all__ = ["against_trace", "is_entry_of", "is_own", "wrong_literal", "wrongly_put_in"]

MOST_ENTRIES: Final = 6  # whose slips are compared
PEN: Final = frozenset(("decimal_point", "digit_miscopied", "digits_swapped"))  # of one figure
MOST_STEPS: Final = 24  # that were not written down, one upon the other


def against_trace(case: Case) -> Found | None:
    """Return the finding where a chain that holds in itself is not the traced step."""
    target = case.known.target
    result = case.reading.result
    assert target is not None
    assert result is not None
    if _is_output_called_target(case):
        return None
    labelled = _label(case)
    if labelled is not None:
        return labelled
    wrong = case.contradicting()
    own = [item for item in wrong if is_own(case, item[1])]
    if wrong and len(own) == len(wrong):
        started = [case.known.own(binding.symbol) for _, binding, _ in own]
        if not any(value is not None and value.charged for value in started):
            return None  # the writer's own figures, whose roundings have added up
        return _carried(case, started)
    if wrong:
        return _wrong_figures(case, [item for item in wrong if item not in own])
    if target.value is None:
        return None
    outer = tier_of(result, target.value, target.value, None)
    if outer is None:
        return _other_shape(case, result, target.value)
    if outer in ("last_digit", "chopped"):  # or is it another figure's doing?
        misplaced = _misplaced(case)
        return None if misplaced is None else wrong_literal(case, *misplaced)
    return None if outer != "wrong" else _wrong_result(case, result, target.value)


def _is_output_called_target(case: Case) -> bool:
    """Say whether a datum is worked out: who calls the label t calls the output y."""
    target, name = case.known.target, case.reading.chain.target
    is_worked = case.reading.formula is not None or len(case.reading.numbers) > 1
    if target is None or name is None or not target.given or not is_worked:
        return False
    return case.known.is_datum(name)


def _is_own_working(case: Case, right: Value) -> bool:
    """Say whether a result follows from figures that the writer stated without a slip before.

    What he did not state is what it is in the run. The formula is the traced one, or one in
    names of the writer's own.
    """
    result = case.reading.result
    assert result is not None
    for member in case.reading.chain.members[1:]:
        if member.node is None or not has_names(member.node):
            continue
        formula = flattened(member.node)
        names = quantities_in(member.node)
        now = {name: case.known.current(part) for name, part in names.items()}
        own = {name: case.known.own(part) or now[name] for name, part in names.items()}
        stated = {name: known.value for name, known in own.items() if known and not known.charged}
        value = value_or_none(formula, stated) if len(stated) == len(names) else None
        if value is None or tier_of(result, value, value, None) in ("wrong", None):
            continue
        traced = value_or_none(formula, {name: known.value for name, known in now.items() if known})
        is_foreign = any(known is not None and known.line for known in now.values())
        if is_foreign or (traced is not None and is_within(traced, relaxed(right))):
            return True
    return False


def _is_worked_on(case: Case, result: Numeric) -> bool:
    """Say whether a result follows by the traced formula from what the writer stated before.

    What was not written down in between was worked out from those figures too.
    """
    kept: dict[str, Value | None] = {}
    for formula in case.known.formulas():
        values = {name: _worked(case, part, kept) for name, part in quantities_in(formula).items()}
        known = {name: value for name, value in values.items() if value is not None}
        value = value_or_none(flattened(formula), known) if len(known) == len(values) else None
        if value is not None and tier_of(result, value, value, None) not in ("wrong", None):
            return True
    return False


def _worked(
    case: Case, symbol: Node, kept: dict[str, Value | None], steps: int = MOST_STEPS
) -> Value | None:
    """Return what a quantity of a traced formula is where it is worked out from own figures.

    None where that starts from a slip.
    """
    name = name_of(symbol) or ""
    if name not in kept:
        own, traced = case.known.own_now(symbol), case.known.traced_value(symbol)
        kept[name] = traced if own is None else None if own.charged else own.value
        if own is None and steps:
            kept[name] = _worked_anew(case, symbol, kept, steps - 1, traced)
    return kept[name]


def _worked_anew(
    case: Case, symbol: Node, kept: dict[str, Value | None], steps: int, traced: Value | None
) -> Value | None:
    """Work a quantity out by its traced formula, an entry from the whole; else as it is traced."""
    if isinstance(symbol, Call):
        whole, *items = symbol.arguments
        places = [int(item.value) for item in items if isinstance(item, Number)]
        return entry(_worked(case, whole, kept, steps), places)
    for formula in case.known.formulas_behind(symbol):
        parts = quantities_in(formula)
        values = {name: _worked(case, part, kept, steps) for name, part in parts.items()}
        known = {name: value for name, value in values.items() if value is not None}
        if len(known) < len(values):
            return None
        worked = value_or_none(flattened(formula), known)
        if worked is not None:
            return worked
    return traced


def _is_within_working(case: Case, right: Value) -> bool:
    """Say whether the traced value is what the numbers put in may give, unrounded."""
    traced = [
        value
        for formula in case.known.formulas()
        for part in quantities_in(formula).values()
        if (value := case.known.traced_value(part)) is not None
    ]
    for working in case.reading.numbers[:-1]:
        halves = {**working.halves, **_halves_of(working, traced)}
        try:
            wide = value_of(working.node, working.values, halves) if halves else working.wide
        except Unevaluable:
            continue
        if wide != working.exact and is_within(right, wide):
            return True
    return False


def _halves_of(working: Numeric, traced: Sequence[Value]) -> dict[int, Fraction]:
    """Return by how much the figures of a working may be off that print rounded traced values."""
    halves: dict[int, Fraction] = {}
    for leaf in leaves(working.node):
        written = figure(leaf)
        if written is None or not written.decimals:
            continue
        exact = Interval(written.value, written.value)
        near = [value for value in traced if is_within(bounds_of(written), value)]
        if near and not any(value == exact for value in near):
            halves[id(number_of(leaf))] = written.half
    return halves


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
    if is_within(transposed(right), figures_of(result.node)):
        return slip(Blame(result, result.node, None, ("wrong_layout",)), case.links)
    if len(ours) == 1 and _computed_names(case):
        return None  # the writer calls the entries of one array z1 and z2
    return undecided(case.links)


def is_own(case: Case, binding: Binding) -> bool:
    """Say whether a figure is one that the writer stated earlier for that name.

    So is a datum of the sample that the writer took other data of.
    """
    written = figure(binding.written)
    own = case.known.own(binding.symbol)
    if written is None:
        return False
    if own is not None and isinstance(binding.symbol, Call):
        own = own._replace(half=min(own.half, written.half))  # that of the array is the coarsest
    if own is not None and agrees(written, own):
        return True
    if case.known.is_of_sample_told(binding.symbol, bounds_of(written)):
        return True
    return _is_worked_entry(case, binding.symbol, written)


def _is_worked_entry(case: Case, symbol: Node, written: Figure) -> bool:
    """Say whether an entry of an array was worked out from own figures, without a line for it."""
    meant = case.known.meant(symbol) if isinstance(symbol, Call) else None
    value = None if meant is None else _worked(case, meant, {})
    return isinstance(value, Interval) and agrees(written, Known("", value, computed=True))


def _carried(case: Case, values: Sequence[Known | None]) -> Found:
    lines = [value.charged or value.line for value in values if value is not None]
    return carried(case.links, max(lines, default=0), case.tier())


def wrongly_put_in(case: Case) -> Found | None:
    """Return the finding where a figure put in is not the run's, whatever will come of it."""
    wrong = [item for item in case.contradicting() if not is_own(case, item[1])]
    return _wrong_figures(case, wrong) if wrong else None


def _wrong_figures(case: Case, wrong: Sequence[Contradiction]) -> Found:
    """Blame figures that were put in, of which none is the writer's own."""
    if isinstance(wrong[0][1].symbol, Call) and len(wrong) > 1:
        return _wrong_entries(case, wrong)
    exchanged = _exchanged(wrong) if len(wrong) == 2 else None
    if exchanged is not None:
        return slip(exchanged, case.links, result_correct=bool(case.result_agrees(exchanged)))
    numeric, binding, current = wrong[0]
    return wrong_literal(case, numeric, binding.written, binding.symbol, current)


def wrong_literal(case: Case, numeric: Numeric, leaf: Node, symbol: Node, current: Known) -> Found:
    """Blame a figure that is not what is known of the name it stands for."""
    written = figure(leaf)
    assert written is not None
    slips = named_slips(written, symbol, current, case.reading)
    name = name_of(symbol) or ""
    blame = Blame(numeric, leaf, current.value, slips.ids, name, current.line, slips.other)
    return slip(blame, case.links, result_correct=bool(case.result_agrees(blame)))


def _exchanged(wrong: Sequence[Contradiction]) -> Blame | None:
    """Blame a difference whose two figures are each other's: it was taken the other way round."""
    (numeric, one, known), (other_numeric, two, other) = wrong
    if numeric is not other_numeric or not are_exchanged(*wrong):
        return None
    for part in walk(numeric.node):
        if not isinstance(part, Call) or part.operation != "subtract":
            continue
        left, right = part.arguments
        if left is one.written and right is two.written:
            value = value_or_none(
                Call("subtract", (Name("left"), Name("right"))),
                {"left": known.value, "right": other.value},
            )
            return Blame(numeric, part, value, ("error_reversed",))
    return None


def _wrong_entries(case: Case, wrong: Sequence[Contradiction]) -> Found:
    """Blame the first of several entries put in, with what explains all of them.

    Figures of one digit tell nothing.
    """
    figures = [(figure(item.written), item, known) for _, item, known in wrong[:MOST_ENTRIES]]
    slips = [
        named_slips(written, item.symbol, known, case.reading)
        for written, item, known in figures
        if written is not None and written.digits > 1
    ] or [Slips(())]
    ids = tuple(slip for slip in slips[0].ids if all(slip in other.ids for other in slips))
    numeric, binding, current = wrong[0]
    ids = tuple(slip for slip in ids if slip not in PEN) or ("plain_slip",)
    name = name_of(binding.symbol) or ""
    blame = Blame(numeric, binding.written, current.value, ids, name, current.line, slips[0].other)
    return slip(blame, case.links, result_correct=bool(case.result_agrees(blame)))


def _wrong_result(case: Case, result: Numeric, right: Value) -> Found | None:
    """Return the finding where numbers and working are right by themselves, the result not."""
    if (
        (_formula_holds(case) and not _is_way_off(case, result, right))
        or _is_within_working(case, right)
        or _is_own_working(case, right)
        or (_is_worked_on(case, result) and not case.known.is_told)
    ):
        return None  # roundings have added up
    own = _from_own_values(case, result)
    if own is not None:
        return carried(case.links, own, case.tier())
    if _is_half_of_loss(case, result, right):
        return undecided(case.links)
    written = figure(result.node)
    if written is None or not isinstance(right, Interval):
        return _wrong_array(case, result, right)
    sibling = _sibling(case, written)
    if sibling is not None:
        return sibling
    if _is_given(case):
        return _wrong_given(case, result, right)
    sources = [*case.written_formulas(), *_traced_formulas(case)]
    misplaced = _misplaced(case)
    if misplaced is not None:
        return wrong_literal(case, *misplaced)
    slips = result_slips(written, right, sources, case.reading, working=False)
    slips = slips or _unexplained(case)
    return slip(Blame(result, result.node, right, slips), case.links, result_correct=False)


def _is_half_of_loss(case: Case, result: Numeric, right: Value) -> bool:
    """Say whether a loss is half of the run's, and its formula says so: ½ (ŷ - y)²."""
    target, formula = case.known.target, case.reading.formula
    if target is None or formula is None or case.known.traced is None:
        return False
    if case.known.traced.phase(target.name) != "loss" or not isinstance(right, Interval):
        return False
    half = Interval(right.low / 2, right.high / 2)
    is_halved = tier_of(result, half, half, None) not in ("wrong", None)
    numbers = {part.value for part in walk(formula) if isinstance(part, Number)}
    return is_halved and (Fraction(1, 2) in numbers or {1, 2} <= numbers)


def _is_given(case: Case) -> bool:
    """Say whether a chain only says what a given number is."""
    target = case.known.target
    return target is not None and target.given and len(case.reading.chain.members) == 2


def _wrong_given(case: Case, result: Numeric, right: Interval) -> Found:
    """Return the finding where a given number is not the run's; a datum may be another sample's."""
    known, name = case.known, case.reading.chain.target
    assert known.target is not None
    assert name is not None
    written = result.figure
    line = case.reading.chain.beside
    assert known.traced is not None
    is_parameter = known.target.name.partition("[")[0] in known.traced.program.parameters
    may_be_learned = is_parameter and is_learned(line)
    if case.reading.chain.supposed or is_supposed(line) or may_be_learned:
        case.differs = True
        return undecided(case.links)
    is_sample = written is not None and known.is_of_another_sample(name, bounds_of(written))
    if is_sample and not known.one_sample:
        return correct("exact", case.links)
    blame = Blame(result, result.node, right, ("given_differs",), known.target.name)
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
    return () if case.reading.formulas or len(case.reading.numbers) > 1 else ("plain_slip",)


def _wrong_array(case: Case, result: Numeric, right: Value) -> Found | None:
    if entries(result.node, right) is None:
        if not isinstance(right, Interval) and is_within(transposed(right), result.exact):
            return slip(Blame(result, result.node, None, ("wrong_layout",)), case.links)
        return undecided(case.links)
    sources = [*case.written_formulas(), *_traced_formulas(case)]
    return wrong_entry(case, result, right, right, sources)


def _is_way_off(case: Case, result: Numeric, right: Value) -> bool:
    """Say whether a result is farther from the right one than any roundings bring it."""
    written = figure(result.node)
    if written is None or not isinstance(right, Interval):
        return False
    put_in = (figure(leaf) for numeric in case.reading.numbers for leaf in walk(numeric.node))
    scale = max(abs(right.low), *(abs(leaf.value) for leaf in put_in if leaf is not None))
    far = FAR * scale + written.half
    return not right.low - far <= written.value <= right.high + far


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
    """Return the line of the slip that a result was carried forward from; None if from none.

    What the writer stated without a slip is what he stated, or what it is in the run.
    """
    own_formulas = [*case.reading.formulas, *case.reading.aliases]
    for formula in [*own_formulas, *case.known.formulas()]:
        names = quantities_in(formula)
        own = {name: case.known.own(part) for name, part in names.items()}
        traced = {name: case.known.current(part) for name, part in names.items()}
        charged = {name: known for name, known in own.items() if known and known.charged}
        if not charged:
            continue
        stated = {name: known for name, known in own.items() if known}
        for known in ({**traced, **charged}, {**traced, **stated}):
            if _follows_from(result, formula, known):
                return max(item.charged for item in charged.values())
    return None


def _follows_from(result: Numeric, formula: Node, known: Mapping[str, Known | None]) -> bool:
    """Say whether a result is what a formula gives, as far as figures may have been rounded."""
    exact = {name: item.value for name, item in known.items() if item}
    wide = {name: widened(item.value, item.half) for name, item in known.items() if item}
    if len(exact) < len(known):
        return False
    value, bounds = (value_or_none(flattened(formula), values) for values in (exact, wide))
    if value is None or bounds is None:
        return False
    return tier_of(result, value, bounds, None) not in ("wrong", None)


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
    near = None if result is None else printed_value(result.node)
    if target is None or target.value is None or near is None:
        return None
    if is_within(near, target.value) or _shape_of(near) != _shape_of(target.value):
        return None
    names = _computed_names(case)
    if len(names) != 1:
        return None
    return label(names[0], case.links, index=is_entry_of(names[0], target.name))


def _shape_of(value: Value) -> list[int]:
    """Return the lengths of an array, none for a number."""
    return [] if isinstance(value, Interval) else [len(value), *_shape_of(value[0])]


def _computed_names(case: Case) -> list[str]:
    """Return the other quantities whose formula and value a chain has."""
    target, result = case.known.target, case.reading.result
    assert target is not None
    assert result is not None
    near = printed_value(result.node)
    if near is None:
        return []
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
    return list(names)


def _misplaced(case: Case) -> tuple[Numeric, Node, Node, Known] | None:
    """Return the one figure of a working without names that is not the traced value put in.

    The traced formulas say what each figure stands for. A figure that stands in two places for
    one name is one figure.
    """
    numbers = [item for item in case.reading.numbers if item.figure is None]
    if case.reading.formula is not None or not numbers or numbers[0].bindings:
        return None
    found: dict[tuple[str, str], tuple[Numeric, Node, Node, Known]] = {}
    for formula in case.known.formulas():
        wrong = _misfits(case, formula, numbers[0])
        names = {(name_of(symbol) or "", _figure_text(leaf)) for _, leaf, symbol, _ in wrong}
        if len(names) == 1:
            found[names.pop()] = wrong[0]
    return next(iter(found.values())) if len(found) == 1 else None


def _figure_text(leaf: Node) -> str:
    """Return what a figure says, with its sign."""
    written = figure(leaf)
    return "" if written is None else str(written.value)


def _misfits(
    case: Case, formula: Node, numeric: Numeric
) -> list[tuple[Numeric, Node, Node, Known]]:
    """Return the figures that differ from the traced values that a formula has in their places."""

    def known_of(item: Binding) -> Known | None:
        value = case.known.traced_value(item.symbol)
        return None if not isinstance(value, Interval) else Known(item.name, value, computed=True)

    def fits(item: Binding) -> bool:
        written, known = figure(item.written), known_of(item) if item.name else None
        return written is None or known is None or agrees(written, known)

    bindings = aligned(formula, numeric.node, fits) or []
    if any(not item.name and item.symbol != item.written for item in bindings):
        return []
    wrong: list[tuple[Numeric, Node, Node, Known]] = []
    for item in bindings:
        known = known_of(item) if item.name else None
        if item.name and (known is None or figure(item.written) is None):
            return []
        if known is not None and not fits(item):
            wrong.append((numeric, item.written, item.symbol, known))
    fitting = sum(1 for item in bindings if item.name) - len(wrong)
    return wrong if fitting else []


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
