"""Updates whose gradients have no name in the code: what their steps show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.debug.test_everyday_passes import report
from tracer.document_check import check_text
from tracer.errors import RunError

XOR = """\
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
np.random.seed(1)
w1 = np.random.uniform(-1, 1, (2, 3))
w2 = np.random.uniform(-1, 1, (3, 1))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


for epoch in range(3):
    hidden = sigmoid(X @ w1)
    output = sigmoid(hidden @ w2)
    error = y - output
    loss = np.mean(error**2)
    output_delta = error * output * (1 - output)
    d_hidden = output_delta @ w2.T * hidden * (1 - hidden)
    w2 += 0.5 * hidden.T @ output_delta
    w1 += 0.5 * X.T @ d_hidden
"""
NAMELESS = XOR.replace("d_hidden", "inner")


@pytest.mark.parametrize(
    ("code", "right", "wrong", "said"),
    [
        (NAMELESS, "inner = output_delta", "inner = error", "w1 does not follow its gradient"),
        (XOR, "d_hidden = output_delta", "d_hidden = error", "d_hidden is the first wrong"),
        (XOR, "w1 += 0.5", "w1 -= 0.5", "the update of w1 goes uphill"),
        (NAMELESS, "w1 += 0.5", "w1 -= 0.5", "the update of w1 goes uphill"),
    ],
)
def test_a_step_shows_what_it_is_made_of(
    code: str, right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    """Where that of another parameter, written alike, goes down its gradient."""
    assert report(code, tmp_path / "right.py").passed
    text = code.replace(right, wrong)
    found = report(text, tmp_path / "wrong.py")
    assert said in str(found)
    assert found.text.startswith(wrong)
    assert found.correction is not None
    assert report(text.replace(found.text, found.correction.text), tmp_path / "again.py").passed
    [judged] = check_text(text, "py").files
    [slip] = [finding for finding in judged.findings if finding.verdict == "slip"]
    assert (slip.written or "").startswith(wrong)


def test_steps_that_nothing_explains_are_not_called_right(tmp_path: Path) -> None:
    """The delta of another loss: no step is a multiple of a gradient."""
    code = NAMELESS.replace("= error * output * (1 - output)", "= error")
    with pytest.raises(RunError, match="no gradient was found for w2, w1"):
        report(code, tmp_path / "net.py")


TWO_LAYERS = """\
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(5, 3))
y = rng.integers(0, 2, size=(5, 1)).astype(float)
W1 = rng.normal(size=(3, 4)) * 0.5
b1 = rng.normal(size=4) * 0.1
W2 = rng.normal(size=(4, 1)) * 0.5
b2 = np.zeros(1)
lr = 0.1
for step in range(3):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    dz2 = (p - y) / len(X)
    dW2 = h.T @ dz2
    db2 = dz2.sum(axis=0)
    dz1 = dz2 @ W2.T * (1 - h**2)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    W1 -= lr * dW1
    b1 -= lr * db1
    W2 -= lr * dW2
    b2 -= lr * db2
