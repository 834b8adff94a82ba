"""`tracer explain`: every name that a derivation can print is explained, and proved."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from functools import cache

import pytest

from tests.case_lists import sampled
from tracer.errors import UnknownNameError
from tracer.expression.syntax import Node
from tracer.narrative import explanation as explanations
from tracer.narrative.blocks import Table
from tracer.narrative.catalogue import catalogue, languages
from tracer.narrative.dependence import dependences_of
from tracer.narrative.derivation import iteration_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.examples import example_network
from tracer.narrative.explanation import (
    Proof,
    explained_names,
    explanation_blocks,
    page_notation,
    page_title,
)
from tracer.narrative.ideas import IDEAS, idea_scenario
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator
from tracer.narrative.steps import rules_of
from tracer.operations import table
from tracer.operations.numbers import number_text
from tracer.operations.signature import literal
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import bundled, load
from tracer.render.plain import plain
from tracer.render.svg import svg
from tracer.render.terminal import terminal
from tracer.run.plans import Plans
from tracer.run.runner import run_scenario, schedule_of_run
from tracer.witness.report import verify_scenario

explain = cache(explanations.explain)  # the tests look at a page from several sides


explained = cache(explain)  # several tests look at the page of each name


@cache
def told(name: str) -> str:
    """Return an explanation as plain text."""
    explanation = explained(name)
    proofs = [Proof("a witness", 1e-16, 1e-9)] if explanation.example is not None else []
    return "".join(plain(explanation_blocks(explanation, proofs), page_notation(explanation)))


@pytest.mark.parametrize("name", sampled(explained_names(), ["matmul", "softmax", "adam"]))
def test_every_example_of_a_page_is_proved(name: str) -> None:
    """The witnesses agree with the gradients; operations have proofs of their own beside these."""
    example = explained(name).example
    if example is not None:
        verified = verify_scenario(example)
        assert verified.verdict is not None
        assert verified.passed


def test_every_operation_has_an_example() -> None:
    """A new row of the table comes with a call and its numbers."""
    rows = [row for row in table().values() if not row.inner]
    assert [row.name for row in rows if not row.example] == []


@pytest.mark.parametrize("scenario", sampled(bundled()))
def test_every_rule_that_a_derivation_prints_is_explained(scenario: str) -> None:
    """The rules of gradients and updates of the bundled scenarios, at both details."""
    known = set(explained_names())
    loaded = load(scenario)
    for operations in (False, True):
        built = Plans(loaded, operations=operations).built(schedule_of_run(loaded)[0])
        for equation in built.program.phase("backward", "update"):
            if not equation.base:
                assert {rule.template for rule in rules_of(equation)} <= known, equation.name


@pytest.mark.parametrize(
    ("scenario", "name", "rules"),
    [
        ("one_weight", "y_pred", ["multiplication"]),
        ("one_weight", "loss", ["subtraction", "raising to a power"]),
        ("mlp_2_2_2", "z1", ["matrix product", "addition"]),
        ("losses", "loss", ["addition"]),  # five times
        ("self_attention", "scores", ["square root", "division"]),
        (
            "rnn_step",
            "z[1]",
            ["matrix product", "addition"],
        ),  # which entry is taken is no operation
    ],
)
def test_a_step_names_its_operations_as_they_are_worked_out(
    scenario: str, name: str, rules: list[str]
) -> None:
    """Each once, and what only puts entries elsewhere not at all."""
    loaded = load(scenario)
    program = Plans(loaded).built(schedule_of_run(loaded)[0]).program
    equation = next(each for each in program.equations if each.name == name)
    assert [rule.template for rule in rules_of(equation)] == rules


def test_a_function_comes_with_its_curve() -> None:
    """From -5 to 5: the value of tanh and the derivative 1 - tanh², from the run itself."""
    plot = explain("tanh").plot
    assert plot is not None
    value, derivative = plot.series
    assert value.points[0][0] == -5
    assert value.points[-1][0] == 5
    for (x, y), (_, slope) in zip(value.points, derivative.points, strict=True):
        assert y == pytest.approx(math.tanh(x))
        assert slope == pytest.approx(1 - math.tanh(x) ** 2)


@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("maximum", lambda a: max(a, -1.2), lambda a: float(a > -1.2)),
        ("prelu", lambda x: x if x > 0 else 0.25 * x, lambda x: 1.0 if x > 0 else 0.25),
        ("power", lambda a: a**3, lambda a: 3 * a**2),
        ("divide", lambda a: a / -1.25, lambda a: -0.8),
    ],
)
def test_of_several_operands_the_curve_is_over_the_first(
    name: str, value: Callable[[float], float], slope: Callable[[float], float]
) -> None:
    """The others keep the numbers of the example."""
    plot = explained(name).plot
    assert plot is not None
    for (x, y), (_, drawn) in zip(*(series.points for series in plot.series), strict=True):
        assert y == pytest.approx(value(x))
        assert drawn == pytest.approx(slope(x)) or abs(x + 1.2) < 1e-9


def test_every_function_has_a_curve_and_where_it_goes_wrong() -> None:
    """Also one of which there is nothing to say: how steep it is."""
    rows = [row for row in table().values() if row.elementwise and not row.inner]
    for row in rows:
        if row.derivative is not None and row.name not in ("pi", "where"):
            assert explained(row.name).plot is not None, row.name
            assert explained(row.name).limits, row.name
    assert "never more than 1." in told("sin")
    assert "comes to 2.69" in told("clipped_log")


def test_each_operand_has_the_rule_of_its_own_gradient() -> None:
    """A numerator is multiplied by a constant, an exponent stands in an exponential."""
    for name, rules in {
        "divide": ["constant factor rule", "quotient rule"],
        "power": ["power rule", "exponential rule"],
    }.items():
        assert re.findall(r"By: (.*)\.", told(name)) == rules
    assert "ln(a)" in told("exponential rule")


def test_what_stops_gradients_says_so_once() -> None:
    """Not as its convention, as its purpose and as a fact."""
    assert told("stop_gradient").lower().count("no gradient") == 1


def test_a_prime_is_explained_where_equations_have_one() -> None:
    """m′ is the mean after its update; plain descent remembers nothing."""
    assert "A prime marks a value after its update" in told("adam")
    assert "prime" not in told("sgd")


def test_unknown_names_are_answered_with_the_ideas() -> None:
    """Who looks for one idea sees which there are."""
    with pytest.raises(UnknownNameError, match="gradient-checking"):
        explain("jacobian")


@pytest.mark.parametrize(
    ("name", "loss", "slope"),
    [
        ("mse", lambda x: (x - 1) ** 2, lambda x: 2 * (x - 1)),
        ("bce", lambda x: -math.log(x), lambda x: -1 / x),
        ("nll", lambda x: -math.log(x), lambda x: -1 / x),
        (
            "cross_entropy",
            lambda x: math.log1p(math.exp(-x)),
            lambda x: -1 / (1 + math.exp(x)),
        ),
    ],
)
def test_a_loss_comes_with_its_curve_beside_a_target(
    name: str, loss: Callable[[float], float], slope: Callable[[float], float]
) -> None:
    """One prediction beside its target: shares between 0 and 1, others from -5 to 5."""
    plot = explain(name).plot
    assert plot is not None
    value, derivative = plot.series
    assert (0 < value.points[0][0] < value.points[-1][0] < 1) == (name in ("bce", "nll"))
    for (x, y), (_, by_run) in zip(value.points, derivative.points, strict=True):
        assert y == pytest.approx(loss(x))
        assert by_run == pytest.approx(slope(x))


def test_an_example_says_what_it_starts_from() -> None:
    """Each operand with its numbers, the settings only where an update uses them."""
    text = told("nll")
    assert "[[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]" in text
    assert "[2, 0]ᵀ" in text
    assert "η" not in text
    assert "η" in told("adam").partition("Iteration 1")[2].partition("Iteration 2")[0]


@pytest.mark.parametrize(
    ("name", "setting"),
    [("dropout", "rate 0.25"), ("max_pool2d", "size (2, 1)"), ("layer_norm", "ε 10⁻⁵")],
)
def test_an_example_lists_its_settings(name: str, setting: str) -> None:
    """What its call says, and what it leaves at its default."""
    assert setting in re.sub(r"[ |]+", " ", told(name))


@pytest.mark.parametrize("name", ["softmax", "mse", "gelu", "layer_norm"])
def test_what_it_is_for_is_said_once(name: str) -> None:
    """The example does not repeat what stands at the head of the page."""
    assert told(name).count(str(explained(name).purpose[0])) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [("argmax", "Dead end:"), ("accuracy", "Dead end:"), ("where", "its slopes are 0 and 1")],
)
def test_what_no_number_spoils_says_what_becomes_of_a_gradient(name: str, words: str) -> None:
    """None passes, or it passes as it is."""
    assert words in told(name).partition("Where it goes wrong")[2]


def test_a_constant_has_a_definition_and_nothing_given() -> None:
    """There is no table of what an example starts from, as it starts from nothing."""
    assert "cos(y) = −1" in told("pi")
    assert "quantity" not in told("pi")


def test_what_only_compares_is_not_written_out() -> None:
    """An accuracy is a share of right answers: no tangle of comparisons of its entries."""
    assert "argmax(scores)" in told("accuracy")
    assert "> 0" not in told("accuracy")


@pytest.mark.parametrize(("name", "first"), [("log", 0.1), ("sqrt", 0.1), ("exp", -5)])
def test_curves_keep_to_where_a_function_is_finite(name: str, first: float) -> None:
    """The logarithm's curve begins right of 0, where its derivative is a number."""
    plot = explain(name).plot
    assert plot is not None
    assert plot.series[0].points[0][0] == pytest.approx(first)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_show_equations_defaults_and_two_steps(name: str) -> None:
    """Each optimizer: its equations, the settings it has by default, two worked iterations."""
    explanation = explain(name)
    assert {key.name: str(key.default) for key in explanation.settings} == dict(
        OPTIMIZERS[name].defaults
    )
    assert len(explanation.worked) == 2
    assert any(step.name == "w" for step in explanation.worked[0].steps)
    assert explanation.plot is not None


