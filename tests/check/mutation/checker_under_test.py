"""The checker under test, asked in this process: the one place that knows how it is called."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["Finding", "Judgement", "ask_checker", "judgement_of"]


@dataclass(frozen=True)
class Finding:
    """An entry of the report: where it stands, and what it says."""

    cell: int | None
    line: int
    verdict: str
    kind: str | None
    cause: str | None
    spans: tuple[tuple[int, int, int], ...]  # line from 1, columns from 0, half open
    message: str


@dataclass(frozen=True)
class Judgement:
    """What the checker says of one document; `failure` says why it says nothing."""

    findings: tuple[Finding, ...]
    convention: str | None = None
    parts: int = 0
    bound_parts: int = 0
    seconds: float = 0.0
    failure: str | None = None


class _OutOfTimeError(Exception):
    """The checker took too long."""


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise _OutOfTimeError in the block after some seconds."""

    def stop(_: int, __: FrameType | None) -> None:
        raise _OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def ask_checker(text: str, kind: str, scenario: Path | None, seconds: float) -> Judgement:
    """Return the checker's judgement on a text; a fault of the checker's is its `failure`."""
    start = time.perf_counter()
    try:
        with _time_limit(seconds):
            report = _report(text, kind, scenario)
    except _OutOfTimeError:
        return Judgement((), seconds=seconds, failure=f"longer than {seconds:g} s")
    except Exception as fault:  # noqa: BLE001  # a checker that fails is a figure of the measure
        return Judgement((), failure=f"{type(fault).__name__}: {fault}")
    return judgement_of(report, time.perf_counter() - start)


def _report(text: str, kind: str, scenario: Path | None) -> Mapping[str, Any]:
    """Return the report as docs/check.schema.json describes it."""
    from tracer.document_check import check_text
    from tracer.render.report_json import report_json

    return report_json(check_text(text, kind, None if scenario is None else str(scenario)))


def judgement_of(report: Mapping[str, Any], seconds: float = 0.0) -> Judgement:
    """Return what a report of one file says."""
    file: Mapping[str, Any] = report["files"][0]
    convention: str | None = file["convention"]
    parts: Sequence[Mapping[str, Any]] = file["parts"]
    bound = [part for part in parts if part["scenario"] is not None]
    return Judgement(
        tuple(_finding(entry) for entry in file["lines"]),
        convention=convention if bound == list(parts) else None,  # else it says which are not
        parts=len(parts),
        bound_parts=len(bound),
        seconds=seconds,
    )


def _finding(entry: Mapping[str, Any]) -> Finding:
    spans = [tuple(span) for span in entry["more_spans"]]
    if entry["span"] is not None:
        spans.insert(0, (entry["line"], *entry["span"]))
    return Finding(
        entry.get("cell"),
        entry["line"],
        entry["verdict"],
        entry["kind"],
        entry["cause"],
        tuple((line, start, end) for line, start, end in spans),
        entry["message"] or "",
    )
