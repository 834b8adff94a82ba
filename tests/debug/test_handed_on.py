"""What functions, loops and lists hand on: whose gradient it is, and where a wrong one was made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.case_lists import sampled
from tracer.debug.backward_report import BackwardReport
from tracer.debug.debugger import debug_file

HEAD = "import numpy as np\nrng = np.random.default_rng(0)\n"
RESIDUAL = """
f32 = np.float32
class Dense:
    def __init__(self, m, n):
        self.W = rng.normal(size=(m, n))
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, g):
        self.dW = self.x.T @ g
        return g @ self.W.T
class Beside:
    def __init__(self, *inner):
        self.inner = inner
    def forward(self, x):
        return x + self.inner[0].forward(x)
    def backward(self, g):
        d = self.inner[0].backward(g)
        return d + g
layers = [Dense(4, 5), Beside(Dense(5, 5)), Dense(5, 3)]
x, t = rng.normal(size=(7, 4)), rng.normal(size=(7, 3))
y = x
for layer in layers:
    y = layer.forward(y)
loss = 0.5 * np.sum((y - t) ** 2)
g = y - t
for layer in layers[::-1]:
    g = layer.backward(g)
"""
BLOCKS = """
x, t = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
blocks = [{"W": rng.normal(size=(4, 4)), "U": rng.normal(size=(4, 4))} for _ in range(2)]
def forward(x, p):
    a = np.tanh(x @ p["W"])
    return a @ p["U"], (x, a, p)
def backward(dout, cache):
    x, a, p = cache
    dz = (dout @ p["U"].T) * (1 - a ** 2)
    dx = dz @ p["W"].T
    return dx, {"U": a.T @ dout, "W": x.T @ dz}
h, caches = x, []
for p in blocks:
    out, cache = forward(h, p)
    h = h + out
    caches.append(cache)
loss = 0.5 * np.sum((h - t) ** 2)
dh, all_grads = h - t, []
for cache in caches[::-1]:
    dx, grads = backward(dh, cache)
    dh = dh + dx
    all_grads.append(grads)
all_grads = all_grads[::-1]
for p, grads in zip(blocks, all_grads):
    for name in p:
        p[name] -= 0.1 * grads[name]
"""
BATCHES = """
X, y = rng.normal(size=(12, 3)), rng.normal(size=12)
w = rng.normal(size=3)
def passed(w, x, y, count):
    e = x @ w - y
    loss = np.sum(e ** 2) / count
    de = 2 * e / count
    return loss, x.T @ de
for epoch in range(2):
    loss, dw = 0.0, np.zeros(3)
    for start in range(0, 12, 4):
        part = passed(w, X[start:start + 4], y[start:start + 4], 12)
        loss += part[0]
        dw += part[1]
    w = w - 0.1 * dw
"""
STEPS = """
xs, goal = rng.normal(size=(3, 4, 2)), rng.normal(size=(4, 5))
P = {"W": rng.normal(size=(2, 5)), "U": rng.normal(size=(5, 5))}
def d_tanh(y):
    return 1 - y ** 2
def step(x, h):
    return np.tanh(x @ P["W"] + h @ P["U"])
def back(dh, x, old, new, G):
    da = dh * d_tanh(new)
    G["W"] += x.T @ da
    G["U"] += old.T @ da
    return da @ P["U"].T
hs = [np.zeros((4, 5))]
for x in xs:
    hs.append(step(x, hs[-1]))
loss = 0.5 * np.sum((hs[-1] - goal) ** 2)
G = {name: np.zeros_like(value) for name, value in P.items()}
d = hs[-1] - goal
for t in (2, 1, 0):
    d = back(d, xs[t], hs[t], hs[t + 1], G)
for name in P:
    P[name] -= 0.1 * G[name]
"""
HEADS = """
x, t = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))
P = {k: rng.normal(size=(4, 4)) for k in "ko"}
def split(x):
    return x.reshape(2, 3, 2, 2).transpose(0, 2, 1, 3)
def merge(x):
    return x.transpose(0, 2, 1, 3).reshape(2, 3, 4)
K = split(x @ P["k"])
A = K @ K.swapaxes(-1, -2)
O = merge(A @ K)
y = O @ P["o"]
loss = 0.5 * np.sum((y - t) ** 2)
grads = {"o": np.tensordot(O, y - t, axes=((0, 1), (0, 1)))}
dO = split((y - t) @ P["o"].T)
dA = dO @ K.swapaxes(-1, -2)
dK = A.swapaxes(-1, -2) @ dO + (dA + dA.swapaxes(-1, -2)) @ K
for name, d in (("k", dK),):
    grads[name] = np.tensordot(x, merge(d), axes=((0, 1), (0, 1)))
