"""Wrong lines that look right in some reading: beside each stands the right one."""

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts
from tracer.check.model.finding import Finding, Verdict
from tracer.document_check import check_text

ARRAYS = "W = [[1, 2], [3, 4]], V = [[5, 6], [7, 8]]\n\na = [1, 2], b = [2, 1], c = [1, 3]\n\n"

# The lines, with a place for the end; a right end, a wrong one, and the verdict on that.
ROW_AND_COLUMN = (
    "$\\begin{{bmatrix}}1&2\\end{{bmatrix}} \\cdot \\begin{{bmatrix}}3\\\\4\\end{{bmatrix}} = "
)
LINES: list[tuple[str, str, str, Verdict]] = [
    # A large result that was rounded says nothing of others.
    ("n = 224^2 * 73728 = 3.7 * 10^9\n\nm = 3073 * 16384 = {}", "50348032", "50343424", "slip"),
    # The sign of a product is part of it.
    (ARRAYS + "y = W (a ⊙ b ⊙ c) = {}", "[14, 30]", "[28, 60]", "slip"),
    (ARRAYS + "y = W (a ⊙ b) = {}", "[6, 14]", "[4, 12]", "slip"),
    (ARRAYS + "$Y = W \\left( V \\odot W\\right) = {}$", "[[47, 76], [99, 164]]",
     "[[85, 126], [193, 286]]", "slip"),
    (ARRAYS + "M = W ⊙ V = {}", "[[5, 12], [21, 32]]", "[[19, 22], [43, 50]]", "slip"),
    (ARRAYS + "M = W @ V = {}", "[[19, 22], [43, 50]]", "[[5, 12], [21, 32]]", "slip"),
    (ARRAYS + "y = a ⊙ b = {}", "[2, 2]", "4", "undecided"),
    (ARRAYS + "y = a @ b = {}", "4", "[2, 2]", "undecided"),
    # The square of a name says what it is but for its sign.
    ("σ² = 4\n\nz = (7 - 3)/σ = {}", "(7 - 3)/2 = 2", "(7 - 3)/3 = 4/3", "undecided"),
    ("σ² = 4\n\nz = (7 - 3)/σ = {}", "2", "4/3", "undecided"),
    ("v^2 = 9\n\nt = 2 v = {}", "2·(-3) = -6", "2·9 = 18", "undecided"),
    ("$s^2 = \\frac{{1 + 3}}{{2}} = 2$\n\n$u = 3/s = {}$", "3/1.414 = 2.122", "3/2 = 1.5",
     "undecided"),
    # A figure that is said again is the same one.
    ("a = 2.5 × 2.5 ≈ 6.3{}", " = 6.30", " = 6.4", "undecided"),
    # another base or grouping excuses no rounding, and has to fit what follows
    ("a = -log(0.77) = {}", "0.26", "0.36", "slip"),
    ("a = -log(e^1.2 / (e^1.2 + 1)) = -log(0.77) = {}", "0.26", "0.38", "slip"),
    ("u = 6, v = 0.4, k = 4\n\nq = u / v / k = {}", "6 / 0.4 / 4 = 3.75", "6 / 0.4 * 4 = 60",
     "slip"),
    # a figure put in for a name; one of the formula itself; a given that an equal result is no
    # rounding of; and a formula alone, in another section than the givens
    ("g = 0.9·(-1.6) = -1.44\n\nb = g = -1.44 ≈ {}", "-1.4", "-7.4", "slip"),
    ("r = 0.9, v = 0.4, g = 2.5\n\nv = r·v + (1 − r)·g² = 0.9·0.4 + (1 − 0.9)·2.5² = 0.985\n\n"
     "Then v = r·v + (1 − r)·g² = {}", "0.9·0.985 + (1 − 0.9)·2.5² = 1.5115",
     "(-0.9)·0.985 + (1 − (-0.9))·2.5² = 10.9885", "slip"),
    ("r = 0.1, v = 0.2\n\nk = -0.11·0.93 = -0.10\n\nq = v − r·k = {} = 0.21", "0.2 − 0.1·(-0.10)",
     "0.2 − (0.1 + (-0.10))", "slip"),
    ("x = 1.5, w = -0.5, b = 0.25\n\n## Forward\n\nu = w·x = -0.75\n\nz = u + b = {}",
     "-0.5", "0.8", "slip"),
    ("a = e^(-1) ≈ 0.3679 = {}", "0.368", "0.3680", "undecided"),
    # A result that nothing was rounded in is as exact where it is stated of another name; and
    # nothing is refuted by a result of which rounding leaves open whether it is right.
    ("z = 0.5·2 = 1.0\n\np = 0.731, y = 1.0\n\ng = 2(p - y) = 2·(0.731 - 1) = {}", "-0.538",
     "-0.629", "slip"),
    ("x = 10, s = 0.3456/1 ≈ 0.3\n\nq = x s = 10·0.3 = 2.65\n\ng = 2q = {}", "2·2.65 = 5.3",
     "2·3 = 6", "undecided"),
    # What a part of the working gives exactly was not rounded, however few its decimals are.
    ("b = tanh(0.5·3.0 + 0.8·0.45) = tanh(1.5 + 0.36) = {}", "0.9527", "0.9495", "slip"),
    ("b = sqrt(0.4·2.5 + 0.21·0.31) = sqrt(1.0 + 0.0651) = {}", "1.0320", "1.0120", "slip"),
    # What follows from a slip is carried, in updates of figures too.
    ("w = 0.5\n\nw ← 0.5 + 0.3 = 0.9\n\nw ← {} = 1.2", "0.9 + 0.3", "0.8 + 0.3", "slip"),
    ("h = 0.5·0.3 = 0.25\n\nk = {} = 0.35", "0.25 + 0.1", "0.15 + 0.1", "slip"),
    # A result stands for what its working is worth, for what is printed, or for what lies between.
    ("q = 2/3 = 0.67\n\nr = 10 q = 10·0.67 = {}", "6.67", "6.73", "slip"),
    ("q = 2/3 = 0.67\n\nr = 1 - q = {}", "1 - 0.67 = 0.33", "1 - 0.67 = 0.34", "slip"),
    ("p = exp(-0.4) ≈ 0.67\n\nr = {}", "3·0.67 = 2.01", "3·0.67 = 1.99", "slip"),
    ("s = 1/(1 + exp(-0.5)) = 0.622\n\nd = s - 1 = 0.622 - 1 = {}", "-0.378", "-0.379", "slip"),
    ("q = 2/3 = 0.67\n\nr = q·q = 0.67·0.67 = {}", "0.45", "0.46", "slip"),
    # Entries that are said to be figures are not rounded.
    ("$K = \\begin{{bmatrix}} k_1 & k_2 \\end{{bmatrix}} = \\begin{{bmatrix}} 2 & -1"
     " \\end{{bmatrix}}$\n\n$k_1' = 2 + 0.03 = {}$", "2.03", "2.01", "slip"),
    ("v = [a, b] = [0.5, 4]\n\nc = 4 - 0.25 = {}", "3.75", "3.95", "slip"),
    # A name that is another one has its value.
    ("g = 0.2 - 0.5 = -0.3\n\nk = g\n\nb = 1 - 0.1 k = {}", "1 - 0.1·(-0.3) = 1.03",
     "1 - 0.1·(-0.4) = 1.04", "slip"),
    # A product of arrays keeps the order of its factors.
    ("d = [3, 5]ᵀ, x = [2, 7]ᵀ\n\nG = d xᵀ = {}", "[3, 5]ᵀ [2, 7] = [[6, 21], [10, 35]]",
     "[2, 7]ᵀ [3, 5] = [[6, 10], [21, 35]]", "slip"),
    ("d = [3, 5], x = [2, 7]\n\nG = d xᵀ = {}", "[3, 5]ᵀ [2, 7] = [[6, 21], [10, 35]]",
     "[2, 7]ᵀ [3, 5] = [[6, 10], [21, 35]]", "slip"),
    (ARRAYS + "M = W · V = {}", "[[1, 2], [3, 4]] · [[5, 6], [7, 8]] = [[19, 22], [43, 50]]",
     "[[5, 6], [7, 8]] · [[1, 2], [3, 4]] = [[23, 34], [31, 46]]", "slip"),
    (ARRAYS + "y = W a = {}", "[[1, 2], [3, 4]] [1, 2] = [5, 11]",
     "[1, 2] [[1, 2], [3, 4]] = [7, 10]", "slip"),
    (ARRAYS + "y = aᵀ c = {}", "[1, 3] · [1, 2] = 7", "[1, 3] · [2, 1] = 5", "slip"),
    # A name that has a figure from a right line has it in a power and a function too.
    ("O = W v = 3·2 = 6\n\nD = W² g = {}", "9·5 = 45", "3·5 = 15", "undecided"),
    ("O = w v = 9·2 = 18\n\nD = sqrt(w) g = {}", "3·5 = 15", "9·5 = 45", "undecided"),
    ("V = [[1, 0], [2, 1]]\n\nO = W V = [[1, 2], [3, 4]] [[1, 0], [2, 1]] = [[5, 2], [11, 4]]\n\n"
     "G = [[1, 0], [2, 1]]\n\nD = Wᵀ G = {}", "[[1, 3], [2, 4]] [[1, 0], [2, 1]] ="
     " [[7, 3], [10, 4]]", "[[1, 2], [3, 4]] [[1, 0], [2, 1]] = [[5, 2], [11, 4]]", "undecided"),
    # A given value that is stated anew says nothing of the others.
    ("a = 0.9, x = 3\n\nx = 4\n\np = a·2 + (1 - a)·x = {}", "0.9·2 + 0.1·4 = 2.2",
     "0.1·2 + 0.9·4 = 3.8", "slip"),
    ("a = 0.9, x = 3\n\nx = 4\n\np = a·2 = 0.1·2 = 0.2\n\nq = (1 - a)·x = {}", "0.1·4 = 0.4",
     "0.9·4 = 3.6", "slip"),
    ("rho = 0.9, g = -6\n\ns = rho*0 + (1 - rho)*g^2 = 0.9*0 + 0.1*(-6)^2 = 3.6\n\ng = -5\n\n"
     "s = rho*s + (1 - rho)*g^2 = {}", "0.9*3.6 + 0.1*(-5)^2 = 5.74",
     "0.1*3.6 + 0.9*(-5)^2 = 22.86", "undecided"),
    # The formula of an array is that of its entries.
    ("S = [[0.9, 1.05], [1.8, -1.2]], d = 2\n\nA = S / sqrt(d)\n\nA_{{22}} = {}",
     "-1.2 / sqrt(2) = -0.849", "-1.2 / 2 = -0.6", "undecided"),
    ("z = [0.5, -1]\n\na = σ(z)\n\na_2 = {}", "1/(1 + e^1) = 0.269", "1/(1 + e^(-0.5)) = 0.622",
     "slip"),
    # A part that differs is not made good by the rounding of the others.
    ("$h_2 = 2.23607 - \\frac{{2.23607^2 - 5}}{{2 \\cdot 2.23607}} = 2.23607 - "
     "\\frac{{{} - 5}}{{4.47214}}$", "5.00001", "4.99998", "undecided"),
    ("h ≈ 1.73205\n\n$k = 1.73205 - \\frac{{1.73205^2 - 3}}{{{}}} = 1.73205 - "
     "\\frac{{1.73205^2 - 3}}{{3.4641}}$", "2 \\cdot 1.73205", "2 \\cdot 7.73205", "undecided"),
    # Letters side by side in a function of them are their product.
    ("$g(u,v) = u^2 - 3uv$\n\n$g(4, 2) = {}$", "16 - 3 \\cdot 4 \\cdot 2 = -8",
     "16 - 3 \\cdot 4 \\cdot 1 = 4", "slip"),
    ("$g(x,y) = 5 x y + y$\n\n$g(4, 2) = {}$", "5 \\cdot 8 + 2 = 42",
     "5 \\cdot 6 + 2 = 32", "slip"),
    ("g(x, y) = 5 x y + y\n\ng(4, 2) = {}", "42", "22", "slip"),
    # A row and a column have no product by entries.
    ("$[1, 2] \\cdot [3, 4]^T = {}$", "11", "[3, 8]", "slip"),
    ("$[1, 2]^T \\cdot [3, 4] = {}$", "11", "[3, 8]", "slip"),
    (ROW_AND_COLUMN + "{}$", "11", "\\begin{bmatrix}3&8\\end{bmatrix}", "slip"),
    # Other figures for several names may have the right sum by chance.
    ("x = 2, w = 3, b = 1\n\nz = w x + b = {}", "3·2 + 1 = 7", "2·2 + 3 = 7", "undecided"),
    ("x = 2, y = 6\n\ns = x y = {}", "2·6 = 12", "3·4 = 12", "undecided"),
    ("η = 0.1, g = 2, w = 1\n\nw' = w - η g = {}", "1 - 0.1·2 = 0.8", "1 - 0.05·4 = 0.8",
     "undecided"),
    # A whole number of three digits is rounded from what comes out, too, and rounded rightly.
    ("n = 0.2·768 = {}", "154", "153", "slip"),
    ("n = 12·3.3 = {}", "39.6", "40", "slip"),
    ("n = 0.3·768 = {}", "230", "231", "slip"),
    # of which the value may be put in that it was rounded from
    ("h = 0.2·768 = 154\n\np = 4h = {}", "4·153.6 = 614.4", "4·152.6 = 610.4", "slip"),
    # Calculations may have the right sum by chance, too.
    ("x = 3, w = 2, b = 1\n\nz = w x + b = {}", "6 + 1 = 7", "2 + 5 = 7", "undecided"),
]  # fmt: skip


