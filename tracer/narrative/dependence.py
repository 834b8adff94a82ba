"""Which entry of a result depends on which entry of an operand, and by how much.

One entry of the result after the other is made the loss, and the gradients are those of a run. A
gradient that is zero at all inputs is taken as no dependence; each input is once the largest of
them and once the smallest, so that what asks for the winner has seen each of them win. Where a law
tells the diagonal from the rest, the Jacobian matrix is drawn from it.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tracer.expression import Array, Call, Display, Name, Node, transpose_form, walk
from tracer.frozen import Value
from tracer.narrative.blocks import Block, EquationLine, Paragraph, Table, equality, present
from tracer.narrative.examples import RESULT, WEIGHTS, Numbers, example_network, toml_array
from tracer.narrative.textbook_blocks import drawn_side, in_textbook, textbook_for
from tracer.operations import (
    Operation,
    Shape,
    Term,
    apply,
    figure_node,
    indices_of,
    nested_array,
    number,
    vocabulary,
)
from tracer.operations.law import WORDS, law_sides
from tracer.program.scenario import Scenario
from tracer.run.runner import first_program, run_scenario
from tracer.sentences import Sentence, say

MOST_INPUTS: Final = 10  # that a picture has room for
MOST_RESULTS: Final = 24
ROW: Final = Name("i")
COLUMN: Final = Name("j")
SAME: Final = Call("same", (ROW, COLUMN))


class Dependence(Value):
    """What the entries of a result depend on: a row for each, a truth value for each input."""

    result: str
    result_shape: Shape
    operand: str
    operand_shape: Shape
    touches: tuple[tuple[bool, ...], ...]


def dependences_of(
    equations: str, operands: Mapping[str, Shape], constants: Numbers, result: str = RESULT
) -> list[Dependence]:
    """Return, for each operand, which entries of a result depend on which of its entries."""
    generator = random.Random(0)
    operand_values = {
        name: [generator.uniform(0.2, 0.9) for _ in range(math.prod(size))]
        for name, size in operands.items()
    }
    turns = min(max(map(len, operand_values.values()), default=0), MOST_INPUTS)
    touches: dict[str, list[list[bool]]] = {}
    for turn in range(turns):
        numbers = {
            name: toml_array(values[turn % len(values) :] + values[: turn % len(values)], size)
            for (name, values), size in zip(operand_values.items(), operands.values(), strict=True)
        }
        shape, slopes = entry_slopes(equations, numbers, constants, result)
        for name, size in operands.items():
            nothing = [0.0] * math.prod(size)
            rows = touches.setdefault(name, [[False] * len(nothing) for _ in slopes])
            for row, gradients in zip(rows, slopes, strict=True):
                row[:] = map(
                    operator.or_, row, (slope != 0 for slope in gradients.get(name, nothing))
                )
    return [
        Dependence(result, shape, name, operands[name], tuple(map(tuple, rows)))
        for name, rows in touches.items()
    ]


def entry_slopes(
    equations: str, numbers: Numbers, constants: Numbers, result: str = RESULT
) -> tuple[Shape, list[dict[str, Sequence[float]]]]:
    """Return a result's shape, and of each of its entries the slopes in the operands it sees."""
    forward = example_network("example", equations, {}, {**numbers, **constants}, training="")
    shape = first_program(forward).shapes[result]
    count = math.prod(shape)
    slopes: list[dict[str, Sequence[float]]] = []
    for place in range(count):
        chosen = toml_array([float(at == place) for at in range(count)], shape)
        product = f"{WEIGHTS} * {result}"
        last = f"loss = sum({product})" if shape else f"loss = {product}"
        scenario = example_network(
            "example", f"{equations}\n{last}", numbers, {**constants, WEIGHTS: chosen}
        )
        iteration = run_scenario(scenario).iteration(1)
        slopes.append(
            {
                name: iteration.floats(f"dloss/d{name}")
                for name in numbers
                if f"dloss/d{name}" in iteration
            }
        )
    return shape, slopes


