"""Worksheets: one for each seed, for ever; friendly numbers; no blank is given away."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from tests.case_lists import crossed
from tests.snapshots import check_snapshot
from tracer.document_check import check_text
from tracer.errors import TracerError
from tracer.narrative.catalogue import catalogue
from tracer.narrative.derivation_options import Style
from tracer.run.exact import Exact
from tracer.worksheets.worksheet_making import (
    BLANK,
    Worksheet,
    make_worksheet,
    read_recipe,
    recipe_of,
    worksheet_text,
)
from tracer.worksheets.worksheet_numbers import Draws

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
SMALL = ("one_weight", "one_weight_all_samples", "neuron", "linear_regression", "mlp_2_2_2", "xor")


@cache
def sheet_of(scenario: str, seed: int, share: float, notation: Style = "textbook") -> Worksheet:
    """Return a worksheet; the search for its numbers is made once."""
    return make_worksheet(scenario, seed=seed, share=share, notation=notation)


def filled(text: str) -> str:
    """Return a key as a student's filled worksheet would be."""
    return text.replace("worksheet-key:", "worksheet:")


@pytest.mark.parametrize("notation", ["textbook", "code"])
@pytest.mark.parametrize("scenario", ["one_weight", "mlp_2_2_2"])
def test_the_same_seed_gives_the_same_worksheet(scenario: str, notation: Style) -> None:
    """The golden files were written once; a later version must write the same."""
    sheet = sheet_of(scenario, 7, 0.6, notation)
    for kind, answers in (("worksheet", False), ("worksheet.key", True)):
        text = worksheet_text(sheet, str, answers=answers)
        mark = "" if notation == "textbook" else ".code"
        check_snapshot(GOLDEN / f"{scenario}.{kind}{mark}.md", text)


@pytest.mark.parametrize("scenario", SMALL)
def test_a_seed_asks_the_same_in_each_notation(scenario: str) -> None:
    """Numbers and blanks do not depend on how the lines are written."""
    textbook, code = (sheet_of(scenario, 7, 0.6, style) for style in ("textbook", "code"))
    assert textbook.recipe.settings == code.recipe.settings
    assert [line.blanks for line in textbook.lines] == [line.blanks for line in code.lines]
    assert all("@" not in line.text(answers=True) for line in textbook.lines)


def test_the_draws_are_those_of_sha256() -> None:
    """The generator is documented, and has a value of its own to hold on to."""
    import hashlib

    first = int.from_bytes(hashlib.sha256(b"label/7/0").digest()[:8], "big")
    assert Draws(7, "label").below(1000) == first % 1000


def test_seeds_differ() -> None:
    """Thirty seeds give thirty worksheets with other numbers."""
    settings = {sheet_of("one_weight", seed, 0.6).recipe.settings for seed in range(7, 37)}
    assert len(settings) >= 25


@pytest.mark.parametrize("seed", range(7, 12))
def test_results_are_short(seed: int) -> None:
    """Where arithmetic is exact, results of the first iteration have at most four decimals."""
    sheet = sheet_of("one_weight", seed, 0.6)
    for entries in Exact(sheet.trace).values(1).values():
        for entry in entries:
            assert (entry * 10_000).denominator == 1


@pytest.mark.parametrize(("scenario", "seed"), crossed(SMALL[:5], range(7, 10)))
def test_nothing_hides_slips(scenario: str, seed: int) -> None:
    """No given number is 0 or 1, no gradient is 0, and no two quantities are equal."""
    sheet = sheet_of(scenario, seed, 0.6)
    iteration = sheet.trace.iteration(1)
    assert not sheet.remarks
    for name in iteration.program.inputs:
        assert not {0.0, 1.0, -1.0} & set(iteration.floats(name)), name
    scalars = [
        value
        for equation in iteration.program.equations
        if not equation.shape and "dloss" in equation.name
        for value in iteration.floats(equation.name)
    ]
    assert 0.0 not in scalars


