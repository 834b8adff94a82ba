"""Fourteen slips in backward passes by hand, each in three forms: functions, a class, a notebook.

A case is a network as people write one: its start, its forward pass and its backward pass, with
one line that may be wrong. The forms are made of the same lines.
"""

from __future__ import annotations

import ast
import json
from textwrap import dedent, indent
from typing import Literal, NamedTuple

Form = Literal["plain", "class", "notebook"]
FORMS: tuple[Form, ...] = ("plain", "class", "notebook")
SUFFIXES = {"plain": ".py", "class": ".py", "notebook": ".ipynb"}


class Case(NamedTuple):
    """A network and its slip: the wrong line for the right one."""

    name: str
    start: str
    forward: str
    backward: str
    wrong: str
    right: str
    update: str = ""
    line: str = ""  # that is located, where it is another than the wrong one

    @property
    def located(self) -> str:
        """The line that is to be located."""
        return self.line or self.wrong


CLASSIFIER = """
X = rng.normal(size=(7, 4))
y = np.array([0, 2, 1, 1, 0, 2, 2])
W1 = rng.normal(size=(4, 5)) * 0.7
b1 = rng.normal(size=5) * 0.1
W2 = rng.normal(size=(5, 5)) * 0.7
b2 = rng.normal(size=5) * 0.1
W3 = rng.normal(size=(5, 3)) * 0.7
b3 = np.zeros(3)
"""
CLASSIFIER_FORWARD = """
n = X.shape[0]
z1 = X @ W1 + b1
h1 = np.maximum(z1, 0)
z2 = h1 @ W2 + b2
h2 = np.maximum(z2, 0)
z3 = h2 @ W3 + b3
e = np.exp(z3 - z3.max(axis=1, keepdims=True))
p = e / e.sum(axis=1, keepdims=True)
loss = -np.log(p[np.arange(n), y]).mean()
"""
CLASSIFIER_BACKWARD = """
dz3 = p.copy()
dz3[np.arange(n), y] -= 1
dz3 /= n
dW3 = h2.T @ dz3
db3 = dz3.sum(axis=0)
dh2 = dz3 @ W3.T
dz2 = dh2 * (z2 > 0)
dW2 = h1.T @ dz2
db2 = dz2.sum(axis=0)
dh1 = dz2 @ W2.T
dz1 = dh1 * (z1 > 0)
dW1 = X.T @ dz1
db1 = dz1.sum(axis=0)
"""


def classifier(name: str, right: str, wrong: str) -> Case:
    """Return the classifier with one line of its backward pass wrong."""
    assert right in CLASSIFIER_BACKWARD, right
    return Case(name, CLASSIFIER, CLASSIFIER_FORWARD, CLASSIFIER_BACKWARD, wrong, right)


