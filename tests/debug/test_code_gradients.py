"""The backward pass in a document's Python: followed without Python running any of it."""

from __future__ import annotations

import ast
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.case_lists import crossed, sampled
from tests.check.code_pieces import RIGHT, WRONG, collapsed
from tests.debug.backward_passes import CASES, FORMS, Case, Form
from tests.debug.located import located_unrun
from tracer.check.model.finding import Finding
from tracer.debug.bounded_process import (
    CAN_BE_BOUNDED,
    OutOfBoundsError,
    result_within_bounds,
)
from tracer.debug.code_gradients import read_backward_passes
from tracer.debug.mutations import Scope, mutations
from tracer.debug.observation import SourceText
from tracer.document_check import check_text

NETWORK = """import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(6, 3))
y = rng.normal(size=(6, 1))
W1 = rng.normal(size=(3, 4)); b1 = np.zeros(4)
W2 = rng.normal(size=(4, 1)); b2 = np.zeros(1)
lr = 0.1
n = len(X)
z1 = X @ W1 + b1
h = np.tanh(z1)
out = h @ W2 + b2
loss = np.mean((out - y) ** 2)
"""
BACKWARD = """dout = 2 * (out - y) / n
dW2 = h.T @ dout
dz1 = dout @ W2.T * (1 - h**2)
dW1 = X.T @ dz1
"""
UPDATE = "W1 -= lr * dW1\nW2 -= lr * dW2\n"


def findings(code: str) -> list[Finding]:
    """Return what is found in a file of Python."""
    [report] = check_text(code, "py").files
    return list(report.findings)


def processor_time_of_children() -> float:
    """Return the seconds that ended processes of this one took."""
    times = os.times()
    return times.children_user + times.children_system


@pytest.mark.parametrize(("case", "form"), crossed(CASES, FORMS, CASES[::2]))
def test_a_slip_is_located_in_code_that_is_not_run(case: Case, form: Form) -> None:
    """The line is the wrong one and has a correction; the right code is not blamed.

    Every other case is a guard here, and the others are where the code is run.
    """
    found = located_unrun(case, form)
    assert (found.is_located, found.is_corrected, found.passes) == (True, True, True), found.report


@pytest.mark.parametrize(
    "rest",
    [
        BACKWARD + "dW1 = np.clip(dW1, -0.1, 0.1)\ndW2 = np.clip(dW2, -0.1, 0.1)\n" + UPDATE,
        BACKWARD + "for g in (dW1, dW2):\n    np.clip(g, -0.1, 0.1, out=g)\n" + UPDATE,
        BACKWARD.replace(" / n", "") + "W1 -= lr / n * dW1\nW2 -= lr / n * dW2\n",
        BACKWARD.replace("h.T @ dout", "h.T @ dout + 0.01 * W2") + UPDATE,
        BACKWARD.replace("2 * (out - y)", "2 * (y - out)") + UPDATE.replace("-=", "+="),
        BACKWARD.replace("dW2 = h", "dW2 = lr * h") + "W2 -= dW2\nW1 -= lr * dW1\n",
    ],
    ids=["clipped", "clipped in place", "lr / n", "weight decay", "added", "a step"],
)
def test_conventions_are_no_slips(rest: str) -> None:
    """What is clipped, divided or turned round with its update is the derivative all the same."""
    found = findings(NETWORK + rest)
    assert {item.verdict for item in found} == {"correct"}
    assert "dW1" in str(found[0].message)


def test_a_mask_that_is_drawn_is_taken_as_it_was() -> None:
    """A dropout's mask is drawn once; drawn again it would be another."""
    forward = NETWORK.replace(
        "out = h", "mask = (rng.random(h.shape) < 0.8) / 0.8\nd = h * mask\nout = d"
    )
    rest = BACKWARD.replace("h.T", "d.T").replace("W2.T *", "W2.T * mask *")
    assert [item.verdict for item in findings(forward + rest)] == ["correct"]


