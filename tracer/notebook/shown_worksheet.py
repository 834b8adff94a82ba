"""Worksheets made, as Python users ask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tracer.narrative.catalogue import catalogue, preferred_language
from tracer.narrative.derivation_options import Style
from tracer.worksheets.worksheet_making import Worksheet, make_worksheet, sheet_text


class ShownWorksheet(NamedTuple):
    """A worksheet and its key: `text()`, `key()`; in a notebook it shows itself."""

    sheet: Worksheet

    def text(self, *, lang: str = "en") -> str:
        """Return the worksheet as Markdown, its blanks empty."""
        return sheet_text(self.sheet, catalogue(lang), answers=False)

    def key(self, *, lang: str = "en") -> str:
        """Return the key as Markdown; `mark` takes it."""
        return sheet_text(self.sheet, catalogue(lang), answers=True)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Worksheet of {self.sheet.recipe.scenario}>"

    def _repr_markdown_(self) -> str:
        return self.text(lang=preferred_language())


def worksheet(
    scenario: str | Path,
    *,
    seed: int = 7,
    blank: float = 0.6,
    iterations: int | None = None,
    digits: int | None = None,
    settings: Sequence[str] = (),
    variant: str = "",
    focus: str = "",
    notation: Style = "textbook",
) -> ShownWorksheet:
    """Return a worksheet with fresh numbers; the same seed gives the same one.

    `blank` is the share of lines with a blank, 0 to 1; the other arguments are the options of
    `tracer worksheet`. Raises TracerError where none can be made of the scenario, or an argument
    is not one that the command takes.
    """
    return ShownWorksheet(
        make_worksheet(
            str(scenario),
            seed=seed,
            share=blank,
            iterations=iterations,
            digits=digits,
            settings=settings,
            variant=variant,
            focus=focus,
            notation=notation,
        )
    )