SOFTMAX = """
X = rng.normal(size=(6, 4))
Y = np.eye(3)[[0, 2, 1, 1, 0, 2]]
W = rng.normal(size=(4, 3))
b = np.zeros(3)
"""
SOFTMAX_FORWARD = """
n = len(X)
z = X @ W + b
e = np.exp(z - np.max(z, axis=1, keepdims=True))
p = e / np.sum(e, axis=1, keepdims=True)
loss = -np.sum(Y * np.log(p)) / n
"""
SOFTMAX_BACKWARD = """
dp = -Y / p / n
dz = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
dW = X.T @ dz
db = dz.sum(axis=0)
"""
RESIDUAL = """
x = rng.normal(size=(6, 4))
t = rng.normal(size=(6, 4))
W1 = rng.normal(size=(4, 4))
W2 = rng.normal(size=(4, 4))
"""
RESIDUAL_FORWARD = """
a = np.tanh(x @ W1)
z = a @ W2
h = np.maximum(z, 0)
out = a + h
loss = np.sum((out - t) ** 2) / len(x)
"""
RESIDUAL_BACKWARD = """
dout = 2 * (out - t) / len(x)
dh = dout.copy()
dh[z < 0] = 0
dz = dh
dW2 = a.T @ dz
da = dout + dz @ W2.T
dW1 = x.T @ (da * (1 - a**2))
"""
NORM = """
X = rng.normal(size=(6, 5))
t = rng.normal(size=(6, 5))
W = rng.normal(size=(5, 5))
gamma = rng.normal(size=5)
beta = rng.normal(size=5)
d = 5
"""
NORM_FORWARD = """
x = X @ W
mu = x.mean(axis=1, keepdims=True)
var = x.var(axis=1, keepdims=True)
inv = 1 / np.sqrt(var + 1e-5)
xhat = (x - mu) * inv
out = gamma * xhat + beta
loss = 0.5 * np.mean(np.sum((out - t) ** 2, axis=1))
"""
NORM_BACKWARD = """
dout = (out - t) / len(x)
dgamma = (dout * xhat).sum(axis=0)
dbeta = dout.sum(axis=0)
dxhat = dout * gamma
dvar = np.sum(dxhat * (x - mu) * -0.5 * inv**3, axis=1, keepdims=True)
dmu = np.sum(-dxhat * inv, axis=1, keepdims=True)
dx = dxhat * inv + dvar * 2 * (x - mu) / d + dmu / d
dW = X.T @ dx
"""
ATTENTION = """
X = rng.normal(size=(4, 6))
t = rng.normal(size=(4, 3))
Wq = rng.normal(size=(6, 3))
Wk = rng.normal(size=(6, 3))
Wv = rng.normal(size=(6, 3))
"""
ATTENTION_FORWARD = """
Q = X @ Wq
K = X @ Wk
V = X @ Wv
d = Q.shape[-1]
S = Q @ K.T / np.sqrt(d)
E = np.exp(S - S.max(axis=-1, keepdims=True))
A = E / E.sum(axis=-1, keepdims=True)
O = A @ V
loss = np.mean((O - t) ** 2)
"""
ATTENTION_BACKWARD = """
dO = 2 * (O - t) / O.size
dV = A.T @ dO
dA = dO @ V.T
dS = A * (dA - (dA * A).sum(axis=-1, keepdims=True))
dQ = dS @ K / np.sqrt(d)
dK = dS.T @ Q / np.sqrt(d)
dWq = X.T @ dQ
dWk = X.T @ dK
dWv = X.T @ dV
"""
RNN = """
xs = rng.normal(size=(4, 3, 2))
target = rng.normal(size=(3, 5))
U = rng.normal(size=(2, 5)) * 0.5
W = rng.normal(size=(5, 5)) * 0.5
b = np.zeros(5)
T = 4
"""
RNN_FORWARD = """
h = {-1: np.zeros((3, 5))}
for t in range(T):
    h[t] = np.tanh(xs[t] @ U + h[t - 1] @ W + b)
loss = 0.5 * np.sum((h[T - 1] - target) ** 2)
"""
RNN_BACKWARD = """
dU = np.zeros_like(U)
dW = np.zeros_like(W)
db = np.zeros_like(b)
dh = h[T - 1] - target
for t in reversed(range(T)):
    dz = dh * (1 - h[t] ** 2)
    dU += xs[t].T @ dz
    dW += h[t - 1].T @ dz
    db += dz.sum(axis=0)
    dh = dz @ W.T
"""
LINEAR = """
X = rng.normal(size=(8, 3))
t = rng.normal(size=8)
w = rng.normal(size=3)
v = np.zeros(3)
mu = 0.9
lr = 0.05
"""
LINEAR_FORWARD = """
pred = X @ w
loss = np.mean((pred - t) ** 2)
"""
LINEAR_BACKWARD = """
dpred = 2 * (pred - t) / len(t)
dw = X.T @ dpred
v = mu * v - lr * dw
w = w + v
"""

