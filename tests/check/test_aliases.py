"""The spellings of a quantity are one name; what only looks like one is another."""

from __future__ import annotations

from itertools import combinations
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.check.trace.aliases import derivative_of, is_loss, key_of, name_of, quantity_key
from tracer.expression import Dialect, parse
from tracer.expression.syntax import Node
from tracer.operations import vocabulary

SPELLINGS = [
    "dloss/dw dL/dw ∂L/∂w dloss_dw dL_dw d_loss_d_w dMSE/dw dJ/dw dE_total/dw grad_w w_grad "
    "gradient_w dcost_dw dloss/d(w)",
    "dloss/dW1 dL/dW1 dL/dW_1 dL_dW_1 grad_W1",
    "dloss/dy_pred dL/dy_hat dL_dyhat ∂L/∂ŷ",
    "learning_rate lr LR η eta",
    "y_pred y_hat ŷ yhat ypred y_predicted",
    "y_pred1 y_hat1 y_pred_1 y1_hat y_1_pred ŷ₁",
    "w' w_new w_next w_updated new_w w⁺",
    "w1' w_1_new w1_new w_new_1 w_1'",
    "w w_old old_w",
    "W1 W_1 W₁",
    "w12 w_12 w₁₂",
    "theta θ",
]

APART = [
    ("w", "w'"),
    ("w", "W"),
    ("L", "loss"),  # only a scenario knows its loss
    ("alpha", "learning_rate"),  # a rate, a decay, an angle
    ("dL/dw", "dL/db"),
    ("dE_o1/dw", "dE_o2/dw"),
    ("dE_o1/dw", "dE_total/dw"),
    ("dBCE/dw", "dMSE/dw"),
    ("da/dz", "dL/dz"),
    ("w[t]", "w[t - 1]"),
    ("h_prev", "h"),
    ("y", "y_pred"),
    ("y_pred1", "y_pred2"),
    ("W[1]", "W1"),
    ("dw", "dloss/dw"),  # a step Δw as often as a gradient
]

SAME_ENTRY: list[list[tuple[Dialect, str]]] = [
    [("unicode", "w₁₂"), ("latex", "w_{12}"), ("unicode", "w_{1,2}")],
    [("ascii", "w_new[0]"), ("ascii", "w'[0]")],
    [("ascii", "W1[0, 1]"), ("unicode", "(W₁)₁₂"), ("latex", "(W_1)_{12}"), ("ascii", "W1[0][1]")],
]


def read(text: str, dialect: Dialect = "ascii") -> Node:
    """Parse a text without a scenario, as a document is read."""
    return parse(text, dialect, vocabulary=vocabulary())


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda text: text.split()[0])
def test_spellings_of_one_quantity_have_one_key(spellings: str) -> None:
    """All spellings of a group have the key that stands first in it."""
    keys = {spelling: quantity_key(spelling) for spelling in spellings.split()}
    assert set(keys.values()) == {spellings.split()[0]}, keys


def test_no_two_groups_share_a_key() -> None:
    """The key of one quantity is never that of another."""
    for one, other in combinations(SPELLINGS, 2):
        assert not set(map(quantity_key, one.split())) & set(map(quantity_key, other.split()))


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_may_be_two_quantities_has_two_keys(one: str, other: str) -> None:
    """Names are joined only where they mean the same in every document."""
    assert quantity_key(one) != quantity_key(other)


@pytest.mark.parametrize("name", ["w[t + 1]", "w[k + 1]", "w[n + 1]", "w[new]"])
def test_the_next_step_of_a_weight_is_its_value_after_the_update(name: str) -> None:
    """A subscript t + 1 says what a prime says."""
    assert quantity_key(name) == "w'"


@pytest.mark.parametrize("name", ["h[i + 1]", "w[t - 1]", "data_dim", "d_model", "drop_d", "d"])
def test_other_names_stay_as_they_are(name: str) -> None:
    """What begins with d, or has an index, need not be a derivative or a weight."""
    assert quantity_key(name) == name
    assert derivative_of(name) is None


def test_a_term_of_a_gradient_keeps_its_number() -> None:
    """Terms of paths that meet are quantities of their own."""
    assert quantity_key("dL/dp#2") == "dloss/dp#2"
    assert quantity_key("dL/dp#2") != quantity_key("dL/dp#1")


@pytest.mark.parametrize(
    ("text", "dialect", "name"),
    [
        ("w", "ascii", "w"),
        ("w[0, 1]", "ascii", "w[0, 1]"),
        ("W[1][2]", "ascii", "W[1, 2]"),
        (r"w^{\text{new}}", "latex", "w_new"),
    ],
)
def test_a_tree_that_is_a_name(text: str, dialect: Dialect, name: str) -> None:
    """Names and entries are names."""
    assert name_of(read(text, dialect)) == name


@pytest.mark.parametrize(
    "text", ["a/b", "d/n", "data/dim", "dx/2", "w*x", "w[i]", "2", "w.T", "x**2", "w[0:2]", "d*x/y"]
)
def test_a_tree_that_is_no_name(text: str) -> None:
    """Calculations are not."""
    assert name_of(read(text)) is None
    assert key_of(read(text)) is None


@pytest.mark.parametrize("forms", SAME_ENTRY, ids=lambda forms: forms[0][1])
def test_an_entry_has_one_key(forms: list[tuple[Dialect, str]]) -> None:
    """However its place is written; whether brackets mean what a subscript does, values say."""
    assert len({key_of(read(text, dialect)) for dialect, text in forms}) == 1


def test_a_superscript_is_no_entry() -> None:
    """The weights of layer 1 are not the second row of W."""
    layer, entry = read("W^{(1)}", "unicode"), read("W[1]")
    assert name_of(layer) == name_of(entry)
    assert key_of(layer) != key_of(entry)


@pytest.mark.parametrize("word", ["L", "J", "E", "loss", "Loss", "cost", "MSE", "E_total"])
def test_losses(word: str) -> None:
    """These are losses wherever something is derived from them."""
    assert is_loss(word)


@pytest.mark.parametrize("word", ["a", "l", "e", "E_o1", "CE", "z", "error", "out"])
def test_what_is_not_surely_the_loss(word: str) -> None:
    """These may be other quantities."""
    assert not is_loss(word)


@pytest.mark.parametrize("part", ["dL_", "_hat", "1", "_1", "[1]", "w_d", "'", "d_d"])
def test_a_long_name_takes_no_time(part: str) -> None:
    """No name is looked into for longer than it deserves."""
    start = thread_time()
    assert isinstance(quantity_key("y" + part * 400 + "!"), str)
    assert isinstance(quantity_key("d" + part * 30), str)
    assert thread_time() - start < 0.5


@given(st.text("dLwy12_'/[]+ tŷη∂₁⁺θhatpred", max_size=20))
def test_any_name_has_a_key(name: str) -> None:
    """No text makes it fail."""
    assert isinstance(quantity_key(name), str)
