"""The backward passes of a document's Python, followed and not run, as findings.

All code of the document is one text here, as if its blocks were the cells of a notebook. What is
found at a line counts more than what the comparison of formulas (`judging`) says of it, but
for a slip that is the same: that one names all gradients which are wrong in the same way.
"""

from __future__ import annotations

import ast
import math
import re
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Final

from tracer.check.model.finding import Finding, Replacement, SlipKind, corrected_line
from tracer.check.model.mapped_text import TextPlace
from tracer.check_code.code_messages import What, words
from tracer.check_code.reading import CodeReading
from tracer.debug.backward_check import examine
from tracer.debug.backward_report import BackwardReport, Correction
from tracer.debug.code_interpreter import follow_code
from tracer.debug.derivative_functions import DerivativeFunction, derivative_functions
from tracer.debug.forward_search import find_forward, stored_names
from tracer.debug.observation import Observation, SourceText
from tracer.debug.uncalled_functions import RESULT, calls_of, gradient_functions, loss_calls
from tracer.errors import TracerError
from tracer.sentences import Sentence, say

__all__ = ["judge_gradients", "read_backward_passes"]

CODE: Final = "<code>"
LONGEST: Final = 40_000  # characters of code that are followed
SECONDS: Final = 3.0  # of processor time that the search for a slip may take


def read_backward_passes(text: str, about: str = "") -> list[BackwardReport]:
    """Return the reports on the backward passes in some code, which is not run.

    `about` is the code as it is written, where `text` has lost its comments.
    The first is that of the code itself; then there is one for each function that computes
    gradients and that nobody calls.
    """
    if len(text) > LONGEST:
        return []
    try:
        source = SourceText(CODE, text, about=about)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    options = (SourceText(CODE, text + calls, about=about) for calls in loss_calls(source.tree))
    found = next(filter(None, map(_examined, (source, *options))), None)
    reports = [] if found is None else [found[0]]
    end = time.thread_time() + SECONDS
    stated = {item.name for item in derivative_functions(source.tree)}
    for function in gradient_functions(source.tree):
        if function.name in stated:
            continue
        layouts: list[BackwardReport] = []
        definitions = _definitions(source)
        for calls in calls_of(source.tree, function):
            try:
                found = _examined(SourceText(CODE, definitions + calls, about=about))
            except Exception:  # noqa: BLE001 - whatever code does with what nobody hands it
                continue
            if found is not None and not found[1].failures:
                layouts.append(found[0])
            if (layouts and layouts[-1].passed) or time.thread_time() > end:
                break
        best = min(layouts, key=_fit, default=None)
        # A call that nobody wrote is only as certain as what it gets right: half of the gradients,
        # or all but one factor. A layer is called without another function's loss.
        if best is not None and (
            best.loss == f"loss{RESULT}"
            or best.ratio is not None
            or 2 * _fit(best)[0] <= len(best.outcomes)
        ):
            reports.append(best)
    return reports


def _fit(report: BackwardReport) -> tuple[int, bool]:
    """Return how badly a layout fits: its wrong gradients, and whether they are no multiples."""
    return sum(not item.is_right for item in report.outcomes), report.ratio is None


def _definitions(source: SourceText) -> str:
    """Return the text of a source without what only calls functions, its lines in their places."""
    kept = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign)
    lines = [""] * len(source.lines)
    for statement in source.tree.body:
        if isinstance(statement, kept):
            first = min(
                [
                    statement.lineno,
                    *(item.lineno for item in getattr(statement, "decorator_list", ())),
                ]
            )
            lines[first - 1 : statement.end_lineno] = source.lines[first - 1 : statement.end_lineno]
    return "\n".join(lines) + "\n"


def _examined(source: SourceText) -> tuple[BackwardReport, Observation] | None:
    """Return the report on some code and what was seen of it; None where it has no gradients."""
    try:
        observation = follow_code(source)
        report = examine(
            observation,
            *find_forward(observation),
            partial(follow_code, source),
            follow=follow_code,
            seconds=SECONDS,
        )
    except TracerError:
        return None
    return report, observation


def judge_gradients(
    readings: Sequence[CodeReading], raw_lines: Sequence[str], about: str
) -> tuple[list[Finding], set[str], Sentence | None]:
    """Return the findings on the gradients of a document's code, and the names of those.

    The last is why there are none: what was not followed first, or an error in following it.
    """
    code = _JoinedCode(readings)
    found: list[Finding] = []
    names: set[str] = set()
    for derivative in derivative_functions(ast.parse(code.text)):
        names.add(derivative.name)
        place = code.place(derivative.node.lineno)
        if place is not None:
            found.append(_derivative_finding(derivative, place, reading_text(place, raw_lines)))
    try:
        reports = read_backward_passes(code.text, about)
    except Exception as error:  # noqa: BLE001 - the rest of the document is judged all the same
        text = f"{type(error).__name__}: {error}"
        return found, names, say("following this code failed ({error})", error=text)
    for report in reports:
        found += _Judgement(report, code, raw_lines).findings(found)
        told = (*(item.name for item in report.outcomes), *dict(report.uncompared))
        names |= {name for text in told for name in re.findall(r"\w+", text)}
    return found, names, None if found else _first_unknown(code)


