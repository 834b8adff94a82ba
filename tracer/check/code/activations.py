"""Derivatives of activations that code states: `sigmoid_derivative(z)` beside `sigmoid`.

Such a function may take the net input z or the activation's own value a; right is what is right for
one of them: `a * (1 - a)` as well as `sigmoid(z) * (1 - sigmoid(z))`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, Final

from tracer.check.code.gradients import Comparison, Verdict
from tracer.check.code.ratio import SEEDS, Trials, factor_of, ratio_of, same
from tracer.check.code.tracing import FAILURES, Event, Tracing
from tracer.check.code.values import Function
from tracer.errors import TracerError
from tracer.program.traced import Traced

__all__ = ["derivatives"]

ENTRIES = 7  # at which both are compared: net inputs of both signs
BUILT_IN: Final = frozenset(("sigmoid", "relu", "tanh"))
_BEFORE: Final = r"(?:d|derivative_of|derivative|deriv|der|grad|gradient)_?"
_AFTER: Final = r"_?(?:derivative|deriv|der|gradient|grad|prime|d)"
_KIND: Final = r"(?:sigmoid|logistic|tanh|(?:leaky_?)?relu|elu|selu|silu|swish|gelu|softplus)"
_NAME: Final = re.compile(
    rf"_?(?:{_BEFORE}(?P<after>{_KIND})|(?P<before>{_KIND}){_AFTER})$", re.IGNORECASE
)


def derivatives(own: ast.Module, tree: ast.Module) -> Iterator[Comparison]:
    """Yield what is found of the derivatives of activations that a block (`own`) defines.

    `tree` is the block with those before it. What cannot be followed is passed over.
    """
    stated = {part.name: part for part in tree.body if isinstance(part, ast.FunctionDef)}
    for function in own.body:
        match = _NAME.match(function.name) if isinstance(function, ast.FunctionDef) else None
        if match is None or not isinstance(function, ast.FunctionDef) or not _is_of_one(function):
            continue
        name = match["after"] or match["before"]
        activation = stated.get(name)
        if activation is None and name not in BUILT_IN:
            continue
        if activation is None or _is_of_one(activation):
            verdict = _verdict(tree, name, activation, function)
            if verdict is not None:
                event = Event(name, None, activation or function, "")
                yield Comparison(function.name, _returned(function), function.name, event, verdict)


def _is_of_one(function: ast.FunctionDef) -> bool:
    """Say whether a function takes one argument that has to be given."""
    arguments = function.args
    return len(arguments.args) - len(arguments.defaults) == 1 and not arguments.vararg


def _returned(function: ast.FunctionDef) -> ast.stmt:
    """Return the statement that says what a function gives: the last one, where it returns."""
    last = function.body[-1]
    return last if isinstance(last, ast.Return) else function


def _verdict(
    tree: ast.Module,
    name: str,
    activation: ast.FunctionDef | None,
    function: ast.FunctionDef,
) -> Verdict | None:
    """Compare a derivative at the net input and at the activation's value; None: not followed."""
    tracing = Tracing(tree)
    tracing.run([part for part in tree.body if isinstance(part, _STATING)])
    tracing.statement_number += 1
    net = tracing.leaf("z", (ENTRIES,))
    if activation is None:
        value = tracing.recorder.apply(name, net)
    else:
        value = _given(tracing, activation, net)
    at_net, at_value = _given(tracing, function, net), _given(tracing, function, value)
    found = [_compared(tracing, net, value, other) for other in (at_net, at_value)]
    judged = [verdict for verdict in found if verdict is not None]
    if len(judged) < len(found):
        return None
    right = [verdict for verdict in judged if verdict.is_right]
    factors = [verdict for verdict in judged if verdict.factors]
    return (right or factors or judged)[0]


_STATING: Final = (ast.FunctionDef, ast.Import, ast.ImportFrom)


def _given(tracing: Tracing, function: ast.FunctionDef, argument: Any) -> Any:
    """Return what a function gives for its one argument."""
    return tracing.call(Function(function.name, function), {function.args.args[0].arg: argument})


def _compared(tracing: Tracing, net: Traced, value: Any, written: Any) -> Verdict | None:
    if not isinstance(value, Traced) or not isinstance(written, Traced):
        return None
    if not value.shape == written.shape == net.shape or min(value.place, written.place) < 0:
        return None
    own = net.node.id  # type: ignore[attr-defined] # a leaf's node is its name
    try:
        trials = Trials(tracing, value, [written])
        ratios = []
        for seed in SEEDS:
            numbers = trials.run(seed)
            ratios.append(
                ratio_of(trials.entries(written, numbers), trials.derivative(own, numbers))
            )
    except (*FAILURES, TracerError):
        return None
    ratio = same(ratios)
    if ratio is None:
        return Verdict(())
    return Verdict(tuple(factor_of([(ratio, ())])), ratio)
