"""Lines that show figures without working: the run tells what they are, by where they stand."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

import tracer
from tracer.check.model.statements import WorkedDocument
from tracer.check.read.rows_of_figures import rows_of_figures

LOG = """\
step 0  loss 2.2500  grad -3.000  w 0.800
step 1  loss 1.4400  grad -2.400  w 1.040
step 2  loss {loss}  grad -1.920  w 1.232
"""
EPOCHS = """\
Epoch 1/10 - penalty: 0.5014
Epoch 2/10 - penalty: 0.4740
Epoch 3/10 - penalty: 0.4466
Epoch 5/10 - penalty: {figure}
Epoch 10/10 - penalty: 0.3009
"""
WITH_ERRORS = """\
0 0.500 0.500 -1.500 2.250 -3.000 0.800
1 0.800 0.800 -1.200 1.440 -2.400 1.040
2 1.040 1.040 -0.960 0.922 -1.920 1.232
"""
TABLE = """\
| which input is on | first hidden | second hidden | says |
|---|---|---|---|
| neither | 0.0000 | 0.1974 | 0.5197 |
| only the second | 0.7163 | -0.3799 | 0.5865 |
| only the first | 0.4621 | -0.5370 | 0.5271 |
| both | 0.8854 | {figure} | 0.5711 |
"""


def verdicts(text: str, scenario: str) -> list[tuple[int, str]]:
    """Return the line and the verdict of each finding."""
    report = tracer.check_text(text, scenario=scenario)
    return [(finding.line, finding.verdict) for finding in report.files[0].findings]


@pytest.mark.parametrize(
    ("text", "scenario", "right"),
    [
        (LOG.format(loss="0.9216"), "one_weight", [1, 2, 3]),
        (LOG.format(loss="0.9216").replace(".", ","), "one_weight", [1, 2, 3]),
        (TABLE.format(figure="-0.8337"), "xor", [3, 4, 5, 6]),
        (EPOCHS.format(figure="0.3948"), "batch_norm", [1, 2, 3, 4, 5]),
        (WITH_ERRORS, "one_weight", [1, 2, 3]),
        ("```\n[ 0.5832  0.2916  0.1251]\n```", "softmax_example", [2]),
        (">>> softmax(z)\narray([0.5832, 0.2916, 0.1251])", "softmax_example", [2]),
        ("Out[3]: [0.5832, 0.2916, 0.1251]", "softmax_example", [1]),
        ("The cat gets 0.5832, the dog 0.2916 and the bird 0.1251.", "softmax_example", [1]),
        ("三类的概率：0.5832、0.2916、0.1251", "softmax_example", [1]),
        ("share,0.5832,0.2916,0.1251", "softmax_example", [1]),
        ("q = [0.5832, 0.2916, 0.1251]", "softmax_example", [1]),  # a name of the writer's own
        ("delta_out = (-0.0768, 0.0707)\nstep 0.0111", "mlp_2_2_2", [1]),
    ],
)
def test_figures_are_right_where_the_run_has_them(
    text: str, scenario: str, right: list[int]
) -> None:
    """A line is right where all its figures with decimals stand in the run, whatever words say."""
    assert verdicts(text, scenario) == [(line, "correct") for line in right]


@pytest.mark.parametrize(
    "text",
    [
        "The cat gets 0.58.",  # so few digits meet one of many numbers
        "The share is 0.5832 - 0.2916 of the cat",
        "shares 0.5832 0.2916 0.4444 0.5555",
        "ln 0.5832, ln 0.2916, ln 0.1251",
        "58.32 %, 29.16 %, 12.51 %",
        "The bird gets 0.1251, the dog 0.2916 and the cat 0.5832.",  # in another order
    ],
)
def test_nothing_is_said_where_the_run_does_not_tell(text: str) -> None:
    """A coarse figure, another name's, a calculation and other figures leave a line unsaid."""
    assert not [
        each for each in verdicts(text, "softmax_example") if each[1] in ("correct", "slip")
    ]


def test_a_repeated_line_may_have_been_copied() -> None:
    """Who writes a line twice may have meant other figures the second time."""
    line = "weights 0.5832 0.2916 0.1251\n"
    assert verdicts(line + line.replace("weights", "gradient"), "softmax_example") == [
        (1, "correct")
    ]


