"""What the writer of a network may not have meant, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from tracer.expression import Call, Name, Node, walk
from tracer.operations import Term, bound_calls, lookup, shape_text
from tracer.program.program import BuiltProgram
from tracer.sentences import Sentence, say


def network_remarks(built: BuiltProgram) -> Iterator[Sentence]:
    """Yield what the writer of a network may not have meant."""
    program = built.program
    forward = list(program.phase("forward", "loss"))
    yield from (
        say("the loss does not depend on the parameter {name}: nothing trains it", name=name)
        for name in program.unreached
    )
    yield from functions_applied_twice(built)
    data = {name for name, given in program.inputs.items() if given.kind == "data"}
    definitions = {item.name: item.expression for item in forward}
    for item in forward:
        for node in walk(item.expression):
            if isinstance(node, Call) and node.operation == "subtract":
                yield from _broadcast_target(node, data, built, definitions)


def functions_applied_twice(built: BuiltProgram) -> Iterator[Sentence]:
    """Yield the remark on a loss that applies a function itself, to what it was applied to already.

    The slope of a loss of scores has that function of the scores: softmax, or the sigmoid.
    """
    definitions = {item.name: item.expression for item in built.program.phase("forward", "loss")}
    for _, row, operands, attributes in chain.from_iterable(map(bound_calls, definitions.values())):
        if row.metric is None or row.derivative is None:
            continue
        terms = [Term(Name(f"·{at}"), built.shapes.of(it)) for at, it in enumerate(operands)]
        gradient = Term(Name("·g"))
        slopes = row.derivative(gradient, gradient, *terms, **attributes)
        applied = {
            it for slope in slopes if slope for it in walk(slope.node) if isinstance(it, Call)
        }
        for term, operand in zip(terms, operands, strict=True):
            source = definitions.get(operand.id, operand) if isinstance(operand, Name) else operand
            if isinstance(source, Call) and Call(source.operation, (term.node,)) in applied:
                loss, function = (
                    say(title) for title in (row.title, lookup(source.operation).title)
                )
                yield say(
                    "{loss} applies {function} itself, but {x} is what {function} has given "
                    "already: here it is applied twice.",
                    loss=loss,
                    function=function,
                    x=operand,
                )


def _broadcast_target(
    node: Call, data: set[str], built: BuiltProgram, written: dict[str, Node]
) -> Iterator[Sentence]:
    """Yield the remark on a target (n,) that is taken from a column (n, 1), or the other way."""
    for column, row in (node.arguments, node.arguments[::-1]):
        one, other = built.shapes.of(column), built.shapes.of(row)
        targets = [side.id for side in (row, column) if isinstance(side, Name) and side.id in data]
        source = written.get(column.id, column) if isinstance(column, Name) else column
        # As an axis is written that somebody adds.
        is_meant = isinstance(source, Call) and source.operation == "reshape"
        if targets and one == (*other, 1) and len(other) == 1 and other[0] > 1 and not is_meant:
            yield say(
                "{target} broadcasts: {column} − {row} is {whole}, one entry for each pair of rows",
                target=targets[0],
                column=shape_text(built.shapes.of(node.arguments[0])),
                row=shape_text(built.shapes.of(node.arguments[1])),
                whole=shape_text(built.shapes.of(node)),
            )
