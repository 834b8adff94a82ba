"""The run's own objects, which also show themselves in a notebook.

`tracer.load`, `tracer.trace` and what they return are here. A trace knows no words and no markup
(run/ stands left of narrative/ and render/), so the classes of this module add them, and nothing
else: the numbers are those of `tracer.run`. Words and markup are loaded when somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracer.argument_types import with_checked_arguments
from tracer.errors import RunError
from tracer.lazy_modules import LazyModule
from tracer.program.scenario import Scenario
from tracer.program.scenario import load as load_scenario
from tracer.program.scenario_edits import scenario_toml
from tracer.run.experiment import run_in_budget
from tracer.run.experiment import trace as run_trace
from tracer.run.layout import Record
from tracer.run.memory import BUDGET_BYTES
from tracer.run.trace import Iteration, Trace
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.narrative.derivation_options import Detail, Style
    from tracer.notebook import run_pages
    from tracer.notebook.run_pages import (
        ShownDiagnosis,
        ShownLossPaths,
        ShownStep,
    )
else:
    run_pages = LazyModule("tracer.notebook.run_pages")

ShownPart = TypeVar("ShownPart", bound=Trace | Iteration)

MOST_SHOWN: Final = 64  # entries of an array that stands in a table without being asked for


@with_checked_arguments
class ShownTrace(Trace):
    """A run. `iteration(k)` gives one iteration, `values(name)` a quantity in all of them.

    In a notebook it shows itself as its derivation.
    """

    def iteration(self, number: int) -> ShownIteration:
        """Return one iteration, counted from 1. Raises RunError where there is none."""
        return _as_shown_run(ShownIteration, super().iteration(number))

    def iterations(self) -> Iterator[ShownIteration]:
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
        return self._pages.page(
            "markdown", detail, show, digits, lang, focus, exact, chain, notation
        )

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
        return self._pages.page("latex", detail, show, digits, lang, focus, exact, chain, notation)

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
        return self._pages.page("html", detail, show, digits, lang, focus, exact, chain, notation)

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
        return self._pages.json(detail, show, digits, lang, focus, exact)

    def to_frame(self, *names: str) -> Any:
        """Return a pandas.DataFrame: a row an iteration, a column a number.

        `names` are quantities; without any, the loss, the parameters and their gradients of up to
        64 entries. Entries of an array are columns `W[0, 1]`. Raises RunError where pandas is
        not installed, UnknownNameError where there is no such quantity.
        """
        pandas = _load_optional("pandas", lambda: import_module("pandas"))
        index = pandas.RangeIndex(1, len(self) + 1, name="iteration")
        return pandas.DataFrame(self._number_columns(names), index=index)

    def plot(self, *names: str, axes: Any = None) -> Any:
        """Draw single numbers over the iterations with Matplotlib and return its axes.

        `names` are quantities, each entry a line (the loss without any); `axes` are drawn into
        where there are any. Raises RunError where Matplotlib is not installed,
        UnknownNameError where there is no such quantity.
        """
        pyplot = _load_optional("matplotlib", lambda: import_module("matplotlib.pyplot"))
        if not names and self.program.loss is None:
            raise RunError(say("the program has no loss"))
        columns = self._number_columns(names or (self.program.loss or "",))
        axes = pyplot.subplots()[1] if axes is None else axes
        for name, values in columns.items():
            axes.plot(range(1, len(self) + 1), values, label=name)
        axes.set_xlabel("iteration")
        if len(columns) == 1:
            axes.set_ylabel(next(iter(columns)))
        else:
            axes.legend()
        return axes

    def step(self, name: str, iteration: int = 1, *, digits: int = 6) -> ShownStep:
        """Return one line of an iteration: `trace.step("dloss/dw", 2)`.

        Raises RunError where there is no such iteration, UnknownNameError where no such step.
        """
        return self.iteration(iteration).step(name, digits=digits)

    def _number_columns(self, names: Sequence[str]) -> dict[str, list[float]]:
        """Return the entries of quantities in all iterations, by the names of the entries."""
        chosen = names or self._usual_names()
        columns: dict[str, list[float]] = {}
        for name in chosen:
            # A parameter has one value more: the last update.
            values = self.values(name)[: len(self)]
            rows = values.reshape(len(self), -1).T.tolist()
            for place, row in zip(product(*map(range, values.shape[1:])), rows, strict=True):
                columns[f"{name}[{', '.join(map(str, place))}]" if place else name] = row
        return columns

    def _usual_names(self) -> list[str]:
        first = self.iteration(1)
        loss = self.program.loss
        names = [] if loss is None else [loss]
        for name in self.program.parameters:
            names += [name, f"d{loss}/d{name}"]
        return [name for name in names if name in first and len(first.entries(name)) <= MOST_SHOWN]

    def to_toml(self) -> str:
        """Return the text of a scenario file that gives this run again.

        Its variant and settings are in it. Drawn values keep their seeds; numbers from files and
        from Python, and the equations of a traced function, stand in it with all digits.
        """
        return scenario_toml(self.scenario)

    def diagnosis(self) -> ShownDiagnosis:
        """Return what the run comes to: does it converge, by which factor, and why not."""
        return self._pages.diagnosis()

    @property
    def _pages(self) -> run_pages.RunPages:
        """What the run shows of itself. Words and markup are loaded when somebody looks."""
        return run_pages.RunPages(self)

    def _repr_markdown_(self) -> str:
        return self._pages.in_notebook()

    def _repr_latex_(self) -> str:
        """Return the equations of the iteration that a derivation would show."""
        return self._pages.equations()


@with_checked_arguments
class ShownIteration(Iteration):
    """One iteration: its quantities by name, single numbers as floats, arrays read-only.

    A parameter's own name gives the value that the iteration used, the primed name (`w'`) the
    value after its update. `step(name)` is one line of the derivation.
    """

    def steps(self, *, digits: int = 6) -> tuple[ShownStep, ...]:
        """Return the lines of the iteration, each as a step that shows itself."""
        return self._pages(digits).steps()

    def step(self, name: str, *, digits: int = 6) -> ShownStep:
        """Return one line: `y_pred`, `dloss/dw`; an update by the parameter's name, `w`.

        A name as it is shown, `∂L/∂w`, is understood too. Raises UnknownNameError, which lists
        what is near.
        """
        return self._pages(digits).step(name)

    def loss_paths(self, entry: str, *, digits: int = 6) -> ShownLossPaths | None:
        """Return all paths from the loss to an entry: `iteration.loss_paths("W1[0, 0]")`.

        None where no gradient reaches it. Raises UnknownNameError or LanguageError where there is
        no such entry.
        """
        return self._pages(digits).loss_paths(entry)

    def to_markdown(self, *, digits: int = 6, lang: str = "en") -> str:
        """Return the lines of the iteration as Markdown."""
        return self._pages(digits).markdown(lang)

    def _pages(self, digits: int = 6) -> run_pages.IterationPages:
        """What the iteration shows of itself. Words and markup are loaded when somebody looks."""
        return run_pages.IterationPages(self, digits)

    def _repr_markdown_(self) -> str:
        return self._pages().markdown()

    def _repr_latex_(self) -> str:
        return self._pages().equations()


@with_checked_arguments
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
    ) -> ShownTrace:
        """Run it and return the trace. Raises TracerError where the scenario cannot run.

        `record` says what is kept: 'all'; 'gradients', all but the update; 'parameters', with the
        loss and the optimizer's state; 'checkpoints', the loss, and parameters now and then; or
        'none'. What is not kept is computed again, to the same bits, when somebody asks for it.
        `budget` are the bytes that the run may take, with what is computed again of its record;
        where a record does not fit, only checkpoints are kept. `progress(done, all)` is called now
        and then.
        """
        return _as_shown_run(ShownTrace, run_in_budget(self.scenario, record, budget, progress))

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
) -> ShownTrace:
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
    return _as_shown_run(ShownTrace, run)


def _as_shown_run(kind: type[ShownPart], run: Trace | Iteration) -> ShownPart:
    """Return a run or an iteration as one that can show itself; both hold the same record."""
    shown = kind.__new__(kind)
    shown.__dict__.update(run.__dict__)
    return shown


def _load_optional(package: str, load: Callable[[], Any]) -> Any:
    """Return a library that tracer does without. Raises RunError where it is not installed."""
    try:
        return load()
    except ImportError:
        raise RunError(
            say("{package} is not installed", package=package), expected=f"pip install {package}"
        ) from None
