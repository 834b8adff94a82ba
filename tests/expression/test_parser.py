"""Which tree a text has, in the wider forms that people write, and which error a wrong one."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.expression.trees import VOCABULARY, calls_of
from tracer.errors import LanguageError, LimitError
from tracer.expression import (
    Array,
    Assignment,
    Call,
    Dialect,
    Loop,
    Name,
    Notation,
    Number,
    Slice,
    Tuple,
    parse,
    parse_program,
    render,
)

DERIVATIVES = {"dloss/dw", "dloss/dw#1", "dloss/dw#12", "dloss/dh[0]", "dhv/d(dloss/dw)"}
FAMILIES = {"h[0]", "h[1, 2]", "m[w]", "m[w]'"}
NOTATION = Notation(
    {"y_pred": "ŷ"}, loss="loss", taken={"w", "x", "y", "y_pred", "loss", "W1", "h[0]"}
)
ASCII = [
    ("-x**2", "negative(power(x, 2))"),
    ("2**-1", "power(2, negative(1))"),
    ("2**3**4", "power(2, power(3, 4))"),
    ("2^3", "power(2, 3)"),
    ("a * b @ c / d", "divide(matmul(multiply(a, b), c), d)"),
    ("a - b - c", "subtract(subtract(a, b), c)"),
    ("+a - +b", "subtract(a, b)"),
    ("-a * b", "multiply(negative(a), b)"),
    ("a * -b", "multiply(a, negative(b))"),
    ("x.T @ y.T.T", "matmul(transpose_last(x), transpose_last(transpose_last(y)))"),
    ("x.T[0]**2", "power(index(transpose_last(x), 0), 2)"),
    ("-x.T", "negative(transpose_last(x))"),
    ("h[t + 1]", "index(h, add(t, 1))"),
    ("h[ 0 ] * h[1,2]", "multiply(h[0], h[1, 2])"),
    ("m[w]' + m[w]", "add(m[w]', m[w])"),
    ("dloss/dw**2", "power(dloss/dw, 2)"),
    ("dloss/dw#12 + dloss/dw#1", "add(dloss/dw#12, dloss/dw#1)"),
    ("dloss / dw", "divide(dloss, dw)"),
    ("dloss/dwx", "divide(dloss, dwx)"),
    ("dloss/dv", "divide(dloss, dv)"),
    ("a/dloss/dw", "divide(a, dloss/dw)"),
    ("dloss/dw[0]", "index(dloss/dw, 0)"),
    ("dhv/d(dloss/dw) * 2", "multiply(dhv/d(dloss/dw), 2)"),
    ("ln(x)", "log(x)"),
    ("pi * 2", "multiply(pi(), 2)"),
    ("x''", "x''"),
    ("x' * w_1'", "multiply(x', w_1')"),
    ("f(True, None)", "f(True, None)"),
    ("f(0,5)", "f(0, 5)"),
    ("1.T", "transpose_last(1)"),
    ("x * (\n y)", "multiply(x, y)"),
]
UNICODE = [
    ("w − η·∂L/∂w", "subtract(w, multiply(learning_rate, dloss/dw))"),
    ("½(ŷ−y)²", "multiply(divide(1, 2), power(subtract(y_pred, y), 2))"),
    ("２×（３＋４）", "multiply(2, add(3, 4))"),
    ("0.5²", "power(0.5, 2)"),
    ("x⁻¹ + x¹⁰", "add(power(x, negative(1)), power(x, 10))"),
    ("6÷2", "divide(6, 2)"),
    ("a ⊙ b ∗ c ⋅ d", "multiply(multiply(multiply(a, b), c), d)"),
    ("2x(ŷ−y)", "multiply(multiply(2, x), subtract(y_pred, y))"),
    ("w x", "multiply(w, x)"),
    ("wx", "wx"),
    ("2π", "multiply(2, pi())"),
    ("σ(w·x + b)", "sigmoid(add(multiply(w, x), b))"),
    ("√x + √(x+1)", "add(sqrt(x), sqrt(add(x, 1)))"),
    ("|x − y|", "abs(subtract(x, y))"),
    ("2|x − y|", "multiply(2, abs(subtract(x, y)))"),
    ("||x| − y|", "abs(subtract(abs(x), y))"),
    ("|x||y|", "multiply(abs(x), abs(y))"),
    ("3‖x‖²", "multiply(3, power(length(x), 2))"),
    ("W₁ᵀ @ W^T", "matmul(transpose_last(W1), transpose_last(W))"),
    ("e^(−z) + e^x", "add(exp(negative(z)), exp(x))"),
    ("ln x", "log(x)"),
    ("foo(x)", "foo(x)"),
    ("x₁,₁₀ + (W₁)₁₀,₂,₃", "add(index(x, 0, 9), index(W1, 9, 1, 2))"),
    ("x₁ + (W₁)₁₂", "add(index(x, 0), index(W1, 0, 1))"),
    ("x_{{12}}", "index(x, 11)"),
    ("h₀ + h⁽²⁾", "add(h[0], h[2])"),
    ("w⁺ + w′ + w’", "add(add(w', w'), w')"),
    ("dL/dw", "dloss/dw"),
    ("∂ŷ/∂w", "dy_pred/dw"),
    ("∂L/∂x₁", "index(dloss/dx, 0)"),
    ("∂L/∂(W₁)₁₂", "index(dloss/dW1, 0, 1)"),
    ("∂L/∂w|₁₂", "dloss/dw#12"),
    ("x_{t+1}", "x[t + 1]"),
    ("softmax(z, axis=−1)", "softmax(z, axis=negative(1))"),
    ("x²y", "multiply(power(x, 2), y)"),
]
LATEX = [
    # As Markdown has it: it would take the backslash of the shorter commands.
    (r"W_1\thinspace x", "matmul(W1, x)"),
    (r"2\thinspace x", "multiply(2, x)"),
    (r"\begin{bmatrix} 1 \cr 2 \end{bmatrix}", "[[1], [2]]"),
    (r"\mathrm{w\ 1}", "w_1"),
    (r"\mathrm{leaky\ relu}(z)", "leaky_relu(z)"),
    # Numbers with an exponent.
    (r"1\mathrm{e}{-12}", "1e-12"),
    (r"2.5\mathrm{E}{+3} \cdot x", "multiply(2.5E+3, x)"),
    (r"1\mathrm{e} {8}\,x", "multiply(1e8, x)"),
    (r"w - \eta \frac{\partial L}{\partial w}", "subtract(w, multiply(learning_rate, dloss/dw))"),
    (r"\frac12(\hat y - y)^2", "multiply(divide(1, 2), power(subtract(y_pred, y), 2))"),
    (r"\tfrac12 + \dfrac{a}{b}", "add(divide(1, 2), divide(a, b))"),
    (r"1e-3 * 2", "multiply(1e-3, 2)"),
    (r"w_{new} + w_\text{old}", "add(w_new, w_old)"),
    (r"L", "loss"),
    (r"\mathcal{W} + \mathbf{w} + \boldsymbol{\theta}", "add(add(W, w), theta)"),
    (r"2\,\left(0.5 - 2\right)", "multiply(2, subtract(0.5, 2))"),
    (r"W_1\,x", "matmul(W1, x)"),
    (r"W_1 x", "multiply(W1, x)"),
    (r"W_1 \; x \quad y", "multiply(multiply(W1, x), y)"),
    (r"wx", "wx"),
    (r"(W_1)_{12} + (W_1)_{1,12}", "add(index(W1, 0, 1), index(W1, 0, 11))"),
    (r"\sigma(z) + \sigma\big(z\big)", "add(sigmoid(z), sigmoid(z))"),
    (r"\sqrt{x} + \sqrt2", "add(sqrt(x), sqrt(2))"),
    (r"e^{-z} + \exp(z)", "add(exp(negative(z)), exp(z))"),
    (r"\ln\left(x\right) + \tanh z", "add(log(x), tanh(z))"),
    (r"x^T W^{\top}", "multiply(transpose_last(x), transpose_last(W))"),
    (r"x^{\mathsf{T}} + W^\top", "add(transpose_last(x), transpose_last(W))"),
    (r"h^{(1)} + W^{[1]}", "add(h[1], W1)"),
    (r"w_{t+1} - x_{i,j}", "subtract(w[t + 1], x_i_j)"),
    (r"w^+ + w^{\prime} + w'", "add(add(w', w'), w')"),
    (r"a \times b \odot c \div d", "divide(multiply(multiply(a, b), c), d)"),
    (r"\operatorname{softmax}(z, axis{=}1)", "softmax(z, axis=1)"),
    (r"\left|x\right| + |y|", "add(abs(x), abs(y))"),
    (r"2\|x - y\|^2", "multiply(2, power(length(subtract(x, y)), 2))"),
    (r"2\lVert x\rVert", "multiply(2, length(x))"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \\ \end{pmatrix}", "[[1, 2], [3, 4]]"),
    (r"\left[\begin{matrix}1 & 2\end{matrix}\right]", "[1, 2]"),
    (r"\frac{\partial L}{\partial (W_1)_{12}}", "index(dloss/dW1, 0, 1)"),
    (r"\left.\frac{\partial L}{\partial w}\right|_{1}", "dloss/dw#1"),
    (r"\partial L / \partial w", "dloss/dw"),
    (r"x^{2}_{}", "ERROR"),
    (r"{a + b} c", "multiply(add(a, b), c)"),
    (r"\varepsilon + \epsilon", "add(epsilon, epsilon)"),
]


def said(node: object) -> str:
    """Return a tree as nested calls."""
    if isinstance(node, (Name,)):
        return node.id
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Call):
        words = [
            *map(said, node.arguments),
            *(f"{key}={said(part)}" for key, part in node.keywords),
        ]
        return f"{node.operation}({', '.join(words)})"
    if isinstance(node, (Array, Tuple)):
        return f"[{', '.join(map(said, node.items))}]"
    assert isinstance(node, Slice)
    return f"{said(node.first) if node.first else ''}:{said(node.last) if node.last else ''}"


def read(text: str, dialect: Dialect) -> str:
    """Return what a text says, or ERROR."""
    try:
        return said(
            parse(
                text,
                dialect,
                vocabulary=VOCABULARY,
                names=None if dialect == "ascii" else NOTATION,
                derivatives=DERIVATIVES,
                families=FAMILIES,
            )
        )
    except LanguageError:
        return "ERROR"


@pytest.mark.parametrize(("text", "tree"), ASCII)
def test_ascii_is_read_as_python_reads_it(text: str, tree: str) -> None:
    assert read(text, "ascii") == tree


@pytest.mark.parametrize(("text", "tree"), UNICODE)
def test_unicode_is_read_as_people_write_it(text: str, tree: str) -> None:
    assert read(text, "unicode") == tree


@pytest.mark.parametrize(("text", "tree"), LATEX)
def test_latex_is_read_as_people_write_it(text: str, tree: str) -> None:
    assert read(text, "latex") == tree


def test_slices_and_tuples_keep_their_parts() -> None:
    tree = parse("x[1:, ::2, :-1, (0, 1), ...]".replace(", ...", ""))
    assert isinstance(tree, Call)
    first, second, third, fourth = tree.arguments[1:]
    assert first == Slice(Number("1", Fraction(1)), None, None)
    assert second == Slice(None, None, Number("2", Fraction(2)))
    assert third == Slice(None, Call("negative", (Number("1", Fraction(1)),)), None)
    assert isinstance(fourth, Tuple)
    assert parse("(1,)") == Tuple((Number("1", Fraction(1)),))
    assert parse("(1)") == Number("1", Fraction(1))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), (".5", "1/2"), ("1e-3", "1/1000"), ("2.50E+1", 25), ("1.", 1), ("0.1", "1/10")],
)
def test_a_number_keeps_its_text_and_its_exact_value(text: str, value: int | str) -> None:
    for dialect in ("ascii", "unicode", "latex"):
        tree = parse(text, dialect)
        assert isinstance(tree, Number)
        assert (tree.text, tree.value) == (text, Fraction(value))


def test_each_node_knows_its_place() -> None:
    text = "w - 0.1 * f(x)[0].T"
    tree = parse(text)
    assert isinstance(tree, Call)
    right = tree.arguments[1]
    assert text[right.start : right.end] == "0.1 * f(x)[0].T"
    latex = r"2\,\left(\hat{y} - y\right)"
    tree = parse(latex, "latex")
    assert isinstance(tree, Call)
    inner = tree.arguments[1]
    assert latex[inner.start : inner.end] == r"\hat{y} - y"


ERRORS: list[tuple[Dialect, str, str, int]] = [
    ("ascii", "", "the expression ends too early", 0),
    ("ascii", "a +", "the expression ends too early", 3),
    (
        "ascii",
        "np.sum(x)",
        "methods cannot be called here; found `.`; expected a function before its operands: sum(…)",
        2,
    ),
    ("ascii", "1 + log(z.sum())", "methods cannot be called here", 9),
    ("ascii", "2x", "an operator is missing; found `x`; expected `2 * x`", 1),
    ("ascii", "2 (x)", "an operator is missing", 2),
    ("ascii", "x V", "an operator is missing; found `V`; expected `x * V`, or `x @ V` for", 2),
    ("ascii", "x'(y)", "an operator is missing", 2),
    ("ascii", "1_000", "a number has no `_` in it", 1),
    ("ascii", "0,5", "ambiguous: `0,5`", 1),
    ("unicode", "1,000", "ambiguous: `1,000`", 1),
    ("unicode", "0，5", "ambiguous: `0,5`", 1),
    ("latex", "0,5", "ambiguous: `0,5`", 1),
    ("ascii", "(a", "this bracket is not closed", 0),
    ("ascii", "a)", "unmatched bracket `)`", 1),
    ("ascii", "(a]", "`]` cannot stand here; expected `)`", 2),
    ("ascii", "()", "these brackets are empty", 1),
    ("ascii", "x[]", "an index is missing", 1),
    ("ascii", "x[...]", "`...` is not supported", 2),
    ("ascii", "x[1:2:3:4]", "a slice has at most three parts", 7),
    ("ascii", "a = b", "an expression has no `=`", 2),
    ("ascii", "f(axis=1, 2)", "an argument without a name", 10),
    ("ascii", "f(a=1, a=2)", "the argument `a` appears twice", 8),
    ("ascii", "a $ b", "unknown character `$`", 2),
    ("ascii", "a \x07", "unknown character U+0007", 2),
    ("ascii", "a \u202e", "unknown character U+202E", 2),
    ("ascii", "1e401", "the exponent of the number is too large", 0),
    ("ascii", "x + " + "1" * 41, "the number has too many digits", 4),
    ("ascii", "(" * 65 + "1" + ")" * 65, "the expression is nested too deeply", 64),
    ("ascii", "+".join("x" * 202), "the expression has too many operations in a row", 0),
    ("ascii", f"[{','.join('1' * 65)}]", "the array literal is too large", 0),
    ("ascii", "a, b", "a list needs brackets", 1),
    ("unicode", "6/2(1+2)", "ambiguous: ", 3),
    ("unicode", "1/2x", "ambiguous: ", 3),
    ("unicode", "2½", "ambiguous: ", 1),
    ("unicode", "√2x", "ambiguous: ", 2),
    ("unicode", "x^2y", "ambiguous: ", 3),
    ("unicode", "ln x y", "ambiguous: ", 5),
    ("unicode", "2[x]", "ambiguous: ", 1),
    ("unicode", "x 2", "an operator is missing", 2),
    ("latex", "x^12", "ambiguous: ", 2),
    ("latex", "x_12", "ambiguous: ", 2),
    ("latex", r"2\frac{1}{2}", "ambiguous: ", 1),
    ("latex", r"\foo x", "unknown command; found `\\foo`", 0),
    ("latex", r"\frac{a}", "the end cannot stand here", 8),
    ("latex", r"\sqrt[3]{x}", "only square roots are supported", 0),
    ("latex", r"\begin{cases} 1 \end{cases}", "unknown environment", 0),
    ("latex", r"\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}", "the rows of the matrix differ", 0),
]


@pytest.mark.parametrize(("dialect", "text", "message", "start"), ERRORS)
def test_a_wrong_text_has_one_error_at_its_place(
    dialect: Dialect, text: str, message: str, start: int
) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(text, dialect, vocabulary=VOCABULARY)
    assert str(caught.value).startswith(message)
    assert caught.value.start == start


@pytest.mark.parametrize("text", ["x" * 4001, "1 " * 2001, "+" * 2001])
@pytest.mark.parametrize("dialect", ["ascii", "unicode", "latex"])
def test_a_long_text_is_refused(text: str, dialect: Dialect) -> None:
    with pytest.raises(LimitError, match="the expression is too long"):
        parse(text, dialect)


def test_an_equation_has_a_target_and_a_value() -> None:
    equation, other = parse_program("h[t + 1] = tanh(x)\nŷ = σ(z)", vocabulary=VOCABULARY)
    assert isinstance(equation, Assignment)
    assert isinstance(other, Assignment)
    assert render(equation.target) == "h[t + 1]"
    assert render(equation.value) == "tanh(x)"
    assert other.target == Name("y_hat")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x + 1", "this is not an equation; found the end"),
        ("x + 1 = 2", "only a name can be assigned"),
        ("2 = x", "only a name can be assigned"),
        ("x = y = z", "an expression has no `=`"),
    ],
)
def test_what_is_no_equation_is_refused(text: str, message: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    assert f": {message}" in str(caught.value)


PROGRAM = """# a recurrent network
h[0] = zeros(len(tokens), 8)   # the start
for t in range(4):
    h[t + 1] = tanh(E[tokens[:, t]] @ W_x.T
        + h[t] @ W_h.T + b)  # goes on

    for k in range(1, n, 2):
        z = k
