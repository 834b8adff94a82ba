"""The backward passes of a document's Python, followed and not run, as findings.

All code of the document is one text here, as if its blocks were the cells of a notebook. What is
found at a line counts more than what the comparison of formulas (`judging`) says of it, but
for a slip that is the same: that one names all gradients which are wrong in the same way.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import Final, cast

from tracer.check.model.finding import Finding, Replacement, SlipKind, Verdict, corrected_line
from tracer.check_code.code_messages import What, gradient_words
from tracer.check_code.reading import CodeReading
from tracer.debug.backward_check import examine
from tracer.debug.backward_report import BackwardReport, GradientOutcome
from tracer.debug.code_interpreter import follow_code
from tracer.debug.derivative_functions import DerivativeFunction, derivative_functions
from tracer.debug.forward_search import stored_names
from tracer.debug.joined_code import JoinedCode
from tracer.debug.mutations import Mutation
from tracer.debug.observation import Observation, SourceText
from tracer.debug.uncalled_functions import RESULT, calls_of, gradient_functions, loss_calls
from tracer.errors import TracerError
from tracer.sentences import Sentence, say

CODE: Final = "<code>"
LONGEST: Final = 40_000  # characters of code that are followed
MOST_LAYOUTS: Final = 60  # most argument layouts that a function without calls is tried with
MOST_WORK: Final = 6_000  # statements that the search for a slip may execute


def read_backward_passes(
    text: str, about: str = "", skipped: Collection[str] = ()
) -> list[BackwardReport]:
    """Return the reports on the backward passes in some code, which is not run.

    `about` is the code as it is written, where `text` has lost its comments.
    The first is that of the code itself; then there is one for each function that computes
    gradients and that nobody calls, but for those whose names are `skipped`.
    """
    if len(text) > LONGEST:
        return []
    try:
        source = SourceText(CODE, text, about=about)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    options = (SourceText(CODE, text + calls, about=about) for calls in loss_calls(source.tree))
    own = next(filter(None, map(_examine_code, (source, *options))), None)
    reports = [] if own is None else [own[0]]
    left = MOST_LAYOUTS
    definitions = _without_calls(source)
    for function in gradient_functions(source.tree):
        if function.name in skipped:
            continue
        layouts: list[BackwardReport] = []
        for calls in calls_of(source.tree, function):
            left -= 1
            try:
                found = _examine_code(SourceText(CODE, definitions + calls, about=about))
            except Exception:  # noqa: BLE001 - whatever code does with what nobody hands it
                continue
            if found is not None and not found[1].failures:
                layouts.append(found[0])
            if (layouts and layouts[-1].passed) or left < 0:
                break
        best = min(layouts, key=_misfit, default=None)
        # A call that nobody wrote is only as certain as what it gets right: half of the gradients,
        # or all but one factor. A layer is called without another function's loss.
        if best is not None and (
            best.loss == f"loss{RESULT}"
            or best.ratio is not None
            or 2 * _misfit(best)[0] <= len(best.outcomes)
        ):
            reports.append(best)
    return reports


def _misfit(report: BackwardReport) -> tuple[int, bool]:
    """Return how badly a layout fits: its wrong gradients, and whether they are no multiples."""
    return sum(not item.is_right for item in report.outcomes), report.ratio is None


def _without_calls(source: SourceText) -> str:
    """Return the text of a source without what only calls functions, its lines in their places."""
    kept = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign)
    written = source.text.splitlines()
    lines = [""] * len(written)
    for statement in source.tree.body:
        if isinstance(statement, kept):
            decorators = getattr(statement, "decorator_list", ())
            first = min([statement.lineno, *(item.lineno for item in decorators)]) - 1
            lines[first : statement.end_lineno] = written[first : statement.end_lineno]
    return "\n".join(lines) + "\n"


def _examine_code(source: SourceText) -> tuple[BackwardReport, Observation] | None:
    """Return the report on some code and what was seen of it; None where it has no gradients."""
    try:
        observation = follow_code(source)
        report = examine(
            observation,
            None,
            partial(follow_code, source),
            is_followed=True,
            most_work=MOST_WORK,
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
    code = JoinedCode(readings, raw_lines)
    derivatives = [*derivative_functions(ast.parse(code.text))]
    found = [finding for item in derivatives for finding in _derivative_findings(item, code)]
    names = {item.name for item in derivatives}
    try:
        reports = read_backward_passes(code.text, about, [*names])
    except Exception as error:  # noqa: BLE001 - the rest of the document is judged all the same
        text = f"{type(error).__name__}: {error}"
        return found, names, say("following this code failed ({error})", error=text)
    for report in reports:
        found += _Judgement(report, code).findings(found)
        compared = (*(item.name for item in report.outcomes), *dict(report.uncompared))
        names |= {name for text in compared for name in re.findall(r"\w+", text)}
    return found, names, None if found else _first_unknown(code)


def _first_unknown(code: JoinedCode) -> Sentence | None:
    """Return what the first statement that is not followed would have given names."""
    for moment, _ in follow_code(SourceText(CODE, code.text)).failures:
        names = ", ".join(stored_names(moment.statement))
        place = code.place(moment.statement)
        if names and place is not None:
            return say("{names} is not known: tracer cannot follow line {line}",
                       names=names, line=place.line)  # fmt: skip
    return None


def _derivative_findings(derivative: DerivativeFunction, code: JoinedCode) -> Iterator[Finding]:
    """Yield the finding on a function that states a derivative."""
    name, of = derivative.name, derivative.of
    is_turned = derivative.ratio == -1
    verdict, what = {
        None: ("not_checked", "unknown"),
        True: ("correct", "right"),
        False: ("slip", "turned" if is_turned else "otherwise"),
    }[derivative.is_right]
    yield from code.findings(
        cast("Verdict", verdict),
        derivative.node,
        gradient_words(cast("What", what), name, of),
        "sign_error" if is_turned else "wrong_formula",
    )


class _Judgement:
    """One report as findings."""

    def __init__(self, report: BackwardReport, code: JoinedCode) -> None:
        self.report = report._replace(loss=report.loss.removesuffix(RESULT))
        self.code = code

    def findings(self, earlier: Sequence[Finding]) -> Iterator[Finding]:
        """Yield one finding for all right gradients, the slip, and one for each other wrong one.

        What an earlier report says of a line is not said again.
        """
        report = self.report
        known = {(item.line, item.verdict) for item in earlier}
        yield from (each for each in self.right() if (each.line, each.verdict) not in known)
        for name, statement in report.uncompared:
            message = say(
                "{name}: not compared: cannot tell which gradient of {loss} it is",
                name=name, loss=report.loss,
            )  # fmt: skip
            yield from self.code.findings("not_checked", statement, message)
        slip = self.slip()
        if slip is None:
            return
        if report.is_right_as_written:
            yield Finding(
                "undecided", slip.place, slip.text, message=slip.message, remarks=slip.remarks
            )
        elif (slip.line, "slip") not in known:
            yield slip
            yield from self.others(slip)

    def right(self) -> Iterator[Finding]:
        """Yield one finding for all gradients that are right, and one for all updates."""
        sentences: tuple[tuple[bool, What], ...] = ((False, "right"), (True, "downhill"))
        for is_update, what in sentences:
            right = [
                item
                for item in self.report.outcomes
                if item.is_update == is_update and item.is_right
            ]
            names = ", ".join(dict.fromkeys(item.name for item in right))
            message = gradient_words(what, names, self.report.loss)
            every = (self.code.findings("correct", item.statement, message) for item in right)
            yield from islice(chain.from_iterable(every), 1)

    def others(self, slip: Finding) -> Iterator[Finding]:
        """Yield a finding on each wrong gradient beside that of the slip, one for all times."""
        marked = {slip.line, *(place.line for place in slip.more_places)}
        if self.report.wrong is not None:
            own = self.code.place(self.report.wrong.statement)
            marked |= {own.line} if own is not None else set()
        wrong = {(item.name, item.statement): item for item in self.report.outcomes
                 if not item.is_right}  # fmt: skip
        is_all = self.report.correction is not None and not self.report.hides_others
        for name, statement in wrong:
            if is_all or wrong[name, statement].quantity in self.report.carried:
                message = say("{name}: wrong because of line {line}", name=name, line=slip.line)
                found = self.code.findings(
                    "carried_forward", statement, message, error_line=slip.line
                )
            else:
                message = gradient_words("otherwise", name, self.report.loss)
                found = self.code.findings("slip", statement, message)
            yield from (item for item in found if item.line not in marked)

    def slip(self) -> Finding | None:
        """Return the finding on the statement that is wrong, with all that are wrong like it."""
        report, found = self.report, self.report.correction
        place = None if report.statement is None else self.code.place(report.statement)
        if place is None or report.wrong is None:
            return None
        alike = [
            (other, self.replacement(correction))
            for outcome, correction in report.alike
            if (other := self.code.place(outcome.statement)) is not None
        ]
        options = [self.replacement(found), *(replacement for _, replacement in alike)]
        # A statement may be wrong in several turns of a loop: it is replaced once.
        every = dict.fromkeys(item for item in options if item is not None)
        replacements = () if None in options else tuple(every)
        remarks: list[Sentence] = []
        if report.is_right_as_written:
            remarks.append(say("it is right with these numbers, but wrong with others"))
        if found is not None and found.below is not None:
            remarks.append(say("it belongs after line {line}", line=self.code.row(found.below)))
        kinds, cause = kinds_of_ratio(report.ratio, report.counts)
        kinds = kinds or (("wrong_formula",) if found is None else (found.kind,))
        if cause and report.wrong.is_update:
            cause = "plus_for_minus"
        text = self.code.text_at(place)
        line = corrected_line(replacements, self.code.raw_lines)
        if line is None and found is not None and found.below is None and not alike:
            line = found.text  # a statement over several lines is not replaced
        return Finding(
            "slip", place, text, tier="wrong",
            kind=kinds[0], candidates=kinds, cause=cause, wrong_place=place,
            more_places=tuple(other for other, _ in alike),
            written=text, expected=replacements[0].text if replacements else None,
            replacements=replacements, suggestion=line,
            message=self.message(report.wrong), remarks=tuple(remarks), result_correct=False,
        )  # fmt: skip

    def message(self, wrong: GradientOutcome) -> Sentence:
        """Return what is said of the wrong gradients."""
        report = self.report
        every = [wrong, *(outcome for outcome, _ in report.alike)]
        names = ", ".join(dict.fromkeys(item.name for item in every))
        if wrong.taken:
            return say(
                "{name}: the update uses {other} instead of its own gradient",
                name=names,
                other=wrong.taken,
            )
        causes = report.causes if report.correction is None else [report.correction.words]
        if wrong.is_update:
            return (
                gradient_words("uphill", names, report.loss)
                if report.ratio is not None or not causes
                else say(
                    "{name}: the update does not follow the gradient of {loss}: {words}",
                    name=names, loss=report.loss, words=causes[0],
                )
            )  # fmt: skip
        if not causes:
            return gradient_words("otherwise", names, report.loss)
        return say(
            "{name}: not the gradient of {loss}: {words}",
            name=names, loss=report.loss, words=causes[0],
        )  # fmt: skip

    def replacement(self, correction: Mutation | None) -> Replacement | None:
        """Return a correction as the change of a line; None where a line moves."""
        if correction is None or correction.below is not None:
            return None
        statement = correction.statement
        place = self.code.place(statement)
        if place is None or statement.lineno != statement.end_lineno:
            return None
        return Replacement(place, correction.text)


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
