"""The backward passes of a document's Python, followed and not run, as findings.

All code of the document is one text here, as if its blocks were the cells of a notebook. What is
found at a line counts more than what the comparison of formulas (`judging`) says of it, but
for a slip that is the same: that one names all gradients which are wrong in the same way.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from tracer.check.model.finding import Finding, Replacement, corrected_line
from tracer.check.model.mapped_text import TextPlace
from tracer.check_code.code_messages import words
from tracer.check_code.code_names import is_gradient, is_loss
from tracer.check_code.reading import CodeReading
from tracer.debug.backward_check import examine
from tracer.debug.backward_report import BackwardReport
from tracer.debug.code_interpreter import CodeInterpreter
from tracer.debug.forward_search import find_forward, is_update
from tracer.debug.gradient_names import gradient_word
from tracer.debug.namespaces import ValuePath
from tracer.debug.observation import SourceText
from tracer.frozen import replace
from tracer.sentences import Sentence, say

__all__ = ["judge_backward_passes", "read_backward_pass"]

LONGEST: Final = 40_000  # characters of code that are followed
SECONDS: Final = 3.0  # that the search for a slip may take


def read_backward_pass(text: str, path: str = "<code>") -> BackwardReport | None:
    """Return the report on the backward pass in some code, which is not run; None without any."""
    if len(text) > LONGEST:
        return None
    try:
        source = SourceText(path, text)
        if not _may_have_gradients(source.tree):
            return None
        observation = CodeInterpreter(source).observe()
        return examine(
            observation,
            *find_forward(observation),
            lambda numbers: CodeInterpreter(source, numbers).observe(),
            seconds=SECONDS,
        )
    except Exception:  # noqa: BLE001 - whatever somebody's code does with values it is not made for
        return None  # nothing there that can be followed and traced


def _may_have_gradients(tree: ast.Module) -> bool:
    """Tell whether a name says: the gradient of something that has a name as well."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Constant(value=str(name)) if name.isidentifier():
                found.add(name)
    known = frozenset(found)
    return any(
        is_gradient(name) or gradient_word(ValuePath(name, (name,)), known) for name in found
    ) or (any(map(is_loss, found)) and any(map(is_update, ast.walk(tree))))


def judge_backward_passes(
    readings: Sequence[CodeReading], judged: Sequence[Finding], raw_lines: Sequence[str]
) -> list[Finding]:
    """Return the findings on a document's code with those of its backward pass.

    `judged` are those that are known without it.
    """
    code = _JoinedCode(readings)
    report = read_backward_pass(code.text)
    if report is None:
        return list(judged)
    return _Judgement(report, code, raw_lines).joined(judged)


def _is_wrong_gradient(finding: Finding) -> bool:
    return finding.verdict == "slip" and finding.kind != "label_error"


class _JoinedCode:
    """The blocks of a document as one text, whose lines know their places."""

    def __init__(self, readings: Sequence[CodeReading]) -> None:
        self.readings = [reading for reading in readings if reading.tree.body]
        texts = [reading.text for reading in self.readings]
        self.text = "\n".join(texts) + "\n"
        self.tree = ast.parse("")
        self.starts = list(accumulate((text.count("\n") + 1 for text in texts), initial=0))

    def place(self, line: int) -> TextPlace | None:
        """Return the raw place of the statement on a line; None where there is none."""
        block = bisect_right(self.starts, line - 1) - 1
        reading, line = self.readings[block], line - self.starts[block]
        found = [
            node
            for node in ast.walk(reading.tree)
            if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
        ]
        return reading.span(max(found, key=lambda node: node.lineno)) if found else None

    def is_whole(self, line: int) -> bool:
        """Tell whether the statement on a line ends there, so that it can be replaced."""
        block = bisect_right(self.starts, line - 1) - 1
        reading, line = self.readings[block], line - self.starts[block]
        found = [
            node
            for node in ast.walk(reading.tree)
            if isinstance(node, ast.stmt) and node.lineno == line
        ]
        return len(found) == 1 and found[0].end_lineno == line

    def calls_own_function(self, line: int) -> bool:
        """Tell whether the statement on a line has its value from a function of the code."""
        own = {
            node.name
            for reading in self.readings
            for node in ast.walk(reading.tree)
            if isinstance(node, ast.FunctionDef)
        }
        block = bisect_right(self.starts, line - 1) - 1
        reading, line = self.readings[block], line - self.starts[block]
        return any(
            isinstance(node, ast.Assign)
            and node.lineno == line
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func).rpartition(".")[2] in own
            for node in ast.walk(reading.tree)
        )

    def lines_of(self, names: set[str]) -> Iterator[int]:
        """Yield the raw lines of the statements that give one of some names a value."""
        for reading in self.readings:
            for node in ast.walk(reading.tree):
                if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    if names & {ast.unparse(target).split("[")[0] for target in targets}:
                        yield reading.span(node).line


