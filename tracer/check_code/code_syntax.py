"""Python's own parser, with bounds. Nothing that it reads is ever executed."""

from __future__ import annotations

import ast
import warnings

__all__ = ["MOST_CHARACTERS", "parsed"]

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
