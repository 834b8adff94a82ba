"""A text that can be read and scrolled: help, and what the glossary says."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from tracer.ui.parts.key_bindings import PANE, bindings
from tracer.ui.parts.lines import Lines

if TYPE_CHECKING:
    from textual.binding import BindingType

__all__ = ["ScrollText"]

_SCROLLS: Final = tuple(key for key in PANE.keys if "sideways" not in key.action)


class ScrollText(Lines):
    """Lines with the keys that scroll them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(_SCROLLS)]
