"""Runs that diverge: recorded up to the first value that is not finite, which is named."""

from __future__ import annotations

import math

import pytest

import tracer
from tests.run.networks import record_bits, run_on_arrays, written
from tracer.errors import UnknownNameError
from tracer.program.scenario import Scenario
from tracer.run.fault_cause import fault_cause
from tracer.run.layout import Record
from tracer.run.runner import run_scenario
from tracer.run.trace import Fault, Trace


def demo(rate: str, iterations: int = 1000) -> Scenario:
    """Return the one-weight demo with a learning rate."""
    settings = (f"learning_rate={rate}", f"iterations={iterations}")
    return tracer.load("one_weight").set(*settings).scenario


def both(network: Scenario, monkeypatch: pytest.MonkeyPatch) -> list[Trace]:
    """Return a run on scalars and one on arrays."""
    return [run_scenario(network), run_on_arrays(network, monkeypatch)]


def test_first_value_that_is_not_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learning rate of 1e200 ends the demo in its second iteration, at the loss."""
    for trace in both(demo("1e200"), monkeypatch):
        assert trace.fault == Fault(2, "loss", "inf")
        assert len(trace) == 2
        last = trace.iteration(2)
        assert list(last)[-2:] == ["y_pred", "loss"]
        assert last["w"] == pytest.approx(3e200)
        assert last["loss"] == math.inf
        with pytest.raises(UnknownNameError, match="no value in iteration 2; found loss = inf"):
            last["dloss/dw"]
        assert trace.values("dloss/dw").tolist() == [-3.0]
        assert trace.loss.tolist() == [2.25, math.inf]
        assert trace.values("w").tolist() == [0.5, pytest.approx(3e200)]
        assert trace.final["w"] == [pytest.approx(3e200)]


def test_fault_in_the_first_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run may end before any update; its parameters are those of the start."""
    network = written(
        "x = 1e200", "w = 2", "loss = (w * x)**2", "learning_rate = 1\niterations = 5"
    )
    for trace in both(network, monkeypatch):
        assert trace.fault == Fault(1, "loss", "inf")
        assert trace.values("w").tolist() == [2.0]
        assert trace.values("w'").tolist() == []
        assert trace.final == {"w": [2.0]}


def test_slow_divergence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate just too large is recorded for hundreds of iterations, each of them finite."""
    traces = both(demo("1.5"), monkeypatch)
    for trace in traces:
        assert trace.fault is not None
        assert trace.fault.iteration == len(trace) > 400
        assert all(map(math.isfinite, trace.floats("loss")[:-1]))
    assert record_bits(traces[0]) == record_bits(traces[1])


@pytest.mark.parametrize(
    ("record", "rate"),
    [("gradients", "1.5"), ("checkpoints", "1.5"), ("gradients", "1e200"), ("none", "1e200")],
)
def test_fault_is_found_whatever_is_kept(record: Record, rate: str) -> None:
    """The iteration and the quantity are those of a run that keeps all.

    Without a record it is noticed once it has reached a parameter.
    """
    whole = run_scenario(demo(rate))
    trace = run_scenario(demo(rate), record=record)
    assert (trace.fault, len(trace), trace.final) == (whole.fault, len(whole), whole.final)


@pytest.mark.parametrize(
    ("equation", "kind"),
    [
        ("h = 1 / x", "inf"),
        ("h = x / x", "nan"),
        ("h = -1 / x", "-inf"),
        ("h = exp(x + 800)", "inf"),
        ("h = log(x)", "-inf"),
        ("h = log(x - 1)", "nan"),
        ("h = sqrt(x - 1)", "nan"),
        ("h = clipped_log(x - 1)", "nan"),
        ("h = (x - 8)**0.5", "nan"),
        ("h = (x + 1e200)**2", "inf"),
        ("h = (x + 1e200)**5", "inf"),
        ("h = x**w", "inf"),
        ("h = (x - 1e200) * 1e200", "-inf"),
    ],
)
def test_arithmetic_that_python_refuses(equation: str, kind: str) -> None:
    """Where Python raises, a run on scalars goes on with IEEE 754's value, as NumPy has it.

    The last ones raise nothing: Python has infinities too.
    """
    network = written(
        "x = 0", "w = -2", f"{equation}\nloss = w**2", "learning_rate = 1\niterations = 2"
    )
    trace = run_scenario(network)
    assert trace.fault == Fault(1, "h", kind)  # type: ignore[arg-type]
    assert list(trace.iteration(1))[-1] == "h"


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        ("bce(w * x, 0)", "share"),
        ("bce(-w * x, 1)", "share"),
        ("bce_with_logits(w * x, 0)", None),
        ("bce(w * x / 4, 0)", None),
    ],
)
def test_what_is_no_probability_has_no_loss(
    loss: str, reason: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss of probabilities has no value where it is given a number that is none."""
    network = written("x = 2", "w = 1", f"loss = {loss}", "learning_rate = 0.1\niterations = 1")
    for trace in both(network, monkeypatch):
        cause = fault_cause(trace)
        assert (None if cause is None else cause.reason) == reason


