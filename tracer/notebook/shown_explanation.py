"""Operations, optimizers, rules and ideas explained, as Python users ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracer.lazy_modules import LazyModule
from tracer.narrative import explanation as pages
from tracer.narrative.catalogue import catalogue
from tracer.narrative.explanation import Explanation, Proof
from tracer.notebook.shown_text import ShownMarkdown
from tracer.option_limits import check_digits
from tracer.render.markdown import markdown

if TYPE_CHECKING:
    from tracer.witness import report
else:
    report = LazyModule("tracer.witness.report")


class ShownExplanation(ShownMarkdown):
    """Explanations of operations, optimizers, rules or ideas; in a notebook a page of them."""

    def __init__(self, explanations: Sequence[Explanation]) -> None:
        self._pages = [(page, proofs_of(page)) for page in explanations]

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are explained."""
        return tuple(page.name for page, _ in self._pages)

    def to_markdown(self, *, lang: str = "en") -> str:
        """Return the page as Markdown, as `tracer explain` writes it."""
        blocks = [
            block
            for page, proofs in self._pages
            for block in pages.explanation_blocks(page, proofs)
        ]
        notation = pages.page_notation(*(page for page, _ in self._pages))
        return "".join(markdown(blocks, notation, catalogue(lang)))

    def __str__(self) -> str:
        return self.to_markdown()

    def __repr__(self) -> str:
        return f"<Explanation of {', '.join(self.names)}>"


def explain(*names: str, digits: int = 6) -> ShownExplanation:
    """Return the explanation of operations, optimizers, rules or ideas, with its proofs.

    Raises UnknownNameError, which lists what is near.
    """
    check_digits(digits)
    return ShownExplanation(
        [pages.explain(name, digits=digits) for name in pages.split_names(names)]
    )


def proofs_of(explanation: Explanation) -> list[Proof]:
    """Return what the witnesses say of the example. SymPy is loaded here."""
    if explanation.example is None:
        return []
    verdict = report.verify_scenario(explanation.example).verdict
    return [
        Proof(witness.name, witness.difference, witness.limit)
        for witness in (verdict.witnesses if verdict is not None else ())
    ]
