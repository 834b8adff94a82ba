"""A scenario from the arguments, and its run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracer.commands.output import check_output
from tracer.commands.progress import Progress
from tracer.errors import TracerError, printable, refuse
from tracer.frozen import replace
from tracer.lazy_modules import LazyModule
from tracer.lazy_regex import lazy_regex
from tracer.program.overrides import Setting, setting_place
from tracer.program.scenario import Scenario, load
from tracer.run.memory import BUDGET_BYTES, Recording
from tracer.run.runner import Run, run_scenario
from tracer.run.short_runs import without_control_characters
from tracer.run.trace import Trace
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.recorded import recorded_run
    from tracer.run import saved_run as run_file
else:
    recorded_run = LazyModule("tracer.recorded.recorded_run")
    run_file = LazyModule("tracer.run.saved_run")

SAVED_RUN: Final = ".npz"  # the ending of the file of a run
_RANGE: Final = lazy_regex(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_ITERATIONS: Final = lazy_regex(r"\s*(training\s*\.\s*)?iterations\s*=")


def all_settings(options: argparse.Namespace, *keys: str) -> list[str]:
    """Return the settings of --set, and of the options that are short for it (all, or some)."""
    settings: list[str] = list(options.settings)
    for key in keys or ("learning_rate", "iterations"):
        value = getattr(options, key, None)
        if value is not None:
            settings.append(Setting(f"{key}={value}", f"--{key.replace('_', '-')}", value))
    return settings


def scenario_of(options: argparse.Namespace, settings: Sequence[str] | None = None) -> Scenario:
    """Return the scenario with the options' values, or with these instead. Raises TracerError."""
    own = all_settings(options) if settings is None else settings
    scenario = load(options.scenario, settings=own)
    check_output(options, scenario.path)
    return without_control_characters(
        scenario.variant(options.variant) if options.variant else scenario
    )


def run_of_options(options: argparse.Namespace) -> Trace:
    """Return the run of the options' scenario, or of a file of one. Raises TracerError."""
    if is_saved_run(options.scenario):
        return saved_trace(options.scenario, options)
    scenario = scenario_of(options)
    values = getattr(options, "values", None)
    if values is not None:
        title = f"{scenario.title or scenario.name} ({printable(Path(values).name)})"
        scenario = replace(scenario, title=title)
        return recorded_run.recorded_run(scenario, values, budget=budget_of(options))
    recording = recording_of(options)
    with Progress(scenario.name, options) as progress:
        return run_scenario(
            scenario, record=recording.record, budget=recording.budget, progress=progress
        )


def is_saved_run(source: str) -> bool:
    """Tell whether a SCENARIO is the file of a run."""
    return source.endswith(SAVED_RUN)


def saved_run(source: str, options: argparse.Namespace) -> Run:
    """Return the run of a file. Raises TracerError, for options too that would change the run.

    One that is resumed may be given more iterations.
    """
    is_resumed = getattr(options, "resume", None) is not None
    settings = all_settings(options)
    others = [item for item in settings if not (is_resumed and _ITERATIONS.match(item))]
    changing_options = [setting_place(item) for item in others]
    changing_options += [
        f"--{key}" for key in ("variant", "record", "values") if getattr(options, key, None)
    ]
    if changing_options:
        expected = say("--iterations, which makes it longer")
        raise TracerError(
            say("a saved run keeps its own scenario and record"),
            where=printable(source),
            found=printable(changing_options[0]),
            expected=expected if is_resumed else say("none of these options"),
        )
    run = run_file.read_run(Path(source), budget=budget_of(options), settings=settings)
    check_output(options, run.scenario.path)
    run.scenario = without_control_characters(run.scenario)
    return run


def saved_trace(source: str, options: argparse.Namespace) -> Trace:
    """Return what is done of a saved run. Raises TracerError as `saved_run` does."""
    run = saved_run(source, options)
    if not run.done:
        raise TracerError(
            say("the saved run has no iteration yet"),
            where=printable(source),
            expected=f"tracer run --resume {printable(source)}",
        )
    return run.trace()


def recording_of(options: argparse.Namespace) -> Recording:
    """Return what the options keep of a run."""
    return Recording(getattr(options, "record", None) or "all", budget_of(options))


def budget_of(options: argparse.Namespace) -> int:
    """Return the bytes that a run may take."""
    return BUDGET_BYTES if options.memory is None else int(options.memory)


def digits_of(options: argparse.Namespace, trace: Trace) -> int:
    """Return the significant digits asked for; else what the precision of the run bears."""
    if options.digits is not None:
        return int(options.digits)
    return 4 if trace.scenario.dtype == "float32" else 6


def check_step(options: argparse.Namespace, kind: str) -> None:
    """Refuse --step where a record is printed. Raises TracerError."""
    if options.step is not None and kind == "json":
        raise TracerError(
            say("--step prints text"),
            found=printable(f"--format {kind}"),
            expected=say("another format, or no --step"),
        )


def iterations_of(options: argparse.Namespace, count: int) -> tuple[int, ...] | None:
    """Return the iterations that --show or --iteration ask for. Raises TracerError."""
    if options.iteration is None:
        return parse_iterations(options.show, count)
    if options.show is not None:
        raise TracerError(
            say("--iteration and --show both choose iterations"),
            found=f"--iteration {options.iteration} --show {options.show}",
            expected=say("one of them"),
        )
    return parse_iterations(str(options.iteration), count, "--iteration")


def parse_iterations(
    text: str | None, count: int, option: str = "--show"
) -> tuple[int, ...] | None:
    """Read a list of iterations such as 1-3,640, which an option has. Raises TracerError."""
    if text is None:
        return None
    numbers: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise TracerError(
                say("--show takes iterations"),
                found=part.strip() or say("nothing"),
                expected=say("numbers and ranges, such as 1-3,640"),
            )
        low, high = int(match[1]), int(match[2] or match[1])
        refuse(
            (
                (
                    low > high,
                    say("--show has a range that runs backwards"),
                    f"{high}-{low}",
                    part.strip(),
                ),
                (
                    not 1 <= low <= high <= count,
                    say("{option} names an iteration that is not there", option=option),
                    say("iterations from 1 to {count}", count=count),
                    part.strip(),
                ),
            )
        )
        numbers.extend(range(low, high + 1))
    return tuple(dict.fromkeys(numbers))
