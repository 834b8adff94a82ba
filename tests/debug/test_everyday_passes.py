"""Backward passes as engineers write them: what they use beside plain arithmetic on arrays."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import numpy as np
import pytest

from tests.case_lists import sampled
from tracer.debug.backward_report import BackwardReport
from tracer.debug.debugger import check_backward, debug_file
from tracer.debug.slip_search import SlipSearch
from tracer.document_check import check_text
from tracer.recorded.recorded_values import AgreementRule
from tracer.recorded.rounding_bounds import BoundedValue


class Pass(NamedTuple):
    """A backward pass, a line of it, and that line with a slip."""

    code: str
    right: str
    wrong: str
    repaired: str = ""  # what is offered, where that is written in another way


CONVOLUTION: Final = """
import numpy as np
rng = np.random.default_rng(1)
def conv(x, k):
    out = np.zeros((x.shape[0], x.shape[1] - len(k) + 1))
    for i in range(out.shape[1]):
        out[:, i] = x[:, i:i + len(k)] @ k
    return out
x, y, k = rng.normal(size=(4, 6)), rng.normal(size=(4, 4)), rng.normal(size=3)
act = np.tanh(conv(x, k))
loss = ((act - y) ** 2).sum() / 2
dact = act - y
dout = dact * (1 - act ** 2)
dk = np.zeros_like(k)
for i in range(dout.shape[1]):
    dk += x[:, i:i + len(k)].T @ dout[:, i]
"""

ROWS: Final = """
import numpy as np
rng = np.random.default_rng(0)
U, V = rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
for u, i, r in [(0, 1, 4.0), (1, 2, 2.0)]:
    e = r - U[u] @ V[i]
    loss = e ** 2
    dU = -2 * e * V[i] + 0.01 * U[u]
    dV = -2 * e * U[u]
    U[u] -= 0.05 * dU
    V[i] -= 0.05 * dV
"""

LOOKUP: Final = """
import numpy as np
rng = np.random.default_rng(0)
E, w, t, words = rng.normal(size=(6, 3)), rng.normal(size=3), 1.0, np.array([1, 4, 4])
s = (E[words] @ w).sum() + (E[words] ** 2).sum()
loss = (s - t) ** 2
ds = 2 * (s - t)
dE = ds * (w + 2 * E[words])
"""

POOLING: Final = """
import numpy as np
rng = np.random.default_rng(0)
x, w = rng.normal(size=8), rng.normal(size=4)
k = 1.5
c = k * x
p = np.array([c[:2].max(), c[2:4].max(), c[4:6].max(), c[6:].max()])
loss = (w @ p - 0.3) ** 2
dp = 2 * (w @ p - 0.3) * w
dc = np.zeros(8)
for j in range(4):
    dc[2 * j + c[2 * j:2 * j + 2].argmax()] = dp[j]
dk = dc @ x
"""

GRU: Final = """
import numpy as np
rng = np.random.default_rng(8)
T, B, D, H = 3, 4, 2, 5
X, y = rng.normal(size=(T, B, D)), rng.normal(size=(B, H))
Wz, Wr, Wn = (rng.normal(size=(D, H)) * 0.4 for _ in range(3))
Uz, Ur, Un = (rng.normal(size=(H, H)) * 0.4 for _ in range(3))
sig = lambda a: 1 / (1 + np.exp(-a))
hs, zs, rs, ns = {-1: np.zeros((B, H))}, {}, {}, {}
for k in range(T):
    zs[k] = sig(X[k] @ Wz + hs[k - 1] @ Uz)
    rs[k] = sig(X[k] @ Wr + hs[k - 1] @ Ur)
    ns[k] = np.tanh(X[k] @ Wn + (rs[k] * hs[k - 1]) @ Un)
    hs[k] = (1 - zs[k]) * ns[k] + zs[k] * hs[k - 1]
loss = ((hs[T - 1] - y) ** 2).mean()
dWz, dWr, dWn = np.zeros_like(Wz), np.zeros_like(Wr), np.zeros_like(Wn)
dUz, dUr, dUn = np.zeros_like(Uz), np.zeros_like(Ur), np.zeros_like(Un)
dh = 2 * (hs[T - 1] - y) / y.size
for k in reversed(range(T)):
    dz = dh * (hs[k - 1] - ns[k])
    dan = dh * (1 - zs[k]) * (1 - ns[k] ** 2)
    drh = dan @ Un.T
    daz = dz * zs[k] * (1 - zs[k])
    dar = drh * hs[k - 1] * rs[k] * (1 - rs[k])
    dWz += X[k].T @ daz
    dWr += X[k].T @ dar
    dWn += X[k].T @ dan
    dUz += hs[k - 1].T @ daz
    dUr += hs[k - 1].T @ dar
    dUn += (rs[k] * hs[k - 1]).T @ dan
    dh = dh * zs[k] + daz @ Uz.T + dar @ Ur.T + drh * rs[k]
"""

SEQUENCE_LAYERS: Final = """
import numpy as np
rng = np.random.default_rng(4)
class Conv:
    def __init__(self, k, i, o):
        self.K = rng.normal(size=(k, i, o)) * 0.3
        self.b = np.zeros(o)
    def forward(self, x):
        self.x = x
        self.T = x.shape[1] - len(self.K) + 1
        out = np.zeros((len(x), self.T, self.K.shape[2]))
        for i in range(len(self.K)):
            out += x[:, i:i + self.T] @ self.K[i]
        return out + self.b
    def backward(self, dout):
        self.dK = np.zeros_like(self.K)
        self.db = dout.sum(axis=(0, 1))
        dx = np.zeros_like(self.x)
        for i in range(len(self.K)):
            self.dK[i] = np.einsum("ntc,nto->co", self.x[:, i:i + self.T], dout)
            dx[:, i:i + self.T] += dout @ self.K[i].T
        return dx
class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y
    def backward(self, dout):
        return dout * (1 - self.y ** 2)
layers = [Conv(3, 2, 4), Tanh(), Conv(2, 4, 5)]
h = rng.normal(size=(6, 8, 2))
t, tokens = rng.normal(size=(6, 5, 5)), (rng.random((6, 5)) > 0.3).astype(float)
for layer in layers:
    h = layer.forward(h)
loss = (tokens * ((h - t) ** 2).sum(axis=2)).sum() / tokens.sum()
dh = 2 * (h - t) * tokens[..., None] / tokens.sum()
for layer in reversed(layers):
    dh = layer.backward(dh)
"""

RIVALS: Final = """
import numpy as np
rng = np.random.default_rng(9)
sigmoid = lambda a: 1 / (1 + np.exp(-a))
G, D = rng.normal(size=(3, 2)), rng.normal(size=(2, 1))
for step in range(2):
    real, z = rng.normal(loc=2.0, size=(6, 2)), rng.normal(size=(6, 3))
    fake = np.tanh(z @ G)
    p_real, p_fake = sigmoid(real @ D), sigmoid(fake @ D)
    d_loss = -np.mean(np.log(p_real) + np.log(1 - p_fake))
    dD = real.T @ (p_real - 1) / 6 + fake.T @ p_fake / 6
    D = D - 0.05 * dD
    p = sigmoid(fake @ D)
    g_loss = -np.mean(np.log(p))
    dfake = (p - 1) @ D.T / 6
    dG = z.T @ (dfake * (1 - fake ** 2))
    G = G - 0.05 * dG
"""

APPENDED: Final = """
import math
import numpy as np
rng = np.random.default_rng(17)
def swish(x):
    return x / (1 + np.exp(-x)) / math.sqrt(2)
def swish_slope(x):
    s = 1 / (1 + np.exp(-x))
    return (s + x * s * (1 - s)) / math.sqrt(2)
x0, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
blocks = [{"A": rng.normal(size=(3, 5)), "B": rng.normal(size=(5, 3))} for _ in range(3)]
x, tape = x0, []
for block in blocks:
    pre = x @ block["A"]
    hid = swish(pre)
    tape.append((x, pre, hid))
    x = x + hid @ block["B"]
loss = ((x - y) ** 2).sum(axis=1).mean()
def back(dx, blocks, tape):
    grads = []
    for block, (x, pre, hid) in zip(reversed(blocks), reversed(tape)):
        dpre = dx @ block["B"].T * swish_slope(pre)
        grads.append({"A": x.T @ dpre, "B": hid.T @ dx})
        dx = dx + dpre @ block["A"].T
    return dx, grads[::-1]
dx0, grads = back(2 * (x - y) / 4, blocks, tape)
"""

GUARDED: Final = """
import numpy as np
rng = np.random.default_rng(8)
def normed(x, gamma):
    mean, scale = x.mean(-1, keepdims=True), 1 / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    hat = (x - mean) * scale
    return gamma * hat, (hat, scale, gamma)
def normed_back(dout, cache):
    hat, scale, gamma = cache
    dgamma = (dout * hat).sum(0)
    dhat = dout * gamma
    dx = scale * (dhat - dhat.mean(-1, keepdims=True) - hat * (dhat * hat).mean(-1, keepdims=True))
    return dx, dgamma
x, t = rng.normal(size=(6, 4)), np.eye(5)[rng.integers(0, 5, 6)]
W, gamma = rng.normal(size=(4, 5)), rng.normal(size=5)
z = x @ W
out, cache = normed(z, gamma)
e = np.exp(out - out.max(axis=1, keepdims=True))
p = e / e.sum(axis=1, keepdims=True)
loss = -np.sum(t * np.log(p + 1e-10)) / len(t)
dout = (p - t) / len(t)
dz, dgamma = normed_back(dout, cache)
dW = x.T @ dz
"""

NUMBERS: Final = """
import math
from math import exp
w, v, first, dt, t = 0.5, -0.3, 0.4, 0.1, 0.7
h = first
dh = math.tanh(w * h)
h -= dt * dh
y = 1 / (1 + exp(-v * h))
loss = -(t * math.log(y) + (1 - t) * math.log(1 - y))
dz = y - t
dv = dz * h
dw = -dt * dz * v * (1 - dh ** 2) * first
"""

BLOCKS: Final = """
import numpy as np
rng = np.random.default_rng(12)
def block(x, p):
    h = np.tanh(x @ p["W"])
    return x + h @ p["V"], (x, h)
