"""A run can be written as a scenario file that gives it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tracer
from tracer.program.scenario import Scenario, bundled, load, loads
from tracer.program.scenario_edits import scenario_toml

PARTS = ("title", "equations", "loss", "notation", "trainable", "dtype", "plot", "translations")
KEYS = ("optimizer", "settings", "update", "iterations", "epochs", "batch_size", "shuffle", "seed")


def alike(one: Scenario, other: Scenario) -> bool:
    """Tell whether two scenarios say the same, number by number."""
    same = all(getattr(one, part) == getattr(other, part) for part in PARTS)
    for table in ("data", "parameters", "constants"):
        ours, theirs = getattr(one, table), getattr(other, table)
        same &= ours.keys() == theirs.keys()
        same &= all(ours[name].floats() == theirs[name].floats() for name in ours)
    if one.training is None or other.training is None:
        return same and one.training is other.training
    return same and all(getattr(one.training, k) == getattr(other.training, k) for k in KEYS)


@pytest.mark.parametrize("name", [name for name in bundled() if not name.endswith("_full")])
def test_every_scenario_and_variant_comes_back(name: str) -> None:
    """Titles, equations, numbers, drawn values, training."""
    scenario = load(name)
    for one in (scenario, *(scenario.variant(item.name) for item in scenario.variants)):
        assert alike(one, loads(scenario_toml(one)))


def test_settings_are_in_the_text() -> None:
    """What was chosen for a run stands in its file."""
    trace = tracer.load("one_weight", settings=["learning_rate=0.25", "w=-1"]).run()
    again = loads(trace.to_toml())
    assert again.parameters["w"].floats() == [-1]
    assert again.training is not None
    assert again.training.learning_rate is not None
    assert again.training.learning_rate.floats() == [0.25]


def test_a_traced_function_is_saved_as_a_scenario(tmp_path: Path) -> None:
    """Its equations and its arrays, with all digits; the file runs to the same bits."""
    generator = np.random.default_rng(1)
    data = {"X": generator.normal(size=(4, 3)), "y": generator.normal(size=(4, 1))}
    parameters = {"W": generator.normal(size=(3, 1)), "b": np.zeros(1)}

    def loss(X: Any, y: Any, W: Any, b: Any) -> Any:
        return np.mean((np.tanh(X @ W + b) - y) ** 2)

    trace = tracer.trace(loss, data=data, parameters=parameters, learning_rate=0.1, iterations=3)
    file = tmp_path / "traced.toml"
    file.write_text(trace.to_toml(), encoding="utf-8")
    assert tracer.load(file).run().final == trace.final


def test_numbers_of_files_stand_in_the_text(tmp_path: Path) -> None:
    """The text needs no file beside it."""
    np.save(tmp_path / "x.npy", np.array([0.1, 1 / 3]))
    file = tmp_path / "scenario.toml"
    file.write_text(
        '[data]\nx = {file = "x.npy"}\n[network]\nequations = "y = 2 * x"\n', encoding="utf-8"
    )
    assert loads(scenario_toml(load(file))).data["x"].floats() == [0.1, 1 / 3]
