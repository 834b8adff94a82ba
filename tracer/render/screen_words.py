"""What the interface says: messages in the reader's language, with formulas as mathematics."""

from __future__ import annotations

from tracer.narrative.words import shape_words
from tracer.operations import Shape
from tracer.render.screen_lines import in_ascii, safe_text
from tracer.sentences import Text, Translate, plain_text


class Words:
    """Turns sentences into text of one language, in Unicode or ASCII."""

    def __init__(self, translate: Translate = str, *, unicode: bool = True) -> None:
        self.unicode = unicode
        self.translate = translate

    @property
    def language(self) -> str:
        """The code of the language."""
        return self.translate("en")  # a catalogue gives its own code

    @property
    def ellipsis(self) -> str:
        """What stands for what has no room."""
        return "…" if self.unicode else "..."

    def shape(self, shape: Shape) -> str:
        """Return the shape of an array as none of its values could be written: 4 × 2, 2 numbers."""
        return self(shape_words(shape))

    def dimensions(self, shape: Shape) -> str:
        """Return a shape for the box of a drawing, where there is little room: 4×2, ⟨2⟩."""
        if len(shape) == 1:
            return f"⟨{shape[0]}⟩" if self.unicode else f"<{shape[0]}>"
        return ("×" if self.unicode else "x").join(map(str, shape))

    def __call__(self, text: Text) -> str:
        """Return a sentence without formulas, or a text, as it may be shown."""
        return self.terminal_text(safe_text(plain_text(text, self.translate)))

    def terminal_text(self, text: str) -> str:
        """Return a text as the terminal can show it."""
        if self.unicode:
            return text
        return in_ascii(text)
