"""Small scenarios that work an operation, an optimizer or a rule out, and the curve of a function.

Every number of an explanation is that of a run of one of these, so it has no second algorithm
behind it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tracer.expression import Call, Name, Node, parse
from tracer.operations import Operation, Shape, bound, vocabulary
from tracer.program.scenario import Scenario, loads
from tracer.run.runner import first_program, run_scenario
from tracer.run.scalar_code import float_value
from tracer.run.unit_states import slope_of
from tracer.sentences import Sentence, say

RESULT: Final = "y"  # of an example
WEIGHTS: Final = "c"  # of its entries in the loss
ONE_STEP = 'optimizer = "sgd"\nlearning_rate = 0.1\niterations = 1\n'
CURVE = 100  # points of a curve, less one
LEFT, RIGHT = -5.0, 5.0
EDGES = 0.05, 0.95  # of the curve of what takes shares
ONE_CLASS: Final = say(
    "One sample of two classes: the entry of its label moves, that of the other class stays at 0."
)
COMPARED: Final[Mapping[tuple[tuple[str, ...], ...], tuple[str, ...]]] = {
    (("n",), ("n",)): ("0", "[1]", "[1]", "{operand}", "{name}({entry}, 1)"),
    (("n", "m"), ("n",)): (
        *("[[0, 0]]", "[[1, 0]]", "[0]"),
        *("{operand}[0]", "{name}([{entry}, 0], 0)"),
    ),
}
"""By a law's shapes: where a prediction starts, along what it moves, its target, what is drawn."""
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
    numbers = {
        name.strip(): value
        for name, _, value in (assignment.partition("=") for assignment in givens)
    }
    forward = example_network(row.name, f"{RESULT} = {text}", {}, numbers, training="")
    built = first_program(forward)
    lines, weights = f"{RESULT} = {text}", {}
    if built.shapes[RESULT]:
        # Neighbours differ: 1, -2, 3, 1, …
        count = math.prod(built.shapes[RESULT])
        values = [(1.0, -2.0, 3.0)[place % 3] for place in range(count)]
        weights[WEIGHTS] = toml_array(values, built.shapes[RESULT])
        lines += f"\nloss = sum({WEIGHTS} * {RESULT})"
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


def definition_of(example: Scenario) -> Node | None:
    """Return what an example's operation is in other operations, for the shapes there."""
    built = first_program(example)
    call = built.program.equation(RESULT).expression
    assert isinstance(call, Call), call
    row, operands, attributes = bound(call)
    if row.definition is None:
        return None
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
    pairs = (assignment.partition("=") for assignment in givens[1:])
    values: dict[Node, Node] = {Name(name.strip()): parse(text) for name, _, text in pairs}
    variable = Name(row.operands[0])  # an example may call it otherwise
    others = (values.get(each, each) for each in call.arguments[1:])
    function = Call(call.operation, (variable, *others))
    has_slope = slope_of(function, variable) is not None
    return function if has_slope or len(givens) == 1 else None


def function_curve(row: Operation, function: Call) -> list[tuple[float, ...]]:
    """Return points from -5 to 5 of a function of a row's first operand: place, value, slope.

    Where no gradient flows there is no slope. Points where one of the two is not finite, or so
    large that nothing else would be seen, are left out.
    """
    variable = Name(row.operands[0])
    slope = slope_of(function, variable)
    points = [LEFT + (RIGHT - LEFT) * place / CURVE for place in range(CURVE + 1)]
    samples = [
        (x, float_value(function, {variable: x}), *([] if slope is None else [slope(x)]))
        for x in points
    ]
    return [point for point in samples if all(abs(it) < MOST_DRAWN for it in point[1:])]


def compared_form(row: Operation) -> tuple[str, ...] | None:
    """Return how a loss holds a prediction beside a target; None of what does not compare."""
    law = row.law
    if law is None or "y" in law.sizes or row.derivative is None:
        return None
    return COMPARED.get(tuple(law.sizes.values())[:2])


def curve_words(row: Operation) -> list[Sentence]:
    """Return what a curve of a loss is of, where that is one entry of several."""
    compared = compared_form(row)
    return [ONE_CLASS] if compared is not None and "[0]" in compared[3] else []


def loss_curve(row: Operation) -> tuple[Node, Node, list[tuple[float, ...]]] | None:
    """Return what is drawn, over what, and points: a prediction, its loss, the slope there.

    The prediction stands beside the target 1, or is the label's of two classes while the other
    stays at 0. None of what does not compare. Each step of the run sees one place, and stays.
    """
    compared = compared_form(row)
    if compared is None:
        return None
    low, high = EDGES if row.law is not None and row.law.share else (LEFT, RIGHT)
    places = [low + (high - low) * place / CURVE for place in range(CURVE + 1)]
    operand, other = row.operands[:2]
    start, along, target, entry, template = compared
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
    variable = entry.format(operand=operand)
    formula = parse(template.format(name=row.name, entry=variable), vocabulary=vocabulary())
    return (
        formula,
        parse(variable, vocabulary=vocabulary()),
        list(zip(places, trace.floats("loss"), slopes, strict=True)),
    )
