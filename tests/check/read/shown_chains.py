"""How the tests of reading write down what was read: one line for each chain."""

from __future__ import annotations

from tracer.check.model.statements import DocumentKind, EquationChain, Side
from tracer.check.read.document_entry import read_document
from tracer.expression import render

__all__ = ["chains", "doubts", "first_chain", "show_side", "unread"]


def show_side(side: Side) -> str:
    """Return the likeliest reading of a side, or the reason why it has none in brackets."""
    if side.tree is not None:
        return render(side.tree)
    assert side.problem is not None
    return f"<{side.problem.reason}>"


def chains(text: str, kind: DocumentKind = "md") -> list[str]:
    """Return the chains of a text; claims begin with `~`, relations but `=` stand before sides."""
    return [
        ("~ " if chain.is_claim else "")
        + " | ".join(side.relation.strip("=") + show_side(side) for side in chain.sides)
        for chain in read_document(text, kind).chains()
    ]


def first_chain(text: str, kind: DocumentKind = "md") -> EquationChain:
    """Return the first chain of a text."""
    return next(read_document(text, kind).chains())


def doubts(text: str, kind: DocumentKind = "md") -> set[str]:
    """Return the doubts of all chains of a text."""
    return {doubt for chain in read_document(text, kind).chains() for doubt in chain.doubts}


def unread(text: str, kind: DocumentKind = "md") -> list[tuple[str, int]]:
    """Return reason and column of what was not read."""
    return [(piece.reason, piece.place.start) for piece in read_document(text, kind).unread]
