"""What becomes of a line, by the principle that decides it: each principle in several dresses."""

from __future__ import annotations

import pytest

from tests.check.judge.written_lines import judged, outcome_of

FORMULA_AND_FIGURES = [
    ("w = 0.5; r = 0.1; g = -3\nw' = w + r*g = 0.5 - 0.1*(-3) = 0.8", "slip"),
    ("w = 0.5; r = 0.1; g = -3\nw' = w - r*g = 0.5 - 0.1*(-3) = 0.8", "correct"),
    ("w = 0.5; r = 0.1; g = -3\nw' = w - r*g = 0.5 + 0.1*3 = 0.8", "correct"),
    ("c = 10.5; g = -7.5\nd = c - g = 3 + 7.5 = 10.5", "slip"),
    ("y = 2; p = 0.5\nL = (p - y)**3 = (0.5 - 2)**2 = 2.25", "slip"),
    ("y = 2; p = 0.5\nL = (p - y)**2 = (2 - 0.5)**2 = 2.25", "correct"),
    ("y = 2; p = 0.5\nL = (p - y)**2 = (-1.5)**2 = 2.25", "correct"),
    ("y = 2; p = 0.5\ng = 3*(p - y) = 2*(0.5 - 2) = -3", "slip"),
    ("y = 2; p = 0.5\ng = 2*(p - y) = 2*(-1.5) = -3", "correct"),
    ("p = 0.25\nH = log(p) = -log(0.25) = 1.386", "slip"),
    ("s = 0.6\nd = 1 - s**2 = 0.6*(1 - 0.6) = 0.24", "slip"),
    ("s = 0.6\nd = s*(1 - s) = 0.6*0.4 = 0.24", "correct"),
    ("n = 4; s = 10\nm = s*n = 10/4 = 2.5", "slip"),
    ("m = s*n = 10/4 = 2.5", "undecided"),
    ("n = 4; s = 10\nm = s/n = 4/10 = 0.4", "slip"),
    ("a = 2; b = 3\nc = a*b = 3*2 = 6", "correct"),
    ("a = 2; b = 3; c = 5\nd = a*b + c = 2*3 + 5 = 11", "correct"),
    ("a = 2; b = 3; c = 5\nd = a*b + c = 5 + 3*2 = 11", "correct"),
    ("a = 2; b = 3; c = 5\nd = a + b*c = 2*3 + 5 = 11", "slip"),
    ("a = [1, 2]; b = [3, 4]\nc = a @ b = 1*4 + 2*3 = 10", "slip"),
    ("a = [1, 2]; b = [3, 4]\nc = a @ b = 1*3 + 2*4 = 11", "correct"),
]

RESULTS = [
    ("a = 7/2 = 3", "slip"),
    ("a = 7/2 ≈ 4", "correct"),
    ("a = 1/3 = 0", "slip"),
    ("a = 10/4 = 2", "slip"),
    ("a = 10/3 ≈ 3", "correct"),
    ("a = sigmoid(10) = 1", "correct"),
    ("a = 1000/7 = 143", "correct"),  # three digits of what has no end
    ("a = 1000/7 = 142", "slip"),
    ("a = 100/7 = 14", "slip"),
    ("a = 2001/2 = 1000", "slip"),
    ("a = 2.3*3 = 6.9", "correct"),
    ("a = 2.34*3.1 = 7.25", "correct"),
    ("a = 2.34*3.1 = 7.26", "rounding"),
    ("a = 2.34*3.1 = 7.28", "slip"),
    ("a = 2.34*3.1 = 7.35", "slip"),
    ("b = 2*exp(0.3) = 2*0.5 = 1", "slip"),
]

