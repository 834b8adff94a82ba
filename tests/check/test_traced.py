"""Written names, formulas and lines find their places in a traced run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import pytest

from tracer.check.arithmetic.figures import Figure
from tracer.check.bind.worlds import RunWorld, WritersRun
from tracer.check.compare.bounded_values import entries_of
from tracer.check.trace.traced_view import TracedView
from tracer.expression import Dialect, parse, render
from tracer.expression.syntax import Name, Node, Number
from tracer.intervals import Interval, Value, exact_interval, value_of
from tracer.narrative.program_notation import notation_for
from tracer.operations import vocabulary
from tracer.operations.array_shape import indices_of
from tracer.program.elements import place_node
from tracer.program.program import Equation
from tracer.program.scenario import load, loads
from tracer.run.runner import run_scenario
from tracer.sentences import fill_sentence

SCENARIOS = [
    "one_weight",
    "mlp_2_2_2",
    "neuron",
    "linear_regression",
    "xor",
    "softmax_example",
    "optimizers",
    "optimizers momentum",
    "optimizers adam",
    "optimizers rmsprop",
    "perceptron",
]
DIALECTS: list[Dialect] = ["ascii", "unicode", "latex"]


@cache
def traced(text: str) -> TracedView:
    """Return the traced run of a bundled scenario, or of its variant after a space."""
    name, _, variant = text.partition(" ")
    scenario = load(name)
    return TracedView(run_scenario(scenario.variant(variant) if variant else scenario))


def read(text: str, dialect: Dialect = "ascii", run: TracedView | None = None) -> Node:
    """Parse a text, of a run in ASCII with the brackets and quotients that its names have."""
    names = [] if run is None or dialect != "ascii" else list(run.trace.iteration(1))
    families = {name for name in names if "[" in name}
    derivatives = {name for name in names if "/d" in name}
    return parse(text, dialect, vocabulary=vocabulary(), families=families, derivatives=derivatives)


def is_unnamed(equation: Equation) -> bool:
    """Say whether an equation is a part whose name is the printer's own."""
    return bool(equation.base) and equation.phase in ("forward", "loss")


def middle(value: Value | None) -> float:
    """Return the middle of the bounds of a single number."""
    assert isinstance(value, Interval)
    return float((value.low + value.high) / 2)


def numbers(value: Value | None) -> list[float]:
    """Return the numbers of a value, row by row."""
    if value is None or isinstance(value, Interval):
        return [middle(value)]
    return [number for part in value for number in numbers(part)]


# Names


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_name_that_a_derivation_prints_binds_back(name: str, dialect: Dialect) -> None:
    """What is printed of a quantity is read without a scenario and found again."""
    run = traced(name)
    notation = notation_for(run.trace.scenario, run.program)
    bound = 0
    for equation in run.program.equations:
        if is_unnamed(equation):
            continue
        printed = render(Name(equation.name), dialect, vocabulary=vocabulary(), notation=notation)
        tree = read(printed, dialect, run)
        assert run.spots(tree, is_target=True)[0] == (equation.name, ()), printed
        bound += 1
    assert bound


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_entry_that_is_printed_binds_back(name: str, dialect: Dialect) -> None:
    """So is each entry, with brackets from 0 or subscripts from 1."""
    run = traced(name)
    notation = notation_for(run.trace.scenario, run.program)
    for equation in run.program.equations:
        if equation.phase == "metric" or is_unnamed(equation):
            continue
        for index in indices_of(equation.shape):
            entry = place_node(equation.name, index)
            printed = render(entry, dialect, vocabulary=vocabulary(), notation=notation)
            found = run.spots(read(printed, dialect, run), is_target=True)
            assert (equation.name, index) in found, printed


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_input_binds_to_itself_where_it_is_used(name: str) -> None:
    """Data, parameters, settings and states are first of all themselves."""
    run = traced(name)
    for quantity in run.program.inputs:
        assert run.spots(quantity, is_target=False)[0] == (quantity, ())


