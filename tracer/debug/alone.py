"""A gradient function that nobody calls: it is called here, with arguments of likely shapes.

What an argument holds is read from its name; the prediction comes from the document's model, else
from a linear one. Only what is the same for several sizes counts, and a shape that makes the
gradient right beats all others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from tracer.check_code.code_names import SIZES, Role, is_gradient, is_loss, role_of
from tracer.debug.code_interpreter import InterpretedFunction
from tracer.debug.gradients import CodeGradients, GradientComparison
from tracer.debug.tracing import FAILURES, Event, Tracing
from tracer.program.recorder import Tracer

__all__ = ["compared_alone", "gradient_functions"]

MODELS: Final = frozenset(
    [
        "predict",
        "forward",
        "model",
        "linear",
        "hypothesis",
        "f",
        "net",
        "network",
        "compute_output",
        "prediction",
    ]
)
SHAPES: Final[tuple[Mapping[Role, str], ...]] = (  # n samples, d columns, k outputs
    {"data": "nd", "target": "n", "prediction": "n", "weight": "d", "bias": ""},
    {"data": "n", "target": "n", "prediction": "n", "weight": "", "bias": ""},
    {"data": "nd", "target": "n1", "prediction": "n1", "weight": "d1", "bias": ""},
    {"data": "nd", "target": "nk", "prediction": "nk", "weight": "dk", "bias": "k"},
    {"data": "dn", "target": "1n", "prediction": "1n", "weight": "d1", "bias": ""},
    {"data": "", "target": "", "prediction": "", "weight": "", "bias": ""},
    {"data": "d", "target": "", "prediction": "", "weight": "d", "bias": ""},
)
SIZE_SETS: Final = ({"n": 3, "d": 2, "k": 4, "1": 1}, {"n": 5, "d": 4, "k": 3, "1": 1})
MOST_ARGUMENTS = 8


class _Given(NamedTuple):
    """What the arguments hold: by their names, and by what they are."""

    named: dict[str, Any]
    roles: dict[Role, Any]


def compared_alone(
    tree: ast.Module, function: ast.FunctionDef, names: frozenset[str], text: str
) -> list[GradientComparison]:
    """Return what is found of the gradients that a function computes."""
    wanted = function.args.args
    if not wanted or len(wanted) > MOST_ARGUMENTS:
        return []
    found: dict[tuple[str, int], list[GradientComparison]] = {}
    for shapes in SHAPES:
        both = [_compared(tree, function, names, text, shapes, sizes) for sizes in SIZE_SETS]
        for key in both[0].keys() & both[1].keys():
            found.setdefault(key, []).append(_joined(both[0][key], both[1][key]))
    chosen = [_best(options) for options in found.values()]
    return sorted(chosen, key=lambda one: (one.node.lineno, one.node.col_offset))


def _joined(first: GradientComparison, second: GradientComparison) -> GradientComparison:
    """Return what two sizes agree on."""
    if first.verdict is None or second.verdict is None:
        return first._replace(verdict=None)
    shared = tuple(item for item in first.verdict.factors if item in second.verdict.factors)
    both_none = not first.verdict.factors and not second.verdict.factors
    verdict = first.verdict._replace(factors=shared) if shared or both_none else None
    return first._replace(verdict=verdict)


def _best(options: list[GradientComparison]) -> GradientComparison:
    judged = [one for one in options if one.verdict is not None]
    right = [one for one in judged if one.verdict is not None and one.verdict.is_right]
    return (right or judged or options)[0]


def _compared(
    tree: ast.Module,
    function: ast.FunctionDef,
    names: frozenset[str],
    text: str,
    shapes: Mapping[Role, str],
    sizes: Mapping[str, int],
) -> dict[tuple[str, int], GradientComparison]:
    """Return the comparisons for arguments of one set of shapes."""
    tracing = Tracing(tree)
    tracing.run([item for item in tree.body if _defines(item)])
    tracing.events.clear()
    try:
        given = _given(tracing, function, shapes, sizes)
        result = tracing.result_of(function, given.named)
    except FAILURES:
        return {}
    if is_gradient(function.name) or function.name.endswith("_prime"):
        tracing.returned(function.name, result, function)
    if not any(is_loss(event.name) for event in tracing.events):
        _add_losses(tracing, given, function.name)
    found = {}
    gradients = CodeGradients(tracing, names, text)
    for one in gradients.comparisons():
        if one.function == function.name and not one.shapes:  # these shapes are only guessed
            found[one.name, one.node.lineno * 10_000 + one.node.col_offset] = one
    return found


def _defines(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return isinstance(statement.value, ast.Lambda)
    return isinstance(statement, (ast.FunctionDef, ast.Import, ast.ImportFrom))


def _given(
    tracing: Tracing,
    function: ast.FunctionDef,
    shapes: Mapping[Role, str],
    sizes: Mapping[str, int],
) -> _Given:
    """Return the arguments of a function."""
    given = _Given({}, {})
    names = [item.arg for item in function.args.args]
    defaults = len(function.args.defaults)
    required = names[: len(names) - defaults] if defaults else names
    roles = {name: role_of(name) for name in required}
    by_model = "data" in roles.values() and "prediction" in roles.values()
    for name in required:
        role = roles[name]
        if name in SIZES:
            given.named[name] = sizes["n"]
        elif not (role == "prediction" and by_model):
            shape = tuple(sizes[letter] for letter in shapes.get(role, ""))
            given.named[name] = tracing.leaf(name, shape)
            given.roles.setdefault(role, given.named[name])
    if by_model:
        value = _predicted(tracing, given, shapes, sizes)
        given.roles["prediction"] = value
        given.named.update({name: value for name in required if roles[name] == "prediction"})
    tracing.statement_number += 1  # the arguments were there before
    return given


def _predicted(
    tracing: Tracing, given: _Given, shapes: Mapping[Role, str], sizes: Mapping[str, int]
) -> Any:
    """Return the model's prediction: of the document's model, or a linear one."""
    parameters: tuple[tuple[Role, str], ...] = (("weight", "w"), ("bias", "b"))
    for role, name in parameters:
        if role not in given.roles:
            shape = tuple(sizes[letter] for letter in shapes[role])
            given.roles[role] = tracing.leaf(name, shape)
    for function in tracing.functions():
        if function.name in MODELS and (value := _asked(tracing, function, given)) is not None:
            return value
    x, w, b = given.roles["data"], given.roles["weight"], given.roles["bias"]
    if shapes["data"] == "dn":
        return w.T @ x + b
    net = x @ w + b if shapes["weight"] else x * w + b
    logarithm = any(
        is_loss(item.name) and "log" in ast.dump(item.node) for item in tracing.functions()
    )
    return tracing.recorder.apply("sigmoid", net) if logarithm else net


def _asked(tracing: Tracing, function: InterpretedFunction, given: _Given) -> Tracer | None:
    """Return what a function of the document gives for the arguments that are known."""
    arguments = {}
    for item in function.node.args.args:
        value = given.named.get(item.arg, given.roles.get(role_of(item.arg)))
        if value is None:
            return None
        arguments[item.arg] = value
    result = tracing.result_of(function, arguments)
    return result if isinstance(result, Tracer) and result.place >= 0 else None


def _add_losses(tracing: Tracing, given: _Given, called: str) -> None:
    """Compute the document's losses for the same arguments, and what the function predicted."""
    before = len(tracing.events)
    named = set(given.roles)
    for event in tracing.events:
        is_own = event.function == called and isinstance(event.value, Tracer)
        if is_own and role_of(event.name) == "prediction" and "prediction" not in named:
            given.roles["prediction"] = event.value  # the last one: those before are hidden layers
    found: list[Event] = []
    for function in tracing.functions():
        if is_loss(function.name):
            value = _asked(tracing, function, given)
            if value is not None and isinstance(function.node, ast.FunctionDef):
                found.append(Event(function.name, value, function.node, ""))
    del tracing.events[before:]
    tracing.events[:0] = found


def gradient_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions that compute a gradient by their name, or by a name in them."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            stored = (
                part.id
                for part in ast.walk(statement)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            )
            prime = statement.name.endswith("_prime")
            if prime or is_gradient(statement.name) or any(_may_be(name) for name in stored):
                yield statement


def _may_be(name: str) -> bool:
    return is_gradient(name) or (name[0] == "d" and 1 < len(name) <= 4)
