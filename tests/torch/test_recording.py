"""What a training in PyTorch does is recorded under the names that `from_torch` gives."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tracer
from tracer.cli import main
from tracer.errors import RunError

pytestmark = pytest.mark.proof
STEPS = 3


@pytest.fixture(name="torch", scope="module")
def _torch() -> Any:
    pytest.importorskip("torch")
    torch = import_module("torch")
    torch.manual_seed(1)
    return torch


def network(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return a small classifier in float32, its data and its optimizer."""
    nn = torch.nn
    net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 3))
    inputs = {"input": torch.randn(5, 4), "labels": torch.tensor([0, 2, 1, 2, 0])}
    return net, inputs, torch.optim.Adam(net.parameters(), lr=0.05)


def train(torch: Any, net: Any, inputs: dict[str, Any], optimizer: Any, recording: Any) -> None:
    """Train as one would without a recording, but for the loss."""
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(inputs["input"]), inputs["labels"])
        recording.add(loss=loss)
        loss.backward()
        optimizer.step()


def test_a_recording_is_the_trace_and_a_wrong_value_in_it_is_found(
    torch: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Activations, gradients, updates: in memory, from the file, and by the command."""
    net, inputs, optimizer = network(torch)
    loss = torch.nn.CrossEntropyLoss()
    trace = tracer.from_torch(net, inputs, loss, optimizer, iterations=STEPS)
    file = tmp_path / "run.npz"
    with tracer.record(net, optimizer, file) as recording:
        train(torch, net, inputs, optimizer, recording)
    assert len(recording) == STEPS
    found = tracer.compare(trace, recording)
    assert (found.departures, found.unknown, found.dtype) == ((), (), "float32")
    wanted = {"loss", "layer1", "dloss/dlayer1", "dloss/dlayer0_weight", "layer0_weight'"}
    assert wanted <= recording[STEPS].keys()
    scenario = tmp_path / "net.toml"
    scenario.write_text(trace.to_toml(), "utf-8")
    command = ["check", "--values", str(file), "--scenario", str(scenario)]
    assert main(command) == 0
    assert main(["compare", str(scenario), str(file)]) == 0
    arrays = dict(np.load(file))
    arrays["dloss/dlayer1"][1, 0, 0] += 0.1
    np.savez(file, **arrays)
    capsys.readouterr()
    assert main(command) == 1
    assert "iteration 2: first mismatch in dloss/dlayer1" in capsys.readouterr().out


def test_the_training_is_the_same_with_a_recording(torch: Any, tmp_path: Path) -> None:
    """Hooks only look, and are gone after the block."""
    states = []
    for is_recorded in (False, True):
        torch.manual_seed(2)
        net, inputs, optimizer = network(torch)
        recording = tracer.record(net, optimizer, tmp_path / "run.npz")
        if is_recorded:
            with recording:
                train(torch, net, inputs, optimizer, recording)
        else:
            train(torch, net, inputs, optimizer, recording)
        states.append(net.state_dict())
        assert not any(layer._forward_hooks for layer in net.modules())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_without_an_optimizer_the_block_is_one_iteration(torch: Any, tmp_path: Path) -> None:
    """Gradients alone, as of one backward pass."""
    net, inputs, _ = network(torch)
    loss = torch.nn.CrossEntropyLoss()
    with tracer.record(net, file=tmp_path / "run.npz") as recording:
        loss(net(inputs["input"]), inputs["labels"]).backward()
    assert len(recording) == 1
    assert tracer.compare(tracer.from_torch(net, inputs, loss), recording).departures == ()


def test_a_layer_that_is_called_twice_has_two_names(torch: Any, tmp_path: Path) -> None:
    """As in the equations of `from_torch`."""
    nn = torch.nn

    class Twice(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            return self.inner(torch.tanh(self.inner(x)))

    net, inputs = Twice(), {"x": torch.randn(2, 3), "y": torch.randn(2, 3)}
    with tracer.record(net, file=tmp_path / "run.npz") as recording:
        nn.functional.mse_loss(net(inputs["x"]), inputs["y"]).backward()
    assert {"inner", "inner_1", "dloss/dinner_1"} <= recording[1].keys()
    trace = tracer.from_torch(net, inputs, nn.functional.mse_loss)
    assert tracer.compare(trace, recording).departures == ()


def test_the_second_call_of_a_layer_takes_no_name_of_another_layer(
    torch: Any, tmp_path: Path
) -> None:
    """A layer may be called `fc_1`: all three outputs are there, as in `from_torch`."""
    nn = torch.nn

    class Twice(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.fc_1 = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            return self.fc(self.fc_1(self.fc(x)))

    net, inputs = Twice(), {"x": torch.randn(2, 3), "y": torch.randn(2, 3)}
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    trace = tracer.from_torch(net, inputs, nn.functional.mse_loss, optimizer, iterations=STEPS)
    with tracer.record(net, optimizer, tmp_path / "run.npz") as recording:
        for _ in range(STEPS):
            optimizer.zero_grad()
            nn.functional.mse_loss(net(inputs["x"]), inputs["y"]).backward()
            optimizer.step()
    assert {"fc", "fc_1", "fc_2", "dloss/dfc_2"} <= recording[STEPS].keys()
    found = tracer.compare(trace, recording)
    assert (found.departures, found.unknown) == ((), ())


def test_nothing_is_written_where_nothing_was_recorded(torch: Any, tmp_path: Path) -> None:
    """No step, an error in the block, or layers that are not called in each iteration."""
    net, inputs, optimizer = network(torch)
    file = tmp_path / "run.npz"
    with pytest.raises(RunError, match="nothing was recorded"), tracer.record(net, optimizer, file):
        net(inputs["input"])
    with pytest.raises(ZeroDivisionError), tracer.record(net, optimizer, file):
        raise ZeroDivisionError
    recording = tracer.record(net, optimizer, file).__enter__()
    net(inputs["input"]).sum().backward()
    optimizer.step()
    optimizer.step()
    with pytest.raises(RunError, match="layer0 was not recorded in iteration 2"):
        recording.__exit__(None, None, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "uses"), [("LSTM", "outputs"), ("GRU", "outputs"), ("GRU", "last")]
)
def test_the_outputs_of_a_recurrent_layer_have_its_name(
    kind: str, uses: str, torch: Any, tmp_path: Path
) -> None:
    """Not what it is handed, with the batch first, nor its last states."""
    nn = torch.nn

    class Reader(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.out = getattr(nn, kind)(3, 4, batch_first=True), nn.Linear(4, 1)

        def forward(self, x: Any) -> Any:
            outputs, last = self.rnn(x)
            return self.out(outputs if uses == "outputs" else last[0])

    net, inputs = Reader().double(), {"x": torch.randn(2, 5, 3).double()}
    trace = tracer.from_torch(net, inputs, torch.mean)
    with tracer.record(net, file=tmp_path / "run.npz") as recording:
        torch.mean(net(inputs["x"])).backward()
    assert tracer.compare(trace, recording).departures == ()
    assert ("rnn" in trace.iteration(1)) == (uses == "outputs")


@pytest.mark.parametrize("kind", ["RNNCell", "GRUCell", "LSTMCell"])
def test_the_output_of_a_cell_has_its_name(kind: str, torch: Any, tmp_path: Path) -> None:
    """What is recorded of it, and what comes back to it, is compared."""
    nn = torch.nn

    class Reader(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.out = getattr(nn, kind)(3, 4), nn.Linear(4, 1)

        def forward(self, x: Any) -> Any:
            found = self.cell(x)
            return self.out(found[0] if isinstance(found, tuple) else found)

    net, inputs = Reader().double(), {"x": torch.randn(2, 3).double()}
    trace = tracer.from_torch(net, inputs, torch.mean)
    with tracer.record(net, file=tmp_path / "run.npz") as recording:
        torch.mean(net(inputs["x"])).backward()
    found = tracer.compare(trace, recording)
    assert (found.departures, found.unknown) == ((), ())
