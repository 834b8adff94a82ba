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


def table_columns(diagnosis: Diagnosis, earlier: Sequence[float]) -> Iterator[Column]:
    """Yield the columns of the table, from the left; `earlier` are the losses before a change."""
    trace, loss, loss_form = diagnosis.trace, diagnosis.trace.program.loss, diagnosis.loss_form
    first = trace.iteration(1)
    numbers = [name for name in diagnosis.trained_names if not first.shape(name)]
    for name in numbers[:MOST_PARAMETERS]:
        yield Column(Name(name), _entry_of(diagnosis.values(name)), 1)
    prediction = None if loss_form is None else loss_form.prediction
    if isinstance(prediction, Name) and not first.shape(prediction.id):
        yield Column(prediction, _entry_of(trace.floats(prediction.id)), 2)
    node, errors = diagnosis.measured_errors.node, diagnosis.measured_errors.errors
    if node is not None and errors and len(errors[0]) == 1:
        yield Column(node, _entry_of([entries[0] for entries in errors]), 6)
    if node is not None and len(errors) > 1:
        # The factor of the step that led to an iteration.
        yield Column(say("factor"), lambda number: diagnosis.factor(number - 1), 4)
    if loss is not None:
        yield Column(Name(loss), _entry_of(diagnosis.losses), 3)
        if earlier:
            yield Column(say("before"), _entry_of(earlier), 5)


def _entry_of(values: Sequence[float]) -> Callable[[int], float | None]:
    return lambda number: values[number - 1] if 0 < number <= len(values) else None