@pytest.mark.parametrize(
    ("name", "written", "quantity", "index"),
    [
        ("one_weight", "lr", "learning_rate", ()),
        ("one_weight", "alpha", "learning_rate", ()),
        ("one_weight", "yhat", "y_pred", ()),
        ("one_weight", "y'", "y_pred", ()),
        ("one_weight", "MSE", "loss", ()),
        ("one_weight", "J", "loss", ()),
        ("one_weight", "dw", "dloss/dw", ()),
        ("one_weight", "dJ_dw", "dloss/dw", ()),
        ("one_weight", "x_1", "x", ()),
        ("one_weight", "x_i", "x", ()),
        ("one_weight", "y_pred_1", "y_pred", ()),
        ("one_weight", "损失", "loss", ()),
        ("one_weight", "学习率", "learning_rate", ()),
        ("one_weight", "g_t", "dloss/dw", ()),
        ("mlp_2_2_2", "a1_2", "a1", (1,)),
        ("mlp_2_2_2", "W1_12", "W1", (0, 1)),
        ("mlp_2_2_2", "dL/dW1_12", "dloss/dW1", (0, 1)),
        ("one_weight", "w_old", "w", ()),
        ("one_weight", "w_t", "w", ()),
        ("one_weight", "w_new", "w'", ()),
        ("one_weight", "w[t + 1]", "w'", ()),
        ("mlp_2_2_2", "y_hat", "a2", ()),
        ("mlp_2_2_2", "y_hat_2", "a2", (1,)),
        ("mlp_2_2_2", "delta_2", "dloss/dz2", ()),
        ("mlp_2_2_2", "dE_total/dW1", "dloss/dW1", ()),
        ("mlp_2_2_2", "dL/dW1[0, 1]", "dloss/dW1", (0, 1)),
        ("linear_regression", "w_1", "w", (0,)),
        ("linear_regression", "dL/dw_2", "dloss/dw", (1,)),
        ("linear_regression", "y_pred_3", "y_pred", (2,)),
        ("linear_regression", "x_41", "X", (3, 0)),
        ("linear_regression", "x_4", "X", (3,)),
        ("xor", "h_12", "h", (0, 1)),
        ("xor", "p_3", "p", (2, 0)),
        ("xor", "y_pred", "p", ()),
        ("softmax_example", "p_1", "p", (0,)),
        ("softmax_example", "J_12", "J", (0, 1)),
        ("perceptron", "x_2", "X", (0, 1)),
        ("optimizers momentum", "v_p", "v[p]", ()),
        ("optimizers adam", "m_q", "m[q]", ()),
        ("optimizers adam", "v_hat_p", "v_hat[p]", ()),
        ("optimizers adam", "eps", "epsilon", ()),
        ("optimizers momentum", "beta", "momentum", ()),
        ("optimizers rmsprop", "rho", "alpha", ()),
    ],
)
def test_what_people_write(name: str, written: str, quantity: str, index: tuple[int, ...]) -> None:
    """Names that no printer of ours writes."""
    assert traced(name).spots(written, is_target=False)[0] == (quantity, index)


@pytest.mark.parametrize(
    ("text", "dialect", "quantity", "index"),
    [
        ("W^{(1)}", "unicode", "W1", ()),
        ("w_{12}^{(1)}", "latex", "W1", (0, 1)),
        ("w_{1,2}^{(1)}", "latex", "W1", (0, 1)),
        (r"\delta_1^{(2)}", "latex", "dloss/dz2", (0,)),
        ("a^{[2]}", "latex", "a2", ()),
        (r"\hat{y}_2", "latex", "a2", (1,)),
        (r"\frac{\partial E_{total}}{\partial W_2}", "latex", "dloss/dW2", ()),
        (r"\frac{\partial L}{\partial b_1}", "latex", "dloss/db1", ()),
        (r"\delta^{(1)}", "latex", "dloss/dz1", ()),
    ],
)
def test_what_textbooks_write_of_layers(
    text: str, dialect: Dialect, quantity: str, index: tuple[int, ...]
) -> None:
    """Superscripts number layers where layers have numbers."""
    assert traced("mlp_2_2_2").spots(read(text, dialect), is_target=False)[0] == (quantity, index)