def last_finding(text: str, scenario: str | None = None) -> Finding:
    """Return what is said of the last line of a document."""
    return list(check_text(text, "md", scenario).files[0].findings)[-1]


@pytest.mark.parametrize(("text", "right", "wrong", "verdict"), LINES)
def test_a_wrong_line_holds_in_no_reading(
    text: str, right: str, wrong: str, verdict: Verdict
) -> None:
    """What cannot be proved wrong is open, and never right."""
    assert last_finding(text.format(right)).verdict in ("correct", "carried_forward")
    assert last_finding(text.format(wrong)).verdict == verdict


NEURON: list[tuple[str, str, str, Verdict]] = [
    ("dL/dw1 = {}", "-0.107763·2 = -0.215526", "-0.107763·2 = -0.225526", "slip"),
    ("dL/dw1 = {}", "-0.107763·2 = -0.215526", "-0.107863·2 = -0.215726", "slip"),
    ("w1 = {}", "0.5 - 0.5·(-0.2155) = 0.60775", "0.5 + 0.5·0.9 = 0.95", "slip"),
    ("w2 = {}", "1 - 0.5·0.107763 = 0.946118", "1 + 0.5·0.107763 = 1.053882", "slip"),
    ("b = {}", "0.25 - 0.5·(-0.107763) = 0.303882", "0.25 + 0.1 = 0.35", "slip"),
    ("w1 ← 0.5 - 0.5·(-0.2155) = 0.8\n\nw1 ← {}", "0.8 + 0.3 = 1.1", "0.8 + 0.3 = 1.2", "slip"),
    ("dL/dz = -0.438·0.246 = -0.118\n\ndL/db = dL/dz\n\nb' = b - η dL/db = {}",
     "0.25 + 0.5·0.118 = 0.309", "0.25 + 0.5·0.128 = 0.314", "slip"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right", "wrong", "verdict"), NEURON)
def test_a_line_of_figures_is_held_against_the_run(
    text: str, right: str, wrong: str, verdict: Verdict
) -> None:
    """Rounded figures of a right formula, an update of figures, what follows from a slip."""
    expected = "carried_forward" if "\n" in text else "correct"
    assert last_finding(text.format(right), "neuron").verdict == expected
    assert last_finding(text.format(wrong), "neuron").verdict == verdict


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("a = 0.562\n\nL = ½(0.562 − 1)² = {}", "0.0958", "0.0985"),
        ("L = ½(0.5622 − 1)² = {}", "0.09583", "0.09683"),
        ("L = (0.562 − 1)²/2 = {}", "0.0959", "0.1918"),
    ],
)
def test_a_rounded_value_of_the_run_may_be_put_in(text: str, right: str, wrong: str) -> None:
    """The result may be that of the rounded figure, or the one that a calculator kept."""
    assert last_finding(text.format(right), "neuron").verdict == "correct"
    assert last_finding(text.format(wrong), "neuron").verdict == "slip"


