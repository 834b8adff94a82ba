"""Worksheets: the lines of a traced run with some of them blank, and how they stand as plain text.

Every line is told from the record, as in a derivation, and in the notation of its recipe. A sheet
and its key are Markdown: lines in code blocks, so that a filled one reads back.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from tracer.check.model.written_trees import entries_in
from tracer.errors import ScenarioError, TracerError, nearest, printable
from tracer.expression import PATH_WORDS, Name, Node, render
from tracer.frozen import replace
from tracer.narrative.blocks import EquationLine
from tracer.narrative.derivation import written_out
from tracer.narrative.derivation_options import PHASES, Options, Style
from tracer.narrative.printed_values import MOST_SHOWN
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator, line_of
from tracer.narrative.steps import Step, StepNarrator
from tracer.narrative.textbook_blocks import drawn_formulas, textbook_in
from tracer.narrative.words import formula_text
from tracer.operations import array_node, is_drawn, number_texts, vocabulary
from tracer.operations.textbook import Textbook
from tracer.option_limits import (
    LEAST_DIGITS,
    MOST_DIGITS,
    NOTATIONS,
    check_choice,
    check_digits,
    check_share,
    check_whole,
)
from tracer.program.program import Phase, names_in
from tracer.program.scenario import Scenario, bundled, load
from tracer.run.runner import first_program, run_scenario
from tracer.run.trace import Iteration, Trace
from tracer.sentences import Sentence, Translate, fill_sentence, plain_text, say
from tracer.worksheets.worksheet_numbers import NOISE, Draws, fresh_numbers, is_rational

VERSION: Final = 1
MOST_ASKED: Final = 50  # the largest number of iterations of a worksheet
_SETTING: Final = re.compile(
    r"(?:(?:data|parameters|constants|training)\.)?\w{1,60}"
    r"=(?:[-+0-9.,eE \[\]]{1,4000}|[A-Za-z_]{1,40})"
)


class Recipe(NamedTuple):
    """What a worksheet is made from; it stands in the front matter of worksheet and key.

    `scenario` is a bundled name or a path; `settings` hold the numbers. `blanks` says which lines
    are blank, by their labels; where it is empty, the seed chooses them. `notation` is how the
    lines are written.
    """

    scenario: str
    seed: int
    share: float
    iterations: int
    digits: int
    settings: tuple[str, ...] = ()
    variant: str = ""
    focus: str = ""
    blanks: tuple[tuple[str, str], ...] = ()
    notation: Style = "code"


def front_matter(recipe: Recipe, blanks: Mapping[str, str] | None = None) -> str:
    """Return what a worksheet was made from, as its first lines.

    `blanks`, what is blank of the lines by their labels, stand in the key alone.
    """
    key = blanks is not None
    scenario = recipe.scenario
    if not key and scenario not in bundled():
        scenario = Path(scenario).name  # a student's file names no path
    fields: dict[str, Any] = {
        "worksheet-key" if key else "worksheet": VERSION,
        "scenario": scenario,
        "variant": recipe.variant,
        "focus": recipe.focus,
        "seed": recipe.seed,
        "blank": recipe.share,
        "iterations": recipe.iterations,
        "digits": recipe.digits,
        "set": list(recipe.settings),
        "notation": "" if recipe.notation == "code" else recipe.notation,
    }
    if blanks is not None:
        fields["blanks"] = dict(blanks)
    lines = [
        f"{name}: {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in fields.items()
        if value not in ("", [])
    ]
    return f"---\n{''.join(lines)}---\n\n"


def read_recipe(
    lines: Sequence[str], *, key: bool, path: str = "", scenario: str | None = None
) -> Recipe | None:
    """Return what the first lines of a worksheet (or of a key) say; None where it is none.

    A worksheet may be anyone's file (`check_harmless`). A key is its owner's, and names any
    scenario; a path is meant from the key's folder. A `scenario` that the user names stands in the
    place of that of the file. Raises TracerError where what is said cannot be meant.
    """
    recipe = stated_recipe(lines, key=key, path=path)
    if recipe is None or (scenario is None and not key):
        return recipe
    return recipe._replace(scenario=scenario or _from_folder(recipe.scenario, path))


def stated_recipe(lines: Sequence[str], *, key: bool, path: str) -> Recipe | None:
    """Return what the first lines of a file say that it is, to be compared and not to be opened.

    None where they are not those of a worksheet (or of a key). Raises TracerError as `read_recipe`.
    """
    fields = _front_matter_fields(lines)
    if ("worksheet-key" if key else "worksheet") not in fields:
        return None
    try:
        return _make_recipe(fields)
    except (KeyError, TypeError, ValueError):
        raise not_a_worksheet(path) from None


def not_a_worksheet(path: str) -> TracerError:
    """Return the error of a file that begins as a worksheet does, and goes on otherwise."""
    return TracerError(
        say("the front matter is not that of a worksheet"),
        where=printable(path),
        expected=say("the lines between --- and --- as tracer wrote them"),
    )


def _front_matter_fields(lines: Sequence[str]) -> Mapping[str, Any]:
    """Return the fields of a front matter whose values are JSON; none where there is none."""
    if not lines or lines[0].rstrip() != "---":
        return {}
    fields: dict[str, Any] = {}
    for line in lines[1:60]:
        if line.rstrip() == "---":
            return fields
        name, _, value = line.partition(":")
        try:
            fields[name.strip()] = json.loads(value)
        except (ValueError, RecursionError):
            fields[name.strip()] = value.strip()
    return {}


def _make_recipe(fields: Mapping[str, Any]) -> Recipe:
    """Return the fields as a recipe. Raises KeyError, TypeError, ValueError where they are none."""
    settings, blanks = fields.get("set", []), fields.get("blanks", {})
    if not isinstance(settings, list) or not isinstance(blanks, dict):
        raise TypeError
    recipe = Recipe(
        scenario=str(fields["scenario"]),
        seed=int(fields["seed"]),
        share=float(fields["blank"]),
        iterations=int(fields["iterations"]),
        digits=int(fields["digits"]),
        settings=tuple(map(str, settings)),
        variant=str(fields.get("variant", "")),
        focus=str(fields.get("focus", "")),
        blanks=tuple((str(label), str(kind)) for label, kind in blanks.items()),
        notation=cast("Style", fields.get("notation", "code")),
    )
    is_possible = (
        1 <= recipe.iterations <= MOST_ASKED
        and LEAST_DIGITS <= recipe.digits <= MOST_DIGITS
        and 0 <= recipe.share <= 1
        and recipe.notation in NOTATIONS
        and all(kind in ("w", "r", "wr") for _, kind in recipe.blanks)
    )
    if not is_possible:
        raise ValueError
    return recipe


def check_harmless(recipe: Recipe, path: str, scenario: str | None = None) -> None:
    """Raise TracerError where a recipe, which may be anyone's, names a file or sets no numbers.

    A `scenario` that the user names may be a file.
    """
    names = bundled()
    if recipe.scenario not in (*names, scenario):
        raise ScenarioError(
            say("a worksheet may name a bundled scenario only"),
            where=printable(path),
            found=printable(recipe.scenario[:60]),
            expected=nearest(recipe.scenario, names)
            or say("that file: --scenario FILE, or its key: tracer mark FOLDER --key KEY"),
        )
    for setting in recipe.settings:
        if not _SETTING.fullmatch(setting):
            raise TracerError(
                say("a worksheet may set numbers only"),
                where=printable(path),
                found=printable(setting[:60]),
                expected=say("a name and numbers, such as data.x=[2, 3]"),
            )


def _from_folder(scenario: str, path: str) -> str:
    """Return a key's scenario: a bundled name, or a path from the folder of the key."""
    if scenario in bundled() or Path(scenario).is_absolute() or not path:
        return scenario
    return str(Path(path).parent / scenario)


