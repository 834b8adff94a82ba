"""Drawn values are those of NumPy, from a seed of their own or from one stream in file order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tracer.errors import ScenarioError
from tracer.program.scenario import Scenario, loads

NETWORK = '[network]\nequations = "loss = 1"\n'


def drawn(value: str, head: str = "", settings: tuple[str, ...] = ()) -> Scenario:
    """Return a scenario with one parameter W."""
    return loads(f"{head}\n[parameters]\nW = {value}\n{NETWORK}", settings=settings)


def generator() -> np.random.Generator:
    """Return the generator of seed 3."""
    return np.random.default_rng(3)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('shape = [2, 3], init = "uniform"', lambda: generator().uniform(0, 1, (2, 3))),
        (
            'shape = [4], init = "uniform", low = -0.1, high = 0.1',
            lambda: generator().uniform(-0.1, 0.1, 4),
        ),
        ('shape = [2, 3], init = "normal"', lambda: generator().normal(0, 1, (2, 3))),
        ('shape = [], init = "normal", mean = 1, std = 2', lambda: generator().normal(1, 2, ())),
        (
            'shape = [9], init = "integers", low = -2, high = 5',
            lambda: generator().integers(-2, 5, 9),
        ),
        (
            'shape = [2, 3], init = "glorot"',
            lambda: generator().uniform(-math.sqrt(6 / 5), math.sqrt(6 / 5), (2, 3)),
        ),
        (
            'shape = [2, 3], init = "glorot_normal"',
            lambda: generator().normal(0, math.sqrt(2 / 5), (2, 3)),
        ),
        ('shape = [2, 3], init = "he"', lambda: generator().normal(0, 1, (2, 3))),
        (
            'shape = [3, 2], init = "he", fan_in = 2',
            lambda: generator().normal(0, 1, (3, 2)),
        ),
        (
            'shape = [2, 3], init = "he_uniform"',
            lambda: generator().uniform(-math.sqrt(3), math.sqrt(3), (2, 3)),
        ),
        (
            'shape = [4, 3], init = "torch_linear"',
            lambda: generator().uniform(-0.5, 0.5, (4, 3)),
        ),
        (
            'shape = [3], init = "torch_linear", fan_in = 4',
            lambda: generator().uniform(-0.5, 0.5, 3),
        ),
        (
            'shape = [3], init = "normal", dtype = "float32"',
            lambda: generator().normal(0, 1, 3).astype(np.float32),
        ),
    ],
)
def test_draw_with_a_seed_of_its_own(value: str, expected: Any) -> None:
    """Each init draws what NumPy's default generator of that seed draws."""
    found = drawn(f"{{{value}, seed = 3}}").parameters["W"]
    want = np.asarray(expected())
    assert found.shape == want.shape
    assert found.array().tolist() == want.astype(np.float64).tolist()


@pytest.mark.parametrize(("init", "fill"), [("zeros", 0), ("ones", 1)])
def test_constant_fill(init: str, fill: int) -> None:
    """Zeros and ones need no seed; small ones are exact, large ones are arrays."""
    small = drawn(f'{{shape = [2, 2], init = "{init}"}}').parameters["W"]
    assert small.exact == (fill,) * 4
    large = drawn(f'{{shape = [200, 200], init = "{init}"}}').parameters["W"]
    assert large.exact is None
    assert set(large.floats()) == {float(fill)}


STREAM = """\
[random]
generator = "{}"
seed = 42
[parameters]
W = {{shape = [2, 3], init = "normal", std = 0.1}}
b = {{shape = [2], init = "zeros"}}
[data]
x = {{shape = [4], init = "uniform", low = -1}}
own = {{shape = [2], init = "uniform", seed = 3}}
k = {{shape = [5], init = "integers", high = 10}}
[network]
equations = "loss = 1"
[parameters.V]
shape = [2]
init = "uniform"
[evaluation]
metrics = ["loss"]
data.x = {{shape = [2], init = "normal"}}
"""


