"""Python's own parser, with bounds. Nothing that it reads is ever executed."""

from __future__ import annotations

import ast
import warnings

__all__ = ["MOST_CHARACTERS", "is_update", "parsed"]

MOST_CHARACTERS = 20_000


def parsed(text: str) -> ast.Module | None:
    """Return the tree of a piece of Python; None where it is none, or too long or too deep."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in strings are not our reader's concern
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def is_update(statement: ast.AST) -> bool:
    """Tell whether a statement adds to a name, or subtracts from it, what is computed."""
    if isinstance(statement, ast.AugAssign):
        is_count = isinstance(statement.value, ast.Constant)
        return isinstance(statement.op, (ast.Add, ast.Sub)) and not is_count
    if not isinstance(statement, ast.Assign):
        return False
    read = {ast.unparse(node) for node in ast.walk(statement.value) if isinstance(node, ast.expr)}
    written = {
        ast.unparse(part)
        for target in statement.targets
        for part in (target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target])
    }
    return bool(read & written)
