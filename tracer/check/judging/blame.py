"""Find the figure that is wrong in a chain, what belongs there, and which slip explains it.

Causes come from three places: another formula over the same quantities that gives the written
figure, another quantity whose value was put in, and slips of the pen in the digits. One is named
only where exactly one explains the figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tracer.check.judging.agreement import agrees, part_value
from tracer.check.judging.alignment import Binding, leaves
from tracer.check.judging.chain_reading import Numeric, Reading, flattened
from tracer.check.judging.quantities import Known, is_within
from tracer.check.judging.values import names_of, value_or_none
from tracer.check.numbers.figures import Figure, bounds_of, figure, printed
from tracer.check.numbers.inverse import replaced, wanted
from tracer.check.report import SlipKind
from tracer.check.slips.causes import SLIPS
from tracer.check.slips.digit_slips import digit_slips
from tracer.check.slips.mal_rules import guess_roles, mal_rules
from tracer.check.trace.aliases import key, key_of, name_of, quantities_in
from tracer.expression.syntax import Name, Node
from tracer.intervals import Interval, Unevaluable, Value, value_of

__all__ = [
    "FEW_DIGITS",
    "Blame",
    "Slips",
    "array_slips",
    "literal_repair",
    "named_slips",
    "result_slips",
]

FEW_DIGITS: Final = 2  # so few digits may agree by chance
LIKELIER: Final = (("relu_gate_ignored", "chain_factors_added"),)
# Slips in working out numbers that already stand there; they come before slips of the formula.
WORKING_OUT: Final = ("minus_times_minus", "negative_square", "order_of_operations")
# What stands on the line cannot have been left out of the formula.
NOT_IN_WORKING: Final = frozenset(
    (
        "bias_added_twice",
        "bias_left_out",
        "error_reversed",
        "other_sample",
        "path_left_out",
    )
)


class Blame(NamedTuple):
    """A wrong figure: where it is printed, what belongs there, and the slips that explain it."""

    numeric: Numeric
    node: Node
    value: Value | None  # what belongs there
    slips: tuple[str, ...]  # ids, the likeliest first
    name: str = ""  # the quantity that the figure should print
    line: int = 0  # where that was stated
    other: str = ""  # the quantity whose value was written instead

    @property
    def kinds(self) -> tuple[SlipKind, ...]:
        """The kinds of the slips, each once."""
        return tuple(dict.fromkeys(SLIPS[slip].kind for slip in self.slips))

    @property
    def cause(self) -> str | None:
        """The slip, where exactly one explains the figure."""
        return self.slips[0] if len(self.slips) == 1 else None


class Slips(NamedTuple):
    """The slips by which another figure was put in, and the quantity whose value it is."""

    ids: tuple[str, ...]
    other: str = ""


def literal_repair(numeric: Numeric, target: Interval, reading: Reading) -> Blame | None:
    """Return the one figure which, set right, makes the member give the target.

    A figure that stands for a name is a candidate where it differs from what the name is known
    to be; another one where exactly one quantity has the value that would be needed.
    """
    strong: list[Blame] = []
    weak: list[Blame] = []
    for leaf in leaves(numeric.node):
        written = figure(leaf)
        needed = wanted(numeric.node, leaf, target) if written is not None else ()
        if written is None or not needed:
            continue
        binding = numeric.binding_of(leaf)
        part = next(
            (item for item in numeric.bindings if item.is_part and item.written is leaf), None
        )
        if part is not None:
            strong += _part_repair(numeric, leaf, written, target, part, reading)
        elif binding is not None:
            strong += _named_repair(numeric, leaf, written, target, binding, reading)
        else:
            weak += _unnamed_repair(numeric, leaf, written, needed, reading)
    for found in (strong, weak):
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None


def _named_repair(
    numeric: Numeric,
    leaf: Node,
    written: Figure,
    target: Interval,
    binding: Binding,
    reading: Reading,
) -> Iterator[Blame]:
    current = reading.known.current(binding.symbol)
    if current is None or agrees(written, current) or not isinstance(current.value, Interval):
        return
    if is_within(_value_with(numeric, leaf, current.value), target):
        slips = named_slips(written, binding.symbol, current, reading)
        yield Blame(
            numeric, leaf, current.value, slips.ids, binding.name, current.line, slips.other
        )


def _part_repair(
    numeric: Numeric,
    leaf: Node,
    written: Figure,
    target: Interval,
    part: Binding,
    reading: Reading,
) -> Iterator[Blame]:
    """Yield a figure whose sign is not that of the part of the formula it stands for."""
    current = part_value(part.symbol, reading.known)
    if current is None or agrees(written, current) or not isinstance(current.value, Interval):
        return
    turned = is_within(Interval(-written.value, -written.value), current.value)
    if turned and is_within(_value_with(numeric, leaf, current.value), target):
        yield Blame(numeric, leaf, current.value, ("sign_lost",))


def _value_with(numeric: Numeric, leaf: Node, value: Interval) -> Value:
    """Return what a member may be worth with another value for one of its figures."""
    name = "\0right"
    node = replaced(numeric.node, leaf, Name(name))
    try:
        return value_of(node, {**numeric.values, name: value}, numeric.halves)
    except Unevaluable:
        return ()


def _unnamed_repair(
    numeric: Numeric,
    leaf: Node,
    written: Figure,
    needed: Sequence[Interval],
    reading: Reading,
) -> Iterator[Blame]:
    target = reading.known.target
    if target is None or reading.formula is not None:
        return
    own = reading.known.own(Name(target.name.rstrip("'")))
    result = reading.result
    last = None if result is None else result.figure
    # Without a formula only one repair is sure: the updated value for the one before the update.
    if own is None or last is None or written.value != last.value or agrees(written, own):
        return
    if any(is_within(own.value, interval) for interval in needed):
        yield Blame(numeric, leaf, own.value, ("updated_for_old",), own.name, own.line)


def named_slips(written: Figure, symbol: Node, current: Known, reading: Reading) -> Slips:
    """Return the slips by which another figure was put in for a name."""
    near = bounds_of(written)
    name = name_of(symbol) or ""
    found = tuple(dict.fromkeys(_other_time(near, symbol, reading)))
    if found and not _is_chance(written, symbol, reading):
        return Slips(found, name)
    if is_within(Interval(-written.value, -written.value), current.value):
        return Slips(("sign_lost",))
    if reading.known.is_of_another_sample(symbol, near):
        return Slips(("other_sample",), name)
    others = [
        known
        for known in reading.known.elsewhere(near)
        if key(known.name) != key(name) and (written.digits > 1 or _stem(known.name) == _stem(name))
    ]
    if others:
        datum = reading.known.is_datum(symbol)
        ids = (_other_quantity(name, other, datum=datum) for other in others)
        return Slips(tuple(dict.fromkeys(ids)), others[0].name)
    assert isinstance(current.value, Interval)
    digits = digit_slips(written.text, printed(current.value, written))
    if digits:
        return Slips(tuple(digits))
    return Slips(("given_differs",) if not current.computed else ("plain_slip",))


def _other_time(near: Interval, symbol: Node, reading: Reading) -> Iterator[str]:
    """Yield the slips by which a value of the same quantity at another time was taken."""
    target = reading.known.target
    result = reading.result
    name = name_of(symbol) or ""
    if reading.known.is_update and target is not None and result is not None:
        same = key(target.name).rstrip("'") == key(name).rstrip("'")
        if same and isinstance(result.exact, Interval) and is_within(result.exact, near):
            yield "updated_for_old"
            return
    if _is_recomputed(near, symbol, reading):
        yield "gradient_after_first_update"
        return
    for known in reading.known.other_times(symbol):
        if is_within(known.value, near):
            if known.relation == "newer":
                yield "updated_for_old"
            elif is_gradient(name):
                yield "previous_gradient_again"
            else:
                yield "old_value_in_next_step"
            return


def is_gradient(name: str) -> bool:
    """Say whether a name is that of a gradient."""
    return "/d" in key(name) or name in ("g", "grad") or name.startswith(("grad_", "delta", "δ"))


def _is_chance(written: Figure, symbol: Node, reading: Reading) -> bool:
    """Say whether a figure of one digit is only near what a name was at another time."""
    if written.digits > 1:
        return False
    values = [known.value for known in reading.known.other_times(symbol)]
    if reading.result is not None and reading.result.figure is not None:
        values.append(reading.result.exact)
    return not any(is_within(value, Interval(written.value, written.value)) for value in values)


def _is_recomputed(near: Interval, symbol: Node, reading: Reading) -> bool:
    """Say whether a figure is a forward value taken again after the first update of a step."""
    name = key_of(symbol)
    formula = None if name is None else reading.known.memory.formula(name)
    if formula is None:
        return False
    parts = quantities_in(formula)
    if not any(reading.known.memory.is_updated(key_of(part) or "") for part in parts.values()):
        return False
    values: dict[str, Value] = {}
    for name, part in parts.items():
        own = reading.known.own(part)
        if own is None:
            return False
        values[name] = own.value
    value = value_or_none(flattened(formula), values)
    return value is not None and is_within(value, near)


def _stem(name: str) -> str:
    """Return a name without its index: `x` of `x[0]`, `x_2`, `x(1)`."""
    return name.partition("[")[0].partition("^")[0].rstrip("0123456789_()")


def _other_quantity(name: str, other: Known, *, datum: bool) -> str:
    """Return how another quantity's value came to be put in for a name."""
    stem, other_stem = _stem(name), _stem(other.name)
    if stem and stem == other_stem:
        return "other_sample" if datum else "other_index"
    if other.phase == "loss" or other_stem.lower() in ("loss", "l", "e", "error", "mse"):
        return "loss_for_error"
    if {stem, other_stem} <= {"a", "z", "h", "net", "out"}:
        return "activation_for_net_input"
    return "other_parameter"