def test_two_figures_of_a_product_are_not_blamed_together() -> None:
    """What stands for a product of names may be grouped otherwise: the result is named."""
    found = last_finding("dL/dz = −0.438·0.562 = −0.246", "neuron")
    assert (found.verdict, found.expected) == ("slip", "−0.108")


OF_THE_RUN: list[tuple[str, str, Verdict]] = [
    ("z = 0.5·2 + 1·(-1) + 0.25 = 0.25\n\n0.5·2 + 1·(-1) = 0", "neuron", "correct"),
    ("0.5·2 + 1·(-1) + 0.25 = 0.25", "neuron", "correct"),
    ("0.5·2 + 1·1 + 0.25 = 2.25", "neuron", "undecided"),
    ("new weight: 0.5 - 0.1·(-3) = 0.8", "one_weight", "correct"),
    ("w = w - 0·dL/dw = 0.5 - 0·(-3) = 0.5", "one_weight", "slip"),
    ("w = 0.5 - 0·3 = 0.5", "one_weight", "slip"),
    ("w = 1/2 = 0.5", "one_weight", "correct"),
    ("g = 2·(ŷ − y)·x\n\ng = (ŷ − y)·x = (0.5 − 2)·1 = -1.5", "one_weight", "slip"),
    ("new weight: 0.5 - 0.1·3 = 0.2", "one_weight", "undecided"),
    ("spread = (0.5·3 + 2)/2 = 1.75", "one_weight", "undecided"),
    ("x = w·y = 0.5·2 = 1", "one_weight", "correct"),
    ("y = 2·w·x = 2·0.5·1 = 1", "one_weight", "undecided"),
    # The run rounds to what its rounded figures miss by a last digit.
    ("L = ½((0.5840 − 0.9)² + (0.4833 − 0.2)²) = 0.0900", "mlp_2_2_2", "correct"),
    ("a = sigmoid(0.25) = 0.56217", "neuron", "rounding"),
    ("The loss: L = −ln 0.5832 = 0.5392.", "softmax_example", "correct"),
    ("The loss: L = −ln 0.5931 = 0.5224.", "softmax_example", "slip"),
    # No name, and nothing but counts or what right lines above have: arithmetic alone.
    ("Guessing costs ln 3 = 1.0986.", "softmax_example", "correct"),
    ("loss = (0.5 - 2)² = 2.25\n\nthree times that: 3·2.25 = 6.75", "one_weight", "correct"),
    ("loss = (0.5 - 2)² = 2.25\n\nthree times that: 3·2.35 = 7.05", "one_weight", "undecided"),
    # The name is the run's: another quantity that has these figures does not confirm it.
    ("scores = (0, 1.25, 1.25)", "self_attention", "undecided"),
    ("products = (0, 1.25, 1.25)", "self_attention", "correct"),
    # What is said to be 0 may be left out of a formula.
    ("b₂ = 0\n\nh₁ = (0.2543, 0.0997)\n\no₁ = U·h₁ = (0.0265, 0.1725, −0.0320, 0.0753, −0.1107)",
     "rnn_language_model", "correct"),
    ("h₁ = (0.2543, 0.0997)\n\no₁ = U·h₁ = (0.0265, 0.1725, −0.0320, 0.0753, −0.1107)",
     "rnn_language_model", "undecided"),
    # A part of an array of the run is the writer's own array.
    ("z1 = [[1.1, -0.4, -0.8, -0.55], [1.05, -1, -0.2, -0.55], [1, -1.15, 0.65, -0.5], "
     "[1.05, -0.55, 0.7, -0.65]]\n\na1 = relu(z1) = [[1.1, 0, 0, 0], [1.05, 0, 0, 0], "
     "[1, 0, 0.65, 0], [1.05, 0, 0.7, 0]]", "digit_cnn", "correct"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "scenario", "verdict"), OF_THE_RUN)
