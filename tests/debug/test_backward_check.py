"""A backward pass by hand: the first wrong gradient is named, with its line and the right line."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tracer
from tests.case_lists import crossed
from tests.debug.backward_passes import CASES, FORMS, Case, Form
from tests.debug.located import located
from tracer.cli import main
from tracer.debug.debugger import debug_file
from tracer.errors import TracerError

CLOCKLESS = ["backward_check", "code_gradients", "code_interpreter", "slip_search"]


@pytest.mark.parametrize("module", CLOCKLESS)
def test_what_is_found_does_not_depend_on_a_clock(module: str) -> None:
    """A busy machine finds what an idle one does: what is done is counted, not timed."""
    assert "time" not in vars(import_module(f"tracer.debug.{module}"))


rng = np.random.default_rng(0)
INPUTS = {
    "X": rng.normal(size=(6, 4)),
    "y": np.array([0, 2, 1, 1, 0, 2]),
    "W1": rng.normal(size=(4, 5)),
    "b1": rng.normal(size=5),
    "W2": rng.normal(size=(5, 3)),
}


def forward(X: Any, y: Any, W1: Any, b1: Any, W2: Any) -> Any:
    """Return the loss of a classifier of two layers, and what its backward pass needs."""
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    z = h @ W2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    return loss, (h, p)


def backward(X: Any, y: Any, W2: Any, cache: Any) -> Any:
    """Return the gradients of the parameters; right."""
    h, p = cache
    dz = p.copy()
    dz[np.arange(len(y)), y] -= 1
    dz /= len(y)
    dh = dz @ W2.T
    dh[h <= 0] = 0
    return {"W1": X.T @ dh, "b1": dh.sum(axis=0), "dW2": h.T @ dz}


def scaled_backward(X: Any, y: Any, W2: Any, cache: Any) -> Any:
    """Return the gradients, of which one is wrong; the mean is taken last, which is right."""
    h, p = cache
    dz = p - np.eye(3)[y]
    dW2 = h.T @ dz / len(y)
    dh = dz @ W2.T
    dz1 = dh * (h > 0)
    dW1 = X.T @ dz1
    return dW1, dW2


@pytest.mark.parametrize(("case", "form"), crossed(CASES, FORMS, CASES[1::2]))
def test_a_slip_is_located_and_corrected(case: Case, form: Form, tmp_path: Path) -> None:
    """The line is the wrong one; with the correction the code passes, as the right code does."""
    found = located(case, form, tmp_path)
    assert (found.is_located, found.is_corrected, found.passes) == (True, True, True), found.report


def test_right_functions_pass_and_leave_their_inputs_alone() -> None:
    """Every gradient is compared, and the arrays of the caller are what they were."""
    before = {name: value.copy() for name, value in INPUTS.items()}
    report = tracer.check_backward(forward, backward, INPUTS)
    assert report.passed
    quantities = [item.quantity for item in report.outcomes]
    assert quantities == ["dloss/dz", "dloss/dh", "dloss/dW2"]
    assert all(np.array_equal(INPUTS[name], value) for name, value in before.items())


def test_a_mean_that_is_taken_later_is_no_slip() -> None:
    """Here dz is n times the gradient on purpose: dW2 is right. dW1, without its mean, is wrong."""
    report = tracer.check_backward(forward, scaled_backward, INPUTS)
    assert report.wrong is not None
    assert report.correction is not None
    assert (report.wrong.name, report.text.split("#")[0].strip()) == ("dW1", "dW1 = X.T @ dz1")
    assert report.correction.text.startswith("dW1 = X.T @ dz1 / ")
    assert "the factor 1 / " in str(report)


class Network:
    """A class with a forward and a backward pass."""

    def __init__(self) -> None:
        self.w = np.array([0.5, -1.0, 0.25])

    def forward(self, x: Any, t: Any) -> Any:
        """Return the loss."""
        self.x, self.t = x, t
        self.pred = x @ self.w
        self.loss = np.mean((self.pred - t) ** 2)
        return self.loss

    def backward(self) -> None:
        """Compute the gradient, with the wrong sign."""
        self.dpred = 2 * (self.t - self.pred) / len(self.t)
        self.dw = self.x.T @ self.dpred


def test_methods_of_one_object_are_watched_too() -> None:
    """Attributes are named as Python writes them, and the object itself does not change."""
    network = Network()
    inputs = {"x": rng.normal(size=(4, 3)), "t": rng.normal(size=4)}
    report = tracer.check_backward(network.forward, network.backward, inputs)
    assert report.wrong is not None
    assert report.wrong.name == "self.dpred"
    assert report.correction is not None
    assert report.correction.kind == "sign_error"
    assert not hasattr(network, "dw")


def test_tensors_are_taken_as_arrays() -> None:
    """What gives its numbers by detach() and __array__ is an array like any other."""

    class Tensor:
        """A stand-in for a tensor of a framework, which this test does not load."""

        def __init__(self, numbers: Any) -> None:
            self.numbers = np.asarray(numbers)
            self.dtype = "tensor.float64"
            self.shape = self.numbers.shape

        def detach(self) -> Any:
            """Return the numbers without their gradient."""
            return self.numbers

        def __array__(self, *arguments: Any, **keywords: Any) -> Any:
            raise RuntimeError("call detach() first")

    run = tracer.trace(
        equations="loss = sum(w * x)",
        data={"x": Tensor([1.0, 2.0])},
        parameters={"w": Tensor([3.0, 4.0])},
        learning_rate=0.1,
        iterations=1,
    )
    found = tracer.compare(run, {1: {"loss": Tensor(11.0), "dloss/dw": Tensor([1.0, 2.5])}})
    assert [(item.name, item.follows) for item in found.departures] == [("dloss/dw", "first")]


NET = """\
import numpy as np
x = np.array([1.0, 2.0, 3.0])
y = np.array([2.0, 4.0, 7.0])
w = 0.5
y_pred = w * x
loss = np.mean((y_pred - y) ** 2)
print("loss", loss)
dw = np.mean((y_pred - y) * x)
"""


def test_the_command_runs_only_on_the_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --run nothing happens but one message; with it, results alone go to stdout."""
    path = tmp_path / "net.py"
    path.write_text(NET, "utf-8")
    assert main(["debug", str(path), "--lang", "en"]) == 2
    assert "expected --run, for code that you trust" in capsys.readouterr().err
    assert main(["debug", str(path), "--run", "--lang", "en"]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0].endswith(
        "net.py:8: dw is the first wrong gradient (dloss/dw)"
    )
    assert "right: dw = np.mean((y_pred - y) * x) * 2" in captured.out
    assert captured.err.startswith("loss ")
    path.write_text(NET.replace("np.mean((y_pred - y) * x)", "2 * np.mean((y_pred - y) * x)"))
    assert main(["debug", str(path), "--run", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True


def test_a_notebook_s_line_is_that_of_its_cell(tmp_path: Path) -> None:
    """Lines are counted in the cell; what only IPython reads is left out."""
    cells = [
        "%matplotlib inline\n" + NET.rsplit("\n", 2)[0],
        "# the gradient\n" + NET.splitlines()[-1],
    ]
    path = tmp_path / "lesson.ipynb"
    content = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    path.write_text(json.dumps(content), "utf-8")
    report = debug_file(str(path))
    assert str(report).splitlines()[0].startswith(f"{path}#cell 2:2: dw is the first wrong")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1 +\n", r"net\.py:1: this is not Python"),
        ("x = 1\ny = [][3]\n", r"net\.py:2: the code stopped with an error; found IndexError"),
        ("x = 1\n", "no forward pass was found"),
        (
            "import numpy as np\nw = np.ones(3)\nh = np.arctan(w)\nloss = np.sum(h**2)\ndw = w\n",
            r"net\.py:3: np\.arctan cannot be traced; expected a function of tracer",
        ),
        (
            "import itertools\nimport numpy as np\nw = np.ones(3)\ncount = itertools.count(1)\n"
            "h = w * next(count)\n"
            "loss = np.sum(h)\ndw = w\n",
            r"h has another value when the forward pass is run again",
        ),
    ],
)
def test_what_cannot_be_compared_is_one_message(text: str, message: str, tmp_path: Path) -> None:
    """The line of the person's file, and what was found there."""
    path = tmp_path / "net.py"
    path.write_text(text, "utf-8")
    with pytest.raises(TracerError, match=message):
        debug_file(str(path))


