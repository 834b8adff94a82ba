"""Forward passes in classes that draw numbers, fill arrays and index twice: found and corrected."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.case_lists import sampled
from tracer.debug.debugger import debug_file
from tracer.document_check import check_text

NETWORK = """\
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))
Y = rng.normal(size=(6, 3))
ids = np.array([0, 2, 2, 1, 0, 3])


class Net:
    def __init__(self):
        self.W1 = rng.normal(size=(4, 5))
        self.W2 = rng.normal(size=(5, 3))

    def forward(self):
        self.x = X
        {first}
        self.h = np.tanh(self.x @ self.W1)
        {middle}
        return np.mean((self.h @ self.W2 - Y) ** 2)

    def backward(self):
        dout = 2 * (self.h @ self.W2 - Y) / Y.size
        self.dW2 = self.h.T @ dout
        dh = dout @ self.W2.T
        {back}
        self.dW1 = self.x.T @ dz
        {last}


net = Net()
loss = net.forward()
net.backward()
"""
LAYERS = """\
import numpy as np

np.random.seed(0)
X = np.random.randn(6, 4)
Y = np.random.randn(6, 3)


class Linear:
    def __init__(self, inputs, outputs):
        self.W = np.random.randn(inputs, outputs)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


class Dropout:
    def forward(self, x):
        self.mask = np.random.binomial(1, 0.7, size=x.shape) / 0.7
        return x * self.mask

    def backward(self, dout):
        {back}


first, dropout, second = Linear(4, 5), Dropout(), Linear(5, 3)
out = second.forward(dropout.forward(first.forward(X)))
loss = np.mean((out - Y) ** 2)
dout = 2 * (out - Y) / Y.size
first.backward(dropout.backward(second.backward(dout)))
"""


class Case(NamedTuple):
    """A network with one line that may be wrong."""

    network: str
    parts: dict[str, str]
    right: str
    wrong: str

    def written(self, line: str) -> str:
        """Return the code with a line in the place of {line}."""
        parts = dict.fromkeys(("first", "middle", "back", "last"), "pass") | self.parts
        indented = {key: part.replace("\n", "\n        ") for key, part in parts.items()}
        return self.network.format(**indented).replace("LINE", line)


TANH = {"back": "dz = dh * (1 - self.h ** 2)"}
FILLED = (
    "self.h = np.zeros((6, 5))\nfor i in range(6):\n    self.h[i] = np.tanh(self.x[i] @ self.W1)"
)
CASES = {
    "a mask in an attribute": Case(
        NETWORK.replace("self.h = np.tanh", "self.a = np.tanh"),
        {
            "middle": "self.mask = (rng.random(self.a.shape) < 0.8) / 0.8\n"
            "self.h = self.a * self.mask",
            "back": "LINE\ndz = da * (1 - self.a ** 2)",
        },
        "da = dh * self.mask",
        "da = dh",
    ),
    "a mask in a layer": Case(
        LAYERS, {"back": "LINE"}, "return dout * self.mask", "return dout / 0.7"
    ),
    "an attribute that is filled": Case(
        NETWORK,
        {"middle": FILLED, "back": "LINE"},
        "dz = dh * (1 - self.h ** 2)",
        "dz = dh * (1 - self.h)",
    ),
    "a global name in a comprehension": Case(
        NETWORK,
        {"first": "self.x = np.stack([2 * X[i] for i in range(6)])", "back": "LINE"},
        "dz = dh * (1 - self.h ** 2)",
        "dz = dh * (1 - self.h)",
    ),
    "an index that stands twice": Case(
        NETWORK.replace("self.W1 = ", "self.E = rng.normal(size=(5, 4))\n        self.W1 = "),
        {
            "first": "self.x = self.E[ids]",
            **TANH,
            "last": "self.dE = np.zeros_like(self.E)\nLINE",
        },
        "np.add.at(self.dE, ids, dz @ self.W1.T)",
        "self.dE[ids] += dz @ self.W1.T",
    ),
}


@pytest.mark.parametrize("name", sampled(CASES, [*CASES][1::2]))
def test_the_slip_is_located_and_corrected_where_the_code_runs(name: str, tmp_path: Path) -> None:
    """What is drawn, filled or read inside is the same when the forward pass is run again."""
    case = CASES[name]
    path = tmp_path / "network.py"
    path.write_text(case.written(case.wrong), "utf-8")
    found = debug_file(str(path))
    assert found.text == case.wrong, str(found)
    assert found.correction is not None, str(found)
    for line in {found.correction.text, case.right}:
        path.write_text(case.written(line), "utf-8")
        assert debug_file(str(path)).passed, line


@pytest.mark.parametrize("name", sampled(CASES, [*CASES][::2]))
def test_the_slip_is_located_where_nothing_runs(name: str) -> None:
    """`check` reads the same code and comes to the same line; the guards above have the others."""
    case = CASES[name]
    for line in (case.wrong, case.right):
        [report] = check_text(case.written(line), "py").files
        slips = [item.written for item in report.findings if item.verdict == "slip"]
        assert slips == ([line] if line == case.wrong else []), line
