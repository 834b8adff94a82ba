"""What `tracer export` writes runs without tracer and prints the numbers of the run."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib.util import find_spec

import numpy as np
import pytest

from tests.case_lists import sampled
from tests.conftest import MORE
from tracer.cli import main
from tracer.errors import RunError, ShapeError
from tracer.frozen import replace
from tracer.operations import table
from tracer.program.framework_expressions import FRAMEWORKS
from tracer.program.given_array import GivenArray
from tracer.program.scenario import Scenario, bundled, load, loads
from tracer.render.framework_program import framework_program
from tracer.run.runner import run_scenario

LARGE = ("four_layer_classifier", "gpt2_mlp_full", "position_wise_ffn_full")
LEAST_ERROR = 1e-10

AWKWARD = '''\
title = "A title # with a sign"
[data]
lambda = [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]
labels = [0, 2, 1, 1, 0]
[parameters]
np = {shape = [2, 3], init = "glorot", seed = 1}
print = [0, 0.5, -0.5]
[constants]
step = 0.5
[network]
equations = """
h[0] = gelu(lambda @ np) * step
h[1] = h[0] + max(h[0], axis=1, keepdims=True)
batch = h[1][:, ::-1] + print
loss = cross_entropy(batch, labels)
"""
[training]
optimizer = "adam"
learning_rate = 0.1
epochs = 2
batch_size = 2
shuffle = true
seed = 3
stop_when = "loss < 0.001"
'''


def printed_by(program: str) -> dict[str, list[float]]:
    """Return what a program prints, by name; each loss is one more entry of `loss`."""
    output = io.StringIO()
    with redirect_stdout(output):
        exec(compile(program, "<exported>", "exec"), {})
    found: dict[str, list[float]] = {"loss": []}
    for line in output.getvalue().splitlines():
        name, _, value = line.partition(" = ")
        if name.startswith("iteration"):
            found["loss"].append(float(value))
        else:
            found[name] = np.ravel(json.loads(value)).tolist()
    return found


def largest_error(scenario: Scenario, framework: str, *, record: str = "all") -> float:
    """Return |printed - run| / max(1, |run|), the largest of all losses and final parameters."""
    trace = run_scenario(scenario, record="parameters" if record == "parameters" else "all")
    found = printed_by(framework_program(scenario, framework))
    wanted = {
        name: entries for name, entries in trace.final.items() if name in trace.program.parameters
    }
    if trace.program.loss is not None:
        wanted["loss"] = trace.floats(trace.program.loss)
    else:
        last = trace.iteration(1)
        wanted = {name: np.ravel(last[name]).tolist() for name in found if name != "loss"}
        assert wanted
    errors = [0.0]
    for name, entries in wanted.items():
        exact, theirs = np.array(entries), np.array(found[name])
        assert exact.shape == theirs.shape, name
        errors.append(float(np.max(np.abs(theirs - exact) / np.maximum(1, np.abs(exact)))))
    return max(errors)


@pytest.fixture(autouse=True)
def usual_precision() -> Iterator[None]:
    """Set PyTorch's precision back: a program sets that of its process, which other tests share."""
    yield
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("name", sampled(name for name in bundled() if name not in LARGE))
def test_numpy_prints_the_numbers_of_each_bundled_scenario(name: str) -> None:
    """Every loss and every final parameter."""
    assert largest_error(load(name), "numpy") < LEAST_ERROR


@pytest.mark.proof
@pytest.mark.parametrize("name", LARGE)
def test_numpy_prints_the_numbers_of_large_scenarios(name: str) -> None:
    """Those with millions of numbers or hundreds of updates."""
    assert largest_error(load(name), "numpy", record="parameters") < LEAST_ERROR


@pytest.mark.proof
@pytest.mark.parametrize("framework", ["pytorch", "jax"])
@pytest.mark.parametrize("name", [name for name in bundled() if not name.endswith("_full")])
def test_other_frameworks_find_the_same_numbers_with_gradients_of_their_own(
    name: str, framework: str
) -> None:
    """Where the framework is installed."""
    pytest.importorskip("torch" if framework == "pytorch" else "jax")
    record = "parameters" if name in LARGE else "all"
    assert largest_error(load(name), framework, record=record) < LEAST_ERROR


