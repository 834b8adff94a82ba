"""Code in articles: gradients against the derivative of the loss, labels against what they show."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.case_lists import sampled
from tests.check.code_pieces import RIGHT, WRONG, collapsed
from tracer.check.model.finding import Finding
from tracer.check.model.statements import CodeListing
from tracer.debug.judging import judge_listings


def judged(code: str) -> list[Finding]:
    """Return what is found in a piece of code that is a file of its own."""
    return judge_listings([CodeListing(code, 1)], code.split("\n"))


def slips(code: str) -> list[Finding]:
    """Return the slips that are found."""
    return [entry for entry in judged(code) if entry.verdict == "slip"]


def places(code: str, entry: Finding) -> list[str]:
    """Return the texts that an entry marks."""
    lines = code.split("\n")
    assert entry.wrong_place is not None
    spans = (entry.wrong_place, *entry.more_places)
    return [lines[span.line - 1][span.start : span.end] for span in spans]


COUNTED = (
    "mean squared error",
    "half of the mean",
    "descending with the error reversed",
    "no name for the gradient",
    "softmax",
    "columns are samples",
    "functions with tables",
    "sums over samples in a loop",
    "adam",
    "sizes handed to a function",
    "names that another function uses for sizes",
    "a rectified layer",
    "functions that nobody calls",
    "the derivative by the output",
)
"""Right code of which the gradients are compared, and not only let pass."""


@pytest.mark.parametrize("name", [name for name in RIGHT if name not in COUNTED])
def test_right_code_is_not_blamed(name: str) -> None:
    """Conventions are no slips: half or not, sum or mean, the error reversed and added."""
    assert not slips(RIGHT[name])


def test_a_decay_whose_rate_follows_a_schedule_is_not_blamed() -> None:
    """The second pass of a training has another rate, and rightly so."""
    code = (
        "w = 0.5\nfor step in range(1, 4):\n    lam = 0.1 / step\n    p = w * 2.0\n"
        "    loss = 0.5 * (p - 1.5) ** 2\n    dw = (p - 1.5) * 2.0 + lam * w\n"
        "    w = w - 0.01 * dw\n"
    )
    assert [entry.verdict for entry in judged(code)] == ["correct"]


@pytest.mark.parametrize(
    "code",
    [
        "def train():\n    w, x = np.array([0.1, 0.2]), np.array([0.3, 0.2])\n"
        "    loss = 0.5 * (w @ x - 0.4) ** 2\n    dw = (w @ x - 0.4) * x * 2\n"
        "    return loss, dw\nloss, dw = train()\n",
        "w, x = np.array([1.0, 2.0]), np.array([3.0, 4.0])\n"
        "def forward(w, x):\n    loss = np.sum((w * x) ** 2)\n    return loss\n"
        "def backward(w, x):\n    loss = forward(w, x)\n    dw = (w * x) * x\n    return dw\n"
        "backward(w, x)\n",
    ],
    ids=["a function that makes its own numbers", "a backward pass that calls the forward pass"],
)
def test_a_gradient_is_compared_whichever_function_has_its_loss(code: str) -> None:
    """What a function that is called looks up itself is known too."""
    assert [entry.verdict for entry in judged("import numpy as np\n" + code)] == ["slip"]


LONG = (
    "a function that nobody calls",
    "x left out of the gradient, in a function",
    "returned gradients",
)
"""Functions that are called with numbers of the judge's own, which takes seconds."""


@pytest.mark.parametrize("name", sampled(WRONG, WRONG.keys() - LONG))
def test_a_slip_is_found_once_at_its_statements(name: str) -> None:
    """One finding for all the gradients that are wrong in the same way."""
    code, kind, texts = WRONG[name]
    [entry] = slips(code)
    assert entry.kind == kind
    assert places(code, entry) == texts


@pytest.mark.parametrize("name", COUNTED)
def test_a_right_gradient_is_counted(name: str) -> None:
    """Silence would look like approval."""
    assert [entry.verdict for entry in judged(RIGHT[name])] == ["correct"]


@pytest.mark.parametrize(
    ("seed", "every"), [(0, 12), *(pytest.param(n, 1, marks=pytest.mark.proof) for n in range(3))]
)
def test_right_code_without_its_line_breaks_is_not_blamed(seed: int, every: int) -> None:
    """A line that is broken in the wrong place must not become a slip; the proofs have all code."""
    for name, code in [*RIGHT.items()][::every]:
        joined = collapsed(code, seed)
        found = judge_listings([CodeListing(joined, 1, collapsed=True)], joined.split("\n"))
        assert not [entry for entry in found if entry.verdict == "slip"], (name, joined)


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.proof)])
def test_slips_in_code_without_its_line_breaks_are_found(every: int) -> None:
    """Most are: a line that can be read in two ways is left unread; the proof has all code."""
    codes = [*WRONG.values()][::every]
    found = 0
    for code, kind, _ in codes:
        joined = collapsed(code, 1)
        entries = judge_listings([CodeListing(joined, 1, collapsed=True)], joined.split("\n"))
        found += kind in [entry.kind for entry in entries]
    assert found >= 0.8 * len(codes)


