"""What the chain rule says in the place of a wrong gradient, and where a way back is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.case_lists import sampled
from tracer.debug.debugger import debug_file
from tracer.document_check import check_text

PAIR = """import numpy as np
rng = np.random.default_rng(11)
A, B = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
W, b, w = rng.normal(size=(5, 4)), rng.normal(size=4), np.array([1, 2, 0.5, 3])
h1 = np.tanh(A @ W + b)
h2 = np.tanh(B @ W + b)
gap = h1 - h2
loss = (w * gap ** 2).sum() / w.sum()
dgap = 2 * w * gap / w.sum()
dh1, dh2 = dgap, -dgap
da1 = dh1 * (1 - h1 ** 2)
da2 = dh2 * (1 - h2 ** 2)
dW = A.T @ da1 + B.T @ da2
db = da1.sum(axis=0) + da2.sum(axis=0)
"""
RECURRENT = """import numpy as np
rng = np.random.default_rng(4)
xs, y = rng.normal(size=(4, 3, 5)), rng.normal(size=(4, 3, 6))
W, U = rng.normal(size=(5, 6)) * 0.4, rng.normal(size=(6, 6)) * 0.4
h = {-1: np.zeros((3, 6))}
for t in range(4):
    h[t] = np.tanh(xs[t] @ W + h[t - 1] @ U)
loss = sum(0.5 * ((h[t] - y[t]) ** 2).sum() for t in range(4))
dW, dU = np.zeros_like(W), np.zeros_like(U)
carry = np.zeros((3, 6))
for t in reversed(range(4)):
    dz = (h[t] - y[t] + carry) * (1 - h[t] ** 2)
    dW += xs[t].T @ dz
    dU += h[t - 1].T @ dz
    carry = dz @ U.T
"""
LAYERS = """import numpy as np
rng = np.random.default_rng(2)
class Layer:
    def __init__(self):
        self.W = rng.normal(size=(4, 4)) * 0.5
    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.W)
        return self.h
    def backward(self, dout):
        delta = dout * (1 - self.h ** 2)
        self.dW = self.x.T @ delta
        return delta @ self.W.T
class Net:
    def __init__(self):
        self.one, self.two, self.three = Layer(), Layer(), Layer()
    def forward(self, x):
        x = x + self.one.forward(x)
        x = x + self.two.forward(x)
        return x + self.three.forward(x)
    def backward(self, d):
        d = d + self.three.backward(d)
        d = d + self.two.backward(d)
        d = d + self.one.backward(d)
x, y = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
net = Net()
out = net.forward(x)
loss = 0.5 * ((out - y) ** 2).sum()
net.backward(out - y)
"""
LABELLED = """import numpy as np
rng = np.random.default_rng(4)
X, W, ids = rng.normal(size=(6, 4)), rng.normal(size=(4, 3)), np.array([0, 1, 3, 4])
labels = np.array([0, 1, 1, 2, 0, 2])
def loss_and_grads(W):
    z = X @ W
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[ids, labels[ids]]).mean()
    dz = np.zeros_like(p)
    np.add.at(dz, ids, p[ids])
    dz[ids, labels[ids]] -= 1
    dz /= len(ids)
    return loss, {"W": X.T @ dz, "dz": dz}
for step in range(2):
    loss, grads = loss_and_grads(W)
    W -= 0.1 * grads["W"]
"""
SHARES = """import numpy as np
rng = np.random.default_rng(0)
X, W, t = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
z = X @ W
e = np.exp(z)
s = e.sum(axis=1, keepdims=True)
p = e / s
loss = ((p - t) ** 2).sum()
dp = 2 * (p - t)
de = (dp - (dp * p).sum(axis=1, keepdims=True)) / s
dz = de * e
dW = X.T @ dz
"""
LOGISTIC = """import numpy as np
rng = np.random.default_rng(0)
X, t, w = rng.normal(size=(6, 3)), (rng.random(6) > 0.5) * 1.0, rng.normal(size=3)
p = 1 / (1 + np.exp(-X @ w))
loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
dz = (p - t) / len(t)
dw = X.T @ dz
"""
LOOP = """import numpy as np
rng = np.random.default_rng(11)
X, t = rng.normal(size=(7, 5)), rng.normal(size=(7, 5))
Ws, bs = [rng.normal(size=(5, 5)) * 0.4 for _ in range(3)], [rng.normal(size=5) for _ in range(3)]
acts = [X]
for W, b in zip(Ws, bs):
    acts.append(np.tanh(acts[-1] @ W + b))
