"""The Python of a document as one text, as if its blocks were the cells of a notebook."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from tracer.check.model.finding import Finding, SlipKind, Verdict
from tracer.check.model.statements import TextPlace
from tracer.check_code.reading import CodeReading
from tracer.sentences import Sentence


class JoinedCode:
    """The blocks of a document as one text, whose statements know their places."""

    def __init__(self, readings: Sequence[CodeReading], raw_lines: Sequence[str]) -> None:
        self.readings = [reading for reading in readings if reading.tree.body]
        self.raw_lines = raw_lines
        texts = [reading.text for reading in self.readings]
        self.text = "\n".join(texts) + "\n"
        self.starts = list(accumulate((text.count("\n") + 1 for text in texts), initial=0))

    def place(self, statement: ast.stmt) -> TextPlace | None:
        """Return the place of a statement in the document; None for a call that was added."""
        if statement.lineno > self.starts[-1]:
            return None
        block = bisect_right(self.starts, statement.lineno - 1) - 1
        return self.readings[block].span(statement, self.starts[block])

    def row(self, line: int) -> int:
        """Return the raw line of a line of the text."""
        block = bisect_right(self.starts, line - 1) - 1
        return self.readings[block].place(line - self.starts[block], 0)[0]

    def text_at(self, place: TextPlace) -> str:
        """Return the text at a place."""
        return self.raw_lines[place.line - 1][place.start : place.end]

    def findings(
        self,
        verdict: Verdict,
        statement: ast.stmt,
        message: Sentence,
        kind: SlipKind = "wrong_formula",
        error_line: int | None = None,
    ) -> Iterator[Finding]:
        """Yield the finding on a statement, where it is in the document."""
        place = self.place(statement)
        if place is None:
            return
        text = self.text_at(place)
        wrong: dict[str, Any] = {"tier": "wrong", "result_correct": False}
        settings: Mapping[str, dict[str, Any]] = {
            "slip": {
                **wrong, "kind": kind, "candidates": (kind,), "wrong_place": place, "written": text,
            },
            "carried_forward": {**wrong, "kind": "carried_forward", "error_line": error_line},
            "correct": {"tier": "exact", "result_correct": True},
        }  # fmt: skip
        own = settings.get(verdict, {"reason": "unknown_quantity"})
        yield Finding(verdict, place, text, message=message, **own)
