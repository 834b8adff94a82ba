"""The table of slips: what each changes in a formula, a figure or a result, and what it is called.

A row proposes parts of a side to put in the place of others; whether anything that counts has
changed is for `mutants` to prove. Kinds and causes are those of docs/checking.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from tests.check.mutation.formula_trees import (
    Call,
    Figure,
    Halves,
    Name,
    Node,
    Number,
    Path,
    Reference,
    Texts,
    call,
    half_unit,
    walk,
)
from tests.check.mutation.working import Role, WorkedLine

__all__ = [
    "MUTATIONS",
    "OPPOSITES",
    "ORDER",
    "Mode",
    "Mutation",
    "Proposal",
    "Scene",
    "propose_operators",
]

Mode: TypeAlias = Literal["local", "worked", "hidden"]


@dataclass(frozen=True)
class Scene:
    """A line, and what its writer knows there of all quantities."""

    line: WorkedLine
    now: Mapping[Reference, Figure]
    before: Mapping[Reference, Figure]  # the value that a quantity had before its last update
    after: Mapping[Reference, Figure]  # the value that it will have in the end of the iteration


class Proposal(NamedTuple):
    """A part of a side, and what a slip puts there."""

    path: Path
    node: Node


Proposer: TypeAlias = Callable[[Node, Scene], Iterable[Proposal]]


@dataclass(frozen=True)
class Mutation:
    """A row of the table: what is changed, and which kinds and causes name it rightly.

    Where `causes` is empty no cause can be told from the figures, and none has to be named.
    """

    name: str
    propose: Proposer
    kinds: frozenset[str]
    causes: frozenset[str]
    places: tuple[tuple[Role, Mode], ...]


# ---- parts of formulas


def _calls(node: Node, *operations: str) -> Iterator[tuple[Path, Call]]:
    for path, part in walk(node):
        if isinstance(part, Call) and part.operation in operations:
            yield path, part


def _is_number(node: Node, *values: int) -> bool:
    return isinstance(node, Number) and (not values or node.value in values)


def _key(node: Node) -> str:
    """Return the key of what a leaf stands for."""
    if isinstance(node, Name):
        return node.key
    if isinstance(node, Figure) and node.source is not None:
        return node.source[0]
    return ""


def _is_leaf(node: Node) -> bool:
    return isinstance(node, Name | Figure)


def _is_update(scene: Scene) -> bool:
    return scene.line.step.phase == "update"


def _chain(terms: Sequence[Node], operation: str, place: int) -> Node:
    """Return a sum of terms, with another operation before one of them."""
    whole = terms[0]
    for i, term in enumerate(terms[1:], 1):
        whole = call(operation if i == place else "add", whole, term)
    return whole


def _sum_operator(node: Node, scene: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "add", "sub"):
        if path or not _is_update(scene):
            other = "sub" if part.operation == "add" else "add"
            yield Proposal(path, call(other, *part.arguments))
    for path, part in _calls(node, "sigma"):
        for place in range(1, len(part.arguments)):
            yield Proposal(path, _chain(part.arguments, "sub", place))


def _product_operator(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "mul"):
        if not any(isinstance(a, Number) and a.value < 1 for a in part.arguments):
            yield Proposal(path, call("add", *part.arguments))
            yield Proposal(path, call("div", *part.arguments))
    for path, part in _calls(node, "div"):
        yield Proposal(path, call("mul", *part.arguments))


def _power(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "pow"):
        yield Proposal(path, part.arguments[0] ** 3)


def _square_left_out(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "pow"):
        yield Proposal(path, part.arguments[0])


def _factor_2_left_out(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "mul"):
        if _is_number(part.arguments[0], 2):
            yield Proposal(path, part.arguments[1])


def _factor_2_added(node: Node, scene: Scene) -> Iterator[Proposal]:
    has_2 = any(_is_number(part, 2) for _, part in walk(node))
    if scene.line.step.phase == "backward" and "sub" in _operations(node) and not has_2:
        yield Proposal((), 2 * node)


def _operations(node: Node) -> list[str]:
    return [part.operation for _, part in walk(node) if isinstance(part, Call)]


def _half_left_out(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "mul"):
        first = part.arguments[0]
        if isinstance(first, Number) and first.value == Fraction(1, 2):
            yield Proposal(path, part.arguments[1])


def _half_twice(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "mul"):
        first = part.arguments[0]
        if isinstance(first, Number) and first.value == Fraction(1, 2):
            yield Proposal(path, first * part)


def _sum_for_mean(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "div"):
        if _is_number(part.arguments[1]) and not _is_number(part.arguments[0]):
            yield Proposal(path, part.arguments[0])
    for path, part in _calls(node, "mul"):
        share = part.arguments[0]
        if isinstance(share, Call) and share.operation == "div" and _is_number(share.arguments[0]):
            first = share.arguments[0]
            rest = part.arguments[1]
            yield Proposal(path, rest if _is_number(first, 1) else first * rest)


def _divided_twice(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "div"):
        if _is_number(part.arguments[1]) and not _is_number(part.arguments[0]):
            yield Proposal(path, part / part.arguments[1])
    for path, part in _calls(node, "mul"):
        share = part.arguments[0]
        if isinstance(share, Call) and share.operation == "div" and _is_number(share.arguments[0]):
            yield Proposal(path, part / share.arguments[1])


def _sign(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in walk(node):
        if isinstance(part, Call) and part.operation == "neg":
            yield Proposal(path, part.arguments[0])
        elif isinstance(part, Name):
            yield Proposal(path, -part)
        elif isinstance(part, Figure) and isinstance(part.texts, str):
            yield Proposal(path, Figure(_turned(part.texts), part.halves))


def _turned(text: str) -> str:
    return text[1:] if text.startswith("-") else f"-{text}"


def _plus_for_minus(node: Node, scene: Scene) -> Iterator[Proposal]:
    if _is_update(scene) and isinstance(node, Call) and node.operation == "sub":
        yield Proposal((), call("add", *node.arguments))


def _error_reversed(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "sub"):
        left, right = part.arguments
        if _is_leaf(left) and _key(right) in ("y", "t"):
            yield Proposal(path, right - left)


def _log_base(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "log"):
        yield Proposal(path, call("log10", *part.arguments))


def _exponent_sign(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "exp"):
        inner = part.arguments[0]
        if isinstance(inner, Call) and inner.operation == "neg":
            yield Proposal(path, call("exp", inner.arguments[0]))


def _softmax_not_divided(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "div"):
        top = part.arguments[0]
        if isinstance(top, Call) and top.operation == "exp":
            yield Proposal(path, top)


def _is_slope(node: Node) -> bool:
    """Say whether a factor belongs to the derivative of an activation."""
    if isinstance(node, Call) and node.operation == "gate":
        return True
    if isinstance(node, Call) and node.operation == "sub":
        return _is_number(node.arguments[0], 1) and not _key(node.arguments[1]).startswith("beta")
    return False


def _activation_derivative(node: Node, scene: Scene) -> Iterator[Proposal]:
    if scene.line.step.phase != "backward":
        return
    for path, part in _calls(node, "mul", "hadamard"):
        if _is_slope(part.arguments[1]):
            yield Proposal(path, part.arguments[0])


def _rate_left_out(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "mul"):
        if _key(part.arguments[0]) == "lr":
            yield Proposal(path, part.arguments[1])


BIASES: Final = frozenset({"b", "c", "b1", "b2", "beta"})


def _bias_left_out(node: Node, scene: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "add"):
        if scene.line.step.phase == "forward" and _key(part.arguments[1]) in BIASES:
            yield Proposal(path, part.arguments[0])


def _bias_twice(node: Node, scene: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "add"):
        if scene.line.step.phase == "forward" and _key(part.arguments[1]) in BIASES:
            yield Proposal(path, part + part.arguments[1])


def _path_left_out(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "sigma"):
        for place in range(len(part.arguments)):
            rest = part.arguments[:place] + part.arguments[place + 1 :]
            yield Proposal(
                path, rest[0] if len(rest) == 1 else replace(part, arguments=rest, term=None)
            )


def _betas_swapped(node: Node, _: Scene) -> Iterator[Proposal]:
    if not isinstance(node, Call) or node.operation != "add":
        return
    left, right = node.arguments
    if isinstance(left, Call) and _key(left.arguments[0]) in ("beta1", "beta2"):
        assert isinstance(right, Call)
        yield Proposal(
            (), right.arguments[0] * left.arguments[1] + left.arguments[0] * right.arguments[1]
        )


def _correction_left_out(node: Node, scene: Scene) -> Iterator[Proposal]:
    if scene.line.step.target.key in ("m_hat", "v_hat") and isinstance(node, Call):
        yield Proposal((), node.arguments[0])


def _epsilon_moved(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "add"):
        root, eps = part.arguments
        if isinstance(root, Call) and root.operation == "sqrt" and _key(eps) == "eps":
            yield Proposal(path, call("sqrt", root.arguments[0] + eps))
    for path, part in _calls(node, "sqrt"):
        inner = part.arguments[0]
        if isinstance(inner, Call) and inner.operation == "add":
            yield Proposal(path, call("sqrt", inner.arguments[0]) + inner.arguments[1])


def _root_left_out(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "div"):
        bottom = part.arguments[1]
        if (
            isinstance(bottom, Call)
            and bottom.operation == "sqrt"
            and _is_number(bottom.arguments[0])
        ):
            yield Proposal(path, part.arguments[0])


def _update_twice(node: Node, scene: Scene) -> Iterator[Proposal]:
    if _is_update(scene) and isinstance(node, Call):
        yield Proposal((), node - node.arguments[1])


def _negative_square(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "pow"):
        yield Proposal(path, -part)


def _brackets_ignored(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, part in _calls(node, "mul"):
        left, right = part.arguments
        if isinstance(right, Call) and right.operation in ("add", "sub"):
            first, second = right.arguments
            yield Proposal(path, call(right.operation, left * first, second))
        if isinstance(left, Call) and left.operation in ("add", "sub"):
            first, second = left.arguments
            yield Proposal(path, call(left.operation, first, second * right))


def _transposed(node: Node, _: Scene) -> Iterator[Proposal]:
    for path, product in _calls(node, "outer"):
        yield Proposal(path, call("outer", *reversed(product.arguments)))
    for path, part in walk(node):
        if isinstance(part, Figure) and len(set(_shape(part.texts))) == 1 < len(_shape(part.texts)):
            yield Proposal(path, Figure(_columns(part.texts), _columns(part.halves)))


def _columns(rows: Any) -> Any:
    """Return nested tuples with columns for rows."""
    return None if rows is None else tuple(zip(*rows, strict=True))


# ---- names and figures


def _shape(texts: Texts) -> tuple[int, ...]:
    return () if isinstance(texts, str) else (len(texts), *_shape(texts[0]))


def _others(part: Name | Figure, scene: Scene) -> Iterator[Reference]:
    """Return the other quantities of the same shape that are known."""
    own = part.reference if isinstance(part, Name) else part.source
    if own is None:
        return
    figure = scene.now.get(own) or scene.line.figures.get(own)
    if figure is None:
        return
    for reference, other in scene.now.items():
        if reference != own and _shape(other.texts) == _shape(figure.texts):
            yield reference


def _like(reference: Reference, other: Reference) -> bool:
    """Say whether two quantities are confused easily: of one array, or both of one kind."""
    return reference[0].startswith("d:") == other[0].startswith("d:")


def _other_name(node: Node, scene: Scene) -> Iterator[Proposal]:
    for path, part in walk(node):
        if isinstance(part, Name):
            for reference in _others(part, scene):
                if _like(part.reference, reference):
                    yield Proposal(path, Name(*reference))


def _other_figure(node: Node, scene: Scene) -> Iterator[Proposal]:
    for path, part in walk(node):
        if isinstance(part, Figure) and part.source is not None:
            for reference in _others(part, scene):
                if _like(part.source, reference):
                    yield Proposal(path, replace(scene.now[reference], source=None))


def _instead(wanted: str, given: str) -> Callable[[Node, Scene], Iterator[Proposal]]:
    """Return a proposer that puts the figure of one quantity in for another's."""

    def propose(node: Node, scene: Scene) -> Iterator[Proposal]:
        for path, part in walk(node):
            if isinstance(part, Figure) and part.source is not None and part.source[0] == wanted:
                other = scene.now.get((given, part.source[1]))
                if other is not None and _shape(other.texts) == _shape(part.texts):
                    yield Proposal(path, replace(other, source=None))

    return propose