def block_backward(dy, p, cache):
    x, h = cache
    g = {"V": h.T @ dy}
    da = (dy @ p["V"].T) * (1 - h ** 2)
    g["W"] = x.T @ da
    return dy + da @ p["W"].T, g
x, t = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
layers = [{"W": rng.normal(size=(3, 4)), "V": rng.normal(size=(4, 3))} for _ in range(3)]
caches = []
for p in layers:
    x, cache = block(x, p)
    caches.append(cache)
loss = ((x - t) ** 2).mean()
dx = 2 * (x - t) / t.size
grads = []
for p, cache in zip(layers[::-1], caches[::-1]):
    dx, g = block_backward(dx, p, cache)
    grads.insert(0, g)
"""

TRIPLET: Final = """
import numpy as np
rng = np.random.default_rng(31)
A, P, N = rng.normal(size=(6, 5)), rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
W = rng.normal(size=(5, 3))
def triplet(W):
    a, p, n = A @ W, P @ W, N @ W
    dp = ((a - p) ** 2).sum(axis=1)
    dn = ((a - n) ** 2).sum(axis=1)
    hinge = np.maximum(dp - dn + 1.0, 0)
    loss = hinge.mean()
    on = (hinge > 0).astype(float)[:, None] / len(hinge)
    grad_W = A.T @ (on * 2 * (n - p)) + P.T @ (on * 2 * (p - a)) + N.T @ (on * 2 * (a - n))
    return loss, grad_W
loss, grad_W = triplet(W)
"""

DROPOUT: Final = """
import random
import numpy as np
random.seed(1)
rng = np.random.default_rng(3)
def forward(x, y, W, V):
    h = np.maximum(x @ W, 0)
    mask = np.array([[float(random.random() < 0.8) for _ in row] for row in h]) / 0.8
    d = h * mask
    out = d @ V
    loss = ((out - y) ** 2).sum() / 2
    return loss, h, mask, d, out
x, y = rng.normal(size=(7, 4)), rng.normal(size=(7, 3))
W, V = rng.normal(size=(4, 5)), rng.normal(size=(5, 3))
loss, h, mask, d, out = forward(x, y, W, V)
dout = out - y
dV = d.T @ dout
dd = dout @ V.T
dh = dd * mask
dW = x.T @ (dh * (h > 0))
"""

ADAM: Final = """
import numpy as np
rng = np.random.default_rng(41)
X, Y = rng.normal(size=(10, 3)), rng.normal(size=(10, 2))
class Adam:
    def __init__(self, params):
        self.params = params
        self.m = {k: np.zeros_like(v) for k, v in params.items()}
    def step(self, grads):
        for k in self.params:
            self.m[k] = 0.9 * self.m[k] + 0.1 * grads[k]
            self.params[k] -= 0.01 * self.m[k] / (np.abs(self.m[k]) + 1e-8)
params = {"W": rng.normal(size=(3, 2)), "b": np.zeros(2)}
def loss_and_grads(p):
    out = X @ p["W"] + p["b"]
    loss = ((out - Y) ** 2).mean()
    dout = 2 * (out - Y) / out.size
    return loss, {"W": X.T @ dout, "b": dout.sum(0)}
opt = Adam(params)
for i in range(3):
    loss, grads = loss_and_grads(params)
    opt.step(grads)
"""

SHARED: Final = """
import numpy as np
rng = np.random.default_rng(77)
def encode(x, P):
    a = np.tanh(x @ P["A"])
    return a @ P["B"], (x, a)
def encode_back(dz, cache, P, G):
    x, a = cache
    G["B"] += a.T @ dz
    da = dz @ P["B"].T
    G["A"] += x.T @ (da * (1 - a * a))
P = {"A": rng.normal(size=(5, 6)), "B": rng.normal(size=(6, 3))}
x1, x2 = rng.normal(size=(7, 5)), rng.normal(size=(7, 5))
u, c1 = encode(x1, P)
v, c2 = encode(x2, P)
loss = ((u - v) ** 2).sum() / 2
G = {k: np.zeros_like(w) for k, w in P.items()}
du = u - v
dv = v - u
encode_back(du, c1, P, G)
encode_back(dv, c2, P, G)
"""

HIGHWAY: Final = """
import numpy as np
rng = np.random.default_rng(12)
def highway(x, Wh, Wt):
    hh = np.tanh(x @ Wh)
    t = 1 / (1 + np.exp(-(x @ Wt)))
    return hh * t + x * (1 - t), (x, hh, t)
def highway_backward(dy, cache, Wh, Wt):
    x, hh, t = cache
    da = dy * t * (1 - hh ** 2)
    ds = dy * (hh - x) * t * (1 - t)
    dx = dy * (1 - t) + da @ Wh.T + ds @ Wt.T
    return dx, x.T @ da, x.T @ ds
x, target = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
Wh1, Wt1, Wh2, Wt2 = (rng.normal(size=(4, 4)) for _ in range(4))
y1, cache1 = highway(x, Wh1, Wt1)
y2, cache2 = highway(y1, Wh2, Wt2)
loss = 0.5 * np.mean(np.sum((y2 - target) ** 2, axis=1))
dy2 = (y2 - target) / len(x)
dy1, dWh2, dWt2 = highway_backward(dy2, cache2, Wh2, Wt2)
dx, dWh1, dWt1 = highway_backward(dy1, cache1, Wh1, Wt1)
"""

MASKED: Final = """
import numpy as np
rng = np.random.default_rng(21)
x, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
W, U = rng.normal(size=(4, 5)), rng.normal(size=(5, 2))
h = np.maximum(0, x @ W)
out = h @ U
loss = ((out - y) ** 2).sum() / 2
dout = out - y
dU = h.T @ dout
dh = dout @ U.T
dh[h <= 0] = 0
dW = x.T @ dh
"""

GATED: Final = """
import numpy as np
rng = np.random.default_rng(2)
xs, y = rng.normal(size=(3, 5, 4)), rng.normal(size=(5, 4))
W, U = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
h = np.zeros((5, 4))
steps = []
for x in xs:
    z = 1 / (1 + np.exp(-(x @ W)))
    n = np.tanh(h @ U + x)
    steps.append((x, h, z, n))
    h = (1 - z) * n + z * h
loss = ((h - y) ** 2).sum() / 2
dh = h - y
dW, dU = np.zeros_like(W), np.zeros_like(U)
for x, h, z, n in reversed(steps):
    dn = dh * (1 - z)
    dz = dh * (h - n)
    da = dn * (1 - n ** 2)
    dU += h.T @ da
    dW += x.T @ (dz * z * (1 - z))
    dh = da @ U.T + dh * z
"""

LAYERS: Final = """
import numpy as np
rng = np.random.default_rng(5)
class Convolution:
    def __init__(self, size, before, after):
        self.K = rng.normal(size=(size, before, after)) * 0.4
    def forward(self, x):
        self.x = x
        size = len(self.K)
        self.length = x.shape[1] - size + 1
        out = np.zeros((len(x), self.length, self.K.shape[2]))
        for at in range(size):
            out += x[:, at:at + self.length] @ self.K[at]
        return out
    def backward(self, dout):
        self.dK = np.zeros_like(self.K)
        dx = np.zeros_like(self.x)
        for at in range(len(self.K)):
            part = slice(at, at + self.length)
            self.dK[at] = np.einsum("ntc,nto->co", self.x[:, part], dout)
            dx[:, part] += dout @ self.K[at].T
        return dx
class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y
    def backward(self, dout):
        return dout * (1 - self.y ** 2)
layers = [Convolution(3, 2, 4), Tanh(), Convolution(2, 4, 5)]
x, t = rng.normal(size=(6, 8, 2)), rng.normal(size=(6, 5, 5))
out = x
for layer in layers:
    out = layer.forward(out)
loss = np.mean((out - t) ** 2)
d = 2 * (out - t) / out.size
for layer in reversed(layers):
    d = layer.backward(d)
"""

STACK: Final = """
import numpy as np
rng = np.random.default_rng(0)
class Linear:
    def __init__(self, before, after):
        self.W, self.b = rng.normal(size=(before, after)) * 0.5, np.zeros(after)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, d):
        self.dW = self.x.T @ d
        self.db = d.sum(axis=0)
        return d @ self.W.T
class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y
    def backward(self, d):
        return d * (1 - self.y ** 2)
layers = [Linear(4, 5), Tanh(), Linear(5, 2)]
out, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
for layer in layers:
    out = layer.forward(out)
loss = np.mean((out - y) ** 2)
d = 2 * (out - y) / y.size
for layer in reversed(layers):
    d = layer.backward(d)
"""

TABLES: Final = """
import numpy as np
rng = np.random.default_rng(21)
class Attention:
    def __init__(self, size):
        self.p = {name: rng.normal(size=(size, size)) * 0.4 for name in ("q", "k")}
        self.g = {}
    def forward(self, x):
        self.x = x
        self.q, self.k = x @ self.p["q"], x @ self.p["k"]
        return self.q @ self.k.T / np.sqrt(len(self.k))
    def backward(self, ds):
        ds = ds / np.sqrt(len(self.k))
        dq = ds @ self.k
        dk = ds.T @ self.q
        self.g["q"] = self.x.T @ dq
        self.g["k"] = self.x.T @ dk
