"""The wrong formulas that people use instead of a right one, each with the slip it shows.

A rule is a row: a law of algebra or of the derivative, and what is written in its place. Each is
tried at each place of a formula. Nothing is evaluated here: whether a wrong formula gives the
written figure is for the judge to see, and so is that it is the only one.

What the parts of a formula may be (an error, the rate of a step, the derivative of a function) goes
by the roles of names, and by the shape where names or roles are missing, so that a formula with
numbers put in is understood too.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Final

from tracer.check.model.written_trees import is_literal
from tracer.check.slips.rewriting import (
    PRODUCT,
    SUM,
    Place,
    change_order,
    is_call,
    is_number,
    may_fit,
    part_places,
    parts_of,
    rewritings,
)
from tracer.check.slips.roles import Roles
from tracer.expression import parse
from tracer.expression.syntax import Array, Name, Node, Number, walk
from tracer.frozen import Frozen
from tracer.intervals import ALSO, Interval, value_or_none
from tracer.operations import vocabulary
from tracer.program.program import substitute

SMALL: Final = 1000  # an epsilon is less than one part in so many
LEAST_BETA: Final = Fraction(9, 10)  # of a running mean, where nothing else says that it is one
NO_SIDE: Final = frozenset(
    ("rate", "gradient", "parameter", "bias", "beta", "epsilon", "mean", "loss")
)
"""Roles of what is on no side of the difference of prediction and target."""


class Surroundings(Frozen):
    """A place in a formula, and what is known of the whole: the roles, and whether it has names."""

    place: Place
    roles: Roles
    is_symbolic: bool

    def role(self, node: Node) -> str | None:
        """Return the role of a name or of what it is an entry of."""
        if is_call(node, "index"):
            node = node.arguments[0]
        return self.roles.of.get(node.id) if isinstance(node, Name) else None

    def factors(self) -> list[tuple[int, Node]]:
        """Return the factors of the product at this place."""
        return parts_of(self.place.node, PRODUCT)

    def is_update(self) -> bool:
        """Say whether the whole formula may be an update, and this is its place.

        By its form alone that begins with a value: `w² - 3 w` is none.
        """
        is_parameter = self.roles.of.get(self.roles.target or "") in (None, "parameter", "bias")
        first = self.place.node.children()[:1]
        is_parameter &= all(isinstance(each, Name) or is_literal(each) for each in first)
        may_be = self.roles.phase == "unknown" and not self.is_symbolic and is_parameter
        return self.place.parent is None and (may_be or self.roles.phase == "update")


def is_of_kind(name: str, node: Node, around: Surroundings) -> bool:
    """Say whether a part may be what the name in a pattern says: `rate`, `error`, `bias1`.

    Any other name may be any part.
    """
    kind = KINDS.get(name.rstrip("0123456789"))
    return kind is None or kind(node, around)


def _is_step(node: Node, around: Surroundings) -> bool:
    is_product = around.roles.phase == "update" or is_call(node, *PRODUCT)
    return around.is_update() and is_product and around.roles.follows_gradient


def _is_rate(node: Node, around: Surroundings) -> bool:
    if around.role(node) is not None or not around.is_update():
        return around.role(node) == "rate"
    return isinstance(node, Name) or (isinstance(node, Number) and 0 < node.value <= 1)


def _is_error(node: Node, around: Surroundings) -> bool:
    """Tell whether a difference may be one of prediction and target, or a name is one."""
    if around.place.is_in("power", "square") or not is_call(node, "subtract"):
        return around.role(node) == "error" and not around.place.is_in("power", "square")
    left, right = node.arguments
    roles = {around.role(left), around.role(right)}
    if "target" in roles:
        return not is_number(left, 1)
    is_slope = is_number(left, 1) and (around.roles.phase != "backward" or not is_literal(right))
    is_other = roles & NO_SIDE or around.is_symbolic or is_slope or _is_step(right, around)
    return not is_other and around.roles.phase in ("backward", "unknown", "update")


def _is_single_error(node: Node, around: Surroundings) -> bool:
    """Tell whether a part is the error of a gradient that has no 2 of a square."""
    names_target = "target" in map(around.role, node.children())
    is_gradient = around.roles.phase == "backward" or names_target
    if not _is_error(node, around) or not is_gradient or around.roles.phase == "forward":
        return False
    return not any(
        is_number(factor, 2)
        for part in walk(around.place.rewritten(around.place.node))
        if is_call(part, "multiply", "divide")
        for argument in part.arguments[: 2 if around.is_symbolic else 1]
        for _, factor in parts_of(argument, ("multiply", "divide", "negative"))
    )


def _is_probability(node: Node, around: Surroundings) -> bool:
    """Tell whether a side of an error may be what a sigmoid or a softmax gave."""
    if not _is_single_error(around.place.node, around):
        return False
    is_inside = isinstance(node, Number) and 0 < node.value < 1
    is_known = around.role(node) in ("output", "activation")
    return is_inside or is_known or is_call(node, "sigmoid", "softmax")


def _is_factor(node: Node, around: Surroundings) -> bool:
    """Tell whether a part is a factor of the chain rule, beside others, and no coefficient."""
    of_chain = [
        part
        for level, part in around.factors()
        if level > 0 and around.role(part) != "rate"
        if not (is_number(part, 1, 2) or (around.is_symbolic and isinstance(part, Number)))
    ]
    is_inlined = around.roles.phase == "update" and any(
        is_call(part, "subtract") and "target" in map(around.role, part.arguments)
        for part in of_chain
    )
    is_chain = around.roles.phase == "backward" or is_inlined
    return is_chain and len(of_chain) > 1 and any(part is node for part in of_chain)


def _is_path(node: Node, around: Surroundings) -> bool:
    """Tell whether a term may have been left out; of two that are the same one was added."""
    levels, terms = zip(*parts_of(around.place.node, SUM), strict=True)
    is_one_of_several = around.roles.phase == "backward" or len(terms) > 2
    return is_one_of_several and min(levels) > 0 and terms.count(node) == 1


def _is_two(node: Node, around: Surroundings) -> bool:
    """Tell whether a 2 is the one of the square's derivative and not a value put in."""
    if not is_number(node, 2) or around.is_symbolic:
        return is_number(node, 2)
    is_in_loss = around.roles.phase in ("loss", "backward")
    is_derivative = is_in_loss or any(is_call(part, *SUM) for _, part in around.factors())
    # A square's derivative has its 2 in every term.
    return is_derivative and not around.place.is_in(*SUM)


