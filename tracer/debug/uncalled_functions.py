"""Functions and classes that compute gradients and that nobody calls: how they would be called.

The calls are written as statements below the code, which is then followed like any other. What an
argument holds is read from its name: one of the same name in another function is the same value,
and what the forward function returns goes on to the backward one by the names that it has there.
The shapes are those of one layout out of a few; the code itself shows which fit.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tracer.check_code.code_breaks import is_update
from tracer.check_code.code_names import RATES, SIZES, is_gradient, is_loss, role_of, words_of
from tracer.check_code.labels import names_stored
from tracer.debug.forward_search import stored_names
from tracer.debug.gradient_names import word_gradient

MODELS: Final = frozenset(
    ["predict", "forward", "model", "linear", "hypothesis", "f", "net", "network", "prediction"]
)
TURNS: Final = frozenset(["epochs", "epoch", "iterations", "iters", "steps", "iter"])
DEFINITIONS: Final = (ast.FunctionDef, ast.ClassDef)
Definition = ast.FunctionDef | ast.ClassDef
RESULT: Final = "__"  # suffix of the name that holds a function's result
OBJECT: Final = f"object{RESULT}"
MOST_ARGUMENTS: Final = 12
HIDDEN: Final = (4, 5, 6)  # sizes of hidden layers; there are 7 samples, 3 inputs, 2 outputs


class BatchLayout(NamedTuple):
    """The shapes of a batch: its data and targets, and how weights and biases lie.

    A size of 0 stands for no axis.
    """

    data: tuple[int, ...]
    target: str  # an expression
    inputs: int
    outputs: int
    is_columns: bool = False
    bias_axes: int = 1


FLOATS: Final = "rng.uniform(0.1, 0.9, {0})"
LAYOUTS: Final = (
    BatchLayout((7, 3), "np.eye(2)[rng.randint(0, 2, 7)]", 3, 2),
    BatchLayout((7, 3), "rng.randint(0, 2, 7)", 3, 2),
    BatchLayout((7, 3), FLOATS.format((7, 2)), 3, 2),
    BatchLayout((7, 3), FLOATS.format((7, 1)), 3, 1),
    BatchLayout((7, 3), FLOATS.format((7, 1)), 3, 1, bias_axes=0),
    BatchLayout((7, 3), FLOATS.format(7), 3, 0),
    BatchLayout((3, 7), "np.eye(2)[:, rng.randint(0, 2, 7)]", 3, 2, is_columns=True, bias_axes=2),
    BatchLayout((3, 7), FLOATS.format((2, 7)), 3, 2, is_columns=True, bias_axes=2),
    BatchLayout((3, 7), FLOATS.format((1, 7)), 3, 1, is_columns=True, bias_axes=0),
    BatchLayout((3,), FLOATS.format(2), 3, 2, is_columns=True),
    BatchLayout((3,), FLOATS.format(()), 3, 0),
    BatchLayout((7,), FLOATS.format(7), 0, 0),
    BatchLayout((), FLOATS.format(()), 0, 0),
)


def gradient_functions(tree: ast.Module) -> list[Definition]:
    """Return the functions and classes that compute gradients and that no statement calls."""
    called = {
        ast.unparse(node.func).rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    return [
        node
        for node in tree.body
        if isinstance(node, DEFINITIONS)
        and node.name not in called
        and 0 < len(_arguments(node)) <= MOST_ARGUMENTS
        and _is_of_gradients(node)
    ]


def _is_of_gradients(function: Definition) -> bool:
    """Tell whether a function gives a gradient a name, is called after one, or makes a step.

    Of a class, whether one of its methods works backward.
    """
    if isinstance(function, ast.ClassDef):
        return _method(function, _is_backward) is not None
    nodes = list(ast.walk(function))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    all_names = frozenset({*names, *_arguments(function)})
    has_loss = any(map(is_loss, names))
    return (
        is_gradient(function.name)
        or "back" in function.name
        or any(is_gradient(name) or word_gradient(name, all_names) for name in names)
        or (has_loss and any(map(is_update, nodes)))
    )


def _is_backward(name: str) -> bool:
    return "back" in name or is_gradient(name)


def _method(node: ast.ClassDef, wanted: Callable[[str], bool]) -> ast.FunctionDef | None:
    """Return the first method of a class whose name is wanted."""
    methods = (item for item in node.body if isinstance(item, ast.FunctionDef))
    return next((item for item in methods if wanted(item.name)), None)


def _arguments(function: Definition) -> list[str]:
    """Return the arguments that a call must have; of a class, with the object that it makes."""
    if isinstance(function, ast.ClassDef):
        constructor = _method(function, "__init__".__eq__)
        return ["self"] if constructor is None else _arguments(constructor)
    arguments = function.args
    names = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
    return names[: len(names) - len(arguments.defaults)]


def calls_of(tree: ast.Module, function: Definition) -> Iterator[str]:
    """Yield statements that call a function with all that it needs, one text for each layout.

    The loss is called after its function.
    """
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    stored = names_stored(tree)
    plans = (
        _object_plans(function)
        if isinstance(function, ast.ClassDef)
        else _calls_to_gradients(functions, function)
    )
    for calls in plans:
        inputs = _inputs_of(calls, stored)
        for layout in LAYOUTS if inputs else ():
            assignments = _drawn_inputs(inputs, layout)
            if assignments is not None:
                yield "\n".join(["rng = np.random.RandomState(5)", *assignments, *calls]) + "\n"


def loss_calls(tree: ast.Module) -> Iterator[str]:
    """Yield statements that compute a loss which the code defines, but only prints.

    Its arguments must have their values by their names, and no parameter may have changed since.
    """
    outside = [item for item in tree.body if not isinstance(item, DEFINITIONS)]
    if any(is_update(node) for item in outside for node in ast.walk(item)):
        return
    yield from (
        f"{item.name}{RESULT} = {_call_with_names(item)}\n"
        for item in tree.body
        if isinstance(item, ast.FunctionDef)
        and is_loss(item.name)
        and {*_arguments(item)} <= names_stored(tree)
    )


def _calls_to_gradients(
    functions: Mapping[str, ast.FunctionDef], function: ast.FunctionDef
) -> Iterator[list[str]]:
    """Yield the calls that lead to a function's gradients: model, loss, then the function."""
    own = _arguments(function)
    called = (ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call))
    if any(map(is_loss, [*names_stored(function), *(text.rpartition(".")[2] for text in called)])):
        yield [_call_with_names(function)]
        return
    for loss in functions.values():
        if loss is function or not (is_loss(loss.name) or _returns_loss(loss)):
            continue
        calls = []
        predictions = [name for name in _arguments(loss) if role_of(name) == "prediction"]
        if predictions and not _returns_loss(loss):
            model = next((item for name, item in functions.items() if name in MODELS), None)
            local = next(
                (name for name in sorted(names_stored(function)) if role_of(name) == "prediction"),
                None,
            )
            if predictions[0] in own or local is None or model is not None:
                text = (
                    _call_with_names(model) if model is not None else _linear_model(functions, own)
                )
                calls.append(f"{predictions[0]} = {text}")
                calls += [
                    f"{name} = {predictions[0]}"
                    for name in own
                    if role_of(name) == "prediction" and name != predictions[0]
                ]
            else:
                calls += _hidden_prediction(function, predictions[0])
        returned = _returned_names(loss)
        target = returned or f"{loss.name}{RESULT}"
        passed_on = {*own} & names_stored(loss) - {*re.findall(r"\w+", returned)}
        last = loss.body[-1]
        if passed_on and isinstance(last, ast.Return) and last.value is not None:
            # What it computes goes on by name without being returned: its statements stand here.
            calls += [ast.unparse(statement) for statement in loss.body[:-1]]
            calls.append(f"{target} = {ast.unparse(last.value)}")
        else:
            calls.append(f"{target} = {_call_with_names(loss)}")
        names = _gradient_targets(function, calls)
        calls.append(f"{names}{_call_with_names(function)}")
        yield calls


