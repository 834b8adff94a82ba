"""What a notebook shows: traces, iterations and steps as Markdown and LaTeX."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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


def test_results_print_as_their_commands_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`print` says what the command says, `repr` one line of it, a notebook its language."""

    def forward(x: Any, w: Any) -> Any:
        pred = x @ w
        return np.mean(pred**2)

    def backward(x: Any, pred: Any) -> Any:
        dpred = pred / len(pred)
        return x.T @ dpred

    text = "The loss is (0.5 - 2)^2 = 2.26."
    file, values = tmp_path / "notes.md", tmp_path / "values.json"
    file.write_text(text, "utf-8")
    values.write_text('{"1": {"dloss/dw": 3}}', "utf-8")
    trace = tracer.load("one_weight").run()
    sheet = tracer.worksheet("one_weight")
    shown: list[tuple[object, list[str], str]] = [
        (
            tracer.check_text(text, path=str(file)),
            ["check", str(file)],
            f"<Report: {file}: 0 right, 1 slip, 0 not checked>",
        ),
        (
            tracer.verify("one_weight"),
            ["verify", "one_weight"],
            "<Verification: one_weight, iteration 1: verified>",
        ),
    ]
    for result, command, short in shown:
        main(command)
        assert str(result) + "\n" == capsys.readouterr().out
        assert repr(result) == short
    compared = tracer.compare(trace, {1: {"dloss/dw": 3.0}})
    main(["check", "--values", str(values), "--scenario", "one_weight"])
    assert str(compared) + "\n" == capsys.readouterr().out.replace(f"{values}: ", "")
    assert repr(compared).startswith("<Comparison: ")
    report = tracer.check_backward(forward, backward, {"x": np.ones((3, 2)), "w": np.ones(2)})
    assert "right: dpred = pred / len(pred) * 2" in str(report).splitlines()
    assert repr(report).endswith("compared, 1 wrong: dpred>")
    assert (str(sheet), repr(sheet)) == (sheet.text(), "<Worksheet of one_weight>")
    assert str(tracer.explain("tanh")) == tracer.explain("tanh").to_markdown()
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert report._repr_markdown_().startswith("```text\n")
    assert "dpred 是第一个错误的梯度" in report._repr_markdown_()


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
    assert main(["derive", "one_weight", "--format", "markdown", "--show", "2"]) == 0
    shown, own = capsys.readouterr().out, trace.iteration(2).to_markdown()
    assert own.count("$$") >= 10
    assert {each for each in own.splitlines() if "$$" in each} <= {*shown.splitlines()}
    assert main(["derive", "one_weight", "--step", "dloss/dw", "--format", "markdown"]) == 0
    assert trace.step("dloss/dw").to_markdown() == capsys.readouterr().out


def test_other_formats_are_the_command_line_s(
    trace: tracer.Trace, capsys: pytest.CaptureFixture[str]
) -> None:
    """LaTeX, HTML and JSON are what `tracer derive` prints."""
    for name, method in (("latex", "to_latex"), ("html", "to_html"), ("json", "to_json")):
        assert main(["derive", "one_weight", "--format", name, "--show", "2", "--lang", "zh"]) == 0
        assert getattr(trace, method)(show=[2], lang="zh") == capsys.readouterr().out


def test_json_has_the_line_in_latex_and_the_edges_of_the_graph() -> None:
    """A step's line is the one that a notebook shows; what it uses stands above it or is given."""

    def bare(text: str) -> str:
        return text.replace(" ", "").replace("&", "")

    run = tracer.load("rnn_step").run()
    data = json.loads(run.to_json(show=[1]))
    steps = data["iterations"][0]["steps"]
    known = {*run.program.inputs}
    for step in steps:
        if step["phase"] != "update":
            assert {*step["uses"]} <= known
            known.add(step["name"])
        shown = run.step(step["name"])._repr_latex_()
        assert bare(step["latex"]) in bare(shown)
    replayed = json.loads(tracer.load("digit_cnn").run().to_json(show=[1], detail="operation"))
    assert all(step["latex"] for step in replayed["iterations"][0]["steps"])


def test_a_trace_shows_one_iteration_and_the_way_to_the_others(trace: tracer.Trace) -> None:
    """A page of a notebook does not grow with the training."""
    shown = trace._repr_markdown_()
    assert "Iteration 1" in shown
    assert "Iteration 2" not in shown
    assert shown.endswith("trace.iteration(k) shows another iteration, k from 1 to 3.")
    one = tracer.load("one_weight").set("iterations=1").run()
    assert "trace.iteration(k)" not in one._repr_markdown_()


