"""Functions that a document states, at figures and at calculations of figures."""

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings, verdicts

CELL = "σ(x) = max(0, x)\n\n"


@pytest.mark.parametrize(
    ("line", "right", "wrong"),
    [
        ("q = σ(0.3*0.5 + 0.6) = σ({}) = {}", ("0.75", "0.75"), ("0.95", "0.95")),
        (
            "$q = \\sigma(0.3 \\cdot 0.5 + 0.6) = \\sigma({}) = {}$",
            ("0.75", "0.75"),
            ("0.6", "0.6"),
        ),
        ("r = σ({}) = {}", ("0.65", "0.65"), ("0.65", "0.66")),
    ],
)
def test_a_stated_activation_is_taken_at_what_the_calculation_gives(
    line: str, right: tuple[str, str], wrong: tuple[str, str]
) -> None:
    """The figure that it is taken at is named where it is wrong."""
    assert verdicts(CELL + line.format(*right))[-1] == "correct"
    assert verdicts(CELL + line.format(*wrong))[-1] == "slip"


@pytest.mark.parametrize(
    ("stated", "right", "wrong"),
    [
        ("f(x) = x^2 - 2x", "f'(3) = 4", "f'(3) = 5"),
        ("f(x) = x^3", "f''(2) = 12", "f''(2) = 8"),
        ("$f(\\theta) = 0.5\\theta^2$", "$g_2 = f'(1.8) = 1.8$", "$g_2 = f'(1.8) = 1.62$"),
        ("f(x) = tanh(x)", "f'(0.5) = 0.7864", "f'(0.5) = 0.4621"),
        ("f(x) = x²", "所以 f'(3) = 6。", "所以 f'(3) = 9。"),
    ],
)
def test_the_derivative_of_a_stated_function_is_taken_at_a_figure(
    stated: str, right: str, wrong: str
) -> None:
    """The document need not say what it is."""
    assert verdicts(f"{stated}\n\n{right}") == ["correct"]
    assert verdicts(f"{stated}\n\n{wrong}") != ["correct"]


@pytest.mark.parametrize(
    "text",
    [
        "L(w) = w^2. With weight decay 0.5 the gradient becomes L'(1) = 3.",
        "L(w) = w^2. After clipping to 1, L'(5) = 1.",
        "f(x) = log x. f'(2) = 0.217.",
        "f(x) = x^2. Forward differences with h = 0.5 give f'(1) = 2.5.",
        "f(x) = x^2\n\nf'(2) ≈ (4.41 - 4)/0.1 = 4.1",
        "f(x) = x^2\n\nf'(2) ≈ 4.1",
        "p(k) = 1/k. The new distribution p' has p'(1) = 0.6.",
        "f(x) = x^2 has f'(2) = 4, while the cubic has f'(2) = 12.",
        "f(x) = max(0, x)\n\nf'(0) = 1",
        "f(x) = |x|\n\nf'(0) = 1",
        "Let f(x) = x^2 and f'(x) = x^3 a second candidate. Then f'(2) = 8.",
    ],
)
def test_what_may_be_another_derivative_is_no_slip(text: str) -> None:
    """That of another loss, a quotient of differences, a second function that has a mark."""
    assert "slip" not in verdicts(text)


def test_the_wrong_argument_is_named() -> None:
    """It stands in the brackets of the line, and not in the formula of the function."""
    (finding,) = findings(CELL + "q = σ(0.3*0.5 + 0.6) = σ(0.95) = 0.95")
    assert (finding.written, finding.expected) == ("0.95", "0.75")


@pytest.mark.parametrize(
    "text",
    [
        "f(x) = x^2 - 4x\n\nf(2+1) = f(3) = -3",
        "f(x, y) = x^2 + y\n\nf(1+1, 3) = f(2, 3) = 7",
        "f(net) = 1/(1+e^{-net})\n\no = f(0.1*0.5 - 0.3) = f(-0.25) = 0.4378",
        "g(x) = x^2 + 1\n\nr = g(0.3 · 0.5 + 0.6) = 1.5625",
    ],
)
def test_a_stated_function_confirms_what_it_gives(text: str) -> None:
    """Also at a calculation of figures."""
    assert verdicts(text)[-1] == "correct"


@pytest.mark.parametrize(
    "text",
    [
        # What the words beside a formula restrict it to, nobody knows here.
        "f has period 2 and f(x) = x^2 on [0, 1). Then f(2.5) = f(0.5) = 0.25.",
        "设f(x)是偶函数，当x≥0时，f(x)=x²+x，则f(-2)=f(2)=6。",
        "当x>0时，f(x)=x；当x≤0时，f(x)=0.1x。\n\nf(1+3)=f(4)=4",
        "f(n) = n/2 if n is even, f(n) = 3n + 1 if n is odd.\n\nf(2+2) = f(4) = 2",
        "The density is f(x) = x/2 on [0, 2] and 0 elsewhere. f(3) = 0.",
        "f(x) ≈ 2x + 1\n\nf(1+1) = f(2) = 5.3",
        # Another function of that name.
        "σ(x) = max(0, x)\n\nThe output is sigmoid.\n\ny = σ(0.4*1 + 0.1) = σ(0.5) = 0.6225",
        "f(x) = x; hidden units: f(x) = max(0,x).\n\no = f(0.5*1 - 0.7) = f(-0.2) = -0.2",
        "f(x) = x^2\n\nf = 4\n\nf(2 + 1) = 12",
        "g(x) = x^2\n\nq = g(2 - 3) = g(0.5) = 0.25",
        "$q = g(0.3*0.5 + 0.6) = g(0.95) = 1.9025$",
    ],
)
def test_what_may_be_another_function_or_another_part_of_it_is_no_slip(text: str) -> None:
    """A line that does not fit is open."""
    assert "slip" not in verdicts(text)


def test_two_places_of_a_function_that_nobody_states_are_two_values() -> None:
    """A name without a value has that of the next one, but not f(1) that of f(2)."""
    assert verdicts("$q = g(0.75) = g(0.95) = 1.9025$") == ["undecided"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("sigmoid(x) = 1 / (1 + exp(-x))", "sigmoid(x) = 1 / (1 + exp(x))"),
        (r"$$\sigma(z) = \frac{1}{1 + e^{-z}}$$", r"$$\sigma(z) = \frac{1}{1 - e^{-z}}$$"),
        (
            r"$$\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}$$",
            r"$$\tanh(x) = \frac{e^x + e^{-x}}{e^x - e^{-x}}$$",
        ),
        ("softplus(x) = log(1 + exp(x))", "softplus(x) = log(1 + exp(-x))"),
        ("$\\tanh(x) = 2\\sigma(2x) - 1$", "$\\tanh(x) = 2\\sigma(2x) + 1$"),
    ],
)
def test_the_definition_of_a_known_function_with_another_sign_is_a_slip(
    right: str, wrong: str
) -> None:
    """Or upside down. What is far from the definition may be another function of that name."""
    assert verdicts(right) == ["correct"]
    assert verdicts(wrong) == ["slip"]


@pytest.mark.parametrize(
    "text",
    [
        "σ(x) = x²",
        "σ(x) = x / (1 + |x|)",
        "The hard sigmoid: sigmoid(x) = 0.2 x + 0.5",
        "σ(x) = 1/(1 + e^{-k x})",
        "σ(x) = 1/(1 + e^x), so σ(1) = 0.2689",  # its figures are not those of the sigmoid
    ],
)
def test_another_function_may_have_the_sign_of_a_known_one(text: str) -> None:
    """Nothing says that it is meant."""
    assert "slip" not in verdicts(text)
