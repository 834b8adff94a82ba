"""Right is earned, a slip is proved: readings, rounding, names that are not what they look like."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.cases.verdicts import verdicts
from tracer.document_check import check_text
from tracer.render.report_text import report_text

RELU = "x = 2, w = 0.3, y = 1\n\na = relu(w*x) = 0.6\n\nL = (a - y)^2 = 0.16\n\n"
SHORT = "x = 3, y = 7, w = 2\n\np = w*x = 6\n\nL = (p - y)^2 = 1\n\ndL/dp = p - y = 6 - 7 = -1\n\n"

ONE_CLASS = "z = -1, y = 0\n\np = 1/(1 + e^(-z)) = 0.2689\n\nL = -(1 - y) ln(1 - p) = 0.3133\n\n"
FAMILY = "c_1 = 1, c_2 = 1, c_3 = 2/3, y_3 = 2\n\ne_1 = 1/3, e_2 = 1/3\n\n"
UNFORMULATED = """x = 2, w = 0.25, y = 1, v = 0.7

z = 0.25*2 = 0.5

o = v*z = 0.7*0.5 = 0.35

L = 1/2 (o - y)^2 = 1/2 (0.35 - 1)^2 = 0.211

dL/do = o - y = 0.35 - 1 = -0.65

dL/dz = dL/do*v = -0.65*0.7 = -0.455

"""

MATRICES = "Q = [[1, 0], [0, 1]], K = [[1, 2], [3, 4]]\n\n"
BROKEN = """x = 0.8, w = 0.6, u = 0.9, v = 0.8, t = 0.7

a = w * x + u * g = 0.6 * 0.8 + 0.9 * (-0.915) = -0.344

y = v * h = 0.8 * (-0.331) = -0.265

L = (y - t)^2 = (-0.265 - 0.7)^2 = 0.931

dL/da = -1.54 * (1 - (-0.331)^2) = -1.37