"""


@pytest.mark.parametrize(
    ("right", "wrong", "corrected"),
    [
        ("W1 -= lr * dW1", "W1 -= lr", "W1 -= lr * dW1"),
        ("W1 -= lr * dW1", "W1 -= lr * b1", "W1 -= lr * dW1"),  # uphill by chance
        ("W1 -= lr * dW1", "W1 -= lr / dW1", "W1 -= lr * dW1"),
        ("b1 -= lr * db1", "b1 -= db1", "b1 -= db1 * lr"),
        ("b2 -= lr * db2", "b2 -= lr / db2", "b2 -= lr * db2"),  # a single number
        ("b2 -= lr * db2", "b2 -= lr * b2", None),  # which is 0 at first
        ("W2 -= lr * dW2", "W2 = lr * dW2", "W2 -= lr * dW2"),
        ("b1 -= lr * db1", "b1 -= 0.3 * b1", "b1 -= 0.3 * db1"),  # another rate is on purpose
    ],
)
def test_a_step_is_made_as_those_of_others(
    right: str, wrong: str, corrected: str | None, tmp_path: Path
) -> None:
    """Their steps are the same multiple of their gradients, so that this one has to be it too."""
    assert report(TWO_LAYERS, tmp_path / "right.py").passed
    found = report(TWO_LAYERS.replace(right, wrong), tmp_path / "wrong.py")
    assert f"the update of {right.split()[0]} does not follow its gradient" in str(found)
    assert found.text == wrong
    assert (found.correction and found.correction.text) == corrected


MOMENTUM = (
    TWO_LAYERS.replace("-= lr * d", "-= lr * v")
    .replace("lr = 0.1\n", "lr = 0.1\nvW1, vb1, vW2, vb2 = 0 * W1, 0 * b1, 0 * W2, 0 * b2\n")
    .replace(
        "    W1 -=",
        "".join(f"    v{name} = 0.9 * v{name} + d{name}\n" for name in ("W1", "b1", "W2", "b2"))
        + "    W1 -=",
    )
)


@pytest.mark.parametrize(
    ("right", "wrong", "corrected"),
    [
        ("W2 -= lr * vW2", "W2 -= lr", "W2 -= lr * vW2"),
        ("W1 -= lr * vW1", "W1 -= lr + vW1", "W1 -= lr * vW1"),
        ("vW2 = 0.9 * vW2 + dW2", "vW2 = 0.9 * vW2 + W2", "vW2 = 0.9 * vW2 + dW2"),
        ("vb1 = 0.9 * vb1 + db1", "vb1 = 0.9 * vb1 + db1 ** 2", "vb1 = 0.9 * vb1 + db1"),
    ],
)
def test_the_first_steps_of_momentum_are_alike(
    right: str, wrong: str, corrected: str, tmp_path: Path
) -> None:
    """They are multiples of their gradients, as the velocities start at 0."""
    assert report(MOMENTUM, tmp_path / "right.py").passed
    found = report(MOMENTUM.replace(right, wrong), tmp_path / "wrong.py")
    assert found.text == wrong
    assert found.correction is not None
    assert found.correction.text == corrected


def test_values_of_any_kind_are_compared(tmp_path: Path) -> None:
    """An index of whole numbers, a sum over all where one axis is meant."""
    code = """import numpy as np
rng = np.random.default_rng(1)
X = rng.normal(size=(8, 4)); y = rng.integers(0, 3, 8)
P = {"W": rng.normal(size=(4, 3)), "b": np.zeros(3)}
def step(P):
    s = X @ P["W"] + P["b"]
    p = np.exp(s) / np.exp(s).sum(1, keepdims=True)
    loss = -np.log(p[range(8), y]).mean()
    ds = p.copy()
    ds[range(8), y] -= 1
    ds /= 8
    g = {"dW": X.T @ ds, "db": ds.sum()}
    return loss, g
for i in range(3):
    loss, g = step(P)
    for k in P:
        P[k] -= 0.1 * g["d" + k]
