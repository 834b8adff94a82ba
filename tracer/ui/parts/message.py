"""What is told for a moment, in a corner over the panes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from rich.control import Control
from rich.segment import Segment
from textual.containers import Container
from textual.strip import Strip
from textual.widgets import Static

from tracer.ui.parts.content import content
from tracer.ui.parts.guard import Guarded

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Region
    from textual.timer import Timer

    from tracer.ui.parts.host import ShortMessage

__all__ = ["Corner"]

LEAST_SHOWN: Final = 0.01  # seconds; a timer of Textual's that is late divides by its length
_BACK: Final = Control.move(-1).segment
_ON: Final = Control.move(1).segment


class Corner(Guarded, Container):
    """Holds a message in the lower right corner until its time is over, or it is clicked.

    It is hidden, not removed: what is removed while the app ends may keep it from its end.
    """

    DEFAULT_CSS: ClassVar[str] = """
    Corner { layer: message; dock: bottom; width: 1fr; height: auto; align: right bottom;
             margin-bottom: 1; visibility: hidden; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._message: ShortMessage | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay the box out."""
        yield MessageBox()

    def show(self, message: ShortMessage) -> None:
        """Show a message."""
        self._message = message
        if self._timer is not None:
            self._timer.stop()
        box = self.query_one(MessageBox)
        box.update(content(message.text))
        box.set_class(message.bad, "-bad")
        self.display = True
        self._timer = self.set_timer(max(LEAST_SHOWN, message.until - monotonic()), self.on_click)

    def hide(self) -> None:
        """Show nothing."""
        self._message = None
        self.display = False

    def on_click(self) -> None:
        """Take the message away."""
        if self._message is not None:
            self.tracer.untell(self._message)


class MessageBox(Guarded, Static):
    """The text of a message."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the text so that the edges of the panes below it cut no character."""
        return [Uncut(strip, strip.cell_length) for strip in super().render_lines(crop)]


class Uncut(Strip):
    """A line whose pieces end between characters.

    Textual cuts each line at the edges of all widgets there, the hidden ones too, and puts two
    spaces for a wide character that lies across an edge. Here it stays with the piece on the left;
    the cursor goes back after it and on before the rest, so that each piece can be written at its
    own place.
    """

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Return the pieces that end at these columns, as far as the line goes."""
        line = Strip(self, self.cell_length)
        ends = [cut for cut in cuts if cut <= self.cell_length]
        across = [end < self.cell_length and _is_across(line, end) for end in ends]
        whole = line.divide([end + more for end, more in zip(ends, across, strict=True)])
        pieces: list[Strip] = []
        begin, covered = 0, False
        for end, more, piece in zip(ends, across, whole, strict=True):
            segments = [_ON] * covered + [*piece] + [_BACK] * more
            pieces.append(_Piece(segments, end - begin, line.crop(begin, end)))
            begin, covered = end, more
        return pieces


def _is_across(line: Strip, column: int) -> bool:
    """Say whether a wide character stands on both sides of a column."""
    signs = (cell_len(sign) for sign in line.crop(column - 1, column + 1).text)
    return next(filter(None, signs), 0) == 2


class _Piece(Strip):
    """A piece of a line; `plain` is what a part of it is taken from."""

    def __init__(self, segments: Iterable[Segment], length: int, plain: Strip) -> None:
        super().__init__(segments, length)
        self._plain = plain

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Return a part; of a character across its edge a space."""
        if start <= 0 and (end is None or end >= self.cell_length):
            return self
        return self._plain.crop(start, end)
