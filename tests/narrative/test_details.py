"""The details of a derivation: operations, one entry, fractions, chains, pictures."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeGuard

import pytest

import tracer
from tests.run.networks import written
from tracer.errors import LimitError, RunError, TracerError
from tracer.expression import Node, Notation, render
from tracer.expression.syntax import Display, Name, walk
from tracer.narrative.blocks import Block, EquationLine, Graph, Heading, Paragraph, Plot, Table
from tracer.narrative.derivation import conventions, derivation
from tracer.narrative.derivation_options import Detail, Options
from tracer.narrative.entries import Focus
from tracer.narrative.loss_paths import loss_paths
from tracer.narrative.pictures import loss_plot, network_graph
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator
from tracer.narrative.steps import Step, StepNarrator
from tracer.narrative.textbook_blocks import textbook_for
from tracer.operations import vocabulary
from tracer.operations.numbers import number_text, written_text
from tracer.program.program import names_in
from tracer.program.scenario import load, loads
from tracer.render.markdown import markdown
from tracer.render.plain import plain
from tracer.render.plots import STRETCHES, reduce_points
from tracer.run.exact import Exact
from tracer.run.interpret import interpret
from tracer.run.runner import run_scenario
from tracer.run.scalar_code import FRACTIONS
from tracer.run.trace import Trace
from tracer.sentences import Sentence

LARGE = """
[data]
X = {shape = [40, 30], init = "normal", seed = 1}
y = {shape = [40], init = "integers", high = 5, seed = 2}
[parameters]
W = {shape = [30, 5], init = "glorot", seed = 3}
b = [0, 0, 0, 0, 0]
[network]
equations = \"\"\"
z = X @ W + b
loss = cross_entropy(z, y)
\"\"\"
[training]
learning_rate = 0.1
iterations = 12
"""


def traced(name: str, *settings: str) -> Trace:
    """Return the trace of a bundled scenario."""
    return run_scenario(load(name, settings=settings))


def text(node: Node | None) -> str:
    """Return an expression in ASCII, '' for none."""
    return "" if node is None else render(node, vocabulary=vocabulary())


def lines(trace: Trace, number: int, **options: object) -> list[str]:
    """Return the lines of an iteration as 'left = formula = substituted = result'."""
    source = Narrator(trace, Options(**options))  # type: ignore[arg-type]
    return [line(step) for step in source.steps(number)]


def line(step: Step) -> str:
    """Return one line as text."""
    parts = [text(step.left), text(step.formula), text(step.substituted), text(step.result)]
    return " = ".join(part for part in parts if part)


def blocks(trace: Trace, **options: object) -> list[Block]:
    """Return all blocks of a derivation."""
    return list(derivation(trace, Options(**options)))  # type: ignore[arg-type]


def test_the_one_weight_demo_reads_as_in_a_textbook() -> None:
    """Each line of the first iteration: formula, numbers put in, result."""
    assert lines(traced("one_weight"), 1) == [
        "y_pred = w * x = 0.5 * 1 = 0.5",
        "loss = (y_pred - y)**2 = (0.5 - 2)**2 = 2.25",
        "dloss/dy_pred = 2 * (y_pred - y) = 2 * (0.5 - 2) = -3",
        "dloss/dw = dloss/dy_pred * x = -3 * 1 = -3",
        "w = w - learning_rate * dloss/dw = 0.5 - 0.1 * (-3) = 0.8",
    ]


def test_fractions_stay_exact_from_iteration_to_iteration() -> None:
    """4/5, not 0.8; the third iteration's weight is 154/125."""
    assert lines(traced("one_weight"), 2, exact=True)[0] == "y_pred = w * x = 4 / 5 * 1 = 4 / 5"
    exact = Exact(traced("one_weight"))
    assert exact.values(3)["w'"] == [Fraction(154, 125)]
    assert exact.values(1)["dloss/dw"] == [Fraction(-3)]


def test_fractions_of_what_is_not_rational_are_refused() -> None:
    """The message names the operation; outgrown fractions are refused too."""
    with pytest.raises(RunError, match="sigmoid"):
        blocks(traced("neuron"), exact=True)
    with pytest.raises(LimitError, match="exceed 40 digits"):
        blocks(traced("one_weight_all_samples", "iterations=60"), exact=True, show=(60,))


def test_operations_have_the_values_of_the_trace_bit_for_bit() -> None:
    """Replaying an iteration operation by operation changes no named value."""
    for name in ("one_weight", "mlp_2_2_2", "xor", "linear_regression"):
        trace = traced(name)
        there = set(trace.iteration(2))
        steps = list(Narrator(trace, Options(detail="operation")).steps(2))
        shared = [step for step in steps if step.equation.name in there]
        assert len(shared) < len(steps)
        for step in shared:
            assert list(step.values) == trace.iteration(2).floats(step.equation.name)


def test_an_operation_a_line() -> None:
    """At operation detail no line holds two operations, and signs and ones stay away."""
    assert lines(traced("one_weight"), 1, detail="operation") == [
        "y_pred = w * x = 0.5 * 1 = 0.5",
        "loss_1 = y_pred - y = 0.5 - 2 = -1.5",
        "loss = loss_1**2 = (-1.5)**2 = 2.25",
        "dloss/dloss_1 = 2 * loss_1 = 2 * (-1.5) = -3",
        "dloss/dy_pred = dloss/dloss_1 = -3 = -3",
        "dloss/dw = dloss/dy_pred * x = -3 * 1 = -3",
        "u_1 = learning_rate * dloss/dw = 0.1 * (-3) = -0.3",
        "w = w - u_1 = 0.5 - (-0.3) = 0.8",
    ]


def test_the_update_says_that_gradients_are_of_the_old_values() -> None:
    """Where a weight that is updated stands in another gradient; not where none does."""

    def said(name: str) -> list[str]:
        found = [block for block in blocks(traced(name)) if isinstance(block, Paragraph)]
        return [text.template for block in found for text in block.sentences]

    (words,) = [text for text in said("mlp_2_2_2") if "with the old {w}" in text]
    assert "{gradient}" in words
    for name in ("one_weight", "optimizers"):  # where each gradient has its own parameter at most
        assert not any("with the old {w}" in text for text in said(name))