def test_a_result_is_right_beside_a_run_that_has_it(
    text: str, scenario: str, verdict: Verdict
) -> None:
    """What no name says the figures are of was compared with the run only where that has it."""
    assert last_finding(text, scenario).verdict == verdict


GRADIENTS = (
    "x = 2, y = 1, w = 0.5, b = 0.1, lr = 0.1.\n\np = w*x + b = 0.5*2 + 0.1 = 1.1\n\n"
    "L = (p - y)² = (1.1 - 1)² = 0.01\n\ndL/dw = 2*(p - y)*x = 2*(1.1 - 1)*2 = 0.4\n\n"
    "dL/db = 2*(p - y) = 2*(1.1 - 1) = 0.2\n\n"
)
UPDATES: list[tuple[str, Verdict, str | None]] = [
    ("b = b - lr * dL/dw = 0.1 - 0.1*0.4 = 0.06", "slip", "dL/db"),
    ("b_new := b - 0.1 * dL/dw = 0.06", "slip", "dL/db"),
    (r"$w := w - lr \frac{\partial L}{\partial b} = 0.5 - 0.1 \cdot 0.2 = 0.48$", "slip", "dL/dw"),
    ("b = b - lr * dL/db = 0.1 - 0.1*0.2 = 0.08", "correct", None),
    ("k = dL/dw = 0.4\n\nb = b - lr * k = 0.1 - 0.1*0.4 = 0.06", "slip", "dL/db"),
    ("v = 0.9*0 + dL/dw = 0.4\n\nw = w - lr * v = 0.5 - 0.1*0.4 = 0.46", "correct", None),
    ("u = 0.5\n\ndL/du = 0.3\n\nw = w - lr * dL/du = 0.5 - 0.1*0.3 = 0.47", "correct", None),
    ("m = 0.3\n\nm = m - lr * dL/dw = 0.3 - 0.1*0.4 = 0.26", "correct", None),
    ("dL/dp = 2*(p - y) = 0.2\n\nb = b - lr * dL/dp = 0.1 - 0.1*0.2 = 0.08", "correct", None),
]


