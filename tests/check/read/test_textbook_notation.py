"""Formulas as textbooks print them are read to what they mean."""

from __future__ import annotations

import pytest

from tracer.document_check import check_text

LINES = {
    "a difference is one quantity": (r"$\Delta w_1 = 0.5(0.0887)(1) = 0.04435$", "correct"),
    "so is one by a letter that is spelled": (
        "$\\gamma_1 = 0.5$\n\n$d\\gamma_1 = 2 \\cdot 3 = 6$\n\n"
        "$\\gamma_1 - 0.1 \\cdot d\\gamma_1 = 0.5 - 0.1 \\cdot 6 = -0.1$", "correct"),
    "a slope is the upper part of a fraction": (
        r"$\partial L / \partial y = 0.5 \cdot 3 = 1.5$" "\n\n"
        r"$\frac{\partial L / \partial y}{3} \cdot 2 = \frac{1.5}{3} \cdot 2 = 1$", "correct"),
    "an attribute belongs to its name": (
        "a.data = 3, b.data = 4\n\nq = a.data * 2 = 3*2 = 6", "correct"),
    "an attribute of an entry": (
        "w[0].data = 3, w[1].data = 4\n\nq = w[0].data * 2 = 3*2 = 6", "correct"),
    "the same with the other's value": (
        "w[0].data = 3, w[1].data = 4\n\nq = w[0].data * 2 = 4*2 = 8", "slip"),
    "a point between names": ("x = 2, w = 0.5, b = 1\n\nz = w.x + b = 0.5*2 + 1 = 2", "correct"),
    "a list in bold type": ("w <- [0.28, -0.86] - 0.5*[1, 2]\n= **[-0.22, -1.86]**", "correct"),
    "a name ends with its lowered figure": ("w₁x + b₁ = 0.5*2 + 1 = 2", "correct"),
    "so does a logarithm": ("log₂8 = 3", "correct"),
    "a logarithm of a fraction": (r"$-\frac{1}{2}\log_2\frac{1}{2} = 0.5$", "correct"),
    "the same, wrongly taken": (r"$-\frac{1}{2}\log_2\frac{1}{2} = 1.5$", "slip"),
    "a lowered sign": ("s₊ + s₋ = 0.6 + 0.1 = 0.7", "correct"),
    "the same with a wrong figure": ("s₋ = 0.3·2 = 0.7", "slip"),
    "a lowered sign in a formula": (r"$s_{-} = w x_{-} + b_- = 0.3 \cdot 2 + 1 = 1.6$", "correct"),
    "a lowered Greek letter": ("zᵧ + 1 = 0.5 + 1 = 1.5", "correct"),
    "an entry of a word after an update": ("theta[0]' = 0.65 + 0.14 = 0.79", "correct"),
    "an index behind that of a layer": ("a = g × w⁽²⁾₁₁ = 2 × 0.5 = 1", "correct"),
    "a word with an underscore": (r"$2 \cdot item\_score = 2 \cdot 3 = 6$", "correct"),
    "a turned matrix beside a word": (
        "W = [[1, 0], [0, 2]]\ndelta = [3, 4]\n\nW^T delta = [3, 8]", "correct"),
    "thousands below a line": (r"$\frac{73,856 - 8,896}{73,856} \approx 88\%$", "correct"),
    "a figure before a list": ("0.5[2,3] + 0.5[4,1] = [3,2]", "correct"),
    "the same, wrongly": ("0.5[2,3] + 0.5[4,1] = [3,3]", "slip"),
    "the same in a formula": (
        r"$q = 0.5[2,3] + 0.5 [4,1] + 0.5\left[0,2\right] = [3,3]$", "correct"),
    "wrongly in a formula": (r"$q = 0.5[2,3] + 0.5 [4,1] = [3,3]$", "slip"),
    "a figure behind words": ("So 3 = 2 + 1", "correct"),
    "an upright minus": (r"$h = 0.5(\text{-}1.0) + 0.3 = \text{-}0.2$", "correct"),
    "an upright minus, wrongly": (r"$h = 0.5(\text{-}1.0) + 0.3 = \text{-}0.8$", "slip"),
    "a raised decimal": ("1/(1+e⁻¹·¹) = 0.750", "correct"),
    "the same decimal, wrongly": ("1/(1+e⁻¹·¹) = 0.720", "slip"),
    "a raised letter": ("β₁ᵗ = 0.9*0.9 = 0.81", "correct"),
    "brackets with a word below": ("E[g²]_old = 0.9*0.5 = 0.45", "correct"),
    "brackets with an index below": ("$E[g^2]_1 = 0.9 \\cdot 0 + 0.1 \\cdot 2^2 = 0.4$", "correct"),
    "brackets with an index below, wrong": ("$E[g^2]_1 = 0.1 \\cdot 2^2 = 0.5$", "slip"),
    "a name with an index below brackets that was given": (
        "$v_1 = E[g^2]_1 = 0.4$\n\n$w = 2 - 0.1 E[g^2]_1 = 2 - 0.1 \\cdot 0.5 = 1.95$",
        "slip",
    ),
    "a product in brackets": ("$a = 2$, $b = 3$\n\n$y = a(b(2)) = 13$", "slip"),
    "a path": (r"$\left(\frac{\partial L}{\partial H}\right)_{\text{via } V} = 0.5 \cdot 2 = 1$",
               "correct"),
    "the slope of a known function": ("gelu'(1.0) = 0.8413 + 0.2420 = 1.083", "correct"),
    "the slope of a command": (r"$\tanh'(0.5) = 0.786$", "correct"),
    "the slope is not the function": (r"$\mathrm{tanh}'(0.5) = 0.462$", "slip"),
    "a capital function": ("Sigmoid(2) = 0.8808", "correct"),
    "a capital function of a list": ("Softmax([1 2 3]) = [0.0900 0.2447 0.6652]", "correct"),
    "a function with an index": (r"$\sigma_T(2.0) = 1/(1+e^{-1}) = 0.731$", "correct"),
    "a remark behind an arrow": ("y = 0.5 + 0.315 = 0.815        ← w₂ increases", "correct"),
    "a size": ("5 + (2-1)×1 = 6×6", "correct"),
    "a size is no product": ("x = 3 × 3 = 3", "slip"),
    "an indicator": (r"$2\,\mathbf{1}\left[0.5 > 0\right] + 1 = 3$", "correct"),
    "an indicator beside a column": (
        r"$z = \begin{pmatrix} -1 \\ 2 \end{pmatrix}, t = (1, 1)^\top$" "\n\n"
        r"$q = t \odot \mathbf{1}[z > 0] = \begin{pmatrix} 0 \\ 1 \end{pmatrix}$", "correct"),
    "dots with what they stand for": (
        r"$x = 1 \cdot 2 + \underbrace{\cdots}_{5} + 2 \cdot 2 = 11$", "correct"),
    "dots wrongly summed": (
        r"$x = 1 \cdot 2 + \underbrace{\cdots}_{5} + 2 \cdot 2 = 17$", "slip"),
    "a column times a row": (
        r"$\begin{bmatrix} 1 \\ 2 \end{bmatrix}\,\left[\begin{matrix} 3 & 4 \end{matrix}\right]"
        r" = \begin{bmatrix} 3 & 4 \\ 6 & 8 \end{bmatrix}$", "correct"),
    "an entry of a column with a number": (
        r"$\mathbf{w}^{(2)} = \begin{pmatrix} 0.7 \\ -0.2 \end{pmatrix}$" "\n\n"
        r"$g = 2 w^{(2)}_1 = 2 \cdot 0.7 = 1.4$ and $h = 2 w^{(2)}_2 = 2 \cdot (-0.2) = -0.4$",
        "correct"),
    "another entry of a column with a number": (
        r"$\mathbf{w}^{(2)} = \begin{pmatrix} 0.7 \\ -0.2 \end{pmatrix}, x = 3$" "\n\n"
        r"$g = x w^{(2)}_1 = 3 \cdot (-0.2) = -0.6$", "slip"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "verdict"), LINES.values(), ids=list(LINES))
