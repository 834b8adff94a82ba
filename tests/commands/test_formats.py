"""What commands print: each format, JSON by its schema, files written whole."""

from __future__ import annotations

import json
import math
import re
import stat
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import tracer
from tests.case_lists import sampled
from tests.snapshots import check_snapshot
from tracer.cli import main
from tracer.commands import output
from tracer.program.scenario import bundled, load
from tracer.run.runner import first_program

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"
SCHEMA = json.loads((ROOT / "docs" / "trace.schema.json").read_text("utf-8"))
TRACE = jsonschema.Draft202012Validator(SCHEMA)

HOSTILE = r'''
title = "*bold* <b>$x$</b> \\input{x} | `code` [a](b)"
description = "# heading\n\n</svg><script>alert(1)</script>"

[data]
x = 1
y = 2

[parameters]
w = 0.5

[network]
equations = """
y_pred = w * x
loss = (y_pred - y)**2
"""

[training]
learning_rate = 0.1
iterations = 3
'''


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command prints; it must succeed without a remark."""
    assert main([*arguments]) == 0
    result = capsys.readouterr()
    assert result.err == ""
    return result.out


def parsed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Return the JSON that a command prints; names JSON does not have are refused."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    return json.loads(printed(capsys, *arguments, "--format", "json"), parse_constant=refuse)


# A derivation's JSON ------------------------------------------------------------------------------


def is_readable(name: str) -> bool:
    """Tell whether one step of a scenario has few enough numbers to print them all."""
    equations = first_program(load(name)).program.equations
    return sum(math.prod(equation.shape) for equation in equations) < 20_000


@pytest.mark.parametrize("name", sampled(name for name in bundled() if is_readable(name)))
def test_json_of_every_scenario_follows_the_schema(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each bundled scenario, at each detail, and each equation of each iteration is there."""
    shown = ["--show", "1"]
    for detail in ("equation", "operation", "element", "summary"):
        TRACE.validate(parsed(capsys, "derive", name, *shown, "--detail", detail))