def test_a_superscript_is_a_sample_and_a_bracket_an_index() -> None:
    """Where none have, they number samples; brackets are Python's."""
    run = traced("linear_regression")
    assert run.spots(read("ŷ^{(2)}", "unicode"), is_target=False) == (("y_pred", (1,)),)
    assert run.spots(read("y_pred[2]"), is_target=False) == (("y_pred", (2,)),)
    assert run.spots(read("x_1^{(2)}", "latex"), is_target=False)[0] == ("X", (1, 0))
    assert run.spots("x[2]", is_target=False)[0] == ("X", (2,))
    assert run.spots(read("x[2]"), is_target=False)[0] == ("X", (2,))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("one_weight", "x_2"),  # another sample than the one at hand
        ("one_weight", "y_pred_2"),
        ("one_weight", "x" + "_1" * 60),
        ("one_weight", "x_" + "1" * 5000),
        ("one_weight", "b"),
        ("one_weight", "loss_2"),
        ("one_weight", "da/dz"),
        ("one_weight", "dL/dx"),
        ("mlp_2_2_2", "w_12"),  # of which layer?
        ("mlp_2_2_2", "W1[2, 0]"),
        ("linear_regression", "w_3"),
        ("neuron", "w3"),
        ("xor", "w"),
    ],
)
def test_a_name_that_the_run_does_not_have_is_not_guessed(name: str, written: str) -> None:
    """Better no value than another quantity's."""
    assert traced(name).spots(written, is_target=True) == ()


def test_a_state_is_found_under_its_brackets() -> None:
    """`v[p]` is an index to a parser that does not know the family."""
    run = traced("optimizers momentum")
    assert run.spots(read("v[p]"), is_target=True) == (("v[p]'", ()), ("v[p]", ()))


def test_a_target_is_the_updated_weight_first() -> None:
    """`w = w - …` computes the value after the update."""
    run = traced("one_weight")
    assert run.spots("w", is_target=True) == (("w'", ()), ("w", ()))
    assert run.spots("w", is_target=False) == (("w", ()),)


# Values


def test_a_rational_run_is_exact() -> None:
    """Decimals of a scenario stay fractions through every step."""
    run = traced("one_weight")
    assert run.bounds(("w'", ()), 1) == exact_interval(Fraction(4, 5))
    assert run.bounds(("learning_rate", ()), 1) == exact_interval(Fraction(1, 10))
    assert run.bounds(("w'", ()), 3) == exact_interval(Fraction(1232, 1000))
    assert run.bounds(("w", ()), 4) is None
    assert run.bounds(("nobody", ()), 1) is None


def test_what_stands_before_a_sigmoid_is_exact_and_what_follows_is_bounded() -> None:
    """One irrational function does not blur what does not depend on it."""
    run = traced("neuron")
    assert run.bounds(("z", ()), 1) == exact_interval(Fraction(1, 4))
    after = run.bounds(("a", ()), 1)
    assert isinstance(after, Interval)
    assert 0 < after.high - after.low < Fraction(1, 10**11)
    assert after.low < Fraction(1 / (1 + math.exp(-0.25))) < after.high


def test_arrays_are_nested_and_entries_and_rows_are_theirs() -> None:
    """An index takes an entry or a row out of the nested tuples."""
    run = traced("linear_regression")
    whole = run.bounds(("X", ()), 1)
    assert whole is not None
    assert not isinstance(whole, Interval)
    assert run.bounds(("X", (2,)), 1) == whole[2]
    assert run.bounds(("X", (2, 1)), 1) == exact_interval(4)
    assert run.bounds(("X", (4,)), 1) is None


@pytest.mark.parametrize("name", SCENARIOS)
def test_values_are_those_of_the_record(name: str) -> None:
    """Exact or bounded, every value holds the recorded float."""
    run = traced(name)
    for number in (1, 2):
        iteration = run.trace.iteration(number)
        for quantity in iteration:
            found = numbers(run.bounds((quantity, ()), number))
            assert found == pytest.approx(iteration.floats(quantity), rel=1e-12, abs=1e-15)