def test_one_entry_written_out() -> None:
    """Its use, all entries that the lines take figures from, its gradient, and its update."""
    assert lines(traced("mlp_2_2_2"), 1, focus="W1[0, 1]") == [
        "z1[0] = W1[0, 0] * x[0] + W1[0, 1] * x[1] + b1[0] "
        "= 0.1 * 0.6 + (-0.2) * (-0.4) + 0.1 = 0.24",
        "z1[1] = W1[1, 0] * x[0] + W1[1, 1] * x[1] + b1[1] "
        "= 0.4 * 0.6 + 0.3 * (-0.4) + (-0.1) = 0.02",
        "a1[0] = sigmoid(z1[0]) = sigmoid(0.24) = 0.559714",
        "a1[1] = sigmoid(z1[1]) = sigmoid(0.02) = 0.505000",
        "z2[0] = W2[0, 0] * a1[0] + W2[0, 1] * a1[1] + b2[0] "
        "= 0.7 * 0.559714 + (-0.5) * 0.505000 + 0.2 = 0.339300",
        "z2[1] = W2[1, 0] * a1[0] + W2[1, 1] * a1[1] + b2[1] "
        "= -0.3 * 0.559714 + 0.2 * 0.505000 + 0 = -0.0669141",
        "a2[0] = sigmoid(z2[0]) = sigmoid(0.339300) = 0.584020",
        "a2[1] = sigmoid(z2[1]) = sigmoid(-0.0669141) = 0.483278",
        "loss = ((a2[0] - y[0])**2 + (a2[1] - y[1])**2) / 2 "
        "= ((0.584020 - 0.9)**2 + (0.483278 - 0.2)**2) / 2 = 0.0900447",
        "(dloss/da2)[0] = a2[0] - y[0] = 0.584020 - 0.9 = -0.315980",
        "(dloss/da2)[1] = a2[1] - y[1] = 0.483278 - 0.2 = 0.283278",
        "(dloss/dz2)[0] = (dloss/da2)[0] * a2[0] * (1 - a2[0]) "
        "= -0.315980 * 0.584020 * (1 - 0.584020) = -0.0767643",
        "(dloss/dz2)[1] = (dloss/da2)[1] * a2[1] * (1 - a2[1]) "
        "= 0.283278 * 0.483278 * (1 - 0.483278) = 0.0707402",
        "(dloss/da1)[0] = W2[0, 0] * (dloss/dz2)[0] + W2[1, 0] * (dloss/dz2)[1] "
        "= 0.7 * (-0.0767643) + (-0.3) * 0.0707402 = -0.0749571",
        "(dloss/dz1)[0] = (dloss/da1)[0] * a1[0] * (1 - a1[0]) "
        "= -0.0749571 * 0.559714 * (1 - 0.559714) = -0.0184720",
        "(dloss/dW1)[0, 1] = (dloss/dz1)[0] * x[1] = -0.0184720 * (-0.4) = 0.00738879",
        "W1[0, 1] = W1[0, 1] - learning_rate * (dloss/dW1)[0, 1] "
        "= -0.2 - 0.5 * 0.00738879 = -0.203694",
    ]


@pytest.mark.parametrize(
    ("equations", "marks"),
    [
        ("h0 = w * x\n" + "".join(f"h{at + 1} = tanh(h{at})\n" for at in range(60)), 2),
        ("h = tanh(w * [1, 2, 3, 4, 5, 6])\nh60 = mean(h)\n", 3),  # h, its net input, its slope
        ("h60 = w * x\n", 0),
    ],
)
def test_entries_that_are_left_out_beside_one_are_marked(equations: str, marks: int) -> None:
    """Of a long chain or a wide layer the first and the last are told; the uses of w all are."""
    trace = run_scenario(
        loads(
            "[data]\nx = 1\n[parameters]\nw = 1.5\n[training]\nlearning_rate = 0.1\n"
            f"iterations = 1\n[network]\nequations = '''{equations}loss = h60**2'''"
        )
    )
    steps = list(Narrator(trace, Options(focus="w")).steps(1))
    assert len(steps) < 70
    marked = [step for step in steps if step.remark and "left out" in str(step.remark)]
    assert len(marked) == marks
    assert {step.name for step in steps} >= {"h60", "loss", "dloss/dh60", "dloss/dw", "w"}


def test_each_kind_of_line_is_told_and_what_is_left_out_has_its_values() -> None:
    """Of the block of a transformer each quantity is worked out; a mean has a line of its own."""
    trace = run_scenario(load("transformer_block"))
    steps = list(Narrator(trace, Options(focus="W1[0, 0]")).steps(1))
    told = {step.name.partition("[")[0] for step in steps}
    forward = {item.name for item in trace.program.phase("forward") if not item.base}
    assert forward - told == {"attended"}  # a product with W_o, as Q is one with W_q
    remarks = [step.remark.slots.get("values", ()) for step in steps if step.remark is not None]
    listed = [item for values in remarks if isinstance(values, Sequence) for item in values]
    stated = {item.slots["name"] for item in listed if isinstance(item, Sentence)}
    assert {Name("N1"), Name("attended"), Name("dloss/dR2")} <= stated
    assert all(len(list(walk(step.formula))) < 400 for step in steps)


def test_a_sum_over_paths_is_a_table() -> None:
    """Each path is a row that says what it goes through; the rounded values add up to the sum."""
    found = [
        block
        for block in blocks(traced("mlp_2_2_2"), focus="a1[0]", show=(1,))
        if isinstance(block, Table) and len(block.head) == 3 and len(block.rows) == 3
    ]
    assert len(found) == 1
    cells = [row[2] for row in found[0].rows]
    assert all(isinstance(cell, Display) and cell.kind == "rounded" for cell in cells)
    values = [float(text(cell).removeprefix("≈ ").replace(" ", "")) for cell in cells]  # type: ignore[arg-type]
    assert values[0] + values[1] == pytest.approx(values[2], abs=1e-9)


def test_a_long_sum_shows_its_ends_and_still_adds_up() -> None:
    """Of forty terms the first two and the last two are written, the rest as one number."""
    trace = run_scenario(loads(LARGE))
    gradient = lines(trace, 1, focus="W[3, 2]")[-2]
    assert gradient.count("…") == 1
    assert gradient.startswith("(dloss/dW)[3, 2] = X[0, 3] * (dloss/dz)[0, 2] + X[1, 3]")
    shown = gradient.split(" = ")[2]
    assert shown.count("*") == 4
    assert shown.count("+") == 4


def test_a_long_sum_shows_terms_that_are_not_0() -> None:
    """Three of forty; the dots stand where most are left out."""
    values = [0.0] * 40
    values[7], values[20], values[31] = 2, -3, 5
    scenario = f"""
[data]
x = {values}
[parameters]
w = 0.5
[network]
equations = \"\"\"
loss = sum(w * x)
\"\"\"
loss = "loss"
"""
    (line,) = (it for it in lines(run_scenario(loads(scenario)), 1, focus="w") if "dloss/dw" in it)
    assert line.startswith("dloss/dw = x[7] + … + x[20] + x[31] = 2 + 0 + (-3) + 5 = 4")


