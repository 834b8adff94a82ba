"""Modules of ours that are loaded when something of them is first used.

It is the one way to load a module late. An `if TYPE_CHECKING` imports the module for type checkers,
its `else` puts a `LazyModule` in its place, so that all that a module uses stands at its top.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # `typing` is not loaded for it: this module is part of every start
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LazyModule"]


class LazyModule:
    """Stands for a module until something of it is asked for, and asks the module then."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
