"""A traced run as a document is held against it, with those of writers with other conventions."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.check.trace.conventions import alternatives
from tracer.check.trace.traced_run import TracedRun
from tracer.sentences import Sentence

__all__ = ["TracedView"]


class TracedView(TracedRun):
    """A run, asked by written names, that knows the conventions under which it would be another."""

    def alternatives(self) -> Iterator[tuple[Sentence, TracedView]]:
        """Yield the run under other conventions, with what is said of each."""
        return alternatives(self)
