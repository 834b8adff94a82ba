"""Each wrong formula of the table is found, and gives what a person who makes the slip writes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.check.slips.causes import SLIPS
from tracer.check.slips.mal_rules import MAX_SUSPECTS, Suspect, mal_rules
from tracer.check.slips.roles import Roles, guess_roles
from tracer.document_check import check_text
from tracer.expression import Call, Name, Node, Number, parse, walk
from tracer.intervals import Interval, Unevaluable, Value, value_of
from tracer.operations import vocabulary

GRADIENTS = ("dL/dw", "dL/da", "da/dz", "dL/dh1", "dL/dh2")
F = Fraction


def sigmoid(x: float) -> float:
    """Return the logistic function, from its definition."""
    return 1 / (1 + math.exp(-x))


# slip, formula, what it computes, values of the names, what the slip makes of it
Row = tuple[str, str, str, dict[str, Any], Callable[..., Any]]

UPDATE = {"w": F(7, 10), "lr": F(1, 5), "g": F(-3, 2)}
ERROR = {"y_pred": F(3, 4), "y": F(2), "x": F(3)}
NEURON = {"a": F(3, 5), "y": F(1), "x": F(2)}
PATHS = {"u": F(2), "v": F(3), "dL/dh1": F(-1, 2), "dL/dh2": F(1, 4)}
ADAM = {"beta1": F(9, 10), "m": F(1, 2), "g": F(3)}
MATRIX = {"A": ((F(1), F(2)), (F(3), F(4))), "x": (F(1), F(2))}
SAMPLES = {"e": (F(1), F(-2), F(4))}

FORMULAS: list[Row] = [
    # sign_error
    ("plus_for_minus", "w - lr * g", "w'", UPDATE, lambda w, lr, g: w + lr * g),
    ("plus_for_minus", "0.7 - 0.2 * 0.3", "w", {}, lambda: F(76, 100)),
    ("plus_for_minus", "w - lr * m - lr * g", "w'", {**UPDATE, "m": F(1)},
     lambda w, lr, g, m: w - lr * m + lr * g),
    ("error_reversed", "2 * (y_pred - y) * x", "dL/dw", ERROR,
     lambda y_pred, y, x: 2 * (y - y_pred) * x),
    ("error_reversed", "2 * (0.75 - 2) * 3", "dL/dw", {}, lambda: 2 * F(5, 4) * 3),
    ("minus_times_minus", "0.5 - 0.1 * -3.0", "w", {}, lambda: F(1, 2) - F(3, 10)),
    ("minus_times_minus", "-0.6 * -1.5", "δ", {}, lambda: F(-9, 10)),
    ("minus_times_minus", "2 - -3", "z", {}, lambda: F(-1)),
    ("negative_square", "(0.5 - 2)**2", "loss", {}, lambda: F(-9, 4)),
    ("negative_square", "(-3)**2", "", {}, lambda: F(-9)),
    ("sign_lost", "0.4 * 0.25 + 0.3 * -0.5", "z", {}, lambda: F(1, 10) + F(15, 100)),
    ("sign_lost", "0.5 + 0.1 * 3", "z", {}, lambda: F(1, 5)),
    ("sign_lost", "0.2 + 0.0295", "z", {}, lambda: F(-1705, 10000)),
    ("sign_lost", "0.8 - 0.25", "z", {}, lambda: F(105, 100)),
    ("sign_lost", "-log(0.5)", "loss", {}, lambda: math.log(0.5)),
    # missing_factor_2
    ("factor_2_left_out", "2 * (y_pred - y) * x", "dL/dw", ERROR,
     lambda y_pred, y, x: (y_pred - y) * x),
    ("factor_2_left_out", "-2 * (2 - 0.75) * 3", "dL/dw", {}, lambda: -F(5, 4) * 3),
    ("factor_2_left_out", "2 / 3 * (1.5 + 4)", "dL/dw", {}, lambda: F(11, 6)),
    ("factor_2_added", "(y_pred - y) * x", "dL/dw", ERROR,
     lambda y_pred, y, x: 2 * (y_pred - y) * x),
    ("half_left_out", "(y_pred - y)**2 / 2", "loss", ERROR, lambda y_pred, y, x: (y_pred - y)**2),
    ("factor_2_added", "e * x", "dL/dw", {"e": F(2), "x": F(3)}, lambda e, x: 2 * e * x),
    ("half_applied_twice", "1/2 * (y_pred - y)**2", "loss", ERROR,
     lambda y_pred, y, x: (y_pred - y)**2 / 4),
    ("half_applied_twice", "(y_pred - y) * x", "dL/dw", ERROR,
     lambda y_pred, y, x: (y_pred - y) * x / 2),
    ("factor_2_added", "0.5 * 2 * (y_pred - y)", "dL/dy_pred", ERROR,
     lambda y_pred, y, x: 2 * (y_pred - y)),
    ("half_applied_twice", "0.5 * 2 * (y_pred - y)", "dL/dy_pred", ERROR,
     lambda y_pred, y, x: (y_pred - y) / 2),
    ("half_applied_twice", "0.5 * (y_pred - y)**2", "loss", ERROR,
     lambda y_pred, y, x: (y_pred - y)**2 / 4),
    # missing_1_over_n
    ("sum_for_mean", "mean(e**2)", "loss", SAMPLES, lambda e: F(21)),
    ("sum_for_mean", "(1 + 4 + 16) / 3", "loss", {}, lambda: F(21)),
    ("sum_for_mean", "1 / n * sum(e)", "loss", {**SAMPLES, "n": F(3)}, lambda e, n: sum(e)),
    ("sum_for_mean", "2 / 3 * ((0.5 - 2) * 1 + (1 - 4) * 2)", "dL/dw", {}, lambda: F(-15)),
    ("sum_for_mean", "mse(p, q)", "loss", {"p": (F(1), F(3)), "q": (F(0), F(1))},
     lambda p, q: F(5)),
    ("divided_twice", "mean(e**2)", "loss", SAMPLES, lambda e: F(21, 9)),
    ("divided_twice", "(1 + 4 + 16) / 3", "loss", {}, lambda: F(21, 9)),
    ("multiplied_by_n", "(1 + 4 + 16) / 3", "loss", {}, lambda: F(63)),
    ("divided_twice", "average(e)", "loss", SAMPLES, lambda e: F(3, 9)),
    ("multiplied_by_n", "mean(e)", "loss", SAMPLES, lambda e: sum(e) * 3),
    ("only_one_sample", "mean(e**2)", "loss", SAMPLES, lambda e: e[1]**2),
    ("only_one_sample", "(1 + 4 + 16) / 3", "loss", {}, lambda: F(16)),
    ("only_one_sample", "(1 + 4 + 16) / 3", "loss", {}, lambda: F(16, 3)),
    # wrong_formula: derivatives
    ("inner_derivative_left_out", "2 * (y_pred - y) * x", "dL/dw", ERROR,
     lambda y_pred, y, x: 2 * (y_pred - y)),
    ("inner_derivative_left_out", "w - lr * 2 * (y_pred - y) * x", "w'", {**UPDATE, **ERROR},
     lambda w, lr, g, y_pred, y, x: w - lr * 2 * (y_pred - y)),
    ("activation_derivative_left_out", "(a - y) * a * (1 - a) * x", "dL/dw", NEURON,
     lambda a, y, x: (a - y) * x),
    ("activation_derivative_left_out", "(0.6 - 1) * 0.6 * 0.4", "dL/dz", {}, lambda: F(-4, 10)),
    ("activation_derivative_left_out", "dL/da * (1 - h**2)", "dL/dz", {"dL/da": F(2), "h": F(1, 3)},
     lambda dL_da, h: dL_da),
    ("activation_derivative_left_out", "dL/da * da/dz * x", "dL/dw",
     {"dL/da": F(2), "da/dz": F(1, 3), "x": F(5)}, lambda dL_da, da_dz, x: dL_da * x),
    ("activation_derivative_at_output", "(a - y) * a * (1 - a)", "dL/dz", NEURON,
     lambda a, y, x: float(a - y) * sigmoid(a) * (1 - sigmoid(a))),
    ("activation_derivative_at_output", "sigmoid(z) * (1 - sigmoid(z))", "da/dz", {"z": F(1, 2)},
     lambda z: sigmoid(sigmoid(z)) * (1 - sigmoid(sigmoid(z)))),
    ("activation_derivative_at_output", "1 - tanh(z)**2", "dh/dz", {"z": F(1, 2)},
     lambda z: 1 - math.tanh(math.tanh(z))**2),
    ("extra_activation_derivative", "a - y", "dL/dz", NEURON,
     lambda a, y, x: (a - y) * a * (1 - a)),
    ("extra_activation_derivative", "(0.6 - 1) * 2", "dL/dw", {},
     lambda: -F(4, 10) * F(24, 100) * 2),
    ("extra_activation_derivative", "y - t", "dL/dz", {"y": F(1, 5), "t": F(1)},
     lambda y, t: (y - t) * y * (1 - y)),
    ("chain_factors_added", "dL/da * da/dz", "dL/dz", {"dL/da": F(2), "da/dz": F(1, 3)},
     lambda dL_da, da_dz: dL_da + da_dz),
    ("chain_factors_added", "-0.5 * 0.25 * 3", "dL/dw", {}, lambda: F(-1, 2) + F(1, 4) + 3),
    ("chain_factors_added", "2 * (y_pred - y) * x", "dL/dw", ERROR,
     lambda y_pred, y, x: 2 * (y_pred - y) + x),
    ("paths_multiplied", "u * dL/dh1 + v * dL/dh2", "dL/dx", PATHS,
     lambda u, v, dL_dh1, dL_dh2: u * dL_dh1 * (v * dL_dh2)),
    ("path_left_out", "u * dL/dh1 + v * dL/dh2", "dL/dx", PATHS,
     lambda u, v, dL_dh1, dL_dh2: v * dL_dh2),
    ("relu_gate_ignored", "dL/da * step(z)", "dL/dz", {"dL/da": F(2), "z": F(-1)},
     lambda dL_da, z: dL_da),
    ("relu_gate_ignored", "0.275 * 0", "dL/dz", {}, lambda: F(275, 1000)),
    ("relu_gate_ignored", "relu(z)", "a", {"z": F(-1)}, lambda z: z),
    ("relu_gate_ignored", "maximum(0, z)", "a", {"z": F(-1)}, lambda z: z),
    ("exponent_kept", "2 * (y_pred - y) * x", "dL/dw", ERROR,
     lambda y_pred, y, x: 2 * (y_pred - y)**2 * x),
    ("exponent_kept", "2 * (0.75 - 2) * 3", "dL/dw", {}, lambda: 2 * F(25, 16) * 3),
    ("exponent_kept", "3 * x**2", "dL/dx", {"x": F(2)}, lambda x: F(24)),
    # wrong_formula: the update
    ("learning_rate_left_out", "w - lr * g", "w'", UPDATE, lambda w, lr, g: w - g),
    ("learning_rate_left_out", "0.7 - 0.2 * 0.3", "w", {}, lambda: F(4, 10)),
    ("learning_rate_times_weight", "w - lr * g", "w'", UPDATE, lambda w, lr, g: lr * (w - g)),
    ("learning_rate_times_weight", "w - lr * g", "w'", UPDATE, lambda w, lr, g: lr * w - g),
    ("learning_rate_times_weight", "1 - 0.15 * 10", "v", {}, lambda: F(15, 100) * -9),
    ("update_applied_twice", "w - lr * g", "w'", UPDATE, lambda w, lr, g: w - 2 * lr * g),
    ("bias_correction_left_out", "w - lr * m_hat / sqrt(v_hat)", "w'",
     {"w": F(1), "lr": F(1, 2), "m_hat": F(3), "v_hat": F(4), "m": F(1), "v": F(9)},
     lambda w, lr, m_hat, v_hat, m, v: w - lr * m / 3),
    ("bias_correction_left_out", "m / (1 - beta1**t)", "m_hat", {**ADAM, "t": F(2)},
     lambda beta1, m, g, t: m),
    ("bias_correction_left_out", "0.037 / (1 - 0.9)", "m_hat", {}, lambda: F(37, 1000)),
    ("epsilon_inside_root", "g / (sqrt(v) + eps)", "", {"g": F(2), "v": F(8), "eps": F(1)},
     lambda g, v, eps: F(2, 3)),
    ("epsilon_inside_root", "0.3 / (sqrt(0.15) + 0.01)", "", {}, lambda: F(3, 4)),
    ("epsilon_inside_root", "sqrt(s + epsilon)", "", {"s": F(4), "epsilon": F(1)},
     lambda s, epsilon: F(3)),
    ("betas_swapped", "beta1 * m + (1 - beta1) * g", "m'", ADAM,
     lambda beta1, m, g: (1 - beta1) * m + beta1 * g),
    ("betas_swapped", "0.9 * 0.5 + 0.1 * 3", "m", {}, lambda: F(5, 100) + F(27, 10)),
    # wrong_formula: functions and layers
    ("exponent_sign", "1 / (1 + exp(-z))", "a", {"z": F(1, 2)}, lambda z: sigmoid(-z)),
    ("exponent_sign", "sigmoid(0.25)", "a", {}, lambda: sigmoid(-0.25)),
    ("exponent_sign", "e**-0.35", "", {}, lambda: math.exp(0.35)),
    ("exponent_sign", "sigma(0.25)", "a", {}, lambda: sigmoid(-0.25)),
    ("log_base", "-ln(0.64)", "loss", {}, lambda: -math.log10(0.64)),
    ("log_base", "log(p)", "loss", {"p": F(1, 3)}, lambda p: math.log2(p)),
    ("softmax_not_divided", "exp(0.4) / (exp(-0.5) + exp(0.4))", "p", {}, lambda: math.exp(0.4)),
    ("softmax_not_divided", "2.72 / (2.72 + 7.39)", "p", {}, lambda: F(272, 100)),
    ("softmax_not_divided", "exp(z) / sum(exp(z))", "p", {"z": (F(1), F(2))},
     lambda z: (math.exp(1), math.exp(2))),
    ("softmax_not_divided", "softmax(z)", "p", {"z": (F(1), F(2))},
     lambda z: (math.exp(1), math.exp(2))),
    ("root_d_left_out", "1.347 / sqrt(8)", "", {}, lambda: F(1347, 1000)),
    ("root_d_left_out", "q * k / sqrt(d_k)", "score", {"q": F(3), "k": F(5), "d_k": F(4)},
     lambda q, k, d_k: q * k),
    ("bias_left_out", "w * x + b", "z", {"w": F(2), "x": F(3), "b": F(1)}, lambda w, x, b: w * x),
    ("bias_added_twice", "0.5 * 2 + 1 * -1 + 0.25", "z", {}, lambda: F(1, 2)),
    ("square_left_out", "(y_pred - y)**2", "loss", ERROR, lambda y_pred, y, x: y_pred - y),
    ("root_left_out", "sqrt(a**2 + b**2)", "c", {"a": F(3), "b": F(4)}, lambda a, b: F(25)),
    ("root_left_out", "sqrt(25)", "c", {}, lambda: F(25)),
    # transpose_shape
    ("transpose_left_out", "A.T @ x", "dL/dx", MATRIX, lambda A, x: (F(5), F(11))),
    ("wrong_layout", "A @ x", "z", MATRIX, lambda A, x: (F(7), F(10))),
    ("wrong_layout", "outer(d, x)", "dL/dw", {"d": (F(1), F(2)), "x": (F(3), F(4), F(5))},
     lambda d, x: ((F(3), F(6)), (F(4), F(8)), (F(5), F(10)))),
    # arithmetic_error
    ("power_as_product", "1.4**2", "", {}, lambda: F(28, 10)),
    ("power_as_product", "0.9 * 0.4 + 0.1 * 3**2", "s", {}, lambda: F(96, 100)),
    ("order_of_operations", "0.5 + 0.5 * 3", "", {}, lambda: F(3)),
    ("order_of_operations", "0.5 * 3 + 0.5", "", {}, lambda: F(1, 2) * F(7, 2)),
    ("order_of_operations", "w - lr * g", "w'", UPDATE, lambda w, lr, g: (w - lr) * g),
    ("order_of_operations", "-3**2", "", {}, lambda: F(9)),
    ("order_of_operations", "5 - 3 + 1", "", {}, lambda: F(1)),
    ("order_of_operations", "5 - (3 + 1)", "", {}, lambda: F(3)),
    ("order_of_operations", "6 / (2 * 3)", "", {}, lambda: F(9)),
    ("order_of_operations", "6 / 2 * 3", "", {}, lambda: F(1)),
    ("order_of_operations", "2 * 3**2", "", {}, lambda: F(36)),
    ("order_of_operations", "2 * (3 - 1) * 5", "", {}, lambda: F(1)),
    ("order_of_operations", "0.5 + 2 * 3 * 4", "", {}, lambda: F(30)),
    ("order_of_operations", "5 - 3**2", "", {}, lambda: F(4)),
    ("order_of_operations", "(5 - 3)**2", "", {}, lambda: F(25 - 9)),
    ("order_of_operations", "(5 - 3)**2", "", {}, lambda: F(5 - 9)),
]  # fmt: skip


def read(text: str) -> Node:
    """Return the tree of a formula."""
    return parse(text, vocabulary=vocabulary(), derivatives=GRADIENTS)


def roles_of(formula: Node, target: str) -> Roles:
    """Return what the names of a formula tell."""
    names = [node.id for node in walk(formula) if isinstance(node, Name)]
    return guess_roles(names, target, formula)


def suspects(text: str, target: str = "") -> list[Suspect]:
    """Return the wrong formulas for a text."""
    formula = read(text)
    return list(mal_rules(formula, roles_of(formula, target)))


def bounded(value: Any) -> Value:
    """Return numbers as exact intervals."""
    if isinstance(value, tuple):
        return tuple(map(bounded, value))
    return Interval(F(value), F(value))


def is_near(one: Value, other: Value) -> bool:
    """Whether two values are one within a millionth; shapes count."""
    if isinstance(one, Interval) and isinstance(other, Interval):
        return abs(one.low - other.low) < F(1, 10**6)
    if isinstance(one, Interval) or isinstance(other, Interval):
        return False
    return len(one) == len(other) and all(map(is_near, one, other))


def worth(suspect: Suspect, values: Mapping[str, Value]) -> Value | None:
    """Return the value of a wrong formula, None where it has none."""
    try:
        return value_of(suspect.node, values)
    except Unevaluable:
        return None


@pytest.mark.parametrize("row", FORMULAS, ids=lambda row: f"{row[0]}: {row[1]}")
def test_a_slip_gives_the_value_that_it_is_defined_by(row: Row) -> None:
    """The right formula, rewritten, gives what the slip is defined to give."""
    slip, text, target, numbers, wrong = row
    values = {name: bounded(number) for name, number in numbers.items()}
    expected = bounded(wrong(**{name.replace("/", "_"): x for name, x in numbers.items()}))
    found = [worth(suspect, values) for suspect in suspects(text, target) if suspect.slip == slip]
    assert any(value is not None and is_near(value, expected) for value in found), found


def test_every_slip_of_a_formula_has_a_row() -> None:
    """No rule is without an example."""
    by_rule = {slip.id for slip in SLIPS.values() if slip.source in ("formula", "calculation")}
    lacking = by_rule - {row[0] for row in FORMULAS} - {"plain_slip"}
    assert not lacking, "FORMULAS, in this file, is to have a row of each"


@pytest.mark.parametrize("row", FORMULAS, ids=lambda row: row[1])
def test_no_suspect_is_the_right_formula_and_every_suspect_is_a_known_slip(row: Row) -> None:
    """A suspect differs from the formula and has an id of the table."""
    formula = read(row[1])
    for suspect in mal_rules(formula, roles_of(formula, row[2])):
        assert suspect.node != formula
        assert suspect.slip in SLIPS


@pytest.mark.parametrize(
    ("text", "target", "others"),
    [
        ("w * x", "z", {*SLIPS}),
        ("1 - a", "z", {"error_reversed", "plus_for_minus", "bias_left_out", "path_left_out"}),
        # MSE has a 2: it is no cross-entropy, and the 2 is not added once more
        (
            "2 * (y_pred - y)",
            "dL/dy_pred",
            {"factor_2_added", "extra_activation_derivative", "half_applied_twice"},
        ),
        # ½ of a sum of squares is no mean
        (
            "1/2 * ((0.6 - 1)**2 + (0.3 - 0.1)**2)",
            "E",
            {"sum_for_mean", "divided_twice", "multiplied_by_n", "only_one_sample"},
        ),
        (
            "0.9 * 0.24 + 0.1 * 0.75",
            "m",
            {"chain_factors_added", "inner_derivative_left_out", "path_left_out", "bias_left_out"},
        ),
    ],
)
def test_slips_that_do_not_fit_the_role_of_a_formula_are_not_thought_of(
    text: str, target: str, others: set[str]
) -> None:
    """Names, phase and shape rule them out."""
    assert not others & {suspect.slip for suspect in suspects(text, target)}


def test_what_a_slip_leaves_alone_stays_the_same_object() -> None:
    """Names keep their places in the text."""
    formula = read("w - lr * 2 * (y_pred - y) * x")
    own = {id(node) for node in walk(formula)}
    for suspect in mal_rules(formula, roles_of(formula, "w'")):
        names = [node for node in walk(suspect.node) if isinstance(node, Name)]
        assert names
        assert all(id(name) in own for name in names)


def test_a_known_role_rules_a_slip_out() -> None:
    """A difference of parameter and rate is no error."""
    formula = read("p - q")
    assert "error_reversed" in {
        suspect.slip
        for suspect in mal_rules(formula, Roles({"p": "output", "q": "target"}, "backward"))
    }
    others = mal_rules(formula, Roles({"p": "parameter", "q": "rate"}, "backward"))
    assert {suspect.slip for suspect in others} == {"sign_lost"}


def test_a_very_long_formula_has_no_suspects() -> None:
    """Beyond the limit some slip would fit any figure."""
    assert not suspects(" + ".join(f"w{place} * x{place}" for place in range(190)), "dL/dw")


@pytest.mark.parametrize("count", [10, 30, 60])
def test_there_are_never_more_suspects_than_can_tell_something(count: int) -> None:
    """A mean over many samples stays within the limit."""
    text = " + ".join(f"(a{place} - t{place}) * x{place}" for place in range(count))
    assert len(suspects(f"2 / {count} * ({text})", "dL/dw")) <= MAX_SUSPECTS


NUMBERS = st.sampled_from(["0.5", "2", "1", "0.1", "3.0", "0.25", "0", "4"]).map(
    lambda text: Number(text, F(text), 0, 0)
)
FORMULAS_OF_ANY_SHAPE = st.recursive(
    NUMBERS | st.sampled_from(["w", "g", "a", "y", "n"]).map(lambda name: Name(name, 0, 0)),
    lambda inside: st.one_of(
        st.tuples(
            st.sampled_from(["add", "subtract", "multiply", "divide", "power", "matmul", "outer"]),
            st.tuples(inside, inside),
        ),
        st.tuples(
            st.sampled_from(
                ["negative", "exp", "log", "sqrt", "sigmoid", "mean", "square", "relu", "softmax"]
            ),
            st.tuples(inside),
        ),
    ).map(lambda parts: Call(*parts)),
    max_leaves=12,
)
TARGETS = st.sampled_from(["", "w'", "w", "dL/dw", "loss", "z", "m", "unheard_of"])


@settings(deadline=None)
@given(FORMULAS_OF_ANY_SHAPE, TARGETS)
def test_any_formula_has_suspects_that_are_other_formulas(formula: Node, target: str) -> None:
    """Of any shape: no error but those of evaluating it, no suspect that is the formula."""
    values = {name: bounded(F(3, 7)) for name in ("w", "g", "a", "y", "n")}
    for suspect in mal_rules(formula, roles_of(formula, target)):
        assert suspect.node != formula
        worth(suspect, values)


SMOOTH = st.recursive(
    NUMBERS.filter(lambda number: number.value > 0),
    lambda inside: st.tuples(
        st.sampled_from(["add", "multiply", "subtract"]), st.tuples(inside, inside)
    ).map(lambda parts: Call(*parts)),
    max_leaves=10,
)


@settings(deadline=None)
@given(SMOOTH, TARGETS)
def test_suspects_have_values_where_the_formula_has_one(formula: Node, target: str) -> None:
    """Sums, differences and products: everything made of them can be evaluated."""
    for suspect in mal_rules(formula, roles_of(formula, target)):
        assert worth(suspect, {}) is not None


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("2 * 0.5 * 4 = 2", None),
        ("x1*w1 + x2*w2 = 0.5*0.2 + 0.1*0.4 = 0.5", None),
        ("0.25 * 0.4 * 0.3 = 0.1", None),
        ("2 * (0.5 - 2) * 4 = -6", "factor_2_left_out"),
        ("dL/dw = 2 * -1.5 * 4 = -6", "factor_2_left_out"),
        ("dL/dw = 2 * (0.5 - 2) * 3 = -3", "inner_derivative_left_out"),
    ],
)
def test_numbers_without_a_name_are_no_gradient(line: str, cause: str | None) -> None:
    """What fits by chance in plain arithmetic is not called a slip of differentiation."""
    (report,) = check_text(line, "txt").files
    (entry,) = report.findings
    assert entry.verdict == "slip"
    assert (None if entry.cause == "plain_slip" else entry.cause) == cause
