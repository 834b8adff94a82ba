"""What a run comes to is what its record holds, for any network."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.case_lists import sampled
from tests.run.networks import run_on_arrays, written
from tracer.expression import parse
from tracer.expression.printer import render
from tracer.expression.syntax import Call
from tracer.frozen import replace
from tracer.narrative.run_verdict import verdict_remarks
from tracer.operations import vocabulary
from tracer.program.scenario import Scenario, bundled, load, loads
from tracer.run.diagnosis import Diagnosis, Verdict
from tracer.run.runner import run_scenario
from tracer.run.unit_states import flat_sides
from tracer.sentences import Sentence

ONE = ("x = [1, 2]\ny = [1, 2]", "w = 0.5", "loss = mse(w * x, y)")
VALLEY = ("x = 0", "w = [3, 1]", "loss = w[0]**2 / 2 + 5 * w[1]**2 + x")
BENT = ("x = 0", "w = [3, 1]", "loss = softplus(w[0]) + softplus(-w[0]) + 5 * w[1]**2 + x")
OFF = ("x = [1, 2]\ny = [1, 2]", "w = [-0.5, -0.25]", "a = relu(x * w)\nloss = mse(a, y)")
LEAKING = (OFF[0], OFF[1], "a = leaky_relu(x * w)\nloss = mse(a, y)")
QUARTIC = ("x = 1", "u = 1\nv = 0.7", "loss = x * u**4 + v**4")
SEPARATE = (
    "x = [[1, 2], [2, 1], [-1, -2], [-2, 0]]\ny = [1, 1, 0, 0]",
    "w = [0.1, 0.1]",
    "loss = bce_with_logits(x @ w, y)",
)
LARGE = ("four_layer_classifier", "gpt2_mlp_full", "position_wise_ffn_full")


def _diagnosis(
    network: tuple[str, str, str], rate: float, iterations: int = 30, more: str = ""
) -> Diagnosis:
    training = f"learning_rate = {rate}\niterations = {iterations}\n{more}"
    return Diagnosis(run_scenario(written(*network, training)))


def _said(diagnosis: Diagnosis) -> list[str]:
    return [remark.sentence.template for remark in verdict_remarks(diagnosis)]


@pytest.mark.parametrize(
    ("loss", "update", "said"),
    [
        ("mean((w * x - y)**2)", "", "The iterations see different samples"),
        ("(w - 1)**2", "", ""),
        ("(w - 1)**2", "w' = w + sum(x) / 10", "Each update comes from other samples"),
    ],
)
def test_other_samples_are_a_reason_only_where_they_count(
    loss: str, update: str, said: str
) -> None:
    """A loss over constants sees the same in every iteration; its updates may not."""
    more = f'[training.update]\nequations = "{update}"\n' if update else "learning_rate = 0.1\n"
    network = ("x = [1, 2, 4]\ny = [1, 1, 1]", "w = 0.5", f"loss = {loss}")
    diagnosis = Diagnosis(run_scenario(written(*network, f"epochs = 2\nbatch_size = 1\n{more}")))
    found = [it for it in _said(diagnosis) if "samples" in it]
    assert [it[: len(said)] for it in found] == ([said] if said else [])


@pytest.mark.parametrize(
    ("network", "rate", "verdict"),
    [
        (ONE, 0.1, "converges"),
        (ONE, 0.39, "converges"),
        (ONE, 0.4, "oscillates"),
        (ONE, 0.41, "diverges"),
        (ONE, 0, "constant"),
        (VALLEY, 0.1, "converges"),
        (VALLEY, 0.19, "converges"),
        (VALLEY, 0.21, "diverges"),
        (VALLEY, 0.001, "converges"),
        (BENT, 0.1, "converges"),
        (BENT, 0.001, "falls"),
        (OFF, 0.1, "stuck"),
        (LEAKING, 0.1, "falls"),
        (QUARTIC, 0.05, "falls"),
        (("x = 1", "w = 1", "loss = exp(-x * w)"), 0.1, "falls"),
    ],
)
def test_each_verdict_has_an_instance_and_one_beside_it(
    network: tuple[str, str, str], rate: float, verdict: Verdict
) -> None:
    """The same network at another rate, or with another activation, gets another verdict."""
    assert _diagnosis(network, rate).verdict == verdict


def test_one_step_that_rises_diverges_only_where_its_factor_is_known() -> None:
    """Of several numbers one step tells no trend; of one number with a steady factor it does."""
    assert _diagnosis(ONE, 0.41, 2).verdict == "diverges"
    for iterations, words in (
        (2, "rises from iteration 1 to iteration 2"),
        (3, "rises in every step"),
    ):
        diagnosis = _diagnosis(VALLEY, 0.3, iterations)
        assert diagnosis.losses[1] > diagnosis.losses[0]
        assert diagnosis.verdict == "rises"
        assert words in _said(diagnosis)[0]


@pytest.mark.parametrize(
    ("loss", "more", "words"),
    [
        ("abs(w * x)", "", "The factor is 1: the error stays as it is."),
        ("(w * x - 1)**2", "weight_decay = 0.5", "depends on more than the present gradient"),
        ("(w * x - 1)**4", "", "because the loss is not quadratic"),
    ],
)
def test_why_a_factor_is_as_it_is_or_varies(loss: str, more: str, words: str) -> None:
    """A gradient that stays is no step of nothing, and decay makes no loss less quadratic."""
    diagnosis = _diagnosis(("x = 1", "w = 2.03", f"loss = {loss}"), 0.1, 8, more)
    assert any(words in text for text in _said(diagnosis))


@pytest.mark.parametrize(("network", "rate"), [(QUARTIC, 0.05), (SEPARATE, 0.5)])
def test_steps_that_shrink_like_one_over_t_do_not_converge(
    network: tuple[str, str, str], rate: float
) -> None:
    """Their ratio looks steady at the end of a long run, but is nearer to 1 than at its half."""
    diagnosis = _diagnosis(network, rate, 1000)
    assert diagnosis.step_factor is not None
    assert diagnosis.verdict == "falls"


@pytest.mark.parametrize(
    ("target", "start", "iterations", "dtype"),
    [(7, 0.5, 30, "float32"), (3001, 1000.3, 40, "float64"), (7, 0.5, 30, "float64")],
)
def test_rounding_makes_no_factor_another(
    target: float, start: float, iterations: int, dtype: str
) -> None:
    """1 − 0.04·2·3² = 0.28 in every step, however few digits a small error has left."""
    network = (f"x = 3\ny = {target}", f"w = {start}", "p = w * x\nloss = (p - y)**2")
    scenario = written(*network, f"learning_rate = 0.04\niterations = {iterations}")
    diagnosis = Diagnosis(run_scenario(replace(scenario, dtype=dtype)))
    assert diagnosis.common_factor is not None
    assert math.isclose(diagnosis.common_factor, 0.28, rel_tol=1e-5)
    assert diagnosis.data_factor is not None


@pytest.mark.parametrize(
    ("name", "iterations"),
    [("mlp_2_2_2", 6000), ("mlp_2_2_2", 20_000), ("linear_regression", 20_000)],
)
def test_rounding_at_the_bottom_is_no_behaviour(name: str, iterations: int) -> None:
    """Changes far below the rounding of the first loss are no rise, and such steps turn nowhere."""
    diagnosis = Diagnosis(run_scenario(load(name, settings=[f"iterations={iterations}"])))
    course = diagnosis.loss_course
    assert course is not None
    assert not course.never_rises
    assert not course.rises
    assert not diagnosis.turns


def test_a_loss_that_leaves_a_tiny_start_rises() -> None:
    """Rounding is measured at the start, not at the largest loss that a run comes to."""
    close = ("x = [1, 2]\ny = [1, 2]", "w = 1.00001", "loss = mse(w * x, y)")
    diagnosis = _diagnosis(close, 0.5)
    course = diagnosis.loss_course
    assert course is not None
    assert diagnosis.verdict == "diverges"
    assert course.growing == len(course.rises) == course.iterations - 1


def test_one_iteration_and_a_network_without_a_loss_have_no_verdict() -> None:
    """There is nothing to compare."""
    assert _diagnosis(ONE, 0.1, 1).verdict == "single"
    text = '[data]\nx = [1, 2]\n[network]\nequations = "a = 2 * x"\n'
    without = loads(text, name="no loss")
    assert Diagnosis(run_scenario(load("activations"))).verdict == "single"
    assert Diagnosis(run_scenario(without)).verdict == "no loss"


def test_batches_that_differ_neither_converge_nor_diverge() -> None:
    """A loss on other samples proves nothing of the steps."""
    data = "x = [1, 2, 3, 4]\ny = [4, 3, 2, 1]"
    diagnosis = _diagnosis((data, *ONE[1:]), 0.2, 4, "batch_size = 1")
    assert not diagnosis.is_same_data
    assert diagnosis.verdict in ("falls", "rises")
    assert diagnosis.step_factor is None
    assert diagnosis.rate_limit is None


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.17])
def test_the_factor_of_several_numbers_is_that_of_the_slowest_direction(rate: float) -> None:
    """Of a valley with the curvatures 1 and 10, max |1 − ηλ| at the end, with its sign."""
    factors = [1 - rate * 1, 1 - rate * 10]
    slowest = max(factors, key=abs)
    found = _diagnosis(VALLEY, rate, 400).step_factor
    assert found is not None
    assert math.isclose(found, slowest, rel_tol=0.02)


def test_above_the_limit_the_curvature_along_the_steps_is_the_largest_eigenvalue() -> None:
    """The steps turn into the steepest direction, so the record alone tells 2/λ: 0.2."""
    diagnosis = _diagnosis(VALLEY, 0.25, 30)
    assert diagnosis.rate_limit is not None
    assert math.isclose(diagnosis.rate_limit, 0.2, rel_tol=1e-6)
    assert any("overshoots by more" in text for text in _said(_diagnosis(BENT, 0.25)))
    assert not any("overshoots by more" in text for text in _said(_diagnosis(BENT, 0.15)))


@pytest.mark.parametrize(
    ("rate", "words", "verdict"),
    [
        (0.15, "All lie between −1 and 1", "converges"),
        (0.2, "Not all lie between −1 and 1", "falls"),
        (0.25, "Not all lie between −1 and 1", "rises"),
        (0, "", "constant"),
    ],
)
def test_an_affine_update_says_where_it_leads_after_one_step(
    rate: float, words: str, verdict: Verdict
) -> None:
    """The factors 1 − ηλ of the valley are those of all steps, so two losses are enough."""
    diagnosis = _diagnosis(VALLEY, rate, 2)
    said = _said(diagnosis)
    assert diagnosis.verdict == verdict
    assert any("the largest first" in text for text in said) == bool(words)
    assert any(words in text for text in said)
    assert any("Training converges for learning rates" in text for text in said) == bool(words)


FALLS = (  # a loss of w = 1, the rate, and what is said of the first step of w at the rate
    ("softplus(w) + x", 1, "less steep than at its start"),
    ("-softplus(w) + x", 0.1, "steeper than at its start"),
    ("softplus(w) + softplus(-w) + x", 3, "falls by {fall}: the step goes past the lowest point"),
    ("softplus(w) + softplus(-w) + x", 6, "rises by {rise}: the step goes past the lowest point"),
    ("3 * w + x", 0.1, ""),  # straight
    ("w**2 + x", 0.1, ""),  # one factor says more
    ("softplus(w) + stop_gradient(w) + x", 0.1, ""),  # its gradient is not its slope
    ("softplus(w) + step(w) + x", 0.1, ""),
)


@pytest.mark.parametrize(("loss", "rate", "words"), FALLS)
def test_the_first_step_is_compared_with_a_straight_loss(
    loss: str, rate: float, words: str
) -> None:
    """The straight one is gradients times steps; a loss that curves upwards falls by less."""
    diagnosis = _diagnosis(("x = 0", "w = 1", f"loss = {loss}"), rate, 2)
    said = [text for text in _said(diagnosis) if "To first order" in text]
    assert bool(said) == bool(words)
    assert all(words in text for text in said)
    if words:
        assert diagnosis.first_fall is not None
        slope = diagnosis.gradient(1)[0][0]
        assert diagnosis.first_fall == pytest.approx(
            (rate * slope**2, diagnosis.losses[0] - diagnosis.losses[1])
        )


@pytest.mark.parametrize(("loss", "is_said"), [("w**4", True), ("w**4 + 9", False)])
def test_a_straight_fall_below_0_is_remarked(loss: str, *, is_said: bool) -> None:
    """At w = 1 the slope is 4, so a step of 0.8 would take 3.2 from a loss of 1, or of 10."""
    said = _said(_diagnosis(("x = 0", "w = 1", f"loss = {loss} + x"), 0.2, 2))
    assert any("To first order" in text for text in said)
    assert any("more than the loss itself" in text for text in said) == is_said


@pytest.mark.parametrize(("iterations", "words"), [(2, "from iteration 1 to"), (3, "every step")])
def test_one_step_is_not_called_every_step(iterations: int, words: str) -> None:
    """The loss of two iterations shows what one step does."""
    said = _said(_diagnosis(VALLEY, 0.01, iterations))
    assert [words in text for text in said if text.startswith("The loss falls")] == [True]


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_a_limit_is_stated_of_plain_descent_only(optimizer: str) -> None:
    """Other rules have other limits."""
    assert _diagnosis(VALLEY, 0.01, 20, f'optimizer = "{optimizer}"').rate_limit is None


def test_arrays_are_diagnosed_as_numbers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan on arrays leaves the same facts."""
    scenario = written(*VALLEY, "learning_rate = 0.05\niterations = 50")
    plain, arrays = (
        Diagnosis(run_scenario(scenario)),
        Diagnosis(run_on_arrays(scenario, monkeypatch)),
    )
    assert plain.verdict == arrays.verdict
    assert np.isclose(plain.step_factor or 0, arrays.step_factor or 1)


