"""Forms that a printed derivation has, each with right figures and with wrong ones."""

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts

# A text with ? for a figure of its last line, a right one, a wrong one.
H = r"$$h = \sigma([-2.9482, -2.0592]) \approx [0.0498217, 0.113126]$$" + "\n\n"
ROW = r"\left[\begin{matrix} -1.01861 & -0.910832 \end{matrix}\right]"
OUTER = (
    r"\begin{bmatrix} 0.0498217 \\ 0.113126 \end{bmatrix}\," + ROW + r" \approx"
    r" \begin{bmatrix} ? & -0.0453792 \\ -0.115232 & -0.103039 \end{bmatrix}$$"
)
LOW_RANK = (
    r"$x = \left[\begin{matrix} -0.03 & -0.77 \end{matrix}\right]$, $y = \left[\begin{matrix}"
    r" 0.09 & -1.09 \end{matrix}\right]$, $A = \begin{bmatrix} 0.84 \\ 1.32 \end{bmatrix}$,"
    r" $B = \left[\begin{matrix} 0.68 & -0.51 \end{matrix}\right]$,"
    r" $W = \begin{bmatrix} 0.18 & -1.41 \\ -0.47 & -0.72 \end{bmatrix}$"
    "\n\n"
    r"$$o = x\,W + 0.5\,(x\,A)\,B$$"
    "\n\n"
    r"$$L = \frac{1}{2}\,\lVert o - y \rVert^{2}$$"
    "\n\n"
)
MEANS = (
    r"$$h = \begin{bmatrix} 1 & 2 & 3 \\ 4 & 6 & 11 \end{bmatrix}$$"
    "\n\n"
    r"$$\mu(h)_ {1} = \frac{1 + 2 + 3}{3} = 2$$"
    "\n\n"
    r"$$\mu(h)_ {2} = \frac{4 + 6 + 11}{3} = 7$$"
    "\n\n"
    r"$$\mathrm{Var}(h)_ {1} = \frac{(1 - 2)^{2} + (2 - 2)^{2} + (3 - 2)^{2}}{3} \approx 0.666667$$"
    "\n\n"
)
LINES = {
    "a_gradient_by_a_formula_is_one_name_beside_a_matrix": [
        (
            H + r"$$\frac{\partial L}{\partial (h\,U)} = " + ROW + "$$\n\n"
            r"$$\frac{\partial L}{\partial U} = h^{\top}\,\frac{\partial L}{\partial (h\,U)} = "
            + OUTER,
            "-0.0507490",
            "-0.0607490",
        ),
    ],
    "what_one_gradient_has_from_another_was_rounded_and_a_cross_joins_matrices": [
        (
            H + r"$$\frac{\partial L}{\partial s} = \frac{\partial L}{\partial o} = " + ROW + "$$"
            "\n\n"
            r"$$\frac{\partial L}{\partial U} = h^{\top} \times \frac{\partial L}{\partial s} = "
            + OUTER,
            "-0.0507490",
            "-0.0607490",
        ),
    ],
    "entries_of_a_matrix_are_no_factors_behind_a_power_of_ten": [
        (
            r"$$v = 0.1 \cdot \begin{bmatrix} 8.4 \cdot 10^{-9} & 0.34 \\ 2 \cdot 10^{-8} & ?"
            r" \end{bmatrix} = \begin{bmatrix} 8.4 \cdot 10^{-10} & 0.034 \\ 2 \cdot 10^{-9} & 0.05"
            r" \end{bmatrix}$$",
            "0.5",
            "0.6",
        ),
    ],
    "figures_put_in_with_fewer_digits_than_a_given_value_are_rounded": [
        (
            r"$W = \begin{bmatrix} 0.448 & 0.961 \\ -1.455 & 1.176 \end{bmatrix}$"
            "\n\n"
            r"$$u = r\,W = \left[\begin{matrix} 0.538 & -0.201 \end{matrix}\right]\,"
            r"\begin{bmatrix} 0.448 & 0.961 \\ -1.46 & 1.18 \end{bmatrix} \approx"
            r" \left[\begin{matrix} ? & 0.281 \end{matrix}\right]$$",
            "0.533",
            "0.543",
        ),
    ],
    "given_entries_of_as_many_digits_each_were_rounded_by_a_machine": [
        (
            r"$W = \begin{bmatrix} 0.0412 & -0.347 \\ 0.00938 & 0.655 \end{bmatrix}$"
            "\n\n"
            r"$$U = W - \begin{bmatrix} 0.00513 & 0.3 \\ 0.0056 & 0.1 \end{bmatrix} ="
            r" \begin{bmatrix} ? & -0.647 \\ 0.00378 & 0.555 \end{bmatrix}$$",
            "0.03612",
            "0.03632",
        ),
    ],
    "a_share_of_a_gradient_that_is_drawn_above_its_line_was_rounded": [
        (
            "z = [1, 2] → s, (∂L/∂b)_{via z} = [0.0903, 0.208]\n\n"
            "c = [[0.6, 0.1], [-0.2, 0.5]] @ [0.0903, 0.208] ≈ [0.0749, ?]",
            "0.0858",
            "0.0878",
        ),
    ],
    "a_row_that_begins_with_a_plus_goes_on_with_the_figures_above": [
        (
            "    z = [0.5, 0.2,\n         0.3]\n         + [0.1, 0, 0]\n      = [?, 0.2, 0.3]",
            "0.6",
            "0.5",
        ),
    ],
    "brackets_around_one_name_are_no_part_of_it": [
        (
            "x = [1, 2]\n\n‹d_1› = 2·x = 2·[1, 2] = [2, 4]\n\nd = 3·‹d_1› = 3·[2, 4] = [6, ?]",
            "12",
            "13",
        ),
    ],
    "a_dot_below_a_name_stands_for_all_rows": [
        (
            r"$$x = \begin{bmatrix} 1 & 2 \\ 3 & 5 \end{bmatrix}$$"
            "\n\n"
            r"$$a = 2\,x_{{\cdot}2} = \begin{bmatrix} 4 \\ ? \end{bmatrix}$$",
            "10",
            "6",
        ),
    ],
    "a_colon_below_a_name_is_a_range_of_places": [
        ("$$s = [1, 2, 3, 5]$$\n\n" r"$$a = 2\,s_{2:3} = [4, ?]$$", "6", "10"),
        (
            r"$$\frac{\partial L}{\partial j} = [0.1, 0.2, 0.3, 0.4]$$"
            "\n\n"
            r"$$a = 2\,\left(\frac{\partial L}{\partial j}\right)_ {3:4} = [0.6, ?]$$",
            "0.8",
            "0.4",
        ),
    ],
    "zeros_around_a_block_fill_the_array_that_it_is_in": [
        (
            r"$$g = [3, 4]$$"
            "\n\n"
            r"$$d = \begin{bmatrix} \mathbf{0} & g & \mathbf{0} \end{bmatrix} ="
            r" \begin{bmatrix} 0 & 3 & 0 \\ 0 & ? & 0 \end{bmatrix}$$",
            "4",
            "3",
        ),
        (
            r"$$g = [3, 4]$$"
            "\n\n"
            r"$$d = \begin{bmatrix} \mathbf{0} \\ g^{\top} \end{bmatrix} ="
            r" \begin{bmatrix} 0 & 0 \\ 3 & ? \end{bmatrix}$$",
            "4",
            "3",
        ),
        (
            r"$$d = \begin{bmatrix} \mathbf{0} & 0.2 \cdot 3 \\ \mathbf{0} & \mathbf{0}"
            r" \end{bmatrix} = \begin{bmatrix} 0 & ? \\ 0 & 0 \end{bmatrix}$$",
            "0.6",
            "0.5",
        ),
    ],
    "brackets_around_a_row_are_its_own": [
        (
            r"$$a = 2 \cdot \left(\left[\begin{matrix} 0.1 & -0.2 & 0.4 \end{matrix}\right]"
            r"\right)_{3} = ?$$",
            "0.8",
            "0.2",
        ),
    ],
    "an_indicator_of_equal_numbers_is_one": [
        ("d = 3·1[2 = 2] + 1[2.5 = 2] = ?", "3", "0"),
    ],
    "what_stands_in_the_brackets_of_an_indicator_may_be_at_most": [
        (r"$$d = 2 \cdot \mathbf{1}\left[2 \le 3\right] = ?$$", "2", "0"),
        ("x = [1, -2]\n\nd = 3·1[x ≤ 0] = [0, ?]", "3", "0"),
    ],
    "an_array_that_words_state_beside_its_results_was_rounded": [
        (
            r"$$n_1 = 1 - 1.7808 = -0.7808$$"
            "\n\n"
            r"$$n_2 = 1 + 0.4112 = 1.4112$$"
            "\n\n"
            r"Their values: $n$ is $\left[\begin{matrix} -0.7808 & 1.4112 & -0.6306"
            r" \end{matrix}\right]$."
            "\n\n"
            r"$$q_3 = 0.649 \cdot n_3 + 0.546 = 0.649 \cdot (-0.6306) + 0.546 \approx ?$$",
            "0.1368",
            "0.1376",
        ),
    ],
}


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [pytest.param(*line, id=principle) for principle, lines in LINES.items() for line in lines],
)
def test_a_printed_line_is_read_as_it_is_meant(text: str, right: str, wrong: str) -> None:
    """The last line is right; with another figure it is a slip."""
    assert verdicts(text.replace("?", right))[-1] == "correct"
    assert verdicts(text.replace("?", wrong))[-1] == "slip"


