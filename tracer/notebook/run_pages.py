"""What a run shows of itself: its derivation in each format, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

from tracer.narrative.blocks import item_blocks
from tracer.narrative.catalogue import catalogue, preferred_language
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Detail, Options, Style, shown_iterations
from tracer.narrative.program_notation import notation_of
from tracer.narrative.run_verdict import verdict_remarks
from tracer.notebook.iteration_pages import IterationPages, aligned
from tracer.notebook.shown import run_page
from tracer.option_limits import DETAILS, NOTATIONS, check_choice, check_digits
from tracer.render.html import html
from tracer.render.json import trace_json
from tracer.render.latex import latex
from tracer.render.markdown import markdown
from tracer.render.verdict_text import verdict_lines
from tracer.run.diagnosis import Diagnosis
from tracer.run.trace import Trace
from tracer.sentences import plain_text, say

Format = Literal["markdown", "latex", "html"]

WRITERS: Final[Mapping[Format, Callable[..., Iterator[str]]]] = {
    "markdown": markdown,
    "latex": latex,
    "html": html,
}


class RunPages:
    """A run as pages in each format, and what it comes to."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def diagnosis(self) -> ShownDiagnosis:
        """Return what the run comes to."""
        return ShownDiagnosis(self._trace)

    def page(
        self,
        kind: Format,
        detail: Detail,
        show: Sequence[int] | None,
        digits: int,
        lang: str,
        focus: str | None,
        exact: bool,
        chain: bool,
        notation: Style,
    ) -> str:
        """Return the derivation in a format of text."""
        check_choice("detail", detail, DETAILS)
        check_choice("notation", notation, NOTATIONS)
        check_digits(digits)
        chosen = None if show is None else tuple(show)
        options = Options(digits, chosen, detail, focus, exact, chain, notation)
        settings = {"language": lang} if kind == "html" else {}
        blocks = derivation(self._trace, options)
        return run_page(self._trace, blocks, lang, WRITERS[kind], **settings)

    def in_notebook(self) -> str:
        """Return the derivation in the reader's language, and how to see more of it."""
        lang = preferred_language()
        page = self.page("markdown", "equation", None, 6, lang, None, False, False, "textbook")
        if len(self._trace) < 2:
            return page
        return page + plain_text(
            say(
                "trace.iteration(k) shows another iteration, k from 1 to {count}.",
                count=len(self._trace),
            ),
            catalogue(lang),
        )

    def equations(self) -> str:
        """Return the lines of the iteration that a derivation would show, in LaTeX."""
        numbers = shown_iterations(self._trace, None)
        iterations = map(self._trace.iteration, numbers)
        return aligned([step for one in iterations for step in IterationPages(one).steps()])

    def json(
        self,
        detail: Detail,
        show: Sequence[int] | None,
        digits: int,
        lang: str,
        focus: str | None,
        exact: bool,
    ) -> str:
        """Return the derivation as docs/trace.schema.json has it."""
        check_choice("detail", detail, DETAILS)
        check_digits(digits)
        pieces = trace_json(
            self._trace,
            show=show,
            digits=digits,
            translate=catalogue(lang),
            detail=detail,
            focus=focus,
            exact=exact,
        )
        return "".join(pieces)


class ShownDiagnosis(Diagnosis):
    """What a run comes to: `verdict` in one word, `sentences()` in words, and its numbers.

    `loss_course`, `common_factor` and `step_factor`, `rate_limit`, `gradient_norm`,
    `zero_gradients`, `units` (dead and saturated ones) and `fault_cause` are the facts;
    `as_dictionary()` has them as plain data.
    """

    def sentences(self, *, lang: str = "en") -> list[str]:
        """Return what is to be said of the run, as `tracer derive` says it."""
        return list(verdict_lines(self, notation_of(self.trace), catalogue(lang)))

    def _repr_markdown_(self) -> str:
        blocks = item_blocks(*(remark.sentence for remark in verdict_remarks(self)))
        return run_page(self.trace, blocks, preferred_language())

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def __repr__(self) -> str:
        return f"<Diagnosis of {self.trace.scenario.name}: {self.verdict}>"
