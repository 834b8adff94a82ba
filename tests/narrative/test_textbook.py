"""Textbook notation: no name of the language's own stands in a formula that people read."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.case_lists import sampled
from tracer.expression import Notation, parse, render
from tracer.expression.syntax import Call, Display, Name, Node, walk
from tracer.narrative import textbook_blocks
from tracer.narrative.blocks import Block, EquationLine, Heading, Table
from tracer.narrative.derivation import derivation, step_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.local_derivatives import gradient_product
from tracer.narrative.overview import overview
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator
from tracer.narrative.steps import StepNarrator
from tracer.narrative.textbook_blocks import in_textbook, textbook_for
from tracer.operations import vocabulary
from tracer.operations.textbook import DrawnPart, Textbook
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import Program
from tracer.program.scenario import bundled, load, loads
from tracer.render.block_writer import line_members
from tracer.render.boxes import Layout
from tracer.render.html import html
from tracer.render.latex import latex
from tracer.render.markdown import MarkdownWriter, markdown
from tracer.render.plain import plain
from tracer.render.terminal import terminal
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

SCENARIOS = [name for name in bundled() if not name.endswith("_full")]
CODE = re.compile(
    r"axis|keepdims|outer|broadcast|reshape|scatter|windows|gather|one.{0,2}hot|@"
    r"|(?:sum|mean)\}?(?:\\left)?\(|_part[0-9]"
)


def as_terminal(blocks: list[Block], trace: Trace) -> str:
    """Return blocks as a terminal shows them."""
    file = io.StringIO()
    terminal(blocks, notation_of(trace), width=120, color=False, file=file)
    return file.getvalue()


FORMATS: dict[str, Callable[[list[Block], Trace], str]] = {
    "html": lambda blocks, trace: "".join(
        html(blocks, notation_of(trace), language="en", title="")
    ).partition("<body")[2],
    "latex": lambda blocks, trace: "".join(latex(blocks, notation_of(trace))).partition(
        "begin{document}"
    )[2],
    "markdown": lambda blocks, trace: "".join(markdown(blocks, notation_of(trace))),
    "plain": lambda blocks, trace: "".join(plain(blocks, notation_of(trace), unicode=True)),
    "terminal": as_terminal,
}


@cache
def traced(name: str) -> Trace:
    """Return the trace of a bundled scenario, run once."""
    return run_scenario(load(name), record="checkpoints")


@cache
def lines_of(name: str) -> list[Block]:
    """Return the lines of a scenario's derivation, told once."""
    told = derivation(traced(name), Options())
    return [block for block in told if isinstance(block, EquationLine)]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_no_code_stands_in_formulas(name: str, format: str) -> None:
    """No `axis`, `outer(…)`, `@` or made-up part in any line, in any format."""
    lines = lines_of(name)
    assert lines
    found = CODE.search(FORMATS[format](lines, traced(name)))
    assert found is None, found


@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_no_code_stands_where_a_scenario_is_shown(name: str) -> None:
    """The equations of `tracer show` are those of a derivation."""
    trace = traced(name)
    scenario, built = trace.scenario, trace.iteration(1).built
    lines: list[Block] = [
        block for block in overview(scenario, built) if isinstance(block, EquationLine)
    ]
    found = CODE.search(FORMATS["plain"](lines, trace))
    assert found is None, found
    code = [block for block in overview(scenario, built, "code") if isinstance(block, EquationLine)]
    assert len(code) >= len(lines)  # a part without a name has no line of its own


@pytest.mark.parametrize("name", sampled(SCENARIOS, {"rnn_step", "transformer_block"}))
def test_code_in_markdown_is_what_the_parser_reads_back(name: str) -> None:
    """Each side of each line is the same tree again, and a product of matrices has its sign."""
    trace = traced(name)
    notation, known = notation_of(trace), vocabulary()
    writer = MarkdownWriter(notation, str, None)
    products = 0
    for block in derivation(trace, Options(notation="code")):
        for node in line_sides(block):
            text = writer.formula(node)
            assert parse(text, "latex", vocabulary=known, names=notation) == node, text
            count = sum(isinstance(it, Call) and it.operation == "matmul" for it in walk(node))
            assert text.count(r"\mathbin{@}") == count
            products += count
    assert products or "matmul" not in operations_of(trace)


@pytest.mark.parametrize("name", sampled(SCENARIOS, {"mlp_2_2_2", "losses", "transformer_block"}))
def test_each_gradient_by_operations_has_its_factors_named(name: str) -> None:
    """What comes in and the local derivative have their braces, as where equations are lines."""
    narrator = Narrator(traced(name), Options(detail="operation"))
    iteration = narrator.iteration(1)
    for step in narrator.steps(1):
        if step.equation.wrt and step.equation.path:
            *_, line = narrator.lines(iteration, step, set())
            kinds = {getattr(part, "kind", "") for part in walk(drawn(line.formula))}
            assert "labelled" in kinds, step.name


def test_by_operations_a_local_derivative_is_worked_out_before_what_comes_in_meets_it() -> None:
    """Of δ ⊙ a ⊙ (1 − a) no line multiplies δ with a: σ′ has a line, its parts have theirs."""
    lines = [
        render(drawn(block.left), "unicode")
        for block in derivation(traced("mlp_2_2_2"), Options(detail="operation"))
        if isinstance(block, EquationLine)
    ]
    assert "∂loss/∂a₂ ⊙ a₂" not in lines
    at = lines.index("sigmoid′(z₂)")
    assert lines[at - 1 : at + 2] == ["1 − a₂", "sigmoid′(z₂)", "∂loss/∂z₂"]


def test_by_operations_an_entry_of_each_large_array_is_told() -> None:
    """A line of arrays that are not put in has its numbers in an entry, at this detail too."""
    trace = traced("digit_cnn")
    blocks = list(derivation(trace, Options(detail="operation")))
    page = FORMATS["plain"](blocks, trace)
    for sign in ("x W", "∂L/∂W", "η·∂L/∂W", "W"):
        assert f"One entry of {sign} in full:" in page, sign


def test_no_index_is_the_letter_below_a_name_within_parts() -> None:
    """K = [(X W_k)_{…}]_{ijl}: of parts that are made of parts too, the names are looked at."""
    trace = traced("transformer_block")
    blocks = list(derivation(trace, Options(detail="operation")))
    lines: list[Block] = [block for block in blocks if isinstance(block, EquationLine)]
    page = FORMATS["plain"](lines, trace)
    assert "K = [(X W_k)_(j, 2·(i − 1) + l)]ᵢⱼₗ" in page


def test_a_choice_whose_condition_is_worked_out_is_what_it_chooses() -> None:
    """Of the Huber loss a small error leaves its square, and no factors 0 and 1 − 0."""
    text = """
[data]
y = [0.5, -2]
[parameters]
w = [0.1, 0.3]
[network]
equations = "p = sigmoid(w)\\nloss = huber(p, y)"
[training]
learning_rate = 0.1
iterations = 1
"""
    trace = run_scenario(loads(text))
    page = FORMATS["plain"](list(derivation(trace, Options())), trace)
    assert "= ((0.524979 − 0.5)² / 2 + |0.574443 − (−2)| − 0.5) / 2 ≈" in page


def drawn(node: Node) -> Node:
    """Return what is drawn for a part of a line."""
    return node.drawn if isinstance(node, DrawnPart) else node


def test_shares_through_one_product_have_a_blank_in_their_place() -> None:
    """N Nᵀ is no name of the way through its first factor."""
    text = """
[data]
X = [[1, 2], [0.5, -1]]
[parameters]
W = [[0.5, -0.3], [0.2, 0.7]]
[network]
equations = '''
N = X @ W
G = N @ N.T
S = tanh(N) * N + N
T = N[0] * N[1]
loss = sum(G**2) + sum(S) + sum(T)
'''
[training]
learning_rate = 0.1
iterations = 1
"""
    built = run_scenario(loads(text)).iteration(1).built
    shares = [item.name for item in built.program.phase("backward") if "dN#" in item.name]
    signs = [textbook_for(built).named[name] for name in shares]
    ways = {render(sign.parts[1], "unicode") for sign in signs if isinstance(sign, Display)}
    assert ways == {"• Nᵀ", "N •ᵀ", "S", "(N)₁", "(N)₂"}


def line_sides(block: Block) -> list[Node]:
    """Return the sides of a line, none of another block."""
    if not isinstance(block, EquationLine):
        return []
    return [block.left, *(member.node for member in line_members(block))]


def operations_of(trace: Trace) -> set[str]:
    """Return the operations in the equations of a program."""
    parts = (part for item in trace.program.equations for part in walk(item.expression))
    return {part.operation for part in parts if isinstance(part, Call)}


def sides(trace: Trace) -> Iterator[str]:
    """Yield the sides of the lines of the first iteration, as LaTeX."""
    told = list(derivation(trace, Options()))
    begins = next(at for at, block in enumerate(told) if _begins(block))
    for block in told[begins:]:
        if isinstance(block, EquationLine):
            parts = (block.left, block.formula, block.substituted, block.result)
            yield " = ".join(shown(part, trace) for part in parts if part is not None)


def _begins(block: Block) -> bool:
    heads = ("Iteration {number}", "The computation")
    return isinstance(block, Heading) and block.text.template in heads


def shown(node: Node, trace: Trace) -> str:
    """Return a tree as LaTeX."""
    return render(node, "latex", vocabulary=vocabulary(), notation=notation_of(trace))


