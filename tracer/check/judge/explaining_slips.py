"""Slips that explain a wrong figure: those of the pen, of another value, of a formula."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

from tracer.check.arithmetic.figures import figure, written_like
from tracer.check.compare.bounded_values import (
    do_meet,
    entries_of,
    is_result,
    is_telling,
    significant_digits,
)
from tracer.check.judge.evidence import Evidence, run_formulas
from tracer.check.model.written_trees import names_in, numbers_in
from tracer.check.slips.causes import SLIPS
from tracer.check.slips.digit_slips import digit_slips
from tracer.check.slips.mal_rules import Suspect, mal_rules
from tracer.check.slips.roles import DATA, Roles, guess_roles, role_of
from tracer.expression.syntax import Name, Node, walk
from tracer.intervals import Interval, Value

FEW_DIGITS: Final = 2  # any two figures of two digits are nearly the same
LARGE: Final = 10**6  # a figure of which the point is seldom misplaced
MOST_WORK: Final = 10_000
"""Operations on numbers with which causes are tried: they take a third of a second at the most."""
WORKING_OUT: Final = ("minus_times_minus", "negative_square", "order_of_operations")
"""Slips in working out figures that stand there; they come before slips of the formula."""
NET_INPUTS: Final = ("z", "net")


def slips_of_digits(node: Node, value: Value | None, few: int = FEW_DIGITS) -> tuple[str, ...]:
    """Return the slips of the pen by which a figure stands for a value; not of a `few` digits."""
    like = figure(node)
    if like is None or not isinstance(value, Interval):
        return ()
    slips = digit_slips(like.text, written_like(value, like))
    if (
        not slips and value.is_exact and abs(value.low) < LARGE
    ):  # a point in the wrong place has moved its last digits too
        exact = digit_slips(like.text, str(float(value.low)))
        slips = [slip for slip in exact if slip == "decimal_point"]
    return tuple(s for s in slips if s != "digit_miscopied" or like.digits > few)


def stem_of(name: str) -> str:
    """Return a name without its index."""
    return name.rstrip("0123456789_^()[], '")


def confusion_words(name: str, other: str) -> str:
    """Return how another quantity's value came to be put in for a name."""
    stem, other_stem = stem_of(name), stem_of(other)
    slips = (  # the first that holds
        ("other_index", stem and stem == other_stem),
        ("loss_for_error", (role_of(name), role_of(other)) == ("error", "loss")),
        ("activation_for_net_input", stem in NET_INPUTS and other_stem in ("a", "h", "out")),
        ("other_parameter", True),
    )
    return next(slip for slip, holds in slips if holds)


def stale_slips(evidence: Evidence, name: str, node: Node) -> list[str]:
    """Return which value of the same name was taken: the updated one, or an old one; or none.

    Data are given anew, for another sample, and not updated.
    """
    if role_of(name) in DATA and name not in evidence.writer.updated:
        return []
    comparison = evidence.comparison
    figures = comparison.stands_for(node)
    updated = comparison.world.known_value(name + "'")
    updates = evidence.updated_values.get(name, ())
    is_told_later = any(map(is_telling, numbers_in(node))) and any(
        do_meet(comparison.stands_for(each), figures) for each in updates
    )
    is_of_own_update = (evidence.target or "").rstrip("'") == name.rstrip("'")
    result = evidence.result if is_of_own_update and evidence.view is None else None
    is_own_result = result is not None and comparison.value(result) == comparison.value(node)
    view, is_later = evidence.view, False
    if view is not None and (name in view.carried or not view.is_given(name)):
        after, before = (
            any(
                (value := view.value(spot, evidence.iteration + step)) and value.fits(figures)
                for spot in view.spots(name, is_target=False)[:1]
            )
            for step in (1, -1)
        )
        is_later = after and not before
    is_updated = is_own_result or (updated is not None and do_meet(updated.printed, figures))
    if is_updated or is_later or is_told_later:
        is_in_step = view is None and name in evidence.writer.updated and not is_of_own_update
        return ["gradient_after_first_update" if is_in_step else "updated_for_old"]
    was_so = any(do_meet(each.bounds, figures) for each in comparison.world.earlier(name))
    old = "previous_gradient_again" if "/d" in name else "old_value_in_next_step"
    return [old] if was_so else []


