"""What is odd about a network that runs: parameters without a use, a target that broadcasts."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.expression.syntax import Call, Name, Node, walk
from tracer.operations import shape_text
from tracer.program.built import Built
from tracer.sentences import Sentence, say

__all__ = ["network_remarks"]

RESHAPING = frozenset(["reshape"])  # what an axis that somebody adds is written as


def network_remarks(built: Built) -> Iterator[Sentence]:
    """Yield what the writer of a network may not have meant."""
    program = built.program
    forward = [item for item in program.equations if item.phase in ("forward", "loss")]
    for name in program.unreached:
        yield say("the loss does not depend on the parameter {name}: nothing trains it", name=name)
    data = {name for name, given in program.inputs.items() if given.kind == "data"}
    written = {item.name: item.expression for item in forward}
    for item in forward:
        for node in walk(item.expression):
            if isinstance(node, Call) and node.operation == "subtract":
                yield from _broadcast(node, data, built, written)


def _broadcast(
    node: Call, data: set[str], built: Built, written: dict[str, Node]
) -> Iterator[Sentence]:
    """Yield the remark on a target (n,) that is taken from a column (n, 1), or the other way."""
    for column, row in (node.arguments, node.arguments[::-1]):
        one, other = built.shapes.of(column), built.shapes.of(row)
        targets = [side.id for side in (row, column) if isinstance(side, Name) and side.id in data]
        source = written.get(column.id, column) if isinstance(column, Name) else column
        is_meant = isinstance(source, Call) and source.operation in RESHAPING
        if targets and one == (*other, 1) and len(other) == 1 and other[0] > 1 and not is_meant:
            yield say(
                "{target} broadcasts: {column} − {row} is {whole}, one entry for each pair of rows",
                target=targets[0],
                column=shape_text(built.shapes.of(node.arguments[0])),
                row=shape_text(built.shapes.of(node.arguments[1])),
                whole=shape_text(built.shapes.of(node)),
            )
