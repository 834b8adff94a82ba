"""All paths from the loss to one entry: paths, their factors, and what is folded."""

from __future__ import annotations

import math

import pytest

from tracer.expression.syntax import Call, Display, Name, Node
from tracer.narrative.blocks import EquationLine, Graph, Paragraph, Table
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.entries import Focus, entry_steps, read_focus
from tracer.narrative.loss_paths import MOST_PATHS, loss_paths
from tracer.narrative.program_notation import notation_of
from tracer.narrative.steps import StepNarrator, gradient_of
from tracer.operations import Term
from tracer.operations.array_shape import ravel
from tracer.program.elements import Elements
from tracer.program.scenario import load, loads
from tracer.render.markdown import markdown
from tracer.run.runner import run_scenario
from tracer.run.trace import Iteration

SCENARIOS = (
    "one_weight",
    "one_weight_all_samples",
    "mlp_2_2_2",
    "neuron",
    "linear_regression",
    "rnn_step",
    "softmax_example",
    "self_attention",
    "cross_attention",
    "seq2seq",
    "seq2seq_attention",
    "rnn_language_model",
    "position_wise_ffn",
    "ngram_cnn",
    "optimizers",
)


def first_iteration(name: str) -> Iteration:
    """Return the first iteration of a bundled scenario, its record kept in checkpoints."""
    return run_scenario(load(name), record="checkpoints").iteration(1)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_products_of_all_paths_add_up_to_the_recorded_gradient(name: str) -> None:
    """Of every parameter the last entry is followed; what is folded is counted whole."""
    iteration = first_iteration(name)
    found = 0
    for parameter in iteration.program.parameters:
        gradient = gradient_of(iteration.program, parameter)
        if gradient is None:
            continue
        shape = iteration.shape(parameter)
        focus = Focus(parameter, tuple(size - 1 for size in shape))
        paths = loss_paths(iteration, focus, StepNarrator())
        recorded = iteration.floats(gradient)[ravel(focus.index, shape)]
        total = math.fsum(path.value for path in paths)
        assert total == pytest.approx(recorded, rel=1e-9, abs=1e-14), parameter
        for path in paths:
            assert path.value == math.prod(factor.value for factor in path.factors)
        found += len(paths)
    assert found