def test_legacy_stream_in_the_order_of_the_file() -> None:
    """One stream draws what numpy.random.seed and the functions of that module would."""
    scenario = loads(STREAM.format("numpy-legacy"))
    np.random.seed(42)
    W = np.random.randn(2, 3) * 0.1
    x = np.random.rand(4) * 2 - 1
    k = np.random.randint(0, 10, 5)
    V = np.random.rand(2)
    again = np.random.randn(2)
    assert scenario.parameters["W"].array().tolist() == W.tolist()
    assert scenario.data["x"].array().tolist() == x.tolist()
    assert scenario.data["k"].floats() == k.tolist()
    assert scenario.parameters["V"].floats() == V.tolist()
    assert scenario.data["own"].floats() == generator().uniform(0, 1, 2).tolist()
    assert scenario.evaluation is not None
    assert scenario.evaluation.data["x"].floats() == again.tolist()


def test_stream_of_the_new_generator() -> None:
    """The generator "numpy" is default_rng, and the default."""
    scenario = loads(STREAM.format("numpy"))
    stream = np.random.default_rng(42)
    assert scenario.parameters["W"].array().tolist() == stream.normal(0, 0.1, (2, 3)).tolist()
    assert scenario.data["x"].floats() == stream.uniform(-1, 1, 4).tolist()
    bare = loads(STREAM.replace('generator = "{}"\n', "").format())
    assert bare.parameters["V"].floats() == scenario.parameters["V"].floats()


def test_an_override_keeps_its_place_in_the_stream() -> None:
    """A draw that an override changes still comes where the file has it."""
    scenario = loads(
        STREAM.format("numpy"), settings=["W={shape = [2, 3], init = 'normal', std = 0.2}"]
    )
    stream = np.random.default_rng(42)
    assert scenario.parameters["W"].array().tolist() == stream.normal(0, 0.2, (2, 3)).tolist()
    assert scenario.data["x"].floats() == stream.uniform(-1, 1, 4).tolist()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('{shape = [2], init = "normal"}', "a drawn value needs a seed; expected seed = 1 in it"),
        ('{init = "zeros"}', "a drawn value needs shape"),
        ("{shape = [2]}", "a drawn value needs init; expected uniform, normal"),
        ('{shape = [2], init = "unifrom", seed = 1}', "unknown init “unifrom”; did you mean unif"),
        ('{shape = 2, init = "zeros"}', "W.shape: this is not a list; found 2"),
        ('{shape = [0], init = "zeros"}', "W.shape: out of range; found 0"),
        ('{shape = [2.5], init = "zeros"}', "W.shape: this is not a whole number; found 2.5"),
        ('{shape = [2], init = "zeros", seed = 1}', "W.seed: unknown key “seed”"),
        ('{shape = [2], init = "normal", low = 1, seed = 1}', "W.low: unknown key “low”"),
        (
            '{shape = [2], init = "normal", std = -1, seed = 1}',
            "W.std: the number is negative; fou",
        ),
        ('{shape = [2], init = "uniform", low = 1, seed = 1}', "W.low: low is not below high; fou"),
        ('{shape = [2], init = "integers", seed = 1}', "integers needs high"),
        (
            '{shape = [2], init = "integers", high = 1.5, seed = 1}',
            "W.high: this is not a whole",
        ),
        ('{shape = [2], init = "glorot", seed = 1}', "glorot needs fan_in where the shape is not"),
        ('{shape = [2], init = "torch_linear", seed = 1}', "torch_linear needs fan_in where"),
        ('{shape = [2], init = "normal", seed = -1}', "W.seed: out of range; found -1"),
        (
            '{shape = [2], init = "normal", seed = 1, dtype = "f4"}',
            "W.dtype: unknown dtype “f4”; e",
        ),
        ('{shape = [9999, 9999], init = "zeros"}', "the scenario holds too many numbers; found 9"),
        (
            '{shape = [2], init = "normal", seed = 1, std = 1e300, dtype = "float32"}',
            "a drawn number is not finite",
        ),
        (
            '{shape = [2], init = "uniform", seed = 1, low = -1.7e308, high = 1.7e308}',
            "low and high are too far apart",
        ),
    ],
)
def test_refused_draw(value: str, message: str) -> None:
    """A draw that does not say all it needs, or too much, is an error at its line."""
    with pytest.raises(ScenarioError) as caught:
        drawn(value)
    assert message in str(caught.value)
    assert str(caught.value).startswith("scenario:3: [parameters] W")


def test_seven_gigabytes_are_refused_before_they_are_drawn() -> None:
    """The sizes are added up over all tables before anything is drawn."""
    half = '{shape = [5000, 5001], init = "normal", seed = 1}'
    with pytest.raises(ScenarioError, match="too many numbers; found 50010000 up to here"):
        drawn(half, head=f"[data]\nx = {half}")