def test_a_large_array_has_no_value_but_its_entries_have() -> None:
    """Over 4,096 entries only parts are given, and nothing is searched."""
    text = """
[data]
x = {shape = [70, 70], init = "uniform", low = 0, high = 1, seed = 1}
[network]
equations = "total = sum(x)"
"""
    run = TracedView(run_scenario(loads(text)))
    recorded = run.trace.iteration(1)["x"]
    assert run.bounds(("x", ()), 1) is None
    assert middle(run.bounds(("x", (3, 5)), 1)) == recorded[3, 5]
    assert numbers(run.bounds(("x", (69,)), 1)) == pytest.approx(list(recorded[69]))
    assert run.bounds(("x", (70, 0)), 1) is None


def test_float32_has_wide_bounds() -> None:
    """Single precision decides fewer digits."""
    text = 'dtype = "float32"\n' + (load("neuron").text)
    run = TracedView(run_scenario(loads(text)))
    value = run.bounds(("a", ()), 1)
    assert isinstance(value, Interval)
    assert value.high - value.low > Fraction(1, 10**6)


def test_what_is_given() -> None:
    """A first weight is given; later ones are computed."""
    run = traced("one_weight")
    assert all(map(run.given, ("x", "y", "learning_rate", "w")))
    assert not run.given("w", 2)
    assert not any(map(run.given, ("y_pred", "loss", "dloss/dw", "w'")))
    assert [run.phase((name, ())) for name in ("x", "w", "y_pred", "loss", "dloss/dw", "w'")] == [
        "given",
        "given",
        "forward",
        "loss",
        "backward",
        "update",
    ]


# Formulas


