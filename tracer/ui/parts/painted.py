"""The colours of the roles on a widget's ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from tracer.ui.parts.guard import Guarded

if TYPE_CHECKING:
    from rich.style import Style
    from textual.geometry import Region
    from textual.strip import Strip
    from textual.widget import Widget

__all__ = ["Painted"]


class Painted(Guarded):
    """A mixin for widgets that draw lines of pieces with roles (`themes.ROLES`)."""

    _style_of: Callable[[str], Style] | None = None

    @property
    def style_of(self) -> Callable[[str], Style]:
        """What gives each role its colours here.

        While lines are drawn it is one for all of them: to find a widget's ground Textual looks at
        all that it lies in, which took a fifth of a repaint.
        """
        return self._style_of or self.tracer.painter(cast("Widget", self).rich_style)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines, with the colours of now."""
        self._style_of = None
        self._style_of = self.style_of
        try:
            return super().render_lines(crop)
        finally:
            self._style_of = None
