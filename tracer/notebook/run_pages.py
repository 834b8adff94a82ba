"""The pages of a run: its derivation in each format, its verdict, its iterations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from tracer.errors import UnknownNameError, known_name
from tracer.narrative.blocks import EquationLine, item_blocks
from tracer.narrative.catalogue import catalogue, preferred_language
from tracer.narrative.derivation import derivation, iteration_blocks, step_blocks
from tracer.narrative.derivation_options import Detail, Options, Style, shown_iterations
from tracer.narrative.entries import read_focus
from tracer.narrative.loss_paths import LossChain, chain_blocks, loss_chain
from tracer.narrative.program_notation import notation_of
from tracer.narrative.run_verdict import verdict_remarks
from tracer.narrative.step_lines import Narrator, line_of
from tracer.narrative.steps import Step, StepNarrator
from tracer.narrative.textbook_blocks import in_textbook, line_in_textbook, textbook_for
from tracer.narrative.words import formula_text
from tracer.notebook.shown_text import ShownMarkdown, run_page
from tracer.option_limits import DETAILS, NOTATIONS, check_choice, check_digits
from tracer.program.program import Phase
from tracer.render.equations import display_equations
from tracer.render.html import html
from tracer.render.json import loss_paths_data, trace_json
from tracer.render.latex import latex
from tracer.render.markdown import markdown
from tracer.render.plain import verdict_lines
from tracer.run.diagnosis import Diagnosis
from tracer.run.trace import Iteration, Trace
from tracer.sentences import plain_text, say

# What an iteration shows of itself ----------------------------------------------------------------


class IterationPages:
    """An iteration in words and markup, its results to so many digits."""

    def __init__(self, iteration: Iteration, digits: int = 6) -> None:
        check_digits(digits)
        self._iteration = iteration
        self._digits = digits

    def steps(self) -> tuple[ShownStep, ...]:
        """Return the lines of the iteration."""
        steps = StepNarrator(self._digits).steps(self._iteration)
        return tuple(ShownStep(self._iteration, step, self._digits) for step in steps)

    def step(self, name: str) -> ShownStep:
        """Return the line of a name, as it is called or as it is shown."""
        steps = {step.name: step for step in self.steps()}
        meant = notation_of(self._iteration.trace).id_shown_as(name, steps)
        if meant is None:
            raise UnknownNameError(
                say("there is no step {name}", name=repr(name)),
                expected=known_name(name, filter(steps.get, self._iteration.program.reader_names)),
            )
        return steps[meant]

    def loss_paths(self, entry: str) -> ShownLossPaths | None:
        """Return all paths from the loss to an entry; None where no gradient reaches it."""
        focus = read_focus(entry, self._iteration)
        chain = loss_chain(self._iteration, focus, StepNarrator(self._digits))
        return None if chain is None else ShownLossPaths(self._iteration, chain, self._digits)

    def markdown(self, lang: str | None = None) -> str:
        """Return the lines, phase by phase, as Markdown: in the reader's language, or another."""
        trace = self._iteration.trace
        blocks = iteration_blocks(Narrator(trace, Options(self._digits)), self._iteration.number)
        return run_page(trace, blocks, lang or preferred_language())

    def equations(self) -> str:
        """Return the lines as one display formula in LaTeX."""
        return aligned_steps(self.steps())


class ShownStep(ShownMarkdown):
    """One line of a derivation: `name`, its `formula`, its `value`, the `rule` that gives it."""

    def __init__(self, iteration: Iteration, step: Step, digits: int) -> None:
        self.iteration = iteration
        self._step = step
        self.digits = digits

    @property
    def name(self) -> str:
        """The quantity; an update is called after the parameter it updates."""
        return self._step.name

    @property
    def phase(self) -> Phase:
        """forward, loss, backward or update."""
        return self._step.phase

    @property
    def value(self) -> Any:
        """The value at full precision, a float or a read-only array."""
        return self.iteration[self._step.equation.name]

    @property
    def formula(self) -> str:
        """The right-hand side, in the language of the equations."""
        return formula_text(self._step.formula)

    @property
    def rule(self) -> str:
        """The rules that give the line, in English."""
        return ", ".join(rule.template for rule in self._step.rules)

    def _line(self) -> EquationLine:
        """Return the line as a block."""
        return line_in_textbook(
            line_of(self._step, self.digits), textbook_for(self.iteration.built)
        )

    def to_markdown(self, *, lang: str = "en") -> str:
        """Return the line as Markdown."""
        trace, number = self.iteration.trace, self.iteration.number
        blocks = step_blocks(Narrator(trace, Options(self.digits)), number, self.name)
        return run_page(trace, blocks, lang)

    def _repr_latex_(self) -> str:
        return aligned_steps([self])

    def __repr__(self) -> str:
        return f"<Step {self.name} = {self.formula}>"


class ShownLossPaths(ShownMarkdown):
    """All paths from the loss to one entry; shows itself as a table of paths.

    `paths` have their factors (`above`, `below`, `formula`, `value`) and their product, `value`;
    the sum of the products is `value`, the entry's gradient.
    """

    def __init__(self, iteration: Iteration, chain: LossChain, digits: int) -> None:
        self.iteration = iteration
        self.paths = chain.paths
        self.value = chain.value
        self._chain = chain
        self._digits = digits

    def as_dictionary(self) -> dict[str, Any]:
        """Return the paths as plain data, as `tracer derive --focus … --format json` has them."""
        return loss_paths_data(self._chain)

    def to_markdown(self, *, lang: str = "en") -> str:
        """Return the table of paths and their sum in one line as Markdown."""
        textbook = textbook_for(self.iteration.built)
        blocks = chain_blocks(self._chain, self.iteration, StepNarrator(self._digits), textbook)
        return run_page(self.iteration.trace, list(in_textbook(blocks, textbook)), lang)

    def __repr__(self) -> str:
        return f"<paths from the loss to {formula_text(self._chain.entry)}: {len(self.paths)}>"


def aligned_steps(steps: Sequence[ShownStep]) -> str:
    """Return lines as one display formula in LaTeX, aligned at the equals sign."""
    if not steps:
        return ""
    return display_equations(
        [step._line() for step in steps], notation_of(steps[0].iteration.trace)
    )


# What a run shows of itself -----------------------------------------------------------------------

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
        settings: dict[str, str] = {}
        if kind == "html":
            title = self._trace.scenario.heading.text_in(catalogue(lang))
            settings = {"language": lang, "title": title}
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
        return aligned_steps([step for one in iterations for step in IterationPages(one).steps()])

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
        return verdict_lines(self, notation_of(self.trace), catalogue(lang))

    def _repr_markdown_(self) -> str:
        blocks = item_blocks(*(remark.sentence for remark in verdict_remarks(self)))
        return run_page(self.trace, blocks, preferred_language())

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def __repr__(self) -> str:
        return f"<Diagnosis of {self.trace.scenario.name}: {self.verdict}>"
