"""Small scenarios that work an operation, an optimizer or a rule out, and the curve of a function.

Every number of an explanation is that of a run of one of these, so it has no second algorithm
behind it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tracer.expression import parse, render
from tracer.expression.syntax import Call, Name, Node
from tracer.operations import Operation, Shape, bound, vocabulary
from tracer.program.scenario import Scenario, loads
from tracer.run.runner import first_program, run_scenario
from tracer.run.trace import Trace
from tracer.run.unit_states import slope_of

__all__ = [
    "curve_run",
    "definition_of",
    "example_function",
    "example_network",
    "example_scenario",
    "loss_curve",
]

ONE_STEP = 'optimizer = "sgd"\nlearning_rate = 0.1\niterations = 1\n'
CURVE = 100  # points of a curve, less one
LEFT, RIGHT = -5.0, 5.0
EDGES = 0.05, 0.95  # of the curve of what takes shares
COMPARED: Final[Mapping[tuple[tuple[str, ...], ...], tuple[str, str, str, str]]] = {
    (("n",), ("n",)): ("0", "[1]", "[1]", "{name}({operand}, 1)"),
    (("n", "m"), ("n",)): ("[[0, 0]]", "[[1, 0]]", "[0]", "{name}([{operand}, 0], 0)"),
}
"""By a law's shapes: where a prediction starts, along what it moves, its target, what is drawn."""
TRIES = 4  # at leaving out where a function or its derivative is not finite
MOST_DRAWN = 1e6  # a value or slope, beside which exp(5) can still be seen

Numbers = Mapping[str, str]  # by name, as TOML writes them


def example_network(
    name: str,
    equations: str,
    parameters: Numbers,
    constants: Numbers = MappingProxyType({}),
    *,
    data: Numbers = MappingProxyType({}),
    training: str = ONE_STEP,
) -> Scenario:
    """Return a scenario of these equations; without `training` it only computes."""
    text = ""
    groups = {"data": data, "parameters": parameters, "constants": constants}
    for title, numbers in groups.items():
        if numbers:
            lines = "".join(f"{key} = {value}\n" for key, value in numbers.items())
            text += f"[{title}]\n{lines}"
    text += f'[network]\nequations = """\n{equations}\n"""\n'
    return loads(text + (f"[training]\n{training}" if training else ""), name=name)


def example_scenario(row: Operation) -> Scenario:
    """Return the scenario that works the row's example out.

    Operands that a gradient flows to are parameters. An array is summed with weights, so that
    the loss is one number and each entry has a gradient of its own.
    """
    text, *givens = (part.strip() for part in row.example.split(";"))
    numbers = {name.strip(): value for name, _, value in (given.partition("=") for given in givens)}
    forward = example_network(row.name, f"y = {text}", {}, numbers, training="")
    built = first_program(forward)
    lines, weights = f"y = {text}", {}
    if built.shapes["y"]:
        # Neighbours differ: 1, -2, 3, 1, …
        count = math.prod(built.shapes["y"])
        values = [(1.0, -2.0, 3.0)[place % 3] for place in range(count)]
        weights["c"] = toml_array(values, built.shapes["y"])
        lines += "\nloss = sum(c * y)"
    inputs = built.program.inputs
    parameters = {name: value for name, value in numbers.items() if not inputs[name].integer}
    constants = {name: value for name, value in numbers.items() if inputs[name].integer}
    if parameters:
        program = first_program(
            example_network(row.name, lines, parameters, constants | weights)
        ).program
        for name in program.unreached:
            constants[name] = parameters.pop(name)
    if not parameters:
        return forward
    return example_network(row.name, lines, parameters, constants | weights)


def toml_array(values: Sequence[float], shape: Shape) -> str:
    """Return entries, row by row, as TOML writes them."""
    if not shape:
        return repr(int(values[0]) if values[0].is_integer() else values[0])
    size = len(values) // shape[0] if shape[0] else 0
    rows = (values[place * size : (place + 1) * size] for place in range(shape[0]))
    return f"[{', '.join(toml_array(row, shape[1:]) for row in rows)}]"