CASES = (
    classifier("missing transpose", "dh1 = dz2 @ W2.T", "dh1 = dz2 @ W2"),
    classifier("wrong axis", "db2 = dz2.sum(axis=0)", "db2 = dz2.sum(axis=1)"),
    classifier("forgotten mean", "dz3 /= n", "pass")._replace(line="dz3[np.arange(n), y] -= 1"),
    classifier(
        "update before use", "dh2 = dz3 @ W3.T", "W3 -= 0.1 * dW3\ndh2 = dz3 @ W3.T"
    )._replace(line="W3 -= 0.1 * dW3"),
    Case(
        "softmax and cross-entropy mixed up", SOFTMAX, SOFTMAX_FORWARD, SOFTMAX_BACKWARD,
        "dz = dp * p * (1 - p)", "dz = p * (dp - np.sum(dp * p, axis=1, keepdims=True))",
    ),
    classifier("mask of the wrong array", "dz1 = dh1 * (z1 > 0)", "dz1 = dh1 * (z2 > 0)"),
    Case(
        "layer norm", NORM, NORM_FORWARD, NORM_BACKWARD,
        "dx = dxhat * inv + dvar * 2 * (x - mu) / d",
        "dx = dxhat * inv + dvar * 2 * (x - mu) / d + dmu / d",
    ),
    Case(
        "attention scale", ATTENTION, ATTENTION_FORWARD, ATTENTION_BACKWARD,
        "dQ = dS @ K", "dQ = dS @ K / np.sqrt(d)",
    ),
    Case(
        "wrong broadcast", ATTENTION, ATTENTION_FORWARD, ATTENTION_BACKWARD,
        "dS = A * (dA - (dA * A).sum(axis=-1))",
        "dS = A * (dA - (dA * A).sum(axis=-1, keepdims=True))",
    ),
    Case(
        "in-place aliasing", RESIDUAL, RESIDUAL_FORWARD, RESIDUAL_BACKWARD,
        "dh = dout", "dh = dout.copy()",
    ),
    Case(
        "stop of a path", RESIDUAL, RESIDUAL_FORWARD, RESIDUAL_BACKWARD,
        "da = dz @ W2.T", "da = dout + dz @ W2.T",
    ),
    Case(
        "double counting", RESIDUAL, RESIDUAL_FORWARD, RESIDUAL_BACKWARD,
        "da = dout + dz @ W2.T + dout", "da = dout + dz @ W2.T",
    ),
    Case(
        "wrong index in time", RNN, RNN_FORWARD, RNN_BACKWARD,
        "    dW += h[t].T @ dz", "    dW += h[t - 1].T @ dz",
    ),
    Case(
        "momentum sign", LINEAR, LINEAR_FORWARD, LINEAR_BACKWARD,
        "w = w - v", "w = w + v",
    ),
)  # fmt: skip

HEAD = "import numpy as np\n\nrng = np.random.default_rng(3)\n"


def _lines(text: str) -> str:
    return dedent(text).strip("\n") + "\n"


def _names(*texts: str) -> list[str]:
    """Return the names that some lines give values, in order."""
    found: dict[str, None] = {}
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found[node.id] = None
    return list(found)


class _Selves(ast.NodeTransformer):
    """Writes some names as attributes of self."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.names:
            return node
        return ast.Attribute(ast.Name("self", ast.Load()), node.id, node.ctx)


def _with_self(text: str, names: list[str]) -> str:
    return "".join(
        ast.unparse(_Selves(names).visit(statement)) + "\n" for statement in ast.parse(text).body
    )


def written(case: Case, form: Form, *, is_wrong: bool) -> tuple[str, str, str]:
    """Return a case's text in a form, the line to be located, and the right line, as written."""
    backward = (
        case.backward.replace(f"\n{case.right}\n", f"\n{case.wrong}\n")
        if is_wrong
        else (case.backward)
    )
    start, forward, backward = _lines(case.start), _lines(case.forward), _lines(backward)
    located, right = case.located.strip(), case.right.strip()
    local = [name for name in ("n", "d", "e", "E") if name not in _names(start)]
    if form == "notebook":
        loop = "for step in range(3):\n" + indent(forward + backward, "    ")
        cells = [HEAD, start, loop]
        content = {
            "cells": [
                {"cell_type": "code", "source": cell, "outputs": [], "metadata": {}}
                for cell in cells
            ],
            "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
        }  # fmt: skip
        return json.dumps(content), located, right
    given = _names(start)
    made = [name for name in _names(forward) if name != "loss"]
    if form == "plain":
        arguments = ", ".join(given)
        cache = ", ".join(made)
        gradients = ", ".join(f'"{name}": {name}' for name in _names(backward) if name[0] == "d")
        text = (
            f"{HEAD}\n\ndef forward({arguments}):\n{indent(forward, '    ')}"
            f"    return loss, ({cache},)\n\n\n"
            f"def backward({arguments}, cache):\n    {cache}, = cache\n{indent(backward, '    ')}"
            f"    return {{{gradients}}}\n\n\n{start}"
            f"loss, cache = forward({arguments})\ngradients = backward({arguments}, cache)\n"
        )
        return text, located, right
    selves = [name for name in (*given, *made, "loss") if name not in ("t",) or "t" in given]
    selves = [name for name in selves if name not in local or name in ("n", "d")]
    text = (
        f"{HEAD}\n\nclass Network:\n    def __init__(self):\n"
        f"{indent(_with_self(start, selves), ' ' * 8)}\n    def forward(self):\n"
        f"{indent(_with_self(forward, selves), ' ' * 8)}        return self.loss\n\n"
        f"    def backward(self):\n{indent(_with_self(backward, selves), ' ' * 8)}\n\n"
        "network = Network()\nnetwork.forward()\nnetwork.backward()\n"
    )
    return text, _with_self(located, selves).strip(), _with_self(right, selves).strip()
