"""Derivatives that code states as functions: `sigmoid_derivative(z)` beside `sigmoid`.

Both are evaluated: the derivative is held against difference quotients of the function. That of an
activation may take the net input z or the activation's own value a; right is what is right for one
of them: `a * (1 - a)` as well as `sigmoid(z) * (1 - sigmoid(z))`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.check_code.code_names import is_loss, role_of
from tracer.debug.code_interpreter import CodeInterpreter
from tracer.debug.named_gradients import ratio_of
from tracer.debug.numpy_functions import KnownModule
from tracer.debug.observation import SourceText

Defined = ast.FunctionDef | ast.Lambda

STEP: Final = 1e-5
NEAR: Final = 0.03  # relative to the largest entry; differences below it may be rounding
BUILT_IN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
}
_BEFORE: Final = r"(?:d|derivative_of|derivative|deriv|der|grad|gradient)_?"
_AFTER: Final = r"_?(?:derivative|deriv|der|gradient|grad|prime|d)"
_KIND: Final = r"(?:sigmoid|logistic|tanh|(?:leaky_?)?relu|elu|selu|silu|swish|gelu|softplus)"
_NAME: Final = re.compile(
    rf"_?(?:{_BEFORE}(?P<after>{_KIND})|(?P<before>{_KIND}){_AFTER})$", re.IGNORECASE
)
_OF_LOSS: Final = re.compile(rf"(?:{_BEFORE}(?P<after>\w+)|(?P<before>\w+?){_AFTER})$")
_UPSTREAM: Final = re.compile(r"d[a-z]*out|d[A-Za-z]$|delta|grad|upstream|err")  # a gradient


class DerivativeFunction(NamedTuple):
    """A function that is named as a derivative: of which function, where, and whether it is right.

    `ratio` is that to the right one, None where there is none; `is_right` None: not judged.
    """

    name: str
    of: str
    node: ast.stmt
    is_right: bool | None
    ratio: float | None = None


def derivative_functions(tree: ast.Module) -> Iterator[DerivativeFunction]:
    """Yield what is found of the derivatives of activations and losses that code defines."""
    definitions = _defining_statements(tree)
    values: dict[str, Any] | None = None
    for name, (statement, function) in definitions.items():
        of = _function_of(name, function, definitions)
        if of is None or function is None:
            continue
        values = _constants_of(tree) if values is None else values
        activation = values.get(of, BUILT_IN.get(of.lower()))
        verdict: tuple[bool | None, float | None] = None, None
        if (
            callable(activation)
            and callable(values.get(name))
            and _agree_in_defaults(definitions.get(of), function)
        ):
            arguments = [item.arg for item in function.args.args]
            # Whatever a person's function does with these numbers, it is not judged then.
            with suppress(Exception), np.errstate(all="ignore"):
                verdict = _verdict(activation, values[name], arguments if is_loss(of) else ())
        last = statement.body[-1] if isinstance(statement, ast.FunctionDef) else None
        says = last if isinstance(last, ast.Return) else statement  # what the function gives
        yield DerivativeFunction(name, of, says, *verdict)


def _function_of(
    name: str,
    function: Defined | None,
    known: Mapping[str, tuple[ast.stmt, Defined | None]],
) -> str | None:
    """Return the function whose derivative a name says that a function gives; None for none."""
    match = _NAME.match(name)
    if match is not None and function is not None and _is_of_one(function):
        of = match["after"] or match["before"]
        named = [other for other in known if other.lower() == of.lower()]
        return named[0] if len(named) == 1 else None if named else of
    match = _OF_LOSS.match(name)
    of = (match["after"] or match["before"]) if match is not None else ""
    other = known.get(of, (None, None))[1]
    if other is None or function is None or not is_loss(of) or isinstance(function, ast.Lambda):
        return None
    arguments = [item.arg for item in function.args.args]
    predictions = [item for item in arguments if role_of(item) == "prediction"]
    is_same = arguments == [item.arg for item in other.args.args]
    return of if is_same and len(predictions) == 1 else None


def _defining_statements(tree: ast.Module) -> dict[str, tuple[ast.stmt, Defined | None]]:
    """Return the statement that defines each name at the top level, and the function that it is.

    None stands for what is no function, or is not seen.
    """
    definitions: dict[str, tuple[ast.stmt, Defined | None]] = {}
    for part in tree.body:
        if isinstance(part, ast.FunctionDef):
            definitions[part.name] = part, part
        elif isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
            value = part.value if isinstance(part.value, ast.Lambda) else None
            definitions[part.targets[0].id] = part, value
        elif isinstance(part, (ast.Import, ast.ImportFrom)):
            definitions.update((item.asname or item.name, (part, None)) for item in part.names)
    return definitions


def _constants_of(tree: ast.Module) -> dict[str, Any]:
    """Return what the names of the functions and constants of some code hold."""
    interpreter = CodeInterpreter(SourceText("<code>", ""))
    names: dict[str, Any] = {"np": KnownModule("numpy"), "numpy": KnownModule("numpy")}
    simple = (ast.Constant, ast.UnaryOp, ast.Lambda)
    for part in tree.body:
        is_simple = isinstance(part, ast.Assign) and isinstance(part.value, simple)
        if is_simple or isinstance(part, (ast.FunctionDef, ast.Import, ast.ImportFrom)):
            with suppress(Exception):  # what is not followed has no value
                interpreter.execute(part, names)
    return names


def _is_of_one(function: Defined) -> bool:
    """Say whether a function takes one argument that has to be given."""
    arguments = function.args
    is_one = len(arguments.args) - len(arguments.defaults) == 1 and not arguments.vararg
    return is_one and not _UPSTREAM.match(arguments.args[0].arg)


def _agree_in_defaults(one: tuple[ast.stmt, Defined | None] | None, other: Defined) -> bool:
    """Say whether two functions have the same defaults where they have the same arguments."""
    if one is None or one[1] is None:
        return one is None  # built in, or not seen
    first, second = _defaults(one[1]), _defaults(other)
    return all(second[name] == text for name, text in first.items() if name in second)


def _defaults(function: Defined) -> Mapping[str, str]:
    arguments, defaults = function.args.args, function.args.defaults
    given = arguments[len(arguments) - len(defaults) :]
    return {item.arg: ast.dump(value) for item, value in zip(given, defaults, strict=True)}


def _verdict(
    function: Callable[..., Any], derivative: Callable[..., Any], arguments: Sequence[str]
) -> tuple[bool | None, float | None]:
    """Compare a derivative with difference quotients; of a loss, by its prediction.

    `arguments` are those of a loss; an activation has none but its net input.
    """
    source = np.random.RandomState(7)
    if arguments:
        place = next(at for at, name in enumerate(arguments) if role_of(name) == "prediction")
        values = [source.uniform(0.1, 0.9, 7) for _ in arguments]
        right = _difference_quotients(
            lambda value: function(*values[:place], value, *values[place + 1 :]), values[place]
        )
        options = [np.asarray(derivative(*values), dtype=float)]
    else:
        net = source.permutation(np.linspace(-2.1, 2.4, 8))
        right = _difference_quotients(lambda value: _entry_results(function, value), net)
        options = [
            _entry_results(derivative, net),
            _entry_results(derivative, _entry_results(function, net)),
        ]
    scale = float(np.abs(right).max())
    differences = [float(np.abs(option - right).max()) / scale for option in options]
    if min(differences) < 1e-6:
        return True, 1.0
    if not np.isfinite(differences).all() or min(differences) < NEAR:
        return None, None
    ratio = next(filter(None, (ratio_of(option, right) for option in options)), None)
    # A gradient may go through the function in front of the loss as well.
    if arguments and ratio is None:
        return None, None
    return False, ratio


def _entry_results(function: Callable[..., Any], value: Any) -> Any:
    """Return what a function gives for each entry, called with all of them where it can be."""
    try:
        found = np.asarray(function(value.copy()), dtype=float)
    except (TypeError, ValueError):
        found = np.array([float(function(entry)) for entry in value])
    return found if found.shape == value.shape else np.full(value.shape, np.nan)


def _difference_quotients(function: Callable[..., Any], value: Any) -> Any:
    """Return the derivative of the sum of a function's entries by each entry of its argument."""
    return np.array(
        [
            float(np.sum(function(value + step)) - np.sum(function(value - step))) / (2 * STEP)
            for step in STEP * np.eye(value.size)
        ]
    )