# Dead and saturated units -----------------------------------------------------------------------


def test_units_that_are_off_are_named_with_the_gradients_that_are_zero() -> None:
    """A ReLU below 0 is dead, its weight has no gradient; a leaky one learns."""
    diagnosis = _diagnosis(OFF, 0.1, 3)
    (state,) = diagnosis.units
    assert (state.name, state.operation, state.dead) == ("a", "relu", (0, 1))
    assert diagnosis.zero_gradients == ["w"]
    assert diagnosis.is_stuck
    assert any(" units of {name} " in text for text in _said(diagnosis))
    alive = _diagnosis(LEAKING, 0.1, 3)
    assert (alive.units, alive.zero_gradients) == ([], [])
    assert not any(" units of {name} " in text for text in _said(alive))


def test_a_unit_is_dead_where_no_sample_turns_it_on() -> None:
    """Of two hidden units the second never gets a positive input; the first does for one sample."""
    network = (
        "x = [[1], [-2], [3]]\ny = [[1], [0], [1]]",
        "W1 = [[0.5], [-0.5]]\nb1 = [0, -9]\nW2 = [[1, 1]]",
        "h = relu(x @ W1.T + b1)\nloss = mse(h @ W2.T, y)",
    )
    (state,) = _diagnosis(network, 0.01, 2).units
    assert (state.name, state.units, state.dead, state.saturated) == ("h", 2, (1,), ())