# A worksheet as plain text ------------------------------------------------------------------------

BLANK: Final = "____"


class WorksheetLine(NamedTuple):
    """A line of a worksheet, as text. `blanks` is '', 'w' (working), 'r' (result) or 'wr'.

    `name` is what the language calls its quantity, `left` how that is written here. `figures` are
    the numbers of its result, `uses` the quantities of its formula; `is_copy` says that it only
    gives another name to one, `is_nameless` that no name stands on its left. `is_short` leaves its
    working out of the worksheet, because the result of another blank stands in it: then there is a
    `short_sign` before the result, which does not follow from figures that are seen.
    """

    iteration: int
    phase: Phase
    name: str
    left: str
    formula: str
    working: str
    sign: str
    result: str
    figures: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    is_copy: bool = False
    is_nameless: bool = False
    short_sign: str = "="
    blanks: str = ""
    is_short: bool = False

    @property
    def label(self) -> str:
        """What a recipe calls the line."""
        return f"{self.iteration}: {self.name}"

    @property
    def is_of_paths(self) -> bool:
        """Whether it is a term of a sum over paths, or that sum."""
        return any("#" in name for name in (self.name, *self.uses))

    @property
    def title(self) -> str:
        """What a table of marks calls the line, as it stands on the worksheet."""
        return f"{self.iteration}: {self.left}"

    def text(self, *, answers: bool) -> str:
        """Return the line, its blanks filled or not."""
        parts = [f"{self.left} = {self.formula}"]
        if self.is_short and self.is_copy and not answers:
            return parts[0]
        if self.working and (answers or not self.is_short):
            blank = "w" in self.blanks and not answers
            parts.append(f" = {BLANK if blank else self.working}")
        if self.result and self.result != self.formula:
            blank = "r" in self.blanks and not answers
            sign = self.short_sign if self.is_short and not answers else self.sign
            parts.append(f" {sign} {BLANK if blank else self.result}")
        return "".join(parts)