def test_a_long_sum_keeps_a_bias_of_0() -> None:
    """It is the only one of its kind, and the formula of the whole has it."""
    page = "".join(markdown(derivation(traced("digit_mlp"), Options()), Notation()))
    found = re.search(r"\(z_\{1\}\)_ \{\d+\} &=", page)
    assert found is not None
    line = page[found.start() :].partition("\\end{aligned}")[0]
    assert "(b_{1})_ {" in line
    assert line.count(r"\cdots") == 2


def test_a_sum_of_thousands_inside_a_formula_is_cut_short_and_still_adds_up() -> None:
    """The mean of 3,000 squares, and a logarithm of as many powers for each of two samples."""
    scenario = loads(
        """
[data]
X = {shape = [2, 3000], init = "normal", seed = 1}
y = {shape = [2], init = "integers", high = 3000, seed = 2}
[parameters]
w = 0.5
[network]
equations = \"\"\"
far = mse(w * X, X)
loss = cross_entropy(w * X, y)
\"\"\"
[training]
learning_rate = 0.1
iterations = 1
"""
    )
    trace = run_scenario(scenario)
    for name in ("far", "loss"):
        source = Narrator(trace, Options(detail="element", focus=name))
        own = next(step for step in source.steps(1) if step.name == name)
        shown = text(own.formula)
        assert shown.count("X[") <= 40
        assert "..." in shown or "…" in shown
        assert own.result is not None
        assert float(text(own.result)) == pytest.approx(trace.iteration(1)[name], rel=1e-5)
        assert own.substituted is not None


MANY_PATHS = '''
data = {x = {shape = [1200], init = "uniform", low = 0, high = 1, seed = 1}}
parameters = {w = 0.5}
[network]
equations = """
h = tanh(w * x)
loss = exp(sum(h)**2 / 1000)
"""
[training]
learning_rate = 1e5
iterations = 4
'''


def test_thousands_of_paths_are_a_short_table_and_still_add_up() -> None:
    """Those between the first and the last are one row; also where the loss is no number."""
    trace = run_scenario(loads(MANY_PATHS))
    assert trace.fault is not None
    for number in (1, trace.fault.iteration):
        blocks = list(derivation(trace, Options(show=(number,), detail="element")))
        assert len("".join(plain(blocks, notation_of(trace)))) < 10_000
    rows = next(item.rows for item in derivation(trace, Options(focus="w")) if is_ways(item))
    assert len(rows) == 14
    cells = [it.parts[0] if isinstance(it, Display) else it for *_, it in rows]
    figures = [interpret(each, FRACTIONS, {}.get) for each in cells]  # type: ignore[arg-type]
    assert float(sum(figures[:-1])) == pytest.approx(float(figures[-1]), rel=1e-4)


def is_ways(block: Block) -> TypeGuard[Table]:
    """Say whether a block is the table of all paths."""
    return isinstance(block, Table) and getattr(block.head[0], "template", "") == "path"


def test_a_large_network_stays_readable() -> None:
    """Shapes and ranges instead of numbers; never more than a few hundred blocks."""
    trace = run_scenario(loads(LARGE))
    told = blocks(trace)
    assert len(told) < 300
    extents = [block for block in told if isinstance(block, EquationLine) and block.extent]
    assert extents
    assert all(block.result is None for block in extents)
    headings = [block for block in told if isinstance(block, Heading) and block.level == 2]
    numbers = [block.text.slots["number"] for block in headings if "number" in block.text.slots]
    assert numbers == [1]


def test_a_chain_goes_through_to_the_data() -> None:
    """With --chain a gradient is also one line of forward quantities."""
    chains = [
        block
        for block in blocks(traced("one_weight"), chain=True, show=(1,))
        if isinstance(block, EquationLine) and text(block.formula) == "2 * (y_pred - y) * x"
    ]
    assert [text(block.substituted) for block in chains] == ["2 * (0.5 - 2) * 1"]
    assert [text(block.result) for block in chains] == ["-3"]


def test_a_deep_chain_stays_short() -> None:
    """Putting in stops before a line outgrows a page."""
    layers = "\n".join(f"h{n} = tanh(w * h{n - 1} + b)" for n in range(1, 30))
    trace = tracer.trace(
        equations=f"h0 = x\n{layers}\nloss = (h29 - y)**2",
        data={"x": 1, "y": 0.5},
        parameters={"w": 0.9, "b": 0.1},
        learning_rate=0.1,
        iterations=1,
    )
    longest = max(
        len(text(block.formula))
        for block in blocks(trace, chain=True, show=(1,))
        if isinstance(block, EquationLine)
    )
    assert longest < 1500


@pytest.mark.parametrize(
    ("focus", "message"),
    [
        ("W1[7, 1]", r"W1\[7, 1\] is not an entry of W1"),
        ("W1[0]", r"W1\[0\] is not an entry of W1"),
        ("Wq[0]", "there is no quantity Wq"),
        ("W1[0,", "the expression ends too early"),
        ("W1 + 2", r"W1 \+ 2 is not an entry"),
        ("learning_rate[1]", r"learning_rate\[1\] is not an entry"),
    ],
)
def test_a_focus_that_is_not_there_is_one_message(focus: str, message: str) -> None:
    """What is asked for and what is there stand in the message."""
    with pytest.raises(TracerError, match=message):
        blocks(traced("mlp_2_2_2"), focus=focus)


def test_a_summary_has_the_table_and_no_iterations() -> None:
    """The shortest detail: what is given, all iterations in one table, the curve."""
    told = blocks(traced("one_weight"), detail="summary")
    assert not any(isinstance(block, EquationLine) for block in told)
    assert sum(isinstance(block, Table) for block in told) == 2
    assert sum(isinstance(block, Plot) for block in told) == 1


def test_the_network_is_a_graph_of_its_quantities() -> None:
    """An arrow leads from each quantity to what is computed from it."""
    graph = network_graph(traced("one_weight").program)
    assert isinstance(graph, Graph)
    names = {node.id: text(node.label) for node in graph.nodes}
    edges = {(names[start], names[end]) for start, end in graph.edges}
    assert edges == {("w", "y_pred"), ("x", "y_pred"), ("y_pred", "loss"), ("y", "loss")}


def test_the_graph_shows_values_and_gradients_of_an_iteration() -> None:
    """A number has its value, and its gradient where one comes back; a large array its shape."""
    trace = traced("one_weight")
    graph = network_graph(trace.program, iteration=trace.iteration(1))
    assert isinstance(graph, Graph)
    assert {
        text(node.label): [tuple(map(text, it.children())) for it in node.figures]
        for node in graph.nodes
    } == {
        "x": [("x", "1")],
        "y": [("y", "2")],
        "w": [("w", "0.5"), ("dloss/dw", "-3")],
        "y_pred": [("y_pred", "0.5"), ("dloss/dy_pred", "-3")],
        "loss": [("loss", "2.25")],
    }
    large = traced("digit_cnn")
    shown = network_graph(large.program, iteration=large.iteration(1))
    assert isinstance(shown, Graph)
    assert {text(node.label) for node in shown.nodes if not node.figures} >= {"kernel", "z1", "W"}


