from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import pytest

from tests.run.networks import written
from tests.witness.problems import judging
from tracer.program.scenario import bundled, load
from tracer.witness import Verdict
from tracer.witness.report import verify_scenario
from tracer.witness.verification import CENTRAL, COMPLEX, SYMPY, WHOLE

ONE_WEIGHT = ("y_pred = w * x\nloss = (y_pred - y)**2", {"w": 0.5, "x": 1, "y": 2}, "w")

NETWORK = (
    "a1 = sigmoid(W1 @ x + b1)\na2 = tanh(W2 @ a1 + b2)\nloss = half_squared_error(a2, y)",
    {
        "W1": [[0.15, 0.2], [0.25, -0.3]],
        "b1": [0.35, -0.35],
        "W2": [[0.4, 0.45], [-0.5, 0.55]],
        "b2": [0.6, 0.6],
        "x": [0.05, 0.1],
        "y": [0.01, 0.99],
    },
    "W1 b1 W2 b2",
)


def _names(verdict: Verdict) -> list[str]:
    return [witness.name for witness in verdict.witnesses]


def largest_difference(verdict: Verdict, parameter: str) -> float:
    """Return the largest difference that any witness has found in a parameter's gradient."""
    return max(witness.parameters[parameter].difference for witness in verdict.witnesses)


def _worst(verdict: Verdict) -> float:
    return max(witness.difference for witness in verdict.witnesses)


@pytest.mark.parametrize("given", [ONE_WEIGHT, NETWORK], ids=["one weight", "2-2-2"])
def test_all_witnesses_are_heard_on_a_smooth_network(
    given: tuple[str, dict[str, object], str],
) -> None:
    """SymPy twice, complex steps and differences judge every entry, and agree with the record."""
    verdict = judging(*given).verdict()
    assert _names(verdict) == [SYMPY, WHOLE, COMPLEX, CENTRAL]
    assert verdict.passed
    assert verdict.absent == ()
    assert verdict.kinks == ()
    assert all(witness.judged == witness.entries for witness in verdict.witnesses)
    assert _worst(verdict) < 1e-15


def test_numbers_of_the_demo() -> None:
    """The gradient of the one-weight demo is proved to be -3."""
    verdict = judging(*ONE_WEIGHT).verdict()
    for witness in verdict.witnesses:
        assert witness.parameters["w"].proved == -3.0


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_a_slightly_wrong_gradient_fails(name: str) -> None:
    """An error of one part in ten million is found by SymPy and complex steps, with its place."""
    work = judging(*NETWORK)
    wrong = [*work.gradients[name][:-1], work.gradients[name][-1] * (1 + 1e-7)]
    verdict = work.with_gradient(name, wrong).verdict()
    assert not verdict.passed
    for witness in verdict.witnesses:
        failed = [item.parameter for item in witness.failures]
        assert failed == ([] if witness.name == CENTRAL else [name])
    assert largest_difference(verdict, name) == pytest.approx(1e-7, rel=1e-4)
    assert verdict.witnesses[0].parameters[name].index == ((1, 1) if name[0] == "W" else (1,))


def test_differences_find_an_error_of_a_thousandth() -> None:
    """Central differences object on their own where the error is above their limit."""
    work = judging(*NETWORK)
    verdict = work.with_gradient("b2", [g * 1.001 for g in work.gradients["b2"]]).verdict()
    (central,) = (witness for witness in verdict.witnesses if witness.name == CENTRAL)
    assert [item.parameter for item in central.failures] == ["b2"]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_no_number_fails(wrong: float) -> None:
    """A recorded nan or infinity does not agree with anything."""
    verdict = judging(*ONE_WEIGHT).with_gradient("w", [wrong]).verdict()
    assert not verdict.passed
    assert largest_difference(verdict, "w") == math.inf


def test_small_entries_are_measured_against_the_largest() -> None:
    """The difference of a tiny entry is relative to a thousandth of the largest gradient."""
    work = judging("loss = a * x + b * y", {"a": 1.0, "b": 1.0, "x": 1.0, "y": 1e-9}, "a b")
    verdict = work.with_gradient("b", [2e-9]).verdict()
    assert largest_difference(verdict, "b") == pytest.approx(1e-9 / 1e-3)


def test_an_unused_parameter_has_the_gradient_zero() -> None:
    """A parameter without a path to the loss is judged, and must have zeros."""
    work = judging("loss = (w - 1)**2", {"w": 0.5, "v": [1.0, 2.0]}, "w v")
    assert work.verdict().passed
    assert not work.with_gradient("v", [0.0, 0.1]).verdict().passed


def test_operations_that_are_not_analytic_are_named() -> None:
    """Complex steps are left out where an operation on the way does not allow them."""
    text = "h = relu(W @ x)\nloss = mae(h, y) + mean(abs(x))"
    verdict = judging(text, {"W": [[1.0, 2.0]], "x": [0.3, 0.1], "y": [2.0]}, "W").verdict()
    assert _names(verdict) == [SYMPY, WHOLE, CENTRAL]
    (absent,) = verdict.absent
    assert absent.name == COMPLEX
    assert absent.reason == "not analytic: relu, mae"