class Worksheet(NamedTuple):
    """A worksheet: what it is made from, its run, its lines, and what to know about it."""

    recipe: Recipe
    trace: Trace
    lines: tuple[WorksheetLine, ...]
    remarks: tuple[Sentence, ...] = ()


class WorksheetNotation:
    """Writes the lines of a worksheet as its recipe says, each as one line of plain text."""

    def __init__(self, recipe: Recipe, trace: Trace) -> None:
        self.trace: Final = trace
        self.style: Final = recipe.notation
        self._names: Final = notation_of(trace)

    def line(self, number: int, step: Step) -> WorksheetLine:
        """Return a step of an iteration; what is updated has a prime, so that = is true."""
        whole = replace(line_of(step, 0), left=Name(step.equation.name))
        iteration = self.trace.iteration(number)
        textbook = self.textbook(iteration)
        form = drawn_formulas(whole, textbook)
        working = None if form.substituted == form.result else form.substituted
        figures = tuple(
            formula_text(entry)
            for entry in (entries_in(step.result) if step.result is not None else ())
        )
        return WorksheetLine(
            iteration=number,
            phase=step.phase,
            name=step.equation.name,
            left=self.text(form.left),
            formula=self.text(form.formula),
            working="" if working is None else self.text(working),
            sign="=" if step.follows else "≈",
            result="" if form.result is None else self.text(form.result),
            figures=figures,
            short_sign="=" if [*figures] == number_texts(step.values, MOST_DIGITS) else "≈",
            uses=frozenset() if is_drawn(step.formula) else frozenset(names_in(step.formula)),
            is_copy=isinstance(step.formula, Name),
            is_nameless=textbook is not None and step.equation.name in textbook.named,
        )

    def textbook(self, iteration: Iteration) -> Textbook | None:
        """Return what writes the formulas of an iteration; None for code."""
        return textbook_in(self.style, iteration.built)

    def drawn_text(self, node: Node, iteration: Iteration) -> str:
        """Return numbers, or the name of an entry, as text."""
        textbook = self.textbook(iteration)
        return self.text(node if textbook is None else textbook.numbers(node))

    def text(self, node: Node) -> str:
        """Return what is drawn as text."""
        if self.style == "code":
            return formula_text(node)
        return render(node, "unicode", vocabulary=vocabulary(), notation=self._names)


def worksheet_text(sheet: Worksheet, translate: Translate, *, answers: bool) -> str:
    """Return a worksheet (or its key) as Markdown."""
    blanks = {line.label: line.blanks for line in sheet.lines if line.blanks}
    front = front_matter(sheet.recipe, blanks if answers else None)
    return "".join([front, *_body_lines(sheet, translate, answers)])