def dependence_tables(dependences: Sequence[Dependence]) -> Iterator[Block]:
    """Yield a picture for each operand: a row for each entry of the result."""
    small_ones = [
        item
        for item in dependences
        if math.prod(item.operand_shape) <= MOST_INPUTS and len(item.touches) <= MOST_RESULTS
    ]
    if small_ones:
        yield Paragraph(
            [
                say(
                    "A ■ stands where a change of the input (column) can change the output (row), "
                    "a · where the gradient is 0 whatever the numbers are."
                )
            ]
        )
    for item in small_ones:
        names = {"x": Name(item.operand), "y": Name(item.result)}
        yield Paragraph([say("Entries of {x} (columns) and of {y} (rows):", **names)], kind="label")
        above, beside = map(_entry_subscripts, (item.operand_shape, item.result_shape))
        yield Table(
            ["", *(entry or names["x"] for entry in above)],
            [
                [entry or names["y"], *("■" if touches else "·" for touches in row)]
                for entry, row in zip(beside, item.touches, strict=True)
            ],
        )
        yield Paragraph(list(_dependence_sentences(item)))


def _dependence_sentences(item: Dependence) -> Iterator[Sentence]:
    """Say how many inputs an output sees, and how many outputs an input reaches."""
    inputs_per_output = [sum(row) for row in item.touches]
    outputs_per_input = [sum(column) for column in zip(*item.touches, strict=True)]
    name, result = Name(item.operand), Name(item.result)
    yield from present(
        (
            say("Every entry of {x} can affect every entry of {y}.", x=name, y=result)
            if item.result_shape
            else say("Every entry of {x} can affect {y}.", x=name, y=result)
        )
        if all(map(all, item.touches))
        else say(
            "Each entry of {y} can depend on {seen} of {x}, and each of {x} can affect {reached} "
            "of {y}.",
            x=name,
            y=result,
            seen=_count_range(inputs_per_output),
            reached=_count_range(outputs_per_input),
        ),
        say(
            "The gradient of an entry of {x} is the sum of what comes back along all these paths.",
            x=name,
        )
        if max(outputs_per_input) > 1
        else None,
    )


def _count_range(counts: Sequence[int]) -> int | Sentence:
    """Say how many there are: one number where all are alike."""
    low, high = min(counts), max(counts)
    return low if low == high else say("{low} to {high}", low=low, high=high)


def _entry_subscripts(shape: Shape) -> Iterator[str]:
    """Yield the subscripts of the entries from 1, row by row; of a single number none."""
    for index in indices_of(shape):  # of several axes none is as long as 10
        yield "".join(str(at + 1) for at in index)


def jacobian_blocks(row: Operation, example: Scenario, digits: int) -> Iterator[Block]:
    """Yield the matrix in symbols and in numbers, and the gradient of the loss that follows.

    Nothing where no line of the law is a derivative by the indices i and j that asks whether they
    are the same, or where the example is no vector.
    """
    slope = _slope_between(row)
    operand, parameter = next(iter(example.parameters.items()))
    if slope is None or len(parameter.shape) != 1:
        return
    result = Name(RESULT)
    size = parameter.shape[0]
    places = [number(place + 1) for place in range(size)]
    yield Paragraph(
        [
            say(
                "The entry in row {i}, column {j} is the derivative of {y} by {z}. On the "
                "diagonal it is {same}, elsewhere {other}.",
                i=drawn_side(ROW),
                j=drawn_side(COLUMN),
                y=drawn_side(Call("index", (result, ROW))),
                z=drawn_side(Call("index", (Name(operand), COLUMN))),
                same=drawn_side(_with_indices(slope, {COLUMN: ROW}, same=True)),
                other=drawn_side(_with_indices(slope, {}, same=False)),
            )
        ]
    )
    entries = [
        drawn_side(_with_indices(slope, {ROW: one, COLUMN: other}, same=one == other))
        for one in places
        for other in places
    ]
    equation = example.equations.strip().splitlines()[0]
    numbers = {operand: toml_array(parameter.floats(), parameter.shape)}
    rows = [slopes[operand] for slopes in entry_slopes(equation, numbers, {})[1]]
    matrix = nested_array(
        [figure_node(value, digits) for values in rows for value in values], (size, size)
    )
    yield Paragraph(
        [
            say(
                "Here {values}.",
                values=equality(
                    Name(operand),
                    nested_array(
                        [figure_node(value, digits) for value in parameter.floats()],
                        parameter.shape,
                    ),
                ),
            )
        ]
    )
    yield EquationLine(
        Display("gradient", (result, Name(operand))),
        nested_array(entries, (size, size)),
        result=matrix,
        follows=False,
    )
    if row.law is not None and row.law.loss:
        yield from _follow_gradient(row.law.loss, equation, numbers, matrix, digits)