def test_what_a_relu_cuts_off_has_no_slope_at_its_kink() -> None:
    """The second ReLU is at 0 there, where either slope may be meant."""
    text = "x = 1, w = -2, v = 3\n\nh = relu(w*x)\n\nL = relu(v*h) + h\n\ndL/dh = "
    assert "slip" not in verdicts(text + "v*step(v*h) + 1")


@pytest.mark.parametrize(("factor", "verdict"), [("0.5", "correct"), ("0.25", "undecided")])
def test_a_row_beside_a_matrix_is_one_in_a_derivative_too(factor: str, verdict: str) -> None:
    """Its transpose is a column, whatever a vector would be; the figures do not hide a factor."""
    line = (
        r"$$\frac{\partial L}{\partial A} = x^{\top}\,\left(\frac{\partial L}{\partial o}\,B^{\top}"
        r" \cdot ?\right) = \begin{bmatrix} -0.03 \\ -0.77 \end{bmatrix}\,\left("
        r"\left[\begin{matrix} -0.08764 & 1.952 \end{matrix}\right]\,\begin{bmatrix} 0.68 \\ -0.51"
        r" \end{bmatrix} \cdot 0.5\right) \approx \begin{bmatrix} 0.01583 \\ 0.4063 \end{bmatrix}$$"
    )
    assert verdicts(LOW_RANK + line.replace("?", factor))[-1] == verdict