net = Attention(3)
x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 5))
s = net.forward(x)
loss = np.mean((s - y) ** 2)
net.backward(2 * (s - y) / y.size)
"""

CHANNELS: Final = """
import numpy as np
rng = np.random.default_rng(6)
x, y = rng.normal(size=(3, 4, 5, 2)), rng.normal(size=(3, 4, 5, 2))
w = rng.normal(size=4)
V, U = rng.normal(size=(4, 6)), rng.normal(size=(6, 4))
n, c, height, width = x.shape
q = x * w[:, None, None]
m = q.mean(axis=(2, 3))
z = m @ V
a = np.where(z > 0, z, 0.1 * z)
s = a @ U
scale = np.exp(s)
out = q / scale[:, :, None, None]
loss = ((out - y) ** 2).sum() / n
dout = 2 * (out - y) / n
ds = -(dout * q).sum(axis=(2, 3)) / scale
dU = a.T @ ds
dz = (ds @ U.T) * np.where(z > 0, 1, 0.1)
dV = m.T @ dz
dm = dz @ V.T
dq = dout / scale[:, :, None, None] + dm[:, :, None, None] / (height * width)
dw = (dq * x).sum(axis=(0, 2, 3))
"""

KEPT: Final = """
import numpy as np
from dataclasses import dataclass, field
from types import SimpleNamespace
rng = np.random.default_rng(3)
@dataclass
class Block:
    size: int
    p: dict = field(default_factory=dict)
    kept: list = field(default_factory=list)
    def __post_init__(self):
        for name in "W U".split():
            self.p[name] = rng.normal(size=(self.size, self.size)) * 0.4
    def forward(self, x):
        a, b = np.tanh(x @ self.p["W"]), x @ self.p["U"]
        self.kept.append(SimpleNamespace(x=x, a=a, b=b))
        return x + a * b
    def backward(self, dy):
        s = self.kept.pop()
        da = dy * s.b
        db = dy * s.a
        dz = da * (1 - s.a ** 2)
        g = {"W": s.x.T @ dz, "U": s.x.T @ db}
        dx = dy + dz @ self.p["W"].T + db @ self.p["U"].T
        return dx, g
blocks = [Block(4), Block(4)]
X, y = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
h = X
for block in blocks:
    h = block.forward(h)
loss = ((h - y) ** 2).sum().item() / 2
dh = h - y
for block in blocks[::-1]:
    dh, g = block.backward(dh)
    for name in g:
        block.p[name] = block.p[name] - 0.1 * g[name]
"""

HEUN: Final = """
import numpy as np
def field(z, A, B):
    return np.tanh(z @ A) @ B
def step(z, A, B, dt):
    k1 = field(z, A, B)
    mid = z + dt * k1
    k2 = field(mid, A, B)
    return z + dt / 2 * (k1 + k2), (z, mid)
def field_back(z, A, B, dk):
    t = np.tanh(z @ A)
    dB = t.T @ dk
    dpre = dk @ B.T * (1 - t * t)
    dA = z.T @ dpre
    return dpre @ A.T, dA, dB
def step_back(dnew, cache, A, B, dt):
    z, mid = cache
    dk2 = dt / 2 * dnew
    dmid, dA2, dB2 = field_back(mid, A, B, dk2)
    dk1 = dt / 2 * dnew + dt * dmid
    dz, dA1, dB1 = field_back(z, A, B, dk1)
    return dnew + dmid + dz, dA1 + dA2, dB1 + dB2
rng = np.random.default_rng(41)
z0, goal = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
A, B = rng.normal(size=(2, 6)) * 0.5, rng.normal(size=(6, 2)) * 0.5
dt = 0.25
for it in range(3):
    z, caches = z0, []
    for _ in range(3):
        z, c = step(z, A, B, dt)
        caches.append(c)
    loss = 0.5 * np.mean(np.sum((z - goal) ** 2, axis=1))
    dz = (z - goal) / len(goal)
    dA, dB = np.zeros_like(A), np.zeros_like(B)
    for c in caches[::-1]:
        dz, gA, gB = step_back(dz, c, A, B, dt)
        dA += gA
        dB += gB
    A -= 0.3 * dA
    B -= 0.3 * dB
"""

WAYS: Final = """
import numpy as np
rng = np.random.default_rng(7)
class Gated:
    def __init__(self):
        self.W, self.U = rng.normal(size=(5, 5)) * 0.4, rng.normal(size=(5, 5)) * 0.4
    def forward(self, x):
        self.x, self.a, self.b = x, np.tanh(x @ self.W), x @ self.U
        return x + self.a * self.b
    def backward(self, dy):
        dz = dy * self.b * (1 - self.a ** 2)
        db = dy * self.a
        self.dW = self.x.T @ dz
        self.dU = self.x.T @ db
        return dy + dz @ self.W.T + db @ self.U.T
layers = [Gated(), Gated()]
X, y = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
h = X
for layer in layers:
    h = layer.forward(h)
loss = ((h - y) ** 2).sum() / 2
d = h - y
for layer in layers[::-1]:
    d = layer.backward(d)
"""

STEPS: Final = """
import numpy as np
rng = np.random.default_rng(0)
B, T, D = 3, 4, 5
x, y = rng.normal(size=(B, T, D)), rng.normal(size=(B, T, D))
W = rng.normal(size=(D, D)) * 0.4
q = np.tanh(x @ W)
r = q - x
out = q @ W + np.sin(r @ W)
loss = ((out - y) ** 2).sum() / 2
dout = out - y
dz = dout * np.cos(r @ W)
dr = dz @ W.T
dq = dout @ W.T + dz @ W.T
da = dq * (1 - q ** 2)
dW = np.einsum("bti,btj->ij", x, da) + np.einsum("bti,btj->ij", r, dz)
dW = dW + np.einsum("bti,btj->ij", q, dout)
"""

NORMAL: Final = """
import numpy as np
rng = np.random.default_rng(2)
x, y = rng.normal(size=(9, 2)), rng.normal(size=(9, 3))
M, S = rng.normal(size=(2, 3)) * 0.4, rng.normal(size=(2, 3)) * 0.4
n = len(x)
mu, s = x @ M, x @ S
q = (y - mu) / np.exp(s)
loss = (0.5 * q ** 2 + s).sum() / n
dmu = -q * np.exp(-s) / n
ds = (1 - q ** 2) / n
dM, dS = x.T @ dmu, x.T @ ds
"""

TIED: Final = """
import numpy as np
rng = np.random.default_rng(4)
x = rng.normal(size=(8, 6))
W = rng.normal(size=(6, 4)) * 0.3
z = x @ W
code = np.where(z > 0, z, np.exp(z) - 1)
r = code @ W.T - x
loss = (r * r).sum() / len(x)
dr = 2 * r / len(x)
dcode = dr @ W
dz = dcode * np.where(z > 0, 1, code + 1)
dW = x.T @ dz + dr.T @ code
"""

DUELLING: Final = """
import numpy as np
rng = np.random.default_rng(66)
n, gamma = 9, 0.95
S, S2 = rng.normal(size=(n, 4)), rng.normal(size=(n, 4))
action, reward = rng.integers(0, 3, n), rng.normal(size=n)
W, V, U = rng.normal(size=(4, 6)), rng.normal(size=(6, 1)), rng.normal(size=(6, 3))
tW, tV, tU = W.copy(), V.copy(), U.copy()
def values(S, W, V, U):
    h = np.tanh(S @ W)
    scores = h @ U
    return h @ V + scores - scores.mean(axis=1, keepdims=True), h
target = reward + gamma * values(S2, tW, tV, tU)[0].max(axis=1)
Q, h = values(S, W, V, U)
error = Q[np.arange(n), action] - target
loss = 0.5 * (error ** 2).mean()
dQ = np.zeros_like(Q)
dQ[np.arange(n), action] = error / n
dV = h.T @ dQ.sum(axis=1, keepdims=True)
centred = dQ - dQ.mean(axis=1, keepdims=True)
dU = h.T @ centred
dh = dQ.sum(axis=1, keepdims=True) @ V.T + centred @ U.T
dW = S.T @ (dh * (1 - h ** 2))
"""

SHARES: Final = """
import numpy as np
rng = np.random.default_rng(9)
x, y = rng.normal(size=(6, 5, 3)), rng.normal(size=(6, 4))
W = rng.normal(size=(3, 4)) * 0.4
s = np.exp(x @ W)
t = s.sum(axis=1)
share = s[:, 0] / t
loss = ((share - y) ** 2).sum() / 2
dshare = share - y
dt = -dshare * s[:, 0] / t ** 2
ds = np.zeros_like(s)
ds[:, 0] = dshare / t
ds = ds + dt[:, None]
dz = ds * s
dW = np.einsum("bti,btj->ij", x, dz)
"""

LSTM_STEPS: Final = """
import numpy as np
sig = lambda a: 1 / (1 + np.exp(-a))
def forward(xs, h, c, W, b):
    H, caches, hs = len(h), [], []
    for x in xs:
        z = W @ np.concatenate([h, x]) + b
        i, f, o, g = sig(z[:H]), sig(z[H:2 * H]), sig(z[2 * H:3 * H]), np.tanh(z[3 * H:])
        c_prev, h_prev = c, h
        c = f * c_prev + i * g
        h = o * np.tanh(c)
        caches.append((x, h_prev, c_prev, i, f, o, g, c))
        hs.append(h)
    return hs, caches
def backward(dhs, caches, W):
    H = len(dhs[0])
    dW, db = np.zeros_like(W), np.zeros(4 * H)
    dh_next, dc_next = np.zeros(H), np.zeros(H)
    for dh_t, cache in zip(reversed(dhs), reversed(caches)):
        x, h_prev, c_prev, i, f, o, g, c = cache
        dh = dh_t + dh_next
        tc = np.tanh(c)
        do = dh * tc
        dc = dc_next + dh * o * (1 - tc ** 2)
        di, df, dg = dc * g, dc * c_prev, dc * i
        gates = [di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)]
        dz = np.concatenate(gates)
        dW += np.outer(dz, np.concatenate([h_prev, x]))
        db += dz
        dh_next, dc_next = (W.T @ dz)[:H], dc * f
    return dW, db
