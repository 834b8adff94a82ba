"""The table of slips is complete, and every slip can be said in both languages."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from tracer.check.model.finding import SlipKind
from tracer.check.slips import causes
from tracer.check.slips.causes import SLIPS, Slip, Source
from tracer.narrative.catalogue import catalogue
from tracer.sentences import fill_sentence, say

CORPUS = Path(__file__).parent.parent / "corpus" / "slips.toml"


def test_every_slip_of_the_corpus_is_in_the_table_under_its_kind() -> None:
    """The corpus and the table use the same ids and kinds."""
    corpus = tomllib.loads(CORPUS.read_text("utf-8"))
    expected = {slip: kind for kind, slips in corpus.items() for slip in slips}
    assert {slip: SLIPS[slip].kind for slip in expected} == expected


def test_no_two_slips_have_one_id() -> None:
    """A second row of the same id would take the place of the first without a word."""
    ids = [slip.id for slip in causes._TABLE]
    assert [id for id in SLIPS if ids.count(id) > 1] == []


def test_every_kind_has_slips() -> None:
    """No kind of the report is without a slip."""
    assert {slip.kind for slip in SLIPS.values()} == set(get_args(SlipKind))


@pytest.mark.parametrize("slip", SLIPS.values(), ids=lambda slip: slip.id)
def test_a_slip_has_a_source_and_only_a_bound_figure_has_names(slip: Slip) -> None:
    """Only where a figure stands for a quantity are there names to say."""
    assert slip.source in get_args(Source)
    slots = {slot for _, slot, _, _ in string.Formatter().parse(slip.words) if slot}
    assert slots <= ({"name", "other"} if slip.source == "binding" else set())


@pytest.mark.chinese
@pytest.mark.parametrize("slip", SLIPS.values(), ids=lambda slip: slip.id)
def test_a_slip_is_said_in_chinese(slip: Slip) -> None:
    """The Chinese catalogue has the words of each slip."""
    sentence = say(slip.words, name="w", other="b")
    said = fill_sentence(sentence, catalogue("zh"), repr, str)
    assert any("一" <= character <= "鿿" for character in said)
