"""Figures that were put in for names, and factors that were left out: which of them is wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from tracer.check.compare.bounded_values import (
    KnownValue,
    do_meet,
    is_telling,
    with_value,
)
from tracer.check.judge.evidence import (
    AGREED,
    Evidence,
    WrongPart,
    is_as_in_run,
    run_formulas,
    trees_agree,
)
from tracer.check.judge.explaining_slips import (
    FEW_DIGITS,
    confusion_words,
    formula_slips,
    roles_in,
    slips_of_digits,
    slips_of_formula,
    stale_slips,
)
from tracer.check.model.written_trees import (
    calls_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    signed_terms,
)
from tracer.check.slips.rewriting import ONE, part_places
from tracer.check.slips.roles import role_of
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.frozen import replace
from tracer.intervals import Interval

HALF: Final = Fraction(1, 2)
MOST_WRITTEN: Final = 8  # signs of a factor that was left out; longer ones nobody writes


def blame_put_in(
    evidence: Evidence, position: int, does_hold: Callable[[Node], bool]
) -> WrongPart | None:
    """Blame what a side has for a name and is not its value, where the right value makes it hold.

    Of several figures that only together make it hold the first is named, and none is repaired.
    """
    comparison, side = evidence.comparison, evidence.side(position)
    parts: list[WrongPart] = []
    wrong: list[WrongPart] = []
    names: set[str] = set()  # that wrong figures were put in for
    every: Node | None = side
    turned = {id(call.arguments[0]) for call in calls_in(side, frozenset(("negative",)))}
    placements = sorted(comparison.placements.values(), key=lambda placed: placed[1].start)
    for placed, node in placements:
        known_value = comparison.value_of_placed(placed)
        if (
            known_value is None
            or not any(each.node is node for each in part_places(side))
            or not is_literal(node)
        ):
            continue
        signed = negate(node) if id(node) in turned else node  # a sign may stand before it
        if known_value.fits(comparison.stands_for(signed)):
            continue
        blame = blame_figure(evidence, position, placed, node, known_value)
        wrong.append(blame)
        names.update(names_in(placed))
        mended = with_value(side, node, known_value.printed)
        every = every and with_value(every, node, known_value.printed)
        if mended is not None and does_hold(mended):
            parts.append(blame)
    if parts:  # of `-0.4` for -z it is the figure that is wrong
        inner = {id(each.node) for each in parts}
        parts = [each for each in parts if inner.isdisjoint(map(id, each.node.children()))]
        return parts[0] if len(parts) == 1 else None
    # What is worked out may be grouped in several ways: only of one name, β and 1 - β, are two
    # figures wrong together.
    are_of_names = all(each.name for each in wrong) or len(names) == 1
    if len(wrong) > 1 and every and are_of_names and does_hold(every):
        return replace(wrong[0], part="figures")
    return None


def blame_put_in_after(evidence: Evidence, formula: Node) -> WrongPart | None:
    """Blame what was put in for a name of a formula, on the side after it.

    The other figures of that side may be coarse.
    """
    fresh = evidence.comparison.afresh
    return blame_put_in(
        evidence, evidence.position + 1, lambda side: fresh().compare(formula, side) in AGREED
    )


def blame_figure(
    evidence: Evidence, position: int, placed: Node, node: Node, known: KnownValue
) -> WrongPart:
    """Return the blame of a figure that stands for a part of a formula, with what explains it."""
    bounds = evidence.comparison.stands_for(node)
    name = placed.id if isinstance(placed, Name) else ""
    own = evidence.writer.known_value(name)
    if own is not None and not own.error_line and known.fits(own.bounds):
        known = replace(known, printed=own.printed)  # as its writer has it
    slips = stale_slips(evidence, name, node) if name else []
    slips = slips or [*formula_slips(evidence, [placed], bounds, node)]
    lost = None if name else blame_factor_left_out(evidence, placed, node)
    if lost is not None:
        return replace(lost, position=position, slips=lost.slips or tuple(slips))
    is_entry = isinstance(placed, Call) and placed.operation == "index"
    is_miscopied = is_literal(placed) and node != ONE  # `b * 3 = 4 * 2`; a 1 may be a lost factor
    if position and not (name or slips or is_entry or is_miscopied):
        sides = evidence.side(position), evidence.side(position - 1)
        slips = [*slips_of_formula(evidence, *sides)]
    values = evidence.writer.named_values() if name and not slips else ()
    others = (each for each, value in values if each != name and do_meet(value.bounds, bounds))
    other = next(others, name)
    is_turned = not slips and isinstance(bounds, Interval) and do_meet(known.printed, -bounds)
    slips += ["sign_lost"] * is_turned  # or -1 is that of another name
    if other != name and (is_turned or any(map(is_telling, numbers_in(node)))):
        slips.append(confusion_words(name, other))
    mended, result = with_value(evidence.side(position), node, known.printed), evidence.result
    # The result that the right value gives shows that no more than its copy is wrong.
    is_copy = mended and result and trees_agree(evidence.comparison, mended, result)
    causes = tuple(slips) or slips_of_digits(node, known.printed, 1 if is_copy else FEW_DIGITS)
    causes = causes or ("plain_slip",) * (not name)
    return WrongPart(position, node, known.printed, "figure", causes, name, known.line, other)


def blame_factor_left_out(evidence: Evidence, left: Node, right: Node) -> WrongPart | None:
    """Blame the figures that lack one factor of their formula and agree with it otherwise.

    Where they have the value of the run, the formula is wrong.
    """
    comparison = evidence.comparison
    if is_as_in_run(evidence, right):
        return None
    left_term, right_term = comparison.term_apart(left, right)
    lost = comparison.factors_left_out(left_term, right_term)
    halves = ((1, Interval(HALF)), (-1, Interval(Fraction(2))))
    if len(lost) == 2 and all((at, comparison.value(each)) in halves for at, each in lost):
        return WrongPart(
            evidence.position, left_term, None, "formula", ("half_applied_twice",)
        )  # `½·½·e²`
    meant = {(level, comparison.value(factor)) for level, factor in lost}
    if len(meant) != 1:
        return None
    ((level, value),) = meant
    factor = lost[0][1]
    match factor:
        case Call(operation="divide", arguments=(Number(text=one), Number(text=other))):
            text = f"{one}/{other}"
        case _:
            number = None if value is None else with_value(ONE, ONE, value)
            text = number.text.removesuffix(".0") if isinstance(number, Number) else ""
    size = value.low if isinstance(value, Interval) and text else Fraction(1)  # of no array
    if not size:
        return None
    put_in = Number(text, size) if level > 0 else Number(f"1/{text}", 1 / size)
    causes = [
        _slips_of_lost(evidence, (factor, level, put_in.value), right_term)
        for level, factor in lost
    ]
    slips = tuple(dict.fromkeys(itertools.chain(*causes)))
    if not slips and right_term is not right:
        return None  # of an update others know more
    mended = Call("multiply", (put_in, right_term)) if 0 < len(text) <= MOST_WRITTEN else None
    return WrongPart(evidence.position + 1, right_term, None, "figure", slips, mended=mended)


def _slips_of_lost(
    evidence: Evidence, lost: tuple[Node, int, Fraction], figures: Node
) -> Iterator[str]:
    """Yield the slips that leave out a factor of a formula, or a divisor, in its figures."""
    factor, level, value = lost
    backward = roles_in(evidence, evidence.side(evidence.position)).phase == "backward"
    if names_in(factor):
        if isinstance(factor, Name) and role_of(factor.id) == "sample_count":
            yield "sum_for_mean"
        elif level > 0 and backward:
            yield "inner_derivative_left_out"
        return
    terms = len(signed_terms(figures))
    rows = (
        ("factor_2_left_out", value == 2 and backward),
        ("half_left_out", value == HALF),
        ("sum_for_mean", terms > 1 and value == Fraction(1, terms)),
    )
    yield from (slip for slip, holds in rows if holds)


def blame_put_in_before(evidence: Evidence) -> WrongPart | None:
    """Blame a figure that was put in for a name of the run's formula, or of a right one here."""
    first = evidence.trees[1]
    is_formula = first is not None and is_as_in_run(evidence, first) and bool(names_in(first))
    figures = evidence.trees[is_formula + 1] if len(evidence.trees) > is_formula + 2 else None
    if first is None or figures is None or names_in(figures):
        return None
    for formula in [first] if is_formula else run_formulas(evidence):
        evidence.comparison.align(formula, figures)  # it puts figures into the formula
        part = blame_put_in_after(replace(evidence, position=int(is_formula)), formula)
        if part is not None:
            is_unnamed = evidence.view is not None and part.name in evidence.view.unnamed
            return replace(part, name="") if is_unnamed else part
    return None