"""

SOFTMAX = "z = [2, 1.1, 0.3]\n\np = softmax(z) = [0.629, 0.256, 0.115]\n\n"

IN_WORDS = "w = 0.5, x = 3, b = 0.25, eta = 0.1\n\n"
LINES = [  # the text, and the verdict on its last line
    # a factor in brackets is one, whatever its letters spell
    ("a = 2, b = 3\n\ndL/dc = 4\n\ns = a × (b dL/dc) = 24", "correct"),
    ("a = 2, b = 3\n\ndL/dc = 4\n\ns = a × (b dL/dc) = 25", "slip"),
    # the figure of an equation is no result, and so not rounded
    ("0.99 a + 0.45 b = 0.45\n\nc = (0.45*0.99 + 0.0855)/0.7776 ≈ 0.6828", "rounding"),
    # what was worked out of a formula is rounded to the digits that it has
    ("a = 0.5622\n\nk = 2 * a * (1 - a) = 2 * 0.2461 = 0.4922", "correct"),
    ("a = 0.5622\n\nk = 2 * a * (1 - a) = 2 * 0.2491 = 0.4982", "slip"),
    ("a = 0.5622, c = 0.31\n\nd = 2 * a * c = 2 * 0.1743 = 0.3486", "correct"),
    ("p = 0.6\n\ng = -2(1 - p) = -2*0.4 = -0.9", "slip"),
    # the rate multiplies the gradient, be that a figure
    ("b = -0.2, lr = 0.3\n\nb = b - lr * (-0.1346) = -0.2 - 0.3*(-0.1346) = -0.1596", "correct"),
    # e that is stated is no Euler's number
    ("e = 0.5\n\nL = e**2 = 0.25", "correct"),
    ("e = 0.5\n\nL = e ** 2/2 = 0.125", "correct"),
    ("L = e**2 = 7.389", "correct"),
    # a bracket beside a figure is a factor, a function may begin anew
    ("z = 0.6, y = 1\n\nL = (z - y)^2 = 0.16\n\nd = 2(z - y) = 2(0.6 - 1) = -0.4", "slip"),
    # a fraction is a result: what stands before it has to give it, and it is one figure put in
    ("y = 0.1*(-1.4) + 3 = -7/50 + 0.35 = 21/100", "slip"),
    ("d = 2/3*(0.21 - 2.3) ≈ -54/25", "slip"),
    ("d = 2/3*(0.21 - 2.3) ≈ -7/5", "correct"),
    ("a = 3, b = 2.1\n\nc = a/4 = 3/4\n\ne = b - c = 3/4 - 2.1 = -27/20", "slip"),
    (FAMILY + "e_3 = y_3 - c_3 = 2/3 - 2 = -4/3\n\nL = Σᵢ eᵢ² = 2", "carried_forward"),
    ("x1 = 2, x2 = 3, x3 = 4\n\ne1 = 1, e2 = 2, e3 = 1\n\ns = Σᵢ eᵢ xᵢ = 12", "correct"),
    # one digit is next to anything, and off by one from nothing
    ("h = σ(0.636) = 0.6538\n\nk = h * 3 = 0.6 * 3 = 1.8", "slip"),
    ("h = σ(0.636) = 0.6538\n\nk = h * 3 = 0.65 * 3 = 1.95", "correct"),
    # a rounding to one digit refutes what is a unit and more from it
    ("k = max(0, -2.09) ≈ 3", "slip"),
    ("k = 0.5*(0 - 4)² ≈ -8", "slip"),
    ("k = 0.7*0.8 ≈ 0.5", "undecided"),
    ("k = 0.7*0.8 ≈ 0.6", "correct"),
    # so does a power of ten, an order of magnitude, and a digit before it
    ("0.9 per step is little.\n\nr = 0.25 and so $0.5^{20} \\approx 10^{-6}$", "undecided"),
    ("$k = 2^{10} \\approx 10^3$", "undecided"),
    ("k = 0.3^5 ≈ 3*10^-3", "undecided"),
    ("k = 0.3^5 ≈ 7*10^-3", "slip"),
    ("$k = 2^{10} \\approx 1.2 \\times 10^3$", "slip"),
    ("$k = 2^{30} \\approx 10^6$", "slip"),
    ("$k = 2^{20} \\approx 10^7$", "undecided"),
    ("$k = 0.5^{20} = 10^{-6}$", "slip"),
    # a slope that leads through no stated formula to its variable says nothing
    (BROKEN + "dL/dg = dL/da * u = (-1.37) * 0.9 = -1.23", "correct"),
    (BROKEN + "dL/dg = dL/da * u = (-1.37) * 0.6 = -0.822", "slip"),
    (UNFORMULATED + "dL/dw = -0.455*2 = -0.91", "correct"),
    # what follows from a wrong derivative, or from the right one, is not blamed
    (SHORT + "dL/dw = dL/dp * x = -2*3 = -6", "undecided"),
    (SHORT + "dL/dw = dL/dp * x = -1*3 = -3", "carried_forward"),
    # beside a kink the derivative is compared near the stated values
    (RELU + "dL/dw = 2*(a - y)*x = -1.6", "correct"),
    (RELU + "dL/dw = 2*(a - y)*5 = -4", "slip"),
    # a figure that the formula has too is put in where it stands there more often
    (
        "a = 2, b = 1.3, c = -2.6, d = 3.4, m = 1\n\n"
        "v = 1/4·((a − m)^2 + (b − m)^2 + (c − m)^2) = "
        "1/4·((2 − 1.0)^2 + (1.3 − 1.0)^2 + (−2.6 − 1.0)^2 + (3.4 − 1.0)^2) = 5.0",
        "slip",
    ),
    # names that one figure stands for lack one figure
    ("T = 4, s = 0.2, a = 0.1\n\nb = a - s*T = 0.1 - 0.5 = -0.4", "slip"),
    # a result of the part above that nothing was rounded in is exact in the next one
    (
        "w = 1, beta = 0.9.\n\nStep 1: g = 4\n\nw = 1 - 0.1 = 0.9\n\nStep 2: g = 2\n\n"
        "w = 0.9 - 0.0932 = 0.85",
        "slip",
    ),
    # what nobody knows may be worked out with the factor before it, what is known may not
    ("x = 3\n\ng = 2 e x = 1 * 3 = 3", "undecided"),
    ("x = 3\n\ne = 2 - 1 = 1\n\ng = 2 e x = 1 * 3 = 3", "slip"),
    # a figure before a fraction of names is a factor
    (
        "$\\frac{\\partial L}{\\partial y} = 0.5 + 0.5 = 1$\n\n$v = 0.68$\n\n"
        "$d = 2\\frac{\\partial L}{\\partial y} v = 1 \\cdot 0.68 = 0.68$",
        "slip",
    ),
    # the working of a rounded result is exact only where all its sides are known
    (
        "h = [−0.92, −0.99, −0.97], v = [−0.1, 1.1, 0.9], b = 0.5, y = 1.9\n\n"
        "p = [−0.1, 1.1, 0.9] · [−0.92, −0.99, −0.97] + 0.5 ≈ −1.9 + 0.5 ≈ −1.4\n\n"
        "L = ½(p − y)^2 = ½(−1.4 − 1.9)^2 ≈ 5.3",
        "correct",
    ),
    # neither radians nor degrees
    ("cos(3) = 5", "slip"),
    ("sin(30) = 0.5", "correct"),
    # what stands before brackets is a factor where it is given as a number, or its figure is put in
    ("w = 0.8, a = 0.7311\n\nk = a(1 - a) = 0.7311*0.2689 = 0.1966", "correct"),
    ("w = 0.8, a = 0.7311\n\nk = a(1 - w) = 0.7311*0.2689 = 0.1966", "slip"),
    ("x_2 = 0.8, δ_2 = 0.3\n\ng = δ_2(-x_2) = 0.3 · 0.8 = 0.24", "slip"),
    ("x = 0.8, a = 0.2 + 0.1 = 0.3\n\ng = a(1 - x²) = 0.3 · (1 - 0.8²) = 0.108", "correct"),
    ("x = 0.8, a = 0.2 + 0.1 = 0.3\n\ng = a(1 + x²) = 0.3 · (1 - 0.8²) = 0.108", "slip"),
    ("x = 2, f = 0.2 + 0.1 = 0.3\n\nf(x) = x² + 1 = 2² + 1 = 5", "correct"),
    ("w4 = 0.8, a = 0.7311\n\nk = w4 (1 - a) = 0.1966", "slip"),
    # a calculation that is worked out rightly has its names among the figures
    ("x = 3, w = 0.2, b = -0.5\n\nz = w x + b = 0.6 - 0.5 = 0.1", "correct"),
    ("x = 3, w = 0.2, b = -0.5\n\nz = w x + b = 0.6 + 0.5 = 1.1", "slip"),
    # so does a product of letters that is no name of its own
    (MATRICES + "$QK^\\top = \\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}$", "correct"),
    (MATRICES + "$QK^\\top = \\begin{pmatrix}1&3\\\\2&5\\end{pmatrix}$", "undecided"),
    # words that may be one name may be two, which have values
    ("Wz = 0.2, Uz = 0.4\n\nz = Wz + Uz Wz = 0.2 + 0.08 = 0.28", "correct"),
    ("Wz = 0.2, Uz = 0.4\n\nz = Wz + Uz Wz = 0.2 + 0.2 = 0.4", "undecided"),
    (SOFTMAX + "dp_2/dz_2 = p_2 (1 - p_2) = 0.1905", "correct"),
    (SOFTMAX + "dp_2/dz_2 = p_2 (1 - p_3) = 0.2266", "undecided"),
    # a guessed formula is no proof, be it that of a name beside the derivative
    (
        "z1 = 1.73, z2 = -1.3.\n\np1 = exp(z1) / (exp(z1) + exp(z2))\n\n"
        "p2 = exp(-1.3) / (exp(1.73) + exp(-1.3)) = 0.0461\n\n"
        "dp1/dz2 = -p1 · p2 = -0.9539 · 0.0461 = -0.0440",
        "correct",
    ),
    (
        "u = 1.375, v = 0.4, b = 0.2.\n\nh = u * v + b = 0.75\n\nf = h² = 0.5625\n\n"
        "r = 2 * (1.375 * 0.4 + 0.2) = 1.5\n\ndf/dh = r = 1.5",
        "correct",
    ),
    # figures for a name of which only the formula was stated were worked out, and rounded
    (
        "w = 0.63, h = -0.504, y = 0.6.\n\np = w * h\n\n"
        "dL/dp = 2 * (p - y) = 2 * (-0.318 - 0.6) = -1.835",
        "correct",
    ),
    (
        "w = 0.63, h = -0.504, y = 0.6.\n\np = w * h\n\n"
        "dL/dp = 2 * (p - y) = 2 * (-0.318 - 0.6) = -1.936",
        "slip",
    ),
    # a whole number that is said to be rounded is not exact where it is put in
    ("z = 2.7 * 3.9 ≈ 11\n\nL = (11 - 4)² ≈ 43", "undecided"),
    ("z = 2.7 * 3.9 ≈ 11\n\nL = (11 - 4)² ≈ 60", "slip"),
    # one path of two: w reaches the loss through h as well
    (
        "w = 0.7, x = 1.3, y = 1.\n\nh = tanh(w x) = 0.7211\n\np = σ(w h) = 0.6236\n\n"
        "L = -ln(p) = 0.4722\n\ndL/dw = (p - y) h = -0.2714",
        "undecided",
    ),
    (
        "h = 2, u = 0.5, v = 3, t = 4\n\na = u*h = 1\n\nb = v*h = 6\n\n"
        "L = (a - 0)^2 / 2 + (b - t)^2 / 2 = 2.5\n\ndL/dh = (b - t)*v = 2*3 = 6",
        "undecided",
    ),
    (
        "h = 2, u = 0.5, v = 3, t = 4\n\na = u*h = 1\n\nb = v*h = 6\n\n"
        "L = (a - 0)^2 / 2 + (b - t)^2 / 2 = 2.5\n\n"
        "dL/dh = (a - 0)*u + (b - t)*v = 1*0.5 + 2*3 = 6.5",
        "correct",
    ),
    # a derivative with its value binds no names
    (
        "w = 2, x = 3, y = 1.\n\np = w * x\n\nL = (p - y)² = (6 - 1)² = 25\n\ndL/dp = p - y = 5",
        "slip",
    ),
    # a factor behind a fraction of figures stands beside it, also where nothing is between them
    ("t = 1, o = 0.6\n\nE = 1/2(t - o)^2 = 1/2(1 - 0.6)^2 = 0.08", "correct"),
    ("t = 1, o = 0.6\n\nE = 1/2(t - o)^2 = 1/2(1 - 0.6)^2 = 0.8", "slip"),
    ("k = 12/3(1 + 1) = 8", "correct"),
    ("k = 12/3(1 + 1) = 2", "correct"),
    ("k = 12/3(1 + 1) = 6", "slip"),
    # what is written above letters side by side belongs to the last one
    ("A = [[1, 2], [0, 1]], B = [[1, 0], [3, 1]]\n\nC = AB^T = [[1, 5], [0, 1]]", "correct"),
    ("A = [[1, 2], [0, 1]], B = [[1, 0], [3, 1]]\n\nC = AB^T = [[1, 0], [5, 1]]", "slip"),
    ("m = 3, v = 2\n\nT = mv^2 = 3*4 = 12", "correct"),
    ("m = 3, v = 2\n\nT = mv^2 = 3*4 = 14", "slip"),
    # e to a broken or a negative power is Euler's number, though an error has its name
    ("e = 0.3\n\na = e^0.5 = 1.649", "correct"),
    ("e = 0.25\n\na = e^0.5 = 0.5", "correct"),
    ("e = 0.3\n\na = e^0.5 = 1.946", "undecided"),
    ("e = 0.3\n\nL = e^2 = 0.09", "correct"),
    # a name has one value on a line, whichever step the line is of
    ("a = 2, b = 5, c = 3\n\nAt the next step\n\ns = a*b + a*c = 2*5 + 4*3 = 22", "slip"),
    # what is put in for a local derivative is a slope of what the document states
    (
        "w = 3, x = 2\n\ny = w*x = 6\n\nL = (y - 1)^2 = 25\n\ndL/dy = 2*(y - 1) = 10\n\n"
        "dL/dw = dL/dy * dy/dw = 10 * 2 = 20",
        "correct",
    ),
    (
        "w = 3, x = 2\n\ny = w*x = 6\n\nL = (y - 1)^2 = 25\n\ndL/dy = 2*(y - 1) = 10\n\n"
        "dL/dw = dL/dy * dy/dw = 10 * 3 = 30",
        "undecided",
    ),
    # what is right after two exchanged figures is right
    (
        "w = 2, v = 3, x = 1, z = 4\n\ny = w*x + v*z = 2*4 + 3*1 = 11\n\nd = y*x = 14*1 = 14",
        "correct",
    ),
    ("w = 2, v = 3, x = 1, z = 4\n\ny = w*x + v*z = 2*4 + 3*1 = 11\n\nd = y*x = 15*1 = 15", "slip"),
    # one of the figures that were worked out is wrong
    ("a = 2, b = 3, c = 4\n\nd = a*b + c = 6 + 4 = 10", "correct"),
    ("a = 2, b = 3, c = 4\n\nd = a*b + c = 6 + 5 = 11", "slip"),
    # a figure without digits, and words that speak of no quantity
    ("x = 3\n\ny = 2*x = 2*π = 6.2832", "slip"),
    (
        "w = 2, x = 3, t = 1\n\ny = w*x = 6\n\nMultiplying the factors:\n\ne = y - t = 7 - 1 = 6",
        "slip",
    ),
    # a function that is defined anew, and its slope
    ("f(x) = x^2\n\nf'(x) = 2 x\n\nf'(3) = 6", "correct"),
    ("f(x) = x^2\n\nf'(x) = 2 x\n\nf'(3) = 9", "slip"),
    # one entry of a row in round brackets
    (
        "p = (0.2, 0.7), y = (0, 1)\n\ng = p - y = (0.2, 0.7) - (0, 1) = (0.2, 0.3)\n\n"
        "s = 2*g = 2*(0.2, -0.3) = (0.4, -0.6)",
        "correct",
    ),
    # what a variable is worked out of is not made of it
    ("r = 2, s = 3\n\nq = r s = 6\n\nE = (q - 1)^2\n\ndE/dq = 3(q - 1) = 3*5 = 15", "slip"),
    # a comment that works out the line of code before it says what that is in figures
    ("```python\nx = 2\ny = 3 * x - k  # 3 * 2 - 1 = 5\n```", "correct"),
    ("```python\nx = 2\ny = 3 * x - k  # 3 * 2 - 1 = 4\n```", "slip"),
    ("x = 2, k = 1\n\n```\ny = 3 * x - k  # 3 * 2 - 1 = 5\n```", "correct"),
    ("x = 2, k = 1\n\n```\ny = 3 * x + k  # 3 * 2 - 1 = 5\n```", "slip"),
    ("```python\nL = (y - 3) ** 2  # (1 - 3) ** 3 = -8\n```\n\ny = 1", "undecided"),
    # words between a formula and its figures are an equals sign
    (IN_WORDS + "The value of z is w x + b, that is 0.5·3 + 0.25 = 1.75.", "correct"),
    (IN_WORDS + "The value of z is w x - b, that is 0.5·3 + 0.25 = 1.75.", "slip"),
    (IN_WORDS + "z is eta * x + b, which is 0.1·3 + 0.25 = 0.55.", "correct"),
    (IN_WORDS + "z is eta * x + b, which is 0.5·3 + 0.25 = 1.75.", "slip"),
    (IN_WORDS + "z 为 w·x - b，即 0.5·3 + 0.25 = 1.75。", "slip"),
    # a formula that has no name may be the update of one of its own
    (
        "m = 0, g = -2.8, k = 0.9\n\nThen m: k m + 0.1 g = 0.9·0 + 0.1·(-2.8) = -0.28.\n\n"
        "The value of q is m / (1 - k), that is -0.28 / (1 - 0.9) = -2.8.",
        "undecided",
    ),
    # the mark of an item is no factor
    ("(c) ∂L/∂y = 2·(6 − 5) = 2", "correct"),
    # the gate of a cell is not forgotten
    ("Forget gate: f = σ(0.2 + 0.3) = σ(0.5) = 0.6225", "correct"),
    ("Forget gate: f = σ(0.2 + 0.3) = σ(0.4) = 0.5987", "slip"),
    # a loss for one class has the slope that it has at its target
    (ONE_CLASS + "dL/dz = p - y = 0.2689", "correct"),
    (ONE_CLASS + "dL/dz = y - p = -0.2689", "slip"),
]


@pytest.mark.parametrize(("text", "verdict"), LINES)
def test_the_last_line(text: str, verdict: str) -> None:
    assert verdicts(text)[-1] == verdict


def test_the_plus_of_an_update_is_wrong_where_its_figures_go_downhill() -> None:
    text = "w = 1, lr = 0.1\n\ndL/dw = -12\n\nw_new = w + lr * dL/dw = 1 + 0.1 * 12 = 2.2"
    (report,) = check_text(text, "md").files
    assert str(report.findings[-1].suggestion).endswith("w - lr * dL/dw = 1 + 0.1 * 12 = 2.2")


def test_a_scenario_is_offered_for_values_of_one_of_its_samples() -> None:
    text = "x = {}, w = 0.5, y = 2, lr = 0.1\n\np = w*x"
    offered = [check_text(text.format(x), "md").files[0].offered for x in (1, 2)]
    assert offered == ["one_weight", None]


ONE_UPDATED = "w2 = 1 - 0.5·0.107763 = 0.946118"
SAMPLES = "Sample 1: x = 1, y = 2\n\nSample 2: x = 2, y = 4\n\nSample 3: x = 3, y = 6"
BESIDE = [  # the scenario, the text, and the verdict on its last line
    # letters say what their formulas and values say
    ("one_weight", "g = y - ŷ = 2 - 0.5 = 1.5", "correct"),
    # a derivative by what is derived has no formula to be held against
    (
        "one_weight",
        "    ŷ = w * x = 1.04 * 1 = 1.04\n    loss = (ŷ - y)^2 = (1.04 - 2)^2 = 0.9216\n"
        '    dloss=dw = 2 * (ŷ " y) * x = 2 * (1.04 - 1.04) * 1 = -1.92',
        "undecided",  # all is of iteration 3, where -1.92 is right, and a side was not read
    ),
    ("one_weight", "w = 0.5\n\ng_t = -3", "correct"),
    # the run closes what printed figures leave open, and no second reading
    ("neuron", "L = 1/2 (a - y)^2 = 3 + 4 = 0.0958", "undecided"),
    # one figure between a formula and its result is not the value above
    ("one_weight", "e = ŷ - y = 0.5 - 2 = -1.5\n\nL = e² = (-1.4)² = 2.25", "slip"),
    # words say after how many iterations a value holds
    ("one_weight", "After 2 iterations w = 1.04", "correct"),
    ("one_weight", "After the second update, w is 1.04.", "correct"),
    ("one_weight", "After two iterations w = 0.8", "slip"),
    ("one_weight", "After iteration 2: w = 1.02", "slip"),
    ("one_weight", "w = 1.04 after two updates", "correct"),
    ("one_weight", "w = 0.8 after two updates", "slip"),
    ("one_weight", "w = 0.5 → after two updates w = 1.04", "correct"),
    ("one_weight", "w = 0.5, and after two updates it reaches 1.04.", "correct"),
    ("one_weight", "经过 2 次迭代，w = 1.04。", "correct"),
    ("one_weight", "第 2 次更新后，w = 0.8", "slip"),
    ("one_weight", "In the second iteration, L = 2.25", "slip"),
    ("one_weight", "After the first update the loss is L = (0.8 - 2)^2 = 1.44", "correct"),
    ("one_weight", "After two epochs the gradient is dL/dw = 2*(1.04 - 2)*1 = -1.92", "correct"),
    ("one_weight", "After two updates the loss is L = (1.04 - 2)^2 = 0.9612", "slip"),
    # where no words say of which iteration a value is, one that some iteration has is none
    ("one_weight", "Step 2: w = 1.04", "undecided"),
    ("one_weight", "x = 1, y = 2\n\nStep 2: w = 1.4", "slip"),
    # a value of a run that has fewer digits than those before it rounds nothing
    ("one_weight", "w = 0.5 → 0.8 → 1.04 → 1.3", "slip"),
    ("one_weight", "w = 0.5 → 0.8 → 1.04 → 1.2", "correct"),
    ("one_weight", "w = 0.5 → 0.8 → 1.04 → 1.24", "rounding"),
    ("one_weight", "w = 0.5 -> 0.8 -> 1.1", "rounding"),
    ("one_weight", "w = 0.5 → 0.8 → 1.04 → 1.232 → 1.3", "rounding"),  # cut off
    # a step is an iteration where all that is trained was updated in as many before it, and only
    # there
    ("one_weight", "w = 0.5 + 0.3 = 0.8\n\n### Step 2\n\nŷ = 0.5·1 = 0.5", "slip"),
    ("one_weight", "w = 0.5 + 0.3 = 0.8\n\n第 2 步\n\nŷ = 0.5·1 = 0.5", "slip"),
    ("one_weight", "w = 0.5 + 0.3 = 0.8\n\n### Step 2\n\nŷ = 0.8·1 = 0.8", "correct"),
    ("one_weight", "ŷ = 0.5·1 = 0.5\n\n### Step 2\n\ndL/dw = 2·(0.5 - 2)·1 = -3", "correct"),
    ("neuron", f"{ONE_UPDATED}\n\n### Step 2\n\nz = 0.5·2 + 1·(-1) + 0.25 = 0.25", "correct"),
    # a derivative by data is the run's as well, whatever else has the same value
    ("one_weight", "dL/dx = 2(ŷ - y)·w = 2·(0.5 - 2)·0.5 = -1.5", "correct"),
    ("one_weight", "dL/dx = 2(ŷ - y)·x = 2·(0.5 - 2)·1 = -3", "slip"),
    ("one_weight", "dL/dx = -3·2 = -6", "slip"),
    # samples that are stated one after the other are the scenario's, and each is compared
    ("one_weight_all_samples", f"{SAMPLES}\n\nL = (2.25 + 9 + 20.25)/3 = 10.5", "correct"),
    ("one_weight_all_samples", f"{SAMPLES}\n\nL = (2.25 + 9 + 20)/3 = 10.4167", "slip"),
    ("one_weight_all_samples", f"{SAMPLES}\n\nŷ1 = 0.5·1 = 0.5\n\nŷ2 = 0.6·2 = 1.2", "slip"),
    # a number is no array of the run
    ("mlp_2_2_2", "h_1 = σ(z_1) = 0.5597\n\nk = 2 * h_1 * h_1 = 0.6265", "undecided"),
]


@pytest.mark.parametrize(("scenario", "text", "verdict"), BESIDE)
def test_the_last_line_beside_a_run(scenario: str, text: str, verdict: str) -> None:
    (report,) = check_text(text, "md", scenario).files
    assert [each.verdict for each in report.findings][-1] == verdict


SETTINGS = """
title = "t"
[data]
x = 2
y = 0.2
[parameters]
w = 0.1
z = 0.4
[network]
equations = "L = 0.5*(w*x - y)**2 + z*(1 - z)"
loss = "L"
[training]
learning_rate = 0.01
iterations = 1
optimizer = "rmsprop"
alpha = 0.8
"""


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("The learning rate is α = 0.01 and w = 0.1.\n\nd = α w = 0.01 * 0.1 = 0.001", "correct"),
        ("The learning rate is α = 0.01 and w = 0.1.\n\nd = α w = 0.02 * 0.1 = 0.002", "slip"),
        (r"$\frac{\partial L}{\partial z} = z(1 - z) x = 0.4 \cdot 2 = 0.48$", "slip"),
    ],
)
def test_what_names_mean_beside_other_settings(
    line: str, verdict: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """α is the rate that is stated, though the run's optimizer has an α; z is no function of z."""
    path = tmp_path_factory.mktemp("own") / "own.toml"
    path.write_text(SETTINGS, "utf-8")
    (report,) = check_text(line, "md", str(path)).files
    assert [each.verdict for each in report.findings][-1] == verdict