@pytest.mark.parametrize(
    "framework",
    [
        "numpy",
        *(
            pytest.param(
                name, marks=[MORE, pytest.mark.skipif(not find_spec(module), reason=module)]
            )
            for name, module in (("pytorch", "torch"), ("jax", "jax"))
        ),
    ],
)
def test_names_of_python_batches_and_a_stop_are_written_too(framework: str) -> None:
    """Keywords, the program's own names, indices, mixed batches of two sizes, an early end."""
    scenario = loads(AWKWARD)
    trace = run_scenario(scenario)
    found = printed_by(framework_program(scenario, framework))
    assert np.allclose(found["loss"], trace.floats("loss"), rtol=0, atol=LEAST_ERROR)
    assert np.allclose(found["np_"], trace.final["np"], rtol=0, atol=LEAST_ERROR)
    assert np.allclose(found["print_"], trace.final["print"], rtol=0, atol=LEAST_ERROR)


@pytest.mark.parametrize("framework", ["numpy", "pytorch", "jax"])
def test_no_line_of_a_program_ends_in_spaces(framework: str) -> None:
    """Also where a function stands in another one."""
    for name in ("one_weight", "four_layer_classifier"):
        lines = framework_program(load(name), framework).splitlines()
        assert [line for line in lines if line != line.rstrip()] == []


def test_a_run_that_stops_early_does_so_in_the_program() -> None:
    """`stop_when` ends the loop after the same iteration."""
    scenario = load("one_weight").with_overrides(
        ["iterations=50", "stop_when='loss < 1e-3'"],
    )
    trace = run_scenario(scenario)
    assert len(trace) < 50
    assert printed_by(framework_program(scenario, "numpy"))["loss"] == trace.floats("loss")


@pytest.mark.parametrize("name", [row.name for row in table().values() if row.example])
def test_every_operation_can_be_written_in_numpy(name: str) -> None:
    """The example of each row gives in NumPy what the run gives."""
    call, *given = [part.strip() for part in table()[name].example.split(";")]
    constants = "".join(f"{item}\n" for item in given)
    text = f'[constants]\n{constants}[network]\nequations = "result = {call}"\n'
    try:
        scenario = loads(text)
        trace = run_scenario(scenario)
    except (RunError, ShapeError) as error:  # an example that is no equation by itself
        pytest.fail(str(error))
    found = printed_by(framework_program(scenario, "numpy"))
    assert np.allclose(found["result"], np.ravel(trace.iteration(1)["result"]), rtol=0, atol=1e-12)


def test_a_program_needs_nothing_of_ours() -> None:
    """NumPy alone is imported, whatever the scenario."""
    for name in ("digit_cnn", "seq2seq_attention"):
        program = framework_program(load(name), "numpy")
        imports = {line for line in program.splitlines() if line.startswith("import")}
        assert imports <= {"import numpy as np", "import math", "import base64"}


def test_many_numbers_are_written_as_bytes() -> None:
    """The file of a large array stays small, and its numbers are the same to the last bit."""
    numbers = np.linspace(-1, 1, 20_001) / 3
    scenario = loads(
        "[constants]\nx = {shape = [20001], init = 'zeros'}\n[network]\nequations = 'y = x + 0'\n"
    )
    scenario = replace(scenario, constants={"x": GivenArray.of(numbers)})
    program = framework_program(scenario, "numpy")
    assert len(program) < 11 * numbers.size
    assert printed_by(program)["y"] == numbers.tolist()


def test_the_command_writes_a_program_to_standard_output_and_to_a_file(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """`tracer export one_weight --to numpy | python -` prints the run."""
    assert main(["export", "one_weight", "--to", "numpy", "--iterations", "2"]) == 0
    program = capsys.readouterr().out
    done = subprocess.run(
        [sys.executable, "-"], input=program, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[:1] == ["iteration 1: loss = 2.25"]
    assert len(done.stdout.splitlines()) == 3
    file = f"{tmp_path}/program.py"
    assert main(["export", "one_weight", "--to", "numpy", "-o", file, "--quiet"]) == 0
    assert main(["export", "one_weight", "--to", "keras"]) == 2
    message = capsys.readouterr().err
    assert all(name in message for name in FRAMEWORKS)
