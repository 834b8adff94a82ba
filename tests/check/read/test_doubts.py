"""When the reading of a chain is certain: lines that have each doubt, and lines without one."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.read.shown_chains import doubts, first_chain
from tracer.document_check import check_text

DOUBTED = {
    "end": [
        "w ← w − ──────",
        "y = 2 * 3 = 6 …",
        "y = 2 * 3 = 6 → ¤",
        "y = 2 * 3 = 6 per step",
        "$y = 2 \\times 3 = 6$ GB",
        "$y = 2 \\times 3 = 6 : 5$",
        "y = 2 * 3 = 6 : 5",
        "$y = 2 \\times 3 = 6$%",
        "y = 0.5 (2)",
        "y = 0.5 × 3 × ¤ = 6",
        "y = 0.5 * § + 2",
    ],
    "start": [
        "half of 8 * 2 = 16",
        "es sind 30% von 2 * 140 = 84",  # whatever the language of the word is
        "10 : 4 = 2 * 2.5 = 5",
        "$e^2 : e^4 = 7.389$",
        "- 2 * 3 = 6",
        "the gradient of w = 0.5 * 2 = 1",
        "K2 系数 = 0.5 * 2 = 1",
        "the error 0/1 $= 2/4 = 0.5$",  # words and figures before a formula that has no left side
        "Layer 4 $= 3 + 2$",
    ],
    "unused": ["y = 0.5 * 1 (first row) = 0.5", "es sind 280 € (520-800) = 84 €"],
    "other_line": [
        "```\n2 * (\n3 + 4 = 7\n```",
    ],
    "columns": [
        "```\nU = [[2, 1], V = [[3, 1],\n     [0, 4]]      [0, 5]]\n```",
        "s = 2 * 3 = 6 t = 0.5 + 1 = 1.5",
        "[1 0]   1 + 1   = 2",
        "2 * 3 = 6      7",
        "1 2\n[ 3  4 ]\n2 * 3 = 6",
        "U = [[1, 0], V = [[1, 0],\n[0, 1]] [0, 1]]",
    ],
    "other_reading": [
        "(16, 8) * (8, 4) = (16, 4)",
        "y = m(2) + 1 = 3",
        "s = std(a) = 2",
        "a = 3 1/2 = 3.5",
    ],
    "token": [
        "y = 3 kg * 2 = 6 m",
        "y = max(0, 0,35) = 0,35",  # of two figures, or of three
        "$(2M - 1)^2 = (14 - 1)^2 = 169$",  # a name, or two million
        "y = 2K + 1 = 2*3 + 1 = 7",
        "y = 2 * 3 = 6 GB",
        "x = 40 * (1 + 5 %) = 42",
        "1010 + 1 = 1011",
        "11 + 2 = 13 mod 12",
        "n = 27 / 2 = 13 (rounded down)",
        "With integer division 27 / 2 = 13",
        "边长 27 / 2 = 13（向下取整）",
        "XOR: 1 + 1 = 0",
        "XOR(1, 1) = 1",
        "on a scale of 0–10 = 5.2 ≈ 5",
        "Take (3) - (2) = 0.5",
        "$(4) + (1) - (2) = 7$",
        "rating 1-5 = 3",
        "h = [0,5, 1,2] * 2 = [1,0, 2,4]",  # of four numbers, or two with decimal commas
        "σ([3,315; 1,143]) ≈ [0,9649; 0,7582]",
        "the 2-3-1 = 6 units",
        "version 1.0-2.0 = 1.5",
        "loss = −log(0.5)=0.69-\\log(0.5) = 0.69",  # copied as it is shown, and as it is typed
        "y = 5 × 10−3 = 0.005",  # the exponent was lost when the text was copied
    ],
    "stated": ["y = 2 plus 3 times 4 = 20"],
    "denied": [
        "It is not true that 2 * 3 = 7.",
        "```\nThis is not so:\n\n2 * 3 = 7\n```",
        "错误：2 * 3 = 7",
        "Note that 2 * 3 = 7 is wrong.",
        "Some wrongly write\n2 * 3 = 7.",
        "Whoever forgets the brackets would get z = 2 + 3 * 4 = 20",
        "```\n2 * 3 = 7   <- the wrong way\n1 + 1 = 2\n```",
        "```\nWrong:\n2 * 3 = 7\n```",
    ],
    "supposed": [
        "With a rate of 1 we would get w = 0.5 + 3 = 3.5.",
        "如果 w = 0.5 + 3 = 3.5",
        "If w were 2, y = 3 * 2 = 6.",
    ],
}


@pytest.mark.parametrize(
    ("doubt", "text"), [(doubt, text) for doubt, texts in DOUBTED.items() for text in texts]
)
def test_a_line_that_may_be_meant_otherwise_is_doubted(doubt: str, text: str) -> None:
    assert doubt in doubts(text)


CERTAIN = [
    "```\n/// text.\n///\n/// y = 2 * 3 = 7\n```",  # a row of comment is no sign
    "y = 2 * 3 = 6",
    "y = 2 * 3 = 6.",
    "y = 2 * 3 = 6, so that",
    "y = 2 * 3 = 6 here",
    "y = 2 * 3 = 6 (rounded)",
    "y = 2 * 3 = 6 – as said",
    "y = 2 * 3 = 6 ✓",
    "y = 2 * 3 = 6 → it grows",
    "P = 3 / 5 = 0.6 → 60 %",
    "= 2 * 3 = 6",
    "the area of all (a × b) is\n\n= 2 * 3 = 6",
    "a 7-layer model y = 2 * 3 = 6",
    "y = 2 * 3 = 6 → ReLU → 6",
    "$s_{01} = 2 \\times 3 = 6$",
    "z = (3) - (2) = 1",
    "(-3) + (2) = -1",
    "y = 2 * 3 = 6  → 变大",
    "y = 2 / 8 = 0.25  (25%)",
    "d = 2−5 = −3",
    "0−10 = −10",
    "n = floor(27 / 2) = 13",
    "y = 2 * 3 = 6 - ★",
    "$y = 2 \\times 3 = 6$ weights",
    "$y = 2 \\times 3 = 6 \\Rightarrow$ on",
    "we get y = 2 * 3 = 6",
    "$w_1: 2 * 3 = 6$",
    "1: y = 2 * 3 = 6",
    "y = 2 * 3 = 6: 2 of them",
    "Step 3: y = 2 * 2 = 4",
    "- y = 2 * 3 = 6",
    "- `2 * 3 = 6`",
    "* **y = 2 * 3 = 6**",
    "所以 y = 2 * 3 = 6，于是",
    "(with y = 2 * 3 = 6)",
    "y = 2 * 3\n  = 6",
    "y  =  2 * 3  =  6",
    "y = 2  +  3 = 5",
    "y = sqrt(2) = 1.414",
    "σ(1) = 1/(1+e^{-1}) = 1/(1+0.37) = 0.73",
    "y = 2.36M / 2 = 1.18M",
    "n = 1000 * 3000 = 3M",
    "n = 768 × 3072 = 2,359,296",
    "log_2(8) = 3",
    "$\\log_2 8 = 3$",
    "| a |\n|---|\n| y = 2 * 3 = 6 |",
    "y = 2 * 3 = 6\n-ln(0.5) ≈ 0.693",
    "s = sign(-3) = -1",
    "NOT(0) = 1",
    "x = 6 × 10^-4 * 2 = 1.2 × 10^-3",
    "3 plus 4 equals 7",
    "若分数更高，就是5.1-3.2=1.9，值越大",
    "Suppose y = 2 * 3 = 6",
    "The smoothed average loss = 2 * 3 = 6",
    "Это и y = 2 * 3 = 6",
    "y $= 2 * 3 = 6$",
    "2 * 3 = $6$",
    "q = round(0.2/0.00235) = 85",
    "$\\sum_{i=1}^{3} i = 7$",
    "$v = [0.5 \\ 1.5] + [1 \\; 2] = [1.5 \\ 3.5]$",
    "a =  0.5   b = 2 * 3 = 6",
    "The point of XOR: a = 1, b = 0",
    "d = 2-5 = -3",
    "5-3 = 2",
    "The point of XOR: z = 1 + 1 - 0.5 = 1.5",
    "With two bits n = 2 * 2 = 4",
    "```\ny = 2 * 3 = 6\n\nL = (6 - 4)^2 = 4   <- how wrong it is\n```",
    "```\ny = 2 * 3 = 6\nL = (6 - 4)^2 = 4   <- how wrong it is\nd = 2 * 2 = 4\n```",
]


@pytest.mark.parametrize("text", CERTAIN)
def test_a_line_that_can_be_meant_in_one_way_is_certain(text: str) -> None:
    assert first_chain(text).is_certain, first_chain(text).doubts


DRAWN = """\
             1
    L = − ─ · (0·ln(0.5) + 1·ln(0.25)
             4
           + 1·ln(0.5))
      ≈ 0.519860
"""


def test_a_drawing_of_several_rows_is_no_row_of_slips() -> None:
    """The bar of a fraction belongs to the rows above and below it; a rule in words does not."""
    found = check_text(DRAWN, "txt", None).files[0].findings
    assert "slip" not in {each.verdict for each in found}
    (row,) = check_text("├────┤\n2 + 2 = 5\n", "txt", None).files[0].findings
    assert row.verdict == "slip"
