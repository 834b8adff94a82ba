"""The measure of the checker is itself right: its documents, its slips and its counting."""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice, product
from pathlib import Path

import pytest

import tracer
from tests.check.mutation import off_by
from tests.check.mutation.checker_under_test import Finding, Judgement, ask_checker
from tests.check.mutation.formula_trees import Figure, Texts, entry_at
from tests.check.mutation.fraction_intervals import (
    Array,
    Interval,
    UndefinedValueError,
    point,
    shape_of,
)
from tests.check.mutation.hands import HANDS
from tests.check.mutation.mutants import Mutant, mutants_of
from tests.check.mutation.mutations import MUTATIONS, ORDER
from tests.check.mutation.scoring import (
    SETTINGS,
    Job,
    document_of,
    jobs_of,
    run_job,
    text_of,
)
from tests.check.mutation.worked_networks import NETWORKS, Network, draw_network
from tests.check.mutation.working import exact_run, unproved_pairs, with_side

MUTATION = Path(__file__).parent / "mutation"
STEP = Fraction(1, 10**9)


def _networks(name: str, count: int) -> list[Network]:
    """Return some networks of a kind, whose values exist."""
    found: list[Network] = []
    for seed in range(50):
        network = draw_network(name, random.Random(seed))
        try:
            exact_run(network)
        except UndefinedValueError:
            continue
        found.append(network)
        if len(found) == count:
            return found
    raise AssertionError(f"too few networks of the kind {name}")


def _loss(network: Network, givens: dict[str, Array]) -> Fraction:
    """Return the first loss of a network with other givens."""
    state = next(run for run in exact_run(network, givens) if ("loss", ()) in run)
    loss = state["loss", ()]
    assert isinstance(loss, Interval)
    return loss.low


def _moved(texts: Texts, index: tuple[int, ...], step: Fraction) -> Array:
    """Return given numbers, one of them moved by a step."""
    if isinstance(texts, str):
        return point(Fraction(texts) + step)
    return tuple(
        _moved(entry, index[1:], step if index and place == index[0] else Fraction(0))
        for place, entry in enumerate(texts)
    )


def _entries(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if not shape:
        yield ()
        return
    for place in range(shape[0]):
        for rest in _entries(shape[1:]):
            yield (place, *rest)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients(name: str) -> None:
    """Every gradient is the difference quotient of the loss."""
    for network in _networks(name, 6):
        given = {given.key: given.texts for given in network.givens}
        states = exact_run(network)
        for gradient, parameter in network.gradients:
            value = next(run[gradient.reference] for run in states if gradient.reference in run)
            for entry in _entries(shape_of(value)):
                index = (*(i for i in parameter.index if isinstance(i, int)), *entry)
                ends = [
                    _loss(network, {parameter.key: _moved(given[parameter.key], index, step)})
                    for step in (STEP, -STEP)
                ]
                quotient = (ends[0] - ends[1]) / (2 * STEP)
                worked = entry_at(value, entry).low
                assert abs(worked - quotient) < Fraction(1, 10**6) * (1 + abs(quotient)), gradient


@pytest.mark.parametrize("name", NETWORKS)
def test_scenarios(name: str, tmp_path: Path) -> None:
    """A network's scenario gives the same loss and the same new parameters."""
    [network] = _networks(name, 1)
    path = tmp_path / "network.toml"
    path.write_text(network.scenario(), encoding="utf-8")
    trace = tracer.load(path).run()
    last, values = trace.iteration(len(network.iterations)), exact_run(network)[-1]
    loss = values["loss", ()]
    assert isinstance(loss, Interval)
    assert float(last[network.scenario_names["loss"]]) == pytest.approx(float(loss.low))
    updates = [s.target for s in network.iterations[-1] if s.phase == "update"]
    for target in updates:
        own = values[target.reference]
        key = network.scenario_names.get(target.key, target.key)
        theirs = last[f"{key}'"]
        for entry in _entries(shape_of(own)):
            found = theirs[(*target.index, *entry)] if (*target.index, *entry) else theirs
            assert float(found) == pytest.approx(float(entry_at(own, entry).low)), target


def test_identities() -> None:
    """The same identity gives the same document, and another one another."""
    identity = "3/0/mlp/latex"
    assert document_of(identity).page == document_of(identity).page
    assert document_of(identity).page.text != document_of("4/0/mlp/latex").page.text


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param([*zip(NETWORKS, cycle(HANDS), strict=False)], id="each once"),
        pytest.param([*product(NETWORKS, HANDS)], id="all", marks=pytest.mark.proof),
    ],
)
def test_right_documents(pairs: list[tuple[str, str]]) -> None:
    """Every network is written in every hand, and every line of it holds."""
    kinds: set[str] = set()
    for name, hand in pairs:
        document = document_of(f"1/0/{name}/{hand}")
        kinds.add(document.page.kind)
        assert all(not unproved_pairs(line) for line in document.lines)
        hidden = [line for line in document.lines if not document.page.lines_of(line.number)]
        assert all(hand == "figures" and len(line.sides) == 1 for line in hidden)
    assert kinds == {"md", "txt", "tex", "ipynb"}


