"""Blocks on a terminal, in its own colours, each printed as soon as it comes.

Everything a colour says is also said by words, places or signs, so that the same text without
colours carries the same information. No text is read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tracer.expression import Notation
from tracer.narrative.blocks import Block
from tracer.render.line_writer import LineWriter
from tracer.render.mathematics import Mathematics, Words
from tracer.render.screen_lines import Line
from tracer.sentences import Translate

# Of the sixteen colours that a terminal's own theme defines, two that read on dark and on light.
_STYLES: Final = {
    "left": "bold",
    "numbers": "magenta",
    "result": "bold cyan",
    "heading": "bold cyan",
    "label": "bold",
    "inline": "cyan",
    "curve": "cyan",
    "faint": "dim",
}


def terminal(
    blocks: Iterable[Block],
    notation: Notation,
    translate: Translate = str,
    *,
    width: int | None = None,
    unicode: bool = True,
    color: bool = True,
    file: TextIO,
) -> None:
    """Print blocks, each as soon as it comes; `width` is the terminal's unless it is given."""
    console = _Console(
        file=file,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        force_jupyter=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    mathematics = Mathematics(notation, Words(translate, unicode=unicode))
    writer = LineWriter(mathematics, width or console.width)
    for block in blocks:
        console.print_lines(writer.following(block))


class _Console(Console):
    """A console that prints lines as they are: nothing is wrapped, cut or read as markup."""

    def print_lines(self, lines: Iterable[Line]) -> None:
        """Print lines, without the spaces at their ends."""
        text = Text(no_wrap=True, overflow="ignore", end="")
        for line in lines:
            row = Text()
            for piece, role in line:
                sent = piece if piece.isascii() else "".join(map(self.sendable_character, piece))
                row.append(sent, _STYLES.get(role, ""))
            row.rstrip()
            text.append_text(row).append("\n")
        self.print(text, crop=False, end="", soft_wrap=True)

    def sendable_character(self, character: str) -> str:
        """Return a character, or as many ? as it has columns."""
        try:
            character.encode(self.encoding)
        except UnicodeEncodeError:
            return "?" * max(cell_len(character), 1 if "\ud800" <= character <= "\udfff" else 0)
        return character

    def on_broken_pipe(self) -> None:
        """Leave a broken pipe to the command line."""
        raise  # what Rich has caught when it calls this