@pytest.mark.parametrize("name", ["rnn_step", "batch_norm", "softmax_example"])
def test_an_arrow_of_a_picture_leads_to_what_is_computed_from_a_quantity(name: str) -> None:
    """In an iteration too, where shares of gradients come back along several arrows."""
    trace = traced(name)
    assert any(item.path for item in trace.program.phase("backward"))
    shown, plain = (network_graph(trace.program, iteration=it) for it in (trace.iteration(1), None))
    assert shown is not None
    assert plain is not None
    assert shown.edges == plain.edges
    assert [node.label for node in shown.nodes] == [node.label for node in plain.nodes]


@pytest.mark.parametrize(("name", "is_said"), [("perceptron", False), ("neuron", True)])
def test_a_picture_speaks_of_gradients_where_it_has_any(name: str, is_said: bool) -> None:
    """The perceptron's rule has none."""
    trace = traced(name)
    graph = network_graph(trace.program, iteration=trace.iteration(1))
    assert graph is not None
    assert ("gradients that come back" in str(graph.caption)) == is_said


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("perceptron", ["w[0]", "w[1]", "b"]),
        ("digit_cnn", []),  # of 110 numbers not two by themselves
    ],
)
def test_the_table_of_iterations_has_the_entries_of_small_weights(
    name: str, before: Sequence[str]
) -> None:
    """Where those of all parameters have room, or else of none."""
    (table,) = [it for it in derivation(traced(name), Options()) if isinstance(it, Table)][-1:]
    titles = [it for it in table.head if isinstance(it, Sentence) and "before" in it.template]
    entries = [it.slots["name"] for it in titles]
    assert [text(it) for it in entries if isinstance(it, Node)] == before


def test_the_table_of_iterations_has_gradients_in_the_order_of_parameters() -> None:
    """Though the backward pass comes to them in another."""
    given = "[parameters]\nw = 0.5\nb = 1\n"
    network = "[network]\nequations = 'loss = (w * 3 + b)**2'\n"
    training = "[training]\nlearning_rate = 0.01\niterations = 2\n"
    trace = run_scenario(loads(given + network + training))
    tables = [it for it in derivation(trace, Options()) if isinstance(it, Table)]
    heads = [[it.id for it in table.head if isinstance(it, Name)] for table in tables]
    assert ["loss", "dloss/dw", "dloss/db"] in heads


def test_the_curve_of_a_long_run_is_thinned_but_keeps_its_ends_and_extremes() -> None:
    """Ten thousand iterations become some hundred points."""
    trace = traced("one_weight", "iterations=10000", "learning_rate=0.001")
    plot = loss_plot(trace, "loss", 6)
    assert isinstance(plot, Plot)
    points = reduce_points(plot.series[0].points, STRETCHES)
    assert len(points) <= 450
    assert points[0] == (1.0, 2.25)
    assert points[-1][0] == 10000.0
    assert all(math.isfinite(height) for _, height in points)


def test_a_run_that_diverges_says_where() -> None:
    """The last line told is the quantity that is no finite number."""
    trace = traced("one_weight", "learning_rate=1e200")
    told = lines(trace, 2)
    assert told[-1].startswith("loss = (y_pred - y)**2")
    words = [
        sentence.template
        for block in blocks(trace)
        if hasattr(block, "sentences")
        for sentence in block.sentences
    ]
    assert any("The run stops in iteration" in template for template in words)


def test_a_scenario_may_ask_for_curves() -> None:
    """[plot] draws vectors over one of them, from the numbers of the record."""
    trace = traced("activations")
    (curves,) = (block for block in blocks(trace, detail="summary") if isinstance(block, Plot))
    assert len(curves.series) == 6
    x, sigmoid = trace.iteration(1)["x"], trace.iteration(1)["y_sigmoid"]
    assert curves.series[0].points == list(zip(x.tolist(), sigmoid.tolist(), strict=True))


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ('over = "x"\nquantities = ["z"]', "there is no quantity of this name; found z"),
        ('over = "x"\nquantities = ["loss"]', "loss is not a vector as long as x"),
        ('quantities = ["h"]', r"\[plot\] needs over"),
        ('over = "x"\nquantities = ["h"]\ncolor = "red"', "unknown key “color”"),
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(wish: str, message: str) -> None:
    """The message names the table, what was found and what was expected."""
    text = (
        "[data]\nx = [1, 2, 3]\n[parameters]\nw = 2\n[network]\nequations = '''\n"
        f"h = w * x\nloss = mean(h)\n'''\n[plot]\n{wish}\n"
    )
    with pytest.raises(TracerError, match=message):
        run_scenario(loads(text))


def test_what_the_loss_does_not_depend_on_is_named_where_the_walk_back_begins() -> None:
    """The Jacobian matrix of softmax_example stands aside; in mlp_2_2_2 all leads to the loss."""
    for name, words in (
        ("softmax_example", "L is computed without J, g and error, so no gradient"),
        ("mlp_2_2_2", ""),
    ):
        trace = traced(name)
        page = "".join(plain(derivation(trace, Options()), notation_of(trace)))
        assert words in page
        assert page.count("no gradient comes back there") == bool(words)


def test_rules_are_named_at_the_first_line_with_numbers_that_applies_them() -> None:
    """Once for all iterations: xor has two layers of the same rules."""
    trace = traced("xor")
    page = "".join(markdown(derivation(trace, Options(show=(1, 2))), notation_of(trace)))
    rest = page.partition("## Iteration 1")[2]
    rules = re.findall(r"By: (.*)\.", rest)
    assert len(rules) == len(set(rules)) > 3
    sigmoid = rest.index("By: chain rule, derivative of the sigmoid.")
    assert rest[:sigmoid].rstrip().endswith("$$")
    assert sigmoid < rest.index("## Iteration 2")


def test_a_mask_of_a_variant_is_worked_out_and_explained() -> None:
    """An entry behind a mask is infinite; what the mask does, also on the way back, is said."""
    trace = run_scenario(load("self_attention").variant("causal"))
    page = "".join(plain(derivation(trace, Options()), notation_of(trace)))
    assert "causal mask: a score whose key comes after its query" in page


def test_the_entry_worked_out_in_full_is_one_that_is_not_0() -> None:
    """The share of the first step of rnn_step is 0 throughout: the second one is opened."""
    trace = traced("rnn_step")
    source = Narrator(trace, Options())
    steps = {step.name: step for step in source.steps(1)}
    iteration = trace.iteration(1)
    opened = {
        number: [
            block
            for block in source.tell_entry(iteration, steps[f"dloss/dW_h#{number}"])
            if isinstance(block, EquationLine)
        ]
        for number in (1, 2, 3)
    }
    assert [len(opened[number]) for number in (1, 2, 3)] == [0, 1, 0]
    assert text(opened[2][0].result) != "0"
    line = next(line for line in _opened(traced("xor"), "z1") if line.result is not None)
    assert text(line.result) != "0"