def result_slips(
    written: Figure,
    right: Interval | None,
    sources: Iterable[tuple[Node, Mapping[str, Value]]],
    reading: Reading,
    *,
    working: bool,
) -> tuple[str, ...]:
    """Return the slips that give a written result, the likeliest first.

    `sources` are formulas with the values of their names; `working` is true where the numbers
    put in are right and only the working out is wrong.
    """
    near = bounds_of(written)
    few = written.digits <= FEW_DIGITS and bool(written.half)
    exact = Interval(written.value, written.value)
    found = list(_formula_slips(exact if few else near, right, sources, reading))
    if working:
        found = [slip for slip in found if slip not in NOT_IN_WORKING]
        found = [slip for slip in found if slip in WORKING_OUT] or found
    if not found and written.digits > 1:
        found = list(_result_of_another(near, reading))
    digits = [] if right is None else digit_slips(written.text, printed(right, written))
    if written.digits <= FEW_DIGITS:  # any two figures of two digits are nearly the same
        digits = [slip for slip in digits if slip != "digit_miscopied"]
    kinds = {SLIPS[slip].kind for slip in found}
    for slip in digits:
        if not found or (slip != "digit_miscopied" and SLIPS[slip].kind not in kinds):
            found.append(slip)
    return _without_chance(found)


