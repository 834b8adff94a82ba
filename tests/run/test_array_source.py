"""The loop over arrays: what is computed side by side, in place or not at all changes no value."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from importlib import import_module
from time import process_time

import numpy as np
import pytest

from tests.case_lists import crossed, sampled
from tests.run.networks import NETWORKS, OPTIMIZERS, bits, run_on_arrays, scenario, written
from tracer.frozen import replace
from tracer.program.program import Program
from tracer.program.scenario import Scenario, bundled, load
from tracer.program.shapes import Shapes
from tracer.run.array_source import ArrayLoop
from tracer.run.layout import RECORDS
from tracer.run.plans import Plans
from tracer.run.runner import Run, run_scenario, schedule_of_run
from tracer.run.update_stacks import StackedProgram, stack_updates

DATA = "x = [[0.5, -1], [1.5, 2], [-0.25, 0.75]]\ny = [[1, 0], [0, 1], [0.5, 0.5]]"
PARAMETERS = "W = [[0.1, -0.2], [0.4, 0.3]]\nV = [[0.7, -0.5], [-0.3, 0.2]]"
TRAINING = "learning_rate = 1\niterations = 1"
EQUATIONS = "turned = W.T\nh = tanh(x @ turned)\np = h @ V\nloss = mse(p, y)"

# What an update may read of what another, or it itself, has written over.
RULES = {
    "the old value of another parameter": "W' = W - learning_rate * g\nV' = V - learning_rate * W",
    "a view of it from the forward pass": "W' = W - learning_rate * g\nV' = V - 0.1 * turned * g",
    "a view of itself": "W' = W - learning_rate * W.T\nV' = V.T - learning_rate * g",
    "a state that is the value before": (
        "before' = parameter\nparameter' = parameter - learning_rate * (g + before)"
    ),
    "values that change places": "W' = V * learning_rate\nV' = W",
    "states that change places": (
        "a' = b + g\nb' = a\nparameter' = parameter - learning_rate * (a' - b')"
    ),
    "a sum over another": "W' = W - learning_rate * g / sum(V**2)\nV' = V - 0.1 * g / sum(W**2)",
    "both alike": "s' = s + g**2\nparameter' = parameter - learning_rate * g / sqrt(s' + 1)",
    "a view of itself by another name": (
        "back = W.T\nW' = 0.5 * W - learning_rate * back\nV' = V - learning_rate * g"
    ),
    "a scalar between them": (
        "W' = W - learning_rate * g\nshrunk = 0.5 * learning_rate\nV' = V - shrunk * g"
    ),
}

# Rules of these for which nothing of an update is left out of the record.
NOT_ENTRY_BY_ENTRY = {
    "a view of itself",
    "values that change places",  # what is not finite may be replaced by what is
    "a sum over another",
}


STEPS = "learning_rate = 0.1\niterations = 3"


def with_rule(rule: str, more: str = "") -> Scenario:
    """Return a network of two layers with an update rule of its own."""
    training = f"learning_rate = 0.1\niterations = 5\n{more}\n[training.update]\nequations = '''\n"
    return written(DATA, PARAMETERS, EQUATIONS, f"{training}{rule}\n'''")


def final(values: Iterable[Iterable[float]]) -> list[float]:
    """Return all numbers of some arrays."""
    return [float(value) for entries in values for value in np.ravel(np.asarray(entries))]


@pytest.mark.parametrize(("rule", "record"), crossed(RULES, RECORDS))
def test_an_update_reads_what_it_names(
    rule: str, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old values are read where the rule names them, though memory is written over."""
    setting = with_rule(RULES[rule])
    on_scalars = run_scenario(setting).final
    on_arrays = run_on_arrays(setting, monkeypatch, record=record).final
    assert final(on_arrays.values()) == pytest.approx(final(on_scalars.values()), rel=1e-12)