"""
    found = report(code, tmp_path / "net.py")
    assert "the axis must be 0" in str(found)


@pytest.mark.parametrize(
    ("right", "other"),
    [
        ("W1 -= lr * dW1", "W1 -= lr * (dW1 + 0.01 * W1)"),
        ("dW1 = X.T @ dz1", "dW1 = X.T @ dz1 + 0.01 * W1"),
        ("W1 -= lr * dW1", "W1 = W1 * (1 - lr * 0.01) - lr * dW1"),
        ("W1 -= lr * dW1", "W1 -= lr * np.clip(dW1, -0.02, 0.02)"),
        ("W1 -= lr * dW1", "np.clip(dW1, -0.02, 0.02, out=dW1)\n    W1 -= lr * dW1"),
        ("W1 -= lr * dW1", "part = np.clip(dW1, -0.02, 0.02)\n    W1 -= lr * part"),
        ("W1 -= lr * dW1", "W1 -= lr * (dW1 - dW1.mean(axis=0))"),
        ("W1 -= lr * dW1", "W1 -= lr * dW1 * [1.0, 0.5, 0.1, 1.0]"),
        ("b1 -= lr * db1", "b1 -= 0.3 * db1"),
        ("b1 -= lr * db1", "b1 -= 1.0 * db1"),
    ],
)
def test_a_step_of_its_own_is_on_purpose(right: str, other: str, tmp_path: Path) -> None:
    """Whoever does more for one parameter than for others, or takes another rate, means it."""
    assert report(TWO_LAYERS.replace(right, other), tmp_path / "net.py").passed


def test_a_parameter_that_is_never_updated_is_named(tmp_path: Path) -> None:
    """Where others are, that is said, and is no slip: layers may be frozen."""
    found = report(TWO_LAYERS.replace("    b1 -= lr * db1\n", ""), tmp_path / "net.py")
    assert found.passed
    assert "no update changes b1" in str(found)
    assert found.as_dictionary()["not_updated"] == ["b1"]


def test_a_wrong_factor_near_a_constant_is_no_multiple(tmp_path: Path) -> None:
    """It is 1/4 nearly everywhere, and a bias of one number is a multiple of any other."""
    code = TWO_LAYERS.replace("size=(4, 1)) * 0.5", "size=(4, 1)) * 0.02")
    found = report(code.replace("(p - y) /", "(p - y) * p * (1 - p) /"), tmp_path / "net.py")
    assert "dW2 is the first wrong gradient" in str(found)
    assert found.correction is not None
    assert found.correction.text == "dz2 = (p - y) / len(X)"


PENALTY = """\
import numpy as np

rng = np.random.default_rng(7)
X = rng.normal(size=(12, 4))
y = rng.normal(size=12)
w = rng.normal(size=4)
lam, v = 0.5, 0.0
for t in range(3):
    r = X @ w - y
    loss = np.mean(r**2) + lam / 2 * np.dot(w, w)
    dw = 2 * X.T @ r / 12 + lam * w
    v = 0.8 * v + dw
    w = w - 0.1 * v
"""


@pytest.mark.parametrize(
    ("wrong", "corrected"),
    [
        ("dw = 2 * X.T @ r / 12 + lam / 2 * w", "dw = 2 * X.T @ r / 12 + lam * w"),
        ("dw = 2 * X.T @ r / 12", "dw = 2 * X.T @ r / 12 + lam * w"),
        ("dw = X.T @ r / 12 + lam * w", "dw = X.T @ r / 6.0 + lam * w"),
        ("dw = 2 * X.T @ r / 12 - lam * w", "dw = 2 * X.T @ r / 12 + lam * w"),
    ],
)
def test_a_velocity_adds_nothing_to_a_gradient(wrong: str, corrected: str, tmp_path: Path) -> None:
    """It starts at 0: a part of the gradient stays one."""
    assert report(PENALTY, tmp_path / "right.py").passed
    right = "dw = 2 * X.T @ r / 12 + lam * w"
    found = report(PENALTY.replace(right, wrong), tmp_path / "wrong.py")
    assert found.text == wrong
    assert found.correction is not None
    assert found.correction.text == corrected


def test_what_an_optimizer_adds_is_a_part(tmp_path: Path) -> None:
    """The penalty may be added where the velocity is made, behind what is 0 at first."""
    right = "dw = 2 * X.T @ r / 12 + lam * w\n    v = 0.8 * v + dw"
    other = "dw = 2 * X.T @ r / 12\n    v = 0.8 * v + dw + lam * w"
    assert report(PENALTY.replace(right, other), tmp_path / "net.py").passed


def test_a_number_that_becomes_another_one_by_chance_is_updated(tmp_path: Path) -> None:
    """The first step is cut to 0.1, and another parameter is 0.1."""
    code = """import numpy as np
