"""A value without a name is shown as what it is: no made-up name reaches a reader.

The programs are such as a newcomer writes, with the loss inside a larger expression.
"""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.case_lists import sampled
from tests.ui.pictures import opened, press, pressed, shown_text
from tracer.cli import main
from tracer.program.scenario import Scenario, loads
from tracer.run.run_report import run_report
from tracer.run.short_runs import run
from tracer.ui.app import TracerApp
from tracer.ui.parts.tracer_screen import Lines
from tracer.ui.walk.walk_screen import WalkScreen

DATA = {
    "X": "[[0.5, -1.0], [1.5, 0.3], [-0.7, 0.8]]",
    "y": "[0, 1, 1]",
    "t": "[0.2, 1.0, -0.4]",
}
PARAMETERS = {
    "W": "[[0.3, -0.2], [0.1, 0.4]]",
    "b": "[0.05, -0.1]",
    "v": "[0.6, -0.5]",
    "c": "0.1",
}
PROGRAMS = {
    "ridge": ("z = X @ W + b", "loss = nll(softmax(z), y) + 0.01 * sum(W**2)"),
    "two losses": (
        "z = X @ W + b",
        "loss = 0.5 * cross_entropy(z, y) + 0.5 * mse(tanh(X @ v + c), t)",
    ),
    "penalty": ("h = tanh(X @ W + b)", "loss = mse(h @ v + c, t) * (1 + 0.1 * log(1 + sum(v**2)))"),
    "both ways": ("q = sigmoid(X @ v + c)", "loss = bce(q, y) + bce(1 - q, 1 - y) + mean(abs(v))"),
    "focal": (
        "q = sigmoid(X @ v + c)",
        "right = y * q + (1 - y) * (1 - q)",
        "loss = mean((1 - right)**2 * (-log(right)))",
    ),
    "weighted": (
        "z = X @ W + b",
        "loss = sum([0.2, 0.3, 0.5] * (logsumexp(z, axis=1) - z[:, 0]))",
    ),
    "triplet": (
        "a = X[0] @ W",
        "loss = maximum(sum((a - X[1] @ W)**2) - sum((a - X[2] @ W)**2) + 0.3, 0)",
    ),
    "lower bound": (
        "m = X @ v + c",
        "s = exp(0.1 * m)",
        "loss = mean((m - t)**2) / 2 + 0.5 * mean(s**2 + m**2 - 1 - log(s**2))",
    ),
    "numbered names": (
        "nll_1 = sum(v)",
        "nll_2 = nll(softmax(X @ W + b), y)",
        "loss = sqrt(nll_2 * nll(softmax(2 * (X @ W)), y)) + nll_1**2",
    ),
    "single numbers": (
        "r = exp(-v[0]**2) * cos(v[1] * c) + c",
        "loss = (r - 0.3)**2 / (1 + c**2) + log(1 + exp(-r * v[1]))",
    ),
    "perplexity": ("nll = exp(cross_entropy(X @ W + b, y))", "loss = log(nll) + nll / 10"),
    "long sum": (
        "h_1 = tanh(X @ W + b)",
        "h_2 = (h_1 @ v + c) * sigmoid(h_1 @ v - c) + relu(h_1 @ v)",
        "loss = nll(softmax(stack([h_2, -h_2], axis=1)), y) + mse(h_2, t) + sqrt(sum(v**2))",
    ),
}
FAULTS = {
    "domain": ("r = exp(log(c - 0.5) * v[0]) + v[1]", "loss = (r - 0.3)**2"),
    "pole": ("r = cos(v[0] / (c - 0.1)) * 2 + v[1]", "loss = (r - 0.3)**2"),
}


def _scenario(lines: tuple[str, ...]) -> Scenario:
    """Return a scenario with these equations and what they use."""
    text = "\n".join(lines)
    used = set(re.findall(r"[A-Za-z_]\w*", text))
    tables = (("data", DATA), ("parameters", PARAMETERS))
    given = "".join(
        f"[{table}]\n"
        + "".join(f"{name} = {value}\n" for name, value in known.items() if name in used)
        for table, known in tables
    )
    training = "[training]\nlearning_rate = 0.1\niterations = 2\n"
    return loads(f'{given}[network]\nequations = """\n{text}\n"""\nloss = "loss"\n{training}')


def _made_up_names(scenario: Scenario) -> re.Pattern[str]:
    """Return what finds a name that the program made for a value without one."""
    parts = [re.escape(item.name) for item in run(scenario).program.equations if item.base]
    return re.compile("|".join([r"part(_|\}_)? ?\{?[\d₀-₉]", *(rf"\b{name}\b" for name in parts)]))


@pytest.mark.parametrize("size", [(80, 24), pytest.param((200, 60), marks=pytest.mark.proof)])
@pytest.mark.parametrize("name", sampled(PROGRAMS, ["long sum"]))
def test_no_screen_of_the_walk_shows_a_made_up_name(name: str, size: tuple[int, int]) -> None:
    scenario = _scenario(PROGRAMS[name])
    made_up = _made_up_names(scenario)

    async def walk() -> list[str]:
        found: list[str] = []
        async with opened(scenario, size) as pilot:
            app = pilot.app
            assert isinstance(app, TracerApp)
            asked = await pressed(pilot, "enter", "colon")
            found += filter(made_up.search, asked.splitlines())
            await press(pilot, "escape", "home")
            while app.session.place.iteration == 1:
                for pane in app.screen.query(Lines):
                    found += filter(made_up.search, shown_text(pane).splitlines())
                await press(pilot, "n")
        return found

    assert not asyncio.run(walk())


@pytest.mark.parametrize("name", sampled(PROGRAMS, ["long sum", "single numbers", "two losses"]))
def test_no_derivation_has_a_made_up_name(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    scenario = _scenario(PROGRAMS[name])
    path = tmp_path / "mine.toml"
    path.write_text(scenario.text)
    made_up = _made_up_names(scenario)
    for command in (["derive"], ["walk"], ["show"], ["run"]):
        assert main([*command, str(path)]) == 0
        assert not made_up.search(capsys.readouterr().out), command
    assert main(["derive", str(path), "--focus", "zzzz"]) == 2
    assert not made_up.search(capsys.readouterr().err)


@pytest.mark.parametrize("name", [*FAULTS])
def test_a_run_that_stops_in_a_part_names_the_part_by_its_formula(name: str) -> None:
    scenario = _scenario(FAULTS[name])
    trace = run(scenario)
    assert trace.fault is not None
    made_up = _made_up_names(scenario)
    assert not made_up.search(run_report(trace).end(str))

    async def walk() -> str:
        async with opened(scenario) as pilot:
            screen = pilot.app.screen
            assert isinstance(screen, WalkScreen)
            return await pressed(pilot, "G")

    shown = asyncio.run(walk())
    assert not made_up.search(shown)
    assert "stops: " in shown