def _any_of(*proposers: Proposer) -> Proposer:
    def propose(node: Node, scene: Scene) -> Iterator[Proposal]:
        for proposer in proposers:
            yield from proposer(node, scene)

    return propose


def _of_time(which: Literal["before", "after"], *, gradients: bool) -> Proposer:
    """Return a proposer that puts in a quantity's own value of another time."""

    def propose(node: Node, scene: Scene) -> Iterator[Proposal]:
        values = scene.before if which == "before" else scene.after
        for path, part in walk(node):
            if isinstance(part, Figure) and part.source in values:
                assert part.source is not None
                if part.source[0].startswith("d:") == gradients:
                    yield Proposal(path, replace(values[part.source], source=None))

    return propose


def _digit_places(text: str) -> list[int]:
    return [i for i, sign in enumerate(text) if sign.isdigit()]


def _swapped(text: str) -> Iterator[str]:
    places = _digit_places(text)
    for i, j in pairwise(places):
        if text[i] != text[j] and "e" not in text:
            swapped = list(text)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            if "".join(swapped).lstrip("-")[:2] != "00":
                yield "".join(swapped)


def _miscopied(text: str) -> Iterator[str]:
    for i in _digit_places(text):
        if "e" not in text:
            other = str((int(text[i]) + 3) % 10)
            if not (other == "0" and i == _digit_places(text)[0]):
                yield text[:i] + other + text[i + 1 :]