def test_the_end_of_a_run_reads_old_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """A condition sees the parameter before its update, though it is the last to ask."""
    setting = with_rule(RULES["both alike"], 'stop_when = "sum(W**2) < 0.2999"')
    for record in RECORDS:
        assert len(run_on_arrays(setting, monkeypatch, record=record)) == len(run_scenario(setting))


@pytest.mark.parametrize(
    ("optimizer", "network"), crossed(OPTIMIZERS, [name for name in NETWORKS if name != "number"])
)
def test_alike_updates_are_one_and_change_no_bit(
    optimizer: str, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every optimizer: with stacks and without them, to the last bit."""
    setting = scenario(network, f"iterations = 4\noptimizer = '{optimizer}'")
    together = final(run_on_arrays(setting, monkeypatch).final.values())
    monkeypatch.setattr("tracer.run.array_source.stack_updates", unstacked)
    assert together == final(run_on_arrays(setting, monkeypatch).final.values())


@pytest.mark.parametrize(("optimizer", "record"), crossed(OPTIMIZERS, RECORDS))
def test_pieces_change_no_bit(optimizer: str, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every network, optimizer and record: arrays in pieces and whole ones, to the last bit."""
    settings = [scenario(name, f"iterations = 4\noptimizer = '{optimizer}'") for name in NETWORKS]
    whole = [
        final(run_on_arrays(item, monkeypatch, record=record).final.values()) for item in settings
    ]
    in_small_pieces(monkeypatch)
    traces = [run_on_arrays(item, monkeypatch, record=record) for item in settings]
    assert [final(trace.final.values()) for trace in traces] == whole
    assert any("for n in range" in source_of(item) for item in settings)


@pytest.mark.parametrize("place", range(6))
def test_what_is_not_finite_is_found_in_pieces(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever in a long array it is, and though nothing else shows it."""
    row = f"[{', '.join('1e150' if number == place else '1' for number in range(6))}]"
    setting = written(f"x = {row}", f"w = {row}", "h = w * x * 1e10\nloss = sum(tanh(h))", STEPS)
    whole = run_on_arrays(setting, monkeypatch).fault
    in_small_pieces(monkeypatch)
    assert run_on_arrays(setting, monkeypatch).fault == whole
    assert whole is not None


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ("scale = g**2 + 1\nparameter' = parameter - learning_rate * g * scale", True),
        ("scale = g**2 + 1\nparameter' = parameter - learning_rate / scale", False),
        ("scale = g**2 + 1\nparameter' = learning_rate * g * scale", False),
    ],
)
def test_what_the_end_of_a_run_shows(rule: str, *, shown: bool) -> None:
    """Sums and products hide nothing; a divisor, and what is carried no further, are looked at."""
    built = Plans(setting := with_rule(rule)).built(schedule_of_run(setting)[0])
    lasting = {
        name for stack in ArrayLoop(built, (), None, "float64").lasting for name in stack.split("|")
    }
    assert ({"scale[W]", "scale[V]", "dloss/dW", "dloss/dV"} <= lasting) == shown
    assert lasting.isdisjoint({"h", "p", "loss"})


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("rule", [*RULES, *OPTIMIZERS])
def test_what_is_derived_has_the_bits_of_a_record(
    rule: str, *, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an update computes of other columns is not kept, and is what it would have been."""
    if small:
        in_small_pieces(monkeypatch)
    setting = (
        with_rule(RULES[rule])
        if rule in RULES
        else scenario("classes", f"iterations = 5\noptimizer = '{rule}'")
    )
    plans = Plans(setting)
    batches = [schedule_of_run(setting)[0]] * 5
    names = plans.of_size(batches[0]).names
    start = Run(setting, "none").start(plans.built(batches[0]))
    whole, end, _ = plans.plan(batches[0], frozenset(names), arrays=True).run(start, 1, batches)
    store, same_end, _ = plans.plan(batches[0], None, arrays=True).run(start, 1, batches)
    assert store.names() == tuple(names)
    assert final(same_end.values()) == final(end.values())
    assert [bits(store.floats(name, row)) for name in names for row in range(5)] == [
        bits(whole.floats(name, row)) for name in names for row in range(5)
    ]
    assert (store.size() < whole.size()) == (rule not in NOT_ENTRY_BY_ENTRY)


@pytest.mark.parametrize(
    ("left_out", "derived"), [("", {"dloss/dW"}), ("h", {"dloss/dW"}), ("dloss/dh", set())]
)
def test_a_gradient_larger_than_what_it_is_made_of(left_out: str, *, derived: set[str]) -> None:
    """It is not kept beside all that it is made of, whatever else of a step is left out."""
    rows = f"[{', '.join(['[0.1, -0.2, 0.3, 0.7]'] * 3)}]"
    data = "x = [[0.5, -1, 2]]\ny = [[1, 0, 0.5, 2]]"
    plans = Plans(setting := written(data, f"W = {rows}", "h = x @ W\nloss = mse(h, y)", STEPS))
    batches = [schedule_of_run(setting)[0]] * 3
    built = plans.built(batches[0])
    names = [each.name for each in built.program.equations if each.phase != "update"]
    names = [name for name in names if name != left_out]
    assert ArrayLoop(built, (), frozenset(names), "float64").derived == derived
    start = Run(setting, "none").start(built)
    store = plans.plan(batches[0], frozenset(names), arrays=True).run(start, 1, batches)[0]
    whole = plans.plan(batches[0], None, arrays=True).run(start, 1, batches)[0]
    assert [bits(store.floats(name, row)) for name in names for row in range(3)] == [
        bits(whole.floats(name, row)) for name in names for row in range(3)
    ]


def test_what_nothing_is_rounded_in_is_not_kept() -> None:
    """A ReLU and its gradient are what they are made of, or 0, and as finite; an input may be."""
    network = "z = x @ W\nh = relu(z)\nloss = mean((h - relu(y))**2)"
    rows = "[[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]]"
    data = "x = [[0.5, -1, 2]]\ny = [[1, -1]]"
    plans = Plans(setting := written(data, f"W = {rows}", network, STEPS))
    batches = [schedule_of_run(setting)[0]] * 3
    built = plans.built(batches[0])
    names = [each.name for each in built.program.equations if each.phase != "update"]
    kept = frozenset({*names, "dloss/dz"})
    derived = ArrayLoop(built, (), kept, "float64").derived
    assert derived == {"h", "dloss/dz", "dloss/dW"}
    start = Run(setting, "none").start(built)
    store = plans.plan(batches[0], kept, arrays=True).run(start, 1, batches)[0]
    bare = plans.plan(batches[0], frozenset({"h"}), arrays=True).run(start, 1, batches)[0]
    assert [bits(store.floats("h", row)) for row in range(3)] == [
        bits(bare.floats("h", row)) for row in range(3)
    ]


def test_a_loop_of_many_equations_is_written_in_linear_time() -> None:
    """A recurrent network has some equations for each step of its sequence."""

    def seconds_each(steps: int) -> float:
        network = f"""h[0] = x
for t in range({steps}):
    h[t + 1] = tanh(h[t] @ W)
loss = mse(h[{steps}], y)"""
        setting = written(DATA, "W = [[0.1, -0.2], [0.4, 0.3]]", network, TRAINING)
        built = Plans(setting).built(schedule_of_run(setting)[0])
        begin = process_time()
        ArrayLoop(built, (), None, "float64")
        return (process_time() - begin) / steps

    few, many = (min(seconds_each(steps) for _ in range(2)) for steps in (200, 1600))
    assert many < 3 * few


def test_what_nothing_shows_the_end_of_is_kept() -> None:
    """A divisor may be infinite in one step and leave nothing of it in what is carried on."""
    rule = "scale = g**2 + 1\nstep = g * learning_rate\nparameter' = parameter - step / scale"
    built = Plans(setting := with_rule(rule)).built(schedule_of_run(setting)[0])
    derived = ArrayLoop(built, (), None, "float64").derived
    assert derived == {"step[W]", "step[V]", "W'", "V'"}


def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a piece be of two numbers."""
    import_module("tracer.run.arrays")  # first, for it would keep the line set here for ever
    monkeypatch.setattr("tracer.run.loop_lines.PIECE_BYTES", 16)
    monkeypatch.setattr("tracer.run.loop_lines.CACHE_LINE", 1)


def source_of(setting: Scenario) -> str:
    """Return the loop that keeps all of a run."""
    return ArrayLoop(Plans(setting).built(schedule_of_run(setting)[0]), (), None, "float64").source


def unstacked(program: Program, shapes: Shapes, recorded: Collection[str]) -> StackedProgram:
    """Return a program as it is."""
    return StackedProgram(program.equations, program.carried, {}, shapes)


@pytest.mark.parametrize(
    ("rule", "count"),
    [("both alike", 3), ("values that change places", 0), ("a view of itself", 0)],
)
def test_what_is_stacked(rule: str, count: int) -> None:
    """Gradients, states, new states and parameters that play one part each are one vector."""
    setting = with_rule(RULES[rule])
    built = Plans(setting).built(schedule_of_run(setting)[0])
    stacks = stack_updates(built.program, built.shapes, frozenset()).stacks
    assert len([name for name in stacks if not name.endswith("'")]) == count
    assert all(stack.shapes == ((2, 2), (2, 2)) for stack in stacks.values())


def test_nothing_is_computed_for_nobody() -> None:
    """Without a record neither the loss nor its metric is worked out; with one they are."""
    setting = scenario("classes")
    built = Plans(setting).built(schedule_of_run(setting)[0])
    silent = ArrayLoop(built, (), frozenset(), "float64").source
    whole = ArrayLoop(built, (), None, "float64").source
    assert ".argmax(" in whole
    assert ".argmax(" not in silent


def test_temporaries_share_their_memory() -> None:
    """A deep network takes no more memory for what ends at once than a flat one."""

    def numbers(depth: int) -> int:
        lines = [f"h{place + 1} = tanh(h{place}) * 2" for place in range(depth)]
        equations = "\n".join(["h0 = x * w", *lines, f"loss = sum(h{depth})"])
        setting = written(
            "x = [1, 2, 3, 4]", "w = [1, 1, 1, 1]", equations, "learning_rate = 1\niterations = 1"
        )
        built = Plans(setting).built(schedule_of_run(setting)[0])
        forward = [item for item in built.program.equations if item.phase in ("forward", "loss")]
        only = frozenset((forward[-1].name,))
        program = replace(built.program, equations=tuple(forward), carried={"w": "w"})
        return sum(ArrayLoop(replace(built, program=program), (), only, "float64").blocks)

    assert numbers(20) == numbers(2)


@pytest.mark.parametrize("name", sampled(name for name in bundled() if not name.endswith("_full")))
def test_whatever_is_kept_the_loss_is_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every bundled scenario on arrays: the loss and the parameters of each record, to the bit."""
    setting = load(name)
    if setting.training is not None:
        steps = min(setting.training.iterations or 3, 3)
        setting = load(name, settings=["training.epochs=1"] if setting.training.epochs else [])
        if setting.training is not None and setting.training.iterations:
            setting = load(name, settings=[f"iterations={steps}"])
    found = []
    for record in RECORDS:
        trace = run_on_arrays(setting, monkeypatch, record=record)
        loss = trace.program.loss
        losses = [item.floats(loss) for item in trace.iterations()] if loss else []
        found.append((losses, final(trace.final.values())))
    assert all(other == found[0] for other in found[1:])
