"""Recorded values: the first that departs is named, with its cause; what follows follows."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tracer
from tracer.cli import main
from tracer.errors import TracerError
from tracer.program.scenario import load
from tracer.recorded.recorded_files import read_values
from tracer.recorded.recorded_values import RecordedComparison, compare_with_scenario
from tracer.run.runner import run_scenario

SIGN, TWO, SHAPE = "sign_error", "missing_factor_2", "transpose_shape"
OTHER, STALE = "wrong_substitution", "stale_value"

Values = dict[int, dict[str, NDArray[Any]]]
Change = Callable[[Values], None]


def recorded(scenario: str, iterations: int = 3) -> Values:
    """Return what a right framework would record: the trace itself."""
    trace = run_scenario(load(scenario))
    return {
        number: {name: np.array(value) for name, value in trace.iteration(number).items()}
        for number in range(1, iterations + 1)
    }


def comparison(
    scenario: str, change: Change, path: Path, dtype: str = "float32"
) -> RecordedComparison:
    """Return the comparison of changed values, written as JSON."""
    values = recorded(scenario)
    change(values)
    content = {
        str(number): {
            name: array.astype(dtype).astype("float64").tolist() for name, array in found.items()
        }
        for number, found in values.items()
    }
    path.write_text(json.dumps(content), "utf-8")
    return compare_with_scenario(read_values(str(path)), load(scenario))


def nothing(values: Values) -> None:
    """Change nothing."""


def replaced(name: str, new: Callable[[dict[str, Any]], Any]) -> Change:
    """Return what replaces a quantity in every iteration by what is made of the others."""

    def change(values: Values) -> None:
        for found in values.values():
            found[name] = np.array(new(found))

    return change


def stale(values: Values) -> None:
    """Give the second iteration the gradient of the first."""
    values[2]["dloss/dW2"] = values[1]["dloss/dW2"]


def added_up(values: Values) -> None:
    """Add the gradient of the first iteration to that of the second, as without `zero_grad`."""
    values[2]["dloss/dW2"] = values[2]["dloss/dW2"] + values[1]["dloss/dW2"]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scenario", ["one_weight", "mlp_2_2_2", "xor", "linear_regression"])
def test_right_values_agree(scenario: str, dtype: str, tmp_path: Path) -> None:
    """In double and in single precision nothing departs."""
    found = comparison(scenario, nothing, tmp_path / "v.json", dtype)
    assert found.departures == ()
    assert not found.unknown
    assert not found.missing


@pytest.mark.parametrize(
    ("change", "name", "kind", "words"),
    [
        (replaced("dloss/da2", lambda v: -v["dloss/da2"]), "dloss/da2", SIGN, "-1"),
        (replaced("dloss/da2", lambda v: v["dloss/da2"] / 2), "dloss/da2", TWO, "1/2"),
        (replaced("dloss/da1", lambda v: 2 * v["dloss/da1"]), "dloss/da1", TWO, "2"),
        (replaced("dloss/dW1", lambda v: v["dloss/dW1"].T), "dloss/dW1", SHAPE, "transposed"),
        (replaced("dloss/dz2", lambda v: v["dloss/da2"]), "dloss/dz2", OTHER, "dloss/da2"),
        (replaced("W2'", lambda v: 2 * v["W2"] - v["W2'"]), "W2'", SIGN, "change"),
        (replaced("W2", lambda v: v["W2'"]), "W2", STALE, "after the update"),
        (stale, "dloss/dW2", STALE, "iteration before"),
        (added_up, "dloss/dW2", STALE, "added up"),
    ],
)
def test_the_cause_of_the_first_departure(
    change: Change, name: str, kind: str, words: str, tmp_path: Path
) -> None:
    """A factor, a sign, a transpose, a stale value, another quantity: in the words of the slips."""
    first = comparison("mlp_2_2_2", change, tmp_path / "v.json").departures[0]
    assert first.name == name
    assert first.follows == "first"
    assert any(
        cause.kind == kind and words in cause.words.template.format(**cause.words.slots)
        for cause in first.causes
    )


def test_a_sum_for_a_mean_is_named(tmp_path: Path) -> None:
    """The gradient is n times the traced one: the mean was left out."""
    change = replaced("dloss/dy_pred", lambda v: 3 * v["dloss/dy_pred"])
    first = comparison("one_weight_all_samples", change, tmp_path / "v.json").departures[0]
    assert [cause.kind for cause in first.causes] == ["missing_1_over_n"]


def test_what_nothing_explains_has_no_cause(tmp_path: Path) -> None:
    """A plain wrong number is only located: the entry, and how far it is off."""

    def change(values: Values) -> None:
        values[2]["dloss/dW1"] = values[2]["dloss/dW1"] + np.array([[0, 0], [0.01, 0]])

    found = comparison("mlp_2_2_2", change, tmp_path / "v.json")
    (first,) = found.departures
    assert (first.iteration, first.name, first.index) == (2, "dloss/dW1", (1, 0))
    assert (first.differing, first.entries) == (1, 4)
    assert first.absolute == pytest.approx(0.01, rel=1e-3)
    assert first.causes == ()


def test_later_departures_follow_or_do_not(tmp_path: Path) -> None:
    """A sign turned once carries on through the update; one turned again departs by itself."""
    content: dict[str, Any] = {
        "1": {"y_pred": 0.5, "dloss/dw": 3.0, "w'": 0.2},
        "2": {"w": 0.2, "y_pred": 0.2, "dloss/dw": 3.6, "w'": -0.16},
    }
    path = tmp_path / "v.json"
    path.write_text(json.dumps(content), "utf-8")
    found = compare_with_scenario(read_values(str(path)), load("one_weight"))
    told = [(item.iteration, item.name, item.follows) for item in found.departures]
    assert told == [
        (1, "dloss/dw", "first"),
        (1, "w'", "follows"),
        (2, "w", "follows"),
        (2, "y_pred", "follows"),
        (2, "dloss/dw", "own"),
        (2, "w'", "follows"),
    ]
    assert [cause.kind for cause in found.departures[4].causes] == ["sign_error"]
    assert found.missing == ("loss", "dloss/dy_pred")


def test_a_rounded_file_agrees_to_its_decimals(tmp_path: Path) -> None:
    """Values printed to four decimals are compared to four decimals, and it is said."""

    def change(values: Values) -> None:
        for found in values.values():
            for name in found:
                found[name] = np.round(found[name], 4)

    found = comparison("mlp_2_2_2", change, tmp_path / "v.json", "float64")
    assert found.decimals == 4
    assert found.departures == ()


def test_npz_has_the_iteration_as_first_axis(tmp_path: Path) -> None:
    """A parameter may have its first value in front; more iterations than the file's are run."""
    trace = run_scenario(load("one_weight", settings=["iterations=8"]))
    arrays: dict[str, Any] = {
        "w": trace.values("w"),
        "loss": trace.values("loss"),
        "dloss/dw": trace.values("dloss/dw").astype("float32"),
    }
    path = tmp_path / "v.npz"
    np.savez(path, **arrays)
    found = compare_with_scenario(read_values(str(path)), load("one_weight"))
    assert (found.iterations, found.dtype, found.departures) == (8, "float32", ())
    assert found.values == 8 * 3 + 1


