"""Figures in the comments of a document's Python, beside what the statements before them give.

`a = w * x  # 0.3` and `print(a)  # -> 0.3` say what comes out. The code is followed, and not run.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tracer.check.model.finding import Finding
from tracer.check.model.statements import TextPlace
from tracer.check_code.code_breaks import comment_start
from tracer.check_code.reading import CodeReading
from tracer.debug.bounded_process import result_within_bounds
from tracer.debug.joined_code import JoinedCode
from tracer.sentences import say

SIGNS: Final = ("->", "→", "=>", "=", "≈")
"""What says that a figure behind it is a result."""
LEAST_DIGITS: Final = 3  # of a figure that is no step or count of its own
NOISE: Final = Decimal("1e-9")  # what the arithmetic of a program leaves of a value


class Comment:
    """A comment that is one figure, behind a statement of a module that gives one value."""

    def __init__(self, statement: ast.stmt, value: ast.expr, text: str, sign: str) -> None:
        self.statement: Final = statement
        self.value: Final = value  # the name that was assigned, or what is printed
        self.text: Final = text
        self.is_result: Final = bool(sign)
        self.figure: Final = Decimal(text)
        exponent = self.figure.as_tuple().exponent
        self.unit: Final = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)

    @property
    def is_telling(self) -> bool:
        """Whether it can hardly be anything but the result."""
        return self.is_result or len(self.figure.as_tuple().digits) >= LEAST_DIGITS


def comments_with_values(code: JoinedCode) -> Iterator[Comment]:
    """Yield the comments of some code that are one figure; none in a loop or a function."""
    lines = code.text.split("\n")
    for statement in ast.parse(code.text).body:
        match statement:
            case ast.Assign([ast.Name() as value], worked) if not isinstance(worked, ast.Constant):
                pass
            case ast.AugAssign(target=ast.Name() as value):
                pass
            case ast.Expr(ast.Call(ast.Name("print"), [value], [])) | ast.Expr(value):
                pass
            case _:
                continue
        line = lines[(statement.end_lineno or statement.lineno) - 1]
        text = line[comment_start(line) + 1 :].strip()
        sign = next((sign for sign in SIGNS if text.startswith(sign)), "")
        figure = text.removeprefix(sign).strip().replace("−", "-")
        try:
            is_figure = figure.isascii() and Decimal(figure).is_finite()
        except InvalidOperation:
            continue
        if is_figure:
            yield Comment(statement, value, figure, sign)


def judge_comments(readings: Sequence[CodeReading], raw_lines: Sequence[str]) -> list[Finding]:
    """Return what is found of the figures in comments: each beside what its statement gives.

    A figure that differs is a slip where it can only be the result. Raises OutOfBoundsError where
    the code takes too long to follow.
    """
    code = JoinedCode(readings, raw_lines)
    comments = [*comments_with_values(code)]
    if not comments:
        return []
    values = result_within_bounds(lambda: _values_of(code, comments))
    findings: list[Finding] = []
    for comment, value in zip(comments, values, strict=True):
        place = code.place(comment.statement)
        if value is None or place is None:
            continue
        line = raw_lines[place.line - 1]
        place = TextPlace(place.line, place.start, len(line.rstrip()))
        text = line[place.start : place.end]
        if _is_rounded_to(value, comment):
            findings.append(Finding("correct", place, text, tier="exact", result_correct=True))
            continue
        message = say("this line gives {value}, not {written}",
                      value=_printed(value, comment), written=comment.text)  # fmt: skip
        if len(code.readings) == 1 and comment.is_telling and not _is_near(value, comment):
            findings.append(
                Finding("slip", place, text, tier="wrong", kind="arithmetic_error",
                        candidates=("arithmetic_error",), message=message, result_correct=False)
            )  # fmt: skip
        else:
            findings.append(Finding("undecided", place, text, message=message))
    return findings


def with_commented_values(found: Sequence[Finding], comments: Sequence[Finding]) -> list[Finding]:
    """Return findings with those of comments, in the place of what is open on their lines."""
    open_verdicts = ("undecided", "not_checked")
    lines = {comment.line for comment in comments}
    kept = [each for each in found if each.line not in lines or each.verdict not in open_verdicts]
    decided = {each.line for each in kept}
    return [*kept, *(each for each in comments if each.line not in decided)]


def _values_of(code: JoinedCode, comments: Sequence[Comment]) -> list[float | None]:
    """Return what stands at the comments; None where nobody knows, or numbers were drawn."""
    from tracer.debug.code_interpreter import follow_code
    from tracer.debug.observation import SourceText, is_number, is_whole_number

    observation = follow_code(SourceText("<code>", code.text))
    moments = {
        (moment.statement.lineno, moment.statement.col_offset): moment
        for moment in observation.calls[0].moments
        if moment.done >= 0
    }
    values: list[float | None] = []
    for comment in comments:
        moment = moments.get((comment.statement.lineno, comment.statement.col_offset))
        value: Any = None
        if moment is not None and not observation.execution.generators:
            try:
                value = observation.execution.evaluate(comment.value, dict(moment.after))
            except Exception:  # noqa: BLE001 - whatever a value does there, it is unknown
                value = None
        is_known = is_number(value) or is_whole_number(value)
        values.append(float(value) if is_known and math.isfinite(value) else None)
    return values


def _is_rounded_to(value: float, comment: Comment) -> bool:
    """Tell whether a value rounds to a figure; a whole number is exact."""
    away, noise = abs(Decimal(value) - comment.figure), abs(Decimal(value)) * NOISE
    half = comment.unit / 2 if comment.unit < 1 else 0
    return away <= half + noise


def _is_near(value: float, comment: Comment) -> bool:
    """Tell whether a figure may be chopped, or a last digit of other arithmetic."""
    most = comment.unit if comment.unit < 1 else comment.unit / 2
    return abs(Decimal(value) - comment.figure) <= most


def _printed(value: float, comment: Comment) -> str:
    """Return a value with the decimals of a figure, or in full where it has none."""
    if comment.unit >= 1:
        return f"{value:.6g}"
    return f"{Decimal(value).quantize(comment.unit)}"