def test_only_entries_that_use_one_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 30 samples with 20 units each, one unit of each sample uses a weight."""
    drawn = '{init = "normal", std = 1, seed = 1, shape = '
    text = (
        f"[data]\nX = {drawn}[30, 4]}}\n[parameters]\nW = {drawn}[4, 20]}}\n"
        "[network]\nloss = 'loss'\nequations = '''Z = X @ W\nloss = mean(Z**2)'''\n"
        "[training]\nlearning_rate = 0.1\niterations = 1\n"
    )
    iteration = run_scenario(loads(text)).iteration(1)
    asked: set[tuple[int, ...]] = set()
    whole = Elements.entry

    def entry(elements: Elements, node: Node, index: tuple[int, ...]) -> Term:
        if isinstance(node, Call) and node.operation == "matmul":
            asked.add(index)
        return whole(elements, node, index)

    monkeypatch.setattr(Elements, "entry", entry)
    paths = loss_paths(iteration, Focus("W", (1, 2)), StepNarrator())
    assert len(paths) == 30
    assert asked == {(1, 2), *((sample, 2) for sample in range(30))}


def test_each_slope_that_a_path_names_is_worked_out_above_the_table() -> None:
    """So that no figure of the table is without its source; the sum has the same names."""
    trace = run_scenario(load("mlp_2_2_2"), record="checkpoints")
    blocks = derivation(trace, Options(focus="b1[0]"))
    page = "".join(markdown(blocks, notation_of(trace)))
    before, _, table = page.partition("| path | factor 1 |")
    assert r"\sigma'((z_{1})_ {1}) &= (a_{1})_ {1} \cdot (1 - (a_{1})_ {1}) \cr" in before
    assert r"&\approx 0.246434" in before
    assert r"\frac{\partial (z_{1})_ {1}}{\partial (b_{1})_ {1}} = 1$" in table
    first = r"\left(\frac{\partial L}{\partial \hat{y}}\right)_ {1}"  # which has a line of its own
    assert rf"&= {first} \cdot \sigma'((z_{{2}})_ {{1}}) \cdot (W_{{2}})_ {{11}}" in table


@pytest.mark.parametrize(
    ("name", "entry", "head", "total"),
    [
        ("mlp_2_2_2", "W1[0, 1]", "product, rounded", r"$\approx 0.00738879$"),
        ("one_weight_all_samples", "w", "product", "$-14$"),
    ],
)
def test_the_sum_over_paths_says_whether_it_is_rounded(
    name: str, entry: str, head: str, total: str
) -> None:
    """What follows exactly from the printed products has no sign; rounded products say so."""
    trace = run_scenario(load(name), record="checkpoints")
    text = "".join(markdown(derivation(trace, Options(focus=entry)), notation_of(trace)))
    table = text.partition(f"| {head} |\n")[2].partition("\n\n")[0]
    assert table.endswith(f" | {total} |")


@pytest.mark.parametrize(
    ("name", "entry", "slope"),
    [
        ("mlp_2_2_2", "W1[0, 0]", r"\sigma'((z_{2})_ {1}) \approx 0.242941"),
        ("seq2seq", "E_source[0, 0]", r"1 - (s_{1})_ {1}^{2} \approx 0.951035"),
    ],
)
def test_a_slope_on_a_path_is_of_what_has_a_line(name: str, entry: str, slope: str) -> None:
    """Where the net input has no name of its own, the slope is written by what follows from it."""
    trace = run_scenario(load(name), record="checkpoints")
    text = "".join(markdown(derivation(trace, Options(focus=entry)), notation_of(trace)))
    assert slope in text


ENDS = """
[data]
x = 1
[parameters]
w = 0.5
[network]
equations = "y = log(w * x)\\nloss = (y + 3)**2"
loss = "loss"
[training]
optimizer = "sgd"
learning_rate = 1
iterations = 9
"""


GROUPS = """
[data]
x = [[1.0, 2.0, 4.0, 8.0]]
[parameters]
k = [1.0, 2.0, 1.0, 0.5]
[network]
equations = '''
h = group_norm(x, k, groups=2)
L = sum(h ** 2)
'''
loss = "L"
[training]
iterations = 1
learning_rate = 0.1
"""


@pytest.mark.parametrize(
    ("source", "entry", "said", "unsaid"),
    [
        # The slopes of the other units are theirs.
        ("mlp_2_2_2", "W1[0, 0]", "rows and columns change places", "$0.242941$ to $0.249720$"),
        ("digit_cnn", "kernel[0, 0, 0, 0]", "minus 1 for the right one", "16 of 32"),
        # Two groups of a row have two means.
        (GROUPS, "k[0]", r"$$\mu(x_{11}, x_{12}) = ", r"$$\mu(x)"),
        # As many digits as any figure.
        ("four_layer_classifier", "b4[0]", r"+ \underbrace{\cdots}_ {-0.0132872}{} ", "0.01328718"),
        ("one_weight", "w", "", "try next"),
    ],
)
def test_the_page_of_an_entry_says_what_is_its_own(
    source: str, entry: str, said: str, unsaid: str
) -> None:
    """No figure of another entry, one name for a value, and the digits of all figures."""
    trace = run_scenario(loads(source) if "\n" in source else load(source), record="checkpoints")
    page = "".join(markdown(derivation(trace, Options(focus=entry)), notation_of(trace)))
    assert said in page
    assert unsaid not in page


OTHERS = ("momentum", "rmsprop", "adam")


@pytest.mark.parametrize(
    ("name", "setting", "commands"),
    [
        ("one_weight", "iterations=3", ["--learning-rate 1.1", "--focus w"]),
        ("one_weight", "learning_rate=1.2", ["--learning-rate 0.5", "--focus w"]),
        ("linear_regression", "iterations=5", ["--learning-rate 0.02`", "--focus 'w[0]'`"]),
        ("activations", "a=0.25", ["--variant 'slope trained'"]),
        ("perceptron", "b=0", ["--variant or`", "--variant xor`"]),  # has no gradient
        ("optimizers", "q=1", ["--focus p", *map("--variant {}`".format, OTHERS)]),
    ],
)
def test_a_derivation_ends_with_what_to_try_next(
    name: str, setting: str, commands: list[str]
) -> None:
    """A rate on the other side of the largest that converges, else the best of those tried."""
    trace = run_scenario(load(name, settings=[setting]))
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    last = page.partition("## What to try next")[2]
    assert last.count("tracer derive") == len(commands)
    assert all(command in last for command in commands)


def test_the_page_of_an_entry_tells_a_run_that_ends() -> None:
    """In the last iteration there is no gradient, so there are no paths to it."""
    trace = run_scenario(loads(ENDS))
    assert trace.fault is not None
    text = "".join(markdown(derivation(trace, Options(detail="element")), notation_of(trace)))
    assert text.count("**All paths from the loss**") == 1
    assert "## Iteration 2" in text


def test_a_weight_below_two_outputs_has_two_paths_with_five_factors() -> None:
    """Error, slope, weight, slope, input: a factor for each thing that the chain rule meets."""
    iteration = first_iteration("mlp_2_2_2")
    paths = loss_paths(iteration, read_focus("W1[0, 0]", iteration), StepNarrator())
    assert [len(path.factors) for path in paths] == [5, 5]
    assert [factor.value for factor in paths[0].factors][2::2] == [0.7, 0.6]
    assert not any(factor.folded for path in paths for factor in path.factors)


def test_paths_go_through_time() -> None:
    """A recurrent weight is used at each of three steps, and the later uses of its results."""
    iteration = first_iteration("rnn_step")
    paths = loss_paths(iteration, read_focus("W_h[0, 1]", iteration), StepNarrator())
    assert sorted(len(path.factors) for path in paths) == [3, 5, 5, 7, 7, 7, 7]


def test_any_value_can_be_followed() -> None:
    """A hidden unit has paths as a weight has; the loss itself has none."""
    iteration = first_iteration("mlp_2_2_2")
    assert len(loss_paths(iteration, Focus("a1", (0,)), StepNarrator())) == 2
    assert loss_paths(iteration, Focus("loss", ()), StepNarrator()) == []


def test_what_is_too_long_is_folded_and_said_to_be() -> None:
    """Each folded factor is the recorded gradient of an entry, and a sentence names it."""
    trace = run_scenario(load("self_attention"))
    iteration = trace.iteration(1)
    paths = loss_paths(iteration, read_focus("W_q[0, 0]", iteration), StepNarrator())
    assert len(paths) <= MOST_PATHS
    assert any(path.factors[0].folded for path in paths)
    blocks = list(derivation(trace, Options(focus="W_q[0, 0]")))
    words = [
        sentence.template
        for block in blocks
        if isinstance(block, Paragraph)
        for sentence in block.sentences
    ]
    assert any(text.startswith("Beyond the entries of {names} ") for text in words)


def test_a_rounded_factor_stands_behind_a_sign_that_says_so() -> None:
    """A slope of the sigmoid is rounded; a given weight is what the file says."""
    blocks = derivation(run_scenario(load("mlp_2_2_2")), Options(focus="W1[0, 0]"))
    table = next(item for item in blocks if isinstance(item, Table) and len(item.head) == 7)
    signs = [cell.text for cell in table.rows[0][1:-1] if isinstance(cell, Display)]
    assert signs == ["≈", "≈", "=", "≈", "="]


def test_a_value_that_is_a_single_factor_is_no_number_put_in() -> None:
    """∂L/∂ŷ₁ is ŷ₁ − y₁: the figure is its rounded result; y_pred means what is shown as ŷ."""
    blocks = list(derivation(run_scenario(load("mlp_2_2_2")), Options(focus="y_pred[0]")))
    line = [item for item in blocks if isinstance(item, EquationLine)][-1]
    assert line.substituted is None
    assert not line.follows


def test_shares_of_a_gradient_are_told_by_what_they_come_through() -> None:
    """A weight that is used at three time steps: each share by the net input of its step."""
    iteration = first_iteration("rnn_step")
    steps = list(entry_steps(iteration, read_focus("W_h[0, 0]", iteration), StepNarrator()))
    (whole,) = [step for step in steps if step.equation.name == "dloss/dW_h[0, 0]"]
    assert [label.slots["name"] for label, _ in whole.paths] == [
        Name(f"z[{at}]") for at in (1, 2, 3)
    ]
    names = [step.equation.name for step in steps]
    assert len(names) == len(set(names))  # a gradient that several are worked out from stands once


@pytest.mark.parametrize("notation", ["textbook", "code"])
def test_the_table_the_line_and_the_drawing_show_the_way(notation: str) -> None:
    """A row a path and one for the sum; one line; the quantities on the way are lit."""
    trace = run_scenario(load("mlp_2_2_2"))
    options = Options(focus="W1[0, 0]", notation=notation)  # type: ignore[arg-type]
    blocks = list(derivation(trace, options))
    table = next(item for item in blocks if isinstance(item, Table) and len(item.head) == 7)
    assert len(table.rows) == 3
    after = blocks[blocks.index(table) + 1]
    assert isinstance(after, EquationLine)
    assert after.substituted is not None
    graph = next(item for item in blocks if isinstance(item, Graph))
    assert len(graph.lit_nodes) == 6
    plain = next(item for item in derivation(trace, Options()) if isinstance(item, Graph))
    assert not plain.lit_nodes


def test_a_path_through_hundreds_of_layers_is_told() -> None:
    """A product of all its factors would be a tree too deep to draw: the line has its value."""
    layers = "".join(f"h{at + 1} = tanh(h{at})\n" for at in range(600))
    trace = run_scenario(
        loads(
            "[data]\nx = 1\n[parameters]\nw = 1.5\n[training]\nlearning_rate = 0.1\n"
            f"iterations = 1\n[network]\nequations = '''h0 = w * x\n{layers}loss = h600**2\n'''"
        )
    )
    blocks = list(derivation(trace, Options(detail="element")))
    lines = [block for block in blocks if isinstance(block, EquationLine)]
    *_, line, update = lines  # the paths are of the weight before the update
    assert update.arrow
    assert line.formula == line.result
    assert not line.follows


def test_a_derivative_by_an_entry_has_the_brackets_of_the_entry_alone() -> None:
    """∂(z₁)₁/∂(b₁)₁, not ∂((z₁)₁): an entry is one sign, and (z₁)₁ brings its own brackets."""
    trace = run_scenario(load("mlp_2_2_2"), record="checkpoints")
    page = "".join(markdown(derivation(trace, Options(focus="b1[0]")), notation_of(trace)))
    assert r"\frac{\partial (z_{1})_ {1}}{\partial (b_{1})_ {1}}" in page
    assert r"\partial (p_{1})" not in page


def test_the_page_of_an_entry_says_where_its_paths_start_and_what_its_update_takes() -> None:
    """Paths that are combined start below the loss; Adam's corrected means have their lines."""
    trace = run_scenario(load("transformer_block"))
    page = "".join(markdown(derivation(trace, Options(focus="W1[0, 0]")), notation_of(trace)))
    assert "12 paths lead from the entries of $R_{2}$ back to $(W_{1})_ {11}$." in page
    assert (
        r"= \frac{(m_{W_{1}}')_ {11}}{1 - \beta_{1}^{t}} = \frac{-0.00136579}{1 - 0.9^{1}}" in page
    )
    assert "$m_{W_{1}}'$ is $m_{W_{1}}$ as this iteration leaves it" in page