def test_derive_s_json_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `tracer derive --format json` writes agrees with the trace."""
    path = tmp_path / "v.json"
    assert main(["derive", "mlp_2_2_2", "-o", str(path), "-q"]) == 0
    assert main(["check", "--values", str(path), "--scenario", "mlp_2_2_2", "--lang", "en"]) == 0
    assert ": 0 of " in capsys.readouterr().out


def test_the_first_iteration_may_be_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--iteration-base 0 is for frameworks that count from 0; without it nothing is dropped."""
    path = tmp_path / "v.json"
    path.write_text('{"0": {"w": 0.5}, "1": {"w": 0.8}}', "utf-8")
    arguments = ["check", "--values", str(path), "--scenario", "one_weight"]
    assert main([*arguments, "--iteration-base", "0"]) == 0
    assert main([*arguments, "--lang", "en"]) == 2
    assert "the first iteration of the file is 0" in capsys.readouterr().err


def test_names_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are listed with the nearest; where none fits, nothing was checked."""
    path = tmp_path / "v.json"
    path.write_text('{"1": {"dloss_dw": -3, "w": 0.5}}', "utf-8")
    arguments = ["check", "--values", str(path), "--scenario", "one_weight", "--lang", "en"]
    assert main(arguments) == 0
    assert "there is no dloss_dw in the scenario; did you mean dloss/dw" in capsys.readouterr().out
    path.write_text('{"1": {"dloss_dw": -3}}', "utf-8")
    assert main(arguments) == 2


def test_the_report_as_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--format json has everything the text says."""
    path = tmp_path / "v.json"
    path.write_text('{"1": {"dloss/dw": 3}}', "utf-8")
    arguments = ["check", "--values", str(path), "--scenario", "one_weight", "--format", "json"]
    assert main(arguments) == 1
    (first,) = json.loads(capsys.readouterr().out)["departures"]
    assert (first["name"], first["recorded"], first["traced"]) == ("dloss/dw", 3, -3)
    assert first["causes"][0]["kind"] == "sign_error"


