"""What a run comes to, as lines of text and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracer.expression import Dialect, Notation
from tracer.narrative.run_verdict import verdict_remarks
from tracer.render.block_writer import SentenceWriter
from tracer.run.diagnosis import Diagnosis
from tracer.sentences import Translate


def verdict_lines(
    diagnosis: Diagnosis,
    notation: Notation | None = None,
    translate: Translate = str,
    *,
    dialect: Dialect = "unicode",
) -> Iterator[str]:
    """Yield the sentences on a run, a line each; formulas in a dialect and a notation."""
    writer = SentenceWriter(notation or Notation(), translate)
    writer.dialect = dialect
    yield from (writer.sentence(remark.sentence) for remark in verdict_remarks(diagnosis))


def verdict_data(diagnosis: Diagnosis, translate: Translate = str) -> dict[str, Any]:
    """Return the facts and the sentences as plain data, formulas in ASCII."""
    facts = diagnosis.as_dictionary()
    return {**facts, "sentences": list(verdict_lines(diagnosis, None, translate, dialect="ascii"))}