def test_a_function_that_was_not_called_is_named_with_those_that_were(tmp_path: Path) -> None:
    """FUNCTION is one of the file."""
    path = tmp_path / "net.py"
    path.write_text(NET, "utf-8")
    with pytest.raises(
        TracerError, match="no function network was called; expected one of <module>"
    ):
        debug_file(str(path), "network")


OPEN_GATES = """\
import numpy as np
X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
y = np.array([[1.0], [0.0], [1.0]])
W1 = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
W2 = np.array([[0.1], [0.2], [0.3]])
z1 = X @ W1
h = np.maximum(z1, 0)
p = h @ W2
loss = np.mean((p - y) ** 2)
dp = 2 * (p - y) / len(y)
dW2 = h.T @ dp
dh = dp @ W2.T
dz1 = {0}
dW1 = X.T @ dz1
"""


@pytest.mark.parametrize("gradient", ["dh * (dh > 0)", "dh"])
def test_a_gradient_must_be_right_at_other_numbers_too(gradient: str, tmp_path: Path) -> None:
    """All gates are open here: no gate at all is right by chance, and so is its correction."""
    path = tmp_path / "net.py"
    path.write_text(OPEN_GATES.format(gradient), "utf-8")
    report = debug_file(str(path))
    assert report.correction is not None
    assert report.correction.text == "dz1 = dh * (z1 > 0)"
    assert report.is_right_as_written == (gradient == "dh")
    path.write_text(OPEN_GATES.format("dh * (z1 > 0)"), "utf-8")
    assert debug_file(str(path)).passed


