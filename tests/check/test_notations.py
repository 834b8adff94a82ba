"""Percent, logarithms with a base, norms, units, words: what is read, listed, or no calculation."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import re

import pytest

from tracer.check.model.finding import Finding
from tracer.document_check import check_text

RIGHT = [
    # percent
    "45/60 = 75 %",
    "准确率 = 3/4 = 75％",
    r"$\text{accuracy} = \frac{2}{3} = 66.7\%$",
    r"p = 3/4 = 75\%",
    "p = 15% + 25% = 40%",
    "100%-25%=75%",
    "x = 100 * (1 + 5%) = 105",
    "x = 1 - 20% = 0.8",
    "p = 12 ‰ * 3 = 36 ‰",
    "accuracy = 45/60 * 100 % = 75 %",
    "accuracy = 45/60 * 100 = 75 %",  # the sign only names the unit
    "错误率 = 100 - 92% = 8%",
    r"$\frac{45}{60} \times 100 = 75\%$",
    "20% of 50 = 10",
    "price = 100 - 20% = 80",  # of the 100
    "params = 3 * 400000 = 1.2 million",
    "参数量 = 3 × 4000 = 1.2 万",
    # logarithms
    r"$\log_{10} 1000 = 3$",
    r"$\log_2 8 = 3$",
    r"$-\log_2\left(\frac{1}{8}\right) = 3$",
    r"$\lg 1000 = 3$",
    "log2(8) = 3",
    "log₂8 = 3",
    "熵 H = -0.25 log₂ 0.25 - 0.75 log₂ 0.75 = 0.811",
    "log_5(25) = 2",
    "log_{10} 100 = 2",
    "lg(1000) = 3",
    "lg 8 = 3",  # where algorithms are counted
    # norms and absolute values
    r"$\|(3, 4)\| = 5$",
    r"$\left\lVert \begin{bmatrix} 3 \\ 4 \end{bmatrix} \right\rVert_2 = 5$",
    r"$\|(3, 4)\|_2^2 = 25$",
    r"$\|(3, -4)\|_1 = 7$",
    "||[3, 4]|| = sqrt(9 + 16) = 5",
    "范数 ‖(3, 4)‖₂² = 25",
    "|3 - 5| = 2",
    "||-3| - |-5|| = 2",
    "⌊(32 − 5)/2⌋ + 1 = 14",
    r"$\left\lceil \frac{5}{2} \right\rceil = 3$",
    # units
    "5 cm * 2 = 10 cm",
    "-3 m * 2 = -6 m",
    "t = 0.25 s * 2 = 0.5 s",
    "t = 3 * 4 = 12 ms",
    "v = 10 m / 2 s = 5 m/s",
    "area = 3 * 4 = 12 m²",
    "3 apples + 2 apples = 5 apples",
    "2 × 3 个 = 6 个",
    "总价 = 3 × 5 元 = 15 元",
    "3 元/个 × 4 个 = 12 元",
    r"$d = 5\,\mathrm{cm} \cdot 2 = 10\,\mathrm{cm}$",
    r"$F = 2\,\text{kg} \cdot 3\,\text{m}/\text{s}^2 = 6\,\text{N}$",
    r"$2 \times 3 \text{个} = 6 \text{个}$",
    "v = 0.5 × 0.02² / 0.001 = 0.2 m²/s",
    r"$t = 10 \times 0.3567 = \mathbf{3.567\ \text{min}}$",
    r"$p = \frac{3 \times 10^4}{10^2} = 3 \times 10^2\,\text{cm}^{-3}$",
    r"$v = 2 \times 4.95\ \mathrm{m/s} = 9.9\ \mathrm{m/s}$",
    "1.5e-17 * 300 = 4.5e-15",
    r"$d = \frac{120}{2}\ \text{km} = 60\ \text{km}$",
    "1 km = 1000 m",
    # counts
    # words
    "3 plus 4 equals 7",
    "2 * 3 is 6.",
    "We get 3 plus 4 = 7 as well.",
    "Then 2 times 3 is equal to 6, and the rest follows.",
    "10 divided by 4 is 2.5",
    "w times x = 0.5 times 3 = 1.5",
    "0.5 * 3 + 1 gives 2.5",
    "2 * (3 plus 4) is 14.",
    "Of the three, x mod 3 is one; 2 * 3 = 6.",
    "The sum of 3 and 4 is 7.",
    "3 times 5 gives 15 answers",
    "小明买了 2 乘以 3 得 6 个苹果",
    "3 加 4 等于 7",
    "所以 2 乘以 3 得 6。",
    "10 减去 4 得到 6",
    r"$2 \times 3$ equals $6$.",
    # what stands around and between
    r"$1\,000 \times 2 = 2\,000$",
    r"$z = 0{,}125 + 1 = 1{,}125$",
    r"$x = 1{,}500 \cdot 2 = 3$",
    r"$1{,}000 \times 2 = 2\,000$",
    r"$1{,}000{,}000 \times 2 = 2\,000\,000$",
    r"$y = 0{,}500 \cdot 0{,}500 = 0{,}250$",
    r"$\sigma(0{,}500) = 0{,}622$",
    r"$0{,}5 \cdot 3 = 1{,}5$",
    "2x10^3 = 2000",
    "(a) 2 * 3 = 6",
    "(3)(2) = 6",
    "    // z = 0.5 * 3 = 1.5",
    "max{2 * 3, 4} = 6",
    "L = (0.5 - 2)² = __2.25__",
    "[^1]: L = (0.5 - 2)^2 = 2.25",
    r"$z = \underbrace{0.5 \cdot 2}_{w \cdot x} + 0.1 = 1.1$",
    r"$0.5 \cdot 2 \stackrel{\text{def}}{=} 1$",
    r"$\begin{pmatrix} 0.1 & 0.2 \end{pmatrix} \begin{pmatrix} 1 \\ 2 \end{pmatrix} = 0.5$",
    r"$\frac{\begin{bmatrix} 3 \cdot 10^{-2} & 5 \end{bmatrix}}{0.1}"
    r" \begin{bmatrix} 1 \\ 2 \end{bmatrix} = 100.3$",  # a power of ten before the next entry
    r"$\mathrm{sum}(\begin{bmatrix} 1 & 2 \\ 3 & 6 \end{bmatrix}, \mathrm{axis}{=}0)"
    r" \begin{bmatrix} 1 \\ 2 \end{bmatrix} = 20$",  # in braces the sign is no relation
    "∂L/∂h = (∂L/∂h)_{via a} + (∂L/∂h)_{via b} = 2 + 3 = 5",
    "∂L/∂h = ∂L/∂h|₁ + ∂L/∂h|₂ = 2 + 3 = 5",
]

AMBIGUOUS = frozenset(
    (
        "1 km = 1000 m",  # metres are never a slip beside kilometres
        "p = 15% + 25% = 40%",
        "100%-25%=75%",
        "x = 100 * (1 + 5%) = 105",
        "x = 1 - 20% = 0.8",
        "p = 12 ‰ * 3 = 36 ‰",
        "accuracy = 45/60 * 100 % = 75 %",
        "accuracy = 45/60 * 100 = 75 %",
        "错误率 = 100 - 92% = 8%",
        r"$\frac{45}{60} \times 100 = 75\%$",
        "price = 100 - 20% = 80",
        "-3 m * 2 = -6 m",
        "t = 0.25 s * 2 = 0.5 s",
        "t = 3 * 4 = 12 ms",
        "v = 10 m / 2 s = 5 m/s",
        "area = 3 * 4 = 12 m²",
        "3 元/个 × 4 个 = 12 元",
        r"$F = 2\,\text{kg} \cdot 3\,\text{m}/\text{s}^2 = 6\,\text{N}$",
        "2 * (3 plus 4) is 14.",
        "Of the three, x mod 3 is one; 2 * 3 = 6.",
        "3 times 5 gives 15 answers",
        "小明买了 2 乘以 3 得 6 个苹果",
        r"$1\,000 \times 2 = 2\,000$",
        "$z = 0{,}125 + 1 = 1{,}125$",
        r"$x = 1{,}500 \cdot 2 = 3$",
        r"$1{,}000 \times 2 = 2\,000$",
        r"$1{,}000{,}000 \times 2 = 2\,000\,000$",
        "v = 0.5 × 0.02² / 0.001 = 0.2 m²/s",
        "5! = 120",
        "2x10^3 = 2000",
        "(a) 2 * 3 = 6",
    )
)
"""Right lines whose reading is not certain: with another result they are no proof of a slip."""

LISTED = [
    "7 % 3 = 1",
    "3/4 % = 0.0075",
    "30 + 45 = 75 %",
    r"$\|(3, 4)\|_p = 5$",
    r"$\|A\| = \left\| \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \right\| = 5.47$",
    "3 kg = 3 * 9.81 = 29.43 N",
    "3 加 4 乘以 2 得 14",
    "3 plus 4 times 2 equals 14.",
    "So 50% of 3 plus 4 is 3.5.",
    "In base 2, 1 plus 1 is 10.",
    "In base 2, $1 + 1 = 10$.",
    "在二进制中，1 + 1 = 10。",
    "So 11 plus 2 = 1 (mod 12).",
    "11 + 2 = 1 mod 12",
    "$11 + 2 = 1$ (mod 12)",
    "200 + 5% = 210",
    "x = 100 + 10% - 20% = 88",
    r"$80 - 25\% = 60$",
    "90% - 75% = 15 percentage points",
    "90% - 75% = 15 pp",
    "提高了 90% − 75% = 15 个百分点。",
    r"提高了 $90\% - 75\% = 15$ 个百分点。",
    "half of 8 = 4",
    "2 in * 3 = 6 in",
    "3 m + 1 = 2 m",
    "Steps 3 - 4 gives 2.",
    "7 mod 3 = 1",
    "11 ÷ 4 = 2 余 3",
    "³√27 = 3",
    "∛27 = 3",
    "2 × 3 × 4 = 4!",
    "x = 1{,}000 * 2 = 2{,}000",
    r"$\sqrt[3]{27} = 3$",
    r"$\left\lceil \frac{5}{2} \right\ceil = 3$",
]

SILENT = [
    "about 75 % of the samples",
    "page 3 of 4",
    "from 0.5 to 0.8",
    "it gives 3 reasons",
    "we get 3 samples from 4 groups",
    "Running it 3 times gives 5 results.",
    "第 3 步得到 4 个结果",
    "lr: 0.1 * 0.5 → 0.05",
    "32×32×3 → 10",
]


def entries(text: str) -> tuple[Finding, ...]:
    return tuple(check_text(text).files[0].findings)


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_line_is_read_and_right(text: str) -> None:
    assert [entry.verdict for entry in entries(text)] == ["correct"]


@pytest.mark.parametrize("text", RIGHT)
def test_the_same_line_with_another_result_is_never_right(text: str) -> None:
    """What is read is judged: a slip, but where the line may be meant in another way as well."""
    *_, figure = re.finditer(r"(?<![\d.,])(?<!\\,)\d+(?:\.\d+)?(?![\d}^]*[}^\d])", text)
    digit = str((int(figure[0][0]) + 4) % 9 + 1)
    wrong = text[: figure.start()] + digit + text[figure.start() + 1 :]
    expected = "undecided" if text in AMBIGUOUS else "slip"
    assert [entry.verdict for entry in entries(wrong)] == [expected]


@pytest.mark.parametrize("text", LISTED)
def test_what_may_be_meant_otherwise_is_listed_with_place_and_reason(text: str) -> None:
    (entry,) = entries(text)
    assert entry.verdict in ("not_checked", "undecided")
    assert (entry.line, entry.message is not None) == (1, True)


@pytest.mark.parametrize("text", SILENT)
def test_a_sentence_with_numbers_in_it_is_no_calculation(text: str) -> None:
    assert not entries(text)


@pytest.mark.parametrize(
    ("text", "written", "expected"),
    [
        ("p = 3/4 = 70 %", "70 %", "75 %"),
        ("p = 3/4 = 0.75%", "0.75%", "75.00%"),
        ("准确率 = 3/4 = 70％", "70％", "75％"),
        (r"$p = \frac{3}{4} = 70\%$", r"70\%", r"75\%"),
    ],
)
def test_a_percentage_is_repaired_as_one(text: str, written: str, expected: str) -> None:
    (entry,) = entries(text)
    assert (entry.written, entry.expected) == (written, expected)


@pytest.mark.parametrize(
    "text", ["q = 100 % - p = 100 - 75 = 25 %", r"$q = 100\,\% - p = 100 - 75 = 25\,\%$"]
)
def test_a_name_beside_100_may_be_a_percentage(text: str) -> None:
    verdicts = [entry.verdict for entry in entries(f"p = 3/4 = 75 %\n\n{text}")]
    assert verdicts == ["correct", "undecided"]


@pytest.mark.parametrize("letter", [r"\theta", r"\varphi", r"\Theta"])
def test_a_greek_letter_with_a_number_behind_it_is_one_name(letter: str) -> None:
    text = (
        f"${letter}1 = 0.5, {letter}12 = 2$\n\n$s = {letter}1 \\cdot {letter}12 = 0.5 \\cdot 2 = 1$"
    )
    assert [entry.verdict for entry in entries(text)] == ["correct"]
    (wrong,) = entries(text.replace("0.5 \\cdot 2", "0.5 \\cdot 4").replace("= 1$", "= 2$"))
    assert (wrong.verdict, wrong.written, wrong.expected) == ("slip", "4", "2")


def test_a_name_after_a_number_is_no_unit() -> None:
    """`m` is a factor where the result has none, and where it stands alone as well."""
    text = "m = 0.9, g = 2\n\nm = 0.9 m + 0.1 g = 0.9 * 0.9 + 0.1 * 2 = 1.01"
    assert {entry.verdict for entry in entries(text)} == {"correct"}


def test_a_value_in_seconds_is_not_compared_with_milliseconds() -> None:
    text = "t = 0.5 s * 1 = 0.5 s\n\nx = 2 * t = 2 * 500 ms = 1000 ms"
    assert [entry.verdict for entry in entries(text)] == ["correct", "undecided"]


@pytest.mark.parametrize(
    "text",
    [
        "代入 w = 0.5 得 z = 0.5 × 2 = 1",
        "z = 0.5 × 2 = 1 得 0.73",
        "x = 3 gives y = 2 * 3 = 6",
        "y is 3 times 4 = 12",
        "The image is 28 × 28 = 784 pixels.",
        "A kernel of 3 × 3 is 2 pixels wider than 1 * 1 = 1.",
    ],
)
def test_a_word_between_two_equations_is_no_equals_sign(text: str) -> None:
    assert [entry.verdict for entry in entries(text)] == ["correct"]


@pytest.mark.parametrize(
    "text", ["第 2 步 = 0.5 × 2 = 1", "每个样本 2 个特征，10 个样本共 10 × 2 = 20 个数。"]
)
def test_a_number_before_chinese_words_is_not_always_a_quantity(text: str) -> None:
    assert [entry.verdict for entry in entries(text)] == ["correct"]


REMARKS = [
    "45/60 = 0.75 (75 %)",
    "The accuracy is 45/60 = 0.75 (75 %).",
    "准确率 45/60 = 0.75（75%）。",
    "p = 1/4 = 0.25 (1/4)",
    "2/3 = 0.667 (0.6667)",
    "9/4 = 2.25 (2.3)",
    "Cd = 0.50 × 1.06 = 0.53 (+6%)",
    r"$\frac{45}{60} = 0.75\ (75\,\%)$",
]


@pytest.mark.parametrize("text", REMARKS)
def test_brackets_that_repeat_the_result_are_a_remark(text: str) -> None:
    assert [entry.verdict for entry in entries(text)] == ["correct"]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("45/60 = 0.70 (70 %)", "slip"),
        ("x = 0.25 = 0.5 (0.5)", "correct"),  # the product holds
        ("x = 0.35 = 0.5(0.9)", "undecided"),
        ("price = 80 - 16 = 64 (20 %)", "correct"),
        ("x = 2 (3) + 1 = 7", "correct"),
    ],
)
def test_brackets_that_may_be_a_factor_are_read_as_one_or_listed(text: str, verdict: str) -> None:
    assert [entry.verdict for entry in entries(text)] == [verdict]


@pytest.mark.parametrize(
    "text",
    [
        "3 plus 4 equals 7",
        "3 plus 4 equals 8",
    ],
)
def test_the_report_quotes_words_for_signs_as_they_were_written(text: str) -> None:
    assert [entry.text for entry in entries(f"So {text}.")] == [text]
