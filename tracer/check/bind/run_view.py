"""A run as a document is held against it; one is loaded only where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tracer.check.trace.traced_view import TracedView

__all__ = ["RunView"]

RunView: TypeAlias = "TracedView"