def _pointed(text: str) -> Iterator[str]:
    if "e" in text or "." not in text:
        return
    value = Fraction(text)
    places = len(text.partition(".")[2])
    yield f"{float(value / 10):.{places + 1}f}"
    yield f"{float(value * 10):.{max(places - 1, 1)}f}"


def _off_by(*units: int) -> Callable[[str], Iterator[str]]:
    def off(text: str) -> Iterator[str]:
        places = len(text.partition(".")[2])
        for count in units:
            for sign in (-1, 1):
                yield f"{float(Fraction(text) + sign * count * Fraction(1, 10**places)):.{places}f}"

    return off


def _wider(texts: Texts, halves: Halves) -> Halves:
    """Return how far figures may be rounded: as before, or as their own last places have it."""
    if isinstance(texts, str) or isinstance(halves, Fraction):
        assert isinstance(texts, str)
        assert isinstance(halves, Fraction)
        return max(halves, half_unit(texts)) if halves else halves
    return tuple(map(_wider, texts, halves))


def _edited(edit: Callable[[str], Iterable[str]]) -> Proposer:
    """Return a proposer that changes the digits of a figure or of one entry."""

    def entries(texts: Texts) -> Iterator[Texts]:
        if isinstance(texts, str):
            yield from edit(texts)
            return
        for place, entry in enumerate(texts):
            for new in entries(entry):
                yield (*texts[:place], new, *texts[place + 1 :])

    def propose(node: Node, _: Scene) -> Iterator[Proposal]:
        for path, part in walk(node):
            if isinstance(part, Figure):
                for texts in entries(part.texts):
                    halves = None if part.halves is None else _wider(texts, part.halves)
                    yield Proposal(path, Figure(texts, halves))

    return propose