ŷ = σ(w·x + b)
g = dloss/dw#1 # a comment
"""


def test_a_program_has_equations_and_loops() -> None:
    first, loop, output, last = parse_program(
        PROGRAM, vocabulary=VOCABULARY, derivatives=DERIVATIVES
    )
    assert isinstance(first, Assignment)
    assert (render(first.target), first.line) == ("h[0]", 2)
    assert PROGRAM[first.start : first.end] == "h[0] = zeros(len(tokens), 8)"
    assert isinstance(loop, Loop)
    assert (loop.variable, loop.first, loop.step, loop.line) == ("t", None, None, 3)
    assert render(loop.last) == "4"
    inner_equation, inner = loop.body
    assert isinstance(inner_equation, Assignment)
    assert render(inner_equation.value) == "tanh(E[tokens[:, t]] @ W_x.T + h[t] @ W_h.T + b)"
    assert isinstance(inner, Loop)
    assert inner.first is not None
    assert inner.step is not None
    assert [render(inner.first), render(inner.last), render(inner.step)] == ["1", "n", "2"]
    assert isinstance(output, Assignment)
    assert output.target == Name("y_hat")
    assert output.value.key()[0] == "sigmoid"
    assert isinstance(last, Assignment)
    assert last.value == Name("dloss/dw#1")


@pytest.mark.parametrize(
    ("text", "message", "start"),
    [
        ("a = 1\n  b = 2", "line 2, column 3: unexpected indentation", 8),
        ("for t in range(2):\na = 1", "line 1, column 1: the loop has no body", 0),
        ("for t in range(2)\n  a = 1", "line 1, column 1: this is not a loop", 0),
        ("for t in range(1, 2, 3, 4):\n a = 1", "line 1, column 15: a range has", 14),
        ("for t in range(2):\n   a = 1\n  b = 2", "line 3, column 3: the indentation", 30),
        ("for t in range(2):\n\ta = 1", "line 2, column 1: a tab in the indentation", 19),
        ("a = 1\nb = (1 +\n  2x)", "line 3, column 4: an operator is missing", 18),
        ("a = 1\nb = 2 $", "line 2, column 7: unknown character `$`", 12),
        ("a = 1\nb = ŷ $", "line 2, column 7: unknown character `$`", 12),
        ("a = (1", "line 1, column 5: this bracket is not closed", 4),
        ("a = 1\nfoo", "line 2, column 4: this is not an equation", 9),
        ("x = 2 y", "line 1, column 7: an operator is missing", 6),
        ("ŷ = 2 y", "line 1, column 7: an operator is missing", 6),
    ],
)
def test_an_error_in_a_program_has_its_line_and_column(text: str, message: str, start: int) -> None:
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    assert str(caught.value).startswith(message)
    assert caught.value.start == start


def test_a_long_program_is_refused() -> None:
    with pytest.raises(LimitError, match="there are too many lines"):
        parse_program("\n" * 10_000)
    with pytest.raises(LimitError, match="the equations are too long"):
        parse_program("#" * 1_000_001)
    assert parse_program("") == ()


def test_an_empty_name_in_verbatim_braces_is_refused() -> None:
    for text in (r"\mathtt{}", r"\mathtt{ }"):
        with pytest.raises(LanguageError, match="there is no name in these braces"):
            parse(text, "latex")


@pytest.mark.parametrize("text", ["\\\x1b", "\\\U00018d09 x", "x \x9b", r"\mathrm{" + "\x07}"])
def test_no_part_of_a_message_has_unprintable_signs(text: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(text, "latex")
    assert str(caught.value).isprintable()


def test_an_entry_that_is_a_member_of_a_family_is_read_as_the_member() -> None:
    assert parse("(h)₁ + 0", "unicode", families={"h[0]"}) == parse("h[0] + 0", families={"h[0]"})


@pytest.mark.parametrize("unit", ["x^{(", "x_{", r"\hat{", "x^{(a,", r"\frac{\partial x^{("])
def test_what_may_be_part_of_a_name_is_not_tried_again_and_again(unit: str) -> None:
    text = unit * 60

    def read() -> None:
        with pytest.raises(LanguageError):
            parse(text, "latex", vocabulary=VOCABULARY)

    assert calls_of(read) <= 60 * len(text) + 1000
