"""The parts of a document, each judged beside the run that it is of."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.check.bind.document_parts import DocumentPart, names_of, parts_of
from tracer.check.bind.hypotheses import adopted_convention, with_logarithm
from tracer.check.bind.run_view import RunView
from tracer.check.bind.writers_run import WritersRun
from tracer.check.judge.follow import follow, habit_of
from tracer.check.judge.outcomes import ChainJudgement
from tracer.check.judge.part_state import PartState
from tracer.check.model.statements import WorkedDocument
from tracer.frozen import Frozen
from tracer.sentences import Sentence

__all__ = ["JudgedPart", "judge_parts"]


class JudgedPart(Frozen):
    """A part of a document with the judgements on its chains, made as they are asked for.

    `convention` says which one its writer keeps, None where it is the scenario's.
    """

    part: DocumentPart
    judgements: Iterator[ChainJudgement]
    convention: Sentence | None


def judge_parts(
    document: WorkedDocument, view: RunView | None, *, is_one_example: bool = False
) -> Iterator[JudgedPart]:
    """Yield the parts of a document in their order, each judged beside the run that it is of."""
    habit = habit_of(document)
    before: WritersRun | None = None
    whole = DocumentPart(0, len(document.statements), view is not None)
    for part in [whole] if is_one_example else parts_of(document, view, habit):
        statements = document.statements[part.first : part.last]
        bound, words, names = None, None, names_of(statements)
        if view is not None and part.is_bound:
            bound = view.counted_as_by(names)
            adopted = None if is_one_example else adopted_convention(document, part, bound, habit)
            if adopted is not None:
                bound, words = adopted.view, adopted.words
        else:
            statements = with_logarithm(document, statements, habit)
        state = PartState(habit, bound, None if bound is not None else before, names)
        yield JudgedPart(part, follow(statements, state), words)
        before = state.run if bound is None else None