def test_a_line_in_the_notation_of_a_textbook_is_judged(line: str, verdict: str) -> None:
    """It is right where it holds, and a slip where it does not."""
    findings = check_text(line).files[0].findings
    assert {finding.verdict for finding in findings} == {verdict}


HEADED = "| x | y | x - y | x y |\n|---|---|---|---|\n"


@pytest.mark.parametrize(
    ("rows", "verdicts"),
    [
        # rounded figures, sums in the last row, words in the row, counts that may be rounded
        ("| 1.2 | 3.4 | -2.3 | 4.2 |\n| 2 | 3 | -1 | 6 |\n", "undecided undecided correct correct"),
        ("| 1 | 2 | -1 | 2 |\n| 2 | 3 | -1 | 6 |\n| 3 | 5 | -2 | 8 |\n",
         "correct correct correct correct correct undecided"),
        ("| 1 | 2 | -1 | 2 |\n| a | 9 | 9 | 9 |\n| 2 | 3 | -1 | 6 |\n",
         "correct correct undecided undecided correct correct"),
        ("| 2 | 3 | -1 | 7 |\n| 2 | 3 | -1 | 6 |\n", "correct undecided correct correct"),
    ],
)  # fmt: skip
def test_a_column_headed_by_a_formula_of_others_is_compared(rows: str, verdicts: str) -> None:
    """What differs may be rounded, a sum of the column, or of something else."""
    findings = check_text(HEADED + rows).files[0].findings
    assert [each.verdict for each in findings] == verdicts.split()


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"A^{-1} = \frac15\begin{pmatrix} 3 & -1 \\ -1 & 2 \end{pmatrix}", "correct"),
        (r"A^{-1} = \begin{pmatrix} 0.6 & -0.2 \\ -0.2 & 0.4 \end{pmatrix}", "correct"),
        (r"A^{-1} = \begin{pmatrix} 3 & -1 \\ -1 & 2 \end{pmatrix}", "undecided"),
        (r"\det A = 5", "correct"),
        (r"\det(A) = 6", "undecided"),
        (r"\det A = 2 \cdot 3 - 1 \cdot 1 = 5", "correct"),
        (r"\det A = 2 \cdot 3 + 1 \cdot 1 = 7", "slip"),
    ],
)
def test_inverses_and_determinants_of_four_entries_are_compared(line: str, verdict: str) -> None:
    """They are worked out of the entries of the matrix that is stated above."""
    text = r"$$A = \begin{pmatrix} 2 & 1 \\ 1 & 3 \end{pmatrix}$$" f"\n\n$${line}$$\n"
    assert [each.verdict for each in check_text(text).files[0].findings] == [verdict]
