"""The repaired text of a gradient that is off by a sign, a 2 or a count: only where it is plain."""

from __future__ import annotations

import ast

from tracer.check_code.code_names import role_of
from tracer.check_code.reading import CodeReading

__all__ = ["repaired"]

PLAIN = (ast.Name, ast.Subscript, ast.Attribute, ast.Call)  # sides that need no brackets
PRODUCTS = (ast.Mult, ast.Div, ast.MatMult)
LINEAR = frozenset(["dot", "sum", "mean", "matmul", "outer", "average", "transpose", "reshape"])


def repaired(reading: CodeReading, node: ast.stmt | ast.expr, kind: str, left_out: bool) -> str:
    """Return the corrected text of a statement or expression; '' where there is no plain one.

    `left_out` says whether the factor 2 is missing, or stands there once too often.
    """
    expression = getattr(node, "value", None) if isinstance(node, ast.stmt) else node
    if not isinstance(expression, ast.expr) or expression.end_lineno != expression.lineno:
        return ""
    whole, inner = reading.span(node), reading.span(expression)
    text = reading.text_of(inner)
    new = ""
    if kind == "sign_error":
        new = _turned(reading, expression) or f"-({text})"
    elif kind == "missing_factor_2":
        new = _doubled(expression, text) if left_out else _halved(expression, text)
    if not new or whole.line != inner.line:
        return ""
    line = reading.raw_lines[whole.line - 1]
    start = min(whole.start, inner.start)
    return line[start : inner.start] + new + line[inner.end : whole.end]


def _turned(reading: CodeReading, expression: ast.expr) -> str:
    """Return an expression with its only difference taken the other way round."""
    found = _differences(expression)
    if len(found) != 1:
        return ""
    left, right = reading.span(found[0].left), reading.span(found[0].right)
    if not isinstance(found[0].right, PLAIN) or not isinstance(found[0].left, PLAIN):
        return ""
    whole = reading.span(expression)
    line = reading.raw_lines[whole.line - 1]
    return (
        line[whole.start : left.start]
        + reading.text_of(right)
        + line[left.end : right.start]
        + reading.text_of(left)
        + line[right.end : whole.end]
    )


def _differences(node: ast.expr) -> list[ast.BinOp]:
    """Return the differences that are factors of an expression."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return [node] if _is_error(node) else []
    if isinstance(node, ast.BinOp) and isinstance(node.op, PRODUCTS):
        return [*_differences(node.left), *_differences(node.right)]
    if isinstance(node, ast.UnaryOp):
        return _differences(node.operand)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in LINEAR:
            inside = [item for argument in node.args for item in _differences(argument)]
            assert isinstance(node.func, ast.Attribute)
            return [*inside, *_differences(node.func.value)]
    return []


def _is_error(node: ast.BinOp) -> bool:
    """Tell whether a difference is that of target and prediction, not `1 - p`."""
    return any(
        isinstance(side, ast.Name) and role_of(side.id) in ("target", "prediction")
        for side in (node.left, node.right)
    )


def _doubled(expression: ast.expr, text: str) -> str:
    plain = isinstance(expression, (ast.Name, ast.Call)) or (
        isinstance(expression, ast.BinOp) and isinstance(expression.op, PRODUCTS)
    )
    return f"2 * {text}" if plain else f"2 * ({text})"


def _halved(expression: ast.expr, text: str) -> str:
    for start in ("2 * ", "2*"):
        if text.startswith(start) and isinstance(expression, ast.BinOp):
            return text[len(start) :]
    return ""