def test_users_are_the_bundled_scenarios_that_use_it() -> None:
    """The scenario xor has tanh in it, one_weight has not."""
    assert "xor" in explain("tanh").used_in
    assert "one_weight" not in explain("tanh").used_in
    assert "one_weight" in explain("power rule").used_in
    assert "one_weight" in explain("sgd").used_in
    assert explain("causal_mask").used_in == ["self_attention --variant causal"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Tanh", "tanh"),
        ("ln", "log"),
        ("σ", "sigmoid"),
        ("**", "power"),
        ("@", "matmul"),
        (" Chain  rule", "chain rule"),
        ("链式法则", "chain rule"),
        ("vanishing gradient", "vanishing-gradients"),
        ("均方误差", "mse"),
        ("mean squared error", "mse"),
        ("损失", "loss"),
        ("轮", "epoch"),
        ("batch_norm", "batch-normalization"),
    ],
)
def test_other_spellings_are_understood(written: str, name: str) -> None:
    """What equations may write, and capitals, lead to the same explanation."""
    assert explain(written).name == name


@pytest.mark.parametrize("language", languages())
def test_every_page_is_found_by_its_title_in_each_language(language: str) -> None:
    """As a page or the glossary prints it, whatever language the output is in."""
    translate = catalogue(language)
    for name in explained_names():
        assert explanations.split_names([translate(name)]) == [name]
    known = {*explained_names()}
    for row in table().values():
        assert row.inner or {*explanations.split_names([translate(row.title)])} <= known


