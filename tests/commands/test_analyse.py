"""`tracer analyse`: what it says, in every format, and what it refuses."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tracer.cli import main
from tracer.program.scenario import load
from tracer.render.landscape_svg import shade_ranks


def _printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["analyse", *arguments]) == 0
    return capsys.readouterr().out


def test_one_weight_is_told_with_its_fixed_point_and_closed_form(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """w* = 2, factor 0.8, 2 − 1.5·0.8^t, rates up to 1, one step at 0.5."""
    text = _printed(capsys, "one_weight", "--format", "terminal")
    for part in (
        "w becomes 0.8·w + 0.4.",
        "the fixed point 2",
        "by 1 − 0.1·2 = 0.8.",
        "After t updates w is 2 − 1.5·0.8^t.",
        "between 0 and 1; here the rate is 0.1.",
        "At the rate 0.5 one step leads there.",
        "The loss there is 0.",
    ):
        assert part in text


def test_a_recurrent_network_is_told_with_its_curvature(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The rate that holds for positive curvature, and none for the negative one.

    The loss looks at every time step, so no factor over time is told.
    """
    text = _printed(capsys, "rnn_language_model", "--format", "terminal")
    for part in (
        "2 / 0.8629 = 2.318",
        "as long as it does, no minimum lies there",
        "reverse mode: one backward pass for all",
        "tanh",
    ):
        assert part in " ".join(text.split())
    assert "Over time" not in text


@pytest.mark.parametrize("name", ["one_weight", "linear_regression", "optimizers", "mlp_2_2_2"])
@pytest.mark.parametrize("kind", ["terminal", "markdown", "latex", "html", "json"])
def test_every_format_has_the_analysis(
    name: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No form fails, and JSON can be read."""
    text = _printed(capsys, name, "--format", kind)
    assert len(text) > 500
    if kind == "json":
        found = json.loads(text)
        assert found["scenario"] == name
        assert found["diagnosis"]["sentences"]
        assert found["landscape"]["losses"]


def test_fractions_stay_fractions_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """A limit of 3/14 is that, and no float near it."""
    found = json.loads(_printed(capsys, "one_weight_all_samples", "--format", "json"))["map"]
    assert (found["rate_limit"], found["fastest_rate"]) == ("3/14", "3/28")


@pytest.mark.parametrize("over", [[], ["p"], ["q", "p"]])
def test_a_landscape_is_a_picture(
    over: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An SVG with a title, a description and the way of the run."""
    target = tmp_path / "map.svg"
    named = [text for entry in over for text in ("--over", entry)]
    assert main(["analyse", "optimizers", *named, "-o", str(target)]) == 0
    capsys.readouterr()
    root = ET.fromstring(target.read_text("utf-8"))
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert tags[:3] == ["svg", "title", "desc"]
    if len(over) != 1:
        iterations = load("optimizers").training
        assert iterations is not None
        assert tags.count("circle") == iterations.iterations


def test_shades_go_by_rank() -> None:
    """The lowest is 0, a steep rim takes no shade from the others, what is not finite has none."""
    assert shade_ranks([[1, 2], [3, 1e300]]) == [[0, 3], [6, 9]]
    assert shade_ranks([[float("nan"), 5]]) == [[None, 0]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["one_weight", "--over", "q"], "there is no quantity q"),
        (["one_weight", "--over", "x"], "x is not trained"),
        (["mlp_2_2_2", "--over", "W1[0]"], "W1[0] is not an entry of W1; expected W1[…]"),
        (["one_weight", "--over", "w", "--over", "w", "--over", "w"], "one or two numbers"),
        (["optimizers", "--over", "p", "--over", "p"], "p is named twice"),
        (["one_weight", "--iteration", "9"], "there is no iteration 9"),
        (["activations"], "nothing is trained"),
        (["one_weight", "-o", "x.pdf"], "no format has this file extension"),
    ],
)
def test_what_is_not_there_is_one_message(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one line, and nothing is printed before it."""
    assert main(["analyse", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1


def test_a_run_that_ends_at_once_is_analysed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cause is told, though there is no curvature."""
    place = tmp_path / "log.toml"
    place.write_text(
        '[data]\nx = 1\n[parameters]\nw = -1\n[network]\nequations = "loss = log(w * x)"\n'
        "[training]\nlearning_rate = 0.1\niterations = 2\n",
        "utf-8",
    )
    text = _printed(capsys, str(place), "--format", "terminal")
    assert "it has no real value there" in text
    assert "at any learning rate" in text


@pytest.mark.parametrize("loss", ["5 * x - (w - 1)**2", "5 * x + w * v"], ids=["concave", "saddle"])
def test_no_lower_bound_is_told_where_the_loss_curves_downwards(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, loss: str
) -> None:
    """A stationary point is no place that descent goes to, and its loss no bound."""
    scenario = tmp_path / "downwards.toml"
    given = "x = 1", "w = 0.5\nv = 0.25" if "v" in loss else "w = 0.5"
    text = '[data]\n{}\n[parameters]\n{}\n[network]\nequations = "loss = {}"\nloss = "loss"\n'
    training = '[training]\noptimizer = "sgd"\nlearning_rate = 0.1\niterations = 4\n'
    scenario.write_text('title = "down"\n' + text.format(*given, loss) + training)
    said = _printed(capsys, str(scenario))
    assert "Descent goes" not in said
    assert "No number of iterations" not in said
    assert "converges for" not in said.split("What happened")[0]


@pytest.mark.parametrize(
    ("given", "weights", "loss"),
    [("1", "1e308", "5 * x - (w - 1)**2"), ("[1e200, 1e200]", "[1e200, -1e200]", "x @ w")],
)
def test_a_loss_that_is_finite_nowhere_has_no_landscape(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, given: str, weights: str, loss: str
) -> None:
    """Parameters beyond all figures are told in a sentence."""
    scenario = tmp_path / "large.toml"
    text = f"[data]\nx = {given}\n[parameters]\nw = {weights}\n[network]\n"
    network = f'equations = "loss = {loss}"\nloss = "loss"\n'
    training = '[training]\noptimizer = "sgd"\nlearning_rate = 0.1\niterations = 4\n'
    scenario.write_text(f'title = "large"\n{text}{network}{training}')
    assert "The loss is finite nowhere near these parameters." in _printed(capsys, str(scenario))


def test_the_map_says_from_where_it_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a later iteration the closed form is still that of the run."""
    counted = "are counted from iteration 1"
    assert counted in _printed(capsys, "one_weight", "--iteration", "3")
    assert counted not in _printed(capsys, "one_weight")
