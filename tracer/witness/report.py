"""The gradients of a scenario's iteration, judged, and the verdict in lines."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from tracer.errors import RunError
from tracer.frozen import Frozen, replace
from tracer.operations import number_node
from tracer.program.differentiate import gradient_name
from tracer.program.scenario import Scenario
from tracer.run.forward import Forward
from tracer.run.memory import BUDGET_BYTES
from tracer.run.runner import run_scenario
from tracer.run.trace import Iteration
from tracer.sentences import Sentence, Text, plain_text, say
from tracer.witness.verification import CENTRAL, COMPLEX, SYMPY, WHOLE, Verdict, examine_gradients

MOST_KINKS = 5
_METHODS: Final = {  # what a witness does: their figures may agree to the last digit
    SYMPY: say("differentiates each operation by itself; the chain rule joins the slopes"),
    WHOLE: say("writes the loss as one formula, and differentiates that"),
    COMPLEX: say(
        "moves the number by a tiny imaginary amount: the imaginary part of the loss over it"
    ),
    CENTRAL: say(
        "moves the number a little up and down: the change of the loss over that of the number"
    ),
}


class Verification(Frozen):
    """A scenario's verdict; None where it has no gradient, or one that is not finite: `reason`."""

    scenario: str
    iteration: int
    verdict: Verdict | None
    reason: Sentence | str = ""
    is_finite: bool = True

    @property
    def passed(self) -> bool:
        """Whether nothing that was judged is wrong."""
        return self.is_finite if self.verdict is None else self.verdict.passed

    def lines(self, translate: Callable[[str], str] = str) -> Iterator[str]:
        """Yield the verdict as text: each witness, each parameter, what was skipped and why.

        `translate` turns an English message into a language; reasons and kinks stay English.
        """
        verdict = self.verdict
        if verdict is None:
            nothing = say(
                "{scenario}: nothing to verify: {reason}",
                scenario=self.scenario,
                reason=self.reason,
            )
            yield plain_text(nothing, translate)
            return
        yield translate("{scenario}, iteration {number}: {verdict}").format(
            scenario=self.scenario,
            number=self.iteration,
            verdict=translate("verified") if verdict.passed else translate("NOT VERIFIED"),
        )
        for witness in verdict.witnesses:
            yield "  " + translate(
                "{witness}: largest difference {difference} (limit {limit}), "
                "{judged} of {entries} entries"
            ).format(
                witness=translate(witness.name),
                difference=f"{witness.difference:.1e}",
                limit=f"{witness.limit:.0e}",
                judged=witness.judged,
                entries=witness.entries,
            )
            for name, judged in witness.parameters.items():
                mark = f"  <- {translate('too large')}" if judged in witness.failures else ""
                if judged.excuse and judged.difference > witness.limit:
                    mark = f"  ({judged.excuse})"
                yield f"    {name}: {judged.difference:.1e}{mark}"
        for absent in verdict.absent:
            yield "  " + translate("{witness}: skipped: {reason}").format(
                witness=translate(absent.name), reason=absent.reason
            )
        for kink in verdict.kinks[:MOST_KINKS]:
            yield "  " + translate("kink: {kink}").format(kink=kink)
        if len(verdict.kinks) > MOST_KINKS:
            more = len(verdict.kinks) - MOST_KINKS
            yield "  " + translate("and {count} more kinks").format(count=more)

    def as_dictionary(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        verdict = self.verdict
        return {
            "version": 1,
            "scenario": self.scenario,
            "iteration": self.iteration,
            "passed": self.passed,
            "reason": str(self.reason),
            "witnesses": [
                {
                    "name": witness.name,
                    "limit": witness.limit,
                    "difference": witness.difference,
                    "judged": witness.judged,
                    "entries": witness.entries,
                    "parameters": {
                        name: {
                            "difference": judged.difference,
                            "index": list(judged.index),
                            "recorded": judged.recorded,
                            "independent": judged.proved,
                            "excuse": judged.excuse,
                        }
                        for name, judged in witness.parameters.items()
                    },
                }
                for witness in (verdict.witnesses if verdict else ())
            ],
            "absent": [
                {"name": absent.name, "reason": absent.reason}
                for absent in (verdict.absent if verdict else ())
            ],
            "kinks": [str(kink) for kink in (verdict.kinks if verdict else ())],
        }


def verify_scenario(
    scenario: Scenario, iteration: int = 1, *, budget: int = BUDGET_BYTES
) -> Verification:
    """Run a scenario up to an iteration, in so many bytes, and judge its gradients there.

    Raises RunError where the run does not get there, and the errors of a run.
    """
    training = scenario.training
    planned = training.iterations if training is not None else 1
    if iteration < 1 or (planned is not None and iteration > planned):
        raise RunError(
            say("there is no iteration {number}", number=iteration),
            expected=say("iterations from 1")
            if planned is None
            else say("iterations from 1 to {count}", count=planned),
        )
    if training is not None:
        shorter = replace(training, iterations=iteration, epochs=None)
        scenario = replace(scenario, training=shorter)
    trace = run_scenario(scenario, budget=budget)
    step = trace.iteration(iteration)
    loss = step.program.loss
    there = set(step)
    parameters = [
        name
        for name in step.program.parameters
        if loss is not None and gradient_name(loss, name) in there
    ]
    if trace.fault is not None and trace.fault.iteration == iteration:
        reason = say(
            "{name} is {kind}, not a finite number", name=trace.fault.name, kind=trace.fault.kind
        )
        return Verification(scenario.name, iteration, None, reason, is_finite=False)
    if loss is None or not parameters:
        return Verification(scenario.name, iteration, None, say("the scenario has no gradient"))
    verdict = _examine_step(step, loss, parameters, _loss_of(scenario, step, loss))
    return Verification(scenario.name, iteration, verdict)


def _examine_step(
    step: Iteration,
    loss: str,
    names: Sequence[str],
    large: Callable[[Mapping[str, Sequence[float]]], float] | None = None,
) -> Verdict:
    """Judge the recorded gradients by some quantities, each taken as given."""
    inputs = step.program.inputs.items()
    given = [name for name, item in inputs if item.kind in ("data", "constant", "parameter")]
    # Entries are packed, eight bytes each: there may be millions.
    values = {name: (step.shape(name), array("d", step.entries(name))) for name in (*given, *names)}
    equations = step.program.phase("forward", "loss")
    return examine_gradients(
        [equation for equation in equations if equation.name not in names],
        loss,
        names,
        values,
        {name: array("d", step.entries(gradient_name(loss, name))) for name in names},
        large=large,
        dtype=step.scenario.dtype,
    )


def quantity_lines(step: Iteration, name: str) -> Iterator[Text]:
    """Yield what each witness says of the recorded gradient by one quantity of an iteration.

    The quantity may be a parameter or a value of the forward pass. Of an array it is the entry in
    which the witness and the record differ most. Raises RunError where the run has no gradient.
    """
    loss = step.program.loss
    if name == loss:
        raise RunError(
            say("{name} by itself has the slope 1: there is nothing to prove", name=name)
        )
    if loss is None or gradient_name(loss, name) not in step:
        raise RunError(say("the run computes no gradient of {name}", name=name))
    is_parameter = name in step.program.parameters
    large = _loss_of(step.scenario, step, loss) if is_parameter else None
    verdict = _examine_step(step, loss, [name], large)
    yield say("verified") if verdict.passed else say("NOT VERIFIED")
    if step.shape(name):
        yield say("Each line shows the entry that differs most; rows and columns count from 1.")
    for witness in verdict.witnesses:
        yield ""
        yield Sentence(witness.name)
        yield _METHODS[witness.name]
        for judged in witness.parameters.values():
            places = ", ".join(str(place + 1) for place in judged.index)
            yield say(
                "{entry} by this method {proved}, by the rules {recorded}",
                entry=f"({places})" if places else "",
                proved=number_node(f"{judged.proved:.12g}"),
                recorded=number_node(f"{judged.recorded:.12g}"),
            )
    for absent in verdict.absent:
        yield ""
        yield say(
            "{witness}: skipped: {reason}", witness=Sentence(absent.name), reason=absent.reason
        )


def _loss_of(scenario: Scenario, step: Iteration, loss: str) -> Any:
    """Return the loss as a function of the parameters' entries, on the iteration's data."""
    data = {
        name: given
        for name, item in step.program.inputs.items()
        if item.kind == "data" and (given := step.given_value(name)) is not None
    }
    double = replace(scenario, dtype="float64")  # differences need more digits than the record
    forward = Forward(double, data, outputs=(loss,), evaluate=False)
    only = frozenset((loss,))

    def value(parameters: Mapping[str, Sequence[float]]) -> float:
        return forward(parameters, only=only)[loss][0]

    return value