def test_functions_are_called_with_other_numbers_too() -> None:
    """What `check_backward` is handed may hide a slip as well as numbers in a file."""
    inputs = {"x": np.array([1.0, 1.0]), "w": np.array([2.0, 3.0])}

    def loss_of(x: Any, w: Any) -> Any:
        return np.sum((x * w) ** 2)

    def gradient_of(x: Any, w: Any) -> Any:
        dw = 2 * x * w
        return dw

    report = tracer.check_backward(loss_of, gradient_of, inputs)
    assert report.is_right_as_written
    assert report.passed
    assert "dw is right by chance" in str(report)


INSTANCES = """
import numpy as np

class Linear:
    def __init__(self, W):
        self.W = W
        self.b = np.zeros(W.shape[1])
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, d):
        self.dW = self.x.T @ d
        self.db = d.sum(axis=0)
        return d @ self.W.T

rng = np.random.default_rng(3)
X = rng.normal(size=(6, 3)); y = rng.normal(size=(6, 2))
l1, l2 = Linear(rng.normal(size=(3, 4))), Linear(rng.normal(size=(4, 2)))
h = np.tanh(l1.forward(X))
p = l2.forward(h)
loss = np.mean((p - y) ** 2)
dp = 2 * (p - y) / p.size
dh = l2.backward(dp)
dz = dh * (1 - h ** 2)
l1.backward(dz)
for l in (l1, l2):
    l.W -= 0.1 * l.dW
    l.b -= 0.1 * l.db
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("self.x.T @ d", "self.x.T @ d * 2"),
        ("self.x.T @ d", "-self.x.T @ d"),
        ("self.x.T @ d", "self.x.T @ d ** 2"),
        ("d.sum(axis=0)", "d.sum(axis=0) + 1"),
        ("d.sum(axis=0)", "d.mean(axis=0)"),
    ],
)
def test_each_instance_of_a_class_has_gradients_of_its_own(
    right: str, wrong: str, tmp_path: Path
) -> None:
    """Both are compared, right or wrong, and a correction of their line is right for both."""
    path = tmp_path / "instances.py"
    path.write_text(INSTANCES, "utf-8")
    assert str(debug_file(str(path))).startswith("6 compared, none wrong: ")
    path.write_text(INSTANCES.replace(right, wrong), "utf-8")
    report = debug_file(str(path))
    wrongs = [item.name for item in report.outcomes if not item.is_right]
    name = "dW" if "x.T" in right else "db"
    assert wrongs == [f"l2.{name}", f"l1.{name}"]
    if report.correction is not None:
        written = INSTANCES.replace(f"self.{name} = {right}", report.correction.text)
        path.write_text(written, "utf-8")
        assert debug_file(str(path)).passed


def test_a_gradient_whose_parameter_is_not_known_is_listed(tmp_path: Path) -> None:
    """A plain dW could be of either layer: the verdict is not that all are right."""
    shapes = INSTANCES.replace("size=(3, 4)", "size=(3, 3)").replace("size=(4, 2)", "size=(3, 3)")
    code = shapes.replace("size=(6, 2)", "size=(6, 3)").replace(
        "\nfor l in", "\ndW = l1.dW + 1\nfor l in"
    )
    path = tmp_path / "unknown.py"
    path.write_text(code, "utf-8")
    report = debug_file(str(path))
    assert report.passed
    assert str(report).endswith("\nnot compared: dW")


ATTRIBUTES = """
import numpy as np