WRITTEN = {
    "W @ x": r"W\,x",
    "x * x + sum(W)": r"x \odot x",
    "outer(x, x) + W": r"x\,x^{\top}",
    "W.T @ x": r"W^{\top}\,x",
    "sum(exp(x) * where(step(x), 0, x))": r"e^{x_{i}} \cdot \min(0, x_{i})",
    "sum(exp(x) * where(step(x), x, 0))": r"e^{x_{i}} \cdot \max(0, x_{i})",
    "sum(exp(x) * where(step(x), 0, 2 * x))": r"\left(2\,x_{i} \cdot \mathbf{1}\left[x_{i} \le",
    "x @ W": r"W^{\top}\,x = \begin{bmatrix} 1 & 3 \\ 2 & 4 \end{bmatrix}\,\begin{bmatrix} 0.5",
    "x @ x + x": r"x^{\top}\,x",
    "W**2 @ x": r"(W \odot W)\,x = ",
    "1 - square(W)": r"1 - W \odot W",
    "sum(x**2)": r"\sum_{i = 1}^{2} x_{i}^{2}",
    "sum(W, axis=0)": r"\sum_{i = 1}^{2} W_{i}",
    "sum(W, axis=1)": r"\left[\sum_{j = 1}^{2} W_{ij}\right]_{i}",
    "mean(sum(W * W, axis=1))": r"\sum_{i = 1}^{2} \sum_{j = 1}^{2} W_{ij} \cdot W_{ij}",
    "outer(x * x, x)": r"(x \odot x)\,x^{\top}",
    "mean(W, axis=0)": r"\frac{1}{2}\,\sum_{i = 1}^{2} W_{i}",
    "softmax(x)": r"\operatorname{softmax}(x)",
    "step(x)": r"\mathbf{1}\left[x > 0\right]",
    "1 - step(x)": r"\mathbf{1}\left[x \le 0\right]",
    "1 - equal(x, 2)": r"\mathbf{1}\left[x \ne 2\right]",
    "-1 / x": r"-\frac{1}{x}",
    "max_pool2d(W, 2)": r"\operatorname{maxpool}(W, 2 \times 2)",
    "max_pool1d(W, 2, 1)": r"\operatorname{maxpool}(W, 2, 1)",
    "max(W, axis=1)": r"[\max_{j} W_{ij}]_{i}",
    "W[1]": r"W_{2}",
    "concat([x, x])[:2]": r"\begin{bmatrix} x \\ x \end{bmatrix}",
}


@pytest.mark.parametrize("code", WRITTEN)
def test_an_operation_is_written_by_the_look_of_its_row(code: str) -> None:
    """Each row of the table has a textbook look, where its call is none."""
    scenario = f"""
[data]
x = [0.5, -1]
[parameters]
W = [[1, 2], [3, 4]]
[network]
equations = '''
y = {code}
loss = sum(y)
'''
"""
    first = next(sides(run_scenario(loads(scenario))))
    assert WRITTEN[code] in first


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_word_stands_in_the_lines_of_an_optimizer(optimizer: str) -> None:
    """A gradient with weight decay is g̃, the momentum of the next step μ with t + 1 below it."""
    training = f'optimizer = "{optimizer}"\nweight_decay = 0.1\nlearning_rate = 0.1\niterations = 1'
    network = "[parameters]\nw = [1, 2]\n[network]\nequations = 'loss = sum(w**2)'\n[training]\n"
    lines = [*sides(run_scenario(loads(network + training)))]
    assert not [line for line in lines if re.search(r"\\mathrm", line)]


def test_vectors_are_columns_and_stand_on_their_side_on_the_left_only() -> None:
    """A matrix times a column, a column times a row: the shapes are those of a textbook."""
    lines = list(sides(traced("mlp_2_2_2")))
    column = r"\begin{bmatrix} 0.6 \\ -0.4 \end{bmatrix}"
    row = r"\left[\begin{matrix} 0.6 & -0.4 \end{matrix}\right]"
    assert column in lines[0]
    assert row not in lines[0]
    assert any(row in line and r"x^{\top}" in line for line in lines)


def test_a_loss_is_worked_out_entry_by_entry() -> None:
    """½ ‖ŷ − y‖², then each square with its numbers."""
    (loss,) = [line for line in sides(traced("mlp_2_2_2")) if line.startswith("L =")]
    assert r"\frac{1}{2}" in loss
    assert "(0.584020 - 0.9)^{2} + (0.483278 - 0.2)^{2}" in loss


def test_one_value_has_one_figure() -> None:
    """The errors of the outputs are printed alike where they are made and where they are used."""
    text = " ".join(sides(traced("mlp_2_2_2")))
    figures = set(re.findall(r"0\.07676\d*", text))
    assert figures == {"0.0767643"}


def test_the_walk_back_begins_with_one() -> None:
    """∂L/∂L = 1, once."""
    text = list(sides(traced("mlp_2_2_2")))
    assert text.count(r"\frac{\partial L}{\partial L} = 1") == 1


def test_a_share_of_a_gradient_is_named_by_the_way_it_comes() -> None:
    """(∂L/∂powers) via p, and not a numbered bar."""
    text = " ".join(sides(traced("softmax_example")))
    assert r"_{\text{via } p}" in text
    assert r"\right|" not in text


def test_code_is_printed_where_it_is_asked_for() -> None:
    """--notation code keeps what the parser reads back."""
    trace = traced("mlp_2_2_2")
    told = derivation(trace, Options(notation="code"))
    lines = [block for block in told if isinstance(block, EquationLine)]
    texts = [render(line.formula, vocabulary=vocabulary()) for line in lines]
    assert "outer(dloss/dz2, a1)" in texts


def test_a_local_derivative_has_a_line_of_its_own() -> None:
    """σ′(z) with its value, then what comes in times that."""
    lines = list(sides(traced("mlp_2_2_2")))
    at = next(place for place, line in enumerate(lines) if line.startswith(r"\sigma'(z_{2})"))
    assert r"0.242941 \\ 0.249720" in lines[at]
    upstream = r"\underbrace{\frac{\partial L}{\partial \hat{y}}}_{\text{upstream}}{}"
    assert upstream + r" \odot \underbrace{\sigma'(z_{2})}_{\text{local}}{}" in lines[at + 1]
    assert r"\begin{bmatrix} 0.242941 \\ 0.249720 \end{bmatrix}" in lines[at + 1]


CELL = """
title = "A cell"
[data]
x = [0.5, -1]
labels = [2]
[parameters]
w = 0.4
b = 0.3
W = [[0.1, 0.2, -0.3]]
[network]
equations = '''
c = w * x[1] + b
h = b * tanh(c)
q = softmax(h * W)
loss = -mean(log(pick(q, labels))) + c * c
'''
[training]
learning_rate = 0.1
iterations = 1
"""


def test_an_entry_with_other_uses_brings_a_share_where_each_operation_has_a_line() -> None:
    """That of W₁₂² is no ∂L/∂W₁₂: the other one comes through h."""
    equations = "h = W @ x\nloss = sum(h**2) + W[0, 1]**2 * 3"
    trace = network("x = [1, 2]", "W = [[0.5, -0.3], [0.2, 0.7]]", equations)
    page = operation_page(trace)
    assert r"\left(\frac{\partial L}{\partial W_{12}}\right)_{\text{into } L} = " in page
    assert r"$$\frac{\partial L}{\partial W_{12}} = " not in page


def operation_page(trace: Trace) -> str:
    """Return the page with a line for each operation."""
    blocks = derivation(trace, Options(detail="operation"))
    return "".join(markdown(blocks, notation_of(trace, operations=True))).replace("_ {", "_{")


def test_parts_of_an_update_that_is_not_told_are_not_told() -> None:
    """Of what is updated in the same way neither the line is there nor what goes into it."""
    equations = "loss = sum((a * x + b * x + c)**2)"
    weights = "a = [1, 2]\nb = [3, 4]\nc = [5, 6]"
    page = operation_page(network("x = [1, 2]", weights, equations, optimizer="adam"))
    assert "The other parameters (2) are updated in the same way." in page
    assert r"\hat{m}_{a}" in page
    assert r"\hat{m}_{b}" not in page
    assert r"m_{c} =" not in page


def test_a_part_with_one_look_has_one_line() -> None:
    """P (1 − p), kept above 0 for a quotient by it, is not printed as itself a second time."""
    page = operation_page(network("y = [1, 0]", "w = [0.5, 2]", "p = sigmoid(w)\nloss = bce(p, y)"))
    assert page.count(r"$$p \odot (1 - p) = ") == 1


def test_an_entry_of_a_quantity_is_a_factor_and_needs_no_line() -> None:
    """x₂ stands in the product as it is, as a quantity with a name of its own does."""
    lines = list(sides(run_scenario(loads(CELL))))
    (line,) = [line for line in lines if line.startswith(r"\frac{\partial L}{\partial w}")]
    assert r"\underbrace{x_{2}}_{\text{local}" in line
    assert r"\cdot (-1)" in line


def test_a_way_is_named_only_where_there_is_another() -> None:
    """All that c does to h it does by tanh(c): that is ∂h/∂c. By c·c it goes into L itself."""
    text = " ".join(sides(run_scenario(loads(CELL))))
    assert r"\frac{\partial h}{\partial c} = b" in text
    assert r"_{\text{into } L} = \underbrace{2\,c}" in text


def test_the_gradient_of_one_chosen_entry_is_a_unit_vector() -> None:
    """Of −ln q with one label: −1/q at the label's place, in a row."""
    lines = sides(run_scenario(loads(CELL)))
    line = next(line for line in lines if line.startswith(r"\frac{\partial L}{\partial q} = "))
    assert (
        r"-\frac{1}{q_{\mathrm{labels} + 1}} \odot (\mathbf{e}_{\mathrm{labels} + 1})^{\top}"
        in line
    )
    assert r"-\frac{1}{0.336330} \odot (\mathbf{e}_{3})^{\top} = " in line


LOSSES_OF_SCORES = {
    "cross_entropy(s, y)": r"\mathrm{softmax}(s)",
    "bce_with_logits(s, [[1, 0, 1]])": r"\sigma(s)",
}


@pytest.mark.parametrize("loss", LOSSES_OF_SCORES)
def test_a_function_in_a_gradient_has_its_value_before_it_is_subtracted_from(loss: str) -> None:
    """Softmax(s) with its figures, then p - y as one subtraction of figures that is exact."""
    function = LOSSES_OF_SCORES[loss].replace("mathrm", "operatorname")
    equations = f"s = gelu(x @ W)\nloss = {loss}\n"
    trace = network("x = [[1.0, 0.5]]\ny = [1]", "W = [[0.3, 0.1, -1], [2, 0.1, 0.4]]", equations)
    lines = list(sides(trace))
    at = next(place for place, line in enumerate(lines) if line.startswith(function))
    value = lines[at].rpartition("= ")[2]
    assert rf"{value} - \left[" in lines[at + 1]