def _object_plans(node: ast.ClassDef) -> Iterator[list[str]]:
    """Yield the calls that make an object of a class, its prediction, loss and gradients.

    A layer, whose backward method takes the gradient of what it gives, has the loss
    sum(output * gradient).
    """
    forward = _method(node, MODELS.__contains__)
    backward = _method(node, _is_backward)
    if forward is None or backward is None:
        return
    loss = _method(node, is_loss)
    loss_arguments = _arguments(loss)[1:] if loss is not None else []
    names = {"prediction": f"prediction{RESULT}"}  # one for data, targets and the prediction

    def call(method: ast.FunctionDef) -> str:
        """Return a call; what a loss takes beside the targets is the prediction."""
        arguments = []
        for item in _arguments(method)[1:]:
            role = role_of(item)
            if role == "other" and item in loss_arguments:
                role = "prediction"
            arguments.append(item if role == "other" else names.setdefault(role, item))
        return f"{OBJECT}.{method.name}({', '.join(arguments)})"

    calls = [f"{OBJECT} = {node.name}({', '.join(_arguments(node)[1:])})"]
    output = names["prediction"]
    calls.append(f"{output} = {call(forward)}")
    upstream = [
        item
        for item in _arguments(backward)[1:]
        if role_of(item) == "other" and item not in loss_arguments
    ]
    if len(upstream) == 1:
        calls.append(f"{upstream[0]} = rng.normal(size=np.shape({output}))")
        calls.append(f"loss{RESULT} = np.sum({output} * {upstream[0]})")
    elif loss is not None:
        calls.append(f"{loss.name}{RESULT} = {call(loss)}")
    else:
        return
    result = f"d{names['data']} = " if upstream and "data" in names else ""
    yield [*calls, f"{result}{call(backward)}"]


