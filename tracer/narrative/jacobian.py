"""The Jacobian matrix of an operation whose law tells the diagonal from the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tracer.expression.display_forms import beside, column, gradient, transpose_form
from tracer.expression.syntax import Array, Call, Name, Node, walk
from tracer.narrative.blocks import Block, Cell, EquationLine, Paragraph, Table
from tracer.narrative.dependence import entry_slopes
from tracer.narrative.examples import network, toml_array
from tracer.narrative.law_steps import drawn_side
from tracer.narrative.messages import say
from tracer.narrative.textbook_blocks import in_textbook, textbook_of
from tracer.operations import Operation, Term, apply, number, vocabulary
from tracer.operations.law import WORDS, law_sides
from tracer.operations.numbers import figure_node, nested_array
from tracer.program.scenario import Scenario
from tracer.run.runner import run_scenario

__all__ = ["jacobian_blocks"]

ROW: Final = Name("i")
COLUMN: Final = Name("j")
SAME: Final = Call("same", (ROW, COLUMN))


def jacobian_blocks(row: Operation, example: Scenario, digits: int) -> Iterator[Block]:
    """Yield the matrix in symbols and in numbers, and the gradient of the loss that follows.

    Nothing where no line of the law is a derivative by the indices i and j that asks whether they
    are the same, or where the example is no vector.
    """
    slope = _slope(row)
    operand, given = next(iter(example.parameters.items()))
    if slope is None or len(given.shape) != 1:
        return
    result = Name("y")
    size = given.shape[0]
    places = [number(place + 1) for place in range(size)]
    yield Paragraph(
        [
            say(
                "Row i, column j holds the slope of {y} in {z}. On the diagonal it is {same}, "
                "elsewhere {other}.",
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
    numbers = {operand: toml_array(given.floats(), given.shape)}
    rows = [slopes[operand] for slopes in entry_slopes(equation, numbers, {})[1]]
    matrix = nested_array(
        [figure_node(value, digits) for values in rows for value in values], (size, size)
    )
    shape = (size, size)
    left = gradient(result, Name(operand))
    yield EquationLine(
        left, nested_array(entries, shape), result=matrix, shape=shape, follows=False
    )
    if row.law is not None and row.law.loss:
        yield from _followed(row.law.loss, equation, numbers, matrix, digits)


def _followed(
    loss: str, equation: str, numbers: Mapping[str, str], matrix: Node, digits: int
) -> Iterator[Block]:
    """Yield the gradient of a loss through the matrix, and result less target beside it."""
    operand, text = next(iter(numbers.items()))
    size = text.count(",") + 1
    target = toml_array([float(not place) for place in range(size)], (size,))
    lines = f"{equation}\nm = y - t\nloss = {loss}"
    trace = run_scenario(network("example", lines, numbers, {"t": target}))
    iteration = trace.iteration(1)

    def figures(name: str) -> list[Node]:
        return [figure_node(value, digits) for value in iteration.floats(name)]

    words = say(
        "Where the first class is the right one, the loss is {loss}. Its gradient comes back "
        "through the transposed matrix:",
        loss=trace.program.equation("loss").expression,
    )
    yield from in_textbook([Paragraph([words])], textbook_of(iteration))
    by_result, by_operand = (gradient(Name("loss"), Name(name)) for name in ("y", operand))
    vectors = [column(Array(tuple(figures(f"dloss/d{name}")))) for name in ("y", operand)]
    yield EquationLine(
        by_operand,
        beside(transpose_form(gradient(Name("y"), Name(operand))), by_result),
        beside(transpose_form(matrix), vectors[0]),
        vectors[1],
        shape=(size,),
        follows=False,
    )
    yield Paragraph(
        [
            say(
                "Beside it is the result minus the target, p − y in most books: entry by entry "
                "it is the gradient. What the logarithm divides by, the matrix multiplies by."
            )
        ]
    )
    names = ("y", "t", "m", f"dloss/d{operand}")
    head: list[Cell] = [Name("y"), Name("t"), Call("subtract", (Name("y"), Name("t"))), by_operand]
    yield Table(head, list(zip(*map(figures, names), strict=True)))


def _slope(row: Operation) -> Node | None:
    """Return the derivative of y_i by an entry j, where the law asks whether i is j."""
    for line in row.law.lines if row.law is not None else ():
        left, right, *_ = law_sides(line.text, vocabulary)
        if isinstance(left, Call) and left.operation == "d":
            above, by = left.arguments
            entries = (_index(above), _index(by))
            if entries == ((ROW,), (COLUMN,)) and any(item == SAME for item in walk(right)):
                return right
    return None


def _index(node: Node) -> tuple[Node, ...]:
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
            turned = apply("negative", Term(parts[0]))
            return apply("multiply", turned, Term(factor.arguments[0])).node
    return apply(node.operation, *map(Term, parts)).node