def test_a_frame_has_a_row_an_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Single numbers, entries of small arrays by name; without pandas an error that names it."""

    def frame(data: dict[str, list[float]], index: Any) -> tuple[dict[str, list[float]], list[int]]:
        return data, list(index)

    library = SimpleNamespace(
        DataFrame=frame, RangeIndex=lambda first, last, name: range(first, last)
    )
    run = tracer.load("mlp_2_2_2").set("iterations=2").run()
    monkeypatch.setitem(sys.modules, "pandas", library)
    data, index = run.to_frame()
    assert index == [1, 2]
    assert data["loss"] == run.loss.tolist()
    assert data["W1[0, 1]"] == run.values("W1")[:2, 0, 1].tolist()
    assert data["dloss/dW1[1, 0]"] == run.values("dloss/dW1")[:, 1, 0].tolist()
    assert list(run.to_frame("loss")[0]) == ["loss"]
    with pytest.raises(TracerError, match="did you mean"):
        run.to_frame("los")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(RunError, match="pandas is not installed; expected pip install pandas"):
        run.to_frame()


def test_a_plot_has_a_line_for_each_number(
    trace: tracer.Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss, or what is named, over the iterations, in axes of one's own too."""

    class Axes:
        def __init__(self) -> None:
            self.calls: list[tuple[Any, ...]] = []

        def __getattr__(self, name: str) -> Any:
            return lambda *values, **settings: self.calls.append((name, *map(list, values)))

    made = Axes()
    pyplot = SimpleNamespace(subplots=lambda: (None, made))
    monkeypatch.setitem(sys.modules, "matplotlib", SimpleNamespace(pyplot=pyplot))
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    assert trace.plot() is made
    assert made.calls[0] == ("plot", [1, 2, 3], trace.loss.tolist())
    own = Axes()
    assert trace.plot("w", "dloss/dw", axes=own) is own
    assert [call[0] for call in own.calls] == ["plot", "plot", "set_xlabel", "legend"]
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(RunError, match="matplotlib is not installed"):
        trace.plot()


def test_a_step_of_any_iteration_is_asked_of_the_trace(trace: tracer.Trace) -> None:
    """The first where none is said."""
    assert trace.step("dloss/dw", 2).value == trace.iteration(2)["dloss/dw"]
    assert trace.step("∂L/∂w").value == -3


def test_gradients_are_verified_of_names_files_and_runs(trace: tracer.Trace) -> None:
    """What `tracer verify` says, with settings of one's own; also of what was traced."""
    assert tracer.verify("one_weight", 2).iteration == 2
    assert tracer.verify(trace).passed
    assert tracer.verify(tracer.load("xor"), settings=["learning_rate=0.5"]).passed
    own = tracer.trace(
        equations="loss = tanh(w * x)", data={"x": 0.5}, parameters={"w": 1.0}, iterations=1,
        learning_rate=0.1,
    )  # fmt: skip
    assert tracer.verify(own).as_dictionary()["passed"]
    with pytest.raises(RunError, match="there is no iteration 9"):
        tracer.verify("one_weight", 9)


def test_a_worksheet_is_made_and_marked(capsys: pytest.CaptureFixture[str]) -> None:
    """The command's own texts; its key earns all points, an empty worksheet none."""
    sheet = tracer.worksheet("one_weight", seed=3)
    assert main(["worksheet", "one_weight", "--seed", "3"]) == 0
    assert sheet.text() == capsys.readouterr().out
    assert sheet._repr_markdown_().startswith("---\nworksheet:")
    marks = tracer.mark(sheet.key(), sheet.key()).files[0].marks
    assert marks is not None
    assert marks.points == marks.possible > 0
    empty = tracer.mark(sheet.text(), sheet.key()).files[0].marks
    assert empty is not None
    assert empty.points == 0
    with pytest.raises(TracerError, match="this is not the key of a worksheet"):
        tracer.mark(sheet.key(), "no key")


