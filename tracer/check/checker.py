"""Check whole documents: read, judge each chain in order, see which convention the writer keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, cast, get_args

from tracer.check.budget import Budget
from tracer.check.judging.findings import why_unread
from tracer.check.judging.judge import judge
from tracer.check.judging.pieces import Pieces
from tracer.check.judging.quantities import Quantities
from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.document import read_document
from tracer.check.report import Entry, FileReport, Report
from tracer.check.trace.aliases import name_of
from tracer.check.written import Chain, CodeBlock, Document, Kind, Marker, Span, Unread
from tracer.errors import TracerError, printable
from tracer.narrative.messages import Sentence, say
from tracer.run.memory import BUDGET_BYTES

if TYPE_CHECKING:
    from tracer.check.judging.givens import Givens
    from tracer.check.trace.traced import Traced
    from tracer.run.trace import Trace

__all__ = ["check_against", "check_document", "check_text", "traced_scenario"]

MOST_NAMED: Final = 4  # given numbers of another exercise that are told
ADDED: Final = lazy_regex(r"(\b[A-Za-z]\w*)\W{1,4}\1\s*\+|\+=")  # `w = w + …`
CONVENTION_FIGURES: Final = 2  # wrong figures of one document before another convention is tried


def check_text(
    text: str, kind: str = "md", scenario: str | None = None, *, path: str = "<text>"
) -> Report:
    """Return the report on a text (of kind md, txt, tex, ipynb or py).

    `scenario` is a bundled scenario's name or the path of a .toml file; where none is given, the
    one that the text names. Raises TracerError where the text or the scenario cannot be read.
    """
    return Report([check_document(read_document(text, _kind(kind), path), scenario)])


def check_against(
    text: str,
    kind: str,
    trace: Trace,
    *,
    path: str = "<text>",
    watch: Callable[[], object] | None = None,
) -> FileReport:
    """Return the report on a text beside a run that is there already.

    A scenario that the text names is not run. `watch` is called at each chain that is read and
    judged: who no longer wants the report raises in it. Raises TracerError where the text cannot
    be read.
    """
    from tracer.check.trace.traced import Traced

    document = read_document(text, _kind(kind), path, watch=watch)
    return _reported(document, Traced(trace), trace.scenario.name, watch=watch)


def _kind(kind: str) -> Kind:
    if kind not in get_args(Kind):
        raise TracerError(
            say("no such kind of text"), found=kind, expected=", ".join(get_args(Kind))
        )
    return cast(Kind, kind)


def check_document(
    document: Document,
    scenario: str | None = None,
    *,
    traced: Traced | None = None,
    in_headings: bool = False,
    memory: int | None = None,
) -> FileReport:
    """Return the report on a document that has been read; a worksheet of ours is marked too.

    `traced` is the run of the scenario, for who has it; then no other convention is tried, and
    each line is of the iteration that it stands in. `in_headings`: nothing but a heading begins
    another one. `memory` are the bytes that a run of the scenario may take.
    """
    if scenario is None and _is_worksheet(document):
        from tracer.check.worksheets.marking import self_marked  # few documents are worksheets

        return self_marked(document)
    name = scenario or document.scenario
    fixed = traced is not None
    if traced is None and name:
        traced = traced_scenario(name, bundled_only=scenario is None, memory=memory)
    return _reported(document, traced, name, fixed=fixed, in_headings=in_headings)


def _reported(
    document: Document,
    traced: Traced | None,
    name: str | None,
    *,
    fixed: bool = False,
    in_headings: bool = False,
    watch: Callable[[], object] | None = None,
) -> FileReport:
    """Return the report beside a run; if that is not `fixed`, under the writer's convention."""
    known = Quantities(traced, in_place=fixed)
    if known.clock is not None and fixed:
        known.clock.only_words = in_headings or _has_all_headings(document, known.clock.traced)
    entries = _judged(document, known, watch) or []
    convention: Sentence | None = None
    if known.givens is not None and known.givens.is_torn:
        known = Quantities(traced, one_sample=True)
        entries = _judged(document, known, watch) or []
    if traced is not None and not fixed and _may_be_convention(document, entries):
        entries, known, convention = _by_convention(document, traced, entries, known, watch)
    if known.givens is not None and known.givens.are_of_another_exercise and _slips(entries):
        entries = _judged(document, Quantities(), watch) or []
        convention = _other_exercise(known.givens, name or "")
    entries += [_unread(item) for item in document.unread]
    entries.sort(key=lambda entry: (entry.line, entry.column))
    for entry in entries:
        entry.suggestion = _suggestion(entry, document.lines)
    if document.cells:
        from tracer.check.reading.notebook_cells import tell_cells  # few documents are notebooks

        tell_cells(entries, document.cells)
    return FileReport(
        document.path,
        entries,
        document.lines,
        scenario=name,
        offered=None if name else _offered(document, entries),
        convention=convention,
        cells=document.cells,
    )


def _has_all_headings(document: Document, traced: Traced) -> bool:
    """Say whether words name each iteration of a run."""
    named = {
        item.number
        for item in document.items
        if isinstance(item, Marker) and item.kind == "iteration"
    }
    return named >= set(range(1, traced.iterations + 1))


def _is_worksheet(document: Document) -> bool:
    lines = document.lines
    return len(lines) > 1 and lines[0].rstrip() == "---" and lines[1].startswith("worksheet:")


