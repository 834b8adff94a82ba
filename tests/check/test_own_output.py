"""What tracer prints passes its own checker: nothing is flagged, and nothing is left unread."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Literal

import pytest

from tests.case_lists import CHOSEN, crossed
from tracer.document_check import check_text
from tracer.narrative.catalogue import catalogue
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.program.scenario import bundled, load
from tracer.render.html import html
from tracer.render.latex import latex
from tracer.render.markdown import markdown
from tracer.render.plain import plain
from tracer.run.runner import run_scenario

# The full networks are large; what their small forms print is the same.
SCENARIOS = [name for name in bundled() if not name.endswith("_full")]
REFERENCES = Path(__file__).parents[1] / "references"
WRITERS = {"md": markdown, "tex": latex, "html": html}
# Of a formula in the words of a scenario, and of its numbers alone, is not said which quantity
# they are. What 28 left-out terms of a sum come to is no figure of the run.
UNDECIDED = {"one_weight_sum": 2, "four_layer_classifier": 1}
Notation = Literal["textbook", "code"]
NOTATIONS: tuple[Notation, ...] = ("textbook", "code")
WAYS: dict[str, tuple[bool, str, Notation]] = {
    f"{'beside its run' if is_known else 'alone'}, {kind}, {notation}": (is_known, kind, notation)
    for is_known, kind, notation in product((False, True), WRITERS, NOTATIONS)
    if (kind, notation) != ("html", "code")  # it has the formulas of the others
}


@lru_cache(8)
def printed(name: str, kind: str, notation: Notation, language: str) -> str:
    """Return the derivation of a scenario."""
    trace = run_scenario(load(name), record="checkpoints")  # a whole record may take a gigabyte
    blocks = derivation(trace, Options(notation=notation))
    return "".join(WRITERS[kind](blocks, notation_of(trace), catalogue(language)))


@pytest.mark.parametrize(
    ("name", "way"),
    crossed(SCENARIOS, WAYS, CHOSEN),
)
def test_own_derivations_pass(name: str, way: str, report_proof: Callable[[str], None]) -> None:
    """With its scenario and without, no line is a slip, and every worked line is read.

    Large arrays are not printed: without the scenario, what is made from them cannot be checked.
    """
    is_known, kind, notation = WAYS[way]
    text = printed(name, kind, notation, "en")
    (report,) = check_text(text, kind, name if is_known else None).files
    found = [
        (item.line, item.verdict, item.text)
        for item in report.findings
        if item.verdict in ("slip", "carried_forward", "not_checked")
        and (is_known or item.reason != "unknown_quantity")
    ]
    assert found == []
    assert report.convention is None
    counts = report.counts()
    right = counts["correct"]
    assert right or not is_known
    if is_known and kind in ("md", "html") and notation == "textbook":
        assert counts["undecided"] <= UNDECIDED.get(name, 0)
    report_proof(f"derivation of {name}, {way}: {right} lines right")


@pytest.mark.parametrize("name", ["rnn_step", "softmax_example", "losses"])
def test_each_line_of_a_page_that_follows_one_entry_is_right(name: str) -> None:
    """What has a sign in print only, such as a share of a gradient, is known beside the run."""
    trace = run_scenario(load(name), record="checkpoints")
    parameter = next(iter(trace.program.parameters))
    places = ", ".join("0" for _ in trace.iteration(1).shape(parameter))
    blocks = derivation(trace, Options(focus=f"{parameter}[{places}]" if places else parameter))
    (report,) = check_text("".join(markdown(blocks, notation_of(trace))), "md", name).files
    found = [(item.line, item.text) for item in report.findings if item.verdict != "correct"]
    assert report.findings
    assert found == []


@pytest.mark.parametrize("name", ["one_weight", "mlp_2_2_2"])
def test_each_line_of_a_chinese_page_is_right(name: str) -> None:
    """Beside its run nothing is open there either: signs that hold words are known by both."""
    (report,) = check_text(printed(name, "md", "textbook", "zh"), "md", name).files
    found = [(item.line, item.text) for item in report.findings if item.verdict != "correct"]
    assert report.findings
    assert found == []


TEXTS = [
    *((name, "en") for name in ("one_weight", "mlp_2_2_2", "rnn_step", "self_attention")),
    *((name, "zh") for name in ("one_weight", "mlp_2_2_2", "rnn_step")),
]


@pytest.mark.parametrize(("text", "is_known"), crossed(TEXTS, [False, True], TEXTS[:-1]))
def test_plain_text_and_chinese_pass_too(text: tuple[str, str], is_known: bool) -> None:
    """In plain text and in Chinese no line of a derivation is flagged or left unread."""
    name, language = text
    trace = run_scenario(load(name), record="checkpoints")
    lines = plain(derivation(trace, Options()), notation_of(trace), catalogue(language))
    (report,) = check_text("\n".join(lines), "txt", name if is_known else None).files
    assert {item.verdict for item in report.findings} <= {"correct", "undecided", "rounding"}
    assert report.counts()["correct"]


DRAWN = """\
[data]
X = [[1, -1], [0.5, 2]]
target = [[1], [0]]
[parameters]
W = {shape = [2, 2], init = "normal", std = 0.5, seed = 1}
b = {shape = [2], init = "zeros"}
v = {shape = [2, 1], init = "normal", std = 0.5, seed = 2}
[network]
equations = '''
h = relu(X @ W + b)
out = h @ v
loss = mse(out, target)
'''
loss = "loss"
[training]
learning_rate = 0.1
iterations = 1
"""


@pytest.mark.parametrize(("digits", "is_known"), [*product([3, 4], [True, False])])
def test_few_digits_of_drawn_numbers_are_no_other_numbers(
    tmp_path: Path, digits: int, is_known: bool
) -> None:
    """They are printed as rounded: beside their run each line is right, and alone none is wrong."""
    path = tmp_path / "drawn.toml"
    path.write_text(DRAWN)
    trace = run_scenario(load(str(path)))
    text = "".join(markdown(derivation(trace, Options(digits=digits)), notation_of(trace)))
    (report,) = check_text(text, "md", str(path) if is_known else None).files
    allowed = {"correct"} if is_known else {"correct", "undecided"}
    assert {item.verdict for item in report.findings} <= allowed
    assert report.counts()["correct"] > 10


@pytest.mark.parametrize("name", ["embedding_with_repeats", "powers_and_quotients"])
def test_each_line_of_a_page_with_many_choices_is_right(name: str) -> None:
    """A function has one value at all its jumps: each further 1[i = j] does not double the work."""
    path = str(REFERENCES / f"{name}.toml")
    (report,) = check_text(printed(path, "md", "textbook", "en"), "md", path).files
    assert {item.verdict for item in report.findings} == {"correct"}


NESTED = r"""
$$e = \begin{bmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \\ 7 & 8 & 9 \end{bmatrix}$$

$$r = \sum_{i = 1}^{3} \left(\frac{e}{\sum_{i = 1}^{3} e_{{\cdot}i}}\right)_{{\cdot}i}
= \begin{bmatrix} 1 \\ 1 \\ 1 \end{bmatrix}$$
"""


PARTS = """\
[data]
a = [1, 0.5]
[parameters]
W = [[0.5, -0.3], [0.2, 0.7]]
[network]
equations = '''
u = W @ a
d = sum(u**2) * 2 / (1 - 0.5)
loss = (1 - d)**2 + relu(0.5 - d)**2
'''
[training]
learning_rate = 0.1
iterations = 1
"""


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_part_of_an_operation_is_no_entry_of_a_quantity(
    tmp_path: Path, notation: Notation
) -> None:
    """What is worked out on the way to ∂L/∂u is no u₁, and a quotient of parts no derivative."""
    path = tmp_path / "parts.toml"
    path.write_text(PARTS)
    trace = run_scenario(load(str(path)))
    blocks = derivation(trace, Options(notation=notation, detail="operation"))
    text = "".join(markdown(blocks, notation_of(trace, operations=True)))
    (report,) = check_text(text, "md", str(path)).files
    verdicts = {item.text: item.verdict for item in report.findings}
    assert {*verdicts.values()} <= {"correct", "undecided"}, verdicts


SLICED = """\
[data]
x = [[1, 2, -1], [0.5, -1, 3]]
y = [[0.2], [0.7]]
[parameters]
W = [[0.5, -0.3], [0.2, 0.7]]
V = [[0.4, -0.6, 0.1], [0.3, 0.8, -0.5]]
s = [0.1, -0.2]
c = [0.3, 0.4]
[network]
equations = '''
a = x[:, 0]
h = W @ a + x[:, 2]
joined = concat([s, c])
top = joined[:2]
u = V[:, 1] * h
v = tanh(u + top)
q = v * joined[2:4]
p = sigmoid(q + (x[:, 1:] @ s)[0:2])
loss = mse(p, y[:, 0]) + W[0, 1]**2 * joined[3]
'''
[training]
learning_rate = 0.1
iterations = 1
"""
FORMS_OF_SLICES: tuple[tuple[str, Options], ...] = (
    ("en", Options()),
    ("zh", Options()),
    ("en", Options(notation="code")),
    ("en", Options(detail="operation")),
    ("en", Options(focus="V[0, 1]")),
    ("en", Options(focus="c[1]")),
)


@pytest.mark.parametrize(("language", "options"), FORMS_OF_SLICES)
def test_rows_columns_and_ranges_are_read_back(
    tmp_path: Path, language: str, options: Options
) -> None:
    """So are the zeros around what comes back to them; an entry with other uses has a share."""
    path = tmp_path / "sliced.toml"
    path.write_text(SLICED)
    trace = run_scenario(load(str(path)))
    notation = notation_of(trace, operations=options.detail == "operation")
    text = "".join(markdown(derivation(trace, options), notation, catalogue(language)))
    (report,) = check_text(text, "md", str(path)).files
    found = [(item.line, item.text) for item in report.findings if item.verdict != "correct"]
    assert report.findings
    assert found == []


@pytest.mark.parametrize(("precision", "mask"), [("float64", "-800"), ("float32", "-120")])
def test_a_share_that_floats_have_as_0_is_right(tmp_path: Path, precision: str, mask: str) -> None:
    """Behind a mask e⁻⁸⁰⁰ is no 0; the run has 0, and its page says so."""
    path = tmp_path / "masked.toml"
    path.write_text(
        f'dtype = "{precision}"\n[data]\nm = [[0, {mask}], [0, 0]]\n[parameters]\n'
        "S = [[0.5, 0.2], [0.1, 0.4]]\n[network]\nequations = '''\nZ = S + m\nA = softmax(Z)\n"
        "loss = sum(A**2)\n'''\n[training]\nlearning_rate = 0.1\niterations = 1\n"
    )
    trace = run_scenario(load(str(path)))
    text = "".join(markdown(derivation(trace, Options(focus="A[0, 1]")), notation_of(trace)))
    assert r"\approx 0" in text
    (report,) = check_text(text, "md", str(path)).files
    assert {item.verdict for item in report.findings} == {"correct"}


def test_sums_over_one_letter_stand_within_each_other() -> None:
    """The first term of the outer one is a term too, and a vector goes with each column."""
    (report,) = check_text(NESTED, "md").files
    assert [item.verdict for item in report.findings][-1] == "correct"
    wrong = NESTED.replace(r"1 \\ 1 \\ 1 \end", r"1 \\ 1 \\ 2 \end")
    (report,) = check_text(wrong, "md").files
    assert [item.verdict for item in report.findings][-1] == "slip"


LISTED = r"""
$$A = \left[\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}, \begin{bmatrix} 5 & 6 \\ 7 & 8 \end{bmatrix}\right]$$