@pytest.mark.parametrize(
    "code",
    [
        "grad_w = 2 * (w * x - y) * x",
        "for x, y in pairs:\n    grad_w += 2 * (w * x - y) * x",
    ],
)
def test_a_gradient_without_a_loss_is_not_checked(code: str) -> None:
    """It is listed with its reason, one that is added up too."""
    [entry] = judged(code)
    assert (entry.verdict, entry.reason) == ("not_checked", "unknown_quantity")


ERROR = """import numpy as np
X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]])
t = np.array([1.0, 2.0, 3.0])
w = np.array([0.5, -0.5])
o = X @ w
loss = np.mean((o - t) ** 2)
"""


@pytest.mark.parametrize(
    ("line", "repair", "cause"),
    [
        (
            "dw = 2 * X.T @ (t - o) / len(t)",
            "dw = 2 * X.T @ (o - t) / len(t)",
            "error_reversed",
        ),
        (
            "dw = -2 * np.dot(X.T, o - t) / len(t)",
            "dw = 2 * np.dot(X.T, o - t) / len(t)",
            "error_reversed",
        ),
        ("dw = X.T @ (o - t) / 3", "dw = X.T @ (o - t) / 3 * 2", "factor_2_left_out"),
        ("dw = 4 * X.T @ (o - t) / 3", "dw = 4 * X.T @ (o - t) / 3 / 2", "factor_2_added"),
        ("dw = 2 * X.T @ (o - t)", "dw = 2 * X.T @ (o - t) / X.shape[0]", "sum_for_mean"),
        (
            "dw = 2 * X.T @ (o - t) / 9",
            "dw = 2 * X.T @ (o - t) / 9 * X.shape[0]",
            "divided_twice",
        ),
        ("dw = 5 * X.T @ (o - t) / 3", "dw = X.T @ (2 * (o - t) / 3)", None),
    ],
)
def test_the_repair_and_the_cause(line: str, repair: str | None, cause: str | None) -> None:
    """A repair makes the line right; a factor that is nobody's habit has no cause."""
    [entry] = slips(ERROR + line)
    assert (entry.written, entry.expected, entry.cause) == (line, repair, cause)
    if repair is not None:
        assert [item.text for item in entry.replacements] == [repair]
        assert not slips(ERROR + repair)


def test_two_slips_at_once_have_all_their_kinds() -> None:
    """The sign comes first; no cause is claimed."""
    [entry] = slips(ERROR + "dw = X.T @ (t - o) / len(t)")
    assert entry.kind == "sign_error"
    assert entry.candidates == ("sign_error", "missing_factor_2")
    assert entry.cause is None


def test_names_of_earlier_blocks_are_known() -> None:
    """The loss stands in one block, the gradient function in the next."""
    loss = "import numpy as np\ndef mse(y, p):\n    return np.mean((y - p) ** 2)"
    gradient = "def mse_gradient(y, p, X):\n    return 2 * np.dot(X.T, y - p) / len(y)"
    lines = [*loss.split("\n"), "", *gradient.split("\n")]
    first, second = CodeListing(loss, 1), CodeListing(gradient, 5)
    assert not judge_listings([first], lines)
    [entry] = judge_listings([first, second], lines)
    assert (entry.kind, entry.line, entry.column) == ("sign_error", 6, 5)


def test_places_count_from_the_raw_line() -> None:
    """Indents that the reader cut, and characters beyond ASCII before the figure."""
    code = "loss = 1.0\ngrad = 2 * loss\nprint('结果:', 1, '损失 loss =', grad)"
    raw = ["text", *("    " + line for line in code.split("\n"))]
    [entry] = [
        one for one in judge_listings([CodeListing(code, 2, 4)], raw) if one.verdict == "slip"
    ]
    assert entry.wrong_place is not None
    assert raw[entry.wrong_place.line - 1][entry.wrong_place.start : entry.wrong_place.end] in (
        "loss",
        "损失",
    )


@pytest.mark.parametrize(
    "code",
    [
        "x" * 30_000,
        "a = " + "(" * 3000 + ")" * 3000,
        "a = " + "-" * 5000 + "1",
        "loss = 1\ndw = " + "+".join(["loss"] * 4000),
        "loss = 9 ** 9 ** 9 ** 9\nw = 1.0\nw -= loss",
        "import numpy as np\nloss = np.zeros((10**9, 10**9)).sum()\ndw = loss * 2\nw = 1\nw -= dw",
        "def f(w):\n    return f(w)\nloss = f(1.0)\ndw = loss\nw = 1.0\nw -= dw",
        "for i in range(10**9):\n    loss = i\n    w = 1.0\n    w -= loss * w",
        "loss = [[0.0] * 10] * 10\n" + "w = 0.5\nw -= 0.1 * w\n" * 500,
        "import numpy as np\nx = np.ones((15000, 1))\nw = 0.5\n"
        "loss = np.sum((x @ x.T) * w)\ngrad = 2 * loss * w\nw -= grad",
        "x = [1.0]\nw = 0.5\nfor i in range(10**12):\n    loss = w * x[i]\n    w -= loss",
        "loss = sum(range(10**12))\nw = 0.5\nw -= loss",
        "x\0y = 1",
        "loss = 1\n" + "a=b" * 900 + "\n" + "grad = 2 *",
    ],
    ids=range(14),
)
def test_nothing_hangs_or_crashes(code: str) -> None:
    """Long, deep, endless and huge code ends soon."""
    start = time.thread_time()
    judged(code)
    assert time.thread_time() - start < 5


