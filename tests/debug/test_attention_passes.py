"""A slip in the backward pass of an attention model is found in whatever function it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.debug.attention_passes import FUNCTIONS, MODULES, SLIPS
from tracer.debug.debugger import debug_file
from tracer.document_check import check_text


@pytest.mark.parametrize(
    "text",
    [FUNCTIONS, pytest.param(MODULES, marks=pytest.mark.proof)],
    ids=["functions", "modules"],
)
def test_a_right_pass_is_right(text: str, tmp_path: Path) -> None:
    """A method may hold what comes back through it alone, beside a residual connection."""
    path = tmp_path / "net.py"
    path.write_text(text, "utf-8")
    report = debug_file(str(path))
    assert report.passed, str(report)
    names = {item.quantity for item in report.outcomes}
    assert len(names) == 24


@pytest.mark.parametrize(
    ("text", "right", "wrong", "located", "is_corrected"),
    [*SLIPS[:1], *(pytest.param(*slip, marks=pytest.mark.proof) for slip in SLIPS[1:])],
    ids=lambda item: str(item)[:24],
)
def test_a_slip_is_located(
    text: str, right: str, wrong: str, located: str, is_corrected: bool, tmp_path: Path
) -> None:
    """At its line; the corrected code passes."""
    assert text.count(right) == 1
    path = tmp_path / "net.py"
    path.write_text(text.replace(right, wrong), "utf-8")
    report = debug_file(str(path))
    assert not report.passed
    assert (located or wrong) in report.text
    assert (report.correction is not None) == is_corrected
    if report.correction is not None and report.line is not None:
        lines = path.read_text("utf-8").splitlines()
        old = lines[report.line - 1]
        lines[report.line - 1] = old[: len(old) - len(old.lstrip())] + report.correction.text
        path.write_text("\n".join(lines) + "\n", "utf-8")
        assert debug_file(str(path)).passed


@pytest.mark.proof
def test_a_slip_is_found_without_running_the_code() -> None:
    """In a document the functions are followed; right code has no slip."""
    _, right, wrong, _, _ = SLIPS[0]
    for text, lines in ((FUNCTIONS, []), (FUNCTIONS.replace(right, wrong), [wrong])):
        [report] = check_text(text, "py").files
        assert [item.written for item in report.findings if item.verdict == "slip"] == lines
        assert any(item.verdict == "correct" for item in report.findings)