def test_the_units_of_one_input_vector_are_no_samples() -> None:
    """The layer is as wide as the vector: of its two units the second is off all the time."""
    network = (
        "x = [1, 2]\ny = 3",
        "W = [[0.5, -1], [0.25, -1]]\nu = [1, 1]",
        "h = relu(x @ W)\nloss = (h @ u - y)**2",
    )
    (state,) = _diagnosis(network, 0.01, 3).units
    assert (state.units, state.dead) == (2, (1,))


@pytest.mark.parametrize(("weight", "saturated"), [(9, (0,)), (0.5, ())])
def test_a_saturated_unit_has_a_small_slope_for_all_samples(
    weight: float, saturated: tuple[int, ...]
) -> None:
    """σ(9) has a slope of 0.0001; at 0.5 it is steep."""
    network = ("x = [1, 2]\ny = [0, 0]", f"w = {weight}", "a = sigmoid(w * x)\nloss = mse(a, y)")
    diagnosis = _diagnosis(network, 0.001, 2)
    assert [state.saturated for state in diagnosis.units] == ([saturated] if saturated else [])
    for state in diagnosis.units:
        value = 1 / (1 + math.exp(-state.at))
        assert math.isclose(state.slope, value * (1 - value), rel_tol=1e-9)


def test_a_zero_gradient_is_no_standstill_where_the_step_goes_on() -> None:
    """Momentum runs on over a ReLU that has just died; plain descent stands still there."""
    network = ("x = 1\ny = -1", "w = 0.3", "loss = (relu(w * x) - y)**2")
    plain, moving = (
        _diagnosis(network, 0.2, 3, f'optimizer = "{name}"') for name in ("sgd", "momentum")
    )
    assert plain.zero_gradients == moving.zero_gradients == ["w"]
    assert plain.is_stuck
    assert not moving.is_stuck
    assert any("stands still" in text for text in _said(plain))
    assert not any("stands still" in text for text in _said(moving))


