"""Loss functions in NumPy: traced, their gradients are those of differences."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import tracer
from tests.program.traced_losses import LOSSES, VALUES, TracedLoss
from tracer.errors import RunError

REFUSED = {"arctangent": "np.arctan cannot be traced; expected a function of tracer.functions"}
STEP = 1e-6


def traced(row: TracedLoss) -> Any:
    """Return one iteration of a loss."""
    return tracer.trace(
        row.function,
        parameters={name: VALUES[name] for name in row.parameters},
        data={name: VALUES[name] for name in row.data},
        iterations=1,
        learning_rate=0.1,
    ).iteration(1)


def differences(row: TracedLoss, name: str) -> Any:
    """Return the gradient of a loss by one parameter as differences of its values."""
    values = {key: VALUES[key] for key in (*row.parameters, *row.data)}
    gradient = np.zeros(np.shape(VALUES[name]))
    for place in np.ndindex(gradient.shape):
        for sign in (1, -1):
            moved = np.array(VALUES[name], dtype=float)
            moved[place] += sign * STEP
            gradient[place] += sign * float(row.function(**{**values, name: moved})) / (2 * STEP)
    return gradient


def test_there_are_sixty_and_few_are_refused() -> None:
    """The table is what was promised."""
    assert len({row.name for row in LOSSES}) == len(LOSSES) >= 60
    assert len(REFUSED) <= 5


@pytest.mark.parametrize(
    "row", [row for row in LOSSES if row.name not in REFUSED], ids=lambda row: row.name
)
def test_a_traced_loss_has_the_gradient_of_differences(row: TracedLoss) -> None:
    """Its value is NumPy's, and nothing in it is warned of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        iteration = traced(row)
    loss = iteration.program.loss
    values = {key: VALUES[key] for key in (*row.parameters, *row.data)}
    assert np.allclose(iteration[loss], row.function(**values))
    for name in row.parameters:
        gradient = iteration[f"d{loss}/d{name}"]
        assert np.allclose(gradient, differences(row, name), rtol=1e-5, atol=1e-7), name


@pytest.mark.parametrize(
    "row", [row for row in LOSSES if row.name in REFUSED], ids=lambda r: r.name
)
def test_what_is_not_traced_says_what_to_write(row: TracedLoss) -> None:
    """The hint is another way to write it, no word that looks alike."""
    with pytest.raises(RunError) as error:
        traced(row)
    assert REFUSED[row.name] in str(error.value)


def test_numpys_names_are_no_misspellings() -> None:
    """np.cumprod is no np.prod."""
    with pytest.raises(RunError) as error:
        tracer.trace(
            lambda w: np.cumprod(w)[-1], parameters={"w": [1.0, 2.0]}, data={},
            iterations=1, learning_rate=0.1,
        )  # fmt: skip
    assert "did you mean" not in str(error.value)


def test_a_target_that_broadcasts_is_warned_of() -> None:
    """z[:, 0:1] − y is 5 × 5; where the axis is added on purpose nothing is said."""
    data = {name: VALUES[name] for name in ("X", "y")}
    with pytest.warns(UserWarning, match=r"y broadcasts: .* one entry for each pair of rows"):
        tracer.trace(
            lambda W, X, y: np.mean(((X @ W)[:, 0:1] - y) ** 2),
            parameters={"W": VALUES["W"]}, data=data, iterations=1, learning_rate=0.1,
        )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tracer.trace(
            lambda w, X, y: np.mean(((X @ w)[:, None] - y) ** 2),
            parameters={"w": VALUES["w"]}, data=data, iterations=1, learning_rate=0.1,
        )  # fmt: skip


def test_a_parameter_without_a_use_is_warned_of() -> None:
    """It is trained by nothing, and its name may be misspelt."""
    with pytest.warns(UserWarning, match="does not depend on the parameter v"):
        tracer.trace(
            equations="loss = w**2", parameters={"w": 1.0, "v": 2.0}, data={},
            iterations=1, learning_rate=0.1,
        )  # fmt: skip


def test_an_iteration_is_asked_as_a_mapping() -> None:
    """A name that it has not is not in it, and labels are the integers that they were."""
    row = next(row for row in LOSSES if row.name == "softmax_cross_entropy")
    iteration = traced(row)
    assert "W" in iteration
    assert "foo" not in iteration
    assert iteration.get("foo") is None
    assert iteration.get("foo", 3) == 3
    assert iteration["labels"].dtype.kind == "i"
    assert iteration["X"].dtype.kind == "f"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda W, X, labels: np.sum(np.eye(2)[labels] * (X @ W)), r"np\.take"),
        (lambda W, X, labels: np.sum((X @ W)[labels == 1]), "a traced condition"),
        (lambda W, X, labels: np.sum(X @ W) * int(labels.max()), "known before the run"),
        (lambda W, X, masks: np.sum((X @ W)[masks]), "a traced condition"),
    ],
)
def test_what_differs_between_steps_is_no_constant(function: Any, message: str) -> None:
    """With batches the labels of the first one are not those of all."""
    data = {"X": VALUES["X"], "labels": VALUES["labels"], "masks": VALUES["labels"] > 0}
    given: dict[str, Any] = {"parameters": {"W": VALUES["W"]}, "data": data, "learning_rate": 0.1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tracer.trace(function, **given, iterations=1)
        with pytest.raises(RunError, match=message):
            tracer.trace(function, **given, iterations=1, batch_size=1)


def test_a_view_is_not_taken_for_what_it_was() -> None:
    """A change of the array reaches its parts; what they were then is known no more."""

    def changed(w: Any, X: Any) -> Any:
        X, first = [(X := X + 0), X[:, 0]]
        X -= 1
        return np.sum((X @ w)[first > 0])

    with pytest.raises(RunError, match="a traced condition"):
        tracer.trace(
            changed, parameters={"w": VALUES["w"]}, data={"X": VALUES["X"]},
            iterations=1, learning_rate=0.1,
        )  # fmt: skip


def test_labels_of_a_list_are_integers() -> None:
    """What is used as labels or ids is whole, however it was given; other data are floats."""
    run = tracer.trace(
        lambda E, ids, x: np.mean(E[ids] * x), parameters={"E": VALUES["E"]},
        data={"ids": [0, 2], "x": [[1], [2]]}, iterations=1, learning_rate=0.1,
    )  # fmt: skip
    assert run.iteration(1)["ids"].dtype.kind == "i"
    assert run.iteration(1)["x"].dtype.kind == "f"