def test_what_cannot_be_avoided_is_said() -> None:
    """In the truth table of XOR the zeros make a bias and a net input equal: the key says so."""
    sheet = sheet_of("xor", 7, 0.6)
    assert sheet.remarks
    assert "are equal" in worksheet_text(sheet, str, answers=True)


@pytest.mark.parametrize(
    ("scenario", "words"),
    crossed(SMALL, [("en", "textbook"), ("zh", "textbook"), ("en", "code")]),
)
def test_a_key_earns_all_points(scenario: str, words: tuple[str, Style]) -> None:
    """What we print as the answers is read back, judged right, and gets every point."""
    language, notation = words
    translate = catalogue(language)
    sheet = sheet_of(scenario, 7, 1, notation)
    (file,) = check_text(filled(worksheet_text(sheet, translate, answers=True))).files
    assert file.marks is not None
    assert file.marks.points == file.marks.possible > 5
    assert file.counts()["slip"] == file.counts()["not_checked"] == 0


@pytest.mark.parametrize("scenario", ["perceptron", "losses", "no_activation"])
def test_what_the_checker_cannot_read_earns_its_points_where_it_is_as_in_the_key(
    scenario: str,
) -> None:
    """Nobody has to mark by hand what stands in the key sign for sign."""
    (file,) = check_text(filled(worksheet_text(sheet_of(scenario, 7, 1), str, answers=True))).files
    assert file.marks is not None
    assert file.marks.points == file.marks.possible > 5


def test_a_path_is_named_in_the_language_of_the_worksheet() -> None:
    """The word in a formula is the reader's, and marking reads it in any language."""
    text = worksheet_text(sheet_of("rnn_step", 7, 1), catalogue("zh"), answers=True)
    assert "_{经 z₁}" in text
    assert "via" not in text
    (file,) = check_text(filled(text)).files
    assert file.marks is not None
    assert file.marks.points == file.marks.possible
    assert {finding.verdict for finding in file.findings} == {"correct"}  # none is of a path


@pytest.mark.parametrize("scenario", SMALL)
def test_an_empty_worksheet_earns_nothing(scenario: str) -> None:
    """No blank is counted as filled, and nothing printed is called wrong."""
    (file,) = check_text(worksheet_text(sheet_of(scenario, 7, 0.6), str, answers=False)).files
    assert file.marks is not None
    assert file.marks.points == 0 < file.marks.possible
    assert file.counts()["slip"] == 0


@pytest.mark.parametrize("scenario", SMALL)
def test_no_line_gives_another_blank_away(scenario: str) -> None:
    """The result of a blank stands in no working of the same iteration."""
    sheet = sheet_of(scenario, 7, 0.6)
    asked: set[tuple[int, str]] = set()
    for line in sheet.lines:
        shows = bool(line.working) and not line.is_short and "w" not in line.blanks
        used = {(line.iteration, name) for name in line.uses}
        assert not (shows and used & asked), line.label
        if "r" in line.blanks:
            asked.add((line.iteration, line.name))


@pytest.mark.parametrize(("share", "least", "most"), [(0, 1, 1), (0.6, 9, 9), (1, 15, 15)])
def test_the_share_of_blank_lines(share: float, least: int, most: int) -> None:
    """--blank is the share of the lines; one is blank at least."""
    sheet = sheet_of("one_weight", 7, share)
    assert least <= sum(bool(line.blanks) for line in sheet.lines) <= most
    assert worksheet_text(sheet, str, answers=False).count(BLANK) > 1  # one in the instructions


def test_a_key_says_all_that_marking_needs() -> None:
    """Read back, it gives the same lines, also where the choice of blanks would change."""
    sheet = sheet_of("neuron", 5, 0.4)
    key = worksheet_text(sheet, str, answers=True)
    recipe = read_recipe(key.splitlines(), key=True)
    assert recipe is not None
    again = recipe_of(recipe._replace(share=1.0))
    assert [line.blanks for line in again.lines] == [line.blanks for line in sheet.lines]
    assert [line.result for line in again.lines] == [line.result for line in sheet.lines]


