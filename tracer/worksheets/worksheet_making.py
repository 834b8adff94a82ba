"""How a worksheet is made: the lines of a traced run with some of them blank.

Every line is told from the record, as in a derivation, and in its notation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tracer.errors import TracerError, printable
from tracer.narrative.derivation_options import Options, Style
from tracer.narrative.step_lines import Narrator
from tracer.narrative.steps import MOST_SHOWN
from tracer.option_limits import (
    NOTATIONS,
    check_choice,
    check_digits,
    check_share,
    check_whole,
)
from tracer.program.scenario import Scenario, load
from tracer.run.runner import first_program, run_scenario
from tracer.run.trace import Trace
from tracer.sentences import say
from tracer.worksheets.worksheet_lines import (
    Worksheet,
    WorksheetLine,
    WorksheetNotation,
    is_printed,
)
from tracer.worksheets.worksheet_numbers import NOISE, Draws, fresh_numbers, is_rational
from tracer.worksheets.worksheet_recipe import MOST_ASKED, VERSION, Recipe, read_recipe

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
    kept = [setting.partition("=")[0].rpartition(".")[2].strip() for setting in settings]
    numbers = fresh_numbers(base, seed, kept)
    every = (*settings, *numbers.settings)
    recipe = Recipe(
        scenario, seed, share, count, digits or 0, every, variant, focus, notation=notation
    )
    trace = _run_worksheet(recipe)
    if digits is None:
        recipe = recipe._replace(digits=RATIONAL_DIGITS if is_rational(trace) else DIGITS)
    sheet = _make_sheet(recipe, trace)
    return sheet._replace(remarks=numbers.remarks)


def recipe_of(recipe: Recipe) -> Worksheet:
    """Return the worksheet that a recipe makes. Raises TracerError where it makes none."""
    return _make_sheet(recipe, _run_worksheet(recipe))


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


def _make_sheet(recipe: Recipe, trace: Trace) -> Worksheet:
    """Tell the lines of a run and choose which are blank."""
    source = Narrator(trace, Options(digits=recipe.digits, focus=recipe.focus or None))
    written = WorksheetNotation(recipe, trace)
    lines = [  # what is left of rounding is left out: by hand it is 0
        written.line(number, step)
        for number in range(1, min(recipe.iterations, len(trace)) + 1)
        for step in source.steps(number)
        if len(step.values) > MOST_SHOWN or not any(0 < abs(each) < NOISE for each in step.values)
    ]
    known = {name for name, item in trace.program.inputs.items() if is_printed(item.shape)}
    known |= {line.name for line in lines if line.result}
    open_lines = [
        place for place, line in enumerate(lines) if _may_be_blank(line, known, recipe.focus)
    ]
    if len(open_lines) < LEAST_OPEN:
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
    is_part = any("#" in name for name in (line.name, *line.uses))
    if not line.result or line.is_copy or line.is_nameless or is_part:
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