@pytest.mark.parametrize("loss", ["nll(q, y)", "bce(q, [[0, 1, 0]])"])
def test_a_guard_against_an_overflow_is_not_drawn(loss: str) -> None:
    """A textbook divides by p, where code divides by the larger of p and a very small number."""
    equations = f"q = softmax(x @ W)\nloss = {loss}\n"
    trace = network("x = [[1.0, 0.5]]\ny = [1]", "W = [[0.3, 0.1, -1], [2, 0.1, 0.4]]", equations)
    assert r"\max" not in "".join(sides(trace))
    backward = [item.expression.content for item in trace.program.phase("backward")]
    assert any("at_least" in content.operations for content in backward)


def test_a_slope_without_its_numbers_has_one_entry_in_full() -> None:
    """GELU' has its argument three times: nobody reads three matrices, but one number thrice."""
    trace = network(
        "x = [[1, 2], [3, 4]]", "W = [[1, 0], [0, 1]]", "z = x @ W\nh = gelu(z)\nloss = sum(h)\n"
    )
    entry = next(line for line in sides(trace) if r"GELU}'(z)_{" in line)
    assert r"\operatorname{erf}\left(\frac{1}{\sqrt{2}}\right)" in entry


def test_a_table_of_paths_names_what_each_share_comes_through() -> None:
    """One share of c comes through h; by c·c it goes into the loss itself."""
    trace = run_scenario(loads(CELL))
    page = "".join(plain(derivation(trace, Options(focus="w")), notation_of(trace), unicode=True))
    assert "through h " in page
    assert "through L " in page


@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_each_gradient_is_a_product_with_labels(name: str) -> None:
    """What comes in and what is local are told apart at each backward step but sums over paths."""
    trace = traced(name)
    first = trace.iteration(1)
    source = Narrator(trace, Options())
    for step in source.steps(1):
        if step.equation.wrt and step.equation.path:
            *_, line = in_textbook(source.lines(first, step, set()), textbook_for(first.built))
            assert isinstance(line, EquationLine)
            text = shown(line.formula, trace)
            assert r"\underbrace" in text, step.name
            assert "upstream" in text


def test_the_factors_of_a_gradient_come_to_it() -> None:
    """A local derivative that stands alone, times what comes in, is the recorded gradient."""
    trace = run_scenario(load("activations"))
    iteration = trace.iteration(1)
    source = Narrator(trace, Options())
    narrator = StepNarrator()
    alone = 0
    for step in source.steps(1):
        product = gradient_product(iteration.built, step.equation, textbook_for(iteration.built))
        if product is not None and len(product.parts) == 2:
            alone += 1
            upstream, local = (narrator.worked_values(iteration, part) for _, part in product.parts)
            assert [a * b for a, b in zip(upstream, local, strict=True)] == pytest.approx(
                list(step.values)
            )
    assert alone > 5


def test_the_factors_beside_an_error_are_weights_or_inputs() -> None:
    """The matrix stands where its gradient comes back through it, its input where it is itself."""
    text = " ".join(formulas("mlp_2_2_2"))
    assert r"\underbrace{W_{2}^{\top}}_{\text{local: weights}}{}" in text
    assert r"\underbrace{a_{1}^{\top}}_{\text{local: input}}{}" in text
    assert r"\underbrace{\hat{y} - y}_{\text{local; upstream: 1}}{}" in text


def test_what_comes_in_at_several_places_has_its_label_at_each() -> None:
    """Means of groups of entries are no numbers of a row: none of them has a line of its own."""
    equations = "n = group_norm(reshape(w, (1, 4, 1)), groups=2)\nloss = sum(n**3)"
    lines = sides(network("x = 1", "w = [0.1, 0.4, -0.2, 0.5]", equations))
    assert max(line.count(r"\text{upstream}") for line in lines) == 3


def test_gradients_of_two_parts_that_look_alike_are_named_by_where_they_go() -> None:
    """batch_norm has z − m in the spread and in ẑ: each of them has a gradient of its own."""
    lefts = [
        line.partition(" =")[0].partition("&")[0].strip() for line in sides(traced("batch_norm"))
    ]
    for user in ("s", r"\hat{z}"):
        part = rf"(z - m^{{\top}})}}\right)_{{\text{{via }} {user}}}"
        assert sum(left.endswith(part) for left in lefts) == 1
    backward = [left for left in lefts if r"\partial L" in left]
    assert len(set(backward)) == len(backward)


def test_only_what_a_weight_is_multiplied_by_is_its_input() -> None:
    """A gate that the product went through is a factor of the product's own gradient."""
    scenario = """
[data]
x = [0.5, -1]
[parameters]
W = [[1, 2], [3, 4]]
v = [0.3, 0.4]
[network]
equations = \"\"\"
r = sigmoid(v)
a = r * (W @ x) + v
loss = sum(a * a)
\"\"\"
loss = "loss"
"""
    trace = run_scenario(loads(scenario))
    lines = [it for it in sides(trace) if it.startswith(r"\frac{\partial L}{\partial ")]
    by_product = next(it for it in lines if r"{\partial (W\,x)} =" in it)
    by_weight = next(it for it in lines if r"{\partial W} =" in it)
    assert r"\odot \underbrace{r}_{\text{local" in by_product
    assert r"\underbrace{x^{\top}}_{\text{local: input}}{}" in by_weight


def test_given_numbers_stand_once_in_their_line() -> None:
    """An array that is written in an equation is its own result."""
    scenario = """
[parameters]
w = 2
[network]
equations = \"\"\"
h = [0.2, -0.1]
loss = sum(w * h)
\"\"\"
loss = "loss"
"""
    trace = run_scenario(loads(scenario))
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert page.count(r"$$h = \begin{bmatrix} 0.2 \cr -0.1 \end{bmatrix}$$") == 2


def test_a_vector_beside_a_matrix_lies_in_every_line() -> None:
    """Its numbers stand side by side, as they meet the columns; also within a quotient."""
    lines = [line for line in sides(traced("batch_norm")) if r"\partial (z - m^{\top})" in line]
    divisor = r"{\left[\begin{matrix} 0.565003 & 1.00996 \end{matrix}\right]}"
    assert any(divisor in line for line in lines)
    assert any(r"\odot \left[\begin{matrix} 1.76990 & 0.990143" in line for line in lines)


def test_a_long_gradient_is_told_by_its_parts_with_signs() -> None:
    """Layer normalization: x̂ once, ∂L/∂x̂ by the definition, then the gradient in these."""
    lines = list(sides(traced("transformer_block")))
    defined = r"\hat{x}_{R_{2}} = \frac{R_{2} - \mu(R_{2})}"
    assert sum(line.startswith(defined) for line in lines) == 1
    above = r"\frac{\partial L}{\partial \hat{x}_{R_{2}}} = "
    factors = r"}_{\text{upstream}}{} \odot \underbrace{\mathrm{gain}_{2}^{\top}}_{\text{local}}{}"
    assert any(line.startswith(above) and factors in line for line in lines)
    long = next(line for line in lines if line.startswith(r"\frac{\partial L}{\partial R_{2}}"))
    assert long.count(r"\text{upstream}") == 1
    assert r"\sum" not in long
    means = r"\frac{\partial L}{\partial \hat{x}_{R_{2}}}", r"\hat{x}_{R_{2}}\right)"
    assert rf"\mu\left({means[0]}\right) - " in long
    assert rf"\mu\left({means[0]} \odot {means[1]}" in long
    assert r"\mu(R_{2})" not in long
    gain = next(
        line for line in lines if line.startswith(r"\frac{\partial L}{\partial \mathrm{gain}_{2}}")
    )
    assert "0.502758" not in gain
    assert "-0.804621" in gain


def test_the_standardized_part_of_a_longer_equation_has_its_sign() -> None:
    """A layer norm without gain is a standardization by its definition: x̂, with one line of it."""
    scenario = """
[data]
X = [[0.5, -0.3, 0.8], [0.2, 0.4, -0.6]]
[parameters]
gain = [1, 1.2, 0.9]
shift = [0, 0.1, 0]
W = [[0.2, -0.1, 0.3], [0.4, 0.3, -0.2], [0.1, 0.2, 0.5]]
[network]
equations = "Z = X @ W\\nN = layer_norm(Z) * gain + shift\\nloss = mse(N, X)"
loss = "loss"
[training]
optimizer = "sgd"
learning_rate = 0.1
iterations = 1
"""
    lines = list(sides(run_scenario(loads(scenario))))
    assert any(line.startswith(r"\hat{x}_{Z} = \frac{Z - \mu(Z)}") for line in lines)
    assert any(line.startswith(r"N = \hat{x}_{Z} \odot \mathrm{gain}^{\top}") for line in lines)
    assert any(line.startswith(r"\frac{\partial L}{\partial \hat{x}_{Z}} = ") for line in lines)


def test_the_sum_of_a_single_row_is_that_row_turned() -> None:
    """One sample in a batch: the bias has the gradient of z, and nobody is told one entry of it."""
    lines = list(sides(traced("digit_mlp")))
    at = next(place for place, line in enumerate(lines) if r"\partial b_{3}}" in line)
    assert r"\left(\frac{\partial L}{\partial z_{3}}\right)^{\top}" in lines[at]
    assert r"_{11}" not in lines[at + 1].partition("=")[0]


def test_a_sum_over_rows_of_products_has_its_numbers() -> None:
    """What is done entry by entry is done to each row, and the rows are added.

    The factors stand as the signs of the formula do: what comes in first.
    """
    line = next(
        line
        for line in sides(traced("batch_norm"))
        if line.startswith(r"\frac{\partial L}{\partial s}")
    )
    row = (
        r"\begin{bmatrix} 0 \\ -0.0434114 \end{bmatrix} \odot \left(-\frac{\begin{bmatrix} "
        r"-0.597342 \\ 1.58423"
    )
    assert row in line
    mean = next(line for line in sides(traced("batch_norm")) if line.startswith("m "))
    assert r"\begin{bmatrix} 1.5 \\ 0 \end{bmatrix}\right)" in mean