def _function(text: str) -> Call:
    node = parse(text, vocabulary=vocabulary())
    assert isinstance(node, Call)
    return node


def test_flat_sides_are_where_the_slope_is_a_twentieth_of_the_steepest() -> None:
    """σ′ = 0.0125 at ±ln(77.98…), tanh′ = 0.05 at ±artanh √0.95; ReLU is dead below 0."""
    sides = flat_sides(_function("sigmoid(x)"))
    assert sides is not None
    high = math.log((1 + math.sqrt(1 - 0.05)) / (1 - math.sqrt(1 - 0.05)))
    assert math.isclose(sides.high, high, abs_tol=1e-6)
    assert math.isclose(sides.low, -high, abs_tol=1e-6)
    sides = flat_sides(_function("tanh(x)"))
    assert sides is not None
    assert math.isclose(sides.high, math.atanh(math.sqrt(0.95)), abs_tol=1e-6)
    sides = flat_sides(_function("relu(x)"))
    assert sides is not None
    assert math.isclose(sides.dead_low, 0, abs_tol=1e-6)
    assert sides.high == math.inf
    assert sides.is_dead(0)
    assert not sides.is_dead(1e-9)


@pytest.mark.parametrize("text", ["leaky_relu(x)", "exp(x)", "sin(x)", "abs(x)", "log(x)"])
def test_what_is_flat_on_no_side_or_steeper_and_steeper_is_no_such_function(text: str) -> None:
    """A small slope beside steeper ones is no saturation."""
    assert flat_sides(_function(text)) is None


