"""Where a forward pass decides between two equal numbers: either slope is right, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.debug.debugger import debug_file

PASS = """\
import numpy as np
rng = np.random.default_rng(1)
x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
x[1] = 0
W = rng.normal(size=(3, 2))
b = np.zeros(2)
z = x @ W + b
{forward}
loss = np.square(h - y).sum()
dh = 2 * (h - y)
dz = {slope}
{rest}
"""
RELU = "h = np.maximum(0, z)"
WEIGHTS, BIASES = "dW = x.T @ dz", "db = dz.sum(axis=0)"
BOTH = f"{WEIGHTS}\n{BIASES}"


def reported(path: Path, forward: str, slope: str, rest: str = BOTH) -> str:
    """Return the report on the pass."""
    code = PASS.format(forward=forward, slope=slope, rest=rest)
    path.joinpath("ties.py").write_text(code, "utf-8")
    return str(debug_file(str(path / "ties.py")))


@pytest.mark.parametrize(
    ("forward", "slope"),
    [
        (RELU, "dh * (z >= 0)"),
        (RELU, "dh * ((z > 0) + 0.5 * (z == 0))"),
        ("h = np.where(z > 0, z, 0)", "dh * (z >= 0)"),
        ("h = np.where(z < 0, 0, z)", "dh * (z > 0)"),
        ("h = np.where(z > 0, z, 0.1 * z)", "dh * np.where(z >= 0, 1, 0.1)"),
        ("h = np.maximum(z, 0.1 * z)", "dh * np.where(z >= 0, 1, 0.1)"),
        ("h = (z > 0) * z", "dh * (z >= 0)"),
        ("mask = z > 0\nh = z * mask.astype(float)", "dh * (z >= 0)"),
        ("h = np.abs(z)", "dh * np.where(z >= 0, 1, -1)"),
        ("h = np.clip(z, 0, None)", "dh * (z >= 0)"),
        ("h = np.minimum(np.maximum(z, 0), 9)", "dh * (z >= 0)"),
        ("h = z.copy()\nh[z < 0] = 0", "dh * (z > 0)"),
    ],
)
def test_either_slope_of_a_decision_between_equal_numbers_is_right(
    forward: str, slope: str, tmp_path: Path
) -> None:
    """However the ramp is written: what decides are the two numbers, and no name."""
    report = reported(tmp_path, forward, slope)
    assert report == "4 compared, none wrong: dh, dz, dW, db"


@pytest.mark.parametrize(
    ("slope", "rest", "wrong", "right"),
    [
        ("dh * (h > 0) + 0.001 * (z == 0)", BOTH, "dz", "dz = dh * (h > 0)"),
        ("np.where(x.any(axis=1, keepdims=True), dh, 5) * (z >= 0)", BOTH, "dz", ""),
        ("dh * (z > 0)", f"{WEIGHTS} * (1 + (b.sum() == 0))\n{BIASES}", "dW", WEIGHTS),
        ("dh * (z >= 0)", f"{WEIGHTS} + np.sign(W) * (b == 0)\n{BIASES}", "dW", WEIGHTS),
        ("dh * (z > 0)", f"{BOTH}\nif not b.any(): dW = dW * 0.5", "dW", "dW = dW"),
        ("dh * (z >= 0)", f"{BOTH}\nif b[0] == 0: db = 3 * db", "db", "db = db"),
    ],
)
def test_a_slip_beside_a_decision_between_equal_numbers_is_wrong(
    slope: str, rest: str, wrong: str, right: str, tmp_path: Path
) -> None:
    """Only the slope there may be another one: neither its gradients nor other ones are excused."""
    report = reported(tmp_path, RELU, slope, rest)
    assert f": {wrong} is the first wrong gradient" in report
    assert right in report


def test_numbers_of_python_that_are_no_arrays_are_compared(tmp_path: Path) -> None:
    """With a slip as well: what has no value is no number that is equal to another one."""
    code = (
        "w = 0.0\nx = 2.0\nz = w * x\nh = max(0, z)\nloss = (h - 1) ** 2\ndh = 2 * (h - 1)\n"
        "dz = dh * (1 if z >= 0 else 0)\ndw = dz * x * 3\n"
    )
    path = tmp_path / "numbers.py"
    path.write_text(code, "utf-8")
    assert "dw is the first wrong gradient" in str(debug_file(str(path)))
    path.write_text(code.replace(" * 3", ""), "utf-8")
    assert str(debug_file(str(path))) == "1 compared, none wrong: dw"
