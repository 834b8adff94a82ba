"""Where an observed run computes its loss, and what its statements gave to names after that."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from tracer.check_code.code_names import is_loss
from tracer.debug.gradient_names import base_name, gradient_word
from tracer.debug.namespaces import ValuePath, arrays_in, is_number
from tracer.debug.observation import COMPOUND, ExecutedStatement, Observation, ObservedCall
from tracer.errors import RunError
from tracer.sentences import say

__all__ = [
    "Version",
    "changes_after",
    "find_forward",
    "losses_of",
    "same_numbers",
    "stored_names",
]


class Version(NamedTuple):
    """A value that a name had when it was used, or at the end."""

    path: ValuePath
    value: Any
    moment: ExecutedStatement


def find_forward(
    observation: Observation, wanted: Callable[[ObservedCall], bool] | None = None
) -> tuple[ObservedCall, ExecutedStatement, str]:
    """Return the call that computes the loss, the statement that does, and the loss's name.

    `wanted` picks the call; without it, it is the one that has the most of the names whose
    gradients are worked out. Raises RunError where there is none.
    """
    found: list[tuple[int, int, ObservedCall, ExecutedStatement, str]] = []
    gradients = _gradient_paths(observation)
    for place, call in enumerate(observation.calls):
        if wanted is not None and not wanted(call):
            continue
        best: tuple[int, ExecutedStatement, str] | None = None
        for moment, loss in losses_of(call):
            words = frozenset(
                base_name(path) for path, _ in arrays_in(moment.after, observation.own).values()
            )
            after = {
                (gradient_word(path, words), done) for path, done in gradients if done > moment.done
            }
            score = len({word for word, _ in after} - {None})
            begun = best is not None and any(
                best[1].done < done < moment.done and gradient_word(path, words)
                for path, done in gradients
            )
            if begun:
                break  # the loss of the next pass
            if score or wanted is not None:
                best = score, moment, loss  # terms are added to a loss: the last one counts
        if best is not None:
            found.append((best[0], -place, call, best[1], best[2]))
    if not found:
        raise RunError(
            say("no forward pass was found"),
            expected=say("a function that returns the loss, or a name such as loss, and gradients"),
        )
    _, _, call, last, loss = max(found, key=lambda item: item[:2])
    return call, last, loss


def losses_of(call: ObservedCall) -> Iterator[tuple[ExecutedStatement, str]]:
    """Yield the statements of a call that may give the loss: by its name, then what it returns."""
    for moment in call.moments:
        for name in stored_names(moment.statement):
            value = moment.after.get(name)
            if value is not None and is_loss(name) and np.shape(value) == ():
                yield moment, name
    last = call.moments[-1] if call.moments else None
    if last is not None and isinstance(last.statement, ast.Return):
        returned = call.returned if isinstance(call.returned, tuple) else (call.returned,)
        if any(is_number(item) for item in returned):
            yield last, ""


def stored_names(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement or a loop gives values."""
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    for target in targets:
        for node in ast.walk(target) if target is not None else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _gradient_paths(observation: Observation) -> list[tuple[ValuePath, int]]:
    return [(version.path, version.moment.done) for version in changes_after(observation, -1)]


def changes_after(observation: Observation, after: int) -> Iterator[Version]:
    """Yield what each statement gave a name, of the statements that ended after a moment."""
    known: dict[int, dict[str, tuple[ValuePath, Any]]] = {}

    def arrays(names: Mapping[str, Any]) -> dict[str, tuple[ValuePath, Any]]:
        if id(names) not in known:
            known[id(names)] = arrays_in(names, observation.own)
        return known[id(names)]

    for moment in observation.moments():
        if moment.done <= after or isinstance(moment.statement, COMPOUND):
            continue
        before = arrays(moment.before)
        for text, (path, value) in arrays(moment.after).items():
            old = before.get(text)
            if old is None or not (old[1] is value or same_numbers(old[1], value)):
                yield Version(path, value, moment)


def same_numbers(one: Any, other: Any) -> bool:
    """Tell whether two values have the same shape and the same numbers."""
    return np.shape(one) == np.shape(other) and bool(np.array_equal(one, other, equal_nan=True))