LAYERS = """import numpy as np
np.random.seed(0)


class Linear:
    def __init__(self, inputs, outputs):
        self.W = np.random.randn(inputs, outputs) * 0.1
        self.b = np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class Network:
    def __init__(self):
        self.layers = [Linear(4, 5), Linear(5, 3)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, d):
        for layer in reversed(self.layers):
            d = layer.backward(d)


net = Network()
X, t = np.random.randn(6, 4), np.random.randn(6, 3)
for step in range(100):
    out = net.forward(X)
    loss = np.mean((out - t) ** 2)
    dout = 2 * (out - t) / out.size
    net.backward(dout)
    for layer in net.layers:
        layer.W -= 0.1 * layer.dW
"""


def test_layers_are_followed_into_their_classes() -> None:
    """The slip is in the method of a layer, not where it is called."""
    [right] = findings(LAYERS)
    names = ", ".join(f"self.layers[{layer}].{name}" for layer in (1, 0) for name in ("dW", "db"))
    assert str(right.message).startswith(f"dout, {names}: agrees")
    slips = [
        item for item in findings(LAYERS.replace("axis=0", "axis=1")) if item.verdict == "slip"
    ]
    assert [item.text for item in slips] == ["self.db = dout.sum(axis=1)"]


TWO_SLIPS = """
import numpy as np
x, t = np.array([1.0, 2.0]), np.array([0.0, 1.0])
W = np.array([[0.5, -0.5], [0.25, 1.0]])
h = W @ x
a = np.where(h > 0, h, 0.1 * h)
loss = np.sum((a - t) ** 2)
da = 2 * (a - t)
dh = da * np.where(h > 0, 1.0, 0.0)
dW = np.outer(x, dh)
"""


def test_a_gradient_that_is_wrong_for_its_own_wrong_input_is_charged_to_no_other_line() -> None:
    """Transposed, dW is wrong whatever dh is; the right way round it follows from dh."""
    assert [item.verdict for item in findings(TWO_SLIPS)] == ["correct", "slip", "slip"]
    followed = findings(TWO_SLIPS.replace("outer(x, dh)", "outer(dh, x)"))
    assert [item.verdict for item in followed] == ["correct", "slip", "carried_forward"]


def test_a_gradient_that_the_loss_does_not_ask_for_is_listed() -> None:
    """It is not compared, and the reason is said."""
    found = findings(NETWORK + BACKWARD + "dlr = (out - y).sum()\n")
    assert [item.verdict for item in found] == ["correct", "not_checked"]
    assert str(found[1].message).startswith("dlr: not compared")


def test_a_factor_of_several_names_stands_in_brackets() -> None:
    """Without them `1 / a * b` would be b / a."""
    code = (
        "import numpy as np\nr = np.arange(12.0).reshape(3, 4)\nt = np.array([[1.0, 0.5, 2.0, 0.1],"
        " [0.3, 0.7, 1.5, 0.2], [2.5, 0.4, 1.1, 0.9]])\nL = ((r - t)**2).mean()\ndr = 2 * (r - t)\n"
    )
    [report] = check_text(code, "py").files
    assert "the factor 1 / (r.shape[0] * r.shape[1]) is missing" in str(report.findings[0].message)


def test_every_gradient_is_listed() -> None:
    """Those before the slip agree, the one behind it differs, those after it follow from it."""
    code = NETWORK + BACKWARD.replace("dW2\n", "dW2\nW2 -= lr * dW2\n", 1).replace(
        "dz1 = ", "W2 -= lr * dW2\ndz1 = "
    )
    found = findings(code)
    assert [(item.verdict, item.line) for item in found] == [
        ("correct", 13),
        ("slip", 15),
        ("carried_forward", 17),
    ]
    assert found[1].kind == "stale_value"
    assert str(found[1].remarks[0]) == "it belongs after line 16"
    assert found[2].error_line == 15