LOGISTIC = """
title = "t"
[data]
x = [2, 1]
y = [1, 0]
[parameters]
w = 0.4
b = 0.1
[network]
equations = '''
p = sigmoid(w * x + b)
L = -mean(y * log(p) + (1 - y) * log(1 - p))
'''
loss = "L"
[training]
learning_rate = 0.3
iterations = 1
"""


def test_a_fine_figure_in_a_formula_that_nobody_has_stated_may_be_rounded(tmp_path: Path) -> None:
    """The gradient of the run stands there in four digits: the line is not wrong."""
    scenario = tmp_path / "logistic.toml"
    scenario.write_text(LOGISTIC, encoding="utf-8")
    line = "b = b - lr * 0.1667 = 0.1 - 0.3 * 0.1667 = 0.04999"
    (report,) = check_text(line, scenario=str(scenario)).files
    assert [each.verdict for each in report.findings] == ["undecided"]


@pytest.mark.parametrize(
    ("text", "scenario", "count"),
    [
        ("z = 0.3*2 + 0.1 = 0.7", None, 1),
        ("2*3 = 6\n\n7*2 = 15", None, 1),  # of a slip it is not said
        ("z = w*x + b\n\nw = 0.3, x = 2, b = 0.1\n\nz = 0.3*2 + 0.1 = 0.7", None, 0),
        ("w = 0.3, x = 2\n\nz = w*x = 0.3*2 = 0.6\n\nq = 0.6 + 1 = 1.6", None, 1),
        ("y = 0.5*1 = 0.5", "one_weight", 0),
    ],
)
def test_lines_of_which_only_the_arithmetic_was_checked_are_counted(
    text: str, scenario: str | None, count: int
) -> None:
    """They say nothing of their rule: no formula is stated, and no run has their names."""
    report = check_text(text, "md", scenario)
    assert report.files[0].arithmetic_only == count
    printed = "\n".join(report_text(report))
    assert ("only the arithmetic was checked" in printed) == (count > 0)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("u = 5/7 = 0.714\n\nv = 4 * 0.71 = 2.857", "correct"),
        ("u = 5/7 = 0.714\n\nv = 4 * 0.71 = 2.84", "correct"),
        ("u = 5/7 = 0.714\n\nv = 4 * 0.71 = 2.87", "slip"),
        ("## A\n\nu = 5/7 = 0.714\n\n## B\n\nw = 0.5\n\nv = 4 * 0.71 = 2.857", "correct"),
        ("u = 0.714 is measured.\n\nv = 4 * 0.71 = 2.857", "slip"),
        ("u = 1.5 * 0.271 = 0.407\n\nv = 4 * 0.4 = 1.63", "slip"),
    ],
)
def test_a_result_put_in_with_two_digits_is_still_the_result(text: str, last: str) -> None:
    """The calculator kept the others; data has no others, and one digit fits by chance."""
    assert verdicts(text)[-1] == last