def test_settings_of_the_user_stay() -> None:
    """What --set gives is not drawn anew."""
    sheet = make_worksheet("one_weight", seed=7, share=0.6, settings=["w=0.75"])
    assert sheet.trace.iteration(1).floats("w") == [0.75]
    assert Fraction("0.75") in map(Fraction, sheet.trace.iteration(1).floats("w"))


def test_more_numbers_than_there_are_to_choose_from() -> None:
    """Where all short numbers stand somewhere already, one stands twice."""
    sheet = make_worksheet("digit_mlp", seed=7, share=0.5, iterations=1)
    assert any(line.blanks for line in sheet.lines)


WIDE = """
data = {x = {shape = [40], init = "uniform", low = 0, high = 1, seed = 1}}
parameters = {W = {shape = [40, 40], init = "uniform", low = 0, high = 1, seed = 1}}
[network]
equations = "loss = sum((W @ x)**2)"
[training]
learning_rate = 0.1
iterations = 1
"""


@pytest.mark.parametrize("scenario", ["transformer_block", "wide.toml"])
def test_what_is_too_large_is_refused_with_a_way_out(
    scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says why (lines, or arrays), and that one entry can be asked for."""
    monkeypatch.chdir(tmp_path)
    Path("wide.toml").write_text(WIDE, "utf-8")
    with pytest.raises(TracerError) as caught:
        make_worksheet(scenario, seed=7, share=0.6)
    assert "--focus" in str(caught.value)


def test_one_entry_of_a_large_network() -> None:
    """With a focus the lines of one entry are asked for, and the key is right."""
    sheet = make_worksheet("four_layer_classifier", seed=7, share=1, focus="W1[0, 0]")
    assert sum("r" in line.blanks for line in sheet.lines) >= 3


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ('scenario: "../secret.toml"', "a worksheet may name a bundled scenario only"),
        ('set: ["data.x={file=\\"secret.csv\\"}"]', "a worksheet may set numbers only"),
        ('set: ["data.x=\\"x\\""]', "a worksheet may set numbers only"),
        ("iterations: 1000000", "the front matter is not that of a worksheet"),
        ("digits: []", "the front matter is not that of a worksheet"),
        ("set: 5", "the front matter is not that of a worksheet"),
    ],
)
def test_a_worksheet_reads_no_file_and_asks_no_long_run(line: str, start: str) -> None:
    """Whatever a student's front matter says, only bundled scenarios and short numbers are used."""
    text = worksheet_text(sheet_of("one_weight", 7, 0.6), str, answers=False)
    name = line.partition(":")[0]
    lines = [line if item.startswith(f"{name}:") else item for item in text.splitlines()]
    with pytest.raises(TracerError) as caught:
        check_text("\n".join(lines))
    assert str(caught.value.what).startswith(start)


def test_a_scenario_file_is_named_without_its_path(tmp_path: Path) -> None:
    """A student's worksheet does not say where the teacher's scenario is."""
    source = Path(__file__).resolve().parents[2] / "scenarios" / "one_weight.toml"
    own = tmp_path / "private" / "own.toml"
    own.parent.mkdir()
    own.write_text(source.read_text("utf-8"), "utf-8")
    text = worksheet_text(make_worksheet(str(own), seed=7, share=0.6), str, answers=False)
    assert "private" not in text
    assert 'scenario: "own.toml"' in text
    (report,) = check_text(text, scenario=str(own)).files  # whoever has the file, names it
    assert report.marks is not None
    assert (report.marks.points, report.marks.is_there) == (0, True)


@pytest.mark.parametrize(
    ("data", "parameters", "equations", "line"),
    [
        (  # a label of 0 or 1 stays one
            "x = [0.5, -1.2]\ny = 1",
            "w = [0.3, 0.8]",
            "p = sigmoid(w @ x)\nloss = -(y * log(p) + (1 - y) * log(1 - p))",
            "| `y` | `1` |",
        ),
        (
            "x = [0.5, -1.2]\ny = 0",
            "w = [0.3, 0.8]",
            "p = sigmoid(w @ x)\nloss = bce(p, y)",
            "| `y` | `0` |",
        ),
        (  # data of several axes is printed
            "x = [[[1, 2, -1]]]\ny = [[[1, 0]]]",
            "k = [[[0.2, -0.5]]]\nb = [0.1]",
            "z = conv1d(x, k, b)\na = tanh(z)\nc = a**2\nloss = sum((c - y)**2)",
            "| `y` | `[1, 0]` |",
        ),
    ],
)
def test_what_is_given_is_as_it_was(
    tmp_path: Path, data: str, parameters: str, equations: str, line: str
) -> None:
    """Numbers are drawn anew; what data is stays, and is there to be put in."""
    own = tmp_path / "own.toml"
    own.write_text(
        f"[data]\n{data}\n[parameters]\n{parameters}\n"
        f'[network]\nequations = """\n{equations}\n"""\n'
        "[training]\nlearning_rate = 0.5\niterations = 1\n",
        "utf-8",
    )
    assert line in worksheet_text(make_worksheet(str(own), seed=1, share=1), str, answers=False)


def test_a_single_number_stays_near_what_it_was(tmp_path: Path) -> None:
    """However many numbers are drawn before it, a temperature of 2 is none of 11."""
    own = tmp_path / "own.toml"
    own.write_text(
        "[data]\nx = [1, -0.5]\nt = [0, 0, 1]\n[parameters]\n"
        "W = [[0.2, 0.4], [-0.3, 0.8], [0.5, 0.1]]\ntau = 2\n[network]\nequations = '''\n"
        "p = softmax(W @ x / tau)\nloss = -sum(t * log(p))\n'''\n"
        "[training]\nlearning_rate = 0.5\niterations = 1\n",
        "utf-8",
    )
    for seed in range(3):
        (drawn,) = (
            each
            for each in make_worksheet(str(own), seed=seed, share=1).recipe.settings
            if each.startswith("parameters.tau=")
        )
        assert float(drawn.partition("=")[2]) <= 5


@pytest.mark.parametrize("notation", ["textbook", "code"])
def test_what_a_seed_decides_is_given(notation: Style, tmp_path: Path) -> None:
    """Nobody can work out the mask of a dropout: it is given, and the line after it is asked."""
    path = tmp_path / "net.toml"
    path.write_text(
        "[data]\nx = [1, 2, 3, 4]\n[parameters]\nw = [0.5, -0.5, 1, 2]\n"
        '[network]\nequations = """\nd = dropout(w * x, 0.5, seed=3)\nloss = sum(d**2)\n"""\n'
        '[training]\noptimizer = "sgd"\nlearning_rate = 0.1\niterations = 1\n'
    )
    lines = make_worksheet(str(path), seed=1, share=1, notation=notation).lines
    (mask,) = (line for line in lines if line.name == "d_2")
    (after,) = (line for line in lines if line.name == "d")
    assert mask.text(answers=False).endswith(("[0, 0, 1, 1]", "[0, 0, 1, 1]ᵀ"))
    assert mask.figures == ("0", "0", "1", "1")
    assert BLANK in after.text(answers=False)
    assert "dropout(" not in after.text(answers=True)


def test_a_result_without_its_working_is_rounded_where_the_run_s_is() -> None:
    """Where another blank hides the working, no printed figures are left that it follows from."""
    lines = make_worksheet("softmax_example", seed=7, share=0.6).lines
    (error,) = (line for line in lines if line.label == "1: error")
    assert error.is_short
    assert "p − y ≈ [" in error.text(answers=False)
    assert error.working in error.text(answers=True)
    assert " = ".join(("", error.result)) in error.text(answers=True)