@pytest.mark.parametrize(
    "line",
    [
        "open(PATH, 'w').write('x')",
        "__import__('pathlib').Path(PATH).write_text('x')",
        "from pathlib import Path; Path(PATH).write_text('x')",
        "np.savetxt(PATH, X)",
        "X.tofile(PATH)",
        "print.__self__.open(PATH, 'w')",
        "[c for c in ().__class__.__base__.__subclasses__()][0].__init__.__globals__",
        "np.random.__loader__.get_data(PATH)",
        "exec('open(PATH, \"w\")')",
        "'{0.__class__}'.format(X)",
    ],
)
def test_nothing_but_numbers_is_reached(line: str, tmp_path: Path) -> None:
    """No file, module or hidden attribute is reached; the rest of the code is still judged."""
    path = tmp_path / "written"
    code = f"PATH = {str(path)!r}\n{NETWORK}try:\n    {line}\nexcept Exception:\n    pass\n"
    [report] = read_backward_passes(code + BACKWARD)
    assert not path.exists()
    assert report.passed


@pytest.mark.parametrize(
    "line",
    [
        "while True: pass",
        "f = lambda f: f(f)\nf(f)",
        "big = np.ones((10**9,))",
        "big = np.ones(10**5)[:, None] * np.ones(10**5)",
        "big = [[[0] * 1000] * 1000] * 1000\nbig = np.array(big)",
        "big = 10 ** 10 ** 10",
        "big = np.einsum('i,j,k->ijk', *[np.ones(5000)] * 3)",
        "big = 'x' * 10**10",
        "big = [i for i in range(10**12)]",
        "big = sum(range(10**12))",
        "big = rng.normal(size=10**9)",
        "big = np.ones(10**5)\nbig = np.outer(big, big)",
        "big = 9\nfor i in range(1000): big = big * big",
        "big = np.arange(3)[np.zeros((10**4, 10**4), int)]",
        "big = np.zeros(3, dtype='S1000000000')",
        "big = np.zeros(3, dtype=[('a', 'S1000000000')])",
        "big = np.array([10], dtype=object) ** np.array([10**12], dtype=object)",
    ],
)
def test_code_that_takes_long_ends(line: str) -> None:
    """Sizes, steps and time are bounded, whatever the code asks for."""
    start = time.process_time()
    read_backward_passes(NETWORK + line + "\n" + BACKWARD)
    assert time.process_time() - start < 20


# The same as the command, with less time for what has no end.
QUICKLY_ENDED = """
from tracer.__main__ import entry
from tracer.debug import bounded_process
bounded_process.PROCESSOR_SECONDS = 1
entry()
"""


@pytest.mark.skipif(not CAN_BE_BOUNDED, reason="no process of its own here")
@pytest.mark.parametrize(
    "lines",
    [
        "k = round(7, -1000000000)\nbig = max(range(10**12))",
        "big = np.tril(np.ones(50000))\nk = max(range(10**12))",
    ],
)
def test_a_call_without_an_end_is_ended_with_its_process(lines: str, tmp_path: Path) -> None:
    """The code counts as not checked, in one sentence; no process and no large memory stays."""
    path = tmp_path / "code.py"
    path.write_text(NETWORK + lines + "\n" + BACKWARD)
    start = processor_time_of_children()
    found = subprocess.run(
        [sys.executable, "-c", QUICKLY_ENDED, "check", str(path)],
        capture_output=True, text=True, timeout=90, check=False, start_new_session=True,
    )  # fmt: skip
    assert processor_time_of_children() - start < 15
    assert "this code takes too long or too much memory to follow" in found.stdout
    assert found.returncode == 2
    assert "Traceback" not in found.stderr