rng = np.random.default_rng(0)
T, D, H = 3, 2, 4
xs = [rng.normal(size=D) for _ in range(T)]
ts = [rng.normal(size=H) for _ in range(T)]
W, b = rng.normal(size=(4 * H, H + D)) * 0.3, np.zeros(4 * H)
hs, caches = forward(xs, np.zeros(H), np.zeros(H), W, b)
loss = sum(0.5 * np.sum((h - t) ** 2) for h, t in zip(hs, ts))
dhs = [h - t for h, t in zip(hs, ts)]
dW, db = backward(dhs, caches, W)
"""

FILLED: Final = """
import numpy as np
rng = np.random.default_rng(4)
def conv(x, w):
    n, h, v = x.shape
    out = np.zeros((n, h - 2, v - 2))
    for k in range(n):
        for i in range(h - 2):
            for j in range(v - 2):
                out[k, i, j] = np.sum(x[k, i:i + 3, j:j + 3] * w)
    return out
x, w = rng.normal(size=(3, 7, 6)), rng.normal(size=(3, 3))
out = conv(x, w)
loss = 0.5 * (out ** 2).sum()
dout = out
dw = np.zeros_like(w)
for k in range(3):
    for i in range(5):
        for j in range(4):
            dw += dout[k, i, j] * x[k, i:i + 3, j:j + 3]
"""

NAMED_ITEMS: Final = """
from collections import namedtuple
from dataclasses import dataclass, field
from typing import NamedTuple
import numpy as np
Output = namedtuple("Output", "h z")
class Cache(NamedTuple):
    x: np.ndarray
    out: Output
@dataclass
class Layer:
    W: np.ndarray
    b: object = None
    grads: dict = field(default_factory=dict)
    scale: float = 2.0
    def __post_init__(self):
        self.b = np.zeros(self.W.shape[1])
    def forward(self, x):
        z = x @ self.W + self.b
        out = Output(np.tanh(z), z)
        return out.h, Cache(x, out)
    def backward(self, dh, cache):
        dz = dh * (1 - cache.out.h ** 2)
        self.grads["W"] = cache.x.T @ dz
        self.grads["b"] = dz.sum(axis=0)
rng = np.random.default_rng(0)
layer = Layer(rng.normal(size=(3, 4)))
x, t = rng.normal(size=(5, 3)), rng.standard_t(3, size=(5, 4))
h, cache = layer.forward(x)
loss = layer.scale * ((h - t) ** 2).sum()
dh = 2 * layer.scale * (h - t)
layer.backward(dh, cache)
"""

NAMELESS: Final = """
import numpy as np
rng = np.random.RandomState(4)
X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
V, W = rng.uniform(size=(2, 2)), rng.uniform(size=(2, 1))
sig = lambda a: 1 / (1 + np.exp(-a))
slope = lambda a: a * (1 - a)
for _ in range(3):
    hidden = sig(X @ V)
    predicted = sig(hidden @ W)
    error = y - predicted
    loss = 0.5 * np.sum(error ** 2)
    d_predicted = error * slope(predicted)
    d_hidden = d_predicted @ W.T * slope(hidden)
    W += 0.5 * hidden.T @ d_predicted
    V += 0.5 * X.T @ d_hidden
"""

STEPS_IN_ARRAYS: Final = """
import numpy as np
class RNN:
    def __init__(self, D, H, rng):
        self.Wx, self.Wh = rng.normal(size=(D, H)) * 0.5, rng.normal(size=(H, H)) * 0.5
    def forward(self, x, h0):
        N, T, D = x.shape
        self.x, self.h = x, np.zeros((N, T + 1, h0.shape[1]))
        self.h[:, 0] = h0
        for t in range(T):
            self.h[:, t + 1] = np.tanh(x[:, t] @ self.Wx + self.h[:, t] @ self.Wh)
        return self.h[:, 1:]
    def backward(self, dout):
        N, T, H = dout.shape
        self.dWx, self.dWh = np.zeros_like(self.Wx), np.zeros_like(self.Wh)
        dh = np.zeros((N, H))
        for t in reversed(range(T)):
            dh = dh + dout[:, t]
            dz = dh * (1 - self.h[:, t + 1] ** 2)
            self.dWx += self.x[:, t].T @ dz
            self.dWh += self.h[:, t].T @ dz
            dh = dz @ self.Wh.T
        return dh
rng = np.random.default_rng(7)
x, target = rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 4, 5))
rnn = RNN(2, 5, rng)
h = rnn.forward(x, np.zeros((3, 5)))
loss = np.mean((h - target) ** 2)
dh0 = rnn.backward(2 * (h - target) / h.size)
"""

CELL: Final = """
import numpy as np
rng = np.random.default_rng(7)
T, D, H = 4, 3, 5
xs, goal = rng.normal(size=(T, D)), rng.normal(size=(T, H))
U, W = rng.normal(size=(H, D)) * 0.5, rng.normal(size=(H, H)) * 0.5
h0 = np.zeros(H)
def cell(x, before):
    return np.tanh(U @ x + W @ before)
def cell_back(dh, h, x, before):
    da = dh * (1 - h ** 2)
    gU = np.outer(da, x)
    gW = np.outer(da, before)
    return gU, gW, W.T @ da
def run():
    hs, loss = [h0], 0.0
    for t in range(T):
        h = cell(xs[t], hs[-1])
        hs.append(h)
        loss = loss + 0.5 * np.sum((h - goal[t]) ** 2)
    return loss, hs
def back(hs):
    gU, gW = np.zeros_like(U), np.zeros_like(W)
    dh = np.zeros(H)
    for t in range(T - 1, -1, -1):
        u, w, dh = cell_back(hs[t + 1] - goal[t] + dh, hs[t + 1], xs[t], hs[t])
        gU += u
        gW += w
    return gU, gW
loss, hs = run()
gU, gW = back(hs)
U -= 0.01 * gU
W -= 0.01 * gW
"""

RESET: Final = """
import numpy as np
class Memory:
    def __init__(self, rng):
        self.p = {"W": rng.normal(size=(9, 2)) * 0.4, "U": rng.normal(size=(9, 3)) * 0.4}
    def reset(self, batch):
        self.h, self.c, self.tape = np.zeros((3, batch)), np.zeros((3, batch)), []
    def step(self, x):
        i, f, g = np.split(self.p["W"] @ x + self.p["U"] @ self.h, 3, axis=0)
        i, f, g = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), np.tanh(g)
        c = f * self.c + i * g
        self.tape.append((x, self.h, self.c, i, f, g, c))
        self.h, self.c = np.tanh(c), c
        return self.h
    def back(self, dh):
        self.g = {k: np.zeros_like(v) for k, v in self.p.items()}
        dc = np.zeros_like(dh)
        while self.tape:
            x, h, c_before, i, f, g, c = self.tape.pop()
            dc = dc + dh * (1 - np.tanh(c) ** 2)
            df, di, dg = dc * c_before, dc * g, dc * i
            da = np.vstack([di * i * (1 - i), df * f * (1 - f), dg * (1 - g * g)])
            self.g["W"] += da @ x.T
            self.g["U"] += da @ h.T
            dh = self.p["U"].T @ da
            dc = dc * f
rng = np.random.default_rng(0)
seq, goal = rng.normal(size=(4, 2, 5)), rng.normal(size=(3, 5))
net = Memory(rng)
net.reset(5)
for x in seq:
    h = net.step(x)
loss = ((h - goal) ** 2).sum() / 5
net.back(2 * (h - goal) / 5)
"""

UNITS: Final = """
import numpy as np
w, v = np.array([0.4, -0.7]), np.array([0.5, 1.5])
xs, ys = np.array([0.3, -1.2, 0.8]), np.array([1.0, 0.0, 1.0])
def predict(x):
    hidden = np.array([np.tanh(w[0] * x), np.tanh(w[1] * x)])
    return hidden, hidden @ v
def loss_and_grads():
    loss = 0.0
    dw, dv = np.zeros(2), np.zeros(2)
    for x, y in zip(xs, ys):
        hidden, out = predict(x)
        loss = loss + (out - y) ** 2
        dout = 2 * (out - y)
        dv += dout * hidden
        dw += dout * v * (1 - hidden ** 2) * x
    return loss, dw, dv
loss, dw, dv = loss_and_grads()
"""

VELOCITY: Final = """
import numpy as np
class Net:
    def __init__(self, rng):
        self.p = {"W": rng.normal(size=(3, 4)), "V": rng.normal(size=(4, 2))}
        self.v = {k: np.zeros_like(each) for k, each in self.p.items()}
        self.grads = {}
    def forward(self, X):
        self.X = X
        self.h = np.tanh(X @ self.p["W"])
        return self.h @ self.p["V"]
    def loss(self, out, Y):
        self.diff = out - Y
        return np.mean(np.sum(self.diff ** 2, axis=1))
    def backward(self):
        delta = 2 * self.diff / len(self.X)
        self.grads["V"] = self.h.T @ delta
        self.grads["W"] = self.X.T @ (delta @ self.p["V"].T * (1 - self.h ** 2))
    def step(self, lr, mu):
        for k in self.p:
            self.v[k] = mu * self.v[k] - lr * self.grads[k]
            self.p[k] += self.v[k]
rng = np.random.default_rng(1)
X, Y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
net = Net(rng)
for i in range(3):
    out = net.forward(X)
    loss = net.loss(out, Y)
    net.backward()
    net.step(0.05, 0.9)
