"""Where a wrong gradient comes from: the statement that all that is wrong is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.case_lists import sampled
from tracer.debug.backward_report import BackwardReport
from tracer.debug.code_gradients import read_backward_passes
from tracer.debug.debugger import debug_file

HEAD = "import numpy as np\nrng = np.random.default_rng(0)\n"
SOFTMAX = """
x, t = rng.normal(size=(6, 5)), rng.normal(size=(6, 3))
Wq, Wk, Wv = rng.normal(size=(5, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
def attend(x, Wq, Wk, Wv):
    Q, K, V = x @ Wq, x @ Wk, x @ Wv
    A = softmax(Q @ K.T / 2)
    return A @ V, (Q, K, V, A)
def backward(dout, cache):
    Q, K, V, A = cache
    dV = A.T @ dout
    dA = dout @ V.T
    ds = A * (dA - (dA * A).sum(axis=-1, keepdims=True)) / 2
    dQ = ds @ K
    dK = ds.T @ Q
    return x.T @ dQ, x.T @ dK, x.T @ dV
out, cache = attend(x, Wq, Wk, Wv)
loss = np.mean((out - t) ** 2)
dout = 2 * (out - t) / out.size
dWq, dWk, dWv = backward(dout, cache)
"""
CLOSURES = """
x, t = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
W1, W2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))
def linear(x, W):
    def back(dy):
        dx = dy @ W.T
        return dx, x.T @ dy
    return x @ W, back
def tanh(x):
    y = np.tanh(x)
    def back(dy):
        return dy * (1 - y ** 2)
    return y, back
def mse(pred, target):
    diff = pred - target
    def back():
        return 2 * diff / diff.size
    return np.mean(diff ** 2), back
h, back1 = linear(x, W1)
a, back2 = tanh(h)
y, back3 = linear(a, W2)
loss, back_loss = mse(y, t)
dy = back_loss()
da, dW2 = back3(dy)
dh = back2(da)
_, dW1 = back1(dh)
"""
LAYERS = """
class Dense:
    def __init__(self, m, n):
        self.W = rng.normal(size=(m, n))
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, g):
        self.dW = self.x.T @ g
        return g @ self.W.T
class Leaky:
    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, 0.1 * x)
    def backward(self, g):
        return g * np.where(self.x > 0, 1.0, 0.1)
layers = [Dense(4, 6), Dense(6, 5), Leaky(), Dense(5, 3)]
x, t = rng.normal(size=(7, 4)), rng.normal(size=(7, 3))
y = x
for layer in layers:
    y = layer.forward(y)
loss = 0.5 * np.sum((y - t) ** 2)
g = y - t
for layer in layers[::-1]:
    g = layer.backward(g)
"""
LISTS = """
sizes = [4, 6, 5, 3]
weights = [rng.normal(size=s) for s in zip(sizes[:-1], sizes[1:])]
x, t = rng.normal(size=(7, 4)), rng.normal(size=(7, 3))
acts, zs = [x], []
for i in range(3):
    zs.append(acts[i] @ weights[i])
    acts.append(np.maximum(zs[i], 0) if i < 2 else zs[i])
loss = 0.5 * np.sum((acts[3] - t) ** 2)
dweights = [None] * 3
d = acts[3] - t
for i in (2, 1, 0):
    dweights[i] = acts[i].T @ d
    if i:
        d = d @ weights[i].T
        d = d * (zs[i - 1] > 0)
"""
COLUMNS = """
X, Y = rng.normal(size=(3, 7)), rng.normal(size=(2, 7))
W, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 1))
Z = np.dot(W, X) + b
loss = np.sum((Z - Y) ** 2) / 7
dZ = 2 * (Z - Y) / 7
dW = np.dot(dZ, X.T)
db = np.sum(dZ, axis=1, keepdims=True)
b = b - 0.1 * db
"""
DROPOUT = """
X, y, W1 = rng.normal(size=(8, 4)), rng.normal(size=8), rng.normal(size=(4, 6))
w2 = rng.normal(size=6)
keep = 0.8
h = np.tanh(X @ W1)
mask = (rng.random(h.shape) < keep) / keep
d = h * mask
loss = 0.5 * np.sum((d @ w2 - y) ** 2)
dout = d @ w2 - y
dw2 = d.T @ dout
dd = np.outer(dout, w2)
dh = dd * mask
dW1 = X.T @ (dh * (1 - h ** 2))
"""
GATES = """
xs, goal = rng.normal(size=(3, 4, 2)), rng.normal(size=(4, 5))
W = rng.normal(size=(7, 10))
h, cache = np.zeros((4, 5)), []
for x in xs:
    both = np.concatenate([x, h], axis=1)
    z, n = np.split(both @ W, 2, axis=1)
    gate, new = 1 / (1 + np.exp(-z)), np.tanh(n)
    cache.append((both, h, gate, new))
    h = (1 - gate) * h + gate * new
