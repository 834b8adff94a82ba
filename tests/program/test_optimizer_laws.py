"""What is derived of an optimizer holds of its runs, line by line, at each iteration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tracer.expression.syntax import Call, Name, Node, Number
from tracer.operations import vocabulary
from tracer.operations.law import law_sides
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import loads
from tracer.run.runner import run_scenario
from tracer.run.scalar_code import float_value

LAST = 6
RUN = """
[parameters]
w = 1.3
[network]
equations = "loss = (w - 3)**2 + 0.5 * w**3"
[training]
optimizer = "{name}"
learning_rate = 0.05
iterations = 7
"""


class RunOf:
    """A run of an optimizer: its settings, and what it computes in each iteration."""

    def __init__(self, name: str) -> None:
        trace = run_scenario(loads(RUN.format(name=name)))
        self.settings = {key: float(text) for key, text in OPTIMIZERS[name].defaults.items()}
        self.settings["learning_rate"] = 0.05
        self.columns: dict[str, Sequence[float]] = {
            "w": [0.0, *(trace.iteration(k).floats("w")[0] for k in range(1, LAST + 2))],
            "g": [0.0, *trace.floats("dloss/dw")],
        }
        for equation in trace.program.phase("update"):
            short = equation.name.removesuffix("'")
            short = short.removesuffix("[w]")
            if short != "w":
                start = float(OPTIMIZERS[name].state.get(short, 0))
                self.columns[short] = [start, *trace.floats(equation.name)]

    def value(self, node: Node, at: Mapping[str, float]) -> float:
        """Return the value of a side in one iteration."""
        if isinstance(node, Number):
            return float(node.value)
        if isinstance(node, Name):
            return at[node.id] if node.id in at else self.settings[node.id]
        assert isinstance(node, Call)
        if node.operation == "over":
            letter, last, body = node.arguments
            assert isinstance(letter, Name)
            count = int(self.value(last, at))
            return sum(self.value(body, {**at, letter.id: k}) for k in range(1, count + 1))
        if node.operation == "index":
            base, place = node.arguments
            assert isinstance(base, Name)
            return self.columns[base.id][int(self.value(place, at))]
        values: dict[Node, float] = {
            Name(f"x{k}"): self.value(item, at) for k, item in enumerate(node.arguments)
        }
        return float_value(Call(node.operation, tuple(values)), values)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_line_holds_in_a_run(name: str) -> None:
    """Sums over all past gradients and corrections are what the recorded state comes to."""
    run = RunOf(name)
    assert OPTIMIZERS[name].law, "its `law` is to say where its equations come from"
    for line in OPTIMIZERS[name].law:
        for t in range(1, LAST + 1):
            sides = [run.value(side, {"t": t}) for side in law_sides(line.text, vocabulary)]
            assert sides == pytest.approx([sides[0]] * len(sides), rel=1e-9), (line.text, t)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_says_what_others_call_it(name: str) -> None:
    """Where PyTorch has it, its definition is the one of torch.optim."""
    names = OPTIMIZERS[name].frameworks
    assert names, "its `frameworks` are to have what a framework calls it"
    assert names.get("PyTorch", "torch.optim.").startswith("torch.optim.")