def test_a_sum_that_is_0_is_opened_where_its_terms_are_not() -> None:
    """The second entry has 1 - 1 = 0; the first one 0 + 0 = 0, which shows nothing."""
    data = "[data]\nx = [[0, 1], [0, -1]]\n[parameters]\nb = [0, 0]\n"
    network = "[network]\nequations = 'y = b + 1\\nloss = sum(x * y)'\n".replace("'", '"')
    trace = run_scenario(loads(f"{data}{network}[training]\nlearning_rate = 1\niterations = 1\n"))
    page = "".join(plain(derivation(trace, Options()), notation_of(trace)))
    assert "(∂L/∂y)₂ = x₁₂ + x₂₂ = 1 − 1 = 0" in page


def test_a_sum_of_one_entry_is_worked_out_by_its_line() -> None:
    """Of the perceptron's one error a line has been put in; no other says the same again."""
    trace = traced("perceptron")
    page = "".join(plain(derivation(trace, Options()), notation_of(trace)))
    assert page.count("b ← b + error = 0 + 1 = 1") == 1


def _opened(trace: Trace, name: str) -> list[EquationLine]:
    """Return the entry of a step that is worked out in full."""
    source = Narrator(trace, Options())
    step = next(step for step in source.steps(1) if step.name == name)
    blocks = source.tell_entry(trace.iteration(1), step)
    return [block for block in blocks if isinstance(block, EquationLine)]


def test_an_entry_of_joined_pieces_is_told_by_the_piece_it_is_of() -> None:
    """A stack without a name has no entries of its own: (o₁)₁ takes (s₁)₁ and (context₁)₁."""
    trace = traced("seq2seq_attention")
    page = list(plain(derivation(trace, Options(focus="U[0, 0]")), notation_of(trace)))
    formula = "(o₁)₁ = U₁₁·(s₁)₁ + U₁₂·(s₁)₂ + U₁₃·(context₁)₁ + U₁₄·(context₁)₂ + d₁"
    assert any(formula in block for block in page)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.8411875, "0.841188"), (-0.00195312500001, "-0.00195313"), (0.8411874, "0.841187")],
)
def test_a_half_goes_away_from_zero(value: float, text: str) -> None:
    """So people round; the float of 0.8411875 lies just below it."""
    assert number_text(value, 6) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(-1e9, "-1e9"), (2.5e9, "2.5e9"), (1e6, "1000000"), (12345678.0, "12345678"), (-0.0, "0")],
)
def test_a_whole_number_with_many_zeros_is_a_power_of_ten(value: float, text: str) -> None:
    """A mask's -1e9 is written so whether a run has computed it or a scenario gives it."""
    assert number_text(value, 6) == written_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.00025, "0.00025"), (2.5e-5, "2.5e-5"), (-0.00001, "-1e-5"), (0.0, "0")],
)
def test_a_small_number_is_a_power_of_ten(value: float, text: str) -> None:
    """Below 0.0001 nobody counts zeros, also not in what a file gives."""
    given = Decimal(f"{value:f}")
    assert number_text(value, 6) == written_text(value) == written_text(given) == text


@pytest.mark.parametrize(
    ("scenario", "focus", "gradient", "word"),
    [("mlp_2_2_2", "W1[0, 0]", "dloss/dz2", "igmoid"), ("rnn_step", "b[0]", "dloss/dz[3]", "tanh")],
)
def test_an_entry_is_told_by_its_own_slope(
    scenario: str, focus: str, gradient: str, word: str
) -> None:
    """The slope in the sentence is that of this entry: its gradient over the one that comes in."""
    trace = traced(scenario)
    iteration = trace.iteration(1)
    above = {"dloss/dz2": "dloss/da2", "dloss/dz[3]": "dloss/dh[3]"}[gradient]
    pairs = zip(iteration.floats(gradient), iteration.floats(above), strict=True)
    slopes = [number_text(after / before, 6) for after, before in pairs]
    steps = [
        step
        for step in Narrator(trace, Options(focus=focus)).steps(1)
        if step.equation.name.startswith(f"{gradient}[")
    ]
    assert steps
    for step in steps:
        own = slopes[int(step.equation.name[len(gradient) + 1 : -1])]
        said = [it for it in step.reasons if word in it.reason.full]
        assert said
        assert {*said[0].figures.values()} >= {own}
        assert said[0].reason.id in ("sigmoid.slope", "tanh.slope")


def test_a_part_without_a_name_has_its_line_once() -> None:
    """Two equations of batch_norm are made of z - m: its numbers stand once in an iteration."""
    trace = traced("batch_norm")
    page = "".join(plain(derivation(trace, Options()), notation_of(trace)))
    assert page.count("    z − mᵀ = ") == 1


def test_a_run_that_ends_in_no_number_shows_what_was_put_in() -> None:
    """The line of the first value that is none has its numbers, and its iteration is shown."""
    given = "[parameters]\nw = {}\n[network]\nequations = 'p = log(w); loss = p * p'\n"
    given = given.replace("; ", "\\n").replace("'", '"')
    training = "[training]\nlearning_rate = {}\niterations = 5\n"
    at_once = run_scenario(loads(given.format(-0.5) + training.format(0.1)))
    assert "p = ln(w) = ln(−0.5)" in "".join(plain(blocks(at_once), notation_of(at_once)))
    later = run_scenario(loads(given.format(2) + training.format(10)))
    assert later.fault is not None
    shown = [block.text for block in blocks(later) if isinstance(block, Heading)]
    numbers = [title.slots["number"] for title in shown if "number" in title.slots]
    assert numbers == [1, later.fault.iteration]
    page = "".join(plain(blocks(later), notation_of(later)))
    assert "p = ln(w) = ln(−" in page
    grown = traced("one_weight", "training.learning_rate=1e60", "training.iterations=12")
    page = "".join(plain(blocks(grown), notation_of(grown)))
    assert "iterations the first and the last are shown" in page


def test_a_share_straight_into_the_loss_is_no_way_through_it() -> None:
    """A penalty on w: one share comes via the prediction, the other stands in the loss itself."""
    text = "[parameters]\nw = 2\n[network]\nequations = 'p = 3 * w; loss = p**2 + w**2'\n"
    text += "[training]\nlearning_rate = 0.1\niterations = 2\n"
    trace = run_scenario(loads(text.replace("; ", "\\n").replace("'", '"')))
    page = "".join(plain(blocks(trace), notation_of(trace)))
    assert "_{via p}" in page
    assert "_{into L}" in page
    assert "_{via L}" not in page