@pytest.mark.skipif(not CAN_BE_BOUNDED, reason="no process of its own here")
def test_work_beyond_its_bounds_leaves_no_process() -> None:
    """Memory is refused, a fault of the work itself is raised as it is, a death is told."""
    with pytest.raises(OutOfBoundsError):
        result_within_bounds(lambda: len(bytearray(2 * 1024**3)))
    with pytest.raises(OutOfBoundsError):
        result_within_bounds(lambda: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(ZeroDivisionError):
        result_within_bounds(lambda: 1 // 0)
    assert result_within_bounds(lambda: [1, 2]) == [1, 2]
    assert not multiprocessing.active_children()


def test_a_list_of_large_arrays_ends() -> None:
    """What arrays hold is counted where they are made, not only where they get a name."""
    start = time.monotonic()
    findings("import numpy as np\nbig = [np.ones(200_000) for i in range(1900)]\n" + BACKWARD)
    findings(NETWORK + "big = [np.ones(200_000) for i in range(1900)]\n" + BACKWARD)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "code",
    [
        NETWORK.replace("h = np.tanh(z1)", "h = np.tanh(z1)\nh[:] = expit(z1)")
        + BACKWARD.replace("1 - h**2", "h * (1 - h)"),
        NETWORK.replace("h = np.tanh(z1)", "h = 1 * z1\nnp.add(h, h, out=h)")
        + BACKWARD.replace("(1 - h**2)", "2"),
        NETWORK + "dW2 = np.ones((4, 1))\ndW2.fill(0)\n" + BACKWARD.replace("dW2 = h", "dW2 += h"),
        NETWORK
        + "grads = [1 * W2]\nfirst = grads\ngrads.clear()\ngrads.append(0)\n"
        + BACKWARD.replace("h.T @ dout", "h.T @ dout + first[0]"),
        NETWORK
        + "grads = [1 * W2, 0 * W2]\ndel grads[0]\n"
        + BACKWARD.replace("h.T @ dout", "h.T @ dout + grads[0]"),
        NETWORK
        + "scale = 3.0\ndef reset():\n    global scale\n    scale = 1.0\nreset()\n"
        + BACKWARD.replace("h.T @ dout", "scale * h.T @ dout"),
        NETWORK
        + "def work():\n    scale = 3.0\n    def reset():\n        nonlocal scale\n"
        + "        scale = 1.0\n    reset()\n    return scale\n"
        + BACKWARD.replace("h.T @ dout", "work() * h.T @ dout"),
        NETWORK
        + "scale = np.array([3.0])\nview = scale[:]\nreset(scale)\n"
        + BACKWARD.replace("h.T @ dout", "view * h.T @ dout"),
        NETWORK
        + "scale = np.array([3.0])\nfor i in steps():\n    reset(scale)\n"
        + BACKWARD.replace("h.T @ dout", "scale * h.T @ dout"),
    ],
    ids=[
        *("a part assigned", "an output", "filled", "cleared", "deleted", "global", "nonlocal"),
        *("an argument", "a loop"),
    ],
)
def test_what_unfollowed_code_may_change_is_unknown(code: str) -> None:
    """Right code is not blamed for a value that it had before."""
    assert not [item for item in findings(code) if item.verdict == "slip"]


def test_what_is_drawn_is_still_known() -> None:
    """A picture of the data or a test of a gradient changes neither."""
    start = "import matplotlib.pyplot as plt\nfig, axes = plt.subplots(1, 2)\n"
    drawn = "plt.scatter(X[:, 0], y)\naxes[0].plot(X, y)\nnp.testing.assert_allclose(X, X)\n"
    found = findings(start + NETWORK.replace("z1 = X", drawn + "z1 = X") + BACKWARD)
    assert [item.verdict for item in found] == ["correct"]
    assert str(found[0].message).startswith("dout, dW2, dz1, dW1: agrees")


SIGMOID = (
    NETWORK.replace("size=(6, 1)", "size=(6, 2)")
    .replace("(4, 1)", "(4, 2)")
    .replace("np.tanh(z1)", "1 / (1 + np.exp(-z1))")
)
BEHIND = """dout = 2 * (out - y) / out.size
dW2 = h.T @ dout
dz1 = dout @ W2.T * (h * (1 - h))
dW1 = X.T @ dz1
"""
PENALTY = SIGMOID.replace("** 2)", "** 2) + 0.1 * np.sum(W1**2)")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (
            SIGMOID + BEHIND.replace("out.size", "n"),
            "dout = 2 * (out - y) / n / y.shape[1]",  # there are two outputs: not "/ 2"
        ),
        (SIGMOID + BEHIND.replace("2 * (out", "(out"), "dout = (out - y) / out.size * 2"),
        (
            SIGMOID + BEHIND.replace("h * (1 - h)", "z1 * (1 - z1)"),
            "dz1 = dout @ W2.T * (h * (1 - h))",
        ),
        (
            PENALTY + BEHIND.replace("X.T @ dz1", "X.T @ dz1 + 0.1 * W1"),
            "dW1 = X.T @ dz1 + 0.2 * W1",
        ),
    ],
    ids=["a size that is 2", "the 2 of a square", "the net input for the value", "a penalty"],
)
def test_a_correction_is_what_a_person_would_write(code: str, line: str) -> None:
    """A factor that is right for these sizes only, or none at all, would send somebody astray."""
    [report] = read_backward_passes(code)
    assert report.correction is not None
    assert ast.dump(ast.parse(report.correction.text)) == ast.dump(ast.parse(line))


