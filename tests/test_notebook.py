"""What a notebook shows: traces, iterations and steps as Markdown and LaTeX."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import tracer
from tracer.cli import main
from tracer.errors import RunError, TracerError


@pytest.fixture
def trace() -> tracer.Trace:
    """Return the run of the demo."""
    return tracer.load("one_weight").run()


def test_the_public_names_give_traces_that_show_themselves() -> None:
    """load, variants, set and trace all lead to `tracer.Trace`, whose parts are public too."""
    loaded = tracer.load("one_weight").set("iterations=2").run()
    made = tracer.trace(
        equations="loss = (w - 3)**2",
        data={},
        parameters={"w": 1.0},
        learning_rate=0.1,
        iterations=2,
    )
    for trace in (loaded, made):
        assert isinstance(trace, tracer.Trace)
        assert all(isinstance(iteration, tracer.Iteration) for iteration in trace.iterations())
        assert len(trace) == 2


def test_numbers_are_those_of_the_record(trace: tracer.Trace) -> None:
    """Showing adds nothing to the numbers and takes nothing away."""
    assert trace.iteration(2)["dloss/dw"] == pytest.approx(-2.4)
    assert trace.values("w").shape == (4,)
    assert np.allclose(trace.loss, [2.25, 1.44, 0.9216])
    with pytest.raises(RunError):
        trace.iteration(4)


def test_markdown_is_the_command_line_s(
    trace: tracer.Trace, capsys: pytest.CaptureFixture[str]
) -> None:
    """`trace.to_markdown(...)` is what `tracer derive` prints, option by option."""
    cases: list[tuple[dict[str, object], list[str]]] = [
        ({}, []),
        ({"detail": "summary"}, ["--detail", "summary"]),
        ({"show": [2], "digits": 3}, ["--show", "2", "--digits", "3"]),
        ({"lang": "zh"}, ["--lang", "zh"]),
        ({"exact": True, "chain": True}, ["--exact", "--chain"]),
    ]
    for keywords, options in cases:
        arguments = ["derive", "one_weight", "--format", "markdown", *options]
        assert main(arguments) == 0
        assert trace.to_markdown(**keywords) == capsys.readouterr().out  # type: ignore[arg-type]


def test_a_notebook_gets_markdown_and_latex(trace: tracer.Trace) -> None:
    """Trace, iteration and step have both forms; the number is in those that show the step."""
    assert "-3" in trace._repr_markdown_()
    assert "-3" in trace._repr_latex_()
    step = trace.iteration(2).step("dloss/dw")
    for shown in (trace.iteration(2), step):
        assert "-2.4" in shown._repr_markdown_()
        latex = shown._repr_latex_()
        assert latex.startswith(r"$$\begin{aligned}")
        assert latex.endswith(r"\end{aligned}$$")
        assert "-2.4" in latex
    assert len(step._repr_latex_()) < len(trace.iteration(2)._repr_latex_())


def test_a_step_tells_its_parts(trace: tracer.Trace) -> None:
    """name, phase, formula, value, rule; an update is called after its parameter."""
    step = trace.iteration(1).step("w")
    assert step.name == "w"
    assert step.phase == "update"
    assert step.formula == "w - learning_rate * dloss/dw"
    assert step.value == 0.8
    assert step.rule == "update rule"
    assert [item.name for item in trace.iteration(1).steps()] == [
        "y_pred",
        "loss",
        "dloss/dy_pred",
        "dloss/dw",
        "w",
    ]


def test_the_paths_to_an_entry_are_a_table() -> None:
    """The products of the factors add up to the gradient on record; None where none flows."""
    iteration = tracer.load("mlp_2_2_2").run().iteration(1)
    found = iteration.loss_paths("W1[0, 0]")
    assert found is not None
    assert found.value == pytest.approx(sum(path.value for path in found.paths))
    assert found.value == iteration["dloss/dW1"][0, 0]
    data = found.as_dictionary()
    assert [factor["value"] for factor in data["paths"][0]["factors"]][2::2] == [0.7, 0.6]
    assert "sum over paths" in found.to_markdown()
    assert repr(found) == "<2 paths from the loss to W1[0, 0]>"
    assert iteration.loss_paths("loss") is None


def test_a_step_is_found_by_the_name_that_is_shown(trace: tracer.Trace) -> None:
    """What a reader sees, with ∂ or with d, names a step as well as its own name."""
    iteration = trace.iteration(1)
    assert iteration.step("∂L/∂w").name == iteration.step("dL/dw").name == "dloss/dw"
    assert iteration.step("ŷ").name == "y_pred"


def test_the_notation_can_be_code() -> None:
    """A loss by its name stands in code only, as on the command line."""
    run = tracer.load("mlp_2_2_2").run()
    assert "half" not in run.to_markdown().partition("Iteration 1")[2]
    assert "half" in run.to_markdown(notation="code").partition("Iteration 1")[2]


def test_an_unknown_step_names_what_is_near(trace: tracer.Trace) -> None:
    """A step that is not there is an error with the nearest names."""
    with pytest.raises(TracerError, match="did you mean dloss/dw"):
        trace.iteration(1).step("dloss/dv")


def test_words_are_loaded_when_somebody_looks() -> None:
    """Running a trace loads neither narrative nor render: a million steps need no words."""
    code = (
        "import sys, tracer; tracer.load('one_weight').run().iteration(1)['w']; "
        "print([name for name in sys.modules if name.startswith(('tracer.narr', 'tracer.rend'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