def test_what_the_loss_does_not_need_is_not_looked_at() -> None:
    """A metric beside the loss stops no witness."""
    text = "loss = cross_entropy(W @ x, y)\nmetric = accuracy(W @ x, y)"
    given = {"W": [[1.0, 2.0], [0.5, -1.0]], "x": [0.3, 0.1], "y": 1}
    verdict = judging(text, given, "W").verdict()
    assert COMPLEX in _names(verdict)
    assert verdict.passed


def test_integer_inputs_are_known_values() -> None:
    """Labels, ids, slices of ids and repeated ids take part in element forms by value."""
    text = """
h[0] = zeros(2, 2)
for t in range(2):
    h[t + 1] = tanh(E[ids[:, t]] + h[t] @ U.T)
loss = cross_entropy(h[2], labels)
"""
    given = {
        "E": [[0.1, -0.2], [0.3, 0.4], [0.7, -0.5]],
        "U": [[0.5, -0.1], [0.2, 0.3]],
        "ids": [[0, 2], [2, 2]],
        "labels": [1, 0],
    }
    work = judging(text, given, "E U")
    verdict = work.verdict()
    assert verdict.passed
    assert COMPLEX in _names(verdict)
    assert work.gradients["E"][2:4] == [0.0, 0.0]  # a row that no id names


# Kinks --------------------------------------------------------------------------------------------


def test_a_kink_is_reported_and_does_not_fail_differences() -> None:
    """ReLU at 0: SymPy follows the convention, differences may not, and both are shown."""
    text = "a1 = relu(x * w)\nloss = sum(a1)"
    verdict = judging(text, {"x": [1.0, 2.0, 3.0], "w": [1.0, -1.0, 0.0]}, "w").verdict()
    assert [str(kink) for kink in verdict.kinks] == ["a1: relu at its kink in entry [2]"]
    assert verdict.passed
    sympy, _, central = verdict.witnesses
    assert sympy.difference == 0
    assert central.parameters["w"].difference == 1
    assert central.parameters["w"].excuse == "at a kink"


def test_the_convention_at_a_kink_is_judged() -> None:
    """Exactly at a kink, a gradient that breaks the convention fails."""
    work = judging("loss = relu(w)", {"w": 0.0}, "w")
    assert work.verdict().passed
    assert not work.with_gradient("w", [1.0]).verdict().passed


def test_differences_away_from_a_kink_still_count() -> None:
    """Only the parameters on the way to a kink are excused."""
    text = "loss = relu(w) + 3 * v"
    work = judging(text, {"w": 0.0, "v": 1.0}, "w v").with_gradient("v", [3.1])
    (central,) = (item for item in work.verdict().witnesses if item.name == CENTRAL)
    assert [item.parameter for item in central.failures] == ["v"]


def test_rounding_may_decide_the_side() -> None:
    """Within 1e-12 of a kink a float can stand on the other side: reported, no failure."""
    text = "loss = relu(a + b - c)"
    work = judging(text, {"a": 0.1, "b": 0.2, "c": 0.3}, "a")
    other = work.with_gradient("a", [1.0 - work.gradients["a"][0]])
    verdict = other.verdict()
    assert verdict.passed
    assert verdict.kinks[0].distance < 1e-16
    assert str(verdict.kinks[0]).startswith("loss: relu ")
    assert verdict.witnesses[0].parameters["a"].excuse == "at a kink"


def test_a_kink_of_data_is_none() -> None:
    """Where no parameter moves a choice, nothing bends."""
    verdict = judging("loss = w * sum(relu(x))", {"w": 2.0, "x": [0.0, 1.0]}, "w").verdict()
    assert verdict.kinks == ()


def test_each_kink_is_reported_once() -> None:
    """Four equal entries are one kink of one maximum."""
    verdict = judging("m = max(w)\nloss = m**2", {"w": [2.0, 2.0, 2.0, 2.0]}, "w").verdict()
    assert [str(kink) for kink in verdict.kinks] == ["m: max at its kink"]
    assert verdict.passed


# Rounding -----------------------------------------------------------------------------------------


def test_a_converged_run_passes() -> None:
    """Where an error is only what rounding left, its gradient's digits are rounding too."""
    w, x = 1 / 3, 3.1
    y = w * x + 1e-15
    recorded = 2 * (w * x - y) * x
    work = judging(
        "y_pred = w * x\nloss = (y_pred - y)**2", {"w": w, "x": x, "y": y}, "w"
    ).with_gradient("w", [recorded])
    verdict = work.verdict()
    assert largest_difference(verdict, "w") > 1e-9
    assert verdict.passed
    assert verdict.witnesses[0].parameters["w"].excuse == "as far as float64 goes"


def test_a_saturated_sigmoid_passes() -> None:
    """1 - out is 0 in floats where the true slope is 4e-18."""
    verdict = judging("loss = sigmoid(w)", {"w": 40.0}, "w").with_gradient("w", [0.0]).verdict()
    assert verdict.passed