def test_a_correction_holds_at_other_numbers_too() -> None:
    """For y = 2x many a line gives the right number; what the chain rule says is offered."""
    code = """import numpy as np
x = np.array([1.0, 2.0, 3.0])
y = np.array([2.0, 4.0, 6.0])
w, b = 0.5, 0.0
for epoch in range(3):
    y_pred = w * x + b
    loss = np.mean((y_pred - y) ** 2)
    dw = 2 * np.mean(y_pred - y)
    db = 2 * np.mean(y_pred - y)
    w = w - 0.1 * dw
    b = b - 0.1 * db
"""
    [slip] = [item for item in findings(code) if item.verdict == "slip"]
    line = "    dw = np.sum(2 * (y_pred - y) / 3 * x)"
    assert (slip.kind, slip.suggestion) == ("wrong_formula", line)


def test_a_slip_in_all_gradients_is_one_finding_beside_data_that_are_drawn() -> None:
    """Formulas are compared as well where the code draws its data from a generator."""
    rest = BACKWARD.replace("2 * (out - y)", "2 * (y - out)")
    [slip] = [item for item in findings(NETWORK + rest + UPDATE) if item.verdict == "slip"]
    assert slip.kind == "sign_error"


@pytest.mark.proof
@pytest.mark.parametrize("code", RIGHT.values(), ids=RIGHT)
def test_right_code_of_articles_is_not_blamed(code: str) -> None:
    """Neither the search for the slip nor the comparison of formulas finds one."""
    assert not [item for item in findings(code) if item.verdict == "slip"]


@pytest.mark.proof
@pytest.mark.parametrize(("code", "kind"), [(code, kind) for code, kind, _ in WRONG.values()])
def test_slips_of_articles_are_found(code: str, kind: str) -> None:
    """What is located at a line does not hide what the formulas say."""
    assert kind in {item.kind for item in findings(code) if item.verdict == "slip"}


def test_a_line_that_lost_its_break_is_no_slip() -> None:
    """`db1 = dz1` and the update below it are one chain of names without the break between."""
    code = collapsed(RIGHT["updates of two names in one statement"], 1)
    [report] = check_text(f"An article.\n\n```python\n{code}\n```\n").files
    assert "db1 = dz1w1, w2 =" in code
    assert not [item for item in report.findings if item.verdict == "slip"]


@pytest.mark.parametrize(
    ("line", "changes", "kept"),
    [
        ("dW = hs[t + 1]", ["dW = hs[t]", "dW = hs[t + 2]"], "1 - 1"),
        ("dW = hs[-t]", ["dW = hs[-t - 1]", "dW = hs[-t + 1]"], "--"),
        ("db = np.sum(hs)", ["db = np.mean(hs)"], "np.max"),
    ],
)
def test_a_change_is_written_as_a_person_does(line: str, changes: list[str], kept: str) -> None:
    """One less than t + 1 is t; from the end of a list it is -t - 1."""
    scope = Scope({"hs[t + 1]": (3,)}, (), (3,))
    found = [item.text for item in mutations(ast.parse(line).body[0], scope)]
    assert set(changes) <= set(found)
    assert not any(kept in text for text in found)


@pytest.mark.parametrize("root", ["np.sqrt(d)", "d ** 0.5", "d ** (1 / 2)", "d ** -(1/2)"])
def test_a_root_is_seen_however_it_is_written(root: str) -> None:
    """Only code that takes one is offered the root of a size as a factor."""
    assert SourceText("code.py", f"scores = q / {root}").has_roots
    assert not SourceText("code.py", "scores = q ** 2 / d").has_roots


