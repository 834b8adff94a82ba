"""The run's own objects, which also show themselves in a notebook.

`tracer.load`, `tracer.trace` and what they return are here. A trace knows no words and no markup
(run/ stands left of narrative/ and render/), so the classes of this module add them, and nothing
else: the numbers are those of `tracer.run`. Words and markup are loaded when somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracer.errors import RunError, UnknownNameError, nearest
from tracer.expression import render
from tracer.operations import vocabulary
from tracer.option_limits import DETAILS, NOTATIONS, check_choice, check_digits
from tracer.program.scenario import Scenario
from tracer.program.scenario import load as load_scenario
from tracer.program.scenario_toml import scenario_toml
from tracer.run.diagnosis import Diagnosis
from tracer.run.experiment import run_in_budget
from tracer.run.experiment import trace as run_trace
from tracer.run.layout import Record
from tracer.run.memory import BUDGET_BYTES
from tracer.run.trace import Iteration as RunIteration
from tracer.run.trace import Trace as RunTrace
from tracer.sentences import Translate, plain, say

if TYPE_CHECKING:
    from tracer.expression.notation import Notation
    from tracer.narrative.blocks import Block, EquationLine
    from tracer.narrative.derivation_options import Detail, Style
    from tracer.narrative.loss_paths import LossChain
    from tracer.narrative.steps import Step as ToldStep

__all__ = [
    "Experiment",
    "Iteration",
    "ShownDiagnosis",
    "ShownLines",
    "ShownLossPaths",
    "ShownMarkdown",
    "Step",
    "Trace",
    "load",
    "markdown_text",
    "shown_language",
    "trace",
]


MOST_SHOWN: Final = 64  # entries of an array that stands in a table without being asked for


class ShownMarkdown:
    """What shows itself in a notebook as its Markdown, in the reader's language."""

    def to_markdown(self, *, lang: str = "en") -> str:
        """Return it as Markdown."""
        raise NotImplementedError

    def _repr_markdown_(self) -> str:
        return self.to_markdown(lang=shown_language())


