"""Slips that one point hides, and values that have another name than their quantity."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.debug.debugger import debug_file
from tracer.debug.gradient_names import word_gradient

RIDGE = """\
import numpy as np

rng = np.random.default_rng(3)
X = rng.normal(size=(9, 4))
t = rng.normal(size=9)
w = np.zeros(4)
lam = 0.3
pred = X @ w
err = pred - t
small = np.abs(err) <= 0.5
loss = np.where(small, err**2 / 2, 0.5 * (np.abs(err) - 0.25)).mean() + lam * np.sum(w**2)
derr = np.where(small, err, 0.5 * np.sign(err)) / len(t)
dw = X.T @ derr + 2 * lam * w
"""
NUMBERS = """\
import numpy as np

w = 0.5
x, t = 1.0, 0.3
y = 1 / (1 + np.exp(-w * x))
loss = (y - t) ** 2
dy = 2 * (y - t)
dw = dy * y * (1 - y) * x
"""
UNPACKED = """\
import numpy as np

rng = np.random.default_rng(3)
X = rng.normal(size=(4, 9))
Y = rng.normal(size=(2, 9))


def step(params):
    W, U, V = params
    G = np.tanh(U @ X)
    M = (W @ X) * G
    R = V @ M - Y
    loss = np.sum(R * R) / 2
    dV = R @ M.T
    dM = V.T @ R
    dG = dM * (W @ X)
    dW = (dM * G) @ X.T
    dU = (dG * (1 - G**2)) @ X.T
    return loss, [dW, dU, dV]


loss, grads = step([rng.normal(size=shape) for shape in ((5, 4), (5, 4), (2, 5))])
"""
ATTENTION = """\
import numpy as np

rng = np.random.default_rng(3)


class Attention:
    def __init__(self):
        self.p = {key: rng.normal(size=(4, 6)) for key in "qkv"}
        self.g = {}

    def split(self, x):
        return x.reshape(5, 2, 3).transpose(1, 0, 2)

    def merge(self, x):
        return x.transpose(1, 0, 2).reshape(5, 6)

    def forward(self, x, y):
        self.x = x
        self.q = self.split(x @ self.p["q"])
        self.k = self.split(x @ self.p["k"])
        self.v = self.split(x @ self.p["v"])
        e = np.exp(self.q @ self.k.swapaxes(1, 2) / np.sqrt(3))
        self.a = e / e.sum(axis=-1, keepdims=True)
        self.out = self.merge(self.a @ self.v)
        return np.sum((self.out - y) ** 2) / 2

    def backward(self, y):
        dc = self.split(self.out - y)
        da = dc @ self.v.swapaxes(1, 2)
        dv = self.a.swapaxes(1, 2) @ dc
        ds = self.a * (da - (da * self.a).sum(axis=-1, keepdims=True))
        ds = ds / np.sqrt(3)
        dq = ds @ self.k
        dk = ds.swapaxes(1, 2) @ self.q
        dq, dk, dv = self.merge(dq), self.merge(dk), self.merge(dv)
        self.g["q"] = self.x.T @ dq
        self.g["k"] = self.x.T @ dk
        self.g["v"] = self.x.T @ dv


net = Attention()
x, y = rng.normal(size=(5, 4)), rng.normal(size=(5, 6))
loss = net.forward(x, y)
net.backward(y)
"""
RECURRENT = """\
import numpy as np

rng = np.random.default_rng(3)


class Cell:
    def __init__(self):
        self.W = rng.normal(size=(5, 3))
        self.U = rng.normal(size=(5, 3))
        self.dW, self.dU = np.zeros((5, 3)), np.zeros((5, 3))

    def step(self, x, h):
        xh = np.hstack([x, h])
        r = 1 / (1 + np.exp(-xh @ self.U))
        xr = np.hstack([x, r * h])
        n = np.tanh(xr @ self.W)
        return n + h, (xh, r, xr, n, h)

    def back(self, dh, cache):
        xh, r, xr, n, h = cache
        da = dh * (1 - n**2)
        self.dW += xr.T @ da
        drh = (da @ self.W.T)[:, 2:]
        dar = drh * h * r * (1 - r)
        self.dU += xh.T @ dar
        return dh + drh * r + (dar @ self.U.T)[:, 2:]