ROUNDED_WORKING = [
    ("a = 1/(1 + exp(-1)) = 1/(1 + 0.37) = 0.73", "correct"),
    ("a = 1/(1 + exp(-1)) = 1/(1 + 0.37) = 0.79", "slip"),
    ("a = 1/(1 + exp(-1)) = 1/(1 + 0.47) = 0.68", "slip"),
    ("e = 0.166667 + 0.166667 = 0.333333", "correct"),  # a sixth, rounded
    ("e = 0.166667 + 0.166667 = 0.333331", "slip"),
    ("d = 0.741365070 * 0.186815602 = 0.138498561629", "correct"),  # who prints so many, rounds
    ("d = 0.741365070 * 0.186815602 = 0.138498571629", "slip"),
    ("e = 0.1667 + 0.1425 = 0.3091", "undecided"),  # of 0.16667 and 0.14247
    ("e = 0.1667 + 0.1425 = 0.3096", "slip"),
    ("q = 2/3*3 = 0.67*3 = 2", "correct"),
    ("q = 2/3*3 = 0.67*3 = 2.01", "correct"),
    ("q = 3/(sqrt(0.1) + 1) = 3/(0.32 + 1) = 2.28", "correct"),
    ("q = 2.3/3*2 = 0.77*2 = 1.53", "correct"),
    ("q = 2.3/3*2 = 0.77*2 = 1.54", "correct"),
    ("q = 2.3/3*2 = 0.77*2 = 1.7", "slip"),
    (
        "x = 0.2; w = 0.3\nz = w*x = 0.3*0.2 = 0.06\n"
        "s = 1/(1 + exp(-z)) = 1/(1 + exp(-0.06)) = 0.515",
        "correct",
    ),
    ("a = 1/3 = 0.33\nb = a*3 = 0.33*3 = 1", "correct"),
    ("a = 1/3 = 0.33\nb = a*3 = 0.33*3 = 0.99", "correct"),
    ("a = 1/3 = 0.33\nb = a*3 = 0.33*3 = 1.05", "slip"),
    (  # here 0.3 is 0.27, whatever z is
        "y = 0.2; z = sigmoid(-0.68) = 0.3\n"
        "n = tanh(0.1*2.7 + (-0.68)*0.6*(-0.4)) = tanh(0.3 + (-0.68)*(-0.2)) = 0.4",
        "correct",
    ),
]

NAMES_AND_TIME = [
    ("w = 0.5\nw = 0.6\ny = 2*w = 2*0.5 = 1.0", "slip"),
    ("w = 0.5\nw = 0.6\ny = 2*w = 2*0.6 = 1.2", "correct"),
    ("w = 0.5; v = 2\ny = w*v = 0.6*2 = 1.2", "slip"),
    ("?w = 0.5\nv = 2\ny = w*v = 0.6*2 = 1.2", "undecided"),  # nobody knows if w is 0.5
    ("?w = 0.5\nv = 2\ny = w*v = 0.5*2 = 1", "correct"),
    ("?w = 0.5*1 = 0.5\nv = 2\ny = w*v = 0.6*2 = 1.2", "undecided"),
    ("x = 3; w = 2\ny = w*x = 5*7 = 35", "undecided"),
    ("2*x = 6", "undecided"),
    ("x = 3\n2*x = 6", "correct"),
    (
        "# One\nw = 0.5; x = 2\ny = w*x = 0.5*2 = 1\n# Two\nw = 3; x = 4\ny = w*x = 3*4 = 12",
        "correct",
    ),
    ("y = 2; p = 0.5\nd = p - y = 0.5 - 2 = -1.6\nL = d**2 = (-1.6)**2 = 2.56", "carried_forward"),
    (
        "w = 0.5; x = 2\ny = w*x = 0.5*2 = 1.2\ng = 2*(y - 3) = 2*(1.2 - 3) = -3.6\n"
        "h = g*x = -3.6*2 = -7.2",
        "carried_forward",
    ),
    ("y = 2; p = 0.5\nd = p - y = 0.5 - 2 = -1.6\nL = d**2 = (-1.6)**2 = 2.96", "slip"),
    ("?a = 7/2 = 3", "undecided"),
]

