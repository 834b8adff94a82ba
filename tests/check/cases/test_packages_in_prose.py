"""Documents as they are written: what the documentation of packages has between its words."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts

# The text, a right figure for its end, a wrong one, and what the wrong one is called.
LINES = {
    "full_width_brackets_hold_factors": [
        ("d = 2*（-3）*4*（1 - 3） = {}", "48", "-48", "slip"),
        ("（1 + 2）*3*（2） = {}", "18", "17", "slip"),
    ],
    "a_remark_in_brackets_is_no_list": [
        ("- a sweep over a grid (typically 48×48 = {} points)", "2,304", "2,314", "slip"),
        ("The layer (768 * 3072 = {} weights) is large.", "2,359,296", "2,359,396", "slip"),
        ("（共 48×48 = {} 个点）", "2,304", "2,314", "slip"),
        ("It has many weights (here $64 \\times 128 = {}$).", "8,192", "8,292", "slip"),
    ],
    "zeros_at_the_end_of_what_is_about_a_value_do_not_count": [
        ("32 × 32 × 3 ≈ {}", "3,100", "3,500", "slip"),
        ("32 × 32 × 3 ≈ {}", "3070", "8000", "slip"),
        ("一层约有 30 * 47 ≈ {} 个权重", "1410", "-1000", "slip"),
        ("1234 * 3 ≈ {}", "3700", "4700", "slip"),
        ("$19.8 \\times 55 \\approx {}$", "1100", "1900", "slip"),
        ("一共 1234 × 30 ≈ {} 个参数", "37000", "47000", "slip"),
        ("x = 20.2 * 5.2 ≈ {}", "105", "125", "slip"),
    ],
    "tuples_of_whole_numbers_may_be_shapes": [
        ("# Broadcasting: (3, 4) + (4,) = {}", "(3, 4)", "(3, 5)", "undecided"),
        ("(2, 1) * (3,) = {}", "(2, 3)", "(2, 4)", "undecided"),
        ("广播：(5, 4) - (4,) = {}", "(5, 4)", "(5, 5)", "undecided"),
        ("v = (5, 2) - (1, 1) = {}", "(4, 1)", "(5, 2)", "slip"),
    ],
}


@pytest.mark.parametrize(
    ("text", "right", "wrong", "verdict"),
    [pytest.param(*line, id=name) for name, lines in LINES.items() for line in lines],
)
def test_a_right_line_is_right_and_a_wrong_one_is_not(
    text: str, right: str, wrong: str, verdict: str
) -> None:
    assert verdicts(text.format(right)) == ["correct"]
    assert verdicts(text.format(wrong)) == [verdict]


# What may be meant otherwise, and nearly the same, which may not.
OPEN = {
    "points_of_a_total": ("Score = 2 + 2 + 2 + 1 = {}", "7/20", "8/20"),
    "one_digit_near_the_value": ("32 × 32 × 3 ≈ {}", "3000", "9000"),
    "terms_that_were_rounded": ("959 + 265 = {}", "1224.6", "1226.6"),
    "a_comma_that_ends_a_calculation": ("2×{} = 1280", "3 = 6,128×10", "641"),
    "rows_of_two_calculations": (
        "$$\\begin{{aligned}} & 3 \\cdot 2 = {} \\cdot 2 = -8 \\end{{aligned}}$$",
        "6 \\\\ & -4",
        "6 - 4",
    ),
    "a_change_in_percent": ("{} 0.92 = 28%", "from 0.72 →", "So"),
    "a_field_of_two_elements": ("# {}: 1 + 1 = 0", "In GF(2)", "So"),
    "an_entry_of_sigma": ("The decomposition has sigma{} = 8.96.", "[2]", "(2)"),
    "the_last_entry_of_sigma": ("The decomposition has {}] = 8.96.", "sigma[-1", "y = exp[2"),
}


@pytest.mark.parametrize(("text", "open_text", "plain"), OPEN.values(), ids=OPEN)
def test_what_may_be_meant_otherwise_is_no_slip(text: str, open_text: str, plain: str) -> None:
    assert verdicts(text.format(open_text)) == ["undecided"]
    assert verdicts(text.format(plain)) == ["slip"]


CODE = "y = x² + 2x\n\n```python\n{}\n```\n\ndy/dx = 2x + 3"


@pytest.mark.parametrize(
    "code", ["y = x**2 + 3*x", "y += x", "    y = x**2 + 3*x", "y: float = x * (x + 3)"]
)
def test_code_that_gives_a_name_another_formula_ends_the_one_above(code: str) -> None:
    assert "slip" not in verdicts(CODE.format(code))


@pytest.mark.parametrize("code", ["y = x*x + 2*x", "x = 3.0", "z = 5*x", "y = f(x, depth=3)"])
def test_code_that_gives_a_name_the_same_formula_changes_nothing(code: str) -> None:
    assert verdicts(CODE.format(code)) == ["slip"]


def test_an_entry_of_a_family_whose_formula_has_no_name_left_is_read() -> None:
    text = "$u_i = i^2$ for each i.\n\n$u_3 = 9$ and $u_2 = 1 + 3 = 4$"
    assert "slip" not in verdicts(text)


GRADIENTS = [
    "- Gradient for v = 0.5 × 0.1 = 0.05.",
    "- Gradient for v = e × h = 0.5 × 0.1 = 0.05.",
    "- Gradient for $v = 0.5 × 0.1 = 0.05$.",
    "The gradient with respect to v = 0.5 × 0.1 = 0.05.",
    "The derivative of the loss by v = 0.05.",
    "The change in v = 0.5 × 0.1 = 0.05",
]


@pytest.mark.parametrize("text", GRADIENTS)
def test_words_before_a_name_say_that_it_is_the_derivative(text: str) -> None:
    given = "Take v = 2, h = 0.1 and e = 0.5.\n\n"
    assert verdicts(f"{given}{text}\n\nq = v × 3 = 2 × 3 = 6")[-1] == "correct"
    assert verdicts(f"{given}{text}\n\nq = v × 3 = 0.05 × 3 = 0.15")[-1] in ("slip", "undecided")


def test_a_place_is_no_derivative() -> None:
    text = "The gradient for v = 0.5 is 2.\n\nv = v - 0.1 * dL/dv = 0.5 - 0.1 * 2 = {}"
    assert verdicts(text.format(0.3))[-1] == "correct"
    assert verdicts(text.format(0.4))[-1] == "slip"


@pytest.mark.parametrize("words", ["Gradients: v =", "The slopes are v =", "梯度 v =", "梯度：v ="])
def test_a_given_name_under_the_word_for_slopes_keeps_its_value(words: str) -> None:
    given = "Take v = 2, h = 0.1 and e = 0.5.\n\n"
    text = f"{given}{words} e × h = 0.5 × 0.1 = 0.05\n\nq = v × 3 = {{}}"
    assert verdicts(text.format("2 × 3 = 6"))[-1] in ("correct", "undecided")
    assert verdicts(text.format("4 × 3 = 12"))[-1] in ("slip", "undecided")


JOINED = [
    ("sum of u and v", "3 + 4 = 7", "3 + 5 = 8"),
    ("product of u and v", "3·4 = 12", "3·5 = 15"),
]


@pytest.mark.parametrize(("words", "right", "wrong"), JOINED)
def test_words_that_join_two_names_are_a_formula(words: str, right: str, wrong: str) -> None:
    given = "Take u = 3 and v = 4.\n\n"
    assert verdicts(f"{given}The {words} = {right}\n\nq = 2v = 2·4 = 8") == ["correct"] * 2
    assert verdicts(f"{given}The {words} = {wrong}")[-1] == "slip"