class Net:
    def __init__(self, rng):
        self.W1 = rng.normal(size=(3, 5)); self.b1 = np.zeros(5)
        self.W2 = rng.normal(size=(5, 2)); self.b2 = np.zeros(2)
    def forward(self, X):
        self.h = np.tanh(X @ self.W1 + self.b1)
        return self.h @ self.W2 + self.b2
    def backward(self, X, y, p):
        dp = 2 * (p - y) / p.size
        self.dW2 = self.h.T @ dp
        self.db2 = dp.mean(axis=0)
        dz1 = dp @ self.W2.T * (1 - self.h ** 2)
        self.dW1 = X.T @ dz1
        self.db1 = dz1.mean(axis=0)

rng = np.random.default_rng(0)
net = Net(rng)
X = rng.normal(size=(6, 3)); y = rng.normal(size=(6, 2))
p = net.forward(X)
loss = np.mean((p - y) ** 2)
net.backward(X, y, p)
"""


def test_an_attribute_is_no_part_of_what_other_attributes_are_made_of(tmp_path: Path) -> None:
    """dW1 is right and is made of self.h, not of self.db2: that one's mean is on no purpose."""
    path = tmp_path / "attributes.py"
    path.write_text(ATTRIBUTES, "utf-8")
    wrongs = [item.name for item in debug_file(str(path)).outcomes if not item.is_right]
    assert wrongs == ["self.db2", "self.db1"]


ONE_LINE = """\
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(7, 3)); Y = rng.normal(size=(7, 2))
W1 = rng.normal(size=(3, 4)); W2 = rng.normal(size=(4, 2))
for j in range(4):
    Z = X @ W1; H = np.maximum(Z, 0); P = H @ W2
    loss = np.sum((P - Y) ** 2)
    dP = 2 * (P - Y); dW2 = H.T @ dP; dH = dP @ W2.T
    dZ = dH * (Z > 0); dW1 = X.T @ dZ
    W1 -= 0.01 * dW1; W2 -= 0.01 * dW2
"""


def test_statements_on_one_line_are_told_apart(tmp_path: Path) -> None:
    """Each is compared and corrected by itself; the right ones are not blamed."""
    path = tmp_path / "one_line.py"
    path.write_text(ONE_LINE, "utf-8")
    assert str(debug_file(str(path))).startswith("5 compared, none wrong: ")
    path.write_text(ONE_LINE.replace("dH * (Z > 0)", "dH * (dH > 0)"), "utf-8")
    report = debug_file(str(path))
    assert report.correction is not None
    assert (report.text, report.correction.text) == ("dZ = dH * (dH > 0)", "dZ = dH * (Z > 0)")


CONVOLUTION = """\
import numpy as np
rng = np.random.default_rng(0)
x, K, t = rng.normal(size=(4, 4)), rng.normal(size=(2, 2)), rng.normal(size=(3, 3))
out = np.zeros((3, 3))
for i in range(3):
    for j in range(3): out[i, j] = np.sum(x[i:i + 2, j:j + 2] * K)
loss = 0.5 * np.sum((out - t) ** 2)
dout = out - t
dK = np.zeros((2, 2))
for i in range(3):
    for j in range(3): dK += dout[i, j] * x[i:i + 2, j:j + 2]
"""


