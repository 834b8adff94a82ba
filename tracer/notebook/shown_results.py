"""Functions for Python users that check code, texts, recorded values and worksheets.

The rooms to the left find what is to be said; here it is printed as the commands print it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tracer import document_check
from tracer.check.model.finding import FileReport, Report
from tracer.check.read.document_entry import read_document
from tracer.check.trace.traced_view import TracedView
from tracer.debug import debugger
from tracer.debug.backward_report import BackwardReport
from tracer.narrative.catalogue import catalogue, preferred_language
from tracer.narrative.derivation_options import Style
from tracer.notebook.shown_text import ShownLines
from tracer.recorded import recorded_values
from tracer.recorded.recorded_files import RawValues
from tracer.recorded.recorded_values import RecordedComparison
from tracer.render.comparison_text import comparison_text
from tracer.render.report_text import report_text
from tracer.run.trace import Trace
from tracer.sentences import Translate, plain_text
from tracer.worksheets.marking import mark_submission
from tracer.worksheets.worksheet_making import Worksheet, make_worksheet, read_key, worksheet_text


class ShownReport(ShownLines, Report):
    """What was found in some files, `files`; it prints as `tracer check` does."""

    files: Sequence[FileReport]

    def lines(self, translate: Translate = str) -> Iterator[str]:
        """Yield the findings of each file with their lines, then its counts."""
        return report_text(self, translate)


class ShownComparison(ShownLines, RecordedComparison):
    """Where recorded values depart from a run, `departures`; prints as `tracer check --values`."""

    def lines(self, translate: Translate = str) -> Iterator[str]:
        """Yield the first mismatch, the later ones, and what was compared."""
        return comparison_text(self, "", translate)


class ShownBackwardReport(ShownLines, BackwardReport):
    """Which gradients of a backward pass are right; it prints as `tracer debug` does."""

    def lines(self, translate: Translate = str) -> Iterator[str]:
        """Yield where the slip is, what is wrong there, and the right line."""
        return (plain_text(sentence, translate) for sentence in self.sentences())


def check_backward(
    forward: Callable[..., Any], backward: Callable[..., Any], inputs: Mapping[str, Any]
) -> ShownBackwardReport:
    """Return which gradients of a backward pass of one's own are right, and where a wrong one is.

    Both functions (or methods of one object) are called once, with copies of `inputs`, by the
    names of their arguments; arrays of other libraries (tensors) become NumPy's. `forward` returns
    the loss, or a tuple with the loss and what else `backward` takes. `backward` gets the inputs,
    the local variables of `forward` and what it returned by their names; other arguments in their
    order the rest of what `forward` returned, and 1 where nothing is left (the gradient of the
    loss). Names are watched while both run: local variables, attributes and entries such as `dW1`,
    `self.grads["W1"]` are compared with the traced gradients. Raises TracerError where the
    forward pass cannot be traced, and what the functions raise.
    """
    return ShownBackwardReport(*debugger.check_backward(forward, backward, inputs))


def check_text(
    text: str,
    kind: str = "md",
    scenario: str | None = None,
    *,
    settings: Sequence[str] = (),
    variant: str = "",
    path: str = "<text>",
) -> ShownReport:
    """Return the report on a text (of kind md, txt, tex, html, ipynb or py).

    `scenario` is a bundled scenario's name or the path of a .toml file; where none is given, the
    one that the text names. It is run with `settings`, each as KEY=VALUE, and as a `variant` of it.
    Raises TracerError where the text or the scenario cannot be read.
    """
    report = document_check.check_text(
        text, kind, scenario, settings=settings, variant=variant, path=path
    )
    return ShownReport(report.files)


def compare(
    trace: Trace,
    recorded: RawValues | Mapping[int, Mapping[str, Any]] | Mapping[str, Any],
    *,
    tolerance: float | None = None,
) -> ShownComparison:
    """Return the comparison of values that were recorded elsewhere with a trace.

    `recorded` are arrays by iteration (from 1) and name, or by name with the iteration as first
    axis (left out where there is one); names are those of the trace. A value may be as far off as
    the rounding of its dtype explains, worked out from the terms that its equation sums;
    `tolerance`, from 0 to 1, is a relative one in its place. Raises TracerError where no name is
    one of the trace.
    """
    return ShownComparison(*recorded_values.compare(trace, recorded, tolerance=tolerance))


def mark(text: str, key: str, *, kind: str = "md", path: str = "<text>") -> ShownReport:
    """Return the report on a filled worksheet, marked with the text of its key.

    `report.files[0].marks` has the points. `kind` is md, txt, tex, html or ipynb. Raises
    TracerError where the text is not that worksheet, or the key is none.
    """
    sheet = read_key(key)
    document = read_document(text, document_check.document_kind(kind), path)
    return ShownReport([mark_submission(document, sheet, TracedView(sheet.trace))])


class ShownWorksheet(NamedTuple):
    """A worksheet and its key: `text()`, `key()`; in a notebook it shows itself."""

    sheet: Worksheet

    def text(self, *, lang: str = "en") -> str:
        """Return the worksheet as Markdown, its blanks empty."""
        return worksheet_text(self.sheet, catalogue(lang), answers=False)

    def key(self, *, lang: str = "en") -> str:
        """Return the key as Markdown; `mark` takes it."""
        return worksheet_text(self.sheet, catalogue(lang), answers=True)

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