@pytest.mark.parametrize(("text", "verdict", "expected"), UPDATES)
def test_an_update_takes_the_gradient_by_its_own_name(
    text: str, verdict: Verdict, expected: str | None
) -> None:
    """Unless the names may be one parameter, or the document states no gradient by it."""
    (report,) = check_text(GRADIENTS + text).files
    found = report.findings[-1]
    assert (found.verdict, found.expected) == (verdict, expected)


QUOTIENTS = {
    "of a value of a function": "c = 5\n\nf(1)/c = 7/2 = 3.5",
    "by a value of a function": "c = 5\n\nc/f(2) = 7/2 = 3.5",
    "of differences": "h = 0.01\n\n(g(1.51) - g(1.5))/h = (0.42 - 0.375)/0.1 = 0.45",
    "LaTeX": "$h = 0.01$\n\n$\\frac{f(1.1) - f(1)}{h} = \\frac{7 - 5}{0.1} = 20$",
    "Chinese": "已知 c = 5。\n\n因此 (f(1) - 4)/c = 7/2 = 3.5",
}


@pytest.mark.parametrize("text", QUOTIENTS.values(), ids=QUOTIENTS)
def test_a_quotient_on_the_left_is_a_calculation_and_no_name(text: str) -> None:
    """What f is worth is nowhere said, so nothing shows that the figures are its own."""
    assert verdicts(text)[-1] == "undecided"