def test_json_names_the_mean_that_a_row_has_a_line_for(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of a part of an entry is called what it says, and later lines take it by that name."""
    trace = parsed(capsys, "derive", "transformer_block", "--detail", "element")
    TRACE.validate(trace)
    formulas = {step["name"]: step["formula"] for step in trace["iterations"][0]["steps"]}
    assert formulas["mean(R1)_1"] == "1 / 4 * (R1[0, 0] + R1[0, 1] + R1[0, 2] + R1[0, 3])"
    assert "(R1[0, 0] - mean(R1)_1) / sqrt(Var(R1)_1" in formulas["N1[0, 0]"]


def test_json_has_the_numbers_of_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """The values of the one-weight demo, at full precision, under the names that are documented."""
    trace = parsed(capsys, "derive", "one_weight")
    TRACE.validate(trace)
    values = [
        [(step["name"], step["value"]) for step in iteration["steps"]]
        for iteration in trace["iterations"]
    ]
    assert values[0] == [
        ("y_pred", 0.5),
        ("loss", 2.25),
        ("dloss/dy_pred", -3.0),
        ("dloss/dw", -3.0),
        ("w", 0.8),
    ]
    assert values[2][-1] == ("w", pytest.approx(1.232, abs=1e-15))
    assert trace["iterations"][0]["steps"][4]["substituted"] == "0.5 - 0.1 * (-3)"
    assert trace["fault"] is None


def test_json_has_the_line_with_what_is_put_into_functions_worked_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where a line of the derivation has it: the share whose logarithm a loss is."""
    trace = parsed(capsys, "derive", "digit_mlp", "--show", "1")
    TRACE.validate(trace)
    reduced = {
        it["name"]: it["reduced"] for it in trace["iterations"][0]["steps"] if "reduced" in it
    }
    assert reduced["loss"] == "-log(0.0914111)"


def test_json_is_never_abbreviated(capsys: pytest.CaptureFixture[str]) -> None:
    """All iterations are there, though of more than ten Markdown shows three."""
    trace = parsed(capsys, "derive", "xor", "--iterations", "40")
    assert len(trace["iterations"]) == 40


def test_json_obeys_focus_and_detail(capsys: pytest.CaptureFixture[str]) -> None:
    """One entry in focus: the same lines as in the other formats, in scalars."""
    trace = parsed(capsys, "derive", "mlp_2_2_2", "--focus", "W1[0, 1]", "--show", "2")
    TRACE.validate(trace)
    (iteration,) = trace["iterations"]
    assert iteration["iteration"] == 2
    names = [step["name"] for step in iteration["steps"]]
    assert "dloss/dW1[0, 1]" in names
    assert names[-1] == "W1[0, 1]"
    assert all(not isinstance(step["value"], list) for step in iteration["steps"])
    found = iteration["loss_paths"]
    assert found["entry"] == "W1[0, 1]"
    assert len(found["paths"]) == 2
    assert found["sum"] == pytest.approx(sum(path["product"] for path in found["paths"]))
    operations = parsed(capsys, "derive", "mlp_2_2_2", "--detail", "operation", "--show", "2")
    equations = parsed(capsys, "derive", "mlp_2_2_2", "--show", "2")
    assert len(operations["iterations"][0]["steps"]) > len(equations["iterations"][0]["steps"])


def test_json_summary_has_the_loss_and_no_steps(capsys: pytest.CaptureFixture[str]) -> None:
    """`--detail summary` in JSON is the loss of each iteration."""
    trace = parsed(capsys, "derive", "one_weight", "--detail", "summary")
    assert [item["loss"] for item in trace["iterations"]] == [2.25, 1.44, pytest.approx(0.9216)]
    assert all(item["steps"] == [] for item in trace["iterations"])


@pytest.mark.parametrize("detail", ["equation", "operation"])
def test_a_run_that_diverges_is_valid_json(detail: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A value that is not finite is null, with the kind it is of, and the fault is named."""
    trace = parsed(capsys, "derive", "one_weight", "--learning-rate", "1e160", "--detail", detail)
    TRACE.validate(trace)
    assert trace["fault"]["non_finite"] in ("inf", "-inf", "nan")
    last = trace["iterations"][-1]["steps"][-1]
    assert last["value"] is None
    assert last["non_finite"] == trace["fault"]["non_finite"]


def test_other_commands_survive_a_run_that_diverges(capsys: pytest.CaptureFixture[str]) -> None:
    """`run` and `walk` say in words what happened."""
    diverging = ["one_weight", "--learning-rate", "1e160"]
    assert "not a finite number" in printed(capsys, "walk", *diverging)
    assert "The run stops in iteration" in printed(capsys, "run", *diverging)
    assert parsed(capsys, "run", *diverging)["fault"]


# Every command ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        "list",
        "list --operations",
        "show xor",
        "walk one_weight",
        "run one_weight",
        "verify one_weight",
        "explain tanh",
        "explain adam",
        "completion bash",
    ],
)
def test_every_command_prints_json(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON document on standard output, and nothing else."""
    assert parsed(capsys, *arguments.split())


def test_show_tells_shapes_numbers_and_graph(capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer show`: each quantity with its shape, how many numbers are trained, the network."""
    shown = parsed(capsys, "show", "mlp_2_2_2")
    assert shown["trained_numbers"] == 12
    shapes = {item["name"]: item["shape"] for item in shown["quantities"]}
    assert shapes["W1"] == [2, 2]
    assert shown["training"]["optimizer"] == "sgd"
    assert shown["loss"] == "loss"
    ids = {node["id"] for node in shown["graph"]["nodes"]}
    assert all(set(edge) <= ids for edge in shown["graph"]["edges"])
    text = printed(capsys, "show", "mlp_2_2_2")
    assert "Parameters: 4; numbers in them: 12, of which training changes 12." in text


def test_run_prints_a_line_for_each_iteration(capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer run` is a table, and what the run comes to; the loss is the one before the update."""
    lines = printed(capsys, "run", "one_weight").splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["iteration", "loss"],
        ["1", "2.25"],
        ["2", "1.44"],
        ["3", "0.9216"],
    ]
    assert lines[4] == "The loss falls in every step, from 2.25 to 0.9216."
    assert (
        lines[-1] == "Training converges for learning rates between 0 and 1; here the rate is 0.1."
    )


def test_all_forms_say_the_same_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    """`run`, `derive`, both forms of JSON and Python have one text for what a run comes to."""
    said = tracer.load("xor").run().diagnosis().sentences()
    assert len(said) == 4
    assert printed(capsys, "run", "xor").splitlines()[-4:] == said
    derived = printed(capsys, "derive", "xor", "--detail", "summary", "--format", "markdown")
    plain = derived.replace("$", "").partition("## What to try next")[0].splitlines()
    items = [line.removeprefix("- ") for line in plain if line.startswith("- ")]
    assert items[-4:-1] == said[:-1]
    rates = re.findall(r"(\S+) at ([\d.]*\d)", said[-1])  # which a page has in a table
    assert [f"| {rate} | {loss} |" for loss, rate in rates] == plain[-5:-1]
    assert parsed(capsys, "run", "xor")["diagnosis"]["sentences"] == said
    assert parsed(capsys, "derive", "xor", "--show", "1")["diagnosis"]["sentences"] == said


@pytest.mark.parametrize("kind", ["terminal", "markdown", "latex", "html"])
def test_formats_tell_the_same_numbers(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every format of the demo has its numbers."""
    text = printed(capsys, "derive", "one_weight", "--format", kind)
    for number in ("2.25", "1.44", "0.9216", "1.232"):
        assert number in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_languages_differ_in_words_only(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The formulas of a derivation are the same in English and Chinese, but for their labels."""

    def formulas(text: str) -> list[str]:
        lines = [line for line in text.splitlines() if line.startswith("$$")]
        return [re.sub(r"\\text\{[^}]*\}", "", line) for line in lines]

    text = printed(capsys, "derive", "one_weight", "--lang", language, "--format", "markdown")
    english = printed(capsys, "derive", "one_weight", "--lang", "en", "--format", "markdown")
    assert formulas(text) == formulas(english)
    assert (text == english) == (language == "en")


def test_the_locale_chooses_the_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --lang the environment decides; --lang comes first, and takes zh_CN for zh."""
    chinese = printed(capsys, "derive", "one_weight", "--lang", "zh_CN")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert printed(capsys, "derive", "one_weight") == chinese
    assert printed(capsys, "derive", "one_weight", "--lang", "en") != chinese


# Colours ------------------------------------------------------------------------------------------


def test_colours_are_those_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """never: none; always: some, whatever NO_COLOR says; auto in a pipe: none."""
    terminal = ["derive", "one_weight", "--format", "terminal"]
    assert "\x1b[" not in printed(capsys, *terminal)
    assert "\x1b[" not in printed(capsys, *terminal, "--color", "never")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in printed(capsys, *terminal, "--color", "always")


def test_a_terminal_gets_the_terminal_form(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal the default is the form with drawn formulas, in colour unless NO_COLOR."""
    monkeypatch.setattr(output, "_is_terminal", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    text = printed(capsys, "derive", "one_weight")
    assert "\x1b[" in text
    assert "$$" not in text
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in printed(capsys, "derive", "one_weight")


# Files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        ("one.md", "# One weight\n"),
        ("one", "# One weight\n"),
        ("one.tex", "%"),
        ("one.html", "<!DOCTYPE html>"),
        ("one.json", '{"version": 1'),
        ("one.txt", "One weight\n"),
    ],
)
def test_the_ending_chooses_the_format(
    file: str, begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-o` writes what the file's ending says, Markdown where it says nothing."""
    target = tmp_path / file
    assert main(["derive", "one_weight", "-o", str(target)]) == 0
    result = capsys.readouterr()
    assert result.out == ""
    assert result.err.startswith(f"tracer: wrote {target}")
    assert target.read_text("utf-8").startswith(begins)


def test_the_curve_stands_beside_markdown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A Markdown file refers to an SVG of the loss beside it; --quiet says nothing of it."""
    target = tmp_path / "the xor.md"
    assert main(["derive", "xor", "-o", str(target), "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["the xor.curve.svg", "the xor.md"]
    assert "](the%20xor.curve.svg)" in target.read_text("utf-8")
    picture = (tmp_path / "the xor.curve.svg").read_text("utf-8")
    assert picture.startswith("<svg")
    assert "<title" in picture


def test_nothing_is_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where writing fails the old file is as it was, and nothing new is beside it."""
    target = tmp_path / "one.md"
    target.write_text("old", "utf-8")

    def failing(*_: object, **__: object) -> object:
        yield "# new"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tracer.render.markdown.markdown", failing)
    assert main(["derive", "one_weight", "-o", str(target)]) == 2
    assert capsys.readouterr().err == (
        f"tracer: {target}: the file cannot be written; found No space left on device\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["one.md"]
    assert target.read_text("utf-8") == "old"


def test_an_error_in_the_options_leaves_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is asked for and not there is found before anything is written."""
    target = tmp_path / "one.md"
    assert main(["derive", "one_weight", "--focus", "q", "-o", str(target)]) == 2
    assert not target.exists()


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path: Path) -> None:
    """Writing again changes the text only; through a link, the file it leads to."""
    target = tmp_path / "one.md"
    assert main(["derive", "one_weight", "-q", "-o", str(target)]) == 0
    target.chmod(0o600)
    link = tmp_path / "link.md"
    link.symlink_to(target)
    assert main(["derive", "one_weight", "-q", "-o", str(link), "--iterations", "1"]) == 0
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "Iteration 3" not in target.read_text("utf-8")


def test_devices_are_written_and_not_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    """`-o /dev/null` leaves the device what it is."""
    device = Path("/dev/null")
    if not device.is_char_device():
        pytest.skip("needs /dev/null")
    assert main(["derive", "one_weight", "-o", str(device)]) == 0
    assert device.is_char_device()


@pytest.mark.parametrize("place", ["", "missing/one.md", "nul\0l.md"])
def test_places_that_cannot_be_written(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder, a folder that is missing, a name that no file has: one line, code 2."""
    assert main(["derive", "one_weight", "-o", f"{tmp_path}/{place}"]) == 2
    error = capsys.readouterr().err
    assert "the file cannot be written" in error
    assert error.count("\n") == 1


# Hostile text -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["terminal", "markdown", "latex", "html", "json"])
@pytest.mark.parametrize("command", ["derive", "show"])
def test_markup_in_a_users_text_is_text(
    command: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text of a scenario is escaped for the format it goes to."""
    file = tmp_path / "hostile.toml"
    file.write_text(HOSTILE, "utf-8")
    text = printed(capsys, command, str(file), "--format", kind)
    assert all(character.isprintable() or character == "\n" for character in text)
    if kind == "html":
        assert "<script" not in text
        assert "<b>" not in text
    if kind == "latex":
        assert r"\input{x}" not in text
    if kind == "markdown":
        assert "<script" not in text.replace("\\<", "")
        assert "*bold*" not in text


@pytest.mark.parametrize("sign", ["\\u001b[2J", "\\u0007", "\\u202e", "\\u2066", "\\u009b"])
@pytest.mark.parametrize("command", ["derive", "show", "walk", "run"])
def test_control_characters_reach_no_terminal(
    command: str, sign: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A title with control characters, or a file's name, is refused or shown without them."""
    file = tmp_path / f"{sign.encode().decode('unicode_escape')}.toml"
    for text in (HOSTILE, HOSTILE.replace("*bold*", sign)):
        file.write_text(text, "utf-8")
        main([command, str(file)])
        result = capsys.readouterr()
        for line in (result.out + result.err).splitlines():
            assert line.isprintable(), line


# Golden -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.chinese)])
def test_the_demo_reads_as_it_did(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The wording of `tracer derive one_weight` as Markdown; look at a change before taking it."""
    text = printed(capsys, "derive", "one_weight", "--format", "markdown", "--lang", language)
    check_snapshot(GOLDEN / f"one_weight.{language}.md", text)


def test_an_ending_that_names_no_format_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A .pdf must not come out as Markdown; --format says what it is to be."""
    file = tmp_path / "sheet.pdf"
    assert main(["derive", "one_weight", "-o", str(file)]) == 2
    assert "no format has this file extension; found .pdf" in capsys.readouterr().err
    assert not file.exists()
    assert main(["derive", "one_weight", "-o", str(file), "--format", "markdown"]) == 0


def test_a_text_without_numbers_passes_a_hook(tmp_path: Path) -> None:
    """Nothing could be checked is 2 for a person, and no reason to refuse a commit."""
    file = tmp_path / "words.md"
    file.write_text("Nothing is worked out here.\n", "utf-8")
    assert main(["check", str(file)]) == 2
    assert main(["check", str(file), "--if-any"]) == 0


def test_the_json_of_a_page_has_its_pictures_and_its_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The Jacobian matrix of an operation and the run of an idea, block by block."""
    softmax = parsed(capsys, "explain", "softmax")
    line = next(block for block in softmax["jacobian"] if block["kind"] == "equation")
    assert line["sides"][0] == "dy/dz"
    assert not softmax["shown"]
    attention = parsed(capsys, "explain", "attention")
    assert {block["kind"] for block in attention["shown"]} >= {"text", "table"}
    saturation = parsed(capsys, "explain", "saturation")
    assert saturation["shown"]


def test_a_half_is_rounded_as_in_the_derivation(capsys: pytest.CaptureFixture[str]) -> None:
    """One value has one figure in a run, in a sweep and where it is worked out."""
    settings = ("one_weight", "--set", "learning_rate=40", "--iterations", "2", "--lang", "en")
    run = printed(capsys, "run", *settings)
    sweep = printed(capsys, "sweep", *settings)
    derivation = printed(capsys, "derive", *settings, "--step", "loss", "--iteration", "2")
    assert ["14042.3" in text for text in (run, sweep, derivation)] == [True] * 3
