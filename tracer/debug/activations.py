"""Derivatives of activations that code states: `sigmoid_derivative(z)` beside `sigmoid`.

Such a function may take the net input z or the activation's own value a; right is what is right for
one of them: `a * (1 - a)` as well as `sigmoid(z) * (1 - sigmoid(z))`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tracer.debug.gradient_ratio import SEEDS, Trials, factor_of, ratio_of, same
from tracer.debug.gradients import GradientComparison, GradientVerdict
from tracer.debug.tracing import FAILURES, Event, Tracing
from tracer.program.recorder import Tracer

__all__ = ["derivatives"]

Defined = ast.FunctionDef | ast.Lambda

ENTRIES = 7  # at which both are compared: net inputs of both signs
NEAR = 0.03  # of the largest entry: what is rounded, or an approximation, is not judged
BUILT_IN: Final = frozenset(("sigmoid", "relu", "tanh"))
_BEFORE: Final = r"(?:d|derivative_of|derivative|deriv|der|grad|gradient)_?"
_AFTER: Final = r"_?(?:derivative|deriv|der|gradient|grad|prime|d)"
_KIND: Final = r"(?:sigmoid|logistic|tanh|(?:leaky_?)?relu|elu|selu|silu|swish|gelu|softplus)"
_NAME: Final = re.compile(
    rf"_?(?:{_BEFORE}(?P<after>{_KIND})|(?P<before>{_KIND}){_AFTER})$", re.IGNORECASE
)

_UPSTREAM: Final = re.compile(r"d[a-z]*out|d[A-Za-z]$|delta|grad|upstream|err")  # a gradient


def derivatives(own: ast.Module, tree: ast.Module) -> Iterator[GradientComparison]:
    """Yield what is found of the derivatives of activations that a block (`own`) defines.

    `tree` is the block with those before it. The verdict on what cannot be followed is None.
    """
    known = _defined(tree)
    for name, (statement, function) in _defined(own).items():
        match = _NAME.match(name)
        if match is None or function is None or not _is_of_one(function):
            continue
        of = match["after"] or match["before"]
        named = [other for other in known if other.lower() == of.lower()]
        activation = known[named[0]][1] if len(named) == 1 else None
        is_known = activation is not None or (not named and of.lower() in BUILT_IN)
        verdict = _verdict(tree, of.lower(), activation, function) if is_known else None
        event = Event(named[0] if named else of, None, function, "")
        yield GradientComparison(name, _returned(statement), name, event, verdict)


def _defined(tree: ast.Module) -> dict[str, tuple[ast.stmt, Defined | None]]:
    """Return the statement that defines each name at the top level, and the function that it is.

    None stands for what is no function, or is not seen.
    """
    found: dict[str, tuple[ast.stmt, Defined | None]] = {}
    for part in tree.body:
        if isinstance(part, ast.FunctionDef):
            found[part.name] = part, part
        elif isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
            value = part.value if isinstance(part.value, ast.Lambda) else None
            found[part.targets[0].id] = part, value
        elif isinstance(part, (ast.Import, ast.ImportFrom)):
            found.update((item.asname or item.name, (part, None)) for item in part.names)
    return found


def _is_of_one(function: Defined) -> bool:
    """Say whether a function takes one argument that has to be given."""
    arguments = function.args
    if len(arguments.args) - len(arguments.defaults) != 1 or arguments.vararg:
        return False
    return not _UPSTREAM.match(arguments.args[0].arg)


def _returned(statement: ast.stmt) -> ast.stmt:
    """Return the statement that says what a function gives: the last one, where it returns."""
    last = statement.body[-1] if isinstance(statement, ast.FunctionDef) else None
    return last if isinstance(last, ast.Return) else statement


def _verdict(
    tree: ast.Module, name: str, activation: Defined | None, function: Defined
) -> GradientVerdict | None:
    """Compare a derivative at the net input and at the activation's value; None: not judged."""
    if activation is not None and not _agree(activation, function):
        return None
    tracing = Tracing(tree)
    tracing.run([part for part in tree.body if _states(part)])
    tracing.statement_number += 1
    net = tracing.leaf("z", (ENTRIES,))
    if activation is None:
        value = tracing.recorder.apply(name, net)
    else:
        value = _given(tracing, activation, net)
    at_net, at_value = _given(tracing, function, net), _given(tracing, function, value)
    found = [_compared(tracing, net, value, other) for other in (at_net, at_value)]
    judged = [verdict for verdict in found if verdict is not None]
    right = [verdict for verdict in judged if verdict.is_right]
    if right or len(judged) < len(found):
        return right[0] if right else None
    factors = [verdict for verdict in judged if verdict.factors]
    return (factors or judged)[0]


def _agree(one: Defined, other: Defined) -> bool:
    """Say whether two functions have the same defaults where they have the same arguments."""
    first, second = _defaults(one), _defaults(other)
    return all(second[name] == text for name, text in first.items() if name in second)


def _defaults(function: Defined) -> Mapping[str, str]:
    arguments, defaults = function.args.args, function.args.defaults
    given = arguments[len(arguments) - len(defaults) :]
    return {item.arg: ast.dump(value) for item, value in zip(given, defaults, strict=True)}


def _states(part: ast.stmt) -> bool:
    """Say whether a statement may be what a function needs: no data, no calculation."""
    simple = (ast.Constant, ast.UnaryOp, ast.Lambda)
    if isinstance(part, ast.Assign):
        return isinstance(part.value, simple)
    return isinstance(part, (ast.FunctionDef, ast.Import, ast.ImportFrom))


def _given(tracing: Tracing, function: Defined, argument: Any) -> Any:
    """Return what a function gives for its one argument."""
    return tracing.result_of(function, {function.args.args[0].arg: argument})


def _compared(tracing: Tracing, net: Tracer, value: Any, written: Any) -> GradientVerdict | None:
    if not isinstance(value, Tracer) or not isinstance(written, Tracer):
        return None
    if not value.shape == written.shape == net.shape or min(value.place, written.place) < 0:
        return None
    own = net.node.id  # type: ignore[attr-defined] # a leaf's node is its name
    ratios: list[float | None] = []
    differences: list[float] = []
    try:
        trials = Trials(tracing, value, [written], stated=True)
        for seed in SEEDS:
            numbers = trials.run(seed)
            own_values, right = trials.entries(written, numbers), trials.derivative(own, numbers)
            ratios.append(ratio_of(own_values, right))
            differences.append(_difference(own_values, right))
    except FAILURES:
        return None
    ratio = same(ratios)
    if ratio is not None:
        return GradientVerdict(tuple(factor_of(ratio, ())), ratio)
    return None if max(differences) < NEAR else GradientVerdict(())


def _difference(written: Sequence[float], right: Sequence[float]) -> float:
    """Return the largest difference of two arrays, as a part of the largest entry."""
    largest = max(map(abs, right), default=0.0) or 1.0
    return max(abs(one - other) for one, other in zip(written, right, strict=True)) / largest
