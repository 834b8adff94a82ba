"""The measure of the checker is itself right: its documents, its slips and its counting."""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
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
from tests.check.mutation.scoring import Job, document_of, jobs_of, run_job, text_of
from tests.check.mutation.worked_networks import NETWORKS, Network, draw_network
from tests.check.mutation.working import exact_run, unproved_pairs, with_side

MUTATION = Path(__file__).parent / "mutation"
STEP = Fraction(1, 10**9)


def _network(name: str) -> Network:
    """Return a network of a kind whose values exist."""
    for seed in range(50):
        network = draw_network(name, random.Random(seed))
        try:
            exact_run(network)
        except UndefinedValueError:
            continue
        return network
    raise AssertionError(f"no network of the kind {name}")


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
def test_every_gradient_is_the_difference_quotient_of_the_loss(name: str) -> None:
    network = _network(name)
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
def test_a_networks_scenario_gives_the_same_losses_and_new_parameters(
    name: str, tmp_path: Path
) -> None:
    network = _network(name)
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


def test_the_same_identity_gives_the_same_document_and_another_one_another() -> None:
    identity = "3/0/mlp/latex"
    assert document_of(identity).page == document_of(identity).page
    assert document_of(identity).page.text != document_of("4/0/mlp/latex").page.text


def test_every_network_is_written_in_every_hand_and_every_line_holds() -> None:
    kinds: set[str] = set()
    for name in NETWORKS:
        for hand in HANDS:
            document = document_of(f"1/0/{name}/{hand}")
            kinds.add(document.page.kind)
            assert all(not unproved_pairs(line) for line in document.lines)
            assert all(document.page.lines_of(line.number) for line in document.lines)
    assert kinds == {"md", "txt", "tex", "ipynb"}


def test_a_result_that_is_moved_by_more_than_a_rounding_is_proved_wrong() -> None:
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
        for _, mutant in zip(range(count), found, strict=False):
            yield identity, mutant


def test_every_mutant_differs_from_its_document_on_the_lines_that_it_names() -> None:
    for identity, mutant in _mutants(25):
        document = document_of(identity)
        before = text_of(document.page, document.page.lines_of(mutant.number))
        after = text_of(mutant.page, mutant.page.lines_of(mutant.number))
        assert before != after, (identity, mutant.mutation.name, mutant.role, mutant.mode)
        assert mutant.spans
        assert mutant.is_changed_beside_run


def test_a_slip_that_is_worked_through_shows_only_beside_the_run() -> None:
    found = [m for _, m in _mutants(60) if (m.role, m.mode) == ("formula", "worked")]
    assert found
    assert not any(mutant.is_changed_alone for mutant in found)


def test_each_row_of_the_table_of_slips_makes_a_slip_somewhere() -> None:
    made: set[str] = set()
    for number in range(3):
        for name in NETWORKS:
            identity = f"5/{number}/{name}/ascii"
            for mutant in mutants_of(document_of(identity), 0.06, random.Random(identity)):
                made.add(mutant.mutation.name)
    assert {row.name for row in (*MUTATIONS, ORDER)} <= made


# ---- counting


def _finding(cell: int | None, line: int, verdict: str, cause: str | None = None) -> Finding:
    kind = "arithmetic_error" if verdict == "slip" else None
    return Finding(cell, line, verdict, kind, cause, ((line, 0, 9999),), "")


def _says(verdict: str) -> Judgement:
    """Return a judgement with one verdict on every line of any document."""
    cells = [None, *range(1, 60)]
    return Judgement(
        tuple(_finding(cell, line, verdict) for cell in cells for line in range(1, 800))
    )


def _counts(verdict: str, tmp_path: Path) -> Counter[str]:
    total: Counter[str] = Counter()
    for hand in ("latex", "notebook"):
        job = Job("one_weight", hand, "1/0", 0.02, ("without", "with"), 5.0)
        outcomes = run_job(job, tmp_path, lambda *_: _says(verdict))
        total += outcomes["without"].counts
    return total


def test_a_checker_that_praises_everything_certifies_all_lines_and_all_slips(
    tmp_path: Path,
) -> None:
    counts = _counts("correct", tmp_path)
    assert counts["certified"] == counts["lines"] > 0
    assert counts["mutant certified"] == counts["mutants"] > 0
    assert counts["false alarms"] == counts["found"] == 0


def test_a_checker_that_blames_everything_finds_all_slips_and_is_wrong_on_all_lines(
    tmp_path: Path,
) -> None:
    counts = _counts("slip", tmp_path)
    assert counts["found"] == counts["mutants"] == counts["span right"] > 0
    assert counts["false alarms"] >= counts["lines"] > 0


def test_a_checker_that_says_nothing_or_fails_certifies_nothing(tmp_path: Path) -> None:
    job = Job("one_weight", "prose", "1/0", 0.02, ("with",), 5.0)
    for judgement, word in ((Judgement(()), "silent"), (Judgement((), failure="x"), "failure")):
        counts = run_job(job, tmp_path, lambda *_, j=judgement: j)["with"].counts
        assert counts[word] == counts["lines"]
        assert counts[f"mutant {word}"] == counts["mutants"]
        assert counts["found"] == counts["certified"] == 0


def test_a_cause_counts_as_right_only_where_the_table_names_it(tmp_path: Path) -> None:
    job = Job("one_weight", "ascii", "1/0", 1.0, ("with",), 5.0)
    document = document_of(job.identity)
    lines = [place for line in document.lines for place in document.page.lines_of(line.number)]
    findings = tuple(_finding(cell, line, "slip", "log_base") for cell, line in lines)
    counts = run_job(job, tmp_path, lambda *_: Judgement(findings))["with"].counts
    assert counts["named"] > 0
    assert counts["cause right"] < counts["named"]


def test_all_pairs_of_network_and_hand_are_written_equally_often() -> None:
    jobs = jobs_of([*NETWORKS], HANDS, 2 * len(NETWORKS) * len(HANDS), 1, 0.0, ("with",), 1.0)
    assert set(Counter((job.network, job.hand) for job in jobs).values()) == {2}


def test_the_checker_is_asked_in_both_settings_and_answers(tmp_path: Path) -> None:
    for name, hand in (("one_weight", "unicode"), ("adam", "notebook"), ("rnn", "latex")):
        job = Job(name, hand, "1/0", 0.002, ("without", "with"), 60.0)
        for outcome in run_job(job, tmp_path).values():
            assert outcome.counts["failures"] == 0
            assert outcome.counts["certified"] > 0
            assert outcome.counts["mutants"] > 0


def test_a_text_that_the_checker_refuses_is_counted_as_its_failure() -> None:
    assert ask_checker("x = 1", "docx", None, 5.0).failure is not None


# ---- off by a few units


def test_lines_off_by_a_few_units_are_made_from_right_ones() -> None:
    made = list(off_by.cases(12, 1))
    assert {case.what for case in made} >= set(off_by.GOALS)
    counts, _ = off_by.verdicts_of(made, lambda *_: _says("correct"))
    assert all(verdicts["certified"] == verdicts.total() for verdicts in counts.values())


# ---- independence


def test_the_measure_shares_no_code_with_the_project() -> None:
    for path in MUTATION.glob("*.py"):
        if path.name == "checker_under_test.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            assert not any(module.split(".")[0] == "tracer" for module in modules), path.name