def test_code_without_a_gradient_does_not_load_the_engine() -> None:
    """NumPy and the engine are for comparisons."""
    program = (
        "import sys\n"
        "from tracer.debug.judging import judge_listings\n"
        "from tracer.check.model.statements import CodeListing\n"
        "code = 'import numpy as np\\nx = np.array([1, 2])\\nprint(\"x =\", x)\\nloss = 1'\n"
        "judge_listings([CodeListing(code, 1)], code.split(chr(10)))\n"
        "print([name for name in ('numpy', 'tracer.program.recorder') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "code",
    [
        "from mylib import tanh\ndef tanh_prime(x): return x",
        "import numpy as np\ndef relu_prime(x): return np.heaviside(-x, 0)",
        "def silu_grad(x): return 1 if x > 0 else 0",
        "import numpy as np\ndef gelu(x): return 0.5*x*(1+np.tanh(0.8*(x+0.0447*x**3)))\n"
        "def gelu_grad(x):\n    return 0.5*(1+np.tanh(0.7979*x+0.0357*x**3))\\\n"
        "        + 0.5*x*(1-np.tanh(0.7979*x+0.0357*x**3)**2)*(0.7979+0.107*x**2)",
    ],
    ids=["imported", "not followed", "not traced", "rounded constants"],
)
def test_a_derivative_that_cannot_be_judged_is_listed(code: str) -> None:
    """Not followed, or near the right one: neither right nor wrong, and not passed over."""
    [entry] = judged(code)
    assert entry.verdict == "not_checked"


def test_a_label_names_nothing_that_only_another_function_computes() -> None:
    """`output` within f is no quantity that the print could have meant."""
    code = "def f(x):\n    output = x\n    return output\ny = f(1)\nprint('output:', y)\n"
    assert not judge_listings([CodeListing(code, 1)], code.split("\n"))


DATACLASS = """import numpy as np
from dataclasses import dataclass, field

@dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray
    seen: list = field(default_factory=list)

    def forward(self, x):
        self.seen.append(x)
        return x @ self.W + self.b

    def backward(self, d):
        self.dW = {0}
        self.db = d.sum(axis=0)

rng = np.random.default_rng(0)
X, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
layer = Layer(rng.normal(size=(3, 2)), b=np.zeros(2))
p = layer.forward(X)
loss = np.sum((p - y) ** 2)
layer.backward(2 * (p - y))
"""


def test_a_dataclass_has_the_constructor_of_its_fields() -> None:
    """Its gradients are compared as those of any other class."""
    [right] = judged(DATACLASS.format("self.seen[0].T @ d"))
    assert str(right.message).startswith("self.dW, self.db: agrees")
    [slip] = slips(DATACLASS.format("-self.seen[0].T @ d"))
    assert slip.kind == "sign_error"


SAMPLES = """
x, y = [1.0, 2.0, 3.0, 5.0], [2.0, 3.0, 7.0, 8.0]
w, b = 0.5, 0.1
for epoch in range(10):
    loss, dw, db = 0, 0, 0
    for i in range(4):
        e = w * x[i] + b - y[i]
        loss += e ** 2
        dw += 2 * e{0}
        db += 2 * e
    loss /= 4
    dw /= 4
    db /= 4
    w -= 0.01 * dw
    b -= 0.01 * db
"""


def test_sums_over_samples_in_a_loop_are_compared_whole() -> None:
    """The factor that is missing is 1 for the first sample, so that its share alone is right."""
    assert [item.verdict for item in judged(SAMPLES.format(" * x[i]"))] == ["correct"]
    assert [item.verdict for item in judged(SAMPLES.format(""))] == ["slip", "correct"]


def test_an_error_in_following_code_is_said_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is named with the gradient, which is not compared."""

    def fail(*_: object, **__: object) -> None:
        raise LookupError("no such row")

    monkeypatch.setattr("tracer.debug.code_gradients.examine", fail)
    monkeypatch.setattr("tracer.debug.bounded_process.CAN_BE_BOUNDED", False)
    [finding] = judged(SAMPLES.format(""))[:1]
    assert finding.verdict == "not_checked"
    assert "following this code failed (LookupError: no such row)" in str(finding.message)


COPYING = """
import os, warnings
os.register_at_fork(before=lambda: warnings.warn("the process has threads", RuntimeWarning))
from tracer.document_check import check_text
print([each.verdict for each in check_text({text!r}, "py").files[0].findings])
"""


def test_a_library_that_warns_of_copied_processes_does_not_disturb() -> None:
    """As JAX does, from its import on: the copy uses nothing of its threads."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", COPYING.format(text=SAMPLES.format(""))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert "correct" in done.stdout
