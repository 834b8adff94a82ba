"""A pane of the walk: numbered, framed, shown for one session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual.message import Message

from tracer.text_width import width
from tracer.ui.parts.content import content
from tracer.ui.parts.key_bindings import PANE
from tracer.ui.parts.lines import Lines

if TYPE_CHECKING:
    from tracer.narrative.run_verdict import Remark
    from tracer.narrative.step_moves import Inside
    from tracer.render.screen_lines import Line
    from tracer.sentences import Sentence
    from tracer.ui.parts.tracer_screen import TracerScreen

__all__ = ["Pane", "PlaceChosen"]


@dataclass(eq=False, repr=False)
class PlaceChosen(Message):
    """The reader wants to go to an iteration, and there to the same step or to another one."""

    iteration: int
    step: int | None = None
    inside: Inside | None = None


class Pane(Lines, keys=PANE.keys):
    """A pane with a number. A subclass sets NUMBER and NAME and draws in `draw`.

    Left and right go a step back or on, unless the pane has a use for them.
    """

    NUMBER: ClassVar[int] = 0
    NAME: ClassVar[Sentence]
    ABOUT: ClassVar[Sentence | None] = None  # what the help says of it

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id or f"pane-{self.NUMBER}", classes="pane")

    @property
    def title(self) -> str:
        """The number of the pane, where it has one, and its name."""
        name = self.tracer.text(self.NAME)
        return f"{self.NUMBER} {name}" if self.NUMBER else name

    def titled(self) -> None:
        """Show the title in the frame; where no other pane is seen, those of all panes."""
        title = cast("TracerScreen", self.screen).framed_title(self.title, self.NUMBER)
        self.border_title = content(title).markup

    def subtitle(self, words: Sentence | str | None) -> None:
        """Show something in the lower frame; nothing for None."""
        self.border_subtitle = None if words is None else content(self.tracer.text(words)).markup

    def show_session(self) -> None:
        """Show where the session stands now."""
        self.titled()
        if self.is_visible:
            self.draw()

    def remark_lines(self, remark: Remark, room: int) -> list[Line]:
        """Return a remark in lines of at most `room` columns, good and bad news with a sign."""
        mathematics = self.tracer.mathematics
        unicode = mathematics.words.unicode
        signs = {"good": "✓ ", "bad": "✗ "} if unicode else {"good": "+ ", "bad": "x "}
        start = signs.get(remark.role, "  ")
        lines = mathematics.sentences([remark.sentence], room - width(start))
        return [
            [(" " * width(start) if y else start, remark.role), *line]
            for y, line in enumerate(lines)
        ]

    @property
    def is_visible(self) -> bool:
        """Whether the pane has room on the screen: what nobody sees is not drawn."""
        return self.display and self.size.width > 0 and self.size.height > 0

    def draw(self) -> None:
        """Draw the session."""

    def on_resize(self) -> None:
        """Draw for the new room."""
        if self.tracer.has_session:
            self.show_session()

    async def action_sideways(self, by: int) -> None:
        """Go a step on, or back."""
        await self.app.run_action("step('next')" if by > 0 else "step('previous')", self.screen)
