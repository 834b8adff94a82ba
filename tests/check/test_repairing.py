"""A repaired file differs from the written one in its wrong figures only, byte for byte."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.check.judge.chain_findings import with_brackets
from tracer.check.model.finding import Finding
from tracer.check.repairing import repair_text, repair_throughout
from tracer.cli import main
from tracer.document_check import check_text

# What is wrong stands in braces: what is written, and what belongs there.
LINES = """# Notes\tand tabs

x = 1, y = 2, w = 0.5, lr = 0.1

ŷ = w * x = 0.5 * 1 = {0.6>0.5}, L = (ŷ - y)² = (0.5 - 2)² = {2.52>2.25}
\tthe\tgradient: dL/dw = 2 * (ŷ - y) * x = 2 * (0.5 - 2) * 1 = {3.0>-3.0}\x20\x20

p = 0.5 * 4 = {3>2}; q = 2 * 3 = {7>6} and s = 0.5 * 8 = 4

| a | b |
|---|---|
| p = 0.5 * 5 = {2.9>2.5} | q = 2 * 5 = {11>10} |

v = 2 * [0.5, 0.3, 0.1] = [{-1.0>1.0}, {-0.6>0.6}, {-0.2>0.2}]

权重：w₂ = 0.5 − 0.1·(−3) = {0.9>0.8}。 😀 Done: r = 0.5 * 6 = {4>3}"""
ENDS = {"lines": "\n", "lines of Windows": "\r\n", "lines of old": "\r"}


def versions() -> tuple[str, str]:
    """Return the text as it is written, and as it should be."""
    written, right = [], []
    for part in LINES.split("{"):
        figure, _, rest = part.partition("}")
        wrong, _, belongs = figure.partition(">")
        written.append(wrong + rest if belongs else part)
        right.append(belongs + rest if belongs else part)
    return "".join(written), "".join(right)


@pytest.mark.parametrize(
    ("name", "mark", "last", "end"),
    [
        ("notes.md", "", "", "lines"),
        ("notes.txt", "\ufeff", "\n", "lines of Windows"),
        ("notes.md", "", "\n", "lines of old"),
    ],
)
def test_only_the_figures_change(
    name: str,
    last: str,
    mark: str,
    end: str,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    written, right = (
        (mark + (text + last).replace("\n", ENDS[end])).encode("utf-8") for text in versions()
    )
    path, out = tmp_path / name, tmp_path / "out"
    path.write_bytes(written)
    assert main(["check", str(path), "--fix", "-o", str(out), "--lang", "en"]) == 1
    assert out.read_bytes() == right
    assert path.read_bytes() == written
    capfdbinary.readouterr()
    assert main(["check", str(path), "--fix", "--lang", "en"]) == 1
    assert capfdbinary.readouterr().out == right
    assert main(["check", str(path), "--fix", "--in-place", "--lang", "en"]) == 1
    assert path.read_bytes() == right


@pytest.mark.parametrize("kind", ["md", "txt"])
def test_cells_of_a_row_are_equations_of_their_own(kind: str) -> None:
    """A bar before an equation is a border, not the sign of an absolute value."""
    text = "| p = 0.5 * 3 = 1.5 | q = 2 * 5 = 10 |\n\na = |0.5 - 2| = 1.5\n"
    (report,) = check_text(text, kind).files
    assert [entry.verdict for entry in report.findings] == ["correct"] * 3


def slips(text: str, scenario: str = "one_weight") -> list[Finding]:
    (file,) = check_text(text, scenario=scenario).files
    return [entry for entry in file.findings if entry.verdict == "slip"]


@pytest.mark.parametrize(
    "line",
    ["L = (ŷ - y)² = 9", "L = (ŷ - y)² = (0.5 - 2)² = 9", "dL/dw = 3"],
)
def test_a_corrected_line_is_right(line: str) -> None:
    """Beside a run nothing that is called corrected is wrong."""
    (entry,) = slips(line)
    corrected = entry.suggestion
    assert corrected is not None
    assert not slips(corrected)


def test_an_expression_is_not_replaced_by_a_number() -> None:
    """What ends in an expression is not certain: it may go on where nobody reads."""
    text = "p = 0.5 * 3 = 2 * 5\n"
    (report,) = check_text(text).files
    assert [entry.verdict for entry in report.findings] == ["undecided"]
    assert repair_text(text, report) == text


REPAIRED = {
    "k = 0.2 - 0.5547 ≈ **-0.0773**": "k = 0.2 - 0.5547 ≈ **-0.3547**",
    "55^2 * 96 = 290,500": "55^2 * 96 = 290400",
    "2 * 600 = 1,300": "2 * 600 = 1200",
    "0.5 * 4 = 3 < 5": "0.5 * 4 = 2 < 5",
    "x = 3, e = -0.4\n\ng = e * x = (-0.4)(0.2) = -0.08": (
        "x = 3, e = -0.4\n\ng = e * x = (-0.4)(3) = -1.20"
    ),
}


@pytest.mark.parametrize(("text", "right"), REPAIRED.items())
def test_a_repair_takes_a_whole_figure_and_what_follows_from_it(text: str, right: str) -> None:
    assert repair_text(text, check_text(text).files[0]) == right


def test_a_repair_that_leaves_a_slip_in_its_chain_is_not_offered() -> None:
    """The results after it follow in ways of their own."""
    text = "x = 3, e = -0.4\n\ng = e * x = (-0.4)(0.2) = (-0.4)/5 = -0.08"
    report = check_text(text).files[0]
    assert [each.suggestion for each in report.findings if each.verdict == "slip"] == [None]
    assert repair_text(text, report) == text


FOLLOWING = """w = 0.5, x = 2