COLUMNS = (
    "$V = \\begin{bmatrix} 1 \\\\ 0.5 \\\\ -2 \\end{bmatrix}$, $b_{1} = \\begin{bmatrix} 0.5 \\\\ 0"
    " \\\\ -0.25 \\end{bmatrix}$, $b_{2} = 0.1$\n\n"
)
APART = {
    "a_vector_with_a_number_below_its_name_is_no_entry_of_another": [
        COLUMNS.replace("$V", "$W_{2}"),
        r"$$W = \begin{bmatrix} 0.5 & -1 & 0.25 \\ 0.5 & 1 & -0.5 \end{bmatrix}\,W_{2} ="
        r" \begin{bmatrix} -0.5 \\ 2 \end{bmatrix}$$" + "\n\n",
        r"$$b = W_{2}^{\top}\,b_{1} + b_{2} = 0.5 + 0 + 0.5 + 0.1 = ?$$",
    ],
    "names_above_each_other_are_vectors_beside_more_figures": [
        COLUMNS,
        r"$$s_{1} = \tanh(b_{1}) \approx \begin{bmatrix} 0.462117 \\ 0 \\ -0.244919"
        r" \end{bmatrix}$$" + "\n\n",
        r"$$\begin{bmatrix} s_{1} \\ b_{1} \end{bmatrix} = \begin{bmatrix} 0.462117 \\ 0 \\"
        r" -0.244919 \\ 0.5 \\ 0 \\ -0.25 \end{bmatrix}$$" + "\n\n",
        r"$$b = V^{\top}\,b_{1} + b_{2} = 0.5 + 0 + 0.5 + 0.1 = ?$$"
        + "\n\n"
        + r"$$c = V^{\top}\,s_{1} = 0.951955$$",
    ],
}


@pytest.mark.parametrize("case", APART)
def test_what_has_another_shape_is_no_entry(case: str) -> None:
    """A right line stays right, and a wrong figure is a slip as before."""
    text = "".join(APART[case])
    assert set(verdicts(text.replace("?", "1.1"))) == {"correct"}
    assert "slip" in verdicts(text.replace("?", "1.2"))