propose_operators: Final = _any_of(_sum_operator, _product_operator)

# ---- the table

FORMULA: Final[tuple[tuple[Role, Mode], ...]] = (
    ("formula", "local"),
    ("figures", "local"),
    ("formula", "worked"),
    ("formula", "hidden"),
)
NAMES: Final[tuple[tuple[Role, Mode], ...]] = (("formula", "local"), ("formula", "worked"))
FIGURES: Final[tuple[tuple[Role, Mode], ...]] = (("figures", "local"), ("figures", "worked"))
DIGITS: Final[tuple[tuple[Role, Mode], ...]] = (*FIGURES, ("middle", "local"))
RESULT: Final[tuple[tuple[Role, Mode], ...]] = (("result", "local"), ("result", "worked"))
HIDDEN: Final[tuple[tuple[Role, Mode], ...]] = (("formula", "hidden"),)
TARGET: Final[tuple[tuple[Role, Mode], ...]] = (("target", "local"),)


def _row(
    name: str,
    propose: Proposer,
    places: tuple[tuple[Role, Mode], ...],
    kinds: str,
    causes: str = "",
) -> Mutation:
    return Mutation(name, propose, frozenset(kinds.split()), frozenset(causes.split()), places)


def _no_node(_: Node, scene: Scene) -> Iterator[Proposal]:
    own = scene.line.step.target
    for reference, figure in scene.now.items():
        is_alike = _shape(figure.texts) == _shape(scene.line.result.texts)
        if is_alike and _like(own.reference, reference) and reference[0] != "lr":
            yield Proposal((), Name(*reference))


