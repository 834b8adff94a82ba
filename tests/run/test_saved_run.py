"""A saved run is told from its file, and goes on from there to the bits of one never stopped."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.case_lists import crossed
from tests.run.networks import NETWORKS, OPTIMIZERS, record_bits, scenario, written
from tracer.errors import ScenarioError, TracerError
from tracer.program import npy_format
from tracer.program.scenario import Scenario, load, loads
from tracer.run import runner
from tracer.run.layout import RECORDS, Record
from tracer.run.runner import Run
from tracer.run.saved_run import read_run, write_run

BATCHES = "epochs = 4\nbatch_size = 2\nshuffle = true\nseed = 3\noptimizer = 'adam'"
BUDGET = 1 << 28

SAVE_FOR_EVER = """
import sys
from pathlib import Path
from tracer.program.scenario import load
from tracer.run.runner import Run
from tracer.run.saved_run import write_run

run = Run(load("xor", settings=["iterations=2000"]), "all")
run.begin()
while not run.is_over:
    run.advance()
write_run(run, Path(sys.argv[1]))
print("begun", flush=True)
while True:
    write_run(run, Path(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments and windows of a few steps, so that a short run has several."""
    monkeypatch.setattr(runner, "CHUNK_BYTES", 2000)
    monkeypatch.setattr(runner, "UNKEPT_STEPS", 3)
    monkeypatch.setattr(runner, "WINDOW_STEPS", 3)
    monkeypatch.setattr(runner, "CHECKPOINT_STEPS", 12)


def finished(run: Run) -> Run:
    """Go on with a run to its end."""
    while not run.is_over:
        run.advance()
    return run


def begun(network: Scenario, record: Record, segments: int) -> Run:
    """Return a run that was left after some segments."""
    run = Run(network, record)
    run.begin()
    while len(run.segments) < segments and not run.is_over:
        run.advance()
    return run


def read_again(run: Run, place: Path) -> Run:
    """Return a run as its file gives it."""
    write_run(run, place)
    return read_run(place, budget=BUDGET)


def same(one: Run, other: Run) -> bool:
    """Tell whether two runs have the same values in every bit."""
    ours, theirs = one.trace(), other.trace()
    return (
        record_bits(ours) == record_bits(theirs)
        and (ours.initial, ours.final) == (theirs.initial, theirs.final)
        and (ours.fault, ours.stopped) == (theirs.fault, theirs.stopped)
    )


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("segments", [1, 2, 99])
@pytest.mark.parametrize("network", ["number", "classes"])
def test_a_resumed_run_has_the_bits_of_one_that_was_never_stopped(
    network: str, segments: int, record: Record, tmp_path: Path
) -> None:
    """Wherever it was left and whatever is kept: what was done is read, the rest goes on."""
    training = BATCHES if network == "classes" else "iterations = 9"
    source = scenario(network, training)
    left = begun(source, record, segments)
    again = read_again(left, tmp_path / "run.npz")
    assert same(left, again)
    again.choose_record()
    assert same(finished(again), begun(source, record, 99))


@pytest.mark.parametrize(("optimizer", "dtype"), crossed(OPTIMIZERS, ["float64", "float32"]))
def test_every_optimizer_resumes_with_the_same_bits(
    optimizer: str, dtype: str, tmp_path: Path
) -> None:
    """The state, batches in random order and dropout: early and late, the run goes on as it was."""
    data, parameters, _ = NETWORKS["classes"]
    source = written(
        data,
        parameters,
        "h = dropout(relu(x @ W.T + b), rate=0.5, seed=7)\nloss = cross_entropy(h, labels)",
        f"{BATCHES.replace('adam', optimizer)}\nlearning_rate = 0.01",
    ).with_overrides([f"dtype={dtype}"])
    whole = begun(source, "all", 99)
    for left_after in (1, len(whole.segments) - 1):
        left = begun(source, "all", left_after)
        assert same(finished(read_again(left, tmp_path / "run.npz")), whole)


def test_float32_on_arrays_is_saved_in_its_own_bytes(tmp_path: Path) -> None:
    """A run in float32 goes on to the same bits, and no number takes more than four bytes."""
    source = scenario("classes", BATCHES).with_overrides(["dtype=float32"])
    again = read_again(begun(source, "all", 2), tmp_path / "run.npz")
    assert same(finished(again), begun(source, "all", 99))
    with np.load(tmp_path / "run.npz") as arrays:
        assert arrays["loss"].dtype == np.float32


@pytest.mark.parametrize("record", RECORDS)
def test_a_run_that_ends_in_a_fault_is_read_as_it_was(record: Record, tmp_path: Path) -> None:
    """The fault, its place and all values before it come back; there is nothing to go on with."""
    source = load("one_weight", settings=["learning_rate=1e60", "iterations=50"])
    over = begun(source, record, 99)
    again = read_again(over, tmp_path / "run.npz")
    assert over.fault is not None
    assert again.is_over
    assert same(over, again)


def test_a_run_that_stopped_by_itself_stays_over(tmp_path: Path) -> None:
    """What `stop_when` ended is read as stopped, and is not run on."""
    source = loads(
        "[parameters]\nw = 1.0\n[network]\nequations = 'loss = w**2'\n"
        "[training]\nlearning_rate = 0.1\niterations = 40\nstop_when = 'loss < 0.1'\n"
    )
    over = begun(source, "all", 99)
    again = read_again(over, tmp_path / "run.npz")
    assert over.stopped
    assert again.is_over
    assert same(over, again)


def test_numpy_reads_what_was_recorded_by_name(tmp_path: Path) -> None:
    """The columns of the file are plain arrays; none of them needs pickle."""
    run = begun(load("one_weight", settings=["iterations=6"]), "all", 99)
    write_run(run, tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz", allow_pickle=False) as arrays:
        assert arrays["dloss/dw"].tolist() == run.trace().values("dloss/dw").tolist()
        header = json.loads(arrays["tracer/header"].tobytes())
    assert header["format"] == 1
    assert header["scenario"]["text"] == run.scenario.text


def test_the_same_run_gives_the_same_file(tmp_path: Path) -> None:
    """Nothing of the clock or of memory that was never written gets into the file."""
    files = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for file in files:
        write_run(begun(scenario("classes", BATCHES), "gradients", 99), file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_numbers_from_files_are_in_it(tmp_path: Path) -> None:
    """A saved run needs neither its scenario's file nor the files beside it any more."""
    (tmp_path / "data.csv").write_text("x\n1\n2\n4\n")
    text = (
        "[data]\nx = {file = 'data.csv', column = 'x', header = true}\n[parameters]\nw = 0.5\n"
        "[network]\nequations = 'loss = mean((w * x - 3)**2)'\n"
        "[training]\nlearning_rate = 0.01\niterations = 8\n"
    )
    (tmp_path / "own.toml").write_text(text)
    left = begun(load(tmp_path / "own.toml"), "parameters", 1)
    write_run(left, tmp_path / "run.npz")
    whole = finished(begun(load(tmp_path / "own.toml"), "parameters", 1))
    for name in ("data.csv", "own.toml"):
        (tmp_path / name).unlink()
    again = read_run(tmp_path / "run.npz", budget=BUDGET)
    assert same(finished(again), whole)
    assert again.scenario.with_overrides(["learning_rate=0.02"]).data["x"].floats() == [1, 2, 4]


def test_a_run_that_has_not_begun_is_read_as_one_at_its_start(tmp_path: Path) -> None:
    """Without one iteration there is nothing but the scenario, from which the run begins."""
    source = scenario("classes", BATCHES)
    again = read_again(begun(source, "all", 0), tmp_path / "run.npz")
    assert (again.done, again.is_over) == (0, False)
    again.begin()
    assert same(finished(again), begun(source, "all", 99))


def test_a_saved_run_has_no_other_variants(tmp_path: Path) -> None:
    """Their files are not asked for, and none gets the numbers of the one that was run."""
    text = (
        "[data]\nx = {file = 'one.csv', column = 'x'}\n[parameters]\nw = 1\n[network]\n"
        "equations = 'loss = mean((w * x - 1)**2)'\n[training]\noptimizer = 'sgd'\n"
        "learning_rate = 0.01\niterations = 3\n[[variants]]\nname = 'two'\n"
        "data.x = {file = 'two.csv', column = 'x'}\n"
    )
    (tmp_path / "own.toml").write_text(text)
    for name, number in (("one", 1), ("two", 2)):
        (tmp_path / f"{name}.csv").write_text(f"x\n{number}\n3\n")
    own = load(tmp_path / "own.toml")
    for chosen, number in ((own, 1), (own.variant("two"), 2)):
        write_run(begun(chosen, "all", 99), tmp_path / f"{number}.npz")
    for path in (*tmp_path.glob("*.csv"), tmp_path / "own.toml"):
        path.unlink()
    for number in (1, 2):
        again = read_run(tmp_path / f"{number}.npz", budget=BUDGET).scenario
        assert again.data["x"].floats() == [number, 3]
        assert [variant.name for variant in again.variants] == ["two"]
        with pytest.raises(ScenarioError, match="a saved run has no other variants; found"):
            again.variant("two")
        with pytest.raises(ScenarioError, match="a saved run has no other variants; found"):
            again.with_overrides(["w=2"]).variant("two")


def test_what_was_recorded_stays_in_the_file(tmp_path: Path) -> None:
    """A record that is larger than what it may take of the memory is read as any other."""
    left = begun(scenario("classes", BATCHES), "all", 2)
    write_run(left, tmp_path / "run.npz")
    again = read_run(tmp_path / "run.npz", budget=1000)
    assert sum(segment.store.size() for segment in again.segments) == 0
    assert same(left, again)


def test_a_long_quantity_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound for the list of arrays in a file is none for what an array holds."""
    monkeypatch.setattr(npy_format, "MAX_DIRECTORY", 10_000)
    monkeypatch.setattr(npy_format, "PIECE", 1000)
    left = finished(begun(load("one_weight", settings=["iterations=3000"]), "all", 1))
    again = read_again(left, tmp_path / "run.npz")
    assert again.done == 3000
    assert same(left, again)


def _changed(place: Path, **changes: Any) -> None:
    """Write the file again with some arrays in the place of its own; None leaves one out."""
    with np.load(place) as arrays:
        content = {name: arrays[name] for name in arrays}
    for name, value in changes.items():
        if value is None:
            del content[name.replace("__", "/")]
        else:
            content[name.replace("__", "/")] = value
    np.savez(place, **content)


def _header(place: Path, **changes: Any) -> Any:
    with np.load(place) as arrays:
        header = json.loads(arrays["tracer/header"].tobytes())
    return np.frombuffer(json.dumps({**header, **changes}).encode(), "u1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tracer__header": None}, "this is not a saved run"),
        ({"tracer__header": np.frombuffer(b"[1, 2", "u1")}, "this is not a saved run"),
        ({"tracer__segments": np.array([[7, 1, 1, 0]])}, "the saved run is damaged"),
        ({"tracer__segments": np.array([[-6, 1, 1, 0]])}, "the saved run is damaged"),
        ({"tracer__segments": np.zeros((0, 4), int)}, "the saved run is damaged"),
        ({"tracer__segments": np.array([6.0, 1])}, "the saved run is damaged"),
        ({"tracer__state/w": np.zeros((2, 3))}, "the saved run is damaged"),
        ({"tracer__state/w": np.zeros(5)}, "the saved run is damaged"),
        ({"loss": np.zeros(5)}, "the saved run is damaged"),
        ({"loss": np.zeros(7)}, "the saved run is damaged"),
        ({"loss": np.zeros(6, "float32")}, "the saved run is damaged"),
        ({"loss": None}, "this is not a saved run"),
    ],
)
def test_a_damaged_file_is_one_message(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    """Arrays that do not agree with the program of the file's own scenario are refused."""
    place = tmp_path / "run.npz"
    write_run(begun(load("one_weight", settings=["iterations=6"]), "all", 99), place)
    _changed(place, **changes)
    with pytest.raises(TracerError, match=message) as caught:
        read_run(place, budget=BUDGET)
    assert caught.value.where == str(place)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "the run was saved by another version of tracer"),
        ({"record": "some"}, "the saved run is damaged"),
        ({"fault": [6, "nobody", "nan"]}, "the saved run is damaged"),
        ({"fault": [2, "loss", "nan"]}, "the saved run is damaged"),
        ({"fault": "nan"}, "the saved run is damaged"),
        ({"fault": [0, "loss", "nan"]}, "the saved run is damaged"),
        ({"scenario": {"text": "x"}}, "the saved run is damaged"),
        ({"scenario": None}, "the saved run is damaged"),
    ],
)
def test_a_header_that_says_other_things_is_one_message(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    """A header is believed as little as the arrays are."""
    place = tmp_path / "run.npz"
    write_run(begun(load("one_weight", settings=["iterations=6"]), "all", 99), place)
    _changed(place, tracer__header=_header(place, **changes))
    with pytest.raises(TracerError, match=message):
        read_run(place, budget=BUDGET)


@pytest.mark.parametrize("damage", ["cut", "bent"])
def test_a_saved_run_that_was_damaged_is_not_called_another_file(
    damage: str, tmp_path: Path
) -> None:
    """Half of one, and one with a byte that its check sum does not bear out."""
    place = tmp_path / "run.npz"
    write_run(begun(load("one_weight", settings=["iterations=6"]), "all", 99), place)
    data = bytearray(place.read_bytes())
    middle = len(data) // 2
    data[middle] ^= 4
    place.write_bytes(data[:middle] if damage == "cut" else data)
    with pytest.raises(TracerError, match="the saved run is damaged"):
        read_run(place, budget=BUDGET)


def test_a_file_that_was_cut_or_bent_never_ends_in_a_traceback(tmp_path: Path) -> None:
    """Whatever byte is missing or another one: the run as it was, or one message."""
    place = tmp_path / "run.npz"
    write_run(begun(load("one_weight", settings=["iterations=6"]), "gradients", 99), place)
    whole = place.read_bytes()
    choice = random.Random(19)
    for _ in range(150):
        data = bytearray(whole)
        if choice.random() < 0.3:
            del data[choice.randrange(len(data)) :]
        else:
            data[choice.randrange(len(data))] = choice.randrange(256)
        place.write_bytes(data)
        try:
            run = read_run(place, budget=BUDGET)
        except TracerError:
            continue
        assert run.done == 6


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.proof)])
def test_a_killed_process_leaves_a_whole_file_and_nothing_beside_it(
    kills: int, tmp_path: Path
) -> None:
    """Killed while it saves, at any time: the file is whole, and the next save clears up.

    No more is left than the one file that was between its name and its place.
    """
    place = tmp_path / "run.npz"
    choice = random.Random(50)
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVE_FOR_EVER, str(place)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(choice.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert read_run(place, budget=BUDGET).done == 2000
        assert len(list(tmp_path.iterdir())) <= 2
    last = subprocess.run(
        [sys.executable, "-c", SAVE_FOR_EVER.split("print")[0], str(place)], check=True
    )
    assert last.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]