$$B = 2\,A_{2} = \begin{bmatrix} 10 & 12 \\ 14 & 16 \end{bmatrix}$$
"""  # noqa: E501


SHARE = r"\left(\frac{\partial L}{\partial y_1}\right)_{\text{via } s_1}"


@pytest.mark.parametrize(
    "line",
    [
        rf"2\,{SHARE}^{{\top}} = \begin{{bmatrix}} 1 & -0.6 \end{{bmatrix}}",
        rf"{SHARE}^{{2}} = \begin{{bmatrix}} 0.25 \\ 0.09 \end{{bmatrix}}",
    ],
)
def test_what_stands_above_a_share_of_a_gradient_is_none_of_its_name(line: str) -> None:
    """Its words below are: it may be turned, or raised."""
    text = rf"$${SHARE} = \begin{{bmatrix}} 0.5 \\ -0.3 \end{{bmatrix}}$$" + f"\n\n$$r = {line}$$"
    (report,) = check_text(text, "md").files
    assert [item.verdict for item in report.findings] == ["correct"]


LOOKED_UP = r"""
$$E = \begin{bmatrix} 0.5 & -0.3 \\ 0.2 & 0.6 \\ -0.7 & 0.4 \end{bmatrix}$$

$$s = \begin{bmatrix} 2 \\ 0 \end{bmatrix}$$