def test_an_explanation_is_the_command_s_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Of one name or several, with its proofs."""
    for names in (["tanh"], ["sigmoid", "adam"]):
        assert main(["explain", *names, "--format", "markdown"]) == 0
        assert tracer.explain(*names).to_markdown() == capsys.readouterr().out
    assert repr(tracer.explain("tanh", "relu")) == "<Explanation of tanh, relu>"
    with pytest.raises(TracerError, match="tanh"):
        tracer.explain("tahn")


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
    assert repr(found) == "<paths from the loss to W1[0, 0]: 2>"
    assert iteration.loss_paths("loss") is None


def test_a_step_is_found_by_the_name_that_is_shown(trace: tracer.Trace) -> None:
    """What a reader sees, with ∂ or with d, names a step as well as its own name."""
    iteration = trace.iteration(1)
    assert iteration.step("∂L/∂w").name == iteration.step("dL/dw").name == "dloss/dw"
    assert iteration.step("ŷ").name == "y_pred"


def test_the_notation_can_be_code() -> None:
    """A loss by its name stands in code only, as on the command line."""
    run = tracer.load("mlp_2_2_2").run()
    assert r"\mathrm{half" not in run.to_markdown().partition("Iteration 1")[2]
    assert r"\mathrm{half" in run.to_markdown(notation="code").partition("Iteration 1")[2]


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


def _exit_code(arguments: list[str]) -> object:
    """Return the exit code of a command; argparse leaves by an exception."""
    try:
        return main(arguments)
    except SystemExit as stopped:
        return stopped.code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1),
        ("seed", 2**63),
        ("blank", 5),
        ("blank", float("nan")),
        ("digits", 99),
        ("digits", 0),
        ("iterations", 0),
        ("iterations", 51),
        ("notation", "foo"),
    ],
)
def test_a_worksheet_takes_what_the_command_takes(
    name: str, value: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both refuse the same values, from the same limits."""
    with pytest.raises(TracerError, match=f"{name}="):
        tracer.worksheet("one_weight", **{name: value})
    assert _exit_code(["worksheet", "one_weight", f"--{name}={value}"]) == 2
    assert capsys.readouterr().out == ""


UNTYPED: Any = tracer  # a notebook has no type checker
NUMBERS = {"data": {"x": [1, 2], "y": [2, 4]}, "parameters": {"w": 0.5}}
LOSS = "loss = mse(w * x, y)"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("recorded", lambda trace: UNTYPED.compare(trace, None)),
        ("recorded", lambda trace: UNTYPED.compare(trace, [1, 2])),
        ("recorded", lambda trace: UNTYPED.compare(trace, "nope.npz")),
        ("recorded", lambda trace: UNTYPED.compare(trace, {1: "abc"})),
        (  # a right value of the same type before it
            "recorded",
            lambda trace: [UNTYPED.compare(trace, {1: it}) for it in ({"w": 0.5}, "abc")],
        ),
        ("trace", lambda trace: UNTYPED.compare(None, {1: {"w": 0.5}})),
        ("tolerance", lambda trace: UNTYPED.compare(trace, {1: {"w": 0.5}}, tolerance="a")),
        ("tolerance", lambda trace: UNTYPED.compare(trace, {1: {"w": 0.5}}, tolerance=-1)),
        ("tolerance", lambda trace: UNTYPED.compare(trace, {1: {"w": 0.5}}, tolerance=math.nan)),
        ("text", lambda trace: UNTYPED.check_text(5)),
        ("text", lambda trace: UNTYPED.check_text(b"1 + 1 = 3")),
        ("names", lambda trace: UNTYPED.explain("tanh", 3)),
        ("name", lambda trace: trace.values(None)),
        ("show", lambda trace: trace.to_markdown(show=1)),
        ("budget", lambda trace: UNTYPED.load("one_weight").run(budget="1GB")),
        ("data", lambda trace: UNTYPED.trace(equations="loss = w", data=None, parameters={"w": 1})),
        ("equations", lambda trace: UNTYPED.trace(equations=5, **NUMBERS)),
        ("name", lambda trace: UNTYPED.trace(equations=LOSS, name=3, **NUMBERS)),
    ],
)
def test_a_value_of_another_type_is_refused(
    trace: tracer.Trace, name: str, call: Callable[[Any], object]
) -> None:
    """Each public function names the argument, what it found and what it expects."""
    with pytest.raises(TracerError, match=rf"{name}=.* is not allowed; expected"):
        call(trace)


@pytest.mark.parametrize(
    ("name", "value"), [("detail", "foo"), ("digits", 0), ("digits", 16), ("notation", "foo")]
)
def test_a_derivation_takes_what_the_command_takes(
    trace: tracer.Trace, name: str, value: Any
) -> None:
    """Another detail, notation or number of digits is refused, with what is allowed."""
    with pytest.raises(RunError, match=f"{name}="):
        trace.to_markdown(**{name: value})
    if name == "digits":
        for show in (trace.iteration(1).steps, trace.to_json):
            with pytest.raises(RunError, match="from 2 to 15"):
                show(digits=value)
        with pytest.raises(RunError, match="from 2 to 15"):
            tracer.explain("tanh", digits=value)


def test_a_list_of_names_that_is_cut_says_so() -> None:
    """The first twelve of many names end with a sign that there are more."""
    with pytest.raises(TracerError, match="…"):
        tracer.load("mlp_2_2_2").run().values("nope")