def most_trials(side: Node, value: Value | None) -> int:
    """Return how often a side may be worked out in another form while a cause is looked for."""
    numbers = 1 if value is None else len(list(entries_of(value)))
    return MOST_WORK // (numbers * sum(1 for _ in walk(side)))


def formula_slips(
    evidence: Evidence, formulas: Iterable[Node], written: Value, node: Node | None = None
) -> Sequence[str]:
    """Return the slips whose wrong formula gives what was written, as figures at `node`.

    The first of some formulas that explains it says more than others for the quantity.
    """
    for formula in formulas:
        most = most_trials(formula, written)
        tried = list(itertools.islice(mal_rules(formula, roles_in(evidence, formula)), most + 1))
        slips = _fitting_slips(evidence, tried if len(tried) <= most else (), written, node)
        if slips:
            return slips
    return []


def _fitting_slips(
    evidence: Evidence, suspects: Iterable[Suspect], written: Value, node: Node | None = None
) -> Sequence[str]:
    """Return the slips whose formula gives what was written, each once.

    What figures of one or two digits are rounded from fits one of many formulas by chance, and of
    one digit one of the few ways of working it out, or of the terms that may have been left out.
    Where a value stands alone nobody sees how it was worked out.
    """
    trees = filter(None, evidence.trees)
    is_alone = all(isinstance(each, Name) or is_result(each) for each in trees)
    comparison = evidence.comparison.afresh()
    digits = max(map(significant_digits, numbers_in(node)), default=0) if node is not None else 0
    printed = comparison.value(node) if node is not None and 0 < digits <= FEW_DIGITS else None
    slips: dict[str, None] = {}
    for suspect in suspects:
        value = comparison.value(suspect.node, "bounds")
        is_working = suspect.slip in WORKING_OUT
        if value is None or not do_meet(value, written) or (is_working and is_alone):
            continue
        is_worked_out = is_working and digits > 1
        is_exact = value == printed and (digits > 1 or suspect.slip != "path_left_out")
        if printed is None or is_worked_out or is_exact:
            slips[suspect.slip] = None
    return list(slips)


def roles_in(evidence: Evidence, formula: Node) -> Roles:
    """Return how the names behave that a formula has, and those that the document has stated."""
    names = [name for name, _ in evidence.writer.named_values()]
    trees = (formula, *filter(None, evidence.trees))  # figures are those of the line's formula
    of_names = next((tree for tree in trees if not isinstance(tree, Name) and names_in(tree)), None)
    return guess_roles([*names, *names_in(formula)], evidence.target, of_names or formula)


def slips_of_formula(evidence: Evidence, left: Node, right: Node) -> tuple[str, ...]:
    """Return the slips that turn what the right side works out into the wrong one, the left."""
    value, other = (evidence.comparison.value(side, "bounds") for side in (left, right))
    if value is None or (other is not None and do_meet(value, other)):
        return ()  # a value that both have tells nothing
    figures = None if names_in(left) else left
    slips = formula_slips(evidence, [*run_formulas(evidence), right], value, figures)
    return tuple(slip for slip in slips if slip not in WORKING_OUT)


def with_digits(found: Sequence[str], right: Node, value: Value | None) -> tuple[str, ...]:
    """Return slips of formulas, and those of the pen that explain a figure besides."""
    slips = list(dict.fromkeys(found))
    for slip in slips_of_digits(right, value):
        if slip == "digit_miscopied" and slips:
            continue
        if not slips or SLIPS[slip].kind not in {SLIPS[each].kind for each in slips}:
            slips.append(slip)
    return tuple(slips)