def test_regularization_is_what_the_runs_come_to() -> None:
    """L2 divides by 1.1, L1 takes 0.1 off; AdamW shrinks both weights by 0.999 a step."""
    tables = [block for block in explained("regularization").examples if isinstance(block, Table)]
    penalties, decays = (
        [[float(literal(node) or 0) for node in row[1:] if isinstance(node, Node)] for row in found]
        for found in (tables[0].rows, tables[1].rows)
    )
    assert penalties[1] == pytest.approx([1 / 1.1, 0.05 / 1.1], rel=1e-5)
    assert penalties[2][0] == pytest.approx(0.9, rel=1e-5)
    assert abs(penalties[2][1]) < 0.1 * 0.15
    assert penalties[3] == pytest.approx([1 / 11, 0.05 / 11], rel=1e-5)
    plain, descent, joined, apart = decays
    assert descent[1] == pytest.approx(0.999**100, rel=1e-3)
    assert [b / a for a, b in zip(plain, apart, strict=True)] == pytest.approx(
        [0.999**100] * 2, rel=1e-3
    )
    assert joined[0] / plain[0] > 0.98
    assert joined[1] / plain[1] < 0.5


def test_a_rule_of_the_table_is_derived_on_its_page() -> None:
    """Its operation's law, and not only its name; of the rules of differentiation their own."""
    for name in ("product rule", "derivative of group normalization", "chain rule"):
        assert "The law, derived" in told(name)


def test_every_entry_of_a_maximum_may_win() -> None:
    """No entry is said to have no influence because it did not win where numbers were drawn."""
    assert all(map(all, explained("max").pictures[0].touches))
    assert explained("max_pool1d").pictures[0].touches[1] == (False, False, True, True)


@pytest.mark.parametrize("name", ["", "(", "a b", "x" * 10_000, "__import__", "w1"])
def test_unknown_names_are_refused(name: str) -> None:
    """Anything else is one error that says where to look."""
    with pytest.raises(UnknownNameError, match="there is no explanation of"):
        explain(name)


# Words of the language that no formula of a page may show.
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
CODE = re.compile(r"keepdims|axis=|outer\(|broadcast\(|scatter_add\(|reshape\(|sum_to\(|@|‹")


