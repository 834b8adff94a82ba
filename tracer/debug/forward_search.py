"""Where an observed run computes its loss, and what its statements gave to names after that."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.check_code.code_breaks import is_update
from tracer.check_code.code_names import gradient_of, is_loss
from tracer.debug.gradient_names import base_name, gradient_word, is_unnamed_gradient, word_gradient
from tracer.debug.observation import (
    COMPOUND,
    RETURNED,
    ExecutedStatement,
    Observation,
    ObservedCall,
    ValuePath,
    Version,
    arrays_in,
    is_inside,
    is_number,
)
from tracer.errors import RunError
from tracer.sentences import say

PLURAL: Final = re.compile("(?<=ss)es$|s$")
# Words of NumPy's messages about shapes.
SHAPES: Final = re.compile("shape|mismatch|broadcast|aligned")


class Candidate(NamedTuple):
    """A statement that may give the loss of a pass."""

    score: int
    order: int  # earlier calls have a higher one
    call: ObservedCall
    last: ExecutedStatement
    name: str  # '' where the loss is returned
    has_update: bool
    begun: float  # when the first gradient is there
    gradients: frozenset[int]  # the ids of their statements


class GradientWindow(NamedTuple):
    """The gradients, and the parameters with an update, that statements near a loss compute.

    `changes` are all changes of that pass, those after the loss; or before it, where it has its
    value after its gradients have theirs.
    """

    changes: list[Version]
    gradients: list[Version]  # by their names
    unnamed: list[Version]  # a gradient by its name, which does not say of what
    updates: list[Version]
    start: float  # the statements of the backward pass are done after that

    @property
    def words(self) -> int:
        """How many gradients there are, by their names; 1 for updates alone."""
        return len(self.named_gradients) + bool(self.unnamed) or bool(self.updates)

    @property
    def named_gradients(self) -> set[str]:
        """The names of the gradients that say of what they are."""
        return {base_name(item.path) for item in self.gradients}


def gradient_window(
    observation: Observation, call: ObservedCall, last: ExecutedStatement
) -> GradientWindow:
    """Return the gradients that belong to the loss which a statement gives."""
    start, end = pass_bounds(observation, call, last)
    changes = [*observation.changes, *_failures(observation)]
    visible = arrays_in(last.after, observation.own)
    words = forward_words(observation, call, last)
    beside = (  # in the functions that give the loss: `loss, dz = softmax_loss(z, y)`
        item.moment.begun
        for item in changes
        if last.begun < item.moment.call.started <= item.moment.done < last.done
        if gradient_word(item.path, words)
        if any(name and each.done < item.moment.done for each, name in losses_of(item.moment.call))
    )
    windows = []
    for first, until in ((min(beside, default=last.done), end), (start, last.done)):
        inside = [item for item in changes if first < item.moment.done < until]
        computed = {  # there: `p = p / p.sum()` is no update then
            item.path.text for item in inside if _is_called_for(item.moment.statement)
        }
        windows.append(
            GradientWindow(
                inside,
                [item for item in inside if gradient_word(item.path, words)],
                [item for item in inside if is_unnamed_gradient(item.path, words)],
                [
                    item
                    for item in inside
                    if item.path.text in visible
                    and not is_loss(base_name(item.path))
                    and not gradient_word(item.path, words)
                    and is_update(item.moment.statement)
                    and item.path.text not in computed
                ],
                first,
            )
        )
    following, before = windows
    used = min((item.moment.done for item in before.gradients), default=math.inf)
    if following.gradients and any(item.moment.done > used for item in before.updates):
        return following  # an earlier loss had the others, and a step along them
    return max(windows, key=lambda window: window.words)


@lru_cache(maxsize=4096)  # asked each time that the statement ran
def _is_called_for(statement: ast.stmt) -> bool:
    """Tell whether a statement that is no update calls a function."""
    return not is_update(statement) and any(
        isinstance(node, ast.Call) for node in ast.walk(statement)
    )


def forward_words(
    observation: Observation, call: ObservedCall, last: ExecutedStatement
) -> frozenset[str]:
    """Return the words of what the statement with the loss sees, and functions before it saw.

    A function that has gradients of its own names is a whole pass itself.
    """
    start = pass_bounds(observation, call, last)[0]
    inner = (item for item in observation.calls if item is not call and item.moments)
    spaces = [item.moments[-1].after for item in inner if start < item.started <= last.done]
    all_words = _words(last.after, observation)
    for names in spaces:
        words = _words(names, observation)
        if not any(word_gradient(word, words) for word in words):
            all_words |= words
    return all_words


def _words(names: Mapping[str, Any], observation: Observation) -> frozenset[str]:
    return frozenset(base_name(path) for path, _ in arrays_in(names, observation.own).values())


def pass_bounds(
    observation: Observation, call: ObservedCall, last: ExecutedStatement
) -> tuple[float, float]:
    """Return when the pass with a loss began, and when the next one begins."""
    own = call.moments
    turns = [
        item.done
        for item, following in pairwise(own)
        if isinstance(item.statement, (ast.For, ast.While))
        and is_inside(last.statement, item.statement)
        and is_inside(following.statement, item.statement)
    ]
    same = [item.done for item in own if item.statement is last.statement and item is not last]
    calls = [item.started for item in observation.calls if item.code is call.code]
    limits = turns + same + [begun for begun in calls if begun > last.done]
    return (
        max((done for done in limits if done < last.done), default=own[0].done - 1),
        min((done for done in limits if done > last.done), default=math.inf),
    )


def find_losses(
    observation: Observation, wanted: Callable[[ObservedCall], bool] | None = None
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the statements that may give the loss of a run, and its other losses.

    First that of which the most names have gradients, then those that call for it or that it calls
    for, inner ones first: what it is computed from may have been made before a call. The other
    losses may have gradients of their own; they are in the order of the code, each once. `wanted`
    picks the call. Raises RunError where there is none.
    """
    candidates: list[Candidate] = []
    every: dict[ast.stmt, Candidate] = {}
    for place, call in enumerate(observation.calls):
        if wanted is not None and not wanted(call):
            continue
        best: list[Candidate] = []
        begun = updated = math.inf
        is_first = True  # the first pass of this call
        for moment, loss in losses_of(call):
            # What is added to a loss goes on with it, until a parameter changes.
            is_first &= (updated if _adds_up(moment.statement) else begun) >= moment.done
            if not is_first and moment.statement in every:
                continue  # the loss of the next pass
            window = gradient_window(observation, call, moment)
            is_named = loss or is_loss(call.name.rpartition(".")[2])
            score = window.words if is_named else len(window.named_gradients)
            if score or wanted is not None:
                # Terms are added to a loss: the last one counts.
                steps = [*window.gradients, *window.unnamed] or window.updates
                first = min((item.moment.done for item in steps), default=math.inf)
                gradient_moments = frozenset(id(item.moment) for item in window.gradients)
                has_update = bool(window.updates)
                item = Candidate(
                    score, -place, call, moment, loss, has_update, first, gradient_moments
                )
                every.setdefault(moment.statement, item)
                if is_first:
                    best, begun = [item], first
                    updated = min((item.moment.done for item in window.updates), default=math.inf)
        candidates += best
    if not candidates:
        raise RunError(
            say("no forward pass was found"),
            expected=say("a function that returns the loss, or a name such as loss, and gradients"),
        )
    sums = [item for item in candidates if _adds_up(item.last.statement)]
    whole = [
        item
        for item in candidates
        if not any(_is_part_of(item.call, each.call, each.last, candidates) for each in sums)
        and not any(_calls_for(item, each) for each in candidates if each.score >= item.score)
    ]
    main = max(whole, key=lambda item: item[:2])
    near = [item for item in candidates[::-1] if _calls_for(item, main) or _calls_for(main, item)]
    others = [each for each in every.values() if each.name not in ("", main.name)]
    return [main, *near], others