def _is_square(node: Node, around: Surroundings) -> bool:
    """Tell whether a node is a square, or a sum or mean of squares."""
    if is_call(node, "power"):
        return is_number(node.arguments[1], 2)
    if is_call(node, "sum", "mean", "add"):
        return all(_is_square(part, around) for part in node.arguments)
    return is_call(node, "square")


def _is_sample(node: Node, around: Surroundings) -> bool:
    """Tell whether a term may be all that was counted of a mean: whole figures fit by chance."""
    is_whole = isinstance(node, Number) and node.value.denominator == 1
    return around.is_symbolic or around.roles.phase != "unknown" or not is_whole


def _is_count(node: Node, around: Surroundings) -> bool:
    """Tell whether a divisor is a number of samples."""
    is_of_sum = any(is_call(part, "sum", "add", "matmul") for _, part in around.factors())
    if isinstance(node, Name):
        role = around.role(node)
        return is_of_sum if role is None else role == "sample_count"
    if not isinstance(node, Number) or not node.text.isdigit() or node.value < 2:
        return is_call(node, "len")
    factors = [part for _, part in around.factors()]
    is_fraction = any(
        is_number(one, 1) and two is node for one, two in itertools.pairwise(factors)
    )  # 1/3
    if node.value == 2 and (is_fraction or not is_of_sum):
        return False  # it is a half
    is_mean = is_fraction and around.roles.phase != "forward"
    return is_of_sum or is_mean or around.roles.phase in ("loss", "backward")


def _is_gate(node: Node, around: Surroundings) -> bool:
    if isinstance(node, Name):
        return node.id.lower().startswith(("relu", "gate", "mask"))
    is_closed = is_number(node, 0) and around.roles.phase == "backward"
    return is_closed or is_call(node, "step", "heaviside", "relu_prime")


def _may_be_negative(node: Node, around: Surroundings) -> bool:
    """Tell whether the numbers do not rule out a negative value."""
    value = value_or_none(node)
    if value is None:
        return not is_call(node, "exp", "sigmoid", "relu")
    if isinstance(value, Interval):
        return value.low < 0
    return any(is_call(part, "negative", "subtract") for part in walk(node))


def _is_bias(node: Node, around: Surroundings) -> bool:
    """Tell whether a term is a bias: by its name, or as the last one, beside products."""
    role = around.role(node)
    if role not in (None, "beta"):  # the shift of a batch norm is added, a rate of decay never
        return role == "bias"
    *products, (_, last) = parts_of(around.place.node, SUM)
    are_products = all(is_call(part, "multiply", "matmul") for _, part in products)
    return last is node and are_products and (isinstance(node, Name) or is_literal(node))