def _hidden_prediction(function: ast.FunctionDef, name: str) -> list[str]:
    """Return the statements of a function up to its first gradient, which make a prediction.

    That is the last of its names which says so; the loss takes it under another name.
    """
    calls: list[str] = []
    until = 0
    own = ""
    for statement in function.body:
        stored = [*stored_names(statement)]
        if any(map(is_gradient, stored)) or isinstance(statement, ast.Return):
            break
        calls.append(ast.unparse(statement))
        for each in stored:
            if role_of(each) == "prediction":
                own, until = each, len(calls)
    return [*calls[:until], *([f"{name} = {own}"] if own not in ("", name) else ())]


def _call_with_names(function: ast.FunctionDef) -> str:
    """Return a call whose arguments are names."""
    return f"{function.name}({', '.join(_arguments(function))})"


def _linear_model(functions: Mapping[str, ast.FunctionDef], own: Sequence[str]) -> str:
    """Return a linear model of the data among some names; a logistic one beside logarithms."""
    data = next((name for name in own if role_of(name) == "data"), "x")
    weight = next((name for name in own if role_of(name) == "weight"), "w")
    bias = next((name for name in own if role_of(name) == "bias"), "b")
    net = f"np.dot({data}, {weight}) + {bias}"
    has_logarithm = any(
        is_loss(name) and "attr='log'" in ast.dump(item) for name, item in functions.items()
    )
    return f"1 / (1 + np.exp(-({net})))" if has_logarithm else net


def _returns_loss(function: ast.FunctionDef) -> bool:
    """Tell whether a function returns a loss under its name."""
    return any(is_loss(name) for name in re.findall(r"\w+", _returned_names(function)))


