"""The verdicts on a text, read and judged as `tracer check` does it."""

from __future__ import annotations

from tracer.check.document_lines import check_lines
from tracer.check.model.finding import Finding
from tracer.check.model.statements import DocumentKind
from tracer.check.read.document_entry import read_document

__all__ = ["findings", "verdicts"]


def findings(text: str, kind: DocumentKind = "md") -> list[Finding]:
    """Return what is found in a text, line by line."""
    return list(check_lines(read_document(text, kind)).findings)


def verdicts(text: str, kind: DocumentKind = "md") -> list[str]:
    """Return the verdict on each line of a text."""
    return [finding.verdict for finding in findings(text, kind)]