# Values that are not finite ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "loss", "rate", "operation", "reason", "value", "iteration"),
    [
        (0.5, "sum((log(w * x - 0.7) - x)**2)", 0.1, "log", "domain", -0.2, 1),
        (0, "sum(x / (w * x))", 0.1, "divide", "pole", 0, 1),
        (0, "sum(log(w * x))", 0.1, "log", "pole", 0, 1),
        (800, "sum(exp(w * x))", 0.1, "exp", "overflow", 800, 1),
        (2, "sum(log(w * x))", 1, "log", "domain", -1, 3),
        (1, "sum((w * x - 1)**2)", 3, "power", "overflow", None, 107),
    ],
)
def test_the_operation_that_made_the_first_is_named_with_what_went_into_it(
    weight: float,
    loss: str,
    rate: float,
    operation: str,
    reason: str,
    value: float | None,
    iteration: int,
) -> None:
    """The innermost operation, its operand there, and why it has no finite value."""
    diagnosis = _diagnosis(("x = [1, 2]", f"w = {weight}", f"loss = {loss}"), rate, 900)
    cause = diagnosis.fault_cause
    assert cause is not None
    assert diagnosis.verdict == "fault"
    assert (cause.operation, cause.reason, cause.iteration) == (operation, reason, iteration)
    if value is not None:
        assert any(math.isclose(item.lowest, value, abs_tol=1e-12) for item in cause.inputs)


