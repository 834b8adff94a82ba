"""Times the parser against `ast.parse` with a whitelist walk: `python -m tests.expression.speed`.

Both read ten typical lines, in turns; the figure is the median of the rounds' ratios.
"""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Callable
from statistics import median

from tracer.expression import parse

LINES = (
    "w - learning_rate * dloss_dw",
    "0.5 - 0.1 * (-3.0)",
    "(y_pred - y)**2",
    "2 * (0.5 - 2)",
    "sigmoid(W1 @ x + b1)",
    "0.35 * 0.05 + 0.2 * 0.1 + 0.35",
    "-3.0 * 1",
    "mean((y_pred - y)**2, axis=0)",
    "dloss_dy_pred * x * (1 - a1)",
    "sqrt(v / (1 - 0.999**t)) + 1e-8",
)
LATEX = (
    r"w - \eta \frac{\partial L}{\partial w}",
    r"0.5 - 0.1 \cdot (-3.0)",
    r"(\hat{y} - y)^2",
    r"2\,(0.5 - 2)",
    r"\sigma(W_1 x + b_1)",
    r"0.35 \cdot 0.05 + 0.2 \cdot 0.1 + 0.35",
    r"-3.0 \cdot 1",
    r"\frac{1}{n} (\hat{y} - y)^{2}",
    r"\frac{\partial L}{\partial \hat{y}} \cdot x (1 - a_1)",
    r"\sqrt{v / (1 - 0.999^{t})} + 1e-8",
)
UNICODE = (
    "w − η·∂L/∂w",
    "0.5 − 0.1·(−3.0)",
    "(ŷ − y)²",
    "2·(0.5 − 2)",
    "σ(W₁ @ x + b₁)",
    "0.35·0.05 + 0.2·0.1 + 0.35",
    "−3.0·1",
    "mean((ŷ − y)², axis=0)",
    "∂L/∂ŷ·x·(1 − a₁)",
    "√(v / (1 − 0.999^t)) + 1e-8",
)
_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.keyword, ast.Name, ast.Load,
    ast.Constant, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow, ast.USub,
)  # fmt: skip


def whitelist(text: str) -> ast.Expression:
    """Return Python's tree after looking at each of its nodes."""
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ValueError(type(node).__name__)
    return tree


def microseconds(read: Callable[[str], object], lines: tuple[str, ...], repeat: int = 200) -> float:
    """Return the processor time of reading one line."""
    start = time.process_time()
    for _ in range(repeat):
        for line in lines:
            read(line)
    return (time.process_time() - start) / (repeat * len(lines)) * 1e6


def main() -> int:
    """Print the figures; return 1 where the ratio is above 1.3."""
    for line in LINES:
        ours, others = microseconds(parse, (line,), 2000), microseconds(whitelist, (line,), 2000)
        print(f"{ours:6.1f} µs  ast {others:6.1f} µs  {ours / others:4.2f}  {line}")
    rounds = [
        (
            microseconds(parse, LINES),
            microseconds(lambda text: parse(text, "unicode"), UNICODE),
            microseconds(lambda text: parse(text, "latex"), LATEX),
            microseconds(whitelist, LINES),
        )
        for _ in range(15)
    ]
    ratios = []
    for place, dialect in enumerate(("ascii", "unicode", "latex")):
        ratios.append(median(figures[place] / figures[3] for figures in rounds))
        time_of_one = median(figures[place] for figures in rounds)
        print(f"{dialect}: {time_of_one:.1f} µs a line, {ratios[-1]:.2f} of ast")
    return 1 if ratios[0] > 1.3 else 0


if __name__ == "__main__":
    sys.exit(main())