def environment(run: TracedView, iteration: int) -> Mapping[str, Value]:
    """Return the values of an iteration by name, as a line's names are put in."""
    names = run.trace.iteration(iteration)
    found = {name: run.bounds((name, ()), iteration) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def meets(one: Value, other: Value) -> bool:
    """Tell whether two values have numbers in common, but for what floats round."""
    near = Fraction(1, 10**11)
    if isinstance(one, Interval):
        assert isinstance(other, Interval)
        slack = near * (1 + abs(one.low))
        return one.low - slack <= other.high and other.low - slack <= one.high
    assert not isinstance(other, Interval)
    pairs = zip(one, other, strict=True)
    return all(meets(mine, theirs) for mine, theirs in pairs)


def assert_formulas_give_the_values(run: TracedView, iteration: int) -> int:
    """Evaluate every formula of every quantity and entry; return how many there were."""
    known = environment(run, iteration)
    count = 0
    for equation in run.program.equations:
        if equation.phase == "metric":
            continue
        whole = run.bounds((equation.name, ()), iteration)
        for index in [(), *([] if whole is None else indices_of(_shape(whole)))]:
            value = run.bounds((equation.name, index), iteration)
            assert value is not None
            formulas = run.formulas((equation.name, index))
            assert formulas, equation.name
            for formula in formulas:
                found = value_of(formula, known)
                shown = render(formula, vocabulary=vocabulary())
                assert meets(found, value), f"{equation.name}{index} = {shown}"
                count += 1
    return count


def _shape(value: Value) -> tuple[int, ...]:
    """Return the sizes of a value."""
    return () if isinstance(value, Interval) else (len(value), *_shape(value[0]))


@pytest.mark.parametrize("name", [*SCENARIOS, "rnn_step", "self_attention"])
def test_formulas_give_the_recorded_values(name: str) -> None:
    """Whichever way it is written, a quantity has its value."""
    assert assert_formulas_give_the_values(traced(name), 2)


def test_the_ways_to_a_gradient() -> None:
    """The shortest way is the traced one; the chain goes through to the data."""
    shown = [
        render(node, vocabulary=vocabulary())
        for node in traced("one_weight").formulas(("dloss/dw", ()))
    ]
    assert shown[:2] == ["dloss/dy_pred * x", "2 * (y_pred - y) * x"]
    assert traced("one_weight").formulas(("x", ())) == ()


def test_formulas_of_an_entry_are_over_entries() -> None:
    """An entry of a product is a sum of products."""
    first, *_ = traced("mlp_2_2_2").formulas(("z1", (1,)))
    assert render(first, vocabulary=vocabulary()) == "W1[1, 0] * x[0] + W1[1, 1] * x[1] + b1[1]"


# Conventions


def sentences(run: TracedView) -> dict[str, TracedView]:
    """Return the runs under other conventions by what is said of them."""
    return {fill_sentence(sentence, str, str, str): other for sentence, other in run.alternatives()}


def the_one(run: TracedView, *words: str) -> TracedView:
    """Return the run whose sentences, one for each word, say these words."""
    found = [
        other
        for text, other in sentences(run).items()
        if all(word in text for word in words) and text.count("Here") == len(words)
    ]
    assert len(found) == 1
    return found[0]


def test_half_the_loss() -> None:
    """Everything after the loss is halved, under the same names."""
    run = traced("one_weight")
    half = the_one(run, "a factor ½")
    assert half.bounds(("loss", ()), 1) == exact_interval(Fraction(9, 8))
    assert half.bounds(("dloss/dw", ()), 1) == exact_interval(Fraction(-3, 2))
    assert half.spots("dL/dw", is_target=False) == (("dloss/dw", ()),)


def test_the_sum_for_the_mean() -> None:
    """Four samples, four times the loss."""
    run = traced("linear_regression")
    summed = the_one(run, "a sum")
    assert middle(summed.bounds(("loss", ()), 1)) == 4 * middle(run.bounds(("loss", ()), 1))


@pytest.mark.parametrize("name", ["one_weight", "mlp_2_2_2", "linear_regression", "neuron", "xor"])
def test_gradients_that_point_downhill(name: str) -> None:
    """Gradients change their sign, nothing else does; the formulas are others."""
    run = traced(name)
    turned = the_one(run, "opposite sign")
    for equation in run.program.equations:
        if equation.phase == "metric":
            continue
        sign = -1 if equation.phase == "backward" else 1
        own = numbers(turned.bounds((equation.name, ()), 2))
        assert own == [sign * number for number in numbers(run.bounds((equation.name, ()), 2))]
    assert not turned.formulas(("dloss/dw", ()))


def test_momentum_as_a_running_mean() -> None:
    """The velocity takes only its share of a gradient."""
    run = traced("optimizers momentum")
    mean = the_one(run, "running mean")
    velocity, _ = mean.spots("v_p", is_target=True)[0]
    first = middle(mean.bounds(("dloss/dp", ()), 1))
    assert middle(mean.bounds((velocity, ()), 1)) == pytest.approx(0.2 * first)
    assert run.trace.scenario.training is not None
    assert mean.iterations == run.iterations


def test_a_convention_that_the_run_cannot_have_is_not_told() -> None:
    """Half a cross-entropy, a rule without gradients."""
    assert not [text for text in sentences(traced("xor")) if "½" in text]
    assert not [text for text in sentences(traced("perceptron")) if "opposite sign" in text]


# A scenario that fits


def figure(text: str) -> Figure:
    """Return a written decimal as the checker's figure."""
    decimals = len(text.partition(".")[2])
    value = Fraction(text)
    half = Fraction(1, 2 * 10**decimals) if decimals else Fraction(0)
    node = Number(text.lstrip("-"), abs(value))
    return Figure(value, half, len(text.replace(".", "").strip("-0")), decimals, text, node)


def results(*pairs: str) -> list[tuple[str, Figure]]:
    """Return named figures from texts such as `w=0.8`."""
    return [(name, figure(text)) for name, text in (pair.split("=") for pair in pairs)]


def test_a_direction_is_worked_out_of_the_state_that_it_updates() -> None:
    """Lion takes its momentum before it is updated, Adam the updated one for its step."""
    network = "[data]\nx = [2]\n[parameters]\nW = [0.5]\n[network]\nequations = '''\n"
    network += (
        "loss = sum(W * x)\n'''\nloss = 'loss'\n[training]\nlearning_rate = 0.1\niterations = 1\n"
    )
    for optimizer, quantity, expected in (("lion", "direction[W]", 0), ("adam", "W'", 1)):
        run = TracedView(run_scenario(loads(f"{network}optimizer = '{optimizer}'\n")))
        known = RunWorld(run, WritersRun(), 1, (quantity, ())).known_value("m")
        assert known is not None
        assert [entry.low != 0 for entry in entries_of(known.printed)] == [bool(expected)]
