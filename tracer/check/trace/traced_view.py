"""A traced run as a document is held against it, with those of writers with other conventions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tracer.check.trace.traced_run import TracedRun
from tracer.errors import ScenarioError, TracerError, nearest
from tracer.expression import parse_program
from tracer.expression.syntax import Assignment, Name
from tracer.intervals import Interval
from tracer.operations import vocabulary
from tracer.program.overrides import toml_of
from tracer.program.scenario import Scenario, bundled, load, loads
from tracer.run.memory import BUDGET_BYTES
from tracer.run.runner import run_scenario
from tracer.sentences import Sentence, say

__all__ = ["TracedView", "scenario_view"]


HALVED: Final = say("Here the loss has a factor ½; declare it in [network] equations.")
WHOLE: Final = say("Here the loss has no factor ½; declare it in [network] equations.")
SUMMED: Final = say("Here the loss is a sum, not a mean; declare it in [network] equations.")
MEAN: Final = say("Here the loss is a mean, not a sum; declare it in [network] equations.")
TURNED: Final = say(
    "Here gradients have the other sign (target minus prediction), and the update adds them; "
    "declare the rule in [training.update]."
)
OTHER_LOSSES: Final[Mapping[str, Mapping[str, Sentence]]] = {  # by the loss's operation
    "mse": {
        "mse({} / 2": HALVED,
        "squared_error({}": SUMMED,
        "half_squared_error({}": say("{first} {second}", first=SUMMED, second=HALVED),
    },
    "half_squared_error": {
        "squared_error({}": WHOLE,
        "mse({}": say("{first} {second}", first=MEAN, second=WHOLE),
        "mse({} / 2": MEAN,
    },
    "squared_error": {
        "half_squared_error({}": HALVED,
        "mse({}": MEAN,
        "mse({} / 2": say("{first} {second}", first=MEAN, second=HALVED),
    },
    "mean": {"sum({}": SUMMED},
    "sum": {"mean({}": MEAN},
}
MOMENTUM: Final = {
    "momentum * v + (1 - momentum) * g | w - learning_rate * v'": say(
        "Here momentum is a running mean, v ← βv + (1 − β)g; declare it in [training.update]."
    ),
    "momentum * v + learning_rate * g | w - v'": say(
        "Here the velocity has the learning rate in it, v ← βv + ηg and w ← w − v; declare "
        "it in [training.update]."
    ),
    "momentum * v - learning_rate * g | w + v'": say(
        "Here the velocity points downhill, v ← βv − ηg and w ← w + v; declare it in "
        "[training.update]."
    ),
}


class TracedView(TracedRun):
    """A run, asked by written names, that knows the conventions under which it would be another."""

    def alternatives(self) -> Iterator[tuple[Sentence, TracedView]]:
        """Yield the run under each convention that makes a difference, with what is said of it.

        Half the square or the whole one, the sum or the mean, the error turned round, other forms
        of momentum: none of these is a slip. Single ones come first, then the turned error under
        another factor of the loss. A changed scenario that cannot be run is left out.
        """
        factors = list(_factors(self))
        yield from factors
        turns = _is_turnable(self)
        if turns:
            yield TURNED, _turned(self)
        yield from _momentum(self)
        if turns:
            for words, other in factors:
                both = say("{first} {second}", first=TURNED, second=words)
                yield both, _turned(other)


def scenario_view(
    name: str, memory: int | None = None, *, bundled_only: bool = False
) -> TracedView:
    """Run a scenario, within so many bytes; a document may name bundled ones only.

    Raises TracerError where it cannot be loaded or run.
    """
    if bundled_only and name not in bundled():
        raise ScenarioError(
            say("a document may name a bundled scenario only"),
            found=name,
            expected=nearest(name, bundled()) or say("one that `tracer list` shows"),
        )
    return TracedView(run_scenario(load(name), budget=BUDGET_BYTES if memory is None else memory))


def _turned(traced: TracedView) -> TracedView:
    return TracedView(traced.trace, turned=True, from_zero=traced.from_zero)


def _is_turnable(traced: TracedRun) -> bool:
    """Tell whether the update is a plain step against a gradient."""
    training = traced.trace.scenario.training
    return training is not None and training.optimizer == "sgd" and not training.settings


# The factor of the loss


def _factors(traced: TracedView) -> Iterator[tuple[Sentence, TracedView]]:
    """Yield the run with half the loss, twice the loss, the sum for the mean or the reverse.

    What comes to the same (a mean over two entries is half their sum) is told once.
    """
    scenario = traced.trace.scenario
    loss = traced.program.loss
    span = _loss_place(scenario, loss)
    if span is None or loss is None:
        return
    begin, end = span
    known = [_first_loss(traced, loss)]
    for other, words in _other_losses(scenario.equations[begin:end]):
        equations = scenario.equations[:begin] + other + scenario.equations[end:]
        changed = _with_settings(traced, [f"network.equations={toml_of(equations)}"])
        if changed is None:
            continue
        value = _first_loss(changed, loss)
        if not any(_are_same(value, before) for before in known):
            known.append(value)
            yield words, changed


def _first_loss(traced: TracedRun, loss: str) -> Interval | None:
    value = traced.bounds((loss, ()), 1)
    return value if isinstance(value, Interval) else None


def _are_same(one: Interval | None, other: Interval | None) -> bool:
    return one is other if one is None or other is None else one.meets(other)


def _other_losses(formula: str) -> Iterator[tuple[str, Sentence]]:
    """Yield formulas for a loss with another factor, the likeliest first."""
    name, opened, rest = formula.partition("(")
    name = name.strip()
    called = name if opened and _closes_last(rest) else ""
    is_square = "**2" in formula.replace(" ", "") or "square" in formula
    if is_square and called not in ("mse", "half_squared_error", "squared_error"):
        is_half = any(half in formula for half in ("/ 2", "/2", "0.5"))
        yield (f"2 * ({formula})", WHOLE) if is_half else (f"({formula}) / 2", HALVED)
    for other, words in OTHER_LOSSES.get(called, {}).items():
        yield other.format(rest), words


def _closes_last(rest: str) -> bool:
    """Tell whether the bracket that was opened before a text closes at its end."""
    depth = 1
    for place, sign in enumerate(rest):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return not rest[place + 1 :].strip()
    return False


def _loss_place(scenario: Scenario, loss: str | None) -> tuple[int, int] | None:
    """Return where the formula of the loss stands in the equations; None where a loop has it."""
    text = scenario.equations
    try:
        statements = parse_program(text, vocabulary=vocabulary())
    except TracerError:
        return None
    for statement in statements:
        if isinstance(statement, Assignment) and statement.target == Name(loss or ""):
            begin = text.index("=", statement.target.end) + 1
            end = text.find("\n", statement.value.end)
            formula = text[begin : len(text) if end < 0 else end].partition("#")[0]
            begin += len(formula) - len(formula.lstrip())
            return begin, begin + len(formula.strip())
    return None


# What is trained, and how


def _momentum(traced: TracedView) -> Iterator[tuple[Sentence, TracedView]]:
    """Yield the run with other definitions of momentum."""
    training = traced.trace.scenario.training
    if training is None or training.optimizer != "momentum" or "weight_decay" in training.settings:
        return
    velocity = "velocity" if "v" in traced.program.parameters else "v"
    for formulas, words in MOMENTUM.items():
        first, second = formulas.replace("v", velocity).replace("w ", "parameter ").split(" | ")
        equations = f"{velocity}' = {first}\nparameter' = {second}"
        changed = _with_update(traced, equations)
        if changed is not None:
            yield words, changed


def _with_update(traced: TracedView, equations: str) -> TracedView | None:
    """Return the run with an update of its own, as a variant: it takes the optimizer's place."""
    scenario = traced.trace.scenario
    training = scenario.training
    assert training is not None
    assert training.learning_rate is not None
    name = "other update"
    text = (
        f"{scenario.text}\n[[variants]]\nname = {toml_of(name)}\n[variants.training]\n"
        f"momentum = {training.settings.get('momentum', '0.9')}\n"
        f"learning_rate = {training.learning_rate.floats()[0]!r}\n"
        f"[variants.training.update]\nequations = {toml_of(equations)}\n"
    )
    chosen = (item for item in scenario.variants if item.name == scenario.variant_name)
    settings = [*next((item.settings for item in chosen), ()), *scenario.overrides]
    settings = [
        item for item in settings if not item.startswith(("training.", "momentum", "learning"))
    ]
    return _run(
        traced,
        lambda: (
            loads(text, name=scenario.name, path=scenario.path)
            .variant(name)
            .with_overrides(settings)
        ),
    )


def _with_settings(traced: TracedView, settings: list[str]) -> TracedView | None:
    return _run(traced, lambda: traced.trace.scenario.with_overrides(settings))


def _run(traced: TracedView, changed: Callable[[], Scenario]) -> TracedView | None:
    """Return the run of a changed scenario; None where there is none."""
    try:
        trace = run_scenario(changed(), budget=traced.trace.budget)
    except TracerError:
        return None
    return TracedView(trace, from_zero=traced.from_zero) if trace.segments else None