@pytest.mark.parametrize("name", sampled(explained_names(), explained_names()[::4]))
def test_every_name_is_explained(name: str) -> None:
    """Operations, optimizers, rules, ideas, words: each has a page, with what belongs on it.

    Of an operation: its purpose, definition or formula, law, worked example, limits; or a reason.
    Below the head, which shows how a call is written, no formula is in code.
    """
    explanation, text, row = explained(name), told(name), table().get(name)
    assert text.strip().startswith(page_title(name).template)
    assert "nan" not in text.split()
    body = text.split("\n\n", 2)[-1]
    formulas = [line for line in body.splitlines() if line.startswith("    ") and "=" in line]
    assert [line for line in formulas if CODE.search(line)] == []
    if row is None:
        return
    has_gradient = bool(row.derivative is not None and row.operands)
    assert text.count("In short:") == 1
    assert ("What it is for" in text) == bool(explanation.purpose or not explanation.gradients)
    if row.law is not None and row.law.lines and has_gradient:
        assert "Definition" in text
        assert "The law, derived" in text
    if has_gradient:
        assert explanation.gradients
        assert explanation.example is not None
    if explanation.gradients:
        assert "The law, derived" in text or "The derivative" in text
    else:
        assert "No gradient flows through it." in text
    assert explanation.worked
    assert bool(explanation.pictures) == (has_gradient and not row.elementwise)


def test_the_law_of_the_squared_error_holds_for_any_size() -> None:
    """The mean is over n, not over the three entries of the example."""
    law = told("mse").partition("The law, derived")[2].partition("An example")[0]
    assert "/ n" in law
    assert "3" not in law


def test_softmax_with_cross_entropy_is_shown_in_full() -> None:
    """From the probabilities through the logarithm to p − y, each line with its reason."""
    law = told("cross_entropy").partition("The law, derived")[2].partition("An example")[0]
    assert law.count("∂") > 6
    assert "So the gradient is the prediction p minus the right answer" in law


def test_a_picture_is_what_differences_say() -> None:
    """A window of three over five entries, moved one at a time, changes the same sums."""
    text = "conv1d(x, k)"
    kernel = "[[[1, -0.5, 2]]]"
    found = dependences_of(f"y = {text}", {"x": (1, 5)}, {"k": kernel})
    assert [list(row) for row in found[0].touches] == [
        [place <= entry <= place + 2 for entry in range(5)] for place in range(3)
    ]
    values = [0.3, -0.2, 0.9, 0.4, 0.7]

    def sums(row: list[float]) -> list[float]:
        equations = example_network(
            "x", f"y = {text}", {}, {"k": kernel, "x": f"[{row}]"}, training=""
        )
        return list(run_scenario(equations).iteration(1).floats("y"))

    for entry in range(5):
        moved = [value + 0.1 * (place == entry) for place, value in enumerate(values)]
        changes = [a != b for a, b in zip(sums(values), sums(moved), strict=True)]
        assert changes == [row[entry] for row in found[0].touches]


def test_a_causal_mask_hides_what_comes_later() -> None:
    """The first row of shares sees no second score."""
    picture = explain("causal_mask").pictures[0]
    assert picture.touches[0] == (False,) * 4
    assert picture.touches[2] == (False, False, True, True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sigmoid", "at −6 the slope is 0.00247"),
        ("relu", "Dead unit"),
        ("abs", "the slope jumps from −1 to 1"),
        ("exp", "above 709.783"),
        ("log", "Below 0 there is no value"),
        ("sgd", "from about 1 on the loss"),
        ("momentum", "from about 1.9 on the loss"),
        ("rmsprop", "Too small a learning rate"),
        ("square", "above 1.34078·10¹⁵⁴"),
        ("silu", "at −6 the slope is −0.0123"),
        ("mae", "where a passes b the gradient of a jumps from −0.333 to 0.333"),
        ("divide", "With b 0 a value or a gradient of the example is no longer a number"),
        ("divide", "∂y/∂b reaches a size of 320000, not 0.32"),
        ("layer_norm", "With all entries of x alike ∂L/∂x reaches a size of 1110, not 0.591"),
        ("mse", "it makes the largest of the example about 1330, not about 0.667"),
    ],
)
def test_limits_come_with_a_number(name: str, words: str) -> None:
    """Saturation, a dead unit, a kink, an overflow, a missing value, a rate that is too large."""
    assert words in told(name)


def test_a_loss_that_is_gone_is_no_gradient_that_vanishes() -> None:
    """Answers that are right a thousandfold leave nothing to learn; wrong ones keep their pull."""
    limits = told("bce_with_logits").partition("Where it goes wrong")[2]
    assert "as there is nothing more to learn" in limits
    assert "the gradient is up to 0.5" in limits
    assert "∂t" not in limits  # nobody learns a target
    for name in ("cross_entropy", "mse", "softmax"):
        assert "nothing more to learn" not in told(name)


def test_where_entries_are_equal_a_maximum_has_a_kink() -> None:
    """Its gradient jumps, and shared by all of them it is a third; a mean's is the same."""
    assert "one entry of x passes the others its gradient jumps from 0 to 1" in told("max")
    assert "between about 0.333 and 1; it was about 1" in told("max")
    for name in ("mean", "softmax", "layer_norm"):
        assert "Kink" not in told(name)


@pytest.mark.parametrize("name", ["argmax", "first_max", "even_max", "equal"])
def test_what_is_flat_is_shown_where_it_is_flat(name: str) -> None:
    """A small move of any number of the example leaves the result as it is."""
    example = explained(name).examples or run_example(name, 0.0)
    for move in (0.001, -0.001):
        assert run_example(name, move) == example


