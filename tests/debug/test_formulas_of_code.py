"""Code on single numbers is judged by its formulas, as it would be by following it."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tracer.check.model.statements import CodeListing
from tracer.debug import judging
from tracer.debug.judging import right_gradients

START = "x, y = 1.5, 2.0\nw = 0.5\nb = 0.1\nlr = 0.1\n"
LOOP = """for step in range(3):
    y_pred = w * x + b
    loss = (y_pred - y) ** 2
    dloss_dy_pred = 2 * (y_pred - y)
    dw = dloss_dy_pred * x
    db = dloss_dy_pred
    w = w - lr * dw
    b -= db * lr
    print(step, loss)
"""
RIGHT = {
    "updates": (START + LOOP, ["dw", "db"]),
    "one gradient that is named by its update": (
        START + "p = w * x\nloss = (p - y)**2\ngradient = 2 * (p - y) * x\nw -= 0.1 * gradient\n",
        ["gradient"],
    ),
    "a sigmoid of math": (
        "import math\n" + START + "z = w*x + b\na = 1 / (1 + math.exp(-z))\nloss = (a - y)**2 / 2\n"
        "da = a - y\ndz = da * a * (1 - a)\ndw = dz * x\n",
        ["da", "dz", "dw"],
    ),
}
NOT_DECIDED = {
    "a wrong factor": LOOP.replace("2 * (y_pred - y)\n", "(y_pred - y)\n"),
    "a step uphill": LOOP.replace("w - lr * dw", "w + lr * dw"),
    "a negative rate": LOOP.replace("b -= db * lr", "b -= db * -0.1"),
    "the gradient of another parameter": LOOP.replace("lr * dw", "lr * db"),
    "a gradient after the update": LOOP.replace("    w = w - lr * dw\n", "").replace(
        "    dw =", "    w = w - lr * db\n    dw ="
    ),
    "a name without a value": LOOP.replace("w * x + b", "w * x + c"),
    "a function": LOOP.replace("w * x + b", "f(w * x)"),
    "a name with two values": LOOP + "x = 3.0\n",
    "no loss": LOOP.replace("loss", "height"),
    "a truth value": LOOP.replace("w * x + b", "w * x + True"),
    "a list": "xs = [1, 2]\n" + LOOP.replace("w * x + b", "w * xs + b"),
    "an entry": "v[0] = 1\n" + LOOP,
    "names changed in one statement": LOOP.replace("w * x + b", "w * b").replace(
        "    dw", "    x, b = b, x\n    dw"
    ),
    "a letter that has another name": LOOP.replace("lr", "η"),
}


@pytest.mark.parametrize(("code", "names"), RIGHT.values(), ids=list(RIGHT))
def test_the_finding_is_that_of_code_that_is_followed(
    code: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What formulas show to be right has the same finding where the code is followed."""
    listing, lines = CodeListing(code, 1), code.split("\n")
    right = right_gradients(ast.parse(code).body)
    assert right is not None
    assert set(names) <= set(right[1])
    by_formulas = judging.judge_listings([listing], lines)
    monkeypatch.setattr(judging, "_right_in_formulas", lambda _: None)
    followed = judging.judge_listings([listing], lines)
    assert [(each.place, str(each.message)) for each in by_formulas] == [
        (each.place, str(each.message)) for each in followed
    ]


@pytest.mark.parametrize("code", NOT_DECIDED.values(), ids=list(NOT_DECIDED))
def test_what_is_not_certain_is_followed(code: str) -> None:
    """A wrong gradient, another order, and what is no formula on numbers decide nothing."""
    assert right_gradients(ast.parse(START + code).body) is None


def test_formulas_that_use_each_other_take_no_time() -> None:
    """Each formula is worked out once, however many of those below it use it."""
    rows = [f"a{row} = a{row - 1} * a{row - 1} + a{row - 1} * 0.5 + x" for row in range(1, 11)]
    code = "\n".join(["a0 = 0.1", "x = 1.0", *rows, "loss = a10", "dx = loss", ""])
    assert right_gradients(ast.parse(code).body) is None
    deep = "loss = x" + " + 1" * 900 + "\n"
    assert right_gradients(ast.parse("x = 1.0\n" + deep + "dx = loss / loss\n").body) is None


def test_numbers_load_neither_numpy_nor_the_engine() -> None:
    """A listing without arrays costs no library."""
    program = (
        "import sys\n"
        "from tracer.document_check import check_text\n"
        f"text = '```python\\n' + {START + LOOP!r} + '```\\n'\n"
        "[finding] = check_text(text).files[0].findings\n"
        "names = ('numpy', 'tracer.program.recorder', 'multiprocessing')\n"
        "print(finding.verdict, [name for name in names if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == "correct []"
