"""Check a document as a whole: its worked lines, its Python, and a worksheet's points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast, get_args

from tracer.check.bind.worlds import RunView
from tracer.check.document_lines import Budget, check_lines
from tracer.check.judge.chain_findings import out_of_time_finding
from tracer.check.model.finding import FileReport, Finding, Report
from tracer.check.model.statements import (
    CodeListing,
    DocumentKind,
    StageMarker,
    TextPlace,
    WorkedDocument,
)
from tracer.check.read.document_entry import read_document
from tracer.errors import TracerError
from tracer.frozen import replace
from tracer.lazy_modules import LazyModule
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.check.trace import traced_view
    from tracer.debug import bounded_process, judging
    from tracer.worksheets import marking
else:
    bounded_process = LazyModule("tracer.debug.bounded_process")
    judging = LazyModule("tracer.debug.judging")
    marking = LazyModule("tracer.worksheets.marking")
    traced_view = LazyModule("tracer.check.trace.traced_view")


def check_text(
    text: str,
    kind: str = "md",
    scenario: str | None = None,
    *,
    settings: Sequence[str] = (),
    variant: str = "",
    path: str = "<text>",
) -> Report:
    """Return the report on a text (of kind md, txt, tex, html, ipynb or py).

    `scenario` is a bundled scenario's name or the path of a .toml file; where none is given, the
    one that the text names. It is run with `settings`, each as KEY=VALUE, and as a `variant` of it.
    Raises TracerError where the text or the scenario cannot be read.
    """
    document = read_document(text, document_kind(kind), path)
    return Report([check_document(document, scenario, settings=settings, variant=variant)])


def check_beside(
    text: str,
    kind: str,
    view: RunView,
    *,
    path: str = "<text>",
    begin: int = 1,
    watch: Callable[[], object] | None = None,
) -> FileReport:
    """Return the report on a text beside a run that is there already.

    A scenario that the text names is not run. What stands above all words for an iteration is of
    the iteration `begin`. `watch` is called now and then while the text is
    read and judged: who no longer wants the report raises in it. Raises TracerError where the
    text cannot be read.
    """
    document = read_document(text, document_kind(kind), path, watch=watch)
    if begin > 1:
        marker = StageMarker("iteration", begin, TextPlace(1, 0, 0))
        document = replace(document, statements=[marker, *document.statements])
    return _report_on(document, view, watch)


def check_document(
    document: WorkedDocument,
    scenario: str | None = None,
    *,
    settings: Sequence[str] = (),
    variant: str = "",
    memory: int | None = None,
) -> FileReport:
    """Return the report on a document that was read; a worksheet of ours is marked too.

    `memory` are the bytes that a run of the scenario may take; without a scenario the document is
    checked beside the one that it names. `settings` and `variant` change it. Raises TracerError
    where it cannot be loaded or run, and for changes of a worksheet's own scenario.
    """
    if _is_worksheet(document, scenario):
        if settings or variant:
            raise TracerError(
                say("a worksheet has settings of its own"),
                found=[*settings, variant][0],
                expected=say("the worksheet without --set and --variant"),
            )
        return marking.mark_own_worksheet(document, scenario)
    name = scenario or document.scenario
    view = None
    if name:
        view = traced_view.scenario_view(
            name, settings, variant, memory=memory, bundled_only=scenario is None
        )
    return replace(_report_on(document, view), scenario=name)


def document_kind(kind: str) -> DocumentKind:
    """Return a kind of document. Raises TracerError where it is none."""
    if kind not in get_args(DocumentKind):
        kinds = ", ".join(get_args(DocumentKind))
        raise TracerError(say("unknown kind of document"), found=kind, expected=kinds)
    return cast("DocumentKind", kind)


def _is_worksheet(document: WorkedDocument, scenario: str | None) -> bool:
    """Tell whether a document is a worksheet of ours, or a key whose scenario is known."""
    lines = document.lines
    if len(lines) < 2 or lines[0].rstrip() != "---":
        return False
    is_key = lines[1].startswith("worksheet-key:") and (scenario or document.scenario) is not None
    return is_key or lines[1].startswith("worksheet:")


def _report_on(
    document: WorkedDocument, view: RunView | None, watch: Callable[[], object] | None = None
) -> FileReport:
    """Return the report on a document: its worked lines, and the Python in it."""
    budget = Budget()
    report = check_lines(document, view, budget=budget, watch=watch)
    listings = [item for item in document.statements if isinstance(item, CodeListing)]
    of_code = _code_findings(listings, document.lines, budget)
    # What is open in a comment of code, the code may decide. A figure that is one says what comes
    # out, to both: the line is asked only where the code leaves it open.
    decided = {each.line for each in of_code if each.verdict in ("correct", "slip")}
    commented = {chain.place.line for chain in document.chains() if chain.listing}
    shown = {each.line for each in report.findings if each.verdict != "undecided"}
    of_code = [each for each in of_code if each.line not in (commented & shown) - decided]
    twice = commented & {each.line for each in of_code}
    of_lines = (
        each
        for each in report.findings
        if each.line not in (twice | decided if each.verdict == "undecided" else twice)
    )
    findings = [*of_lines, *of_code]
    findings.sort(key=lambda finding: (finding.line, finding.column))
    return replace(report, findings=findings)


def _code_findings(
    listings: Sequence[CodeListing], lines: Sequence[str], budget: Budget
) -> list[Finding]:
    """Return what is found in a document's Python."""
    if not listings:
        return []
    if budget.is_spent:
        return [out_of_time_finding(*_first_line(listing)) for listing in listings]
    try:
        return judging.judge_listings(listings, lines)
    except bounded_process.OutOfBoundsError:
        message = say("not checked: this code takes too long or too much memory to follow")
        return [out_of_time_finding(*_first_line(listings[0]), message)]


def _first_line(listing: CodeListing) -> tuple[TextPlace, str]:
    place = TextPlace(listing.line, listing.indent, listing.indent + 1)
    return place, listing.text.partition("\n")[0]