QUOTIENT = (
    r"$$\sqrt{\mathrm{Var}(h) + 1} = \begin{bmatrix} 1.29099 \\ 3.10913 \end{bmatrix}$$"
    "\n\n"
    r"$$a = \frac{h - \mu(h)}{\sqrt{\mathrm{Var}(h) + 1}} = \begin{bmatrix} -0.774600 & 0 &"
    r" 0.774600 \\ -0.964900 & ? & 1.28653 \end{bmatrix}$$"
)


ENTRY = r"$$d = 10 + \mu(h)_ {1} = ?$$"


@pytest.mark.parametrize(
    ("line", "right", "wrong"), [(QUOTIENT, "-0.321633", "-0.331633"), (ENTRY, "12", "17")]
)
def test_a_mean_and_a_variance_of_each_row_are_read_where_they_fit(
    line: str, right: str, wrong: str
) -> None:
    """They may be of all entries, so that a figure that does not fit is no slip, but not right."""
    assert verdicts((MEANS + line).replace("?", right))[-1] == "correct"
    assert verdicts((MEANS + line).replace("?", wrong))[-1] == "undecided"


NOISE = "x = [1, 1, 1], w = [0.1, 0.2, -0.3], W = [[0.1, 0.2, -0.3], [0.5, 0.1, -0.2]]\n\n"


@pytest.mark.parametrize(
    "line",
    [
        r"$z = w x = 2.77556 \cdot 10^{-17}$",
        r"$$z = W x = \begin{bmatrix} 2.77556 \cdot 10^{-17} \\ 0.4 \end{bmatrix}$$",
    ],
)
def test_what_doubles_leave_of_numbers_by_name_is_no_slip(line: str) -> None:
    """So a program prints 0.1 + 0.2 - 0.3; a millionth is more than that."""
    assert verdicts(NOISE + line)[-1] == "correct"
    assert verdicts(NOISE + line.replace("-17", "-6"))[-1] != "correct"


SCALED = r"""$$u = \begin{bmatrix} -0.2 & -1.65 & 2.05 \\ 0.91 & 0.37 & -0.98 \end{bmatrix}$$

$$n = \frac{u}{\sqrt{\mu(u^{2})}} \approx
\begin{bmatrix} -0.131259 & -1.08289 & 1.34541 \\ 1.13590 & 0.461851 & -1.22328 \end{bmatrix}$$

$$L = \frac{1}{2}\,\sum_{i, j} n_{ij}^{4} \approx 4.30076$$

$$\frac{\partial L}{\partial n} = 2 n^{3} \approx \begin{bmatrix}
-0.00452293 & -2.53970 & 4.87070 \\ 2.93126 & 0.197031 & -3.66108 \end{bmatrix}$$

$$\mu(u^{2}) = \frac{1}{3}\,\left[\sum_{j = 1}^{3} u_{ij}^{2}\right]_{i} \approx
\begin{bmatrix} 2.32167 \\ 0.6418 \end{bmatrix}$$

$$r = \frac{1}{3}\,\left[\sum_{j = 1}^{3} \left(\frac{\partial L}{\partial n}\right)_{ij} \cdot
n_{ij}\right]_{i} \approx \begin{bmatrix} 3.10130 \\ 2.63305 \end{bmatrix}$$

$$\mu(u^{2})_{1} = \frac{u_{11}^{2} + u_{12}^{2} + u_{13}^{2}}{3} \approx 2.32167$$

$$\left(\frac{\partial L}{\partial u}\right)_{11} =
\frac{\left(\frac{\partial L}{\partial n}\right)_{11} - n_{11} \cdot r_{1}}{\sqrt{\mu(u^{2})_{1}}}
\approx 0.264193$$
"""


def test_a_gradient_by_an_entry_goes_through_all_that_its_array_leads_to() -> None:
    """Through n itself, and through the mean of its row; half of it would be another number."""
    assert set(verdicts(SCALED)) == {"correct"}


def test_an_entry_of_a_column_is_stated_by_its_row_alone() -> None:
    """w₁ of a column is its first entry, also where it is stated anew."""
    text = "$w = [[0.5], [0.7]]$\n\n$w_1 = 0.5 + 0.1 = 0.6$\n\n$s = w_1 + w_2 = 0.6 + 0.7 = 1.3$"
    assert set(verdicts(text)) == {"correct"}
    assert verdicts(text.replace("1.3", "1.4"))[-1] == "slip"