@pytest.mark.parametrize(
    ("text", "scenario", "line", "corrected"),
    [
        (LOG.format(loss="0.9126"), "one_weight", 3, "loss 0.9216 "),
        (
            "delta_out = (-0.0768, 0.0707)\nW2_new = [[0.7215, -0.4806], [-0.3189, 0.1821]]",
            "mlp_2_2_2",
            2,
            "[-0.3198, 0.1821]",
        ),
        (TABLE.format(figure="-0.8854"), "xor", 6, "| -0.8337 |"),
        (EPOCHS.format(figure="0.3984"), "batch_norm", 4, "penalty: 0.3948"),
        ("outputs 0.6900 0.6959 0.6571 0.6719 0.6619", "deep_sigmoid", 1, "59 0.6517 0.67"),
        ("new weights: 0.1055 -0.2037 0.4039 0.3026", "mlp_2_2_2", 1, "0.1055 -0.2037 0.3961 0.3"),
    ],
)
def test_one_figure_among_those_of_the_run_is_a_slip(
    text: str, scenario: str, line: int, corrected: str
) -> None:
    """The others say what the row, or the column, is; so what belongs in its place is known."""
    (finding,) = [
        each
        for each in tracer.check_text(text, scenario=scenario).files[0].findings
        if each.verdict == "slip"
    ]
    assert (finding.line, corrected in (finding.suggestion or "")) == (line, True)


def test_a_list_that_stays_undecided_is_said_once() -> None:
    """Neither its name nor its figures tell it: behind a slip it may follow from that."""
    text = """output = (0.5804, 0.4833)

delta_out = (-0.0768, 0.0707)
grad_W2 = [[-0.0430, -0.0388], [0.0396, 0.0375]]
"""
    assert verdicts(text, "mlp_2_2_2") == [(1, "slip"), (3, "correct"), (4, "undecided")]


def test_coarse_figures_prove_no_slip() -> None:
    """Four of five figures with one decimal are those of some row by chance."""
    assert verdicts("row -0.3 0.7 0.4 0.2 -0.2", "rnn_language_model") == []


def test_behind_a_slip_it_may_follow_from_that() -> None:
    """A log that goes on from a slip has other figures than the run, rightly."""
    slip = "With w = 0.5: the loss is L = (w*1 - 2)**2 = (0.5*1 - 2)**2 = 2.52\n\n"
    found = verdicts(slip + LOG.format(loss="0.9126"), "one_weight")
    assert [line for line, verdict in found if verdict == "slip"] == [1]


@pytest.mark.parametrize(
    "line",
    ["0.5 * 2 + 0.1", "a 0.5 × b 0.2", "2^3", "w1 and w2", "about 0.5% of 3%", "1, ln 0.5", "-"],
)
def test_what_is_worked_is_no_row_of_figures(line: str) -> None:
    """Lines that calculate are read as such, or not at all."""
    assert not [*rows_of_figures(WorkedDocument("<lines>", "txt", [line], ()))]


@pytest.mark.parametrize(
    ("line", "figures"),
    [
        ("| 1 | 0.50 | -0.3 |", ["1", "0.50", "-0.3"]),
        ("[[ 0.5 -0.3]", ["0.5", "-0.3"]),
        ("Epoch 3/10 - loss: 0.4466 - w: [1.1 1.2]", ["3", "10", "0.4466", "1.1", "1.2"]),
        ("[1] -1.20  1.44", ["-1.20", "1.44"]),
        (r"\begin{pmatrix} 0.5 & −2e-3 \\ .25 & 4 \end{pmatrix}", ["0.5", "−2e-3", ".25", "4"]),
        ("w1 -> 0.608, w2 -> 0.946", ["0.608", "0.946"]),
    ],
)
def test_the_figures_of_a_row(line: str, figures: list[str]) -> None:
    """Figures are read as people set them out, with their signs and without labels."""
    (row,) = rows_of_figures(WorkedDocument("<lines>", "txt", [line], ()))
    assert [text.text for text in row.texts] == figures


def printed_rows(scenario: str, digits: int) -> Iterator[str]:
    """Yield what a run has in its first iterations, a line for each row of a quantity."""
    trace = tracer.load(scenario).run()
    for number in range(1, min(len(trace), 3) + 1):
        iteration = trace.iteration(number)
        for equation in iteration.built.program.equations:
            values = iteration.floats(equation.name)
            shape = iteration.shape(equation.name)
            size = shape[-1] if shape else 1
            for first in range(0, min(len(values), 64), max(size, 1)):
                row = values[first : first + size][:12]
                yield "row " + "  ".join(f"{value:.{digits}f}" for value in row)


@pytest.mark.parametrize("digits", [3, 4, 6])
@pytest.mark.parametrize(
    "scenario",
    ["one_weight", "linear_regression", "xor", "self_attention", "rnn_step", "batch_norm"],
)
def test_what_a_run_prints_of_itself_is_no_slip(scenario: str, digits: int) -> None:
    """In whatever order its rows stand, and with whatever left out."""
    rows = [*printed_rows(scenario, digits)]
    source = random.Random(digits)
    for _ in range(2):
        source.shuffle(rows)
        found = verdicts("\n\n".join(rows), scenario)
        assert "slip" not in {verdict for _, verdict in found}
        assert digits < 4 or len(found) > len(rows) / 4