"""

SCALED: Final = """
import numpy as np
rng = np.random.default_rng(2)
X, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
W, V = rng.normal(size=(4, 8)), rng.normal(size=(8, 2))
keep = 0.75
mask = rng.random((6, 8)) < keep
z = X @ W
h = np.maximum(z, 0) * mask
h /= keep
loss = np.sum((h @ V - y) ** 2) / len(X)
dout = 2 * (h @ V - y) / len(X)
dV = h.T @ dout
dh = dout @ V.T * mask
dh /= keep
dz = dh * (z > 0)
dW = X.T @ dz
V -= 0.1 * dV
W -= 0.1 * dW
"""

TWO_TABLES: Final = """
import numpy as np
rng = np.random.default_rng(52)
x, t = rng.normal(size=(2, 10)), rng.normal(size=(3, 10))
W = {"h": rng.normal(size=(4, 2)), "o": rng.normal(size=(3, 4))}
b = {"h": np.zeros((4, 1)), "o": np.zeros((3, 1))}
hidden = np.tanh(W["h"] @ x + b["h"])
out = W["o"] @ hidden + b["o"]
cost = ((out - t) ** 2).sum() / (2 * x.shape[1])
delta_o = (out - t) / x.shape[1]
delta_h = (1 - hidden ** 2) * (W["o"].T @ delta_o)
dW = {"o": delta_o @ hidden.T, "h": delta_h @ x.T}
db = {"o": delta_o.sum(1, keepdims=True)}
db.update({"h": delta_h.sum(1, keepdims=True)})
for k in W:
    W[k] -= 0.1 * dW[k]
    b[k] -= 0.1 * db[k]
"""

WORDS: Final = """
import numpy as np
rng = np.random.default_rng(55)
words = [1, 4, 2, 4, 5]
E, Wx = rng.normal(size=(6, 3)), rng.normal(size=(3, 4)) * 0.6
Wh, V = rng.normal(size=(4, 4)) * 0.6, rng.normal(size=(4, 6)) * 0.6
hs, ps, loss = [np.zeros(4)], [], 0
for t in range(len(words) - 1):
    hs.append(np.tanh(E[words[t]] @ Wx + hs[t] @ Wh))
    p = np.exp(hs[t + 1] @ V)
    p = p / p.sum()
    ps.append(p)
    loss -= np.log(p[words[t + 1]])
dE, dWx, dWh, dV = np.zeros_like(E), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(V)
dh_next = np.zeros(4)
for t in range(len(words) - 2, -1, -1):
    dz = ps[t].copy()
    dz[words[t + 1]] -= 1
    dV += np.outer(hs[t + 1], dz)
    da = (1 - hs[t + 1] ** 2) * (V @ dz + dh_next)
    dWh += np.outer(hs[t], da)
    dWx += np.outer(E[words[t]], da)
    dE[words[t]] += Wx @ da
    dh_next = Wh @ da
"""

WHOLE_STARTS: Final = """
import numpy as np
weights, bias = [0, 0], 0
def predict(x):
    return 1 / (1 + np.exp(-(weights[0] * x[0] + weights[1] * x[1] + bias)))
for x, y in [([1, 0.5], 1), ([0.3, 1], 0)]:
    p = predict(x)
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    d_weights = [(p - y) * x[0], (p - y) * x[1]]
    d_bias = p - y
    for i in range(2):
        weights[i] -= 0.5 * d_weights[i]
    bias -= 0.5 * d_bias
"""

SLOTS: Final = """
import numpy as np
class Layer:
    __slots__ = ("W", "dW", "x")
    def __init__(self, W):
        self.W = W
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, d):
        self.dW = self.x.T @ d
rng = np.random.default_rng(0)
X, t = rng.normal(size=(5, 3)), rng.normal(size=5)
layer = Layer(rng.normal(size=3))
pred = layer.forward(X)
loss = np.mean((pred - t) ** 2)
dpred = 2 * (pred - t) / 5
layer.backward(dpred)
"""

TWO_LOSSES: Final = """
import numpy as np
rng = np.random.default_rng(0)
real, z = rng.normal(2, 0.5, (6, 1)), rng.normal(size=(6, 2))
G, D, c = rng.normal(size=(2, 1)), rng.normal(size=(1, 1)), np.zeros(1)
sigmoid = lambda a: 1 / (1 + np.exp(-a))
for _ in range(2):
    fake = z @ G
    true, lies = real @ D + c, fake @ D + c
    d_loss = -np.mean(np.log(sigmoid(true))) - np.mean(np.log(1 - sigmoid(lies)))
    dtrue, dlies = (sigmoid(true) - 1) / 6, sigmoid(lies) / 6
    dD, dc = real.T @ dtrue + fake.T @ dlies, (dtrue + dlies).sum(0)
    D -= 0.1 * dD
    c = c - 0.1 * dc
    lies = fake @ D + c
    g_loss = -np.mean(np.log(sigmoid(lies)))
    dlies = (sigmoid(lies) - 1) / 6
    dG = z.T @ (dlies @ D.T)
    G -= 0.1 * dG
"""

LOSS_WITH_GRADIENT: Final = """
import numpy as np
rng = np.random.default_rng(4)
X, y = rng.normal(size=(6, 4)), np.array([0, 2, 1, 1, 0, 2])
W, V = rng.normal(size=(4, 5)), rng.normal(size=(5, 3))
def softmax_loss(scores):
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(6), y]).mean()
    dscores = p.copy()
    dscores[np.arange(6), y] -= 1
    return loss, dscores / 6
h = np.tanh(X @ W)
scores = h @ V
loss, dscores = softmax_loss(scores)
dV = h.T @ dscores
da = dscores @ V.T * (1 - h ** 2)
dW = X.T @ da
"""

HELD_TARGETS: Final = """
import numpy as np
rng = np.random.default_rng(2)
S, G, act = rng.normal(size=(5, 3)), rng.normal(size=5), np.array([0, 1, 1, 0, 1])
W, P, v = rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), rng.normal(size=4)
h = np.tanh(S @ W)
z = h @ P
p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
value = h @ v
advantage = G - value
loss = -np.mean(np.log(p[np.arange(5), act]) * advantage) + np.mean((G - value) ** 2) / 2
dz = p.copy()
dz[np.arange(5), act] -= 1
dz *= advantage[:, None] / 5
dvalue = (value - G) / 5
dP, dv = h.T @ dz, h.T @ dvalue
dh = dz @ P.T + np.outer(dvalue, v)
da = dh * (1 - h ** 2)
dW = S.T @ da
"""

GENERATORS: Final = """
import numpy as np
rng = np.random.default_rng(6)
class Layer:
    def __init__(self, n, m):
        self.W = rng.normal(size=(n, m))
    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.W)
        return self.h
    def backward(self, dh):
        dz = dh * (1 - self.h ** 2)
        self.dW = self.x.T @ dz
        return dz @ self.W.T
class Net:
    def __init__(self):
        self.layers = [Layer(3, 4), Layer(4, 2)]
    def parts(self):
        for value in vars(self).values():
            if isinstance(value, list):
                yield from value
net = Net()
X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
for _ in range(2):
    out = X
    for layer in net.parts():
        out = layer.forward(out)
    loss = np.sum((out - Y) ** 2) / 2
    grad = out - Y
    for layer in reversed(list(net.parts())):
        grad = layer.backward(grad)
    for layer in net.parts():
        layer.W -= 0.1 * layer.dW
"""

LOSS_IN_BACKWARD: Final = """
import numpy as np
rng = np.random.default_rng(0)
class Net:
    def __init__(self):
        self.W1, self.b1 = rng.normal(size=(3, 4)), np.zeros(4)
        self.W2 = rng.normal(size=(4, 2))
    def forward(self, x):
        self.x = x
        self.z1 = x @ self.W1 + self.b1
        self.a1 = np.tanh(self.z1)
        self.z2 = self.a1 @ self.W2
    def backward(self, y):
        error = self.z2 - y
        loss = (error ** 2).mean()
        self.dz2 = 2 * error / error.size
        self.dW2 = self.a1.T @ self.dz2
        self.dz1 = self.dz2 @ self.W2.T * (1 - self.a1 ** 2)
        self.dW1 = self.x.T @ self.dz1
        self.db1 = self.dz1.sum(axis=0)
        return loss
    def step(self, rate):
        for name in ("W1", "b1", "W2"):
            setattr(self, name, getattr(self, name) - rate * getattr(self, "d" + name))
x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
net = Net()
for epoch in range(3):
    net.forward(x)
    loss = net.backward(y)
    net.step(0.1)
"""

KEPT_LOSS: Final = """
import numpy as np
rng = np.random.default_rng(2)
def forward(params, x):
    a1 = np.maximum(0, x @ params["W1"] + params["b1"])
    e = np.exp(a1 @ params["W2"])
    return e / e.sum(axis=1, keepdims=True), {"x": x, "a1": a1}
def compute_loss(probs, labels):
    return -np.log(probs[np.arange(len(labels)), labels]).mean()
def backward(params, cache, probs, labels):
    dz2 = probs.copy()
    dz2[np.arange(len(labels)), labels] -= 1
    dz2 /= len(labels)
    dz1 = dz2 @ params["W2"].T * (cache["a1"] > 0)
    return {"W2": cache["a1"].T @ dz2, "W1": cache["x"].T @ dz1, "b1": dz1.sum(axis=0)}
params = {"W1": rng.normal(size=(4, 6)), "b1": np.zeros(6), "W2": rng.normal(size=(6, 3))}
x, labels = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
history = []
for epoch in range(3):
    probs, cache = forward(params, x)
    history.append(compute_loss(probs, labels))
    grads = backward(params, cache, probs, labels)
    for key in params:
        params[key] -= 0.1 * grads[key]
"""

ONE_FUNCTION_FOR_BOTH: Final = """
import numpy as np
rng = np.random.default_rng(0)
U, W, V = rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), rng.normal(size=(3, 4))
def run(inputs, targets, start):
    hs, ps, loss = {-1: np.copy(start)}, {}, 0
    for t in range(len(inputs)):
        hs[t] = np.tanh(U[:, [inputs[t]]] + W @ hs[t - 1])
        e = np.exp(V @ hs[t])
        ps[t] = e / e.sum()
        loss += -np.log(ps[t][targets[t], 0])
    dW, dV = np.zeros_like(W), np.zeros_like(V)
    following = np.zeros_like(start)
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dV += dy @ hs[t].T
        raw = (1 - hs[t] * hs[t]) * (V.T @ dy + following)
        dW += raw @ hs[t - 1].T
        following = W.T @ raw
    return loss, dW, dV, hs[len(inputs) - 1]
