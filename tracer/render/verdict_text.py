"""What a run comes to, as lines of text and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracer.expression import render
from tracer.expression.look import Dialect
from tracer.expression.notation import Notation
from tracer.expression.syntax import Node
from tracer.narrative.messages import Equality, Translate, filled
from tracer.narrative.run_verdict import remarks
from tracer.operations import vocabulary
from tracer.run.diagnosis import Diagnosis

__all__ = ["verdict_data", "verdict_lines"]


def verdict_lines(
    diagnosis: Diagnosis,
    notation: Notation | None = None,
    translate: Translate = str,
    *,
    dialect: Dialect = "unicode",
) -> Iterator[str]:
    """Yield the sentences on a run, a line each; formulas in a dialect and a notation."""
    words = vocabulary()

    def inline(part: Node | Equality) -> str:
        if isinstance(part, Equality):
            return f"{inline(part.left)} = {inline(part.right)}"
        return render(part, dialect, vocabulary=words, notation=notation)

    for remark in remarks(diagnosis):
        yield filled(remark.sentence, translate, inline, str)


def verdict_data(diagnosis: Diagnosis, translate: Translate = str) -> dict[str, Any]:
    """Return the facts and the sentences as plain data, formulas in ASCII."""
    facts = diagnosis.as_dictionary()
    return {**facts, "sentences": list(verdict_lines(diagnosis, None, translate, dialect="ascii"))}