"""
LABELS = """
x, labels = rng.normal(size=(6, 3)), np.array([0, 1, 1, 0, 1, 0])
W = rng.normal(size=(3, 2))
z = x @ W
p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
loss = -np.log(p[np.arange(6), labels]).sum()
onehot = np.zeros_like(p)
onehot[np.arange(6), labels] = 1
dz = p - onehot
dW = x.T @ dz
"""
USES = """
x, t = np.array([0.5, -1.2, 2.0]), np.array([1.0, 0.0, 0.3])
def forward(x, t):
    g = np.tanh(x)
    y = x * g
    return np.sum((y - t) ** 2), y, g
def backward(x, y, g, t):
    dy = 2 * (y - t)
    dx = dy * g + dy * x * (1 - g ** 2)
    return dx
loss, y, g = forward(x, t)
dx = backward(x, y, g, t)
"""
NORM = """
x, t = rng.normal(size=(4, 6)), rng.normal(size=(4, 6))
gamma, beta = rng.normal(size=6), rng.normal(size=6)
def forward(x, gamma, beta):
    inv = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    xhat = (x - x.mean(axis=-1, keepdims=True)) * inv
    return gamma * xhat + beta, (xhat, inv)
def backward(dout, gamma, cache):
    xhat, inv = cache
    dgamma, dbeta = (dout * xhat).sum(axis=0), dout.sum(axis=0)
    d = dout * gamma
    dx = inv * (d - d.mean(axis=-1, keepdims=True) - xhat * (d * xhat).mean(axis=-1, keepdims=True))
    return dx, dgamma, dbeta
out, cache = forward(x, gamma, beta)
loss = np.mean((out - t) ** 2)
dout = 2 * (out - t) / out.size
dx, dgamma, dbeta = backward(dout, gamma, cache)
"""
SKIPPED = """
x, t, W = rng.normal(size=(7, 4)), rng.normal(size=(7, 4)), rng.normal(size=(4, 4))
def layer(x, W):
    return np.tanh(x @ W)
def back(dy, x, y, W):
    dz = dy * (1 - y ** 2)
    dx = dz @ W.T
    return dx, x.T @ dz
y = layer(x, W)
loss = 0.5 * np.sum((x + y - t) ** 2)
dy = x + y - t
LAST
"""
NUMBERS = """
x, y = [2.0, 1.0], 2.0
w, b = [0.5, 0.3], 1.5
z = sum(each * own for own, each in zip(w, x)) + b
a = max(0.0, z)
loss = abs(a - y) * min(3.0, a)
da = min(3.0, a) * (1 if a > y else -1) + abs(a - y) * (a < 3.0)
dz = da * (z > 0)
dw = [dz * each for each in x]
db = dz
"""
ROW = """
E, w = rng.normal(size=(5, 3)), rng.normal(size=3)
a, b = E[2], E[2]
loss = np.sum(a * w) + np.sum(b ** 2)
da = w
db = 2 * b
dE = LAST
"""
MENDED = next(line.strip() for line in NORM.splitlines() if "dx = inv" in line)
LAYERS = """
layers = [{"W": rng.normal(size=size), "b": np.zeros(size[1])} for size in ((4, 5), (5, 2))]
x, t = rng.normal(size=(7, 4)), rng.normal(size=(7, 2))
acts = [x]
for layer in layers:
    acts.append(np.tanh(acts[-1] @ layer["W"] + layer["b"]))
loss = np.sum((acts[-1] - t) ** 2)
d = 2 * (acts[-1] - t)
dWs, dbs = [None, None], []
for i in (1, 0):
    d = d * (1 - acts[i + 1] ** 2)
    dWs[i] = acts[i].T @ d
    dbs.insert(0, d.sum(axis=0))
    d = d @ layers[i]["W"].T
"""
TABLES = """
params = [{"W": rng.normal(size=size), "b": np.zeros(size[1])} for size in ((4, 5), (5, 2))]
def forward(a):
    acts = [a]
    for p in params:
        acts.append(np.tanh(acts[-1] @ p["W"] + p["b"]))
    return acts
def backward(acts, d):
    grads = []
    for p, a, out in reversed(list(zip(params, acts, acts[1:]))):
        dz = d * (1 - out ** 2)
        dW = a.T @ dz
        db = dz.sum(axis=0)
        grads.append({"W": dW, "b": db})
        d = dz @ p["W"].T
    return grads[::-1]
