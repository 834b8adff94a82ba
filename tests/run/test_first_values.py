"""What an update rule remembers starts where the rule says, however a run is computed and kept."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.run.networks import record_bits, run_on_arrays, scenario, written
from tracer.errors import TracerError
from tracer.frozen import replace
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.program.scenario import Scenario, loads
from tracer.render.markdown import markdown
from tracer.run.exact import Exact
from tracer.run.layout import Record
from tracer.run.runner import run_scenario
from tracer.run.trace import Replay, Trace
from tracer.witness.report import verify_scenario

RULE = """
rate' = 0.5 * rate
H' = H / 2
s' = s + g
w' = w - learning_rate * rate' * (H @ s')
"""
STATE = "{rate = 2, H = [[1, 0.5], [0, 1]], s = 0.1}"


def with_state(update: str = RULE, state: str = STATE, more: str = "iterations = 6") -> Scenario:
    """Return a network of one vector with a rule of its own."""
    return written(
        "x = [0.5, -1]\ny = 0.5",
        "w = [0.5, 0.25]",
        "loss = (w @ x - y)**2",
        f"learning_rate = 0.25\n{more}\n[training.update]\n"
        f'equations = """{update}"""\nstate = {state}',
    )


def expected(count: int) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return the parameter before each step and after the last, worked out with NumPy."""
    w, x, rate = np.array([0.5, 0.25]), np.array([0.5, -1]), 2.0
    H, s = np.array([[1, 0.5], [0, 1]]), np.full(2, 0.1)
    found = [w]
    for _ in range(count):
        rate, s = 0.5 * rate, s + 2 * (w @ x - 0.5) * x
        w, H = w - 0.25 * rate * (H @ s), H / 2
        found.append(w)
    return found


@pytest.mark.parametrize("record", ["all", "gradients", "checkpoints", "none"])
@pytest.mark.parametrize("arrays", [False, True], ids=["scalars", "arrays"])
def test_each_plan_and_each_record_starts_there(
    record: Record, arrays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number fills its state, an array is the state; both plans and all records agree."""
    run = with_state()
    trace = (
        run_on_arrays(run, monkeypatch, record=record)
        if arrays
        else run_scenario(run, record=record)
    )
    assert np.allclose(trace.final["w"], expected(6)[-1], rtol=1e-14)
    if record in ("all", "checkpoints"):
        assert np.allclose(trace.values("w"), expected(6), rtol=1e-14)
        first = trace.iteration(1)
        assert (first["rate"], first["s"].tolist()) == (2.0, [0.1, 0.1])
        assert first["H"].tolist() == [[1, 0.5], [0, 1]]
        assert trace.iteration(3)["rate"] == 0.5


def test_checkpoints_and_replays_are_the_record() -> None:
    """What is computed again starts from the same state, to the last bit."""
    trace = run_scenario(with_state())
    assert record_bits(run_scenario(with_state(), record="checkpoints")) == record_bits(trace)
    for step in trace.iterations():
        again = Replay(trace).iteration(step.number)
        assert all(step.floats(name) == again.floats(name) for name in step)


def test_float32_starts_there() -> None:
    """In single precision too."""
    trace = run_scenario(replace(with_state(), dtype="float32"))
    assert trace.iteration(1)["s"].tolist() == pytest.approx([0.1, 0.1])
    assert np.allclose(trace.values("w"), expected(6), rtol=1e-5)


def test_fractions_start_from_what_is_written() -> None:
    """0.1 is one tenth, in a state as anywhere."""
    exact = Exact(run_scenario(with_state()))
    assert exact.values(1)["s"] == [Fraction(1, 10)] * 2
    assert exact.values(1)["rate'"] == [Fraction(1)]
    assert exact.values(2)["H"] == [Fraction(1, 2), Fraction(1, 4), 0, Fraction(1, 2)]


def derived(trace: Trace) -> str:
    """Return the derivation of the first iteration as Markdown."""
    blocks = derivation(trace, Options(show=(1,)))
    return "".join(markdown(blocks, notation_of(trace)))


def test_a_derivation_says_where_state_starts() -> None:
    """Each state that does not start at 0 is named with its value; of the rest 0 is said."""
    text = derived(run_scenario(scenario("number", 'iterations = 2\noptimizer = "nadam"')))
    assert r"$\Pi$ starts at $1$. The rest of the optimizer's state starts" in text
    text = derived(run_scenario(with_state()))
    assert r"$s$ starts at $\begin{bmatrix} 0.1 \cr 0.1 \end{bmatrix}$." in text
    assert "optimizer's state starts" not in text


def test_the_witnesses_agree() -> None:
    """Gradients are judged in every iteration that state has led to."""
    run = scenario("number", 'iterations = 3\noptimizer = "nadam"')
    found = verify_scenario(run, 3)
    assert found.verdict is not None
    assert found.passed


def test_state_that_belongs_to_no_parameter_is_one_for_all() -> None:
    """It is computed once, and recorded under its own name; what depends on a gradient is not."""
    trace = run_scenario(scenario("matrices", 'iterations = 2\noptimizer = "nadam"'))
    assert trace.values("product").shape == (3,)
    assert trace.values("m[W1]").shape == (3, 2, 2)


def test_an_optimizer_does_not_take_a_quantity_for_its_state() -> None:
    """A network may have a quantity that is called as a state of its optimizer is."""
    numbers = "x = 0.5\ny = 2", "w = 3"
    training = 'learning_rate = 0.1\noptimizer = "nadam"\niterations = 4'
    taken = written(*numbers, "product = w * x\nloss = (product - y)**2", training)
    plain = written(*numbers, "q = w * x\nloss = (q - y)**2", training)
    assert run_scenario(taken).values("w").tolist() == run_scenario(plain).values("w").tolist()


def test_a_variant_and_an_override_give_first_values() -> None:
    """They are values of the file like any other."""
    text = with_state().text
    changed = loads(text, settings=["training.update.state.rate=4"])
    assert run_scenario(changed).iteration(1)["rate"] == 4
    varied = f'{text}\n[[variants]]\nname = "a"\n[variants.training.update]\n'
    varied += "equations = \"s' = s + g\\nw' = w - learning_rate * s'\"\nstate = {s = 0.5}"
    assert run_scenario(loads(varied).variant("a")).iteration(1)["s"].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("{rat = 1}", "[training.update.state] rat: the update rule has no state “rat”; did"),
        ("{w = 1}", "[training.update.state] w: the update rule has no state “w”"),
        ("{g = 1}", "[training.update.state] g: the update rule has no state “g”"),
        (
            "{rate = 'one'}",
            "rate: this is not a number; found the text “one”; expected a number",
        ),
        ("{H = [[1, 2], [3]]}", "[training.update.state] H[1]: rows differ in length"),
        (
            "{s = [0.1], H = [[1, 0], [0, 1]]}",
            "the initial value of s has another shape; found (1,); expected (2,)",
        ),
        ("3", "[training.update] state: state is not a table; found 3"),
    ],
)
def test_a_first_value_that_does_not_fit_is_refused(state: str, message: str) -> None:
    """A state that the rule does not have, what is no number, and another shape."""
    with pytest.raises(TracerError) as caught:
        run_scenario(with_state(state=state))
    assert message in str(caught.value)