h = np.zeros((4, 1))
for step in range(3):
    loss, dW, dV, h = run([0, 1, 2], [1, 2, 0], h)
    for parameter, gradient in zip([W, V], [dW, dV]):
        parameter -= 0.1 * gradient
"""

EDGE: Final = """
import numpy as np
rng = np.random.default_rng(1)
x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
x[1] = 0
W = rng.normal(size=(3, 2))
b = np.zeros(2)
z = x @ W + b
h = np.maximum(0, z)
loss = np.square(h - y).sum()
dh = 2 * (h - y)
dz = dh * (z > 0)
dW = x.T @ dz
db = dz.sum(axis=0)
"""

PASSES: Final = {
    "a forward pass before the method that gives the loss": Pass(
        LOSS_IN_BACKWARD, "(1 - self.a1 ** 2)", "(1 - self.z1 ** 2)"
    ),
    "a loss that only a list is given": Pass(
        KEPT_LOSS, "dz1.sum(axis=0)", "dz1.mean(axis=0)"
    ),
    "a function for both ways, whose state goes on": Pass(
        ONE_FUNCTION_FOR_BOTH, "raw @ hs[t - 1].T", "raw @ hs[t].T"
    ),
    "a loss whose function gives the first gradient too": Pass(
        LOSS_WITH_GRADIENT, "(1 - h ** 2)", "(1 - h)"
    ),
    "the first gradient, in the function of the loss": Pass(
        LOSS_WITH_GRADIENT, "dscores[np.arange(6), y] -= 1", "dscores[np.arange(6), y] += 1"
    ),
    "an advantage through which nothing flows": Pass(
        HELD_TARGETS, "(1 - h ** 2)", "(1 - h)"
    ),
    "layers that a generator gives": Pass(
        GENERATORS, "(1 - self.h ** 2)", "(1 - self.h)"
    ),
    "a second loss after a step along the gradients of another": Pass(
        TWO_LOSSES, "z.T @ (dlies @ D.T)", "-z.T @ (dlies @ D.T)"
    ),
    "parameters that start as whole numbers": Pass(
        WHOLE_STARTS, "d_bias = p - y", "d_bias = y - p"
    ),
    "rows, of which one is read and changed": Pass(
        ROWS, "-2 * e * U[u]", "-e * U[u]", "-e * U[u] * 2"
    ),
    "a step uphill along the gradient of a row": Pass(ROWS, "V[i] -= 0.05", "V[i] += 0.05"),
    "rows that are looked up, twice": Pass(LOOKUP, "(w + 2 * E", "(w + E", "E[words] * 2"),
    "the place of the largest": Pass(POOLING, ".argmax()", ".argmin()"),
    "attributes in slots": Pass(SLOTS, "self.x.T @ d", "-self.x.T @ d"),
    "a part of a gradient to which a loop adds the rest": Pass(
        LSTM_STEPS,
        "dc = dc_next + dh * o * (1 - tc ** 2)",
        "dc = dh * o * (1 - tc ** 2)",
        "dc = dh * o * (1 - tc ** 2) + dc_next",
    ),
    "an array of many entries that loops fill": Pass(FILLED, "dw += dout", "dw = dout"),
    "tuples whose items have names": Pass(
        NAMED_ITEMS, "(1 - cache.out.h ** 2)", "(1 - cache.out.h)"
    ),
    "a gradient of one time of a whole array": Pass(STEPS_IN_ARRAYS, "self.Wh.T", "self.Wh"),
    "a window that does not move": Pass(
        CONVOLUTION, "dk += x[:, i:i + len(k)].T", "dk += x[:, :len(k)].T"
    ),
    "a term that is the same in all entries": Pass(
        NORMAL, "(1 - q ** 2) / n", "-q ** 2 / n", "-q ** 2 / n + 1 / n"
    ),
    "the square of a divisor": Pass(SHARES, "s[:, 0] / t ** 2", "s[:, 0] / t"),
    "a table of gradients beside attributes of the same names": Pass(
        TABLES, "dk = ds.T @ self.q", "dk = ds @ self.q"
    ),
    "an array that a method fills": Pass(
        LAYERS, "self.x[:, part], dout)", "self.x[:, part], dout) * 3",
        "self.dK[at] = np.einsum('ntc,nto->co', self.x[:, part], dout)",
    ),
    "an array that a function fills": Pass(
        CONVOLUTION, "dout = dact * (1 - act ** 2)", "dout = dact * (1 - act)",
        "dout = dact * (1 - act ** 2)",
    ),
    "astype(float), and distances called dp and dn": Pass(
        TRIPLET, "+ N.T @ (on * 2 * (a - n))", "- N.T @ (on * 2 * (a - n))",
    ),
    "a mask that Python's own generator draws": Pass(DROPOUT, "dh = dd * mask", "dh = dd * d"),
    "an optimizer that is a class": Pass(
        ADAM, "self.params[k] -= 0.01", "self.params[k] += 0.01"
    ),
    "a gradient that the second call replaces": Pass(
        SHARED, 'G["B"] += a.T @ dz', 'G["B"] = a.T @ dz', "G['B'] += a.T @ dz"
    ),
    "a local name that is one of the data too": Pass(
        HIGHWAY, "(hh - x) * t * (1 - t)", "(hh - x) * (1 - t ** 2)", "(hh - x) * (t * (1 - t))"
    ),
    "the index of what is changed": Pass(MASKED, "dh[h <= 0] = 0", "dh[dh <= 0] = 0"),
    "a term that is a product": Pass(
        GATED, "dh = da @ U.T + dh * z", "dh = da @ U.T", "dh = da @ U.T + z * dh"
    ),
    "a gate turned round": Pass(GRU, "(hs[k - 1] - ns[k])", "(ns[k] - hs[k - 1])"),
    "a gate that a state forgets": Pass(
        GRU, "dar @ Ur.T + drh * rs[k]", "dar @ Ur.T + drh", repaired="dar @ Ur.T + rs[k] * drh"
    ),
    "a layer that replaces entries": Pass(
        SEQUENCE_LAYERS, "dx[:, i:i + self.T] += dout", "dx[:, i:i + self.T] = dout"
    ),
    "what a block hands on beside right gradients": Pass(
        BLOCKS, "return dy + da @", "return da @", repaired="(da @ p['W'].T + dy, g)"
    ),
    "a mask of tokens": Pass(
        SEQUENCE_LAYERS,
        "dh = 2 * (h - t) * tokens[..., None] / tokens.sum()",
        "dh = 2 * (h - t) / tokens.sum()",
        repaired="/ tokens.sum() * tokens[..., None]",
    ),
    "the number of entries of two axes": Pass(
        CHANNELS, " / (height * width)", "", "/ (dout.shape[2] * dout.shape[3])"
    ),
    "a factor that is an exponential": Pass(
        NORMAL, "-q * np.exp(-s) / n", "-q / n", repaired="-q / n * np.exp(-s)"
    ),
    "one of three ways back through a layer": Pass(
        WAYS, "dy + dz @ self.W.T + db @ self.U.T", "dz @ self.W.T + db @ self.U.T",
        repaired="dz @ self.W.T + db @ self.U.T + dy",
    ),
    "a product over samples and steps": Pass(
        STEPS, ' + np.einsum("bti,btj->ij", q, dout)', "",
        repaired="+ np.einsum('abi,abj->ij', q, dout)",
    ),
    "a product with a parameter, by steps": Pass(
        STEPS, "dout @ W.T + dz @ W.T", "dz @ W.T", repaired="dz @ W.T + dout @ W.T"
    ),
    "what leaks through": Pass(CHANNELS, "* np.where(z > 0, 1, 0.1)", "* (z > 0)"),
    "a way through a parameter that is used twice": Pass(
        TIED, "x.T @ dz + dr.T @ code", "x.T @ dz"
    ),
    "a derivative by its result, without its 1": Pass(TIED, "code + 1", "code"),
    "a mean that is subtracted, beside targets of a copy": Pass(
        DUELLING, "centred = dQ - dQ.mean(axis=1, keepdims=True)", "centred = dQ",
        repaired="dQ - dQ.mean(axis=-1, keepdims=True)",
    ),
    "kept under names, by objects that begin with an empty table each": Pass(
        KEPT, "db = dy * s.a", "db = dy * s.b"
    ),
    "a method that begins anew, and is called for nothing else": Pass(
        RESET, "dc = dc * f", "dc = dc * f * (1 - f)"
    ),
    "an array of computed numbers, and a loss that is added up sample by sample": Pass(
        UNITS, "dv += dout * hidden", "dv += dout * x"
    ),
    "an update in a method, of a loss that another method gives": Pass(
        VELOCITY, "self.p[k] += self.v[k]", "self.p[k] -= self.v[k]"
    ),
    "a divisor in place": Pass(SCALED, "dh /= keep", "dh *= keep"),
    "gradients in tables called after those of the parameters": Pass(
        TWO_TABLES, "delta_h.sum(1, keepdims=True)", "delta_h.mean(1, keepdims=True)",
        repaired="'h': delta_h.sum(1, keepdims=True)",
    ),
    "probabilities that are made in two statements, in a loop": Pass(
        WORDS, "dE[words[t]] += Wx @ da", "dE[words[t]] = Wx @ da"
    ),
    "one of two networks that play against each other": Pass(
        RIVALS, "(p_real - 1) / 6 + fake.T @ p_fake / 6", "(p_real - 1) / 6",
        repaired="+ fake.T @ -(",  # p_fake / 6, by the chain rule
    ),
    "numbers, functions of math, and a start that moves before the loss": Pass(
        NUMBERS, "(1 - dh ** 2)", "(1 - dh)", "(1 - dh * dh)"
    ),
    "tables that are appended to a list": Pass(APPENDED, "swish_slope(pre)", "swish_slope(hid)"),
    "a factor of what a function hands on as it is, beside a guarded logarithm": Pass(
        GUARDED, "dhat = dout * gamma", "dhat = dout"
    ),
    "a ramp at its edge": Pass(EDGE, "dz = dh * (z > 0)", "dz = dh * (h >= 0)", "(z >= 0)"),
    "entries in another order": Pass(
        CONVOLUTION,
        "dout = dact * (1 - act ** 2)",
        "dout = (dact * (1 - act ** 2))[:, ::-1]",
    ),
}  # fmt: skip
LONG: Final = (
    "a gate that a state forgets",
    "a gate turned round",
    "a layer that replaces entries",
    "a method that begins anew, and is called for nothing else",
    "a part of a gradient to which a loop adds the rest",
    "an array of many entries that loops fill",
    "kept under names, by objects that begin with an empty table each",
    "one of two networks that play against each other",
    "probabilities that are made in two statements, in a loop",
)
"""Passes of which the search for a correction takes seconds."""


def report(code: str, path: Path) -> BackwardReport:
    """Return the report on some code that is run."""
    path.write_text(code, "utf-8")
    return debug_file(str(path))


@pytest.mark.parametrize("name", sampled(PASSES, PASSES.keys() - LONG))
def test_the_slip_is_found_and_mended(name: str, tmp_path: Path) -> None:
    """Its line is named, and offered as it should be: with that the code was found right."""
    case = PASSES[name]
    assert case.code.count(case.right) == 1
    wrong = case.code.replace(case.right, case.wrong)
    found = report(wrong, tmp_path / "wrong.py")
    assert not found.passed
    assert case.wrong in found.text
    assert found.correction is not None
    assert (case.repaired or case.right) in found.correction.text


@pytest.mark.parametrize("name", sampled(PASSES, {*[*PASSES][::4]}.difference(LONG)))
def test_right_code_is_not_blamed(name: str, tmp_path: Path) -> None:
    """Run or only read: the interpreter that follows it also gives the other numbers of a run."""
    assert report(PASSES[name].code, tmp_path / "right.py").passed
    [unrun] = check_text(PASSES[name].code, "py").files
    assert not [item.text for item in unrun.findings if item.verdict == "slip"]


def test_a_figure_that_is_watched_beside_a_loss_is_not_the_loss(tmp_path: Path) -> None:
    """A mean of distances goes into a list between the loss and its gradients."""
    code = (
        "import numpy as np\nX, t = np.eye(3) + 1.0, np.ones(3)\nw, history = np.full(3, 2.0), []\n"
        "def absolute_loss(p, t):\n    return np.abs(p - t).mean()\n"
        "p = X @ w\nloss = ((p - t) ** 2).mean()\nhistory.append(absolute_loss(p, t))\n"
        "dp = 2 * (p - t) / 3\ndw = X.T @ dp\n"
    )
    found = report(code, tmp_path / "code.py")
    assert found.passed
    assert [each.quantity for each in found.outcomes] == ["dloss/dp", "dloss/dw"]


def test_a_second_loss_that_cannot_be_traced_is_named(tmp_path: Path) -> None:
    """Its gradients are not compared, and the verdict is not that all are right."""
    code = (
        "import numpy as np\nX = np.eye(3) + 1.0\nw, v = np.ones(3), np.full(3, 2.0)\na = X @ w\n"
        "loss = (a**2).sum()\ndw = 2 * X.T @ a\nb = X @ v\n"
        "v_loss = np.fft.fft(b).real.sum()\ndv = X.T @ b\n"
    )
    assert "v_loss" in str(report(code, tmp_path / "two.py"))


def test_a_guard_of_a_probability_of_zero_is_followed(tmp_path: Path) -> None:
    """All of `p + 1e-12` is the guard there; a lost factor is found beside it."""
    code = (
        "import numpy as np\nX = np.array([[1.0, -2.0], [0.5, 3.0]])\nt = np.eye(2)\n"
        "W = np.array([[0.3, -0.8], [0.6, 0.9]])\nz = X @ W\np = np.maximum(z, 0)\n"
        "loss = -np.sum(t * np.log(p + 1e-12))\ndz = -t / (p + 1e-12) * (z > 0)\ndW = X.T @ dz\n"
    )
    assert report(code, tmp_path / "right.py").passed
    assert not report(code.replace("X.T @ dz", "X.T @ dz / 2"), tmp_path / "wrong.py").passed


def test_a_cell_whose_steps_have_gradients_of_their_own_names_is_right(tmp_path: Path) -> None:
    """Its first state is 0, and the first step adds nothing; a wrong one is at its line."""
    assert report(CELL, tmp_path / "right.py").passed
    [file] = check_text(CELL, "py").files
    assert not [item.text for item in file.findings if item.verdict == "slip"]
    wrong = report(CELL.replace("np.outer(da, before)", "np.outer(da, h)"), tmp_path / "net.py")
    assert wrong.text == "gW = np.outer(da, h)"


def test_what_a_gradient_is_divided_by_before_its_update_counts(tmp_path: Path) -> None:
    """Though it was right before that."""
    wrong = report(SCALED.replace("V -= ", "dV /= 3\nV -= "), tmp_path / "net.py")
    assert (wrong.text, wrong.correction and wrong.correction.text) == ("dV /= 3", "dV /= 1")


def test_one_slip_is_one_finding_where_nothing_is_run() -> None:
    """What the correction mends too was wrong because of it, in a loop as well."""
    [file] = check_text(STEPS_IN_ARRAYS.replace("self.Wh.T", "self.Wh"), "py").files
    assert [each.verdict for each in file.findings].count("slip") == 1


def test_a_value_of_which_right_updates_are_made_is_not_blamed(tmp_path: Path) -> None:
    """Though it has the name of another gradient; what nothing shows to be right is said."""
    assert report(NAMELESS, tmp_path / "right.py").passed
    [file] = check_text(NAMELESS, "py").files
    assert not [item.text for item in file.findings if item.verdict == "slip"]
    wrong = NAMELESS.replace("W.T * slope(hidden)", "W.T * slope(hidden @ V)")
    assert report(wrong, tmp_path / "wrong.py").text.startswith("d_hidden")
    without_name = wrong.replace("d_hidden", "delta_inner")
    assert report(without_name, tmp_path / "nameless.py").missing == ("V",)


def test_a_name_that_goes_on_to_another_layer_updates_none(tmp_path: Path) -> None:
    """Though its parameters differ from those of the layer before."""
    code = (
        "import numpy as np\nrng = np.random.default_rng(5)\n"
        "layers = [{'W': rng.normal(size=(3, 4)) * 0.3, 'V': rng.normal(size=(4, 3)) * 0.3}\n"
        "          for _ in range(3)]\n"
        "h, target = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))\nsaved = []\n"
        "for layer in layers:\n    r = np.tanh(h @ layer['W'])\n    saved.append((h, r))\n"
        "    h = h + r @ layer['V']\nloss = 0.5 * np.sum((h - target) ** 2)\n"
        "dh = h - target\ngrads = [None, None, None]\nfor i in (2, 1, 0):\n"
        "    layer = layers[i]\n    before, r = saved[i]\n    dV = r.T @ dh\n"
        "    da = (dh @ layer['V'].T) * (1 - r ** 2)\n    dW = before.T @ da\n"
        "    dh = dh + da @ layer['W'].T\n    grads[i] = {'dW': dW, 'dV': dV}\n"
    )
    assert report(code, tmp_path / "layers.py").passed


def test_what_a_function_adds_to_a_sum_is_no_gradient_of_its_own(tmp_path: Path) -> None:
    """Though the sum is subtracted in place."""
    assert report(HEUN, tmp_path / "right.py").passed
    [unrun] = check_text(HEUN, "py").files
    assert not [item.text for item in unrun.findings if item.verdict == "slip"]


@pytest.mark.proof
def test_where_a_sum_of_gradients_is_wrong_the_line_is_looked_for(tmp_path: Path) -> None:
    """The sum of two slopes misses a step width in one of them."""
    wrong = HEUN.replace("dnew + dt * dmid", "dnew + dmid")
    assert report(wrong, tmp_path / "wrong.py").text == "dk1 = dt / 2 * dnew + dmid"


def test_a_factor_that_several_numbers_are_is_said_with_each(tmp_path: Path) -> None:
    """With 4 units the root of their number is 2: which of the two is meant nobody can know."""
    code = """