loss = ((acts[-1] - t) ** 2).mean()
dWs, dbs = [None] * 3, [None] * 3
d = 2 * (acts[-1] - t) / t.size
for k in (2, 1, 0):
    d = d * (1 - acts[k + 1] ** 2)
    dWs[k] = acts[k].T @ d
    dbs[k] = d.sum(axis=0)
    d = d @ Ws[k].T
"""
SLIPS = {
    "a factor of 2 in a loop, not the place that the loop has come to": (
        LOOP,
        "dWs[k] = acts[k].T @ d",
        "dWs[k] = acts[k].T @ d * 2",
        "dWs[k] = acts[k].T @ d",
    ),
    "a derivative of an activation that the loss has in it": (
        LOGISTIC,
        "dz = (p - t) / len(t)",
        "dz = (p - t) * p * (1 - p) / len(t)",
        "dz = (p - t) / len(t)",
    ),
    "a term that is summed with its axis kept": (
        SHARES,
        "de = (dp - (dp * p).sum(axis=1, keepdims=True)) / s",
        "de = (dp + 1) / s",
        "de = np.sum(-(dp * p / s), axis=1, keepdims=True) + dp / s",
    ),
    "a term of a parameter that is used twice": (
        PAIR,
        "db = da1.sum(axis=0) + da2.sum(axis=0)",
        "db = da1.sum(axis=0)",
        "db = da1.sum(axis=0) + np.sum(da2, axis=0)",
    ),
    "two operands of a term": (
        PAIR,
        "dW = A.T @ da1 + B.T @ da2",
        "dW = A.T @ da1 + A.T @ da1",
        "dW = A.T @ da1 + B.T @ da2",
    ),
    "a divisor that no name has": (
        PAIR,
        "dgap = 2 * w * gap / w.sum()",
        "dgap = 2 * w * gap / len(w)",
        "dgap = 2 * (1 / np.sum(w)) * w * gap",
    ),
    "what a step in time does not hand on": (
        RECURRENT,
        "dz = (h[t] - y[t] + carry) * (1 - h[t] ** 2)",
        "dz = (h[t] - y[t]) * (1 - h[t] ** 2)",
        "dz = (h[t] + carry - y[t]) * (1 - h[t] ** 2)",
    ),
    "the way past a layer that is an object": (
        LAYERS,
        "d = d + self.three.backward(d)",
        "d = self.three.backward(d)",
        "d += self.three.backward(d)",
    ),
    "an array of indices, in a function that returns its gradients": (
        LABELLED,
        "dz[ids, labels[ids]] -= 1",
        "dz[ids, labels[:len(ids)]] -= 1",
        "dz[ids, labels[ids]] -= 1",
    ),
}
LONG = ("a term of a parameter that is used twice", "two operands of a term",
        "a divisor that no name has")  # fmt: skip
"""Searches that take seconds; the quick ones find a lost term, an operand and a factor too."""


@pytest.mark.parametrize("name", sampled(SLIPS, SLIPS.keys() - LONG))
def test_the_slip_is_found_and_mended_and_right_code_passes(name: str, tmp_path: Path) -> None:
    """Run or only read, the line of the slip is named; where it is run, it is mended."""
    code, right, wrong, repaired = SLIPS[name]
    assert code.count(right) == 1
    path = tmp_path / "network.py"
    path.write_text(code, "utf-8")
    assert debug_file(str(path)).passed
    path.write_text(code.replace(right, wrong), "utf-8")
    found = debug_file(str(path))
    assert (found.text, found.correction and found.correction.text) == (wrong, repaired)
    for text, slips in ((code, []), (code.replace(right, wrong), [wrong])):
        [unrun] = check_text(text, "py").files
        assert [item.written for item in unrun.findings if item.verdict == "slip"] == slips