def _first_unknown(code: _JoinedCode) -> Sentence | None:
    """Return what the first statement that is not followed would have given names."""
    for moment, _ in follow_code(SourceText(CODE, code.text)).failures:
        place = code.place(moment.statement.lineno)
        names = ", ".join(stored_names(moment.statement))
        if names and place is not None:
            return say("{names} is not known, as line {line} is not followed",
                       names=names, line=place.line)  # fmt: skip
    return None


def _derivative_finding(derivative: DerivativeFunction, place: TextPlace, text: str) -> Finding:
    """Return the finding on a function that states a derivative."""
    name, of = derivative.name, derivative.of
    if derivative.is_right:
        message = words("right", name, of)
        return Finding("correct", place, text, tier="exact", message=message, result_correct=True)
    if derivative.is_right is None:
        message = words("unknown", name)
        return Finding("not_checked", place, text, reason="unknown_quantity", message=message)
    is_turned = derivative.ratio == -1
    kind: SlipKind = "sign_error" if is_turned else "wrong_formula"
    what: What = "turned" if is_turned else "otherwise"
    return Finding(
        "slip", place, text, tier="wrong", kind=kind, candidates=(kind,), wrong_place=place,
        written=text, message=words(what, name, of), result_correct=False,
    )  # fmt: skip


class _JoinedCode:
    """The blocks of a document as one text, whose lines know their places."""

    def __init__(self, readings: Sequence[CodeReading]) -> None:
        self.readings = [reading for reading in readings if reading.tree.body]
        texts = [reading.text for reading in self.readings]
        self.text = "\n".join(texts) + "\n"
        self.starts = list(accumulate((text.count("\n") + 1 for text in texts), initial=0))

    def statement(self, line: int) -> tuple[CodeReading, ast.stmt, bool] | None:
        """Return the innermost statement on a line, and whether it alone is all of that line."""
        block = bisect_right(self.starts, line - 1) - 1
        reading, line = self.readings[block], line - self.starts[block]
        every = [node for node in ast.walk(reading.tree) if isinstance(node, ast.stmt)]
        found = [node for node in every if node.lineno <= line <= (node.end_lineno or 0)]
        if not found:
            return None
        inner = max(found, key=lambda node: node.lineno)
        is_alone = sum(node.lineno == line for node in every) == 1
        return reading, inner, is_alone and inner.lineno == line == inner.end_lineno

    def place(self, line: int) -> TextPlace | None:
        """Return the raw place of the statement on a line; None where there is none."""
        found = self.statement(line)
        return None if found is None else found[0].span(found[1])


