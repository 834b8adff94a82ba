"""Worksheets made and operations explained, as Python users ask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tracer.notebook.shown_run import ShownMarkdown, markdown_text, shown_language
from tracer.option_limits import check_digits

if TYPE_CHECKING:
    from tracer.narrative.derivation_options import Style
    from tracer.narrative.explain import Explanation, Proof
    from tracer.worksheets.worksheet import Worksheet

__all__ = [
    "ShownExplanation",
    "ShownWorksheet",
    "explain",
    "proofs_of",
    "worksheet",
]


class ShownWorksheet(NamedTuple):
    """A worksheet and its key: `text()`, `key()`; in a notebook it shows itself."""

    sheet: Worksheet

    def text(self, *, lang: str = "en") -> str:
        """Return the worksheet as Markdown, its blanks empty."""
        from tracer.narrative.catalogue import catalogue
        from tracer.worksheets.worksheet import sheet_text

        return sheet_text(self.sheet, catalogue(lang), answers=False)

    def key(self, *, lang: str = "en") -> str:
        """Return the key as Markdown; `mark` takes it."""
        from tracer.narrative.catalogue import catalogue
        from tracer.worksheets.worksheet import key_text

        return key_text(self.sheet, catalogue(lang))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Worksheet of {self.sheet.recipe.scenario}>"

    def _repr_markdown_(self) -> str:
        return self.text(lang=shown_language())


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
    from tracer.worksheets.worksheet import make_worksheet

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


class ShownExplanation(ShownMarkdown):
    """Explanations of operations, optimizers, rules or ideas; in a notebook a page of them."""

    def __init__(self, explanations: Sequence[Explanation]) -> None:
        self._pages = [(page, proofs_of(page)) for page in explanations]

    @property
    def names(self) -> tuple[str, ...]:
        """What is explained."""
        return tuple(page.name for page, _ in self._pages)

    def to_markdown(self, *, lang: str = "en") -> str:
        """Return the page as Markdown, as `tracer explain` writes it."""
        from tracer.narrative import explain as pages

        blocks = [block for page, proofs in self._pages for block in pages.blocks(page, proofs)]
        return markdown_text(blocks, pages.notation(*(page for page, _ in self._pages)), lang)

    def __str__(self) -> str:
        return self.to_markdown()

    def __repr__(self) -> str:
        return f"<Explanation of {', '.join(self.names)}>"


def explain(*names: str, digits: int = 6) -> ShownExplanation:
    """Return the explanation of operations, optimizers, rules or ideas, with its proofs.

    Raises UnknownNameError, which lists what is near.
    """
    from tracer.narrative import explain as pages

    check_digits(digits)
    return ShownExplanation(
        [pages.explain(name, digits=digits) for name in pages.split_names(names)]
    )


def proofs_of(explanation: Explanation) -> list[Proof]:
    """Return what the witnesses say of the example. SymPy is loaded here."""
    if explanation.example is None:
        return []
    from tracer.narrative.explain import Proof
    from tracer.witness.report import verify_scenario

    verdict = verify_scenario(explanation.example).verdict
    return [
        Proof(witness.name, witness.difference, witness.limit)
        for witness in (verdict.witnesses if verdict is not None else ())
    ]