def test_proof() -> None:
    """A result that is moved by more than a rounding is proved wrong."""
    line = next(
        line
        for line in document_of("1/0/one_weight/unicode").lines
        if line.step.phase == "loss" and "formula" in line.roles
    )
    text = line.result.texts
    assert isinstance(text, str)
    moved = with_side(line, "result", Figure(f"{float(text) + 1}"))
    assert not unproved_pairs(line, last_digit=True)
    assert unproved_pairs(moved, last_digit=True)


def _mutants(count: int) -> Iterator[tuple[str, Mutant]]:
    for number, name in enumerate(NETWORKS):
        identity = f"2/{number}/{name}/{HANDS[number % len(HANDS)]}"
        document = document_of(identity)
        found = mutants_of(document, 1.0, random.Random(identity))
        for mutant in islice(found, count):
            yield identity, mutant


def test_mutants() -> None:
    """Every mutant differs from its document on the line that it names."""
    for identity, mutant in _mutants(3):
        document = document_of(identity)
        before = text_of(document.page, document.page.lines_of(mutant.number))
        after = text_of(mutant.page, mutant.page.lines_of(mutant.number))
        assert before != after, (identity, mutant.mutation.name, mutant.role, mutant.mode)
        assert mutant.spans
        assert mutant.is_changed_beside_run


def test_worked_slips() -> None:
    """A wrong formula that is worked through shows only beside the run."""
    found = [m for _, m in _mutants(8) if (m.role, m.mode) == ("formula", "worked")]
    assert found
    assert not any(mutant.is_changed_alone for mutant in found)


@pytest.mark.proof
def test_table_of_slips() -> None:
    """Each row of the table of slips makes one somewhere."""
    missing = {row.name for row in (*MUTATIONS, ORDER)}
    for number in range(4):
        for name in ("mlp_matrix", "adam", "batch_norm", "attention", "logistic", "one_weight"):
            identity = f"5/{number}/{name}/ascii"
            if missing:
                found = mutants_of(document_of(identity), 1.0, random.Random(identity))
                missing -= {mutant.mutation.name for mutant in islice(found, 45)}
    assert not missing


# ---- counting


def _finding(cell: int | None, line: int, verdict: str, cause: str | None = None) -> Finding:
    kind = "arithmetic_error" if verdict == "slip" else None
    return Finding(cell, line, verdict, kind, cause, ((line, 0, 9999),), "")


def _says(verdict: str, kind: str) -> Judgement:
    """Return a judgement with one verdict on every line of any document of a kind."""
    cells, rows = (range(1, 40), 60) if kind == "ipynb" else ((None,), 600)
    return Judgement(
        tuple(_finding(cell, line, verdict) for cell in cells for line in range(1, rows))
    )


def _counts(verdict: str, tmp_path: Path) -> Counter[str]:
    total: Counter[str] = Counter()
    for hand in ("latex", "notebook"):
        job = Job("one_weight", hand, "1/0", 0.02, ("without", "with"), 5.0)
        outcomes = run_job(job, tmp_path, lambda _, kind, *__: _says(verdict, kind))
        total += outcomes["without"].counts
    return total


def test_praise(
    tmp_path: Path,
) -> None:
    """A checker that praises everything certifies all lines and all slips."""
    counts = _counts("correct", tmp_path)
    assert counts["certified"] == counts["lines"] > 0
    assert counts["mutant certified"] == counts["mutants"] > 0
    assert counts["false alarms"] == counts["found"] == 0


def test_blame(
    tmp_path: Path,
) -> None:
    """A checker that blames everything finds all slips and is wrong on all lines."""
    counts = _counts("slip", tmp_path)
    assert counts["found"] == counts["mutants"] == counts["span right"] > 0
    assert counts["false alarms"] >= counts["lines"] > 0


