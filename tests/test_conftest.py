"""A test is in one tier, and a run says which tests it has left out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MORE = pytest.mark.proof  # to start pytest with workers takes seconds
ROOT = Path(__file__).resolve().parents[1]
TESTS = """
import pytest

def test_guard(): pass

@pytest.mark.needs("tmux")
def test_terminal(): pass

@pytest.mark.needs("LaTeX", "Chromium")
def test_page(): pass

@pytest.mark.proof
def test_proof(report_proof):
    report_proof("seven is prime")
"""
REFUSED = """
import pytest

@pytest.mark.needs("tmux")
@pytest.mark.proof
def test_in_two_tiers(): pass

@pytest.mark.needs("troff")
def test_unknown_program(): pass

@pytest.mark.needs
def test_no_program(): pass
"""


def run_pytest(folder: Path, text: str, *arguments: str) -> list[str]:
    """Run pytest with our conftest.py on the text of a test file; return the lines it prints.

    No program is to be found there.
    """
    (folder / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    (folder / "test_text.py").write_text(text, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n needs\n proof\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": "", "PYTEST_ADDOPTS": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "workers",
    [pytest.param([], id="serial"), pytest.param(["-n", "1"], id="parallel", marks=MORE)],
)
def test_the_last_line_says_what_was_left_out(workers: list[str], tmp_path: Path) -> None:
    """How many tests of each other tier, what they need, and the command that runs them."""
    *_, before, last = run_pytest(tmp_path, TESTS, "--tier", "guard", *workers)
    assert "1 passed" in before
    assert last == (
        "left out: 2 tests that need Chromium, LaTeX or tmux (.ci/run), 1 proof (make prove)"
    )


def test_a_plain_run_leaves_out_the_proofs_alone(tmp_path: Path) -> None:
    """What needs a program that is not installed is skipped, and says so."""
    lines = run_pytest(tmp_path, TESTS)
    skipped = [line.rpartition(": ")[2] for line in lines if line.startswith("SKIPPED")]
    assert sorted(skipped) == ["LaTeX and Chromium not installed", "tmux not installed"]
    assert "1 passed, 2 skipped, 1 deselected" in lines[-2]
    assert lines[-1] == "left out: 1 proof (make prove)"


@pytest.mark.parametrize(
    "workers",
    [pytest.param([], id="serial"), pytest.param(["-n", "1"], id="parallel", marks=MORE)],
)
def test_proofs_say_what_they_have_shown(workers: list[str], tmp_path: Path) -> None:
    """The sentences stand below one head, whichever process ran the proof."""
    lines = run_pytest(tmp_path, TESTS, "--tier", "proof", *workers)
    (head,) = (place for place, line in enumerate(lines) if " proved " in line)
    assert lines[head + 1] == "seven is prime"
    assert lines[-1] == (
        "left out: 1 guard (make test), 2 tests that need Chromium, LaTeX or tmux (.ci/run)"
    )


@pytest.mark.parametrize(
    "tier", ["guard", *(pytest.param(name, marks=pytest.mark.proof) for name in ("needs", "proof"))]
)
def test_a_test_in_two_tiers_or_in_none_fails_in_each(tier: str, tmp_path: Path) -> None:
    """Otherwise it would be run twice, or by nothing."""
    text = "\n".join(run_pytest(tmp_path, REFUSED, "--tier", tier))
    assert "a test belongs to one tier; found needs and proof" in text
    assert "needs: expected some of Chromium, Dask, LaTeX, tmux; found ['troff']" in text
    assert "needs: expected some of Chromium, Dask, LaTeX, tmux; found []" in text
    assert "3 errors" in text