x, t = rng.normal(size=(7, 4)), rng.normal(size=(7, 2))
acts = forward(x)
loss = np.sum((acts[-1] - t) ** 2)
grads = backward(acts, 2 * (acts[-1] - t))
"""
PIECES = {
    "what Python has for numbers": (NUMBERS, "[dz * each", "[dz * dz", None),
    "an input used twice": (USES, " + dy * x * (1 - g ** 2)", "", None),
    "a use of it with a slip": (USES, "g ** 2)", "g)", "dx = dy * g + dy * x * (1 - g ** 2)"),
    "a norm without its variance": (
        NORM,
        " - xhat * (d * xhat).mean(axis=-1, keepdims=True)",
        "",
        None,
    ),
    "a norm with half of it": (NORM, "- xhat *", "- 0.5 * xhat *", MENDED),
    "a norm over the other axis": (
        NORM,
        "xhat).mean(axis=-1",
        "xhat).mean(axis=0",
        MENDED.replace("xhat).mean(axis=-1", "xhat).mean(axis=1"),
    ),
    "residual": (RESIDUAL, "return d + g", "return d", "return d + g"),
    "blocks": (BLOCKS, '["U"].T)', '["U"])', None),
    "batches": (BATCHES, "dw += part[1]", "dw = part[1]", "dw += part[1]"),
    "steps": (STEPS, "return 1 - y ** 2", "return 1 - y", "return 1 - y ** 2"),
    "sums": (STEPS, 'G["U"] += old', 'G["U"] += new', "G['U'] += old.T @ da"),
    "labels": (LABELS, "dW = x.T @ dz", "dW = x.T @ dz / 6", "dW = x.T @ dz"),
    "a list by a key": (LAYERS, "acts[i].T @ d", "acts[i].T @ d / 7", "dWs[i] = acts[i].T @ d"),
    "a list from its end": (LAYERS, "0, d.sum(axis=0)", "0, d.mean(axis=0)", None),
    "one of a table": (TABLES, "db = dz.sum(axis=0)", "db = dz.mean(axis=0)", None),
    "heads": (HEADS, "A.swapaxes(-1, -2) @ dO +", "A.swapaxes(-1, -2) @ dO -", None),
}


def report(code: str, path: Path) -> BackwardReport:
    """Return what is found where the code is run."""
    file = path / "code.py"
    file.write_text(HEAD + code)
    return debug_file(str(file))


@pytest.mark.parametrize("name", sampled(PIECES, PIECES.keys() - {"steps"}))
def test_what_is_handed_on_is_located_where_it_was_made(name: str, tmp_path: Path) -> None:
    """The code without the slip passes; with it the line is named, and what belongs there."""
    code, right, wrong, corrected = PIECES[name]
    good = report(code, tmp_path)
    assert good.passed, str(good)
    assert good.outcomes
    assert good.wrong is None
    found = report(code.replace(right, wrong), tmp_path)
    line = (HEAD + code)[: (HEAD + code).index(right)].count("\n") + 1
    assert (found.passed, found.line) == (False, line), str(found)
    if corrected is not None:
        assert found.correction is not None, str(found)
        assert found.correction.text == corrected
    if found.correction is not None and found.correction.below is None:
        mended = code.replace(right, wrong).replace(found.text, found.correction.text)
        assert report(mended, tmp_path).passed, str(found)


@pytest.mark.parametrize(
    ("last", "uncompared"),
    [
        ("_, dW = back(dy, x, y, W)", ["dx"]),
        ("dx, dW = back(dy, x, y, W)", ["dx"]),
        ("dx, dW = back(dy, x, y, W)\ndx += dy", []),
        ("part, dW = back(dy, x, y, W)\ndx = sum([part, dy])", []),
        ("dx = back(dy, x, y, W)[0] + dy", []),
    ],
)
def test_a_part_of_a_gradient_counts_only_where_the_others_are_added(
    last: str, uncompared: list[str], tmp_path: Path
) -> None:
    """What one function gives back of what another one uses too is not said to be right."""
    found = report(SKIPPED.replace("LAST", last), tmp_path)
    assert found.passed, str(found)
    assert [name for name, _ in found.uncompared] == uncompared


@pytest.mark.parametrize("last", ["da", "da + db"])
def test_what_is_read_under_two_names_has_no_gradient_that_is_known(
    last: str, tmp_path: Path
) -> None:
    """The gradient of one of them is not that of what they are read of."""
    found = report(ROW.replace("LAST", last), tmp_path)
    assert [name for name, _ in found.uncompared] == ["dE"]


@pytest.mark.parametrize(
    "code",
    [
        "x, t = rng.normal(size=(4, 6)), rng.normal(size=(4, 6))\n"
        "inv = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)\n"
        "xhat = (x - x.mean(axis=-1, keepdims=True)) * inv\n"
        "loss = np.mean((xhat - t) ** 2)\n"
        "dxhat = 2 * (xhat - t) / x.size\ndx = inv * dxhat\n",
        "V, w, i = rng.normal(size=(5, 3)), rng.normal(size=3), 2\n"
        "loss = np.sum(V[i] * w) ** 2\ndV = 6 * np.sum(V[i] * w) * w + V[i]\n",
    ],
    ids=["a value on the way", "a part of an array"],
)
def test_only_names_of_the_code_are_shown(code: str, tmp_path: Path) -> None:
    """What the traced forward pass calls a value that has no name of its own is not said."""
    found = str(report(code, tmp_path))
    assert set(re.findall(r"dloss/(\w+)", found)) <= {"dx", "dxhat", "dV"}, found