class _Judgement:
    """One report as findings."""

    def __init__(self, report: BackwardReport, code: _JoinedCode, raw_lines: Sequence[str]) -> None:
        self.report = report
        self.code = code
        self.raw_lines = raw_lines

    def joined(self, judged: Sequence[Finding]) -> list[Finding]:
        """Return the findings with those of the report in the place of what it knows better."""
        report = self.report
        told_names = (*(item.name for item in report.outcomes), *dict(report.uncompared))
        names = {name.split("[")[0] for name in told_names}
        covered = set(self.code.lines_of(names))
        same = self.same_slip(judged)
        kept = [
            item
            for item in judged
            if item is not same and (item.kind == "label_error" or not covered & _lines(item))
        ]
        told = set() if same is None else _lines(same)
        own = [item for item in self.findings(same) if not told & _lines(item)]
        own += [] if same is None else [self.with_correction(same)]
        return sorted([*kept, *own], key=lambda item: (item.line, item.column))

    def with_correction(self, same: Finding) -> Finding:
        """Return a slip without a correction with the one that the report has for its line."""
        replacements = self.replacements()
        if same.replacements or same.more_places or not replacements:
            return same
        if replacements[0].place.line != same.line:
            return same
        return replace(
            same,
            expected=replacements[0].text,
            replacements=replacements,
            suggestion=corrected_line(replacements, self.raw_lines),
        )

    def replacements(self) -> tuple[Replacement, ...]:
        """Return the report's correction as the change of a line; none where a line moves."""
        found = self.report.correction
        if found is None or found.below is not None or not self.code.is_whole(found.line):
            return ()
        place = self.code.place(found.line)
        return () if place is None else (Replacement(place, found.text),)

    def same_slip(self, judged: Sequence[Finding]) -> Finding | None:
        """Return the slip that is found already, with all gradients that are wrong like that."""
        report = self.report
        if report.wrong is None or report.line is None:
            return None
        elsewhere = report.line != report.wrong.line
        if elsewhere or (report.correction and report.correction.kind == "stale_value"):
            return None
        place = self.code.place(report.line)
        line = 0 if place is None else place.line
        calls = self.code.calls_own_function(report.line)
        for item in judged:
            is_vague = not item.cause and not item.more_places and not item.replacements
            if is_vague and report.correction is not None:
                continue  # that one says what is wrong
            if _is_wrong_gradient(item) and (calls or line in _lines(item)):
                return item
        return None

    def findings(self, same: Finding | None) -> Iterator[Finding]:
        """Yield one finding for all right gradients, the slip, and one for each other wrong one."""
        report = self.report
        right = [item for item in report.outcomes if item.is_right]
        if right and (place := self.code.place(right[0].line)) is not None:
            names = ", ".join(dict.fromkeys(item.name for item in right))
            yield Finding(
                "correct", place, self.text(place), tier="exact",
                message=words("right", names, report.loss), result_correct=True,
            )  # fmt: skip
        for name, line in report.uncompared:
            if (place := self.code.place(line)) is not None:
                yield Finding(
                    "not_checked", place, self.text(place), reason="unknown_quantity",
                    message=say(
                        "{name}: not compared: {loss} does not depend on that quantity",
                        name=name, loss=report.loss,
                    ),
                )  # fmt: skip
        if report.wrong is None:
            return
        if same is None:
            yield from self.slip()
        line = same.line if same is not None else self.row(report.line or report.wrong.line)
        for item in report.outcomes:
            place = self.code.place(item.line)
            is_told = item == report.wrong or item.line in (report.line, report.wrong.line)
            if item.is_right or is_told or place is None:
                continue
            if item.quantity in report.carried:
                message: Sentence = say(
                    "{name}: wrong because of line {line}", name=item.name, line=line
                )
                yield Finding(
                    "carried_forward", place, self.text(place), tier="wrong",
                    kind="carried_forward", message=message, error_line=line,
                    result_correct=False,
                )  # fmt: skip
            else:
                yield self.wrong(place, words("otherwise", item.name, report.loss))

    def slip(self) -> Iterator[Finding]:
        """Yield the finding on the statement that is wrong."""
        report = self.report
        assert report.wrong is not None
        place = self.code.place(report.line or report.wrong.line)
        if place is None:
            return
        found = report.correction
        if found is None:
            causes = () if report.departure is None else report.departure.causes
            message = (
                self.message(causes[0].words)
                if causes
                else words("otherwise", report.wrong.name, report.loss)
            )
            yield self.wrong(place, message)
            return
        remarks: tuple[Sentence, ...] = ()
        if report.is_right_as_written:
            remarks = (say("it is right at these numbers, but not at others"),)
        replacements = self.replacements()
        if found.below is not None:
            remarks += (say("it belongs below line {line}", line=self.row(found.below)),)
        yield Finding(
            "slip", place, self.text(place), tier="wrong",
            kind=found.kind, candidates=(found.kind,), wrong_place=place,
            written=self.text(place), expected=found.text if replacements else None,
            replacements=replacements,
            suggestion=corrected_line(replacements, self.raw_lines),
            message=self.message(found.words), remarks=remarks, result_correct=False,
        )  # fmt: skip

    def message(self, cause: Sentence) -> Sentence:
        assert self.report.wrong is not None
        return say(
            "{name}: not the gradient of {loss}: {words}",
            name=self.report.wrong.name,
            loss=self.report.loss,
            words=cause,
        )

    def wrong(self, place: TextPlace, message: Sentence) -> Finding:
        """Return the finding on a wrong gradient without a correction."""
        return Finding(
            "slip", place, self.text(place), tier="wrong", kind="wrong_formula",
            candidates=("wrong_formula",), wrong_place=place, written=self.text(place),
            message=message, result_correct=False,
        )  # fmt: skip

    def text(self, place: TextPlace) -> str:
        return self.raw_lines[place.line - 1][place.start : place.end]

    def row(self, line: int) -> int:
        """Return the raw line of a line of the joined code."""
        place = self.code.place(line)
        return line if place is None else place.line


def _lines(finding: Finding) -> set[int]:
    """Return the raw lines that a finding marks."""
    return {finding.line, *(place.line for place in finding.more_places)}