def _is_beta(node: Node, around: Surroundings) -> bool:
    if isinstance(node, Number):
        least = LEAST_BETA if around.roles.phase == "unknown" else Fraction(1, 2)
        return 0 < node.value < 1 and max(node.value, 1 - node.value) >= least
    return isinstance(node, Name)


def _is_correction(node: Node, around: Surroundings) -> bool:
    """Tell whether a node is 1 - beta, 1 - beta**t or a name for it."""
    if isinstance(node, Name):
        return node.id.startswith("correction")
    if not is_call(node, "subtract") or not is_number(node.arguments[0], 1):
        return False
    beta = node.arguments[1]
    beta = beta.arguments[0] if is_call(beta, "power") else beta
    return _is_beta(beta, around) and around.role(beta) in (None, "beta")


KINDS: Final[Mapping[str, Callable[[Node, Surroundings], bool]]] = {
    "step": _is_step,
    "rate": _is_rate,
    "named_rate": lambda node, around: around.role(node) == "rate",
    "error": _is_error,
    "difference": lambda node, around: is_call(node, "subtract") or around.role(node) == "error",
    "single_error": _is_single_error,
    "probability": _is_probability,
    "label": lambda node, around: around.role(node) == "target" or isinstance(node, Number),
    "factor": _is_factor,
    "path": _is_path,
    "one_of_two_paths": lambda node, around: (
        _is_path(node, around)
        and len(terms := parts_of(around.place.node, SUM)) == 2
        and not any(is_call(term, *SUM) for _, term in terms)  # `1 - a` is no way to the loss
    ),
    "slope": lambda node, around: around.role(node) == "activation_derivative",
    "share": lambda node, around: not isinstance(node, Number) or 0 < node.value < 1,
    "two": _is_two,
    "squares": _is_square,
    "sample": _is_sample,
    "count": _is_count,
    "count_of_two": lambda node, around: is_number(node, 2) and _is_count(node, around),
    "gate": _is_gate,
    "signed": _may_be_negative,
    "e": lambda node, around: isinstance(node, Name) and node.id == "e",
    "epsilon": lambda node, around: (
        around.role(node) == "epsilon" or (isinstance(node, Number) and 0 < node.value * SMALL < 1)
    ),
    "figure": lambda node, around: isinstance(node, Number),
    "bias": _is_bias,
    "beta": _is_beta,
    "correction": _is_correction,
    "array": lambda node, around: isinstance(node, Array),
    "upright": lambda node, around: not is_call(node, "transpose_last"),
}
"""What may stand for a name of a pattern."""


MAX_NODES: Final = 400
MAX_SUSPECTS: Final = 250

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
    ("factor_2_left_out", "two*rest", "rest", "backward update unknown"),
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
    ("power_as_product", "figure1**figure2", "figure1*figure2", ""),
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
    slips: dict[Node, str] = {}
    for slip, wrong in _wrong_formulas(formula, everything, roles) if everything else ():
        if wrong != formula:
            slips.setdefault(wrong, slip)
        if len(slips) > MAX_SUSPECTS:
            return
    yield from (Suspect(slip, wrong) for wrong, slip in slips.items())


def _wrong_formulas(
    formula: Node, everything: list[Place], roles: Roles
) -> Iterator[tuple[str, Node]]:
    is_symbolic = any(isinstance(place.node, Name) for place in everything)
    surroundings = [Surroundings(place, roles, is_symbolic) for place in everything]
    kinds = [functools.partial(is_of_kind, around=around) for around in surroundings]
    operations = {ALSO.get(name, name) for name in formula.content.operations}
    for slip, right, wrong, phases in RULES:
        function, bracket, _ = right.partition("(")
        is_missing = bracket and function.isidentifier() and function not in operations
        if is_missing or (phases and roles.phase not in phases.split()):
            continue
        pattern, other = _parse_pattern(right), functools.partial(_parse_pattern, wrong)
        if may_fit(pattern, operations):
            for place, admits in zip(everything, kinds, strict=True):
                for new in rewritings(pattern, other, place, admits):
                    yield slip, place.rewritten(new)
    for slip, names in roles.confusions:
        yield slip, substitute(formula, {name: Name(other) for name, other in names.items()})
    for place in everything:
        reordered = change_order(place)
        if reordered is not None:
            yield "order_of_operations", reordered