STEP = (
    "x = 1; y = 2; w = 0.5; b = 0; r = 0.1\n"
    "w ← w - r*2*(w*x + b - y)*x = 0.5 - 0.1*2*(0.5*1 + 0 - 2)*1 = 0.8\n"
)
LAYERS = (
    "x = 2; u = 0.5; v = 3; y = 2; r = 0.1\nh = u*x = 0.5*2 = 1\np = v*h = 3*1 = 3\n"
    "∂L/∂v = 2*(p - y)*h = 2*(3 - 2)*1 = 2\nv ← v - r*∂L/∂v = 3 - 0.1*2 = 2.8\n"
)
SIMULTANEOUS = STEP + "b ← b - r*2*(w*x + b - y) = 0 - 0.1*2*(0.5*1 + 0 - 2) = 0.3\n"
UPDATES_OF_ONE_STEP = [
    (SIMULTANEOUS, "correct"),
    # Nothing says whether one is updated after the other.
    (STEP + "b ← b - r*2*(w*x + b - y) = 0 - 0.1*2*(0.8*1 + 0 - 2) = 0.24", "undecided"),
    (STEP.replace("w ←", "w' =") + "b' = b - r*2*(w*x + b - y) = -0.2*(0.8 + 0 - 2) = 0.24",
     "undecided"),
    ("u = (1, 2); v = (3, 4); e = 1.5\nu = u + 0.1*e*v = (1, 2) + 0.15*(3, 4) = (1.45, 2.6)\n"
     "v = v + 0.1*e*u = (3, 4) + 0.15*(1, 2) = (3.15, 4.3)", "correct"),
    (LAYERS + "∂L/∂u = 2*(p - y)*v*x = 2*1*3*2 = 12", "correct"),
    (LAYERS + "dh = 2*(p - y)*v = 2*1*3 = 6", "correct"),
    # p is of the values before, so the gradient is.
    (LAYERS + "∂L/∂u = 2*(p - y)*v*x = 2*1*2.8*2 = 11.2", "slip"),
    (SIMULTANEOUS + "w ← w - r*2*(w*x + b - y)*x = 0.8 - 0.2*(0.8*1 + 0.3 - 2)*1 = 0.98\n"
     "b ← b - r*2*(w*x + b - y) = 0.3 - 0.1*2*(0.98*1 + 0.3 - 2) = 0.444", "slip"),
    # A running mean is used as it was updated.
    ("w = 1; v = 0; r = 0.1\nv ← 0.9*v + 2*(w - 3) = 0.9*0 + 2*(1 - 3) = -4\n"
     "w ← w - r*v = 1 - 0.1*(-4) = 1.4\nv ← 0.9*v + 2*(w - 3) = 0.9*(-4) + 2*(1.4 - 3) = -6.8",
     "correct"),
    ("w = 1; s = 0; r = 0.1; g = 4\ns ← s + g**2 = 0 + 4**2 = 16\n"
     "w ← w - r*g/sqrt(s) = 1 - 0.1*4/sqrt(16) = 0.9", "correct"),
]  # fmt: skip