class _Judgement:
    """One report as findings."""

    def __init__(self, report: BackwardReport, code: _JoinedCode, raw_lines: Sequence[str]) -> None:
        self.report = report._replace(loss=report.loss.removesuffix(RESULT))
        self.code = code
        self.raw_lines = raw_lines

    def findings(self, earlier: Sequence[Finding]) -> Iterator[Finding]:
        """Yield one finding for all right gradients, the slip, and one for each other wrong one.

        What an earlier report says of a line is not said again.
        """
        report = self.report
        known = {(item.line, item.verdict) for item in earlier}
        sentences: tuple[tuple[bool, What], ...] = ((False, "right"), (True, "downhill"))
        for is_update, what in sentences:
            every = [item for item in report.outcomes if item.is_update == is_update]
            right = [item for item in every if item.is_right]
            places = [place for item in right if (place := self.code.place(item.line)) is not None]
            if places and (places[0].line, "correct") not in known:
                names = ", ".join(dict.fromkeys(item.name for item in right))
                yield Finding(
                    "correct", places[0], self.text(places[0]), tier="exact",
                    message=words(what, names, report.loss), result_correct=True,
                )  # fmt: skip
        for name, line in report.uncompared:
            if (place := self.code.place(line)) is not None:
                yield Finding(
                    "not_checked", place, self.text(place), reason="unknown_quantity",
                    message=say(
                        "{name}: not compared: cannot tell which quantity behind {loss} it is the "
                        "gradient of",
                        name=name, loss=report.loss,
                    ),
                )  # fmt: skip
        if report.wrong is None:
            return
        slip = self.slip()
        if slip is not None and report.is_right_as_written:
            yield Finding(
                "undecided", slip.place, slip.text, message=slip.message, remarks=slip.remarks
            )
            return
        if slip is None or (slip.line, "slip") in known:
            return
        yield slip
        marked = {slip.line, *(place.line for place in slip.more_places)}
        own = self.code.place(report.wrong.line)
        marked |= {own.line} if own is not None else set()
        wrong = [item for item in report.outcomes if not item.is_right]
        for item in {(each.name, each.line): each for each in wrong}.values():  # one for all times
            place = self.code.place(item.line)
            if item == report.wrong or place is None or place.line in marked:
                continue
            if item.quantity in report.carried:
                line = slip.line
                yield Finding(
                    "carried_forward", place, self.text(place), tier="wrong",
                    kind="carried_forward",
                    message=say("{name}: wrong because of line {line}", name=item.name, line=line),
                    error_line=line, result_correct=False,
                )  # fmt: skip
            else:
                yield Finding(
                    "slip", place, self.text(place), tier="wrong", kind="wrong_formula",
                    candidates=("wrong_formula",), wrong_place=place, written=self.text(place),
                    message=words("otherwise", item.name, report.loss), result_correct=False,
                )  # fmt: skip

    def slip(self) -> Finding | None:
        """Return the finding on the statement that is wrong, with all that are wrong like it."""
        report = self.report
        assert report.wrong is not None
        place = self.code.place(report.line or report.wrong.line)
        if place is None:
            return None
        found = report.correction
        alike = [
            (other, self.replacement(correction))
            for outcome, correction in report.alike
            if (other := self.code.place(outcome.line)) is not None
        ]
        options = [self.replacement(found), *(replacement for _, replacement in alike)]
        replacements = tuple(item for item in options if item is not None)
        if len(replacements) < len(options):
            replacements = ()
        remarks: tuple[Sentence, ...] = ()
        if report.is_right_as_written:
            remarks = (say("it is right at these numbers, but not at others"),)
        if found is not None and found.below is not None:
            below = self.code.place(found.below)
            row = found.below if below is None else below.line
            remarks += (say("it belongs after line {line}", line=row),)
        kinds, cause = kinds_of_ratio(report.ratio, report.counts)
        kinds = kinds or (("wrong_formula",) if found is None else (found.kind,))
        return Finding(
            "slip", place, self.text(place), tier="wrong",
            kind=kinds[0], candidates=kinds, cause=cause and self.cause(cause), wrong_place=place,
            more_places=tuple(other for other, _ in alike),
            written=self.text(place), expected=replacements[0].text if replacements else None,
            replacements=replacements, suggestion=corrected_line(replacements, self.raw_lines),
            message=self.message(), remarks=remarks, result_correct=False,
        )  # fmt: skip

    def cause(self, cause: str) -> str:
        """Return the cause of a ratio; that of an update is another."""
        assert self.report.wrong is not None
        return "plus_for_minus" if self.report.wrong.is_update else cause

    def message(self) -> Sentence:
        """Return what is said of the wrong gradients."""
        report = self.report
        assert report.wrong is not None
        wrong = [report.wrong, *(outcome for outcome, _ in report.alike)]
        names = ", ".join(dict.fromkeys(item.name for item in wrong))
        if report.wrong.is_update:
            return words("uphill", names, report.loss)
        causes = () if report.departure is None else report.departure.causes
        if report.correction is None and not causes:
            return words("otherwise", names, report.loss)
        return say(
            "{name}: not the gradient of {loss}: {words}",
            name=names,
            loss=report.loss,
            words=causes[0].words if report.correction is None else report.correction.words,
        )

    def replacement(self, correction: Correction | None) -> Replacement | None:
        """Return a correction as the change of a line; None where a line moves."""
        found = None if correction is None else self.code.statement(correction.line)
        if correction is None or found is None or correction.below is not None or not found[2]:
            return None
        return Replacement(found[0].span(found[1]), correction.text)

    def text(self, place: TextPlace) -> str:
        """Return the text at a place."""
        return reading_text(place, self.raw_lines)


def reading_text(place: TextPlace, raw_lines: Sequence[str]) -> str:
    """Return the text at a place of a document."""
    return raw_lines[place.line - 1][place.start : place.end]


def kinds_of_ratio(
    ratio: float | None, counts: Sequence[int]
) -> tuple[tuple[SlipKind, ...], str | None]:
    """Return the kinds of slips that a ratio to the right gradient shows, and the cause of one."""
    if ratio is None:
        return (), None
    found: list[tuple[SlipKind, str]] = [("sign_error", "error_reversed")] if ratio < 0 else []
    size = abs(ratio)
    options: list[tuple[float, SlipKind, str]] = [
        (0.5, "missing_factor_2", "factor_2_left_out"),
        (2.0, "missing_factor_2", "factor_2_added"),
        *((float(count), "missing_1_over_n", "sum_for_mean") for count in counts),
        *((1 / count, "missing_1_over_n", "divided_twice") for count in counts),
    ]
    near = [item for item in options if math.isclose(size, item[0], rel_tol=1e-5)]
    found += [(kind, cause) for _, kind, cause in near[:1]]
    if not near and size != 1:
        return (), None
    return tuple(kind for kind, _ in found), found[0][1] if len(found) == 1 else None