import numpy as np
rng = np.random.default_rng(1)
X, t = rng.normal(size=(5, 3)), rng.normal(size=(5, 5))
Q, K = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
units = 4
q, k = X @ Q, X @ K
s = q @ k.T / np.sqrt(units)
loss = ((s - t) ** 2).mean()
ds = 2 * (s - t) / s.size
dq = ds @ k / np.sqrt(units)
dk = ds.T @ q
dQ, dK = X.T @ dq, X.T @ dk
"""
    said = str(report(code, tmp_path / "attention.py"))
    assert "right: dk = ds.T @ q / 2" in said
    assert "or, with the same value here: dk = ds.T @ q / np.sqrt(units)" in said


def test_a_factor_is_offered_once_and_no_root_where_the_code_takes_none(tmp_path: Path) -> None:
    """With 4 samples a 2 too many is no missing root; and what is halved need not be doubled."""
    code = """
import numpy as np
rng = np.random.default_rng(1)
x, t, w = rng.normal(size=(4, 4)), rng.normal(size=(4, 1)), rng.normal(size=(4, 1))
loss = 0.5 * ((x @ w - t) ** 2).sum()
d = x @ w - t
dw = x.T @ d
"""
    doubled = report(code.replace("d = x @ w - t", "d = 2 * (x @ w - t)"), tmp_path / "code.py")
    halved = report(code.replace("@ d", "@ d / 2"), tmp_path / "code.py")
    for found in (doubled, halved):
        assert found.correction is not None
        assert found.equal_corrections == ()


def test_of_two_slips_the_first_is_mended_and_others_are_announced(tmp_path: Path) -> None:
    """Once it is repaired the second one is found; then nothing is said of others."""
    code = STACK.replace("self.y ** 2", "self.y")
    first = report(code.replace("d.sum(axis=0)", "d.sum(axis=0) * 3"), tmp_path / "two.py")
    assert first.text == "self.db = d.sum(axis=0) * 3"
    assert "there are other slips" in str(first)
    second = report(code, tmp_path / "one.py")
    assert second.text == "return d * (1 - self.y)"
    assert "there are other slips" not in str(second)


TARGET_OF_DATA: Final = """
import numpy as np
rng = np.random.default_rng(5)
class Linear:
    def __init__(self, before, after):
        self.W, self.b = rng.normal(size=(before, after)) * 0.5, np.zeros(after)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T
