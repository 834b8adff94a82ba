"""Lines as articles have them: read whole, judged as what they are, none of the right ones blamed.

Each is a small document; the scenario beside it, where there is one, is a bundled one.
"""

from __future__ import annotations

import pytest

from tracer.check.model.finding import Finding
from tracer.document_check import check_text


def entries(text: str, scenario: str | None = None) -> list[Finding]:
    """Return what is said of the lines of a document."""
    (report,) = check_text(text + "\n", "md", scenario).files
    return [*report.findings]


RIGHT = {
    "a product of short words": ("dL/dw = 2ex = -3", "one_weight"),
    "a rate before a gradient": ("w = w - 0.1 dw = 0.8", "one_weight"),
    "nothing between them": ("b = b - 0.01db = 0.01", "linear_regression"),
    "a half before a norm": ("L = ½‖ŷ - y‖² = 0.0900", "mlp_2_2_2"),
    "a half before bars": ("L = ½ |ŷ - y|² = 0.0900", "mlp_2_2_2"),
    "the loss after the last step": (
        "After step 1: w = 0.8, L = 1.44\n\nAfter step 2: w = 1.04, L = 0.9216\n\n"
        "After step 3: w = 1.232, L = 0.589824",
        "one_weight",
    ),
    "another measure": ("MAE = 1.5", "one_weight"),
    "the sum of squares beside the mean": (
        "SSE = Σ(ŷ - y)² = 1\n\nMSE = SSE/n = 0.25", "linear_regression"
    ),
    "an error in Chinese": ("误差 = a - y = -0.4378", "neuron"),
    "another input after the line": (r"$\hat y = w x = 1$ for $x = 2$.", "one_weight"),
    "a loss somewhere else": (r"Loss at $w=2$: $L = 0$", "one_weight"),
    "an error called e": ("e = 0.2\n\nz = 0.5\n\na = 1/(1+e^(-z)) = 0.6225", None),
    "matrices": (
        "A = [[1, 2], [3, 4]]\n\nB = [[5, 6], [7, 8]]\n\nC = A*B = [[19, 22], [43, 50]]", None
    ),
    "an update without its value": (
        "w = 0.5, x = 3, lr = 0.1, dw = 2\n\nw = w - lr*dw\n\ny = w*x = 0.9", None
    ),
    "both at once": ("w = 0.5, x = 3\n\n[w, x] = [0.3, 2]\n\ny = w*x = 0.6", None),
    "a percentage without its sign": ("TP = 45\n\nN = 60\n\nacc = TP/N = 75", None),
    "a rounded activation": ("a = 0.62\n\nd = a(1-a) = 0.2350", None),
    "y for the output": ("t = 1\n\nz = 0.25\n\ny = σ(z) = 0.562", "neuron"),
    "the error turned round and the step added": (
        "δ = (y - a)a(1-a) = 0.108\n\nw1 = w1 + ηδx1 = 0.608", "neuron"
    ),
    "a loss with a half of its own": ("L = ½(y-ŷ)² = 1.125", "one_weight"),
    "milliseconds": ("f = 50 Hz\n\nT = 1/f = 20 ms", None),
    "a size rounded down": ("W = 6\n\nF = 3\n\nS = 2\n\nO = (W - F)/S + 1 = 2", None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "scenario"), RIGHT.values(), ids=RIGHT)
def test_a_right_line_is_not_called_wrong(text: str, scenario: str | None) -> None:
    """Correct, left open or listed, but neither a slip nor the consequence of one."""
    wrong = [
        item for item in entries(text, scenario) if item.verdict in ("slip", "carried_forward")
    ]
    assert not wrong, [(item.text, str(item.message)) for item in wrong]


WRONG = {
    "another name's value put in": ("w = 0.5, x = 3, y = 7\n\nŷ = w*x = 0.5*7 = 3.5", "7", "3"),
    "two values exchanged": ("w = 2, x = 0.5, b = 1\n\nz = w*x + b = 2*1 + 0.5 = 2.5", "1", "0.5"),
    "a half left out": ("L = ½(2 - 1)² = 1", "1", "0.5"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "written", "expected"), WRONG.values(), ids=WRONG)
def test_a_wrong_figure_is_found_without_a_scenario(text: str, written: str, expected: str) -> None:
    """What was said of the names in the same piece of working is what belongs there."""
    (found,) = [item for item in entries(text) if item.verdict == "slip"]
    assert (found.written, found.expected) == (written, expected)