cell = Cell()
h, caches = np.zeros((4, 3)), []
xs = rng.normal(size=(3, 4, 2))
for x in xs:
    h, cache = cell.step(x, h)
    caches.append(cache)
loss = np.sum(h**2) / 2
dh = h
for cache in caches[::-1]:
    dh = cell.back(dh, cache)
"""

NORM = """\
import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(size=(6, 4))
t = rng.normal(size=(6, 4))
gamma = np.ones(4)
mu = x.mean(axis=0)
root = np.sqrt(((x - mu) ** 2).mean(axis=0) + 1e-5)
normal = (x - mu) / root
out = gamma * normal
loss = np.mean((out - t) ** 2)
dout = 2 * (out - t) / t.size
dgamma = (dout * normal).sum(0, keepdims=True)[0]
dnormal = dout * gamma
droot = -(dnormal * (x - mu)).sum(axis=0) / root**2
"""
FILTERS = """\
import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(size=(4, 4))
w = rng.normal(size=(2, 2, 2))
b = np.zeros(2)
out = np.zeros((2, 3, 3))
for k in range(2):
    for i in range(3):
        for j in range(3):
            out[k, i, j] = np.sum(x[i : i + 2, j : j + 2] * w[k]) + b[k]
loss = np.sum(out**2) / 2
dout = out.copy()
dw, db = np.zeros((2, 2, 2)), np.zeros(2)
for k in range(2):
    for i in range(3):
        for j in range(3):
            dw[k] += dout[k, i, j] * x[i : i + 2, j : j + 2]
    db[k] = dout[k].sum()
"""
METHODS = """\
import numpy as np

rng = np.random.default_rng(3)


class Normal:
    def __init__(self):
        self.gamma = rng.normal(size=4)

    def forward(self, x):
        self.root = np.sqrt(x.var(axis=0) + 1e-5)
        self.normal = (x - x.mean(axis=0)) / self.root
        return self.gamma * self.normal

    def backward(self, dout):
        self.dgamma = (dout * self.normal).sum(axis=0)
        dn = dout * self.gamma
        dx = dn - dn.mean(axis=0) - self.normal * (dn * self.normal).mean(axis=0)
        return dx / self.root