y = w * x = 0.5 * 2 = {y}

L = (y - 3)**2 = ({y} - 3)**2 = {L}

g = 2*(y - 3) = 2*({y} - 3) = {g}

h = g * x = {g} * 2 = {h}
"""


def test_what_follows_from_a_repaired_figure_is_repaired_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Line by line, each from the one before."""
    path = tmp_path / "notes.md"
    path.write_text(FOLLOWING.format(y="1.2", L="3.24", g="-3.6", h="-7.2"))
    main(["check", str(path), "--fix", "--lang", "en"])
    printed = capsys.readouterr()
    assert printed.out == FOLLOWING.format(y="1.0", L="4.00", g="-4.0", h="-8.0")
    assert "left as it is" not in printed.err


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("z = 4*y = 1.25 + 3*1.25 = 5", "z = 4*y = 1.00 + 3*1.00 = 4"),
        ("$z = 4 y = 4 \\cdot 1.25 = 5$", "$z = 4 y = 4 \\cdot 1.00 = 4$"),
        ("z = 4*y + 1.25 = 4*1.25 + 1.25 = 6.25", "z = 4*y + 1.25 = 4*1.00 + 1.25 = 5.25"),
        ("z = 4*y = 5", "z = 4*y = 4"),
        ("z = 4*y = 4 times 1.25 = 5", "z = 4*y = 4 times 1 = 4"),
        ("z = 4*y = 4*5/4 = 5", None),
        ("z = y^2 = (5/4)^2 = 25/16", None),
        ("z = y/1.25 = 1.25/1.25 = 1", "z = y/1.25 = 1.00/1.25 = 0.8"),
    ],
)
def test_what_follows_from_a_repaired_figure_is_repaired_or_named(
    line: str, right: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that has not the figure that was repaired is left and named; a constant stays."""
    path = tmp_path / "notes.md"
    path.write_text(f"y = 0.5 * 2 = 1.25\n\n{line}\n")
    main(["check", str(path), "--fix", "--lang", "en"])
    printed = capsys.readouterr()
    assert printed.out == f"y = 0.5 * 2 = 1.00\n\n{right or line}\n"
    said = "left unchanged, as these lines follow from repaired ones: 3"
    assert (said in printed.err) == (right is None)


def test_a_stated_value_is_printed_as_it_is_known() -> None:
    (finding,) = (
        check_text("w2 = 0.6, h = 0.5\n\nq = w2 * h = 0.6500 * 0.5 = 0.325").files[0].findings
    )
    assert finding.expected == "0.6"


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("(a - t) z (1 - z)", "a - t) z (1 - z", "(a - t) z (1 - z)"),
        ("2 (a + b)", "a + b", "a + b"),
        ("f(a)(b)", "f(a)(b", "f(a)(b)"),
    ],
)
def test_a_part_that_is_marked_has_its_brackets(text: str, part: str, whole: str) -> None:
    start = text.index(part)
    first, last = with_brackets(text, start, start + len(part))
    assert text[first:last] == whole


def test_a_negative_figure_has_the_minus_of_the_text_and_brackets_behind_a_sign() -> None:
    text = "w = 0.5, x = 2, y = 3\n\np = w · x = 1\ne = p − y = 1 − 3 = 2\ng = 2 · e = 2 · 2 = 4"
    (file,) = check_text(text, "txt").files
    fixed, left = repair_throughout(text, file, lambda text: check_text(text, "txt").files[0])
    assert fixed.splitlines()[-2:] == ["e = p − y = 1 − 3 = −2", "g = 2 · e = 2 · (−2) = −4"]
    assert not left
