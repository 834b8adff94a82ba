"""The formula by which a run computes a quantity, as tracer prints it, read as a document is.

It has the run's value however large it is, and whatever its signs leave unsaid: over which axes a
convolution sums, and how far apart it is laid.
"""

from __future__ import annotations

from tracer.check.bind.run_world import RunView
from tracer.check.judge.chain_work import join_rows
from tracer.check.model.statements import Side
from tracer.check.read.document_entry import read_document
from tracer.expression import render
from tracer.expression.syntax import Call, Node, walk
from tracer.narrative.program_notation import notation_of
from tracer.narrative.textbook_blocks import textbook_for
from tracer.operations import vocabulary


def is_formula_of(view: RunView, name: str, side: Side) -> bool:
    """Tell whether a side is the formula by which a run computes a quantity, sign by sign."""
    formula = next((it.expression for it in view.program.equations if it.name == name), None)
    if formula is None or view.turned:
        return False
    drawn = textbook_for(view.trace.segments[0].built).expression(formula)
    notation = notation_of(view.trace)
    text = render(drawn, "latex", vocabulary=vocabulary(), notation=notation)
    signed = [*map(_with_signs, side.readings)]
    return any(
        _with_signs(tree) in signed
        for chain in join_rows(read_document(f"$$q = {text}$$", "md")).chains()
        for tree in chain.sides[-1].readings
    )


def _with_signs(tree: Node) -> tuple[Node, list[str]]:
    """Return a tree with the signs of its products, which do not tell trees apart."""
    calls = (part for part in walk(tree) if isinstance(part, Call))
    return tree, [call.sign for call in calls if call.operation == "multiply"]