MUTATIONS: Final[tuple[Mutation, ...]] = (
    _row("sum_operator", _sum_operator, FORMULA, "sign_error wrong_formula arithmetic_error"),
    _row("plus_for_minus", _plus_for_minus, FORMULA, "sign_error",
         "plus_for_minus sign_lost minus_times_minus"),
    _row("error_reversed", _error_reversed, FORMULA, "sign_error",
         "error_reversed difference_reversed sign_lost"),
    _row("sign", _sign, (*FORMULA, ("figures", "worked"), ("middle", "local")), "sign_error",
         "sign_lost minus_times_minus plus_for_minus error_reversed difference_reversed "
         "exponent_sign"),
    _row("result_sign", _sign, RESULT, "sign_error",
         "sign_lost minus_times_minus error_reversed difference_reversed negative_square"),
    _row("negative_square", _negative_square, HIDDEN, "sign_error", "negative_square sign_lost"),
    _row("product_operator", _product_operator, FORMULA,
         "wrong_formula missing_1_over_n arithmetic_error"),
    _row("power", _power, FORMULA, "wrong_formula arithmetic_error"),
    _row("square_left_out", _square_left_out, FORMULA, "wrong_formula", "square_left_out"),
    _row("brackets_ignored", _brackets_ignored, HIDDEN, "arithmetic_error", "order_of_operations"),
    _row("factor_2_left_out", _factor_2_left_out, FORMULA, "missing_factor_2",
         "factor_2_left_out"),
    _row("factor_2_added", _factor_2_added, FORMULA, "missing_factor_2", "factor_2_added"),
    _row("half_left_out", _half_left_out, FORMULA, "missing_factor_2"),
    _row("half_applied_twice", _half_twice, FORMULA, "missing_factor_2", "half_applied_twice"),
    _row("sum_for_mean", _sum_for_mean, FORMULA, "missing_1_over_n", "sum_for_mean"),
    _row("divided_twice", _divided_twice, FORMULA, "missing_1_over_n", "divided_twice"),
    _row("activation_derivative", _activation_derivative, FORMULA, "wrong_formula",
         "activation_derivative_left_out inner_derivative_left_out relu_gate_ignored"),
    _row("log_base", _log_base, HIDDEN, "wrong_formula", "log_base"),
    _row("exponent_sign", _exponent_sign, FORMULA, "wrong_formula sign_error",
         "exponent_sign sign_lost"),
    _row("softmax_not_divided", _softmax_not_divided, FORMULA, "wrong_formula",
         "softmax_not_divided"),
    _row("learning_rate_left_out", _rate_left_out, FORMULA, "wrong_formula",
         "learning_rate_left_out"),
    _row("update_applied_twice", _update_twice, HIDDEN, "stale_value", "update_applied_twice"),
    _row("bias_left_out", _bias_left_out, FORMULA, "wrong_formula", "bias_left_out"),
    _row("bias_added_twice", _bias_twice, FORMULA, "wrong_formula", "bias_added_twice"),
    _row("path_left_out", _path_left_out, FORMULA, "wrong_formula wrong_substitution",
         "path_left_out only_one_sample"),
    _row("betas_swapped", _betas_swapped, FORMULA, "wrong_formula", "betas_swapped"),
    _row("bias_correction", _correction_left_out, FORMULA, "wrong_formula",
         "bias_correction_left_out"),
    _row("epsilon", _epsilon_moved, FORMULA, "wrong_formula", "epsilon_inside_root"),
    _row("root_d_left_out", _root_left_out, FORMULA, "wrong_formula", "root_d_left_out"),
    _row("transposed", _transposed, (*FORMULA, ("figures", "worked")), "transpose_shape",
         "transpose_left_out wrong_layout"),
    _row("other_name", _other_name, NAMES,
         "wrong_substitution wrong_formula stale_value label_error",
         "other_parameter other_sample other_index loss_for_error activation_for_net_input"),
    _row("other_figure", _other_figure, FIGURES, "wrong_substitution stale_value",
         "other_parameter other_sample other_index loss_for_error activation_for_net_input"),
    _row("activation_for_net_input", _any_of(_instead("z", "a"), _instead("z", "h")), FIGURES,
         "wrong_substitution", "activation_for_net_input other_parameter"),
    _row("loss_for_error", _any_of(_instead("error", "loss"), _instead("d:y_pred", "loss")),
         FIGURES, "wrong_substitution", "loss_for_error other_parameter"),
    _row("updated_for_old", _of_time("after", gradients=False), FIGURES, "stale_value",
         "updated_for_old gradient_after_first_update"),
    _row("old_value", _of_time("before", gradients=False), FIGURES, "stale_value",
         "old_value_in_next_step"),
    _row("previous_gradient", _of_time("before", gradients=True), FIGURES, "stale_value",
         "previous_gradient_again old_value_in_next_step"),
    _row("digits_swapped", _edited(_swapped), DIGITS, "arithmetic_error wrong_substitution",
         "digits_swapped digit_miscopied given_differs"),
    _row("digit_miscopied", _edited(_miscopied), DIGITS, "arithmetic_error wrong_substitution",
         "digit_miscopied given_differs"),
    _row("decimal_point", _edited(_pointed), DIGITS, "arithmetic_error wrong_substitution",
         "decimal_point given_differs"),
    _row("result_digits_swapped", _edited(_swapped), RESULT, "arithmetic_error",
         "digits_swapped digit_miscopied"),
    _row("result_miscopied", _edited(_miscopied), RESULT, "arithmetic_error", "digit_miscopied"),
    _row("result_point", _edited(_pointed), RESULT, "arithmetic_error", "decimal_point"),
    _row("result_off", _edited(_off_by(2, 3, 5, 10, 30)), RESULT, "arithmetic_error"),
    _row("label", _no_node, TARGET, "label_error", "other_name_on_left other_index_on_left"),
)  # fmt: skip
ORDER: Final = Mutation(
    "order_of_statements",
    lambda node, scene: (),
    frozenset({"stale_value"}),
    frozenset({"updated_for_old", "gradient_after_first_update"}),
    HIDDEN,
)
# Causes that say the same of a pair of sides, as long as nothing tells which of the two is wrong.
OPPOSITES: Final[Mapping[str, str]] = {
    "factor_2_added": "factor_2_left_out",
    "factor_2_left_out": "factor_2_added",
    "half_applied_twice": "factor_2_added",
    "sum_for_mean": "divided_twice",
    "divided_twice": "sum_for_mean",
    "bias_left_out": "bias_added_twice",
    "bias_added_twice": "bias_left_out",
    "activation_derivative_left_out": "extra_activation_derivative",
}