def formulas(name: str) -> list[str]:
    """Return the formulas of the lines of a scenario's derivation."""
    trace = traced(name)
    return [
        shown(block.formula, trace) for block in lines_of(name) if isinstance(block, EquationLine)
    ]


def test_what_is_drawn_is_named_by_its_draw() -> None:
    """A given array too large to print says how it is drawn, with its seed, and where it stands."""
    trace = traced("digit_mlp")
    text = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert "drawn uniformly between −a and a, a = √(6 / (fan" in text
    assert "seed 1" in text
    assert "`tracer show digit_mlp --format json`" in text


def test_what_is_given_says_where_it_is_only_a_part_of_the_data() -> None:
    """A step that sees one sample of three has no more in the table; where all are is said."""
    trace = traced("one_weight")
    text = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    given = text.partition("## What is given")[2].partition("\n## ")[0]
    assert "the data that iteration 1 uses: sample 1 of 3." in given
    assert "`tracer show one_weight --format json`" in given


def test_fractions_stand_in_arrays_like_other_numbers() -> None:
    """An array of fractions keeps its shape: it is put in where an array of decimals would be."""
    trace = traced("linear_regression")
    text = "".join(markdown(derivation(trace, Options(exact=True)), notation_of(trace)))
    assert r"\left(\begin{bmatrix} \frac{3}{2} \cr" in text
    assert r"= \begin{bmatrix} -\frac{1}{4} \cr" in text
    assert "subtract" not in text


def test_a_long_vector_is_a_row_that_is_turned() -> None:
    """A column of more than ten entries would be a page high."""
    text = " ".join(sides(traced("activations")))
    assert r"\end{matrix}\right]^{\top}" in text


def test_what_all_entries_of_a_row_share_has_a_line_of_its_own() -> None:
    """Softmax's gradient: first the mean of what comes in, weighted by the shares, for each row."""
    lines = list(sides(traced("self_attention")))
    at = next(at for at, line in enumerate(lines) if line.startswith("r_{A} = "))
    upstream = r"\left(\frac{\partial L}{\partial A}\right)"
    sums = rf"r_{{A}} = \left[\sum_{{j = 1}}^{{3}} {upstream}_{{ij}} \cdot A_{{ij}}\right]_{{i}}"
    numbers = r"\begin{bmatrix} 0.242160 \\ 0.323838 \\ 0.221801 \end{bmatrix}"
    assert lines[at] == f"{sums} = {numbers}"
    gradient = r"\frac{\partial L}{\partial \mathrm{scores}} = A \odot \biggl(\underbrace{"
    assert lines[at + 1].startswith("(r_{A})_{1} = ")  # one entry, before it is used
    assert lines[at + 2].startswith(gradient)
    assert numbers in lines[at + 2]
    entry = rf" \cdot \left({upstream}_{{11}} - (r_{{A}})_{{1}}\right) = 0.171216"
    assert any(entry in line for line in lines)


def test_labels_and_subscripts_count_alike_in_one_formula() -> None:
    """Labels count from 0 and subscripts from 1, so that a label plus 1 stands below."""
    assert r"p_{\mathrm{digit} + 1}" in " ".join(sides(traced("digit_cnn")))
    assert r"following}_{i} + 1 = j" in " ".join(sides(traced("seq2seq_attention")))


def test_a_sum_has_no_brackets_that_it_does_not_need() -> None:
    """The terms of x and of h stand in one sum, and what is negative is taken away."""
    text = " ".join(sides(traced("rnn_step")))
    assert r"0.2 \cdot 1 + 0.4 \cdot 0 + 0.1 \cdot 0 + 0.5 \cdot 0 + 0.1" in text
    assert r"+ \left(-\frac" not in " ".join(sides(traced("softmax_example")))


def test_shares_of_a_gradient_stand_in_the_order_of_time() -> None:
    """The matrix of a recurrent network is used at step 1 first."""
    text = next(line for line in sides(traced("rnn_step")) if "partial b} =" in line)
    ways = re.findall(r"via } z_\{(\d)\}", text)
    assert ways == ["1", "2", "3"]


def test_a_rounded_result_of_figures_that_are_not_put_in_is_about_equal() -> None:
    """W has too many entries for the line: the result is rounded all the same."""
    text = "".join(
        FORMATS["markdown"](list(derivation(traced("digit_cnn"), Options())), traced("digit_cnn"))
    )
    assert re.search(r"z_\{2\} &= x.{1,20}W \+ b\^\{\\top\} \\cr\n&\\approx", text)


def test_a_maximum_is_worked_out_with_its_numbers() -> None:
    """Pooling takes the largest of four."""
    text = " ".join(sides(traced("digit_cnn")))
    assert "(0.9, 0.2, 0.45, 0.5)" in text  # none of them is 0


def test_operations_are_called_by_their_titles() -> None:
    """A textbook says 'mean squared error', and nothing of how matmul takes its axes."""
    text = FORMATS["markdown"](
        list(derivation(traced("linear_regression"), Options())), traced("linear_regression")
    )
    assert "- mean squared error: the mean" in text
    assert "matmul" not in text


def network(data: str, parameters: str, equations: str, optimizer: str = "sgd") -> Trace:
    """Return the run of a small network."""
    training = f"[training]\noptimizer = '{optimizer}'\nlearning_rate = 0.1\niterations = 1\n"
    text = f"[data]\n{data}\n[parameters]\n{parameters}\n{training}[network]\n"
    return run_scenario(loads(f"{text}equations = '''{equations}'''"))


def test_a_quantity_that_a_formula_has_twice_has_one_local_derivative() -> None:
    """Z goes into h by both gates: ∂h/∂z is b − a, as in a textbook. So with the product rule."""
    equations = "z = sigmoid(w)\nh = (1 - z) * a + z * b\nloss = sum(h**2)\n"
    lines = list(sides(network("a = [0.2, 0.4]\nb = [0.6, -0.3]", "w = [0.1, -0.5]", equations)))
    assert any(line.startswith(r"\frac{\partial h}{\partial z} = b - a = ") for line in lines)
    equations = "y = sigmoid(w) * tanh(w)\nloss = (y - x)**2"
    lines = list(sides(network("x = 1", "w = 0.3", equations)))
    rule = r"\tanh(w) \cdot \sigma(w) \cdot (1 - \sigma(w)) + \sigma(w) \cdot (1 - \tanh(w)^{2})"
    slope = rf"\frac{{\partial y}}{{\partial w}} = {rule} = "
    assert any(line.startswith(slope) for line in lines)


def test_shares_through_the_factors_of_one_product_have_a_dot_in_their_place() -> None:
    """In x x the share of the first factor comes through • x, that of the second through x •."""
    left, right = r"\bullet\,x", r"x\,\bullet"
    trace = network("a = 1", "x = [[1, 2], [3, 5]]", "loss = sum(x @ x) * a\n")
    lines = list(sides(trace))
    through = [line for line in lines if r"\text{via }" in line.partition("=")[0]]
    through = [line for line in through if not line.startswith(r"\left(\left(")]  # of an entry
    assert len(through) == 2
    assert sum(rf"\text{{via }} {left}}}" in line.partition("=")[0] for line in through) == 1
    assert sum(rf"\text{{via }} {right}}}" in line.partition("=")[0] for line in through) == 1


@pytest.mark.parametrize(
    "value",
    [
        "where(step(1 - abs(e)), e**2, abs(e))",
        "where(step(e), e**2, abs(e))",
        "where(e, e**2, abs(e))",
        "where(step(e**2 - abs(e)), abs(e), e**2)",
        "maximum(e**2, abs(e))",
        "abs(e) * e**2",
    ],
)
def test_a_quantity_that_a_loss_has_twice_has_one_gradient(value: str) -> None:
    """Whatever it stands in, entry by entry: a choice, the larger of two, a product."""
    trace = network("x = [1, -3]", "w = 0.3", f"e = w * x - 0.5\nloss = mean({value})")
    lines = list(sides(trace))
    assert not [line for line in lines if r"\text{via }" in line]
    (gradient,) = [it for it in lines if it.startswith(r"\frac{\partial L}{\partial e} = ")]
    assert r"\operatorname{sign}(e)" in gradient


def test_a_value_whose_gradient_has_shares_stands_in_a_line_of_its_own() -> None:
    """Or its shares would have no name: e - y is short, and would be put in where it is used."""
    equations = "e = w * x\nloss = max(softmax(e - y)) + sum((e - y)**2)"
    lines = list(sides(network("x = [1, -3]\ny = [1, 2]", "w = 0.3", equations)))
    assert not [line for line in lines if "loss" in line or "?" in line]
    ways = {line.partition(" = ")[0].partition("via } ")[2] for line in lines}
    assert {r"\operatorname{softmax}(e - y)}", r"(e - y)^{2}}"} <= ways
    assert any(line.startswith("e - y = ") for line in lines)


@pytest.mark.parametrize(
    ("loss", "formula"),
    [
        (
            "-sum(y * (z - reshape(log(sum(exp(z), axis=1)), (2, 1))))",
            r"L = -\sum_{i, j} y_{ij} \cdot (z_{ij} - \ln(\sum_{k = 1}^{2} e^{z_{ik}}))",
        ),
        (
            "sum(where(step(1 - abs(z)), z, abs(z)))",
            r"L = \sum_{i, j} (z_{ij} \cdot \mathbf{1}[1 > |z_{ij}|] + |z_{ij}|",
        ),
        ("sum(maximum(0, 1 - y * z))", r"L = \sum_{i, j} \max(0, 1 - y_{ij} \cdot z_{ij})"),
    ],
)
def test_a_part_with_a_line_of_its_own_is_written_by_entries_below_an_index(
    loss: str, formula: str
) -> None:
    """Its letters are free ones: no index is bound twice, and no indicator stands in another."""
    data = "x = [[1, 2], [0.5, 1]]\ny = [[1, 0], [0, 1]]"
    trace = network(data, "w = [[0.1, 0.2], [0.3, -0.4]]", f"z = x @ w\nloss = {loss}")
    lines = [re.sub(r"\\left|\\right", "", line) for line in sides(trace)]
    assert any(line.startswith(formula) for line in lines)


