"""Check the worked lines of a document: bind its parts, judge each chain, report.

What a hostile document asks for has no end, so the time is bounded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from time import monotonic, thread_time
from typing import Final

from tracer.check.bind.document_parts import DocumentPart, remark_on_parts, reported_parts
from tracer.check.bind.suggestions import suggested_scenario
from tracer.check.bind.worlds import RunView
from tracer.check.judge.chain_findings import finding_of, out_of_time_finding, unread_finding
from tracer.check.judge.chain_work import join_rows
from tracer.check.judge.figures_by_place import findings_by_place
from tracer.check.judge.follow import judge_parts
from tracer.check.model.finding import FileReport, Finding
from tracer.check.model.statements import EquationChain, WorkedDocument
from tracer.check.model.written_trees import is_literal
from tracer.check.read.rows_of_figures import rows_of_figures
from tracer.expression.syntax import Name
from tracer.sentences import Sentence, say

SECONDS: Final = 20.0  # processor time of one document; ten thousand worked lines take it


class Budget:
    """Processor time of this thread and of the processes that it waited for, from now on."""

    __slots__ = ("_end", "_first")

    def __init__(self) -> None:
        self._end: Final = _processor_time() + SECONDS
        self._first: Final = monotonic() + SECONDS  # before which it cannot be over

    @property
    def is_spent(self) -> bool:
        """Whether the time is over. A thread's clock is slow to read, so it is read late."""
        return monotonic() >= self._first and _processor_time() >= self._end


def _processor_time() -> float:
    ended = os.times()
    return thread_time() + ended.children_user + ended.children_system


def check_lines(
    document: WorkedDocument,
    view: RunView | None = None,
    *,
    is_one_example: bool = False,
    budget: Budget | None = None,
    watch: Callable[[], object] | None = None,
) -> FileReport:
    """Return the report on the worked lines of a document, beside a run or without one.

    `is_one_example` is for who knows that all of it is of that run, as the run has it: then no
    part is an exercise of its own, and no convention is looked for. When `budget` is spent, one
    finding says how many lines are left. `watch` is called at each line that is judged: who no
    longer wants the report raises in it.
    """
    document = join_rows(document, view)
    findings = [unread_finding(piece) for piece in document.unread]
    parts: list[DocumentPart] = []
    sentence: Sentence | None = None
    budget, judged = budget or Budget(), 0
    for part, judgements, convention in judge_parts(document, view, is_one_example=is_one_example):
        parts.append(part)
        sentence = convention or sentence
        for judgement in judgements:
            if watch is not None:
                watch()
            if budget.is_spent:
                break
            findings.append(finding_of(judgement, document))
            judged = judgement.chain.last_line
        if budget.is_spent:
            findings += _left_out(document, judged)
            break

    def is_over() -> bool:
        if watch is not None:
            watch()
        return budget.is_spent

    if view is not None and not is_over():
        # A list that cannot be told by its name may be by its figures.
        chains = [chain for chain in document.chains() if _is_list(chain)]
        lists = {chain.place for chain in chains}
        meant = {chain.place.line: _quantities_meant(chain, view) for chain in chains}
        undecided = {it.place: it for it in findings if it.verdict == "undecided"}
        open_lists = [undecided[place] for place in undecided.keys() & lists]
        others = [it for it in findings if it.place not in undecided or it.place not in lists]
        found = {
            line
            for each in others
            for line in range(each.place.line, each.place.line + 1 + each.text.count("\n"))
        }
        shown = [*rows_of_figures(document, found)]
        told = [*findings_by_place(document, shown, view, others, meant, is_over)]
        lines = {each.place.line for each in told}
        findings = [*others, *told, *(it for it in open_lists if it.place.line not in lines)]
    findings.sort(key=lambda finding: (finding.line, finding.column))
    scenario = None if view is None else view.scenario
    return FileReport(
        document.path,
        findings,
        document.lines,
        scenario=scenario,
        offered=None if view is not None else suggested_scenario(document),
        convention=sentence or remark_on_parts(document, parts, scenario),
        cells=document.cells,
        parts=reported_parts(document, parts, scenario),
        formulas=document.formulas,
    )


def _is_list(chain: EquationChain) -> bool:
    """Tell whether a chain says what a name is, and works nothing out."""
    head, *values = (side.tree for side in chain.sides)
    return type(head) is Name and all(it is not None and is_literal(it) for it in values)


def _quantities_meant(chain: EquationChain, view: RunView) -> set[str]:
    """Return the quantities of a run with the name at the head of a chain, as it is spelled."""
    head = chain.sides[0].tree
    name = head.id if isinstance(head, Name) else ""
    return {spot[0] for spot in view.spots(name, is_target=True)} if view.has(name) else set()


def _left_out(document: WorkedDocument, judged: int) -> Iterator[Finding]:
    """Yield one finding for the chains below the last line that was judged, if there are any."""
    code = document.code_lines()
    left = [
        each
        for each in document.chains()
        if each.place.line > judged and each.place.line not in code  # told by who reads listings
    ]
    if left:
        message = say(
            "not checked: checking the document takes too long; {count} worked "
            "{count:lines are|line is} left out from here on",
            count=len(left),
        )
        yield out_of_time_finding(left[0].place, left[0].text, message)