def run_example(name: str, move: float) -> list[float]:
    """Return the result of an operation's example with its first number moved."""
    text, *givens = table()[name].example.split(";")
    numbers = dict(given.strip().split(" = ") for given in givens)
    first, value = next(iter(numbers.items()))
    moved = f"{value} + {move}" if "[" not in value else value.replace("3", str(3 + move))
    numbers[first] = repr(eval(moved))  # of the table's own numbers
    scenario = example_network("x", f"y = {text}", {}, numbers, training="")
    return list(run_scenario(scenario).iteration(1).floats("y"))


def test_of_equal_entries_each_has_its_share_in_the_formula() -> None:
    """The number of largest ones stands below; of a matrix each axis has its own letter."""
    trace = run_scenario(example_network("x", "loss = max(V)", {"V": "[[1, 5], [5, 2]]"}))
    narrator, file = Narrator(trace, Options()), io.StringIO()
    shown = list(iteration_blocks(narrator, 1))
    terminal(shown, notation_of(trace), width=100, color=False, file=file)
    text = "".join(plain(shown, notation_of(trace)))
    assert "V_kk" not in text
    assert "[[0, 0.5], [0.5, 0]]" in text
    assert "∑" in text.partition("∂V")[2]


def test_a_large_rate_that_the_run_recovers_from_is_said_to() -> None:
    """Beside what the page's own rate comes to; plain descent diverges instead."""
    for name in ("adam", "adagrad", "rmsprop"):
        assert "the run recovers" in told(name)
    for name in ("sgd", "momentum"):
        assert "recovers" not in told(name)


def test_what_a_large_rate_comes_to_is_what_a_run_at_that_rate_comes_to() -> None:
    """The rate that is printed, and no other; the steps of lion stay of one length."""
    for name in ("sgd", "momentum", "nesterov"):
        found = re.search(r"With ([\d.]+) it is ([\d.]+)·10([⁰-⁹²³]+) in iteration 30", told(name))
        assert found is not None, name
        training = f'optimizer = "{name}"\nlearning_rate = {found[1]}\niterations = 30\n'
        network = example_network(name, "loss = (w - 3)**2", {"w": "1"}, training=training)
        digits = found[3].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
        last = run_scenario(network).floats("loss")[29]
        assert math.isclose(last, float(f"{found[2]}e{digits}"), rel_tol=0.005)
    assert "grows instead of shrinking" not in told("lion")


@pytest.mark.parametrize(
    ("name", "sign", "other"),
    [
        ("max_pool1d", "1[⋯] is 1 where", "tanh"),
        ("max_pool1d", "unpool(g, a) puts each", "conv1d"),
        ("avg_pool2d", "spread(g) puts each", "max_pool2d"),
        ("windows1d", "fold(x) adds up", "conv1d"),
        ("place", "has a 1 at place k", "index"),
        ("layer_norm", "μ is a mean: of a vector's entries", "softmax"),
        ("conv1d", "a convolution, each filter of k is flipped", "max_pool1d"),
    ],
)
def test_signs_are_explained_where_they_stand(name: str, sign: str, other: str) -> None:
    """And nowhere else."""
    assert sign in " ".join(told(name).split())
    assert sign not in " ".join(told(other).split())


def test_a_rule_of_several_operations_says_which_one_it_shows() -> None:
    """The mean itself, not a pool of means; a rule of one operation need not."""
    assert "What follows describes mean." in told("derivative of a mean")
    assert "What follows describes step." in told("derivative of a step")
    assert "What follows" not in told("derivative of a sum")


def test_the_curve_of_classes_is_over_one_entry() -> None:
    """The name of the whole array is no number."""
    text = " ".join(told("nll").split())
    assert "nll([probabilities₁, 0], 0)" in text
    assert "that of the other class stays at 0" in text
    assert "of the other class" not in told("mse")


@pytest.mark.parametrize("name", IDEAS)
def test_an_idea_shows_numbers_of_its_scenario(name: str) -> None:
    """The page has worked lines or a table from a run of a bundled scenario."""
    explanation = explain(name)
    assert {call.partition(" ")[0] for call in explanation.used_in} <= set(bundled())
    assert len(explanation.examples) > 1


def test_the_nudge_comes_close_to_the_gradient() -> None:
    """The change of the loss for a thousandth of a change of w: nearly −3, of figures shown."""
    assert "at 0.501 it is 2.247001: the change divided by 0.001 is −2.99900" in told("gradient")
    assert explain("learning rate").name == "learning-rate"
    assert explain("chain-rule").name == "chain rule"