def test_an_axis_that_is_split_in_many_is_no_arithmetic_of_indices() -> None:
    """What comes back to what was flattened gets its shape again."""
    lines = list(sides(traced("digit_cnn")))
    assert any(
        r"\operatorname{unflatten}\left(\frac{\partial L}{\partial x}\right)" in it for it in lines
    )


def test_a_mean_of_each_row_has_a_sign_for_the_whole_array() -> None:
    """Back through a layer norm: (g - μ(g) - x̂ ⊙ μ(g ⊙ x̂)) over the rows' deviation."""
    equations = "n = layer_norm(x @ w)\nloss = sum(n**3)\n"
    trace = network("x = [[1, 2], [3, 5]]", "w = [[1, 2, 0], [0, 1, 3]]", equations)
    text = " ".join(sides(trace))
    mean = r"\mu\left(\frac{\partial L}{\partial n}\right)"
    assert rf" - {mean} - \hat{{x}}_{{x\,w}} \odot \mu\left(" in text
    assert rf"{mean} = \frac{{1}}{{3}}\,\left[\sum_{{j = 1}}^{{3}} " in text


def test_a_product_with_rows_of_noughts_and_ones_is_exact() -> None:
    """A factor that is repeated along the rows of the other gives its figures as they are."""
    left = r"\frac{\partial L}{\partial a}"
    trace = traced("ngram_cnn")
    lines = [block for block in lines_of("ngram_cnn") if isinstance(block, EquationLine)]
    (line,) = (it for it in lines if it.substituted and shown(it.left, trace) == left)
    assert line.follows


def test_a_unit_vector_has_its_subscript_without_brackets() -> None:
    """The first unit vector is e with a 1 below it."""
    text = " ".join(sides(traced("ngram_cnn")))
    assert r"\mathbf{e}_{1}" in text


def test_a_stride_and_a_padding_stand_in_the_formulas_of_a_convolution() -> None:
    """Without them the sides have other sizes: a formula would be false."""
    equations = "z = conv1d(x, k, 0, stride=2, padding=1)\nloss = sum(z**2)\n"
    trace = network("x = [[1, 2, 0, 1, 3]]", "k = [[[0.5, -1, 2]]]", equations)
    lines = list(sides(trace))
    assert r"\operatorname{downsample}(k \star \operatorname{pad}(x, 1), 2)" in lines[0]
    assert any(r"\operatorname{upsample}" in line for line in lines)


def test_a_minus_and_a_count_are_carried_out() -> None:
    """As a textbook writes it: lam w, and minus y over 3 p."""
    equations = "p = sigmoid(w * x)\nloss = -mean(y * log(p)) + 3 / 2 * w**2\n"
    trace = network("x = [0.5, 1, 2]\ny = [1, 0, 1]", "w = 0.4", equations)
    lines = list(sides(trace))
    assert any(r"-\frac{y}{3" in line for line in lines)
    assert any(r"3\,w" in line or r"3 \cdot w" in line for line in lines)


def test_only_numbers_of_the_formula_are_carried_out() -> None:
    """A value that was put in stays what it is: 0.37 x²/2, and no 37/200."""
    equations = "h = a * x**2 / 2\nloss = 2 * mean(h) + sum(h)\n"
    trace = network("x = [1, 2, 3, 4]", "a = 0.37", equations)
    text = " ".join(sides(trace))
    assert r"\frac{0.37 \cdot \begin{bmatrix} 1 " in text


def test_a_formula_above_a_derivative_stands_in_brackets() -> None:
    """In text and in a drawing, as below it."""
    node = Display("gradient", (Call("add", (Name("a"), Name("b"))), Name("p")))
    assert shown(node, traced("one_weight")) == r"\frac{\partial (a + b)}{\partial p}"
    layout = Layout(vocabulary(), notation_of(traced("one_weight")))
    assert layout.write(node).lines == ("∂(a + b)", "────────", "   ∂p   ")


SELF_PRODUCT = """
[parameters]
x = [0.5, -1.2]
[network]
equations = "loss = {loss}"
loss = "loss"
[training]
learning_rate = 0.1
iterations = 1
"""


@pytest.mark.parametrize("loss", ["x @ x", "sum(x * x)"])
def test_a_product_with_itself_has_twice_itself_as_its_derivative(loss: str) -> None:
    """Nobody adds x and x."""
    lines = list(sides(run_scenario(loads(SELF_PRODUCT.format(loss=loss)))))
    assert any(r"\underbrace{2\,x}" in line for line in lines)


def test_an_opened_norm_has_its_mean_and_its_variance_on_lines_of_their_own() -> None:
    """No textbook writes the mean five times into one fraction."""
    lines = list(sides(traced("transformer_block")))
    mean = next(line for line in lines if line.startswith(r"\mu(R_{1})_{1} = \frac{"))
    assert r"= \frac{1}{4} \cdot ((R_{1})_{11}" in mean
    variance = next(line for line in lines if line.startswith(r"\operatorname{Var}(R_{1})_{1} ="))
    assert r"((R_{1})_{14} - \mu(R_{1})_{1})^{2}) = " in variance
    entry = next(line for line in lines if line.startswith(r"(N_{1})_{11} ="))
    assert r"\frac{(R_{1})_{11} - \mu(R_{1})_{1}}{\sqrt{\operatorname{Var}(R_{1})_{1} + " in entry


def test_what_shares_come_through_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for each equation anew where there is none: with 1,000 time steps that took a minute."""
    asked: list[Program] = []

    def nothing(program: Program, textbook: Textbook) -> dict[str, Node]:
        asked.append(program)
        return {}

    monkeypatch.setattr(textbook_blocks, "_operations_between", nothing)
    textbook_for.cache_clear()
    textbook_for(run_scenario(load("rnn_step")).iteration(1).built)
    textbook_for.cache_clear()
    assert len(asked) == 1


def test_axes_that_are_split_or_joined_are_written_as_blocks() -> None:
    """A reshape has no sign of its own."""
    trace = run_scenario(load("multi_head_attention"))
    page = FORMATS["markdown"](list(derivation(trace, Options())), trace)
    assert r"$\begin{bmatrix} Q_{1} & Q_{2} \end{bmatrix} = X\thinspace W_{q}$" in page
    assert r"$\begin{bmatrix} K_{1} & K_{2} \end{bmatrix} = X\thinspace W_{k}$" in page
    blocks = r"\begin{bmatrix} \mathrm{heads}_ {1} & \mathrm{heads}_ {2} \end{bmatrix}"
    assert rf"$\mathrm{{joined}} = {blocks}$" in page
    flat = run_scenario(load("digit_mlp"))
    page = FORMATS["markdown"](list(derivation(flat, Options())), flat)
    assert r"x = \mathrm{flatten}(\mathrm{picture})" in page


def test_an_opened_entry_names_the_parts_that_have_lines() -> None:
    """A gain's entry is made of x̂, which stands above; the long gradient fits in these too."""
    lines = list(sides(traced("transformer_block")))
    begin = r"\left(\frac{\partial L}{\partial \mathrm{gain}_{2}}\right)_{1} = "
    entry = next(line for line in lines if line.startswith(begin))
    assert r"(\hat{x}_{R_{2}})_{21}" in entry
    assert r"\sqrt" not in entry
    long = r"\left(\frac{\partial L}{\partial R_{2}}\right)_{11} = "
    assert any(line.startswith(long) for line in lines)