class First(Linear):
    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T  # of the data
class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask
    def backward(self, grad):
        return grad * self.mask
class Network:
    def __init__(self):
        self.layers = [First(3, 6), ReLU(), Linear(6, 6), ReLU(), Linear(6, 1)]
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
    def step(self, rate):
        for layer in self.layers:
            if isinstance(layer, Linear):
                layer.W -= rate * layer.dW
                layer.b -= rate * layer.db
x = rng.normal(size=(12, 3))
t = np.sin(x[:, :1])
network = Network()
for turn in range(3):
    output = network.forward(x)
    loss = np.mean((output - t) ** 2)
    network.backward(2 * (output - t) / len(x))
    network.step(0.1)
"""


@pytest.mark.parametrize(
    ("written", "instead", "words"),
    [
        ("", "", "7 compared, none wrong"),
        ("grad", "dx", "7 compared, none wrong"),
        ("(output - t) **", "(output - np.sin(x[:, :1])) **", "6 compared, none wrong"),
        (
            "grad @ self.W.T  #",
            "np.tanh(grad) @ self.W.T  #",
            "grad is the first wrong gradient (dloss/dx)",
        ),
    ],
)
def test_what_comes_back_to_data_comes_along_the_network_alone(
    written: str, instead: str, words: str, tmp_path: Path
) -> None:
    """The target is computed from the data too, but nobody differentiates through it."""
    code = TARGET_OF_DATA.replace(written, instead) if written else TARGET_OF_DATA
    assert words in str(report(code, tmp_path / "network.py"))


@pytest.mark.parametrize(
    ("target", "made", "right"),
    [
        ("y = x ** 2\nloss = np.sum(y)", "dx = x", "dx = x * 2"),
        (
            "y = np.sin(x)\nloss = np.sum((y * w) ** 2)\ndy = 2 * y * w * w",
            "dx = dy * np.sin(x)",
            "dx = dy * np.cos(x)",
        ),
    ],
)
def test_what_has_the_name_of_a_target_is_held_only_where_no_gradient_is_lost(
    target: str, made: str, right: str, tmp_path: Path
) -> None:
    """With `dy` or nothing else in the loss, y is a value on the way to it."""
    start = "import numpy as np\nx, w = np.array([0.5, -1.2, 2.0]), np.array([0.5, 1.2, 2.0])\n"
    found = str(report(f"{start}{target}\n{made}\n", tmp_path / "target.py"))
    assert f"right: {right}" in found


def test_an_update_that_goes_uphill_is_not_called_a_gradient(tmp_path: Path) -> None:
    """It is said of the parameter's update, and at its line."""
    found = report(ADAM.replace("[k] -= 0.01", "[k] += 0.01"), tmp_path / "net.py")
    assert "net.py:12: the update of params['W'] goes uphill on loss" in str(found)
    assert "gradient" not in str(found)


TWO_BIASES: Final = """
import numpy as np
rng = np.random.default_rng({seed})
X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
W1, b1 = rng.normal(size=(3, 2)) * 0.5, np.zeros(2)
W2, b2 = rng.normal(size=(2, 2)) * 0.5, np.zeros(2)
for step in range(3):
    h = np.tanh(X @ W1 + b1)
    out = h @ W2 + b2
    loss = np.mean((out - Y) ** 2)
    dout = 2 * (out - Y) / out.size
    dW2, db2 = h.T @ dout, dout.sum(axis=0)
    dz1 = dout @ W2.T * (1 - h ** 2)
    dW1, db1 = X.T @ dz1, dz1.sum(axis=0)
    W1 -= 0.1 * dW1
    b1 -= 0.1 * db1
    W2 -= 0.1 * dW2
    b2 -= 0.1 * db1
"""

SQUARE: Final = (
    TWO_BIASES.format(seed=1)
    .replace("b2 -= 0.1 * db1", "b2 -= 0.1 * db2")
    .replace("W2 -= 0.1 * dW2", "W2 -= 0.1 * dW2.T")
)

TWO_NUMBERS: Final = """
x, y, w, b, rate = 2.0, 1.0, 0.5, 0.1, 0.1
p = w * x + b
loss = (p - y) ** 2
dw = 2 * (p - y) * x
db = 2 * (p - y)
w = w - rate * dw
b = b - rate * dw
"""


@pytest.mark.parametrize(
    ("code", "right"),
    [*((TWO_BIASES.format(seed=seed), "b2 -= 0.1 * db2") for seed in (1, 2, 3)),
     (SQUARE, "W2 -= 0.1 * dW2"),
     (TWO_NUMBERS, "b = b - rate * db")],
)  # fmt: skip
def test_an_update_takes_the_gradient_of_another_parameter(
    code: str, right: str, tmp_path: Path
) -> None:
    """Or its own one, transposed: uphill or not is a matter of luck, and its own one is right."""
    found = report(code, tmp_path / "net.py")
    assert "instead of its own gradient" in str(found)
    assert found.correction is not None
    assert found.correction.text == right
    assert report(code.replace(found.text, right), tmp_path / "right.py").passed
    [judged] = check_text(code, "py").files
    [slip] = [finding for finding in judged.findings if finding.verdict == "slip"]
    assert slip.replacements[0].text == right


@pytest.mark.parametrize(
    "wrong",
    ["w = w - rate * db * x", "w = w - rate * 2 * (p - y) * x", "w = w - rate * (dw + 0.1 * w)"],
)
def test_an_update_may_compute_its_own_gradient_anew(wrong: str, tmp_path: Path) -> None:
    """One number is a multiple of any other: that it is made of another gradient is no slip."""
    code = TWO_NUMBERS.replace("w = w - rate * dw", wrong).replace("b - rate * dw", "b - rate * db")
    assert report(code, tmp_path / "net.py").passed


@pytest.mark.parametrize(
    ("shape", "right", "fits"),
    [
        ((4, 5, 6), (4, 5, 6), True),
        ((5, 6), (1, 5, 6), True),
        ((4, 5, 1, 6), (4, 5, 6), False),
        ((5, 1), (5,), False),
    ],
)
def test_a_correction_has_a_shape_that_broadcasts_to_the_right_one(
    shape: tuple[int, ...], right: tuple[int, ...], fits: bool
) -> None:
    """Axes of length 1 may be missing in front, and nowhere else."""
    target = BoundedValue(np.ones(right), np.zeros(right))
    search: Any = SimpleNamespace(here=SimpleNamespace(rule=AgreementRule("float64")))
    assert SlipSearch.gives_target(search, np.ones(shape), [target], np.ones((2, 2))) == fits


def test_a_right_gradient_that_a_method_gives_is_not_changed_for_a_wrong_one(
    tmp_path: Path,
) -> None:
    """The slip is in the line of `grad_v`, though another `grad_g` would mend that too."""
    code = """
import numpy as np
rng = np.random.default_rng(5)
class WeightNorm:
    def __init__(self, inner, outer):
        self.v, self.g = rng.normal(size=(outer, inner)), np.full(outer, 1.3)
    def forward(self, x):
        self.x = x
        self.norm = np.linalg.norm(self.v, axis=1, keepdims=True)
        self.w = self.g[:, None] * self.v / self.norm
        return x @ self.w.T
    def backward(self, dy):
        dw = dy.T @ self.x
        self.grad_g = (dw * self.v / self.norm).sum(axis=1)
        self.grad_v = self.g[:, None] / self.norm * (dw - self.grad_g[:, None] * self.v)
        return dy @ self.w
one, two = WeightNorm(4, 6), WeightNorm(6, 2)
x, y = rng.normal(size=(7, 4)), rng.normal(size=(7, 2))
h = np.tanh(one.forward(x))
loss = ((two.forward(h) - y) ** 2).sum() / 14
dh = two.backward((two.forward(h) - y) / 7)
da = dh * (1 - h ** 2)
one.backward(da)
"""
    found = report(code, tmp_path / "norm.py")
    assert found.text.startswith("self.grad_v")
    right = code.replace("* self.v)\n        return", "* self.v / self.norm)\n        return")
    assert report(right, tmp_path / "right.py").passed


def test_gradients_on_the_way_alone_are_no_proof() -> None:
    """What the function returns has no names of gradients, so nobody has compared it."""

    def forward(X: Any, W: Any, b: Any, y: Any) -> Any:
        z = X @ W + b
        return np.mean((z - y) ** 2)

    def backward(X: Any, W: Any, b: Any, y: Any) -> Any:
        dz = 2 * (X @ W + b - y) / y.size
        return {"W": -7 * X.T @ dz, "b": dz.mean(0)}

    draws = np.random.default_rng(0)
    shapes = {"X": (4, 3), "W": (3, 2), "b": (2,), "y": (4, 2)}
    inputs = {name: draws.normal(size=shape) for name, shape in shapes.items()}
    found = check_backward(forward, backward, inputs)
    assert not found.passed
    assert str(found) == "1 compared, none wrong: dz\nno gradient was found for W, b"