rng = np.random.default_rng(9)
k, v, x = rng.normal(size=(3, 5))
b, c = 0.1, 0.0
for step in range(5):
    a = np.maximum(x * k + b, 0)
    y = a @ v + c
    loss = 0.5 * (y - 1.5) ** 2
    dy = y - 1.5
    dv = dy * a
    dc = dy
    dz = dy * v * (a > 0)
    db = dz.sum()
    b -= 0.1 * db
    v -= 0.1 * dv
    c -= 0.1 * np.clip(dc, -1, 1)
"""
    assert report(code, tmp_path / "net.py").passed


CUT = TWO_LAYERS
for _name in ("W1", "b1", "W2", "b2"):
    CUT = CUT.replace(f"lr * d{_name}", f"lr * np.clip(d{_name}, -0.05, 0.05)")
WHOLE = TWO_LAYERS.replace("lr * d", "lr * scale * d").replace(
    "    W1 -=", "    scale = min(1, 0.1 / np.sqrt((dW1**2).sum() + (dW2**2).sum()))\n    W1 -="
)
SIGNS = TWO_LAYERS.replace("W1 -= lr * dW1", "W1 -= lr * np.sign(dW1)")


@pytest.mark.parametrize(
    "code",
    [
        CUT,
        WHOLE,
        SIGNS,
        CUT.replace("0.05, 0.05", "0.1, 0.1"),  # some are cut at these numbers, some at others
        CUT.replace("0.05, 0.05", "0.2, 0.2"),
        TWO_LAYERS.replace("lr * db2", "lr * np.clip(db2, -0.01, 0.01)"),
        TWO_LAYERS.replace("lr * dW1", "lr * dW1 / np.linalg.norm(dW1)"),
        TWO_LAYERS.replace("W1 -= lr * dW1", "W1 = W1 - lr * dW1\n    W1 /= np.linalg.norm(W1)"),
        TWO_LAYERS.replace("b1 -= lr * db1", "b1 -= lr * db1.mean() * np.ones_like(b1)"),
    ],
)
def test_a_step_may_bound_its_gradient(code: str, tmp_path: Path) -> None:
    """A clip, a sign, a norm: of all parameters, or of one."""
    assert report(code, tmp_path / "net.py").passed


@pytest.mark.parametrize(
    ("right", "wrong", "corrected"),
    [
        ("W1 -= lr * dW1", "W1 = lr * (W1 - dW1)", "W1 -= lr * dW1"),  # that is no decay
        ("W1 -= lr * dW1", "W1 = lr * (W1 - (dW1 + 0.01 * W1))", "W1 -= lr * dW1"),
        (
            "W1 -= lr * dW1",
            "W1 = W1 - lr * (dW1 - 0.01 * W1)",
            "W1 = W1 - lr * (dW1 + 0.01 * W1)",
        ),
        ("W1 -= lr * dW1", "W1 -= lr * dW1.mean()", "W1 -= lr * dW1"),
        ("W1 -= lr * dW1", "W1 -= lr * dW1.mean(axis=0)", "W1 -= lr * dW1"),
        ("b1 -= lr * db1", "b1 -= lr * dW1.sum(axis=0)", "b1 -= lr * db1"),
        ("b2 -= lr * db2", "b2 -= lr * np.clip(dW2.sum(), -1, 1)", None),
        ("b1 -= lr * db1", "b1 -= lr * db1 * b1", "b1 -= lr * db1"),
        ("W1 -= lr * dW1", "W1 -= lr * np.abs(dW1)", "W1 -= lr * dW1"),
        ("W1 -= lr * dW1", "W1 -= lr * dW1 ** 2", "W1 -= lr * dW1"),
        ("b1 -= lr * db1", "b1 *= 1 - lr * db1", "b1 -= lr * db1"),
        ("b1 -= lr * db1", "W1 -= lr * dW1", "b1 -= lr * db1"),  # W1 twice, b1 never
        ("b1 -= lr * db1", "b1 -= lr * db1\n    b1 -= lr * db1 * 1", None),
    ],
)
def test_what_is_more_of_a_step_does_not_lead_elsewhere(
    right: str, wrong: str, corrected: str | None, tmp_path: Path
) -> None:
    """And what is said to be right goes down the gradient, entry by entry."""
    found = report(TWO_LAYERS.replace(right, wrong), tmp_path / "wrong.py")
    assert f"the update of {wrong.split()[0]} does not follow its gradient" in str(found)
    assert found.text == wrong.split("\n    ")[-1]
    if corrected is not None:
        assert found.correction is not None
        assert found.correction.text == corrected


def test_of_several_rates_none_is_said_to_be_missing(tmp_path: Path) -> None:
    """Each layer has its own, and one is forgotten."""
    code = TWO_LAYERS.replace("W2 -= lr", "W2 -= 0.3").replace("b2 -= lr * db2", "b2 -= db2")
    found = report(code, tmp_path / "net.py")
    assert "the update of b2 does not follow its gradient" in str(found)
    assert found.correction is None


def test_the_step_of_a_scalar_velocity(tmp_path: Path) -> None:
    """Its mean makes it one number for all entries."""
    code = MOMENTUM.replace("0.9 * vW1 + dW1", "0.9 * vW1 + dW1.mean()")
    found = report(code, tmp_path / "net.py")
    assert "the update of W1 does not follow its gradient" in str(found)


def test_a_step_that_is_no_number_is_wrong(tmp_path: Path) -> None:
    """The root of a mean of gradients, not of their squares."""
    code = TWO_LAYERS.replace("W1 -= lr * dW1", "W1 -= lr * dW1 / np.sqrt(0.1 * dW1)")
    code = code.replace("as np\n", "as np\nnp.seterr(all='ignore')\n")
    found = report(code, tmp_path / "net.py")
    assert "the update of W1 does not follow its gradient" in str(found)


def test_gradients_that_change_places_are_swapped_back(tmp_path: Path) -> None:
    """Each is right, but under the name of the other: nothing is wrong where they are made."""
    code = """import numpy as np