def traced_scenario(name: str, *, bundled_only: bool, memory: int | None = None) -> Traced:
    """Return the traced run of a scenario; a document may name bundled ones only.

    `memory` are the bytes that the run may take.
    """
    from tracer.check.trace.traced import Traced
    from tracer.errors import ScenarioError, nearest
    from tracer.program.scenario import bundled, load
    from tracer.run.runner import run_scenario

    if bundled_only and name not in bundled():
        raise ScenarioError(
            say("a document may name a bundled scenario only"),
            found=name,
            expected=nearest(name, bundled()) or say("one that `tracer list` shows"),
        )
    return Traced(run_scenario(load(name), budget=BUDGET_BYTES if memory is None else memory))


def _judged(
    document: Document,
    known: Quantities,
    watch: Callable[[], object] | None,
    *,
    less_than: int | None = None,
    budget: Budget | None = None,
) -> list[Entry] | None:
    """Return the entries of all chains and code, in order; `known` fills meanwhile.

    With `less_than`, None says that there are that many slips, or that it takes too long; else
    what is left then is not checked.
    """
    budget = budget or Budget()
    known.lines = document.lines
    known.pieces = Pieces(document)
    slips = 0
    entries: list[Entry] = []
    code: list[CodeBlock] = []
    for item in document.items:
        if watch is not None:
            watch()
        if budget.is_spent:
            if less_than is not None:
                return None
            if not isinstance(item, Marker):
                entries.append(_out_of_time(item))
        elif isinstance(item, Chain):
            entry = judge(item, known)
            if entry is not None:
                entries.append(entry)
                slips += entry.verdict in ("slip", "carried_forward")
                if less_than is not None and slips >= less_than:
                    return None
        elif isinstance(item, Marker):
            known.mark(item)
        else:
            entries += _judged_code(item, document, code)
            code.append(item)
    return entries


def _out_of_time(item: Chain | CodeBlock) -> Entry:
    """Return the entry of what is left where a document takes too long."""
    place = item.place if isinstance(item, Chain) else Span(item.line, item.indent, item.indent + 1)
    return Entry(
        "not_checked",
        place,
        printable(item.text.partition("\n")[0]),
        span=place,
        reason="limit",
        message=say("not checked, for the document takes too long"),
    )


def _judged_code(block: CodeBlock, document: Document, earlier: Sequence[CodeBlock]) -> list[Entry]:
    """Return the entries of a piece of Python, and of what could not be read in it."""
    from tracer.check.code.judging import judge_code  # few documents have code
    from tracer.check.code.reading import read_code

    unread = read_code(block, document.lines).unread
    return [*judge_code(block, document.lines, earlier), *map(_unread, unread)]


def _may_be_convention(document: Document, entries: Sequence[Entry]) -> bool:
    """Say whether wrong figures may be right under another convention: several of them are.

    One is enough where the error is turned round and the update adds the step.
    """
    wrong = [entry for entry in entries if entry.verdict in ("slip", "carried_forward")]
    if len(wrong) != 1:
        return len(wrong) >= CONVENTION_FIGURES
    added = any(ADDED.search(line) for line in document.lines)
    return added and wrong[0].cause == "error_reversed"


def _slips(entries: Sequence[Entry]) -> int:
    return sum(entry.verdict in ("slip", "carried_forward") for entry in entries)


def _by_convention(
    document: Document,
    traced: Traced,
    entries: list[Entry],
    known: Quantities,
    watch: Callable[[], object] | None,
) -> tuple[list[Entry], Quantities, Sentence | None]:
    """Return the entries under the convention that makes most of the writer's figures right."""
    best, convention = entries, None
    chosen: Traced | None = None
    budget = Budget()
    for words, other in traced.alternatives():
        least = max(1, _slips(best) - (convention is None))
        unexplained = Quantities(other, explains=False, one_sample=known.one_sample)
        found = _judged(document, unexplained, watch, less_than=least, budget=budget)
        if found is not None:
            best, chosen, convention = found, other, words
    if chosen is not None:
        known = Quantities(chosen, one_sample=known.one_sample)
        best = _judged(document, known, watch) or best
    return best, known, convention


def _other_exercise(givens: Givens, scenario: str) -> Sentence:
    """Return what is said of a document whose given numbers are not those of the scenario."""
    numbers = [
        say("{name} is {written}", name=one.name, written=one.written)
        for one in givens.differing[:MOST_NAMED]
    ]
    return say(
        "the given numbers are not those of the scenario {scenario}: {numbers}; "
        "it was checked as an exercise of its own",
        scenario=scenario,
        numbers=numbers,
    )


def _unread(item: Unread) -> Entry:
    """Return the entry of something that looks like worked mathematics and was not read."""
    return Entry(
        "not_checked",
        item.span,
        item.text,
        span=item.span,
        reason=item.reason,
        message=why_unread(item),
    )


def _suggestion(entry: Entry, lines: Sequence[str]) -> str | None:
    """Return the corrected line, where a repair is unique."""
    if entry.span is None or not entry.repairs:
        return None
    line = lines[entry.span.line - 1]
    for repair in sorted(entry.repairs, key=lambda repair: -repair.span.start):
        if repair.span.line == entry.span.line:
            line = line[: repair.span.start] + repair.text + line[repair.span.end :]
    return line


def _offered(document: Document, entries: Sequence[Entry]) -> str | None:
    """Return a bundled scenario whose numbers fit the document's results."""
    from tracer.check.numbers.figures import Figure, figure

    named: list[tuple[str, Figure]] = []
    for chain in document.chains():
        last = chain.members[-1].node
        written = figure(last) if last is not None else None
        name = name_of(chain.target) if chain.target is not None else None
        if name is not None and written is not None and len(chain.members) > 2:
            named.append((name, written))
    if len(named) < 3 or not entries:
        return None
    from tracer.check.trace.shortlist import shortlist

    names = shortlist(document.lines)
    if not names:
        return None
    from tracer.check.trace.traced import offered

    return offered(named, names)