def test_what_a_loop_counts_with_is_no_loss(tmp_path: Path) -> None:
    """`j` is the name of a loss elsewhere; a loop and its body may stand on one line."""
    path = tmp_path / "convolution.py"
    path.write_text(CONVOLUTION, "utf-8")
    assert str(debug_file(str(path))).startswith("2 compared, none wrong: ")


BATCHES = """\
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(12, 3)); y = rng.normal(size=(12, 1))
W = rng.normal(size=(3, 1))
steps = 4
dW = np.zeros_like(W)
for k in range(steps):
    x, t = X[3 * k:3 * k + 3], y[3 * k:3 * k + 3]
    pred = x @ W
    loss = np.mean((pred - t) ** 2)
    dpred = 2 * (pred - t) / len(t)
    dW += x.T @ dpred / steps
W -= 0.1 * dW
"""


def test_a_mean_over_micro_batches_is_no_slip(tmp_path: Path) -> None:
    """Each turn adds its share; another divisor is one."""
    path = tmp_path / "batches.py"
    path.write_text(BATCHES, "utf-8")
    assert debug_file(str(path)).passed
    path.write_text(BATCHES.replace("dpred / steps", "(2 * dpred) / steps"), "utf-8")
    assert not debug_file(str(path)).passed


@pytest.mark.parametrize("given", [("x", backward, INPUTS), (forward, backward, [1, 2])])
def test_what_is_no_function_or_has_no_names_is_one_message(given: Any) -> None:
    """A wrong argument is named, and no traceback of ours is shown."""
    with pytest.raises(
        TracerError, match=r"forward='x' is not allowed|inputs=\[1, 2\] is not allowed"
    ):
        tracer.check_backward(*given)


LAYERS = """\
import numpy as np
rng = np.random.default_rng(0)
X, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
class Linear:
    def __init__(self, i, o): self.W = rng.normal(size=(i, o))
    def forward(self, x): self.x = x; return x @ self.W
    def backward(self, d):
        self.dW = self.x.T @ d
        return d @ self.W.T
layers = [Linear(4, 3), Linear(3, 2)]
h = layers[0].forward(X)
out = layers[1].forward(h)
loss = np.mean((out - y) ** 2)
d = layers[1].backward(2 * (out - y) / y.size)
"""


def test_a_parameter_that_gets_no_gradient_is_named(tmp_path: Path) -> None:
    """That of the first layer is never computed."""
    path = tmp_path / "layers.py"
    path.write_text(LAYERS, "utf-8")
    report = debug_file(str(path))
    assert str(report).endswith("\nno gradient was found for layers[0].W")
    assert report.as_dictionary()["missing"] == ["layers[0].W"]
    path.write_text(LAYERS + "layers[0].backward(d)\n", "utf-8")
    assert str(debug_file(str(path))).startswith("2 compared, none wrong: ")


@pytest.mark.parametrize(("index", "wrong"), [("t", None), ("t + 1", "dwh")])
def test_a_gradient_may_leave_out_what_joins_the_parts_of_a_name(
    index: str, wrong: str | None, tmp_path: Path
) -> None:
    """`dwh` is that of w_h; passed over, a wrong one would count as right."""
    path = tmp_path / "recurrent.py"
    path.write_text(
        "import numpy as np\nx = [1.0, 2.0, -1.0]\nw_x, w_h = 0.5, 0.8\nh = [0.0]\n"
        "for t in range(3):\n    h.append(np.tanh(w_x * x[t] + w_h * h[t]))\n"
        "loss = (h[3] - 1.0) ** 2\ndwx = dwh = 0.0\ndh = 2 * (h[3] - 1.0)\n"
        "for t in reversed(range(3)):\n    da = dh * (1 - h[t + 1] ** 2)\n"
        f"    dwx += da * x[t]\n    dwh += da * h[{index}]\n    dh = da * w_h\n",
        "utf-8",
    )
    found = debug_file(str(path)).as_dictionary()
    assert (found["wrong"], found["passed"]) == (wrong, wrong is None)
