"""The commands that a derivation prints work, and on the numbers of its own page."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

import tracer
from tracer.cli import main
from tracer.program.scenario import load, loads

OWN = """
[data]
x = [1, 2]
y = [2, 4]
[parameters]
w = 0.5
[network]
equations = "loss = mean((w * x - y)**2)"
[training]
optimizer = "sgd"
learning_rate = 0.1
iterations = 2
[[variants]]
name = "it's steep"
parameters = {w = 3}
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["one_weight"],
        ["one_weight", "--set", "w=1.5", "--iterations", "4"],
        ["one_weight", "--set", "w =\n1.5", "--set", "training.iterations=4"],
        ["one_weight_all_samples", "--learning-rate", "0.3"],
        ["optimizers", "--variant", "adam", "--set", "p=3"],
        ["self_attention", "--variant", "causal"],
        ["xor", "--set", "learning_rate=0.25", "--iterations", "5"],
        ["four_layer_classifier", "--set", "iterations=2", "--set", "seed=3"],
        ["my networks/one_weight.toml", "--variant", "it's steep", "--set", "x=[2, 3]"],
        ["./-own.toml"],
    ],
    ids=lambda arguments: " ".join(arguments).replace("\n", " "),
)
def test_printed_commands_have_the_numbers_of_their_page(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The variant and each setting are in them; a file of a bundled name is that file."""
    monkeypatch.chdir(tmp_path)
    Path("my networks").mkdir()
    for file in ("my networks/one_weight.toml", "-own.toml"):
        Path(file).write_text(OWN, "utf-8")

    def printed(command: list[str]) -> str:
        capsys.readouterr()
        assert main(["--lang", "en", *command]) == 0, command
        return capsys.readouterr().out

    page = printed(["derive", *arguments, "--format", "markdown"])
    commands = re.findall(r"(?:given|entry|rate): `(tracer [^`]+)`", page)
    assert any("--focus" in command for command in commands)
    for command in commands:
        words = shlex.split(command)[1:]
        text = printed([*words] if "json" in words else [*words, "--format", "markdown"])
        if words[0] == "show":
            shown = {item["name"]: item["values"] for item in json.loads(text)["quantities"]}
            assert shown == {
                item["name"]: item["values"]
                for item in json.loads(printed(["show", *arguments, "--format", "json"]))[
                    "quantities"
                ]
            }
        else:
            rate = [line for line in _given(page) if "eta" not in line or "--focus" in words]
            assert [line for line in _given(text) if line in rate] == rate


def _given(page: str) -> list[str]:
    """Return the rows of what is given on a page."""
    return page.partition("## What is given")[2].partition("\n\n##")[0].strip().splitlines()[2:-2]


def test_a_rate_that_was_set_is_not_named_beside_another() -> None:
    """Two rates in one command would have the reader guess which counts."""
    page = tracer.load("one_weight").set("learning_rate=0.3", "w=2.5").run().to_markdown()
    assert "`tracer derive one_weight --set w=2.5 --learning-rate" in page
    assert "`tracer derive one_weight --set learning_rate=0.3 --set w=2.5 --focus w`" in page


def test_a_text_that_no_file_has_gets_no_command(tmp_path: Path) -> None:
    """Nothing that could be typed would have its numbers."""
    file = tmp_path / "one_weight.toml"
    file.write_text(OWN, "utf-8")
    scenario = load(file)
    assert scenario.arguments() == (str(file),)
    file.write_text(OWN.replace("0.5", "0.7"), "utf-8")
    assert scenario.arguments() is None
    assert loads(OWN).arguments() is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["optimizers", "--variant", "adam"],
            'This is the variant adam: `training.optimizer="adam"`, `training.learning_rate=0.4`.',
        ),
        (["one_weight_sum", "--variant", "mean"], "This is the variant mean: other equations."),
        (
            ["optimizers", "--variant", "adam", "--set", "p=3"],
            "Settings have been changed: `p=3`. This describes the scenario without the changes.",
        ),
    ],
)
@pytest.mark.parametrize("command", ["derive", "show"])
def test_a_page_says_what_was_changed(
    command: str, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page of a variant is not taken for one of the scenario; a long text is only named."""
    assert main([command, *arguments, "--format", "markdown", "--lang", "en"]) == 0
    assert sentence in capsys.readouterr().out