BESIDE_A_RUN = [
    ("w = w + lr*∂L/∂w = 0.5 - 0.1*(-3) = 0.8", "slip"),
    ("w = w - lr*∂L/∂w = 0.5 - 0.1*(-3) = 0.8", "correct"),
    ("w = w - lr*∂L/∂w = 0.8 - 0.1*(-3) = 0.8", "slip"),
    ("L = (ŷ - y) = (0.5 - 2)**2 = 2.25", "slip"),
    ("L = (ŷ - y)**2 = (0.5 - 2)**2 = 2", "slip"),
    ("L = (ŷ - y)**2 = (0.5 - 2)**2 = 2.25", "correct"),
    ("∂L/∂w = (ŷ - y)*x = 2*(0.5 - 2)*1 = -3", "slip"),
    ("∂L/∂w = (ŷ - y)*x = (0.5 - 2)*1 = -1.5", "slip"),
    ("ŷ = w + x = 0.5*1 = 0.5", "slip"),
    ("∂L/∂w = 2*(ŷ - y)/x = 2*(0.5 - 2)/1 = -3", "undecided"),
    ("∂L/∂ŷ = ŷ - y", "slip"),
    ("∂L/∂ŷ = 2*(ŷ - y)", "correct"),
    ("Iteration 2\nŷ = w*x = 0.8*1 = 0.8", "correct"),
    ("Iteration 2\nŷ = w*x = 0.5*1 = 0.5", "slip"),
    ("w = w - lr*∂L/∂w = 0.5 - 0.1*(-3) = 0.8\nŷ = w*x = 0.8*1 = 0.8", "correct"),
    ("x = 1; y = 2; w = 0.6", "slip"),
    ("x = 3; y = 1; w = 2\nŷ = w*x = 2*3 = 6", "correct"),
    ("∂L/∂ŷ = ŷ - y = 0.5 - 2 = -1.5\n∂L/∂w = ∂L/∂ŷ*x = -1.5*1 = -1.5", "carried_forward"),
    (
        "L = (ŷ - y)**2/2 = (0.5 - 2)**2/2 = 1.125\n∂L/∂w = (ŷ - y)*x = (0.5 - 2)*1 = -1.5",
        "correct",
    ),
]


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [*FORMULA_AND_FIGURES, *RESULTS, *ROUNDED_WORKING, *NAMES_AND_TIME, *UPDATES_OF_ONE_STEP],
)
def test_outcome_of_the_last_line(lines: str, outcome: str) -> None:
    """Without a scenario, the last line of each piece of working gets the outcome it deserves."""
    assert outcome_of(lines) == outcome


@pytest.mark.parametrize(("lines", "outcome"), BESIDE_A_RUN)
def test_outcome_beside_the_one_weight_run(lines: str, outcome: str) -> None:
    """Beside `one_weight` the run decides what names are, and what formulas should give."""
    assert outcome_of(lines, "one_weight") == outcome


@pytest.mark.parametrize(
    ("lines", "scenario", "written", "cause"),
    [
        (
            "w = 0.5; r = 0.1; g = -3\nw = w - r*g = 0.8 - 0.1*(-3) = 0.8",
            "",
            "0.8",
            "updated_for_old",
        ),
        ("w = w - lr*∂L/∂w = 0.8 - 0.1*(-3) = 0.8", "one_weight", "0.8", "updated_for_old"),
        (
            "w = 0.5; r = 0.1; g = -3\nw' = w + r*g = 0.5 - 0.1*(-3) = 0.8",
            "",
            "w + r*g",
            "plus_for_minus",
        ),
        ("w = 0.5\nw = 0.6\ny = 2*w = 2*0.5 = 1.0", "", "0.5", "old_value_in_next_step"),
        ("a = 2.34*3.1 = 72.54", "", "72.54", "decimal_point"),
        ("a = 2.34*3.1 = 7.524", "", "7.524", "digits_swapped"),
        ("∂L/∂w = (ŷ - y)*x = (0.5 - 2)*1 = -1.5", "one_weight", "-1.5", "factor_2_left_out"),
        ("y = 2; p = 0.5\nL = p - y = (0.5 - 2)**2 = 2.25", "", "p - y", "square_left_out"),
        ("x = 1; y = 2; w = 0.6", "one_weight", "0.6", "given_differs"),
        # figures whose result is the run's are those of the run's formula
        ("w = 0.8 - 0.1*(-3) = 0.8", "one_weight", "0.8", "updated_for_old"),
        ("w = 0.5 - 0.2*(-3) = 0.8", "one_weight", "0.2", None),
        ("w = 0.5 - 0.1*3 = 0.8", "one_weight", "3", "sign_lost"),
        ("L = (0.8 - 2)^2 = 2.25", "one_weight", "0.8", "updated_for_old"),
    ],
)
def test_cause_and_the_part_that_is_wrong(
    lines: str, scenario: str, written: str, cause: str
) -> None:
    """A slip names the part of the line that is wrong, and the one cause that explains it."""
    blame = judged(lines, scenario)[-1].blame
    assert blame is not None
    found = judged(lines, scenario)[-1]
    text = found.chain.sides[blame.position].written.text
    assert written in text[blame.node.start : blame.node.end]
    assert blame.cause == cause