rng = np.random.default_rng(3)
X, T = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
gamma, beta = rng.normal(size=(2, 4))
def backward(dout):
    dgamma = (dout * X).sum(axis=0)
    dbeta = dout.sum(axis=0)
    return dbeta, dgamma
out = gamma * X + beta
loss = ((out - T) ** 2).sum() / 2
g = {}
dout = out - T
g["gamma"], g["beta"] = backward(dout)
"""
    found = report(code, tmp_path / "net.py")
    assert found.text == "return dbeta, dgamma"
    assert found.correction is not None
    assert found.correction.text == "return (dgamma, dbeta)"


def test_what_a_forward_pass_keeps_is_no_gradient(tmp_path: Path) -> None:
    """A gate that it calls g, in an object."""
    code = """import numpy as np
from types import SimpleNamespace
rng = np.random.default_rng(3)
w, v = rng.normal(size=4), 0.7
xs = rng.normal(size=(3, 4))
def run():
    steps, loss = [], 0.0
    for x in xs:
        g = np.tanh(w * x)
        loss = loss + (v * g.sum() - 1) ** 2
        steps.append(SimpleNamespace(g=g, x=x))
    return steps, loss
steps, loss = run()
dw, dv = np.zeros(4), 0.0
for s in steps:
    d = 2 * (v * s.g.sum() - 1)
    dv += d * s.g.sum()
    dw += d * v * (1 - s.g) * s.x
w -= 0.1 * dw
v -= 0.1 * dv
"""
    found = report(code, tmp_path / "net.py")
    assert found.wrong is not None
    assert found.wrong.name == "dw"
    assert found.correction is not None
    assert found.correction.text == "dw += d * v * (1 - s.g ** 2) * s.x"