def _calls_for(outer: Candidate, inner: Candidate) -> bool:
    """Tell whether a loss and its gradients are there before the statement that calls is done."""
    is_within = outer.last.begun < inner.call.started
    return is_within and inner.last.done < inner.begun < outer.last.done


def _adds_up(statement: ast.stmt) -> bool:
    """Tell whether a statement changes what it gives: `loss += …`, `loss = loss + …`."""
    return isinstance(statement, ast.AugAssign) or is_update(statement)


def _is_part_of(
    call: ObservedCall, outer: ObservedCall, last: ExecutedStatement, found: Sequence[Candidate]
) -> bool:
    """Tell whether the loss of a call is one of several that another one sums up before a step."""
    same = [item for item in found if item.call.code is call.code and item.call.started < last.done]
    return call.started > outer.started and len(same) > 1 and not same[0].has_update


def losses_of(call: ObservedCall) -> Iterator[tuple[ExecutedStatement, str]]:
    """Yield the statements of a call that may give the loss: by its name, then what it returns.

    What a list of losses is given is the loss where none has such a name before it: beside a loss
    it may be any other figure that somebody watches.
    """
    has_named = False
    for moment in call.moments:
        if isinstance(moment.statement, COMPOUND):
            continue  # the j that a loop counts with is no loss
        for name in stored_names(moment.statement):
            is_own = gradient_of(name, frozenset(moment.after)) is None  # `d_loss` beside `loss`
            if is_loss(name) and is_own and _is_single(moment.after.get(name)):
                has_named = True
                yield moment, name
        grown_target = None if has_named else grown_list(moment.statement)
        if grown_target is not None and _is_loss_kept(*grown_target):
            grown = _value_at(grown_target[0], moment.after)
            if isinstance(grown, list) and grown and _is_single(grown[-1]):
                yield moment, f"{ast.unparse(grown_target[0])}[-1]"
    last = call.moments[-1] if call.moments else None
    if last is not None and isinstance(last.statement, ast.Return):
        returned = last.after.get(RETURNED)
        if any(map(is_number, returned if isinstance(returned, tuple) else (returned,))):
            yield last, ""