class ShownLines:
    """What shows itself as lines: those that the command of its name prints."""

    __slots__ = ()
    _summary_line = -1

    def lines(self, translate: Translate = str) -> Iterator[str]:
        """Yield the result as text; `translate` turns English into another language."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        summary = list(self.lines())[self._summary_line]
        return f"<{type(self).__name__.removeprefix('Shown')}: {summary}>"

    def _repr_markdown_(self) -> str:
        lines = "\n".join(self.lines(_translation()))
        return f"```text\n{lines}\n```"


class Trace(RunTrace):
    """A run. `iteration(k)` gives one iteration, `values(name)` a quantity in all of them.

    In a notebook it shows itself as its derivation.
    """

    @classmethod
    def _of(cls, run: RunTrace) -> Trace:
        """Return a run as a trace that can show itself; both hold the same record."""
        shown = cls.__new__(cls)
        shown.__dict__.update(run.__dict__)
        return shown

    def iteration(self, number: int) -> Iteration:
        """Return one iteration, counted from 1. Raises RunError where there is none."""
        return Iteration._of(super().iteration(number))

    def iterations(self) -> Iterator[Iteration]:
        """Yield all iterations in order."""
        return (self.iteration(number) for number in range(1, len(self) + 1))

    def to_markdown(
        self,
        *,
        detail: Detail = "equation",
        show: Sequence[int] | None = None,
        digits: int = 6,
        lang: str = "en",
        focus: str | None = None,
        exact: bool = False,
        chain: bool = False,
        notation: Style = "textbook",
    ) -> str:
        """Return the derivation as Markdown, as `tracer derive` writes it.

        `notation` is that of a textbook, or 'code', as the equations of a scenario are written.
        `show` are iterations, from 1 (None: the first).
        Raises RunError, LanguageError or UnknownNameError for what is not there.
        """
        from tracer.render.markdown import markdown

        blocks = self._blocks(detail, show, digits, focus, exact, chain, notation)
        return _page(markdown, self, blocks, lang)

    def to_latex(
        self,
        *,
        detail: Detail = "equation",
        show: Sequence[int] | None = None,
        digits: int = 6,
        lang: str = "en",
        focus: str | None = None,
        exact: bool = False,
        chain: bool = False,
        notation: Style = "textbook",
    ) -> str:
        """Return the derivation as a LaTeX document; arguments and errors as `to_markdown`."""
        from tracer.render.latex import latex

        blocks = self._blocks(detail, show, digits, focus, exact, chain, notation)
        return _page(latex, self, blocks, lang)

    def to_html(
        self,
        *,
        detail: Detail = "equation",
        show: Sequence[int] | None = None,
        digits: int = 6,
        lang: str = "en",
        focus: str | None = None,
        exact: bool = False,
        chain: bool = False,
        notation: Style = "textbook",
    ) -> str:
        """Return the derivation as an HTML page; arguments and errors as `to_markdown`."""
        from tracer.render.html import html

        blocks = self._blocks(detail, show, digits, focus, exact, chain, notation)
        return _page(html, self, blocks, lang, language=lang)

    def to_json(
        self,
        *,
        detail: Detail = "equation",
        show: Sequence[int] | None = None,
        digits: int = 6,
        lang: str = "en",
        focus: str | None = None,
        exact: bool = False,
    ) -> str:
        """Return the derivation as JSON, as docs/trace.schema.json has it, with all digits.

        All iterations are in it where `show` picks none. Errors as `to_markdown`.
        """
        from tracer.narrative.catalogue import catalogue
        from tracer.render.json import trace_json

        check_choice("detail", detail, DETAILS)
        check_digits(digits)
        pieces = trace_json(
            self,
            show=show,
            digits=digits,
            translate=catalogue(lang),
            detail=detail,
            focus=focus,
            exact=exact,
        )
        return "".join(pieces)

    def to_frame(self, *names: str) -> Any:
        """Return a pandas.DataFrame: a row an iteration, a column a number.

        `names` are quantities; without any, the loss, the parameters and their gradients of up to
        64 entries. Entries of an array are columns `W[0, 1]`. Raises RunError where pandas is
        not installed, UnknownNameError where there is no such quantity.
        """
        pandas = _pandas()
        index = pandas.RangeIndex(1, len(self) + 1, name="iteration")
        return pandas.DataFrame(self._number_columns(names), index=index)

    def plot(self, *names: str, axes: Any = None) -> Any:
        """Draw single numbers over the iterations with Matplotlib and return its axes.

        `names` are quantities, each entry a line (the loss without any); `axes` are drawn into
        where there are any. Raises RunError where Matplotlib is not installed,
        UnknownNameError where there is no such quantity.
        """
        pyplot = _pyplot()
        found = self._number_columns(names or (self._loss_name(),))
        axes = pyplot.subplots()[1] if axes is None else axes
        for name, values in found.items():
            axes.plot(range(1, len(self) + 1), values, label=name)
        axes.set_xlabel("iteration")
        if len(found) == 1:
            axes.set_ylabel(next(iter(found)))
        else:
            axes.legend()
        return axes

    def step(self, name: str, iteration: int = 1, *, digits: int = 6) -> Step:
        """Return one line of an iteration: `trace.step("dloss/dw", 2)`.

        Raises RunError where there is no such iteration, UnknownNameError where no such step.
        """
        return self.iteration(iteration).step(name, digits=digits)

    def _loss_name(self) -> str:
        if self.program.loss is None:
            raise RunError(say("the program has no loss"))
        return self.program.loss

    def _number_columns(self, names: Sequence[str]) -> dict[str, list[float]]:
        """Return the entries of quantities in all iterations, by the names of the entries."""
        chosen = names or self._usual_names()
        found: dict[str, list[float]] = {}
        for name in chosen:
            values = self.values(name)[: len(self)]  # of a parameter those that were used
            rows = values.reshape(len(self), -1).T.tolist()
            for place, row in zip(product(*map(range, values.shape[1:])), rows, strict=True):
                found[f"{name}[{', '.join(map(str, place))}]" if place else name] = row
        return found

    def _usual_names(self) -> list[str]:
        first = self.iteration(1)
        loss = self.program.loss
        wanted = [] if loss is None else [loss]
        for name in self.program.parameters:
            wanted += [name, f"d{loss}/d{name}"]
        return [name for name in wanted if name in first and len(first.entries(name)) <= MOST_SHOWN]

    def to_toml(self) -> str:
        """Return the text of a scenario file that gives this run again.

        Its variant and settings are in it. Drawn values keep their seeds; numbers from files and
        from Python, and the equations of a traced function, stand in it with all digits.
        """
        return scenario_toml(self.scenario)

    def diagnosis(self) -> ShownDiagnosis:
        """Return what the run comes to: does it converge, by which factor, and why not."""
        return ShownDiagnosis(self)

    def _blocks(
        self,
        detail: Detail,
        show: Sequence[int] | None,
        digits: int,
        focus: str | None,
        exact: bool,
        chain: bool,
        notation: Style,
    ) -> Iterator[Block]:
        from tracer.narrative.derivation import derivation
        from tracer.narrative.derivation_options import Options

        check_choice("detail", detail, DETAILS)
        check_choice("notation", notation, NOTATIONS)
        check_digits(digits)
        chosen = None if show is None else tuple(show)
        options = Options(digits, chosen, detail, focus, exact, chain, notation)
        return derivation(self, options)

    def _repr_markdown_(self) -> str:
        page = self.to_markdown(lang=shown_language())
        if len(self) < 2:
            return page
        return page + plain(
            say(
                "trace.iteration(k) shows another iteration, k from 1 to {count}.", count=len(self)
            ),
            _translation(),
        )

    def _repr_latex_(self) -> str:
        """Return the equations of the iteration that a derivation would show."""
        from tracer.narrative.derivation_options import shown_iterations

        numbers = shown_iterations(self, None)
        return _aligned([step for k in numbers for step in self.iteration(k).steps()])


class ShownDiagnosis(Diagnosis):
    """What a run comes to: `verdict` in one word, `sentences()` in words, and its numbers.

    `loss_course`, `common_factor` and `step_factor`, `rate_limit`, `gradient_norm`,
    `zero_gradients`, `units` (dead and saturated ones) and `fault_cause` are the facts;
    `as_dictionary()` has them as plain data.
    """

    def sentences(self, *, lang: str = "en") -> list[str]:
        """Return what is to be said of the run, as `tracer derive` says it."""
        from tracer.narrative.catalogue import catalogue
        from tracer.narrative.program_notation import notation_of
        from tracer.render.verdict_text import verdict_lines

        return list(verdict_lines(self, notation_of(self.trace), catalogue(lang)))

    def _repr_markdown_(self) -> str:
        from tracer.narrative.blocks import Paragraph
        from tracer.narrative.run_verdict import remarks

        blocks = [Paragraph([remark.sentence], kind="item") for remark in remarks(self)]
        return _markdown(Iteration._of(self.trace.iteration(1)), blocks, shown_language())

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def __repr__(self) -> str:
        return f"<Diagnosis of {self.trace.scenario.name}: {self.verdict}>"


class Iteration(ShownMarkdown, RunIteration):
    """One iteration: its quantities by name, single numbers as floats, arrays read-only.

    A parameter's own name gives the value that the iteration used, the primed name (`w'`) the
    value after its update. `step(name)` is one line of the derivation.
    """

    @classmethod
    def _of(cls, iteration: RunIteration) -> Iteration:
        """Return an iteration as one that can show itself."""
        shown = cls.__new__(cls)
        shown.__dict__.update(iteration.__dict__)
        return shown

    @property
    def trace(self) -> RunTrace:
        """The run that it is part of."""
        return self._trace

    def steps(self, *, digits: int = 6) -> tuple[Step, ...]:
        """Return the lines of the iteration, each as a step that shows itself."""
        from tracer.narrative.steps import StepNarrator

        check_digits(digits)
        return tuple(Step(self, told, digits) for told in StepNarrator(digits).steps(self))

    def step(self, name: str, *, digits: int = 6) -> Step:
        """Return one line: `y_pred`, `dloss/dw`; an update by the parameter's name, `w`.

        A name as it is shown, `∂L/∂w`, is understood too. Raises UnknownNameError, which lists
        what is near.
        """
        from tracer.narrative.program_notation import notation_of

        steps = {step.name: step for step in self.steps(digits=digits)}
        meant = notation_of(self.trace).id_shown_as(name, steps)
        if meant is None:
            raise UnknownNameError(
                say("there is no step {name}", name=repr(name)),
                expected=nearest(name, steps) or ", ".join(steps),
            )
        return steps[meant]

    def loss_paths(self, entry: str, *, digits: int = 6) -> ShownLossPaths | None:
        """Return all paths from the loss to an entry: `iteration.loss_paths("W1[0, 0]")`.

        None where no gradient reaches it. Raises UnknownNameError or LanguageError where there is
        no such entry.
        """
        from tracer.narrative.entries import read_focus
        from tracer.narrative.loss_paths import loss_chain
        from tracer.narrative.steps import StepNarrator

        check_digits(digits)
        chain = loss_chain(self, read_focus(entry, self), StepNarrator(digits))
        return None if chain is None else ShownLossPaths(self, chain, digits)

    def to_markdown(self, *, digits: int = 6, lang: str = "en") -> str:
        """Return the lines of the iteration as Markdown."""
        from tracer.narrative.blocks import Heading, Paragraph
        from tracer.narrative.derivation_options import PHASES

        blocks: list[Block] = [Heading(2, say("Iteration {number}", number=self.number))]
        phase = None
        for step in self.steps(digits=digits):
            if step.told.phase != phase:
                phase = step.told.phase
                blocks.append(Paragraph([say(PHASES[phase])], kind="label"))
            blocks.extend(step._blocks())
        return _markdown(self, blocks, lang)

    def _repr_latex_(self) -> str:
        return _aligned(self.steps())


class Step(ShownMarkdown):
    """One line of a derivation: `name`, its `formula`, its `value`, the `rule` that gives it."""

    def __init__(self, iteration: Iteration, told: ToldStep, digits: int) -> None:
        self.iteration = iteration
        self.told = told
        self.digits = digits

    @property
    def name(self) -> str:
        """The quantity; an update is called after the parameter it updates."""
        return self.told.name

    @property
    def phase(self) -> str:
        """forward, loss, backward or update."""
        return self.told.phase

    @property
    def value(self) -> Any:
        """The value at full precision, a float or a read-only array."""
        return self.iteration[self.told.equation.name]

    @property
    def formula(self) -> str:
        """The right-hand side, in the language of the equations."""
        return render(self.told.formula, "ascii", vocabulary=vocabulary())

    @property
    def rule(self) -> str:
        """The rules that give the line, in English."""
        return ", ".join(rule.template for rule in self.told.rules)

    def _blocks(self) -> list[Block]:
        """Return the line and what is said of it."""
        from tracer.narrative.blocks import Paragraph
        from tracer.narrative.textbook_blocks import in_textbook, textbook_of

        sentences = []
        if self.told.phase == "backward" and self.told.equation.wrt:
            sentences.append(say("By: {rules}.", rules=self.told.rules))
        if self.told.sentence is not None:
            sentences.append(self.told.sentence)
        words = [Paragraph(sentences)] if sentences else []
        return [self._line(), *in_textbook(words, textbook_of(self.iteration))]

    def _line(self) -> EquationLine:
        """Return the line as a block."""
        from tracer.narrative.step_lines import line_of
        from tracer.narrative.textbook_blocks import line_in_textbook, textbook_of

        return line_in_textbook(line_of(self.told, self.digits), textbook_of(self.iteration))

    def to_markdown(self, *, lang: str = "en") -> str:
        """Return the line as Markdown."""
        return _markdown(self.iteration, self._blocks(), lang)

    def _repr_latex_(self) -> str:
        return _aligned([self])

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
        from tracer.render.json import loss_paths_data

        return loss_paths_data(self._chain)

    def to_markdown(self, *, lang: str = "en") -> str:
        """Return the table of paths and their sum in one line as Markdown."""
        from tracer.narrative.loss_paths import chain_blocks
        from tracer.narrative.steps import StepNarrator
        from tracer.narrative.textbook_blocks import in_textbook, textbook_of

        textbook = textbook_of(self.iteration)
        told = chain_blocks(self._chain, self.iteration, StepNarrator(self._digits), textbook)
        return _markdown(self.iteration, list(in_textbook(told, textbook)), lang)

    def __repr__(self) -> str:
        entry = render(self._chain.entry, "ascii", vocabulary=vocabulary())
        return f"<paths from the loss to {entry}: {len(self.paths)}>"


class Experiment:
    """A scenario, ready to run: `tracer.load("one_weight").run()`."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.scenario.name

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of the scenario's variants."""
        return tuple(variant.name for variant in self.scenario.variants)

    def variant(self, name: str) -> Experiment:
        """Return a variant of the scenario. Raises ScenarioError where there is none."""
        return Experiment(self.scenario.variant(name))

    def set(self, *settings: str) -> Experiment:
        """Return the scenario with other values, each 'KEY=VALUE' as on the command line."""
        return Experiment(self.scenario.with_overrides(settings))

    def run(
        self,
        *,
        record: Record = "all",
        budget: int = BUDGET_BYTES,
        progress: Callable[[int, int], None] | None = None,
    ) -> Trace:
        """Run it and return the trace. Raises TracerError where the scenario cannot run.

        `record` says what is kept: 'all'; 'gradients', all but the update; 'parameters', with the
        loss and the optimizer's state; 'checkpoints', the loss, and parameters now and then; or
        'none'. What is not kept is computed again, to the same bits, when somebody asks for it.
        `budget` are the bytes that the run may take; where a record does not fit, only checkpoints
        are kept. `progress(done, all)` is called now and then.
        """
        return Trace._of(run_in_budget(self.scenario, record, budget, progress))

    def __repr__(self) -> str:
        return f"<Experiment {self.name}: {self.scenario.title}>"


def load(source: str | Path, *, settings: Sequence[str] = ()) -> Experiment:
    """Return a bundled scenario by name, or one from a TOML file.

    `settings` are overrides, each 'KEY=VALUE'. Raises ScenarioError.
    """
    return Experiment(load_scenario(source, settings=settings))


def trace(
    function: Callable[..., Any] | None = None,
    *,
    equations: str = "",
    data: Mapping[str, Any],
    parameters: Mapping[str, Any],
    constants: Mapping[str, Any] | None = None,
    loss: str | None = None,
    notation: Mapping[str, str] | None = None,
    record: Record = "all",
    budget: int = BUDGET_BYTES,
    name: str = "trace",
    **training: Any,
) -> Trace:
    """Run a network of one's own and return its trace.

    The network is a `function` of the parameters and data, by their names, that returns the loss
    and uses NumPy (`tracer.functions` has what NumPy lacks), or `equations`, lines of the
    language. `data`, `parameters` and `constants` are numbers, nested lists or NumPy arrays;
    `record` and `budget` are those of `Experiment.run`; the other keywords are keys of a scenario's
    `[training]` (`optimizer`, `learning_rate`, `iterations`, `batch_size`, …). Raises TracerError.
    """
    run = run_trace(
        function,
        equations=equations,
        data=data,
        parameters=parameters,
        constants=constants,
        loss=loss,
        notation=notation,
        record=record,
        budget=budget,
        name=name,
        **training,
    )
    return Trace._of(run)


def _pandas() -> Any:
    try:
        return import_module("pandas")
    except ImportError:
        raise _missing("pandas") from None


def _pyplot() -> Any:
    try:
        return import_module("matplotlib.pyplot")
    except ImportError:
        raise _missing("matplotlib") from None


def _missing(package: str) -> RunError:
    """Return the error for a library that tracer does without."""
    return RunError(
        say("{package} is not installed", package=package), expected=f"pip install {package}"
    )


def _translation() -> Translate:
    from tracer.narrative.catalogue import catalogue

    return catalogue(shown_language())


def shown_language() -> str:
    """Return the language that the environment asks for."""
    from tracer.narrative.catalogue import preferred_language

    return preferred_language()


def markdown_text(blocks: Iterable[Block], notation: Notation, lang: str) -> str:
    """Return blocks as Markdown in a language."""
    from tracer.narrative.catalogue import catalogue
    from tracer.render.markdown import markdown

    return "".join(markdown(blocks, notation, catalogue(lang)))


def _page(
    write: Callable[..., Iterator[str]],
    trace: RunTrace,
    blocks: Iterable[Block],
    lang: str,
    **settings: str,
) -> str:
    """Return blocks on a run as a page in a language."""
    from tracer.narrative.catalogue import catalogue
    from tracer.narrative.program_notation import notation_of

    return "".join(write(blocks, notation_of(trace), catalogue(lang), **settings))


def _markdown(iteration: Iteration, blocks: Iterable[Block], lang: str) -> str:
    from tracer.render.markdown import markdown

    return _page(markdown, iteration.trace, blocks, lang)


def _aligned(steps: Sequence[Step]) -> str:
    """Return lines as one display formula, aligned at the equals sign."""
    from tracer.narrative.program_notation import notation_of
    from tracer.render.equations import display

    if not steps:
        return ""
    return display([step._line() for step in steps], notation_of(steps[0].iteration.trace))
