"""Decisions of a forward pass between two numbers: which is larger, is one above 0.

Where both are equal, as at the edge of a ramp, a decision may go either way: the pass gives the
same, and has the slope of the one side or of the other. Ramps, clips, choices and masks all come
to a few operations, which decide by the sign of a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tracer.expression import Call, Node, parse, walk, with_parts
from tracer.operations import vocabulary
from tracer.program.program import substitute

# By operations on a and b: the difference, and what is given by whether it is positive.
CHOICES: Final[Mapping[str, tuple[Node, Node]]] = {
    name: (parse(difference, vocabulary=vocabulary()), parse(given, vocabulary=vocabulary()))
    for name, difference, given in (
        ("step", "a", "positive"),
        ("sign", "a", "2 * positive - 1"),
        ("abs", "a", "where(positive, a, -a)"),
        ("relu", "a", "where(positive, a, 0)"),
        ("maximum", "a - b", "where(positive, a, b)"),
        ("minimum", "b - a", "where(positive, a, b)"),
    )
}
# Whether a difference is positive, where 0 counts as such or not.
SIDES: Final[Mapping[bool, Node]] = {
    True: parse("1 - step(-difference)", vocabulary=vocabulary()),
    False: parse("step(difference)", vocabulary=vocabulary()),
}


def deciding_differences(expression: Node) -> Iterator[Node]:
    """Yield the differences by whose signs an expression decides."""
    for node in walk(expression):
        if isinstance(node, Call) and node.operation in CHOICES:
            yield substitute(CHOICES[node.operation][0], _operands(node))


def decide_ties(node: Node, *, is_positive: bool) -> Node:
    """Return an expression whose decisions go one way for differences of 0."""
    node = with_parts(node, lambda part: decide_ties(part, is_positive=is_positive))
    if not isinstance(node, Call) or node.operation not in CHOICES:
        return node
    operands = _operands(node)
    difference, tree = CHOICES[node.operation]
    positive = substitute(SIDES[is_positive], {"difference": substitute(difference, operands)})
    return substitute(tree, {**operands, "positive": positive})


def _operands(node: Call) -> dict[str, Node]:
    return dict(zip("ab", node.arguments, strict=False))
