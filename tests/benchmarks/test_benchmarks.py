"""The benchmarks measure what they say: the loops by hand compute what tracer records."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest

import tracer
from tests.benchmarks import w1, w2, w3
from tests.benchmarks.__main__ import WORKS, main
from tests.benchmarks.checking_cost import ARTICLE
from tests.benchmarks.measure import Figure, in_turns
from tests.benchmarks.peers import installed_peers
from tracer.document_check import check_text
from tracer.run.scalars import ScalarStore


@pytest.mark.parametrize(
    ("scenario", "recorded", "bare"),
    [("one_weight", w1.recorded, w1.bare), ("mlp_2_2_2", w2.recorded, w2.bare)],
)
def test_loops_by_hand_compute_the_same(
    scenario: str,
    recorded: Callable[[int], tuple[bytearray, list[float]]],
    bare: Callable[[int], list[float]],
) -> None:
    """Rows and last parameters of the hand-written loops are tracer's to the last bit."""
    trace = tracer.load(scenario).set("training.iterations=20").run()
    store = trace.segments[0].store
    assert isinstance(store, ScalarStore)
    buffer, last = recorded(20)
    assert sorted(memoryview(store.buffer).cast("d")) == sorted(memoryview(buffer).cast("d"))
    final = [value for entries in trace.final.values() for value in entries]
    assert sorted(final) == sorted(last) == sorted(bare(20))


@pytest.mark.proof
@pytest.mark.parametrize("name", ["PyTorch", "JAX, compiled"])
def test_other_libraries_train_the_same(name: str, report_proof: Callable[[str], None]) -> None:
    """The loss of each step of the classifier is that of tracer, as near as float32 is."""
    peer = next((item for item in installed_peers() if item.name == name), None)
    if peer is None:
        pytest.skip(f"{name} is not installed")
    experiment = tracer.load("four_layer_classifier").set("dtype=float32", "training.epochs=1")
    tuned = w3.TunedClassifier(experiment, 1)
    batches = [(tuned.x[places], tuned.y[places]) for places in tuned.batches]
    ready = peer.steps(
        [*map(np.copy, tuned.parts(tuned.start))],
        batches,
        w3.classifier_loss,
        rate=0.001,
        adam=True,
    )
    losses = experiment.run().values("loss")
    np.testing.assert_allclose(ready()(), losses, rtol=1e-4)
    report_proof(f"{name} trains the classifier of W3 to the losses of tracer")


def test_list_of_works(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a work the benchmark lists what there is, a line each."""
    assert main([]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(WORKS)


def test_unknown_work(capsys: pytest.CaptureFixture[str]) -> None:
    """A work that is not there is one message, and nothing is measured."""
    assert main(["W1", "W99"]) == 2
    output = capsys.readouterr()
    assert output.err == f"there is no work 'W99'; there are {', '.join(WORKS)}\n"
    assert output.out == ""


def test_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With --check a figure that must hold and does not ends the benchmark with 1."""
    for ratio, checked, measured, end in (
        (1.5, 0, "1.5", "all hold"),
        (1.6, 1, "**1.6**", "1 that must hold do not: W1 recorded"),
    ):
        figure = Figure("W1", "recorded", "step ÷ limit", ratio, 1234.5, "µs", 1.5)
        monkeypatch.setattr(w1, "measure", lambda rounds, figure=figure: [figure])
        assert main(["W1"]) == 0
        assert main(["W1", "--check"]) == checked
        rows = capsys.readouterr().out.splitlines()[-2:]
        assert rows == [f"| W1 | recorded | step ÷ limit | {measured} | 1.5 |  | 1234 µs |", end]


def test_check_without_a_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --check and no work named all are measured."""
    for name, module in WORKS.items():
        figure = Figure(name, "all", "step ÷ limit", 1)
        work = import_module(f"tests.benchmarks.{module}")
        monkeypatch.setattr(work, "measure", lambda rounds, figure=figure: [figure])
    assert main(["--check"]) == 0
    rows = capsys.readouterr().out.splitlines()[2:-1]
    assert [row.split()[1] for row in rows] == list(WORKS)


def test_medians_of_rounds() -> None:
    """Ratios are taken round by round; the first round only warms up."""
    ticks = iter([0, 9, 9, 10, 10, 12, 12, 13, 13, 17, 17, 19, 19, 22, 22, 25])
    runs = {"ours": lambda: None, "limit": lambda: None}
    times = in_turns(runs, 3, clock=lambda: float(next(ticks)))
    assert times.median("ours") == 3
    assert times.ratio("ours", "limit") == 2


def test_the_article_that_is_checked_has_two_slips() -> None:
    """It is worked right but for two results, so that a report has both kinds of lines."""
    report = check_text(ARTICLE.read_text(encoding="utf-8"), "md", "one_weight")
    slips = [
        finding.line
        for file in report.files
        for finding in file.findings
        if finding.verdict == "slip"
    ]
    assert slips == [105, 132]
    assert report.counts()["correct"] > 15