def test_a_curve_is_marked_where_it_is_flat_and_where_it_is_steep() -> None:
    """Along the axis of the text, as shades and a line of the picture; as far as the words say."""
    explanation = explain("sigmoid")
    assert explanation.plot is not None
    assert [span.name.template for span in explanation.plot.spans] == [
        "steepest",
        "flat",
        "flat",
    ]
    file = io.StringIO()
    terminal([explanation.plot], page_notation(explanation), width=80, color=False, file=file)
    axis = next(line for line in file.getvalue().splitlines() if "└" in line)
    assert re.fullmatch(r" *└═+─+▲─+═+", axis)
    picture = svg(explanation.plot, page_notation(explanation))
    assert picture.count('fill-opacity="0.08"') == 2
    assert ">steepest</text>" in picture


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sin", "level at −4.7, −1.6, 1.6, 4.7, where the slope is 0"),
        ("sin", "steepest at −3.1, 0, 3.1: slope −1, 1, −1"),
        ("mse", "level at 1, where the slope is 0"),
        ("mse", "steeper and steeper towards −5, 5: slope −12, 8"),
        (
            "cross_entropy",
            "Above 2.95 it is nearly flat: the slope is less than a twentieth",
        ),  # e^−x = 1/19
        ("relu", "Below 0 it is flat: the slope is 0"),
        ("silu", "level at −1.3, where the slope is 0"),
        ("gelu", "level at −0.75, where the slope is 0"),
        ("gelu", "steepest at 1.4: slope 1.13"),
        ("exp", "steeper and steeper towards 5: slope 148"),
    ],
)
def test_a_curve_says_where_it_is_level_steep_and_flat(name: str, words: str) -> None:
    """Curves of losses too; a corner is no level place, and a straight line has none."""
    assert words in " ".join(told(name).split())
    for straight in ("abs", "mae", "add", "leaky_relu"):
        assert not re.search("level at|steepest at|flat (below|above)", told(straight))


def test_a_curve_without_such_places_has_no_marks() -> None:
    """The exponential is flat on one side of what is drawn; a root is steepest at its end."""
    for name in ("sqrt", "negative"):
        plot = explain(name).plot
        assert plot is not None
        assert not plot.spans


def test_four_equations_have_the_numbers_of_the_run() -> None:
    """BP1 to BP4, each followed by its lines of mlp_2_2_2, as a loop over the units gives them."""
    iteration = run_scenario(load("mlp_2_2_2")).iteration(1)
    error, weights, active = (iteration.floats(name) for name in ("dloss/dz2", "W2", "a1"))
    for unit in range(2):
        back = sum(error[place] * weights[2 * place + unit] for place in range(2))
        slope = active[unit] * (1 - active[unit])
        assert iteration.floats("dloss/dz1")[unit] == pytest.approx(back * slope)
        assert iteration.floats("dloss/dW2")[unit] == pytest.approx(error[0] * active[unit])
    text = told("four-equations")
    places = [text.index(f"BP{number}, ") for number in (1, 2, 3, 4)]
    assert places == sorted(places)
    assert f"{iteration.floats('dloss/dz1')[0]:.7f}".replace("-", "−") in text


@pytest.mark.parametrize(
    "name", ["backpropagation", "four-equations", "initialization", "saturation", "gradient"]
)
def test_an_idea_begins_with_the_forward_pass(name: str) -> None:
    """What the gradients take up has been worked out above them, once for the same given values."""
    text = told(name)
    forward, _, gradients = text.partition("The forward pass:")[2].partition("∂L/∂")
    assert re.search(r"    L = .*\n", forward)
    assert gradients
    assert text.count("The forward pass:") == (2 if name == "initialization" else 1)


def test_examples_show_what_an_operation_is_for() -> None:
    """Axes change places, windows overlap, and of equal entries each has its share."""
    for name, field in (("transpose", "x"), ("flatten", "x")):
        value = explained(name).worked[0].steps[0].values
        given = explained(name).example
        assert given is not None
        assert len(given.parameters[field].shape) == 3, name
        assert min(given.parameters[field].shape) > 1
        assert len(value) == 8
    assert explained("even_max").worked[0].steps[0].values == [0, 0.5, 0.5]
    (picture,) = explained("windows2d_add").pictures
    assert max(map(sum, picture.touches)) == 2
    image, kernel = explained("conv2d").pictures
    assert max(map(sum, zip(*image.touches, strict=True))) == 4  # the middle lies under all four
    assert kernel.operand_shape[-2:] == (2, 2)


def test_units_that_start_alike_stay_alike() -> None:
    """Both columns of the first table are equal in every row, those of the second in none."""
    shown = explain("initialization").examples
    alike, apart, _ = (block for block in shown if isinstance(block, Table))
    assert len(alike.rows) == 4
    assert all(one == other for _, one, other in alike.rows)
    assert not any(one == other for _, one, other in apart.rows)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("initialization", "Here W₁ ="),
        ("backpropagation", "Here x ="),
        ("initialization", "η = 0.5."),
        ("softmax", "Here z ="),
        ("saturation", "Here x ="),
        ("truncated-backpropagation", "Here x ="),
        ("max_pool2d", "Its law is shown for max_pool2d(x, (h, w))."),
        ("conv2d", "Its law is shown for conv2d(x, k)."),
    ],
)
def test_what_numbers_and_laws_are_of_is_said(name: str, words: str) -> None:
    """Given values, those that differ from the scenario too, and what a law holds for."""
    assert words in " ".join(told(name).split())