def _is_single(value: Any) -> bool:
    """Tell whether a value is one number."""
    is_plain = isinstance(value, (int, float, np.generic, np.ndarray))
    return is_plain and np.shape(value) == () and np.asarray(value).dtype.kind in "fiu"


def grown_list(statement: ast.stmt) -> tuple[ast.expr, ast.expr] | None:
    """Return the list to which a statement adds something, and what it adds; None for any other."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(grown, "append" | "extend"), [added])):
            return grown, added
    return None


def _is_loss_kept(grown: ast.expr, added: ast.expr) -> bool:
    """Tell whether a loss is worked out for a list: `history.append(compute_loss(p, y))`."""
    if isinstance(added, ast.Name):
        return False  # the loss has a name already
    called = getattr(added, "func", None)
    words = [ast.unparse(each).rpartition(".")[2] for each in (grown, called) if each is not None]
    return any(is_loss(word) or is_loss(PLURAL.sub("", word)) for word in words)


def _value_at(place: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return what a name or an attribute holds; None for anything else."""
    if isinstance(place, ast.Attribute):
        return getattr(_value_at(place.value, names), place.attr, None)
    return names.get(place.id) if isinstance(place, ast.Name) else None


@lru_cache(4096)  # a loop executes each statement many times
def stored_names(statement: ast.stmt) -> list[str]:
    """Return the names that a statement or a loop gives values."""
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    nodes = (node for target in targets if target is not None for node in ast.walk(target))
    return [
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _failures(observation: Observation) -> Iterator[Version]:
    """Yield what statements would have given names whose shapes do not fit: no number."""
    for moment, error in observation.failures:
        is_of_shapes = isinstance(error, ValueError) and SHAPES.search(str(error))
        for name in stored_names(moment.statement) if is_of_shapes else ():
            yield Version(ValuePath(name, (name,)), np.float64(math.nan), moment)
