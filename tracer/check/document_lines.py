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
from tracer.check.judge.follow import judge_parts
from tracer.check.judge.judgement import ChainJudgement
from tracer.check.model.finding import FileReport, Finding
from tracer.check.model.statements import CodeListing, EquationChain, WorkedDocument
from tracer.sentences import Sentence

SECONDS: Final = (
    20.0  # processor time of one document; twenty thousand worked lines take half of it
)


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
    part is an exercise of its own, and no convention is looked for. When `budget` is spent, the
    lines that are left are reported as not checked. `watch` is called at each line that is judged:
    who no longer wants the report raises in it.
    """
    document = join_rows(document, view)
    findings = [unread_finding(piece) for piece in document.unread]
    parts: list[DocumentPart] = []
    sentence: Sentence | None = None
    budget = budget or Budget()
    for part, judgements, convention in judge_parts(document, view, is_one_example=is_one_example):
        parts.append(part)
        sentence = convention or sentence
        findings += _part_findings(document, part, judgements, budget, watch)
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


def _part_findings(
    document: WorkedDocument,
    part: DocumentPart,
    judgements: Iterator[ChainJudgement],
    budget: Budget,
    watch: Callable[[], object] | None,
) -> Iterator[Finding]:
    """Yield the findings of a part; of what is left when the time is over, that it was not read."""
    last = 0
    for judgement in judgements:
        if watch is not None:
            watch()
        if budget.is_spent:
            break
        yield finding_of(judgement, document)
        last = judgement.chain.last_line
    else:
        return
    left = document.statements[part.first : part.last]
    listings = [each for each in left if isinstance(each, CodeListing)]
    code = {each.line + line for each in listings for line in range(len(each.text.splitlines()))}
    for statement in left:  # listings are told by who reads them
        line = statement.place.line if isinstance(statement, EquationChain) else 0
        if isinstance(statement, EquationChain) and line > last and line not in code:
            yield out_of_time_finding(statement.place, statement.text)
