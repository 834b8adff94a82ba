"""Updates whose gradients have no name in the code: what their steps show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.debug.test_everyday_passes import report
from tracer.document_check import check_text
from tracer.errors import RunError

XOR = """\
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
np.random.seed(1)
w1 = np.random.uniform(-1, 1, (2, 3))
w2 = np.random.uniform(-1, 1, (3, 1))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


for epoch in range(3):
    hidden = sigmoid(X @ w1)
    output = sigmoid(hidden @ w2)
    error = y - output
    loss = np.mean(error**2)
    output_delta = error * output * (1 - output)
    d_hidden = output_delta @ w2.T * hidden * (1 - hidden)
    w2 += 0.5 * hidden.T @ output_delta
    w1 += 0.5 * X.T @ d_hidden
"""
NAMELESS = XOR.replace("d_hidden", "inner")


@pytest.mark.parametrize(
    ("code", "right", "wrong", "said"),
    [
        (NAMELESS, "inner = output_delta", "inner = error", "w1 does not follow its gradient"),
        (XOR, "d_hidden = output_delta", "d_hidden = error", "d_hidden is the first wrong"),
        (XOR, "w1 += 0.5", "w1 -= 0.5", "the update of w1 goes uphill"),
        (NAMELESS, "w1 += 0.5", "w1 -= 0.5", "the update of w1 goes uphill"),
    ],
)
def test_a_step_shows_what_it_is_made_of(
    code: str, right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    """Where that of another parameter, written alike, goes down its gradient."""
    assert report(code, tmp_path / "right.py").passed
    text = code.replace(right, wrong)
    found = report(text, tmp_path / "wrong.py")
    assert said in str(found)
    assert found.text.startswith(wrong)
    assert found.correction is not None
    assert report(text.replace(found.text, found.correction.text), tmp_path / "again.py").passed
    [judged] = check_text(text, "py").files
    [slip] = [finding for finding in judged.findings if finding.verdict == "slip"]
    assert (slip.written or "").startswith(wrong)


def test_steps_that_nothing_explains_are_not_called_right(tmp_path: Path) -> None:
    """The delta of another loss: no step is a multiple of a gradient."""
    code = NAMELESS.replace("= error * output * (1 - output)", "= error")
    with pytest.raises(RunError, match="no gradient was found for w2, w1"):
        report(code, tmp_path / "net.py")