@pytest.mark.parametrize(
    ("name", "is_said"),
    [
        ("mlp_2_2_2", True),
        ("linear_regression", True),
        ("one_weight", False),
        ("one_weight_sum", False),
        ("one_weight_all_samples", False),
        ("softmax_example", True),  # exp(z), and a fraction of it
    ],
)
def test_what_is_done_to_arrays_entry_by_entry_is_said_where_there_are_any(
    name: str, is_said: bool
) -> None:
    """A column has no power, and no number is added to one; of it a multiple needs no words."""
    trace = run_scenario(load(name), record="checkpoints")
    sentences = [str(sentence) for sentence in conventions(trace, "textbook")]
    assert any("taken entry by entry" in sentence for sentence in sentences) == is_said


def test_an_array_that_is_written_by_its_entries_has_letters_of_its_own() -> None:
    """Where it stands below indices, as i and j of a maximum, they are not used again."""
    trace = run_scenario(load("rnn_language_model"), record="checkpoints")
    built = trace.iteration(1).built
    equation = built.program.equation("same_row")
    drawn = render(textbook_for(built).expression(equation.expression), "unicode")
    assert "wordsₖ + 1 = l" in drawn
    assert drawn.startswith("max_{i, j}")


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("rnn_step", "A matrix with one subscript", "A row beside a matrix"),
        ("digit_mlp", "A row beside a matrix", "A matrix with one subscript"),
        ("mlp_2_2_2", "Functions of one number", "A matrix with one subscript"),
        ("digit_cnn", "accuracy: the share of samples whose largest score", "class 1"),
        ("digit_cnn", "cross-entropy: takes logits", "the mean over the samples"),
        ("seq2seq", "labels count from 0; the mean over the samples", "class 1"),
        ("xor", "of probabilities of class 1", "largest score"),
        ("ngram_cnn", "its filter gives", "padding"),
    ],
)
def test_what_shapes_leave_open_is_said_where_it_is(name: str, said: str, unsaid: str) -> None:
    """Why x₁ is a column, and which rows a row goes with."""
    text = " ".join(map(str, conventions(traced(name), "textbook")))
    assert said in text
    assert unsaid not in text


@pytest.mark.parametrize(
    ("name", "words", "is_said"),
    [
        ("perceptron", "step(0) = 0", True),
        ("perceptron", "the derivative of |x|", False),  # nothing is differentiated
        ("activations", "the derivative of ReLU at 0", True),
        ("losses", "the share of samples", False),  # no table has the metric
        ("digit_cnn", "the share of samples", True),
        ("losses", "one-hot", False),  # drawn as 1[labels = j]
    ],
)
def test_a_convention_is_listed_where_what_it_is_of_is_printed(
    name: str, words: str, is_said: bool
) -> None:
    """Derivatives, metrics and operations that a textbook writes in another way."""
    page = "".join(markdown(derivation(traced(name), Options()), notation_of(traced(name))))
    assert (words in page.partition("## What is given")[0].replace("\\", "")) == is_said


@pytest.mark.parametrize(("lines", "is_said"), [("relu(w)", True), ("w\nrest = relu(w)", False)])
def test_a_convention_of_a_derivative_is_told_of_what_the_loss_needs(
    lines: str, *, is_said: bool
) -> None:
    """What is computed beside the loss is not differentiated."""
    trace = run_scenario(
        written("x = 1", "w = 2", f"h = {lines}\nloss = h * x", "iterations = 1\nlearning_rate = 1")
    )
    assert any("derivative of ReLU" in str(it) for it in conventions(trace)) == is_said


@pytest.mark.parametrize(
    ("name", "words", "is_said"),
    [
        ("one_weight", "an entry of a matrix", False),
        ("mlp_2_2_2", "an entry of a matrix", True),
        ("one_weight", "The gradient of an array", False),
        ("mlp_2_2_2", "The gradient of an array", True),
        ("optimizers", "of a column or a matrix", False),
        ("mlp_2_2_2", "of a column or a matrix", True),
    ],
)
def test_columns_and_matrices_are_spoken_of_where_there_are_any(
    name: str, words: str, is_said: bool
) -> None:
    """A page of single numbers says nothing of arrays."""
    trace = traced(name)
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert (words in page) == is_said


@pytest.mark.parametrize("detail", ["equation", "operation", "element"])
@pytest.mark.parametrize(("decay", "count"), [(0, 0), (0.1, 1)])
def test_a_decay_of_0_has_no_line(detail: Detail, decay: float, count: int) -> None:
    """The update goes on from the parameter itself, which the decay leaves as it is."""
    settings = f'optimizer = "lion"\nweight_decay = {decay}\nlearning_rate = 0.1\niterations = 1'
    network = '[network]\nequations = "loss = (w - 3)**2"\nloss = "loss"\n'
    trace = run_scenario(loads(f"[parameters]\nw = 1\n{network}[training]\n{settings}"))
    steps = [*Narrator(trace, Options(detail=detail)).steps(1)]
    names = [step.equation.name for step in steps if not step.equation.base]
    assert len([name for name in names if name.startswith("decayed")]) == count
    assert text(steps[-1].formula).startswith("decayed" if count else "w -")
    if not count:
        assert not [step for step in steps if "weight_decay" in names_in(step.formula)]


@pytest.mark.parametrize(
    ("name", "sign", "words"),
    [
        ("mlp_2_2_2", "\\sigma(", "$\\sigma(u) ="),
        ("mlp_2_2_2", "\\sigma'(", "The prime in $\\sigma'(z_{2})$ marks the derivative"),
        ("mlp_2_2_2", "\\odot", "In $u \\odot v$ the entries at the same place"),
        ("mlp_2_2_2", "^{\\top}", "$A^{\\top}$ is $A$ with rows and columns exchanged"),
        ("self_attention", "^{\\top}", "$M^{\\top}$ is $M$ with rows"),  # A is its weights
        ("one_weight", "\\partial \\hat{y}}", "is the gradient of $L$ with respect to"),
        ("seq2seq_attention", "]_ {ij}", "is the array whose entry at place $i, j$"),
        ("seq2seq_attention", "_ {3:4}", "$3:4$ in place of a subscript stands for"),
        ("rnn_step", "\\text{via }", "A gradient with “via” below it is a share"),
        ("ngram_cnn", "\\ast", "In $k \\ast g$, a convolution, each filter of $k$ is flipped"),
        ("ngram_cnn", "z_{h_{1}}", "is the net input of $h_{1}$"),
    ],
)
def test_a_sign_is_explained_behind_the_first_line_that_has_it(
    name: str, sign: str, words: str
) -> None:
    """Once a page, in the list of equations or in an iteration."""
    trace = traced(name)
    pieces = list(markdown(derivation(trace, Options(show=(1, 2))), notation_of(trace)))
    page = "".join(pieces)
    assert page.count(words) == 1
    before = page[: page.index(words)]
    body = before[before.index("## The network") :].partition("```\n")[2]
    lines = [it for it in body.split("\n\n") if it.startswith("$$") and "align" not in it]
    assert not [it for it in lines[:-1] if sign in it]
    assert sign in body.split("$$")[-2]


