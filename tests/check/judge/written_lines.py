"""Documents for the judge, made from lines without the reader: sides split at their relations."""

from __future__ import annotations

import re
from functools import lru_cache

from tracer.check.bind.worlds import RunView
from tracer.check.judge.chain_work import join_rows
from tracer.check.judge.follow import judge_parts
from tracer.check.judge.judgement import ChainJudgement
from tracer.check.model.statements import (
    Doubt,
    EquationChain,
    MappedText,
    Relation,
    Side,
    StageMarker,
    Statement,
    TextPlace,
    WorkedDocument,
)
from tracer.check.trace.traced_view import TracedView
from tracer.expression import parse
from tracer.operations import vocabulary
from tracer.program.scenario import load
from tracer.run.runner import run_scenario

RELATIONS: dict[str, Relation] = {"=": "=", "≈": "≈", "←": "←"}


def document_of(text: str) -> WorkedDocument:
    """Return a document: a chain for each line, `#` begins a heading, `?` a line that is doubted.

    `Iteration 2` begins an iteration; several values on a line are joined by `;`.
    """
    statements: list[Statement] = []
    headings: tuple[int, ...] = ()
    lines = text.strip().split("\n")
    for number, line in enumerate(lines, 1):
        if line.startswith("# "):
            headings = (number,)
            continue
        if match := re.fullmatch(r"Iteration (\d+)", line):
            place = TextPlace(number, 0, len(line))
            statements.append(StageMarker("iteration", int(match[1]), place))
            continue
        column = 0
        for piece in line.split(";"):
            if piece.strip():
                statements.append(_chain(piece, number, column, headings))
            column += len(piece) + 1
    return WorkedDocument("<lines>", "txt", lines, statements)


def _chain(text: str, line: int, column: int, headings: tuple[int, ...]) -> EquationChain:
    doubts: tuple[Doubt, ...] = ()
    if text.startswith("?"):
        doubts, text, column = ("end",), text[1:], column + 1
    sides: list[Side] = []
    begin = 0
    relation: Relation = ""
    for match in [*re.finditer("[=≈←]", text), None]:
        end = len(text) if match is None else match.start()
        written = MappedText.of_line(text[begin:end], line, column + begin)
        node = parse(written.text, "unicode", vocabulary=vocabulary())
        sides.append(Side(written, relation, (node,)))
        if match is not None:
            relation, begin = RELATIONS[match[0]], match.end()
    place = TextPlace(line, column, column + len(text))
    return EquationChain(tuple(sides), place, text.strip(), doubts, False, headings)


@lru_cache(16)
def view_of(scenario: str) -> RunView:
    """Return a bundled scenario's run, as the judge asks it."""
    return TracedView(run_scenario(load(scenario)))


def judged(text: str, scenario: str = "") -> list[ChainJudgement]:
    """Return what is found in lines, beside a bundled scenario where one is named."""
    view = view_of(scenario) if scenario else None
    parts = judge_parts(join_rows(document_of(text)), view)
    return [judgement for _, judgements, _ in parts for judgement in judgements]


def outcome_of(text: str, scenario: str = "") -> str:
    """Return the outcome of the last chain; 'stated' where nothing in it is worked."""
    found = judged(text, scenario)
    last = text.strip().count("\n") + 1
    return found[-1].outcome if found and found[-1].chain.place.line == last else "stated"
