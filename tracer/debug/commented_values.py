"""Figures in the comments of a document's Python, beside what the statements before them give.

`a = w * x  # 0.3` and `print(a)  # -> 0.3` say what comes out. The code is followed, and not run.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracer.check.model.finding import Finding
from tracer.check.model.statements import TextPlace
from tracer.check_code.code_breaks import comment_start
from tracer.check_code.reading import CodeReading
from tracer.debug.bounded_process import result_within_bounds
from tracer.debug.joined_code import JoinedCode
from tracer.lazy_modules import LazyModule
from tracer.lazy_regex import lazy_regex
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.debug import code_interpreter
    from tracer.debug import observation as observing
else:
    code_interpreter = LazyModule("tracer.debug.code_interpreter")
    observing = LazyModule("tracer.debug.observation")

SIGNS: Final = ("->", "→", "=>", "=", "≈")
"""What says that a figure behind it is a result."""
MOST_SIGNS: Final = 30  # most digits of a figure that people write
_FIGURE: Final = lazy_regex(r"[^\[\],\s]+")
_SEPARATOR: Final = lazy_regex(r"[,\s]+")
NOISE: Final = Decimal("1e-9")  # relative rounding error of a program's arithmetic


class Comment(NamedTuple):
    """A comment of one figure, or of a list of them, behind a statement that gives one value."""

    statement: ast.stmt
    value: ast.expr  # the name that was assigned, or what is printed
    text: str
    figures: Sequence[Decimal]


def comments_with_values(code: JoinedCode) -> Iterator[Comment]:
    """Yield the comments of some code that are figures alone; of the module's own statements."""
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
        text = text.removeprefix(sign).strip().replace("−", "-")
        if figures := _figures_in(text):
            yield Comment(statement, value, text, figures)


def _figures_in(text: str) -> Sequence[Decimal]:
    """Return the figures of a comment that is one, or a list; none of any other.

    Lists may stand in it, `[[0.1, 0.2], [0.3, 0.4]]`, as they do where an array is printed.
    """
    is_list = text.startswith("[") and text.endswith("]")
    figures = _FIGURE.findall(text) if is_list else [text]
    if not text.isascii() or max(map(len, figures), default=0) > MOST_SIGNS:
        return ()
    try:
        numbers = [*map(Decimal, figures)]
    except InvalidOperation:
        return ()
    is_real = all(n.is_finite() and abs(n.adjusted()) < sys.float_info.max_10_exp for n in numbers)
    return numbers if is_real else ()


def judge_comments(readings: Sequence[CodeReading], raw_lines: Sequence[str]) -> list[Finding]:
    """Return the findings on figures in comments, each compared with its statement's value.

    One that differs is no proof of a slip: it may be rounded, in other units, or what was expected.
    Raises OutOfBoundsError where the code takes too long to follow.
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
        if all(map(_is_rounded_to, value, comment.figures)):
            findings.append(Finding("correct", place, text, tier="exact", result_correct=True))
            continue
        entries = ", ".join(f"{each:.6g}" for each in value)
        worth = f"[{entries}]" if comment.text[0] == "[" else entries
        message = say("this line gives {value}, not {written}", value=worth, written=comment.text)
        findings.append(Finding("undecided", place, text, message=message))
    return findings


def with_commented_values(found: Sequence[Finding], comments: Sequence[Finding]) -> list[Finding]:
    """Return findings with those of comments, in the place of what is open on their lines."""
    open_verdicts = ("undecided", "not_checked")
    lines = {comment.line for comment in comments}
    kept = [each for each in found if each.line not in lines or each.verdict not in open_verdicts]
    decided_lines = {each.line for each in kept}
    return [*kept, *(each for each in comments if each.line not in decided_lines)]


def _values_of(code: JoinedCode, comments: Sequence[Comment]) -> list[Sequence[float] | None]:
    """Return the values that comments stand beside; None where they are unknown or random."""
    observation = code_interpreter.follow_code(observing.SourceText("<code>", code.text))
    moments = {
        (moment.statement.lineno, moment.statement.col_offset): moment
        for moment in observation.calls[0].moments
        if moment.done >= 0
    }
    values: list[Sequence[float] | None] = []
    for comment in comments:
        moment = moments.get((comment.statement.lineno, comment.statement.col_offset))
        value: Any = None
        if moment is not None and not observation.execution.generators:
            with suppress(Exception):  # whatever a value does there, it is unknown
                value = observation.execution.evaluate(comment.value, dict(moment.after))
        entries: list[float] = []
        form = _form_of(value.tolist() if observing.is_array(value) else value, entries)
        written = _SEPARATOR.sub("", _FIGURE.sub(".", comment.text))  # [[..][..]]
        values.append(entries if form == written else None)
    return values


def _form_of(value: Any, entries: list[float]) -> str:
    """Return the brackets of a value with a dot for each number, `[[..][..]]`; note the numbers.

    What is no finite number has no form.
    """
    if isinstance(value, (list, tuple)):
        return f"[{''.join([_form_of(entry, entries) for entry in value])}]"
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        return "?"
    entries.append(float(value))
    return "."


def _is_rounded_to(value: float, figure: Decimal) -> bool:
    """Tell whether a value rounds to a figure; a whole number is exact."""
    exponent = figure.as_tuple().exponent
    unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    away, noise = abs(Decimal(value) - figure), abs(Decimal(value)) * NOISE
    return away <= (unit / 2 if unit < 1 else 0) + noise
