"""How names look, and that no two look alike."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from string import ascii_letters

import pytest

from tests.expression.trees import DERIVATIVES, FAMILIES, PLAIN
from tracer.errors import LanguageError
from tracer.expression import Dialect, Name, Notation, parse

PLAIN_LOOKS = [
    ("w", "w", "w"),
    ("w'", "w′", "w'"),
    ("m''", "m′′", "m''"),
    ("alpha", "α", r"\alpha"),
    ("theta1", "θ₁", r"\theta_{1}"),
    ("W1", "W₁", "W_{1}"),
    ("W12", "W₁₂", "W_{12}"),
    ("W_1", "W_1", r"\mathrm{W\_1}"),
    ("W_x", "W_x", "W_{x}"),
    ("W_xh", "W_xh", r"W_{\mathrm{xh}}"),
    ("w_alpha", "w_α", r"w_{\alpha}"),
    ("y_hat", "ŷ", r"\hat{y}"),
    ("y_hat1", "ŷ₁", r"\hat{y}_{1}"),
    ("x_bar", "x̄", r"\bar{x}"),
    ("x_tilde", "x̃", r"\tilde{x}"),
    ("x_dot", "ẋ", r"\dot{x}"),
    ("y_pred", "y_pred", r"y_{\mathrm{pred}}"),
    ("loss", "loss", r"\mathrm{loss}"),
    ("learning_rate", "η", r"\eta"),
    ("eta", "eta", r"\mathrm{eta}"),
    ("h[1]", "h⁽¹⁾", "h^{(1)}"),
    ("h[1]'", "h⁽¹⁾′", r"h^{(1)\prime}"),
    ("dloss/dw", "∂loss/∂w", r"\frac{\partial \mathrm{loss}}{\partial w}"),
    ("损失", "损失", r"\mathrm{损失}"),
    ("a__b", "a__b", r"\mathrm{a\_\_b}"),
]


@pytest.mark.parametrize(("name", "unicode_look", "latex_look"), PLAIN_LOOKS)
def test_a_name_has_a_look_without_any_notation(
    name: str, unicode_look: str, latex_look: str
) -> None:
    notation = Notation()
    assert notation.look(name, "unicode") == unicode_look
    assert notation.look(name, "latex") == latex_look


# A letter with a number, and a gradient of names that are read back, are not read back again.
NUMBERED = [letter + number for letter in ascii_letters for number in ("", "0", "7", "12")]
GRADIENTS = ["dL/dw1", "dL/dw1#2", "dL/d(da1/dh[2])", "dL/dW_xh'#12", "dw²/d(dα/dw²)", "ddL/dw/dx"]


@pytest.mark.parametrize("dialect", ["unicode", "latex"])
@pytest.mark.parametrize("taken", [(), NUMBERED, ("w", "T", "d1")])
def test_the_parser_reads_every_look_as_its_name(dialect: Dialect, taken: tuple[str, ...]) -> None:
    notation = Notation(
        {"a": "w", "w": "v", "w1": "θ₁", "i": "T", "b": r"\hat{y}"}, loss="L", taken=taken
    )
    for name in (*NUMBERED, *GRADIENTS):
        assert parse(notation.look(name, dialect), dialect, names=notation) == Name(name), name


@pytest.mark.parametrize(
    ("look", "unicode_look", "latex_look"),
    [
        ("ŷ", "ŷ", r"\hat{y}"),
        ("y\u0302", "ŷ", r"\hat{y}"),
        (r"\hat{y}", "ŷ", r"\hat{y}"),
        (r"\theta_{1}", "θ₁", r"\theta_{1}"),
        ("θ₁", "θ₁", r"\theta_{1}"),
        (r"\mathbf{W}", "W", r"\mathbf{W}"),
        (r"W^{(1)}", "W⁽¹⁾", "W^{(1)}"),
        ("E", "E", "E"),
    ],
)
def test_an_override_gives_the_other_looks(look: str, unicode_look: str, latex_look: str) -> None:
    notation = Notation({"quantity": look}, taken={"quantity"})
    assert notation.look("quantity", "latex") == latex_look
    from unicodedata import normalize

    assert normalize("NFC", notation.look("quantity", "unicode")) == unicode_look
    assert parse(latex_look, "latex", names=notation) == Name("quantity")
    assert parse(unicode_look, "unicode", names=notation) == Name("quantity")


@pytest.mark.parametrize("look", ["", "y hat", "x + 1", r"\foo", r"\frac{a}{b}", "1", "a,b"])
def test_an_override_that_is_no_name_is_refused(look: str) -> None:
    with pytest.raises(LanguageError, match="the notation of `y` is not a name"):
        Notation({"y": look})


def test_the_loss_is_l_only_where_no_other_name_is() -> None:
    assert Notation(loss="loss", taken={"loss", "w"}).look("dloss/dw", "unicode") == "∂L/∂w"
    assert Notation(loss="loss", taken={"loss", "L"}).look("dloss/dw", "unicode") == "∂loss/∂w"
    assert Notation(loss="E", taken={"E", "w"}).look("dE/dw", "unicode") == "∂E/∂w"
    assert Notation(loss="loss", taken={"loss", "L"}).look("L", "latex") == "L"
    named = Notation(loss="cost", taken={"cost", "w"})
    assert named.look("dcost/dw", "unicode") == "∂cost/∂w"
    assert parse("∂L/∂w", "unicode", names=named) == Name("dcost/dw")  # L is read as the loss


def test_below_a_name_xi_is_x_and_i() -> None:
    """W_xi leads from x to the gate i; other Greek words below a name are letters."""
    names = Notation(taken=["W_xi", "W_mu", "xi"])
    assert [names.look(name, "unicode") for name in ("W_xi", "W_mu", "xi")] == ["W_xi", "W_μ", "ξ"]
    assert names.look("W_xi", "latex") == r"W_{\mathrm{xi}}"


def test_a_look_that_means_another_name_is_not_used() -> None:
    notation = Notation({"y_pred": "x", "w1": "θ"}, taken={"x", "y_pred", "theta", "w1"})
    assert notation.look("y_pred", "unicode") == "y_pred"
    assert notation.look("x", "unicode") == "x"
    assert notation.look("theta", "latex") == r"\theta"
    assert notation.look("w1", "latex") == "w_{1}"


def test_a_member_of_a_family_gives_way_to_a_name_with_its_look() -> None:
    assert Notation(taken={"h[1]"}).look("h[1]", "latex") == "h_{1}"
    assert Notation(taken={"h[1]", "h1"}).look("h[1]", "latex") == "h^{(1)}"
    assert Notation(taken={"h[1]", "h1"}).look("h[1]", "unicode") == "h⁽¹⁾"
    assert Notation(taken={"m[w]"}).look("m[w]", "latex") == "m_{w}"
    assert Notation(taken={"m[w]"}).look("m[w]'", "unicode") == "m_w′"


@pytest.mark.parametrize(
    "notation",
    [
        Notation(),
        Notation(taken=PLAIN),
        Notation(taken=[*PLAIN, *FAMILIES], loss="loss"),
        Notation({"y_pred": "ŷ", "w1": "W₁", "W1": r"\mathbf{W}"}, taken=PLAIN[:20], loss="w"),
    ],
)
def test_no_two_names_look_alike(notation: Notation) -> None:
    names = {*PLAIN, *FAMILIES, *DERIVATIVES, *(f"{name}'" for name in PLAIN)}
    assert len({notation.look(name, "unicode") for name in names}) == len(names)
    assert len({notation.look(name, "latex") for name in names}) == len(names)