def test_a_first_update_that_no_number_holds_is_due_to_the_learning_rate() -> None:
    """Nothing that comes before it is too large."""
    said = _said(_diagnosis(("x = 1", "w = 0.5", "loss = (w * x - 2)**2"), 1e308))
    assert not any("at any learning rate" in text for text in said)
    assert any("the first one is already too large" in text for text in said)


def test_too_large_steps_are_blamed_only_where_the_loss_grew() -> None:
    """A logarithm of a negative number that is given has nothing to do with the learning rate."""
    grew = _said(_diagnosis(("x = [1, 2]", "w = 1", "loss = sum((w * x - 1)**2)"), 3, 900))
    given = _said(_diagnosis(("x = [1, 2]", "w = -1", "loss = sum(log(w * x))"), 0.1))
    moved = _said(_diagnosis(("x = [1, 2]", "w = 2", "loss = sum(log(w * x))"), 1))
    assert any("steps were too large" in text for text in grew)
    assert any(text.endswith("at any learning rate.") for text in given)
    assert any(text.startswith("In iteration 1 {value} was") for text in moved)
    for said in (given, moved):
        assert not any("too large" in text for text in said)


def test_an_overflow_is_told_with_the_largest_number_of_the_dtype() -> None:
    """A float32 ends at 3.4e38; a sum of products that overflow is no fault of a domain.

    It is nan, or infinite where the processor multiplies and adds at once, which BLAS may ask for.
    """
    network = ("x = 3\ny = 7", "w = 0.5", "p = w * x\nloss = (p - y)**2")
    scenario = written(*network, "learning_rate = 10000\niterations = 60")
    diagnosis = Diagnosis(run_scenario(replace(scenario, dtype="float32")))
    assert diagnosis.common_factor is not None
    reasons = [remark.sentence.slots.get("reason") for remark in verdict_remarks(diagnosis)]
    (told,) = [reason for reason in reasons if isinstance(reason, Sentence)]
    assert "{dtype} can hold" in told.template
    product = ("x = [1e200, 1e200]", "w = [1e200, -1e200]", "loss = x @ w")
    cause = _diagnosis(product, 0.1, 2).fault_cause
    assert cause is not None
    assert cause.kind in ("nan", "inf")
    assert cause.reason == "overflow"


