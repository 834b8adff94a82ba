"""What was read of a text is not read again where only other blocks have changed."""

from __future__ import annotations

import pytest

from tracer.check.model.statements import WorkedDocument
from tracer.check.read.document_entry import read_document

ABOVE = "# A step\n\nLet w = 0.5 and x = 2. Then:\n\n"
WRONG = "$y = w x = 0.5 * 2 = 1.1$\n\n"
BELOW = "$z = y + 1 = 1 + 1 = 2$\n\n- a = 2 * 3 = 6\n\nThe loss is 0.25 now.\n"


def shown(document: WorkedDocument) -> list[object]:
    """Return all that a document's chains say, and where."""
    return [
        (each.text, each.place, each.doubts, each.headings, each.follows_on, each.sides[0].tree)
        for each in document.chains()
    ]


def test_only_the_block_that_changed_is_read_again() -> None:
    """The chains of all other blocks are the same objects, and everything is as if read anew."""
    first = read_document(ABOVE + WRONG + BELOW, "md")
    text = ABOVE + WRONG.replace("1.1", "1") + BELOW
    again = read_document(text, "md", known=first.blocks)
    assert shown(again) == shown(read_document(text, "md"))
    assert again.formulas == first.formulas
    kept = [each for each in again.chains() if any(each is other for other in first.chains())]
    assert [each.text for each in again.chains() if each not in kept] == ["y = w x = 0.5 * 2 = 1"]


@pytest.mark.parametrize(("before", "after"), [("# A step", "A step."), ("Let", "\nLet")])
def test_what_a_block_depends_on_counts(before: str, after: str) -> None:
    """Under other headings and at other places a block is read anew."""
    text = ABOVE + WRONG + BELOW
    changed = text.replace(before, after)
    again = read_document(changed, "md", known=read_document(text, "md").blocks)
    assert shown(again) == shown(read_document(changed, "md"))