def _follow_gradient(
    loss: str, equation: str, numbers: Mapping[str, str], matrix: Node, digits: int
) -> Iterator[Block]:
    """Yield the gradient of a loss through the matrix, and result less target beside it."""
    operand, text = next(iter(numbers.items()))
    size = text.count(",") + 1
    target = toml_array([float(not place) for place in range(size)], (size,))
    lines = f"{equation}\nm = {RESULT} - t\nloss = {loss}"
    trace = run_scenario(example_network("example", lines, numbers, {"t": target}))
    iteration = trace.iteration(1)

    def figures(name: str) -> list[Node]:
        return [figure_node(value, digits) for value in iteration.floats(name)]

    yield from in_textbook(
        [
            Paragraph(
                [
                    say(
                        "Where the first class is the right one, the loss is {loss}. Its gradient "
                        "comes back through the transposed matrix:",
                        loss=trace.program.equation("loss").expression,
                    )
                ]
            )
        ],
        textbook_for(iteration.built),
    )
    by_result, by_operand = (
        Display("gradient", (Name("loss"), Name(name))) for name in (RESULT, operand)
    )
    jacobian = Display("gradient", (Name(RESULT), Name(operand)))
    vectors = [
        Display("column", (Array(tuple(figures(f"dloss/d{name}"))),)) for name in (RESULT, operand)
    ]
    yield EquationLine(
        by_operand,
        Call("beside", (transpose_form(jacobian), by_result)),
        Call("beside", (transpose_form(matrix), vectors[0])),
        vectors[1],
        follows=False,
    )
    yield Paragraph(
        [
            say(
                "Compare the result minus the target, y − t here, and p − y in books that call "
                "the result p and the target y: entry by entry it is the gradient. What the "
                "logarithm divides by, the matrix multiplies by."
            )
        ]
    )
    names = (RESULT, "t", "m", f"dloss/d{operand}")
    difference = Call("subtract", (Name(RESULT), Name("t")))
    yield Table(
        [Name(RESULT), Name("t"), difference, by_operand],
        list(zip(*map(figures, names), strict=True)),
    )


def _slope_between(row: Operation) -> Node | None:
    """Return the derivative of y_i by an entry j, where the law asks whether i is j."""
    for line in row.law.lines if row.law is not None else ():
        left, right, *_ = law_sides(line.text, vocabulary)
        if isinstance(left, Call) and left.operation == "d":
            above, by = left.arguments
            entries = (_index_nodes(above), _index_nodes(by))
            if entries == ((ROW,), (COLUMN,)) and any(item == SAME for item in walk(right)):
                return right
    return None


def _index_nodes(node: Node) -> tuple[Node, ...]:
    return node.arguments[1:] if isinstance(node, Call) and node.operation == "index" else ()


def _with_indices(node: Node, places: Mapping[Node, Node], *, same: bool) -> Node:
    """Return a side of a law with its indices replaced, simplified as a reader would."""
    if node == SAME:
        return number(int(same))
    if not isinstance(node, Call):
        return places.get(node, node)
    parts = [_with_indices(item, places, same=same) for item in node.arguments]
    if node.operation in WORDS or node.operation == "index":
        return Call(node.operation, tuple(parts), node.keywords)
    if node.operation == "subtract" and parts[0] == number(0):
        return apply("negative", Term(parts[1])).node
    if node.operation == "multiply" and isinstance(parts[1], Call):
        factor = parts[1]
        if factor.operation == "negative":
            negated = apply("negative", Term(parts[0]))
            return apply("multiply", negated, Term(factor.arguments[0])).node
    return apply(node.operation, *map(Term, parts)).node