@pytest.mark.parametrize(
    ("given", "stopped", "kind"),
    [
        (
            ("x = [0, 0]", "w = 1", "p = sqrt(sum((w * x)**2))\nloss = (p - 1)**2"),
            "dloss/dw",
            "nan",
        ),
        (("x = 2", "w = 400", "p = 1 / (1 + exp(w * x))\nloss = p**2"), "exp(w * x)", "inf"),
        (("x = 2", "w = -1", "p = 1 + log(w * x)\nloss = p**2"), "p", "nan"),
    ],
)
def test_what_is_called_not_finite_is_so(
    given: tuple[str, str, str], stopped: str, kind: str
) -> None:
    """The root of 0 is finite, and so is 1 over an infinite part: they are not blamed."""
    cause = _diagnosis(given, 0.1).fault_cause
    assert cause is not None
    assert (render(cause.stopped), cause.stopped_kind) == (stopped, kind)


def test_a_mask_is_no_fault() -> None:
    """Minus infinity that a softmax will read is not what ended a run."""
    data = "x = [[1, 2], [3, 4]]"
    network = (data, "w = 1", "s = softmax(causal_mask(w * x))\nloss = sum(s[1]**2) / (w - 1)")
    cause = _diagnosis(network, 0.1, 2).fault_cause
    assert cause is not None
    assert cause.operation == "divide"


# All bundled scenarios --------------------------------------------------------------------------


@pytest.mark.parametrize("name", sampled(name for name in bundled() if name not in LARGE))
def test_no_verdict_contradicts_the_recorded_curve(name: str) -> None:
    """What is said of every bundled scenario and its variants holds for its losses."""
    scenario = load(name)
    variants: list[Scenario] = [scenario]
    variants += [scenario.variant(variant.name) for variant in scenario.variants]
    for each in variants:
        trace = run_scenario(each)
        diagnosis = Diagnosis(trace)
        losses = [] if trace.program.loss is None else trace.floats(trace.program.loss)
        verdict = diagnosis.verdict
        assert (verdict == "fault") == (trace.fault is not None)
        assert (len(losses) > 1) == (verdict not in ("no loss", "single"))
        if verdict in ("converges", "falls"):
            assert losses[-1] < losses[0]
        if verdict == "converges":
            whole = diagnosis.linear_map  # where it is known, its factors are those of all steps
            known = [] if whole is None else map(abs, whole.moving_factors)
            factors = [*known] or diagnosis.factors or [diagnosis.step_factor or 2]
            assert all(abs(factor) < 1 for factor in factors)
        if verdict in ("diverges", "rises"):
            assert losses[-1] > losses[0]
        if verdict == "diverges":
            assert losses[-1] > losses[-2]
        if verdict == "stuck":
            assert losses[-1] == losses[-2]
        roles = {remark.role for remark in verdict_remarks(diagnosis)}
        assert not (verdict in ("converges", "falls") and roles == {"bad"})


@pytest.mark.parametrize(
    ("network", "rate", "is_linear"),
    [
        (("x = 4", "w = 0.5", "loss = log(1 + (w * x)**2)"), 0.1, False),
        (("x = 0.5", "w = 0.5", "loss = -log(w * x)"), 0.1, False),
        (("x = 1\ny = 1", "w = 0.5", "p = sigmoid(w * x)\nloss = (p - y)**2"), 1, False),
        (("x = 3\ny = 7", "w = 0.5", "p = w * x\nloss = (p - y)**2"), 0.04, True),
        (("x = 3\ny = 7", "w = 0.5", "loss = (w * x + 1 - y)**2 / 2"), 0.5, True),
    ],
)
def test_one_step_tells_a_factor_only_of_a_linear_update(
    network: tuple[str, str, str], rate: float, is_linear: bool
) -> None:
    """Of others it says what this step did, without a limit of the rate or a verdict."""
    diagnosis = _diagnosis(network, rate, 2)
    said = _said(diagnosis)
    assert (diagnosis.common_factor is not None) == is_linear
    assert any(text.startswith("Each step multiplies") for text in said) == is_linear
    assert any(text.startswith("This step multiplied") for text in said) != is_linear
    assert any(text.startswith(("The factor", "Training conv")) for text in said) == is_linear
    assert is_linear or diagnosis.verdict in ("falls", "rises")
