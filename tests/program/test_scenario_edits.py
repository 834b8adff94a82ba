"""A changed scenario: its text keeps what a person wrote, and it runs as it says."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.errors import TracerError
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import Scenario, bundled, load, loads
from tracer.program.scenario_edits import (
    Path as KeyPath,
)
from tracer.program.scenario_edits import (
    editable_fields,
    entry_text,
    plain_text,
    saved_text,
    with_optimizer,
    with_value,
)
from tracer.run.short_runs import run

COMMENTED = """\
# a scenario of my own
[data]
x = [1, 2, # the second
  3]
"θ" = 2

[parameters]
w = 0.5  # first guess

[network]
equations = "loss = mean((w * x - θ)**2)"

[training]
learning_rate = 0.1  # not too much
iterations = 3
"""


def _field(scenario: Scenario, *path: str) -> str:
    return next(field.written for field in editable_fields(scenario) if field.path == path)


@pytest.mark.parametrize("name", bundled())
def test_every_field_of_every_scenario_says_what_the_scenario_holds(name: str) -> None:
    scenario = load(name)
    found = editable_fields(scenario)
    assert len({(field.path, field.kind) for field in found}) == len(found)
    numbers = [field for field in found if field.kind == "number"]
    for field in numbers:
        if field.path[0] == "parameters":
            assert float(field.written) == scenario.parameters[field.name].floats()[0]
    if scenario.training is not None and scenario.training.learning_rate is not None:
        assert found[0].path == ("training", "learning_rate")


@pytest.mark.parametrize(
    ("path", "value", "place", "old", "new"),
    [
        (("training", "learning_rate"), "0.25", None, "0.1  # not", "0.25  # not"),
        (("parameters", "w"), "-1", None, "0.5  #", "-1  #"),
        (("data", "x"), "7.5", 1, "2, # the", "7.5, # the"),
        (("data", "theta"), "9", None, '"θ" = 2', '"θ" = 9'),
    ],
)
def test_a_change_touches_nothing_else_of_the_text(
    path: KeyPath, value: str, place: int | None, old: str, new: str
) -> None:
    after = with_value(loads(COMMENTED), path, value, place)
    assert after.text == COMMENTED.replace(old, new)


def test_what_does_not_fit_is_the_readers_error() -> None:
    with pytest.raises(TracerError, match="out of range"):
        with_value(loads(COMMENTED), ("training", "iterations"), "0")


def test_overrides_and_a_variant_are_written_into_the_text() -> None:
    scenario = load("optimizers", settings=["p=3"]).variant("momentum")
    again = loads(plain_text(scenario))
    assert not again.overrides
    assert again.training is not None
    assert again.training.optimizer == "momentum"
    assert run(again).final == run(scenario).final


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_the_place_of_another(name: str) -> None:
    after = with_optimizer(load("optimizers").variant("momentum"), name)
    assert after.training is not None
    assert after.training.optimizer == name
    assert len(run(after)) == 10


def test_an_optimizer_takes_the_place_of_a_rule_of_the_scenarios_own() -> None:
    after = with_optimizer(load("optimizers_side_by_side"), "adam")
    assert after.training is not None
    assert after.training.update is None
    assert _field(after, "training", "learning_rate") == "0.1"


def test_a_drawn_array_is_written_out_and_the_others_keep_their_numbers() -> None:
    before = loads(
        '[random]\nseed = 1\n[data]\nx = [1, 2]\n[parameters]\nA = {shape = [2], init = "normal"}\n'
        'B = {shape = [2], init = "normal"}\n[network]\n'
        'equations = "loss = sum(A * x + B)"\n[training]\nlearning_rate = 0.1\niterations = 1\n'
    )
    after = with_value(before, ("parameters", "A"), "5", 0)
    assert after.parameters["A"].floats() == [5, before.parameters["A"].floats()[1]]
    assert after.parameters["B"].floats() == before.parameters["B"].floats()


def test_a_large_drawn_array_is_not_written_out() -> None:
    with pytest.raises(TracerError, match="too many numbers"):
        with_value(load("four_layer_classifier"), ("parameters", "W1"), "1", 0)


def test_a_cell_is_counted_row_by_row() -> None:
    scenario = load("linear_regression")
    field = next(field for field in editable_fields(scenario) if field.path == ("data", "X"))
    assert entry_text(scenario, field, 3) == "3"
    assert with_value(scenario, ("data", "X"), "8", 3).data["X"].floats()[3] == 8


@pytest.mark.parametrize("name", ["one_weight", "xor", "optimizers", "perceptron"])
def test_what_is_saved_gives_the_same_run(name: str, tmp_path: Path) -> None:
    changed = load(name)
    for field in editable_fields(changed):
        if field.path[0] == "parameters" and field.kind == "number":
            changed = with_value(changed, field.path, "0.3333333333333333")
    target = tmp_path / "mine.toml"
    target.write_text(saved_text(changed, target), "utf-8")
    again = run(load(target))
    assert again.final == run(changed).final
    assert again.floats(again.program.loss or "") == run(changed).floats(again.program.loss or "")


def test_a_scenario_whose_data_file_is_elsewhere_is_not_saved(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1\n2\n", "utf-8")
    source = tmp_path / "own.toml"
    source.write_text(COMMENTED.replace("[1, 2, # the second\n  3]", '{file = "x.csv"}'), "utf-8")
    scenario = load(source)
    assert saved_text(scenario, tmp_path / "beside.toml")
    (tmp_path / "else").mkdir()
    with pytest.raises(TracerError):
        saved_text(scenario, tmp_path / "else" / "there.toml")
