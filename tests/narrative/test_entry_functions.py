"""Entries as functions of figures, and what a program decides of a step."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import tracer
from tests.run.test_interpret import read
from tracer.narrative.blocks import present
from tracer.narrative.derivation import step_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.entry_functions import EntryFunctions
from tracer.narrative.step_lines import Narrator
from tracer.narrative.step_reasons import PossibleReason, ReasonFinder, Spoken
from tracer.narrative.steps import StepNarrator
from tracer.program.elements import Elements
from tracer.program.program import Equation
from tracer.program.shapes import Shapes
from tracer.run.trace import Iteration


def entry(text: str) -> EntryFunctions:
    """Return a formula over the numbers a and b as a function."""
    elements = Elements(Shapes({"a": (), "b": ()}))
    return EntryFunctions(elements, Equation("y", read(text), (), "forward"))


@pytest.mark.parametrize(
    ("text", "a", "b", "result"),
    [
        ("a * b", "0.1", "0.3", "0.03"),
        ("a / 3 + b / 3", "0.1", "0.2", "0.1"),
        ("relu(a) - b", "1e-7", "2", "-1.9999999"),
        ("a ** 2 / b", "0.5", "4", "0.0625"),
    ],
)
def test_exact_results_of_figures_are_told_from_rounded_ones(
    text: str, a: str, b: str, result: str
) -> None:
    """An exact result is equal, whether decimals hold each step or not; another digit is not."""
    figures = {"a": [a], "b": [b]}
    assert entry(text).is_equal(0, figures, result)
    assert not entry(text).is_equal(0, figures, f"{result}1" if "." in result else f"{result}.1")


def test_an_entry_is_told_of_any_figures() -> None:
    """What is compiled for further questions answers as the first one was answered."""
    function = entry("a * b - a / 3")
    for a, b, result in (("3", "2", "5"), ("0.6", "-1", "-0.8"), ("3", "2", "5")):
        figures = {"a": [a], "b": [b]}
        assert function.is_equal(0, figures, result)
        assert not function.is_equal(0, figures, f"{float(result)}1")
    assert not function.is_equal(0, {"a": ["1"], "b": ["1"]}, "0.666667")  # 2/3 is not that


def test_a_reason_that_no_figure_can_change_is_found_once() -> None:
    """A second iteration has the same object for what shapes decide, another one for figures."""
    trace = tracer.load("mlp_2_2_2").set("training.iterations=2").run()
    narrator = StepNarrator()

    def found(number: int, name: str) -> list[Spoken]:
        iteration = trace.iteration(number)
        equation = iteration.program.equation(name)
        return present(*(it.told() for it in narrator.reasons(iteration, equation)))

    assert found(1, "dloss/dW1")[0] is found(2, "dloss/dW1")[0]
    first, second = found(1, "dloss/dz1")[0], found(2, "dloss/dz1")[0]
    assert first.reason is second.reason
    assert first.slots != second.slots


def test_one_step_alone_asks_for_no_other_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reasons are worked out where they are said."""
    trace = tracer.load("mlp_2_2_2").run()
    asked: list[str] = []
    whole = ReasonFinder.reasons

    def reasons(
        finder: ReasonFinder, iteration: Iteration, equation: Equation
    ) -> Sequence[PossibleReason]:
        asked.append(equation.name)
        return whole(finder, iteration, equation)

    monkeypatch.setattr(ReasonFinder, "reasons", reasons)
    assert list(step_blocks(Narrator(trace, Options()), 2, "dloss/dW1"))
    assert asked == ["dloss/dW1"]