loss = 0.5 * np.sum((h - goal) ** 2)
dh, dW = h - goal, np.zeros_like(W)
for both, old, gate, new in cache[::-1]:
    dgate = dh * (new - old) * gate * (1 - gate)
    dnew = dh * gate * (1 - new ** 2)
    dboth = np.concatenate([dgate, dnew], axis=1)
    dW += both.T @ dboth
    dh = dh * (1 - gate) + (dboth @ W.T)[:, 2:]
"""
PIECES = {
    "locals": (SOFTMAX, "dK = ds.T @ Q", "dK = ds @ Q", True),
    "closures": (CLOSURES, "return dy * (1 - y ** 2)", "return dy * (1 - x ** 2)", False),
    "layers": (LAYERS, "g * np.where(self.x > 0, 1.0", "np.where(self.x > 0, 1.0", True),
    "lists": (LISTS, "d = d * (zs[i - 1] > 0)", "d = d * (d > 0)", True),
    "columns": (COLUMNS, "np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ)", True),
    "number": (DROPOUT, "dh = dd * mask", "dh = dd * keep", True),
    "split": (GATES, "dW += both.T @ dboth", "dW = both.T @ dboth", True),
}


def reports(code: str, path: Path) -> list[BackwardReport]:
    """Return what is found where the code is run, and where it is only read."""
    file = path / "code.py"
    file.write_text(code)
    return [debug_file(str(file)), *read_backward_passes(code)]


@pytest.mark.parametrize("name", sampled(PIECES, PIECES.keys() - {"closures", "split"}))
def test_the_statement_that_explains_all_wrong_gradients_is_named(
    name: str, tmp_path: Path
) -> None:
    """It may be in another function or an earlier turn; the code without the slip passes."""
    code, right, wrong, is_corrected = PIECES[name]
    assert all(report.passed and report.outcomes for report in reports(HEAD + code, tmp_path))
    line = (HEAD + code)[: (HEAD + code).index(right)].count("\n") + 1
    found = reports(HEAD + code.replace(right, wrong), tmp_path)
    assert found
    for report in found:
        assert (report.passed, report.line) == (False, line), str(report)
        assert (report.correction is not None) == is_corrected, str(report)


def test_a_correction_does_not_make_an_update_broadcast(tmp_path: Path) -> None:
    """The bias is a column, and a sum without its axis would make it a matrix."""
    code = HEAD + COLUMNS.replace("np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ)")
    for report in reports(code, tmp_path):
        assert report.correction is not None
        assert "keepdims=True" in report.correction.text


def test_what_a_loop_draws_into_a_list_is_the_data_that_was_used(tmp_path: Path) -> None:
    """A second draw would be another network; gradients in the order of the loop are no others'."""
    code = """
layers = []
for _ in range(2):
    layers.append({"W": rng.normal(size=(4, 4))})
x, t = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
acts = [x]
for layer in layers:
    acts.append(np.tanh(acts[-1] @ layer["W"]))
loss = 0.5 * np.sum((acts[-1] - t) ** 2)
d, grads = acts[-1] - t, []
for layer, before, after in zip(layers[::-1], acts[1::-1], acts[:0:-1]):
    dpre = d * (1 - after ** 2)
    d = dpre @ layer["W"].T
    grads.append({"W": before.T @ dpre})
for layer, grad in zip(layers, grads[::-1]):
    layer["W"] -= 0.1 * grad["W"]
"""
    for report in reports(HEAD + code, tmp_path):
        assert report.passed, str(report)


def test_a_whole_number_is_drawn_anew_like_another(tmp_path: Path) -> None:
    """Where the input and the target are 1, one in the place of the other is right by chance."""
    code = "x = 1\ny = 1\nw = 0.5\nloss = (w * x - y) ** 2\ndw = 2 * (w * x - y) * y\n"
    for report in reports(code, tmp_path):
        assert report.passed
        assert report.is_right_as_written


def test_functions_imported_by_name_draw_as_those_of_the_module(tmp_path: Path) -> None:
    """`from numpy.random import default_rng, randn` is followed, at other numbers too."""
    code = """
from numpy.random import default_rng, randn
x, w, y = default_rng(4).normal(size=5), randn(5), randn(5)
loss = ((x * w - y) ** 2).sum()
dw = (x * w - y) * x
"""
    for report in reports(code, tmp_path):
        assert report.correction is not None
        assert "2" in report.correction.text