@pytest.mark.parametrize(
    ("data", "parameters", "equations", "line"),
    [
        (
            "X = [[1, -2, 0.5], [0.3, 0.8, -1.2]]",
            "A = [[0.2], [0.5], [-0.3]]\ng = [1, 2, 1]\no = [0, 1, 0]",
            "H = layer_norm(X, g, o) @ A\nloss = sum(H**2)",
            r"H = \operatorname{LN}(X)\,A = ",
        ),
        (
            "x = [[[0.1, 0.9, -0.4, 0.7]]]",
            "k = [[[0.3]]]",
            "c = conv1d(x, k)\nm = max_pool1d(c, 2)\nloss = sum(m**2)",
            r"\frac{\partial L}{\partial c} = "
            r"\operatorname{unpool}\biggl(\underbrace{\frac{\partial L}{\partial m}}"
            r"_{\text{upstream}}{}, c\biggr) = \left[\begin{matrix} 0 & ",
        ),
        (
            "y = [1, 2, 3, 5]",
            "w = [1, 1, 2, 3]",
            "loss = mse(w, y)",
            r"\frac{\partial L}{\partial w} = "
            r"\underbrace{\frac{1}{2} \cdot (w - y)}_{\text{local; upstream: 1}}{} = \frac{1}{2}",
        ),
        (
            "x = [[1, 2], [3, 4]]",
            "W = [[1, 2, 3], [4, 5, 6]]",
            "h = x @ W[:, 1:]\nloss = sum(h**2)",
            r"\frac{\partial L}{\partial W} = "
            r"\begin{bmatrix} \mathbf{0} & \underbrace{x^{\top}}_{\text{local: input}}{}\,",
        ),
        (
            "t = [1, 2]",
            "W = [[1, 2], [3, 4], [5, 6]]",
            "r = W[1:, 0] - t\nloss = sum(r**2)",
            r"\frac{\partial L}{\partial W} = \underbrace{\begin{bmatrix} \mathbf{0} & "
            r"\mathbf{0} \\ \frac{\partial L}{\partial r} & \mathbf{0} \end{bmatrix}}",
        ),
        (
            "y = [1, 2]",
            "w = [3, 5]",
            "p = mse(w, y)\nloss = p + 0.1 * sum(w**2)",
            r"\frac{\partial L}{\partial p} = \underbrace{1}_{\text{local; upstream: 1}}{}",
        ),
        (  # one id has a unit vector
            "id = 1",
            "E = [[1, 2], [3, 4]]",
            "e = E[id]\nloss = sum(e**2)",
            r"\frac{\partial L}{\partial E} = \mathbf{e}_{\mathrm{id} + 1}\,"
            r"\underbrace{\left(\frac{\partial L}{\partial e}\right)^{\top}}_{\text{upstream}}{}",
        ),
        (  # where labels choose, they are the local derivative
            "t = [1, 0]",
            "p = [[0.2, 0.8], [0.6, 0.4]]",
            "q = pick(p, t)\nloss = sum(q**2)",
            r"\frac{\partial L}{\partial p} = \underbrace{\frac{\partial L}{\partial q}}"
            r"_{\text{upstream}}{} \odot \left[\mathbf{1}",
        ),
        (  # a vector beside a matrix is a row, and its derivative as well
            "X = [[1, 2], [3, 4]]",
            "W = [[1, 2], [3, 4]]\ns = [2, 4]",
            "z = X @ W\nh = z / s\nloss = sum(h**2)",
            r"\frac{\partial L}{\partial z} = \underbrace{\frac{\partial L}{\partial h}}"
            r"_{\text{upstream}}{} \odot "
            r"\underbrace{\left(\frac{\partial h}{\partial z}\right)^{\top}}_{\text{local}}{}",
        ),
        (  # a fraction in front stays in front
            "c = [1, 3]",
            "q = [0.2, 0.8]",
            "loss = -sum(c * log(q)) / sum(c)",
            r"\frac{\partial L}{\partial q} = \underbrace{-\frac{1}{\sum_{i = 1}^{2} c_{i}} \cdot "
            r"\frac{c}{q}}",
        ),
        (  # both slopes of a logarithm of a sigmoid are seen
            "x = 1",
            "s = 2",
            "loss = -log(sigmoid(s))",
            r"\frac{\partial L}{\partial s} = \underbrace{-\frac{1}{\sigma(s)} \cdot \sigma(s) "
            r"\cdot (1 - \sigma(s))}",
        ),
        (  # over one entry nothing runs, in numbers neither
            "y = [1]",
            "p = [3]",
            "loss = sum((p - y)**2)",
            r"L = (p - y)^{2} = (3 - 1)^{2} = 4",
        ),
        (  # terms of a loss are called after it
            "y = [1, 2]",
            "w = [3, 5]",
            "loss_fit = sum((w - y)**2)\nloss_size = sum(w**2)\nloss = loss_fit + loss_size",
            r"L = L_{\mathrm{fit}} + L_{\mathrm{size}} = 13 + 34 = 47",
        ),
        (  # the net input of a gate z is no z
            "x = 2",
            "w = 0.5\nb = 1",
            "z = sigmoid(w * x + b)\nh = z * w\nloss = h**2",
            r"z = \sigma(a_{z}) = \sigma(2) = 0.880797",
        ),
        (  # an array of one entry is that number
            "X = [[1, 2], [3, 4]]",
            "W = [[0.5], [2]]\nb = [0.1]",
            "z = X @ W + b\nloss = sum(z**2)",
            r"z = X\,W + b = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}\,"
            r"\begin{bmatrix} 0.5 \\ 2 \end{bmatrix} + 0.1 = ",
        ),
        (
            "x = [2]",
            "W = [[1, 3]]",
            "z = x @ W\nloss = sum(z**2)",
            r"z = W^{\top} \cdot x = \begin{bmatrix} 1 \\ 3 \end{bmatrix} \cdot 2 = ",
        ),
    ],
)
def test_an_operation_is_written_as_a_textbook_does(
    data: str, parameters: str, equations: str, line: str
) -> None:
    """A norm inside an equation by its sign, pooling's gradient by where it goes, 2/4 as 1/2.

    The gradient of chosen entries stands among zeros, and a result that its formula is not again.
    """
    lines = list(sides(network(data, parameters, equations)))
    assert any(it.startswith(line) for it in lines), lines


def test_two_norms_of_one_quantity_are_told_apart() -> None:
    """A sign stands for one value: the second norm, with another gain, is its formula."""
    equations = "H = layer_norm(X, g) @ A + layer_norm(X, f) @ A\nloss = sum(H**2)"
    trace = network(
        "X = [[1, -2, 0.5]]", "A = [[1], [2], [3]]\ng = [1, 2, 1]\nf = [3, 1, 1]", equations
    )
    line = next(line for line in sides(trace) if line.startswith("H = "))
    assert line.partition(" = ")[2].count(r"\operatorname{LN}(X)") == 1


def test_heads_are_the_columns_of_a_product_side_by_side() -> None:
    """As they are when they are joined again; each number stands where it does in the product."""
    trace = traced("multi_head_attention")
    heads = r"\begin{bmatrix} Q_{1} & Q_{2} \end{bmatrix}"
    line = next(line for line in sides(trace) if line.startswith(heads))
    _, formula, numbers, result = line.split(" = ")
    assert formula == r"X\,W_{q}"
    assert numbers.startswith(r"\begin{bmatrix} 1 & 0 & 0 & 1 \\")
    rows = [row.split(" & ") for row in result[len(r"\begin{bmatrix} ") :].split(r" \\ ")]
    values = trace.iteration(1).floats("Q")
    for at, row in enumerate(rows):
        figures = [float(figure.removesuffix(r" \end{bmatrix}")) for figure in row]
        expected = [values[head * 6 + at * 2 + column] for head in (0, 1) for column in (0, 1)]
        assert figures == pytest.approx(expected, rel=1e-5)


def test_what_is_no_split_into_blocks_keeps_its_name() -> None:
    """Of columns in another order, and of the rows of a matrix."""
    for shape, axes in (((2, 2, 2), (2, 0, 1)), ((1, 4, 2), (1, 0, 2))):
        equations = f"h = transpose(reshape(2 * W, {shape}), {axes})\nloss = sum(h)"
        trace = network("", "W = [[1, 2, 3, 4], [5, 6, 7, 8]]", equations)
        assert any(line.startswith("h = ") for line in sides(trace))


def test_plain_text_has_no_braces_below_an_entry() -> None:
    """Subscripts are small where there are such signs, with commas; others stand in brackets."""
    trace = traced("digit_cnn")
    page = FORMATS["plain"](list(derivation(trace, Options())), trace)
    assert "_{" not in page
    assert "·W₁,₁₀ = " in page
    assert "L = −ln(p_(digit + 1)) = " in page


def test_an_entry_of_a_convolution_shows_its_window_beside_the_kernel() -> None:
    """Patch, kernel and products lie as they do in the picture; the sum has all its terms."""
    lines = list(sides(traced("digit_cnn")))
    at = next(place for place, line in enumerate(lines) if line.startswith("(z_{1})_{1,3,2}"))
    patch = r"\begin{bmatrix} 0.9 & 0.4 & 0.5 \\ 1 & 0.6 & 0.3 \\ 0.8 & 0.2 & 0.1 \end{bmatrix}"
    kernel = r"\begin{bmatrix} -0.5 & 0 & 0.5 \\ -1 & 0 & 1 \\ -0.5 & 0 & 0.5 \end{bmatrix}"
    products = r"\begin{bmatrix} -0.45 & 0 & 0.25 \\ -1 & 0 & 0.3 \\ -0.4 & 0 & 0.05 \end{bmatrix}"
    assert lines[at - 1].startswith(rf"{patch} \odot {kernel} = {products}")
    assert r"0.2 \cdot 0 + 0.1 \cdot 0.5 + 0.1 = -1.15" in lines[at]
    assert r"\cdots" not in lines[at]


@pytest.mark.parametrize(
    ("groups", "mean"),
    [(1, r"\mu(X)_{1} = "), (2, r"\mu(X_{11}, "), (3, r"\mu(X_{11}, X_{12}) = ")],
)
def test_a_mean_that_an_entry_needs_again_and_again_has_a_line(groups: int, mean: str) -> None:
    """Written out at each place, nobody could read it; it is called after what it is of."""
    data = "X = [[1, 2, -4, 3, 5, 1], [2, -1, 0, 2, 1, 3]]"
    equations = f"n = group_norm(X, g, d, groups={groups})\nloss = sum(n**2)"
    ones = "g = [1, 1, 1, 1, 1, 1]\nd = [0, 0, 0, 0, 0, 0]"
    lines = list(sides(network(data, ones, equations)))
    assert any(line.startswith(mean) for line in lines), lines
    assert max(line.count(r"\frac") for line in lines) < 8


def test_of_two_entries_a_step_says_which_is_the_larger() -> None:
    """And not whether their difference is above 0."""
    lines = list(sides(traced("digit_cnn")))
    line = next(it for it in lines if r"\mathbf{1}\left[(a_{1})_{2,1,2}" in it)
    assert r"\left[(a_{1})_{2,1,2} \le (a_{1})_{2,1,1}\right]" in line
    assert r"\left[0.2 \le 0.9\right]" in line


def test_a_step_of_one_entry_says_which_number_is_above_0() -> None:
    """And not only what comes of it."""
    lines = list(sides(traced("four_layer_classifier")))
    line = next(it for it in lines if r"\mathbf{1}\left[(z_{3})_{13} > 0\right]" in it)
    assert r" \approx " not in line
    assert r"= 0.00257731\,\mathbf{1}\left[0.204534 > 0\right] = 0.00257731" in line


def test_what_comes_in_has_no_subscript_for_an_axis_that_it_gets_on_the_way() -> None:
    """A mean of windows gives each entry of a window its share: the gradient has its own axes."""
    equations = "c = w * x\nm = avg_pool1d(c, 2)\nloss = sum(m**2)"
    trace = network("x = [[0.1, 0.9, -0.4, 0.7], [1, 2, 3, 4]]", "w = 1", equations)
    (line,) = [it for it in sides(trace) if r"\operatorname{spread}" in it]
    assert r"\underbrace{\frac{\partial L}{\partial m}}_{\text{upstream}}{} \cdot " in line
    assert line.count(r"\begin{bmatrix}") == 2  # the gradient of four means, and what it becomes


