"""The key of a worksheet is checked with the numbers that its front matter sets."""

from __future__ import annotations

import pytest

from tracer.document_check import check_text
from tracer.errors import TracerError
from tracer.worksheets.worksheet_making import make_worksheet, worksheet_text


@pytest.mark.parametrize(
    ("scenario", "share"), [("one_weight", 0.6), ("mlp_2_2_2", 0.6), ("digit_mlp", 1.0)]
)
def test_a_key_of_ours_is_right(scenario: str, share: float) -> None:
    """No line is held against the scenario's usual numbers, and a key has no points."""
    text = worksheet_text(make_worksheet(scenario, seed=1, share=share), str, answers=True)
    (report,) = check_text(text).files
    assert {entry.verdict for entry in report.findings} <= {"correct", "undecided"}
    assert report.counts()["correct"] > len(report.findings) * 3 // 4
    assert report.marks is None


def test_a_slip_in_a_key_is_found() -> None:
    """Its numbers are those of the front matter, and a wrong result is wrong there."""
    sheet = make_worksheet("one_weight", seed=1, share=1, settings=("w=0.3", "x=[5, 4, 3]"))
    text = worksheet_text(sheet, str, answers=True)
    assert " = 1.5\n" in text
    (report,) = check_text(text.replace(" = 1.5\n", " = 1.7\n", 1)).files
    assert [entry.expected for entry in report.findings if entry.verdict == "slip"] == ["1.5"]


@pytest.mark.parametrize(
    "change", [('"one_weight"', '"no_such_one"'), ("data.", "data.__import__.")]
)
def test_a_key_may_set_numbers_of_bundled_scenarios_only(change: tuple[str, str]) -> None:
    """A document may be anyone's file."""
    text = worksheet_text(make_worksheet("one_weight", seed=1, share=1), str, answers=True)
    assert change[0] in text
    with pytest.raises(TracerError):
        check_text(text.replace(*change, 1))