x = rng.normal(size=(6, 4))
W = rng.normal(size=(4, 4))
t = rng.normal(size=(6, 4))
layer = Normal()
h = x @ W
loss = np.sum((layer.forward(h) - t) ** 2) / 2
dh = layer.backward(layer.gamma * layer.normal - t)
dW = x.T @ dh
"""

SLIPS = [
    pytest.param(
        METHODS, "return dx / self.root", "return dx * self.root", True,
        id="a method's dx is not that of the data x, which another method never had",
    ),
    pytest.param(
        METHODS, "- self.normal * (dn", "+ self.normal * (dn", True,
        id="a sign on the way to what a method gives back",
    ),
    pytest.param(
        NORM, "/ root**2", "/ root", True,
        id="where a parameter is 1, gradients come in another order",
    ),
    pytest.param(
        NORM, "dgamma = (dout * normal).sum(0, keepdims=True)[0]",
        "dgamma = (dout * normal).mean(0, keepdims=True)[0]", True,
        id="a mean whose axis has no name",
    ),
    pytest.param(
        FILTERS, "dout[k].sum()", "dout.sum()", True,
        id="its entry for this pass of the loop belongs here", marks=pytest.mark.proof,
    ),
    pytest.param(
        FILTERS, "dout[k, i, j] * x", "dout[k, j, i] * x", True,
        id="indices are exchanged", marks=pytest.mark.proof,
    ),
    pytest.param(
        NORM, "dnormal = dout * gamma", "dnormal = dout / gamma", False,
        id="a factor is no divisor, which a parameter of 1 hides",
    ),
    pytest.param(
        RIDGE, "dw = X.T @ derr + 2 * lam * w", "dw = X.T @ derr + lam * w", False,
        id="a term that vanishes where the parameter starts",
    ),
    pytest.param(
        RIDGE, "0.5 * np.sign(err)) / len(t)", "0.5 * err) / len(t)", True,
        id="only its sign belongs here",
    ),
    pytest.param(
        NUMBERS, "dw = dy * y * (1 - y) * x", "dw = dy * y * (1 - y)", False,
        id="a factor that is 1, stated with others in one line",
    ),
    pytest.param(
        UNPACKED, "dU = (dG * (1 - G**2)) @ X.T", "dU = (dG * (1 - G)**2) @ X.T", True,
        id="parameters of one shape that are unpacked from a list",
    ),
    pytest.param(
        ATTENTION, "ds = ds / np.sqrt(3)", "ds = ds / 3", True,
        id="one function is called for several names",
    ),
    pytest.param(
        ATTENTION, 'self.g["v"] = self.x.T @ dv', 'self.g["v"] = self.x.T @ dk', True,
        id="a wrong value that is the right one of another name",
    ),
    pytest.param(
        RECURRENT, "self.dW += xr.T @ da", "self.dW += xh.T @ da", True,
        id="arrays in a tuple that goes on to the next step",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "right", "wrong", "is_wrong_as_written"), SLIPS)
def test_the_line_of_a_slip_is_found(
    code: str, right: str, wrong: str, is_wrong_as_written: bool, tmp_path: Path
) -> None:
    """The right code passes, and of the wrong one the line is found and corrected."""
    assert code.count(right) == 1
    path = tmp_path / "code.py"
    path.write_text(code, "utf-8")
    report = debug_file(str(path))
    assert report.passed
    assert not report.is_right_as_written
    path.write_text(code.replace(right, wrong), "utf-8")
    report = debug_file(str(path))
    assert report.passed is not is_wrong_as_written
    line = next(at for at, text in enumerate(code.splitlines(), 1) if right in text)
    assert report.line == line
    assert report.correction is not None


def test_a_second_pass_is_compared_whatever_the_first_one_left(tmp_path: Path) -> None:
    """A value of the pass before takes no name from a quantity of this one."""
    body = RIDGE.partition("pred =")
    lines = "".join(f"    {line}\n" for line in (body[1] + body[2]).splitlines())
    code = f"{body[0]}for epoch in range(3):\n{lines}    w = w - 0.1 * dw\n"
    path = tmp_path / "code.py"
    path.write_text(code, "utf-8")
    assert debug_file(str(path)).passed
    path.write_text(code.replace("2 * lam * w", "lam * w"), "utf-8")
    report = debug_file(str(path))
    assert not report.passed
    assert report.wrong is not None
    assert report.wrong.name == "dw"


ENTRY_BY_ENTRY = """\
import numpy as np

x, k = np.array([1.0, 2.0, -1.0]), np.array([0.5, -0.3, 0.8])
v = np.array([0.2, 0.7, -0.4])
c = np.array([x[i] * k[i] for i in range(3)])
a = np.tanh(c)
loss = (v @ a) ** 2
da = 2 * (v @ a) * v
dc = da * (1 - a**2)
dk = dc * x
"""


def test_gradients_of_arrays_that_are_filled_are_those_of_no_others(tmp_path: Path) -> None:
    """`dk` has the name and the shape of k, so it is not compared with the gradient of a."""
    path = tmp_path / "entries.py"
    path.write_text(ENTRY_BY_ENTRY, "utf-8")
    found = debug_file(str(path))
    assert {each.name: each.is_right for each in found.outcomes} == dict.fromkeys(
        ("da", "dc", "dk"), True
    )


@pytest.mark.parametrize(
    ("word", "known", "of"),
    [
        ("dwh", ["w_h", "x"], "w_h"),
        ("dwh", ["w_h", "wh"], "wh"),
        ("dwh", ["w_h", "wh_"], None),  # nobody knows of which
        ("grad", ["w"], None),
    ],
)
def test_the_quantity_of_a_gradient_is_read_from_its_name(
    word: str, known: list[str], of: str | None
) -> None:
    """What joins the parts of a name may be left out; of `grad` alone nothing is said."""
    assert word_gradient(word, frozenset(known)) == of
