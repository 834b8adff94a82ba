"""A text that can be read and scrolled: help, and what the glossary says."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tracer.ui.parts.key_bindings import SCROLLS, bindings
from tracer.ui.parts.lines import Lines

if TYPE_CHECKING:
    from textual.binding import BindingType

__all__ = ["ScrollText"]


class ScrollText(Lines):
    """Lines with the keys that scroll them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(SCROLLS)]