def test_silence(tmp_path: Path) -> None:
    """A checker that says nothing, or fails, certifies nothing and finds nothing."""
    job = Job("one_weight", "prose", "1/0", 0.02, ("with",), 5.0)
    for judgement, word in ((Judgement(()), "silent"), (Judgement((), failure="x"), "failure")):
        counts = run_job(job, tmp_path, lambda *_, j=judgement: j)["with"].counts
        assert counts[word] == counts["lines"]
        assert counts[f"mutant {word}"] == counts["mutants"]
        assert counts["found"] == counts["certified"] == 0


def test_causes(tmp_path: Path) -> None:
    """A cause counts as right only where the table of slips names it."""
    job = Job("one_weight", "ascii", "1/0", 0.05, ("with",), 5.0)
    document = document_of(job.identity)
    lines = [place for line in document.lines for place in document.page.lines_of(line.number)]
    findings = tuple(_finding(cell, line, "slip", "log_base") for cell, line in lines)
    counts = run_job(job, tmp_path, lambda *_: Judgement(findings))["with"].counts
    assert counts["named"] > 0
    assert counts["cause right"] < counts["named"]


def test_pairs() -> None:
    """All pairs of a network and a hand are written equally often."""
    jobs = jobs_of([*NETWORKS], HANDS, 2 * len(NETWORKS) * len(HANDS), 1, 0.0, ("with",), 1.0)
    assert set(Counter((job.network, job.hand) for job in jobs).values()) == {2}


@pytest.mark.parametrize(
    ("name", "hand"),
    [
        ("one_weight", "unicode"),
        pytest.param("adam", "notebook", marks=pytest.mark.proof),
        pytest.param("rnn", "latex", marks=pytest.mark.proof),
    ],
)
def test_today(name: str, hand: str, tmp_path: Path) -> None:
    """The checker is asked with and without a scenario, and answers."""
    job = Job(name, hand, "1/0", 0.002, ("without", "with"), 60.0)
    for outcome in run_job(job, tmp_path).values():
        assert outcome.counts["failures"] == 0
        assert outcome.counts["certified"] > 0
        assert outcome.counts["mutants"] > 0


def test_refusal() -> None:
    """A text that the checker refuses is counted as its failure."""
    assert ask_checker("x = 1", "docx", None, 5.0).failure is not None


# ---- off by a few units


def test_off_by() -> None:
    """Every sort of lines that are off by a few units is made, and each verdict counted."""
    made = list(off_by.cases(12, 1))
    assert {case.what for case in made} >= set(off_by.GOALS)
    counts, _ = off_by.verdicts_of(made, lambda _, kind, *__: _says("correct", kind))
    assert all(verdicts["certified"] == verdicts.total() for verdicts in counts.values())


# ---- independence


def test_independence() -> None:
    """The measure shares no code with the project but in the one module that asks."""
    for path in MUTATION.glob("*.py"):
        if path.name == "checker_under_test.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            assert not any(module.split(".")[0] == "tracer" for module in modules), path.name


BLAMED_ONCE = [
    ("7301/1/mlp/fractions", "a fraction after a sign of rounding, and what follows from it"),
    ("8103/99/mlp_matrix/fractions", "fractions beside rounded entries"),
    ("8103/51/logistic/ascii", "a stated value that nobody could decide"),
    ("8104/6/batch_norm/ascii", "a result near the run's, of names without a value"),
    ("8105/179/mlp_matrix/percent", "a product of columns that has the wrong shape"),
    ("8105/12/attention/percent", "names that the run does not have, rounded above"),
    ("8105/20/gru/latex", "a name that figures compute, beside a datum of its letter"),
    ("57001/304/logistic/unicode", "a figure of the data that a result above would be rounded to"),
    ("57001/2426/mlp/powers", "two results with one figure, rounded to one digit and to two"),
    ("57001/2292/convolution/ascii", "an entry of a parameter that the run has by a second name"),
    ("57001/593/mlp/framework", "∇z where another gradient has its value"),
]


@pytest.mark.parametrize("identity", [identity for identity, _ in BLAMED_ONCE])
def test_a_right_document_that_was_blamed(identity: str, tmp_path: Path) -> None:
    """It is blamed no more, alone or beside its scenario; what was wrong, the table says."""
    *seed, network, hand = identity.split("/")
    outcomes = run_job(Job(network, hand, "/".join(seed), 0, SETTINGS, 60), tmp_path)
    assert not any(outcome.counts["false alarms"] for outcome in outcomes.values())