def test_rounding_excuses_no_real_error() -> None:
    """A wrong gradient of a small loss is not taken for rounding."""
    work = judging("loss = (w - 1)**2", {"w": 1.001}, "w")
    assert work.verdict().passed
    assert not work.with_gradient("w", [0.002 * (1 + 1e-8)]).verdict().passed


# Large programs -----------------------------------------------------------------------------------


def _line(count: int) -> tuple[str, dict[str, object], str]:
    weights = [math.sin(place) for place in range(count)]
    rows = [[math.cos(row * count + place) for place in range(count)] for row in range(3)]
    return (
        "loss = mse(X @ w, y)",
        {"w": weights, "X": rows, "y": [0.5, -0.5, 0.1]},
        "w",
    )


def _loss_of_line(given: Mapping[str, object]) -> object:
    rows, targets = given["X"], given["y"]
    assert isinstance(rows, list)
    assert isinstance(targets, list)

    def loss(parameters: Mapping[str, Sequence[float]]) -> float:
        total = 0.0
        for row, target in zip(rows, targets, strict=True):
            error = sum(a * b for a, b in zip(row, parameters["w"], strict=True)) - target
            total += error**2 / len(rows)
        return total

    return loss


def test_above_the_limits_differences_judge_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program too large to be written out is judged through the caller's loss."""
    monkeypatch.setattr("tracer.witness.verification.MOST_PARTIALS", 500)
    text, given, names = _line(300)
    work = judging(text, given, names)
    loss = _loss_of_line(given)
    verdict = work.verdict(loss)  # type: ignore[arg-type]
    (central,) = verdict.witnesses
    assert (central.name, central.judged, central.entries) == (CENTRAL, 50, 300)
    assert central.difference < 1e-7
    assert verdict.passed
    assert {absent.name for absent in verdict.absent} == {SYMPY, WHOLE, COMPLEX}
    wrong = work.with_gradient("w", [g * 1.001 for g in work.gradients["w"]])
    assert not wrong.verdict(loss).passed  # type: ignore[arg-type]


def test_without_a_witness_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large program without the caller's loss has no witness, and that is not a pass."""
    monkeypatch.setattr("tracer.witness.verification.MOST_PARTIALS", 500)
    verdict = judging(*_line(300)).verdict()
    assert verdict.witnesses == ()
    assert not verdict.passed


def test_two_hundred_parameters_are_always_judged_by_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 200 scalar parameters no size of the program keeps SymPy away."""
    monkeypatch.setattr("tracer.witness.verification.MOST_PARTIALS", 10)
    verdict = judging(*_line(200)).verdict()
    assert verdict.witnesses[0].name == SYMPY
    assert verdict.witnesses[0].judged == 200
    assert verdict.passed


def test_differences_take_a_sample_where_all_would_take_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Above a number of steps, differences move a fixed sample of entries; SymPy judges all."""
    monkeypatch.setattr("tracer.witness.verification.MOST_MOVES", 5_000)
    first = judging(*_line(40)).verdict()
    counts = {witness.name: witness.judged for witness in first.witnesses}
    assert counts[SYMPY] == 40
    assert 1 <= counts[CENTRAL] < 40
    assert judging(*_line(40)).verdict() == first


def test_a_loss_too_long_for_one_expression_says_so() -> None:
    """The whole loss is written out only where it is short enough; its size is given."""
    text = "S = softmax(Q @ K.T)\nloss = mse(S @ V, Y)"
    rows = [[0.1 * (row + column) - 0.7 for column in range(4)] for row in range(6)]
    given = {"Q": rows, "K": rows[::-1], "V": rows, "Y": rows[::-1]}
    verdict = judging(text, given, "Q K").verdict()
    assert verdict.passed
    (absent,) = verdict.absent
    assert absent.name == WHOLE
    assert absent.reason.startswith("too large: ")


def test_differences_of_a_large_program_move_the_training_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dropout stays in: the gradient is that of the loss with it, not of an evaluation's."""
    monkeypatch.setattr("tracer.witness.verification.ALWAYS", 0)
    monkeypatch.setattr("tracer.witness.verification.MOST_PARTIALS", 1)
    network = written(
        "x = [1, 2, 3]",
        "w = [0.5, 0.2, 0.1]",
        "d = dropout(w * x, 0.5, seed=3)\nloss = sum(d**2)",
        "learning_rate = 0.1\niterations = 1",
    )
    verdict = verify_scenario(network).verdict
    assert verdict is not None
    assert _names(verdict) == [CENTRAL]
    assert verdict.passed


@pytest.mark.proof
@pytest.mark.parametrize("scenario", bundled())
def test_the_gradients_of_a_bundled_scenario_are_proved(
    scenario: str, report_proof: Callable[[str], None]
) -> None:
    """No witness disagrees with the record, in the networks of full size either."""
    verified = verify_scenario(load(scenario))
    assert verified.passed
    report_proof(f"gradients of {scenario}: no witness disagrees")