def test_an_exploding_gradient_doubles_with_each_layer() -> None:
    """Weights of 2 over five layers: 32 times as large at the first as at the last."""
    text = told("exploding-gradients")
    assert "from ŷ to a₁ the size of the gradient is multiplied by 32" in text
    assert re.search(r"0\.05 +3981\.61 +0\.81 +0\.81", text)


def test_differences_from_both_sides_are_better_at_a_larger_step() -> None:
    """The best step is near the square root of the spacing of numbers, and near its cube root."""
    words = re.search(
        r"best step is (\S+) for the\s+one-sided\s+quotient and (\S+)\s",
        told("gradient-checking"),
    )
    assert words is not None
    one, two = (float(text.replace("10⁻", "1e-").translate(RAISED)) for text in words.groups())
    assert one <= 1e-7 < 1e-6 <= two <= 1e-4


def test_every_reason_of_a_step_is_on_a_page() -> None:
    """The sigmoid's slope and the weight's input: the gradient comes through both."""
    text = " ".join(told("vanishing-gradients").split())
    assert "the sigmoid has the slope 0.213910" in text
    assert text.index("the sigmoid has the slope") < text.index("The slope of a product")


def test_a_page_says_a_reason_in_full_once() -> None:
    """And in short where it holds again."""
    text = " ".join(told("four-equations").split())
    assert text.count("Each unit passes its gradient on in proportion") == 1
    assert "The sigmoids' slopes here" in text


def test_shares_of_time_steps_add_up_to_the_whole_gradient() -> None:
    """With all eight shares nothing is missing, and each further share brings the sum closer."""
    lines = re.findall(r"^ +\d +\S+ +(\S+)$", told("truncated-backpropagation"), re.MULTILINE)
    errors = [float(item) for item in lines]
    assert len(errors) == 8
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.1
    assert errors[-1] == 0


def test_gates_share_swap_and_route() -> None:
    """C = 4 goes back to s, s = 3 to c, and what loses a maximum gets nothing."""
    iteration = run_scenario(idea_scenario(IDEAS["gates"])).iteration(1)
    gradients = [iteration[f"dloss/d{name}"] for name in ("a", "b", "s", "c", "d")]
    assert gradients == [4, 4, 4, 3, 0]
    assert "In numbers\n" in told("gates")


def test_the_jacobian_of_softmax_is_what_its_law_says() -> None:
    """Diagonal and rest of the matrix, and p − y beside the gradient that it leads to."""
    text = told("softmax").partition("The Jacobian matrix")[2].partition("An example")[0]
    iteration = run_scenario(
        example_network("x", "y = softmax(z)", {}, {"z": "[1, -0.5, 2]"}, training="")
    )
    shares = iteration.iteration(1).floats("y")
    assert number_text(shares[1] * (1 - shares[1]), 6) in text
    assert number_text(shares[0] * shares[2], 6) in text
    assert "y_1·(1 − y_1)" in text.replace("y₁", "y_1")
    table = next(block for block in explain("softmax").jacobian if isinstance(block, Table))
    assert all(row[2] == row[3] for row in table.rows)
    assert not explain("tanh").jacobian
    assert explain("log_softmax").jacobian


@pytest.mark.parametrize("name", ["matmul", "conv2d", "power", "causal_mask"])
def test_a_gradient_that_vanishes_is_named(name: str) -> None:
    """With one factor 0 the other one's gradient is 0, though the first one's may not be."""
    limits = told(name).partition("Where it goes wrong")[2]
    assert "every entry of" in limits
    assert "it vanishes there" in limits


def test_labels_have_one_base_on_a_page() -> None:
    """They count from 0 and columns from 1, in the definition as in the example."""
    page = told("cross_entropy")
    definition = page.partition("Definition")[2].partition("An example")[0]
    assert definition.count("labels_i") + definition.count("labelsᵢ") == definition.count("+ 1")
    assert "p − y" not in definition


def test_a_rule_is_found_by_its_name_with_underscores() -> None:
    """As an operation's name is written."""
    assert explain("chain_rule").name == "chain rule"


def test_only_what_is_near_is_suggested() -> None:
    """A few letters in common are not enough; a slip of a finger and a first part are near."""
    for text, near in (
        ("nonsense", ""),
        ("sigmod", "sigmoid"),
        ("momen", "momentum"),
        ("归一化", "层归一化"),
    ):
        with pytest.raises(UnknownNameError) as caught:
            explain(text)
        assert ("did you mean" in str(caught.value)) == bool(near)
        assert near in str(caught.value)


