"""The wrong formulas that people use instead of a right one, each with the slip it shows.

A rule is a row: a law of algebra or of the derivative, and what is written in its place. Each is
tried at each place of a formula. Nothing is evaluated here: whether a wrong formula gives the
written figure is for the judge to see, and so is that it is the only one.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tracer.check.model.written_trees import names_in
from tracer.check.slips.part_kinds import Surroundings, is_of_kind
from tracer.check.slips.rewriting import (
    Place,
    change_order,
    part_places,
    rewritings,
)
from tracer.check.slips.roles import Roles
from tracer.expression import parse
from tracer.expression.syntax import Name, Node
from tracer.frozen import Frozen
from tracer.intervals import ALSO
from tracer.operations import vocabulary
from tracer.program.program import substitute

MAX_NODES: Final = 400
MAX_SUSPECTS: Final = 250
ANY_PART: Final = "a"
"""What is left of a formula by a rule that is not read backwards: some part has a root that fits,
or a square.
"""
GATE_IGNORED: Final = "relu_gate_ignored"
"""A slip that is not read backwards: some part of a formula is 0."""

# slip, what is right, what is written instead, phases of a formula in which it is (empty: all)
RULES: Final = (
    # signs
    ("minus_times_minus", "-(-rest)", "-rest", ""),
    ("minus_times_minus", "a - (-rest)", "a - rest", ""),
    ("negative_square", "signed**2", "-(signed**2)", ""),
    ("negative_square", "square(a)", "-square(a)", ""),
    ("plus_for_minus", "w - step", "w + step", ""),
    ("error_reversed", "error", "-error", ""),
    # the learning rate
    ("update_applied_twice", "w - step", "w - step - step", ""),
    ("learning_rate_left_out", "w - rate*rest", "w - rest", ""),
    ("learning_rate_left_out", "named_rate*rest", "rest", ""),
    ("learning_rate_times_weight", "w - rate*rest", "rate*(w - rest)", ""),
    ("learning_rate_times_weight", "w - rate*rest", "rate*w - rest", ""),
    # 2 and ½
    ("half_applied_twice", "0.5*2*rest", "0.5*rest", "backward update"),
    ("factor_2_added", "0.5*two*rest", "two*rest", "backward update"),
    ("factor_2_left_out", "two*rest", "rest", "loss backward update unknown"),
    ("exponent_kept", "two*error", "two*error**2", "backward unknown"),
    ("exponent_kept", "3*a**2", "3*a**3", "backward unknown"),
    ("factor_2_added", "single_error", "2*single_error", ""),
    ("factor_2_added", "squares/2", "squares", "backward update"),
    ("factor_2_added", "squares*0.5", "squares", "backward update"),
    ("half_left_out", "squares/2", "squares/2*2", "forward loss unknown"),  # or a mean of two
    ("half_left_out", "rest/count_of_two", "rest/count_of_two*2", "loss unknown"),
    ("half_left_out", "squares*0.5", "squares", "forward loss unknown"),
    ("half_applied_twice", "single_error", "single_error/2", ""),
    ("half_applied_twice", "squares/2", "squares/2/2", ""),
    ("half_applied_twice", "squares*0.5", "squares*0.5/2", ""),
    ("half_applied_twice", "1/2*a**2", "(1/2*a)**2", ""),
    ("half_applied_twice", "0.5*a**2", "(0.5*a)**2", ""),
    # means
    ("only_one_sample", "(sample + rest)/count", "sample", ""),
    ("only_one_sample", "(sample + rest)/count", "sample/count", ""),
    ("only_one_sample", "mean(a)", "a[0]", ""),
    ("only_one_sample", "mean(a)", "a[1]", ""),
    ("only_one_sample", "mean(a)", "a[2]", ""),
    ("only_one_sample", "mean(a)", "a[3]", ""),
    ("sum_for_mean", "rest/count", "rest", ""),
    ("sum_for_mean", "mean(a)", "sum(a)", ""),
    ("sum_for_mean", "mse(a, b)", "sum((a - b)**2)", ""),
    ("divided_twice", "rest/count", "rest/count/count", ""),
    ("divided_twice", "mean(a)", "mean(a)*mean(a)/sum(a)", ""),
    ("divided_twice", "mse(a, b)", "mse(a, b)*mse(a, b)/sum((a - b)**2)", ""),
    ("multiplied_by_n", "rest/count", "rest*count", ""),
    ("multiplied_by_n", "mean(a)", "sum(a)*sum(a)/mean(a)", ""),
    # functions
    ("exponent_sign", "exp(a)", "exp(-a)", ""),
    ("exponent_sign", "sigmoid(a)", "sigmoid(-a)", ""),
    ("exponent_sign", "e**a", "e**(-a)", ""),
    ("log_base", "log(a)", "log(a)/log(10)", ""),
    ("log_base", "log(a)", "log(a)/log(2)", ""),
    ("log_base", "bce(a, b)", "bce(a, b)/log(10)", ""),
    ("log_base", "cross_entropy(a, b)", "cross_entropy(a, b)/log(10)", ""),
    ("square_left_out", "a**2", "a", ""),
    ("square_left_out", "square(a)", "a", ""),
    ("square_left_out", "difference**2", "difference", ""),
    ("root_left_out", "sqrt(a)", "a", ""),
    ("relu_gate_ignored", "relu(a)", "a", ""),
    ("relu_gate_ignored", "relu(-a)", "relu(a)", ""),
    ("relu_gate_ignored", "maximum(0, a)", "a", ""),
    ("relu_gate_ignored", "maximum(a, 0)", "a", ""),
    ("relu_gate_ignored", "where(c, a, 0)", "a", ""),
    ("relu_gate_ignored", "gate*rest", "rest", ""),
    ("softmax_not_divided", "softmax(a)", "exp(a)", ""),
    ("softmax_not_divided", "a/(a + rest)", "a", ""),
    ("softmax_not_divided", "exp(a)/sum(exp(b))", "exp(a)", ""),
    ("root_d_left_out", "rest/sqrt(d)", "rest", "forward loss backward unknown"),
    ("bias_left_out", "rest + bias", "rest", "forward unknown"),
    ("bias_added_twice", "rest + bias", "rest + bias + bias", "forward unknown"),
    # the chain rule
    ("activation_derivative_left_out", "rest*share*(1 - share)", "rest",
     "backward update unknown"),
    ("activation_derivative_left_out", "rest*(1 - a**2)", "rest", "backward update unknown"),
    ("activation_derivative_left_out", "rest*(1 - a*a)", "rest", "backward update unknown"),
    ("activation_derivative_left_out", "rest*slope", "rest", "backward update unknown"),
    ("activation_derivative_at_output", "share*(1 - share)",
     "sigmoid(share)*(1 - sigmoid(share))", "backward update unknown"),
    ("activation_derivative_at_output", "1 - a**2", "1 - tanh(a)**2", "backward"),
    ("extra_activation_derivative", "probability - label",
     "(probability - label)*probability*(1 - probability)", ""),
    ("extra_activation_derivative", "label - probability",
     "(label - probability)*probability*(1 - probability)", ""),
    ("chain_factors_added", "factor*rest", "factor + rest", ""),
    ("chain_factors_added", "-factor*rest", "rest - factor", ""),
    ("chain_factors_added", "factor1*factor2*rest", "factor1 + factor2 + rest", ""),
    ("chain_factors_added", "-factor1*factor2*rest", "factor2 - factor1 + rest", ""),
    ("paths_multiplied", "one_of_two_paths + rest", "one_of_two_paths*rest", ""),
    # optimizers
    ("betas_swapped", "beta*rest1 + (1 - beta)*rest2", "(1 - beta)*rest1 + beta*rest2",
     "update unknown"),
    ("bias_correction_left_out", "rest/correction", "rest", "update unknown"),
    ("epsilon_inside_root", "sqrt(a) + epsilon", "sqrt(a + epsilon)", ""),
    ("epsilon_inside_root", "sqrt(rest + epsilon)", "sqrt(rest) + epsilon", ""),
    ("epsilon_inside_root", "rest/(sqrt(a) + figure)", "rest/sqrt(a + figure)", ""),
    # arrays
    ("transpose_left_out", "matrix.T", "matrix", ""),
    ("transpose_left_out", "transpose(matrix)", "matrix", ""),
    ("wrong_layout", "upright1@upright2", "upright2@upright1", ""),
    ("wrong_layout", "upright1@upright2", "upright1.T@upright2", ""),
    ("wrong_layout", "upright1@upright2", "upright1@upright2.T", ""),
    ("wrong_layout", "a@b", "(a@b).T", ""),
    ("wrong_layout", "outer(a, b)", "outer(b, a)", ""),
    ("wrong_layout", "outer(a, b)", "outer(a, b).T", ""),
    ("wrong_layout", "array1*array2", "(array1*array2).T", ""),
    # whatever the formula is: what a rule above explains is no slip of these
    ("sign_lost", "-rest", "rest", ""),
    ("sign_lost", "a + rest", "rest - a", ""),
    ("sign_lost", "rest - a", "rest + a", ""),
    ("order_of_operations", "(a + b)**c", "a**c + b**c", ""),
    ("order_of_operations", "(a - b)**c", "a**c - b**c", ""),
    ("inner_derivative_left_out", "factor*rest", "rest", ""),
    ("path_left_out", "path + rest", "rest", ""),
)  # fmt: skip


class Suspect(Frozen):
    """A wrong formula, and the slip that leads to it."""

    slip: str
    node: Node


@functools.cache
def _parse_pattern(text: str) -> Node:
    return parse(text, vocabulary=vocabulary())


def _places(formula: Node) -> list[Place]:
    """Return the parts of a formula with their places; none where they are too many."""
    everything = list(part_places(formula))
    return everything if len(everything) <= MAX_NODES else []


def mal_rules(formula: Node, roles: Roles) -> Iterator[Suspect]:
    """Yield the wrong formulas that may stand behind a figure, each with the slip it shows.

    The formula has names, numbers put in, or both. None equals it as written; all nodes that a
    slip leaves alone are the formula's own. A formula with so many places that some slip would
    fit any figure (over 400 nodes or 250 wrong formulas) gives none.
    """
    everything = _places(formula)
    found: dict[Node, str] = {}
    for slip, wrong in _wrong_formulas(formula, everything, roles) if everything else ():
        if wrong != formula:
            found.setdefault(wrong, slip)
        if len(found) > MAX_SUSPECTS:
            return
    yield from (Suspect(slip, wrong) for wrong, slip in found.items())


def restored_formulas(
    formula: Node, roles: Roles, values: Mapping[str, Sequence[Node]]
) -> Iterator[Suspect]:
    """Yield the right formulas that may stand behind a wrong one: the rules, read backwards.

    What the slip left out is taken from `values`, by the kind that the pattern says; it is looked
    for in the whole formula only. A rule that has left out anything else gives none.
    """
    surroundings = [Surroundings(place, roles, is_symbolic=False) for place in _places(formula)]
    for slip, right, wrong, phases in RULES:
        fits_by_chance = wrong == ANY_PART or slip == GATE_IGNORED
        if fits_by_chance or (phases and roles.phase not in phases.split()):
            continue
        pattern, filled = _parse_pattern(wrong), _parse_pattern(right)
        lost = [name for name in names_in(filled) if name not in names_in(pattern)]
        for put_in in itertools.product(*(values.get(name, ()) for name in lost)):
            new = functools.partial(substitute, filled, dict(zip(lost, put_in, strict=True)))
            for around in surroundings[: 1 if lost else None]:
                if "rate" in lost and not around.is_update():
                    continue
                admits = functools.partial(is_of_kind, around=around)
                for node in rewritings(pattern, new, around.place, admits):
                    yield Suspect(slip, around.place.rewritten(node))


def _wrong_formulas(
    formula: Node, everything: list[Place], roles: Roles
) -> Iterator[tuple[str, Node]]:
    is_symbolic = any(isinstance(place.node, Name) for place in everything)
    surroundings = [Surroundings(place, roles, is_symbolic) for place in everything]
    operations = {ALSO.get(name, name) for name in formula.content.operations}
    for slip, right, wrong, phases in RULES:
        function, bracket, _ = right.partition("(")
        is_missing = bracket and function.isidentifier() and function not in operations
        if is_missing or (phases and roles.phase not in phases.split()):
            continue
        for around in surroundings:
            admits = functools.partial(is_of_kind, around=around)
            for new in rewritings(
                _parse_pattern(right),
                functools.partial(_parse_pattern, wrong),
                around.place,
                admits,
            ):
                yield slip, around.place.rewritten(new)
    for slip, names in roles.confusions:
        yield slip, substitute(formula, {name: Name(other) for name, other in names.items()})
    for place in everything:
        reordered = change_order(place)
        if reordered is not None:
            yield "order_of_operations", reordered