def test_rows_that_a_column_of_ids_chooses_are_named_by_that_column() -> None:
    """E₁ would be the first row, whatever the ids are."""
    equations = "H = E[tokens[:, 0]]\nloss = sum(H**2)"
    trace = network("tokens = [[0, 1], [1, 1]]", "E = [[0.6, -0.2], [-1.1, 0.8]]", equations)
    (line,) = [it for it in sides(trace) if it.startswith("H = ")]
    assert line.startswith(r"H = E_{\mathrm{tokens}_{{\cdot}1} + 1} = ")


def test_products_of_several_quantities_are_no_patch() -> None:
    """As in the gates of an LSTM: an input and a state, joined, of which one has more axes."""
    equations = "z = W @ concat([X[0], h])\nloss = sum(z**2)"
    data = "X = [[1, 2, 3]]\nh = [1, -1]"
    weights = "W = [[0.1, 0.2, 0.3, 0.4, 0.5], [0.5, 0.4, 0.3, 0.2, 0.1]]"
    lines = list(sides(network(data, weights, equations)))
    assert any(line.startswith("z_{1} = ") for line in lines)


def test_sums_in_sums_have_letters_of_their_own() -> None:
    """A mean of each row inside a sum along the rows runs over no index of that sum."""
    text = """
[data]
X = [[1, 2, 3], [0, 1, -1]]
[parameters]
W = [[0.1, 0.2], [0.3, -0.1], [0.2, 0.2]]
[network]
equations = '''
k = sum(log(softmax(X @ W)) + mean(X, axis=1, keepdims=True), axis=1)
loss = mean(k)
'''
"""
    (line,) = [each for each in sides(run_scenario(loads(text))) if each.startswith("k = ")]
    assert r"\sum_{j = 1}^{2}" in line
    assert r"\sum_{k = 1}^{3} X_{ik}" in line


_ROUNDED = "[parameters]\nw = [0.1, 0.2]"
_LOOKED_UP = "[data]\nids = [0, 1, 1]\n[parameters]\nE = [[1, 2], [3, 4]]"
_MASKED = "[parameters]\nS = [[1, 2], [3, 5]]\n[constants]\nV = [[1, 2], [3, 5]]"
_CENTRED = "z = w * X\nm = mean(z, axis=0, keepdims=True)\nloss = sum((z - m)**2 + (z - m) * X)"
_DRAWN = "[data]\nX = {shape = [9, 9], init = 'normal', seed = 1}\n[parameters]\nw = 2"
_ATTENTION = "A = softmax(causal_mask(S))\nloss = sum(A * V)"


@pytest.mark.parametrize(
    ("equations", "given", "focus", "is_there", "is_not"),
    [
        ("d = sum(w) - 0.3\nloss = d**2 + w[0]", _ROUNDED, None, "A 0 here was", "d = 5.55"),
        ("d = sum(w) - 0.3\nloss = d**2 + 1e-11 * w[0]", _ROUNDED, None, "5.55112", "A 0 here"),
        (_CENTRED, _DRAWN, None, "$$z - m$$\n\n9 × 9: ", "$$z - m = z - m"),
        ("loss = sum(softplus(w))", _ROUNDED, None, r"{softplus}(x) = \ln(1 + e^{x})", "tanh"),
        (
            "loss = sum((U @ (w * x))**2)",
            "[data]\nx = [1, 2]\n[parameters]\nU = [[1, 2], [3, 4]]\nw = [0.1, 0.2]",
            None,
            r"\biggr) \odot \underbrace{x}",
            r"}} \odot",
        ),
        ("loss = sum(E[ids]**2)", _LOOKED_UP, None, "they are added", "others of the"),
        (
            "loss = maximum(w, 0.5)",
            "[parameters]\nw = 0.2",
            None,
            r" = \mathbf{1}\left[0.2 > 0.5\right] = 0",
            r"w = 0.5\right]",
        ),
        ("loss = maximum(0, w)", "[parameters]\nw = 2", None, "gets the gradient", "of 1"),
        ("loss = relu(w)**2", "[parameters]\nw = -2", None, "$w$ is not above 0, so", "Nothing"),
        (
            "m = max(w)\nloss = m**2",
            _ROUNDED,
            None,
            r"\mathbf{1}\left[w = m\right]",
            r"\sum_{j = 1}^{2} \mathbf{1}",
        ),
        (
            "m = max(w)\nloss = m**2",
            "[parameters]\nw = [0.2, 0.2]",
            None,
            r"\frac{\mathbf{1}\left[w_{i} = m\right]}{\sum_{j = 1}^{2} \mathbf{1}",
            r"\max_{j}",
        ),
        (
            "loss = maximum(w, 0.5)",
            "[parameters]\nw = 0.5",
            None,
            r"\mathbf{1}\left[0.5 > 0.5\right] + \frac{\mathbf{1}\left[0.5 = 0.5\right]}{2}",
            "gets the gradient",
        ),
        (
            "loss = cross_entropy(w, c)",
            f"[data]\nc = 1\n{_ROUNDED}",
            None,
            r"= -\ln\left(\frac{e^{0.2}}{e^{0.1} + e^{0.2}}\right)",
            r"\ln(e^{0.1}",
        ),
        (
            "p = S / sum(S, axis=1, keepdims=True)\nloss = mean(p**2)",
            _MASKED,
            None,
            r"{-\frac{p_{ij}}{\sum_{k = 1}^{2} S_{ik}}}_ {\text{local}}{}",
            r"\sum_{j = 1}^{2} S_{ij}}}_ {\text{local}}{}",
        ),
        (
            "z = 0.2 * h\nk = (1 - z) * h\nloss = k**2",
            "[parameters]\nh = 0.5",
            None,
            r"$$\left(\frac{\partial k}{\partial h}\right)_ {\text{in } (1 - z) \cdot h} = 1 - z",
            r"$$\frac{\partial k}{\partial h} = 1 - z",
        ),
        (
            "loss = sum(where(step(w), 0.5 * w**2, w))",
            _ROUNDED,
            None,
            r"\begin{cases} w & w > 0 \cr 1 & w \le 0 \end{cases}",
            r"0.5 \cdot 2",
        ),
        (_ATTENTION, _MASKED, "S[0, 0]", "A share of 1 is the whole", "Masked"),
        (_ATTENTION, _MASKED, "S[1, 1]", "a fixed total of 1", "Masked"),
    ],
)
def test_a_page_says_what_holds_of_what_it_prints(
    equations: str, given: str, focus: str | None, is_there: str, is_not: str
) -> None:
    """What rounding leaves is 0 where nothing else is as small; reasons are those of the entry."""
    network = f'{given}\n[network]\nequations = """\n{equations}\n"""\n'
    trace = run_scenario(loads(f"{network}[training]\nlearning_rate = 0.1\niterations = 1\n"))
    page = "".join(markdown(derivation(trace, Options(focus=focus)), notation_of(trace)))
    assert is_there in page
    assert is_not not in page


STRIDED = """\
[parameters]
b = [0.1, -0.2, 0.3, 0.4]
W = {shape = [6, 8], init = "normal", std = 0.5, seed = 2}
[network]
equations = '''
c = b[::2]
d = b[::-1]
h = W[:, 1::2] + 1
loss = sum(c**2) + sum(d) + sum(h**2) + sum(W[::3, 0]**2)
'''
[training]
learning_rate = 0.1
iterations = 1
"""


def test_entries_that_do_not_lie_beside_each_other_are_written_out() -> None:
    """By where each of many was: every second one is no list of numbers below a name."""
    lines = list(sides(run_scenario(loads(STRIDED))))
    assert r"c = \begin{bmatrix} b_{1} \\ b_{3} \end{bmatrix} = " in " ".join(lines)
    assert r"d = \begin{bmatrix} b_{4} \\ b_{3} \\ b_{2} \\ b_{1} \end{bmatrix} = " in " ".join(
        lines
    )
    assert r"h = [W_{i,2\,j}]_{ij} + 1" in " ".join(lines)
    assert r"\begin{bmatrix} W_{11} \\ W_{41} \end{bmatrix}" in " ".join(lines)
    share = next(it for it in lines if "via } c} = " in it)
    assert (
        r"_{1} \\ 0 \\ \left(\frac{\partial L}{\partial c}\right)_{2} \\ 0 \end{bmatrix}" in share
    )


def test_a_quotient_by_a_count_is_a_share_in_lines_of_entries_too() -> None:
    """As in the line of the whole: not 2 (ŷ − y) / 4, and no mean inside its fraction."""
    trace = traced("linear_regression")
    page = FORMATS["markdown"](list(derivation(trace, Options(focus="w[0]"))), trace)
    assert r"\frac{1}{2} \cdot (\hat{y}_ {1} - y_{1}) = \frac{1}{2} \cdot (1.5 - 2)" in page
    assert r"L &= \frac{1}{4} \cdot ((\hat{y}_ {1} - y_{1})^{2} + " in page


def test_the_entry_in_full_is_one_of_numbers_that_are_not_0() -> None:
    """The first row of xor has only zeros."""
    lines = list(sides(traced("xor")))
    assert any(r"= 1 \cdot (-0.8) + 1 \cdot (-0.6) + 0.2 = -1.2" in line for line in lines)


RATIONAL = """\
[data]
x = [1, 2]
y = [0.5, 0.25]
[parameters]
W = [[0.5, -0.3], [0.2, 0.7]]
[network]
equations = '''
z = W @ x
p = z**3
loss = mse(p, y)
'''
[training]
learning_rate = 0.01
iterations = 1
"""


@pytest.mark.parametrize("detail", ["equation", "operation", "element"])
def test_fractions_are_in_every_line_and_table_of_the_iteration(detail: str) -> None:
    """A slope has its own, not those of the gradient that it is a factor of."""
    trace = run_scenario(loads(RATIONAL))
    options = Options(exact=True, detail=detail, focus="W[1, 0]" if detail == "element" else None)  # type: ignore[arg-type]
    page = "".join(markdown(derivation(trace, options), notation_of(trace)))
    told = page.partition("## Iteration 1")[2].partition("## What happened")[0]
    lines = [line for line in told.split("\n") if "$" in line[:4] or line.startswith(("&", "|"))]
    assert lines
    assert not any(re.search(r"[0-9]\.[0-9]", line) for line in lines)
    assert r"\approx" not in told
    if detail != "operation":
        assert r"\frac{192}{25}" in told  # 3 · 1.6²