def test_the_gradient_of_a_maximum_goes_to_one_of_equal_entries() -> None:
    """The formula is 1 at one place, the argmax, and not wherever the largest value stands."""
    assert "Where several are equally large" in told("max_pool1d")
    assert explain("first_max").worked[0].steps
    assert "1[i = argmax_j xⱼ]" in told("first_max")


def drawn(name: str, place: int) -> str:
    """Return worked steps of a page as a terminal shows them."""
    file = io.StringIO()
    steps = explained(name).worked[place].blocks
    terminal(steps, page_notation(explained(name)), width=100, color=False, file=file)
    return file.getvalue()


@pytest.mark.parametrize("name", ["sigmoid", "matmul", "conv2d", "softmax"])
def test_an_example_names_upstream_and_local(name: str) -> None:
    """The steps of a page are those of a derivation: what comes in, times the local derivative."""
    example = drawn(name, 0)
    assert "upstream" in example
    assert "local" in example or name == "softmax"


def test_a_factor_of_each_entry_is_a_local_derivative() -> None:
    """Dropout keeps or strikes out each entry: its slope is 1 / (1 − rate) there, or 0."""
    assert "≈ [1.33333, 1.33333, 0]ᵀ" in told("dropout")
    assert "local: 1" not in drawn("dropout", 0)


def test_the_kernel_is_the_weights_and_x_the_input() -> None:
    """Both are trained on the page; each gradient has the other as its factor."""
    example = drawn("conv2d", 0)
    assert example.index("local: weights") < example.index("local: input")


def test_attention_is_worked_out_in_its_scenario() -> None:
    """One equation, an entry of the context, and tables of that context."""
    text = told("attention")
    assert "softmax(Q Kᵀ / √d) V" in text
    assert "context₁₁ = A₁₁·V₁₁" in text
    assert "of y" not in text


def test_upstream_is_1_only_right_below_the_loss() -> None:
    """A gradient that is made of parts in lines of their own has its factors there."""
    givens = {"a": "[0.5, 2, -1]", "b": "[1, 1, 0]"}
    trace = run_scenario(example_network("example", "y = mean((a - b)**2)", givens))
    narrator, file = Narrator(trace, Options(detail="operation")), io.StringIO()
    shown = iteration_blocks(narrator, 1)
    terminal(list(shown), notation_of(trace), width=100, color=False, file=file)
    assert file.getvalue().count("local; upstream: 1") == 1


def test_an_entry_of_an_example_is_opened_as_in_a_derivation() -> None:
    """What mixes entries shows one of them, as the sum or the quotient that it is."""
    assert "One entry of y in full" in told("softmax")
    assert "One entry of ∂L/∂x in full" in told("layer_norm")
    assert "One entry of" not in told("tanh").partition("An example")[2]
    assert "with the first and the last terms" not in told("deviation")  # there is one term


def test_what_saturated_units_leave_of_a_gradient_is_said_with_its_number() -> None:
    """Ten saturated sigmoids leave 8e-27 of a gradient of 1: very little, but not 0."""
    limits = told("sigmoid").partition("Where it goes wrong")[2]
    assert "8.33·10⁻²⁷" in limits
    assert "within rounding" not in limits


def test_softmax_says_why_its_largest_entry_is_subtracted() -> None:
    """The textbook's exponentials overflow where the form that is computed has a value."""
    for name, form in (("softmax", "max(z₁, z₂, z₃)"), ("logsumexp", "max(z₁, z₂, z₃)")):
        limits = told(name).partition("Where it goes wrong")[2]
        assert "Overflow" in limits
        assert form in limits
    assert "Overflow" not in told("tanh")


def test_a_page_is_about_its_own_operation() -> None:
    """The example of a mask has a softmax around it; the page says what the mask is for."""
    purpose = told("causal_mask").partition("What it is for")[2].partition("Definition")[0]
    assert "struck out" in purpose
    assert "Softmax" not in purpose


def test_what_is_kept_for_the_backward_pass_is_what_its_formulas_need() -> None:
    """Of sigmoid layers the outputs are kept, and no z: 2 + 2 numbers."""
    assert "needs a₁, ŷ of the forward pass: 4 numbers" in told("backpropagation")


def test_rates_of_one_weight_come_with_their_factor() -> None:
    """The error is multiplied by 1 − 2η: 0.98, 0.8, 0, −0.8 and −1.2; several weights have none."""
    tables = [block for block in explained("learning-rate").examples if isinstance(block, Table)]
    nodes = [row[-1] for row in tables[0].rows]
    cells = [float(literal(node) or 0) for node in nodes if isinstance(node, Node)]
    assert cells == pytest.approx([0.98, 0.8, 0, -0.8, -1.2])
    assert "factor" not in told("exploding-gradients").partition("The loss in the first")[2]
