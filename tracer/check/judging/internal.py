"""The internal question: where a link of a chain is broken, which figure is wrong?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracer.check.judging.alignment import differing
from tracer.check.judging.blame import Blame, array_slips, literal_repair, result_slips
from tracer.check.judging.case import Case, bound_values
from tracer.check.judging.chain_reading import Numeric, entries, flattened
from tracer.check.judging.findings import Found, slip, undecided
from tracer.check.judging.links import tier_of
from tracer.check.judging.quantities import is_within
from tracer.check.judging.values import (
    entries_of,
    figure_agrees,
    figures_of,
    printed_value,
    transposed,
    value_or_none,
)
from tracer.check.numbers.figures import bounds_of, figure
from tracer.check.slips.rewriting import call, divide, number
from tracer.check.trace.aliases import key
from tracer.expression.syntax import Call, Node, walk
from tracer.intervals import Interval, Value

__all__ = ["broken_link", "wrong_entry"]


def broken_link(case: Case, place: int) -> Found:
    """Return the finding where a link is broken."""
    left, right, _ = case.links[place]
    if case.known.traced is None and _has_other_base(case, left, right):
        return undecided(case.links)
    between = _between(case, place)
    if between is not None:
        return between
    repair = _repair_left(case, left)
    if repair is None and right.figure is None:
        repair = _repair_left(case, right)
    if repair is not None:
        return slip(repair, case.links, result_correct=case.result_agrees(repair))
    inside = _inside(case, left, right)
    if inside is not None:
        return slip(inside, case.links, result_correct=case.result_agrees(inside))
    written = figure(right.node)
    if written is None:
        return _broken_array(case, left, right)
    exact, wide = _single(left.exact), _single(left.wide)
    if isinstance(exact, Interval):
        turned = bounds_of(written._replace(value=-written.value))
        right_value = exact
        if is_within(wide, turned) and not is_within(exact, turned):
            right_value = Interval(-written.value, -written.value)  # all but its sign
        slips = result_slips(written, right_value, _sources(case, left), case.reading, working=True)
        blame = Blame(right, right.node, right_value, slips or ("plain_slip",))
        return slip(blame, case.links, result_correct=False)
    return undecided(case.links)


def _single(value: Value) -> Value:
    """Return the only entry of an array, as of a row times a column; else the value."""
    while not isinstance(value, Interval) and len(value) == 1:
        value = value[0]
    return value


def _has_other_base(case: Case, left: Numeric, right: Numeric) -> bool:
    """Say whether a figure follows where `log` has base 2 or 10, as in other fields.

    In a loss, and where `ln` is written, the logarithm is the natural one.
    """
    written, target = right.figure, case.known.target
    if written is None or "ln" in left.member.text or (target and key(target.name) == "loss"):
        return False
    for base in (2, 10):
        node = _with_base(left.node, base)
        value = None if node is left.node else value_or_none(node, left.values)
        if isinstance(value, Interval) and is_within(value, bounds_of(written)):
            return True
    return False


def _with_base(node: Node, base: int) -> Node:
    """Return an expression with its logarithms to a base; the very same where it has none."""
    if not isinstance(node, Call):
        return node
    arguments = tuple(_with_base(item, base) for item in node.arguments)
    if node.operation == "log":
        return divide(Call("log", arguments), call("log", number(base)))
    if all(new is old for new, old in zip(arguments, node.arguments, strict=True)):
        return node
    return Call(node.operation, arguments, node.keywords, node.start, node.end)


def _between(case: Case, place: int) -> Found | None:
    """Blame a figure in the middle where what stands on both sides of it agrees."""
    left, right, _ = case.links[place]
    later = [link.right for link in case.links[place + 1 :]]
    written = figure(right.node)
    if not later or written is None or not isinstance(left.exact, Interval):
        return None
    if not any(is_within(left.wide, _loose(other)) for other in later):
        return None
    slips = result_slips(written, left.exact, _sources(case, left), case.reading, working=True)
    blame = Blame(right, right.node, left.exact, slips or ("plain_slip",))
    return slip(blame, case.links, result_correct=True)


def _repair_left(case: Case, left: Numeric) -> Blame | None:
    """Blame a figure of the working where the result is the one it should be."""
    result = case.reading.result
    if result is None or result.figure is None:
        return None
    repair = literal_repair(left, bounds_of(result.figure), case.reading)
    if repair is None:
        return None
    referee = case.referee()
    if referee is not None and tier_of(result, referee, referee, None) == "wrong":
        return None
    return repair


def _inside(case: Case, left: Numeric, right: Numeric) -> Blame | None:
    """Blame one figure of an expression that should equal the one before it."""
    if right.figure is not None or not isinstance(left.exact, Interval):
        return None
    found = [
        Blame(right, leaf, value, ()) for leaf, value in _parts_that_differ(left.node, right.node)
    ]
    if len(found) != 1:
        return None
    blame = found[0]
    written = figure(blame.node)
    if written is None or not isinstance(blame.value, Interval):
        return None
    slips = result_slips(written, blame.value, (), case.reading, working=True)
    return blame._replace(slips=slips or ("plain_slip",))


def _broken_array(case: Case, left: Numeric, right: Numeric) -> Found:
    """Blame what does not follow where arrays are joined."""
    if left.values and case.known.traced is None:
        return undecided(case.links)  # its names may stand for one number or for many
    if entries(right.node, left.exact) is None:
        return _wrong_form(case, left, right)
    return wrong_entry(case, right, left.exact, left.wide, [(left.node, {})])


def _wrong_form(case: Case, left: Numeric, right: Numeric) -> Found:
    """Blame an array that has not the shape of what it should equal."""
    blame = Blame(right, right.node, _if_single(left.exact), ("plain_slip",))
    if isinstance(left.exact, Interval) != isinstance(right.exact, Interval):
        blame = blame._replace(slips=("wrong_shape",))
    elif not isinstance(left.exact, Interval):
        written = printed_value(right.node) or right.exact
        same = is_within(transposed(left.wide), written)
        blame = blame._replace(slips=("transpose_left_out" if same else "wrong_shape",))
    return slip(blame, case.links, result_correct=None)


def wrong_entry(
    case: Case,
    right: Numeric,
    exact: Value,
    wide: Value,
    sources: Sequence[tuple[Node, Mapping[str, Value]]],
) -> Found:
    """Blame what differs in an array from what it should be: one entry, or else all of it."""
    pairs, bounds = entries(right.node, exact), entries(right.node, wide)
    assert pairs is not None
    assert bounds is not None
    wrong = [
        (place, node, value)
        for place, ((node, value), (_, bound)) in enumerate(zip(pairs, bounds, strict=True))
        if not figure_agrees(node, value, bound)
    ]
    place, node, value = wrong[0]
    slips: tuple[str, ...] = ()
    if len(wrong) > 1:
        written = figures_of(right.node)
        if is_within(transposed(exact), written):
            slips = ("transpose_left_out" if _multiplies(sources) else "wrong_layout",)
        slips = slips or array_slips(written, exact, sources, case.reading)
        if not slips and all(_is_turned(node, value) for _, node, value in wrong):
            slips = ("sign_lost",)
        slips = slips or (("plain_slip",) if case.links else ())
        return slip(Blame(right, right.node, exact, slips), case.links, result_correct=False)
    figured = figure(node)
    assert figured is not None
    slips = array_slips(
        bounds_of(figured),
        value,
        sources,
        case.reading,
        lambda other: entries_of(other)[place],
    ) or result_slips(figured, value, (), case.reading, working=True)
    slips = slips or (("plain_slip",) if case.links else ())
    return slip(Blame(right, node, value, slips), case.links, result_correct=False)


def _is_turned(node: Node, value: Interval) -> bool:
    """Say whether a printed entry is a value but for its sign."""
    written = figure(node)
    return written is not None and is_within(
        value, bounds_of(written._replace(value=-written.value))
    )


def _multiplies(sources: Sequence[tuple[Node, Mapping[str, Value]]]) -> bool:
    """Say whether a formula multiplies or transposes matrices, so that a transpose can lack."""
    operations = {
        part.operation for node, _ in sources for part in walk(node) if isinstance(part, Call)
    }
    return bool(operations & {"matmul", "dot", "transpose", "transpose_last"})


def _sources(case: Case, left: Numeric) -> list[tuple[Node, Mapping[str, Value]]]:
    """Return what may have been worked out wrongly: the numbers, the formula they stand for."""
    sources: list[tuple[Node, Mapping[str, Value]]] = [(left.node, {})]
    values = bound_values(left.bindings)
    if case.reading.formula is not None and values:
        sources.append((flattened(case.reading.formula), values))
    return sources


def _loose(numeric: Numeric) -> Value:
    """Return what a member's value may be, its figure being rounded."""
    written = numeric.figure
    return numeric.wide if written is None else bounds_of(written)


def _if_single(value: Value) -> Interval | None:
    return value if isinstance(value, Interval) else None


def _parts_that_differ(left: Node, right: Node) -> list[tuple[Node, Value]]:
    """Return the figures of an expression that differ from the part of the other in their place."""
    found: list[tuple[Node, Value]] = []
    for part, leaf in differing(left, right):
        value = value_or_none(part, {})
        written = figure(leaf)
        if value is not None and (written is None or not is_within(value, bounds_of(written))):
            found.append((leaf, value))
    return found
