"""The table of all iterations: parameters, prediction, error, factor and loss, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from tracer.expression import Name, Node
from tracer.run.diagnosis import Diagnosis
from tracer.sentences import Sentence, say

MOST_PARAMETERS: Final = 4


class Column(NamedTuple):
    """A column of the table; `value` gives the number of an iteration, None for none."""

    title: Node | Sentence
    value: Callable[[int], float | None]
    rank: int  # where there is no room, the highest go first


def table_columns(diagnosis: Diagnosis, earlier: Sequence[float]) -> list[Column]:
    """Return the columns of the table, from the left; `earlier` are the losses before a change."""
    first, trained = diagnosis.trace.iteration(1), diagnosis.trained_names
    names = [name for name in trained if not first.shape(name)][:MOST_PARAMETERS]
    return [
        *(Column(Name(name), _entry_of(diagnosis.values(name)), 1) for name in names),
        *_prediction_columns(diagnosis),
        *_loss_columns(diagnosis, earlier),
    ]


def _prediction_columns(diagnosis: Diagnosis) -> Iterator[Column]:
    trace, loss = diagnosis.trace, diagnosis.loss_form
    if loss is not None and isinstance(loss.prediction, Name):
        name = loss.prediction.id
        if trace.iteration(1).shape(name) == ():
            yield Column(loss.prediction, _entry_of(trace.floats(name)), 2)
    errors = diagnosis.measured_errors.errors
    if diagnosis.measured_errors.node is not None and errors and len(errors[0]) == 1:
        yield Column(
            diagnosis.measured_errors.node, _entry_of([entries[0] for entries in errors]), 6
        )
    if diagnosis.measured_errors.node is not None and len(errors) > 1:
        # The factor of the step that led to an iteration.
        yield Column(say("factor"), lambda number: diagnosis.factor(number - 1), 4)


def _loss_columns(diagnosis: Diagnosis, earlier: Sequence[float]) -> Iterator[Column]:
    name = diagnosis.trace.program.loss
    if name is not None:
        yield Column(Name(name), _entry_of(diagnosis.losses), 3)
        if earlier:
            yield Column(say("before"), _entry_of(earlier), 5)


def _entry_of(values: Sequence[float]) -> Callable[[int], float | None]:
    return lambda number: values[number - 1] if 0 < number <= len(values) else None