PAIR = """import numpy as np

def forward(X, y, W1, W2):
    z1 = X @ W1
    h = np.maximum(z1, 0)
    p = h @ W2
    loss = np.mean((p - y) ** 2)
    return {0}

def backward(X, y, W2, z1, h, p):
    dp = 2 * (p - y) / p.size
    dW2 = h.T @ dp
    dh = dp @ W2.T
    dz1 = dh * ({1} > 0)
    dW1 = X.T @ dz1
    return dW1, dW2
"""


@pytest.mark.parametrize(
    "returned", sampled(["loss", "loss, z1, h, p", "loss, (z1, h, p)"], ["loss, (z1, h, p)"])
)
def test_a_pair_that_nobody_calls_is_joined_by_its_names(returned: str) -> None:
    """What the backward function takes is what the forward one computes under the same name."""
    [right] = findings(PAIR.format(returned, "z1"))
    assert str(right.message).startswith("dp, dW2, dh, dz1, dW1: agrees with the derivative")
    slips = [item for item in findings(PAIR.format(returned, "dh")) if item.verdict == "slip"]
    assert [item.text for item in slips] == ["dz1 = dh * (dh > 0)"]


OTHER_LOSS = """import numpy as np

def mse_loss(y, y_pred):
    return np.mean((y - y_pred) ** 2)

def gradient(x, y, w, b):
    db = np.mean({0})
    dw = np.mean({0} * x)
    return dw, db
"""


@pytest.mark.parametrize(
    "error",
    ["np.sign(w * x + b - y)", "(1 / (1 + np.exp(-w * x - b)) - y)"],
    ids=["absolute error", "cross-entropy"],
)
def test_the_gradients_of_another_loss_are_not_compared(error: str) -> None:
    """One number is always a gradient and a multiple of its parameter: that shows no decay."""
    found = findings(OTHER_LOSS.format(error))
    assert {item.verdict for item in found} == {"not_checked"}
    assert all("no loss whose value can be computed" in str(item.message) for item in found)


@pytest.mark.parametrize(("other", "verdict"), [("w", "correct"), ("w + 0.3", "slip")])
def test_a_single_parameter_decays_at_one_rate(other: str, verdict: str) -> None:
    """The rate is that of the code at other numbers too."""
    code = (
        "x = 1.5\ny = 0.4\nw = 0.8\nb = 0.1\np = w * x + b\nloss = (p - y) ** 2\n"
        f"dp = 2 * (p - y)\ndw = dp * x + 0.01 * ({other})\ndb = dp\n"
    )
    assert [item.verdict for item in findings(code)][-1] == verdict


def test_what_a_file_holds_is_unknown() -> None:
    """A gradient that is made of it is not compared, and the line is said."""
    data = NETWORK.replace("rng.normal(size=(6, 3))", "np.load('X.npy')")
    found = findings(data + BACKWARD)
    assert {item.verdict for item in found} == {"not_checked"}
    assert str(found[0].message).endswith("X is not known: tracer cannot follow line 3")


def test_an_update_without_a_gradient_by_name_goes_down() -> None:
    """The step alone is a multiple of the gradient, and shows its direction."""
    code = NETWORK + "W2 -= lr * h.T @ (out - y)\n"
    assert [item.verdict for item in findings(code)] == ["correct"]
    [slip] = [item for item in findings(code.replace("-= lr", "+= lr")) if item.verdict == "slip"]
    assert (slip.kind, slip.cause) == ("sign_error", "plus_for_minus")


def _found(code: str) -> list[tuple[str, str | None]]:
    """Return the kind and the corrected line of each slip in some code."""
    [report] = check_text(code, "py").files
    return [(item.kind or "", item.expected) for item in report.findings if item.verdict == "slip"]


MOMENTUM = """import numpy as np
X = np.array([[1.0, 2.0], [2.0, 0.5], [-1.0, 1.5]])
y = np.array([3.0, 2.0, 0.5])
w = np.zeros(2)
b = 0.0
vw = np.zeros(2)
vb = 0.0
for epoch in range(5):
    error = X @ w + b - y
    loss = np.mean(error**2) + 0.1 * np.sum(w**2)
    dw = 2 * X.T @ error / 3 + 0.2 * w
    db = 2 * error.mean()
    vw = 0.9 * vw - 0.1 * dw
    vb = 0.9 * vb - 0.1 * db
    w += vw
    b += vb
"""


