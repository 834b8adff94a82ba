"""A worksheet and its key as Markdown: lines in code blocks, so that a filled one reads back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.errors import printable
from tracer.expression.syntax import Name
from tracer.narrative.blocks import EquationLine
from tracer.narrative.derivation_opening import written_out
from tracer.narrative.derivation_options import PHASES
from tracer.narrative.messages import Translate, say
from tracer.narrative.steps import StepNarrator
from tracer.operations.numbers import array_node
from tracer.run.trace import Iteration
from tracer.sentences import filled, plain
from tracer.worksheets.worksheet_lines import (
    BLANK,
    PATH_WORD,
    Worksheet,
    WorksheetNotation,
    is_printed,
)
from tracer.worksheets.worksheet_recipe import front_matter

__all__ = ["key_text", "remark_texts", "sheet_text"]


def sheet_text(sheet: Worksheet, translate: Translate, *, answers: bool) -> str:
    """Return a worksheet (or its key) as Markdown."""
    blanks = {line.label: line.blanks for line in sheet.lines if line.blanks}
    front = front_matter(sheet.recipe, blanks if answers else None)
    return "".join([front, *_body(sheet, translate, answers)])


def key_text(sheet: Worksheet, translate: Translate) -> str:
    """Return the key of a worksheet as Markdown."""
    return sheet_text(sheet, translate, answers=True)


def _body(sheet: Worksheet, translate: Translate, answers: bool) -> Iterator[str]:
    written = WorksheetNotation(sheet.recipe, sheet.trace)
    title = say("Key: {title}" if answers else "Worksheet: {title}", title=sheet.title)
    yield f"# {_markdown(plain(title, translate))}\n\n"
    if answers:
        for remark in remark_texts(sheet, translate):
            yield f"- {_markdown(remark)}\n"
        yield "\n" if sheet.remarks else ""
    else:
        yield f"{plain(say('Name:'), translate)}\n\n"
        yield from _instructions(sheet, written, translate)
    yield f"## {plain(say('What is given'), translate)}\n\n"
    yield _table(_givens(sheet, written), translate)
    yield f"## {plain(say('The equations'), translate)}\n\n"
    yield _code(_equations(written))
    for number in range(1, max(line.iteration for line in sheet.lines) + 1):
        yield f"## {plain(say('Iteration {number}', number=number), translate)}\n\n"
        iteration = sheet.trace.iteration(number)
        changing = [_given_row(iteration, name, written) for name in _changing_names(sheet)]
        if changing:
            yield _table(changing, translate)
        yield from _phases(sheet, number, translate, answers)


def remark_texts(sheet: Worksheet, translate: Translate) -> Iterator[str]:
    """Yield the remarks as text."""
    written = WorksheetNotation(sheet.recipe, sheet.trace)
    first = sheet.trace.iteration(1)
    for remark in sheet.remarks:
        text = filled(remark, translate, lambda node: written.drawn_text(node, first), str)
        yield _in_language(text, translate)


def _instructions(
    sheet: Worksheet, written: WorksheetNotation, translate: Translate
) -> Iterator[str]:
    gradient, after = Name(f"d{sheet.trace.program.loss or 'loss'}/dw"), Name("w'")
    sentences = [
        say("Write in place of each {blank}: the numbers put into the formula, or the result.",
            blank=f"`{BLANK}`"),
        say(
            "Give results to {digits} significant digits where they have more; keep all digits "
            "in your calculator.",
            digits=sheet.recipe.digits,
        ),
        say("{gradient} is the gradient of the loss; {after} is a parameter after its update.",
            gradient=f"`{written.text(gradient)}`", after=f"`{written.text(after)}`"),
    ]  # fmt: skip
    for sentence in sentences:
        yield f"- {plain(sentence, translate)}\n"
    yield "\n"


def _phases(sheet: Worksheet, number: int, translate: Translate, answers: bool) -> Iterator[str]:
    lines = [line for line in sheet.lines if line.iteration == number]
    for phase in dict.fromkeys(line.phase for line in lines):
        yield f"### {translate(PHASES[phase])}\n\n"
        shown = [line.text(answers=answers) for line in lines if line.phase == phase]
        yield _code([_in_language(text, translate) for text in shown])


def _in_language(text: str, translate: Translate) -> str:
    """Return a line with the word of its formulas in the language; marking reads it in any."""
    return text.replace(f"_{{{PATH_WORD} ", f"_{{{translate(PATH_WORD)} ")


def _givens(sheet: Worksheet, written: WorksheetNotation) -> list[tuple[str, str]]:
    """Return what is given at the start, name and value."""
    iteration = sheet.trace.iteration(1)
    changing = _changing_names(sheet)
    return [
        _given_row(iteration, name, written)
        for name, item in iteration.program.inputs.items()
        if item.kind != "counter" and name not in changing
    ]


def _changing_names(sheet: Worksheet) -> list[str]:
    """Return the inputs that differ from iteration to iteration: batches and counters."""
    trace = sheet.trace
    first = trace.iteration(1)
    moving = any(
        trace.iteration(number).samples != first.samples
        for number in range(2, min(sheet.recipe.iterations, len(trace)) + 1)
    )
    return [
        name
        for name, item in first.program.inputs.items()
        if item.kind == "counter" or (item.kind == "data" and moving)
    ]


def _given_row(iteration: Iteration, name: str, written: WorksheetNotation) -> tuple[str, str]:
    """Return a given quantity and its value; a large array's shape."""
    shape, shown = iteration.shape(name), written.text(Name(name))
    if not is_printed(shape):
        return shown, " × ".join(map(str, shape))
    texts = StepNarrator(6).texts(iteration, name)
    return shown, written.drawn_text(array_node(texts, shape), iteration)


def _table(rows: Sequence[tuple[str, str]], translate: Translate) -> str:
    """Return what is given as a table: its numbers are not the student's, and not checked."""
    head = (
        f"| {plain(say('quantity'), translate)} | {plain(say('value'), translate)} |\n|---|---|\n"
    )
    return head + "".join(f"| `{printable(name)}` | `{value}` |\n" for name, value in rows) + "\n"


def _equations(written: WorksheetNotation) -> list[str]:
    """Return the forward equations; in code also what a loss of the table stands for."""
    program = written.trace.program
    first = written.trace.iteration(1)
    found: list[str] = []
    for equation in program.phase("forward", "loss"):
        lines = [EquationLine(Name(equation.name), equation.expression)]
        if written.is_code and equation.phase == "loss":
            lines += written_out(equation.expression, first.built.shapes)
        for line in lines:
            shown = written.drawn(line, first)
            if shown.left != shown.formula:  # what has no name of its own
                found.append(f"{written.text(shown.left)} = {written.text(shown.formula)}")
    return found


def _code(lines: Sequence[str]) -> str:
    return "```text\n" + "".join(f"{printable(line)}\n" for line in lines) + "```\n\n"


def _markdown(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in printable(text))