@pytest.mark.parametrize(
    "side",
    [
        "5!", "\\binom{5}{2}", "\\gcd(12, 18)", "7 \\bmod 3", "\\int_0^1 6x\\,dx",

        "\\det\\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}",
    ],
)  # fmt: skip
def test_a_first_side_that_has_figures_and_no_value_is_no_name(side: str) -> None:
    """A name may be left unread, a calculation not: nobody has compared it with what follows."""
    assert last_finding(f"${side} = 5 \\cdot 3 = 15$").verdict == "undecided"


@pytest.mark.parametrize(
    "name", ["f(2)", "\\text{PE}(1, 0)", "f([1, 2])", "V_{[1,2]}", "t_{0.5}", "P(X = 2)"]
)
def test_figures_in_a_name_are_no_calculation(name: str) -> None:
    """What a function is applied to, a place and a condition are parts of a name."""
    assert last_finding(f"${name} = 5 \\cdot 3 = 15$").verdict == "correct"


@pytest.mark.parametrize(
    "text",
    [
        # a derivative that nobody states is clipped, of a few samples, or of the output
        "Let f(x) = x^2 and x_0 = 2, and clip the gradient to 1.\n\n"
        "x_1 = x_0 - 0.1 f'(x_0) = 2 - 0.1·1 = 1.9",
        "f(x) = x^2, x_0 = 2, with noise of 0.5.\n\nx_1 = x_0 - 0.1 ∇f(x_0) = 2 - 0.1·4.5 = 1.55",
        "f(x) = tanh(x). h_1 = 0.5 is the output.\n\nδ = 0.2·f'(h_1) = 0.2·0.75 = 0.15",
        "σ(z) = 1/(1+e^{-z}). Output a_1 = 0.7.\n\nδ = (a_1 - 1)σ'(a_1) = (0.7 - 1)·0.21 = -0.063",
        # a number behind a word that is a side of its own
        "Steps per epoch 100 = 1000/20 = 50",
        "for each neuron 3 = 2 + 2 = 4 parameters",
        "Loss per sample 2 = 6/4 = 1.5",
        # what is stated of the members
        "$Q(s',a_1)=2$, $Q(s',a_2)=5$.\n\n$y=1+0.9\\max_{a'}Q(s',a')=1+0.9\\cdot2=2.8$",
        "w_1 = 1, w_2 = 3.\n\nJ = 0.5 + 0.1‖w‖² = 0.5 + 0.1(1² + 2²) = 1.0",
        # what is no derivative of the stated function, and no norm
        "f(x) = x^3, x_0 = 2.\n\nf'(x_0) = 3·2 = 6",
        "L(w) = 0.5(w·2 - 3)^2, w_0 = 2.\n\nL'(w_0) = (2·2 - 3) = 1",
        "$\\|w\\| = 3^2 + 4^2 = 25$",
        "$\\|w\\|^2 = 3^2 - 4^2 = -7$",
        # losses that are not worked out alike
        "$E = E_1 + E_2 = \\frac12(0.01 - 0.75)^2 + (0.99 - 0.77)^2 = 0.3222$",
        "E = E_1 + E_2 = 0.5(1 - 0.8)² + 0.5(0 - 0.3) = -0.13",
        "P(D) = P(D|H) + P(D|¬H) = 0.99·0.01 + 0.05·0.99 = 0.0594",
    ],
)
def test_what_a_line_does_not_show_is_open(text: str) -> None:
    """It may be right or wrong by what its words say, or by what other lines do."""
    assert verdicts(text)[-1] == "undecided"


@pytest.mark.parametrize(
    "text",
    [
        "i = 3, s = 2, p = 1.\n\nout = w·x[i + s - p] + b = 0.5·4 + 1 = 3",
        "E = 4.\n\n$E[r + \\gamma V' - V] = 1 + 0.9\\cdot2 - 1 = 1.8$",
    ],
)
def test_an_entry_or_an_expectation_is_no_product(text: str) -> None:
    """Square brackets behind the name of an array, or of an expectation, hold no factor."""
    assert "slip" not in verdicts(text)
