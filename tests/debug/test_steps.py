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


LINEAR = """\
import numpy as np
rng = np.random.default_rng(0)
X, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
w, b = rng.normal(size=(3, 1)), np.zeros(1)
lr = 0.1
for i in range(3):
    p = X @ w + b
    loss = np.mean((p - y) ** 2)
    d = 2 * (p - y) / len(X)
    w -= lr * X.T @ d
    b -= lr * d.sum(axis=0)
"""
LAYERS = """\
import numpy as np
rng = np.random.default_rng(0)
class Dense:
    def __init__(self, inputs, outputs):
        self.W, self.b = rng.normal(size=(inputs, outputs)), np.zeros(outputs)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, g, lr):
        back = g @ self.W.T
        self.W -= lr * self.x.T @ g
        self.b -= lr * g.sum(axis=0)
        return back
first, second = Dense(3, 4), Dense(4, 2)
X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
h = first.forward(X)
out = second.forward(np.tanh(h))
loss = ((out - Y) ** 2).mean()
g = second.backward(2 * (out - Y) / out.size, 0.1)
first.backward(g * (1 - np.tanh(h) ** 2), 0.1)
"""
CHAIN = """\
x, y, w, b, v = 1.5, 0.5, 0.4, 0.1, -0.3
rate = 0.1
for step in range(3):
    z = w * x + b
    p = v * z
    loss = (p - y) ** 2
    delta = 2 * (p - y)
    w -= rate * delta * v * x
    b -= rate * delta * v
    v -= rate * delta * z
"""


@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        (LINEAR, "b -= lr * d.sum(axis=0)", "b -= lr * d.mean(axis=0)"),
        (LINEAR, "b -= lr * d.sum(axis=0)", "b -= lr * 2 * d.sum(axis=0)"),
        (LAYERS, "self.b -= lr * g.sum(axis=0)", "self.b -= lr * g.mean(axis=0)"),
        (CHAIN, "b -= rate * delta * v", "b -= rate * delta * v * 2"),
        (CHAIN, "w -= rate * delta * v * x", "w -= rate * delta * v"),
    ],
)
def test_a_step_of_another_length_than_the_others_is_wrong(
    code: str, right: str, wrong: str, tmp_path: Path
) -> None:
    """Beside its rate and its gradient: each rate is what the update states."""
    assert report(code, tmp_path / "right.py").passed
    found = report(code.replace(right, wrong), tmp_path / "wrong.py")
    assert "does not follow its gradient" in str(found)
    assert found.text == wrong
    assert found.correction is not None
    assert found.correction.text == right


@pytest.mark.parametrize(
    ("right", "written", "said"),
    [
        ("d = 2 * (p - y) / len(X)", "d = (p - y) / len(X)", "0.5 times its rate"),
        ("d = 2 * (p - y) / len(X)", "d = 2 * (p - y)", "6 times its rate"),
        ("w -= lr * X.T @ d", "w -= 0.3 * X.T @ d", ""),
    ],
)
def test_a_multiple_that_all_steps_are_is_said(
    right: str, written: str, said: str, tmp_path: Path
) -> None:
    """It is another rate, and no wrong gradient; a rate of its own is none."""
    found = report(LINEAR.replace(right, written), tmp_path / "net.py")
    assert found.passed
    assert said in str(found)
    assert ("times its rate" in str(found)) == bool(said)


def test_steps_that_nothing_explains_are_not_called_right(tmp_path: Path) -> None:
    """The delta of another loss: no step is a multiple of a gradient."""
    code = NAMELESS.replace("= error * output * (1 - output)", "= error")
    with pytest.raises(RunError, match="no gradient was found for w2, w1"):
        report(code, tmp_path / "net.py")