def test_a_slip_that_shows_in_the_second_pass_is_found() -> None:
    """The gradient of a penalty is 0 as long as the weights are."""
    wrong = MOMENTUM.replace("+ 0.2 * w", "+ 0.3 * w")
    assert not _found(MOMENTUM)
    assert [kind for kind, _ in _found(wrong)] == ["wrong_formula"]


def test_a_step_is_corrected_where_it_differs_from_that_of_another_parameter() -> None:
    """A velocity with the wrong sign could be taken off as well, but that of b is added."""
    wrong = MOMENTUM.replace("vw - 0.1 * dw", "vw + 0.1 * dw")
    assert _found(wrong) == [("sign_error", "vw = 0.9 * vw - 0.1 * dw")]


UNUSED_LAYER = """import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        return np.maximum(self.z, 0)

    def backward(self, dout):
        dz = dout * (self.z > 0)
        self.dW = self.x.T @ dz
        self.db = dz.sum(axis=0)
        return dz @ self.W.T
"""


def test_a_class_that_nobody_uses_is_made_by_the_names_of_its_arguments() -> None:
    """Its loss is the sum of what it gives times the gradient that its backward method takes."""
    assert _found(UNUSED_LAYER.replace("self.z > 0)\n        s", "dout > 0)\n        s"))
    [report] = check_text(UNUSED_LAYER, "py").files
    assert [item.verdict for item in report.findings] == ["correct"]


HIDDEN_PREDICTION = """import numpy as np

def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def cross_entropy(p, y):
    return -np.log(p[np.arange(len(y)), y]).mean()

def gradients(X, y, W, b):
    probs = softmax(X @ W + b)
    d = probs.copy()
    d[np.arange(len(y)), y] -= 1
    d = d / len(y)
    dW = X.T @ d
    db = d.sum(axis=0)
    return dW, db
"""


def test_a_prediction_that_a_function_makes_for_itself_is_handed_to_the_loss() -> None:
    """The loss has another name for it."""
    assert not _found(HIDDEN_PREDICTION)
    assert len(read_backward_passes(HIDDEN_PREDICTION)) == 1
    assert _found(HIDDEN_PREDICTION.replace("X.T @ d", "X.T @ probs"))


def test_of_the_corrections_that_hold_the_shortest_is_offered() -> None:
    """A gate of another layer is replaced, not kept beside the right one."""
    code = NETWORK.replace("np.tanh(z1)", "np.maximum(z1, 0)")
    code += """loss = np.sum((out - y) ** 2) / 2
dout = out - y
dz1 = (dout @ W2.T) * (out**2 > 0)
dW1 = X.T @ dz1
"""
    assert ("wrong_substitution", "dz1 = dout @ W2.T * (z1 ** 2 > 0)") not in _found(code)
    assert _found(code)[0][1] in ("dz1 = dout @ W2.T * (h ** 2 > 0)", "dz1 = dout @ W2.T * (h > 0)")


def test_a_value_that_code_may_have_changed_which_is_not_followed_is_not_compared() -> None:
    """A gradient that is filled in later by a function of a library is no slip while it is 0."""
    code = """import numpy as np
import library
x = np.array([1.0, 2.0])
w = np.array([0.5, -0.5])
loss = np.sum((w * x) ** 2)
dw = np.zeros(2)
library.fill(dw, 2 * w * x**2)
"""
    assert not _found(code)


def test_entries_are_added_at_indices() -> None:
    """`np.add.at` is followed: an index that occurs twice counts twice."""
    code = """import numpy as np
E = np.arange(12.0).reshape(4, 3) / 10
ids = np.array([1, 2, 2])
loss = np.sum(E[ids] ** 2)
dE = np.zeros_like(E)
np.add.at(dE, ids, 2 * E[ids])
"""
    [report] = check_text(code, "py").files
    assert [item.verdict for item in report.findings] == ["correct"]
    assert _found(code.replace("2 * E[ids]", "E[ids]"))