def test_the_tolerance_can_be_chosen(tmp_path: Path) -> None:
    """--tolerance is relative."""
    path = tmp_path / "v.json"
    path.write_text('{"1": {"loss": 2.26}}', "utf-8")
    arguments = ["check", "--values", str(path), "--scenario", "one_weight"]
    assert main(arguments) == 1
    assert main([*arguments, "--tolerance", "0.01"]) == 0


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("{}", "there are no values in the file"),
        ("[1]", "this is not a table of names and values"),
        ('{"1": {"w": "0.5"}}', "the value of w is not an array of numbers"),
        ('{"1": {"w": [1, [2]]}}', "the value of w is not an array of numbers"),
        ('{"1": {"w": null}}', "the value of w is not an array of numbers"),
        ('{"iterations": [{"steps": 1}]}', "this is not what tracer derive"),
    ],
)
def test_json_that_holds_no_values(text: str, start: str, tmp_path: Path) -> None:
    """One message, whatever the file holds."""
    path = tmp_path / "v.json"
    path.write_text(text, "utf-8")
    with pytest.raises(TracerError) as caught:
        read_values(str(path))
    assert str(caught.value.what).startswith(start)


def test_npz_that_is_refused(tmp_path: Path) -> None:
    """No pickles, no text, no archive that would fill the memory."""
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, w=np.array([{}], dtype=object))
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x05\x06")
    bomb = tmp_path / "bomb.npz"
    head = b"\x93NUMPY\x01\x00"
    said = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
    padded = said + b" " * (117 - len(said)) + b"\n"
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("w.npy", head + len(padded).to_bytes(2, "little") + padded)
    starts = {
        pickled: "w.npy: the array does not hold numbers",
        broken: "this is not an NPZ file of numbers",
        bomb: "the arrays are too large",
        tmp_path / "v.csv": "recorded values are read from .json and .npz",
        tmp_path / "none.npz": "the file cannot be read",
    }
    for path, start in starts.items():
        with pytest.raises(TracerError) as caught:
            read_values(str(path))
        assert str(caught.value.what).startswith(start), path


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        ("NaN", "dloss/dw: recorded nan, which is not finite, traced -3"),
        ("-1.5", "it is 1/2 times the expected value"),
        (
            "-6.0",
            "it is 2 times the expected value",
        ),
    ],
)
def test_what_is_said_of_a_gradient(
    slope: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number that is none is named as such, a factor by its size."""
    path = tmp_path / "values.json"
    path.write_text(f'{{"1": {{"w": 0.5, "y_pred": 0.5, "dloss/dw": {slope}}}}}', "utf-8")
    arguments = ["check", "--values", str(path), "--scenario", "one_weight", "--lang", "en"]
    assert main(arguments) == 1
    told = capsys.readouterr().out
    assert words in told
    assert ("explains it" in told) is False


def test_a_bias_and_joined_parts_do_not_widen_each_other_s_rounding() -> None:
    """What stays where one operand is rounded adds nothing to the bound: 1e-3 off is found."""
    run = tracer.trace(
        equations="""
        both = concat([0.5 * x, 100 * x])
        seen = conv1d(reshape(both, (1, 1, 6)), k, b)
        loss = mean(seen**2)
        """,
        data={"x": [0.25, 0.5, 0.75]},
        parameters={"k": [[[0.1, 0.3]]], "b": [50.0]},
        iterations=1,
        learning_rate=0.1,
    )
    for name in ("both", "seen"):
        values = np.array(run.iteration(1)[name], dtype="float32")
        assert tracer.compare(run, {1: {name: values}}).departures == ()
        values[(0,) * values.ndim] *= 1.001
        [departure] = tracer.compare(run, {1: {name: values}}).departures
        assert departure.name == name