@pytest.mark.parametrize(
    ("working", "verdict"),
    [
        ("0.714 + 0.429", "correct"),
        ("0.714 + 0.428", "rounding"),
        ("0.714 + 0.430", "slip"),
        ("0.614 + 0.428", "slip"),
    ],
)
def test_working_that_is_cut_off_is_a_remark(working: str, verdict: str) -> None:
    """It is one where a result is; what is off by more, or upwards, was not cut off."""
    result = {"correct": "1.143", "rounding": "1.142", "slip": "1.144"}[verdict]
    assert verdicts(f"s = 5/7 + 3/7 = {working} = {result}")[-1] == verdict


@pytest.mark.parametrize(
    ("working", "verdict"),
    [
        ("[7.39, 2.72, 1.11] / 11.22", "rounding"),  # the sum of the figures
        ("[7.39, 2.72, 1.11] / 11.21", "correct"),  # of the powers themselves
        ("[7.39, 2.72, 1.11] / 11.32", "slip"),
        ("[7.39, 2.72, 1.11] / 10.11", "slip"),  # without the last of them
    ],
)
def test_a_part_that_was_rounded_once_is_used_again(working: str, verdict: str) -> None:
    """A sum below the line is that of what its figures stand for, up to their rounding."""
    formula = "[exp(2), exp(1), exp(0.1)] / (exp(2) + exp(1) + exp(0.1))"
    assert verdicts(f"p = {formula} = {working}")[-1] == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("a = 0.2 + 0.5*0.31*0.5 = 0.2 + 0.5*0.2 = 0.3", "correct"),  # 0.2 stands there twice
        ("a = tanh(0.2 + 0.5*0.31*0.5) = tanh(0.2 + 0.5*0.16) = 0.273", "correct"),
        ("a = tanh(0.2 + 0.5*0.31*0.5) = tanh(0.2 + 0.16*0.5) = 0.273", "correct"),
        ("a = tanh(0.2 + 0.5*0.31*0.5) = tanh(0.2 + 0.5*0.1) = 0.245", "slip"),
        ("a = 0.2 + 0.5*0.31*0.5 = 0.2 + 0.5*0.26 = 0.33", "slip"),
        ("a = 2*[1.55, 7.2] = [3.1, 14]", "correct"),  # both of two digits
        ("a = 2*[1.55, 7.8] = [3.1, 14]", "slip"),
        ("a = 2*[1.5, 7.2] = [3, 14]", "slip"),
    ],
)
def test_neighbours_may_have_been_multiplied_first(line: str, verdict: str) -> None:
    """A rounded product is one figure, wherever else its digits stand; arrays round alike."""
    assert verdicts(line)[-1] == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("h = tanh(0.70) ~ 0.6044", "correct"),
        ("h = tanh(0.70) ~ 0.9", "undecided"),
        ("$y = 2 \\cdot 3 + 1 \\sim 8$", "undecided"),
        ("u = tanh(0.70) → 0.60", "correct"),
        ("u = tanh(0.70) → 0.9", "slip"),
        ("a = 0.7*0.709 = 0.4963\n\nh = 0.50 * 3.2 = 1.59", "slip"),
        (r"$$u = \begin{pmatrix}1 & 2\end{pmatrix}\begin{pmatrix}3 & 4\end{pmatrix} = 1 \cdot 3 + "
         r"2 \cdot 4 = 11$$", "undecided"),
        (r"$q = \begin{pmatrix} 1 &\ 2 \end{pmatrix} + \begin{pmatrix} 1 & 1 \end{pmatrix} = "
         r"\begin{pmatrix} 2 & 3 \end{pmatrix}$", "correct"),
    ],
)  # fmt: skip
def test_what_stands_behind_working_is_compared(text: str, verdict: str) -> None:
    """A tilde or an arrow before a figure says what the working gives."""
    assert verdicts(text)[-1] == verdict


def test_a_range_and_a_distribution_are_no_results() -> None:
    assert verdicts("The rate lr = 0.1 ~ 0.5 is fine. x ~ N(0, 1), 2 ~ 3 hours.") == []


def test_many_factors_are_not_grouped_in_all_ways() -> None:
    """A million ways lead from 24 factors to 12; to try each takes for ever."""
    factors = " * ".join(f"1.{digits}" for digits in range(10, 34))
    fewer = " * ".join(f"1.{digits}" for digits in range(40, 52))
    assert verdicts(f"a = {factors} = {fewer} = 3.5") == ["slip"]