def definition_of(row: Operation, example: Scenario) -> Node | None:
    """Return what the operation is in other operations, for the example's shapes."""
    built = first_program(example)
    call = built.program.equation("y").expression
    if row.definition is None or not isinstance(call, Call):
        return None
    _, operands, attributes = bound(call)
    terms = [built.shapes.term(operand) for operand in operands]
    return row.definition(*terms, **attributes).node


def example_function(row: Operation) -> Call | None:
    """Return an operation as a function of its first operand, the others as in its example.

    None of one that mixes entries, and of one of several operands without a slope in the first.
    """
    text, *givens = row.example.split(";")
    call = parse(text, vocabulary=vocabulary())
    if not row.elementwise or not row.operands or not isinstance(call, Call):
        return None
    others = (given.partition("=") for given in givens[1:])
    values = {Name(name.strip()): parse(value.strip()) for name, _, value in others}
    function = Call(call.operation, tuple(values.get(it, it) for it in call.arguments))
    has_slope = slope_of(function, Name(row.operands[0])) is not None
    return function if has_slope or len(givens) == 1 else None


def curve_run(row: Operation, function: Call) -> Trace | None:
    """Return a run over points from -5 to 5 of a function of a row's first operand.

    Points where the function or its derivative is not finite, or so large that nothing else would
    be seen, are left out; None where none is left.
    """
    text = f"y = {render(function)}"
    points = [LEFT + (RIGHT - LEFT) * place / CURVE for place in range(CURVE + 1)]
    for _ in range(TRIES):
        if not points:
            return None
        numbers = {row.operands[0]: toml_array(points, (len(points),))}
        if row.derivative is None:
            trace = run_scenario(example_network(row.name, text, numbers, training=""))
        else:
            trace = run_scenario(example_network(row.name, f"{text}\nloss = sum(y)", numbers))
        iteration = trace.iteration(1)
        columns = [
            iteration.floats(name) for name in iteration if iteration.shape(name) == (len(points),)
        ]
        finite = [
            all(abs(it) < MOST_DRAWN for it in entries) for entries in zip(*columns, strict=True)
        ]
        if all(finite) and trace.fault is None:
            return trace
        points = [point for point, good in zip(points, finite, strict=True) if good]
    return None


def loss_curve(row: Operation) -> tuple[Node, list[float], list[float], list[float]] | None:
    """Return what is drawn, places, the loss of a prediction there, and its slopes.

    The prediction stands beside the target 1, or is the label's of two classes while the other
    stays at 0. None of what does not compare. Each step of the run sees one place, and stays.
    """
    law = row.law
    if law is None or "y" in law.sizes or row.derivative is None:
        return None
    compared = COMPARED.get(tuple(law.sizes.values())[:2])
    if compared is None:
        return None
    low, high = EDGES if law.share else (LEFT, RIGHT)
    places = [low + (high - low) * place / CURVE for place in range(CURVE + 1)]
    operand, other = row.operands[:2]
    start, along, target, drawn = compared
    scenario = example_network(
        row.name,
        f"loss = {row.name}({operand} + x * along, {other})",
        {operand: start},
        {"along": along, other: target},
        data={"x": toml_array(places, (len(places),))},
        training='optimizer = "sgd"\nlearning_rate = 0\nbatch_size = 1\n'
        f"iterations = {len(places)}\n",
    )
    trace = run_scenario(scenario)
    numbers = range(1, len(places) + 1)
    slopes = [trace.iteration(it).floats(f"dloss/d{operand}")[0] for it in numbers]
    formula = parse(drawn.format(name=row.name, operand=operand), vocabulary=vocabulary())
    return formula, places, trace.floats("loss"), slopes