def test_run_goes_on_where_the_value_is_finite_again() -> None:
    """An infinity within an equation that ends finite does not end the run."""
    network = written(
        "x = 1",
        "w = 0",
        "h = 1 / (1 + exp(w))\nloss = -w * x",
        "learning_rate = 100\niterations = 12",
    )
    trace = run_scenario(network)
    assert trace.fault is None
    assert trace.values("w").tolist() == [100.0 * step for step in range(13)]
    h = trace.floats("h")
    assert h[7:8] == [pytest.approx(math.exp(-700))]
    assert h[8:] == [0.0] * 4
    assert len(trace.segments) == 2


def test_large_numbers_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest doubles are numbers like others, though only their last bits tell.

    Neither is the infinite sum of their squares.
    """
    network = written(
        "x = 1.7e308", "w = 1", "h = w * x\nloss = w**2", "learning_rate = 0\niterations = 3"
    )
    for trace in (*both(network, monkeypatch), run_on_arrays(network, monkeypatch, record="none")):
        assert trace.fault is None
        assert trace.floats("h") == [1.7e308] * 3


def test_fault_in_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """With batches the fault is found in the right iteration, and the rest is not run."""
    network = written(
        "x = [1, 2, 3]\ny = [2, 4, 7]",
        "w = 0.5",
        "p = w * x\nloss = mse(p, y)",
        "learning_rate = 9\nepochs = 500\nbatch_size = 2",
    )
    for trace in both(network, monkeypatch):
        assert trace.fault is not None
        assert trace.fault.iteration == len(trace) < 1000
        iteration = trace.iteration(len(trace))
        assert list(iteration)[-1] == trace.fault.name
        assert not all(map(math.isfinite, iteration.floats(trace.fault.name)))
        for earlier in list(iteration)[len(iteration.program.inputs) : -1]:
            assert all(map(math.isfinite, iteration.floats(earlier)))


MASKED = """
s = x @ x.T * w
m = causal_mask(zeros(2, 2))
q = s + m
r = stack([q / 2, causal_mask(s)])
k = where([[1, 1], [0, 1]], r, 3)
"""


def masked(last: str, monkeypatch: pytest.MonkeyPatch) -> list[Trace]:
    """Return runs of a network with masks and its last lines."""
    network = written(
        "x = [[1, 2], [3, 4]]", "w = 0.1", MASKED + last, "learning_rate = 0.1\niterations = 2"
    )
    return both(network, monkeypatch)


def test_minus_infinity_of_a_mask_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """However a mask is added, joined with others, chosen or scaled, as long as a softmax ends."""
    for trace in masked("loss = sum(softmax(k)**2) + sum(softmax(q)**2)", monkeypatch):
        assert trace.fault is None
        assert trace.iteration(1)["q"][0, 1] == -math.inf


@pytest.mark.parametrize(
    ("last", "name", "kind"),
    [
        ("loss = q[0, 1]", "loss", "-inf"),
        ("loss = sum(q)", "loss", "-inf"),
        ("n = -q\nloss = sum(softmax(n))", "n", "inf"),
        ("n = q * 0\nloss = sum(softmax(n))", "n", "nan"),
        ("n = log(w - w)\nloss = sum(softmax(q)) + n", "n", "-inf"),
    ],
)
def test_what_is_no_mask_any_more_is_a_fault(
    last: str, name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss, a sum, another sign, and minus infinity that no mask made."""
    for trace in masked(last, monkeypatch):
        assert trace.fault is not None
        assert (trace.fault.iteration, trace.fault.name, trace.fault.kind) == (1, name, kind)


@pytest.mark.parametrize("record", ["all", "checkpoints"])
def test_infinities_of_both_signs_warn_nobody(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What NumPy says of their sum is ours to know; tests turn its warnings into errors."""
    network = written(
        *("x = [1, -1]", "w = 2", "h = w * x / 0\nloss = sum(h)"),
        "learning_rate = 1\niterations = 2",
    )
    trace = run_on_arrays(network, monkeypatch, record=record)
    assert trace.fault is not None
    assert (trace.fault.iteration, trace.fault.kind) == (1, "inf")
