"""What a value does not show: a part that a bend cuts off, an index, a formula without figures."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts

HIDDEN = [
    "L = max(0, 1 - 1.2) = max(0, -0.5) = 0",
    "a = relu(1 - 3) = relu(-1) = 0",
    "q = max(0.2, 0.5*1) = max(0.3, 0.5) = 0.5",
    "m = min(3, 2*4) = min(3, 9) = 3",
    "b = 0 * (3 + 4) = 0 * 8 = 0",
    "h = relu([1 - 2, 3]) = relu([-2, 3]) = [0, 3]",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_wrong_part_is_a_slip_where_the_value_does_not_show_it(text: str) -> None:
    assert verdicts(text) == ["slip"]


SHOWN = [
    "a = max(0, 1 - 1.2) = max(-0.2, 0) = 0",
    "q = max(0.25*3, 2/3) = max(0.75, 0.67) = 0.75",
    "c = max(0, exp(-1) - 1) = max(0, -0.632) = 0",
    "m = max(max(1, 2), max(0, -1)) = max(2, 0) = 2",
    "b = (3 + 4) * 0 = 0 * 7 = 0",
    "e = 0 * 0.5 * (1 - 0.5) = 0 * 0.25 = 0",
    "r = 3 * 4 = 2 * 6 = 12",
]


@pytest.mark.parametrize("text", SHOWN)
def test_parts_in_another_order_or_rounded_are_right(text: str) -> None:
    assert verdicts(text) == ["correct"]


def test_an_entry_of_which_nobody_knows_the_place_has_any_value() -> None:
    assert verdicts("A = [[1, 2], [3, 4]]\n\nC = (A[i,i])[i,i] = 7") == ["undecided"]
    assert verdicts("D = B[i,i] = 7") == ["undecided"]


FORMULAS = [
    "J = 3*(4x²-1) = 12x²+3",
    "q = (a + b)² = a² + b²",
    "k = ln(a b) = ln a - ln b",
    r"$\frac{dL}{dx} = 2(3x - 1) \cdot 3 = 18x - 3$",
    "s' = s(1 - s) = s + s²",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_of_the_same_names_that_differ_are_not_passed_over(text: str) -> None:
    assert verdicts(text) == ["undecided"]


IDENTITIES = [
    "J = 3*(4x²-1) = 12x² - 3",
    "q = (a + b)(a - b) = a² - b²",
    "k = ln(a b) = ln a + ln b",
    "r = p - p² = p(1-p) = p q",
]


@pytest.mark.parametrize("text", IDENTITIES)
def test_formulas_that_agree_are_counted_and_not_listed(text: str) -> None:
    assert verdicts(text) == []


def test_an_array_of_known_names_is_known() -> None:
    given = "p_1 = 0.7, p_2 = 0.3, y = [1, 0]\n\np = [p_1, p_2]\n\n"
    assert verdicts(given + "δ = p - y = [-0.3, 0.3]") == ["correct"]
    assert verdicts(given + "δ = p - y = [-0.3, 0.2]") == ["slip"]


SIZES = [
    "784 → 128*2 → 10",
    "The layers are 784 → 128*2 → 10 wide.",
    "Channels: 3 → 16*2 → 64 → 10",
    "n = 784 → 128*2 → 10",
    "d = 64 → 4*64 → 64",
    "各层宽度：784 → 128*2 → 10",
]


@pytest.mark.parametrize("text", SIZES)
def test_an_arrow_leads_from_a_size_to_the_next_one(text: str) -> None:
    assert "slip" not in verdicts(text)


def test_an_arrow_behind_a_calculation_leads_to_its_result() -> None:
    assert verdicts("a = w*x → 2*3 → 7") == ["slip"]
    assert verdicts("a = 2*3 → 7") == ["slip"]


SQUARE = "{0} = 1, {1} = 3\n\nf = ({0} - {1})^2 = (1 - 3)^2 = 4\n\ndf/d{0} = {0} - {1} = 1 - 3 = -2"


@pytest.mark.parametrize("names", [("x", "c"), ("w", "a"), ("u", "s")])
def test_a_factor_of_a_square_is_missed_beside_any_stated_name(names: tuple[str, str]) -> None:
    assert verdicts(SQUARE.format(*names))[-1] == "slip"


def test_a_name_may_be_the_mean_of_two_where_the_other_one_is_stated() -> None:
    assert verdicts("y = 5\n\n" + SQUARE.format("x", "c"))[-1] == "undecided"
    assert verdicts(SQUARE.format("x", "m"))[-1] == "undecided"


COLUMN = "[[{}], [{}]]"
IN_ARRAYS = [
    "z = [-3, 2]\n\n$h = \\text{{ReLU}}(z) = [\\max(0, {}), \\max(0, 2)] = [0, 2]$",
    "z = [-3, 2]\n\nh = ReLU(z) = [ReLU({}), ReLU(2)] = [0, 2]",
    "Z = [[-3, 2], [-1, -1]]\n\n"
    "H = ReLU(Z) = [[max(0, {}), max(0, 2)], [max(0, -1), max(0, -1)]] = [[0, 2], [0, 0]]",
    f"z = {COLUMN.format(-3, 2)}\n\n"
    f"h = ReLU(z) = {COLUMN.format('max(0, {})', 'max(0, 2)')} = {COLUMN.format(0, 2)}",
]


@pytest.mark.parametrize("text", IN_ARRAYS)
def test_what_a_bend_hides_in_an_entry_is_a_slip(text: str) -> None:
    assert verdicts(text.format(-3))[-1] == "correct"
    assert verdicts(text.format(-5))[-1] == "slip"


TOLD_AGAIN = ["(u, v) = ({}, 8)", "[u, v] = [{}, 8]", "$(u, v) \\approx ({}, 8)$"]


@pytest.mark.parametrize("text", TOLD_AGAIN)
def test_names_told_with_other_values_are_not_right(text: str) -> None:
    worked = "u = 2·3 = 6\n\nv = 2·4 = 8\n\n"
    assert verdicts(worked + text.format(6)) == ["correct"] * 3
    assert "correct" not in verdicts(worked + text.format(7))[2:]
