"""Find the worked lines of a document, judge them, find the causes of slips, repair."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracer.check.report import Report

__all__ = ["check_text"]


def check_text(
    text: str, kind: str = "md", scenario: str | None = None, *, path: str = "<text>"
) -> Report:
    """Return what is right and what is wrong in a text. See `tracer.check.checker`."""
    from tracer.check.checker import check_text as check

    return check(text, kind, scenario, path=path)