def test_what_is_given_is_printed_up_to_the_size_that_is_asked_for() -> None:
    """All of it where all is: the table heeds it as the lines do."""
    trace = traced("digit_cnn")
    for most, is_whole in ((64, False), (math.inf, True)):
        table = next(
            block
            for block in derivation(trace, Options(most=most))
            if isinstance(block, Table) and len(block.head) == 3
        )
        value = next(row[2] for row in table.rows if row[0] == Name("W"))
        assert isinstance(value, Node) == is_whole


def test_a_number_stands_before_an_array_whatever_comes_in_first() -> None:
    """A scale of scores, by which their whole gradient is multiplied."""
    (line,) = [it for it in sides(traced("self_attention")) if r"0.707107 \cdot \begin" in it]
    assert line.index(r"\text{local}") < line.index(r"\text{upstream}")


def test_a_choice_between_two_numbers_shows_them() -> None:
    """The perceptron's answer, of one sample in a column of one entry."""
    assert any(r"\mathbf{1}\left[0 > 0\right] = 0" in it for it in sides(traced("perceptron")))


def test_factors_before_and_behind_a_reshape_are_one_local_derivative() -> None:
    """The slope of a root of a mean of squares: what comes in is turned before it meets them."""
    lines = list(sides(traced("batch_norm")))
    slope = r"\frac{\partial s}{\partial (z - m^{\top})}"
    (own,) = [line for line in lines if line.startswith(slope)]
    assert r"\frac{1}{4} \cdot \frac{z - m^{\top}}{s^{\top}}" in own
    (product,) = [line for line in lines if rf"\underbrace{{{slope}}}" in line]
    assert r"\underbrace{\left(\frac{\partial L}{\partial s}\right)^{\top}}" in product


def test_a_local_derivative_is_explained_where_it_is_one_of_several() -> None:
    """What “in” below it means is said beside the first one, and nowhere else."""
    pages = {
        name: FORMATS["markdown"](list(derivation(traced(name), Options())), traced(name))
        for name in ("softmax_example", "self_attention")
    }
    said = {name: "A local derivative with “in” below it" in page for name, page in pages.items()}
    assert said == {"softmax_example": True, "self_attention": False}


def test_what_the_printed_loss_has_is_not_said_to_be_unused() -> None:
    """L = −ln p is computed from the scores, but is printed by p."""
    trace = traced("digit_cnn")
    page = FORMATS["plain"](list(derivation(trace, Options())), trace)
    assert "computed without answer, so" in page


def test_a_path_beside_a_sum_is_no_shortcut_past_another_term_of_the_loss() -> None:
    """A penalty on m does not pass by z: only what leads to the same sum is passed by."""
    equations = "m = W @ x\nz = m + v\nloss = sum(z**4) + sum(exp(m))"
    parameters = "W = [[0.1, 0.2], [0.3, -0.1]]\nv = [1, 2]"
    trace = network("x = [1, 2]", parameters, equations)
    page = FORMATS["plain"](list(derivation(trace, Options())), trace)
    assert "shortcut" not in page


def test_a_function_that_chooses_is_written_by_cases_and_by_the_one_that_holds() -> None:
    """In a definition there is no guard: where u ≤ 0, min(0, u) is u."""
    trace = network(
        "x = 0.5", "w = -0.6", "h = elu(w * x)\nk = where(step(w), w, w**2)\nloss = h * k"
    )
    lines = list(sides(trace))
    assert (
        r"k = \begin{cases} w & w > 0 \\ w^{2} & w \le 0 \end{cases} = (-0.6)^{2} = 0.36" in lines
    )
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert r"\begin{cases} u & u > 0 \cr \alpha \cdot (e^{u} - 1) & u \le 0 \end{cases}$$" in page
    definition = page.index(r"\alpha \cdot (e^{u} - 1)")
    assert r"\mathbf{1}\left[" not in page[: definition + 200]


def test_terms_that_are_multiplied_by_0_are_dropped_in_a_line_of_their_own() -> None:
    """First all of them stand there; what is left equals them, and is no approximation."""
    trace = network("y = [1, 0]", "w = [0.3, 0.6]", "loss = bce(sigmoid(w), y)")
    (block,) = [
        block
        for block in derivation(trace, Options())
        if isinstance(block, EquationLine) and block.shortened is not None
    ]
    assert block.substituted is not None
    assert shown(block.substituted, trace).count(r"\ln") == 4
    assert block.shortened is not None
    text = shown(block.shortened, trace)
    assert text == r"-\frac{\ln(0.574443) + \ln(1 - 0.645656)}{2}"


FIFTEEN = ", ".join(str(at / 10) for at in range(-7, 8))


def test_what_stands_above_in_many_figures_is_named_and_not_printed_again() -> None:
    """Times ones it stays what it is; a long vector is put into a formula once."""
    lines = list(
        sides(network("x = 1", f"w = [{FIFTEEN}]", "h = tanh(w)\nk = h * (1 - h)\nloss = sum(k)"))
    )
    upstream = (
        r"\frac{\partial L}{\partial k} = \underbrace{\mathbf{1}}_{\text{local; upstream: 1}}{}"
    )
    assert upstream in lines
    (product,) = [line for line in lines if line.startswith("k = ")]
    assert product.count("0.291313") == 0
    assert product.startswith(r"k = h \odot (1 - h) = \left[")
    slope = r"\mathbf{1} \odot \frac{\partial k}{\partial h} = \frac{\partial k}{\partial h}"
    assert any(line.endswith(slope) for line in lines)


def test_one_step_alone_has_its_figures() -> None:
    """Nothing stands above it."""
    trace = network("x = 1", f"w = [{FIFTEEN}]", "h = tanh(w)\nk = h + 1\nloss = sum(k**2)")
    source = Narrator(trace, Options())
    (line, *_) = step_blocks(source, 1, "dloss/dh")
    assert isinstance(line, EquationLine)
    assert line.result is not None
    assert "0.791264" in shown(line.result, trace)


def test_what_meets_a_corner_stands_as_the_run_has_it() -> None:
    """A 0 whose ReLU has the slope 1 would be a riddle: 0.1 + 0.2 - 0.3 lies above 0."""
    data = "x = [1, 1, 1]"
    equations = "z = W @ x\nloss = sum(relu(z))"
    lines = list(sides(network(data, "W = [[0.1, 0.2, -0.3], [0.5, 0.1, -0.2]]", equations)))
    z = next(line for line in lines if line.startswith("z = "))
    assert r"\cdot 10^{-17} \\ 0.4 \end{bmatrix}" in z
    smooth = equations.replace("relu", "tanh")
    lines = list(sides(network(data, "W = [[0.1, 0.2, -0.3], [0.5, 0.1, -0.2]]", smooth)))
    z = next(line for line in lines if line.startswith("z = "))
    assert z.endswith(r"\begin{bmatrix} 0 \\ 0.4 \end{bmatrix}")


def test_an_entry_has_no_subscript_along_an_axis_of_one() -> None:
    """Of a column it is pᵢ, of a row too, and a single number has none."""
    equations = "p = sigmoid(x @ w)\nb = sum(p, axis=0)\nloss = sum(p * y) + sum(b**2)"
    data = "x = [[1, 2], [0.5, 1]]\ny = [[1], [0]]"
    text = " ".join(sides(network(data, "w = [[0.1], [0.4]]", equations)))
    assert r"p_{i} \cdot y_{i}" in text
    assert "{i1}" not in text
    assert "b_{1}" not in text


def test_what_explains_a_step_comes_before_a_remark_about_its_numbers() -> None:
    """Why a gradient is an outer product, then that an input is 0; the second time only that."""
    equations = "h = W @ x\nk = V @ x\nloss = sum(h**2) + sum(k**2)"
    parameters = "W = [[1, 2], [3, 4]]\nV = [[0.5, 1], [2, 1]]"
    page = "".join(
        markdown(derivation(network("x = [0, 2]", parameters, equations), Options()), Notation())
    )
    assert page.count("of the product times entry") == 1
    assert page.index("of the product times entry") < page.index("have no effect here")


TIED = """\
[data]
X = [[1, 2], [0.5, -1]]
[parameters]
E = [[0.4, -0.3], [0.1, 0.5], [0.2, -0.6]]
gain = [1, 2, 0.5]
[network]
equations = '''
h = X @ E.T
k = where(step(h), h**2, 0.5 * h)
n = rms_norm(k, gain)
t = n @ E
loss = mean(t**2)
'''
[training]
learning_rate = 0.1
iterations = 1
"""


def test_a_choice_a_tied_weight_and_a_root_mean_square_are_told_as_what_they_are() -> None:
    """By cases; as the weights they are, transposed; and by a sign with its value."""
    trace = run_scenario(loads(TIED))
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    slope = r"\frac{\partial k}{\partial h} = \begin{cases} 2\thinspace h & h > 0 \cr 0.5 & h \le 0"
    assert slope in page
    assert "Neither factor is a weight" not in page
    assert r"\mathrm{RMS}(k) &= \sqrt{\mu(k^{2}) + 10^{-5}}" in page
    assert page.count("“upstream” is the gradient that comes in") == 1


def test_the_gradient_of_heads_is_drawn_by_heads() -> None:
    """As the forward pass joins them: the blocks of a matrix, and no index of each entry."""
    text = " ".join(sides(traced("multi_head_attention")))
    head = r"\left(\frac{\partial L}{\partial \mathrm{heads}}\right)"
    joined = r"\frac{\partial L}{\partial \mathrm{joined}}"
    assert rf"\begin{{bmatrix}} {head}_{{1}} & {head}_{{2}} \end{{bmatrix}} = {joined} = " in text