def _without_chance(slips: Iterable[str]) -> tuple[str, ...]:
    """Return slips each once; where two agree by chance (x + 0 is x · 1) the likelier one."""
    found = dict.fromkeys(slips)
    for likelier, other in LIKELIER:
        if likelier in found:
            found.pop(other, None)
    return tuple(found)


def array_slips(
    written: Value,
    right: Value | None,
    sources: Iterable[tuple[Node, Mapping[str, Value]]],
    reading: Reading,
    at: Callable[[Value], Value] = lambda value: value,
) -> tuple[str, ...]:
    """Return the slips that give an array; `written` has the bounds of its figures.

    `at` takes out the part of it that is compared.
    """
    return _without_chance(_formula_slips(written, right, sources, reading, at))


def _formula_slips(
    near: Value,
    right: Value | None,
    sources: Iterable[tuple[Node, Mapping[str, Value]]],
    reading: Reading,
    at: Callable[[Value], Value] = lambda value: value,
) -> Iterator[str]:
    if not reading.known.explains:
        return
    target = reading.known.target
    name = "" if target is None else target.name
    own = _own_values(reading)
    for formula, given in sources:
        values = {**own, **given}
        known = [name.id for name in names_of(formula)]
        known += reading.known.memory.names()
        # Numbers without a name to their left are of the phase of the formula beside them.
        beside = formula if name or names_of(formula) else reading.formula or formula
        roles = guess_roles(known, name, beside)
        explained = False
        if right is not None and _gives(formula, values, near, at):
            continue  # nothing was done wrongly with this formula
        for suspect in mal_rules(formula, roles):
            try:
                value = at(value_of(suspect.node, values))
            except (Unevaluable, LookupError):
                continue
            if is_within(value, near) and (right is None or not is_within(value, right)):
                explained = True
                yield suspect.slip
        if explained:  # the formula that stands there says more than others for the quantity
            return


def _gives(
    formula: Node, values: Mapping[str, Value], near: Value, at: Callable[[Value], Value]
) -> bool:
    """Say whether a formula gives a figure as it stands."""
    try:
        return is_within(at(value_of(formula, values)), near)
    except (Unevaluable, LookupError):
        return False


def _result_of_another(near: Interval, reading: Reading) -> Iterator[str]:
    """Yield the slips by which another quantity's value is written as the result."""
    target = reading.known.target
    if target is None:
        return
    node = Name(target.name)
    for known in reading.known.other_times(node):
        if is_within(known.value, near):
            if is_gradient(target.name):
                yield "previous_gradient_again"
            return


def _own_values(reading: Reading) -> dict[str, Value]:
    """Return what the writer stated of each name; a wrong formula may use other names."""
    memory = reading.known.memory
    return {
        name: known.value for name in memory.names() if (known := memory.current(name)) is not None
    }