def test_a_page_without_a_flipped_kernel_says_nothing_of_it() -> None:
    """Where no gradient goes back through a convolution to its input."""
    trace = traced("digit_cnn")
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert "⋆ is a cross-correlation" in page
    assert "∗" not in page
    assert "flipped along" not in page


@pytest.mark.parametrize(
    ("name", "side"),
    [
        (
            "four_layer_classifier",
            r"-\bigl(\ln(0.120931) + \ln(0.110834) + \underbrace{\cdots}_ {-6",
        ),
        ("gpt2_mlp", r"0.5\thinspace (1 + \tanh(-0.000303008))"),
    ],
)
def test_what_a_function_is_of_is_worked_out_before_the_result(name: str, side: str) -> None:
    """The share whose logarithm a loss is, where the share is written out in the line."""
    trace = traced(name)
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert f"&\\approx {side}" in page


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("digit_mlp", r"-\ln(p_{\mathrm{digit} + 1}) = -\ln(0.0914111) \approx"),
        ("ngram_cnn", r"&= -\frac{\ln(0.539915) + \ln(0.540181)}{2}"),
    ],
)
def test_a_loss_goes_by_the_softmax_that_has_a_line_of_its_own(name: str, side: str) -> None:
    """The value of p stands there already: it is put in, and not worked out once more."""
    trace = traced(name)
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert side in page
    assert r"\mathrm{softmax}" not in page[page.index("**Loss**") : page.index("## Iteration 1")]


def test_a_function_of_a_plain_number_has_no_such_side() -> None:
    """The logarithms of probabilities that have a line of their own, or of 1 minus one."""
    for name in ("softmax_example", "mlp_2_2_2"):
        steps = Narrator(traced(name), Options()).steps(1)
        assert all(step.reduced is None for step in steps)


@pytest.mark.parametrize("name", ["mlp_2_2_2", "transformer_block"])
def test_a_gradient_is_printed_once_with_its_numbers(name: str) -> None:
    """Before the iteration stand the equations of the network and of its loss alone."""
    trace = traced(name)
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    equations = page[page.index("## The equations") : page.index("## Iteration 1")]
    assert "L =" in equations
    assert "partial" not in equations


def test_a_sum_inside_a_long_sum_is_cut_as_well() -> None:
    """With what all left-out terms come to; a short formula stays whole."""
    trace = traced("activations")
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert r"0.00669285 - 0.999909 + \underbrace{\cdots}_ {148.959}{} + 5.00000 + 5.00000" in page
    trace = traced("digit_cnn")
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert r"+ e^{1.47112} + e^{-0.389652}\biggr) \cr" in page


def test_the_slope_of_a_power_is_written_out() -> None:
    """Also where a ½ cancels its 2, or the line has the product of the two and another number."""
    trace = traced("optimizers")
    page = " ".join("".join(plain(derivation(trace, Options()), notation_of(trace))).split())
    assert "the slope of q² is 2·q. In the formula above this 2 and the other numbers" in page
    assert "the slope of p² is 2·p. The other numbers of the product cancel this 2" in page


CROWDED = """
[data]
x = 1.5
y = -0.5
[parameters]
w = 0.8
b = 0.1
[network]
equations = "z = w * x + b\\na = tanh(z)\\ne = a - y\\nloss = where(step(abs(e) - 1), abs(e), e**2)"
[training]
learning_rate = 0.3
iterations = 2
"""


def test_the_table_of_iterations_keeps_the_parameters_where_it_has_no_room_for_all() -> None:
    """What is computed in between is left out first."""
    trace = run_scenario(loads(CROWDED))
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert "| iteration | $w$ before | $b$ before | $L$ | " in page
    assert "| $w$ after | $b$ after |" in page


def test_a_gradient_is_explained_before_what_is_made_of_it() -> None:
    """A share of it has “via” below: what a gradient is stands first."""
    trace = traced("rnn_step")
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert page.index("is the gradient of $L$") < page.index("A gradient with “via”")


def test_a_setting_is_called_by_its_key_too() -> None:
    """η alone does not say what it is, nor how a command changes it."""
    trace = traced("one_weight")
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert "| $\\eta$ | setting `learning_rate` |" in page


TWICE = {
    "cross_entropy(softmax(s), y)": ["cross-entropy applies softmax itself"],
    "cross_entropy(p, y)": ["cross-entropy applies softmax itself"],
    "bce_with_logits(sigmoid(s), [0, 1, 0])": ["binary cross-entropy applies sigmoid itself"],
    "cross_entropy(s, y)": [],
    "nll(p, y)": [],
    "bce(sigmoid(s), [0, 1, 0])": [],
}


@pytest.mark.parametrize("loss", TWICE)
def test_a_function_that_a_loss_applies_to_its_own_result_is_remarked_once(loss: str) -> None:
    """Softmax of a softmax trains, slowly: nobody sees why unless it is said."""
    equations = f"s = W @ x\np = softmax(s)\nloss = {loss} + 0 * sum(p)"
    text = f"""
        [data]
        x = [[1, 2], [3, 4]]
        y = [0, 1]
        [parameters]
        W = [[1, 0], [0, 1], [1, 1]]
        [network]
        equations = '''{equations}'''
        [training]
        optimizer = "sgd"
        learning_rate = 0.1
        iterations = 1
        sample = 1
    """
    trace = run_scenario(loads(text))
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert page.count("applies") == len(TWICE[loss])
    assert all(words in page for words in TWICE[loss])
    metrics = [item.name for item in trace.program.phase("metric")]
    assert page.count("belongs to the one sample that an iteration sees.") == len(metrics)


@pytest.mark.parametrize("digits", [3, 6, 9])
def test_losses_have_as_many_digits_in_the_verdict_as_in_the_table(digits: int) -> None:
    """One value, one figure, also below the iterations."""
    trace = traced("rnn_step")
    page = "".join(markdown(derivation(trace, Options(digits)), notation_of(trace)))
    first = number_text(trace.floats("loss")[0], digits)
    assert f"from ${first}$ to" in page.partition("## What happened")[2]


NORMS = """
[data]
X = [[1, 2, 4], [3, 5, -2]]
target = [[1, 0, 0], [0, 1, 0]]
[parameters]
gain = [1, 0.5, 2]
[network]
equations = '''
N = layer_norm(X, gain, zeros((3,)))
loss = mse(N, target)
'''
[training]
learning_rate = 0.1
iterations = 1
"""