def _body_lines(sheet: Worksheet, translate: Translate, answers: bool) -> Iterator[str]:
    notation = WorksheetNotation(sheet.recipe, sheet.trace)
    title = say(
        "Key: {title}" if answers else "Worksheet: {title}", title=sheet.trace.scenario.heading
    )
    yield f"# {_escape_markdown(plain_text(title, translate))}\n\n"
    if answers:
        for remark in remark_texts(sheet, translate):
            yield f"- {_escape_markdown(remark)}\n"
        yield "\n" if sheet.remarks else ""
    else:
        yield f"{plain_text(say('Name:'), translate)}\n\n"
        yield from _instruction_lines(sheet, notation, translate)
    yield f"## {plain_text(say('What is given'), translate)}\n\n"
    yield _given_table(given_rows(sheet, notation), translate)
    yield f"## {plain_text(say('The equations'), translate)}\n\n"
    yield _code_fence(_forward_equations(notation))
    for number in range(1, max(line.iteration for line in sheet.lines) + 1):
        yield f"## {plain_text(say('Iteration {number}', number=number), translate)}\n\n"
        iteration = sheet.trace.iteration(number)
        changing = [_given_row(iteration, name, notation) for name in _changing_names(sheet)]
        if changing:
            yield _given_table(changing, translate)
        yield from _phase_lines(sheet, number, translate, answers)


def remark_texts(sheet: Worksheet, translate: Translate) -> Iterator[str]:
    """Yield the remarks as text."""
    notation = WorksheetNotation(sheet.recipe, sheet.trace)
    first = sheet.trace.iteration(1)
    for remark in sheet.remarks:
        text = fill_sentence(remark, translate, lambda node: notation.drawn_text(node, first), str)
        yield _in_language(text, translate)