$$x = E_{s + 1} = \begin{bmatrix} -0.7 & 0.4 \\ 0.5 & -0.3 \end{bmatrix}$$

$$h = \tanh(\begin{bmatrix} -0.5 \\ -0.01 \end{bmatrix}) \approx \begin{bmatrix} -0.462117 \\ -0.00999967 \end{bmatrix}$$

$$z = x_{2} + h = \begin{bmatrix} 0.5 \\ -0.3 \end{bmatrix} + \begin{bmatrix} -0.462117 \\ -0.00999967 \end{bmatrix} \approx \begin{bmatrix} 0.0378828 \\ -0.31 \end{bmatrix}$$
"""  # noqa: E501


def test_entries_that_were_looked_up_are_exact() -> None:
    """They are no figures of one digit that may stand for anything that rounds to it."""
    (report,) = check_text(LOOKED_UP, "md").files
    assert {item.verdict for item in report.findings} == {"correct"}


POOLED = (
    r"$$\frac{\partial L}{\partial a_1} = "
    r"\mathrm{unpool}(\frac{\partial L}{\partial pooled}, a_1)$$"
)
SLID = r"$$z_1 = kernel \star picture + kernel_{bias}$$"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (SLID, "correct"),
        (SLID.replace(r"\star", r"\ast"), "undecided"),
        (SLID.replace("kernel_{bias}", "b"), "undecided"),
        (POOLED, "correct"),
        (POOLED.replace(", a_1)", ", z_1)"), "undecided"),
    ],
)
def test_the_formula_that_the_run_prints_has_the_value_of_the_run(text: str, verdict: str) -> None:
    """Its signs do not say over which axes they sum; with another sign or name it stays open."""
    (report,) = check_text(text, "md", "digit_cnn").files
    assert [item.verdict for item in report.findings] == [verdict]


@pytest.mark.parametrize(
    "text", ["L = 123 - 121 = 2.25", "ŷ = 123 - 122 = 0.5", "L = 512 - 510 = 2.25"]
)
def test_a_right_result_says_nothing_of_figures_that_are_not_those_of_the_run(text: str) -> None:
    """Only a side that was itself found to have the run's value may lend it to the next one."""
    [report] = check_text(text, scenario="one_weight").files
    assert [finding.verdict for finding in report.findings] == ["undecided"]


def test_the_limit_below_a_sum_begins_no_calculation() -> None:
    """As a terminal draws it, `i = 1` stands below ∑, and the next row goes on with the loss."""
    text = """\
          1     2                        2
    L = − ─ ·   ∑   tᵢ·ln(pᵢ) + 0.05 ·   ∑   (θᵢ)²
          2   i = 1                    i = 1
      = 0.5 + 0.05·(0.2² + (−0.3)²)
      = 0.5065
"""
    (report,) = check_text(text, "txt").files
    assert "slip" not in [finding.verdict for finding in report.findings]


def test_a_page_with_all_numbers_is_checked_alone() -> None:
    """The gradient of an image has another number of entries than what is printed beside it."""
    trace = run_scenario(load("digit_cnn"), record="checkpoints")
    text = "".join(markdown(derivation(trace, Options(most=math.inf)), notation_of(trace)))
    (report,) = check_text(text, "md", None).files
    assert {item.verdict for item in report.findings} <= {"correct", "undecided", "rounding"}