def test_a_sum_over_rows_names_the_mean_and_the_variance_of_each_row() -> None:
    """A gain's gradient has all rows in it; their signs stand in the paths that it sums up too."""
    trace = run_scenario(loads(NORMS))
    page = "".join(
        markdown(derivation(trace, Options(detail="element", focus="gain[0]")), notation_of(trace))
    )
    lines = page.replace("_ {", "_{").splitlines()
    begin = r"\left(\frac{\partial L}{\partial \mathrm{gain}}\right)_{1} &= "
    at = next(at for at, line in enumerate(lines) if line.startswith(begin))
    for line, row in (lines[at], 1), (lines[at + 1], 2):
        signs = rf"\mu(X)_{{{row}}}", rf"\mathrm{{Var}}(X)_{{{row}}}"
        assert rf"\frac{{X_{{{row}1}} - {signs[0]}}}{{\sqrt{{{signs[1]} + 10^{{-5}}}}}}" in line
        for sign in signs:
            assert (
                sum(re.match(rf"(\$\$)?{re.escape(sign)} &?= ", line) is not None for line in lines)
                == 1
            )
    (table_row,) = (line for line in lines if line.startswith("| through $N_{21}$ | "))
    assert r"X_{21} - \mu(X)_{2}" in table_row


@pytest.mark.parametrize("detail", ["equation", "operation", "element"])
@pytest.mark.parametrize("lines", ["a = W[argmax(x)]", "k = argmax(V @ x)\na = W[k]"])
def test_ids_may_be_computed(lines: str, detail: Detail) -> None:
    """Element forms take the ids that the run has, also those of no input."""
    trace = run_scenario(
        loads(
            "[data]\nx = [0.25, 0.5]\n"
            "[parameters]\nW = [[2, 1], [3, 4]]\nV = [[1, 0], [0, 1]]\n"
            f'[network]\nequations = """\n{lines}\nloss = sum(a**2)\n"""\n'
            '[training]\noptimizer = "sgd"\nlearning_rate = 0.1\niterations = 2\n',
            name="ids",
        )
    )
    notation = notation_of(trace, operations=detail == "operation")
    assert "argmax" in "".join(markdown(derivation(trace, Options(detail=detail)), notation))
    (path,) = loss_paths(trace.iteration(1), Focus("W", (1, 0)), StepNarrator())
    assert path.value == 6.0


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            "[0, 0, 0, 1]",
            "In iterations 1 to 3 no parameter changes; iteration 4 is the first with an update.",
        ),
        ("[0, 1, 1, 0]", "In iteration 1 no parameter changes; iteration 2 is the first with"),
        ("[1, 1, 1, 1]", "Of 4 iterations the first is shown."),
        ("[0, 0, 0, 0]", "Of 4 iterations the first is shown."),
    ],
)
def test_the_first_iteration_that_changes_a_parameter_is_shown(data: str, told: str) -> None:
    """A run in which nothing ever changes shows its first."""
    given = f"x = {data}\ny = [1, 1, 1, 1]"
    training = "learning_rate = 0.1\nbatch_size = 1\niterations = 4"
    trace = run_scenario(written(given, "w = 1.5", "loss = mean((w * x - y)**2)", training))
    page = "".join(plain(derivation(trace, Options()), notation_of(trace)))
    assert told in " ".join(page.split())


@pytest.mark.parametrize(
    ("training", "head", "state"),
    [
        ("", "The computation", "w is 1.5."),
        (
            "learning_rate = 0.1\niterations = 1\nsample = 1\n",
            "Iteration 1",
            "Sample 2 of 2: x = 2, y = 4; w starts at 1.5.",
        ),
    ],
)
def test_what_is_computed_once_is_no_iteration(training: str, head: str, state: str) -> None:
    """Nothing starts where nothing is updated; what a step sees is one sentence."""
    given = "[data]\nx = [1, 2]\ny = [2, 4]\n[parameters]\nw = 1.5\n"
    network = "[network]\nequations = 'loss = sum((w * x - y)**2)'\nloss = 'loss'\n"
    trace = run_scenario(loads(given + network + (training and f"[training]\n{training}")))
    page = "".join(plain(derivation(trace, Options()), notation_of(trace)))
    assert f"{head} {state}" in " ".join(page.split())


@pytest.mark.parametrize(
    ("settings", "rows"),
    [
        (("optimizer=adam",), 2),
        (("optimizer=momentum",), 2),
        (("optimizer=sgd",), 0),  # one line each
        (("optimizer=adam", "trainable=['w1', 'w2']"), 0),  # only two
    ],
)
def test_parameters_that_are_updated_alike_are_a_table(
    settings: tuple[str, ...], rows: int
) -> None:
    """The first is told in full; of the others the table has what the run has."""
    trace = traced("neuron", *settings)
    told = list(derivation(trace, Options()))
    tables = [it for it in told if isinstance(it, Table) and str(it.head[0]) == "parameter"]
    assert [len(table.rows) for table in tables] == ([rows] if rows else [])
    lefts = [it.left for it in told if isinstance(it, EquationLine) and it.arrow]
    assert (Name("w2") in lefts) == (not rows)
    first = trace.iteration(1)
    for table in tables:
        for name, cells in zip(("w2", "b"), table.rows, strict=True):
            values = [first[f"dloss/d{name}"], first[f"{name}'"]]
            nodes = [cell for cell in cells if isinstance(cell, Node)]
            assert list(map(text, nodes)) == [name, *(number_text(it, 6) for it in values)]


@pytest.mark.parametrize(("x", "iteration"), [(1, 2), (10, 1)])
def test_an_iteration_that_breaks_off_has_no_table_of_updates(x: int, iteration: int) -> None:
    """On its way forward there are no new values; in the update one of them is no number."""
    weights, training = "a = 0.1\nb = 0.1\nc = 0.1", "learning_rate = 1e308\niterations = 3"
    network = (f"x = {x}", weights, "loss = (a * x + b * x + c * x)**2")
    trace = run_scenario(written(*network, f"optimizer = 'momentum'\n{training}"))
    assert trace.fault is not None
    assert trace.fault.iteration == iteration
    told = list(derivation(trace, Options(show=(trace.fault.iteration,))))
    assert not any(isinstance(it, Table) and str(it.head[0]) == "parameter" for it in told)


def test_a_large_array_is_no_cell_of_updates() -> None:
    """Its gradient is named, which has a line above, and its new value told by its range."""
    trace = traced("transformer_block")
    page = "".join(markdown(derivation(trace, Options(most=24)), notation_of(trace)))
    (row,) = re.findall(r"^\| \$W_\{2\}\$ \|(.*)\|$", page.rpartition("| new value |")[2], re.M)
    assert row.startswith(r" $\frac{\partial L}{\partial W_{2}}$ | 8 × 4, from ")
