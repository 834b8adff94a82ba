"""The gradients of an iteration, verified by other means: loads SymPy, as the witnesses do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tracer.frozen import fields_of
from tracer.notebook.shown_run import Experiment
from tracer.notebook.shown_text import ShownLines
from tracer.program.scenario import load
from tracer.run.memory import BUDGET_BYTES
from tracer.run.trace import Trace
from tracer.sentences import Sentence
from tracer.witness.report import Verification, verify_scenario
from tracer.witness.verification import Verdict


class ShownVerification(ShownLines, Verification):
    """What the witnesses say: `passed`, `verdict`, `reason`; it prints as `tracer verify` does."""

    scenario: str
    iteration: int
    verdict: Verdict | None
    reason: Sentence | str = ""
    is_finite: bool = True

    lines = Verification.lines
    _summary_line = 0


def verify(
    source: str | Path | Experiment | Trace,
    iteration: int = 1,
    *,
    settings: Sequence[str] = (),
    budget: int = BUDGET_BYTES,
) -> ShownVerification:
    """Return what means that share nothing with the rules say of an iteration's gradients.

    `source` is a bundled scenario, the path of a file, or what `load` or `trace` returned;
    `settings` are overrides of a scenario, each 'KEY=VALUE'. The result has `passed`, `lines()`
    and `as_dictionary()`. Raises TracerError where the scenario cannot be loaded or run so far.
    """
    if isinstance(source, (Experiment, Trace)):
        scenario = source.scenario.with_overrides(list(settings)) if settings else source.scenario
    else:
        scenario = load(source, settings=settings)
    verification = verify_scenario(scenario, iteration, budget=budget)
    return ShownVerification(**fields_of(verification))