def _instruction_lines(
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
        yield f"- {plain_text(sentence, translate)}\n"
    yield "\n"


def _phase_lines(
    sheet: Worksheet, number: int, translate: Translate, answers: bool
) -> Iterator[str]:
    lines = [line for line in sheet.lines if line.iteration == number]
    for phase in dict.fromkeys(line.phase for line in lines):
        yield f"### {translate(PHASES[phase])}\n\n"
        texts = [line.text(answers=answers) for line in lines if line.phase == phase]
        yield _code_fence([_in_language(text, translate) for text in texts])


def _in_language(text: str, translate: Translate) -> str:
    """Return a line with the words of its formulas in the language; marking reads it in any."""
    for word in PATH_WORDS:
        text = text.replace(f"_{{{word} ", f"_{{{translate(word)} ")
    return text


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


def given_rows(sheet: Worksheet, written: WorksheetNotation) -> list[tuple[str, str]]:
    """Return what is given for all iterations: how a quantity is written, and its value."""
    first, moving = sheet.trace.iteration(1), _changing_names(sheet)
    fixed = [name for name, item in first.program.inputs.items() if item.kind != "counter"]
    return [_given_row(first, name, written) for name in fixed if name not in moving]


def _given_row(iteration: Iteration, name: str, written: WorksheetNotation) -> tuple[str, str]:
    """Return a given quantity and its value; a large array's shape."""
    shape, name_text = iteration.shape(name), written.text(Name(name))
    if math.prod(shape) > MOST_SHOWN:
        return name_text, " × ".join(map(str, shape))
    texts = StepNarrator(6).texts(iteration, name)
    return name_text, written.drawn_text(array_node(texts, shape), iteration)


def _given_table(rows: Sequence[tuple[str, str]], translate: Translate) -> str:
    """Return what is given as a table: its numbers are not the student's, and not checked."""
    quantity, value = plain_text(say("quantity"), translate), plain_text(say("value"), translate)
    return (
        f"| {quantity} | {value} |\n|---|---|\n"
        + "".join(f"| `{printable(name)}` | `{value}` |\n" for name, value in rows)
        + "\n"
    )


def _forward_equations(written: WorksheetNotation) -> list[str]:
    """Return the forward equations; in code also what a loss of the table stands for."""
    program = written.trace.program
    first = written.trace.iteration(1)
    equations: list[str] = []
    for equation in program.phase("forward", "loss"):
        lines = [EquationLine(Name(equation.name), equation.expression)]
        if written.style == "code" and equation.phase == "loss":
            lines += written_out(equation.expression, first.built.shapes)
        for line in lines:
            shown = drawn_formulas(line, written.textbook(first))
            if shown.left != shown.formula:  # what has no name of its own
                equations.append(f"{written.text(shown.left)} = {written.text(shown.formula)}")
    return equations


def _code_fence(lines: Sequence[str]) -> str:
    return "```text\n" + "".join(f"{printable(line)}\n" for line in lines) + "```\n\n"


def _escape_markdown(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in printable(text))


# How it is made -----------------------------------------------------------------------------------

LEAST_OPEN: Final = 3  # with fewer lines that can be blank there is no worksheet
MOST_ITERATIONS: Final = 3  # iterations of a worksheet by default
MOST_LINES: Final = 40  # lines of a worksheet by default
MOST_IN_ITERATION: Final = 60  # an iteration with more lines is refused
LARGEST_SEED: Final = 2**63 - 1
RATIONAL_DIGITS: Final = 6
DIGITS: Final = 4


def make_worksheet(
    scenario: str,
    *,
    seed: int,
    share: float,
    iterations: int | None = None,
    digits: int | None = None,
    settings: Sequence[str] = (),
    variant: str = "",
    focus: str = "",
    notation: Style = "textbook",
) -> Worksheet:
    """Return a worksheet with fresh numbers.

    `share` is the share of lines that are blank, `settings` what keeps the value it is given. The
    numbers do not depend on the notation.
    Raises TracerError where the scenario cannot be made a worksheet of, or an argument is not one
    that `tracer worksheet` takes.
    """
    check_whole("seed", seed, 0, LARGEST_SEED)
    check_share("blank", share)
    if iterations is not None:
        check_whole("iterations", iterations, 1, MOST_ASKED)
    if digits is not None:
        check_digits(digits)
    check_choice("notation", notation, NOTATIONS)
    base = _read_scenario(scenario, settings, variant)
    count = _iteration_count(base, iterations, focus)
    if base.training is not None:
        base = base.with_overrides([f"training.iterations={count}"])
    names = [setting.partition("=")[0].rpartition(".")[2].strip() for setting in settings]
    numbers = fresh_numbers(base, seed, names)
    every = (*settings, *numbers.settings)
    recipe = Recipe(
        scenario, seed, share, count, digits or 0, every, variant, focus, notation=notation
    )
    trace = _run_worksheet(recipe)
    if digits is None:
        recipe = recipe._replace(digits=RATIONAL_DIGITS if is_rational(trace) else DIGITS)
    sheet = _make_lines(recipe, trace)
    return sheet._replace(remarks=numbers.remarks)


def recipe_of(recipe: Recipe) -> Worksheet:
    """Return the worksheet that a recipe makes. Raises TracerError where it makes none."""
    return _make_lines(recipe, _run_worksheet(recipe))


def _read_scenario(name: str, settings: Sequence[str], variant: str) -> Scenario:
    scenario = load(name, settings=settings)
    return scenario.variant(variant) if variant else scenario


def _run_worksheet(recipe: Recipe) -> Trace:
    scenario = _read_scenario(recipe.scenario, recipe.settings, recipe.variant)
    if scenario.training is not None:
        scenario = scenario.with_overrides([f"training.iterations={recipe.iterations}"])
    return run_scenario(scenario)


def _iteration_count(scenario: Scenario, asked: int | None, focus: str) -> int:
    """Return how many iterations to tell. Raises TracerError where one has too many lines."""
    program = first_program(scenario).program
    lines = sum(equation.phase != "metric" for equation in program.equations)
    if lines > MOST_IN_ITERATION and not focus:
        example = next(iter(program.parameters), program.equations[-1].name)
        shape = program.inputs[example].shape if example in program.inputs else ()
        entry = f"{example}[{', '.join('0' for _ in shape)}]" if shape else example
        raise TracerError(
            say("an iteration has too many lines for a worksheet"),
            where=printable(scenario.name),
            found=say("{lines} lines", lines=lines),
            expected=say(
                "at most {most}, or one entry: --focus '{entry}'",
                most=MOST_IN_ITERATION,
                entry=entry,
            ),
        )
    if asked is not None:
        return asked
    most = max(1, min(MOST_ITERATIONS, MOST_LINES // max(1, lines)))
    training = scenario.training
    if training is None:
        return 1
    return most if training.iterations is None else min(most, training.iterations)


def _make_lines(recipe: Recipe, trace: Trace) -> Worksheet:
    """Tell the lines of a run and choose which are blank."""
    source = Narrator(trace, Options(digits=recipe.digits, focus=recipe.focus or None))
    notation = WorksheetNotation(recipe, trace)
    lines = [  # what is left of rounding is left out: by hand it is 0
        notation.line(number, step)
        for number in range(1, min(recipe.iterations, len(trace)) + 1)
        for step in source.steps(number)
        if len(step.values) > MOST_SHOWN or not any(0 < abs(each) < NOISE for each in step.values)
    ]
    names = {  # what a matrix cannot show was not printed once, and asked nothing: so it stays
        name
        for name, item in trace.program.inputs.items()
        if math.prod(item.shape) <= MOST_SHOWN and len(item.shape) <= 2
    }
    names |= {line.name for line in lines if line.result}
    open_lines = [
        place for place, line in enumerate(lines) if _may_be_blank(line, names, recipe.focus)
    ]
    if len(open_lines) < LEAST_OPEN:
        fault = trace.fault
        if fault is not None:
            raise TracerError(
                say("{name} is {kind} with these numbers", name=fault.name, kind=fault.kind),
                where=printable(trace.scenario.name),
                expected=say("numbers that a person can work with"),
            )
        raise TracerError(
            say(
                "the arrays of this scenario are too large to be written into the lines "
                "of a worksheet"
            ),
            where=printable(trace.scenario.name),
            expected=say(
                "arrays of at most {most} entries, or one entry: --focus ENTRY", most=MOST_SHOWN
            ),
        )
    if recipe.blanks:
        chosen = dict(recipe.blanks)
        lines = [line._replace(blanks=chosen.get(line.label, "")) for line in lines]
    else:
        for place, kind in _chosen_blanks(recipe, lines, open_lines):
            lines[place] = lines[place]._replace(blanks=kind)
    return Worksheet(recipe, trace, tuple(_hide_answers(lines, trace.program.carried)))


def _hide_answers(
    lines: Sequence[WorksheetLine], carried: Mapping[str, str]
) -> Iterator[WorksheetLine]:
    """Yield the lines so that none shows in its working what another asks for."""
    asked: set[str] = set()
    iteration = 1
    for line in lines:
        if line.iteration != iteration:
            iteration = line.iteration
            asked = {before for before, after in carried.items() if after in asked}
        shown = line
        if line.is_copy and line.uses & asked:
            shown = line._replace(is_short=True)
        elif line.working and line.uses & asked and "w" not in line.blanks:
            shown = line._replace(blanks="wr" if line.blanks else "", is_short=not line.blanks)
        if "r" in shown.blanks or (shown.is_copy and shown.is_short):
            asked |= {shown.name, shown.name.partition("[")[0]}
        yield shown


def _chosen_blanks(
    recipe: Recipe, lines: Sequence[WorksheetLine], open_lines: Sequence[int]
) -> Iterator[tuple[int, str]]:
    """Yield the lines that the seed makes blank, and what of them."""
    name = Path(recipe.scenario).stem
    draws = Draws(recipe.seed, f"tracer worksheet {VERSION}/{name}/blanks")
    count = min(len(open_lines), max(1, round(recipe.share * len(open_lines))))
    for chosen in draws.choose_places(count, len(open_lines)):
        place = open_lines[chosen]
        kind = ("wr", "wr", "wr", "r", "r", "w")[draws.below(6)]
        yield place, kind if lines[place].working and not recipe.focus else "r"


def _may_be_blank(line: WorksheetLine, known: Collection[str], focus: str) -> bool:
    """Tell whether a line can be worked out from what is printed, and be read back.

    What only copies a number asks nothing, and a line is found by its name, which the terms of a
    sum over paths do not have (in plain text `#` begins a comment). Of one entry the working has
    the numbers, else they stand further up.
    """
    if not line.result or line.is_copy or line.is_nameless or line.is_of_paths:
        return False
    return bool(line.working) if focus else bool(line.uses) and line.uses <= set(known)


def read_key(text: str, path: str = "") -> Worksheet:
    """Return the worksheet that a key is of. Raises TracerError where the text is no key."""
    recipe = read_recipe(text.splitlines(), key=True, path=path)
    if recipe is None:
        raise TracerError(
            say("this is not the key of a worksheet"),
            where=printable(path),
            expected=say("a .key.md file as `tracer worksheet -o` writes it"),
        )
    return recipe_of(recipe)
