"""The tiers of the tests: which of them a run takes, and what it says of the others.

docs/architecture.md says what each tier is for and where a new test belongs.
"""

from __future__ import annotations

import gc
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.programs import PROGRAMS, find_program

# Each core has a test. Threads that wait for each other's part of a product of matrices take more
# processor time than the product. NumPy reads this when it is loaded, here or in a test's process.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# What the interface copies goes into a file of the reader's cache; each process has one of its own.
CACHE = tempfile.TemporaryDirectory(prefix="tracer-tests-")
os.environ["XDG_CACHE_HOME"] = CACHE.name

# A shell that starts a command with `&` has it ignore Ctrl+C, and so do all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ("tests.chinese",)

TIERS = {  # in words, for one and for many, and what runs it
    "guard": ("guard", "guards", "make test"),
    "needs": ("test that needs", "tests that need", ".ci/run"),
    "proof": ("proof", "proofs", "make prove"),
}
USUAL = ("guard", "needs")  # what `python -m pytest` runs
MOST_WORKERS = 8
YOUNG = 50_000  # objects made before Python looks for garbage; `tracer` itself sets more

MORE = pytest.mark.proof
TURNS = 5  # of a property's examples, each of a hundred, which are proofs

OmittedTerms = dict[str, tuple[int, list[str]]]
"""By tier, how many tests were left out, and which programs they need."""

LEFT_OUT = pytest.StashKey[OmittedTerms]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--tier`."""
    parser.addoption("--tier", choices=TIERS, help="run one tier only; without it all but proofs")
    parser.addoption("--seed", type=int, default=1, help="what the proofs begin their draws with")


@pytest.fixture
def proof_seed(request: pytest.FixtureRequest) -> int:
    """Return the number that a proof begins its random draws with; another one proves more."""
    seed: int = request.config.getoption("seed")
    return seed


def programs_of(item: pytest.Item) -> list[str]:
    """Return the programs that a test needs."""
    return [name for mark in item.iter_markers("needs") for name in mark.args]


def tier_of(item: pytest.Item) -> str:
    """Return the tier of a test. Raises ValueError where its markers do not name exactly one."""
    marks = {mark.name for mark in item.iter_markers()}
    tiers = [tier for tier in TIERS if tier in marks]
    if len(tiers) > 1:
        raise ValueError(f"a test belongs to one tier; found {' and '.join(tiers)}")
    programs = programs_of(item)
    if tiers == ["needs"] and not (programs and PROGRAMS.keys() >= set(programs)):
        raise ValueError(f"needs: expected some of {', '.join(PROGRAMS)}; found {programs}")
    return tiers[0] if tiers else "guard"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of other tiers; one whose tier is not clear stays, and will fail."""
    wanted = (config.getoption("tier"),) if config.getoption("tier") else USUAL
    taken, left = [], []
    counts, programs = Counter[str](), set[str]()
    for item in items:
        try:
            tier = tier_of(item)
        except ValueError:
            taken.append(item)
            continue
        if tier in wanted:
            taken.append(item)
        else:
            left.append(item)
            counts[tier] += 1
            programs.update(programs_of(item))
    items[:] = taken
    config.hook.pytest_deselected(items=left)
    config.stash[LEFT_OUT] = {
        tier: (count, sorted(programs) if tier == "needs" else []) for tier, count in counts.items()
    }


def pytest_collection_finish() -> None:
    """Let no search for garbage go through what was collected: it took a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that is in no tier or in two, skip one whose programs are not installed."""
    try:
        tier_of(item)
    except ValueError as fault:
        pytest.fail(str(fault), pytrace=False)
    missing = [name for name in programs_of(item) if find_program(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a property of random examples hold of a few as a guard, and of many more as proofs."""
    is_proof = metafunc.definition.get_closest_marker("proof") is not None
    if hasattr(metafunc.function, "hypothesis") and not is_proof:
        metafunc.fixturenames.append("turn")
        proofs = [pytest.param(number, marks=MORE) for number in range(1, TURNS + 1)]
        metafunc.parametrize("turn", ["", *proofs])


@pytest.fixture
def report_proof(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function that takes what a proof has shown, in a sentence with its figures."""
    return partial(record_property, "proved")


# With pytest-xdist the workers collect the tests, and the process that reports knows none of them.


def pytest_configure(config: pytest.Config) -> None:
    """Let no example of Hypothesis be too slow beside other workers; guards take few of them."""
    if hasattr(config, "workerinput"):
        from hypothesis import HealthCheck, settings  # to load it takes longer than most tests

        usual = settings().max_examples
        count = usual // 4 if config.getoption("tier") == "guard" else usual
        slow = [HealthCheck.too_slow]  # so they are beside other workers
        settings.register_profile(
            "worker", deadline=None, max_examples=count, suppress_health_check=slow
        )
        settings.load_profile("worker")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return three workers for two cores: tests of the interface wait, and each worker collects."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(-(-3 * (cores or 1) // 2), MOST_WORKERS)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker has left out to the process that reports."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker has left out; every worker leaves out the same."""
    if hasattr(node, "workeroutput"):  # a worker that crashed has none
        node.config.stash[LEFT_OUT] = node.workeroutput["left_out"]


def proved(terminal: pytest.TerminalReporter) -> Iterator[str]:
    """Yield what the proofs say that they have shown."""
    for report in terminal.stats.get("passed", ()):
        yield from (text for name, text in report.user_properties if name == "proved")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was proved."""
    lines = sorted(proved(terminalreporter))
    if terminalreporter.config.getoption("tier") == "proof" and lines:
        terminalreporter.section("proved")
        terminalreporter.write("\n".join(lines) + "\n")


def left_out_line(left_out: OmittedTerms) -> str:
    """Return the sentence about what a run has left out."""
    parts = []
    for tier, (one, many, command) in TIERS.items():
        if tier in left_out:
            count, programs = left_out[tier]
            names = " or ".join(filter(None, (", ".join(programs[:-1]), *programs[-1:])))
            words = f"{one if count == 1 else many} {names}".strip()
            parts.append(f"{count} {words} ({command})")
    return f"left out: {', '.join(parts)}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say at the very end what was left out."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    left_out = config.stash.get(LEFT_OUT, {})
    if terminal is not None and left_out:
        terminal.write_line(left_out_line(left_out))