def _returned_names(function: ast.FunctionDef) -> str:
    """Return the names that a function returns, as targets of an assignment; '' for others."""
    parts = (ast.Name, ast.Tuple, ast.List, ast.Load)
    match function.body[-1]:
        case ast.Return(ast.expr() as value) if all(
            isinstance(node, parts) for node in ast.walk(value)
        ):
            return ast.unparse(value)
    return ""


def _gradient_targets(function: ast.FunctionDef, calls: Sequence[str]) -> str:
    """Return names for gradients that a function returns without one: `dw, db = `.

    They are those of its parameters, in their order, where there are as many.
    """
    match function.body[-1]:
        case ast.Return(ast.Tuple(parts)) if parts:
            pass
        case ast.Return(ast.expr() as value):
            parts = [value]
        case _:
            return ""
    names = re.findall(r"\w+", ", ".join([*_arguments(function), *calls]))
    parameters = [name for name in dict.fromkeys(names) if role_of(name) in ("weight", "bias")]
    is_named = all(
        isinstance(part, ast.Name) and part.id in names_stored(function) for part in parts
    )
    if is_named or len(parameters) < len(parts):
        return ""
    return ", ".join(f"d{name}" for name in parameters[: len(parts)]) + " = "


def _inputs_of(calls: Sequence[str], stored: frozenset[str]) -> list[str]:
    """Return the names that the calls read and that neither they nor the code give a value."""
    defined = {*stored, "rng", "np"}
    inputs: dict[str, None] = {}
    for text in calls:
        nodes = list(ast.walk(ast.parse(text)))
        defined |= {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        names = [node for node in nodes if isinstance(node, ast.Name)]
        names_read = [node.id for node in names if isinstance(node.ctx, ast.Load)]
        inputs |= dict.fromkeys(name for name in names_read if name not in defined)
        defined |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return list(inputs)


def _drawn_inputs(names: Sequence[str], layout: BatchLayout) -> list[str] | None:
    """Return statements that give names their values in a layout; None where one has none.

    Weights and biases are those of layers one after the other, in the order of their names.
    """
    weights = sorted(name for name in names if role_of(name) == "weight")
    biases = sorted(name for name in names if role_of(name) == "bias")
    layers = max(len(weights), 1)
    if len(biases) > layers or layers > len(HIDDEN) + 1 or (layers > 1 and not layout.inputs):
        return None
    sizes = [layout.inputs, *HIDDEN[: layers - 1], layout.outputs]
    assignments = []
    for name in names:
        match role_of(name):
            case _ if name in RATES:
                value = "0.1"
            case role if name in SIZES and role != "weight":
                value = "7"
            case _ if TURNS & set(words_of(name)):
                value = "3"
            case "data":
                value = _normal_numbers(layout.data)
            case "target":
                value = layout.target
            case "weight":
                place = weights.index(name)
                shape = (sizes[place], sizes[place + 1])
                value = _normal_numbers(
                    tuple(filter(None, shape[::-1] if layout.is_columns else shape))
                )
            case "bias":
                size = sizes[biases.index(name) + 1 + layers - max(len(biases), 1)]
                value = _normal_numbers((size, 1)[: layout.bias_axes] if size else ())
            case _ if (width := _size_of(name, layout)) is not None:
                value = str(width)
            case "other" if len(name) > 1:
                value = "0.3"  # a strength, a momentum
            case _:
                return None
        assignments.append(f"{name} = {value}")
    return assignments


def _size_of(name: str, layout: BatchLayout) -> int | None:
    """Return the size of a layer that a name says; None where it says none."""
    words = {*words_of(name)}
    sizes = (
        (("out", "output", "outputs", "classes"), layout.outputs or 1),
        (("hidden",), HIDDEN[0]),
        (("in", "input", "inputs", "features", "dim"), layout.inputs or 1),
    )
    return next((size for known, size in sizes if words & {*known}), None)


def _normal_numbers(shape: tuple[int, ...]) -> str:
    return f"rng.normal(size={shape})"
